//! `verify mdoc` and `verify vical`, over public data and our own.
#![allow(clippy::unwrap_used)]

mod command;

use command::Desk;
use idwallet_test_support::{vector, vectors_dir};
use serde_json::Value;

fn check<'r>(report: &'r Value, id: &str) -> &'r str {
    let checks = report["documents"][0]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap()["result"]
        .as_str()
        .unwrap()
}

fn base64url(hex_text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for group in hex::decode(hex_text).unwrap().chunks(3) {
        let word = group.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            out.push(char::from(DIGITS[(word >> (18 - 6 * at)) as usize & 63]));
        }
    }
    out
}

/// The values of Annex D as files, hex as they are printed there. `None` without the vectors.
fn annex_d(desk: &Desk) -> Option<()> {
    let bytes = vector("iso18013-5-annex-d/annex_d.json")?;
    let vectors: Value = serde_json::from_slice(&bytes).unwrap();
    let value = |name: &str| vectors["vectors"][name].as_str().unwrap().to_owned();
    for name in [
        "device_response",
        "session_transcript_bytes",
        "iaca_root_cert",
        "reader_root_cert",
        "device_request",
        "issuer_auth",
    ] {
        desk.write(name, value(name));
    }
    let jwk = serde_json::json!({
        "kty": "EC", "crv": "P-256", "x": base64url(&value("ephemeral_reader_key_x")),
        "y": base64url(&value("ephemeral_reader_key_y")), "d": base64url(&value("ephemeral_reader_key_d")),
    });
    desk.write("reader.jwk", jwk.to_string());
    Some(())
}

const ANNEX_D: &str = "verify mdoc device_response --transcript session_transcript_bytes --reader-key reader.jwk \
                       --anchor iaca_root_cert --request device_request --at 2021-03-01T00:00:00Z --json";

#[test]
fn annex_d_is_accepted_and_nothing_else_is() {
    let desk = Desk::new();
    if annex_d(&desk).is_none() {
        eprintln!("left out: Annex D");
        return;
    }
    let report = desk.ok(ANNEX_D).json();
    assert_eq!(
        report["documents"][0]["claims"]["org.iso.18013.5.1"]["document_number"],
        "123456789"
    );
    for id in [
        "issuer_chain",
        "issuer_signature",
        "digests",
        "doc_type",
        "device_auth",
        "request_match",
    ] {
        assert_eq!(check(&report, id), "passed", "{id}");
    }
    desk.ok(&format!("{ANNEX_D} --profile lenient"));
    for (from, to, id) in [
        ("--transcript session_transcript_bytes", "", "device_auth"),
        ("--reader-key reader.jwk", "", "device_auth"),
        ("--anchor iaca_root_cert", "--anchor reader_root_cert", "issuer_chain"),
        ("2021-03-01", "2022-03-01", "validity"),
        (
            "--request device_request",
            "--doctype org.iso.23220.photoID.1",
            "doc_type",
        ),
    ] {
        let report = desk.run(&ANNEX_D.replace(from, to)).ends(1).json();
        assert_ne!(check(&report, id), "passed", "{id}");
    }
    // Without a session the issuer's part is still to be had.
    desk.ok("verify mdoc device_response --issuer-only --anchor iaca_root_cert --at 2021-03-01T00:00:00Z");
    desk.ok("verify mdoc issuer_auth --issuer-only --anchor iaca_root_cert --at 2021-03-01T00:00:00Z");
    let said = desk
        .run(&format!("{} --lang vi", ANNEX_D.replace(" --json", "")))
        .ends(0)
        .out;
    assert!(
        said.contains("✓ chữ ký của cơ quan cấp")
            && said.contains("– danh sách tin cậy: chứng thư gốc không lấy từ danh sách tin cậy")
            && said.contains("CHẤP NHẬN"),
        "{said}"
    );
}

