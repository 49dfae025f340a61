//! From text to a picture.

use super::{MAX_SIDE, QrError};
use image::{ExtendedColorType, ImageEncoder as _};

/// Light modules that ISO/IEC 18004 asks for on every side of a code.
pub const QUIET_ZONE: usize = 4;

/// How much of a code may be unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 7 %: for screens, where nothing is scratched or soiled.
    Low,
    /// 15 %.
    Medium,
    /// 25 %.
    Quartile,
    /// 30 %: for prints.
    High,
}

/// What the terminal's own colours are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Any: black and white are set by ANSI escapes.
    Colour,
    /// Light text on a dark ground, without escapes.
    Dark,
    /// Dark text on a light ground, without escapes.
    Light,
}

/// The dark and light squares of a code, without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    width: usize,
    dark: Vec<bool>,
}

/// Makes the smallest code that holds `text` at `level`.
///
/// # Errors
/// [`QrError::TooMuchText`].
pub fn encode(text: &str, level: Level) -> Result<Modules, QrError> {
    let ec = match level {
        Level::Low => qrcode::EcLevel::L,
        Level::Medium => qrcode::EcLevel::M,
        Level::Quartile => qrcode::EcLevel::Q,
        Level::High => qrcode::EcLevel::H,
    };
    let code = qrcode::QrCode::with_error_correction_level(text.as_bytes(), ec).map_err(|_| QrError::TooMuchText {
        length: text.len(),
        level,
    })?;
    let width = code.width();
    let dark = code
        .into_colors()
        .into_iter()
        .map(|colour| colour == qrcode::Color::Dark)
        .collect();
    Ok(Modules { width, dark })
}

impl Modules {
    /// Modules on a side: 21 for version 1, four more for each later version.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whether a module is dark; what lies outside is the quiet zone, and light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.width && self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// Grey pixels, row by row, with the quiet zone, and how many there are on a side.
    ///
    /// # Errors
    /// [`QrError::PictureTooLarge`].
    pub fn to_luma(&self, scale: u32) -> Result<(u32, Vec<u8>), QrError> {
        let modules = self.width + 2 * QUIET_ZONE;
        let scale = scale.max(1);
        let side = u64::from(scale) * modules as u64;
        let short = u32::try_from(side).ok().filter(|side| *side <= MAX_SIDE);
        let Some(short) = short else {
            return Err(QrError::PictureTooLarge { side });
        };
        let mut pixels = Vec::with_capacity(short as usize * short as usize);
        for y in 0..modules {
            let row: Vec<u8> = (0..modules)
                .map(|x| {
                    let inside = x.checked_sub(QUIET_ZONE).zip(y.checked_sub(QUIET_ZONE));
                    if inside.is_some_and(|(x, y)| self.is_dark(x, y)) {
                        0
                    } else {
                        255
                    }
                })
                .flat_map(|grey| std::iter::repeat_n(grey, scale as usize))
                .collect();
            for _ in 0..scale {
                pixels.extend_from_slice(&row);
            }
        }
        Ok((short, pixels))
    }

    /// A grey PNG with `scale` pixels for a module and the quiet zone around.
    ///
    /// # Errors
    /// [`QrError::PictureTooLarge`].
    pub fn to_png(&self, scale: u32) -> Result<Vec<u8>, QrError> {
        let (side, pixels) = self.to_luma(scale)?;
        let mut png = Vec::new();
        image::codecs::png::PngEncoder::new(&mut png).write_image(&pixels, side, side, ExtendedColorType::L8)?;
        Ok(png)
    }

    /// The code as text, two modules high for a line, with a quiet zone; ends with a line end.
    #[must_use]
    pub fn to_terminal(&self, theme: Theme) -> String {
        let side = self.width + 2 * QUIET_ZONE;
        let dark = |x: usize, y: usize| {
            x.checked_sub(QUIET_ZONE)
                .zip(y.checked_sub(QUIET_ZONE))
                .is_some_and(|(x, y)| self.is_dark(x, y))
        };
        let mut text = String::new();
        for y in (0..side).step_by(2) {
            if theme == Theme::Colour {
                text.push_str("\u{1b}[38;5;16;48;5;231m");
            }
            for x in 0..side {
                // A block is printed in the text's colour: dark on a light ground, light on a dark one.
                // The row below the last is ground, so that an odd height leaves no bar.
                let printed = |y: usize| y < side && (dark(x, y) != (theme == Theme::Dark));
                text.push(match (printed(y), printed(y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            if theme == Theme::Colour {
                text.push_str("\u{1b}[0m");
            }
            text.push('\n');
        }
        text
    }
}
