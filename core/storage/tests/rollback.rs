//! The whole file put back: known where the secure area counts, and said to be unknown where it does not.
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
use common::{DOCUMENT, Dir, create, id, random};
use idwallet_storage::{Error, Rollback, Vault, create_with_area, open_with_area};
use std::fs;
use std::path::Path;

struct World {
    dir: Dir,
    area: TestArea,
}

impl World {
    fn new(cannot_count: bool) -> (Self, Vault) {
        let dir = Dir::new();
        let area = TestArea::new(&dir.0.join("area").join("area.key"));
        area.set(|temper| temper.cannot_count = cannot_count);
        let vault = now(create_with_area(&dir.vault(), &area, random())).unwrap();
        (Self { dir, area }, vault)
    }

    fn open(&self) -> Vault {
        now(open_with_area(&self.dir.vault(), &self.area, random())).unwrap()
    }

    fn copy(&self, name: &str) -> std::path::PathBuf {
        let copy = self.dir.0.join(name);
        fs::copy(self.dir.vault(), &copy).unwrap();
        copy
    }

    fn put_back(&self, copy: &Path) {
        let _ = fs::remove_file(self.dir.vault().with_file_name("vault.db-wal"));
        fs::copy(copy, self.dir.vault()).unwrap();
    }
}

fn write(vault: &mut Vault, first: u8) {
    vault
        .transaction(|tx| tx.put(DOCUMENT, id(first, 0), b"a document", &[]))
        .unwrap();
}

/// DESIGN §7: each anchoring makes every file from before it known as such; the vault opens all the same, and only its owner's
/// explicit word takes the old file for the current one.
#[test]
fn a_file_put_back_whole_is_detected() {
    let (world, mut vault) = World::new(false);
    assert_eq!(vault.rollback(), Rollback::None);
    let mut copies = Vec::new();
    for first in 1..=3 {
        write(&mut vault, first);
        write(&mut vault, first);
        assert_eq!(now(vault.anchor(&world.area)).unwrap(), Rollback::None);
        drop(vault);
        copies.push(world.copy(&first.to_string()));
        vault = world.open();
        assert_eq!(vault.rollback(), Rollback::None);
    }
    drop(vault);
    world.put_back(&copies[2]);
    assert_eq!(world.open().rollback(), Rollback::None, "the newest is the newest");
    for (behind, copy) in [(2, &copies[0]), (1, &copies[1])] {
        world.put_back(copy);
        let mut vault = world.open();
        let Rollback::Detected { file, area: Some(area) } = vault.rollback() else {
            panic!("{:?}", vault.rollback())
        };
        assert_eq!(area - file, behind);
        // It is usable, and writing and anchoring do not hide what happened.
        write(&mut vault, 9);
        assert!(matches!(
            now(vault.anchor(&world.area)).unwrap(),
            Rollback::Detected { .. }
        ));
        drop(vault);
        assert!(matches!(world.open().rollback(), Rollback::Detected { .. }));
    }
    let mut vault = world.open();
    assert_eq!(now(vault.accept_rollback(&world.area)).unwrap(), Rollback::None);
    write(&mut vault, 10);
    now(vault.anchor(&world.area)).unwrap();
    drop(vault);
    assert_eq!(world.open().rollback(), Rollback::None);
    // What was accepted is the current one now: the others are older still.
    world.put_back(&copies[2]);
    assert!(matches!(world.open().rollback(), Rollback::Detected { .. }));
}

/// DESIGN §7: anchored once at its beginning, a session makes every file from before it known as such, with no word at its end.
#[test]
fn a_session_outdates_every_file_from_before() {
    let (world, mut vault) = World::new(false);
    let mut before = Vec::new();
    for session in 1..=3 {
        drop(vault);
        before.push(world.copy(&session.to_string()));
        vault = world.open();
        assert_eq!(vault.rollback(), Rollback::None);
        assert_eq!(now(vault.anchor_session(&world.area)).unwrap(), Rollback::None);
        write(&mut vault, session);
        write(&mut vault, session);
    }
    drop(vault);
    let current = world.copy("current");
    for copy in &before {
        world.put_back(copy);
        assert!(matches!(world.open().rollback(), Rollback::Detected { .. }));
    }
    world.put_back(&current);
    assert_eq!(world.open().rollback(), Rollback::None);
    // Cut off anywhere, it is no rollback, and the next session begins as usual.
    for at in 1..=2 {
        for after in [false, true] {
            let mut vault = world.open();
            let calls = world.area.temper.lock().unwrap().calls.len();
            world.area.set(|temper| temper.stall = Some((calls + at - 1, after)));
            assert!(poll_once(vault.anchor_session(&world.area)).is_none());
            world.area.set(|temper| temper.stall = None);
            drop(vault);
            let mut vault = world.open();
            assert_eq!(vault.rollback(), Rollback::None);
            assert_eq!(now(vault.anchor_session(&world.area)).unwrap(), Rollback::None);
        }
    }
}

