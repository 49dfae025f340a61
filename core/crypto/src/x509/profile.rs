//! The certificate profiles of ISO 18013-5 Annex B as findings: what departs from them, and where it is written.

use core::fmt;

use super::certificate::Certificate;
use super::extensions::KeyUsage;
use super::oid;
use crate::X509SignatureAlgorithm;

const DAY: i64 = 86_400;
/// Longest validity of a document signer (ISO 18013-5 B.1.4).
const DOCUMENT_SIGNER_DAYS: i64 = 457;
/// Longest validity of reader authentication and status signers (ISO 18013-5 B.1.7, B.1.5).
const READER_DAYS: i64 = 1187;
/// Twenty years with five leap days (ISO 18013-5 B.1.2).
const IACA_DAYS: i64 = 7305;
/// A serial number has 63 random bits (A-C40). One that is shorter than this is not random: a conforming one is with
/// a probability of 2⁻¹⁵.
const SERIAL_MIN_OCTETS: usize = 7;
/// RFC 5280 §4.1.2.2.
const SERIAL_MAX_OCTETS: usize = 20;

/// For what a leaf is about to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// Signs mobile security objects; issued by an IACA (ISO 18013-5 B.1.4).
    DocumentSigner,
    /// Signs reader authentication (ISO 18013-5 B.1.7).
    ReaderAuth,
    /// Signs a VICAL (ISO 18013-5 C.1.7.2).
    VicalSigner,
    /// Signs token status or identifier lists (ISO 18013-5 B.1.5; the key purpose is optional, A-V30).
    StatusSigner,
    /// A server or relying party on the web: id-kp-serverAuth or clientAuth if purposes are named at all.
    Tls,
    /// RFC 5280 §6.1 alone; the caller looks at the purposes.
    Unconstrained,
}

/// What a departure from the profile leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// ISO 18013-5 to the letter: a departure is refused.
    #[default]
    Iso,
    /// As `Iso`, and the key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence.
    Generic,
    /// For what is in the field: a departure is a warning.
    Lenient,
}

/// Whether a finding leads to refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Reported.
    Warning,
    /// Refused.
    Error,
}

/// Which certificate of the path a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// The certificate whose key is about to be used.
    Leaf,
    /// Between leaf and anchor.
    Intermediate,
    /// The trust anchor.
    Anchor,
}

macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $clause:literal, $text:literal;)*) => {
        /// The departures from the profiles. Names and codes are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FindingId { $(#[doc = $text] #[doc = concat!(" (", $clause, ").")] $name),* }

        impl FindingId {
            /// Every finding.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// A stable name for reports.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code),* } }

            /// The clause that asks for it.
            #[must_use]
            pub const fn clause(self) -> &'static str { match self { $(Self::$name => $clause),* } }

            /// What is wrong, in a sentence.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),* } }
        }
    };
}

