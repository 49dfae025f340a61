//! The consent screen as plain data, and what the person decided.

use crate::text::{count, texts};
use crate::views::{reissue, ward};
use crate::{Finding, LocalizedText, Sensitivity, WalletError};
use idwallet_wallet as core;

/// Namespace and identifier of a data element.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ElementName {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
}

impl ElementName {
    pub(crate) fn of((name_space, element): &(String, String)) -> Self {
        Self {
            name_space: name_space.clone(),
            element: element.clone(),
        }
    }
}

/// How far it is known who asks. The four stay apart, and only a verified reader has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ReaderState {
    /// It did not say who it is.
    Absent,
    /// It did, and the proof is false.
    Invalid,
    /// The proof is good and nobody whom the wallet trusts vouches for it.
    Untrusted,
    /// Proof and certificate are good.
    Verified,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReaderView {
    /// How far that is known.
    pub state: ReaderState,
    /// The name to show, of a verified reader alone.
    pub name: Option<String>,
    /// The organisation in its certificate, of a verified reader alone.
    pub organization: Option<String>,
    /// The country in its certificate, of a verified reader alone.
    pub country: Option<String>,
    /// Who asks, as a sentence.
    pub text: LocalizedText,
    /// The reason behind a bad proof, for who wants to know.
    pub reason: Option<LocalizedText>,
}

impl From<&core::ReaderView> for ReaderView {
    fn from(view: &core::ReaderView) -> Self {
        let (state, organization, country) = match view {
            core::ReaderView::Absent => (ReaderState::Absent, None, None),
            core::ReaderView::Untrusted(_) => (ReaderState::Untrusted, None, None),
            core::ReaderView::Verified {
                organization, country, ..
            } => (ReaderState::Verified, organization.clone(), country.clone()),
            _ => (ReaderState::Invalid, None, None),
        };
        let reason = |lang| view.reason(lang).unwrap_or_default();
        Self {
            state,
            name: view.name().map(str::to_owned),
            organization,
            country,
            text: LocalizedText::of(|lang| view.text(lang)),
            reason: view.is_bad().then(|| LocalizedText::of(reason)),
        }
    }
}

/// An element that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AskedElement {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called.
    pub label: LocalizedText,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// Whether the reader means to keep the value.
    pub intent_to_retain: bool,
}

impl From<&core::AskedElement> for AskedElement {
    fn from(asked: &core::AskedElement) -> Self {
        Self {
            name_space: asked.name_space.clone(),
            element: asked.element.clone(),
            label: (&asked.label).into(),
            sensitivity: asked.sensitivity.into(),
            intent_to_retain: asked.intent_to_retain,
        }
    }
}

/// An element that would leave the wallet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct GivenElement {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called.
    pub label: LocalizedText,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// The value as a person reads it.
    pub shown: LocalizedText,
    /// What codes in it mean in this document.
    pub meanings: Vec<LocalizedText>,
    /// What it gives away beside itself.
    pub gives_away: Vec<LocalizedText>,
}

impl From<&core::GivenElement> for GivenElement {
    fn from(given: &core::GivenElement) -> Self {
        Self {
            name_space: given.name_space.clone(),
            element: given.element.clone(),
            label: (&given.label).into(),
            sensitivity: given.sensitivity.into(),
            shown: (&given.shown).into(),
            meanings: texts(&given.meanings),
            gives_away: texts(&given.gives_away),
        }
    }
}

/// A row of the consent screen: what was asked for, and what would leave for it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OfferedElement {
    /// What was asked for.
    pub asked: AskedElement,
    /// What would leave: one element, or all of an alternative that the reader named.
    pub gives: Vec<GivenElement>,
    /// Whether the screen may tick it by itself.
    pub preselected: bool,
}

/// An element that is asked for and not on offer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MissingElement {
    /// What was asked for.
    pub asked: AskedElement,
    /// Why it is not on offer. For the owner alone.
    pub reason: LocalizedText,
}

