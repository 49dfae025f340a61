//! A session between holder and reader: what goes well, and each thing that must not.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod support;

use idwallet_cose::cbor::Encoder;
use idwallet_cose::cose_key_to_vec;
use idwallet_crypto::{AeadKey, Curve, PrivateKey, Secret, hkdf_sha256, sha256};
use idwallet_mdoc::holder::ResponseFailure;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::{Handover, SessionTranscript};
use idwallet_proximity::engagement::Capabilities;
use idwallet_proximity::limits::{ENGAGEMENT_TIMEOUT_SECONDS, INACTIVITY_TIMEOUT_SECONDS};
use idwallet_proximity::{
    Action, DeviceEngagementBuilder, EndReason, HolderSession, ProximityError, ReaderSession, Role, SessionData,
    SessionEncryption, SessionEstablishment, SessionStatus,
};
use support::{
    NOW, REQUEST, RESPONSE, SeededRandom, agreeing_curves, asked, ended, key, later, pair, pair_on, sent, stream,
};

fn status(status: SessionStatus) -> Vec<u8> {
    SessionData::encode_status(status)
}

/// A-C10, A-C23, A-V03, A-V26b: three rounds on every curve, one transcript, and an end both know of.
#[test]
fn a_conversation_on_every_curve() {
    for curve in agreeing_curves() {
        let (mut holder, mut reader) = pair_on(curve);
        assert_eq!(reader.e_reader_key().curve(), curve);
        let transcript = reader.transcript().clone();
        for round in 0..3_u8 {
            let (request, response) = ([0x81, round], [0x82, round, round]);
            reader.send_request(&request, NOW).unwrap();
            holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
            assert!(matches!(reader.next_action(NOW), Action::Receive { .. }));
            assert!(matches!(holder.next_action(NOW), Action::Decide { .. }));
            assert_eq!(holder.request(), Some(&request[..]), "{curve}");
            assert_eq!(holder.transcript(), Some(&transcript));
            assert_eq!(holder.e_reader_key(), Some(reader.e_reader_key()));
            holder.respond(&response, false, NOW).unwrap();
            reader.received(&sent(holder.next_action(NOW)), NOW).unwrap();
            let received = reader.take_response().unwrap();
            assert_eq!((received.bytes(), received.request()), (&response[..], &request[..]));
            assert_eq!(received.transcript(), &transcript);
            assert!(matches!(reader.next_action(NOW), Action::Decide { .. }));
        }
        reader.terminate();
        holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
        assert_eq!(ended(reader.next_action(NOW)), EndReason::Finished);
        assert_eq!(ended(holder.next_action(NOW)), EndReason::FinishedByPeer);
    }
}

/// A-C26: the holder's last response carries status 20; the answer outlives the session, with the key for its MAC.
#[test]
fn the_last_response_ends_the_session() {
    let (mut holder, mut reader) = asked();
    holder.respond(RESPONSE, true, NOW).unwrap();
    let message = sent(holder.next_action(NOW));
    assert_eq!(
        SessionData::parse(&message).unwrap().status(),
        Some(SessionStatus::Termination)
    );
    assert_eq!(ended(holder.next_action(NOW)), EndReason::Finished);
    reader.received(&message, NOW).unwrap();
    assert_eq!(ended(reader.next_action(NOW)), EndReason::FinishedByPeer);
    let response = reader.take_response().unwrap();
    assert_eq!(response.bytes(), RESPONSE);
    assert!(response.e_reader_key().agree(key(Curve::P256, 9).public_key()).is_ok());
    assert!(reader.take_response().is_none());
}

/// A-C26, A-H45: no answer is an answer, too.
#[test]
fn the_holder_declines() {
    let (mut holder, mut reader) = asked();
    holder.decline();
    let message = sent(holder.next_action(NOW));
    assert_eq!(message, status(SessionStatus::Termination));
    assert_eq!(ended(holder.next_action(NOW)), EndReason::Declined);
    assert_eq!(holder.request(), None);
    reader.received(&message, NOW).unwrap();
    assert_eq!(ended(reader.next_action(NOW)), EndReason::FinishedByPeer);
    assert!(reader.take_response().is_none());
}

