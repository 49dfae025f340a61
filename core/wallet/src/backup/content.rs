//! What an export is made of: CBOR entries, each an array that begins with its kind.

use super::{BackupFault, ReissueItem};
use crate::record::DocumentRecord;
use idwallet_cose::cbor::{Decoder, Encoder, Limits, Result};
use idwallet_crypto::area::KeyPurpose;
use idwallet_crypto::{PrivateKey, Secret, SecretBytes, Timestamp};
use idwallet_mdoc::holder::DeviceAuthUsage;

const FORMAT: u64 = 1;
const CONTENTS: u64 = 0;
const DOCUMENT: u64 = 1;
const COPY: u64 = 2;
const REISSUE: u64 = 3;
const HISTORY: u64 = 4;

/// Room beside the byte strings of an entry.
const HEADS: usize = 64;

/// The first entry: what follows, so that something left out is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) created_at: Timestamp,
    pub(crate) documents: u64,
    pub(crate) copies: u64,
    pub(crate) reissue: u64,
    pub(crate) history: u64,
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
    /// A record of the history as it was written.
    History(SecretBytes),
}

impl Contents {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.array(7).uint(CONTENTS).uint(FORMAT).int(self.created_at.unix());
        e.uint(self.documents)
            .uint(self.copies)
            .uint(self.reissue)
            .uint(self.history);
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
    let mut e = Encoder::with_capacity(record.len().saturating_add(HEADS));
    e.array(2).uint(HISTORY).bytes(record);
    Secret::new(e.into_vec())
}

/// What an entry is before its parts are read.
enum Raw<'a> {
    Contents(u64, Contents),
    Document(&'a [u8; 16], &'a [u8]),
    Copy(&'a [u8], &'a [u8], u64, u64),
    Reissue(&'a [u8]),
    History(&'a [u8]),
    Unknown,
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
            let format = d.u64()?;
            let mut numbers = [0; 4];
            next(d)?;
            let created_at = Timestamp::from_unix(d.i64()?);
            for number in &mut numbers {
                next(d)?;
                *number = d.u64()?;
            }
            let [documents, copies, reissue, history] = numbers;
            Raw::Contents(
                format,
                Contents {
                    created_at,
                    documents,
                    copies,
                    reissue,
                    history,
                },
            )
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
        _ => Raw::Unknown,
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
        Raw::Contents(FORMAT, contents) => Ok(Entry::Contents(contents)),
        Raw::Contents(..) | Raw::Unknown => Err(BackupFault::Newer),
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
    }
}
