//! Points in time and calendar dates, and the one clock.

use crate::CryptoError;
use core::fmt;

/// Two clocks read at once: the calendar, which anybody may set, and the time since the device was started, which nobody may.
///
/// Waiting (a lock after wrong PINs, a lock after idleness) is measured by [`uptime`](Self::uptime) alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The calendar's time.
    pub wall: Timestamp,
    /// Time since the device was started, sleep included where the platform counts it; begins again at zero with every start.
    pub uptime: core::time::Duration,
}

impl Moment {
    /// How much time has passed *at least* since `earlier` was read. After a restart only the time since that start is certain.
    #[must_use]
    pub fn at_least_since(self, earlier: core::time::Duration) -> core::time::Duration {
        self.uptime.checked_sub(earlier).unwrap_or(self.uptime)
    }
}

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Always within the years 0000 to 9999, so that every value has an RFC 3339 form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// 0000-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;
const SECONDS_A_DAY: i64 = 86_400;
/// Days from 1970-01-01 to the Julian day number the `time` crate counts in.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);
    /// 0000-01-01T00:00:00Z.
    pub const MIN: Self = Self(FIRST_SECOND);
    /// 9999-12-31T23:59:59Z, which RFC 5280 §4.1.2.5 uses for "no expiration date".
    pub const MAX: Self = Self(LAST_SECOND);

    /// The time `seconds` after the epoch; times before year 0 or after 9999 become [`MIN`](Self::MIN) or
    /// [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        if seconds < FIRST_SECOND {
            Self(FIRST_SECOND)
        } else if seconds > LAST_SECOND {
            Self(LAST_SECOND)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// A UTC calendar time.
    ///
    /// # Errors
    /// [`CryptoError::Time`] when there is no such date or time of day.
    pub fn from_utc(date: Date, hour: u8, minute: u8, second: u8) -> Result<Self, CryptoError> {
        if hour > 23 || minute > 59 || second > 59 {
            return Err(CryptoError::Time("time of day out of range"));
        }
        let of_day = i64::from(hour)
            .saturating_mul(3600)
            .saturating_add(i64::from(minute).saturating_mul(60))
            .saturating_add(i64::from(second));
        Ok(Self::from_unix(
            date.days_since_epoch()
                .saturating_mul(SECONDS_A_DAY)
                .saturating_add(of_day),
        ))
    }

    /// Reads a `tdate` strictly: `2026-01-01T00:00:00Z`, no fraction, no offset but `Z` (A-C06).
    ///
    /// # Errors
    /// [`CryptoError::Time`].
    pub fn parse_rfc3339(text: &str) -> Result<Self, CryptoError> {
        let bytes = text.as_bytes();
        let (time, rest) = parse_seconds(bytes, false)?;
        if rest == b"Z" {
            Ok(time)
        } else {
            Err(CryptoError::Time("a tdate ends with Z after the seconds"))
        }
    }

    /// Reads any RFC 3339 `date-time`; a fraction is cut off and an offset is converted to UTC.
    ///
    /// A leap second (`:60`) is read as the second before it.
    ///
    /// # Errors
    /// [`CryptoError::Time`].
    pub fn parse_rfc3339_lenient(text: &str) -> Result<Self, CryptoError> {
        let (time, mut rest) = parse_seconds(text.as_bytes(), true)?;
        if let Some((b'.', fraction)) = rest.split_first() {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return Err(CryptoError::Time("empty fraction"));
            }
            rest = fraction.get(digits..).unwrap_or_default();
        }
        match rest {
            [b'Z' | b'z'] => Ok(time),
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let hours = number(&[*h1, *h2])?;
                let minutes = number(&[*m1, *m2])?;
                if hours > 23 || minutes > 59 {
                    return Err(CryptoError::Time("offset out of range"));
                }
                let offset = hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60));
                let offset = if *sign == b'+' { offset.saturating_neg() } else { offset };
                time.checked_add_seconds(offset)
                    .ok_or(CryptoError::Time("out of range"))
            }
            _ => Err(CryptoError::Time("no time zone")),
        }
    }

    /// The `tdate` form, `2026-01-01T00:00:00Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.to_string()
    }

    /// `seconds` later (or earlier); `None` beyond the years 0000 to 9999.
    #[must_use]
    pub const fn checked_add_seconds(self, seconds: i64) -> Option<Self> {
        match self.0.checked_add(seconds) {
            Some(s) if s >= FIRST_SECOND && s <= LAST_SECOND => Some(Self(s)),
            _ => None,
        }
    }

    /// `seconds` later (or earlier), held within the years 0000 to 9999.
    #[must_use]
    pub const fn saturating_add_seconds(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The UTC date.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_days_since_epoch(self.0.div_euclid(SECONDS_A_DAY))
    }

    /// Hour, minute and second of the UTC day.
    #[must_use]
    pub fn time_of_day(self) -> (u8, u8, u8) {
        let s = self.0.rem_euclid(SECONDS_A_DAY);
        let part = |v: i64| u8::try_from(v).unwrap_or(0);
        (
            part(s.div_euclid(3600)),
            part(s.div_euclid(60).rem_euclid(60)),
            part(s.rem_euclid(60)),
        )
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.time_of_day();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}Z", self.date())
    }
}

