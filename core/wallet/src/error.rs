//! The one error type of this crate. Its variants are reactions: what the app does next.

use crate::{BackupFault, Code, DocumentId, Refusal};
use core::time::Duration;
use idwallet_crypto::CryptoError;
use idwallet_crypto::area::SecureAreaError;
use idwallet_documents::Lang;
use idwallet_mdoc::MdocError;
use idwallet_mdoc::holder::ResponseFailure;
use idwallet_proximity::ProximityError;
use idwallet_status_list::StatusListError;
use idwallet_storage as storage;

/// Why the wallet did not do what it was asked to. No text carries personal data, names of readers, or keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalletError {
    /// The person closed the prompt of the secure area: nothing to report. The review stays open.
    #[error("the person cancelled")]
    UserCancelled,
    /// The person must authenticate or unlock the device first; the same call may be made again after that.
    #[error("the person must authenticate first")]
    UserAuthRequired,
    /// The wallet is locked: ask for the PIN, or wait.
    #[error("{reason}")]
    Locked {
        /// Why.
        reason: LockReason,
        /// How long to wait before the next try, in time that the device is on; `None` when none is needed, or when waiting does not help.
        retry_after: Option<Duration>,
    },
    /// Device keys are gone for good: offer to have these documents issued again.
    #[error("the device key is gone for good")]
    KeyInvalidated {
        /// The documents whose keys they were.
        documents: Vec<DocumentId>,
    },
    /// The issuer's doing: the credential is malformed, altered or wrongly signed, or its copies differ. Nothing was stored.
    #[error("credential refused: {0}")]
    Issuer(Box<Refusal>),
    /// The credential is sound and nobody the wallet trusts vouches for its signer. Nothing was stored.
    #[error("credential refused: {0}")]
    Untrusted(Box<Refusal>),
    /// The credential is sound and outside its validity. Nothing was stored.
    #[error("credential refused: {0}")]
    Expired(Box<Refusal>),
    /// The reader's doing: its request is malformed. [`failure_response`](Self::failure_response) is what to answer.
    #[error("request refused: {error}")]
    InvalidRequest {
        /// What is wrong, where, by which clause.
        error: MdocError,
        /// What the reader is told.
        answer: ResponseFailure,
    },
    /// The reader's doing: what its screen showed is not a request in person.
    #[error("message refused: {0}")]
    InvalidMessage(ProximityError),
    /// The call does not fit the state of things: see the fault.
    #[error("{0}")]
    InvalidState(StateFault),
    /// This wallet, or its secure area, cannot do it.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// A status list that cannot be read or believed. What is known about documents stays as it was.
    #[error("status list refused: {0}")]
    StatusList(StatusListError),
    /// An export: its file, its passphrase, or the plan to restore it. Nothing was changed.
    #[error("{0}")]
    Backup(#[from] BackupFault),
    /// The vault.
    #[error("{0}")]
    Storage(StorageFault),
    /// A fault of this software or of the platform.
    #[error("{0}")]
    Internal(InternalFault),
}

