//! One really signed document for every finding code there is, with that fault and no other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::desk::{Desk, later};
use common::swap;
use idwallet_cose::cbor::Value;
use idwallet_crypto::x509::Crl;
use idwallet_crypto::{Curve, Date, Timestamp};
use idwallet_documents::{ElementValue, Lang};
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_status_list::{Bits, Status, StatusListBuilder};
use idwallet_test_support::{BadDocument, NOW, Unchecked, World, bad_documents, key, sample_elements};
use idwallet_wallet::{Code, DocumentId, Finding, FindingCode, RefusalReason, WalletError};
use std::collections::BTreeSet;

const HOUR: i64 = 3600;
const LISTS: &str = "https://example.org/status/1";
const INSURANCE: &str = "vn.bhxh.1";

/// Findings of a document that has one fault.
type Fixture = fn(Desk) -> Vec<Finding>;

/// Those that are not about values by themselves; those have their fixtures in `core/documents/tests/bad/`.
const FIXTURES: &[(FindingCode, Fixture)] = &[
    (FindingCode::Unreadable, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        desk.after(id, |bytes| bytes[..bytes.len() - 1].to_vec())
    }),
    (FindingCode::SignatureWrong, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        desk.after(id, |mut bytes| {
            // The signature is the end.
            *bytes.last_mut().unwrap() ^= 1;
            bytes
        })
    }),
    (FindingCode::ElementAltered, |mut desk| {
        let id = desk.import(&desk.good("vehicle-registration", 0), 0).id;
        desk.after(id, |bytes| {
            let (_, elements) = sample_elements("vehicle-registration");
            let brand = elements.iter().find(|(_, element, _)| element == "brand").unwrap();
            let brand = brand.2.as_text().unwrap();
            swap(&bytes, brand.as_bytes(), "X".repeat(brand.len()).as_bytes())
        })
    }),
    (FindingCode::SignerUntrusted, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        let anchors = World::in_country("VN", desk.seed + 1).issuer.anchors();
        let trust = IssuerTrust::new(&anchors);
        desk.wallet.check(id, NOW, Some(&trust)).unwrap().findings
    }),
    (FindingCode::SignerRevoked, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        let anchors = desk.world.issuer.anchors();
        let revoked: [Crl; 1] = [desk.world.issuer.crl(&[&desk.world.issuer.signer])];
        let trust = IssuerTrust::new(&anchors).crls(&revoked);
        desk.wallet.check(id, NOW, Some(&trust)).unwrap().findings
    }),
    (FindingCode::AgainstTheRules, |desk| {
        // Signed before its signer had a certificate.
        desk.replaced(|document| document.signed = later(-60))
    }),
    (FindingCode::OtherThanRecorded, |desk| {
        desk.replaced(|document| document.device_key = *key(Curve::P256, 1).public_key())
    }),
    (FindingCode::LetPass, |mut desk| {
        // Outlives its signer's certificate: a departure that every policy lets pass.
        let mut document = desk.good("social-insurance", 0);
        document.valid_until = later(3000);
        let imported = desk.import(&document, 0);
        assert_eq!(imported.warnings.len(), 1);
        desk.findings(imported.id, NOW)
    }),
    (FindingCode::TypeUnknown, |mut desk| {
        let mut document = desk.good("social-insurance", 0);
        document.doc_type = "org.example.unheard-of.1".into();
        let imported = desk.import(&document, 0);
        assert_eq!(desk.findings(imported.id, NOW), imported.findings);
        imported.findings
    }),
    (FindingCode::Duplicate, |mut desk| {
        let twins = [0, 1].map(|number| desk.import(&desk.good("social-insurance", number), number).id);
        desk.findings(twins[0], NOW)
    }),
    (FindingCode::Superseded, |mut desk| {
        let [older, _] = issued_again(&mut desk);
        desk.findings(older, NOW)
    }),
    (FindingCode::Supersedes, |mut desk| {
        let [_, newer] = issued_again(&mut desk);
        desk.findings(newer, NOW)
    }),
    (FindingCode::Contradicted, |mut desk| {
        let [_, lesser] = contradicting(&mut desk);
        desk.findings(lesser, NOW)
    }),
    (FindingCode::Contradicts, |mut desk| {
        let [identity, _] = contradicting(&mut desk);
        desk.findings(identity, NOW)
    }),
    (FindingCode::Expired, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        desk.findings(id, later(101))
    }),
    (FindingCode::NotYetValid, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        desk.findings(id, later(-2))
    }),
    (FindingCode::Revoked, |mut desk| {
        let id = listed(&mut desk, Some((Status::Invalid, NOW)));
        desk.findings(id, NOW)
    }),
    (FindingCode::Suspended, |mut desk| {
        let id = listed(&mut desk, Some((Status::Suspended, NOW)));
        desk.findings(id, NOW)
    }),
    (FindingCode::StatusUnknown, |mut desk| {
        let id = listed(&mut desk, None);
        desk.findings(id, NOW)
    }),
    (FindingCode::StatusOld, |mut desk| {
        let id = listed(&mut desk, Some((Status::Valid, later(-8))));
        desk.findings(id, NOW)
    }),
    (FindingCode::ExpiresSoon, |mut desk| {
        let id = desk.import(&desk.good("social-insurance", 0), 0).id;
        desk.findings(id, later(99))
    }),
    (FindingCode::EndPassed, |mut desk| {
        // A card that says of itself that it ends earlier than its signed copy does; on its last day nothing is said yet.
        let last = Date::parse("2026-07-31").unwrap();
        let card = |desk: &Desk, number| {
            let mut card = desk.good("health-insurance", number);
            let it = card.elements.iter_mut().find(|(_, name, _)| name == "valid_to");
            it.unwrap().2 = ElementValue::FullDate(last).to_cbor();
            card
        };
        let midnight = Timestamp::from_utc(last, 0, 0, 0).unwrap();
        let at = |hours: i64| midnight.saturating_add_seconds(hours * HOUR);
        let first = card(&desk, 0);
        let id = desk.import(&first, 0).id;
        assert_eq!(desk.findings(id, at(23)), []);
        let late = desk.findings(id, at(24));
        let again = card(&desk, 1).sign(&desk.world);
        let imported = desk.import_at(again, 1, at(24)).unwrap();
        assert!(imported.findings.iter().any(|f| f.code == FindingCode::EndPassed));
        late
    }),
];

