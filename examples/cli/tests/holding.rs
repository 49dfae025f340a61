//! `wallet init`, `list`, `show`, `remove`, `import`, `device-key`.
#![allow(clippy::unwrap_used)]

mod command;

use command::Desk;

fn only_id(desk: &Desk) -> String {
    desk.ok("wallet list --dir w --json").json()["documents"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// CLI.md: the data key is in a file that only its owner can read, and init says so.
#[test]
fn init_says_where_the_key_lies_and_makes_no_second_wallet() {
    let desk = Desk::new();
    let said = desk.ok("wallet init --dir w").out;
    assert!(said.contains("only your account can read"), "{said}");
    let said = desk.ok("wallet init --dir v --lang vi").out;
    assert!(said.contains("chỉ tài khoản của bạn đọc được"), "{said}");
    let report = desk.ok("wallet init --dir u --json").json();
    assert_eq!(report["protection"], "software_file");
    #[cfg(unix)]
    assert_eq!(command::mode(&desk.path("w/area.key")), 0o600);
    desk.run("wallet init --dir w").refuses_input();
    desk.run("wallet list --dir nowhere").refuses_input();
    assert!(desk.ok("wallet list --dir w").out.contains("empty"));
}

#[test]
fn a_document_is_listed_and_shown_in_the_shape_of_the_contract() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["citizen-identity"]);
    let listed = desk.ok("wallet list --dir w --json").json();
    let row = &listed["documents"][0];
    for field in ["id", "type", "format", "title", "issuer", "valid_until", "state"] {
        assert!(row[field].is_string(), "{field}: {row}");
    }
    assert_eq!(
        (row["type"].as_str(), row["state"].as_str()),
        (Some("org.iso.23220.photoID.1"), Some("active"))
    );
    assert!(row["copies_left"].is_null());
    // The row of a list has nothing that tells the person.
    assert!(!listed.to_string().contains("Trần") && !listed.to_string().contains("003090000017"));
    let id = only_id(&desk);
    let shown = desk.ok(&format!("wallet show {} --dir w --json", &id[..6])).json();
    assert_eq!(shown["id"], id);
    assert_eq!(shown["claims"]["vn.id.1"]["full_name"], "Trần Văn Mẫu");
    assert_eq!(shown["claims"]["org.iso.23220.1"]["birth_date"], "1990-02-15");
    assert!(shown["claims"]["org.iso.23220.1"]["portrait"]["bytes"].is_string());
    let said = desk.ok(&format!("wallet show {id} --dir w --lang vi")).out;
    assert!(
        said.contains("Họ, chữ đệm và tên: Trần Văn Mẫu") && said.contains("còn để lộ"),
        "{said}"
    );
    desk.run("wallet show ffffffffffff --dir w").refuses_input();
    let later = desk.ok("wallet list --dir w --json --at 2027-11-22T08:00:00Z").json();
    assert_eq!(later["documents"][0]["state"], "expired");
}

#[test]
fn a_document_is_removed_only_when_that_is_meant() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["health-insurance"]);
    let id = only_id(&desk);
    desk.run(&format!("wallet remove {id} --dir w")).ends(1);
    desk.run_with(&format!("wallet remove {id} --dir w"), b"yes\n").ends(1);
    assert_eq!(only_id(&desk), id);
    desk.run_with(&format!("wallet remove {id} --dir w --lang vi"), "xóa\n".as_bytes())
        .ends(0);
    let listed = desk.ok("wallet list --dir w --json").json();
    assert_eq!(listed["documents"].as_array().unwrap().len(), 0);
    desk.run(&format!("wallet remove {id} --yes --dir w")).refuses_input();
}

