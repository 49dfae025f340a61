//! Token status lists and identifier lists as CWT: whether a credential still holds, without telling its issuer who asks.
//!
//! A list is an [`UnverifiedStatusList`] or [`UnverifiedIdentifierList`] until its signature, its trust point (A-V30), its
//! subject and its times are checked; the verified one answers for an index or an identifier. Whatever fails on the
//! way makes the status *unknown*, never valid (G-V07): [`check_index`] and [`check_identifier`] are the whole check in one call.
//!
//! ```
//! use idwallet_status_list::{StatusAnswer, StatusListError};
//! fn may_enter(answer: &StatusAnswer) -> bool {
//!     answer.is_valid() // neither invalid, suspended, application specific nor unknown
//! }
//! assert!(!may_enter(&StatusAnswer::Unknown(StatusListError::ChainMissing)));
//! ```
#![forbid(unsafe_code)]

mod answer;
mod build;
mod claims;
mod error;
mod identifier_list;
pub mod limits;
mod list;
mod lookup;
mod pool;
mod status;
mod token;
mod trust;

pub use answer::{StatusAnswer, check_identifier, check_index};
pub use build::{IdentifierListBuilder, StatusListBuilder};
pub use claims::Claims;
pub use error::StatusListError;
pub use identifier_list::IdentifierList;
pub use list::StatusList;
pub use pool::IndexPool;
pub use status::{Bits, Status};
pub use token::{UnverifiedIdentifierList, UnverifiedStatusList, VerifiedIdentifierList, VerifiedStatusList};
pub use trust::{ListPolicy, ListTrust};

/// `typ` of a status list token (draft-ietf-oauth-status-list §5.2).
pub const STATUS_LIST_TYPE: &str = "application/statuslist+cwt";
/// `typ` of an identifier list (ISO 18013-5 2nd edition §12.3.6.4).
pub const IDENTIFIER_LIST_TYPE: &str = "application/identifierlist+cwt";
