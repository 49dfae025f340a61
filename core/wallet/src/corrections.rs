//! Requests to issuers to correct what a document says: drafted, signed, sent, answered.
//!
//! The document itself is never changed: a correction comes as a new one from its issuer.

use crate::history::{Event, NewEntry};
use crate::identity::verify_signed;
use crate::record::{COPY, CORRECTION, UnknownForm, read};
use crate::{DocumentId, StateFault, Wallet, WalletError};
use core::fmt;
use core::str::FromStr;
use idwallet_cose::cbor::{Decoder, Encoder};
use idwallet_crypto::Order as _;
use idwallet_crypto::{PublicKey, Timestamp, sha256};
use idwallet_documents::Lang;
use idwallet_mdoc::IssuerSigned;
use idwallet_storage::{Damage, Error, Record, RecordId, Transaction};

/// `typ` of the file.
const TYPE: &str = "application/vnd.idwallet.correction+cbor";
const FORMAT: u64 = 1;
/// Most fields of a request.
const MAX_FIELDS: usize = 64;
/// Longest name of a field, longest claimed value, in bytes.
const MAX_FIELD: usize = 1024;
/// Longest reason, in bytes.
const MAX_REASON: usize = 4096;

/// The name of a request in its wallet: 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrectionId(RecordId);

impl fmt::Display for CorrectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl CorrectionId {
    pub(crate) const fn record(self) -> RecordId {
        self.0
    }
}

impl FromStr for CorrectionId {
    type Err = crate::NotADocumentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<DocumentId>().map(|id| Self(id.record()))
    }
}

/// A field in dispute.
#[derive(Clone, PartialEq, Eq)]
pub struct DisputedField {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it should say, if the owner chose to tell.
    pub claimed: Option<String>,
}

impl fmt::Debug for DisputedField {
    /// The name without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DisputedField({} / {})", self.name_space, self.element)
    }
}

/// What an issuer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorrectionAnswer {
    /// It will correct the document.
    Accepted,
    /// It will not.
    Refused,
    /// It has issued a corrected one.
    Changed,
}

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorrectionState {
    /// Written, and not sent yet.
    Drafted,
    /// Sent.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// Answered.
    Answered {
        /// When it was sent.
        sent_at: Timestamp,
        /// When the answer came.
        at: Timestamp,
        /// How.
        answer: CorrectionAnswer,
    },
}

/// See [`Correction::place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CorrectionPlace {
    New,
    Over,
}

impl CorrectionState {
    /// How far it has come.
    const fn steps(self) -> u8 {
        match self {
            Self::Drafted => 0,
            Self::Sent { .. } => 1,
            Self::Answered { answer, .. } => match answer {
                CorrectionAnswer::Accepted => 2,
                CorrectionAnswer::Refused | CorrectionAnswer::Changed => 3,
            },
        }
    }

    /// The word for it in reports: `drafted`, `sent`, `accepted`, `refused`, `changed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Sent { .. } => "sent",
            Self::Answered { answer, .. } => match answer {
                CorrectionAnswer::Accepted => "accepted",
                CorrectionAnswer::Refused => "refused",
                CorrectionAnswer::Changed => "changed",
            },
        }
    }

    /// The word for a person.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Drafted, Lang::Vi) => "đã soạn, chưa gửi",
            (Self::Drafted, Lang::En) => "drafted, not sent yet",
            (Self::Sent { .. }, Lang::Vi) => "đã gửi, đang chờ trả lời",
            (Self::Sent { .. }, Lang::En) => "sent, waiting for an answer",
            (Self::Answered { answer, .. }, lang) => match (answer, lang) {
                (CorrectionAnswer::Accepted, Lang::Vi) => "cơ quan cấp đồng ý sửa",
                (CorrectionAnswer::Accepted, Lang::En) => "the issuer agreed to correct it",
                (CorrectionAnswer::Refused, Lang::Vi) => "cơ quan cấp không sửa",
                (CorrectionAnswer::Refused, Lang::En) => "the issuer refused",
                (CorrectionAnswer::Changed, Lang::Vi) => "cơ quan cấp đã cấp bản đã sửa",
                (CorrectionAnswer::Changed, Lang::En) => "the issuer issued a corrected one",
            },
        }
    }
}

/// A request for correction.
#[derive(Clone)]
#[non_exhaustive]
pub struct Correction {
    /// Its name.
    pub id: CorrectionId,
    /// The document it is about; it may be gone since.
    pub document: DocumentId,
    /// The docType.
    pub doc_type: String,
    /// Who issued the document.
    pub issuer: String,
    /// When it was drafted.
    pub drafted_at: Timestamp,
    /// Where it is.
    pub state: CorrectionState,
    /// The signed file for the issuer (COSE_Sign1).
    pub file: Vec<u8>,
}

