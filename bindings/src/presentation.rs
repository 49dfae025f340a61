//! Presenting documents: sessions with a reader, over a carrier of messages or from screen to screen.

use crate::guard::{Ending, Slot};
use crate::review::{self, handle, waiting};
use crate::text::count;
use crate::trust::readers;
use crate::views::reissue;
use crate::wallet::Inner;
use crate::{Approval, ElementName, LocalizedText, Review, TrustStore, WalletError};
use idwallet_wallet as core;
use idwallet_wallet::{HolderSession, Reading, RetrievalMethod};
use std::sync::{Arc, Mutex};

/// What an engagement says where the app carries the messages itself: it has to name a carrier, and nobody can connect to this one.
pub(crate) const NOWHERE: &str = "localhost:0";

/// How to be found by a reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct PresentOptions {
    /// `host:port` at which the app takes a connection of the stream carrier: a name, an IPv4 address, or an IPv6 address in brackets, and a port
    /// from 0 to 65535. This project's own carrier, for a desk, a kiosk and tests; it
    /// stands where Bluetooth and NFC will stand. Without it the QR code names no place to connect to, and the app
    /// carries the messages by means of its own.
    pub stream_address: Option<String>,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum EndReason {
    /// This side said that it is done.
    Finished,
    /// The other side said that it is done.
    FinishedByPeer,
    /// The holder did not want to answer.
    Declined,
    /// The other side could not decrypt or decode a message.
    PeerError,
    /// A message of the other side was refused; it was told so.
    Refused,
    /// Nothing happened for too long.
    TimedOut,
    /// This side ended the session before it was done.
    Cancelled,
    /// The carrier broke off.
    ConnectionLost,
}

pub(crate) fn ended(reason: &core::EndReason) -> (EndReason, LocalizedText) {
    use core::EndReason as R;
    let (reason, vi, en) = match reason {
        R::Finished => (EndReason::Finished, "Đã xong.", "Done."),
        R::FinishedByPeer => (
            EndReason::FinishedByPeer,
            "Bên kia đã kết thúc.",
            "The other side is done.",
        ),
        R::Declined => (EndReason::Declined, "Đã từ chối.", "Declined."),
        R::PeerError(_) => (
            EndReason::PeerError,
            "Bên kia không đọc được tin nhắn. Hãy thử lại từ đầu.",
            "The other side could not read a message. Start again.",
        ),
        R::TimedOut => (
            EndReason::TimedOut,
            "Đã hết thời gian chờ. Hãy thử lại từ đầu.",
            "It took too long. Start again.",
        ),
        R::Cancelled => (EndReason::Cancelled, "Đã hủy.", "Cancelled."),
        R::ConnectionLost => (
            EndReason::ConnectionLost,
            "Mất kết nối với bên kia. Hãy thử lại từ đầu.",
            "The connection was lost. Start again.",
        ),
        _ => (
            EndReason::Refused,
            "Tin nhắn của bên kia bị lỗi nên phiên đã dừng. Hãy thử lại từ đầu.",
            "A message of the other side was faulty, so the session ended. Start again.",
        ),
    };
    let text = LocalizedText {
        vi: vi.into(),
        en: en.into(),
    };
    (reason, text)
}

/// What to do next in a presentation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum NextStep {
    /// Send this message over the carrier, then ask again.
    Send {
        /// The message.
        data: Vec<u8>,
    },
    /// Wait for a message and hand it to `received`; when that time comes without one, ask again.
    Receive {
        /// When the wait is over, unix seconds.
        until: i64,
    },
    /// A request is there: `resolve` it.
    Resolve,
    /// The person's turn: show the review, then `respond` or `decline`. When that time comes, ask again.
    Decide {
        /// When the reader's patience is over, unix seconds.
        until: i64,
    },
    /// The session is over and its keys are wiped: close the carrier.
    Terminated {
        /// Why.
        reason: EndReason,
        /// The same in words.
        text: LocalizedText,
    },
}

impl From<core::NextStep> for NextStep {
    fn from(step: core::NextStep) -> Self {
        use core::NextStep as S;
        match step {
            S::Send(data) => Self::Send { data },
            S::Receive { until } => Self::Receive { until: until.unix() },
            S::Resolve => Self::Resolve,
            S::Decide { until } => Self::Decide { until: until.unix() },
            S::Terminated(reason) => {
                let (reason, text) = ended(&reason);
                Self::Terminated { reason, text }
            }
            _ => {
                let (reason, text) = ended(&core::EndReason::Cancelled);
                Self::Terminated { reason, text }
            }
        }
    }
}

