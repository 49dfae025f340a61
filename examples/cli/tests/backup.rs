//! `wallet export`, `restore`, `reissue`: one sealed file, and what a person is told of it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod command;

use command::{Desk, Ended};
use serde_json::Value;
use std::path::Path;

const EXPORT: &str = "wallet export b.idwallet --passphrase-file phrase --dir w";
const RESTORE: &str = "wallet restore b.idwallet --passphrase-file phrase --dir n";

/// A wallet in `w`, an empty one in `n`, a passphrase in `phrase`.
fn desk(kinds: &[&str]) -> Desk {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(kinds);
    desk.write("phrase", "bốn con trâu gặm mây\n");
    desk.ok("wallet init --dir n --anchor iaca.pem --reader-anchor readers.pem");
    desk
}

fn documents(desk: &Desk, dir: &str) -> Vec<Value> {
    let listed = desk.ok(&format!("wallet list --dir {dir} --json")).json();
    listed["documents"].as_array().unwrap().clone()
}

/// Every file of the wallet that was written.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// That a restore ended so, said why under this code in one line, and left the wallet empty.
#[track_caller]
fn refused(desk: &Desk, file: &str, status: i32, code: &str) -> Ended {
    let line = format!("wallet restore {file} --passphrase-file phrase --dir n --yes");
    let ended = desk.run(&line).ends(status);
    assert!(ended.err.contains(&format!("[{code}]")), "{}", ended.err);
    assert_eq!(ended.err.trim_end().lines().count(), 1, "{}", ended.err);
    assert!(documents(desk, "n").is_empty());
    ended
}

