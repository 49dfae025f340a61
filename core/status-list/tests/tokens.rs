//! What a list token must be, one thing flipped at a time. Every refusal is "unknown", never valid.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use common::{EXP, IAT, IDENTIFIERS, LIST, NBF, Provider, REVOKED, Raw, SUB, TTL, URI, ago, builder};
use idwallet_cose::{CoseError, Place};
use idwallet_crypto::x509::{CertificateBuilder, ExtensionKind, NameBuilder, PathError, RevocationRequirement, oid};
use idwallet_crypto::{Curve, PublicKey};
use idwallet_status_list::{
    IDENTIFIER_LIST_TYPE, IdentifierListBuilder, ListPolicy, ListTrust, Status, StatusAnswer, StatusListError as E,
    UnverifiedIdentifierList, UnverifiedStatusList, check_index,
};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, key};

fn unknown(answer: StatusAnswer) -> E {
    assert!(!answer.is_valid());
    match answer {
        StatusAnswer::Unknown(error) => error,
        known => panic!("{known:?}"),
    }
}

/// Breaks one thing of a good token and gives the reason why nothing is known then.
fn refused(change: impl FnOnce(Raw) -> Raw) -> E {
    let provider = Provider::new(1);
    assert!(
        provider.check(&provider.raw().sign(&provider.key)).is_valid(),
        "the fixture itself"
    );
    unknown(provider.check(&change(provider.raw()).sign(&provider.key)))
}

/// G-V03, G-V04, G-V12, A-I21: what the builder makes is believed, entry by entry.
#[test]
fn a_good_list_answers() {
    let provider = Provider::new(1);
    let token = provider.token();
    let verified = UnverifiedStatusList::parse(&token)
        .unwrap()
        .verify(URI, &provider.trust(), &ListPolicy::new(NOW))
        .unwrap();
    assert_eq!(verified.signer().unwrap().leaf(), &provider.signer);
    for idx in 0..16 {
        let expected = if idx == REVOKED { Status::Invalid } else { Status::Valid };
        assert_eq!(verified.status(idx).unwrap(), expected);
    }
    assert_eq!(
        verified.statuses(&[5, 4, 5]).unwrap(),
        [Status::Invalid, Status::Valid, Status::Invalid]
    );
}

/// G-C05, X-C03: tag 18, no other and none.
#[test]
fn a_tag_other_than_18_is_refused() {
    let tag = |tag| refused(|raw| Raw { tag, ..raw });
    assert_eq!(tag(None), E::Cose(CoseError::MissingTag { expected: 18 }));
    assert_eq!(tag(Some(17)), E::Tag(17));
    assert_eq!(tag(Some(61)), E::Tag(61));
}

/// G-C05, G-V04: `typ`.
#[test]
fn another_type_is_refused() {
    assert_eq!(refused(|raw| Raw { typ: None, ..raw }), E::Type);
    let unprotected = |raw: Raw| Raw {
        typ: Some((Place::Unprotected, "application/statuslist+cwt".into())),
        ..raw
    };
    assert_eq!(refused(unprotected), E::Type);
    for typ in [
        "statuslist+jwt",
        "application/identifierlist+cwt",
        "application/STATUSLIST+cwt",
    ] {
        assert_eq!(refused(|raw| raw.typ(typ)), E::Type, "{typ}");
    }
}

/// G-V04: `sub` is the reference's `uri`, byte for byte.
#[test]
fn a_list_of_another_uri_is_refused() {
    for uri in [
        "https://status.example.org/lists/8",
        "https://status.example.org/lists/7/",
        "HTTPS://status.example.org/lists/7",
    ] {
        assert_eq!(
            refused(|raw| raw.claim(SUB, |e| {
                e.text(uri);
            })),
            E::Subject,
            "{uri}"
        );
    }
}

/// A-I21, G-C05: the required claims.
#[test]
fn a_missing_claim_is_refused() {
    assert_eq!(refused(|raw| raw.without(EXP)), E::ExpiryMissing);
    for label in [SUB, IAT, LIST] {
        assert!(matches!(refused(|raw| raw.without(label)), E::Malformed(_)), "{label}");
    }
}

/// X-C02: a claim twice.
#[test]
fn a_claim_twice_is_refused() {
    let twice = |mut raw: Raw| {
        let exp = raw.claims[1].clone();
        raw.claims.push(exp);
        raw
    };
    assert!(matches!(refused(twice), E::Malformed(_)));
}

