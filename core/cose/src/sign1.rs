//! COSE_Sign1 (RFC 9052 §4.2).

use crate::algorithm::signature_algorithm;
use crate::cbor::{Decoder, Encoder, InField, size};
use crate::error::{CoseError, Result};
use crate::header::{Headers, Policy};
use core::fmt;
use idwallet_crypto::{CryptoError, PublicKey, SignatureAlgorithm};

/// The CBOR tag of COSE_Sign1.
pub const TAG_SIGN1: u64 = 18;

const CLAUSE: &str = "RFC 9052 §4.2";

/// A COSE_Sign1 as received and not verified: headers, payload, signature, and all of its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Sign1<'a> {
    bytes: &'a [u8],
    headers: Headers<'a>,
    payload: Option<&'a [u8]>,
    signature: &'a [u8],
}

impl<'a> Sign1<'a> {
    /// Reads a whole input.
    ///
    /// # Errors
    /// [`CoseError::Cbor`], the tag errors, [`CoseError::DuplicateLabel`].
    pub fn parse(bytes: &'a [u8], policy: &Policy) -> Result<Self> {
        let mut d = Decoder::with_limits(bytes, policy.limits);
        let sign1 = Self::decode(&mut d, policy)?;
        d.finish()?;
        Ok(sign1)
    }

    /// Reads the structure out of a larger one.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn decode(d: &mut Decoder<'a>, policy: &Policy) -> Result<Self> {
        let parts = Parts::decode(d, policy, TAG_SIGN1, ("COSE_Sign1", "signature"))?;
        Ok(Self {
            bytes: parts.bytes,
            headers: parts.headers,
            payload: parts.payload,
            signature: parts.authenticator,
        })
    }

    /// The structure as received, its tag included if it had one.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Both header buckets.
    #[must_use]
    pub fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The attached payload, of which nothing is known yet; `None` where it is detached. The verified one comes from [`Self::verify`].
    #[must_use]
    pub fn unverified_payload(&self) -> Option<&'a [u8]> {
        self.payload
    }

    /// The raw signature.
    #[must_use]
    pub fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// Verifies over the bytes as received (X-C01): `crit` understood, `alg` in `allowed` and fitting the key's curve (X-C03, A-C08), signature valid.
    ///
    /// `detached` is the payload where the structure has none. In mdocs `external_aad` is empty (A-C07).
    ///
    /// # Errors
    /// [`CoseError::UnknownCritical`], the algorithm and payload errors, [`CoseError::SignatureInvalid`].
    pub fn verify<'p>(
        &'p self,
        key: &PublicKey,
        allowed: &[SignatureAlgorithm],
        external_aad: &[u8],
        detached: Option<&'p [u8]>,
    ) -> Result<Verified<'p>> {
        self.headers.check_critical()?;
        let id = self.headers.required_algorithm()?;
        let algorithm = check_algorithm(id, key, allowed)?;
        let payload = choose_payload(self.payload, detached)?;
        let message = sig_structure(self.headers.protected_for_structure(), external_aad, payload);
        match idwallet_crypto::verify(key, algorithm, &message, self.signature) {
            Ok(()) => Ok(Verified { payload, algorithm: id }),
            Err(CryptoError::BadSignature | CryptoError::MalformedSignature { .. }) => Err(CoseError::SignatureInvalid),
            Err(other) => Err(other.into()),
        }
    }
}

impl fmt::Debug for Sign1<'_> {
    /// Headers and lengths only: payloads hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sign1")
            .field("headers", &self.headers)
            .field("payload_len", &self.payload.map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

/// A payload whose signature or MAC was verified; nothing else makes one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Verified<'p> {
    payload: &'p [u8],
    algorithm: i64,
}

impl<'p> Verified<'p> {
    pub(crate) fn new(payload: &'p [u8], algorithm: i64) -> Self {
        Self { payload, algorithm }
    }

    /// The payload that is signed or authenticated.
    #[must_use]
    pub fn payload(&self) -> &'p [u8] {
        self.payload
    }

    /// The `alg` number it was verified with.
    #[must_use]
    pub fn algorithm(&self) -> i64 {
        self.algorithm
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified(alg {}, {} bytes)", self.algorithm, self.payload.len())
    }
}

/// What COSE_Sign1 and COSE_Mac0 have in common.
pub(crate) struct Parts<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) headers: Headers<'a>,
    pub(crate) payload: Option<&'a [u8]>,
    pub(crate) authenticator: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(crate) fn decode(
        d: &mut Decoder<'a>,
        policy: &Policy,
        tag: u64,
        names: (&'static str, &'static str),
    ) -> Result<Self> {
        let start = d.remaining();
        policy.read_tag(d, tag)?;
        d.array_of(4).in_field(names.0, CLAUSE)?;
        let headers = Headers::read(d, policy)?;
        let payload = if d.take_null() {
            None
        } else {
            Some(d.bytes().in_field("payload", CLAUSE)?)
        };
        let authenticator = d.bytes().in_field(names.1, CLAUSE)?;
        let length = start.len().saturating_sub(d.remaining().len());
        Ok(Self {
            bytes: start.get(..length).unwrap_or_default(),
            headers,
            payload,
            authenticator,
        })
    }
}

/// X-C03, A-C08: the number means an algorithm, the caller allows it, and it belongs to the key's curve.
fn check_algorithm(id: i64, key: &PublicKey, allowed: &[SignatureAlgorithm]) -> Result<SignatureAlgorithm> {
    let (algorithm, only_curve) = signature_algorithm(id).ok_or(CoseError::AlgorithmUnsupported(id))?;
    if !allowed.contains(&algorithm) {
        return Err(CoseError::AlgorithmNotAllowed(id));
    }
    let curve = key.curve();
    if !algorithm.pairs_with(curve) || only_curve.is_some_and(|only| only != curve) {
        return Err(CoseError::AlgorithmKeyMismatch { algorithm: id, curve });
    }
    Ok(algorithm)
}

pub(crate) fn choose_payload<'p>(attached: Option<&'p [u8]>, detached: Option<&'p [u8]>) -> Result<&'p [u8]> {
    match (attached, detached) {
        (Some(payload), None) | (None, Some(payload)) => Ok(payload),
        (None, None) => Err(CoseError::PayloadMissing),
        (Some(_), Some(_)) => Err(CoseError::PayloadAmbiguous),
    }
}

/// `["Signature1", protected, external_aad, payload]` (RFC 9052 §4.4). `protected` is empty where no parameter is protected.
#[must_use]
pub fn sig_structure(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    structure("Signature1", protected, external_aad, payload)
}

/// The one allocation of signing and verifying.
pub(crate) fn structure(context: &str, protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = [context.len(), protected.len(), external_aad.len(), payload.len()]
        .into_iter()
        .fold(1_usize, |sum, part| sum.saturating_add(size::string(part)));
    let mut e = Encoder::with_capacity(length);
    e.array(4)
        .text(context)
        .bytes(protected)
        .bytes(external_aad)
        .bytes(payload);
    e.into_vec()
}
