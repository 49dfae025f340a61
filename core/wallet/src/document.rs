//! What a wallet says about the documents in it.

use crate::{CopyMethod, DocumentId, ReissueReason, Shown, Subject};
use core::fmt;
use idwallet_cose::cbor::{Item, Limits};
use idwallet_crypto::{Curve, SecretBytes, Timestamp};
use idwallet_documents::{Label, Lang, Sensitivity};
use idwallet_storage::Damage;

/// Whether a document can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentState {
    /// It can.
    Active,
    /// Its validity begins later.
    NotYetValid,
    /// Its validity is over.
    Expired,
    /// Its issuer has taken it back for a time: a lock. It can come back.
    Suspended,
    /// Its issuer has taken it back for good.
    Revoked,
}

impl DocumentState {
    /// The word for it in reports: `active`, `not_yet_valid`, `expired`, `suspended`, `revoked`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// The word for a person.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Active, Lang::Vi) => "còn giá trị",
            (Self::Active, Lang::En) => "valid",
            (Self::NotYetValid, Lang::Vi) => "chưa có giá trị",
            (Self::NotYetValid, Lang::En) => "not valid yet",
            (Self::Expired, Lang::Vi) => "đã hết hạn",
            (Self::Expired, Lang::En) => "expired",
            (Self::Suspended, Lang::Vi) => "đang bị tạm khóa",
            (Self::Suspended, Lang::En) => "suspended",
            (Self::Revoked, Lang::Vi) => "đã bị thu hồi",
            (Self::Revoked, Lang::En) => "revoked",
        }
    }

    pub(crate) fn at(now: Timestamp, valid_from: Timestamp, valid_until: Timestamp) -> Self {
        if now < valid_from {
            Self::NotYetValid
        } else if now > valid_until {
            Self::Expired
        } else {
            Self::Active
        }
    }
}

/// The copies of a document: the same content, each with its own device key and signature, so that two readers cannot tell that
/// they met the same person (A-H59).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copies {
    /// How many there are.
    pub total: usize,
    /// How many of them are valid now and were never shown.
    pub unused: usize,
    /// How many showings are left that cannot be linked with earlier ones, or in this round (C). `None` for what is shown again and
    /// again, as a document of one copy is.
    pub left: Option<usize>,
    /// How they are used.
    pub method: CopyMethod,
}

/// One line of a list. No personal data but what the document type lets a list show (`normal` sensitivity).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DocumentSummary {
    /// Its id.
    pub id: DocumentId,
    /// The ISO docType.
    pub doc_type: String,
    /// The credential format: `mso_mdoc`.
    pub format: &'static str,
    /// What the document is called; the docType where it is not known.
    pub title: Label,
    /// A few words that tell two documents of one type apart; may be empty.
    pub summary: Shown,
    /// Who signed it: the name in the certificate that was verified at import.
    pub issuer: String,
    /// The country in that certificate.
    pub issuing_country: Option<String>,
    /// From when on it may be used: the earliest of its copies.
    pub valid_from: Timestamp,
    /// Until when: the latest of its copies.
    pub valid_until: Timestamp,
    /// Whether it can be used at the time that was asked about.
    pub state: DocumentState,
    /// Its copies.
    pub copies: Copies,
    /// Whether and why it is to be fetched anew.
    pub reissue_due: Option<ReissueReason>,
    /// Whose it is.
    pub subject: Subject,
    /// When it was put into the wallet.
    pub imported_at: Timestamp,
}

/// A document that cannot be read. It is set aside and left as it is; [`Wallet::remove`](crate::Wallet::remove) takes it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedDocument {
    /// Its id.
    pub id: DocumentId,
    /// What is wrong.
    pub damage: DocumentDamage,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentDamage {
    /// The vault does not vouch for its record.
    #[error(transparent)]
    Record(Damage),
    /// Its record is not in a form that this software knows.
    #[error("its record is not in a form that is known")]
    Form,
}

/// What is in the wallet.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The documents in the order of their import.
    pub documents: Vec<DocumentSummary>,
    /// Those that cannot be read.
    pub damaged: Vec<DamagedDocument>,
}

/// How a removal went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Device keys that the secure area did not destroy yet. They serve nothing.
    pub keys_left: usize,
}

/// A document with its claims.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DocumentView {
    /// What the list says of it.
    pub summary: DocumentSummary,
    /// The claims in the order of the document type.
    pub claims: Vec<Claim>,
    /// The curve of the device key of its first copy.
    pub device_key_curve: Curve,
}

impl DocumentView {
    /// The claim of that name.
    #[must_use]
    pub fn claim(&self, name_space: &str, element: &str) -> Option<&Claim> {
        self.claims
            .iter()
            .find(|claim| claim.name_space == name_space && claim.element == element)
    }
}

/// One data element of a document.
#[derive(Clone)]
#[non_exhaustive]
pub struct Claim {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called; the identifier where it is not known.
    pub label: Label,
    /// How sensitive it is; unknown elements count as very sensitive.
    pub sensitivity: Sensitivity,
    /// What the value gives away beside itself.
    pub gives_away: Vec<Label>,
    /// The value as a person reads it; pictures by their size.
    pub shown: Shown,
    /// What codes in it mean in this document, one after the other: classes of a licence under its law, the parts of a number.
    pub meanings: Vec<Shown>,
    pub(crate) is_image: bool,
    pub(crate) value: std::sync::Arc<SecretBytes>,
}

impl Claim {
    /// The value as its issuer encoded it: one CBOR item.
    #[must_use]
    pub fn cbor(&self) -> &[u8] {
        self.value.expose()
    }

    /// The picture, if it is one.
    #[must_use]
    pub fn image(&self) -> Option<&[u8]> {
        let item = Item::parse(self.value.expose(), Limits::default())
            .ok()
            .filter(|_| self.is_image)?;
        item.decode(|d| d.bytes()).ok()
    }

    /// Whether it is a picture.
    #[must_use]
    pub const fn is_image(&self) -> bool {
        self.is_image
    }
}

impl fmt::Debug for Claim {
    /// The name without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({} / {})", self.name_space, self.element)
    }
}
