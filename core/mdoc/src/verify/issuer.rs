//! Who signed: chain, profile, revocation, signature (A-V11 to A-V15).

use super::cache::CacheContext;
use super::report::{Findings, Subject};
use super::{Check, CheckResult, Checklist, Fault, IssuerTrust, Policy, SkipReason};
use crate::names::MDL_DOC_TYPE;
use idwallet_cose::{Place, Sign1, label};
use idwallet_crypto::x509::{
    Certificate, Crl, FindingId, PathError, PathOptions, Position, Profile, ProfileFinding, Revocation,
    RevocationRequirement, Strictness, ValidatedPath, revocation_of, validate_path,
};
use idwallet_crypto::{HashAlgorithm, SignatureAlgorithm, digest};

/// The algorithms that issuers and devices may sign with (A-C08). Each goes with the curves of its own only.
pub(super) const ALLOWED: [SignatureAlgorithm; 4] = [
    SignatureAlgorithm::Es256,
    SignatureAlgorithm::Es384,
    SignatureAlgorithm::Es512,
    SignatureAlgorithm::EdDsa,
];

// Hash algorithms of `x5t` (RFC 9054 §2.1).
const SHA_256: i64 = -16;
const SHA_384: i64 = -43;
const SHA_512: i64 = -44;

/// What is known about the signer after its checks.
pub(super) struct Issuer {
    /// The certificate that the document names, if it can be read.
    pub(super) signer: Option<Certificate>,
    /// The path to the anchor, profile or not.
    pub(super) path: Option<ValidatedPath>,
}

/// Checks chain, profile and revocation.
pub(super) fn check(
    subject: &Subject<'_>,
    doc_type: Option<&str>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
    checks: &mut Checklist,
) -> Issuer {
    let Some(header) = subject.issuer_auth.headers().x5chain() else {
        checks.set(Check::IssuerChain, CheckResult::Failed(vec![Fault::NoCertificate]));
        return no_path(None, checks, SkipReason::DependsOn(Check::IssuerChain));
    };
    let chain = header.to_vec();
    if trust.anchors.is_empty() {
        let signer = chain.first().and_then(|der| Certificate::from_der(der).ok());
        let result = match signer {
            Some(_) => CheckResult::Skipped(SkipReason::NoAnchors),
            // Says what is wrong with it.
            None => CheckResult::Failed(vec![Fault::Path(unreadable(&chain))]),
        };
        checks.set(Check::IssuerChain, result);
        return no_path(signer, checks, SkipReason::NoAnchors);
    }
    // Taken leniently at first, so that a departure from the profile leaves a path for the other checks.
    let mut options = PathOptions::new(policy.at, Profile::DocumentSigner)
        .strictness(Strictness::Lenient)
        .revocation(&[], RevocationRequirement::Ignored);
    // Without an MSO the strict rule for the driving licence is as good as any (A-C42).
    let is_licence = doc_type.is_none_or(|doc_type| doc_type == MDL_DOC_TYPE);
    options.generic_purpose_alone = policy.strictness == Strictness::Generic && !is_licence;
    match cached_path(subject.issuer_auth, &chain, trust, &options) {
        Ok(path) => {
            let path = conforming(path, &chain, trust, policy, options);
            checks.set(Check::IssuerChain, CheckResult::Passed);
            checks.set(Check::IssuerProfile, profile_result(path.findings(), policy));
            checks.set(Check::IssuerRevocation, revocation(&path, trust.crls, policy));
            Issuer {
                signer: Some(path.leaf().clone()),
                path: Some(path),
            }
        }
        // Names, signatures, dates and basic constraints hold at this point of path validation.
        Err(error @ (PathError::WrongPurpose | PathError::CountryMismatch | PathError::StateMismatch)) => {
            checks.set(Check::IssuerChain, CheckResult::Passed);
            checks.set(Check::IssuerProfile, CheckResult::Failed(vec![Fault::Path(error)]));
            no_path(signer(&chain), checks, SkipReason::DependsOn(Check::IssuerProfile))
        }
        Err(error) => {
            checks.set(Check::IssuerChain, CheckResult::Failed(vec![Fault::Path(error)]));
            no_path(signer(&chain), checks, SkipReason::DependsOn(Check::IssuerChain))
        }
    }
}

fn unreadable(chain: &[&[u8]]) -> PathError {
    let first = chain.first().map(|der| Certificate::from_der(der));
    match first {
        Some(Err(error)) => PathError::Malformed { index: 0, error },
        _ => PathError::Empty,
    }
}

/// Two anchors may have one key, as when a root is renewed: where one path departs from the profile, another may not.
fn conforming(
    path: ValidatedPath,
    chain: &[&[u8]],
    trust: &IssuerTrust<'_>,
    policy: &Policy,
    options: PathOptions<'_>,
) -> ValidatedPath {
    if !path.findings().iter().any(|finding| is_refused(finding, policy)) {
        return path;
    }
    let strict = PathOptions {
        strictness: policy.strictness,
        ..options
    };
    validate_path(chain, trust.anchors, &strict).unwrap_or(path)
}

