//! What a reader found out.

use crate::LocalizedText;
use idwallet_verifier as core;
use idwallet_verifier::{DocumentType, Label, Lang, Registry};

/// What a reason means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ReasonKind {
    /// Altered, malformed or against the rules.
    Invalid,
    /// Nobody whom the reader trusts vouches for it.
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
    /// The reader's own knowledge is older than its policy allows.
    KnowledgeTooOld,
    /// The response as a whole: an error of the holder, nothing in it, something unsupported in it.
    Response,
}

impl From<core::ReasonKind> for ReasonKind {
    fn from(kind: core::ReasonKind) -> Self {
        use core::ReasonKind as K;
        match kind {
            K::Untrusted => Self::Untrusted,
            K::NotYetValid => Self::NotYetValid,
            K::Expired => Self::Expired,
            K::Revoked => Self::Revoked,
            K::Suspended => Self::Suspended,
            K::StatusUnknown => Self::StatusUnknown,
            K::NotBound => Self::NotBound,
            K::RequestMismatch => Self::RequestMismatch,
            K::NotChecked => Self::NotChecked,
            K::AccountLevel => Self::AccountLevel,
            K::KnowledgeTooOld => Self::KnowledgeTooOld,
            K::Response => Self::Response,
            _ => Self::Invalid,
        }
    }
}

/// Why something is refused.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Reason {
    /// What it means.
    pub kind: ReasonKind,
    /// The stable name of the check, if it is one.
    pub check: Option<String>,
    /// A sentence, with its clause where there is one.
    pub text: LocalizedText,
    /// The clause; empty where the reader's own policy is the reason.
    pub clause: String,
}

impl From<&core::Reason> for Reason {
    fn from(reason: &core::Reason) -> Self {
        Self {
            kind: reason.kind.into(),
            check: reason.check.map(str::to_owned),
            text: LocalizedText::of(|lang| reason.text_in(lang)),
            clause: reason.clause.to_owned(),
        }
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
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

impl From<core::CheckState> for CheckState {
    fn from(state: core::CheckState) -> Self {
        match state {
            core::CheckState::Passed => Self::Passed,
            core::CheckState::Warned => Self::Warned,
            core::CheckState::Failed => Self::Failed,
            core::CheckState::Skipped => Self::Skipped,
        }
    }
}

/// One line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CheckReport {
    /// The stable name.
    pub id: String,
    /// How it came out.
    pub state: CheckState,
    /// The clause that asks for it, or that is not met.
    pub clause: String,
    /// Why it did not simply pass.
    pub reason: Option<LocalizedText>,
}

impl From<&core::CheckReport> for CheckReport {
    fn from(check: &core::CheckReport) -> Self {
        Self {
            id: check.id.to_owned(),
            state: check.state.into(),
            clause: check.clause.to_owned(),
            reason: check
                .reason
                .is_some()
                .then(|| LocalizedText::of(|lang| check.reason_in(lang).unwrap_or_default())),
        }
    }
}

/// Whether an issuer is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TrustState {
    /// It is.
    Trusted,
    /// It is not.
    Untrusted,
    /// There was nothing to check it with.
    NotChecked,
}

/// Whether an issuer is believed, and through whom.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TrustResult {
    /// Whether it is.
    pub state: TrustState,
    /// The name of the authority, if it is.
    pub anchor: Option<String>,
    /// Why not, if not.
    pub reason: Option<LocalizedText>,
}

impl From<&core::Trust> for TrustResult {
    fn from(trust: &core::Trust) -> Self {
        Self {
            state: match trust.state {
                core::TrustState::Trusted => TrustState::Trusted,
                core::TrustState::Untrusted => TrustState::Untrusted,
                core::TrustState::NotChecked => TrustState::NotChecked,
            },
            anchor: trust.anchor.clone(),
            reason: trust
                .reason
                .is_some()
                .then(|| LocalizedText::of(|lang| trust.reason_in(lang).unwrap_or_default())),
        }
    }
}

/// A verified value.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ClaimValue {
    /// Text.
    Text {
        /// The text.
        value: String,
    },
    /// Bytes, such as a picture.
    Bytes {
        /// The bytes.
        value: Vec<u8>,
    },
    /// True or false.
    Boolean {
        /// Which.
        value: bool,
    },
    /// An integer of 64 bits.
    Integer {
        /// Which.
        value: i64,
    },
    /// A `full-date`.
    Date {
        /// As `2026-11-27`.
        value: String,
    },
    /// Anything else, such as the classes of a licence.
    Json {
        /// As JSON; bytes in it are `{"bytes": base64url}`.
        value: String,
    },
}

impl std::fmt::Debug for ClaimValue {
    /// The kind without the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text { .. } => "Text(…)",
            Self::Bytes { .. } => "Bytes(…)",
            Self::Boolean { .. } => "Boolean(…)",
            Self::Integer { .. } => "Integer(…)",
            Self::Date { .. } => "Date(…)",
            Self::Json { .. } => "Json(…)",
        })
    }
}