#[test]
fn each_form_of_a_document_is_told_and_verified() {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("driving-licence");
    let report = desk
        .ok("verify mdoc driving-licence.cbor --issuer-only --anchor iaca.pem --json")
        .json();
    assert_eq!(report["documents"][0]["trust"]["anchor"], "CN=Test-IACA, C=VN");
    assert_eq!(report["documents"][0]["type"], "org.iso.18013.5.1.mDL");
    // Without --issuer-only its holder is asked for.
    let report = desk
        .run("verify mdoc driving-licence.cbor --anchor iaca.pem --json")
        .ends(1)
        .json();
    assert_eq!(check(&report, "device_auth"), "skipped");
    assert_eq!(report["documents"][0]["claims"], serde_json::json!({}));
    // Without a root nothing is accepted, unless that is allowed.
    desk.run("verify mdoc driving-licence.cbor --issuer-only").ends(1);
    desk.ok("verify mdoc driving-licence.cbor --issuer-only --allow-untrusted");
    desk.run("verify mdoc driving-licence.cbor --issuer-only --anchor readers.pem --allow-untrusted")
        .ends(1);
    desk.run("verify mdoc driving-licence.cbor --issuer-only --anchor iaca.pem --doctype org.iso.23220.photoID.1")
        .ends(1);
    desk.run("verify mdoc iaca.pem --anchor iaca.pem").refuses_input();
    desk.run("verify mdoc driving-licence.cbor --anchor device.key")
        .refuses_input();
}

/// A-V25: revocation and status when what they need is given, needed when required.
#[test]
fn revocation_and_status_count_as_asked() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("pki key --out device.key");
    let uri = "https://example.org/status/1";
    desk.issue_to(
        "vehicle-registration",
        "device.key",
        &format!("--status-uri {uri} --status-index 7"),
    );
    desk.ok(
        "pki status-signer --issuer iaca.pem --issuer-key iaca.key --out s.pem --out-key s.key --valid-from 2026-11-01",
    );
    let list = |set: &str, out: &str| {
        desk.ok(&format!(
            "pki status-list --signer s.key --chain s.pem --uri {uri} {set} --out {out} --valid-from 2026-11-20"
        ));
    };
    list("", "good.cwt");
    list("--set 7=1", "revoked.cwt");
    list("--set 7=2", "suspended.cwt");
    let crl = |revoke: &str, out: &str| {
        desk.ok(&format!(
            "pki crl --issuer iaca.pem --issuer-key iaca.key {revoke} --out {out} --valid-from 2026-11-20"
        ));
    };
    crl("", "good.crl");
    crl("--revoke ds.pem", "bad.crl");
    let verify = |more: &str| {
        desk.run(&format!(
            "verify mdoc vehicle-registration.cbor --issuer-only --anchor iaca.pem --json {more}"
        ))
    };
    let report = verify("").ends(0).json();
    assert_eq!(
        (check(&report, "status"), check(&report, "issuer_revocation")),
        ("skipped", "skipped")
    );
    verify("--require status").ends(1);
    verify("--require revocation,status").ends(1);
    let report = verify("--status-list good.cwt --crl good.crl --require revocation,status")
        .ends(0)
        .json();
    assert_eq!(
        (check(&report, "status"), check(&report, "issuer_revocation")),
        ("passed", "passed")
    );
    assert_eq!(
        check(&verify("--status-list revoked.cwt").ends(1).json(), "status"),
        "failed"
    );
    assert_eq!(
        check(&verify("--status-list suspended.cwt").ends(1).json(), "status"),
        "failed"
    );
    assert_eq!(
        check(&verify("--crl bad.crl").ends(1).json(), "issuer_revocation"),
        "failed"
    );
    // All of it in one dated file.
    desk.ok("pki authority --out makers.pem --out-key makers.key --valid-from 2026-11-01");
    desk.ok("pki snapshot-signer --issuer makers.pem --issuer-key makers.key --out maker.pem --out-key maker.key --valid-from 2026-11-01");
    let snapshot =
        "pki snapshot --signer maker.key --chain maker.pem --anchor iaca.pem --status-list good.cwt --crl good.crl";
    desk.ok(&format!("{snapshot} --out trust.snapshot"));
    let offline =
        "verify mdoc vehicle-registration.cbor --issuer-only --snapshot trust.snapshot --require revocation,status";
    desk.ok(&format!("{offline} --snapshot-anchor maker.pem"));
    desk.run(&format!("{offline} --snapshot-anchor iaca.pem")).ends(1);
    desk.ok(&format!(
        "{offline} --snapshot-anchor maker.pem --snapshot-max-age 7 --at 2026-11-28T00:00:00Z"
    ));
    let old = desk
        .run(&format!(
            "{offline} --snapshot-anchor maker.pem --snapshot-max-age 7 --at 2026-12-01T00:00:00Z"
        ))
        .ends(1);
    assert!(old.out.contains("older than"), "{}", old.out);
    desk.run(&format!("{offline} --snapshot-anchor nowhere.pem"))
        .refuses_input();
    assert_eq!(desk.ok("inspect trust.snapshot --json").json()["kind"], "snapshot");
    assert_eq!(desk.ok("inspect good.cwt --json").json()["facts"]["uri"], uri);
}

