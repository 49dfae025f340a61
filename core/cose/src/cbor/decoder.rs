//! The pull decoder: borrowed values out of a slice.

use super::Result;
use super::error::{Error, ErrorKind, Type};
use super::float::float_of;
use super::limits::{Indefinite, Limits, NonShortest};
use std::borrow::Cow;

/// The first bytes of a data item: major type, additional information and argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) major: u8,
    pub(super) info: u8,
    pub(super) arg: u64,
}

pub(super) const BREAK: u8 = 0xff;
const INDEFINITE: u8 = 31;

impl Head {
    #[inline]
    pub(super) fn is_indefinite(self) -> bool {
        self.info == INDEFINITE
    }

    /// The type for an error text.
    pub(super) fn kind(self) -> Type {
        type_of(self.major << 5 | self.info)
    }
}

/// The type an initial byte announces.
pub(super) fn type_of(initial: u8) -> Type {
    match (initial >> 5, initial & 0x1f) {
        (0, _) => Type::Unsigned,
        (1, _) => Type::Negative,
        (2, _) => Type::Bytes,
        (3, _) => Type::Text,
        (4, _) => Type::Array,
        (5, _) => Type::Map,
        (6, _) => Type::Tag,
        (_, 20 | 21) => Type::Bool,
        (_, 22) => Type::Null,
        (_, 23) => Type::Undefined,
        (_, 25..=27) => Type::Float,
        (_, 31) => Type::Break,
        _ => Type::Simple,
    }
}

/// Pulls data items out of a byte slice, borrowing strings from it.
///
/// A pull checks the type of the one item it reads. [`Decoder::skip`] and [`Decoder::item`] walk a whole item and check that all of it
/// is well formed and valid: lengths, UTF-8, depth, duplicate keys of every nested map. A `Decoder` is cheap to clone; a clone is a
/// bookmark.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    pub(super) full: &'a [u8],
    pub(super) rest: &'a [u8],
    items_left: u32,
    pub(super) limits: Limits,
}

