//! Who signed: chain, profile, revocation, signature, trust list, status.

use super::*;
use idwallet_cose::{Place, Sign1Builder, label};
use idwallet_crypto::x509::{
    Certificate, CertificateBuilder, ExtensionKind, FindingId, NameBuilder, PathError, TrustAnchors,
};
use idwallet_crypto::{HashAlgorithm, PrivateKey, digest};
use idwallet_mdoc::verify::{CheckResult, DocTypeAnswer, StatusAnswer};
use idwallet_test_support::Pki;

/// A document signer of the world's authority, with another country or state in its name.
pub fn signer_of(world: &World, country: &str, state: Option<&str>) -> (PrivateKey, Certificate) {
    let signer_key = key(Curve::P256, 0x51);
    let name = NameBuilder::of(country, state, "Another document signer");
    let certificate = builder(world, &name, &signer_key)
        .sign(&world.issuer.authority_key, &world.random)
        .unwrap();
    (signer_key, certificate)
}

fn builder(world: &World, name: &NameBuilder, signer_key: &PrivateKey) -> CertificateBuilder {
    CertificateBuilder::document_signer(
        &world.issuer.authority,
        name,
        signer_key.public_key(),
        NOW.saturating_add_seconds(-30 * DAY),
        "https://example.org",
        "https://example.org/iaca.crl",
    )
}

/// The licence signed by another signer of the same authority, whose certificate `change` has changed.
fn signed_by(world: &World, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Trial<'_> {
    let signer_key = key(Curve::P256, 0x52);
    let builder = builder(world, &NameBuilder::of("UT", None, "Signer"), &signer_key);
    let certificate = change(builder)
        .sign(&world.issuer.authority_key, &world.random)
        .unwrap();
    Trial::issued(
        world,
        &resign_as(&signer_key, &[certificate], &world.issue_mdl(), |_| {}),
    )
}

/// A-V11: an issuer of which the reader knows nothing.
#[test]
fn unknown_issuer_is_refused() {
    let (world, other) = (World::new(20), World::new(21));
    let mut trial = Trial::new(&world);
    trial.anchors = other.issuer.anchors();
    let outcome = trial.run();
    // Same names, other keys.
    assert!(matches!(
        outcome.refused_by(Check::IssuerChain),
        Fault::Path(PathError::Signature { .. })
    ));
    assert_eq!(outcome.trust, "untrusted");
    assert_eq!(outcome.failed[0].1.kind(), FaultKind::Untrusted);
    // What does not need the chain was checked all the same.
    assert_eq!(outcome.word(Check::IssuerSignature), "passed");
    assert_eq!(outcome.word(Check::DeviceAuth), "passed");
}

/// X-C05, A-C43: a root that comes with the document is no anchor, and one that the reader has does not belong into the chain.
#[test]
fn root_in_the_message_is_no_anchor() {
    let world = World::new(22);
    let chain = [world.issuer.signer.clone(), world.issuer.authority.clone()];
    let issued = resign_as(&world.issuer.signer_key, &chain, &world.issue_mdl(), |_| {});
    let mut trial = Trial::issued(&world, &issued);
    let known = trial.run();
    let Fault::Profile(finding) = known.refused_by(Check::IssuerProfile) else {
        panic!()
    };
    assert_eq!(finding.id, FindingId::AnchorInChain);
    trial.anchors = Pki::reader(Curve::P256, 1).anchors();
    assert_eq!(trial.run().word(Check::IssuerChain), "failed");
}

