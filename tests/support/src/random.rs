//! Randomness that comes out the same every time.

use idwallet_crypto::{CryptoError, Random, sha256};
use std::sync::Mutex;

/// A deterministic generator: SHA-256 over seed and counter. For tests only, as its name says.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    counter: Mutex<u64>,
}

impl SeededRandom {
    /// Equal seeds give equal bytes.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: Mutex::new(0),
        }
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut counter = self.counter.lock().map_err(|_| CryptoError::Random)?;
        for chunk in out.chunks_mut(32) {
            *counter += 1;
            let mut block = [0; 16];
            block[..8].copy_from_slice(&self.seed.to_be_bytes());
            block[8..].copy_from_slice(&counter.to_be_bytes());
            chunk.copy_from_slice(&sha256(&block)[..chunk.len()]);
        }
        Ok(())
    }
}
