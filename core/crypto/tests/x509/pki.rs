//! A complete PKI to break one thing of.

use idwallet_crypto::x509::{
    Certificate, CertificateBuilder, FindingId, NameBuilder, PathError, PathOptions, Profile, Severity, Strictness,
    TrustAnchors, ValidatedPath, validate_path,
};
use idwallet_crypto::{Curve, PrivateKey, SystemRandom, Timestamp};

pub const CRL_URI: &str = "https://example.test/iaca.crl";
pub const CONTACT: &str = "https://example.test/";

pub fn time(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// The time at which everything of the PKI is valid.
pub fn now() -> Timestamp {
    time("2026-06-01T00:00:00Z")
}

pub fn start() -> Timestamp {
    time("2026-01-01T00:00:00Z")
}

pub fn key(curve: Curve) -> PrivateKey {
    PrivateKey::generate(curve, &SystemRandom::new()).unwrap()
}

pub fn random() -> SystemRandom {
    SystemRandom::new()
}

pub struct Pki {
    pub iaca_key: PrivateKey,
    pub iaca: Certificate,
    pub key: PrivateKey,
}

impl Pki {
    pub fn new() -> Self {
        Self::with(Curve::P256, Curve::P256, |b| b)
    }

    /// The root changed by `change`.
    pub fn with_root(change: impl Fn(CertificateBuilder) -> CertificateBuilder) -> Self {
        Self::with(Curve::P256, Curve::P256, change)
    }

    pub fn with(root: Curve, leaf: Curve, change: impl Fn(CertificateBuilder) -> CertificateBuilder) -> Self {
        let iaca_key = key(root);
        let builder = CertificateBuilder::iaca(&root_name(), iaca_key.public_key(), start(), CONTACT);
        let iaca = change(builder).sign(&iaca_key, &random()).unwrap();
        Self {
            iaca_key,
            iaca,
            key: key(leaf),
        }
    }

    pub fn anchors(&self) -> TrustAnchors {
        [self.iaca.clone()].into_iter().collect()
    }

    pub fn ds_builder(&self) -> CertificateBuilder {
        CertificateBuilder::document_signer(&self.iaca, &ds_name(), self.key.public_key(), start(), CONTACT, CRL_URI)
    }

    pub fn ds(&self) -> Certificate {
        self.ds_builder().sign(&self.iaca_key, &random()).unwrap()
    }

    /// A document signer changed by `change`, validated.
    pub fn try_ds(
        &self,
        strictness: Strictness,
        change: impl Fn(CertificateBuilder) -> CertificateBuilder,
    ) -> Result<ValidatedPath, PathError> {
        let ds = change(self.ds_builder()).sign_der(&self.iaca_key, &random()).unwrap();
        self.validate(&[&ds], &options().strictness(strictness))
    }

    pub fn validate(&self, chain: &[&[u8]], options: &PathOptions<'_>) -> Result<ValidatedPath, PathError> {
        validate_path(chain, &self.anchors(), options)
    }
}

pub fn root_name() -> NameBuilder {
    NameBuilder::of("VN", None, "Test IACA")
}

pub fn ds_name() -> NameBuilder {
    NameBuilder::of("VN", None, "Test DS")
}

pub fn options() -> PathOptions<'static> {
    PathOptions::new(now(), Profile::DocumentSigner)
}

/// The errors of a refusal for the profile alone.
pub fn errors(result: Result<ValidatedPath, PathError>) -> Vec<FindingId> {
    match result {
        Err(PathError::Profile { findings }) => findings
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .map(|f| f.id)
            .collect(),
        Ok(_) => panic!("accepted"),
        Err(other) => panic!("refused for another reason: {other}"),
    }
}

/// The warnings of an accepted path.
pub fn warnings(result: Result<ValidatedPath, PathError>) -> Vec<FindingId> {
    result.unwrap().findings().iter().map(|f| f.id).collect()
}

/// One DER element with less than 128 octets of contents.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
}
