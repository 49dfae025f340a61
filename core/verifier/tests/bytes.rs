//! One call over bytes: reports, trust from a store, status lists, trust lists, the age of knowledge.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use idwallet_crypto::x509::{CertificateBuilder, NameBuilder};
use idwallet_crypto::{Curve, Secret, Timestamp};
use idwallet_mdoc::issue::MdocCopy;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_status_list::{Bits, Status, StatusListBuilder};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, World, key, mdl_elements, with_elements};
use idwallet_trust::{
    DocTypes, SnapshotBuilder, SnapshotPolicy, SnapshotTrust, TrustSnapshot, TrustStore, UnverifiedVical, VicalBuilder,
    VicalPolicy, VicalProviders,
};
use idwallet_verifier::{CheckState, Outcome, Policy, Presentation, ReasonKind, Report, TrustState, Verifier, days};

const LIST: &str = "https://example.org/status/1";
const ASKED: [(&str, &str); 3] = [
    (MDL_NAMESPACE, "family_name"),
    (MDL_NAMESPACE, "portrait"),
    (MDL_NAMESPACE, "birth_date"),
];

fn trusting(pki: &Pki) -> TrustStore {
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(pki.authority.der()).unwrap();
    trust
}

/// A licence, with a place in the status list.
fn licence(world: &World, idx: u64) -> Vec<u8> {
    let copy = MdocCopy::new(*world.device_key.public_key()).status_list(idx, LIST);
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(copy);
    issuer.issue(&world.random).unwrap().remove(0).issuer_signed
}

fn verify(world: &World, issued: &[u8], policy: Policy, trust: &TrustStore) -> Report {
    let request = world.request(&ASKED);
    let response = world.respond(issued, &request);
    let presentation = Presentation::new(&world.transcript).request(&request);
    Verifier::new()
        .verify_device_response(&response, &presentation, &policy, trust)
        .unwrap()
}

fn state(report: &Report, check: &str) -> CheckState {
    report.documents()[0].check(check).unwrap().state
}

/// The status list of an authority's signer, with entry 7 taken back.
fn status_list(pki: &Pki, random: &SeededRandom) -> Vec<u8> {
    let signer_key = key(Curve::P256, 0x77);
    let name = NameBuilder::of("UT", None, "Status signer");
    let start = NOW.saturating_add_seconds(-30 * DAY);
    let signer = CertificateBuilder::status_signer(&pki.authority, &name, signer_key.public_key(), start)
        .sign(&pki.authority_key, random)
        .unwrap();
    let mut list = StatusListBuilder::new(Bits::One, 64).unwrap();
    list.set(7, Status::Invalid).unwrap();
    let list = list
        .uri(LIST)
        .validity(NOW.saturating_add_seconds(-DAY), NOW.saturating_add_seconds(DAY));
    list.sign(&signer_key, &[signer]).unwrap()
}

/// A-V10 to A-V26: an accepted report and its JSON, whose shape scripts rely on.
#[test]
fn accepted_report_has_the_shape_of_the_contract() {
    let world = World::new(1);
    let report = verify(
        &world,
        &world.issue_mdl(),
        Policy::iso().at(NOW),
        &trusting(&world.issuer),
    );
    let Outcome::Accepted(documents) = report.outcome() else {
        panic!("{report:?}")
    };
    assert_eq!(
        documents[0].claim(MDL_NAMESPACE, "family_name").unwrap().text(),
        Some("Mustermann")
    );
    assert_eq!(documents[0].portrait(), Some(&idwallet_test_support::JPEG[..]));
    assert_eq!(
        documents[0]
            .claim(MDL_NAMESPACE, "birth_date")
            .unwrap()
            .date()
            .unwrap()
            .to_string(),
        "1986-02-17"
    );
    assert_eq!(documents[0].issuing_country(), Some("UT"));
    assert!(documents[0].is_bound());

    let json = report.to_json();
    assert_eq!(json["outcome"], "accepted");
    assert_eq!(json["checked_at"], "2026-06-01T12:00:00Z");
    let document = &json["documents"][0];
    assert_eq!(document["format"], "mso_mdoc");
    assert_eq!(document["type"], MDL_DOC_TYPE);
    assert_eq!(document["trust"]["state"], "trusted");
    assert!(document["trust"]["anchor"].as_str().unwrap().contains("CN=Utopia IACA"));
    assert!(document["trust"]["reason"].is_null());
    assert_eq!(document["claims"][MDL_NAMESPACE]["birth_date"], "1986-02-17");
    assert!(document["claims"][MDL_NAMESPACE]["portrait"]["bytes"].is_string());
    assert_eq!(document["checks"].as_array().unwrap().len(), 15);
    for check in document["checks"].as_array().unwrap() {
        assert!(check["id"].is_string() && check["result"].is_string() && check["clause"].is_string());
    }
    assert!(json["problems"].as_array().unwrap().is_empty());
}