/// One paper, signed twice.
fn issued_again(desk: &mut Desk) -> [DocumentId; 2] {
    [0, 1].map(|number| {
        let mut document = desk.good("social-insurance", number);
        let signed = NOW.saturating_add_seconds((number as i64 - 10) * HOUR);
        (document.signed, document.valid_from) = (signed, signed);
        desk.import(&document, number).id
    })
}

/// A citizen's card, and an insurance paper of the same person that has another name.
fn contradicting(desk: &mut Desk) -> [DocumentId; 2] {
    let identity = desk.good("citizen-identity", 0);
    let of_card = |element: &str| {
        let it = identity.elements.iter().find(|(_, name, _)| name == element);
        it.unwrap().2.clone()
    };
    let mut insurance = desk.good("social-insurance", 1);
    let mut set = |element: &str, value: Value| {
        insurance.elements.retain(|(_, name, _)| name != element);
        insurance.elements.push((INSURANCE.into(), element.into(), value));
    };
    for element in ["personal_number", "birth_date", "sex"] {
        set(element, of_card(element));
    }
    set("full_name", Value::Text("Trần Văn Khác".into()));
    [desk.import(&identity, 0).id, desk.import(&insurance, 1).id]
}

/// A document that names a status list, and what the list says of it.
fn listed(desk: &mut Desk, says: Option<(Status, Timestamp)>) -> DocumentId {
    let device = desk.key(0);
    let (doc_type, elements) = sample_elements("social-insurance");
    let copy = idwallet_mdoc::issue::MdocCopy::new(*device.public_key()).status_list(7, LISTS);
    let issuer = desk.world.mdoc_issuer(&doc_type).copy(copy);
    let issuer = elements.iter().fold(issuer, |issuer, (space, element, value)| {
        issuer.element(space, element, value)
    });
    let signed = issuer.issue(&desk.world.random).unwrap().remove(0).issuer_signed;
    let id = desk.import_at(signed, 0, NOW).unwrap().id;
    if let Some((status, issued)) = says {
        let until = later(30);
        let mut list = StatusListBuilder::new(Bits::Two, 64)
            .unwrap()
            .uri(LISTS)
            .validity(issued, until);
        list.set(7, status).unwrap();
        let signer = &desk.world.issuer;
        let list = list
            .sign(&signer.signer_key, core::slice::from_ref(&signer.signer))
            .unwrap();
        let anchors = desk.world.issuer.anchors();
        desk.wallet
            .update_status(&list, &IssuerTrust::new(&anchors), NOW)
            .unwrap();
    }
    id
}

