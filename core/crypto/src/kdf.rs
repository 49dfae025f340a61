//! HKDF (RFC 5869), PBKDF2 (RFC 8018) and HMAC (RFC 2104) with SHA-256, by ring.

use crate::{CryptoError, Secret};
use core::num::NonZeroU32;
use ring::{hkdf, hmac, pbkdf2};

/// HKDF-SHA-256: fills `out` from the input keying material (A-C24).
///
/// An empty `salt` is the same as a salt of zeros (RFC 5869 §2.2).
///
/// # Errors
/// [`CryptoError::Length`] for more than 8160 bytes.
pub fn hkdf_sha256(ikm: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
    let too_long = |_| CryptoError::Length("HKDF output");
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(ikm)
        .expand(&[info], OutputLength(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(too_long)
}

struct OutputLength(usize);

impl hkdf::KeyType for OutputLength {
    fn len(&self) -> usize {
        self.0
    }
}

/// PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2), for formats that ask for it; what is ours to choose takes [`argon2id`](crate::argon2id).
#[must_use]
pub fn pbkdf2_sha256<const N: usize>(password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Secret<[u8; N]> {
    let mut out = Secret::new([0; N]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password, out.expose_mut());
    out
}

/// HMAC-SHA-256 over the concatenation of `parts`.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Compares the HMAC-SHA-256 over the concatenation of `parts` with `tag`, in constant time.
///
/// # Errors
/// [`CryptoError::BadMac`] when it differs, also when `tag` is shorter or longer than 32 bytes.
pub fn hmac_sha256_verify(key: &[u8], parts: &[&[u8]], tag: &[u8]) -> Result<(), CryptoError> {
    constant_time_eq(&hmac_sha256(key, parts), tag)
        .then_some(())
        .ok_or(CryptoError::BadMac)
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    a.ct_eq(b).into()
}