/// A-H40: a request that is not CBOR is answered with a response of status 11, and the session goes on.
#[test]
fn a_request_that_is_not_cbor_is_answered() {
    let (mut holder, mut reader) = pair();
    reader.send_request(&[0xff], NOW).unwrap();
    holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
    assert_eq!(holder.request(), None);
    reader.received(&sent(holder.next_action(NOW)), NOW).unwrap();
    let response = reader.take_response().unwrap();
    assert_eq!(response.bytes(), ResponseFailure::CborDecoding.to_response());
    reader.send_request(REQUEST, NOW).unwrap();
    holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
    holder
        .respond_failure(ResponseFailure::CborValidation, false, NOW)
        .unwrap();
    reader.received(&sent(holder.next_action(NOW)), NOW).unwrap();
    assert_eq!(
        reader.take_response().unwrap().bytes(),
        ResponseFailure::CborValidation.to_response()
    );
}

/// Checks that the holder refuses a message with this error, says so with this status, and is done.
fn refused_by(mut holder: HolderSession, message: &[u8], code: SessionStatus) -> ProximityError {
    holder.received(message, NOW).unwrap();
    assert_eq!(sent(holder.next_action(NOW)), status(code));
    assert_eq!(holder.request(), None);
    let again = holder.received(message, NOW);
    assert!(matches!(again, Err(ProximityError::WrongState(_))));
    match ended(holder.next_action(NOW)) {
        EndReason::Refused(error) => error,
        other => panic!("{other:?}"),
    }
}

use SessionStatus::{CborDecodingError, EncryptionError, Termination};

/// A-H41, A-C26: what is not a session establishment is answered with status 11.
#[test]
fn a_malformed_establishment_is_answered_with_11() {
    let (_, mut reader) = pair();
    reader.send_request(REQUEST, NOW).unwrap();
    let good = sent(reader.next_action(NOW));
    let mut no_key = Encoder::new();
    no_key.map(1).text("data").bytes(&[0; 32]);
    let mut no_data = Encoder::new();
    no_data
        .map(1)
        .text("eReaderKey")
        .tag24(&cose_key_to_vec(reader.e_reader_key()));
    let mut untagged = Encoder::new();
    untagged
        .map(2)
        .text("eReaderKey")
        .bytes(&cose_key_to_vec(reader.e_reader_key()));
    untagged.text("data").bytes(&[0; 32]);
    for message in [
        &[][..],
        &[0xff],
        &good[..good.len() - 1],
        &[good.as_slice(), &[0]].concat(),
        no_key.as_slice(),
        no_data.as_slice(),
        untagged.as_slice(),
    ] {
        let error = refused_by(pair().0, message, CborDecodingError);
        assert!(matches!(error, ProximityError::Malformed { .. }), "{error}");
    }
}

/// A reader that does as it likes: a session establishment with this key, encrypted for the transcript it gives.
fn establishment(holder: &HolderSession, own: &PrivateKey, cose_key: &[u8]) -> Vec<u8> {
    let transcript = SessionTranscript::new(Some(holder.engagement().bytes()), Some(cose_key), Handover::Qr).unwrap();
    let peer = holder.engagement().e_device_key();
    let mut encryption = SessionEncryption::new(Role::Reader, own, peer, &transcript).unwrap();
    SessionEstablishment::encode(cose_key, &encryption.encrypt(REQUEST).unwrap())
}

/// A-V03, A-C09: EReaderKey is uncompressed. Everything else about this message is right.
#[test]
fn a_compressed_reader_key_is_refused() {
    let own = key(Curve::P256, 7);
    let public = own.public_key();
    let (mut holder, _) = pair();
    holder
        .received(&establishment(&holder, &own, &cose_key_to_vec(public)), NOW)
        .unwrap();
    assert_eq!(holder.request(), Some(REQUEST));

    let mut e = Encoder::new();
    let odd = public.y().unwrap()[31] & 1 == 1;
    e.map(4)
        .int(1)
        .int(2)
        .int(-1)
        .int(1)
        .int(-2)
        .bytes(public.x())
        .int(-3)
        .bool(odd);
    let (holder, _) = pair();
    let message = establishment(&holder, &own, e.as_slice());
    assert_eq!(
        refused_by(holder, &message, EncryptionError),
        ProximityError::CompressedReaderKey
    );
}

