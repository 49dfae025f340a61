//! The provider's side: making trust lists that meet ISO 18013-5 C.1.7 (A-V40).

use idwallet_cose::cbor::Encoder;
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Signer, Timestamp};

use super::NAME;
use super::check::without_leading_zeros;
use crate::{TrustError, limits};

/// Makes a trust list. All members that repeat a certificate are taken from it.
#[derive(Debug, Clone)]
pub struct VicalBuilder {
    provider: String,
    date: Timestamp,
    issue_id: Option<u64>,
    next_update: Option<Timestamp>,
    not_after: Option<Timestamp>,
    url: Option<String>,
    entries: Vec<(Certificate, Vec<String>)>,
}

impl VicalBuilder {
    /// An empty list of this provider.
    #[must_use]
    pub fn new(provider: &str, date: Timestamp) -> Self {
        Self {
            provider: provider.to_owned(),
            date,
            issue_id: None,
            next_update: None,
            not_after: None,
            url: None,
            entries: Vec::new(),
        }
    }

    /// `vicalIssueID`; larger than that of every list before.
    #[must_use]
    pub const fn issue_id(mut self, id: u64) -> Self {
        self.issue_id = Some(id);
        self
    }

    /// `nextUpdate`.
    #[must_use]
    pub const fn next_update(mut self, at: Timestamp) -> Self {
        self.next_update = Some(at);
        self
    }

    /// `notAfter`, of the 2nd edition.
    #[must_use]
    pub const fn not_after(mut self, at: Timestamp) -> Self {
        self.not_after = Some(at);
        self
    }

    /// `vicalURL`, of the 2nd edition.
    #[must_use]
    pub fn url(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    /// Adds an issuer's root and the document types for which it counts.
    #[must_use]
    pub fn entry(mut self, certificate: &Certificate, doc_types: &[&str]) -> Self {
        let doc_types = doc_types.iter().map(|t| (*t).to_owned()).collect();
        self.entries.push((certificate.clone(), doc_types));
        self
    }

    /// The signed list. `chain` is the signer's, leaf first, without the root.
    ///
    /// # Errors
    /// [`TrustError::Incomplete`], [`TrustError::Limit`], and what the signer returns.
    pub fn sign(&self, signer: &dyn Signer, chain: &[Certificate]) -> Result<Vec<u8>, TrustError> {
        if chain
            .first()
            .is_none_or(|leaf| leaf.public_key() != signer.public_key())
        {
            return Err(TrustError::Incomplete("the certificate chain is not the signer's"));
        }
        let payload = self.payload()?;
        let chain: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
        Sign1Builder::new()
            .x5chain(Place::Unprotected, &chain)
            .payload(&payload)
            .sign(signer)
            .map_err(TrustError::cose(NAME))
    }

    /// `VICAL`, as it is signed.
    ///
    /// # Errors
    /// [`TrustError::Incomplete`], [`TrustError::Limit`].
    pub fn payload(&self) -> Result<Vec<u8>, TrustError> {
        if self.entries.len() > limits::VICAL_ENTRIES {
            return Err(TrustError::Limit("the number of certificates in a trust list"));
        }
        if self.next_update.is_some_and(|at| at <= self.date) || self.not_after.is_some_and(|at| at <= self.date) {
            return Err(TrustError::Incomplete("nextUpdate or notAfter is not after date"));
        }
        let optional = [
            self.issue_id.is_some(),
            self.next_update.is_some(),
            self.not_after.is_some(),
            self.url.is_some(),
        ];
        let members = optional.iter().filter(|is| **is).count().saturating_add(4);
        let mut e = Encoder::new();
        e.map(members)
            .text("version")
            .text("1.0")
            .text("vicalProvider")
            .text(&self.provider);
        e.text("date").tdate(self.date);
        if let Some(id) = self.issue_id {
            e.text("vicalIssueID").uint(id);
        }
        if let Some(at) = self.next_update {
            e.text("nextUpdate").tdate(at);
        }
        if let Some(at) = self.not_after {
            e.text("notAfter").tdate(at);
        }
        if let Some(url) = &self.url {
            e.text("vicalURL").text(url);
        }
        e.text("certificateInfos").array(self.entries.len());
        for (certificate, doc_types) in &self.entries {
            if doc_types.is_empty() || doc_types.len() > limits::DOC_TYPES {
                return Err(TrustError::Incomplete(
                    "a certificate has no document types or too many",
                ));
            }
            write_info(&mut e, certificate, doc_types);
        }
        Ok(e.into_vec())
    }
}

fn write_info(e: &mut Encoder, certificate: &Certificate, doc_types: &[String]) {
    let subject = certificate.subject();
    let (country, state) = (subject.country(), subject.state_or_province());
    let optional = [country.is_some(), state.is_some()];
    e.map(optional.iter().filter(|is| **is).count().saturating_add(8));
    e.text("certificate").bytes(certificate.der());
    // tag 2: an unsigned bignum
    e.text("serialNumber")
        .tag(2)
        .bytes(without_leading_zeros(certificate.serial()));
    let computed = certificate.computed_key_id();
    e.text("ski").bytes(certificate.subject_key_id().unwrap_or(&computed));
    e.text("docType").array(doc_types.len());
    for doc_type in doc_types {
        e.text(doc_type);
    }
    if let Some(country) = country {
        e.text("issuingCountry").text(country);
    }
    if let Some(state) = state {
        e.text("stateOrProvinceName").text(state);
    }
    e.text("issuer").bytes(certificate.issuer().der());
    e.text("subject").bytes(subject.der());
    e.text("notBefore").tdate(certificate.not_before());
    e.text("notAfter").tdate(certificate.not_after());
}
