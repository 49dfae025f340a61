//! The reader's side of a session over a carrier of messages.

use crate::action::{Action, EndReason, Lifecycle, status_for};
use crate::engagement::{DeviceEngagement, MethodKind, RetrievalMethod};
use crate::holder::{OwnedHandover, generate, peer_reason};
use crate::limits::ENGAGEMENT_TIMEOUT_SECONDS;
use crate::nfc::{HandoverRequest, HandoverSelect};
use crate::{ProximityError, Result, Role, SessionData, SessionEncryption, SessionEstablishment, SessionStatus};
use core::fmt;
use idwallet_cose::cose_key_to_vec;
use idwallet_crypto::{KeyAgreement, PrivateKey, PublicKey, Random, Timestamp};
use idwallet_mdoc::limits::MAX_REQUEST_BYTES;
use idwallet_mdoc::{DeviceRequest, SessionTranscript};
use std::sync::Arc;

/// A decrypted answer with all that is needed to verify it. It outlives the session.
pub struct ReceivedResponse {
    bytes: Vec<u8>,
    request: Vec<u8>,
    transcript: SessionTranscript,
    key: Arc<PrivateKey>,
}

impl ReceivedResponse {
    pub(crate) fn new(bytes: Vec<u8>, request: Vec<u8>, transcript: SessionTranscript, key: Arc<PrivateKey>) -> Self {
        Self {
            bytes,
            request,
            transcript,
            key,
        }
    }

    /// The `DeviceResponse` as received, not verified.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The `DeviceRequest` it answers, as sent.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// The transcript of the session.
    #[must_use]
    pub fn transcript(&self) -> &SessionTranscript {
        &self.transcript
    }

    /// EReaderKey, for `deviceMac` (A-V23).
    #[must_use]
    pub fn e_reader_key(&self) -> &dyn KeyAgreement {
        &*self.key
    }
}

impl fmt::Debug for ReceivedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceivedResponse({} bytes)", self.bytes.len())
    }
}

/// The reader in one session: scan, one or more requests and their answers, end. For one transaction (A-V03).
///
/// The transcript is there before the first request is made, because `readerAuth` is signed over it.
pub struct ReaderSession {
    engagement: DeviceEngagement,
    methods: Vec<RetrievalMethod>,
    transcript: SessionTranscript,
    e_reader_public: PublicKey,
    /// Gone when the session is over, but for the answers that were received.
    keys: Option<Keys>,
    is_established: bool,
    /// The request that was sent and not answered yet.
    pending: Option<Vec<u8>>,
    response: Option<ReceivedResponse>,
    life: Lifecycle,
}

struct Keys {
    ephemeral: Arc<PrivateKey>,
    encryption: SessionEncryption,
}

impl ReaderSession {
    /// Begins a session with the text of a QR code: a new EReaderKey on the holder's curve.
    ///
    /// # Errors
    /// As [`DeviceEngagement::from_qr_text`]; [`ProximityError::Crypto`].
    pub fn scan(qr_text: &str, random: &dyn Random, now: Timestamp) -> Result<Self> {
        let engagement = DeviceEngagement::from_qr_text(qr_text)?;
        let methods = engagement.retrieval_methods().to_vec();
        let key = generate(engagement.e_device_key().curve(), random)?;
        Self::begin(key, engagement, methods, &OwnedHandover::Qr, now)
    }

    /// Begins a session after an NFC handover, with the messages exactly as exchanged; `request` is what this reader sent in a negotiated one.
    ///
    /// # Errors
    /// As [`HandoverSelect::parse`] and [`HandoverRequest::parse`]; [`ProximityError::Crypto`].
    pub fn nfc(select: &[u8], request: Option<&[u8]>, random: &dyn Random, now: Timestamp) -> Result<Self> {
        let (engagement, methods, handover) = read_handover(select, request)?;
        let key = generate(engagement.e_device_key().curve(), random)?;
        Self::begin(key, engagement, methods, &handover, now)
    }

    /// As [`ReaderSession::scan`] or [`ReaderSession::nfc`] with an ephemeral key that was made elsewhere, for reproducing test vectors.
    ///
    /// Dangerous: a key used in two sessions links them and ends forward secrecy (A-V03).
    ///
    /// # Errors
    /// As those.
    pub fn dangerous_with_key(
        key: PrivateKey,
        engagement: DeviceEngagement,
        nfc: Option<(&[u8], Option<&[u8]>)>,
        now: Timestamp,
    ) -> Result<Self> {
        match nfc {
            None => {
                let methods = engagement.retrieval_methods().to_vec();
                Self::begin(key, engagement, methods, &OwnedHandover::Qr, now)
            }
            Some((select, request)) => {
                let (engagement, methods, handover) = read_handover(select, request)?;
                Self::begin(key, engagement, methods, &handover, now)
            }
        }
    }

