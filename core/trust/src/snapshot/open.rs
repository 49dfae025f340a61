//! From bytes to a snapshot that may be used.

use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{PublicKey, Secret, Timestamp};

use super::NAME;
use super::container::{self, Form, Signed};
use super::content::Content;
use crate::store::check_age;
use crate::{
    CrlStore, IssuerAnchors, KnowledgeTooOld, ListStore, ReaderAnchors, SnapshotBuilder, SnapshotSigners, TrustError,
    VicalProviders,
};

/// Seconds by which the maker's clock may be ahead of ours (X-C10).
const CLOCK_SKEW: i64 = 60;

/// What protects the snapshot. Each form opens with its own kind only.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SnapshotTrust<'a> {
    /// Signed by this key.
    Key(&'a PublicKey),
    /// Signed by one of these certificates, or by one that they issued for it; `x5chain` leads there.
    Signers(&'a SnapshotSigners),
    /// Sealed under this key of the device (AES-256-GCM).
    Sealed(&'a Secret<[u8; 32]>),
}

/// Identifies a snapshot: what has to be kept to notice that an older one is put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotMark {
    /// `sequence`.
    pub sequence: u64,
    /// `createdAt`.
    pub created_at: Timestamp,
}

/// When, and against what, a snapshot is opened.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotPolicy<'a> {
    /// The time of opening.
    pub at: Timestamp,
    /// How many seconds old it may be; `None` leaves it to [`TrustSnapshot::check_age`] at the time of use.
    pub max_age: Option<u64>,
    /// The newest one accepted before; an older one is refused.
    pub previous: Option<&'a SnapshotMark>,
}

impl<'a> SnapshotPolicy<'a> {
    /// No bound on the age, nothing accepted before.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            max_age: None,
            previous: None,
        }
    }

    /// Refuses a snapshot that is older than this many seconds.
    #[must_use]
    pub const fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Refuses a snapshot older than this one.
    #[must_use]
    pub const fn previous(mut self, mark: &'a SnapshotMark) -> Self {
        self.previous = Some(mark);
        self
    }
}

/// A snapshot whose protection was verified: nothing else makes one.
///
/// Its trust lists and status lists are the original bytes, which are verified again where they are used
/// ([`TrustStore::from_snapshot`](crate::TrustStore::from_snapshot)).
#[derive(Debug, Clone)]
pub struct TrustSnapshot {
    content: Content,
    signer: Option<Certificate>,
}

impl TrustSnapshot {
    /// Verifies or unseals a file, then reads it. Keep [`mark`](Self::mark) for the next time.
    ///
    /// # Errors
    /// [`TrustError`]: nothing of the file is used. [`TrustError::KnowledgeTooOld`] says that it is genuine and too old.
    pub fn open(bytes: &[u8], trust: &SnapshotTrust<'_>, policy: &SnapshotPolicy<'_>) -> Result<Self, TrustError> {
        let (content, signer) = match (container::form(bytes)?, trust) {
            (Form::Signed, SnapshotTrust::Key(key)) => {
                let signed = Signed::parse(bytes)?;
                (Content::decode(signed.verify_with(key)?)?, None)
            }
            (Form::Signed, SnapshotTrust::Signers(signers)) => {
                let signed = Signed::parse(bytes)?;
                let (payload, signer) = signed.verify_chain(signers, policy.at)?;
                (Content::decode(payload)?, Some(signer))
            }
            (Form::Sealed, SnapshotTrust::Sealed(key)) => (Content::decode(&container::unseal(bytes, key)?)?, None),
            _ => return Err(TrustError::SnapshotProtection),
        };
        let snapshot = Self { content, signer };
        snapshot.check(policy)?;
        Ok(snapshot)
    }

