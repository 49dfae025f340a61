//! Structure, digests, document type, dates, country.

use super::edit::at;
use super::*;

const ITEMS: &str = "documents/0/issuerSigned/nameSpaces";

fn items<'v>(response: &'v mut Value, space: &str) -> &'v mut Vec<Value> {
    member(at(response, ITEMS), space).as_array_mut().unwrap()
}

fn is_named(item: &Value, name: &str) -> bool {
    let Value::Tag(24, inner) = item else { panic!("no item") };
    let item = edit::parse(inner.as_bytes().unwrap());
    let entries = item.as_map().unwrap();
    entries.iter().any(|(_, value)| value.as_text() == Some(name))
}

fn item<'v>(response: &'v mut Value, name: &str) -> &'v mut Value {
    let items = items(response, MDL_NAMESPACE);
    items.iter_mut().find(|item| is_named(item, name)).unwrap()
}

/// A-V17, X-C01: one byte of a name changed, and the element is named by the reason.
#[test]
fn changed_byte_of_a_name_is_refused() {
    let world = World::new(2);
    let trial = Trial::new(&world).edit(|r| {
        tag24(item(r, "family_name"), |item| {
            *member(item, "elementValue") = Value::Text("Mustermamn".into());
        });
    });
    let outcome = trial.run();
    let expected = Fault::DigestMismatch {
        name_space: MDL_NAMESPACE.into(),
        element: "family_name".into(),
    };
    assert_eq!(*outcome.refused_by(Check::Digests), expected);
    let text = expected.to_string();
    assert_eq!(
        text,
        "family_name of org.iso.18013.5.1 was altered (ISO 18013-5 §9.3.1)"
    );
    assert!(!text.contains("Muster"), "a value in a reason");
}

/// A-V17: two values of one namespace change places; each digest exists and belongs to the other.
#[test]
fn swapped_values_are_refused() {
    let world = World::new(2);
    let outcome = Trial::new(&world)
        .edit(|r| {
            tag24(item(r, "family_name"), |i| {
                *member(i, "elementIdentifier") = Value::Text("x".into())
            });
            tag24(item(r, "given_name"), |i| {
                *member(i, "elementIdentifier") = Value::Text("family_name".into())
            });
            tag24(item(r, "x"), |i| {
                *member(i, "elementIdentifier") = Value::Text("given_name".into())
            });
        })
        .run();
    outcome.refused_by(Check::Digests);
    assert_eq!(outcome.failed.len(), 2);
}

/// A-V17: an item under another namespace, which has a digest of that id for another element, and one that has none.
#[test]
fn digest_of_another_namespace_is_refused() {
    let world = World::new(3);
    let other = "org.example.other.1";
    let ask = [(MDL_NAMESPACE, "family_name"), (other, "family_name")];
    // The MSO has the licence's digests under the other namespace too, so that the digest is there and matches, but for one element.
    let issued = resign(&world, &world.issue_mdl(), |mso| {
        let digests = member(mso, "valueDigests");
        *member(digests, other) = Value::Map(vec![]);
    });
    let outcome = Trial::of(&world, &issued, &world.request(&ask))
        .edit(|r| {
            let moved = items(r, MDL_NAMESPACE).remove(0);
            let Value::Map(spaces) = at(r, ITEMS) else { panic!() };
            *spaces = vec![(Value::Text(other.into()), Value::Array(vec![moved]))];
        })
        .run();
    let expected = Fault::DigestMissing {
        name_space: other.into(),
        element: "family_name".into(),
    };
    assert_eq!(*outcome.refused_by(Check::Digests), expected);
}

/// A-V17: the MSO has no digest of that id.
#[test]
fn missing_digest_is_refused() {
    let world = World::new(4);
    let issued = resign(&world, &world.issue_mdl(), |mso| {
        *at(mso, &format!("valueDigests/{MDL_NAMESPACE}")) = Value::Map(vec![]);
    });
    let outcome = Trial::issued(&world, &issued).run();
    assert!(matches!(
        outcome.refused_by(Check::Digests),
        Fault::DigestMissing { .. }
    ));
}

