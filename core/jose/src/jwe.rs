//! JWE in compact serialisation.

use crate::header::{ALG, ENC, Header};
use crate::{JoseError, Part};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use core::num::NonZeroU32;
use idwallet_crypto::{
    AEAD_TAG_LEN, AeadKey, CryptoError, Random, Secret, SecretBytes, aes_128_key_unwrap, aes_128_key_wrap,
    pbkdf2_sha256,
};

/// Longest content.
pub const MAX_PLAINTEXT: usize = 64 * 1024 * 1024;
/// The most iterations that are tried: some seconds of a telephone, not its battery (RFC 7518 §8.8).
pub const MAX_ITERATIONS: u32 = 4_000_000;
/// RFC 7518 §4.8.1.2 recommends this as the fewest.
const MIN_ITERATIONS: u32 = 1000;
/// The longest header, in base64url.
const MAX_HEADER: usize = 4096;
/// The content in base64url, the header, and the other parts.
const MAX_TEXT: usize = MAX_PLAINTEXT / 3 * 4 + MAX_HEADER + 256;
const SALT_LEN: usize = 16;
const IV_LEN: usize = 12;
const WRAPPED_LEN: usize = 24;

/// How often a guess of the passphrase is hashed in what is written: never less than 600,000 times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iterations(NonZeroU32);

impl Iterations {
    /// 600,000: what OWASP asks for with HMAC-SHA-256.
    pub const DEFAULT: Self = Self(NonZeroU32::MIN.saturating_add(599_999));

    /// From 600,000 to [`MAX_ITERATIONS`].
    ///
    /// # Errors
    /// [`JoseError::Iterations`] outside these.
    pub fn new(iterations: u32) -> Result<Self, JoseError> {
        NonZeroU32::new(iterations)
            .map(Self)
            .filter(|new| new.0 >= Self::DEFAULT.0 && iterations <= MAX_ITERATIONS)
            .ok_or(JoseError::Iterations)
    }
}

/// Encrypts under a passphrase, into a line of text that any software with this key management opens.
///
/// The passphrase is taken as it is; it is for the caller to make it the same on every keyboard, and to refuse a weak one.
///
/// # Errors
/// [`JoseError::TooLarge`] beyond [`MAX_PLAINTEXT`]; [`JoseError::Crypto`] without randomness.
pub fn encrypt(
    plaintext: &[u8],
    passphrase: &[u8],
    content_type: Option<&str>,
    iterations: Iterations,
    random: &dyn Random,
) -> Result<String, JoseError> {
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(JoseError::TooLarge);
    }
    let (mut salt, mut iv, mut key) = ([0; SALT_LEN], [0; IV_LEN], Secret::new([0; 16]));
    random.fill(&mut salt)?;
    random.fill(&mut iv)?;
    random.fill(key.expose_mut())?;
    let mut header = serde_json::json!({
        "alg": ALG,
        "enc": ENC,
        "p2c": iterations.0,
        "p2s": BASE64_URL_SAFE_NO_PAD.encode(salt),
    });
    if let (Some(content_type), Some(members)) = (content_type, header.as_object_mut()) {
        members.insert("cty".into(), content_type.into());
    }
    let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
    if header.len() > MAX_HEADER {
        return Err(JoseError::TooLarge);
    }
    let wrapped = aes_128_key_wrap(&wrapping_key(passphrase, &salt, iterations.0), key.expose())?;
    let sealed = AeadKey::aes_128_gcm(&key).seal(iv, header.as_bytes(), plaintext)?;
    let (ciphertext, tag) = sealed
        .split_last_chunk::<AEAD_TAG_LEN>()
        .ok_or(CryptoError::Length("AES-GCM tag"))?;
    let mut out = header;
    for part in [wrapped.as_slice(), &iv, ciphertext, tag] {
        out.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(part, &mut out);
    }
    Ok(out)
}

