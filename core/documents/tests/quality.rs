//! Is a document sufficient and clean: every code is provoked, alone, by a fixture of `bad/`, and good documents provoke none.
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

use std::collections::BTreeSet;

use idwallet_cose::cbor::Value;
use idwallet_documents::{DocumentType, ElementValue, Finding, Lang, QualityCode, Registry, Severity, is_nfc};
use idwallet_test_support::{bad_documents, sample_elements};

type Elements = [(String, String, Value)];

fn ty(doc_type: &str) -> &'static DocumentType {
    Registry::builtin().unwrap().find(doc_type).unwrap()
}

fn check(doc_type: &str, elements: &Elements) -> Vec<Finding> {
    let names = elements.iter().map(|(ns, el, _)| (ns.as_str(), el.as_str()));
    ty(doc_type).check(names, |ns, el| {
        let found = elements.iter().find(|(n, e, _)| n == ns && e == el);
        ElementValue::from_cbor(&found?.2)
    })
}

fn codes(doc_type: &str, elements: &Elements) -> Vec<&'static str> {
    check(doc_type, elements).iter().map(|f| f.code.as_str()).collect()
}

/// One element of a sample, changed.
fn with(sample: &str, namespace: &str, element: &str, value: Value) -> (String, Vec<(String, String, Value)>) {
    let (doc_type, mut elements) = sample_elements(sample);
    elements.retain(|(ns, el, _)| ns != namespace || el != element);
    elements.push((namespace.into(), element.into(), value));
    (doc_type, elements)
}

fn date(text: &str) -> Value {
    Value::Tag(1004, Box::new(Value::Text(text.into())))
}

/// A-I10, A-I12: what a signed document must and may contain, and the forms of its values, seen from the holder's side.
#[test]
fn each_bad_document_has_exactly_its_fault() {
    let documents = bad_documents();
    let mut wrong = Vec::new();
    for bad in &documents {
        let found = check(&bad.doc_type, &bad.elements);
        let as_expected = matches!(found.as_slice(), [one] if one.code.as_str() == bad.code
            && (one.severity == Severity::Refuse) == bad.refused && one.at.is(&bad.namespace, &bad.element));
        if !as_expected {
            wrong.push(format!("{}: {found:?}", bad.name));
        }
        for (finding, lang) in found.iter().flat_map(|f| [(f, Lang::Vi), (f, Lang::En)]) {
            let text = finding.text(ty(&bad.doc_type), lang);
            assert!(text.contains(": ") && text.ends_with('.'), "{}: {text}", bad.name);
        }
    }
    assert_eq!(wrong, [""; 0]);
    let provoked: BTreeSet<&str> = documents.iter().map(|d| d.code.as_str()).collect();
    let all: BTreeSet<&str> = QualityCode::ALL.iter().map(|c| c.as_str()).collect();
    assert_eq!(provoked, all);
}

#[test]
fn codes_are_stable_and_speak_both_languages() {
    for code in QualityCode::ALL {
        assert!(code.as_str().starts_with("Q2") || code.as_str().starts_with("Q3"));
        assert_eq!(QualityCode::from_code(code.as_str()), Some(*code));
        assert_eq!(code.to_string(), code.as_str());
        let (vi, en) = (code.text(Lang::Vi), code.text(Lang::En));
        assert!(is_nfc(vi) && !vi.is_ascii() && vi != en && vi.ends_with('.') && en.ends_with('.'));
    }
    assert_eq!(QualityCode::from_code("Q101"), None);
}

#[test]
fn findings_hold_no_values() {
    let (doc_type, elements) = with(
        "health-insurance",
        "vn.bhyt.1",
        "number",
        Value::Text("MARKER-7777".into()),
    );
    let found = check(&doc_type, &elements);
    let told = format!("{found:?} {}", found[0].text(ty(&doc_type), Lang::Vi));
    assert!(!told.contains("MARKER") && !told.contains("7777"));
}

