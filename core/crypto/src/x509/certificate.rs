//! A certificate: the received bytes, and where in them everything is.

use core::fmt;
use std::sync::{Arc, OnceLock};

use super::der::{Element, Reader, SEQUENCE, Span, context, context_constructed};
use super::error::{X509Error, X509ErrorKind as Kind};
use super::extensions::{self, BasicConstraints, Extension, Extensions, KeyUsage};
use super::name::{self, Name};
use super::{limits, oid, time};
use crate::{
    CryptoError, Curve, PublicKey, Timestamp, X509SignatureAlgorithm, sha1_key_identifier, sha256, verify_x509,
};

/// A parsed X.509 v3 certificate (RFC 5280 §4.1).
///
/// Parsing is strict DER and makes two heap allocations; a clone makes none. The bytes given are the bytes kept,
/// hashed and verified.
#[derive(Clone)]
pub struct Certificate {
    inner: Arc<Inner>,
}

struct Inner {
    der: Box<[u8]>,
    tbs: Span,
    version: u8,
    serial: Span,
    algorithm: Option<X509SignatureAlgorithm>,
    issuer: Span,
    not_before: Timestamp,
    not_after: Timestamp,
    subject: Span,
    public_key: PublicKey,
    key_bits: Span,
    compressed_key: bool,
    extensions: Extensions,
    signature: Span,
    fingerprint: OnceLock<[u8; 32]>,
    self_signed: OnceLock<bool>,
}

impl Certificate {
    /// Parses one certificate and nothing after it.
    ///
    /// # Errors
    /// [`X509Error`] with the byte offset: not DER, over a limit of [`limits`], a duplicate extension, two
    /// signature algorithms, a key that is unsupported, not on its curve, or has explicit curve parameters (A-C46).
    pub fn from_der(der: &[u8]) -> Result<Self, X509Error> {
        if der.len() > limits::CERTIFICATE {
            return Err(X509Error::new(limits::CERTIFICATE, Kind::Limit("certificate")));
        }
        let mut outer = Reader::new(der);
        let certificate = outer.expect(SEQUENCE, "Certificate")?;
        outer.finish()?;
        let mut fields = certificate.reader();
        let tbs = fields.expect(SEQUENCE, "TBSCertificate")?;
        let algorithm_at = fields.offset();
        let algorithm = fields.expect(SEQUENCE, "AlgorithmIdentifier")?;
        let signature = fields.octet_aligned_bits("signature")?;
        fields.finish()?;

        let mut fields = tbs.reader();
        let version_at = fields.offset();
        let version = match fields.optional(context_constructed(0))? {
            None => 1,
            Some(explicit) => {
                let mut inner = explicit.reader();
                let version = inner.small_integer("version")?;
                inner.finish()?;
                match version {
                    1 => 2,
                    2 => 3,
                    0 => return Err(X509Error::new(version_at, Kind::DefaultEncoded("version"))),
                    _ => return Err(X509Error::new(version_at, Kind::Version)),
                }
            }
        };
        let serial = fields.integer("serialNumber")?;
        if serial.value.len() > limits::SERIAL {
            return Err(X509Error::new(serial.span.start(), Kind::Limit("serialNumber")));
        }
        let inner_algorithm = fields.expect(SEQUENCE, "AlgorithmIdentifier")?;
        if inner_algorithm.value != algorithm.value {
            return Err(X509Error::new(algorithm_at, Kind::AlgorithmMismatch));
        }
        let issuer = name::check(&mut fields)?;
        let mut validity = fields.expect(SEQUENCE, "Validity")?.reader();
        let not_before = time::read(&mut validity)?;
        let not_after = time::read(&mut validity)?;
        validity.finish()?;
        let subject = name::check(&mut fields)?;
        let spki = fields.expect(SEQUENCE, "SubjectPublicKeyInfo")?;
        let (public_key, key_bits, compressed_key) = public_key(&spki)?;
        let unique_at = fields.offset();
        let issuer_unique = fields.optional(context(1))?.is_some();
        let subject_unique = fields.optional(context(2))?.is_some();
        if (issuer_unique || subject_unique) && version < 2 {
            return Err(X509Error::new(unique_at, Kind::Version));
        }
        let extensions_at = fields.offset();
        let extensions = match fields.optional(context_constructed(3))? {
            None => Extensions::default(),
            Some(_) if version != 3 => return Err(X509Error::new(extensions_at, Kind::Version)),
            Some(explicit) => {
                let mut inner = explicit.reader();
                let parsed = extensions::parse(der, &mut inner)?;
                inner.finish()?;
                parsed
            }
        };
        fields.finish()?;

        Ok(Self {
            inner: Arc::new(Inner {
                tbs: tbs.whole,
                version,
                serial: serial.span,
                algorithm: signature_algorithm(&algorithm)?,
                issuer,
                not_before,
                not_after,
                subject,
                public_key,
                key_bits,
                compressed_key,
                extensions,
                signature: signature.span,
                der: der.into(),
                fingerprint: OnceLock::new(),
                self_signed: OnceLock::new(),
            }),
        })
    }

