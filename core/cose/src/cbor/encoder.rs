//! The encoder: shortest heads, definite lengths (A-C02).

use super::error::{Error, ErrorKind};
use super::float::half_of;
use super::limits::DEFAULT_MAX_DEPTH;
use super::{Result, Value};
use core::fmt;
use idwallet_crypto::Order as _;

/// Lengths of encodings, so that a buffer can be allocated once.
pub mod size {
    /// Bytes of a head with the argument `n`.
    #[must_use]
    pub const fn head(n: u64) -> usize {
        match n {
            0..=23 => 1,
            24..=0xff => 2,
            0x100..=0xffff => 3,
            0x1_0000..=0xffff_ffff => 5,
            _ => 9,
        }
    }

    /// Bytes of a byte or text string of `length` bytes.
    #[must_use]
    pub const fn string(length: usize) -> usize {
        head(length as u64).saturating_add(length)
    }

    /// Bytes of `#6.24(bstr)` with `inner` bytes inside.
    #[must_use]
    pub const fn tag24(inner: usize) -> usize {
        string(inner).saturating_add(2)
    }
}

/// Writes deterministic CBOR into a `Vec<u8>`.
///
/// Calls chain. The caller announces a container with its count and then writes that many elements or entries, in its own order.
#[derive(Clone, Default)]
pub struct Encoder {
    out: Vec<u8>,
}

impl fmt::Debug for Encoder {
    /// The length only: what is written may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoder({} bytes)", self.out.len())
    }
}

