//! `--option VALUE`, in any order; some repeat, some have no value.

use crate::Failure;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What a command gives.
pub type Outcome = Result<Value, Failure>;

const FLAGS: [&str; 2] = ["mac", "all"];
const VALUES: [&str; 27] = [
    "data",
    "message",
    "passphrase",
    "device-key",
    "out",
    "curve",
    "signer",
    "chain",
    "anchor",
    "response",
    "transcript",
    "reader-key",
    "request",
    "issuer-signed",
    "doctype",
    "ask",
    "role",
    "own-key",
    "peer-key",
    "send",
    "receive",
    "entry",
    "list",
    "statuses",
    "bits",
    "uri",
    "count",
];

/// The options as given.
pub struct Options(Vec<(String, String)>);

impl Options {
    /// Reads the arguments after the command.
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Vec::new();
        while let Some(arg) = args.next() {
            let name = arg
                .strip_prefix("--")
                .filter(|name| FLAGS.contains(name) || VALUES.contains(name))
                .ok_or_else(|| Failure::Unusable(format!("unknown option {arg}")))?
                .to_owned();
            let value = if FLAGS.contains(&name.as_str()) {
                String::new()
            } else {
                args.next()
                    .ok_or_else(|| Failure::Unusable(format!("--{name} needs a value")))?
            };
            options.push((name, value));
        }
        Ok(Self(options))
    }

    /// Every value of an option, in order.
    pub fn all<'o>(&'o self, name: &'o str) -> impl Iterator<Item = &'o str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The value of an option.
    pub fn text<'o>(&'o self, name: &'o str) -> Option<&'o str> {
        self.all(name).next()
    }

    /// The path of an option.
    pub fn path<'o>(&'o self, name: &'o str) -> Option<&'o Path> {
        self.text(name).map(Path::new)
    }

    /// The value of an option that has to be there.
    pub fn need<'o>(&'o self, name: &'o str) -> Result<&'o str, Failure> {
        self.text(name)
            .ok_or_else(|| Failure::Unusable(format!("--{name} is missing")))
    }

    /// The path of an option that has to be there.
    pub fn need_path<'o>(&'o self, name: &'o str) -> Result<PathBuf, Failure> {
        self.need(name).map(PathBuf::from)
    }

    /// Whether a flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }
}
