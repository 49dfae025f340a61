//! QR codes, drawn and read.

use crate::WalletError;
use crate::guard::sync;
use crate::text::count;
use qrcode::{Color, EcLevel};

/// Most pixels of a picture that is searched for codes: 50 megapixels.
const MAX_PIXELS: usize = 50_000_000;

/// A QR code as dark and light squares, without the quiet zone of four squares that has to surround it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct QrCode {
    /// How many squares it is wide and high.
    pub size: u32,
    /// The squares row by row: 1 is dark, 0 is light.
    pub modules: Vec<u8>,
}

/// The QR code for a text.
///
/// # Errors
/// [`WalletError::InvalidState`] for a text that is too long for one.
#[uniffi::export]
pub fn qr_code(text: String) -> Result<QrCode, WalletError> {
    sync(|| {
        let code = qrcode::QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L)
            .map_err(|_| WalletError::argument("the text does not fit a QR code"))?;
        Ok(QrCode {
            size: count(code.width()),
            modules: code
                .to_colors()
                .into_iter()
                .map(|color| u8::from(color == Color::Dark))
                .collect(),
        })
    })
}

/// The texts of the QR codes in a picture: what a camera gives as luminance, one byte a pixel, row by row. Codes that cannot be read are
/// left out.
///
/// # Errors
/// [`WalletError::InvalidState`] when there are not `width` × `height` bytes, or more than 50 million.
#[uniffi::export]
pub fn scan_qr(luminance: Vec<u8>, width: u32, height: u32) -> Result<Vec<String>, WalletError> {
    sync(|| {
        let size = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
        let (width, height) = (size(width), size(height));
        if width.checked_mul(height) != Some(luminance.len()) || luminance.len() > MAX_PIXELS {
            return Err(WalletError::argument(
                "the picture has another size than it says, or is too large",
            ));
        }
        let pixel = |x: usize, y: usize| {
            let place = y.checked_mul(width).and_then(|row| row.checked_add(x));
            place.and_then(|place| luminance.get(place)).copied().unwrap_or(u8::MAX)
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
        let codes = image.detect_grids().into_iter();
        Ok(codes
            .filter_map(|code| code.decode().ok())
            .map(|(_, text)| text)
            .collect())
    })
}
