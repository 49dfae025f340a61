//! Running the command as a user would: in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use idwallet_crypto::Timestamp;
use serde_json::Value;

use super::Result;
use crate::context::Context;
use crate::input::Readable;

/// How long the picture of the holder's code may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the demo's processes run, and what they are told.
pub(super) struct Shell<'a> {
    program: PathBuf,
    folder: &'a Path,
    pub(super) cx: &'a Context,
}

/// What a process left behind.
pub(super) struct Finished {
    pub(super) status: i32,
    pub(super) report: Value,
    /// What it said on standard error, for people.
    pub(super) said: String,
}

impl<'a> Shell<'a> {
    pub(super) fn new(folder: &'a Path, cx: &'a Context) -> Result<Self> {
        let program = std::env::current_exe()?;
        Ok(Self { program, folder, cx })
    }

    /// A file of the demo.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The time of the demo.
    pub(super) fn now(&self) -> Timestamp {
        self.cx.now()
    }

    fn command(&self, line: &[&str]) -> Result<Command> {
        self.cx.line(format!("  $ idwallet {}", line.join(" ")))?;
        let mut command = Command::new(&self.program);
        command.current_dir(self.folder).args(line).arg("--json");
        command.args(["--lang", self.cx.lang.tag()]);
        if self.cx.has_fixed_clock() {
            command.args(["--at", &self.now().to_rfc3339()]);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, line: &[&str]) -> Result<Finished> {
        finish(self.command(line)?.spawn()?)
    }

    /// Runs a command that has to do its work.
    pub(super) fn must(&self, line: &[&str]) -> Result<Finished> {
        let finished = self.run(line)?;
        if finished.status == 0 {
            Ok(finished)
        } else {
            let name = line.iter().take(2).copied().collect::<Vec<_>>().join(" ");
            Err(format!(
                "idwallet {name}: exit status {}: {}",
                finished.status,
                finished.said.trim()
            )
            .into())
        }
    }

    /// Starts a command that goes on beside this one.
    pub(super) fn spawn(&self, line: &[&str]) -> Result<Running> {
        Ok(Running(Some(self.command(line)?.spawn()?)))
    }

    /// Starts a command and goes on once it has written that file.
    pub(super) fn start(&self, line: &[&str], until: &str) -> Result<Running> {
        let picture = self.path(until);
        let running = self.spawn(line)?;
        let start = Instant::now();
        while !picture.exists() {
            if start.elapsed() > PATIENCE {
                return Err(format!("{until} did not appear").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(running)
    }

    /// Keeps a report for a look.
    pub(super) fn keep(&self, name: &str, report: &Value) -> Result {
        let text = format!("{report:#}\n");
        let path = self.path(&format!("reports/{name}.json"));
        Ok(crate::input::write(&path, text.as_bytes(), Readable::ByOwner, true)?)
    }
}

/// A process that goes on; it is ended with the demo.
pub(super) struct Running(Option<Child>);

impl Running {
    /// Waits for its end.
    pub(super) fn finish(mut self) -> Result<Finished> {
        finish(self.0.take().ok_or("already finished")?)
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

fn finish(child: Child) -> Result<Finished> {
    let output = child.wait_with_output()?;
    Ok(Finished {
        status: output.status.code().unwrap_or(-1),
        report: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
