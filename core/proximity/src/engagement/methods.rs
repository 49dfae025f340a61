//! `DeviceRetrievalMethod`: the ways to connect that a holder offers (ISO 18013-5 §8.2.1.1, A-H06, A-H07).

use crate::limits::{MAX_OPTION_BYTES, MAX_RETRIEVAL_METHODS};
use core::fmt;
use idwallet_cose::cbor::{Decoder, Encoder, ErrorKind, InField, Key, Result};
use idwallet_crypto::{CryptoError, Random};

const CLAUSE: &str = "ISO 18013-5 §8.2.1.1";

const NFC: i64 = 1;
const BLE: i64 = 2;
const WIFI_AWARE: i64 = 3;
const WEBSITE: i64 = 4;
/// The private method type of this project for a byte stream (a local socket on a desk), version 1, options `{0: tstr address}`.
///
/// Not a type of the standard: other wallets and readers pass over it. It is in an engagement only when it is asked for.
pub const STREAM_METHOD_TYPE: i64 = -18013;

/// Which way to connect, without its options: for a reader's list of what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MethodKind {
    /// NFC data transfer.
    Nfc,
    /// Bluetooth LE, the holder is the GATT server.
    BlePeripheralServer,
    /// Bluetooth LE, the reader is the GATT server. The one to prefer (A-V01).
    BleCentralClient,
    /// Wi-Fi Aware.
    WifiAware,
    /// The private stream carrier.
    Stream,
}

/// One offered way to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetrievalMethod {
    /// Type 1: NFC data transfer.
    Nfc(NfcOptions),
    /// Type 2: Bluetooth LE.
    Ble(BleOptions),
    /// Type 3: Wi-Fi Aware.
    WifiAware(WifiAwareOptions),
    /// Type 4 (ISO/IEC TS 18013-7 Annex A): a website, in a reader engagement. Read, never offered in person.
    Website {
        /// Where the device engagement goes.
        uri: String,
    },
    /// The private type [`STREAM_METHOD_TYPE`].
    Stream {
        /// Where to connect, such as `127.0.0.1:7000`: what [`check_address`](crate::stream::check_address) takes, where it is to be offered.
        address: String,
    },
    /// A type or version that is not known here. It cannot be used and cannot be offered.
    Other {
        /// The type.
        kind: i64,
        /// Its version.
        version: u64,
    },
}

/// `NfcOptions`: how much fits into one APDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NfcOptions {
    /// Longest command data field in bytes, 255 to 65 535.
    pub max_command: u32,
    /// Longest response data field in bytes, 256 to 65 536.
    pub max_response: u32,
}

impl NfcOptions {
    /// Whether both lengths are within the bounds of A-H29.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.max_command >= 255 && self.max_command <= 65_535 && self.max_response >= 256 && self.max_response <= 65_536
    }
}

/// `BleOptions`: a mode is offered by giving its service UUID, 16 bytes in RFC 4122 order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BleOptions {
    /// Keys 0 and 10: mdoc peripheral server mode with this UUID.
    pub peripheral_server: Option<[u8; 16]>,
    /// Keys 1 and 11: mdoc central client mode with this UUID.
    pub central_client: Option<[u8; 16]>,
    /// Key 20: the device address, with peripheral server mode only.
    pub address: Option<[u8; 6]>,
    /// Key 21: the L2CAP protocol/service multiplexer.
    pub psm: Option<u16>,
}

impl BleOptions {
    /// Options with new random UUIDs, as every transaction needs them (A-H07).
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate(peripheral: bool, central: bool, random: &dyn Random) -> core::result::Result<Self, CryptoError> {
        let uuid = |wanted: bool| wanted.then(|| generate_uuid(random)).transpose();
        Ok(Self {
            peripheral_server: uuid(peripheral)?,
            central_client: uuid(central)?,
            ..Self::default()
        })
    }

    /// Whether there is a mode, and an address only with a peripheral server.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        (self.peripheral_server.is_some() || self.central_client.is_some())
            && (self.address.is_none() || self.peripheral_server.is_some())
    }
}

/// A version 4 UUID (RFC 4122 §4.4).
pub(crate) fn generate_uuid(random: &dyn Random) -> core::result::Result<[u8; 16], CryptoError> {
    let mut uuid = [0; 16];
    random.fill(&mut uuid)?;
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut uuid;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    Ok(uuid)
}

