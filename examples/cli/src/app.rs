//! From arguments to an exit status.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use serde_json::json;

use crate::args::{Cli, Command};
use crate::context::{Context, plain};
use crate::error::{CliError, Result, Status};
use crate::{demo, inspect, issue, pki, qr_command, read, verify, wallet};

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let cx = Context::new(&cli.global);
    match run(&cli.command, &cx) {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::Refused) => ExitCode::from(1),
        Err(error) => fail(&cx, &error),
    }
}

fn run(command: &Command, cx: &Context) -> Result {
    match command {
        Command::Demo(args) => demo::run(args, cx),
        Command::Pki(command) => pki::run(command, cx),
        Command::Issue(command) => issue::run(command, cx),
        Command::Wallet(args) => wallet::run(args, cx),
        Command::Read(args) => read::run(args, cx),
        Command::Verify(command) => verify::run(command, cx),
        Command::Inspect(args) => inspect::run(args, cx),
        Command::Qr(command) => qr_command::run(command, cx),
    }
}

/// One line on standard error; with `--json` the same as a document on standard output.
fn fail(cx: &Context, error: &CliError) -> ExitCode {
    let text = plain(&error.text(cx.lang).replace('\n', " "));
    let _ = writeln!(std::io::stderr(), "idwallet: {text}");
    let status = error.exit_status();
    let _ = cx.document(&json!({ "error": { "status": status, "kind": error.kind(), "text": text } }));
    ExitCode::from(status)
}

/// What clap has to say: help goes to standard output, a fault becomes one line.
fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            let asked = !matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
            if asked { ExitCode::SUCCESS } else { ExitCode::from(2) }
        }
        _ => {
            let text = error.to_string();
            // The fault stands before the usage, from which an empty line divides it.
            let fault = text.split("\n\n").next().unwrap_or_default();
            let words: Vec<&str> = fault.split_whitespace().collect();
            let line = words.join(" ");
            let line = line.strip_prefix("error: ").unwrap_or(&line);
            let line = plain(line);
            let _ = writeln!(std::io::stderr(), "idwallet: {line} (--help tells more)");
            // Arguments that were not understood are not parsed, and whoever said `--json` waits for a document all the same.
            if std::env::args_os().any(|argument| argument == "--json") {
                let document = json!({ "error": { "status": 2, "kind": "input", "text": line } });
                let _ = writeln!(std::io::stdout(), "{document:#}");
            }
            ExitCode::from(2)
        }
    }
}
