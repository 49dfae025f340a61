//! Records: written, read, listed, found, and every way of tampering with them.
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

use common::{DOCUMENT, Dir, SUMMARY, create, id, open, raw, secret};
use idwallet_storage::{Damage, Error, LockedVault, Lookup, MAX_LOOKUPS, MAX_RECORD_LEN, NewVault, Vault};

fn data(vault: &Vault, first: u8) -> Result<Vec<u8>, Error> {
    vault
        .read(DOCUMENT, id(first, 0))
        .map(|record| record.data().expose().clone())
}

fn damage(result: Result<Vec<u8>, Error>) -> Damage {
    match result {
        Err(Error::Damaged { damage, .. }) => damage,
        other => panic!("expected damage, got {other:?}"),
    }
}

/// Three documents and their summaries, closed.
fn three(dir: &Dir) {
    let mut vault = create(&dir.vault());
    for first in 1..=3 {
        vault
            .transaction(|tx| {
                tx.insert(DOCUMENT, id(first, 0), &[first; 300], &[])?;
                tx.insert(
                    SUMMARY,
                    id(first, 0),
                    &[first; 20],
                    &[Lookup {
                        name: "n",
                        value: &[first],
                    }],
                )
            })
            .unwrap();
    }
}

#[test]
fn what_is_written_is_read_again_by_the_next_process() {
    let dir = Dir::new();
    three(&dir);
    let mut vault = open(&dir.vault()).unwrap();
    assert_eq!(data(&vault, 2).unwrap(), [2; 300]);
    assert!(matches!(data(&vault, 4), Err(Error::NotFound)));
    assert_eq!(vault.generation().unwrap(), 3);
    vault
        .transaction(|tx| tx.replace(DOCUMENT, id(2, 0), b"new", &[]))
        .unwrap();
    vault.transaction(|tx| tx.delete(DOCUMENT, id(3, 0))).unwrap();
    let vault = {
        drop(vault);
        open(&dir.vault()).unwrap()
    };
    assert_eq!(data(&vault, 2).unwrap(), b"new");
    assert!(matches!(data(&vault, 3), Err(Error::NotFound)));
    let listed = vault.list(SUMMARY).unwrap();
    let ids: Vec<_> = listed.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, [id(1, 0), id(2, 0), id(3, 0)]);
    assert_eq!(listed[2].record.as_ref().unwrap().data().expose(), &[3; 20]);
    assert_eq!(vault.count(DOCUMENT).unwrap().records, 2);
}

#[test]
fn lengths_at_the_borders_survive() {
    let dir = Dir::new();
    let mut vault = create(&dir.vault());
    for (number, len) in [
        0,
        1,
        123,
        124,
        125,
        4092,
        4093,
        65_532,
        65_533,
        1_000_000,
        MAX_RECORD_LEN,
    ]
    .iter()
    .enumerate()
    {
        let content: Vec<u8> = (0..*len).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let id = id(u8::try_from(number).unwrap(), 0);
        vault.transaction(|tx| tx.insert(DOCUMENT, id, &content, &[])).unwrap();
        assert!(vault.read(DOCUMENT, id).unwrap().data().expose() == &content);
    }
    let too_long = vec![0; MAX_RECORD_LEN + 1];
    let refused = vault.transaction(|tx| tx.insert(DOCUMENT, id(99, 0), &too_long, &[]));
    assert!(matches!(
        refused,
        Err(Error::TooLarge {
            limit: MAX_RECORD_LEN,
            ..
        })
    ));
    let many = [Lookup { name: "n", value: b"v" }; MAX_LOOKUPS + 1];
    let refused = vault.transaction(|tx| tx.insert(DOCUMENT, id(99, 0), b"", &many));
    assert!(matches!(refused, Err(Error::TooLarge { limit: MAX_LOOKUPS, .. })));
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let dir = Dir::new();
    three(&dir);
    let mut vault = open(&dir.vault()).unwrap();
    let outcome: Result<(), Error> = vault.transaction(|tx| {
        tx.delete(DOCUMENT, id(1, 0))?;
        tx.replace(DOCUMENT, id(2, 0), b"other", &[])?;
        tx.insert(DOCUMENT, id(7, 0), b"more", &[])?;
        assert_eq!(tx.read(DOCUMENT, id(7, 0))?.data().expose(), b"more");
        assert!(matches!(tx.read(DOCUMENT, id(1, 0)), Err(Error::NotFound)));
        tx.insert(DOCUMENT, id(3, 0), b"there already", &[])
    });
    assert!(matches!(outcome, Err(Error::AlreadyExists)));
    let unchanged = |vault: &Vault| {
        assert_eq!(data(vault, 1).unwrap(), [1; 300]);
        assert_eq!(data(vault, 2).unwrap(), [2; 300]);
        assert!(matches!(data(vault, 7), Err(Error::NotFound)));
        assert_eq!(vault.generation().unwrap(), 3);
    };
    unchanged(&vault);
    drop(vault);
    unchanged(&open(&dir.vault()).unwrap());
}

