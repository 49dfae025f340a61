//! What stands between a stolen file and its content.

use idwallet_crypto::area::{Capabilities, SecurityLevel};
use idwallet_documents::Lang;

/// What protects the data key of the vault and the device keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// A key file that only its owner's account may read. Whoever reads the owner's files has everything.
    SoftwareFile,
    /// The device's trusted execution environment.
    TrustedEnvironment,
    /// A separate secure processor.
    SecureElement,
}

impl Protection {
    pub(crate) const fn of(capabilities: &Capabilities) -> Self {
        match capabilities.security_level {
            SecurityLevel::Software => Self::SoftwareFile,
            SecurityLevel::TrustedEnvironment => Self::TrustedEnvironment,
            SecurityLevel::SecureElement => Self::SecureElement,
        }
    }

    /// Whether keys can be copied by who can copy the owner's files.
    #[must_use]
    pub const fn is_software(self) -> bool {
        matches!(self, Self::SoftwareFile)
    }

    /// What to tell the owner.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::SoftwareFile, Lang::Vi) => {
                "Khóa của ví nằm trong một tệp (area.key) cạnh kho dữ liệu, chỉ tài khoản của bạn đọc được. Ai đọc được các tệp của bạn \
                 thì mở được ví nếu ví không có mã PIN, và với mã PIN thì chỉ còn mã đó ngăn họ. Ví chưa dùng phần cứng bảo mật."
            }
            (Self::SoftwareFile, Lang::En) => {
                "The wallet's key lies in a file (area.key) beside the vault that only your account can read. Whoever can read your \
                 files can open a wallet without a PIN, and has nothing but the PIN in the way of one that has it. No security hardware is used."
            }
            (Self::TrustedEnvironment, Lang::Vi) => "Khóa của ví nằm trong vùng thực thi tin cậy của thiết bị.",
            (Self::TrustedEnvironment, Lang::En) => {
                "The wallet's key lies in the trusted execution environment of this device."
            }
            (Self::SecureElement, Lang::Vi) => "Khóa của ví nằm trong chip bảo mật riêng của thiết bị.",
            (Self::SecureElement, Lang::En) => "The wallet's key lies in the secure processor of this device.",
        }
    }
}
