//! What a trust list must be, one thing flipped at a time (ISO 18013-5 Annex C).
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

use common::{MDL, PID, Provider, Raw, ago, ahead, iaca};
use idwallet_cose::CoseError;
use idwallet_cose::cbor::Encoder;
use idwallet_crypto::x509::{ExtensionKind, KeyUsage, PathError, RevocationRequirement, oid};
use idwallet_crypto::{Curve, Random as _};
use idwallet_test_support::{DAY, NOW, SeededRandom, key};
use idwallet_trust::vical::{EntryFault, EntryFinding, VicalFinding};
use idwallet_trust::{
    DocTypes, IssuerAnchors, PastNextUpdate, TrustError as E, TrustListVerdict, UnverifiedVical, VerifiedVical,
    VicalFreshness, VicalIssue, VicalPolicy, VicalProviders,
};

/// Breaks one thing of a good list.
fn outcome(policy: &VicalPolicy<'_>, change: impl FnOnce(Raw) -> Raw) -> Result<VerifiedVical, E> {
    let (provider, issuer) = (Provider::new(1), iaca());
    let good = provider.raw(&issuer.authority).sign(&provider.key);
    assert!(
        provider.verify(&good, &VicalPolicy::iso(NOW)).is_ok(),
        "the fixture itself"
    );
    provider.verify(&change(provider.raw(&issuer.authority)).sign(&provider.key), policy)
}

fn refused(change: impl FnOnce(Raw) -> Raw) -> E {
    outcome(&VicalPolicy::new(NOW), change).unwrap_err()
}

/// A-V40, A-V41: what the builder makes verifies to the letter.
#[test]
fn a_good_list_verifies() {
    let (provider, issuer) = (Provider::new(1), iaca());
    let vical = provider
        .verify(&provider.list(&issuer.authority), &VicalPolicy::iso(NOW))
        .unwrap();
    assert_eq!(
        (vical.provider(), vical.issue_id(), vical.date()),
        ("Utopia", Some(7), ago(3600))
    );
    assert_eq!(vical.freshness(), VicalFreshness::Current(Some(ahead(DAY))));
    assert_eq!(
        (vical.not_after(), vical.url()),
        (Some(ahead(30 * DAY)), Some("https://example.org/vical"))
    );
    let entry = &vical.entries()[0];
    assert_eq!(entry.certificate(), &issuer.authority);
    assert_eq!(entry.doc_types(), &DocTypes::only([MDL]));
    assert!(entry.findings().is_empty() && entry.profile_findings().is_empty());
    assert!(vical.dropped().is_empty() && vical.findings().is_empty() && vical.signer().findings().is_empty());
}

/// A-V41: the signer leads to a configured provider.
#[test]
fn a_list_of_another_provider_is_untrusted() {
    let (ours, other, issuer) = (Provider::new(1), Provider::new(2), iaca());
    let error = ours
        .verify(&other.list(&issuer.authority), &VicalPolicy::new(NOW))
        .unwrap_err();
    assert_eq!(error, E::Path(PathError::Signature { index: 0 }));
    assert!(error.is_untrusted());
    // The root in the chain is no anchor (X-C05).
    let own_root = vec![other.signer.clone(), other.root.clone()];
    let with_root = Raw {
        chain: Some(own_root),
        ..other.raw(&issuer.authority)
    }
    .sign(&other.key);
    let none = UnverifiedVical::parse(&with_root)
        .unwrap()
        .verify(&VicalProviders::new(), &VicalPolicy::new(NOW));
    assert!(none.unwrap_err().is_untrusted());
}

/// A-V41: the key purpose of the signer, under every strictness.
#[test]
fn a_signer_for_another_purpose_is_refused() {
    let issuer = iaca();
    for purpose in [
        oid::MDL_READER_AUTH,
        oid::MDL_DOCUMENT_SIGNER,
        oid::STATUS_SIGNING,
        oid::SERVER_AUTH,
    ] {
        let provider = Provider::with(1, |b| b.extended_key_usage(&[purpose]));
        for policy in [VicalPolicy::new(NOW), VicalPolicy::iso(NOW)] {
            let error = provider.verify(&provider.list(&issuer.authority), &policy).unwrap_err();
            assert_eq!(error, E::Path(PathError::WrongPurpose));
        }
    }
}

