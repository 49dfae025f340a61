//! NFC handover: messages made, read and refused.
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
use idwallet_proximity::engagement::{BleOptions, NfcOptions};
use idwallet_proximity::nfc::{
    BleOob, Carrier, HandoverRequest, HandoverSelect, LeRole, NdefRecord, ServiceParameter, TypeNameFormat,
    parse_message, parse_service_select, parse_status, service_select, status, write_message,
};
use idwallet_proximity::{
    DeviceEngagement, DeviceEngagementBuilder, EndReason, HolderSession, MethodKind, ProximityError, ReaderEngagement,
    ReaderSession, RetrievalMethod,
};
use support::{NOW, REQUEST, RESPONSE, SeededRandom, ended, key, sent, stream};

const NFC: NfcOptions = NfcOptions {
    max_command: 65_535,
    max_response: 65_536,
};

fn ble(role: LeRole, uuid: Option<[u8; 16]>) -> Carrier {
    Carrier::Ble(BleOob {
        role,
        uuid,
        address: None,
    })
}

fn both() -> Vec<Carrier> {
    vec![ble(LeRole::CentralPreferred, Some([7; 16])), Carrier::Nfc(Some(NFC))]
}

fn engagement() -> DeviceEngagement {
    DeviceEngagementBuilder::new()
        .build(key(Curve::P256, 1).public_key())
        .unwrap()
}

fn select() -> Vec<u8> {
    HandoverSelect::build_static(&engagement(), &both()).unwrap()
}

/// A-H08, A-C21: a session by static handover; the transcript holds Hs and no Hr.
#[test]
fn a_static_handover_begins_a_session() {
    let mut holder = HolderSession::nfc_static(Curve::P256, &both(), &SeededRandom::new(1), NOW).unwrap();
    let hs = holder.handover_select().unwrap().to_vec();
    let mut reader = ReaderSession::nfc(&hs, None, &SeededRandom::new(2), NOW).unwrap();
    let uuid = Some([7; 16]);
    let ble = BleOptions {
        peripheral_server: uuid,
        central_client: uuid,
        ..BleOptions::default()
    };
    assert_eq!(
        reader.retrieval_methods(),
        [RetrievalMethod::Ble(ble), RetrievalMethod::Nfc(NFC)]
    );
    assert_eq!(reader.choose_carrier(&[MethodKind::Nfc]).unwrap().0, MethodKind::Nfc);
    let bytes = reader.transcript().as_bytes();
    assert!(bytes.ends_with(&[hs.as_slice(), &[0xf6]].concat()));
    converse(&mut holder, &mut reader);
    assert!(holder.qr_text().is_err());
}

fn converse(holder: &mut HolderSession, reader: &mut ReaderSession) {
    reader.send_request(REQUEST, NOW).unwrap();
    holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
    assert_eq!(holder.transcript(), Some(reader.transcript()));
    holder.respond(RESPONSE, true, NOW).unwrap();
    reader.received(&sent(holder.next_action(NOW)), NOW).unwrap();
    assert_eq!(reader.take_response().unwrap().bytes(), RESPONSE);
}

fn request(carriers: &[Carrier]) -> Vec<u8> {
    HandoverRequest::build([1, 2], carriers, None).unwrap()
}

fn negotiated(hr: &[u8]) -> HolderSession {
    HolderSession::nfc_negotiated(Curve::P256, &both(), hr, &SeededRandom::new(1), NOW).unwrap()
}

/// A-H08, A-C21, A-V01: a session by negotiated handover; exactly one carrier is chosen, and the transcript holds Hs and Hr.
#[test]
fn a_negotiated_handover_begins_a_session() {
    let hr = request(&[Carrier::Nfc(None), ble(LeRole::PeripheralPreferred, Some([9; 16]))]);
    let mut holder = negotiated(&hr);
    let hs = holder.handover_select().unwrap().to_vec();
    let mut reader = ReaderSession::nfc(&hs, Some(&hr), &SeededRandom::new(2), NOW).unwrap();
    let [RetrievalMethod::Ble(chosen)] = reader.retrieval_methods() else {
        panic!()
    };
    assert_eq!((chosen.central_client, chosen.peripheral_server), (Some([9; 16]), None));
    assert!(reader.transcript().as_bytes().ends_with(&hr));
    converse(&mut holder, &mut reader);
}

