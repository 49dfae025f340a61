//! The status list proper: `bits` and `lst`.

use idwallet_cose::cbor::{Decoder, InField, Key};
use idwallet_crypto::Order as _;

use crate::{Bits, Status, StatusListError, claims, limits, lookup};

const CLAUSE: &str = "draft-ietf-oauth-status-list 4.3";

/// A status list as received, still compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusList<'a> {
    bits: Bits,
    lst: &'a [u8],
    aggregation_uri: Option<&'a str>,
    max_inflated: u64,
}

impl<'a> StatusList<'a> {
    /// A list from its parts: the size of an entry and the ZLIB data.
    #[must_use]
    pub const fn new(bits: Bits, lst: &'a [u8]) -> Self {
        Self {
            bits,
            lst,
            aggregation_uri: None,
            max_inflated: limits::INFLATED,
        }
    }

    /// Reads `{"bits", "lst", ?"aggregation_uri"}` and nothing after it.
    ///
    /// # Errors
    /// [`StatusListError::Malformed`], [`StatusListError::Bits`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StatusListError> {
        let (bits, lst, aggregation_uri) = Decoder::decode(bytes, limits::CBOR, |d| {
            let (mut bits, mut lst, mut aggregation_uri) = (None, None, None);
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("bits") => bits = Some(d.u64().in_field("bits", CLAUSE)?),
                    Key::Text("lst") => lst = Some(d.bytes().in_field("lst", CLAUSE)?),
                    Key::Text("aggregation_uri") => {
                        aggregation_uri = Some(claims::uri(d).in_field("aggregation_uri", CLAUSE)?);
                    }
                    _ => d.skip()?,
                }
            }
            Ok((d.required(bits, "bits")?, d.required(lst, "lst")?, aggregation_uri))
        })?;
        Ok(Self {
            aggregation_uri,
            ..Self::new(Bits::from_number(bits)?, lst)
        })
    }

    /// The same with another bound on the inflated size; [`limits::INFLATED`] is the largest.
    #[must_use]
    pub const fn with_max_inflated(mut self, bytes: u64) -> Self {
        self.max_inflated = bytes;
        self
    }

    /// The size of an entry.
    #[must_use]
    pub const fn bits(&self) -> Bits {
        self.bits
    }

    /// The compressed entries, as received.
    #[must_use]
    pub const fn compressed(&self) -> &'a [u8] {
        self.lst
    }

    /// Where the addresses of all lists of this provider are.
    #[must_use]
    pub const fn aggregation_uri(&self) -> Option<&'a str> {
        self.aggregation_uri
    }

    /// The status at `idx`. Inflates the list once, in pieces (see [`limits::CHUNK`]).
    ///
    /// # Errors
    /// [`StatusListError::IndexOutOfRange`] (G-V05) and the inflate errors.
    pub fn status(&self, idx: u64) -> Result<Status, StatusListError> {
        let statuses = self.statuses(&[idx])?;
        statuses.first().copied().ok_or(StatusListError::TooManyIndices)
    }

    /// The statuses at many indices, in their order, in one pass over the list. One that is out of range fails them all.
    ///
    /// # Errors
    /// As [`status`](Self::status), and [`StatusListError::TooManyIndices`].
    pub fn statuses(&self, indices: &[u64]) -> Result<Vec<Status>, StatusListError> {
        if indices.len() > limits::INDICES {
            return Err(StatusListError::TooManyIndices);
        }
        // Byte, shift, and place in the answer, in the order in which the bytes come by.
        let mut wanted: Vec<(u64, u32, usize)> = indices
            .iter()
            .enumerate()
            .map(|(slot, idx)| {
                let (byte, shift) = self.bits.place(*idx);
                (byte, shift, slot)
            })
            .collect();
        wanted.order();
        let mut answers = vec![Status::Unassigned(u8::MAX); indices.len()];
        let mut next = wanted.iter().peekable();
        let length = lookup::inflate(self.lst, self.max_inflated, |offset, piece| {
            while let Some((byte, shift, slot)) = next.peek() {
                let within = byte.checked_sub(offset).and_then(|at| usize::try_from(at).ok());
                let Some(value) = within.and_then(|at| piece.get(at)) else {
                    break;
                };
                if let Some(answer) = answers.get_mut(*slot) {
                    *answer = self.bits.extract(*value, *shift);
                }
                next.next();
            }
        })?;
        let entries = self.entries_in(length);
        match indices.iter().find(|idx| **idx >= entries) {
            Some(idx) => Err(StatusListError::IndexOutOfRange { idx: *idx, entries }),
            None => Ok(answers),
        }
    }

    /// How many entries there are. Inflates the list once.
    ///
    /// # Errors
    /// The inflate errors.
    pub fn count(&self) -> Result<u64, StatusListError> {
        let length = lookup::inflate(self.lst, self.max_inflated, |_, _| {})?;
        Ok(self.entries_in(length))
    }

    /// Calls `visit` for every entry that is not valid, in order, and gives the number of all entries: for showing a
    /// list. Whether the list is whole is known only at the end.
    ///
    /// # Errors
    /// The inflate errors.
    pub fn for_each_not_valid(&self, mut visit: impl FnMut(u64, Status)) -> Result<u64, StatusListError> {
        let per_byte = u64::from(self.bits.per_byte());
        let length = lookup::inflate(self.lst, self.max_inflated, |offset, piece| {
            for (at, byte) in (offset..).zip(piece).filter(|(_, byte)| **byte != 0) {
                let first = at.saturating_mul(per_byte);
                for idx in first..first.saturating_add(per_byte) {
                    let status = self.bits.extract(*byte, self.bits.place(idx).1);
                    if !status.is_valid() {
                        visit(idx, status);
                    }
                }
            }
        })?;
        Ok(self.entries_in(length))
    }

    fn entries_in(&self, bytes: u64) -> u64 {
        bytes.saturating_mul(u64::from(self.bits.per_byte()))
    }
}