findings! {
    LeafIsAnchor: "leaf_is_anchor", "ISO 18013-5 12.8.3", "the signer's certificate is itself the trust anchor";
    SelfSignedLeaf: "self_signed_leaf", "ISO 18013-5 12.8.3, RFC 5280 6.1", "the signer's certificate is self-signed";
    AnchorInChain: "anchor_in_chain", "ISO 18013-5 12.3.4, B.1", "the chain contains a root certificate";
    IntermediateCertificate: "intermediate_certificate", "ISO 18013-5 B.1.1", "the signer is not issued by the root directly";
    Version: "version", "ISO 18013-5 B.1, RFC 5280 4.1.2.1", "the certificate is not of version 3";
    Serial: "serial", "ISO 18013-5 B.1.1, RFC 5280 4.1.2.2", "the serial number is not a positive random number of at most 20 octets";
    SignatureAlgorithm: "signature_algorithm", "ISO 18013-5 B.1", "the certificate is not signed with ECDSA and SHA-256, SHA-384 or SHA-512";
    CompressedKey: "compressed_key", "ISO 18013-5 B.1", "the public key is a compressed point";
    AnchorKey: "anchor_key", "ISO 18013-5 B.1.2", "the root's key is not an elliptic curve key for ECDSA";
    ValidityTooLong: "validity_too_long", "ISO 18013-5 B.1", "the certificate is valid for longer than its profile allows";
    EkuMissing: "eku_missing", "ISO 18013-5 B.1", "the extended key usage is missing";
    EkuNotCritical: "eku_not_critical", "ISO 18013-5 B.1", "the extended key usage is not critical";
    EkuCritical: "eku_critical", "ISO 18013-5 B.1.5", "the extended key usage should not be critical";
    EkuGenericOnly: "eku_generic_only", "ISO 18013-5 B.1.1", "only the generic key purpose of ISO/IEC 23220 is named";
    EkuAny: "eku_any", "ISO 18013-5 B.1", "any key purpose is allowed instead of the one asked for";
    EkuOtherPurpose: "eku_other_purpose", "ISO 18013-5 B.1", "a further key purpose is named beside the one asked for";
    KeyUsageMissing: "key_usage_missing", "ISO 18013-5 B.1", "the key usage is missing";
    KeyUsageNotCritical: "key_usage_not_critical", "ISO 18013-5 B.1", "the key usage is not critical";
    KeyUsageBits: "key_usage_bits", "ISO 18013-5 B.1", "the key usage has other bits than the profile's";
    LeafIsCa: "leaf_is_ca", "ISO 18013-5 B.1", "the signer's certificate is a CA certificate";
    BasicConstraintsNotCritical: "basic_constraints_not_critical", "ISO 18013-5 B.1.2", "the basic constraints of a CA are not critical";
    PathLenNotZero: "path_len_not_zero", "ISO 18013-5 B.1.2", "the root's path length constraint is not zero";
    CdpMissing: "cdp_missing", "ISO 18013-5 B.1", "the CRL distribution point is missing";
    CdpWithoutUri: "cdp_without_uri", "ISO 18013-5 B.1", "the CRL distribution point has no URI";
    CdpRestricted: "cdp_restricted", "ISO 18013-5 B.1", "the CRL distribution point has reasons or another CRL issuer";
    ForbiddenExtension: "forbidden_extension", "ISO 18013-5 B.1", "an extension is present that the profiles forbid";
    CountryMissing: "country_missing", "ISO 18013-5 B.1, 12.8.3", "the country is missing";
    CountryForm: "country_form", "ISO 18013-5 B.1.1", "the country is not a PrintableString of two upper-case letters";
    CommonNameMissing: "common_name_missing", "ISO 18013-5 B.1", "the common name is missing";
    StateOnlyInAnchor: "state_only_in_anchor", "ISO 18013-5 B.1.1", "the root names a state or province, the signer does not";
    IssuerAltNameMissing: "issuer_alt_name_missing", "ISO 18013-5 B.1", "the issuer alternative name with an email address or URI is missing";
    SkiMissing: "ski_missing", "ISO 18013-5 B.1", "the subject key identifier is missing";
    SkiNotSha1: "ski_not_sha1", "ISO 18013-5 B.1", "the subject key identifier is not the SHA-1 of the key";
    AkiMissing: "aki_missing", "ISO 18013-5 B.1", "the authority key identifier is missing";
    AkiMismatch: "aki_mismatch", "ISO 18013-5 B.1, RFC 5280 4.2.1.1", "the authority key identifier is not the issuer's subject key identifier";
    KeyIdCritical: "key_id_critical", "RFC 5280 4.2.1.1, 4.2.1.2", "a key identifier is critical";
    AnchorNotSelfSigned: "anchor_not_self_signed", "ISO 18013-5 B.1.2", "the root is not self-signed";
}

impl FindingId {
    /// Recommendations are reported under every strictness and never refused.
    const fn is_recommendation(self) -> bool {
        matches!(self, Self::EkuCritical | Self::KeyIdCritical)
    }
}

/// One departure from a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProfileFinding {
    /// Which rule.
    pub id: FindingId,
    /// In which certificate.
    pub position: Position,
    /// Whether it leads to refusal under the strictness asked for.
    pub severity: Severity,
}

impl ProfileFinding {
    /// The clause that asks for it.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        self.id.clause()
    }
}

impl fmt::Display for ProfileFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = match self.position {
            Position::Leaf => "signer",
            Position::Intermediate => "intermediate",
            Position::Anchor => "root",
        };
        write!(f, "{position}: {} ({})", self.id.text(), self.id.clause())
    }
}

