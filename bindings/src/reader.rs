//! The reader's side.

use crate::guard::{lock, sync};
use crate::import::private_key;
use crate::port::moment;
use crate::presentation::{NOWHERE, ended};
use crate::report::both;
use crate::{Clock, EndReason, LocalizedText, Report, Strictness, TrustStore, WalletError};
use idwallet_verifier as core;
use idwallet_verifier::{
    Ask, CameraSession, Curve, Policy, Presentation, Registry, RetrievalMethod, SessionStatus, SessionTranscript,
    SystemRandom, Verifier, x509,
};
use std::sync::{Arc, Mutex};

/// What a reader asks of documents and of its own knowledge.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReaderPolicy {
    /// How strictly certificates and documents are held to their profiles.
    pub strictness: Strictness,
    /// Knowledge from a snapshot made more than this many seconds ago refuses whatever rests on it.
    pub max_snapshot_age_seconds: Option<u64>,
    /// The state of every certificate must be known from a CRL.
    pub require_revocation: bool,
    /// The status of the document must be known.
    pub require_status: bool,
    /// Every element that was asked for must be there.
    pub require_all_elements: bool,
    /// The level (1 or 2) of the identity account below which a document that states one is refused.
    pub account_level: Option<u8>,
}

impl ReaderPolicy {
    fn at(&self, now: core::Timestamp) -> Policy {
        let mut policy = Policy::of(x509::Strictness::from(self.strictness)).at(now);
        if let Some(seconds) = self.max_snapshot_age_seconds {
            policy = policy.max_snapshot_age(seconds);
        }
        if self.require_revocation {
            policy = policy.require_revocation();
        }
        if self.require_status {
            policy = policy.require_status();
        }
        if self.require_all_elements {
            policy = policy.require_all_elements();
        }
        match self.account_level {
            Some(level) => policy.require_account_level(level),
            None => policy,
        }
    }
}

/// Who a reader is.
#[derive(Clone, uniffi::Record)]
pub struct ReaderIdentity {
    /// Its private key, PKCS#8 in PEM or DER.
    pub private_key: Vec<u8>,
    /// Its certificate and those between it and the root, PEM, the reader's first, without the root.
    pub chain: Vec<u8>,
}

impl std::fmt::Debug for ReaderIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReaderIdentity(…)")
    }
}

/// An element to ask for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestedItem {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// Whether the reader means to keep the value.
    pub intent_to_retain: bool,
}

/// What to ask of one document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestedItems {
    /// The ISO docType.
    pub doc_type: String,
    /// The elements.
    pub elements: Vec<RequestedItem>,
}

/// What to ask for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ReaderRequest {
    /// What a template says, with its requirements: its first choice of documents. Who has another one that serves, such as a driving licence for
    /// the age, is asked for that by `Elements`.
    Template {
        /// Its id, such as `age-over-18`; `request_templates` lists them.
        id: String,
    },
    /// These elements.
    Elements {
        /// One entry a document.
        documents: Vec<RequestedItems>,
    },
}

impl ReaderRequest {
    fn build(&self) -> Result<core::Request, WalletError> {
        match self {
            Self::Template { id } => {
                let registry = Registry::builtin().map_err(|error| WalletError::argument(error.to_string()))?;
                let template = registry
                    .template(id)
                    .map_err(|_| WalletError::argument("no template of that id"))?;
                Ok(core::Request::of_template(template))
            }
            Self::Elements { documents } => {
                let mut ask = Ask::default();
                for document in documents {
                    for item in &document.elements {
                        ask.add(
                            &document.doc_type,
                            &item.name_space,
                            &item.element,
                            item.intent_to_retain,
                        );
                    }
                }
                Ok(core::Request::new(&ask))
            }
        }
    }
}

/// A request that is ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestTemplate {
    /// Its id, such as `age-over-18`.
    pub id: String,
    /// What it asks for, in a few words.
    pub title: LocalizedText,
}

