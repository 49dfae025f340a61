//! Carrier configuration records: how to go on after the handover (A-H09, A-H10).

use super::ndef::{Bytes, NdefRecord, TypeNameFormat};
use crate::engagement::NfcOptions;
use crate::{ProximityError, Result};

const BLE_TYPE: &[u8] = b"application/vnd.bluetooth.le.oob";
const BLE_ID: &[u8] = b"0";
const NFC_TYPE: &[u8] = b"iso.org:18013:nfc";
const NFC_ID: &[u8] = b"nfc";
const NFC_CLAUSE: &str = "ISO 18013-5 §8.2.2.1";
const BLE_CLAUSE: &str = "Bluetooth Core Supplement, Part A";

const AD_UUID_128: u8 = 0x07;
const AD_ADDRESS: u8 = 0x1b;
const AD_ROLE: u8 = 0x1c;

/// Which side of a Bluetooth LE connection the sender of the record can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeRole {
    /// 0: peripheral only.
    PeripheralOnly,
    /// 1: central only.
    CentralOnly,
    /// 2: both, rather peripheral.
    PeripheralPreferred,
    /// 3: both, rather central.
    CentralPreferred,
}

impl LeRole {
    const fn code(self) -> u8 {
        match self {
            Self::PeripheralOnly => 0,
            Self::CentralOnly => 1,
            Self::PeripheralPreferred => 2,
            Self::CentralPreferred => 3,
        }
    }

    /// Whether the sender can be the peripheral.
    #[must_use]
    pub const fn can_be_peripheral(self) -> bool {
        !matches!(self, Self::CentralOnly)
    }

    /// Whether the sender can be the central.
    #[must_use]
    pub const fn can_be_central(self) -> bool {
        !matches!(self, Self::PeripheralOnly)
    }
}

/// `LE Bluetooth Device Address`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BleAddress {
    /// Six bytes, least significant first, as the record has them.
    pub bytes: [u8; 6],
    /// A random address, not a public one.
    pub is_random: bool,
}

/// The Bluetooth LE out-of-band record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BleOob {
    /// `LE Role` of the sender of the record; mandatory.
    pub role: LeRole,
    /// The service UUID for both modes, in RFC 4122 order (the record has it reversed).
    pub uuid: Option<[u8; 16]>,
    /// The device address.
    pub address: Option<BleAddress>,
}

/// One carrier of a handover message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Carrier {
    /// Bluetooth LE.
    Ble(BleOob),
    /// NFC data transfer; with the holder's limits in a handover select, without in a request.
    Nfc(Option<NfcOptions>),
    /// Any other: kept as it is, used for nothing.
    Other {
        /// How to read the type.
        format: TypeNameFormat,
        /// The type of the record.
        record_type: Vec<u8>,
        /// Its id.
        id: Vec<u8>,
        /// Its payload.
        payload: Vec<u8>,
    },
}

impl Carrier {
    /// Reads a carrier configuration record.
    ///
    /// # Errors
    /// [`ProximityError::Nfc`] with the offset in the payload.
    pub fn parse(record: &NdefRecord<'_>) -> Result<Self> {
        if record.is(TypeNameFormat::Media, BLE_TYPE) {
            return read_ble(record.payload).map(Self::Ble);
        }
        if record.is(TypeNameFormat::External, NFC_TYPE) {
            return read_nfc(record.payload).map(Self::Nfc);
        }
        Ok(Self::Other {
            format: record.format,
            record_type: record.record_type.to_vec(),
            id: record.id.to_vec(),
            payload: record.payload.to_vec(),
        })
    }

    pub(super) fn id(&self) -> &[u8] {
        match self {
            Self::Ble(_) => BLE_ID,
            Self::Nfc(_) => NFC_ID,
            Self::Other { id, .. } => id,
        }
    }

    pub(super) fn payload(&self) -> Vec<u8> {
        match self {
            Self::Ble(ble) => write_ble(ble),
            Self::Nfc(nfc) => write_nfc(*nfc),
            Self::Other { payload, .. } => payload.clone(),
        }
    }

    pub(super) fn record<'a>(&'a self, payload: &'a [u8]) -> NdefRecord<'a> {
        let (format, record_type) = match self {
            Self::Ble(_) => (TypeNameFormat::Media, BLE_TYPE),
            Self::Nfc(_) => (TypeNameFormat::External, NFC_TYPE),
            Self::Other {
                format, record_type, ..
            } => (*format, record_type.as_slice()),
        };
        NdefRecord {
            format,
            record_type,
            id: self.id(),
            payload,
        }
    }
}

