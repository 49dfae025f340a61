//! What the storage tests share: directories of their own, a fixed key, the raw database.
#![allow(dead_code)]

pub mod area;
pub mod world;

use idwallet_crypto::{Secret, SystemRandom};
use idwallet_storage::{DataKey, Error, Kind, LockedVault, NewVault, RecordId, Vault};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub const SUMMARY: Kind = Kind(1);
pub const DOCUMENT: Kind = Kind(2);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A directory that goes with the value.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("idwallet-storage-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn vault(&self) -> PathBuf {
        self.0.join("inner").join("vault.db")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn random() -> Arc<SystemRandom> {
    Arc::new(SystemRandom::new())
}

/// A new vault whose "wrapped" key is the data key itself, so that tests can open it again.
pub fn create(path: &Path) -> Vault {
    let new = NewVault::generate(&*random()).unwrap();
    let wrapped = new.data_key().expose().clone();
    new.create(path, &wrapped, random()).unwrap()
}

pub fn open(path: &Path) -> Result<Vault, Error> {
    let locked = LockedVault::open(path)?;
    let key = DataKey::new(locked.wrapped_key().try_into().map_err(|_| Error::WrongKey)?);
    locked.unlock(&key, random())
}

pub fn id(first: u8, last: u8) -> RecordId {
    let mut bytes = [0x5a; 16];
    bytes[0] = first;
    bytes[15] = last;
    RecordId::from_bytes(bytes)
}

pub fn secret(fill: u8) -> DataKey {
    Secret::new([fill; 32])
}

/// The file as an attacker has it: plain SQLite.
pub fn raw(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}
