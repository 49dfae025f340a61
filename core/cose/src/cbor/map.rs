//! Maps: keys, and the check that no key comes twice.

use super::Result;
use super::array::ArrayReader;
use super::canonical::{canonical, relaxed};
use super::decoder::Decoder;
use super::error::{Error, ErrorKind, Type};
use super::item::Item;
use idwallet_crypto::Gather as _;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A map key. Keys are equal when their values are equal, however they were encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Key<'a> {
    /// An integer within `i64`.
    Int(i64),
    /// A text string.
    Text(&'a str),
    /// A byte string.
    Bytes(&'a [u8]),
    /// Anything else, as received and checked: larger integers, chunked strings, arrays, maps, tags, floats, simple values.
    Other(&'a [u8]),
}

impl<'a> Key<'a> {
    /// The text, if the key is one.
    #[must_use]
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if the key is one within `i64`.
    #[must_use]
    pub fn as_int(self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(int),
            _ => None,
        }
    }

    /// A cheap number for the small-map filter; equal keys have equal numbers.
    #[inline(always)]
    fn fingerprint(&self) -> u32 {
        const MIX: u32 = 0x9e37_79b1;
        let n = match self {
            Self::Int(int) => *int as u32,
            Self::Text(text) => fingerprint_of(text.as_bytes()),
            Self::Bytes(bytes) => fingerprint_of(bytes).wrapping_add(1),
            Self::Other(_) => 0,
        };
        n.wrapping_mul(MIX) >> 26
    }
}

#[inline]
fn fingerprint_of(bytes: &[u8]) -> u32 {
    let first = bytes.first().copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    (bytes.len() as u32) ^ (u32::from(first) << 8) ^ (u32::from(last) << 16)
}

/// Reads and checks one key; `depth` is what is left for a nested one.
#[inline(always)]
pub(super) fn read_key<'a>(d: &mut Decoder<'a>, depth: u16) -> Result<Key<'a>> {
    let mark = d.mark();
    let head = d.head()?;
    match head.major {
        3 if !head.is_indefinite() => return Ok(Key::Text(d.take_text(head.arg)?)),
        2 if !head.is_indefinite() => return Ok(Key::Bytes(d.take(head.arg)?)),
        0 => {
            if let Ok(n) = i64::try_from(head.arg) {
                return Ok(Key::Int(n));
            }
        }
        1 => {
            if let Ok(n) = i64::try_from(head.arg) {
                return Ok(Key::Int(!n));
            }
        }
        _ => {}
    }
    d.reset(mark);
    read_other_key(d, depth)
}

#[cold]
#[inline(never)]
fn read_other_key<'a>(d: &mut Decoder<'a>, depth: u16) -> Result<Key<'a>> {
    let start = d.remaining();
    d.walk(depth)?;
    let length = start.len().saturating_sub(d.remaining().len());
    Ok(Key::Other(start.get(..length).unwrap_or_default()))
}

/// How many keys are compared one by one, without the heap.
const SMALL: usize = 16;

/// A key as [`Large::Set`] holds it: equal exactly when the values are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SetKey<'a> {
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    /// The deterministic encoding.
    Other(Vec<u8>),
}

/// The keys of one map so far.
///
/// Up to [`SMALL`] keys, unless more are announced: their offsets in the input and a 64 bit filter that tells apart most keys without a comparison. Above, or
/// once a key is composite, [`Large`]: O(n log n) for whatever an attacker sends, and no hash to collide.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    input: &'a [u8],
    filter: u64,
    count: usize,
    starts: [u32; SMALL],
    large: Option<Large<'a>>,
}

impl<'a> Seen<'a> {
    #[inline]
    pub(super) fn new(input: &'a [u8], announced: Option<usize>) -> Self {
        Self {
            input,
            filter: 0,
            count: 0,
            starts: [0; SMALL],
            large: announced.filter(|count| *count > SMALL).map(|_| Large::new()),
        }
    }

    /// Notes a key that starts at `at`; `false` if it was there already.
    #[inline(always)]
    pub(super) fn insert(&mut self, key: &Key<'a>, at: usize) -> bool {
        let is_plain = !matches!(key, Key::Other(_));
        if let (None, true, Some(slot)) = (&self.large, is_plain, self.starts.get_mut(self.count)) {
            // Inputs are below 4 GiB (Decoder::with_limits).
            *slot = at as u32;
            let bit = 1_u64 << key.fingerprint();
            if self.filter & bit != 0 && self.is_among_small(key) {
                return false;
            }
            self.filter |= bit;
            self.count = self.count.saturating_add(1);
            return true;
        }
        self.insert_large(key)
    }

    fn small_keys(&self) -> impl Iterator<Item = Key<'a>> + '_ {
        self.starts.iter().take(self.count).filter_map(|start| {
            let bytes = self.input.get(usize::try_from(*start).ok()?..)?;
            // These were read before under the caller's limits.
            let limits = relaxed();
            read_key(&mut Decoder::with_limits(bytes, limits), limits.max_depth).ok()
        })
    }