/// A-H61: fully verified before it is stored.
#[test]
fn what_does_not_verify_is_not_stored() {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("driving-licence");
    let import = "wallet import driving-licence.cbor --device-key device.key --dir w";
    desk.ok("wallet init --dir w");
    // Nobody to trust, somebody else, another time, revoked.
    let report = desk.run(&format!("{import} --json")).ends(1).json();
    assert_eq!(report["documents"][0]["trust"]["state"], "not_checked");
    desk.run(&format!("{import} --allow-untrusted")).ends(1);
    desk.run(&format!("{import} --anchor readers.pem")).ends(1);
    desk.run(&format!("{import} --anchor iaca.pem --at 2028-01-01T00:00:00Z"))
        .ends(1);
    desk.ok("pki crl --issuer iaca.pem --issuer-key iaca.key --revoke ds.pem --out iaca.crl --valid-from 2026-11-20");
    desk.run(&format!("{import} --anchor iaca.pem --crl iaca.crl")).ends(1);
    desk.run(&format!("{import} --anchor iaca.pem --require revocation"))
        .ends(1);
    // A changed element, and a key of another document.
    let mut bytes = desk.read("driving-licence.cbor");
    let at = bytes.windows(4).position(|w| w == b"Tran").unwrap();
    bytes[at] = b'D';
    desk.write("changed.cbor", &bytes);
    let report = desk
        .run("wallet import changed.cbor --device-key device.key --dir w --anchor iaca.pem --json")
        .ends(1)
        .json();
    let digests = report["documents"][0]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == "digests")
        .unwrap();
    assert_eq!(digests["result"], "failed");
    desk.ok("pki key --out other.key");
    desk.run("wallet import driving-licence.cbor --device-key other.key --dir w --anchor iaca.pem")
        .ends(1);
    desk.run("wallet import driving-licence.cbor --dir w --anchor iaca.pem")
        .ends(1);
    assert_eq!(
        desk.ok("wallet list --dir w --json").json()["documents"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    desk.ok(&format!("{import} --anchor iaca.pem"));
    desk.run(&format!("{import} --anchor iaca.pem")).refuses_input();
    desk.run("wallet import device.key --dir w --anchor iaca.pem")
        .refuses_input();
}

/// A child's document is listed as such, with what the owner calls the child, in both languages; its copies are used as was said.
#[test]
fn a_childs_document_is_listed_as_such() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("wallet init --dir w --anchor iaca.pem");
    desk.ok("wallet device-key --public d1.pub --dir w");
    desk.ok("wallet device-key --public d2.pub --dir w");
    desk.issue_to("health-insurance", "d1.pub", "--device-key d2.pub");
    let import = "wallet import health-insurance-1.cbor health-insurance-2.cbor --dir w";
    desk.run(&format!("{import} --on-behalf-of neighbour")).refuses_input();
    desk.run(&format!("{import} --called Na")).refuses_input();
    desk.run(&format!("{import} --copies twice")).refuses_input();
    desk.ok(&format!(
        "{import} --on-behalf-of child --called Na --copies once,limited-time"
    ));
    let row = desk.ok("wallet list --dir w --json").json()["documents"][0].clone();
    assert_eq!(
        (
            row["on_behalf_of"].as_str(),
            row["called"].as_str(),
            row["copies_left"].as_u64()
        ),
        (Some("child"), Some("Na"), Some(2))
    );
    assert!(
        desk.ok("wallet list --dir w")
            .out
            .contains("your child's document (Na)")
    );
    assert!(
        desk.ok("wallet list --dir w --lang vi")
            .out
            .contains("giấy tờ của con bạn (Na)")
    );
    // Of a folder it is said of each document in it.
    desk.ok("wallet device-key --public d3.pub --dir w");
    desk.issue_to("social-insurance", "d3.pub", "");
    std::fs::create_dir(desk.path("folder")).unwrap();
    desk.write("folder/a.cbor", desk.read("social-insurance.cbor"));
    desk.ok("wallet import folder --dir w --on-behalf-of child --called Na");
    let list = desk.ok("wallet list --dir w --json").json();
    let rows = list["documents"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter()
            .all(|row| row["on_behalf_of"] == "child" && row["called"] == "Na")
    );
}

/// What the classes of a licence mean stands below them, where the document is shown and where its owner is asked.
#[test]
fn what_the_classes_of_a_licence_mean_is_shown() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["driving-licence"]);
    let id = desk.ok("wallet list --dir w --json").json()["documents"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = desk.ok(&format!("wallet show {id} --dir w --lang vi")).out;
    assert!(
        shown.contains("      B: Ô tô chở người đến 8 chỗ (không kể lái xe)"),
        "{shown}"
    );
    let shown = desk.ok(&format!("wallet show {id} --dir w")).out;
    assert!(shown.contains("(given for 10 years at most)"), "{shown}");
    let json = desk.ok(&format!("wallet show {id} --dir w --json")).json();
    let meanings = json["meanings"]["org.iso.18013.5.1.VN"]["classes"].as_array().unwrap();
    assert!(meanings[1].as_str().unwrap().starts_with("B: Cars"));
}

