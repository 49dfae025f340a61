//! Frames of a camera to camera transfer as picture files.

use std::fs;
use std::path::{Path, PathBuf};

use idwallet_crypto::SystemRandom;
use idwallet_proximity::camera::{FrameDecoder, FrameEncoder, FrameError, Limits, MessageKind, Progress, TransferId};

use crate::context::Context;
use crate::error::{CliError, Result, bad, failed};
use crate::input::{self, Readable, Source};
use crate::qr::{self, Level};

/// Pixels of a module in a frame.
const SCALE: u32 = 6;
/// Frames written for each one that is needed: half of them may be lost and there is still one and a half of what is needed.
const SPARE: u32 = 3;
/// Most frames that are written or looked at.
const MAX_FRAMES: usize = 9_999;
/// Most transfers that are followed beside each other, so that a stranger's frame that comes first keeps nothing out.
const MAX_TRANSFERS: usize = 4;

/// Refuses a folder with pictures in it before anything else is done.
pub fn check(folder: &Path, force: bool) -> Result<()> {
    if !force && folder.exists() && !pictures(folder)?.is_empty() {
        return Err(bad(folder.display(), "has pictures already; --force replaces them"));
    }
    Ok(())
}

/// Writes a message's frames as `0001.png`… into a folder; says how many.
pub fn show(
    folder: &Path,
    kind: MessageKind,
    message: &[u8],
    count: Option<u32>,
    force: bool,
    cx: &Context,
) -> Result<usize> {
    let id = TransferId::generate(&SystemRandom::new()).map_err(|error| CliError::Environment(error.to_string()))?;
    let encoder = FrameEncoder::new(kind, id, message).map_err(|error| CliError::Input(error.to_string()))?;
    let needed = u32::try_from(encoder.fragments()).unwrap_or(u32::MAX);
    let count = count.unwrap_or_else(|| needed.saturating_mul(SPARE));
    if count < needed || count as usize > MAX_FRAMES {
        return Err(bad(
            "--frame-count",
            format!("{needed} to {MAX_FRAMES} frames are needed for this message"),
        ));
    }
    check(folder, force)?;
    input::make_folder(folder)?;
    for old in pictures(folder)? {
        fs::remove_file(&old).map_err(|error| failed(old.display(), error))?;
    }
    for index in 0..count {
        let text = encoder.frame(index);
        let picture = qr::encode(&text, Level::Low)
            .and_then(|modules| modules.to_png(SCALE))
            .map_err(|error| CliError::Environment(error.to_string()))?;
        let name = folder.join(format!("{:04}.png", index.saturating_add(1)));
        input::write(&name, &picture, Readable::ByAll, true)?;
    }
    cx.line(format!(
        "{}: {count} {} ({} {needed} {})",
        folder.display(),
        cx.t("khung", "frames"),
        cx.t("cần", "any"),
        cx.t("khung bất kỳ", "of them suffice"),
    ))?;
    Ok(count as usize)
}

/// Reads frames until they give the message: those of a folder in any order, or all codes of one picture. A code that is no frame of it is
/// left out and said; it ends nothing (ADR 0007).
pub fn scan(source: &Source, kind: Option<MessageKind>, cx: &Context) -> Result<Vec<u8>> {
    let mut seen = Seen::new(kind);
    if source.path().is_dir() {
        for path in pictures(source.path())? {
            let file = Source::from(path.into_os_string());
            seen.picture(&file.read()?, cx);
            if seen.is_complete() {
                break;
            }
        }
    } else {
        let bytes = source.read()?;
        qr::decode_each(&bytes, |texts| {
            seen.texts(texts, cx);
            !seen.is_complete()
        })
        .map_err(|error| bad(source, error))?;
    }
    if let Some(message) = seen.message() {
        seen.say_left_out(cx);
        return Ok(message);
    }
    Err(match seen.furthest() {
        Some(progress) => bad(
            source,
            format!(
                "{} {}/{} {}",
                cx.t("mới đọc được", "only"),
                progress.received,
                progress.needed,
                cx.t(
                    "khung cần thiết; hãy quét thêm",
                    "of the frames that are needed were read; scan more"
                ),
            ),
        ),
        None => bad(source, seen.reason(cx)),
    })
}

