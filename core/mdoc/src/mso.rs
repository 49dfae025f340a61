//! `MobileSecurityObject`: what the issuer signs (ISO 18013-5 §9.1.2.4).

use crate::limits::{self, MAX_ELEMENTS, MAX_NAME_SPACES};
use crate::parse::{cose_key, list, name, name_key, named, too_many};
use crate::{MdocError, Version};
use idwallet_cose::cbor::{Decoder, ErrorKind, InField, Item, Key, Result, Tag24};
use idwallet_crypto::Order as _;
use idwallet_crypto::{HashAlgorithm, PublicKey, Timestamp};

const CLAUSE: &str = "ISO 18013-5 §9.1.2.4";
const STATUS: &str = "ISO 18013-5 2nd edition §12.3.6";

/// A `tdate` as received (A-C06).
///
/// Parsing takes any RFC 3339 date and time; [`Self::is_strict`] tells whether it has the form that ISO 18013-5 asks for, so that
/// the verifier's profile decides what a wrong form means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tdate<'a> {
    text: &'a str,
    timestamp: Timestamp,
    strict: bool,
}

impl<'a> Tdate<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        d.expect_tag(0)?;
        let here = d.clone();
        let text = d.text()?;
        let strict = Timestamp::parse_rfc3339(text);
        let timestamp = match strict {
            Ok(timestamp) => timestamp,
            Err(_) => Timestamp::parse_rfc3339_lenient(text).map_err(|_| here.error(ErrorKind::InvalidDate))?,
        };
        Ok(Self {
            text,
            timestamp,
            strict: strict.is_ok(),
        })
    }

    /// The text as received.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The point in time; a fraction of a second is cut off.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Whether the text ends in `Z` and has no fraction of a second, as it must (ISO 18013-5 §9.1.2.4, A-C06).
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.strict
    }
}

/// `ValidityInfo`. The order of the dates is not checked here but by the verifier (A-V19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidityInfo<'a> {
    /// When the MSO was signed.
    pub signed: Tdate<'a>,
    /// From when it is valid.
    pub valid_from: Tdate<'a>,
    /// Until when it is valid.
    pub valid_until: Tdate<'a>,
    /// When the issuer expects to sign it anew.
    pub expected_update: Option<Tdate<'a>>,
}

impl<'a> ValidityInfo<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut signed, mut from, mut until, mut update) = (None, None, None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("signed") => signed = Some(Tdate::read(d).in_field("signed", CLAUSE)?),
                Key::Text("validFrom") => from = Some(Tdate::read(d).in_field("validFrom", CLAUSE)?),
                Key::Text("validUntil") => until = Some(Tdate::read(d).in_field("validUntil", CLAUSE)?),
                Key::Text("expectedUpdate") => update = Some(Tdate::read(d).in_field("expectedUpdate", CLAUSE)?),
                _ => d.skip()?,
            }
        }
        Ok(Self {
            signed: d.required(signed, "signed")?,
            valid_from: d.required(from, "validFrom")?,
            valid_until: d.required(until, "validUntil")?,
            expected_update: update,
        })
    }

    /// The four dates with their names, those that are there.
    pub fn dates(&self) -> impl Iterator<Item = (&'static str, Tdate<'a>)> {
        [
            Some(("signed", self.signed)),
            Some(("validFrom", self.valid_from)),
            Some(("validUntil", self.valid_until)),
            self.expected_update.map(|date| ("expectedUpdate", date)),
        ]
        .into_iter()
        .flatten()
    }
}

/// `KeyAuthorizations`: what the device key may sign by itself (A-I08, A-V22, A-H57).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyAuthorizations<'a> {
    name_spaces: Vec<&'a str>,
    data_elements: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> KeyAuthorizations<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let mut out = Self::default();
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("nameSpaces") => {
                    out.name_spaces = list(d, MAX_NAME_SPACES, name).in_field("nameSpaces", CLAUSE)?
                }
                Key::Text("dataElements") => {
                    out.data_elements =
                        named(d, MAX_NAME_SPACES, |d| list(d, MAX_ELEMENTS, name)).in_field("dataElements", CLAUSE)?;
                }
                _ => d.skip()?,
            }
        }
        Ok(out)
    }

    /// Namespaces authorised as a whole.
    #[must_use]
    pub fn name_spaces(&self) -> &[&'a str] {
        &self.name_spaces
    }

    /// Elements authorised one by one.
    #[must_use]
    pub fn data_elements(&self) -> &[(&'a str, Vec<&'a str>)] {
        &self.data_elements
    }

    /// Whether the device key may sign that element.
    #[must_use]
    pub fn allows(&self, name_space: &str, element: &str) -> bool {
        self.name_spaces.contains(&name_space)
            || self
                .data_elements
                .iter()
                .any(|(space, elements)| *space == name_space && elements.contains(&element))
    }

    /// What is wrong with the lists themselves: nothing in them, or a namespace in both (A-I08).
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let empty_list = self.data_elements.iter().any(|(_, elements)| elements.is_empty());
        if (self.name_spaces.is_empty() && self.data_elements.is_empty()) || empty_list {
            return Some("keyAuthorizations has an empty list");
        }
        let twice = self
            .data_elements
            .iter()
            .any(|(space, _)| self.name_spaces.contains(space));
        twice.then_some("keyAuthorizations has a namespace in both lists")
    }
}

