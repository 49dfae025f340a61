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

    // ---- the caller ----
    /// The device key was used for the other kind of authentication, or cannot make the one asked for (ISO 18013-5 §9.1.3.4, A-H55, A-H56).
    #[error("the device key cannot be used for this kind of device authentication (ISO 18013-5 §9.1.3.4)")]
    DeviceKeyUsage,
    /// A key that is not the document's, or more or fewer keys than documents.
    #[error("the device key is not the one in the MSO (ISO 18013-5 §9.1.3.4)")]
    DeviceKeyMismatch,
    /// keyAuthorizations does not allow the device to sign the element (A-H57).
    #[error("keyAuthorizations does not allow the device to sign this element (ISO 18013-5 §9.1.3.4)")]
    NotAuthorized,
    /// An element twice in one namespace (A-H53).
    #[error("an element is given twice (ISO 18013-5 §8.3.2.1.2.2)")]
    DuplicateElement,
    /// A value that is not one CBOR item.
    #[error("a value is not one CBOR item (RFC 8949)")]
    BadValue,
    /// A positive error code, which is reserved (A-H58).
    #[error("positive error codes are reserved (ISO 18013-5 §8.3.2.1.2.3)")]
    ErrorCode,
    /// A request without documents or without elements, or with an empty or overlong name (A-C01).
    #[error("the request asks for nothing, or a name in it is empty or too long (ISO 18013-5 §8.3.2.1.2.1)")]
    EmptyRequest,
    /// More than two `age_over_NN` in one request (A-V06).
    #[error("more than two age_over elements are asked for (ISO 18013-5 §7.2.5)")]
    TooManyAgeOver,
    /// Something that only the 2nd edition has, without [`crate::request::DeviceRequestBuilder::second_edition`] (A-V04).
    #[error("{0} is of the 2nd edition, which is not switched on")]
    SecondEdition(&'static str),
    /// A use case that names a document request which does not exist.
    #[error("a use case names a document request that is not there (ISO 18013-5 2nd edition §10.2.8)")]
    UseCase,
    /// A reader's chain that is empty or malformed, or whose key is not the signer's or cannot sign.
    #[error("the reader's certificate chain cannot be used (ISO 18013-5 §9.1.4)")]
    ReaderChain,
    /// More or fewer signatures than were asked for.
    #[error("another number of signatures than asked for")]
    SignatureCount,

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