/// A-V13: a certificate of the same authority for reader authentication, for a web server, for revocation lists of status.
#[test]
fn certificates_for_other_purposes_are_refused() {
    let world = World::new(23);
    let authority = &world.issuer.authority;
    let (signer_key, start) = (key(Curve::P256, 0x53), NOW.saturating_add_seconds(-30 * DAY));
    let name = NameBuilder::of("UT", None, "Signer");
    let others = [
        CertificateBuilder::reader_auth(
            authority,
            &name,
            signer_key.public_key(),
            start,
            "https://example.org/crl",
        ),
        CertificateBuilder::tls(authority, &name, signer_key.public_key(), start, &["example.org"]),
        CertificateBuilder::status_signer(authority, &name, signer_key.public_key(), start),
        CertificateBuilder::vical_signer(authority, &name, signer_key.public_key(), start),
    ];
    for other in others {
        let certificate = other.sign(&world.issuer.authority_key, &world.random).unwrap();
        let issued = resign_as(&signer_key, &[certificate], &world.issue_mdl(), |_| {});
        for policy in [Policy::iso(), Policy::generic(), Policy::lenient()] {
            let outcome = Trial::issued(&world, &issued).policy(policy.at(NOW)).run();
            assert_eq!(
                *outcome.refused_by(Check::IssuerProfile),
                Fault::Path(PathError::WrongPurpose)
            );
            assert_eq!(outcome.trust, "untrusted");
        }
    }
}

/// A-V12: a signer of another country or state than its root's.
#[test]
fn signer_of_another_country_is_refused() {
    let world = World::new(24);
    let (signer_key, certificate) = signer_of(&world, "ZZ", None);
    let issued = resign_as(&signer_key, &[certificate], &world.issue_mdl(), |_| {});
    let outcome = Trial::of(&world, &issued, &world.request(&[(MDL_NAMESPACE, "height")])).run();
    assert_eq!(
        *outcome.refused_by(Check::IssuerProfile),
        Fault::Path(PathError::CountryMismatch)
    );
}

/// A-V13, A-V14: what departs from the profile is refused with its clause, and warned of by the lenient profile.
#[test]
fn departures_from_the_profile_are_refused() {
    let world = World::new(25);
    let departures: [(ExtensionKind, FindingId); 3] = [
        (ExtensionKind::CrlDistributionPoints, FindingId::CdpMissing),
        (ExtensionKind::ExtendedKeyUsage, FindingId::EkuMissing),
        (ExtensionKind::KeyUsage, FindingId::KeyUsageMissing),
    ];
    for (kind, id) in departures {
        let trial = signed_by(&world, |builder| builder.omit(kind));
        let outcome = trial.run();
        let Fault::Profile(finding) = outcome.refused_by(Check::IssuerProfile) else {
            panic!("{id:?}")
        };
        assert_eq!(finding.id, id);
        assert!(
            outcome
                .result(Check::IssuerProfile)
                .clause(Check::IssuerProfile)
                .contains("ISO 18013-5 B.")
        );
        let lenient = trial.policy(Policy::lenient().at(NOW)).run();
        assert!(lenient.accepted, "{lenient:?}");
        assert_eq!(lenient.warned.len(), 1);
    }
}

/// A-V14: a signer whose distribution point has a name and no address, as that of Annex D, is warned of under every profile.
#[test]
fn distribution_point_without_address_is_warned_of() {
    use idwallet_crypto::x509::oid;
    let world = World::new(25);
    // [DistributionPoint { fullName: [dNSName "a.test"] }]
    let points = b"\x30\x0e\x30\x0c\xa0\x0a\xa0\x08\x82\x06a.test";
    for policy in [Policy::iso(), Policy::lenient()] {
        let trial = signed_by(&world, |builder| {
            builder.omit(ExtensionKind::CrlDistributionPoints).extra_extension(
                oid::CRL_DISTRIBUTION_POINTS,
                false,
                points,
            )
        });
        let outcome = trial.policy(policy.at(NOW)).run();
        assert!(outcome.accepted, "{outcome:?}");
        let [(Check::IssuerProfile, Fault::Profile(finding))] = &outcome.warned[..] else {
            panic!("{outcome:?}")
        };
        assert_eq!(finding.id, FindingId::CdpWithoutUri);
    }
}

