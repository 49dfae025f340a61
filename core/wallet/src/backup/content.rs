//! What an export is made of: CBOR entries, each an array that begins with its kind.

use super::{BackupFault, ReissueItem};
use crate::Correction;
use crate::record::DocumentRecord;
use idwallet_cose::cbor::{Decoder, Encoder, Limits, Result};
use idwallet_crypto::area::KeyPurpose;
use idwallet_crypto::{PrivateKey, Secret, SecretBytes, Timestamp};
use idwallet_mdoc::holder::DeviceAuthUsage;
use idwallet_storage::RecordId;

/// 1 had no heads of histories and no corrections.
const FORMAT: u64 = 2;
const CONTENTS: u64 = 0;
const DOCUMENT: u64 = 1;
const COPY: u64 = 2;
const REISSUE: u64 = 3;
const HISTORY: u64 = 4;
const HISTORY_HEAD: u64 = 5;
const CORRECTION: u64 = 6;

/// Room beside the byte strings of an entry.
const HEADS: usize = 64;

/// The first entry: what follows, so that something left out is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) created_at: Timestamp,
    pub(crate) counts: Counts,
}

/// How many entries there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) documents: u64,
    pub(crate) copies: u64,
    pub(crate) reissue: u64,
    pub(crate) history: u64,
    pub(crate) heads: u64,
    pub(crate) corrections: u64,
}

impl Counts {
    /// In the order of the file; the last two came with format 2.
    const fn all(&mut self) -> [&mut u64; 6] {
        [
            &mut self.documents,
            &mut self.copies,
            &mut self.reissue,
            &mut self.history,
            &mut self.heads,
            &mut self.corrections,
        ]
    }

    /// `None` for more than a number holds.
    pub(crate) fn sum(mut self) -> Option<u64> {
        self.all()
            .into_iter()
            .try_fold(0_u64, |sum, count| sum.checked_add(*count))
    }
}

/// A document's own record; its copies follow.
pub(crate) struct DocumentEntry {
    pub(crate) id: [u8; 16],
    pub(crate) record: DocumentRecord,
}

/// One copy with its device key.
pub(crate) struct CopyEntry {
    pub(crate) issuer_signed: SecretBytes,
    pub(crate) key: PrivateKey,
    pub(crate) purpose: KeyPurpose,
    pub(crate) usage: Option<DeviceAuthUsage>,
}

pub(crate) enum Entry {
    Contents(Contents),
    Document(Box<DocumentEntry>),
    Copy(Box<CopyEntry>),
    Reissue(ReissueItem),
    /// A record of a history as it was written.
    History(SecretBytes),
    /// What a history says of its end, as it was written.
    HistoryHead(SecretBytes),
    Correction(Box<Correction>),
}

impl Contents {
    pub(crate) fn encode(mut self) -> Vec<u8> {
        let counts = self.counts.all();
        let mut e = Encoder::new();
        e.array(counts.len().saturating_add(3));
        e.uint(CONTENTS).uint(FORMAT).int(self.created_at.unix());
        for count in counts {
            e.uint(*count);
        }
        e.into_vec()
    }
}

impl DocumentEntry {
    pub(crate) fn encode(&self) -> SecretBytes {
        let record = Secret::new(self.record.encode());
        let mut e = Encoder::with_capacity(record.expose().len().saturating_add(HEADS));
        e.array(3).uint(DOCUMENT).bytes(&self.id).bytes(record.expose());
        Secret::new(e.into_vec())
    }
}

impl CopyEntry {
    pub(crate) fn encode(&self) -> core::result::Result<SecretBytes, idwallet_crypto::CryptoError> {
        let key = self.key.to_pkcs8_der()?;
        let room = self.issuer_signed.expose().len().saturating_add(key.expose().len());
        let mut e = Encoder::with_capacity(room.saturating_add(HEADS));
        e.array(5)
            .uint(COPY)
            .bytes(self.issuer_signed.expose())
            .bytes(key.expose());
        e.uint(match self.purpose {
            KeyPurpose::Sign => 1,
            KeyPurpose::Agree => 2,
            KeyPurpose::SignOrAgree => 3,
        });
        e.uint(match self.usage {
            None => 0,
            Some(DeviceAuthUsage::Signature) => 1,
            Some(DeviceAuthUsage::Mac) => 2,
        });
        Ok(Secret::new(e.into_vec()))
    }
}

pub(crate) fn encode_reissue(item: &ReissueItem) -> Vec<u8> {
    let mut e = Encoder::new();
    e.array(2).uint(REISSUE).bytes(&item.encode());
    e.into_vec()
}

pub(crate) fn encode_history(record: &[u8]) -> SecretBytes {
    encode_record(HISTORY, record)
}

pub(crate) fn encode_history_head(record: &[u8]) -> SecretBytes {
    encode_record(HISTORY_HEAD, record)
}

fn encode_record(kind: u64, record: &[u8]) -> SecretBytes {
    let mut e = Encoder::with_capacity(record.len().saturating_add(HEADS));
    e.array(2).uint(kind).bytes(record);
    Secret::new(e.into_vec())
}

