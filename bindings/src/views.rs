//! What a wallet says about its documents.

use crate::LocalizedText;
use crate::text::{count, texts};
use idwallet_wallet as core;

/// Whether a document can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DocumentState {
    /// It can.
    Active,
    /// Its validity begins later.
    NotYetValid,
    /// Its validity is over.
    Expired,
    /// Its issuer has taken it back for a time.
    Suspended,
    /// Its issuer has taken it back for good.
    Revoked,
}

impl From<core::DocumentState> for DocumentState {
    fn from(state: core::DocumentState) -> Self {
        use core::DocumentState as S;
        match state {
            S::Active => Self::Active,
            S::NotYetValid => Self::NotYetValid,
            S::Suspended => Self::Suspended,
            S::Revoked => Self::Revoked,
            _ => Self::Expired,
        }
    }
}

/// How sensitive a data element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Sensitivity {
    /// May be selected by the screen itself.
    Normal,
    /// The person has to select it.
    Sensitive,
    /// The person has to select it, and is warned.
    VerySensitive,
}

impl From<core::Sensitivity> for Sensitivity {
    fn from(sensitivity: core::Sensitivity) -> Self {
        use core::Sensitivity as S;
        match sensitivity {
            S::Normal => Self::Normal,
            S::Sensitive => Self::Sensitive,
            S::VerySensitive => Self::VerySensitive,
        }
    }
}

/// One line of a list. No personal data but what the document type lets a list show.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DocumentSummary {
    /// Its id.
    pub id: String,
    /// The ISO docType.
    pub doc_type: String,
    /// What the document is called.
    pub title: LocalizedText,
    /// A few words that tell two documents of one type apart; may be empty.
    pub summary: LocalizedText,
    /// Who signed it: the name in the certificate that was verified at import.
    pub issuer: String,
    /// The country in that certificate.
    pub issuing_country: Option<String>,
    /// From when on it may be used, unix seconds.
    pub valid_from: i64,
    /// Until when, unix seconds.
    pub valid_until: i64,
    /// Whether it can be used now.
    pub state: DocumentState,
    /// The same in words.
    pub state_text: LocalizedText,
    /// How many copies it has.
    pub copies_total: u32,
    /// How many showings are left that cannot be linked with earlier ones; nothing for what is shown again and again.
    pub copies_left: Option<u32>,
    /// Why it is to be fetched anew, if it is.
    pub reissue_due: Option<LocalizedText>,
    /// Whose it is, if not the owner's: "your child's (Na)".
    pub ward: Option<LocalizedText>,
    /// When it was put into the wallet, unix seconds.
    pub imported_at: i64,
}

pub(crate) fn ward(subject: &core::Subject) -> Option<LocalizedText> {
    subject.ward().map(|ward| LocalizedText::of(|lang| ward.text(lang)))
}

pub(crate) fn reissue(reason: Option<core::ReissueReason>) -> Option<LocalizedText> {
    reason.map(|reason| LocalizedText::of(|lang| reason.text(lang)))
}

impl From<&core::DocumentSummary> for DocumentSummary {
    fn from(summary: &core::DocumentSummary) -> Self {
        Self {
            id: summary.id.to_string(),
            doc_type: summary.doc_type.clone(),
            title: (&summary.title).into(),
            summary: (&summary.summary).into(),
            issuer: summary.issuer.clone(),
            issuing_country: summary.issuing_country.clone(),
            valid_from: summary.valid_from.unix(),
            valid_until: summary.valid_until.unix(),
            state: summary.state.into(),
            state_text: LocalizedText::of(|lang| summary.state.text(lang)),
            copies_total: count(summary.copies.total),
            copies_left: summary.copies.left.map(count),
            reissue_due: reissue(summary.reissue_due),
            ward: ward(&summary.subject),
            imported_at: summary.imported_at.unix(),
        }
    }
}

/// A document that cannot be read. It is set aside and left as it is; removing takes it away.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DamagedDocument {
    /// Its id.
    pub id: String,
    /// What to tell the person.
    pub text: LocalizedText,
}

