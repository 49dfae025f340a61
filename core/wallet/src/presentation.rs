//! A presentation in person: the session's machine and the three calls, in step with each other.

use crate::history::Outcome;
use crate::respond::Answer;
use crate::{Approval, InternalFault, ResolvedRequest, Review, ReviewHandle, StateFault, Wallet, WalletError};
use idwallet_crypto::{Random, Timestamp};
use idwallet_mdoc::reader_auth::ReaderTrust;
use idwallet_proximity::camera::MAX_MESSAGE_LENGTH;
use idwallet_proximity::{Action, CameraHolder, EndReason, HolderSession, ProximityError};

/// Room for what goes around a response on the camera carrier: engagement, encryption, envelope.
const ENVELOPE: usize = 4096;

/// What to do next in a [`Presentation`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Send this message over the carrier, then ask again.
    Send(Vec<u8>),
    /// Wait for a message and hand it to [`Presentation::received`]; when that time comes without one, ask again.
    Receive {
        /// When the wait is over.
        until: Timestamp,
    },
    /// A request is there: [`Presentation::resolve`] it.
    Resolve,
    /// The person's turn: show the review, then [`Presentation::respond`] or [`Presentation::decline`]. When that time comes, ask again.
    Decide {
        /// When the reader's patience is over.
        until: Timestamp,
    },
    /// The session is over and its keys are wiped: close the carrier.
    Terminated(EndReason),
}

impl core::fmt::Debug for NextStep {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Send(message) => write!(f, "Send({} bytes)", message.len()),
            Self::Receive { until } => write!(f, "Receive({until:?})"),
            Self::Resolve => f.write_str("Resolve"),
            Self::Decide { until } => write!(f, "Decide({until:?})"),
            Self::Terminated(reason) => write!(f, "Terminated({reason:?})"),
        }
    }
}

/// One session with a reader over a carrier of messages: bytes in, steps out, any number of requests. Nothing is answered without
/// its own review; a new request makes the reviews of earlier ones worthless.
///
/// ```no_run
/// # use idwallet_wallet::{Approval, NextStep, Presentation, Review, Wallet, WalletError};
/// # use idwallet_mdoc::reader_auth::ReaderTrust;
/// # use idwallet_crypto::Timestamp;
/// # fn send(_: Vec<u8>) {} fn receive(_: Timestamp) -> Option<Vec<u8>> { None } fn now() -> Timestamp { Timestamp::UNIX_EPOCH }
/// # fn ask(_: &Review) -> Approval { Approval::nothing() }
/// # async fn present(wallet: &Wallet, session: idwallet_proximity::HolderSession, trust: &ReaderTrust<'_>) -> Result<(), WalletError> {
/// let mut presentation = Presentation::new(session);
/// loop {
///     match presentation.next_step(now()) {
///         NextStep::Send(message) => send(message),
///         NextStep::Receive { until } => {
///             if let Some(message) = receive(until) {
///                 presentation.received(&message, now())?;
///             }
///         }
///         NextStep::Resolve => {
///             let review = presentation.resolve(wallet, trust, now())?;
///             let (approval, handle) = (ask(review), review.handle);
///             presentation.respond(wallet, handle, &approval, false, now()).await?;
///         }
///         _ => break,
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Presentation {
    session: HolderSession,
    resolved: Option<ResolvedRequest>,
    /// A request that was not answered before its session ended, until [`finish`](Self::finish) writes that down.
    unanswered: Option<ResolvedRequest>,
    /// When the reader's patience is over, as far as the session said.
    deadline: Option<Timestamp>,
}

impl Presentation {
    /// Over a session that waits for its reader.
    #[must_use]
    pub const fn new(session: HolderSession) -> Self {
        Self {
            session,
            resolved: None,
            unanswered: None,
            deadline: None,
        }
    }

    /// The session: its engagement and QR text.
    #[must_use]
    pub const fn session(&self) -> &HolderSession {
        &self.session
    }

    /// What to do next.
    pub fn next_step(&mut self, now: Timestamp) -> NextStep {
        let action = self.session.next_action(now);
        self.deadline = match &action {
            Action::Decide { until } => Some(*until),
            _ => None,
        };
        match action {
            Action::Send(message) => NextStep::Send(message),
            Action::Receive { until } => NextStep::Receive { until },
            Action::Decide { until } if self.review().is_some() => NextStep::Decide { until },
            Action::Decide { .. } => NextStep::Resolve,
            Action::Terminated(reason) => {
                self.let_go();
                NextStep::Terminated(reason)
            }
            _ => NextStep::Terminated(EndReason::Cancelled),
        }
    }

    /// Takes a message from the carrier. One that is refused ends the session; [`next_step`](Self::next_step) says so.
    ///
    /// # Errors
    /// [`StateFault::SessionOver`].
    pub fn received(&mut self, message: &[u8], now: Timestamp) -> Result<(), WalletError> {
        let waiting = self.session.request().is_some();
        let result = self.session.received(message, now).map_err(|error| session(&error));
        // A message out of turn ends the session, and with it the request that was being looked at.
        if !waiting || self.session.request().is_none() {
            self.let_go();
        }
        result
    }

