//! The embedded type files, templates and tables, and the sample persons' data.
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
use std::path::PathBuf;

use idwallet_crypto::Date;
use idwallet_documents::{DocumentData, ElementValue, Lang, Registry, Sensitivity, is_nfc};

fn registry() -> &'static Registry {
    Registry::builtin().expect("the embedded files load")
}

fn sample(name: &str) -> Vec<u8> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    std::fs::read(dir.join(format!("{name}.json"))).expect("sample data")
}

/// Every sample person: the key of the type (the longest that the name begins with) and the name of the file.
fn samples() -> Vec<(&'static str, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    let mut found: Vec<(&str, String)> = std::fs::read_dir(dir)
        .unwrap()
        .filter_map(|entry| {
            Some(
                entry
                    .unwrap()
                    .path()
                    .file_name()?
                    .to_str()?
                    .strip_suffix(".json")?
                    .to_owned(),
            )
        })
        .map(|name| {
            let keys = registry().types().iter().map(|t| t.key());
            let key = keys.filter(|key| name.starts_with(key)).max_by_key(|key| key.len());
            (key.unwrap_or_else(|| panic!("{name}: of no type")), name)
        })
        .collect();
    found.sort();
    found
}

fn names(data: &DocumentData) -> impl Iterator<Item = (&str, &str)> {
    data.elements.iter().map(|e| (e.namespace.as_str(), e.element.as_str()))
}

#[test]
fn the_types_are_found_by_doc_type_and_key() {
    for (doc_type, key) in [
        ("org.iso.23220.photoID.1", "citizen-identity"),
        ("org.iso.18013.5.1.mDL", "driving-licence"),
        ("org.iso.7367.1.mVRC", "vehicle-registration"),
        ("vn.bhyt.1", "health-insurance"),
    ] {
        assert_eq!(registry().find(doc_type).unwrap().key(), key);
        assert_eq!(registry().find(key).unwrap().doc_type(), doc_type);
    }
    // A-C01: exact bytes.
    assert!(registry().find("org.iso.18013.5.1.mdl").is_none());
}

#[test]
fn every_label_has_two_texts_in_nfc() {
    for ty in registry().types() {
        assert_ne!(ty.title(Lang::Vi), ty.title(Lang::En));
        let mut orders = BTreeSet::new();
        for field in ty.fields() {
            for lang in [Lang::Vi, Lang::En] {
                let text = field.label.text(lang);
                assert!(!text.trim().is_empty(), "{} {}", ty.key(), field.id);
                assert!(is_nfc(text));
                assert_ne!(text, field.id);
            }
            assert!(
                orders.insert(field.order),
                "{} {}: order given twice",
                ty.key(),
                field.id
            );
        }
    }
}

/// Every `{"vi", "en"}` in a file.
fn labels(value: &serde_json::Value, out: &mut Vec<(String, String)>) {
    match value {
        serde_json::Value::Object(map) => {
            if let (Some(vi), Some(en)) = (map.get("vi"), map.get("en")) {
                out.push((vi.as_str().unwrap().into(), en.as_str().unwrap().into()));
            }
            map.values().for_each(|v| labels(v, out));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| labels(v, out)),
        _ => {}
    }
}

#[test]
fn vietnamese_is_vietnamese_and_english_is_english() {
    // All the Vietnamese texts that happen to have no accent.
    const PLAIN: [&str; 8] = [
        "Afghanistan",
        "Albania",
        "An Giang",
        "Con",
        "Gia Lai",
        "Kon Tum",
        "Long An",
        "Nam",
    ];
    let mut found = Vec::new();
    for directory in ["types", "templates", "data"] {
        let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(directory);
        for file in std::fs::read_dir(directory).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            labels(&serde_json::from_slice(&bytes).unwrap(), &mut found);
        }
    }
    assert!(found.len() > 800);
    for (vi, en) in &found {
        assert!(is_nfc(vi) && (!vi.is_ascii() || PLAIN.contains(&vi.as_str())), "{vi}");
        assert!(en.replace('³', "").is_ascii(), "{en}");
    }
}