/// A document that could answer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Candidate {
    /// Which document.
    pub document: String,
    /// A few words that tell it from others of its type.
    pub summary: LocalizedText,
    /// Who signed it.
    pub issuer: String,
    /// Until when it is valid, unix seconds.
    pub valid_until: i64,
    /// Whose it is, if not the owner's.
    pub ward: Option<LocalizedText>,
    /// What authorises the owner to show it, if it is a ward's and the wallet has it.
    pub authority: Option<LocalizedText>,
    /// Whether a copy would be shown that was shown before: the approval has to allow that, because whoever saw it can tell.
    pub copy_again: bool,
    /// Why new copies are to be fetched once this one is shown, if they are.
    pub reissue_due: Option<LocalizedText>,
    /// What it can give.
    pub elements: Vec<OfferedElement>,
    /// What is asked for and it does not give.
    pub missing: Vec<MissingElement>,
    /// The portrait goes with whatever is given, or nothing goes.
    pub portrait_is_due: bool,
    /// What its owner should know about it before showing it.
    pub warnings: Vec<Finding>,
}

impl From<&core::Candidate> for Candidate {
    fn from(candidate: &core::Candidate) -> Self {
        let elements = candidate.elements.iter().map(|offered| OfferedElement {
            asked: (&offered.asked).into(),
            gives: offered.gives.iter().map(Into::into).collect(),
            preselected: offered.preselected,
        });
        let missing = candidate.missing.iter().map(|missing| MissingElement {
            asked: (&missing.asked).into(),
            reason: LocalizedText::of(|lang| missing.reason.text(lang)),
        });
        Self {
            document: candidate.document.to_string(),
            summary: (&candidate.summary).into(),
            issuer: candidate.issuer.clone(),
            valid_until: candidate.valid_until.unix(),
            ward: ward(&candidate.subject),
            authority: candidate
                .authority
                .as_ref()
                .map(|authority| LocalizedText::of(|lang| authority.text(lang))),
            copy_again: candidate.copy == core::CopyUse::Again,
            reissue_due: reissue(candidate.reissue_due),
            elements: elements.collect(),
            missing: missing.collect(),
            portrait_is_due: candidate.portrait_is_due,
            warnings: candidate.warnings.iter().map(Into::into).collect(),
        }
    }
}

/// A document of the type asked for that cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UnsuitableDocument {
    /// Which document.
    pub document: String,
    /// Why not. For the owner alone.
    pub reason: LocalizedText,
}

/// One document that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestedDocument {
    /// The docType asked for.
    pub doc_type: String,
    /// What such a document is called.
    pub title: LocalizedText,
    /// Who asks for it.
    pub reader: ReaderView,
    /// The level (1 or 2) that the owner's identity account has to have for the reader.
    pub account_level: Option<u8>,
    /// Every element asked for, whether the wallet has it or not.
    pub asked: Vec<AskedElement>,
    /// The documents that could answer, the one to be proposed first.
    pub candidates: Vec<Candidate>,
    /// Documents of that type that cannot answer.
    pub unsuitable: Vec<UnsuitableDocument>,
    /// Why nothing in the wallet answers; nothing when something does.
    pub why_none: Option<LocalizedText>,
}

impl From<&core::RequestedDocument> for RequestedDocument {
    fn from(request: &core::RequestedDocument) -> Self {
        let unsuitable = request.unsuitable.iter().map(|unsuitable| UnsuitableDocument {
            document: unsuitable.document.to_string(),
            reason: LocalizedText::of(|lang| unsuitable.reason.text(lang)),
        });
        let why_none = |lang| request.why_none(lang).unwrap_or_default();
        Self {
            doc_type: request.doc_type.clone(),
            title: (&request.title).into(),
            reader: (&request.reader).into(),
            account_level: request.account_level,
            asked: request.asked.iter().map(Into::into).collect(),
            candidates: request.candidates.iter().map(Into::into).collect(),
            unsuitable: unsuitable.collect(),
            why_none: request.candidates.is_empty().then(|| LocalizedText::of(why_none)),
        }
    }
}

/// Requests that belong together: exactly one of the sets is to be given.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UseCase {
    /// Whether the reader has no use for an answer without it.
    pub mandatory: bool,
    /// Sets of indexes into the requests, the reader's favourite first.
    pub sets: Vec<Vec<u32>>,
    /// The first set of which the wallet has all documents: an index into `sets`.
    pub proposed: Option<u32>,
}

