//! The file: who may have it, who may open it, what is left alone, what survives a kill.
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

use common::{DOCUMENT, Dir, SUMMARY, create, id, open, random, raw};
use idwallet_crypto::Random as _;
use idwallet_storage::{Error, LockedVault, Lookup, NewVault, RecordId, SCHEMA};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn only_the_owner_gets_at_any_file() {
    let dir = Dir::new();
    let mut vault = create(&dir.vault());
    vault
        .transaction(|tx| tx.insert(DOCUMENT, id(1, 0), b"x", &[]))
        .unwrap();
    assert_eq!(mode(dir.vault().parent().unwrap()), 0o700);
    let found = files(dir.vault().parent().unwrap());
    assert!(found.len() >= 3, "database, log and lock: {found:?}");
    for file in &found {
        assert_eq!(mode(file), 0o600, "{file:?}");
    }
    drop(vault);
    fs::set_permissions(dir.vault(), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(open(&dir.vault()), Err(Error::Permissions(_))));
}

/// X-C12.
#[test]
fn no_plaintext_in_any_file_nor_in_a_name() {
    const MARKER: &[u8] = b"NGUYEN-THI-MARKER-001";
    let dir = Dir::new();
    let mut vault = create(&dir.vault());
    let mut content = MARKER.to_vec();
    content.resize(3000, b'.');
    for first in 0..20 {
        let lookup = Lookup {
            name: "MARKER-NAME",
            value: MARKER,
        };
        vault
            .transaction(|tx| tx.put(DOCUMENT, id(first, 0), &content, &[lookup]))
            .unwrap();
        vault
            .transaction(|tx| tx.put(SUMMARY, id(first, 0), MARKER, &[lookup]))
            .unwrap();
    }
    let scan = |needle: &[u8]| {
        let mut bytes = 0;
        for file in files(dir.vault().parent().unwrap()) {
            let content = fs::read(&file).unwrap();
            bytes += content.len();
            let in_it = content.windows(needle.len()).any(|window| window == needle);
            assert!(!in_it, "plaintext in {file:?}");
            assert!(!file.to_string_lossy().contains("MARKER"));
        }
        bytes
    };
    assert!(scan(b"MARKER") > 60_000, "the log was there to be searched");
    vault.transaction(|tx| tx.delete(DOCUMENT, id(3, 0))).unwrap();
    vault.checkpoint().unwrap();
    drop(vault);
    scan(b"MARKER");
    // Equal values must not be seen to be equal: no look-up hash lies open, no two seals are alike.
    let rows: i64 = raw(&dir.vault())
        .query_row("SELECT count(*) - count(DISTINCT sealed) FROM record", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(rows, 0);
    let lengths: i64 = raw(&dir.vault())
        .query_row("SELECT count(DISTINCT length(sealed)) FROM record", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(lengths, 2, "two buckets");
}

#[test]
fn what_was_deleted_is_gone_from_the_file_and_the_log() {
    let dir = Dir::new();
    let mut vault = create(&dir.vault());
    vault
        .transaction(|tx| tx.insert(DOCUMENT, id(1, 0), &[7; 6000], &[]))
        .unwrap();
    vault.checkpoint().unwrap();
    let sealed_tail = {
        drop(vault);
        let sealed: Vec<u8> = raw(&dir.vault())
            .query_row("SELECT sealed FROM record", [], |row| row.get(0))
            .unwrap();
        sealed[sealed.len() - 40..].to_vec()
    };
    let holds = || {
        files(dir.vault().parent().unwrap())
            .iter()
            .any(|file| fs::read(file).unwrap().windows(40).any(|window| window == sealed_tail))
    };
    assert!(holds());
    let mut vault = open(&dir.vault()).unwrap();
    vault.transaction(|tx| tx.delete(DOCUMENT, id(1, 0))).unwrap();
    vault.checkpoint().unwrap();
    assert!(!holds());
}

#[test]
fn a_second_opening_is_told_in_use() {
    let dir = Dir::new();
    let vault = create(&dir.vault());
    assert!(matches!(open(&dir.vault()), Err(Error::InUse)));
    let again = NewVault::generate(&*random())
        .unwrap()
        .create(&dir.vault(), b"", random());
    assert!(matches!(again, Err(Error::InUse)));
    // A locked vault stays reserved; a dropped one does not.
    let locked = vault.lock();
    assert!(matches!(open(&dir.vault()), Err(Error::InUse)));
    drop(locked);
    drop(open(&dir.vault()).unwrap());
}

#[test]
fn what_is_there_is_never_written_over() {
    let dir = Dir::new();
    drop(create(&dir.vault()));
    let before = fs::read(dir.vault()).unwrap();
    let again = NewVault::generate(&*random())
        .unwrap()
        .create(&dir.vault(), b"", random());
    assert!(matches!(again, Err(Error::FileExists)));
    assert_eq!(fs::read(dir.vault()).unwrap(), before);
    assert!(matches!(open(&dir.0.join("nothing")), Err(Error::NoVault)));
    let target = dir.0.join("target");
    symlink(&target, dir.0.join("link")).unwrap();
    let through = NewVault::generate(&*random())
        .unwrap()
        .create(&dir.0.join("link"), b"", random());
    assert!(matches!(through, Err(Error::FileExists)));
    assert!(!target.exists());
    symlink(dir.vault(), dir.0.join("other")).unwrap();
    assert!(open(&dir.0.join("other")).is_err());
}

#[test]
fn other_files_are_refused_untouched() {
    let dir = Dir::new();
    let path = dir.0.join("file");
    let check = |content: &[u8], expected: fn(&Error) -> bool| {
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = open(&path).unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert_eq!(fs::read(&path).unwrap(), content);
    };
    check(b"", |error| matches!(error, Error::NotAVault));
    check(&[0; 5000], |error| matches!(error, Error::NotAVault));
    drop(create(&dir.vault()));
    let vault = fs::read(dir.vault()).unwrap();
    // Cut off in the middle, at a page and within one.
    check(&vault[..8192], |error| matches!(error, Error::FileDamaged(_)));
    check(&vault[..99], |error| matches!(error, Error::NotAVault));
    let mut newer = vault.clone();
    newer[60..64].copy_from_slice(&(SCHEMA + 1).to_be_bytes());
    check(
        &newer,
        |error| matches!(error, Error::NewerSchema { found, supported } if (*found, *supported) == (SCHEMA + 1, SCHEMA)),
    );
    let mut other = vault.clone();
    other[68..72].copy_from_slice(&[0; 4]);
    check(&other, |error| matches!(error, Error::NotAVault));
    // SQLite may leave an empty log beside a file that it could not read; nothing else appears.
    for found in files(&dir.0).iter().filter(|found| found.is_file() && **found != path) {
        assert_eq!(fs::metadata(found).unwrap().len(), 0, "{found:?}");
    }
}

/// The schema may be newer in the log alone, when the newer software was killed.
#[test]
fn a_newer_schema_that_lies_in_the_log_is_refused_and_the_log_kept() {
    let dir = Dir::new();
    drop(create(&dir.vault()));
    let raw = raw(&dir.vault());
    raw.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 77;")
        .unwrap();
    let copy = dir.0.join("copy.db");
    for suffix in ["", "-wal"] {
        let to = dir.0.join(format!("copy.db{suffix}"));
        fs::copy(dir.vault().with_file_name(format!("vault.db{suffix}")), &to).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let before = (fs::read(&copy).unwrap(), fs::read(dir.0.join("copy.db-wal")).unwrap());
    assert!(matches!(open(&copy), Err(Error::NewerSchema { found: 77, .. })));
    assert_eq!(
        (fs::read(&copy).unwrap(), fs::read(dir.0.join("copy.db-wal")).unwrap()),
        before
    );
}

#[test]
fn one_copy_of_the_header_is_enough() {
    let dir = Dir::new();
    drop(create(&dir.vault()));
    raw(&dir.vault())
        .execute_batch("UPDATE header SET vault_id = zeroblob(16) WHERE copy = 1")
        .unwrap();
    drop(open(&dir.vault()).unwrap());
    raw(&dir.vault())
        .execute_batch("UPDATE header SET wrapped = zeroblob(32) WHERE copy = 2")
        .unwrap();
    assert!(matches!(open(&dir.vault()), Err(Error::FileDamaged(_))));
}

#[test]
fn a_creation_cut_short_leaves_no_half_vault() {
    let dir = Dir::new();
    fs::create_dir(dir.vault().parent().unwrap()).unwrap();
    fs::write(dir.vault().with_file_name("vault.db.new"), b"half").unwrap();
    assert!(matches!(LockedVault::open(&dir.vault()), Err(Error::NoVault)));
    drop(create(&dir.vault()));
    drop(open(&dir.vault()).unwrap());
    assert!(!dir.vault().with_file_name("vault.db.new").exists());
}

/// Not a test by itself: what the killed process does. Says a number when its write is durable.
#[test]
#[ignore = "run by a_killed_writer_loses_nothing_it_acknowledged"]
fn child_writer() {
    let Ok(path) = std::env::var("IDWALLET_TEST_VAULT") else {
        return;
    };
    let mut vault = open(Path::new(&path)).unwrap();
    let start = u32::try_from(vault.count(DOCUMENT).unwrap().records).unwrap();
    for number in start.. {
        let id = numbered(number);
        vault
            .transaction(|tx| {
                tx.insert(DOCUMENT, id, &content(number), &[])?;
                tx.insert(SUMMARY, id, &number.to_be_bytes(), &[])
            })
            .unwrap();
        println!("\nwrote {number}");
    }
}

fn numbered(number: u32) -> RecordId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
    RecordId::from_bytes(bytes)
}

fn content(number: u32) -> Vec<u8> {
    number
        .to_be_bytes()
        .iter()
        .copied()
        .cycle()
        .take(2000 + usize::try_from(number % 3000).unwrap())
        .collect()
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged() {
    let runs = std::env::var("IDWALLET_KILL_RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(50);
    let dir = Dir::new();
    let path = dir.vault();
    drop(create(&path));
    let mut acknowledged: i64 = -1;
    for run in 0..runs {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child_writer",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env("IDWALLET_TEST_VAULT", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut byte = [0];
        random().fill(&mut byte).unwrap();
        // Some writes in, at a moment that differs: the kill meets every stage of the next write.
        let wanted = 1 + byte[0] % 8;
        let mut seen = 0;
        while seen < wanted {
            let line = lines.next().expect("the writer writes").unwrap();
            if let Some(number) = line.strip_prefix("wrote ") {
                acknowledged = number.parse().unwrap();
                seen += 1;
            }
        }
        let mut jitter = [0; 2];
        random().fill(&mut jitter).unwrap();
        for _ in 0..u32::from(u16::from_be_bytes(jitter)) * 8 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("wrote ") {
                acknowledged = number.parse().unwrap();
            }
        }
        let vault = open(&path).unwrap();
        let documents = vault.list(DOCUMENT).unwrap();
        let count = i64::try_from(documents.len()).unwrap();
        assert!(
            count > acknowledged,
            "run {run}: {acknowledged} was acknowledged, {count} are there"
        );
        assert!(count <= acknowledged + 2, "run {run}");
        assert!(documents.iter().all(|entry| entry.record.is_ok()), "run {run}: torn");
        assert_eq!(
            vault.list(SUMMARY).unwrap().len(),
            documents.len(),
            "run {run}: half a transaction"
        );
        for number in 0..u32::try_from(count).unwrap() {
            assert_eq!(
                vault.read(DOCUMENT, numbered(number)).unwrap().data().expose(),
                &content(number)
            );
        }
    }
    println!("{runs} kills, {} acknowledged writes, none lost", acknowledged + 1);
}

#[test]
fn a_vault_on_read_only_ground_says_so() {
    let dir = Dir::new();
    drop(create(&dir.vault()));
    let parent = dir.vault().parent().unwrap().to_owned();
    fs::remove_file(dir.vault().with_file_name("vault.db.lock")).unwrap();
    fs::set_permissions(&parent, fs::Permissions::from_mode(0o500)).unwrap();
    let probe = fs::write(parent.join("probe"), b"");
    let opened = open(&dir.vault());
    fs::set_permissions(&parent, fs::Permissions::from_mode(0o700)).unwrap();
    if probe.is_ok() {
        println!("left out: this user may write everywhere");
        return;
    }
    assert!(matches!(opened, Err(Error::ReadOnly)));
}