impl From<&core::DamagedDocument> for DamagedDocument {
    fn from(damaged: &core::DamagedDocument) -> Self {
        Self {
            id: damaged.id.to_string(),
            text: LocalizedText::of(|lang| core::Code::RecordDamaged.text(lang)),
        }
    }
}

/// What is in the wallet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DocumentList {
    /// The documents in the order of their import.
    pub documents: Vec<DocumentSummary>,
    /// Those that cannot be read.
    pub damaged: Vec<DamagedDocument>,
}

impl From<&core::Listing> for DocumentList {
    fn from(listing: &core::Listing) -> Self {
        Self {
            documents: listing.documents.iter().map(Into::into).collect(),
            damaged: listing.damaged.iter().map(Into::into).collect(),
        }
    }
}

/// One data element of a document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Claim {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called.
    pub label: LocalizedText,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// What the value gives away beside itself.
    pub gives_away: Vec<LocalizedText>,
    /// The value as a person reads it; pictures by their size.
    pub shown: LocalizedText,
    /// What codes in it mean in this document.
    pub meanings: Vec<LocalizedText>,
    /// The picture, if it is one: JPEG or JPEG 2000. Decode it where it can do no harm.
    pub image: Option<Vec<u8>>,
    /// The value as its issuer encoded it: one CBOR item.
    pub cbor: Vec<u8>,
}

/// A document with its claims.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DocumentView {
    /// What the list says of it.
    pub summary: DocumentSummary,
    /// The claims in the order of the document type.
    pub claims: Vec<Claim>,
}

impl From<&core::DocumentView> for DocumentView {
    fn from(view: &core::DocumentView) -> Self {
        let claims = view.claims.iter().map(|claim| Claim {
            name_space: claim.name_space.clone(),
            element: claim.element.clone(),
            label: (&claim.label).into(),
            sensitivity: claim.sensitivity.into(),
            gives_away: texts(&claim.gives_away),
            shown: (&claim.shown).into(),
            meanings: texts(&claim.meanings),
            image: claim.image().map(<[u8]>::to_vec),
            cbor: claim.cbor().to_vec(),
        });
        Self {
            summary: (&view.summary).into(),
            claims: claims.collect(),
        }
    }
}

/// Something that the owner should know about a document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Finding {
    /// The stable code, such as `Q201`.
    pub code: String,
    /// Whether it keeps the document from being used.
    pub is_refusal: bool,
    /// What to tell the person.
    pub text: LocalizedText,
    /// The document it is about, where it is one in the wallet.
    pub document: Option<String>,
}

impl From<&core::Finding> for Finding {
    fn from(finding: &core::Finding) -> Self {
        Self {
            code: finding.code.as_str().to_owned(),
            is_refusal: finding.is_refusal(),
            text: LocalizedText::of(|lang| finding.text(lang)),
            document: None,
        }
    }
}

impl Finding {
    pub(crate) fn of(report: &core::CheckReport) -> impl Iterator<Item = Self> {
        report.findings.iter().map(|finding| Self {
            document: Some(report.document.id.to_string()),
            ..finding.into()
        })
    }
}

/// A status list to be fetched (HTTP GET) and handed to `update_status`, at a time of its own: never when a document is shown.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StatusSource {
    /// Where it is published.
    pub uri: String,
    /// The media type to ask for.
    pub media_type: String,
    /// When what is known of it grows old, unix seconds; nothing when nothing is known yet.
    pub due: Option<i64>,
    /// How many documents ask for it.
    pub documents: u32,
}

impl From<&core::StatusSource> for StatusSource {
    fn from(source: &core::StatusSource) -> Self {
        Self {
            uri: source.uri.clone(),
            media_type: source.kind.media_type().to_owned(),
            due: source.due.map(core::Timestamp::unix),
            documents: count(source.documents),
        }
    }
}

/// A document whose state is another one now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StatusChange {
    /// The document.
    pub document: String,
    /// What it is now.
    pub state: DocumentState,
    /// What to tell the owner.
    pub text: LocalizedText,
}

impl From<&core::StatusChange> for StatusChange {
    fn from(change: &core::StatusChange) -> Self {
        Self {
            document: change.document.to_string(),
            state: change.after.into(),
            text: LocalizedText::of(|lang| change.text(lang)),
        }
    }
}
