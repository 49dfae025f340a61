//! One test for each defined answer of the decoder, and the bytes the encoder writes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods
)]
mod common;

use common::unhex;
use idwallet_cose::cbor::{
    Decoder, Encoded, Encoder, ErrorKind, InField, Item, Key, Limits, Result, Tag24, Tag24Buf, Type, Value, size,
    to_diagnostic, to_json,
};
use idwallet_crypto::{Date, Timestamp};
use std::time::{Duration, Instant};

fn kind(hex: &str, limits: Limits) -> Result<(), ErrorKind> {
    Item::parse(&unhex(hex), limits)
        .map(drop)
        .map_err(|error| error.kind().clone())
}

fn default(hex: &str) -> Result<(), ErrorKind> {
    kind(hex, Limits::DEFAULT)
}

/// A-C03, X-C02.
#[test]
fn duplicate_keys_are_refused_however_they_are_encoded() {
    // 1 and 1 with a longer head; "a" and "a" with a longer head; within a nested map; as composite keys; as floats of two widths.
    for hex in [
        "a201020102",
        "a20102180103",
        "a2616101786161 02",
        "81a1 00 a2 20 00 3800 01",
        "a2 8101 00 811801 01",
        "a2 f93c00 00 fa3f800000 01",
    ] {
        let hex = hex.replace(' ', "").replace("786161", "780161");
        assert_eq!(default(&hex), Err(ErrorKind::DuplicateKey), "{hex}");
    }
    // Map keys compare without order.
    assert_eq!(
        default("a2 a201020304 00 a203040102 01".replace(' ', "").as_str()),
        Err(ErrorKind::DuplicateKey)
    );
    // A chunked string equals the same string in one piece, whichever comes first.
    for hex in [
        "a26161007f6161ff01",
        "a27f6161ff00616101",
        "a24161005f4161ff01",
        "a27f61616161ff0062616101",
    ] {
        assert_eq!(kind(hex, Limits::INSPECT), Err(ErrorKind::DuplicateKey), "{hex}");
    }
}

/// A-C03.
#[test]
fn different_keys_are_not_duplicates() {
    for hex in [
        "a201002000",
        "a201006131 00",
        "a26161004161 00",
        "a2 01 00 f93c00 00",
        "a2 8101 00 8102 00",
        "a2 c001 00 01 00",
        "a2 f97e00 00 f97c00 00",
    ] {
        assert_eq!(default(&hex.replace(' ', "")), Ok(()), "{hex}");
    }
}

/// A-C03, X-C02: integer keys in ascending order are kept in another way than others.
#[test]
fn a_duplicate_is_found_after_ascending_integers() {
    for count in [2_i64, 16, 17, 18, 40, 200] {
        for (twin, gap) in [(0, 1), (count / 2, 1), (count - 1, 3)] {
            let mut e = Encoder::new();
            e.map(usize::try_from(count).unwrap() + 2);
            for n in 0..count {
                e.int(n * gap - 5).uint(0);
            }
            // One key out of order or of another kind, then the twin.
            for between in [Value::Integer((-100).into()), Value::Text("x".to_owned())] {
                let mut e = e.clone();
                e.value(&between).unwrap().uint(0);
                let good = e.clone().int(1_000_000).uint(0).as_slice().to_vec();
                assert!(Item::parse(&good, Limits::DEFAULT).is_ok(), "{count} {gap}");
                let at = e.len();
                e.int(twin * gap - 5).uint(0);
                let error = Item::parse(e.as_slice(), Limits::DEFAULT).unwrap_err();
                assert_eq!(
                    (error.kind(), error.offset()),
                    (&ErrorKind::DuplicateKey, at),
                    "{count} {twin}"
                );
            }
        }
    }
}