/// A-C42: departures of the signer's certificate: refused to the letter, reported by default.
#[test]
fn departures_of_the_signer_are_reported() {
    let issuer = iaca();
    for provider in [
        Provider::with(1, |b| b.critical(ExtensionKind::ExtendedKeyUsage, false)),
        Provider::with(1, |b| b.key_usage(KeyUsage::CONTENT_COMMITMENT)),
    ] {
        let list = provider.list(&issuer.authority);
        assert!(matches!(
            provider.verify(&list, &VicalPolicy::iso(NOW)).unwrap_err(),
            E::Path(PathError::Profile { .. })
        ));
        let vical = provider.verify(&list, &VicalPolicy::new(NOW)).unwrap();
        assert!(!vical.signer().findings().is_empty());
    }
}

/// A-V41: a certificate of the provider's root without a key purpose, or for any, is no signer of lists, under every strictness.
#[test]
fn a_signer_without_the_key_purpose_is_refused() {
    let issuer = iaca();
    for provider in [
        Provider::with(1, |b| b.omit(ExtensionKind::ExtendedKeyUsage)),
        Provider::with(1, |b| b.extended_key_usage(&[oid::ANY_EXTENDED_KEY_USAGE])),
    ] {
        let list = provider.list(&issuer.authority);
        let error = provider.verify(&list, &VicalPolicy::new(NOW)).unwrap_err();
        assert_eq!(error, E::Path(PathError::WrongPurpose));
        assert!(provider.verify(&list, &VicalPolicy::iso(NOW)).is_err());
    }
}

/// A-V40: a chain has to come with the list.
#[test]
fn a_list_without_chain_is_refused() {
    assert_eq!(refused(|raw| Raw { chain: None, ..raw }), E::ChainMissing);
}

/// A-V41: the signature.
#[test]
fn a_wrong_signature_is_refused() {
    let (provider, issuer) = (Provider::new(1), iaca());
    let list = provider.raw(&issuer.authority).sign(&key(Curve::P256, 99));
    let error = provider.verify(&list, &VicalPolicy::new(NOW)).unwrap_err();
    assert_eq!(error, E::Signature(CoseError::SignatureInvalid));
}

/// A-V41: signer expired or revoked.
#[test]
fn an_expired_or_revoked_signer_is_refused() {
    let (provider, issuer) = (Provider::with(1, |b| b.validity(ago(30 * DAY), ago(1))), iaca());
    let error = provider
        .verify(&provider.list(&issuer.authority), &VicalPolicy::new(NOW))
        .unwrap_err();
    assert_eq!(error, E::Path(PathError::Expired { index: 0 }));
    let provider = Provider::new(1);
    let crl = idwallet_crypto::x509::CrlBuilder::new(&provider.root, 1, ago(DAY), ahead(DAY))
        .revoke(&provider.signer, ago(DAY))
        .sign(&provider.root_key)
        .unwrap();
    let crls = [crl];
    let policy = VicalPolicy::new(NOW).revocation(&crls, RevocationRequirement::IfAvailable);
    let error = provider.verify(&provider.list(&issuer.authority), &policy).unwrap_err();
    assert!(matches!(error, E::Path(PathError::Revoked { index: 0, .. })));
}

