//! Reading inputs and writing files.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::args::Encoding;
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, bad, bad_file, failed};

/// Most bytes of any input file: a snapshot with every list of a country, or the largest photograph.
pub const MAX_INPUT: u64 = 64 * 1024 * 1024;

const PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDING);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDING);

/// An input: a file or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(PathBuf);

impl From<std::ffi::OsString> for Source {
    fn from(path: std::ffi::OsString) -> Self {
        Self(path.into())
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_stdin() {
            f.write_str("standard input")
        } else {
            self.0.display().fmt(f)
        }
    }
}

impl Source {
    fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    /// The path, for what is no file of bytes.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The bytes as they lie there.
    pub fn read(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let limit = MAX_INPUT + 1;
        let read = if self.is_stdin() {
            io::stdin().lock().take(limit).read_to_end(&mut bytes)
        } else {
            match fs::metadata(&self.0) {
                Ok(about) if about.is_dir() => return Err(bad_file(self, FileFault::IsFolder)),
                _ => fs::File::open(&self.0).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
            }
        };
        match read {
            Ok(_) if bytes.len() as u64 > MAX_INPUT => Err(bad(self, format!("more than {MAX_INPUT} bytes"))),
            Ok(_) if bytes.is_empty() => Err(bad_file(self, FileFault::Empty)),
            Ok(_) => Ok(bytes),
            Err(error) => Err(unread(self, &error)),
        }
    }

    /// As [`Source::read_decoded`] for keys and certificates: what is PEM or JSON says so itself and is not encoded, whatever
    /// `--encoding` says of the other inputs.
    pub fn read_credential(&self, cx: &Context) -> Result<Vec<u8>> {
        let bytes = self.read()?;
        let start = bytes.trim_ascii_start();
        if start.starts_with(b"-----BEGIN ") || start.starts_with(b"{") {
            return Ok(bytes);
        }
        self.decoded(&bytes, cx)
    }

    fn decoded(&self, bytes: &[u8], cx: &Context) -> Result<Vec<u8>> {
        decode(bytes, cx.encoding).ok_or_else(|| {
            let name = cx.encoding.map_or("", Encoding::name);
            bad(self, format!("is not {name}"))
        })
    }

    /// The bytes, with hex and base64url undone.
    pub fn read_decoded(&self, cx: &Context) -> Result<Vec<u8>> {
        self.decoded(&self.read()?, cx)
    }
}

/// A file that was not opened or read. A path that is not there is an argument that cannot be used.
pub fn unread(place: impl std::fmt::Display, error: &io::Error) -> CliError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => bad_file(place, FileFault::NotThere),
        io::ErrorKind::IsADirectory => bad_file(place, FileFault::IsFolder),
        _ => failed(place, error),
    }
}

/// Undoes hex or base64url: the one asked for, else what the bytes look like. `None`: they are not in the form asked for.
pub fn decode(bytes: &[u8], encoding: Option<Encoding>) -> Option<Vec<u8>> {
    match encoding {
        Some(Encoding::Raw) => Some(bytes.to_vec()),
        Some(Encoding::Hex) => hex::decode(compact(bytes)?).ok(),
        Some(Encoding::Base64url) => base64(&compact(bytes)?),
        None => {
            let text = if bytes.starts_with(b"-----BEGIN ") {
                None
            } else {
                compact(bytes)
            };
            let decoded = text.and_then(|text| hex::decode(&text).ok().or_else(|| base64(&text)));
            Some(decoded.unwrap_or_else(|| bytes.to_vec()))
        }
    }
}

/// Printable ASCII without the white space.
fn compact(bytes: &[u8]) -> Option<String> {
    if !bytes.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) {
        return None;
    }
    let kept: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    String::from_utf8(kept).ok().filter(|text| !text.is_empty())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE.decode(text).or_else(|_| STANDARD.decode(text)).ok()
}

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// Whoever the folder lets.
    ByAll,
    /// Its owner alone.
    ByOwner,
}

/// Writes a file whole or not at all. One that is there already stays as it is, unless `force`.
pub fn write(path: &Path, bytes: &[u8], readable: Readable, force: bool) -> Result<()> {
    if !force && fs::symlink_metadata(path).is_ok() {
        return Err(bad_file(path.display(), FileFault::There));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name() else {
        return Err(bad_file(path.display(), FileFault::NoName));
    };
    if !folder.is_dir() {
        return Err(bad_file(folder.display(), FileFault::NoFolder));
    }
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let temporary = folder.join(temporary);
    let written = write_new(&temporary, bytes, readable).and_then(|()| {
        if force {
            fs::rename(&temporary, path)
        } else {
            // Fails where something has appeared in the meantime.
            fs::hard_link(&temporary, path).and_then(|()| fs::remove_file(&temporary))
        }
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary);
        if error.kind() == io::ErrorKind::AlreadyExists {
            bad_file(path.display(), FileFault::There)
        } else {
            failed(path.display(), error)
        }
    })
}

fn write_new(path: &Path, bytes: &[u8], readable: Readable) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readable == Readable::ByOwner {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = readable;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a folder, with those above it.
pub fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| failed(path.display(), error))
}

/// Parses an RFC 3339 time, or a date that stands for its first second (UTC).
pub fn parse_time(text: &str) -> std::result::Result<idwallet_crypto::Timestamp, String> {
    use idwallet_crypto::{Date, Timestamp};
    if let Ok(date) = Date::parse(text) {
        return Timestamp::from_utc(date, 0, 0, 0).map_err(|error| error.to_string());
    }
    Timestamp::parse_rfc3339_lenient(text).map_err(|_| "not a time such as 2026-11-22T08:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64url_are_told_from_bytes() {
        for (text, is) in [
            (&b"a1 01\n02"[..], vec![0xa1, 1, 2]),
            (b"oQEC", vec![0xa1, 1, 2]),
            (b"oQE=", vec![0xa1, 1]),
            (b"-_8", vec![0xfb, 0xff]),
            (&[0xa1, 1, 2], vec![0xa1, 1, 2]),
            (b"{\"a\":1}", b"{\"a\":1}".to_vec()),
            (b"mdoc:oQE", b"mdoc:oQE".to_vec()),
        ] {
            assert_eq!(decode(text, None).unwrap(), is, "{text:?}");
        }
        assert_eq!(decode(b"a101", Some(Encoding::Base64url)).unwrap(), vec![107, 93, 53]);
        assert_eq!(decode(b"zz", Some(Encoding::Hex)), None);
        assert_eq!(decode(b"a101", Some(Encoding::Raw)).unwrap(), b"a101");
    }
}