/// A-C03, X-C02.
#[test]
fn a_duplicate_is_found_at_every_position_of_small_and_large_maps() {
    for count in [2_usize, 3, 15, 16, 17, 18, 40, 200] {
        for twin in [0, (count - 1) / 2, count - 2] {
            let mut e = Encoder::new();
            e.map(count);
            for n in 0..count - 1 {
                e.text(&format!("key{n}")).uint(0);
            }
            let good = e.clone().text("other").uint(1).as_slice().to_vec();
            let at = e.len();
            e.text(&format!("key{twin}")).uint(1);
            assert!(Item::parse(&good, Limits::DEFAULT).is_ok());
            let bytes = e.into_vec();
            let error = Item::parse(&bytes, Limits::DEFAULT).unwrap_err();
            assert_eq!(
                (error.kind(), error.offset()),
                (&ErrorKind::DuplicateKey, at),
                "{count} {twin}"
            );

            // The typed reader finds it too, with unknown keys skipped.
            let mut d = Decoder::new(&bytes);
            let mut map = d.map().unwrap();
            let result = loop {
                match map.next_key(&mut d) {
                    Ok(Some(_)) => d.skip().unwrap(),
                    other => break other,
                }
            };
            assert_eq!(result.unwrap_err().kind(), &ErrorKind::DuplicateKey);
        }
    }
}

/// X-C09.
#[test]
fn many_keys_do_not_take_quadratic_time() {
    let mut e = Encoder::new();
    e.map(200_000);
    for n in 0..200_000_u64 {
        e.uint(n).uint(0);
    }
    let bytes = e.into_vec();
    let start = Instant::now();
    assert!(Item::parse(&bytes, Limits::DEFAULT).is_ok());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());

    // Keys in keys in keys.
    let mut bytes = vec![0xa1; 23];
    bytes.extend_from_slice(&[0; 24]);
    let start = Instant::now();
    assert!(Item::parse(&bytes, Limits::DEFAULT).is_ok());
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// X-C09.
#[test]
fn depth_counts_arrays_maps_and_tags() {
    for open in ["81", "a100", "c1"] {
        let max = usize::from(Limits::DEFAULT.max_depth);
        assert_eq!(default(&(open.repeat(max) + "00")), Ok(()), "{open}");
        assert_eq!(
            default(&(open.repeat(max + 1) + "00")),
            Err(ErrorKind::TooDeep),
            "{open}"
        );
    }
    assert_eq!(default(&"81".repeat(1_000_000)), Err(ErrorKind::TooDeep));
    assert_eq!(
        default(&"a1".repeat(100_000)),
        Err(ErrorKind::TooDeep),
        "keys count too"
    );
}

/// X-C09.
#[test]
fn size_and_number_of_items_are_bounded() {
    assert_eq!(kind("820102", Limits::DEFAULT.with_max_bytes(3)), Ok(()));
    assert_eq!(
        kind("820102", Limits::DEFAULT.with_max_bytes(2)),
        Err(ErrorKind::TooLarge)
    );
    assert_eq!(kind("820102", Limits::DEFAULT.with_max_items(3)), Ok(()));
    assert_eq!(
        kind("820102", Limits::DEFAULT.with_max_items(2)),
        Err(ErrorKind::TooManyItems)
    );
}

/// X-C09.
#[test]
fn declared_counts_beyond_the_input_are_refused_before_anything_is_reserved() {
    for hex in [
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "5bffffffffffffffff",
        "7bffffffffffffffff",
        "9a7fffffff00",
        "ba0000000200",
    ] {
        assert_eq!(default(hex), Err(ErrorKind::Truncated), "{hex}");
    }
}

/// A-C02.
#[test]
fn indefinite_lengths_are_refused_unless_the_policy_accepts_them() {
    for hex in ["5f4101ff", "7f6161ff", "9f01ff", "bf0102ff", "8 19f01ff"] {
        let hex = hex.replace(' ', "");
        assert_eq!(default(&hex), Err(ErrorKind::IndefiniteLength), "{hex}");
        assert_eq!(kind(&hex, Limits::INSPECT), Ok(()), "{hex}");
    }
    let bytes = unhex("7f61616162ff");
    let mut d = Decoder::with_limits(&bytes, Limits::INSPECT);
    assert_eq!(d.clone().text().unwrap_err().kind(), &ErrorKind::IndefiniteLength);
    assert_eq!(d.text_cow().unwrap(), "ab");
    d.finish().unwrap();
    assert_eq!(kind("7f4161ff", Limits::INSPECT), Err(ErrorKind::InvalidChunk));
    // A character may not be split over chunks.
    assert_eq!(kind("7f61c361bcff", Limits::INSPECT), Err(ErrorKind::InvalidUtf8));
}