/// The requests that this library knows by name.
#[uniffi::export]
#[must_use]
pub fn request_templates() -> Vec<RequestTemplate> {
    let templates = Registry::builtin().map(Registry::templates).unwrap_or_default();
    let view = |template: &core::RequestTemplate| RequestTemplate {
        id: template.name().to_owned(),
        title: LocalizedText::of(|lang| template.title(lang)),
    };
    templates.iter().map(view).collect()
}

struct Parts {
    trust: Arc<TrustStore>,
    verifier: Arc<Verifier>,
    policy: ReaderPolicy,
    identity: Option<core::ReaderIdentity>,
    clock: Arc<dyn Clock>,
}

impl Parts {
    fn now(&self) -> Result<core::Timestamp, WalletError> {
        Ok(moment(&*self.clock)?.wall)
    }

    fn reader(&self, now: core::Timestamp) -> core::Reader {
        let reader = core::Reader::new(Arc::clone(&self.verifier), self.trust.snapshot(), self.policy.at(now));
        match &self.identity {
            Some(identity) => reader.identity(identity.clone()),
            None => reader,
        }
    }
}

/// A reader: who it is, whom it believes, what it wants of documents. One serves any number of sessions, one after the other or side by
/// side, from any thread.
#[derive(uniffi::Object)]
pub struct Reader(Arc<Parts>);

#[uniffi::export]
impl Reader {
    /// Without an identity it does not say who it is, and wallets warn their owners.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] for a key or chain that is none, or that do not belong together.
    #[uniffi::constructor]
    pub fn new(
        trust: Arc<TrustStore>,
        policy: ReaderPolicy,
        identity: Option<ReaderIdentity>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, WalletError> {
        sync(|| {
            let identity = identity.map(|identity| {
                let key = private_key(&identity.private_key)?;
                let chain = x509::pem::read_certificates_or_der(&identity.chain)
                    .map_err(|error| WalletError::argument(error.to_string()))?;
                Ok::<_, WalletError>(core::ReaderIdentity::new(key, &chain)?)
            });
            Ok(Arc::new(Self(Arc::new(Parts {
                trust,
                verifier: Arc::new(Verifier::new()),
                policy,
                identity: identity.transpose()?,
                clock,
            }))))
        })
    }

    /// Begins a session with the text of the holder's QR code, and asks.
    ///
    /// # Errors
    /// [`WalletError::Verifier`] for a code that is not a holder's; [`WalletError::InvalidState`] for a request that asks for nothing
    /// or too much.
    pub fn scan(&self, qr_text: String, request: ReaderRequest) -> Result<Arc<ReaderSession>, WalletError> {
        sync(|| {
            let now = self.0.now()?;
            let random = SystemRandom::new();
            let session = self.0.reader(now).scan(&qr_text, &request.build()?, &random, now)?;
            Ok(Arc::new(ReaderSession {
                parts: Arc::clone(&self.0),
                session: Mutex::new(Some(session)),
            }))
        })
    }

    /// Asks from screen to screen: the message for this screen, and a session that waits for the holder's.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] for a request that asks for nothing or too much.
    pub fn camera(&self, request: ReaderRequest) -> Result<Arc<CameraReader>, WalletError> {
        sync(|| {
            let now = self.0.now()?;
            let random = SystemRandom::new();
            let session = self
                .0
                .reader(now)
                .camera(&request.build()?, Curve::P256, &random, now)?;
            Ok(Arc::new(CameraReader {
                parts: Arc::clone(&self.0),
                session: Mutex::new(Some(session)),
            }))
        })
    }

    /// Verifies a `DeviceResponse` (CBOR) that came in the session of that `SessionTranscript` (CBOR), as the answer to that
    /// `DeviceRequest` (CBOR) if there was one.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] only when the bytes are none of these at all: what is refused is no error, the report says why.
    pub fn verify_device_response(
        &self,
        response: Vec<u8>,
        session_transcript: Vec<u8>,
        request: Option<Vec<u8>>,
    ) -> Result<Report, WalletError> {
        sync(|| {
            let policy = self.0.policy.at(self.0.now()?);
            let transcript = SessionTranscript::from_bytes(&session_transcript)?;
            let mut presentation = Presentation::new(&transcript);
            if let Some(request) = &request {
                presentation = presentation.request(request);
            }
            let trust = self.0.trust.snapshot();
            let report = self
                .0
                .verifier
                .verify_device_response(&response, &presentation, &policy, &trust)?;
            Ok((&report).into())
        })
    }

    /// Verifies a document as an issuer gives it to a holder (`IssuerSigned`, CBOR). It proves no holder.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] only when the bytes are no `IssuerSigned` at all.
    pub fn verify_issuer_signed(
        &self,
        issuer_signed: Vec<u8>,
        doc_type: Option<String>,
    ) -> Result<Report, WalletError> {
        sync(|| {
            let policy = self.0.policy.at(self.0.now()?).issuer_only();
            let trust = self.0.trust.snapshot();
            let report = self
                .0
                .verifier
                .verify_issuer_signed(&issuer_signed, doc_type.as_deref(), &policy, &trust)?;
            Ok((&report).into())
        })
    }
}

/// What to do next in a reader's session.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ReaderAction {
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
    /// An answer is verified and the session is kept open: `ask` for more or `finish`. When that time comes, ask again.
    Decide {
        /// When the wait is over, unix seconds.
        until: i64,
    },
    /// The session is over: close the carrier.
    Finished {
        /// One report a round; empty when no answer came.
        reports: Vec<Report>,
        /// Why it ended.
        reason: EndReason,
        /// The same in words.
        text: LocalizedText,
    },
}

