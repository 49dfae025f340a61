//! The COSE WG examples that concern Sign1, Mac0 and keys.
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

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{unhex, vectors};
use idwallet_cose::{CoseError, CoseKey, Mac0, Place, Policy, Sign1, TagPolicy, private_key_from_cose, sig_structure};
use idwallet_crypto::{Curve, PublicKey, SignatureAlgorithm, YCoordinate};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

const ALL: [SignatureAlgorithm; 4] = [
    SignatureAlgorithm::Es256,
    SignatureAlgorithm::Es384,
    SignatureAlgorithm::Es512,
    SignatureAlgorithm::EdDsa,
];

/// The examples put `alg` in either bucket and the tag is there or not.
const EXAMPLES: Policy = Policy {
    tag: TagPolicy::Allowed,
    unprotected_algorithm: true,
    ..Policy::MDOC
};

fn files(folder: &Path, out: &mut Vec<(String, Json)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            out.push((path.file_name().unwrap().to_string_lossy().into_owned(), json));
        }
    }
}

fn b64(value: &Json) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

fn public_key(key: &Json) -> PublicKey {
    let curve = Curve::from_name(key["crv"].as_str().unwrap()).unwrap();
    let part = |name: &str| {
        let mut bytes = key
            .get(format!("{name}_hex"))
            .map_or_else(|| b64(&key[name]), |hex| unhex(hex.as_str().unwrap()));
        // The examples drop leading zeros.
        while bytes.len() < curve.coordinate_len() {
            bytes.insert(0, 0);
        }
        bytes
    };
    PublicKey::from_coordinates(curve, &part("x"), YCoordinate::Bytes(&part("y"))).unwrap()
}

fn symmetric_key(mac0: &Json) -> Vec<u8> {
    let key = &mac0["recipients"][0]["key"];
    key.get("k_hex")
        .map_or_else(|| b64(&key["k"]), |hex| unhex(hex.as_str().unwrap()))
}

/// A-C07, X-C03, X-C04.
#[test]
fn working_group_examples() {
    let Some(folder) = vectors("cose/cose-wg") else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let (mut accepted, mut refused) = (0, 0);
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    for (name, case) in &all {
        let input = &case["input"];
        let bytes = unhex(case["output"]["cbor"].as_str().unwrap_or_default());
        let external = |part: &Json| unhex(part.get("external").and_then(Json::as_str).unwrap_or_default());
        let must_fail = case["fail"].as_bool().unwrap_or_default();
        if let Some(sign0) = input.get("sign0") {
            let key = public_key(&sign0["key"]);
            let result = Sign1::parse(&bytes, &EXAMPLES).and_then(|sign1| {
                let structure = &case["intermediates"]["ToBeSign_hex"];
                if let Some(hex) = structure.as_str().filter(|_| !must_fail) {
                    let ours = sig_structure(
                        sign1.headers().protected_for_structure(),
                        &external(sign0),
                        sign1.unverified_payload().unwrap(),
                    );
                    assert_eq!(ours, unhex(hex), "{name}");
                }
                sign1
                    .verify(&key, &ALL, &external(sign0), None)
                    .map(|verified| verified.payload().to_vec())
            });
            if name == "ecdsa-sig-04.json" {
                // ES512 with P-256: RFC 8152 allowed it, ISO 18013-5 pairs algorithm and curve (A-C08).
                assert!(
                    matches!(result, Err(CoseError::AlgorithmKeyMismatch { .. })),
                    "{name}: {result:?}"
                );
                refused += 1;
                continue;
            }
            assert_eq!(result.is_err(), must_fail, "{name}: {result:?}");
            if let Ok(payload) = result {
                assert!(
                    input
                        .get("plaintext")
                        .is_none_or(|text| text.as_str().unwrap().as_bytes() == payload),
                    "{name}"
                );
                accepted += 1;
            } else {
                refused += 1;
            }
        } else if let Some(mac0) = input.get("mac0") {
            if matches!(
                mac0["alg"].as_str().or(mac0["protected"]["alg"].as_str()),
                Some("HS256/64" | "HS384" | "HS512" | "AES-MAC-256/64")
            ) {
                let result = Mac0::parse(&bytes, &EXAMPLES).unwrap();
                assert!(
                    matches!(
                        result.verify(&symmetric_key(mac0), &[], None),
                        Err(CoseError::AlgorithmUnsupported(_))
                    ),
                    "{name}"
                );
                *left_out
                    .entry("Mac0 with another algorithm than HMAC 256/256 (refused)".to_owned())
                    .or_default() += 1;
                continue;
            }
            let result = Mac0::parse(&bytes, &EXAMPLES)
                .and_then(|parsed| parsed.verify(&symmetric_key(mac0), &external(mac0), None).map(drop));
            assert_eq!(result.is_err(), must_fail, "{name}: {result:?}");
            if must_fail { refused += 1 } else { accepted += 1 }
        } else {
            let kind = ["sign", "mac", "encrypted", "enveloped"]
                .into_iter()
                .find(|kind| input.get(kind).is_some());
            *left_out.entry(kind.unwrap_or("other").to_owned()).or_default() += 1;
        }
    }
    println!("COSE WG: {accepted} accepted, {refused} refused, left out {left_out:?}");
    assert_eq!(accepted + refused + left_out.values().sum::<usize>(), all.len());
    assert!(accepted >= 12 && refused >= 13, "{accepted} {refused}");
}