/// A-V21: a list of authorities lets each vouch for the types it names.
#[test]
fn a_trust_list_vouches_for_the_types_it_names() {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("driving-licence");
    desk.ok("pki authority --out provider.pem --out-key provider.key --valid-from 2026-11-01");
    desk.ok("pki vical-signer --issuer provider.pem --issuer-key provider.key --out v.pem --out-key v.key --valid-from 2026-11-01");
    let make = "pki vical --signer v.key --chain v.pem --certificate iaca.pem --valid-from 2026-11-20";
    desk.ok(&format!("{make} --out all.cbor"));
    desk.ok(&format!("{make} --doc-type org.iso.7367.1.mVRC --out cars.cbor"));
    let report = desk.ok("verify vical all.cbor --anchor provider.pem --json").json();
    assert_eq!(
        (report["outcome"].as_str(), report["fresh"].as_bool()),
        (Some("accepted"), Some(true))
    );
    assert_eq!(report["certificates"][0]["subject"], "CN=Test-IACA, C=VN");
    desk.run("verify vical all.cbor --anchor iaca.pem").ends(1);
    desk.run("verify vical all.cbor").ends(1);
    desk.run("verify vical iaca.pem --anchor provider.pem").refuses_input();
    let late = desk.ok("verify vical all.cbor --anchor provider.pem --at 2027-01-01T00:00:00Z");
    assert!(late.out.contains("a newer list was due (nextUpdate)"), "{}", late.out);
    desk.run("verify vical all.cbor --anchor provider.pem --at 2027-01-01T00:00:00Z --refuse-outdated")
        .ends(1);
    let verify = "verify mdoc driving-licence.cbor --issuer-only --vical-anchor provider.pem --json";
    let report = desk.ok(&format!("{verify} --vical all.cbor")).json();
    assert_eq!(check(&report, "trust_list"), "passed");
    let report = desk.run(&format!("{verify} --vical cars.cbor")).ends(1).json();
    assert_eq!(check(&report, "trust_list"), "failed");
    desk.run("verify mdoc driving-licence.cbor --issuer-only --vical all.cbor --vical-anchor iaca.pem")
        .ends(1);
    assert_eq!(desk.ok("inspect all.cbor --json").json()["kind"], "vical");
}

