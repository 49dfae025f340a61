//! What holds for any subset and for any bit.

use super::*;
use idwallet_mdoc::{DeviceRequest, DeviceResponse};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// A-V17, A-V26: issue, select any subset, verify: exactly that subset comes out.
    #[test]
    fn any_subset_comes_out_as_it_went_in(seed in 0_u64..1000, chosen in proptest::collection::btree_set(0_usize..30, 1..30)) {
        let world = World::new(seed);
        let names: Vec<&str> = idwallet_test_support::mdl_elements().iter().map(|(name, _)| *name).collect();
        // At most two age statements may be asked for.
        let mut ages = 0;
        let chosen: Vec<&str> = chosen.iter().map(|at| names[*at]).filter(|name| {
            ages += usize::from(name.starts_with("age_over_"));
            !name.starts_with("age_over_") || ages <= 2
        }).collect();
        prop_assume!(!chosen.is_empty());
        let ask: Vec<_> = chosen.iter().map(|name| (MDL_NAMESPACE, *name)).collect();
        let outcome = Trial::of(&world, &world.issue_mdl(), &world.request(&ask)).run();
        prop_assert!(outcome.accepted, "{:?}", outcome);
        let (mut got, mut expected): (Vec<_>, Vec<_>) = (outcome.claims, chosen.iter().map(ToString::to_string).collect());
        got.sort();
        expected.sort();
        prop_assert_eq!(got, expected);
    }
}

/// The bytes that nobody signs, and whose change a reader cannot notice: where they are, and what they may be changed into.
///
/// - the minor version number of `DeviceResponse` ("1.0": an unknown minor version of a known major one is read, A-C05).
fn is_unauthenticated(response: &[u8], flipped: &[u8]) -> bool {
    let key = b"\x67version\x63";
    let start = response.windows(key.len()).position(|w| w == key).unwrap() + key.len();
    let (version, rest) = (start..start + 3, start + 3);
    let same_elsewhere = response[..start] == flipped[..start] && response[rest..] == flipped[rest..];
    let minor = flipped.get(version).unwrap();
    same_elsewhere && minor.starts_with(b"1.") && minor[2].is_ascii_digit()
}

/// X-C01, A-V10 to A-V23: any single bit of a response flipped, and it is refused: by the parser or by a check. The exceptions are those
/// of [`is_unauthenticated`].
#[test]
fn any_flipped_bit_is_refused() {
    let world = World::new(90);
    let ask = [(MDL_NAMESPACE, "age_over_18"), (MDL_NAMESPACE, "issuing_country")];
    let request_bytes = world.request(&ask);
    let response = world.respond(&world.issue_mdl(), &request_bytes);
    let request = DeviceRequest::parse(&request_bytes).unwrap();
    let anchors = world.issuer.anchors();
    let session = idwallet_mdoc::verify::Session::new(&world.transcript).request(&request);
    let trust = idwallet_mdoc::verify::IssuerTrust::new(&anchors);
    // A whole answer is wanted: a renamed `issuerSigned` member is an unknown one, and nothing is then returned.
    let policy = Policy::iso().at(NOW).require_all_elements();
    let is_accepted = |bytes: &[u8]| {
        let Ok(view) = DeviceResponse::parse(bytes) else {
            return false;
        };
        idwallet_mdoc::verify::verify_response(&view, &session, &trust, &policy).is_accepted()
    };
    assert!(is_accepted(&response));
    let (mut exceptions, mut flipped) = (Vec::new(), response.clone());
    for byte in 0..response.len() {
        for bit in 0..8 {
            flipped[byte] ^= 1 << bit;
            if is_accepted(&flipped) {
                exceptions.push((byte, bit, is_unauthenticated(&response, &flipped)));
            }
            flipped[byte] ^= 1 << bit;
        }
    }
    println!("{} bits flipped, {} accepted", response.len() * 8, exceptions.len());
    let unknown: Vec<_> = exceptions.iter().filter(|(_, _, known)| !known).collect();
    assert!(
        unknown.is_empty(),
        "accepted although changed, (byte, bit): {unknown:?}"
    );
    assert!(!exceptions.is_empty(), "a later minor version must be read");
}
