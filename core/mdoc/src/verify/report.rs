//! What came out: of one document, of a response. Claims are reachable only through a document that is accepted.

use super::{Check, CheckResult, Checklist, Fault, SkipReason, TrustState};
use crate::{DeviceSigned, ElementErrors, IssuerSignedItem, MobileSecurityObject, NameSpaceItems};
use idwallet_cose::Sign1;
use idwallet_cose::cbor::Item;
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::Certificate;

/// What is verified: a `Document`, an `IssuerSigned`, or an `IssuerAuth`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// Of the `Document`; the other forms have none of their own.
    pub(super) doc_type: Option<&'a str>,
    pub(super) name_spaces: &'a [NameSpaceItems<'a>],
    pub(super) issuer_auth: &'a Sign1<'a>,
    pub(super) device_signed: Option<&'a DeviceSigned<'a>>,
    pub(super) errors: &'a [(&'a str, ElementErrors<'a>)],
    /// Whether it is a `Document`, which has to prove its holder.
    pub(super) is_presentation: bool,
}

/// Why a document is refused: a check that failed, or one that the policy needs and that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A check failed.
    Failed {
        /// Which.
        check: Check,
        /// Why.
        fault: Fault,
    },
    /// A check that the policy needs was not made.
    Skipped {
        /// Which.
        check: Check,
        /// Why.
        reason: SkipReason,
    },
}

impl Refusal {
    /// The check.
    #[must_use]
    pub const fn check(&self) -> Check {
        match self {
            Self::Failed { check, .. } | Self::Skipped { check, .. } => *check,
        }
    }

    /// The clause that is not met.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Self::Failed { fault, .. } => fault.clause(),
            Self::Skipped { check, .. } => check.clause(),
        }
    }
}

impl core::fmt::Display for Refusal {
    /// `digests: family_name of org.iso.18013.5.1 was altered (ISO 18013-5 §9.3.1)`.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Failed { check, fault } => write!(f, "{check}: {fault}"),
            Self::Skipped { check, reason } => write!(f, "{check}: {reason}, and the policy needs it"),
        }
    }
}

/// Everything that was found out about one document.
#[derive(Clone, Debug)]
pub struct DocumentReport<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) mso: Option<MobileSecurityObject<'a>>,
    pub(super) signer: Option<Certificate>,
    pub(super) trust: TrustState,
    pub(super) checks: Checklist,
    pub(super) refusals: Vec<Refusal>,
    pub(super) at: Timestamp,
}

/// What is to be done with a document.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'r> {
    /// Everything that the policy needs holds.
    Accepted(VerifiedDocument<'r>),
    /// Something does not. Never empty.
    Refused(&'r [Refusal]),
}

impl<'a> DocumentReport<'a> {
    /// What is to be done with the document, and the only way to its claims.
    #[must_use]
    pub fn outcome(&self) -> Outcome<'_> {
        match self.verified() {
            Some(document) => Outcome::Accepted(document),
            None => Outcome::Refused(&self.refusals),
        }
    }

    /// The document, if and only if it is accepted.
    #[must_use]
    pub fn verified(&self) -> Option<VerifiedDocument<'_>> {
        let mso = self.mso.as_ref().filter(|_| self.refusals.is_empty())?;
        let signer = self.signer.as_ref()?;
        Some(VerifiedDocument {
            report: self,
            mso,
            signer,
        })
    }

    /// Whether it is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.verified().is_some()
    }

    /// Every check with its result.
    #[must_use]
    pub fn checks(&self) -> &Checklist {
        &self.checks
    }

    /// Why it is refused; empty if and only if it is accepted.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Whether its issuer is believed.
    #[must_use]
    pub fn trust(&self) -> &TrustState {
        &self.trust
    }

    /// The time of the check.
    #[must_use]
    pub fn checked_at(&self) -> Timestamp {
        self.at
    }

    /// The document type that it claims: in the MSO, else in the document. Only a claim unless the document is accepted.
    #[must_use]
    pub fn claimed_doc_type(&self) -> Option<&str> {
        self.mso
            .as_ref()
            .map(MobileSecurityObject::doc_type)
            .or(self.subject.doc_type)
    }

    /// Error codes by namespace and element. Nobody signs them (A-V26).
    #[must_use]
    pub fn errors(&self) -> &'a [(&'a str, ElementErrors<'a>)] {
        self.subject.errors
    }

    /// What the document says, verified or not. For inspection and for nothing else.
    pub fn dangerous_claims(&self) -> impl Iterator<Item = (&'a str, &'a IssuerSignedItem<'a>)> + use<'a> {
        items(self.subject)
    }

    /// What the device says, verified or not. For inspection and for nothing else.
    pub fn dangerous_device_claims(&self) -> impl Iterator<Item = (&'a str, &'a str, Item<'a>)> + use<'a> {
        device_items(self.subject)
    }

    /// The MSO if it can be read, verified or not.
    #[must_use]
    pub fn dangerous_mso(&self) -> Option<&MobileSecurityObject<'a>> {
        self.mso.as_ref()
    }

    /// The certificate that the document names as its signer, trusted or not.
    #[must_use]
    pub fn dangerous_signer(&self) -> Option<&Certificate> {
        self.signer.as_ref()
    }
}

