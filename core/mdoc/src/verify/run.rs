//! The checklist run over its subjects.

use super::report::Subject;
use super::request::{Assignment, Wanted};
use super::{
    Check, CheckResult, Checklist, DocumentReport, Fault, IssuerTrust, Policy, Problem, Refusal, ResponseReport,
    Session, SkipReason, TrustState, device, digests, issuer, request, signed, structure,
};
use crate::{DeviceResponse, Document, IssuerSigned, MdocError, limits};
use idwallet_cose::Sign1;
use idwallet_cose::cbor::Decoder;
use idwallet_crypto::x509::ValidatedPath;

/// Verifies everything in a response: the response itself (A-V10), each of its documents (A-V11 to A-V24), and that it answers the
/// request (A-V26).
#[must_use]
pub fn verify_response<'a>(
    response: &'a DeviceResponse<'a>,
    session: &Session<'_>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
) -> ResponseReport<'a> {
    let subjects: Vec<Subject<'a>> = response.documents().iter().map(of_document).collect();
    let mut problems = Vec::new();
    let mut unusable = None;
    if response.status() != 0 {
        problems.push(Problem::Status(response.status()));
        unusable = Some(Fault::ResponseStatus(response.status()));
    }
    if !response.version().is_known() {
        problems.push(Problem::Version);
        unusable = Some(Fault::ResponseVersion);
    }
    if response.zk_documents().is_some() {
        problems.push(Problem::ZkDocuments);
    }
    if response.encrypted_documents().is_some() {
        problems.push(Problem::EncryptedDocuments);
    }
    if subjects.is_empty() && unusable.is_none() {
        problems.push(Problem::NoDocuments);
    }
    let asked = session.request.map(|r| (r, Assignment::new(&subjects, r)));
    if let Some((request, assignment)) = &asked
        && unusable.is_none()
    {
        assignment.problems(request, response, &mut problems);
    }
    let documents = subjects.into_iter().enumerate().map(|(index, subject)| {
        let wanted = asked.as_ref().map_or(Wanted::Unknown, |(r, a)| a.wanted(index, r));
        run(subject, unusable.clone(), wanted, session, trust, policy)
    });
    ResponseReport {
        documents: documents.collect(),
        document_errors: response.document_errors(),
        problems,
        at: policy.at,
    }
}

/// Verifies one `Document` by itself.
#[must_use]
pub fn verify_document<'a>(
    document: &'a Document<'a>,
    session: &Session<'_>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
) -> DocumentReport<'a> {
    let subject = of_document(document);
    match session.request {
        None => run(subject, None, Wanted::Unknown, session, trust, policy),
        Some(request) => {
            let wanted = Assignment::new(&[subject], request);
            run(subject, None, wanted.wanted(0, request), session, trust, policy)
        }
    }
}

/// Verifies what an issuer gave a holder (A-H61). It proves no holder, so [`Policy::issuer_only`] is needed for it to be accepted.
///
/// `doc_type` is the type that is wanted, if one is.
#[must_use]
pub fn verify_issuer_signed<'a>(
    issuer_signed: &'a IssuerSigned<'a>,
    doc_type: Option<&str>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
) -> DocumentReport<'a> {
    let subject = Subject {
        name_spaces: issuer_signed.name_spaces(),
        ..of_issuer_auth(issuer_signed.issuer_auth())
    };
    run_issued(subject, doc_type, trust, policy)
}

/// Verifies an `IssuerAuth` by itself, see [`parse_issuer_auth`]. It has no elements and proves no holder, so
/// [`Policy::issuer_only`] is needed for it to be accepted.
#[must_use]
pub fn verify_issuer_auth<'a>(
    issuer_auth: &'a Sign1<'a>,
    doc_type: Option<&str>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
) -> DocumentReport<'a> {
    run_issued(of_issuer_auth(issuer_auth), doc_type, trust, policy)
}

/// Reads the bytes of an `IssuerAuth`: an untagged COSE_Sign1 and nothing after it.
///
/// # Errors
/// [`MdocError::Malformed`] with offset, path and clause.
pub fn parse_issuer_auth(bytes: &[u8]) -> Result<Sign1<'_>, MdocError> {
    Decoder::decode(bytes, limits::RESPONSE, crate::parse::sign1).map_err(MdocError::malformed("IssuerAuth"))
}

fn run_issued<'a>(
    subject: Subject<'a>,
    doc_type: Option<&str>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
) -> DocumentReport<'a> {
    let session = doc_type.map_or(Session::none(), |doc_type| Session::none().doc_type(doc_type));
    run(subject, None, Wanted::Unknown, &session, trust, policy)
}

fn of_document<'a>(document: &'a Document<'a>) -> Subject<'a> {
    Subject {
        doc_type: Some(document.doc_type()),
        name_spaces: document.issuer_signed().name_spaces(),
        issuer_auth: document.issuer_signed().issuer_auth(),
        device_signed: document.device_signed(),
        errors: document.errors(),
        is_presentation: true,
    }
}

fn of_issuer_auth<'a>(issuer_auth: &'a Sign1<'a>) -> Subject<'a> {
    Subject {
        doc_type: None,
        name_spaces: &[],
        issuer_auth,
        device_signed: None,
        errors: &[],
        is_presentation: false,
    }
}

