//! When a later document is the same paper as one that is held: by type, person, and what the type file says names the paper.

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
use common::resolve;
use idwallet_cose::cbor::Value;
use idwallet_documents::Registry;
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_test_support::{NOW, Unchecked};
use idwallet_wallet::{DocumentId, FindingCode, UnsuitableReason, Wallet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A sample, signed so many days ago, with some texts of its own; no value takes the element away.
fn paper(desk: &Desk, sample: &str, number: u64, days: i64, texts: &[(&str, Option<&str>)]) -> Unchecked {
    let mut document = desk.good(sample, number);
    (document.signed, document.valid_from) = (later(-days), later(-days));
    for (element, text) in texts {
        let at = document.elements.iter().position(|(_, name, _)| name == element);
        let at = at.unwrap_or_else(|| panic!("{sample} has no {element}"));
        match text {
            Some(text) => document.elements[at].2 = Value::Text((*text).into()),
            None => drop(document.elements.remove(at)),
        }
    }
    document
}

type Said = BTreeSet<(DocumentId, &'static str, String, DocumentId)>;

/// What is said of documents beside each other.
fn beside(wallet: &Wallet) -> Said {
    let checked = wallet.check_all(NOW, None).unwrap();
    let mut said = Said::new();
    for report in &checked.documents {
        // One by one the same is said as of all together.
        let one = wallet.check(report.document.id, NOW, None).unwrap();
        assert_eq!(one.findings, report.findings);
        for finding in &report.findings {
            if let Some(other) = finding.other {
                let element = finding.element.clone().map(|(_, element)| element);
                said.insert((
                    report.document.id,
                    finding.code.as_str(),
                    element.unwrap_or_default(),
                    other,
                ));
            }
        }
    }
    said
}

fn replaced(older: DocumentId, newer: DocumentId, element: &str) -> Said {
    let element = element.to_owned();
    BTreeSet::from([(older, "Q352", element.clone(), newer), (newer, "Q353", element, older)])
}

/// H-H38: a licence that was renewed under another number is the same person's licence: the newer one is shown, the number is named, and
/// neither is deleted or changed.
#[test]
fn a_renewal_with_another_number_replaces_the_old_one() {
    let mut desk = Desk::new(8100);
    let older = desk.import(&paper(&desk, "driving-licence", 0, 20, &[]), 0).id;
    let before = desk.dir.kept();
    let renewed = [
        ("licence_number", Some("790099999999")),
        ("document_number", Some("790099999999")),
    ];
    let imported = desk.import(&paper(&desk, "driving-licence", 1, 1, &renewed), 1);
    let newer = imported.id;
    assert_eq!(imported.replaces().collect::<Vec<_>>(), [older]);
    assert_eq!(beside(&desk.wallet), replaced(older, newer, "licence_number"));
    let request = desk.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let resolved = resolve(&desk.wallet, &desk.world, &request).unwrap();
    let requested = &resolved.review().requests[0];
    let offered: Vec<DocumentId> = requested.candidates.iter().map(|c| c.document).collect();
    assert_eq!(offered, [newer]);
    assert_eq!(requested.unsuitable[0].document, older);
    assert_eq!(
        requested.unsuitable[0].reason,
        UnsuitableReason::Quality(FindingCode::Superseded)
    );
    assert_eq!(desk.wallet.count().unwrap(), 2);
    let signed = |rows: &[(u16, Vec<u8>, i64, Vec<u8>)]| -> Vec<_> {
        let rows = rows
            .iter()
            .filter(|(kind, id, ..)| *kind == 2 && id == older.as_bytes());
        rows.cloned().collect()
    };
    assert_eq!(signed(&desk.dir.kept()), signed(&before));
    assert_eq!(signed(&before).len(), 1);
}

/// The order of import does not matter, and what a renewal says otherwise about the person is told as a contradiction.
#[test]
fn an_older_licence_that_comes_later_is_replaced_and_contradicted() {
    let mut desk = Desk::new(8110);
    let newer = desk.import(&paper(&desk, "driving-licence", 0, 1, &[]), 0).id;
    let old = [
        ("licence_number", Some("790099999999")),
        ("full_name", Some("Lê Văn Mẫu")),
        ("family_name_national_character", Some("Lê")),
        ("family_name", Some("Le")),
    ];
    let imported = desk.import(&paper(&desk, "driving-licence", 1, 20, &old), 1);
    assert_eq!(imported.replaces().count(), 0);
    let mut expected = replaced(imported.id, newer, "licence_number");
    let element = "full_name".to_owned();
    expected.insert((imported.id, "Q354", element.clone(), newer));
    expected.insert((newer, "Q355", element, imported.id));
    assert_eq!(beside(&desk.wallet), expected);
}

/// Papers of which a person has many are told apart by what names them, and a renewal of one of them is known by the same.
#[test]
fn of_vehicles_and_degrees_a_person_has_many() {
    let mut desk = Desk::new(8120);
    let of = |desk: &mut Desk, sample, number, days, texts: &[(&str, Option<&str>)]| {
        let document = paper(desk, sample, number, days, texts);
        desk.import(&document, number).id
    };
    let car = of(&mut desk, "vehicle-registration", 0, 20, &[]);
    let other = [
        ("chassis_number", Some("TESTCHASSIS000018")),
        ("registration_number", Some("00A-000.18")),
    ];
    of(&mut desk, "vehicle-registration", 1, 1, &other);
    of(&mut desk, "degree", 2, 20, &[]);
    of(&mut desk, "degree", 3, 1, &[("serial_number", Some("OTHER 17"))]);
    assert_eq!(beside(&desk.wallet), Said::new());
    // The same car with another certificate, and without its owner's personal number.
    let renewed = [
        ("certificate_number", Some("OTHER 18")),
        ("owner_personal_number", None),
    ];
    let again = of(&mut desk, "vehicle-registration", 4, 1, &renewed);
    assert_eq!(beside(&desk.wallet), replaced(car, again, ""));
    assert_eq!(desk.wallet.compare_all().unwrap(), 0, "the import has noted all of it");
}

/// A paper that is nobody's in particular is known by its name alone, at its import already.
#[test]
fn an_inspection_is_known_by_the_vehicle() {
    let mut desk = Desk::new(8130);
    let last = desk.import(&paper(&desk, "vehicle-inspection", 0, 20, &[]), 0).id;
    let new = paper(
        &desk,
        "vehicle-inspection",
        1,
        1,
        &[("certificate_number", Some("TESTKD000018"))],
    );
    let imported = desk.import(&new, 1);
    assert_eq!(imported.replaces().collect::<Vec<_>>(), [last]);
    assert_eq!(beside(&desk.wallet), replaced(last, imported.id, ""));
    assert_eq!(desk.wallet.compare_all().unwrap(), 0);
}

/// Somebody else's licence is not replaced by one's own.
#[test]
fn two_people_have_a_licence_each() {
    let mut desk = Desk::new(8140);
    desk.import(&paper(&desk, "driving-licence", 0, 20, &[]), 0);
    let other = [
        ("licence_number", Some("790099999999")),
        ("personal_number", Some("003191000018")),
    ];
    let imported = desk.import(&paper(&desk, "driving-licence", 1, 1, &other), 1);
    assert_eq!(imported.replaces().count(), 0);
    assert_eq!(beside(&desk.wallet), Said::new());
}

/// A type that only its file knows has papers that are told apart as the file says: no code knows the name of a number.
#[test]
fn a_new_type_s_papers_are_told_apart_by_its_file() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../documents/tests/new-type/fishing-boat-licence.json"
    );
    let mut registry = Registry::builtin().unwrap().clone();
    registry.add_type(&std::fs::read(file).unwrap()).unwrap();
    let mut desk = Desk::new(8150);
    desk.wallet = desk.wallet.with_registry(Arc::new(registry));
    let space = "org.example.fishing-boat.1";
    let text = |element: &str, text: &str| (space.to_owned(), element.to_owned(), Value::Text(text.into()));
    let date = |element: &str, day: &str| {
        let value = Value::Tag(1004, Box::new(Value::Text(day.into())));
        (space.to_owned(), element.to_owned(), value)
    };
    let mut boat = |number: u64, days: i64, plate: &str| {
        let document = Unchecked {
            doc_type: space.into(),
            elements: vec![
                text("plate", plate),
                text("owner_name", "Trần Văn Mẫu"),
                text("owner_number", "003090000017"),
                date("valid_from", "2026-01-01"),
                date("valid_to", if number == 0 { "2026-12-31" } else { "2027-12-31" }),
            ],
            signed: later(-days),
            valid_from: later(-days),
            ..desk.good("social-insurance", number)
        };
        desk.import(&document, number).id
    };
    let first = boat(0, 20, "TEST-00017");
    boat(1, 2, "TEST-00018");
    let renewed = boat(2, 1, "TEST-00017");
    assert_eq!(beside(&desk.wallet), replaced(first, renewed, ""));
}
