//! Bytes altered in an export, and in the files of a wallet with documents, a history, a PIN and a record outside.

use crate::bytes::sealed_places;
use crate::scene::{Files, Folder};
use crate::seen::{self, PASSPHRASE, cheap, import, locked, moment, pin};
use crate::table::Row;
use idwallet_crypto::Curve;
use idwallet_test_support::{NOW, World, key};
use idwallet_wallet::{Backup, Code, Wallet, WalletError};
use pollster::block_on;
use std::io::Cursor;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Does the work with every part of it on two threads.
fn spread(fault: &str, cases: &[usize], work: impl Fn(&mut Row, usize) + Sync) -> Row {
    let mut row = Row::new(fault);
    let half = |thread: usize| {
        let mut row = Row::default();
        for case in cases.iter().copied().skip(thread).step_by(2) {
            row.cases += 1;
            if catch_unwind(AssertUnwindSafe(|| work(&mut row, case))).is_err() {
                row.panics += 1;
                row.tell(|| format!("panic: case {case}"));
            }
        }
        row
    };
    let parts = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        [half(0), other.join().unwrap()]
    });
    parts.iter().for_each(|part| row.add(part));
    row
}

fn small_export() -> Vec<u8> {
    let folder = Folder::in_memory();
    let wallet = seen::new(&folder.0);
    import(&wallet, &World::new(1), 1, 1).unwrap();
    let written = block_on(wallet.export(Vec::new(), PASSPHRASE, &cheap(), NOW, &mut |_, _| {}));
    written.unwrap().1
}

fn must_refuse(row: &mut Row, file: Vec<u8>, what: &str) {
    match Backup::open(Cursor::new(file), PASSPHRASE, &mut |_, _| {}) {
        Err(WalletError::Backup(_)) => row.noticed += 1,
        Err(other) => {
            row.touched += 1;
            row.tell(|| format!("{what}: said {other}"));
        }
        Ok(_) => {
            row.lost += 1;
            row.tell(|| format!("{what}: opens"));
        }
    }
}

fn exports(short: bool) -> Vec<Row> {
    let file = small_export();
    assert!(Backup::open(Cursor::new(&file), PASSPHRASE, &mut |_, _| {}).is_ok());
    let all: Vec<usize> = (0..file.len()).collect();
    let some = |step: usize| {
        all.iter()
            .copied()
            .step_by(if short { step } else { 1 })
            .collect::<Vec<_>>()
    };
    let note = format!("a file of {} bytes", file.len());
    // The header is small: all of it. Every position of a bit comes up.
    let mut places = some(67);
    places.extend(if short {
        (1..96).step_by(5).collect()
    } else {
        Vec::new()
    });
    let mut flipped = spread("export: a bit of every byte flipped", &places, |row, at| {
        let mut altered = file.clone();
        altered[at] ^= 1 << (at % 8);
        must_refuse(row, altered, &format!("byte {at}"));
    });
    flipped.tell(|| note.clone());
    let mut cut = spread("export: cut at every length", &some(401), |row, length| {
        must_refuse(row, file[..length].to_vec(), &format!("the first {length} bytes"));
    });
    cut.tell(|| note.clone());
    let mut longer = spread(
        "export: something appended; parts of another one in its place",
        &[0, 1, 2, 3, 4],
        |row, case| {
            let other = small_export();
            let (half, end) = (file.len() / 2, file.len());
            let altered = match case {
                0 => [file.as_slice(), &[0]].concat(),
                1 => [file.as_slice(), &file].concat(),
                2 => [&file[..96], &other[96..]].concat(),
                3 => [&file[..half], &other[half.min(other.len())..]].concat(),
                _ => [&other[..96.min(end)], &file[96..]].concat(),
            };
            must_refuse(row, altered, &format!("case {case}"));
        },
    );
    longer.tell(|| note.clone());
    vec![flipped, cut, longer]
}

/// The files of a wallet and what it shows when nothing is altered.
struct Scene {
    files: Files,
    papers: Vec<String>,
    history: Vec<String>,
    held: String,
    again: usize,
}

