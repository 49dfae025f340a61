//! The holder's half: scan, decide, show the answer.

use super::envelope::{CameraRequest, CameraResponse};
use super::transcript;
use crate::engagement::{DeviceEngagement, DeviceEngagementBuilder, OriginInfo, ReaderEngagement};
use crate::holder::generate;
use crate::{ProximityError, Result, Role, SessionData, SessionEncryption, SessionStatus};
use core::fmt;
use idwallet_crypto::{PublicKey, Random};
use idwallet_mdoc::SessionTranscript;
use idwallet_mdoc::holder::ResponseFailure;

/// A request that was scanned, and the keys for one answer. Dropping it wipes them.
pub struct CameraHolder {
    reader_engagement: ReaderEngagement,
    e_reader_key: PublicKey,
    request: Vec<u8>,
    request_transcript: SessionTranscript,
    engagement: DeviceEngagement,
    transcript: SessionTranscript,
    encryption: SessionEncryption,
}

impl CameraHolder {
    /// Takes the reader's message, and makes a new EDeviceKey on the curve of the reader's key.
    ///
    /// # Errors
    /// [`ProximityError::Malformed`] and the other errors of what the reader sent; [`ProximityError::Crypto`].
    pub fn received(message: &[u8], random: &dyn Random) -> Result<Self> {
        let request = CameraRequest::parse(message)?;
        let reader_engagement = ReaderEngagement::parse(request.reader_engagement)?;
        let e_reader_key = *reader_engagement.e_reader_key().ok_or(ProximityError::NoReaderKey)?;
        let key = generate(e_reader_key.curve(), random)?;
        let engagement = DeviceEngagementBuilder::new()
            .origin_infos(vec![OriginInfo::camera()])
            .build(key.public_key())?;
        let session_transcript = transcript(&reader_engagement, Some(engagement.bytes()))?;
        let encryption = SessionEncryption::new(Role::Holder, &key, &e_reader_key, &session_transcript)?;
        Ok(Self {
            request: request.device_request.to_vec(),
            request_transcript: transcript(&reader_engagement, None)?,
            reader_engagement,
            e_reader_key,
            engagement,
            transcript: session_transcript,
            encryption,
        })
    }

    /// The `DeviceRequest` as received. It was not encrypted: whoever saw the screen knows it.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// What reader authentication is verified over: the transcript with `null` for the device engagement.
    #[must_use]
    pub fn request_transcript(&self) -> &SessionTranscript {
        &self.request_transcript
    }

    /// The transcript of the session, for the device signature or MAC.
    #[must_use]
    pub fn transcript(&self) -> &SessionTranscript {
        &self.transcript
    }

    /// The reader's engagement.
    #[must_use]
    pub fn reader_engagement(&self) -> &ReaderEngagement {
        &self.reader_engagement
    }

    /// EReaderKey, for `deviceMac`.
    #[must_use]
    pub fn e_reader_key(&self) -> &PublicKey {
        &self.e_reader_key
    }

    /// The message with the answer, for the screen. There is one answer: it says that nothing follows (status 20).
    ///
    /// # Errors
    /// [`ProximityError::TooLong`] for what does not fit the camera carrier.
    pub fn respond(mut self, response: &[u8]) -> Result<Vec<u8>> {
        let (length, limit) = (response.len(), crate::camera::MAX_MESSAGE_LENGTH);
        if length > limit {
            return Err(ProximityError::TooLong { length, limit });
        }
        let sealed = self.encryption.encrypt(response)?;
        CameraResponse::encode(self.engagement.bytes(), &SessionData::encode_data(&sealed, true))
    }

    /// The message that says that the request could not be used (A-H40).
    ///
    /// # Errors
    /// As [`CameraHolder::respond`].
    pub fn respond_failure(self, failure: ResponseFailure) -> Result<Vec<u8>> {
        self.respond(&failure.to_response())
    }

    /// The message that says no (status 20 and nothing else). Nothing has to be shown at all, but then the person at the reader waits.
    ///
    /// # Errors
    /// None in practice: the message is short.
    pub fn decline(self) -> Result<Vec<u8>> {
        let status = SessionData::encode_status(SessionStatus::Termination);
        CameraResponse::encode(self.engagement.bytes(), &status)
    }
}

impl fmt::Debug for CameraHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CameraHolder")
            .field("reader_engagement", &self.reader_engagement)
            .finish_non_exhaustive()
    }
}