#[test]
fn a_key_that_the_wallet_made_never_leaves_it() {
    let desk = Desk::new();
    desk.authorities();
    desk.ok("wallet init --dir w --anchor iaca.pem");
    desk.ok("wallet device-key --public d1.pub --dir w");
    desk.ok("wallet device-key --public d2.pub --dir w");
    desk.run("wallet device-key --public d2.pub --dir w").refuses_input();
    desk.issue_to("health-insurance", "d1.pub", "--device-key d2.pub");
    let report = desk
        .ok("wallet import health-insurance-1.cbor health-insurance-2.cbor --dir w --json")
        .json();
    assert_eq!(report["copies"], 2);
    assert_eq!(
        desk.ok("wallet list --dir w --json").json()["documents"][0]["copies_left"],
        2
    );
}

#[test]
fn two_commands_do_not_share_an_open_vault() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&[]);
    let holder = desk.start("wallet show-qr --dir w --png qr.png --timeout 60");
    desk.wait_for("qr.png");
    let ended = desk.run("wallet list --dir w").ends(3);
    assert_eq!(ended.err.trim_end().lines().count(), 1, "{}", ended.err);
    drop(holder);
}

/// CLI.md: what a citizen reads is in one language: an error that has a sentence in Vietnamese has no English behind it.
#[test]
fn errors_in_vietnamese_are_in_vietnamese() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&["citizen-identity"]);
    desk.write("phrase", "four words, six tigers\n");
    desk.write("empty", "");
    desk.write("none", "no backup, and none of it is one");
    desk.write("there", "x");
    let cases = [
        (
            "wallet report 9 --out r.json",
            "Nhật ký không có yêu cầu nào mang số này. [W601]",
        ),
        ("wallet import nofile", "nofile: không có tệp này"),
        ("wallet import empty", "empty: là tệp rỗng"),
        (
            "wallet restore nofile --passphrase-file phrase",
            "nofile: không có tệp này",
        ),
        (
            "wallet restore none --passphrase-file nofile",
            "nofile: không có tệp này",
        ),
        (
            "wallet restore none --passphrase-file phrase",
            "Tệp này không phải là bản sao lưu ví. [W705]",
        ),
        ("wallet import .", ".: không có tệp nào tên kết thúc bằng .cbor"),
        ("wallet support --out there", "there: đã có; thêm --force để thay"),
    ];
    for (line, says) in cases {
        if line == "wallet import ." {
            std::fs::remove_file(desk.path("citizen-identity.cbor")).unwrap();
        }
        let said = desk.run(&format!("{line} --dir w --lang vi")).refuses_input();
        assert_eq!(said.err.trim_end(), format!("idwallet: {says}"), "{line}");
    }
}

/// CLI.md: a wallet whose key file is gone is not said to be no wallet, and nothing is made in its place.
#[test]
fn a_wallet_without_its_key_file_is_told() {
    let desk = Desk::new();
    desk.authorities();
    desk.wallet(&[]);
    std::fs::remove_file(desk.path("w/area.key")).unwrap();
    let said = desk.run("wallet list --dir w --lang vi").ends(3).err;
    assert!(
        said.contains("w/area.key: Khóa trên máy này") && said.contains("[W507]"),
        "{said}"
    );
    assert!(!desk.path("w/area.key").exists());
}

/// CLI.md: with `--json` standard output is one document, for arguments that are not understood too.
#[test]
fn wrong_arguments_are_a_document_too() {
    let desk = Desk::new();
    for line in ["wallet nonsense --json", "wallet list --json --at yesterday", "--json"] {
        let error = desk.run(line).refuses_input().json();
        assert_eq!(
            (&error["error"]["status"], &error["error"]["kind"]),
            (&2.into(), &"input".into()),
            "{line}"
        );
    }
}