/// `WifiOptions`.
#[derive(Clone, PartialEq, Eq)]
pub struct WifiAwareOptions {
    /// Key 0: pass-phrase; derived from EDeviceKey when absent.
    pub passphrase: Option<String>,
    /// Key 1: operating class.
    pub operating_class: Option<u64>,
    /// Key 2: channel number.
    pub channel: Option<u64>,
    /// Key 3: supported bands, a bitmap.
    pub bands: Vec<u8>,
}

impl fmt::Debug for WifiAwareOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WifiAwareOptions")
            .field("has_passphrase", &self.passphrase.is_some())
            .field("operating_class", &self.operating_class)
            .field("channel", &self.channel)
            .field("bands", &self.bands)
            .finish()
    }
}

impl RetrievalMethod {
    /// Type and version of the array.
    #[must_use]
    pub const fn type_and_version(&self) -> (i64, u64) {
        match self {
            Self::Nfc(_) => (NFC, 1),
            Self::Ble(_) => (BLE, 1),
            Self::WifiAware(_) => (WIFI_AWARE, 1),
            Self::Website { .. } => (WEBSITE, 1),
            Self::Stream { .. } => (STREAM_METHOD_TYPE, 1),
            Self::Other { kind, version } => (*kind, *version),
        }
    }

    /// Whether the method can be used in that way.
    #[must_use]
    pub const fn offers(&self, kind: MethodKind) -> bool {
        match self {
            Self::Nfc(_) => matches!(kind, MethodKind::Nfc),
            Self::Ble(ble) => match kind {
                MethodKind::BlePeripheralServer => ble.peripheral_server.is_some(),
                MethodKind::BleCentralClient => ble.central_client.is_some(),
                _ => false,
            },
            Self::WifiAware(_) => matches!(kind, MethodKind::WifiAware),
            Self::Stream { .. } => matches!(kind, MethodKind::Stream),
            Self::Website { .. } | Self::Other { .. } => false,
        }
    }

    /// The array of methods, at least one, each type and version once (A-H03).
    pub(super) fn read_all(d: &mut Decoder<'_>) -> Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        let mut array = d.array()?;
        while array.next(d)? {
            let start = d.clone();
            let method = Self::read(d)?;
            let same = |other: &Self| other.type_and_version() == method.type_and_version();
            if all.iter().any(same) {
                return Err(start.error(ErrorKind::InvalidValue("a retrieval method is offered twice")));
            }
            if all.len() >= MAX_RETRIEVAL_METHODS {
                return Err(start.error(ErrorKind::TooManyItems));
            }
            all.push(method);
        }
        if all.is_empty() {
            return Err(d.error(ErrorKind::InvalidValue("no retrieval method in the array")));
        }
        Ok(all)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self> {
        d.array_of(3).in_field("", CLAUSE)?;
        let kind = d.i64().in_field("type", CLAUSE)?;
        let version = d.u64().in_field("version", CLAUSE)?;
        match (kind, version) {
            (NFC, 1) => read_nfc(d).map(Self::Nfc).in_field("NfcOptions", CLAUSE),
            (BLE, 1) => read_ble(d).map(Self::Ble).in_field("BleOptions", CLAUSE),
            (WIFI_AWARE, 1) => read_wifi(d).map(Self::WifiAware).in_field("WifiOptions", CLAUSE),
            (WEBSITE, 1) => read_text_option(d)
                .map(|uri| Self::Website { uri })
                .in_field("RestApiOptions", "ISO/IEC TS 18013-7 A.6.1"),
            (STREAM_METHOD_TYPE, 1) => read_text_option(d)
                .map(|address| Self::Stream { address })
                .in_field("StreamOptions", ""),
            _ => d.skip().map(|()| Self::Other { kind, version }),
        }
    }

    pub(super) fn write(&self, e: &mut Encoder) {
        let (kind, version) = self.type_and_version();
        e.array(3).int(kind).uint(version);
        match self {
            Self::Nfc(nfc) => {
                e.map(2).uint(0).uint(nfc.max_command.into());
                e.uint(1).uint(nfc.max_response.into());
            }
            Self::Ble(ble) => write_ble(e, ble),
            Self::WifiAware(wifi) => write_wifi(e, wifi),
            Self::Website { uri: text } | Self::Stream { address: text } => {
                e.map(1).uint(0).text(text);
            }
            Self::Other { .. } => {
                e.map(0);
            }
        }
    }
}

fn invalid(d: &Decoder<'_>, what: &'static str) -> idwallet_cose::cbor::Error {
    d.error(ErrorKind::InvalidValue(what))
}

fn bounded<'a>(d: &mut Decoder<'a>) -> Result<&'a str> {
    let text = d.text()?;
    if text.len() > MAX_OPTION_BYTES {
        return Err(d.error(ErrorKind::TooLarge));
    }
    Ok(text)
}

