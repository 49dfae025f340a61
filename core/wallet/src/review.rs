//! The consent screen as plain data: who asks for what, what would be given, what it gives away.

use crate::{
    Authority, CopyUse, DocumentId, DocumentState, Finding, FindingCode, ReissueReason, Shown, Subject, words,
};
use core::fmt;
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::PathError;
use idwallet_documents::{Label, Lang, Sensitivity};
use idwallet_mdoc::holder::MatchKind;
use idwallet_mdoc::reader_auth::{InvalidReaderAuth, ReaderAuthState};

/// Seconds for which a review may be answered: what was shown longer ago, the person has forgotten, and who holds the device may be
/// another.
pub const MAX_REVIEW_AGE: i64 = 300;

/// What binds an approval to the review it was given on: a hash over the request's bytes, the session transcript, who asks, and
/// the very items each document would give. It is of one resolution only, so a review of a repeated request has another one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReviewHandle(pub(crate) [u8; 32]);

impl ReviewHandle {
    /// The handle as bytes, to carry it through an app.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A handle that came back from an app.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for ReviewHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReviewHandle(…)")
    }
}

/// Everything a consent screen needs. Immutable; made by [`ResolvedRequest::review`](crate::ResolvedRequest::review).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Review {
    /// To be given back with the approval.
    pub handle: ReviewHandle,
    /// One entry a document request, in the reader's order.
    pub requests: Vec<RequestedDocument>,
    /// Which of the requests belong together (2nd edition); empty when all are asked for alike.
    pub use_cases: Vec<UseCaseView>,
}

impl Review {
    /// Whether there is anything that could be given.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.requests.iter().any(|request| !request.candidates.is_empty())
    }

    /// Whether somebody who asks gave a false or untrusted proof of who they are (A-H42b): to be warned of before anything else.
    #[must_use]
    pub fn has_bad_reader(&self) -> bool {
        self.requests.iter().any(|request| request.reader.is_bad())
    }
}

/// Who asks for one document, as far as it is known. The four states stay apart, and only a verified reader has a name (A-H42b).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReaderView {
    /// The reader did not say who it is.
    Absent,
    /// It did, and the proof is false.
    Invalid(InvalidReaderAuth),
    /// The proof is good and nobody the wallet trusts vouches for it.
    Untrusted(PathError),
    /// Proof and certificate are good.
    Verified {
        /// The name to show: common name, else organisation; `None` when the certificate has neither.
        name: Option<String>,
        /// The organisation in the certificate.
        organization: Option<String>,
        /// The country in the certificate.
        country: Option<String>,
    },
}

impl ReaderView {
    pub(crate) fn of(state: &ReaderAuthState) -> Self {
        match state {
            ReaderAuthState::Absent => Self::Absent,
            ReaderAuthState::Invalid(reason) => Self::Invalid(reason.clone()),
            ReaderAuthState::Untrusted { reason, .. } => Self::Untrusted(reason.clone()),
            ReaderAuthState::Verified(reader) => Self::Verified {
                name: reader.name().map(words::plain),
                organization: reader.organization().map(words::plain),
                country: reader.certificate().subject().country().map(words::plain),
            },
        }
    }

