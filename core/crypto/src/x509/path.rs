//! Path validation: RFC 5280 §6.1 from a leaf to an anchor of the caller, then the profile.

use super::anchors::TrustAnchors;
use super::certificate::Certificate;
use super::crl::{Crl, CrlProblem, Revocation, RevocationRequirement, revocation_of};
use super::der;
use super::error::X509Error;
use super::extensions::KeyUsage;
use super::limits;
use super::profile::{
    self, FindingId, Findings, Jurisdiction, Position, Profile, ProfileFinding, Severity, Strictness,
};
use crate::Timestamp;

/// For what, when and how strictly a chain is validated.
#[derive(Debug, Clone, Copy)]
pub struct PathOptions<'a> {
    /// The time at which every certificate must be valid.
    pub at: Timestamp,
    /// The use the leaf is put to.
    pub profile: Profile,
    /// What departures from the profile lead to.
    pub strictness: Strictness,
    /// Whether the key purpose of ISO/IEC 23220 alone will do (A-C42). Set by [`Strictness::Generic`]; turned off
    /// for the driving licence by [`for_doc_type`](Self::for_doc_type).
    pub generic_purpose_alone: bool,
    /// Revocation lists, of any issuer.
    pub crls: &'a [Crl],
    /// What is done about revocation.
    pub revocation: RevocationRequirement,
}

impl<'a> PathOptions<'a> {
    /// ISO 18013-5 to the letter, without revocation lists.
    #[must_use]
    pub const fn new(at: Timestamp, profile: Profile) -> Self {
        Self {
            at,
            profile,
            strictness: Strictness::Iso,
            generic_purpose_alone: false,
            crls: &[],
            revocation: RevocationRequirement::IfAvailable,
        }
    }

    /// Sets the strictness.
    #[must_use]
    pub const fn strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self.generic_purpose_alone = matches!(strictness, Strictness::Generic);
        self
    }

    /// Takes back the generic key purpose for the driving licence, which needs its own (A-C42).
    /// Call it after [`strictness`](Self::strictness).
    #[must_use]
    pub fn for_doc_type(mut self, doc_type: &str) -> Self {
        self.generic_purpose_alone &= doc_type != "org.iso.18013.5.1.mDL";
        self
    }

    /// Gives revocation lists and says whether they must suffice.
    #[must_use]
    pub const fn revocation(mut self, crls: &'a [Crl], requirement: RevocationRequirement) -> Self {
        self.crls = crls;
        self.revocation = requirement;
        self
    }
}

/// A chain that RFC 5280 §6.1 and the profile, as strict as asked for, have accepted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ValidatedPath {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    anchor: Certificate,
    findings: Vec<ProfileFinding>,
    revocation: Revocation,
}

impl ValidatedPath {
    /// The certificate whose key may now be used.
    #[must_use]
    pub const fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The certificates between, leaf side first.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The anchor the path ends in.
    #[must_use]
    pub const fn anchor(&self) -> &Certificate {
        &self.anchor
    }

    /// Departures from the profile that were let pass; all are warnings.
    #[must_use]
    pub fn findings(&self) -> &[ProfileFinding] {
        &self.findings
    }

    /// What is known about revocation of the path: the first unknown from the leaf on, else good.
    #[must_use]
    pub const fn revocation(&self) -> Revocation {
        self.revocation
    }

    /// Whether every certificate of the path is valid at another time too: a cached path is asked again with the
    /// time of its use.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.leaf.is_valid_at(at) && self.anchor.is_valid_at(at) && self.intermediates.iter().all(|c| c.is_valid_at(at))
    }
}

