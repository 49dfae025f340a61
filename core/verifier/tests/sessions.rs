//! A reader and a phone: one round, several, none; by messages and by camera.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use idwallet_crypto::x509::{Crl, TrustAnchors};
use idwallet_crypto::{Curve, Timestamp};
use idwallet_documents::{Ask, Registry};
use idwallet_mdoc::holder::DeviceKey;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::reader_auth::{ReaderAuthState, ReaderAuthentication};
use idwallet_mdoc::{DeviceRequest, SessionTranscript};
use idwallet_proximity::engagement::Capabilities;
use idwallet_proximity::{Action, CameraHolder, DeviceEngagementBuilder, EndReason, HolderSession, RetrievalMethod};
use idwallet_test_support::{DAY, NOW, SeededRandom, World};
use idwallet_trust::TrustStore;
use idwallet_verifier::{
    CameraOutcome, CameraSession, Finished, Outcome, Policy, Reader, ReaderAction, ReaderIdentity, ReaderSession,
    ReasonKind, Request, Verifier, VerifierError,
};

fn methods() -> Vec<RetrievalMethod> {
    vec![RetrievalMethod::Stream {
        address: "127.0.0.1:7000".into(),
    }]
}

fn ask(elements: &[&str]) -> Request {
    let mut ask = Ask::default();
    for element in elements {
        ask.add(MDL_DOC_TYPE, MDL_NAMESPACE, element, false);
    }
    Request::new(&ask)
}

fn trusting(world: &World) -> TrustStore {
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(world.issuer.authority.der()).unwrap();
    trust
}

/// The same person in the session with that transcript.
fn in_session(world: u64, transcript: &SessionTranscript) -> World {
    World {
        transcript: transcript.clone(),
        ..World::new(world)
    }
}

/// Runs both sides until both are over. `answer` gives the response to a request, or `None` to decline.
fn talk(
    reader: &mut ReaderSession,
    phone: &mut HolderSession,
    mut answer: impl FnMut(&HolderSession) -> Option<Vec<u8>>,
    mut decide: impl FnMut(&mut ReaderSession),
    now: Timestamp,
) -> Finished {
    let mut finished = None;
    for _ in 0..100 {
        match reader.next_action(now) {
            ReaderAction::Send(message) => phone.received(&message, now).unwrap(),
            ReaderAction::Receive { .. } => match phone.next_action(now) {
                Action::Send(message) => reader.received(&message, now).unwrap(),
                Action::Decide { .. } => match answer(phone) {
                    Some(response) => phone.respond(&response, false, now).unwrap(),
                    None => phone.decline(),
                },
                other => panic!("{other:?}"),
            },
            ReaderAction::Decide { .. } => decide(reader),
            ReaderAction::Finished(end) => {
                finished = Some(end);
                break;
            }
        }
    }
    finished.expect("the session ends")
}

fn scan(reader: &Reader, phone: &HolderSession, request: &Request) -> ReaderSession {
    reader
        .scan(&phone.qr_text().unwrap(), request, &SeededRandom::new(99), NOW)
        .unwrap()
}

fn phone(seed: u64) -> HolderSession {
    HolderSession::new(Curve::P256, methods(), &SeededRandom::new(seed), NOW).unwrap()
}

/// A-V03, A-V07, A-V23, A-H42: the whole story with a template: signed request, verified answer, end told to the phone; and with a MAC.
#[test]
fn a_template_is_asked_and_answered() {
    let world = World::new(1);
    let identity = ReaderIdentity::new(world.reader.key(), core::slice::from_ref(&world.reader.signer)).unwrap();
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW)).identity(identity);
    let registry = Registry::builtin().unwrap();
    let template = registry.template("driving-licence").unwrap();
    let licence = world.issue_mdl();
    for is_mac in [false, true] {
        let mut phone = phone(2);
        let mut session = scan(&reader, &phone, &Request::new(template.ask()));
        let anchors = world.reader.anchors();
        let answer = |phone: &HolderSession| {
            let request = phone.request().unwrap();
            let transcript = phone.transcript().unwrap();
            let view = DeviceRequest::parse(request).unwrap();
            let states = ReaderAuthentication::verify(&view, transcript, &world.reader_trust(&anchors, &[]));
            assert!(
                states.documents.iter().all(|state| state.verified().is_some()),
                "every request is signed"
            );
            assert!(states.all.is_empty(), "nothing of the 2nd edition unless asked for");
            let person = in_session(1, transcript);
            let key = if is_mac {
                DeviceKey::Mac(&person.device_key)
            } else {
                DeviceKey::Signature(&person.device_key)
            };
            Some(person.respond_as(&licence, request, key))
        };
        let finished = talk(&mut session, &mut phone, answer, |_| panic!("not kept open"), NOW);
        assert_eq!(finished.reason, EndReason::Finished);
        assert!(finished.is_accepted(), "{finished:?}");
        let Outcome::Accepted(documents) = finished.report().unwrap().outcome() else {
            panic!()
        };
        assert!(documents[0].is_bound() && documents[0].portrait().is_some());
        assert!(matches!(
            phone.next_action(NOW),
            Action::Terminated(EndReason::FinishedByPeer)
        ));
    }
}