#[test]
fn look_ups_find_exactly_their_records() {
    let dir = Dir::new();
    three(&dir);
    let mut vault = open(&dir.vault()).unwrap();
    let find = |vault: &Vault, kind, name, value: &[u8]| vault.find(kind, Lookup { name, value }).unwrap();
    assert_eq!(find(&vault, SUMMARY, "n", &[2]), [id(2, 0)]);
    assert!(find(&vault, SUMMARY, "m", &[2]).is_empty());
    assert!(find(&vault, DOCUMENT, "n", &[2]).is_empty());
    vault
        .transaction(|tx| tx.put(SUMMARY, id(1, 0), b"x", &[Lookup { name: "n", value: &[2] }]))
        .unwrap();
    assert_eq!(find(&vault, SUMMARY, "n", &[2]), [id(1, 0), id(2, 0)]);
    assert!(find(&vault, SUMMARY, "n", &[1]).is_empty());
    vault.transaction(|tx| tx.delete(SUMMARY, id(2, 0))).unwrap();
    assert_eq!(find(&vault, SUMMARY, "n", &[2]), [id(1, 0)]);
}

/// Runs SQL as an attacker, opens again, and gives what document 1 and 2 are; 3 must always be whole.
fn tamper(sql: &str) -> (Result<Vec<u8>, Error>, Result<Vec<u8>, Error>) {
    let dir = Dir::new();
    three(&dir);
    raw(&dir.vault()).execute_batch(sql).unwrap();
    let vault = open(&dir.vault()).unwrap();
    assert_eq!(data(&vault, 3).unwrap(), [3; 300]);
    let listed = vault.list(DOCUMENT).unwrap();
    assert!(listed.iter().any(|entry| entry.id == id(3, 0) && entry.record.is_ok()));
    // What is seen one by one is what the list keeps.
    let mut lines = listed.iter();
    vault
        .for_each(DOCUMENT, |id, seen| {
            let line = lines.next().unwrap();
            assert_eq!(line.id, id);
            let kept = line.record.as_ref().map(|record| &**record.data().expose());
            assert_eq!(kept.map_err(|damage| *damage), seen);
            Ok::<_, Error>(())
        })
        .unwrap();
    assert!(lines.next().is_none());
    // The list and the single read agree.
    for first in [1, 2] {
        let entry = listed.iter().find(|entry| entry.id == id(first, 0));
        match (entry.map(|entry| &entry.record), data(&vault, first)) {
            (None, Err(Error::NotFound)) => {}
            (Some(Ok(one)), Ok(other)) => assert_eq!(one.data().expose(), &other),
            (Some(Err(one)), Err(Error::Damaged { damage, .. })) => assert_eq!(*one, damage),
            other => panic!("list and read differ: {other:?}"),
        }
    }
    (data(&vault, 1), data(&vault, 2))
}

