//! What a holder selects and answers.
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

mod device_auth;

use idwallet_crypto::{Curve, KeyAgreement, SignatureAlgorithm};
use idwallet_mdoc::holder::{
    DeviceAuthInput, DeviceAuthOutput, DeviceAuthUsage, DeviceKey, DeviceResponseBuilder, MatchKind, NoMatch, Release,
    ResponseDocument, ResponseFailure, answer_age_over, select,
};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_mdoc::{
    DeviceAuth, DeviceRequest, DeviceResponse, ElementReference, IssuerSigned, ItemsRequest, MdocError,
    derive_emac_key, device_authentication_bytes,
};
use idwallet_test_support::{SeededRandom, World, key, mdl_elements};
use proptest::prelude::*;

const DOC: &str = "org.example.card.1";
const SPACE: &str = "org.example.card.1.space";

/// The CBOR inside ItemsRequestBytes.
fn items(builder: &ItemsRequestBuilder) -> Vec<u8> {
    let tagged = builder.to_bytes().unwrap();
    idwallet_cose::cbor::Tag24::parse(&tagged, idwallet_cose::cbor::Limits::DEFAULT)
        .unwrap()
        .inner()
        .to_vec()
}

fn mdl_request(elements: &[&str]) -> ItemsRequestBuilder {
    elements.iter().fold(ItemsRequestBuilder::new(MDL_DOC_TYPE), |b, e| {
        b.element(MDL_NAMESPACE, e, false)
    })
}

/// The names released when everything is approved, and the names missing.
fn all_of(issuer_signed: &[u8], request: &ItemsRequestBuilder) -> (Vec<String>, Vec<String>) {
    let request = items(request);
    let view = IssuerSigned::parse(issuer_signed).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let request = ItemsRequest::parse(&request).unwrap();
    let selection = select(&view, &mso, &request).unwrap();
    let names = |e: ElementReference<'_>| e.element.to_owned();
    (
        selection.approve_all().elements().map(names).collect(),
        selection.missing().iter().copied().map(names).collect(),
    )
}

/// A-H46: the nearest true at or above, else the nearest false at or below, else nothing.
#[test]
fn age_over_answers_with_the_nearest_statement() {
    let statements = [(16, true), (18, true), (21, false), (65, false)];
    let cases = [
        (15, Some(16)),
        (16, Some(16)),
        (17, Some(18)),
        (18, Some(18)),
        (19, None),
        (20, None),
        (21, Some(21)),
        (22, Some(21)),
        (64, Some(21)),
        (65, Some(65)),
        (99, Some(65)),
    ];
    for (asked, answer) in cases {
        assert_eq!(answer_age_over(asked, statements.into_iter()), answer, "asked {asked}");
        assert_eq!(
            answer_age_over(asked, statements.into_iter().rev()),
            answer,
            "asked {asked}, other order"
        );
    }
    for (asked, statements, answer) in [
        (18, &[][..], None),
        (18, &[(21, true)][..], Some(21)),
        (18, &[(21, false)][..], None),
        (18, &[(15, false)][..], Some(15)),
        (18, &[(15, true)][..], None),
        (18, &[(15, false), (21, true), (25, true)][..], Some(21)),
        (18, &[(12, false), (15, false)][..], Some(15)),
        (0, &[(0, true)][..], Some(0)),
    ] {
        assert_eq!(
            answer_age_over(asked, statements.iter().copied()),
            answer,
            "asked {asked} of {statements:?}"
        );
    }
}

/// A-H46: the answer stands in the response under its own name; never more than two of them.
#[test]
fn age_over_is_substituted_and_limited_to_two() {
    let world = World::new(1);
    let licence = world.issue_mdl();
    let released = |asked: &[&str]| all_of(&licence, &mdl_request(asked));
    assert_eq!(released(&["age_over_20"]), (vec!["age_over_21".into()], vec![]));
    assert_eq!(released(&["age_over_22"]), (vec![], vec!["age_over_22".into()]));
    assert_eq!(released(&["age_over_70"]), (vec!["age_over_65".into()], vec![]));
    // Two questions with one answer count once.
    assert_eq!(
        released(&["age_over_19", "age_over_20", "age_over_18"]),
        (vec!["age_over_18".into(), "age_over_21".into()], vec![])
    );
    let (given, missing) = released(&["age_over_18", "age_over_21", "age_over_65"]);
    assert_eq!(
        (given, missing),
        (
            vec!["age_over_18".into(), "age_over_21".into()],
            vec!["age_over_65".into()]
        )
    );
    assert_eq!(
        released(&["age_over_5", "age_over_018"]).1,
        ["age_over_5", "age_over_018"]
    );
}

