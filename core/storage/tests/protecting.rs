//! What changes the way in: PIN set, changed and removed, recovery code, orders; and what is kept outside the PIN.
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

use common::area::{TestArea, now, poll_once};
use common::world::*;
use common::{DOCUMENT, id, random, raw};
use idwallet_storage::{
    Error, LockedVault, Order, RecoveryCode, Vault, create_with_area, create_with_pin, open_with_area,
};
use std::time::Duration;

fn wrong(outcome: Result<Vault, Error>) -> (u32, Duration) {
    match outcome {
        Err(Error::WrongPin { left, retry_after }) => (left, retry_after),
        other => panic!("{other:?}"),
    }
}

/// H-H50: set, change, remove; the old PIN is checked and counted.
#[test]
fn the_pin_is_set_changed_and_removed() {
    let world = World::empty();
    let path = world.dir.vault();
    let mut vault = now(create_with_area(&path, &world.area, random())).unwrap();
    let area = &world.area;
    assert!(!vault.has_pin());
    for outcome in [
        now(vault.change_pin(area, &pin(RIGHT), &pin(OTHER), seconds(1))),
        now(vault.remove_pin(area, &pin(RIGHT), seconds(1))),
        now(vault.set_recovery_code(area, &pin(RIGHT), seconds(1))).map(drop),
    ] {
        assert!(matches!(outcome, Err(Error::NoPin)));
    }
    now(vault.set_pin(area, &pin(RIGHT), seconds(1))).unwrap();
    assert!(vault.has_pin());
    assert!(matches!(
        now(vault.set_pin(area, &pin(OTHER), seconds(1))),
        Err(Error::PinExists)
    ));
    world.fill(vault);
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    for left in [5, 4] {
        let outcome = now(vault.change_pin(area, &pin(WRONG), &pin(OTHER), seconds(1)));
        assert!(matches!(outcome, Err(Error::WrongPin { left: found, .. }) if found == left));
    }
    now(vault.change_pin(area, &pin(RIGHT), &pin(OTHER), seconds(1))).unwrap();
    assert_eq!(document(&vault), b"a document");
    drop(vault);
    assert_eq!(
        wrong(world.unlock(RIGHT, 1)),
        (5, Duration::ZERO),
        "the old one is wrong, the count began anew"
    );
    let mut vault = world.unlock(OTHER, 1).unwrap();
    assert!(matches!(
        now(vault.remove_pin(area, &pin(WRONG), seconds(1))),
        Err(Error::WrongPin { .. })
    ));
    now(vault.remove_pin(area, &pin(OTHER), seconds(1))).unwrap();
    drop(vault);
    let vault = now(open_with_area(&path, area, random())).unwrap();
    assert_eq!(document(&vault), b"a document");
}

/// DESIGN §4, §7: a change that is dropped at any await leaves one PIN that opens, the old one or the new one.
#[test]
fn a_change_cut_off_leaves_one_pin() {
    let world = World::new();
    for at in 0.. {
        let mut vault = world.unlock(RIGHT, 1).unwrap();
        world.area.set(|temper| {
            temper.calls.clear();
            temper.stall = Some((at, true));
        });
        let done = poll_once(vault.change_pin(&world.area, &pin(RIGHT), &pin(OTHER), seconds(1))).is_some();
        world.area.set(|temper| temper.stall = None);
        drop(vault);
        let (now_right, now_wrong) = if done { (OTHER, RIGHT) } else { (RIGHT, OTHER) };
        assert!(matches!(world.unlock(now_wrong, 1), Err(Error::WrongPin { .. })));
        assert_eq!(document(&world.unlock(now_right, 1).unwrap()), b"a document");
        if done {
            assert!(at >= 4, "there are calls to stall at");
            return;
        }
    }
}