/// Why the wallet is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockReason {
    /// The PIN is needed.
    #[error("the PIN is needed")]
    PinNeeded,
    /// It was locked and has no PIN: unlock it without one.
    #[error("the wallet is locked, without a PIN")]
    UnlockNeeded,
    /// The PIN was wrong.
    #[error("the PIN is wrong, {left} tries left before a wait")]
    WrongPin {
        /// How many more tries there are before a wait begins; 0 when one has begun.
        left: u32,
    },
    /// Too many wrong PINs: wait.
    #[error("too many wrong PINs")]
    TooManyTries,
    /// An order holds the wallet, because the device was reported lost or stolen.
    #[error("an order holds the wallet")]
    Held,
    /// The recovery code is not this wallet's.
    #[error("the recovery code is wrong")]
    WrongRecoveryCode,
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateFault {
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// The credential is in the wallet already, as this document.
    #[error("the credential is in the wallet already, as document {0}")]
    AlreadyHeld(DocumentId),
    /// The credential, or another one of its device key, is in the wallet already, as this document, and is damaged there.
    #[error("the credential is in the wallet already, damaged, as document {0}")]
    HeldDamaged(DocumentId),
    /// The device key belongs to another document already.
    #[error("the device key belongs to another document already")]
    DeviceKeyInUse,
    /// The handle is of another review.
    #[error("the handle is not of this review")]
    WrongHandle,
    /// What would leave is no longer what was reviewed.
    #[error("the review is stale: what would leave is not what was shown")]
    StaleReview,
    /// The review was answered.
    #[error("the review was answered already")]
    Answered,
    /// The approval names a request, document or element that the review does not offer.
    #[error("the approval has something that was not on offer")]
    NotOffered,
    /// The approved documents are not exactly one set of each use case (2nd edition §10.2.8).
    #[error("the approved documents are not exactly one of the sets that are asked for")]
    DocumentSets,
    /// A copy would be shown that was shown before, and the person did not say that it may.
    #[error("a copy would be shown again without the owner's word")]
    CopyAgain,
    /// The answer is larger than `maximumResponseSize`.
    #[error("the answer is larger than the reader takes")]
    AnswerTooLarge,
    /// No request is waiting for an answer, or no answer for a request.
    #[error("no session is waiting for this")]
    NoSession,
    /// The session is over.
    #[error("the session is over")]
    SessionOver,
    /// A request for correction is not in the state in which this can be said of it.
    #[error("the request for correction is in another state")]
    CorrectionState,
    /// A request for correction names nothing, too much, or is too long.
    #[error("a request for correction names 1 to 64 fields and has short texts")]
    CorrectionSize,
    /// The history has no request with that number.
    #[error("the history has no request with that number")]
    NoEntry,
    /// The owner's text is too long.
    #[error("the text is too long")]
    TextTooLong,
    /// The owner locked the wallet; an unlocking has to say that this is over.
    #[error("its owner locked the wallet")]
    Closed,
    /// The wallet is open, and this is for a locked one.
    #[error("the wallet is open")]
    NotLocked,
    /// What came as an order is none of the authority that the owner named, or not to this wallet.
    #[error("the order is not one to obey")]
    OrderRefused,
    /// What was typed is not taken as a PIN.
    #[error(transparent)]
    Pin(#[from] storage::PinFault),
    /// The wallet has no PIN.
    #[error("the wallet has no PIN")]
    NoPin,
    /// The wallet has a PIN already.
    #[error("the wallet has a PIN already")]
    PinExists,
    /// The wallet has no recovery code.
    #[error("the wallet has no recovery code")]
    NoRecoveryCode,
    /// The order is not newer than the last one.
    #[error("the order is not newer than the last one")]
    StaleOrder,
    /// Another call has the wallet to itself for as long as it takes: a change of the PIN, an unlocking. Nothing was changed.
    #[error("another call has the wallet to itself")]
    Busy,
    /// The app shut the session down.
    #[error("the wallet was closed by the app")]
    HandleClosed,
    /// What the app passed is not what the call takes: the text says which and never its value. Nothing was changed.
    #[error("{0}")]
    Argument(&'static str),
}

/// What is wrong with the vault.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StorageFault(pub(crate) storage::Error);

impl StorageFault {
    /// The vault's own error.
    #[must_use]
    pub const fn cause(&self) -> &storage::Error {
        &self.0
    }
}

/// What failed inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InternalFault {
    /// The key store does not answer now.
    #[error("the key store is not available")]
    KeyStoreUnavailable,
    /// The key store's hardware is not there.
    #[error("the key store's hardware is not there")]
    KeyStoreAbsent,
    /// The key store failed; the code is the platform's.
    #[error("the key store failed (platform code {0})")]
    KeyStore(i32),
    /// The key store gave something that is not what was asked for.
    #[error("the key store gave a wrong {0}")]
    KeyStoreOutput(&'static str),
    /// Cryptography failed, most often for want of randomness.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The response could not be written.
    #[error("the response could not be made")]
    Response,
    /// A data file inside this software is damaged.
    #[error("the built-in document types are damaged")]
    DocumentTypes,
    /// The session's machine failed.
    #[error("the session failed")]
    Session,
}

impl WalletError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::UserCancelled => Code::UserCancelled,
            Self::UserAuthRequired => Code::UserAuthRequired,
            Self::Locked { reason, .. } => reason.code(),
            Self::KeyInvalidated { .. } => Code::KeyInvalidated,
            Self::Issuer(refusal) | Self::Untrusted(refusal) | Self::Expired(refusal) => refusal.code(),
            Self::InvalidRequest { .. } | Self::InvalidMessage(_) => Code::RequestMalformed,
            Self::InvalidState(fault) => fault.code(),
            Self::Unsupported(_) => Code::Unsupported,
            Self::StatusList(_) => Code::StatusListRefused,
            Self::Backup(fault) => fault.code(),
            Self::Storage(fault) => fault.code(),
            Self::Internal(fault) => fault.code(),
        }
    }

    /// What to tell the person, in plain language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        self.code().text(lang)
    }

    /// The `DeviceResponse` that tells the reader that its request is faulty (A-H40); `None` for everything that is not the
    /// reader's business.
    #[must_use]
    pub fn failure_response(&self) -> Option<Vec<u8>> {
        match self {
            Self::InvalidRequest { answer, .. } => Some(answer.to_response()),
            _ => None,
        }
    }

    pub(crate) const fn locked(reason: LockReason, retry_after: Option<Duration>) -> Self {
        Self::Locked { reason, retry_after }
    }

    /// The error of the secure area for keys of these documents.
    pub(crate) fn area(error: SecureAreaError, documents: &[DocumentId]) -> Self {
        match error {
            SecureAreaError::UserCancelled => Self::UserCancelled,
            SecureAreaError::AuthenticationRequired => Self::UserAuthRequired,
            SecureAreaError::KeyInvalidated | SecureAreaError::NotFound => Self::KeyInvalidated {
                documents: documents.to_vec(),
            },
            SecureAreaError::Unavailable => Self::Internal(InternalFault::KeyStoreUnavailable),
            SecureAreaError::HardwareAbsent => Self::Internal(InternalFault::KeyStoreAbsent),
            // Its files lie beside the vault, or on the same device: the person does the same about it.
            SecureAreaError::Full => Self::Storage(StorageFault(storage::Error::DiskFull)),
            SecureAreaError::ReadOnly => Self::Storage(StorageFault(storage::Error::ReadOnly)),
            SecureAreaError::Unsupported(what) => Self::Unsupported(what),
            SecureAreaError::Failed(code) => Self::Internal(InternalFault::KeyStore(code)),
            // `Integrity` and what may be added: the area does not know its own.
            _ => Self::Internal(InternalFault::KeyStoreOutput("secret")),
        }
    }
}

