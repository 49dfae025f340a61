//! Unrelated digest ids for every copy (A-I04).

use idwallet_crypto::{CryptoError, Random};

/// A uniformly random order of `0..count`: Fisher and Yates, with rejection so that no order is likelier than another.
///
/// `pool` holds randomness already drawn; more is drawn when it runs out.
pub(super) fn order(count: usize, pool: &mut Pool<'_>) -> Result<Vec<usize>, CryptoError> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        let other = pool.below(last.saturating_add(1))?;
        order.swap(last, other);
    }
    Ok(order)
}

/// Randomness drawn in one go.
pub(super) struct Pool<'r> {
    random: &'r dyn Random,
    bytes: Vec<u8>,
    used: usize,
}

impl<'r> Pool<'r> {
    /// Draws `bytes` bytes.
    pub(super) fn draw(random: &'r dyn Random, bytes: usize) -> Result<Self, CryptoError> {
        let mut pool = Self {
            random,
            bytes: vec![0; bytes],
            used: 0,
        };
        random.fill(&mut pool.bytes)?;
        Ok(pool)
    }

    /// The next `N` bytes.
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], CryptoError> {
        let mut out = [0; N];
        let end = self.used.saturating_add(N);
        match self.bytes.get(self.used..end) {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                self.used = end;
            }
            None => self.random.fill(&mut out)?,
        }
        Ok(out)
    }

    fn below(&mut self, bound: usize) -> Result<usize, CryptoError> {
        let bound = u32::try_from(bound).map_err(|_| CryptoError::Length("digest ids"))?;
        // 2^32 mod bound: values below it would make the small remainders likelier.
        let skip = bound.wrapping_neg().checked_rem(bound).unwrap_or_default();
        loop {
            let value = u32::from_be_bytes(self.take::<4>()?);
            if value >= skip {
                return Ok(value
                    .checked_rem(bound)
                    .and_then(|v| usize::try_from(v).ok())
                    .unwrap_or_default());
            }
        }
    }
}
