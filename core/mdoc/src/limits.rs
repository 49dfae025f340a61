//! Bounds of every parser in this crate (X-C09). Memory used while parsing is at most a small multiple of the input's length.

use idwallet_cose::cbor::Limits;

/// Largest `DeviceResponse`, `IssuerSigned` or `Document`, in bytes: four documents with a 1 MB picture each.
pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;
/// Largest `DeviceRequest`, in bytes.
pub const MAX_REQUEST_BYTES: usize = 512 * 1024;
/// Largest `MobileSecurityObject`, in bytes.
pub const MAX_MSO_BYTES: usize = 1024 * 1024;
/// Largest `SessionTranscript`, in bytes.
pub const MAX_TRANSCRIPT_BYTES: usize = 256 * 1024;
/// Most namespaces in one structure.
pub const MAX_NAME_SPACES: usize = 64;
/// Most data elements, or digests, in one namespace.
pub const MAX_ELEMENTS: usize = 4096;
/// Most documents in one response and most document requests in one request.
pub const MAX_DOCUMENTS: usize = 64;
/// Most entries of any list inside `requestInfo`, `deviceRequestInfo` and `readerAuthAll`.
pub const MAX_LIST: usize = 256;
/// Most `readerAuthAll` of one request: each costs the holder a verification of signature and chain.
pub const MAX_READER_AUTH_ALL: usize = 8;
/// Most members of `requestInfo` that no edition names.
pub const MAX_EXTENSIONS: usize = 16;
/// Most `age_over_NN` elements in one request or response (A-H46, A-V06).
pub const MAX_AGE_OVER: usize = 2;
/// Longest text of a docType, namespace or data element identifier, in bytes.
pub const MAX_NAME_BYTES: usize = 1024;

/// Limits of a response and what is inside it.
pub(crate) const RESPONSE: Limits = Limits::DEFAULT.with_max_bytes(MAX_RESPONSE_BYTES);
/// Limits of a request.
pub(crate) const REQUEST: Limits = Limits::DEFAULT
    .with_max_bytes(MAX_REQUEST_BYTES)
    .with_max_items(64 * 1024);
/// Limits of an MSO.
pub(crate) const MSO: Limits = Limits::DEFAULT.with_max_bytes(MAX_MSO_BYTES).with_max_items(64 * 1024);
/// Limits of a transcript.
pub(crate) const TRANSCRIPT: Limits = Limits::DEFAULT
    .with_max_bytes(MAX_TRANSCRIPT_BYTES)
    .with_max_items(16 * 1024);