/// A-C42: the generic key purpose alone will do for other documents under the generic profile, never for the driving licence.
#[test]
fn generic_purpose_alone_is_not_enough_for_a_licence() {
    use idwallet_crypto::x509::oid;
    let world = World::new(26);
    let signer_key = key(Curve::P256, 0x54);
    let certificate = builder(&world, &NameBuilder::of("UT", None, "Signer"), &signer_key)
        .extended_key_usage(&[oid::GENERIC_DOCUMENT_SIGNER])
        .sign(&world.issuer.authority_key, &world.random)
        .unwrap();
    let licence = resign_as(
        &signer_key,
        core::slice::from_ref(&certificate),
        &world.issue_mdl(),
        |_| {},
    );
    let card = world
        .mdoc_issuer("org.example.card")
        .element("org.example.card.1", "a", true);
    let card = card
        .copy(*world.device_key.public_key())
        .issue(&world.random)
        .unwrap()
        .remove(0)
        .issuer_signed;
    let card = resign_as(&signer_key, &[certificate], &card, |_| {});
    let verify = |issued: &[u8], policy: Policy| {
        let view = idwallet_mdoc::IssuerSigned::parse(issued).unwrap();
        let anchors = world.issuer.anchors();
        let trust = idwallet_mdoc::verify::IssuerTrust::new(&anchors);
        idwallet_mdoc::verify::verify_issuer_signed(&view, None, &trust, &policy.issuer_only()).is_accepted()
    };
    assert!(!verify(&card, Policy::iso().at(NOW)));
    assert!(verify(&card, Policy::generic().at(NOW)));
    assert!(!verify(&licence, Policy::generic().at(NOW)));
    assert!(verify(&licence, Policy::lenient().at(NOW)));
}

/// A-V11: a root that was renewed with the same key and name, once against its profile: the conforming one decides.
#[test]
fn renewed_root_is_found() {
    let world = World::new(35);
    let name = NameBuilder::of("UT", None, "Utopia IACA");
    let odd = CertificateBuilder::iaca(
        &name,
        world.issuer.authority_key.public_key(),
        NOW.saturating_add_seconds(-60 * DAY),
        "https://example.org",
    )
    .omit(ExtensionKind::IssuerAltName)
    .sign(&world.issuer.authority_key, &world.random)
    .unwrap();
    let mut trial = Trial::new(&world);
    trial.anchors = core::iter::once(odd.clone()).collect();
    trial.run().refused_by(Check::IssuerProfile);
    trial.anchors = [odd, world.issuer.authority.clone()].into_iter().collect();
    let outcome = trial.run();
    assert!(outcome.accepted && outcome.warned.is_empty(), "{outcome:?}");
}

/// A-V11, X-C13: an expired signer is expired, not untrusted for some other reason.
#[test]
fn expired_signer_is_refused() {
    let world = World::new(27);
    let trial = signed_by(&world, |builder| {
        builder.validity(NOW.saturating_add_seconds(-30 * DAY), NOW.saturating_add_seconds(-1))
    });
    let outcome = trial.run();
    assert_eq!(outcome.refused_by(Check::IssuerChain).kind(), FaultKind::Expired);
}

/// A-V14, A-C44: revoked is refused; unknown is warned of, and refused where revocation is required.
#[test]
fn revoked_signer_is_refused() {
    let world = World::new(28);
    let mut trial = Trial::new(&world);
    trial.crls = vec![world.issuer.crl(&[])];
    assert_eq!(trial.run().word(Check::IssuerRevocation), "passed");
    trial.crls = vec![world.issuer.crl(&[&world.issuer.signer])];
    let revoked = trial.run();
    assert_eq!(revoked.refused_by(Check::IssuerRevocation).kind(), FaultKind::Revoked);
    assert_eq!(revoked.trust, "untrusted");

    // A list of another authority with the same name says nothing.
    trial.crls = vec![World::new(29).issuer.crl(&[&world.issuer.signer])];
    let unknown = trial.run();
    assert!(unknown.accepted);
    assert_eq!(unknown.warned[0].1.kind(), FaultKind::StatusUnknown);
    trial.policy = Policy::iso().at(NOW).require_revocation();
    assert_eq!(
        trial.run().refused_by(Check::IssuerRevocation).kind(),
        FaultKind::StatusUnknown
    );
    trial.crls.clear();
    let none = trial.run();
    assert!(!none.accepted && none.needed == [(Check::IssuerRevocation, SkipReason::NoCrl)]);
    // An expired list does not say good.
    trial.crls = vec![world.issuer.crl(&[])];
    trial.policy = Policy::iso()
        .at(NOW.saturating_add_seconds(31 * DAY))
        .require_revocation();
    assert_eq!(trial.run().word(Check::IssuerRevocation), "failed");
}

