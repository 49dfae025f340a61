//! `wallet check`, `wallet status`, `wallet correct`.
#![allow(clippy::unwrap_used)]

mod command;

use command::Desk;

fn only_id(desk: &Desk) -> String {
    let listed = desk.ok("wallet list --dir w --json").json();
    listed["documents"][0]["id"].as_str().unwrap().to_owned()
}

/// The four are told for every document, and one that cannot be used makes the command end with 1.
#[test]
fn what_is_not_live_ends_with_one() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["citizen-identity"]);
    let report = desk.ok("wallet check --dir w --json").json();
    let document = &report["documents"][0];
    assert_eq!(document["aspects"]["correct"], "good", "{document}");
    assert_eq!(document["aspects"]["sufficient"], "good", "{document}");
    let said = desk
        .run("wallet check --dir w --lang vi --at 2099-01-01T00:00:00Z")
        .ends(1)
        .out;
    assert!(said.contains("Q401") && said.contains("Hãy xin bản mới"), "{said}");
    let id = only_id(&desk);
    assert!(
        desk.ok(&format!("wallet check {} --dir w", &id[..6]))
            .out
            .contains("correct: good")
    );
    desk.run("wallet check ffffffff --dir w").refuses_input();
}

/// What has no list says so, and bytes that are no list are refused.
#[test]
fn status_says_what_to_fetch() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["citizen-identity"]);
    let report = desk.ok("wallet status --dir w --json").json();
    assert_eq!(report["checked"], 0);
    assert!(report["lists"].as_array().unwrap().is_empty());
    desk.write("none.cwt", b"no list");
    desk.run("wallet status --dir w --status-list none.cwt").refuses_input();
}

/// A request is drafted into a file for the issuer, and followed to its answer.
#[test]
fn a_request_for_correction_is_followed() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["citizen-identity"]);
    let id = only_id(&desk);
    let line = format!("wallet correct draft {id} --dir w --field birth_date --reason wrong --out request.cose --json");
    let draft = desk.ok(&line).json();
    assert_eq!(
        (draft["state"].as_str(), draft["fields"][0]["claimed"].is_null()),
        (Some("drafted"), true)
    );
    assert!(!desk.read("request.cose").is_empty());
    let request = draft["id"].as_str().unwrap();
    desk.run(&format!("wallet correct answered {request} --dir w --answer refused"))
        .refuses_input();
    desk.ok(&format!("wallet correct sent {request} --dir w"));
    let said = desk
        .ok(&format!("wallet correct answered {request} --dir w --answer accepted"))
        .out;
    assert!(said.contains("agreed"), "{said}");
    let all = desk.ok("wallet correct list --dir w --json").json();
    assert_eq!(all["corrections"][0]["state"], "accepted");
    let line = format!("wallet correct draft {id} --dir w --field nothing_of_it --out other.cose");
    desk.run(&line).refuses_input();
}