/// G-V04, G-V06: `exp` counts from its very second.
#[test]
fn an_expired_list_is_refused() {
    assert_eq!(
        refused(|raw| raw.claim(EXP, |e| {
            e.int(NOW.unix());
        })),
        E::Expired(NOW)
    );
    let provider = Provider::new(1);
    let token = provider
        .raw()
        .claim(EXP, |e| {
            e.int(NOW.unix() + 1);
        })
        .sign(&provider.key);
    assert!(provider.check(&token).is_valid());
}

/// X-C10: one skew for the future.
#[test]
fn a_list_from_the_future_is_refused() {
    let later = |seconds| {
        refused(|raw| {
            raw.claim(IAT, |e| {
                e.int(NOW.unix() + seconds);
            })
        })
    };
    assert!(matches!(later(61), E::IssuedInFuture(_)));
    assert!(matches!(
        refused(|raw| raw.claim(NBF, |e| {
            e.int(NOW.unix() + 61);
        })),
        E::IssuedInFuture(_)
    ));
    let provider = Provider::new(1);
    let token = provider
        .raw()
        .claim(IAT, |e| {
            e.int(NOW.unix() + 59);
        })
        .sign(&provider.key);
    assert!(provider.check(&token).is_valid());
}

/// G-V04: freshness of `iat` and `ttl` by policy.
#[test]
fn an_old_list_is_refused_by_policy() {
    let provider = Provider::new(1);
    let token = provider
        .raw()
        .claim(TTL, |e| {
            e.uint(600);
        })
        .sign(&provider.key);
    let ask = |policy: &ListPolicy<'_>| check_index(&token, 0, URI, &provider.trust(), policy);
    let policy = ListPolicy::new(NOW);
    assert!(ask(&policy.max_age(3600)).is_valid());
    assert_eq!(unknown(ask(&policy.max_age(3599))), E::TooOld(ago(3600)));
    // ttl asks for a newer list; only the policy makes it an end.
    assert!(ask(&policy.fetched_at(ago(600), false)).is_valid());
    assert_eq!(unknown(ask(&policy.fetched_at(ago(600), true))), E::TimeToLive(NOW));
    assert!(ask(&policy.fetched_at(ago(599), true)).is_valid());
    let list = UnverifiedStatusList::parse(&token).unwrap();
    assert_eq!(
        list.dangerous_claims().refetch_at(NOW),
        Some(NOW.saturating_add_seconds(600))
    );
}

/// G-C04: `ttl` is a positive number.
#[test]
fn a_ttl_of_zero_is_refused() {
    assert!(matches!(
        refused(|raw| raw.claim(TTL, |e| {
            e.uint(0);
        })),
        E::Malformed(_)
    ));
    assert!(matches!(
        refused(|raw| raw.claim(TTL, |e| {
            e.int(-1);
        })),
        E::Malformed(_)
    ));
}

/// A-I21: x5chain, and in the protected header.
#[test]
fn a_chain_that_is_not_protected_is_refused() {
    assert_eq!(refused(|raw| Raw { chain: None, ..raw }), E::ChainMissing);
    let unprotected = |mut raw: Raw| {
        raw.chain.as_mut().unwrap().0 = Place::Unprotected;
        raw
    };
    assert_eq!(refused(unprotected), E::ChainNotProtected);
}

/// A-V30: the list of another authority says nothing.
#[test]
fn a_list_of_another_authority_is_unknown() {
    let (ours, other) = (Provider::new(1), Provider::new(2));
    let answer = ours.check(&other.token());
    assert!(unknown(answer).is_untrusted());
    // The name of the authority is the same, so it is the signature that fails.
    let renamed = check_index(&other.token(), 0, URI, &ours.trust(), &ListPolicy::new(NOW));
    assert_eq!(unknown(renamed), E::Path(PathError::Signature { index: 0 }));
}

/// A-V30: a certificate in the MSO's status is the trust point, and the issuer's authority is not any more.
#[test]
fn the_certificate_of_the_mso_is_the_trust_point() {
    let (issuer, list) = (Provider::new(1), Provider::new(2));
    let policy = ListPolicy::new(NOW);
    let trust = ListTrust::Certificate(list.pki.authority.der());
    assert!(check_index(&list.token(), 0, URI, &trust, &policy).is_valid());
    assert!(unknown(check_index(&issuer.token(), 0, URI, &trust, &policy)).is_untrusted());
    let garbage = ListTrust::Certificate(&[0x30, 0x00]);
    assert!(matches!(
        unknown(check_index(&list.token(), 0, URI, &garbage, &policy)),
        E::TrustPoint(_)
    ));
}

