//! Everything a façade needs to decide about trust, from loose files or from a snapshot.

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Certificate, Crl, TrustAnchors};

use crate::vical::is_rolled_back;
use crate::{
    AnchorReport, CrlStore, DocTypes, IssuerAnchors, KnowledgeTooOld, ListStore, ReaderAnchors, StoredList, TrustError,
    TrustListVerdict, TrustSnapshot, VerifiedVical, VicalPolicy, limits,
};

/// A trust list of a snapshot that could not be used; the others count all the same (A-V44).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VicalProblem {
    /// Which one, counted from 0.
    pub index: usize,
    /// Why.
    pub error: TrustError,
}

/// What is trusted, and how old that knowledge is. Plain data: it neither fetches nor reads a clock.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    issuers: IssuerAnchors,
    readers: ReaderAnchors,
    crls: CrlStore,
    lists: ListStore,
    vicals: Vec<VerifiedVical>,
    problems: Vec<VicalProblem>,
    created_at: Option<Timestamp>,
}

impl TrustStore {
    /// Nothing is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What an opened snapshot holds. Its trust lists are verified again, from their original bytes and with the
    /// providers of the snapshot; one that fails is in [`problems`](Self::problems) (A-V44).
    #[must_use]
    pub fn from_snapshot(snapshot: &TrustSnapshot, policy: &VicalPolicy<'_>) -> Self {
        let mut store = Self {
            issuers: snapshot.issuers().clone(),
            readers: snapshot.readers().clone(),
            crls: snapshot.crls().clone(),
            lists: snapshot.lists().clone(),
            created_at: Some(snapshot.created_at()),
            ..Self::default()
        };
        let policy = policy.revocation_lists(snapshot.crls().as_slice());
        for (index, (vical, _)) in snapshot.vicals().enumerate() {
            let verified =
                crate::UnverifiedVical::parse(vical).and_then(|vical| vical.verify(snapshot.providers(), &policy));
            if let Err(error) = verified.and_then(|vical| store.push_vical(vical)) {
                store.problems.push(VicalProblem { index, error });
            }
        }
        store
    }

    /// Trusts the issuer roots of a file for any document type, and says how they depart from their profile.
    ///
    /// # Errors
    /// [`TrustError::X509`]; none of the file is trusted then.
    pub fn add_issuer_anchors(&mut self, pem_or_der: &[u8]) -> Result<Vec<AnchorReport>, TrustError> {
        self.issuers.add_pem_or_der(pem_or_der, "", &DocTypes::Any)
    }

    /// Trusts the reader roots of a file, and says what is unusual about them.
    ///
    /// # Errors
    /// [`TrustError::X509`]; none of the file is trusted then.
    pub fn add_reader_anchors(&mut self, pem_or_der: &[u8]) -> Result<Vec<AnchorReport>, TrustError> {
        self.readers.add_pem_or_der(pem_or_der)
    }

    /// Adds the revocation lists of a file; gives their number.
    ///
    /// # Errors
    /// [`TrustError::X509`], [`TrustError::Limit`]; nothing is added then.
    pub fn add_crls(&mut self, pem_or_der: &[u8], fetched_at: Timestamp) -> Result<usize, TrustError> {
        self.crls.add_pem_or_der(pem_or_der, fetched_at)
    }

    /// Trusts the issuer roots of a verified trust list for the document types it names (A-V43). It takes the place of older issues of
    /// the provider's list: a root that the provider has taken off its list is not trusted through an old one (A-V41).
    ///
    /// # Errors
    /// [`TrustError::Limit`]; [`TrustError::VicalRolledBack`] for an older issue than the one that is there.
    pub fn add_vical(&mut self, vical: VerifiedVical) -> Result<(), TrustError> {
        if self.vicals.len() >= limits::VICALS {
            return Err(TrustError::Limit("the number of trust lists"));
        }
        self.push_vical(vical)
    }

