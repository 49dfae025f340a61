//! How a command ends.

use idwallet_documents::Lang;

/// How a command that could do its work ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done, or accepted: exit status 0.
    Done,
    /// A check or a policy said no, and the report on standard output says which: exit status 1.
    Refused,
}

/// What is wrong with the name of a file, or with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    NotThere,
    NoFolder,
    IsFolder,
    Empty,
    NotText,
    NoName,
    NoCredential,
    There,
}

impl FileFault {
    /// What to tell the person.
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::NotThere, Lang::Vi) => "không có tệp này",
            (Self::NotThere, Lang::En) => "there is no such file",
            (Self::NoFolder, Lang::Vi) => "không có thư mục này",
            (Self::NoFolder, Lang::En) => "there is no such folder",
            (Self::IsFolder, Lang::Vi) => "là thư mục, không phải tệp",
            (Self::IsFolder, Lang::En) => "is a folder, not a file",
            (Self::Empty, Lang::Vi) => "là tệp rỗng",
            (Self::Empty, Lang::En) => "is empty",
            (Self::NotText, Lang::Vi) => "không phải là văn bản",
            (Self::NotText, Lang::En) => "is not text",
            (Self::NoName, Lang::Vi) => "không phải là tên tệp",
            (Self::NoName, Lang::En) => "is not the name of a file",
            (Self::NoCredential, Lang::Vi) => "không có tệp nào tên kết thúc bằng .cbor",
            (Self::NoCredential, Lang::En) => "has no file whose name ends in .cbor",
            (Self::There, Lang::Vi) => "đã có; thêm --force để thay",
            (Self::There, Lang::En) => "is there already; --force replaces it",
        }
    }
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
    /// A file that is named and cannot be used: exit status 2.
    #[error("{place}: {}", fault.text(Lang::En))]
    File {
        /// The name.
        place: String,
        /// What is wrong with it.
        fault: FileFault,
    },
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
            Self::Input(_) | Self::File { .. } => 2,
            Self::Environment(_) => 3,
        }
    }

    /// What to tell the person, in one line.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::File { place, fault } => format!("{place}: {}", fault.text(lang)),
            _ => self.to_string(),
        }
    }

    /// What went wrong, as a word for programs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Input(_) | Self::File { .. } => "input",
            Self::Environment(_) => "environment",
        }
    }
}

/// Unusable input: where, and what is wrong with it.
pub fn bad(place: impl std::fmt::Display, what: impl std::fmt::Display) -> CliError {
    CliError::Input(format!("{place}: {what}"))
}

/// A file that cannot be used.
pub fn bad_file(place: impl std::fmt::Display, fault: FileFault) -> CliError {
    CliError::File {
        place: place.to_string(),
        fault,
    }
}

/// The environment failed at a place.
pub fn failed(place: impl std::fmt::Display, what: impl std::fmt::Display) -> CliError {
    CliError::Environment(format!("{place}: {what}"))
}
