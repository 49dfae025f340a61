//! What is written opens; what is anything else is refused, and says by which clause.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use idwallet_crypto::{CryptoError, Random};
use idwallet_jose::{Iterations, JoseError, Jwe, MAX_ITERATIONS, MAX_PLAINTEXT, Part, encrypt};
use idwallet_test_support::SeededRandom;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// By npm `jose` 6.1.0, with 1,000 iterations.
const THEIRS: &str = "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIiwiY3R5IjoiYXBwbGljYXRpb24vanNvbiIsImtpZCI6IngiLCJwMmMiOjEwMDAsInAycyI6ImgzQXF1TUI5MnNYUml1UWZGUDE3eEEifQ.s8HsS9XU2kGC7jII-xZcbb8987slYOia.DGnSSV6qACzN1OLW.8u4XM8Vx5Dq3vUhRdReRTlGGQRPiWC8N80gofzc.6YRIqPsFICLi39IKig-gXw";
const PASSPHRASE: &[u8] = "bốn con trâu gặm mây".as_bytes();
const CONTENT: &[u8] = br#"{"form":"idwallet history 1"}"#;

fn parts() -> Vec<String> {
    THEIRS.split('.').map(str::to_owned).collect()
}

fn open(text: &str) -> Result<Vec<u8>, JoseError> {
    Jwe::parse(text)?
        .decrypt(PASSPHRASE)
        .map(|content| content.expose().clone())
}

/// What becomes of their message with one part replaced.
fn with(at: usize, part: impl Into<String>) -> JoseError {
    let mut parts = parts();
    parts[at] = part.into();
    open(&parts.join(".")).unwrap_err()
}

fn header() -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(&parts()[0]).unwrap()).unwrap()
}

fn with_header_text(json: &str) -> JoseError {
    with(0, BASE64_URL_SAFE_NO_PAD.encode(json))
}

/// What becomes of their message with one member of the header replaced, or left out.
fn with_member(name: &str, value: impl Into<Option<Value>>) -> JoseError {
    let mut header = header();
    let members = header.as_object_mut().unwrap();
    match value.into() {
        Some(value) => drop(members.insert(name.into(), value)),
        None => drop(members.remove(name).unwrap()),
    }
    with_header_text(&header.to_string())
}

/// H-H65: what software of others wrote opens.
#[test]
fn a_message_of_another_implementation_opens() {
    assert_eq!(open(THEIRS).unwrap(), CONTENT);
    assert_eq!(open(&format!("\n {THEIRS}\r\n")).unwrap(), CONTENT);
    let message = Jwe::parse(THEIRS).unwrap();
    assert_eq!(message.content_type(), Some("application/json"));
    assert_eq!(message.iterations(), 1000);
}

/// H-H65: the two algorithms, 600,000 iterations, and nothing in the open but these.
#[test]
fn what_is_written_opens_and_says_how() {
    let random = SeededRandom::new(1);
    let write = || {
        encrypt(
            CONTENT,
            PASSPHRASE,
            Some("application/json"),
            Iterations::DEFAULT,
            &random,
        )
        .unwrap()
    };
    let text = write();
    assert_eq!(open(&text).unwrap(), CONTENT);
    let header = text.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let names: BTreeSet<&str> = header.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["alg", "enc", "cty", "p2c", "p2s"]));
    assert_eq!(header["alg"], "PBES2-HS256+A128KW");
    assert_eq!(header["enc"], "A128GCM");
    assert_eq!(header["cty"], "application/json");
    assert_eq!(header["p2c"], 600_000);
    let salt = BASE64_URL_SAFE_NO_PAD.decode(header["p2s"].as_str().unwrap()).unwrap();
    assert_eq!(salt.len(), 16);

    // Nothing is used twice: not the salt, the key, the vector.
    let second = write();
    for (one, two) in text.split('.').zip(second.split('.')) {
        assert_ne!(one, two);
    }
}

/// H-H65: fewer iterations cannot be asked for.
#[test]
fn no_fewer_than_600_000_iterations_are_written() {
    for refused in [0, 1000, 599_999, MAX_ITERATIONS + 1, u32::MAX] {
        assert_eq!(Iterations::new(refused), Err(JoseError::Iterations));
    }
    assert_eq!(Iterations::new(600_000), Ok(Iterations::DEFAULT));
    assert!(Iterations::new(MAX_ITERATIONS).is_ok());
}

#[test]
fn another_passphrase_opens_nothing() {
    for other in ["", "bốn con trâu gặm mâ", "Bốn con trâu gặm mây"] {
        let refused = Jwe::parse(THEIRS).unwrap().decrypt(other.as_bytes()).unwrap_err();
        assert_eq!(refused, JoseError::WrongPassphrase, "{other}");
    }
}

