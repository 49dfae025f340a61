//! What the caller asks of a document and of its own knowledge.

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::Strictness;
use idwallet_mdoc::verify;

/// Seconds of so many days.
#[must_use]
pub const fn days(days: u32) -> u64 {
    86_400_u64.saturating_mul(days as u64)
}

/// What the caller asks: of a document as [`idwallet_mdoc::verify::Policy`] says, and of the age of its own knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) document: verify::Policy,
    pub(crate) max_snapshot_age: Option<u64>,
    pub(crate) account_level: Option<u8>,
}

/// A [`Policy`] that waits for the time of the check: there is no clock in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndatedPolicy(Strictness);

impl UndatedPolicy {
    /// The time of the check.
    #[must_use]
    pub const fn at(self, now: Timestamp) -> Policy {
        Policy {
            document: verify::Policy::new(self.0, now),
            max_snapshot_age: None,
            account_level: None,
        }
    }
}

impl From<verify::Policy> for Policy {
    fn from(document: verify::Policy) -> Self {
        Self {
            document,
            max_snapshot_age: None,
            account_level: None,
        }
    }
}

impl Policy {
    /// ISO 18013-5 to the letter.
    #[must_use]
    pub const fn iso() -> UndatedPolicy {
        UndatedPolicy(Strictness::Iso)
    }

    /// As [`Self::iso`], and the key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence.
    #[must_use]
    pub const fn generic() -> UndatedPolicy {
        UndatedPolicy(Strictness::Generic)
    }

    /// For what is in the field: departures from certificate profiles and forms are warnings.
    #[must_use]
    pub const fn lenient() -> UndatedPolicy {
        UndatedPolicy(Strictness::Lenient)
    }

    /// One of the three by its value.
    #[must_use]
    pub const fn of(strictness: Strictness) -> UndatedPolicy {
        UndatedPolicy(strictness)
    }

    /// The same policy at another time: a reader that waits for an answer checks it when it comes.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self {
            document: self.document.with_time(now),
            ..self
        }
    }

    /// Knowledge from a snapshot made more than this many seconds ago refuses whatever rests on it, with a reason of its own.
    #[must_use]
    pub const fn max_snapshot_age(mut self, seconds: u64) -> Self {
        self.max_snapshot_age = Some(seconds);
        self
    }

    /// A document whose type states the level of the identity account is refused below this level (1 or 2), or without one. What the
    /// request itself says ([`Request::require_account_level`](crate::Request::require_account_level)) holds in any case.
    #[must_use]
    pub const fn require_account_level(mut self, level: u8) -> Self {
        self.account_level = Some(level);
        self
    }

    /// The state of every certificate must be known from a CRL.
    #[must_use]
    pub const fn require_revocation(mut self) -> Self {
        self.document = self.document.require_revocation();
        self
    }

    /// The status of the document must be known.
    #[must_use]
    pub const fn require_status(mut self) -> Self {
        self.document = self.document.require_status();
        self
    }

    /// Every element that was asked for must be there.
    #[must_use]
    pub const fn require_all_elements(mut self) -> Self {
        self.document = self.document.require_all_elements();
        self
    }

    /// A document is accepted though no anchor was given.
    #[must_use]
    pub const fn allow_untrusted(mut self) -> Self {
        self.document = self.document.allow_untrusted();
        self
    }

    /// Only what the issuer signed is asked for.
    #[must_use]
    pub const fn issuer_only(mut self) -> Self {
        self.document = self.document.issuer_only();
        self
    }

    /// The time of the check.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.document.time()
    }
}
