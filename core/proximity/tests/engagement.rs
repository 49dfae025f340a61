//! Engagements: what is offered, what is read, what is refused.
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

use idwallet_cose::cbor::{Encoder, ErrorKind};
use idwallet_cose::cose_key_to_vec;
use idwallet_crypto::{Curve, Random};
use idwallet_proximity::engagement::{BleOptions, Capabilities, NfcOptions, OriginInfo, WifiAwareOptions};
use idwallet_proximity::{
    DeviceEngagement, DeviceEngagementBuilder, HolderSession, MethodKind, ProximityError, ReaderEngagement,
    ReaderSession, RetrievalMethod,
};
use support::{NOW, SeededRandom, agreeing_curves, key, stream};

/// An engagement in parts, to be made wrong one part at a time.
struct Parts {
    version: &'static str,
    suite: u64,
    key: Vec<u8>,
    methods: Option<Vec<u8>>,
    more: Vec<u8>,
    more_entries: usize,
}

impl Parts {
    fn good() -> Self {
        Self {
            version: "1.0",
            suite: 1,
            key: cose_key_to_vec(key(Curve::P256, 1).public_key()),
            methods: Some(nfc_method()),
            more: Vec::new(),
            more_entries: 0,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(2 + usize::from(self.methods.is_some()) + self.more_entries);
        e.uint(0).text(self.version);
        e.uint(1).array(2).uint(self.suite).tag24(&self.key);
        if let Some(methods) = &self.methods {
            e.uint(2).raw(methods);
        }
        e.raw(&self.more);
        e.into_vec()
    }

    fn parse(&self) -> Result<DeviceEngagement, ProximityError> {
        DeviceEngagement::parse(&self.bytes())
    }

    fn with_methods(methods: &str) -> Result<DeviceEngagement, ProximityError> {
        let methods = hex::decode(methods.replace(' ', "")).unwrap();
        let parts = Self {
            methods: Some(methods),
            ..Self::good()
        };
        parts.parse()
    }
}

fn nfc_method() -> Vec<u8> {
    hex::decode("818301 01a20018ff01190100".replace(' ', "")).unwrap()
}

fn kind(result: Result<DeviceEngagement, ProximityError>) -> ErrorKind {
    match result {
        Err(ProximityError::Malformed { error, .. }) => error.kind().clone(),
        other => panic!("{other:?}"),
    }
}

/// A-H01: the fixture is good, so that each test below fails for its own reason.
#[test]
fn a_good_engagement_is_read() {
    let engagement = Parts::good().parse().unwrap();
    assert!(engagement.retrieval_methods()[0].offers(MethodKind::Nfc));
}

/// A-C05: another minor version is read, another major version is not.
#[test]
fn the_major_version_is_one() {
    for (version, good) in [
        ("1.0", true),
        ("1.1", true),
        ("1.9", true),
        ("2.0", false),
        ("1", false),
        ("1.", false),
    ] {
        let parts = Parts {
            version,
            ..Parts::good()
        };
        assert_eq!(parts.parse().is_ok(), good, "{version}");
    }
}

/// A-H01: cipher suite 1 is the only one.
#[test]
fn an_unknown_cipher_suite_is_refused() {
    let parts = Parts {
        suite: 2,
        ..Parts::good()
    };
    assert_eq!(parts.parse(), Err(ProximityError::CipherSuite("DeviceEngagement")));
}

/// A-H01: version 1.1 if and only if there are origin infos or capabilities.
#[test]
fn the_version_follows_from_the_content() {
    let key = key(Curve::P256, 1);
    let build = |b: DeviceEngagementBuilder| b.method(stream()).build(key.public_key()).unwrap();
    assert_eq!(build(DeviceEngagementBuilder::new()).version(), "1.0");
    let infos = build(DeviceEngagementBuilder::new().origin_infos(vec![]));
    assert_eq!((infos.version(), infos.origin_infos()), ("1.1", Some(&[][..])));
    let capable = build(DeviceEngagementBuilder::new().capabilities(Capabilities::default()));
    assert_eq!(capable.version(), "1.1");
}

/// A-H04: capabilities bring origin infos along, and are refused without.
#[test]
fn capabilities_need_origin_infos() {
    let parts = |more: &str, more_entries| Parts {
        more: hex::decode(more).unwrap(),
        more_entries,
        ..Parts::good()
    };
    assert_eq!(kind(parts("06a0", 1).parse()), ErrorKind::MissingField("OriginInfos"));
    assert!(parts("058006a0", 2).parse().is_ok());
    assert!(
        parts("058006a103f5", 2)
            .parse()
            .unwrap()
            .capabilities()
            .unwrap()
            .reader_auth_all
    );
}

/// A-H04: capabilities 2 and 3 are true when they are there.
#[test]
fn a_capability_that_says_false_is_refused() {
    for capability in ["02", "03"] {
        let parts = Parts {
            more: hex::decode(format!("058006a1{capability}f4")).unwrap(),
            more_entries: 2,
            ..Parts::good()
        };
        assert!(matches!(kind(parts.parse()), ErrorKind::InvalidValue(_)));
    }
}

/// A-H04, B-H09: everything that can be said is read as it was said.
#[test]
fn capabilities_and_origin_infos_come_back() {
    let capabilities = Capabilities {
        mac_keys: Some(true),
        mac_keys_curves: vec![1, 2, -65537],
        handover_session_establishment: true,
        reader_auth_all: true,
        extended_request: true,
    };
    let infos = vec![OriginInfo::domain("example.org"), OriginInfo::camera()];
    let engagement = DeviceEngagementBuilder::new()
        .method(stream())
        .origin_infos(infos.clone())
        .capabilities(capabilities.clone())
        .build(key(Curve::P384, 1).public_key())
        .unwrap();
    assert_eq!(engagement.capabilities(), Some(&capabilities));
    assert_eq!(engagement.origin_infos(), Some(infos.as_slice()));
    assert!(infos[1].is_camera() && !infos[0].is_camera());
}

/// A-H06: every kind of method is read as it was offered.
#[test]
fn retrieval_methods_come_back() {
    let methods = [
        RetrievalMethod::Nfc(NfcOptions {
            max_command: 65_535,
            max_response: 65_536,
        }),
        RetrievalMethod::Ble(BleOptions {
            address: Some([1, 2, 3, 4, 5, 6]),
            psm: Some(0x80),
            ..BleOptions::generate(true, true, &SeededRandom::new(1)).unwrap()
        }),
        RetrievalMethod::WifiAware(WifiAwareOptions {
            passphrase: Some("pass".to_owned()),
            operating_class: Some(81),
            channel: Some(6),
            bands: vec![0x14],
        }),
        stream(),
    ];
    let builder = methods
        .iter()
        .cloned()
        .fold(DeviceEngagementBuilder::new(), DeviceEngagementBuilder::method);
    let engagement = builder.build(key(Curve::X25519, 1).public_key()).unwrap();
    assert_eq!(engagement.retrieval_methods(), methods);
    assert!(!format!("{engagement:?}").contains("pass\""));
}

/// What no reader could connect to is not put into a code.
#[test]
fn an_address_of_the_stream_has_a_host_and_a_port() {
    let offer = |address: &str| {
        let method = RetrievalMethod::Stream {
            address: address.to_owned(),
        };
        DeviceEngagementBuilder::new()
            .method(method)
            .build(key(Curve::P256, 1).public_key())
    };
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}:1", "a".repeat(61));
    for good in [
        "127.0.0.1:7000",
        "localhost:0",
        "desk-3.example.vn:65535",
        "[::1]:80",
        "[2001:db8::7]:443",
        &longest,
    ] {
        assert!(offer(good).is_ok(), "{good}");
    }
    let too_long = longest.replace(":1", "a:1");
    for bad in [
        "",
        "desk",
        "desk:",
        ":80",
        "desk:80x",
        "desk:+80",
        "desk:65536",
        "desk: 80",
        "desk:8 0",
        "::1:80",
        "[::1]",
        "[::1:80",
        "[desk]:80",
        "[]:80",
        "[fe80::1%eth0]:80",
        "127.0.0.256:80",
        "1.2.3:80",
        "http://desk:80",
        "desk/x:80",
        "ông:80",
        "-desk:80",
        "desk-:80",
        "a..b:80",
        "desk\n:80",
        &too_long,
    ] {
        assert!(matches!(offer(bad), Err(ProximityError::StreamAddress(_))), "{bad:?}");
    }
}

