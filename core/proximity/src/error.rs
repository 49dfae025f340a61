//! The one error type of this crate.

use idwallet_cose::{CoseError, cbor};
use idwallet_crypto::{CryptoError, Curve};
use idwallet_mdoc::MdocError;

/// What this crate refuses. No text carries a key, a plaintext or anything else that was received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProximityError {
    // ---- the peer's bytes ----
    /// The bytes are not the structure they should be. The offset counts in the innermost byte string on the path.
    #[error("{structure}: {error}")]
    Malformed {
        /// The structure.
        structure: &'static str,
        /// What is wrong, where, and which clause.
        error: cbor::Error,
    },
    /// Another major version than 1 (ISO 18013-5 §8.1, A-C05).
    #[error("{0}: unknown major version (ISO 18013-5 §8.1)")]
    UnknownVersion(&'static str),
    /// Another cipher suite than 1 (ISO 18013-5 §9.1.5.2).
    #[error("{0}: unknown cipher suite (ISO 18013-5 §9.1.5.2)")]
    CipherSuite(&'static str),
    /// An ephemeral key that is no public key (ISO 18013-5 §9.1.5.2, A-C09).
    #[error("{structure}: {error} (ISO 18013-5 §9.1.5.2)")]
    Key {
        /// The structure the key is in.
        structure: &'static str,
        /// What is wrong with it.
        error: CoseError,
    },
    /// EReaderKey with its y coordinate as a sign bit (A-V03).
    #[error("EReaderKey is compressed (ISO 18013-5 §9.1.1.4)")]
    CompressedReaderKey,
    /// EReaderKey is not on the curve of EDeviceKey (A-V03).
    #[error("EReaderKey is on {found}, EDeviceKey on {expected} (ISO 18013-5 §9.1.1.4)")]
    CurveMismatch {
        /// The curve of the own key.
        expected: Curve,
        /// The curve of the other key.
        found: Curve,
    },
    /// An ephemeral key on a curve that cannot agree: Ed25519, Ed448 (A-H02).
    #[error("a key on {0} cannot agree on session keys (ISO 18013-5 §9.1.5.2)")]
    CannotAgree(Curve),
    /// A QR code that is not `mdoc:` and base64url without padding (A-H05).
    #[error("not an engagement in a QR code: {0} (ISO 18013-5 §8.2.2.3)")]
    QrText(&'static str),
    /// An engagement by QR code without retrieval methods (A-H03).
    #[error("the engagement offers no way to connect (ISO 18013-5 §8.2.1.1)")]
    NoRetrievalMethod,
    /// An engagement by NFC with retrieval methods, which belong into the handover message there (A-H03).
    #[error("an engagement by NFC carries retrieval methods (ISO 18013-5 §8.2.2.1)")]
    RetrievalMethodInNfc,
    /// An NDEF message or a record of it is wrong.
    #[error("NFC: {what} at byte {offset} ({clause})")]
    Nfc {
        /// What is wrong.
        what: &'static str,
        /// Byte offset in the innermost message or record payload.
        offset: usize,
        /// The clause.
        clause: &'static str,
    },
    /// A session status other than 10, 11 and 20 (A-C26).
    #[error("unknown session status {0} (ISO 18013-5 §9.1.1.4)")]
    UnknownStatus(u64),
    /// `data` together with status 10 or 11 (A-C26).
    #[error("SessionData has data beside an error status (ISO 18013-5 §9.1.1.4)")]
    DataWithStatus,
    /// Neither `data` nor `status` (A-C26).
    #[error("SessionData has neither data nor status (ISO 18013-5 §9.1.1.4)")]
    EmptySessionData,
    /// A message that was altered, replayed, out of order, or meant for another session or direction (A-C25, A-H41).
    #[error("the message cannot be decrypted (ISO 18013-5 §9.1.1.5)")]
    Undecryptable,
    /// A reader engagement without a key where one is needed (ISO/IEC TS 18013-7 A.1).
    #[error("the reader engagement has no key (ISO/IEC TS 18013-7 A.1)")]
    NoReaderKey,
    /// The time to answer is over.
    #[error("the time to answer is over")]
    Expired,
    /// A camera answer by a holder that did not get the request by camera.
    #[error("the holder did not receive the request by camera")]
    NotByCamera,
    /// A message longer than the limit.
    #[error("a message of {length} bytes, the limit is {limit}")]
    TooLong {
        /// The announced or given length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },

    // ---- the caller ----
    /// The call does not fit the state of the session.
    #[error("{0} is not possible in this state of the session")]
    WrongState(&'static str),
    /// No offered way to connect is among those the reader has (A-V02).
    #[error("no common way to connect (ISO 18013-5 §8.2.2)")]
    NoCommonCarrier,
    /// `readerAuthAll` to a holder that did not announce it (A-V04).
    #[error("the holder does not take readerAuthAll (ISO 18013-5 2nd edition §10.2.6)")]
    ReaderAuthAll,
    /// An engagement or handover that breaks a rule for its maker.
    #[error("cannot be offered: {0}")]
    Unofferable(&'static str),
    /// What was to be offered as the address of the stream carrier is none.
    #[error("not an address of the form HOST:PORT: {0}")]
    StreamAddress(&'static str),
    /// A saved session that is not one.
    #[error("the saved session cannot be read: {0}")]
    SavedSession(&'static str),

    // ---- below ----
    /// The message counter is used up (A-C25).
    #[error("no more messages can be encrypted in this session (ISO 18013-5 §9.1.1.5)")]
    CounterExhausted,
    /// The transcript cannot be built.
    #[error(transparent)]
    Mdoc(#[from] MdocError),
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Result of this crate.
pub type Result<T, E = ProximityError> = core::result::Result<T, E>;

impl ProximityError {
    /// For `map_err`: names the structure that was being read.
    pub(crate) fn malformed(structure: &'static str) -> impl Fn(cbor::Error) -> Self {
        move |error| Self::Malformed { structure, error }
    }
}
