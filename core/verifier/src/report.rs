//! The report: owned, of no one format, with a way to claims through accepted documents only.

use crate::{Claim, Claims};
use idwallet_crypto::Timestamp;
use idwallet_documents::Lang;
use idwallet_mdoc::verify::{CheckResult, FaultKind, SkipReason};
use std::fmt;

/// The format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// ISO/IEC 18013-5.
    Mdoc,
}

impl Format {
    /// The identifier in reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mdoc => "mso_mdoc",
        }
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckState {
    /// It holds.
    Passed,
    /// It holds as far as the policy wants it to.
    Warned,
    /// It does not hold.
    Failed,
    /// It was not made.
    Skipped,
}

impl CheckState {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The stable name.
    pub id: &'static str,
    /// How it came out.
    pub state: CheckState,
    /// The clause that asks for it, or that is not met.
    pub clause: &'static str,
    /// Why it did not simply pass: a sentence that names elements and never their values.
    pub reason: Option<String>,
    /// What the reason is made of.
    pub(crate) result: CheckResult,
}

impl CheckReport {
    /// Why it did not simply pass, in a language.
    #[must_use]
    pub fn reason_in(&self, lang: Lang) -> Option<String> {
        match lang {
            Lang::Vi => crate::words::of_check(&self.result),
            Lang::En => self.reason.clone(),
        }
    }
}

/// What a reason means (X-C13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReasonKind {
    /// Altered, malformed or against the rules.
    Invalid,
    /// Nobody whom the caller trusts vouches for it.
    Untrusted,
    /// Not valid yet.
    NotYetValid,
    /// No longer valid.
    Expired,
    /// Taken back for good.
    Revoked,
    /// Taken back for a time.
    Suspended,
    /// Whether it was taken back is not known.
    StatusUnknown,
    /// Not proven to be presented by its holder in this session.
    NotBound,
    /// Not what was asked for.
    RequestMismatch,
    /// A check that the policy needs was not made.
    NotChecked,
    /// The identity account of the holder is of a lower level than is needed.
    AccountLevel,
    /// The caller's own knowledge is older than its policy allows.
    KnowledgeTooOld,
    /// The response as a whole: an error of the holder, nothing in it, something unsupported in it.
    Response,
}

impl From<FaultKind> for ReasonKind {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Untrusted => Self::Untrusted,
            FaultKind::NotYetValid => Self::NotYetValid,
            FaultKind::Expired => Self::Expired,
            FaultKind::Revoked => Self::Revoked,
            FaultKind::Suspended => Self::Suspended,
            FaultKind::StatusUnknown => Self::StatusUnknown,
            FaultKind::NotBound => Self::NotBound,
            FaultKind::RequestMismatch => Self::RequestMismatch,
            _ => Self::Invalid,
        }
    }
}

impl From<SkipReason> for ReasonKind {
    fn from(_: SkipReason) -> Self {
        Self::NotChecked
    }
}

/// Why something is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it means.
    pub kind: ReasonKind,
    /// The check, if it is one.
    pub check: Option<&'static str>,
    /// A sentence with its clause.
    pub text: String,
    /// The same in Vietnamese.
    pub(crate) text_vi: String,
    /// The clause; empty where the caller's own policy is the reason.
    pub clause: &'static str,
}

impl Reason {
    /// A sentence with its clause, in a language.
    #[must_use]
    pub fn text_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.text_vi,
            Lang::En => &self.text,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check {
            Some(check) => write!(f, "{check}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Whether an issuer is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrustState {
    /// It is.
    Trusted,
    /// It is not.
    Untrusted,
    /// There was nothing to check it with.
    NotChecked,
}

impl TrustState {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Untrusted => "untrusted",
            Self::NotChecked => "not_checked",
        }
    }
}

/// Whether the issuer is believed, and through whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Whether it is.
    pub state: TrustState,
    /// The name of the anchor, if it is.
    pub anchor: Option<String>,
    /// Why not, if not.
    pub reason: Option<String>,
    /// The same in Vietnamese.
    pub(crate) reason_vi: Option<String>,
    /// What that means, if not.
    pub kind: Option<ReasonKind>,
}

impl Trust {
    /// Why it is not believed, in a language.
    #[must_use]
    pub fn reason_in(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::Vi => self.reason_vi.as_deref(),
            Lang::En => self.reason.as_deref(),
        }
    }
}

/// A document that holds. Only an accepted [`DocumentReport`] has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedDocument {
    pub(crate) doc_type: String,
    pub(crate) claims: Claims,
    pub(crate) device_claims: Claims,
    pub(crate) is_bound: bool,
    pub(crate) valid_from: Timestamp,
    pub(crate) valid_until: Timestamp,
    pub(crate) issuer: String,
    pub(crate) issuing_country: Option<String>,
    pub(crate) issuing_state: Option<String>,
}

