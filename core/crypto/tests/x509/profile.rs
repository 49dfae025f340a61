//! One negative test for each row of the certificate profiles (ISO 18013-5 Annex B).

use idwallet_crypto::Curve;
use idwallet_crypto::x509::{
    BasicConstraints, CertificateBuilder as Builder, ExtensionKind as Kind, FindingId as F, KeyUsage, NameBuilder,
    PathError, PathOptions, Profile, Strictness, TrustAnchors, iaca_findings, oid, validate_path,
};

use crate::pki::{
    CONTACT, CRL_URI, Pki, ds_name, errors, key, now, options, random, root_name, start, time, tlv, warnings,
};

/// Exactly `finding` under iso, a warning under lenient.
fn leaf_breaks(finding: F, change: impl Fn(Builder) -> Builder) {
    let pki = Pki::new();
    assert_eq!(errors(pki.try_ds(Strictness::Iso, &change)), [finding]);
    assert_eq!(errors(pki.try_ds(Strictness::Generic, &change)), [finding]);
    assert_eq!(warnings(pki.try_ds(Strictness::Lenient, &change)), [finding]);
}

fn root_breaks(finding: F, change: impl Fn(Builder) -> Builder) {
    let pki = Pki::with_root(change);
    assert_eq!(errors(pki.try_ds(Strictness::Iso, |b| b)), [finding]);
    assert_eq!(warnings(pki.try_ds(Strictness::Lenient, |b| b)), [finding]);
    assert_eq!(
        iaca_findings(&pki.iaca, Strictness::Iso)
            .iter()
            .map(|f| f.id)
            .collect::<Vec<_>>(),
        [finding]
    );
}

/// A.6: the presets meet their profiles without a finding, on every curve (A-C46).
/// A-V13.
#[test]
fn presets_meet_the_profiles_on_every_curve() {
    let ec = [
        Curve::P256,
        Curve::P384,
        Curve::P521,
        Curve::BrainpoolP256r1,
        Curve::BrainpoolP320r1,
        Curve::BrainpoolP384r1,
        Curve::BrainpoolP512r1,
    ];
    for root in ec {
        for leaf in ec
            .into_iter()
            .chain([Curve::Ed25519, Curve::Ed448])
            .filter(|l| *l == root || root == Curve::P256)
        {
            let pki = Pki::with(root, leaf, |b| b);
            let path = pki
                .try_ds(Strictness::Iso, |b| b)
                .unwrap_or_else(|e| panic!("{root} {leaf}: {e}"));
            assert_eq!(path.findings(), []);
            assert_eq!(path.leaf().public_key(), pki.key.public_key());
            assert_eq!(path.anchor(), &pki.iaca);
            assert_eq!(path.leaf().subject().country(), Some("VN"));
        }
    }
}

#[test]
fn the_other_presets_meet_their_profiles() {
    let pki = Pki::new();
    let (name, public) = (ds_name(), pki.key.public_key());
    let cases = [
        (
            Profile::ReaderAuth,
            Builder::reader_auth(&pki.iaca, &name, public, start(), CRL_URI),
        ),
        (
            Profile::VicalSigner,
            Builder::vical_signer(&pki.iaca, &name, public, start()),
        ),
        (
            Profile::StatusSigner,
            Builder::status_signer(&pki.iaca, &name, public, start()),
        ),
        (
            Profile::Tls,
            Builder::tls(&pki.iaca, &name, public, start(), &["verifier.example"]),
        ),
    ];
    for (profile, builder) in &cases {
        let der = builder.sign_der(&pki.iaca_key, &random()).unwrap();
        for (other, _) in &cases {
            let result = pki.validate(&[&der], &PathOptions::new(now(), *other));
            if other == profile {
                assert_eq!(result.unwrap().findings(), []);
            } else {
                assert_eq!(result.unwrap_err(), PathError::WrongPurpose, "{profile:?} as {other:?}");
            }
        }
    }
}

/// A-V13: EKU.
#[test]
fn ds_without_key_purpose() {
    leaf_breaks(F::EkuMissing, |b| b.omit(Kind::ExtendedKeyUsage));
}

