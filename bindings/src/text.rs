//! Texts for people.

use idwallet_wallet::{Label, Lang, Shown};

/// A text for the person, in both languages of the wallet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LocalizedText {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl LocalizedText {
    pub(crate) fn of<T: Into<String>>(text: impl Fn(Lang) -> T) -> Self {
        Self {
            vi: text(Lang::Vi).into(),
            en: text(Lang::En).into(),
        }
    }
}

impl From<&Label> for LocalizedText {
    fn from(label: &Label) -> Self {
        Self::of(|lang| label.text(lang))
    }
}

impl From<&Shown> for LocalizedText {
    fn from(shown: &Shown) -> Self {
        Self::of(|lang| shown.text(lang))
    }
}

pub(crate) fn texts<'t, T: 't>(of: impl IntoIterator<Item = &'t T>) -> Vec<LocalizedText>
where
    LocalizedText: From<&'t T>,
{
    of.into_iter().map(LocalizedText::from).collect()
}

/// A length for a list that crosses the boundary; the lists of this library are far shorter than the limit.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