/// Collects findings and gives each its severity. Allocates only when there is one.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) list: Vec<ProfileFinding>,
    strictness: Strictness,
}

impl Findings {
    pub(crate) const fn new(strictness: Strictness) -> Self {
        Self {
            list: Vec::new(),
            strictness,
        }
    }

    pub(crate) fn add(&mut self, position: Position, id: FindingId) {
        let severity = if id.is_recommendation() || self.strictness == Strictness::Lenient {
            Severity::Warning
        } else {
            Severity::Error
        };
        self.list.push(ProfileFinding { id, position, severity });
    }

    fn add_if(&mut self, broken: bool, position: Position, id: FindingId) {
        if broken {
            self.add(position, id);
        }
    }
}

/// The key purposes name other uses only.
pub(crate) struct WrongPurpose;

/// Checks a certificate against the IACA root profile (ISO 18013-5 B.1.2), for trust list and issuer tools.
#[must_use]
pub fn iaca_findings(certificate: &Certificate, strictness: Strictness) -> Vec<ProfileFinding> {
    let mut findings = Findings::new(strictness);
    common(certificate, Position::Anchor, &mut findings);
    iaca(certificate, &mut findings);
    findings.list
}

/// The rules for every certificate of a path under an ISO profile.
pub(crate) fn common(certificate: &Certificate, position: Position, findings: &mut Findings) {
    let parsed = certificate.parsed_extensions();
    let mut check = |broken, id| findings.add_if(broken, position, id);
    check(certificate.version() != 3, FindingId::Version);
    check(!serial_is_random(certificate.serial()), FindingId::Serial);
    check(
        !matches!(
            certificate.signature_algorithm(),
            Some(
                X509SignatureAlgorithm::EcdsaSha256
                    | X509SignatureAlgorithm::EcdsaSha384
                    | X509SignatureAlgorithm::EcdsaSha512
            )
        ),
        FindingId::SignatureAlgorithm,
    );
    check(certificate.has_compressed_key(), FindingId::CompressedKey);
    check(parsed.forbidden.is_some(), FindingId::ForbiddenExtension);
    check(certificate.subject_key_id().is_none(), FindingId::SkiMissing);
    check(
        certificate
            .subject_key_id()
            .is_some_and(|id| id != certificate.computed_key_id()),
        FindingId::SkiNotSha1,
    );
    let critical = |slot: Option<super::extensions::Slot>| slot.is_some_and(|s| s.critical);
    check(
        critical(parsed.subject_key_id) || critical(parsed.authority_key_id),
        FindingId::KeyIdCritical,
    );
}

/// A CA between leaf and anchor, and any anchor: what RFC 5280 recommends and does not require.
pub(crate) fn authority(certificate: &Certificate, position: Position, findings: &mut Findings) {
    let parsed = certificate.parsed_extensions();
    findings.add_if(
        parsed.basic_constraints.is_some_and(|(_, critical)| !critical),
        position,
        FindingId::BasicConstraintsNotCritical,
    );
}

/// The IACA root (ISO 18013-5 B.1.2).
pub(crate) fn iaca(certificate: &Certificate, findings: &mut Findings) {
    let mut check = |broken, id| findings.add_if(broken, Position::Anchor, id);
    check(!certificate.is_self_signed(), FindingId::AnchorNotSelfSigned);
    check(!certificate.public_key().curve().is_weierstrass(), FindingId::AnchorKey);
    check(lasts_longer_than(certificate, IACA_DAYS), FindingId::ValidityTooLong);
    check(
        certificate.basic_constraints().is_none_or(|c| c.path_len != Some(0)),
        FindingId::PathLenNotZero,
    );
    check(
        certificate.subject().common_name().is_none(),
        FindingId::CommonNameMissing,
    );
    check(!certificate.has_issuer_contact(), FindingId::IssuerAltNameMissing);
    check(
        certificate.parsed_extensions().distribution_points_restricted,
        FindingId::CdpRestricted,
    );
    country(certificate, Position::Anchor, findings);
    key_usage(certificate, KeyUsage::CERT_AND_CRL_SIGN, Position::Anchor, findings);
    authority(certificate, Position::Anchor, findings);
}

