//! The heads of containers, and arrays element by element.

use super::Result;
use super::decoder::{BREAK, Decoder};
use super::error::{Error, ErrorKind, Type};
use super::map::MapReader;

impl<'a> Decoder<'a> {
    /// The head of an array.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`]; [`ErrorKind::Truncated`] where the input cannot hold that many elements.
    #[inline]
    pub fn array(&mut self) -> Result<ArrayReader> {
        let at = self.offset();
        let head = self.head()?;
        if head.major != 4 {
            return Err(Self::wrong_type(at, Type::Array, head));
        }
        let left = if head.is_indefinite() {
            None
        } else {
            Some(self.count(head.arg, 1)?)
        };
        Ok(ArrayReader::counting(left))
    }

    /// The head of a definite length array with exactly `elements` elements.
    ///
    /// # Errors
    /// [`ErrorKind::WrongLength`] for another number.
    #[inline]
    pub fn array_of(&mut self, elements: usize) -> Result<()> {
        let at = self.offset();
        match self.array()?.len() {
            None => Err(Error::new(at, ErrorKind::IndefiniteLength)),
            Some(n) if n == elements => Ok(()),
            Some(_) => Err(Error::new(at, ErrorKind::WrongLength { expected: elements })),
        }
    }

    /// The head of a map. Pull its keys from the reader, which refuses a second equal key, and each value from this decoder.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`]; [`ErrorKind::Truncated`] where the input cannot hold that many entries.
    #[inline]
    pub fn map(&mut self) -> Result<MapReader<'a>> {
        let at = self.offset();
        let head = self.head()?;
        if head.major != 5 {
            return Err(Self::wrong_type(at, Type::Map, head));
        }
        let left = if head.is_indefinite() {
            None
        } else {
            Some(self.count(head.arg, 2)?)
        };
        Ok(MapReader::new(left, self.full))
    }

    /// A declared count as `usize`, refused at once where the rest of the input is too short for it, so that nobody allocates for it.
    #[inline]
    pub(super) fn count(&self, declared: u64, bytes_each: usize) -> Result<usize> {
        match usize::try_from(declared) {
            Ok(count) if count.saturating_mul(bytes_each) <= self.rest.len() => Ok(count),
            _ => Err(self.error(ErrorKind::Truncated)),
        }
    }

    /// Reads a `break` if it is next.
    #[inline]
    pub(super) fn take_break(&mut self) -> bool {
        match self.rest.split_first() {
            Some((&BREAK, rest)) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

/// Counts the elements of an array while they are pulled.
#[derive(Clone, Debug)]
pub struct ArrayReader {
    left: Option<usize>,
}

impl ArrayReader {
    #[inline]
    pub(super) fn counting(left: Option<usize>) -> Self {
        Self { left }
    }

    /// Elements still to come; `None` for an indefinite length array. Never more than the input has bytes.
    #[inline]
    #[must_use]
    pub fn len(&self) -> Option<usize> {
        self.left
    }

    /// Whether it is known that no element is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == Some(0)
    }

    /// Whether another element follows; the caller must then pull it: `while a.next(&mut d)? { d.text()?; }`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where an indefinite length array is not closed.
    #[inline]
    pub fn next(&mut self, d: &mut Decoder<'_>) -> Result<bool> {
        match &mut self.left {
            Some(left) => match left.checked_sub(1) {
                Some(less) => {
                    *left = less;
                    Ok(true)
                }
                None => Ok(false),
            },
            None => {
                if d.take_break() {
                    self.left = Some(0);
                    return Ok(false);
                }
                d.peek().map(|_| true)
            }
        }
    }
}
