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

struct Mso {
    version: &'static str,
    signed: Vec<u8>,
    status: Option<Vec<u8>>,
    authorizations: Option<Vec<u8>>,
    device_key: Vec<u8>,
    digests: Vec<u8>,
}

impl Default for Mso {
    fn default() -> Self {
        Self {
            version: "1.0",
            signed: tdate("2026-01-01T00:00:00Z"),
            status: None,
            authorizations: None,
            device_key: idwallet_cose::cose_key_to_vec(key(Curve::P256, 1).public_key()),
            digests: cbor(|e| {
                e.map(1)
                    .text("a")
                    .map(2)
                    .uint(9)
                    .bytes(&[9; 32])
                    .uint(2)
                    .bytes(&[2; 32]);
            }),
        }
    }
}

fn tdate(text: &str) -> Vec<u8> {
    cbor(|e| {
        e.tag(0).text(text);
    })
}

impl Mso {
    fn bytes(&self) -> Vec<u8> {
        cbor(|e| {
            e.tag24_with(|e| {
                e.map(if self.status.is_some() { 7 } else { 6 });
                if let Some(status) = &self.status {
                    e.text("status").raw(status);
                }
                e.text("docType")
                    .text("d")
                    .text("version")
                    .text(self.version)
                    .text("digestAlgorithm")
                    .text("SHA-256");
                e.text("validityInfo").map(3).text("signed").raw(&self.signed);
                e.text("validFrom")
                    .raw(&tdate("2026-01-01T00:00:00Z"))
                    .text("validUntil")
                    .raw(&tdate("2027-01-01T00:00:00Z"));
                e.text("deviceKeyInfo")
                    .map(if self.authorizations.is_some() { 2 } else { 1 });
                e.text("deviceKey").raw(&self.device_key);
                if let Some(authorizations) = &self.authorizations {
                    e.text("keyAuthorizations").raw(authorizations);
                }
                e.text("valueDigests").raw(&self.digests);
            });
        })
    }

    fn fault(&self) -> ErrorKind {
        kind(MobileSecurityObject::parse(&self.bytes()).unwrap_err())
    }
}

/// A-V17: a digest is found in its own namespace only.
#[test]
fn digests_are_looked_up_in_their_namespace() {
    let bytes = Mso::default().bytes();
    let mso = MobileSecurityObject::parse(&bytes).unwrap();
    assert_eq!(mso.digest("a", 2), Some(&[2; 32][..]));
    assert_eq!(mso.digest("a", 9), Some(&[9; 32][..]));
    assert_eq!((mso.digest("a", 3), mso.digest("b", 2)), (None, None));
}

/// A-C06: fractions, offsets and small letters are read, and reported as not strict; what is no date is refused.
#[test]
fn dates_are_flagged_or_refused() {
    for (text, strict) in [
        ("2026-01-01T00:00:00Z", true),
        ("2026-01-01T00:00:00.5Z", false),
        ("2026-01-01T01:00:00+01:00", false),
    ] {
        let bytes = Mso {
            signed: tdate(text),
            ..Mso::default()
        }
        .bytes();
        let mso = MobileSecurityObject::parse(&bytes).unwrap();
        let signed = mso.validity().signed;
        assert_eq!((signed.text(), signed.is_strict()), (text, strict));
        assert_eq!(signed.timestamp().to_rfc3339(), "2026-01-01T00:00:00Z");
    }
    for text in ["2026-01-01", "2026-13-01T00:00:00Z", "", "2026-01-01T00:00:00"] {
        assert_eq!(
            Mso {
                signed: tdate(text),
                ..Mso::default()
            }
            .fault(),
            ErrorKind::InvalidDate,
            "{text}"
        );
    }
    let untagged = cbor(|e| {
        e.text("2026-01-01T00:00:00Z");
    });
    assert!(matches!(
        Mso {
            signed: untagged,
            ..Mso::default()
        }
        .fault(),
        ErrorKind::WrongType { .. }
    ));
}

