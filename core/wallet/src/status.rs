//! Whether issuers have taken held documents back (H-H55): status lists that the app fetched, checked and remembered.
//!
//! Nothing is fetched here: the app does, and hands over the bytes.

use crate::{DocumentId, DocumentState};
use idwallet_crypto::Timestamp;
use idwallet_documents::Lang;

/// What the wallet asks of the knowledge about a document's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusPolicy {
    /// The oldest list that still counts as fresh, in seconds since it was issued.
    pub max_age: u64,
    /// Whether a document that has a status is shown only while a fresh list says that it is valid. Without this it is shown with a
    /// warning, so that the wallet works where there is no network.
    pub required: bool,
}

impl Default for StatusPolicy {
    /// A week, with warnings.
    fn default() -> Self {
        Self {
            max_age: 7 * 24 * 60 * 60,
            required: false,
        }
    }
}

/// What a list says about a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It holds.
    Valid,
    /// It does not hold for now.
    Suspended,
    /// It was taken back for good: no later list changes that (VCR_04).
    Revoked,
}

impl Standing {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Valid),
            1 => Some(Self::Revoked),
            2 => Some(Self::Suspended),
            _ => None,
        }
    }
}

/// The kinds of list there are for an mdoc (ISO 18013-5 2nd edition §12.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListKind {
    /// A status list: bits by index.
    StatusList,
    /// An identifier list: the identifiers of what was revoked.
    IdentifierList,
}

impl ListKind {
    /// The media type to ask for (G-V02).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::StatusList => idwallet_status_list::STATUS_LIST_TYPE,
            Self::IdentifierList => idwallet_status_list::IDENTIFIER_LIST_TYPE,
        }
    }

    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::StatusList => 1,
            Self::IdentifierList => 2,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::StatusList),
            2 => Some(Self::IdentifierList),
            _ => None,
        }
    }
}

/// What is remembered of the last list about a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CopyStatus {
    pub(crate) standing: Standing,
    /// `iat` of the list.
    pub(crate) issued_at: Timestamp,
    pub(crate) checked_at: Timestamp,
}

/// A list that the app should fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusSource {
    /// Where it is published: HTTP GET.
    pub uri: String,
    /// Which kind of list.
    pub kind: ListKind,
    /// When what is known of it grows old; `None` when nothing is known yet: now.
    pub due: Option<Timestamp>,
    /// How many documents ask for it.
    pub documents: usize,
}

/// What became of a list.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StatusReport {
    /// Documents whose state is another one now.
    pub changed: Vec<StatusChange>,
    /// Documents about which the list says something, changed or not.
    pub checked: usize,
    /// Documents for which the list was older than what is known: nothing was changed.
    pub outdated: usize,
}

/// A document whose state is another one now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusChange {
    /// The document.
    pub document: DocumentId,
    /// What it was.
    pub before: DocumentState,
    /// What it is.
    pub after: DocumentState,
}

impl StatusChange {
    /// What to tell the owner.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self.after, lang) {
            (DocumentState::Revoked, Lang::Vi) => {
                "Cơ quan cấp đã thu hồi giấy tờ này. Nó không dùng được nữa; hãy hỏi cơ quan cấp và xin bản mới."
            }
            (DocumentState::Revoked, Lang::En) => {
                "The issuer has revoked this document. It can no longer be used; ask its issuer why, and for a new one."
            }
            (DocumentState::Suspended, Lang::Vi) => {
                "Cơ quan cấp đã tạm khóa giấy tờ này. Bạn chưa dùng được cho đến khi được mở lại; hãy liên hệ cơ quan cấp."
            }
            (DocumentState::Suspended, Lang::En) => {
                "The issuer has suspended this document. It cannot be used until that is lifted; contact its issuer."
            }
            (_, Lang::Vi) => "Giấy tờ này đã được mở lại và dùng được.",
            (_, Lang::En) => "This document holds again and can be used.",
        }
    }
}