/// A-H03: two methods of one type and version are refused on both sides.
#[test]
fn a_method_offered_twice_is_refused() {
    let twice = Parts::with_methods("82 8301 01a20018ff01190100 8301 01a20018ff01190100");
    assert!(matches!(kind(twice), ErrorKind::InvalidValue(_)));
    let builder = DeviceEngagementBuilder::new().method(stream()).method(stream());
    assert!(matches!(
        builder.build(key(Curve::P256, 1).public_key()),
        Err(ProximityError::Unofferable(_))
    ));
    // Another version is another method.
    assert!(Parts::with_methods("82 8301 01a20018ff01190100 830102a0").is_ok());
}

/// A-H03: an engagement by QR code offers a way to connect.
#[test]
fn a_qr_code_without_methods_is_refused() {
    assert!(matches!(kind(Parts::with_methods("80")), ErrorKind::InvalidValue(_)));
    let engagement = DeviceEngagementBuilder::new()
        .build(key(Curve::P256, 1).public_key())
        .unwrap();
    assert_eq!(engagement.to_qr_text(), Err(ProximityError::NoRetrievalMethod));
    let text = to_text(engagement.bytes());
    assert_eq!(
        DeviceEngagement::from_qr_text(&text),
        Err(ProximityError::NoRetrievalMethod)
    );
    let none = HolderSession::new(Curve::P256, vec![], &SeededRandom::new(1), NOW);
    assert_eq!(none.unwrap_err(), ProximityError::NoRetrievalMethod);
}

