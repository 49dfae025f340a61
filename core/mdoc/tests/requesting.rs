//! What a reader asks, and what a holder believes of who asks.
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

use idwallet_cose::Place;
use idwallet_crypto::Curve;
use idwallet_crypto::x509::{
    CertificateBuilder, Crl, NameBuilder, PathError, RevocationRequirement, Strictness, TrustAnchors,
};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::reader_auth::{InvalidReaderAuth, ReaderAuthState, ReaderAuthentication, ReaderTrust};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::{DeviceRequest, MdocError, SessionTranscript};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, World};

fn ask(doc_type: &str, element: &str) -> ItemsRequestBuilder {
    ItemsRequestBuilder::new(doc_type).element(MDL_NAMESPACE, element, false)
}

fn certificates(pki: &Pki) -> ReaderCertificates {
    ReaderCertificates::new(core::slice::from_ref(&pki.signer)).unwrap()
}

/// Two documents asked for by the world's reader.
fn two_documents(world: &World) -> Vec<u8> {
    DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "family_name"))
        .document(ask("org.example.card.1", "given_name"))
        .reader_auth(certificates(&world.reader))
        .sign(&world.transcript, &world.reader.signer_key)
        .unwrap()
}

fn verify_with(request: &[u8], transcript: &SessionTranscript, trust: &ReaderTrust<'_>) -> ReaderAuthentication {
    ReaderAuthentication::verify(&DeviceRequest::parse(request).unwrap(), transcript, trust)
}

fn verify(world: &World, request: &[u8]) -> ReaderAuthentication {
    let anchors = world.reader.anchors();
    verify_with(request, &world.transcript, &world.reader_trust(&anchors, &[]))
}

fn is_invalid(state: &ReaderAuthState, reason: &InvalidReaderAuth) -> bool {
    matches!(state, ReaderAuthState::Invalid(found) if found == reason)
}

