//! The one error type of this crate.

use core::fmt;
use idwallet_crypto::CryptoError;

/// Why a message was not made or not opened. No text carries anything of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// More than is taken, before anything of it is read.
    #[error("the message is too large")]
    TooLarge,
    /// The compact serialisation has five parts between four dots.
    #[error("not a JWE in compact serialisation (RFC 7516 §7.1)")]
    Parts,
    /// A part is not base64url without padding, or its last character has bits that mean nothing.
    #[error("the {0} is not base64url without padding (RFC 7515 §2)")]
    Base64(Part),
    /// The header is not a JSON object, has a member twice, or a member of another type.
    #[error("the header is not a JOSE header (RFC 7516 §4)")]
    Header,
    /// The header lacks a member, which is named.
    #[error("the header has no {0} (RFC 7516 §4.1, RFC 7518 §4.8.1)")]
    Missing(&'static str),
    /// The key management is another.
    #[error("alg is not PBES2-HS256+A128KW (RFC 7518 §4.8)")]
    Algorithm,
    /// The content encryption is another.
    #[error("enc is not A128GCM (RFC 7518 §5.3)")]
    Encryption,
    /// The header has extensions that must be understood, and none is.
    #[error("crit names extensions that are not known (RFC 7516 §4.1.13)")]
    Critical,
    /// The content is compressed: a small message could become a large one, and its length would tell of what is in it.
    #[error("zip: compressed content is not taken (RFC 7516 §4.1.3, RFC 8725 §3.6)")]
    Compressed,
    /// The salt is shorter than allowed, or longer than anybody makes it.
    #[error("the salt p2s has a length that is not taken (RFC 7518 §4.8.1.1)")]
    Salt,
    /// Too few iterations to protect anything, or so many that trying would be the attack.
    #[error("the iteration count p2c is not taken (RFC 7518 §4.8.1.2, §8.8)")]
    Iterations,
    /// A part has another length than the algorithms give it.
    #[error("the {0} has another length (RFC 7518 §4.8, §5.3)")]
    Length(Part),
    /// The passphrase is another, or what wraps the key was altered.
    #[error("the passphrase is wrong, or the message was altered")]
    WrongPassphrase,
    /// The passphrase is the right one; the header, the initialization vector, the content or its tag was altered.
    #[error("the message was altered (RFC 7516 §5.2)")]
    Altered,
    /// The machine.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// A part of the compact serialisation (RFC 7516 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The protected header.
    Header,
    /// The content's key, wrapped.
    EncryptedKey,
    /// The initialization vector.
    Iv,
    /// The content.
    Ciphertext,
    /// The authentication tag.
    Tag,
    /// The salt, in the header.
    Salt,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::EncryptedKey => "encrypted key",
            Self::Iv => "initialization vector",
            Self::Ciphertext => "ciphertext",
            Self::Tag => "authentication tag",
            Self::Salt => "salt",
        })
    }
}
