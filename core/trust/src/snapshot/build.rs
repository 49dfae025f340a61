//! Making snapshots, new ones and refreshed ones.

use idwallet_crypto::x509::{Certificate, Crl, CrlProblem};
use idwallet_crypto::{Random, Secret, Signer, Timestamp};

use super::container;
use super::content::{Content, IssuerEntry};
use crate::{CrlStore, DocTypes, Superseded, TrustError, limits};

/// Makes a snapshot. What goes in is what its readers will trust: whoever calls this has verified where it comes from.
#[derive(Debug, Clone)]
pub struct SnapshotBuilder {
    content: Content,
}

impl SnapshotBuilder {
    /// An empty snapshot. `sequence` is larger than that of every one before.
    #[must_use]
    pub fn new(created_at: Timestamp, sequence: u64) -> Self {
        Self::from_content(Content::empty(created_at, sequence))
    }

    pub(super) fn from_content(content: Content) -> Self {
        Self { content }
    }

    /// Adds an issuer's root, for these document types, with a word for people on where it comes from.
    #[must_use]
    pub fn issuer(mut self, root: &Certificate, doc_types: &DocTypes, source: &str, fetched_at: Timestamp) -> Self {
        let entry = IssuerEntry {
            certificate: root.clone(),
            doc_types: doc_types.clone(),
            source: source.to_owned(),
            fetched_at,
        };
        self.content.issuer_entries.retain(|other| {
            other.certificate != entry.certificate || other.doc_types != entry.doc_types || other.source != entry.source
        });
        self.content.issuer_entries.push(entry);
        self
    }

    /// Adds a reader's root.
    #[must_use]
    pub fn reader(mut self, root: &Certificate, fetched_at: Timestamp) -> Self {
        self.content.reader_entries.retain(|(other, _)| other != root);
        self.content.reader_entries.push((root.clone(), fetched_at));
        self
    }

    /// Adds the root of a provider of trust lists.
    #[must_use]
    pub fn vical_provider(mut self, root: &Certificate, fetched_at: Timestamp) -> Self {
        self.content.provider_entries.retain(|(other, _)| other != root);
        self.content.provider_entries.push((root.clone(), fetched_at));
        self
    }

    /// Adds a trust list, original bytes.
    #[must_use]
    pub fn vical(mut self, bytes: &[u8], fetched_at: Timestamp) -> Self {
        self.content.vicals.retain(|(other, _)| other != bytes);
        self.content.vicals.push((bytes.to_vec(), fetched_at));
        self
    }

    /// Drops the trust lists gathered so far, before newer ones are added.
    #[must_use]
    pub fn without_vicals(mut self) -> Self {
        self.content.vicals.clear();
        self
    }

    /// Adds a revocation list beside those that are there.
    ///
    /// # Errors
    /// [`TrustError::Limit`].
    pub fn crl(mut self, crl: Crl, fetched_at: Timestamp) -> Result<Self, TrustError> {
        self.content.crls.add(crl, fetched_at)?;
        Ok(self)
    }

    /// Merges a freshly fetched revocation list: verified against the issuers' and readers' roots of the snapshot, it takes
    /// the place of the older ones of its issuer. One that is older than what is there changes nothing.
    ///
    /// # Errors
    /// [`CrlProblem`] where no root of the snapshot has signed it; nothing is changed.
    pub fn refresh_crl(&mut self, crl: &Crl, fetched_at: Timestamp) -> Result<Superseded, CrlProblem> {
        self.content.index();
        let Content {
            issuers,
            readers,
            providers,
            crls,
            ..
        } = &mut self.content;
        let sets = [
            issuers.as_trust_anchors(),
            readers.as_trust_anchors(),
            providers.as_trust_anchors(),
        ];
        let mut problem = CrlProblem::NoneOfIssuer;
        for anchors in sets {
            match crls.supersede(crl.clone(), fetched_at, anchors) {
                Ok(done) => return Ok(done),
                Err(CrlProblem::NoneOfIssuer) => {}
                Err(other) => problem = other,
            }
        }
        Err(problem)
    }

    /// Merges a freshly fetched status or identifier list: it takes the place of the one fetched from there before.
    ///
    /// # Errors
    /// [`TrustError::Limit`].
    pub fn list(mut self, uri: &str, token: &[u8], fetched_at: Timestamp) -> Result<Self, TrustError> {
        self.content.lists.add(uri, token, fetched_at)?;
        Ok(self)
    }

    /// The revocation lists gathered so far.
    #[must_use]
    pub const fn crls(&self) -> &CrlStore {
        &self.content.crls
    }

    /// The signed file. `chain` is the signer's, leaf first; empty where readers know the key itself.
    ///
    /// # Errors
    /// [`TrustError::Incomplete`], [`TrustError::Limit`], and what the signer returns.
    pub fn sign(&self, signer: &dyn Signer, chain: &[Certificate]) -> Result<Vec<u8>, TrustError> {
        if chain
            .first()
            .is_some_and(|leaf| leaf.public_key() != signer.public_key())
        {
            return Err(TrustError::Incomplete("the certificate chain is not the signer's"));
        }
        within_limit(container::sign(&self.payload()?, signer, chain)?)
    }

    /// The sealed file, for keeping on one device.
    ///
    /// # Errors
    /// [`TrustError::Incomplete`], [`TrustError::Limit`], [`TrustError::Crypto`].
    pub fn seal(&self, key: &Secret<[u8; 32]>, random: &dyn Random) -> Result<Vec<u8>, TrustError> {
        within_limit(container::seal(&self.payload()?, key, random)?)
    }

    fn payload(&self) -> Result<Vec<u8>, TrustError> {
        let content = &self.content;
        let texts = content.issuer_entries.iter().map(|entry| entry.source.as_str());
        let counts = [
            (content.issuer_entries.len(), limits::ANCHORS),
            (content.reader_entries.len(), limits::ANCHORS),
            (content.provider_entries.len(), limits::ANCHORS),
            (content.vicals.len(), limits::VICALS),
        ];
        if counts.iter().any(|(count, most)| count > most) || texts.into_iter().any(|text| text.len() > limits::TEXT) {
            return Err(TrustError::Limit("the number of entries in a snapshot"));
        }
        if !content.has_plausible_times() {
            return Err(TrustError::Incomplete(
                "something was fetched after the snapshot was made",
            ));
        }
        Ok(content.encode())
    }
}

fn within_limit(bytes: Vec<u8>) -> Result<Vec<u8>, TrustError> {
    if bytes.len() > limits::SNAPSHOT {
        return Err(TrustError::Limit("the trust snapshot"));
    }
    Ok(bytes)
}