#[test]
fn the_licence_has_the_eleven_mandatory_elements() {
    // ISO 18013-5 Table 5, A-I10.
    const MANDATORY: [&str; 11] = [
        "family_name",
        "given_name",
        "birth_date",
        "issue_date",
        "expiry_date",
        "issuing_country",
        "issuing_authority",
        "document_number",
        "portrait",
        "driving_privileges",
        "un_distinguishing_sign",
    ];
    let ty = registry().find("org.iso.18013.5.1.mDL").unwrap();
    let ns = "org.iso.18013.5.1";
    let found: BTreeSet<&str> = ty
        .fields()
        .iter()
        .filter(|f| f.namespace == ns && f.mandatory)
        .map(|f| f.id.as_str())
        .collect();
    assert_eq!(found, BTreeSet::from(MANDATORY));
    assert!(ty.namespace(ns).unwrap().closed);
    assert_eq!(ty.required().iter().filter(|r| r.namespace == ns).count(), 11);
    let rule = ty.portrait().unwrap();
    assert!(rule.element.is(ns, "portrait") && rule.goes_with_any);
    // Every text that the standard writes in Latin 1.
    for id in [
        "family_name",
        "given_name",
        "issuing_authority",
        "birth_place",
        "resident_address",
    ] {
        let field = ty.field(ns, id).unwrap();
        assert!(field.text.latin1 && field.text.max_length == 150, "{id}");
    }
}

#[test]
fn sensitive_things_are_marked_and_stay_out_of_lists() {
    let id = registry().find("citizen-identity").unwrap();
    for element in ["ethnicity", "religion", "identifying_marks", "father_name"] {
        let field = id.field("vn.id.1", element).unwrap();
        assert_eq!(field.sensitivity, Sensitivity::VerySensitive, "{element}");
        assert!(!field.may_be_preselected());
    }
    for (ns, element) in [("vn.id.1", "personal_number"), ("org.iso.23220.1", "birth_date")] {
        assert!(id.sensitivity(ns, element) >= Sensitivity::Sensitive);
    }
    assert_eq!(id.sensitivity("vn.id.1", "no_such"), Sensitivity::VerySensitive);
    for ty in registry().types() {
        for shown in ty.summary() {
            assert_eq!(ty.sensitivity(&shown.namespace, &shown.element), Sensitivity::Normal);
        }
        // No template asks for anything very sensitive.
        for template in registry().templates() {
            for (doc, ns, element, _) in template.ask().elements() {
                if doc == ty.doc_type() {
                    assert!(ty.sensitivity(ns, element) < Sensitivity::VerySensitive);
                }
            }
        }
    }
}

