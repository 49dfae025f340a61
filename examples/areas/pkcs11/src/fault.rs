//! What the token's refusals mean to the app.

use cryptoki::error::{Error, RvError};
use idwallet_crypto::area::SecureAreaError;

/// Why the area was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The module could not be loaded, or is none.
    #[error("the PKCS#11 module cannot be loaded")]
    Module,
    /// No slot has a token of this label and serial number: it is not in, or its name is another.
    #[error("there is no such token")]
    NoToken,
    /// Several tokens have the label: the serial number must say which.
    #[error("several tokens have this label")]
    SeveralTokens,
    /// The PIN is not the token's, or has expired. The token counts the attempts.
    #[error("the token does not take this PIN")]
    WrongPin,
    /// Too many wrong PINs: only the token's security officer can help.
    #[error("the token's PIN is locked")]
    PinLocked,
    /// The token was never prepared by [`Pkcs11SecureArea::create`](crate::Pkcs11SecureArea::create), or was emptied.
    #[error("the token holds no wrapping key of a wallet")]
    NotPrepared,
    /// This process uses the token already.
    #[error("the token is in use in this process")]
    InUse,
    /// The token lacks what a wallet needs; the text says what.
    #[error("the token cannot {0}")]
    Unsuitable(&'static str),
    /// Anything else; the code is PKCS#11's (`CKR_…`), 0 when there is none.
    #[error("the token failed (code {0})")]
    Failed(i32),
}

impl From<OpenError> for SecureAreaError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Module | OpenError::NoToken => Self::HardwareAbsent,
            OpenError::WrongPin => Self::AuthenticationRequired,
            OpenError::NotPrepared => Self::NotFound,
            OpenError::InUse => Self::Unavailable,
            OpenError::Unsuitable(what) => Self::Unsupported(what),
            OpenError::Failed(code) => Self::Failed(code),
            OpenError::SeveralTokens => Self::Unsupported("tell the tokens apart by their label"),
            OpenError::PinLocked => Self::Failed(0xA4),
        }
    }
}

/// What a step of opening met once the session was there.
impl From<SecureAreaError> for OpenError {
    fn from(error: SecureAreaError) -> Self {
        match error {
            SecureAreaError::HardwareAbsent => Self::NoToken,
            SecureAreaError::AuthenticationRequired => Self::WrongPin,
            SecureAreaError::Unsupported(what) => Self::Unsuitable(what),
            SecureAreaError::Failed(code) => Self::Failed(code),
            _ => Self::Failed(0),
        }
    }
}

/// While opening.
pub fn on_open(error: Error) -> OpenError {
    match error {
        Error::LibraryLoading(_) | Error::NullFunctionPointer => OpenError::Module,
        Error::Pkcs11(RvError::PinLocked, _) => OpenError::PinLocked,
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange | RvError::PinExpired, _) => {
            OpenError::WrongPin
        }
        Error::Pkcs11(RvError::UserPinNotInitialized, _) => OpenError::Unsuitable("be used before it has a PIN"),
        Error::Pkcs11(RvError::UserAlreadyLoggedIn | RvError::UserAnotherAlreadyLoggedIn, _) => OpenError::InUse,
        Error::Pkcs11(RvError::TokenNotPresent | RvError::TokenNotRecognized | RvError::DeviceRemoved, _) => {
            OpenError::NoToken
        }
        Error::Pkcs11(RvError::TokenWriteProtected, _) => OpenError::Unsuitable("be written"),
        error => OpenError::Failed(code(&error)),
    }
}