    #[cold]
    fn is_among_small(&self, key: &Key<'a>) -> bool {
        self.small_keys().any(|other| other == *key)
    }

    #[inline(never)]
    fn insert_large(&mut self, key: &Key<'a>) -> bool {
        let mut large = match self.large.take() {
            Some(large) => large,
            None => {
                let mut large = Large::new();
                self.small_keys().for_each(|key| {
                    large.insert(&key);
                });
                large
            }
        };
        let is_new = large.insert(key);
        self.large = Some(large);
        is_new
    }
}

/// More keys than are compared one by one.
#[derive(Clone, Debug)]
enum Large<'a> {
    /// Integers, each above the one before, as digest ids are usually written: no key can have come before.
    Ascending(Vec<i64>),
    /// Anything else.
    Set(BTreeSet<SetKey<'a>>),
}

impl<'a> Large<'a> {
    fn new() -> Self {
        Self::Ascending(Vec::with_capacity(4 * SMALL))
    }

    fn insert(&mut self, key: &Key<'a>) -> bool {
        if let Self::Ascending(keys) = self {
            match key {
                Key::Int(int) if keys.last().is_none_or(|last| last < int) => {
                    keys.push(*int);
                    return true;
                }
                _ => *self = Self::Set(core::mem::take(keys).into_iter().map(SetKey::Int).gather()),
            }
        }
        match self {
            Self::Set(set) => set.insert(set_key(key)),
            Self::Ascending(_) => false,
        }
    }
}

fn set_key<'a>(key: &Key<'a>) -> SetKey<'a> {
    match *key {
        Key::Int(int) => SetKey::Int(int),
        Key::Text(text) => SetKey::Text(Cow::Borrowed(text)),
        Key::Bytes(bytes) => SetKey::Bytes(Cow::Borrowed(bytes)),
        Key::Other(bytes) => {
            let item = Item::checked(bytes, relaxed());
            match item.kind() {
                // Chunked strings equal the same string in one piece.
                Type::Text => item
                    .decode(Decoder::text_cow)
                    .map_or_else(|_| SetKey::Other(canonical(item)), SetKey::Text),
                Type::Bytes => item
                    .decode(Decoder::bytes_cow)
                    .map_or_else(|_| SetKey::Other(canonical(item)), SetKey::Bytes),
                _ => SetKey::Other(canonical(item)),
            }
        }
    }
}

/// Pulls the keys of a map and refuses one that came before, known to the caller or not (A-C03).
///
/// After each key the caller pulls exactly one value from the decoder: a typed pull, [`Decoder::item`] or [`Decoder::skip`].
#[derive(Clone, Debug)]
pub struct MapReader<'a> {
    left: Option<usize>,
    seen: Seen<'a>,
}

impl<'a> MapReader<'a> {
    #[inline]
    pub(super) fn new(left: Option<usize>, input: &'a [u8]) -> Self {
        Self {
            left,
            seen: Seen::new(input, left),
        }
    }

    /// Counts entries without looking at their keys, for a second pass over a map that [`Decoder::walk`] has checked.
    pub(super) fn into_unchecked(self) -> ArrayReader {
        ArrayReader::counting(self.left)
    }

    /// Entries still to come; `None` for an indefinite length map. Never more than half of the input's bytes.
    #[must_use]
    pub fn len(&self) -> Option<usize> {
        self.left
    }

    /// Whether it is known that no entry is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == Some(0)
    }

    /// The next key, or `None` at the end of the map. `d` is the decoder the map came from.
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateKey`] at the second of two equal keys; whatever is wrong with the key itself.
    #[inline]
    pub fn next_key(&mut self, d: &mut Decoder<'a>) -> Result<Option<Key<'a>>> {
        match &mut self.left {
            Some(left) => match left.checked_sub(1) {
                Some(less) => *left = less,
                None => return Ok(None),
            },
            None => {
                if d.take_break() {
                    self.left = Some(0);
                    return Ok(None);
                }
            }
        }
        let at = d.offset();
        let key = read_key(d, d.limits().max_depth)?;
        if !self.seen.insert(&key, at) {
            return Err(Error::new(at, ErrorKind::DuplicateKey));
        }
        Ok(Some(key))
    }

    /// The next key where the structure has text keys only.
    ///
    /// # Errors
    /// As [`Self::next_key`], and [`ErrorKind::WrongType`] for a key of another type.
    #[inline]
    pub fn next_text_key(&mut self, d: &mut Decoder<'a>) -> Result<Option<&'a str>> {
        let start = d.clone();
        match self.next_key(d)? {
            None => Ok(None),
            Some(Key::Text(text)) => Ok(Some(text)),
            Some(_) => Err(start.error(ErrorKind::WrongType {
                expected: Type::Text,
                found: start.peek()?,
            })),
        }
    }
}