/// Every check that can be made is made; the order is that of what depends on what.
fn run<'a>(
    subject: Subject<'a>,
    response: Option<Fault>,
    wanted: Wanted<'_>,
    session: &Session<'_>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
) -> DocumentReport<'a> {
    let mut checks = Checklist::new();
    let (result, mso) = structure::check(&subject, response, policy);
    checks.set(Check::Structure, result);
    let doc_type = mso.as_ref().map(|mso| mso.doc_type());
    let issuer = issuer::check(&subject, doc_type, trust, policy, &mut checks);
    let (signer, path) = (issuer.signer.as_ref(), issuer.path.as_ref());
    checks.set(Check::IssuerSignature, issuer::check_signature(&subject, signer));

    let of_mso = |check: Check, checks: &Checklist| match (&mso, check) {
        (None, _) => CheckResult::Skipped(SkipReason::DependsOn(Check::Structure)),
        (Some(mso), Check::DigestAlgorithm) => digests::check_algorithm(mso),
        (Some(mso), Check::Digests) => digests::check(&subject, mso),
        (Some(mso), Check::DocType) => signed::doc_type(&subject, mso, session),
        (Some(mso), Check::Validity) => signed::validity(mso, signer, policy),
        (Some(mso), Check::IssuingCountry) => signed::issuing_country(&subject, mso, signer),
        (Some(mso), Check::Status) => signed::status(mso, path, trust, policy, checks),
        (Some(mso), Check::KeyAuthorizations) => device::key_authorizations(&subject, mso, policy),
        (Some(mso), Check::DeviceAuth) => device::device_auth(&subject, mso, session, policy),
        (Some(mso), Check::TrustList) => signed::trust_list(mso, path, trust, policy, checks),
        (Some(_), check) => checks.get(check).clone(),
    };
    for check in [
        Check::DigestAlgorithm,
        Check::Digests,
        Check::DocType,
        Check::Validity,
        Check::IssuingCountry,
        Check::Status,
        Check::KeyAuthorizations,
        Check::DeviceAuth,
        Check::TrustList,
    ] {
        let result = of_mso(check, &checks);
        checks.set(check, result);
    }
    let looked_at = Subject {
        device_signed: subject.device_signed.filter(|_| !policy.issuer_only),
        ..subject
    };
    checks.set(Check::RequestMatch, request::check(&looked_at, wanted, policy));

    DocumentReport {
        trust: trust_state(path, &checks),
        refusals: refusals(&checks, policy),
        subject,
        signer: issuer.signer,
        mso,
        checks,
        at: policy.at,
    }
}

/// Whether the issuer is believed: what made it not so comes first.
fn trust_state(path: Option<&ValidatedPath>, checks: &Checklist) -> TrustState {
    if matches!(checks.get(Check::IssuerChain), CheckResult::Skipped(_)) {
        return TrustState::NotChecked;
    }
    let deciding = [
        Check::IssuerChain,
        Check::IssuerProfile,
        Check::IssuerRevocation,
        Check::IssuerSignature,
        Check::TrustList,
    ];
    let failed = deciding.into_iter().find(|check| checks.get(*check).is_failed());
    let fault = failed.and_then(|check| checks.get(check).faults().first().cloned());
    match (fault, path) {
        (Some(fault), _) => TrustState::Untrusted(fault),
        (None, Some(path)) => TrustState::Trusted {
            anchor: path.anchor().clone(),
        },
        (None, None) => TrustState::NotChecked,
    }
}

fn refusals(checks: &Checklist, policy: &Policy) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (check, result) in checks.iter() {
        match result {
            CheckResult::Passed | CheckResult::Warned(_) => {}
            CheckResult::Failed(faults) => refusals.extend(faults.iter().map(|fault| Refusal::Failed {
                check,
                fault: fault.clone(),
            })),
            // The one it depends on is named already.
            CheckResult::Skipped(SkipReason::DependsOn(other)) if checks.get(*other).is_failed() => {}
            CheckResult::Skipped(reason) if is_needed(check, *reason, policy) => {
                refusals.push(Refusal::Skipped { check, reason: *reason });
            }
            CheckResult::Skipped(_) => {}
        }
    }
    refusals
}

/// Whether the policy needs a check that was skipped. What is not named here is needed.
fn is_needed(check: Check, reason: SkipReason, policy: &Policy) -> bool {
    match (check, reason) {
        (_, SkipReason::NotRun) => true,
        (Check::IssuerRevocation, _) => policy.revocation_required,
        (Check::Status, _) => policy.status_required,
        (Check::IssuerChain | Check::IssuerProfile | Check::TrustList, SkipReason::NoAnchors) => {
            !policy.untrusted_allowed
        }
        (_, SkipReason::NotApplicable) => false,
        (Check::DeviceAuth | Check::KeyAuthorizations, SkipReason::IssuerOnly) => !policy.issuer_only,
        (Check::RequestMatch, SkipReason::NoRequest) => false,
        (Check::TrustList, SkipReason::NoTrustList) => false,
        _ => true,
    }
}
