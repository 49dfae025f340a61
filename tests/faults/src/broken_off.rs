//! Every act of an owner is broken off: killed before every call that changes a file and at any moment, without room from every write
//! on, with every sync failing once.

use crate::acts::{ACTS, Act, Said, Scene};
use crate::scene::{Dice, Folder};
use crate::seen::observe_copy;
use crate::table::Row;
use idwallet_test_support::World;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub const WRITES: &str = "pwrite64,write";
pub const SYNCS: &str = "fsync,fdatasync";
const FULL: &str = "error=ENOSPC";
/// What the owner is told then, whichever file had no room.
const DISK_FULL: &str = "W510";
pub const NAMES: &str = "ftruncate,?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat";

/// What the process says of itself, and whether it panicked.
fn run(mut command: Command, kill_after: Option<Duration>) -> (Said, bool) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        let _ = child.kill();
    }
    let said = Said::read(output.lines().map_while(Result::ok));
    (said, child.wait().unwrap().code() == Some(101))
}

fn words(scene: &Scene, folder: &Path) -> Vec<String> {
    scene.files.write(folder);
    let program = std::env::current_exe().unwrap();
    let [program, folder] = [&program, folder].map(|path| path.to_str().unwrap().to_owned());
    vec![program, "child-act".to_owned(), folder, scene.act.name.to_owned()]
}

/// A process of ours under `strace`, with one fault in one of these calls.
pub fn traced(words: &[String], calls: &str, inject: Option<&str>, log: &Path) -> Command {
    let mut command = Command::new("strace");
    command
        .args(["-f", "--seccomp-bpf", "-qq", "-e", &format!("trace={calls}"), "-o"])
        .arg(log);
    if let Some(inject) = inject {
        command.args(["-e", &format!("inject={calls}:{inject}")]);
    }
    command.args(words);
    command
}

/// How many calls of each of these groups the process makes without a fault.
pub fn count<const N: usize>(words: &[String], groups: [&str; N]) -> Result<[u64; N], String> {
    let log = Folder::in_memory();
    let log = log.0.join("log");
    let mut command = traced(words, &groups.join(","), None, &log);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("strace may not trace here".to_owned()),
        Err(_) => return Err("strace is not here".to_owned()),
    }
    let log = std::fs::read_to_string(log).unwrap();
    // "4711 fsync(3) = 0"; the end of a call that another thread came between has a line of its own and no such name.
    let name = |line: &str| Some(line.split_once(' ')?.1.trim_start().split_once('(')?.0.to_owned());
    let calls: Vec<String> = log.lines().filter_map(name).collect();
    Ok(groups.map(|group| {
        let is_of_it = |call: &&String| {
            group
                .split(',')
                .any(|known| known.trim_start_matches('?') == call.as_str())
        };
        calls.iter().filter(is_of_it).count() as u64
    }))
}

/// 1 to `total`, or `most` of them, evenly, from anywhere.
pub fn chosen(total: u64, most: u64, dice: &mut Dice) -> Vec<u64> {
    if total <= most {
        return (1..=total).collect();
    }
    let first = dice.below(total);
    (0..most)
        .map(|place| 1 + (first + place * total / most) % total)
        .collect()
}