/// A-V17: a refused document has a reason that names the element, and no claims anywhere: not in the JSON, not in `Debug`.
#[test]
fn refused_report_has_no_claims() {
    let world = World::new(2);
    let request = world.request(&ASKED);
    let mut response = world.respond(&world.issue_mdl(), &request);
    let name = response.windows(10).position(|w| w == b"Mustermann").unwrap();
    response[name] = b'L';
    let presentation = Presentation::new(&world.transcript).request(&request);
    let trust = trusting(&world.issuer);
    let policy = Policy::iso().at(NOW);
    let report = Verifier::new()
        .verify_device_response(&response, &presentation, &policy, &trust)
        .unwrap();
    let Outcome::Refused(reasons) = report.outcome() else {
        panic!()
    };
    assert_eq!(reasons.len(), 1);
    let expected = "digests: family_name of org.iso.18013.5.1 was altered (ISO 18013-5 §9.3.1)";
    assert_eq!(reasons[0].to_string(), expected);
    assert_eq!(reasons[0].kind, ReasonKind::Invalid);
    let json = report.to_json();
    assert_eq!(json["outcome"], "refused");
    assert!(json["documents"][0]["claims"].as_object().unwrap().is_empty());
    for text in [json.to_string(), format!("{report:?}")] {
        assert!(!text.contains("ustermann"), "a value in a report of a refused document");
    }
    assert!(report.documents()[0].verified().is_none());
}

/// Bytes that are no response at all are an error and no report.
#[test]
fn other_bytes_are_an_error() {
    let world = World::new(3);
    let (verifier, trust, policy) = (Verifier::new(), trusting(&world.issuer), Policy::iso().at(NOW));
    for bytes in [&b""[..], b"\xa0", b"hello", &world.issue_mdl()] {
        let presentation = Presentation::new(&world.transcript);
        assert!(
            verifier
                .verify_device_response(bytes, &presentation, &policy, &trust)
                .is_err()
        );
    }
    let response = world.respond(&world.issue_mdl(), &world.request(&ASKED));
    let presentation = Presentation::new(&world.transcript).request(b"\x80");
    assert!(
        verifier
            .verify_device_response(&response, &presentation, &policy, &trust)
            .is_err()
    );
}

/// A-H61: what a holder imports.
#[test]
fn issuer_signed_and_issuer_auth_are_verified() {
    let world = World::new(4);
    let (verifier, trust) = (Verifier::new(), trusting(&world.issuer));
    let issued = world.issue_mdl();
    let policy = Policy::iso().at(NOW);
    let report = verifier
        .verify_issuer_signed(&issued, Some(MDL_DOC_TYPE), &policy.issuer_only(), &trust)
        .unwrap();
    assert!(report.is_accepted());
    assert_eq!(report.documents()[0].verified().unwrap().claims().len(), 30);
    assert!(
        !verifier
            .verify_issuer_signed(&issued, None, &policy, &trust)
            .unwrap()
            .is_accepted()
    );
    let view = idwallet_mdoc::IssuerSigned::parse(&issued).unwrap();
    let auth = view.issuer_auth().bytes();
    assert!(
        verifier
            .verify_issuer_auth(auth, None, &policy.issuer_only(), &trust)
            .unwrap()
            .is_accepted()
    );
    let empty = TrustStore::new();
    let report = verifier
        .verify_issuer_signed(&issued, None, &policy.issuer_only(), &empty)
        .unwrap();
    assert_eq!(report.documents()[0].trust().state, TrustState::NotChecked);
    assert!(!report.is_accepted());
}

