//! The dated offline snapshot: everything a reader or wallet has to know about trust, as one protected file.
//!
//! The format is written down in the crate's README for whoever makes or reads such files with other software. A
//! snapshot is signed (COSE_Sign1), for carrying from a service to many readers, or sealed (COSE_Encrypt0), for keeping on
//! one device. Nothing of an unprotected file is believed.

mod build;
mod container;
mod content;
mod open;

pub use build::SnapshotBuilder;
pub use open::{SnapshotMark, SnapshotPolicy, SnapshotTrust, TrustSnapshot};

/// `typ` of both forms.
pub const SNAPSHOT_TYPE: &str = "application/vnd.idwallet.trust-snapshot+cbor";
/// Name of the structure in errors.
pub(crate) const NAME: &str = "TrustSnapshot";
