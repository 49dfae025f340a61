//! CBOR with the received bytes kept, and COSE on top of it: `COSE_Key`, `COSE_Sign1`, `COSE_Mac0`.
//!
//! Everything that gets hashed, signed or verified is the bytes as received (X-C01); nothing here re-encodes its input.

pub mod cbor;
