//! An export, as someone leaves it who can write to the disk, and as someone makes it who knows the passphrase.

use crate::tell;
use idwallet_crypto::{Argon2Params, Secret, SecretBytes};
use idwallet_storage::{SealedFileError, SealedReader, SealedWriter};
use idwallet_test_support::SeededRandom;
use idwallet_wallet::Backup;
use std::io::Cursor;
use std::sync::LazyLock;

const PASSPHRASE: &str = "replay";

fn passphrase() -> SecretBytes {
    Secret::new(PASSPHRASE.as_bytes().to_vec())
}

fn seal<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Vec<u8> {
    // What the reader accepts and what costs nothing.
    let cost = Argon2Params::new(8, 1, 1).unwrap();
    let mut writer = SealedWriter::new(Vec::new(), &passphrase(), cost, &SeededRandom::new(5)).unwrap();
    for entry in entries {
        writer.entry(entry).unwrap();
    }
    writer.finish().unwrap()
}

const ENTRIES: [&[u8]; 3] = [b"one", &[7; 300], b"three"];

static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| seal(ENTRIES));

/// The first byte says which of the two: an even one, alterations of a good file, each an offset (2 bytes), a length and so many bytes,
/// an offset beyond the end cutting the file short or lengthening it; an odd one, entries, each a length (2 bytes) and so many bytes, the
/// last one taking what is left.
///
/// An altered file gives what was written, beginning to end, or an error.
pub fn backup_file(data: &[u8]) {
    match data.split_first() {
        Some((kind, rest)) if kind % 2 == 0 => altered(rest),
        Some((_, rest)) => made(rest),
        None => {}
    }
}

fn altered(mut rest: &[u8]) {
    let mut file = GOOD.clone();
    while let [high, low, length, tail @ ..] = rest {
        let at = usize::from(*high) << 8 | usize::from(*low);
        let (bytes, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        match file.get_mut(at..at + bytes.len()) {
            Some(place) => place.copy_from_slice(bytes),
            None if at % 2 == 0 => file.truncate(at % (file.len() + 1)),
            None => file.extend_from_slice(bytes),
        }
    }
    match read(&file) {
        Ok(entries) => {
            assert!(file == *GOOD, "an altered file was read");
            assert_eq!(entries, ENTRIES.map(<[u8]>::to_vec));
        }
        Err(error) => {
            assert!(file != *GOOD, "a good file was refused");
            tell(&error);
        }
    }
}

fn read(file: &[u8]) -> Result<Vec<Vec<u8>>, SealedFileError> {
    let mut reader = SealedReader::open(Cursor::new(file), &passphrase())?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        entries.push(entry.expose().clone());
    }
    Ok(entries)
}

fn made(mut rest: &[u8]) {
    let mut entries = Vec::new();
    while let [high, low, tail @ ..] = rest {
        let length = usize::from(*high) << 8 | usize::from(*low);
        let (entry, tail) = tail.split_at(length.min(tail.len()));
        rest = tail;
        if !entry.is_empty() {
            entries.push(entry);
        }
    }
    match Backup::open(Cursor::new(seal(entries)), PASSPHRASE, &mut |_, _| {}) {
        Ok(backup) => drop(std::hint::black_box(backup.contents())),
        Err(error) => tell(&error),
    }
}

/// Entries as an input of the target.
pub(crate) fn input(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![1];
    for entry in entries {
        out.extend_from_slice(&u16::try_from(entry.len()).unwrap().to_be_bytes());
        out.extend_from_slice(entry);
    }
    out
}

/// The length of the good file.
pub(crate) fn length() -> usize {
    GOOD.len()
}
