//! Resolve, review, respond: what leaves the wallet, and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Holder, block_on, contains, names, verified};
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::{PrivateKey, Timestamp};
use idwallet_documents::{Lang, Sensitivity};
use idwallet_mdoc::DeviceResponse;
use idwallet_mdoc::holder::MatchKind;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE, MVRC_DOC_TYPE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_test_support::{DAY, NOW, Pki, World};
use idwallet_wallet::{
    Answer, Approval, Code, DocumentState, ReaderView, ResolvedRequest, Review, StateFault, UnsuitableReason,
    WalletError,
};

fn items(elements: &[&str]) -> ItemsRequestBuilder {
    let builder = ItemsRequestBuilder::new(MDL_DOC_TYPE);
    elements.iter().fold(builder, |b, e| b.element(MDL_NAMESPACE, e, false))
}

fn respond(holder: &mut Holder, resolved: &mut ResolvedRequest, approval: &Approval) -> Result<Answer, WalletError> {
    let handle = resolved.review().handle;
    block_on(holder.wallet.respond(resolved, handle, approval, NOW))
}

/// Approves these elements of the first request.
fn approve(review: &Review, elements: &[&str]) -> Approval {
    let document = review.requests[0].candidates[0].document;
    elements
        .iter()
        .fold(Approval::nothing(), |a, e| a.select(0, document, MDL_NAMESPACE, e))
}

/// A-H40, A-H45, A-H54: from a request to a response that the reader accepts.
#[test]
fn an_approved_request_is_answered_and_verifies() {
    let mut holder = Holder::new(1);
    let elements = [
        (MDL_NAMESPACE, "family_name"),
        (MDL_NAMESPACE, "age_over_18"),
        (MDL_NAMESPACE, "portrait"),
    ];
    let request = holder.world.request(&elements);
    let mut resolved = holder.resolve_bytes(&request);
    let approval = Approval::everything(resolved.review());
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    let claims = verified(&holder.world, &request, &answer.device_response);
    assert_eq!(names(&claims), ["family_name", "portrait", "age_over_18"]);
    assert_eq!(answer.shared[0].document, holder.licence);
    assert_eq!(answer.shared[0].elements.len(), 3);
    assert!(!answer.is_decline());
}

/// A-H45: a declined element is not in the response, neither by name nor by value.
#[test]
fn a_deselected_element_does_not_leave() {
    let mut holder = Holder::new(2);
    let mut resolved = holder.resolve(&["family_name", "given_name", "document_number"]);
    let all = Approval::everything(resolved.review());
    let approval = all.deselect(0, MDL_NAMESPACE, "document_number");
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    assert!(contains(&answer.device_response, b"Mustermann"));
    assert!(!contains(&answer.device_response, b"UT-0000-4711"));
    let response = DeviceResponse::parse(&answer.device_response).unwrap();
    let document = &response.documents()[0];
    assert!(
        document
            .issuer_signed()
            .item(MDL_NAMESPACE, "document_number")
            .is_none()
    );
    // A-H58: the reader is told "not returned", and not why.
    let (space, errors) = &document.errors()[0];
    assert_eq!((*space, errors.to_vec()), (MDL_NAMESPACE, vec![("document_number", 0)]));
}

/// A-H58, H-H21: declining one element looks like not having it.
#[test]
fn a_declined_element_and_one_that_is_missing_look_alike() {
    let mut holder = Holder::new(3);
    let errors = |holder: &mut Holder, asked: &[&str], given: &[&str]| {
        let mut resolved = holder.resolve(asked);
        let approval = approve(resolved.review(), given);
        let answer = respond(holder, &mut resolved, &approval).unwrap();
        let response = DeviceResponse::parse(&answer.device_response).unwrap();
        let errors = response.documents()[0].errors();
        errors
            .iter()
            .flat_map(|(_, e)| e.iter().map(|(_, code)| *code))
            .collect::<Vec<_>>()
    };
    let declined = errors(&mut holder, &["family_name", "given_name"], &["family_name"]);
    let missing = errors(&mut holder, &["family_name", "signature_usual_mark"], &["family_name"]);
    assert_eq!(declined, missing);
}

