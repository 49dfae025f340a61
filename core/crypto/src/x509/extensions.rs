//! The certificate extensions that path validation and the profiles look at.

use super::der::{self, BOOLEAN, INTEGER, OCTET_STRING, Reader, SEQUENCE, Span, context, context_constructed};
use super::error::{X509Error, X509ErrorKind as Kind};
use super::{limits, oid};

/// One extension as it stands in a certificate or CRL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Contents octets of the identifier, see [`super::oid`].
    pub oid: &'a [u8],
    /// Whether it is marked critical.
    pub critical: bool,
    /// The DER value inside the OCTET STRING.
    pub value: &'a [u8],
}

/// keyUsage (RFC 5280 §4.2.1.3): bit 0 of the standard is the highest bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// digitalSignature.
    pub const DIGITAL_SIGNATURE: Self = Self(0x8000);
    /// contentCommitment, once called nonRepudiation: signatures that bind their maker, as on a published list.
    pub const CONTENT_COMMITMENT: Self = Self(0x4000);
    /// keyCertSign.
    pub const KEY_CERT_SIGN: Self = Self(0x0400);
    /// cRLSign.
    pub const CRL_SIGN: Self = Self(0x0200);
    /// keyCertSign and cRLSign, the bits of an IACA certificate (ISO 18013-5 B.1.2).
    pub const CERT_AND_CRL_SIGN: Self = Self(0x0600);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// basicConstraints (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many intermediate certificates may follow.
    pub path_len: Option<u32>,
}

/// Presence and criticality of an extension whose value is looked at elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) span: Span,
    pub(crate) critical: bool,
}

/// What the parser keeps of the extensions: no heap, only spans.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extensions {
    pub(crate) all: Span,
    pub(crate) key_usage: Option<(KeyUsage, bool)>,
    pub(crate) basic_constraints: Option<(BasicConstraints, bool)>,
    pub(crate) extended_key_usage: Option<Slot>,
    pub(crate) subject_key_id: Option<Slot>,
    pub(crate) authority_key_id: Option<Slot>,
    pub(crate) authority_key: Option<Span>,
    pub(crate) distribution_points: Option<Slot>,
    pub(crate) distribution_points_restricted: bool,
    pub(crate) issuer_alt_name: Option<Slot>,
    pub(crate) subject_alt_name: Option<Slot>,
    pub(crate) forbidden: Option<&'static str>,
    pub(crate) unknown_critical: Option<Span>,
}

/// The extensions in order; the span must hold what [`parse`] has accepted.
pub(crate) fn iter(input: &[u8], span: Span) -> impl Iterator<Item = Extension<'_>> {
    let mut reader = Reader::over(input, span);
    core::iter::from_fn(move || {
        if reader.is_empty() {
            None
        } else {
            one(&mut reader).ok().map(|(e, _, _)| e)
        }
    })
}

/// Reads one extension; with it the spans of identifier and value.
pub(crate) fn one<'a>(reader: &mut Reader<'a>) -> Result<(Extension<'a>, Span, Span), X509Error> {
    let mut fields = reader.expect(SEQUENCE, "Extension")?.reader();
    let oid = fields.oid()?;
    let critical = if fields.peek() == Some(BOOLEAN) {
        let at = fields.offset();
        if !fields.boolean()? {
            return Err(X509Error::new(at, Kind::DefaultEncoded("critical")));
        }
        true
    } else {
        false
    };
    let value = fields.expect(OCTET_STRING, "extension value")?;
    fields.finish()?;
    Ok((
        Extension {
            oid: oid.value,
            critical,
            value: value.value,
        },
        oid.span,
        value.span,
    ))
}