/// A-H08, A-H10: what can be chosen depends on both; roles are those of the sender.
#[test]
fn carriers_are_chosen_together() {
    let chosen = |carriers: &[Carrier]| HandoverRequest::parse(&request(carriers)).unwrap().choose(&both());
    assert_eq!(
        chosen(&[ble(LeRole::PeripheralOnly, None)]),
        Some(ble(LeRole::CentralOnly, Some([7; 16])))
    );
    assert_eq!(
        chosen(&[ble(LeRole::CentralOnly, None)]),
        Some(ble(LeRole::PeripheralOnly, Some([7; 16])))
    );
    assert_eq!(chosen(&[Carrier::Nfc(None)]), Some(Carrier::Nfc(Some(NFC))));
    let wifi = Carrier::Other {
        format: TypeNameFormat::Media,
        record_type: b"application/vnd.wfa.nan".to_vec(),
        id: b"W".to_vec(),
        payload: vec![],
    };
    assert_eq!(chosen(std::slice::from_ref(&wifi)), None);
    let refused = HolderSession::nfc_negotiated(Curve::P256, &both(), &request(&[wifi]), &SeededRandom::new(1), NOW);
    assert_eq!(refused.unwrap_err(), ProximityError::NoCommonCarrier);
    // Two centrals never meet.
    let central = [ble(LeRole::CentralOnly, Some([1; 16]))];
    assert_eq!(
        HandoverRequest::parse(&request(&central)).unwrap().choose(&central),
        None
    );
}

/// A-H08: a negotiated handover with two carriers chosen is refused by the reader.
#[test]
fn two_chosen_carriers_are_refused() {
    let hr = request(&[Carrier::Nfc(None)]);
    assert!(ReaderSession::nfc(&select(), None, &SeededRandom::new(2), NOW).is_ok());
    let refused = ReaderSession::nfc(&select(), Some(&hr), &SeededRandom::new(2), NOW);
    assert!(matches!(refused, Err(ProximityError::Nfc { .. })));
}

/// A-H11: the same establishment as during the handover goes on, another one ends the session; a broken early one harms nothing.
#[test]
fn an_early_establishment_must_be_the_same() {
    let hr = request(&[Carrier::Nfc(None)]);
    let other = |hs: &[u8]| {
        let mut reader = ReaderSession::nfc(hs, Some(&hr), &SeededRandom::new(3), NOW).unwrap();
        reader.send_request(REQUEST, NOW).unwrap();
        sent(reader.next_action(NOW))
    };
    for case in ["the same", "broken", "another"] {
        let mut holder = negotiated(&hr);
        let hs = holder.handover_select().unwrap().to_vec();
        let (early, same) = match case {
            "the same" => (None, true),
            "broken" => (Some(vec![0xff]), true),
            _ => (Some(other(&hs)), false),
        };
        let mut reader = ReaderSession::nfc(&hs, Some(&hr), &SeededRandom::new(2), NOW).unwrap();
        reader.send_request(REQUEST, NOW).unwrap();
        let message = sent(reader.next_action(NOW));
        holder.early_establishment(early.as_ref().unwrap_or(&message)).unwrap();
        holder.received(&message, NOW).unwrap();
        assert_eq!(holder.request().is_some(), same, "{case}");
        if !same {
            sent(holder.next_action(NOW));
            assert_eq!(ended(holder.next_action(NOW)), EndReason::EstablishmentMismatch);
        }
    }
    let mut by_qr = HolderSession::new(Curve::P256, vec![stream()], &SeededRandom::new(1), NOW).unwrap();
    assert!(by_qr.early_establishment(&[1]).is_err());
}

/// A-H03: an engagement by NFC has no retrieval methods, on both sides.
#[test]
fn retrieval_methods_in_an_nfc_engagement_are_refused() {
    let with_method = DeviceEngagementBuilder::new().method(stream());
    let with_method = with_method.build(key(Curve::P256, 1).public_key()).unwrap();
    let refused = HandoverSelect::build_static(&with_method, &both());
    assert_eq!(refused, Err(ProximityError::RetrievalMethodInNfc));
    let message = edit(&select(), |records| {
        for record in records.iter_mut().filter(|r| r.id == b"mdoc") {
            record.payload = with_method.bytes();
        }
    });
    assert_eq!(
        HandoverSelect::parse(&message),
        Err(ProximityError::RetrievalMethodInNfc)
    );
}