/// Everything that a consent screen needs.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Review {
    /// Binds the approval to this very request; to be given back with it.
    pub handle: Vec<u8>,
    /// Whether there is anything that could be given.
    pub can_answer: bool,
    /// Whether somebody who asks gave a false or untrusted proof of who they are: to be warned of before anything else.
    pub has_bad_reader: bool,
    /// One entry a document request, in the reader's order.
    pub requests: Vec<RequestedDocument>,
    /// Which of the requests belong together; empty when all are asked for alike.
    pub use_cases: Vec<UseCase>,
}

impl From<&core::Review> for Review {
    fn from(review: &core::Review) -> Self {
        let use_cases = review.use_cases.iter().map(|use_case| UseCase {
            mandatory: use_case.mandatory,
            sets: use_case
                .sets
                .iter()
                .map(|set| set.iter().copied().map(count).collect())
                .collect(),
            proposed: use_case.proposed.map(count),
        });
        Self {
            handle: review.handle.as_bytes().to_vec(),
            can_answer: review.can_answer(),
            has_bad_reader: review.has_bad_reader(),
            requests: review.requests.iter().map(Into::into).collect(),
            use_cases: use_cases.collect(),
        }
    }
}

/// What may leave of one document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ApprovedDocument {
    /// Which request it answers: an index into the requests of the review.
    pub request: u32,
    /// Which document.
    pub document: String,
    /// The elements, named as they were asked for.
    pub elements: Vec<ElementName>,
}

/// What the person approved. An approval of nothing is a decline.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Approval {
    /// One entry a document request of which something may leave.
    pub choices: Vec<ApprovedDocument>,
    /// Documents of which a copy may be shown that was shown before.
    pub again: Vec<String>,
}

impl From<&core::Approval> for Approval {
    fn from(approval: &core::Approval) -> Self {
        let choices = approval
            .choices()
            .map(|(request, document, elements)| ApprovedDocument {
                request: count(request),
                document: document.to_string(),
                elements: elements
                    .map(|(name_space, element)| ElementName {
                        name_space: name_space.to_owned(),
                        element: element.to_owned(),
                    })
                    .collect(),
            });
        Self {
            choices: choices.collect(),
            again: approval.again().map(|id| id.to_string()).collect(),
        }
    }
}

pub(crate) fn document_id(text: &str) -> Result<core::DocumentId, WalletError> {
    text.parse()
        .map_err(|_| WalletError::argument("not the id of a document"))
}

impl TryFrom<&Approval> for core::Approval {
    type Error = WalletError;

    fn try_from(approval: &Approval) -> Result<Self, WalletError> {
        let mut out = Self::nothing();
        for choice in &approval.choices {
            let request = usize::try_from(choice.request).map_err(|_| WalletError::argument("no such request"))?;
            let document = document_id(&choice.document)?;
            for name in &choice.elements {
                out = out.select(request, document, &name.name_space, &name.element);
            }
        }
        for id in &approval.again {
            out = out.allow_again(document_id(id)?);
        }
        Ok(out)
    }
}

pub(crate) fn handle(bytes: &[u8]) -> Result<core::ReviewHandle, WalletError> {
    // A handle of another length is of no review.
    let bytes = bytes.try_into().map_err(|_| core::StateFault::WrongHandle)?;
    Ok(core::ReviewHandle::from_bytes(bytes))
}

/// The review that waits for an answer, if one does.
pub(crate) fn waiting(review: Option<&core::Review>) -> Result<&core::Review, WalletError> {
    Ok(review.ok_or(core::StateFault::NoSession)?)
}

/// What a choice gives away that nothing of what is shared beside it states openly.
pub(crate) fn gives_away(review: &core::Review, approval: &core::Approval) -> Vec<LocalizedText> {
    let mut given: Vec<&core::GivenElement> = Vec::new();
    for (request, document, _) in approval.choices() {
        let candidates = review
            .requests
            .get(request)
            .map(|r| r.candidates.as_slice())
            .unwrap_or_default();
        for candidate in candidates.iter().filter(|candidate| candidate.document == document) {
            let rows = candidate.elements.iter();
            let approved = rows.filter(|row| approval.has(request, &row.asked.name_space, &row.asked.element));
            given.extend(approved.flat_map(|row| &row.gives));
        }
    }
    let mut out: Vec<LocalizedText> = Vec::new();
    for element in &given {
        for text in element.gives_away_beside(given.iter().copied()) {
            let text = LocalizedText::from(&text);
            if !out.contains(&text) {
                out.push(text);
            }
        }
    }
    out
}
