//! `idwallet-bench [--json] [--quick] [--only mdoc|vault|qr] [--sqlcipher PROGRAM]`: the table with its bars. `tests/bench/run` calls it.
#![allow(clippy::unwrap_used)]

use idwallet_bench::harness::Effort;
use idwallet_bench::{alloc::Counting, mdoc, qr, table, vault};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut json, mut quick, mut only, mut sqlcipher) = (false, false, None, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--quick" => quick = true,
            "--only" => only = arguments.next(),
            "--sqlcipher" => sqlcipher = arguments.next().map(PathBuf::from),
            // For a profiler: one job, again and again.
            "--loop" => {
                mdoc::again(&arguments.next().unwrap());
                return ExitCode::SUCCESS;
            }
            "vault-open" => {
                vault::child_open(&PathBuf::from(arguments.next().unwrap()));
                return ExitCode::SUCCESS;
            }
            "vault-child" => {
                vault::child(&PathBuf::from(arguments.next().unwrap()));
                return ExitCode::SUCCESS;
            }
            other => {
                eprintln!("unknown argument {other}");
                return ExitCode::from(2);
            }
        }
    }
    let effort = if quick {
        Effort { rounds: 120, turn: 500 }
    } else {
        Effort {
            rounds: 600,
            turn: 1000,
        }
    };
    let asked = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut rows = Vec::new();
    if asked("mdoc") {
        rows.extend(mdoc::rows(effort));
    }
    if asked("vault") {
        rows.extend(vault::rows(if quick { 12 } else { 40 }, sqlcipher.as_deref()));
    }
    if asked("qr") {
        rows.extend(qr::rows(effort));
    }
    if json {
        table::print_json(&rows)
    } else {
        table::print(&rows)
    }
    let missed = rows.iter().filter(|row| row.held() == Some(false)).count();
    eprintln!(
        "passed={} failed={missed} skipped=0",
        rows.iter().filter(|row| row.held() == Some(true)).count()
    );
    ExitCode::from(u8::from(missed > 0))
}
