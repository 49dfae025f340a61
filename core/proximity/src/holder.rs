//! The holder's side of a session over a carrier of messages.

use crate::action::{Action, EndReason, Lifecycle, status_for};
use crate::engagement::{DeviceEngagement, DeviceEngagementBuilder, RetrievalMethod};
use crate::limits::ENGAGEMENT_TIMEOUT_SECONDS;
use crate::nfc::{Carrier, HandoverRequest, HandoverSelect};
use crate::{ProximityError, Result, Role, SessionData, SessionEncryption, SessionEstablishment, SessionStatus};
use core::fmt;
use idwallet_cose::cbor::{Item, Limits};
use idwallet_crypto::{Curve, PrivateKey, PublicKey, Random, Timestamp};
use idwallet_mdoc::holder::ResponseFailure;
use idwallet_mdoc::{Handover, SessionTranscript, limits::MAX_REQUEST_BYTES};

/// The holder in one session: engagement, one or more requests and their answers, end. For one transaction (A-H02).
///
/// ```no_run
/// # use idwallet_proximity::{Action, HolderSession, RetrievalMethod};
/// # use idwallet_crypto::{Curve, SystemRandom, Timestamp};
/// # fn carrier_send(_: Vec<u8>) {} fn carrier_receive(_: Timestamp) -> Option<Vec<u8>> { None } fn now() -> Timestamp { Timestamp::UNIX_EPOCH }
/// # fn ask(_: &[u8]) -> Option<Vec<u8>> { None }
/// let methods = vec![RetrievalMethod::Stream { address: "127.0.0.1:7000".into() }];
/// let mut holder = HolderSession::new(Curve::P256, methods, &SystemRandom::new(), now())?;
/// println!("{}", holder.qr_text()?);
/// let reason = loop {
///     match holder.next_action(now()) {
///         Action::Send(message) => carrier_send(message),
///         Action::Receive { until } => match carrier_receive(until) {
///             Some(message) => holder.received(&message, now())?,
///             None => continue, // the deadline is looked at by next_action
///         },
///         Action::Decide { .. } => match ask(holder.request().unwrap_or_default()) {
///             Some(response) => holder.respond(&response, false, now())?,
///             None => holder.decline(),
///         },
///         Action::Terminated(reason) => break reason,
///         _ => unreachable!(),
///     }
/// };
/// # Ok::<(), idwallet_proximity::ProximityError>(())
/// ```
pub struct HolderSession {
    engagement: DeviceEngagement,
    handover: OwnedHandover,
    /// EDeviceKey, until the session keys are made.
    key: Option<PrivateKey>,
    early: Option<Vec<u8>>,
    established: Option<Established>,
    request: Option<Vec<u8>>,
    life: Lifecycle,
}

struct Established {
    transcript: SessionTranscript,
    e_reader_key: PublicKey,
    /// Gone when the session is over.
    encryption: Option<SessionEncryption>,
}

pub(crate) enum OwnedHandover {
    Qr,
    Nfc { select: Vec<u8>, request: Option<Vec<u8>> },
}

impl OwnedHandover {
    pub(crate) fn as_handover(&self) -> Handover<'_> {
        match self {
            Self::Qr => Handover::Qr,
            Self::Nfc { select, request } => Handover::Nfc {
                select,
                request: request.as_deref(),
            },
        }
    }
}