impl fmt::Debug for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Correction({}, {})", self.id, self.state.as_str())
    }
}

/// What is in the signed file.
#[derive(Clone)]
#[non_exhaustive]
pub struct CorrectionFile {
    /// The wallet's key that signed it: two requests of one wallet have the same.
    pub key: PublicKey,
    /// The docType of the document.
    pub doc_type: String,
    /// Its issuer, by the certificate.
    pub issuer: String,
    /// SHA-256 of the document's `issuerAuth`, by which its issuer finds it again.
    pub issuer_auth: [u8; 32],
    /// What is in dispute.
    pub fields: Vec<DisputedField>,
    /// Why, in the owner's words.
    pub reason: String,
    /// When it was drafted.
    pub drafted_at: Timestamp,
}

impl fmt::Debug for CorrectionFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorrectionFile")
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// Reads and verifies a request for correction: its content, or `None` when it was altered since the wallet signed it or is no such
/// file. Whose wallet it is, the signature does not say.
#[must_use]
pub fn verify_correction(file: &[u8]) -> Option<CorrectionFile> {
    let (key, payload) = verify_signed(file, TYPE)?;
    let (mut format, mut doc_type, mut issuer, mut digest) = (0, None, None, None);
    let (mut fields, mut reason, mut drafted_at) = (Vec::new(), None, None);
    read(&payload, |d, name| {
        match name {
            0 => format = d.u64()?,
            1 => doc_type = Some(d.text()?.to_owned()),
            2 => issuer = Some(d.text()?.to_owned()),
            3 => digest = Some(*d.byte_array()?),
            4 => {
                let mut array = d.array()?;
                while array.next(d)? {
                    fields.push(read_field(d)?);
                }
            }
            5 => reason = Some(d.text()?.to_owned()),
            6 => drafted_at = Some(Timestamp::from_unix(d.i64()?)),
            _ => d.skip()?,
        }
        Ok(())
    })
    .ok()?;
    (format == FORMAT && !fields.is_empty()).then_some(())?;
    Some(CorrectionFile {
        key,
        doc_type: doc_type?,
        issuer: issuer?,
        issuer_auth: digest?,
        fields,
        reason: reason?,
        drafted_at: drafted_at?,
    })
}

fn read_field(d: &mut Decoder<'_>) -> idwallet_cose::cbor::Result<DisputedField> {
    let mut parts = Vec::new();
    let mut array = d.array()?;
    while array.next(d)? {
        parts.push(d.text()?.to_owned());
    }
    let mut parts = parts.into_iter();
    Ok(DisputedField {
        name_space: parts.next().unwrap_or_default(),
        element: parts.next().unwrap_or_default(),
        claimed: parts.next(),
    })
}

impl Correction {
    /// How one that comes with a backup is kept beside what `held` finds: as a new one, over an earlier state of itself, or not, because
    /// the wallet has it, as far on or farther. Its id changes where another request has it.
    pub(crate) fn place(
        &mut self,
        held: impl Fn(RecordId) -> Result<Record, Error>,
    ) -> Result<Option<CorrectionPlace>, Error> {
        for id in [self.id.0, crate::history::past_id(&self.file)] {
            self.id = CorrectionId(id);
            match held(id) {
                Err(Error::NotFound) => return Ok(Some(CorrectionPlace::New)),
                Err(Error::Damaged { .. }) => {}
                Err(error) => return Err(error),
                Ok(record) => match Self::decode(id, record.data().expose()) {
                    Ok(same) if same.file == self.file => {
                        let is_farther = self.state.steps() > same.state.steps();
                        return Ok(is_farther.then_some(CorrectionPlace::Over));
                    }
                    _ => {}
                },
            }
        }
        Ok(None)
    }

