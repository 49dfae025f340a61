//! The worked example of ISO 18013-5 Annex D: read, and written again byte for byte.
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

use idwallet_cose::cbor::{Limits, Tag24};
use idwallet_crypto::sha256;
use idwallet_mdoc::SessionTranscript;
use idwallet_proximity::engagement::BleOptions;
use idwallet_proximity::nfc::{Carrier, HandoverRequest, HandoverSelect};
use idwallet_proximity::session::derive_session_keys;
use idwallet_proximity::{
    DeviceEngagement, DeviceEngagementBuilder, EndReason, HolderSession, MethodKind, ReaderSession, RetrievalMethod,
    SessionData, SessionEstablishment, SessionStatus,
};
use support::{AnnexD, NOW, SeededRandom, ended, sent};

/// A-H01, A-H06, A-H07: the engagement of D.3.1 is read, and made again from what it says.
#[test]
fn the_device_engagement_is_read_and_rebuilt() {
    let Some(d) = AnnexD::load() else { return };
    let bytes = d.get("device_engagement");
    let engagement = DeviceEngagement::parse(&bytes).unwrap();
    assert_eq!(engagement.version(), "1.0");
    assert_eq!(engagement.bytes(), bytes);
    assert_eq!(engagement.e_device_key_bytes(), d.get("e_device_key_bytes"));
    let uuid: [u8; 16] = hex::decode("45efef742b2c4837a9a3b0e1d05a6917")
        .unwrap()
        .try_into()
        .unwrap();
    let ble = RetrievalMethod::Ble(BleOptions {
        central_client: Some(uuid),
        ..BleOptions::default()
    });
    assert_eq!(engagement.retrieval_methods(), std::slice::from_ref(&ble));
    let rebuilt = DeviceEngagementBuilder::new()
        .method(ble)
        .build(d.key("ephemeral_device_key").public_key())
        .unwrap();
    assert_eq!(rebuilt.bytes(), bytes);
}

/// A-H05: through the text of the QR code and back.
#[test]
fn the_qr_text_gives_the_same_bytes() {
    let Some(d) = AnnexD::load() else { return };
    let engagement = DeviceEngagement::parse(&d.get("device_engagement")).unwrap();
    let text = engagement.to_qr_text().unwrap();
    assert!(
        text.starts_with("mdoc:owBjMS4wAYIB2BhYS6QBAiABIVggWojRgrzl9C76WZQ_M"),
        "{text}"
    );
    assert_eq!(DeviceEngagement::from_qr_text(&text).unwrap(), engagement);
}

/// A-H08, A-H10, A-C21: both handover messages are read, and made again from what they say.
#[test]
fn the_handover_messages_are_read_and_rebuilt() {
    let Some(d) = AnnexD::load() else { return };
    let (select, request) = d.handover();
    let hs = HandoverSelect::parse(&select).unwrap();
    let [carrier] = hs.carriers() else { panic!() };
    assert_eq!(
        HandoverSelect::build_negotiated(hs.device_engagement(), carrier).unwrap(),
        select
    );
    let hr = HandoverRequest::parse(&request).unwrap();
    assert!(matches!(
        hr.carriers(),
        [Carrier::Ble(_), Carrier::Nfc(None), Carrier::Other { .. }]
    ));
    assert_eq!(HandoverRequest::build([1, 2], hr.carriers(), None).unwrap(), request);
    // The holder chose mdoc central client mode; the UUID is the reader's, turned around.
    let methods = hs.retrieval_methods(Some(&hr)).unwrap();
    let uuid: [u8; 16] = hex::decode("3a82d455d5fc4db3bea06fd2f6ff32c8")
        .unwrap()
        .try_into()
        .unwrap();
    let [RetrievalMethod::Ble(ble)] = methods.as_slice() else {
        panic!()
    };
    assert_eq!(ble.peripheral_server, None);
    assert_eq!(ble.central_client, Some(uuid));
}

/// A-C20, A-C23, A-C24: shared secret, salt and both keys.
#[test]
fn the_session_keys_are_derived() {
    let Some(d) = AnnexD::load() else { return };
    let transcript = SessionTranscript::from_bytes(&d.get("session_transcript_bytes")).unwrap();
    let shared = d
        .key("ephemeral_reader_key")
        .agree(d.key("ephemeral_device_key").public_key())
        .unwrap();
    assert_eq!(*shared.expose(), d.derived("shared_secret_Zab_session"));
    assert_eq!(transcript.salt().to_vec(), d.derived("session_transcript_salt_sha256"));
    assert_ne!(sha256(transcript.as_bytes()), transcript.salt());
    let keys = derive_session_keys(&shared, &transcript).unwrap();
    assert_eq!(keys.reader.expose().to_vec(), d.derived("sk_reader"));
    assert_eq!(keys.device.expose().to_vec(), d.derived("sk_device"));
}

