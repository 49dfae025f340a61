//! What the reader itself knows of the presentation.

use idwallet_crypto::KeyAgreement;
use idwallet_mdoc::SessionTranscript;

/// What the reader itself knows of the presentation. Nothing of it comes from the response.
#[derive(Clone, Copy, Default)]
pub struct Presentation<'p> {
    pub(crate) transcript: Option<&'p SessionTranscript>,
    pub(crate) e_reader_key: Option<&'p dyn KeyAgreement>,
    pub(crate) request: Option<&'p [u8]>,
    pub(crate) doc_type: Option<&'p str>,
}

impl<'p> Presentation<'p> {
    /// The session with this transcript.
    #[must_use]
    pub fn new(transcript: &'p SessionTranscript) -> Self {
        Self {
            transcript: Some(transcript),
            ..Self::default()
        }
    }

    /// Nothing is known: device authentication cannot be checked.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// The session's transcript.
    #[must_use]
    pub fn transcript(mut self, transcript: &'p SessionTranscript) -> Self {
        self.transcript = Some(transcript);
        self
    }

    /// The reader's private key of the session, without which a `deviceMac` cannot be checked.
    #[must_use]
    pub fn e_reader_key(mut self, key: &'p dyn KeyAgreement) -> Self {
        self.e_reader_key = Some(key);
        self
    }

    /// The bytes of the `DeviceRequest` that was answered.
    #[must_use]
    pub fn request(mut self, request: &'p [u8]) -> Self {
        self.request = Some(request);
        self
    }

    /// The document type that is wanted, where there is no request to say so.
    #[must_use]
    pub fn doc_type(mut self, doc_type: &'p str) -> Self {
        self.doc_type = Some(doc_type);
        self
    }
}

impl core::fmt::Debug for Presentation<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Presentation")
            .field("transcript", &self.transcript)
            .field("e_reader_key", &self.e_reader_key.is_some())
            .field("request", &self.request.map(<[u8]>::len))
            .field("doc_type", &self.doc_type)
            .finish()
    }
}