/// A-V25, A-V30: the list in the store answers for the document; one signed under another authority makes the status unknown.
#[test]
fn status_list_of_the_store_answers() {
    let world = World::new(5);
    let strict = Policy::iso().at(NOW).require_status();
    let mut trust = trusting(&world.issuer);
    // Not there.
    let none = verify(&world, &licence(&world, 6), strict, &trust);
    assert_eq!(
        (none.is_accepted(), state(&none, "status")),
        (false, CheckState::Skipped)
    );
    assert!(verify(&world, &licence(&world, 6), Policy::iso().at(NOW), &trust).is_accepted());

    trust
        .add_list(LIST, &status_list(&world.issuer, &world.random), NOW)
        .unwrap();
    let valid = verify(&world, &licence(&world, 6), strict, &trust);
    assert!(valid.is_accepted(), "{valid:?}");
    assert_eq!(state(&valid, "status"), CheckState::Passed);
    let revoked = verify(&world, &licence(&world, 7), Policy::iso().at(NOW), &trust);
    let Outcome::Refused(reasons) = revoked.outcome() else {
        panic!()
    };
    assert_eq!((reasons.len(), reasons[0].kind), (1, ReasonKind::Revoked));
    // Beyond the list.
    let beyond = verify(&world, &licence(&world, 64), strict, &trust);
    let Outcome::Refused(reasons) = beyond.outcome() else {
        panic!()
    };
    assert_eq!(reasons[0].kind, ReasonKind::StatusUnknown);

    // A-V30: the same list by another authority, which the reader trusts as well.
    let other = World::new(6);
    let mut trust = trusting(&world.issuer);
    trust.add_issuer_anchors(other.issuer.authority.der()).unwrap();
    trust
        .add_list(LIST, &status_list(&other.issuer, &other.random), NOW)
        .unwrap();
    let warned = verify(&world, &licence(&world, 6), Policy::iso().at(NOW), &trust);
    assert_eq!(
        (warned.is_accepted(), state(&warned, "status")),
        (true, CheckState::Warned)
    );
    let refused = verify(&world, &licence(&world, 6), strict, &trust);
    let Outcome::Refused(reasons) = refused.outcome() else {
        panic!()
    };
    assert_eq!(reasons[0].kind, ReasonKind::StatusUnknown);
}

/// A trust list of a provider, with the world's authority for these document types.
fn vical(world: &World, doc_types: &[&str]) -> TrustStore {
    let provider_key = key(Curve::P256, 0x91);
    let start = NOW.saturating_add_seconds(-30 * DAY);
    let name = NameBuilder::of("UT", None, "Provider");
    let provider = CertificateBuilder::authority(&name, provider_key.public_key(), start)
        .sign(&provider_key, &world.random)
        .unwrap();
    let signer_key = key(Curve::P256, 0x92);
    let name = NameBuilder::of("UT", None, "Provider's signer");
    let signer = CertificateBuilder::vical_signer(&provider, &name, signer_key.public_key(), start)
        .sign(&provider_key, &world.random)
        .unwrap();
    let bytes = VicalBuilder::new("Provider", NOW.saturating_add_seconds(-DAY))
        .entry(&world.issuer.authority, doc_types)
        .sign(&signer_key, &[signer])
        .unwrap();
    let providers: VicalProviders = core::iter::once(provider).collect();
    let verified = UnverifiedVical::parse(&bytes)
        .unwrap()
        .verify(&providers, &VicalPolicy::new(NOW))
        .unwrap();
    let mut trust = TrustStore::new();
    trust.add_vical(verified).unwrap();
    trust
}

/// A-V21, A-V43: a trust list lets an issuer vouch for the document types that it names, and for no other.
#[test]
fn trust_list_decides_about_document_types() {
    let world = World::new(7);
    let policy = Policy::iso().at(NOW);
    let named = verify(&world, &world.issue_mdl(), policy, &vical(&world, &[MDL_DOC_TYPE]));
    assert_eq!(
        (named.is_accepted(), state(&named, "trust_list")),
        (true, CheckState::Passed)
    );
    let other = verify(
        &world,
        &world.issue_mdl(),
        policy,
        &vical(&world, &["org.example.other"]),
    );
    let Outcome::Refused(reasons) = other.outcome() else {
        panic!()
    };
    assert_eq!(
        (reasons.len(), reasons[0].check, reasons[0].kind),
        (1, Some("trust_list"), ReasonKind::Untrusted)
    );
    // A-V44: what the caller trusts by itself counts too.
    let mut both = vical(&world, &["org.example.other"]);
    both.add_issuer_anchors(world.issuer.authority.der()).unwrap();
    assert!(verify(&world, &world.issue_mdl(), policy, &both).is_accepted());
}

