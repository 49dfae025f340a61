//! The structures of ISO 18013-5: parse, walk every accessor, hold what the views promise.

use crate::tell;
use idwallet_cose::cbor::{Item, Limits, Tag24};
use idwallet_crypto::x509::{TrustAnchors, ValidatedPath};
use idwallet_mdoc::holder::{MatchKind, select};
use idwallet_mdoc::reader_auth::{ReaderAuthState, ReaderAuthentication};
use idwallet_mdoc::verify::{IssuerTrust, Outcome, Policy, Session, verify_response as verify_response_call};
use idwallet_mdoc::{
    DeviceAuth, DeviceRequest, DeviceResponse, Document, IssuerSigned, ItemsRequest, MobileSecurityObject,
    SessionTranscript,
};
use idwallet_test_support::{NOW, World};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A world of which the fuzzer knows the request and the licence, and no key.
static WORLD: LazyLock<World> = LazyLock::new(|| World::new(7));
static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| WORLD.reader.anchors());
static LICENCE: LazyLock<Vec<u8>> = LazyLock::new(|| WORLD.issue_mdl());
/// The one in the seeds.
static SMALL_LICENCE: LazyLock<Vec<u8>> = LazyLock::new(crate::seeds::licence_of_responses);

fn is_within(part: &[u8], whole: &[u8]) -> bool {
    let (part, whole) = (part.as_ptr_range(), whole.as_ptr_range());
    part.start >= whole.start && part.end <= whole.end
}

/// The digested bytes of each item lie in the input, and read by the general decoder they say what the view says.
fn items(issuer_signed: &IssuerSigned<'_>) {
    for (space, item) in issuer_signed.items() {
        assert!(!space.is_empty() && !item.element_identifier().is_empty());
        assert!(is_within(item.encoded(), issuer_signed.bytes()));
        let inner = Tag24::parse(item.encoded(), Limits::DEFAULT).expect("an item is tag 24");
        let value = inner.inner_item().expect("of one CBOR item").to_value();
        if let Ok(value) = value {
            let members = value.as_map().expect("which is a map");
            let member = |name: &str| {
                let found = members.iter().find(|(key, _)| key.as_text() == Some(name));
                &found.expect("with the four members").1
            };
            assert_eq!(member("digestID").as_integer(), Some(item.digest_id().into()));
            assert_eq!(member("random").as_bytes().map(Vec::as_slice), Some(item.random()));
            assert_eq!(member("elementIdentifier").as_text(), Some(item.element_identifier()));
            let ours = item.element_value().to_value().unwrap();
            assert_eq!(format!("{:?}", member("elementValue")), format!("{ours:?}"));
        }
        assert!(issuer_signed.item(space, item.element_identifier()).is_some());
    }
}

fn walk_mso(mso: &MobileSecurityObject<'_>) {
    for (space, digests) in mso.value_digests() {
        for (id, digest) in digests {
            assert_eq!(mso.digest(space, *id), Some(*digest));
        }
    }
    if let Some(authorized) = mso.key_authorizations() {
        if authorized.fault().is_none() {
            let whole = authorized.name_spaces().iter().map(|space| (*space, "x"));
            let single = authorized
                .data_elements()
                .iter()
                .flat_map(|(s, names)| names.iter().map(|n| (*s, *n)));
            for (space, element) in whole.chain(single) {
                assert!(authorized.allows(space, element));
            }
        }
        assert!(
            !authorized.allows("no such namespace", "x") || authorized.name_spaces().contains(&"no such namespace")
        );
    }
    for (_, date) in mso.validity().dates() {
        std::hint::black_box((date.text(), date.timestamp(), date.is_strict()));
    }
    std::hint::black_box((
        mso.hash_algorithm(),
        mso.device_key(),
        mso.key_info(),
        mso.status(),
        mso.version().numbers(),
    ));
}

fn walk_issuer_signed(issuer_signed: &IssuerSigned<'_>) {
    items(issuer_signed);
    match issuer_signed.mobile_security_object() {
        Ok(mso) => walk_mso(&mso),
        Err(error) => tell(&error),
    }
}

