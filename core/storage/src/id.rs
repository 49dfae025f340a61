//! Names of records.

use crate::Error;
use core::fmt;
use idwallet_crypto::Random;

/// What sort of record: the caller's numbering, of which storage knows nothing. It is not hidden in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

/// The name of a record within its kind. Records of several kinds that belong together (a document, its summary,
/// its key) best share one id: one part of the manifest then vouches for all of them, and a write is smaller.
///
/// Ids lie open in the file, so they must be random, never derived from a document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 16]);

impl RecordId {
    /// A random id.
    ///
    /// # Errors
    /// [`Error::Crypto`] when there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, Error> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// An id from bytes that were stored, or a fixed one for a record of which there is one.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) const fn bucket(&self) -> u8 {
        let [first, ..] = self.0;
        first
    }

    pub(crate) const fn in_bucket(self, bucket: u8) -> Self {
        let mut bytes = self.0;
        bytes[0] = bucket;
        Self(bytes)
    }

    /// This id in the part of the manifest where the other one is.
    #[must_use]
    pub const fn beside(self, other: Self) -> Self {
        self.in_bucket(other.bucket())
    }
}

impl fmt::Display for RecordId {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

/// A value by which a record can be found. Only a keyed hash of it is kept, and that inside a seal.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// What is looked up, such as `doctype`.
    pub name: &'a str,
    /// The value; equal bytes are found, nothing else.
    pub value: &'a [u8],
}

impl fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup({}, redacted)", self.name)
    }
}
