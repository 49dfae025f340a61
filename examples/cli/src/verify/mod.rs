//! `verify`: the checks of the core over files, and their reports.

mod status;

use idwallet_crypto::x509::Strictness;

use crate::args::{ProfileName, VerifyCommand};
use crate::context::Context;
use crate::error::{CliError, Result};

pub fn run(command: &VerifyCommand, cx: &Context) -> Result {
    match command {
        VerifyCommand::Mdoc(_) | VerifyCommand::Vical(_) => {
            Err(CliError::Environment("verify: not in this build".to_owned()))
        }
        VerifyCommand::Status(args) => status::run(args, cx),
    }
}

impl From<ProfileName> for Strictness {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Iso => Self::Iso,
            ProfileName::Generic => Self::Generic,
            ProfileName::Lenient => Self::Lenient,
        }
    }
}
