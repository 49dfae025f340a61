//! The container of exports: whatever is done to a file, it gives what was written or is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    reason = "tests"
)]

use idwallet_crypto::{Argon2Params, Random as _, Secret, SecretBytes, SystemRandom};
use idwallet_storage::{MAX_ENTRY_LEN, MAX_SEALED_FILE_LEN, SealedFileError, SealedReader, SealedWriter, WholeFile};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::time::Instant;

const HEADER: usize = 96;
const CHUNK: usize = 64 * 1024 + 16;

fn cheap() -> Argon2Params {
    Argon2Params::new(8, 1, 1).unwrap()
}

fn passphrase(text: &str) -> SecretBytes {
    Secret::new(text.as_bytes().to_vec())
}

fn seal(entries: &[&[u8]]) -> Vec<u8> {
    let mut writer = SealedWriter::new(Vec::new(), &passphrase("right"), cheap(), &SystemRandom::new()).unwrap();
    for entry in entries {
        writer.entry(entry).unwrap();
    }
    writer.finish().unwrap()
}

fn open_with(file: &[u8], with: &str) -> Result<Vec<Vec<u8>>, SealedFileError> {
    let mut reader = SealedReader::open(Cursor::new(file), &passphrase(with))?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        entries.push(entry.expose().clone());
    }
    Ok(entries)
}

fn open(file: &[u8]) -> Result<Vec<Vec<u8>>, SealedFileError> {
    open_with(file, "right")
}

fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).unwrap();
    bytes
}