/// A-V15: another key's signature, an altered MSO, and an algorithm of another curve.
#[test]
fn issuer_signature_is_checked() {
    let world = World::new(30);
    let chain = [world.issuer.signer.clone()];
    let forged = resign_as(&key(Curve::P256, 0x55), &chain, &world.issue_mdl(), |_| {});
    let outcome = Trial::issued(&world, &forged).run();
    assert!(matches!(
        outcome.refused_by(Check::IssuerSignature),
        Fault::IssuerSignature(_)
    ));
    // Anybody can attach the chain of a trusted signer.
    assert_eq!(outcome.trust, "untrusted");

    // ES384 by a P-384 key under the certificate of a P-256 key (X-C03).
    let mixed = resign_as(&key(Curve::P384, 0x56), &chain, &world.issue_mdl(), |_| {});
    let outcome = Trial::issued(&world, &mixed).run();
    outcome.refused_by(Check::IssuerSignature);

    let altered = Trial::new(&world).edit(|r| {
        let payload = edit::at(r, "documents/0/issuerSigned/issuerAuth/2");
        let Value::Bytes(bytes) = payload else { panic!() };
        let mut mso = edit::parse(bytes);
        tag24(&mut mso, |mso| *member(mso, "unknown") = Value::Null);
        *bytes = edit::encode(&mso);
    });
    altered.run().refused_by(Check::IssuerSignature);
}

/// A-V15, A-I09: where the issuer signs the digest of its certificate, another certificate of the same key is not its signer's.
#[test]
fn certificate_in_the_place_of_the_signers_is_refused() {
    let world = World::new(36);
    let with_hash = |certificate: &Certificate, algorithm: i64, hash: &[u8], place: Place| {
        edit(&world.issue_mdl(), |issued| {
            let auth = member(issued, "issuerAuth");
            let payload = member(auth, "2").as_bytes().unwrap().to_vec();
            let signed = Sign1Builder::new()
                .x5chain(Place::Unprotected, &[certificate.der()])
                .header(place, label::X5T, |e| {
                    e.array(2).int(algorithm).bytes(hash);
                })
                .payload(&payload)
                .sign(&world.issuer.signer_key)
                .unwrap();
            *auth = edit::parse(&signed);
        })
    };
    let own = &world.issuer.signer;
    let other = builder(
        &world,
        &NameBuilder::of("UT", None, "Other name"),
        &world.issuer.signer_key,
    )
    .sign(&world.issuer.authority_key, &world.random)
    .unwrap();
    let hashes = [
        (-16, HashAlgorithm::Sha256),
        (-43, HashAlgorithm::Sha384),
        (-44, HashAlgorithm::Sha512),
    ];
    for (id, algorithm) in hashes {
        let hash = digest(algorithm, own.der());
        let named = with_hash(own, id, hash.as_ref(), Place::Protected);
        assert!(Trial::issued(&world, &named).run().accepted);
        let swapped = with_hash(&other, id, hash.as_ref(), Place::Protected);
        for policy in [Policy::iso(), Policy::lenient()] {
            let outcome = Trial::issued(&world, &swapped).policy(policy.at(NOW)).run();
            assert_eq!(*outcome.refused_by(Check::IssuerSignature), Fault::SignerHash);
            assert_eq!(outcome.trust, "untrusted");
        }
        // Nobody signs what is not protected.
        let unsigned = with_hash(&other, id, hash.as_ref(), Place::Unprotected);
        assert!(Trial::issued(&world, &unsigned).run().accepted);
    }
}

