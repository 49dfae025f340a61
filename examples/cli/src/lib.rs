//! What the `idwallet` command is made of, as a library, so that tests and benchmarks reach it.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod qr;
