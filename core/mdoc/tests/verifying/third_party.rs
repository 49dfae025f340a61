//! Documents of other issuers, each with what an independent program says about it; and Annex D.

use super::*;
use idwallet_crypto::x509::{Certificate, TrustAnchors};
use idwallet_crypto::{PrivateKey, Timestamp};
use idwallet_mdoc::verify::{
    DocumentReport, IssuerTrust, ResponseOutcome, Session, verify_document, verify_issuer_signed, verify_response,
};
use idwallet_mdoc::{DeviceRequest, DeviceResponse, Document, IssuerSigned, SessionTranscript};
use serde_json::Value as Json;

fn bytes(json: &Json) -> Vec<u8> {
    hex::decode(json.as_str().unwrap()).unwrap()
}

fn time(json: &Json) -> Timestamp {
    let text = json.as_str().unwrap();
    Timestamp::parse_rfc3339_lenient(text)
        .unwrap_or_else(|_| Timestamp::parse_rfc3339(&format!("{text}T12:00:00Z")).unwrap())
}

/// base64, which is all this needs it for.
fn base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text.bytes().filter(|c| *c != b'=').map(digit).collect();
    let group = |group: &[u32]| {
        let bits = group.iter().fold(0, |bits, d| bits << 6 | d) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

#[derive(Default, Debug)]
struct Counts {
    documents: usize,
    signatures: usize,
    digests: usize,
    device_auth: usize,
    iso_accepted: usize,
    iso_refused: usize,
    lenient_accepted: usize,
    lenient_refused: usize,
}

/// Compares one document under both profiles with what the independent program says.
fn compare(
    name: &str,
    expected: &Json,
    has_anchor: bool,
    iso: &DocumentReport<'_>,
    lenient: &DocumentReport<'_>,
    n: &mut Counts,
) {
    let says = |check: Check| iso.checks().get(check);
    n.documents += 1;
    n.signatures += 1;
    let signed = expected["issuer_sig"].as_bool().unwrap();
    assert_eq!(
        says(Check::IssuerSignature).holds(),
        signed,
        "{name}: {:?}",
        says(Check::IssuerSignature)
    );
    let mut bad: Vec<&str> = expected["bad_digests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b.as_str().unwrap())
        .collect();
    let mut found: Vec<&str> = says(Check::Digests)
        .faults()
        .iter()
        .map(|fault| match fault {
            Fault::DigestMismatch { element, .. } | Fault::DigestMissing { element, .. } => element.as_str(),
            other => panic!("{name}: {other}"),
        })
        .collect();
    bad.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, bad, "{name}");
    n.digests += 1;
    // Refused with a clause by the strict profile, or accepted.
    n.iso_accepted += usize::from(iso.is_accepted());
    n.iso_refused += usize::from(!iso.is_accepted());
    for refusal in iso.refusals() {
        assert!(!refusal.clause().is_empty(), "{name}: {refusal}");
    }
    // Where everything holds but the profile, the lenient one accepts with warnings.
    let hard = [
        Check::IssuerSignature,
        Check::DigestAlgorithm,
        Check::Digests,
        Check::DocType,
        Check::KeyAuthorizations,
        Check::IssuerChain,
    ];
    let holds = hard.into_iter().all(|check| !lenient.checks().get(check).is_failed());
    if holds && has_anchor {
        assert!(lenient.is_accepted(), "{name}: {:?}", lenient.refusals());
        let is_clean = lenient.checks().warnings().next().is_none();
        assert_eq!(iso.is_accepted(), is_clean || iso.is_accepted(), "{name}");
        if !iso.is_accepted() {
            assert!(!is_clean, "{name}: refused by iso without a warning by lenient");
        }
    }
    for refusal in lenient.refusals() {
        println!("{name}, lenient: {refusal}");
    }
    n.lenient_accepted += usize::from(lenient.is_accepted());
    n.lenient_refused += usize::from(!lenient.is_accepted());
}

/// A-V15, A-V17, A-V23: every third-party document gives what the independent check expects of it.
#[test]
fn third_party_documents_give_their_expected_outcome() {
    let Some(folder) = idwallet_test_support::vectors_dir().map(|dir| dir.join("third-party-mdocs")) else {
        println!("third-party-mdocs: not there, about 50 cases are left out");
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    let mut n = Counts::default();
    for path in &files {
        let file: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let name = file["name"].as_str().unwrap();
        let data = bytes(&file["hex"]);
        let check = &file["independent_check"];
        let docs = check["docs"].as_array().unwrap();
        let anchors: TrustAnchors = file["trust_anchors_found"]
            .as_array()
            .unwrap()
            .iter()
            .map(|anchor| Certificate::from_der(&base64(anchor["der_b64"].as_str().unwrap())).unwrap())
            .collect();
        let has_anchor = !anchors.is_empty();
        let transcript = file["session_transcript_hex"]
            .as_str()
            .map(|t| SessionTranscript::from_bytes(&hex::decode(t).unwrap()).unwrap());
        // The day it was used, if that is known; else a day after it was signed or its signer certified, whichever is later.
        let at = match &file["context"]["now"] {
            Json::Null => time(&docs[0]["validity"]["validFrom"])
                .max(time(&docs[0]["ds"]["nb"]))
                .saturating_add_seconds(3600),
            now => time(now),
        };
        let trust = IssuerTrust::new(&anchors);
        let policy = |policy: idwallet_mdoc::verify::UndatedPolicy| {
            let policy = if transcript.is_some() {
                policy.at(at)
            } else {
                policy.at(at).issuer_only()
            };
            if has_anchor { policy } else { policy.allow_untrusted() }
        };
        let (iso, lenient) = (policy(Policy::iso()), policy(Policy::lenient()));
        let session = transcript.as_ref().map_or(Session::none(), Session::new);
        match file["kind"].as_str().unwrap() {
            "IssuerSigned" => {
                let view = IssuerSigned::parse(&data).unwrap_or_else(|e| panic!("{name}: {e}"));
                let run = |policy| verify_issuer_signed(&view, None, &trust, policy);
                compare(name, &docs[0], true, &run(&iso), &run(&lenient), &mut n);
            }
            "Document" => {
                let view = Document::parse(&data).unwrap_or_else(|e| panic!("{name}: {e}"));
                let run = |policy| verify_document(&view, &session, &trust, policy);
                compare(name, &docs[0], true, &run(&iso), &run(&lenient), &mut n);
            }
            _ => {
                let view = DeviceResponse::parse(&data).unwrap_or_else(|e| panic!("{name}: {e}"));
                let (iso, lenient) = (
                    verify_response(&view, &session, &trust, &iso),
                    verify_response(&view, &session, &trust, &lenient),
                );
                for (at, expected) in docs.iter().enumerate() {
                    compare(
                        name,
                        expected,
                        true,
                        &iso.documents()[at],
                        &lenient.documents()[at],
                        &mut n,
                    );
                    if let Some(expected) = check["device_auth"][at].as_bool() {
                        let result = iso.documents()[at].checks().get(Check::DeviceAuth);
                        // A MAC needs the reader's key, which is not published with the file.
                        let is_mac = *result == idwallet_mdoc::verify::CheckResult::Skipped(SkipReason::NoReaderKey);
                        assert!(is_mac || result.holds() == expected, "{name}: {result:?}");
                        n.device_auth += usize::from(!is_mac);
                    }
                }
            }
        }
    }
    println!("third-party-mdocs: {} files, {n:?}", files.len());
    assert!(files.len() >= 30 && n.signatures >= 30 && n.device_auth >= 2);
}

/// A-V10 to A-V26: the response of Annex D with its transcript, reader key, root, request and a date of its time, under the strict
/// profile; and not with another date, root or key.
#[test]
fn annex_d_is_accepted() {
    let Some(file) = idwallet_test_support::vector("iso18013-5-annex-d/annex_d.json") else {
        println!("iso18013-5-annex-d: not there, the case is left out");
        return;
    };
    let file: Json = serde_json::from_slice(&file).unwrap();
    let get = |name: &str| bytes(&file["vectors"][name]);
    let root = Certificate::from_der(&get("iaca_root_cert")).unwrap();
    let anchors: TrustAnchors = core::iter::once(root).collect();
    let transcript = SessionTranscript::from_bytes(&get("session_transcript_bytes")).unwrap();
    let reader_key = PrivateKey::from_scalar(Curve::P256, &get("ephemeral_reader_key_d")).unwrap();
    let request = get("device_request");
    let request = DeviceRequest::parse(&request).unwrap();
    let response = get("device_response");
    let response = DeviceResponse::parse(&response).unwrap();
    let session = Session::new(&transcript).e_reader_key(&reader_key).request(&request);
    let at = |text: &str| Policy::iso().at(Timestamp::parse_rfc3339(text).unwrap());
    let policy = at("2021-06-01T00:00:00Z");
    let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &policy);
    let ResponseOutcome::Accepted(documents) = report.outcome() else {
        panic!("{:#?}", report.documents()[0].refusals())
    };
    let name = documents[0].claim(MDL_NAMESPACE, "family_name").unwrap();
    assert_eq!(name.decode(|d| d.text()).unwrap(), "Doe");
    assert!(documents[0].is_bound());

    let late = verify_response(
        &response,
        &session,
        &IssuerTrust::new(&anchors),
        &at("2022-06-01T00:00:00Z"),
    );
    assert!(!late.is_accepted());
    let other = World::new(95);
    let others = other.issuer.anchors();
    assert!(!verify_response(&response, &session, &IssuerTrust::new(&others), &policy).is_accepted());
    let session = session.e_reader_key(&other.e_reader_key);
    assert!(!verify_response(&response, &session, &IssuerTrust::new(&anchors), &policy).is_accepted());
}
