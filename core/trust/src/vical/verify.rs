//! Signer, signature, times, roll-back (A-V41), and what the list then says.

use idwallet_cose::Verified;
use idwallet_crypto::x509::{
    Crl, PathError, PathOptions, Profile, RevocationRequirement, Strictness, ValidatedPath, oid, validate_path,
};
use idwallet_crypto::{SignatureAlgorithm, Timestamp};

use super::NAME;
use super::check::{self, DroppedEntry, VicalEntry};
use super::parse::UnverifiedVical;
use crate::{TrustError, VicalProviders};

/// Seconds by which a provider's clock may be ahead of ours (X-C10).
const CLOCK_SKEW: i64 = 60;

/// Identifies an issue of a provider's list: what has to be kept to notice that an older one is put in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VicalIssue {
    /// `vicalProvider`.
    pub provider: String,
    /// `vicalIssueID`.
    pub issue_id: Option<u64>,
    /// `date`.
    pub date: Timestamp,
}

/// What is done about a list whose `nextUpdate` has passed. It stays genuine; a newer one should have been fetched (A-V41).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PastNextUpdate {
    /// It is used, and [`VerifiedVical::freshness`] says so: for readers without network.
    #[default]
    Report,
    /// It is refused.
    Refuse,
}

/// When and how strictly a trust list is checked.
#[derive(Debug, Clone, Copy)]
pub struct VicalPolicy<'a> {
    /// The time of the check.
    pub at: Timestamp,
    /// What departures of the signer's certificate and of the list's form lead to. See [`new`](Self::new).
    pub strictness: Strictness,
    /// What is done about a list whose `nextUpdate` has passed.
    pub past_next_update: PastNextUpdate,
    /// The newest issue accepted before; an older one of that provider is refused.
    pub previous: Option<&'a VicalIssue>,
    /// Revocation lists for the signer's chain.
    pub crls: &'a [Crl],
    /// What is done about the revocation of the signer.
    pub revocation: RevocationRequirement,
}

impl<'a> VicalPolicy<'a> {
    /// Departures from the certificate profile and from the list's form are reported; a past `nextUpdate` is reported.
    ///
    /// Lenient, because whose lists are believed is the decision of whoever configured the provider's root, and the one
    /// large public list departs: its signer's key usage is nonRepudiation, and its chain holds the root. Signature, chain,
    /// validity and key purpose are checked all the same.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            strictness: Strictness::Lenient,
            past_next_update: PastNextUpdate::Report,
            previous: None,
            crls: &[],
            revocation: RevocationRequirement::IfAvailable,
        }
    }

    /// ISO 18013-5 to the letter.
    #[must_use]
    pub const fn iso(at: Timestamp) -> Self {
        Self::new(at).strictness(Strictness::Iso)
    }

    /// Sets the strictness.
    #[must_use]
    pub const fn strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }

    /// Sets what a past `nextUpdate` leads to.
    #[must_use]
    pub const fn past_next_update(mut self, action: PastNextUpdate) -> Self {
        self.past_next_update = action;
        self
    }

    /// Refuses issues older than this one.
    #[must_use]
    pub const fn previous(mut self, issue: &'a VicalIssue) -> Self {
        self.previous = Some(issue);
        self
    }

    /// Gives revocation lists for the signer's chain and says whether they must suffice.
    #[must_use]
    pub const fn revocation(mut self, crls: &'a [Crl], requirement: RevocationRequirement) -> Self {
        self.crls = crls;
        self.revocation = requirement;
        self
    }

    /// The same policy with these revocation lists, where it has none of its own.
    pub(crate) fn revocation_lists<'b>(self, crls: &'b [Crl]) -> VicalPolicy<'b>
    where
        'a: 'b,
    {
        VicalPolicy {
            crls: if self.crls.is_empty() { crls } else { self.crls },
            ..self
        }
    }
}

/// Whether a newer list is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VicalFreshness {
    /// Not before that time; `None` where the list does not say.
    Current(Option<Timestamp>),
    /// Since that time: `nextUpdate` has passed.
    PastNextUpdate(Timestamp),
}

/// A departure of the list from its form, let pass by a lenient policy (A-V40).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VicalFinding {
    /// The COSE_Sign1 has a tag.
    Tagged,
    /// A date has a fraction of a second or an offset.
    DateForm,
}

impl VicalFinding {
    /// What is wrong, in a sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Tagged => "the COSE_Sign1 has a tag",
            Self::DateForm => "a date has a fraction of a second or an offset",
        }
    }
}

/// A trust list whose signer, signature and times are checked.
#[derive(Debug, Clone)]
pub struct VerifiedVical {
    issue: VicalIssue,
    next_update: Option<Timestamp>,
    not_after: Option<Timestamp>,
    url: Option<String>,
    freshness: VicalFreshness,
    entries: Vec<VicalEntry>,
    dropped: Vec<DroppedEntry>,
    findings: Vec<VicalFinding>,
    signer: ValidatedPath,
}

