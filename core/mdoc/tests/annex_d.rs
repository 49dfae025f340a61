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

use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Curve, HashAlgorithm, PrivateKey, SignatureAlgorithm, digest};
use idwallet_mdoc::holder::{DeviceAuthUsage, DeviceKey, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::reader_auth::{ReaderAuthState, ReaderTrust, verify_doc_request};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::{
    DeviceAuth, DeviceRequest, DeviceResponse, Handover, MobileSecurityObject, SessionTranscript, derive_emac_key,
    device_authentication_bytes, reader_authentication_bytes,
};
use serde_json::Value;

struct AnnexD {
    standard: Value,
    derived: Value,
}

impl AnnexD {
    /// `None`, and a line that says so, when the vectors are not there.
    fn load() -> Option<Self> {
        let read = |name: &str| {
            let bytes = idwallet_test_support::vector(&format!("iso18013-5-annex-d/{name}"))?;
            serde_json::from_slice::<Value>(&bytes).ok()
        };
        let both = read("annex_d.json").zip(read("annex_d_derived.json"));
        if both.is_none() {
            println!("iso18013-5-annex-d: not there, the case is left out");
        }
        both.map(|(standard, derived)| Self { standard, derived })
    }

    fn get(&self, name: &str) -> Vec<u8> {
        hex::decode(
            self.standard["vectors"][name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}")),
        )
        .unwrap()
    }

    fn derived(&self, name: &str) -> Vec<u8> {
        hex::decode(
            self.derived["derived"][name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}")),
        )
        .unwrap()
    }

    fn key(&self, name: &str) -> PrivateKey {
        PrivateKey::from_scalar(Curve::P256, &self.get(&format!("{name}_d"))).unwrap()
    }

    fn transcript(&self) -> SessionTranscript {
        SessionTranscript::from_bytes(&self.get("session_transcript_bytes")).unwrap()
    }
}

/// A-C20, A-C21, A-C22: the transcript of a negotiated NFC handover, built from the engagement, the reader key and the two messages.
#[test]
fn the_transcript_is_rebuilt() {
    let Some(d) = AnnexD::load() else { return };
    let (select, request) = (
        d.derived("nfc_handover_select_message"),
        d.derived("nfc_handover_request_message"),
    );
    let given = d.transcript();
    let key = idwallet_cose::cose_key_to_vec(d.key("ephemeral_reader_key").public_key());
    assert_eq!(given.e_reader_key(), Some(key.as_slice()));
    // The engagement of the transcript is the one sent over NFC, inside the select message.
    let engagement =
        idwallet_cose::cbor::Decoder::decode(given.as_bytes(), idwallet_cose::cbor::Limits::DEFAULT, |d| {
            d.array_of(3)?;
            let engagement = d.tag24()?.inner();
            d.skip()?;
            d.skip()?;
            Ok(engagement.to_vec())
        })
        .unwrap();
    let built = SessionTranscript::new(
        Some(&engagement),
        Some(&key),
        Handover::Nfc {
            select: &select,
            request: Some(&request),
        },
    )
    .unwrap();
    assert_eq!(built.tagged_bytes(), d.get("session_transcript_bytes"));
    assert_eq!(built, SessionTranscript::from_bytes(built.as_bytes()).unwrap());
    assert_eq!(built.salt().to_vec(), d.derived("session_transcript_salt_sha256"));
}

/// A-H40, A-H42: the request is read, rebuilt from its parts, and its reader verified to the root of Annex D.
#[test]
fn the_request_is_rebuilt_and_its_reader_verified() {
    let Some(d) = AnnexD::load() else { return };
    let bytes = d.get("device_request");
    let request = DeviceRequest::parse(&bytes).unwrap();
    let doc = &request.doc_requests()[0];
    let transcript = d.transcript();
    assert_eq!(doc.reader_auth().unwrap().bytes(), d.get("reader_auth"));
    assert_eq!(
        reader_authentication_bytes(&transcript, doc.items_request_bytes()),
        d.get("reader_authentication_bytes")
    );

    let items = [
        "family_name",
        "document_number",
        "driving_privileges",
        "issue_date",
        "expiry_date",
        "portrait",
    ];
    let items = items.iter().fold(ItemsRequestBuilder::new(MDL_DOC_TYPE), |b, e| {
        b.element(MDL_NAMESPACE, e, *e != "portrait")
    });
    let tagged = items.to_bytes().unwrap();
    assert_eq!(tagged, doc.items_request_bytes());
    assert!(tagged.ends_with(&d.get("items_request")) || tagged == d.get("items_request"));
    let reader = Certificate::from_der(&d.get("reader_cert")).unwrap();
    let builder = DeviceRequestBuilder::new()
        .document(items)
        .reader_auth(ReaderCertificates::new(&[reader]).unwrap());
    let pending = builder.prepare(&transcript).unwrap();
    assert_eq!(
        pending.to_be_signed().next().unwrap(),
        (SignatureAlgorithm::Es256, d.derived("reader_sig_structure").as_slice())
    );
    let signature = doc.reader_auth().unwrap().signature().to_vec();
    assert_eq!(pending.complete(&[signature]).unwrap(), bytes);

    let root = Certificate::from_der(&d.get("reader_root_cert")).unwrap();
    let mut anchors = idwallet_crypto::x509::TrustAnchors::new();
    anchors.add(root);
    let trust = ReaderTrust {
        anchors: &anchors,
        crls: &[],
        revocation: idwallet_crypto::x509::RevocationRequirement::IfAvailable,
        strictness: idwallet_crypto::x509::Strictness::Lenient,
        at: idwallet_crypto::Timestamp::parse_rfc3339("2021-01-01T00:00:00Z").unwrap(),
    };
    let state = verify_doc_request(doc, &transcript, &trust);
    assert!(state.verified().is_some(), "{state:?}");
    let none = idwallet_crypto::x509::TrustAnchors::new();
    let state = verify_doc_request(
        doc,
        &transcript,
        &ReaderTrust {
            anchors: &none,
            ..trust
        },
    );
    assert!(matches!(state, ReaderAuthState::Untrusted { .. }));
}

/// A-V15, A-V16, A-V17, A-C04: issuer signature and digests over the bytes as they are.
#[test]
fn the_issuer_signature_and_the_digests_verify() {
    let Some(d) = AnnexD::load() else { return };
    let bytes = d.get("device_response");
    let response = DeviceResponse::parse(&bytes).unwrap();
    let document = &response.documents()[0];
    let auth = document.issuer_signed().issuer_auth();
    assert_eq!(auth.bytes(), d.get("issuer_auth"));
    assert_eq!(
        auth.unverified_payload().unwrap(),
        d.derived("mobile_security_object_bytes")
    );
    let ds = Certificate::from_der(&d.get("ds_cert")).unwrap();
    assert_eq!(auth.headers().x5chain().unwrap().to_vec(), [ds.der()]);
    auth.verify(ds.public_key(), &[SignatureAlgorithm::Es256], &[], None)
        .unwrap();
    let payload = auth.unverified_payload().unwrap();
    assert_eq!(
        idwallet_cose::sig_structure(auth.headers().protected_for_structure(), &[], payload),
        d.derived("issuer_sig_structure")
    );
    let mso = MobileSecurityObject::parse(payload).unwrap();
    assert_eq!(mso.device_key(), d.key("static_device_key").public_key());
    assert_eq!((mso.doc_type(), mso.digest_algorithm()), (MDL_DOC_TYPE, "SHA-256"));
    let mut ids = 0;
    for (space, item) in document.issuer_signed().items() {
        let expected = digest(HashAlgorithm::Sha256, item.encoded());
        assert_eq!(mso.digest(space, item.digest_id()), Some(expected.as_ref()));
        let id = &d.derived["derived"]["issuer_signed_items_digest_ids"][item.element_identifier()];
        assert_eq!(Some(item.digest_id()), id.as_u64());
        ids += 1;
    }
    assert_eq!(ids, 6);
}

/// A-H54, A-H56: the device authenticates the same bytes with the same key, and the whole response comes out the same.
#[test]
fn the_response_is_rebuilt_with_its_mac() {
    let Some(d) = AnnexD::load() else { return };
    let bytes = d.get("device_response");
    let response = DeviceResponse::parse(&bytes).unwrap();
    let document = &response.documents()[0];
    let transcript = d.transcript();
    let signed = document.device_signed().unwrap();
    let content = device_authentication_bytes(&transcript, document.doc_type(), signed.name_spaces_bytes());
    assert_eq!(content, d.get("device_authentication_bytes"));

    let (device_key, reader_key) = (d.key("static_device_key"), d.key("ephemeral_reader_key"));
    let secret = reader_key.agree(device_key.public_key()).unwrap();
    assert_eq!(
        *secret.expose(),
        d.derived("Zab_emac(static device x ephemeral reader)")
    );
    let emac = derive_emac_key(&secret, &transcript).unwrap();
    assert_eq!(emac.expose().to_vec(), d.derived("emac_key"));
    let DeviceAuth::Mac(mac) = signed.device_auth() else {
        panic!("Annex D has a MAC")
    };
    mac.verify(emac.expose(), &[], Some(&content)).unwrap();
    assert_eq!(mac.tag(), d.derived("device_mac_tag"));
    assert_eq!(
        idwallet_cose::mac_structure(mac.headers().protected_for_structure(), &[], &content),
        d.derived("mac_structure")
    );

    let request_bytes = d.get("device_request");
    let request = DeviceRequest::parse(&request_bytes).unwrap();
    let issuer_signed = document.issuer_signed();
    let mso = issuer_signed.mobile_security_object().unwrap();
    let selection = select(issuer_signed, &mso, request.doc_requests()[0].items_request()).unwrap();
    assert!(selection.missing().is_empty());
    let answer = ResponseDocument::new(issuer_signed, &mso, selection.approve_all(), DeviceAuthUsage::Mac);
    let rebuilt = DeviceResponseBuilder::new()
        .document(answer)
        .respond(&transcript, &[DeviceKey::Mac(&device_key)])
        .unwrap();
    assert_eq!(rebuilt, bytes);
}