/// A-H58, H-H21: declining all and having nothing give the same bytes.
#[test]
fn a_decline_cannot_be_told_from_an_empty_wallet() {
    let mut holder = Holder::new(4);
    let request = holder.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = holder.resolve_bytes(&request);
    let declined = holder.wallet.decline(&mut resolved).unwrap();
    let dir = common::Dir::new();
    let empty = common::create(&dir.0);
    let mut nothing = common::resolve(&empty, &holder.world, &request).unwrap();
    assert!(!nothing.review().can_answer());
    let answer = empty.decline(&mut nothing).unwrap();
    assert!(declined.is_decline() && answer.is_decline());
    assert_eq!(declined.device_response, answer.device_response);
    let response = DeviceResponse::parse(&answer.device_response).unwrap();
    assert!(response.documents().is_empty());
    assert_eq!(response.status(), 0);
}

#[test]
fn an_approval_of_nothing_is_a_decline() {
    let mut holder = Holder::new(5);
    let mut resolved = holder.resolve(&["family_name"]);
    let answer = respond(&mut holder, &mut resolved, &Approval::nothing()).unwrap();
    assert!(answer.is_decline());
    assert!(!contains(&answer.device_response, b"Mustermann"));
    assert!(resolved.is_answered());
}

/// Sensitive elements are never ticked by the wallet itself; harmless ones are.
#[test]
fn sensitive_elements_are_never_preselected() {
    let mut holder = Holder::new(6);
    let elements = idwallet_test_support::mdl_elements();
    // At most two statements of age may be asked for.
    let all: Vec<&str> = elements
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != "age_over_65")
        .collect();
    let resolved = holder.resolve(&all);
    let mut harmless = 0;
    for offered in &resolved.review().requests[0].candidates[0].elements {
        let is_sensitive = offered.gives.iter().any(|g| g.sensitivity != Sensitivity::Normal);
        assert_eq!(offered.preselected, !is_sensitive, "{}", offered.asked.element);
        harmless += usize::from(!is_sensitive);
    }
    assert!(harmless > 0 && harmless < all.len());
}

/// What a reader means to keep, and what an unknown type asks for, is not ticked either.
#[test]
fn elements_that_are_kept_are_not_preselected() {
    let mut holder = Holder::new(7);
    let builder = ItemsRequestBuilder::new(MDL_DOC_TYPE)
        .element(MDL_NAMESPACE, "issuing_country", true)
        .element(MDL_NAMESPACE, "un_distinguishing_sign", false);
    let request = DeviceRequestBuilder::new().document(builder).unsigned().unwrap();
    let resolved = holder.resolve_bytes(&request);
    let offered = &resolved.review().requests[0].candidates[0].elements;
    let ticked = |name: &str| offered.iter().find(|o| o.asked.element == name).unwrap().preselected;
    assert!(!ticked("issuing_country"));
    assert!(ticked("un_distinguishing_sign"));
    assert!(
        offered
            .iter()
            .find(|o| o.asked.element == "issuing_country")
            .unwrap()
            .asked
            .intent_to_retain
    );
}

/// A-H46: the review shows the substitute that would leave.
#[test]
fn age_over_is_answered_by_the_nearest_statement_and_shown() {
    let mut holder = Holder::new(8);
    let request = holder
        .world
        .request(&[(MDL_NAMESPACE, "age_over_20"), (MDL_NAMESPACE, "age_over_70")]);
    let mut resolved = holder.resolve_bytes(&request);
    let offered = &resolved.review().requests[0].candidates[0].elements;
    assert_eq!(offered[0].asked.element, "age_over_20");
    assert_eq!(offered[0].kind, MatchKind::AgeOver);
    assert_eq!(offered[0].gives[0].element, "age_over_21");
    assert_eq!(offered[1].gives[0].element, "age_over_65");
    assert_eq!(offered[1].gives[0].shown.text(Lang::En), "no");
    let approval = approve(resolved.review(), &["age_over_20"]);
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    let claims = verified_in_part(&holder.world, &answer.device_response);
    assert_eq!(claims, ["age_over_21"]);
}

