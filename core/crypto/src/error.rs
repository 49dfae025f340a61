//! The one error type of this crate.

use crate::{Curve, SignatureAlgorithm};

/// What a cryptographic operation can refuse.
///
/// No variant carries key material, signatures or user data; a message may go into a log as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The curve, or the operation on that curve, has no implementation here.
    #[error("{operation} is not supported on {curve}")]
    UnsupportedCurve {
        /// The curve asked for.
        curve: Curve,
        /// What was to be done on it.
        operation: &'static str,
    },
    /// The curve named in a key or certificate is not one of those this crate knows.
    #[error("unknown curve in {0}")]
    UnknownCurve(&'static str),
    /// The bytes are not a public key on the curve (ISO 18013-5 §9.1.5.2, A-C09).
    #[error("not a public key on {curve}: {fault}")]
    InvalidPublicKey {
        /// The curve the key was said to be on.
        curve: Curve,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// The bytes are not a private key on the curve (zero, too large, or of another length).
    #[error("not a private key on {curve}: {fault}")]
    InvalidPrivateKey {
        /// The curve the key was said to be on.
        curve: Curve,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// A DER or PEM structure could not be read.
    #[error("malformed {what}")]
    Malformed {
        /// The structure, such as `SubjectPublicKeyInfo`.
        what: &'static str,
    },
    /// The algorithm may not be used with a key on this curve (A-C08, X-C03).
    #[error("algorithm {algorithm} may not be used with a key on {curve}")]
    AlgorithmMismatch {
        /// The algorithm named by the message or the caller.
        algorithm: SignatureAlgorithm,
        /// The curve of the key.
        curve: Curve,
    },
    /// A certificate signature algorithm that cannot belong to the signer's key.
    #[error("the certificate signature algorithm does not fit a key on {curve}")]
    X509AlgorithmMismatch {
        /// The curve of the signer's key.
        curve: Curve,
    },
    /// Two keys that have to be on one curve are not.
    #[error("expected a key on {expected}, found one on {found}")]
    CurveMismatch {
        /// The curve of the own key.
        expected: Curve,
        /// The curve of the other key.
        found: Curve,
    },
    /// The signature has the wrong length or is not a DER `ECDSA-Sig-Value`.
    #[error("malformed signature for {curve}")]
    MalformedSignature {
        /// The curve of the signer's key.
        curve: Curve,
    },
    /// The signature is well formed and does not verify.
    #[error("the signature does not verify")]
    BadSignature,
    /// The message authentication code differs.
    #[error("the message authentication code does not verify")]
    BadMac,
    /// The ciphertext was altered, or the key, nonce or associated data is another one.
    #[error("the ciphertext does not authenticate")]
    BadCiphertext,
    /// The peer's X25519 or X448 key is of low order: the shared secret is zero (A-C23, RFC 7748 §6).
    #[error("the peer's {0} key gives an all-zero shared secret")]
    ZeroSharedSecret(Curve),
    /// An input or output is longer than the algorithm allows.
    #[error("{0}: length not allowed")]
    Length(&'static str),
    /// The source of randomness failed.
    #[error("no randomness available")]
    Random,
    /// A date or time is not in the required form or out of range.
    #[error("malformed date or time: {0}")]
    Time(&'static str),
    /// The key exists but may not be used for this (sign against agree, A-H55).
    #[error("the key may not be used to {0}")]
    WrongPurpose(&'static str),
}

/// Why bytes are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// A coordinate, scalar or encoding is too short or too long.
    #[error("wrong length")]
    Length,
    /// The first byte of the SEC 1 encoding is not 2, 3 or 4.
    #[error("unknown point format")]
    Format,
    /// The coordinates do not satisfy the curve equation, or are not smaller than the field prime.
    #[error("the point is not on the curve")]
    NotOnCurve,
    /// The point is the neutral element, or one of small order.
    #[error("the point is of small order")]
    SmallOrder,
    /// The scalar is zero or not smaller than the order of the group.
    #[error("the scalar is out of range")]
    ScalarRange,
    /// The public key that comes with a private key is not its own.
    #[error("the public key does not belong to the private key")]
    Inconsistent,
    /// The constructor is for the other kind of curve (Weierstrass against Edwards/Montgomery).
    #[error("wrong kind of curve for this form of key")]
    Kind,
}
