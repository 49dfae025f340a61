//! Transcripts of other protocols (OpenID4VP 1.0, ISO/IEC TS 18013-7 annexes B and C), rebuilt from their inputs byte for byte.
//!
//! The protocols themselves come later; their transcripts are read and made today, so that what is signed over them verifies.

use idwallet_cose::cbor::Encoder;
use idwallet_crypto::sha256;
use idwallet_mdoc::{Handover, SessionTranscript};
use idwallet_test_support::vector;
use serde_json::Value;

fn load(name: &str) -> Option<Value> {
    let Some(bytes) = vector(&format!("session-transcript/{name}")) else {
        println!("session-transcript/{name}: left out, it is not there");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(value, name)).unwrap()
}

fn cbor(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut e = Encoder::new();
    write(&mut e);
    e.into_vec()
}

/// `[name, SHA-256(info)]`; the hash is over the plain array.
fn named(name: &str, info: &[u8]) -> Vec<u8> {
    cbor(|e| {
        e.array(2).text(name).bytes(&sha256(info));
    })
}

/// The transcript with that handover alone is the stated one, however it is read.
fn assert_transcript(handover: &[u8], stated: &[u8]) {
    let made = SessionTranscript::new(None, None, Handover::Raw(handover)).unwrap();
    assert_eq!(hex::encode(made.as_bytes()), hex::encode(stated));
    assert_eq!(SessionTranscript::from_bytes(stated).unwrap(), made);
    assert_eq!(SessionTranscript::from_bytes(made.tagged_bytes()).unwrap(), made);
    assert_eq!(made.salt(), sha256(made.tagged_bytes()));
    assert_eq!(made.e_reader_key(), None);
}

/// SHA-256 of the key's required members in the order of their names (RFC 7638).
fn thumbprint(jwk: &Value) -> [u8; 32] {
    let member = |name| text(jwk, name);
    sha256(
        format!(
            r#"{{"crv":"{}","kty":"{}","x":"{}","y":"{}"}}"#,
            member("crv"),
            member("kty"),
            member("x"),
            member("y")
        )
        .as_bytes(),
    )
}

/// B-C05, B-C03: both handovers of OpenID4VP 1.0, with the thumbprint as 32 bytes. B-C01, B-C02: whole client identifier, bare origin.
#[test]
fn openid4vp_handovers_are_rebuilt() {
    let Some(file) = load("openid4vp_1.0_B.2.6.json") else {
        return;
    };
    let key = thumbprint(&file["jwk_thumbprint_input"]);
    assert_eq!(key.to_vec(), bytes(&file, "jwk_thumbprint_sha256_hex"));

    let redirect = &file["redirect"];
    let info = cbor(|e| {
        e.array(4)
            .text(text(redirect, "client_id"))
            .text(text(redirect, "nonce"))
            .bytes(&key)
            .text(text(redirect, "response_uri"));
    });
    let dc_api = &file["dc_api"];
    let dc_info = cbor(|e| {
        e.array(3)
            .text(text(dc_api, "origin"))
            .text(text(dc_api, "nonce"))
            .bytes(&key);
    });
    for (case, name, info) in [
        (redirect, "OpenID4VPHandover", info),
        (dc_api, "OpenID4VPDCAPIHandover", dc_info),
    ] {
        assert_eq!(info, bytes(case, "info_hex"));
        let handover = named(name, &info);
        assert_eq!(handover, bytes(case, "handover_hex"));
        assert_transcript(&handover, &bytes(case, "session_transcript_hex"));
    }
    println!("session-transcript/openid4vp_1.0_B.2.6.json: 8 cases");
}

/// B-C05: the handover of the drafts that TS 18013-7 annex B takes: two hashes and the nonce.
#[test]
fn the_legacy_openid_handover_is_rebuilt() {
    let Some(file) = load("iso18013-7_2024_AnnexB_handover.json") else {
        return;
    };
    let inputs = &file["preimages"];
    let hash = |name| {
        sha256(&cbor(|e| {
            e.array(2)
                .text(text(inputs, name))
                .text(text(inputs, "mdocGeneratedNonce"));
        }))
    };
    let handover = cbor(|e| {
        e.array(3)
            .bytes(&hash("client_id"))
            .bytes(&hash("response_uri"))
            .text(text(&file, "nonce"));
    });
    assert_eq!(handover, bytes(&file, "handover_hex"));
    assert_transcript(&handover, &bytes(&file, "session_transcript_hex"));
    println!("session-transcript/iso18013-7_2024_AnnexB_handover.json: 2 cases");
}

/// B-C05: the handover of TS 18013-7 annex C.
#[test]
fn the_dcapi_handover_is_rebuilt() {
    let Some(file) = load("iso18013-7_AnnexC_dcapi_handover_walt.json") else {
        return;
    };
    let info = cbor(|e| {
        e.array(2)
            .text(text(&file, "encryptionInfo"))
            .text(text(&file, "origin"));
    });
    assert_eq!(info, bytes(&file, "dcapiInfo_cbor_hex"));
    assert_eq!(sha256(&info).to_vec(), bytes(&file, "dcapiInfo_sha256"));
    assert_transcript(&named("dcapi", &info), &bytes(&file, "session_transcript_hex"));
    println!("session-transcript/iso18013-7_AnnexC_dcapi_handover_walt.json: 3 cases");
}

/// A-C20, B-V01: one other letter in any input is another transcript, and with it another salt.
#[test]
fn another_input_is_another_transcript() {
    let handover = |origin: &str, key: Option<[u8; 32]>| {
        let info = cbor(|e| {
            e.array(3).text(origin).text("nonce");
            match key {
                Some(key) => e.bytes(&key),
                None => e.null(),
            };
        });
        let handover = named("OpenID4VPDCAPIHandover", &info);
        SessionTranscript::new(None, None, Handover::Raw(&handover))
            .unwrap()
            .salt()
    };
    let own = handover("https://example.com", Some([1; 32]));
    assert_eq!(own, handover("https://example.com", Some([1; 32])));
    for other in [
        handover("https://example.com/", Some([1; 32])),
        handover("origin:https://example.com", Some([1; 32])),
        handover("https://example.com", Some([2; 32])),
        handover("https://example.com", None),
    ] {
        assert_ne!(own, other);
    }
}