/// A-H46: the rule belongs to the licence's namespace; elsewhere `age_over_20` is a name like any other.
#[test]
fn age_over_of_another_namespace_is_not_substituted() {
    let world = World::new(1);
    let card = world
        .mdoc_issuer(DOC)
        .element(SPACE, "age_over_21", true)
        .copy(*world.device_key.public_key());
    let card = card.issue(&world.random).unwrap().remove(0).issuer_signed;
    let ask = |name: &str| all_of(&card, &ItemsRequestBuilder::new(DOC).element(SPACE, name, false));
    assert_eq!(ask("age_over_20"), (vec![], vec!["age_over_20".into()]));
    assert_eq!(ask("age_over_21"), (vec!["age_over_21".into()], vec![]));
}

/// A-C01: names are compared byte by byte.
#[test]
fn names_match_exactly() {
    let world = World::new(2);
    let licence = world.issue_mdl();
    assert_eq!(
        all_of(&licence, &mdl_request(&["Family_name", "family_name "])).0,
        Vec::<String>::new()
    );
    let other_space = ItemsRequestBuilder::new(MDL_DOC_TYPE).element("org.iso.18013.5.1.aamva", "family_name", false);
    assert_eq!(all_of(&licence, &other_space).1, ["family_name"]);
    let lower = items(&ItemsRequestBuilder::new("org.iso.18013.5.1.mdl").element(MDL_NAMESPACE, "family_name", false));
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();
    assert_eq!(
        select(&view, &mso, &ItemsRequest::parse(&lower).unwrap()).unwrap_err(),
        NoMatch::DocType
    );
}

/// A-H45: nothing leaves that was not approved. A-H49: where the portrait was asked for and refused, nothing leaves.
#[test]
fn approval_decides_and_the_portrait_goes_along() {
    let world = World::new(3);
    let licence = world.issue_mdl();
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();

    let request = items(&mdl_request(&["family_name", "given_name"]));
    let request = ItemsRequest::parse(&request).unwrap();
    let selection = select(&view, &mso, &request).unwrap();
    assert!(!selection.portrait_is_due());
    let release = selection.approve(|e| e.element == "given_name");
    assert!(release.elements().map(|e| e.element).eq(["given_name"]));

    let request = items(&mdl_request(&["family_name", "portrait"]));
    let request = ItemsRequest::parse(&request).unwrap();
    let selection = select(&view, &mso, &request).unwrap();
    assert!(selection.portrait_is_due());
    let withheld = selection.approve(|e| e.element != "portrait");
    assert!(withheld.is_empty() && withheld.is_withheld());
    let declined = selection.approve(|_| false);
    assert!(declined.is_empty() && !declined.is_withheld());
    assert_eq!(selection.approve_all().elements().count(), 2);
    assert_eq!(selection.approve(|e| e.element == "portrait").elements().count(), 1);
}

/// A-H47: alternatives stand for what is missing, the first complete set wins, and not for what is there.
#[test]
fn alternatives_are_taken_for_missing_elements_only() {
    let world = World::new(4);
    let licence = world.issue_mdl();
    let sets: &[&[(&str, &str)]] = &[
        &[(MDL_NAMESPACE, "sex"), (MDL_NAMESPACE, "nothing")],
        &[(MDL_NAMESPACE, "sex"), (MDL_NAMESPACE, "height")],
    ];
    let request = mdl_request(&["sex_at_birth"]).alternatives(MDL_NAMESPACE, "sex_at_birth", sets);
    assert_eq!(
        all_of(&licence, &request),
        (vec!["sex".into(), "height".into()], vec![])
    );
    let request = mdl_request(&["family_name"]).alternatives(MDL_NAMESPACE, "family_name", sets);
    assert_eq!(all_of(&licence, &request), (vec!["family_name".into()], vec![]));

    // All of a set or nothing of it.
    let request = items(&mdl_request(&["sex_at_birth"]).alternatives(MDL_NAMESPACE, "sex_at_birth", sets));
    let request = ItemsRequest::parse(&request).unwrap();
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let selection = select(&view, &mso, &request).unwrap();
    assert_eq!(selection.matches()[0].kind, MatchKind::Alternative);
    assert!(selection.approve(|e| e.element == "sex").is_empty());
}

