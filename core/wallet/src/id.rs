//! Names of documents.

use core::fmt;
use core::str::FromStr;
use idwallet_storage::RecordId;

/// The name of a document in its wallet: random, says nothing about the document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(RecordId);

impl DocumentId {
    pub(crate) const fn new(record: RecordId) -> Self {
        Self(record)
    }

    pub(crate) const fn record(self) -> RecordId {
        self.0
    }

    /// The id as 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// An id from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(RecordId::from_bytes(bytes))
    }
}

impl fmt::Display for DocumentId {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentId({self})")
    }
}

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a document's id is 32 hexadecimal digits")]
pub struct NotADocumentId;

impl FromStr for DocumentId {
    type Err = NotADocumentId;

    /// Reads what [`Display`](fmt::Display) writes, in either case.
    fn from_str(text: &str) -> Result<Self, NotADocumentId> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotADocumentId);
        }
        u128::from_str_radix(text, 16)
            .map(|number| Self::from_bytes(number.to_be_bytes()))
            .map_err(|_| NotADocumentId)
    }
}