/// H-H50: a forgotten PIN: the recovery code opens, even while a wait runs, and sets a new PIN; a wrong one, or another area, does not.
#[test]
fn the_recovery_code_replaces_a_forgotten_pin() {
    let world = World::new();
    let area = &world.area;
    let recover = |locked: LockedVault, area: &TestArea, code: &RecoveryCode| {
        now(locked.unlock_with_recovery_code(area, code, &pin(OTHER), seconds(2000), random())).map_err(Error::from)
    };
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    let code = now(vault.set_recovery_code(area, &pin(RIGHT), seconds(1))).unwrap();
    drop(vault);
    // Another vault's code is well formed, and not this one's.
    let elsewhere = World::new();
    let mut other = elsewhere.unlock(RIGHT, 1).unwrap();
    assert!(matches!(
        now(other.remove_recovery_code(&elsewhere.area, seconds(1))),
        Err(Error::NoRecoveryCode)
    ));
    let foreign = now(other.set_recovery_code(&elsewhere.area, &pin(RIGHT), seconds(1))).unwrap();
    drop(other);
    world.fail(6);
    assert!(matches!(world.unlock(RIGHT, 1000), Err(Error::Locked { .. })));
    assert!(matches!(
        recover(world.locked(), area, &foreign),
        Err(Error::WrongRecoveryCode)
    ));
    assert_eq!(world.access(1000).failures, 6, "a wrong code is no wrong PIN");
    assert!(matches!(
        recover(world.locked(), &elsewhere.area, &code),
        Err(Error::WrongKey)
    ));
    let typed = RecoveryCode::parse(&code.text().expose().to_lowercase()).unwrap();
    let vault = recover(world.locked(), area, &typed).unwrap();
    assert_eq!(document(&vault), b"a document");
    assert_eq!(vault.opening().failures, 6);
    drop(vault);
    assert!(matches!(world.unlock(RIGHT, 2000), Err(Error::WrongPin { .. })));
    let mut vault = world.unlock(OTHER, 2000).unwrap();
    now(vault.remove_recovery_code(area, seconds(2000))).unwrap();
    assert!(!vault.has_recovery_code());
    drop(vault);
    assert!(matches!(
        recover(world.locked(), area, &code),
        Err(Error::NoRecoveryCode)
    ));
}

/// The header's rows of one file in the place of those of another, checksums and all.
fn splice(from: &std::path::Path, to: &std::path::Path) {
    let to = raw(to);
    to.execute("ATTACH ? AS old", [from.to_str().unwrap()]).unwrap();
    to.execute_batch("DELETE FROM header; INSERT INTO header SELECT * FROM old.header;")
        .unwrap();
}

/// H-H50: a way in that was taken away stays away, though its header is put beside the records of now: an old PIN, no PIN, a code.
#[test]
fn an_old_header_is_no_way_in() {
    let (world, plain) = (World::new(), World::empty());
    let (area, path) = (&world.area, world.dir.vault());
    let recover = |locked: LockedVault, code: &RecoveryCode, at| {
        now(locked.unlock_with_recovery_code(area, code, &pin(OTHER), seconds(at), random())).map_err(Error::from)
    };
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    let code = now(vault.set_recovery_code(area, &pin(RIGHT), seconds(1))).unwrap();
    drop(vault);
    let before = world.copy("before");
    let mut vault = world.unlock(RIGHT, 2).unwrap();
    now(vault.remove_recovery_code(area, seconds(2))).unwrap();
    now(vault.change_pin(area, &pin(RIGHT), &pin(OTHER), seconds(2))).unwrap();
    drop(vault);
    let current = world.copy("current");

    splice(&before, &path);
    assert!(matches!(world.unlock(RIGHT, 3), Err(Error::FileDamaged(_))));
    assert!(matches!(recover(world.locked(), &code, 3), Err(Error::FileDamaged(_))));
    // With the state of the lock destroyed as well it takes the longest wait, and is told.
    world.put_back(&current);
    splice(&before, &path);
    raw(&path)
        .execute("UPDATE outside SET sealed = zeroblob(80) WHERE item < 3", [])
        .unwrap();
    assert!(matches!(world.unlock(RIGHT, 3), Err(Error::Locked { retry_after }) if retry_after == seconds(DAY)));
    assert!(matches!(recover(world.locked(), &code, 3), Err(Error::Locked { .. })));
    assert!(world.access(3).restored);
    world.put_back(&current);
    assert!(world.unlock(OTHER, 5).is_ok());

    // A header from before there was a PIN.
    let (area, path) = (&plain.area, plain.dir.vault());
    let mut vault = now(create_with_area(&path, area, random())).unwrap();
    let before = plain.copy("before");
    now(vault.set_pin(area, &pin(RIGHT), seconds(1))).unwrap();
    drop(vault);
    let current = plain.copy("current");
    let open = || now(open_with_area(&path, area, random()));
    for destroy in [
        "UPDATE outside SET sealed = zeroblob(80) WHERE item < 3",
        "DELETE FROM outside WHERE item < 3",
    ] {
        splice(&before, &path);
        assert!(matches!(open(), Err(Error::FileDamaged(_))));
        raw(&path).execute(destroy, []).unwrap();
        assert!(matches!(open(), Err(Error::Locked { retry_after }) if retry_after == seconds(DAY)));
        plain.put_back(&current);
    }
    assert!(plain.unlock(RIGHT, 2).is_ok());
}