/// A-H47: a document of another issuer than the named ones does not match.
#[test]
fn issuer_identifiers_are_compared_with_the_authority_key() {
    let world = World::new(5);
    let licence = world.issue_mdl();
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let own = world.issuer.signer.authority_key_id().unwrap().to_vec();
    for (ids, matches) in [
        (vec![own.clone()], true),
        (vec![vec![1; 20], own], true),
        (vec![vec![1; 20]], false),
    ] {
        let request = ids
            .iter()
            .fold(mdl_request(&["family_name"]), |b, id| b.issuer_identifier(id));
        let request = items(&request);
        let request = ItemsRequest::parse(&request).unwrap();
        assert_eq!(
            select(&view, &mso, &request).err(),
            (!matches).then_some(NoMatch::Issuer)
        );
    }
}

/// A-H52: stored items come back byte for byte; A-H51, A-H50: shape of the response; A-H54: the signature is over this session.
#[test]
fn a_response_has_the_stored_bytes() {
    let world = World::new(6);
    let licence = world.issue_mdl();
    let response = world.respond(
        &licence,
        &world.request(&[(MDL_NAMESPACE, "portrait"), (MDL_NAMESPACE, "family_name")]),
    );
    let view = DeviceResponse::parse(&response).unwrap();
    assert_eq!(
        (view.version().text(), view.status(), view.documents().len()),
        ("1.0", 0, 1)
    );
    let document = &view.documents()[0];
    assert_eq!(document.doc_type(), MDL_DOC_TYPE);
    let stored = IssuerSigned::parse(&licence).unwrap();
    assert_eq!(
        document.issuer_signed().issuer_auth().bytes(),
        stored.issuer_auth().bytes()
    );
    let names: Vec<_> = document
        .issuer_signed()
        .items()
        .map(|(space, item)| {
            assert_eq!(
                stored.item(space, item.element_identifier()).unwrap().encoded(),
                item.encoded()
            );
            item.element_identifier()
        })
        .collect();
    assert_eq!(names, ["family_name", "portrait"]);
    let signed = document.device_signed().unwrap();
    assert_eq!(signed.name_spaces_bytes(), [0xd8, 0x18, 0x41, 0xa0]);
    let DeviceAuth::Signature(signature) = signed.device_auth() else {
        panic!("no signature")
    };
    assert!(signature.unverified_payload().is_none());
    let content = device_authentication_bytes(&world.transcript, MDL_DOC_TYPE, signed.name_spaces_bytes());
    let key = world.device_key.public_key();
    signature
        .verify(key, &[SignatureAlgorithm::Es256], &[], Some(&content))
        .unwrap();
    let other = World::new(7).transcript;
    let content = device_authentication_bytes(&other, MDL_DOC_TYPE, signed.name_spaces_bytes());
    assert!(
        signature
            .verify(key, &[SignatureAlgorithm::Es256], &[], Some(&content))
            .is_err()
    );
}

/// A-H52: `nameSpaces` is absent when nothing is released, and the document is still proven.
#[test]
fn nothing_released_means_no_name_spaces() {
    let world = World::new(13);
    let response = world.respond(&world.issue_mdl(), &world.request(&[(MDL_NAMESPACE, "nothing")]));
    let view = DeviceResponse::parse(&response).unwrap();
    assert!(view.documents()[0].issuer_signed().name_spaces().is_empty());
    let text = b"\x6aissuerAuth";
    let at = response.windows(text.len()).position(|w| w == text).unwrap();
    assert_eq!(response[at - 1], 0xa1, "issuerSigned has issuerAuth alone");
}