    pub(crate) fn put(&self, tx: &mut Transaction<'_>, place: CorrectionPlace) -> Result<(), Error> {
        match place {
            CorrectionPlace::New => tx.insert(CORRECTION, self.id.0, &self.encode(), &[]),
            CorrectionPlace::Over => tx.replace(CORRECTION, self.id.0, &self.encode(), &[]),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        let (sent, answered) = match self.state {
            CorrectionState::Drafted => (None, None),
            CorrectionState::Sent { at } => (Some(at), None),
            CorrectionState::Answered { sent_at, at, answer } => (Some(sent_at), Some((at, answer))),
        };
        let optional = usize::from(sent.is_some()).saturating_add(usize::from(answered.is_some()));
        e.map(optional.saturating_add(6));
        e.int(0).uint(FORMAT);
        e.int(1).bytes(self.document.as_bytes());
        e.int(2).text(&self.doc_type);
        e.int(3).text(&self.issuer);
        e.int(4).int(self.drafted_at.unix());
        e.int(5).bytes(&self.file);
        if let Some(at) = sent {
            e.int(6).int(at.unix());
        }
        if let Some((at, answer)) = answered {
            e.int(7).array(2).int(at.unix()).uint(match answer {
                CorrectionAnswer::Accepted => 1,
                CorrectionAnswer::Refused => 2,
                CorrectionAnswer::Changed => 3,
            });
        }
        e.into_vec()
    }

    pub(crate) fn decode(id: RecordId, bytes: &[u8]) -> Result<Self, UnknownForm> {
        let (mut format, mut document, mut doc_type, mut issuer) = (0, None, None, None);
        let (mut drafted_at, mut file, mut sent_at, mut answered) = (None, None, None, None);
        read(bytes, |d, name| {
            match name {
                0 => format = d.u64()?,
                1 => document = Some(DocumentId::from_bytes(*d.byte_array()?)),
                2 => doc_type = Some(d.text()?.to_owned()),
                3 => issuer = Some(d.text()?.to_owned()),
                4 => drafted_at = Some(Timestamp::from_unix(d.i64()?)),
                5 => file = Some(d.bytes()?.to_vec()),
                6 => sent_at = Some(Timestamp::from_unix(d.i64()?)),
                7 => {
                    d.array_of(2)?;
                    let at = Timestamp::from_unix(d.i64()?);
                    let answer = match d.u64()? {
                        1 => Some(CorrectionAnswer::Accepted),
                        2 => Some(CorrectionAnswer::Refused),
                        3 => Some(CorrectionAnswer::Changed),
                        _ => None,
                    };
                    answered = Some((at, answer));
                }
                _ => d.skip()?,
            }
            Ok(())
        })?;
        let state = match (sent_at, answered) {
            (None, None) => Some(CorrectionState::Drafted),
            (Some(at), None) => Some(CorrectionState::Sent { at }),
            (Some(sent_at), Some((at, Some(answer)))) => Some(CorrectionState::Answered { sent_at, at, answer }),
            _ => None,
        };
        match (format, document, doc_type, issuer, drafted_at, state, file) {
            (FORMAT, Some(document), Some(doc_type), Some(issuer), Some(drafted_at), Some(state), Some(file)) => {
                Ok(Self {
                    id: CorrectionId(id),
                    document,
                    doc_type,
                    issuer,
                    drafted_at,
                    state,
                    file,
                })
            }
            _ => Err(UnknownForm),
        }
    }
}

impl Wallet {
    /// Drafts a request to the issuer of a document to correct fields of it, and signs it with the wallet's own key. What the fields
    /// say now is not in it, and what they should say is only where [`DisputedField::claimed`] has it.
    ///
    /// # Errors
    /// [`StateFault::NotFound`]; [`StateFault::CorrectionSize`]; those of the secure area; [`WalletError::Storage`].
    pub async fn draft_correction(
        &self,
        document: DocumentId,
        fields: &[DisputedField],
        reason: &str,
        now: Timestamp,
    ) -> Result<Correction, WalletError> {
        let is_long = |field: &DisputedField| {
            let texts = [Some(&field.name_space), Some(&field.element), field.claimed.as_ref()];
            texts.into_iter().flatten().any(|text| text.len() > MAX_FIELD)
        };
        if fields.is_empty() || fields.len() > MAX_FIELDS || fields.iter().any(is_long) || reason.len() > MAX_REASON {
            return Err(StateFault::CorrectionSize.into());
        }
        let (record, digest) = {
            let _turn = self.turn();
            let record = self.document(document)?;
            let digest = self.issuer_auth_digest(document, &record.copies)?;
            (record, digest)
        };
        let mut e = Encoder::new();
        e.map(7).int(0).uint(FORMAT);
        e.int(1)
            .text(&record.doc_type)
            .int(2)
            .text(&record.issuer)
            .int(3)
            .bytes(&digest);
        e.int(4).array(fields.len());
        for field in fields {
            e.array(if field.claimed.is_some() { 3 } else { 2 });
            e.text(&field.name_space).text(&field.element);
            if let Some(claimed) = &field.claimed {
                e.text(claimed);
            }
        }
        e.int(5).text(reason).int(6).int(now.unix());
        let file = self.sign_as_wallet(TYPE, e.as_slice()).await?;
        let correction = Correction {
            id: CorrectionId(RecordId::generate(&*self.random)?),
            document,
            doc_type: record.doc_type,
            issuer: record.issuer,
            drafted_at: now,
            state: CorrectionState::Drafted,
            file,
        };
        self.keep_draft(&correction)?;
        Ok(correction)
    }