/// Why a chain is not accepted. `index` counts from the leaf, 0; the anchor has the number after the last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The chain is empty.
    #[error("the certificate chain is empty")]
    Empty,
    /// The chain is longer than [`limits::CHAIN`].
    #[error("the certificate chain is too long")]
    TooLong,
    /// A certificate of the chain cannot be parsed.
    #[error("certificate {index} of the chain: {error}")]
    Malformed {
        /// Which.
        index: usize,
        /// Why and where.
        #[source]
        error: X509Error,
    },
    /// The leaf is self-signed and not an anchor (X-C05).
    #[error("the signer's certificate is self-signed and not trusted (ISO 18013-5 12.8.3)")]
    SelfSignedLeaf,
    /// No anchor has the name of the issuer.
    #[error("no trust anchor issued certificate {index} of the chain (ISO 18013-5 12.8.3)")]
    NoAnchor {
        /// The last certificate that could be reached.
        index: usize,
    },
    /// The next certificate of the chain is not the issuer by name (RFC 5280 §6.1.3 a 4).
    #[error("certificate {index} of the chain is not issued by the next (RFC 5280 6.1.3)")]
    NameChaining {
        /// Which.
        index: usize,
    },
    /// An issuer with the right name was found, and its key does not verify the signature (RFC 5280 §6.1.3 a 1).
    #[error("the signature of certificate {index} does not verify with its issuer's key (RFC 5280 6.1.3)")]
    Signature {
        /// Which.
        index: usize,
    },
    /// notBefore lies in the future (RFC 5280 §6.1.3 a 2).
    #[error("certificate {index} is not yet valid (RFC 5280 6.1.3)")]
    NotYetValid {
        /// Which.
        index: usize,
    },
    /// notAfter has passed (RFC 5280 §6.1.3 a 2).
    #[error("certificate {index} has expired (RFC 5280 6.1.3)")]
    Expired {
        /// Which.
        index: usize,
    },
    /// An issuer is not a CA (RFC 5280 §6.1.4 k).
    #[error("certificate {index} issued another and is not a CA (RFC 5280 6.1.4)")]
    NotACa {
        /// Which.
        index: usize,
    },
    /// An issuer's keyUsage lacks keyCertSign (RFC 5280 §6.1.4 n).
    #[error("certificate {index} issued another and its key may not sign certificates (RFC 5280 6.1.4)")]
    CaKeyUsage {
        /// Which.
        index: usize,
    },
    /// More certificates follow than pathLenConstraint allows (RFC 5280 §6.1.4 m).
    #[error("the path is longer than certificate {index} allows (RFC 5280 6.1.4)")]
    PathLength {
        /// Which.
        index: usize,
    },
    /// A critical extension is not understood here (RFC 5280 §4.2).
    #[error("certificate {index} has an unknown critical extension {oid} (RFC 5280 4.2)")]
    UnknownCriticalExtension {
        /// Which.
        index: usize,
        /// Its identifier, dotted.
        oid: String,
    },
    /// The leaf's keyUsage lacks digitalSignature; for the signer of a trust list, contentCommitment too (RFC 5280 §4.2.1.3).
    #[error("the signer's key may not make signatures (RFC 5280 4.2.1.3)")]
    KeyUsage,
    /// The leaf's extendedKeyUsage names other uses only (A-V13).
    #[error("the signer's certificate is for another purpose (ISO 18013-5 B.1)")]
    WrongPurpose,
    /// Document signer and root name different countries (A-V12).
    #[error("the signer and its root name different countries (ISO 18013-5 12.8.3)")]
    CountryMismatch,
    /// Document signer and root name different states or provinces (A-V12).
    #[error("the signer and its root name different states or provinces (ISO 18013-5 12.8.3)")]
    StateMismatch,
    /// A certificate is revoked (A-V14).
    #[error("certificate {index} was revoked on {at} (ISO 18013-5 B.2)")]
    Revoked {
        /// Which.
        index: usize,
        /// Since when.
        at: Timestamp,
    },
    /// Revocation had to be known and is not (A-V14).
    #[error("whether certificate {index} is revoked is unknown: {problem} (ISO 18013-5 12.8.3)")]
    RevocationUnknown {
        /// Which.
        index: usize,
        /// Why.
        problem: CrlProblem,
    },
    /// The chain holds, its certificates depart from the profile. At least one finding is an error.
    #[error("the certificates depart from the profile: {}", first_error(.findings))]
    Profile {
        /// All findings, warnings too.
        findings: Vec<ProfileFinding>,
    },
}

fn first_error(findings: &[ProfileFinding]) -> String {
    findings
        .iter()
        .find(|f| f.severity == Severity::Error)
        .map(ToString::to_string)
        .unwrap_or_default()
}

