//! The engagement as the text of a QR code (A-H05).

use super::DeviceEngagement;
use crate::limits::MAX_ENGAGEMENT_BYTES;
use crate::{ProximityError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const SCHEME: &str = "mdoc:";
/// Characters that [`MAX_ENGAGEMENT_BYTES`] take.
const MAX_TEXT: usize = MAX_ENGAGEMENT_BYTES
    .saturating_mul(4)
    .div_ceil(3)
    .saturating_add(SCHEME.len());

impl DeviceEngagement {
    /// Reads the text of a QR code: `mdoc:` and base64url without padding, nothing before, between or after (A-H05).
    ///
    /// # Errors
    /// [`ProximityError::QrText`]; [`ProximityError::NoRetrievalMethod`]; as [`DeviceEngagement::parse`].
    pub fn from_qr_text(text: &str) -> Result<Self> {
        if text.len() > MAX_TEXT {
            return Err(ProximityError::QrText("the text is too long"));
        }
        let payload = text
            .strip_prefix(SCHEME)
            .ok_or(ProximityError::QrText("the text does not begin with mdoc:"))?;
        if payload.starts_with("//") {
            return Err(ProximityError::QrText("mdoc:// is a reader engagement by link"));
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| ProximityError::QrText("not base64url without padding"))?;
        let engagement = Self::parse(&bytes)?;
        if engagement.retrieval_methods().is_empty() {
            return Err(ProximityError::NoRetrievalMethod);
        }
        Ok(engagement)
    }

    /// The text for a QR code.
    ///
    /// # Errors
    /// [`ProximityError::NoRetrievalMethod`] for an engagement that nobody could connect to (A-H03).
    pub fn to_qr_text(&self) -> Result<String> {
        if self.retrieval_methods().is_empty() {
            return Err(ProximityError::NoRetrievalMethod);
        }
        Ok(format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(self.bytes())))
    }
}
