//! A reader's session between its two halves, as bytes: for a program that shows the request, ends, and scans the answer later.

use super::CameraReader;
use crate::camera::MAX_MESSAGE_LENGTH;
use crate::engagement::ReaderEngagement;
use crate::{ProximityError, Result};
use idwallet_cose::cbor::{Decoder, Encoder, Key, Limits};
use idwallet_crypto::{PrivateKey, SecretBytes, Timestamp};

const FORMAT: u64 = 1;
/// Room for everything but the request.
const OVERHEAD: usize = 4096;
const LIMITS: Limits = Limits::DEFAULT
    .with_max_bytes(MAX_MESSAGE_LENGTH.saturating_add(OVERHEAD))
    .with_max_depth(4)
    .with_max_items(64);

impl CameraReader {
    /// The session as bytes. They hold EReaderKey: whoever has them can read the answer. Only their owner may be able to read the file, and
    /// it is deleted when the answer came.
    ///
    /// # Errors
    /// [`ProximityError::Crypto`] when the key cannot be encoded.
    pub fn to_secret_bytes(&self) -> Result<SecretBytes> {
        let key = self.key.to_pkcs8_der()?;
        // One allocation of the final size: growing would leave copies of the key behind.
        let size = self.request.len().saturating_add(self.engagement.bytes().len());
        let mut e = Encoder::with_capacity(size.saturating_add(key.expose().len()).saturating_add(64));
        e.map(5).uint(0).uint(FORMAT);
        e.uint(1).bytes(key.expose());
        e.uint(2).bytes(self.engagement.bytes());
        e.uint(3).bytes(&self.request);
        e.uint(4).int(self.until.unix());
        Ok(SecretBytes::new(e.into_vec()))
    }

    /// The session that was saved.
    ///
    /// # Errors
    /// [`ProximityError::Malformed`], [`ProximityError::SavedSession`]; as [`ReaderEngagement::parse`].
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self> {
        let (format, key, engagement, request, until) = Decoder::decode(bytes, LIMITS, |d| {
            let (mut format, mut key, mut engagement, mut request, mut until) = (None, None, None, None, None);
            let mut map = d.map()?;
            while let Some(name) = map.next_key(d)? {
                match name {
                    Key::Int(0) => format = Some(d.u64()?),
                    Key::Int(1) => key = Some(d.bytes()?),
                    Key::Int(2) => engagement = Some(d.bytes()?),
                    Key::Int(3) => request = Some(d.bytes()?),
                    Key::Int(4) => until = Some(d.i64()?),
                    _ => d.skip()?,
                }
            }
            Ok((
                d.required(format, "format")?,
                d.required(key, "key")?,
                d.required(engagement, "engagement")?,
                d.required(request, "request")?,
                d.required(until, "until")?,
            ))
        })
        .map_err(ProximityError::malformed("saved session"))?;
        if format != FORMAT {
            return Err(ProximityError::SavedSession("unknown format"));
        }
        let key = PrivateKey::from_pkcs8_der(key)?;
        let engagement = ReaderEngagement::parse(engagement)?;
        if engagement.e_reader_key() != Some(key.public_key()) {
            return Err(ProximityError::SavedSession("the key is not that of the engagement"));
        }
        Ok(Self {
            key,
            engagement,
            request: request.to_vec(),
            until: Timestamp::from_unix(until),
        })
    }
}
