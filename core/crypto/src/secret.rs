//! Values that are wiped when dropped and never shown.

use core::fmt;
use zeroize::Zeroize;

/// A secret: wiped on drop, not `Clone`, not serialisable, redacted in `Debug`.
///
/// ```
/// use idwallet_crypto::Secret;
/// let key = Secret::new([7u8; 32]);
/// assert_eq!(format!("{key:?}"), "Secret(redacted)");
/// ```
pub struct Secret<T: Zeroize>(T);

/// A secret of any length.
pub type SecretBytes = Secret<Vec<u8>>;

impl<T: Zeroize> Secret<T> {
    /// Takes the value over. A copy the caller keeps is the caller's to wipe.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the shortest possible time.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value to write into, such as a buffer to be filled.
    pub const fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> zeroize::ZeroizeOnDrop for Secret<T> {}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// Writes over the part of the stack that the calls before this one used.
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut used = [0_u8; 4096];
    used.zeroize();
    core::hint::black_box(&used);
}
