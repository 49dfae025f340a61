//! The one error type of this crate.

use crate::{Kind, RecordId};
use idwallet_crypto::{CryptoError, area::SecureAreaError};
use std::io;
use std::time::Duration;

/// Why the vault did not do what it was asked to. No variant carries plaintext, keys or paths.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such record.
    #[error("no such record")]
    NotFound,
    /// `insert` met a record of that kind and id.
    #[error("a record of this kind and id is there already")]
    AlreadyExists,
    /// One record cannot be trusted; the others are not concerned and nothing was changed.
    #[error("record {id} of kind {kind} is damaged: {damage}", kind = .kind.0)]
    Damaged {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: RecordId,
        /// In which way.
        damage: Damage,
    },
    /// The vault's table of contents cannot be trusted. Records can still be read by [`Vault::salvage`](crate::Vault::salvage).
    #[error("the manifest of the vault is damaged")]
    ManifestDamaged,
    /// SQLite cannot read the file, or both copies of the header are damaged. The file is left as it is.
    #[error("the vault file is damaged: {0}")]
    FileDamaged(&'static str),
    /// The data key is not this vault's.
    #[error("this key does not open the vault")]
    WrongKey,
    /// The vault has a PIN: ask for it.
    #[error("the vault needs its PIN")]
    PinNeeded,
    /// The vault is locked, and has no PIN: unlocking it is enough.
    #[error("the vault is locked, without a PIN")]
    UnlockNeeded,
    /// The vault has no PIN.
    #[error("the vault has no PIN")]
    NoPin,
    /// The vault has a PIN already; it is changed, not set.
    #[error("the vault has a PIN already")]
    PinExists,
    /// The PIN is wrong, and the try was counted.
    #[error("the PIN is wrong")]
    WrongPin {
        /// How many more tries there are before a wait begins; 0 when one has begun.
        left: u32,
        /// How long to wait before the next try.
        retry_after: Duration,
    },
    /// Too many wrong PINs. No try was made or counted.
    #[error("locked after too many wrong PINs, for {} s", .retry_after.as_secs())]
    Locked {
        /// How long to wait, in time that the device is on.
        retry_after: Duration,
    },
    /// The vault is held by an order (a lost or stolen device). No try was made or counted.
    #[error("the vault is held by an order")]
    Held,
    /// An order with a number that is not above the last one's: an old one, sent again.
    #[error("the order is not newer than the last one")]
    StaleOrder,
    /// The vault has no key for what is kept outside the PIN: it is of schema 1 and was not opened with its secure area since.
    #[error("the vault was not opened with its secure area yet")]
    NotPrepared,
    /// The record that is readable without the PIN is damaged.
    #[error("the record outside is damaged")]
    OutsideDamaged,
    /// The vault has no recovery code.
    #[error("the vault has no recovery code")]
    NoRecoveryCode,
    /// The recovery code is well formed and not this vault's.
    #[error("the recovery code is wrong")]
    WrongRecoveryCode,
    /// A later version of the software wrote the vault. The file is left as it is.
    #[error("the vault has schema {found}, this software knows up to {supported}")]
    NewerSchema {
        /// The file's schema.
        found: u32,
        /// The newest that is understood.
        supported: u32,
    },
    /// The file is something else. It is left as it is.
    #[error("the file is not a vault")]
    NotAVault,
    /// There is no file.
    #[error("there is no vault here")]
    NoVault,
    /// A vault is to be created where there is a file already. It is left as it is.
    #[error("there is a file here already")]
    FileExists,
    /// Another process, or another handle of this one, has the vault open.
    #[error("the vault is in use")]
    InUse,
    /// Whoever shares the vault within this process has it in use for something else just now. Nothing was changed.
    #[error("the vault is busy with something else")]
    Busy,
    /// Others than the owner may read or write the file or its directory.
    #[error("others than its owner may get at {0}")]
    Permissions(&'static str),
    /// The file or its directory may not be written.
    #[error("the vault is on read-only ground")]
    ReadOnly,
    /// No room left; nothing was changed.
    #[error("no room left on the device")]
    DiskFull,
    /// A record, or the number of its look-ups, is over the limit.
    #[error("{what}: {size} is over the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size: bytes, or a count.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// Input or output failed. After a failed commit the next read shows which state holds.
    #[error("input or output failed: {0}")]
    Io(io::ErrorKind),
    /// SQLite failed in a way that has no reaction of its own; the number is its extended code.
    #[error("the database failed (code {0})")]
    Database(i32),
    /// Randomness or a primitive failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The secure area did not wrap or unwrap the data key.
    #[error(transparent)]
    Area(#[from] SecureAreaError),
}

/// What is wrong with one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The seal does not open: altered, or moved here from another place, vault or version.
    #[error("its seal does not hold")]
    Seal,
    /// The row is of another version than the manifest says: an older copy was put back.
    #[error("it is not the version last written")]
    Version,
    /// The manifest knows the record, the table does not: it was removed.
    #[error("it was removed")]
    Missing,
    /// The table has it, the manifest does not: it was put back or copied in.
    #[error("it was added from outside")]
    Unlisted,
    /// The part of the manifest that would vouch for it is damaged.
    #[error("the manifest cannot vouch for it")]
    Manifest,
    /// SQLite cannot read the page it lies on.
    #[error("its page cannot be read")]
    Page,
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::DiskFull,
            io::ErrorKind::AlreadyExists => Self::FileExists,
            io::ErrorKind::NotFound => Self::NoVault,
            kind => Self::Io(kind),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::DatabaseCorrupt => Self::FileDamaged("a page cannot be read"),
                Code::NotADatabase => Self::NotAVault,
                Code::DatabaseBusy | Code::DatabaseLocked => Self::InUse,
                Code::ReadOnly | Code::PermissionDenied => Self::ReadOnly,
                Code::DiskFull => Self::DiskFull,
                Code::SystemIoFailure => Self::Io(io::ErrorKind::Other),
                _ => Self::Database(failure.extended_code),
            },
            // A table or column is missing or of another type: nothing this software writes.
            _ => Self::FileDamaged("a table has another shape"),
        }
    }
}
