//! `ReaderEngagement` (ISO/IEC TS 18013-7 A.1, B-H09).

use super::security::{self, RawSecurity};
use super::{EphemeralKey, RetrievalMethod, read_reader_key};
use crate::{ProximityError, Result, limits};
use core::fmt;
use idwallet_cose::cbor::{self, Decoder, Encoder, InField, Key, Tag24Buf};
use idwallet_crypto::{PublicKey, sha256};

const NAME: &str = "ReaderEngagement";
const CLAUSE: &str = "ISO/IEC TS 18013-7 A.1";

/// A reader engagement, received or just made. Its bytes are never written anew.
///
/// In an NFC handover request it may hold a version and nothing else; where a key is needed, its absence is an error there.
#[derive(Clone, PartialEq, Eq)]
pub struct ReaderEngagement {
    bytes: Vec<u8>,
    version: String,
    key: Option<EphemeralKey>,
    methods: Vec<RetrievalMethod>,
}

impl ReaderEngagement {
    /// Parses the CBOR of an engagement; nothing may follow it. Unknown keys stay in the bytes and are passed over.
    ///
    /// # Errors
    /// As [`DeviceEngagement::parse`](super::DeviceEngagement::parse), and [`ProximityError::CompressedReaderKey`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (version, security, methods) =
            Decoder::decode(bytes, limits::ENGAGEMENT, read).map_err(ProximityError::malformed(NAME))?;
        security::check_version(version, NAME)?;
        let key = match security {
            Some(security) => {
                security.check_suite(NAME)?;
                Some(read_reader_key(security.key, NAME)?)
            }
            None => None,
        };
        Ok(Self {
            bytes: bytes.to_vec(),
            version: version.to_owned(),
            key,
            methods,
        })
    }

    /// An engagement of version 1.1 with this ephemeral key and no retrieval method: the answer goes where the engagement came from.
    ///
    /// # Errors
    /// [`ProximityError::CannotAgree`].
    pub fn new(e_reader_key: &PublicKey) -> Result<Self> {
        let mut e = Encoder::new();
        e.map(2).uint(0).text("1.1").uint(1);
        security::write(&mut e, e_reader_key);
        Self::parse(e.as_slice())
    }

    /// The bytes as received: the content of `ReaderEngagementBytes`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The version text.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// EReaderKey, where there is one.
    #[must_use]
    pub fn e_reader_key(&self) -> Option<&PublicKey> {
        self.key.as_ref().map(|key| &key.key)
    }

    /// The COSE_Key of EReaderKey as received.
    pub(crate) fn e_reader_cose_key(&self) -> Option<&[u8]> {
        self.key.as_ref().map(EphemeralKey::cose_key)
    }

    /// The ways to reach the reader.
    #[must_use]
    pub fn retrieval_methods(&self) -> &[RetrievalMethod] {
        &self.methods
    }

    /// SHA-256 of `ReaderEngagementBytes`, tag 24 included: the handover in the transcript (ISO/IEC TS 18013-7 A.8).
    #[must_use]
    pub fn handover_hash(&self) -> [u8; 32] {
        sha256(Tag24Buf::wrap(&self.bytes).encoded())
    }
}

type Fields<'a> = (&'a str, Option<RawSecurity<'a>>, Vec<RetrievalMethod>);

fn read<'a>(d: &mut Decoder<'a>) -> cbor::Result<Fields<'a>> {
    let (mut version, mut security, mut methods) = (None, None, Vec::new());
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(0) => version = Some(d.text().in_field("version", CLAUSE)?),
            Key::Int(1) => security = Some(RawSecurity::read(d).in_field("Security", CLAUSE)?),
            Key::Int(2) => methods = RetrievalMethod::read_all(d).in_field("DeviceRetrievalMethods", CLAUSE)?,
            _ => d.skip()?,
        }
    }
    Ok((d.required(version, "version").in_field("", CLAUSE)?, security, methods))
}

impl fmt::Debug for ReaderEngagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(NAME)
            .field("version", &self.version)
            .field("curve", &self.e_reader_key().map(PublicKey::curve))
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}
