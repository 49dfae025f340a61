//! Whether the answer is one to the question.

use super::*;
use idwallet_mdoc::holder::{DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_mdoc::{DeviceRequest, IssuerSigned};

/// The answer to one question, held against another one.
fn answered(world: &World, given: &[(&str, &str)], asked: &[(&str, &str)]) -> trial::Outcome {
    let mut trial = Trial::of(world, &world.issue_mdl(), &world.request(given));
    trial.request = Some(world.request(asked));
    trial.run()
}

/// A-V26: an element more than asked for.
#[test]
fn unrequested_element_is_refused() {
    let world = World::new(60);
    let (name, weight) = ((MDL_NAMESPACE, "family_name"), (MDL_NAMESPACE, "weight"));
    let outcome = answered(&world, &[name, weight], &[name]);
    let expected = Fault::Unrequested {
        name_space: MDL_NAMESPACE.into(),
        element: "weight".into(),
    };
    assert_eq!(*outcome.refused_by(Check::RequestMatch), expected);
}

/// A-V26: another document than asked for, and the one asked for is missing.
#[test]
fn unrequested_document_is_refused() {
    let world = World::new(61);
    let mut trial = Trial::new(&world);
    let items = ItemsRequestBuilder::new("org.example.other").element("a", "b", false);
    trial.request = Some(DeviceRequestBuilder::new().document(items).unsigned().unwrap());
    let outcome = trial.run();
    assert!(matches!(
        outcome.refused_by(Check::RequestMatch),
        Fault::UnrequestedDocument { .. }
    ));
    assert!(
        matches!(&outcome.problems[..], [Problem::MissingDocument { doc_type, .. }] if doc_type == "org.example.other")
    );
}

/// A-V26: what the holder declines is told, and refused where the policy wants all.
#[test]
fn missing_element_is_told() {
    let world = World::new(62);
    let (name, height) = ((MDL_NAMESPACE, "family_name"), (MDL_NAMESPACE, "height"));
    let missing = Fault::NotReturned {
        name_space: MDL_NAMESPACE.into(),
        element: "height".into(),
    };
    let mut trial = Trial::of(&world, &world.issue_mdl(), &world.request(&[name]));
    trial.request = Some(world.request(&[name, height]));
    let outcome = trial.run();
    assert!(outcome.accepted);
    assert_eq!(outcome.warned, [(Check::RequestMatch, missing.clone())]);
    let strict = trial.policy(Policy::iso().at(NOW).require_all_elements()).run();
    assert_eq!(*strict.refused_by(Check::RequestMatch), missing);
}

/// A-V26, A-H46: a nearest true statement at or above, a nearest false one at or below, answer the question; others do not.
#[test]
fn age_statements_answer_for_each_other() {
    let world = World::new(63);
    let over = |years: &'static str| (MDL_NAMESPACE, years);
    // The licence says over 18 and 21, not over 65.
    for (given, asked, fits) in [
        ("age_over_21", "age_over_20", true),
        ("age_over_18", "age_over_18", true),
        ("age_over_65", "age_over_70", true),
        ("age_over_18", "age_over_20", false),
        ("age_over_65", "age_over_60", false),
        ("age_in_years", "age_over_20", false),
    ] {
        let outcome = answered(&world, &[over(given)], &[over(asked)]);
        if fits {
            assert!(
                outcome.accepted && outcome.warned.is_empty(),
                "{given} for {asked}: {outcome:?}"
            );
        } else {
            outcome.refused_by(Check::RequestMatch);
        }
    }
}

/// A-V26, A-H49: other elements of the licence without the portrait that was asked for.
#[test]
fn missing_portrait_is_refused() {
    let world = World::new(64);
    let (name, portrait) = ((MDL_NAMESPACE, "family_name"), (MDL_NAMESPACE, "portrait"));
    let outcome = answered(&world, &[name], &[name, portrait]);
    assert_eq!(*outcome.refused_by(Check::RequestMatch), Fault::PortraitMissing);
}

/// A-V26, A-H47: an alternative set that the reader takes.
#[test]
fn alternative_elements_answer() {
    let world = World::new(65);
    let alternative: &[(&str, &str)] = &[(MDL_NAMESPACE, "age_birth_year")];
    let ask = |sets: &[&[(&str, &str)]]| {
        let items = ItemsRequestBuilder::new(MDL_DOC_TYPE)
            .element(MDL_NAMESPACE, "sex_at_birth", false)
            .alternatives(MDL_NAMESPACE, "sex_at_birth", sets);
        DeviceRequestBuilder::new()
            .second_edition()
            .document(items)
            .unsigned()
            .unwrap()
    };
    let request = ask(&[alternative]);
    let mut trial = Trial::of(&world, &world.issue_mdl(), &request);
    let outcome = trial.run();
    assert!(outcome.accepted && outcome.warned.is_empty(), "{outcome:?}");
    assert_eq!(outcome.claims, ["age_birth_year"]);
    trial.request = Some(ask(&[&[(MDL_NAMESPACE, "weight")]]));
    trial.run().refused_by(Check::RequestMatch);
}

fn card(world: &World, doc_type: &str) -> Vec<u8> {
    let issuer = world
        .mdoc_issuer(doc_type)
        .element("org.example.card.1", "number", 7_u64);
    issuer
        .copy(*world.device_key.public_key())
        .issue(&world.random)
        .unwrap()
        .remove(0)
        .issuer_signed
}

/// Several documents in one response, one for each credential and in its order.
fn respond_all(world: &World, issued: &[&[u8]], request: &[u8]) -> Vec<u8> {
    let request = DeviceRequest::parse(request).unwrap();
    let views: Vec<_> = issued.iter().map(|i| IssuerSigned::parse(i).unwrap()).collect();
    let msos: Vec<_> = views.iter().map(|v| v.mobile_security_object().unwrap()).collect();
    let mut builder = DeviceResponseBuilder::new();
    let mut keys = Vec::new();
    for (view, mso) in views.iter().zip(&msos) {
        let requests = request.doc_requests().iter();
        let items = requests
            .map(|r| r.items_request())
            .find(|i| i.doc_type() == mso.doc_type())
            .unwrap();
        let release = select(view, mso, items).unwrap().approve_all();
        let key = world.device_key_in_use();
        builder = builder.document(ResponseDocument::new(view, mso, release, key.usage()));
        keys.push(key);
    }
    builder.respond(&world.transcript, &keys).unwrap()
}

fn two(world: &World, unique: bool) -> Vec<u8> {
    let licence = ItemsRequestBuilder::new(MDL_DOC_TYPE).element(MDL_NAMESPACE, "height", false);
    let card = ItemsRequestBuilder::new("org.example.card").element("org.example.card.1", "number", false);
    let mut builder = DeviceRequestBuilder::new().document(licence);
    if unique {
        builder = builder.second_edition().document(card.unique_doc_set_required(true));
    } else {
        builder = builder.document(card);
    }
    let _ = world;
    builder.unsigned().unwrap()
}

/// A-V26: two documents asked for; both, one, in any order.
#[test]
fn every_document_asked_for_is_there() {
    let world = World::new(66);
    let (licence, card, request) = (world.issue_mdl(), card(&world, "org.example.card"), two(&world, false));
    for both in [[&licence[..], &card[..]], [&card[..], &licence[..]]] {
        let response = respond_all(&world, &both, &request);
        assert!(Trial::with(&world, response, Some(request.clone())).run().accepted);
    }
    let one = respond_all(&world, &[&licence], &request);
    let outcome = Trial::with(&world, one, Some(request)).run();
    assert!(!outcome.accepted);
    assert!(
        matches!(&outcome.problems[..], [Problem::MissingDocument { doc_type, .. }] if doc_type == "org.example.card")
    );
    // The one that is there holds by itself.
    assert_eq!(outcome.claims, ["height"]);
}

/// A-V20: two documents for one request, where one set was wanted.
#[test]
fn two_documents_for_one_request_are_refused() {
    let world = World::new(67);
    let (licence, a, b) = (
        world.issue_mdl(),
        card(&world, "org.example.card"),
        card(&world, "org.example.card"),
    );
    for (unique, accepted) in [(true, false), (false, true)] {
        let request = two(&world, unique);
        let response = respond_all(&world, &[&licence, &a, &b], &request);
        let outcome = Trial::with(&world, response, Some(request)).run();
        assert_eq!(outcome.accepted, accepted, "{outcome:?}");
        assert_eq!(
            matches!(&outcome.problems[..], [Problem::DuplicateDocument { .. }]),
            unique
        );
    }
}

/// A-V26, A-H47: one of two sets of a use case is enough.
#[test]
fn one_set_of_a_use_case_is_enough() {
    let world = World::new(68);
    let licence = ItemsRequestBuilder::new(MDL_DOC_TYPE).element(MDL_NAMESPACE, "height", false);
    let other = ItemsRequestBuilder::new("org.example.card").element("org.example.card.1", "number", false);
    let request = DeviceRequestBuilder::new()
        .second_edition()
        .document(other)
        .document(licence)
        .use_case(true, &[&[0], &[1]])
        .unsigned()
        .unwrap();
    let issued = world.issue_mdl();
    let response = respond_all(&world, &[&issued], &request);
    assert!(Trial::with(&world, response, Some(request)).run().accepted);
}