/// A-C02, X-C01.
#[test]
fn non_shortest_heads_are_accepted_unless_the_policy_refuses_them() {
    for hex in [
        "1817",
        "190017",
        "1a00000017",
        "1b0000000000000017",
        "580101",
        "78016 1",
        "980100",
        "b8010000",
        "d80000",
        "3800",
    ] {
        let hex = hex.replace(' ', "");
        assert_eq!(default(&hex), Ok(()), "{hex}");
        assert_eq!(kind(&hex, Limits::PREFERRED), Err(ErrorKind::NonShortest), "{hex}");
    }
    for hex in [
        "1818",
        "190100",
        "1a00010000",
        "1b0000000100000000",
        "fb3ff0000000000000",
    ] {
        assert_eq!(kind(hex, Limits::PREFERRED), Ok(()), "{hex}");
    }
}

/// X-C09.
#[test]
fn each_kind_of_bad_head_has_its_answer() {
    for (hex, expected) in [
        ("", ErrorKind::Truncated),
        ("0000", ErrorKind::TrailingBytes),
        ("18", ErrorKind::Truncated),
        ("6261", ErrorKind::Truncated),
        ("1c", ErrorKind::ReservedInfo),
        ("1f", ErrorKind::ReservedInfo),
        ("df00", ErrorKind::ReservedInfo),
        ("fc", ErrorKind::ReservedInfo),
        ("f818", ErrorKind::InvalidSimple),
        ("f800", ErrorKind::InvalidSimple),
        ("ff", ErrorKind::UnexpectedBreak),
        ("81ff", ErrorKind::UnexpectedBreak),
        ("a100ff", ErrorKind::UnexpectedBreak),
        ("61ff", ErrorKind::InvalidUtf8),
        ("62c080", ErrorKind::InvalidUtf8),
        ("63eda080", ErrorKind::InvalidUtf8),
    ] {
        assert_eq!(default(hex), Err(expected), "{hex}");
    }
    assert_eq!(default("f820"), Ok(()));
    assert_eq!(
        kind("bf00ff", Limits::INSPECT),
        Err(ErrorKind::UnexpectedBreak),
        "a key without its value"
    );
}

#[test]
fn typed_pulls_say_what_they_expected_and_where() {
    let bytes = unhex("82016161");
    let mut d = Decoder::new(&bytes);
    d.array_of(2).unwrap();
    assert_eq!(d.u64().unwrap(), 1);
    let error = d
        .bytes()
        .in_field("digest", "ISO 18013-5 §9.1.2.4")
        .in_field("valueDigests", "")
        .unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::WrongType {
            expected: Type::Bytes,
            found: Type::Text
        }
    );
    assert_eq!(
        error.to_string(),
        "valueDigests/digest: expected byte string, found text string at byte 2 (ISO 18013-5 §9.1.2.4)"
    );

    let wrong = |hex: &str, pull: fn(&mut Decoder<'_>) -> Result<()>| {
        let bytes = unhex(hex);
        pull(&mut Decoder::new(&bytes)).unwrap_err().kind().clone()
    };
    assert_eq!(wrong("8101", |d| d.array_of(2)), ErrorKind::WrongLength { expected: 2 });
    assert_eq!(
        wrong("1b8000000000000000", |d| d.i64().map(drop)),
        ErrorKind::OutOfRange
    );
    assert_eq!(
        wrong("3b8000000000000000", |d| d.i64().map(drop)),
        ErrorKind::OutOfRange
    );
    assert_eq!(
        wrong("1a00000100", |d| {
            d.u32()?;
            d.u32().map(drop)
        }),
        ErrorKind::Truncated
    );
    assert_eq!(
        wrong("1b0000000100000000", |d| d.u32().map(drop)),
        ErrorKind::OutOfRange
    );
    assert_eq!(
        wrong("d8194100", |d| d.tag24().map(drop)),
        ErrorKind::WrongTag { expected: 24 }
    );
    assert_eq!(
        wrong("20", |d| d.u64().map(drop)),
        ErrorKind::WrongType {
            expected: Type::Unsigned,
            found: Type::Negative
        }
    );
    assert_eq!(
        wrong("a10000", |d| d.map()?.next_text_key(d).map(drop)),
        ErrorKind::WrongType {
            expected: Type::Text,
            found: Type::Unsigned
        }
    );
    assert_eq!(
        wrong("00", |d| d.required::<u8>(None, "docType").map(drop)),
        ErrorKind::MissingField("docType")
    );
}

