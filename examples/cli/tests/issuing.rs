//! `pki` and `issue mdoc`.
#![allow(clippy::unwrap_used)]

mod command;

use command::{Desk, data};
use idwallet_crypto::x509::{Certificate, PathOptions, Profile, TrustAnchors, pem, validate_certificates};
use idwallet_crypto::{Curve, PrivateKey, Timestamp};
use idwallet_mdoc::IssuerSigned;

fn certificate(desk: &Desk, name: &str) -> Certificate {
    pem::read_certificates(std::str::from_utf8(&desk.read(name)).unwrap())
        .unwrap()
        .remove(0)
}

fn holds(desk: &Desk, leaf: &str, root: &str, profile: Profile) -> bool {
    let anchors: TrustAnchors = std::iter::once(certificate(desk, root)).collect();
    let at = Timestamp::parse_rfc3339(command::AT).unwrap();
    validate_certificates(&[certificate(desk, leaf)], &anchors, &PathOptions::new(at, profile)).is_ok()
}

/// CLI.md: certificates that meet the profiles.
#[test]
fn certificates_meet_their_profiles_to_the_letter() {
    let desk = Desk::new();
    desk.authorities();
    assert!(holds(&desk, "ds.pem", "iaca.pem", Profile::DocumentSigner));
    assert!(holds(&desk, "reader.pem", "readers.pem", Profile::ReaderAuth));
    assert!(!holds(&desk, "reader.pem", "iaca.pem", Profile::ReaderAuth));
    assert!(!holds(&desk, "reader.pem", "readers.pem", Profile::DocumentSigner));
    let from = "--valid-from 2026-11-01";
    desk.ok(&format!(
        "pki vical-signer --issuer readers.pem --issuer-key readers.key --out v.pem --out-key v.key {from}"
    ));
    desk.ok(&format!(
        "pki status-signer --issuer iaca.pem --issuer-key iaca.key --out s.pem --out-key s.key {from}"
    ));
    desk.ok(&format!(
        "pki tls --issuer readers.pem --issuer-key readers.key --out t.pem --out-key t.key --dns localhost {from}"
    ));
    assert!(holds(&desk, "v.pem", "readers.pem", Profile::VicalSigner));
    assert!(holds(&desk, "s.pem", "iaca.pem", Profile::StatusSigner));
    assert!(holds(&desk, "t.pem", "readers.pem", Profile::Tls));
    assert_eq!(
        certificate(&desk, "t.pem").dns_names().collect::<Vec<_>>(),
        ["localhost"]
    );
}

#[cfg(unix)]
#[test]
fn private_keys_are_readable_by_their_owner_alone() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("pki key --out device.key --public device.pub");
    for key in ["iaca.key", "ds.key", "readers.key", "reader.key", "device.key"] {
        assert_eq!(command::mode(&desk.path(key)), 0o600, "{key}");
    }
    desk.issue("driving-licence");
    assert_eq!(command::mode(&desk.path("driving-licence.cbor")), 0o600);
}

#[test]
fn a_private_key_is_never_printed() {
    let desk = Desk::new();
    let ended = desk.ok("pki key --out device.key --json");
    let key = PrivateKey::from_pkcs8_pem(std::str::from_utf8(&desk.read("device.key")).unwrap()).unwrap();
    let hex = hex::encode(key.to_pkcs8_der().unwrap().expose());
    for said in [
        ended.out,
        ended.err,
        desk.ok("inspect device.key --json").out,
        desk.ok("inspect device.key").out,
    ] {
        // The scalar stands in the middle of the DER.
        assert!(!said.contains(&hex[72..120]) && !said.contains("BEGIN"), "{said}");
    }
}

#[test]
fn what_is_there_stays_as_it_is_unless_forced() {
    let desk = Desk::new();
    desk.ok("pki key --out device.key");
    let before = desk.read("device.key");
    desk.run("pki key --out device.key").refuses_input();
    assert_eq!(desk.read("device.key"), before);
    desk.ok("pki key --out device.key --force");
    assert_ne!(desk.read("device.key"), before);
    // Neither of two files is written when one of them is there.
    desk.write("iaca.pem", "mine");
    desk.run("pki iaca --out iaca.pem --out-key iaca.key").refuses_input();
    assert!(!desk.path("iaca.key").exists());
    assert_eq!(desk.read("iaca.pem"), b"mine");
}

#[test]
fn every_curve_of_the_standard_can_sign_documents() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("pki key --out device.key");
    for curve in Curve::ALL.into_iter().filter(|curve| curve.can_sign()) {
        let name = curve.name();
        desk.ok(&format!(
            "pki ds --issuer iaca.pem --issuer-key iaca.key --curve {name} --out {name}.pem --out-key {name}.key --valid-from 2026-11-01"
        ));
        desk.ok(&format!(
            "issue mdoc --type driving-licence --data {} --signer {name}.key --chain {name}.pem --device-key device.key --out {name}.cbor",
            data("driving-licence").display()
        ));
    }
}

