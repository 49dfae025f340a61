//! Facts of two documents: the same however they are written, different when they differ, and found where each type states them.
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

use std::collections::{BTreeMap, BTreeSet};

use idwallet_cose::cbor::Value;
use idwallet_documents::{
    ComparableValue, ElementValue, FactId, Lang, Person, PersonRole, Registry, fold, same, same_text,
};
use idwallet_test_support::sample_elements;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

const SAMPLES: [&str; 18] = [
    "birth-certificate",
    "citizen-identity",
    "citizen-identity-2",
    "citizen-identity-child",
    "citizen-identity-mother",
    "degree",
    "driving-licence",
    "guardianship",
    "guardianship-2",
    "health-insurance",
    "health-insurance-child",
    "marriage-certificate",
    "passport-photo-id",
    "residence-confirmation",
    "social-insurance",
    "tax-dependant",
    "tax-registration",
    "vehicle-registration",
];

fn people(sample: &str) -> Vec<Person<'static>> {
    let (doc_type, elements) = sample_elements(sample);
    let ty = Registry::builtin().unwrap().find(&doc_type).unwrap();
    ty.people(|ns, el| look(&elements, ns, el))
}

fn look(elements: &[(String, String, Value)], ns: &str, el: &str) -> Option<ElementValue> {
    ElementValue::from_cbor(&elements.iter().find(|(n, e, _)| n == ns && e == el)?.2)
}

fn name(text: &str) -> ComparableValue {
    ComparableValue::new(FactId::FullName, &ElementValue::Text(text.into())).unwrap()
}

/// A Vietnamese syllable in both placements of its tone mark.
fn syllable() -> impl Strategy<Value = (String, String)> {
    let initial = prop::sample::select(vec!["h", "th", "kh", "đ", "ng", "l"]);
    let vowels = prop::sample::select(vec![("o", "a"), ("o", "e"), ("u", "y")]);
    let tone = prop::sample::select(vec!["\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"]);
    (initial, vowels, tone).prop_map(|(i, (a, b), t)| {
        let old: String = format!("{i}{a}{b}{t}").nfc().collect();
        let new: String = format!("{i}{a}{t}{b}").nfc().collect();
        (old, new)
    })
}

proptest! {
    #[test]
    fn a_name_is_the_same_in_any_form(words in prop::collection::vec("[A-ZĐa-zđàáảãạâầấẩẫậăằắẳẵặêềếểễệôồốổỗộơờớởỡợưừứửữự]{1,7}", 1..6)) {
        let nfc: String = words.join(" ").nfc().collect();
        let nfd: String = nfc.nfd().collect();
        prop_assert!(same(&name(&nfc), &name(&nfd)));
        prop_assert!(same(&name(&nfc), &name(&nfc.to_uppercase())));
        let spaced = ["  ", words.join("\u{a0}  ").as_str(), "\u{200b} "].concat();
        prop_assert!(same(&name(&nfc), &name(&spaced)));
        let eth = nfc.replace('Đ', "\u{d0}").replace('đ', "\u{256}");
        prop_assert!(same(&name(&nfc), &name(&eth)));
        let more = format!("{nfc} x");
        prop_assert!(!same(&name(&nfc), &name(&more)));
        prop_assert_eq!(fold(&fold(&nfc)), fold(&nfc));
        prop_assert_eq!(same_text(&nfc, &nfd), same(&name(&nfc), &name(&nfd)));
        let shown = format!("{:?}", name(&nfc));
        prop_assert_eq!(shown, "ComparableValue(…)");
    }

    #[test]
    fn old_and_new_placement_of_the_tone_mark_are_one((old, new) in syllable(), (other, _) in syllable()) {
        prop_assert!(same(&name(&old), &name(&new)));
        prop_assert_eq!(old == other, same(&name(&old), &name(&other)));
    }
}

#[test]
fn each_kind_of_fact_has_its_form() {
    let of = |fact, value| ComparableValue::new(fact, &value);
    let text = |t: &str| ElementValue::Text(t.into());
    let place = |t: &str| of(FactId::BirthPlace, text(t)).unwrap();
    assert!(same(
        &place("Phường Mẫu, tỉnh Hoà Bình."),
        &place("phường Mẫu - Tỉnh Hòa Bình")
    ));
    let number = |t: &str| of(FactId::PersonalNumber, text(t));
    assert_eq!(number("003 090 000 017"), number("003090000017"));
    assert_ne!(number("003090000017"), number("003090000018"));
    assert_eq!(number(" - "), None);
    assert_eq!(of(FactId::Nationality, text("vn")), of(FactId::Nationality, text("VN")));
    let day = idwallet_crypto::Date::parse("1990-02-15").unwrap();
    let time = idwallet_crypto::Timestamp::parse_rfc3339("1990-02-15T08:00:00Z").unwrap();
    assert_eq!(
        of(FactId::BirthDate, ElementValue::FullDate(day)),
        of(FactId::BirthDate, ElementValue::TDate(time))
    );
    assert_eq!(
        of(FactId::BirthYear, ElementValue::FullDate(day)),
        of(FactId::BirthYear, ElementValue::Uint(1990))
    );
    // Sex that is not known says nothing, and so does a value of another kind.
    assert_eq!(of(FactId::Sex, ElementValue::Uint(9)), None);
    assert_eq!(of(FactId::Sex, text("1")), None);
    assert_eq!(of(FactId::FullName, ElementValue::Uint(1)), None);
    assert_ne!(
        of(FactId::Sex, ElementValue::Uint(1)),
        of(FactId::Sex, ElementValue::Uint(2))
    );
    // Two names with accents must have the same ones.
    assert!(!same(&name("Trần Văn Mẫu"), &name("Tran Van Mau")));
}