/// A-V13: EKU critical.
#[test]
fn ds_with_uncritical_key_purpose() {
    leaf_breaks(F::EkuNotCritical, |b| b.critical(Kind::ExtendedKeyUsage, false));
}

/// A-C42: the generic purpose alone will do for other documents than the driving licence under `generic`.
#[test]
fn ds_with_generic_purpose_alone() {
    let pki = Pki::new();
    let change = |b: Builder| b.extended_key_usage(&[oid::GENERIC_DOCUMENT_SIGNER]);
    assert_eq!(errors(pki.try_ds(Strictness::Iso, change)), [F::EkuGenericOnly]);
    assert_eq!(warnings(pki.try_ds(Strictness::Lenient, change)), [F::EkuGenericOnly]);
    let ds = change(pki.ds_builder()).sign_der(&pki.iaca_key, &random()).unwrap();
    let generic = options().strictness(Strictness::Generic);
    assert_eq!(
        warnings(pki.validate(&[&ds], &generic.for_doc_type("eu.europa.ec.eudi.pid.1"))),
        []
    );
    assert_eq!(
        errors(pki.validate(&[&ds], &generic.for_doc_type("org.iso.18013.5.1.mDL"))),
        [F::EkuGenericOnly]
    );
}

/// A-C42.
#[test]
fn ds_with_the_mdl_purpose_alone_is_in_order() {
    let pki = Pki::new();
    assert_eq!(
        warnings(pki.try_ds(Strictness::Iso, |b| b.extended_key_usage(&[oid::MDL_DOCUMENT_SIGNER]))),
        []
    );
}

/// A-V13.
#[test]
fn ds_for_any_purpose() {
    leaf_breaks(F::EkuAny, |b| b.extended_key_usage(&[oid::ANY_EXTENDED_KEY_USAGE]));
}

/// A-V13: a certificate that is a reader's as well.
#[test]
fn ds_with_a_further_purpose() {
    leaf_breaks(F::EkuOtherPurpose, |b| {
        b.extended_key_usage(&[oid::MDL_DOCUMENT_SIGNER, oid::MDL_READER_AUTH])
    });
}

/// A-V13: "reader cert as DS"; no strictness lets it pass.
#[test]
fn another_purpose_is_refused_under_every_strictness() {
    let pki = Pki::new();
    for purpose in [
        oid::MDL_READER_AUTH,
        oid::SERVER_AUTH,
        oid::MDL_VICAL_SIGNER,
        oid::STATUS_SIGNING,
        b"\x2a\x03\x04",
    ] {
        for strictness in [Strictness::Iso, Strictness::Generic, Strictness::Lenient] {
            let result = pki.try_ds(strictness, |b| b.extended_key_usage(&[purpose]));
            assert_eq!(result.unwrap_err(), PathError::WrongPurpose);
        }
    }
}

/// A.6: DS at most 457 days; 457 are in order.
#[test]
fn ds_valid_for_too_long() {
    let until = |days: i64, second: i64| start().saturating_add_seconds(days * 86_400 + second);
    leaf_breaks(F::ValidityTooLong, |b| b.validity(start(), until(457, 1)));
    assert_eq!(
        warnings(Pki::new().try_ds(Strictness::Iso, |b| b.validity(start(), until(457, 0)))),
        []
    );
}

/// A.6: reader authentication at most 1187 days.
#[test]
fn reader_valid_for_too_long() {
    let pki = Pki::new();
    for (days, expected) in [(1187, false), (1188, true)] {
        let until = start().saturating_add_seconds(days * 86_400);
        let der = Builder::reader_auth(&pki.iaca, &ds_name(), pki.key.public_key(), start(), CRL_URI)
            .validity(start(), until)
            .sign_der(&pki.iaca_key, &random())
            .unwrap();
        let result = pki.validate(&[&der], &PathOptions::new(now(), Profile::ReaderAuth));
        assert_eq!(result.is_err(), expected);
        if expected {
            assert_eq!(errors(result), [F::ValidityTooLong]);
        }
    }
}

#[test]
fn root_valid_for_more_than_twenty_years() {
    root_breaks(F::ValidityTooLong, |b| {
        b.validity(start(), time("2046-01-02T00:00:00Z"))
    });
    let pki = Pki::with_root(|b| b.validity(start(), time("2046-01-01T00:00:00Z")));
    assert_eq!(warnings(pki.try_ds(Strictness::Iso, |b| b)), []);
}

