//! A trust list as received.

use core::fmt;
use std::borrow::Cow;

use idwallet_cose::cbor::{Decoder, ErrorKind, InField, Key, Result, Type};
use idwallet_cose::{CoseError, Policy, Sign1};
use idwallet_crypto::Timestamp;

use super::{CLAUSE, NAME};
use crate::{TrustError, limits};

/// A trust list as received: nothing in it is to be believed.
#[derive(Clone)]
pub struct UnverifiedVical<'a> {
    pub(super) sign1: Sign1<'a>,
    pub(super) is_tagged: bool,
    pub(super) header: VicalHeader<'a>,
    pub(super) infos: Vec<CertificateInfo<'a>>,
}

/// What a trust list says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VicalHeader<'a> {
    /// `version`.
    pub version: &'a str,
    /// `vicalProvider`.
    pub provider: &'a str,
    /// `date`: when it was issued.
    pub date: Timestamp,
    /// `vicalIssueID`: grows with every issue.
    pub issue_id: Option<u64>,
    /// `nextUpdate`: when the next one is due.
    pub next_update: Option<Timestamp>,
    /// `notAfter`: until when it may be used (2nd edition).
    pub not_after: Option<Timestamp>,
    /// `vicalURL`: where the newest one is (2nd edition).
    pub url: Option<&'a str>,
    /// Whether every date had the form that the standard asks for.
    pub(super) has_strict_dates: bool,
}

/// One entry as received. Its certificate is the truth; the other members repeat what is in it (A-V42).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInfo<'a> {
    /// `certificate`, DER.
    pub certificate: &'a [u8],
    /// `serialNumber`, big-endian without leading zeros.
    pub serial_number: Cow<'a, [u8]>,
    /// `ski`.
    pub ski: &'a [u8],
    /// `docType`: for which documents the issuer counts.
    pub doc_types: Vec<&'a str>,
    /// `certificateProfile`: object identifiers, dotted, or URNs.
    pub certificate_profile: Vec<&'a str>,
    /// `issuingAuthority`.
    pub issuing_authority: Option<&'a str>,
    /// `issuingCountry`.
    pub issuing_country: Option<&'a str>,
    /// `stateOrProvinceName`.
    pub state_or_province: Option<&'a str>,
    /// `issuer`, DER.
    pub issuer: Option<&'a [u8]>,
    /// `subject`, DER.
    pub subject: Option<&'a [u8]>,
    /// `notBefore`.
    pub not_before: Option<Timestamp>,
    /// `notAfter`.
    pub not_after: Option<Timestamp>,
}

impl<'a> UnverifiedVical<'a> {
    /// Reads a COSE_Sign1 whose payload is a `VICAL`, borrowing from `bytes` (A-V40).
    ///
    /// # Errors
    /// [`TrustError::Malformed`], [`TrustError::Cose`]: what is wrong, where, and which clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TrustError> {
        let policy = Policy {
            limits: limits::VICAL_CBOR,
            ..Policy::TAG_ALLOWED
        };
        let is_tagged = Decoder::with_limits(bytes, limits::VICAL_CBOR)
            .peek()
            .map_err(TrustError::malformed(NAME))?
            == Type::Tag;
        let sign1 = Sign1::parse(bytes, &policy).map_err(TrustError::cose(NAME))?;
        let payload = sign1
            .unverified_payload()
            .ok_or(CoseError::PayloadMissing)
            .map_err(TrustError::cose(NAME))?;
        let (header, infos) =
            Decoder::decode(payload, limits::VICAL_CBOR, read_vical).map_err(TrustError::malformed(NAME))?;
        Ok(Self {
            sign1,
            is_tagged,
            header,
            infos,
        })
    }

    /// What it says about itself, of which nothing is known yet: for showing what is in a file.
    #[must_use]
    pub const fn dangerous_header(&self) -> &VicalHeader<'a> {
        &self.header
    }

    /// Its entries, of which nothing is known yet: for showing what is in a file.
    #[must_use]
    pub fn dangerous_entries(&self) -> &[CertificateInfo<'a>] {
        &self.infos
    }

    /// The certificates that came with it, leaf first, DER; nothing is known of them.
    #[must_use]
    pub fn dangerous_chain(&self) -> Vec<&'a [u8]> {
        self.sign1
            .headers()
            .x5chain()
            .map(|chain| chain.to_vec())
            .unwrap_or_default()
    }
}

impl fmt::Debug for UnverifiedVical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedVical")
            .field("header", &self.header)
            .field("entries", &self.infos.len())
            .finish_non_exhaustive()
    }
}