    /// Finds out what is asked and what could answer. A request that is no `DeviceRequest` is answered with its failure and the session
    /// goes on.
    ///
    /// # Errors
    /// [`StateFault::NoSession`] when no request waits; those of [`Wallet::resolve`].
    pub fn resolve(
        &mut self,
        wallet: &Wallet,
        trust: &ReaderTrust<'_>,
        now: Timestamp,
    ) -> Result<&Review, WalletError> {
        self.finish(wallet, now);
        let (Some(request), Some(transcript)) = (self.session.request(), self.session.transcript()) else {
            return Err(StateFault::NoSession.into());
        };
        match wallet.resolve(request, transcript, trust) {
            Ok(resolved) => {
                wallet.log_cancelled(self.resolved.as_ref(), now);
                Ok(self.resolved.insert(resolved).review())
            }
            Err(error) => {
                if let WalletError::InvalidRequest { answer, .. } = &error {
                    let sent = self.session.respond_failure(*answer, false, now);
                    sent.map_err(|error| session(&error))?;
                }
                Err(error)
            }
        }
    }

    /// The review that waits for an answer.
    #[must_use]
    pub fn review(&self) -> Option<&Review> {
        self.resolved
            .as_ref()
            .filter(|r| !r.is_answered())
            .map(ResolvedRequest::review)
    }

    /// Answers with what was approved, as [`Wallet::respond`]. With `end` the session is over afterwards, else the reader may ask again.
    ///
    /// # Errors
    /// [`StateFault::NoSession`] when nothing waits for an answer; those of [`Wallet::respond`], after which the review stays open
    /// unless it says otherwise.
    pub async fn respond(
        &mut self,
        wallet: &Wallet,
        handle: ReviewHandle,
        approval: &Approval,
        end: bool,
        now: Timestamp,
    ) -> Result<Answer, WalletError> {
        if let Err(over) = self.check_time(now) {
            self.finish(wallet, now);
            return Err(over);
        }
        let resolved = waiting(&mut self.resolved, &self.session)?;
        let entry = resolved.entry;
        let answer = wallet.respond(resolved, handle, approval, now).await?;
        self.send(answer, end, now).inspect_err(|error| {
            wallet.log_end(entry, Outcome::Failed, Some(error), now);
        })
    }

    /// Answers that nothing is given, in the bytes of a wallet that has none of it.
    ///
    /// # Errors
    /// [`StateFault::NoSession`] when nothing waits for an answer; [`WalletError::Internal`].
    pub fn decline(&mut self, wallet: &Wallet, end: bool, now: Timestamp) -> Result<Answer, WalletError> {
        let resolved = waiting(&mut self.resolved, &self.session)?;
        resolved.now = now;
        let entry = resolved.entry;
        let answer = wallet.decline(resolved)?;
        self.send(answer, end, now).inspect_err(|error| {
            wallet.log_end(entry, Outcome::Failed, Some(error), now);
        })
    }

    /// Writes into the history that the session ended before its last request was answered (H-H60). To be called when the session is
    /// over; without it the history says that the request was not answered, which is also what it says after a crash.
    pub fn finish(&mut self, wallet: &Wallet, now: Timestamp) {
        wallet.log_cancelled(self.unanswered.take().as_ref(), now);
    }

    fn let_go(&mut self) {
        if let Some(resolved) = self.resolved.take() {
            self.unanswered = Some(resolved);
        }
    }

    /// Too late an answer must not use up a copy first.
    fn check_time(&mut self, now: Timestamp) -> Result<(), WalletError> {
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.let_go();
            return Err(StateFault::SessionOver.into());
        }
        Ok(())
    }

    /// Ends the session whatever its state: the reader is told, its keys are wiped, nothing more can be answered.
    pub fn cancel(&mut self) {
        self.let_go();
        self.session.cancel();
    }

    /// The carrier broke off.
    pub fn connection_lost(&mut self) {
        self.session.connection_lost();
        if self.session.request().is_none() {
            self.let_go();
        }
    }

    fn send(&mut self, answer: Answer, end: bool, now: Timestamp) -> Result<Answer, WalletError> {
        self.resolved = None;
        self.session
            .respond(&answer.device_response, end, now)
            .map_err(|error| session(&error))?;
        Ok(answer)
    }
}

/// A presentation from screen to screen: the reader's request was scanned, the answer is shown. There is one request and one answer.
#[derive(Debug)]
pub struct CameraPresentation {
    session: Option<CameraHolder>,
    resolved: Option<ResolvedRequest>,
}

