//! Private keys held in software.

use crate::key::{MAX_KEY_LEN, key_len};
use crate::{
    CryptoError, Curve, KeyAgreement, KeyFault, PublicKey, Random, Secret, SecretBytes, SignatureAlgorithm, Signer,
    asn1, digest, edwards, secret::wipe_stack, weierstrass,
};
use core::fmt;
use ring::signature as ring;
use std::sync::OnceLock;

/// The longest scalar or seed: P-521.
const MAX_SCALAR_LEN: usize = 66;

/// A private key in memory: wiped on drop, redacted in `Debug`, not `Clone`.
///
/// Keys on P-256, P-384 and Ed25519 that sign are parsed once by ring, at the first signature; ring does not wipe
/// its copy. Keys that only agree never have that copy.
pub struct PrivateKey {
    public: PublicKey,
    /// Scalar (big endian), seed or Montgomery scalar, of the curve's length, at the beginning. In a box: moving the key leaves no copy behind.
    scalar: Box<Secret<[u8; MAX_SCALAR_LEN]>>,
    ring: OnceLock<RingKey>,
}

enum RingKey {
    Ecdsa(ring::EcdsaKeyPair),
    Ed25519(ring::Ed25519KeyPair),
}

impl PrivateKey {
    /// A new key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(curve: Curve, random: &dyn Random) -> Result<Self, CryptoError> {
        let mut scalar = Secret::new([0u8; MAX_SCALAR_LEN]);
        // Rejection sampling (FIPS 186-5 A.2.2). The worst order has its top bit set and little above half of the
        // range below it, so 128 misses in a row mean a broken source.
        for _ in 0..128 {
            let bytes = scalar
                .expose_mut()
                .get_mut(..curve.coordinate_len())
                .unwrap_or_default();
            random.fill(bytes)?;
            if let (Curve::P521, Some(first)) = (curve, bytes.first_mut()) {
                *first &= 1;
            }
            match Self::from_scalar(curve, bytes) {
                Err(CryptoError::InvalidPrivateKey {
                    fault: KeyFault::ScalarRange,
                    ..
                }) => {}
                result => return result,
            }
        }
        Err(CryptoError::Random)
    }

    /// The key with this scalar (NIST, Brainpool; big endian), seed (Ed25519, Ed448) or RFC 7748 scalar, of exactly
    /// [`Curve::coordinate_len`] bytes.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPrivateKey`].
    pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Result<Self, CryptoError> {
        let fault = |fault| CryptoError::InvalidPrivateKey { curve, fault };
        if scalar.len() != curve.coordinate_len() {
            return Err(fault(KeyFault::Length));
        }
        let mut public = [0u8; MAX_KEY_LEN];
        let out = public.get_mut(..key_len(curve)).unwrap_or_default();
        if curve.is_weierstrass() {
            weierstrass::public_point(curve, scalar, out)?;
        } else {
            edwards::public(curve, scalar, out).map_err(fault)?;
        }
        // What computed the public key had the scalar on the stack.
        wipe_stack();
        let mut kept = Box::new(Secret::new([0u8; MAX_SCALAR_LEN]));
        for (place, byte) in kept.expose_mut().iter_mut().zip(scalar) {
            *place = *byte;
        }
        Ok(Self {
            public: PublicKey::from_checked(curve, out),
            scalar: kept,
            ring: OnceLock::new(),
        })
    }

    /// Reads PKCS#8 DER, version 1 or 2 (RFC 5958), with a named curve. A public key inside must be the key's own.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`], [`CryptoError::UnknownCurve`], [`CryptoError::InvalidPrivateKey`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, CryptoError> {
        asn1::read_pkcs8(der)
    }

    /// Reads PKCS#8 PEM (`BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// As [`from_pkcs8_der`](Self::from_pkcs8_der).
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, CryptoError> {
        asn1::read_pkcs8(asn1::read_pem(pem, "PRIVATE KEY", "PKCS#8 key")?.expose())
    }

    /// Reads SEC 1 DER (`ECPrivateKey`, RFC 5915) that names its curve.
    ///
    /// # Errors
    /// As [`from_pkcs8_der`](Self::from_pkcs8_der).
    pub fn from_sec1_der(der: &[u8]) -> Result<Self, CryptoError> {
        asn1::read_sec1(der, None)
    }

    /// Reads SEC 1 PEM (`BEGIN EC PRIVATE KEY`), also with an `EC PARAMETERS` block before it.
    ///
    /// # Errors
    /// As [`from_pkcs8_der`](Self::from_pkcs8_der).
    pub fn from_sec1_pem(pem: &str) -> Result<Self, CryptoError> {
        Self::from_sec1_der(asn1::read_pem(pem, "EC PRIVATE KEY", "EC private key")?.expose())
    }

    /// The key as PKCS#8 DER, version 1.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when it cannot be encoded.
    pub fn to_pkcs8_der(&self) -> Result<SecretBytes, CryptoError> {
        asn1::write_pkcs8(&self.public, self.scalar())
    }

    /// The public key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs with the one algorithm of the curve: `r || s`, or RFC 8032.
    ///
    /// P-256 and P-384 take a random nonce (ring), the other ECDSA curves the one of RFC 6979.
    ///
    /// # Errors
    /// [`CryptoError::WrongPurpose`] on X25519 and X448; [`CryptoError::Random`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let curve = self.public.curve();
        let Some(algorithm) = SignatureAlgorithm::for_curve(curve) else {
            return Err(CryptoError::WrongPurpose("sign"));
        };
        match curve {
            Curve::P256 | Curve::P384 | Curve::Ed25519 => match self.ring_key()? {
                RingKey::Ecdsa(pair) => pair
                    .sign(&nonce_source(), message)
                    .map(|signature| signature.as_ref().to_vec())
                    .map_err(|_| CryptoError::Random),
                RingKey::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            },
            Curve::Ed448 => edwards::sign_ed448(self.scalar(), message),
            _ => weierstrass::sign_digest(curve, self.scalar(), &digest(algorithm.hash_for_ecdsa(), message)),
        }
    }

    /// The shared secret with `peer`: the x coordinate (ECKA-DH, BSI TR-03111), or RFC 7748 (A-C23).
    ///
    /// # Errors
    /// [`CryptoError::CurveMismatch`], [`CryptoError::ZeroSharedSecret`], [`CryptoError::WrongPurpose`] on Ed25519
    /// and Ed448.
    pub fn agree(&self, peer: &PublicKey) -> Result<SecretBytes, CryptoError> {
        let curve = self.public.curve();
        if !curve.can_agree() {
            return Err(CryptoError::WrongPurpose("agree"));
        }
        if peer.curve() != curve {
            return Err(CryptoError::CurveMismatch {
                expected: curve,
                found: peer.curve(),
            });
        }
        if curve.is_weierstrass() {
            weierstrass::agree(curve, self.scalar(), peer.as_bytes())
        } else {
            edwards::agree(curve, self.scalar(), peer.as_bytes())
        }
    }

    fn scalar(&self) -> &[u8] {
        self.scalar
            .expose()
            .get(..self.public.curve().coordinate_len())
            .unwrap_or_default()
    }

    /// Ring's form of the key, made at the first use.
    fn ring_key(&self) -> Result<&RingKey, CryptoError> {
        if let Some(key) = self.ring.get() {
            return Ok(key);
        }
        let curve = self.public.curve();
        let refused = |_| CryptoError::InvalidPrivateKey {
            curve,
            fault: KeyFault::Inconsistent,
        };
        let (scalar, public) = (self.scalar(), self.public.as_bytes());
        let key = if curve == Curve::Ed25519 {
            ring::Ed25519KeyPair::from_seed_and_public_key(scalar, public)
                .map(RingKey::Ed25519)
                .map_err(refused)?
        } else {
            let algorithm = if curve == Curve::P256 {
                &ring::ECDSA_P256_SHA256_FIXED_SIGNING
            } else {
                &ring::ECDSA_P384_SHA384_FIXED_SIGNING
            };
            ring::EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, public, &nonce_source())
                .map(RingKey::Ecdsa)
                .map_err(refused)?
        };
        let kept = self.ring.get_or_init(|| key);
        // Ring had the scalar on the stack.
        wipe_stack();
        Ok(kept)
    }
}

/// Ring takes no generator but its own for ECDSA nonces.
#[allow(clippy::disallowed_methods, reason = "ring's signing accepts only ring's generator")]
fn nonce_source() -> ::ring::rand::SystemRandom {
    ::ring::rand::SystemRandom::new()
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
