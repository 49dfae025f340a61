//! Making certificates that meet the profiles exactly, or break one rule at a time.

use super::certificate::Certificate;
use super::der::{self, BOOLEAN, INTEGER, OCTET_STRING, OID, SEQUENCE, context, context_constructed};
use super::error::X509Error;
use super::extensions::{BasicConstraints, KeyUsage};
use super::name::NameBuilder;
use super::{oid, time};
use crate::{
    Curve, PublicKey, Random, Signer, Timestamp, X509SignatureAlgorithm, ecdsa_raw_to_der, sha1_key_identifier,
};

const DAY: i64 = 86_400;

/// The extensions the presets write, for [`CertificateBuilder::omit`] and [`CertificateBuilder::critical`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtensionKind {
    /// subjectKeyIdentifier.
    SubjectKeyId,
    /// authorityKeyIdentifier.
    AuthorityKeyId,
    /// keyUsage.
    KeyUsage,
    /// extendedKeyUsage.
    ExtendedKeyUsage,
    /// basicConstraints.
    BasicConstraints,
    /// issuerAltName.
    IssuerAltName,
    /// subjectAltName.
    SubjectAltName,
    /// cRLDistributionPoints.
    CrlDistributionPoints,
}

/// Builds a certificate. The constructors are the presets of ISO 18013-5 Annex B; every part can be replaced.
///
/// The subject's key may be on any curve; the issuer signs through the [`Signer`] port with the algorithm of its curve.
#[derive(Debug, Clone)]
pub struct CertificateBuilder {
    subject: Vec<u8>,
    issuer: Vec<u8>,
    key: PublicKey,
    compressed_key: bool,
    version: u8,
    serial: Option<Vec<u8>>,
    not_before: Timestamp,
    not_after: Timestamp,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    key_usage: Option<KeyUsage>,
    purposes: Vec<Vec<u8>>,
    basic_constraints: Option<BasicConstraints>,
    contact: Option<String>,
    dns_names: Vec<String>,
    crl_uri: Option<String>,
    criticality: Vec<(ExtensionKind, bool)>,
    omitted: Vec<ExtensionKind>,
    extra: Vec<(Vec<u8>, bool, Vec<u8>)>,
}

