//! The three calls inside a session, over messages and from screen to screen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Holder, block_on, names, random};
use idwallet_crypto::Curve;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::reader_auth::ReaderTrust;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::verify::{IssuerTrust, Policy, ResponseOutcome, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse, SessionTranscript};
use idwallet_proximity::{
    Action, CameraAnswer, CameraReader, EndReason, HolderSession, ReaderSession, ReceivedResponse, RetrievalMethod,
};
use idwallet_test_support::{NOW, World};
use idwallet_wallet::{
    Approval, CameraPresentation, Code, Event, NextStep, Outcome, Presentation, StateFault, Wallet, WalletError,
};

fn request(world: &World, transcript: &SessionTranscript, elements: &[&str]) -> Vec<u8> {
    let items = elements.iter().fold(ItemsRequestBuilder::new(MDL_DOC_TYPE), |b, e| {
        b.element(MDL_NAMESPACE, e, false)
    });
    let certificates = ReaderCertificates::new(core::slice::from_ref(&world.reader.signer)).unwrap();
    DeviceRequestBuilder::new()
        .document(items)
        .reader_auth(certificates)
        .sign(transcript, &world.reader.signer_key)
        .unwrap()
}

fn accepted(world: &World, received: &ReceivedResponse) -> Vec<(String, String)> {
    let request = DeviceRequest::parse(received.request()).unwrap();
    let response = DeviceResponse::parse(received.bytes()).unwrap();
    let session = Session::new(received.transcript())
        .request(&request)
        .e_reader_key(received.e_reader_key());
    let anchors = world.issuer.anchors();
    let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &Policy::iso().at(NOW));
    match report.outcome() {
        ResponseOutcome::Accepted(documents) => documents
            .iter()
            .flat_map(|d| d.claims())
            .map(|(space, item)| (space.to_owned(), item.element_identifier().to_owned()))
            .collect(),
        ResponseOutcome::Refused(reasons) => panic!("{}", reasons[0]),
    }
}

/// A holder and a reader who have just met.
struct Meeting {
    holder: Holder,
    presentation: Presentation,
    reader: ReaderSession,
    anchors: TrustAnchors,
}

impl Meeting {
    fn new(seed: u64) -> Self {
        let holder = Holder::new(seed);
        let methods = vec![RetrievalMethod::Stream {
            address: "127.0.0.1:1".into(),
        }];
        let session = HolderSession::new(Curve::P256, methods, &*random(), NOW).unwrap();
        let reader = ReaderSession::scan(&session.qr_text().unwrap(), &*random(), NOW).unwrap();
        let anchors = holder.world.reader.anchors();
        Self {
            holder,
            presentation: Presentation::new(session),
            reader,
            anchors,
        }
    }

    fn ask(&mut self, elements: &[&str]) {
        let bytes = request(&self.holder.world, self.reader.transcript(), elements);
        self.ask_bytes(&bytes);
    }

    fn ask_bytes(&mut self, bytes: &[u8]) {
        self.reader.send_request(bytes, NOW).unwrap();
        self.reader_to_holder();
    }

    fn reader_to_holder(&mut self) {
        while let Action::Send(message) = self.reader.next_action(NOW) {
            self.presentation.received(&message, NOW).unwrap();
        }
    }

    fn holder_to_reader(&mut self) {
        while let NextStep::Send(message) = self.presentation.next_step(NOW) {
            self.reader.received(&message, NOW).unwrap();
        }
    }

    fn resolve(&mut self) -> Result<idwallet_wallet::Review, WalletError> {
        let trust: ReaderTrust<'_> = self.holder.world.reader_trust(&self.anchors, &[]);
        self.presentation.resolve(&self.holder.wallet, &trust, NOW).cloned()
    }
}