impl<'a> Decoder<'a> {
    /// A decoder with [`Limits::DEFAULT`].
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_limits(bytes, Limits::DEFAULT)
    }

    /// A decoder with the given limits. An input above `max_bytes` is refused by the first pull with [`ErrorKind::TooLarge`].
    #[inline]
    #[must_use]
    pub fn with_limits(bytes: &'a [u8], limits: Limits) -> Self {
        // Offsets of keys are kept as u32.
        let fits = bytes.len() <= limits.max_bytes && u32::try_from(bytes.len()).is_ok();
        Self {
            full: bytes,
            rest: bytes,
            items_left: if fits { limits.max_items } else { 0 },
            limits,
        }
    }

    /// Decodes exactly one item with `read`; nothing may follow it.
    ///
    /// # Errors
    /// Whatever `read` returns, and [`ErrorKind::TrailingBytes`].
    #[inline]
    pub fn decode<T>(bytes: &'a [u8], limits: Limits, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let mut d = Self::with_limits(bytes, limits);
        let value = read(&mut d)?;
        d.finish()?;
        Ok(value)
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Byte offset of the next item.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> usize {
        self.full.len().saturating_sub(self.rest.len())
    }

    /// Whether the input is used up.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    #[must_use]
    pub fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// Checks that nothing follows.
    ///
    /// # Errors
    /// [`ErrorKind::TrailingBytes`]
    #[inline]
    pub fn finish(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(ErrorKind::TrailingBytes))
        }
    }

    /// An error at the current offset.
    #[cold]
    #[must_use]
    pub fn error(&self, kind: ErrorKind) -> Error {
        Error::new(self.offset(), kind)
    }

    /// The value of a mandatory member, or [`ErrorKind::MissingField`] at the current offset (the end of the map).
    ///
    /// # Errors
    /// [`ErrorKind::MissingField`]
    #[inline]
    pub fn required<T>(&self, value: Option<T>, name: &'static str) -> Result<T> {
        match value {
            Some(value) => Ok(value),
            None => Err(self.error(ErrorKind::MissingField(name))),
        }
    }

    /// The type of the next item, without reading it.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] at the end of the input.
    #[inline]
    pub fn peek(&self) -> Result<Type> {
        match self.rest.first() {
            Some(&initial) => Ok(type_of(initial)),
            None => Err(self.error(ErrorKind::Truncated)),
        }
    }

    /// Where the decoder is, for [`Self::reset`].
    #[inline]
    pub(super) fn mark(&self) -> (&'a [u8], u32) {
        (self.rest, self.items_left)
    }

    /// Goes back to a mark.
    #[inline]
    pub(super) fn reset(&mut self, mark: (&'a [u8], u32)) {
        (self.rest, self.items_left) = mark;
    }

    // ---- heads ----

    #[inline]
    fn fixed<const N: usize>(&self, rest: &'a [u8]) -> Result<([u8; N], &'a [u8])> {
        match rest.split_first_chunk::<N>() {
            Some((bytes, rest)) => Ok((*bytes, rest)),
            None => Err(self.error(ErrorKind::Truncated)),
        }
    }

    #[cold]
    #[inline(never)]
    fn out_of_items(&self) -> Error {
        if self.rest.is_empty() && self.full.is_empty() {
            return self.error(ErrorKind::Truncated);
        }
        let too_large = self.full.len() > self.limits.max_bytes || u32::try_from(self.full.len()).is_err();
        self.error(if too_large {
            ErrorKind::TooLarge
        } else {
            ErrorKind::TooManyItems
        })
    }

    /// Reads one head. Reserved information, invalid simple values and (by policy) indefinite or non-shortest ones are refused.
    /// A `break` comes back as major 7, info 31.
    #[inline(always)]
    pub(super) fn head(&mut self) -> Result<Head> {
        let Some((&initial, rest)) = self.rest.split_first() else {
            return Err(self.error(ErrorKind::Truncated));
        };
        let Some(items_left) = self.items_left.checked_sub(1) else {
            return Err(self.out_of_items());
        };
        let (major, info) = (initial >> 5, initial & 0x1f);
        if info < 24 {
            self.items_left = items_left;
            self.rest = rest;
            return Ok(Head {
                major,
                info,
                arg: u64::from(info),
            });
        }
        // Tag 24 and strings of 24 to 255 bytes are common enough to be met here.
        if let (24, 2..=6, Some((&arg @ 24.., rest))) = (info, major, rest.split_first()) {
            self.items_left = items_left;
            self.rest = rest;
            return Ok(Head {
                major,
                info,
                arg: u64::from(arg),
            });
        }
        let head = self.long_head(major, info, rest)?;
        self.items_left = items_left;
        Ok(head)
    }

    #[inline(never)]
    fn long_head(&mut self, major: u8, info: u8, rest: &'a [u8]) -> Result<Head> {
        let (arg, floor, rest) = match info {
            24 => {
                let ([b], rest) = self.fixed::<1>(rest)?;
                if major == 7 && b < 32 {
                    return Err(self.error(ErrorKind::InvalidSimple));
                }
                (u64::from(b), 24, rest)
            }
            25 => {
                let (b, rest) = self.fixed::<2>(rest)?;
                (u64::from(u16::from_be_bytes(b)), 0x100, rest)
            }
            26 => {
                let (b, rest) = self.fixed::<4>(rest)?;
                (u64::from(u32::from_be_bytes(b)), 0x1_0000, rest)
            }
            27 => {
                let (b, rest) = self.fixed::<8>(rest)?;
                (u64::from_be_bytes(b), 0x1_0000_0000, rest)
            }
            INDEFINITE => {
                match major {
                    0 | 1 | 6 => return Err(self.error(ErrorKind::ReservedInfo)),
                    7 => {}
                    _ if self.limits.indefinite == Indefinite::Refuse => {
                        return Err(self.error(ErrorKind::IndefiniteLength));
                    }
                    _ => {}
                }
                (0, 0, rest)
            }
            _ => return Err(self.error(ErrorKind::ReservedInfo)),
        };
        if arg < floor && major != 7 && self.limits.non_shortest == NonShortest::Refuse {
            return Err(self.error(ErrorKind::NonShortest));
        }
        self.rest = rest;
        Ok(Head { major, info, arg })
    }

    #[cold]
    #[inline(never)]
    pub(super) fn wrong_type(at: usize, expected: Type, found: Head) -> Error {
        let found = found.kind();
        // A bare `break` is not an item of another type: it is not an item.
        let kind = if found == Type::Break {
            ErrorKind::UnexpectedBreak
        } else {
            ErrorKind::WrongType { expected, found }
        };
        Error::new(at, kind)
    }

    #[inline(always)]
    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8]> {
        let split = usize::try_from(length)
            .ok()
            .and_then(|length| self.rest.split_at_checked(length));
        match split {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.error(ErrorKind::Truncated)),
        }
    }

    #[inline(always)]
    pub(super) fn take_text(&mut self, length: u64) -> Result<&'a str> {
        let at = self.offset();
        let bytes = self.take(length)?;
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(error) => Err(Error::new(
                at.saturating_add(error.valid_up_to()),
                ErrorKind::InvalidUtf8,
            )),
        }
    }

    // ---- scalars ----

    /// An unsigned integer.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else.
    #[inline]
    pub fn u64(&mut self) -> Result<u64> {
        let at = self.offset();
        let head = self.head()?;
        if head.major == 0 {
            Ok(head.arg)
        } else {
            Err(Self::wrong_type(at, Type::Unsigned, head))
        }
    }

    /// An unsigned integer of 32 bits.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`] above `u32::MAX`.
    #[inline]
    pub fn u32(&mut self) -> Result<u32> {
        let at = self.offset();
        u32::try_from(self.u64()?).map_err(|_| Error::new(at, ErrorKind::OutOfRange))
    }

    /// An integer of either sign.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`] beyond `i64`.
    #[inline]
    pub fn i64(&mut self) -> Result<i64> {
        let at = self.offset();
        i64::try_from(self.int()?).map_err(|_| Error::new(at, ErrorKind::OutOfRange))
    }

    /// An integer of either sign, in the whole range of CBOR.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else.
    #[inline]
    pub fn int(&mut self) -> Result<i128> {
        let at = self.offset();
        let head = self.head()?;
        match head.major {
            0 => Ok(i128::from(head.arg)),
            1 => Ok(!i128::from(head.arg)), // -1 - n
            _ => Err(Self::wrong_type(at, Type::Unsigned, head)),
        }
    }

    /// A definite length byte string, borrowed.
    ///
    /// # Errors
    /// [`ErrorKind::IndefiniteLength`] for a chunked one, whatever the policy: there is nothing contiguous to borrow.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let at = self.offset();
        let head = self.head()?;
        if head.major != 2 {
            return Err(Self::wrong_type(at, Type::Bytes, head));
        }
        if head.is_indefinite() {
            return Err(Error::new(at, ErrorKind::IndefiniteLength));
        }
        self.take(head.arg)
    }

    /// A definite length byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::WrongLength`] for another length.
    pub fn byte_array<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        let at = self.offset();
        <&[u8; N]>::try_from(self.bytes()?)
            .map_err(|_| Error::new(at, ErrorKind::InvalidValue("byte string of another length")))
    }

    /// A definite length text string, borrowed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUtf8`]; [`ErrorKind::IndefiniteLength`] for a chunked one.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str> {
        let at = self.offset();
        let head = self.head()?;
        if head.major != 3 {
            return Err(Self::wrong_type(at, Type::Text, head));
        }
        if head.is_indefinite() {
            return Err(Error::new(at, ErrorKind::IndefiniteLength));
        }
        self.take_text(head.arg)
    }

    /// A byte string; chunks are joined where the policy accepts indefinite lengths.
    ///
    /// # Errors
    /// As [`Self::bytes`], and [`ErrorKind::InvalidChunk`].
    pub fn bytes_cow(&mut self) -> Result<Cow<'a, [u8]>> {
        let at = self.offset();
        let head = self.head()?;
        if head.major != 2 {
            return Err(Self::wrong_type(at, Type::Bytes, head));
        }
        if !head.is_indefinite() {
            return Ok(Cow::Borrowed(self.take(head.arg)?));
        }
        let mut joined = Vec::new();
        while let Some(chunk) = self.chunk(2)? {
            joined.extend_from_slice(self.take(chunk)?);
        }
        Ok(Cow::Owned(joined))
    }

    /// A text string; chunks are joined where the policy accepts indefinite lengths.
    ///
    /// # Errors
    /// As [`Self::text`], and [`ErrorKind::InvalidChunk`].
    pub fn text_cow(&mut self) -> Result<Cow<'a, str>> {
        let at = self.offset();
        let head = self.head()?;
        if head.major != 3 {
            return Err(Self::wrong_type(at, Type::Text, head));
        }
        if !head.is_indefinite() {
            return Ok(Cow::Borrowed(self.take_text(head.arg)?));
        }
        let mut joined = String::new();
        while let Some(chunk) = self.chunk(3)? {
            joined.push_str(self.take_text(chunk)?);
        }
        Ok(Cow::Owned(joined))
    }

    /// The length of the next chunk of an indefinite length string, or `None` at its end.
    pub(super) fn chunk(&mut self, major: u8) -> Result<Option<u64>> {
        if self.take_break() {
            return Ok(None);
        }
        let at = self.offset();
        let head = self.head()?;
        if head.major != major || head.is_indefinite() {
            return Err(Error::new(at, ErrorKind::InvalidChunk));
        }
        Ok(Some(head.arg))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else.
    #[inline]
    pub fn bool(&mut self) -> Result<bool> {
        let at = self.offset();
        let head = self.head()?;
        match (head.major, head.info) {
            (7, 20) => Ok(false),
            (7, 21) => Ok(true),
            _ => Err(Self::wrong_type(at, Type::Bool, head)),
        }
    }

    /// `null`.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else.
    pub fn null(&mut self) -> Result<()> {
        let at = self.offset();
        let head = self.head()?;
        if (head.major, head.info) == (7, 22) {
            Ok(())
        } else {
            Err(Self::wrong_type(at, Type::Null, head))
        }
    }

    /// Reads `null` if it is next; otherwise reads nothing and returns `false`.
    #[inline]
    pub fn take_null(&mut self) -> bool {
        self.rest.first() == Some(&0xf6) && self.head().is_ok()
    }

    /// Any simple value, `false`, `true`, `null` and `undefined` (20 to 23) among them.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else.
    pub fn simple(&mut self) -> Result<u8> {
        let at = self.offset();
        let head = self.head()?;
        match (head.major, u8::try_from(head.arg)) {
            (7, Ok(simple)) if head.info <= 24 => Ok(simple),
            _ => Err(Self::wrong_type(at, Type::Simple, head)),
        }
    }

    /// A float of any width.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else; integers are not converted.
    pub fn float(&mut self) -> Result<f64> {
        let at = self.offset();
        let head = self.head()?;
        match (head.major, head.info) {
            (7, 25..=27) => Ok(float_of(head)),
            _ => Err(Self::wrong_type(at, Type::Float, head)),
        }
    }

    /// The number of a tag; its content is the next item.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] for anything else.
    #[inline]
    pub fn tag(&mut self) -> Result<u64> {
        let at = self.offset();
        let head = self.head()?;
        if head.major == 6 {
            Ok(head.arg)
        } else {
            Err(Self::wrong_type(at, Type::Tag, head))
        }
    }

    /// Exactly the tag `number`; its content is the next item.
    ///
    /// # Errors
    /// [`ErrorKind::WrongTag`] for another tag.
    #[inline]
    pub fn expect_tag(&mut self, number: u64) -> Result<()> {
        let at = self.offset();
        if self.tag()? == number {
            Ok(())
        } else {
            Err(Error::new(at, ErrorKind::WrongTag { expected: number }))
        }
    }
}
