//! `OriginInfos` and `Capabilities` of the 2nd edition and of ISO/IEC TS 18013-7 (A-H04).

use crate::limits::{MAX_MAC_KEYS_CURVES, MAX_OPTION_BYTES, MAX_ORIGIN_INFOS};
use idwallet_cose::cbor::{Decoder, Encoder, ErrorKind, InField, Key, Result};

const CLAUSE: &str = "ISO/IEC TS 18013-7 A.2";

/// What a holder can do beyond the 1st edition. All `false` and empty is what an engagement without capabilities says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Key 0, `MacKeysSupport`: understands `macKeys` in a request (ISO/IEC TS 18013-7 A.2).
    pub mac_keys: Option<bool>,
    /// Key 1, `MacKeysCurves`: COSE curve identifiers.
    pub mac_keys_curves: Vec<i64>,
    /// Key 2, `HandoverSessionEstablishmentSupport`: takes the session establishment during a negotiated handover (A-H11).
    pub handover_session_establishment: bool,
    /// Key 3, `ReaderAuthAllSupport`: verifies `readerAuthAll` (A-V04).
    pub reader_auth_all: bool,
    /// Key 4, `ExtendedRequestSupport`: alternative elements, issuer identifiers and use cases.
    pub extended_request: bool,
}

impl Capabilities {
    pub(super) fn read(d: &mut Decoder<'_>) -> Result<Self> {
        let mut all = Self::default();
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Int(0) => all.mac_keys = Some(d.bool().in_field("MacKeysSupport", CLAUSE)?),
                Key::Int(1) => all.mac_keys_curves = read_curves(d).in_field("MacKeysCurves", CLAUSE)?,
                Key::Int(2) => all.handover_session_establishment = read_true(d)?,
                Key::Int(3) => all.reader_auth_all = read_true(d)?,
                Key::Int(4) => all.extended_request = d.bool()?,
                _ => d.skip()?,
            }
        }
        Ok(all)
    }

    pub(super) fn write(&self, e: &mut Encoder) {
        let flags = [
            (2, self.handover_session_establishment),
            (3, self.reader_auth_all),
            (4, self.extended_request),
        ];
        let entries = flags.iter().filter(|(_, set)| *set).count();
        let keys = usize::from(self.mac_keys.is_some()).saturating_add(usize::from(!self.mac_keys_curves.is_empty()));
        e.map(entries.saturating_add(keys));
        if let Some(supported) = self.mac_keys {
            e.uint(0).bool(supported);
        }
        if !self.mac_keys_curves.is_empty() {
            e.uint(1).array(self.mac_keys_curves.len());
            for curve in &self.mac_keys_curves {
                e.int(*curve);
            }
        }
        for (key, set) in flags {
            if set {
                e.uint(key).bool(true);
            }
        }
    }
}

/// These two are `true` or not there.
fn read_true(d: &mut Decoder<'_>) -> Result<bool> {
    let at = d.clone();
    if d.bool()? {
        Ok(true)
    } else {
        let kind = ErrorKind::InvalidValue("a capability that is there is true");
        Err(at.error(kind).in_field("", "ISO 18013-5 2nd edition §9.1"))
    }
}

fn read_curves(d: &mut Decoder<'_>) -> Result<Vec<i64>> {
    let mut curves = Vec::new();
    let mut array = d.array()?;
    while array.next(d)? {
        if curves.len() >= MAX_MAC_KEYS_CURVES {
            return Err(d.error(ErrorKind::TooManyItems));
        }
        curves.push(d.i64()?);
    }
    if curves.is_empty() {
        return Err(d.error(ErrorKind::InvalidValue("no curve in the array")));
    }
    Ok(curves)
}

/// `OriginInfo`: through which channel the holder got the reader's engagement (ISO/IEC TS 18013-7 A.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginInfo {
    /// `cat`: 1, the channel the engagement was received through.
    pub category: u64,
    /// `type`: 0 other, 1 domain.
    pub kind: u64,
    /// `details`/`domain` of type 1; empty when the holder does not know it from a source it trusts.
    pub domain: Option<String>,
    /// `details`/`carrier` of type 0: `camera` in this project's camera session. Not of the standard.
    pub carrier: Option<String>,
}

impl OriginInfo {
    /// Received by scanning a screen: `{"cat": 1, "type": 0, "details": {"carrier": "camera"}}`.
    #[must_use]
    pub fn camera() -> Self {
        Self {
            category: 1,
            kind: 0,
            domain: None,
            carrier: Some("camera".to_owned()),
        }
    }

    /// Received from a website of that domain.
    #[must_use]
    pub fn domain(domain: &str) -> Self {
        Self {
            category: 1,
            kind: 1,
            domain: Some(domain.to_owned()),
            carrier: None,
        }
    }

    /// Whether it is [`OriginInfo::camera`].
    #[must_use]
    pub fn is_camera(&self) -> bool {
        (self.category, self.kind) == (1, 0) && self.carrier.as_deref() == Some("camera")
    }

    pub(super) fn read_all(d: &mut Decoder<'_>) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        let mut array = d.array()?;
        while array.next(d)? {
            if all.len() >= MAX_ORIGIN_INFOS {
                return Err(d.error(ErrorKind::TooManyItems));
            }
            all.push(Self::read(d)?);
        }
        Ok(all)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self> {
        let (mut category, mut kind, mut details) = (None, None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("cat") => category = Some(d.u64().in_field("cat", CLAUSE)?),
                Key::Text("type") => kind = Some(d.u64().in_field("type", CLAUSE)?),
                Key::Text("details") => details = Some(d.item().in_field("details", CLAUSE)?),
                _ => d.skip()?,
            }
        }
        let (category, kind) = (d.required(category, "cat")?, d.required(kind, "type")?);
        // What the details are depends on the type; those of an unknown one are only kept as bytes.
        let text = |wanted: u64, name: &str| match details {
            Some(details) if (category, kind) == (1, wanted) => details.decode(|d| read_detail(d, name)),
            _ => Ok(None),
        };
        Ok(Self {
            category,
            kind,
            domain: text(1, "domain").in_field("details", CLAUSE)?,
            carrier: text(0, "carrier").in_field("details", CLAUSE)?,
        })
    }

    pub(super) fn write(&self, e: &mut Encoder) {
        let details = [("domain", &self.domain), ("carrier", &self.carrier)];
        e.map(3).text("cat").uint(self.category).text("type").uint(self.kind);
        e.text("details")
            .map(details.iter().filter(|(_, d)| d.is_some()).count());
        for (name, value) in details {
            if let Some(value) = value {
                e.text(name).text(value);
            }
        }
    }
}

fn read_detail(d: &mut Decoder<'_>, name: &str) -> Result<Option<String>> {
    let mut found = None;
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        if key == Key::Text(name) {
            let text = d.text()?;
            if text.len() > MAX_OPTION_BYTES {
                return Err(d.error(ErrorKind::TooLarge));
            }
            found = Some(text.to_owned());
        } else {
            d.skip()?;
        }
    }
    Ok(found)
}
