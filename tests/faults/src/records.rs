//! What somebody does who has the file and knows SQLite, but not the key: whole records swapped, put back, taken out, copied.

use crate::scene::{Content, Files, Folder, KINDS, content, create, id, open, vault_file};
use crate::table::Row;
use idwallet_storage::{Damage, Error, Kind, RecordId, Rollback, Vault};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const RECORDS: u64 = 8;
const VERSIONS: u8 = 3;

/// A row of the table of records.
#[derive(Clone)]
struct Sealed {
    kind: u16,
    id: RecordId,
    version: i64,
    sealed: Vec<u8>,
}

/// A vault, its files at every version of every record, and what it holds.
struct Scene {
    now: Files,
    expected: Content,
    before: Vec<Files>,
}

fn scene() -> Scene {
    let folder = Folder::in_memory();
    let (mut vault, area) = create(&folder.0);
    let mut before = Vec::new();
    for version in 0..VERSIONS {
        for number in 0..RECORDS {
            vault
                .transaction::<_, Error>(|tx| {
                    let fill = version * 16 + u8::try_from(number).unwrap();
                    KINDS
                        .iter()
                        .try_for_each(|kind| tx.put(*kind, id(number), &[fill; 60], &[]))
                })
                .unwrap();
            pollster::block_on(vault.anchor(&area)).unwrap();
        }
        vault.checkpoint().unwrap();
        before.push(Files::read(&folder.0));
    }
    let (expected, _) = content(&vault).unwrap();
    drop(vault);
    before.pop();
    Scene {
        now: Files::read(&folder.0),
        expected,
        before,
    }
}

fn raw(folder: &Path) -> Connection {
    Connection::open(vault_file(folder)).unwrap()
}

fn rows_of(files: &Files) -> Vec<Sealed> {
    let folder = Folder::in_memory();
    files.write(&folder.0);
    let raw = raw(&folder.0);
    let mut query = raw.prepare("SELECT kind, id, version, sealed FROM record").unwrap();
    query
        .query_map([], |row| {
            Ok(Sealed {
                kind: row.get(0)?,
                id: RecordId::from_bytes(row.get(1)?),
                version: row.get(2)?,
                sealed: row.get(3)?,
            })
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn put(raw: &Connection, row: &Sealed) {
    raw.execute(
        "INSERT OR REPLACE INTO record (kind, id, version, sealed) VALUES (?, ?, ?, ?)",
        (row.kind, row.id.as_bytes(), row.version, &row.sealed),
    )
    .unwrap();
}

fn manifest_row(files: &Files, bucket: u16) -> (i64, Vec<u8>) {
    let folder = Folder::in_memory();
    files.write(&folder.0);
    let query = "SELECT version, sealed FROM manifest WHERE bucket = ?";
    raw(&folder.0)
        .query_row(query, [bucket], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
}

fn put_manifest(raw: &Connection, bucket: u16, (version, sealed): &(i64, Vec<u8>)) {
    let sql = "INSERT OR REPLACE INTO manifest (bucket, version, sealed) VALUES (?, ?, ?)";
    raw.execute(sql, (bucket, version, sealed)).unwrap();
}

/// How many of the expected records do not read, and whether anything reads wrong.
fn damaged(vault: &Vault, expected: &Content) -> Result<Vec<(u16, RecordId)>, &'static str> {
    let mut out = Vec::new();
    for ((kind, id), data) in expected {
        match vault.read(Kind(*kind), *id) {
            Ok(record) if record.data().expose() == data => {}
            Ok(_) => return Err("an older or other record reads as the current one"),
            Err(Error::NotFound) => return Err("it is said never to have been"),
            Err(_) => out.push((*kind, *id)),
        }
    }
    for kind in KINDS {
        for entry in vault.list(kind).unwrap_or_default() {
            let known = expected.get(&(kind.0, entry.id));
            match (&entry.record, known) {
                (Ok(record), Some(data)) if record.data().expose() == data => {}
                (Ok(_), _) => return Err("a list has what is not the vault's"),
                (Err(Damage::Unlisted), None) => out.push((kind.0, entry.id)),
                (Err(_), _) => {}
            }
        }
    }
    Ok(out)
}

struct Attack<'a> {
    scene: &'a Scene,
    folder: Folder,
}

impl Attack<'_> {
    /// Does it to a fresh copy; `concerned` may stop reading, the others must not.
    fn case(&self, row: &mut Row, concerned: &[(u16, RecordId)], attack: impl FnOnce(&Connection)) {
        self.scene.now.write(&self.folder.0);
        {
            let raw = raw(&self.folder.0);
            attack(&raw);
        }
        self.examine(row, concerned);
    }

    fn examine(&self, row: &mut Row, concerned: &[(u16, RecordId)]) {
        row.cases += 1;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let (vault, _) = open(&self.folder.0).map_err(|_| "it does not open")?;
            let rolled_back = matches!(vault.rollback(), Rollback::Detected { .. });
            Ok::<_, &str>((damaged(&vault, &self.scene.expected), rolled_back))
        }));
        match outcome {
            Err(_) => row.panics += 1,
            Ok(Err(what)) => {
                row.touched += 1;
                row.tell(|| what.to_owned());
            }
            Ok(Ok((Err(_), true))) => row.noticed += 1,
            Ok(Ok((Err(what), false))) => {
                row.lost += 1;
                row.tell(|| what.to_owned());
            }
            Ok(Ok((Ok(found), rolled_back))) => {
                let noticed = rolled_back || concerned.iter().all(|key| found.contains(key));
                if noticed {
                    row.noticed += 1;
                } else {
                    row.lost += 1;
                    row.tell(|| "unnoticed".to_owned());
                }
                if found.iter().any(|key| !concerned.contains(key)) {
                    row.touched += 1;
                    row.tell(|| "a record that is not concerned does not read".to_owned());
                }
            }
        }
    }
}