impl LockReason {
    const fn code(self) -> Code {
        match self {
            Self::PinNeeded => Code::PinNeeded,
            Self::UnlockNeeded => Code::UnlockNeeded,
            Self::WrongPin { .. } => Code::PinWrong,
            Self::TooManyTries => Code::PinLocked,
            Self::Held => Code::Held,
            Self::WrongRecoveryCode => Code::RecoveryCodeWrong,
        }
    }
}

impl StateFault {
    const fn code(self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::AlreadyHeld(_) => Code::AlreadyHeld,
            Self::HeldDamaged(_) => Code::HeldDamaged,
            Self::DeviceKeyInUse => Code::DeviceKeyInUse,
            Self::WrongHandle => Code::ReviewWrong,
            Self::StaleReview => Code::ReviewStale,
            Self::Answered => Code::ReviewAnswered,
            Self::NotOffered => Code::ApprovalNotOffered,
            Self::DocumentSets => Code::ApprovalSets,
            Self::CopyAgain => Code::CopyAgain,
            Self::AnswerTooLarge => Code::AnswerTooLarge,
            Self::NoSession => Code::NoSession,
            Self::SessionOver => Code::SessionOver,
            Self::CorrectionState => Code::CorrectionState,
            Self::CorrectionSize => Code::CorrectionSize,
            Self::NoEntry => Code::NoHistoryEntry,
            Self::TextTooLong => Code::TextTooLong,
            Self::Closed => Code::Closed,
            Self::NotLocked => Code::NotLocked,
            Self::OrderRefused => Code::OrderRefused,
            Self::Pin(storage::PinFault::Trivial) => Code::PinTrivial,
            Self::Pin(_) => Code::PinMalformed,
            Self::NoPin => Code::NoPin,
            Self::PinExists => Code::PinExists,
            Self::NoRecoveryCode => Code::NoRecoveryCode,
            Self::StaleOrder => Code::OrderStale,
            Self::Busy => Code::Busy,
            Self::HandleClosed => Code::HandleClosed,
            Self::Argument(_) => Code::Argument,
        }
    }
}

