//! Who may sign a list (A-V30), and how old it may be.

use idwallet_crypto::x509::{
    Certificate, Crl, PathError, PathOptions, Profile, RevocationRequirement, Strictness, TrustAnchors, ValidatedPath,
    oid, validate_path,
};
use idwallet_crypto::{PublicKey, Timestamp};

use crate::StatusListError;

/// What a list's signer has to lead to.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ListTrust<'a> {
    /// `certificate` of the status in a *verified* MSO, DER: it alone is the trust point of the list's chain
    /// (ISO 18013-5 2nd edition §12.3.6.2).
    Certificate(&'a [u8]),
    /// The authority that issued the document signer of the MSO: the list's chain must end in a certificate that the
    /// very same authority issued (§12.3.6.2).
    IssuingAuthority(&'a Certificate),
    /// Any of these anchors: for a list that is looked at by itself. Not enough for an MSO, whose issuer must be the list's.
    Anchors(&'a TrustAnchors),
    /// A key that is known from elsewhere; the list's certificates are not looked at. No rule of ISO 18013-5.
    Key(&'a PublicKey),
}

impl<'a> ListTrust<'a> {
    /// The rule for the list of an MSO (A-V30): the `certificate` of its status if there is one, else the authority
    /// that issued its document signer. `signer` is the validated path of that document signer.
    #[must_use]
    pub fn for_mso(certificate: Option<&'a [u8]>, signer: &'a ValidatedPath) -> Self {
        match certificate {
            Some(der) => Self::Certificate(der),
            None => Self::IssuingAuthority(signer.intermediates().first().unwrap_or_else(|| signer.anchor())),
        }
    }
}

/// When and how strictly a list is checked.
#[derive(Debug, Clone, Copy)]
pub struct ListPolicy<'a> {
    /// The time of the check.
    pub at: Timestamp,
    /// What departures of the signer's certificate from its profile lead to.
    pub strictness: Strictness,
    /// Whether the signer's certificate must have the key purpose of status signing. The standard forbids to require
    /// it by default (A-V30).
    pub require_status_signing: bool,
    /// How many seconds ago the list may have been issued (`iat`); `None` leaves it to `exp`.
    pub max_age: Option<u64>,
    /// When the list was fetched. `ttl` runs from then.
    pub fetched_at: Option<Timestamp>,
    /// Whether a list whose `ttl` has run out since [`fetched_at`](Self::fetched_at) is refused. `ttl` asks for a newer
    /// list and does not end the older one, so by default it is not.
    pub enforce_ttl: bool,
    /// Seconds by which the issuer's clock may be ahead of ours (X-C10).
    pub clock_skew: u32,
    /// Revocation lists for the signer's certificate.
    pub crls: &'a [Crl],
    /// What is done about the revocation of the signer's certificate.
    pub revocation: RevocationRequirement,
    /// Most bytes the list may inflate to; [`limits::INFLATED`](crate::limits::INFLATED) unless set lower.
    pub max_inflated: u64,
}

/// Seconds by which an issuer's clock may be ahead (X-C10).
const CLOCK_SKEW: u32 = 60;

impl<'a> ListPolicy<'a> {
    /// ISO 18013-5 2nd edition to the letter at `at`: no key purpose asked for, no age beyond `exp`, no revocation lists.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            strictness: Strictness::Iso,
            require_status_signing: false,
            max_age: None,
            fetched_at: None,
            enforce_ttl: false,
            clock_skew: CLOCK_SKEW,
            crls: &[],
            revocation: RevocationRequirement::IfAvailable,
            max_inflated: crate::limits::INFLATED,
        }
    }

    /// Sets the strictness about the signer's certificate.
    #[must_use]
    pub const fn strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }

    /// Asks for the key purpose of status signing.
    #[must_use]
    pub const fn require_status_signing(mut self) -> Self {
        self.require_status_signing = true;
        self
    }

    /// Refuses lists issued more than `seconds` ago.
    #[must_use]
    pub const fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Says when the list was fetched, and whether its `ttl` is enforced.
    #[must_use]
    pub const fn fetched_at(mut self, fetched_at: Timestamp, enforce_ttl: bool) -> Self {
        self.fetched_at = Some(fetched_at);
        self.enforce_ttl = enforce_ttl;
        self
    }

    /// Gives revocation lists for the signer and says whether they must suffice.
    #[must_use]
    pub const fn revocation(mut self, crls: &'a [Crl], requirement: RevocationRequirement) -> Self {
        self.crls = crls;
        self.revocation = requirement;
        self
    }
}

/// The path from the list's chain to its trust point.
pub(crate) fn signer_path(
    chain: &[&[u8]],
    trust: &ListTrust<'_>,
    policy: &ListPolicy<'_>,
) -> Result<ValidatedPath, StatusListError> {
    let anchors: TrustAnchors = match trust {
        ListTrust::Certificate(der) => {
            let certificate = Certificate::from_der(der).map_err(StatusListError::TrustPoint)?;
            core::iter::once(certificate).collect()
        }
        ListTrust::IssuingAuthority(certificate) => core::iter::once((*certificate).clone()).collect(),
        ListTrust::Anchors(anchors) => (*anchors).clone(),
        ListTrust::Key(_) => return Err(StatusListError::Path(PathError::Empty)),
    };
    let options = PathOptions::new(policy.at, Profile::StatusSigner)
        .strictness(policy.strictness)
        .revocation(policy.crls, policy.revocation);
    let path = validate_path(chain, &anchors, &options).map_err(StatusListError::Path)?;
    if policy.require_status_signing && !path.leaf().has_key_purpose(oid::STATUS_SIGNING) {
        return Err(StatusListError::StatusSigningMissing);
    }
    Ok(path)
}