struct Seen {
    limits: Limits,
    /// The transfers begun.
    decoders: Vec<FrameDecoder>,
    pictures: usize,
    codes: usize,
    left_out: usize,
    fault: Option<FrameError>,
}

impl Seen {
    fn new(kind: Option<MessageKind>) -> Self {
        Self {
            limits: Limits {
                kind,
                ..Limits::default()
            },
            decoders: Vec::new(),
            pictures: 0,
            codes: 0,
            left_out: 0,
            fault: None,
        }
    }

    fn is_complete(&self) -> bool {
        self.decoders.iter().any(|decoder| decoder.message().is_some())
    }

    fn message(&self) -> Option<Vec<u8>> {
        self.decoders.iter().find_map(FrameDecoder::message).map(<[u8]>::to_vec)
    }

    fn furthest(&self) -> Option<Progress> {
        let begun = self.decoders.iter().filter_map(FrameDecoder::progress);
        begun.max_by_key(|progress| progress.received)
    }

    fn picture(&mut self, bytes: &[u8], cx: &Context) {
        // One bad photograph among many is a lost frame.
        if let Ok(texts) = qr::decode(bytes) {
            self.texts(texts, cx);
        } else {
            self.pictures += 1;
        }
    }

    fn texts(&mut self, texts: Vec<String>, cx: &Context) {
        self.pictures += 1;
        for text in texts {
            self.codes += 1;
            match self.push(&text) {
                Ok(progress) if progress.advanced => {
                    let (of, frames) = (cx.t("trên", "of"), cx.t("khung", "frames"));
                    cx.progress(format!("{} {of} {} {frames}", progress.received, progress.needed));
                }
                Ok(_) => {}
                Err(error) => {
                    self.left_out += 1;
                    self.fault = Some(error);
                }
            }
        }
    }

    /// A frame of a transfer that was begun, or the first of another one: which of them is the right one is not known before its end.
    fn push(&mut self, text: &str) -> core::result::Result<Progress, FrameError> {
        let mut other = None;
        for decoder in &mut self.decoders {
            match decoder.push(text) {
                Err(error @ (FrameError::OtherTransfer { .. } | FrameError::HeaderMismatch)) => other = Some(error),
                result => return result,
            }
        }
        if let Some(error) = other.filter(|_| self.decoders.len() >= MAX_TRANSFERS) {
            return Err(error);
        }
        let mut decoder = FrameDecoder::new(self.limits);
        let progress = decoder.push(text)?;
        self.decoders.push(decoder);
        Ok(progress)
    }

    fn say_left_out(&self, cx: &Context) {
        if let Some(fault) = &self.fault {
            cx.progress(format!(
                "{}: {} ({fault})",
                cx.t("Mã đã bỏ qua", "Codes left out"),
                self.left_out
            ));
        }
    }

    fn reason(&self, cx: &Context) -> String {
        match (self.pictures, self.codes, &self.fault) {
            (0, _, _) => cx.t("không có ảnh nào", "there are no pictures").to_owned(),
            (_, 0, _) => cx
                .t(
                    "không đọc được mã QR nào trong ảnh",
                    "no QR code could be read in the pictures",
                )
                .to_owned(),
            (_, _, Some(fault)) => fault.to_string(),
            _ => cx.t("không có khung nào", "there are no frames").to_owned(),
        }
    }
}

/// The pictures of a folder by name.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder.display(), error))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(std::result::Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
            matches!(extension.as_deref(), Some("png" | "jpg" | "jpeg" | "gif"))
        })
        .take(MAX_FRAMES)
        .collect();
    found.sort();
    Ok(found)
}
