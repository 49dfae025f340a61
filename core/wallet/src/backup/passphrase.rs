//! The passphrase of an export: the same on every keyboard, and not one that is guessed.

use idwallet_crypto::Order as _;
use idwallet_crypto::{Secret, SecretBytes};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroize as _;

/// Fewest characters.
const MIN_CHARS: usize = 12;
/// Fewest different characters.
const MIN_DIFFERENT: usize = 6;
/// Longest passphrase in bytes.
const MAX_BYTES: usize = 1024;
/// Shorter values than this are part of too many words to be told from chance.
const MIN_VALUE: usize = 6;
/// What must be left beside known parts, in characters.
const MIN_REST: usize = 8;

/// What everybody tries first, folded; alone, repeated, or with a little around it. Vietnamese and English.
const COMMON: &[&str] = &[
    "password",
    "passphrase",
    "passw0rd",
    "matkhau",
    "idwallet",
    "vidientu",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdef",
    "abc123",
    "iloveyou",
    "anhyeuem",
    "emyeuanh",
    "yeuemnhieu",
    "letmein",
    "welcome",
    "admin",
    "vietnam",
    "hanoi",
    "saigon",
    "hochiminh",
    "dragon",
    "monkey",
    "football",
    "khongbiet",
    "khongnho",
    "concacban",
    "chaobuoisang",
    "correcthorsebatterystaple",
];

/// Why a passphrase is not taken for an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseFault {
    /// It has fewer than 12 characters.
    #[error("the passphrase has fewer than 12 characters")]
    Short,
    /// It has more than 1024 bytes.
    #[error("the passphrase is too long")]
    Long,
    /// It is one of those that are tried first, a row of keys or digits, or something short repeated.
    #[error("the passphrase is too easy to guess")]
    Common,
    /// A name, number or date from the owner's documents is most of it.
    #[error("the passphrase is made of personal data")]
    Personal,
}

/// The bytes that are stretched: NFKC, so that composed and decomposed accents, and the widths of an input method, make no
/// difference; white space at the ends is left out, and within becomes one space.
pub(super) fn normalised(text: &str) -> SecretBytes {
    let mut wide: String = text.nfkc().collect();
    let mut out = String::with_capacity(wide.len());
    for word in wide.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    wide.zeroize();
    Secret::new(out.into_bytes())
}

/// Letters without accents and case, and digits; nothing else.
fn folded(text: &str) -> Secret<String> {
    let mut out = Secret::new(String::with_capacity(text.len()));
    for c in text.nfkd().flat_map(char::to_lowercase) {
        let c = if c == 'đ' { 'd' } else { c };
        if c.is_alphanumeric() {
            out.expose_mut().push(c);
        }
    }
    out
}

/// Refuses what is guessed early, whatever one knows of its owner.
pub(super) fn check(text: &str) -> Result<SecretBytes, PassphraseFault> {
    let normal = normalised(text);
    let text = core::str::from_utf8(normal.expose()).unwrap_or_default();
    if normal.expose().len() > MAX_BYTES {
        return Err(PassphraseFault::Long);
    }
    if text.chars().count() < MIN_CHARS {
        return Err(PassphraseFault::Short);
    }
    let mut different: Vec<char> = text.to_lowercase().chars().collect();
    let is_repeated = repeats(&different);
    different.order();
    different.dedup();
    let folded = folded(text);
    let plain: Vec<char> = folded.expose().chars().collect();
    let digits = plain.iter().all(char::is_ascii_digit) && plain.len() < 20;
    if is_repeated || repeats(&plain) || different.len() < MIN_DIFFERENT || digits || is_run(&plain) {
        return Err(PassphraseFault::Common);
    }
    let without = COMMON
        .iter()
        .fold(folded.expose().clone(), |text, common| text.replace(common, ""));
    let without = Secret::new(without);
    if without.expose().len() < folded.expose().len() && without.expose().chars().count() < MIN_REST {
        return Err(PassphraseFault::Common);
    }
    Ok(normal)
}