/// All of them.
pub fn rows() -> Vec<Row> {
    let scene = scene();
    let attack = Attack {
        scene: &scene,
        folder: Folder::in_memory(),
    };
    let now = rows_of(&scene.now);
    let older: Vec<Vec<Sealed>> = scene.before.iter().map(rows_of).collect();
    let key = |row: &Sealed| (row.kind, row.id);
    let mut rows = Vec::new();

    let mut row = Row::new("records: every pair swapped (content; content and version)");
    for (at, one) in now.iter().enumerate() {
        for two in &now[at + 1..] {
            for with_version in [false, true] {
                attack.case(&mut row, &[key(one), key(two)], |raw| {
                    for (from, to) in [(one, two), (two, one)] {
                        let version = if with_version { from.version } else { to.version };
                        let sealed = from.sealed.clone();
                        put(
                            raw,
                            &Sealed {
                                version,
                                sealed,
                                ..to.clone()
                            },
                        );
                    }
                });
            }
        }
    }
    rows.push(row);

    let mut row = Row::new("records: every one put back to every older version");
    for old in older.iter().flatten() {
        let current = now.iter().find(|row| key(row) == key(old)).unwrap();
        attack.case(&mut row, &[key(old)], |raw| put(raw, old));
        let version = current.version;
        attack.case(&mut row, &[key(old)], |raw| {
            put(raw, &Sealed { version, ..old.clone() })
        });
    }
    rows.push(row);

    rows.extend(rolled_back(&scene, &attack, &older));

    let mut row = Row::new("records: every one deleted");
    for gone in &now {
        attack.case(&mut row, &[key(gone)], |raw| {
            raw.execute(
                "DELETE FROM record WHERE kind = ? AND id = ?",
                (gone.kind, gone.id.as_bytes()),
            )
            .unwrap();
        });
    }
    rows.push(row);

    let mut row = Row::new("records: every one duplicated under another id, and under another kind");
    for original in &now {
        let id = RecordId::from_bytes([0x77; 16]);
        let copy = Sealed { id, ..original.clone() };
        attack.case(&mut row, &[key(&copy)], |raw| put(raw, &copy));
        let other = now
            .iter()
            .find(|row| row.kind != original.kind && row.id == original.id)
            .unwrap();
        let (kind, version) = (other.kind, other.version);
        let copy = Sealed {
            kind,
            version,
            ..original.clone()
        };
        attack.case(&mut row, &[key(&copy)], |raw| put(raw, &copy));
    }
    rows.push(row);

    let mut row = Row::new("records: every one of another vault put in the place of ours");
    let foreign = rows_of(&self::scene().now);
    for theirs in &foreign {
        attack.case(&mut row, &[key(theirs)], |raw| put(raw, theirs));
    }
    rows.push(row);
    rows
}

/// Records together with what vouches for them, up to the whole file.
fn rolled_back(scene: &Scene, attack: &Attack<'_>, older: &[Vec<Sealed>]) -> Vec<Row> {
    let mut rows = Vec::new();
    for with_root in [false, true] {
        let with = if with_root {
            "their part of the manifest and its root"
        } else {
            "their part of the manifest"
        };
        let mut row = Row::new(&format!("records: put back with {with}"));
        for (files, old) in scene.before.iter().zip(older) {
            let root = manifest_row(files, 256);
            for number in 0..RECORDS {
                let first = u16::from(id(number).as_bytes()[0]);
                let bucket = manifest_row(files, first);
                let of_it: Vec<&Sealed> = old
                    .iter()
                    .filter(|row| u16::from(row.id.as_bytes()[0]) == first)
                    .collect();
                // An older root vouches for nothing that was written since.
                let concerned: Vec<_> = match with_root {
                    true => scene.expected.keys().copied().collect(),
                    false => of_it.iter().map(|row| (row.kind, row.id)).collect(),
                };
                attack.case(&mut row, &concerned, |raw| {
                    of_it.iter().for_each(|row| put(raw, row));
                    put_manifest(raw, first, &bucket);
                    if with_root {
                        put_manifest(raw, 256, &root);
                    }
                });
            }
        }
        rows.push(row);
    }
    let mut row = Row::new("vault file put back whole, the area's counter kept");
    for files in &scene.before {
        let mut mixed = scene.now.clone();
        mixed.0.insert("vault.db".to_owned(), files.0["vault.db"].clone());
        mixed.write(&attack.folder.0);
        attack.examine(&mut row, &[]);
    }
    rows.push(row);

    let mut row = Row::new("vault file and the software area's files put back together");
    for files in &scene.before {
        files.write(&attack.folder.0);
        let (vault, _) = open(&attack.folder.0).unwrap();
        row.cases += 1;
        row.harmless += u64::from(vault.rollback() == Rollback::None);
        row.noticed += u64::from(vault.rollback() != Rollback::None);
    }
    row.note =
        "harmless: NOT DETECTABLE by a software area, whose counters are a file too; hardware counters do not go back"
            .to_owned();
    rows.push(row);
    rows
}