/// Reads `Extensions` (the SEQUENCE inside the explicit tag).
pub(crate) fn parse(input: &[u8], reader: &mut Reader<'_>) -> Result<Extensions, X509Error> {
    let sequence = reader.expect(SEQUENCE, "Extensions")?;
    let mut found = Extensions {
        all: sequence.span,
        ..Extensions::default()
    };
    let mut list = sequence.reader();
    if list.is_empty() {
        return Err(list.error(Kind::Expected("Extension")));
    }
    let mut seen: [Span; limits::EXTENSIONS] = [Span::default(); limits::EXTENSIONS];
    let mut count = 0_usize;
    while !list.is_empty() {
        let at = list.offset();
        let (extension, oid_span, span) = one(&mut list)?;
        if seen.iter().take(count).any(|s| s.of_bytes(input) == extension.oid) {
            return Err(X509Error::new(at, Kind::DuplicateExtension));
        }
        let Some(slot) = seen.get_mut(count) else {
            return Err(X509Error::new(at, Kind::Limit("number of extensions")));
        };
        *slot = oid_span;
        count = count.saturating_add(1);
        keep(&mut found, &extension, oid_span, span, input)?;
    }
    Ok(found)
}

fn keep(
    found: &mut Extensions,
    extension: &Extension<'_>,
    oid_span: Span,
    span: Span,
    input: &[u8],
) -> Result<(), X509Error> {
    let mut value = Reader::over(input, span);
    let critical = extension.critical;
    let slot = Some(Slot { span, critical });
    match extension.oid {
        oid::KEY_USAGE => {
            let bits = der::named_bits(&value.expect(der::BIT_STRING, "KeyUsage")?, "KeyUsage")?;
            found.key_usage = Some((KeyUsage(bits), critical));
            value.finish()?;
        }
        oid::BASIC_CONSTRAINTS => {
            found.basic_constraints = Some((basic_constraints(&mut value)?, critical));
            value.finish()?;
        }
        oid::EXTENDED_KEY_USAGE => {
            let sequence = value.expect(SEQUENCE, "ExtKeyUsageSyntax")?;
            value.finish()?;
            let mut list = sequence.reader();
            let mut count = 0_usize;
            while !list.is_empty() {
                list.oid()?;
                count = count.saturating_add(1);
            }
            if count == 0 || count > limits::KEY_PURPOSES {
                return Err(X509Error::new(span.start(), Kind::Malformed("ExtKeyUsageSyntax")));
            }
            found.extended_key_usage = Some(Slot {
                span: sequence.span,
                critical,
            });
        }
        oid::SUBJECT_KEY_ID => {
            let id = value.expect(OCTET_STRING, "SubjectKeyIdentifier")?;
            value.finish()?;
            found.subject_key_id = Some(Slot {
                span: id.span,
                critical,
            });
        }
        oid::AUTHORITY_KEY_ID => {
            let mut fields = value.expect(SEQUENCE, "AuthorityKeyIdentifier")?.reader();
            value.finish()?;
            found.authority_key = fields.optional(context(0))?.map(|e| e.span);
            fields.optional(context_constructed(1))?;
            fields.optional(context(2))?;
            fields.finish()?;
            found.authority_key_id = slot;
        }
        oid::CRL_DISTRIBUTION_POINTS => {
            let sequence = value.expect(SEQUENCE, "CRLDistributionPoints")?;
            value.finish()?;
            let mut list = sequence.reader();
            while !list.is_empty() {
                let point = distribution_point(&mut list)?;
                found.distribution_points_restricted |= point.restricted;
            }
            found.distribution_points = Some(Slot {
                span: sequence.span,
                critical,
            });
        }
        oid::ISSUER_ALT_NAME | oid::SUBJECT_ALT_NAME => {
            let names = value.expect(SEQUENCE, "GeneralNames")?;
            value.finish()?;
            let mut list = names.reader();
            while !list.is_empty() {
                list.any()?;
            }
            let slot = Some(Slot {
                span: names.span,
                critical,
            });
            if extension.oid == oid::ISSUER_ALT_NAME {
                found.issuer_alt_name = slot;
            } else {
                found.subject_alt_name = slot;
            }
        }
        oid::CERTIFICATE_POLICIES => {
            // Only "any policy" is ever asked for, so the policies themselves decide nothing (RFC 5280 §6.1.1 c).
            value.expect(SEQUENCE, "CertificatePolicies")?;
            value.finish()?;
        }
        oid::POLICY_MAPPINGS => found.forbidden = Some("policyMappings"),
        oid::NAME_CONSTRAINTS => found.forbidden = Some("nameConstraints"),
        oid::POLICY_CONSTRAINTS => found.forbidden = Some("policyConstraints"),
        oid::INHIBIT_ANY_POLICY => found.forbidden = Some("inhibitAnyPolicy"),
        oid::FRESHEST_CRL => found.forbidden = Some("freshestCRL"),
        _ => {}
    }
    let processed = matches!(
        extension.oid,
        oid::KEY_USAGE
            | oid::BASIC_CONSTRAINTS
            | oid::EXTENDED_KEY_USAGE
            | oid::SUBJECT_ALT_NAME
            | oid::CRL_DISTRIBUTION_POINTS
            | oid::CERTIFICATE_POLICIES
            | oid::SUBJECT_KEY_ID
            | oid::AUTHORITY_KEY_ID
    );
    if critical && !processed && found.unknown_critical.is_none() {
        found.unknown_critical = Some(oid_span);
    }
    Ok(())
}

