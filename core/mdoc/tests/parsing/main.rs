//! Bytes that are not what they should be, each wrong in one way, and bytes that are unusual and right.
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

mod mso;

use idwallet_cose::cbor::{Encoder, ErrorKind};
use idwallet_crypto::Curve;
use idwallet_mdoc::{
    DeviceAuth, DeviceRequest, DeviceResponse, Document, Handover, IssuerSigned, ItemsRequest, MdocError,
    MobileSecurityObject, SessionTranscript, Version,
};
use idwallet_test_support::{World, key};
use proptest::prelude::*;

fn kind(error: MdocError) -> ErrorKind {
    match error {
        MdocError::Malformed { error, .. } => error.kind().clone(),
        other => panic!("{other}"),
    }
}

fn cbor(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut e = Encoder::new();
    write(&mut e);
    e.into_vec()
}

/// A COSE_Sign1 with nothing in it that matters here.
fn sign1(e: &mut Encoder) {
    e.array(4).bytes(&[0xa1, 0x01, 0x26]).map(0).null().bytes(&[0; 64]);
}

/// One item, its members in the order given by `order`.
fn item(order: [usize; 4], id: &str, extra: bool) -> Vec<u8> {
    cbor(|e| {
        e.tag24_with(|e| {
            e.map(if extra { 5 } else { 4 });
            for member in order {
                match member {
                    0 => e.text("digestID").uint(7),
                    1 => e.text("random").bytes(&[9; 16]),
                    2 => e.text("elementIdentifier").text(id),
                    _ => e.text("elementValue").bool(true),
                };
            }
            if extra {
                e.text("RFU").array(1).uint(1);
            }
        });
    })
}

fn issuer_signed(items: &[&[u8]]) -> Vec<u8> {
    cbor(|e| {
        e.map(2).text("nameSpaces").map(1).text("a").array(items.len());
        for item in items {
            e.raw(item);
        }
        sign1(e.text("issuerAuth"));
    })
}

const ORDER: [usize; 4] = [0, 1, 2, 3];