/// A-V41: both public lists, at a time of their own day, and past `nextUpdate`.
#[test]
fn the_public_trust_lists_verify_to_their_root() {
    let Some(folder) = vectors_dir().map(|dir| dir.join("trust-lists")) else {
        eprintln!("left out: 2 trust lists");
        return;
    };
    let desk = Desk::new();
    let root = folder.join("aamva_ca_root.crt");
    for (name, day, later) in [
        (
            "aamva-vical-2025-11-18.cbor",
            "2025-11-19T00:00:00Z",
            "2026-01-19T00:00:00Z",
        ),
        ("walt_aamva.cbor", "2025-08-06T00:00:00Z", "2026-01-19T00:00:00Z"),
    ] {
        let verify = format!(
            "verify vical {} --anchor {}",
            folder.join(name).display(),
            root.display()
        );
        let report = desk.ok(&format!("{verify} --at {day} --json")).json();
        assert_eq!(report["outcome"], "accepted", "{name}");
        assert_eq!(report["fresh"], true, "{name}");
        assert!(report["certificates"].as_array().unwrap().len() > 10, "{name}");
        let report = desk.ok(&format!("{verify} --at {later} --json")).json();
        assert_eq!(report["fresh"], false, "{name}");
        assert!(report["warnings"].to_string().contains("nextUpdate"), "{name}");
        desk.run(&format!("verify vical {} --at {day}", folder.join(name).display()))
            .ends(1);
    }
}

/// `independent_check` of each third-party document says what signature, digests and device authentication are.
#[test]
fn third_party_documents_come_out_as_an_independent_check_says() {
    let Some(folder) = vectors_dir().map(|dir| dir.join("third-party-mdocs")) else {
        eprintln!("left out: 33 third-party documents");
        return;
    };
    let desk = Desk::new();
    let (mut count, mut altered) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        count += 1;
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let expected = &case["independent_check"]["docs"][0];
        desk.write("mdoc", case["hex"].as_str().unwrap());
        let from = expected["validity"]["validFrom"].as_str().unwrap();
        // The next full second, for a time with a fraction has not begun before it.
        let at = format!("{}-{}T23:59:59Z", &from[..7], &from[8..10]);
        let mut line = format!("verify mdoc mdoc --profile lenient --issuer-only --allow-untrusted --json --at {at}");
        if let Some(transcript) = case["session_transcript_hex"].as_str() {
            desk.write("transcript", transcript);
            line = line.replace("--issuer-only", "--transcript transcript");
        }
        let ended = desk.run(&line);
        let report = ended.json();
        let name = case["name"].as_str().unwrap();
        let passes = |id: &str| matches!(check(&report, id), "passed" | "warned");
        assert_eq!(
            passes("issuer_signature"),
            expected["issuer_sig"] == true,
            "{name}: {report:#}"
        );
        let intact = expected["bad_digests"].as_array().unwrap().is_empty();
        assert_eq!(passes("digests"), intact, "{name}: {report:#}");
        if case["session_transcript_hex"].is_string() {
            assert_eq!(
                passes("device_auth"),
                case["independent_check"]["device_auth"][0] == true,
                "{name}"
            );
        }
        altered += usize::from(!intact);
        // No profile relaxes what the device may sign, which the independent check did not look at.
        let holds = intact && check(&report, "key_authorizations") != "failed";
        assert_eq!(ended.status, i32::from(!holds), "{name}: {report:#}");
        // Their signers sign themselves or have no profile: to the letter they are refused, with the clause.
        let strict = desk
            .run(&line.replace("lenient", "iso").replace("--allow-untrusted", ""))
            .ends(1)
            .json();
        assert_eq!(strict["outcome"], "refused", "{name}");
    }
    assert!(
        count >= 30 && altered >= 2,
        "{count} documents, {altered} of them altered"
    );
}

/// `--encoding` is that of the document; a PEM says itself what it is.
#[test]
fn the_encoding_of_the_document_is_not_that_of_the_anchors() {
    let desk = Desk::new();
    let Some(()) = annex_d(&desk) else {
        println!("1 case left out: no public vectors");
        return;
    };
    desk.ok("pki iaca --out root.pem --out-key root.key");
    let line =
        "verify mdoc device_response --issuer-only --encoding hex --at 2020-10-05T00:00:00Z --json --anchor root.pem";
    // Another root than the right one: refused, and not unusable.
    assert_eq!(desk.run(line).ends(1).json()["outcome"], "refused");
}
