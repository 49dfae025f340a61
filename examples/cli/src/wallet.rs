//! `wallet`.

use crate::args::WalletArgs;
use crate::context::Context;
use crate::error::{CliError, Result};

pub fn run(_args: &WalletArgs, _cx: &Context) -> Result {
    Err(CliError::Environment("wallet: not in this build".to_owned()))
}
