//! What lies in the vault, one CBOR map a record with a format number; unknown members are skipped.
//!
//! `DOCUMENT` is what a list needs, `COPY` one `IssuerSigned` as received, `KEY` one device key. A copy and its key share their id, and
//! a document has the id of its first copy, so that one bucket of the manifest vouches for all of them.

use crate::Shown;
use crate::document::DocumentState;
use idwallet_cose::cbor::{Decoder, Encoder, Limits, Result};
use idwallet_crypto::area::{KeyId, KeyPurpose};
use idwallet_crypto::{PublicKey, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::holder::DeviceAuthUsage;
use idwallet_storage::{Kind, RecordId};

pub(crate) const DOCUMENT: Kind = Kind(1);
pub(crate) const COPY: Kind = Kind(2);
pub(crate) const KEY: Kind = Kind(3);

/// Look-up of documents by docType.
pub(crate) const BY_DOC_TYPE: &str = "doc_type";
/// Look-up of copies by SHA-256 of `issuerAuth`.
pub(crate) const BY_ISSUER_AUTH: &str = "issuer_auth";
/// Look-up of copies by their document, which works when the document's own record is damaged.
pub(crate) const BY_DOCUMENT: &str = "document";
/// Look-up of keys that are to be destroyed.
pub(crate) const BY_STATE: &str = "state";
/// The state of keys that are to be destroyed.
pub(crate) const CONDEMNED: &[u8] = b"condemned";
/// Look-up of keys by public key (SubjectPublicKeyInfo).
pub(crate) const BY_PUBLIC_KEY: &str = "public_key";

const FORMAT: u64 = 1;

/// A record that this software did not write, or a later one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownForm;

#[derive(Debug, Clone)]
pub(crate) struct CopyRecord {
    pub(crate) id: RecordId,
    pub(crate) valid_from: Timestamp,
    pub(crate) valid_until: Timestamp,
    /// How often it was shown.
    pub(crate) uses: u64,
}

impl CopyRecord {
    pub(crate) fn state(&self, now: Timestamp) -> DocumentState {
        DocumentState::at(now, self.valid_from, self.valid_until)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct DocumentRecord {
    pub(crate) doc_type: String,
    pub(crate) issuer: String,
    pub(crate) country: Option<String>,
    pub(crate) summary: Shown,
    pub(crate) imported_at: Timestamp,
    pub(crate) copies: Vec<CopyRecord>,
}

#[derive(Debug, Clone)]
pub(crate) struct KeyRecord {
    pub(crate) id: KeyId,
    pub(crate) public_key: PublicKey,
    pub(crate) purpose: KeyPurpose,
    /// Fixed at first use (A-H55), or by the purpose.
    pub(crate) usage: Option<DeviceAuthUsage>,
}

impl KeyRecord {
    pub(crate) fn new(id: KeyId, public_key: PublicKey, purpose: KeyPurpose) -> Self {
        let usage = match purpose {
            KeyPurpose::Sign => Some(DeviceAuthUsage::Signature),
            KeyPurpose::Agree => Some(DeviceAuthUsage::Mac),
            KeyPurpose::SignOrAgree => None,
        };
        Self {
            id,
            public_key,
            purpose,
            usage,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(if self.usage.is_some() { 5 } else { 4 });
        e.int(0).uint(FORMAT);
        e.int(1).bytes(self.id.as_bytes());
        e.int(2).bytes(&self.public_key.to_spki_der());
        e.int(3).uint(match self.purpose {
            KeyPurpose::Sign => 1,
            KeyPurpose::Agree => 2,
            KeyPurpose::SignOrAgree => 3,
        });
        if let Some(usage) = self.usage {
            e.int(4).uint(match usage {
                DeviceAuthUsage::Signature => 1,
                DeviceAuthUsage::Mac => 2,
            });
        }
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> core::result::Result<Self, UnknownForm> {
        let (mut format, mut id, mut key, mut purpose, mut usage) = (0, None, None, None, None);
        read(bytes, |d, name| {
            match name {
                0 => format = d.u64()?,
                1 => id = Some(KeyId::new(d.bytes()?)),
                2 => key = PublicKey::from_spki_der(d.bytes()?).ok(),
                3 => purpose = Some(d.u64()?),
                4 => usage = Some(d.u64()?),
                _ => d.skip()?,
            }
            Ok(())
        })?;
        let usage = match usage {
            None => None,
            Some(1) => Some(DeviceAuthUsage::Signature),
            Some(2) => Some(DeviceAuthUsage::Mac),
            Some(_) => return Err(UnknownForm),
        };
        let purpose = match purpose {
            Some(1) => KeyPurpose::Sign,
            Some(2) => KeyPurpose::Agree,
            Some(3) => KeyPurpose::SignOrAgree,
            _ => return Err(UnknownForm),
        };
        match (format, id, key) {
            (FORMAT, Some(id), Some(public_key)) => Ok(Self {
                id,
                public_key,
                purpose,
                usage,
            }),
            _ => Err(UnknownForm),
        }
    }
}

impl DocumentRecord {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(if self.country.is_some() { 8 } else { 7 });
        e.int(0).uint(FORMAT);
        e.int(1).text(&self.doc_type);
        e.int(2).text(&self.issuer);
        if let Some(country) = &self.country {
            e.int(3).text(country);
        }
        e.int(4).text(self.summary.text(Lang::Vi));
        e.int(5).text(self.summary.text(Lang::En));
        e.int(6).int(self.imported_at.unix());
        e.int(7).array(self.copies.len());
        for copy in &self.copies {
            e.array(4)
                .bytes(copy.id.as_bytes())
                .int(copy.valid_from.unix())
                .int(copy.valid_until.unix())
                .uint(copy.uses);
        }
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> core::result::Result<Self, UnknownForm> {
        let (mut format, mut doc_type, mut issuer, mut country) = (0, None, None, None);
        let (mut vi, mut en, mut imported_at, mut copies) = (None, None, None, Vec::new());
        read(bytes, |d, name| {
            match name {
                0 => format = d.u64()?,
                1 => doc_type = Some(d.text()?.to_owned()),
                2 => issuer = Some(d.text()?.to_owned()),
                3 => country = Some(d.text()?.to_owned()),
                4 => vi = Some(d.text()?.to_owned()),
                5 => en = Some(d.text()?.to_owned()),
                6 => imported_at = Some(Timestamp::from_unix(d.i64()?)),
                7 => {
                    let mut array = d.array()?;
                    while array.next(d)? {
                        copies.push(read_copy(d)?);
                    }
                }
                _ => d.skip()?,
            }
            Ok(())
        })?;
        match (format, doc_type, issuer, vi, en, imported_at, copies.is_empty()) {
            (FORMAT, Some(doc_type), Some(issuer), Some(vi), Some(en), Some(imported_at), false) => Ok(Self {
                doc_type,
                issuer,
                country,
                summary: Shown::new(vi, en),
                imported_at,
                copies,
            }),
            _ => Err(UnknownForm),
        }
    }

    /// The copies that are valid now, the one to show first: the one shown least, the first of equals.
    pub(crate) fn copies_to_show(&self, now: Timestamp) -> Vec<&CopyRecord> {
        let valid = self
            .copies
            .iter()
            .filter(|copy| copy.state(now) == DocumentState::Active);
        let mut valid: Vec<&CopyRecord> = valid.collect();
        valid.sort_by_key(|copy| copy.uses);
        valid
    }

    /// Active as long as one copy is.
    pub(crate) fn state(&self, now: Timestamp) -> DocumentState {
        let states = || self.copies.iter().map(|copy| copy.state(now));
        if states().any(|state| state == DocumentState::Active) {
            DocumentState::Active
        } else if states().any(|state| state == DocumentState::NotYetValid) {
            DocumentState::NotYetValid
        } else {
            DocumentState::Expired
        }
    }

    pub(crate) fn unused(&self, now: Timestamp) -> usize {
        let is_unused = |copy: &&CopyRecord| copy.uses == 0 && copy.state(now) == DocumentState::Active;
        self.copies.iter().filter(is_unused).count()
    }
}

fn read_copy(d: &mut Decoder<'_>) -> Result<CopyRecord> {
    d.array_of(4)?;
    Ok(CopyRecord {
        id: RecordId::from_bytes(*d.byte_array()?),
        valid_from: Timestamp::from_unix(d.i64()?),
        valid_until: Timestamp::from_unix(d.i64()?),
        uses: d.u64()?,
    })
}

fn read<'a>(
    bytes: &'a [u8],
    mut member: impl FnMut(&mut Decoder<'a>, i64) -> Result<()>,
) -> core::result::Result<(), UnknownForm> {
    Decoder::decode(bytes, Limits::DEFAULT, |d| {
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key.as_int() {
                Some(name) => member(d, name)?,
                None => d.skip()?,
            }
        }
        Ok(())
    })
    .map_err(|_| UnknownForm)
}