impl From<core::ReaderAction> for ReaderAction {
    fn from(action: core::ReaderAction) -> Self {
        use core::ReaderAction as A;
        match action {
            A::Send(data) => Self::Send { data },
            A::Receive { until } => Self::Receive { until: until.unix() },
            A::Decide { until } => Self::Decide { until: until.unix() },
            A::Finished(finished) => {
                let (reason, text) = ended(&finished.reason);
                Self::Finished {
                    reports: finished.reports.iter().map(Into::into).collect(),
                    reason,
                    text,
                }
            }
        }
    }
}

/// A session with a phone: asks, receives, verifies, ends. May be called from any thread.
#[derive(uniffi::Object)]
pub struct ReaderSession {
    parts: Arc<Parts>,
    session: Mutex<Option<core::ReaderSession>>,
}

impl ReaderSession {
    fn with<T>(
        &self,
        call: impl FnOnce(&mut core::ReaderSession, core::Timestamp) -> Result<T, WalletError>,
    ) -> Result<T, WalletError> {
        sync(|| {
            let now = self.parts.now()?;
            match &mut *lock(&self.session) {
                Some(session) => call(session, now),
                None => Err(WalletError::session_over()),
            }
        })
    }
}

#[uniffi::export]
impl ReaderSession {
    /// `host:port` at which the holder takes a connection of the stream carrier, if it offers one.
    ///
    /// # Errors
    /// [`WalletError::Internal`] when the clock fails.
    pub fn stream_address(&self) -> Result<Option<String>, WalletError> {
        self.with(|session, _| {
            let mut methods = session.engagement().retrieval_methods().iter();
            Ok(methods.find_map(|method| match method {
                RetrievalMethod::Stream { address } if address != NOWHERE => Some(address.clone()),
                _ => None,
            }))
        })
    }

    /// What to do next.
    ///
    /// # Errors
    /// [`WalletError::Internal`] when the clock fails.
    pub fn next_action(&self) -> Result<ReaderAction, WalletError> {
        self.with(|session, now| Ok(session.next_action(now).into()))
    }

    /// Takes a message from the carrier. An answer is verified here and now; a message that is refused ends the session and is no error of
    /// this call.
    ///
    /// # Errors
    /// [`WalletError::Verifier`] after the end.
    pub fn received(&self, data: Vec<u8>) -> Result<(), WalletError> {
        self.with(|session, now| Ok(session.received(&data, now)?))
    }

    /// Does not end the session after an answer: `Decide` comes instead.
    ///
    /// # Errors
    /// [`WalletError::Internal`] when the clock fails.
    pub fn keep_open(&self) -> Result<(), WalletError> {
        sync(|| {
            let mut slot = lock(&self.session);
            *slot = slot.take().map(core::ReaderSession::keep_open);
            Ok(())
        })
    }

