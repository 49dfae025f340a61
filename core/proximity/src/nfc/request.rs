//! The handover request message (Hr) of a negotiated handover: the carriers that the reader has.

use super::handover::{parse_inner, read_carriers, write_handover};
use super::ndef::{Bytes, NdefRecord, TypeNameFormat, parse_message};
use super::{BleOob, Carrier, LeRole};
use crate::Result;
use crate::engagement::ReaderEngagement;

const ENGAGEMENT_TYPE: &[u8] = b"iso.org:18013:readerengagement";
const ENGAGEMENT_ID: &[u8] = b"mdocreader";
const CLAUSE: &str = "NFC Forum Connection Handover 1.5 §6";

/// A handover request message as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverRequest {
    carriers: Vec<Carrier>,
    reader_engagement: Option<ReaderEngagement>,
}

impl HandoverRequest {
    /// Parses the message: version 1.x, one collision resolution record, at least one carrier.
    ///
    /// # Errors
    /// [`ProximityError::Nfc`](crate::ProximityError::Nfc) with the offset; as [`ReaderEngagement::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let records = parse_message(bytes)?;
        let carriers = read_carriers(&records, b"Hr", None)?;
        let b = Bytes::new(&[], CLAUSE);
        let inner = records.first().map(parse_inner).transpose()?.unwrap_or_default();
        let collision = inner.iter().filter(|r| r.is(TypeNameFormat::WellKnown, b"cr"));
        let lengths: Vec<usize> = collision.map(|r| r.payload.len()).collect();
        if lengths != [2] {
            return Err(b.error("not exactly one collision resolution record of two bytes"));
        }
        let mut engagements = records
            .iter()
            .filter(|r| r.is(TypeNameFormat::External, ENGAGEMENT_TYPE) && r.id == ENGAGEMENT_ID);
        let engagement = engagements
            .next()
            .map(|r| ReaderEngagement::parse(r.payload))
            .transpose()?;
        if engagements.next().is_some() {
            return Err(b.error("two reader engagement records"));
        }
        Ok(Self {
            carriers,
            reader_engagement: engagement,
        })
    }

    /// The message of a reader that has these carriers, best first. `collision` is random, new for every request.
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`](crate::ProximityError::Unofferable) without carriers or with two of one kind.
    pub fn build(collision: [u8; 2], carriers: &[Carrier], engagement: Option<&ReaderEngagement>) -> Result<Vec<u8>> {
        let record = engagement.map(|engagement| NdefRecord {
            format: TypeNameFormat::External,
            record_type: ENGAGEMENT_TYPE,
            id: ENGAGEMENT_ID,
            payload: engagement.bytes(),
        });
        write_handover(b"Hr", Some(collision), carriers, record)
    }

    /// The carriers in the reader's order.
    #[must_use]
    pub fn carriers(&self) -> &[Carrier] {
        &self.carriers
    }

    /// The reader's engagement, where it sent one.
    #[must_use]
    pub fn reader_engagement(&self) -> Option<&ReaderEngagement> {
        self.reader_engagement.as_ref()
    }

    pub(super) fn ble_uuid(&self) -> Option<[u8; 16]> {
        self.ble().and_then(|ble| ble.uuid)
    }

    fn ble(&self) -> Option<&BleOob> {
        self.carriers.iter().find_map(|carrier| match carrier {
            Carrier::Ble(ble) => Some(ble),
            _ => None,
        })
    }

    /// The first of the holder's carriers, in its order of preference, that the reader has too, as it is to stand in the reply: for BLE with one
    /// role, mdoc central client if both can (A-V01), and without a UUID where the reader's own is used.
    #[must_use]
    pub fn choose(&self, offered: &[Carrier]) -> Option<Carrier> {
        offered.iter().find_map(|carrier| match carrier {
            Carrier::Ble(own) => self.ble().and_then(|reader| choose_ble(own, reader)).map(Carrier::Ble),
            Carrier::Nfc(Some(options)) => {
                let has_nfc = self.carriers.iter().any(|c| matches!(c, Carrier::Nfc(_)));
                has_nfc.then_some(Carrier::Nfc(Some(*options)))
            }
            _ => None,
        })
    }
}

fn choose_ble(own: &BleOob, reader: &BleOob) -> Option<BleOob> {
    let role = if own.role.can_be_central() && reader.role.can_be_peripheral() {
        LeRole::CentralOnly
    } else if own.role.can_be_peripheral() && reader.role.can_be_central() {
        LeRole::PeripheralOnly
    } else {
        return None;
    };
    let uuid = if reader.uuid.is_some() { None } else { Some(own.uuid?) };
    Some(BleOob {
        role,
        uuid,
        address: own.address,
    })
}