/// `IssuerSigned`.
pub fn issuer_signed(data: &[u8]) {
    match IssuerSigned::parse(data) {
        Ok(issuer_signed) => {
            assert_eq!(issuer_signed.bytes(), data);
            walk_issuer_signed(&issuer_signed);
        }
        Err(error) => tell(&error),
    }
}

/// `MobileSecurityObjectBytes`: what is looked up by namespace and id is what is listed there.
pub fn mso(data: &[u8]) {
    match MobileSecurityObject::parse(data) {
        Ok(mso) => {
            assert_eq!(mso.encoded(), data);
            walk_mso(&mso);
        }
        Err(error) => tell(&error),
    }
}

fn walk_document(document: &Document<'_>) {
    walk_issuer_signed(document.issuer_signed());
    if let Some(signed) = document.device_signed() {
        assert!(is_within(signed.name_spaces_bytes(), document.bytes()));
        for (space, name, value) in signed.elements() {
            assert!(!space.is_empty() && !name.is_empty() && !value.bytes().is_empty());
        }
        match signed.device_auth() {
            DeviceAuth::Signature(sign1) => assert!(is_within(sign1.bytes(), document.bytes())),
            DeviceAuth::Mac(mac0) => assert!(is_within(mac0.bytes(), document.bytes())),
        }
    }
    std::hint::black_box((document.doc_type(), document.errors()));
}

/// `DeviceResponse`, and `Document` by itself.
pub fn device_response(data: &[u8]) {
    match DeviceResponse::parse(data) {
        Ok(response) => {
            assert_eq!(response.bytes(), data);
            for document in response.documents() {
                walk_document(document);
                assert!(
                    Document::parse(document.bytes()).is_ok(),
                    "a document of a response stands alone"
                );
            }
            std::hint::black_box((
                response.document_errors(),
                response.status(),
                response.version().is_known(),
            ));
            std::hint::black_box((response.zk_documents(), response.encrypted_documents()));
        }
        Err(error) => tell(&error),
    }
    match Document::parse(data) {
        Ok(document) => walk_document(&document),
        Err(error) => tell(&error),
    }
}

/// What is released is what was asked for, and lies in the credential.
fn selects(request: &ItemsRequest<'_>, credential: &IssuerSigned<'_>) {
    let mso = credential.mobile_security_object().unwrap();
    let Ok(selection) = select(credential, &mso, request) else {
        return;
    };
    let asked = request.elements().count();
    assert_eq!(selection.matches().len() + selection.missing().len(), asked);
    for matched in selection.matches() {
        assert!(request.asks_for(matched.requested.name_space, matched.requested.element));
        if matched.kind == MatchKind::Exact {
            assert_eq!(matched.items[0].reference(), matched.requested);
        }
    }
    for element in selection.approve_all().elements() {
        let matched = selection
            .matches()
            .iter()
            .flat_map(|m| &m.items)
            .any(|found| found.reference() == element);
        assert!(matched, "nothing is released that no match names");
    }
    let portrait_alone = selection.approve(|element| element.element == "portrait");
    assert!(portrait_alone.elements().all(|element| element.element == "portrait"));
    assert!(selection.approve(|_| false).is_empty());
}

/// `DeviceRequest` and `ItemsRequest`, and selecting from a licence what they ask for.
pub fn device_request(data: &[u8]) {
    static CREDENTIAL: LazyLock<IssuerSigned<'static>> = LazyLock::new(|| IssuerSigned::parse(&LICENCE).unwrap());
    match DeviceRequest::parse(data) {
        Ok(request) => {
            assert_eq!(request.bytes(), data);
            assert!(!request.doc_requests().is_empty());
            for document in request.doc_requests() {
                assert!(is_within(document.items_request_bytes(), data));
                selects(document.items_request(), &CREDENTIAL);
            }
            std::hint::black_box((request.device_request_info(), request.device_request_info_bytes()));
        }
        Err(error) => tell(&error),
    }
    match ItemsRequest::parse(data) {
        Ok(request) => selects(&request, &CREDENTIAL),
        Err(error) => tell(&error),
    }
}

