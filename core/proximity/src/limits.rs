//! Bounds of what is read and kept (X-C09), and the timeouts.

use idwallet_cose::cbor::Limits;

/// Largest `DeviceEngagement` or `ReaderEngagement`, in bytes. The largest QR code holds under 3 KB.
pub const MAX_ENGAGEMENT_BYTES: usize = 8 * 1024;
/// Most retrieval methods in one engagement.
pub const MAX_RETRIEVAL_METHODS: usize = 32;
/// Most origin infos in one engagement.
pub const MAX_ORIGIN_INFOS: usize = 32;
/// Most curves in the capability `MacKeysCurves`.
pub const MAX_MAC_KEYS_CURVES: usize = 32;
/// Longest text or byte string inside the options of a retrieval method, in bytes.
pub const MAX_OPTION_BYTES: usize = 1024;
/// Largest NDEF message, in bytes: what the two-byte length of a Type 4 tag can say.
pub const MAX_NDEF_BYTES: usize = 65_535;
/// Most records in one NDEF message.
pub const MAX_NDEF_RECORDS: usize = 32;
/// Largest session message on a radio or stream, in bytes: a `DeviceResponse` of the largest size with its envelope.
pub const MAX_SESSION_MESSAGE_BYTES: usize = idwallet_mdoc::limits::MAX_RESPONSE_BYTES.saturating_add(1024);

/// After this many seconds without a message the session ends (A-C27: at least 300).
pub const INACTIVITY_TIMEOUT_SECONDS: i64 = 300;
/// After this many seconds without a reader the engagement ends (A-C27: at least 30).
pub const ENGAGEMENT_TIMEOUT_SECONDS: i64 = 300;
/// How long a camera-to-camera request may be answered, in seconds. Scanning an animated code and deciding takes people a while.
pub const CAMERA_TIMEOUT_SECONDS: i64 = 600;

/// Limits of an engagement.
pub(crate) const ENGAGEMENT: Limits = Limits::DEFAULT
    .with_max_bytes(MAX_ENGAGEMENT_BYTES)
    .with_max_depth(8)
    .with_max_items(1024);
/// Limits of a session message.
pub(crate) const MESSAGE: Limits = Limits::DEFAULT
    .with_max_bytes(MAX_SESSION_MESSAGE_BYTES)
    .with_max_depth(8)
    .with_max_items(1024);
