//! AES key wrap (RFC 3394), by RustCrypto: ring has no block cipher to offer.

use crate::{CryptoError, Secret, SecretBytes};
use aes_kw::KwAes128;
use aes_kw::cipher::KeyInit as _;

/// What wrapping adds (RFC 3394 §2.2.3.1).
const CHECK_LEN: usize = 8;

/// Wraps a key of 16 bytes or more, in steps of 8, under another.
///
/// # Errors
/// [`CryptoError::Length`] for a key of another length.
pub fn aes_128_key_wrap(kek: &Secret<[u8; 16]>, key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let refused = CryptoError::Length("key to wrap");
    // RFC 3394 §2: two blocks of 64 bits or more.
    if key.len() < 16 {
        return Err(refused);
    }
    let mut out = vec![0; key.len().saturating_add(CHECK_LEN)];
    KwAes128::new(kek.expose().into())
        .wrap_key(key, &mut out)
        .map_err(|_| refused)?;
    Ok(out)
}

/// Unwraps what [`aes_128_key_wrap`] made.
///
/// # Errors
/// [`CryptoError::Length`] for a length that no wrapped key has; [`CryptoError::BadCiphertext`] when it was wrapped under another key,
/// or altered.
pub fn aes_128_key_unwrap(kek: &Secret<[u8; 16]>, wrapped: &[u8]) -> Result<SecretBytes, CryptoError> {
    let len = wrapped.len().saturating_sub(CHECK_LEN);
    if len < 16 || !wrapped.len().is_multiple_of(CHECK_LEN) {
        return Err(CryptoError::Length("wrapped key"));
    }
    let mut out = Secret::new(vec![0; len]);
    KwAes128::new(kek.expose().into())
        .unwrap_key(wrapped, out.expose_mut())
        .map_err(|_| CryptoError::BadCiphertext)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pbkdf2_sha256;
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    use core::num::NonZeroU32;

    /// RFC 3394 §4.1.
    #[test]
    fn the_vector_of_rfc_3394() {
        let kek = Secret::new(core::array::from_fn(|at| u8::try_from(at).unwrap()));
        let key = hex::decode("00112233445566778899aabbccddeeff").unwrap();
        let wrapped = aes_128_key_wrap(&kek, &key).unwrap();
        assert_eq!(
            hex::encode(&wrapped),
            "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"
        );
        assert_eq!(aes_128_key_unwrap(&kek, &wrapped).unwrap().expose(), &key);
    }

    /// H-H65, RFC 7517 C.4: PBES2-HS256+A128KW, of which the passphrase gives the key, and the key the content's.
    #[test]
    fn the_vector_of_rfc_7517() {
        let salt = BASE64_URL_SAFE_NO_PAD.decode("2WCTcJZ1Rvd_CJuJripQ1w").unwrap();
        let salt = [b"PBES2-HS256+A128KW\0".as_slice(), &salt].concat();
        let passphrase = b"Thus from my lips, by yours, my sin is purged.";
        let kek: Secret<[u8; 16]> = pbkdf2_sha256(passphrase, &salt, NonZeroU32::new(4096).unwrap());
        let expected = [
            110, 171, 169, 92, 129, 92, 109, 117, 233, 242, 116, 233, 170, 14, 24, 75,
        ];
        assert_eq!(kek.expose(), &expected);
        let content_key = [
            111, 27, 25, 52, 66, 29, 20, 78, 92, 176, 56, 240, 65, 208, 82, 112, 161, 131, 36, 55, 202, 236, 185, 172,
            129, 23, 153, 194, 195, 48, 253, 182,
        ];
        let wrapped = aes_128_key_wrap(&kek, &content_key).unwrap();
        assert_eq!(
            BASE64_URL_SAFE_NO_PAD.encode(&wrapped),
            "TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA"
        );
        assert_eq!(aes_128_key_unwrap(&kek, &wrapped).unwrap().expose(), &content_key);
    }

    /// What was altered gives no key.
    #[test]
    fn every_altered_byte_is_noticed() {
        let kek = Secret::new([7; 16]);
        let wrapped = aes_128_key_wrap(&kek, &[9; 16]).unwrap();
        for at in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            assert_eq!(
                aes_128_key_unwrap(&kek, &altered).unwrap_err(),
                CryptoError::BadCiphertext
            );
        }
        let other = aes_128_key_unwrap(&Secret::new([8; 16]), &wrapped);
        assert_eq!(other.unwrap_err(), CryptoError::BadCiphertext);
    }

    #[test]
    fn other_lengths_are_refused() {
        let kek = Secret::new([7; 16]);
        for len in [0, 8, 15, 17, 20] {
            assert!(matches!(
                aes_128_key_wrap(&kek, &vec![1; len]),
                Err(CryptoError::Length(_))
            ));
        }
        for len in [0, 7, 8, 16, 23, 25] {
            assert!(matches!(
                aes_128_key_unwrap(&kek, &vec![1; len]),
                Err(CryptoError::Length(_))
            ));
        }
    }
}
