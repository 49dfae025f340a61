//! The test vectors of the Token Status List draft.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

use idwallet_crypto::{Curve, PublicKey, Timestamp, YCoordinate};
use idwallet_status_list::{
    ListPolicy, ListTrust, Status, StatusList, StatusListBuilder, StatusListError, UnverifiedStatusList, check_index,
};
use idwallet_test_support::vector;
use serde_json::Value;

fn read(name: &str) -> Option<Value> {
    let bytes = vector(&format!("token-status-list/{name}"));
    if bytes.is_none() {
        println!("left out: {name}, the public vectors are not here");
    }
    bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

fn base64url(text: &str) -> Vec<u8> {
    let (mut out, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            other => panic!("{other}"),
        };
        word = (word << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    out
}

/// Whether the listed indices are all that is not valid: the short lists state every entry.
fn check(list: &StatusList<'_>, case: &Value) -> usize {
    let listed = case["expected_nonzero_or_listed"].as_object().unwrap();
    let indices: Vec<u64> = listed.keys().map(|idx| idx.parse::<u64>().unwrap()).collect();
    let together = list.statuses(&indices).unwrap();
    for ((idx, value), status) in listed.iter().zip(together) {
        let expected = Status::from_value(value.as_u64().unwrap() as u8);
        assert_eq!(status, expected, "{} at {idx}", case["name"]);
        assert_eq!(list.status(idx.parse::<u64>().unwrap()).unwrap(), expected);
    }
    let entries = case["size_entries"].as_u64().unwrap();
    let mut not_valid = 0;
    let count = list.for_each_not_valid(|_, _| not_valid += 1).unwrap();
    assert_eq!(not_valid, case["nonzero_entries"].as_u64().unwrap());
    assert_eq!((count, list.count().unwrap()), (entries, entries));
    let beyond = list.status(entries).unwrap_err();
    assert_eq!(beyond, StatusListError::IndexOutOfRange { idx: entries, entries });
    listed.len()
}

/// G-C01, G-C02: lists of 1, 2, 4 and 8 bits, in CBOR and out of JSON.
#[test]
fn lists_have_the_stated_values() {
    let Some(cases) = read("vectors.json") else { return };
    let (mut lists, mut values, mut bits) = (0, 0, std::collections::BTreeSet::new());
    for case in cases.as_array().unwrap() {
        let cbor = hex::decode(case["cbor_hex"].as_str().unwrap()).unwrap();
        let list = StatusList::parse(&cbor).unwrap();
        assert_eq!(u64::from(list.bits().number()), case["bits"].as_u64().unwrap());
        values += check(&list, case);
        let lst = base64url(case["json"]["lst"].as_str().unwrap());
        let from_json = StatusList::new(list.bits(), &lst);
        values += check(&from_json, case);
        lists += 2;
        bits.insert(list.bits());
        // What we make of the same entries reads back the same.
        let again = StatusListBuilder::from_list(&list).unwrap().encode_list().unwrap();
        check(&StatusList::parse(&again).unwrap(), case);
    }
    println!("{lists} lists of {bits:?}, {values} stated values");
    assert!(lists >= 8 && values >= 100);
}

/// `status[1993] = 0b0010`, line by line.
fn stated(text: &str) -> Vec<(u64, Status)> {
    let value = |line: &str| {
        let (idx, value) = line.trim().strip_prefix("status[")?.split_once(']')?;
        let value = value.trim().strip_prefix("= 0b")?;
        Some((
            idx.parse().ok()?,
            Status::from_value(u8::from_str_radix(value, 2).ok()?),
        ))
    };
    text.lines().filter_map(value).collect()
}

/// G-C01: the draft's long lists of 1, 2, 4 and 8 bits, against the values stated in its text, in CBOR and in JSON.
#[test]
fn long_lists_of_every_size_have_the_stated_values() {
    let Some(blocks) = read("spec_code_blocks.json") else {
        return;
    };
    let names = ["encoding1_long", "encoding2_long", "encoding4", "encoding8"];
    let texts = blocks.as_array().unwrap().iter().filter(|block| {
        block["section"]
            .as_str()
            .unwrap()
            .starts_with("Test vectors for Status List encoding")
            && block["text"].as_str().unwrap().starts_with("status[")
    });
    let (mut lists, mut values) = (0, 0);
    for (bits, (name, block)) in [1, 2, 4, 8].into_iter().zip(names.into_iter().zip(texts)) {
        let expected = stated(block["text"].as_str().unwrap());
        let file = |form: &str| {
            let bytes = vector(&format!("token-status-list/examples/status_list_{name}_{form}.md")).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            text.split_whitespace().collect::<String>()
        };
        let cbor = hex::decode(file("cbor")).unwrap();
        let json: Value = serde_json::from_str(&file("json")).unwrap();
        let lst = base64url(json["lst"].as_str().unwrap());
        let list = StatusList::parse(&cbor).unwrap();
        for list in [list, StatusList::new(list.bits(), &lst)] {
            assert_eq!(list.bits().number(), bits);
            assert_eq!(json["bits"], bits);
            let indices: Vec<u64> = expected.iter().map(|(idx, _)| *idx).collect();
            for ((idx, status), found) in expected.iter().zip(list.statuses(&indices).unwrap()) {
                assert_eq!(found, *status, "{bits} bits at {idx}");
            }
            let mut not_valid = 0;
            list.for_each_not_valid(|_, _| not_valid += 1).unwrap();
            assert_eq!(
                not_valid,
                expected.iter().filter(|(_, status)| !status.is_valid()).count()
            );
            lists += 1;
            values += expected.len();
        }
    }
    println!("{lists} long lists of 1, 2, 4 and 8 bits, {values} stated values");
    assert_eq!(lists, 8);
    assert!(values > 500);
}

fn key(jwk: &Value) -> PublicKey {
    let part = |name: &str| base64url(jwk[name].as_str().unwrap());
    PublicKey::from_coordinates(Curve::P256, &part("x"), YCoordinate::Bytes(&part("y"))).unwrap()
}

/// G-C05, G-V03, G-V04: the signed CWT of the draft. It has no certificates, so its key is known from elsewhere.
#[test]
fn signed_cwt_of_the_draft() {
    let Some(signed) = read("signed_tokens.json") else {
        return;
    };
    let token = hex::decode(signed["status_list_cwt"].as_str().unwrap()).unwrap();
    let key = key(&signed["key"]);
    let uri = "https://example.com/statuslists/1";
    let at = Timestamp::parse_rfc3339("2026-06-01T00:00:00Z").unwrap();
    let policy = ListPolicy::new(at);
    let verified = UnverifiedStatusList::parse(&token)
        .unwrap()
        .verify(uri, &ListTrust::Key(&key), &policy)
        .unwrap();
    let expected = [1_u8, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    for (idx, value) in (0_u64..).zip(expected) {
        assert_eq!(verified.status(idx).unwrap(), Status::from_value(value));
    }
    assert_eq!(verified.claims().time_to_live, Some(43_200));
    // A-I21: by the rule for an MSO it is refused, for it has no chain.
    let anchors = idwallet_crypto::x509::TrustAnchors::new();
    let answer = check_index(&token, 0, uri, &ListTrust::Anchors(&anchors), &policy);
    assert_eq!(
        answer,
        idwallet_status_list::StatusAnswer::Unknown(StatusListError::ChainMissing)
    );
    // The referenced token is a CWT too, and no list.
    let referenced = hex::decode(signed["referenced_token_cwt"].as_str().unwrap()).unwrap();
    assert_eq!(
        UnverifiedStatusList::parse(&referenced).unwrap_err(),
        StatusListError::Type
    );
    println!("2 CWT cases; 1 signed JWT and the JWT examples are left for later: there is no JOSE yet");
}

/// G-V07: every single bit of the token.
#[test]
fn no_flipped_bit_of_the_cwt_is_believed() {
    let Some(signed) = read("signed_tokens.json") else {
        return;
    };
    let token = hex::decode(signed["status_list_cwt"].as_str().unwrap()).unwrap();
    let key = key(&signed["key"]);
    let policy = ListPolicy::new(Timestamp::parse_rfc3339("2026-06-01T00:00:00Z").unwrap());
    let mut believed = Vec::new();
    for bit in 0..token.len() * 8 {
        let mut altered = token.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let answer = check_index(
            &altered,
            1,
            "https://example.com/statuslists/1",
            &ListTrust::Key(&key),
            &policy,
        );
        if answer.is_valid() {
            believed.push(bit / 8);
        }
    }
    // The unprotected header is a key identifier, which nothing here looks at: {4: h'3132'}.
    let kid = token
        .windows(5)
        .position(|w| w == [0xa1, 0x04, 0x42, 0x31, 0x32])
        .unwrap();
    assert!(believed.iter().all(|at| (kid..kid + 5).contains(at)), "{believed:?}");
    println!(
        "{} flipped bits, {} in the unsigned key identifier believed",
        token.len() * 8,
        believed.len()
    );
}