#[test]
fn a_licence_from_abroad_needs_no_vietnamese_part() {
    let ns = "org.iso.18013.5.1";
    let (doc_type, mut elements) = with("driving-licence", ns, "issuing_country", Value::Text("DE".into()));
    elements.retain(|(n, el, _)| n == ns && !el.ends_with("_national_character"));
    assert_eq!(codes(&doc_type, &elements), [""; 0]);
    // An Icelandic name has a letter that would be a mistake in a Vietnamese one.
    let name = |value: &str, elements: &mut Vec<(String, String, Value)>| {
        elements.retain(|(_, el, _)| el != "given_name");
        elements.push((ns.into(), "given_name".into(), Value::Text(value.into())));
    };
    name("Davíð", &mut elements);
    assert_eq!(codes(&doc_type, &elements), [""; 0]);
    let vietnamese = elements.iter_mut().find(|(_, el, _)| el == "issuing_country").unwrap();
    vietnamese.2 = Value::Text("VN".into());
    assert!(codes(&doc_type, &elements).contains(&"Q302"));
}

#[test]
fn days_that_come_round_every_four_years() {
    // Born on 29 February: the card ends on the 28th or the 1st; both are days, the 29th of a common year is not.
    let set = |day: &str| {
        let (doc_type, elements) = with("citizen-identity-2", "org.iso.23220.1", "expiry_date", date(day));
        codes(&doc_type, &elements)
    };
    assert_eq!(set("2029-02-28"), [""; 0]);
    assert_eq!(set("2029-03-01"), [""; 0]);
    assert_eq!(set("2029-02-29"), ["Q307"]);
    assert_eq!(set("2028-02-29"), [""; 0]);
    // The same day is in order; ten years from 29 February end on 1 March.
    let (doc_type, elements) = with("health-insurance", "vn.bhyt.1", "valid_to", date("2026-01-01"));
    assert_eq!(codes(&doc_type, &elements), [""; 0]);
    let class = |issue: &str, expiry: &str| {
        let text = |t: &str| Value::Text(t.into());
        let members = vec![
            (text("vehicle_category_code"), text("B")),
            (text("issue_date"), date(issue)),
            (text("expiry_date"), date(expiry)),
        ];
        let value = Value::Array(vec![Value::Map(members)]);
        let (doc_type, elements) = with("driving-licence", "org.iso.18013.5.1", "driving_privileges", value);
        codes(&doc_type, &elements)
    };
    assert_eq!(class("2024-02-29", "2034-03-01"), [""; 0]);
    assert_eq!(class("2024-02-29", "2034-03-02"), ["Q321"]);
    assert_eq!(class("2034-03-02", "2024-02-29"), ["Q308"]);
}

#[test]
fn class_b1_means_what_its_law_says() {
    let vn = "org.iso.18013.5.1.VN";
    let meaning = |scheme: &str, class: &str| -> Vec<(String, Option<u16>)> {
        let (doc_type, mut elements) = with("driving-licence", vn, "class_scheme", Value::Text(scheme.into()));
        elements.retain(|(_, el, _)| el != "classes");
        elements.push((
            vn.into(),
            "classes".into(),
            Value::Array(vec![Value::Text(class.into())]),
        ));
        let look =
            |ns: &str, el: &str| ElementValue::from_cbor(&elements.iter().find(|(n, e, _)| n == ns && e == el)?.2);
        let codes = ty(&doc_type).meanings(vn, "classes", look);
        codes.iter().map(|c| (c.label.en.clone(), c.years)).collect()
    };
    assert!(meaning("2008", "B1")[0].0.starts_with("Cars"));
    assert_eq!(
        meaning("2024", "B1")[0].0,
        "Three-wheeled motorcycles, and those of class A1"
    );
    assert_eq!(meaning("2008", "B2")[0].1, Some(10));
    assert!(meaning("2024", "B2").is_empty());
    assert_eq!(meaning("2024", "DE")[0].1, Some(5));
}

#[test]
fn the_parts_of_a_health_insurance_number_are_told() {
    let ty = ty("vn.bhyt.1");
    let parts = |number| -> Vec<(&str, &str)> {
        let parts = ty.parts("vn.bhyt.1", "number", number);
        parts
            .iter()
            .map(|(label, code)| (label.text(Lang::En), code.text(Lang::En)))
            .collect()
    };
    assert_eq!(
        parts("TE1400000000052"),
        [
            ("Group", "Child under 6"),
            ("Benefit level", "Level 1"),
            ("Province of issue", "Nghe An")
        ]
    );
    // A province and a group that no table has are left untold; the other forms have no parts.
    assert_eq!(parts("ZZ4000000000017"), [("Benefit level", "Level 4")]);
    assert!(parts("0000000017").is_empty() && parts("003090000017").is_empty());
}
