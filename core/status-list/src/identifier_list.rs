//! Identifier lists (ISO 18013-5 2nd edition §12.3.6.4, A-I21): the identifiers of what is revoked.

use core::fmt;

use idwallet_cose::cbor::{Decoder, ErrorKind, InField, Key, Type};

use crate::{Status, StatusListError, claims, limits};

const CLAUSE: &str = "ISO 18013-5 2nd edition 12.3.6.4";

/// The identifiers of revoked MSOs, as received, sorted for look-up.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentifierList<'a> {
    identifiers: Vec<&'a [u8]>,
    aggregation_uri: Option<&'a str>,
}

impl<'a> IdentifierList<'a> {
    /// Reads `{"identifiers": {* bstr => {…}}, ?"aggregation_uri"}` and nothing after it. Keeps a reference of 16
    /// bytes an identifier.
    ///
    /// # Errors
    /// [`StatusListError::Malformed`]: another shape, an identifier twice, an empty one, or one over a limit.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StatusListError> {
        Ok(Decoder::decode(bytes, limits::CBOR, |d| {
            let (mut identifiers, mut aggregation_uri) = (None, None);
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("identifiers") => {
                        identifiers = Some(read_identifiers(d).in_field("identifiers", CLAUSE)?)
                    }
                    Key::Text("aggregation_uri") => {
                        aggregation_uri = Some(claims::uri(d).in_field("aggregation_uri", CLAUSE)?);
                    }
                    _ => d.skip()?,
                }
            }
            Ok(Self {
                identifiers: d.required(identifiers, "identifiers")?,
                aggregation_uri,
            })
        })?)
    }

    /// [`Status::Invalid`] for an identifier in the list, else [`Status::Valid`].
    #[must_use]
    pub fn status(&self, id: &[u8]) -> Status {
        if self.identifiers.binary_search(&id).is_ok() {
            Status::Invalid
        } else {
            Status::Valid
        }
    }

    /// How many identifiers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.identifiers.len()
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.identifiers.is_empty()
    }

    /// Where the addresses of all lists of this provider are.
    #[must_use]
    pub const fn aggregation_uri(&self) -> Option<&'a str> {
        self.aggregation_uri
    }
}

fn read_identifiers<'a>(d: &mut Decoder<'a>) -> idwallet_cose::cbor::Result<Vec<&'a [u8]>> {
    let mut map = d.map()?;
    if map.len().is_none_or(|n| n > limits::IDENTIFIERS) {
        return Err(d.error(ErrorKind::TooManyItems));
    }
    let mut identifiers = Vec::with_capacity(map.len().unwrap_or_default());
    loop {
        let before = d.clone();
        let Some(key) = map.next_key(d)? else { break };
        match key {
            Key::Bytes(id) if !id.is_empty() && id.len() <= limits::IDENTIFIER => identifiers.push(id),
            _ => {
                return Err(before.error(ErrorKind::InvalidValue(
                    "an identifier is not a byte string, empty, or too long",
                )));
            }
        }
        if d.peek()? != Type::Map {
            return Err(d.error(ErrorKind::InvalidValue("what belongs to an identifier is not a map")));
        }
        d.skip()?;
    }
    identifiers.sort_unstable();
    Ok(identifiers)
}

impl fmt::Debug for IdentifierList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentifierList").field("len", &self.len()).finish()
    }
}
