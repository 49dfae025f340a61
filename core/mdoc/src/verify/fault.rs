//! What can be wrong with a document, and why a check is not made.

use super::Check;
use crate::MdocError;
use idwallet_cose::CoseError;
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{CrlProblem, PathError, ProfileFinding};
use std::borrow::Cow;

/// What is wrong. The text is a sentence with its clause; it names elements and never their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    // ---- structure ----
    /// A part cannot be read.
    #[error("{0}")]
    Malformed(MdocError),
    /// Another major version than 1 (A-V16).
    #[error("the MSO is of an unknown major version (ISO 18013-5 §9.1.2.4)")]
    MsoVersion,
    /// The response is of another major version than 1, so nothing in it is used (A-V10).
    #[error("the response is of an unknown major version (ISO 18013-5 §8.3.2.1.2.2)")]
    ResponseVersion,
    /// The response says that something went wrong, so nothing in it is used (A-V10).
    #[error("the response has status {0} (ISO 18013-5 §8.3.2.1.2.3)")]
    ResponseStatus(u64),
    /// `issuerAuth` has no certificate (A-V11).
    #[error("issuerAuth has no certificate chain (ISO 18013-5 §9.1.2.4)")]
    NoCertificate,
    /// An element twice in one namespace (A-V20).
    #[error("{element} of {name_space} is there twice (ISO 18013-5 §8.3.2.1.2.2)")]
    DuplicateElement {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },
    /// One digest for two elements (A-V20).
    #[error("two elements of {name_space} use digestID {digest_id} (ISO 18013-5 §9.1.2.4)")]
    DuplicateDigestId {
        /// Namespace.
        name_space: String,
        /// The id.
        digest_id: u64,
    },
    /// A digestID of 2³¹ or more (A-I04).
    #[error("a digestID of {name_space} is 2^31 or more (ISO 18013-5 §9.1.2.4)")]
    DigestIdRange {
        /// Namespace.
        name_space: String,
    },
    /// A salt that is too short to hide the value (A-I05).
    #[error("the salt of {element} of {name_space} is shorter than 16 bytes (ISO 18013-5 §9.1.2.5)")]
    ShortSalt {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },

    // ---- issuer ----
    /// The chain does not hold.
    #[error("{0}")]
    Path(PathError),
    /// A certificate departs from its profile.
    #[error("{0}")]
    Profile(ProfileFinding),
    /// A certificate is revoked.
    #[error("certificate {index} of the issuer's chain was revoked on {at} (ISO 18013-5 §9.3.3)")]
    CertificateRevoked {
        /// Counted from the signer, 0.
        index: usize,
        /// Since when.
        at: Timestamp,
    },
    /// Lists were given and none answers.
    #[error("whether certificate {index} of the issuer's chain is revoked is unknown: {problem} (ISO 18013-5 §9.3.3)")]
    RevocationUnknown {
        /// Counted from the signer, 0.
        index: usize,
        /// Why.
        problem: CrlProblem,
    },
    /// The issuer's signature does not verify, or not with an algorithm that is allowed here.
    #[error("issuerAuth: {0} (ISO 18013-5 §9.3.1)")]
    IssuerSignature(CoseError),
    /// The issuer has signed the digest of another certificate than the one that came along.
    #[error("issuerAuth: x5t names another certificate than that of the signer (RFC 9360 §2)")]
    SignerHash,

    // ---- data ----
    /// `digestAlgorithm` is none of the three.
    #[error("the digest algorithm is not SHA-256, SHA-384 or SHA-512 (ISO 18013-5 §9.1.2.5)")]
    DigestAlgorithm,
    /// The element is not the one that the issuer signed.
    #[error("{element} of {name_space} was altered (ISO 18013-5 §9.3.1)")]
    DigestMismatch {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },
    /// The MSO has no digest of that id in that namespace.
    #[error("{element} of {name_space} has no digest in this namespace (ISO 18013-5 §9.3.1)")]
    DigestMissing {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },
    /// Document and MSO name different document types.
    #[error("the document says it is {document} and the issuer signed {signed} (ISO 18013-5 §9.3.1)")]
    DocTypeMismatch {
        /// In the document.
        document: String,
        /// In the MSO.
        signed: String,
    },
    /// Another document type than the caller asked for.
    #[error("the document is {signed} and {expected} is wanted (ISO 18013-5 §9.3.1)")]
    DocTypeUnexpected {
        /// In the MSO.
        signed: String,
        /// Asked for.
        expected: String,
    },

    // ---- time ----
    /// Before `validFrom`.
    #[error("the document is valid only from {from} (ISO 18013-5 §9.3.1)")]
    NotYetValid {
        /// `validFrom`.
        from: Timestamp,
    },
    /// After `validUntil`.
    #[error("the document was valid until {until} (ISO 18013-5 §9.3.1)")]
    Expired {
        /// `validUntil`.
        until: Timestamp,
    },
    /// `signed` outside the validity of the signer's certificate.
    #[error("the MSO was signed while the signer's certificate was not valid (ISO 18013-5 §9.3.1)")]
    SignedOutsideCertificate,
    /// A date that is not a `tdate` in UTC without fractions of a second (A-C06).
    #[error("{field} has a fraction of a second or is not in UTC (ISO 18013-5 §9.1.2.4)")]
    DateForm {
        /// Which.
        field: &'static str,
    },
    /// `signed` ≤ `validFrom` < `validUntil` does not hold (A-I01).
    #[error("signed, validFrom and validUntil are not in order (ISO 18013-5 §9.1.2.4)")]
    DateOrder,
    /// `validUntil` after the end of the signer's certificate: the reader may refuse, this one warns (A-V19).
    #[error("the document is valid for longer than its signer's certificate (ISO 18013-5 2nd edition §12.3.4)")]
    OutlivesCertificate,

    // ---- the licence's country ----
    /// `issuing_country` is not the signer's country.
    #[error("issuing_country is not the country of the signer's certificate (ISO 18013-5 §7.2.1)")]
    IssuingCountry,
    /// `issuing_jurisdiction` is not the signer's state or province.
    #[error("issuing_jurisdiction is not the state or province of the signer's certificate (ISO 18013-5 §7.2.1)")]
    IssuingJurisdiction,

    // ---- status ----
    /// The issuer has taken the document back.
    #[error("the issuer has revoked the document (ISO 18013-5 2nd edition §12.3.6)")]
    Revoked,
    /// The issuer has suspended the document.
    #[error("the issuer has suspended the document (ISO 18013-5 2nd edition §12.3.6)")]
    Suspended,
    /// The list that answers cannot be used.
    #[error("whether the document is revoked is unknown: {0} (ISO 18013-5 2nd edition §12.3.6)")]
    StatusUnknown(Cow<'static, str>),

    // ---- device ----
    /// The device signed what its key may not sign.
    #[error("the device may not sign {element} of {name_space} (ISO 18013-5 §9.1.3.4)")]
    NotAuthorized {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },
    /// keyAuthorizations itself is wrong (A-I08).
    #[error("{0} (ISO 18013-5 §9.1.2.4)")]
    KeyAuthorizations(&'static str),
    /// Nothing proves that the device holds the key.
    #[error("device authentication is missing (ISO 18013-5 §9.3.2)")]
    DeviceAuthMissing,
    /// The device's signature is not over this session, or not by the key in the MSO.
    #[error("deviceSignature: {0} (ISO 18013-5 §9.3.2)")]
    DeviceSignature(CoseError),
    /// The device's MAC is not over this session, or not by the key in the MSO.
    #[error("deviceMac: {0} (ISO 18013-5 §9.3.2)")]
    DeviceMac(CoseError),
    /// A MAC, and the reader's key cannot agree with the device's key (A-H56).
    #[error("the reader's key cannot agree with the device's key on {0} (ISO 18013-5 §9.1.3.5)")]
    DeviceKeyCurve(idwallet_crypto::Curve),

    // ---- request ----
    /// The document type was not asked for.
    #[error("{doc_type} was not asked for (ISO 18013-5 §8.3.2.1.2.2)")]
    UnrequestedDocument {
        /// The document type.
        doc_type: String,
    },
    /// An element that was not asked for.
    #[error("{element} of {name_space} was not asked for (ISO 18013-5 §8.3.2.1.2.2)")]
    Unrequested {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },
    /// An element that was asked for and is not there. The holder may decline, so this warns unless the policy wants all.
    #[error("{element} of {name_space} was asked for and not given (ISO 18013-5 §8.3.2.1.2.2)")]
    NotReturned {
        /// Namespace.
        name_space: String,
        /// Identifier.
        element: String,
    },
    /// The portrait was asked for, other elements of the licence are there, and it is not (A-H49).
    #[error("the portrait was asked for and is missing beside other elements of the licence (ISO 18013-5 §7.2.1)")]
    PortraitMissing,

    // ---- trust list ----
    /// The list does not let the anchor vouch for this document type.
    #[error("the trust list does not name {doc_type} for this issuer (ISO 18013-5 2nd edition §12.8.1)")]
    NotVouchedFor {
        /// The document type in the MSO.
        doc_type: String,
    },
    /// The list itself cannot be used.
    #[error("the trust list cannot be used: {0} (ISO 18013-5 2nd edition §12.8.1)")]
    TrustList(Cow<'static, str>),
}

/// What a fault means for the caller (X-C13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FaultKind {
    /// Altered, malformed or against the rules.
    Invalid,
    /// Nobody whom the caller trusts vouches for it.
    Untrusted,
    /// Not valid yet.
    NotYetValid,
    /// No longer valid.
    Expired,
    /// Taken back for good.
    Revoked,
    /// Taken back for a time.
    Suspended,
    /// Whether it was taken back is not known.
    StatusUnknown,
    /// Not proven to be presented by its holder in this session: another session's, replayed, or without proof.
    NotBound,
    /// Not what was asked for.
    RequestMismatch,
}

impl Fault {
    /// What it means for the caller (X-C13).
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        match self {
            Self::Path(PathError::Expired { .. }) | Self::Expired { .. } => FaultKind::Expired,
            Self::Path(PathError::NotYetValid { .. }) | Self::NotYetValid { .. } => FaultKind::NotYetValid,
            Self::Path(_) | Self::Profile(_) | Self::NotVouchedFor { .. } | Self::TrustList(_) => FaultKind::Untrusted,
            Self::CertificateRevoked { .. } | Self::Revoked => FaultKind::Revoked,
            Self::Suspended => FaultKind::Suspended,
            Self::RevocationUnknown { .. } | Self::StatusUnknown(_) => FaultKind::StatusUnknown,
            Self::DeviceAuthMissing | Self::DeviceSignature(_) | Self::DeviceMac(_) | Self::DeviceKeyCurve(_) => {
                FaultKind::NotBound
            }
            Self::UnrequestedDocument { .. }
            | Self::Unrequested { .. }
            | Self::NotReturned { .. }
            | Self::PortraitMissing
            | Self::DocTypeUnexpected { .. } => FaultKind::RequestMismatch,
            _ => FaultKind::Invalid,
        }
    }

    /// The clause that is not met.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Self::Path(error) => error.clause(),
            Self::Profile(finding) => finding.clause(),
            Self::Malformed(MdocError::Malformed { error, .. }) => error.clause().unwrap_or("ISO 18013-5 §8.1"),
            Self::Malformed(_) => "ISO 18013-5 §9.1.2.4",
            Self::MsoVersion
            | Self::NoCertificate
            | Self::DuplicateDigestId { .. }
            | Self::DigestIdRange { .. }
            | Self::DateForm { .. }
            | Self::DateOrder
            | Self::KeyAuthorizations(_) => "ISO 18013-5 §9.1.2.4",
            Self::ShortSalt { .. } | Self::DigestAlgorithm => "ISO 18013-5 §9.1.2.5",
            Self::CertificateRevoked { .. } | Self::RevocationUnknown { .. } => "ISO 18013-5 §9.3.3",
            Self::IssuerSignature(_)
            | Self::DigestMismatch { .. }
            | Self::DigestMissing { .. }
            | Self::DocTypeMismatch { .. }
            | Self::DocTypeUnexpected { .. }
            | Self::NotYetValid { .. }
            | Self::Expired { .. }
            | Self::SignedOutsideCertificate => "ISO 18013-5 §9.3.1",
            Self::SignerHash => "RFC 9360 §2",
            Self::OutlivesCertificate => "ISO 18013-5 2nd edition §12.3.4",
            Self::IssuingCountry | Self::IssuingJurisdiction | Self::PortraitMissing => "ISO 18013-5 §7.2.1",
            Self::Revoked | Self::Suspended | Self::StatusUnknown(_) => "ISO 18013-5 2nd edition §12.3.6",
            Self::NotAuthorized { .. } => "ISO 18013-5 §9.1.3.4",
            Self::DeviceAuthMissing | Self::DeviceSignature(_) | Self::DeviceMac(_) => "ISO 18013-5 §9.3.2",
            Self::DeviceKeyCurve(_) => "ISO 18013-5 §9.1.3.5",
            Self::ResponseStatus(_) => "ISO 18013-5 §8.3.2.1.2.3",
            Self::DuplicateElement { .. }
            | Self::ResponseVersion
            | Self::UnrequestedDocument { .. }
            | Self::Unrequested { .. }
            | Self::NotReturned { .. } => "ISO 18013-5 §8.3.2.1.2.2",
            Self::NotVouchedFor { .. } | Self::TrustList(_) => "ISO 18013-5 2nd edition §12.8.1",
        }
    }
}