    fn push_vical(&mut self, vical: VerifiedVical) -> Result<(), TrustError> {
        // The name alone is not the provider: anybody may write any name into a list of their own.
        let is_same = |other: &VerifiedVical| {
            other.provider() == vical.provider() && other.signer().anchor() == vical.signer().anchor()
        };
        let of_provider = || self.vicals.iter().filter(|other| is_same(other));
        if of_provider().any(|other| is_rolled_back(other.issue(), vical.issue())) {
            return Err(TrustError::VicalRolledBack);
        }
        for older in of_provider() {
            self.issuers.forget_vical(older);
        }
        self.vicals.retain(|other| !is_same(other));
        self.vicals.push(vical);
        // All of them: lists of two providers of one name look alike to the one that was taken back, and nothing is granted twice.
        for vical in &self.vicals {
            self.issuers.add_vical(vical);
        }
        Ok(())
    }

    /// Keeps a status or identifier list under the URI it was fetched from.
    ///
    /// # Errors
    /// [`TrustError::Limit`].
    pub fn add_list(&mut self, uri: &str, token: &[u8], fetched_at: Timestamp) -> Result<(), TrustError> {
        self.lists.add(uri, token, fetched_at)
    }

    /// The issuers' roots with where they come from.
    #[must_use]
    pub const fn issuers(&self) -> &IssuerAnchors {
        &self.issuers
    }

    /// The same to change.
    pub const fn issuers_mut(&mut self) -> &mut IssuerAnchors {
        &mut self.issuers
    }

    /// The readers' roots.
    #[must_use]
    pub const fn readers(&self) -> &ReaderAnchors {
        &self.readers
    }

    /// The same to change.
    pub const fn readers_mut(&mut self) -> &mut ReaderAnchors {
        &mut self.readers
    }

    /// The issuers' roots for validating the path of a document signer, and of nothing else.
    #[must_use]
    pub const fn issuer_anchors(&self) -> &TrustAnchors {
        self.issuers.as_trust_anchors()
    }

    /// The readers' roots for validating the path of a reader, and of nothing else.
    #[must_use]
    pub const fn reader_anchors(&self) -> &TrustAnchors {
        self.readers.as_trust_anchors()
    }

    /// The revocation lists.
    #[must_use]
    pub fn crls(&self) -> &[Crl] {
        self.crls.as_slice()
    }

    /// The revocation lists with when they were fetched.
    #[must_use]
    pub const fn crl_store(&self) -> &CrlStore {
        &self.crls
    }

    /// For which document types this issuer's root counts.
    #[must_use]
    pub fn doc_types_of(&self, anchor: &Certificate) -> DocTypes {
        self.issuers.doc_types_of(anchor)
    }

    /// Whether a document of this type may be trusted through this root (A-V21): the outcome of the check `trust_list`.
    #[must_use]
    pub fn verdict(&self, anchor: &Certificate, doc_type: &str, at: Timestamp) -> TrustListVerdict<'_> {
        self.issuers.verdict(anchor, doc_type, at)
    }

    /// The status or identifier list published at this URI, unverified.
    #[must_use]
    pub fn list(&self, uri: &str) -> Option<&StoredList> {
        self.lists.find(uri)
    }

    /// All status and identifier lists.
    #[must_use]
    pub const fn lists(&self) -> &ListStore {
        &self.lists
    }

    /// The trust lists in use.
    #[must_use]
    pub fn vicals(&self) -> &[VerifiedVical] {
        &self.vicals
    }

    /// The trust lists of the snapshot that could not be used, and why.
    #[must_use]
    pub fn problems(&self) -> &[VicalProblem] {
        &self.problems
    }

    /// When the snapshot was made; `None` for loose files.
    #[must_use]
    pub const fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }

    /// Whether the knowledge is recent enough at `at`. Loose files are as old as whoever gave them says.
    ///
    /// # Errors
    /// [`KnowledgeTooOld`]: `max_age` seconds have passed since the snapshot was made.
    pub fn check_age(&self, at: Timestamp, max_age: u64) -> Result<(), KnowledgeTooOld> {
        self.created_at
            .map_or(Ok(()), |created_at| check_age(created_at, at, max_age))
    }
}

pub(crate) fn check_age(created_at: Timestamp, at: Timestamp, max_age: u64) -> Result<(), KnowledgeTooOld> {
    let age = at.unix().saturating_sub(created_at.unix());
    if u64::try_from(age).is_ok_and(|age| age > max_age) {
        return Err(KnowledgeTooOld { created_at, max_age });
    }
    Ok(())
}
