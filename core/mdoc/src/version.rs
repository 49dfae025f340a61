//! `major.minor` version texts (A-C05).

/// A version as received. An unknown minor version of a known major version is to be understood like the known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a>(&'a str);

impl<'a> Version<'a> {
    /// Takes any text; [`Self::is_known`] says whether this crate understands it.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The text as received.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// Major and minor number; `None` when the text is not `major.minor`.
    #[must_use]
    pub fn numbers(self) -> Option<(u32, u32)> {
        let (major, minor) = self.0.split_once('.')?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        Some((number(major)?, number(minor)?))
    }

    /// Whether the major version is 1, the only one there is.
    #[must_use]
    pub fn is_known(self) -> bool {
        matches!(self.numbers(), Some((1, _)))
    }
}