fn country(certificate: &Certificate, position: Position, findings: &mut Findings) {
    match certificate.subject().attribute(oid::COUNTRY) {
        None => findings.add(position, FindingId::CountryMissing),
        Some(country) => {
            let two_letters = country.value.len() == 2 && country.value.iter().all(u8::is_ascii_uppercase);
            findings.add_if(
                !country.is_printable_string() || !two_letters,
                position,
                FindingId::CountryForm,
            );
        }
    }
}

fn key_usage(certificate: &Certificate, wanted: KeyUsage, position: Position, findings: &mut Findings) {
    match certificate.parsed_extensions().key_usage {
        None => findings.add(position, FindingId::KeyUsageMissing),
        Some((usage, critical)) => {
            findings.add_if(!critical, position, FindingId::KeyUsageNotCritical);
            findings.add_if(usage != wanted, position, FindingId::KeyUsageBits);
        }
    }
}

fn lasts_longer_than(certificate: &Certificate, days: i64) -> bool {
    certificate
        .not_after()
        .unix()
        .saturating_sub(certificate.not_before().unix())
        > days.saturating_mul(DAY)
}

/// Positive, at most 20 octets, not obviously counted (A-C40).
fn serial_is_random(serial: &[u8]) -> bool {
    let negative = serial.first().is_some_and(|b| b & 0x80 != 0);
    !negative && (SERIAL_MIN_OCTETS..=SERIAL_MAX_OCTETS).contains(&serial.len())
}

/// The rules for the leaf of this profile, except the key purposes.
pub(crate) fn leaf(certificate: &Certificate, profile: Profile, findings: &mut Findings) {
    const LEAF: Position = Position::Leaf;
    let (days, points_needed) = match profile {
        Profile::DocumentSigner => (Some(DOCUMENT_SIGNER_DAYS), true),
        Profile::ReaderAuth => (Some(READER_DAYS), true),
        Profile::StatusSigner => (Some(READER_DAYS), false),
        Profile::VicalSigner => (None, false),
        Profile::Tls | Profile::Unconstrained => return,
    };
    common(certificate, LEAF, findings);
    key_usage(certificate, KeyUsage::DIGITAL_SIGNATURE, LEAF, findings);
    let mut check = |broken, id| findings.add_if(broken, LEAF, id);
    check(
        days.is_some_and(|days| lasts_longer_than(certificate, days)),
        FindingId::ValidityTooLong,
    );
    check(certificate.is_ca(), FindingId::LeafIsCa);
    check(certificate.authority_key_id().is_none(), FindingId::AkiMissing);
    let has_points = certificate.parsed_extensions().distribution_points.is_some();
    check(points_needed && !has_points, FindingId::CdpMissing);
    check(
        points_needed && has_points && certificate.crl_uris().next().is_none(),
        FindingId::CdpWithoutUri,
    );
    check(
        certificate.parsed_extensions().distribution_points_restricted,
        FindingId::CdpRestricted,
    );
    if profile == Profile::DocumentSigner {
        check(
            certificate.subject().common_name().is_none(),
            FindingId::CommonNameMissing,
        );
        check(!certificate.has_issuer_contact(), FindingId::IssuerAltNameMissing);
        country(certificate, LEAF, findings);
    }
}

