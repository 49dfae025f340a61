//! The vault beside SQLCipher (a program of its own, so that two SQLites are not linked together) and beside a bare `fdatasync`.

use crate::harness::{Times, summary};
use crate::table::{Row, time};
use idwallet_crypto::{Random, SystemRandom};
use idwallet_storage::{Error, Kind, RecordId, SoftwareSecureArea, Vault, create_with_area, open_with_area};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const SUMMARY: Kind = Kind(1);
const DOCUMENT: Kind = Kind(2);
/// Of one document and of its line in the list.
const SIZES: (usize, usize) = (4400, 200);
/// Documents in the vault.
const DOCUMENTS: u32 = 10_000;

fn random() -> Arc<dyn Random> {
    Arc::new(SystemRandom::new())
}

fn id(number: u32) -> RecordId {
    // Spread over the buckets as random ids are.
    let mixed = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    RecordId::from_bytes(mixed.to_be_bytes())
}

fn open(folder: &Path) -> Vault {
    let area = SoftwareSecureArea::open(&folder.join("area.key"), random()).unwrap();
    pollster::block_on(open_with_area(&folder.join("vault.db"), &area, random())).unwrap()
}

/// Makes the vault that [`child`] opens.
pub fn fill(folder: &Path) {
    let area = SoftwareSecureArea::create(&folder.join("area.key"), random()).unwrap();
    let mut vault = pollster::block_on(create_with_area(&folder.join("vault.db"), &area, random())).unwrap();
    for start in (0..DOCUMENTS).step_by(500) {
        vault
            .transaction::<_, Error>(|tx| {
                for number in start..start + 500 {
                    tx.insert(SUMMARY, id(number), &[1; SIZES.1], &[])?;
                    tx.insert(DOCUMENT, id(number), &[2; SIZES.0], &[])?;
                }
                Ok(())
            })
            .unwrap();
    }
    vault.checkpoint().unwrap();
}

/// What a new process does: opens, reads one document, lists all twice. Prints nanoseconds.
pub fn child(folder: &Path) {
    let start = Instant::now();
    let vault = open(folder);
    let record = vault.read(DOCUMENT, id(4711)).unwrap();
    let first = start.elapsed();
    assert_eq!(record.data().expose().len(), SIZES.0);
    let mut lists = Vec::new();
    for _ in 0..2 {
        let start = Instant::now();
        let list = vault.list(SUMMARY).unwrap();
        lists.push(start.elapsed().as_nanos());
        assert_eq!(
            list.iter().filter(|entry| entry.record.is_ok()).count(),
            DOCUMENTS as usize
        );
    }
    println!("{} {} {}", first.as_nanos(), lists[0], lists[1]);
}

/// Three numbers, from a process of its own.
fn ask(program: &Path, arguments: &[&Path]) -> Option<[f64; 3]> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    numbers.try_into().ok()
}

/// The rows. `sqlcipher` is the helper, if it could be built.
pub fn rows(rounds: usize, sqlcipher: Option<&Path>) -> Vec<Row> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(std::env::temp_dir, PathBuf::from)
        .join(format!("vault-bench-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let ours = folder.join("ours");
    let theirs = folder.join("theirs.db");
    fill(&ours);
    let peer = sqlcipher.filter(|helper| {
        let filled = Command::new(helper).arg("fill").arg(&theirs).status();
        filled.is_ok_and(|status| status.success())
    });

    let own = std::env::current_exe().unwrap();
    let (mut mine, mut other) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        mine.extend(ask(&own, &[Path::new("vault-child"), &ours]));
        other.extend(peer.and_then(|helper| ask(helper, &[Path::new("open"), &theirs])));
    }
    let column = |all: &[[f64; 3]], index: usize| summary(all.iter().map(|line| line[index]).collect());
    let mut rows = Vec::new();
    for (index, job, bar) in [
        (
            0,
            "vault: open and first read in a new process, against SQLCipher with a raw key",
            1.0 / 3.0,
        ),
        (
            1,
            "vault: list 10,000 for the first time in a process, against SQLCipher",
            1.0,
        ),
        (2, "vault: list 10,000 again, against SQLCipher", 1.0),
    ] {
        let here = column(&mine, index);
        if other.is_empty() {
            let detail = "SQLCipher's program could not be built; milliseconds".to_owned();
            rows.push(Row {
                job: job.to_owned(),
                ratio: here.min / 1e6,
                bar: None,
                detail,
            });
            continue;
        }
        let there = column(&other, index);
        let detail = format!(
            "{} of {}; medians {:.3}",
            time(here.min),
            time(there.min),
            here.median / there.median
        );
        rows.push(Row {
            job: job.to_owned(),
            ratio: here.min / there.min,
            bar: Some(bar),
            detail,
        });
    }
    rows.extend(inserts(&ours, rounds * 15));
    std::fs::remove_dir_all(&folder).unwrap();
    rows
}

/// Records made durable, against appending 12 KiB to a file and `fdatasync`: a document alone, and with its summary.
fn inserts(folder: &Path, rounds: usize) -> Vec<Row> {
    let mut vault = open(folder);
    let mut file: File = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("bare"))
        .unwrap();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..rounds {
        for turn in 0..3 {
            let job = (round + turn) % 3;
            let number = DOCUMENTS + u32::try_from(round * 3 + job).unwrap();
            let start = Instant::now();
            if job == 0 {
                file.write_all(&[7; 12 * 1024]).unwrap();
                file.sync_data().unwrap();
            } else {
                vault
                    .transaction::<_, Error>(|tx| {
                        if job == 2 {
                            tx.insert(SUMMARY, id(number), &[1; SIZES.1], &[])?;
                        }
                        tx.insert(DOCUMENT, id(number), &[2; SIZES.0], &[])
                    })
                    .unwrap();
            }
            times[job].push(start.elapsed().as_nanos() as f64);
        }
    }
    let [bare, one, both] = times.map(summary);
    let row = |job: &str, ours: Times, bar| Row {
        job: format!("vault: durable insert of {job}, against fdatasync of 12 KiB"),
        ratio: ours.min / bare.min,
        bar,
        detail: format!(
            "{} of {}; medians {:.3}",
            time(ours.min),
            time(bare.min),
            ours.median / bare.median
        ),
    };
    vec![
        row("4.4 KB", one, Some(1.7)),
        row("4.4 KB with its summary", both, None),
    ]
}
