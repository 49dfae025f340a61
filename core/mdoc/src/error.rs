//! The one error type of this crate.

use idwallet_cose::cbor;
use idwallet_crypto::CryptoError;

/// What this crate refuses. No text carries a value of a data element, a key or a salt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MdocError {
    // ---- the peer's bytes ----
    /// The bytes are not the structure they should be. The offset counts in the innermost byte string on the path.
    #[error("{structure}: {error}")]
    Malformed {
        /// The structure.
        structure: &'static str,
        /// What is wrong, where, and which clause.
        error: cbor::Error,
    },
    /// Another major version than 1 (ISO 18013-5 §8.1, A-C05).
    #[error("{0}: unknown major version (ISO 18013-5 §8.1)")]
    UnknownVersion(&'static str),
    /// A signature that must carry its content has none.
    #[error("{0}: the payload is missing")]
    MissingPayload(&'static str),

    // ---- below ----
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl MdocError {
    /// For `map_err`: names the structure that was being read.
    pub(crate) fn malformed(structure: &'static str) -> impl Fn(cbor::Error) -> Self {
        move |error| Self::Malformed { structure, error }
    }
}
