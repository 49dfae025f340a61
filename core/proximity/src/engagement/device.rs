//! `DeviceEngagement` as received (ISO 18013-5 §8.2.1.1, A-H01 to A-H04).

use super::security::{self, RawSecurity};
use super::{Capabilities, EphemeralKey, OriginInfo, RetrievalMethod};
use crate::{ProximityError, Result, limits};
use core::fmt;
use idwallet_cose::cbor::{Decoder, ErrorKind, InField, Key};
use idwallet_crypto::PublicKey;

const NAME: &str = "DeviceEngagement";
const CLAUSE: &str = "ISO 18013-5 §8.2.1.1";

/// A device engagement, received or just made. Its bytes are never written anew (A-C22).
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceEngagement {
    bytes: Vec<u8>,
    version: String,
    key: EphemeralKey,
    methods: Option<Vec<RetrievalMethod>>,
    origin_infos: Option<Vec<OriginInfo>>,
    capabilities: Option<Capabilities>,
}

/// What the map holds, before the key is looked at.
struct Fields<'a> {
    version: &'a str,
    security: RawSecurity<'a>,
    methods: Option<Vec<RetrievalMethod>>,
    origin_infos: Option<Vec<OriginInfo>>,
    capabilities: Option<Capabilities>,
}

impl DeviceEngagement {
    /// Parses the CBOR of an engagement; nothing may follow it. Unknown keys stay in the bytes and are passed over, key 3
    /// (server retrieval) with them.
    ///
    /// # Errors
    /// [`ProximityError::Malformed`] with offset, path and clause; [`ProximityError::UnknownVersion`] for another major version than 1;
    /// [`ProximityError::CipherSuite`], [`ProximityError::Key`], [`ProximityError::CannotAgree`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let fields = Decoder::decode(bytes, limits::ENGAGEMENT, read).map_err(ProximityError::malformed(NAME))?;
        security::check_version(fields.version, NAME)?;
        fields.security.check_suite(NAME)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            version: fields.version.to_owned(),
            key: EphemeralKey::read(fields.security.key, NAME)?,
            methods: fields.methods,
            origin_infos: fields.origin_infos,
            capabilities: fields.capabilities,
        })
    }

    /// The bytes as received: the content of `DeviceEngagementBytes`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The version text, `1.0` or `1.1` as a rule.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// EDeviceKey.
    #[must_use]
    pub fn e_device_key(&self) -> &PublicKey {
        &self.key.key
    }

    /// `EDeviceKeyBytes` as received, tag 24 included: what the BLE ident and the Wi-Fi names are derived from (A-H25, A-H30).
    #[must_use]
    pub fn e_device_key_bytes(&self) -> &[u8] {
        &self.key.tagged
    }

    /// The ways to connect; empty in an engagement by NFC, where the handover message has them.
    #[must_use]
    pub fn retrieval_methods(&self) -> &[RetrievalMethod] {
        self.methods.as_deref().unwrap_or_default()
    }

    /// Whether key 2 is there at all.
    pub(crate) fn has_retrieval_methods(&self) -> bool {
        self.methods.is_some()
    }

    /// `OriginInfos`, if they are there.
    #[must_use]
    pub fn origin_infos(&self) -> Option<&[OriginInfo]> {
        self.origin_infos.as_deref()
    }

    /// `Capabilities`, if they are there.
    #[must_use]
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }
}

fn read<'a>(d: &mut Decoder<'a>) -> idwallet_cose::cbor::Result<Fields<'a>> {
    let (mut version, mut security, mut methods, mut origin_infos, mut capabilities) = (None, None, None, None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(0) => version = Some(d.text().in_field("version", CLAUSE)?),
            Key::Int(1) => security = Some(RawSecurity::read(d).in_field("Security", CLAUSE)?),
            Key::Int(2) => {
                methods = Some(RetrievalMethod::read_all(d).in_field("DeviceRetrievalMethods", CLAUSE)?);
            }
            Key::Int(5) => origin_infos = Some(OriginInfo::read_all(d).in_field("OriginInfos", CLAUSE)?),
            Key::Int(6) => capabilities = Some(Capabilities::read(d).in_field("Capabilities", CLAUSE)?),
            _ => d.skip()?,
        }
    }
    if capabilities.is_some() && origin_infos.is_none() {
        let kind = ErrorKind::MissingField("OriginInfos");
        return Err(d.error(kind).in_field("", "ISO 18013-5 2nd edition §9.1"));
    }
    Ok(Fields {
        version: d.required(version, "version").in_field("", CLAUSE)?,
        security: d.required(security, "Security").in_field("", CLAUSE)?,
        methods,
        origin_infos,
        capabilities,
    })
}

impl fmt::Debug for DeviceEngagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(NAME)
            .field("version", &self.version)
            .field("curve", &self.key.key.curve())
            .field("methods", &self.methods)
            .field("origin_infos", &self.origin_infos)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}