/// DESIGN §7: a power cut between writing and anchoring is no rollback, and the next anchoring catches up.
#[test]
fn a_cut_between_writing_and_anchoring_is_no_rollback() {
    let (world, mut vault) = World::new(false);
    for first in 1..=4 {
        let before = {
            drop(vault);
            world.copy("before")
        };
        vault = world.open();
        write(&mut vault, first);
        drop(vault);
        vault = world.open();
        assert_eq!(vault.rollback(), Rollback::None, "one ahead");
        write(&mut vault, first);
        for after in [false, true] {
            // Cut off before the counter was raised, and after.
            let calls = {
                let mut temper = world.area.temper.lock().unwrap();
                let calls = temper.calls.len();
                temper.stall = Some((calls + 1, after));
                calls
            };
            assert!(poll_once(vault.anchor(&world.area)).is_none());
            assert_eq!(
                &world.area.temper.lock().unwrap().calls[calls..],
                ["read_counter", "increment_counter"]
            );
            world.area.set(|temper| temper.stall = None);
            assert_eq!(vault.rollback(), Rollback::None);
        }
        drop(vault);
        vault = world.open();
        assert_eq!(vault.rollback(), Rollback::None);
        assert_eq!(now(vault.anchor(&world.area)).unwrap(), Rollback::None);
        drop(vault);
        let current = world.copy("current");
        world.put_back(&before);
        assert!(matches!(world.open().rollback(), Rollback::Detected { .. }));
        world.put_back(&current);
        vault = world.open();
        assert_eq!(vault.rollback(), Rollback::None);
    }
}

/// DESIGN §7: an anchoring that has nothing to say asks the area nothing.
#[test]
fn an_anchoring_without_a_write_does_nothing() {
    let (world, mut vault) = World::new(false);
    write(&mut vault, 1);
    now(vault.anchor(&world.area)).unwrap();
    let calls = world.area.temper.lock().unwrap().calls.len();
    now(vault.anchor(&world.area)).unwrap();
    assert_eq!(world.area.temper.lock().unwrap().calls.len(), calls);
}

/// DESIGN §7: without a counter it is said that nobody can tell.
#[test]
fn without_counters_it_is_said_to_be_not_detectable() {
    let (world, mut vault) = World::new(true);
    assert_eq!(vault.rollback(), Rollback::NotDetectable);
    write(&mut vault, 1);
    drop(vault);
    let copy = world.copy("copy");
    vault = world.open();
    write(&mut vault, 2);
    assert_eq!(now(vault.anchor(&world.area)).unwrap(), Rollback::NotDetectable);
    drop(vault);
    world.put_back(&copy);
    assert_eq!(world.open().rollback(), Rollback::NotDetectable);
    // An area that learns to count anchors it from then on.
    world.area.set(|temper| temper.cannot_count = false);
    assert_eq!(world.open().rollback(), Rollback::None);
    // Without its area nobody can tell either.
    let dir = Dir::new();
    assert_eq!(create(&dir.vault()).rollback(), Rollback::NotDetectable);
}

/// DESIGN §7: a lost counter is told, not taken for a new start.
#[test]
fn a_lost_counter_is_told() {
    let (world, mut vault) = World::new(false);
    write(&mut vault, 1);
    now(vault.anchor(&world.area)).unwrap();
    drop(vault);
    fs::remove_file(world.area.file.with_file_name("area.key.counters")).unwrap();
    let mut vault = world.open();
    assert!(matches!(vault.rollback(), Rollback::Detected { area: None, .. }));
    assert!(matches!(
        now(vault.anchor(&world.area)).unwrap(),
        Rollback::Detected { area: None, .. }
    ));
    drop(vault);
    let mut vault = world.open();
    assert!(matches!(vault.rollback(), Rollback::Detected { area: None, .. }));
    assert_eq!(now(vault.accept_rollback(&world.area)).unwrap(), Rollback::None);
    drop(vault);
    assert_eq!(world.open().rollback(), Rollback::None);
}

/// DESIGN §7: a damaged root says nothing about its age, and does not keep the vault shut.
#[test]
fn a_damaged_root_leaves_it_unknown() {
    let (world, mut vault) = World::new(false);
    write(&mut vault, 1);
    drop(vault);
    common::raw(&world.dir.vault())
        .execute("UPDATE manifest SET sealed = zeroblob(2200) WHERE bucket = 256", [])
        .unwrap();
    let mut vault = world.open();
    assert_eq!(vault.rollback(), Rollback::NotDetectable);
    assert!(matches!(now(vault.anchor(&world.area)), Err(Error::ManifestDamaged)));
}