/// A-H06: a type or version that is not known is passed over; it cannot be chosen.
#[test]
fn an_unknown_method_is_passed_over() {
    let engagement = Parts::with_methods("82 8318 2a01a0 8302 02f6").unwrap();
    let unknown = |kind, version| RetrievalMethod::Other { kind, version };
    assert_eq!(engagement.retrieval_methods(), [unknown(42, 1), unknown(2, 2)]);
    let reader = ReaderSession::scan(&engagement.to_qr_text().unwrap(), &SeededRandom::new(1), NOW).unwrap();
    let all = [MethodKind::Nfc, MethodKind::BleCentralClient, MethodKind::Stream];
    assert_eq!(reader.choose_carrier(&all), Err(ProximityError::NoCommonCarrier));
}

/// A-H06, A-H07: options out of range or that contradict each other.
#[test]
fn wrong_options_are_refused() {
    let uuid = "50000102030405060708090a0b0c0d0e0f";
    for (what, methods) in [
        ("command below 255", "8183 0101a20018fe01190100".to_owned()),
        ("response below 256", "8183 0101a20018ff0118ff".to_owned()),
        ("response above 65536", "8183 0101a20018ff011a00010001".to_owned()),
        ("no response length", "8183 0101a10018ff".to_owned()),
        ("no BLE mode", "8183 0201a200f401f4".to_owned()),
        ("peripheral mode not said", format!("8183 0201a201f50b{uuid}")),
        ("peripheral mode without UUID", "8183 0201a200f501f4".to_owned()),
        ("central mode without UUID", "8183 0201a200f401f5".to_owned()),
        ("UUID of another mode", format!("8183 0201a300f501f40b{uuid}")),
        ("UUID of no mode", format!("8183 0201a400f501f40a{uuid}0b{uuid}")),
        ("short UUID", "8183 0201a300f401f50b4100".to_owned()),
        (
            "address without peripheral",
            format!("8183 0201a400f401f50b{uuid}1446010203040506"),
        ),
        ("no bands", "8183 0301a0".to_owned()),
        ("version missing", "8182 01a20018ff01190100".to_owned()),
    ] {
        assert!(Parts::with_methods(&methods).is_err(), "{what}");
    }
    assert!(Parts::with_methods(&format!("8183 0201a300f401f50b{uuid}")).is_ok());
}

/// A-H07: the UUIDs of each transaction are new.
#[test]
fn ble_uuids_are_random() {
    let random = SeededRandom::new(3);
    let ble = BleOptions::generate(true, true, &random).unwrap();
    let other = BleOptions::generate(true, true, &random).unwrap();
    let uuid = ble.peripheral_server.unwrap();
    assert_eq!((uuid[6] >> 4, uuid[8] >> 6), (4, 2));
    assert!(ble.central_client != ble.peripheral_server && ble != other);
}