const ONE: &str = "kind = 2 AND id = x'015a5a5a5a5a5a5a5a5a5a5a5a5a5a00'";
const TWO: &str = "kind = 2 AND id = x'025a5a5a5a5a5a5a5a5a5a5a5a5a5a00'";

#[test]
fn swapped_records_are_noticed() {
    let (one, two) = tamper(&format!(
        "CREATE TABLE t AS SELECT * FROM record WHERE {ONE};
         UPDATE record SET sealed = (SELECT sealed FROM record WHERE {TWO}) WHERE {ONE};
         UPDATE record SET sealed = (SELECT sealed FROM t) WHERE {TWO}; DROP TABLE t;"
    ));
    assert_eq!(damage(one), Damage::Seal);
    assert_eq!(damage(two), Damage::Seal);
    // With the version columns as well.
    let (one, _) = tamper(&format!(
        "UPDATE record SET (version, sealed) = (SELECT version, sealed FROM record WHERE {TWO}) WHERE {ONE};"
    ));
    assert_eq!(damage(one), Damage::Version);
}

#[test]
fn a_removed_record_is_noticed() {
    let (one, two) = tamper(&format!("DELETE FROM record WHERE {ONE};"));
    assert_eq!(damage(one), Damage::Missing);
    assert_eq!(two.unwrap(), [2; 300]);
}

#[test]
fn an_altered_version_is_noticed() {
    let (one, _) = tamper(&format!("UPDATE record SET version = version + 1 WHERE {ONE};"));
    assert_eq!(damage(one), Damage::Version);
}

#[test]
fn a_version_that_no_write_gives_is_noticed() {
    for version in ["-1", "'text'", "x'07'", "1.5"] {
        let (one, two) = tamper(&format!("UPDATE record SET version = {version} WHERE {ONE};"));
        assert_eq!(damage(one), Damage::Version, "{version}");
        assert_eq!(two.unwrap(), [2; 300]);
    }
}

#[test]
fn the_first_error_ends_a_walk() {
    let dir = Dir::new();
    three(&dir);
    let vault = open(&dir.vault()).unwrap();
    let mut seen = 0;
    let ended = vault.for_each(DOCUMENT, |_, _| {
        seen += 1;
        // Not a broken page, after which the rest would be fetched.
        Err(Error::FileDamaged("this one"))
    });
    assert!(matches!(ended, Err(Error::FileDamaged("this one"))));
    assert_eq!(seen, 1);
}

#[test]
fn a_value_that_is_no_blob_is_noticed() {
    let (one, _) = tamper(&format!("UPDATE record SET sealed = 'text' WHERE {ONE};"));
    assert_eq!(damage(one), Damage::Seal);
}

#[test]
fn a_record_duplicated_under_another_id_is_noticed() {
    let dir = Dir::new();
    three(&dir);
    raw(&dir.vault())
        .execute_batch(&format!(
            "INSERT INTO record SELECT kind, x'015a5a5a5a5a5a5a5a5a5a5a5a5a5a07', version, sealed FROM record WHERE {ONE};"
        ))
        .unwrap();
    let mut vault = open(&dir.vault()).unwrap();
    assert!(matches!(
        vault.read(DOCUMENT, id(1, 7)),
        Err(Error::Damaged {
            damage: Damage::Unlisted,
            ..
        })
    ));
    assert_eq!(
        vault.list(DOCUMENT).unwrap()[1].record.as_ref().unwrap_err(),
        &Damage::Unlisted
    );
    // It is not written over unasked, and goes when the owner says so.
    let refused = vault.transaction(|tx| tx.insert(DOCUMENT, id(1, 7), b"", &[]));
    assert!(matches!(refused, Err(Error::AlreadyExists)));
    vault.transaction(|tx| tx.delete(DOCUMENT, id(1, 7))).unwrap();
    assert_eq!(vault.list(DOCUMENT).unwrap().len(), 3);
}

