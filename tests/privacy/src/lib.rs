//! Looks for marker values in whatever came out of a flow, in the spellings in which they would leak.
//!
//! ```
//! let mut markers = idwallet_test_privacy::Markers::default();
//! markers.text("name", "Erika");
//! assert_eq!(markers.find(b"so it is 4572696b61"), Some("name (hex)".to_owned()));
//! assert_eq!(markers.find(b"nothing"), None);
//! ```
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
pub mod memory;

use std::collections::HashSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Values that must not be seen, in every spelling.
#[derive(Default)]
pub struct Markers {
    patterns: Vec<(String, Vec<u8>)>,
}

impl Markers {
    /// A text: as UTF-8, UTF-16 of both byte orders, and as its bytes.
    pub fn text(&mut self, name: &str, value: &str) {
        let units = || value.encode_utf16();
        self.add(name, "UTF-16 LE", units().flat_map(u16::to_le_bytes).collect());
        self.add(name, "UTF-16 BE", units().flat_map(u16::to_be_bytes).collect());
        let escaped: String = value.escape_unicode().collect();
        self.add(name, "escaped", escaped.into_bytes());
        self.bytes(name, value.as_bytes());
    }

    /// Bytes: as they are, in hexadecimal, in base64 at each of its three offsets, and as a list of numbers.
    pub fn bytes(&mut self, name: &str, value: &[u8]) {
        self.add(name, "raw", value.to_vec());
        self.add(name, "hex", hex::encode(value).into_bytes());
        self.add(name, "HEX", hex::encode_upper(value).into_bytes());
        let list = |separator: &str| {
            let numbers: Vec<String> = value.iter().map(u8::to_string).collect();
            numbers.join(separator).into_bytes()
        };
        self.add(name, "numbers", list(", "));
        self.add(name, "numbers in JSON", list(","));
        self.add(name, "numbers in lines", {
            let numbers: Vec<String> = value.iter().map(|b| format!("{b},")).collect();
            numbers.join("\n").into_bytes()
        });
        for offset in 0..3 {
            let shifted = [&vec![0; offset][..], value].concat();
            // Characters that depend on the neighbours are cut off.
            let end = shifted.len() / 3 * 4;
            let start = if offset == 0 { 0 } else { 4 };
            for (engine, spelling) in [(&STANDARD_NO_PAD, "base64"), (&URL_SAFE_NO_PAD, "base64url")] {
                if let Some(inner) = engine.encode(&shifted).as_bytes().get(start..end) {
                    self.add(name, spelling, inner.to_vec());
                }
            }
        }
    }

    fn add(&mut self, name: &str, spelling: &str, pattern: Vec<u8>) {
        assert!(pattern.len() >= 4, "{name} is too short to be looked for as {spelling}");
        self.patterns.push((format!("{name} ({spelling})"), pattern));
    }

    /// The first marker that is in there, with its spelling.
    #[must_use]
    pub fn find(&self, haystack: &[u8]) -> Option<String> {
        // Four bytes at a time first: there are many patterns and long haystacks.
        let heads: HashSet<&[u8]> = self.patterns.iter().map(|(_, p)| &p[..4]).collect();
        for (at, window) in haystack.windows(4).enumerate() {
            if heads.contains(window)
                && let Some((name, _)) = self.patterns.iter().find(|(_, p)| haystack[at..].starts_with(p))
            {
                return Some(name.clone());
            }
        }
        None
    }

    /// Looks into a text that is for logs and developers.
    ///
    /// # Panics
    /// When a marker is in it; the message has the text's origin, not the text.
    pub fn assert_text(&self, origin: &str, text: &str) {
        if let Some(marker) = self.find(text.as_bytes()) {
            panic!("{origin} shows {marker}");
        }
    }

    /// Looks into every file below a directory, and at their names. Gives how many bytes that were.
    ///
    /// # Panics
    /// When a marker is in one.
    pub fn assert_files(&self, origin: &str, folder: &Path) -> usize {
        let mut read = 0;
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.display().to_string();
            self.assert_text(origin, &name);
            if path.is_dir() {
                read += self.assert_files(origin, &path);
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                read += bytes.len();
                if let Some(marker) = self.find(&bytes) {
                    panic!("{origin}: {name} holds {marker}");
                }
            }
        }
        read
    }
}