impl Scene {
    fn new(with_pin: bool) -> Self {
        let (folder, world) = (Folder::in_memory(), World::new(1));
        let from = Folder::in_memory();
        {
            let wallet = seen::new(&from.0);
            import(&wallet, &world, 9, 1).unwrap();
            crate::acts::export(&wallet, &from.0.join("again"), &cheap().without_values());
        }
        let wallet = seen::new(&folder.0);
        for number in 1..4 {
            import(&wallet, &world, number, number.min(2)).unwrap();
        }
        crate::acts::restore(&wallet, &world, &from.0.join("again")).unwrap();
        wallet
            .name_authority(Some(*key(Curve::P256, 7).public_key()), NOW)
            .unwrap();
        if with_pin {
            block_on(wallet.set_pin(&pin(0), moment())).unwrap();
        }
        let (papers, history) = (seen::papers(&wallet).unwrap(), history(&wallet).unwrap());
        let again = wallet.to_be_reissued().unwrap().len();
        drop(wallet);
        let held = block_on(locked(&folder.0).unwrap().held_papers()).unwrap();
        Self {
            files: Files::read(&folder.0),
            papers,
            history,
            held: format!("{held:?}"),
            again,
        }
    }
}

/// The entries, or nothing where it says that something is wrong with them.
fn history(wallet: &Wallet) -> Option<Vec<String>> {
    let history = wallet.history().ok()?;
    let lines = history.entries.iter().map(|entry| format!("{entry:?}"));
    history.problems.is_empty().then(|| lines.collect())
}

enum Outcome {
    /// Not opened; `waits`: after it was written down that tries may be missing.
    Refused {
        waits: bool,
    },
    Nothing,
    Noticed,
    Wrong(String),
}

/// What was altered, and so what must still be possible where the wallet opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A record: all but one document reads, another one can be imported.
    Record,
    /// A part of the table of contents: another document can be imported.
    Contents,
    /// Anything else of the vault's file: another document can be imported, or the file is said to be damaged.
    Other,
}

/// Opens it and looks at everything.
fn examine(folder: &Path, scene: &Scene, world: &World, part: Part) -> Outcome {
    let Ok(mut locked) = locked(folder) else {
        return Outcome::Refused { waits: false };
    };
    let mut noticed = false;
    match block_on(locked.held_papers()) {
        Ok(held) if format!("{held:?}") == scene.held => {}
        Ok(_) => return Outcome::Wrong("what is readable before the PIN reads otherwise".to_owned()),
        Err(_) => noticed = true,
    }
    let with = locked.needs_pin().then(|| pin(0));
    let wallet = match block_on(locked.unlock(with.as_ref(), moment())) {
        Ok(wallet) => wallet,
        Err(refused) => {
            let waits = matches!(refused.error(), WalletError::Locked { .. });
            let (mut locked, _) = refused.into_parts();
            // The longest wait is for tries that cannot be counted any more, never for nothing.
            let told = block_on(locked.access(moment())).is_ok_and(|access| access.restored);
            return match (waits, told) {
                (true, false) => Outcome::Wrong("it waits and does not say why".to_owned()),
                _ => Outcome::Refused { waits },
            };
        }
    };
    noticed |= wallet.damaged_records().map_or(true, |records| !records.is_empty());
    noticed |= !wallet.is_intact().unwrap_or(false) || wallet.rollback() != idwallet_wallet::Rollback::None;
    let mut documents = 3;
    match wallet.list(NOW) {
        Err(_) => noticed = true,
        Ok(listing) => {
            noticed |= !listing.damaged.is_empty();
            let mut expected = scene.papers.clone();
            documents = 3_usize.saturating_sub(listing.documents.len());
            if documents > listing.damaged.len() && wallet.is_intact().unwrap_or(false) {
                return Outcome::Wrong("a document is left out of the list unseen".to_owned());
            }
            for document in listing.documents {
                let Ok(view) = wallet.show(document.id, NOW) else {
                    (noticed, documents) = (true, documents + 1);
                    continue;
                };
                let line = seen::paper(&document, &view);
                match expected.iter().position(|other| *other == line) {
                    Some(place) => drop(expected.remove(place)),
                    None => return Outcome::Wrong(format!("a document reads otherwise: {line}")),
                }
            }
        }
    }
    match history(&wallet) {
        // Opening may have mended something, and says so there.
        Some(history) if history.starts_with(&scene.history) => noticed |= history.len() > scene.history.len(),
        Some(_) => return Outcome::Wrong("the history reads otherwise".to_owned()),
        None => noticed = true,
    }
    match wallet.to_be_reissued() {
        Ok(again) if again.len() < scene.again && !noticed => {
            return Outcome::Wrong("what is to be issued again is left out unseen".to_owned());
        }
        Ok(_) => {}
        Err(_) => noticed = true,
    }
    if part == Part::Record && documents > 1 {
        return Outcome::Wrong(format!("{documents} documents do not read"));
    }
    match import(&wallet, world, 50, 1) {
        Ok(()) => {}
        Err(error) if part == Part::Other && error.code() == Code::VaultDamaged => noticed = true,
        Err(error) => return Outcome::Wrong(format!("it takes no document afterwards: {error}")),
    }
    if noticed { Outcome::Noticed } else { Outcome::Nothing }
}