/// While using the open session.
pub fn in_use(error: &Error) -> SecureAreaError {
    let Error::Pkcs11(reason, _) = error else {
        return SecureAreaError::Failed(code(error));
    };
    match reason {
        RvError::Cancel | RvError::FunctionCanceled | RvError::FunctionRejected => SecureAreaError::UserCancelled,
        RvError::UserNotLoggedIn | RvError::PinIncorrect | RvError::PinExpired => {
            SecureAreaError::AuthenticationRequired
        }
        RvError::TokenNotPresent | RvError::TokenNotRecognized | RvError::DeviceRemoved | RvError::SlotIdInvalid => {
            SecureAreaError::HardwareAbsent
        }
        RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid => SecureAreaError::NotFound,
        RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::CurveNotSupported
        | RvError::DomainParamsInvalid
        | RvError::KeySizeRange
        | RvError::KeyTypeInconsistent
        | RvError::KeyFunctionNotPermitted
        | RvError::TemplateInconsistent
        | RvError::AttributeTypeInvalid
        | RvError::AttributeValueInvalid
        | RvError::FunctionNotSupported
        | RvError::TokenWriteProtected => SecureAreaError::Unsupported("do this with such a key"),
        RvError::DeviceError
        | RvError::DeviceMemory
        | RvError::HostMemory
        | RvError::SessionCount
        | RvError::CantLock
        | RvError::CryptokiNotInitialized => SecureAreaError::Unavailable,
        _ => SecureAreaError::Failed(code(error)),
    }
}

/// Whether the session itself is gone, as after the token was taken out.
pub fn is_session_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(RvError::SessionHandleInvalid | RvError::SessionClosed, _)
    )
}

/// `CKR_…` of the failures that stand for nothing better; 0 for those of the library between.
fn code(error: &Error) -> i32 {
    match error {
        Error::Pkcs11(RvError::GeneralError, _) => 0x05,
        Error::Pkcs11(RvError::FunctionFailed, _) => 0x06,
        Error::Pkcs11(RvError::ArgumentsBad, _) => 0x07,
        Error::Pkcs11(RvError::DataInvalid, _) => 0x20,
        Error::Pkcs11(RvError::DataLenRange, _) => 0x21,
        Error::Pkcs11(RvError::EncryptedDataInvalid, _) => 0x40,
        Error::Pkcs11(RvError::OperationActive, _) => 0x90,
        Error::Pkcs11(RvError::SessionReadOnly, _) => 0xB5,
        Error::Pkcs11(RvError::TemplateIncomplete, _) => 0xD0,
        Error::Pkcs11(RvError::BufferTooSmall, _) => 0x150,
        _ => 0,
    }
}

/// The area's thread ended: the module broke.
pub const fn gone<T>() -> Result<T, SecureAreaError> {
    Err(SecureAreaError::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki::context::Function;

    fn refused(reason: RvError) -> Error {
        Error::Pkcs11(reason, Function::Sign)
    }

    /// What SoftHSM never says, and tokens with a reader, a display or a PIN pad do.
    #[test]
    fn refusals_of_real_tokens_have_the_reaction_that_helps() {
        for (reason, wanted) in [
            (RvError::FunctionCanceled, SecureAreaError::UserCancelled),
            (RvError::FunctionRejected, SecureAreaError::UserCancelled),
            (RvError::UserNotLoggedIn, SecureAreaError::AuthenticationRequired),
            (RvError::DeviceRemoved, SecureAreaError::HardwareAbsent),
            (RvError::TokenNotPresent, SecureAreaError::HardwareAbsent),
            (RvError::DeviceError, SecureAreaError::Unavailable),
            (RvError::SessionCount, SecureAreaError::Unavailable),
            (RvError::KeyHandleInvalid, SecureAreaError::NotFound),
            (RvError::GeneralError, SecureAreaError::Failed(5)),
        ] {
            assert_eq!(in_use(&refused(reason)), wanted);
        }
        assert!(is_session_lost(&refused(RvError::SessionHandleInvalid)));
        assert!(!is_session_lost(&refused(RvError::DeviceError)));
    }

    #[test]
    fn refusals_at_opening_are_told_apart() {
        for (reason, wanted) in [
            (RvError::PinIncorrect, OpenError::WrongPin),
            (RvError::PinExpired, OpenError::WrongPin),
            (RvError::PinLocked, OpenError::PinLocked),
            (RvError::TokenNotPresent, OpenError::NoToken),
            (RvError::UserAlreadyLoggedIn, OpenError::InUse),
        ] {
            assert_eq!(on_open(refused(reason)), wanted);
        }
    }
}
