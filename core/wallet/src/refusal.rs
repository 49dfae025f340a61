//! Why a credential is not taken.

use crate::{Code, Finding, MAX_COPIES, WalletError, words};
use idwallet_mdoc::MdocError;
use idwallet_mdoc::verify::{self, Checklist, FaultKind};

/// Why a credential was not taken. Nothing of it was stored.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub(crate) copy: usize,
    pub(crate) reason: RefusalReason,
}

/// What is wrong with a credential.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RefusalReason {
    /// It is not an `IssuerSigned`.
    Malformed(MdocError),
    /// It does not verify.
    NotVerified {
        /// Why, each with its check and clause.
        refusals: Vec<verify::Refusal>,
        /// Every check with its result.
        checks: Box<Checklist>,
    },
    /// Its device key is not the one that came with it, nor one that the wallet made.
    DeviceKey,
    /// Two copies have one device key.
    RepeatedDeviceKey,
    /// A copy says something else than the first one, or has another type or signer.
    CopiesDiffer,
    /// There are more than [`MAX_COPIES`].
    CopyCount,
    /// It is not sufficient or not clean: what it must have is missing or wrongly written. Each with its code and sentence.
    Quality(Vec<Finding>),
}

impl Refusal {
    pub(crate) const fn new(copy: usize, reason: RefusalReason) -> Self {
        Self { copy, reason }
    }

    /// Which of the copies, from 0.
    #[must_use]
    pub const fn copy(&self) -> usize {
        self.copy
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn reason(&self) -> &RefusalReason {
        &self.reason
    }

    /// The results of the checks, if it came that far.
    #[must_use]
    pub fn checks(&self) -> Option<&Checklist> {
        match &self.reason {
            RefusalReason::NotVerified { checks, .. } => Some(checks),
            _ => None,
        }
    }

    /// What the reaction to it is.
    fn kind(&self) -> FaultKind {
        let RefusalReason::NotVerified { refusals, .. } = &self.reason else {
            return FaultKind::Invalid;
        };
        let kinds = || {
            refusals.iter().filter_map(|refusal| match refusal {
                verify::Refusal::Failed { fault, .. } => Some(fault.kind()),
                verify::Refusal::Skipped { .. } => None,
            })
        };
        let is_time = |kind| matches!(kind, FaultKind::Expired | FaultKind::NotYetValid);
        if kinds().any(|kind| kind == FaultKind::Invalid) {
            FaultKind::Invalid
        } else if kinds().next().is_some() && kinds().all(is_time) {
            FaultKind::Expired
        } else {
            FaultKind::Untrusted
        }
    }

    pub(crate) fn code(&self) -> Code {
        match (&self.reason, self.kind()) {
            (RefusalReason::Malformed(_) | RefusalReason::CopyCount, _) => Code::CredentialMalformed,
            (RefusalReason::DeviceKey, _) => Code::DeviceKeyMismatch,
            (RefusalReason::Quality(_), _) => Code::CredentialInsufficient,
            (RefusalReason::RepeatedDeviceKey | RefusalReason::CopiesDiffer, _) => Code::CopiesDiffer,
            (_, FaultKind::Invalid) => Code::CredentialInvalid,
            (_, FaultKind::Expired) => Code::CredentialExpired,
            _ => Code::CredentialUntrusted,
        }
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match &self.reason {
            RefusalReason::Malformed(error) => error.fmt(f),
            RefusalReason::NotVerified { refusals, .. } => {
                for (index, refusal) in refusals.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(f, "{separator}{refusal}")?;
                }
                Ok(())
            }
            RefusalReason::DeviceKey => f.write_str("the device key is not held here (ISO 18013-5 §9.1.2.4)"),
            RefusalReason::RepeatedDeviceKey => f.write_str("two copies have one device key"),
            RefusalReason::CopiesDiffer => f.write_str("the copies are not of one document"),
            RefusalReason::CopyCount => write!(f, "a document has at most {MAX_COPIES} copies"),
            RefusalReason::Quality(findings) => {
                let list: Vec<String> = findings
                    .iter()
                    .filter(|found| found.is_refusal())
                    .map(technical)
                    .collect();
                f.write_str(&list.join("; "))
            }
        }
    }
}

impl From<Refusal> for WalletError {
    fn from(refusal: Refusal) -> Self {
        match refusal.kind() {
            FaultKind::Expired => Self::Expired(Box::new(refusal)),
            FaultKind::Untrusted => Self::Untrusted(Box::new(refusal)),
            _ => Self::Issuer(Box::new(refusal)),
        }
    }
}

/// A finding by its code and element, as an error says it.
fn technical(finding: &Finding) -> String {
    match &finding.element {
        Some((name_space, element)) => format!(
            "{} {} / {}",
            finding.code,
            words::plain(name_space),
            words::plain(element)
        ),
        None => finding.code.to_string(),
    }
}
