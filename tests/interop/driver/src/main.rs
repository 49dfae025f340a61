//! Our side of the conversations with other implementations: a thin caller of the core, with the interface of `../README.md`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the answer goes to stdout, what went wrong to stderr"
)]

mod ask;
mod capabilities;
mod files;
mod hold;
mod issue;
mod jwe;
mod keys;
mod lists;
mod options;
mod read;
mod session;
mod values;

use options::{Options, Outcome};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Why a command gives no answer.
#[derive(Debug)]
pub enum Failure {
    /// A check said no: exit status 1.
    Refused(String),
    /// Unknown command, unusable option or file: exit status 2.
    Unusable(String),
    /// Anything else that keeps us from doing what we can: exit status 3.
    Failed(String),
}

impl Failure {
    fn refused(error: impl core::fmt::Display) -> Self {
        Self::Refused(error.to_string())
    }

    fn unusable(error: impl core::fmt::Display) -> Self {
        Self::Unusable(error.to_string())
    }

    fn failed(error: impl core::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

fn run(command: &str, options: &Options) -> Outcome {
    match command {
        "capabilities" => Ok(capabilities::all()),
        "issue" => issue::issue(options),
        "respond" => hold::respond(options),
        "request" => ask::request(options),
        "verify" => read::verify(options),
        "verify-issuer-signed" => read::verify_issuer_signed(options),
        "session" => session::session(options),
        "trust-list" => lists::trust_list(options),
        "check-trust-list" => lists::check_trust_list(options),
        "status-list" => lists::status_list(options),
        "check-status-list" => lists::check_status_list(options),
        "encrypt" => jwe::encrypt(options),
        "decrypt" => jwe::decrypt(options),
        "check-request" => hold::check_request(options),
        other => Err(Failure::Unusable(format!("unknown command {other}"))),
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let (status, answer) = match Options::parse(args).and_then(|options| run(&command, &options)) {
        Ok(mut answer) => {
            if let Value::Object(fields) = &mut answer {
                fields.insert("ok".to_owned(), Value::Bool(true));
            }
            (0, answer)
        }
        Err(Failure::Refused(error)) => (1, json!({ "ok": false, "accepted": false, "error": error })),
        Err(Failure::Unusable(error)) => (2, json!({ "ok": false, "unsupported": true, "error": error })),
        Err(Failure::Failed(error)) => (3, json!({ "ok": false, "crash": true, "error": error })),
    };
    println!("{answer}");
    ExitCode::from(status)
}
