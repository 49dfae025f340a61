//! Policies, the cache, and the forms that are verified beside a response.

use super::*;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_mdoc::verify::{
    ChainCache, IssuerTrust, MAX_CACHED_CHAIN_BYTES, Outcome, Session, TrustState, parse_issuer_auth, verify_document,
    verify_issuer_auth, verify_issuer_signed,
};
use idwallet_mdoc::{DeviceResponse, IssuerSigned};

/// Without anchors nothing is trusted and nothing accepted, unless that is allowed.
#[test]
fn without_anchors_nothing_is_accepted() {
    let world = World::new(80);
    let mut trial = Trial::new(&world);
    trial.anchors = TrustAnchors::new();
    let outcome = trial.run();
    assert!(!outcome.accepted && outcome.trust == "not_checked");
    assert!(outcome.failed.is_empty());
    let expected = [
        (Check::IssuerChain, SkipReason::NoAnchors),
        (Check::IssuerProfile, SkipReason::NoAnchors),
    ];
    assert_eq!(outcome.needed, expected);
    let allowed = trial.policy(Policy::iso().at(NOW).allow_untrusted()).run();
    assert!(allowed.accepted && allowed.trust == "not_checked");
}

/// Allowing what is not checked does not allow what was checked and refused.
#[test]
fn allow_untrusted_does_not_allow_an_unknown_issuer() {
    let world = World::new(81);
    let mut trial = Trial::new(&world).policy(Policy::lenient().at(NOW).allow_untrusted());
    trial.anchors = World::new(82).issuer.anchors();
    assert!(!trial.run().accepted);
    // Nor anything else: signatures are checked with the key that the document names.
    trial.anchors = TrustAnchors::new();
    trial.transcript = Some(World::new(82).transcript);
    trial.run().refused_by(Check::DeviceAuth);
}

/// A-H61: what a holder gets from an issuer, with everything but device authentication.
#[test]
fn issued_credential_is_verified_before_it_is_stored() {
    let world = World::new(83);
    let bytes = world.issue_mdl();
    let view = IssuerSigned::parse(&bytes).unwrap();
    let anchors = world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    let policy = Policy::iso().at(NOW);
    let report = verify_issuer_signed(&view, Some(MDL_DOC_TYPE), &trust, &policy.issuer_only());
    let Outcome::Accepted(document) = report.outcome() else {
        panic!("{:?}", report.refusals())
    };
    assert_eq!(document.claims().count(), 30);
    assert!(!document.is_bound());
    assert_eq!(document.issuing_country(), Some("UT"));
    assert!(matches!(document.trust(), TrustState::Trusted { anchor } if *anchor == world.issuer.authority));
    assert_eq!(document.portrait(), Some(&idwallet_test_support::JPEG[..]));
    // As a presentation it proves nobody.
    let report = verify_issuer_signed(&view, None, &trust, &policy);
    assert!(!report.is_accepted());
    assert_eq!(report.refusals().len(), 1);
    // One altered element.
    let altered = edit(&bytes, |issued| {
        let items = member(member(issued, "nameSpaces"), MDL_NAMESPACE);
        tag24(member(items, "0"), |item| {
            *member(item, "elementValue") = Value::Text("Other".into())
        });
    });
    let view = IssuerSigned::parse(&altered).unwrap();
    let report = verify_issuer_signed(&view, None, &trust, &policy.issuer_only());
    assert!(report.checks().get(Check::Digests).is_failed());
    // Its claims can be looked at, by a name that says what that is.
    assert_eq!(report.dangerous_claims().count(), 30);
    assert!(report.verified().is_none());
}

/// A-V15, A-V16: an IssuerAuth by itself; trailing bytes are refused.
#[test]
fn issuer_auth_is_verified_by_itself() {
    let world = World::new(84);
    let bytes = world.issue_mdl();
    let view = IssuerSigned::parse(&bytes).unwrap();
    let mut auth = view.issuer_auth().bytes().to_vec();
    let anchors = world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    let policy = Policy::iso().at(NOW).issuer_only();
    let sign1 = parse_issuer_auth(&auth).unwrap();
    assert!(verify_issuer_auth(&sign1, Some(MDL_DOC_TYPE), &trust, &policy).is_accepted());
    assert!(!verify_issuer_auth(&sign1, Some("org.example.other"), &trust, &policy).is_accepted());
    auth.push(0);
    assert!(parse_issuer_auth(&auth).is_err());
}

