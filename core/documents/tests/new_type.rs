//! Adding a type is a data file and a fixture: a made-up type goes through registry, issuing data, display, list, give-aways, people
//! and checks with no line of code that knows it.
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

use std::path::{Path, PathBuf};

use idwallet_documents::{DocumentsError, ElementValue, FactId, Lang, PerPerson, QualityCode, Registry, Sensitivity};

fn path(rest: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(rest)
}

fn read(rest: &str) -> Vec<u8> {
    std::fs::read(path(rest)).unwrap()
}

#[test]
fn a_type_is_a_file_and_a_fixture() {
    let mut registry = Registry::builtin().unwrap().clone();
    registry
        .add_type(&read("tests/new-type/fishing-boat-licence.json"))
        .unwrap();
    let ty = registry.document_type("org.example.fishing-boat.1").unwrap();
    let data = ty.read_data(&read("tests/new-type/sample.json")).unwrap();
    let value = |ns: &str, el: &str| data.value(ns, el).cloned();
    let names = || data.elements.iter().map(|e| (e.namespace.as_str(), e.element.as_str()));
    assert_eq!(ty.title(Lang::Vi), "Giấy phép tàu cá");
    assert_eq!(
        ty.summary_text(value, Lang::Vi),
        "TEST-00017 · Hạng II · Có giá trị đến: 31/12/2027"
    );
    assert_eq!(
        ty.summary_text(value, Lang::En),
        "TEST-00017 · Grade II · Valid until: 2027-12-31"
    );
    for element in &data.elements {
        let cbor = element.value.to_cbor();
        assert_eq!(ElementValue::from_cbor(&cbor).as_ref(), Some(&element.value));
        for lang in [Lang::Vi, Lang::En] {
            assert_ne!(ty.label(&element.namespace, &element.element, lang), element.element);
            assert!(
                !ty.display(&element.namespace, &element.element, &element.value, lang)
                    .is_empty()
            );
        }
    }
    assert_eq!(ty.check(names(), value), []);
    let ns = "org.example.fishing-boat.1";
    assert_eq!(ty.sensitivity(ns, "owner_number"), Sensitivity::Sensitive);
    assert_eq!(ty.gives_away(&[(ns, "owner_number")])[0].1.len(), 3);
    assert_eq!(
        ty.identity(value).iter().map(|f| f.fact).collect::<Vec<_>>(),
        [FactId::FullName, FactId::PersonalNumber]
    );
    assert_eq!(ty.meanings(ns, "gear", value)[0].label.en, "Trawl, offshore");
    // The rules of the file are held: dates in order, codes of the scheme, what is required.
    let broken = |change: &dyn Fn(&str) -> Option<Option<ElementValue>>| {
        let names = names().filter(|(_, el)| change(el) != Some(None));
        let findings = ty.check(names, |ns, el| change(el).unwrap_or_else(|| value(ns, el)));
        findings.iter().map(|f| f.code).collect::<Vec<_>>()
    };
    let from = idwallet_crypto::Date::parse("2028-01-01").unwrap();
    let late = |el: &str| (el == "valid_from").then_some(Some(ElementValue::FullDate(from)));
    assert_eq!(broken(&late), [QualityCode::DateOrder]);
    assert_eq!(
        broken(&|el| (el == "plate").then_some(None)),
        [QualityCode::RequiredMissing]
    );
    let coastal = |el: &str| (el == "water").then(|| Some(ElementValue::Text("coastal".into())));
    assert_eq!(broken(&coastal), [QualityCode::NotInList]);
    // A request template of it, too.
    let template = r#"{"name": "boat", "title": {"vi": "Tàu cá", "en": "Boat"}, "purpose": {"vi": "Để kiểm tra", "en": "To check"},
        "ask": {"org.example.fishing-boat.1": {"org.example.fishing-boat.1": {"plate": false}}}}"#;
    registry.add_template(template.as_bytes()).unwrap();
}

#[test]
fn every_file_of_the_directories_is_built_in() {
    let count = |directory: &str| std::fs::read_dir(path(directory)).unwrap().count();
    let registry = Registry::builtin().unwrap();
    assert_eq!(registry.types().len(), count("types"));
    assert_eq!(registry.templates().len(), count("templates"));
    assert!(registry.types().len() >= 13 && registry.templates().len() >= 10);
}

