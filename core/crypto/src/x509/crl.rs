//! Certificate revocation lists (RFC 5280 §5, ISO 18013-5 B.2; A-C44, A-V14).

use core::fmt;
use std::sync::{Arc, OnceLock};

use super::certificate::{Certificate, signature_algorithm};
use super::der::{
    ENUMERATED, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE, Span, UTC_TIME, context, context_constructed,
};
use super::error::{X509Error, X509ErrorKind as Kind};
use super::extensions::{self, KeyUsage};
use super::name::{self, Name};
use super::profile::Strictness;
use super::{limits, oid, time};
use crate::{PublicKey, Timestamp, X509SignatureAlgorithm, verify_x509};

/// Longest time from thisUpdate to nextUpdate: 90 days (ISO 18013-5 B.2).
const MAX_SECONDS: i64 = 90 * 86_400;

/// A parsed, full, direct v2 CRL. Clones share the bytes.
///
/// The revoked serial numbers stay in the received bytes; beside them lies one sorted list of their positions
/// (four bytes an entry), so a look-up is a binary search and copies nothing.
#[derive(Clone)]
pub struct Crl {
    inner: Arc<Inner>,
}

struct Inner {
    der: Box<[u8]>,
    tbs: Span,
    algorithm: Option<X509SignatureAlgorithm>,
    issuer: Span,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// Offsets of the entries, ordered by serial number.
    entries: Box<[u32]>,
    authority_key: Option<Span>,
    number: Option<Span>,
    /// An extension beside these two, of the list or of an entry.
    extra: Option<CrlDeparture>,
    signature: Span,
    /// The key that has verified the signature: the same list is asked for many certificates.
    verified: OnceLock<PublicKey>,
}

/// What is known about the revocation of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// A current list of the certificate's issuer does not name it.
    Good,
    /// The certificate is revoked.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// The reasonCode of the entry, if it has one (RFC 5280 §5.3.1).
        reason: Option<u8>,
    },
    /// No usable list: neither good nor bad is known.
    Unknown(CrlProblem),
}

/// Why a CRL says nothing about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlProblem {
    /// No list was given.
    #[error("no revocation list was given")]
    NotGiven,
    /// No list was given whose issuer is the certificate's issuer.
    #[error("no revocation list of the certificate's issuer")]
    NoneOfIssuer,
    /// The list carries the issuer's name but its key does not verify it (ISO 18013-5 B.2).
    #[error("the revocation list is not signed by the certificate's issuer")]
    Signature,
    /// The issuer's keyUsage does not allow signing revocation lists (RFC 5280 §6.3.3 f).
    #[error("the issuer's key may not sign revocation lists")]
    KeyUsage,
    /// thisUpdate lies in the future.
    #[error("the revocation list is not yet valid")]
    NotYetValid,
    /// nextUpdate has passed: what it does not name may have been revoked since.
    #[error("the revocation list has expired")]
    Expired,
    /// nextUpdate is missing, so nothing says how long the list can be relied on (ISO 18013-5 B.2).
    #[error("the revocation list does not say when the next one is due")]
    NoNextUpdate,
    /// The list departs from the profile (A-C44), and the caller holds to it.
    #[error("the revocation list {0} (ISO 18013-5 B.2)")]
    Profile(CrlDeparture),
}

/// How a list departs from the profile of ISO 18013-5 B.2 (A-C44).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlDeparture {
    /// nextUpdate is more than 90 days after thisUpdate: what was revoked since stays hidden for too long.
    #[error("is meant to last for more than 90 days")]
    TooLong,
    /// cRLNumber is missing.
    #[error("has no number")]
    NoNumber,
    /// authorityKeyIdentifier is missing, or is not the issuer's subjectKeyIdentifier.
    #[error("does not name the issuer's key")]
    AuthorityKey,
    /// An extension other than authorityKeyIdentifier and cRLNumber.
    #[error("has an extension that it should not have")]
    Extension,
    /// An entry has extensions.
    #[error("has entries with extensions")]
    EntryExtension,
}

/// What path validation does about revocation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RevocationRequirement {
    /// Revoked certificates are refused; unknown is reported, not refused.
    #[default]
    IfAvailable,
    /// Unknown is refused like revoked.
    Required,
    /// Lists are not looked at.
    Ignored,
}