    fn bytes(&self, span: Span) -> &[u8] {
        span.of_bytes(&self.inner.der)
    }

    /// The certificate as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// The signed part as received.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.bytes(self.inner.tbs)
    }

    /// SHA-256 of [`der`](Self::der); computed once.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        self.inner.fingerprint.get_or_init(|| sha256(&self.inner.der))
    }

    /// 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.inner.version
    }

    /// The serial number: contents octets of the INTEGER, two's complement, big-endian.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.bytes(self.inner.serial)
    }

    /// The subject's name.
    #[must_use]
    pub fn subject(&self) -> Name<'_> {
        Name::checked(self.bytes(self.inner.subject))
    }

    /// The issuer's name.
    #[must_use]
    pub fn issuer(&self) -> Name<'_> {
        Name::checked(self.bytes(self.inner.issuer))
    }

    /// First second of validity.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.inner.not_before
    }

    /// Last second of validity.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.inner.not_after
    }

    /// Whether `at` lies within the validity, both ends included (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.not_before() <= at && at <= self.not_after()
    }

    /// The subject's key, on its curve.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.inner.public_key
    }

    /// Whether the key stands in the certificate as a compressed point (A-C46 forbids it).
    #[must_use]
    pub fn has_compressed_key(&self) -> bool {
        self.inner.compressed_key
    }

    /// The algorithm of the signature over this certificate; `None` if it is not a supported one.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<X509SignatureAlgorithm> {
        self.inner.algorithm
    }

    /// subjectKeyIdentifier.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.inner.extensions.subject_key_id.map(|s| self.bytes(s.span))
    }

    /// SHA-1 of the subject key bits: method 1 of RFC 5280 §4.2.1.2, what the profiles ask of the SKI.
    #[must_use]
    pub fn computed_key_id(&self) -> [u8; 20] {
        sha1_key_identifier(self.bytes(self.inner.key_bits))
    }

    /// keyIdentifier of authorityKeyIdentifier.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.inner.extensions.authority_key.map(|s| self.bytes(s))
    }

    /// keyUsage, if present.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.inner.extensions.key_usage.map(|(usage, _)| usage)
    }

    /// basicConstraints, if present.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.inner
            .extensions
            .basic_constraints
            .map(|(constraints, _)| constraints)
    }

    /// Whether basicConstraints says that this is a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|c| c.ca)
    }

    /// Whether extendedKeyUsage is present, and if so whether it is critical.
    #[must_use]
    pub fn extended_key_usage_criticality(&self) -> Option<bool> {
        self.inner.extensions.extended_key_usage.map(|s| s.critical)
    }

    /// The key purposes, as contents octets of their identifiers (see [`oid`]); empty if the extension is absent.
    pub fn extended_key_usage(&self) -> impl Iterator<Item = &[u8]> {
        let span = self.inner.extensions.extended_key_usage.unwrap_or_default().span;
        let mut reader = Reader::over(&self.inner.der, span);
        core::iter::from_fn(move || {
            if reader.is_empty() {
                None
            } else {
                reader.oid().ok().map(|e| e.value)
            }
        })
    }

    /// Whether extendedKeyUsage names this purpose.
    #[must_use]
    pub fn has_key_purpose(&self, purpose: &[u8]) -> bool {
        self.extended_key_usage().any(|p| p == purpose)
    }

    /// URIs of cRLDistributionPoints.
    pub fn crl_uris(&self) -> impl Iterator<Item = &str> {
        let span = self.inner.extensions.distribution_points.unwrap_or_default().span;
        extensions::distribution_uris(&self.inner.der, span)
    }

    /// Whether issuerAltName is present with an email address or URI.
    #[must_use]
    pub fn has_issuer_contact(&self) -> bool {
        self.inner
            .extensions
            .issuer_alt_name
            .is_some_and(|s| extensions::has_contact(&self.inner.der, s.span))
    }

    /// dNSNames of subjectAltName.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.alternative_names(context(2))
    }

    /// uniformResourceIdentifiers of subjectAltName.
    pub fn alternative_uris(&self) -> impl Iterator<Item = &str> {
        self.alternative_names(context(6))
    }

    fn alternative_names(&self, tag: u8) -> impl Iterator<Item = &str> {
        let span = self.inner.extensions.subject_alt_name.unwrap_or_default().span;
        let mut reader = Reader::over(&self.inner.der, span);
        core::iter::from_fn(move || {
            loop {
                let name = reader.any().ok()?;
                if let (true, Ok(text)) = (
                    name.tag == tag && name.value.is_ascii(),
                    core::str::from_utf8(name.value),
                ) {
                    return Some(text);
                }
            }
        })
    }

    /// Every extension in order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        extensions::iter(&self.inner.der, self.inner.extensions.all)
    }

    /// The extension with this identifier.
    #[must_use]
    pub fn extension(&self, oid: &[u8]) -> Option<Extension<'_>> {
        self.extensions().find(|e| e.oid == oid)
    }

    /// Whether issuer and subject are the same name. Such a certificate need not be self-signed: document signers
    /// with the name of their root are in use.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// Whether it is self-issued and its own key verifies its signature; checked once.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        *self
            .inner
            .self_signed
            .get_or_init(|| self.is_self_issued() && self.verify_with(self.public_key()).is_ok())
    }

    /// Verifies the signature over the received signed part with the key of `issuer`.
    ///
    /// Looks at nothing but the signature: use [`super::validate_path`] to decide about trust.
    ///
    /// # Errors
    /// [`CryptoError`]: unsupported algorithm, algorithm and key do not match, or the signature does not verify.
    pub fn verify_signed_by(&self, issuer: &Self) -> Result<(), CryptoError> {
        self.verify_with(issuer.public_key())
    }

    pub(crate) fn verify_with(&self, key: &PublicKey) -> Result<(), CryptoError> {
        let algorithm = self.signature_algorithm().ok_or(CryptoError::Malformed {
            what: "certificate signature algorithm: not supported",
        })?;
        verify_x509(key, algorithm, self.tbs(), self.bytes(self.inner.signature))
    }

    pub(crate) fn parsed_extensions(&self) -> &Extensions {
        &self.inner.extensions
    }

    /// The identifier of the first critical extension that is not processed here.
    pub(crate) fn unknown_critical(&self) -> Option<&[u8]> {
        self.inner.extensions.unknown_critical.map(|s| self.bytes(s))
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject())
            .field("issuer", &self.issuer())
            .finish()
    }
}

