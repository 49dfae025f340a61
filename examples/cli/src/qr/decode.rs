//! From a photograph to the texts of the codes in it.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder as _, DynamicImage, ImageDecoder as _, ImageFormat, ImageReader};

use super::{Luma, QrError};

/// The most pixels on a side of a picture that is looked at or drawn.
pub const MAX_SIDE: u32 = 16_384;
/// The most pixels of a picture that is looked at: the sensors of common phones have 12 to 50 million.
pub const MAX_PIXELS: u64 = 64_000_000;
/// What the picture's decoder may allocate, in bytes: four bytes for each of [`MAX_PIXELS`].
const MAX_ALLOCATION: u64 = 4 * MAX_PIXELS;
/// Attempts after the first are made on a picture of at most this many pixels.
const RETRY_PIXELS: usize = 10_000_000;
/// In pictures up to this many pixels the second reader always looks too: it finds neighbours of a
/// code that the first passes over, and there it costs milliseconds.
const SMALL_PIXELS: usize = 250_000;
/// Pictures up to this many pixels are also looked at twice as large.
const DOUBLING_PIXELS: usize = 1_000_000;

/// Reads every code in a PNG, JPEG or GIF (its first picture). No code found is an empty list.
///
/// # Errors
/// What is wrong with the picture as such; the size is checked before pixels are allocated.
pub fn decode(bytes: &[u8]) -> Result<Vec<String>, QrError> {
    Ok(decode_luma(&load(bytes)?))
}

/// The most frames of an animation that are looked at.
pub const MAX_FRAMES: usize = 10_000;

/// Reads the codes of each picture of an animated GIF in turn, as long as `more` wants; any other picture is a single one.
///
/// # Errors
/// As [`decode`]. Frames before the one that is broken were given to `more`.
pub fn decode_each(bytes: &[u8], mut more: impl FnMut(Vec<String>) -> bool) -> Result<(), QrError> {
    if !bytes.starts_with(b"GIF8") {
        more(decode(bytes)?);
        return Ok(());
    }
    let mut decoder = GifDecoder::new(Cursor::new(bytes))?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    decoder.set_limits(limits)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    for frame in decoder.into_frames().take(MAX_FRAMES) {
        let picture = to_luma(DynamicImage::ImageRgba8(frame?.into_buffer()))?;
        if !more(decode_luma(&picture)) {
            break;
        }
    }
    Ok(())
}

fn check_size(width: u32, height: u32) -> Result<(), QrError> {
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(QrError::TooLarge { width, height });
    }
    Ok(())
}

fn load(bytes: &[u8]) -> Result<Luma, QrError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(image::ImageError::from)?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif)
    ) {
        return Err(QrError::UnknownFormat);
    }
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    reader.limits(limits);
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    to_luma(DynamicImage::from_decoder(decoder)?)
}

fn to_luma(mut picture: DynamicImage) -> Result<Luma, QrError> {
    let (width, height) = (picture.width(), picture.height());
    if picture.color().has_alpha() {
        // What shows through is taken as white, as a viewer would have it.
        let mut rgba = picture.into_rgba8();
        for pixel in rgba.pixels_mut() {
            let [red, green, blue, alpha] = pixel.0;
            let over = |value: u8| {
                let alpha = u16::from(alpha);
                ((u16::from(value) * alpha + 255 * (255 - alpha)) / 255) as u8
            };
            pixel.0 = [over(red), over(green), over(blue), 255];
        }
        picture = DynamicImage::ImageRgba8(rgba);
    }
    let grey = picture.into_luma8();
    Luma::new(width as usize, height as usize, grey.into_raw()).ok_or(QrError::TooLarge { width, height })
}

/// Reads every code in a grey picture: the fast reader first, and when it finds nothing, or
/// something that it cannot read, further attempts until one gives a text.
#[must_use]
pub fn decode_luma(luma: &Luma) -> Vec<String> {
    let mut found = Found::default();
    if found.quircs(luma) && luma.width() * luma.height() > SMALL_PIXELS {
        return found.texts;
    }
    if luma.width() * luma.height() <= RETRY_PIXELS {
        return retry(luma, found);
    }
    let mut picture = luma.shrunk(2);
    while picture.width() * picture.height() > RETRY_PIXELS {
        picture = picture.shrunk(2);
    }
    found.quircs(&picture);
    if !found.texts.is_empty() {
        return found.texts;
    }
    retry(&picture, found)
}

fn retry(picture: &Luma, mut found: Found) -> Vec<String> {
    found.rqrr(picture);
    if !found.texts.is_empty() {
        return found.texts;
    }
    let radius = (picture.short_side() / 8).max(4);
    // Each of these reads a picture of the test set that those before it do not; ADR 0004.
    let half = picture.shrunk(2);
    let attempts: [&dyn Fn(&mut Found); 12] = [
        &|found| found.both(&picture.thresholded(radius)),
        &|found| found.both(&half),
        &|found| found.both(&half.thresholded(radius / 4)),
        &|found| found.both(&picture.mean(1).thresholded(radius / 2)),
        &|found| found.both(&picture.thresholded(radius / 4)),
        &|found| found.both(&picture.mean(2)),
        &|found| found.both(&picture.inverted()),
        &|found| found.both(&picture.inverted().thresholded(radius)),
        &|found| found.both(&picture.shrunk(3)),
        &|found| found.both(&picture.shrunk(4)),
        &|found| found.both(&half.mean(1).thresholded(radius / 2)),
        &|found| {
            if picture.width() * picture.height() <= DOUBLING_PIXELS {
                found.both(&picture.doubled());
            }
        },
    ];
    for attempt in attempts {
        attempt(&mut found);
        if !found.texts.is_empty() {
            break;
        }
    }
    found.texts
}

#[derive(Default)]
struct Found {
    texts: Vec<String>,
}

impl Found {
    fn add(&mut self, payload: Vec<u8>) {
        // Without an ECI a byte segment is ISO 8859-1 by the standard and UTF-8 in practice.
        let text =
            String::from_utf8(payload).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect());
        if !self.texts.contains(&text) {
            self.texts.push(text);
        }
    }

    fn both(&mut self, picture: &Luma) {
        self.quircs(picture);
        if self.texts.is_empty() {
            self.rqrr(picture);
        }
    }

    /// Whether codes were read and not enough finder patterns are left over for one more.
    fn quircs(&mut self, picture: &Luma) -> bool {
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut reader = quircs::Quirc::new();
            let texts: Vec<Vec<u8>> = reader
                .identify(picture.width(), picture.height(), picture.pixels())
                .filter_map(|code| Some(code.ok()?.decode().ok()?.payload))
                .collect();
            let left = reader.num_capstones().saturating_sub(3 * texts.len());
            let all = left < 3;
            (texts, all)
        }));
        // A reader that panics on a hostile picture has read nothing.
        let (texts, all) = read.unwrap_or_default();
        let some = !texts.is_empty();
        texts.into_iter().for_each(|text| self.add(text));
        some && all
    }

    fn rqrr(&mut self, picture: &Luma) {
        if picture.width() == 0 || picture.height() == 0 {
            return;
        }
        let (width, pixels) = (picture.width(), picture.pixels());
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, picture.height(), |x, y| {
                pixels.get(y * width + x).copied().unwrap_or(255)
            });
            let mut texts = Vec::new();
            for grid in prepared.detect_grids() {
                let mut payload = Vec::new();
                if grid.decode_to(&mut payload).is_ok() {
                    texts.push(payload);
                }
            }
            texts
        }));
        read.unwrap_or_default().into_iter().for_each(|text| self.add(text));
    }
}