/// What is said of a document with bad values: at import, and again by a check if it was taken.
fn of_values(seed: u64, bad: &BadDocument) -> Vec<Finding> {
    let mut desk = Desk::new(seed);
    let document = Unchecked {
        doc_type: bad.doc_type.clone(),
        elements: bad.elements.clone(),
        ..desk.good("social-insurance", 0)
    };
    match desk.import_at(document.sign(&desk.world), 0, NOW) {
        Ok(imported) => {
            assert!(!bad.refused, "{} was taken", bad.name);
            assert_eq!(desk.findings(imported.id, NOW), imported.findings, "{}", bad.name);
            imported.findings
        }
        Err(error) => {
            assert!(bad.refused, "{} was refused: {error}", bad.name);
            assert_eq!(error.code(), Code::CredentialInsufficient, "{}: {error}", bad.name);
            assert_eq!(desk.wallet.count().unwrap(), 0);
            let WalletError::Issuer(refusal) = error else { panic!() };
            let RefusalReason::Quality(findings) = refusal.reason() else {
                panic!()
            };
            findings.clone()
        }
    }
}

/// Exactly that code, and in both languages the sentence that says what to do.
#[track_caller]
fn is_exactly(code: FindingCode, findings: &[Finding], what: &str) {
    let found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(found, [code.as_str()], "{what}");
    for lang in [Lang::Vi, Lang::En] {
        let text = findings[0].text(lang);
        assert!(text.ends_with(code.text(lang)), "{what}: {text}");
    }
    assert_ne!(findings[0].text(Lang::Vi), findings[0].text(Lang::En));
}

/// H-H32, A-H61: every code has a rightly signed document with that fault alone, and says of it exactly that code. A code without a
/// document fails here.
#[test]
fn every_code_has_a_document_with_that_fault_alone() {
    let mut seen = BTreeSet::new();
    for (number, (code, fixture)) in (0_u64..).zip(FIXTURES) {
        assert!(seen.insert(code.as_str().to_owned()), "{code} twice");
        is_exactly(*code, &fixture(Desk::new(7000 + number * 10)), code.as_str());
    }
    for (number, bad) in (0_u64..).zip(bad_documents()) {
        let findings = of_values(7500 + number, &bad);
        is_exactly(FindingCode::from_code(&bad.code).unwrap(), &findings, &bad.name);
        let (space, element) = findings[0].element.as_ref().unwrap();
        assert_eq!((space, element), (&bad.namespace, &bad.element), "{}", bad.name);
        seen.insert(bad.code);
    }
    let all: BTreeSet<String> = FindingCode::all().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(seen, all);
}

/// The documents that the fixtures are made from have no fault, so that what is found is theirs.
#[test]
fn the_samples_have_no_fault() {
    for (number, sample) in (0_u64..).zip([
        "birth-certificate",
        "citizen-identity",
        "degree",
        "driving-licence",
        "health-insurance",
        "marriage-certificate",
        "residence-confirmation",
        "social-insurance",
        "vehicle-registration",
    ]) {
        let mut desk = Desk::new(7800 + number);
        let imported = desk.import(&desk.good(sample, 0), 0);
        assert_eq!(imported.findings, [], "{sample}");
        assert_eq!(imported.warnings, [], "{sample}");
        assert_eq!(desk.findings(imported.id, NOW), [], "{sample}");
    }
}

/// A-H61: what is in the vault must be bound to the recorded key, for the recorded time, and of the recorded type.
#[test]
fn a_document_of_another_key_time_or_type_is_not_the_recorded_one() {
    let changes: [fn(&mut Unchecked); 4] = [
        |document| document.device_key = *key(Curve::P256, 2).public_key(),
        |document| document.valid_from = NOW,
        |document| document.valid_until = later(99),
        |document| document.doc_type = "vn.bhyt.1".into(),
    ];
    for (number, change) in (0_u64..).zip(changes) {
        let findings = Desk::new(7900 + number).replaced(change);
        let found: Vec<FindingCode> = findings.iter().map(|finding| finding.code).collect();
        assert!(found.contains(&FindingCode::OtherThanRecorded), "{number}: {found:?}");
    }
    // The same bytes anew are it.
    assert_eq!(Desk::new(7950).replaced(|_| {}), []);
}