/// DESIGN §7: whoever can write the file can put a program for SQLite in it. None runs: nothing that was acknowledged is swallowed,
/// and nothing that was deleted is kept.
#[test]
fn a_trigger_put_into_the_file_does_not_run() {
    let dir = Dir::new();
    three(&dir);
    raw(&dir.vault())
        .execute_batch(
            "CREATE TABLE kept (sealed BLOB);
             CREATE TRIGGER keep BEFORE DELETE ON record BEGIN INSERT INTO kept VALUES (OLD.sealed); END;
             CREATE TRIGGER swallow BEFORE INSERT ON record BEGIN SELECT RAISE(IGNORE); END;
             CREATE TRIGGER forget BEFORE INSERT ON manifest BEGIN SELECT RAISE(IGNORE); END;",
        )
        .unwrap();
    let mut vault = open(&dir.vault()).unwrap();
    vault
        .transaction(|tx| -> Result<(), Error> {
            tx.delete(DOCUMENT, id(2, 0))?;
            tx.insert(DOCUMENT, id(9, 0), b"acknowledged", &[])
        })
        .unwrap();
    drop(vault);
    let vault = open(&dir.vault()).unwrap();
    assert_eq!(data(&vault, 9).unwrap(), b"acknowledged");
    assert!(matches!(data(&vault, 2), Err(Error::NotFound)));
    drop(vault);
    let kept: u32 = raw(&dir.vault())
        .query_row("SELECT count(*) FROM kept", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0);
}

#[test]
fn a_damaged_manifest_bucket_costs_its_own_records_the_vouching_only() {
    let (one, two) = tamper("UPDATE manifest SET sealed = zeroblob(157) WHERE bucket = 1;");
    assert_eq!(damage(one), Damage::Manifest);
    assert_eq!(two.unwrap(), [2; 300]);
}

/// A count says what is vouched for, and that it may not be all; without the root there is nothing to say.
#[test]
fn a_damaged_manifest_bucket_does_not_stop_the_count() {
    let dir = Dir::new();
    three(&dir);
    let damage = |bucket: u16| {
        raw(&dir.vault())
            .execute("UPDATE manifest SET sealed = zeroblob(157) WHERE bucket = ?", [bucket])
            .unwrap();
    };
    damage(1);
    let vault = open(&dir.vault()).unwrap();
    let count = vault.count(DOCUMENT).unwrap();
    assert_eq!((count.records, count.damaged_buckets), (2, 1));
    drop(vault);
    damage(256);
    let vault = open(&dir.vault()).unwrap();
    assert!(matches!(vault.count(DOCUMENT), Err(Error::ManifestDamaged)));
}

/// New records go where the manifest is intact, wherever that is; a look-up answers from there and says what it could not ask.
#[test]
fn a_new_record_goes_where_the_manifest_is_intact() {
    let dir = Dir::new();
    let lookup = Lookup { name: "n", value: b"v" };
    let mut vault = create(&dir.vault());
    vault
        .transaction(|tx| (0..=u8::MAX).try_for_each(|first| tx.insert(DOCUMENT, id(first, 0), b"a", &[lookup])))
        .unwrap();
    drop(vault);
    let zero = |but: &str| {
        let raw = raw(&dir.vault());
        let sql = format!("UPDATE manifest SET sealed = zeroblob(157) WHERE bucket < 256 {but}");
        raw.execute(&sql, []).unwrap();
    };
    zero("AND bucket <> 77");
    let mut vault = open(&dir.vault()).unwrap();
    let new = vault.new_id().unwrap();
    assert_eq!(new.as_bytes()[0], 77);
    vault
        .transaction(|tx| {
            assert_eq!(tx.new_id()?.as_bytes()[0], 77);
            tx.insert(DOCUMENT, new, b"new", &[lookup])
        })
        .unwrap();
    let (mut found, damaged) = vault.find_intact(DOCUMENT, lookup).unwrap();
    found.sort();
    let mut expected = [id(77, 0), new];
    expected.sort();
    assert_eq!((found.as_slice(), damaged), (&expected[..], 255));
    assert!(matches!(vault.find(DOCUMENT, lookup), Err(Error::ManifestDamaged)));
    drop(vault);
    zero("");
    let vault = open(&dir.vault()).unwrap();
    assert!(matches!(vault.new_id(), Err(Error::ManifestDamaged)));
}