impl HolderSession {
    /// A session by QR code: a new EDeviceKey on `curve`, and these ways to connect.
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`], [`ProximityError::StreamAddress`], [`ProximityError::NoRetrievalMethod`], [`ProximityError::CannotAgree`],
    /// [`ProximityError::Crypto`].
    pub fn new(curve: Curve, methods: Vec<RetrievalMethod>, random: &dyn Random, now: Timestamp) -> Result<Self> {
        let builder = methods
            .into_iter()
            .fold(DeviceEngagementBuilder::new(), DeviceEngagementBuilder::method);
        Self::with_engagement(curve, &builder, random, now)
    }

    /// As [`HolderSession::new`], with capabilities or whatever else the engagement is to say.
    ///
    /// # Errors
    /// As [`HolderSession::new`].
    pub fn with_engagement(
        curve: Curve,
        engagement: &DeviceEngagementBuilder,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self> {
        let key = generate(curve, random)?;
        let engagement = engagement.build(key.public_key())?;
        if engagement.retrieval_methods().is_empty() {
            return Err(ProximityError::NoRetrievalMethod);
        }
        Ok(Self::begin(key, engagement, OwnedHandover::Qr, now))
    }

    /// As [`HolderSession::with_engagement`] with a key and an engagement that were made elsewhere, for reproducing test vectors.
    ///
    /// Dangerous: a key used in two sessions links them and ends forward secrecy (A-H02).
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`] when the key is not that of the engagement. The NFC messages are taken as they are.
    pub fn dangerous_with_key(
        key: PrivateKey,
        engagement: DeviceEngagement,
        nfc: Option<(&[u8], Option<&[u8]>)>,
        now: Timestamp,
    ) -> Result<Self> {
        if key.public_key() != engagement.e_device_key() {
            return Err(ProximityError::Unofferable("an engagement of another key"));
        }
        let handover = match nfc {
            None => OwnedHandover::Qr,
            Some((select, request)) => OwnedHandover::Nfc {
                select: select.to_vec(),
                request: request.map(<[u8]>::to_vec),
            },
        };
        Ok(Self::begin(key, engagement, handover, now))
    }

    /// A session by NFC static handover; [`HolderSession::handover_select`] is what the tag shows.
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`] without carriers; as [`HolderSession::new`].
    pub fn nfc_static(curve: Curve, carriers: &[Carrier], random: &dyn Random, now: Timestamp) -> Result<Self> {
        let key = generate(curve, random)?;
        let engagement = DeviceEngagementBuilder::new().build(key.public_key())?;
        let select = HandoverSelect::build_static(&engagement, carriers)?;
        let handover = OwnedHandover::Nfc { select, request: None };
        Ok(Self::begin(key, engagement, handover, now))
    }

    /// A session by NFC negotiated handover, once the handover request is there. The first of `carriers`, in the holder's order of
    /// preference, that the reader has is chosen; [`HolderSession::handover_select`] is the reply.
    ///
    /// # Errors
    /// [`ProximityError::NoCommonCarrier`]; as [`HandoverRequest::parse`] and [`HolderSession::new`].
    pub fn nfc_negotiated(
        curve: Curve,
        carriers: &[Carrier],
        handover_request: &[u8],
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self> {
        let request = HandoverRequest::parse(handover_request)?;
        let chosen = request.choose(carriers).ok_or(ProximityError::NoCommonCarrier)?;
        let key = generate(curve, random)?;
        let engagement = DeviceEngagementBuilder::new().build(key.public_key())?;
        let select = HandoverSelect::build_negotiated(&engagement, &chosen)?;
        let handover = OwnedHandover::Nfc {
            select,
            request: Some(handover_request.to_vec()),
        };
        Ok(Self::begin(key, engagement, handover, now))
    }

    fn begin(key: PrivateKey, engagement: DeviceEngagement, handover: OwnedHandover, now: Timestamp) -> Self {
        Self {
            engagement,
            handover,
            key: Some(key),
            early: None,
            established: None,
            request: None,
            life: Lifecycle::new(now, ENGAGEMENT_TIMEOUT_SECONDS),
        }
    }

    /// The engagement.
    #[must_use]
    pub fn engagement(&self) -> &DeviceEngagement {
        &self.engagement
    }

    /// The text of the QR code.
    ///
    /// # Errors
    /// [`ProximityError::NoRetrievalMethod`] for an engagement by NFC.
    pub fn qr_text(&self) -> Result<String> {
        self.engagement.to_qr_text()
    }

    /// The handover select message of an engagement by NFC.
    #[must_use]
    pub fn handover_select(&self) -> Option<&[u8]> {
        match &self.handover {
            OwnedHandover::Qr => None,
            OwnedHandover::Nfc { select, .. } => Some(select),
        }
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
            None if self.request.is_some() => Action::Decide { until },
            None => Action::Receive { until },
        }
    }

    /// Keeps a session establishment that came during a negotiated handover (A-H11), to be compared with the one in data retrieval.
    /// Nothing is done with it before, and one that is no session establishment at all is forgotten: a failure of the early one must not
    /// harm the transaction.
    ///
    /// # Errors
    /// [`ProximityError::WrongState`] in a session that did not begin so, or that is established.
    pub fn early_establishment(&mut self, message: &[u8]) -> Result<()> {
        let is_negotiated = matches!(&self.handover, OwnedHandover::Nfc { request: Some(_), .. });
        if !is_negotiated || self.established.is_some() || self.life.reason().is_some() {
            return Err(ProximityError::WrongState("early session establishment"));
        }
        if SessionEstablishment::parse(message).is_ok() {
            self.early = Some(message.to_vec());
        }
        Ok(())
    }

    /// Takes a message from the carrier. A message that is refused ends the session, and the reader is told
    /// ([`Action::Terminated`] has the reason); that is not an error of this call.
    ///
    /// # Errors
    /// [`ProximityError::WrongState`] when the session is over.
    pub fn received(&mut self, message: &[u8], now: Timestamp) -> Result<()> {
        self.check_time(now);
        if self.life.reason() == Some(&EndReason::TimedOut) {
            return Ok(());
        }
        if self.life.reason().is_some() {
            return Err(ProximityError::WrongState("receiving a message"));
        }
        self.life.touch(now);
        let result = if self.established.is_none() {
            self.establish(message)
        } else {
            self.data(message)
        };
        if let Err(error) = result {
            self.end(Some(status_for(&error)), EndReason::Refused(error));
        }
        Ok(())
    }

    fn establish(&mut self, message: &[u8]) -> Result<()> {
        if self.early.as_deref().is_some_and(|early| early != message) {
            self.end(Some(SessionStatus::Termination), EndReason::EstablishmentMismatch);
            return Ok(());
        }
        let establishment = SessionEstablishment::parse(message)?;
        let key = self.key.take().ok_or(ProximityError::WrongState("establishing"))?;
        let transcript = SessionTranscript::new(
            Some(self.engagement.bytes()),
            Some(establishment.e_reader_cose_key()),
            self.handover.as_handover(),
        )?;
        let peer = *establishment.e_reader_key();
        let mut encryption = SessionEncryption::new(Role::Holder, &key, &peer, &transcript)?;
        let request = encryption.decrypt(establishment.data())?;
        self.established = Some(Established {
            transcript,
            e_reader_key: peer,
            encryption: Some(encryption),
        });
        self.take_request(request)
    }

    fn data(&mut self, message: &[u8]) -> Result<()> {
        let message = SessionData::parse(message)?;
        if let Some(status) = message.status() {
            self.end(None, peer_reason(status));
            return Ok(());
        }
        if self.request.is_some() {
            self.end(Some(SessionStatus::Termination), EndReason::OutOfTurn);
            return Ok(());
        }
        let request = self.encryption()?.decrypt(message.data().unwrap_or_default())?;
        self.take_request(request)
    }

    /// A request that is not CBOR at all is answered here; what it asks for is the wallet's to judge (A-H40).
    fn take_request(&mut self, request: Vec<u8>) -> Result<()> {
        let limits = Limits::DEFAULT.with_max_bytes(MAX_REQUEST_BYTES);
        if Item::parse(&request, limits).is_err() {
            return self.answer(&ResponseFailure::CborDecoding.to_response(), false);
        }
        self.request = Some(request);
        Ok(())
    }

    /// The `DeviceRequest` that waits for an answer, as received.
    #[must_use]
    pub fn request(&self) -> Option<&[u8]> {
        self.request.as_deref()
    }

    /// The transcript, as soon as the reader has connected: for reader authentication and for the device signature. The same in all rounds
    /// (A-V26b).
    #[must_use]
    pub fn transcript(&self) -> Option<&SessionTranscript> {
        self.established.as_ref().map(|session| &session.transcript)
    }

    /// EReaderKey, as soon as the reader has connected: for `deviceMac`.
    #[must_use]
    pub fn e_reader_key(&self) -> Option<&PublicKey> {
        self.established.as_ref().map(|session| &session.e_reader_key)
    }

    /// Answers the request with a `DeviceResponse`. With `end` the session is over afterwards, else another request may follow.
    ///
    /// # Errors
    /// [`ProximityError::WrongState`] when no request waits; [`ProximityError::TooLong`]; [`ProximityError::CounterExhausted`].
    pub fn respond(&mut self, response: &[u8], end: bool, now: Timestamp) -> Result<()> {
        let (length, limit) = (response.len(), idwallet_mdoc::limits::MAX_RESPONSE_BYTES);
        if length > limit {
            return Err(ProximityError::TooLong { length, limit });
        }
        self.check_time(now);
        if self.request.is_none() || self.life.reason().is_some() {
            return Err(ProximityError::WrongState("answering"));
        }
        self.answer(response, end)?;
        self.life.touch(now);
        Ok(())
    }

    /// Answers that the request could not be used: a `DeviceResponse` with a status and no documents (A-H40).
    ///
    /// # Errors
    /// As [`HolderSession::respond`].
    pub fn respond_failure(&mut self, failure: ResponseFailure, end: bool, now: Timestamp) -> Result<()> {
        self.respond(&failure.to_response(), end, now)
    }

    fn answer(&mut self, response: &[u8], end: bool) -> Result<()> {
        let sealed = self.encryption()?.encrypt(response)?;
        self.request = None;
        self.life.send(SessionData::encode_data(&sealed, end));
        if end {
            self.end(None, EndReason::Finished);
        }
        Ok(())
    }

    /// Ends the session without an answer (status 20). To say no without saying that there is something to say no to, answer with a
    /// response without documents instead.
    pub fn decline(&mut self) {
        self.leave(EndReason::Declined);
    }

    /// Ends the session, whatever its state: the person walked away, the app closes.
    pub fn cancel(&mut self) {
        self.leave(EndReason::Cancelled);
    }

    fn leave(&mut self, reason: EndReason) {
        // Before the reader connected there is nobody to tell.
        let status = self.established.is_some().then_some(SessionStatus::Termination);
        self.end(status, reason);
    }

    /// The carrier broke off. Before the reader's first message the engagement stays good and it may connect again (A-H26); afterwards the
    /// session is over.
    pub fn connection_lost(&mut self) {
        if self.established.is_some() {
            self.life.disconnect();
            self.wipe();
        }
    }

    fn encryption(&mut self) -> Result<&mut SessionEncryption> {
        self.established
            .as_mut()
            .and_then(|session| session.encryption.as_mut())
            .ok_or(ProximityError::WrongState("encrypting"))
    }

    fn check_time(&mut self, now: Timestamp) {
        if self.life.is_due(now) {
            self.leave(EndReason::TimedOut);
        }
    }

    fn end(&mut self, status: Option<SessionStatus>, reason: EndReason) {
        self.life.end(status, reason);
        self.wipe();
    }

    /// Session keys and ephemeral key are wiped as they are dropped (A-C27).
    fn wipe(&mut self) {
        self.key = None;
        self.request = None;
        self.early = None;
        if let Some(session) = &mut self.established {
            session.encryption = None;
        }
    }
}

/// A new ephemeral key (A-H02, A-V03).
pub(crate) fn generate(curve: Curve, random: &dyn Random) -> Result<PrivateKey> {
    if !curve.can_agree() {
        return Err(ProximityError::CannotAgree(curve));
    }
    Ok(PrivateKey::generate(curve, random)?)
}

pub(crate) fn peer_reason(status: SessionStatus) -> EndReason {
    match status {
        SessionStatus::Termination => EndReason::FinishedByPeer,
        error => EndReason::PeerError(error),
    }
}

impl fmt::Debug for HolderSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HolderSession")
            .field("established", &self.established.is_some())
            .field("request_waits", &self.request.is_some())
            .field("end", &self.life.reason())
            .finish_non_exhaustive()
    }
}
