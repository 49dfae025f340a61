//! What is refused before it is looked at: bounds on work and memory (X-C09).

use idwallet_cose::cbor::Limits;

/// Largest VICAL in bytes.
pub const VICAL: usize = 8 * 1024 * 1024;
/// Most certificates in a VICAL.
pub const VICAL_ENTRIES: usize = 5_000;
/// Most document types of one certificate.
pub const DOC_TYPES: usize = 256;
/// Longest name, URL or document type in bytes.
pub const TEXT: usize = 2048;
/// Largest snapshot in bytes.
pub const SNAPSHOT: usize = 128 * 1024 * 1024;
/// Most certificates of one kind in a snapshot.
pub const ANCHORS: usize = 10_000;
/// Most revocation lists in a store or snapshot.
pub const CRLS: usize = 4_096;
/// Most VICALs in a store or snapshot.
pub const VICALS: usize = 64;
/// Most status and identifier lists in a store or snapshot.
pub const LISTS: usize = 10_000;
/// Largest status or identifier list in bytes.
pub const LIST: usize = 16 * 1024 * 1024;

/// Of the CBOR of a VICAL.
pub(crate) const VICAL_CBOR: Limits = Limits::DEFAULT.with_max_bytes(VICAL);
/// Of the CBOR of a snapshot.
pub(crate) const SNAPSHOT_CBOR: Limits = Limits::DEFAULT.with_max_bytes(SNAPSHOT);