impl UnverifiedVical<'_> {
    /// Checks signer chain with key purpose, signature, version, times and roll-back (A-V41), and each entry against its
    /// certificate (A-V42).
    ///
    /// # Errors
    /// [`TrustError`]: the list is not used.
    pub fn verify(&self, providers: &VicalProviders, policy: &VicalPolicy<'_>) -> Result<VerifiedVical, TrustError> {
        let signer = self.check_signer(providers, policy)?;
        self.check_signature(&signer)?;
        let header = &self.header;
        if header
            .version
            .split_once('.')
            .map_or(header.version, |(major, _)| major)
            != "1"
        {
            return Err(TrustError::Version(NAME));
        }
        let findings = self.check_form(policy.strictness)?;
        let freshness = self.check_times(policy)?;
        let issue = VicalIssue {
            provider: header.provider.to_owned(),
            issue_id: header.issue_id,
            date: header.date,
        };
        if policy.previous.is_some_and(|previous| is_rolled_back(previous, &issue)) {
            return Err(TrustError::VicalRolledBack);
        }
        let (mut entries, mut dropped) = (Vec::with_capacity(self.infos.len()), Vec::new());
        for (index, info) in self.infos.iter().enumerate() {
            match check::check(info) {
                Ok(entry) => entries.push(entry),
                Err(fault) => dropped.push(DroppedEntry { index, fault }),
            }
        }
        Ok(VerifiedVical {
            issue,
            next_update: header.next_update,
            not_after: header.not_after,
            url: header.url.map(str::to_owned),
            freshness,
            entries,
            dropped,
            findings,
            signer,
        })
    }

    fn check_signer(&self, providers: &VicalProviders, policy: &VicalPolicy<'_>) -> Result<ValidatedPath, TrustError> {
        let chain = self.sign1.headers().x5chain().ok_or(TrustError::ChainMissing)?;
        let options = PathOptions::new(policy.at, Profile::VicalSigner)
            .strictness(policy.strictness)
            .revocation(policy.crls, policy.revocation);
        let path = validate_path(&chain.to_vec(), providers.as_trust_anchors(), &options).map_err(TrustError::Path)?;
        // A lenient path lets a missing purpose pass, as document signers in the field have none. A provider's root may certify other
        // servers of the provider, and no signer of lists in the field goes without.
        let purposes = [oid::MDL_VICAL_SIGNER, oid::GENERIC_VICAL_SIGNER];
        if !purposes.iter().any(|purpose| path.leaf().has_key_purpose(purpose)) {
            return Err(TrustError::Path(PathError::WrongPurpose));
        }
        Ok(path)
    }

    fn check_signature(&self, signer: &ValidatedPath) -> Result<(), TrustError> {
        let key = signer.leaf().public_key();
        let verified: Result<Verified<'_>, _> = self.sign1.verify(key, &SignatureAlgorithm::ALL, &[], None);
        verified.map(drop).map_err(TrustError::Signature)
    }

    fn check_form(&self, strictness: Strictness) -> Result<Vec<VicalFinding>, TrustError> {
        let departures = [
            (self.is_tagged, VicalFinding::Tagged),
            (!self.header.has_strict_dates, VicalFinding::DateForm),
        ];
        let findings: Vec<_> = departures
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, finding)| finding)
            .collect();
        match findings.first() {
            Some(finding) if strictness != Strictness::Lenient => Err(TrustError::VicalForm(finding.text())),
            _ => Ok(findings),
        }
    }

    fn check_times(&self, policy: &VicalPolicy<'_>) -> Result<VicalFreshness, TrustError> {
        let header = &self.header;
        if header.date > policy.at.saturating_add_seconds(CLOCK_SKEW) {
            return Err(TrustError::DateInFuture(header.date));
        }
        if let Some(end) = header.not_after.filter(|end| policy.at > *end) {
            return Err(TrustError::VicalExpired(end));
        }
        match header.next_update {
            Some(due) if policy.at >= due => match policy.past_next_update {
                PastNextUpdate::Report => Ok(VicalFreshness::PastNextUpdate(due)),
                PastNextUpdate::Refuse => Err(TrustError::VicalOutdated(due)),
            },
            due => Ok(VicalFreshness::Current(due)),
        }
    }
}

/// A lower number, or an earlier date: by whichever both issues have (A-V41).
pub(crate) fn is_rolled_back(previous: &VicalIssue, offered: &VicalIssue) -> bool {
    if previous.provider != offered.provider {
        return false;
    }
    let lower = matches!((previous.issue_id, offered.issue_id), (Some(before), Some(now)) if now < before);
    lower || offered.date < previous.date
}

impl VerifiedVical {
    /// `vicalProvider`.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.issue.provider
    }

    /// `vicalIssueID`.
    #[must_use]
    pub const fn issue_id(&self) -> Option<u64> {
        self.issue.issue_id
    }

    /// `date`.
    #[must_use]
    pub const fn date(&self) -> Timestamp {
        self.issue.date
    }

    /// What to keep, so that an older list is noticed later: [`VicalPolicy::previous`].
    #[must_use]
    pub const fn issue(&self) -> &VicalIssue {
        &self.issue
    }

    /// `nextUpdate`.
    #[must_use]
    pub const fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// `notAfter`.
    #[must_use]
    pub const fn not_after(&self) -> Option<Timestamp> {
        self.not_after
    }

    /// `vicalURL`.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Whether a newer list was due at the time of the check.
    #[must_use]
    pub const fn freshness(&self) -> VicalFreshness {
        self.freshness
    }

    /// The entries whose certificates may be used.
    #[must_use]
    pub fn entries(&self) -> &[VicalEntry] {
        &self.entries
    }

    /// The entries that are not used, and why.
    #[must_use]
    pub fn dropped(&self) -> &[DroppedEntry] {
        &self.dropped
    }

    /// Departures of the list from its form.
    #[must_use]
    pub fn findings(&self) -> &[VicalFinding] {
        &self.findings
    }

    /// The signer's path; its findings are the departures from the certificate profile.
    #[must_use]
    pub const fn signer(&self) -> &ValidatedPath {
        &self.signer
    }
}