impl StorageFault {
    const fn code(&self) -> Code {
        use storage::Error as E;
        match &self.0 {
            E::InUse => Code::VaultInUse,
            E::ManifestDamaged | E::FileDamaged(_) => Code::VaultDamaged,
            E::OutsideDamaged => Code::OutsideDamaged,
            E::NewerSchema { .. } => Code::VaultNewer,
            E::NoVault => Code::VaultMissing,
            E::FileExists | E::AlreadyExists => Code::VaultExists,
            E::NotAVault => Code::VaultForeign,
            E::WrongKey => Code::VaultWrongKey,
            E::Permissions(_) => Code::VaultPermissions,
            E::ReadOnly => Code::VaultReadOnly,
            E::DiskFull => Code::DiskFull,
            E::Damaged { .. } => Code::RecordDamaged,
            E::TooLarge { .. } => Code::RecordTooLarge,
            _ => Code::StorageFailed,
        }
    }
}

impl InternalFault {
    const fn code(self) -> Code {
        match self {
            Self::KeyStoreUnavailable => Code::KeyStoreUnavailable,
            Self::KeyStoreAbsent => Code::KeyStoreAbsent,
            Self::KeyStore(_) | Self::KeyStoreOutput(_) => Code::KeyStoreFailed,
            Self::Session => Code::SessionFailed,
            Self::Crypto(_) | Self::Response | Self::DocumentTypes => Code::Internal,
        }
    }
}

impl From<storage::Error> for WalletError {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::NotFound => Self::InvalidState(StateFault::NotFound),
            storage::Error::PinNeeded => Self::locked(LockReason::PinNeeded, None),
            storage::Error::UnlockNeeded => Self::locked(LockReason::UnlockNeeded, None),
            storage::Error::WrongPin { left, retry_after } => Self::locked(
                LockReason::WrongPin { left },
                Some(retry_after).filter(|wait| !wait.is_zero()),
            ),
            storage::Error::Locked { retry_after } => Self::locked(LockReason::TooManyTries, Some(retry_after)),
            storage::Error::Held => Self::locked(LockReason::Held, None),
            storage::Error::WrongRecoveryCode => Self::locked(LockReason::WrongRecoveryCode, None),
            storage::Error::NoPin => Self::InvalidState(StateFault::NoPin),
            storage::Error::PinExists => Self::InvalidState(StateFault::PinExists),
            storage::Error::NoRecoveryCode => Self::InvalidState(StateFault::NoRecoveryCode),
            storage::Error::Busy => Self::InvalidState(StateFault::Busy),
            storage::Error::StaleOrder => Self::InvalidState(StateFault::StaleOrder),
            storage::Error::Area(error) => Self::area(error, &[]),
            storage::Error::Crypto(error) => error.into(),
            other => Self::Storage(StorageFault(other)),
        }
    }
}

impl From<CryptoError> for WalletError {
    fn from(error: CryptoError) -> Self {
        Self::Internal(InternalFault::Crypto(error))
    }
}

impl From<storage::PinFault> for WalletError {
    fn from(fault: storage::PinFault) -> Self {
        Self::InvalidState(fault.into())
    }
}

impl From<StatusListError> for WalletError {
    fn from(error: StatusListError) -> Self {
        Self::StatusList(error)
    }
}

impl From<StateFault> for WalletError {
    fn from(fault: StateFault) -> Self {
        Self::InvalidState(fault)
    }
}

impl From<InternalFault> for WalletError {
    fn from(fault: InternalFault) -> Self {
        Self::Internal(fault)
    }
}
