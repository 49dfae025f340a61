//! A COSE_Sign1 that waits for its signature and owns all it needs, so that the key may be far away.

use idwallet_cose::algorithm::emitted_id;
use idwallet_cose::cbor::Encoder;
use idwallet_cose::{Place, label, sig_structure};
use idwallet_crypto::{CryptoError, Curve, SignatureAlgorithm, sha256};

const COSE_SHA256: i64 = -16;

/// Header parameters beside `alg`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Chain<'a> {
    /// `x5chain`, leaf first; none when empty.
    pub(crate) certificates: &'a [Vec<u8>],
    /// Whether `x5chain` is protected.
    pub(crate) is_protected: bool,
    /// Whether to add a protected `x5t` with SHA-256.
    pub(crate) with_x5t: bool,
}

impl Chain<'_> {
    fn write(&self, place: Place, e: &mut Encoder) {
        let is_here = self.is_protected == (place == Place::Protected);
        if !is_here || self.certificates.is_empty() {
            return;
        }
        e.int(label::X5CHAIN);
        // A single certificate is a bare byte string (RFC 9360 §2).
        if self.certificates.len() != 1 {
            e.array(self.certificates.len());
        }
        for certificate in self.certificates {
            e.bytes(certificate);
        }
    }
}

/// All of a COSE_Sign1 but the signature.
#[derive(Clone)]
pub(crate) struct PendingSign1 {
    curve: Curve,
    algorithm: SignatureAlgorithm,
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    /// `Sig_structure`, which ends with the payload.
    to_be_signed: Vec<u8>,
    /// Length of the payload when it is carried.
    attached: Option<usize>,
}

impl core::fmt::Debug for PendingSign1 {
    /// The length only: what is signed may be personal.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "PendingSign1({:?}, {} bytes)",
            self.algorithm,
            self.to_be_signed.len()
        )
    }
}

impl PendingSign1 {
    /// # Errors
    /// [`CryptoError::UnsupportedCurve`] when no signature exists on the curve.
    pub(crate) fn new(curve: Curve, chain: Chain<'_>, payload: &[u8], is_detached: bool) -> Result<Self, CryptoError> {
        let algorithm = SignatureAlgorithm::for_curve(curve).ok_or(CryptoError::UnsupportedCurve {
            curve,
            operation: "signing",
        })?;
        let bytes = chain
            .certificates
            .iter()
            .fold(64_usize, |sum, c| sum.saturating_add(c.len()).saturating_add(8));
        let x5t = if chain.with_x5t {
            chain.certificates.first()
        } else {
            None
        };
        let has_chain = !chain.certificates.is_empty();

        let mut protected = Encoder::with_capacity(if chain.is_protected { bytes } else { 64 });
        let entries = usize::from(has_chain && chain.is_protected).saturating_add(usize::from(x5t.is_some()));
        protected
            .map(entries.saturating_add(1))
            .int(label::ALG)
            .int(emitted_id(algorithm));
        chain.write(Place::Protected, &mut protected);
        if let Some(leaf) = x5t {
            protected.int(label::X5T).array(2).int(COSE_SHA256).bytes(&sha256(leaf));
        }

        let mut unprotected = Encoder::with_capacity(if chain.is_protected { 1 } else { bytes });
        unprotected.map(usize::from(has_chain && !chain.is_protected));
        chain.write(Place::Unprotected, &mut unprotected);

        let to_be_signed = sig_structure(protected.as_slice(), &[], payload);
        Ok(Self {
            curve,
            algorithm,
            protected: protected.into_vec(),
            unprotected: unprotected.into_vec(),
            to_be_signed,
            attached: (!is_detached).then_some(payload.len()),
        })
    }

    pub(crate) fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Writes the untagged COSE_Sign1 (A-C07).
    ///
    /// # Errors
    /// [`CryptoError::MalformedSignature`] when the length is not that of a raw signature on the curve, such as for a DER one.
    pub(crate) fn write(&self, e: &mut Encoder, signature: &[u8]) -> Result<(), CryptoError> {
        if self.curve.signature_len() != Some(signature.len()) {
            return Err(CryptoError::MalformedSignature { curve: self.curve });
        }
        e.array(4).bytes(&self.protected).raw(&self.unprotected);
        match self.attached {
            Some(length) => {
                let start = self.to_be_signed.len().saturating_sub(length);
                e.bytes(self.to_be_signed.get(start..).unwrap_or_default())
            }
            None => e.null(),
        };
        e.bytes(signature);
        Ok(())
    }
}
