//! Opening and keeping: files, damage, removal, what a list says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::desk::Desk;
use common::{Dir, Holder, block_on, create, random};
use idwallet_cose::cbor::Value;
use idwallet_documents::Lang;
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_storage::SoftwareSecureArea;
use idwallet_test_support::{DAY, NOW};
use idwallet_wallet::{
    AREA_FILE, Code, DocumentId, DocumentState, Event, NewCopy, Shown, StateFault, VAULT_FILE, Wallet, WalletError,
};
use std::sync::Arc;

fn open(dir: &Dir) -> Result<Wallet, WalletError> {
    block_on(Wallet::open_software(&dir.0, random()))
}

fn code<T: std::fmt::Debug>(result: Result<T, WalletError>) -> Code {
    result.unwrap_err().code()
}

#[test]
fn a_wallet_says_what_protects_it() {
    let dir = Dir::new();
    let wallet = create(&dir.0);
    assert!(wallet.protection().is_software());
    assert!(wallet.protection().text(Lang::En).contains("area.key"));
    assert!(wallet.protection().text(Lang::Vi).contains("area.key"));
    assert!(dir.0.join(VAULT_FILE).exists() && dir.0.join(AREA_FILE).exists());
}

#[test]
fn documents_are_there_after_closing_and_opening() {
    let Holder {
        wallet, dir, licence, ..
    } = Holder::new(71);
    drop(wallet);
    let wallet = open(&dir).unwrap();
    assert_eq!(wallet.list(NOW).unwrap().documents[0].id, licence);
    assert!(wallet.is_intact().unwrap());
}

#[test]
fn a_second_opening_is_told_that_the_wallet_is_in_use() {
    let dir = Dir::new();
    let wallet = create(&dir.0);
    assert_eq!(code(open(&dir)), Code::VaultInUse);
    drop(wallet);
    assert!(open(&dir).is_ok());
}

#[test]
fn a_wallet_is_not_created_over_another() {
    let dir = Dir::new();
    drop(create(&dir.0));
    let before = dir.vault_bytes();
    assert_eq!(
        code(block_on(Wallet::create_software(&dir.0, random()))),
        Code::VaultExists
    );
    assert!(dir.vault_bytes() == before);
}

#[test]
fn no_wallet_is_told_as_such() {
    assert_eq!(code(open(&Dir::new())), Code::VaultMissing);
}

/// A creation that was cut short after the key file: the next one goes on with it.
#[test]
fn a_creation_goes_on_where_one_was_cut_short() {
    let dir = Dir::new();
    SoftwareSecureArea::create(&dir.0.join(AREA_FILE), random()).unwrap();
    drop(create(&dir.0));
    assert!(open(&dir).is_ok());
}

#[test]
fn a_foreign_a_newer_and_a_damaged_file_are_left_as_they_are() {
    let dir = Dir::new();
    drop(create(&dir.0));
    let file = dir.0.join(VAULT_FILE);
    let good = std::fs::read(&file).unwrap();
    // SQLite keeps `user_version` in bytes 60 to 64 of the file and `application_id` in 68 to 72.
    let change = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        bytes
    };
    for (bytes, expected) in [
        (change(63, 99), Code::VaultNewer),
        (change(70, 0), Code::VaultForeign),
        (b"not a vault at all".to_vec(), Code::VaultForeign),
    ] {
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(code(open(&dir)), expected);
        assert!(std::fs::read(&file).unwrap() == bytes);
    }
    std::fs::write(&file, &good).unwrap();
    assert!(open(&dir).is_ok());
}

#[test]
fn another_key_does_not_open_the_wallet() {
    let (dir, other) = (Dir::new(), Dir::new());
    drop((create(&dir.0), create(&other.0)));
    std::fs::copy(other.0.join(AREA_FILE), dir.0.join(AREA_FILE)).unwrap();
    assert_eq!(code(open(&dir)), Code::VaultWrongKey);
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = Dir::new();
    drop(create(&dir.0));
    std::fs::set_permissions(dir.0.join(AREA_FILE), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(open(&dir)), Code::VaultPermissions);
}