#[test]
fn each_rule_that_ties_elements_together_is_held_when_loading() {
    let file: serde_json::Value = serde_json::from_slice(&read("tests/new-type/fishing-boat-licence.json")).unwrap();
    type Change = fn(&mut serde_json::Value);
    let cases: [(&str, Change); 14] = [
        ("rules / people / holder", |d| {
            let again = d["rules"]["people"][0].clone();
            d["rules"]["people"].as_array_mut().unwrap().push(again);
        }),
        ("rules / people / holder", |d| {
            d["rules"]["people"][0]["states"] = serde_json::json!([])
        }),
        ("rules / people / holder / full_name", |d| {
            d["rules"]["people"][0]["states"][0]["from"][0][1] = "nobody".into()
        }),
        ("rules / people / holder / full_name", |d| {
            d["rules"]["people"][0]["states"][0]["from"] = serde_json::json!([])
        }),
        ("rules / people", |d| d["rules"]["people"][0]["owner"] = false.into()),
        ("rules / ordered", |d| d["rules"]["ordered"][0][1][1] = "never".into()),
        ("rules / account_level", |d| {
            d["rules"]["account_level"] = serde_json::json!(["org.example.fishing-boat.1", "level"])
        }),
        ("rules / schemes", |d| {
            d["rules"]["schemes"][0]["lists"]["sea"] = "no_such_list".into()
        }),
        ("fields / org.example.fishing-boat.1 / plate", |d| {
            d["fields"][0]["parts"][0]["length"] = 40.into()
        }),
        ("fields / org.example.fishing-boat.1 / plate", |d| {
            d["fields"][0]["parts"][0]["mask"] = "AAAA".into()
        }),
        ("fields / org.example.fishing-boat.1 / plate", |d| {
            d["fields"][0]["parts"][0]["codes"] = "no_such_list".into()
        }),
        ("rules / paper", |d| {
            d["rules"]["paper"]["named_by"] = serde_json::json!([[["org.example.fishing-boat.1", "nothing"]]])
        }),
        ("rules / paper", |d| {
            d["rules"]["paper"]["named_by"] = serde_json::json!([[]])
        }),
        ("rules / paper", |d| {
            d["rules"]["paper"]["named_by"] = serde_json::json!([])
        }),
    ];
    for (path, change) in cases {
        let mut file = file.clone();
        change(&mut file);
        let mut registry = Registry::empty().unwrap();
        match registry.add_type(&serde_json::to_vec(&file).unwrap()) {
            Err(DocumentsError::DataFile { path: at, .. }) => assert_eq!(at, path),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn every_type_says_how_its_papers_are_told_apart() {
    let registry = Registry::builtin().unwrap();
    for ty in registry.types() {
        let rule = ty.paper_rule().unwrap_or_else(|| panic!("{}", ty.key()));
        assert!(!rule.named_by.is_empty(), "{}", ty.key());
    }
    let first: Vec<&str> = registry
        .types()
        .iter()
        .filter(|ty| ty.paper_rule().is_some_and(|rule| rule.counts_first))
        .map(|ty| ty.key())
        .collect();
    assert_eq!(first, ["citizen-identity"]);
}

#[test]
fn a_paper_is_named_by_the_elements_of_its_file() {
    let mut registry = Registry::builtin().unwrap().clone();
    registry
        .add_type(&read("tests/new-type/fishing-boat-licence.json"))
        .unwrap();
    let ty = registry.document_type("org.example.fishing-boat.1").unwrap();
    assert_eq!(ty.paper_rule().unwrap().per_person, PerPerson::Many);
    let named =
        |plate: Option<&str>| ty.paper_names(|_, el| Some(ElementValue::Text(plate.filter(|_| el == "plate")?.into())));
    let name = vec![Some(vec!["test-00017".to_owned()])];
    assert_eq!(named(Some("TEST-00017")), name);
    assert_eq!(
        named(Some(" Test-00017")),
        name,
        "compared as it is told, not as it is written"
    );
    assert_eq!(named(Some("")), [None]);
    assert_eq!(named(None), [None]);
    // Where two elements name it, both have to be there.
    let ty = registry.document_type("vn.motor-insurance.1").unwrap();
    let only = |present: &'static str| {
        ty.paper_names(move |_, el| Some(ElementValue::Text((el == present).then_some("x")?.into())))
    };
    assert_eq!(only("chassis_number"), [None, None, None]);
    assert_eq!(only("policy_number")[2], Some(vec!["x".to_owned()]));
}