impl PathError {
    /// The clause that is violated.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong | Self::Malformed { .. } => "ISO 18013-5 12.3.4, RFC 5280 4.1",
            Self::SelfSignedLeaf | Self::NoAnchor { .. } => "ISO 18013-5 12.8.3",
            Self::NameChaining { .. } | Self::Signature { .. } | Self::NotYetValid { .. } | Self::Expired { .. } => {
                "RFC 5280 6.1.3"
            }
            Self::NotACa { .. } | Self::CaKeyUsage { .. } | Self::PathLength { .. } => "RFC 5280 6.1.4",
            Self::UnknownCriticalExtension { .. } => "RFC 5280 4.2",
            Self::KeyUsage => "RFC 5280 4.2.1.3",
            Self::WrongPurpose => "ISO 18013-5 B.1",
            Self::CountryMismatch | Self::StateMismatch => "ISO 18013-5 12.8.3",
            Self::Revoked { .. } | Self::RevocationUnknown { .. } => "ISO 18013-5 B.2, 12.8.3",
            Self::Profile { findings } => findings
                .iter()
                .find(|f| f.severity == Severity::Error)
                .map_or("ISO 18013-5 B.1", ProfileFinding::clause),
        }
    }

    /// Whether the chain reaches no anchor: untrusted, as opposed to expired, revoked or malformed (X-C13).
    #[must_use]
    pub const fn is_untrusted(&self) -> bool {
        matches!(
            self,
            Self::SelfSignedLeaf | Self::NoAnchor { .. } | Self::NameChaining { .. } | Self::Signature { .. }
        )
    }
}

/// Validates a chain of DER certificates, leaf first, as an `x5chain` header holds it.
///
/// The path is the shortest one: certificates after the first that an anchor has issued are not used (A-C47). An
/// anchor is never taken from the chain (X-C05).
///
/// # Errors
/// [`PathError`]. `Profile` says that everything but the profile holds.
pub fn validate_path(
    chain_leaf_first: &[&[u8]],
    anchors: &TrustAnchors,
    options: &PathOptions<'_>,
) -> Result<ValidatedPath, PathError> {
    if chain_leaf_first.len() > limits::CHAIN {
        return Err(PathError::TooLong);
    }
    // The usual chain is one certificate, which needs no list.
    if let [leaf] = chain_leaf_first {
        return validate_certificates(&[parse(0, leaf)?], anchors, options);
    }
    let mut chain = Vec::with_capacity(chain_leaf_first.len());
    for (index, der) in chain_leaf_first.iter().enumerate() {
        match parse(index, der) {
            Ok(certificate) => chain.push(certificate),
            // What stands behind the path is not used, so it need not be readable, such as another authority's RSA key (A-C47).
            Err(unreadable) if index > 0 => {
                return validate_certificates(&chain, anchors, options)
                    .map_err(|error| if error.is_untrusted() { unreadable } else { error });
            }
            Err(unreadable) => return Err(unreadable),
        }
    }
    validate_certificates(&chain, anchors, options)
}

fn parse(index: usize, der: &[u8]) -> Result<Certificate, PathError> {
    Certificate::from_der(der).map_err(|error| PathError::Malformed { index, error })
}

/// As [`validate_path`], for certificates that are parsed already.
///
/// # Errors
/// [`PathError`].
pub fn validate_certificates(
    chain: &[Certificate],
    anchors: &TrustAnchors,
    options: &PathOptions<'_>,
) -> Result<ValidatedPath, PathError> {
    let leaf = chain.first().ok_or(PathError::Empty)?;
    if chain.len() > limits::CHAIN {
        return Err(PathError::TooLong);
    }
    let pinned = anchors.contains(leaf);
    if !pinned && leaf.is_self_signed() {
        return Err(PathError::SelfSignedLeaf);
    }
    let failure = match build(chain, anchors, options) {
        Ok(path) => return Ok(path),
        Err(failure) => failure,
    };
    // An anchor other than itself decides about a pinned leaf too, if there is one.
    if pinned && failure.is_untrusted() {
        finish(chain, 0, leaf, anchors, options)
    } else {
        Err(failure)
    }
}