impl From<&core::Claim> for ClaimValue {
    fn from(claim: &core::Claim) -> Self {
        if let Some(value) = claim.date() {
            return Self::Date {
                value: value.to_string(),
            };
        }
        if let Some(value) = claim.text() {
            return Self::Text {
                value: value.to_owned(),
            };
        }
        if let Some(value) = claim.bytes() {
            return Self::Bytes { value: value.to_vec() };
        }
        if let Some(value) = claim.bool() {
            return Self::Boolean { value };
        }
        match claim.integer() {
            Some(value) => Self::Integer { value },
            None => Self::Json {
                value: claim.to_json().to_string(),
            },
        }
    }
}

/// A verified data element.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VerifiedClaim {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called; the identifier where that is not known.
    pub label: LocalizedText,
    /// The value.
    pub value: ClaimValue,
    /// The value as a person reads it; pictures by their size.
    pub shown: LocalizedText,
}

/// A document that holds. Only an accepted one is here.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VerifiedDocument {
    /// The ISO docType.
    pub doc_type: String,
    /// What the document is called.
    pub title: LocalizedText,
    /// What the issuer says, in the order received.
    pub claims: Vec<VerifiedClaim>,
    /// The holder's picture, with which the person has to be compared. Decode it where it can do no harm.
    pub portrait: Option<Vec<u8>>,
    /// Whether the holder's device proved itself in this session.
    pub is_bound: bool,
    /// From when it is valid, unix seconds.
    pub valid_from: i64,
    /// Until when, unix seconds.
    pub valid_until: i64,
    /// The name in the signer's certificate.
    pub issuer: String,
    /// The country in the signer's certificate.
    pub issuing_country: Option<String>,
}

fn title(kind: Option<&DocumentType>, doc_type: &str) -> LocalizedText {
    LocalizedText::of(|lang| kind.map_or(doc_type, |kind| kind.title(lang)).to_owned())
}

fn claims(kind: Option<&DocumentType>, claims: &core::Claims) -> Vec<VerifiedClaim> {
    let view = |(name_space, element, claim): (&str, &str, &core::Claim)| {
        let shown: Label = claim.shown(kind, name_space, element);
        VerifiedClaim {
            name_space: name_space.to_owned(),
            element: element.to_owned(),
            label: LocalizedText::of(|lang| match kind {
                Some(kind) => kind.label(name_space, element, lang).into_owned(),
                None => element.to_owned(),
            }),
            value: claim.into(),
            shown: (&shown).into(),
        }
    };
    claims.iter().map(view).collect()
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum DocumentOutcome {
    /// It holds.
    Accepted {
        /// With its claims.
        document: VerifiedDocument,
    },
    /// It does not.
    Refused {
        /// Why. Never empty.
        reasons: Vec<Reason>,
    },
}

/// Everything that was found out about one document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DocumentReport {
    /// The docType that it claims; only a claim unless it is accepted.
    pub claimed_type: String,
    /// What such a document is called.
    pub title: LocalizedText,
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// Every check, in order.
    pub checks: Vec<CheckReport>,
    /// Whether its issuer is believed.
    pub trust: TrustResult,
}

impl DocumentReport {
    fn of(report: &core::DocumentReport, registry: Option<&Registry>) -> Self {
        let kind = registry.and_then(|registry| registry.find(report.claimed_type()));
        let outcome = match report.verified() {
            Some(document) => DocumentOutcome::Accepted {
                document: VerifiedDocument {
                    doc_type: document.doc_type().to_owned(),
                    title: title(kind, document.doc_type()),
                    claims: claims(kind, document.claims()),
                    portrait: document.portrait().map(<[u8]>::to_vec),
                    is_bound: document.is_bound(),
                    valid_from: document.valid_from().unix(),
                    valid_until: document.valid_until().unix(),
                    issuer: document.issuer().to_owned(),
                    issuing_country: document.issuing_country().map(str::to_owned),
                },
            },
            None => DocumentOutcome::Refused {
                reasons: report.reasons().iter().map(Into::into).collect(),
            },
        };
        Self {
            claimed_type: report.claimed_type().to_owned(),
            title: title(kind, report.claimed_type()),
            outcome,
            checks: report.checks().iter().map(Into::into).collect(),
            trust: report.trust().into(),
        }
    }
}

/// Everything that a reader found out.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Report {
    /// Whether everything is accepted and there is at least one document.
    pub accepted: bool,
    /// The time of the check, unix seconds.
    pub checked_at: i64,
    /// The documents in the order received. One of a refused response may still be accepted by itself.
    pub documents: Vec<DocumentReport>,
    /// What is wrong with the whole.
    pub problems: Vec<Reason>,
    /// Why it is refused, all of it; empty if and only if it is accepted.
    pub reasons: Vec<Reason>,
}

impl From<&core::Report> for Report {
    fn from(report: &core::Report) -> Self {
        let registry = Registry::builtin().ok();
        let reasons = match report.outcome() {
            core::Outcome::Accepted(_) => Vec::new(),
            core::Outcome::Refused(reasons) => reasons.into_iter().map(Into::into).collect(),
        };
        Self {
            accepted: report.is_accepted(),
            checked_at: report.checked_at().unix(),
            documents: report
                .documents()
                .iter()
                .map(|document| DocumentReport::of(document, registry))
                .collect(),
            problems: report.problems().iter().map(Into::into).collect(),
            reasons,
        }
    }
}

/// In Vietnamese and in English.
pub(crate) fn both(vi: &str, en: &str) -> LocalizedText {
    LocalizedText::of(|lang| match lang {
        Lang::Vi => vi,
        Lang::En => en,
    })
}