impl CameraPresentation {
    /// Takes the message that the reader's frames carried.
    ///
    /// # Errors
    /// [`WalletError::InvalidMessage`] for one that is not a reader's.
    pub fn received(message: &[u8], random: &dyn Random) -> Result<Self, WalletError> {
        let session = CameraHolder::received(message, random).map_err(|error| match error {
            ProximityError::Crypto(error) => error.into(),
            error => WalletError::InvalidMessage(error),
        })?;
        Ok(Self {
            session: Some(session),
            resolved: None,
        })
    }

    /// The session, as long as it is not answered.
    #[must_use]
    pub const fn session(&self) -> Option<&CameraHolder> {
        self.session.as_ref()
    }

    /// Finds out what is asked and what could answer.
    ///
    /// # Errors
    /// [`StateFault::NoSession`] after the answer; those of [`Wallet::resolve`]. For a faulty request
    /// [`respond_failure`](Self::respond_failure) has the answer.
    pub fn resolve(&mut self, wallet: &Wallet, trust: &ReaderTrust<'_>) -> Result<&Review, WalletError> {
        let session = self.session.as_ref().ok_or(StateFault::NoSession)?;
        let mut resolved = wallet.resolve_with(
            session.request(),
            session.request_transcript(),
            session.transcript(),
            trust,
        )?;
        resolved.largest = u64::try_from(MAX_MESSAGE_LENGTH.saturating_sub(ENVELOPE)).ok();
        Ok(self.resolved.insert(resolved).review())
    }

    /// The review that waits for an answer.
    #[must_use]
    pub fn review(&self) -> Option<&Review> {
        self.resolved
            .as_ref()
            .filter(|r| !r.is_answered())
            .map(ResolvedRequest::review)
    }

    /// Answers with what was approved, as [`Wallet::respond`]. Gives the answer and the message for the screen.
    ///
    /// # Errors
    /// [`StateFault::NoSession`] when nothing waits for an answer; those of [`Wallet::respond`];
    /// [`StateFault::AnswerTooLarge`] for what does not fit the camera.
    pub async fn respond(
        &mut self,
        wallet: &Wallet,
        handle: ReviewHandle,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<(Answer, Vec<u8>), WalletError> {
        let resolved = self.resolved.as_mut().ok_or(StateFault::NoSession)?;
        let entry = resolved.entry;
        let answer = wallet.respond(resolved, handle, approval, now).await?;
        self.show(answer).inspect_err(|error| {
            wallet.log_end(entry, Outcome::Failed, Some(error), now);
        })
    }

    /// Answers that nothing is given, in the bytes of a wallet that has none of it.
    ///
    /// # Errors
    /// As [`respond`](Self::respond).
    pub fn decline(&mut self, wallet: &Wallet) -> Result<(Answer, Vec<u8>), WalletError> {
        let resolved = self.resolved.as_mut().ok_or(StateFault::NoSession)?;
        let (entry, now) = (resolved.entry, resolved.now);
        let answer = wallet.decline(resolved)?;
        self.show(answer).inspect_err(|error| {
            wallet.log_end(entry, Outcome::Failed, Some(error), now);
        })
    }

    /// Ends it without an answer: nothing is shown, and the history says so.
    pub fn cancel(&mut self, wallet: &Wallet, now: Timestamp) {
        self.session = None;
        wallet.log_cancelled(self.resolved.take().as_ref(), now);
    }

    /// The message that tells the reader that its request is faulty, for an error of [`resolve`](Self::resolve); `None` for errors that
    /// are not the reader's business.
    ///
    /// # Errors
    /// [`StateFault::NoSession`] after the answer.
    pub fn respond_failure(&mut self, error: &WalletError) -> Result<Option<Vec<u8>>, WalletError> {
        let WalletError::InvalidRequest { answer, .. } = error else {
            return Ok(None);
        };
        let holder = self.session.take().ok_or(StateFault::NoSession)?;
        holder
            .respond_failure(*answer)
            .map(Some)
            .map_err(|error| session(&error))
    }

    fn show(&mut self, answer: Answer) -> Result<(Answer, Vec<u8>), WalletError> {
        self.resolved = None;
        let holder = self.session.take().ok_or(StateFault::NoSession)?;
        let message = holder
            .respond(&answer.device_response)
            .map_err(|error| session(&error))?;
        Ok((answer, message))
    }
}

fn waiting<'r>(
    resolved: &'r mut Option<ResolvedRequest>,
    session: &HolderSession,
) -> Result<&'r mut ResolvedRequest, WalletError> {
    let is_waiting = session.request().is_some();
    resolved
        .as_mut()
        .filter(|_| is_waiting)
        .ok_or(StateFault::NoSession.into())
}

fn session(error: &ProximityError) -> WalletError {
    match error {
        ProximityError::WrongState(_) => StateFault::SessionOver.into(),
        ProximityError::TooLong { .. } => StateFault::AnswerTooLarge.into(),
        ProximityError::Crypto(error) => (*error).into(),
        _ => InternalFault::Session.into(),
    }
}