#[test]
fn a_session_of_two_rounds_is_reviewed_twice() {
    let mut meeting = Meeting::new(81);
    assert!(matches!(meeting.presentation.next_step(NOW), NextStep::Receive { .. }));
    let mut handles = Vec::new();
    for (round, elements) in [["family_name"], ["birth_date"]].iter().enumerate() {
        meeting.ask(elements);
        assert_eq!(meeting.presentation.next_step(NOW), NextStep::Resolve);
        let review = meeting.resolve().unwrap();
        assert_eq!(review.requests[0].reader.name(), Some("Bar at the corner"));
        assert!(matches!(meeting.presentation.next_step(NOW), NextStep::Decide { .. }));
        let approval = Approval::everything(&review);
        // A-V26b: the handle of another round answers nothing.
        for old in &handles {
            let answer = meeting
                .presentation
                .respond(&meeting.holder.wallet, *old, &approval, false, NOW);
            assert_eq!(block_on(answer).unwrap_err().code(), Code::ReviewWrong);
        }
        handles.push(review.handle);
        let answer = meeting
            .presentation
            .respond(&meeting.holder.wallet, review.handle, &approval, round == 1, NOW);
        block_on(answer).unwrap();
        meeting.holder_to_reader();
        let received = meeting.reader.take_response().unwrap();
        assert_eq!(names(&accepted(&meeting.holder.world, &received)), *elements);
    }
    assert_eq!(
        meeting.presentation.next_step(NOW),
        NextStep::Terminated(EndReason::Finished)
    );
}

#[test]
fn a_session_is_declined_without_saying_what_is_there() {
    let mut meeting = Meeting::new(82);
    meeting.ask(&["family_name"]);
    meeting.resolve().unwrap();
    let answer = meeting.presentation.decline(&meeting.holder.wallet, true, NOW).unwrap();
    assert!(answer.is_decline());
    meeting.holder_to_reader();
    let received = meeting.reader.take_response().unwrap();
    let response = DeviceResponse::parse(received.bytes()).unwrap();
    assert!(response.documents().is_empty());
    assert_eq!(response.status(), 0);
}

/// Nothing is answered that was not resolved and reviewed.
#[test]
fn nothing_is_answered_before_its_review() {
    let mut meeting = Meeting::new(83);
    let no_session = |error: WalletError| matches!(error, WalletError::InvalidState(StateFault::NoSession));
    assert!(no_session(meeting.resolve().unwrap_err()));
    assert!(no_session(
        meeting
            .presentation
            .decline(&meeting.holder.wallet, true, NOW)
            .unwrap_err()
    ));
    meeting.ask(&["family_name"]);
    let handle = meeting.holder.resolve(&["family_name"]).review().handle;
    let nothing = Approval::nothing();
    let answer = meeting
        .presentation
        .respond(&meeting.holder.wallet, handle, &nothing, false, NOW);
    assert!(no_session(block_on(answer).unwrap_err()));
}

/// A-H40: the reader of a faulty request is told, and may ask again.
#[test]
fn a_faulty_request_is_answered_and_the_session_goes_on() {
    let mut meeting = Meeting::new(84);
    meeting.ask_bytes(&[0xa1, 0x01, 0x02]);
    let error = meeting.resolve().unwrap_err();
    assert_eq!(error.code(), Code::RequestMalformed);
    meeting.holder_to_reader();
    let received = meeting.reader.take_response().unwrap();
    assert_eq!(DeviceResponse::parse(received.bytes()).unwrap().status(), 12);
    meeting.ask(&["family_name"]);
    assert!(meeting.resolve().unwrap().can_answer());
}

/// A message out of turn ends the session, and the review that was on the screen with it.
#[test]
fn a_request_in_the_middle_of_a_review_ends_the_session() {
    let mut meeting = Meeting::new(85);
    meeting.ask(&["issuing_country"]);
    let review = meeting.resolve().unwrap();
    meeting.presentation.received(b"\xa1\x64data\x41\x00", NOW).unwrap();
    let approval = Approval::everything(&review);
    let answer = meeting
        .presentation
        .respond(&meeting.holder.wallet, review.handle, &approval, false, NOW);
    assert!(matches!(
        block_on(answer).unwrap_err(),
        WalletError::InvalidState(StateFault::NoSession)
    ));
    assert!(matches!(meeting.presentation.next_step(NOW), NextStep::Send(_)));
    assert_eq!(
        meeting.presentation.next_step(NOW),
        NextStep::Terminated(EndReason::OutOfTurn)
    );
}