impl Crl {
    /// Parses one CRL and nothing after it.
    ///
    /// # Errors
    /// [`X509Error`] with the byte offset: not DER, not v2, over a limit, a delta or indirect list or one with an
    /// issuingDistributionPoint, an unknown critical extension of the list or of an entry (RFC 5280 §5.2, §5.3).
    pub fn from_der(der: &[u8]) -> Result<Self, X509Error> {
        if der.len() > limits::CRL {
            return Err(X509Error::new(limits::CRL, Kind::Limit("CRL")));
        }
        let mut outer = Reader::new(der);
        let list = outer.expect(SEQUENCE, "CertificateList")?;
        outer.finish()?;
        let mut fields = list.reader();
        let tbs = fields.expect(SEQUENCE, "TBSCertList")?;
        let algorithm_at = fields.offset();
        let algorithm = fields.expect(SEQUENCE, "AlgorithmIdentifier")?;
        let signature = fields.octet_aligned_bits("signature")?;
        fields.finish()?;

        let mut fields = tbs.reader();
        let version_at = fields.offset();
        if fields.peek() != Some(INTEGER) || fields.small_integer("version")? != 1 {
            return Err(X509Error::new(version_at, Kind::Version));
        }
        if fields.expect(SEQUENCE, "AlgorithmIdentifier")?.value != algorithm.value {
            return Err(X509Error::new(algorithm_at, Kind::AlgorithmMismatch));
        }
        let issuer = name::check(&mut fields)?;
        let this_update = time::read(&mut fields)?;
        let next_update = match fields.peek() {
            Some(UTC_TIME | GENERALIZED_TIME) => Some(time::read(&mut fields)?),
            _ => None,
        };
        let (entries, bare) = match fields.optional(SEQUENCE)? {
            Some(revoked) => index(der, revoked.reader())?,
            None => (Box::default(), true),
        };
        let mut found = ListExtensions::default();
        if let Some(explicit) = fields.optional(context_constructed(0))? {
            let mut inner = explicit.reader();
            found = list_extensions(der, &mut inner)?;
            inner.finish()?;
        }
        fields.finish()?;
        Ok(Self {
            inner: Arc::new(Inner {
                tbs: tbs.whole,
                algorithm: signature_algorithm(&algorithm)?,
                issuer,
                this_update,
                next_update,
                entries,
                authority_key: found.authority_key,
                number: found.number,
                extra: if found.other {
                    Some(CrlDeparture::Extension)
                } else if bare {
                    None
                } else {
                    Some(CrlDeparture::EntryExtension)
                },
                signature: signature.span,
                der: der.into(),
                verified: OnceLock::new(),
            }),
        })
    }

