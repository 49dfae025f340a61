//! What two devices say to each other: engagement, handover, session, both roles.

use crate::tell;
use idwallet_crypto::{Curve, PrivateKey, SystemRandom};
use idwallet_mdoc::SessionTranscript;
use idwallet_mdoc::holder::ResponseFailure;
use idwallet_proximity::engagement::STREAM_METHOD_TYPE;
use idwallet_proximity::nfc::{
    Carrier, HandoverRequest, HandoverSelect, ServiceParameter, parse_message, parse_service_select, parse_status,
    write_message,
};
use idwallet_proximity::{
    Action, CameraAnswer, CameraHolder, CameraReader, DeviceEngagement, DeviceEngagementBuilder, HolderSession,
    ReaderEngagement, ReaderSession, RetrievalMethod, SessionData, SessionEstablishment, stream,
};
use idwallet_test_support::{NOW, SeededRandom, key};
use std::sync::LazyLock;

static HOLDER: LazyLock<(PrivateKey, DeviceEngagement)> = LazyLock::new(|| {
    let own = key(Curve::P256, 11);
    let method = RetrievalMethod::Stream {
        address: "127.0.0.1:1".to_owned(),
    };
    let engagement = DeviceEngagementBuilder::new()
        .method(method)
        .build(own.public_key())
        .unwrap();
    (own, engagement)
});

/// The reader's side of an exchange by camera, kept as bytes because it is used up by an answer.
static CAMERA_READER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let draft = CameraReader::begin(Curve::P256, &SeededRandom::new(12)).unwrap();
    let reader = draft.ask(crate::seeds::small_request(), NOW).unwrap();
    reader.to_secret_bytes().unwrap().expose().clone()
});

/// `DeviceEngagement` as bytes and as the text of a QR code.
pub fn device_engagement(data: &[u8]) {
    match DeviceEngagement::parse(data) {
        Ok(engagement) => walk(&engagement, data),
        Err(error) => tell(&error),
    }
    if let Ok(text) = core::str::from_utf8(data) {
        match DeviceEngagement::from_qr_text(text) {
            Ok(engagement) => walk(&engagement, engagement.bytes()),
            Err(error) => tell(&error),
        }
    }
}

fn walk(engagement: &DeviceEngagement, bytes: &[u8]) {
    assert_eq!(engagement.bytes(), bytes);
    assert!(engagement.e_device_key_bytes().len() > 3);
    let mut offered = 0;
    for method in engagement.retrieval_methods() {
        let (kind, _) = method.type_and_version();
        offered += usize::from(kind == STREAM_METHOD_TYPE || kind > 0);
    }
    std::hint::black_box((offered, engagement.version(), engagement.e_device_key()));
    std::hint::black_box((
        engagement.origin_infos().map(<[_]>::len),
        format!("{:?}", engagement.capabilities()),
    ));
    if let Ok(text) = engagement.to_qr_text() {
        assert_eq!(
            DeviceEngagement::from_qr_text(&text)
                .expect("its own text is read")
                .bytes(),
            bytes
        );
    }
}

/// `ReaderEngagement`, the two messages of the exchange by camera, and the reader's session as kept in a file.
pub fn reader_engagement(data: &[u8]) {
    match ReaderEngagement::parse(data) {
        Ok(engagement) => {
            assert_eq!(engagement.bytes(), data);
            std::hint::black_box((
                engagement.e_reader_key(),
                engagement.retrieval_methods().len(),
                engagement.handover_hash(),
            ));
        }
        Err(error) => tell(&error),
    }
    match CameraHolder::received(data, &SystemRandom::new()) {
        Ok(holder) => {
            std::hint::black_box((holder.request_transcript().salt(), holder.e_reader_key()));
            let request = holder.request().to_vec();
            crate::device_request(&request);
            holder.respond(b"response").expect("a holder can answer whom it heard");
        }
        Err(error) => tell(&error),
    }
    if let Err(error) = CameraReader::from_secret_bytes(data) {
        tell(&error);
    }
    let reader = CameraReader::from_secret_bytes(&CAMERA_READER).unwrap();
    match reader.received(data, NOW) {
        // Keys and answer of the seed are the same in every process.
        Ok(CameraAnswer::Response(answer)) => assert_eq!(answer.bytes(), b"response", "what decrypts was encrypted"),
        Ok(_) => {}
        Err(error) => tell(&error),
    }
}

/// NDEF messages: handover select and request, TNEP.
pub fn nfc_handover(data: &[u8]) {
    match parse_message(data) {
        Ok(records) => {
            let again = write_message(&records).expect("what was read can be written");
            assert_eq!(format!("{:?}", parse_message(&again).unwrap()), format!("{records:?}"));
            for record in &records {
                if let Err(error) = Carrier::parse(record) {
                    tell(&error);
                }
            }
        }
        Err(error) => tell(&error),
    }
    let request = HandoverRequest::parse(data);
    if let Ok(request) = &request {
        std::hint::black_box((request.carriers().len(), request.choose(request.carriers())));
        std::hint::black_box(request.reader_engagement().map(ReaderEngagement::version));
    }
    match HandoverSelect::parse(data) {
        Ok(select) => {
            walk(select.device_engagement(), select.device_engagement().bytes());
            std::hint::black_box((select.carriers().len(), select.retrieval_methods(None).is_ok()));
            std::hint::black_box(select.retrieval_methods(request.as_ref().ok()).is_ok());
        }
        Err(error) => tell(&error),
    }
    for error in [
        ServiceParameter::find(data).err(),
        parse_service_select(data).err(),
        parse_status(data).err(),
        request.err(),
    ] {
        error.iter().for_each(tell);
    }
}

