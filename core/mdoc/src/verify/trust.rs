//! Whom the caller believes: anchors, and ports to what other crates know. This crate knows neither trust lists nor status lists.

use super::{ChainCache, Fault};
use crate::StatusReference;
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Certificate, Crl, TrustAnchors, ValidatedPath};
use std::borrow::Cow;

/// What is known about issuers. Borrowed; made anew whenever something of it changes.
#[derive(Clone, Copy)]
pub struct IssuerTrust<'t> {
    pub(super) anchors: &'t TrustAnchors,
    pub(super) crls: &'t [Crl],
    pub(super) doc_types: Option<&'t dyn DocTypeConstraint>,
    pub(super) status: Option<&'t dyn StatusCheck>,
    pub(super) cache: Option<&'t ChainCache>,
}

impl<'t> IssuerTrust<'t> {
    /// Trust in issuer authorities (IACA). A reader authority does not belong here. An empty set trusts nobody: the state is then
    /// [`TrustState::NotChecked`].
    #[must_use]
    pub const fn new(anchors: &'t TrustAnchors) -> Self {
        Self {
            anchors,
            crls: &[],
            doc_types: None,
            status: None,
            cache: None,
        }
    }

    /// CRLs of the issuer authorities, of any of them (A-V14).
    #[must_use]
    pub const fn crls(mut self, crls: &'t [Crl]) -> Self {
        self.crls = crls;
        self
    }

    /// What trust lists say about the document types of an anchor (A-V21).
    #[must_use]
    pub const fn doc_types(mut self, constraint: &'t dyn DocTypeConstraint) -> Self {
        self.doc_types = Some(constraint);
        self
    }

    /// Where the status of a document is looked up (A-V25).
    #[must_use]
    pub const fn status(mut self, check: &'t dyn StatusCheck) -> Self {
        self.status = Some(check);
        self
    }

    /// The CRLs it was given.
    #[must_use]
    pub const fn revocation_lists(&self) -> &'t [Crl] {
        self.crls
    }

    /// Remembers issuer chains that have been validated.
    #[must_use]
    pub const fn cache(mut self, cache: &'t ChainCache) -> Self {
        self.cache = Some(cache);
        self
    }
}

impl core::fmt::Debug for IssuerTrust<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IssuerTrust")
            .field("anchors", &self.anchors.len())
            .field("crls", &self.crls.len())
            .field("doc_types", &self.doc_types.is_some())
            .field("status", &self.status.is_some())
            .field("cache", &self.cache.is_some())
            .finish()
    }
}

/// Says for which document types an anchor may vouch (A-V21).
pub trait DocTypeConstraint: Sync {
    /// Whether `anchor` may vouch for `doc_type` at a time.
    fn check(&self, anchor: &Certificate, doc_type: &str, at: Timestamp) -> DocTypeAnswer;
}

/// The answer of a [`DocTypeConstraint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocTypeAnswer {
    /// A list names the document type for the anchor.
    Allowed,
    /// Lists name the anchor, and none the document type.
    NotAllowed,
    /// The anchor is in no list: the caller gave it by itself.
    NotListed,
    /// The list that names the anchor cannot be used now; the reason is a sentence without its full stop.
    Unusable(Cow<'static, str>),
}

/// What a status check is asked.
#[derive(Clone, Copy, Debug)]
pub struct StatusQuery<'q> {
    /// `status` of the MSO, covered by the issuer's signature.
    pub reference: &'q StatusReference<'q>,
    /// The validated chain of the MSO's signer: the list must come from the same authority (A-V30).
    pub issuer: &'q ValidatedPath,
    /// The document type in the MSO.
    pub doc_type: &'q str,
    /// The time of the check.
    pub at: Timestamp,
}

/// Looks up the status of a document (A-V25).
pub trait StatusCheck: Sync {
    /// The status. Whatever keeps it from being known is [`StatusAnswer::Unknown`], never `Valid`.
    fn check(&self, query: &StatusQuery<'_>) -> StatusAnswer;
}

/// The answer of a [`StatusCheck`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusAnswer {
    /// A list that can be believed says valid.
    Valid,
    /// It says invalid.
    Invalid,
    /// It says suspended.
    Suspended,
    /// A list is there and does not answer; the reason is a sentence without its full stop and without personal data.
    Unknown(Cow<'static, str>),
    /// No list for this reference is there.
    NotAvailable,
}

/// Whether the issuer is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustState {
    /// Its chain ends in this anchor, keeps to the profile as far as the policy asks, and is not known to be revoked; and it has
    /// signed this document.
    Trusted {
        /// The anchor.
        anchor: Certificate,
    },
    /// It is not. [`Fault::kind`] tells expired from revoked from unknown (X-C13).
    Untrusted(Fault),
    /// There was nothing to check it with.
    NotChecked,
}

impl TrustState {
    /// The word in reports: `trusted`, `untrusted`, `not_checked`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Trusted { .. } => "trusted",
            Self::Untrusted(_) => "untrusted",
            Self::NotChecked => "not_checked",
        }
    }

    /// The anchor, if and only if the issuer is trusted.
    #[must_use]
    pub const fn anchor(&self) -> Option<&Certificate> {
        match self {
            Self::Trusted { anchor } => Some(anchor),
            _ => None,
        }
    }
}