fn verified_in_part(world: &World, response: &[u8]) -> Vec<String> {
    let request = world.request(&[(MDL_NAMESPACE, "age_over_20")]);
    verified(world, &request, response)
        .into_iter()
        .map(|(_, element)| element)
        .collect()
}

/// A-H49: the portrait goes with whatever is given, or nothing goes.
#[test]
fn a_licence_gives_nothing_without_the_portrait_that_is_asked_for() {
    let mut holder = Holder::new(9);
    let mut resolved = holder.resolve(&["family_name", "portrait"]);
    assert!(resolved.review().requests[0].candidates[0].portrait_is_due);
    let approval = approve(resolved.review(), &["family_name"]);
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    assert_eq!(answer.withheld, [0]);
    assert!(answer.is_decline());
    assert!(!contains(&answer.device_response, b"Mustermann"));
}

/// A-H47: alternatives that the reader named are offered as what they are.
#[test]
fn an_alternative_of_the_reader_is_offered_and_given_whole() {
    let mut holder = Holder::new(10);
    let sets: [&[(&str, &str)]; 1] = [&[(MDL_NAMESPACE, "age_over_18"), (MDL_NAMESPACE, "sex")]];
    let builder = items(&["sex_at_birth"]).alternatives(MDL_NAMESPACE, "sex_at_birth", &sets);
    let request = DeviceRequestBuilder::new()
        .second_edition()
        .document(builder)
        .unsigned()
        .unwrap();
    let mut resolved = holder.resolve_bytes(&request);
    let offered = &resolved.review().requests[0].candidates[0].elements[0];
    assert_eq!((offered.kind, offered.gives.len()), (MatchKind::Alternative, 2));
    let approval = Approval::everything(resolved.review());
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    assert_eq!(names(&answer.shared[0].elements), ["age_over_18", "sex"]);
}

/// A-H47: an answer over `maximumResponseSize` does not leave, and the person may take something out.
#[test]
fn an_answer_larger_than_the_reader_takes_is_not_sent() {
    let mut holder = Holder::new(11);
    let builder = items(&["family_name", "given_name"]).maximum_response_size(1000);
    let request = DeviceRequestBuilder::new()
        .second_edition()
        .document(builder)
        .unsigned()
        .unwrap();
    let mut resolved = holder.resolve_bytes(&request);
    let approval = Approval::everything(resolved.review());
    let error = respond(&mut holder, &mut resolved, &approval).unwrap_err();
    assert!(matches!(error, WalletError::InvalidState(StateFault::AnswerTooLarge)));
    assert!(!resolved.is_answered());
}

/// A-H47: exactly one document set of a use case, and one of each mandatory one.
#[test]
fn use_cases_take_exactly_one_of_their_sets() {
    let mut holder = Holder::new(12);
    let request = || {
        DeviceRequestBuilder::new()
            .second_edition()
            .document(items(&["family_name"]))
            .document(items(&["given_name"]))
            .document(ItemsRequestBuilder::new(MVRC_DOC_TYPE).element("org.iso.7367.1", "registration_number", false))
            .use_case(true, &[&[2], &[0], &[1]])
            .unsigned()
            .unwrap()
    };
    let mut resolved = holder.resolve_bytes(&request());
    let review = resolved.review().clone();
    assert_eq!(review.use_cases[0].proposed, Some(1), "the vehicle is not there");
    let proposed = Approval::everything(&review);
    assert!(proposed.has(0, MDL_NAMESPACE, "family_name") && !proposed.has(1, MDL_NAMESPACE, "given_name"));
    let both = proposed.clone().select(1, holder.licence, MDL_NAMESPACE, "given_name");
    let error = respond(&mut holder, &mut resolved, &both).unwrap_err();
    assert!(matches!(error, WalletError::InvalidState(StateFault::DocumentSets)));
    let answer = respond(&mut holder, &mut resolved, &proposed).unwrap();
    assert_eq!(answer.shared.len(), 1);
}

