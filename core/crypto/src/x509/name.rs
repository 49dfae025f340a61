//! Distinguished names: compared as the bytes they are, read for display and for the country and state rules.

use core::fmt;

use super::der::{self, IA5_STRING, OID, PRINTABLE_STRING, Reader, SEQUENCE, SET, Span, UTF8_STRING};
use super::error::{X509Error, X509ErrorKind as Kind};
use super::{limits, oid};

/// A borrowed `Name`.
///
/// Equality is equality of the DER encoding (RFC 5280 §7.1 allows more, which in the field only hides mistakes).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    der: &'a [u8],
}

/// One attribute of a [`Name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Contents octets of the attribute type, see [`super::oid`].
    pub oid: &'a [u8],
    /// Universal tag of the string.
    pub tag: u8,
    /// The string as it stands there.
    pub value: &'a [u8],
}

impl<'a> Attribute<'a> {
    /// The text, if it is a UTF8String, PrintableString or IA5String with valid contents.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match self.tag {
            UTF8_STRING => core::str::from_utf8(self.value).ok(),
            PRINTABLE_STRING | IA5_STRING if self.value.is_ascii() => core::str::from_utf8(self.value).ok(),
            _ => None,
        }
    }

    /// Whether it is a PrintableString, as countryName has to be.
    #[must_use]
    pub const fn is_printable_string(&self) -> bool {
        self.tag == PRINTABLE_STRING
    }
}

impl<'a> Name<'a> {
    /// A name that [`check`] has accepted.
    pub(crate) const fn checked(der: &'a [u8]) -> Self {
        Self { der }
    }

    /// The encoding, as received.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The attributes in the order in which they are encoded.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut rdns = Reader::new(self.der).expect(SEQUENCE, "Name").ok().map(|e| e.reader());
        let mut set: Option<Reader<'a>> = None;
        core::iter::from_fn(move || {
            loop {
                if let Some(reader) = set.as_mut().filter(|r| !r.is_empty()) {
                    return attribute(reader).ok();
                }
                let next = rdns.as_mut().filter(|r| !r.is_empty())?;
                set = Some(next.any().ok()?.reader());
            }
        })
    }

    /// The first attribute of this type.
    #[must_use]
    pub fn attribute(&self, oid: &[u8]) -> Option<Attribute<'a>> {
        self.attributes().find(|a| a.oid == oid)
    }

    /// countryName (C).
    #[must_use]
    pub fn country(&self) -> Option<&'a str> {
        self.attribute(oid::COUNTRY).and_then(|a| a.text())
    }

    /// stateOrProvinceName (ST).
    #[must_use]
    pub fn state_or_province(&self) -> Option<&'a str> {
        self.attribute(oid::STATE).and_then(|a| a.text())
    }

    /// organizationName (O).
    #[must_use]
    pub fn organization(&self) -> Option<&'a str> {
        self.attribute(oid::ORGANIZATION).and_then(|a| a.text())
    }

    /// commonName (CN).
    #[must_use]
    pub fn common_name(&self) -> Option<&'a str> {
        self.attribute(oid::COMMON_NAME).and_then(|a| a.text())
    }

    /// Whether there is no attribute at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes().next().is_none()
    }
}

/// `CN=…, O=…, C=…`: the most specific attribute first, control characters replaced.
impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes: Vec<_> = self.attributes().collect();
        let is_common_name = |a: &&Attribute<'_>| a.oid == oid::COMMON_NAME;
        let order = attributes
            .iter()
            .filter(is_common_name)
            .chain(attributes.iter().rev().filter(|a| !is_common_name(a)));
        for (index, attribute) in order.enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match attribute.oid {
                oid::COMMON_NAME => f.write_str("CN=")?,
                oid::COUNTRY => f.write_str("C=")?,
                oid::STATE => f.write_str("ST=")?,
                oid::LOCALITY => f.write_str("L=")?,
                oid::ORGANIZATION => f.write_str("O=")?,
                oid::ORGANIZATIONAL_UNIT => f.write_str("OU=")?,
                oid::NAME_SERIAL => f.write_str("SERIALNUMBER=")?,
                other => write!(f, "{}=", der::oid_text(other))?,
            }
            for c in String::from_utf8_lossy(attribute.value).chars() {
                fmt::Write::write_char(f, if c.is_control() { '\u{fffd}' } else { c })?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

fn attribute<'a>(reader: &mut Reader<'a>) -> Result<Attribute<'a>, X509Error> {
    let mut pair = reader.expect(SEQUENCE, "AttributeTypeAndValue")?.reader();
    let kind = pair.oid()?;
    let value = pair.any()?;
    pair.finish()?;
    debug_assert_eq!(kind.tag, OID);
    Ok(Attribute {
        oid: kind.value,
        tag: value.tag,
        value: value.value,
    })
}

/// Reads a name, checks its structure and gives the span of the whole.
pub(crate) fn check(reader: &mut Reader<'_>) -> Result<Span, X509Error> {
    let sequence = reader.expect(SEQUENCE, "Name")?;
    let mut count = 0_usize;
    let mut rdns = sequence.reader();
    while !rdns.is_empty() {
        let mut set = rdns.expect(SET, "RelativeDistinguishedName")?.reader();
        if set.is_empty() {
            return Err(set.error(Kind::Expected("AttributeTypeAndValue")));
        }
        while !set.is_empty() {
            attribute(&mut set)?;
            count = count.saturating_add(1);
            if count > limits::NAME_ATTRIBUTES {
                return Err(set.error(Kind::Limit("number of name attributes")));
            }
        }
    }
    Ok(sequence.whole)
}

/// A distinguished name for the builders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameBuilder {
    rdns: Vec<u8>,
}

impl NameBuilder {
    /// An empty name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `C=country, ST=state (if any), CN=common name`, in that order.
    #[must_use]
    pub fn of(country: &str, state: Option<&str>, common_name: &str) -> Self {
        let name = Self::new().country(country);
        let name = match state {
            Some(state) => name.text(oid::STATE, state),
            None => name,
        };
        name.text(oid::COMMON_NAME, common_name)
    }

    /// countryName, a PrintableString (ISO 18013-5 B.1.1).
    #[must_use]
    pub fn country(self, country: &str) -> Self {
        self.attribute(oid::COUNTRY, PRINTABLE_STRING, country.as_bytes())
    }

    /// Any other attribute, a UTF8String.
    #[must_use]
    pub fn text(self, oid: &[u8], value: &str) -> Self {
        self.attribute(oid, UTF8_STRING, value.as_bytes())
    }

    /// An attribute with a string type of the caller's choice.
    #[must_use]
    pub fn attribute(mut self, oid: &[u8], tag: u8, value: &[u8]) -> Self {
        let pair = der::encode(SEQUENCE, &[&der::encode(OID, &[oid]), &der::encode(tag, &[value])]);
        self.rdns.extend(der::encode(SET, &[&pair]));
        self
    }

    /// The encoding.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        der::encode(SEQUENCE, &[&self.rdns])
    }
}