/// `status_list` of an MSO: an index in a token status list (2nd edition §12.3.6.5, A-I20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusListReference<'a> {
    /// Index of this MSO.
    pub idx: u64,
    /// Where the list is published.
    pub uri: &'a str,
    /// DER certificate that is the trust point for the list, instead of the issuer's anchor (A-V30).
    pub certificate: Option<&'a [u8]>,
}

/// `identifier_list` of an MSO (2nd edition §12.3.6.4, A-I20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifierListReference<'a> {
    /// Identifier of this MSO.
    pub id: &'a [u8],
    /// Where the list is published.
    pub uri: &'a str,
    /// DER certificate that is the trust point for the list, instead of the issuer's anchor (A-V30).
    pub certificate: Option<&'a [u8]>,
}

/// `status` of an MSO. Both members may be absent when the issuer uses a mechanism this crate does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusReference<'a> {
    /// Token status list.
    pub status_list: Option<StatusListReference<'a>>,
    /// Identifier list.
    pub identifier_list: Option<IdentifierListReference<'a>>,
}

impl<'a> StatusReference<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let mut out = Self::default();
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("status_list") => {
                    let (id, uri, certificate) = Self::entry(d, "idx", |d| d.u64()).in_field("status_list", STATUS)?;
                    out.status_list = Some(StatusListReference {
                        idx: id,
                        uri,
                        certificate,
                    });
                }
                Key::Text("identifier_list") => {
                    let (id, uri, certificate) =
                        Self::entry(d, "id", |d| d.bytes()).in_field("identifier_list", STATUS)?;
                    out.identifier_list = Some(IdentifierListReference { id, uri, certificate });
                }
                _ => d.skip()?,
            }
        }
        Ok(out)
    }

    fn entry<T>(
        d: &mut Decoder<'a>,
        id_name: &'static str,
        mut read: impl FnMut(&mut Decoder<'a>) -> Result<T>,
    ) -> Result<(T, &'a str, Option<&'a [u8]>)> {
        let (mut id, mut uri, mut certificate) = (None, None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text(key) if key == id_name => id = Some(read(d).in_field(id_name, STATUS)?),
                Key::Text("uri") => uri = Some(name(d).in_field("uri", STATUS)?),
                Key::Text("certificate") => certificate = Some(d.bytes().in_field("certificate", STATUS)?),
                _ => d.skip()?,
            }
        }
        Ok((d.required(id, id_name)?, d.required(uri, "uri")?, certificate))
    }
}

/// The digests of one namespace, sorted by digest id.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NameSpaceDigests<'a> {
    name: &'a str,
    digests: Vec<(u64, &'a [u8])>,
}

impl<'a> NameSpaceDigests<'a> {
    fn read(name: &'a str, d: &mut Decoder<'a>) -> Result<Self> {
        let mut map = d.map()?;
        let count = map.len().unwrap_or_default();
        too_many(d, count, MAX_ELEMENTS.saturating_add(1))?;
        let mut digests = Vec::with_capacity(count);
        loop {
            let before = d.clone();
            let Some(key) = map.next_key(d)? else { break };
            let id = key.as_int().and_then(|id| u64::try_from(id).ok());
            let id = id.ok_or_else(|| before.error(ErrorKind::InvalidValue("digestID is not an unsigned integer")))?;
            digests.push((id, d.bytes()?));
        }
        digests.order_by_key(|(id, _)| *id);
        Ok(Self { name, digests })
    }
}

/// A view of the MSO. Parsing says nothing about trust.
#[derive(Clone, Debug)]
pub struct MobileSecurityObject<'a> {
    encoded: &'a [u8],
    version: Version<'a>,
    digest_algorithm: &'a str,
    value_digests: Vec<NameSpaceDigests<'a>>,
    device_key: PublicKey,
    key_authorizations: Option<KeyAuthorizations<'a>>,
    key_info: Option<Item<'a>>,
    doc_type: &'a str,
    validity: ValidityInfo<'a>,
    status: Option<StatusReference<'a>>,
}

