//! Verified issuer certificate authority lists (ISO 18013-5 Annex C; A-V40 to A-V44).

mod build;
mod check;
mod parse;
mod verify;

pub use build::VicalBuilder;
pub use check::{DroppedEntry, EntryFault, EntryFinding, VicalEntry};
pub use parse::{CertificateInfo, UnverifiedVical, VicalHeader};
pub(crate) use verify::is_rolled_back;
pub use verify::{PastNextUpdate, VerifiedVical, VicalFinding, VicalFreshness, VicalIssue, VicalPolicy};

/// Name of the structure in errors.
pub(crate) const NAME: &str = "VICAL";
/// The clause of the structure.
pub(crate) const CLAUSE: &str = "ISO 18013-5 C.1.7";
