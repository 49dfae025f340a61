//! A vault with a PIN and a document, and who stands before it.

use super::area::{TestArea, now};
use super::{DOCUMENT, Dir, id, random};
use idwallet_storage::{Access, Error, LockedVault, Pin, Vault, create_with_pin};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

pub const RIGHT: &str = "271828";
pub const OTHER: &str = "314159";
pub const WRONG: &str = "161803";
pub const DAY: u64 = 24 * 3600;

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn pin(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

pub struct World {
    pub dir: Dir,
    pub area: TestArea,
}

impl World {
    pub fn empty() -> Self {
        let dir = Dir::new();
        let area = TestArea::new(&dir.0.join("area").join("area.key"));
        Self { dir, area }
    }

    /// A vault with the PIN and one document.
    pub fn new() -> Self {
        let world = Self::empty();
        world.fill(now(create_with_pin(&world.dir.vault(), &world.area, &pin(RIGHT), random())).unwrap());
        world
    }

    pub fn without_counters() -> Self {
        let world = Self::empty();
        world.area.set(|temper| temper.cannot_count = true);
        world.fill(now(create_with_pin(&world.dir.vault(), &world.area, &pin(RIGHT), random())).unwrap());
        world
    }

    pub fn fill(&self, mut vault: Vault) {
        vault
            .transaction(|tx| tx.insert(DOCUMENT, id(1, 0), b"a document", &[]))
            .unwrap();
    }

    pub fn locked(&self) -> LockedVault {
        LockedVault::open(&self.dir.vault()).unwrap()
    }

    pub fn access(&self, uptime: u64) -> Access {
        now(self.locked().access(&self.area, seconds(uptime), &*random())).unwrap()
    }

    pub fn unlock(&self, digits: &str, uptime: u64) -> Result<Vault, Error> {
        now(self
            .locked()
            .unlock_with(&self.area, Some(&pin(digits)), seconds(uptime), random()))
        .map_err(Error::from)
    }

    /// Wrong PINs, each after its wait; the uptime at which the last one was tried.
    pub fn fail(&self, times: u32) -> u64 {
        let mut uptime = 1000;
        for _ in 0..times {
            uptime += self.access(uptime).retry_after.as_secs();
            assert!(matches!(self.unlock(WRONG, uptime), Err(Error::WrongPin { .. })));
        }
        uptime
    }

    pub fn copy(&self, to: &str) -> PathBuf {
        let copy = self.dir.0.join(to);
        fs::copy(self.dir.vault(), &copy).unwrap();
        copy
    }

    /// What an attacker does who kept a copy.
    pub fn put_back(&self, copy: &PathBuf) {
        let path = self.dir.vault();
        let _ = fs::remove_file(path.with_file_name("vault.db-wal"));
        fs::copy(copy, path).unwrap();
    }

    pub fn counters(&self) -> PathBuf {
        self.area.file.with_file_name("area.key.counters")
    }
}

pub fn document(vault: &Vault) -> Vec<u8> {
    vault.read(DOCUMENT, id(1, 0)).unwrap().into_data().expose().clone()
}
