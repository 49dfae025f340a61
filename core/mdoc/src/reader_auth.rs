//! The holder's side of reader authentication (ISO 18013-5 §9.1.4, A-H42 to A-H43).
//!
//! Absent, invalid and untrusted are different things and stay so ([`ReaderAuthState`], A-H42b). What is verified for one document
//! request says nothing about another.

use crate::{
    DeviceRequest, DocRequest, SessionTranscript, reader_authentication_all_bytes, reader_authentication_bytes,
};
use idwallet_cose::{CoseError, Sign1};
use idwallet_crypto::x509::{
    Certificate, Crl, PathError, PathOptions, Profile, RevocationRequirement, Strictness, TrustAnchors, ValidatedPath,
    validate_path,
};
use idwallet_crypto::{SignatureAlgorithm, Timestamp};

/// The algorithms a reader may sign with (A-C08).
const ALLOWED: [SignatureAlgorithm; 4] = [
    SignatureAlgorithm::Es256,
    SignatureAlgorithm::Es384,
    SignatureAlgorithm::Es512,
    SignatureAlgorithm::EdDsa,
];

/// Whom the holder believes, and when.
#[derive(Clone, Copy, Debug)]
pub struct ReaderTrust<'t> {
    /// Reader authorities. An issuer authority does not belong here.
    pub anchors: &'t TrustAnchors,
    /// CRLs of the reader authorities.
    pub crls: &'t [Crl],
    /// Whether a CRL must be there.
    pub revocation: RevocationRequirement,
    /// How strictly the certificate profile is taken.
    pub strictness: Strictness,
    /// The time of the check.
    pub at: Timestamp,
}

/// Why a reader authentication is invalid: nothing it says may be shown as verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReaderAuth {
    /// No certificate to verify with.
    #[error("the reader authentication has no certificate (ISO 18013-5 §9.1.4.5)")]
    NoCertificate,
    /// The first certificate cannot be read.
    #[error("the reader's certificate is malformed (RFC 5280)")]
    MalformedCertificate,
    /// The payload is not detached.
    #[error("the reader authentication carries its content (ISO 18013-5 §9.1.4.5)")]
    NotDetached,
    /// The algorithm is missing, unprotected, unknown or not of the key's curve, or `crit` is not understood.
    #[error("{0} (ISO 18013-5 §9.1.4.5)")]
    Structure(CoseError),
    /// The signature is not of this reader over this request in this session.
    #[error("the reader's signature does not verify (ISO 18013-5 §9.1.4.4)")]
    Signature,
}

/// A reader whose signature and certificate chain are verified.
#[derive(Clone, Debug)]
pub struct ReaderIdentity {
    path: ValidatedPath,
}

impl ReaderIdentity {
    /// The reader's certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.path.leaf()
    }

    /// The path to the anchor, with what departs from the profile.
    #[must_use]
    pub fn path(&self) -> &ValidatedPath {
        &self.path
    }

    /// The name to show: common name, else organisation.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let subject = self.path.leaf().subject();
        subject.common_name().or_else(|| subject.organization())
    }

    /// The organisation in the certificate.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.path.leaf().subject().organization()
    }
}

/// Who asks, as far as it is known (A-H42b).
#[derive(Clone, Debug)]
pub enum ReaderAuthState {
    /// The reader did not say who it is.
    Absent,
    /// It did, and it is wrong.
    Invalid(InvalidReaderAuth),
    /// The signature is good, and the holder does not believe the certificate: unknown authority, expired, revoked, wrong purpose…
    Untrusted {
        /// The certificate. Its names are claims that nobody vouches for.
        unverified_certificate: Box<Certificate>,
        /// Why it is not believed.
        reason: PathError,
    },
    /// Signature and chain are good.
    Verified(Box<ReaderIdentity>),
}

impl ReaderAuthState {
    /// The reader, if and only if it is verified.
    #[must_use]
    pub fn verified(&self) -> Option<&ReaderIdentity> {
        match self {
            Self::Verified(reader) => Some(reader),
            _ => None,
        }
    }
}