    /// The list as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// The name of its issuer.
    #[must_use]
    pub fn issuer(&self) -> Name<'_> {
        Name::checked(self.inner.issuer.of_bytes(&self.inner.der))
    }

    /// When it was made.
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.inner.this_update
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.inner.next_update
    }

    /// cRLNumber, as contents octets of the INTEGER.
    #[must_use]
    pub fn number(&self) -> Option<&[u8]> {
        self.inner.number.map(|s| s.of_bytes(&self.inner.der))
    }

    /// keyIdentifier of authorityKeyIdentifier.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.inner.authority_key.map(|s| s.of_bytes(&self.inner.der))
    }

    /// How many certificates it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.entries.len()
    }

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.entries.is_empty()
    }

    /// Checks that `issuer` signed this list and that it is current at `at` (RFC 5280 §6.3.3).
    ///
    /// # Errors
    /// The [`CrlProblem`] for which the list says nothing.
    pub fn check(&self, issuer: &Certificate, at: Timestamp) -> Result<(), CrlProblem> {
        if self.issuer() != issuer.subject() {
            return Err(CrlProblem::NoneOfIssuer);
        }
        if !issuer
            .key_usage()
            .is_none_or(|usage| usage.contains(KeyUsage::CRL_SIGN))
        {
            return Err(CrlProblem::KeyUsage);
        }
        let key = issuer.public_key();
        if self.inner.verified.get() != Some(key) {
            let algorithm = self.inner.algorithm.ok_or(CrlProblem::Signature)?;
            let tbs = self.inner.tbs.of_bytes(&self.inner.der);
            let signature = self.inner.signature.of_bytes(&self.inner.der);
            verify_x509(key, algorithm, tbs, signature).map_err(|_| CrlProblem::Signature)?;
            let _ = self.inner.verified.set(*key);
        }
        if at < self.this_update() {
            return Err(CrlProblem::NotYetValid);
        }
        match self.next_update() {
            None => Err(CrlProblem::NoNextUpdate),
            Some(next) if at > next => Err(CrlProblem::Expired),
            Some(_) => Ok(()),
        }
    }

    /// How the list departs from the profile of ISO 18013-5 B.2, if it does (A-C44).
    #[must_use]
    pub fn departure(&self, issuer: &Certificate) -> Option<CrlDeparture> {
        let lasts = self.next_update().map(|next| next.seconds_since(self.this_update()));
        let names_issuer = match (self.authority_key_id(), issuer.subject_key_id()) {
            (Some(named), Some(own)) => named == own,
            (named, _) => named.is_some(),
        };
        if lasts.is_some_and(|seconds| seconds > MAX_SECONDS) {
            Some(CrlDeparture::TooLong)
        } else if self.number().is_none() {
            Some(CrlDeparture::NoNumber)
        } else if !names_issuer {
            Some(CrlDeparture::AuthorityKey)
        } else {
            self.inner.extra
        }
    }

    /// Looks up a serial number (contents octets of the INTEGER) in the list, which says nothing about whether the
    /// list may be believed: see [`check`](Self::check).
    #[must_use]
    pub fn find(&self, serial: &[u8]) -> Option<Revocation> {
        let der = &self.inner.der;
        let order = |offset: &u32| key_of(serial_at(der, *offset)).cmp(&key_of(serial));
        let found = self.inner.entries.binary_search_by(order).ok()?;
        let entry = entry(der, *self.inner.entries.get(found)?).ok()?;
        Some(Revocation::Revoked {
            at: entry.date,
            reason: entry.reason,
        })
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer())
            .field("entries", &self.len())
            .finish()
    }
}

/// What lists say about a certificate that `issuer` issued, at a time (A-V14).
///
/// A list that is unusable does not hide a usable one. Revocation is for good: a list that has expired or departs from its profile and names
/// the certificate still does; what it does not name is unknown.
#[must_use]
pub fn revocation_of(
    certificate: &Certificate,
    issuer: &Certificate,
    crls: &[Crl],
    at: Timestamp,
    strictness: Strictness,
) -> Revocation {
    let mut answer = Revocation::Unknown(if crls.is_empty() {
        CrlProblem::NotGiven
    } else {
        CrlProblem::NoneOfIssuer
    });
    for crl in crls {
        let problem = match crl.check(issuer, at) {
            Ok(()) if strictness == Strictness::Lenient => None,
            Ok(()) => crl.departure(issuer).map(CrlProblem::Profile),
            Err(CrlProblem::NoneOfIssuer) => continue,
            Err(problem) => Some(problem),
        };
        let is_genuine = matches!(
            problem,
            None | Some(CrlProblem::Expired | CrlProblem::NoNextUpdate | CrlProblem::Profile(_))
        );
        if let Some(revoked) = crl.find(certificate.serial()).filter(|_| is_genuine) {
            return revoked;
        }
        match problem {
            None => answer = Revocation::Good,
            Some(problem) if answer != Revocation::Good => answer = Revocation::Unknown(problem),
            Some(_) => {}
        }
    }
    answer
}

struct Entry {
    date: Timestamp,
    reason: Option<u8>,
    has_extensions: bool,
}

fn entry(der: &[u8], offset: u32) -> Result<Entry, X509Error> {
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    read_entry(&mut Reader::at(der, at))
}