/// A-V13.
#[test]
fn ds_without_key_usage() {
    leaf_breaks(F::KeyUsageMissing, |b| b.omit(Kind::KeyUsage));
}

/// A-V13.
#[test]
fn ds_with_uncritical_key_usage() {
    leaf_breaks(F::KeyUsageNotCritical, |b| b.critical(Kind::KeyUsage, false));
}

/// A-V13.
#[test]
fn ds_with_a_further_key_usage() {
    leaf_breaks(F::KeyUsageBits, |b| b.key_usage(KeyUsage(0xc000)));
}

#[test]
fn root_without_key_usage() {
    root_breaks(F::KeyUsageMissing, |b| b.omit(Kind::KeyUsage));
}

#[test]
fn root_that_may_not_sign_lists() {
    root_breaks(F::KeyUsageBits, |b| b.key_usage(KeyUsage::KEY_CERT_SIGN));
}

/// A-V13: no CA.
#[test]
fn ds_that_is_a_ca() {
    leaf_breaks(F::LeafIsCa, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: None,
        })
    });
    let pki = Pki::new();
    let result = pki.try_ds(Strictness::Iso, |b| {
        b.basic_constraints(BasicConstraints {
            ca: false,
            path_len: None,
        })
    });
    assert_eq!(warnings(result), []);
}

#[test]
fn root_with_another_path_length() {
    root_breaks(F::PathLenNotZero, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: Some(1),
        })
    });
    root_breaks(F::PathLenNotZero, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: None,
        })
    });
}

#[test]
fn root_with_uncritical_basic_constraints() {
    root_breaks(F::BasicConstraintsNotCritical, |b| {
        b.critical(Kind::BasicConstraints, false)
    });
}

/// A-V14: CDP mandatory in DS.
#[test]
fn ds_without_distribution_point() {
    leaf_breaks(F::CdpMissing, |b| b.omit(Kind::CrlDistributionPoints));
}

/// A-V14: as the signer of Annex D, which names its distribution point by a DNS name.
#[test]
fn ds_with_distribution_point_without_address() {
    let name = tlv(0xa0, &tlv(0xa0, &tlv(0x82, b"a.test")));
    for value in [tlv(0x30, &tlv(0x30, &name)), tlv(0x30, &[])] {
        leaf_breaks(F::CdpWithoutUri, |b| {
            b.omit(Kind::CrlDistributionPoints)
                .extra_extension(oid::CRL_DISTRIBUTION_POINTS, false, &value)
        });
    }
}

/// A-V14.
#[test]
fn ds_with_distribution_point_of_some_reasons() {
    let name = tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"https://a.test/b")));
    let value = tlv(0x30, &tlv(0x30, &[name, tlv(0x81, &[5, 0x60])].concat()));
    leaf_breaks(F::CdpRestricted, |b| {
        b.omit(Kind::CrlDistributionPoints)
            .extra_extension(oid::CRL_DISTRIBUTION_POINTS, false, &value)
    });
}

/// A-C40.
#[test]
fn serial_number_rules() {
    leaf_breaks(F::Serial, |b| b.serial(&[1]));
    leaf_breaks(F::Serial, |b| b.serial(&[0xff, 0x7f, 3, 4, 5, 6, 7, 8, 9]));
    leaf_breaks(F::Serial, |b| b.serial(&[1; 21]));
    assert_eq!(warnings(Pki::new().try_ds(Strictness::Iso, |b| b.serial(&[1; 20]))), []);
    assert_eq!(warnings(Pki::new().try_ds(Strictness::Iso, |b| b.serial(&[1; 8]))), []);
}

