//! Comparing text as people do. Signed bytes are never changed: both sides are folded into copies.

use idwallet_crypto::Order as _;
use unicode_normalization::UnicodeNormalization;

/// The form in which two texts are compared: lower case, white space runs as one space, the look-alikes of `Đ` (`Ð` U+00D0,
/// `Ɖ` U+0189) as `đ`, and the tone mark of each syllable at its end, so that old and new placement (`hoà`, `hòa`) and any
/// normal form are one. Hidden characters are left out. Never stored, signed or shown.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // NFC first, so that case mapping sees whole letters.
    let seen = &mut text.chars().filter(|c| c.is_whitespace() || !is_hidden(*c));
    let lower: String = any(seen).nfc().flat_map(char::to_lowercase).collect();
    for (i, word) in lower.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        let (mut tones, letters): (Vec<char>, Vec<char>) = any(&mut word.chars()).nfd().partition(|c| is_tone(*c));
        tones.order();
        let letters = &mut letters.into_iter();
        let letters = any(letters).nfc().map(|c| match c {
            'ð' | 'ɖ' => 'đ',
            other => other,
        });
        out.extend(letters.chain(tones));
    }
    out
}

/// Normalisation is there once, and not for every kind of iterator.
fn any(chars: &mut dyn Iterator<Item = char>) -> &mut dyn Iterator<Item = char> {
    chars
}

/// The five tone marks of Vietnamese: grave, acute, tilde, hook above, dot below.
const fn is_tone(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

/// Do two texts say the same, whatever their normal form, case and placement of tone marks?
#[must_use]
pub fn same_text(a: &str, b: &str) -> bool {
    a == b || fold(a) == fold(b)
}

/// Is the text in NFC, as issuers should write it?
#[must_use]
pub fn is_nfc(text: &str) -> bool {
    unicode_normalization::is_nfc(text)
}

/// Characters that a person does not see, that turn the direction of what follows, or that stand for something lost.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}
