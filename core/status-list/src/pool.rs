//! Handing out indices: each once, in an order that tells nothing (G-I01, A-I23).

use idwallet_crypto::Random;

use crate::StatusListError;

/// The indices of a list that are not in use yet.
///
/// An index is given out once, at random, so that the numbers of two credentials say nothing about when or for whom
/// they were issued. What is in use has to be kept by the provider: [`from_used`](Self::from_used).
#[derive(Debug, Clone)]
pub struct IndexPool {
    free: Vec<u32>,
}

impl IndexPool {
    /// All indices below `entries`.
    #[must_use]
    pub fn new(entries: u32) -> Self {
        Self {
            free: (0..entries).collect(),
        }
    }

    /// All indices below `entries` but those in `used`.
    #[must_use]
    pub fn from_used(entries: u32, used: &std::collections::BTreeSet<u32>) -> Self {
        Self {
            free: (0..entries).filter(|idx| !used.contains(idx)).collect(),
        }
    }

    /// How many are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.free.len()
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.free.is_empty()
    }

    /// An index that was not given out before.
    ///
    /// # Errors
    /// [`StatusListError::Exhausted`]; [`StatusListError::Crypto`] when the randomness fails.
    pub fn allocate(&mut self, random: &dyn Random) -> Result<u64, StatusListError> {
        let count = self.free.len() as u64;
        let at = usize::try_from(below(count, random)?).map_err(|_| StatusListError::Exhausted)?;
        if at >= self.free.len() {
            return Err(StatusListError::Exhausted);
        }
        Ok(u64::from(self.free.swap_remove(at)))
    }
}

/// Uniform below `bound`: what would make the first numbers likelier is drawn again.
fn below(bound: u64, random: &dyn Random) -> Result<u64, StatusListError> {
    let excess = u64::MAX.checked_rem(bound).ok_or(StatusListError::Exhausted)?;
    loop {
        let mut bytes = [0; 8];
        random.fill(&mut bytes)?;
        let drawn = u64::from_be_bytes(bytes);
        if drawn <= u64::MAX.saturating_sub(excess).saturating_sub(1) {
            return drawn.checked_rem(bound).ok_or(StatusListError::Exhausted);
        }
    }
}
