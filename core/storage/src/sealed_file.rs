//! One encrypted file under a passphrase: what an export is written into. See `core/adr/0010-export.md` for the reasons.
//!
//! ```text
//! header, 96 bytes    magic (16) ‖ format (1) ‖ key derivation (1) ‖ 0 0 ‖ memory KiB ‖ passes ‖ lanes (4 each) ‖ salt (32)
//!                     ‖ check of the key (16) ‖ SHA-256 of all before it (16)
//! chunks              AES-256-GCM of 64 KiB each, the last one 1 byte to 64 KiB, tag appended;
//!                     nonce: 0 (7) ‖ number of the chunk (4) ‖ 1 in the last one, else 0; associated data: the header
//! plaintext           entries, each its length (4) and so many bytes; length 0; zeros up to the padded length
//! ```
//!
//! Numbers are big-endian. The key is HKDF-SHA-256 of Argon2id of the passphrase; it serves one file, so that numbers do as nonces.

use crate::files::{parent, private, sync_directory};
use idwallet_crypto::{
    AEAD_TAG_LEN, AeadKey, Argon2Params, CryptoError, Random, Secret, SecretBytes, argon2id, constant_time_eq,
    hkdf_sha256, sha256,
};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroize as _;

/// No larger file is read or written.
pub const MAX_SEALED_FILE_LEN: u64 = 2 * 1024 * 1024 * 1024;
/// No longer entry is read or written.
pub const MAX_ENTRY_LEN: usize = 20 * 1024 * 1024;

const MAGIC: &[u8; 16] = b"idwallet backup\n";
const FORMAT: u8 = 1;
/// Argon2id, version 0x13.
const ARGON2ID: u8 = 1;
const HEADER_LEN: usize = 96;
const CHUNK_LEN: usize = 64 * 1024;
const SEALED_CHUNK_LEN: usize = CHUNK_LEN + AEAD_TAG_LEN;
/// Shorter content is padded up to this.
const MIN_PADDED_LEN: u64 = 4 * 1024;

/// The most a file may ask for: 512 MiB, and 4 GiB gone through in all. A file that asks for more is refused before any of it is done.
const MAX_MEMORY_KIB: u32 = 512 * 1024;
const MAX_WORK_KIB: u64 = 4 * 1024 * 1024;

/// Why a sealed file was not read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedFileError {
    /// It is something else.
    #[error("the file is not a backup")]
    Foreign,
    /// A later version of the software wrote it.
    #[error("the backup has format {0}, this software knows 1")]
    Newer(u8),
    /// Deriving its key would take more memory or time than is granted.
    #[error("the backup asks for more memory or time than is granted")]
    Cost,
    /// The passphrase is another one, or somebody altered the head of the file on purpose.
    #[error("the passphrase does not open the backup")]
    WrongPassphrase,
    /// It was altered or cut short, or its parts are not where they were.
    #[error("the backup is damaged or incomplete: {0}")]
    Damaged(&'static str),
    /// The file, or one entry, is over the limit.
    #[error("the backup is larger than what is read")]
    TooLarge,
    /// There is a file of that name.
    #[error("there is a file here already")]
    Exists,
    /// Input or output failed.
    #[error("input or output failed: {0}")]
    Io(io::ErrorKind),
    /// Randomness or a primitive failed, or there is not that much memory.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl From<io::Error> for SealedFileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

struct Keys {
    chunks: AeadKey,
    check: [u8; 16],
}

fn derive(passphrase: &[u8], salt: &[u8], cost: Argon2Params) -> Result<Keys, SealedFileError> {
    let master = argon2id(passphrase, salt, cost)?;
    let mut chunks = Secret::new([0; 32]);
    hkdf_sha256(master.expose(), b"", b"idwallet backup 1 chunks", chunks.expose_mut())?;
    let mut check = [0; 16];
    hkdf_sha256(master.expose(), b"", b"idwallet backup 1 check", &mut check)?;
    Ok(Keys {
        chunks: AeadKey::aes_256_gcm(&chunks),
        check,
    })
}

fn nonce(number: u32, last: bool) -> [u8; 12] {
    let [a, b, c, d] = number.to_be_bytes();
    [0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(last)]
}

/// The next length that a file may have: at most an eighth more, with so few steps that the length tells little (Padmé).
fn padded(len: u64) -> u64 {
    let len = len.max(MIN_PADDED_LEN);
    let exponent = len.ilog2();
    let kept = exponent.ilog2().saturating_add(1);
    let mask = 1_u64
        .checked_shl(exponent.saturating_sub(kept))
        .unwrap_or(1)
        .saturating_sub(1);
    len.saturating_add(mask) & !mask
}

/// Writes entries into a sealed file.
///
/// Nothing of it opens until [`finish`](Self::finish) has written the end.
pub struct SealedWriter<W> {
    out: W,
    keys: Keys,
    header: [u8; HEADER_LEN],
    buffer: Secret<Vec<u8>>,
    chunks: u32,
    written: u64,
}

impl<W> core::fmt::Debug for SealedWriter<W> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SealedWriter(redacted)")
    }
}