fn read_ble(payload: &[u8]) -> Result<BleOob> {
    let mut b = Bytes::new(payload, BLE_CLAUSE);
    let (mut role, mut uuid, mut address) = (None, None, None);
    while !b.is_empty() {
        let again = b.error("a field is there twice");
        let length = usize::from(b.byte()?);
        let mut field = b.take(length)?;
        let Some((kind, value)) = field.split_first() else {
            continue; // padding
        };
        field = value;
        let wrong = || b.error("a field has a wrong length or value");
        let is_new = match *kind {
            AD_ROLE => {
                let code = match field {
                    [0] => LeRole::PeripheralOnly,
                    [1] => LeRole::CentralOnly,
                    [2] => LeRole::PeripheralPreferred,
                    [3] => LeRole::CentralPreferred,
                    _ => return Err(wrong()),
                };
                role.replace(code).is_none()
            }
            AD_UUID_128 => {
                // A-H10: one UUID serves both modes.
                let mut value: [u8; 16] = field.try_into().map_err(|_| wrong())?;
                value.reverse();
                uuid.replace(value).is_none()
            }
            AD_ADDRESS => {
                let (bytes, kind) = field.split_first_chunk::<6>().ok_or_else(wrong)?;
                let is_random = match kind {
                    [0] => false,
                    [1] => true,
                    _ => return Err(wrong()),
                };
                let value = BleAddress {
                    bytes: *bytes,
                    is_random,
                };
                address.replace(value).is_none()
            }
            _ => true,
        };
        if !is_new {
            return Err(again);
        }
    }
    Ok(BleOob {
        role: role.ok_or_else(|| b.error("LE Role is missing"))?,
        uuid,
        address,
    })
}

fn write_ble(ble: &BleOob) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(address) = &ble.address {
        out.extend([8, AD_ADDRESS]);
        out.extend(address.bytes);
        out.push(u8::from(address.is_random));
    }
    out.extend([2, AD_ROLE, ble.role.code()]);
    if let Some(uuid) = &ble.uuid {
        out.extend([17, AD_UUID_128]);
        out.extend(uuid.iter().rev());
    }
    out
}

fn read_nfc(payload: &[u8]) -> Result<Option<NfcOptions>> {
    let mut b = Bytes::new(payload, NFC_CLAUSE);
    if b.byte()? != 1 {
        return Err(b.error("unknown version of the NFC carrier record"));
    }
    let (mut command, mut response) = (None, None);
    while !b.is_empty() {
        let again = b.error("a field is there twice");
        let length = usize::from(b.byte()?);
        let Some((kind, value)) = b.take(length)?.split_first() else {
            return Err(b.error("an empty field"));
        };
        if value.len() > 4 || value.is_empty() {
            return Err(b.error("a maximum length of this size"));
        }
        let number = value.iter().fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
        let is_new = match *kind {
            1 => command.replace(number).is_none(),
            2 => response.replace(number).is_none(),
            _ => true,
        };
        if !is_new {
            return Err(again);
        }
    }
    match (command, response) {
        (None, None) => Ok(None),
        (Some(max_command), Some(max_response)) => {
            let options = NfcOptions {
                max_command,
                max_response,
            };
            if options.is_valid() {
                Ok(Some(options))
            } else {
                Err(b.error("a maximum length is out of range"))
            }
        }
        _ => Err(b.error("one of the maximum lengths is missing")),
    }
}

fn write_nfc(nfc: Option<NfcOptions>) -> Vec<u8> {
    let mut out = vec![1];
    if let Some(nfc) = nfc {
        for (kind, number) in [(1, nfc.max_command), (2, nfc.max_response)] {
            let [_, high, value @ ..] = number.to_be_bytes();
            // Two bytes, three for the one value that needs them (65 536).
            if high == 0 {
                out.extend([3, kind]);
            } else {
                out.extend([4, kind, high]);
            }
            out.extend(value);
        }
    }
    out
}

/// The options of a carrier record that must have them.
pub(super) fn nfc_options(nfc: Option<NfcOptions>) -> Result<NfcOptions> {
    nfc.ok_or(ProximityError::Nfc {
        what: "the NFC carrier has no maximum lengths",
        offset: 0,
        clause: NFC_CLAUSE,
    })
}
