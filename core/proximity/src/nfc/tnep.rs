//! The records of the Tag NDEF Exchange Protocol that a negotiated handover needs (NFC Forum TNEP 1.0).

use super::ndef::{Bytes, NdefRecord, TypeNameFormat, parse_message, write_message};
use crate::{ProximityError, Result};

/// The service of a negotiated handover.
pub const HANDOVER_SERVICE: &str = "urn:nfc:sn:handover";

const CLAUSE: &str = "NFC Forum TNEP 1.0 §4";
const VERSION: u8 = 0x10;

/// The service parameter record for the handover service: what the holder's tag shows first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceParameter {
    /// Minimum waiting time as TNEP codes it, 0 to 63.
    pub waiting_time: u8,
    /// How often the reader may wait again, 0 to 15.
    pub max_extensions: u8,
    /// The largest NDEF message the tag takes, in bytes.
    pub max_message: u16,
}

impl Default for ServiceParameter {
    /// As short a wait as there is, 15 extensions, messages of any length.
    fn default() -> Self {
        Self {
            waiting_time: 0,
            max_extensions: 15,
            max_message: u16::MAX,
        }
    }
}

impl ServiceParameter {
    /// The initial NDEF message of a negotiated handover, with this record and no other.
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`] for a value out of range.
    pub fn to_message(self) -> Result<Vec<u8>> {
        if self.waiting_time > 63 || self.max_extensions > 15 {
            return Err(ProximityError::Unofferable("TNEP times out of range"));
        }
        let mut payload = vec![VERSION];
        push_name(&mut payload);
        payload.extend([0, self.waiting_time, self.max_extensions]);
        payload.extend(self.max_message.to_be_bytes());
        write_message(&[NdefRecord::well_known(b"Tp", &payload)])
    }

    /// Finds the record for the handover service in an initial NDEF message; `None` when there is none, as in a static handover.
    ///
    /// # Errors
    /// [`ProximityError::Nfc`] when the message or the record is malformed, or asks for another mode than single response.
    pub fn find(message: &[u8]) -> Result<Option<Self>> {
        for record in parse_message(message)? {
            if record.is(TypeNameFormat::WellKnown, b"Tp")
                && let Some(found) = Self::parse(record.payload)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn parse(payload: &[u8]) -> Result<Option<Self>> {
        let mut b = Bytes::new(payload, CLAUSE);
        if b.byte()? >> 4 != VERSION >> 4 {
            return Err(b.error("unknown major version of TNEP"));
        }
        let length = usize::from(b.byte()?);
        let name = b.take(length)?;
        if name != HANDOVER_SERVICE.as_bytes() {
            return Ok(None);
        }
        if b.byte()? != 0 {
            return Err(b.error("another mode than single response"));
        }
        let (waiting_time, max_extensions) = (b.byte()?, b.byte()?);
        if waiting_time > 63 || max_extensions > 15 {
            return Err(b.error("times out of range"));
        }
        let max_message = b.take(2)?.first_chunk().map_or(0, |n| u16::from_be_bytes(*n));
        if !b.is_empty() {
            return Err(b.error("bytes follow the service parameters"));
        }
        Ok(Some(Self {
            waiting_time,
            max_extensions,
            max_message,
        }))
    }
}

/// The name with its length before it.
fn push_name(out: &mut Vec<u8>) {
    out.push(u8::try_from(HANDOVER_SERVICE.len()).unwrap_or_default());
    out.extend_from_slice(HANDOVER_SERVICE.as_bytes());
}

/// The message with which the reader selects the handover service.
///
/// # Errors
/// None in practice: the message has a fixed content.
pub fn service_select() -> Result<Vec<u8>> {
    let mut payload = Vec::new();
    push_name(&mut payload);
    write_message(&[NdefRecord::well_known(b"Ts", &payload)])
}

/// Whether the message selects the handover service.
///
/// # Errors
/// [`ProximityError::Nfc`] when it is not a service select message.
pub fn parse_service_select(message: &[u8]) -> Result<bool> {
    let mut b = Bytes::new(only(message, b"Ts")?, CLAUSE);
    let length = usize::from(b.byte()?);
    let name = b.take(length)?;
    if b.is_empty() {
        Ok(name == HANDOVER_SERVICE.as_bytes())
    } else {
        Err(b.error("bytes follow the service name"))
    }
}

/// The TNEP status message; 0 is success.
///
/// # Errors
/// None in practice: the message has a fixed length.
pub fn status(code: u8) -> Result<Vec<u8>> {
    write_message(&[NdefRecord::well_known(b"Te", &[code])])
}

/// The code of a TNEP status message.
///
/// # Errors
/// [`ProximityError::Nfc`] when it is not one.
pub fn parse_status(message: &[u8]) -> Result<u8> {
    match only(message, b"Te")? {
        [code] => Ok(*code),
        payload => Err(Bytes::new(payload, CLAUSE).error("a status has one byte")),
    }
}

fn only<'a>(message: &'a [u8], record_type: &[u8]) -> Result<&'a [u8]> {
    match parse_message(message)?.as_slice() {
        [record] if record.is(TypeNameFormat::WellKnown, record_type) => Ok(record.payload),
        _ => Err(Bytes::new(message, CLAUSE).error("not the one record that is expected")),
    }
}