/// The message with its records changed.
fn edit<'a>(message: &'a [u8], change: impl FnOnce(&mut Vec<NdefRecord<'a>>)) -> Vec<u8> {
    let mut records = parse_message(message).unwrap();
    change(&mut records);
    write_message(&records).unwrap()
}

/// A-H08: each part of a handover select message that is needed.
#[test]
fn incomplete_handover_messages_are_refused() {
    let good = select();
    assert!(HandoverSelect::parse(&good).is_ok());
    let hs = parse_message(&good).unwrap()[0];
    let payload = |change: fn(&mut Vec<u8>)| {
        let mut payload = hs.payload.to_vec();
        change(&mut payload);
        payload
    };
    let other_version = payload(|p| p[0] = 0x25);
    let other_minor = payload(|p| p[0] = 0x16);
    let no_reference = payload(|p| {
        let at = p.windows(4).position(|w| w == b"mdoc").unwrap();
        p[at] = b'x';
    });
    let with = |payload: &[u8]| {
        let mut records = parse_message(&good).unwrap();
        records[0].payload = payload;
        HandoverSelect::parse(&write_message(&records).unwrap())
    };
    assert!(with(&other_minor).is_ok());
    let error = [NdefRecord::well_known(b"err", &[1, 0])];
    let failed = [vec![0x15], write_message(&error).unwrap()].concat();
    for (what, result) in [
        ("another major version", with(&other_version)),
        ("no reference to the engagement", with(&no_reference)),
        ("no carriers", with(&[0x15])),
        ("the handover failed", with(&failed)),
        (
            "no engagement",
            HandoverSelect::parse(&edit(&good, |r| r.retain(|r| r.id != b"mdoc"))),
        ),
        ("two engagements", HandoverSelect::parse(&edit(&good, |r| r.push(r[3])))),
        (
            "no carrier record",
            HandoverSelect::parse(&edit(&good, |r| r.retain(|r| r.id != b"nfc"))),
        ),
        (
            "two carrier records",
            HandoverSelect::parse(&edit(&good, |r| r.push(r[2]))),
        ),
        ("Hs is not first", HandoverSelect::parse(&edit(&good, |r| r.swap(0, 1)))),
        ("a request", HandoverSelect::parse(&request(&[Carrier::Nfc(None)]))),
    ] {
        assert!(matches!(result, Err(ProximityError::Nfc { .. })), "{what}: {result:?}");
    }
    assert!(matches!(HandoverRequest::parse(&good), Err(ProximityError::Nfc { .. })));
}

/// A-H10: a static BLE carrier has a UUID; it is the same for both modes and turned around in the record.
#[test]
fn a_static_ble_carrier_needs_a_uuid() {
    let without = [ble(LeRole::CentralOnly, None)];
    assert!(HandoverSelect::build_static(&engagement(), &without).is_err());
    let message = HandoverSelect::build_negotiated(&engagement(), &without[0]).unwrap();
    assert!(ReaderSession::nfc(&message, None, &SeededRandom::new(1), NOW).is_err());
    let uuid: [u8; 16] = std::array::from_fn(|i| i as u8);
    let message = HandoverSelect::build_static(&engagement(), &[ble(LeRole::CentralOnly, Some(uuid))]).unwrap();
    let payload = parse_message(&message).unwrap()[1].payload;
    assert_eq!(payload[3..5], [17, 7]);
    assert!(payload[5..].iter().rev().eq(uuid.iter()));
}

fn carrier(format: TypeNameFormat, record_type: &[u8], payload: &str) -> Result<Carrier, ProximityError> {
    let payload = hex::decode(payload.replace(' ', "")).unwrap();
    Carrier::parse(&NdefRecord {
        format,
        record_type,
        id: b"0",
        payload: &payload,
    })
}