#[test]
fn what_was_written_is_read_again_and_again() {
    for lengths in [&[][..], &[1], &[5, 70_000, 1], &[200_000, 65_532, 65_536], &[300_000]] {
        let entries: Vec<Vec<u8>> = lengths.iter().map(|length| noise(*length)).collect();
        let file = seal(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert_eq!(open(&file).unwrap(), entries);
        let mut reader = SealedReader::open(Cursor::new(&file), &passphrase("right")).unwrap();
        for _ in 0..2 {
            for entry in &entries {
                assert_eq!(reader.next_entry().unwrap().unwrap().expose(), entry);
            }
            assert!(reader.next_entry().unwrap().is_none());
            assert!(reader.next_entry().unwrap().is_none());
            reader.rewind().unwrap();
        }
    }
}

/// What the file's length tells: no more than a step that is an eighth wide, and nothing below 4 KiB.
#[test]
fn lengths_are_padded() {
    let lengths: std::collections::BTreeSet<usize> = (1..4000).step_by(97).map(|n| seal(&[&noise(n)]).len()).collect();
    assert_eq!(lengths.len(), 1);
    for length in [10_000, 100_000, 1_000_000] {
        let file = seal(&[&noise(length)]).len();
        assert!(file > length && file < length + length / 8 + 4096, "{length}: {file}");
    }
    assert_eq!(seal(&[&noise(100_000)]).len(), seal(&[&noise(100_200)]).len());
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let file = seal(&[&noise(100)]);
    for length in 0..file.len() {
        let error = open(&file[..length]).unwrap_err();
        let expected = if length < 16 {
            SealedFileError::Foreign
        } else {
            SealedFileError::Damaged("")
        };
        assert_eq!(
            core::mem::discriminant(&error),
            core::mem::discriminant(&expected),
            "{length}: {error}"
        );
    }
}

#[test]
fn a_file_with_any_byte_altered_is_refused() {
    let mut file = seal(&[&noise(100)]);
    for at in 0..file.len() {
        for bit in [1, 0x80] {
            file[at] ^= bit;
            match (at, open(&file).unwrap_err()) {
                (0..16, SealedFileError::Foreign) | (16, SealedFileError::Newer(_)) => {}
                // The checksum tells damage to the head from a wrong passphrase.
                (16.., SealedFileError::Damaged(_)) => {}
                (at, other) => panic!("{at}: {other}"),
            }
            file[at] ^= bit;
        }
    }
    assert!(open(&file).is_ok());
}

#[test]
fn chunks_swapped_repeated_left_out_or_from_another_file_are_refused() {
    let content = noise(3 * 64 * 1024 + 1000);
    let file = seal(&[&content]);
    let other = seal(&[&content]);
    let (header, body) = file.split_at(HEADER);
    let chunks: Vec<&[u8]> = body.chunks(CHUNK).collect();
    let with = |chunks: &[&[u8]]| [header, &chunks.concat()].concat();
    assert!(open(&with(&chunks)).is_ok());
    let (a, b, c, d) = (chunks[0], chunks[1], chunks[2], chunks[3]);
    let foreign = &other[HEADER..HEADER + CHUNK];
    for wrong in [
        &[b, a, c, d][..],
        &[a, c, b, d],
        &[a, b, c, c],
        &[a, a, b, c, d],
        &[a, b, b, c, d],
        &[a, c, d],
        &[b, c, d],
        // Cut at the boundary of a chunk, and one more of another kind at the end.
        &[a, b, c],
        &[a],
        &[],
        &[a, b, c, d, d],
        &[a, b, c, d, b"x"],
        &[a, b, c, d, &[0; CHUNK]],
        &[foreign, b, c, d],
    ] {
        assert!(matches!(open(&with(wrong)), Err(SealedFileError::Damaged(_))));
    }
    // The head of another file under the same passphrase.
    assert!(matches!(
        open(&[&other[..HEADER], body].concat()),
        Err(SealedFileError::Damaged(_))
    ));
}

/// What the checksum is for: whoever alters head and checksum on purpose is told what a wrong passphrase is told.
#[test]
fn a_wrong_passphrase_is_told_from_damage() {
    let file = seal(&[b"x"]);
    assert_eq!(open_with(&file, "wrong").unwrap_err(), SealedFileError::WrongPassphrase);
    assert_eq!(open_with(&file, "").unwrap_err(), SealedFileError::WrongPassphrase);
}

fn with_header(file: &[u8], change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut file = file.to_vec();
    change(&mut file[..80]);
    let sum = idwallet_crypto::sha256(&file[..80]);
    file[80..96].copy_from_slice(&sum[..16]);
    file
}

/// A file cannot make the reader spend memory or time.
#[test]
fn absurd_costs_are_refused_at_once() {
    let file = seal(&[b"x"]);
    let begun = Instant::now();
    for (memory, passes, lanes) in [
        (4 * 1024 * 1024, 1, 1),
        (u32::MAX, u32::MAX, u32::MAX),
        (512 * 1024 + 1, 1, 1),
        (512 * 1024, 9, 1),
        (64 * 1024, 65, 1),
        (1024, 1, 17),
        (0, 1, 1),
        (8, 0, 1),
        (8, 1, 0),
    ] {
        let file = with_header(&file, |header| {
            header[20..24].copy_from_slice(&u32::to_be_bytes(memory));
            header[24..28].copy_from_slice(&u32::to_be_bytes(passes));
            header[28..32].copy_from_slice(&u32::to_be_bytes(lanes));
        });
        assert_eq!(
            open(&file).unwrap_err(),
            SealedFileError::Cost,
            "{memory} {passes} {lanes}"
        );
    }
    assert!(begun.elapsed().as_secs() < 2);
    let dear = Argon2Params::new(1024 * 1024, 1, 1).unwrap();
    let writer = SealedWriter::new(Vec::new(), &passphrase("right"), dear, &SystemRandom::new());
    assert_eq!(writer.unwrap_err(), SealedFileError::Cost);
}

#[test]
fn another_format_is_told_as_newer_and_anything_else_as_foreign() {
    let file = seal(&[b"x"]);
    for format in [2, 3, 255] {
        let newer = with_header(&file, |header| header[16] = format);
        assert_eq!(open(&newer).unwrap_err(), SealedFileError::Newer(format));
    }
    assert_eq!(
        open(&with_header(&file, |header| header[17] = 2)).unwrap_err(),
        SealedFileError::Damaged("its head was altered")
    );
    for foreign in [&b""[..], b"SQLite format 3\0", b"age-encryption.org/v1\n", &[0; 200]] {
        assert_eq!(open(foreign).unwrap_err(), SealedFileError::Foreign);
    }
}

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("idwallet-sealed-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir(&dir).unwrap();
        Self(dir)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_oversized_file_is_refused_unread() {
    let dir = Dir::new("large");
    let path = dir.0.join("large");
    fs::write(&path, seal(&[b"x"])).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(MAX_SEALED_FILE_LEN + 1)
        .unwrap();
    let begun = Instant::now();
    let opened = SealedReader::open(fs::File::open(&path).unwrap(), &passphrase("right"));
    assert_eq!(opened.unwrap_err(), SealedFileError::TooLarge);
    assert!(begun.elapsed().as_secs() < 2);
}

#[test]
fn empty_and_oversized_entries_are_refused() {
    let mut writer = SealedWriter::new(Vec::new(), &passphrase("right"), cheap(), &SystemRandom::new()).unwrap();
    assert_eq!(writer.entry(b"").unwrap_err(), SealedFileError::TooLarge);
    assert_eq!(
        writer.entry(&vec![0; MAX_ENTRY_LEN + 1]).unwrap_err(),
        SealedFileError::TooLarge
    );
    writer.entry(b"fits").unwrap();
    assert_eq!(open(&writer.finish().unwrap()).unwrap(), [b"fits".to_vec()]);
}

/// Equal content under the equal passphrase gives files that have nothing in common, and none shows what is in it.
#[test]
fn no_plaintext_is_in_the_file() {
    let marker = b"MARKER-Nguyen-Thi-Thu-Trang";
    let (one, two) = (seal(&[marker]), seal(&[marker]));
    assert!(
        !one.windows(8)
            .any(|window| marker.windows(8).any(|part| part == window))
    );
    assert!(
        one[32..]
            .windows(16)
            .all(|window| !two[32..].windows(16).any(|other| other == window))
    );
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let dir = Dir::new("whole");
    let path = dir.0.join("export");
    let random = SystemRandom::new();
    let mut file = WholeFile::create(&path, false, &random).unwrap();
    file.write_all(b"half").unwrap();
    assert!(!path.exists());
    drop(file);
    assert!(dir.names().is_empty());

    let mut file = WholeFile::create(&path, false, &random).unwrap();
    file.write_all(b"one").unwrap();
    file.publish().unwrap();
    assert_eq!(dir.names(), ["export"]);
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
        0o600
    );

    assert_eq!(
        WholeFile::create(&path, false, &random).unwrap_err(),
        SealedFileError::Exists
    );
    let mut file = WholeFile::create(&path, true, &random).unwrap();
    file.write_all(b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one");
    file.publish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");

    // Somebody was quicker.
    let late = dir.0.join("late");
    let file = WholeFile::create(&late, false, &random).unwrap();
    fs::write(&late, b"theirs").unwrap();
    assert_eq!(file.publish().unwrap_err(), SealedFileError::Exists);
    assert_eq!(fs::read(&late).unwrap(), b"theirs");
    assert_eq!(dir.names(), ["export", "late"]);
}
