//! The reader's half: show the request, scan the answer.

use super::envelope::{CameraRequest, CameraResponse};
use super::transcript;
use crate::engagement::{DeviceEngagement, ReaderEngagement};
use crate::holder::generate;
use crate::limits::CAMERA_TIMEOUT_SECONDS;
use crate::{ProximityError, ReceivedResponse, Result, Role, SessionEncryption, SessionStatus};
use core::fmt;
use idwallet_crypto::{Curve, PrivateKey, Random, Timestamp};
use idwallet_mdoc::SessionTranscript;
use std::sync::Arc;

/// A session that has its key and no request yet.
pub struct CameraDraft {
    key: PrivateKey,
    engagement: ReaderEngagement,
    request_transcript: SessionTranscript,
}

impl CameraDraft {
    /// What `readerAuth` is signed over: the transcript with `null` for the device engagement, which does not exist yet. EReaderKey and the
    /// hash of the reader engagement bind the signature to this session.
    #[must_use]
    pub fn request_transcript(&self) -> &SessionTranscript {
        &self.request_transcript
    }

    /// The session that asks for this `DeviceRequest`.
    ///
    /// # Errors
    /// [`ProximityError::TooLong`] for what does not fit the camera carrier.
    pub fn ask(self, device_request: Vec<u8>, now: Timestamp) -> Result<CameraReader> {
        let reader = CameraReader {
            key: self.key,
            engagement: self.engagement,
            request: device_request,
            until: now.saturating_add_seconds(CAMERA_TIMEOUT_SECONDS),
        };
        reader.message()?;
        Ok(reader)
    }
}

impl fmt::Debug for CameraDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CameraDraft").field(&self.engagement).finish()
    }
}

/// A request on the screen that waits for its one answer. Dropping it wipes its key.
pub struct CameraReader {
    pub(super) key: PrivateKey,
    pub(super) engagement: ReaderEngagement,
    pub(super) request: Vec<u8>,
    pub(super) until: Timestamp,
}

/// What the holder answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum CameraAnswer {
    /// A response, to be verified.
    Response(ReceivedResponse),
    /// No response: 20 when the holder declined. Not authenticated, as no session status is.
    Status(SessionStatus),
}

impl CameraReader {
    /// Begins a session: a new EReaderKey on `curve`. P-256 is the one that every holder has.
    ///
    /// # Errors
    /// [`ProximityError::CannotAgree`], [`ProximityError::Crypto`].
    pub fn begin(curve: Curve, random: &dyn Random) -> Result<CameraDraft> {
        let key = generate(curve, random)?;
        let engagement = ReaderEngagement::new(key.public_key())?;
        Ok(CameraDraft {
            request_transcript: transcript(&engagement, None)?,
            key,
            engagement,
        })
    }

    /// The message for the screen ([`MessageKind::Request`](crate::camera::MessageKind::Request)).
    ///
    /// # Errors
    /// [`ProximityError::TooLong`], not after [`CameraDraft::ask`] succeeded.
    pub fn message(&self) -> Result<Vec<u8>> {
        let envelope = CameraRequest {
            reader_engagement: self.engagement.bytes(),
            device_request: &self.request,
        };
        envelope.encode()
    }

    /// The engagement.
    #[must_use]
    pub fn reader_engagement(&self) -> &ReaderEngagement {
        &self.engagement
    }

    /// The `DeviceRequest` that is asked.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Until when it may be answered.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Takes the answer. There is one: whatever comes of it, this session is over, and a copy that was saved is to be deleted.
    ///
    /// # Errors
    /// [`ProximityError::Expired`]; [`ProximityError::Malformed`] and the other errors of what the holder sent;
    /// [`ProximityError::NotByCamera`]; [`ProximityError::CurveMismatch`]; [`ProximityError::Undecryptable`] for an answer to another request.
    pub fn received(self, message: &[u8], now: Timestamp) -> Result<CameraAnswer> {
        if now >= self.until {
            return Err(ProximityError::Expired);
        }
        let answer = CameraResponse::parse(message)?;
        let device = DeviceEngagement::parse(answer.device_engagement)?;
        let Some(data) = answer.session_data.data() else {
            let status = answer.session_data.status().ok_or(ProximityError::EmptySessionData)?;
            return Ok(CameraAnswer::Status(status));
        };
        let infos = device.origin_infos().unwrap_or_default();
        if !infos.iter().any(|info| info.is_camera()) {
            return Err(ProximityError::NotByCamera);
        }
        let transcript = transcript(&self.engagement, Some(device.bytes()))?;
        let mut encryption = SessionEncryption::new(Role::Reader, &self.key, device.e_device_key(), &transcript)?;
        let bytes = encryption.decrypt(data)?;
        let key = Arc::new(self.key);
        Ok(CameraAnswer::Response(ReceivedResponse::new(
            bytes,
            self.request,
            transcript,
            key,
        )))
    }
}

impl fmt::Debug for CameraReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CameraReader")
            .field("engagement", &self.engagement)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
