//! Making COSE_Sign1 and COSE_Mac0.

use crate::algorithm::{HMAC_256_256, emitted_id};
use crate::cbor::{Encoder, size};
use crate::error::{CoseError, Result};
use crate::header::{MAX_CHAIN, Place, label};
use crate::mac0::{TAG_MAC0, mac_structure};
use crate::sign1::{TAG_SIGN1, sig_structure};
use core::fmt;
use idwallet_crypto::Order as _;
use idwallet_crypto::{CryptoError, Curve, SignatureAlgorithm, Signer, hmac_sha256};

/// What both builders share: header parameters, payload, external data.
#[derive(Clone, Default)]
struct Content<'p> {
    /// Label and encoded value.
    protected: Vec<(i64, Vec<u8>)>,
    unprotected: Vec<(i64, Vec<u8>)>,
    payload: &'p [u8],
    is_detached: bool,
    is_tagged: bool,
    external_aad: &'p [u8],
}

impl fmt::Debug for Content<'_> {
    /// Lengths only: the bytes hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("payload_bytes", &self.payload.len())
            .field("is_detached", &self.is_detached)
            .finish_non_exhaustive()
    }
}

impl Content<'_> {
    fn set(&mut self, place: Place, label: i64, write: impl FnOnce(&mut Encoder)) {
        let mut e = Encoder::new();
        write(&mut e);
        // A label is in one bucket, once (RFC 9052 §3): the last call wins.
        self.protected.retain(|(other, _)| *other != label);
        self.unprotected.retain(|(other, _)| *other != label);
        match place {
            Place::Protected => self.protected.push((label, e.into_vec())),
            Place::Unprotected => self.unprotected.push((label, e.into_vec())),
        }
    }

    fn bucket(parameters: &mut [(i64, Vec<u8>)]) -> Vec<u8> {
        // Deterministic order (RFC 8949 §4.2.1): by encoded label, so positive ones first, each by magnitude.
        parameters.order_by_key(|(label, _)| {
            let magnitude = if *label < 0 { !*label } else { *label };
            (*label < 0, magnitude)
        });
        let length = parameters.iter().fold(2_usize, |sum, (_, value)| {
            sum.saturating_add(value.len()).saturating_add(9)
        });
        let mut e = Encoder::with_capacity(length);
        e.map(parameters.len());
        for (label, value) in parameters.iter() {
            e.int(*label).raw(value);
        }
        e.into_vec()
    }

    /// Protected bytes (empty where nothing is protected) and the unprotected map.
    fn headers(&mut self) -> (Vec<u8>, Vec<u8>) {
        let protected = if self.protected.is_empty() {
            Vec::new()
        } else {
            Self::bucket(&mut self.protected)
        };
        (protected, Self::bucket(&mut self.unprotected))
    }

    fn assemble(&self, protected: &[u8], unprotected: &[u8], authenticator: &[u8], tag: u64) -> Vec<u8> {
        let payload = if self.is_detached {
            1
        } else {
            size::string(self.payload.len())
        };
        let length = [
            size::string(protected.len()),
            unprotected.len(),
            payload,
            size::string(authenticator.len()),
        ]
        .into_iter()
        .fold(2_usize, usize::saturating_add);
        let mut e = Encoder::with_capacity(length);
        if self.is_tagged {
            e.tag(tag);
        }
        e.array(4).bytes(protected).raw(unprotected);
        if self.is_detached {
            e.null();
        } else {
            e.bytes(self.payload);
        }
        e.bytes(authenticator);
        e.into_vec()
    }
}

macro_rules! shared_methods {
    () => {
        /// The payload, carried inside the structure.
        #[must_use]
        pub fn payload(mut self, payload: &'p [u8]) -> Self {
            (self.content.payload, self.content.is_detached) = (payload, false);
            self
        }

        /// The payload, authenticated and not carried.
        #[must_use]
        pub fn detached_payload(mut self, payload: &'p [u8]) -> Self {
            (self.content.payload, self.content.is_detached) = (payload, true);
            self
        }

        /// External data that is authenticated too. In mdocs there is none (A-C07).
        #[must_use]
        pub fn external_aad(mut self, external_aad: &'p [u8]) -> Self {
            self.content.external_aad = external_aad;
            self
        }

        /// Emits the CBOR tag in front. mdocs have none (A-C07).
        #[must_use]
        pub fn tagged(mut self) -> Self {
            self.content.is_tagged = true;
            self
        }

        /// Any header parameter; `write` writes its one value. `alg` is set by the builder itself and overrides.
        #[must_use]
        pub fn header(mut self, place: Place, label: i64, write: impl FnOnce(&mut Encoder)) -> Self {
            self.content.set(place, label, write);
            self
        }

        /// `kid`, unprotected.
        #[must_use]
        pub fn key_id(self, kid: &[u8]) -> Self {
            self.header(Place::Unprotected, label::KID, |e| {
                e.bytes(kid);
            })
        }

        /// `typ`, protected (RFC 9596).
        #[must_use]
        pub fn typ(self, typ: &str) -> Self {
            self.header(Place::Protected, label::TYP, |e| {
                e.text(typ);
            })
        }
    };
}