fn items<'a>(subject: Subject<'a>) -> impl Iterator<Item = (&'a str, &'a IssuerSignedItem<'a>)> + use<'a> {
    let of = |space: &'a NameSpaceItems<'a>| space.items().iter().map(|item| (space.name(), item));
    subject.name_spaces.iter().flat_map(of)
}

fn device_items<'a>(subject: Subject<'a>) -> impl Iterator<Item = (&'a str, &'a str, Item<'a>)> + use<'a> {
    subject.device_signed.into_iter().flat_map(DeviceSigned::elements)
}

/// A document that holds. Only [`DocumentReport::outcome`] gives one.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedDocument<'r> {
    report: &'r DocumentReport<'r>,
    mso: &'r MobileSecurityObject<'r>,
    signer: &'r Certificate,
}

impl<'r> VerifiedDocument<'r> {
    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &'r str {
        self.mso.doc_type()
    }

    /// What the issuer says, by namespace.
    pub fn claims(&self) -> impl Iterator<Item = (&'r str, &'r IssuerSignedItem<'r>)> + use<'r> {
        items(self.report.subject)
    }

    /// One element of what the issuer says.
    #[must_use]
    pub fn claim(&self, name_space: &str, element: &str) -> Option<Item<'r>> {
        self.claims()
            .find(|(space, item)| *space == name_space && item.element_identifier() == element)
            .map(|(_, item)| item.element_value())
    }

    /// What the device says by itself, within its authorisation: namespace, identifier, value. Empty unless the device proved itself.
    pub fn device_claims(&self) -> impl Iterator<Item = (&'r str, &'r str, Item<'r>)> + use<'r> {
        let proven = self.is_bound() && self.report.checks.holds(Check::KeyAuthorizations);
        device_items(self.report.subject).filter(move |_| proven)
    }

    /// The picture of the holder, whom the verifier must compare with it (A-V27). Nothing about the image itself was looked at.
    #[must_use]
    pub fn portrait(&self) -> Option<&'r [u8]> {
        let found = self.claims().find(|(_, item)| item.element_identifier() == "portrait");
        found.and_then(|(_, item)| item.element_value().decode(|d| d.bytes()).ok())
    }

    /// Whether the holder of the device key presented it in this session; not so for what is verified as issued only.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.report.checks.holds(Check::DeviceAuth)
    }

    /// Whether its issuer is believed. `NotChecked` where the policy allows that.
    #[must_use]
    pub fn trust(&self) -> &'r TrustState {
        &self.report.trust
    }

    /// The certificate of its signer.
    #[must_use]
    pub fn signer(&self) -> &'r Certificate {
        self.signer
    }

    /// Country of the signer (A-V24).
    #[must_use]
    pub fn issuing_country(&self) -> Option<&'r str> {
        self.signer.subject().country()
    }

    /// State or province of the signer (A-V24).
    #[must_use]
    pub fn issuing_state(&self) -> Option<&'r str> {
        self.signer.subject().state_or_province()
    }

    /// The MSO, which the issuer has signed.
    #[must_use]
    pub fn mso(&self) -> &'r MobileSecurityObject<'r> {
        self.mso
    }

    /// The report, with what the policy let pass.
    #[must_use]
    pub fn report(&self) -> &'r DocumentReport<'r> {
        self.report
    }
}

/// What is wrong with a response as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Another major version than 1 (A-V10).
    #[error("the response is of an unknown major version (ISO 18013-5 §8.3.2.1.2.2)")]
    Version,
    /// The holder reports an error (A-V10).
    #[error("the response has status {0} (ISO 18013-5 §8.3.2.1.2.3)")]
    Status(u64),
    /// No document.
    #[error("the response has no document (ISO 18013-5 §8.3.2.1.2.2)")]
    NoDocuments,
    /// Zero-knowledge proofs, which are not verified here (A.8).
    #[error("the response has zero-knowledge documents, which are not supported (ISO 18013-5 2nd edition §10.3)")]
    ZkDocuments,
    /// Encrypted documents, which are not decrypted here (A.8).
    #[error("the response has encrypted documents, which are not supported (ISO 18013-5 2nd edition §10.3)")]
    EncryptedDocuments,
    /// A document that was asked for is not there (A-V26).
    #[error("{doc_type} was asked for and not given (ISO 18013-5 §8.3.2.1.2.2)")]
    MissingDocument {
        /// The document type.
        doc_type: String,
        /// What the holder says about it, which nobody signs.
        error_code: Option<i64>,
    },
    /// Documents of more than one set, or two for one request, where one was asked for (A-V20).
    #[error("more than one {doc_type} was given for one request (ISO 18013-5 2nd edition §10.3.3)")]
    DuplicateDocument {
        /// The document type.
        doc_type: String,
    },
}

