//! What can be wrong with CBOR, and where.

use core::fmt;

/// The kind of a CBOR data item, for error texts and for [`super::Decoder::peek`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// Major type 0.
    Unsigned,
    /// Major type 1.
    Negative,
    /// Major type 2.
    Bytes,
    /// Major type 3.
    Text,
    /// Major type 4.
    Array,
    /// Major type 5.
    Map,
    /// Major type 6.
    Tag,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// Any other simple value.
    Simple,
    /// A half, single or double precision float.
    Float,
    /// The `break` stop code, which is not a data item.
    Break,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "unsigned integer",
            Self::Negative => "negative integer",
            Self::Bytes => "byte string",
            Self::Text => "text string",
            Self::Array => "array",
            Self::Map => "map",
            Self::Tag => "tag",
            Self::Bool => "bool",
            Self::Null => "null",
            Self::Undefined => "undefined",
            Self::Simple => "simple value",
            Self::Float => "float",
            Self::Break => "break",
        })
    }
}

/// What is wrong. Holds no byte of the input, so it can be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends inside a data item.
    #[error("ends inside a data item")]
    Truncated,
    /// Bytes follow the data item.
    #[error("bytes follow the data item")]
    TrailingBytes,
    /// Nested deeper than [`super::Limits::max_depth`] (X-C09).
    #[error("nested too deeply")]
    TooDeep,
    /// Longer than [`super::Limits::max_bytes`] (X-C09).
    #[error("too large")]
    TooLarge,
    /// More data items than [`super::Limits::max_items`] (X-C09).
    #[error("too many data items")]
    TooManyItems,
    /// A map holds the same key twice (A-C03, X-C02). The offset is that of the second one.
    #[error("duplicate map key")]
    DuplicateKey,
    /// Indefinite length, which RFC 8949 §4.1 encoders of mdocs must not use (A-C02).
    #[error("indefinite length is not allowed here")]
    IndefiniteLength,
    /// An integer, length or tag not in its shortest form, refused only by [`super::NonShortest::Refuse`].
    #[error("not in the shortest form")]
    NonShortest,
    /// Additional information 28, 29, 30, or 31 where it has no meaning (RFC 8949 §3).
    #[error("reserved additional information")]
    ReservedInfo,
    /// A two-byte simple value below 32, such as `f818` (RFC 8949 §3.3).
    #[error("invalid simple value")]
    InvalidSimple,
    /// A `break` where no indefinite length item is open.
    #[error("break outside of an indefinite length item")]
    UnexpectedBreak,
    /// A chunk of an indefinite length string that is not a definite string of the same type.
    #[error("chunk of another type inside an indefinite length string")]
    InvalidChunk,
    /// A text string that is not UTF-8.
    #[error("text is not UTF-8")]
    InvalidUtf8,
    /// Another type than the structure asks for.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What the structure asks for.
        expected: Type,
        /// What is there.
        found: Type,
    },
    /// Another tag than the structure asks for.
    #[error("expected tag {expected}")]
    WrongTag {
        /// What the structure asks for.
        expected: u64,
    },
    /// An array with another number of elements than the structure asks for.
    #[error("array has not {expected} elements")]
    WrongLength {
        /// What the structure asks for.
        expected: usize,
    },
    /// An integer outside the range of its field.
    #[error("integer out of range")]
    OutOfRange,
    /// A mandatory member is not there.
    #[error("{0} is missing")]
    MissingField(&'static str),
    /// A value the field must not have (an empty identifier, an unknown version…).
    #[error("{0}")]
    InvalidValue(&'static str),
    /// Text that is not the date the field asks for (RFC 3339 `tdate`, RFC 8943 `full-date`; A-C06).
    #[error("not a valid date")]
    InvalidDate,
    /// A simple value which the target of a conversion cannot hold.
    #[error("simple value cannot be represented")]
    UnsupportedSimple,
}

/// An error with its place: byte offset, path of fields, clause of the standard.
///
/// Its `Display` names fields of the standards and never holds input.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    offset: usize,
    kind: ErrorKind,
    /// Innermost first.
    path: Vec<&'static str>,
    clause: Option<&'static str>,
}

impl Error {
    /// An error at a byte offset of the decoded input.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn new(offset: usize, kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            offset,
            kind,
            path: Vec::new(),
            clause: None,
        }))
    }

    /// Byte offset in the input given to the decoder (for a nested decoder: in its own input).
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The fields on the way to the error, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.path.iter().rev().copied()
    }

    /// The clause of the standard that was not met, where the parser named one.
    #[must_use]
    pub fn clause(&self) -> Option<&'static str> {
        self.0.clause
    }

    /// The same error, seen from the field that encloses it. The innermost clause stays.
    #[cold]
    #[must_use]
    pub fn in_field(mut self, field: &'static str, clause: &'static str) -> Self {
        if !field.is_empty() {
            self.0.path.push(field);
        }
        if self.0.clause.is_none() && !clause.is_empty() {
            self.0.clause = Some(clause);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut any = false;
        for field in self.path() {
            write!(f, "{}{field}", if any { "/" } else { "" })?;
            any = true;
        }
        write!(
            f,
            "{}{} at byte {}",
            if any { ": " } else { "" },
            self.0.kind,
            self.0.offset
        )?;
        if let Some(clause) = self.0.clause {
            write!(f, " ({clause})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cbor::Error({self})")
    }
}

impl std::error::Error for Error {}

/// Adds the place to a result: `d.text().in_field("docType", "ISO 18013-5 §8.3.2.1.2.1")?`.
pub trait InField: Sized {
    /// Names the enclosing field and the clause that defines it; either may be empty.
    fn in_field(self, field: &'static str, clause: &'static str) -> Self;
}

impl<T> InField for Result<T, Error> {
    #[inline]
    fn in_field(self, field: &'static str, clause: &'static str) -> Self {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(error.in_field(field, clause)),
        }
    }
}
