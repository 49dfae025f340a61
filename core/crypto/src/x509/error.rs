//! What reading a certificate, CRL or PEM text can refuse.

/// A certificate or CRL that is not what it should be: what is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct X509Error {
    /// Byte offset in the DER (or line number in a PEM text) at which it was noticed.
    pub offset: usize,
    /// What is wrong.
    pub kind: X509ErrorKind,
}

/// The kinds of [`X509Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum X509ErrorKind {
    /// The bytes end inside an element.
    #[error("truncated DER element")]
    Truncated,
    /// The tag or length is not DER: indefinite or non-minimal length, high tag number.
    #[error("not a DER header")]
    Header,
    /// Another element was expected here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// Bytes follow the last element of a structure.
    #[error("trailing bytes")]
    Trailing,
    /// A primitive value breaks the DER rules (padding of an integer, unused bits, boolean other than 00 and FF…).
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// A named limit of [`super::limits`] is exceeded.
    #[error("{0} exceeds the limit")]
    Limit(&'static str),
    /// The same extension occurs twice (RFC 5280 §4.2).
    #[error("duplicate extension")]
    DuplicateExtension,
    /// The version does not allow what the structure holds, or is unknown (RFC 5280 §4.1.2.1, §5.1.2.1).
    #[error("version not allowed")]
    Version,
    /// The signature algorithm inside and outside the signed part differ (RFC 5280 §4.1.1.2).
    #[error("the two signature algorithms differ")]
    AlgorithmMismatch,
    /// The subject public key is of a type or on a curve that is not supported, or is not on its curve (A-C46).
    #[error("unsupported or invalid public key")]
    PublicKey,
    /// A value that DER omits because it is the default was encoded (X.690 §11.5).
    #[error("default value encoded in {0}")]
    DefaultEncoded(&'static str),
    /// A PEM boundary or its base64 text is malformed.
    #[error("malformed PEM")]
    Pem,
    /// A value given to a builder cannot be encoded.
    #[error("cannot encode {0}")]
    Encode(&'static str),
    /// The signer or the source of randomness failed.
    #[error(transparent)]
    Crypto(#[from] crate::CryptoError),
}

impl X509Error {
    pub(crate) const fn new(offset: usize, kind: X509ErrorKind) -> Self {
        Self { offset, kind }
    }

    /// An error of a builder, which has no place in an input.
    pub(crate) const fn build(what: &'static str) -> Self {
        Self::new(0, X509ErrorKind::Encode(what))
    }
}

impl From<crate::CryptoError> for X509Error {
    fn from(error: crate::CryptoError) -> Self {
        Self::new(0, X509ErrorKind::Crypto(error))
    }
}