/// A-H50: several documents in one request, each with its own approval.
#[test]
fn several_documents_are_answered_at_once() {
    let mut holder = Holder::new(13);
    let request = DeviceRequestBuilder::new()
        .document(items(&["family_name"]))
        .document(ItemsRequestBuilder::new(MVRC_DOC_TYPE).element("org.iso.7367.1", "registration_number", false));
    let vehicle =
        holder
            .world
            .mdoc_issuer(MVRC_DOC_TYPE)
            .element("org.iso.7367.1", "registration_number", "30A-123.45");
    let key = idwallet_test_support::key(idwallet_crypto::Curve::P256, 77);
    let issued = vehicle
        .copy(*key.public_key())
        .issue(&holder.world.random)
        .unwrap()
        .remove(0)
        .issuer_signed;
    let copies = vec![idwallet_wallet::NewCopy::with_device_key(issued, key)];
    let vehicle = common::import_loosely(&holder.wallet, &holder.world, copies)
        .unwrap()
        .id;

    let bytes = request.unsigned().unwrap();
    let mut resolved = holder.resolve_bytes(&bytes);
    let approval = Approval::everything(resolved.review());
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    assert_eq!(answer.shared.len(), 2);
    assert_eq!(answer.shared[1].document, vehicle);
    assert_eq!(
        names(&verified(&holder.world, &bytes, &answer.device_response)),
        ["family_name", "registration_number"]
    );
}

/// A-H42, A-H42b: absent, invalid, untrusted and verified stay apart, and only a verified reader has a name.
#[test]
fn only_a_verified_reader_has_a_name() {
    let mut holder = Holder::new(14);
    let signed = holder.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let state = |request: &[u8]| {
        let resolved = common::resolve(&holder.wallet, &holder.world, request).unwrap();
        resolved.review().requests[0].reader.clone()
    };
    assert_eq!(state(&signed).name(), Some("Bar at the corner"));

    let absent = DeviceRequestBuilder::new()
        .document(items(&["family_name"]))
        .unsigned()
        .unwrap();
    assert_eq!(state(&absent), ReaderView::Absent);

    let other = World::new(99).request(&[(MDL_NAMESPACE, "family_name")]);
    let invalid = state(&other);
    assert!(matches!(invalid, ReaderView::Invalid(_)), "signed for another session");
    assert_eq!(invalid.name(), None);

    let stranger = Pki::reader(idwallet_crypto::Curve::P256, 98);
    let certificates = ReaderCertificates::new(core::slice::from_ref(&stranger.signer)).unwrap();
    let untrusted = DeviceRequestBuilder::new()
        .document(items(&["issuing_country"]))
        .reader_auth(certificates)
        .sign(&holder.world.transcript, &stranger.signer_key)
        .unwrap();
    let resolved = holder.resolve_bytes(&untrusted);
    let review = resolved.review();
    assert!(matches!(review.requests[0].reader, ReaderView::Untrusted(_)));
    assert_eq!(review.requests[0].reader.name(), None);
    assert!(review.has_bad_reader());
    // H-H12: nothing is ticked for a reader that failed.
    assert!(Approval::preselected(review).is_nothing());
    for lang in [Lang::Vi, Lang::En] {
        assert!(!review.requests[0].reader.text(lang).contains("Bar at the corner"));
    }
}

