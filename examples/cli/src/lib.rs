//! What the `idwallet` command is made of, as a library, so that tests and benchmarks reach it.
//!
//! The command decides nothing about cryptography, protocols or trust: it reads files, calls the core and prints what the core says.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod app;
mod args;
mod camera;
mod certs;
mod context;
#[allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "starts processes and waits for them"
)]
mod demo;
mod error;
mod input;
mod inspect;
mod issue;
mod keys;
mod pki;
pub mod qr;
mod qr_command;
mod read;
mod report;
mod stream;
mod trust;
mod verify;
mod wallet;

/// What `inspect --json` says of bytes that are no picture; for tests.
///
/// # Errors
/// What keeps them from being told, in words.
pub fn inspect_bytes(bytes: &[u8]) -> Result<serde_json::Value, String> {
    inspect::to_json(bytes)
}

/// The examples of the project's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
