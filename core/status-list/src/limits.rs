//! What is refused before it is looked at: bounds on work and memory (X-C09, G-C03).

use idwallet_cose::cbor::Limits;

/// Largest token in bytes.
pub const TOKEN: usize = 16 * 1024 * 1024;
/// Most identifiers in an identifier list.
pub const IDENTIFIERS: usize = 500_000;
/// Longest identifier in bytes.
pub const IDENTIFIER: usize = 256;
/// Longest `sub` and `aggregation_uri` in bytes.
pub const URI: usize = 2048;
/// Most bytes a list may inflate to: 512 million entries of one bit. They are never in memory at once.
pub const INFLATED: u64 = 64 * 1024 * 1024;
/// Above [`RATIO_FLOOR`], a list may not inflate to more than this many times its compressed size.
///
/// A list in which nothing is revoked yet compresses by a factor of about a thousand, as far as zlib can go, so that
/// a ratio says nothing about short lists.
pub const RATIO: u64 = 512;
/// Inflated bytes up to which no ratio is asked for.
pub const RATIO_FLOOR: u64 = 16 * 1024 * 1024;
/// The piece of the inflated list that is in memory at a time. The inflater has a window of 32 KiB and some tables beside it.
pub const CHUNK: usize = 16 * 1024;
/// Most indices in one pass.
pub const INDICES: usize = 100_000;
/// `ttl` counts as at least this many seconds, so that a list cannot make its readers fetch it all the time (G-V06).
pub const TTL_MIN: u64 = 60;
/// `ttl` counts as at most this many seconds: a year.
pub const TTL_MAX: u64 = 366 * 86_400;

/// Of the CBOR around the lists.
pub(crate) const CBOR: Limits = Limits::DEFAULT.with_max_bytes(TOKEN).with_max_items(1_100_000);