#[test]
fn templates_are_minimal_and_known() {
    let names: Vec<&str> = registry().templates().iter().map(|t| t.name()).collect();
    for name in [
        "age-over-18",
        "driving-licence",
        "health-insurance",
        "identity",
        "vehicle",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(names.len() >= 10, "{names:?}");
    for template in registry().templates() {
        for ask in std::iter::once(template.ask()).chain(template.alternatives()) {
            for (doc, ns, element, _) in ask.elements() {
                let ty = registry().find(doc).unwrap();
                assert!(ty.field(ns, element).is_some(), "{doc} {ns} {element}");
            }
        }
        for lang in [Lang::Vi, Lang::En] {
            assert!(template.purpose(lang).len() > 20 && !template.title(lang).is_empty());
        }
    }
    let ask = registry().template("age-over-18").unwrap().ask();
    assert_eq!(
        ask.elements().collect::<Vec<_>>(),
        [
            ("org.iso.23220.photoID.1", "org.iso.23220.1", "age_over_18", false),
            ("org.iso.23220.photoID.1", "org.iso.23220.1", "portrait", false),
        ]
    );
    assert!(registry().template("age-over-81").is_err());
}

#[test]
fn every_sample_converts_and_is_marked_synthetic() {
    for (key, file) in samples() {
        let bytes = sample(&file);
        assert!(String::from_utf8_lossy(&bytes).contains("\"synthetic\""), "{file}");
        let ty = registry().find(key).unwrap();
        let data = ty.read_data(&bytes).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(data.warnings.is_empty(), "{file}");
        let findings = ty.check(names(&data), |ns, el| data.value(ns, el).cloned());
        assert_eq!(findings, [], "{file}");
        for lang in [Lang::Vi, Lang::En] {
            let row = ty.summary_text(|ns, el| data.value(ns, el).cloned(), lang);
            assert!(!row.is_empty(), "{file}");
            assert!(!row.contains("003090000017"));
            for e in &data.elements {
                let text = ty.display(&e.namespace, &e.element, &e.value, lang);
                assert!(!text.is_empty(), "{file} {}", e.element);
            }
        }
        for element in &data.elements {
            // What is written is read back the same.
            let cbor = element.value.to_cbor();
            assert_eq!(ElementValue::from_cbor(&cbor).as_ref(), Some(&element.value));
        }
    }
}

#[test]
fn sample_numbers_have_a_prefix_that_nobody_has() {
    use idwallet_documents::personal_number::Registration;
    for (ns, file) in [("vn.id.1", "citizen-identity"), ("vn.id.1", "citizen-identity-2")] {
        let ty = registry().find("citizen-identity").unwrap();
        let data = ty.read_data(&sample(file)).unwrap();
        let number = data.value(ns, "personal_number").unwrap().text().unwrap().to_owned();
        let number = idwallet_documents::PersonalNumber::parse(&number).unwrap();
        assert!(matches!(
            number.registration().unwrap(),
            Registration::Unassigned(3 | 99)
        ));
    }
}

#[test]
fn a_licence_reads_in_both_languages() {
    let ty = registry().find("driving-licence").unwrap();
    let data = ty.read_data(&sample("driving-licence")).unwrap();
    let row = |lang| ty.summary_text(|ns, el| data.value(ns, el).cloned(), lang);
    assert_eq!(row(Lang::Vi), "A1; B · Có giá trị đến: 10/04/2035");
    assert_eq!(row(Lang::En), "A1; B · Date of expiry: 2035-04-10");
    let ns = "org.iso.18013.5.1";
    let show = |el, lang| ty.display(ns, el, data.value(ns, el).unwrap(), lang);
    assert_eq!(show("sex", Lang::Vi), "Nam");
    assert!(show("driving_privileges", Lang::Vi).starts_with("hạng: A1, cấp ngày: 01/06/2010; hạng: B"));
    assert!(show("portrait", Lang::En).starts_with("picture, "));
    assert_eq!(ty.label(ns, "age_over_21", Lang::Vi), "Đã đủ 21 tuổi");
    assert_eq!(ty.label(ns, "age_over_1", Lang::Vi), "age_over_1");
}

#[test]
fn what_a_personal_number_gives_away_is_said_once() {
    let ty = registry().find("citizen-identity").unwrap();
    let number = ("vn.id.1", "personal_number");
    let facts = |shared: &[(&str, &str)]| -> Vec<(String, Vec<String>)> {
        ty.gives_away(shared)
            .iter()
            .map(|(f, facts)| (f.id.clone(), facts.iter().map(|f| f.id.clone()).collect()))
            .collect()
    };
    let ids = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        facts(&[number]),
        [("personal_number".into(), ids(&["birth_year", "sex", "birth_province"]))]
    );
    // The birth date and sex are shared openly, so only the province is news.
    let with_both = facts(&[number, ("org.iso.23220.1", "birth_date"), ("org.iso.23220.1", "sex")]);
    assert_eq!(with_both[0], ("personal_number".into(), ids(&["birth_province"])));
    assert!(facts(&[("org.iso.23220.1", "nationality")]).is_empty());
}

#[test]
fn ages_are_of_the_day_validity_starts() {
    let ty = registry().find("citizen-identity").unwrap();
    let ns = "org.iso.23220.1";
    // Born on 29 February 2004: 18 on 1 March 2022, not before.
    for (day, adult) in [("2022-02-28", false), ("2022-03-01", true)] {
        let mut data = ty.read_data(&sample("citizen-identity-2")).unwrap();
        let day = Date::parse(day).unwrap();
        ty.add_ages(&mut data, day).unwrap();
        assert_eq!(data.value(ns, "age_over_18"), Some(&ElementValue::Bool(adult)));
        assert_eq!(data.value(ns, "age_over_16"), Some(&ElementValue::Bool(true)));
        assert_eq!(data.value(ns, "age_over_60"), Some(&ElementValue::Bool(false)));
        let next = if adult { "2025-03-01" } else { "2022-03-01" };
        assert_eq!(ty.ages_change_on(&data, day), Some(Date::parse(next).unwrap()));
    }
    let mut old = ty.read_data(&sample("citizen-identity")).unwrap();
    let day = Date::parse("2060-01-01").unwrap();
    ty.add_ages(&mut old, day).unwrap();
    assert_eq!(ty.ages_change_on(&old, day), None);
}

#[test]
fn tables_are_whole() {
    use idwallet_documents::personal_number::{countries, provinces};
    let provinces = provinces().unwrap();
    assert_eq!(provinces.len(), 63);
    let codes: BTreeSet<u16> = provinces.iter().chain(countries().unwrap()).map(|p| p.code).collect();
    assert_eq!(codes.len(), 63 + countries().unwrap().len());
    assert!(provinces.iter().all(|p| is_nfc(&p.name.vi) && p.name.en.is_ascii()));
}