/// A-H57: device-signed elements only as keyAuthorizations allow; A-H53: no element from both signers.
#[test]
fn device_signed_elements_need_authorization() {
    let world = World::new(14);
    let card = world
        .mdoc_issuer(DOC)
        .element(SPACE, "name", "x")
        .authorize_element(SPACE, "name")
        .authorize_element(SPACE, "pin")
        .authorize_name_space("org.example.free")
        .copy(*world.device_key.public_key());
    let card = card.issue(&world.random).unwrap().remove(0).issuer_signed;
    let view = IssuerSigned::parse(&card).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let request = items(&ItemsRequestBuilder::new(DOC).element(SPACE, "name", false));
    let request = ItemsRequest::parse(&request).unwrap();
    let release = select(&view, &mso, &request).unwrap().approve_all();
    let document = || ResponseDocument::new(&view, &mso, release.clone(), DeviceAuthUsage::Signature);
    assert_eq!(
        document().device_signed(SPACE, "other", 1_u64).unwrap_err(),
        MdocError::NotAuthorized
    );
    assert_eq!(
        document().device_signed("org.example.other", "pin", 1_u64).unwrap_err(),
        MdocError::NotAuthorized
    );
    assert_eq!(
        document().device_signed(SPACE, "name", 1_u64).unwrap_err(),
        MdocError::DuplicateElement
    );
    let twice = document()
        .device_signed(SPACE, "pin", 1_u64)
        .unwrap()
        .device_signed(SPACE, "pin", 2_u64);
    assert_eq!(twice.unwrap_err(), MdocError::DuplicateElement);

    let document = document()
        .device_signed(SPACE, "pin", 1_u64)
        .unwrap()
        .device_signed("org.example.free", "any", true)
        .unwrap();
    let response = DeviceResponseBuilder::new()
        .document(document)
        .respond(&world.transcript, &[world.device_key_in_use()])
        .unwrap();
    let view = DeviceResponse::parse(&response).unwrap();
    let signed = view.documents()[0].device_signed().unwrap();
    let names: Vec<_> = signed
        .elements()
        .map(|(space, name, value)| (space, name, value.bytes().to_vec()))
        .collect();
    assert_eq!(
        names,
        [(SPACE, "pin", vec![1]), ("org.example.free", "any", vec![0xf5])]
    );
    let DeviceAuth::Signature(signature) = signed.device_auth() else {
        panic!("no signature")
    };
    let content = device_authentication_bytes(&world.transcript, DOC, signed.name_spaces_bytes());
    signature
        .verify(
            world.device_key.public_key(),
            &[SignatureAlgorithm::Es256],
            &[],
            Some(&content),
        )
        .unwrap();
}

/// A-H50, A-H58: several documents, errors by document and element; positive codes are reserved.
#[test]
fn several_documents_and_errors_in_one_response() {
    let world = World::new(15);
    let licence = world.issue_mdl();
    let second_key = key(Curve::Ed25519, 77);
    let card = world
        .mdoc_issuer(DOC)
        .element(SPACE, "name", "x")
        .copy(*second_key.public_key());
    let card = card.issue(&world.random).unwrap().remove(0).issuer_signed;
    let (a, b) = (
        IssuerSigned::parse(&licence).unwrap(),
        IssuerSigned::parse(&card).unwrap(),
    );
    let (mso_a, mso_b) = (a.mobile_security_object().unwrap(), b.mobile_security_object().unwrap());
    let document =
        |issuer_signed, mso| ResponseDocument::new(issuer_signed, mso, Release::nothing(), DeviceAuthUsage::Signature);
    assert_eq!(
        document(&a, &mso_a).error(SPACE, "x", 1).unwrap_err(),
        MdocError::ErrorCode
    );
    assert_eq!(
        DeviceResponseBuilder::new().document_error("x", 1).unwrap_err(),
        MdocError::ErrorCode
    );
    let response = DeviceResponseBuilder::new()
        .document(document(&a, &mso_a).error(MDL_NAMESPACE, "weight", 0).unwrap())
        .document(document(&b, &mso_b))
        .document_error("org.example.other", 0)
        .unwrap()
        .respond(
            &world.transcript,
            &[world.device_key_in_use(), DeviceKey::Signature(&second_key)],
        )
        .unwrap();
    let view = DeviceResponse::parse(&response).unwrap();
    assert_eq!(
        view.documents().iter().map(|d| d.doc_type()).collect::<Vec<_>>(),
        [MDL_DOC_TYPE, DOC]
    );
    assert_eq!(view.documents()[0].errors(), [(MDL_NAMESPACE, vec![("weight", 0)])]);
    assert_eq!(view.document_errors(), [("org.example.other", 0)]);
}

/// A-H50: a status other than 0 comes without documents; without documents there is no array, not an empty one.
#[test]
fn failures_carry_a_status_and_nothing_else() {
    let nothing = DeviceResponseBuilder::new()
        .respond(&World::new(1).transcript, &[])
        .unwrap();
    assert!(!nothing.windows(9).any(|w| w == b"documents"));
    assert_eq!(DeviceResponse::parse(&nothing).unwrap().status(), 0);
    for (failure, code) in [
        (ResponseFailure::General, 10),
        (ResponseFailure::CborDecoding, 11),
        (ResponseFailure::CborValidation, 12),
    ] {
        let response = failure.to_response();
        let view = DeviceResponse::parse(&response).unwrap();
        assert_eq!((view.status(), view.documents().len()), (code, 0));
    }
}