impl VerifiedDocument {
    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// What the issuer says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// One value of what the issuer says.
    #[must_use]
    pub fn claim(&self, name_space: &str, name: &str) -> Option<&Claim> {
        self.claims.get(name_space, name)
    }

    /// What the device says by itself, within its authorisation.
    #[must_use]
    pub fn device_claims(&self) -> &Claims {
        &self.device_claims
    }

    /// The holder's picture, with which the verifier must compare the person (A-V27). Decode it where it can do no harm.
    #[must_use]
    pub fn portrait(&self) -> Option<&[u8]> {
        let mut claims = self.claims.iter();
        claims.find(|(_, name, _)| *name == "portrait")?.2.bytes()
    }

    /// Whether the holder's device proved itself in this session; not so for what is verified as issued only.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// From when the document is valid.
    #[must_use]
    pub fn valid_from(&self) -> Timestamp {
        self.valid_from
    }

    /// Until when the document is valid.
    #[must_use]
    pub fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// The name in the signer's certificate.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The country in the signer's certificate (A-V24).
    #[must_use]
    pub fn issuing_country(&self) -> Option<&str> {
        self.issuing_country.as_deref()
    }

    /// The state or province in the signer's certificate (A-V24).
    #[must_use]
    pub fn issuing_state(&self) -> Option<&str> {
        self.issuing_state.as_deref()
    }
}

/// Everything that was found out about one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentReport {
    pub(crate) format: Format,
    pub(crate) claimed_type: String,
    pub(crate) trust: Trust,
    pub(crate) checks: Vec<CheckReport>,
    pub(crate) errors: Vec<(String, Vec<(String, i64)>)>,
    /// `Err` is never empty.
    pub(crate) outcome: Result<VerifiedDocument, Vec<Reason>>,
}

impl DocumentReport {
    /// The format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The document type that it claims; only a claim unless it is accepted.
    #[must_use]
    pub fn claimed_type(&self) -> &str {
        &self.claimed_type
    }

    /// Whether its issuer is believed.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Every check, in order.
    #[must_use]
    pub fn checks(&self) -> &[CheckReport] {
        &self.checks
    }

    /// One check by its stable name.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&CheckReport> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The document, if and only if it is accepted.
    #[must_use]
    pub fn verified(&self) -> Option<&VerifiedDocument> {
        self.outcome.as_ref().ok()
    }

    /// Why it is refused; empty if and only if it is accepted.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        self.outcome.as_ref().err().map(Vec::as_slice).unwrap_or_default()
    }

    /// Error codes by namespace and element, which nobody signs.
    #[must_use]
    pub fn errors(&self) -> &[(String, Vec<(String, i64)>)] {
        &self.errors
    }
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Outcome<'r> {
    /// Everything is accepted; there is at least one document.
    Accepted(Vec<&'r VerifiedDocument>),
    /// Something is not. Never empty.
    Refused(Vec<&'r Reason>),
}

/// Everything that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub(crate) checked_at: Timestamp,
    pub(crate) documents: Vec<DocumentReport>,
    pub(crate) problems: Vec<Reason>,
}

impl Report {
    /// What is to be done.
    #[must_use]
    pub fn outcome(&self) -> Outcome<'_> {
        let accepted: Vec<_> = self.documents.iter().filter_map(DocumentReport::verified).collect();
        if self.problems.is_empty() && !accepted.is_empty() && accepted.len() == self.documents.len() {
            return Outcome::Accepted(accepted);
        }
        let documents = self.documents.iter().flat_map(DocumentReport::reasons);
        Outcome::Refused(self.problems.iter().chain(documents).collect())
    }

    /// Whether everything is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self.outcome(), Outcome::Accepted(_))
    }

    /// The time of the check.
    #[must_use]
    pub fn checked_at(&self) -> Timestamp {
        self.checked_at
    }

    /// The documents in the order received. One of a refused response may still be accepted by itself.
    #[must_use]
    pub fn documents(&self) -> &[DocumentReport] {
        &self.documents
    }

    /// What is wrong with the whole.
    #[must_use]
    pub fn problems(&self) -> &[Reason] {
        &self.problems
    }

    /// The report about bytes that cannot be read at all.
    pub(crate) fn unreadable(error: &crate::VerifierError, at: Timestamp) -> Self {
        Self {
            checked_at: at,
            documents: Vec::new(),
            problems: vec![Reason {
                kind: ReasonKind::Invalid,
                check: Some("structure"),
                text: error.to_string(),
                text_vi: "câu trả lời không đọc được (ISO 18013-5 §8.3.2.1.2.2)".to_owned(),
                clause: "ISO 18013-5 §8.3.2.1.2.2",
            }],
        }
    }
}