/// CLI.md, H-H81: to another device and back into a list that is the same; the report says what came, progress goes to standard error.
#[test]
fn everything_arrives_in_an_empty_wallet() {
    let desk = desk(&["citizen-identity", "driving-licence"]);
    let told = desk.ok(&format!("{EXPORT} --json"));
    let report = told.json();
    assert_eq!(
        (report["documents"].as_u64(), report["copies"].as_u64()),
        (Some(2), Some(2))
    );
    assert_eq!(
        (report["history"].as_u64(), report["corrections"].as_u64()),
        (Some(2), Some(0))
    );
    assert!(
        report["to_be_reissued"].as_array().unwrap().is_empty() && report["damaged"].as_array().unwrap().is_empty()
    );
    assert!(told.err.contains("Exporting: 100%"), "{}", told.err);
    #[cfg(unix)]
    assert_eq!(command::mode(&desk.path("b.idwallet")), 0o600);

    let before = files(&desk.path("n"));
    let preview = desk.ok(&format!("{RESTORE} --preview --json")).json();
    assert_eq!(preview["documents"].as_array().unwrap().len(), 2);
    assert!(documents(&desk, "n").is_empty(), "a preview changes nothing");
    assert_eq!(before.len(), files(&desk.path("n")).len());

    // Only who means it restores.
    desk.run_with(RESTORE, b"yes\n").ends(1);
    assert!(documents(&desk, "n").is_empty());
    let told = desk.ok(&format!("{RESTORE} --yes --json"));
    let report = told.json();
    assert_eq!(report["added"].as_array().unwrap().len(), 2);
    assert_eq!(
        (report["skipped"].as_u64(), report["history"].as_u64()),
        (Some(0), Some(2))
    );
    for document in report["documents"].as_array().unwrap() {
        assert_eq!(
            (document["action"].as_str(), document["vouched"].as_bool()),
            (Some("add"), Some(true))
        );
    }
    for step in [
        "Verifying the file: 100%",
        "Verifying the documents: 100%",
        "Restoring: 100%",
    ] {
        assert!(told.err.contains(step), "{}", told.err);
    }
    assert_eq!(documents(&desk, "n"), documents(&desk, "w"));

    // The old history, apart from the own one.
    let history = desk.ok("wallet history --dir n --json").json();
    assert_eq!(
        (history["intact"].as_bool(), history["past"][0]["intact"].as_bool()),
        (Some(true), Some(true))
    );
    assert_eq!(history["past"][0]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(history["entries"][0]["event"], "restore");
    let said = desk.ok("wallet history --dir n").out;
    let (own, past) = said.split_once("== From before the restore").unwrap();
    assert!(
        own.contains("restored from a file") && past.contains("A document was taken into the wallet"),
        "{said}"
    );
    let said = desk.ok("wallet history --dir n --lang vi").out;
    assert!(
        said.contains("== Từ trước khi khôi phục") && said.contains("còn nguyên vẹn từ khi ví cũ ghi"),
        "{said}"
    );
    let exported = desk.ok("wallet history --dir n --export h.html --json").json();
    assert_eq!(exported["past"], 2);
    assert!(
        String::from_utf8(desk.read("h.html"))
            .unwrap()
            .contains("From before the restore")
    );

    // Once is enough.
    let report = desk.ok(&format!("{RESTORE} --yes --json")).json();
    assert_eq!(report["added"].as_array().unwrap().len(), 0);
    assert_eq!(
        (report["skipped"].as_u64(), report["history"].as_u64()),
        (Some(2), Some(0))
    );
    assert_eq!(documents(&desk, "n"), documents(&desk, "w"));
    assert_eq!(desk.ok("wallet history --dir n --json").json()["past"], history["past"]);
}

/// A restore beside other documents keeps both, says which they are, and loses nothing.
#[test]
fn a_restore_merges_and_shows_what_conflicts() {
    let desk = desk(&["citizen-identity", "health-insurance"]);
    desk.ok(EXPORT);
    // The same person's card again, issued to another key, and another paper.
    for kind in ["citizen-identity", "driving-licence"] {
        desk.ok(&format!("pki key --out again-{kind}.key"));
        desk.issue_to(kind, &format!("again-{kind}.key"), "--force");
        desk.ok(&format!(
            "wallet import {kind}.cbor --device-key again-{kind}.key --dir n"
        ));
    }
    let held = documents(&desk, "n");
    let card = held
        .iter()
        .find(|row| row["type"] == "org.iso.23220.photoID.1")
        .unwrap();
    let report = desk.ok(&format!("{RESTORE} --yes --json")).json();
    for document in report["documents"].as_array().unwrap() {
        let expected = if document["type"] == card["type"] {
            serde_json::json!([card["id"]])
        } else {
            serde_json::json!([])
        };
        assert_eq!(document["conflicts"], expected, "{document}");
    }
    let now = documents(&desk, "n");
    assert_eq!(now.len(), 4);
    assert!(held.iter().all(|row| now.contains(row)), "what was there is as it was");
    // Each is known beside the others, as after an import.
    let checked = desk.run("wallet check --dir n --json").json();
    assert!(checked.to_string().contains(card["id"].as_str().unwrap()), "{checked}");
    let said = desk.ok(&format!("{RESTORE} --preview --lang vi")).out;
    assert!(said.contains("đã có trong ví"), "{said}");
}

/// The preview for people names the other document of a conflict.
#[test]
fn a_preview_says_what_would_happen() {
    let desk = desk(&["citizen-identity"]);
    desk.ok(EXPORT);
    desk.ok("pki key --out again.key");
    desk.issue_to("citizen-identity", "again.key", "--force");
    desk.ok("wallet import citizen-identity.cbor --device-key again.key --dir n");
    let held = documents(&desk, "n")[0]["id"]
        .as_str()
        .unwrap()
        .chars()
        .take(8)
        .collect::<String>();
    let said = desk.ok(&format!("{RESTORE} --preview")).out;
    assert!(said.contains("look at both") && said.contains(&held), "{said}");
    assert!(said.contains("Nothing was changed"), "{said}");
}

/// CLI.md: 1 where the passphrase says no, 2 for a file that cannot be used; nothing is restored from any of them.
#[test]
fn files_that_are_not_this_backup_are_refused_with_their_reason() {
    let desk = desk(&["health-insurance"]);
    desk.ok(EXPORT);
    let good = desk.read("b.idwallet");
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    desk.write("cut", &good[..good.len() - 1]);
    refused(&desk, "cut", 2, "W706");
    desk.write("head", &good[..50]);
    refused(&desk, "head", 2, "W706");
    desk.write("altered", changed(good.len() / 2));
    refused(&desk, "altered", 2, "W706");
    desk.write("longer", [&good[..], &[0]].concat());
    refused(&desk, "longer", 2, "W706");
    // The byte of the format.
    let mut newer = good.clone();
    newer[16] = 2;
    desk.write("newer", &newer);
    let said = refused(&desk, "newer", 2, "W708").err;
    assert!(said.contains("Update the app"), "{said}");
    assert_eq!(desk.read("newer"), newer, "left as it is");
    desk.write("foreign", b"%PDF-1.7 and so on");
    refused(&desk, "foreign", 2, "W705");
    desk.write("empty", b"");
    refused(&desk, "empty", 2, "W705");
    // Larger than any backup: sparse, so that it takes no room.
    std::fs::copy(desk.path("b.idwallet"), desk.path("huge")).unwrap();
    let huge = std::fs::File::options().write(true).open(desk.path("huge")).unwrap();
    huge.set_len(3 * 1024 * 1024 * 1024).unwrap();
    refused(&desk, "huge", 2, "W709");
    desk.run("wallet restore nothing --passphrase-file phrase --dir n")
        .refuses_input();
    desk.write("phrase", "bốn con trâu gặm cỏ\n");
    let said = refused(&desk, "b.idwallet", 1, "W707").err;
    assert!(said.starts_with("idwallet: "), "{said}");
}

/// H-H81: a guess must be dear, so the wallet says no to what is guessed, and why, in both languages.
#[test]
fn a_weak_passphrase_is_refused_with_its_reason() {
    let desk = desk(&["citizen-identity"]);
    for (phrase, code) in [
        ("ngắn quá", "W701"),
        ("matkhau123456", "W703"),
        ("abcabcabcabcabc", "W703"),
        ("trần văn mẫu 1990", "W704"),
        ("003090000017 xyz", "W704"),
    ] {
        desk.write("weak", phrase);
        for lang in ["vi", "en"] {
            let line = format!("wallet export b.idwallet --passphrase-file weak --dir w --lang {lang}");
            let said = desk.run(&line).ends(1).err;
            assert!(said.contains(&format!("[{code}]")), "{phrase}: {said}");
            assert!(!said.contains(phrase), "{said}");
        }
        assert!(!desk.path("b.idwallet").exists());
    }
    desk.write("weak", "x".repeat(2000));
    let said = desk
        .run("wallet export b.idwallet --passphrase-file weak --dir w")
        .ends(1)
        .err;
    assert!(said.contains("[W702]"), "{said}");
}

/// What is there already is left as it is.
#[test]
fn an_export_replaces_nothing_unless_told() {
    let desk = desk(&["health-insurance"]);
    desk.write("b.idwallet", "somebody's");
    let said = desk.run(EXPORT).refuses_input().err;
    assert!(said.contains("[W710]"), "{said}");
    assert_eq!(desk.read("b.idwallet"), b"somebody's");
    desk.ok(&format!("{EXPORT} --force"));
    desk.ok(&format!("{RESTORE} --yes"));
    desk.run("wallet export nowhere/b --passphrase-file phrase --dir w")
        .refuses_input();
    desk.run("wallet export c --passphrase-file phrase --only ffffffff --dir w")
        .refuses_input();
    assert!(!desk.path("c").exists());
}

/// H-H80: what cannot move is a list with issuer and type, in both languages, and goes when the document comes again.
#[test]
fn what_has_to_be_issued_again_is_listed_until_it_comes() {
    let desk = desk(&["citizen-identity", "driving-licence"]);
    assert!(
        desk.ok("wallet reissue --dir n")
            .out
            .contains("Nothing has to be issued again")
    );
    let said = desk.ok(&format!("{EXPORT} --no-values")).out;
    assert!(said.contains("To be issued again"), "{said}");
    let preview = desk.ok(&format!("{RESTORE} --preview --json")).json();
    assert_eq!(preview["to_be_reissued"].as_array().unwrap().len(), 2);
    desk.ok(&format!("{RESTORE} --yes"));
    let list = desk.ok("wallet reissue --dir n --json").json()["to_be_reissued"].clone();
    let rows = list.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        for field in ["id", "type", "title", "issuer", "noted_at"] {
            assert!(
                row[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field}: {row}"
            );
        }
        assert_eq!(row["has_copies"], false);
    }
    assert!(!list.to_string().contains("003090000017"), "no value");
    for (lang, words) in [
        ("vi", ["Cần xin cấp lại", "Giấy phép lái xe: "]),
        ("en", ["To be issued again", "Driving licence: "]),
    ] {
        let said = desk.ok(&format!("wallet reissue --dir n --lang {lang}")).out;
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        assert!(
            rows.iter().all(|row| said.contains(row["issuer"].as_str().unwrap())),
            "{said}"
        );
    }
    // It comes.
    let later = "--at 2026-11-23T08:00:00Z";
    desk.ok(&format!(
        "wallet import driving-licence.cbor --device-key driving-licence.key --dir n {later}"
    ));
    let left = desk.ok("wallet reissue --dir n --json").json();
    assert_eq!(left["to_be_reissued"].as_array().unwrap().len(), 1);
    assert_eq!(
        desk.ok(&format!("{RESTORE} --yes --json {later}")).json()["to_be_reissued"],
        serde_json::json!([])
    );
}

/// A request for correction goes along with its document.
#[test]
fn a_request_for_correction_goes_along() {
    let desk = desk(&["citizen-identity"]);
    let id = documents(&desk, "w")[0]["id"].as_str().unwrap().to_owned();
    desk.ok(&format!(
        "wallet correct draft {id} --field vn.id.1/full_name --reason Sai --out c.cose --dir w"
    ));
    assert_eq!(desk.ok(&format!("{EXPORT} --json")).json()["corrections"], 1);
    assert_eq!(desk.ok(&format!("{RESTORE} --yes --json")).json()["corrections"], 1);
    let list = |dir: &str| desk.ok(&format!("wallet correct list --dir {dir} --json")).json();
    assert_eq!(list("n"), list("w"));
    assert_eq!(desk.ok(&format!("{RESTORE} --yes --json")).json()["corrections"], 0);
}
