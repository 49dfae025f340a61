//! The whole check in one call, fail closed.

use crate::{ListPolicy, ListTrust, Status, StatusListError, UnverifiedIdentifierList, UnverifiedStatusList};

/// What is known about a credential. There is no way from [`StatusAnswer::Unknown`] to valid (G-V07).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusAnswer {
    /// A trusted and current list says so.
    Known(Status),
    /// No trusted and current list says anything; why.
    Unknown(StatusListError),
}

impl StatusAnswer {
    /// Whether a trusted and current list says that the credential holds.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        matches!(self, Self::Known(Status::Valid))
    }
}

impl From<Result<Status, StatusListError>> for StatusAnswer {
    fn from(result: Result<Status, StatusListError>) -> Self {
        match result {
            Ok(status) => Self::Known(status),
            Err(error) => Self::Unknown(error),
        }
    }
}

/// Parses and verifies a status list token and looks up `idx`.
///
/// `idx` and `uri` come from a *verified* credential (G-V01).
#[must_use]
pub fn check_index(token: &[u8], idx: u64, uri: &str, trust: &ListTrust<'_>, policy: &ListPolicy<'_>) -> StatusAnswer {
    UnverifiedStatusList::parse(token)
        .and_then(|list| list.verify(uri, trust, policy))
        .and_then(|list| list.status(idx))
        .into()
}

/// Parses and verifies an identifier list and looks up `id`.
///
/// `id` and `uri` come from a *verified* credential (G-V01).
#[must_use]
pub fn check_identifier(
    token: &[u8],
    id: &[u8],
    uri: &str,
    trust: &ListTrust<'_>,
    policy: &ListPolicy<'_>,
) -> StatusAnswer {
    UnverifiedIdentifierList::parse(token)
        .and_then(|list| list.verify(uri, trust, policy))
        .map(|list| list.status(id))
        .into()
}