impl Encoder {
    /// An empty encoder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An encoder with room for `bytes` bytes; see [`size`].
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
        }
    }

    /// Goes on at the end of `out`.
    #[must_use]
    pub fn onto(out: Vec<u8>) -> Self {
        Self { out }
    }

    /// What was written.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.out
    }

    /// What was written so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.out
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    #[inline]
    pub(super) fn head(&mut self, major: u8, n: u64) -> &mut Self {
        let top = major << 5;
        let bytes = n.to_be_bytes();
        let (info, skip) = match size::head(n) {
            1 => {
                self.out.push(top | n as u8);
                return self;
            }
            2 => (24, 7),
            3 => (25, 6),
            5 => (26, 4),
            _ => (27, 0),
        };
        self.out.push(top | info);
        self.out.extend_from_slice(bytes.get(skip..).unwrap_or_default());
        self
    }

    /// An unsigned integer.
    #[inline]
    pub fn uint(&mut self, n: u64) -> &mut Self {
        self.head(0, n)
    }

    /// An integer of either sign.
    #[inline]
    pub fn int(&mut self, n: i64) -> &mut Self {
        if n < 0 {
            self.head(1, !n as u64)
        } else {
            self.head(0, n as u64)
        }
    }

    /// A byte string.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(2, bytes.len() as u64);
        self.raw(bytes)
    }

    /// A text string.
    #[inline]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.head(3, text.len() as u64);
        self.raw(text.as_bytes())
    }

    /// The head of an array; `elements` items must follow.
    #[inline]
    pub fn array(&mut self, elements: usize) -> &mut Self {
        self.head(4, elements as u64)
    }

    /// The head of a map; `entries` keys, each with its value, must follow.
    #[inline]
    pub fn map(&mut self, entries: usize) -> &mut Self {
        self.head(5, entries as u64)
    }

    /// A tag; its content must follow.
    #[inline]
    pub fn tag(&mut self, number: u64) -> &mut Self {
        self.head(6, number)
    }

    /// `true` or `false`.
    #[inline]
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.head(7, if value { 21 } else { 20 })
    }

    /// `null`.
    #[inline]
    pub fn null(&mut self) -> &mut Self {
        self.head(7, 22)
    }

    /// A float in the shortest form that keeps its value (RFC 8949 §4.2.2); every NaN becomes `f97e00`.
    pub fn float(&mut self, value: f64) -> &mut Self {
        let single = value as f32;
        if value.is_nan() {
            return self.raw(&[0xf9, 0x7e, 0x00]);
        }
        if f64::from(single).to_bits() != value.to_bits() {
            self.out.push(0xfb);
            return self.raw(&value.to_bits().to_be_bytes());
        }
        if let Some(half) = half_of(single) {
            self.out.push(0xf9);
            return self.raw(&half.to_be_bytes());
        }
        self.out.push(0xfa);
        self.raw(&single.to_bits().to_be_bytes())
    }

    /// Bytes that are CBOR already, exactly as they are: this is how received items get into what is sent or signed.
    #[inline]
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.out.extend_from_slice(encoded);
        self
    }

    /// `#6.24(bstr)` around bytes that are CBOR already (A-C04).
    #[inline]
    pub fn tag24(&mut self, inner: &[u8]) -> &mut Self {
        self.tag(24).bytes(inner)
    }

    /// `#6.24(bstr)` around what `write` writes, without a second buffer.
    pub fn tag24_with(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.tag(24).bytes_with(write)
    }

    /// A byte string around what `write` writes, without a second buffer.
    pub fn bytes_with(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.out.len();
        write(self);
        let end = self.out.len();
        self.head(2, end.saturating_sub(start) as u64);
        // The head was written behind its content; bring it to the front.
        let head = self.out.len().saturating_sub(end);
        if let Some(written) = self.out.get_mut(start..) {
            written.rotate_right(head);
        }
        self
    }

    /// An owned value, map keys in deterministic order (RFC 8949 §4.2.1).
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateKey`], [`ErrorKind::TooDeep`]; the offset is that in the output. The output is then to be thrown away.
    pub fn value(&mut self, value: &Value) -> Result<&mut Self> {
        self.value_within(value, DEFAULT_MAX_DEPTH)?;
        Ok(self)
    }

    fn value_within(&mut self, value: &Value, depth: u16) -> Result<()> {
        match value {
            Value::Integer(integer) => {
                let n = i128::from(*integer);
                // ciborium's Integer holds -2^64 ..= 2^64 - 1.
                if n < 0 {
                    self.head(1, !n as u64)
                } else {
                    self.head(0, n as u64)
                };
            }
            Value::Bytes(bytes) => {
                self.bytes(bytes);
            }
            Value::Float(float) => {
                self.float(*float);
            }
            Value::Text(text) => {
                self.text(text);
            }
            Value::Bool(bool) => {
                self.bool(*bool);
            }
            Value::Null => {
                self.null();
            }
            Value::Tag(number, content) => {
                let depth = self.deeper(depth)?;
                self.tag(*number);
                self.value_within(content, depth)?;
            }
            Value::Array(elements) => {
                let depth = self.deeper(depth)?;
                self.array(elements.len());
                for element in elements {
                    self.value_within(element, depth)?;
                }
            }
            Value::Map(entries) => {
                let depth = self.deeper(depth)?;
                self.map(entries.len());
                self.sorted_entries(entries, depth)?;
            }
            _ => return Err(Error::new(self.len(), ErrorKind::UnsupportedSimple)),
        }
        Ok(())
    }

    fn deeper(&self, depth: u16) -> Result<u16> {
        depth
            .checked_sub(1)
            .ok_or_else(|| Error::new(self.len(), ErrorKind::TooDeep))
    }

    fn sorted_entries(&mut self, entries: &[(Value, Value)], depth: u16) -> Result<()> {
        let mut keys = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let mut encoded = Self::new();
            encoded.value_within(key, depth)?;
            keys.push((encoded.out, value));
        }
        keys.order_by(|a, b| a.0.cmp(&b.0));
        let mut previous: Option<&[u8]> = None;
        for (key, value) in &keys {
            if previous == Some(key) {
                return Err(Error::new(self.len(), ErrorKind::DuplicateKey));
            }
            previous = Some(key);
            self.raw(key);
            self.value_within(value, depth)?;
        }
        Ok(())
    }
}
