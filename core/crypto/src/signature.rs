//! Signature algorithms and verification.

use crate::{CryptoError, Curve, HashAlgorithm, PublicKey, asn1, digest, edwards, weierstrass};
use core::fmt;
use ring::signature as ring;

/// The signature algorithms of COSE and JOSE that ISO 18013-5 §9.1.2.4 names (A-C08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-256: P-256, brainpoolP256r1.
    Es256,
    /// ECDSA with SHA-384: P-384, brainpoolP320r1, brainpoolP384r1.
    Es384,
    /// ECDSA with SHA-512: P-521, brainpoolP512r1.
    Es512,
    /// EdDSA: Ed25519, Ed448.
    EdDsa,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Es384, Self::Es512, Self::EdDsa];

    /// The one algorithm that a key on `curve` may sign with; `None` for X25519 and X448.
    #[must_use]
    pub const fn for_curve(curve: Curve) -> Option<Self> {
        match curve {
            Curve::P256 | Curve::BrainpoolP256r1 => Some(Self::Es256),
            Curve::P384 | Curve::BrainpoolP320r1 | Curve::BrainpoolP384r1 => Some(Self::Es384),
            Curve::P521 | Curve::BrainpoolP512r1 => Some(Self::Es512),
            Curve::Ed25519 | Curve::Ed448 => Some(Self::EdDsa),
            Curve::X25519 | Curve::X448 => None,
        }
    }

    /// Whether the algorithm may be used with a key on `curve` (X-C03).
    #[must_use]
    pub fn pairs_with(self, curve: Curve) -> bool {
        Self::for_curve(curve) == Some(self)
    }

    /// The hash inside the ECDSA algorithms; EdDSA hashes on its own and never asks.
    pub(crate) const fn hash_for_ecdsa(self) -> HashAlgorithm {
        match self {
            Self::Es256 => HashAlgorithm::Sha256,
            Self::Es384 => HashAlgorithm::Sha384,
            Self::Es512 | Self::EdDsa => HashAlgorithm::Sha512,
        }
    }

    /// `ES256`, `ES384`, `ES512`, `EdDSA`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The signature algorithms accepted in certificates, CRLs and CMS. The hash does not depend on the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum X509SignatureAlgorithm {
    /// `ecdsa-with-SHA256` (RFC 5758).
    EcdsaSha256,
    /// `ecdsa-with-SHA384` (RFC 5758).
    EcdsaSha384,
    /// `ecdsa-with-SHA512` (RFC 5758).
    EcdsaSha512,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
}

impl X509SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
        Self::Ed448,
    ];

    /// The object identifier, dotted.
    #[must_use]
    pub const fn oid(self) -> &'static str {
        match self {
            Self::EcdsaSha256 => "1.2.840.10045.4.3.2",
            Self::EcdsaSha384 => "1.2.840.10045.4.3.3",
            Self::EcdsaSha512 => "1.2.840.10045.4.3.4",
            Self::Ed25519 => "1.3.101.112",
            Self::Ed448 => "1.3.101.113",
        }
    }

    /// The algorithm with this dotted object identifier.
    #[must_use]
    pub fn from_oid(oid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.oid() == oid)
    }

    /// The algorithm that [`Signer::sign`](crate::Signer::sign) uses with a key on `curve`.
    #[must_use]
    pub const fn for_curve(curve: Curve) -> Option<Self> {
        match (curve, SignatureAlgorithm::for_curve(curve)) {
            (_, Some(SignatureAlgorithm::Es256)) => Some(Self::EcdsaSha256),
            (_, Some(SignatureAlgorithm::Es384)) => Some(Self::EcdsaSha384),
            (_, Some(SignatureAlgorithm::Es512)) => Some(Self::EcdsaSha512),
            (Curve::Ed25519, _) => Some(Self::Ed25519),
            (Curve::Ed448, _) => Some(Self::Ed448),
            _ => None,
        }
    }
}

