//! `tdate` (tag 0) and `full-date` (tag 1004).

use super::error::{Error, ErrorKind};
use super::{Decoder, Encoder, Result};
use idwallet_crypto::{Date, Timestamp};

/// RFC 3339 date-time text (RFC 8949 §3.4.1).
pub(super) const TAG_TDATE: u64 = 0;
/// RFC 3339 full-date text (RFC 8943).
pub(super) const TAG_FULL_DATE: u64 = 1004;

impl Decoder<'_> {
    /// A `tdate` as ISO 18013-5 wants it: tag 0, `Z`, no fraction of a second (A-C06).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDate`]; [`ErrorKind::WrongTag`], [`ErrorKind::WrongType`].
    pub fn tdate(&mut self) -> Result<Timestamp> {
        self.expect_tag(TAG_TDATE)?;
        let at = self.offset();
        Timestamp::parse_rfc3339(self.text()?).map_err(|_| Error::new(at, ErrorKind::InvalidDate))
    }

    /// A `tdate` with fractions of a second (cut off) and offsets accepted, for what is in the field. The flag says whether the strict form would have taken it.
    ///
    /// # Errors
    /// As [`Self::tdate`].
    pub fn tdate_lenient(&mut self) -> Result<(Timestamp, bool)> {
        self.expect_tag(TAG_TDATE)?;
        let at = self.offset();
        let text = self.text()?;
        let strict = Timestamp::parse_rfc3339(text).is_ok();
        match Timestamp::parse_rfc3339_lenient(text) {
            Ok(time) => Ok((time, strict)),
            Err(_) => Err(Error::new(at, ErrorKind::InvalidDate)),
        }
    }

    /// A `full-date`: tag 1004 around `YYYY-MM-DD` (RFC 8943).
    ///
    /// # Errors
    /// As [`Self::tdate`].
    pub fn full_date(&mut self) -> Result<Date> {
        self.expect_tag(TAG_FULL_DATE)?;
        let at = self.offset();
        Date::parse(self.text()?).map_err(|_| Error::new(at, ErrorKind::InvalidDate))
    }
}

impl Encoder {
    /// A `tdate`, `#6.0("2026-01-01T00:00:00Z")` (A-C06).
    pub fn tdate(&mut self, time: Timestamp) -> &mut Self {
        self.tag(TAG_TDATE).text(&time.to_rfc3339())
    }

    /// A `full-date`, `#6.1004("2026-01-01")` (RFC 8943).
    pub fn full_date(&mut self, date: Date) -> &mut Self {
        self.tag(TAG_FULL_DATE).text(&date.to_string())
    }
}