/// What leaves of one document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SharedDocument {
    /// Which request it answers: an index into the requests of the review.
    pub request: u32,
    /// Which document.
    pub document: String,
    /// The elements.
    pub elements: Vec<ElementName>,
    /// Showings left that cannot be linked; nothing where that does not depend on counting.
    pub copies_left: Option<u32>,
    /// Why new copies are to be fetched, if they are.
    pub reissue_due: Option<LocalizedText>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Answer {
    /// What leaves; empty for a decline.
    pub shared: Vec<SharedDocument>,
    /// Requests of which nothing leaves although something was approved, because the portrait was due and was not.
    pub withheld: Vec<u32>,
    /// Whether the history has it. It has not where nothing could be written; the owner is to be told.
    pub logged: bool,
}

impl From<&core::Answer> for Answer {
    fn from(answer: &core::Answer) -> Self {
        let shared = answer.shared.iter().map(|shared| SharedDocument {
            request: count(shared.request),
            document: shared.document.to_string(),
            elements: shared.elements.iter().map(ElementName::of).collect(),
            copies_left: shared.copies_left.map(count),
            reissue_due: reissue(shared.reissue_due),
        });
        Self {
            shared: shared.collect(),
            withheld: answer.withheld.iter().copied().map(count).collect(),
            logged: answer.logged,
        }
    }
}

/// One session with a reader over a carrier of messages: bytes in, steps out, any number of requests. Nothing is answered without its own
/// review. May be called from any thread; while `respond` waits for the person, `cancel` and `connection_lost` end it, and the other
/// calls say that it is busy.
#[derive(uniffi::Object)]
pub struct Presentation {
    wallet: Arc<Inner>,
    trust: Arc<TrustStore>,
    slot: Slot<core::Presentation>,
}

/// Writes into the history, where it can be written, that a request was not answered.
fn finish(session: &mut core::Presentation, wallet: &Inner, now: Reading) {
    if let Ok(wallet) = wallet.open_at(now) {
        session.finish(&wallet, now.moment().wall);
    }
}

/// Without a time it is ended all the same, and the history says what it says after a crash.
fn end(session: &mut core::Presentation, how: Ending, wallet: &Inner, now: Option<Reading>) {
    match how {
        Ending::Cancel => session.cancel(),
        Ending::ConnectionLost => session.connection_lost(),
    }
    if let Some(now) = now {
        finish(session, wallet, now);
    }
}

impl Presentation {
    pub(crate) fn begin(
        wallet: &Arc<Inner>,
        options: PresentOptions,
        trust: Arc<TrustStore>,
    ) -> Result<Arc<Self>, WalletError> {
        // A locked wallet presents nothing, and is told before a code is shown.
        let (_, now) = wallet.open()?;
        let address = options.stream_address.unwrap_or_else(|| NOWHERE.to_owned());
        let methods = vec![RetrievalMethod::Stream { address }];
        let session = HolderSession::new(core::Curve::P256, methods, &*wallet.random, now.wall)?;
        Ok(Arc::new(Self {
            wallet: Arc::clone(wallet),
            trust,
            slot: Slot::new(core::Presentation::new(session)),
        }))
    }
}

#[uniffi::export]
impl Presentation {
    /// The text of the QR code that the reader scans.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] while `respond` waits.
    pub fn qr_text(&self) -> Result<String, WalletError> {
        self.wallet.run("qr_text", || {
            self.slot.with(|session| Ok(session.session().qr_text()?))
        })
    }

    /// What to do next.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] while `respond` waits.
    pub fn next_step(&self) -> Result<NextStep, WalletError> {
        self.wallet.run("next_step", || {
            let now = self.wallet.now()?;
            self.slot.with(|session| {
                let step = session.next_step(now.moment().wall);
                if matches!(step, core::NextStep::Terminated(_)) {
                    finish(session, &self.wallet, now);
                }
                Ok(step.into())
            })
        })
    }

    /// Takes a message from the carrier. One that is refused ends the session; `next_step` says so.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after the end, and while `respond` waits.
    pub fn received(&self, data: Vec<u8>) -> Result<(), WalletError> {
        self.wallet.run("received", || {
            let now = self.wallet.now()?;
            self.slot
                .with(|session| Ok(session.received(&data, now.moment().wall)?))
        })
    }

    /// Finds out who asks for what, and what could answer. A request that is malformed is answered with its failure, and the session goes on.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no request waits; [`WalletError::InvalidRequest`]; [`WalletError::Locked`],
    /// [`WalletError::Storage`].
    pub fn resolve(&self) -> Result<Review, WalletError> {
        self.wallet.run("resolve", || {
            let (wallet, now) = self.wallet.open()?;
            let store = self.trust.snapshot();
            self.slot.with(|session| {
                let review = session.resolve(&wallet, &readers(&store, now.wall), now.wall)?;
                Ok(review.into())
            })
        })
    }

