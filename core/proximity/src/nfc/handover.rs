//! The handover select message (Hs): the holder's engagement and the carriers it offers or chose (A-H08).

use super::carrier::nfc_options;
use super::ndef::{Bytes, NdefRecord, TypeNameFormat, parse_message, write_message};
use super::{BleOob, Carrier, HandoverRequest};
use crate::engagement::{BleOptions, DeviceEngagement, RetrievalMethod};
use crate::{ProximityError, Result};
use core::fmt;
use idwallet_crypto::Order as _;

const CLAUSE: &str = "ISO 18013-5 §8.2.2.1";
const CH_CLAUSE: &str = "NFC Forum Connection Handover 1.5 §6";
/// Connection Handover 1.5.
const VERSION: u8 = 0x15;
const ENGAGEMENT_TYPE: &[u8] = b"iso.org:18013:deviceengagement";
const ENGAGEMENT_ID: &[u8] = b"mdoc";
/// Carrier power state "active".
const ACTIVE: u8 = 1;

/// A handover select message as received.
#[derive(Clone, PartialEq, Eq)]
pub struct HandoverSelect {
    engagement: DeviceEngagement,
    carriers: Vec<Carrier>,
}

impl HandoverSelect {
    /// Parses the message: version 1.x, at least one carrier, one engagement that every carrier refers to and that has no retrieval methods of
    /// its own (A-H03).
    ///
    /// # Errors
    /// [`ProximityError::Nfc`] with the offset; as [`DeviceEngagement::parse`]; [`ProximityError::RetrievalMethodInNfc`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let records = parse_message(bytes)?;
        let b = Bytes::new(bytes, CLAUSE);
        let mut engagements = records
            .iter()
            .filter(|r| r.is(TypeNameFormat::External, ENGAGEMENT_TYPE) && r.id == ENGAGEMENT_ID);
        let (Some(engagement), None) = (engagements.next(), engagements.next()) else {
            return Err(b.error("not exactly one device engagement record"));
        };
        let carriers = read_carriers(&records, b"Hs", Some(ENGAGEMENT_ID))?;
        let engagement = DeviceEngagement::parse(engagement.payload)?;
        if engagement.has_retrieval_methods() {
            return Err(ProximityError::RetrievalMethodInNfc);
        }
        Ok(Self { engagement, carriers })
    }

    /// The holder's engagement.
    #[must_use]
    pub fn device_engagement(&self) -> &DeviceEngagement {
        &self.engagement
    }

    /// The holder's engagement, owned.
    #[must_use]
    pub fn into_device_engagement(self) -> DeviceEngagement {
        self.engagement
    }

    /// The carriers in the holder's order.
    #[must_use]
    pub fn carriers(&self) -> &[Carrier] {
        &self.carriers
    }

    /// The carriers as ways to connect. In a negotiated handover the request is needed: it may hold the UUID, and exactly one carrier is to be
    /// chosen. Carriers of other kinds are left out.
    ///
    /// # Errors
    /// [`ProximityError::Nfc`] for a BLE carrier without UUID, an NFC carrier without lengths, or more than one carrier in a negotiated handover.
    pub fn retrieval_methods(&self, request: Option<&HandoverRequest>) -> Result<Vec<RetrievalMethod>> {
        let error = |what| ProximityError::Nfc {
            what,
            offset: 0,
            clause: CLAUSE,
        };
        if request.is_some() && self.carriers.len() != 1 {
            return Err(error("a negotiated handover chooses exactly one carrier"));
        }
        let mut methods = Vec::new();
        for carrier in &self.carriers {
            match carrier {
                Carrier::Ble(ble) => {
                    let uuid = ble.uuid.or_else(|| request.and_then(HandoverRequest::ble_uuid));
                    let uuid = uuid.ok_or_else(|| error("the BLE carrier has no UUID"))?;
                    methods.push(RetrievalMethod::Ble(BleOptions {
                        peripheral_server: ble.role.can_be_peripheral().then_some(uuid),
                        central_client: ble.role.can_be_central().then_some(uuid),
                        address: None,
                        psm: None,
                    }));
                }
                Carrier::Nfc(nfc) => methods.push(RetrievalMethod::Nfc(nfc_options(*nfc)?)),
                Carrier::Other { .. } => {}
            }
        }
        Ok(methods)
    }

    /// The message of a static handover: all carriers the holder offers, a BLE carrier with its UUID (A-H10).
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`] without carriers, with two of one kind, with a BLE carrier without UUID or an NFC carrier without
    /// lengths; [`ProximityError::RetrievalMethodInNfc`].
    pub fn build_static(engagement: &DeviceEngagement, carriers: &[Carrier]) -> Result<Vec<u8>> {
        if carriers
            .iter()
            .any(|c| matches!(c, Carrier::Ble(BleOob { uuid: None, .. })))
        {
            return Err(ProximityError::Unofferable(
                "a BLE carrier without UUID in a static handover",
            ));
        }
        Self::build(engagement, carriers)
    }

    /// The reply in a negotiated handover: the one carrier that was chosen.
    ///
    /// # Errors
    /// As [`HandoverSelect::build_static`], but for the UUID, which may be the reader's.
    pub fn build_negotiated(engagement: &DeviceEngagement, carrier: &Carrier) -> Result<Vec<u8>> {
        Self::build(engagement, core::slice::from_ref(carrier))
    }

    fn build(engagement: &DeviceEngagement, carriers: &[Carrier]) -> Result<Vec<u8>> {
        if engagement.has_retrieval_methods() {
            return Err(ProximityError::RetrievalMethodInNfc);
        }
        if carriers.iter().any(|c| matches!(c, Carrier::Nfc(None))) {
            return Err(ProximityError::Unofferable("an NFC carrier without maximum lengths"));
        }
        let record = NdefRecord {
            format: TypeNameFormat::External,
            record_type: ENGAGEMENT_TYPE,
            id: ENGAGEMENT_ID,
            payload: engagement.bytes(),
        };
        write_handover(b"Hs", None, carriers, Some(record))
    }
}

impl fmt::Debug for HandoverSelect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandoverSelect")
            .field("engagement", &self.engagement)
            .field("carriers", &self.carriers)
            .finish()
    }
}

/// The carriers of a handover message, in the order of its alternative carrier records, each of which refers to `auxiliary` if that is given.
pub(super) fn read_carriers(
    records: &[NdefRecord<'_>],
    message: &[u8],
    auxiliary: Option<&[u8]>,
) -> Result<Vec<Carrier>> {
    let b = Bytes::new(&[], CLAUSE);
    let handover = records
        .first()
        .filter(|r| r.is(TypeNameFormat::WellKnown, message))
        .ok_or_else(|| b.error("the first record is not that of the handover message"))?;
    let mut carriers = Vec::new();
    for inner in parse_inner(handover)? {
        if inner.is(TypeNameFormat::WellKnown, b"err") {
            return Err(b.error("the message says that the handover failed"));
        }
        if !inner.is(TypeNameFormat::WellKnown, b"ac") {
            continue;
        }
        let id = read_alternative_carrier(inner.payload, auxiliary)?;
        let mut found = records.iter().skip(1).filter(|r| r.id == id);
        let (Some(record), None) = (found.next(), found.next()) else {
            return Err(b.error("an alternative carrier does not refer to exactly one record"));
        };
        carriers.push(Carrier::parse(record)?);
    }
    if carriers.is_empty() {
        return Err(b.error("no alternative carrier"));
    }
    Ok(carriers)
}

/// The message inside the handover record.
pub(super) fn parse_inner<'a>(handover: &NdefRecord<'a>) -> Result<Vec<NdefRecord<'a>>> {
    let mut b = Bytes::new(handover.payload, CH_CLAUSE);
    if b.byte()? >> 4 != VERSION >> 4 {
        return Err(b.error("unknown major version of Connection Handover"));
    }
    parse_message(b.rest())
}

/// Power state, reference to the carrier record, references to auxiliary records.
fn read_alternative_carrier<'a>(payload: &'a [u8], auxiliary: Option<&[u8]>) -> Result<&'a [u8]> {
    let mut b = Bytes::new(payload, CH_CLAUSE);
    b.byte()?;
    let length = usize::from(b.byte()?);
    let carrier = b.take(length)?;
    if carrier.is_empty() {
        return Err(b.error("an empty carrier reference"));
    }
    let mut refers = auxiliary.is_none();
    for _ in 0..b.byte()? {
        let length = usize::from(b.byte()?);
        refers |= auxiliary == Some(b.take(length)?);
    }
    if !refers {
        return Err(Bytes::new(payload, CLAUSE).error("an alternative carrier does not refer to the engagement"));
    }
    if b.is_empty() {
        Ok(carrier)
    } else {
        Err(b.error("bytes follow the alternative carrier"))
    }
}

/// Writes Hs or Hr: the handover record, the carriers, and the auxiliary record at the end.
pub(super) fn write_handover(
    message: &[u8],
    collision: Option<[u8; 2]>,
    carriers: &[Carrier],
    auxiliary: Option<NdefRecord<'_>>,
) -> Result<Vec<u8>> {
    let mut ids: Vec<&[u8]> = carriers
        .iter()
        .map(Carrier::id)
        .chain(auxiliary.map(|a| a.id))
        .collect();
    let count = ids.len();
    ids.order();
    ids.dedup();
    if carriers.is_empty() || ids.len() != count || ids.iter().any(|id| id.is_empty() || id.len() > 255) {
        return Err(ProximityError::Unofferable("no carrier, or two with one id"));
    }
    let alternatives: Vec<Vec<u8>> = carriers
        .iter()
        .map(|carrier| write_alternative_carrier(carrier.id(), auxiliary.filter(|_| message == b"Hs")))
        .collect();
    let mut inner: Vec<NdefRecord<'_>> = Vec::new();
    if let Some(random) = &collision {
        inner.push(NdefRecord::well_known(b"cr", random));
    }
    inner.extend(alternatives.iter().map(|a| NdefRecord::well_known(b"ac", a)));
    let mut payload = vec![VERSION];
    payload.extend(write_message(&inner)?);
    let payloads: Vec<Vec<u8>> = carriers.iter().map(Carrier::payload).collect();
    let mut records = vec![NdefRecord::well_known(message, &payload)];
    records.extend(
        carriers
            .iter()
            .zip(&payloads)
            .map(|(carrier, payload)| carrier.record(payload)),
    );
    records.extend(auxiliary);
    write_message(&records)
}

fn write_alternative_carrier(id: &[u8], auxiliary: Option<NdefRecord<'_>>) -> Vec<u8> {
    // The lengths were checked to fit.
    let short = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap_or_default();
    let mut out = vec![ACTIVE, short(id)];
    out.extend_from_slice(id);
    match auxiliary {
        Some(auxiliary) => {
            out.extend([1, short(auxiliary.id)]);
            out.extend_from_slice(auxiliary.id);
        }
        None => out.push(0),
    }
    out
}