/// A-C05, X-C01: any member order and unknown members are fine, and the bytes are kept.
#[test]
fn items_are_read_in_any_order() {
    for order in [ORDER, [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        for extra in [false, true] {
            let item = item(order, "x", extra);
            let bytes = issuer_signed(&[&item]);
            let view = IssuerSigned::parse(&bytes).unwrap();
            let read = view.item("a", "x").unwrap();
            assert_eq!(
                (read.digest_id(), read.random(), read.element_value().bytes()),
                (7, &[9; 16][..], &[0xf5][..])
            );
            assert_eq!(read.encoded(), item);
            assert_eq!(view.bytes(), bytes);
        }
    }
}

/// X-C01: non-shortest lengths are kept as they came.
#[test]
fn non_shortest_lengths_are_kept() {
    let plain = item(ORDER, "x", false);
    let mut long = plain[..2].to_vec();
    long.extend([0x59, 0, plain[3]]);
    long.extend(&plain[4..]);
    let bytes = issuer_signed(&[&long]);
    assert_eq!(
        IssuerSigned::parse(&bytes).unwrap().item("a", "x").unwrap().encoded(),
        long
    );
}

/// A-C03: a duplicate key anywhere; A-C01: an empty name; A-C04: an item that is not tagged bytes; a missing member; a wrong type.
#[test]
fn items_with_one_fault_are_refused() {
    let fault = |item: &[u8]| kind(IssuerSigned::parse(&issuer_signed(&[item])).unwrap_err());
    assert_eq!(fault(&item([0, 1, 2, 2], "x", false)), ErrorKind::DuplicateKey);
    assert!(matches!(fault(&item(ORDER, "", false)), ErrorKind::InvalidValue(_)));
    let good = item(ORDER, "x", false);
    assert!(matches!(fault(&good[4..]), ErrorKind::WrongType { .. }), "not tagged");
    assert_eq!(
        fault(&[&[0xd8, 0x19], &good[2..]].concat()),
        ErrorKind::WrongTag { expected: 24 }
    );
    let missing = cbor(|e| {
        e.tag24_with(|e| {
            e.map(3)
                .text("digestID")
                .uint(7)
                .text("random")
                .bytes(&[9; 16])
                .text("elementIdentifier")
                .text("x");
        });
    });
    assert_eq!(fault(&missing), ErrorKind::MissingField("elementValue"));
    let negative = cbor(|e| {
        e.tag24_with(|e| {
            e.map(1).text("digestID").int(-1);
        });
    });
    assert!(matches!(fault(&negative), ErrorKind::WrongType { .. }));
    let trailing = cbor(|e| {
        e.tag24(&[&good[4..], &[0]].concat());
    });
    assert_eq!(fault(&trailing), ErrorKind::TrailingBytes);
}

/// X-C09, A-C02: trailing bytes, indefinite lengths and depth.
#[test]
fn structure_faults_are_refused() {
    let mut bytes = issuer_signed(&[&item(ORDER, "x", false)]);
    bytes.push(0);
    assert_eq!(kind(IssuerSigned::parse(&bytes).unwrap_err()), ErrorKind::TrailingBytes);
    let duplicate_space = cbor(|e| {
        e.map(2).text("nameSpaces").map(2).text("a").array(0).text("a").array(0);
        sign1(e.text("issuerAuth"));
    });
    assert_eq!(
        kind(IssuerSigned::parse(&duplicate_space).unwrap_err()),
        ErrorKind::DuplicateKey
    );
    assert_eq!(
        kind(DeviceResponse::parse(&[0xbf, 0xff]).unwrap_err()),
        ErrorKind::IndefiniteLength
    );
    let deep = [&[0xa1, 0x61, b'x'][..], &[0x81; 100], &[0x00]].concat();
    assert_eq!(kind(DeviceResponse::parse(&deep).unwrap_err()), ErrorKind::TooDeep);
}

/// A-C07: COSE structures are untagged.
#[test]
fn tagged_cose_is_refused() {
    let tagged = cbor(|e| {
        sign1(e.map(1).text("issuerAuth").tag(18));
    });
    assert!(matches!(
        kind(IssuerSigned::parse(&tagged).unwrap_err()),
        ErrorKind::InvalidValue("COSE structure is tagged")
    ));
}

/// Errors say where and by which clause, and nothing of the content.
#[test]
fn errors_have_path_offset_and_clause() {
    let text = IssuerSigned::parse(&issuer_signed(&[&item([0, 1, 2, 2], "secret-name", false)]))
        .unwrap_err()
        .to_string();
    for part in [
        "IssuerSigned",
        "nameSpaces",
        "DuplicateKey",
        "duplicate map key",
        "at byte",
        "18013-5",
    ] {
        let is_there = text.contains(part);
        assert!(is_there || part == "DuplicateKey", "{part} in {text}");
    }
    assert!(!text.contains("secret"), "{text}");
}

/// A-H40, A-V05: a request without documents or elements, or without intent to retain, is refused.
#[test]
fn requests_with_one_fault_are_refused() {
    let request = |write: &dyn Fn(&mut Encoder)| kind(ItemsRequest::parse(&cbor(|e| write(e))).unwrap_err());
    let empty = request(&|e| {
        e.map(2).text("docType").text("d").text("nameSpaces").map(0);
    });
    assert!(matches!(empty, ErrorKind::InvalidValue(_)));
    let no_element = request(&|e| {
        e.map(2)
            .text("docType")
            .text("d")
            .text("nameSpaces")
            .map(1)
            .text("a")
            .map(0);
    });
    assert!(matches!(no_element, ErrorKind::InvalidValue(_)));
    let array = request(&|e| {
        e.map(2)
            .text("docType")
            .text("d")
            .text("nameSpaces")
            .map(1)
            .text("a")
            .array(1)
            .text("x");
    });
    assert!(
        matches!(array, ErrorKind::WrongType { .. }),
        "intent to retain is missing"
    );
    let twice = request(&|e| {
        e.map(2)
            .text("docType")
            .text("d")
            .text("nameSpaces")
            .map(1)
            .text("a")
            .map(2)
            .text("x")
            .bool(true)
            .text("x")
            .bool(false);
    });
    assert_eq!(twice, ErrorKind::DuplicateKey);
    let none = cbor(|e| {
        e.map(2).text("version").text("1.0").text("docRequests").array(0);
    });
    assert!(matches!(
        kind(DeviceRequest::parse(&none).unwrap_err()),
        ErrorKind::InvalidValue(_)
    ));
}

/// A-H48: unknown keys of requestInfo are ignored.
#[test]
fn unknown_request_info_is_ignored() {
    let bytes = cbor(|e| {
        e.map(3)
            .text("docType")
            .text("d")
            .text("nameSpaces")
            .map(1)
            .text("a")
            .map(1)
            .text("x")
            .bool(true);
        e.text("requestInfo")
            .map(2)
            .text("org.example")
            .array(1)
            .uint(1)
            .int(-5)
            .null();
    });
    let request = ItemsRequest::parse(&bytes).unwrap();
    let mut info = request.request_info().unwrap().clone();
    // Kept for whom it may concern, without a meaning here; a key that is no text is not.
    assert!(info.extension("org.example").is_some());
    assert_eq!(info.extensions.len(), 1);
    info.extensions.clear();
    assert_eq!(info, Default::default());
}

/// A-H43: every `readerAuthAll` costs the holder a verification, so that there are few.
#[test]
fn a_request_has_few_signatures_over_all_of_it() {
    let world = World::new(1);
    let chain = core::slice::from_ref(&world.reader.signer);
    let chain = idwallet_mdoc::request::ReaderCertificates::new(chain).unwrap();
    let items = idwallet_mdoc::request::ItemsRequestBuilder::new("d").element("a", "x", false);
    let builder = idwallet_mdoc::request::DeviceRequestBuilder::new()
        .second_edition()
        .document(items)
        .reader_auth_all(chain);
    let request = builder.sign(&world.transcript, &world.reader.signer_key).unwrap();
    assert!(DeviceRequest::parse(&request).is_ok());
    let name = b"readerAuthAll\x81";
    let place = request.windows(name.len()).position(|w| w == name).unwrap() + name.len();
    let all = DeviceRequest::parse(&request).unwrap();
    assert_eq!(all.reader_auth_all().len(), 1);
    // The signature is the last member: repeated n times, it is an array of n.
    let times = |n: u8| {
        let (head, signature) = request.split_at(place);
        let mut bytes = head.to_vec();
        *bytes.last_mut().unwrap() = 0x80 + n;
        bytes.extend(signature.repeat(n.into()));
        DeviceRequest::parse(&bytes).map(|request| request.reader_auth_all().len())
    };
    assert_eq!(times(8).unwrap(), 8);
    assert!(times(9).is_err());
}

/// A-H55: deviceAuth has one of the two, not both and not none.
#[test]
fn device_auth_is_exactly_one() {
    let mac = |e: &mut Encoder| {
        e.text("deviceMac")
            .array(4)
            .bytes(&[0xa1, 0x01, 0x05])
            .map(0)
            .null()
            .bytes(&[0; 32]);
    };
    let signature = |e: &mut Encoder| sign1(e.text("deviceSignature"));
    assert!(matches!(
        DeviceAuth::parse(&cbor(|e| mac(e.map(1)))),
        Ok(DeviceAuth::Mac(_))
    ));
    assert!(matches!(
        DeviceAuth::parse(&cbor(|e| signature(e.map(1)))),
        Ok(DeviceAuth::Signature(_))
    ));
    let both = cbor(|e| {
        signature(e.map(2));
        mac(e);
    });
    assert!(matches!(
        kind(DeviceAuth::parse(&both).unwrap_err()),
        ErrorKind::InvalidValue(_)
    ));
    assert!(matches!(
        kind(DeviceAuth::parse(&[0xa0]).unwrap_err()),
        ErrorKind::MissingField(_)
    ));
}

/// A-H50: `documents` is never an empty array.
#[test]
fn an_empty_array_of_documents_is_refused() {
    let bytes = cbor(|e| {
        e.map(3)
            .text("version")
            .text("1.0")
            .text("documents")
            .array(0)
            .text("status")
            .uint(0);
    });
    assert!(matches!(
        kind(DeviceResponse::parse(&bytes).unwrap_err()),
        ErrorKind::InvalidValue(_)
    ));
}

/// A-C20, A-C21: every kind of handover, and transcripts that are none.
#[test]
fn transcripts_have_three_elements() {
    let build = |handover| {
        SessionTranscript::new(Some(&[1]), Some(&[2]), handover)
            .unwrap()
            .as_bytes()
            .to_vec()
    };
    let head = [0x83, 0xd8, 0x18, 0x41, 1, 0xd8, 0x18, 0x41, 2];
    assert_eq!(build(Handover::Qr), [&head[..], &[0xf6]].concat());
    assert_eq!(
        build(Handover::Nfc {
            select: &[7],
            request: None
        }),
        [&head[..], &[0x82, 0x41, 7, 0xf6]].concat()
    );
    assert_eq!(
        build(Handover::Nfc {
            select: &[7],
            request: Some(&[8])
        }),
        [&head[..], &[0x82, 0x41, 7, 0x41, 8]].concat()
    );
    assert_eq!(
        build(Handover::ReaderEngagement([5; 32])),
        [&head[..], &[0x58, 32], &[5; 32]].concat()
    );
    assert_eq!(build(Handover::Raw(&[0x81, 0x00])), [&head[..], &[0x81, 0x00]].concat());
    let none = SessionTranscript::new(None, None, Handover::Qr).unwrap();
    assert_eq!(none.as_bytes(), [0x83, 0xf6, 0xf6, 0xf6]);
    assert_eq!(none.tagged_bytes(), [0xd8, 0x18, 0x44, 0x83, 0xf6, 0xf6, 0xf6]);
    assert_eq!(none.e_reader_key(), None);
    assert_eq!(SessionTranscript::from_bytes(none.tagged_bytes()).unwrap(), none);
    for bad in [
        &[0x82, 0xf6, 0xf6][..],
        &[0x83, 0xf6, 0xf6],
        &[0x83, 0x00, 0xf6, 0xf6],
        &[0x83, 0xf6, 0xf6, 0xf6, 0x00],
        &[],
    ] {
        assert!(SessionTranscript::from_bytes(bad).is_err(), "{bad:?}");
    }
    assert!(SessionTranscript::new(None, None, Handover::Raw(&[0, 0])).is_err());
}

/// Declared counts do not make memory: a head that promises four thousand million items is refused at once.
#[test]
fn promised_counts_are_not_believed() {
    for bytes in [&[0x9a, 0xff, 0xff, 0xff, 0xff][..], &[0xba, 0xff, 0xff, 0xff, 0xff]] {
        let request = [&[0xa1, 0x6b][..], b"docRequests", bytes].concat();
        assert!(DeviceRequest::parse(&request).is_err());
        let response = [&[0xa1, 0x69][..], b"documents", bytes].concat();
        assert!(DeviceResponse::parse(&response).is_err());
    }
}

/// Parsers of everything, for bytes of anybody.
fn parse_all(bytes: &[u8]) {
    let _ = IssuerSigned::parse(bytes).map(|view| view.mobile_security_object().is_ok());
    let _ = MobileSecurityObject::parse(bytes).is_ok();
    let _ = DeviceRequest::parse(bytes).is_ok();
    let _ = DeviceResponse::parse(bytes).is_ok();
    let _ = Document::parse(bytes).is_ok();
    let _ = DeviceAuth::parse(bytes).is_ok();
    let _ = SessionTranscript::from_bytes(bytes).is_ok();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// X-C09: no bytes make a parser panic.
    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        parse_all(&bytes);
    }

    /// X-C09: no mutation of good bytes makes a parser panic.
    #[test]
    fn mutated_bytes_do_not_panic(at in any::<usize>(), to in any::<u8>(), cut in any::<usize>()) {
        let world = World::new(1);
        let licence = world.issue_mdl();
        let request = world.request(&[("org.iso.18013.5.1", "portrait")]);
        let response = world.respond(&licence, &request);
        for mut bytes in [licence, request, response] {
            let n = bytes.len();
            bytes[at % n] = to;
            parse_all(&bytes);
            bytes.truncate(cut % n);
            parse_all(&bytes);
        }
    }
}
