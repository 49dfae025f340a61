//! Vaults of every schema that was released: they open, come forward, and keep every record. See `tests/migrations/README.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod common;

use common::area::now;
use common::{DOCUMENT, Dir, SUMMARY, id, random};
use idwallet_storage::{
    DataKey, Error, LockedVault, Lookup, Order, Pin, RecoveryCode, Rollback, SCHEMA, SoftwareSecureArea, Vault,
    create_with_pin,
};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FIXTURE_KEY: [u8; 32] = *b"schema fixture, not a secret key";
const PIN: &str = "271828";
const UPTIME: Duration = Duration::from_secs(1000);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/migrations")
}

/// Copies a file, for its owner alone: Git keeps no modes.
fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).unwrap();
}

fn schema_1(dir: &Dir) -> PathBuf {
    let path = dir.0.join("vault.db");
    copy(&fixtures().join("schema-1.vault"), &path);
    path
}

/// The folder of a vault with its software area.
fn with_area(dir: &Dir, name: &str) -> (PathBuf, SoftwareSecureArea) {
    fs::set_permissions(&dir.0, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(fixtures().join(name)).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &dir.0.join(entry.file_name()));
    }
    let area = SoftwareSecureArea::open(&dir.0.join("area.key"), random()).unwrap();
    (dir.0.join("vault.db"), area)
}

/// What every fixture holds, and that it takes more.
fn check(mut vault: Vault, generation: u64) {
    assert!(vault.manifest_holds().unwrap());
    assert_eq!(vault.generation().unwrap(), generation);
    let content = |vault: &Vault, first| vault.read(DOCUMENT, id(first, 0)).unwrap().into_data().expose().clone();
    for first in 1..=3 {
        assert_eq!(content(&vault, first), [first; 700]);
    }
    assert!(matches!(vault.read(DOCUMENT, id(4, 0)), Err(Error::NotFound)));
    assert_eq!(content(&vault, 5), b"replaced");
    for first in 1..=5 {
        assert_eq!(vault.read(SUMMARY, id(first, 0)).unwrap().data().expose(), &[first; 30]);
    }
    for (kind, count) in [(DOCUMENT, 4), (SUMMARY, 5)] {
        let list = vault.list(kind).unwrap();
        assert!(list.len() == count && list.iter().all(|entry| entry.record.is_ok()));
    }
    let odd = Lookup {
        name: "type",
        value: &[1],
    };
    assert_eq!(vault.find(SUMMARY, odd).unwrap(), [id(1, 0), id(3, 0), id(5, 0)]);
    vault
        .transaction(|tx| tx.insert(DOCUMENT, id(6, 0), b"and it takes more", &[]))
        .unwrap();
    assert_eq!(content(&vault, 6), b"and it takes more");
}

fn fill(vault: &mut Vault) {
    for first in 1..=5 {
        let lookup = Lookup {
            name: "type",
            value: &[first % 2],
        };
        vault
            .transaction(|tx| {
                tx.insert(DOCUMENT, id(first, 0), &[first; 700], &[])?;
                tx.insert(SUMMARY, id(first, 0), &[first; 30], &[lookup])
            })
            .unwrap();
    }
    vault
        .transaction(|tx| tx.replace(DOCUMENT, id(5, 0), b"replaced", &[]))
        .unwrap();
    vault.transaction(|tx| tx.delete(DOCUMENT, id(4, 0))).unwrap();
}

/// Makes the fixture of the current schema in a folder that does not exist yet; run by hand when a schema is released.
#[test]
#[ignore = "writes tests/migrations/schema-<n>"]
fn generate_fixture() {
    let dir = Dir::new();
    let to = fixtures().join(format!("schema-{SCHEMA}"));
    fs::create_dir(&to).unwrap();
    fs::set_permissions(&dir.0, fs::Permissions::from_mode(0o700)).unwrap();
    let (path, key) = (dir.0.join("vault.db"), dir.0.join("area.key"));
    let area = SoftwareSecureArea::create(&key, random()).unwrap();
    let pin = Pin::new(PIN).unwrap();
    let mut vault = now(create_with_pin(&path, &area, &pin, random())).unwrap();
    fill(&mut vault);
    vault
        .transaction(|tx| tx.set_outside(b"readable without the PIN"))
        .unwrap();
    println!(
        "{}",
        now(vault.set_recovery_code(&area, &pin, UPTIME))
            .unwrap()
            .text()
            .expose()
    );
    now(vault.anchor(&area)).unwrap();
    let mut locked = vault.lock();
    now(locked.order(&area, 2, Order::Hold, UPTIME, &*random())).unwrap();
    now(locked.order(&area, 3, Order::Release, UPTIME, &*random())).unwrap();
    for _ in 0..2 {
        let wrong = Pin::new("161803").unwrap();
        locked = now(locked.unlock_with(&area, Some(&wrong), UPTIME, random()))
            .unwrap_err()
            .vault;
    }
    drop(locked);
    for file in ["vault.db", "area.key", "area.key.counters"] {
        fs::copy(dir.0.join(file), to.join(file)).unwrap();
    }
}

