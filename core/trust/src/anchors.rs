//! Roots of one kind each. There is no way from one of these types to another.

use idwallet_crypto::x509::{Certificate, FindingId, ProfileFinding, Strictness, TrustAnchors, iaca_findings, pem};

use crate::TrustError;

/// An anchor and what is unusual about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorReport {
    /// The certificate.
    pub certificate: Certificate,
    /// Departures from the profile of its kind; path validation decides about them by its own strictness.
    pub findings: Vec<ProfileFinding>,
}

/// Reads a file and keeps the limit.
pub(crate) fn read_certificates(pem_or_der: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    Ok(pem::read_certificates_or_der(pem_or_der)?)
}

/// The departures of a root that is no IACA: what the profile of IACA roots says about any CA certificate.
fn authority_findings(certificate: &Certificate) -> Vec<ProfileFinding> {
    let of_iaca_alone = |id: FindingId| {
        matches!(
            id,
            FindingId::AnchorKey
                | FindingId::ValidityTooLong
                | FindingId::PathLenNotZero
                | FindingId::CommonNameMissing
                | FindingId::IssuerAltNameMissing
                | FindingId::CdpRestricted
                | FindingId::CountryMissing
                | FindingId::CountryForm
                | FindingId::KeyUsageBits
        )
    };
    let mut findings = iaca_findings(certificate, Strictness::Lenient);
    findings.retain(|finding| !of_iaca_alone(finding.id));
    findings
}

macro_rules! anchors {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        pub struct $name(TrustAnchors);

        impl $name {
            /// None: nothing is trusted.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// Trusts every certificate of a PEM text, or one in DER.
            ///
            /// # Errors
            /// [`TrustError::X509`]; nothing is trusted then.
            pub fn from_pem_or_der(bytes: &[u8]) -> Result<Self, TrustError> {
                let mut anchors = Self::new();
                anchors.add_pem_or_der(bytes)?;
                Ok(anchors)
            }

            /// Trusts the certificates of a further file, and says what is unusual about them.
            ///
            /// # Errors
            /// [`TrustError::X509`]; none of the file is trusted then.
            pub fn add_pem_or_der(&mut self, bytes: &[u8]) -> Result<Vec<AnchorReport>, TrustError> {
                let certificates = read_certificates(bytes)?;
                let reports = certificates.iter().map(|certificate| AnchorReport {
                    certificate: certificate.clone(),
                    findings: authority_findings(certificate),
                });
                let reports = reports.collect();
                self.add_all(certificates);
                Ok(reports)
            }

            /// Trusts a certificate. It must never come from the message that is to be verified (X-C05).
            pub fn add(&mut self, certificate: Certificate) {
                self.0.add(certificate);
            }

            /// Trusts many at once.
            pub fn add_all(&mut self, certificates: impl IntoIterator<Item = Certificate>) {
                let before = self.0.iter().map(|anchor| anchor.certificate().clone());
                self.0 = before.chain(certificates).collect();
            }

            /// The set as path validation takes it. Use it for this kind of chain only.
            #[must_use]
            pub const fn as_trust_anchors(&self) -> &TrustAnchors {
                &self.0
            }

            /// How many there are.
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Whether nothing is trusted.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl FromIterator<Certificate> for $name {
            fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
                Self(certificates.into_iter().collect())
            }
        }
    };
}

anchors! {
    /// Roots of readers: they vouch for who asks, never for documents (ISO 18013-5 B.1.7).
    ReaderAnchors
}
anchors! {
    /// Roots of those who publish trust lists (ISO 18013-5 C.1.7).
    VicalProviders
}
anchors! {
    /// Certificates whose keys sign trust snapshots, or authorities that do nothing but certify such signers.
    SnapshotSigners
}
