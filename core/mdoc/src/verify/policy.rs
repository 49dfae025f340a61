//! What the caller asks of a document, and when.

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::Strictness;

/// How far a clock may be slow, in seconds: what *begins* within this time is taken as begun (X-C10). What has ended has ended:
/// there is no tolerance at the end of a validity. Certificates have none at either end.
pub const CLOCK_SKEW_SECONDS: i64 = 60;

/// What the caller asks of a document.
///
/// ```
/// # use idwallet_mdoc::verify::Policy;
/// # let now = idwallet_crypto::Timestamp::from_unix(1_780_315_200);
/// let policy = Policy::iso().at(now).require_revocation();
/// ```
///
/// No policy relaxes signatures, digests, document type, validity, key authorisations or device authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(super) at: Timestamp,
    pub(super) strictness: Strictness,
    pub(super) revocation_required: bool,
    pub(super) status_required: bool,
    pub(super) untrusted_allowed: bool,
    pub(super) issuer_only: bool,
    pub(super) all_elements: bool,
}

/// A [`Policy`] that waits for the time of the check: there is no clock in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndatedPolicy(Strictness);

impl UndatedPolicy {
    /// The time of the check.
    #[must_use]
    pub const fn at(self, now: Timestamp) -> Policy {
        Policy::new(self.0, now)
    }
}

impl Policy {
    /// ISO 18013-5 to the letter.
    #[must_use]
    pub const fn iso() -> UndatedPolicy {
        UndatedPolicy(Strictness::Iso)
    }

    /// As [`Self::iso`], and the key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence (A-C42).
    #[must_use]
    pub const fn generic() -> UndatedPolicy {
        UndatedPolicy(Strictness::Generic)
    }

    /// For what is in the field: departures from the certificate profiles, a signer that is itself an anchor, dates of another form
    /// and the like are warnings with their clause.
    #[must_use]
    pub const fn lenient() -> UndatedPolicy {
        UndatedPolicy(Strictness::Lenient)
    }

    /// A policy from its parts.
    #[must_use]
    pub const fn new(strictness: Strictness, at: Timestamp) -> Self {
        Self {
            at,
            strictness,
            revocation_required: false,
            status_required: false,
            untrusted_allowed: false,
            issuer_only: false,
            all_elements: false,
        }
    }

    /// The state of every certificate must be known from a CRL. Without this a revoked one is refused and an unknown one warned of.
    #[must_use]
    pub const fn require_revocation(mut self) -> Self {
        self.revocation_required = true;
        self
    }

    /// The status of the document must be known. Without this a revoked one is refused and an unknown one warned of.
    #[must_use]
    pub const fn require_status(mut self) -> Self {
        self.status_required = true;
        self
    }

    /// Every element that was asked for must be there. Without this a missing one is warned of.
    #[must_use]
    pub const fn require_all_elements(mut self) -> Self {
        self.all_elements = true;
        self
    }

    /// A document is accepted though no anchor was given. One whose issuer is not among the anchors that *were* given is not.
    #[must_use]
    pub const fn allow_untrusted(mut self) -> Self {
        self.untrusted_allowed = true;
        self
    }

    /// Only what the issuer signed is asked for: a holder who imports a document (A-H61), or a look at a stored one.
    #[must_use]
    pub const fn issuer_only(mut self) -> Self {
        self.issuer_only = true;
        self
    }

    /// The same at another time.
    #[must_use]
    pub const fn with_time(mut self, now: Timestamp) -> Self {
        self.at = now;
        self
    }

    /// The time of the check.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.at
    }

    /// How departures from the standard are taken.
    #[must_use]
    pub const fn strictness(&self) -> Strictness {
        self.strictness
    }

    /// Whether device authentication is not asked for.
    #[must_use]
    pub const fn is_issuer_only(&self) -> bool {
        self.issuer_only
    }

    /// Whether departures from the standard are warnings.
    pub(super) const fn is_lenient(&self) -> bool {
        matches!(self.strictness, Strictness::Lenient)
    }

    /// The latest time that counts as begun.
    pub(super) const fn latest_start(&self) -> Timestamp {
        self.at.saturating_add_seconds(CLOCK_SKEW_SECONDS)
    }
}
