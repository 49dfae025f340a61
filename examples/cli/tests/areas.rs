//! `wallet … --area pkcs11`: a wallet whose keys lie in a token.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

mod command;

use command::{Desk, Ended};
use std::path::Path;
use std::process::{Command, Stdio};

const PIN: &str = "482915";
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

fn module() -> &'static str {
    MODULES
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect("SoftHSM is missing: apt-get install softhsm2, or tests/run --only areas")
}

/// A desk with two tokens of SoftHSM, `one` and `other`, and the PIN of both in a file.
fn desk_with_tokens() -> Desk {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("tokens")).unwrap();
    let conf = format!("directories.tokendir = {}\n", desk.path("tokens").display());
    desk.write("softhsm2.conf", conf);
    desk.write("pin", format!("{PIN}\n"));
    for label in ["one", "other"] {
        let made = Command::new("softhsm2-util")
            .args([
                "--init-token",
                "--free",
                "--label",
                label,
                "--so-pin",
                "73519264",
                "--pin",
                PIN,
            ])
            .env("SOFTHSM2_CONF", desk.path("softhsm2.conf"))
            .output()
            .expect("softhsm2-util runs");
        assert!(made.status.success());
    }
    desk
}

#[track_caller]
fn run(desk: &Desk, line: &str) -> Ended {
    let mut command = desk.command(line);
    command.env("SOFTHSM2_CONF", desk.path("softhsm2.conf"));
    Ended::of(&command.stdin(Stdio::null()).output().unwrap())
}

fn init(desk: &Desk, token: &str, dir: &str) -> Ended {
    let line = format!(
        "wallet init --dir {dir} --area pkcs11 --pkcs11-module {} --token {token} --token-pin-file pin",
        module()
    );
    run(desk, &line)
}

#[test]
fn a_wallet_in_a_token_is_made_and_opened_with_the_pin_file_alone() {
    let desk = desk_with_tokens();
    let said = init(&desk, "one", "w").ends(0).out;
    assert!(said.contains("PKCS#11") && !said.contains("area.key"), "{said}");
    assert!(!desk.path("w/area.key").exists());
    let remembered = String::from_utf8(desk.read("w/area.json")).unwrap();
    assert!(
        remembered.contains("\"one\"") && !remembered.contains(PIN),
        "{remembered}"
    );
    run(&desk, "wallet device-key --dir w --public key.pem --token-pin-file pin").ends(0);
    assert!(desk.path("key.pem").exists());
    let listed = run(&desk, "wallet list --dir w --token-pin-file pin --json")
        .ends(0)
        .json();
    assert_eq!(listed["documents"], serde_json::json!([]));
}

#[test]
fn a_token_that_does_not_answer_is_told_apart() {
    let desk = desk_with_tokens();
    init(&desk, "one", "w").ends(0);
    desk.write("wrong", "482916\n");
    let list = |more: &str| run(&desk, &format!("wallet list --dir w {more}"));
    assert!(list("").refuses_input().err.contains("--token-pin-file"));
    assert!(
        list("--token-pin-file wrong")
            .ends(1)
            .err
            .contains("does not take this PIN")
    );
    list("--token-pin-file pin --token other").refuses_input();
    list("--token-pin-file pin --area software").refuses_input();
    // Where SoftHSM finds no token none is in.
    let mut command = desk.command("wallet list --dir w --token-pin-file pin");
    desk.write(
        "empty.conf",
        format!("directories.tokendir = {}\n", desk.path("w").display()),
    );
    command.env("SOFTHSM2_CONF", desk.path("empty.conf"));
    let ended = Ended::of(&command.stdin(Stdio::null()).output().unwrap()).ends(3);
    assert!(ended.err.contains("there is no such token"), "{}", ended.err);
    list("--token-pin-file pin").ends(0);
    init(&desk, "nobody", "v").ends(3);
    assert!(!desk.path("v/vault.db").exists());
    desk.run("wallet init --dir u --area pkcs11 --token one")
        .refuses_input();
    desk.run("wallet init --dir u --token one").refuses_input();
    desk.ok("wallet init --dir u");
    desk.run("wallet list --dir u --token-pin-file pin").refuses_input();
    desk.run("wallet list --dir u --area pkcs11 --token-pin-file pin")
        .refuses_input();
}

/// The vault of one token, laid beside the settings of another, opens nothing; nor does a settings file that others may write.
#[test]
fn a_vault_opens_with_its_own_token_alone() {
    let desk = desk_with_tokens();
    init(&desk, "one", "w").ends(0);
    init(&desk, "other", "v").ends(0);
    for name in ["vault.db", "vault.db-wal"] {
        if desk.path("w").join(name).exists() {
            std::fs::copy(desk.path("w").join(name), desk.path("v").join(name)).unwrap();
        }
    }
    run(&desk, "wallet list --dir v --token-pin-file pin").ends(3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let loose = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(desk.path("w/area.json"), loose).unwrap();
        let ended = run(&desk, "wallet list --dir w --token-pin-file pin").ends(3);
        assert!(ended.err.contains("others may write"), "{}", ended.err);
    }
}