/// A-C41: an uncritical one is a finding; a critical one is not understood and refused whatever the strictness.
#[test]
fn forbidden_extensions() {
    let forbidden = [
        oid::POLICY_MAPPINGS,
        oid::NAME_CONSTRAINTS,
        oid::POLICY_CONSTRAINTS,
        oid::INHIBIT_ANY_POLICY,
        oid::FRESHEST_CRL,
    ];
    for id in forbidden {
        leaf_breaks(F::ForbiddenExtension, |b| b.extra_extension(id, false, &[0x30, 0]));
        root_breaks(F::ForbiddenExtension, |b| b.extra_extension(id, false, &[0x30, 0]));
        let critical = Pki::new().try_ds(Strictness::Lenient, |b| b.extra_extension(id, true, &[0x30, 0]));
        assert!(matches!(
            critical,
            Err(PathError::UnknownCriticalExtension { index: 0, .. })
        ));
        let critical = Pki::with_root(|b| b.extra_extension(id, true, &[0x30, 0])).try_ds(Strictness::Lenient, |b| b);
        assert!(matches!(
            critical,
            Err(PathError::UnknownCriticalExtension { index: 1, .. })
        ));
    }
}

/// A-V12: the country of the root; no strictness lets another pass.
#[test]
fn ds_of_another_country() {
    let pki = Pki::new();
    for strictness in [Strictness::Iso, Strictness::Generic, Strictness::Lenient] {
        let ds = Builder::document_signer(
            &pki.iaca,
            &NameBuilder::of("US", None, "Test DS"),
            pki.key.public_key(),
            start(),
            CONTACT,
            CRL_URI,
        );
        let ds = ds.sign_der(&pki.iaca_key, &random()).unwrap();
        let result = pki.validate(&[&ds], &options().strictness(strictness));
        assert_eq!(result.unwrap_err(), PathError::CountryMismatch);
    }
}

fn ds_named(name: &NameBuilder, root: &NameBuilder, strictness: Strictness) -> Result<Vec<F>, PathError> {
    let (root_key, leaf_key) = (key(Curve::P256), key(Curve::P256));
    let iaca = Builder::iaca(root, root_key.public_key(), start(), CONTACT)
        .sign(&root_key, &random())
        .unwrap();
    let ds = Builder::document_signer(&iaca, name, leaf_key.public_key(), start(), CONTACT, CRL_URI)
        .sign_der(&root_key, &random())
        .unwrap();
    let anchors: TrustAnchors = [iaca].into_iter().collect();
    match validate_path(&[&ds], &anchors, &options().strictness(strictness)) {
        Ok(path) => Ok(path.findings().iter().map(|f| f.id).collect()),
        Err(PathError::Profile { findings }) => Ok(findings.iter().map(|f| f.id).collect()),
        Err(other) => Err(other),
    }
}

/// A-C45, A-V12: equal if present in both; the profile asks for it wherever the root has it.
#[test]
fn state_or_province_rule() {
    let of = |state| NameBuilder::of("VN", state, "X");
    let iso = Strictness::Iso;
    assert_eq!(ds_named(&of(Some("HN")), &of(Some("HN")), iso), Ok(vec![]));
    assert_eq!(ds_named(&of(Some("HN")), &of(None), iso), Ok(vec![]));
    assert_eq!(
        ds_named(&of(None), &of(Some("HN")), iso),
        Ok(vec![F::StateOnlyInAnchor])
    );
    for strictness in [iso, Strictness::Lenient] {
        assert_eq!(
            ds_named(&of(Some("HN")), &of(Some("SG")), strictness),
            Err(PathError::StateMismatch)
        );
    }
}

#[test]
fn names_need_country_and_common_name() {
    let no_country = NameBuilder::new().text(oid::COMMON_NAME, "X");
    let no_common_name = NameBuilder::new().country("VN");
    let good = NameBuilder::of("VN", None, "Y");
    let utf8 = NameBuilder::new().text(oid::COUNTRY, "VN").text(oid::COMMON_NAME, "X");
    let iso = Strictness::Iso;
    assert_eq!(ds_named(&no_country, &good, iso), Ok(vec![F::CountryMissing]));
    assert_eq!(ds_named(&no_common_name, &good, iso), Ok(vec![F::CommonNameMissing]));
    assert_eq!(ds_named(&good, &no_country, iso), Ok(vec![F::CountryMissing]));
    assert_eq!(ds_named(&good, &no_common_name, iso), Ok(vec![F::CommonNameMissing]));
    assert_eq!(ds_named(&utf8, &good, iso), Ok(vec![F::CountryForm]));
    assert_eq!(
        ds_named(&good, &NameBuilder::of("vn", None, "Z"), iso),
        Ok(vec![F::CountryForm])
    );
}

