//! Where digests are checked (A-V17, ISO 18013-5 §9.3.1).

use super::report::{Findings, Subject};
use super::{Check, CheckResult, Fault, SkipReason};
use crate::MobileSecurityObject;
use idwallet_crypto::digest;

/// `digestAlgorithm` is one of the three (A-V16).
pub(super) fn check_algorithm(mso: &MobileSecurityObject<'_>) -> CheckResult {
    match mso.hash_algorithm() {
        Some(_) => CheckResult::Passed,
        None => CheckResult::Failed(vec![Fault::DigestAlgorithm]),
    }
}

/// Every element has the digest that the MSO names for it: by its own digestID, in its own namespace, over the bytes as received.
/// One that has no digest there fails; it is not looked for anywhere else.
pub(super) fn check(subject: &Subject<'_>, mso: &MobileSecurityObject<'_>) -> CheckResult {
    let Some(algorithm) = mso.hash_algorithm() else {
        return CheckResult::Skipped(SkipReason::DependsOn(Check::DigestAlgorithm));
    };
    if subject.name_spaces.is_empty() && !subject.is_presentation {
        return CheckResult::Skipped(SkipReason::NotApplicable);
    }
    let mut findings = Findings::default();
    for space in subject.name_spaces {
        for item in space.items() {
            let names = || (space.name().to_owned(), item.element_identifier().to_owned());
            match mso.digest(space.name(), item.digest_id()) {
                Some(expected) if digest(algorithm, item.encoded()) == *expected => {}
                Some(_) => {
                    let (name_space, element) = names();
                    findings.fail(Fault::DigestMismatch { name_space, element });
                }
                None => {
                    let (name_space, element) = names();
                    findings.fail(Fault::DigestMissing { name_space, element });
                }
            }
        }
    }
    findings.into_result()
}