/// A-V26b: several rounds, each verified by itself, under one transcript.
#[test]
fn several_rounds_are_verified_one_by_one() {
    let world = World::new(3);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let licence = world.issue_mdl();
    let mut phone = phone(4);
    let mut session = scan(&reader, &phone, &ask(&["height"])).keep_open();
    let transcript = session.transcript().clone();
    let mut rounds = 0;
    let finished = talk(
        &mut session,
        &mut phone,
        |phone| {
            let person = in_session(3, phone.transcript().unwrap());
            Some(person.respond(&licence, phone.request().unwrap()))
        },
        |session| {
            rounds += 1;
            assert_eq!(session.reports().len(), rounds);
            assert_eq!(*session.transcript(), transcript);
            if rounds == 1 {
                session.ask(&ask(&["weight"]), NOW).unwrap();
            } else {
                session.finish();
            }
        },
        NOW,
    );
    assert_eq!(finished.reports.len(), 2);
    assert!(finished.is_accepted());
    let claim = |round: usize, name: &str| {
        let report: &idwallet_verifier::Report = &finished.reports[round];
        report.documents()[0]
            .verified()
            .unwrap()
            .claim(MDL_NAMESPACE, name)
            .is_some()
    };
    assert!(claim(0, "height") && claim(1, "weight") && !claim(1, "height"));
}

/// The holder says no: the session ends without a report.
#[test]
fn declined_request_ends_without_a_report() {
    let world = World::new(5);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let mut phone = phone(6);
    let mut session = scan(&reader, &phone, &ask(&["height"]));
    let finished = talk(&mut session, &mut phone, |_| None, |_| panic!(), NOW);
    assert!(finished.report().is_none() && !finished.is_accepted());
    assert_eq!(finished.reason, EndReason::FinishedByPeer);
}

/// A-V23: the answer of another session, replayed under this session's encryption.
#[test]
fn replayed_answer_is_refused() {
    let world = World::new(7);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let mut phone = phone(8);
    let mut session = scan(&reader, &phone, &ask(&["height"]));
    let old = world.respond(&world.issue_mdl(), &world.request(&[(MDL_NAMESPACE, "height")]));
    let finished = talk(&mut session, &mut phone, |_| Some(old.clone()), |_| panic!(), NOW);
    let Outcome::Refused(reasons) = finished.report().unwrap().outcome() else {
        panic!()
    };
    assert_eq!((reasons.len(), reasons[0].kind), (1, ReasonKind::NotBound));
}

/// An answer that is no DeviceResponse is refused in a report, and the session ends in good order.
#[test]
fn unreadable_answer_is_refused() {
    let world = World::new(9);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let mut phone = phone(10);
    let mut session = scan(&reader, &phone, &ask(&["height"]));
    let finished = talk(
        &mut session,
        &mut phone,
        |_| Some(b"nonsense".to_vec()),
        |_| panic!(),
        NOW,
    );
    assert_eq!(finished.reason, EndReason::Finished);
    let report = finished.report().unwrap();
    assert!(!report.is_accepted() && report.documents().is_empty());
    assert_eq!(report.to_json()["outcome"], "refused");
}

/// A-V04: readerAuthAll goes to a holder that says it takes it, and to no other.
#[test]
fn reader_auth_all_only_where_it_is_taken() {
    let world = World::new(11);
    let identity = ReaderIdentity::new(world.reader.key(), core::slice::from_ref(&world.reader.signer)).unwrap();
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW)).identity(identity);
    let anchors: TrustAnchors = world.reader.anchors();
    for takes_it in [true, false] {
        let capabilities = Capabilities {
            reader_auth_all: takes_it,
            extended_request: true,
            ..Capabilities::default()
        };
        let builder = DeviceEngagementBuilder::new()
            .method(methods().remove(0))
            .capabilities(capabilities);
        let mut phone = HolderSession::with_engagement(Curve::P256, &builder, &SeededRandom::new(12), NOW).unwrap();
        let mut session = scan(&reader, &phone, &ask(&["height"]).second_edition());
        let ReaderAction::Send(message) = session.next_action(NOW) else {
            panic!()
        };
        phone.received(&message, NOW).unwrap();
        let view = DeviceRequest::parse(phone.request().unwrap()).unwrap();
        let crls: [Crl; 0] = [];
        let trust = world.reader_trust(&anchors, &crls);
        let states = ReaderAuthentication::verify(&view, phone.transcript().unwrap(), &trust);
        assert!(matches!(states.documents[0], ReaderAuthState::Verified(_)));
        assert_eq!(states.all.len(), usize::from(takes_it));
        assert!(states.all.iter().all(|state| state.verified().is_some()));
        assert_eq!(view.version().text(), if takes_it { "1.1" } else { "1.0" });
    }
}

