//! How a command ends.

/// How a command that could do its work ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done, or accepted: exit status 0.
    Done,
    /// A check or a policy said no, and the report on standard output says which: exit status 1.
    Refused,
}

/// Why a command could not do its work. The text is one line and carries no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CliError {
    /// A check or a policy said no, and there is no report that says so: exit status 1.
    #[error("{0}")]
    Refused(String),
    /// Input or arguments that cannot be used: exit status 2.
    #[error("{0}")]
    Input(String),
    /// Network, disk, port or lock: exit status 3.
    #[error("{0}")]
    Environment(String),
}

/// What a command gives back.
pub type Result<T = Status> = std::result::Result<T, CliError>;

impl CliError {
    /// The exit status of `CLI.md`.
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Input(_) => 2,
            Self::Environment(_) => 3,
        }
    }

    /// What went wrong, as a word for programs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Input(_) => "input",
            Self::Environment(_) => "environment",
        }
    }
}

/// Unusable input: where, and what is wrong with it.
pub fn bad(place: impl std::fmt::Display, what: impl std::fmt::Display) -> CliError {
    CliError::Input(format!("{place}: {what}"))
}

/// The environment failed at a place.
pub fn failed(place: impl std::fmt::Display, what: impl std::fmt::Display) -> CliError {
    CliError::Environment(format!("{place}: {what}"))
}
