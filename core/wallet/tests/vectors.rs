//! Credentials that others issued, with their device keys: imported and presented.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Dir, block_on, create};
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::{PrivateKey, Timestamp};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_mdoc::verify::{IssuerTrust, Policy, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse, IssuerSigned};
use idwallet_test_support::{World, vector};
use idwallet_wallet::{Approval, Code, DocumentState, NewCopy};

const FOLDER: &str = "issued-credentials-with-keys";

type Credential = (String, Vec<u8>, PrivateKey);

/// The credentials in the mdoc format: name, `IssuerSigned`, device key.
fn credentials() -> Option<(Vec<Credential>, usize)> {
    let json = vector(&format!("{FOLDER}/cmwallet_databasenew.json"))?;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let (mut out, mut others) = (Vec::new(), 0);
    for entry in json.as_array().unwrap() {
        if entry["config"]["format"] != "mso_mdoc" {
            others += 1;
            continue;
        }
        let credential = &entry["credentials"][0];
        let bytes = |text: &serde_json::Value| {
            URL_SAFE_NO_PAD
                .decode(text.as_str().unwrap().trim_end_matches('='))
                .unwrap()
        };
        let key = PrivateKey::from_pkcs8_der(&bytes(&credential["key"]["privateKey"])).unwrap();
        out.push((
            entry["id"].as_str().unwrap().to_owned(),
            bytes(&credential["credential"]),
            key,
        ));
    }
    Some((out, others))
}

/// A-H61: strictly they are refused for their dates and certificates, leniently they are taken, shown, presented and verified.
#[test]
fn credentials_of_another_issuer_are_imported_and_presented() {
    let Some((credentials, others)) = credentials() else {
        println!("issued credentials: vectors not there, 11 mdocs left out");
        return;
    };
    let root = vector(&format!("{FOLDER}/cmwallet_testdata/issuer_cert_mdoc.pem")).unwrap();
    let anchors = TrustAnchors::from_pem(core::str::from_utf8(&root).unwrap()).unwrap();
    let trust = IssuerTrust::new(&anchors);
    let now = Timestamp::parse_rfc3339("2026-09-01T12:00:00Z").unwrap();
    let (dir, world) = (Dir::new(), World::new(91));
    let wallet = create(&dir.0);
    let count = credentials.len();
    for (name, credential, key) in credentials {
        let strict = vec![NewCopy::with_device_key(credential.clone(), common::again(&key))];
        let error = block_on(wallet.import(strict, &Policy::iso().at(now), &trust)).unwrap_err();
        assert!(
            matches!(error.code(), Code::CredentialInvalid | Code::CredentialUntrusted),
            "{name}: {error}"
        );

        let lenient = vec![NewCopy::with_device_key(credential.clone(), key)];
        let imported = block_on(wallet.import(lenient, &Policy::lenient().at(now), &trust));
        let imported = imported.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!imported.warnings.is_empty(), "{name}: what iso refuses is warned of");

        let parsed = IssuerSigned::parse(&credential).unwrap();
        let mso = parsed.mobile_security_object().unwrap();
        // At most two statements of age may be asked for.
        let mut ages = 0;
        let asked: Vec<_> = parsed
            .items()
            .map(|(space, item)| (space, item.element_identifier()))
            .filter(|(_, element)| {
                ages += usize::from(element.starts_with("age_over_"));
                !element.starts_with("age_over_") || ages <= 2
            })
            .collect();
        let builder = asked
            .iter()
            .fold(ItemsRequestBuilder::new(mso.doc_type()), |b, (s, e)| {
                b.element(s, e, false)
            });
        let request = DeviceRequestBuilder::new().document(builder).unsigned().unwrap();
        let reader_anchors = TrustAnchors::new();
        let mut reader_trust = world.reader_trust(&reader_anchors, &[]);
        reader_trust.at = now;
        let mut resolved = wallet.resolve(&request, &world.transcript, &reader_trust).unwrap();
        let review = resolved.review().clone();
        let proposed = &review.requests[0].candidates;
        let candidate = proposed
            .iter()
            .find(|c| c.document == imported.id)
            .unwrap_or_else(|| panic!("{name}"));
        let approval = candidate.elements.iter().fold(Approval::nothing(), |a, e| {
            a.select(0, imported.id, &e.asked.name_space, &e.asked.element)
        });
        let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, now)).unwrap();
        let parsed_request = DeviceRequest::parse(&request).unwrap();
        let response = DeviceResponse::parse(&answer.device_response).unwrap();
        let session = Session::new(&world.transcript).request(&parsed_request);
        let report = verify_response(&response, &session, &trust, &Policy::lenient().at(now));
        assert!(report.is_accepted(), "{name}: {:?}", report.outcome());
    }
    let listing = wallet.list(now).unwrap();
    assert_eq!(listing.documents.len(), count);
    assert!(listing.documents.iter().all(|d| d.state == DocumentState::Active));
    println!("issued credentials: {count} mdocs imported and presented, {others} of another format left out");
}