/// A-H02: each session has its own key; keys that cannot agree are refused, by whoever they come.
#[test]
fn ephemeral_keys_are_new_and_can_agree() {
    let random = SeededRandom::new(5);
    let new = || HolderSession::new(Curve::P256, vec![stream()], &random, NOW).unwrap();
    assert_ne!(new().engagement().e_device_key(), new().engagement().e_device_key());
    for curve in [Curve::Ed25519, Curve::Ed448] {
        let refused = HolderSession::new(curve, vec![stream()], &random, NOW).unwrap_err();
        assert_eq!(refused, ProximityError::CannotAgree(curve));
        let parts = Parts {
            key: cose_key_to_vec(key(curve, 1).public_key()),
            ..Parts::good()
        };
        assert_eq!(parts.parse(), Err(ProximityError::CannotAgree(curve)));
    }
}

/// A-C09, A-C10: keys on all curves, EDeviceKey also compressed; a point that is not on the curve is refused.
#[test]
fn device_keys_on_every_curve_are_read() {
    for curve in agreeing_curves() {
        let public = *key(curve, 1).public_key();
        let parts = Parts {
            key: cose_key_to_vec(&public),
            ..Parts::good()
        };
        assert_eq!(*parts.parse().unwrap().e_device_key(), public);
        if let Some(y) = public.y() {
            let mut e = Encoder::new();
            let crv = crv_of(&cose_key_to_vec(&public));
            e.map(4).int(1).int(2).int(-1).raw(&crv).int(-2).bytes(public.x());
            e.int(-3).bool(y[y.len() - 1] & 1 == 1);
            let compressed = Parts {
                key: e.into_vec(),
                ..Parts::good()
            };
            assert_eq!(*compressed.parse().unwrap().e_device_key(), public, "{curve}");
            let mut wrong = cose_key_to_vec(&public);
            *wrong.last_mut().unwrap() ^= 1;
            let wrong = Parts {
                key: wrong,
                ..Parts::good()
            };
            assert!(matches!(wrong.parse(), Err(ProximityError::Key { .. })), "{curve}");
        }
    }
}

/// The encoded curve identifier of a COSE_Key.
fn crv_of(cose_key: &[u8]) -> Vec<u8> {
    let mut d = idwallet_cose::cbor::Decoder::new(cose_key);
    let mut map = d.map().unwrap();
    loop {
        let key = map.next_key(&mut d).unwrap().unwrap();
        let item = d.item().unwrap();
        if key.as_int() == Some(-1) {
            return item.bytes().to_vec();
        }
    }
}

/// X-C02, A-C03: a key that comes twice, also one that nobody knows.
#[test]
fn duplicate_keys_are_refused() {
    for more in ["0063312e30", "1864f51864f5"] {
        let parts = Parts {
            more: hex::decode(more).unwrap(),
            more_entries: if more.len() == 10 { 1 } else { 2 },
            ..Parts::good()
        };
        assert_eq!(kind(parts.parse()), ErrorKind::DuplicateKey);
    }
}

