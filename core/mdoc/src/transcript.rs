//! `SessionTranscript`: what binds a request and a response to one session (ISO 18013-5 §9.1.5.1).

use crate::MdocError;
use crate::limits;
use idwallet_cose::cbor::{Decoder, Encoder, InField, Item, Result, Type, size};
use idwallet_crypto::sha256;

const CLAUSE: &str = "ISO 18013-5 §9.1.5.1";

/// The third element of the transcript: how the session began (A-C21, B.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handover<'a> {
    /// Device engagement by QR code: `null`.
    Qr,
    /// Device engagement by NFC: the NDEF messages exactly as exchanged. No request message for a static handover.
    Nfc {
        /// Handover Select message.
        select: &'a [u8],
        /// Handover Request message of a negotiated handover.
        request: Option<&'a [u8]>,
    },
    /// Reader engagement (ISO/IEC TS 18013-7 Annex A): SHA-256 of `ReaderEngagementBytes`.
    ReaderEngagement([u8; 32]),
    /// One complete CBOR item, for the handovers of other protocols.
    Raw(&'a [u8]),
}

/// `SessionTranscript`, owned, in both forms: the plain array that goes into structures and the tagged bytes that are hashed (A-C20).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionTranscript {
    tagged: Vec<u8>,
    start: usize,
}

impl SessionTranscript {
    /// Builds the transcript from the bytes of the session.
    ///
    /// `device_engagement` and `e_reader_key` are the CBOR **inside** the tag 24 byte strings `DeviceEngagementBytes` and
    /// `EReaderKeyBytes`, exactly as transferred (A-C22); `None` gives `null`.
    ///
    /// # Errors
    /// [`MdocError::Malformed`] when a raw handover is not exactly one CBOR item or the whole is too large.
    pub fn new(
        device_engagement: Option<&[u8]>,
        e_reader_key: Option<&[u8]>,
        handover: Handover<'_>,
    ) -> Result<Self, MdocError> {
        let mut e = Encoder::new();
        e.array(3);
        for part in [device_engagement, e_reader_key] {
            match part {
                Some(bytes) => e.tag24(bytes),
                None => e.null(),
            };
        }
        match handover {
            Handover::Qr => e.null(),
            Handover::Nfc { select, request } => {
                e.array(2).bytes(select);
                match request {
                    Some(request) => e.bytes(request),
                    None => e.null(),
                }
            }
            Handover::ReaderEngagement(hash) => e.bytes(&hash),
            Handover::Raw(item) => e.raw(item),
        };
        Self::from_bytes(e.as_slice())
    }

    /// Takes a transcript as bytes: the plain array, or `SessionTranscriptBytes` with its tag 24. The bytes are kept as they are.
    ///
    /// # Errors
    /// [`MdocError::Malformed`] when it is not an array of three with byte strings of CBOR or `null` in the first two places.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MdocError> {
        let malformed = MdocError::malformed("SessionTranscript");
        let mut d = Decoder::with_limits(bytes, limits::TRANSCRIPT);
        if matches!(d.peek(), Ok(Type::Tag)) {
            let inner = d
                .tag24()
                .and_then(|tagged| d.finish().map(|()| tagged.inner()))
                .map_err(&malformed)?;
            Self::check(inner).map_err(&malformed)?;
            return Ok(Self {
                tagged: bytes.to_vec(),
                start: bytes.len().saturating_sub(inner.len()),
            });
        }
        Self::check(bytes).map_err(&malformed)?;
        let mut e = Encoder::with_capacity(size::tag24(bytes.len()));
        e.tag24(bytes);
        let tagged = e.into_vec();
        let start = tagged.len().saturating_sub(bytes.len());
        Ok(Self { tagged, start })
    }

    fn check(bytes: &[u8]) -> Result<()> {
        // As one item, so that the depth of the handover counts from outside, as for everybody who reads the whole.
        Item::parse(bytes, limits::TRANSCRIPT)?;
        Decoder::decode(bytes, limits::TRANSCRIPT, |d| {
            d.array_of(3).in_field("", CLAUSE)?;
            for field in ["DeviceEngagementBytes", "EReaderKeyBytes"] {
                if !d.take_null() {
                    d.tag24().in_field(field, CLAUSE)?;
                }
            }
            d.skip().in_field("Handover", CLAUSE)
        })
    }

    /// The plain array, as it stands inside `DeviceAuthentication` and `ReaderAuthentication`.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.tagged.get(self.start..).unwrap_or_default()
    }

    /// `SessionTranscriptBytes`, with tag 24: what is hashed for key derivation.
    #[must_use]
    pub fn tagged_bytes(&self) -> &[u8] {
        &self.tagged
    }

    /// SHA-256 of [`Self::tagged_bytes`]: the salt of SKReader, SKDevice and EMacKey (A-C24, A-H56).
    #[must_use]
    pub fn salt(&self) -> [u8; 32] {
        sha256(&self.tagged)
    }

    /// `EReaderKeyBytes` in the transcript, the CBOR inside; `None` for `null`.
    #[must_use]
    pub fn e_reader_key(&self) -> Option<&[u8]> {
        let mut d = Decoder::with_limits(self.as_bytes(), limits::TRANSCRIPT);
        d.array_of(3).ok()?;
        if !d.take_null() {
            d.tag24().ok()?;
        }
        d.tag24().ok().map(|key| key.inner())
    }
}

impl core::fmt::Debug for SessionTranscript {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SessionTranscript({} bytes)", self.as_bytes().len())
    }
}