impl CertificateBuilder {
    /// A certificate with key identifiers and nothing else, valid for a year. Self-issued until
    /// [`issued_by`](Self::issued_by) is called.
    #[must_use]
    pub fn new(subject: &NameBuilder, key: &PublicKey, not_before: Timestamp) -> Self {
        Self {
            subject: subject.to_der(),
            issuer: subject.to_der(),
            key: *key,
            compressed_key: false,
            version: 3,
            serial: None,
            not_before,
            not_after: not_before.saturating_add_seconds(365_i64.saturating_mul(DAY)),
            subject_key_id: Some(key_id(key).to_vec()),
            authority_key_id: None,
            key_usage: None,
            purposes: Vec::new(),
            basic_constraints: None,
            contact: None,
            dns_names: Vec::new(),
            crl_uri: None,
            criticality: vec![
                (ExtensionKind::KeyUsage, true),
                (ExtensionKind::BasicConstraints, true),
                (ExtensionKind::ExtendedKeyUsage, true),
            ],
            omitted: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// An IACA root (ISO 18013-5 B.1.2), self-signed, valid for ten years. `contact` is an email address or URI.
    #[must_use]
    pub fn iaca(subject: &NameBuilder, key: &PublicKey, not_before: Timestamp, contact: &str) -> Self {
        let mut builder = Self::authority(subject, key, not_before);
        builder.basic_constraints = Some(BasicConstraints {
            ca: true,
            path_len: Some(0),
        });
        builder.contact = Some(contact.to_owned());
        builder
    }

    /// A root of another kind (reader, VICAL provider, web): a CA without path length constraint, ten years.
    #[must_use]
    pub fn authority(subject: &NameBuilder, key: &PublicKey, not_before: Timestamp) -> Self {
        let mut builder = Self::new(subject, key, not_before);
        builder.not_after = not_before.saturating_add_seconds(3650_i64.saturating_mul(DAY));
        builder.key_usage = Some(KeyUsage::CERT_AND_CRL_SIGN);
        builder.basic_constraints = Some(BasicConstraints {
            ca: true,
            path_len: None,
        });
        builder
    }

    fn signer(
        issuer: &Certificate,
        subject: &NameBuilder,
        key: &PublicKey,
        not_before: Timestamp,
        uses: &[&[u8]],
    ) -> Self {
        let mut builder = Self::new(subject, key, not_before).issued_by(issuer);
        builder.not_after = builder.not_after.min(issuer.not_after());
        builder.key_usage = Some(KeyUsage::DIGITAL_SIGNATURE);
        builder.extended_key_usage(uses)
    }

    /// A document signer (ISO 18013-5 B.1.4) with both key purposes. The subject has to name the country of `issuer`,
    /// and its state if it has one.
    #[must_use]
    pub fn document_signer(
        issuer: &Certificate,
        subject: &NameBuilder,
        key: &PublicKey,
        not_before: Timestamp,
        contact: &str,
        crl_uri: &str,
    ) -> Self {
        let uses = [oid::MDL_DOCUMENT_SIGNER, oid::GENERIC_DOCUMENT_SIGNER];
        let mut builder = Self::signer(issuer, subject, key, not_before, &uses).crl_uri(crl_uri);
        builder.contact = Some(contact.to_owned());
        builder
    }

    /// A reader authentication certificate (ISO 18013-5 B.1.7) with both key purposes.
    #[must_use]
    pub fn reader_auth(
        issuer: &Certificate,
        subject: &NameBuilder,
        key: &PublicKey,
        not_before: Timestamp,
        crl_uri: &str,
    ) -> Self {
        let uses = [oid::MDL_READER_AUTH, oid::GENERIC_READER_AUTH];
        Self::signer(issuer, subject, key, not_before, &uses).crl_uri(crl_uri)
    }

    /// A VICAL signer (ISO 18013-5 C.1.7.2).
    #[must_use]
    pub fn vical_signer(issuer: &Certificate, subject: &NameBuilder, key: &PublicKey, not_before: Timestamp) -> Self {
        let uses = [oid::MDL_VICAL_SIGNER, oid::GENERIC_VICAL_SIGNER];
        Self::signer(issuer, subject, key, not_before, &uses)
    }

    /// A status list signer (ISO 18013-5 B.1.5); its key purpose is not critical.
    #[must_use]
    pub fn status_signer(issuer: &Certificate, subject: &NameBuilder, key: &PublicKey, not_before: Timestamp) -> Self {
        Self::signer(issuer, subject, key, not_before, &[oid::STATUS_SIGNING])
            .critical(ExtensionKind::ExtendedKeyUsage, false)
    }

    /// A web server or relying party with these DNS names.
    #[must_use]
    pub fn tls(
        issuer: &Certificate,
        subject: &NameBuilder,
        key: &PublicKey,
        not_before: Timestamp,
        dns_names: &[&str],
    ) -> Self {
        let mut builder = Self::signer(issuer, subject, key, not_before, &[oid::SERVER_AUTH, oid::CLIENT_AUTH])
            .critical(ExtensionKind::ExtendedKeyUsage, false);
        builder.dns_names = dns_names.iter().map(|n| (*n).to_owned()).collect();
        builder
    }

    /// Takes issuer name and authority key identifier from `issuer`.
    #[must_use]
    pub fn issued_by(mut self, issuer: &Certificate) -> Self {
        self.issuer = issuer.subject().der().to_vec();
        self.authority_key_id = issuer.subject_key_id().map(<[u8]>::to_vec);
        self
    }

    /// Replaces the validity.
    #[must_use]
    pub const fn validity(mut self, not_before: Timestamp, not_after: Timestamp) -> Self {
        self.not_before = not_before;
        self.not_after = not_after;
        self
    }

    /// Replaces the random serial number: contents octets of the INTEGER, written as they are.
    #[must_use]
    pub fn serial(mut self, contents: &[u8]) -> Self {
        self.serial = Some(contents.to_vec());
        self
    }

    /// Replaces the issuer's name.
    #[must_use]
    pub fn issuer_name(mut self, name: &NameBuilder) -> Self {
        self.issuer = name.to_der();
        self
    }

    /// 1, 2 or 3; below 3 no extensions are written.
    #[must_use]
    pub const fn version(mut self, version: u8) -> Self {
        self.version = version;
        self
    }

    /// Writes the key as a compressed point, against A-C46.
    #[must_use]
    pub const fn compressed_key(mut self) -> Self {
        self.compressed_key = true;
        self
    }

    /// Replaces keyUsage.
    #[must_use]
    pub const fn key_usage(mut self, usage: KeyUsage) -> Self {
        self.key_usage = Some(usage);
        self
    }

    /// Replaces extendedKeyUsage; no purposes leave it out.
    #[must_use]
    pub fn extended_key_usage(mut self, purposes: &[&[u8]]) -> Self {
        self.purposes = purposes.iter().map(|p| p.to_vec()).collect();
        self
    }

    /// Replaces basicConstraints.
    #[must_use]
    pub const fn basic_constraints(mut self, constraints: BasicConstraints) -> Self {
        self.basic_constraints = Some(constraints);
        self
    }

    /// Replaces the URI of cRLDistributionPoints.
    #[must_use]
    pub fn crl_uri(mut self, uri: &str) -> Self {
        self.crl_uri = Some(uri.to_owned());
        self
    }

    /// Replaces subjectKeyIdentifier.
    #[must_use]
    pub fn subject_key_id(mut self, id: &[u8]) -> Self {
        self.subject_key_id = Some(id.to_vec());
        self
    }

    /// Replaces the keyIdentifier of authorityKeyIdentifier.
    #[must_use]
    pub fn authority_key_id(mut self, id: &[u8]) -> Self {
        self.authority_key_id = Some(id.to_vec());
        self
    }

    /// Sets whether an extension is marked critical.
    #[must_use]
    pub fn critical(mut self, kind: ExtensionKind, critical: bool) -> Self {
        self.criticality.retain(|(k, _)| *k != kind);
        self.criticality.push((kind, critical));
        self
    }

    /// Leaves an extension out.
    #[must_use]
    pub fn omit(mut self, kind: ExtensionKind) -> Self {
        self.omitted.push(kind);
        self
    }

    /// Adds an extension: contents octets of its identifier and its DER value.
    #[must_use]
    pub fn extra_extension(mut self, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.extra.push((oid.to_vec(), critical, value.to_vec()));
        self
    }

    fn extensions(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut add = |kind: ExtensionKind, oid: &[u8], value: Option<Vec<u8>>| {
            if let Some(value) = value.filter(|_| !self.omitted.contains(&kind)) {
                let critical = self.criticality.iter().any(|(k, critical)| *k == kind && *critical);
                out.extend(extension(oid, critical, &value));
            }
        };
        let id = |id: &Vec<u8>| der::encode(OCTET_STRING, &[id]);
        add(
            ExtensionKind::SubjectKeyId,
            oid::SUBJECT_KEY_ID,
            self.subject_key_id.as_ref().map(id),
        );
        add(
            ExtensionKind::AuthorityKeyId,
            oid::AUTHORITY_KEY_ID,
            self.authority_key_id.as_ref().map(|i| authority_key(i)),
        );
        let usage = self.key_usage.map(|u| der::encode_named_bits(u.0));
        add(ExtensionKind::KeyUsage, oid::KEY_USAGE, usage);
        let purposes: Vec<u8> = self.purposes.iter().flat_map(|p| der::encode(OID, &[p])).collect();
        let purposes = Some(purposes)
            .filter(|p| !p.is_empty())
            .map(|p| der::encode(SEQUENCE, &[&p]));
        add(ExtensionKind::ExtendedKeyUsage, oid::EXTENDED_KEY_USAGE, purposes);
        add(
            ExtensionKind::BasicConstraints,
            oid::BASIC_CONSTRAINTS,
            self.basic_constraints.map(constraints),
        );
        let contact = self.contact.as_ref().map(|c| {
            let tag = if c.contains("://") { context(6) } else { context(1) };
            der::encode(SEQUENCE, &[&der::encode(tag, &[c.as_bytes()])])
        });
        add(ExtensionKind::IssuerAltName, oid::ISSUER_ALT_NAME, contact);
        let names: Vec<u8> = self
            .dns_names
            .iter()
            .flat_map(|n| der::encode(context(2), &[n.as_bytes()]))
            .collect();
        let names = Some(names)
            .filter(|n| !n.is_empty())
            .map(|n| der::encode(SEQUENCE, &[&n]));
        add(ExtensionKind::SubjectAltName, oid::SUBJECT_ALT_NAME, names);
        let points = self.crl_uri.as_ref().map(|uri| {
            let name = der::encode(context_constructed(0), &[&der::encode(context(6), &[uri.as_bytes()])]);
            let point = der::encode(SEQUENCE, &[&der::encode(context_constructed(0), &[&name])]);
            der::encode(SEQUENCE, &[&point])
        });
        add(
            ExtensionKind::CrlDistributionPoints,
            oid::CRL_DISTRIBUTION_POINTS,
            points,
        );
        for (oid, critical, value) in &self.extra {
            out.extend(extension(oid, *critical, value));
        }
        out
    }

    fn spki(&self) -> Result<Vec<u8>, X509Error> {
        if !self.compressed_key {
            return Ok(self.key.to_spki_der());
        }
        let parity = self
            .key
            .y()
            .and_then(<[u8]>::last)
            .ok_or_else(|| X509Error::build("compressed point"))?
            & 1;
        let curve = der::oid_contents(self.key.curve().oid())?;
        let algorithm = der::encode(
            SEQUENCE,
            &[&der::encode(OID, &[oid::EC_PUBLIC_KEY]), &der::encode(OID, &[&curve])],
        );
        let mut point = vec![0x02 | parity];
        point.extend_from_slice(self.key.x());
        Ok(der::encode(SEQUENCE, &[&algorithm, &der::encode_bits(&point)]))
    }

    /// Signs and gives the DER, whatever it has become: a broken certificate need not be parsable.
    ///
    /// # Errors
    /// [`X509Error`] when the signer or the source of randomness fails, or a time cannot be encoded.
    pub fn sign_der(&self, issuer: &dyn Signer, random: &dyn Random) -> Result<Vec<u8>, X509Error> {
        let serial = match &self.serial {
            Some(contents) => contents.clone(),
            None => random_serial(random)?,
        };
        let algorithm = algorithm_of(issuer)?;
        let version = match self.version {
            1 => Vec::new(),
            n => der::encode(
                context_constructed(0),
                &[&der::encode(INTEGER, &[&[n.saturating_sub(1)]])],
            ),
        };
        let extensions = self.extensions();
        let extensions = if self.version < 3 || extensions.is_empty() {
            Vec::new()
        } else {
            der::encode(context_constructed(3), &[&der::encode(SEQUENCE, &[&extensions])])
        };
        let validity = der::encode(
            SEQUENCE,
            &[&time::encode(self.not_before)?, &time::encode(self.not_after)?],
        );
        let tbs = der::encode(
            SEQUENCE,
            &[
                &version,
                &der::encode(INTEGER, &[&serial]),
                &algorithm,
                &self.issuer,
                &validity,
                &self.subject,
                &self.spki()?,
                &extensions,
            ],
        );
        signed(&tbs, &algorithm, issuer)
    }

    /// Signs and parses the result.
    ///
    /// # Errors
    /// As [`sign_der`](Self::sign_der), or the certificate is not one that [`Certificate::from_der`] accepts.
    pub fn sign(&self, issuer: &dyn Signer, random: &dyn Random) -> Result<Certificate, X509Error> {
        Certificate::from_der(&self.sign_der(issuer, random)?)
    }
}

/// 20 octets, positive, the first one not zero: 158 random bits (A-C40).
fn random_serial(random: &dyn Random) -> Result<Vec<u8>, X509Error> {
    let mut serial = [0_u8; 20];
    random.fill(&mut serial)?;
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    Ok(serial.to_vec())
}

/// SHA-1 over the key bits (RFC 5280 §4.2.1.2 method 1).
fn key_id(key: &PublicKey) -> [u8; 20] {
    if key.curve().is_weierstrass() {
        sha1_key_identifier(&key.to_sec1_uncompressed())
    } else {
        sha1_key_identifier(key.x())
    }
}

fn constraints(constraints: BasicConstraints) -> Vec<u8> {
    let ca = if constraints.ca {
        der::encode(BOOLEAN, &[&[0xff]])
    } else {
        Vec::new()
    };
    let length = constraints
        .path_len
        .map(|n| der::encode_unsigned(&n.to_be_bytes()))
        .unwrap_or_default();
    der::encode(SEQUENCE, &[&ca, &length])
}

pub(crate) fn authority_key(id: &[u8]) -> Vec<u8> {
    der::encode(SEQUENCE, &[&der::encode(context(0), &[id])])
}

pub(crate) fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical {
        der::encode(BOOLEAN, &[&[0xff]])
    } else {
        Vec::new()
    };
    der::encode(
        SEQUENCE,
        &[&der::encode(OID, &[oid]), &flag, &der::encode(OCTET_STRING, &[value])],
    )
}

/// The AlgorithmIdentifier with which the signer's curve signs.
pub(crate) fn algorithm_of(issuer: &dyn Signer) -> Result<Vec<u8>, X509Error> {
    let algorithm = X509SignatureAlgorithm::for_curve(issuer.public_key().curve())
        .ok_or_else(|| X509Error::build("signature algorithm: the issuer's key cannot sign"))?;
    Ok(der::encode(
        SEQUENCE,
        &[&der::encode(OID, &[&der::oid_contents(algorithm.oid())?])],
    ))
}

/// `SEQUENCE { tbs, algorithm, signature }`.
pub(crate) fn signed(tbs: &[u8], algorithm: &[u8], issuer: &dyn Signer) -> Result<Vec<u8>, X509Error> {
    let curve = issuer.public_key().curve();
    let raw = issuer.sign(tbs)?;
    let signature = match curve {
        Curve::Ed25519 | Curve::Ed448 => raw,
        _ => ecdsa_raw_to_der(curve, &raw)?,
    };
    Ok(der::encode(SEQUENCE, &[tbs, algorithm, &der::encode_bits(&signature)]))
}
