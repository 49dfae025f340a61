//! What the reader itself knows of the session, never taken from the response.

use crate::{DeviceRequest, SessionTranscript};
use idwallet_crypto::KeyAgreement;

/// What the reader itself knows of the session. Nothing of it comes from the response (A-V23).
#[derive(Clone, Copy, Default)]
pub struct Session<'s> {
    pub(super) transcript: Option<&'s SessionTranscript>,
    pub(super) e_reader_key: Option<&'s dyn KeyAgreement>,
    pub(super) request: Option<&'s DeviceRequest<'s>>,
    pub(super) doc_type: Option<&'s str>,
}

impl<'s> Session<'s> {
    /// The session with this transcript.
    #[must_use]
    pub fn new(transcript: &'s SessionTranscript) -> Self {
        Self {
            transcript: Some(transcript),
            ..Self::default()
        }
    }

    /// No session: device authentication cannot be checked.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The reader's private key of the session, without which a `deviceMac` cannot be checked.
    #[must_use]
    pub fn e_reader_key(mut self, key: &'s dyn KeyAgreement) -> Self {
        self.e_reader_key = Some(key);
        self
    }

    /// The request that was answered (A-V26).
    #[must_use]
    pub fn request(mut self, request: &'s DeviceRequest<'s>) -> Self {
        self.request = Some(request);
        self
    }

    /// The document type that is wanted, where there is no request to say so (A-V18).
    #[must_use]
    pub fn doc_type(mut self, doc_type: &'s str) -> Self {
        self.doc_type = Some(doc_type);
        self
    }
}

impl core::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("transcript", &self.transcript)
            .field("e_reader_key", &self.e_reader_key.is_some())
            .field("request", &self.request.is_some())
            .field("doc_type", &self.doc_type)
            .finish()
    }
}
