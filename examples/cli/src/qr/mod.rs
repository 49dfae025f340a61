//! QR codes on a desk: drawn into pictures and terminals, read from photographs and screen captures.
//!
//! ADR 0004 (`core/adr/0004-qr-and-camera-frames.md`) has the measurements behind the choice of
//! libraries and of the attempts that [`decode`] makes.

mod decode;
mod encode;
mod luma;

pub use decode::{MAX_FRAMES, MAX_PIXELS, MAX_SIDE, decode, decode_each, decode_luma};
pub use encode::{Level, Modules, QUIET_ZONE, Theme, encode};
pub use luma::Luma;

/// Why a code cannot be drawn or a picture cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QrError {
    /// More text than a QR code of the level holds.
    #[error("{length} bytes do not fit a QR code of error correction level {level:?}")]
    TooMuchText {
        /// Length of the text in bytes.
        length: usize,
        /// The level asked for.
        level: Level,
    },
    /// The picture asked for would have more than [`MAX_SIDE`] pixels on a side.
    #[error("the picture would have {side} pixels on a side, more than {MAX_SIDE}")]
    PictureTooLarge {
        /// Pixels on a side.
        side: u64,
    },
    /// The bytes are no PNG, JPEG or GIF.
    #[error("the input is not a PNG, JPEG or GIF picture")]
    UnknownFormat,
    /// The picture has more pixels than are looked at.
    #[error("the picture has {width} x {height} pixels; at most {MAX_SIDE} on a side and {MAX_PIXELS} in all are read")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The picture is cut off or damaged.
    #[error("the picture cannot be decoded: {0}")]
    Image(#[from] image::ImageError),
}
