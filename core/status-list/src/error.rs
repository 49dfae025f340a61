//! The one error type of this crate.

use idwallet_cose::{CoseError, cbor};
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{PathError, X509Error};

/// Why a list says nothing, or why one cannot be made. While reading, each of them means *status unknown* (G-V07).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    // ---- the list's bytes ----
    /// The bytes are not a COSE_Sign1 with tag 18 (G-C05), or its header breaks a rule.
    #[error("status list token: {0}")]
    Cose(#[source] CoseError),
    /// The claims are not what they should be. The offset counts in the payload.
    #[error("status list token: {0}")]
    Malformed(#[source] cbor::Error),
    /// A MAC where a signature is required, or a CWT tag in front (G-C05, X-C03).
    #[error("the token has the tag {0} instead of 18 (draft-ietf-oauth-status-list 5.2)")]
    Tag(u64),
    /// `typ` is missing, not protected, or of another kind of list.
    #[error("the type of the token is missing or another one (draft-ietf-oauth-status-list 5.2)")]
    Type,
    /// `bits` is not 1, 2, 4 or 8.
    #[error("the entries of the list have a size other than 1, 2, 4 or 8 bits (draft-ietf-oauth-status-list 4.1)")]
    Bits,
    /// A status list and an identifier list in one token (A-I21).
    #[error("the token has a status list and an identifier list (ISO 18013-5 2nd edition 12.3.6.4)")]
    TwoLists,
    /// `lst` is gzip, raw deflate, or not compressed (G-C02).
    #[error("the list is not in ZLIB format (draft-ietf-oauth-status-list 4.1, RFC 1950)")]
    NotZlib,
    /// The compressed data is damaged or its checksum is wrong.
    #[error("the compressed list is damaged (RFC 1950)")]
    Inflate,
    /// The compressed data ends early.
    #[error("the compressed list is truncated (RFC 1950)")]
    InflateTruncated,
    /// Bytes follow the compressed data (G-C03).
    #[error("bytes follow the compressed list (RFC 1950)")]
    InflateTrailing,
    /// The list inflates to more than [`limits::INFLATED`](crate::limits::INFLATED) or the caller's limit (G-C03).
    #[error("the list inflates to more than is allowed (draft-ietf-oauth-status-list 11.1)")]
    InflateLimit,
    /// The list inflates to more than [`limits::RATIO`](crate::limits::RATIO) times its size (G-C03).
    #[error("the list inflates to too many times its size (draft-ietf-oauth-status-list 11.1)")]
    InflateRatio,

    // ---- trust ----
    /// The token has no `x5chain` and the trust rule needs one (A-I21).
    #[error("the token has no certificate chain (ISO 18013-5 2nd edition 12.3.6.3)")]
    ChainMissing,
    /// `x5chain` is not protected (A-I21).
    #[error("the certificate chain of the token is not protected (ISO 18013-5 2nd edition 12.3.6.3)")]
    ChainNotProtected,
    /// `certificate` in the MSO's status cannot be parsed.
    #[error("the trust point named in the mobile security object: {0}")]
    TrustPoint(#[source] X509Error),
    /// The signer does not lead to the trust point (A-V30), has expired, is revoked, or is for another purpose.
    #[error("the signer of the list: {0}")]
    Path(#[source] PathError),
    /// The policy asks for the key purpose of status signing and the signer's certificate does not have it.
    #[error("the signer's certificate lacks the key purpose of status signing (ISO 18013-5 2nd edition B.1.5)")]
    StatusSigningMissing,
    /// The signature does not verify with the signer's key, or its algorithm is not allowed (G-V03).
    #[error("the signature of the list: {0}")]
    Signature(#[source] CoseError),

    // ---- subject and time ----
    /// `sub` is not the `uri` of the reference, byte for byte (G-V04).
    #[error("the list is not the one that the credential names (draft-ietf-oauth-status-list 8.3)")]
    Subject,
    /// `exp` is missing (A-I21).
    #[error("the list does not say when it expires (ISO 18013-5 2nd edition 12.3.6.3)")]
    ExpiryMissing,
    /// `exp` has passed (G-V04).
    #[error("the list expired on {0} (draft-ietf-oauth-status-list 8.3)")]
    Expired(Timestamp),
    /// `iat` lies in the future.
    #[error("the list is issued in the future, on {0} (draft-ietf-oauth-status-list 8.3)")]
    IssuedInFuture(Timestamp),
    /// `iat` is longer ago than the policy allows.
    #[error("the list was issued on {0}, longer ago than the policy allows (draft-ietf-oauth-status-list 8.3)")]
    TooOld(Timestamp),
    /// `ttl` has run out since the list was fetched, and the policy minds.
    #[error("a newer list had to be fetched by {0} (draft-ietf-oauth-status-list 5.2)")]
    TimeToLive(Timestamp),

    // ---- look-up ----
    /// The index is beyond the list (G-V05).
    #[error("index {idx} is beyond the list of {entries} entries (draft-ietf-oauth-status-list 8.3)")]
    IndexOutOfRange {
        /// The index looked up.
        idx: u64,
        /// How many entries there are.
        entries: u64,
    },
    /// More indices than [`limits::INDICES`](crate::limits::INDICES) in one pass.
    #[error("too many indices in one pass")]
    TooManyIndices,

    // ---- making a list ----
    /// A value that does not fit the entries of the list.
    #[error("the status does not fit an entry of the list (draft-ietf-oauth-status-list 4.1)")]
    StatusTooLarge,
    /// An entry that is invalid stays invalid (A-I22, G-I04).
    #[error("revocation is permanent (ISO 18013-5 2nd edition 12.3.6.1)")]
    RevocationIsPermanent,
    /// The list is empty or larger than its limit, or an identifier is empty or too long.
    #[error("the list or an identifier is empty or too large")]
    Size,
    /// `sub`, `iat` or `exp` was not given, they contradict each other, or `ttl` is zero or outlasts `exp` (A-I21, G-I03).
    #[error(
        "the subject or the times of the list are missing or contradict each other (ISO 18013-5 2nd edition 12.3.6.3)"
    )]
    Claims,
    /// The chain is empty or its first certificate is not the signer's.
    #[error("the certificate chain is not the signer's (ISO 18013-5 2nd edition 12.3.6.3)")]
    SignerChain,
    /// No index is left.
    #[error("every index of the list is in use")]
    Exhausted,
    /// The signer or the source of randomness failed.
    #[error(transparent)]
    Crypto(#[from] idwallet_crypto::CryptoError),
}

impl From<CoseError> for StatusListError {
    fn from(error: CoseError) -> Self {
        Self::Cose(error)
    }
}

impl From<cbor::Error> for StatusListError {
    fn from(error: cbor::Error) -> Self {
        Self::Malformed(error)
    }
}

impl StatusListError {
    /// Whether the list was read and its signer is not trusted: as opposed to damaged, old, or another list (X-C13).
    #[must_use]
    pub const fn is_untrusted(&self) -> bool {
        matches!(
            self,
            Self::ChainMissing
                | Self::ChainNotProtected
                | Self::TrustPoint(_)
                | Self::Path(_)
                | Self::StatusSigningMissing
                | Self::Signature(_)
        )
    }

    /// Whether the list is out of date and a newer one would help.
    #[must_use]
    pub const fn is_outdated(&self) -> bool {
        matches!(self, Self::Expired(_) | Self::TooOld(_) | Self::TimeToLive(_))
    }
}
