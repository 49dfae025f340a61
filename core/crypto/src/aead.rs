//! AES-GCM with 12-byte nonces and 16-byte tags, by ring.

use crate::{CryptoError, Secret, secret::wipe_stack};
use core::fmt;
use ring::aead;

/// Length of the tag that `seal` appends.
pub const AEAD_TAG_LEN: usize = 16;

/// An AES-GCM key, expanded once and wiped when dropped. The caller answers for never using a nonce twice (A-C25).
pub struct AeadKey(Box<aead::LessSafeKey>);

impl Drop for AeadKey {
    /// ring does not wipe its keys, and the expanded key begins with the key itself: it is written over with that of zeros.
    fn drop(&mut self) {
        if let Ok(zeros) = aead::UnboundKey::new(&aead::AES_256_GCM, &[0; 32]) {
            *self.0 = aead::LessSafeKey::new(zeros);
            // Keeps the write: nothing reads it afterwards.
            core::hint::black_box(&*self.0);
        }
        // The expansion went over the stack.
        wipe_stack();
    }
}

impl AeadKey {
    /// AES-256-GCM.
    #[must_use]
    pub fn aes_256_gcm(key: &Secret<[u8; 32]>) -> Self {
        Self::new(&aead::AES_256_GCM, key.expose())
    }

    /// AES-128-GCM.
    #[must_use]
    pub fn aes_128_gcm(key: &Secret<[u8; 16]>) -> Self {
        Self::new(&aead::AES_128_GCM, key.expose())
    }

    #[allow(
        clippy::expect_used,
        reason = "the key's array type fixes the length, the one thing ring checks"
    )]
    fn new(algorithm: &'static aead::Algorithm, key: &[u8]) -> Self {
        let key = aead::UnboundKey::new(algorithm, key).expect("the length is the algorithm's");
        let out = Self(Box::new(aead::LessSafeKey::new(key)));
        wipe_stack();
        out
    }

    /// Encrypts: ciphertext with the tag at its end.
    ///
    /// # Errors
    /// [`CryptoError::Length`] beyond what AES-GCM allows (64 GiB).
    pub fn seal(&self, nonce: [u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut out = Vec::with_capacity(plaintext.len().saturating_add(AEAD_TAG_LEN));
        out.extend_from_slice(plaintext);
        self.seal_in_place(nonce, aad, &mut out)?;
        Ok(out)
    }

    /// Encrypts `buffer` where it lies and appends the tag.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_in_place(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), CryptoError> {
        self.0
            .seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(aad), buffer)
            .map_err(|_| CryptoError::Length("AES-GCM plaintext"))
    }

    /// Checks the tag and decrypts.
    ///
    /// # Errors
    /// [`CryptoError::BadCiphertext`]; no plaintext is given out then.
    pub fn open(&self, nonce: [u8; 12], aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut buffer = ciphertext.to_vec();
        let len = self.open_in_place(nonce, aad, &mut buffer)?.len();
        buffer.truncate(len);
        Ok(buffer)
    }

    /// Checks the tag and decrypts `buffer` where it lies; the plaintext is its beginning.
    ///
    /// # Errors
    /// As [`open`](Self::open); the buffer holds nothing of use then.
    pub fn open_in_place<'b>(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        buffer: &'b mut [u8],
    ) -> Result<&'b mut [u8], CryptoError> {
        self.0
            .open_in_place(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(aad), buffer)
            .map_err(|_| CryptoError::BadCiphertext)
    }
}

impl fmt::Debug for AeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AeadKey(redacted)")
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt as _;

    /// X-C12: a dropped key is written over. The bytes are read from outside, where they lay.
    #[test]
    fn a_dropped_key_is_wiped() {
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        let key = |fill: u8| {
            let bytes = core::array::from_fn(|at| u8::try_from(at).unwrap() ^ fill);
            AeadKey::aes_256_gcm(&Secret::new(bytes))
        };
        let address = |key: &AeadKey| u64::try_from(core::ptr::from_ref(&*key.0) as usize).unwrap();
        let read = |address| {
            let mut bytes = vec![0; size_of::<aead::LessSafeKey>()];
            memory.read_exact_at(&mut bytes, address).unwrap();
            bytes
        };
        let (one, two) = (key(0x5a), key(0xc3));
        let place = address(&one);
        let (before, other) = (read(place), read(address(&two)));
        drop(one);
        let after = read(place);
        // What another key has there too (lengths, a pointer) is no secret.
        let (mut secret, mut left) = (0, 0);
        for ((before, other), after) in before.chunks(16).zip(other.chunks(16)).zip(after.chunks(16)) {
            if before != other {
                secret += 1;
                left += usize::from(before == after);
            }
        }
        assert!(secret >= 15, "the fifteen round keys lie there");
        assert_eq!(left, 0);
    }
}
