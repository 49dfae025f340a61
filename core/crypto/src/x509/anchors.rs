//! What the caller trusts.

use crate::Order as _;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::certificate::Certificate;
use super::error::X509Error;
use super::pem;
use crate::sha256;

/// A certificate the caller has decided to trust: an IACA root, a reader root, a VICAL provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
}

impl TrustAnchor {
    /// Trusts this certificate. It must never come from the message that is to be verified (X-C05).
    #[must_use]
    pub const fn new(certificate: Certificate) -> Self {
        Self { certificate }
    }

    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// Identifies the contents of a [`TrustAnchors`]: changes with every anchor that is added or removed.
///
/// Together with the leaf's [`Certificate::sha256`] it is the key under which a [`super::ValidatedPath`] may be cached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnchorsGeneration(pub [u8; 32]);

/// A set of trust anchors, looked up by subject name. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors {
    by_subject: Arc<BTreeMap<Box<[u8]>, Vec<TrustAnchor>>>,
    generation: AnchorsGeneration,
}

impl TrustAnchors {
    /// No anchors: nothing is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts every certificate of a PEM text.
    ///
    /// # Errors
    /// [`X509Error`] for malformed PEM or a certificate that cannot be parsed.
    pub fn from_pem(text: &str) -> Result<Self, X509Error> {
        Ok(pem::read_certificates(text)?.into_iter().collect())
    }

    /// Adds an anchor; one that is there already changes nothing.
    pub fn add(&mut self, certificate: Certificate) {
        if self.contains(&certificate) {
            return;
        }
        let anchors = Arc::make_mut(&mut self.by_subject);
        anchors
            .entry(certificate.subject().der().into())
            .or_default()
            .push(TrustAnchor::new(certificate));
        self.renew();
    }

    /// Removes an anchor; tells whether it was there.
    pub fn remove(&mut self, certificate: &Certificate) -> bool {
        if !self.contains(certificate) {
            return false;
        }
        let anchors = Arc::make_mut(&mut self.by_subject);
        if let Some(same_name) = anchors.get_mut(certificate.subject().der()) {
            same_name.retain(|a| a.certificate != *certificate);
        }
        self.renew();
        true
    }

    /// The generation is a digest of the sorted fingerprints, so equal sets have equal generations.
    fn renew(&mut self) {
        let mut fingerprints: Vec<[u8; 32]> = self.iter().map(|a| *a.certificate.sha256()).collect();
        fingerprints.order();
        self.generation = AnchorsGeneration(sha256(fingerprints.as_flattened()));
    }

    /// Whether this very certificate is an anchor.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.with_subject(certificate.subject().der())
            .iter()
            .any(|a| a.certificate == *certificate)
    }

    /// The anchors with this subject, as DER: a trust list may hold several with one name and different keys.
    #[must_use]
    pub fn with_subject(&self, subject: &[u8]) -> &[TrustAnchor] {
        self.by_subject.get(subject).map(Vec::as_slice).unwrap_or_default()
    }

    /// The anchors that may have issued `certificate`, those whose key identifier fits first.
    pub fn candidates<'a>(&'a self, certificate: &'a Certificate) -> impl Iterator<Item = &'a TrustAnchor> {
        let all = self.with_subject(certificate.issuer().der());
        let wanted = certificate.authority_key_id();
        let fits = move |a: &&TrustAnchor| wanted.is_some() && a.certificate.subject_key_id() == wanted;
        all.iter().filter(fits).chain(all.iter().filter(move |a| !fits(a)))
    }

    /// Every anchor, ordered by subject.
    pub fn iter(&self) -> impl Iterator<Item = &TrustAnchor> {
        self.by_subject.values().flatten()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_subject.values().map(Vec::len).sum()
    }

    /// Whether nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What identifies the present contents.
    #[must_use]
    pub const fn generation(&self) -> AnchorsGeneration {
        self.generation
    }
}

impl FromIterator<Certificate> for TrustAnchors {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        let mut anchors: BTreeMap<Box<[u8]>, Vec<TrustAnchor>> = BTreeMap::new();
        for certificate in certificates {
            let same_name = anchors.entry(certificate.subject().der().into()).or_default();
            if !same_name.iter().any(|a| a.certificate == certificate) {
                same_name.push(TrustAnchor::new(certificate));
            }
        }
        let mut set = Self {
            by_subject: Arc::new(anchors),
            generation: AnchorsGeneration::default(),
        };
        set.renew();
        set
    }
}