/// A-V41: nextUpdate is a state, notAfter is an end, and the future is refused.
#[test]
fn times_of_the_list() {
    let past = |raw: Raw| {
        raw.member("nextUpdate", |e| {
            e.tdate(NOW);
        })
    };
    assert_eq!(
        outcome(&VicalPolicy::new(NOW), past).unwrap().freshness(),
        VicalFreshness::PastNextUpdate(NOW)
    );
    let strict = VicalPolicy::new(NOW).past_next_update(PastNextUpdate::Refuse);
    let error = outcome(&strict, past).unwrap_err();
    assert!(error == E::VicalOutdated(NOW) && error.is_outdated() && !error.is_untrusted());
    let none = outcome(&VicalPolicy::iso(NOW), |raw| raw.without("nextUpdate")).unwrap();
    assert_eq!(none.freshness(), VicalFreshness::Current(None));
    assert_eq!(
        refused(|raw| raw.member("notAfter", |e| {
            e.tdate(ago(1));
        })),
        E::VicalExpired(ago(1))
    );
    assert!(
        outcome(&VicalPolicy::iso(NOW), |raw| raw.member("notAfter", |e| {
            e.tdate(NOW);
        }))
        .is_ok()
    );
    assert_eq!(
        refused(|raw| raw.member("date", |e| {
            e.tdate(ahead(61));
        })),
        E::DateInFuture(ahead(61))
    );
}

/// A-V41: an older issue after a newer one.
#[test]
fn roll_back_is_refused() {
    let issue = |issue_id, date| VicalIssue {
        provider: "Utopia".into(),
        issue_id,
        date,
    };
    let after = |previous: &VicalIssue| outcome(&VicalPolicy::iso(NOW).previous(previous), |raw| raw);
    assert!(after(&issue(Some(7), ago(3600))).is_ok());
    assert!(after(&issue(Some(6), ago(DAY))).is_ok());
    assert!(after(&issue(None, ago(DAY))).is_ok());
    for previous in [
        issue(Some(8), ago(DAY)),
        issue(Some(7), ago(3599)),
        issue(None, ago(1)),
        issue(Some(6), ago(1)),
    ] {
        assert_eq!(after(&previous).unwrap_err(), E::VicalRolledBack, "{previous:?}");
    }
    // Another provider's numbers are its own.
    let other = VicalIssue {
        provider: "Elsewhere".into(),
        ..issue(Some(99), NOW)
    };
    assert!(after(&other).is_ok());
}

/// A-V40: required members, their types, and none twice (X-C02).
#[test]
fn a_malformed_list_is_refused() {
    for name in [
        "version",
        "vicalProvider",
        "date",
        "certificate",
        "serialNumber",
        "ski",
        "docType",
    ] {
        assert!(
            matches!(refused(|raw| raw.without(name)), E::Malformed { .. }),
            "{name}"
        );
    }
    let other_type = |e: &mut Encoder| {
        e.float(0.5);
    };
    for name in [
        "version",
        "vicalProvider",
        "date",
        "vicalIssueID",
        "nextUpdate",
        "notAfter",
        "vicalURL",
        "certificateInfos",
    ] {
        assert!(
            matches!(refused(|raw| raw.member(name, other_type)), E::Malformed { .. }),
            "{name}"
        );
    }
    for name in [
        "certificate",
        "serialNumber",
        "ski",
        "docType",
        "certificateProfile",
        "issuer",
        "notBefore",
    ] {
        assert!(
            matches!(refused(|raw| raw.info(name, other_type)), E::Malformed { .. }),
            "{name}"
        );
    }
    let twice = |mut raw: Raw| {
        let date = raw.members[2].clone();
        raw.members.push(date);
        raw
    };
    assert!(matches!(refused(twice), E::Malformed { .. }));
    assert_eq!(
        refused(|raw| raw.member("version", |e| {
            e.text("2.0");
        })),
        E::Version("VICAL")
    );
    assert!(
        outcome(&VicalPolicy::iso(NOW), |raw| raw.member("version", |e| {
            e.text("1.3");
        }))
        .is_ok()
    );
}

/// A-V40: untagged, and dates without fractions: refused to the letter, reported by default.
#[test]
fn departures_from_the_form_are_reported() {
    let tagged = |raw: Raw| Raw { is_tagged: true, ..raw };
    assert_eq!(
        outcome(&VicalPolicy::new(NOW), tagged).unwrap().findings(),
        [VicalFinding::Tagged]
    );
    assert!(matches!(outcome(&VicalPolicy::iso(NOW), tagged), Err(E::VicalForm(_))));
    let fraction = |raw: Raw| {
        raw.member("date", |e| {
            e.tag(0).text("2026-05-31T12:00:00.5Z");
        })
    };
    assert_eq!(
        outcome(&VicalPolicy::new(NOW), fraction).unwrap().findings(),
        [VicalFinding::DateForm]
    );
    assert!(matches!(
        outcome(&VicalPolicy::iso(NOW), fraction),
        Err(E::VicalForm(_))
    ));
}