/// What cannot be asked is an error before anything is sent.
#[test]
fn impossible_requests_are_errors() {
    let world = World::new(13);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let phone = phone(14);
    let text = phone.qr_text().unwrap();
    let random = SeededRandom::new(15);
    let scan = |text: &str, request: &Request| reader.scan(text, request, &random, NOW).unwrap_err();
    assert!(matches!(scan(&text, &ask(&[])), VerifierError::Mdoc(_)));
    // A-V06: not more than two questions about the age.
    let ages = ask(&["age_over_18", "age_over_21", "age_over_65"]);
    assert!(matches!(scan(&text, &ages), VerifierError::Mdoc(_)));
    assert!(matches!(
        scan("mdoc:???", &ask(&["height"])),
        VerifierError::Proximity(_)
    ));
    // A key that is not the certificate's.
    let chain = core::slice::from_ref(&world.reader.signer);
    assert!(ReaderIdentity::new(world.issuer.key(), chain).is_err());
    assert!(ReaderIdentity::new(world.reader.key(), &[]).is_err());
}

/// The policy's time is that of the answer, not that of the reader's start.
#[test]
fn answer_is_checked_at_the_time_it_comes() {
    let world = World::new(16);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let late = NOW.saturating_add_seconds(101 * DAY);
    let mut phone = HolderSession::new(Curve::P256, methods(), &SeededRandom::new(17), late).unwrap();
    let text = phone.qr_text().unwrap();
    let mut session = reader
        .scan(&text, &ask(&["height"]), &SeededRandom::new(18), late)
        .unwrap();
    let licence = world.issue_mdl();
    let answer = |phone: &HolderSession| {
        Some(in_session(16, phone.transcript().unwrap()).respond(&licence, phone.request().unwrap()))
    };
    let finished = talk(&mut session, &mut phone, answer, |_| panic!(), late);
    let report = finished.report().unwrap();
    assert_eq!(report.checked_at(), late);
    let Outcome::Refused(reasons) = report.outcome() else {
        panic!()
    };
    assert_eq!(reasons[0].kind, ReasonKind::Expired);
}

fn camera(reader: &Reader, request: &Request) -> CameraSession {
    reader
        .camera(request, Curve::P256, &SeededRandom::new(20), NOW)
        .unwrap()
}

/// Camera to camera, with the session kept between the halves as bytes; one answer, to this session only.
#[test]
fn camera_session_survives_between_processes() {
    let world = World::new(19);
    let identity = ReaderIdentity::new(world.reader.key(), core::slice::from_ref(&world.reader.signer)).unwrap();
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW)).identity(identity);
    let licence = world.issue_mdl();

    let session = camera(&reader, &ask(&["height", "family_name"]));
    let (message, saved) = (session.message().unwrap(), session.to_secret_bytes().unwrap());
    drop(session);

    let holder = CameraHolder::received(&message, &SeededRandom::new(21)).unwrap();
    let anchors = world.reader.anchors();
    let view = DeviceRequest::parse(holder.request()).unwrap();
    let states = ReaderAuthentication::verify(&view, holder.request_transcript(), &world.reader_trust(&anchors, &[]));
    assert!(states.documents[0].verified().is_some());
    let response = in_session(19, holder.transcript()).respond(&licence, holder.request());
    let answer = holder.respond(&response).unwrap();

    let restored = CameraSession::from_secret_bytes(saved.expose()).unwrap();
    let outcome = restored.received(&answer, &reader, NOW).unwrap();
    let report = outcome.report().unwrap();
    assert!(report.is_accepted(), "{report:?}");

    // The same answer to another session, and bytes that are no session.
    let other = reader
        .camera(&ask(&["height"]), Curve::P256, &SeededRandom::new(22), NOW)
        .unwrap();
    assert!(matches!(
        other.received(&answer, &reader, NOW),
        Err(VerifierError::Proximity(_))
    ));
    assert!(CameraSession::from_secret_bytes(b"\xa0").is_err());
}

/// Camera to camera: the holder says no.
#[test]
fn camera_holder_may_decline() {
    let world = World::new(23);
    let reader = Reader::new(Verifier::new(), trusting(&world), Policy::iso().at(NOW));
    let session = camera(&reader, &ask(&["height"]));
    let holder = CameraHolder::received(&session.message().unwrap(), &SeededRandom::new(24)).unwrap();
    let outcome = session.received(&holder.decline().unwrap(), &reader, NOW).unwrap();
    assert!(matches!(outcome, CameraOutcome::NoAnswer(_)) && outcome.report().is_none());
}