    fn begin(
        key: PrivateKey,
        engagement: DeviceEngagement,
        methods: Vec<RetrievalMethod>,
        handover: &OwnedHandover,
        now: Timestamp,
    ) -> Result<Self> {
        let transcript = SessionTranscript::new(
            Some(engagement.bytes()),
            Some(&cose_key_to_vec(key.public_key())),
            handover.as_handover(),
        )?;
        let encryption = SessionEncryption::new(Role::Reader, &key, engagement.e_device_key(), &transcript)?;
        Ok(Self {
            engagement,
            methods,
            transcript,
            e_reader_public: *key.public_key(),
            keys: Some(Keys {
                ephemeral: Arc::new(key),
                encryption,
            }),
            is_established: false,
            pending: None,
            response: None,
            life: Lifecycle::new(now, ENGAGEMENT_TIMEOUT_SECONDS),
        })
    }

    /// The holder's engagement.
    #[must_use]
    pub fn engagement(&self) -> &DeviceEngagement {
        &self.engagement
    }

    /// The ways to connect that the holder offers.
    #[must_use]
    pub fn retrieval_methods(&self) -> &[RetrievalMethod] {
        &self.methods
    }

    /// The first of `available`, in the reader's order of preference, that the holder offers, with its options (A-V02). Where both have both
    /// GATT modes, mdoc central client mode is taken (A-V01).
    ///
    /// # Errors
    /// [`ProximityError::NoCommonCarrier`].
    pub fn choose_carrier(&self, available: &[MethodKind]) -> Result<(MethodKind, &RetrievalMethod)> {
        let offered = |kind: MethodKind| self.methods.iter().find(|m| m.offers(kind)).map(|m| (kind, m));
        let chosen = available.iter().find_map(|kind| offered(*kind));
        let central = || {
            let has_central = available.contains(&MethodKind::BleCentralClient);
            has_central.then(|| offered(MethodKind::BleCentralClient)).flatten()
        };
        match chosen {
            Some((MethodKind::BlePeripheralServer, method)) => {
                Ok(central().unwrap_or((MethodKind::BlePeripheralServer, method)))
            }
            Some(chosen) => Ok(chosen),
            None => Err(ProximityError::NoCommonCarrier),
        }
    }

    /// The transcript: for `readerAuth` and for verifying. The same in all rounds (A-V26b).
    #[must_use]
    pub fn transcript(&self) -> &SessionTranscript {
        &self.transcript
    }

    /// EReaderKey.
    #[must_use]
    pub fn e_reader_key(&self) -> &PublicKey {
        &self.e_reader_public
    }

    /// What to do next.
    pub fn next_action(&mut self, now: Timestamp) -> Action {
        self.check_time(now);
        if let Some(message) = self.life.take_message() {
            return Action::Send(message);
        }
        let until = self.life.deadline();
        match self.life.reason() {
            Some(reason) => Action::Terminated(reason.clone()),
            None if self.pending.is_some() => Action::Receive { until },
            None => Action::Decide { until },
        }
    }

    /// Sends a `DeviceRequest`: the first one establishes the session, later ones are further rounds.
    ///
    /// # Errors
    /// [`ProximityError::WrongState`] while an answer is waited for or after the end; [`ProximityError::TooLong`];
    /// [`ProximityError::ReaderAuthAll`] when the holder did not say that it takes `readerAuthAll` (A-V04);
    /// [`ProximityError::CounterExhausted`].
    pub fn send_request(&mut self, request: &[u8], now: Timestamp) -> Result<()> {
        let (length, limit) = (request.len(), MAX_REQUEST_BYTES);
        if length > limit {
            return Err(ProximityError::TooLong { length, limit });
        }
        if !self.takes_reader_auth_all() && has_reader_auth_all(request) {
            return Err(ProximityError::ReaderAuthAll);
        }
        self.check_time(now);
        let keys = match &mut self.keys {
            Some(keys) if self.pending.is_none() && self.life.reason().is_none() => keys,
            _ => return Err(ProximityError::WrongState("sending a request")),
        };
        let sealed = keys.encryption.encrypt(request)?;
        let message = if self.is_established {
            SessionData::encode_data(&sealed, false)
        } else {
            SessionEstablishment::encode(&cose_key_to_vec(&self.e_reader_public), &sealed)
        };
        self.is_established = true;
        self.pending = Some(request.to_vec());
        self.response = None;
        self.life.send(message);
        self.life.touch(now);
        Ok(())
    }

