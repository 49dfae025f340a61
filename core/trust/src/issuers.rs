//! Roots of issuers, where each comes from, and for which document types it counts.

use std::collections::BTreeMap;

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Certificate, Strictness, TrustAnchors, iaca_findings};

use crate::anchors::read_certificates;
use crate::{AnchorReport, DocTypes, TrustError, VerifiedVical};

/// Where an anchor comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnchorSource {
    /// Whoever runs the reader or wallet chose it. The text is theirs.
    Configured(String),
    /// A verified trust list of this provider.
    Vical {
        /// `vicalProvider`.
        provider: String,
        /// `vicalIssueID`.
        issue_id: Option<u64>,
        /// `date`.
        date: Timestamp,
    },
}

/// One reason to trust an anchor. Several sources may grant the same one; each counts by itself (A-V44).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where it comes from.
    pub source: AnchorSource,
    /// For which documents.
    pub doc_types: DocTypes,
    /// Until when: `notAfter` of the trust list.
    pub until: Option<Timestamp>,
}

impl Grant {
    fn is_current(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| at <= until)
    }
}

/// What the trust lists say about an anchor and a document type (A-V21): the outcome of the check `trust_list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustListVerdict<'a> {
    /// The anchor is configured without a bound; no trust list is needed.
    NotApplicable,
    /// This grant names the document type.
    Permitted(&'a Grant),
    /// Every trust list or configured bound that names the anchor names other document types, or has ended.
    NotPermitted,
    /// It is no anchor of an issuer.
    Unknown,
}

impl TrustListVerdict<'_> {
    /// Whether documents of that type may be trusted through that anchor.
    #[must_use]
    pub const fn is_permitted(&self) -> bool {
        matches!(self, Self::NotApplicable | Self::Permitted(_))
    }
}

/// Roots of issuers (IACA), each with where it comes from and for which document types it counts.
#[derive(Debug, Clone, Default)]
pub struct IssuerAnchors {
    anchors: TrustAnchors,
    /// By the certificate's SHA-256.
    grants: BTreeMap<[u8; 32], Vec<Grant>>,
}

impl IssuerAnchors {
    /// None: nothing is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts every certificate of a PEM text, or one in DER, for any document type.
    ///
    /// # Errors
    /// [`TrustError::X509`]; nothing is trusted then.
    pub fn from_pem_or_der(bytes: &[u8]) -> Result<Self, TrustError> {
        let mut anchors = Self::new();
        anchors.add_pem_or_der(bytes, "", &DocTypes::Any)?;
        Ok(anchors)
    }

    /// Trusts the certificates of a file for these document types, and says how they depart from the profile of IACA
    /// roots (ISO 18013-5 B.1.2). `source` is shown to people.
    ///
    /// # Errors
    /// [`TrustError::X509`]; none of the file is trusted then.
    pub fn add_pem_or_der(
        &mut self,
        bytes: &[u8],
        source: &str,
        doc_types: &DocTypes,
    ) -> Result<Vec<AnchorReport>, TrustError> {
        let certificates = read_certificates(bytes)?;
        let reports = certificates.iter().map(report).collect();
        let grant = Grant {
            source: AnchorSource::Configured(source.to_owned()),
            doc_types: doc_types.clone(),
            until: None,
        };
        self.add_all(certificates.into_iter().map(|certificate| (certificate, grant.clone())));
        Ok(reports)
    }

    /// Trusts a certificate, as this grant says. It must never come from the message that is to be verified (X-C05).
    pub fn add(&mut self, certificate: Certificate, grant: Grant) {
        self.add_all([(certificate, grant)]);
    }

    /// Trusts many at once.
    pub fn add_all(&mut self, granted: impl IntoIterator<Item = (Certificate, Grant)>) {
        let mut certificates: Vec<Certificate> = self.anchors.iter().map(|a| a.certificate().clone()).collect();
        for (certificate, grant) in granted {
            let grants = self.grants.entry(*certificate.sha256()).or_default();
            if !grants.contains(&grant) {
                grants.push(grant);
            }
            certificates.push(certificate);
        }
        self.anchors = certificates.into_iter().collect();
    }

    /// Trusts the certificates of a verified trust list for the document types it names (A-V43).
    pub fn add_vical(&mut self, vical: &VerifiedVical) {
        let source = source_of(vical);
        self.add_all(vical.entries().iter().map(|entry| {
            let grant = Grant {
                source: source.clone(),
                doc_types: entry.doc_types().clone(),
                until: vical.not_after(),
            };
            (entry.certificate().clone(), grant)
        }));
    }

    /// Takes back what a trust list granted; an anchor that nothing else grants is none any more.
    pub(crate) fn forget_vical(&mut self, vical: &VerifiedVical) {
        let source = source_of(vical);
        for entry in vical.entries() {
            let certificate = entry.certificate();
            let Some(grants) = self.grants.get_mut(certificate.sha256()) else {
                continue;
            };
            grants.retain(|grant| grant.source != source);
            if grants.is_empty() {
                self.grants.remove(certificate.sha256());
                self.anchors.remove(certificate);
            }
        }
    }

    /// The set as path validation takes it. Ask [`verdict`](Self::verdict) about the anchor it found.
    #[must_use]
    pub const fn as_trust_anchors(&self) -> &TrustAnchors {
        &self.anchors
    }

    /// Why this certificate is trusted; empty where it is not.
    #[must_use]
    pub fn grants(&self, anchor: &Certificate) -> &[Grant] {
        self.grants.get(anchor.sha256()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Everything this anchor counts for, by all of its grants; [`DocTypes::none`] for what is no anchor.
    #[must_use]
    pub fn doc_types_of(&self, anchor: &Certificate) -> DocTypes {
        self.grants(anchor)
            .iter()
            .fold(DocTypes::none(), |all, grant| all.union(&grant.doc_types))
    }

    /// Whether documents of this type may be trusted through this anchor at `at` (A-V21).
    #[must_use]
    pub fn verdict(&self, anchor: &Certificate, doc_type: &str, at: Timestamp) -> TrustListVerdict<'_> {
        let grants = self.grants(anchor);
        if grants.is_empty() {
            return TrustListVerdict::Unknown;
        }
        let current = || grants.iter().filter(|grant| grant.is_current(at));
        let is_unbounded =
            |grant: &&Grant| grant.doc_types == DocTypes::Any && matches!(grant.source, AnchorSource::Configured(_));
        if current().any(|grant| is_unbounded(&grant)) {
            return TrustListVerdict::NotApplicable;
        }
        current()
            .find(|grant| grant.doc_types.contains(doc_type))
            .map_or(TrustListVerdict::NotPermitted, TrustListVerdict::Permitted)
    }

    /// Every anchor with its departures from the profile of IACA roots (ISO 18013-5 B.1.2).
    pub fn reports(&self) -> impl Iterator<Item = AnchorReport> {
        self.anchors.iter().map(|anchor| report(anchor.certificate()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}

fn source_of(vical: &VerifiedVical) -> AnchorSource {
    AnchorSource::Vical {
        provider: vical.provider().to_owned(),
        issue_id: vical.issue_id(),
        date: vical.date(),
    }
}

fn report(certificate: &Certificate) -> AnchorReport {
    AnchorReport {
        certificate: certificate.clone(),
        findings: iaca_findings(certificate, Strictness::Lenient),
    }
}