/// A-C03, A-C09, A-I20: duplicate digest ids, keys off the curve or private, and malformed status are refused.
#[test]
fn an_mso_with_one_fault_is_refused() {
    let twice = cbor(|e| {
        e.map(1)
            .text("a")
            .map(2)
            .uint(9)
            .bytes(&[9; 32])
            .uint(9)
            .bytes(&[2; 32]);
    });
    assert_eq!(
        Mso {
            digests: twice,
            ..Mso::default()
        }
        .fault(),
        ErrorKind::DuplicateKey
    );
    let text_id = cbor(|e| {
        e.map(1).text("a").map(1).text("9").bytes(&[9; 32]);
    });
    assert!(matches!(
        Mso {
            digests: text_id,
            ..Mso::default()
        }
        .fault(),
        ErrorKind::InvalidValue(_)
    ));
    let mut off_curve = Mso::default();
    *off_curve.device_key.last_mut().unwrap() ^= 1;
    assert!(matches!(
        off_curve.fault(),
        ErrorKind::InvalidValue("COSE_Key is not a point on its curve")
    ));
    let negative = cbor(|e| {
        e.map(1)
            .text("status_list")
            .map(2)
            .text("idx")
            .int(-1)
            .text("uri")
            .text("u");
    });
    assert!(matches!(
        Mso {
            status: Some(negative),
            ..Mso::default()
        }
        .fault(),
        ErrorKind::WrongType { .. }
    ));
    let no_uri = cbor(|e| {
        e.map(1).text("identifier_list").map(1).text("id").bytes(&[1]);
    });
    assert_eq!(
        Mso {
            status: Some(no_uri),
            ..Mso::default()
        }
        .fault(),
        ErrorKind::MissingField("uri")
    );
    let unknown = cbor(|e| {
        e.map(1).text("other").map(0);
    });
    assert!(
        MobileSecurityObject::parse(
            &Mso {
                status: Some(unknown),
                ..Mso::default()
            }
            .bytes()
        )
        .is_ok()
    );
}

/// A-I08: what is wrong with keyAuthorizations is told, not hidden.
#[test]
fn faulty_key_authorizations_are_told() {
    let read = |authorizations: Vec<u8>| {
        let bytes = Mso {
            authorizations: Some(authorizations),
            ..Mso::default()
        }
        .bytes();
        MobileSecurityObject::parse(&bytes)
            .unwrap()
            .key_authorizations()
            .unwrap()
            .fault()
    };
    let lists = |spaces: &[&str], elements: &[&str]| {
        cbor(|e| {
            e.map(2).text("nameSpaces").array(spaces.len());
            for space in spaces {
                e.text(space);
            }
            e.text("dataElements").map(elements.len());
            for space in elements {
                e.text(space).array(1).text("x");
            }
        })
    };
    assert_eq!(read(lists(&["a"], &["b"])), None);
    assert!(read(lists(&["a"], &["a"])).is_some());
    assert!(read(lists(&[], &[])).is_some());
    assert!(read(vec![0xa0]).is_some());
}

/// A-C05: minor versions are not known in advance; another major version is.
#[test]
fn versions_are_understood_by_their_major_number() {
    for (text, known) in [
        ("1.0", true),
        ("1.1", true),
        ("1.99", true),
        ("2.0", false),
        ("0.9", false),
        ("1", false),
        ("1.x", false),
        ("", false),
        ("+1.0", false),
    ] {
        assert_eq!(Version::new(text).is_known(), known, "{text}");
        let request = cbor(|e| {
            e.map(3)
                .text("version")
                .text(text)
                .text("unknown")
                .null()
                .text("docRequests")
                .array(1)
                .map(1)
                .text("itemsRequest")
                .tag24_with(|e| {
                    e.map(2)
                        .text("docType")
                        .text("d")
                        .text("nameSpaces")
                        .map(1)
                        .text("a")
                        .map(1)
                        .text("x")
                        .bool(false);
                });
        });
        assert_eq!(DeviceRequest::parse(&request).is_ok(), known, "{text}");
    }
    assert!(
        MobileSecurityObject::parse(
            &Mso {
                version: "1.7",
                ..Mso::default()
            }
            .bytes()
        )
        .unwrap()
        .version()
        .is_known()
    );
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
    assert_eq!(
        ItemsRequest::parse(&bytes).unwrap().request_info(),
        Some(&Default::default())
    );
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