/// A-H40: what is not CBOR is answered with 11, what is CBOR and no request with 12.
#[test]
fn a_request_that_cannot_be_read_has_its_status() {
    for (bytes, failure) in [
        (&[0xa1, 0x61][..], ResponseFailure::CborDecoding),
        (&[0x80][..], ResponseFailure::CborValidation),
        (&[0xa0][..], ResponseFailure::CborValidation),
    ] {
        let error = DeviceRequest::parse(bytes).unwrap_err();
        assert_eq!(ResponseFailure::for_error(&error, bytes), failure);
    }
}

/// Keys in hardware: the inputs go out, the outputs come back, the response is the same kind as with keys at hand.
#[test]
fn two_step_device_authentication() {
    let world = World::new(16);
    let licence = world.issue_mdl();
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();
    for usage in [DeviceAuthUsage::Signature, DeviceAuthUsage::Mac] {
        let document = ResponseDocument::new(&view, &mso, Release::nothing(), usage);
        let pending = DeviceResponseBuilder::new()
            .document(document)
            .prepare(&world.transcript)
            .unwrap();
        let outputs: Vec<_> = pending
            .device_auth_inputs()
            .map(|input| match input {
                DeviceAuthInput::Sign { algorithm, message } => {
                    assert_eq!(algorithm, SignatureAlgorithm::Es256);
                    DeviceAuthOutput::Signature(world.device_key.sign(message).unwrap())
                }
                DeviceAuthInput::Agree { peer } => {
                    assert_eq!(peer, world.e_reader_key.public_key());
                    DeviceAuthOutput::SharedSecret(world.device_key.agree(peer).unwrap())
                }
            })
            .collect();
        assert_eq!(
            pending.clone().complete(vec![]).unwrap_err(),
            MdocError::DeviceKeyMismatch
        );
        let response = pending.complete(outputs).unwrap();
        let parsed = DeviceResponse::parse(&response).unwrap();
        let is_mac = matches!(
            parsed.documents()[0].device_signed().unwrap().device_auth(),
            DeviceAuth::Mac(_)
        );
        assert_eq!(is_mac, usage == DeviceAuthUsage::Mac);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A-H45, A-H52: whatever subset is asked for and approved comes back, no more and no less, byte for byte.
    #[test]
    fn any_subset_comes_back(asked in proptest::collection::vec(any::<bool>(), 30), approved in any::<u32>(), seed in any::<u64>()) {
        let world = World::new(17);
        let elements: Vec<&str> = mdl_elements().into_iter().map(|(name, _)| name).collect();
        // Those with rules of their own are tested above.
        let plain = |name: &&str| !name.starts_with("age_over") && *name != "portrait";
        let names: Vec<&str> = elements.iter().zip(&asked).filter(|(n, a)| **a && plain(n)).map(|(n, _)| *n).collect();
        prop_assume!(!names.is_empty());
        let issuer = idwallet_test_support::with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(*world.device_key.public_key());
        let licence = issuer.issue(&SeededRandom::new(seed)).unwrap().remove(0).issuer_signed;
        let request = DeviceRequestBuilder::new().document(mdl_request(&names)).unsigned().unwrap();
        let request = DeviceRequest::parse(&request).unwrap();
        let view = IssuerSigned::parse(&licence).unwrap();
        let mso = view.mobile_security_object().unwrap();
        let is_approved = |name: &str| approved >> (elements.iter().position(|e| *e == name).unwrap() % 32) & 1 == 1;
        let selection = select(&view, &mso, request.doc_requests()[0].items_request()).unwrap();
        prop_assert!(selection.missing().is_empty());
        let document = ResponseDocument::new(&view, &mso, selection.approve(|e| is_approved(e.element)), DeviceAuthUsage::Signature);
        let response = DeviceResponseBuilder::new().document(document).respond(&world.transcript, &[world.device_key_in_use()]).unwrap();
        let response = DeviceResponse::parse(&response).unwrap();
        let given: Vec<_> = response.documents()[0].issuer_signed().items().map(|(s, i)| (s, i.element_identifier(), i.encoded())).collect();
        let expected: Vec<_> = view.items().filter(|(_, i)| names.contains(&i.element_identifier()) && is_approved(i.element_identifier()))
            .map(|(s, i)| (s, i.element_identifier(), i.encoded())).collect();
        prop_assert_eq!(given, expected);
    }
}