/// X-C01, A-C04: another encoding of the same item is another item, and the digest covers the tag and length as received.
#[test]
fn re_encoded_item_is_refused() {
    let world = World::new(4);
    let mut trial = Trial::new(&world);
    // The length of the byte string in a longer form: d8 18 58 nn → d8 18 59 00 nn.
    let start = trial.response.windows(3).position(|w| w == [0xd8, 0x18, 0x58]).unwrap();
    trial.response.splice(start + 2..start + 3, [0x59, 0x00]);
    trial.run().refused_by(Check::Digests);
}

/// A-V16: SHA-1 and a made-up name are no digest algorithms.
#[test]
fn unknown_digest_algorithm_is_refused() {
    let world = World::new(5);
    for name in ["SHA-1", "sha-256", ""] {
        let issued = resign(&world, &world.issue_mdl(), |mso| {
            *member(mso, "digestAlgorithm") = Value::Text(name.into());
        });
        let outcome = Trial::issued(&world, &issued).run();
        assert_eq!(*outcome.refused_by(Check::DigestAlgorithm), Fault::DigestAlgorithm);
        assert_eq!(outcome.word(Check::Digests), "skipped");
    }
}

/// A-V16, A-C05: another major version is refused, another minor one is not.
#[test]
fn mso_of_another_major_version_is_refused() {
    let world = World::new(5);
    let with = |version: &str| {
        let issued = resign(&world, &world.issue_mdl(), |mso| {
            *member(mso, "version") = Value::Text(version.into())
        });
        Trial::issued(&world, &issued).run()
    };
    assert_eq!(*with("2.0").refused_by(Check::Structure), Fault::MsoVersion);
    assert!(with("1.7").accepted);
}

/// A-V16: a payload that is the MSO without its tag 24.
#[test]
fn mso_without_its_tag_is_refused() {
    let world = World::new(5);
    let outcome = Trial::new(&world)
        .edit(|r| {
            let payload = at(r, "documents/0/issuerSigned/issuerAuth/2");
            let Value::Tag(24, inner) = edit::parse(payload.as_bytes().unwrap()) else {
                panic!()
            };
            *payload = *inner;
        })
        .run();
    assert!(
        outcome
            .failed
            .iter()
            .any(|(check, fault)| *check == Check::Structure && matches!(fault, Fault::Malformed(_)))
    );
    assert_eq!(
        *outcome.result(Check::Digests),
        idwallet_mdoc::verify::CheckResult::Skipped(SkipReason::DependsOn(Check::Structure))
    );
}

/// A-V20: the same element twice, which the issuer even signed twice.
#[test]
fn duplicate_element_is_refused() {
    let world = World::new(6);
    let outcome = Trial::new(&world)
        .edit(|r| {
            let items = items(r, MDL_NAMESPACE);
            let again = items[0].clone();
            items.push(again);
        })
        .run();
    let expected = Fault::DuplicateElement {
        name_space: MDL_NAMESPACE.into(),
        element: "family_name".into(),
    };
    assert_eq!(*outcome.refused_by(Check::Structure), expected);
    assert!(
        outcome
            .failed
            .iter()
            .any(|(_, f)| matches!(f, Fault::DuplicateDigestId { .. }))
    );
}

/// A-V20: the same, among more elements than are compared pairwise.
#[test]
fn duplicate_among_many_elements_is_refused() {
    let world = World::new(6);
    let space = "org.example.many.1";
    let mut issuer = world
        .mdoc_issuer("org.example.many")
        .copy(*world.device_key.public_key());
    for n in 0..100 {
        issuer = issuer.element(space, &format!("e{n}"), n as u64);
    }
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let issued = edit(&issued, |i| {
        let items = member(member(i, "nameSpaces"), space).as_array_mut().unwrap();
        let again = items[70].clone();
        items.push(again);
    });
    let view = idwallet_mdoc::IssuerSigned::parse(&issued).unwrap();
    let (anchors, policy) = (world.issuer.anchors(), Policy::iso().at(NOW).issuer_only());
    let trust = idwallet_mdoc::verify::IssuerTrust::new(&anchors);
    let report = idwallet_mdoc::verify::verify_issuer_signed(&view, None, &trust, &policy);
    assert!(report.checks().get(Check::Structure).is_failed());
}

