//! What has to be readable, and there once (A-V16, A-V20).

use super::report::{Findings, Subject};
use super::{CheckResult, Fault, Policy};
use crate::{MdocError, MobileSecurityObject, NameSpaceItems};
use idwallet_crypto::Order as _;

/// First digestID that is too large (A-I04).
const DIGEST_ID_END: u64 = 1 << 31;
/// Shortest salt in bytes (A-I05).
const SALT_BYTES: usize = 16;
/// Up to this many entries are compared pairwise, which needs no memory.
const PAIRWISE: usize = 64;

/// Reads the MSO and looks at everything that is not a matter of trust.
pub(super) fn check<'a>(
    subject: &Subject<'a>,
    response: Option<Fault>,
    policy: &Policy,
) -> (CheckResult, Option<MobileSecurityObject<'a>>) {
    let mut findings = Findings::default();
    if let Some(fault) = response {
        findings.fail(fault);
    }
    let mso = subject
        .issuer_auth
        .unverified_payload()
        .ok_or(MdocError::MissingPayload("issuerAuth"))
        .and_then(MobileSecurityObject::parse);
    let mso = match mso {
        Ok(mso) => Some(mso),
        Err(error) => {
            findings.fail(Fault::Malformed(error));
            None
        }
    };
    if mso.as_ref().is_some_and(|mso| !mso.version().is_known()) {
        findings.fail(Fault::MsoVersion);
    }
    for space in subject.name_spaces {
        check_name_space(space, policy, &mut findings);
    }
    (findings.into_result(), mso)
}

fn check_name_space(space: &NameSpaceItems<'_>, policy: &Policy, findings: &mut Findings) {
    let name_space = || space.name().to_owned();
    if let Some(element) = duplicate(space.items().iter().map(|item| item.element_identifier())) {
        findings.fail(Fault::DuplicateElement {
            name_space: name_space(),
            element: element.to_owned(),
        });
    }
    if let Some(digest_id) = duplicate(space.items().iter().map(|item| item.digest_id())) {
        findings.fail(Fault::DuplicateDigestId {
            name_space: name_space(),
            digest_id,
        });
    }
    if space.items().iter().any(|item| item.digest_id() >= DIGEST_ID_END) {
        findings.depart(
            policy,
            Fault::DigestIdRange {
                name_space: name_space(),
            },
        );
    }
    if let Some(item) = space.items().iter().find(|item| item.random().len() < SALT_BYTES) {
        findings.depart(
            policy,
            Fault::ShortSalt {
                name_space: name_space(),
                element: item.element_identifier().to_owned(),
            },
        );
    }
}

/// The first value that occurs again.
fn duplicate<T: Ord + Copy>(values: impl ExactSizeIterator<Item = T> + Clone) -> Option<T> {
    if values.len() <= PAIRWISE {
        let mut rest = values;
        while let Some(value) = rest.next() {
            if rest.clone().any(|other| other == value) {
                return Some(value);
            }
        }
        return None;
    }
    let mut sorted: Vec<T> = values.collect();
    sorted.order();
    sorted.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })
}