fn basic_constraints(value: &mut Reader<'_>) -> Result<BasicConstraints, X509Error> {
    let mut fields = value.expect(SEQUENCE, "BasicConstraints")?.reader();
    let ca = if fields.peek() == Some(BOOLEAN) {
        let at = fields.offset();
        if !fields.boolean()? {
            return Err(X509Error::new(at, Kind::DefaultEncoded("cA")));
        }
        true
    } else {
        false
    };
    let path_len = if fields.peek() == Some(INTEGER) {
        Some(fields.small_integer("pathLenConstraint")?)
    } else {
        None
    };
    fields.finish()?;
    Ok(BasicConstraints { ca, path_len })
}

struct DistributionPoint<'a> {
    names: Option<Reader<'a>>,
    restricted: bool,
}

fn distribution_point<'a>(list: &mut Reader<'a>) -> Result<DistributionPoint<'a>, X509Error> {
    let mut fields = list.expect(SEQUENCE, "DistributionPoint")?.reader();
    let mut names = None;
    if let Some(point) = fields.optional(context_constructed(0))? {
        let mut choice = point.reader();
        if let Some(full) = choice.optional(context_constructed(0))? {
            let mut check = full.reader();
            while !check.is_empty() {
                check.any()?;
            }
            names = Some(full.reader());
        } else {
            choice.expect(context_constructed(1), "DistributionPointName")?;
        }
        choice.finish()?;
    }
    let reasons = fields.optional(context(1))?.is_some();
    let issuer = fields.optional(context_constructed(2))?.is_some();
    fields.finish()?;
    Ok(DistributionPoint {
        names,
        restricted: reasons || issuer,
    })
}

/// The URIs of the distribution points.
pub(crate) fn distribution_uris(input: &[u8], span: Span) -> impl Iterator<Item = &str> {
    let mut list = Reader::over(input, span);
    let mut names: Option<Reader<'_>> = None;
    core::iter::from_fn(move || {
        loop {
            if let Some(reader) = names.as_mut().filter(|r| !r.is_empty()) {
                let name = reader.any().ok()?;
                match core::str::from_utf8(name.value) {
                    Ok(uri) if name.tag == context(6) && uri.is_ascii() => return Some(uri),
                    _ => continue,
                }
            }
            if list.is_empty() {
                return None;
            }
            names = distribution_point(&mut list).ok()?.names;
        }
    })
}

/// Whether a GeneralNames value holds an email address or a URI (ISO 18013-5 B.1: issuerAltName).
pub(crate) fn has_contact(input: &[u8], span: Span) -> bool {
    let mut list = Reader::over(input, span);
    while let Ok(name) = list.any() {
        if matches!(name.tag, 0x81 | 0x86) && !name.value.is_empty() {
            return true;
        }
    }
    false
}
