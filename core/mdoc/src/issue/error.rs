//! What an issuer must not issue.

use idwallet_crypto::CryptoError;

/// Why a credential is not issued. Element names only, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    // ---- what to issue ----
    /// No document type was given, or an empty one (A-C01).
    #[error("docType is missing or empty (ISO 18013-5 §8.1)")]
    NoDocType,
    /// No validity period was given (A-I01).
    #[error("validityInfo is missing (ISO 18013-5 §9.1.2.4)")]
    NoValidity,
    /// No device key was given.
    #[error("there is no device key to issue to (ISO 18013-5 §9.1.2.4)")]
    NoDeviceKey,
    /// An empty or overlong namespace or element identifier (A-C01).
    #[error("empty or overlong namespace or element identifier (ISO 18013-5 §8.1)")]
    BadName,
    /// The same element twice in one namespace (A-H53, A-V20).
    #[error("{element} is given twice (ISO 18013-5 §8.3.2.1.2.2)")]
    DuplicateElement {
        /// Its identifier.
        element: String,
    },
    /// More namespaces or elements than a reader of this crate accepts (X-C09).
    #[error("too many namespaces or elements")]
    TooMany,
    /// A value given as CBOR is not exactly one item (A-C02).
    #[error("the value of {element} is not one CBOR item (RFC 8949)")]
    NotOneItem {
        /// Its identifier.
        element: String,
    },

    // ---- validity ----
    /// `validFrom` before `signed` (A-I01).
    #[error("validFrom is before signed (ISO 18013-5 §9.1.2.4)")]
    ValidBeforeSigned,
    /// `validUntil` not after `validFrom` (A-I01).
    #[error("validUntil is not after validFrom (ISO 18013-5 §9.1.2.4)")]
    EmptyValidity,
    /// `validUntil` after the end of the document signer's certificate (A-I02).
    #[error("validUntil is after the document signer certificate ends (ISO 18013-5 2nd edition §12.3.4)")]
    OutlivesSigner,
    /// `signed` outside of the document signer's certificate's validity (A-V19).
    #[error("signed is outside of the validity of the document signer certificate (ISO 18013-5 §9.3.1)")]
    SignedOutsideCertificate,

    // ---- keys and chain ----
    /// The chain is empty or has something that is no certificate (A-I09).
    #[error("x5chain is empty or malformed (ISO 18013-5 §9.1.2.4)")]
    BadChain,
    /// The chain has a self-issued certificate: the IACA root stays out of it (A-I09, A-C43).
    #[error("the root certificate must not be in x5chain (ISO 18013-5 Annex B)")]
    RootInChain,
    /// The signing key is not the one of the first certificate.
    #[error("the signing key is not the one in the document signer certificate")]
    SignerMismatch,
    /// The key of the certificate cannot sign an MSO.
    #[error("the document signer's curve cannot sign (ISO 18013-5 §9.1.2.4)")]
    SignerCurve,
    /// Two copies with one device key (A-I14).
    #[error("a device key is used for two copies (ARF ISSU_35)")]
    DuplicateDeviceKey,
    /// Two copies with one status index or identifier (A-I14, A-I23).
    #[error("a status entry is used for two copies (ISO 18013-5 2nd edition §12.3.6.4)")]
    DuplicateStatus,
    /// An empty `uri` or identifier in a status reference (A-I20).
    #[error("a status reference has an empty uri or identifier (ISO 18013-5 2nd edition §12.3.6)")]
    BadStatus,
    /// keyAuthorizations with an empty list, or with a namespace in both lists (A-I08).
    #[error("{0} (ISO 18013-5 §9.1.2.4)")]
    KeyAuthorizations(&'static str),

    // ---- the driving licence ----
    /// A mandatory element of the driving licence is missing (A-I10).
    #[error("mandatory element {0} is missing (ISO 18013-5 §7.2.1)")]
    MissingMandatory(&'static str),
    /// The namespace of the driving licence is closed (A-I10).
    #[error(
        "{element} is not defined in org.iso.18013.5.1; domestic data goes to org.iso.18013.5.1.<country> (ISO 18013-5 §7.2.8)"
    )]
    UndefinedElement {
        /// Its identifier.
        element: String,
    },
    /// A namespace that begins like a domestic one and has no country code there (A-I10).
    #[error(
        "domestic data goes to org.iso.18013.5.1.<country> or org.iso.18013.5.1.<country>-<subdivision> (ISO 18013-5 §7.2.8)"
    )]
    DomesticNameSpace,
    /// An element of the driving licence has another form than the standard gives it (A-I10, A-I12).
    #[error("{element} {rule} (ISO 18013-5 §7.2)")]
    ElementForm {
        /// Its identifier.
        element: String,
        /// The rule that is broken.
        rule: &'static str,
    },
    /// An `age_over_NN` that is not true of `birth_date` at `validFrom` (A-I11).
    #[error("{element} does not follow from birth_date at validFrom (ISO 18013-5 §7.2.5)")]
    AgeOver {
        /// Its identifier.
        element: String,
    },
    /// An `age_over_NN` that changes before `validUntil`, with no `expectedUpdate` before that day (A-I11).
    #[error("{element} changes before validUntil and expectedUpdate is not before that day (ISO 18013-5 §7.2.5)")]
    AgeOverFlips {
        /// Its identifier.
        element: String,
    },
    /// `issuing_country` is another one than the signer certificate's (A-V24).
    #[error("issuing_country is not the country of the document signer certificate (ISO 18013-5 §7.2.1)")]
    IssuingCountry,

    // ---- below ----
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}
