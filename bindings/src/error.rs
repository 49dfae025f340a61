//! The one error of the boundary.

use crate::LocalizedText;
use idwallet_verifier::{MdocError, ProximityError, TrustError, VerifierError};
use idwallet_wallet::{Code, DocumentId, LockReason, StateFault, WalletError as Core};
use std::time::Duration;

/// What the app can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Reaction {
    /// Nothing.
    Nothing,
    /// Try again, at once or after the person corrected something.
    Retry,
    /// Try again later.
    RetryLater,
    /// Let the person authenticate to the device.
    Authenticate,
    /// Ask for the PIN.
    EnterPin,
    /// Unlock the wallet, which has no PIN.
    Unlock,
    /// Ask for the card or chip with the keys.
    InsertHardware,
    /// Show the request and ask for consent again.
    ReviewAgain,
    /// The reader has to do something.
    AskReader,
    /// The issuer has to do something.
    AskIssuer,
    /// Offer to have the document issued again.
    AskReissue,
    /// Update the app.
    UpdateApp,
    /// Make room on the device.
    FreeSpace,
    /// Close the wallet where else it is open.
    CloseOther,
    /// Correct who may read and write the wallet's files.
    MendAccess,
    /// Make a wallet.
    CreateWallet,
    /// Restore the wallet from a backup, or ask for its documents again.
    RestoreBackup,
    /// Make a support bundle and contact support.
    ContactSupport,
}

impl From<idwallet_wallet::Reaction> for Reaction {
    fn from(reaction: idwallet_wallet::Reaction) -> Self {
        use idwallet_wallet::Reaction as R;
        match reaction {
            R::Retry => Self::Retry,
            R::RetryLater => Self::RetryLater,
            R::Authenticate => Self::Authenticate,
            R::EnterPin => Self::EnterPin,
            R::Unlock => Self::Unlock,
            R::InsertHardware => Self::InsertHardware,
            R::ReviewAgain => Self::ReviewAgain,
            R::AskReader => Self::AskReader,
            R::AskIssuer => Self::AskIssuer,
            R::AskReissue => Self::AskReissue,
            R::UpdateApp => Self::UpdateApp,
            R::FreeSpace => Self::FreeSpace,
            R::CloseOther => Self::CloseOther,
            R::MendAccess => Self::MendAccess,
            R::CreateWallet => Self::CreateWallet,
            R::RestoreBackup => Self::RestoreBackup,
            R::ContactSupport => Self::ContactSupport,
            _ => Self::Nothing,
        }
    }
}

/// What is said about every error.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ErrorInfo {
    /// The stable code, such as `W111`; never used again for something else.
    pub code: String,
    /// What the app can do.
    pub reaction: Reaction,
    /// What to tell the person.
    pub text: LocalizedText,
    /// What happened, for a developer: English, with the clause where there is one, and never with personal data.
    pub detail: String,
}

/// Why a call did not do what it was asked to. The variants are reactions; `info` has the code and the texts.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum WalletError {
    /// The person closed the prompt of the secure area. Nothing to report; a review stays open.
    #[error("{}", .info.detail)]
    UserCancelled {
        /// About it.
        info: ErrorInfo,
    },
    /// The person must authenticate or unlock the device first; the same call may be made again after that.
    #[error("{}", .info.detail)]
    UserAuthRequired {
        /// About it.
        info: ErrorInfo,
    },
    /// Device keys are gone for good: offer to have these documents issued again.
    #[error("{}", .info.detail)]
    KeyInvalidated {
        /// About it.
        info: ErrorInfo,
        /// The documents whose keys they were.
        documents: Vec<String>,
    },
    /// The wallet is locked: ask for the PIN, unlock one that has none, or wait; the reaction says which.
    #[error("{}", .info.detail)]
    Locked {
        /// About it.
        info: ErrorInfo,
        /// How many seconds to wait before the next try, in time that the device is on; nothing when no wait is needed or helps.
        retry_after_seconds: Option<u64>,
        /// How many more wrong PINs there may be before a wait begins.
        tries_left: Option<u32>,
    },
    /// The issuer's doing: a document, or a list of revoked ones, is malformed, altered or wrongly signed. Nothing was stored.
    #[error("{}", .info.detail)]
    Issuer {
        /// About it.
        info: ErrorInfo,
    },
    /// The reader's doing, or that of the connection to it: its code, its messages or its session.
    #[error("{}", .info.detail)]
    Verifier {
        /// About it.
        info: ErrorInfo,
    },
    /// Sound, and nobody whom the wallet trusts vouches for it. Nothing was stored.
    #[error("{}", .info.detail)]
    Untrusted {
        /// About it.
        info: ErrorInfo,
    },
    /// The reader's request is malformed.
    #[error("{}", .info.detail)]
    InvalidRequest {
        /// About it.
        info: ErrorInfo,
    },
    /// Sound, and outside its validity. Nothing was stored.
    #[error("{}", .info.detail)]
    Expired {
        /// About it.
        info: ErrorInfo,
    },
    /// The call does not fit the state of things, or what it was given is not what it takes.
    #[error("{}", .info.detail)]
    InvalidState {
        /// About it.
        info: ErrorInfo,
        /// The document it is about, if it is about one.
        document: Option<String>,
    },
    /// This wallet, or its secure area, cannot do it.
    #[error("{}", .info.detail)]
    Unsupported {
        /// About it.
        info: ErrorInfo,
    },
    /// The vault. Its file is never deleted or written over.
    #[error("{}", .info.detail)]
    Storage {
        /// About it.
        info: ErrorInfo,
    },
    /// A backup: its file, its passphrase, or the plan to restore it. Nothing was changed.
    #[error("{}", .info.detail)]
    Backup {
        /// About it.
        info: ErrorInfo,
    },
    /// A fault of this software, of the platform, or of a callback of the app.
    #[error("{}", .info.detail)]
    Internal {
        /// About it.
        info: ErrorInfo,
    },
}