fn read_entry(reader: &mut Reader<'_>) -> Result<Entry, X509Error> {
    let mut fields = reader.expect(SEQUENCE, "revokedCertificate")?.reader();
    fields.integer("userCertificate")?;
    let date = time::read(&mut fields)?;
    let mut reason = None;
    let mut has_extensions = false;
    if let Some(list) = fields.optional(SEQUENCE)? {
        has_extensions = true;
        let mut list = list.reader();
        while !list.is_empty() {
            let at = list.offset();
            let (extension, _, _) = extensions::one(&mut list)?;
            match extension.oid {
                oid::CRL_REASON => {
                    reason = Reader::new(extension.value)
                        .expect(ENUMERATED, "CRLReason")?
                        .value
                        .first()
                        .copied()
                }
                oid::CERTIFICATE_ISSUER => return Err(X509Error::new(at, Kind::Malformed("CRL: indirect"))),
                oid::INVALIDITY_DATE => {}
                _ if extension.critical => {
                    return Err(X509Error::new(
                        at,
                        Kind::Malformed("CRL entry: unknown critical extension"),
                    ));
                }
                _ => {}
            }
        }
    }
    fields.finish()?;
    Ok(Entry {
        date,
        reason,
        has_extensions,
    })
}

/// Only the serial number of a checked entry.
fn serial_at(der: &[u8], offset: u32) -> &[u8] {
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    let read = || -> Result<&[u8], X509Error> {
        Ok(Reader::at(der, at)
            .expect(SEQUENCE, "revokedCertificate")?
            .reader()
            .integer("userCertificate")?
            .value)
    };
    read().unwrap_or_default()
}

/// Serial numbers are only ever compared for equality, so any total order will do.
fn key_of(serial: &[u8]) -> (usize, &[u8]) {
    (serial.len(), serial)
}

/// Checks every entry and orders their positions by serial number. Says whether no entry has extensions.
fn index(der: &[u8], mut list: Reader<'_>) -> Result<(Box<[u32]>, bool), X509Error> {
    let mut offsets = Vec::new();
    let mut bare = true;
    while !list.is_empty() {
        let at = list.offset();
        bare &= !read_entry(&mut list)?.has_extensions;
        if offsets.len() >= limits::CRL_ENTRIES {
            return Err(X509Error::new(at, Kind::Limit("number of CRL entries")));
        }
        offsets.push(u32::try_from(at).map_err(|_| X509Error::new(at, Kind::Limit("CRL")))?);
    }
    // An empty revokedCertificates should be absent (RFC 5280 §5.1.2.6) but says the same.
    offsets.sort_unstable_by(|a, b| key_of(serial_at(der, *a)).cmp(&key_of(serial_at(der, *b))));
    Ok((offsets.into_boxed_slice(), bare))
}

#[derive(Default)]
struct ListExtensions {
    authority_key: Option<Span>,
    number: Option<Span>,
    other: bool,
}

fn list_extensions(der: &[u8], reader: &mut Reader<'_>) -> Result<ListExtensions, X509Error> {
    let mut found = ListExtensions::default();
    let mut list = reader.expect(SEQUENCE, "Extensions")?.reader();
    let mut count = 0_usize;
    while !list.is_empty() {
        let at = list.offset();
        let (extension, _, span) = extensions::one(&mut list)?;
        let mut value = Reader::over(der, span);
        count = count.saturating_add(1);
        if count > limits::EXTENSIONS {
            return Err(X509Error::new(at, Kind::Limit("number of extensions")));
        }
        match extension.oid {
            oid::AUTHORITY_KEY_ID if found.authority_key.is_none() => {
                let mut fields = value.expect(SEQUENCE, "AuthorityKeyIdentifier")?.reader();
                found.authority_key = fields.optional(context(0))?.map(|e| e.span);
            }
            oid::CRL_NUMBER if found.number.is_none() => found.number = Some(value.integer("cRLNumber")?.span),
            oid::AUTHORITY_KEY_ID | oid::CRL_NUMBER => return Err(X509Error::new(at, Kind::DuplicateExtension)),
            // Refused even where they are not marked critical: such a list is not the full list (A-C44).
            oid::DELTA_CRL => return Err(X509Error::new(at, Kind::Malformed("CRL: delta"))),
            oid::ISSUING_DISTRIBUTION_POINT => {
                return Err(X509Error::new(at, Kind::Malformed("CRL: issuingDistributionPoint")));
            }
            _ if extension.critical => {
                return Err(X509Error::new(at, Kind::Malformed("CRL: unknown critical extension")));
            }
            _ => found.other = true,
        }
    }
    Ok(found)
}