/// A-C27
#[test]
fn a_cancelled_session_answers_nothing_more() {
    let mut meeting = Meeting::new(86);
    meeting.ask(&["family_name"]);
    let review = meeting.resolve().unwrap();
    meeting.presentation.cancel();
    assert!(meeting.presentation.review().is_none());
    let approval = Approval::everything(&review);
    let answer = meeting
        .presentation
        .respond(&meeting.holder.wallet, review.handle, &approval, false, NOW);
    assert!(block_on(answer).is_err());
    meeting.holder_to_reader();
    assert!(meeting.reader.take_response().is_none());
    assert_eq!(
        meeting.presentation.next_step(NOW),
        NextStep::Terminated(EndReason::Cancelled)
    );
}

/// A-C27: the reader's patience is at least five minutes, and its end ends the review too.
#[test]
fn a_session_that_times_out_answers_nothing() {
    let mut meeting = Meeting::new(87);
    meeting.ask(&["family_name"]);
    let review = meeting.resolve().unwrap();
    let NextStep::Decide { until } = meeting.presentation.next_step(NOW) else {
        panic!()
    };
    assert!(until.seconds_since(NOW) >= 300);
    let approval = Approval::everything(&review);
    let answer = meeting
        .presentation
        .respond(&meeting.holder.wallet, review.handle, &approval, false, until);
    assert!(matches!(
        block_on(answer).unwrap_err(),
        WalletError::InvalidState(StateFault::SessionOver)
    ));
    assert!(matches!(meeting.presentation.next_step(until), NextStep::Send(_)));
    assert_eq!(
        meeting.presentation.next_step(until),
        NextStep::Terminated(EndReason::TimedOut)
    );
}

#[test]
fn camera_to_camera_is_reviewed_answered_and_verified() {
    let Holder { world, wallet, .. } = Holder::new(88);
    let draft = CameraReader::begin(Curve::P256, &*random()).unwrap();
    let bytes = request(&world, draft.request_transcript(), &["family_name", "age_over_18"]);
    let reader = draft.ask(bytes, NOW).unwrap();
    let mut presentation = CameraPresentation::received(&reader.message().unwrap(), &*random()).unwrap();
    let anchors = world.reader.anchors();
    let review = presentation
        .resolve(&wallet, &world.reader_trust(&anchors, &[]))
        .unwrap()
        .clone();
    assert_eq!(review.requests[0].reader.name(), Some("Bar at the corner"));
    let approval = Approval::everything(&review).deselect(0, MDL_NAMESPACE, "family_name");
    let (answer, message) = block_on(presentation.respond(&wallet, review.handle, &approval, NOW)).unwrap();
    assert_eq!(answer.shared.len(), 1);
    // There is one answer.
    let again = block_on(presentation.respond(&wallet, review.handle, &approval, NOW)).unwrap_err();
    assert!(matches!(again, WalletError::InvalidState(StateFault::NoSession)));
    let CameraAnswer::Response(received) = reader.received(&message, NOW).unwrap() else {
        panic!()
    };
    assert_eq!(names(&accepted(&world, &received)), ["age_over_18"]);
}

#[test]
fn camera_to_camera_is_declined() {
    let Holder { world, wallet, .. } = Holder::new(89);
    let draft = CameraReader::begin(Curve::P256, &*random()).unwrap();
    let bytes = request(&world, draft.request_transcript(), &["family_name"]);
    let reader = draft.ask(bytes, NOW).unwrap();
    let mut presentation = CameraPresentation::received(&reader.message().unwrap(), &*random()).unwrap();
    let anchors = world.reader.anchors();
    presentation
        .resolve(&wallet, &world.reader_trust(&anchors, &[]))
        .unwrap();
    let (answer, message) = presentation.decline(&wallet).unwrap();
    assert!(answer.is_decline());
    let CameraAnswer::Response(received) = reader.received(&message, NOW).unwrap() else {
        panic!()
    };
    assert!(DeviceResponse::parse(received.bytes()).unwrap().documents().is_empty());
}

