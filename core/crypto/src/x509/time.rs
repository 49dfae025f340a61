//! UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 allows them.

use super::der::{self, Element, GENERALIZED_TIME, Reader, UTC_TIME};
use super::error::{X509Error, X509ErrorKind as Kind};
use crate::{Date, Timestamp};

/// First second of 2050, from which GeneralizedTime has to be used.
const YEAR_2050: i64 = 2_524_608_000;
/// First second of 1950, before which a time has to be a GeneralizedTime.
const YEAR_1950: i64 = -631_152_000;

/// A `Time`: seconds are mandatory, the zone is `Z`, no fraction.
///
/// The choice between the two forms is not enforced here: certificates in the field write GeneralizedTime throughout.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Timestamp, X509Error> {
    match reader.peek() {
        Some(UTC_TIME | GENERALIZED_TIME) => parse(&reader.any()?),
        _ => Err(reader.error(Kind::Expected("Time"))),
    }
}

fn parse(element: &Element<'_>) -> Result<Timestamp, X509Error> {
    let bad = X509Error::new(element.span.start(), Kind::Malformed("Time"));
    let (year, rest) = if element.tag == UTC_TIME {
        let (year, rest) = element.value.split_at_checked(2).ok_or(bad)?;
        let year = decimal(year).ok_or(bad)?;
        (
            if year >= 50 {
                year.saturating_add(1900)
            } else {
                year.saturating_add(2000)
            },
            rest,
        )
    } else {
        let (year, rest) = element.value.split_at_checked(4).ok_or(bad)?;
        (decimal(year).ok_or(bad)?, rest)
    };
    let [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, b'Z'] = *rest else {
        return Err(bad);
    };
    let pair = |a, b| decimal(&[a, b]).and_then(|n| u8::try_from(n).ok()).ok_or(bad);
    let date = Date::new(year, pair(m1, m2)?, pair(d1, d2)?).map_err(|_| bad)?;
    Timestamp::from_utc(date, pair(h1, h2)?, pair(n1, n2)?, pair(s1, s2)?).map_err(|_| bad)
}

fn decimal(digits: &[u8]) -> Option<u16> {
    let mut value = 0_u16;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value
            .checked_mul(10)?
            .checked_add(u16::from(digit.wrapping_sub(b'0')))?;
    }
    Some(value)
}

/// UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5).
pub(crate) fn encode(time: Timestamp) -> Result<Vec<u8>, X509Error> {
    // "2026-01-01T00:00:00Z" → "20260101000000Z"
    let text = time.to_rfc3339();
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect();
    if digits.len() != 15 {
        return Err(X509Error::build("time"));
    }
    if (YEAR_1950..YEAR_2050).contains(&time.unix()) {
        Ok(der::encode(UTC_TIME, &[digits.get(2..).unwrap_or_default().as_bytes()]))
    } else {
        Ok(der::encode(GENERALIZED_TIME, &[digits.as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )]
    use super::*;

    fn generalized(text: &str) -> Result<i64, X509Error> {
        let der = der::encode(GENERALIZED_TIME, &[text.as_bytes()]);
        read(&mut Reader::new(&der)).map(|t| t.unix())
    }

    #[test]
    fn a_time_is_the_second_it_names() {
        assert_eq!(generalized("19700101000000Z"), Ok(0));
        assert_eq!(generalized("20000229235959Z"), Ok(951_868_799));
        assert_eq!(generalized("99991231235959Z"), Ok(253_402_300_799));
        assert!(generalized("20010229000000Z").is_err());
        assert!(generalized("20260101000060Z").is_err());
        assert!(generalized("202601010000Z").is_err());
        assert!(generalized("20260101000000.5Z").is_err());
        assert!(generalized("20260101000000+0100").is_err());
    }

    #[test]
    fn a_time_survives_encoding_on_both_sides_of_2050() {
        for unix in [0, YEAR_2050 - 1, YEAR_2050, 4_102_444_800] {
            let der = encode(Timestamp::from_unix(unix)).unwrap();
            assert_eq!(der[0] == UTC_TIME, unix < YEAR_2050);
            assert_eq!(read(&mut Reader::new(&der)).unwrap().unix(), unix);
        }
    }
}
