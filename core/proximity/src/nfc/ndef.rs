//! NDEF messages and records (NFC Forum NDEF 1.0), one message in one piece.

use crate::limits::{MAX_NDEF_BYTES, MAX_NDEF_RECORDS};
use crate::{ProximityError, Result};
use core::fmt;

const CLAUSE: &str = "NFC Forum NDEF 1.0 §3";

const MESSAGE_BEGIN: u8 = 0x80;
const MESSAGE_END: u8 = 0x40;
const CHUNK: u8 = 0x20;
const SHORT_RECORD: u8 = 0x10;
const ID_LENGTH: u8 = 0x08;

/// How the type of a record is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeNameFormat {
    /// 0: no type, id or payload.
    Empty,
    /// 1: a type of the NFC Forum.
    WellKnown,
    /// 2: a media type.
    Media,
    /// 3: a URI.
    Uri,
    /// 4: a type of an organisation, such as `iso.org:18013:nfc`.
    External,
    /// 5: unknown.
    Unknown,
}

impl TypeNameFormat {
    const fn code(self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::WellKnown => 1,
            Self::Media => 2,
            Self::Uri => 3,
            Self::External => 4,
            Self::Unknown => 5,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Empty),
            1 => Some(Self::WellKnown),
            2 => Some(Self::Media),
            3 => Some(Self::Uri),
            4 => Some(Self::External),
            5 => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// One record, borrowed from its message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NdefRecord<'a> {
    /// How to read the type.
    pub format: TypeNameFormat,
    /// The type, at most 255 bytes.
    pub record_type: &'a [u8],
    /// The id, at most 255 bytes; empty when there is none.
    pub id: &'a [u8],
    /// The payload.
    pub payload: &'a [u8],
}

impl<'a> NdefRecord<'a> {
    /// A record without id of an NFC Forum type.
    #[must_use]
    pub const fn well_known(record_type: &'a [u8], payload: &'a [u8]) -> Self {
        Self {
            format: TypeNameFormat::WellKnown,
            record_type,
            id: &[],
            payload,
        }
    }

    /// Whether it is of that format and type.
    #[must_use]
    pub fn is(&self, format: TypeNameFormat, record_type: &[u8]) -> bool {
        self.format == format && self.record_type == record_type
    }
}

impl fmt::Debug for NdefRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = (self.record_type.escape_ascii(), self.id.escape_ascii());
        write!(
            f,
            "NdefRecord({:?} \"{kind}\" id \"{id}\", {} bytes)",
            self.format,
            self.payload.len()
        )
    }
}

/// Takes bytes off the front and knows where it is.
pub(super) struct Bytes<'a> {
    full: usize,
    rest: &'a [u8],
    clause: &'static str,
}

impl<'a> Bytes<'a> {
    pub(super) const fn new(bytes: &'a [u8], clause: &'static str) -> Self {
        Self {
            full: bytes.len(),
            rest: bytes,
            clause,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) const fn error(&self, what: &'static str) -> ProximityError {
        ProximityError::Nfc {
            what,
            offset: self.full.saturating_sub(self.rest.len()),
            clause: self.clause,
        }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.error("ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.error("ends too early"))?;
        self.rest = rest;
        Ok(*first)
    }
}

/// The records of a message: at least one, in one piece, nothing after the last.
///
/// # Errors
/// [`ProximityError::Nfc`] with the offset.
pub fn parse_message(bytes: &[u8]) -> Result<Vec<NdefRecord<'_>>> {
    let mut b = Bytes::new(bytes, CLAUSE);
    if bytes.len() > MAX_NDEF_BYTES {
        return Err(b.error("the message is too long"));
    }
    let mut records = Vec::new();
    loop {
        if records.len() >= MAX_NDEF_RECORDS {
            return Err(b.error("too many records"));
        }
        let at = b.error("the message does not begin with its first record, or begins twice");
        let flags = b.byte()?;
        if (flags & MESSAGE_BEGIN != 0) != records.is_empty() {
            return Err(at);
        }
        records.push(parse_record(&mut b, flags)?);
        if flags & MESSAGE_END != 0 {
            break;
        }
    }
    if !b.is_empty() {
        return Err(b.error("bytes follow the message"));
    }
    Ok(records)
}

fn parse_record<'a>(b: &mut Bytes<'a>, flags: u8) -> Result<NdefRecord<'a>> {
    if flags & CHUNK != 0 {
        return Err(b.error("chunked records are not used here"));
    }
    let format = TypeNameFormat::from_code(flags & 0x07).ok_or_else(|| b.error("unknown type name format"))?;
    let type_length = usize::from(b.byte()?);
    let payload_length = if flags & SHORT_RECORD != 0 {
        usize::from(b.byte()?)
    } else {
        let length = b
            .take(4)?
            .first_chunk()
            .map_or(u32::MAX, |length| u32::from_be_bytes(*length));
        usize::try_from(length).unwrap_or(usize::MAX)
    };
    let id_length = if flags & ID_LENGTH != 0 {
        usize::from(b.byte()?)
    } else {
        0
    };
    let is_empty = (type_length, id_length, payload_length) == (0, 0, 0);
    if (format == TypeNameFormat::Empty && !is_empty) || (format == TypeNameFormat::Unknown && type_length != 0) {
        return Err(b.error("the type name format does not allow a type"));
    }
    Ok(NdefRecord {
        format,
        record_type: b.take(type_length)?,
        id: b.take(id_length)?,
        payload: b.take(payload_length)?,
    })
}

/// A message of these records, each in the short form where it fits.
///
/// # Errors
/// [`ProximityError::Unofferable`] for no record, too many, or one with a type or id of more than 255 bytes;
/// [`ProximityError::TooLong`].
pub fn write_message(records: &[NdefRecord<'_>]) -> Result<Vec<u8>> {
    if records.is_empty() || records.len() > MAX_NDEF_RECORDS {
        return Err(ProximityError::Unofferable(
            "an NDEF message without records or with too many",
        ));
    }
    let last = records.len().saturating_sub(1);
    let mut out = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let long = |_| ProximityError::Unofferable("an NDEF record with a type or id that is too long");
        let type_length = u8::try_from(record.record_type.len()).map_err(long)?;
        let id_length = u8::try_from(record.id.len()).map_err(long)?;
        let short = u8::try_from(record.payload.len());
        let mut flags = record.format.code();
        flags |= if index == 0 { MESSAGE_BEGIN } else { 0 };
        flags |= if index == last { MESSAGE_END } else { 0 };
        flags |= if short.is_ok() { SHORT_RECORD } else { 0 };
        flags |= if id_length > 0 { ID_LENGTH } else { 0 };
        out.extend([flags, type_length]);
        match short {
            Ok(length) => out.push(length),
            Err(_) => {
                let length = u32::try_from(record.payload.len()).unwrap_or(u32::MAX);
                out.extend(length.to_be_bytes());
            }
        }
        if id_length > 0 {
            out.push(id_length);
        }
        out.extend_from_slice(record.record_type);
        out.extend_from_slice(record.id);
        out.extend_from_slice(record.payload);
        let (length, limit) = (out.len(), MAX_NDEF_BYTES);
        if length > limit {
            return Err(ProximityError::TooLong { length, limit });
        }
    }
    Ok(out)
}
