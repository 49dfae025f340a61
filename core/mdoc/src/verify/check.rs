//! The checklist: one enum names every check, and adding one makes the compiler name every place that has to know it.

use super::{Fault, SkipReason};

/// One check of ISO 18013-5 §9.3 (2nd edition §12.8) and what this crate adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// Everything that has to be read can be read: MSO, version, no element and no digestID twice (A-V16, A-V20).
    Structure,
    /// A path leads from the signer's certificate to an anchor (A-V11, X-C05).
    IssuerChain,
    /// The certificates keep to their profiles: purpose, country, validity (A-V12, A-V13, A.6).
    IssuerProfile,
    /// No certificate of the path is revoked (A-V14).
    IssuerRevocation,
    /// The signer has signed this MSO (A-V15).
    IssuerSignature,
    /// The digest algorithm is one of the three (A-V16).
    DigestAlgorithm,
    /// Every element has the digest that the MSO names for it in its namespace (A-V17).
    Digests,
    /// Document, MSO and request name one document type (A-V18).
    DocType,
    /// The time of the check and of signing lie where they must (A-V19).
    Validity,
    /// A driving licence's country and jurisdiction are its signer's (A-V24).
    IssuingCountry,
    /// The issuer has not taken the document back (A-V25).
    Status,
    /// The device signed nothing beyond its authorisation (A-V22).
    KeyAuthorizations,
    /// The device holds the key, in this session (A-V23).
    DeviceAuth,
    /// Nothing is there that was not asked for (A-V26).
    RequestMatch,
    /// The trust list from which the anchor comes lets it vouch for this document type (A-V21).
    TrustList,
}

impl Check {
    /// Every check, in the order of reports.
    pub const ALL: [Self; 15] = [
        Self::Structure,
        Self::IssuerChain,
        Self::IssuerProfile,
        Self::IssuerRevocation,
        Self::IssuerSignature,
        Self::DigestAlgorithm,
        Self::Digests,
        Self::DocType,
        Self::Validity,
        Self::IssuingCountry,
        Self::Status,
        Self::KeyAuthorizations,
        Self::DeviceAuth,
        Self::RequestMatch,
        Self::TrustList,
    ];

    /// The stable name in reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::IssuerChain => "issuer_chain",
            Self::IssuerProfile => "issuer_profile",
            Self::IssuerRevocation => "issuer_revocation",
            Self::IssuerSignature => "issuer_signature",
            Self::DigestAlgorithm => "digest_algorithm",
            Self::Digests => "digests",
            Self::DocType => "doc_type",
            Self::Validity => "validity",
            Self::IssuingCountry => "issuing_country",
            Self::Status => "status",
            Self::KeyAuthorizations => "key_authorizations",
            Self::DeviceAuth => "device_auth",
            Self::RequestMatch => "request_match",
            Self::TrustList => "trust_list",
        }
    }

    /// The clause that asks for the check.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Structure => "ISO 18013-5 §8.1",
            Self::IssuerChain => "ISO 18013-5 §9.3.3",
            Self::IssuerProfile => "ISO 18013-5 Annex B",
            Self::IssuerRevocation => "ISO 18013-5 §9.3.3",
            Self::IssuerSignature | Self::Digests | Self::DocType | Self::Validity => "ISO 18013-5 §9.3.1",
            Self::DigestAlgorithm => "ISO 18013-5 §9.1.2.5",
            Self::IssuingCountry => "ISO 18013-5 §7.2.1",
            Self::Status => "ISO 18013-5 2nd edition §12.3.6",
            Self::KeyAuthorizations => "ISO 18013-5 §9.1.2.4",
            Self::DeviceAuth => "ISO 18013-5 §9.3.2",
            Self::RequestMatch => "ISO 18013-5 §8.3.2.1.2.2",
            Self::TrustList => "ISO 18013-5 2nd edition §12.8.1",
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

impl core::fmt::Display for Check {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id())
    }
}

/// How a check came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// It holds.
    Passed,
    /// It holds as far as the policy wants it to; what departs from the standard is listed. Never empty.
    Warned(Vec<Fault>),
    /// It does not hold. Never empty.
    Failed(Vec<Fault>),
    /// It could not be made, or there is nothing to check.
    Skipped(SkipReason),
}

impl CheckResult {
    /// The word in reports: `passed`, `warned`, `failed`, `skipped`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned(_) => "warned",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Whether it holds, warnings included.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Passed | Self::Warned(_))
    }

    /// Whether it does not hold.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    /// What was found, warnings or failures.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Warned(faults) | Self::Failed(faults) => faults,
            Self::Passed | Self::Skipped(_) => &[],
        }
    }

    /// The reason in a sentence; `None` where the check passed.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Passed => None,
            Self::Skipped(reason) => Some(reason.to_string()),
            Self::Warned(faults) | Self::Failed(faults) => {
                let sentences: Vec<String> = faults.iter().map(ToString::to_string).collect();
                Some(sentences.join("; "))
            }
        }
    }

    /// The clause of the first fault, else that of the check.
    #[must_use]
    pub fn clause(&self, check: Check) -> &'static str {
        self.faults().first().map_or(check.clause(), Fault::clause)
    }
}

/// A result for every check. Nothing can be left out: what was not run says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checklist([CheckResult; Check::ALL.len()]);

impl Checklist {
    /// Every check `Skipped` until somebody says otherwise: forgetting one fails closed.
    pub(crate) fn new() -> Self {
        Self([const { CheckResult::Skipped(SkipReason::NotRun) }; Check::ALL.len()])
    }

    pub(crate) fn set(&mut self, check: Check, result: CheckResult) {
        if let Some(place) = self.0.get_mut(check.index()) {
            *place = result;
        }
    }

    /// The result of one check.
    #[must_use]
    pub fn get(&self, check: Check) -> &CheckResult {
        const NOT_RUN: &CheckResult = &CheckResult::Skipped(SkipReason::NotRun);
        self.0.get(check.index()).unwrap_or(NOT_RUN)
    }

    /// Every check with its result, in the order of [`Check::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Check, &CheckResult)> {
        Check::ALL.into_iter().zip(&self.0)
    }

    /// Whether a check holds, warnings included.
    #[must_use]
    pub fn holds(&self, check: Check) -> bool {
        self.get(check).holds()
    }

    /// Every warning with its check.
    pub fn warnings(&self) -> impl Iterator<Item = (Check, &Fault)> {
        self.iter().flat_map(|(check, result)| {
            let faults: &[Fault] = match result {
                CheckResult::Warned(faults) => faults,
                _ => &[],
            };
            faults.iter().map(move |fault| (check, fault))
        })
    }
}