/// Refuses a passphrase of which not enough is left without the value.
pub(super) fn check_value(passphrase: &SecretBytes, value: &str) -> Result<(), PassphraseFault> {
    let passphrase = folded(core::str::from_utf8(passphrase.expose()).unwrap_or_default());
    let value = folded(value);
    let mut forms = vec![value];
    // A date as it is written here: day, month, year.
    if let [form] = forms.as_slice()
        && form.expose().len() == 8
        && form.expose().bytes().all(|byte| byte.is_ascii_digit())
        && let (Some(year), Some(month), Some(day)) =
            (form.expose().get(..4), form.expose().get(4..6), form.expose().get(6..))
    {
        let turned = Secret::new([day, month, year].concat());
        forms.push(turned);
    }
    for form in forms {
        if form.expose().chars().count() >= MIN_VALUE && passphrase.expose().contains(form.expose().as_str()) {
            let rest = Secret::new(passphrase.expose().replace(form.expose().as_str(), ""));
            if rest.expose().chars().count() < MIN_REST {
                return Err(PassphraseFault::Personal);
            }
        }
    }
    Ok(())
}

/// Whether it is one piece of at most half the length again and again, the last time perhaps not whole.
fn repeats(text: &[char]) -> bool {
    (1..=text.len() / 2).any(|unit| {
        let later = text.get(unit..).unwrap_or_default();
        later.iter().zip(text).all(|(a, b)| a == b)
    })
}

/// Whether every step from one character to the next is the same: `abcdef…`, `987654…`.
fn is_run(text: &[char]) -> bool {
    let steps = || {
        text.windows(2).map(|pair| match pair {
            [a, b] => i64::from(u32::from(*b)).saturating_sub(i64::from(u32::from(*a))),
            _ => 0,
        })
    };
    let first = steps().next();
    steps().all(|step| Some(step) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easy_passphrases_are_refused() {
        for (text, fault) in [
            ("", PassphraseFault::Short),
            ("ngắn quá", PassphraseFault::Short),
            ("tám   từ    a", PassphraseFault::Short),
            ("aaaaaaaaaaaaaaaa", PassphraseFault::Common),
            ("abcabcabcabcabc", PassphraseFault::Common),
            ("mật khẩu mật khẩu", PassphraseFault::Common),
            ("Matkhau123456", PassphraseFault::Common),
            ("Password 2026!", PassphraseFault::Common),
            ("qwertyuiop123", PassphraseFault::Common),
            ("123456789012345", PassphraseFault::Common),
            ("0912345678 001", PassphraseFault::Common),
            ("abcdefghijklm", PassphraseFault::Common),
            ("zyxwvutsrqponml", PassphraseFault::Common),
            ("correct horse battery staple", PassphraseFault::Common),
            (&"dài ".repeat(400), PassphraseFault::Long),
        ] {
            assert_eq!(check(text).unwrap_err(), fault, "{text}");
        }
        for text in [
            "bốn con trâu gặm mây",
            "xe đạp cũ dưới gốc đa",
            "T7#kq9!vLm2x",
            "four grey lamps humming",
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
    }

    /// Another keyboard composes accents in another way.
    #[test]
    fn one_passphrase_has_one_form() {
        let composed = check("bốn con trâu gặm mây").unwrap();
        let decomposed: String = "bốn con trâu gặm mây".nfd().collect();
        for other in [
            decomposed.as_str(),
            "  bốn con  trâu\u{a0}gặm mây\n",
            "ｂốn con trâu gặm mây",
        ] {
            assert_eq!(check(other).unwrap().expose(), composed.expose());
        }
        assert_ne!(check("Bốn con trâu gặm mây").unwrap().expose(), composed.expose());
    }

    #[test]
    fn personal_data_alone_makes_no_passphrase() {
        let refused = |passphrase, value| check_value(&check(passphrase).unwrap(), value).is_err();
        assert!(refused("nguyen thi thu trang 90", "Nguyễn Thị Thu Trang"));
        assert!(refused("Trang 01/05/1990!", "1990-05-01"));
        assert!(refused("so cua toi: 001190012345", "001190012345") || refused("001190012345 abc", "001190012345"));
        assert!(!refused(
            "nguyễn thị thu trang thích ăn bún riêu",
            "Nguyễn Thị Thu Trang"
        ));
        assert!(!refused("bốn con trâu gặm mây", "Nguyễn Thị Thu Trang"));
        assert!(!refused("bốn con trâu gặm mây", "mây"));
    }
}