fn to_text(bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!(
        "mdoc:{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    )
}

/// A-H05: `mdoc:` and base64url without padding, nothing else.
#[test]
fn other_texts_are_no_engagement() {
    let good = Parts::good().parse().unwrap().to_qr_text().unwrap();
    assert!(DeviceEngagement::from_qr_text(&good).is_ok());
    let payload = &good[5..];
    for (what, text) in [
        ("empty", String::new()),
        ("no scheme", payload.to_owned()),
        ("another scheme", format!("mdl:{payload}")),
        ("capitals", format!("MDOC:{payload}")),
        ("slashes", format!("mdoc://{payload}")),
        ("padding", format!("{good}=")),
        ("two paddings", format!("{good}==")),
        ("space before", format!(" {good}")),
        ("line end", format!("{good}\n")),
        ("a query", format!("{good}?a=b")),
        ("not the URL alphabet", format!("mdoc:+/{payload}")),
        ("a letter more", format!("{good}A")),
        ("nothing", "mdoc:".to_owned()),
        ("too long", format!("mdoc:{}", "A".repeat(20_000))),
    ] {
        assert!(DeviceEngagement::from_qr_text(&text).is_err(), "{what}");
    }
}

/// X-C09: a large engagement, many methods.
#[test]
fn limits_hold() {
    let mut methods = vec![0x98, 50];
    for kind in 0xff - 50..0xff_u8 {
        methods.extend([0x83, 0x18, kind, 0x01, 0xa0]);
    }
    let parts = Parts {
        methods: Some(methods),
        ..Parts::good()
    };
    assert!(matches!(kind(parts.parse()), ErrorKind::TooManyItems));
    let parts = Parts {
        more: [vec![0x18, 0x64, 0x59, 0x20, 0x00], vec![0; 0x2000]].concat(),
        more_entries: 1,
        ..Parts::good()
    };
    assert_eq!(kind(parts.parse()), ErrorKind::TooLarge);
}

/// B-H09: the reader engagement, its key and its hash with tag 24.
#[test]
fn a_reader_engagement_comes_back() {
    for curve in agreeing_curves() {
        let public = *key(curve, 4).public_key();
        let engagement = ReaderEngagement::new(&public).unwrap();
        assert_eq!(
            (engagement.version(), engagement.e_reader_key()),
            ("1.1", Some(&public))
        );
        let mut e = Encoder::new();
        e.tag24(engagement.bytes());
        assert_eq!(engagement.handover_hash(), idwallet_crypto::sha256(e.as_slice()));
        assert_eq!(ReaderEngagement::parse(engagement.bytes()).unwrap(), engagement);
    }
}

/// B-H09: one for a website, which is read and offers nothing here; one with a version only, as NFC has it.
#[test]
fn other_reader_engagements_are_read() {
    let mut e = Encoder::new();
    e.map(2).uint(0).text("1.1");
    e.uint(2)
        .array(1)
        .array(3)
        .uint(4)
        .uint(1)
        .map(1)
        .uint(0)
        .text("https://example.org/1");
    let website = ReaderEngagement::parse(e.as_slice()).unwrap();
    assert_eq!(website.e_reader_key(), None);
    let [RetrievalMethod::Website { uri }] = website.retrieval_methods() else {
        panic!()
    };
    assert_eq!(uri, "https://example.org/1");
    assert!(ReaderEngagement::parse(&hex::decode("a10063312e30").unwrap()).is_ok());
    assert!(ReaderEngagement::parse(&hex::decode("a10063322e30").unwrap()).is_err());
    assert!(ReaderEngagement::parse(&hex::decode("a0").unwrap()).is_err());
}

/// A-V02, A-V01: the reader's order of preference, but mdoc central client before peripheral server.
#[test]
fn the_reader_chooses_among_the_offered() {
    let both = RetrievalMethod::Ble(BleOptions::generate(true, true, &SeededRandom::new(1)).unwrap());
    let holder = HolderSession::new(Curve::P256, vec![stream(), both], &SeededRandom::new(1), NOW).unwrap();
    let reader = ReaderSession::scan(&holder.qr_text().unwrap(), &SeededRandom::new(2), NOW).unwrap();
    let choose = |available: &[MethodKind]| reader.choose_carrier(available).map(|(kind, _)| kind);
    use MethodKind::{BleCentralClient, BlePeripheralServer, Nfc, Stream};
    assert_eq!(choose(&[Nfc, Stream, BleCentralClient]), Ok(Stream));
    assert_eq!(choose(&[BlePeripheralServer, BleCentralClient]), Ok(BleCentralClient));
    assert_eq!(choose(&[BlePeripheralServer]), Ok(BlePeripheralServer));
    assert_eq!(choose(&[Nfc]), Err(ProximityError::NoCommonCarrier));
    assert_eq!(choose(&[]), Err(ProximityError::NoCommonCarrier));
}

/// X-C12: without randomness there is no session.
#[test]
fn a_failing_source_of_randomness_is_an_error() {
    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), idwallet_crypto::CryptoError> {
            Err(idwallet_crypto::CryptoError::Random)
        }
    }
    assert!(HolderSession::new(Curve::P256, vec![stream()], &Broken, NOW).is_err());
}
