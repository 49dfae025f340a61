//! `SessionEstablishment` and `SessionData` (ISO 18013-5 §9.1.1.4, A-C26).

use crate::engagement::{EphemeralKey, read_reader_key};
use crate::{ProximityError, Result, limits};
use core::fmt;
use idwallet_cose::cbor::{self, Decoder, Encoder, InField, Key, size};
use idwallet_crypto::PublicKey;

const CLAUSE: &str = "ISO 18013-5 §9.1.1.4";

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// 10: a message could not be decrypted.
    EncryptionError,
    /// 11: a message could not be decoded.
    CborDecodingError,
    /// 20: the sender is done.
    Termination,
}

impl SessionStatus {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Self::EncryptionError => 10,
            Self::CborDecodingError => 11,
            Self::Termination => 20,
        }
    }

    /// The status a number stands for.
    ///
    /// # Errors
    /// [`ProximityError::UnknownStatus`].
    pub const fn from_code(code: u64) -> Result<Self> {
        match code {
            10 => Ok(Self::EncryptionError),
            11 => Ok(Self::CborDecodingError),
            20 => Ok(Self::Termination),
            _ => Err(ProximityError::UnknownStatus(code)),
        }
    }
}

/// The reader's first message: its ephemeral key and the first encrypted request.
#[derive(Clone)]
pub struct SessionEstablishment<'a> {
    key: EphemeralKey,
    data: &'a [u8],
}

impl<'a> SessionEstablishment<'a> {
    /// Parses the message and checks the key: on its curve and uncompressed (A-V03). Nothing may follow.
    ///
    /// # Errors
    /// [`ProximityError::Malformed`], [`ProximityError::Key`], [`ProximityError::CannotAgree`], [`ProximityError::CompressedReaderKey`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        const NAME: &str = "SessionEstablishment";
        let read = |d: &mut Decoder<'a>| -> cbor::Result<_> {
            let (mut key, mut data) = (None, None);
            let mut map = d.map()?;
            while let Some(name) = map.next_key(d)? {
                match name {
                    Key::Text("eReaderKey") => key = Some(d.tag24().in_field("eReaderKey", CLAUSE)?),
                    Key::Text("data") => data = Some(d.bytes().in_field("data", CLAUSE)?),
                    _ => d.skip()?,
                }
            }
            let key = d.required(key, "eReaderKey").in_field("", CLAUSE)?;
            Ok((key, d.required(data, "data").in_field("", CLAUSE)?))
        };
        let (key, data) = Decoder::decode(bytes, limits::MESSAGE, read).map_err(ProximityError::malformed(NAME))?;
        Ok(Self {
            key: read_reader_key(key, NAME)?,
            data,
        })
    }

    /// EReaderKey.
    #[must_use]
    pub fn e_reader_key(&self) -> &PublicKey {
        &self.key.key
    }

    /// The COSE_Key inside `EReaderKeyBytes`, as received: what goes into the transcript.
    #[must_use]
    pub fn e_reader_cose_key(&self) -> &[u8] {
        self.key.cose_key()
    }

    /// The encrypted request.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Writes the message; `e_reader_key` is the COSE_Key, `data` the ciphertext.
    #[must_use]
    pub fn encode(e_reader_key: &[u8], data: &[u8]) -> Vec<u8> {
        let length = size::tag24(e_reader_key.len()).saturating_add(size::string(data.len()));
        let mut e = Encoder::with_capacity(length.saturating_add(17));
        e.map(2).text("eReaderKey").tag24(e_reader_key).text("data").bytes(data);
        e.into_vec()
    }
}

impl fmt::Debug for SessionEstablishment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SessionEstablishment({}, {} bytes)",
            self.key.key.curve(),
            self.data.len()
        )
    }
}

/// Any later message, in both directions: data, a status, or data with status 20.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionData<'a> {
    data: Option<&'a [u8]>,
    status: Option<SessionStatus>,
}

impl<'a> SessionData<'a> {
    /// Parses the message; nothing may follow.
    ///
    /// # Errors
    /// [`ProximityError::Malformed`], [`ProximityError::UnknownStatus`], [`ProximityError::DataWithStatus`],
    /// [`ProximityError::EmptySessionData`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (data, status) =
            Decoder::decode(bytes, limits::MESSAGE, Self::read).map_err(ProximityError::malformed("SessionData"))?;
        Self::check(data, status)
    }

    pub(crate) fn read(d: &mut Decoder<'a>) -> cbor::Result<(Option<&'a [u8]>, Option<u64>)> {
        let (mut data, mut status) = (None, None);
        let mut map = d.map()?;
        while let Some(name) = map.next_key(d)? {
            match name {
                Key::Text("data") => data = Some(d.bytes().in_field("data", CLAUSE)?),
                Key::Text("status") => status = Some(d.u64().in_field("status", CLAUSE)?),
                _ => d.skip()?,
            }
        }
        Ok((data, status))
    }

    pub(crate) fn check(data: Option<&'a [u8]>, status: Option<u64>) -> Result<Self> {
        let status = status.map(SessionStatus::from_code).transpose()?;
        match (data, status) {
            (None, None) => Err(ProximityError::EmptySessionData),
            (Some(_), Some(SessionStatus::EncryptionError | SessionStatus::CborDecodingError)) => {
                Err(ProximityError::DataWithStatus)
            }
            (data, status) => Ok(Self { data, status }),
        }
    }

    /// The ciphertext.
    #[must_use]
    pub fn data(&self) -> Option<&'a [u8]> {
        self.data
    }

    /// The status; every one of them ends the session.
    #[must_use]
    pub fn status(&self) -> Option<SessionStatus> {
        self.status
    }

    /// A message with data, and status 20 if it is the last.
    #[must_use]
    pub fn encode_data(data: &[u8], is_last: bool) -> Vec<u8> {
        let mut e = Encoder::with_capacity(size::string(data.len()).saturating_add(16));
        e.map(if is_last { 2 } else { 1 }).text("data").bytes(data);
        if is_last {
            e.text("status").uint(SessionStatus::Termination.code());
        }
        e.into_vec()
    }

    /// A message with nothing but a status.
    #[must_use]
    pub fn encode_status(status: SessionStatus) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(1).text("status").uint(status.code());
        e.into_vec()
    }
}

impl fmt::Debug for SessionData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionData")
            .field("data", &self.data.map(<[u8]>::len))
            .field("status", &self.status)
            .finish()
    }
}
