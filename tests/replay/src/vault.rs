//! The vault's file, as someone leaves it who can write to the disk.

use crate::tell;
use idwallet_crypto::{Random, Secret, SystemRandom};
use idwallet_storage::{DataKey, Error, Kind, LockedVault, Lookup, NewVault, RecordId, Vault};
use idwallet_test_support::SeededRandom;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

const DOCUMENT: Kind = Kind(2);
const RECORDS: u8 = 6;
/// No file that is opened is larger.
const MAX_FILE: usize = 128 * 1024;

/// A good vault's bytes, its key, and the folder in which altered copies are laid. In memory where there is such a place.
struct Fixture {
    folder: PathBuf,
    file: Vec<u8>,
    key: [u8; 32],
}

static FIXTURE: LazyLock<Mutex<Fixture>> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = base.join(format!("idwallet-replay-{}", std::process::id()));
    // A fuzzer never ends in good order, so the next one clears up behind those that are gone.
    for old in std::fs::read_dir(&base).unwrap().flatten() {
        let name = old.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("idwallet-replay-"));
        if number.is_some_and(|number| !PathBuf::from("/proc").join(number).exists()) {
            let _ = std::fs::remove_dir_all(old.path());
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(3));
    let new = NewVault::generate(&*random).unwrap();
    let path = folder.join("vault.db");
    let mut vault = new.create(&path, b"wrapped", random).unwrap();
    for number in 0..RECORDS {
        let lookup = Lookup {
            name: "doctype",
            value: &[number],
        };
        vault
            .transaction::<_, Error>(|tx| tx.insert(DOCUMENT, id(number), &record(number), &[lookup]))
            .unwrap();
    }
    vault.checkpoint().unwrap();
    drop(vault);
    let file = std::fs::read(&path).unwrap();
    let key = *new.data_key().expose().first_chunk().unwrap();
    Mutex::new(Fixture { folder, file, key })
});

fn id(number: u8) -> RecordId {
    RecordId::from_bytes([number.wrapping_mul(41); 16])
}

fn record(number: u8) -> Vec<u8> {
    vec![number ^ 0x5a; 40 + 90 * usize::from(number)]
}

/// The base vault's bytes, for seeds.
pub(crate) fn base() -> Vec<u8> {
    FIXTURE.lock().unwrap().file.clone()
}

/// The input is a whole file if it begins as one of SQLite's; otherwise a list of alterations of a good vault, each an offset
/// (3 bytes), a length and so many bytes, the last one taking what is left; an offset beyond the end cuts the file short.
///
/// Whatever is done to the file: it opens or it does not, and what is read is what was written.
pub fn vault_file(data: &[u8]) {
    let fixture = FIXTURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut file = if data.starts_with(b"SQLite") {
        data.to_vec()
    } else {
        fixture.file.clone()
    };
    let mut rest = data;
    while let [high, middle, low, length, tail @ ..] = rest
        && !data.starts_with(b"SQLite")
    {
        let at = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
        let (bytes, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        match file.get_mut(at..at + bytes.len()) {
            Some(place) => place.copy_from_slice(bytes),
            None => file.truncate(at % (file.len() + 1)),
        }
    }
    file.truncate(MAX_FILE);
    let path = fixture.folder.join("vault.db");
    for left_over in ["vault.db-wal", "vault.db-shm", "vault.db-journal"] {
        let _ = std::fs::remove_file(fixture.folder.join(left_over));
    }
    let mut options = OpenOptions::new();
    let mut target = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .unwrap();
    target.write_all(&file).unwrap();
    drop(target);
    let opened = LockedVault::open(&path).and_then(|locked| {
        let key: DataKey = Secret::new(fixture.key);
        locked.unlock(&key, Arc::new(SystemRandom::new()))
    });
    match opened {
        Ok(vault) => read(&vault),
        Err(error) => tell(&error),
    }
}

fn read(vault: &Vault) {
    for number in 0..RECORDS {
        match vault.read(DOCUMENT, id(number)) {
            Ok(found) => assert_eq!(found.data().expose(), &record(number), "a record is what was written"),
            Err(error) => tell(&error),
        }
        match vault.find(
            DOCUMENT,
            Lookup {
                name: "doctype",
                value: &[number],
            },
        ) {
            Ok(found) => assert!(found.iter().all(|found| *found == id(number))),
            Err(error) => tell(&error),
        }
    }
    for listed in [vault.list(DOCUMENT), vault.salvage(DOCUMENT)] {
        let Ok(entries) = listed else { continue };
        for entry in entries {
            let Ok(found) = entry.record else { continue };
            let number = (0..RECORDS)
                .find(|number| id(*number) == entry.id)
                .expect("a record that was written");
            assert_eq!(found.data().expose(), &record(number), "a record is what was written");
        }
    }
    std::hint::black_box((
        vault.count(DOCUMENT).is_ok(),
        vault.manifest_holds().is_ok(),
        vault.generation().is_ok(),
    ));
}
