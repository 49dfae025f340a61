//! Times, dates and the clock.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

use idwallet_crypto::{Clock, Date, SystemClock, Timestamp};
use proptest::prelude::*;

/// A-C06.
#[test]
fn a_tdate_is_read_strictly() {
    let time = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
    assert_eq!(time.unix(), 1_767_225_600);
    assert_eq!(time.to_rfc3339(), "2026-01-01T00:00:00Z");
    for wrong in [
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T00:00:00+01:00",
        "2026-01-01T00:00:00z",
        "2026-01-01t00:00:00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "2026-01-01",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "+026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z ",
        "２026-01-01T00:00:00Z",
        "",
    ] {
        assert!(Timestamp::parse_rfc3339(wrong).is_err(), "{wrong}");
    }
}

/// A-C06.
#[test]
fn other_rfc_3339_forms_are_read_leniently() {
    for (text, same) in [
        ("2026-01-01T00:00:00.999Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00+07:00", "2025-12-31T17:00:00Z"),
        ("2026-01-01T00:00:00.25-00:30", "2026-01-01T00:30:00Z"),
        ("2016-12-31t23:59:60z", "2016-12-31T23:59:59Z"),
    ] {
        assert_eq!(Timestamp::parse_rfc3339_lenient(text).unwrap().to_rfc3339(), same);
    }
    for wrong in [
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0700",
        "0000-01-01T00:00:00+01:00",
    ] {
        assert!(Timestamp::parse_rfc3339_lenient(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn ages_are_completed_years() {
    let date = |text| Date::parse(text).unwrap();
    let born = date("2008-02-29");
    assert_eq!(born.age_on(date("2026-02-28")), Some(17));
    assert_eq!(born.age_on(date("2026-03-01")), Some(18));
    assert_eq!(born.age_on(date("2028-02-29")), Some(20));
    assert_eq!(born.age_on(born), Some(0));
    assert_eq!(born.age_on(date("2008-02-28")), None);
    assert_eq!(born.age_on(date("2007-12-31")), None);
    for wrong in [
        "2026-02-30",
        "2026-1-01",
        "2026-00-01",
        "2026-01-32",
        "20260101",
        "2026-01-01T",
    ] {
        assert!(Date::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_ends_of_time_hold() {
    assert_eq!(Timestamp::from_unix(i64::MIN).to_rfc3339(), "0000-01-01T00:00:00Z");
    assert_eq!(Timestamp::from_unix(i64::MAX).to_rfc3339(), "9999-12-31T23:59:59Z");
    assert_eq!(Timestamp::MAX.checked_add_seconds(1), None);
    assert_eq!(Timestamp::MIN.checked_add_seconds(-1), None);
    assert_eq!(Timestamp::UNIX_EPOCH.checked_add_seconds(i64::MAX), None);
    assert_eq!(Timestamp::from_unix(-1).to_rfc3339(), "1969-12-31T23:59:59Z");
}

/// X-C10.
#[test]
fn the_clock_of_the_system_goes() {
    let now = SystemClock.now();
    assert!(now > Timestamp::parse_rfc3339("2025-01-01T00:00:00Z").unwrap());
    assert!(now < Timestamp::MAX);
}

proptest! {
    #[test]
    fn times_survive_their_text(seconds in -62_167_219_200i64..253_402_300_800) {
        let time = Timestamp::from_unix(seconds);
        prop_assert_eq!(time.unix(), seconds);
        let text = time.to_rfc3339();
        prop_assert_eq!(Timestamp::parse_rfc3339(&text).unwrap(), time);
        prop_assert_eq!(Timestamp::parse_rfc3339_lenient(&text).unwrap(), time);
        prop_assert_eq!(Date::parse(&time.date().to_string()).unwrap(), time.date());
    }

    /// X-C09.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = Timestamp::parse_rfc3339(&text);
        let _ = Timestamp::parse_rfc3339_lenient(&text);
        let _ = Date::parse(&text);
    }
}
