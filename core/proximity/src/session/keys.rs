//! SKReader and SKDevice (A-C24).

use crate::Result;
use core::fmt;
use idwallet_crypto::{Secret, SecretBytes, hkdf_sha256};
use idwallet_mdoc::SessionTranscript;

/// The keys of the two directions.
pub struct SessionKeys {
    /// SKReader: of the messages the reader sends.
    pub reader: Secret<[u8; 32]>,
    /// SKDevice: of the messages the holder sends.
    pub device: Secret<[u8; 32]>,
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys(redacted)")
    }
}

/// SKReader and SKDevice from the secret shared by EReaderKey and EDeviceKey.
///
/// The salt is SHA-256 of `SessionTranscriptBytes`, with its tag 24.
///
/// # Errors
/// [`ProximityError::Crypto`](crate::ProximityError::Crypto) when the derivation fails, which it does not for an output of this length.
pub fn derive_session_keys(shared_secret: &SecretBytes, transcript: &SessionTranscript) -> Result<SessionKeys> {
    let salt = transcript.salt();
    let derive = |info: &[u8]| -> Result<Secret<[u8; 32]>> {
        let mut key = Secret::new([0; 32]);
        hkdf_sha256(shared_secret.expose(), &salt, info, key.expose_mut())?;
        Ok(key)
    };
    Ok(SessionKeys {
        reader: derive(b"SKReader")?,
        device: derive(b"SKDevice")?,
    })
}
