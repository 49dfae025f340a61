//! The power goes: the writes of a run are recorded (by strace) and the files rebuilt as the disk may have them at any moment:
//! every prefix; the last write cut at a sector; of what was not synced any part missing.

use crate::kill::acknowledge;
use crate::scene::{Dice, Files, Folder, Model, State, create, look, open};
use crate::table::Row;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

const OPERATIONS: u64 = 14;
const SECTOR: usize = 512;
const CALLS: &str = "openat,open,creat,close,lseek,write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,link,linkat";

/// What the process did to its files, in order.
#[derive(Debug)]
enum Call {
    Create(String),
    Truncate(String, usize),
    Write(String, usize, Vec<u8>),
    Sync(String),
    Unlink(String),
    Link(String, String),
    Rename(String, String),
    Acknowledged(u64),
}

/// The process that is recorded: opens, writes, anchors, empties the log, writes, closes.
pub fn writer(folder: &Path) {
    let (mut vault, area) = open(folder).unwrap();
    let mut model = Model::after(0);
    acknowledge("0");
    while model.next < OPERATIONS {
        model.apply(&mut vault).unwrap();
        acknowledge(&model.next.to_string());
        if model.next.is_multiple_of(3) {
            pollster::block_on(vault.anchor(&area)).unwrap();
        }
        if model.next == OPERATIONS / 2 {
            vault.checkpoint().unwrap();
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn strings(line: &str) -> Vec<String> {
    line.split('"')
        .skip(1)
        .step_by(2)
        .map(|text| String::from_utf8(unhex(text)).unwrap())
        .collect()
}

/// The path of the first file descriptor of the call.
fn descriptor(line: &str) -> Option<(String, String)> {
    let (number, rest) = line.split_once('(')?.1.split_once('<')?;
    let path = rest.split_once('>')?.0;
    Some((number.to_owned(), String::from_utf8(unhex(path)).ok()?))
}

/// The recorded calls on files in `folder`.
fn parse(trace: &str, folder: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut offsets: BTreeMap<String, usize> = BTreeMap::new();
    let inside = |path: &str| {
        path.strip_prefix(folder)
            .map(|rest| rest.trim_start_matches('/').to_owned())
    };
    for line in trace.lines() {
        // With -f every line begins with the process.
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let Some((call, result)) = line.rsplit_once(" = ") else {
            continue;
        };
        let name = call.split('(').next().unwrap();
        let result = result.trim().split([' ', '<']).next().unwrap().to_owned();
        if result.starts_with('-') || result == "?" {
            continue;
        }
        match name {
            "open" | "openat" | "creat" => {
                let Some(path) = strings(call).first().and_then(|path| inside(path)) else {
                    continue;
                };
                offsets.insert(result, 0);
                if call.contains("O_CREAT") {
                    calls.push(Call::Create(path.clone()));
                }
                if call.contains("O_TRUNC") {
                    calls.push(Call::Truncate(path, 0));
                }
            }
            "lseek" => {
                if let Some((number, _)) = descriptor(call) {
                    offsets.insert(number, result.parse().unwrap());
                }
            }
            "write" | "pwrite64" => {
                let Some((number, path)) = descriptor(call) else {
                    continue;
                };
                let data = unhex(call.split('"').nth(1).unwrap_or_default());
                let length: usize = result.parse().unwrap();
                if number == "1" {
                    let text = String::from_utf8(data).unwrap();
                    calls.extend(text.trim().parse().map(Call::Acknowledged));
                    continue;
                }
                let Some(path) = inside(&path) else { continue };
                let offset = if name == "pwrite64" {
                    call.rsplit(", ").next().unwrap().trim_end_matches(')').parse().unwrap()
                } else {
                    let offset = offsets.entry(number).or_default();
                    *offset += length;
                    *offset - length
                };
                assert_eq!(data.len(), length, "the record of {name} is cut");
                calls.push(Call::Write(path, offset, data));
            }
            "fsync" | "fdatasync" => calls.extend(descriptor(call).and_then(|(_, path)| inside(&path)).map(Call::Sync)),
            "ftruncate" => {
                let length = call.rsplit(", ").next().unwrap().trim_end_matches(')').parse().unwrap();
                calls.extend(
                    descriptor(call)
                        .and_then(|(_, path)| inside(&path))
                        .map(|path| Call::Truncate(path, length)),
                );
            }
            "unlink" | "unlinkat" => {
                calls.extend(strings(call).first().and_then(|path| inside(path)).map(Call::Unlink))
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" => {
                if let [from, to] = strings(call).as_slice()
                    && let (Some(from), Some(to)) = (inside(from), inside(to))
                {
                    calls.push(if name.starts_with("link") {
                        Call::Link(from, to)
                    } else {
                        Call::Rename(from, to)
                    });
                }
            }
            _ => {}
        }
    }
    calls
}

/// Does one call to the files in memory; of a write `part` bytes.
fn apply(files: &mut Files, call: &Call, part: usize) {
    match call {
        Call::Create(path) => {
            files.0.entry(path.clone()).or_default();
        }
        Call::Truncate(path, length) => {
            if let Some(file) = files.0.get_mut(path) {
                file.resize(*length, 0);
            }
        }
        Call::Write(path, offset, data) => {
            let part = part.min(data.len());
            if let Some(file) = files.0.get_mut(path) {
                if file.len() < offset + part {
                    file.resize(offset + part, 0);
                }
                file[*offset..offset + part].copy_from_slice(&data[..part]);
            }
        }
        Call::Unlink(path) => {
            files.0.remove(path);
        }
        Call::Link(from, to) | Call::Rename(from, to) => {
            if let Some(content) = files.0.get(from).cloned() {
                files.0.insert(to.clone(), content);
                if matches!(call, Call::Rename(..)) {
                    files.0.remove(from);
                }
            }
        }
        Call::Sync(_) | Call::Acknowledged(_) => {}
    }
}

fn record(folder: &Folder) -> Result<Vec<Call>, String> {
    let trace = Folder::new();
    let log = trace.0.join("trace");
    let status = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-xx",
            "-s",
            "10000000",
            "-e",
            &format!("trace={CALLS}"),
            "-o",
        ])
        .arg(&log)
        .arg(std::env::current_exe().unwrap())
        .arg("child-power")
        .arg(&folder.0)
        .stdout(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("strace may not trace here".to_owned()),
        Err(_) => return Err("strace is not here".to_owned()),
    }
    Ok(parse(
        &std::fs::read_to_string(log).unwrap(),
        folder.0.to_str().unwrap(),
    ))
}

struct Replay {
    row: Row,
    folder: Folder,
    models: Vec<Model>,
}

impl Replay {
    fn judge(&mut self, files: &Files, acknowledged: u64, what: impl Fn() -> String) {
        self.row.cases += 1;
        files.write(&self.folder.0);
        match look(&self.folder.0, &self.models[acknowledged as usize]) {
            State::Whole(_) => self.row.noticed += 1,
            State::Lost(why) => {
                self.row.lost += 1;
                self.row.tell(|| format!("{}: {why}", what()));
            }
            State::Torn(why) => {
                self.row.torn += 1;
                self.row.tell(|| format!("{}: {why}", what()));
            }
        }
    }
}

/// Replays the record of one run.
pub fn rows(short: bool) -> Vec<Row> {
    let names = [
        "power cut after every write",
        "power cut in the middle of every write (whole sectors of it written)",
        "power cut after every write, unsynced writes missing or cut at random",
    ];
    let folder = Folder::new();
    drop(create(&folder.0));
    let start = Files::read(&folder.0);
    let calls = match record(&folder) {
        Ok(calls) => calls,
        Err(why) => return names.iter().map(|name| Row::left_out(name, &why)).collect(),
    };
    let models: Vec<Model> = (0..=OPERATIONS).map(Model::after).collect();
    let replay = |name: &str| Replay {
        row: Row::new(name),
        folder: Folder::in_memory(),
        models: models.clone(),
    };
    let [mut whole, mut torn, mut missing] = names.map(replay);
    let mut dice = Dice::new(7);
    let (mut files, mut synced, mut acknowledged) = (start.clone(), start, 0);
    // Since the last sync of their file.
    let mut unsynced: Vec<usize> = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        match call {
            Call::Acknowledged(number) => acknowledged = *number,
            Call::Sync(path) => {
                unsynced.retain(|index| {
                    let of_file = matches!(&calls[*index], Call::Write(p, ..) | Call::Truncate(p, _) if p == path);
                    if of_file {
                        apply(&mut synced, &calls[*index], usize::MAX);
                    }
                    !of_file
                });
            }
            Call::Write(_, _, data) => {
                let cuts: BTreeSet<usize> = if data.len() <= SECTOR {
                    [data.len() / 2].into()
                } else {
                    let sectors = data.len().div_ceil(SECTOR) as u64;
                    let how_many = if short { 2 } else { sectors.min(16) };
                    (0..how_many)
                        .map(|_| SECTOR * (1 + dice.below(sectors - 1)) as usize)
                        .collect()
                };
                for cut in cuts {
                    let mut state = files.clone();
                    apply(&mut state, call, cut);
                    torn.judge(&state, acknowledged, || format!("call {at} cut at {cut}"));
                }
                unsynced.push(at);
            }
            Call::Truncate(..) => unsynced.push(at),
            // Names: file systems keep their order, and the vault syncs the folder where it matters.
            other => apply(&mut synced, other, usize::MAX),
        }
        apply(&mut files, call, usize::MAX);
        if !matches!(call, Call::Acknowledged(_)) {
            whole.judge(&files, acknowledged, || format!("after call {at}"));
        }
        for _ in 0..if short { 1 } else { 8 } {
            if unsynced.is_empty() {
                break;
            }
            let mut state = synced.clone();
            for index in &unsynced {
                let part = match (&calls[*index], dice.below(4)) {
                    (_, 0) => continue,
                    (Call::Write(_, _, data), 1) => SECTOR * dice.below(1 + (data.len() / SECTOR) as u64) as usize,
                    _ => usize::MAX,
                };
                apply(&mut state, &calls[*index], part);
            }
            missing.judge(&state, acknowledged, || {
                format!("call {at}, part of {} unsynced", unsynced.len())
            });
        }
    }
    let writes = calls.iter().filter(|call| matches!(call, Call::Write(..))).count();
    let syncs = calls.iter().filter(|call| matches!(call, Call::Sync(_))).count();
    whole
        .row
        .tell(|| format!("{writes} writes, {syncs} syncs, {acknowledged} acknowledged operations"));
    if acknowledged != OPERATIONS || writes < OPERATIONS as usize {
        whole.row.lost += 1;
        whole.row.note = "the record of the run is incomplete".to_owned();
    }
    vec![whole.row, torn.row, missing.row]
}
