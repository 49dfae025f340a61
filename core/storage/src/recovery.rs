//! The recovery code: what an owner writes down against a forgotten PIN.

use core::fmt;
use idwallet_crypto::{Random, Secret, constant_time_eq, sha256};

use crate::Error;

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 26 symbols of 5 bits: 130 bits.
const SECRET_LEN: usize = 26;
/// 4 symbols of 5 bits that tell a slip of the pen from a wrong code.
const CHECK_LEN: usize = 4;
const GROUP_LEN: usize = 5;

/// A recovery code: 130 random bits. Wiped when dropped; in a box, because moving a value leaves a copy on the stack.
pub struct RecoveryCode(Box<Secret<[u8; SECRET_LEN]>>);

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(redacted)")
    }
}

/// Why a text is no recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryCodeFault {
    /// It has another number of characters than 30, hyphens and white space aside.
    #[error("a recovery code has 30 characters")]
    Length,
    /// It has a character that no code has.
    #[error("the recovery code has a character that no code has")]
    Character,
    /// Its check characters do not fit: it was copied wrongly.
    #[error("the recovery code was copied wrongly")]
    Check,
}

impl RecoveryCode {
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, Error> {
        let mut symbols = Box::new(Secret::new([0; SECRET_LEN]));
        // A byte a symbol: its lowest five bits.
        random.fill(symbols.expose_mut())?;
        symbols.expose_mut().iter_mut().for_each(|symbol| *symbol &= 31);
        Ok(Self(symbols))
    }

    /// Reads what was typed: in any case, with or without hyphens, spaces and new lines; I and L are read as 1, O as 0.
    ///
    /// # Errors
    /// [`RecoveryCodeFault`].
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeFault> {
        let mut all = Secret::new([0; SECRET_LEN + CHECK_LEN]);
        let mut slots = all.expose_mut().iter_mut();
        for letter in text
            .bytes()
            .filter(|letter| *letter != b'-' && !letter.is_ascii_whitespace())
        {
            let letter = match letter.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                letter => letter,
            };
            let symbol = ALPHABET.iter().position(|known| *known == letter);
            let symbol = symbol
                .and_then(|at| u8::try_from(at).ok())
                .ok_or(RecoveryCodeFault::Character)?;
            *slots.next().ok_or(RecoveryCodeFault::Length)? = symbol;
        }
        if slots.next().is_some() {
            return Err(RecoveryCodeFault::Length);
        }
        let mut symbols = Box::new(Secret::new([0; SECRET_LEN]));
        let (secret, check) = all
            .expose()
            .split_first_chunk::<SECRET_LEN>()
            .ok_or(RecoveryCodeFault::Length)?;
        symbols.expose_mut().copy_from_slice(secret);
        let code = Self(symbols);
        if constant_time_eq(&code.check(), check) {
            Ok(code)
        } else {
            Err(RecoveryCodeFault::Check)
        }
    }

    /// The code as it is shown and written down: six groups of five characters.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        let mut text = String::with_capacity((SECRET_LEN + CHECK_LEN) * 2);
        for (at, symbol) in self.0.expose().iter().chain(&self.check()).enumerate() {
            if at > 0 && at.is_multiple_of(GROUP_LEN) {
                text.push('-');
            }
            let letter = ALPHABET.get(usize::from(*symbol)).copied().unwrap_or(b'0');
            text.push(char::from(letter));
        }
        Secret::new(text)
    }

    pub(crate) fn symbols(&self) -> &[u8; SECRET_LEN] {
        self.0.expose()
    }

    fn check(&self) -> [u8; CHECK_LEN] {
        let mut all = Secret::new(b"idwallet recovery code 1".to_vec());
        all.expose_mut().extend_from_slice(self.0.expose());
        let mut check = [0; CHECK_LEN];
        for (to, from) in check.iter_mut().zip(sha256(all.expose())) {
            *to = from & 31;
        }
        check
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use idwallet_crypto::SystemRandom;

    /// H-H50: what was written down is read again, however it is typed.
    #[test]
    fn a_code_is_read_as_it_is_typed() {
        let code = RecoveryCode::generate(&SystemRandom::new()).unwrap();
        let text = code.text();
        let text = text.expose();
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5; 6]);
        let sloppy = text
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        let lines = text.replace('-', "-\r\n") + "\n";
        for typed in [text.clone(), sloppy, text.replace('-', ""), lines] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().symbols(), code.symbols());
        }
        assert!(!format!("{code:?}").contains(&text[..5]));
    }

    /// H-H50: one wrong character is told from a wrong code.
    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let code = RecoveryCode::generate(&SystemRandom::new()).unwrap();
        let text = code.text().expose().replace('-', "");
        for at in 0..text.len() {
            let mut letters = text.clone().into_bytes();
            letters[at] = if letters[at] == b'7' { b'8' } else { b'7' };
            let altered = String::from_utf8(letters).unwrap();
            // 20 bits of check: one slip in a million gets through.
            assert_eq!(RecoveryCode::parse(&altered).unwrap_err(), RecoveryCodeFault::Check);
        }
        assert_eq!(RecoveryCode::parse(&text[1..]).unwrap_err(), RecoveryCodeFault::Length);
        assert_eq!(
            RecoveryCode::parse(&format!("{text}0")).unwrap_err(),
            RecoveryCodeFault::Length
        );
        assert_eq!(
            RecoveryCode::parse(&text.replace(&text[..1], "U")).unwrap_err(),
            RecoveryCodeFault::Character
        );
    }
}
