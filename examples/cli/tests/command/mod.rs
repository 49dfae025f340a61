//! Running the command as a person or a script would.
#![allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "shared by several tests; waits for processes"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The built command.
pub const IDWALLET: &str = env!("CARGO_BIN_EXE_idwallet");
/// The time at which the tests live.
pub const AT: &str = "2026-11-22T08:00:00Z";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty folder in which commands are run; removed at the end.
pub struct Desk {
    folder: PathBuf,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn of(output: &Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts the exit status; on another one everything that was said is shown.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// The JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}:\n{}\n{}", self.out, self.err))
    }

    /// Asserts that the command refused its input as the contract says: status 2, one line on standard error.
    #[track_caller]
    pub fn refuses_input(self) -> Self {
        let ended = self.ends(2);
        assert_eq!(ended.err.trim_end().lines().count(), 1, "{}", ended.err);
        assert!(ended.err.starts_with("idwallet: "), "{}", ended.err);
        ended
    }
}

impl Desk {
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("idwallet-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// A command in this folder, in English, at [`AT`].
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(IDWALLET);
        command.current_dir(&self.folder).env_remove("IDWALLET_DIR");
        command.args(line.split_whitespace());
        if !line.contains("--lang") {
            command.args(["--lang", "en"]);
        }
        if !line.contains("--at ") {
            command.args(["--at", AT]);
        }
        command
    }

    /// Runs a line of arguments divided by white space.
    #[track_caller]
    pub fn run(&self, line: &str) -> Ended {
        Ended::of(&self.command(line).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs it with something on standard input.
    #[track_caller]
    pub fn run_with(&self, line: &str, input: &[u8]) -> Ended {
        let mut command = self.command(line);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses before it reads closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        Ended::of(&child.wait_with_output().unwrap())
    }

    /// Runs it and expects success.
    #[track_caller]
    pub fn ok(&self, line: &str) -> Ended {
        self.run(line).ends(0)
    }

    /// Starts a command that goes on beside the test.
    #[track_caller]
    pub fn start(&self, line: &str) -> Running {
        let mut command = self.command(line);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running(Some(command.spawn().unwrap()))
    }

    /// The same with nobody at the terminal.
    #[track_caller]
    pub fn start_alone(&self, line: &str) -> Running {
        let mut command = self.command(line);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running(Some(command.spawn().unwrap()))
    }

    /// Waits until a file is there.
    #[track_caller]
    pub fn wait_for(&self, name: &str) {
        let start = Instant::now();
        while !self.path(name).exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "{name} did not appear");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A wallet in `w` that trusts the authorities and has a document of these types.
    pub fn wallet(&self, kinds: &[&str]) {
        self.ok("wallet init --dir w --anchor iaca.pem --reader-anchor readers.pem");
        for kind in kinds {
            self.ok(&format!("pki key --out {kind}.key"));
            self.issue_to(kind, &format!("{kind}.key"), "");
            self.ok(&format!("wallet import {kind}.cbor --device-key {kind}.key --dir w"));
        }
    }

    /// A credential of a built-in type for a device key: `<type>.cbor`.
    pub fn issue_to(&self, kind: &str, key: &str, more: &str) {
        self.ok(&format!(
            "issue mdoc --type {kind} --data {} --signer ds.key --chain ds.pem --device-key {key} --valid-from 2026-11-10 \
             --out {kind}.cbor {more}",
            data(kind).display()
        ));
    }

    /// An authority and a document signer: `iaca.pem`, `iaca.key`, `ds.pem`, `ds.key`, and a reader with its own authority:
    /// `readers.pem`, `readers.key`, `reader.pem`, `reader.key`. All of them are from the first of the month.
    pub fn authorities(&self) {
        let from = "--valid-from 2026-11-01";
        self.ok(&format!(
            "pki iaca --out iaca.pem --out-key iaca.key --name Test-IACA {from}"
        ));
        self.ok(&format!(
            "pki ds --issuer iaca.pem --issuer-key iaca.key --out ds.pem --out-key ds.key {from}"
        ));
        self.ok(&format!(
            "pki authority --out readers.pem --out-key readers.key --name Test-readers {from}"
        ));
        self.ok(&format!(
            "pki reader --issuer readers.pem --issuer-key readers.key --out reader.pem --out-key reader.key --name Quán-Mẫu {from}"
        ));
    }

    /// A credential of a built-in type for the key in `device.key`, which is made if it is not there: `<type>.cbor`.
    pub fn issue(&self, kind: &str) {
        if !self.path("device.key").exists() {
            self.ok("pki key --out device.key");
        }
        self.issue_to(kind, "device.key", "");
    }
}

/// A command that goes on beside the test; ended with it.
pub struct Running(Option<Child>);

impl Running {
    /// Types a line.
    #[track_caller]
    pub fn says(&mut self, line: &str) {
        let child = self.0.as_mut().unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Ended {
        Ended::of(&self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A sample person's data.
pub fn data(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../data")
        .join(format!("{kind}.json"))
}

/// Who may do what with a file.
#[cfg(unix)]
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
