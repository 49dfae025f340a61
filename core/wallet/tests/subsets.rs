//! Whatever a person ticks, that leaves and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Holder, block_on};
use idwallet_mdoc::DeviceResponse;
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_test_support::{NOW, mdl_elements};
use idwallet_wallet::Approval;
use proptest::prelude::*;
use std::collections::BTreeSet;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A-H45: asked ∩ ticked, exactly, and every other element asked for has error code 0 (A-H58).
    #[test]
    fn what_is_ticked_leaves_and_nothing_else(asked in any::<u32>(), ticked in any::<u32>()) {
        let mut holder = Holder::new(101);
        // The portrait's rule has its own test; of statements of age two may be asked for.
        let names: Vec<&str> = mdl_elements()
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| !["portrait", "age_over_65"].contains(name))
            .collect();
        let has = |bits: u32, n: usize| bits & (1 << n) != 0;
        let asked: Vec<(usize, &str)> = names.iter().copied().enumerate().filter(|(n, _)| has(asked, *n)).collect();
        prop_assume!(!asked.is_empty());
        let elements: Vec<&str> = asked.iter().map(|(_, name)| *name).collect();
        let mut resolved = holder.resolve(&elements);
        let review = resolved.review().clone();
        let expected: BTreeSet<&str> = asked.iter().filter(|(n, _)| has(ticked, *n)).map(|(_, name)| *name).collect();
        let approval = expected
            .iter()
            .fold(Approval::nothing(), |a, e| a.select(0, holder.licence, MDL_NAMESPACE, e));
        let answer = block_on(holder.wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
        let response = DeviceResponse::parse(&answer.device_response).unwrap();
        let documents = response.documents();
        prop_assert_eq!(documents.is_empty(), expected.is_empty());
        if let Some(document) = documents.first() {
            let left: BTreeSet<&str> = document.issuer_signed().items().map(|(_, i)| i.element_identifier()).collect();
            prop_assert_eq!(&left, &expected);
            let errors: BTreeSet<&str> =
                document.errors().iter().flat_map(|(_, e)| e.iter()).map(|(name, _)| *name).collect();
            let rest: BTreeSet<&str> = elements.iter().copied().filter(|e| !expected.contains(e)).collect();
            prop_assert_eq!(errors, rest);
        }
    }
}
