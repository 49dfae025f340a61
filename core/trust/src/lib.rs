//! What a wallet or a reader trusts, and how old that knowledge is: issuer, reader and list-provider anchors, trust
//! lists (VICAL), revocation lists, status lists, and the dated snapshot that carries all of them to a place without network.
//!
//! - [`IssuerAnchors`], [`ReaderAnchors`], [`VicalProviders`] and [`SnapshotSigners`] are four types, so that a root of one
//!   kind is never taken for another.
//! - An [`UnverifiedVical`] becomes a [`VerifiedVical`] by its check only, and brings its constraint to document types along.
//! - [`TrustSnapshot::open`] verifies a file before anything in it is looked at.
//! - [`TrustStore`] is what façades use, whether it came from loose files or from a snapshot.
#![forbid(unsafe_code)]

mod anchors;
mod crls;
mod doc_types;
mod error;
mod issuers;
pub mod limits;
mod lists;
pub mod snapshot;
mod store;
pub mod vical;

pub use anchors::{AnchorReport, ReaderAnchors, SnapshotSigners, VicalProviders};
pub use crls::{CrlStore, Superseded};
pub use doc_types::DocTypes;
pub use error::{KnowledgeTooOld, TrustError};
pub use issuers::{AnchorSource, Grant, IssuerAnchors, TrustListVerdict};
pub use lists::{ListStore, StoredList};
pub use snapshot::{SnapshotBuilder, SnapshotMark, SnapshotPolicy, SnapshotTrust, TrustSnapshot};
pub use store::{TrustStore, VicalProblem};
pub use vical::{
    PastNextUpdate, UnverifiedVical, VerifiedVical, VicalBuilder, VicalFreshness, VicalIssue, VicalPolicy,
};