impl<W: Write> SealedWriter<W> {
    /// Derives the key, at `cost`, and writes the header.
    ///
    /// # Errors
    /// [`SealedFileError::Cost`] for more than what is read again; [`SealedFileError::Io`]; [`SealedFileError::Crypto`].
    pub fn new(
        mut out: W,
        passphrase: &SecretBytes,
        cost: Argon2Params,
        random: &dyn Random,
    ) -> Result<Self, SealedFileError> {
        let mut salt = [0; 32];
        random.fill(&mut salt)?;
        granted(cost)?;
        let keys = derive(passphrase.expose(), &salt, cost)?;
        let mut header = Vec::with_capacity(HEADER_LEN);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&[FORMAT, ARGON2ID, 0, 0]);
        for number in [cost.memory_kib(), cost.passes(), cost.lanes()] {
            header.extend_from_slice(&number.to_be_bytes());
        }
        header.extend_from_slice(&salt);
        header.extend_from_slice(&keys.check);
        let sum = sha256(&header);
        header.extend(sum.iter().take(16));
        let header = *header.first_chunk().ok_or(SealedFileError::Damaged("header"))?;
        out.write_all(&header)?;
        Ok(Self {
            out,
            keys,
            header,
            // Never grows, so that no copy of it is left behind.
            buffer: Secret::new(Vec::with_capacity(SEALED_CHUNK_LEN)),
            chunks: 0,
            written: 0,
        })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// [`SealedFileError::TooLarge`] for an entry over [`MAX_ENTRY_LEN`] or an empty one, or when the file is full; [`SealedFileError::Io`].
    pub fn entry(&mut self, data: &[u8]) -> Result<(), SealedFileError> {
        let length = u32::try_from(data.len()).map_err(|_| SealedFileError::TooLarge)?;
        if data.is_empty() || data.len() > MAX_ENTRY_LEN {
            return Err(SealedFileError::TooLarge);
        }
        self.push(&length.to_be_bytes())?;
        self.push(data)
    }

    fn push(&mut self, mut data: &[u8]) -> Result<(), SealedFileError> {
        while !data.is_empty() {
            if self.buffer.expose().len() == CHUNK_LEN {
                self.chunk(false)?;
            }
            let room = CHUNK_LEN.saturating_sub(self.buffer.expose().len());
            let (now, later) = data.split_at_checked(room).unwrap_or((data, &[]));
            self.buffer.expose_mut().extend_from_slice(now);
            self.written = self
                .written
                .saturating_add(u64::try_from(now.len()).unwrap_or(u64::MAX));
            data = later;
        }
        Ok(())
    }