fn build(chain: &[Certificate], anchors: &TrustAnchors, options: &PathOptions<'_>) -> Result<ValidatedPath, PathError> {
    for (index, certificate) in chain.iter().enumerate() {
        let mut failure = None;
        let mut named = false;
        for anchor in anchors
            .candidates(certificate)
            .filter(|a| a.certificate() != certificate)
        {
            named = true;
            if certificate.verify_signed_by(anchor.certificate()).is_err() {
                continue;
            }
            let used = index.saturating_add(1);
            match finish(chain, used, anchor.certificate(), anchors, options) {
                Ok(path) => return Ok(path),
                // Two anchors with one key: a renewed root. The first reason is as good as the second.
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
        let untrusted = if named {
            PathError::Signature { index }
        } else {
            PathError::NoAnchor { index }
        };
        let Some(issuer) = chain.get(index.saturating_add(1)) else {
            return Err(untrusted);
        };
        if issuer.subject() != certificate.issuer() {
            return Err(if named {
                untrusted
            } else {
                PathError::NameChaining { index }
            });
        }
        if certificate.verify_signed_by(issuer).is_err() {
            return Err(PathError::Signature { index });
        }
    }
    Err(PathError::Empty)
}

/// Checks the path made of the first `used` certificates and the anchor; the signatures and names are checked.
/// With `used == 0` the leaf is the anchor.
fn finish(
    chain: &[Certificate],
    used: usize,
    anchor: &Certificate,
    anchors: &TrustAnchors,
    options: &PathOptions<'_>,
) -> Result<ValidatedPath, PathError> {
    let (path, rest) = chain.split_at_checked(used).unwrap_or((chain, &[]));
    let leaf = path.first().unwrap_or(anchor);
    let intermediates = path.get(1..).unwrap_or_default();
    let all = || path.iter().chain(core::iter::once(anchor)).enumerate();

    for (index, certificate) in all() {
        if options.at < certificate.not_before() {
            return Err(PathError::NotYetValid { index });
        }
        if options.at > certificate.not_after() {
            return Err(PathError::Expired { index });
        }
        if let Some(oid) = certificate.unknown_critical() {
            return Err(PathError::UnknownCriticalExtension {
                index,
                oid: der::oid_text(oid),
            });
        }
    }
    let mut below = 0_usize; // intermediates that are not self-issued, RFC 5280 §6.1.4 l
    for (index, certificate) in all().skip(1) {
        may_issue(certificate, index, below)?;
        if !certificate.is_self_issued() {
            below = below.saturating_add(1);
        }
    }
    if leaf.key_usage().is_some_and(|usage| !may_sign(usage, options.profile)) {
        return Err(PathError::KeyUsage);
    }

    let mut findings = Findings::new(options.strictness);
    profile::purposes(leaf, options.profile, options.generic_purpose_alone, &mut findings)
        .map_err(|_| PathError::WrongPurpose)?;
    if options.profile == Profile::DocumentSigner {
        match profile::jurisdiction(leaf, anchor, &mut findings) {
            Jurisdiction::Same => {}
            Jurisdiction::OtherCountry => return Err(PathError::CountryMismatch),
            Jurisdiction::OtherState => return Err(PathError::StateMismatch),
        }
    }
    let revocation = revocation(path, anchor, options)?;

    if used == 0 {
        findings.add(Position::Leaf, FindingId::LeafIsAnchor);
        if leaf.is_self_signed() {
            findings.add(Position::Leaf, FindingId::SelfSignedLeaf);
        }
    }
    profile_findings(path, leaf, anchor, options.profile, &mut findings);
    let extra = if used == 0 {
        chain.get(1..).unwrap_or_default()
    } else {
        rest
    };
    if extra.iter().any(|c| c.is_self_issued() || anchors.contains(c)) {
        findings.add(Position::Anchor, FindingId::AnchorInChain);
    }
    if findings.list.iter().any(|f| f.severity == Severity::Error) {
        return Err(PathError::Profile {
            findings: findings.list,
        });
    }
    Ok(ValidatedPath {
        leaf: leaf.clone(),
        intermediates: intermediates.to_vec(),
        anchor: anchor.clone(),
        findings: findings.list,
        revocation,
    })
}

/// RFC 5280 §4.2.1.3: contentCommitment too is for verifying signatures, on what is published and not on what proves
/// presence. Signers of trust lists in the field have it alone, which their profile reports as a finding.
fn may_sign(usage: KeyUsage, profile: Profile) -> bool {
    usage.contains(KeyUsage::DIGITAL_SIGNATURE)
        || (profile == Profile::VicalSigner && usage.contains(KeyUsage::CONTENT_COMMITMENT))
}

/// RFC 5280 §6.1.4 k to n, applied to the anchor as well: it is a certificate, and its constraints are meant.
fn may_issue(certificate: &Certificate, index: usize, below: usize) -> Result<(), PathError> {
    let Some(constraints) = certificate.basic_constraints().filter(|c| c.ca) else {
        return Err(PathError::NotACa { index });
    };
    if certificate
        .key_usage()
        .is_some_and(|usage| !usage.contains(KeyUsage::KEY_CERT_SIGN))
    {
        return Err(PathError::CaKeyUsage { index });
    }
    match constraints.path_len {
        Some(most) if below > usize::try_from(most).unwrap_or(usize::MAX) => Err(PathError::PathLength { index }),
        _ => Ok(()),
    }
}

fn profile_findings(
    path: &[Certificate],
    leaf: &Certificate,
    anchor: &Certificate,
    profile: Profile,
    findings: &mut Findings,
) {
    profile::leaf(leaf, profile, findings);
    if matches!(profile, Profile::Tls | Profile::Unconstrained) {
        return;
    }
    let intermediates = path.get(1..).unwrap_or_default();
    for (index, certificate) in path.iter().enumerate() {
        let issuer = path.get(index.saturating_add(1)).unwrap_or(anchor);
        let position = if index == 0 {
            Position::Leaf
        } else {
            Position::Intermediate
        };
        profile::link(certificate, issuer, position, findings);
    }
    for intermediate in intermediates {
        profile::common(intermediate, Position::Intermediate, findings);
        profile::authority(intermediate, Position::Intermediate, findings);
    }
    if profile == Profile::DocumentSigner {
        if !intermediates.is_empty() {
            findings.add(Position::Intermediate, FindingId::IntermediateCertificate);
        }
        if !path.is_empty() {
            profile::common(anchor, Position::Anchor, findings);
            profile::iaca(anchor, findings);
        }
    }
}

/// The revocation status of the path. The anchor is not asked about: it is trusted or removed.
fn revocation(path: &[Certificate], anchor: &Certificate, options: &PathOptions<'_>) -> Result<Revocation, PathError> {
    let mut overall = if path.is_empty() {
        Revocation::Unknown(CrlProblem::NotGiven)
    } else {
        Revocation::Good
    };
    if options.revocation == RevocationRequirement::Ignored {
        return Ok(Revocation::Unknown(CrlProblem::NotGiven));
    }
    if path.is_empty() && options.revocation == RevocationRequirement::Required {
        return Err(PathError::RevocationUnknown {
            index: 0,
            problem: CrlProblem::NoneOfIssuer,
        });
    }
    // The profile of lists is that of ISO 18013-5; certificates of the web have another.
    let strictness = match options.profile {
        Profile::Tls | Profile::Unconstrained => Strictness::Lenient,
        _ => options.strictness,
    };
    for (index, certificate) in path.iter().enumerate() {
        let issuer = path.get(index.saturating_add(1)).unwrap_or(anchor);
        match revocation_of(certificate, issuer, options.crls, options.at, strictness) {
            Revocation::Good => {}
            Revocation::Revoked { at, .. } => return Err(PathError::Revoked { index, at }),
            Revocation::Unknown(problem) => {
                if options.revocation == RevocationRequirement::Required {
                    return Err(PathError::RevocationUnknown { index, problem });
                }
                if overall == Revocation::Good {
                    overall = Revocation::Unknown(problem);
                }
            }
        }
    }
    Ok(overall)
}