/// A-C09.
#[test]
fn working_group_key_set() {
    let Some(path) = vectors("cose/cose-wg/KeySet.txt") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let (mut imported, mut left_out) = (0, 0);
    // Diagnostic notation: one `{…}` for each key, comments in slashes, hex split over lines.
    for block in text.split('{').skip(1) {
        let block: String = block.split('}').next().unwrap().split_whitespace().collect();
        let field = |label: &str| {
            let mut parts = block.split(label);
            parts.next();
            parts.next().map(|rest| {
                rest.trim_start_matches("h'")
                    .chars()
                    .take_while(|c| *c != ',' && *c != '\'' && *c != '/')
                    .collect::<String>()
            })
        };
        let (Some(kty), crv, x, y, d) = (
            field("/kty/1:"),
            field("/crv/-1:"),
            field("/x/-2:"),
            field("/y/-3:"),
            field("/d/-4:"),
        ) else {
            // A few keys are written as JSON.
            left_out += 1;
            continue;
        };
        let (true, Some(crv), Some(x), Some(d)) = (kty != "4", crv, x, d) else {
            left_out += 1;
            continue;
        };
        let mut e = idwallet_cose::cbor::Encoder::new();
        e.map(if y.is_some() { 5 } else { 4 })
            .int(1)
            .int(kty.parse().unwrap())
            .int(-1)
            .int(crv.parse().unwrap())
            .int(-2)
            .bytes(&unhex(&x));
        if let Some(y) = &y {
            e.int(-3).bytes(&unhex(y));
        }
        e.int(-4).bytes(&unhex(&d));
        let bytes = e.into_vec();
        let key = private_key_from_cose(&bytes).unwrap_or_else(|error| panic!("{block}: {error}"));
        assert_eq!(key.public_key().x(), unhex(&x));
        assert_eq!(
            CoseKey::parse(&bytes, Default::default()).unwrap_err(),
            CoseError::KeyIsPrivate
        );
        imported += 1;
    }
    println!("COSE WG key set: {imported} imported, {left_out} left out (symmetric, without d, or written as JSON)");
    assert!(imported >= 3, "{imported}");
}

#[test]
fn the_empty_protected_header_trap() {
    let Some(path) = vectors("cose/cose-wg/sign1-tests/sign-pass-01.json") else {
        return;
    };
    let case: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let bytes = unhex(case["output"]["cbor"].as_str().unwrap());
    let sign1 = Sign1::parse(&bytes, &EXAMPLES).unwrap();
    assert_eq!(sign1.headers().protected_bytes(), [0xa0]);
    assert!(sign1.headers().protected_for_structure().is_empty());
    assert_eq!(sign1.headers().algorithm().unwrap().1, Place::Unprotected);
    let key = public_key(&case["input"]["sign0"]["key"]);
    assert!(sign1.verify(&key, &ALL, &[], None).is_ok());
    // As in mdocs, the same bytes are refused for their unprotected algorithm.
    let strict = Sign1::parse(&bytes, &Policy::TAG_ALLOWED).unwrap();
    assert_eq!(
        strict.verify(&key, &ALL, &[], None),
        Err(CoseError::AlgorithmNotProtected)
    );
}