#[test]
fn each_device_key_gets_a_copy_of_its_own() {
    let desk = Desk::new();
    desk.authorities();
    for n in 1..=3 {
        desk.ok(&format!("pki key --out d{n}.key --public d{n}.pub"));
    }
    let ended = desk.ok(&format!(
        "issue mdoc --type citizen-identity --data {} --signer ds.key --chain ds.pem --device-key d1.pub --device-key d2.pub \
         --device-key d3.key --out id.cbor --json",
        data("citizen-identity").display()
    ));
    let report = ended.json();
    assert_eq!(
        report["files"],
        serde_json::json!(["id-1.cbor", "id-2.cbor", "id-3.cbor"])
    );
    assert_eq!(report["type"], "org.iso.23220.photoID.1");
    let mut salts = std::collections::BTreeSet::new();
    for n in 1..=3 {
        let bytes = desk.read(&format!("id-{n}.cbor"));
        let mdoc = IssuerSigned::parse(&bytes).unwrap();
        let key = PrivateKey::from_pkcs8_pem(std::str::from_utf8(&desk.read(&format!("d{n}.key"))).unwrap()).unwrap();
        assert_eq!(mdoc.mobile_security_object().unwrap().device_key(), key.public_key());
        salts.insert(mdoc.items().next().unwrap().1.random().to_vec());
    }
    assert_eq!(salts.len(), 3);
}

#[test]
fn an_age_is_signed_as_it_is_on_the_first_day() {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("citizen-identity");
    let bytes = desk.read("citizen-identity.cbor");
    let mdoc = IssuerSigned::parse(&bytes).unwrap();
    let over = mdoc
        .items()
        .find(|(_, item)| item.element_identifier() == "age_over_18");
    assert!(over.is_some());
}

#[test]
fn bad_data_is_refused_with_every_place_on_one_line() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("pki key --out device.key");
    desk.write(
        "bad.json",
        r#"{"org.iso.18013.5.1": {"family_name": 5, "birth_date": "2026-02-30"}}"#,
    );
    let line = "issue mdoc --type driving-licence --data bad.json --signer ds.key --chain ds.pem --device-key device.key --out x.cbor";
    let ended = desk.run(line).refuses_input();
    for place in ["bad.json", "family_name", "birth_date", "portrait"] {
        assert!(ended.err.contains(place), "{}", ended.err);
    }
    let vietnamese = desk.run(&format!("{line} --lang vi")).refuses_input();
    assert!(
        vietnamese.err.contains("thiếu thông tin bắt buộc"),
        "{}",
        vietnamese.err
    );
    assert!(!desk.path("x.cbor").exists());
}

#[test]
fn a_signer_that_is_not_the_chains_is_refused() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("pki key --out device.key");
    let line = format!(
        "issue mdoc --type driving-licence --data {} --device-key device.key --out x.cbor",
        data("driving-licence").display()
    );
    let ended = desk
        .run(&format!("{line} --signer iaca.key --chain ds.pem"))
        .refuses_input();
    assert!(
        ended.err.contains("not the one in the document signer certificate"),
        "{}",
        ended.err
    );
    desk.run(&format!("{line} --signer iaca.key --chain iaca.pem"))
        .refuses_input();
    desk.run(&format!("{line} --signer ds.pem --chain ds.pem"))
        .refuses_input();
    desk.run("issue mdoc --type passport --data x --signer x --chain x --device-key x --out x")
        .refuses_input();
}

#[test]
fn a_revocation_list_has_what_was_revoked_and_only_of_its_issuer() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("pki crl --issuer iaca.pem --issuer-key iaca.key --revoke ds.pem --out iaca.crl");
    let lists = pem::read_crls_or_der(&desk.read("iaca.crl")).unwrap();
    assert!(lists[0].find(certificate(&desk, "ds.pem").serial()).is_some());
    assert!(lists[0].find(certificate(&desk, "reader.pem").serial()).is_none());
    desk.run("pki crl --issuer iaca.pem --issuer-key iaca.key --revoke reader.pem --out other.crl")
        .refuses_input();
    desk.run("pki crl --issuer iaca.pem --issuer-key readers.key --out other.crl")
        .refuses_input();
}

#[test]
fn a_status_list_is_signed_and_read_again() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok(
        "pki status-signer --issuer iaca.pem --issuer-key iaca.key --out s.pem --out-key s.key --valid-from 2026-11-01",
    );
    let uri = "https://example.org/status/1";
    desk.ok(&format!(
        "pki status-list --signer s.key --chain s.pem --uri {uri} --size 100 --set 3=1 --set 4=2 --out list.cwt"
    ));
    let status = |index: u32, more: &str| desk.run(&format!("verify status list.cwt --index {index} {more} --json"));
    let report = status(2, "--anchor iaca.pem").ends(0).json();
    assert_eq!(
        (report["outcome"].as_str(), report["status"].as_str()),
        (Some("accepted"), Some("valid"))
    );
    assert_eq!(status(3, "--anchor iaca.pem").ends(1).json()["status"], "invalid");
    assert_eq!(status(4, "--anchor iaca.pem").ends(1).json()["status"], "suspended");
    for (index, more) in [
        (2, ""),
        (2, "--anchor readers.pem"),
        (400, "--anchor iaca.pem"),
        (2, "--anchor iaca.pem --uri https://example.org/status/2"),
        (2, "--anchor iaca.pem --at 2027-11-22T08:00:00Z"),
    ] {
        let report = status(index, more).ends(1).json();
        assert_eq!(
            (report["outcome"].as_str(), report["status"].as_str()),
            (Some("refused"), Some("unknown")),
            "{more}"
        );
        assert_eq!(report["problems"].as_array().unwrap().len(), 1, "{more}");
    }
    let said = desk
        .run("verify status list.cwt --index 3 --anchor iaca.pem --lang vi")
        .ends(1)
        .out;
    assert!(said.contains("đã bị thu hồi"), "{said}");
}