#[test]
fn a_faulty_camera_message_is_refused() {
    let error = CameraPresentation::received(b"nonsense", &*random()).unwrap_err();
    assert_eq!(error.code(), Code::RequestMalformed);
}

/// How the last request ended, and how many records the history has.
fn last_end(wallet: &Wallet) -> (Outcome, u64) {
    let history = wallet.history().unwrap();
    assert!(history.intact);
    let last = history.entries.last().unwrap();
    assert_eq!(last.event, Event::Presentation);
    (last.outcome, wallet.history_size().unwrap().records)
}

/// H-H60: a request that its session did not outlive is told as cancelled, once; before [`Presentation::finish`] it has no answer, as
/// after a crash.
#[test]
fn a_request_that_its_session_did_not_outlive_is_told() {
    type Ending = fn(&mut Meeting);
    let endings: [(&str, Ending); 4] = [
        ("the owner", |meeting| meeting.presentation.cancel()),
        ("the carrier", |meeting| {
            meeting.presentation.connection_lost();
            meeting.presentation.cancel();
        }),
        ("time", |meeting| {
            let NextStep::Decide { until } = meeting.presentation.next_step(NOW) else {
                panic!("it waits for the person")
            };
            while !matches!(meeting.presentation.next_step(until), NextStep::Terminated(_)) {}
        }),
        ("the reader", |meeting| {
            let _ = meeting.presentation.received(&[0xa0], NOW);
        }),
    ];
    for ((who, ending), seed) in endings.into_iter().zip(600..) {
        let mut meeting = Meeting::new(seed);
        meeting.ask(&["family_name"]);
        meeting.resolve().unwrap();
        ending(&mut meeting);
        assert_eq!(last_end(&meeting.holder.wallet), (Outcome::NotAnswered, 2), "{who}");
        for _ in 0..2 {
            meeting.presentation.finish(&meeting.holder.wallet, NOW);
            assert_eq!(last_end(&meeting.holder.wallet), (Outcome::Cancelled, 3), "{who}");
        }
    }
}

/// H-H60: what was answered, declined or failed is not called cancelled when the session ends.
#[test]
fn the_end_of_a_session_does_not_change_what_was_answered() {
    let mut meeting = Meeting::new(610);
    meeting.ask(&["family_name"]);
    let review = meeting.resolve().unwrap();
    let approval = Approval::everything(&review);
    let wallet = &meeting.holder.wallet;
    let answer = meeting
        .presentation
        .respond(wallet, review.handle, &approval, true, NOW);
    block_on(answer).unwrap();
    meeting.holder_to_reader();
    meeting.presentation.cancel();
    meeting.presentation.finish(&meeting.holder.wallet, NOW);
    assert_eq!(last_end(&meeting.holder.wallet), (Outcome::Shown, 3));

    // The document goes while the person looks at the request: the answer fails, and stays failed.
    let mut meeting = Meeting::new(611);
    meeting.ask(&["family_name"]);
    let review = meeting.resolve().unwrap();
    let licence = meeting.holder.licence;
    block_on(meeting.holder.wallet.remove(licence, NOW)).unwrap();
    let approval = Approval::everything(&review);
    let wallet = &meeting.holder.wallet;
    let answer = meeting
        .presentation
        .respond(wallet, review.handle, &approval, true, NOW);
    assert_eq!(block_on(answer).unwrap_err().code(), Code::ReviewStale);
    meeting.presentation.cancel();
    meeting.presentation.finish(&meeting.holder.wallet, NOW);
    let history = meeting.holder.wallet.history().unwrap();
    assert_eq!(history.entries[1].outcome, Outcome::Failed);
    assert_eq!(history.entries[1].code, Some(Code::ReviewStale));
    assert_eq!(meeting.holder.wallet.history_size().unwrap().records, 4);
}