/// The signature algorithm of a certificate or CRL; `None` for one that is well formed but not supported.
pub(crate) fn signature_algorithm(element: &Element<'_>) -> Result<Option<X509SignatureAlgorithm>, X509Error> {
    let mut fields = element.reader();
    let algorithm = match fields.oid()?.value {
        oid::ECDSA_SHA256 => X509SignatureAlgorithm::EcdsaSha256,
        oid::ECDSA_SHA384 => X509SignatureAlgorithm::EcdsaSha384,
        oid::ECDSA_SHA512 => X509SignatureAlgorithm::EcdsaSha512,
        oid::ED25519 => X509SignatureAlgorithm::Ed25519,
        oid::ED448 => X509SignatureAlgorithm::Ed448,
        _ => return Ok(None),
    };
    // RFC 5758 §3.2 and RFC 8410 §3: parameters are absent.
    fields.finish()?;
    Ok(Some(algorithm))
}

/// Reads SubjectPublicKeyInfo: named curves only. With the key come its bits and whether the point was compressed.
fn public_key(spki: &Element<'_>) -> Result<(PublicKey, Span, bool), X509Error> {
    let at = spki.whole.start();
    let mut fields = spki.reader();
    let mut algorithm = fields.expect(SEQUENCE, "AlgorithmIdentifier")?.reader();
    let kind = algorithm.oid()?.value;
    let point = fields.octet_aligned_bits("subjectPublicKey")?;
    fields.finish()?;
    let unsupported = X509Error::new(at, Kind::PublicKey);
    let curve = match kind {
        oid::EC_PUBLIC_KEY => match algorithm.oid().map_err(|_| unsupported)?.value {
            oid::P256 => Curve::P256,
            oid::P384 => Curve::P384,
            oid::P521 => Curve::P521,
            oid::BRAINPOOL_P256 => Curve::BrainpoolP256r1,
            oid::BRAINPOOL_P320 => Curve::BrainpoolP320r1,
            oid::BRAINPOOL_P384 => Curve::BrainpoolP384r1,
            oid::BRAINPOOL_P512 => Curve::BrainpoolP512r1,
            _ => return Err(unsupported),
        },
        oid::ED25519 => Curve::Ed25519,
        oid::ED448 => Curve::Ed448,
        oid::X25519 => Curve::X25519,
        oid::X448 => Curve::X448,
        _ => return Err(unsupported),
    };
    algorithm.finish()?;
    let key = if curve.is_weierstrass() {
        PublicKey::from_sec1(curve, point.value)
    } else {
        PublicKey::from_okp(curve, point.value)
    };
    let compressed = curve.is_weierstrass() && matches!(point.value.first(), Some(2 | 3));
    Ok((key.map_err(|_| unsupported)?, point.span, compressed))
}