/// A-V30: by the validated path of the document signer.
#[test]
fn the_rule_follows_from_the_document_signers_path() {
    use idwallet_crypto::x509::{PathOptions, Profile, validate_path};
    let (issuer, other) = (Provider::new(1), Provider::new(2));
    let options = PathOptions::new(NOW, Profile::DocumentSigner);
    let path = validate_path(&[issuer.pki.signer.der()], &issuer.anchors(), &options).unwrap();
    let policy = ListPolicy::new(NOW);
    assert!(check_index(&issuer.token(), 0, URI, &ListTrust::for_mso(None, &path), &policy).is_valid());
    let named = ListTrust::for_mso(Some(other.pki.authority.der()), &path);
    assert!(check_index(&other.token(), 0, URI, &named, &policy).is_valid());
    assert!(!check_index(&issuer.token(), 0, URI, &named, &policy).is_valid());
}

/// A-V30: the key purpose of status signing is taken, and asked for by policy only.
#[test]
fn status_signing_is_required_by_policy_only() {
    let plain = Provider::with(1, |b| b.omit(ExtensionKind::ExtendedKeyUsage));
    let with = Provider::new(1);
    let policy = ListPolicy::new(NOW);
    let ask = |p: &Provider, policy: &ListPolicy<'_>| check_index(&p.token(), 0, URI, &p.trust(), policy);
    assert!(ask(&plain, &policy).is_valid());
    assert!(ask(&with, &policy.require_status_signing()).is_valid());
    assert_eq!(
        unknown(ask(&plain, &policy.require_status_signing())),
        E::StatusSigningMissing
    );
}

/// A-V30, A-V13: certificates of the same authority for readers and servers sign no lists.
#[test]
fn a_signer_for_another_purpose_is_refused() {
    for purpose in [oid::MDL_READER_AUTH, oid::SERVER_AUTH, oid::MDL_VICAL_SIGNER] {
        let provider = Provider::with(1, |b| b.extended_key_usage(&[purpose]));
        assert_eq!(
            unknown(provider.check(&provider.token())),
            E::Path(PathError::WrongPurpose)
        );
    }
}

/// The signer of lists can be revoked too.
#[test]
fn a_revoked_signer_is_refused() {
    let provider = Provider::new(1);
    let crls = [provider.pki.crl(&[&provider.signer])];
    let policy = ListPolicy::new(NOW).revocation(&crls, RevocationRequirement::IfAvailable);
    let answer = check_index(&provider.token(), 0, URI, &provider.trust(), &policy);
    assert!(matches!(unknown(answer), E::Path(PathError::Revoked { index: 0, .. })));
    let none = ListPolicy::new(NOW).revocation(&[], RevocationRequirement::Required);
    let answer = check_index(&provider.token(), 0, URI, &provider.trust(), &none);
    assert!(matches!(unknown(answer), E::Path(PathError::RevocationUnknown { .. })));
}

/// X-C05: neither a self-signed list signer nor the authority in the chain is believed.
#[test]
fn the_chain_brings_no_trust() {
    let provider = Provider::new(1);
    let own = key(Curve::P256, 77);
    let name = NameBuilder::of("UT", None, "Utopia IACA");
    let root = CertificateBuilder::iaca(&name, own.public_key(), ago(DAY), "https://example.org")
        .sign(&own, &SeededRandom::new(7))
        .unwrap();
    let token = Raw {
        chain: Some((Place::Protected, vec![root])),
        ..provider.raw()
    }
    .sign(&own);
    assert_eq!(unknown(provider.check(&token)), E::Path(PathError::SelfSignedLeaf));
}

/// G-V03: a signature by another key than the certificate's.
#[test]
fn a_wrong_signature_is_refused() {
    let provider = Provider::new(1);
    let token = provider.raw().sign(&key(Curve::P256, 9));
    assert_eq!(
        unknown(provider.check(&token)),
        E::Signature(CoseError::SignatureInvalid)
    );
    // X-C03: the algorithm has to belong to the certificate's key.
    let token = provider.raw().sign(&key(Curve::P384, 9));
    assert!(matches!(
        unknown(provider.check(&token)),
        E::Signature(CoseError::AlgorithmKeyMismatch { .. })
    ));
}