fn untrusted(state: &ReaderAuthState) -> &PathError {
    match state {
        ReaderAuthState::Untrusted { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

/// Where `needle` is in `bytes`, the last time.
fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).rposition(|w| w == needle).unwrap()
}

/// A-V04, A-V05: version 1.0, intent to retain for each element, in the reader's order.
#[test]
fn a_plain_request_is_version_1_0() {
    let items = ItemsRequestBuilder::new(MDL_DOC_TYPE)
        .element(MDL_NAMESPACE, "portrait", false)
        .element(MDL_NAMESPACE, "sex", true);
    let request = DeviceRequestBuilder::new().document(items).unsigned().unwrap();
    let view = DeviceRequest::parse(&request).unwrap();
    assert_eq!(view.version().text(), "1.0");
    let items = view.doc_requests()[0].items_request();
    assert_eq!(items.doc_type(), MDL_DOC_TYPE);
    assert!(
        items
            .elements()
            .map(|(s, e)| (s, e.element, e.intent_to_retain))
            .eq([(MDL_NAMESPACE, "portrait", false), (MDL_NAMESPACE, "sex", true)])
    );
    assert!(view.reader_auth_all().is_empty() && view.doc_requests()[0].reader_auth().is_none());
}

/// A-V04: what 1.0 does not have makes it 1.1, and is an error unless switched on.
#[test]
fn features_of_the_second_edition_are_behind_a_switch() {
    let world = World::new(1);
    let base = || DeviceRequestBuilder::new().document(ask(MDL_DOC_TYPE, "sex"));
    let with_info = || {
        DeviceRequestBuilder::new().document(
            ask(MDL_DOC_TYPE, "sex")
                .unique_doc_set_required(true)
                .maximum_response_size(9000),
        )
    };
    let use_case = base().use_case(true, &[&[0]]);
    let all = base().reader_auth_all(certificates(&world.reader));
    for (builder, feature) in [
        (with_info(), "requestInfo"),
        (use_case.clone(), "deviceRequestInfo"),
        (all.clone(), "readerAuthAll"),
    ] {
        assert_eq!(
            builder.prepare(&world.transcript).unwrap_err(),
            MdocError::SecondEdition(feature)
        );
    }
    let request = with_info().second_edition().unsigned().unwrap();
    let view = DeviceRequest::parse(&request).unwrap();
    // requestInfo is inside ItemsRequest, which has no version.
    assert_eq!(view.version().text(), "1.0");
    let info = view.doc_requests()[0].items_request().request_info().unwrap().clone();
    assert_eq!(
        (info.unique_doc_set_required, info.maximum_response_size),
        (Some(true), Some(9000))
    );

    let request = use_case.second_edition().unsigned().unwrap();
    let view = DeviceRequest::parse(&request).unwrap();
    assert_eq!(view.version().text(), "1.1");
    let case = &view.device_request_info().unwrap().use_cases[0];
    assert_eq!((case.mandatory, &case.document_sets), (true, &vec![vec![0]]));
    assert_eq!(
        base().second_edition().use_case(true, &[&[1]]).unsigned().unwrap_err(),
        MdocError::UseCase
    );

    let request = all
        .second_edition()
        .sign(&world.transcript, &world.reader.signer_key)
        .unwrap();
    assert_eq!(DeviceRequest::parse(&request).unwrap().version().text(), "1.1");
}

/// A-V06: at most two age_over elements. A-C01: nothing empty. A-C03: nothing twice.
#[test]
fn bad_requests_are_not_built() {
    let build = |items: ItemsRequestBuilder| DeviceRequestBuilder::new().document(items).unsigned();
    let ages = |n: u8| {
        (0..n).fold(ItemsRequestBuilder::new(MDL_DOC_TYPE), |b, n| {
            b.element(MDL_NAMESPACE, &format!("age_over_1{n}"), false)
        })
    };
    assert!(build(ages(2)).is_ok());
    assert_eq!(build(ages(3)).unwrap_err(), MdocError::TooManyAgeOver);
    let split = DeviceRequestBuilder::new()
        .document(ages(2))
        .document(ages(1))
        .unsigned();
    assert_eq!(split.unwrap_err(), MdocError::TooManyAgeOver);
    assert_eq!(
        DeviceRequestBuilder::new().unsigned().unwrap_err(),
        MdocError::EmptyRequest
    );
    assert_eq!(
        build(ItemsRequestBuilder::new(MDL_DOC_TYPE)).unwrap_err(),
        MdocError::EmptyRequest
    );
    assert_eq!(build(ask("", "x")).unwrap_err(), MdocError::EmptyRequest);
    assert_eq!(build(ask(MDL_DOC_TYPE, "")).unwrap_err(), MdocError::EmptyRequest);
    assert_eq!(
        build(ask(MDL_DOC_TYPE, "x").element(MDL_NAMESPACE, "x", true)).unwrap_err(),
        MdocError::DuplicateElement
    );
}

/// A-H42, A-C08: readerAuth of every document verifies to the reader's anchor, on every curve.
#[test]
fn reader_auth_is_verified_on_every_curve() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_sign()) {
        let world = World::on_curves(2, Curve::P256, Curve::P256, curve);
        let states = verify(&world, &two_documents(&world));
        assert_eq!(states.documents.len(), 2);
        for state in &states.documents {
            let reader = state.verified().unwrap_or_else(|| panic!("{curve}: {state:?}"));
            assert_eq!(reader.name(), Some("Bar at the corner"));
            assert_eq!(reader.certificate(), &world.reader.signer);
        }
    }
}

/// A-H42: x5chain may be protected.
#[test]
fn a_protected_chain_is_accepted() {
    let world = World::new(3);
    let builder = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .reader_auth(certificates(&world.reader).protected());
    // A-V04: what only the 2nd edition has is not emitted unless it is switched on.
    assert!(matches!(
        builder.sign(&world.transcript, &world.reader.signer_key),
        Err(MdocError::SecondEdition(_))
    ));
    let request = builder
        .second_edition()
        .sign(&world.transcript, &world.reader.signer_key)
        .unwrap();
    let view = DeviceRequest::parse(&request).unwrap();
    assert_eq!(
        view.doc_requests()[0]
            .reader_auth()
            .unwrap()
            .headers()
            .x5chain()
            .unwrap()
            .place(),
        Place::Protected
    );
    assert!(verify(&world, &request).documents[0].verified().is_some());
}

/// A-H42b: absent is a state of its own.
#[test]
fn no_reader_auth_is_absent() {
    let world = World::new(4);
    let request = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .unsigned()
        .unwrap();
    let states = verify(&world, &request);
    assert!(matches!(states.documents[0], ReaderAuthState::Absent) && states.all.is_empty());
    assert!(matches!(states.for_document(0), ReaderAuthState::Absent));
}

