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
        // Nothing is in a picture without an area, whose sides nothing bounds.
        if luminance.is_empty() && (width == 0 || height == 0) {
            return Ok(Vec::new());
        }
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

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_another_size_than_they_say_are_refused() {
        for (bytes, width, height) in [(4, 2, 3), (1, 0, 0), (1, 0, u32::MAX), (1, u32::MAX, u32::MAX)] {
            assert!(scan_qr(vec![0; bytes], width, height).is_err(), "{width} x {height}");
        }
    }

    #[test]
    fn nothing_is_in_a_picture_without_an_area_or_a_code() {
        for (width, height) in [(0, 0), (0, u32::MAX), (u32::MAX, 0), (1, 1), (1, 1000), (1000, 1)] {
            let picture = vec![0; width as usize * height as usize];
            assert_eq!(scan_qr(picture, width, height).unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_drawn_can_be_read() {
        let code = qr_code("mdoc:owBjMS4w".into()).unwrap();
        let (size, scale, margin) = (code.size, 4, 4);
        let side = (size + 2 * margin) * scale;
        let pixel = |at: u32| {
            let (x, y) = (at % side / scale, at / side / scale);
            let inside = (margin..margin + size).contains(&x) && (margin..margin + size).contains(&y);
            let is_dark = inside && code.modules[((y - margin) * size + x - margin) as usize] == 1;
            if is_dark { 0 } else { 255 }
        };
        let picture = (0..side * side).map(pixel).collect();
        assert_eq!(scan_qr(picture, side, side).unwrap(), ["mdoc:owBjMS4w"]);
    }
}
