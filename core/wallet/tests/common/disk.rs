//! A disk that is full when the test wants it.

use idwallet_crypto::{CryptoError, Random, SystemRandom};
use std::sync::Mutex;

/// Randomness that ends when it is told to. Nothing is sealed without it, so that from then on nothing can be written.
#[derive(Default)]
pub struct Disk {
    left: Mutex<Option<usize>>,
}

impl Disk {
    /// So many records can be written yet; `None`: all.
    pub fn leave(&self, records: Option<usize>) {
        *self.left.lock().unwrap() = records;
    }
}

impl Random for Disk {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        if let Some(left) = self.left.lock().unwrap().as_mut() {
            *left = left.checked_sub(1).ok_or(CryptoError::Length("no more randomness"))?;
        }
        SystemRandom::new().fill(out)
    }
}