/// A-I21: one kind of list in a token.
#[test]
fn two_lists_in_one_token_are_refused() {
    let identifiers = |raw: Raw| {
        raw.claim(IDENTIFIERS, |e| {
            e.map(1).text("identifiers").map(0);
        })
    };
    assert_eq!(refused(identifiers), E::TwoLists);
    let provider = Provider::new(1);
    let both = identifiers(provider.raw())
        .typ(IDENTIFIER_LIST_TYPE)
        .sign(&provider.key);
    assert_eq!(unknown(provider.check_id(&both, b"one")), E::TwoLists);
}

fn identifiers(provider: &Provider) -> Vec<u8> {
    let mut builder = IdentifierListBuilder::new()
        .uri(URI)
        .validity(ago(60), NOW.saturating_add_seconds(DAY));
    builder.revoke(b"revoked").unwrap().revoke(&[0, 1, 2]).unwrap();
    builder.sign(&provider.key, &provider.chain()).unwrap()
}

/// A-I20, A-I21, G-V10: what is listed is revoked, and nothing else.
#[test]
fn an_identifier_list_answers() {
    let provider = Provider::new(1);
    let token = identifiers(&provider);
    assert_eq!(
        provider.check_id(&token, b"revoked"),
        StatusAnswer::Known(Status::Invalid)
    );
    assert_eq!(
        provider.check_id(&token, &[0, 1, 2]),
        StatusAnswer::Known(Status::Invalid)
    );
    assert!(provider.check_id(&token, b"revoke").is_valid());
    let list = UnverifiedIdentifierList::parse(&token).unwrap();
    assert_eq!(list.dangerous_list().len(), 2);
    // One kind is not the other.
    assert_eq!(unknown(provider.check(&token)), E::Type);
    assert_eq!(unknown(provider.check_id(&provider.token(), b"revoked")), E::Type);
    assert!(unknown(Provider::new(2).check_id(&token, b"x")).is_untrusted());
}

/// A-I21, X-C02: the shape of an identifier list.
#[test]
fn a_malformed_identifier_list_is_refused() {
    let provider = Provider::new(1);
    let ask = |write: &dyn Fn(&mut idwallet_cose::cbor::Encoder)| {
        let raw = provider
            .raw()
            .without(LIST)
            .claim(IDENTIFIERS, write)
            .typ(IDENTIFIER_LIST_TYPE);
        provider.check_id(&raw.sign(&provider.key), b"a")
    };
    assert!(
        ask(&|e| {
            e.map(1).text("identifiers").map(1).bytes(b"b").map(0);
        })
        .is_valid()
    );
    let bad: [&dyn Fn(&mut idwallet_cose::cbor::Encoder); 6] = [
        &|e| {
            e.map(0);
        },
        &|e| {
            e.map(1).text("identifiers").array(1).bytes(b"b");
        },
        &|e| {
            e.map(1).text("identifiers").map(1).text("b").map(0);
        },
        &|e| {
            e.map(1).text("identifiers").map(1).bytes(b"").map(0);
        },
        &|e| {
            e.map(1).text("identifiers").map(1).bytes(b"b").uint(0);
        },
        &|e| {
            e.map(1)
                .text("identifiers")
                .map(2)
                .bytes(b"b")
                .map(0)
                .bytes(b"b")
                .map(0);
        },
    ];
    for write in bad {
        assert!(matches!(unknown(ask(write)), E::Malformed(_)));
    }
}

/// Every curve that can sign.
#[test]
fn lists_are_signed_on_every_curve() {
    for curve in [
        Curve::P256,
        Curve::P384,
        Curve::P521,
        Curve::BrainpoolP256r1,
        Curve::Ed25519,
    ] {
        let pki = Pki::issuer(Curve::P256, 3);
        let signer_key = key(curve, 4);
        let public: &PublicKey = signer_key.public_key();
        let name = NameBuilder::of("UT", None, "List signer");
        let signer = CertificateBuilder::status_signer(&pki.authority, &name, public, ago(DAY))
            .sign(&pki.authority_key, &SeededRandom::new(5))
            .unwrap();
        let token = builder().sign(&signer_key, &[signer]).unwrap();
        let trust = ListTrust::IssuingAuthority(&pki.authority);
        assert!(
            check_index(&token, 0, URI, &trust, &ListPolicy::new(NOW)).is_valid(),
            "{curve}"
        );
    }
}