/// A-V11: no certificate at all.
#[test]
fn missing_chain_is_refused() {
    let world = World::new(31);
    let outcome = Trial::new(&world)
        .edit(|r| *edit::at(r, "documents/0/issuerSigned/issuerAuth/1") = Value::Map(vec![]))
        .run();
    assert_eq!(*outcome.refused_by(Check::IssuerChain), Fault::NoCertificate);
}

/// A-V15, A-C08: every curve on which an issuer may sign.
#[test]
fn issuers_on_every_curve_are_accepted() {
    for curve in Curve::ALL.into_iter().filter(|curve| curve.can_sign()) {
        let world = World::on_curves(32, curve, Curve::P256, Curve::P256);
        let outcome = Trial::new(&world).run();
        assert!(outcome.accepted, "{curve}: {outcome:?}");
    }
}

/// A-V21: what a trust list says about the document type.
#[test]
fn trust_list_constrains_document_types() {
    let world = World::new(33);
    let mut trial = Trial::new(&world);
    let with = |trial: &mut Trial<'_>, answer| {
        trial.doc_types = Some(answer);
        trial.run()
    };
    assert_eq!(
        with(&mut trial, DocTypeAnswer::Allowed).word(Check::TrustList),
        "passed"
    );
    let refused = with(&mut trial, DocTypeAnswer::NotAllowed);
    assert!(matches!(
        refused.refused_by(Check::TrustList),
        Fault::NotVouchedFor { .. }
    ));
    assert_eq!(refused.trust, "untrusted");
    let listed = with(&mut trial, DocTypeAnswer::NotListed);
    assert!(listed.accepted && listed.word(Check::TrustList) == "skipped");
    with(&mut trial, DocTypeAnswer::Unusable("it has ended".into())).refused_by(Check::TrustList);
}

/// A-V25, A-V30, G-V01, G-V07, X-C13: valid, revoked, suspended, unknown and not available are five things, and unknown is never valid.
#[test]
fn status_is_looked_up() {
    let world = World::new(34);
    let issued = resign(&world, &world.issue_mdl(), |mso| {
        let list = member(mso, "status");
        *list = Value::Map(vec![]);
        let list = member(list, "status_list");
        *list = Value::Map(vec![]);
        *member(list, "idx") = Value::Integer(7.into());
        *member(list, "uri") = Value::Text("https://example.org/list".into());
    });
    let mut trial = Trial::issued(&world, &issued);
    let with = |trial: &mut Trial<'_>, answer, policy: Policy| {
        (trial.status, trial.policy) = (answer, policy);
        trial.run()
    };
    let (policy, strict) = (Policy::iso().at(NOW), Policy::iso().at(NOW).require_status());
    assert_eq!(
        with(&mut trial, Some(StatusAnswer::Valid), strict).word(Check::Status),
        "passed"
    );
    for (answer, kind) in [
        (StatusAnswer::Invalid, FaultKind::Revoked),
        (StatusAnswer::Suspended, FaultKind::Suspended),
    ] {
        assert_eq!(
            with(&mut trial, Some(answer), policy).refused_by(Check::Status).kind(),
            kind
        );
    }
    let unknown = StatusAnswer::Unknown("the list is of another authority".into());
    let warned = with(&mut trial, Some(unknown.clone()), policy);
    assert!(warned.accepted && warned.word(Check::Status) == "warned");
    assert_eq!(
        with(&mut trial, Some(unknown), strict).refused_by(Check::Status).kind(),
        FaultKind::StatusUnknown
    );
    for answer in [None, Some(StatusAnswer::NotAvailable)] {
        assert!(with(&mut trial, answer.clone(), policy).accepted);
        let refused = with(&mut trial, answer, strict);
        assert!(!refused.accepted && refused.needed == [(Check::Status, SkipReason::NoStatusList)]);
    }
    // An issuer that is not believed is not asked.
    trial.anchors = TrustAnchors::new();
    let unasked = with(&mut trial, Some(StatusAnswer::Valid), policy.allow_untrusted());
    assert_eq!(
        *unasked.result(Check::Status),
        CheckResult::Skipped(SkipReason::NoAnchors)
    );
}
