//! `read`.

use crate::args::ReadArgs;
use crate::context::Context;
use crate::error::{CliError, Result};

pub fn run(_args: &ReadArgs, _cx: &Context) -> Result {
    Err(CliError::Environment("read: not in this build".to_owned()))
}
