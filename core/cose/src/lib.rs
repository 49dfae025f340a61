//! CBOR with the received bytes kept, and COSE on top of it: `COSE_Key`, `COSE_Sign1`, `COSE_Mac0`.
//!
//! Everything that gets hashed, signed or verified is the bytes as received (X-C01); nothing here re-encodes its input.
#![forbid(unsafe_code)]

pub mod algorithm;
mod builder;
pub mod cbor;
mod error;
mod header;
mod key;
mod mac0;
mod sign1;

pub use builder::{Mac0Builder, Sign1Builder, ToBeSigned};
pub use error::{CoseError, Result};
pub use header::{
    AlgorithmId, Headers, MAX_CHAIN, MAX_PARAMETERS, Parameter, Place, Policy, TagPolicy, X5Chain, label,
};
pub use key::{CoseKey, cose_key_to_vec, private_key_from_cose};
pub use mac0::{Mac0, TAG_MAC0, mac_structure};
pub use sign1::{Sign1, TAG_SIGN1, Verified, sig_structure};
