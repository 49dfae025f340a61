//! A process that writes is killed at any moment.

use crate::scene::{Dice, Folder, Model, State, create, look, open};
use crate::table::Row;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// This program as a process of its own, its output to be read.
pub fn child(arguments: &[&str]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Says that something is durable. One write, so that a kill leaves a line or none.
pub fn acknowledge(line: &str) {
    let mut out = std::io::stdout().lock();
    if out
        .write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        std::process::exit(0);
    }
}

/// Says things by `writev`: under a tracer that counts each `write`, those are the ones to files of the wallet.
pub struct Voice(std::fs::File);

impl Voice {
    pub fn new() -> Self {
        Self(std::fs::File::options().write(true).open("/dev/stdout").unwrap())
    }

    /// One line, or none.
    pub fn say(&mut self, line: &str) {
        let line = format!("{line}\n");
        let _ = self.0.write_vectored(&[std::io::IoSlice::new(line.as_bytes())]);
    }
}

/// Lets the child say `lines` lines, waits up to `jitter` µs more, kills it, and gives all it said.
pub fn kill_after(mut child: Child, lines: u64, jitter: u64) -> Vec<String> {
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    for line in output.by_ref().take(lines as usize) {
        said.extend(line);
    }
    let until = std::time::Instant::now() + Duration::from_micros(jitter);
    while std::time::Instant::now() < until {
        std::hint::spin_loop();
    }
    let _ = child.kill();
    let _ = child.wait();
    said.extend(output.map_while(Result::ok));
    said
}

/// The process that is killed: writes without end, and anchors every other write.
pub fn writer(folder: &Path, next: u64) {
    let (mut vault, area) = open(folder).unwrap();
    let mut model = Model::after(next);
    loop {
        model.apply(&mut vault).unwrap();
        acknowledge(&model.next.to_string());
        if model.next.is_multiple_of(2) {
            pollster::block_on(vault.anchor(&area)).unwrap();
        }
        if model.next.is_multiple_of(97) {
            vault.checkpoint().unwrap();
        }
    }
}

/// Every run goes on where the last one was killed; what is looked at is a copy.
pub fn vault(runs: u64, writes: u64) -> Row {
    let mut row = Row::new("vault: kill -9 while writing");
    let folder = Folder::new();
    drop(create(&folder.0));
    let mut model = Model::default();
    let mut dice = Dice::new(std::process::id().into());
    let each = (writes / runs).max(1);
    while row.cases < runs || row.noticed < writes {
        let said = {
            let child = child(&["child-vault", folder.0.to_str().unwrap(), &model.next.to_string()]);
            kill_after(child, 1 + each / 2 + dice.below(each + each / 2), dice.below(2000))
        };
        row.cases += 1;
        let before = model.next;
        let acknowledged = said.last().and_then(|line| line.parse().ok()).unwrap_or(before);
        while model.next < acknowledged {
            model.step();
        }
        row.noticed += acknowledged - before;
        match look(&folder.copy().0, &model) {
            State::Whole(next) => {
                while model.next < next {
                    model.step();
                }
            }
            State::Lost(what) => {
                row.lost += 1;
                row.note = what;
                return row;
            }
            State::Torn(what) => {
                row.torn += 1;
                row.note = what;
                return row;
            }
        }
    }
    row.note = "noticed: acknowledged writes, all there".to_owned();
    row
}