/// Verifies a COSE or JOSE signature: `r || s` of fixed length for ECDSA, RFC 8032 for EdDSA.
///
/// # Errors
/// [`CryptoError::AlgorithmMismatch`] when `algorithm` does not belong to the key's curve,
/// [`CryptoError::MalformedSignature`] for another length, [`CryptoError::BadSignature`] when it does not verify.
pub fn verify(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let curve = key.curve();
    if !algorithm.pairs_with(curve) {
        return Err(CryptoError::AlgorithmMismatch { algorithm, curve });
    }
    if Some(signature.len()) != curve.signature_len() {
        return Err(CryptoError::MalformedSignature { curve });
    }
    match curve {
        Curve::P256 => by_ring(&ring::ECDSA_P256_SHA256_FIXED, key, message, signature),
        Curve::P384 => by_ring(&ring::ECDSA_P384_SHA384_FIXED, key, message, signature),
        Curve::Ed25519 => by_ring(&ring::ED25519, key, message, signature),
        Curve::Ed448 => edwards::verify_ed448(key.as_bytes(), message, signature),
        _ => {
            let digest = digest(algorithm.hash_for_ecdsa(), message);
            weierstrass::verify_digest(curve, key.as_bytes(), &digest, signature)
        }
    }
}

fn by_ring(
    algorithm: &'static dyn ring::VerificationAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    ring::UnparsedPublicKey::new(algorithm, key.as_bytes())
        .verify(message, signature)
        .map_err(|_| CryptoError::BadSignature)
}

/// Verifies the signature of a certificate, CRL or CMS structure: DER `ECDSA-Sig-Value`, or RFC 8032 for EdDSA.
///
/// The hash of an ECDSA algorithm need not belong to the curve; it is truncated as FIPS 186-5 §6.4 says.
///
/// # Errors
/// [`CryptoError::X509AlgorithmMismatch`], [`CryptoError::MalformedSignature`], [`CryptoError::BadSignature`].
pub fn verify_x509(
    key: &PublicKey,
    algorithm: X509SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    use X509SignatureAlgorithm as A;
    let curve = key.curve();
    let hash = match (algorithm, curve) {
        (A::Ed25519, Curve::Ed25519) | (A::Ed448, Curve::Ed448) => {
            return verify(key, SignatureAlgorithm::EdDsa, message, signature);
        }
        (A::EcdsaSha256, c) if c.is_weierstrass() => HashAlgorithm::Sha256,
        (A::EcdsaSha384, c) if c.is_weierstrass() => HashAlgorithm::Sha384,
        (A::EcdsaSha512, c) if c.is_weierstrass() => HashAlgorithm::Sha512,
        _ => return Err(CryptoError::X509AlgorithmMismatch { curve }),
    };
    let raw = ecdsa_der_to_raw(curve, signature)?;
    match (curve, hash) {
        (Curve::P256, HashAlgorithm::Sha256) => by_ring(&ring::ECDSA_P256_SHA256_FIXED, key, message, &raw),
        (Curve::P256, HashAlgorithm::Sha384) => by_ring(&ring::ECDSA_P256_SHA384_ASN1, key, message, signature),
        (Curve::P384, HashAlgorithm::Sha256) => by_ring(&ring::ECDSA_P384_SHA256_ASN1, key, message, signature),
        (Curve::P384, HashAlgorithm::Sha384) => by_ring(&ring::ECDSA_P384_SHA384_FIXED, key, message, &raw),
        _ => weierstrass::verify_digest(curve, key.as_bytes(), &digest(hash, message), &raw),
    }
}

/// Converts DER `ECDSA-Sig-Value` to `r || s`, each of [`Curve::coordinate_len`] bytes.
///
/// # Errors
/// [`CryptoError::MalformedSignature`] when it is not strict DER, or a number is negative or too long.
pub fn ecdsa_der_to_raw(curve: Curve, der: &[u8]) -> Result<Vec<u8>, CryptoError> {
    asn1::signature_from_der(curve, der).ok_or(CryptoError::MalformedSignature { curve })
}

/// Converts `r || s` to DER `ECDSA-Sig-Value`.
///
/// # Errors
/// [`CryptoError::MalformedSignature`] for another length or a number that is zero.
pub fn ecdsa_raw_to_der(curve: Curve, raw: &[u8]) -> Result<Vec<u8>, CryptoError> {
    asn1::signature_to_der(curve, raw).ok_or(CryptoError::MalformedSignature { curve })
}