    fn chunk(&mut self, last: bool) -> Result<(), SealedFileError> {
        // The end and the padding must still fit.
        if !last && self.written > MAX_SEALED_FILE_LEN / 16 * 13 {
            return Err(SealedFileError::TooLarge);
        }
        let buffer = self.buffer.expose_mut();
        self.keys
            .chunks
            .seal_in_place(nonce(self.chunks, last), &self.header, buffer)?;
        self.out.write_all(buffer)?;
        buffer.clear();
        self.chunks = self.chunks.checked_add(1).ok_or(SealedFileError::TooLarge)?;
        Ok(())
    }

    /// Writes end and padding, and gives the output back, flushed.
    ///
    /// # Errors
    /// [`SealedFileError::TooLarge`]; [`SealedFileError::Io`].
    pub fn finish(mut self) -> Result<W, SealedFileError> {
        self.push(&[0; 4])?;
        let mut rest = padded(self.written).saturating_sub(self.written);
        let zeros = [0; 4096];
        while rest > 0 {
            let now = usize::try_from(rest).unwrap_or(usize::MAX).min(zeros.len());
            self.push(zeros.get(..now).unwrap_or(&zeros))?;
            rest = rest.saturating_sub(u64::try_from(now).unwrap_or(u64::MAX));
        }
        self.chunk(true)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn granted(cost: Argon2Params) -> Result<(), SealedFileError> {
    let work = u64::from(cost.memory_kib()).saturating_mul(u64::from(cost.passes()));
    if cost.memory_kib() > MAX_MEMORY_KIB || work > MAX_WORK_KIB {
        return Err(SealedFileError::Cost);
    }
    Ok(())
}

fn cost_of(header: &[u8; HEADER_LEN]) -> Result<Argon2Params, SealedFileError> {
    let number = |at: usize| {
        header
            .get(at..)
            .and_then(|rest| rest.first_chunk())
            .map_or(u32::MAX, |bytes| u32::from_be_bytes(*bytes))
    };
    let cost = Argon2Params::new(number(20), number(24), number(28)).map_err(|_| SealedFileError::Cost)?;
    granted(cost)?;
    Ok(cost)
}

/// Reads the entries of a sealed file, each one only after its chunk has been verified.
///
/// That the file is whole is known when [`next_entry`](Self::next_entry) gave `None`: read it to the end, then
/// [`rewind`](Self::rewind) and use it.
pub struct SealedReader<R> {
    input: R,
    keys: Keys,
    header: [u8; HEADER_LEN],
    /// Sealed bytes read so far of the next chunk.
    sealed: Vec<u8>,
    /// The open chunk, and how much of it is used.
    plain: Secret<Vec<u8>>,
    used: usize,
    chunks: u32,
    was_last: bool,
    read: u64,
    over: bool,
}

impl<R> core::fmt::Debug for SealedReader<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SealedReader(redacted)")
    }
}