/// Verifies `readerAuth` of one document request.
#[must_use]
pub fn verify_doc_request(
    request: &DocRequest<'_>,
    transcript: &SessionTranscript,
    trust: &ReaderTrust<'_>,
) -> ReaderAuthState {
    match request.reader_auth() {
        None => ReaderAuthState::Absent,
        Some(sign1) => verify(
            sign1,
            &reader_authentication_bytes(transcript, request.items_request_bytes()),
            trust,
        ),
    }
}

/// Verifies each `readerAuthAll`, which covers all document requests in their order and deviceRequestInfo (A-H43).
#[must_use]
pub fn verify_all(
    request: &DeviceRequest<'_>,
    transcript: &SessionTranscript,
    trust: &ReaderTrust<'_>,
) -> Vec<ReaderAuthState> {
    if request.reader_auth_all().is_empty() {
        return Vec::new();
    }
    let items: Vec<&[u8]> = request
        .doc_requests()
        .iter()
        .map(DocRequest::items_request_bytes)
        .collect();
    let content = reader_authentication_all_bytes(transcript, &items, request.device_request_info_bytes());
    request
        .reader_auth_all()
        .iter()
        .map(|sign1| verify(sign1, &content, trust))
        .collect()
}

/// The states of a whole request.
#[derive(Clone, Debug)]
pub struct ReaderAuthentication {
    /// `readerAuth` of each document request, in order.
    pub documents: Vec<ReaderAuthState>,
    /// Each `readerAuthAll`; empty when there is none.
    pub all: Vec<ReaderAuthState>,
}

impl ReaderAuthentication {
    /// Verifies everything a request has.
    #[must_use]
    pub fn verify(request: &DeviceRequest<'_>, transcript: &SessionTranscript, trust: &ReaderTrust<'_>) -> Self {
        Self {
            documents: request
                .doc_requests()
                .iter()
                .map(|doc| verify_doc_request(doc, transcript, trust))
                .collect(),
            all: verify_all(request, transcript, trust),
        }
    }

    /// Who asks for the document with that index: its own `readerAuth` where there is one, else the first `readerAuthAll`.
    ///
    /// An invalid one is never hidden behind a good one.
    #[must_use]
    pub fn for_document(&self, index: usize) -> &ReaderAuthState {
        let own = self.documents.get(index).unwrap_or(&ReaderAuthState::Absent);
        let covering = || core::iter::once(own).chain(&self.all);
        let invalid = covering().find(|state| matches!(state, ReaderAuthState::Invalid(_)));
        let present = || covering().find(|state| !matches!(state, ReaderAuthState::Absent));
        invalid.or_else(present).unwrap_or(own)
    }
}

fn verify(sign1: &Sign1<'_>, content: &[u8], trust: &ReaderTrust<'_>) -> ReaderAuthState {
    match verify_signature(sign1, content) {
        Err(invalid) => ReaderAuthState::Invalid(invalid),
        Ok(leaf) => {
            // Nothing in the message is an anchor (X-C05).
            let chain = sign1
                .headers()
                .x5chain()
                .map(|chain| chain.to_vec())
                .unwrap_or_default();
            let options = PathOptions::new(trust.at, Profile::ReaderAuth)
                .strictness(trust.strictness)
                .revocation(trust.crls, trust.revocation);
            match validate_path(&chain, trust.anchors, &options) {
                Ok(path) => ReaderAuthState::Verified(Box::new(ReaderIdentity { path })),
                Err(reason) => ReaderAuthState::Untrusted {
                    unverified_certificate: Box::new(leaf),
                    reason,
                },
            }
        }
    }
}

fn verify_signature(sign1: &Sign1<'_>, content: &[u8]) -> Result<Certificate, InvalidReaderAuth> {
    let chain = sign1.headers().x5chain().ok_or(InvalidReaderAuth::NoCertificate)?;
    let der = chain.certificates().next().ok_or(InvalidReaderAuth::NoCertificate)?;
    let leaf = Certificate::from_der(der).map_err(|_| InvalidReaderAuth::MalformedCertificate)?;
    match sign1.verify(leaf.public_key(), &ALLOWED, &[], Some(content)) {
        Ok(_) => Ok(leaf),
        Err(CoseError::SignatureInvalid) => Err(InvalidReaderAuth::Signature),
        Err(CoseError::PayloadAmbiguous) => Err(InvalidReaderAuth::NotDetached),
        Err(other) => Err(InvalidReaderAuth::Structure(other)),
    }
}
