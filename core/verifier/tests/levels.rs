//! The level of the identity account that a request needs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use idwallet_documents::{Ask, Lang, Registry};
use idwallet_mdoc::DeviceRequest;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_test_support::{NOW, World};
use idwallet_trust::TrustStore;
use idwallet_verifier::{Policy, Presentation, ReasonKind, Report, Request, Verifier};

const PHOTO_ID: &str = "org.iso.23220.photoID.1";
const VN: &str = "vn.id.1";

fn report(has: Option<u64>, request: &Request, policy: Policy) -> Report {
    let world = World::new(1);
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(world.issuer.authority.der()).unwrap();
    let issuer = world.mdoc_issuer(PHOTO_ID).element(VN, "full_name", "Trần Văn Mẫu");
    let issuer = has
        .into_iter()
        .fold(issuer, |i, level| i.element(VN, "account_level", level));
    let issuer = issuer.copy(*world.device_key.public_key());
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let request = request.build(&world.transcript, None, false).unwrap();
    let response = world.respond(&issued, &request);
    let presentation = Presentation::new(&world.transcript).request(&request);
    Verifier::new()
        .verify_device_response(&response, &presentation, &policy, &trust)
        .unwrap()
}

fn name() -> Request {
    let mut ask = Ask::default();
    ask.add(PHOTO_ID, VN, "full_name", false);
    Request::new(&ask)
}

fn policy() -> Policy {
    Policy::generic().at(NOW)
}

fn kinds(report: &Report) -> Vec<ReasonKind> {
    report.documents()[0]
        .reasons()
        .iter()
        .map(|reason| reason.kind)
        .collect()
}

/// Level 1, or none, is refused where the request needs level 2, with a reason in both languages; the same document passes otherwise.
#[test]
fn level_1_is_refused_where_level_2_is_asked() {
    let needing = name().require_account_level(2);
    assert!(report(Some(2), &needing, policy()).is_accepted());
    assert!(report(Some(1), &name(), policy()).is_accepted());
    assert!(report(Some(1), &name().require_account_level(1), policy()).is_accepted());
    for too_little in [Some(1), Some(0), None] {
        let report = report(too_little, &needing, policy());
        assert!(!report.is_accepted());
        assert_eq!(kinds(&report), [ReasonKind::AccountLevel]);
        let reason = &report.documents()[0].reasons()[0];
        assert!(reason.text.contains("level 2") && reason.text_in(Lang::Vi).contains("mức độ 2"));
    }
}

/// The policy of the one who checks holds where the request said nothing.
#[test]
fn the_policy_needs_a_level_by_itself() {
    let asking = |level| {
        let mut ask = Ask::default();
        ask.add(PHOTO_ID, VN, "account_level", false);
        report(Some(level), &Request::new(&ask), policy().require_account_level(2))
    };
    assert!(asking(2).is_accepted());
    assert_eq!(kinds(&asking(1)), [ReasonKind::AccountLevel]);
}

/// A-H48: the need goes in `requestInfo`, beside the element itself, also in a request of the first edition.
#[test]
fn the_need_is_in_the_request() {
    let template = Registry::builtin().unwrap().template("identity-level-2").unwrap();
    assert_eq!(template.requirements().account_level, Some(2));
    assert!(template.purpose(Lang::Vi).contains("mức độ 2"));
    let bytes = Request::of_template(template)
        .build(&World::new(1).transcript, None, false)
        .unwrap();
    let request = DeviceRequest::parse(&bytes).unwrap();
    let items = request.doc_requests()[0].items_request();
    assert!(items.asks_for(VN, "account_level"));
    let info = items.request_info().unwrap();
    let level = info.extension(idwallet_documents::REQUIRED_ACCOUNT_LEVEL).unwrap();
    assert_eq!(level.decode(|d| d.u64()).unwrap(), 2);
}

/// Who has no photo ID shows the age on the driving licence, if that is what the reader asks for.
#[test]
fn an_alternative_serves_the_purpose_of_its_template() {
    let world = World::new(1);
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(world.issuer.authority.der()).unwrap();
    let verify = |request: &Request| {
        let request = request.build(&world.transcript, None, false).unwrap();
        let response = world.respond(&world.issue_mdl(), &request);
        let presentation = Presentation::new(&world.transcript).request(&request);
        Verifier::new()
            .verify_device_response(&response, &presentation, &Policy::iso().at(NOW), &trust)
            .unwrap()
    };
    let template = Registry::builtin().unwrap().template("age-over-18").unwrap();
    let first = Request::of_template(template)
        .build(&world.transcript, None, false)
        .unwrap();
    let first = DeviceRequest::parse(&first).unwrap();
    let asked: Vec<_> = first
        .doc_requests()
        .iter()
        .map(|doc| doc.items_request().doc_type())
        .collect();
    assert_eq!(
        asked,
        [PHOTO_ID],
        "the alternative is asked for instead and never as well"
    );
    let alternatives = Request::alternatives_of(template);
    assert_eq!(alternatives.len(), 1);
    assert!(verify(&alternatives[0]).is_accepted());
    let level = Registry::builtin().unwrap().template("identity-level-2").unwrap();
    assert!(Request::alternatives_of(level).is_empty());
}

/// Documents whose type states no level are not concerned, but cannot stand for the one that does.
#[test]
fn another_document_does_not_stand_for_the_level() {
    let world = World::new(1);
    let mut trust = TrustStore::new();
    trust.add_issuer_anchors(world.issuer.authority.der()).unwrap();
    let verify = |ask: &Ask| {
        let request = Request::new(ask).require_account_level(2);
        let request = request.build(&world.transcript, None, false).unwrap();
        let response = world.respond(&world.issue_mdl(), &request);
        let presentation = Presentation::new(&world.transcript).request(&request);
        Verifier::new()
            .verify_device_response(&response, &presentation, &Policy::iso().at(NOW), &trust)
            .unwrap()
    };
    let mut ask = Ask::default();
    ask.add(MDL_DOC_TYPE, MDL_NAMESPACE, "family_name", false);
    assert!(verify(&ask).is_accepted());
    ask.add(PHOTO_ID, VN, "full_name", false);
    let refused = verify(&ask);
    assert!(!refused.is_accepted());
    assert!(refused.problems().iter().any(|p| p.kind == ReasonKind::AccountLevel));
}