/// A-V03: EReaderKey is on the curve of EDeviceKey.
#[test]
fn a_reader_key_on_another_curve_is_refused() {
    for curve in [Curve::P384, Curve::BrainpoolP256r1, Curve::X25519] {
        let message = SessionEstablishment::encode(&cose_key_to_vec(key(curve, 1).public_key()), &[0; 32]);
        let (expected, found) = (Curve::P256, curve);
        let error = refused_by(pair().0, &message, EncryptionError);
        assert_eq!(error, ProximityError::CurveMismatch { expected, found });
    }
}

/// A-C09, A-C23: a point that is not on the curve, and an X25519 key of low order.
#[test]
fn a_bad_reader_key_is_refused() {
    let mut bad = cose_key_to_vec(key(Curve::P256, 1).public_key());
    *bad.last_mut().unwrap() ^= 1;
    let error = refused_by(pair().0, &SessionEstablishment::encode(&bad, &[0; 32]), EncryptionError);
    assert!(matches!(error, ProximityError::Key { .. }));
    let mut zero = Encoder::new();
    zero.map(3).int(1).int(1).int(-1).int(4).int(-2).bytes(&[0; 32]);
    let message = SessionEstablishment::encode(zero.as_slice(), &[0; 32]);
    let error = refused_by(pair_on(Curve::X25519).0, &message, EncryptionError);
    assert!(matches!(error, ProximityError::Crypto(_)), "{error}");
}

/// A-C20: the salt is the hash of the tagged bytes; keys from the untagged array do not fit.
#[test]
fn keys_from_the_untagged_transcript_do_not_fit() {
    let (holder, _) = pair();
    let own = key(Curve::P256, 7);
    let cose_key = cose_key_to_vec(own.public_key());
    let transcript = SessionTranscript::new(Some(holder.engagement().bytes()), Some(&cose_key), Handover::Qr).unwrap();
    let shared = own.agree(holder.engagement().e_device_key()).unwrap();
    let seal = |salt: [u8; 32]| {
        let mut sk = Secret::new([0; 32]);
        hkdf_sha256(shared.expose(), &salt, b"SKReader", sk.expose_mut()).unwrap();
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        SessionEstablishment::encode(&cose_key, &AeadKey::aes_256_gcm(&sk).seal(nonce, &[], REQUEST).unwrap())
    };
    let wrong = seal(sha256(transcript.as_bytes()));
    let mut holder = holder;
    let mut twin = HolderSession::new(Curve::P256, vec![stream()], &SeededRandom::new(1), NOW).unwrap();
    twin.received(&seal(transcript.salt()), NOW).unwrap();
    assert_eq!(twin.request(), Some(REQUEST));
    holder.received(&wrong, NOW).unwrap();
    assert_eq!(sent(holder.next_action(NOW)), status(EncryptionError));
}

/// A-C25, A-H41: one bit of the ciphertext or of the tag.
#[test]
fn an_altered_request_is_refused() {
    let (_, mut reader) = pair();
    reader.send_request(REQUEST, NOW).unwrap();
    let mut message = sent(reader.next_action(NOW));
    *message.last_mut().unwrap() ^= 0x80;
    assert_eq!(
        refused_by(pair().0, &message, EncryptionError),
        ProximityError::Undecryptable
    );
}

/// A-C25: the first message again, as the second.
#[test]
fn a_replayed_request_is_refused() {
    let (mut holder, mut reader) = pair();
    reader.send_request(REQUEST, NOW).unwrap();
    let first = sent(reader.next_action(NOW));
    holder.received(&first, NOW).unwrap();
    holder.respond(RESPONSE, false, NOW).unwrap();
    sent(holder.next_action(NOW));
    let data = SessionEstablishment::parse(&first).unwrap().data().to_vec();
    let replay = SessionData::encode_data(&data, false);
    assert_eq!(
        refused_by(holder, &replay, EncryptionError),
        ProximityError::Undecryptable
    );
}

