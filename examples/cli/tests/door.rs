//! `wallet pin`, `lock`, `unlock`, `state`, `authority`, `order`: the door of the wallet.
#![allow(clippy::unwrap_used)]

mod command;

use command::Desk;

fn with_pin() -> Desk {
    let desk = Desk::new();
    desk.write("pin", "804117\n");
    desk.write("bad", "111222\n");
    desk.write("new", "590238\n");
    desk.ok("wallet init --dir w --pin-file pin");
    desk
}

/// CLI.md: the PIN comes from a file; without it, or with a wrong one, the command refuses (1) and says what to do.
#[test]
fn nothing_opens_without_the_pin() {
    let desk = with_pin();
    assert!(desk.run("wallet list --dir w").ends(1).err.contains("--pin-file"));
    let said = desk.run("wallet list --dir w --pin-file bad").ends(1).err;
    assert!(
        said.contains("[W111]") && said.contains("Tries left before a wait: 5"),
        "{said}"
    );
    let said = desk.ok("wallet list --dir w --pin-file pin").err;
    assert!(said.contains("1 wrong PINs"), "{said}");
    desk.write("short", "12345\n");
    assert!(
        desk.run("wallet init --dir v --pin-file short")
            .ends(2)
            .err
            .contains("[W115]")
    );
    desk.write("easy", "123456\n");
    assert!(
        desk.run("wallet init --dir v --pin-file easy")
            .ends(2)
            .err
            .contains("[W116]")
    );
}

/// H-H50: the sixth wrong PIN costs a wait that the right one does not shorten, whatever time `--at` says it is.
#[test]
fn the_wait_is_told_in_words() {
    let desk = with_pin();
    for _ in 0..6 {
        desk.run("wallet list --dir w --pin-file bad").ends(1);
    }
    let said = desk
        .run("wallet list --dir w --pin-file pin --at 2040-01-01T00:00:00Z --lang vi")
        .ends(1)
        .err;
    assert!(
        said.contains("Còn phải chờ") && said.contains("giây") && said.contains("[W112]"),
        "{said}"
    );
    let state = desk.ok("wallet state --dir w --json").json();
    assert_eq!(state["wrong_pins"], 6);
    assert!(state["retry_after_seconds"].as_u64().unwrap() > 0);
}

#[test]
fn a_locked_wallet_opens_after_unlock_and_a_forgotten_pin_by_the_recovery_code() {
    let desk = with_pin();
    desk.ok("wallet pin recovery-code --out code --dir w --pin-file pin");
    #[cfg(unix)]
    assert_eq!(command::mode(&desk.path("code")), 0o600);
    desk.ok("wallet lock --dir w");
    assert!(
        desk.run("wallet list --dir w --pin-file pin")
            .ends(1)
            .err
            .contains("[W120]")
    );
    desk.run("wallet unlock --dir w --pin-file bad").ends(1);
    desk.ok("wallet unlock --dir w --pin-file pin");
    desk.ok("wallet list --dir w --pin-file pin");
    desk.ok("wallet lock --dir w");
    desk.ok("wallet unlock --dir w --recovery-code-file code --new-pin-file new");
    desk.run("wallet list --dir w --pin-file pin").ends(1);
    desk.ok("wallet list --dir w --pin-file new");
    desk.ok("wallet pin set --new-pin-file pin --dir w --pin-file new");
    desk.ok("wallet pin remove --dir w --pin-file pin");
    desk.ok("wallet list --dir w");
}

/// An order of the authority that the owner named holds the wallet from afar, and releases it.
#[test]
fn an_order_holds_the_wallet() {
    let desk = with_pin();
    desk.ok("pki key --out authority.key --public authority.pub");
    let named = desk
        .ok("wallet authority --key authority.pub --dir w --pin-file pin --json")
        .json();
    let address = named["address"].as_str().unwrap();
    desk.ok(&format!(
        "pki lock-order --address {address} --action hold --number 1 --key authority.key --out hold"
    ));
    desk.ok(&format!(
        "pki lock-order --address {address} --action release --number 2 --key authority.key --out release"
    ));
    desk.ok("pki key --out other.key --public other.pub");
    desk.ok(&format!(
        "pki lock-order --address {address} --action hold --number 3 --key other.key --out forged"
    ));
    assert!(desk.run("wallet order forged --dir w").ends(1).err.contains("[W122]"));
    desk.ok("wallet list --dir w --pin-file pin");
    desk.ok("wallet order hold --dir w");
    assert!(
        desk.run("wallet list --dir w --pin-file pin")
            .ends(1)
            .err
            .contains("[W113]")
    );
    desk.ok("wallet order release --dir w");
    desk.ok("wallet list --dir w --pin-file pin");
    desk.run("wallet order hold --dir w").ends(1);
    let history = desk.ok("wallet history --dir w --pin-file pin --json").json();
    let events = history["entries"].as_array().unwrap().iter();
    let events: Vec<_> = events.map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["authority_named", "hold", "release"]);
}

/// CLI.md: a PIN that is too easy to be set is a wrong one where it should open the wallet; to choose another one is no advice there.
#[test]
fn an_easy_pin_does_not_open() {
    let desk = with_pin();
    desk.write("easy", "123456\n");
    let said = desk.run("wallet list --dir w --pin-file easy").ends(1).err;
    assert!(said.contains("[W111]") && !said.contains("[W116]"), "{said}");
    let said = desk.run("wallet pin set --dir w --pin-file pin --new-pin-file easy");
    assert!(said.ends(2).err.contains("[W116]"));
}
