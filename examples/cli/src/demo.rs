//! `demo`: the whole story on this machine.

use crate::args::DemoArgs;
use crate::context::Context;
use crate::error::{CliError, Result};

pub fn run(_args: &DemoArgs, _cx: &Context) -> Result {
    Err(CliError::Environment("demo: not in this build".to_owned()))
}
