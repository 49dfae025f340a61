//! `inspect` and `qr`.
#![allow(clippy::unwrap_used)]

mod command;

use command::Desk;
use idwallet_test_support::vector;
use serde_json::Value;

fn kind(desk: &Desk, file: &str) -> String {
    desk.ok(&format!("inspect {file} --json")).json()["kind"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn what_this_command_makes_is_told() {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("driving-licence");
    desk.ok("pki crl --issuer iaca.pem --issuer-key iaca.key --out iaca.crl");
    for (file, is) in [
        ("iaca.pem", "certificate"),
        ("iaca.crl", "crl"),
        ("device.key", "private_key"),
        ("driving-licence.cbor", "issuer_signed"),
    ] {
        assert_eq!(kind(&desk, file), is, "{file}");
    }
    let report = desk.ok("inspect driving-licence.cbor --json").json();
    assert_eq!(report["facts"]["org.iso.18013.5.1"]["document_number"], "000000000017");
    assert!(report["diagnostic"].as_str().unwrap().starts_with("{\"nameSpaces\""));
    let mso = &report["contains"][0]["contains"][1];
    assert_eq!(
        (mso["kind"].as_str(), mso["facts"]["docType"].as_str()),
        (Some("mso"), Some("org.iso.18013.5.1.mDL"))
    );
    let said = desk.ok("inspect driving-licence.cbor --lang vi").out;
    assert!(
        said.contains("phần do cơ quan cấp ký") && said.lines().all(|line| line.chars().count() < 9_000),
        "{said}"
    );
}

#[test]
fn hex_base64url_and_standard_input_are_read() {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("health-insurance");
    let bytes = desk.read("health-insurance.cbor");
    desk.write("h", hex::encode(&bytes));
    desk.write("b", base64(&bytes));
    assert_eq!(kind(&desk, "h"), "issuer_signed");
    assert_eq!(kind(&desk, "b"), "issuer_signed");
    let piped = desk.run_with("inspect - --json", &bytes).ends(0).json();
    assert_eq!(piped["kind"], "issuer_signed");
    desk.run("inspect h --encoding raw").refuses_input();
    desk.run("inspect b --encoding hex").refuses_input();
    desk.ok("inspect h --encoding hex");
}

fn base64(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            write!(out, "{}", char::from(DIGITS[(word >> (18 - 6 * at)) as usize & 63])).unwrap();
        }
    }
    out
}

#[test]
fn every_structure_of_annex_d_is_told() {
    let Some(bytes) = vector("iso18013-5-annex-d/annex_d.json") else {
        eprintln!("left out: 17 structures of Annex D");
        return;
    };
    let vectors: Value = serde_json::from_slice(&bytes).unwrap();
    let desk = Desk::new();
    for (name, is) in [
        ("device_engagement", "device_engagement"),
        ("e_device_key_bytes", "tagged_bytes"),
        ("device_response", "device_response"),
        ("ds_cert", "certificate"),
        ("session_transcript_bytes", "tagged_bytes"),
        ("device_request", "device_request"),
        ("items_request", "items_request"),
        ("reader_cert", "certificate"),
        ("reader_auth", "cose_sign1"),
        ("session_establishment", "session_establishment"),
        ("session_data", "session_data"),
        ("session_termination", "session_data"),
        ("issuer_auth", "issuer_auth"),
        ("device_authentication_bytes", "tagged_bytes"),
        ("reader_authentication_bytes", "tagged_bytes"),
        ("iaca_root_cert", "certificate"),
        ("reader_root_cert", "certificate"),
    ] {
        desk.write("input", vectors["vectors"][name].as_str().unwrap());
        assert_eq!(kind(&desk, "input"), is, "{name}");
        assert!(!desk.ok("inspect input").out.is_empty());
    }
}

#[test]
fn tokens_of_other_families_are_named_as_not_yet_supported() {
    let desk = Desk::new();
    let jwt = format!(
        "{}.{}.AAAA",
        base64(br#"{"alg":"ES256","typ":"vc+sd-jwt"}"#),
        base64(b"{}")
    );
    for (text, is) in [
        (jwt.clone(), "jwt"),
        (format!("{jwt}~WyJhIl0~"), "sd_jwt"),
        (format!("{jwt}.AA.AA"), "jwe"),
    ] {
        desk.write("token", &text);
        assert_eq!(kind(&desk, "token"), is);
        assert!(desk.ok("inspect token").out.contains("not yet supported"));
    }
}

#[test]
fn nothing_known_is_said_on_one_line() {
    let desk = Desk::new();
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("blank", b"  \n "),
        ("words", b"Nguy\xe1\xbb\x85n"),
        ("zeros", &[0xff; 64]),
        ("cut", b"\xa3\x67version\x63"),
        ("der", b"\x30\x82\x01\x00\x30\x03\x02\x01\x01"),
        ("png", b"\x89PNG\r\n\x1a\n\0\0"),
        ("pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("json", b"{\"a\":"),
        ("uri", b"mdoc:####"),
    ] {
        desk.write(name, bytes);
        let ended = desk.run(&format!("inspect {name}")).refuses_input();
        assert!(ended.err.contains(name), "{}", ended.err);
    }
    desk.run("inspect nowhere").refuses_input();
    desk.run("inspect .").refuses_input();
}

#[test]
fn a_code_is_written_and_read_again() {
    let desk = Desk::new();
    let text = "mdoc:owBjMS4w";
    desk.ok(&format!("qr write {text} --png code.png"));
    assert_eq!(desk.ok("qr read code.png").out.trim_end(), text);
    assert_eq!(
        desk.ok("qr read code.png --json").json()["codes"],
        serde_json::json!([text])
    );
    assert!(desk.ok(&format!("qr write {text}")).out.contains('█'));
    desk.run(&format!("qr write {text} --png code.png")).refuses_input();
    desk.ok(&format!("qr write {text} --png code.png --force"));
    desk.write("empty.png", desk.read("code.png").get(..50).unwrap());
    desk.run("qr read empty.png").refuses_input();
    let error = desk.run("qr read nowhere.png --json").ends(2).json();
    assert_eq!(
        (error["error"]["status"].as_u64(), error["error"]["kind"].as_str()),
        (Some(2), Some("input"))
    );
    // A code of anything else is shown as the text it is.
    desk.ok("qr write hello --png hello.png");
    let report = desk.ok("inspect hello.png --json").json();
    assert_eq!(report["contains"][0]["facts"]["text"], "hello");
}

#[test]
fn faults_of_arguments_are_one_line_and_help_is_not_a_fault() {
    let desk = Desk::new();
    desk.run("inspect").refuses_input();
    desk.run("inspect x --lang fr").refuses_input();
    desk.run("inspect x --at yesterday").refuses_input();
    desk.run("frobnicate").refuses_input();
    desk.run("pki key --curve P-224 --out x").refuses_input();
    assert!(desk.ok("--help").out.contains("wallet"));
    assert!(desk.ok("wallet show-qr --help").out.contains("--png"));
    assert!(desk.ok("--version").out.starts_with("idwallet "));
}