    fn check(&self, policy: &SnapshotPolicy<'_>) -> Result<(), TrustError> {
        let created_at = self.content.created_at;
        if created_at > policy.at.saturating_add_seconds(CLOCK_SKEW) {
            return Err(TrustError::SnapshotInFuture(created_at));
        }
        if !self.content.has_plausible_times() {
            return Err(TrustError::Incomplete(
                "something was fetched after the snapshot was made",
            ));
        }
        let is_older = |mark: &SnapshotMark| self.content.sequence < mark.sequence || created_at < mark.created_at;
        if policy.previous.is_some_and(is_older) {
            return Err(TrustError::SnapshotRolledBack);
        }
        if let Some(max_age) = policy.max_age {
            self.check_age(policy.at, max_age)?;
        }
        Ok(())
    }

    /// What to keep, so that an older snapshot is noticed later.
    #[must_use]
    pub const fn mark(&self) -> SnapshotMark {
        SnapshotMark {
            sequence: self.content.sequence,
            created_at: self.content.created_at,
        }
    }

    /// When it was made: how old its knowledge is.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.content.created_at
    }

    /// Whether it is recent enough at `at`.
    ///
    /// # Errors
    /// [`KnowledgeTooOld`].
    pub fn check_age(&self, at: Timestamp, max_age: u64) -> Result<(), KnowledgeTooOld> {
        check_age(self.content.created_at, at, max_age)
    }

    /// The signer's certificate, where the trust was in certificates.
    #[must_use]
    pub const fn signer(&self) -> Option<&Certificate> {
        self.signer.as_ref()
    }

    /// The issuers' roots that the snapshot itself names; those of its trust lists come by
    /// [`TrustStore::from_snapshot`](crate::TrustStore::from_snapshot).
    #[must_use]
    pub const fn issuers(&self) -> &IssuerAnchors {
        &self.content.issuers
    }

    /// The readers' roots.
    #[must_use]
    pub const fn readers(&self) -> &ReaderAnchors {
        &self.content.readers
    }

    /// The roots of those whose trust lists count.
    #[must_use]
    pub const fn providers(&self) -> &VicalProviders {
        &self.content.providers
    }

    /// The revocation lists.
    #[must_use]
    pub const fn crls(&self) -> &CrlStore {
        &self.content.crls
    }

    /// The trust lists, original bytes, each with when it was fetched.
    pub fn vicals(&self) -> impl Iterator<Item = (&[u8], Timestamp)> {
        self.content.vicals.iter().map(|(bytes, at)| (bytes.as_slice(), *at))
    }

    /// The status and identifier lists, original bytes.
    #[must_use]
    pub const fn lists(&self) -> &ListStore {
        &self.content.lists
    }

    /// When this anchor of an issuer, reader or provider was fetched.
    #[must_use]
    pub fn fetched_at(&self, anchor: &Certificate) -> Option<Timestamp> {
        let content = &self.content;
        let issuers = content
            .issuer_entries
            .iter()
            .map(|entry| (&entry.certificate, entry.fetched_at));
        let others = content
            .reader_entries
            .iter()
            .chain(&content.provider_entries)
            .map(|(c, at)| (c, *at));
        issuers
            .chain(others)
            .filter(|(c, _)| *c == anchor)
            .map(|(_, at)| at)
            .max()
    }

    /// Goes on from this snapshot: the next one, made at `created_at`, to which freshly fetched lists are added.
    ///
    /// # Errors
    /// [`TrustError::Incomplete`] for a time before this snapshot's, or when there is no next number.
    pub fn refresh(&self, created_at: Timestamp) -> Result<SnapshotBuilder, TrustError> {
        if created_at < self.content.created_at {
            return Err(TrustError::Incomplete(
                "a refreshed snapshot cannot be older than what it refreshes",
            ));
        }
        let sequence = self.content.sequence.checked_add(1).ok_or(TrustError::Limit(NAME))?;
        let content = Content {
            created_at,
            sequence,
            ..self.content.clone()
        };
        Ok(SnapshotBuilder::from_content(content))
    }
}
