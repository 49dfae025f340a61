//! `inspect`.

use crate::args::InspectArgs;
use crate::context::Context;
use crate::error::{CliError, Result};

pub fn run(_args: &InspectArgs, _cx: &Context) -> Result {
    Err(CliError::Environment("inspect: not in this build".to_owned()))
}