#[test]
fn latin_letters_agree_with_the_accents_they_leave_out() {
    let (doc_type, mut elements) = sample_elements("driving-licence");
    elements.retain(|(_, el, _)| el != "full_name" && !el.ends_with("_national_character"));
    let ty = Registry::builtin().unwrap().find(&doc_type).unwrap();
    let latin = ty.identity(|ns, el| look(&elements, ns, el));
    let latin = &latin.iter().find(|f| f.fact == FactId::FullName).unwrap().value;
    assert!(same(latin, &name("Trần Văn Mẫu")) && same(&name("Đ Trần").clone(), &name("đ trần")));
    assert!(!same(latin, &name("Trần Văn Mâuu")));
}

#[test]
fn good_documents_of_one_person_never_contradict_each_other() {
    let mut by_number: BTreeMap<String, Vec<(&str, Person<'_>)>> = BTreeMap::new();
    for sample in SAMPLES {
        let (doc_type, elements) = sample_elements(sample);
        let ty = Registry::builtin().unwrap().find(&doc_type).unwrap();
        for person in people(sample) {
            let rule = ty.person_rules().iter().find(|r| r.role == person.role).unwrap();
            let number = rule
                .states
                .iter()
                .find(|s| s.fact == FactId::PersonalNumber && s.mask.is_none());
            let number = number.and_then(|s| look(&elements, &s.from[0].namespace, &s.from[0].element));
            if let Some(number) = number.as_ref().and_then(ElementValue::text) {
                by_number.entry(number.into()).or_default().push((sample, person));
            }
        }
    }
    // Father, mother, child, ward, and the woman of the second card.
    assert_eq!(by_number.len(), 5);
    let mut compared = BTreeSet::new();
    for documents in by_number.values() {
        for (i, (one, a)) in documents.iter().enumerate() {
            for (other, b) in documents.iter().skip(i + 1) {
                for fact in &a.facts {
                    if let Some(value) = b.fact(fact.fact) {
                        assert!(same(&fact.value, value), "{one}, {other}: {}", fact.fact.as_str());
                        compared.insert(fact.fact);
                    }
                }
            }
        }
    }
    for fact in [
        FactId::FullName,
        FactId::BirthDate,
        FactId::BirthYear,
        FactId::Sex,
        FactId::Residence,
        FactId::SpouseName,
    ] {
        assert!(compared.contains(&fact), "{}", fact.as_str());
    }
}

#[test]
fn whose_document_it_is() {
    let owner = |sample| -> Vec<PersonRole> { people(sample).iter().filter(|p| p.owner).map(|p| p.role).collect() };
    assert_eq!(owner("birth-certificate"), [PersonRole::Child]);
    assert_eq!(owner("guardianship"), [PersonRole::Guardian]);
    assert_eq!(owner("tax-dependant"), [PersonRole::Taxpayer]);
    assert_eq!(owner("marriage-certificate"), [PersonRole::Husband, PersonRole::Wife]);
    assert_eq!(owner("citizen-identity"), [PersonRole::Holder]);
    // A document of two people has no one identity.
    let (doc_type, elements) = sample_elements("marriage-certificate");
    let registry = Registry::builtin().unwrap();
    let ty = registry.find(&doc_type).unwrap();
    assert!(ty.identity(|ns, el| look(&elements, ns, el)).is_empty());
    // The ward is named in the guardian's document.
    let ward = people("guardianship-2");
    let ward = ward.iter().find(|p| p.role == PersonRole::Ward).unwrap();
    assert_eq!(ward.fact(FactId::FullName), Some(&name("Phạm Văn Nhỏ")));
    // Numbers of several kinds in one field are told apart by their form.
    let insurance = |number: &str| {
        let ty = registry.find("health-insurance").unwrap();
        let facts = ty.identity(|_, el| (el == "number").then(|| ElementValue::Text(number.into())));
        facts.iter().map(|f| (f.fact, f.value.clone())).collect::<Vec<_>>()
    };
    let bhxh = |n: &str| ComparableValue::new(FactId::SocialInsuranceNumber, &ElementValue::Text(n.into())).unwrap();
    assert_eq!(
        insurance("DN4000000000017"),
        [(FactId::SocialInsuranceNumber, bhxh("0000000017"))]
    );
    assert_eq!(
        insurance("0000000017"),
        [(FactId::SocialInsuranceNumber, bhxh("0000000017"))]
    );
    assert_eq!(insurance("003090000017")[0].0, FactId::PersonalNumber);
}

#[test]
fn account_level_is_found_by_its_type() {
    let registry = Registry::builtin().unwrap();
    let level = registry
        .find("citizen-identity")
        .unwrap()
        .account_level_field()
        .unwrap();
    assert!(level.is("vn.id.1", "account_level"));
    assert!(registry.find("degree").unwrap().account_level_field().is_none());
}

#[test]
fn facts_and_roles_have_names_in_both_languages() {
    for fact in FactId::ALL {
        assert_ne!(fact.label(Lang::Vi), fact.label(Lang::En), "{}", fact.as_str());
    }
    for role in PersonRole::ALL {
        assert_ne!(role.label(Lang::Vi), role.label(Lang::En), "{}", role.as_str());
    }
    assert!(FactId::BirthDate.is_lasting() && !FactId::Residence.is_lasting());
}
