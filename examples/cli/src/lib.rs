//! What the `idwallet` command is made of, as a library, so that tests and benchmarks reach it.
//!
//! The command decides nothing about cryptography, protocols or trust: it reads files, calls the core and prints what the core says.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![allow(dead_code, reason = "some commands are still to come")]

pub mod app;
mod args;
mod certs;
mod context;
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
mod verify;
mod wallet;
