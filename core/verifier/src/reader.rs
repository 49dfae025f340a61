//! A reader: who it is, whom it believes, what it wants of documents.

use crate::{
    CameraSession, Policy, Presentation, ReaderIdentity, ReaderSession, Report, Request, Verifier, VerifierError,
};
use idwallet_crypto::{Curve, Random, Timestamp};
use idwallet_proximity::{ReaderSession as Session, ReceivedResponse};
use idwallet_trust::TrustStore;
use std::sync::Arc;

/// A reader: who it is, whom it believes, what it wants of documents. One serves any number of sessions, one after the other or
/// side by side.
///
/// ```
/// use idwallet_verifier::{Policy, Reader, ReaderAction, ReaderIdentity, Request, Verifier};
/// # use idwallet_crypto::{Curve, SystemRandom};
/// # use idwallet_proximity::{Action, HolderSession, RetrievalMethod};
/// # let world = idwallet_test_support::World::new(1);
/// # let (key, chain, now) = (world.reader.key(), vec![world.reader.signer.clone()], idwallet_test_support::NOW);
/// # let mut trust = idwallet_trust::TrustStore::new();
/// # trust.add_issuer_anchors(world.issuer.authority.der())?;
/// # let methods = vec![RetrievalMethod::Stream { address: "127.0.0.1:7000".into() }];
/// # let mut phone = HolderSession::new(Curve::P256, methods, &SystemRandom::new(), now)?;
/// # let qr_text = phone.qr_text()?;
/// # let licence = world.issue_mdl();
/// # let mut answer = None;
/// let identity = ReaderIdentity::new(key, &chain)?;
/// let reader = Reader::new(Verifier::new(), trust, Policy::iso().at(now)).identity(identity);
///
/// # let mut ask = idwallet_documents::Ask::default();
/// # ask.add("org.iso.18013.5.1.mDL", "org.iso.18013.5.1", "family_name", false);
/// let mut session = reader.scan(&qr_text, &Request::new(&ask), &SystemRandom::new(), now)?;
/// let finished = loop {
///     match session.next_action(now) {
///         ReaderAction::Send(message) => {
///             // carrier.send(message)?
/// #           if phone.received(&message, now).is_ok() && phone.request().is_some() {
/// #               let request = phone.request().unwrap_or_default().to_vec();
/// #               let world = idwallet_test_support::World { transcript: phone.transcript().unwrap().clone(), ..idwallet_test_support::World::new(1) };
/// #               phone.respond(&world.respond(&licence, &request), false, now)?;
/// #               if let Action::Send(message) = phone.next_action(now) { answer = Some(message); }
/// #           }
///         }
///         ReaderAction::Receive { until } => {
///             // let message = carrier.receive(until)?
/// #           let _ = until;
/// #           let message = answer.take().unwrap();
///             session.received(&message, now)?;
///         }
///         ReaderAction::Decide { .. } => session.finish(), // only where the session is kept open
///         ReaderAction::Finished(finished) => break finished,
///     }
/// };
/// let report = finished.report().ok_or("the holder declined")?;
/// assert!(report.is_accepted());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    verifier: Arc<Verifier>,
    trust: Arc<TrustStore>,
    policy: Policy,
    identity: Option<ReaderIdentity>,
}

impl Reader {
    /// A reader that does not say who it is. The time of the policy is replaced by the time at which an answer comes.
    #[must_use]
    pub fn new(verifier: impl Into<Arc<Verifier>>, trust: impl Into<Arc<TrustStore>>, policy: Policy) -> Self {
        Self {
            verifier: verifier.into(),
            trust: trust.into(),
            policy,
            identity: None,
        }
    }

    /// Says who it is: every request is signed.
    #[must_use]
    pub fn identity(mut self, identity: ReaderIdentity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Begins a session with the text of the holder's QR code and asks.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] for the engagement, [`VerifierError::Mdoc`] for the request.
    pub fn scan(
        &self,
        qr_text: &str,
        request: &Request,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<ReaderSession, VerifierError> {
        self.begin(Session::scan(qr_text, random, now)?, request, now)
    }

    /// Asks in a session that was begun elsewhere, such as after an NFC handover.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] when a request was sent in it already, [`VerifierError::Mdoc`] for the request.
    pub fn begin(&self, session: Session, request: &Request, now: Timestamp) -> Result<ReaderSession, VerifierError> {
        ReaderSession::begin(self.clone(), session, request, now)
    }

    /// Camera to camera, first half: the message for the screen, and a session to keep until the answer is scanned. P-256 is the
    /// curve that every holder has.
    ///
    /// # Errors
    /// [`VerifierError::Proximity`] for what does not fit the carrier, [`VerifierError::Mdoc`] for the request.
    pub fn camera(
        &self,
        request: &Request,
        curve: Curve,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<CameraSession, VerifierError> {
        CameraSession::begin(request, self.identity.as_ref(), curve, random, now)
    }

    pub(crate) fn build(&self, request: &Request, session: &Session) -> Result<Vec<u8>, VerifierError> {
        let takes_all = session.engagement().capabilities().is_some_and(|c| c.reader_auth_all);
        request.build(session.transcript(), self.identity.as_ref(), takes_all)
    }

    /// What came, verified with what only this reader knows. What cannot be read is refused like anything else.
    pub(crate) fn verify(&self, response: &ReceivedResponse, now: Timestamp) -> Report {
        let presentation = Presentation::new(response.transcript())
            .e_reader_key(response.e_reader_key())
            .request(response.request());
        let policy = self.policy.at(now);
        self.verifier
            .verify_device_response(response.bytes(), &presentation, &policy, &self.trust)
            .unwrap_or_else(|error| Report::unreadable(&error, now))
    }
}
