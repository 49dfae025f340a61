//! The one error type of this crate.

use idwallet_cose::{CoseError, cbor};
use idwallet_crypto::x509::{PathError, X509Error};
use idwallet_crypto::{CryptoError, Timestamp};

/// The knowledge about anchors, revocation and status is older than the policy allows. A reason of its own: nothing is
/// wrong with what was verified, and a newer snapshot is the remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the knowledge about issuers and revocation dates from {created_at} and is older than the {max_age} seconds allowed"
)]
pub struct KnowledgeTooOld {
    /// When the snapshot was made.
    pub created_at: Timestamp,
    /// The policy, in seconds.
    pub max_age: u64,
}

/// What this crate refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    // ---- bytes ----
    /// The bytes are not the structure they should be. The offset counts in the innermost byte string on the path.
    #[error("{structure}: {error}")]
    Malformed {
        /// The structure.
        structure: &'static str,
        /// What is wrong, where, and which clause.
        error: cbor::Error,
    },
    /// The COSE structure around a VICAL or snapshot breaks a rule.
    #[error("{structure}: {error}")]
    Cose {
        /// The structure.
        structure: &'static str,
        /// What is wrong.
        error: CoseError,
    },
    /// A certificate or CRL that cannot be parsed.
    #[error("certificate or revocation list: {0}")]
    X509(#[from] X509Error),
    /// A named limit of [`limits`](crate::limits) is exceeded.
    #[error("{0} exceeds the limit")]
    Limit(&'static str),
    /// Another major version than 1.
    #[error("{0}: unknown major version")]
    Version(&'static str),

    // ---- trust lists ----
    /// No `x5chain` (A-V40).
    #[error("the trust list has no certificate chain (ISO 18013-5 C.1.7)")]
    ChainMissing,
    /// The signer does not lead to an anchor of the right kind, has expired, is revoked, or is for another purpose (A-V41).
    #[error("the signer: {0}")]
    Path(#[source] PathError),
    /// The signature does not verify with the signer's key, or its algorithm is not allowed (A-V41).
    #[error("the signature: {0}")]
    Signature(#[source] CoseError),
    /// `date` lies in the future.
    #[error("the trust list is dated in the future, on {0} (ISO 18013-5 C.1.7)")]
    DateInFuture(Timestamp),
    /// `notAfter` of the list has passed (A-V41).
    #[error("the trust list may not be used after {0} (ISO 18013-5 2nd edition C.1.7.2)")]
    VicalExpired(Timestamp),
    /// `nextUpdate` has passed and the policy refuses that (A-V41).
    #[error("a newer trust list was due on {0} (ISO 18013-5 C.1.8)")]
    VicalOutdated(Timestamp),
    /// An older list than one accepted before (A-V41).
    #[error("the trust list is older than one accepted before (ISO 18013-5 C.1.7)")]
    VicalRolledBack,
    /// The list departs from its form and the policy is strict: the first departure.
    #[error("the trust list departs from its form: {0} (ISO 18013-5 C.1.7)")]
    VicalForm(&'static str),

    // ---- snapshots ----
    /// The bytes are neither a signed nor a sealed snapshot.
    #[error("not a trust snapshot")]
    NotASnapshot,
    /// A signed snapshot where a sealed one was to be opened, or the other way round.
    #[error("the trust snapshot is not protected in the way asked for")]
    SnapshotProtection,
    /// The signer's certificate is for another purpose.
    #[error("the certificate of the snapshot's signer is for another purpose")]
    SnapshotSignerPurpose,
    /// The seal does not open: another key, or the file was altered.
    #[error("the sealed trust snapshot does not open")]
    SnapshotSeal,
    /// `createdAt` lies in the future.
    #[error("the trust snapshot is from the future, of {0}")]
    SnapshotInFuture(Timestamp),
    /// An older snapshot than one accepted before.
    #[error("the trust snapshot is older than one accepted before")]
    SnapshotRolledBack,
    /// The snapshot is older than the policy allows.
    #[error(transparent)]
    KnowledgeTooOld(#[from] KnowledgeTooOld),

    // ---- making lists and snapshots ----
    /// Something needed is missing, or dates contradict each other.
    #[error("cannot be made: {0}")]
    Incomplete(&'static str),
    /// The signer, the cipher or the source of randomness failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl TrustError {
    /// Whether the signer leads to no anchor, or the signature is wrong: as opposed to malformed or out of date (X-C13).
    #[must_use]
    pub const fn is_untrusted(&self) -> bool {
        matches!(
            self,
            Self::ChainMissing
                | Self::Path(_)
                | Self::Signature(_)
                | Self::SnapshotSignerPurpose
                | Self::SnapshotSeal
                | Self::SnapshotProtection
        )
    }

    /// Whether something newer would help.
    #[must_use]
    pub const fn is_outdated(&self) -> bool {
        matches!(
            self,
            Self::VicalExpired(_)
                | Self::VicalOutdated(_)
                | Self::VicalRolledBack
                | Self::SnapshotRolledBack
                | Self::KnowledgeTooOld(_)
        )
    }

    pub(crate) fn malformed(structure: &'static str) -> impl FnOnce(cbor::Error) -> Self {
        move |error| Self::Malformed { structure, error }
    }

    pub(crate) fn cose(structure: &'static str) -> impl FnOnce(CoseError) -> Self {
        move |error| match error {
            CoseError::Cbor(error) => Self::Malformed { structure, error },
            error => Self::Cose { structure, error },
        }
    }
}
