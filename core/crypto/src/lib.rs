//! Cryptography of the idwallet core: keys, signatures, key agreement, encryption, certificates, and the ports
//! behind which hardware, randomness and time lie.
//!
//! The arithmetic comes from `ring` and the RustCrypto curves; this crate fixes which algorithm goes with which
//! curve, which encodings are accepted, and what is refused. See `README.md` for the table.
#![forbid(unsafe_code)]

pub mod aead;
pub mod area;
mod argon2;
mod asn1;
mod brainpool;
mod curve;
mod edwards;
mod error;
mod hash;
pub mod hpke;
mod kdf;
mod key;
mod key_wrap;
mod order;
mod ports;
mod private;
mod random;
mod secret;
mod signature;
mod time;
mod weierstrass;
pub mod x509;

pub use aead::{AEAD_TAG_LEN, AeadKey};
pub use argon2::{Argon2Params, argon2id};
pub use curve::Curve;
pub use error::{CryptoError, KeyFault};
pub use hash::{Digest, HashAlgorithm, Hasher, digest, sha1_key_identifier, sha256};
pub use kdf::{constant_time_eq, hkdf_sha256, hmac_sha256, hmac_sha256_verify, pbkdf2_sha256};
pub use key::{PublicKey, YCoordinate};
pub use key_wrap::{aes_128_key_unwrap, aes_128_key_wrap};
pub use order::{Gather, Order};
pub use ports::{KeyAgreement, Signer};
pub use private::PrivateKey;
pub use random::{Random, SystemRandom};
pub use secret::{Secret, SecretBytes};
pub use signature::{
    SignatureAlgorithm, X509SignatureAlgorithm, ecdsa_der_to_raw, ecdsa_raw_to_der, verify, verify_x509,
};
pub use time::{Clock, Date, Moment, SystemClock, Timestamp};