/// H-H65: each byte of each part counts.
#[test]
fn every_altered_byte_is_noticed() {
    for (at, expected) in [
        (1, JoseError::WrongPassphrase),
        (2, JoseError::Altered),
        (3, JoseError::Altered),
        (4, JoseError::Altered),
    ] {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&parts()[at]).unwrap();
        for place in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[place] ^= 1;
            assert_eq!(
                with(at, BASE64_URL_SAFE_NO_PAD.encode(altered)),
                expected,
                "{at}: {place}"
            );
        }
    }
    // The header is what the tag covers, to the byte: the same members in other words are another header.
    assert_eq!(with_header_text(&format!("{} ", header())), JoseError::Altered);
    assert_eq!(with_member("cty", json!("text/html")), JoseError::Altered);
    assert_eq!(with_member("kid", None), JoseError::Altered);
    assert_eq!(with_member("p2c", json!(1001)), JoseError::WrongPassphrase);
    let other_salt = BASE64_URL_SAFE_NO_PAD.encode([7; 16]);
    assert_eq!(with_member("p2s", json!(other_salt)), JoseError::WrongPassphrase);
}

/// H-H65: a message that asks for hours of work is refused before any is done.
#[test]
fn a_message_cannot_ask_for_too_much_or_too_little_work() {
    for count in [
        json!(0),
        json!(1),
        json!(999),
        json!(MAX_ITERATIONS + 1),
        json!(u32::MAX),
        json!(u64::MAX),
    ] {
        assert_eq!(with_member("p2c", count.clone()), JoseError::Iterations, "{count}");
    }
    // The count that is 1,000 again when its upper half is cut off.
    assert_eq!(with_member("p2c", json!((1_u64 << 32) + 1000)), JoseError::Iterations);
    for count in [json!(-1), json!(1000.0), json!("1000"), json!(null), json!([1000])] {
        assert_eq!(with_member("p2c", count.clone()), JoseError::Header, "{count}");
    }
    assert_eq!(with_member("p2c", None), JoseError::Missing("p2c"));
}

#[test]
fn other_algorithms_are_refused() {
    for alg in [
        "dir",
        "none",
        "A128KW",
        "RSA1_5",
        "ECDH-ES",
        "PBES2-HS384+A192KW",
        "PBES2-HS512+A256KW",
        "pbes2-hs256+a128kw",
    ] {
        assert_eq!(with_member("alg", json!(alg)), JoseError::Algorithm);
    }
    for enc in ["A256GCM", "A128CBC-HS256", "a128gcm", ""] {
        assert_eq!(with_member("enc", json!(enc)), JoseError::Encryption);
    }
    assert_eq!(with_member("alg", None), JoseError::Missing("alg"));
    assert_eq!(with_member("enc", None), JoseError::Missing("enc"));
    assert_eq!(with_member("alg", json!(["PBES2-HS256+A128KW"])), JoseError::Header);
}

/// RFC 7517 C.2: the header of its example, whose content encryption is another.
#[test]
fn the_header_of_the_rfc_is_read_up_to_its_other_encryption() {
    let json = r#"{"alg":"PBES2-HS256+A128KW","p2s":"2WCTcJZ1Rvd_CJuJripQ1w","p2c":4096,"enc":"A128CBC-HS256","cty":"jwk+json"}"#;
    assert_eq!(with_header_text(json), JoseError::Encryption);
    let mut parts = parts();
    parts[0] = BASE64_URL_SAFE_NO_PAD.encode(json.replace("A128CBC-HS256", "A128GCM"));
    let text = parts.join(".");
    let message = Jwe::parse(&text).unwrap();
    assert_eq!((message.iterations(), message.content_type()), (4096, Some("jwk+json")));
}

#[test]
fn extensions_and_compression_are_refused() {
    for crit in [json!(["exp"]), json!([]), json!(null), json!("alg")] {
        assert_eq!(with_member("crit", crit), JoseError::Critical);
    }
    for zip in [json!("DEF"), json!(null), json!("")] {
        assert_eq!(with_member("zip", zip), JoseError::Compressed);
    }
}

#[test]
fn a_salt_of_another_length_is_refused() {
    for len in [0, 7, 129] {
        let salt = BASE64_URL_SAFE_NO_PAD.encode(vec![7; len]);
        assert_eq!(with_member("p2s", json!(salt)), JoseError::Salt, "{len}");
    }
    for len in [8, 128] {
        let salt = BASE64_URL_SAFE_NO_PAD.encode(vec![7; len]);
        assert_eq!(with_member("p2s", json!(salt)), JoseError::WrongPassphrase, "{len}");
    }
    assert_eq!(with_member("p2s", json!("AAAAAAAAAAA=")), JoseError::Base64(Part::Salt));
    assert_eq!(with_member("p2s", None), JoseError::Missing("p2s"));
}