fn flips(fault: &str, scene: &Scene, name: &str, places: &[usize], part: Part) -> Row {
    let world = World::new(1);
    let mut row = spread(fault, places, |row, at| {
        let folder = Folder::in_memory();
        let mut altered = scene.files.clone();
        altered.0.get_mut(name).unwrap()[at] ^= 1 << (at % 8);
        altered.write(&folder.0);
        match examine(&folder.0, scene, &world, part) {
            Outcome::Refused { waits } => {
                row.noticed += 1;
                if !waits && Files::read(&folder.0).filled() != altered.filled() {
                    row.touched += 1;
                    row.tell(|| format!("refused and written to: {name} byte {at}"));
                }
            }
            Outcome::Noticed => row.noticed += 1,
            Outcome::Nothing if part != Part::Other => {
                row.lost += 1;
                row.tell(|| format!("unnoticed: {name} byte {at}"));
            }
            Outcome::Nothing => row.harmless += 1,
            Outcome::Wrong(why) => {
                row.torn += 1;
                row.tell(|| format!("{why}: {name} byte {at}"));
            }
        }
    });
    row.tell(|| format!("{} bytes", scene.files.0[name].len()));
    row
}

fn wallets(short: bool) -> Vec<Row> {
    let step = |short_step: usize| if short { short_step } else { 1 };
    let plain = Scene::new(false);
    let length = plain.files.0["vault.db"].len();
    let records = sealed_places(&plain.files, "SELECT sealed FROM record");
    let contents = sealed_places(&plain.files, "SELECT sealed FROM manifest WHERE bucket < 256");
    let places: Vec<usize> = (0..length).step_by(step(997)).collect();
    let within = |ranges: &[Range<usize>], step: usize| -> Vec<usize> {
        ranges.iter().flat_map(|range| range.clone().step_by(step)).collect()
    };
    let mut rows = vec![
        flips(
            "wallet: a bit of every byte of the vault flipped: another can be imported, or the vault says that it is damaged",
            &plain,
            "vault.db",
            &places,
            Part::Other,
        ),
        flips(
            "wallet: a bit of every byte of a record: one document at most is lost, another can be imported",
            &plain,
            "vault.db",
            &within(&records, step(331)),
            Part::Record,
        ),
        flips(
            "wallet: a bit of every byte of the table of contents: another can be imported",
            &plain,
            "vault.db",
            &within(&contents, step(331)),
            Part::Contents,
        ),
    ];
    let with_pin = Scene::new(true);
    let columns = ["vault_id", "wrapped", "key_check", "checksum", "ways"];
    let mut door: Vec<Range<usize>> = columns
        .iter()
        .flat_map(|column| sealed_places(&with_pin.files, &format!("SELECT {column} FROM header")))
        .collect();
    door.extend(sealed_places(&with_pin.files, "SELECT sealed FROM outside"));
    rows.push(flips(
        "wallet with a PIN: a bit of every byte of the header, the lock's state and the record outside flipped",
        &with_pin,
        "vault.db",
        &within(&door, step(61)),
        Part::Other,
    ));
    let names: Vec<&String> = with_pin
        .files
        .0
        .keys()
        .filter(|name| name.starts_with("area"))
        .collect();
    for name in names {
        let places: Vec<usize> = (0..with_pin.files.0[name].len()).step_by(step(13)).collect();
        let fault = format!("wallet with a PIN: a bit of every byte of {name} flipped");
        rows.push(flips(&fault, &with_pin, name, &places, Part::Other));
    }
    rows
}

/// All of them.
pub fn rows(short: bool) -> Vec<Row> {
    let mut rows = exports(short);
    rows.extend(wallets(short));
    rows
}
