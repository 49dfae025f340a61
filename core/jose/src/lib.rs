//! JSON Web Encryption (RFC 7516) under a passphrase: the compact serialisation with one key management, `PBES2-HS256+A128KW`
//! (RFC 7518 §4.8), and one content encryption, `A128GCM` (RFC 7518 §5.3). Nothing in a message chooses another.
//!
//! A message of somebody else's is read in two steps, so that its price is known before it is paid:
//!
//! ```
//! use idwallet_crypto::SystemRandom;
//! use idwallet_jose::{Iterations, Jwe, encrypt};
//!
//! let text = encrypt(b"{}", b"four grey lamps humming", Some("application/json"), Iterations::DEFAULT, &SystemRandom::new())?;
//! let message = Jwe::parse(&text)?;
//! assert_eq!(message.iterations(), 600_000);
//! assert_eq!(message.decrypt(b"four grey lamps humming")?.expose(), b"{}");
//! # Ok::<_, idwallet_jose::JoseError>(())
//! ```
#![forbid(unsafe_code)]

mod error;
mod header;
mod jwe;

pub use error::{JoseError, Part};
pub use jwe::{Iterations, Jwe, MAX_ITERATIONS, MAX_PLAINTEXT, encrypt};
