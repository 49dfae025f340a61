//! Certificates, paths and revocation lists.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod certificate;
mod cost;
mod crl;
mod openssl;
mod path;
mod pki;
mod profile;
mod robustness;
mod vectors;