/// A-V14: revocation lists of the store.
#[test]
fn revocation_lists_of_the_store_are_used() {
    let world = World::new(8);
    let mut trust = trusting(&world.issuer);
    let policy = Policy::iso().at(NOW).require_revocation();
    assert!(!verify(&world, &world.issue_mdl(), policy, &trust).is_accepted());
    trust.add_crls(world.issuer.crl(&[]).der(), NOW).unwrap();
    assert!(verify(&world, &world.issue_mdl(), policy, &trust).is_accepted());
    let mut trust = trusting(&world.issuer);
    trust
        .add_crls(world.issuer.crl(&[&world.issuer.signer]).der(), NOW)
        .unwrap();
    let report = verify(&world, &world.issue_mdl(), Policy::iso().at(NOW), &trust);
    let Outcome::Refused(reasons) = report.outcome() else {
        panic!()
    };
    assert_eq!(
        (reasons[0].check, reasons[0].kind),
        (Some("issuer_revocation"), ReasonKind::Revoked)
    );
}

/// Old knowledge is a reason of its own, and no claim comes past it.
#[test]
fn old_snapshot_refuses() {
    let world = World::new(9);
    let seal = Secret::new([7; 32]);
    let made = NOW.saturating_add_seconds(-8 * DAY);
    let file = SnapshotBuilder::new(made, 1)
        .issuer(&world.issuer.authority, &DocTypes::Any, "test", made)
        .seal(&seal, &world.random)
        .unwrap();
    let snapshot = TrustSnapshot::open(&file, &SnapshotTrust::Sealed(&seal), &SnapshotPolicy::new(NOW)).unwrap();
    let trust = TrustStore::from_snapshot(&snapshot, &VicalPolicy::new(NOW));
    let policy = |age| Policy::iso().at(NOW).max_snapshot_age(days(age));
    assert!(verify(&world, &world.issue_mdl(), policy(9), &trust).is_accepted());
    let report = verify(&world, &world.issue_mdl(), policy(7), &trust);
    let Outcome::Refused(reasons) = report.outcome() else {
        panic!()
    };
    assert_eq!((reasons.len(), reasons[0].kind), (1, ReasonKind::KnowledgeTooOld));
    assert!(report.documents()[0].verified().is_none());
    assert!(
        report.to_json()["documents"][0]["claims"]
            .as_object()
            .unwrap()
            .is_empty()
    );
    // The checks themselves all held.
    assert!(
        report.documents()[0]
            .checks()
            .iter()
            .all(|check| check.state != CheckState::Failed)
    );
}

/// Each of the lenient warnings is told; the same document is refused by the strict profile.
#[test]
fn profiles_differ_in_what_they_let_pass() {
    let world = World::new(10);
    // A signer that is itself the anchor, as much of the field has it.
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(world.issuer.signer.der()).unwrap();
    let iso = verify(&world, &world.issue_mdl(), Policy::iso().at(NOW), &trust);
    assert!(!iso.is_accepted());
    assert!(
        iso.documents()[0]
            .reasons()
            .iter()
            .all(|reason| reason.check == Some("issuer_profile"))
    );
    let lenient = verify(&world, &world.issue_mdl(), Policy::lenient().at(NOW), &trust);
    assert!(lenient.is_accepted());
    let check = lenient.documents()[0].check("issuer_profile").unwrap();
    assert_eq!(check.state, CheckState::Warned);
    assert!(check.reason.is_some() && check.clause.starts_with("ISO 18013-5"));
}

/// A-V19: expired has a kind of its own.
#[test]
fn expired_document_is_refused() {
    let world = World::new(11);
    let at: Timestamp = NOW.saturating_add_seconds(101 * DAY);
    let report = verify(
        &world,
        &world.issue_mdl(),
        Policy::iso().at(at),
        &trusting(&world.issuer),
    );
    let Outcome::Refused(reasons) = report.outcome() else {
        panic!()
    };
    assert_eq!((reasons.len(), reasons[0].kind), (1, ReasonKind::Expired));
}