/// The act in this folder, in a process of its own.
fn plain(scene: &Scene, folder: &Path) -> Command {
    let words = words(scene, folder);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

struct Breaker {
    scene: Scene,
    world: World,
    dice: Dice,
    /// What was said, how often.
    codes: BTreeMap<String, u64>,
}

impl Breaker {
    fn judge(&mut self, row: &mut Row, folder: &Path, (said, panicked): (Said, bool), what: &str) {
        row.cases += 1;
        row.panics += u64::from(panicked);
        if let Some(code) = &said.failed {
            *self.codes.entry(code.clone()).or_default() += 1;
        }
        if what.starts_with(FULL) && said.failed.as_deref().is_some_and(|code| code != DISK_FULL) {
            row.touched += 1;
            row.tell(|| format!("{what}: said {:?}", said.failed));
        }
        let verdict = match observe_copy(folder, &self.world) {
            Ok(found) => self.scene.judge(&said, &found),
            Err(damage) => Err(damage),
        };
        match verdict {
            Ok(()) => row.noticed += 1,
            Err(why) => {
                // What is acknowledged and gone is lost; all else is torn.
                let is_lost = why.starts_with("acknowledged");
                row.lost += u64::from(is_lost);
                row.torn += u64::from(!is_lost);
                row.tell(|| format!("{what}: {why}"));
            }
        }
    }

    /// That fault at `most` of these calls, of which there are `total`.
    fn injected(&mut self, row: &mut Row, (calls, total): (&str, u64), fault: &str, on: &str, most: u64) {
        for number in chosen(total, most, &mut self.dice) {
            let folder = Folder::in_memory();
            let inject = format!("{fault}:when={number}{on}");
            let words = words(&self.scene, &folder.0);
            let command = traced(&words, calls, Some(&inject), Path::new("/dev/null"));
            let outcome = run(command, None);
            self.judge(row, &folder.0, outcome, &format!("{fault} at call {number} of {total}"));
        }
    }

    fn at_any_moment(&mut self, row: &mut Row, runs: u64) {
        let folder = Folder::in_memory();
        let start = Instant::now();
        run(plain(&self.scene, &folder.0), None);
        let whole = start.elapsed().as_micros() as u64;
        for _ in 0..runs {
            let after = Duration::from_micros(self.dice.below(whole + whole / 20));
            let outcome = run(plain(&self.scene, &folder.0), Some(after));
            self.judge(
                row,
                &folder.0,
                outcome,
                &format!("killed after {} µs", after.as_micros()),
            );
        }
    }
}

fn broken_off(act: &'static Act, short: bool) -> Vec<Row> {
    let mut kill = Row::new(&format!("{}: kill -9 before every call and at any moment", act.name));
    let mut full = Row::new(&format!(
        "{}: disk full from every write on, every sync failing once",
        act.name
    ));
    let mut breaker = Breaker {
        scene: Scene::new(act),
        world: World::new(1),
        dice: Dice::new(std::process::id().into()),
        codes: BTreeMap::new(),
    };
    let (most, runs) = if short { (3, 1) } else { (u64::MAX, 40) };
    let all = format!("{WRITES},{SYNCS},{NAMES}");
    let folder = Folder::in_memory();
    let counted = count(&words(&breaker.scene, &folder.0), [WRITES, SYNCS, NAMES]);
    if let Ok([writes, syncs, names]) = counted {
        assert!(writes > 0 && syncs > 0, "{}: its calls are seen", act.name);
        breaker.injected(&mut kill, (&all, writes + syncs + names), "signal=KILL", "", most);
        breaker.injected(&mut full, (WRITES, writes), FULL, "+", most);
        breaker.injected(&mut full, (SYNCS, syncs), "error=EIO", "", most);
    }
    breaker.at_any_moment(&mut kill, runs);
    if let Err(why) = counted {
        kill.tell(|| format!("at any moment alone: {why}"));
        return vec![kill, Row::left_out(&full.fault, &why)];
    }
    kill.tell(|| "the old state or the new one".to_owned());
    let codes: Vec<String> = breaker
        .codes
        .iter()
        .map(|(code, times)| format!("{code} {times}"))
        .collect();
    full.tell(|| format!("said: {}", codes.join(", ")));
    vec![kill, full]
}

/// Two rows for each act.
pub fn rows(short: bool) -> Vec<Row> {
    let only = std::env::var("IDWALLET_FAULTS_ACT").ok();
    let wanted = ACTS
        .iter()
        .filter(|act| only.as_deref().is_none_or(|only| act.name.contains(only)));
    let acts = Mutex::new(wanted.enumerate());
    let next = || acts.lock().unwrap().next();
    let mut rows: Vec<(usize, Row)> = std::thread::scope(|scope| {
        let work = || {
            let mut rows = Vec::new();
            while let Some((place, act)) = next() {
                rows.extend(broken_off(act, short).into_iter().map(|row| (place, row)));
            }
            rows
        };
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}
