//! For which document types an issuer's anchor counts (A-V21, A-V43).

use idwallet_crypto::Gather as _;
use std::collections::BTreeSet;

/// The document types for which an anchor counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocTypes {
    /// Any: whoever configured the anchor set no bound.
    Any,
    /// These, compared byte for byte; an empty set is none.
    Only(BTreeSet<String>),
}

impl DocTypes {
    /// No document type.
    #[must_use]
    pub const fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// These document types.
    #[must_use]
    pub fn only<S: Into<String>>(doc_types: impl IntoIterator<Item = S>) -> Self {
        Self::Only(doc_types.into_iter().map(Into::into).gather())
    }

    /// Whether this document type is among them.
    #[must_use]
    pub fn contains(&self, doc_type: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(doc_types) => doc_types.contains(doc_type),
        }
    }

    /// What either allows.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Only(a), Self::Only(b)) => Self::Only(a.union(b).cloned().gather()),
        }
    }
}