/// Makes a COSE_Sign1. The algorithm follows from the curve of the key and is always protected.
///
/// With a key in hardware: [`Self::to_be_signed`], sign [`ToBeSigned::bytes`] elsewhere, [`ToBeSigned::finish`]. Else [`Self::sign`].
#[derive(Clone, Debug, Default)]
pub struct Sign1Builder<'p> {
    content: Content<'p>,
    chain_error: bool,
}

impl<'p> Sign1Builder<'p> {
    /// An untagged structure with an empty attached payload.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    shared_methods!();

    /// `x5chain`, leaf first: a bare byte string for one certificate, an array for more (RFC 9360 §2).
    #[must_use]
    pub fn x5chain(mut self, place: Place, certificates: &[&[u8]]) -> Self {
        self.chain_error = certificates.is_empty() || certificates.len() > MAX_CHAIN;
        self.header(place, label::X5CHAIN, |e| {
            if certificates.len() != 1 {
                e.array(certificates.len());
            }
            for certificate in certificates {
                e.bytes(certificate);
            }
        })
    }

    /// The bytes to sign with a key on `curve`, and what is needed to finish.
    ///
    /// # Errors
    /// [`CoseError::Crypto`] where the curve has no signatures or the certificate chain is empty or too long.
    pub fn to_be_signed(mut self, curve: Curve) -> Result<ToBeSigned<'p>> {
        let algorithm = SignatureAlgorithm::for_curve(curve).ok_or(CryptoError::UnsupportedCurve {
            curve,
            operation: "signing",
        })?;
        if self.chain_error {
            return Err(CryptoError::Length("x5chain").into());
        }
        self.content.set(Place::Protected, label::ALG, |e| {
            e.int(emitted_id(algorithm));
        });
        let (protected, unprotected) = self.content.headers();
        let bytes = sig_structure(&protected, self.content.external_aad, self.content.payload);
        Ok(ToBeSigned {
            content: self.content,
            protected,
            unprotected,
            bytes,
            curve,
        })
    }

    /// Signs at once.
    ///
    /// # Errors
    /// As [`Self::to_be_signed`], and what the signer returns.
    pub fn sign(self, signer: &dyn Signer) -> Result<Vec<u8>> {
        let to_be_signed = self.to_be_signed(signer.public_key().curve())?;
        let signature = signer.sign(to_be_signed.bytes())?;
        to_be_signed.finish(&signature)
    }
}

/// A COSE_Sign1 that only lacks its signature.
#[derive(Clone)]
pub struct ToBeSigned<'p> {
    content: Content<'p>,
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    bytes: Vec<u8>,
    curve: Curve,
}

impl fmt::Debug for ToBeSigned<'_> {
    /// Lengths only: the bytes hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToBeSigned")
            .field("content", &self.content)
            .field("curve", &self.curve)
            .finish_non_exhaustive()
    }
}

impl ToBeSigned<'_> {
    /// The Sig_structure: the message to sign (not its hash).
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The structure with its signature, raw `r || s` for ECDSA.
    ///
    /// # Errors
    /// [`CoseError::SignatureLength`], for example for a DER signature.
    pub fn finish(&self, signature: &[u8]) -> Result<Vec<u8>> {
        if self.curve.signature_len() != Some(signature.len()) {
            return Err(CoseError::SignatureLength(self.curve));
        }
        Ok(self
            .content
            .assemble(&self.protected, &self.unprotected, signature, TAG_SIGN1))
    }
}

/// Makes a COSE_Mac0 with HMAC 256/256.
#[derive(Clone, Debug, Default)]
pub struct Mac0Builder<'p> {
    content: Content<'p>,
}

impl<'p> Mac0Builder<'p> {
    /// An untagged structure with an empty attached payload.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    shared_methods!();

    /// The structure with its tag.
    #[must_use]
    pub fn mac(mut self, key: &[u8]) -> Vec<u8> {
        self.content.set(Place::Protected, label::ALG, |e| {
            e.int(HMAC_256_256);
        });
        let (protected, unprotected) = self.content.headers();
        let message = mac_structure(&protected, self.content.external_aad, self.content.payload);
        let tag = hmac_sha256(key, &[&message]);
        self.content.assemble(&protected, &unprotected, &tag, TAG_MAC0)
    }
}