/// A-C25: counters go up by one for each message and direction; a message of the other direction does not fit.
#[test]
fn swapped_and_reflected_messages_are_refused() {
    let (own, peer) = (key(Curve::P256, 1), key(Curve::P256, 2));
    let transcript = SessionTranscript::new(None, None, Handover::Qr).unwrap();
    let new = |role, own: &PrivateKey, peer: &PrivateKey| {
        SessionEncryption::new(role, own, peer.public_key(), &transcript).unwrap()
    };
    let (mut holder, mut reader) = (new(Role::Holder, &own, &peer), new(Role::Reader, &peer, &own));
    let (first, second) = (reader.encrypt(b"1").unwrap(), reader.encrypt(b"2").unwrap());
    assert_eq!(holder.decrypt(&second), Err(ProximityError::Undecryptable));
    assert_eq!(reader.decrypt(&first), Err(ProximityError::Undecryptable));
    assert_eq!(holder.decrypt(&first), Ok(b"1".to_vec()));
    assert_eq!(holder.decrypt(&first), Err(ProximityError::Undecryptable));
    assert_eq!(holder.decrypt(&second), Ok(b"2".to_vec()));
    let answer = holder.encrypt(b"3").unwrap();
    assert_eq!(reader.decrypt(&answer), Ok(b"3".to_vec()));
    assert_eq!(reader.decrypt(&[]), Err(ProximityError::Undecryptable));
}

/// A-C20, A-C22: an answer in another session's transcript.
#[test]
fn an_answer_of_another_session_is_refused() {
    let (mut holder, _) = asked();
    holder.respond(RESPONSE, false, NOW).unwrap();
    let message = sent(holder.next_action(NOW));
    let (other, _) = (
        HolderSession::new(Curve::P256, vec![stream()], &SeededRandom::new(8), NOW).unwrap(),
        (),
    );
    let mut reader = ReaderSession::scan(&other.qr_text().unwrap(), &SeededRandom::new(2), NOW).unwrap();
    reader.send_request(REQUEST, NOW).unwrap();
    sent(reader.next_action(NOW));
    reader.received(&message, NOW).unwrap();
    assert_eq!(sent(reader.next_action(NOW)), status(EncryptionError));
    assert_eq!(
        ended(reader.next_action(NOW)),
        EndReason::Refused(ProximityError::Undecryptable)
    );
    assert!(reader.take_response().is_none());
}

fn map(entries: &[(&str, Result<&[u8], u64>)]) -> Vec<u8> {
    let mut e = Encoder::new();
    e.map(entries.len());
    for (name, value) in entries {
        match value {
            Ok(bytes) => e.text(name).bytes(bytes),
            Err(number) => e.text(name).uint(*number),
        };
    }
    e.into_vec()
}

/// A-C26: what SessionData may not be, and how it is answered (A-H41).
#[test]
fn wrong_session_data_is_refused() {
    let data: Result<&[u8], u64> = Ok(&[0; 32]);
    for (message, code, error) in [
        (
            map(&[("status", Err(12))]),
            Termination,
            ProximityError::UnknownStatus(12),
        ),
        (
            map(&[("status", Err(0))]),
            Termination,
            ProximityError::UnknownStatus(0),
        ),
        (map(&[]), CborDecodingError, ProximityError::EmptySessionData),
        (
            map(&[("other", Err(1))]),
            CborDecodingError,
            ProximityError::EmptySessionData,
        ),
        (
            map(&[("data", data), ("status", Err(10))]),
            CborDecodingError,
            ProximityError::DataWithStatus,
        ),
        (
            map(&[("data", data), ("status", Err(11))]),
            CborDecodingError,
            ProximityError::DataWithStatus,
        ),
        (map(&[("data", data)]), EncryptionError, ProximityError::Undecryptable),
    ] {
        let (mut holder, mut reader) = asked();
        holder.respond(RESPONSE, false, NOW).unwrap();
        sent(holder.next_action(NOW));
        assert_eq!(refused_by(holder, &message, code), error);
        reader.received(&message, NOW).unwrap();
        assert_eq!(sent(reader.next_action(NOW)), status(code));
        assert_eq!(ended(reader.next_action(NOW)), EndReason::Refused(error));
    }
    for message in [
        vec![],
        vec![0xa1],
        map(&[("data", Err(1))]),
        map(&[("status", Ok(&[20]))]),
    ] {
        assert!(matches!(
            SessionData::parse(&message),
            Err(ProximityError::Malformed { .. })
        ));
    }
    let twice = map(&[("status", Err(20)), ("status", Err(20))]);
    assert!(matches!(
        SessionData::parse(&twice),
        Err(ProximityError::Malformed { .. })
    ));
    // Keys nobody knows are passed over (A-C05).
    assert!(SessionData::parse(&map(&[("status", Err(20)), ("x", Err(1))])).is_ok());
}