/// A-H42: the signature is over what is asked, in this session; one letter of an element decides.
#[test]
fn an_altered_request_is_invalid() {
    let world = World::new(5);
    let mut request = two_documents(&world);
    let at = find(&request, b"given_name");
    request[at + 9] = b'f';
    let states = verify(&world, &request);
    assert!(
        states.documents[0].verified().is_some(),
        "the other document is not touched"
    );
    assert!(is_invalid(&states.documents[1], &InvalidReaderAuth::Signature));
}

/// A-H42: readerAuth of document n says nothing about document m.
#[test]
fn reader_auth_of_another_document_is_invalid() {
    let world = World::new(6);
    let one = |element: &str| {
        let builder = DeviceRequestBuilder::new()
            .document(ask(MDL_DOC_TYPE, element))
            .reader_auth(certificates(&world.reader));
        let pending = builder.prepare(&world.transcript).unwrap();
        let (_, message) = pending.to_be_signed().next().unwrap();
        (world.reader.signer_key.sign(message).unwrap(), pending)
    };
    let (signature_a, a) = one("sex");
    let (signature_b, b) = one("weight");
    assert!(
        verify(&world, &a.complete(core::slice::from_ref(&signature_a)).unwrap()).documents[0]
            .verified()
            .is_some()
    );
    assert!(is_invalid(
        &verify(&world, &b.complete(&[signature_a]).unwrap()).documents[0],
        &InvalidReaderAuth::Signature
    ));
    assert!(is_invalid(
        &verify(&world, &a.complete(&[signature_b]).unwrap()).documents[0],
        &InvalidReaderAuth::Signature
    ));
}

/// A-C20: another session's transcript makes the same bytes invalid.
#[test]
fn reader_auth_of_another_session_is_invalid() {
    let world = World::new(7);
    let anchors = world.reader.anchors();
    let states = verify_with(
        &two_documents(&world),
        &World::new(8).transcript,
        &world.reader_trust(&anchors, &[]),
    );
    assert!(
        states
            .documents
            .iter()
            .all(|state| is_invalid(state, &InvalidReaderAuth::Signature))
    );
}

/// A-H42b: a good signature of an unknown reader is untrusted, not invalid. X-C05: an authority sent along changes nothing.
#[test]
fn an_unknown_authority_is_untrusted() {
    let world = World::new(9);
    let stranger = Pki::reader(Curve::P256, 1234);
    let empty = TrustAnchors::new();
    for chain in [
        vec![stranger.signer.clone()],
        vec![stranger.signer.clone(), stranger.authority.clone()],
    ] {
        let request = DeviceRequestBuilder::new()
            .document(ask(MDL_DOC_TYPE, "sex"))
            .reader_auth(ReaderCertificates::new(&chain).unwrap())
            .sign(&world.transcript, &stranger.signer_key)
            .unwrap();
        for anchors in [&world.reader.anchors(), &world.issuer.anchors(), &empty] {
            let states = verify_with(&request, &world.transcript, &world.reader_trust(anchors, &[]));
            assert!(states.documents[0].verified().is_none());
            untrusted(&states.documents[0]);
        }
        // With its own authority trusted it is a reader; a root in the chain is a fault of form that the lenient profile overlooks.
        let anchors = stranger.anchors();
        let trust = ReaderTrust {
            strictness: Strictness::Lenient,
            ..world.reader_trust(&anchors, &[])
        };
        assert!(
            verify_with(&request, &world.transcript, &trust).documents[0]
                .verified()
                .is_some()
        );
    }
}

/// A-H42, A.6: another purpose than reader authentication is untrusted, be the authority trusted or not.
#[test]
fn a_document_signer_is_no_reader() {
    let world = World::new(10);
    let request = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .reader_auth(certificates(&world.issuer))
        .sign(&world.transcript, &world.issuer.signer_key)
        .unwrap();
    let states = verify_with(
        &request,
        &world.transcript,
        &world.reader_trust(&world.issuer.anchors(), &[]),
    );
    assert_eq!(untrusted(&states.documents[0]), &PathError::WrongPurpose);
}