    /// The state in a word: `absent`, `invalid`, `untrusted`, `verified`.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Invalid(_) => "invalid",
            Self::Untrusted(_) => "untrusted",
            Self::Verified { .. } => "verified",
        }
    }

    /// The name, of a verified reader alone.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Verified { name, .. } => name.as_deref(),
            _ => None,
        }
    }

    /// Whether the reader gave a proof that is false or that nobody vouches for.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::Untrusted(_))
    }

    /// Who asks, as a sentence.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Absent, Lang::Vi) => "Bên yêu cầu không cho biết họ là ai.".into(),
            (Self::Absent, Lang::En) => "Whoever asks did not say who they are.".into(),
            (Self::Invalid(_), Lang::Vi) => {
                "Cảnh báo: bằng chứng danh tính của bên yêu cầu là sai. Đừng tin họ.".into()
            }
            (Self::Invalid(_), Lang::En) => {
                "Warning: whoever asks gave a false proof of who they are. Do not trust them.".into()
            }
            (Self::Untrusted(_), Lang::Vi) => {
                "Cảnh báo: không xác minh được bên yêu cầu, vì không có tổ chức nào mà ví tin cậy bảo đảm cho họ."
                    .into()
            }
            (Self::Untrusted(_), Lang::En) => {
                "Warning: whoever asks could not be verified, because nobody this wallet trusts vouches for them."
                    .into()
            }
            (Self::Verified { name, organization, .. }, lang) => {
                let name = name.as_deref().or(organization.as_deref());
                match (name, lang) {
                    (Some(name), Lang::Vi) => format!("{name} (đã xác minh)"),
                    (Some(name), Lang::En) => format!("{name} (verified)"),
                    (None, Lang::Vi) => "Bên yêu cầu đã được xác minh, nhưng chứng thư không ghi tên.".into(),
                    (None, Lang::En) => "Whoever asks is verified, but the certificate has no name.".into(),
                }
            }
        }
    }

    /// The reason behind a bad proof, for an expert; in English with its clause.
    #[must_use]
    pub fn reason(&self, lang: Lang) -> Option<String> {
        match (self, lang) {
            (Self::Invalid(reason), Lang::En) => Some(reason.to_string()),
            (Self::Untrusted(reason), Lang::En) => Some(reason.to_string()),
            (Self::Invalid(reason), Lang::Vi) => Some(words::reader_invalid(reason).to_owned()),
            (Self::Untrusted(reason), Lang::Vi) => Some(words::reader_untrusted(reason).to_owned()),
            _ => None,
        }
    }
}

/// One document that is asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RequestedDocument {
    /// The docType asked for.
    pub doc_type: String,
    /// What such a document is called; the docType where it is not known.
    pub title: Label,
    /// Who asks for it.
    pub reader: ReaderView,
    /// The level (1 or 2) that the owner's identity account has to have for the reader.
    pub account_level: Option<u8>,
    /// Every element asked for, in the reader's order, whether the wallet has it or not.
    pub asked: Vec<AskedElement>,
    /// The documents that could answer, the one to be proposed first: the fullest answer, then the newest.
    pub candidates: Vec<Candidate>,
    /// Documents of that type that cannot answer, with the reason.
    pub unsuitable: Vec<Unsuitable>,
    /// The largest answer the reader takes, in bytes (2nd edition).
    pub maximum_response_size: Option<u64>,
}

impl RequestedDocument {
    /// Why nothing in the wallet answers, as a sentence; `None` when something does.
    #[must_use]
    pub fn why_none(&self, lang: Lang) -> Option<String> {
        if !self.candidates.is_empty() {
            return None;
        }
        let title = self.title.text(lang);
        Some(match (self.unsuitable.first(), lang) {
            (None, Lang::Vi) => format!("Ví không có giấy tờ loại “{title}”."),
            (None, Lang::En) => format!("There is no “{title}” in the wallet."),
            (Some(first), lang) => format!("{title}: {}", first.reason.text(lang)),
        })
    }
}

/// An element that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AskedElement {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called; the identifier where it is not known.
    pub label: Label,
    /// How sensitive it is; unknown elements count as very sensitive.
    pub sensitivity: Sensitivity,
    /// Whether the reader means to keep the value (A-H45).
    pub intent_to_retain: bool,
}

/// A document that could answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Candidate {
    /// Which document.
    pub document: DocumentId,
    /// A few words that tell it from others of its type.
    pub summary: Shown,
    /// Who signed it.
    pub issuer: String,
    /// Until when it is valid.
    pub valid_until: Timestamp,
    /// Whose it is.
    pub subject: Subject,
    /// What authorises the owner to show it, if it is a ward's and the wallet has it.
    pub authority: Option<Authority>,
    /// Which copy would be shown.
    pub copy: CopyUse,
    /// Whether and why new copies are to be fetched once this one is shown.
    pub reissue_due: Option<ReissueReason>,
    /// What it can give.
    pub elements: Vec<OfferedElement>,
    /// What is asked for and it does not give, with the reason.
    pub missing: Vec<MissingElement>,
    /// The portrait goes with whatever is given, or nothing goes (a driving licence whose portrait is asked for, A-H49).
    pub portrait_is_due: bool,
    /// What its owner should know about it before showing it.
    pub warnings: Vec<Finding>,
}