/// H-H50: an order holds the vault against the right PIN and the recovery code; only a newer order releases it.
#[test]
fn an_order_holds_and_releases() {
    let world = World::new();
    let area = &world.area;
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    let code = now(vault.set_recovery_code(area, &pin(RIGHT), seconds(1))).unwrap();
    let order = |number, order| now(world.locked().order(area, number, order, seconds(1), &*random()));
    drop(vault);
    order(7, Order::Hold).unwrap();
    let tries = area.called("unwrap data");
    let access = world.access(1);
    assert_eq!((access.held, access.last_order, access.failures), (true, 7, 0));
    assert!(matches!(world.unlock(RIGHT, 1), Err(Error::Held)));
    assert!(matches!(world.unlock(WRONG, 1), Err(Error::Held)));
    let recovered = now(world
        .locked()
        .unlock_with_recovery_code(area, &code, &pin(OTHER), seconds(1), random()));
    assert!(matches!(recovered.map_err(Error::from), Err(Error::Held)));
    assert_eq!(area.called("unwrap data"), tries, "no try was made");
    assert_eq!(world.access(1).failures, 0);
    for old in [0, 6, 7] {
        assert!(matches!(order(old, Order::Release), Err(Error::StaleOrder)), "{old}");
    }
    order(8, Order::Count).unwrap();
    assert!(world.access(1).held, "counting releases nothing");
    assert!(matches!(order(8, Order::Release), Err(Error::StaleOrder)));
    order(9, Order::Release).unwrap();
    assert!(matches!(order(9, Order::Hold), Err(Error::StaleOrder)));
    order(10, Order::Count).unwrap();
    assert!(world.unlock(RIGHT, 1).is_ok(), "nor does it hold");
    // A file from before an order is known as such.
    let before = world.copy("before");
    order(11, Order::Hold).unwrap();
    order(12, Order::Release).unwrap();
    order(13, Order::Hold).unwrap();
    world.put_back(&before);
    assert!(world.access(1).restored);
}

/// H-H50: who has the PIN and puts back the file from before a hold waits as long as anybody ever does, and is told of.
#[test]
fn a_file_from_before_a_hold_costs_the_longest_wait() {
    let world = World::new();
    let before = world.copy("before");
    let order = |number, order| now(world.locked().order(&world.area, number, order, seconds(1), &*random()));
    order(1, Order::Hold).unwrap();
    world.put_back(&before);
    let refused = world.unlock(RIGHT, 2).map(drop);
    assert!(
        matches!(refused, Err(Error::Locked { retry_after }) if retry_after == seconds(DAY)),
        "{refused:?}"
    );
    assert!(world.access(2).restored);
    order(2, Order::Hold).unwrap();
    assert!(matches!(world.unlock(RIGHT, 2 + DAY), Err(Error::Held)));
    order(3, Order::Release).unwrap();
    assert!(world.unlock(RIGHT, 3 + DAY).is_ok());
}