impl Problem {
    /// The clause that is not met.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::Version | Self::NoDocuments | Self::MissingDocument { .. } => "ISO 18013-5 §8.3.2.1.2.2",
            Self::Status(_) => "ISO 18013-5 §8.3.2.1.2.3",
            Self::ZkDocuments | Self::EncryptedDocuments => "ISO 18013-5 2nd edition §10.3",
            Self::DuplicateDocument { .. } => "ISO 18013-5 2nd edition §10.3.3",
        }
    }
}

/// Everything that was found out about a response.
#[derive(Clone, Debug)]
pub struct ResponseReport<'a> {
    pub(super) documents: Vec<DocumentReport<'a>>,
    pub(super) document_errors: &'a [(&'a str, i64)],
    pub(super) problems: Vec<Problem>,
    pub(super) at: Timestamp,
}

/// What is to be done with a response.
#[derive(Clone, Debug)]
pub enum ResponseOutcome<'r> {
    /// Every document is accepted, none is missing.
    Accepted(Vec<VerifiedDocument<'r>>),
    /// Something does not hold. Never empty.
    Refused(Vec<Reason<'r>>),
}

/// Why a response is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason<'r> {
    /// The response as a whole.
    Response(&'r Problem),
    /// One of its documents.
    Document {
        /// Its place in the response, from 0.
        index: usize,
        /// What it claims to be.
        doc_type: Option<&'r str>,
        /// Why it is refused.
        refusal: &'r Refusal,
    },
}

impl core::fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Response(problem) => problem.fmt(f),
            Self::Document { doc_type, refusal, .. } => write!(f, "{}: {refusal}", doc_type.unwrap_or("document")),
        }
    }
}

impl<'a> ResponseReport<'a> {
    /// What is to be done with the response as a whole. A document of a refused response may still be accepted by itself: see
    /// [`Self::documents`].
    #[must_use]
    pub fn outcome(&self) -> ResponseOutcome<'_> {
        let accepted: Vec<_> = self.documents.iter().filter_map(DocumentReport::verified).collect();
        if self.problems.is_empty() && !accepted.is_empty() && accepted.len() == self.documents.len() {
            return ResponseOutcome::Accepted(accepted);
        }
        let problems = self.problems.iter().map(Reason::Response);
        let documents = self.documents.iter().enumerate().flat_map(|(index, document)| {
            document.refusals.iter().map(move |refusal| Reason::Document {
                index,
                doc_type: document.claimed_doc_type(),
                refusal,
            })
        });
        ResponseOutcome::Refused(problems.chain(documents).collect())
    }

    /// Whether everything is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self.outcome(), ResponseOutcome::Accepted(_))
    }

    /// The documents, in the order received.
    #[must_use]
    pub fn documents(&self) -> &[DocumentReport<'a>] {
        &self.documents
    }

    /// Error codes of documents that are not returned. Nobody signs them (A-V26).
    #[must_use]
    pub fn document_errors(&self) -> &'a [(&'a str, i64)] {
        self.document_errors
    }

    /// What is wrong with the response as a whole.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The time of the check.
    #[must_use]
    pub fn checked_at(&self) -> Timestamp {
        self.at
    }
}

/// Most faults, and most warnings, that one check tells. A response has room for a hundred thousand bad elements, and a sentence about
/// each would take many times its size (X-C09).
pub(super) const MAX_FAULTS: usize = 256;

/// Faults that were collected, and departures whose weight is the policy's. Beyond [`MAX_FAULTS`] they count and are not told.
#[derive(Debug, Default)]
pub(super) struct Findings {
    failures: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl Findings {
    pub(super) fn fail(&mut self, fault: Fault) {
        if self.failures.len() < MAX_FAULTS {
            self.failures.push(fault);
        }
    }

    pub(super) fn warn(&mut self, fault: Fault) {
        if self.warnings.len() < MAX_FAULTS {
            self.warnings.push(fault);
        }
    }

    /// Fails, or warns where the policy is lenient.
    pub(super) fn depart(&mut self, policy: &super::Policy, fault: Fault) {
        if policy.is_lenient() {
            self.warn(fault);
        } else {
            self.fail(fault);
        }
    }

    pub(super) fn into_result(self) -> CheckResult {
        if !self.failures.is_empty() {
            CheckResult::Failed(self.failures)
        } else if !self.warnings.is_empty() {
            CheckResult::Warned(self.warnings)
        } else {
            CheckResult::Passed
        }
    }
}
