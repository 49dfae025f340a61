//! Randomness as an argument.

use crate::CryptoError;
use ring::rand::SecureRandom as _;

/// A source of cryptographic randomness.
///
/// Everything in the core that needs randomness takes `&dyn Random`, so that test vectors can be reproduced.
/// Outside tests the only implementation is [`SystemRandom`].
pub trait Random: Send + Sync {
    /// Fills `out` with unpredictable bytes.
    ///
    /// # Errors
    /// [`CryptoError::Random`] when the source fails; `out` must not be used then.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

/// The operating system's generator: the only OS randomness used in the core.
#[derive(Debug, Clone)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// The system generator.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the port that everything else takes its randomness from"
    )]
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.fill(out).map_err(|_| CryptoError::Random)
    }
}

impl<R: Random + ?Sized> Random for &R {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        (**self).fill(out)
    }
}
