//! Private keys held in software.

use crate::{CryptoError, Curve, KeyAgreement, KeyFault, PublicKey, Random, SecretBytes, Signer};
use core::fmt;

/// A private key in memory: wiped on drop, redacted in `Debug`, not `Clone`.
pub struct PrivateKey {
    public: PublicKey,
}

impl PrivateKey {
    /// A new key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(curve: Curve, random: &dyn Random) -> Result<Self, CryptoError> {
        let _ = random;
        Err(CryptoError::UnsupportedCurve { curve, operation: "key generation" })
    }

    /// The key with this scalar (Weierstrass) or seed (Edwards, Montgomery), of exactly the curve's length.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPrivateKey`].
    pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Result<Self, CryptoError> {
        let _ = scalar;
        Err(CryptoError::InvalidPrivateKey { curve, fault: KeyFault::Length })
    }

    /// Reads PKCS#8 DER, version 1 or 2 (RFC 5958).
    ///
    /// # Errors
    /// [`CryptoError::Malformed`], [`CryptoError::UnknownCurve`], [`CryptoError::InvalidPrivateKey`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, CryptoError> {
        let _ = der;
        Err(CryptoError::Malformed { what: "PKCS#8 key" })
    }

    /// Reads PKCS#8 PEM (`BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// As [`from_pkcs8_der`](Self::from_pkcs8_der).
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, CryptoError> {
        let _ = pem;
        Err(CryptoError::Malformed { what: "PKCS#8 key" })
    }

    /// Reads SEC 1 PEM (`BEGIN EC PRIVATE KEY`, RFC 5915).
    ///
    /// # Errors
    /// As [`from_pkcs8_der`](Self::from_pkcs8_der).
    pub fn from_sec1_pem(pem: &str) -> Result<Self, CryptoError> {
        let _ = pem;
        Err(CryptoError::Malformed { what: "EC private key" })
    }

    /// The key as PKCS#8 DER.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when it cannot be encoded.
    pub fn to_pkcs8_der(&self) -> Result<SecretBytes, CryptoError> {
        Err(CryptoError::Malformed { what: "PKCS#8 key" })
    }

    /// The public key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs with the one algorithm of the curve; the result is `r || s`, or RFC 8032.
    ///
    /// # Errors
    /// [`CryptoError::WrongPurpose`] on X25519 and X448.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let _ = message;
        Err(CryptoError::WrongPurpose("sign"))
    }

    /// The shared secret with `peer`: the x coordinate (ECKA-DH, BSI TR-03111), or RFC 7748.
    ///
    /// # Errors
    /// [`CryptoError::CurveMismatch`], [`CryptoError::ZeroSharedSecret`], [`CryptoError::WrongPurpose`].
    pub fn agree(&self, peer: &PublicKey) -> Result<SecretBytes, CryptoError> {
        let _ = peer;
        Err(CryptoError::WrongPurpose("agree"))
    }
}

impl Signer for PrivateKey {
    fn public_key(&self) -> &PublicKey {
        self.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.sign(message)
    }
}

impl KeyAgreement for PrivateKey {
    fn public_key(&self) -> &PublicKey {
        self.public_key()
    }

    fn agree(&self, peer: &PublicKey) -> Result<SecretBytes, CryptoError> {
        self.agree(peer)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, redacted)", self.public.curve())
    }
}
