//! Bytes as received, with what they say.

use super::decoder::{Decoder, type_of};
use super::encoder::Encoder;
use super::error::Type;
use super::{Limits, Result};
use core::fmt;
use core::ops::Deref;

/// One complete, well-formed and valid item, as received. Only [`Decoder::item`] and [`Item::parse`] make one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    bytes: &'a [u8],
    limits: Limits,
}

impl<'a> Item<'a> {
    pub(super) fn checked(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, limits }
    }

    /// Checks that `bytes` are exactly one item within `limits`.
    ///
    /// # Errors
    /// As [`Decoder::skip`] and [`Decoder::finish`].
    pub fn parse(bytes: &'a [u8], limits: Limits) -> Result<Self> {
        Decoder::decode(bytes, limits, Decoder::item)
    }

    /// The bytes as received.
    #[inline]
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The limits it was checked under.
    #[must_use]
    pub fn limits(self) -> Limits {
        self.limits
    }

    /// A decoder at the start of the item.
    #[inline]
    #[must_use]
    pub fn decoder(self) -> Decoder<'a> {
        Decoder::with_limits(self.bytes, self.limits)
    }

    /// Decodes the item with `read`, which must use up all of it.
    ///
    /// # Errors
    /// Whatever `read` returns.
    #[inline]
    pub fn decode<T>(self, read: impl FnOnce(&mut Decoder<'a>) -> Result<T>) -> Result<T> {
        Decoder::decode(self.bytes, self.limits, read)
    }

    /// The type of the item.
    #[must_use]
    pub fn kind(self) -> Type {
        self.bytes.first().map_or(Type::Undefined, |&initial| type_of(initial))
    }

    /// An owned copy.
    #[must_use]
    pub fn to_buf(self) -> ItemBuf {
        ItemBuf {
            bytes: self.bytes.to_vec(),
            limits: self.limits,
        }
    }
}

impl fmt::Debug for Item<'_> {
    /// Type and length only: items hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({}, {} bytes)", self.kind(), self.bytes.len())
    }
}

/// An owned [`Item`].
#[derive(Clone, PartialEq, Eq)]
pub struct ItemBuf {
    bytes: Vec<u8>,
    limits: Limits,
}

impl ItemBuf {
    /// Checks that `bytes` are exactly one item within `limits`, and keeps them.
    ///
    /// # Errors
    /// As [`Item::parse`].
    pub fn parse(bytes: Vec<u8>, limits: Limits) -> Result<Self> {
        Item::parse(&bytes, limits)?;
        Ok(Self { bytes, limits })
    }

    /// The borrowed item.
    #[must_use]
    pub fn as_item(&self) -> Item<'_> {
        Item::checked(&self.bytes, self.limits)
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as received, owned.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.bytes
    }
}

impl fmt::Debug for ItemBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_item().fmt(f)
    }
}

/// The bytes as received and the view decoded from them (X-C01). Dereferences to the view; what is hashed is [`Encoded::bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a, T> {
    bytes: &'a [u8],
    view: T,
}

impl<'a, T> Encoded<'a, T> {
    #[inline]
    pub(super) fn from_parts(bytes: &'a [u8], view: T) -> Self {
        Self { bytes, view }
    }

    /// Decodes a whole input, keeping its bytes.
    ///
    /// # Errors
    /// Whatever `read` returns; trailing bytes.
    pub fn decode(bytes: &'a [u8], limits: Limits, read: impl FnOnce(&mut Decoder<'a>) -> Result<T>) -> Result<Self> {
        Decoder::decode(bytes, limits, |d| d.encoded(read))
    }

    /// The bytes as received.
    #[inline]
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The view.
    #[inline]
    #[must_use]
    pub fn view(&self) -> &T {
        &self.view
    }

    /// The view, without the bytes.
    #[must_use]
    pub fn into_view(self) -> T {
        self.view
    }

    /// The same bytes with another view of them.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Encoded<'a, U> {
        Encoded {
            bytes: self.bytes,
            view: f(self.view),
        }
    }
}

impl<T> Deref for Encoded<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.view
    }
}

/// A byte string with CBOR inside, `#6.24(bstr .cbor X)`, as received (A-C04).
///
/// [`Tag24::encoded`] is what digests and signatures cover, tag 24 head included, in whatever length form it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tag24<'a> {
    encoded: &'a [u8],
    inner: &'a [u8],
    limits: Limits,
}

impl<'a> Tag24<'a> {
    #[inline]
    pub(super) fn from_parts(encoded: &'a [u8], inner: &'a [u8], limits: Limits) -> Self {
        Self { encoded, inner, limits }
    }

    /// Reads a whole input as tag 24. The inside is not looked at yet.
    ///
    /// # Errors
    /// As [`Decoder::tag24`]; trailing bytes.
    pub fn parse(bytes: &'a [u8], limits: Limits) -> Result<Self> {
        Decoder::decode(bytes, limits, Decoder::tag24)
    }

    /// The full tagged bytes: the thing that is hashed.
    #[inline]
    #[must_use]
    pub fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// The content of the byte string.
    #[inline]
    #[must_use]
    pub fn inner(&self) -> &'a [u8] {
        self.inner
    }

    /// Decodes the inside, which must be exactly one item. Offsets of errors count from the start of [`Self::inner`].
    ///
    /// # Errors
    /// Whatever `read` returns; trailing bytes.
    #[inline]
    pub fn decode<T>(&self, read: impl FnOnce(&mut Decoder<'a>) -> Result<T>) -> Result<T> {
        Decoder::decode(self.inner, self.limits, read)
    }

    /// The inside as one checked item.
    ///
    /// # Errors
    /// As [`Item::parse`].
    pub fn inner_item(&self) -> Result<Item<'a>> {
        Item::parse(self.inner, self.limits)
    }

    /// An owned copy.
    #[must_use]
    pub fn to_buf(&self) -> Tag24Buf {
        let inner_start = self.encoded.len().saturating_sub(self.inner.len());
        Tag24Buf {
            encoded: self.encoded.to_vec(),
            inner_start,
            limits: self.limits,
        }
    }
}

impl fmt::Debug for Tag24<'_> {
    /// Lengths only: items hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag24({} bytes)", self.inner.len())
    }
}

/// An owned [`Tag24`], received or just made.
#[derive(Clone, PartialEq, Eq)]
pub struct Tag24Buf {
    encoded: Vec<u8>,
    inner_start: usize,
    limits: Limits,
}

impl Tag24Buf {
    /// Wraps the encoding of one item.
    #[must_use]
    pub fn wrap(inner: &[u8]) -> Self {
        let mut e = Encoder::with_capacity(super::size::tag24(inner.len()));
        e.tag24(inner);
        let encoded = e.into_vec();
        Self {
            inner_start: encoded.len().saturating_sub(inner.len()),
            encoded,
            limits: Limits::DEFAULT,
        }
    }

    /// The borrowed form.
    #[must_use]
    pub fn as_tag24(&self) -> Tag24<'_> {
        Tag24 {
            encoded: &self.encoded,
            inner: self.inner(),
            limits: self.limits,
        }
    }

    /// The full tagged bytes: the thing that is hashed.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// The content of the byte string.
    #[must_use]
    pub fn inner(&self) -> &[u8] {
        self.encoded.get(self.inner_start..).unwrap_or_default()
    }

    /// The full tagged bytes, owned.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.encoded
    }
}

impl fmt::Debug for Tag24Buf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_tag24().fmt(f)
    }
}
