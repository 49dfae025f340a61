//! Each entry against the certificate it holds (A-V42).
//!
//! The certificate is the truth. `serialNumber` and `ski` say which certificate the provider meant: an entry in which they
//! name another one is dropped. The other members only repeat the certificate for those who cannot read it; where they
//! contradict it, that is a finding and the certificate counts.

use idwallet_crypto::x509::{Certificate, ProfileFinding, Strictness, X509Error, iaca_findings};

use super::parse::CertificateInfo;
use crate::DocTypes;

/// The object identifier of the IACA profile (ISO 18013-5 2nd edition C.1.7; A-C42).
const IACA_PROFILE: &str = "1.0.18013.5.1.7";

/// An entry whose certificate may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VicalEntry {
    certificate: Certificate,
    doc_types: DocTypes,
    issuing_authority: Option<String>,
    findings: Vec<EntryFinding>,
    profile_findings: Vec<ProfileFinding>,
}

impl VicalEntry {
    /// The issuer's root.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The document types for which it counts (A-V43).
    #[must_use]
    pub const fn doc_types(&self) -> &DocTypes {
        &self.doc_types
    }

    /// How the provider names the issuer, for people.
    #[must_use]
    pub fn issuing_authority(&self) -> Option<&str> {
        self.issuing_authority.as_deref()
    }

    /// Where the entry contradicts its certificate.
    #[must_use]
    pub fn findings(&self) -> &[EntryFinding] {
        &self.findings
    }

    /// How the certificate departs from the profile of IACA roots (ISO 18013-5 B.1.2).
    #[must_use]
    pub fn profile_findings(&self) -> &[ProfileFinding] {
        &self.profile_findings
    }
}

/// A member of an entry that is not what its certificate says, or not in its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EntryFinding {
    /// `ski` is the whole extension value, with its DER headers, and names the right key.
    SkiEncoding,
    /// The certificate has no subject key identifier to compare `ski` with, and its key has another one.
    SkiUnknown,
    /// `issuer`.
    Issuer,
    /// `subject`.
    Subject,
    /// `notBefore`.
    NotBefore,
    /// `notAfter`.
    NotAfter,
    /// `issuingCountry`.
    IssuingCountry,
    /// `stateOrProvinceName`.
    StateOrProvince,
    /// `certificateProfile` is given and does not name the IACA profile.
    CertificateProfile,
}

impl EntryFinding {
    /// What is wrong, in a sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::SkiEncoding => "ski holds the DER of the extension instead of the key identifier",
            Self::SkiUnknown => "the certificate has no key identifier, and ski is not that of its key",
            Self::Issuer => "issuer differs from the certificate",
            Self::Subject => "subject differs from the certificate",
            Self::NotBefore => "notBefore differs from the certificate",
            Self::NotAfter => "notAfter differs from the certificate",
            Self::IssuingCountry => "issuingCountry differs from the certificate",
            Self::StateOrProvince => "stateOrProvinceName differs from the certificate",
            Self::CertificateProfile => "certificateProfile does not name the profile of issuer roots",
        }
    }
}

/// Why an entry is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// The certificate cannot be parsed, or its key is of a kind that is not supported.
    #[error("the certificate: {0}")]
    Certificate(X509Error),
    /// `serialNumber` is that of another certificate.
    #[error("serialNumber is not that of the certificate")]
    SerialNumber,
    /// `ski` is that of another key.
    #[error("ski is not that of the certificate")]
    Ski,
    /// `docType` is empty: it counts for nothing.
    #[error("docType is empty")]
    NoDocType,
}

/// An entry that is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DroppedEntry {
    /// Which, counted from 0.
    pub index: usize,
    /// Why.
    pub fault: EntryFault,
}

pub(super) fn check(info: &CertificateInfo<'_>) -> Result<VicalEntry, EntryFault> {
    let certificate = Certificate::from_der(info.certificate).map_err(EntryFault::Certificate)?;
    if without_leading_zeros(certificate.serial()) != &*info.serial_number {
        return Err(EntryFault::SerialNumber);
    }
    if info.doc_types.is_empty() {
        return Err(EntryFault::NoDocType);
    }
    let mut findings = Vec::new();
    findings.extend(check_ski(info.ski, &certificate)?);
    let mut note = |differs: bool, finding: EntryFinding| {
        if differs {
            findings.push(finding);
        }
    };
    note(
        info.issuer.is_some_and(|der| der != certificate.issuer().der()),
        EntryFinding::Issuer,
    );
    note(
        info.subject.is_some_and(|der| der != certificate.subject().der()),
        EntryFinding::Subject,
    );
    note(
        info.not_before.is_some_and(|at| at != certificate.not_before()),
        EntryFinding::NotBefore,
    );
    note(
        info.not_after.is_some_and(|at| at != certificate.not_after()),
        EntryFinding::NotAfter,
    );
    let subject = certificate.subject();
    note(
        differs(info.issuing_country, subject.country()),
        EntryFinding::IssuingCountry,
    );
    note(
        differs(info.state_or_province, subject.state_or_province()),
        EntryFinding::StateOrProvince,
    );
    note(
        !info.certificate_profile.is_empty() && !info.certificate_profile.contains(&IACA_PROFILE),
        EntryFinding::CertificateProfile,
    );
    Ok(VicalEntry {
        doc_types: DocTypes::only(info.doc_types.iter().copied()),
        issuing_authority: info.issuing_authority.map(str::to_owned),
        findings,
        profile_findings: iaca_findings(&certificate, Strictness::Lenient),
        certificate,
    })
}

/// The entry's word against the certificate's: one that only the entry has is a difference too.
fn differs(entry: Option<&str>, certificate: Option<&str>) -> bool {
    entry.is_some_and(|entry| certificate.is_none_or(|certificate| !entry.eq_ignore_ascii_case(certificate)))
}

fn check_ski(ski: &[u8], certificate: &Certificate) -> Result<Option<EntryFinding>, EntryFault> {
    let computed = certificate.computed_key_id();
    let Some(own) = certificate.subject_key_id() else {
        return Ok((ski != computed).then_some(EntryFinding::SkiUnknown));
    };
    if ski == own {
        return Ok(None);
    }
    // What AAMVA's lists have: OCTET STRING { OCTET STRING { key identifier } }, or one of the two.
    let once = octet_string(ski);
    let twice = once.and_then(octet_string);
    if once == Some(own) || twice == Some(own) {
        return Ok(Some(EntryFinding::SkiEncoding));
    }
    Err(EntryFault::Ski)
}

/// The content of a DER OCTET STRING with a short length.
fn octet_string(der: &[u8]) -> Option<&[u8]> {
    match der {
        [0x04, length, content @ ..] if *length < 0x80 && usize::from(*length) == content.len() => Some(content),
        _ => None,
    }
}

pub(super) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}
