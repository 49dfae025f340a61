//! `verify`: the checks of the core over files, and their reports.

mod mdoc;
mod status;
mod vical;

use idwallet_crypto::x509::Strictness;

use crate::args::{ProfileName, VerifyCommand};
use crate::context::Context;
use crate::error::Result;

pub fn run(command: &VerifyCommand, cx: &Context) -> Result {
    match command {
        VerifyCommand::Mdoc(args) => mdoc::run(args, cx),
        VerifyCommand::Vical(args) => vical::run(args, cx),
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
