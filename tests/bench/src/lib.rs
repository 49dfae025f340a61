//! Measurements of the core against the same primitives by `ring` alone and against a peer, in one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod alloc;
pub mod fixture;
pub mod harness;
pub mod history;
pub mod limit;
pub mod mdoc;
pub mod peer;
pub mod qr;
pub mod table;
pub mod vault;
