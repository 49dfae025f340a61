//! Public mdocs of other makers: every one parses, and what is cut out of it is what was there.
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

use idwallet_crypto::digest;
use idwallet_mdoc::{DeviceResponse, Document, IssuerSigned, MobileSecurityObject};
use serde_json::Value;
use std::path::PathBuf;

fn vectors() -> PathBuf {
    std::env::var_os("IDWALLET_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    )
}

fn hex(text: &Value) -> Vec<u8> {
    hex::decode(text.as_str().unwrap()).unwrap()
}

/// How many digests of the items are those in the MSO.
fn matching_digests(issuer_signed: &IssuerSigned<'_>, mso: &MobileSecurityObject<'_>) -> (usize, usize) {
    let algorithm = mso.hash_algorithm().unwrap();
    let mut counts = (0, 0);
    for (space, item) in issuer_signed.items() {
        counts.1 += 1;
        let expected = mso.digest(space, item.digest_id());
        counts.0 += usize::from(expected == Some(digest(algorithm, item.encoded()).as_ref()));
    }
    counts
}

/// A-C01, A-C05, X-C01: non-shortest lengths, any member order, unknown keys; the digests are over the received bytes.
/// A-V17.
#[test]
fn third_party_mdocs_parse_and_their_digests_match() {
    let folder = vectors().join("third-party-mdocs");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("third-party-mdocs: not there, all cases left out");
        return;
    };
    let mut cases = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bytes = hex(&case["hex"]);
        let name = case["name"].as_str().unwrap();
        let expected = &case["independent_check"]["docs"];
        let check = |issuer_signed: &IssuerSigned<'_>, n: usize| {
            let mso = issuer_signed
                .mobile_security_object()
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            let (good, all) = matching_digests(issuer_signed, &mso);
            let bad = expected[n]["bad_digests"].as_array().unwrap().len();
            assert_eq!(
                (good + bad, all as u64),
                (all, expected[n]["items"].as_u64().unwrap()),
                "{name}"
            );
            assert_eq!(mso.doc_type(), expected[n]["docType"].as_str().unwrap(), "{name}");
        };
        match case["kind"].as_str().unwrap() {
            "IssuerSigned" => check(
                &IssuerSigned::parse(&bytes).unwrap_or_else(|e| panic!("{name}: {e}")),
                0,
            ),
            "Document" => check(
                Document::parse(&bytes)
                    .unwrap_or_else(|e| panic!("{name}: {e}"))
                    .issuer_signed(),
                0,
            ),
            "DeviceResponse" => {
                let response = DeviceResponse::parse(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
                assert!(!response.documents().is_empty(), "{name}");
                for (n, document) in response.documents().iter().enumerate() {
                    check(document.issuer_signed(), n);
                }
            }
            other => panic!("{name}: {other}"),
        }
        cases += 1;
    }
    println!("third-party-mdocs: {cases} cases");
    assert!(cases > 20);
}