    /// Whether the holder says that it verifies `readerAuthAll` (capability 3).
    #[must_use]
    pub fn takes_reader_auth_all(&self) -> bool {
        self.engagement.capabilities().is_some_and(|c| c.reader_auth_all)
    }

    /// Takes a message from the carrier. A message that is refused ends the session, and the holder is told
    /// ([`Action::Terminated`] has the reason); that is not an error of this call.
    ///
    /// # Errors
    /// [`ProximityError::WrongState`] before the first request and after the end.
    pub fn received(&mut self, message: &[u8], now: Timestamp) -> Result<()> {
        self.check_time(now);
        if self.life.reason() == Some(&EndReason::TimedOut) {
            return Ok(());
        }
        if !self.is_established || self.life.reason().is_some() {
            return Err(ProximityError::WrongState("receiving a message"));
        }
        self.life.touch(now);
        if let Err(error) = self.data(message) {
            self.end(Some(status_for(&error)), EndReason::Refused(error));
        }
        Ok(())
    }

    fn data(&mut self, message: &[u8]) -> Result<()> {
        let message = SessionData::parse(message)?;
        if let Some(data) = message.data() {
            let (Some(request), Some(keys)) = (self.pending.take(), &mut self.keys) else {
                self.end(Some(SessionStatus::Termination), EndReason::OutOfTurn);
                return Ok(());
            };
            let bytes = keys.encryption.decrypt(data)?;
            let key = Arc::clone(&keys.ephemeral);
            self.response = Some(ReceivedResponse::new(bytes, request, self.transcript.clone(), key));
        }
        if let Some(status) = message.status() {
            self.end(None, peer_reason(status));
        }
        Ok(())
    }

    /// The answer to the last request, once. It is there also when it was the holder's last message.
    #[must_use]
    pub fn take_response(&mut self) -> Option<ReceivedResponse> {
        self.response.take()
    }

    /// Ends the session with status 20: every answer must be followed by this or by another request (A-V07).
    pub fn terminate(&mut self) {
        let reason = if self.pending.is_none() && self.is_established {
            EndReason::Finished
        } else {
            EndReason::Cancelled
        };
        self.leave(reason);
    }

    fn leave(&mut self, reason: EndReason) {
        let status = self.is_established.then_some(SessionStatus::Termination);
        self.end(status, reason);
    }

    /// The carrier broke off. Before the first request it may be opened again (A-H26); afterwards the session is over.
    pub fn connection_lost(&mut self) {
        if self.is_established {
            self.life.disconnect();
            self.keys = None;
        }
    }

    fn check_time(&mut self, now: Timestamp) {
        if self.life.is_due(now) {
            self.leave(EndReason::TimedOut);
        }
    }

    /// Session keys and ephemeral key are wiped as they are dropped (A-C27).
    fn end(&mut self, status: Option<SessionStatus>, reason: EndReason) {
        self.life.end(status, reason);
        self.keys = None;
        self.pending = None;
    }
}

fn has_reader_auth_all(request: &[u8]) -> bool {
    DeviceRequest::parse(request).is_ok_and(|request| !request.reader_auth_all().is_empty())
}

fn read_handover(
    select: &[u8],
    request: Option<&[u8]>,
) -> Result<(DeviceEngagement, Vec<RetrievalMethod>, OwnedHandover)> {
    let parsed = HandoverSelect::parse(select)?;
    let parsed_request = request.map(HandoverRequest::parse).transpose()?;
    let methods = parsed.retrieval_methods(parsed_request.as_ref())?;
    let handover = OwnedHandover::Nfc {
        select: select.to_vec(),
        request: request.map(<[u8]>::to_vec),
    };
    Ok((parsed.into_device_engagement(), methods, handover))
}

impl fmt::Debug for ReaderSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderSession")
            .field("established", &self.is_established)
            .field("answer_awaited", &self.pending.is_some())
            .field("end", &self.life.reason())
            .finish_non_exhaustive()
    }
}
