//! Values of data elements, encoded once however many copies are issued.

use crate::issue::IssueError;
use core::fmt;
use idwallet_cose::cbor::{Encoder, Item, ItemBuf, Limits, Value};
use idwallet_crypto::{Date, Timestamp};

/// The value of a data element, already encoded.
#[derive(Clone, PartialEq, Eq)]
pub struct ElementValue(Result<Vec<u8>, ()>);

impl fmt::Debug for ElementValue {
    /// Not the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ElementValue(…)")
    }
}

impl ElementValue {
    fn with(write: impl FnOnce(&mut Encoder)) -> Self {
        let mut e = Encoder::new();
        write(&mut e);
        Self(Ok(e.into_vec()))
    }

    /// Exactly one CBOR item, taken as it is.
    ///
    /// A value that is not one item makes the issuing fail with [`IssueError::NotOneItem`].
    #[must_use]
    pub fn from_cbor(bytes: &[u8]) -> Self {
        let limits = Limits::DEFAULT;
        Self(
            Item::parse(bytes, limits)
                .map(|item| item.bytes().to_vec())
                .map_err(|_| ()),
        )
    }

    pub(crate) fn into_bytes(self, element: &str) -> Result<Vec<u8>, IssueError> {
        self.0.map_err(|()| IssueError::NotOneItem {
            element: element.to_owned(),
        })
    }
}

impl From<&str> for ElementValue {
    fn from(text: &str) -> Self {
        Self::with(|e| {
            e.text(text);
        })
    }
}

impl From<String> for ElementValue {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<bool> for ElementValue {
    fn from(value: bool) -> Self {
        Self::with(|e| {
            e.bool(value);
        })
    }
}

impl From<u64> for ElementValue {
    fn from(value: u64) -> Self {
        Self::with(|e| {
            e.uint(value);
        })
    }
}

/// A byte string.
impl From<&[u8]> for ElementValue {
    fn from(bytes: &[u8]) -> Self {
        Self::with(|e| {
            e.bytes(bytes);
        })
    }
}

/// A byte string.
impl From<Vec<u8>> for ElementValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(bytes.as_slice())
    }
}

/// `full-date`, tag 1004 (A-C06).
impl From<Date> for ElementValue {
    fn from(date: Date) -> Self {
        Self::with(|e| {
            e.tag(1004).text(&date.to_string());
        })
    }
}

/// `tdate`, tag 0 (A-C06).
impl From<Timestamp> for ElementValue {
    fn from(time: Timestamp) -> Self {
        Self::with(|e| {
            e.tag(0).text(&time.to_rfc3339());
        })
    }
}

impl From<&Value> for ElementValue {
    fn from(value: &Value) -> Self {
        let mut e = Encoder::new();
        let written = e.value(value).map(|_| ()).map_err(|_| ());
        Self(written.map(|()| e.into_vec()))
    }
}

impl From<Value> for ElementValue {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl From<Item<'_>> for ElementValue {
    fn from(item: Item<'_>) -> Self {
        Self(Ok(item.bytes().to_vec()))
    }
}

impl From<ItemBuf> for ElementValue {
    fn from(item: ItemBuf) -> Self {
        Self(Ok(item.into_vec()))
    }
}