/// A-C26: 10 and 11 from the other side end the session, and nothing is sent back.
#[test]
fn errors_of_the_peer_end_the_session() {
    for code in [EncryptionError, CborDecodingError] {
        let (mut holder, mut reader) = asked();
        holder.received(&status(code), NOW).unwrap();
        assert_eq!(ended(holder.next_action(NOW)), EndReason::PeerError(code));
        reader.received(&status(code), NOW).unwrap();
        assert_eq!(ended(reader.next_action(NOW)), EndReason::PeerError(code));
    }
}

/// A-C27: 300 seconds without a message, 300 without a reader; whatever comes later is not looked at.
#[test]
fn sessions_time_out() {
    const { assert!(INACTIVITY_TIMEOUT_SECONDS >= 300 && ENGAGEMENT_TIMEOUT_SECONDS >= 30) };
    let (mut holder, mut reader) = pair();
    reader.send_request(REQUEST, NOW).unwrap();
    let message = sent(reader.next_action(NOW));
    holder.received(&message, later(ENGAGEMENT_TIMEOUT_SECONDS)).unwrap();
    assert_eq!(ended(holder.next_action(NOW)), EndReason::TimedOut);

    let (mut holder, mut reader) = asked();
    let late = later(INACTIVITY_TIMEOUT_SECONDS - 1);
    assert!(matches!(holder.next_action(late), Action::Decide { until } if until > late));
    holder.respond(RESPONSE, false, late).unwrap();
    sent(holder.next_action(late));
    // The answer was a sign of life: the time runs anew.
    assert!(matches!(
        holder.next_action(later(INACTIVITY_TIMEOUT_SECONDS + 5)),
        Action::Receive { .. }
    ));
    let too_late = later(INACTIVITY_TIMEOUT_SECONDS);
    assert_eq!(sent(reader.next_action(too_late)), status(Termination));
    assert_eq!(ended(reader.next_action(too_late)), EndReason::TimedOut);
    assert!(matches!(
        reader.send_request(REQUEST, too_late),
        Err(ProximityError::WrongState(_))
    ));

    let (mut holder, _) = asked();
    let result = holder.respond(RESPONSE, false, too_late);
    assert!(matches!(result, Err(ProximityError::WrongState(_))));
}

/// Calls that do not fit the state are errors and change nothing.
#[test]
fn wrong_calls_are_typed_errors() {
    let wrong = |result: Result<(), ProximityError>| assert!(matches!(result, Err(ProximityError::WrongState(_))));
    let (mut holder, mut reader) = pair();
    wrong(holder.respond(RESPONSE, false, NOW));
    wrong(holder.early_establishment(&[]));
    wrong(reader.received(&status(Termination), NOW));
    assert!(matches!(reader.next_action(NOW), Action::Decide { .. }));
    reader.send_request(REQUEST, NOW).unwrap();
    wrong(reader.send_request(REQUEST, NOW));
    holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
    holder.respond(RESPONSE, true, NOW).unwrap();
    wrong(holder.respond(RESPONSE, true, NOW));
    reader.cancel_like();
    wrong(reader.send_request(REQUEST, NOW));
    let large = vec![0; idwallet_mdoc::limits::MAX_RESPONSE_BYTES + 1];
    let (mut holder, mut reader) = asked();
    assert!(matches!(
        holder.respond(&large, true, NOW),
        Err(ProximityError::TooLong { .. })
    ));
    assert!(matches!(
        reader.send_request(&large, NOW),
        Err(ProximityError::TooLong { .. })
    ));
}

trait CancelLike {
    fn cancel_like(&mut self);
}