fn read_vical<'a>(d: &mut Decoder<'a>) -> Result<(VicalHeader<'a>, Vec<CertificateInfo<'a>>)> {
    let (mut version, mut provider, mut date, mut issue_id) = (None, None, None, None);
    let (mut next_update, mut not_after, mut url, mut infos) = (None, None, None, None);
    let mut strict = true;
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Text("version") => version = Some(text(d).in_field("version", CLAUSE)?),
            Key::Text("vicalProvider") => provider = Some(text(d).in_field("vicalProvider", CLAUSE)?),
            Key::Text("date") => date = Some(time(d, &mut strict).in_field("date", CLAUSE)?),
            Key::Text("vicalIssueID") => issue_id = Some(d.u64().in_field("vicalIssueID", CLAUSE)?),
            Key::Text("nextUpdate") => next_update = Some(time(d, &mut strict).in_field("nextUpdate", CLAUSE)?),
            Key::Text("notAfter") => not_after = Some(time(d, &mut strict).in_field("notAfter", CLAUSE)?),
            Key::Text("vicalURL") => url = Some(text(d).in_field("vicalURL", CLAUSE)?),
            Key::Text("certificateInfos") => {
                infos = Some(read_infos(d, &mut strict).in_field("certificateInfos", CLAUSE)?)
            }
            _ => d.skip()?,
        }
    }
    let header = VicalHeader {
        version: d.required(version, "version")?,
        provider: d.required(provider, "vicalProvider")?,
        date: d.required(date, "date")?,
        issue_id,
        next_update,
        not_after,
        url,
        has_strict_dates: strict,
    };
    Ok((header, d.required(infos, "certificateInfos")?))
}

fn read_infos<'a>(d: &mut Decoder<'a>, strict: &mut bool) -> Result<Vec<CertificateInfo<'a>>> {
    let mut array = d.array()?;
    let count = array.len().unwrap_or_default();
    if count > limits::VICAL_ENTRIES {
        return Err(d.error(ErrorKind::TooManyItems));
    }
    let mut infos = Vec::new();
    while array.next(d)? {
        infos.push(read_info(d, strict)?);
    }
    Ok(infos)
}

fn read_info<'a>(d: &mut Decoder<'a>, strict: &mut bool) -> Result<CertificateInfo<'a>> {
    let (mut certificate, mut serial_number, mut ski, mut doc_types) = (None, None, None, None);
    let mut certificate_profile = Vec::new();
    let (mut issuing_authority, mut issuing_country, mut state_or_province) = (None, None, None);
    let (mut issuer, mut subject, mut not_before, mut not_after) = (None, None, None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Text("certificate") => certificate = Some(d.bytes().in_field("certificate", CLAUSE)?),
            Key::Text("serialNumber") => serial_number = Some(serial(d).in_field("serialNumber", CLAUSE)?),
            Key::Text("ski") => ski = Some(d.bytes().in_field("ski", CLAUSE)?),
            Key::Text("docType") => doc_types = Some(texts(d).in_field("docType", CLAUSE)?),
            Key::Text("certificateProfile") => {
                certificate_profile = texts(d).in_field("certificateProfile", CLAUSE)?;
            }
            Key::Text("issuingAuthority") => issuing_authority = Some(text(d).in_field("issuingAuthority", CLAUSE)?),
            Key::Text("issuingCountry") => issuing_country = Some(text(d).in_field("issuingCountry", CLAUSE)?),
            Key::Text("stateOrProvinceName") => {
                state_or_province = Some(text(d).in_field("stateOrProvinceName", CLAUSE)?);
            }
            Key::Text("issuer") => issuer = Some(d.bytes().in_field("issuer", CLAUSE)?),
            Key::Text("subject") => subject = Some(d.bytes().in_field("subject", CLAUSE)?),
            Key::Text("notBefore") => not_before = Some(time(d, strict).in_field("notBefore", CLAUSE)?),
            Key::Text("notAfter") => not_after = Some(time(d, strict).in_field("notAfter", CLAUSE)?),
            _ => d.skip()?,
        }
    }
    Ok(CertificateInfo {
        certificate: d.required(certificate, "certificate")?,
        serial_number: d.required(serial_number, "serialNumber")?,
        ski: d.required(ski, "ski")?,
        doc_types: d.required(doc_types, "docType")?,
        certificate_profile,
        issuing_authority,
        issuing_country,
        state_or_province,
        issuer,
        subject,
        not_before,
        not_after,
    })
}

/// biguint or unsigned integer, without leading zeros.
fn serial<'a>(d: &mut Decoder<'a>) -> Result<Cow<'a, [u8]>> {
    if d.peek()? == Type::Tag {
        d.expect_tag(2)?;
        let bytes = d.bytes()?;
        return Ok(Cow::Borrowed(super::check::without_leading_zeros(bytes)));
    }
    let bytes = d.u64()?.to_be_bytes();
    Ok(Cow::Owned(super::check::without_leading_zeros(&bytes).to_vec()))
}

fn time(d: &mut Decoder<'_>, strict: &mut bool) -> Result<Timestamp> {
    let (time, is_strict) = d.tdate_lenient()?;
    *strict &= is_strict;
    Ok(time)
}

fn text<'a>(d: &mut Decoder<'a>) -> Result<&'a str> {
    let before = d.clone();
    let text = d.text()?;
    if text.len() > limits::TEXT {
        return Err(before.error(ErrorKind::InvalidValue("a text is too long")));
    }
    Ok(text)
}

fn texts<'a>(d: &mut Decoder<'a>) -> Result<Vec<&'a str>> {
    let mut array = d.array()?;
    if array.len().unwrap_or_default() > limits::DOC_TYPES {
        return Err(d.error(ErrorKind::TooManyItems));
    }
    let mut texts = Vec::new();
    while array.next(d)? {
        texts.push(text(d)?);
    }
    Ok(texts)
}
