//! What can be wrong with a COSE structure.

use crate::cbor;
use idwallet_crypto::{CryptoError, Curve};

/// Errors of COSE structures. `Display` holds no payload, key or signature bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoseError {
    // -- the sender's structure --
    /// The bytes are not the structure at all.
    #[error("{0}")]
    Cbor(#[from] cbor::Error),
    /// A leading tag where the structure must be untagged (A-C07).
    #[error("COSE structure is tagged where it must not be (ISO 18013-5 §9.1.2.4)")]
    UnexpectedTag,
    /// No leading tag where the policy requires one.
    #[error("COSE structure is not tagged with {expected}")]
    MissingTag {
        /// 18 for COSE_Sign1, 17 for COSE_Mac0.
        expected: u64,
    },
    /// The same label in the protected and in the unprotected header (RFC 9052 §3).
    #[error("header parameter {0} is both protected and unprotected (RFC 9052 §3)")]
    DuplicateLabel(i64),
    /// As [`Self::DuplicateLabel`], for a text label.
    #[error("a header parameter with a text label is both protected and unprotected (RFC 9052 §3)")]
    DuplicateTextLabel,
    /// `crit` is not protected, empty, not an array of labels, or names a label that is not protected (RFC 9052 §3.1).
    #[error("malformed crit header parameter (RFC 9052 §3.1)")]
    InvalidCritical,
    /// `crit` names a header parameter this implementation does not process (X-C04).
    #[error("crit names a header parameter that is not understood (RFC 9052 §3.1)")]
    UnknownCritical,

    // -- algorithms --
    /// No `alg` header parameter.
    #[error("no alg header parameter (RFC 9052 §3.1)")]
    AlgorithmMissing,
    /// `alg` is in the unprotected header (A-C07).
    #[error("alg is not in the protected header (ISO 18013-5 §9.1.2.4)")]
    AlgorithmNotProtected,
    /// An `alg` that is no algorithm for this structure.
    #[error("algorithm {0} is not supported for this structure")]
    AlgorithmUnsupported(i64),
    /// An `alg` given as text; none is registered.
    #[error("text algorithm names are not supported")]
    AlgorithmText,
    /// The caller's list does not have this algorithm (X-C03).
    #[error("algorithm {0} is not allowed here")]
    AlgorithmNotAllowed(i64),
    /// The algorithm does not belong to the key's curve (A-C08).
    #[error("algorithm {algorithm} does not go with a key on {curve}")]
    AlgorithmKeyMismatch {
        /// The `alg` value.
        algorithm: i64,
        /// The curve of the key given.
        curve: Curve,
    },

    // -- payload --
    /// The payload is nil and none was given.
    #[error("payload is detached and was not supplied")]
    PayloadMissing,
    /// A payload is there and another one was given.
    #[error("payload is attached and another one was supplied")]
    PayloadAmbiguous,

    // -- the check --
    /// The signature is not that of this key over these bytes.
    #[error("signature does not verify")]
    SignatureInvalid,
    /// The MAC is not that of this key over these bytes.
    #[error("MAC does not verify")]
    MacInvalid,
    /// A signature to put into a structure has another length than the curve's.
    #[error("signature has not the length of a {0} signature")]
    SignatureLength(Curve),

    // -- keys --
    /// A key type other than OKP (1) and EC2 (2).
    #[error("COSE_Key type is not supported (RFC 9053 §7)")]
    KeyType,
    /// A curve that is not registered or not of this key type.
    #[error("COSE_Key curve is unknown or does not go with the key type (RFC 9053 §7.1)")]
    KeyCurve,
    /// A coordinate or scalar with another length than the curve's (A-C09).
    #[error("COSE_Key parameter has another length than {0} has (RFC 9053 §7.1)")]
    KeyLength(Curve),
    /// A private value in a public key.
    #[error("COSE_Key holds a private value where a public key is expected")]
    KeyIsPrivate,
    /// The public part does not belong to the private value.
    #[error("public and private part of the COSE_Key do not belong together")]
    KeyMismatch,
    /// The key is refused by the cryptography, or signing failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Result of COSE operations.
pub type Result<T, E = CoseError> = core::result::Result<T, E>;
