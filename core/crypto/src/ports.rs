//! Synchronous ports for keys whose use needs no person: issuers, readers, and keys in software.

use crate::{CryptoError, PublicKey, SecretBytes};

/// Something that signs with one key. [`PrivateKey`](crate::PrivateKey) is one; an HSM can be another.
pub trait Signer: Send + Sync {
    /// The key that verifies the signatures.
    fn public_key(&self) -> &PublicKey;

    /// Signs with the one algorithm of the key's curve
    /// ([`SignatureAlgorithm::for_curve`](crate::SignatureAlgorithm::for_curve)): `r || s`, or RFC 8032.
    ///
    /// # Errors
    /// Whatever keeps the key from signing.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError>;
}

/// Something that agrees on secrets with one key.
pub trait KeyAgreement: Send + Sync {
    /// The key the peer uses.
    fn public_key(&self) -> &PublicKey;

    /// The shared secret with `peer` (A-C23).
    ///
    /// # Errors
    /// [`CryptoError::CurveMismatch`], [`CryptoError::ZeroSharedSecret`], or whatever keeps the key from agreeing.
    fn agree(&self, peer: &PublicKey) -> Result<SecretBytes, CryptoError>;
}

impl<S: Signer + ?Sized> Signer for &S {
    fn public_key(&self) -> &PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        (**self).sign(message)
    }
}

impl<K: KeyAgreement + ?Sized> KeyAgreement for &K {
    fn public_key(&self) -> &PublicKey {
        (**self).public_key()
    }

    fn agree(&self, peer: &PublicKey) -> Result<SecretBytes, CryptoError> {
        (**self).agree(peer)
    }
}