/// `readerAuth` and `readerAuthAll`: who is verified is the one reader whose authority is trusted.
pub fn reader_auth(data: &[u8]) {
    let Ok(request) = DeviceRequest::parse(data) else {
        return;
    };
    let trust = WORLD.reader_trust(&ANCHORS, &[]);
    let authentication = ReaderAuthentication::verify(&request, &WORLD.transcript, &trust);
    assert_eq!(authentication.documents.len(), request.doc_requests().len());
    for (index, state) in authentication.documents.iter().chain(&authentication.all).enumerate() {
        tell_state(state);
        tell_state(authentication.for_document(index));
    }
}

fn tell_state(state: &ReaderAuthState) {
    match state {
        ReaderAuthState::Verified(reader) => {
            let path: &ValidatedPath = reader.path();
            assert_eq!(path.anchor(), &WORLD.reader.authority);
            std::hint::black_box((reader.name(), reader.organization(), reader.certificate()));
        }
        ReaderAuthState::Untrusted { reason, .. } => tell(reason),
        ReaderAuthState::Invalid(invalid) => {
            std::hint::black_box(format!("{invalid:?}"));
        }
        ReaderAuthState::Absent => {}
    }
}

/// `SessionTranscript` with and without its tag.
pub fn session_transcript(data: &[u8]) {
    match SessionTranscript::from_bytes(data) {
        Ok(transcript) => {
            assert!(Item::parse(transcript.as_bytes(), Limits::DEFAULT).is_ok());
            assert!(transcript.tagged_bytes().ends_with(transcript.as_bytes()));
            let again = SessionTranscript::from_bytes(transcript.tagged_bytes()).expect("its own bytes are read");
            assert_eq!(again.as_bytes(), transcript.as_bytes());
            assert_eq!(again.salt(), transcript.salt());
            std::hint::black_box(transcript.e_reader_key());
        }
        Err(error) => tell(&error),
    }
}

/// The reader's whole checklist. What is accepted was issued: each claim, byte for byte, in the credential of the one issuer.
pub fn verify_response(data: &[u8]) {
    static ISSUED: LazyLock<BTreeSet<&'static [u8]>> = LazyLock::new(|| {
        let licences = [&*LICENCE, &*SMALL_LICENCE];
        let parsed = licences
            .into_iter()
            .map(|licence| IssuerSigned::parse(licence).unwrap());
        parsed
            .flat_map(|licence| licence.items().map(|(_, item)| item.encoded()).collect::<Vec<_>>())
            .collect()
    });
    static ISSUER: LazyLock<TrustAnchors> = LazyLock::new(|| WORLD.issuer.anchors());
    static REQUEST: LazyLock<Vec<u8>> = LazyLock::new(|| WORLD.request(&crate::seeds::ASKED));
    static STRANGER: LazyLock<TrustAnchors> = LazyLock::new(|| World::new(8).issuer.anchors());
    let Ok(response) = DeviceResponse::parse(data) else {
        return;
    };
    let request = DeviceRequest::parse(&REQUEST).unwrap();
    let session = Session::new(&WORLD.transcript)
        .request(&request)
        .e_reader_key(&WORLD.e_reader_key);
    for policy in [Policy::iso().at(NOW), Policy::lenient().at(NOW).allow_untrusted()] {
        let report = verify_response_call(&response, &session, &IssuerTrust::new(&ISSUER), &policy);
        assert_eq!(report.documents().len(), response.documents().len());
        for document in report.documents() {
            for (check, result) in document.checks().iter() {
                std::hint::black_box((check.id(), result.word(), result.reason(), result.clause(check)));
            }
            match document.outcome() {
                Outcome::Accepted(verified) => {
                    for (_, item) in verified.claims() {
                        assert!(
                            ISSUED.contains(item.encoded()),
                            "a claim that was not issued is accepted"
                        );
                    }
                    assert!(
                        verified.device_claims().all(|(_, element, _)| element == "height"),
                        "unauthorised"
                    );
                }
                Outcome::Refused(refusals) => refusals.iter().for_each(tell),
            }
        }
        report.problems().iter().for_each(tell);
    }
    let report = verify_response_call(
        &response,
        &session,
        &IssuerTrust::new(&STRANGER),
        &Policy::iso().at(NOW),
    );
    assert!(!report.is_accepted(), "a stranger's document is accepted");
}
