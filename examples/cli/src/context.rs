//! What every command is given: language, clock, form of the output.

use std::io::{ErrorKind, Write as _};
use std::time::{Duration, Instant};

use idwallet_crypto::{Clock as _, Moment, SystemClock, Timestamp};
use idwallet_documents::Lang;
use serde_json::Value;

use crate::args::{Encoding, Global};
use crate::error::{CliError, Result};

/// Language, clock and output of one run.
#[derive(Debug, Clone)]
pub struct Context {
    /// Whether standard output gets one JSON document instead of a report for people.
    pub json: bool,
    /// The language of reports for people.
    pub lang: Lang,
    /// The clock, when `--at` set it.
    at: Option<Timestamp>,
    /// When the run began, so that a clock set by `--at` goes on.
    started: Instant,
    /// The form binary inputs have, when `--encoding` says so.
    pub encoding: Option<Encoding>,
}

impl Context {
    /// From the global arguments and the locale.
    #[allow(
        clippy::disallowed_methods,
        reason = "the command line is where the core gets its time from"
    )]
    pub fn new(global: &Global) -> Self {
        Self {
            json: global.json,
            lang: global.lang.map_or_else(locale, Into::into),
            at: global.at,
            started: Instant::now(),
            encoding: global.encoding,
        }
    }

    /// The time: what `--at` says, else the system's.
    pub fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(|| SystemClock.now())
    }

    /// Whether `--at` set the clock.
    pub const fn has_fixed_clock(&self) -> bool {
        self.at.is_some()
    }

    /// The time in a session: as [`now`](Self::now), but a time set by `--at` goes on while the command runs.
    pub fn clock(&self) -> Timestamp {
        match self.at {
            Some(at) => at.saturating_add_seconds(i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX)),
            None => SystemClock.now(),
        }
    }

    /// Both clocks: the calendar as [`now`](Self::now) says, and how long the machine has been running, which `--at` does not change.
    pub fn moment(&self) -> Moment {
        Moment {
            wall: self.now(),
            uptime: uptime(),
        }
    }

    /// The text in the language of the run.
    pub const fn t<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    /// One line of the report for people; nothing with `--json`. Control characters of foreign texts do not reach the terminal.
    pub fn line(&self, text: impl AsRef<str>) -> Result<()> {
        if self.json {
            Ok(())
        } else {
            write_out(&format!("{}\n", plain(text.as_ref())))
        }
    }

    /// Text for the terminal as it is, such as a QR code in half blocks; nothing with `--json`.
    pub fn raw(&self, text: &str) -> Result<()> {
        if self.json { Ok(()) } else { write_out(text) }
    }

    /// The one JSON document of the run; nothing without `--json`.
    pub fn document(&self, value: &Value) -> Result<()> {
        if self.json {
            write_out(&escaped(&format!("{value:#}\n")))
        } else {
            Ok(())
        }
    }

    /// A line for the person at the terminal whatever the form of the report: on standard error with `--json`.
    pub fn tell(&self, text: impl AsRef<str>) -> Result<()> {
        if self.json {
            self.progress(text);
            return Ok(());
        }
        self.line(text)
    }

    /// A word about progress, on standard error.
    pub fn progress(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{}", plain(text.as_ref()));
    }
}

/// Time since the machine was started, with the time it slept where the system counts that.
fn uptime() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(clock)).unwrap_or_default()
}

fn locale() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .and_then(|value| Lang::from_tag(&value))
        .unwrap_or(Lang::En)
}

/// Writes to standard output. A reader that has gone away ends nothing: the exit status still says the outcome.
fn write_out(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Environment(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Text without control characters and without characters that change the direction of what follows, so that no foreign text
/// moves the cursor, hides itself or looks like ours.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if moves(c) { '\u{fffd}' } else { c }).collect()
}

/// JSON whose strings do neither: the same document, for a terminal too.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && moves(c) {
            // All of them are of one UTF-16 unit.
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn moves(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn foreign_text_cannot_move_the_cursor_or_turn_the_direction() {
        assert_eq!(super::plain("Nguyễn"), "Nguyễn");
        assert_eq!(
            super::plain("a\u{1b}[2Jb\r\nc\u{202e}d"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d"
        );
    }
    /// serde_json escapes what is below U+0020 and leaves U+009B, which a terminal takes for ESC [.
    #[test]
    fn foreign_text_in_json_cannot_either_and_stays_the_same() {
        let value = serde_json::json!({ "name": "a\u{9b}2Jb\u{202e}c\u{7f}\n", "list": ["Nguyễn"] });
        let text = super::escaped(&format!("{value:#}\n"));
        assert!(text.chars().all(|c| c == '\n' || !super::moves(c)), "{text:?}");
        assert!(text.contains("Nguyễn"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