/// An element that is asked for and not on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingElement {
    /// What was asked for.
    pub asked: AskedElement,
    /// Why it is not offered. For the owner alone (A-H58).
    pub reason: MissingReason,
}

/// Why an element is not on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingReason {
    /// Documents of the type may have it; this one does not.
    NotInDocument,
    /// No document of the type has it, as far as the wallet knows.
    NotKnown,
    /// It would be more statements of age than may be made in one answer (A-H46).
    TooManyAges,
}

impl MissingReason {
    /// The reason in words, for a person.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::NotInDocument, Lang::Vi) => "giấy tờ này không có",
            (Self::NotInDocument, Lang::En) => "not in this document",
            (Self::NotKnown, Lang::Vi) => "loại giấy tờ này không có mục đó",
            (Self::NotKnown, Lang::En) => "documents of this type do not have it",
            (Self::TooManyAges, Lang::Vi) => "không đưa ra, vì nhiều mốc tuổi cùng lúc để lộ tuổi thật",
            (Self::TooManyAges, Lang::En) => "held back, because several statements of age together give the age away",
        }
    }
}

/// An element that a document can give, with what it says and gives away.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OfferedElement {
    /// What was asked for.
    pub asked: AskedElement,
    /// How it is answered: by itself, by another `age_over_NN`, or by an alternative that the reader named.
    pub kind: MatchKind,
    /// What would leave: one element, or all of an alternative.
    pub gives: Vec<GivenElement>,
    /// Whether the screen may tick it by itself: never a sensitive element, and nothing at all for a reader with a bad proof.
    pub preselected: bool,
}

/// An element that would leave the wallet.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GivenElement {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called.
    pub label: Label,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// The value as a person reads it.
    pub shown: Shown,
    /// What codes in it mean in this document, one after the other: classes of a licence under its law, the parts of a number.
    pub meanings: Vec<Shown>,
    /// What it gives away beside itself, such as the birth year in a personal number.
    pub gives_away: Vec<Label>,
    /// The same with the very values, where they can be told.
    pub gives_away_in_words: Vec<Shown>,
    /// The facts behind both, by their ids in the document types, in the order of `gives_away`.
    pub(crate) reveals: Vec<String>,
    /// The facts that the element states openly.
    pub(crate) states: Vec<String>,
}

impl GivenElement {
    /// What it gives away that nothing of what is shared beside it states openly: a sentence with the value where there is one, the
    /// name of the fact otherwise.
    #[must_use]
    pub fn gives_away_beside<'g>(&self, others: impl IntoIterator<Item = &'g Self>) -> Vec<Shown> {
        let shared: Vec<&String> = others.into_iter().flat_map(|other| &other.states).collect();
        let facts = self.reveals.iter().zip(&self.gives_away);
        let hidden = facts.filter(|(id, _)| !shared.contains(id));
        let sentence = |id: &str| self.gives_away_in_words.get(words::sentence_of(id)?);
        let words = |(id, label): (&String, &Label)| {
            let named = || Shown::new(label.text(Lang::Vi), label.text(Lang::En));
            sentence(id).cloned().unwrap_or_else(named)
        };
        hidden.map(words).collect()
    }
}

/// A document of the type asked for that cannot answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unsuitable {
    /// Which document.
    pub document: DocumentId,
    /// Why not.
    pub reason: UnsuitableReason,
}

/// Why a document cannot answer. For the owner alone: the reader is not told (A-H58).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsuitableReason {
    /// Its validity is over, or not begun.
    State(DocumentState),
    /// Documents of another issuer are asked for.
    Issuer,
    /// Only a zero-knowledge proof, or an encrypted document, is asked for.
    Protocol,
    /// It has none of the elements.
    NoElements,
    /// Its device key cannot authenticate in this session (A-H55, A-H56).
    DeviceKey,
    /// It is damaged.
    Damaged,
    /// Every copy was shown, and none may be shown twice.
    NoCopies,
    /// It is a ward's, and what authorises the owner to show it is over, or not in the wallet though the policy needs it.
    Authority,
    /// The reader needs an identity account of a higher level than the document states (its level, if it states one).
    AccountLevel {
        /// What the reader needs.
        needed: u8,
        /// What the document states.
        has: Option<u8>,
    },
    /// It is not correct or not live, or a newer one of it is used instead.
    Quality(FindingCode),
}

