//! X.509 certificates, CRLs and path validation for the trust model of ISO 18013-5 (Annex B of the standard).
//!
//! - [`Certificate`] keeps the received DER and points into it; what is hashed and verified is those bytes.
//! - [`TrustAnchors`] are what the caller trusts. Nothing in a message ever becomes an anchor (X-C05).
//! - [`validate_path`] applies RFC 5280 §6.1 and then the profile of the leaf's purpose. A fault of the first kind is
//!   a [`PathError`] whatever the [`Strictness`]; a departure from the profile is a [`ProfileFinding`].
//! - [`Crl`] answers good, revoked or unknown, and never says good out of ignorance.
//! - [`CertificateBuilder`] and [`CrlBuilder`] make what the profiles ask for, or break one thing at a time.
//!
//! Names are compared as DER. RFC 5280 §7.1 would allow a comparison after string preparation; issuers that rely on
//! it are not known in this field, and byte equality cannot be talked into equating two different names.

mod anchors;
mod build;
mod build_crl;
mod certificate;
mod crl;
mod der;
mod error;
mod extensions;
mod name;
pub mod oid;
mod path;
pub mod pem;
mod profile;
mod time;

pub use anchors::{AnchorsGeneration, TrustAnchor, TrustAnchors};
pub use build::{CertificateBuilder, ExtensionKind};
pub use build_crl::CrlBuilder;
pub use certificate::Certificate;
pub use crl::{Crl, CrlDeparture, CrlProblem, Revocation, RevocationRequirement, revocation_of};
pub use error::{X509Error, X509ErrorKind};
pub use extensions::{BasicConstraints, Extension, KeyUsage};
pub use name::{Attribute, Name, NameBuilder};
pub use path::{PathError, PathOptions, ValidatedPath, validate_certificates, validate_path};
pub use profile::{FindingId, Position, Profile, ProfileFinding, Severity, Strictness, iaca_findings};

/// What is refused before it is looked at: bounds on work and memory (X-C09).
pub mod limits {
    /// Largest certificate in bytes.
    pub const CERTIFICATE: usize = 16 * 1024;
    /// Most certificates in a chain, the leaf included.
    pub const CHAIN: usize = 5;
    /// Most extensions in a certificate or CRL.
    pub const EXTENSIONS: usize = 32;
    /// Most key purposes in an extendedKeyUsage.
    pub const KEY_PURPOSES: usize = 32;
    /// Most attributes in a name.
    pub const NAME_ATTRIBUTES: usize = 32;
    /// Most octets in an object identifier.
    pub const OID: usize = 64;
    /// Most octets in a serial number; RFC 5280 §4.1.2.2 allows 20, and one more is read to be reported.
    pub const SERIAL: usize = 32;
    /// Largest CRL in bytes.
    pub const CRL: usize = 16 * 1024 * 1024;
    /// Most entries in a CRL.
    pub const CRL_ENTRIES: usize = 400_000;
    /// Most certificates or CRLs in a PEM text.
    pub const PEM_ITEMS: usize = 4096;
}