    /// The review that waits for an answer.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] while `respond` waits.
    pub fn review(&self) -> Result<Option<Review>, WalletError> {
        self.wallet.run("review", || {
            self.slot.with(|session| Ok(session.review().map(Into::into)))
        })
    }

    /// What the screen may tick by itself, on the proposed documents. Often nothing.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no review waits for an answer, and while `respond` waits.
    pub fn preselected(&self) -> Result<Approval, WalletError> {
        self.wallet.run("preselected", || {
            self.slot.with(|session| {
                let review = waiting(session.review())?;
                Ok((&core::Approval::preselected(review)).into())
            })
        })
    }

    /// Everything that the proposed documents can give: only after the person said so.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no review waits for an answer, and while `respond` waits.
    pub fn everything(&self) -> Result<Approval, WalletError> {
        self.wallet.run("everything", || {
            self.slot.with(|session| {
                let review = waiting(session.review())?;
                Ok((&core::Approval::everything(review)).into())
            })
        })
    }

    /// What a choice gives away that nothing of what is shared beside it states openly.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no review waits for an answer, and while `respond` waits.
    pub fn gives_away(&self, approval: Approval) -> Result<Vec<LocalizedText>, WalletError> {
        self.wallet.run("gives_away", || {
            self.slot.with(|session| {
                let review = waiting(session.review())?;
                Ok(review::gives_away(review, &(&approval).try_into()?))
            })
        })
    }

    /// Answers with what was approved on the review of that handle: exactly that, and nothing else. With `end` the session is over
    /// afterwards, else the reader may ask again. The area may ask the person; abandoned, cancelled or refused there, nothing has left,
    /// and the same call may be made again.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] for a wrong, stale or answered review, for what was not on offer, and when the session ended;
    /// [`WalletError::Locked`], [`WalletError::Storage`]; those of the area.
    pub async fn respond(&self, handle: Vec<u8>, approval: Approval, end: bool) -> Result<Answer, WalletError> {
        self.wallet
            .wait("respond", async {
                let (handle, approval) = (self::handle(&handle)?, core::Approval::try_from(&approval)?);
                let now = self.wallet.now()?;
                let wallet = self.wallet.open_at(now)?;
                let mut loan = self
                    .slot
                    .lend(|session, how| self::end(session, how, &self.wallet, Some(now)))?;
                let session = loan.value()?;
                let call = async {
                    let answer = session
                        .respond(&wallet, handle, &approval, end, now.moment().wall)
                        .await?;
                    Ok(Answer::from(&answer))
                };
                self.slot.until_ended(call).await
            })
            .await
    }

    /// Answers that nothing is given, in the bytes of a wallet that has none of it.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when nothing waits for an answer; [`WalletError::Locked`].
    pub fn decline(&self, end: bool) -> Result<Answer, WalletError> {
        self.wallet.run("decline", || {
            let (wallet, now) = self.wallet.open()?;
            self.slot
                .with(|session| Ok((&session.decline(&wallet, end, now.wall)?).into()))
        })
    }

    /// Ends the session whatever its state, also while `respond` waits: the reader is told by the message that `next_step` gives, its
    /// keys are wiped, nothing more can be answered.
    pub fn cancel(&self) {
        let _ = self.wallet.run("cancel", || {
            let (how, now) = (Ending::Cancel, self.wallet.now().ok());
            self.slot.end(how, |session| end(session, how, &self.wallet, now));
            Ok(())
        });
    }

    /// The carrier broke off.
    pub fn connection_lost(&self) {
        let _ = self.wallet.run("connection_lost", || {
            let (how, now) = (Ending::ConnectionLost, self.wallet.now().ok());
            self.slot.end(how, |session| end(session, how, &self.wallet, now));
            Ok(())
        });
    }
}

/// An answer of a presentation from screen to screen.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CameraAnswer {
    /// What was answered.
    pub answer: Answer,
    /// The message for the screen, to be cut into frames by a `FrameEncoder` of `Response`.
    pub screen_message: Vec<u8>,
}

impl CameraAnswer {
    fn of((answer, screen_message): (core::Answer, Vec<u8>)) -> Self {
        Self {
            answer: (&answer).into(),
            screen_message,
        }
    }
}

/// A presentation from screen to screen: the reader's request was scanned, the answer is shown. There is one request and one answer.
#[derive(uniffi::Object)]
pub struct CameraPresentation {
    wallet: Arc<Inner>,
    trust: Arc<TrustStore>,
    slot: Slot<core::CameraPresentation>,
    failure: Mutex<Option<Vec<u8>>>,
}

fn cancel_camera(session: &mut core::CameraPresentation, wallet: &Inner, now: Reading) {
    if let Ok(wallet) = wallet.open_at(now) {
        session.cancel(&wallet, now.moment().wall);
    }
}