#[test]
fn issuer_alternative_name_is_needed() {
    leaf_breaks(F::IssuerAltNameMissing, |b| b.omit(Kind::IssuerAltName));
    root_breaks(F::IssuerAltNameMissing, |b| b.omit(Kind::IssuerAltName));
}

#[test]
fn key_identifiers_are_needed_and_right() {
    leaf_breaks(F::SkiMissing, |b| b.omit(Kind::SubjectKeyId));
    leaf_breaks(F::SkiNotSha1, |b| b.subject_key_id(&[1; 20]));
    leaf_breaks(F::AkiMissing, |b| b.omit(Kind::AuthorityKeyId));
    leaf_breaks(F::AkiMismatch, |b| b.authority_key_id(&[1; 20]));
    root_breaks(F::SkiNotSha1, |b| b.subject_key_id(&[1; 20]));
    let critical = Pki::new().try_ds(Strictness::Iso, |b| b.critical(Kind::SubjectKeyId, true));
    assert_eq!(warnings(critical), [F::KeyIdCritical]);
}

/// A-C46.
#[test]
fn compressed_keys_are_against_the_profile() {
    // The identifier is of the bits as they stand there; only the form of the key is broken.
    let pki = Pki::new();
    let mut bits = vec![0x02 | (pki.key.public_key().y().unwrap()[31] & 1)];
    bits.extend_from_slice(pki.key.public_key().x());
    let id = idwallet_crypto::sha1_key_identifier(&bits);
    let change = |b: Builder| b.compressed_key().subject_key_id(&id);
    assert_eq!(errors(pki.try_ds(Strictness::Iso, change)), [F::CompressedKey]);
    let path = pki.try_ds(Strictness::Lenient, change).unwrap();
    assert_eq!(path.leaf().public_key(), pki.key.public_key());
}

/// A-C46: the IACA key is EC and signs with ECDSA.
#[test]
fn root_with_an_edwards_key() {
    let pki = Pki::with(Curve::Ed25519, Curve::P256, |b| b);
    let found = errors(pki.try_ds(Strictness::Iso, |b| b));
    assert_eq!(found, [F::SignatureAlgorithm, F::SignatureAlgorithm, F::AnchorKey]);
    pki.try_ds(Strictness::Lenient, |b| b).unwrap();
}

#[test]
fn root_that_is_not_self_signed() {
    let (other, root_key) = (key(Curve::P256), key(Curve::P256));
    let iaca = Builder::iaca(&root_name(), root_key.public_key(), start(), CONTACT)
        .sign(&other, &random())
        .unwrap();
    let pki = Pki {
        iaca_key: root_key,
        iaca,
        key: key(Curve::P256),
    };
    assert_eq!(errors(pki.try_ds(Strictness::Iso, |b| b)), [F::AnchorNotSelfSigned]);
}

/// A-V30: the purpose is optional for a status signer and should not be critical.
#[test]
fn status_signer_purposes() {
    let pki = Pki::new();
    let validate = |builder: Builder| {
        let der = builder.sign_der(&pki.iaca_key, &random()).unwrap();
        pki.validate(&[&der], &PathOptions::new(now(), Profile::StatusSigner))
    };
    let builder = || Builder::status_signer(&pki.iaca, &ds_name(), pki.key.public_key(), start());
    assert_eq!(warnings(validate(builder().omit(Kind::ExtendedKeyUsage))), []);
    assert_eq!(
        warnings(validate(builder().critical(Kind::ExtendedKeyUsage, true))),
        [F::EkuCritical]
    );
    let reader = validate(builder().extended_key_usage(&[oid::MDL_READER_AUTH]));
    assert_eq!(reader.unwrap_err(), PathError::WrongPurpose);
}

#[test]
fn every_finding_names_its_clause() {
    for id in F::ALL {
        assert!(id.clause().contains("18013-5") || id.clause().contains("RFC 5280"));
        assert!(!id.text().is_empty() && !id.code().contains(' '));
    }
}
