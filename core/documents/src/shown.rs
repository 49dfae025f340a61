//! What a person reads of names and values that came from others.

use idwallet_cose::cbor::Item;

use crate::{DocumentType, ElementValue, Label, Lang};

/// Longest text of a name that a type file does not know, as it is shown: more is cut.
const MAX_UNKNOWN_NAME: usize = 80;

/// A value as a person reads it, by what the document type says of it: codes as words, Vietnamese dates as DD/MM/YYYY, pictures by
/// their size. Nothing in it can forge what stands around it.
#[must_use]
pub fn shown(kind: Option<&DocumentType>, name_space: &str, element: &str, value: Item<'_>) -> Label {
    let typed = value.to_value().ok().and_then(|value| ElementValue::from_cbor(&value));
    let Some(typed) = typed else {
        let size = value.bytes().len();
        return Label::new(format!("dữ liệu, {size} byte"), format!("data, {size} bytes"));
    };
    let text = |lang| match kind {
        Some(kind) => visible(&kind.display(name_space, element, &typed, lang)),
        None => visible(&typed.display(lang)),
    };
    Label::new(text(Lang::Vi), text(Lang::En))
}

/// A name that came from a reader or an issuer: control characters could forge what stands around it.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_control() || is_direction_mark(c) || is_invisible(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .take(MAX_UNKNOWN_NAME)
        .collect()
}

/// Characters that reorder what stands around them, or end the line.
const fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that nobody sees.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A value as it may stand on a screen or terminal: whole, and without what could forge the lines around it.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_direction_mark(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}
