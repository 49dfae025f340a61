//! The provider's side: making lists that meet ISO 18013-5 2nd edition §12.3.6 (A-I21, A-I22, G-I02, G-I03).

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use idwallet_cose::cbor::Encoder;
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Signer, Timestamp};

use crate::claims::{EXP, IAT, IDENTIFIER_LIST, STATUS_LIST, SUB, TTL};
use crate::{Bits, IDENTIFIER_LIST_TYPE, STATUS_LIST_TYPE, Status, StatusList, StatusListError, limits, lookup};

/// The claims that both kinds of list have.
#[derive(Debug, Clone, Default)]
struct Draft {
    uri: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    time_to_live: Option<u64>,
    aggregation_uri: Option<String>,
}

macro_rules! shared_methods {
    () => {
        /// Where the list is published: its `sub`, and the `uri` of every reference to it (G-I03).
        #[must_use]
        pub fn uri(mut self, uri: &str) -> Self {
            self.draft.uri = Some(uri.to_owned());
            self
        }

        /// `iat` and `exp`; both are required (A-I21).
        #[must_use]
        pub const fn validity(mut self, issued_at: Timestamp, expires_at: Timestamp) -> Self {
            self.draft.issued_at = Some(issued_at);
            self.draft.expires_at = Some(expires_at);
            self
        }

        /// `ttl` in seconds; not longer than the time from `iat` to `exp` (G-I03).
        #[must_use]
        pub const fn time_to_live(mut self, seconds: u64) -> Self {
            self.draft.time_to_live = Some(seconds);
            self
        }

        /// Where the addresses of all lists of this provider are (G-I05).
        #[must_use]
        pub fn aggregation_uri(mut self, uri: &str) -> Self {
            self.draft.aggregation_uri = Some(uri.to_owned());
            self
        }
    };
}

/// Makes a status list token. Every entry is valid at first, and the list is padded to whole bytes with valid entries (G-I02).
#[derive(Debug, Clone)]
pub struct StatusListBuilder {
    bits: Bits,
    entries: Vec<u8>,
    draft: Draft,
}

impl StatusListBuilder {
    /// A list of at least `entries` entries of this size. A driving licence has one bit (A-I22).
    ///
    /// # Errors
    /// [`StatusListError::Size`] for none, or more than [`limits::INFLATED`] bytes.
    pub fn new(bits: Bits, entries: u64) -> Result<Self, StatusListError> {
        let bytes = entries.div_ceil(u64::from(bits.per_byte()));
        if bytes == 0 || bytes > limits::INFLATED {
            return Err(StatusListError::Size);
        }
        let bytes = usize::try_from(bytes).map_err(|_| StatusListError::Size)?;
        Ok(Self {
            bits,
            entries: vec![0; bytes],
            draft: Draft::default(),
        })
    }

    /// Goes on from a list that was published before. It is in memory as a whole here.
    ///
    /// # Errors
    /// The inflate errors; [`StatusListError::Size`] for an empty list.
    pub fn from_list(list: &StatusList<'_>) -> Result<Self, StatusListError> {
        let mut entries = Vec::new();
        lookup::inflate(list.compressed(), limits::INFLATED, |_, piece| {
            entries.extend_from_slice(piece)
        })?;
        if entries.is_empty() {
            return Err(StatusListError::Size);
        }
        Ok(Self {
            bits: list.bits(),
            entries,
            draft: Draft::default(),
        })
    }

    shared_methods!();

    /// How many entries there are, the padding included.
    #[must_use]
    pub fn len(&self) -> u64 {
        (self.entries.len() as u64).saturating_mul(u64::from(self.bits.per_byte()))
    }

    /// Never: a list has at least one byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The status at `idx` as it stands now.
    ///
    /// # Errors
    /// [`StatusListError::IndexOutOfRange`].
    pub fn status(&self, idx: u64) -> Result<Status, StatusListError> {
        let (byte, shift) = self.bits.place(idx);
        let value = usize::try_from(byte).ok().and_then(|at| self.entries.get(at));
        match value {
            Some(value) => Ok(self.bits.extract(*value, shift)),
            None => Err(self.out_of_range(idx)),
        }
    }

    /// Sets the status at `idx`. What is invalid stays invalid (A-I22).
    ///
    /// # Errors
    /// [`StatusListError::IndexOutOfRange`], [`StatusListError::StatusTooLarge`], [`StatusListError::RevocationIsPermanent`].
    pub fn set(&mut self, idx: u64, status: Status) -> Result<&mut Self, StatusListError> {
        if status.value() > self.bits.largest() {
            return Err(StatusListError::StatusTooLarge);
        }
        if self.status(idx)? == Status::Invalid && status != Status::Invalid {
            return Err(StatusListError::RevocationIsPermanent);
        }
        let (byte, shift) = self.bits.place(idx);
        let error = self.out_of_range(idx);
        let entry = usize::try_from(byte).ok().and_then(|at| self.entries.get_mut(at));
        let entry = entry.ok_or(error)?;
        let keep = !self.bits.largest().checked_shl(shift).unwrap_or_default();
        *entry = (*entry & keep) | status.value().checked_shl(shift).unwrap_or_default();
        Ok(self)
    }

    fn out_of_range(&self, idx: u64) -> StatusListError {
        StatusListError::IndexOutOfRange {
            idx,
            entries: self.len(),
        }
    }