/// A-H42b: expired, revoked and without the list that is required are untrusted, each with its reason.
#[test]
fn expired_and_revoked_readers_are_untrusted() {
    let world = World::new(11);
    let request = two_documents(&world);
    let anchors = world.reader.anchors();
    let late = ReaderTrust {
        at: NOW.saturating_add_seconds(400 * DAY),
        ..world.reader_trust(&anchors, &[])
    };
    let states = verify_with(&request, &world.transcript, &late);
    assert!(matches!(untrusted(&states.documents[0]), PathError::Expired { .. }));

    let good: [Crl; 1] = [world.reader.crl(&[])];
    let bad: [Crl; 1] = [world.reader.crl(&[&world.reader.signer])];
    let required = |crls| ReaderTrust {
        revocation: RevocationRequirement::Required,
        ..world.reader_trust(&anchors, crls)
    };
    assert!(
        verify_with(&request, &world.transcript, &required(&good)).documents[0]
            .verified()
            .is_some()
    );
    let states = verify_with(&request, &world.transcript, &required(&bad));
    assert!(matches!(untrusted(&states.documents[0]), PathError::Revoked { .. }));
    let states = verify_with(&request, &world.transcript, &required(&[]));
    assert!(states.documents[0].verified().is_none());
    // A reader says who it is in its certificate; nobody vouches for it now.
    let ReaderAuthState::Untrusted {
        unverified_certificate, ..
    } = &states.documents[0]
    else {
        panic!()
    };
    assert_eq!(**unverified_certificate, world.reader.signer);
}

/// A-H42: a certificate with another key than the signature's is invalid.
#[test]
fn a_signature_of_another_key_is_invalid() {
    let world = World::new(12);
    let other = Pki::reader(Curve::P256, 4321);
    let request = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .reader_auth(certificates(&world.reader))
        .sign(&world.transcript, &other.signer_key)
        .unwrap();
    assert!(is_invalid(
        &verify(&world, &request).documents[0],
        &InvalidReaderAuth::Signature
    ));
    let p384 = Pki::reader(Curve::P384, 4321);
    let refused = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .reader_auth(certificates(&world.reader))
        .sign(&world.transcript, &p384.signer_key);
    assert_eq!(refused.unwrap_err(), MdocError::ReaderChain);
}

/// A-H42: without a certificate, with one that is none, or with attached content it is invalid.
#[test]
fn malformed_reader_auth_is_invalid() {
    use idwallet_cose::Sign1Builder;
    use idwallet_cose::cbor::Encoder;
    let world = World::new(13);
    let item = ask(MDL_DOC_TYPE, "sex").to_bytes().unwrap();
    let content = idwallet_mdoc::reader_authentication_bytes(&world.transcript, &item);
    let request = |sign1: Vec<u8>| {
        let mut e = Encoder::new();
        e.map(2).text("version").text("1.0").text("docRequests").array(1);
        e.map(2).text("readerAuth").raw(&sign1).text("itemsRequest").raw(&item);
        e.into_vec()
    };
    let key = &world.reader.signer_key;
    let der: &[u8] = world.reader.signer.der();
    let good = Sign1Builder::new()
        .x5chain(Place::Unprotected, &[der])
        .detached_payload(&content)
        .sign(key)
        .unwrap();
    assert!(verify(&world, &request(good)).documents[0].verified().is_some());
    let no_chain = Sign1Builder::new().detached_payload(&content).sign(key).unwrap();
    assert!(is_invalid(
        &verify(&world, &request(no_chain)).documents[0],
        &InvalidReaderAuth::NoCertificate
    ));
    let no_certificate = Sign1Builder::new()
        .x5chain(Place::Unprotected, &[b"x"])
        .detached_payload(&content)
        .sign(key)
        .unwrap();
    assert!(is_invalid(
        &verify(&world, &request(no_certificate)).documents[0],
        &InvalidReaderAuth::MalformedCertificate
    ));
    let attached = Sign1Builder::new()
        .x5chain(Place::Unprotected, &[der])
        .payload(&content)
        .sign(key)
        .unwrap();
    assert!(is_invalid(
        &verify(&world, &request(attached)).documents[0],
        &InvalidReaderAuth::NotDetached
    ));
    let tagged = Sign1Builder::new()
        .x5chain(Place::Unprotected, &[der])
        .detached_payload(&content)
        .tagged()
        .sign(key)
        .unwrap();
    assert!(DeviceRequest::parse(&request(tagged)).is_err());
}