/// A-V18, A-C01: the document says another type than the issuer signed, by the case of one letter.
#[test]
fn document_of_another_type_is_refused() {
    let world = World::new(7);
    let outcome = Trial::new(&world)
        .edit(|r| *at(r, "documents/0/docType") = Value::Text("org.iso.18013.5.1.mdl".into()))
        .run();
    // The type is authenticated by the device too, and it is not the one asked for.
    for check in [Check::DocType, Check::DeviceAuth, Check::RequestMatch] {
        assert_eq!(outcome.word(check), "failed", "{check}");
    }
    assert!(!outcome.accepted);
}

/// A-V18: the caller wants another type.
#[test]
fn unwanted_type_is_refused() {
    let world = World::new(7);
    let mut trial = Trial::new(&world);
    trial.doc_type = Some("org.example.other");
    let outcome = trial.run();
    assert!(matches!(
        outcome.refused_by(Check::DocType),
        Fault::DocTypeUnexpected { .. }
    ));
    assert_eq!(outcome.failed[0].1.kind(), FaultKind::RequestMismatch);
}

/// A-V19, X-C10: from the first second to the last, with a minute's grace at the start and none at the end.
#[test]
fn expired_and_not_yet_valid_documents_are_refused() {
    let world = World::new(8);
    let at = |seconds: i64| {
        let mut trial = Trial::new(&world);
        trial.policy = Policy::iso().at(NOW.saturating_add_seconds(seconds));
        trial.run()
    };
    assert!(at(100 * DAY).accepted);
    let expired = at(100 * DAY + 1);
    assert_eq!(expired.refused_by(Check::Validity).kind(), FaultKind::Expired);
    assert!(at(-DAY - 60).accepted);
    let early = at(-DAY - 61);
    assert_eq!(early.refused_by(Check::Validity).kind(), FaultKind::NotYetValid);
}

fn dated(world: &World, change: &[(&str, &str)]) -> Vec<u8> {
    resign(world, &world.issue_mdl(), |mso| {
        for (field, date) in change {
            let date = Value::Tag(0, Box::new(Value::Text((*date).into())));
            *member(member(mso, "validityInfo"), field) = date;
        }
    })
}

/// A-V19: signed before the signer's certificate was valid.
#[test]
fn signature_from_outside_the_certificate_is_refused() {
    let world = World::new(8);
    let issued = dated(
        &world,
        &[
            ("signed", "2020-01-01T00:00:00Z"),
            ("validFrom", "2020-01-01T00:00:00Z"),
        ],
    );
    let outcome = Trial::issued(&world, &issued).run();
    assert_eq!(*outcome.refused_by(Check::Validity), Fault::SignedOutsideCertificate);
}

/// A-V19, A-I02: valid for longer than the signer's certificate is warned of, as the standard leaves it to the reader.
#[test]
fn document_that_outlives_its_signer_is_warned_of() {
    let world = World::new(8);
    let issued = dated(&world, &[("validUntil", "2036-01-01T00:00:00Z")]);
    let outcome = Trial::issued(&world, &issued).run();
    assert!(outcome.accepted);
    assert_eq!(outcome.warned, [(Check::Validity, Fault::OutlivesCertificate)]);
}

/// A-C06: fractions of a second and offsets are refused, and warned of by the lenient profile.
#[test]
fn dates_of_another_form_are_refused() {
    let world = World::new(8);
    for date in ["2026-07-01T12:00:00.5Z", "2026-07-01T12:00:00+01:00"] {
        let issued = dated(&world, &[("validUntil", date)]);
        let trial = Trial::issued(&world, &issued);
        assert_eq!(
            *trial.run().refused_by(Check::Validity),
            Fault::DateForm { field: "validUntil" }
        );
        let lenient = trial.policy(Policy::lenient().at(NOW)).run();
        assert!(lenient.accepted);
        assert_eq!(
            lenient.warned,
            [(Check::Validity, Fault::DateForm { field: "validUntil" })]
        );
    }
}

/// A-I01: validFrom before signed.
#[test]
fn dates_out_of_order_are_refused() {
    let world = World::new(8);
    let issued = dated(
        &world,
        &[
            ("signed", "2026-05-31T12:00:01Z"),
            ("validFrom", "2026-05-31T12:00:00Z"),
        ],
    );
    let outcome = Trial::issued(&world, &issued).run();
    assert_eq!(*outcome.refused_by(Check::Validity), Fault::DateOrder);
}