    /// `{"bits", "lst", ?"aggregation_uri"}`.
    ///
    /// # Errors
    /// [`StatusListError::Inflate`] if the compressor fails.
    pub fn encode_list(&self) -> Result<Vec<u8>, StatusListError> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        let lst = zlib.write_all(&self.entries).and_then(|()| zlib.finish());
        let lst = lst.map_err(|_| StatusListError::Inflate)?;
        let aggregation_uri = self.draft.aggregation_uri.as_deref();
        let mut e = Encoder::new();
        e.map(if aggregation_uri.is_some() { 3 } else { 2 });
        e.text("lst")
            .bytes(&lst)
            .text("bits")
            .uint(u64::from(self.bits.number()));
        if let Some(uri) = aggregation_uri {
            e.text("aggregation_uri").text(uri);
        }
        Ok(e.into_vec())
    }

    /// The signed token. `chain` is the signer's, leaf first, without the root; it is protected (A-I21).
    ///
    /// # Errors
    /// [`StatusListError::Claims`], [`StatusListError::SignerChain`], and what the signer returns.
    pub fn sign(&self, signer: &dyn Signer, chain: &[Certificate]) -> Result<Vec<u8>, StatusListError> {
        let list = self.encode_list()?;
        self.draft.sign(STATUS_LIST_TYPE, (STATUS_LIST, &list), signer, chain)
    }
}

/// Makes an identifier list: the identifiers of what is revoked.
#[derive(Debug, Clone, Default)]
pub struct IdentifierListBuilder {
    identifiers: BTreeSet<Vec<u8>>,
    draft: Draft,
}

impl IdentifierListBuilder {
    /// A list in which nothing is revoked.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    shared_methods!();

    /// Revokes the MSO with this identifier.
    ///
    /// # Errors
    /// [`StatusListError::Size`] for an empty identifier, one over [`limits::IDENTIFIER`], or too many of them.
    pub fn revoke(&mut self, id: &[u8]) -> Result<&mut Self, StatusListError> {
        let is_full = self.identifiers.len() >= limits::IDENTIFIERS;
        if id.is_empty() || id.len() > limits::IDENTIFIER || is_full {
            return Err(StatusListError::Size);
        }
        self.identifiers.insert(id.to_vec());
        Ok(self)
    }

    /// The signed list. `chain` is the signer's, leaf first, without the root; it is protected (A-I21).
    ///
    /// # Errors
    /// [`StatusListError::Claims`], [`StatusListError::SignerChain`], and what the signer returns.
    pub fn sign(&self, signer: &dyn Signer, chain: &[Certificate]) -> Result<Vec<u8>, StatusListError> {
        let aggregation_uri = self.draft.aggregation_uri.as_deref();
        let mut e = Encoder::new();
        e.map(if aggregation_uri.is_some() { 2 } else { 1 });
        e.text("identifiers").map(self.identifiers.len());
        for id in &self.identifiers {
            e.bytes(id).map(0);
        }
        if let Some(uri) = aggregation_uri {
            e.text("aggregation_uri").text(uri);
        }
        let list = e.into_vec();
        self.draft
            .sign(IDENTIFIER_LIST_TYPE, (IDENTIFIER_LIST, &list), signer, chain)
    }
}

impl Draft {
    fn sign(
        &self,
        typ: &str,
        (claim, list): (i64, &[u8]),
        signer: &dyn Signer,
        chain: &[Certificate],
    ) -> Result<Vec<u8>, StatusListError> {
        if chain
            .first()
            .is_none_or(|leaf| leaf.public_key() != signer.public_key())
        {
            return Err(StatusListError::SignerChain);
        }
        let payload = self.payload(claim, list)?;
        let chain: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
        Ok(Sign1Builder::new()
            .tagged()
            .typ(typ)
            .x5chain(Place::Protected, &chain)
            .payload(&payload)
            .sign(signer)?)
    }

    fn payload(&self, claim: i64, list: &[u8]) -> Result<Vec<u8>, StatusListError> {
        let is_uri = |uri: &String| !uri.is_empty() && uri.len() <= limits::URI;
        let uri = self
            .uri
            .as_ref()
            .filter(|uri| is_uri(uri))
            .ok_or(StatusListError::Claims)?;
        let (Some(iat), Some(exp)) = (self.issued_at, self.expires_at) else {
            return Err(StatusListError::Claims);
        };
        let lasts = exp.unix().saturating_sub(iat.unix());
        let ttl_fits = |ttl: u64| ttl > 0 && i64::try_from(ttl).is_ok_and(|ttl| ttl <= lasts);
        if lasts <= 0 || !self.time_to_live.is_none_or(ttl_fits) || !self.aggregation_uri.as_ref().is_none_or(is_uri) {
            return Err(StatusListError::Claims);
        }
        let mut e = Encoder::new();
        e.map(if self.time_to_live.is_some() { 5 } else { 4 });
        e.int(SUB).text(uri).int(EXP).int(exp.unix()).int(IAT).int(iat.unix());
        // Deterministic order: both kinds of list have a smaller number than `ttl`.
        e.int(claim).raw(list);
        if let Some(ttl) = self.time_to_live {
            e.int(TTL).uint(ttl);
        }
        Ok(e.into_vec())
    }
}
