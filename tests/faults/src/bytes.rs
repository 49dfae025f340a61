//! Every byte of every file of a small vault is altered, one at a time.

use crate::scene::{Content, Files, Folder, KINDS, content, create, id, open, vault_file};
use crate::table::Row;
use idwallet_storage::{Damage, Error, Lookup, RecordId, Rollback};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const NAME: &str = "n";

/// A vault, what it holds, and what it held before.
struct Scene {
    files: Files,
    now: Content,
    earlier: Vec<Content>,
}

/// Three documents with their summaries; `with_log` leaves the later half of it in the log.
fn small(with_log: bool) -> Scene {
    let folder = Folder::in_memory();
    let (mut vault, area) = create(&folder.0);
    let write = |vault: &mut idwallet_storage::Vault, number: u64, fill: u8| {
        vault
            .transaction::<_, Error>(|tx| {
                let lookups = [Lookup {
                    name: NAME,
                    value: &[7],
                }];
                tx.put(KINDS[0], id(number), &[fill; 40], &lookups)?;
                tx.put(KINDS[1], id(number), &[fill; 300], &[])
            })
            .unwrap();
    };
    let mut states = Vec::new();
    for (number, fill) in [(1, 1), (2, 2), (2, 20), (3, 3)] {
        write(&mut vault, number, fill);
        pollster::block_on(vault.anchor(&area)).unwrap();
        states.push(content(&vault).unwrap().0);
        if states.len() == 2 {
            vault.checkpoint().unwrap();
        }
    }
    let now = states.pop().unwrap();
    if !with_log {
        drop(vault);
    }
    Scene {
        files: Files::read(&folder.0),
        now,
        earlier: states,
    }
}