impl<R: Read + Seek> SealedReader<R> {
    /// Reads the header and derives the key. What is refused here for its size, kind, format or cost costs nothing.
    ///
    /// # Errors
    /// Any [`SealedFileError`].
    pub fn open(mut input: R, passphrase: &SecretBytes) -> Result<Self, SealedFileError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let header = read_header(&mut input)?;
        if length > MAX_SEALED_FILE_LEN {
            return Err(SealedFileError::TooLarge);
        }
        let salt = header.get(32..64).unwrap_or_default();
        let keys = derive(passphrase.expose(), salt, cost_of(&header)?)?;
        let check: Option<&[u8; 16]> = header.get(64..).and_then(|rest| rest.first_chunk());
        if !check.is_some_and(|check| constant_time_eq(check, &keys.check)) {
            return Err(SealedFileError::WrongPassphrase);
        }
        Ok(Self {
            input,
            keys,
            header,
            sealed: Vec::with_capacity(SEALED_CHUNK_LEN.saturating_add(1)),
            plain: Secret::new(Vec::new()),
            used: 0,
            chunks: 0,
            was_last: false,
            read: 0,
            over: false,
        })
    }

    /// Begins again at the first entry, of the same file.
    ///
    /// # Errors
    /// [`SealedFileError::Damaged`] when it is another file by now; [`SealedFileError::Io`].
    pub fn rewind(&mut self) -> Result<(), SealedFileError> {
        self.input.seek(SeekFrom::Start(0))?;
        if read_header(&mut self.input)? != self.header {
            return Err(SealedFileError::Damaged("the file was replaced"));
        }
        self.sealed.clear();
        self.plain = Secret::new(Vec::new());
        (self.used, self.chunks, self.read) = (0, 0, 0);
        (self.was_last, self.over) = (false, false);
        Ok(())
    }

    /// Tells this file from every other one.
    #[must_use]
    pub fn file_id(&self) -> [u8; 32] {
        sha256(&self.header)
    }

    /// How many bytes of the file were read, of how many.
    ///
    /// # Errors
    /// [`SealedFileError::Io`].
    pub fn position(&mut self) -> Result<(u64, u64), SealedFileError> {
        let at = self.input.stream_position()?;
        let end = self.input.seek(SeekFrom::End(0))?;
        self.input.seek(SeekFrom::Start(at))?;
        Ok((at, end))
    }

    /// The next entry; `None` when the file has ended as it should.
    ///
    /// # Errors
    /// [`SealedFileError::Damaged`], [`SealedFileError::TooLarge`], [`SealedFileError::Io`].
    pub fn next_entry(&mut self) -> Result<Option<SecretBytes>, SealedFileError> {
        if self.over {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.pull(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| SealedFileError::TooLarge)?;
        if length == 0 {
            self.end()?;
            return Ok(None);
        }
        if length > MAX_ENTRY_LEN {
            return Err(SealedFileError::TooLarge);
        }
        let mut entry = Secret::new(vec![0; length]);
        self.pull(entry.expose_mut())?;
        Ok(Some(entry))
    }

    /// After the end come zeros, and no more of them than the padding takes.
    fn end(&mut self) -> Result<(), SealedFileError> {
        let wanted = padded(self.read);
        loop {
            let rest = self.plain.expose().get(self.used..).unwrap_or_default();
            if rest.iter().any(|byte| *byte != 0) {
                return Err(SealedFileError::Damaged("something follows the end"));
            }
            self.read = self.read.saturating_add(u64::try_from(rest.len()).unwrap_or(u64::MAX));
            if self.was_last {
                break;
            }
            self.chunk()?;
        }
        if self.read != wanted {
            return Err(SealedFileError::Damaged("the padding has another length"));
        }
        self.over = true;
        Ok(())
    }

    fn pull(&mut self, mut into: &mut [u8]) -> Result<(), SealedFileError> {
        while !into.is_empty() {
            let rest = self.plain.expose().get(self.used..).unwrap_or_default();
            if rest.is_empty() {
                if self.was_last {
                    return Err(SealedFileError::Damaged("its content has no end"));
                }
                self.chunk()?;
                continue;
            }
            let now = rest.len().min(into.len());
            let (filled, later) = into.split_at_mut(now);
            filled.copy_from_slice(rest.get(..now).unwrap_or_default());
            into = later;
            self.used = self.used.saturating_add(now);
            self.read = self.read.saturating_add(u64::try_from(now).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    /// Opens the next chunk. It is the last one if no byte follows it, and then it says so under its seal.
    fn chunk(&mut self) -> Result<(), SealedFileError> {
        let wanted = SEALED_CHUNK_LEN.saturating_add(1).saturating_sub(self.sealed.len());
        let wanted = u64::try_from(wanted).map_err(|_| SealedFileError::TooLarge)?;
        (&mut self.input).take(wanted).read_to_end(&mut self.sealed)?;
        let next = if self.sealed.len() > SEALED_CHUNK_LEN {
            self.sealed.pop()
        } else {
            None
        };
        let last = next.is_none();
        if self.sealed.len() <= AEAD_TAG_LEN {
            return Err(SealedFileError::Damaged("it was cut short"));
        }
        let mut sealed = core::mem::replace(&mut self.sealed, Vec::with_capacity(SEALED_CHUNK_LEN.saturating_add(1)));
        self.sealed.extend(next);
        let opened = self
            .keys
            .chunks
            .open_in_place(nonce(self.chunks, last), &self.header, &mut sealed);
        let Ok(length) = opened.map(|plain| plain.len()) else {
            sealed.zeroize();
            return Err(SealedFileError::Damaged("a part of it does not authenticate"));
        };
        sealed.truncate(length);
        self.plain = Secret::new(sealed);
        self.used = 0;
        self.was_last = last;
        self.chunks = self.chunks.checked_add(1).ok_or(SealedFileError::TooLarge)?;
        Ok(())
    }
}

fn read_header(input: &mut impl Read) -> Result<[u8; HEADER_LEN], SealedFileError> {
    let mut header = Vec::with_capacity(HEADER_LEN);
    input
        .take(u64::try_from(HEADER_LEN).unwrap_or_default())
        .read_to_end(&mut header)?;
    if !header.starts_with(MAGIC) {
        return Err(SealedFileError::Foreign);
    }
    match header.get(MAGIC.len()) {
        None | Some(0) => return Err(SealedFileError::Damaged("its head is cut short")),
        Some(&FORMAT) => {}
        Some(&newer) => return Err(SealedFileError::Newer(newer)),
    }
    let header: [u8; HEADER_LEN] = *header
        .first_chunk()
        .ok_or(SealedFileError::Damaged("its head is cut short"))?;
    let (body, sum) = header.split_at_checked(80).unwrap_or_default();
    if !sha256(body).starts_with(sum) || header.get(17..20) != Some(&[ARGON2ID, 0, 0]) {
        return Err(SealedFileError::Damaged("its head was altered"));
    }
    Ok(header)
}

/// A file that appears under its name whole or not at all, for its owner alone (mode 0600).
#[derive(Debug)]
pub struct WholeFile {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    replace: bool,
    done: bool,
}

impl WholeFile {
    /// Begins a file beside `path`, in the same directory.
    ///
    /// # Errors
    /// [`SealedFileError::Exists`] unless it is to replace what has that name; [`SealedFileError::Io`].
    pub fn create(path: &Path, replace: bool, random: &dyn Random) -> Result<Self, SealedFileError> {
        match fs::symlink_metadata(path) {
            Ok(found) if !replace || !found.file_type().is_file() => return Err(SealedFileError::Exists),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut number = [0; 8];
        random.fill(&mut number)?;
        let temporary = crate::files::beside(path, &format!(".new-{:016x}", u64::from_be_bytes(number)));
        let file = private(OpenOptions::new().write(true).create_new(true)).open(&temporary)?;
        Ok(Self {
            file,
            temporary,
            path: path.to_path_buf(),
            replace,
            done: false,
        })
    }

    /// Makes it durable and gives it its name.
    ///
    /// # Errors
    /// [`SealedFileError::Exists`] when something has the name by now; [`SealedFileError::Io`]. There is no file then.
    pub fn publish(mut self) -> Result<(), SealedFileError> {
        self.file.sync_all()?;
        if self.replace {
            fs::rename(&self.temporary, &self.path)?;
        } else {
            // `rename` would replace what is there; `link` refuses. Cards and sticks often have no links: there the look must do.
            match fs::hard_link(&self.temporary, &self.path) {
                Ok(()) => {
                    let _ = fs::remove_file(&self.temporary);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(SealedFileError::Exists),
                Err(_) if self.path.symlink_metadata().is_ok() => return Err(SealedFileError::Exists),
                Err(_) => fs::rename(&self.temporary, &self.path)?,
            }
        }
        self.done = true;
        let synced = sync_directory(parent(&self.path));
        synced.map_err(|_| SealedFileError::Io(io::ErrorKind::Other))
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
