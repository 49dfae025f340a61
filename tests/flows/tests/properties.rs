//! What holds for any choice and any damage.

use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_test_flows::{Desk, ask};
use idwallet_test_support::{NOW, World, mdl_elements};
use idwallet_trust::TrustStore;
use idwallet_verifier::{Outcome, Policy, Presentation, Verifier};
use idwallet_wallet::Approval;
use proptest::prelude::*;

/// Elements without rules of their own: `age_over_NN` are substituted, and the portrait goes along or nothing does.
fn plain() -> Vec<&'static str> {
    mdl_elements()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("age_over") && *name != "portrait")
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// A-H45, A-V17, A-V26: issue, keep, ask for any subset, approve any subset of that: the reader gets exactly those.
    #[test]
    fn any_subset_arrives_exactly(asked in proptest::collection::vec(any::<bool>(), 26), approved in any::<u32>(), seed in any::<u64>()) {
        let names: Vec<&str> = plain().into_iter().zip(&asked).filter(|(_, a)| **a).map(|(n, _)| n).collect();
        prop_assume!(!names.is_empty());
        let wanted: Vec<&str> = names.iter().enumerate().filter(|(i, _)| approved >> i & 1 == 1).map(|(_, n)| *n).collect();
        let mut desk = Desk::new(seed);
        let met = desk.meet(&ask(&names), |review| {
            names.iter().filter(|n| !wanted.contains(n)).fold(Approval::everything(review), |approval, name| {
                approval.deselect(0, MDL_NAMESPACE, name)
            })
        });
        let report = met.finished.report().unwrap();
        match report.outcome() {
            Outcome::Accepted(documents) => {
                let mut given: Vec<&str> = documents[0].claims().iter().map(|(_, name, _)| name).collect();
                let mut wanted = wanted.clone();
                given.sort_unstable();
                wanted.sort_unstable();
                prop_assert_eq!(given, wanted);
            }
            Outcome::Refused(reasons) => prop_assert!(wanted.is_empty(), "{:?}", reasons),
        }
    }
}

/// X-C01, A-V15, A-V16, A-V17, A-V18, A-V23: no bit of a response can be flipped unnoticed, but for those that the standard leaves
/// unauthenticated. They are two: the minor version of the response, which readers must not look at, and the name `nameSpaces`, which
/// turns into an unknown member, so that the document comes without elements, as if the holder had given none.
#[test]
fn every_flipped_bit_is_refused() {
    let world = World::new(11);
    let licence = world.issue_mdl();
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let response = world.respond(&licence, &request);
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(world.issuer.authority.der()).unwrap();
    let (verifier, policy) = (Verifier::new(), Policy::iso().at(NOW));
    let presentation = Presentation::new(&world.transcript).request(&request);
    // The elements of an accepted response, with their values.
    let accepted = |bytes: &[u8]| -> Option<Vec<(String, Option<String>)>> {
        let report = verifier
            .verify_device_response(bytes, &presentation, &policy, &trust)
            .ok()?;
        let Outcome::Accepted(documents) = report.outcome() else {
            return None;
        };
        let claims = documents.iter().flat_map(|d| d.claims().iter());
        Some(
            claims
                .map(|(_, name, claim)| (name.to_owned(), claim.text().map(str::to_owned)))
                .collect(),
        )
    };
    let whole = accepted(&response).unwrap();
    assert_eq!(whole, [("family_name".to_owned(), Some("Mustermann".to_owned()))]);

    let find = |what: &[u8]| response.windows(what.len()).position(|w| w == what).unwrap();
    let minor = find(b"\x631.0") + 3;
    let name_spaces = find(b"\x6anameSpaces");
    let name_spaces = name_spaces..name_spaces + 11;
    let (mut refused, mut versions, mut emptied) = (0, 0, 0);
    let mut bytes = response.clone();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            match accepted(&bytes) {
                None => refused += 1,
                Some(claims) if at == minor => {
                    assert_eq!(claims, whole);
                    versions += 1;
                }
                Some(claims) if name_spaces.contains(&at) => {
                    assert!(claims.is_empty(), "byte {at}, bit {bit}: {claims:?}");
                    emptied += 1;
                }
                Some(_) => panic!("byte {at}, bit {bit} flipped unnoticed"),
            }
            bytes[at] ^= 1 << bit;
        }
    }
    println!(
        "{refused} flipped bits refused; let pass: {versions} in the minor version, {emptied} that leave no element"
    );
    assert_eq!(refused + versions + emptied, response.len() * 8);
    assert!(versions > 0 && refused > 15_000);
}
