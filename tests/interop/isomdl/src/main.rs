//! The crate isomdl as a peer: `COMMAND --option VALUE …` or `--batch`, see `../../README.md`.

mod commands;
mod files;

use anyhow::anyhow;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::process::ExitCode;

/// Why a command gives no answer.
#[derive(Debug)]
pub enum Failure {
    Refused(String),
    Unsupported(String),
    Crashed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Crashed(error.into())
    }
}

pub fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Refused(error.to_string())
}

pub fn unsupported(text: impl Into<String>) -> Failure {
    Failure::Unsupported(text.into())
}

/// `--option VALUE`; some repeat, some have no value.
pub struct Options(Vec<(String, String)>);

const FLAGS: [&str; 2] = ["mac", "all"];
const KNOWN: &str = "data device-key out curve signer chain anchor response transcript reader-key request issuer-signed doctype ask role \
                     own-key peer-key send receive";

impl Options {
    fn parse(args: &[String]) -> Result<Self, Failure> {
        let mut options = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let name = arg.strip_prefix("--").unwrap_or_default();
            if FLAGS.contains(&name) {
                options.push((name.to_owned(), String::new()));
            } else if KNOWN.split_whitespace().any(|known| known == name) {
                let value = args.next().ok_or_else(|| unsupported(format!("{arg} needs a value")))?;
                options.push((name.to_owned(), value.clone()));
            } else {
                return Err(unsupported(format!("unknown option {arg}")));
            }
        }
        Ok(Self(options))
    }

    pub fn all<'o>(&'o self, name: &'o str) -> impl Iterator<Item = &'o str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn get<'o>(&'o self, name: &'o str) -> Option<&'o str> {
        self.all(name).next()
    }

    pub fn need<'o>(&'o self, name: &'o str) -> Result<&'o str, Failure> {
        self.get(name)
            .ok_or_else(|| unsupported(format!("--{name} is missing")))
    }
}

fn dispatch(args: &[String]) -> Result<Value, Failure> {
    let options = Options::parse(args.get(1..).unwrap_or_default())?;
    match args.first().map_or("", String::as_str) {
        "capabilities" => Ok(commands::capabilities()),
        "issue" => commands::issue(&options),
        "verify" => commands::verify(&options),
        "verify-issuer-signed" => commands::verify_issuer_signed(&options),
        "respond" => commands::respond(&options),
        "request" => commands::request(&options),
        "check-request" => commands::check_request(&options),
        "session" => commands::session(&options),
        other => Err(unsupported(format!("unknown command {other}"))),
    }
}

/// Exit status and answer. The library may panic on what it is given: that is a crash of the peer, not of the run.
fn answer(args: &[String]) -> (u8, Value) {
    let outcome = std::panic::catch_unwind(|| dispatch(args));
    match outcome.unwrap_or_else(|_| Err(Failure::Crashed(anyhow!("panicked")))) {
        Ok(mut answer) => {
            answer["ok"] = json!(true);
            (0, answer)
        }
        Err(Failure::Refused(error)) => (1, json!({ "ok": false, "accepted": false, "error": error })),
        Err(Failure::Unsupported(error)) => (2, json!({ "ok": false, "unsupported": true, "error": error })),
        Err(Failure::Crashed(error)) => (3, json!({ "ok": false, "crash": true, "error": format!("{error:#}") })),
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().map(String::as_str) != Some("--batch") {
        let (exit, answer) = answer(&args);
        println!("{answer}");
        return ExitCode::from(exit);
    }
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let args: Vec<String> = serde_json::from_str(&line).unwrap_or_default();
        let (exit, mut answer) = answer(&args);
        answer["exit"] = json!(exit);
        println!("{answer}");
        let _ = std::io::stdout().flush();
    }
    ExitCode::SUCCESS
}