/// A-I04, A-I05: a digestID of 2³¹ and a salt of 15 bytes are against the standard; lenient readers warn.
#[test]
fn large_digest_ids_and_short_salts_are_refused() {
    let world = World::new(9);
    let change = |change: fn(&mut Value)| {
        let mut digest = Vec::new();
        let changed = edit(&world.issue_mdl(), |issued| {
            let items = member(member(issued, "nameSpaces"), MDL_NAMESPACE)
                .as_array_mut()
                .unwrap();
            let item = items.iter_mut().find(|item| is_named(item, "family_name")).unwrap();
            tag24(item, change);
            digest = idwallet_crypto::sha256(&edit::encode(item)).to_vec();
        });
        let id = 1_u64 << 31;
        let issued = resign(&world, &changed, |mso| {
            let Value::Map(digests) = at(mso, &format!("valueDigests/{MDL_NAMESPACE}")) else {
                panic!()
            };
            digests.push((Value::Integer(id.into()), Value::Bytes(digest)));
        });
        Trial::issued(&world, &issued)
    };
    let large = change(|item| *member(item, "digestID") = Value::Integer((1_u64 << 31).into()));
    assert!(matches!(
        large.run().refused_by(Check::Structure),
        Fault::DigestIdRange { .. }
    ));
    let short = change(|item| {
        *member(item, "digestID") = Value::Integer((1_u64 << 31).into());
        *member(item, "random") = Value::Bytes(vec![7; 15]);
    });
    let outcome = short.run();
    assert!(
        outcome
            .failed
            .iter()
            .any(|(_, fault)| matches!(fault, Fault::ShortSalt { .. }))
    );
    assert!(short.policy(Policy::lenient().at(NOW)).run().accepted);
}

/// A licence that says where it was issued, answered in full and signed by another signer of the same authority.
fn issued_in(world: &World, jurisdiction: &'static str, country: &str, state: Option<&str>) -> trial::Outcome {
    let mut elements = idwallet_test_support::mdl_elements();
    elements.push(("issuing_jurisdiction", jurisdiction.into()));
    let issuer = idwallet_test_support::with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements);
    let issued = issuer.copy(*world.device_key.public_key()).issue(&world.random);
    let (key, signer) = issuer::signer_of(world, country, state);
    let issued = resign_as(&key, &[signer], &issued.unwrap().remove(0).issuer_signed, |_| {});
    let ask = [
        (MDL_NAMESPACE, "issuing_country"),
        (MDL_NAMESPACE, "issuing_jurisdiction"),
    ];
    Trial::of(world, &issued, &world.request(&ask)).run()
}

/// A-V24: a licence whose issuing_country is not its signer's.
#[test]
fn licence_of_another_country_is_refused() {
    let world = World::new(10);
    let outcome = issued_in(&world, "UT-N", "ZZ", None);
    assert_eq!(*outcome.result(Check::IssuingCountry).faults(), [Fault::IssuingCountry]);
    // The signer of another country than its root's is refused for that as well.
    assert_eq!(outcome.word(Check::IssuerProfile), "failed");
}

/// A-V24: a licence whose issuing_jurisdiction is not its signer's, where the signer has one.
#[test]
fn licence_of_another_jurisdiction_is_refused() {
    let world = World::new(10);
    let of_signer = |state| issued_in(&world, "UT-N", "UT", state);
    assert!(of_signer(Some("UT-N")).accepted);
    assert!(of_signer(None).accepted);
    assert_eq!(
        *of_signer(Some("UT-S")).refused_by(Check::IssuingCountry),
        Fault::IssuingJurisdiction
    );
}

/// A-V24: a value that is no text is nobody's country.
#[test]
fn country_that_is_no_text_is_refused() {
    let world = World::new(10);
    let outcome = Trial::new(&world)
        .edit(|r| {
            tag24(item(r, "issuing_country"), |i| {
                *member(i, "elementValue") = Value::Bytes(b"UT".to_vec())
            });
        })
        .run();
    assert_eq!(outcome.word(Check::IssuingCountry), "failed");
}
