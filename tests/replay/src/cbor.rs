//! The CBOR decoder, alone and against `ciborium`.

use crate::tell;
use idwallet_cose::cbor::{Decoder, Encoder, ErrorKind, Item, Limits, Value, to_diagnostic, to_json};

/// Accepts what `ciborium` accepts but for the named differences, never reads beyond its item, and what it made of the
/// item is the item.
pub fn cbor(data: &[u8]) {
    for limits in [
        Limits::DEFAULT,
        Limits::PREFERRED,
        Limits::INSPECT.with_max_depth(60).with_max_items(5000),
    ] {
        let mut decoder = Decoder::with_limits(data, limits);
        match decoder.item() {
            Ok(item) => {
                assert_eq!(item.bytes(), &data[..decoder.offset()]);
                std::hint::black_box((to_json(item).is_ok(), to_diagnostic(item).is_ok()));
            }
            Err(error) => {
                assert!(error.offset() <= data.len());
                tell(&error);
            }
        }
    }
    let strict = Item::parse(data, Limits::DEFAULT);
    let preferred = Item::parse(data, Limits::PREFERRED);
    let lenient = Item::parse(data, Limits::INSPECT);
    assert!(
        preferred.is_err() || strict.is_ok(),
        "the preferred form is among the strict ones"
    );
    assert!(strict.is_err() || lenient.is_ok(), "the strict form is among all");
    if let Ok(item) = &strict {
        writes_what_it_read(*item, preferred.is_ok());
    }
    against_ciborium(data);
}

/// The encoder gives the shortest form, and that is read as the same value.
fn writes_what_it_read(item: Item<'_>, is_preferred: bool) {
    let Ok(value) = item.to_value() else { return };
    let mut encoder = Encoder::new();
    if encoder.value(&value).is_err() {
        return;
    }
    let written = encoder.into_vec();
    assert!(written.len() <= item.bytes().len(), "the shortest form is not longer");
    let again = Item::parse(&written, Limits::PREFERRED).expect("our own encoding is read");
    let mut encoder = Encoder::new();
    encoder.value(&again.to_value().unwrap()).unwrap();
    assert_eq!(encoder.into_vec(), written, "writing is stable");
    if is_preferred && !holds_float(&value) {
        // Maps are written in the order of their keys, so only the length is the same.
        assert_eq!(written.len(), item.bytes().len(), "the preferred form is what we write");
    }
}

/// The preferred form is asked of integers, lengths and tags; a float may have any width.
fn holds_float(value: &Value) -> bool {
    match value {
        Value::Float(_) => true,
        Value::Array(list) => list.iter().any(holds_float),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, value)| holds_float(key) || holds_float(value)),
        Value::Tag(_, inner) => holds_float(inner),
        _ => false,
    }
}

/// Against the other library, where both read the whole input as one item.
fn against_ciborium(data: &[u8]) {
    if data.len() > 4096 {
        return;
    }
    let ours = Item::parse(data, Limits::INSPECT.with_max_depth(120));
    let mut rest = data;
    let theirs = ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, 200)
        .ok()
        .filter(|_| rest.is_empty());
    // ciborium turns tagged bignums into integers while it reads and refuses those that it cannot.
    let has_bignum = data.iter().any(|byte| matches!(byte, 0xc2 | 0xc3 | 0xd8..=0xdb));
    match (ours, theirs) {
        (Ok(item), None) => {
            // It has no simple values but the four.
            assert!(has_bignum || item.to_value().is_err(), "only we accept");
        }
        (Err(error), Some(_)) => {
            // It keeps both entries of a duplicate key, reads f814 … f817 as f4 … f7, and takes chunks within chunks.
            let is_named = matches!(
                error.kind(),
                ErrorKind::DuplicateKey | ErrorKind::InvalidSimple | ErrorKind::InvalidChunk | ErrorKind::TooDeep
            );
            assert!(is_named, "only ciborium accepts: {error}");
        }
        (Ok(item), Some(theirs)) if !has_bignum => {
            let bytes = |value: &Value| {
                let mut out = Vec::new();
                ciborium::into_writer(value, &mut out).unwrap();
                out
            };
            assert_eq!(bytes(&item.to_value().unwrap()), bytes(&theirs));
        }
        _ => {}
    }
}