fn info(code: Code, detail: impl Into<String>) -> ErrorInfo {
    ErrorInfo {
        code: code.as_str().to_owned(),
        reaction: code.reaction().into(),
        text: LocalizedText::of(|lang| code.text(lang)),
        detail: detail.into(),
    }
}

impl WalletError {
    /// What is said about it.
    #[must_use]
    pub const fn info(&self) -> &ErrorInfo {
        match self {
            Self::UserCancelled { info }
            | Self::UserAuthRequired { info }
            | Self::KeyInvalidated { info, .. }
            | Self::Locked { info, .. }
            | Self::Issuer { info }
            | Self::Verifier { info }
            | Self::Untrusted { info }
            | Self::InvalidRequest { info }
            | Self::Expired { info }
            | Self::InvalidState { info, .. }
            | Self::Unsupported { info }
            | Self::Storage { info }
            | Self::Backup { info }
            | Self::Internal { info } => info,
        }
    }

    /// What was scanned is no frame of the transfer.
    pub(crate) fn frame(error: &idwallet_wallet::camera::FrameError) -> Self {
        Self::Verifier {
            info: info(Code::SessionFailed, error.to_string()),
        }
    }

    pub(crate) fn panicked() -> Self {
        Self::Internal {
            info: info(Code::Internal, "a panic in the library"),
        }
    }

    /// A port of the app threw something that it did not declare.
    pub(crate) fn port(which: &str) -> Self {
        Self::Internal {
            info: info(Code::Internal, format!("the app's {which} failed")),
        }
    }

    pub(crate) fn session_over() -> Self {
        StateFault::SessionOver.into()
    }

    pub(crate) fn busy() -> Self {
        StateFault::Busy.into()
    }

    /// Something that the app passed is not what the call takes. The detail names the argument and never its value.
    pub(crate) fn argument(detail: impl Into<String>) -> Self {
        Self::InvalidState {
            info: info(Code::Argument, detail),
            document: None,
        }
    }

    /// The object was closed by the app.
    pub(crate) fn closed() -> Self {
        StateFault::HandleClosed.into()
    }
}

impl From<StateFault> for WalletError {
    fn from(fault: StateFault) -> Self {
        Core::from(fault).into()
    }
}

const fn about(fault: StateFault) -> Option<DocumentId> {
    match fault {
        StateFault::AlreadyHeld(id) | StateFault::HeldDamaged(id) => Some(id),
        _ => None,
    }
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

impl From<Core> for WalletError {
    fn from(error: Core) -> Self {
        let info = info(error.code(), error.to_string());
        match error {
            Core::UserCancelled => Self::UserCancelled { info },
            Core::UserAuthRequired => Self::UserAuthRequired { info },
            Core::KeyInvalidated { documents } => Self::KeyInvalidated {
                info,
                documents: documents.iter().map(ToString::to_string).collect(),
            },
            Core::Locked { reason, retry_after } => Self::Locked {
                info,
                retry_after_seconds: retry_after.map(seconds),
                tries_left: match reason {
                    LockReason::WrongPin { left } => Some(left),
                    _ => None,
                },
            },
            Core::Issuer(_) | Core::StatusList(_) => Self::Issuer { info },
            Core::Untrusted(_) => Self::Untrusted { info },
            Core::Expired(_) => Self::Expired { info },
            Core::InvalidRequest { .. } => Self::InvalidRequest { info },
            Core::InvalidMessage(_) => Self::Verifier { info },
            Core::InvalidState(fault) => Self::InvalidState {
                info,
                document: about(fault).map(|id| id.to_string()),
            },
            Core::Unsupported(_) => Self::Unsupported { info },
            Core::Backup(_) => Self::Backup { info },
            Core::Storage(_) => Self::Storage { info },
            _ => Self::Internal { info },
        }
    }
}

impl From<ProximityError> for WalletError {
    fn from(error: ProximityError) -> Self {
        if let ProximityError::StreamAddress(_) = error {
            return Self::argument(error.to_string());
        }
        Self::Verifier {
            info: info(Code::SessionFailed, error.to_string()),
        }
    }
}

impl From<VerifierError> for WalletError {
    fn from(error: VerifierError) -> Self {
        match error {
            VerifierError::Proximity(error) => error.into(),
            error => Self::argument(error.to_string()),
        }
    }
}

impl From<MdocError> for WalletError {
    fn from(error: MdocError) -> Self {
        Self::argument(error.to_string())
    }
}

impl From<TrustError> for WalletError {
    fn from(error: TrustError) -> Self {
        Self::argument(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_code_and_both_texts() {
        for error in [
            WalletError::panicked(),
            WalletError::session_over(),
            WalletError::busy(),
            WalletError::closed(),
            WalletError::argument("x"),
        ] {
            let info = error.info();
            assert!(info.code.starts_with('W') && info.code.len() == 4, "{info:?}");
            assert!(!info.text.vi.is_empty() && info.text.vi != info.text.en, "{info:?}");
        }
    }
}
