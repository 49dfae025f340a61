//! Camera to camera in two halves, between which the program may end.

use crate::{Reader, ReaderIdentity, Report, Request, VerifierError};
use idwallet_crypto::{Curve, Random, SecretBytes, Timestamp};
use idwallet_proximity::{CameraAnswer, CameraReader, SessionStatus};

/// What the holder's screen said.
#[derive(Clone, Debug)]
pub enum CameraOutcome {
    /// An answer, verified.
    Report(Box<Report>),
    /// No answer: the holder declined (status 20) or could not read the request. Nobody authenticates this.
    NoAnswer(SessionStatus),
}

impl CameraOutcome {
    /// The report, if there was an answer.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Report(report) => Some(report),
            Self::NoAnswer(_) => None,
        }
    }
}

/// A request on the screen that waits for its one answer. Begun by [`Reader::camera`].
#[derive(Debug)]
pub struct CameraSession(CameraReader);

impl CameraSession {
    pub(crate) fn begin(
        request: &Request,
        identity: Option<&ReaderIdentity>,
        curve: Curve,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self, VerifierError> {
        let draft = CameraReader::begin(curve, random)?;
        // There is no engagement of the holder that could say no to readerAuthAll.
        let request = request.build(draft.request_transcript(), identity, true)?;
        Ok(Self(draft.ask(request, now)?))
    }

    /// The message for the screen, to be cut into frames by [`idwallet_proximity::camera`].
    ///
    /// # Errors
    /// [`VerifierError::Proximity`], not for a session that was begun or restored.
    pub fn message(&self) -> Result<Vec<u8>, VerifierError> {
        Ok(self.0.message()?)
    }

    /// The `DeviceRequest` that is asked.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        self.0.request()
    }

    /// Until when it may be answered.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.0.until()
    }

    /// The session as bytes that hold its private key: keep them where only their owner can read them, and delete them when the
    /// answer came.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] when the key cannot be encoded.
    pub fn to_secret_bytes(&self) -> Result<SecretBytes, VerifierError> {
        Ok(self.0.to_secret_bytes()?)
    }

    /// The session that was saved.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] for bytes that are none.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, VerifierError> {
        Ok(Self(CameraReader::from_secret_bytes(bytes)?))
    }

    /// Takes the message of the holder's screen and verifies the answer as this reader does. There is one answer: whatever comes of
    /// it, the session is over.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`]: too late, not of this session, or damaged.
    pub fn received(self, message: &[u8], reader: &Reader, now: Timestamp) -> Result<CameraOutcome, VerifierError> {
        match self.0.received(message, now)? {
            CameraAnswer::Response(response) => Ok(CameraOutcome::Report(Box::new(reader.verify(&response, now)))),
            CameraAnswer::Status(status) => Ok(CameraOutcome::NoAnswer(status)),
            // An answer of a later version of the session that this one does not know.
            _ => Ok(CameraOutcome::NoAnswer(SessionStatus::Termination)),
        }
    }
}