/// `SessionEstablishment` and `SessionData`: what is read is written so that it is read again.
pub fn session_data(data: &[u8]) {
    match SessionEstablishment::parse(data) {
        Ok(message) => {
            let again = SessionEstablishment::encode(message.e_reader_cose_key(), message.data());
            let again = SessionEstablishment::parse(&again).expect("our own message is read");
            assert_eq!(
                (again.e_reader_key(), again.data()),
                (message.e_reader_key(), message.data())
            );
        }
        Err(error) => tell(&error),
    }
    match SessionData::parse(data) {
        Ok(message) => {
            assert!(message.data().is_some() || message.status().is_some());
            if let (Some(content), status) = (message.data(), message.status()) {
                let again = SessionData::encode_data(content, status.is_some());
                assert_eq!(SessionData::parse(&again).unwrap().data(), Some(content));
            }
            if let Some(status) = message.status() {
                let again = SessionData::encode_status(status);
                assert_eq!(SessionData::parse(&again).unwrap().status(), Some(status));
            }
        }
        Err(error) => tell(&error),
    }
}

/// Pieces of a byte stream of any size: the messages that come out are the ones that were framed.
pub fn stream_frames(data: &[u8]) {
    let Some((size, rest)) = data.split_first() else { return };
    let size = usize::from(*size).max(1);
    let mut messages = Vec::new();
    let mut decoder = stream::StreamDecoder::new();
    for piece in rest.chunks(size) {
        if let Err(error) = decoder.push(piece) {
            return tell(&error);
        }
        loop {
            match decoder.pop() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return tell(&error),
            }
        }
    }
    let again: Vec<u8> = messages
        .iter()
        .flat_map(|message| stream::encode(message).unwrap())
        .collect();
    assert!(rest.starts_with(&again));
    assert_eq!(decoder.is_empty(), again.len() == rest.len());
}

/// Both roles against whatever comes. The input is a list of steps, each an opcode, a length and so many bytes.
///
/// What the reader takes for a response is what the holder gave, and a request what the reader sent, whoever meddles.
pub fn session(data: &[u8]) {
    let (own, engagement) = &*HOLDER;
    let copy = || PrivateKey::from_pkcs8_der(own.to_pkcs8_der().unwrap().expose()).unwrap();
    let mut now = NOW;
    let mut holder = HolderSession::dangerous_with_key(copy(), engagement.clone(), None, now).unwrap();
    let mut reader = ReaderSession::dangerous_with_key(key(Curve::P256, 13), engagement.clone(), None, now).unwrap();
    let (mut sent, mut given): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    // What the holder says by itself to a request that is no CBOR.
    given.push(ResponseFailure::CborDecoding.to_response());
    let (mut to_holder, mut to_reader): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    let mut rest = data;
    let mut steps = 0;
    while let [operation, length, tail @ ..] = rest {
        let (argument, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        steps += 1;
        if steps > 40 {
            break;
        }
        let outcome = match operation % 14 {
            0 => holder.received(argument, now),
            1 => reader.received(argument, now),
            2 => {
                let result = reader.send_request(argument, now);
                if result.is_ok() {
                    sent.push(argument.to_vec());
                }
                result
            }
            3 => match to_holder.take() {
                Some(message) => holder.received(&message, now),
                None => Ok(()),
            },
            4 => {
                let result = holder.respond(argument, argument.len() % 2 == 1, now);
                if result.is_ok() {
                    given.push(argument.to_vec());
                }
                result
            }
            5 => match to_reader.take() {
                Some(message) => reader.received(&message, now),
                None => Ok(()),
            },
            // The message on its way is altered.
            6 | 7 => {
                let message = if operation % 14 == 6 {
                    &mut to_holder
                } else {
                    &mut to_reader
                };
                if let (Some(message), [at, bits, ..]) = (message, argument) {
                    let at = usize::from(*at) % message.len().max(1);
                    if let Some(byte) = message.get_mut(at) {
                        *byte ^= bits;
                    }
                }
                Ok(())
            }
            8 => {
                now = now.saturating_add_seconds(i64::from(argument.first().copied().unwrap_or(1)) * 4);
                Ok(())
            }
            9 => {
                reader.terminate();
                Ok(())
            }
            10 => {
                holder.decline();
                Ok(())
            }
            11 => {
                holder.connection_lost();
                Ok(())
            }
            12 => {
                reader.connection_lost();
                Ok(())
            }
            _ => holder.early_establishment(argument),
        };
        if let Err(error) = outcome {
            tell(&error);
        }
        for (action, way) in [
            (holder.next_action(now), &mut to_reader),
            (reader.next_action(now), &mut to_holder),
        ] {
            match action {
                Action::Send(message) => *way = Some(message),
                Action::Terminated(reason) => tell(&reason),
                other => {
                    std::hint::black_box(format!("{other:?}"));
                }
            }
        }
        if let Some(request) = holder.request() {
            assert!(
                sent.iter().any(|one| one == request),
                "a request is one that the reader sent"
            );
        }
        if let Some(response) = reader.take_response() {
            assert!(
                given.iter().any(|one| one == response.bytes()),
                "a response is one that the holder gave"
            );
        }
    }
    std::hint::black_box(holder.transcript().map(SessionTranscript::salt));
}