/// The rows of one table as they were before `change`, put back after it.
fn roll_back(where_record: &str, where_manifest: &str) -> (Dir, Result<Vault, Error>) {
    let dir = Dir::new();
    three(&dir);
    raw(&dir.vault())
        .execute_batch(&format!(
            "CREATE TABLE r AS SELECT * FROM record WHERE {where_record};
             CREATE TABLE m AS SELECT * FROM manifest WHERE {where_manifest};"
        ))
        .unwrap();
    let mut vault = open(&dir.vault()).unwrap();
    vault
        .transaction(|tx| tx.replace(DOCUMENT, id(1, 0), b"newer", &[]))
        .unwrap();
    vault.transaction(|tx| tx.delete(DOCUMENT, id(2, 0))).unwrap();
    drop(vault);
    raw(&dir.vault())
        .execute_batch(
            "REPLACE INTO record SELECT * FROM r; REPLACE INTO manifest SELECT * FROM m; DROP TABLE r; DROP TABLE m;",
        )
        .unwrap();
    let vault = open(&dir.vault());
    (dir, vault)
}

#[test]
fn an_older_version_put_back_is_noticed() {
    let (_dir, vault) = roll_back("kind = 2", "0");
    let vault = vault.unwrap();
    assert_eq!(damage(data(&vault, 1)), Damage::Version);
    assert_eq!(damage(data(&vault, 2)), Damage::Unlisted);
    assert_eq!(data(&vault, 3).unwrap(), [3; 300]);
}

#[test]
fn an_older_version_put_back_with_its_bucket_is_noticed() {
    let (_dir, vault) = roll_back("kind = 2", "bucket = 1");
    let vault = vault.unwrap();
    assert_eq!(damage(data(&vault, 1)), Damage::Manifest);
    assert_eq!(data(&vault, 3).unwrap(), [3; 300]);
}

#[test]
fn an_older_root_put_back_without_its_buckets_is_noticed() {
    let (_dir, vault) = roll_back("0", "bucket = 256");
    let vault = vault.unwrap();
    assert_eq!(damage(data(&vault, 1)), Damage::Manifest);
}

/// The bound of this design, so that a change of it is seen: only a counter outside the file can tell.
#[test]
fn the_whole_file_put_back_shows_in_the_generation_only() {
    let (_dir, vault) = roll_back("1", "1");
    let vault = vault.unwrap();
    assert_eq!(data(&vault, 1).unwrap(), [1; 300]);
    assert_eq!(vault.generation().unwrap(), 3, "it was 5");
}

#[test]
fn a_record_of_another_vault_is_noticed() {
    let (dir, other) = (Dir::new(), Dir::new());
    three(&dir);
    three(&other);
    raw(&dir.vault())
        .execute_batch(&format!(
            "ATTACH '{}' AS other; REPLACE INTO record SELECT * FROM other.record WHERE {ONE};",
            other.vault().display()
        ))
        .unwrap();
    let vault = open(&dir.vault()).unwrap();
    assert_eq!(damage(data(&vault, 1)), Damage::Seal);
    assert_eq!(data(&vault, 2).unwrap(), [2; 300]);
}

#[test]
fn the_same_key_under_another_vault_id_opens_nothing() {
    let dir = Dir::new();
    let new = NewVault::generate(&*common::random()).unwrap();
    drop(new.create(&dir.vault(), b"", common::random()).unwrap());
    let locked = LockedVault::open(&dir.vault()).unwrap();
    assert!(matches!(
        locked.unlock(&secret(1), common::random()),
        Err(Error::WrongKey)
    ));
}