/// `YYYY-MM-DDTHH:MM:SS` and what follows it.
fn parse_seconds(bytes: &[u8], lenient: bool) -> Result<(Timestamp, &[u8]), CryptoError> {
    let (head, rest) = bytes
        .split_at_checked(19)
        .ok_or(CryptoError::Time("too short for a date-time"))?;
    let (date, clock) = head
        .split_at_checked(10)
        .ok_or(CryptoError::Time("too short for a date-time"))?;
    let date = Date::parse_bytes(date)?;
    let [t, h1, h2, b':', m1, m2, b':', s1, s2] = clock else {
        return Err(CryptoError::Time("not HH:MM:SS"));
    };
    if !(*t == b'T' || lenient && matches!(t, b't' | b' ')) {
        return Err(CryptoError::Time("no T between date and time"));
    }
    let part = |a: &u8, b: &u8| -> Result<u8, CryptoError> {
        u8::try_from(number(&[*a, *b])?).map_err(|_| CryptoError::Time("time of day out of range"))
    };
    let second = match part(s1, s2)? {
        60 if lenient => 59,
        s => s,
    };
    Ok((Timestamp::from_utc(date, part(h1, h2)?, part(m1, m2)?, second)?, rest))
}

/// A number of ASCII digits only.
fn number(digits: &[u8]) -> Result<i64, CryptoError> {
    digits.iter().try_fold(0i64, |n, d| {
        if !d.is_ascii_digit() {
            return Err(CryptoError::Time("not a digit"));
        }
        Ok(n.saturating_mul(10).saturating_add(i64::from(d.saturating_sub(b'0'))))
    })
}

/// A calendar date (`full-date`, RFC 8943), proleptic Gregorian, years 0000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A date.
    ///
    /// # Errors
    /// [`CryptoError::Time`] when the calendar has no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, CryptoError> {
        to_calendar(year, month, day)
            .filter(|_| year <= 9999)
            .map(|_| Self { year, month, day })
            .ok_or(CryptoError::Time("no such day"))
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`CryptoError::Time`].
    pub fn parse(text: &str) -> Result<Self, CryptoError> {
        Self::parse_bytes(text.as_bytes())
    }

    fn parse_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else {
            return Err(CryptoError::Time("not YYYY-MM-DD"));
        };
        let year = number(&[*y1, *y2, *y3, *y4])?;
        let month = number(&[*m1, *m2])?;
        let day = number(&[*d1, *d2])?;
        match (u16::try_from(year), u8::try_from(month), u8::try_from(day)) {
            (Ok(year), Ok(month), Ok(day)) => Self::new(year, month, day),
            _ => Err(CryptoError::Time("no such day")),
        }
    }

    /// The year, 0 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Completed years of a person born on `self`, on the day `on`; `None` when born later.
    ///
    /// Someone born on 29 February completes a year on 1 March of a common year.
    #[must_use]
    pub fn age_on(self, on: Self) -> Option<u16> {
        let years = on.year.checked_sub(self.year)?;
        if (on.month, on.day) < (self.month, self.day) {
            years.checked_sub(1)
        } else {
            Some(years)
        }
    }

    /// Days from 1970-01-01.
    #[must_use]
    pub fn days_since_epoch(self) -> i64 {
        // `new` let only real days in, so the other branch is never taken.
        to_calendar(self.year, self.month, self.day)
            .map_or(0, |d| i64::from(d.to_julian_day()).saturating_sub(EPOCH_JULIAN_DAY))
    }

    /// The date so many days from 1970-01-01, held within the years 0000 to 9999.
    #[must_use]
    pub fn from_days_since_epoch(days: i64) -> Self {
        let days = days.clamp(
            FIRST_SECOND.div_euclid(SECONDS_A_DAY),
            LAST_SECOND.div_euclid(SECONDS_A_DAY),
        );
        let date = i32::try_from(days.saturating_add(EPOCH_JULIAN_DAY))
            .ok()
            .and_then(|day| time::Date::from_julian_day(day).ok());
        let (year, month, day) = date.map_or((1970, 1, 1), |d| {
            (u16::try_from(d.year()).unwrap_or(0), u8::from(d.month()), d.day())
        });
        Self { year, month, day }
    }
}

fn to_calendar(year: u16, month: u8, day: u8) -> Option<time::Date> {
    let month = time::Month::try_from(month).ok()?;
    time::Date::from_calendar_date(i32::from(year), month, day).ok()
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The time now, as a port (X-C10).
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The system's clock: the one place in the core that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the port that everything else takes its time from"
    )]
    fn now(&self) -> Timestamp {
        let seconds = match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_secs())
                .unwrap_or(i64::MAX)
                .saturating_neg(),
        };
        Timestamp::from_unix(seconds)
    }
}

impl Clock for Timestamp {
    /// A clock that stands still, for tests and for replaying a moment.
    fn now(&self) -> Timestamp {
        *self
    }
}
