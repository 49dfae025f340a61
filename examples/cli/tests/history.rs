//! `wallet history`, `wallet report`, `wallet support`: by the contract, and with nothing personal where nothing belongs.
#![allow(clippy::unwrap_used)]

mod command;

use command::Desk;

/// H-H60, H-H64: the shape of the contract; only a person who means it deletes, and the history says so.
#[test]
fn the_history_is_listed_exported_and_deleted() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["health-insurance"]);
    desk.run("wallet import device.none --dir w").refuses_input();
    let told = desk.ok("wallet history --dir w --json").json();
    assert_eq!(told["intact"], true);
    let entry = &told["entries"][0];
    for field in ["at", "who", "who_state", "outcome"] {
        assert!(entry[field].is_string(), "{field}: {entry}");
    }
    assert!(entry["asked"].is_array() && entry["shared"].is_array());
    assert_eq!(
        (entry["event"].as_str(), entry["outcome"].as_str()),
        (Some("import"), Some("done"))
    );
    let said = desk.ok("wallet history --dir w --lang vi").out;
    assert!(
        said.contains("15:00 ngày 22/11/2026") && said.contains("Thẻ bảo hiểm y tế"),
        "{said}"
    );
    assert!(said.contains("còn nguyên vẹn"), "{said}");

    desk.ok("wallet history --dir w --export h.json");
    desk.ok("wallet history --dir w --export h.html");
    desk.run("wallet history --dir w --export h.json").refuses_input();
    desk.run("wallet history --dir w --export h.txt").refuses_input();
    #[cfg(unix)]
    assert_eq!(command::mode(&desk.path("h.json")), 0o600);
    assert!(
        String::from_utf8(desk.read("h.html"))
            .unwrap()
            .starts_with("<!DOCTYPE html>")
    );

    desk.run_with("wallet history --dir w --delete", b"yes\n").ends(1);
    desk.run_with("wallet history --dir w --delete --lang vi", "xóa\n".as_bytes())
        .ends(0);
    let left = desk.ok("wallet history --dir w --json").json();
    assert_eq!(
        (left["intact"].as_bool(), left["deleted"]["count"].as_u64()),
        (Some(true), Some(1))
    );
    assert_eq!(left["entries"][0]["event"], "history_deletion");
}

/// H-H65: never without a passphrase that counts as one, never over a file that is there; what is written opens.
#[test]
fn the_history_is_exported_under_a_passphrase() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["health-insurance"]);
    desk.write("good", "bốn con trâu gặm mây\nsecond line\n".as_bytes());
    desk.write("weak", b"matkhau123456\n");
    for refused in [
        "--export h.jwe",
        "--export h.jwe --passphrase-file absent",
        "--export h.json --passphrase-file good",
        "--export h.html --passphrase-file good",
        "--passphrase-file good",
    ] {
        desk.run(&format!("wallet history --dir w {refused}")).refuses_input();
    }
    desk.run("wallet history --dir w --export h.jwe --passphrase-file weak")
        .ends(1);
    for absent in ["h.jwe", "h.json", "h.html"] {
        assert!(!desk.path(absent).exists(), "{absent}");
    }

    let said = desk
        .ok("wallet history --dir w --export h.jwe --passphrase-file good --lang vi")
        .out;
    assert!(said.contains("JWE"), "{said}");
    #[cfg(unix)]
    assert_eq!(command::mode(&desk.path("h.jwe")), 0o600);
    let written = desk.read("h.jwe");
    desk.run("wallet history --dir w --export h.jwe --passphrase-file good")
        .refuses_input();
    assert_eq!(desk.read("h.jwe"), written);

    let text = String::from_utf8(written.clone()).unwrap();
    let message = idwallet_jose::Jwe::parse(&text).unwrap();
    let content = message.decrypt("bốn con trâu gặm mây".as_bytes()).unwrap();
    let content: serde_json::Value = serde_json::from_slice(content.expose()).unwrap();
    assert_eq!(content, desk.ok("wallet history --dir w --json").json());

    desk.ok("wallet history --dir w --export h.jwe --passphrase-file good --force");
    assert_ne!(desk.read("h.jwe"), written);
}

/// The file for support has the types and states of documents and nothing of their owner; a report needs a request to be about.
#[test]
fn support_gets_nothing_personal_and_a_report_needs_a_request() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["citizen-identity"]);
    desk.ok("wallet support --dir w --out s.json");
    let bundle = String::from_utf8(desk.read("s.json")).unwrap();
    assert!(
        bundle.contains("org.iso.23220.photoID.1") && bundle.contains("active"),
        "{bundle}"
    );
    let id = desk.ok("wallet list --dir w --json").json()["documents"][0]["id"].clone();
    for secret in ["Trần", "003090000017", "1990", id.as_str().unwrap()] {
        assert!(!bundle.contains(secret), "{secret}");
    }
    desk.run("wallet report 1 --out c.cose --dir w").refuses_input();
    desk.run("wallet report 9 --out c.cose --dir w").refuses_input();
    assert!(!desk.path("c.cose").exists());
}
