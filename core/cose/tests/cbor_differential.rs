//! Our decoder against `ciborium` and `serde_cbor`, on generated, mutated and random items. The defined differences are named in the code.
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

use ciborium::value::Value;
use idwallet_cose::cbor::{Decoder, Encoder, ErrorKind, Item, Limits};
use proptest::prelude::*;

/// Unique text or integer keys, no NaN, depth at most 5.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0_u64..300).prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        ".{0,12}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        any::<f64>()
            .prop_filter("NaN", |float| !float.is_nan())
            .prop_map(Value::Float),
        any::<f32>()
            .prop_filter("NaN", |float| !float.is_nan())
            .prop_map(|float| Value::Float(f64::from(float))),
        (-2000_i16..2000).prop_map(|n| Value::Float(f64::from(n) / 8.0)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(any::<i16>(), inner.clone(), 0..20)
                .prop_map(|map| Value::Map(map.into_iter().map(|(key, value)| (Value::from(key), value)).collect())),
            prop::collection::btree_map("[a-c]{0,3}", inner.clone(), 0..20)
                .prop_map(|map| Value::Map(map.into_iter().map(|(key, value)| (Value::Text(key), value)).collect())),
            // Tags 2 and 3 are bignums, which ciborium turns into integers while reading.
            (4_u64..2000, inner).prop_map(|(tag, value)| Value::Tag(tag, Box::new(value))),
        ]
    })
}

fn by_ciborium(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

/// Lenient in everything both others are lenient in.
fn lenient() -> Limits {
    Limits {
        max_depth: 120,
        ..Limits::INSPECT
    }
}

/// What ciborium says: the value if the bytes are exactly one item.
fn ciborium_reads(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, 200).ok()?;
    rest.is_empty().then_some(value)
}

fn serde_cbor_reads(bytes: &[u8]) -> bool {
    serde_cbor::from_slice::<serde_cbor::Value>(bytes).is_ok()
}

/// Simple values other than false, true, null, undefined; looked for in whatever we accept.
fn has_other_simple(bytes: &[u8]) -> bool {
    Item::parse(bytes, lenient()).is_ok_and(|item| item.to_value().is_err())
}

/// The one rule all three are compared by; returns whether the input was accepted by all.
fn compare(bytes: &[u8]) -> Result<bool, TestCaseError> {
    let ours = Item::parse(bytes, lenient());
    let ciborium = ciborium_reads(bytes);
    match (&ours, &ciborium) {
        (Ok(item), Some(theirs)) => {
            let value = item.to_value().unwrap();
            let mut e = Encoder::new();
            // Re-encoded by ciborium both are the same bytes (NaN included); bignums excepted.
            if !has_bignum(bytes) {
                prop_assert_eq!(by_ciborium(&value), by_ciborium(theirs), "{}", hex::encode(bytes));
                let _ = e.value(&value).unwrap();
            }
            Ok(true)
        }
        (Err(_), None) => Ok(false),
        // Defined differences where we accept: ciborium has no other simple values, and no tagged bignum beyond 128 bits or of another type.
        (Ok(_), None) => {
            prop_assert!(
                has_other_simple(bytes) || has_bignum(bytes),
                "we accept {}",
                hex::encode(bytes)
            );
            Ok(false)
        }
        // Defined differences where we refuse.
        (Err(error), Some(_)) => {
            let is_named = match error.kind() {
                // ciborium keeps both entries.
                ErrorKind::DuplicateKey => true,
                // ciborium reads f8 14 … f8 17 as f4 … f7.
                ErrorKind::InvalidSimple => true,
                _ => false,
            };
            prop_assert!(is_named, "ciborium accepts {}: {error}", hex::encode(bytes));
            Ok(false)
        }
    }
}

fn has_bignum(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| matches!(byte, 0xc2 | 0xc3))
        || bytes.windows(2).any(|pair| matches!(pair, [0xd8..=0xdb, _]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// A-C02.
    #[test]
    fn generated_items_are_read_alike(value in values()) {
        let bytes = by_ciborium(&value);
        let item = Item::parse(&bytes, Limits::DEFAULT).unwrap();
        prop_assert_eq!(by_ciborium(&item.to_value().unwrap()), bytes.clone());
        prop_assert!(serde_cbor_reads(&bytes));

        let mut e = Encoder::new();
        e.value(&value).unwrap();
        let ours = e.into_vec();
        prop_assert_eq!(ours.len(), bytes.len(), "both write the shortest form");
        prop_assert!(Item::parse(&ours, Limits::PREFERRED).is_ok());
        let theirs = ciborium_reads(&ours).unwrap();
        let mut again = Encoder::new();
        again.value(&theirs).unwrap();
        prop_assert_eq!(again.into_vec(), ours);
    }

    #[test]
    fn mutated_items_are_read_alike(value in values(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>(), shape in 0..4) {
        let mut bytes = by_ciborium(&value);
        match shape {
            0 => bytes.truncate(cut.index(bytes.len())),
            1 => bytes.insert(cut.index(bytes.len()), edits[0].1),
            _ => for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] ^= byte;
            },
        }
        compare(&bytes)?;
        // The third opinion; it wants text to be UTF-8 and knows four simple values, as we do.
        if Item::parse(&bytes, Limits::DEFAULT).is_ok() && !has_other_simple(&bytes) {
            prop_assert!(serde_cbor_reads(&bytes), "{}", hex::encode(&bytes));
        }
    }

    #[test]
    fn random_bytes_are_read_alike(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
        compare(&bytes)?;
    }

    /// serde_cbor is older than RFC 8949 and refuses less; whatever the strict default accepts, it accepts too.
    #[test]
    fn what_we_accept_serde_cbor_accepts(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x61), Just(0xa1), Just(0x82), Just(0x01)], 1..12)) {
        // It has no simple values but the four, and undefined ones of two bytes.
        if Item::parse(&bytes, Limits::DEFAULT).is_ok() && !has_other_simple(&bytes) {
            prop_assert!(serde_cbor_reads(&bytes), "{}", hex::encode(&bytes));
        }
    }

    /// X-C09.
    #[test]
    fn no_input_panics_or_reads_beyond_its_item(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for limits in [Limits::DEFAULT, Limits::INSPECT, Limits::PREFERRED] {
            let mut d = Decoder::with_limits(&bytes, limits);
            if let Ok(item) = d.item() {
                prop_assert_eq!(item.bytes(), &bytes[..d.offset()]);
                let _ = idwallet_cose::cbor::to_json(item).unwrap();
                let _ = idwallet_cose::cbor::to_diagnostic(item).unwrap();
            }
            let _ = idwallet_cose::Sign1::parse(&bytes, &idwallet_cose::Policy::MDOC);
            let _ = idwallet_cose::CoseKey::parse(&bytes, limits);
        }
    }
}
