//! `idwallet-faults [--short] [--json] [--only NAME]`: the table of faults. `tests/faults/run` calls it.
#![allow(
    clippy::disallowed_methods,
    reason = "faults come at moments of the clock, and from processes and threads of their own"
)]

mod acts;
mod broken_off;
mod bytes;
mod damage;
mod disk;
mod kill;
mod pin;
mod power;
mod records;
mod scene;
mod seen;
mod table;
mod wallet;

use std::path::PathBuf;
use std::process::ExitCode;
use table::Row;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut short, mut json, mut only) = (false, false, None);
    while let Some(argument) = arguments.next() {
        let mut folder = || PathBuf::from(arguments.next().unwrap());
        match argument.as_str() {
            "--short" => short = true,
            "--json" => json = true,
            "--only" => only = arguments.next(),
            // The processes that faults happen to.
            "child-vault" => {
                let folder = folder();
                kill::writer(&folder, arguments.next().unwrap().parse().unwrap());
            }
            "child-limited" => {
                disk::limited_writer(&folder());
                return ExitCode::SUCCESS;
            }
            "child-open" => {
                disk::opener(&folder());
                return ExitCode::SUCCESS;
            }
            "child-power" => {
                power::writer(&folder());
                return ExitCode::SUCCESS;
            }
            "child-wallet" => {
                let folder = folder();
                wallet::worker(&folder, arguments.next().unwrap().parse().unwrap());
            }
            "child-act" => {
                let folder = folder();
                acts::worker(&folder, &arguments.next().unwrap());
                return ExitCode::SUCCESS;
            }
            "child-memory" => {
                idwallet_test_privacy::memory::child(&folder());
                return ExitCode::SUCCESS;
            }
            "child-pin" => {
                pin::guesser(&folder());
                return ExitCode::SUCCESS;
            }
            other => {
                eprintln!("unknown argument {other}");
                return ExitCode::from(2);
            }
        }
    }
    // Panics are counted, not shown.
    std::panic::set_hook(Box::new(|info| {
        if std::env::var_os("IDWALLET_FAULTS_PANICS").is_some() {
            eprintln!("{info}");
        }
    }));
    type Part = (&'static str, fn(bool) -> Vec<Row>);
    let parts: [Part; 11] = [
        ("kill", |short| {
            let (runs, writes) = if short { (20, 300) } else { (300, 10_000) };
            vec![kill::vault(runs, writes)]
        }),
        ("wallet", |short| vec![wallet::killed(if short { 8 } else { 100 })]),
        ("acts", broken_off::rows),
        ("bytes", bytes::rows),
        ("damage", damage::rows),
        ("records", |_| records::rows()),
        ("disk", |_| disk::rows()),
        ("power", power::rows),
        ("ground", |_| disk::ground()),
        ("pin", pin::rows),
        ("memory", |_| vec![memory()]),
    ];
    let mut rows = Vec::new();
    for (name, part) in parts {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let start = std::time::Instant::now();
        match std::panic::catch_unwind(|| part(short)) {
            Ok(found) => rows.extend(found),
            Err(_) => rows.push(Row {
                cases: 1,
                panics: 1,
                ..Row::new(name)
            }),
        }
        eprintln!("{name}: {:.1} s", start.elapsed().as_secs_f64());
    }
    if json {
        table::print_json(&rows)
    } else {
        table::print(&rows)
    }
    let failed = rows.iter().filter(|row| !row.held()).count();
    let left_out = rows.iter().filter(|row| row.left_out.is_some()).count();
    eprintln!(
        "passed={} failed={failed} skipped={left_out}",
        rows.len() - failed - left_out
    );
    ExitCode::from(u8::from(failed > 0 || rows.is_empty()))
}

/// Images of a process while secrets are in use, which shows that the search finds them, and when they must be gone.
fn memory() -> Row {
    let mut row =
        Row::new("memory: PIN, recovery code, passphrase, vault keys, device key, field values after their use");
    let folder = scene::Folder::new();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.arg("child-memory").arg(&folder.0);
    let found = idwallet_test_privacy::memory::search(&folder.0, command);
    row.cases = found.looked as u64;
    row.lost = found.missed.len() as u64;
    row.torn = found.left.len() as u64;
    row.noticed = row.cases - row.torn;
    row.tell(|| match (found.missed.as_slice(), found.left.as_slice()) {
        ([], []) => format!(
            "found while in use: {}; {} MB",
            found.controls.join(", "),
            found.bytes >> 20
        ),
        ([], left) => format!("found: {}", left.join(", ")),
        (missed, _) => format!("not found while in use: {}", missed.join(", ")),
    });
    row
}
