//! What the MSO says about itself: document type, time, country, status, trust list (A-V18, A-V19, A-V21, A-V24, A-V25).

use super::report::{Findings, Subject};
use super::{
    Check, CheckResult, Checklist, DocTypeAnswer, Fault, IssuerTrust, Policy, Session, SkipReason, StatusAnswer,
    StatusQuery,
};
use crate::MobileSecurityObject;
use crate::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_crypto::x509::{Certificate, ValidatedPath};

/// Document, MSO and what the caller wants name one type, byte by byte (A-V18, A-C01).
pub(super) fn doc_type(subject: &Subject<'_>, mso: &MobileSecurityObject<'_>, session: &Session<'_>) -> CheckResult {
    let signed = mso.doc_type();
    let mut findings = Findings::default();
    if let Some(document) = subject.doc_type.filter(|document| *document != signed) {
        findings.fail(Fault::DocTypeMismatch {
            document: document.to_owned(),
            signed: signed.to_owned(),
        });
    }
    if let Some(expected) = session.doc_type.filter(|expected| *expected != signed) {
        findings.fail(Fault::DocTypeUnexpected {
            signed: signed.to_owned(),
            expected: expected.to_owned(),
        });
    }
    if subject.doc_type.is_none() && session.doc_type.is_none() {
        return CheckResult::Skipped(SkipReason::NotApplicable);
    }
    findings.into_result()
}

/// The dates of the MSO against the time of the check and the signer's certificate (A-V19, A-C06).
pub(super) fn validity(mso: &MobileSecurityObject<'_>, signer: Option<&Certificate>, policy: &Policy) -> CheckResult {
    let validity = mso.validity();
    let (signed, from, until) = (
        validity.signed.timestamp(),
        validity.valid_from.timestamp(),
        validity.valid_until.timestamp(),
    );
    let mut findings = Findings::default();
    if policy.latest_start() < from {
        findings.fail(Fault::NotYetValid { from });
    }
    if policy.at > until {
        findings.fail(Fault::Expired { until });
    }
    if let Some(signer) = signer {
        if !signer.is_valid_at(signed) {
            findings.fail(Fault::SignedOutsideCertificate);
        }
        if until > signer.not_after() {
            findings.warn(Fault::OutlivesCertificate);
        }
    }
    if from < signed || until <= from {
        findings.depart(policy, Fault::DateOrder);
    }
    for (field, date) in validity.dates() {
        if !date.is_strict() {
            findings.depart(policy, Fault::DateForm { field });
        }
    }
    match findings.into_result() {
        result @ CheckResult::Failed(_) => result,
        // Half of it is about the signer's certificate.
        _ if signer.is_none() => CheckResult::Skipped(SkipReason::DependsOn(Check::IssuerChain)),
        result => result,
    }
}

/// `issuing_country` and `issuing_jurisdiction` of a driving licence are those of the signer (A-V24).
pub(super) fn issuing_country(
    subject: &Subject<'_>,
    mso: &MobileSecurityObject<'_>,
    signer: Option<&Certificate>,
) -> CheckResult {
    let space = subject
        .name_spaces
        .iter()
        .find(|space| mso.doc_type() == MDL_DOC_TYPE && space.name() == MDL_NAMESPACE);
    let text = |element: &str| {
        let item = space?
            .items()
            .iter()
            .find(|item| item.element_identifier() == element)?;
        // A value that is no text is equal to no name.
        Some(item.element_value().decode(|d| d.text()).unwrap_or_default())
    };
    let (country, jurisdiction) = (text("issuing_country"), text("issuing_jurisdiction"));
    if country.is_none() && jurisdiction.is_none() {
        return CheckResult::Skipped(SkipReason::NotApplicable);
    }
    let Some(signer) = signer else {
        return CheckResult::Skipped(SkipReason::DependsOn(Check::IssuerChain));
    };
    let mut findings = Findings::default();
    if country.is_some_and(|country| signer.subject().country() != Some(country)) {
        findings.fail(Fault::IssuingCountry);
    }
    let state = signer.subject().state_or_province();
    if jurisdiction.is_some_and(|jurisdiction| state.is_some_and(|state| state != jurisdiction)) {
        findings.fail(Fault::IssuingJurisdiction);
    }
    findings.into_result()
}

/// Which check left us without a path.
fn why_no_path(checks: &Checklist) -> SkipReason {
    match checks.get(Check::IssuerChain) {
        CheckResult::Skipped(SkipReason::NoAnchors) => SkipReason::NoAnchors,
        CheckResult::Passed => SkipReason::DependsOn(Check::IssuerProfile),
        _ => SkipReason::DependsOn(Check::IssuerChain),
    }
}

/// Whether the issuer has taken the document back (A-V25). What is not known is never taken for valid.
pub(super) fn status(
    mso: &MobileSecurityObject<'_>,
    path: Option<&ValidatedPath>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
    checks: &Checklist,
) -> CheckResult {
    let Some(reference) = mso.status() else {
        return CheckResult::Skipped(SkipReason::NoStatusReference);
    };
    let Some(port) = trust.status else {
        return CheckResult::Skipped(SkipReason::NoStatusList);
    };
    // An altered reference would ask about another document.
    if !checks.holds(Check::IssuerSignature) {
        return CheckResult::Skipped(SkipReason::DependsOn(Check::IssuerSignature));
    }
    let Some(issuer) = path else {
        return CheckResult::Skipped(why_no_path(checks));
    };
    let answer = port.check(&StatusQuery {
        reference,
        issuer,
        doc_type: mso.doc_type(),
        at: policy.at,
    });
    match answer {
        StatusAnswer::Valid => CheckResult::Passed,
        StatusAnswer::Invalid => CheckResult::Failed(vec![Fault::Revoked]),
        StatusAnswer::Suspended => CheckResult::Failed(vec![Fault::Suspended]),
        StatusAnswer::Unknown(reason) if policy.status_required => {
            CheckResult::Failed(vec![Fault::StatusUnknown(reason)])
        }
        StatusAnswer::Unknown(reason) => CheckResult::Warned(vec![Fault::StatusUnknown(reason)]),
        StatusAnswer::NotAvailable => CheckResult::Skipped(SkipReason::NoStatusList),
    }
}

/// Whether the trust list of the anchor names the document type (A-V21).
pub(super) fn trust_list(
    mso: &MobileSecurityObject<'_>,
    path: Option<&ValidatedPath>,
    trust: &IssuerTrust<'_>,
    policy: &Policy,
    checks: &Checklist,
) -> CheckResult {
    let Some(port) = trust.doc_types else {
        return CheckResult::Skipped(SkipReason::NoTrustList);
    };
    let Some(path) = path else {
        return CheckResult::Skipped(why_no_path(checks));
    };
    match port.check(path.anchor(), mso.doc_type(), policy.at) {
        DocTypeAnswer::Allowed => CheckResult::Passed,
        DocTypeAnswer::NotAllowed => CheckResult::Failed(vec![Fault::NotVouchedFor {
            doc_type: mso.doc_type().to_owned(),
        }]),
        DocTypeAnswer::NotListed => CheckResult::Skipped(SkipReason::NoTrustList),
        DocTypeAnswer::Unusable(reason) => CheckResult::Failed(vec![Fault::TrustList(reason)]),
    }
}
