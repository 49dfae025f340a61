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

/// Makes the vault that [`child`] opens: `count` documents of `size` bytes with their summaries.
pub fn fill(folder: &Path, count: u32, size: usize) {
    let area = SoftwareSecureArea::create(&folder.join("area.key"), random()).unwrap();
    let mut vault = pollster::block_on(create_with_area(&folder.join("vault.db"), &area, random())).unwrap();
    let (summary, document) = ([1; SIZES.1], vec![2; size]);
    for start in (0..count).step_by(500) {
        vault
            .transaction::<_, Error>(|tx| {
                for number in start..count.min(start + 500) {
                    tx.insert(SUMMARY, id(number), &summary, &[])?;
                    tx.insert(DOCUMENT, id(number), &document, &[])?;
                }
                Ok(())
            })
            .unwrap();
    }
    vault.checkpoint().unwrap();
}

/// What a new process does: opens, reads one document, lists all twice. Prints nanoseconds, and the KiB that the most memory grew by
/// while the first list was made.
pub fn child(folder: &Path) {
    let start = Instant::now();
    let vault = open(folder);
    let record = vault.read(DOCUMENT, id(47)).unwrap();
    let first = start.elapsed();
    assert!(!record.data().expose().is_empty());
    let before = peak_memory();
    let mut lists = Vec::new();
    let mut grown = 0;
    let documents = vault.count(SUMMARY).unwrap_or_default().records;
    for _ in 0..2 {
        let start = Instant::now();
        let mut list: Vec<([u8; 16], Vec<u8>)> = Vec::new();
        vault
            .for_each(SUMMARY, |id, data| {
                list.push((*id.as_bytes(), data.unwrap().to_vec()));
                Ok::<_, Error>(())
            })
            .unwrap();
        lists.push(start.elapsed().as_nanos());
        grown = grown.max(peak_memory() - before);
        assert_eq!(list.len(), documents);
    }
    println!("{} {} {} {grown}", first.as_nanos(), lists[0], lists[1]);
}

/// The most memory that this process had at once, in KiB; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Four numbers, from a process of its own.
fn ask(program: &Path, arguments: &[&Path]) -> Option<[f64; 4]> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    numbers.try_into().ok()
}

/// Of what was measured in turns.
fn column(all: &[[f64; 4]], index: usize) -> Times {
    summary(all.iter().map(|line| line[index]).collect())
}

/// One against the other, by the least times.
fn against(job: &str, ours: Times, theirs: Times, bar: Option<f64>) -> Row {
    Row {
        job: job.to_owned(),
        ratio: ours.min / theirs.min,
        bar,
        detail: format!(
            "{} of {}; medians {:.3}",
            time(ours.min),
            time(theirs.min),
            ours.median / theirs.median
        ),
    }
}

/// The rows. `sqlcipher` is the helper, if it could be built.
pub fn rows(rounds: usize, sqlcipher: Option<&Path>) -> Vec<Row> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(std::env::temp_dir, PathBuf::from)
        .join(format!("vault-bench-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut rows = beside_sqlcipher(&folder, rounds, sqlcipher);
    rows.extend(inserts(&folder.join("ours"), rounds * 15));
    rows.push(sizes(&folder, rounds));
    rows.extend(crate::history::rows(&folder, rounds));
    std::fs::remove_dir_all(&folder).unwrap();
    rows
}

fn beside_sqlcipher(folder: &Path, rounds: usize, sqlcipher: Option<&Path>) -> Vec<Row> {
    let ours = folder.join("ours");
    let theirs = folder.join("theirs.db");
    fill(&ours, DOCUMENTS, SIZES.0);
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
    let mut rows = Vec::new();
    for (index, job, bar) in [
        (
            0,
            "vault: open and first read in a new process, against SQLCipher with a raw key",
            0.35,
        ),
        (
            1,
            "vault: list 10,000 for the first time in a process, against SQLCipher",
            0.64,
        ),
        (2, "vault: list 10,000 again, against SQLCipher", 0.64),
    ] {
        let here = column(&mine, index);
        rows.push(if other.is_empty() {
            Row {
                job: job.to_owned(),
                ratio: here.min / 1e6,
                bar: None,
                detail: "SQLCipher's program could not be built; milliseconds".to_owned(),
            }
        } else {
            against(job, here, column(&other, index), Some(bar))
        });
    }
    let memory = column(&mine, 3).median;
    rows.push(Row {
        job: "vault: memory that a list of 10,000 takes, in bytes a line".to_owned(),
        ratio: memory * 1024.0 / f64::from(DOCUMENTS),
        bar: None,
        detail: if other.is_empty() {
            format!("{memory} KiB")
        } else {
            format!("{memory} KiB; SQLCipher {} KiB", column(&other, 3).median)
        },
    });
    rows
}

/// Opening does not depend on how much there is.
fn sizes(folder: &Path, rounds: usize) -> Row {
    let own = std::env::current_exe().unwrap();
    let vaults = [(100, folder.join("few")), (100_000, folder.join("many"))];
    for (count, path) in &vaults {
        fill(path, *count, SIZES.1);
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for ((_, path), times) in vaults.iter().zip(&mut times) {
            times.extend(ask(&own, &[Path::new("vault-open"), path]));
        }
    }
    let [few, many] = times.map(|times| column(&times, 0));
    against(
        "vault: open and first read with 100,000 documents, against 100",
        many,
        few,
        Some(1.25),
    )
}

/// Only the opening.
pub fn child_open(folder: &Path) {
    let start = Instant::now();
    let vault = open(folder);
    let record = vault.read(DOCUMENT, id(47)).unwrap();
    let first = start.elapsed();
    assert_eq!(record.data().expose().len(), SIZES.1);
    println!("{} 0 0 0", first.as_nanos());
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
    let row = |job, ours, bar| {
        let job = format!("vault: durable insert of {job}, against fdatasync of 12 KiB");
        against(&job, ours, bare, bar)
    };
    vec![
        row("4.4 KB", one, Some(1.7)),
        row("4.4 KB with its summary", both, None),
    ]
}
