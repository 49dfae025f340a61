//! What a session wants done next, and why it ended.

use crate::limits::INACTIVITY_TIMEOUT_SECONDS;
use crate::{ProximityError, SessionData, SessionStatus};
use idwallet_crypto::Timestamp;
use std::collections::VecDeque;

/// What to do next. The same for both roles and for every carrier of messages.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Send this message over the carrier, then ask again.
    Send(Vec<u8>),
    /// Wait for a message and hand it to `received`; when that time comes without one, ask again.
    Receive {
        /// When the wait is over.
        until: Timestamp,
    },
    /// The application's turn: the holder answers the request, the reader sends a request or ends. When that time comes, ask again.
    Decide {
        /// When the wait is over.
        until: Timestamp,
    },
    /// The session is over and its keys are wiped: close the carrier.
    Terminated(EndReason),
}

impl core::fmt::Debug for Action {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Send(message) => write!(f, "Send({} bytes)", message.len()),
            Self::Receive { until } => write!(f, "Receive({until:?})"),
            Self::Decide { until } => write!(f, "Decide({until:?})"),
            Self::Terminated(reason) => write!(f, "Terminated({reason:?})"),
        }
    }
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndReason {
    /// This side said that it is done: the last response with status 20, or the reader's status 20.
    #[error("finished")]
    Finished,
    /// The other side said that it is done (status 20).
    #[error("finished by the other side")]
    FinishedByPeer,
    /// The holder did not want to answer.
    #[error("declined")]
    Declined,
    /// The other side could not decrypt or decode a message (status 10, 11).
    #[error("the other side reports an error: status {}", .0.code())]
    PeerError(SessionStatus),
    /// A message of the other side was refused; it was told so.
    #[error("a message was refused: {0}")]
    Refused(ProximityError),
    /// The other side sent a message when it was not its turn.
    #[error("a message out of turn")]
    OutOfTurn,
    /// The message in data retrieval is not the one received during the handover (A-H11).
    #[error("the session was established differently during the handover")]
    EstablishmentMismatch,
    /// Nothing happened for too long.
    #[error("timed out")]
    TimedOut,
    /// This side ended the session before it was done.
    #[error("cancelled")]
    Cancelled,
    /// The carrier broke off.
    #[error("the connection was lost")]
    ConnectionLost,
}

/// The status that a refused message is answered with (A-H41).
pub(crate) fn status_for(error: &ProximityError) -> SessionStatus {
    match error {
        ProximityError::Malformed { .. } | ProximityError::DataWithStatus | ProximityError::EmptySessionData => {
            SessionStatus::CborDecodingError
        }
        // Whatever it means, it means the end (A-C26): there is nothing to complain about to one who left.
        ProximityError::UnknownStatus(_) => SessionStatus::Termination,
        _ => SessionStatus::EncryptionError,
    }
}

/// Messages that wait to be sent, the deadline, and the end.
pub(crate) struct Lifecycle {
    outbox: VecDeque<Vec<u8>>,
    deadline: Timestamp,
    end: Option<EndReason>,
}

impl Lifecycle {
    pub(crate) fn new(now: Timestamp, seconds: i64) -> Self {
        Self {
            outbox: VecDeque::new(),
            deadline: now.saturating_add_seconds(seconds),
            end: None,
        }
    }

    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.deadline = now.saturating_add_seconds(INACTIVITY_TIMEOUT_SECONDS);
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.end.is_none() && now >= self.deadline
    }

    pub(crate) fn deadline(&self) -> Timestamp {
        self.deadline
    }

    pub(crate) fn send(&mut self, message: Vec<u8>) {
        self.outbox.push_back(message);
    }

    pub(crate) fn take_message(&mut self) -> Option<Vec<u8>> {
        self.outbox.pop_front()
    }

    /// The first reason stays.
    pub(crate) fn end(&mut self, status: Option<SessionStatus>, reason: EndReason) {
        if self.end.is_none() {
            if let Some(status) = status {
                self.send(SessionData::encode_status(status));
            }
            self.end = Some(reason);
        }
    }

    /// The carrier is gone: nothing can be sent any more.
    pub(crate) fn disconnect(&mut self) {
        self.outbox.clear();
        self.end(None, EndReason::ConnectionLost);
    }

    pub(crate) fn reason(&self) -> Option<&EndReason> {
        self.end.as_ref()
    }
}