impl CancelLike for ReaderSession {
    /// While an answer is waited for, terminating is breaking off.
    fn cancel_like(&mut self) {
        self.terminate();
        assert_eq!(sent(self.next_action(NOW)), status(Termination));
        assert_eq!(ended(self.next_action(NOW)), EndReason::Cancelled);
    }
}

/// A-V04: `readerAuthAll` goes only to a holder that announced it.
#[test]
fn reader_auth_all_needs_the_capability() {
    let world = idwallet_test_support::World::new(1);
    for announced in [false, true] {
        let capabilities = Capabilities {
            reader_auth_all: announced,
            ..Capabilities::default()
        };
        let engagement = DeviceEngagementBuilder::new()
            .method(stream())
            .capabilities(capabilities);
        let holder = HolderSession::with_engagement(Curve::P256, &engagement, &SeededRandom::new(1), NOW).unwrap();
        let mut reader = ReaderSession::scan(&holder.qr_text().unwrap(), &SeededRandom::new(2), NOW).unwrap();
        assert_eq!(reader.takes_reader_auth_all(), announced);
        let chain = ReaderCertificates::new(core::slice::from_ref(&world.reader.signer)).unwrap();
        let request = DeviceRequestBuilder::new()
            .document(ItemsRequestBuilder::new("a").element("b", "c", false))
            .second_edition()
            .reader_auth_all(chain)
            .sign(reader.transcript(), &world.reader.signer_key)
            .unwrap();
        let refused = reader.send_request(&request, NOW) == Err(ProximityError::ReaderAuthAll);
        assert_eq!(refused, !announced);
    }
}

/// A second request before the first is answered, and an answer that nobody asked for.
#[test]
fn messages_out_of_turn_end_the_session() {
    let (mut holder, mut reader) = asked();
    holder.received(&map(&[("data", Ok(&[0; 32]))]), NOW).unwrap();
    assert_eq!(sent(holder.next_action(NOW)), status(Termination));
    assert_eq!(ended(holder.next_action(NOW)), EndReason::OutOfTurn);

    let (mut holder, _) = asked();
    holder.respond(RESPONSE, false, NOW).unwrap();
    let answer = sent(holder.next_action(NOW));
    reader.received(&answer, NOW).unwrap();
    reader.received(&answer, NOW).unwrap();
    assert_eq!(sent(reader.next_action(NOW)), status(Termination));
    assert_eq!(ended(reader.next_action(NOW)), EndReason::OutOfTurn);
}

/// A-H26: before the first message the carrier may break and be opened again; afterwards the session is over.
#[test]
fn a_lost_connection_ends_an_established_session() {
    let (mut holder, mut reader) = pair();
    holder.connection_lost();
    reader.connection_lost();
    reader.send_request(REQUEST, NOW).unwrap();
    holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
    holder.respond(RESPONSE, false, NOW).unwrap();
    holder.connection_lost();
    reader.connection_lost();
    assert_eq!(ended(holder.next_action(NOW)), EndReason::ConnectionLost);
    assert_eq!(ended(reader.next_action(NOW)), EndReason::ConnectionLost);
}

/// Before a reader connected there is nobody to tell.
#[test]
fn cancelling_an_engagement_sends_nothing() {
    let (mut holder, mut reader) = pair();
    holder.cancel();
    reader.terminate();
    assert_eq!(ended(holder.next_action(NOW)), EndReason::Cancelled);
    assert_eq!(ended(reader.next_action(NOW)), EndReason::Cancelled);
}

/// X-C12: what is printed for logs holds no message and no key.
#[test]
fn debug_shows_no_content() {
    let (mut holder, mut reader) = asked();
    holder
        .respond(&hex::decode("a1666d61726b6572656d61726b21").unwrap(), false, NOW)
        .unwrap();
    let action = holder.next_action(NOW);
    let texts = format!("{holder:?} {reader:?} {action:?}");
    reader.received(&sent(action), NOW).unwrap();
    let texts = format!("{texts} {reader:?} {:?}", reader.take_response().unwrap());
    assert!(
        !texts.contains("6d61726b") && !texts.contains("109, 97") && texts.len() < 800,
        "{texts}"
    );
}