#[test]
fn a_header_that_is_none_is_refused() {
    let good = header().to_string();
    let inner = good.trim_matches(['{', '}']);
    for json in [
        String::new(),
        "[]".into(),
        "null".into(),
        "\"\"".into(),
        format!("{{{inner}"),
        format!("{good}{good}"),
        format!("{{{inner},\"p2c\":1000}}"),
        format!("{{{inner},\"kid\":1}}"),
        format!("{{{inner},\"x\":1,\"x\":1}}"),
        // The same name, written otherwise.
        format!("{{{inner},\"p2\\u0063\":1000}}"),
        format!("\u{feff}{good}"),
    ] {
        assert_eq!(with_header_text(&json), JoseError::Header, "{json}");
    }
    assert_eq!(
        with(0, BASE64_URL_SAFE_NO_PAD.encode(b"{\"alg\":\"\xff\"}")),
        JoseError::Header
    );
    let many = |count: usize| (0..count).fold(good.clone(), |json, at| json.replace('}', &format!(",\"x{at}\":0}}")));
    // Theirs has six members.
    assert_eq!(with_header_text(&many(10)), JoseError::Altered);
    assert_eq!(with_header_text(&many(11)), JoseError::Header);
    // What is passed over is passed over without recursion.
    let deep = format!("{{{inner},\"x\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(with_header_text(&deep), JoseError::Altered);
    assert_eq!(with_header_text(&deep.replacen(']', "", 1)), JoseError::Header);
    assert_eq!(with_member("x", json!("x".repeat(4096))), JoseError::TooLarge);
}

#[test]
fn five_parts_and_no_other_number() {
    let parts = parts();
    for count in 0..5 {
        assert_eq!(open(&parts[..count].join(".")), Err(JoseError::Parts));
    }
    for more in [format!("{THEIRS}."), format!(".{THEIRS}"), format!("{THEIRS}.AAAA")] {
        assert_eq!(open(&more), Err(JoseError::Parts));
    }
    // The JSON serialisation of the same.
    let general = json!({
        "protected": parts[0], "encrypted_key": parts[1], "iv": parts[2], "ciphertext": parts[3], "tag": parts[4],
    });
    assert_eq!(open(&general.to_string()), Err(JoseError::Parts));
}

/// One message has one text: no padding, no other alphabet, no bits left over, no line breaks.
#[test]
fn base64url_is_taken_to_the_letter() {
    for (at, part) in [
        (0, Part::Header),
        (1, Part::EncryptedKey),
        (2, Part::Iv),
        (3, Part::Ciphertext),
        (4, Part::Tag),
    ] {
        let good = &parts()[at];
        for bad in [
            format!("{good}="),
            format!("{good}=="),
            format!("{}+", &good[..good.len() - 1]),
            format!("{}/", &good[..good.len() - 1]),
            format!("{}\n{}", &good[..4], &good[4..]),
            format!("{} {}", &good[..4], &good[4..]),
            format!("{good}ã"),
        ] {
            assert_eq!(with(at, bad.clone()), JoseError::Base64(part), "{bad:?}");
        }
    }
    // 16 bytes end in a character of which two bits count: the others are zero.
    let tag = &parts()[4];
    let last = tag.chars().last().unwrap();
    let next = char::from(u8::try_from(last).unwrap() + 1);
    assert_eq!(
        with(4, format!("{}{next}", &tag[..tag.len() - 1])),
        JoseError::Base64(Part::Tag)
    );
}

#[test]
fn parts_of_other_lengths_are_refused() {
    for (at, part, len) in [(1, Part::EncryptedKey, 24), (2, Part::Iv, 12), (4, Part::Tag, 16)] {
        for other in [0, len - 1, len + 1, 2 * len] {
            let bytes = BASE64_URL_SAFE_NO_PAD.encode(vec![7; other]);
            assert_eq!(with(at, bytes), JoseError::Length(part), "{other}");
        }
    }
    assert_eq!(with(3, ""), JoseError::Altered);
    assert_eq!(with(3, &parts()[3][4..]), JoseError::Altered);
}

#[test]
fn an_empty_content_is_a_content() {
    let text = encrypt(b"", PASSPHRASE, None, Iterations::DEFAULT, &SeededRandom::new(2)).unwrap();
    assert_eq!(open(&text).unwrap(), b"");
    assert_eq!(Jwe::parse(&text).unwrap().content_type(), None);
}

#[test]
fn what_is_too_large_is_refused_unread() {
    let text = ".".repeat(MAX_PLAINTEXT / 3 * 4 + 8192);
    assert_eq!(open(&text), Err(JoseError::TooLarge));
    let random = SeededRandom::new(3);
    let large = vec![0; MAX_PLAINTEXT + 1];
    let refused = encrypt(&large, PASSPHRASE, None, Iterations::DEFAULT, &random);
    assert_eq!(refused, Err(JoseError::TooLarge));
    let long = "x".repeat(4096);
    let refused = encrypt(b"", PASSPHRASE, Some(&long), Iterations::DEFAULT, &random);
    assert_eq!(refused, Err(JoseError::TooLarge));
}

struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::Random)
    }
}

#[test]
fn without_randomness_nothing_is_written() {
    let refused = encrypt(CONTENT, PASSPHRASE, None, Iterations::DEFAULT, &NoRandom);
    assert_eq!(refused, Err(JoseError::Crypto(CryptoError::Random)));
}
