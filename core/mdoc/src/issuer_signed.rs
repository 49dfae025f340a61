//! `IssuerSigned`: what the issuer gave, as received (ISO 18013-5 §8.3.2.1.2.2).

use crate::item_fast;
use crate::limits::{self, MAX_ELEMENTS, MAX_NAME_SPACES};
use crate::parse::{name, sign1, too_many};
use crate::{MdocError, MobileSecurityObject};
use core::fmt;
use idwallet_cose::Sign1;
use idwallet_cose::cbor::{Decoder, InField, Item, Key, Result, Tag24};

const CLAUSE: &str = "ISO 18013-5 §8.3.2.1.2.2";

/// One data element with its salt, exactly as the issuer encoded it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IssuerSignedItem<'a> {
    encoded: &'a [u8],
    digest_id: u64,
    random: &'a [u8],
    element_identifier: &'a str,
    element_value: Item<'a>,
}

impl fmt::Debug for IssuerSignedItem<'_> {
    /// Neither value nor salt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerSignedItem")
            .field("digest_id", &self.digest_id)
            .field("element_identifier", &self.element_identifier)
            .field("element_value", &self.element_value)
            .finish_non_exhaustive()
    }
}

impl<'a> IssuerSignedItem<'a> {
    /// Reads one `IssuerSignedItemBytes`.
    #[inline]
    pub(crate) fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let tagged = d.tag24()?;
        match item_fast::read(tagged.inner(), d.limits()) {
            Some((digest_id, random, element_identifier, element_value)) => Ok(Self {
                encoded: tagged.encoded(),
                digest_id,
                random,
                element_identifier,
                element_value,
            }),
            None => Self::read_any(tagged),
        }
    }

    /// Everything that [`item_fast`] leaves, and all errors.
    #[cold]
    pub(crate) fn read_any(tagged: Tag24<'a>) -> Result<Self> {
        let (mut digest_id, mut random, mut identifier, mut value) = (None, None, None, None);
        tagged.decode(|d| {
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("digestID") => digest_id = Some(d.u64().in_field("digestID", CLAUSE)?),
                    Key::Text("random") => random = Some(d.bytes().in_field("random", CLAUSE)?),
                    Key::Text("elementIdentifier") => identifier = Some(name(d).in_field("elementIdentifier", CLAUSE)?),
                    Key::Text("elementValue") => value = Some(d.item().in_field("elementValue", CLAUSE)?),
                    _ => d.skip()?,
                }
            }
            Ok(Self {
                encoded: tagged.encoded(),
                digest_id: d.required(digest_id, "digestID")?,
                random: d.required(random, "random")?,
                element_identifier: d.required(identifier, "elementIdentifier")?,
                element_value: d.required(value, "elementValue")?,
            })
        })
    }

    /// `IssuerSignedItemBytes`, tag 24 included: what is digested and what is sent (A-C04, A-H52).
    #[must_use]
    pub fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// The key of the digest in `valueDigests` of the same namespace.
    #[must_use]
    pub fn digest_id(&self) -> u64 {
        self.digest_id
    }

    /// The salt.
    #[must_use]
    pub fn random(&self) -> &'a [u8] {
        self.random
    }

    /// The name of the data element.
    #[must_use]
    pub fn element_identifier(&self) -> &'a str {
        self.element_identifier
    }

    /// The value, as received.
    #[must_use]
    pub fn element_value(&self) -> Item<'a> {
        self.element_value
    }
}

/// The items of one namespace, in the order received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameSpaceItems<'a> {
    name: &'a str,
    items: Vec<IssuerSignedItem<'a>>,
}

impl<'a> NameSpaceItems<'a> {
    /// The namespace.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its items.
    #[must_use]
    pub fn items(&self) -> &[IssuerSignedItem<'a>] {
        &self.items
    }
}

