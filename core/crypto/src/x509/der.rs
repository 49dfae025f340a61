//! A borrowed DER reader that knows where it is, and the few encoders the builders need.
//!
//! Headers are read by the `der` crate (minimal definite lengths only); this module adds the byte offset within the
//! whole input to every error and hands out spans, so that a certificate keeps its bytes once and points into them.

use core::ops::Range;

use der::{Decode as _, Header, SliceReader};

use super::error::{X509Error, X509ErrorKind as Kind};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Context-specific tag, primitive.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// Context-specific tag, constructed.
pub(crate) const fn context_constructed(number: u8) -> u8 {
    0xa0 | number
}

/// A piece of the kept bytes. Four bytes each way: CRLs are larger than 64 KiB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of(range: &Range<usize>) -> Self {
        // Inputs are limited to far less than 4 GiB before anything is parsed; saturation would read as empty.
        Self {
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
        }
    }

    /// The bytes, empty if they do not belong to `input`.
    pub(crate) fn of_bytes(self, input: &[u8]) -> &[u8] {
        let (Ok(start), Ok(end)) = (usize::try_from(self.start), usize::try_from(self.end)) else {
            return &[];
        };
        input.get(start..end).unwrap_or_default()
    }

    /// Offset of the first byte.
    pub(crate) fn start(self) -> usize {
        usize::try_from(self.start).unwrap_or(usize::MAX)
    }
}

/// One element: its tag, where its contents are, where the whole of it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) span: Span,
    pub(crate) whole: Span,
}

impl<'a> Element<'a> {
    /// A reader over the contents.
    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader {
            bytes: self.value,
            base: self.span.start(),
            at: 0,
        }
    }
}

/// Reads one element after the other from a slice that begins at offset `base` of the whole input.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    base: usize,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0, at: 0 }
    }

    /// A reader over a part of the input that was read before.
    pub(crate) fn over(input: &'a [u8], span: Span) -> Self {
        Self {
            bytes: span.of_bytes(input),
            base: span.start(),
            at: 0,
        }
    }

    /// A reader over the input from an offset on.
    pub(crate) fn at(input: &'a [u8], at: usize) -> Self {
        Self {
            bytes: input,
            base: 0,
            at: at.min(input.len()),
        }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.base.saturating_add(self.at)
    }

    pub(crate) const fn error(&self, kind: Kind) -> X509Error {
        X509Error::new(self.offset(), kind)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next tag, if any.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, X509Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(&tag) = rest.first() else {
            return Err(self.error(Kind::Truncated));
        };
        if tag & 0x1f == 0x1f {
            return Err(self.error(Kind::Header)); // no structure of X.509 uses high tag numbers
        }
        let mut reader = SliceReader::new(rest).map_err(|_| self.error(Kind::Limit("input")))?;
        let header = Header::decode(&mut reader).map_err(|e| {
            self.error(match e.kind() {
                der::ErrorKind::Incomplete { .. } => Kind::Truncated,
                _ => Kind::Header,
            })
        })?;
        let head = usize::try_from(der::Reader::position(&reader)).map_err(|_| self.error(Kind::Header))?;
        let length = usize::try_from(header.length()).map_err(|_| self.error(Kind::Header))?;
        let begin = self.at;
        let from = begin.saturating_add(head);
        let to = from.saturating_add(length);
        let Some(value) = self.bytes.get(from..to) else {
            return Err(self.error(Kind::Truncated));
        };
        let shift = |n: usize| self.base.saturating_add(n);
        let span = Span::of(&(shift(from)..shift(to)));
        let whole = Span::of(&(shift(begin)..shift(to)));
        self.at = to;
        Ok(Element {
            tag,
            value,
            span,
            whole,
        })
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, X509Error> {
        if self.peek() != Some(tag) {
            return Err(self.error(Kind::Expected(what)));
        }
        self.any()
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, X509Error> {
        if self.peek() == Some(tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Nothing may be left.
    pub(crate) const fn finish(&self) -> Result<(), X509Error> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.error(Kind::Trailing))
        }
    }

    /// The contents of a non-empty, minimally encoded INTEGER.
    pub(crate) fn integer(&mut self, what: &'static str) -> Result<Element<'a>, X509Error> {
        let at = self.offset();
        let element = self.expect(INTEGER, what)?;
        match element.value {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(X509Error::new(at, Kind::Malformed(what))),
            _ => Ok(element),
        }
    }

    /// An INTEGER of 0 to 2³¹-1.
    pub(crate) fn small_integer(&mut self, what: &'static str) -> Result<u32, X509Error> {
        let at = self.offset();
        let element = self.integer(what)?;
        let mut value = 0_u32;
        if element.value.len() > 4 || element.value.first().is_some_and(|b| b & 0x80 != 0) {
            return Err(X509Error::new(at, Kind::Limit(what)));
        }
        for byte in element.value {
            value = (value << 8) | u32::from(*byte);
        }
        Ok(value)
    }

    /// A BOOLEAN, which in DER is 00 or FF.
    pub(crate) fn boolean(&mut self) -> Result<bool, X509Error> {
        let at = self.offset();
        match self.expect(BOOLEAN, "BOOLEAN")?.value {
            [0x00] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(X509Error::new(at, Kind::Malformed("BOOLEAN"))),
        }
    }

    /// A non-empty OBJECT IDENTIFIER; its contents, which are compared as they are.
    pub(crate) fn oid(&mut self) -> Result<Element<'a>, X509Error> {
        let at = self.offset();
        let element = self.expect(OID, "OBJECT IDENTIFIER")?;
        let mut fresh = true;
        for byte in element.value {
            if fresh && *byte == 0x80 {
                return Err(X509Error::new(at, Kind::Malformed("OBJECT IDENTIFIER")));
            }
            fresh = byte & 0x80 == 0;
        }
        if element.value.is_empty() || !fresh || element.value.len() > super::limits::OID {
            return Err(X509Error::new(at, Kind::Malformed("OBJECT IDENTIFIER")));
        }
        Ok(element)
    }

    /// A BIT STRING of whole octets.
    pub(crate) fn octet_aligned_bits(&mut self, what: &'static str) -> Result<Element<'a>, X509Error> {
        let at = self.offset();
        let element = self.expect(BIT_STRING, what)?;
        let Some((0, value)) = element.value.split_first() else {
            return Err(X509Error::new(at, Kind::Malformed(what)));
        };
        let start = element.span.start().saturating_add(1);
        Ok(Element {
            value,
            span: Span::of(&(start..start.saturating_add(value.len()))),
            ..element
        })
    }
}

/// Checks a BIT STRING of named bits and gives its first sixteen, bit 0 as the highest.
pub(crate) fn named_bits(element: &Element<'_>, what: &'static str) -> Result<u16, X509Error> {
    let bad = X509Error::new(element.span.start(), Kind::Malformed(what));
    let Some((&unused, bits)) = element.value.split_first() else {
        return Err(bad);
    };
    let last = bits.last().copied().unwrap_or(0);
    // DER: no trailing zero bits, so the last used bit is set; an empty list has no octets.
    let minimal = if bits.is_empty() {
        unused == 0
    } else {
        last.trailing_zeros() == u32::from(unused)
    };
    if unused > 7 || !minimal || bits.len() > 4 {
        return Err(bad);
    }
    let high = bits.first().copied().unwrap_or(0);
    let low = bits.get(1).copied().unwrap_or(0);
    Ok(u16::from_be_bytes([high, low]))
}

/// One element with this tag and the concatenation of `parts` as contents.
pub(crate) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|p| p.len()).sum();
    let mut out = Vec::with_capacity(length.saturating_add(6));
    out.push(tag);
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let significant = bytes.iter().position(|b| *b != 0).unwrap_or(0);
        let bytes = bytes.get(significant..).unwrap_or_default();
        out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
        out.extend_from_slice(bytes);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A non-negative INTEGER of these big-endian octets.