/// H-H50: an order holds a vault without a PIN too.
#[test]
fn an_order_holds_a_vault_without_a_pin() {
    let world = World::empty();
    let path = world.dir.vault();
    drop(now(create_with_area(&path, &world.area, random())).unwrap());
    let order = |number, order| now(world.locked().order(&world.area, number, order, seconds(1), &*random()));
    order(1, Order::Hold).unwrap();
    assert!(matches!(
        now(open_with_area(&path, &world.area, random())),
        Err(Error::Held)
    ));
    order(2, Order::Release).unwrap();
    assert!(now(open_with_area(&path, &world.area, random())).is_ok());
}

/// DESIGN §7: what is kept outside is read without the PIN and not without the area; altered, it is damaged and nothing else is.
#[test]
fn the_record_outside_is_read_without_the_pin() {
    let world = World::new();
    let outside = || now(world.locked().outside(&world.area, &*random()));
    assert!(outside().unwrap().is_none());
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    let generation = vault.generation().unwrap();
    let dropped: Result<(), Error> = vault.transaction(|tx| {
        tx.set_outside(b"never")?;
        Err(Error::NotFound)
    });
    assert!(dropped.is_err());
    assert!(vault.outside().unwrap().is_none());
    vault
        .transaction(|tx| {
            tx.insert(DOCUMENT, id(2, 0), b"another", &[])?;
            tx.set_outside(b"ask the issuer again")
        })
        .unwrap();
    assert_eq!(vault.generation().unwrap(), generation + 1);
    assert_eq!(vault.outside().unwrap().unwrap().expose(), b"ask the issuer again");
    drop(vault);
    assert_eq!(outside().unwrap().unwrap().expose(), b"ask the issuer again");
    let other = World::empty();
    assert!(matches!(
        now(world.locked().outside(&other.area, &*random())),
        Err(Error::WrongKey)
    ));
    let sealed: Vec<u8> = raw(&world.dir.vault())
        .query_row("SELECT sealed FROM outside WHERE item = 3", [], |row| row.get(0))
        .unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"issuer"));
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        raw(&world.dir.vault())
            .execute("UPDATE outside SET sealed = ? WHERE item = 3", [altered])
            .unwrap();
        assert!(matches!(outside(), Err(Error::OutsideDamaged)), "byte {at}");
    }
    // The state of the lock is no record.
    raw(&world.dir.vault())
        .execute(
            "UPDATE outside SET sealed = (SELECT sealed FROM outside WHERE item = 1) WHERE item = 3",
            [],
        )
        .unwrap();
    assert!(matches!(outside(), Err(Error::OutsideDamaged)));
    let vault = world.unlock(RIGHT, 1).unwrap();
    assert_eq!(document(&vault), b"a document");
}

/// DESIGN §4: every future of the vault can move between threads.
#[test]
fn the_futures_are_send() {
    fn is_send<T: Send>(_: T) {}
    let world = World::new();
    let (area, right) = (&world.area, pin(RIGHT));
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    is_send(vault.set_pin(area, &right, seconds(1)));
    is_send(vault.change_pin(area, &right, &right, seconds(1)));
    is_send(vault.remove_pin(area, &right, seconds(1)));
    is_send(vault.set_recovery_code(area, &right, seconds(1)));
    is_send(vault.anchor(area));
    is_send(vault.accept_rollback(area));
    let mut locked = vault.lock();
    is_send(locked.access(area, seconds(1), &*random()));
    is_send(locked.outside(area, &*random()));
    is_send(locked.order(area, 1, Order::Hold, seconds(1), &*random()));
    is_send(locked.unlock_with(area, Some(&right), seconds(1), random()));
    is_send(create_with_pin(&world.dir.vault(), area, &right, random()));
    is_send(open_with_area(&world.dir.vault(), area, random()));
}
