//! Comparing text as people do. Signed bytes are never changed: both sides are folded into copies.

use unicode_normalization::UnicodeNormalization;

/// The form in which two texts are compared: NFC, lower case, white space runs as one space, and the look-alikes of `Đ`
/// (`Ð` U+00D0, `Ɖ` U+0189) as `đ`. Never stored and never signed.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // NFC first, so that case mapping sees whole letters; again after, since lower case may decompose (İ).
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    for (i, word) in lower.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.extend(word.nfc().map(|c| match c {
            'ð' | 'ɖ' => 'đ',
            other => other,
        }));
    }
    out
}

/// Do two texts say the same, whatever their normal form and case?
#[must_use]
pub fn same_text(a: &str, b: &str) -> bool {
    a == b || fold(a) == fold(b)
}

/// Is the text in NFC, as issuers should write it?
#[must_use]
pub fn is_nfc(text: &str) -> bool {
    unicode_normalization::is_nfc(text)
}
