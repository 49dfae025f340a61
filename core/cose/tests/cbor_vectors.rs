//! RFC 8949 Appendix A and the not-well-formed set.
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

use common::{json, unhex};
use idwallet_cose::cbor::{Encoder, Item, Limits, to_diagnostic, to_json};
use serde_json::{Value as Json, json};

/// The set was written for RFC 7049, where a two-byte simple value below 32 was allowed.
const NOT_WELL_FORMED_SINCE_RFC_8949: [&str; 1] = ["f818"];

/// A-C02.
#[test]
fn appendix_a_decodes_to_the_stated_values_and_encodes_back() {
    let Some(cases) = json("cbor/appendix_a.json") else {
        return;
    };
    let (mut decoded, mut round_trips, mut refused) = (0, 0, 0);
    for case in cases.as_array().unwrap() {
        let hex = case["hex"].as_str().unwrap();
        let bytes = unhex(hex);
        if NOT_WELL_FORMED_SINCE_RFC_8949.contains(&hex) {
            assert!(Item::parse(&bytes, Limits::INSPECT).is_err(), "{hex}");
            refused += 1;
            continue;
        }
        let item = Item::parse(&bytes, Limits::INSPECT).unwrap_or_else(|error| panic!("{hex}: {error}"));
        assert_eq!(item.bytes(), bytes);
        match case.get("diagnostic").and_then(Json::as_str) {
            Some(stated) => {
                // Chunks are joined.
                let stated = stated.replace("(_ h'0102', h'030405')", "h'0102030405'");
                assert_eq!(to_diagnostic(item).unwrap(), stated, "{hex}");
            }
            None => assert_json(&to_json(item).unwrap(), &case["decoded"], hex),
        }
        decoded += 1;

        let is_simple = matches!(hex, "f0" | "f8ff" | "f7");
        if case["roundtrip"] == json!(true) && !is_simple {
            let mut e = Encoder::new();
            e.value(&item.to_value().unwrap()).unwrap();
            assert_eq!(hex::encode(e.into_vec()), hex);
            round_trips += 1;
        }
    }
    println!("appendix A: {decoded} decoded, {round_trips} encoded back, {refused} refused by RFC 8949");
    assert_eq!(decoded + refused, cases.as_array().unwrap().len());
}

/// The set writes bignums and floats as JSON numbers.
fn assert_json(ours: &Json, stated: &Json, hex: &str) {
    match (ours, stated) {
        (Json::Object(ours), Json::Number(stated)) if ours.contains_key("tag") => {
            let bytes = ours["value"]["bytes"].as_str().unwrap();
            assert!(!bytes.is_empty() && stated.as_f64().unwrap().abs() >= 1.8e19, "{hex}");
        }
        (Json::Object(ours), Json::Number(stated)) => {
            let int: f64 = ours["integer"].as_str().unwrap().parse().unwrap();
            assert_eq!(Some(int), stated.as_f64(), "{hex}");
        }
        (Json::Number(ours), Json::Number(stated)) => {
            // serde_json reads the last digit of long fractions wrong.
            let (ours, stated) = (ours.as_f64().unwrap(), stated.as_f64().unwrap());
            assert!((ours - stated).abs() <= stated.abs() * 1e-15, "{hex}: {ours} {stated}");
        }
        (Json::Array(ours), Json::Array(stated)) => {
            assert_eq!(ours.len(), stated.len(), "{hex}");
            ours.iter()
                .zip(stated)
                .for_each(|(ours, stated)| assert_json(ours, stated, hex));
        }
        _ => assert_eq!(ours, stated, "{hex}"),
    }
}

/// X-C09.
#[test]
fn what_is_not_well_formed_is_refused() {
    let Some(cases) = json("cbor-negative/qcbor_not_well_formed.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    for case in cases {
        let hex = case["hex"].as_str().unwrap();
        for limits in [Limits::INSPECT, Limits::DEFAULT] {
            assert!(Item::parse(&unhex(hex), limits).is_err(), "{hex}: {}", case["why"]);
        }
    }
    println!("not well formed: {} refused", cases.len());
}

#[test]
fn third_party_mdocs_are_well_formed() {
    let Some(folder) = common::vectors("third-party-mdocs") else {
        return;
    };
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut texts = Vec::new();
        collect_hex(&file, &mut texts);
        for hex in texts {
            let bytes = unhex(&hex);
            if !matches!(bytes.first(), Some(0xa1..=0xb9)) {
                continue;
            }
            Item::parse(&bytes, Limits::DEFAULT).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            count += 1;
        }
    }
    println!("third party mdocs: {count} structures");
    assert!(count > 0);
}

fn collect_hex(json: &Json, out: &mut Vec<String>) {
    match json {
        Json::String(text)
            if text.len() > 1000 && text.len() % 2 == 0 && text.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            out.push(text.clone());
        }
        Json::Array(elements) => elements.iter().for_each(|element| collect_hex(element, out)),
        Json::Object(members) => members.values().for_each(|member| collect_hex(member, out)),
        _ => {}
    }
}