fn findings(change: impl FnOnce(Raw) -> Raw) -> Vec<EntryFinding> {
    let vical = outcome(&VicalPolicy::iso(NOW), change).unwrap();
    assert_eq!(vical.entries()[0].certificate(), &iaca().authority);
    vical.entries()[0].findings().to_vec()
}

/// A-V42: members that contradict the certificate are findings; the certificate counts.
#[test]
fn contradictions_are_findings() {
    type Case = (EntryFinding, &'static str, fn(&mut Encoder));
    let cases: [Case; 7] = [
        (EntryFinding::Issuer, "issuer", |e| {
            e.bytes(b"x");
        }),
        (EntryFinding::Subject, "subject", |e| {
            e.bytes(b"x");
        }),
        (EntryFinding::NotBefore, "notBefore", |e| {
            e.tdate(NOW);
        }),
        (EntryFinding::NotAfter, "notAfter", |e| {
            e.tdate(NOW);
        }),
        (EntryFinding::IssuingCountry, "issuingCountry", |e| {
            e.text("XX");
        }),
        (EntryFinding::StateOrProvince, "stateOrProvinceName", |e| {
            e.text("UT-1");
        }),
        (EntryFinding::CertificateProfile, "certificateProfile", |e| {
            e.array(1).text("1.2.3");
        }),
    ];
    for (finding, name, write) in cases {
        assert_eq!(findings(|raw| raw.info(name, write)), [finding]);
    }
    assert_eq!(
        findings(|raw| raw.info("issuingCountry", |e| {
            e.text("UT");
        })),
        []
    );
    assert_eq!(
        findings(|raw| raw.info("certificateProfile", |e| {
            e.array(1).text("1.0.18013.5.1.7");
        })),
        []
    );
    let id = iaca().authority.subject_key_id().unwrap().to_vec();
    let wrapped = [&[4, 22, 4, 20][..], &id].concat();
    for ski in [&wrapped[..], &wrapped[2..]] {
        assert_eq!(
            findings(|raw| raw.info("ski", |e| {
                e.bytes(ski);
            })),
            [EntryFinding::SkiEncoding]
        );
    }
}

/// A-V42: an entry that means another certificate, or none that can be read, is dropped and the others stay.
#[test]
fn entries_of_another_certificate_are_dropped() {
    let fault = |change: &dyn Fn(Raw) -> Raw| {
        let vical = outcome(&VicalPolicy::iso(NOW), change).unwrap();
        assert!(vical.entries().is_empty());
        vical.dropped()[0].fault
    };
    assert_eq!(
        fault(&|raw| raw.info("serialNumber", |e| {
            e.uint(5);
        })),
        EntryFault::SerialNumber
    );
    assert_eq!(
        fault(&|raw| raw.info("ski", |e| {
            e.bytes(&[7; 20]);
        })),
        EntryFault::Ski
    );
    assert_eq!(
        fault(&|raw| raw.info("docType", |e| {
            e.array(0);
        })),
        EntryFault::NoDocType
    );
    let not_der = fault(&|raw| {
        raw.info("certificate", |e| {
            e.bytes(&[0x30, 0x80]);
        })
    });
    assert!(matches!(not_der, EntryFault::Certificate(_)));
    // A serial number with leading zeros is the same number.
    let zeros = |raw: Raw| {
        let serial = [&[0, 0][..], iaca().authority.serial()].concat();
        raw.info("serialNumber", move |e| {
            e.tag(2).bytes(&serial);
        })
    };
    assert_eq!(findings(zeros), []);
}

/// A-V43, A-V21: the document types of the entry bind.
#[test]
fn an_issuer_counts_for_its_document_types_only() {
    let (provider, issuer) = (Provider::new(1), iaca());
    let vical = provider
        .verify(&provider.list(&issuer.authority), &VicalPolicy::iso(NOW))
        .unwrap();
    let mut anchors = IssuerAnchors::new();
    anchors.add_vical(&vical);
    let verdict = |doc_type, at| anchors.verdict(&issuer.authority, doc_type, at);
    assert!(matches!(verdict(MDL, NOW), TrustListVerdict::Permitted(_)));
    assert_eq!(verdict(PID, NOW), TrustListVerdict::NotPermitted);
    assert_eq!(verdict("org.iso.18013.5.1.mdl", NOW), TrustListVerdict::NotPermitted);
    // The list ends with its notAfter.
    assert_eq!(verdict(MDL, ahead(30 * DAY + 1)), TrustListVerdict::NotPermitted);
    assert_eq!(anchors.verdict(&provider.root, MDL, NOW), TrustListVerdict::Unknown);
}

/// A-V44: each list counts by itself, and a configured root is not bound by a list.
#[test]
fn several_sources_add_up() {
    let (a, b, issuer) = (Provider::new(1), Provider::new(2), iaca());
    let second = b.builder(&issuer.authority).entry(&issuer.authority, &[PID]);
    let mut anchors = IssuerAnchors::new();
    anchors.add_vical(&a.verify(&a.list(&issuer.authority), &VicalPolicy::iso(NOW)).unwrap());
    assert!(!anchors.verdict(&issuer.authority, PID, NOW).is_permitted());
    anchors.add_vical(&b.verify(&b.sign(&second), &VicalPolicy::iso(NOW)).unwrap());
    assert!(anchors.verdict(&issuer.authority, PID, NOW).is_permitted());
    assert_eq!(anchors.doc_types_of(&issuer.authority), DocTypes::only([MDL, PID]));
    assert!(!anchors.verdict(&issuer.authority, "other", NOW).is_permitted());
    anchors
        .add_pem_or_der(issuer.authority.der(), "file", &DocTypes::Any)
        .unwrap();
    assert_eq!(
        anchors.verdict(&issuer.authority, "other", NOW),
        TrustListVerdict::NotApplicable
    );
    assert_eq!(anchors.len(), 1);
}

/// The builder refuses what the reader would.
#[test]
fn incomplete_lists_are_not_signed() {
    let (provider, issuer) = (Provider::new(1), iaca());
    let chain = [provider.signer.clone()];
    let builder = || provider.builder(&issuer.authority);
    assert!(matches!(
        builder().next_update(ago(3600)).sign(&provider.key, &chain),
        Err(E::Incomplete(_))
    ));
    assert!(matches!(
        builder().entry(&issuer.authority, &[]).sign(&provider.key, &chain),
        Err(E::Incomplete(_))
    ));
    assert!(matches!(builder().sign(&provider.key, &[]), Err(E::Incomplete(_))));
    assert!(matches!(
        builder().sign(&provider.root_key, &chain),
        Err(E::Incomplete(_))
    ));
}

/// A-V41: no flipped bit and no truncation is believed; random bytes do not panic (X-C09).
#[test]
fn altered_lists_are_refused() {
    let (provider, issuer) = (Provider::new(1), iaca());
    let list = provider.list(&issuer.authority);
    let policy = VicalPolicy::new(NOW);
    for bit in 0..list.len() * 8 {
        let mut altered = list.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(provider.verify(&altered, &policy).is_err(), "bit {bit}");
    }
    for length in 0..list.len() {
        assert!(provider.verify(&list[..length], &policy).is_err(), "{length}");
    }
    let random = SeededRandom::new(3);
    for round in 0..20_000_usize {
        let mut bytes = vec![0; round % 150];
        random.fill(&mut bytes).unwrap();
        assert!(UnverifiedVical::parse(&bytes).is_err());
        let mut spliced = list.clone();
        let at = round * 7919 % list.len();
        let end = (at + bytes.len()).min(list.len());
        spliced[at..end].copy_from_slice(&bytes[..end - at]);
        let _ = UnverifiedVical::parse(&spliced);
    }
    println!("{} flipped bits and {} truncations refused", list.len() * 8, list.len());
}