#[test]
fn a_damaged_root_leaves_reading_of_last_resort_and_refuses_to_write() {
    let dir = Dir::new();
    three(&dir);
    raw(&dir.vault())
        .execute_batch("DELETE FROM manifest WHERE bucket = 256;")
        .unwrap();
    let before = std::fs::read(dir.vault()).unwrap();
    let mut vault = open(&dir.vault()).unwrap();
    assert!(!vault.manifest_holds().unwrap());
    assert_eq!(damage(data(&vault, 1)), Damage::Manifest);
    assert!(matches!(vault.list(DOCUMENT), Err(Error::ManifestDamaged)));
    assert!(matches!(
        vault.find(SUMMARY, Lookup { name: "n", value: &[1] }),
        Err(Error::ManifestDamaged)
    ));
    let refused = vault.transaction(|tx| tx.insert(DOCUMENT, id(9, 0), b"", &[]));
    assert!(matches!(refused, Err(Error::ManifestDamaged)));
    let salvaged = vault.salvage(DOCUMENT).unwrap();
    assert_eq!(salvaged.len(), 3);
    assert!(
        salvaged
            .iter()
            .all(|entry| entry.record.as_ref().unwrap().data().expose().len() == 300)
    );
    drop(vault);
    assert_eq!(std::fs::read(dir.vault()).unwrap(), before);
}

/// Never a panic, never a wrong plaintext; a flip that changes nothing that is read is the only one let pass.
#[test]
fn every_byte_of_a_small_vault_flipped() {
    let dir = Dir::new();
    {
        let mut vault = create(&dir.vault());
        for first in 1..=3 {
            vault
                .transaction(|tx| tx.insert(DOCUMENT, id(first, 0), &[first; 300], &[]))
                .unwrap();
        }
    }
    let path = dir.vault();
    let whole = std::fs::read(&path).unwrap();
    let (mut refused, mut set_aside, mut unseen) = (0, 0, 0);
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 0x41;
        // Long runs of zeros are unused space: a sample of them is enough.
        if whole[at] == 0 && at % 64 != 0 {
            continue;
        }
        std::fs::write(&path, &altered).unwrap();
        let Ok(vault) = open(&path) else {
            refused += 1;
            continue;
        };
        let mut good = 0;
        for first in 1..=3 {
            if let Ok(found) = data(&vault, first) {
                assert_eq!(found, [first; 300], "wrong plaintext after a flip at {at}");
                good += 1;
            }
        }
        for entry in vault.list(DOCUMENT).unwrap_or_default() {
            if let Ok(record) = entry.record {
                assert_eq!(record.data().expose(), &[entry.id.as_bytes()[0]; 300]);
            }
        }
        let listed = vault
            .list(DOCUMENT)
            .is_ok_and(|list| list.len() == 3 && list.iter().all(|e| e.record.is_ok()));
        if good == 3 && listed {
            unseen += 1
        } else {
            set_aside += 1
        }
    }
    println!("flips: {refused} refused the file, {set_aside} set records aside, {unseen} touched nothing that is read");
    assert!(set_aside > 3 * 300, "every sealed byte must show");
}

/// Each byte of each sealed value: noticed every time, and the other records are whole.
#[test]
fn every_sealed_byte_flipped_costs_its_own_record_only() {
    let dir = Dir::new();
    three(&dir);
    let path = dir.vault();
    let whole = std::fs::read(&path).unwrap();
    let sealed: Vec<u8> = raw(&path)
        .query_row(&format!("SELECT sealed FROM record WHERE {ONE}"), [], |r| r.get(0))
        .unwrap();
    let start = whole
        .windows(sealed.len())
        .position(|window| window == sealed)
        .expect("in one piece in the file");
    for at in start..start + sealed.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        let vault = open(&path).unwrap();
        assert_eq!(damage(data(&vault, 1)), Damage::Seal);
        assert_eq!(data(&vault, 2).unwrap(), [2; 300]);
        assert_eq!(data(&vault, 3).unwrap(), [3; 300]);
    }
}