/// What is asked for and not there is told to the owner with its reason.
#[test]
fn why_nothing_answers_is_told_to_the_owner() {
    let mut holder = Holder::new(15);
    let vehicle = ItemsRequestBuilder::new(MVRC_DOC_TYPE).element("org.iso.7367.1", "registration_number", false);
    let request = DeviceRequestBuilder::new().document(vehicle).unsigned().unwrap();
    let resolved = holder.resolve_bytes(&request);
    let asked = &resolved.review().requests[0];
    assert!(asked.candidates.is_empty() && asked.unsuitable.is_empty());
    assert!(asked.why_none(Lang::Vi).unwrap().contains("Ví không có"));

    let none = holder.resolve(&["signature_usual_mark"]);
    let reason = none.review().requests[0].unsuitable[0].reason;
    assert_eq!(reason, UnsuitableReason::NoElements);
    assert_eq!(none.review().requests[0].asked.len(), 1);
}

/// An expired document is not offered.
#[test]
fn an_expired_document_is_not_offered() {
    let holder = Holder::new(16);
    let request = holder.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let later: Timestamp = NOW.saturating_add_seconds(200 * DAY);
    let anchors = TrustAnchors::new();
    let mut trust = holder.world.reader_trust(&anchors, &[]);
    trust.at = later;
    let resolved = holder
        .wallet
        .resolve(&request, &holder.world.transcript, &trust)
        .unwrap();
    let asked = &resolved.review().requests[0];
    assert!(asked.candidates.is_empty());
    assert_eq!(
        asked.unsuitable[0].reason,
        UnsuitableReason::State(DocumentState::Expired)
    );
}

/// A-H40: bytes that are not a request have an answer for the reader, which says no more than that.
#[test]
fn a_malformed_request_is_refused_with_its_status() {
    let holder = Holder::new(17);
    let status = |bytes: &[u8]| {
        let error = common::resolve(&holder.wallet, &holder.world, bytes).unwrap_err();
        assert_eq!(error.code(), Code::RequestMalformed);
        let answer = error.failure_response().unwrap();
        DeviceResponse::parse(&answer).unwrap().status()
    };
    assert_eq!(status(&[0xff, 0x00]), 11);
    assert_eq!(status(&[0xa0]), 12);
    let good = holder.world.request(&[(MDL_NAMESPACE, "family_name")]);
    assert_eq!(status(&good[..good.len() - 1]), 11);
}

/// A-H44: a reader that does not say who it is still gets the mandatory elements when the person agrees.
#[test]
fn an_unknown_reader_is_answered_when_the_person_agrees() {
    let mut holder = Holder::new(18);
    let request = DeviceRequestBuilder::new()
        .document(items(&["family_name"]))
        .unsigned()
        .unwrap();
    let mut resolved = holder.resolve_bytes(&request);
    let approval = Approval::everything(resolved.review());
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    assert_eq!(
        names(&verified(&holder.world, &request, &answer.device_response)),
        ["family_name"]
    );
}

/// Two documents of one type: the person chooses.
#[test]
fn the_person_chooses_between_documents() {
    let mut holder = Holder::new(19);
    let key: PrivateKey = idwallet_test_support::key(idwallet_crypto::Curve::P256, 191);
    let issuer = holder.world.mdoc_issuer(MDL_DOC_TYPE);
    let elements = idwallet_test_support::mdl_elements();
    let issuer = idwallet_test_support::with_elements(issuer, elements).copy(*key.public_key());
    let issued = issuer.issue(&holder.world.random).unwrap().remove(0).issuer_signed;
    let copies = vec![idwallet_wallet::NewCopy::with_device_key(issued, key)];
    let second = common::import_loosely(&holder.wallet, &holder.world, copies)
        .unwrap()
        .id;
    let mut resolved = holder.resolve(&["family_name"]);
    let candidates: Vec<_> = resolved.review().requests[0]
        .candidates
        .iter()
        .map(|c| c.document)
        .collect();
    assert_eq!(candidates.len(), 2);
    for id in [second, holder.licence] {
        assert!(candidates.contains(&id));
    }
    let approval = Approval::nothing().select(0, second, MDL_NAMESPACE, "family_name");
    let answer = respond(&mut holder, &mut resolved, &approval).unwrap();
    assert_eq!(answer.shared[0].document, second);
}
