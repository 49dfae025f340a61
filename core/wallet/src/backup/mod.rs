//! Export into one encrypted file, and restore from it (H-H80, H-H81).
//!
//! [`Wallet::export`] writes, [`Backup::open`] verifies the whole file, [`Wallet::plan_restore`] says what would happen and changes
//! nothing, [`Wallet::restore`] does it in one transaction. The container is [`idwallet_storage::SealedWriter`]; the reasons are in
//! `core/adr/0010-export.md`.

mod content;
mod export;
mod open;
mod passphrase;
mod plan;
mod reissue;
mod restore;

use crate::Code;
use idwallet_crypto::{Argon2Params, CryptoError};
use idwallet_storage::SealedFileError;
use std::io::ErrorKind;

pub use export::{ExportOptions, Exported};
pub use open::{Backup, BackupContents};
pub use passphrase::PassphraseFault;
pub use plan::{PlannedAction, PlannedDocument, RestorePlan};
pub use reissue::ReissueItem;
pub use restore::Restored;

/// What one guess of an export's passphrase costs: 128 MiB gone through four times. See the ADR for the sum.
pub const EXPORT_COST: Argon2Params = match Argon2Params::new(128 * 1024, 4, 1) {
    Ok(cost) => cost,
    Err(_) => Argon2Params::PIN,
};

/// Why an export was not written, read or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupFault {
    /// The file.
    #[error(transparent)]
    File(#[from] SealedFileError),
    /// The passphrase is too weak for an export.
    #[error(transparent)]
    Passphrase(#[from] PassphraseFault),
    /// The file opens, and what is in it is not an export.
    #[error("the backup's content is damaged: {0}")]
    Content(&'static str),
    /// The file opens, and a later version of the software put something in that this one does not know.
    #[error("the backup has content of a later version")]
    Newer,
    /// The wallet changed since the plan was made, or the plan is of another file.
    #[error("the wallet is not what the plan was made for")]
    StalePlan,
    /// The cost of a guess would be lower than what an export needs.
    #[error("a guess of the passphrase would cost too little")]
    Cheap,
}

impl BackupFault {
    pub(crate) const fn code(self) -> Code {
        use SealedFileError as F;
        match self {
            Self::File(F::Foreign) => Code::BackupForeign,
            Self::File(F::Newer(_)) | Self::Newer => Code::BackupNewer,
            Self::File(F::Cost | F::TooLarge) => Code::BackupTooLarge,
            Self::File(F::WrongPassphrase) => Code::BackupPassphraseWrong,
            Self::File(F::Exists) => Code::BackupExists,
            Self::File(F::Io(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)) => {
                Code::DiskFull
            }
            Self::File(F::Io(_)) => Code::BackupIo,
            Self::File(F::Crypto(_)) => Code::Internal,
            Self::Passphrase(PassphraseFault::Short) => Code::PassphraseShort,
            Self::Passphrase(PassphraseFault::Long) => Code::PassphraseLong,
            Self::Passphrase(PassphraseFault::Personal) => Code::PassphrasePersonal,
            Self::Passphrase(_) | Self::Cheap => Code::PassphraseCommon,
            Self::StalePlan => Code::RestoreStale,
            Self::Content(_) | Self::File(_) => Code::BackupDamaged,
        }
    }
}

impl From<ErrorKind> for BackupFault {
    fn from(kind: ErrorKind) -> Self {
        Self::File(SealedFileError::Io(kind))
    }
}

impl From<CryptoError> for BackupFault {
    fn from(error: CryptoError) -> Self {
        Self::File(error.into())
    }
}

/// A step of long work: how much is done, of how much.
type Progress<'p> = &'p mut (dyn FnMut(u64, u64) + Send);