    fn keep_draft(&self, correction: &Correction) -> Result<(), WalletError> {
        let turn = self.turn();
        // It may have been removed while the key store was asked.
        self.document(correction.document)?;
        let entry = NewEntry::done(Event::CorrectionDrafted, correction.drafted_at)
            .document(Some(correction.document), &correction.doc_type);
        let mut ledger = self.ledger()?;
        self.vault.transaction(&turn, |tx| -> Result<(), Error> {
            tx.insert(CORRECTION, correction.id.0, &correction.encode(), &[])?;
            ledger.log(tx, &entry).map(drop)
        })?;
        Ok(())
    }

    fn issuer_auth_digest(
        &self,
        document: DocumentId,
        copies: &[crate::record::CopyRecord],
    ) -> Result<[u8; 32], WalletError> {
        for copy in copies {
            let Ok(bytes) = self.vault.read(COPY, copy.id) else {
                continue;
            };
            if let Ok(parsed) = IssuerSigned::parse(bytes.data().expose()) {
                return Ok(sha256(parsed.issuer_auth().bytes()));
            }
        }
        Err(crate::wallet::damaged(document))
    }

    /// Every request for correction, the oldest first. Damaged ones are left out; the vault keeps them.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn corrections(&self) -> Result<Vec<Correction>, WalletError> {
        let entries = self.vault.list(CORRECTION)?.into_iter();
        let mut out: Vec<Correction> = entries
            .filter_map(|entry| Correction::decode(entry.id, entry.record.ok()?.data().expose()).ok())
            .collect();
        out.order_by_key(|correction| (correction.drafted_at, correction.id));
        Ok(out)
    }

    /// Notes that a request was sent: by whatever way, the wallet sends nothing.
    ///
    /// # Errors
    /// [`StateFault::NotFound`]; [`StateFault::CorrectionState`] when it was sent before; [`WalletError::Storage`].
    pub fn mark_sent(&self, id: CorrectionId, now: Timestamp) -> Result<Correction, WalletError> {
        self.advance(id, Event::CorrectionSent, now, |state| {
            matches!(state, CorrectionState::Drafted).then_some(CorrectionState::Sent { at: now })
        })
    }

    /// Notes the issuer's answer. One that accepted may be noted again once it has issued the corrected document.
    ///
    /// # Errors
    /// [`StateFault::NotFound`]; [`StateFault::CorrectionState`] when it was not sent, or answered for good;
    /// [`WalletError::Storage`].
    pub fn mark_answered(
        &self,
        id: CorrectionId,
        answer: CorrectionAnswer,
        now: Timestamp,
    ) -> Result<Correction, WalletError> {
        self.advance(id, Event::CorrectionAnswered, now, |state| {
            let sent_at = match state {
                CorrectionState::Sent { at } => at,
                CorrectionState::Answered {
                    sent_at,
                    answer: CorrectionAnswer::Accepted,
                    ..
                } if answer == CorrectionAnswer::Changed => sent_at,
                _ => return None,
            };
            Some(CorrectionState::Answered {
                sent_at,
                at: now,
                answer,
            })
        })
    }

    fn advance(
        &self,
        id: CorrectionId,
        event: Event,
        now: Timestamp,
        next: impl FnOnce(CorrectionState) -> Option<CorrectionState>,
    ) -> Result<Correction, WalletError> {
        let turn = self.turn();
        let record = self.vault.read(CORRECTION, id.0)?;
        let damaged = |_| Error::Damaged {
            kind: CORRECTION,
            id: id.0,
            damage: Damage::Seal,
        };
        let mut correction = Correction::decode(id.0, record.data().expose()).map_err(damaged)?;
        correction.state = next(correction.state).ok_or(StateFault::CorrectionState)?;
        let entry = NewEntry::done(event, now).document(Some(correction.document), &correction.doc_type);
        let mut ledger = self.ledger()?;
        self.vault.transaction(&turn, |tx| -> Result<(), Error> {
            tx.replace(CORRECTION, id.0, &correction.encode(), &[])?;
            ledger.log(tx, &entry).map(drop)
        })?;
        Ok(correction)
    }
}
