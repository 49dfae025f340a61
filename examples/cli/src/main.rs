//! The `idwallet` command.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    idwallet_cli::app::main()
}
