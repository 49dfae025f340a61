//! Whatever arrives, nothing panics, and what is accepted is what was sent.
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

use idwallet_crypto::Curve;
use idwallet_proximity::limits::MAX_SESSION_MESSAGE_BYTES;
use idwallet_proximity::nfc::{
    Carrier, HandoverRequest, HandoverSelect, ServiceParameter, parse_message, write_message,
};
use idwallet_proximity::stream::{LENGTH_BYTES, MAX_BACKLOG_BYTES, StreamDecoder, encode};
use idwallet_proximity::{
    CameraHolder, CameraReader, DeviceEngagement, DeviceEngagementBuilder, ProximityError, ReaderEngagement,
    RetrievalMethod, SessionData, SessionEstablishment,
};
use proptest::prelude::*;
use support::{NOW, REQUEST, RESPONSE, SeededRandom, asked, key, pair, sent, stream};

/// Every parser of this crate, on the same bytes.
fn parse_all(bytes: &[u8]) {
    let _ = DeviceEngagement::parse(bytes);
    let _ = ReaderEngagement::parse(bytes);
    let _ = SessionEstablishment::parse(bytes);
    let _ = SessionData::parse(bytes);
    let _ = HandoverSelect::parse(bytes).map(|select| select.retrieval_methods(None));
    let _ = HandoverRequest::parse(bytes);
    let _ = ServiceParameter::find(bytes);
    if let Ok(records) = parse_message(bytes) {
        for record in &records {
            let _ = Carrier::parse(record);
        }
        // What is read as a message is a message again.
        let again = write_message(&records).unwrap();
        assert_eq!(parse_message(&again).unwrap(), records);
    }
    let _ = CameraReader::from_secret_bytes(bytes);
    let _ = CameraHolder::received(bytes, &SeededRandom::new(2));
    let _ = DeviceEngagement::from_qr_text(&String::from_utf8_lossy(bytes));
    let (mut holder, mut reader) = asked();
    holder.received(bytes, NOW).unwrap();
    reader.received(bytes, NOW).unwrap();
    // The status beside the data is not authenticated; the data is.
    if let Some(response) = reader.take_response() {
        assert_eq!(response.bytes(), RESPONSE);
    }
}

/// One good message of each kind.
fn samples() -> Vec<Vec<u8>> {
    let (mut holder, mut reader) = pair();
    reader.send_request(REQUEST, NOW).unwrap();
    let establishment = sent(reader.next_action(NOW));
    holder.received(&establishment, NOW).unwrap();
    holder.respond(RESPONSE, true, NOW).unwrap();
    let camera = CameraReader::begin(Curve::P256, &SeededRandom::new(1)).unwrap();
    let camera = camera.ask(REQUEST.to_vec(), NOW).unwrap();
    let nfc = [Carrier::Nfc(None)];
    let engagement = DeviceEngagementBuilder::new()
        .build(key(Curve::P256, 1).public_key())
        .unwrap();
    let full = [Carrier::Nfc(Some(idwallet_proximity::engagement::NfcOptions {
        max_command: 255,
        max_response: 256,
    }))];
    vec![
        holder.engagement().bytes().to_vec(),
        establishment,
        sent(holder.next_action(NOW)),
        camera.message().unwrap(),
        camera.to_secret_bytes().unwrap().expose().clone(),
        camera.reader_engagement().bytes().to_vec(),
        HandoverRequest::build([1, 2], &nfc, Some(camera.reader_engagement())).unwrap(),
        HandoverSelect::build_static(&engagement, &full).unwrap(),
        ServiceParameter::default().to_message().unwrap(),
        holder.qr_text().unwrap().into_bytes(),
    ]
}

/// X-C09: every message with each of its bits turned, and cut at each of its bytes.
#[test]
fn flipped_bits_and_cuts_never_panic() {
    for (index, sample) in samples().into_iter().enumerate() {
        for end in 0..sample.len() {
            parse_all(&sample[..end]);
        }
        for at in 0..sample.len() {
            let mut altered = sample.clone();
            altered[at] ^= 1 << ((at + index) % 8);
            parse_all(&altered);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    /// X-C09
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        parse_all(&bytes);
    }

    /// X-C09
    #[test]
    fn mutated_messages_never_panic(which in 0usize..10, edits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut sample = samples().swap_remove(which);
        for (at, byte) in edits {
            let at = usize::from(at) % sample.len();
            sample[at] = byte;
        }
        parse_all(&sample);
    }

    /// Any cut of the stream gives the same messages.
    #[test]
    fn a_stream_gives_its_messages(messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..6), piece in 1usize..50) {
        let stream: Vec<u8> = messages.iter().flat_map(|m| encode(m).unwrap()).collect();
        let mut decoder = StreamDecoder::new();
        let mut got = Vec::new();
        for chunk in stream.chunks(piece) {
            decoder.push(chunk).unwrap();
            while let Some(message) = decoder.pop().unwrap() {
                got.push(message);
            }
        }
        prop_assert_eq!(got, messages);
        prop_assert!(decoder.is_empty());
    }
}

/// X-C09: a message that is announced too long is refused before it comes, in `push` and, behind another one, in `pop`.
#[test]
fn a_long_message_on_the_stream_is_refused() {
    let long = u32::try_from(MAX_SESSION_MESSAGE_BYTES + 1).unwrap().to_be_bytes();
    let refused = Err(ProximityError::TooLong {
        length: MAX_SESSION_MESSAGE_BYTES + 1,
        limit: MAX_SESSION_MESSAGE_BYTES,
    });
    assert_eq!(StreamDecoder::new().push(&long), refused);
    let mut decoder = StreamDecoder::new();
    decoder
        .push(&[encode(b"x").unwrap().as_slice(), &long].concat())
        .unwrap();
    assert_eq!(decoder.pop(), Ok(Some(b"x".to_vec())));
    assert_eq!(decoder.pop().map(|_| ()), refused);
    assert!(encode(&vec![0; MAX_SESSION_MESSAGE_BYTES + 1]).is_err());
    assert!(encode(&vec![0; MAX_SESSION_MESSAGE_BYTES]).is_ok());
}

/// X-C09: what is pushed and never popped is bounded.
#[test]
fn the_backlog_of_a_stream_is_bounded() {
    let mut decoder = StreamDecoder::new();
    let mut message = u32::try_from(MAX_SESSION_MESSAGE_BYTES).unwrap().to_be_bytes().to_vec();
    message.resize(MAX_SESSION_MESSAGE_BYTES + LENGTH_BYTES, 0);
    decoder.push(&message).unwrap();
    decoder.push(&vec![0; MAX_BACKLOG_BYTES]).unwrap();
    assert!(matches!(decoder.push(&[0]), Err(ProximityError::TooLong { .. })));
    assert_eq!(decoder.pop().unwrap().unwrap().len(), MAX_SESSION_MESSAGE_BYTES);
    decoder.push(&[0]).unwrap();
}

/// The private method type is there only when it is asked for.
#[test]
fn the_stream_method_is_there_on_demand() {
    let offered = |methods: Vec<RetrievalMethod>| {
        let holder = idwallet_proximity::HolderSession::new(Curve::P256, methods, &SeededRandom::new(1), NOW).unwrap();
        let bytes = holder.engagement().bytes().to_vec();
        // -18013 in CBOR
        bytes.windows(3).any(|w| w == [0x39, 0x46, 0x5c])
    };
    let nfc = RetrievalMethod::Nfc(idwallet_proximity::engagement::NfcOptions {
        max_command: 255,
        max_response: 256,
    });
    assert!(!offered(vec![nfc]));
    assert!(offered(vec![stream()]));
}