/// A view of `IssuerSigned`. Parsing says nothing about trust.
#[derive(Clone)]
pub struct IssuerSigned<'a> {
    bytes: &'a [u8],
    name_spaces: Vec<NameSpaceItems<'a>>,
    issuer_auth: Sign1<'a>,
}

impl fmt::Debug for IssuerSigned<'_> {
    /// The names without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerSigned")
            .field("name_spaces", &self.name_spaces)
            .field("issuer_auth", &self.issuer_auth)
            .finish_non_exhaustive()
    }
}

impl<'a> IssuerSigned<'a> {
    /// Parses the bytes of one `IssuerSigned`; nothing may follow it.
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        Decoder::decode(bytes, limits::RESPONSE, Self::read).map_err(MdocError::malformed("IssuerSigned"))
    }

    pub(crate) fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let encoded = d.encoded(|d| {
            let (mut name_spaces, mut issuer_auth) = (None, None);
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("nameSpaces") => name_spaces = Some(read_name_spaces(d).in_field("nameSpaces", CLAUSE)?),
                    Key::Text("issuerAuth") => {
                        issuer_auth = Some(sign1(d).in_field("issuerAuth", "ISO 18013-5 §9.1.2.4")?);
                    }
                    _ => d.skip()?,
                }
            }
            Ok((
                name_spaces.unwrap_or_default(),
                d.required(issuer_auth, "issuerAuth").in_field("", CLAUSE)?,
            ))
        })?;
        let bytes = encoded.bytes();
        let (name_spaces, issuer_auth) = encoded.into_view();
        Ok(Self {
            bytes,
            name_spaces,
            issuer_auth,
        })
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The namespaces with their items, in the order received; empty when `nameSpaces` is absent.
    #[must_use]
    pub fn name_spaces(&self) -> &[NameSpaceItems<'a>] {
        &self.name_spaces
    }

    /// The issuer's signature over the MSO, not verified.
    #[must_use]
    pub fn issuer_auth(&self) -> &Sign1<'a> {
        &self.issuer_auth
    }

    /// The item of that name in that namespace: the first one, if a bad document has two.
    #[must_use]
    pub fn item(&self, name_space: &str, element: &str) -> Option<&IssuerSignedItem<'a>> {
        let space = self.name_spaces.iter().find(|s| s.name == name_space)?;
        space.items.iter().find(|i| i.element_identifier == element)
    }

    /// Every item with its namespace.
    pub fn items(&self) -> impl Iterator<Item = (&'a str, &IssuerSignedItem<'a>)> + '_ {
        self.name_spaces
            .iter()
            .flat_map(|s| s.items.iter().map(|i| (s.name, i)))
    }

    /// The MSO inside `issuerAuth`, not verified.
    ///
    /// # Errors
    /// [`MdocError::Malformed`]: the payload is missing or is not `#6.24(bstr .cbor MobileSecurityObject)` (A-V16).
    pub fn mobile_security_object(&self) -> Result<MobileSecurityObject<'a>, MdocError> {
        let payload = self
            .issuer_auth
            .unverified_payload()
            .ok_or(MdocError::MissingPayload("issuerAuth"))?;
        MobileSecurityObject::parse(payload)
    }
}

fn read_name_spaces<'a>(d: &mut Decoder<'a>) -> Result<Vec<NameSpaceItems<'a>>> {
    let mut map = d.map()?;
    let mut spaces = Vec::with_capacity(map.len().unwrap_or_default().min(MAX_NAME_SPACES));
    while let Some(space) = crate::parse::name_key(&mut map, d)? {
        too_many(d, spaces.len(), MAX_NAME_SPACES)?;
        let mut array = d.array()?;
        let count = array.len().unwrap_or_default();
        too_many(d, count, MAX_ELEMENTS.saturating_add(1))?;
        let mut items = Vec::with_capacity(count);
        while array.next(d)? {
            items.push(IssuerSignedItem::read(d).in_field("IssuerSignedItem", CLAUSE)?);
        }
        spaces.push(NameSpaceItems { name: space, items });
    }
    Ok(spaces)
}