#[derive(PartialEq, Eq)]
enum Seen {
    Refused(&'static str),
    Noticed { records: usize },
    Nothing,
    Wrong(&'static str),
}

fn refusal(error: &Error) -> &'static str {
    match error {
        Error::FileDamaged(_) => "damaged",
        Error::NotAVault => "not a vault",
        Error::NewerSchema { .. } => "newer",
        Error::WrongKey => "wrong key",
        _ => "other",
    }
}

/// Opens and reads everything in every way there is.
fn examine(folder: &Path, scene: &Scene) -> Seen {
    let expected = &scene.now;
    let vault = match open(folder) {
        Ok((vault, _)) => vault,
        Err(error) => return Seen::Refused(refusal(&error)),
    };
    if matches!(vault.rollback(), Rollback::Detected { .. }) {
        // SQLite takes a damaged log for one that ends there: an earlier state, whole, and the area's counter tells.
        let is_state = |found: &Content| found == expected || scene.earlier.contains(found);
        return match content(&vault) {
            Ok((found, 0)) if !is_state(&found) => Seen::Wrong("a state that never was"),
            _ => Seen::Noticed { records: 1 },
        };
    }
    let mut records = 0;
    let mut noticed = !vault.manifest_holds().unwrap_or(false);
    for ((kind, id), data) in expected {
        match vault.read(idwallet_storage::Kind(*kind), *id) {
            Ok(record) if record.data().expose() == data => {}
            Ok(_) => return Seen::Wrong("a record reads wrong"),
            Err(Error::NotFound) => return Seen::Wrong("a record is said never to have been"),
            Err(_) => records += 1,
        }
    }
    for kind in KINDS {
        match vault.list(kind) {
            Ok(list) => {
                for entry in &list {
                    if let Ok(record) = &entry.record
                        && expected.get(&(kind.0, entry.id)) != Some(record.data().expose())
                    {
                        return Seen::Wrong("a list has what was never written");
                    }
                }
                let damaged = list.iter().filter(|entry| entry.record.is_err()).count();
                let all: Vec<RecordId> = expected
                    .keys()
                    .filter(|(k, _)| *k == kind.0)
                    .map(|(_, id)| *id)
                    .collect();
                let in_list = |id: &RecordId| list.iter().any(|entry| entry.id == *id);
                let bucket_damaged = |id: &RecordId| {
                    matches!(
                        vault.read(kind, *id),
                        Err(Error::Damaged {
                            damage: Damage::Manifest | Damage::Page,
                            ..
                        } | Error::ManifestDamaged)
                    )
                };
                if !all.iter().all(|id| in_list(id) || bucket_damaged(id)) {
                    return Seen::Wrong("a list leaves out a record unseen");
                }
                noticed |= damaged > 0;
            }
            Err(_) => noticed = true,
        }
        match vault.find(
            kind,
            Lookup {
                name: NAME,
                value: &[7],
            },
        ) {
            Ok(found) if found.len() == if kind == KINDS[0] { 3 } else { 0 } => {}
            Ok(_) => return Seen::Wrong("a look-up misses a record"),
            Err(_) => noticed = true,
        }
        let Ok(salvaged) = vault.salvage(kind) else { continue };
        for entry in salvaged {
            let right = |record: &idwallet_storage::Record| {
                let data = record.data().expose();
                expected.get(&(kind.0, entry.id)) == Some(data)
            };
            if entry.record.as_ref().is_ok_and(|record| !right(record)) {
                return Seen::Wrong("what is salvaged was never written");
            }
        }
    }
    match (records, noticed) {
        (0, false) => Seen::Nothing,
        _ => Seen::Noticed { records },
    }
}

/// Where each value that a query gives lies in the file.
pub fn sealed_places(files: &Files, query: &str) -> Vec<std::ops::Range<usize>> {
    let folder = Folder::in_memory();
    files.write(&folder.0);
    let raw = rusqlite::Connection::open(vault_file(&folder.0)).unwrap();
    let mut query = raw.prepare(query).unwrap();
    let file = &files.0["vault.db"];
    query
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .unwrap()
        .filter_map(|sealed| {
            let sealed = sealed.unwrap();
            let at = file.windows(sealed.len()).position(|window| window == sealed)?;
            Some(at..at + sealed.len())
        })
        .collect()
}

/// One file of the vault; `bits` of every `step`-th byte.
fn flips(name: &str, fault: &str, scene: &Scene, bits: &[u8], step: usize) -> Row {
    let files = &scene.files;
    let length = files.0[name].len();
    // Under a log, the file has rows that the log replaces.
    let places = if name == "vault.db" && !files.0.contains_key("vault.db-wal") {
        sealed_places(files, "SELECT sealed FROM record")
    } else {
        Vec::new()
    };
    let places = &places;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let mut row = Row::new(fault);
    let parts: Vec<Row> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    let mut row = Row::default();
                    let folder = Folder::in_memory();
                    for at in (thread * step..length).step_by(threads * step) {
                        for bit in bits {
                            let mut altered = files.clone();
                            altered.0.get_mut(name).unwrap()[at] ^= 1 << bit;
                            altered.write(&folder.0);
                            one(
                                &mut row,
                                &folder.0,
                                &altered,
                                scene,
                                || format!("{name} byte {at} bit {bit}"),
                                places.iter().any(|place| place.contains(&at)),
                            );
                        }
                    }
                    row
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    parts.iter().for_each(|part| row.add(part));
    row
}

fn one(row: &mut Row, folder: &Path, written: &Files, scene: &Scene, what: impl Fn() -> String, in_one_record: bool) {
    row.cases += 1;
    match catch_unwind(AssertUnwindSafe(|| examine(folder, scene))) {
        Err(_) => {
            row.panics += 1;
            row.tell(|| format!("panic: {}", what()));
        }
        Ok(Seen::Refused(_)) => {
            row.noticed += 1;
            if Files::read(folder).filled() != written.clone().filled() {
                row.touched += 1;
                row.tell(|| format!("refused and written to: {}", what()));
            }
        }
        Ok(Seen::Noticed { records }) => {
            row.noticed += 1;
            if in_one_record && records != 1 {
                row.touched += 1;
                row.tell(|| format!("{records} records do not read: {}", what()));
            }
        }
        Ok(Seen::Nothing) if in_one_record => {
            row.lost += 1;
            row.tell(|| format!("unnoticed: {}", what()));
        }
        Ok(Seen::Nothing) => row.harmless += 1,
        Ok(Seen::Wrong(why)) => {
            row.torn += 1;
            row.tell(|| format!("{why}: {}", what()));
        }
    }
}

/// Every byte of the file, of the log, and of the area's files.
pub fn rows(short: bool) -> Vec<Row> {
    let (bits, step): (&[u8], usize) = if short {
        (&[3], 9)
    } else {
        (&[0, 1, 2, 3, 4, 5, 6, 7], 1)
    };
    let closed = small(false);
    let with_log = small(true);
    let mut rows = vec![
        flips("vault.db", "vault file, no log: bits flipped", &closed, bits, step),
        flips(
            "vault.db",
            "vault file under its log: bits flipped",
            &with_log,
            bits,
            if short { step * 3 } else { step },
        ),
        flips("vault.db-wal", "log: bits flipped", &with_log, bits, step),
    ];
    for name in closed.files.0.keys().filter(|name| name.starts_with("area")) {
        let fault = format!("{name}: bits flipped");
        rows.push(flips(name, &fault, &closed, &[0, 1, 2, 3, 4, 5, 6, 7], 1));
    }
    rows
}