impl CameraPresentation {
    pub(crate) fn begin(wallet: &Arc<Inner>, message: &[u8], trust: Arc<TrustStore>) -> Result<Arc<Self>, WalletError> {
        wallet.open()?;
        let session = core::CameraPresentation::received(message, &*wallet.random)?;
        Ok(Arc::new(Self {
            wallet: Arc::clone(wallet),
            trust,
            slot: Slot::new(session),
            failure: Mutex::new(None),
        }))
    }
}

#[uniffi::export]
impl CameraPresentation {
    /// Finds out who asks for what, and what could answer.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after the answer; [`WalletError::InvalidRequest`], after which `failure_message` has what to show;
    /// [`WalletError::Locked`], [`WalletError::Storage`].
    pub fn resolve(&self) -> Result<Review, WalletError> {
        self.wallet.run("resolve", || {
            let (wallet, now) = self.wallet.open()?;
            let store = self.trust.snapshot();
            self.slot
                .with(|session| match session.resolve(&wallet, &readers(&store, now.wall)) {
                    Ok(review) => Ok(review.into()),
                    Err(error) => {
                        *crate::guard::lock(&self.failure) = session.respond_failure(&error)?;
                        Err(error.into())
                    }
                })
        })
    }

    /// The message that tells the reader that its request is faulty; nothing for errors that are not the reader's business.
    #[must_use]
    pub fn failure_message(&self) -> Option<Vec<u8>> {
        crate::guard::lock(&self.failure).clone()
    }

    /// The review that waits for an answer.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] while `respond` waits.
    pub fn review(&self) -> Result<Option<Review>, WalletError> {
        self.wallet.run("review", || {
            self.slot.with(|session| Ok(session.review().map(Into::into)))
        })
    }

    /// What the screen may tick by itself, on the proposed documents. Often nothing.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no review waits for an answer, and while `respond` waits.
    pub fn preselected(&self) -> Result<Approval, WalletError> {
        self.wallet.run("preselected", || {
            self.slot.with(|session| {
                let review = waiting(session.review())?;
                Ok((&core::Approval::preselected(review)).into())
            })
        })
    }

    /// Everything that the proposed documents can give: only after the person said so.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no review waits for an answer, and while `respond` waits.
    pub fn everything(&self) -> Result<Approval, WalletError> {
        self.wallet.run("everything", || {
            self.slot.with(|session| {
                let review = waiting(session.review())?;
                Ok((&core::Approval::everything(review)).into())
            })
        })
    }

    /// What a choice gives away that nothing of what is shared beside it states openly.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when no review waits for an answer, and while `respond` waits.
    pub fn gives_away(&self, approval: Approval) -> Result<Vec<LocalizedText>, WalletError> {
        self.wallet.run("gives_away", || {
            self.slot.with(|session| {
                let review = waiting(session.review())?;
                Ok(review::gives_away(review, &(&approval).try_into()?))
            })
        })
    }

    /// Answers with what was approved on the review of that handle: exactly that, and nothing else.
    ///
    /// # Errors
    /// As `Presentation.respond`; [`WalletError::InvalidState`] for what does not fit the camera.
    pub async fn respond(&self, handle: Vec<u8>, approval: Approval) -> Result<CameraAnswer, WalletError> {
        self.wallet
            .wait("respond", async {
                let (handle, approval) = (self::handle(&handle)?, core::Approval::try_from(&approval)?);
                let now = self.wallet.now()?;
                let wallet = self.wallet.open_at(now)?;
                let mut loan = self.slot.lend(|session, _| cancel_camera(session, &self.wallet, now))?;
                let session = loan.value()?;
                let call = async {
                    let answer = session.respond(&wallet, handle, &approval, now.moment().wall).await?;
                    Ok(CameraAnswer::of(answer))
                };
                self.slot.until_ended(call).await
            })
            .await
    }

    /// Answers that nothing is given, in the bytes of a wallet that has none of it.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when nothing waits for an answer; [`WalletError::Locked`].
    pub fn decline(&self) -> Result<CameraAnswer, WalletError> {
        self.wallet.run("decline", || {
            let (wallet, _) = self.wallet.open()?;
            self.slot
                .with(|session| Ok(CameraAnswer::of(session.decline(&wallet)?)))
        })
    }

    /// Ends it without an answer, also while `respond` waits: nothing is shown, and the history says so.
    pub fn cancel(&self) {
        let _ = self.wallet.run("cancel", || {
            let now = self.wallet.now().ok();
            self.slot.end(Ending::Cancel, |session| {
                if let Some(now) = now {
                    cancel_camera(session, &self.wallet, now);
                }
            });
            // Gone for good, unless a call that waits has it still: that one is stopped.
            let _ = self.slot.take();
            Ok(())
        });
    }
}
