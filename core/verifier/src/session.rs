//! A session with a phone, from the scan to the report.

use crate::{Reader, Report, Request, VerifierError};
use idwallet_crypto::Timestamp;
use idwallet_mdoc::SessionTranscript;
use idwallet_proximity::{Action, DeviceEngagement, EndReason, MethodKind, ReaderSession as Session, RetrievalMethod};

/// What to do next.
#[derive(Clone, Debug)]
pub enum ReaderAction {
    /// Send this message over the carrier, then ask again.
    Send(Vec<u8>),
    /// Wait for a message and hand it to [`ReaderSession::received`]; when that time comes without one, ask again.
    Receive {
        /// When the wait is over.
        until: Timestamp,
    },
    /// An answer is verified and the session is kept open: ask for more or finish. When that time comes, ask again.
    Decide {
        /// When the wait is over.
        until: Timestamp,
    },
    /// The session is over: close the carrier.
    Finished(Finished),
}

/// How a session ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// One report a round, in order; empty when no answer came.
    pub reports: Vec<Report>,
    /// Why it ended.
    pub reason: EndReason,
}

impl Finished {
    /// The report of the last round; `None` when no answer came.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.reports.last()
    }

    /// Whether there was an answer and every answer is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        !self.reports.is_empty() && self.reports.iter().all(Report::is_accepted)
    }
}

/// A session with a phone: asks, receives, verifies, ends. No clock, thread or callback inside. See [`Reader`].
pub struct ReaderSession {
    reader: Reader,
    session: Session,
    reports: Vec<Report>,
    last_response: Option<Vec<u8>>,
    is_kept_open: bool,
}

impl core::fmt::Debug for ReaderSession {
    /// Nothing of what was received.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReaderSession")
            .field("rounds", &self.reports.len())
            .finish_non_exhaustive()
    }
}

impl ReaderSession {
    pub(crate) fn begin(
        reader: Reader,
        mut session: Session,
        request: &Request,
        now: Timestamp,
    ) -> Result<Self, VerifierError> {
        let request = reader.build(request, &session)?;
        session.send_request(&request, now)?;
        Ok(Self {
            reader,
            session,
            reports: Vec::new(),
            last_response: None,
            is_kept_open: false,
        })
    }

    /// Does not end the session after an answer: [`ReaderAction::Decide`] comes instead (A-V26b).
    #[must_use]
    pub fn keep_open(mut self) -> Self {
        self.is_kept_open = true;
        self
    }

    /// What to do next.
    pub fn next_action(&mut self, now: Timestamp) -> ReaderAction {
        match self.session.next_action(now) {
            Action::Decide { .. } if !self.is_kept_open => {
                self.session.terminate();
                self.ending(now)
            }
            action => self.translate(action),
        }
    }

    /// After the end was decided: what is left to send, then the end.
    fn ending(&mut self, now: Timestamp) -> ReaderAction {
        let action = self.session.next_action(now);
        self.translate(action)
    }

    fn translate(&self, action: Action) -> ReaderAction {
        let end = |reason| {
            ReaderAction::Finished(Finished {
                reports: self.reports.clone(),
                reason,
            })
        };
        match action {
            Action::Send(message) => ReaderAction::Send(message),
            Action::Receive { until } => ReaderAction::Receive { until },
            Action::Decide { until } => ReaderAction::Decide { until },
            Action::Terminated(reason) => end(reason),
            // An action of a later version of the session that this one cannot carry out.
            _ => end(EndReason::Cancelled),
        }
    }

    /// Takes a message from the carrier. An answer is verified here and now.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] after the end. A message that is refused ends the session and is no error of this call.
    pub fn received(&mut self, message: &[u8], now: Timestamp) -> Result<(), VerifierError> {
        self.session.received(message, now)?;
        if let Some(response) = self.session.take_response() {
            self.reports.push(self.reader.verify(&response, now));
            self.last_response = Some(response.bytes().to_vec());
        }
        Ok(())
    }

    /// Asks for more in the same session (A-V26b): same transcript, each answer verified by itself.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] while an answer is waited for or after the end, [`VerifierError::Mdoc`] for the request.
    pub fn ask(&mut self, request: &Request, now: Timestamp) -> Result<(), VerifierError> {
        let request = self.reader.build(request, &self.session)?;
        Ok(self.session.send_request(&request, now)?)
    }

    /// Ends the session: the holder is told (A-V07).
    pub fn finish(&mut self) {
        self.is_kept_open = false;
        self.session.terminate();
    }

    /// The carrier broke off.
    pub fn connection_lost(&mut self) {
        self.session.connection_lost();
    }

    /// The reports so far, one a round.
    #[must_use]
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// The `DeviceResponse` of the last round, as received. What was not asked for with intent to retain may not be kept (A-V05).
    #[must_use]
    pub fn last_response(&self) -> Option<&[u8]> {
        self.last_response.as_deref()
    }

    /// The holder's engagement.
    #[must_use]
    pub fn engagement(&self) -> &DeviceEngagement {
        self.session.engagement()
    }

    /// The transcript, the same in all rounds.
    #[must_use]
    pub fn transcript(&self) -> &SessionTranscript {
        self.session.transcript()
    }

    /// The carrier to use, by the reader's preference among what the holder offers (A-V02).
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] when they have none in common.
    pub fn choose_carrier(&self, available: &[MethodKind]) -> Result<(MethodKind, &RetrievalMethod), VerifierError> {
        Ok(self.session.choose_carrier(available)?)
    }
}
