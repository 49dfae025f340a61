//! The counters of the software area, in a file beside its key: written whole, durable, sealed under the master key.
//!
//! A counter has a random name, so that removing the file does not set it back: nobody knows it any more, which is noticed. Putting
//! back an older file, together with an older vault, is not.

use crate::files::{self, beside};
use crate::{Error, seal};
use idwallet_crypto::area::{CounterId, SecureAreaError};
use idwallet_crypto::{AeadKey, Random};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const CONTEXT: &[u8] = b"idwallet software area 1 counters";
const ID_LEN: usize = 16;
/// So many counters at most: two a vault.
const MAX_COUNTERS: usize = 1024;
const MAX_FILE_LEN: u64 = 64 * 1024;
/// The code of [`SecureAreaError::Failed`] when the file cannot be read or written.
const FILE_FAILED: i32 = 3;

type Counters = BTreeMap<[u8; ID_LEN], u64>;

pub(crate) struct CounterFile {
    path: PathBuf,
    key: AeadKey,
    one_at_a_time: Mutex<()>,
}

enum Found {
    Counters(Counters),
    Nothing,
    Damaged,
}

fn failed(error: impl Into<Error>) -> SecureAreaError {
    match error.into() {
        Error::DiskFull => SecureAreaError::Full,
        Error::ReadOnly => SecureAreaError::ReadOnly,
        _ => SecureAreaError::Failed(FILE_FAILED),
    }
}

impl CounterFile {
    /// Of the area whose key lies at `area`.
    pub(crate) fn new(area: &Path, key: AeadKey) -> Self {
        Self {
            path: beside(area, ".counters"),
            key,
            one_at_a_time: Mutex::new(()),
        }
    }

    fn find(&self) -> Result<Found, SecureAreaError> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            file => file.map_err(failed)?,
        };
        files::check_private(&self.path, "the counter file").map_err(failed)?;
        let mut sealed = Vec::new();
        file.take(MAX_FILE_LEN).read_to_end(&mut sealed).map_err(failed)?;
        let Ok(plain) = seal::open(&self.key, CONTEXT, &sealed) else {
            return Ok(Found::Damaged);
        };
        let (rows, []) = plain.expose().as_chunks::<{ ID_LEN + 8 }>() else {
            return Ok(Found::Damaged);
        };
        let mut counters = Counters::new();
        for row in rows {
            if let (Some(id), Some(value)) = (row.first_chunk::<ID_LEN>(), row.last_chunk::<8>()) {
                counters.insert(*id, u64::from_be_bytes(*value));
            }
        }
        Ok(Found::Counters(counters))
    }

    /// Changes the file while nobody else does, in this process or another.
    fn change<T>(
        &self,
        random: &dyn Random,
        work: impl FnOnce(&mut Counters) -> Result<T, SecureAreaError>,
    ) -> Result<T, SecureAreaError> {
        let _here = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = files::private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(beside(&self.path, ".lock"))
            .map_err(failed)?;
        lock.lock().map_err(failed)?;
        let found = self.find()?;
        let set_aside = matches!(found, Found::Damaged);
        let mut counters = match found {
            Found::Counters(counters) => counters,
            Found::Nothing | Found::Damaged => Counters::new(),
        };
        let out = work(&mut counters)?;
        let mut content = Vec::with_capacity(counters.len().saturating_mul(ID_LEN + 8));
        for (id, value) in &counters {
            content.extend_from_slice(id);
            content.extend_from_slice(&value.to_be_bytes());
        }
        let sealed = seal::seal(&self.key, random, CONTEXT, &content).map_err(failed)?;
        if set_aside {
            fs::rename(&self.path, beside(&self.path, ".damaged")).map_err(failed)?;
        }
        files::replace_whole(&self.path, &beside(&self.path, ".new"), &sealed).map_err(failed)?;
        // Given back by name: see `files::Lock`.
        let _ = lock.unlock();
        Ok(out)
    }

    pub(crate) fn create(&self, random: &dyn Random) -> Result<CounterId, SecureAreaError> {
        let mut id = [0; ID_LEN];
        random.fill(&mut id).map_err(|_| SecureAreaError::Unavailable)?;
        self.change(random, |counters| {
            if counters.len() >= MAX_COUNTERS {
                return Err(SecureAreaError::Unsupported("keep more counters"));
            }
            counters.insert(id, 0);
            Ok(CounterId::new(id))
        })
    }

    pub(crate) fn read(&self, id: &CounterId) -> Result<u64, SecureAreaError> {
        match self.find()? {
            Found::Counters(counters) => counters.get(id.as_bytes()).copied().ok_or(SecureAreaError::NotFound),
            Found::Nothing | Found::Damaged => Err(SecureAreaError::NotFound),
        }
    }

    pub(crate) fn increment(&self, random: &dyn Random, id: &CounterId) -> Result<u64, SecureAreaError> {
        self.change(random, |counters| {
            let value = counters.get_mut(id.as_bytes()).ok_or(SecureAreaError::NotFound)?;
            *value = value.checked_add(1).ok_or(SecureAreaError::Failed(FILE_FAILED))?;
            Ok(*value)
        })
    }

    pub(crate) fn delete(&self, random: &dyn Random, id: &CounterId) -> Result<(), SecureAreaError> {
        if matches!(self.read(id), Err(SecureAreaError::NotFound)) {
            return Ok(());
        }
        self.change(random, |counters| {
            counters.remove(id.as_bytes());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a person can mend is told from what nobody can.
    #[test]
    fn a_full_disk_and_read_only_ground_are_said() {
        use io::ErrorKind as Kind;
        for (kind, said) in [
            (Kind::StorageFull, SecureAreaError::Full),
            (Kind::QuotaExceeded, SecureAreaError::Full),
            (Kind::FileTooLarge, SecureAreaError::Full),
            (Kind::PermissionDenied, SecureAreaError::ReadOnly),
            (Kind::ReadOnlyFilesystem, SecureAreaError::ReadOnly),
            (Kind::Other, SecureAreaError::Failed(FILE_FAILED)),
        ] {
            assert_eq!(failed(io::Error::from(kind)), said, "{kind:?}");
        }
    }
}