#[test]
fn integers_cover_the_range_of_cbor() {
    let int = |hex: &str| Decoder::new(&unhex(hex)).int().unwrap();
    assert_eq!(int("3bffffffffffffffff"), -18_446_744_073_709_551_616);
    assert_eq!(int("1bffffffffffffffff"), 18_446_744_073_709_551_615);
    assert_eq!(Decoder::new(&unhex("3b7fffffffffffffff")).i64().unwrap(), i64::MIN);
}

#[test]
fn errors_do_not_show_the_input() {
    let bytes = unhex("a2665365637265740066536563726574 01".replace(' ', "").as_str());
    let error = Item::parse(&bytes, Limits::DEFAULT).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::DuplicateKey);
    for text in [
        error.to_string(),
        format!("{error:?}"),
        format!("{:?}", Item::parse(&unhex("66536563726574"), Limits::DEFAULT).unwrap()),
    ] {
        assert!(!text.contains("Secret") && !text.contains("536563"), "{text}");
    }
}

/// X-C01.
#[test]
fn received_bytes_are_kept() {
    // Tag 24 with a two-byte tag head and a three-byte string length around {"a": 1} with a two-byte map head.
    let bytes = unhex("82d9001859 0005 b801616101 00".replace(' ', "").as_str());
    let mut d = Decoder::new(&bytes);
    d.array_of(2).unwrap();
    let tagged: Tag24<'_> = d.tag24().unwrap();
    assert_eq!(hex::encode(tagged.encoded()), "d90018590005b801616101");
    assert_eq!(hex::encode(tagged.inner()), "b801616101");
    let view = tagged
        .decode(|d| {
            let mut map = d.map()?;
            assert_eq!(map.next_key(d)?, Some(Key::Text("a")));
            d.u64()
        })
        .unwrap();
    assert_eq!(view, 1);
    assert_eq!(tagged.to_buf().encoded(), tagged.encoded());
    assert_eq!(tagged.to_buf().inner(), tagged.inner());
    assert_eq!(Tag24Buf::wrap(tagged.inner()).encoded(), unhex("d81845b801616101"));

    let whole = Encoded::decode(&bytes, Limits::DEFAULT, |d| d.skip()).unwrap();
    assert_eq!(whole.bytes(), bytes);
    // What follows the inside is refused.
    let two = unhex("d818420000");
    assert_eq!(
        Tag24::parse(&two, Limits::DEFAULT)
            .unwrap()
            .inner_item()
            .unwrap_err()
            .kind(),
        &ErrorKind::TrailingBytes
    );
}

/// A-C02.
#[test]
fn the_encoder_writes_the_shortest_form() {
    let mut e = Encoder::new();
    for n in [0, 23, 24, 255, 256, 65535, 65536, 0xffff_ffff, 0x1_0000_0000, u64::MAX] {
        let start = e.len();
        e.uint(n);
        assert_eq!(e.len() - start, size::head(n), "{n}");
    }
    assert_eq!(
        hex::encode(e.as_slice()),
        "0017181818ff19010019ffff1a000100001affffffff1b00000001000000001bffffffffffffffff"
    );

    let mut e = Encoder::new();
    e.map(3)
        .text("a")
        .int(-1)
        .text("b")
        .array(3)
        .bool(true)
        .null()
        .bytes(&[1, 2])
        .int(-500)
        .tag24_with(|e| {
            e.array(1).text(&"x".repeat(300));
        });
    let expected = format!(
        "a36161206162 83f5f6420102 3901f3 d818 590130 81 79012c{}",
        "78".repeat(300)
    )
    .replace(' ', "");
    assert_eq!(hex::encode(e.into_vec()), expected);

    let mut e = Encoder::new();
    e.tdate(Timestamp::from_unix(1_767_225_600))
        .full_date(Date::new(2026, 1, 2).unwrap());
    assert_eq!(
        hex::encode(e.into_vec()),
        "c074323032362d30312d30315430303a30303a30305ad903ec6a323032362d30312d3032"
    );
}

