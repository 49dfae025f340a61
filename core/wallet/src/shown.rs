//! Personal values on their way to a screen.

use core::fmt;
use idwallet_documents::{Label, Lang};
use zeroize::Zeroize as _;

/// A personal value, or a sentence with one, as a person reads it in both languages; wiped when dropped. `Debug` does not show it:
/// whoever wants the text asks for it by [`text`](Self::text).
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(Label);

impl Shown {
    pub(crate) fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Label::new(vi, en))
    }

    /// The text, to be shown to the owner.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        self.0.text(lang)
    }
}

impl From<Label> for Shown {
    fn from(label: Label) -> Self {
        Self(label)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.vi.zeroize();
        self.0.en.zeroize();
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}