#[test]
fn the_state_goes_with_the_time() {
    let holder = Holder::new(72);
    let state = |days: i64| {
        holder
            .wallet
            .list(NOW.saturating_add_seconds(days * DAY))
            .unwrap()
            .documents[0]
            .state
    };
    assert_eq!(state(-2), DocumentState::NotYetValid);
    assert_eq!(state(0), DocumentState::Active);
    assert_eq!(state(101), DocumentState::Expired);
    assert_eq!(state(0).as_str(), "active");
}

/// H-H51: documents, copies and keys go, and the history says so.
#[test]
fn a_removed_document_is_gone_with_its_keys() {
    let holder = Holder::new(73);
    let licence = holder.licence;
    block_on(holder.wallet.remove(licence, NOW)).unwrap();
    assert_eq!(holder.wallet.count().unwrap(), 0);
    assert!(holder.wallet.list(NOW).unwrap().documents.is_empty());
    assert!(holder.dir.kept().iter().all(|(kind, ..)| !(1..=3).contains(kind)));
    let last = holder.wallet.history().unwrap().entries.pop().unwrap();
    assert_eq!(
        (last.event, last.documents[0].document),
        (Event::Removal, Some(licence))
    );
    let missing = |error: WalletError| matches!(error, WalletError::InvalidState(StateFault::NotFound));
    assert!(missing(holder.wallet.show(licence, NOW).unwrap_err()));
    assert!(missing(block_on(holder.wallet.remove(licence, NOW)).unwrap_err()));
    // Copy and key went too: the same device key may be bound again.
    let credential = holder.world.issue_mdl();
    assert!(common::import(&holder.wallet, &holder.world, credential).is_ok());
}

/// Damage stays with its document: the others list, show and answer.
#[test]
fn a_damaged_document_is_set_aside() {
    let Holder {
        wallet,
        dir,
        licence,
        world,
    } = Holder::new(74);
    let key = idwallet_test_support::key(idwallet_crypto::Curve::P256, 741);
    let issuer = world.mdoc_issuer("org.iso.7367.1.mVRC");
    let issuer = issuer
        .element("org.iso.7367.1", "registration_number", "30A-123.45")
        .copy(*key.public_key());
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let copies = vec![idwallet_wallet::NewCopy::with_device_key(issued, key)];
    let vehicle = common::import_loosely(&wallet, &world, copies).unwrap().id;
    drop(wallet);
    {
        let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
        let sql = "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = 1 AND id = ?";
        assert_eq!(raw.execute(sql, [vehicle.as_bytes().as_slice()]).unwrap(), 1);
    }
    let wallet = open(&dir).unwrap();
    let listing = wallet.list(NOW).unwrap();
    assert_eq!(listing.documents.iter().map(|d| d.id).collect::<Vec<_>>(), [licence]);
    assert_eq!(listing.damaged.iter().map(|d| d.id).collect::<Vec<_>>(), [vehicle]);
    assert_eq!(code(wallet.show(vehicle, NOW)), Code::RecordDamaged);
    assert!(wallet.show(licence, NOW).is_ok());
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    assert!(
        common::resolve(&wallet, &world, &request)
            .unwrap()
            .review()
            .can_answer()
    );
    // Only the owner takes it away, with its copies.
    block_on(wallet.remove(vehicle, NOW)).unwrap();
    drop(wallet);
    assert_eq!(dir.kept().len(), 3, "document, copy and key of the licence");
}

/// A damaged copy is no reason to fail: the document cannot answer, and the owner is told.
#[test]
fn a_damaged_copy_does_not_answer() {
    let Holder {
        wallet,
        dir,
        licence,
        world,
    } = Holder::new(75);
    drop(wallet);
    {
        let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
        let sql = "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = 2";
        assert_eq!(raw.execute(sql, []).unwrap(), 1);
    }
    let wallet = open(&dir).unwrap();
    assert_eq!(wallet.list(NOW).unwrap().documents[0].id, licence);
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let resolved = common::resolve(&wallet, &world, &request).unwrap();
    let unsuitable = &resolved.review().requests[0].unsuitable[0];
    assert_eq!(unsuitable.reason, idwallet_wallet::UnsuitableReason::Damaged);
}