pub(crate) fn encode_correction(correction: &Correction) -> SecretBytes {
    let record = Secret::new(correction.encode());
    let mut e = Encoder::with_capacity(record.expose().len().saturating_add(HEADS));
    e.array(3).uint(CORRECTION).bytes(correction.id.record().as_bytes());
    e.bytes(record.expose());
    Secret::new(e.into_vec())
}

/// What an entry is before its parts are read.
enum Raw<'a> {
    Contents(Contents),
    Document(&'a [u8; 16], &'a [u8]),
    Copy(&'a [u8], &'a [u8], u64, u64),
    Reissue(&'a [u8]),
    History(&'a [u8]),
    HistoryHead(&'a [u8]),
    Correction(&'a [u8; 16], &'a [u8]),
    /// Of a later version.
    Newer,
}

fn raw<'a>(d: &mut Decoder<'a>) -> Result<Raw<'a>> {
    let mut array = d.array()?;
    let mut kind = None;
    if array.next(d)? {
        kind = Some(d.u64()?);
    }
    let mut next = |d: &mut Decoder<'a>| -> Result<()> {
        let there = array.next(d)?.then_some(());
        d.required(there, "member")
    };
    let out = match kind {
        Some(CONTENTS) => {
            next(d)?;
            let known = match d.u64()? {
                1 => Some(4),
                FORMAT => Some(6),
                _ => None,
            };
            match known {
                None => Raw::Newer,
                Some(known) => {
                    next(d)?;
                    let created_at = Timestamp::from_unix(d.i64()?);
                    let mut counts = Counts::default();
                    for count in counts.all().into_iter().take(known) {
                        next(d)?;
                        *count = d.u64()?;
                    }
                    Raw::Contents(Contents { created_at, counts })
                }
            }
        }
        Some(DOCUMENT) => {
            next(d)?;
            let id = d.byte_array()?;
            next(d)?;
            Raw::Document(id, d.bytes()?)
        }
        Some(COPY) => {
            next(d)?;
            let issuer_signed = d.bytes()?;
            next(d)?;
            let key = d.bytes()?;
            next(d)?;
            let purpose = d.u64()?;
            next(d)?;
            Raw::Copy(issuer_signed, key, purpose, d.u64()?)
        }
        Some(REISSUE) => {
            next(d)?;
            Raw::Reissue(d.bytes()?)
        }
        Some(HISTORY) => {
            next(d)?;
            Raw::History(d.bytes()?)
        }
        Some(HISTORY_HEAD) => {
            next(d)?;
            Raw::HistoryHead(d.bytes()?)
        }
        Some(CORRECTION) => {
            next(d)?;
            let id = d.byte_array()?;
            next(d)?;
            Raw::Correction(id, d.bytes()?)
        }
        _ => Raw::Newer,
    };
    // What a later version added behind is not known here.
    while array.next(d)? {
        d.skip()?;
    }
    Ok(out)
}

/// Reads one entry. What only a later version knows is [`BackupFault::Newer`]: leaving it out would lose it unseen.
pub(crate) fn decode(bytes: &[u8]) -> core::result::Result<Entry, BackupFault> {
    let malformed = || BackupFault::Content("an entry is malformed");
    let limits = Limits {
        max_bytes: idwallet_storage::MAX_ENTRY_LEN,
        ..Limits::DEFAULT
    };
    match Decoder::decode(bytes, limits, raw).map_err(|_| malformed())? {
        Raw::Contents(contents) => Ok(Entry::Contents(contents)),
        Raw::Newer => Err(BackupFault::Newer),
        Raw::Document(id, record) => Ok(Entry::Document(Box::new(DocumentEntry {
            id: *id,
            record: DocumentRecord::decode(record).map_err(|_| malformed())?,
        }))),
        Raw::Copy(issuer_signed, key, purpose, usage) => Ok(Entry::Copy(Box::new(CopyEntry {
            issuer_signed: Secret::new(issuer_signed.to_vec()),
            key: PrivateKey::from_pkcs8_der(key).map_err(|_| malformed())?,
            purpose: match purpose {
                1 => KeyPurpose::Sign,
                2 => KeyPurpose::Agree,
                3 => KeyPurpose::SignOrAgree,
                _ => return Err(malformed()),
            },
            usage: match usage {
                0 => None,
                1 => Some(DeviceAuthUsage::Signature),
                2 => Some(DeviceAuthUsage::Mac),
                _ => return Err(malformed()),
            },
        }))),
        Raw::Reissue(item) => Ok(Entry::Reissue(ReissueItem::decode(item).map_err(|_| malformed())?)),
        Raw::History(record) => Ok(Entry::History(Secret::new(record.to_vec()))),
        Raw::HistoryHead(record) => Ok(Entry::HistoryHead(Secret::new(record.to_vec()))),
        Raw::Correction(id, record) => Ok(Entry::Correction(Box::new(
            Correction::decode(RecordId::from_bytes(*id), record).map_err(|_| malformed())?,
        ))),
    }
}