fn read_nfc(d: &mut Decoder<'_>) -> Result<NfcOptions> {
    let (mut max_command, mut max_response) = (None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(0) => max_command = Some(d.u32()?),
            Key::Int(1) => max_response = Some(d.u32()?),
            _ => d.skip()?,
        }
    }
    let options = NfcOptions {
        max_command: d.required(max_command, "maximum command length")?,
        max_response: d.required(max_response, "maximum response length")?,
    };
    if !options.is_valid() {
        return Err(invalid(d, "a maximum length is out of range"));
    }
    Ok(options)
}

fn read_ble(d: &mut Decoder<'_>) -> Result<BleOptions> {
    let (mut peripheral, mut central) = (None, None);
    let mut ble = BleOptions::default();
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(0) => peripheral = Some(d.bool()?),
            Key::Int(1) => central = Some(d.bool()?),
            Key::Int(10) => ble.peripheral_server = Some(*d.byte_array()?),
            Key::Int(11) => ble.central_client = Some(*d.byte_array()?),
            Key::Int(20) => ble.address = Some(*d.byte_array()?),
            Key::Int(21) => {
                let psm = d.u32()?;
                ble.psm = Some(u16::try_from(psm).map_err(|_| d.error(ErrorKind::OutOfRange))?);
            }
            _ => d.skip()?,
        }
    }
    let has_peripheral = d.required(peripheral, "peripheral server mode")?;
    let has_central = d.required(central, "central client mode")?;
    if has_peripheral != ble.peripheral_server.is_some() || has_central != ble.central_client.is_some() {
        return Err(invalid(d, "a UUID goes with each supported mode and no other"));
    }
    if !ble.is_valid() {
        return Err(invalid(d, "no mode, or an address without peripheral server mode"));
    }
    Ok(ble)
}

fn write_ble(e: &mut Encoder, ble: &BleOptions) {
    let optional = [
        ble.peripheral_server.is_some(),
        ble.central_client.is_some(),
        ble.address.is_some(),
        ble.psm.is_some(),
    ];
    e.map(optional.iter().filter(|there| **there).count().saturating_add(2));
    e.uint(0).bool(ble.peripheral_server.is_some());
    e.uint(1).bool(ble.central_client.is_some());
    for (key, uuid) in [(10, &ble.peripheral_server), (11, &ble.central_client)] {
        if let Some(uuid) = uuid {
            e.uint(key).bytes(uuid);
        }
    }
    if let Some(address) = &ble.address {
        e.uint(20).bytes(address);
    }
    if let Some(psm) = ble.psm {
        e.uint(21).uint(psm.into());
    }
}

fn read_wifi(d: &mut Decoder<'_>) -> Result<WifiAwareOptions> {
    let (mut passphrase, mut operating_class, mut channel, mut bands) = (None, None, None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(0) => passphrase = Some(bounded(d)?.to_owned()),
            Key::Int(1) => operating_class = Some(d.u64()?),
            Key::Int(2) => channel = Some(d.u64()?),
            Key::Int(3) => {
                let bytes = d.bytes()?;
                if bytes.len() > MAX_OPTION_BYTES {
                    return Err(d.error(ErrorKind::TooLarge));
                }
                bands = Some(bytes.to_vec());
            }
            _ => d.skip()?,
        }
    }
    Ok(WifiAwareOptions {
        passphrase,
        operating_class,
        channel,
        bands: d.required(bands, "supported bands")?,
    })
}

fn write_wifi(e: &mut Encoder, wifi: &WifiAwareOptions) {
    let numbers = [(1, wifi.operating_class), (2, wifi.channel)];
    let there = numbers.iter().filter(|(_, n)| n.is_some()).count();
    e.map(there.saturating_add(if wifi.passphrase.is_some() { 2 } else { 1 }));
    if let Some(passphrase) = &wifi.passphrase {
        e.uint(0).text(passphrase);
    }
    for (key, number) in numbers {
        if let Some(number) = number {
            e.uint(key).uint(number);
        }
    }
    e.uint(3).bytes(&wifi.bands);
}

fn read_text_option(d: &mut Decoder<'_>) -> Result<String> {
    let mut found = None;
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(0) => found = Some(bounded(d)?.to_owned()),
            _ => d.skip()?,
        }
    }
    d.required(found, "address")
}
