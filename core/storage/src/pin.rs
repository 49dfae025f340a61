//! The owner's PIN.

use core::fmt;
use idwallet_crypto::{Secret, SecretBytes};

/// The fewest digits of a PIN.
pub const MIN_PIN_LEN: usize = 6;
/// The most digits of a PIN.
pub const MAX_PIN_LEN: usize = 32;

/// A PIN that may be used: [`MIN_PIN_LEN`] to [`MAX_PIN_LEN`] digits, and none of those that everybody tries first. Wiped when dropped.
pub struct Pin(SecretBytes);

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(redacted)")
    }
}

/// Why something is not taken as a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinFault {
    /// Fewer than [`MIN_PIN_LEN`] digits.
    #[error("the PIN has fewer than {MIN_PIN_LEN} digits")]
    TooShort,
    /// More than [`MAX_PIN_LEN`] digits.
    #[error("the PIN has more than {MAX_PIN_LEN} digits")]
    TooLong,
    /// Something else than the digits 0 to 9.
    #[error("the PIN has something else than digits")]
    NotDigits,
    /// One of those that are tried first: one digit repeated, a run up or down, two or three digits repeated, or a well-known one.
    #[error("the PIN is too easy to guess")]
    Trivial,
}

/// Favourites in leaked lists that no rule below catches.
const FAVOURITES: [&[u8]; 8] = [
    b"112233", b"332211", b"123321", b"654321", b"147258", b"159753", b"789456", b"123654",
];

impl Pin {
    /// Takes a PIN as it was typed.
    ///
    /// # Errors
    /// [`PinFault`].
    pub fn new(digits: &str) -> Result<Self, PinFault> {
        let bytes = digits.as_bytes();
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(PinFault::NotDigits);
        }
        match bytes.len() {
            ..MIN_PIN_LEN => Err(PinFault::TooShort),
            MIN_PIN_LEN..=MAX_PIN_LEN if is_trivial(bytes) => Err(PinFault::Trivial),
            MIN_PIN_LEN..=MAX_PIN_LEN => Ok(Self(Secret::new(bytes.to_vec()))),
            _ => Err(PinFault::TooLong),
        }
    }

    pub(crate) fn digits(&self) -> &[u8] {
        self.0.expose()
    }
}

fn is_trivial(digits: &[u8]) -> bool {
    // A run goes on from 9 to 0, as on the keys of a telephone.
    let run = |step: u8| {
        let next = |from: u8| from.wrapping_sub(b'0').wrapping_add(step) % 10;
        digits
            .iter()
            .zip(digits.iter().skip(1))
            .all(|(from, to)| next(*from) == to.wrapping_sub(b'0'))
    };
    let repeats = |period: usize| digits.iter().zip(digits.iter().skip(period)).all(|(a, b)| a == b);
    run(0) || run(1) || run(9) || repeats(2) || repeats(3) || FAVOURITES.contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H-H50: what everybody tries first is no PIN, and what is refused is told apart.
    #[test]
    fn trivial_short_long_and_other_characters_are_refused() {
        for trivial in [
            "000000",
            "99999999",
            "123456",
            "654321",
            "567890",
            "098765",
            "121212",
            "123123",
            "112233",
            "12345678901",
        ] {
            assert_eq!(Pin::new(trivial).unwrap_err(), PinFault::Trivial, "{trivial}");
        }
        assert_eq!(Pin::new("").unwrap_err(), PinFault::TooShort);
        assert_eq!(Pin::new("27182").unwrap_err(), PinFault::TooShort);
        for other in ["27182a", "２７１８２８", "271828\n", " 271828", "-271828"] {
            assert_eq!(Pin::new(other).unwrap_err(), PinFault::NotDigits, "{other:?}");
        }
        assert_eq!(Pin::new(&"27182".repeat(7)).unwrap_err(), PinFault::TooLong);
        assert!(Pin::new("271828").is_ok());
        assert!(Pin::new(&"27182818".repeat(4)).is_ok());
    }

    /// X-C12: a PIN is never shown.
    #[test]
    fn a_pin_does_not_show_itself() {
        assert!(!format!("{:?}", Pin::new("271828").unwrap()).contains("271828"));
    }
}