#[test]
fn ids_are_read_as_they_are_written() {
    let id = Holder::new(76).licence;
    assert_eq!(id.to_string().parse::<DocumentId>().unwrap(), id);
    assert_eq!(id.to_string().to_uppercase().parse::<DocumentId>().unwrap(), id);
    for bad in [
        "",
        "12",
        "g0000000000000000000000000000000",
        "+0000000000000000000000000000000",
    ] {
        assert!(bad.parse::<DocumentId>().is_err());
    }
}

/// The area of the library works behind the port as any other.
#[test]
fn a_wallet_takes_any_secure_area() {
    let dir = Dir::new();
    let area: Arc<SoftwareSecureArea> =
        Arc::new(SoftwareSecureArea::create(&dir.0.join("elsewhere.key"), random()).unwrap());
    drop(block_on(Wallet::create(&dir.0, area.clone(), random())).unwrap());
    assert!(block_on(Wallet::open(&dir.0, area, random())).is_ok());
    assert_eq!(
        code(open(&dir)),
        Code::VaultMissing,
        "there is no key file of the usual name"
    );
}

/// A class of licence says nothing to who does not know its law, nor does a number in which the group is a letter: what they mean is told
/// where the document is shown, and where its owner is asked.
#[test]
fn what_codes_mean_is_told() {
    let mut desk = Desk::new(79);
    let told = |meanings: &[Shown], lang: Lang| -> Vec<String> {
        meanings.iter().map(|meaning| meaning.text(lang).to_owned()).collect()
    };
    let licence = desk.import(&desk.good("driving-licence", 0), 0).id;
    let expected = [
        "A1: Mô tô hai bánh đến 125 cm³ hoặc điện đến 11 kW",
        "B: Ô tô chở người đến 8 chỗ (không kể lái xe), ô tô tải đến 3.500 kg (cấp tối đa 10 năm)",
    ];
    let view = desk.wallet.show(licence, NOW).unwrap();
    let of = |element: &str| {
        &view
            .claims
            .iter()
            .find(|claim| claim.element == element)
            .unwrap()
            .meanings
    };
    assert_eq!(told(of("classes"), Lang::Vi), expected);
    assert!(told(of("classes"), Lang::En)[1].ends_with("(given for 10 years at most)"));
    assert!(of("family_name").is_empty());
    let request = desk.world.request(&[("org.iso.18013.5.1.VN", "classes")]);
    let resolved = common::resolve(&desk.wallet, &desk.world, &request).unwrap();
    let row = &resolved.review().requests[0].candidates[0].elements[0];
    assert_eq!(told(&row.gives[0].meanings, Lang::Vi), expected);
    // The same class under the older law is another one.
    let mut older = desk.good("driving-licence", 1);
    for (_, element, value) in &mut older.elements {
        match element.as_str() {
            "class_scheme" => *value = Value::Text("2008".into()),
            "classes" => *value = Value::Array(vec![Value::Text("B1".into())]),
            _ => {}
        }
    }
    older.elements.retain(|(_, element, _)| element != "driving_privileges");
    let signed = older.sign(&desk.world);
    let anchors = desk.world.issuer.anchors();
    let copies = vec![NewCopy::with_device_key(signed, desk.key(1))];
    let (policy, trust) = (Policy::lenient().at(NOW), IssuerTrust::new(&anchors));
    let older = block_on(desk.wallet.import(copies, &policy, &trust)).unwrap().id;
    let view = desk.wallet.show(older, NOW).unwrap();
    let classes = view.claims.iter().find(|claim| claim.element == "classes").unwrap();
    assert!(told(&classes.meanings, Lang::En)[0].starts_with("B1: Cars"));
    let mut insurance = desk.good("health-insurance", 2);
    let number = insurance
        .elements
        .iter_mut()
        .find(|(_, element, _)| element == "number")
        .unwrap();
    number.2 = Value::Text("DN4400000000017".into());
    let insurance = desk.import(&insurance, 2).id;
    let view = desk.wallet.show(insurance, NOW).unwrap();
    let number = view.claims.iter().find(|claim| claim.element == "number").unwrap();
    assert!(told(&number.meanings, Lang::En).contains(&"Benefit level: Level 4".to_owned()));
}
