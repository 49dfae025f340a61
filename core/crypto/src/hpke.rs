//! HPKE base mode (RFC 9180) with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: one message a key.

use crate::{AeadKey, CryptoError, Curve, KeyAgreement, PrivateKey, PublicKey, Random, Secret, hmac_sha256};

/// "KEM" and the identifier of DHKEM(P-256, HKDF-SHA256).
const KEM_SUITE: &[u8] = b"KEM\x00\x10";
/// "HPKE" and the identifiers of the KEM, HKDF-SHA256 and AES-128-GCM.
const HPKE_SUITE: &[u8] = b"HPKE\x00\x10\x00\x01\x00\x01";
const VERSION: &[u8] = b"HPKE-v1";

/// Length of the encapsulated key: an uncompressed P-256 point.
pub const ENCAPSULATED_LEN: usize = 65;

/// Encrypts one message to `recipient`; gives the encapsulated key (65 bytes) and the ciphertext with its tag.
///
/// # Errors
/// [`CryptoError::CurveMismatch`] when the key is not on P-256; [`CryptoError::Random`].
pub fn seal_base(
    recipient: &PublicKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
    let ephemeral = PrivateKey::generate(Curve::P256, random)?;
    seal_with(&ephemeral, recipient, info, aad, plaintext)
}

fn seal_with(
    ephemeral: &PrivateKey,
    recipient: &PublicKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
    let dh = ephemeral.agree(recipient)?;
    let encapsulated = ephemeral.public_key().to_sec1_uncompressed();
    let (key, nonce) = schedule(dh.expose(), &encapsulated, recipient, info);
    let ciphertext = key.seal(nonce, aad, plaintext)?;
    Ok((encapsulated, ciphertext))
}

/// Decrypts one message.
///
/// # Errors
/// [`CryptoError::InvalidPublicKey`] for the encapsulated key, [`CryptoError::CurveMismatch`] when the recipient's key
/// is not on P-256, [`CryptoError::BadCiphertext`].
pub fn open_base(
    recipient: &dyn KeyAgreement,
    encapsulated: &[u8],
    info: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    if recipient.public_key().curve() != Curve::P256 {
        return Err(CryptoError::CurveMismatch {
            expected: Curve::P256,
            found: recipient.public_key().curve(),
        });
    }
    if encapsulated.len() != ENCAPSULATED_LEN {
        // A compressed point would decode, but is not what RFC 9180 §7.1.1 serialises to.
        return Err(CryptoError::InvalidPublicKey {
            curve: Curve::P256,
            fault: crate::KeyFault::Length,
        });
    }
    let peer = PublicKey::from_sec1(Curve::P256, encapsulated)?;
    let dh = recipient.agree(&peer)?;
    let (key, nonce) = schedule(dh.expose(), encapsulated, recipient.public_key(), info);
    key.open(nonce, aad, ciphertext)
}

/// `ExtractAndExpand` (RFC 9180 §4.1) and `KeySchedule` (§5.1) in base mode; the nonce is that of message 0.
fn schedule(dh: &[u8], encapsulated: &[u8], recipient: &PublicKey, info: &[u8]) -> (AeadKey, [u8; 12]) {
    let eae_prk = extract(KEM_SUITE, &[], b"eae_prk", dh);
    let shared: Secret<[u8; 32]> = expand(
        KEM_SUITE,
        &eae_prk,
        b"shared_secret",
        &[encapsulated, recipient.as_bytes()],
    );
    let psk_id_hash = extract(HPKE_SUITE, &[], b"psk_id_hash", &[]);
    let info_hash = extract(HPKE_SUITE, &[], b"info_hash", info);
    let context: [&[u8]; 3] = [&[0], psk_id_hash.expose(), info_hash.expose()];
    let secret = extract(HPKE_SUITE, shared.expose(), b"secret", &[]);
    let key: Secret<[u8; 16]> = expand(HPKE_SUITE, &secret, b"key", &context);
    let nonce: Secret<[u8; 12]> = expand(HPKE_SUITE, &secret, b"base_nonce", &context);
    (AeadKey::aes_128_gcm(&key), *nonce.expose())
}

/// `LabeledExtract` (§4): HKDF-Extract is HMAC under the salt.
fn extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Secret<[u8; 32]> {
    Secret::new(hmac_sha256(salt, &[VERSION, suite, label, ikm]))
}

/// `LabeledExpand` (§4) to at most 32 bytes, so one block of HKDF-Expand.
fn expand<const N: usize>(suite: &[u8], prk: &Secret<[u8; 32]>, label: &[u8], info: &[&[u8]]) -> Secret<[u8; N]> {
    const { assert!(N <= 32, "one block of HKDF-SHA-256") };
    let length = u16::try_from(N).unwrap_or_default().to_be_bytes();
    let mut parts: Vec<&[u8]> = vec![&length, VERSION, suite, label];
    parts.extend_from_slice(info);
    parts.push(&[1]);
    let block = Secret::new(hmac_sha256(prk.expose(), &parts));
    let mut out = Secret::new([0; N]);
    for (place, byte) in out.expose_mut().iter_mut().zip(block.expose()) {
        *place = *byte;
    }
    out
}
