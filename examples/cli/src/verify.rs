//! `verify`.

use crate::args::VerifyCommand;
use crate::context::Context;
use crate::error::{CliError, Result};

pub fn run(_command: &VerifyCommand, _cx: &Context) -> Result {
    Err(CliError::Environment("verify: not in this build".to_owned()))
}
