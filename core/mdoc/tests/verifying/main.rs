//! The reader's checklist: a valid presentation, and one thing flipped at a time.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod data;
mod device;
mod edit;
mod issuer;
mod policy;
mod properties;
mod request;
mod response;
mod third_party;
mod trial;

use edit::{edit, member, resign, resign_as, tag24};
use idwallet_cose::cbor::Value;
use idwallet_crypto::Curve;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{Check, Fault, FaultKind, Policy, Problem, SkipReason};
use idwallet_test_support::{DAY, NOW, World, key};
use trial::Trial;

const ASKED: [(&str, &str); 5] = [
    (MDL_NAMESPACE, "family_name"),
    (MDL_NAMESPACE, "given_name"),
    (MDL_NAMESPACE, "issuing_country"),
    (MDL_NAMESPACE, "portrait"),
    (MDL_NAMESPACE, "age_over_18"),
];

/// The valid presentation from which every test starts.
#[test]
fn a_valid_presentation_is_accepted() {
    let world = World::new(1);
    let outcome = Trial::new(&world).run();
    assert!(outcome.accepted, "{outcome:?}");
    assert_eq!(outcome.trust, "trusted");
    assert_eq!(outcome.claims.len(), ASKED.len());
    let not_given = [Check::IssuerRevocation, Check::Status, Check::TrustList];
    for check in Check::ALL {
        let expected = if not_given.contains(&check) {
            "skipped"
        } else {
            "passed"
        };
        assert_eq!(outcome.word(check), expected, "{check}");
    }
}