/// Why a check was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// Nobody made it; only a mistake in this crate leaves it so.
    #[error("the check was not run")]
    NotRun,
    /// It builds on another one that did not pass.
    #[error("it depends on {0}")]
    DependsOn(Check),
    /// No anchors were given.
    #[error("no trust anchor was given")]
    NoAnchors,
    /// No CRLs were given.
    #[error("no revocation list was given")]
    NoCrl,
    /// The MSO does not say where its status is found.
    #[error("the document has no status reference")]
    NoStatusReference,
    /// No status or identifier list was given.
    #[error("no status list for this document was given")]
    NoStatusList,
    /// The anchor is not from a trust list.
    #[error("the trust anchor does not come from a trust list")]
    NoTrustList,
    /// No session transcript was given.
    #[error("no session transcript was given")]
    NoTranscript,
    /// The device made a MAC, and the reader's private key was not given.
    #[error("the device made a MAC and the reader's key was not given")]
    NoReaderKey,
    /// No request was given.
    #[error("no request was given")]
    NoRequest,
    /// The document is not presented: only what the issuer signed is asked for.
    #[error("only what the issuer signed is looked at")]
    IssuerOnly,
    /// What was given is not a presentation, so it has no device authentication.
    #[error("an IssuerSigned or IssuerAuth alone proves no holder")]
    NotPresented,
    /// The document has nothing that the check is about.
    #[error("the document has nothing to check here")]
    NotApplicable,
}