/// A `Document` out of its response is verified as in it.
#[test]
fn document_is_verified_by_itself() {
    let world = World::new(85);
    let trial = Trial::new(&world);
    let view = DeviceResponse::parse(&trial.response).unwrap();
    let request = idwallet_mdoc::DeviceRequest::parse(trial.request.as_ref().unwrap()).unwrap();
    let anchors = world.issuer.anchors();
    let session = Session::new(&world.transcript).request(&request);
    let document = idwallet_mdoc::Document::parse(view.documents()[0].bytes()).unwrap();
    let report = verify_document(&document, &session, &IssuerTrust::new(&anchors), &trial.policy);
    assert!(report.is_accepted());
    assert!(report.verified().unwrap().is_bound());
}

/// A remembered chain gives the same answer: now, later, after a revocation, and for other anchors.
#[test]
fn cached_chains_are_asked_again() {
    let world = World::new(86);
    let cache = ChainCache::new();
    let mut trial = Trial::new(&world);
    trial.cache = Some(&cache);
    for _ in 0..3 {
        assert!(trial.run().accepted);
    }
    // A-V14: revocation is looked up every time.
    trial.crls = vec![world.issuer.crl(&[&world.issuer.signer])];
    trial.run().refused_by(Check::IssuerRevocation);
    trial.crls.clear();
    // A-V11: and so is validity.
    trial.policy = Policy::iso().at(NOW.saturating_add_seconds(5000 * DAY));
    assert_eq!(trial.run().word(Check::IssuerChain), "failed");
    trial.policy = Policy::iso().at(NOW);
    // X-C05: what was believed under other anchors is not believed now.
    trial.anchors = World::new(87).issuer.anchors();
    trial.run().refused_by(Check::IssuerChain);
    trial.anchors = world.issuer.anchors();
    assert!(trial.run().accepted);
}

/// X-C09, A-C47: what the sender puts behind the signer's certificate is not kept, or good documents would fill the memory.
#[test]
fn cache_does_not_keep_what_the_sender_pads() {
    let world = World::new(88);
    let cache = ChainCache::new();
    let mut trial = Trial::new(&world);
    trial.cache = Some(&cache);
    assert!(trial.run().accepted);
    assert_eq!(cache.len(), 1);
    let padded = |bytes: usize| {
        let leaf = Value::Bytes(world.issuer.signer.der().to_vec());
        let chain = Value::Array(vec![leaf, Value::Bytes(vec![0; bytes])]);
        let mut trial = Trial::new(&world).edit(|r| {
            *edit::at(r, "documents/0/issuerSigned/issuerAuth/1") =
                Value::Map(vec![(Value::Integer(33.into()), chain)]);
        });
        trial.cache = Some(&cache);
        trial
    };
    assert!(padded(100).run().accepted, "what stands behind the path is not used");
    assert_eq!(cache.len(), 2);
    assert!(padded(MAX_CACHED_CHAIN_BYTES).run().accepted);
    assert_eq!(cache.len(), 2);
    cache.clear();
    assert!(cache.is_empty());
}

/// A lenient verdict is not remembered for a strict reader.
#[test]
fn cache_keeps_strictness_apart() {
    let world = World::new(88);
    let chain = [world.issuer.signer.clone(), world.issuer.authority.clone()];
    let issued = resign_as(&world.issuer.signer_key, &chain, &world.issue_mdl(), |_| {});
    let cache = ChainCache::new();
    let mut trial = Trial::issued(&world, &issued);
    trial.cache = Some(&cache);
    let mut trial = trial.policy(Policy::lenient().at(NOW));
    assert!(trial.run().accepted);
    trial.policy = Policy::iso().at(NOW);
    trial.run().refused_by(Check::IssuerProfile);
}

/// Every check has an id and a clause of its own, and the ids are those of the report.
#[test]
fn checks_have_stable_names() {
    let ids: Vec<_> = Check::ALL.iter().map(|check| check.id()).collect();
    let expected = [
        "structure",
        "issuer_chain",
        "issuer_profile",
        "issuer_revocation",
        "issuer_signature",
        "digest_algorithm",
        "digests",
        "doc_type",
        "validity",
        "issuing_country",
        "status",
        "key_authorizations",
        "device_auth",
        "request_match",
        "trust_list",
    ];
    assert_eq!(ids, expected);
    assert!(
        Check::ALL
            .iter()
            .all(|check| check.clause().starts_with("ISO 18013-5 "))
    );
}
