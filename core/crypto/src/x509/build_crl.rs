//! Making revocation lists that meet ISO 18013-5 B.2, or break one rule at a time.

use super::build::{algorithm_of, authority_key, extension, signed};
use super::certificate::Certificate;
use super::crl::Crl;
use super::der::{self, ENUMERATED, INTEGER, SEQUENCE, context_constructed};
use super::error::X509Error;
use super::{oid, time};
use crate::{Signer, Timestamp};

/// Builds a full v2 CRL with authorityKeyIdentifier and cRLNumber and no entry extensions (A-C44).
#[derive(Debug, Clone)]
pub struct CrlBuilder {
    issuer: Vec<u8>,
    version: Option<u8>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    entries: Vec<u8>,
    extensions: Vec<u8>,
}

impl CrlBuilder {
    /// The list of `issuer`.
    #[must_use]
    pub fn new(issuer: &Certificate, number: u64, this_update: Timestamp, next_update: Timestamp) -> Self {
        let authority = issuer.subject_key_id().map(authority_key);
        let mut extensions = authority
            .map(|a| extension(oid::AUTHORITY_KEY_ID, false, &a))
            .unwrap_or_default();
        extensions.extend(extension(
            oid::CRL_NUMBER,
            false,
            &der::encode_unsigned(&number.to_be_bytes()),
        ));
        Self {
            issuer: issuer.subject().der().to_vec(),
            version: Some(1),
            this_update,
            next_update: Some(next_update),
            entries: Vec::new(),
            extensions,
        }
    }

    /// Revokes a certificate.
    #[must_use]
    pub fn revoke(self, certificate: &Certificate, at: Timestamp) -> Self {
        self.revoke_serial(certificate.serial(), at)
    }

    /// Revokes a serial number: contents octets of the INTEGER.
    #[must_use]
    pub fn revoke_serial(self, serial: &[u8], at: Timestamp) -> Self {
        self.entry(serial, at, &[])
    }

    /// Revokes with a reasonCode, against the profile.
    #[must_use]
    pub fn revoke_for_reason(self, serial: &[u8], at: Timestamp, reason: u8) -> Self {
        let value = der::encode(ENUMERATED, &[&[reason]]);
        self.entry(serial, at, &extension(oid::CRL_REASON, false, &value))
    }

    /// Revokes with an entry extension of the caller's choice, against the profile.
    #[must_use]
    pub fn revoke_with_extension(self, serial: &[u8], at: Timestamp, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.entry(serial, at, &extension(oid, critical, value))
    }

    fn entry(mut self, serial: &[u8], at: Timestamp, extensions: &[u8]) -> Self {
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            der::encode(SEQUENCE, &[extensions])
        };
        // A time that cannot be written leaves the entry malformed, which reading back reports.
        let date = time::encode(at).unwrap_or_default();
        self.entries.extend(der::encode(
            SEQUENCE,
            &[&der::encode(INTEGER, &[serial]), &date, &extensions],
        ));
        self
    }

    /// Replaces the encoded version (1 means v2); `None` leaves it out, which means v1.
    #[must_use]
    pub const fn version(mut self, version: Option<u8>) -> Self {
        self.version = version;
        self
    }

    /// Leaves nextUpdate out, against the profile.
    #[must_use]
    pub const fn without_next_update(mut self) -> Self {
        self.next_update = None;
        self
    }

    /// Adds an extension of the list: contents octets of its identifier and its DER value.
    #[must_use]
    pub fn extra_extension(mut self, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.extensions.extend(extension(oid, critical, value));
        self
    }

    /// Signs and gives the DER, parsable or not.
    ///
    /// # Errors
    /// [`X509Error`] when the signer fails or a time cannot be encoded.
    pub fn sign_der(&self, issuer: &dyn Signer) -> Result<Vec<u8>, X509Error> {
        let algorithm = algorithm_of(issuer)?;
        let version = self.version.map(|v| der::encode(INTEGER, &[&[v]])).unwrap_or_default();
        let next = self.next_update.map(time::encode).transpose()?.unwrap_or_default();
        let entries = if self.entries.is_empty() {
            Vec::new()
        } else {
            der::encode(SEQUENCE, &[&self.entries])
        };
        let extensions = der::encode(context_constructed(0), &[&der::encode(SEQUENCE, &[&self.extensions])]);
        let this = time::encode(self.this_update)?;
        let tbs = der::encode(
            SEQUENCE,
            &[&version, &algorithm, &self.issuer, &this, &next, &entries, &extensions],
        );
        signed(&tbs, &algorithm, issuer)
    }

    /// Signs and parses the result.
    ///
    /// # Errors
    /// As [`sign_der`](Self::sign_der), or the list is not one that [`Crl::from_der`] accepts.
    pub fn sign(&self, issuer: &dyn Signer) -> Result<Crl, X509Error> {
        Crl::from_der(&self.sign_der(issuer)?)
    }
}
