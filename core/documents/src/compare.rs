//! Facts of two documents, brought to a form in which the same fact compares equal however it was written down.
//! Signed bytes are never changed: what is compared is a copy.

use idwallet_crypto::Date;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::check::fits;
use crate::person::{FactId, FactKind, FactRule};
use crate::text::fold;
use crate::value::ElementValue;

/// A value in its comparison form. It is a person's data: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ComparableValue(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// A name or a place, folded. `accents`: false if it was written where accents are left out.
    Text {
        folded: String,
        accents: bool,
    },
    Date(Date),
    Number(u64),
    /// A number that is a text, or a code: letters and digits only, capitals.
    Digits(String),
}

impl core::fmt::Debug for ComparableValue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ComparableValue(…)")
    }
}

impl ComparableValue {
    /// The comparison form of a value that states a fact. `None`: it does not state it (empty, of another kind, sex not known).
    #[must_use]
    pub fn new(fact: FactId, value: &ElementValue) -> Option<Self> {
        let form = match (fact.kind(), value) {
            (FactKind::Name, ElementValue::Text(text)) => text_form(fold(text)),
            (FactKind::Place, ElementValue::Text(text)) => {
                // Punctuation in addresses is a matter of taste.
                let words = text.replace([',', '.', ';', '-', '–', '/'], " ");
                text_form(fold(&words))
            }
            (FactKind::Date, value) => Some(Form::Date(value.date()?)),
            (FactKind::Year, ElementValue::Uint(year)) => Some(Form::Number(*year)),
            (FactKind::Year, value) => Some(Form::Number(value.date()?.year().into())),
            // ISO 5218: 0 is not known, 9 not applicable.
            (FactKind::Sex, ElementValue::Uint(sex)) => matches!(sex, 1 | 2).then_some(Form::Number(*sex)),
            (FactKind::Number, ElementValue::Text(text)) => {
                let kept: String = text
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| c.to_ascii_uppercase())
                    .collect();
                (!kept.is_empty()).then_some(Form::Digits(kept))
            }
            _ => None,
        };
        form.map(Self)
    }

    pub(crate) fn of_rule(rule: &FactRule, values: &[ElementValue]) -> Option<Self> {
        let joined;
        let value = match values {
            [one] => one,
            many => {
                let parts: Option<Vec<&str>> = many.iter().map(ElementValue::text).collect();
                joined = ElementValue::Text(parts?.join(" "));
                &joined
            }
        };
        let cut;
        let value = match (value, &rule.mask, rule.last) {
            (_, None, None) => value,
            (ElementValue::Text(text), mask, last) => {
                if mask.as_ref().is_some_and(|mask| !fits(mask, text)) {
                    return None;
                }
                let skip = last.map_or(0, |last| text.chars().count().saturating_sub(last));
                cut = ElementValue::Text(text.chars().skip(skip).collect());
                &cut
            }
            _ => return None,
        };
        let mut made = Self::new(rule.fact, value)?;
        if let Form::Text { accents, .. } = &mut made.0 {
            *accents = !rule.latin;
        }
        Some(made)
    }

    /// A number or code, written in letters and digits.
    pub(crate) fn letters(&self) -> Option<&str> {
        match &self.0 {
            Form::Digits(text) => Some(text),
            _ => None,
        }
    }

    /// A year or a sex.
    pub(crate) fn number(&self) -> Option<u64> {
        match &self.0 {
            Form::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// What values of one fact that are the [same] have in common, for an index of them. A person's data.
    #[must_use]
    pub fn index_form(&self) -> String {
        match &self.0 {
            Form::Text { folded, .. } => plain(folded),
            Form::Date(date) => date.to_string(),
            Form::Number(number) => number.to_string(),
            Form::Digits(digits) => digits.clone(),
        }
    }

    /// The year of a date.
    pub(crate) fn year(&self) -> Option<Self> {
        match &self.0 {
            Form::Date(date) => Some(Self(Form::Number(date.year().into()))),
            _ => None,
        }
    }
}

fn text_form(folded: String) -> Option<Form> {
    (!folded.is_empty()).then_some(Form::Text { folded, accents: true })
}

/// Do two values of one fact say the same? A name from an element in Latin letters (the driving licence, ISO 18013-5 §7.2; passports)
/// agrees with the same name with accents; two that are both written with accents must have the same ones.
#[must_use]
pub fn same(a: &ComparableValue, b: &ComparableValue) -> bool {
    match (&a.0, &b.0) {
        (
            Form::Text { folded, accents },
            Form::Text {
                folded: other,
                accents: other_accents,
            },
        ) => folded == other || ((!accents || !other_accents) && plain(folded) == plain(other)),
        (a, b) => a == b,
    }
}

/// Without accents, as a machine-readable zone writes it.
fn plain(folded: &str) -> String {
    folded
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}