/// DESIGN §7: a vault of the first schema comes forward with a copy beforehand, every record and its key.
#[test]
fn the_fixture_of_schema_1_opens() {
    let dir = Dir::new();
    let path = schema_1(&dir);
    let locked = LockedVault::open(&path).unwrap();
    assert_eq!(locked.wrapped_key(), b"fixture");
    assert!(!locked.needs_pin());
    let vault = locked.unlock(&DataKey::new(FIXTURE_KEY), random()).unwrap();
    assert_eq!(vault.rollback(), Rollback::NotDetectable);
    check(vault, 7);
    let kept = dir.0.join("vault.db.schema-1");
    assert_eq!(
        fs::read(&kept).unwrap(),
        fs::read(fixtures().join("schema-1.vault")).unwrap()
    );
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    // The second opening has nothing to do.
    let vault = LockedVault::open(&path)
        .unwrap()
        .unlock(&DataKey::new(FIXTURE_KEY), random())
        .unwrap();
    assert_eq!(
        vault.read(DOCUMENT, id(6, 0)).unwrap().data().expose(),
        b"and it takes more"
    );
}

/// DESIGN §7: a vault of the first schema with its area gets what schema 2 has, and a PIN removes the copy that opens without it.
#[test]
fn a_vault_of_schema_1_gets_a_pin() {
    let dir = Dir::new();
    let (path, area) = with_area(&dir, "wallet-1");
    let mut vault = now(idwallet_storage::open_with_area(&path, &area, random())).unwrap();
    assert!(vault.manifest_holds().unwrap());
    assert_eq!(vault.rollback(), Rollback::None, "it is anchored from now on");
    let pin = Pin::new(PIN).unwrap();
    assert!(dir.0.join("vault.db.schema-1").exists());
    now(vault.set_pin(&area, &pin, UPTIME)).unwrap();
    assert!(!dir.0.join("vault.db.schema-1").exists());
    let refused = now(vault.lock().unlock_with(&area, None, UPTIME, random())).unwrap_err();
    assert!(matches!(refused.error, Error::PinNeeded));
    assert!(now(refused.vault.unlock_with(&area, Some(&pin), UPTIME, random())).is_ok());
}

/// DESIGN §7: a vault of schema 2, with its PIN, its count of tries, its orders, its recovery code and its anchor.
#[test]
fn the_fixture_of_schema_2_opens() {
    let dir = Dir::new();
    let (path, area) = with_area(&dir, "schema-2");
    let mut locked = LockedVault::open(&path).unwrap();
    let access = now(locked.access(&area, UPTIME, &*random())).unwrap();
    assert!(access.needs_pin && access.has_recovery_code && !access.held && !access.restored);
    assert_eq!((access.failures, access.last_order), (2, 3));
    let outside = now(locked.outside(&area, &*random())).unwrap().unwrap();
    assert_eq!(outside.expose(), b"readable without the PIN");
    let vault = now(locked.unlock_with(&area, Some(&Pin::new(PIN).unwrap()), UPTIME, random())).unwrap();
    assert_eq!((vault.opening().failures, vault.rollback()), (2, Rollback::None));
    check(vault, 9);

    let dir = Dir::new();
    let (path, area) = with_area(&dir, "schema-2");
    let code = RecoveryCode::parse(CODE).unwrap();
    let new = Pin::new("314159").unwrap();
    let locked = LockedVault::open(&path).unwrap();
    check(
        now(locked.unlock_with_recovery_code(&area, &code, &new, UPTIME, random())).unwrap(),
        9,
    );
}

/// The recovery code of the fixture.
const CODE: &str = "7QGCM-RJ01T-9YM2F-8E06G-Y013N-FY3H4";

/// DESIGN §7: a vault of a schema that is not made yet is refused with a clear text, and every file stays as it is.
#[test]
fn a_newer_schema_is_refused_untouched() {
    let dir = Dir::new();
    let (path, _) = with_area(&dir, "schema-2");
    let mut newer = fs::read(&path).unwrap();
    newer[60..64].copy_from_slice(&(SCHEMA + 1).to_be_bytes());
    fs::write(&path, &newer).unwrap();
    let key = fs::read(dir.0.join("area.key")).unwrap();
    let error = LockedVault::open(&path).err().unwrap();
    assert_eq!(error.to_string(), "the vault has schema 3, this software knows up to 2");
    assert_eq!(fs::read(&path).unwrap(), newer);
    assert_eq!(fs::read(dir.0.join("area.key")).unwrap(), key);
    assert!(!dir.0.join("vault.db.schema-2").exists());
}