    /// Asks for more in the same session.
    ///
    /// # Errors
    /// [`WalletError::Verifier`] while an answer is waited for or after the end; [`WalletError::InvalidState`] for the request.
    pub fn ask(&self, request: ReaderRequest) -> Result<(), WalletError> {
        self.with(|session, now| Ok(session.ask(&request.build()?, now)?))
    }

    /// Ends the session: the holder is told by the message that `next_action` gives.
    pub fn finish(&self) {
        let _ = self.with(|session, _| {
            session.finish();
            Ok(())
        });
    }

    /// The carrier broke off.
    pub fn connection_lost(&self) {
        let _ = self.with(|session, _| {
            session.connection_lost();
            Ok(())
        });
    }

    /// The `DeviceResponse` of the last round, as received. What was not asked for with intent to retain may not be kept.
    ///
    /// # Errors
    /// [`WalletError::Internal`] when the clock fails.
    pub fn last_response(&self) -> Result<Option<Vec<u8>>, WalletError> {
        self.with(|session, _| Ok(session.last_response().map(<[u8]>::to_vec)))
    }

    /// The `SessionTranscript` (CBOR), the same in all rounds.
    ///
    /// # Errors
    /// [`WalletError::Internal`] when the clock fails.
    pub fn session_transcript(&self) -> Result<Vec<u8>, WalletError> {
        self.with(|session, _| Ok(session.transcript().as_bytes().to_vec()))
    }
}

/// What the holder's screen said.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum CameraOutcome {
    /// An answer, verified.
    Verified {
        /// The report; it may still refuse.
        report: Report,
    },
    /// No answer: the holder declined, or could not read the request. Nobody authenticates this.
    NoAnswer {
        /// What to tell the person.
        text: LocalizedText,
    },
}

/// A request on the screen that waits for its one answer.
#[derive(uniffi::Object)]
pub struct CameraReader {
    parts: Arc<Parts>,
    session: Mutex<Option<CameraSession>>,
}

#[uniffi::export]
impl CameraReader {
    /// The message for the screen, to be cut into frames by a `FrameEncoder` of `Request`.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after the answer.
    pub fn message(&self) -> Result<Vec<u8>, WalletError> {
        sync(|| match &*lock(&self.session) {
            Some(session) => Ok(session.message()?),
            None => Err(WalletError::session_over()),
        })
    }

    /// Until when it may be answered, unix seconds.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after the answer.
    pub fn until(&self) -> Result<i64, WalletError> {
        sync(|| match &*lock(&self.session) {
            Some(session) => Ok(session.until().unix()),
            None => Err(WalletError::session_over()),
        })
    }

    /// Takes the message of the holder's screen and verifies the answer. There is one answer: whatever comes of it, the session is over.
    ///
    /// # Errors
    /// [`WalletError::Verifier`]: too late, not of this session, or damaged; [`WalletError::InvalidState`] after the answer.
    pub fn received(&self, data: Vec<u8>) -> Result<CameraOutcome, WalletError> {
        sync(|| {
            let now = self.parts.now()?;
            let session = lock(&self.session).take().ok_or_else(WalletError::session_over)?;
            let outcome = session.received(&data, &self.parts.reader(now), now)?;
            Ok(match outcome {
                core::CameraOutcome::Report(report) => CameraOutcome::Verified {
                    report: (&*report).into(),
                },
                core::CameraOutcome::NoAnswer(SessionStatus::Termination) => CameraOutcome::NoAnswer {
                    text: both("Người giữ giấy tờ đã từ chối.", "The holder declined."),
                },
                core::CameraOutcome::NoAnswer(_) => CameraOutcome::NoAnswer {
                    text: both(
                        "Ví của người giữ giấy tờ không đọc được yêu cầu. Hãy hỏi lại từ đầu.",
                        "The holder's wallet could not read the request. Ask anew.",
                    ),
                },
            })
        })
    }
}