pub(crate) fn encode_unsigned(octets: &[u8]) -> Vec<u8> {
    let significant = octets.iter().position(|b| *b != 0).unwrap_or(octets.len());
    let octets = octets.get(significant..).unwrap_or_default();
    match octets.first() {
        None => encode(INTEGER, &[&[0]]),
        Some(first) if first & 0x80 != 0 => encode(INTEGER, &[&[0], octets]),
        Some(_) => encode(INTEGER, &[octets]),
    }
}

/// A BIT STRING of whole octets.
pub(crate) fn encode_bits(octets: &[u8]) -> Vec<u8> {
    encode(BIT_STRING, &[&[0], octets])
}

/// A BIT STRING of named bits, bit 0 as the highest of `bits`.
pub(crate) fn encode_named_bits(bits: u16) -> Vec<u8> {
    let [high, low] = bits.to_be_bytes();
    let (octets, last): (&[u8], u8) = match (high, low) {
        (0, 0) => (&[], 0),
        (high, 0) => (&[high], high),
        (high, low) => (&[high, low], low),
    };
    let unused = if octets.is_empty() {
        0
    } else {
        u8::try_from(last.trailing_zeros()).unwrap_or(0)
    };
    encode(BIT_STRING, &[&[unused], octets])
}

/// The dotted form of the contents of an OBJECT IDENTIFIER.
pub(crate) fn oid_text(contents: &[u8]) -> String {
    let mut out = String::new();
    let mut arc = 0_u128;
    let mut first = true;
    for byte in contents {
        arc = (arc << 7) | u128::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if first {
            let root = (arc / 40).min(2);
            out.push_str(&format!("{root}.{}", arc.saturating_sub(root.saturating_mul(40))));
            first = false;
        } else {
            out.push_str(&format!(".{arc}"));
        }
        arc = 0;
    }
    out
}

/// The contents of an OBJECT IDENTIFIER in dotted form.
pub(crate) fn oid_contents(dotted: &str) -> Result<Vec<u8>, X509Error> {
    let bad = || X509Error::build("object identifier");
    let arcs = dotted
        .split('.')
        .map(|a| a.parse::<u64>().map_err(|_| bad()))
        .collect::<Result<Vec<_>, _>>()?;
    let [root @ 0..=2, second, rest @ ..] = arcs.as_slice() else {
        return Err(bad());
    };
    if *root < 2 && *second > 39 {
        return Err(bad());
    }
    let head = root.saturating_mul(40).checked_add(*second).ok_or_else(bad)?;
    let mut out = Vec::new();
    for arc in core::iter::once(&head).chain(rest) {
        let bits = 64_u32.saturating_sub(arc.leading_zeros()).max(1);
        let mut groups = bits.div_ceil(7);
        while groups > 0 {
            groups = groups.saturating_sub(1);
            let group = u8::try_from((arc >> groups.saturating_mul(7)) & 0x7f).unwrap_or(0);
            out.push(if groups > 0 { group | 0x80 } else { group });
        }
    }
    Ok(out)
}