/// A-C22, A-C25, A-C26, A-V07: a reader with the example's key sends the example's messages and understands the answer.
#[test]
fn the_reader_speaks_the_example() {
    let Some(d) = AnnexD::load() else { return };
    let (select, request) = d.handover();
    let engagement = HandoverSelect::parse(&select).unwrap().into_device_engagement();
    let handover = Some((select.as_slice(), Some(request.as_slice())));
    let key = d.key("ephemeral_reader_key");
    let mut reader = ReaderSession::dangerous_with_key(key, engagement, handover, NOW).unwrap();
    assert_eq!(reader.transcript().tagged_bytes(), d.get("session_transcript_bytes"));
    assert_eq!(
        reader
            .choose_carrier(&[MethodKind::Nfc, MethodKind::BleCentralClient])
            .unwrap()
            .0,
        MethodKind::BleCentralClient
    );
    reader.send_request(&d.get("device_request"), NOW).unwrap();
    assert_eq!(sent(reader.next_action(NOW)), d.get("session_establishment"));
    reader.received(&d.get("session_data"), NOW).unwrap();
    let response = reader.take_response().unwrap();
    assert_eq!(response.bytes(), d.get("device_response"));
    assert_eq!(response.request(), d.get("device_request"));
    reader.terminate();
    assert_eq!(sent(reader.next_action(NOW)), d.get("session_termination"));
    assert_eq!(ended(reader.next_action(NOW)), EndReason::Finished);
}

/// A-C22, A-C25, A-C26: a holder with the example's key understands the request and sends the example's answer.
#[test]
fn the_holder_speaks_the_example() {
    let Some(d) = AnnexD::load() else { return };
    let (select, request) = d.handover();
    let engagement = HandoverSelect::parse(&select).unwrap().into_device_engagement();
    let handover = Some((select.as_slice(), Some(request.as_slice())));
    let key = d.key("ephemeral_device_key");
    let mut holder = HolderSession::dangerous_with_key(key, engagement, handover, NOW).unwrap();
    assert_eq!(holder.handover_select(), Some(select.as_slice()));
    holder.received(&d.get("session_establishment"), NOW).unwrap();
    assert_eq!(holder.request().unwrap(), d.get("device_request"));
    assert_eq!(
        holder.transcript().unwrap().tagged_bytes(),
        d.get("session_transcript_bytes")
    );
    holder.respond(&d.get("device_response"), false, NOW).unwrap();
    assert_eq!(sent(holder.next_action(NOW)), d.get("session_data"));
    holder.received(&d.get("session_termination"), NOW).unwrap();
    assert_eq!(ended(holder.next_action(NOW)), EndReason::FinishedByPeer);
}

/// A-C26: the messages as structures.
#[test]
fn the_session_messages_are_read_and_rebuilt() {
    let Some(d) = AnnexD::load() else { return };
    let bytes = d.get("session_establishment");
    let establishment = SessionEstablishment::parse(&bytes).unwrap();
    assert_eq!(establishment.e_reader_key(), d.key("ephemeral_reader_key").public_key());
    let rebuilt = SessionEstablishment::encode(establishment.e_reader_cose_key(), establishment.data());
    assert_eq!(rebuilt, bytes);
    let bytes = d.get("session_data");
    let data = SessionData::parse(&bytes).unwrap();
    assert_eq!(
        (data.status(), SessionData::encode_data(data.data().unwrap(), false)),
        (None, bytes.clone())
    );
    let bytes = d.get("session_termination");
    assert_eq!(
        SessionData::parse(&bytes).unwrap().status(),
        Some(SessionStatus::Termination)
    );
    assert_eq!(SessionData::encode_status(SessionStatus::Termination), bytes);
}

/// A-C22: an engagement with keys nobody knows goes into the transcript as it came.
#[test]
fn unknown_keys_of_the_engagement_stay_in_the_transcript() {
    let Some(d) = AnnexD::load() else { return };
    let mut bytes = d.get("device_engagement");
    bytes[0] += 2;
    bytes.extend([0x03, 0xa0, 0x39, 0x01, 0x00, 0x61, b'x']); // server retrieval, and an application's own
    let engagement = DeviceEngagement::parse(&bytes).unwrap();
    assert_eq!(engagement.bytes(), bytes);
    let reader = ReaderSession::scan(&engagement.to_qr_text().unwrap(), &SeededRandom::new(1), NOW).unwrap();
    let mut parts = idwallet_cose::cbor::Decoder::new(reader.transcript().as_bytes());
    parts.array_of(3).unwrap();
    let tagged: Tag24<'_> = parts.tag24().unwrap();
    assert_eq!(tagged.inner(), bytes);
    assert!(Tag24::parse(tagged.encoded(), Limits::DEFAULT).is_ok());
}