/// A-H09, A-H10: carrier records with a field missing, doubled, too long, or of a wrong value.
#[test]
fn wrong_carrier_records_are_refused() {
    let ble = |payload| carrier(TypeNameFormat::Media, b"application/vnd.bluetooth.le.oob", payload);
    assert!(ble("021c01 00 03ff0102").is_ok());
    for payload in [
        "",
        "021c04",
        "011c",
        "031c0101",
        "021c01 021c01",
        "021c01 0307aabb",
        "021c01 071b010203040506",
        "05 1c01",
    ] {
        assert!(ble(payload).is_err(), "{payload}");
    }
    let nfc = |payload| carrier(TypeNameFormat::External, b"iso.org:18013:nfc", payload);
    assert_eq!(nfc("01"), Ok(Carrier::Nfc(None)));
    assert_eq!(nfc("01 0301ffff 0402010000"), Ok(Carrier::Nfc(Some(NFC))));
    assert!(nfc("01 0201ff 03020100 0309aabb").is_ok());
    for payload in [
        "",
        "02",
        "01 0301ffff",
        "01 0301ffff 0301ffff 0302ffff",
        "01 0101 0302ffff",
        "01 0301 00fe 0302ffff",
        "01 00",
        "01 06010000000001 0302ffff",
    ] {
        assert!(nfc(payload).is_err(), "{payload}");
    }
}

/// NDEF: what is not one message in one piece.
#[test]
fn wrong_ndef_messages_are_refused() {
    let good = hex::decode("d1015400").unwrap();
    assert!(parse_message(&hex::decode("d1010054").unwrap()).is_ok());
    for message in [
        "",
        "d1",
        "d10100",
        "51010054",
        "91010054",
        "d101005400",
        "f1010054",
        "d6010054",
        "d7010054",
        "d0010054",
        "d5010054",
        "c101ffffffff54",
        "9101005491010054",
        "d901000554",
    ] {
        assert!(parse_message(&hex::decode(message).unwrap()).is_err(), "{message}");
    }
    assert!(parse_message(&good).is_err());
    let many: Vec<NdefRecord<'_>> = (0..33).map(|_| NdefRecord::well_known(b"T", &[])).collect();
    assert!(write_message(&many).is_err() && write_message(&[]).is_err());
    assert!(write_message(&[NdefRecord::well_known(&[0; 256], &[])]).is_err());
    assert!(write_message(&[NdefRecord::well_known(b"T", &[0; 65_536])]).is_err());
    let long = [NdefRecord::well_known(b"T", &[7; 300])];
    assert_eq!(parse_message(&write_message(&long).unwrap()).unwrap(), long);
}

/// A-H08: the request has one collision resolution record; its reader engagement is read.
#[test]
fn a_request_may_carry_a_reader_engagement() {
    let engagement = ReaderEngagement::new(key(Curve::P256, 1).public_key()).unwrap();
    let hr = HandoverRequest::build([1, 2], &[Carrier::Nfc(None)], Some(&engagement)).unwrap();
    assert_eq!(
        HandoverRequest::parse(&hr).unwrap().reader_engagement(),
        Some(&engagement)
    );
    let without = edit(&hr, |records| records[0].payload = &hr[0..0]);
    assert!(HandoverRequest::parse(&without).is_err());
    let twice = HandoverRequest::build([1, 2], &[Carrier::Nfc(None), Carrier::Nfc(None)], None);
    assert!(matches!(twice, Err(ProximityError::Unofferable(_))));
}

/// A-H08: TNEP: the service is advertised, selected and confirmed.
#[test]
fn the_handover_service_is_advertised() {
    let message = ServiceParameter::default().to_message().unwrap();
    assert!(message.windows(19).any(|w| w == b"urn:nfc:sn:handover"));
    assert_eq!(ServiceParameter::find(&message), Ok(Some(ServiceParameter::default())));
    assert_eq!(ServiceParameter::find(&select()), Ok(None));
    assert_eq!(parse_service_select(&service_select().unwrap()), Ok(true));
    assert!(parse_service_select(&message).is_err());
    assert_eq!(parse_status(&status(3).unwrap()), Ok(3));
    assert!(parse_status(&message).is_err());
    let out_of_range = ServiceParameter {
        waiting_time: 64,
        ..ServiceParameter::default()
    };
    assert!(out_of_range.to_message().is_err());
}