fn signer(chain: &[&[u8]]) -> Option<Certificate> {
    chain.first().and_then(|der| Certificate::from_der(der).ok())
}

/// Without a path nothing more can be said about profile (unless it was) and revocation.
fn no_path(signer: Option<Certificate>, checks: &mut Checklist, reason: SkipReason) -> Issuer {
    if *checks.get(Check::IssuerProfile) == CheckResult::Skipped(SkipReason::NotRun) {
        checks.set(Check::IssuerProfile, CheckResult::Skipped(reason));
    }
    checks.set(Check::IssuerRevocation, CheckResult::Skipped(reason));
    Issuer { signer, path: None }
}

/// A path that was validated before, if it is valid now; else path validation.
fn cached_path(
    issuer_auth: &Sign1<'_>,
    chain: &[&[u8]],
    trust: &IssuerTrust<'_>,
    options: &PathOptions<'_>,
) -> Result<ValidatedPath, PathError> {
    let validate = || validate_path(chain, trust.anchors, options);
    let (Some(cache), Some(header)) = (trust.cache, issuer_auth.headers().get(label::X5CHAIN)) else {
        return validate();
    };
    let context = CacheContext {
        anchors: trust.anchors.generation(),
        generic_purpose_alone: options.generic_purpose_alone,
    };
    let key = header.value.bytes();
    if let Some(path) = cache.find(key, &context)
        && path.is_valid_at(options.at)
    {
        return Ok(path);
    }
    let path = validate()?;
    cache.keep(key, context, &path);
    Ok(path)
}

/// Whether a departure is refused by the policy. Recommendations never are, and neither is a signer whose distribution point of
/// revocation lists has a name and no address: that of the standard's own worked example (Annex D) is such a one (ADR 0008).
fn is_refused(finding: &ProfileFinding, policy: &Policy) -> bool {
    let is_let_pass = matches!(
        (finding.id, finding.position),
        (FindingId::EkuCritical | FindingId::KeyIdCritical, _) | (FindingId::CdpWithoutUri, Position::Leaf)
    );
    !policy.is_lenient() && !is_let_pass
}

fn profile_result(list: &[ProfileFinding], policy: &Policy) -> CheckResult {
    let mut findings = Findings::default();
    for finding in list {
        if is_refused(finding, policy) {
            findings.fail(Fault::Profile(*finding));
        } else {
            findings.warn(Fault::Profile(*finding));
        }
    }
    findings.into_result()
}

/// Every certificate below the anchor is looked up (A-V14). The anchor is trusted or removed.
fn revocation(path: &ValidatedPath, crls: &[Crl], policy: &Policy) -> CheckResult {
    if crls.is_empty() {
        return CheckResult::Skipped(SkipReason::NoCrl);
    }
    let mut findings = Findings::default();
    // A signer that is itself the anchor (lenient only) has nobody who could revoke it.
    let below = core::iter::once(path.leaf())
        .chain(path.intermediates())
        .filter(|c| *c != path.anchor())
        .enumerate();
    let mut any = false;
    for (index, certificate) in below {
        any = true;
        let issuer = path.intermediates().get(index).unwrap_or(path.anchor());
        match revocation_of(certificate, issuer, crls, policy.at, policy.strictness) {
            Revocation::Good => {}
            Revocation::Revoked { at, .. } => findings.fail(Fault::CertificateRevoked { index, at }),
            Revocation::Unknown(problem) if policy.revocation_required => {
                findings.fail(Fault::RevocationUnknown { index, problem });
            }
            Revocation::Unknown(problem) => findings.warn(Fault::RevocationUnknown { index, problem }),
        }
    }
    if any {
        findings.into_result()
    } else {
        CheckResult::Skipped(SkipReason::NoCrl)
    }
}

/// The signature over the MSO as received, with the key of the certificate that the document names (A-V15).
pub(super) fn check_signature(subject: &Subject<'_>, signer: Option<&Certificate>) -> CheckResult {
    let Some(signer) = signer else {
        return CheckResult::Skipped(SkipReason::DependsOn(Check::IssuerChain));
    };
    match subject.issuer_auth.verify(signer.public_key(), &ALLOWED, &[], None) {
        Ok(_) if signs_for_another(subject.issuer_auth, signer) => CheckResult::Failed(vec![Fault::SignerHash]),
        Ok(_) => CheckResult::Passed,
        Err(error) => CheckResult::Failed(vec![Fault::IssuerSignature(error)]),
    }
}

/// Whether the issuer has signed the digest of another certificate (`x5t`). `x5chain` is not signed, so that anybody may put a
/// certificate of the same key in its place, with another country or another end. A digest that is not protected says nothing.
fn signs_for_another(issuer_auth: &Sign1<'_>, signer: &Certificate) -> bool {
    let Some((Some(algorithm), hash, Place::Protected)) = issuer_auth.headers().x5t() else {
        return false;
    };
    match algorithm {
        SHA_256 => *signer.sha256() != *hash,
        SHA_384 => digest(HashAlgorithm::Sha384, signer.der()) != *hash,
        SHA_512 => digest(HashAlgorithm::Sha512, signer.der()) != *hash,
        _ => false,
    }
}
