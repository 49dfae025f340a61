//! Status and identifier lists as fetched. What is in them is checked where they are used.

use std::collections::BTreeMap;
use std::sync::Arc;

use idwallet_crypto::Timestamp;

use crate::{TrustError, limits};

/// A status or identifier list as fetched: nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    token: Arc<[u8]>,
    fetched_at: Timestamp,
}

impl StoredList {
    /// The token as fetched, unverified.
    #[must_use]
    pub fn token(&self) -> &[u8] {
        &self.token
    }

    /// When it was fetched.
    #[must_use]
    pub const fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }
}

/// Status and identifier lists by where they are published.
#[derive(Debug, Clone, Default)]
pub struct ListStore {
    by_uri: BTreeMap<String, StoredList>,
}

impl ListStore {
    /// No lists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a token under the URI it was fetched from; one fetched later takes the place of an earlier one.
    ///
    /// # Errors
    /// [`TrustError::Limit`] for an empty or overlong URI, a token that is too large, or too many of them.
    pub fn add(&mut self, uri: &str, token: &[u8], fetched_at: Timestamp) -> Result<(), TrustError> {
        if uri.is_empty() || uri.len() > limits::TEXT {
            return Err(TrustError::Limit("the URI of a status list"));
        }
        if token.len() > limits::LIST {
            return Err(TrustError::Limit("a status list"));
        }
        if self.by_uri.get(uri).is_some_and(|other| other.fetched_at > fetched_at) {
            return Ok(());
        }
        if self.by_uri.len() >= limits::LISTS && !self.by_uri.contains_key(uri) {
            return Err(TrustError::Limit("the number of status lists"));
        }
        let list = StoredList {
            token: token.into(),
            fetched_at,
        };
        self.by_uri.insert(uri.to_owned(), list);
        Ok(())
    }

    /// The list published at this URI, compared byte for byte.
    #[must_use]
    pub fn find(&self, uri: &str) -> Option<&StoredList> {
        self.by_uri.get(uri)
    }

    /// Every list with its URI.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &StoredList)> {
        self.by_uri.iter().map(|(uri, list)| (uri.as_str(), list))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_uri.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_uri.is_empty()
    }
}