/// A request with readerAuthAll over `documents`, as bytes.
fn signed_as_a_whole(world: &World, documents: &[&str], with_use_case: bool) -> Vec<u8> {
    let builder = documents.iter().fold(DeviceRequestBuilder::new(), |b, element| {
        b.document(ask(MDL_DOC_TYPE, element))
    });
    let builder = if with_use_case {
        builder.use_case(true, &[&[0]])
    } else {
        builder
    };
    builder
        .second_edition()
        .reader_auth_all(certificates(&world.reader))
        .sign(&world.transcript, &world.reader.signer_key)
        .unwrap()
}

/// A-H43: readerAuthAll covers all requests in their order, with and without deviceRequestInfo.
#[test]
fn reader_auth_all_covers_every_document() {
    let world = World::new(14);
    for with_use_case in [false, true] {
        let request = signed_as_a_whole(&world, &["sex", "height"], with_use_case);
        let states = verify(&world, &request);
        assert!(states.all[0].verified().is_some());
        assert!(
            states
                .documents
                .iter()
                .all(|state| matches!(state, ReaderAuthState::Absent))
        );
        assert!(states.for_document(0).verified().is_some() && states.for_document(1).verified().is_some());
    }
}

/// A-H43: reordered requests, and an altered deviceRequestInfo, make readerAuthAll invalid.
#[test]
fn reordering_breaks_reader_auth_all() {
    let world = World::new(15);
    let mut request = signed_as_a_whole(&world, &["sex", "age"], true);
    let (a, b) = (find(&request, b"\x63sex"), find(&request, b"\x63age"));
    request[a + 1..a + 4].copy_from_slice(b"age");
    request[b + 1..b + 4].copy_from_slice(b"sex");
    assert!(is_invalid(
        &verify(&world, &request).all[0],
        &InvalidReaderAuth::Signature
    ));

    let mut request = signed_as_a_whole(&world, &["sex"], true);
    let at = find(&request, b"mandatory");
    request[at + 9] = 0xf4;
    assert!(is_invalid(
        &verify(&world, &request).all[0],
        &InvalidReaderAuth::Signature
    ));
}

/// A-H42b: a good signature never hides a bad one.
#[test]
fn an_invalid_signature_is_not_hidden_by_a_good_one() {
    let world = World::new(16);
    let mut request = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .second_edition()
        .reader_auth(certificates(&world.reader))
        .reader_auth_all(certificates(&world.reader))
        .sign(&world.transcript, &world.reader.signer_key)
        .unwrap();
    assert!(verify(&world, &request).for_document(0).verified().is_some());
    *request.last_mut().unwrap() ^= 1;
    let states = verify(&world, &request);
    assert!(states.documents[0].verified().is_some() && states.all[0].verified().is_none());
    assert!(is_invalid(states.for_document(0), &InvalidReaderAuth::Signature));
}

/// A reader certificate longer valid than its profile allows is verified by signature and refused by profile.
#[test]
fn a_reader_certificate_without_revocation_list_departs_from_the_profile() {
    let world = World::new(17);
    let start = NOW.saturating_add_seconds(-DAY);
    let name = NameBuilder::of("UT", None, "Forever");
    let certificate = CertificateBuilder::reader_auth(
        &world.reader.authority,
        &name,
        world.reader.signer_key.public_key(),
        start,
        "https://example.org/reader.crl",
    )
    .validity(start, start.saturating_add_seconds(1200 * DAY))
    .sign(&world.reader.authority_key, &SeededRandom::new(1))
    .unwrap();
    let request = DeviceRequestBuilder::new()
        .document(ask(MDL_DOC_TYPE, "sex"))
        .reader_auth(ReaderCertificates::new(&[certificate]).unwrap())
        .sign(&world.transcript, &world.reader.signer_key)
        .unwrap();
    let states = verify(&world, &request);
    match &states.documents[0] {
        ReaderAuthState::Untrusted { .. } => {}
        ReaderAuthState::Verified(reader) => assert!(!reader.path().findings().is_empty()),
        other => panic!("{other:?}"),
    }
}