/// The key purposes of the leaf (A-V13): one that names other uses only is refused under every strictness.
pub(crate) fn purposes(
    certificate: &Certificate,
    profile: Profile,
    generic_alone: bool,
    findings: &mut Findings,
) -> Result<(), WrongPurpose> {
    const LEAF: Position = Position::Leaf;
    let (wanted, generic) = match profile {
        Profile::DocumentSigner => (oid::MDL_DOCUMENT_SIGNER, oid::GENERIC_DOCUMENT_SIGNER),
        Profile::ReaderAuth => (oid::MDL_READER_AUTH, oid::GENERIC_READER_AUTH),
        Profile::VicalSigner => (oid::MDL_VICAL_SIGNER, oid::GENERIC_VICAL_SIGNER),
        Profile::StatusSigner => return status_purposes(certificate, findings),
        Profile::Tls => (oid::SERVER_AUTH, oid::CLIENT_AUTH),
        Profile::Unconstrained => return Ok(()),
    };
    let Some(critical) = certificate.extended_key_usage_criticality() else {
        findings.add_if(profile != Profile::Tls, LEAF, FindingId::EkuMissing);
        return Ok(());
    };
    let (mut has_wanted, mut has_generic, mut has_any, mut has_other) = (false, false, false, false);
    for purpose in certificate.extended_key_usage() {
        has_wanted |= purpose == wanted;
        has_generic |= purpose == generic;
        has_any |= purpose == oid::ANY_EXTENDED_KEY_USAGE;
        // mDL JWS certificates are document signers too.
        let neutral = [wanted, generic, oid::ANY_EXTENDED_KEY_USAGE, oid::MDL_JWS];
        has_other |= names_a_use(purpose) && !neutral.contains(&purpose);
    }
    if !has_wanted && !has_generic && !has_any {
        return Err(WrongPurpose);
    }
    if profile == Profile::Tls {
        return Ok(());
    }
    let mut check = |broken, id| findings.add_if(broken, LEAF, id);
    check(!critical, FindingId::EkuNotCritical);
    check(!has_wanted && has_generic && !generic_alone, FindingId::EkuGenericOnly);
    check(!has_wanted && !has_generic, FindingId::EkuAny);
    check(has_other, FindingId::EkuOtherPurpose);
    Ok(())
}

/// Uses that a signer of documents, lists or requests must not be mixed up with.
fn names_a_use(purpose: &[u8]) -> bool {
    matches!(
        purpose,
        oid::SERVER_AUTH
            | oid::CLIENT_AUTH
            | oid::STATUS_SIGNING
            | oid::MDL_DOCUMENT_SIGNER
            | oid::MDL_READER_AUTH
            | oid::MDL_VICAL_SIGNER
            | oid::GENERIC_DOCUMENT_SIGNER
            | oid::GENERIC_READER_AUTH
            | oid::GENERIC_VICAL_SIGNER
    )
}

/// A status list may be signed without the key purpose, or by a document signer, not by a reader or a server (A-V30).
fn status_purposes(certificate: &Certificate, findings: &mut Findings) -> Result<(), WrongPurpose> {
    let Some(critical) = certificate.extended_key_usage_criticality() else {
        return Ok(());
    };
    let allowed = |p: &[u8]| {
        matches!(
            p,
            oid::STATUS_SIGNING | oid::MDL_DOCUMENT_SIGNER | oid::GENERIC_DOCUMENT_SIGNER | oid::ANY_EXTENDED_KEY_USAGE
        )
    };
    if !certificate.extended_key_usage().any(allowed) {
        return Err(WrongPurpose);
    }
    findings.add_if(critical, Position::Leaf, FindingId::EkuCritical);
    Ok(())
}

/// The rules that tie a certificate to its issuer beyond RFC 5280 §6.1.
pub(crate) fn link(certificate: &Certificate, issuer: &Certificate, position: Position, findings: &mut Findings) {
    let mismatch = match (certificate.authority_key_id(), issuer.subject_key_id()) {
        (Some(authority), Some(subject)) => authority != subject,
        _ => false,
    };
    findings.add_if(mismatch, position, FindingId::AkiMismatch);
}

/// Which part of the jurisdiction differs between a document signer and its root (A-V12, ISO 18013-5 §12.8.3).
pub(crate) enum Jurisdiction {
    Same,
    OtherCountry,
    OtherState,
}

pub(crate) fn jurisdiction(leaf: &Certificate, anchor: &Certificate, findings: &mut Findings) -> Jurisdiction {
    let same = |oid: &[u8]| match (leaf.subject().attribute(oid), anchor.subject().attribute(oid)) {
        (Some(a), Some(b)) => a.value.eq_ignore_ascii_case(b.value),
        _ => true,
    };
    if !same(oid::COUNTRY) {
        return Jurisdiction::OtherCountry;
    }
    if !same(oid::STATE) {
        return Jurisdiction::OtherState;
    }
    let state_missing =
        anchor.subject().attribute(oid::STATE).is_some() && leaf.subject().attribute(oid::STATE).is_none();
    findings.add_if(state_missing, Position::Leaf, FindingId::StateOnlyInAnchor);
    Jurisdiction::Same
}
