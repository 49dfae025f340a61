//! COSE_Mac0 (RFC 9052 §6.2) with HMAC 256/256, the MAC of ISO 18013-5 §9.1.3.5.

use crate::algorithm::HMAC_256_256;
use crate::cbor::Decoder;
use crate::error::{CoseError, Result};
use crate::header::{Headers, Policy};
use crate::sign1::{Parts, Verified, choose_payload, structure};
use core::fmt;

/// The CBOR tag of COSE_Mac0.
pub const TAG_MAC0: u64 = 17;

/// A COSE_Mac0 as received and not verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Mac0<'a> {
    bytes: &'a [u8],
    headers: Headers<'a>,
    payload: Option<&'a [u8]>,
    tag: &'a [u8],
}

impl<'a> Mac0<'a> {
    /// Reads a whole input.
    ///
    /// # Errors
    /// As [`crate::Sign1::parse`].
    pub fn parse(bytes: &'a [u8], policy: &Policy) -> Result<Self> {
        let mut d = Decoder::with_limits(bytes, policy.limits);
        let mac0 = Self::decode(&mut d, policy)?;
        d.finish()?;
        Ok(mac0)
    }

    /// Reads the structure out of a larger one.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn decode(d: &mut Decoder<'a>, policy: &Policy) -> Result<Self> {
        let parts = Parts::decode(d, policy, TAG_MAC0, ("COSE_Mac0", "tag"))?;
        Ok(Self {
            bytes: parts.bytes,
            headers: parts.headers,
            payload: parts.payload,
            tag: parts.authenticator,
        })
    }

    /// The structure as received, its CBOR tag included if it had one.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Both header buckets.
    #[must_use]
    pub fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The attached payload, of which nothing is known yet; `None` where it is detached.
    #[must_use]
    pub fn unverified_payload(&self) -> Option<&'a [u8]> {
        self.payload
    }

    /// The authentication tag.
    #[must_use]
    pub fn tag(&self) -> &'a [u8] {
        self.tag
    }

    /// Verifies in constant time over the bytes as received: `crit` understood, `alg` HMAC 256/256, tag equal (X-C12).
    ///
    /// # Errors
    /// [`CoseError::UnknownCritical`], the algorithm and payload errors, [`CoseError::MacInvalid`].
    pub fn verify<'p>(&'p self, key: &[u8], external_aad: &[u8], detached: Option<&'p [u8]>) -> Result<Verified<'p>> {
        self.headers.check_critical()?;
        let id = self.headers.required_algorithm()?;
        if id != HMAC_256_256 {
            return Err(CoseError::AlgorithmUnsupported(id));
        }
        let payload = choose_payload(self.payload, detached)?;
        let message = mac_structure(self.headers.protected_for_structure(), external_aad, payload);
        match idwallet_crypto::hmac_sha256_verify(key, &[&message], self.tag) {
            Ok(()) => Ok(Verified::new(payload, id)),
            Err(_) => Err(CoseError::MacInvalid),
        }
    }
}

impl fmt::Debug for Mac0<'_> {
    /// Headers and lengths only: payloads hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mac0")
            .field("headers", &self.headers)
            .field("payload_len", &self.payload.map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

/// `["MAC0", protected, external_aad, payload]` (RFC 9052 §6.3).
#[must_use]
pub fn mac_structure(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    structure("MAC0", protected, external_aad, payload)
}
