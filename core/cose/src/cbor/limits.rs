//! Bounds and strictness of a decoder.

/// Deepest nesting by default (X-C09). Arrays, maps and tags count; a byte string with CBOR inside starts anew.
pub const DEFAULT_MAX_DEPTH: u16 = 24;
/// Largest input by default, in bytes. Callers set what their artefact needs.
pub const DEFAULT_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most data items by default.
pub const DEFAULT_MAX_ITEMS: u32 = 512 * 1024;

/// What to do with indefinite length strings, arrays and maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indefinite {
    /// Refuse them: mdoc encoders must use definite lengths (A-C02). The default.
    Refuse,
    /// Accept them, for inspection of foreign data. [`super::Decoder::bytes`] and `text` still refuse; use the `_cow` forms.
    Accept,
}

/// What to do with integers, lengths and tags longer than they need to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonShortest {
    /// Accept them: real mdocs have non-shortest lengths. The default.
    Accept,
    /// Refuse them (RFC 8949 §4.1 preferred serialisation; floats are not looked at).
    Refuse,
}

/// Bounds and strictness of a decoder (X-C09).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest input in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of arrays, maps and tags in anything the decoder walks through by itself.
    pub max_depth: u16,
    /// Most data items read from one input.
    pub max_items: u32,
    /// Indefinite lengths.
    pub indefinite: Indefinite,
    /// Non-shortest heads.
    pub non_shortest: NonShortest,
}

impl Limits {
    /// 4 MiB, depth 24, 524,288 items, no indefinite lengths, non-shortest lengths accepted.
    pub const DEFAULT: Self = Self {
        max_bytes: DEFAULT_MAX_BYTES,
        max_depth: DEFAULT_MAX_DEPTH,
        max_items: DEFAULT_MAX_ITEMS,
        indefinite: Indefinite::Refuse,
        non_shortest: NonShortest::Accept,
    };

    /// As the default, and indefinite lengths are accepted: for showing foreign data, never for verifying it.
    pub const INSPECT: Self = Self {
        indefinite: Indefinite::Accept,
        ..Self::DEFAULT
    };

    /// As the default, and non-shortest heads are refused.
    pub const PREFERRED: Self = Self {
        non_shortest: NonShortest::Refuse,
        ..Self::DEFAULT
    };

    /// The same with another largest input, in bytes.
    #[must_use]
    pub const fn with_max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// The same with another deepest nesting.
    #[must_use]
    pub const fn with_max_depth(self, max_depth: u16) -> Self {
        Self { max_depth, ..self }
    }

    /// The same with another number of items.
    #[must_use]
    pub const fn with_max_items(self, max_items: u32) -> Self {
        Self { max_items, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