/// A-C02, A-C03.
#[test]
fn values_are_written_with_sorted_keys_and_without_duplicates() {
    let map = |keys: &[i64]| Value::Map(keys.iter().map(|key| (Value::from(*key), Value::Null)).collect());
    let mut e = Encoder::new();
    e.value(&map(&[-1, 100, 10])).unwrap();
    assert_eq!(hex::encode(e.into_vec()), "a30af61864f620f6");
    assert_eq!(
        Encoder::new().value(&map(&[1, 1])).unwrap_err().kind(),
        &ErrorKind::DuplicateKey
    );
    let deep = (0..100).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert_eq!(Encoder::new().value(&deep).unwrap_err().kind(), &ErrorKind::TooDeep);
}

/// A-C06.
#[test]
fn dates_follow_the_letter_of_the_standard() {
    let tdate = |text: &str| {
        let mut e = Encoder::new();
        e.tag(0).text(text);
        let bytes = e.into_vec();
        let strict = Decoder::new(&bytes).tdate().map_err(|error| error.kind().clone());
        (strict, Decoder::new(&bytes).tdate_lenient().ok())
    };
    let at = Timestamp::from_unix(1_767_225_600);
    assert_eq!(tdate("2026-01-01T00:00:00Z"), (Ok(at), Some((at, true))));
    assert_eq!(
        tdate("2026-01-01T00:00:00.5Z"),
        (Err(ErrorKind::InvalidDate), Some((at, false)))
    );
    assert_eq!(
        tdate("2026-01-01T01:00:00+01:00"),
        (Err(ErrorKind::InvalidDate), Some((at, false)))
    );
    assert_eq!(tdate("yesterday"), (Err(ErrorKind::InvalidDate), None));
    let untagged = unhex("74323032362d30312d30315430303a30303a30305a");
    assert!(Decoder::new(&untagged).tdate().is_err());
}

#[test]
fn json_follows_the_command_line_contract() {
    let json = |hex: &str| {
        let bytes = unhex(hex);
        to_json(Item::parse(&bytes, Limits::INSPECT).unwrap())
            .unwrap()
            .to_string()
    };
    assert_eq!(json("43fbff00"), r#"{"bytes":"-_8A"}"#);
    assert_eq!(
        json("c074323032362d30312d30315430303a30303a30305a"),
        r#""2026-01-01T00:00:00Z""#
    );
    assert_eq!(json("d903ec6a323032362d30312d3032"), r#""2026-01-02""#);
    assert_eq!(json("c11a6955b900"), r#""2026-01-01T00:00:00Z""#);
    assert_eq!(json("d904d201"), r#"{"tag":1234,"value":1}"#);
    assert_eq!(
        json("a20102613103"),
        r#"{"map":[[1,2],["1",3]]}"#,
        "two keys never become one"
    );
    assert_eq!(json("a20102 0304".replace(' ', "").as_str()), r#"{"1":2,"3":4}"#);
}

#[test]
fn diagnostic_text_is_bounded_and_harmless_on_a_terminal() {
    let mut e = Encoder::new();
    e.text("\u{1b}[31m\u{202e}\"");
    let bytes = e.into_vec();
    assert_eq!(
        to_diagnostic(Item::parse(&bytes, Limits::DEFAULT).unwrap()).unwrap(),
        r#""\u001b[31m\u202e\"""#
    );
    let mut e = Encoder::new();
    e.array(2).bytes(&vec![0; 3_000_000]).bytes(&[1]);
    let bytes = e.into_vec();
    let text = to_diagnostic(Item::parse(&bytes, Limits::DEFAULT).unwrap()).unwrap();
    assert!(text.len() < 1_100_000 && text.ends_with('…'));
}