impl<'a> MobileSecurityObject<'a> {
    /// Parses `MobileSecurityObjectBytes`, the payload of `issuerAuth`: tag 24 and the MSO inside (A-V16).
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        Tag24::parse(bytes, limits::MSO)
            .and_then(|tagged| tagged.decode(|d| Self::read(d, tagged.encoded())))
            .map_err(MdocError::malformed("MobileSecurityObject"))
    }

    fn read(d: &mut Decoder<'a>, encoded: &'a [u8]) -> Result<Self> {
        let (mut version, mut algorithm, mut digests, mut device) = (None, None, None, None);
        let (mut doc_type, mut validity, mut status) = (None, None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("version") => version = Some(d.text().in_field("version", CLAUSE)?),
                Key::Text("digestAlgorithm") => algorithm = Some(d.text().in_field("digestAlgorithm", CLAUSE)?),
                Key::Text("valueDigests") => digests = Some(Self::read_digests(d).in_field("valueDigests", CLAUSE)?),
                Key::Text("deviceKeyInfo") => device = Some(Self::read_device(d).in_field("deviceKeyInfo", CLAUSE)?),
                Key::Text("docType") => doc_type = Some(name(d).in_field("docType", CLAUSE)?),
                Key::Text("validityInfo") => validity = Some(ValidityInfo::read(d).in_field("validityInfo", CLAUSE)?),
                Key::Text("status") => status = Some(StatusReference::read(d).in_field("status", STATUS)?),
                _ => d.skip()?,
            }
        }
        let (device_key, key_authorizations, key_info) = d.required(device, "deviceKeyInfo")?;
        Ok(Self {
            encoded,
            version: Version::new(d.required(version, "version")?),
            digest_algorithm: d.required(algorithm, "digestAlgorithm")?,
            value_digests: d.required(digests, "valueDigests")?,
            device_key,
            key_authorizations,
            key_info,
            doc_type: d.required(doc_type, "docType")?,
            validity: d.required(validity, "validityInfo")?,
            status,
        })
    }

    fn read_digests(d: &mut Decoder<'a>) -> Result<Vec<NameSpaceDigests<'a>>> {
        let mut map = d.map()?;
        let mut out = Vec::with_capacity(map.len().unwrap_or_default().min(MAX_NAME_SPACES));
        while let Some(space) = name_key(&mut map, d)? {
            too_many(d, out.len(), MAX_NAME_SPACES)?;
            out.push(NameSpaceDigests::read(space, d)?);
        }
        Ok(out)
    }

    #[allow(
        clippy::type_complexity,
        reason = "three members of deviceKeyInfo, taken apart at once by the only caller"
    )]
    fn read_device(d: &mut Decoder<'a>) -> Result<(PublicKey, Option<KeyAuthorizations<'a>>, Option<Item<'a>>)> {
        let (mut device_key, mut authorizations, mut info) = (None, None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("deviceKey") => device_key = Some(cose_key(d).in_field("deviceKey", "ISO 18013-5 §9.1.5.2")?),
                Key::Text("keyAuthorizations") => {
                    authorizations = Some(KeyAuthorizations::read(d).in_field("keyAuthorizations", CLAUSE)?);
                }
                Key::Text("keyInfo") => info = Some(d.item().in_field("keyInfo", CLAUSE)?),
                _ => d.skip()?,
            }
        }
        Ok((d.required(device_key, "deviceKey")?, authorizations, info))
    }

    /// `MobileSecurityObjectBytes` as received, tag 24 included.
    #[must_use]
    pub fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// `version`.
    #[must_use]
    pub fn version(&self) -> Version<'a> {
        self.version
    }

    /// `digestAlgorithm` as received.
    #[must_use]
    pub fn digest_algorithm(&self) -> &'a str {
        self.digest_algorithm
    }

    /// The digest algorithm, when it is one of SHA-256, SHA-384 and SHA-512 (A-V16).
    #[must_use]
    pub fn hash_algorithm(&self) -> Option<HashAlgorithm> {
        HashAlgorithm::from_name(self.digest_algorithm)
    }

    /// The digest with that id **in that namespace** (A-V17). There is no look-up across namespaces.
    #[must_use]
    pub fn digest(&self, name_space: &str, digest_id: u64) -> Option<&'a [u8]> {
        let space = self.value_digests.iter().find(|s| s.name == name_space)?;
        let at = space.digests.binary_search_by_key(&digest_id, |(id, _)| *id).ok()?;
        space.digests.get(at).map(|(_, digest)| *digest)
    }

    /// The namespaces of `valueDigests` with their digests by id.
    pub fn value_digests(&self) -> impl Iterator<Item = (&'a str, &[(u64, &'a [u8])])> + '_ {
        self.value_digests.iter().map(|s| (s.name, s.digests.as_slice()))
    }

    /// The holder's key. On its curve, and nothing else is known of it.
    #[must_use]
    pub fn device_key(&self) -> &PublicKey {
        &self.device_key
    }

    /// What the device key may sign by itself.
    #[must_use]
    pub fn key_authorizations(&self) -> Option<&KeyAuthorizations<'a>> {
        self.key_authorizations.as_ref()
    }

    /// `keyInfo`, whatever it is.
    #[must_use]
    pub fn key_info(&self) -> Option<Item<'a>> {
        self.key_info
    }

    /// `docType`.
    #[must_use]
    pub fn doc_type(&self) -> &'a str {
        self.doc_type
    }

    /// `validityInfo`.
    #[must_use]
    pub fn validity(&self) -> &ValidityInfo<'a> {
        &self.validity
    }

    /// `status`, where the MSO has one.
    #[must_use]
    pub fn status(&self) -> Option<&StatusReference<'a>> {
        self.status.as_ref()
    }
}