/// A message whose header was read and can be acted on. Nothing of it is authentic before it was decrypted.
pub struct Jwe<'t> {
    /// As it stands in the text: what the tag covers.
    protected: &'t str,
    salt: Vec<u8>,
    iterations: NonZeroU32,
    content_type: Option<String>,
    wrapped: [u8; WRAPPED_LEN],
    iv: [u8; IV_LEN],
    /// With the tag at its end.
    sealed: Vec<u8>,
}

impl<'t> Jwe<'t> {
    /// Reads a message without trying a passphrase, in a time that depends on its length only. White space at its ends is no part of it.
    ///
    /// # Errors
    /// Every [`JoseError`] but [`WrongPassphrase`](JoseError::WrongPassphrase), [`Altered`](JoseError::Altered) and
    /// [`Crypto`](JoseError::Crypto).
    pub fn parse(text: &'t str) -> Result<Self, JoseError> {
        let text = text.trim_ascii();
        if text.len() > MAX_TEXT {
            return Err(JoseError::TooLarge);
        }
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(JoseError::Parts);
        let (protected, wrapped, iv, ciphertext, tag) = (part()?, part()?, part()?, part()?, part()?);
        if parts.next().is_some() {
            return Err(JoseError::Parts);
        }
        if protected.len() > MAX_HEADER {
            return Err(JoseError::TooLarge);
        }
        let header = Header::parse(&base64(protected, Part::Header)?)?;
        let iterations = u32::try_from(header.iterations)
            .ok()
            .filter(|count| (MIN_ITERATIONS..=MAX_ITERATIONS).contains(count))
            .and_then(NonZeroU32::new)
            .ok_or(JoseError::Iterations)?;
        let wrapped = fixed(wrapped, Part::EncryptedKey)?;
        let iv = fixed(iv, Part::Iv)?;
        let tag: [u8; AEAD_TAG_LEN] = fixed(tag, Part::Tag)?;
        let mut sealed = base64(ciphertext, Part::Ciphertext)?;
        sealed.extend_from_slice(&tag);
        Ok(Self {
            protected,
            salt: header.salt,
            iterations,
            content_type: header.content_type,
            wrapped,
            iv,
            sealed,
        })
    }

    /// What trying a passphrase costs.
    #[must_use]
    pub const fn iterations(&self) -> u32 {
        self.iterations.get()
    }

    /// What the content is said to be (`cty`).
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Tries a passphrase.
    ///
    /// # Errors
    /// [`JoseError::WrongPassphrase`] or [`JoseError::Altered`]; no content is given out then.
    pub fn decrypt(&self, passphrase: &[u8]) -> Result<SecretBytes, JoseError> {
        let wrapping_key = wrapping_key(passphrase, &self.salt, self.iterations);
        let unwrapped = aes_128_key_unwrap(&wrapping_key, &self.wrapped).map_err(|_| JoseError::WrongPassphrase)?;
        let mut key = Secret::new([0; 16]);
        for (to, from) in key.expose_mut().iter_mut().zip(unwrapped.expose()) {
            *to = *from;
        }
        AeadKey::aes_128_gcm(&key)
            .open(self.iv, self.protected.as_bytes(), &self.sealed)
            .map(Secret::new)
            .map_err(|_| JoseError::Altered)
    }
}

/// RFC 7518 §4.8.1.1: the salt is the algorithm's name, a zero byte, and `p2s`.
fn wrapping_key(passphrase: &[u8], salt: &[u8], iterations: NonZeroU32) -> Secret<[u8; 16]> {
    pbkdf2_sha256(passphrase, &[ALG.as_bytes(), &[0], salt].concat(), iterations)
}

pub(crate) fn base64(text: &str, part: Part) -> Result<Vec<u8>, JoseError> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| JoseError::Base64(part))
}

fn fixed<const N: usize>(text: &str, part: Part) -> Result<[u8; N], JoseError> {
    base64(text, part)?.try_into().map_err(|_| JoseError::Length(part))
}