impl UnsuitableReason {
    /// The reason as a sentence.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::State(DocumentState::NotYetValid), Lang::Vi) => "Giấy tờ chưa đến ngày có giá trị.",
            (Self::State(DocumentState::NotYetValid), Lang::En) => "The document is not valid yet.",
            (Self::State(DocumentState::Suspended), lang) => FindingCode::Suspended.text(lang),
            (Self::State(DocumentState::Revoked), lang) => FindingCode::Revoked.text(lang),
            (Self::Quality(code), lang) => code.text(lang),
            (Self::State(_), Lang::Vi) => "Giấy tờ đã hết hạn.",
            (Self::State(_), Lang::En) => "The document has expired.",
            (Self::Issuer, Lang::Vi) => "Bên yêu cầu chỉ nhận giấy tờ của cơ quan cấp khác.",
            (Self::Issuer, Lang::En) => "Documents of another issuer are asked for.",
            (Self::Protocol, Lang::Vi) => "Bên yêu cầu cần một cách trình giấy tờ mà ví chưa hỗ trợ.",
            (Self::Protocol, Lang::En) => "The document is asked for in a way that this wallet does not support yet.",
            (Self::NoElements, Lang::Vi) => "Giấy tờ không có thông tin nào được yêu cầu.",
            (Self::NoElements, Lang::En) => "The document has none of what is asked for.",
            (Self::DeviceKey, Lang::Vi) => "Khóa của giấy tờ không dùng được với thiết bị đọc này.",
            (Self::DeviceKey, Lang::En) => "The document's key cannot be used with this reader.",
            (Self::NoCopies, Lang::Vi) => "Đã dùng hết các bản của giấy tờ. Hãy xin thêm bản mới.",
            (Self::NoCopies, Lang::En) => "No unused copies of the document are left. Ask for new ones.",
            (Self::Authority, Lang::Vi) => {
                "Đây là giấy tờ của người khác, và ví không có giấy xác nhận giám hộ, đại diện còn hiệu lực."
            }
            (Self::Authority, Lang::En) => {
                "It is somebody else's document, and the wallet has no credential of guardianship or representation that holds."
            }
            (Self::AccountLevel { has: Some(_), .. }, Lang::Vi) => {
                "Bên yêu cầu cần tài khoản định danh mức độ 2; tài khoản của bạn ở mức độ 1. Hãy đến cơ quan công an để nâng mức."
            }
            (Self::AccountLevel { has: Some(_), .. }, Lang::En) => {
                "They need an identity account of level 2; yours is of level 1. Go to the police station to raise it."
            }
            (Self::AccountLevel { has: None, .. }, Lang::Vi) => {
                "Bên yêu cầu cần tài khoản định danh mức độ 2; giấy tờ không ghi mức tài khoản. Hãy xin cấp bản mới."
            }
            (Self::AccountLevel { has: None, .. }, Lang::En) => {
                "They need an identity account of level 2, and the document does not state its level. Ask for a new one."
            }
            (Self::Damaged, Lang::Vi) => "Giấy tờ bị hỏng trong kho. Hãy xin cấp lại.",
            (Self::Damaged, Lang::En) => "The document is damaged in the vault. Ask for it to be issued again.",
        }
    }
}

/// Requests that belong together (2nd edition §10.2.8): exactly one of the sets is to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UseCaseView {
    /// Whether the reader has no use for an answer without it.
    pub mandatory: bool,
    /// Sets of indexes into [`Review::requests`], the reader's favourite first.
    pub sets: Vec<Vec<usize>>,
    /// The first set of which the wallet has all documents: an index into `sets`.
    pub proposed: Option<usize>,
}
