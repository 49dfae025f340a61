//! One bad input for each way to be wrong: type files, request files, persons' data.
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

use std::path::PathBuf;

use idwallet_crypto::Date;
use idwallet_documents::{
    Ask, DocumentType, DocumentsError, Lang, MAX_ASK_BYTES, MAX_DATA_BYTES, MAX_TYPE_BYTES, Mismatch, ProblemKind,
    Registry,
};

const MDL: &str = "org.iso.18013.5.1";
const VN: &str = "org.iso.18013.5.1.VN";

fn ty(key: &str) -> &'static DocumentType {
    Registry::builtin().unwrap().find(key).unwrap()
}

fn sample(name: &str) -> serde_json::Value {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    serde_json::from_slice(&std::fs::read(dir.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// The problems after changing just one thing in a good licence.
fn licence(change: impl FnOnce(&mut serde_json::Value)) -> Vec<(String, &'static str)> {
    problems("driving-licence", change)
}

fn problems(key: &str, change: impl FnOnce(&mut serde_json::Value)) -> Vec<(String, &'static str)> {
    let mut data = sample(key);
    change(&mut data);
    match ty(key).read_data(&serde_json::to_vec(&data).unwrap()) {
        Ok(_) => Vec::new(),
        Err(DocumentsError::Data { problems, .. }) => {
            for p in &problems {
                for lang in [Lang::Vi, Lang::En] {
                    assert!(!p.kind.text(lang).is_empty());
                }
            }
            problems.into_iter().map(|p| (p.path, p.kind.code())).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

fn one(found: &[(String, &'static str)], path: &str, code: &str) {
    let found: Vec<(&str, &str)> = found.iter().map(|(p, c)| (p.as_str(), *c)).collect();
    assert_eq!(found, [(path, code)]);
}

#[test]
fn each_class_of_bad_data_is_named_with_its_path() {
    assert!(licence(|_| {}).is_empty());
    let set = |ns: &'static str, el: &'static str, value: serde_json::Value| licence(move |d| d[ns][el] = value);
    one(
        &licence(|d| drop(d[MDL].as_object_mut().unwrap().remove("birth_date"))),
        "org.iso.18013.5.1 / birth_date",
        "missing",
    );
    one(
        &set(MDL, "favourite_colour", "red".into()),
        "org.iso.18013.5.1 / favourite_colour",
        "unknown_element",
    );
    one(
        &set(MDL, "age_over_180", true.into()),
        "org.iso.18013.5.1 / age_over_180",
        "unknown_element",
    );
    one(
        &licence(|d| d["org.example"] = serde_json::json!({"a": 1})),
        "org.example",
        "unknown_namespace",
    );
    one(
        &set(MDL, "birth_date", 19900215.into()),
        "org.iso.18013.5.1 / birth_date",
        "wrong_kind",
    );
    one(
        &set(MDL, "birth_date", "1990-02-30".into()),
        "org.iso.18013.5.1 / birth_date",
        "not_a_date",
    );
    one(
        &set(MDL, "birth_date", "15/02/1990".into()),
        "org.iso.18013.5.1 / birth_date",
        "not_a_date",
    );
    one(
        &set(MDL, "expiry_date", "2035-04-10T00:00:00+07:00".into()),
        "org.iso.18013.5.1 / expiry_date",
        "not_a_date",
    );
    one(
        &set(MDL, "family_name", "Trần".into()),
        "org.iso.18013.5.1 / family_name",
        "not_latin1",
    );
    one(
        &set(MDL, "family_name", "a".repeat(151).into()),
        "org.iso.18013.5.1 / family_name",
        "too_long",
    );
    assert!(set(MDL, "family_name", "é".repeat(150).into()).is_empty());
    one(
        &set(MDL, "given_name", " ".into()),
        "org.iso.18013.5.1 / given_name",
        "empty",
    );
    one(
        &set(MDL, "sex", 3.into()),
        "org.iso.18013.5.1 / sex",
        "not_in_code_list",
    );
    one(
        &set(MDL, "issuing_country", "vn".into()),
        "org.iso.18013.5.1 / issuing_country",
        "wrong_format",
    );
    one(
        &set(MDL, "portrait", "!!".into()),
        "org.iso.18013.5.1 / portrait",
        "not_base64",
    );
    one(
        &set(MDL, "portrait", "iVBORw0KGgo=".into()),
        "org.iso.18013.5.1 / portrait",
        "not_an_image",
    );
    one(
        &set(MDL, "biometric_template_face", "AAAA".into()),
        "org.iso.18013.5.1 / biometric_template_face",
        "not_a_biometric_template",
    );
    assert!(set(MDL, "biometric_template_face", "f2EA".into()).is_empty());
    one(
        &set(VN, "licence_number", "00000000001".into()),
        "org.iso.18013.5.1.VN / licence_number",
        "wrong_format",
    );
    one(
        &set(VN, "personal_number", "00309000001٧".into()),
        "org.iso.18013.5.1.VN / personal_number",
        "wrong_format",
    );
    one(
        &set(VN, "class_scheme", "2020".into()),
        "org.iso.18013.5.1.VN / class_scheme",
        "not_in_code_list",
    );
    one(
        &set(VN, "classes", serde_json::json!(["A1", "b"])),
        "org.iso.18013.5.1.VN / classes / 1",
        "wrong_format",
    );
    one(
        &set(VN, "classes", vec!["B"; 257].into()),
        "org.iso.18013.5.1.VN / classes",
        "too_many",
    );
}

#[test]
fn driving_privileges_have_their_shape() {
    let set = |value: serde_json::Value| licence(move |d| d[MDL]["driving_privileges"] = value);
    let at = |rest: &str| format!("{MDL} / driving_privileges{rest}");
    let b = "vehicle_category_code";
    assert!(set(serde_json::json!([{b: "B"}])).is_empty());
    one(&set(serde_json::json!({b: "B"})), &at(""), "wrong_kind");
    one(
        &set(serde_json::json!([{"issue_date": "2020-01-01"}])),
        &at(" / 0 / vehicle_category_code"),
        "missing",
    );
    one(
        &set(serde_json::json!([{b: "B", "expiry_date": "soon"}])),
        &at(" / 0 / expiry_date"),
        "not_a_date",
    );
    one(
        &set(serde_json::json!([{b: "B", "extra": 1}])),
        &at(" / 0 / extra"),
        "unknown_element",
    );
    one(
        &set(serde_json::json!([{b: "B", "codes": []}])),
        &at(" / 0 / codes"),
        "empty",
    );
    one(
        &set(serde_json::json!([{b: "B", "codes": [{"sign": "<="}]}])),
        &at(" / 0 / codes / 0 / code"),
        "missing",
    );
}

#[test]
fn domestic_namespaces_belong_to_the_issuing_country() {
    // The namespace of another country, and ours on another country's licence (A-I10).
    one(
        &licence(|d| d["org.iso.18013.5.1.DE"] = serde_json::json!({"a": "b"})),
        "org.iso.18013.5.1.DE",
        "country_mismatch",
    );
    one(
        &licence(|d| d[MDL]["issuing_country"] = "LA".into()),
        VN,
        "country_mismatch",
    );
    one(
        &licence(|d| d["org.iso.18013.5.1.vn"] = serde_json::json!({"a": "b"})),
        "org.iso.18013.5.1.vn",
        "unknown_namespace",
    );
    assert!(licence(|d| d["org.iso.18013.5.1.VN-HN"] = serde_json::json!({"a": [1, {"b": -2}]})).is_empty());
}

#[test]
fn health_insurance_numbers_come_in_three_lengths() {
    let set = |number: &'static str| problems("health-insurance", move |d| d["vn.bhyt.1"]["number"] = number.into());
    for good in ["DN4000000000017", "0000000017", "003090000017"] {
        assert!(set(good).is_empty());
    }
    for bad in ["DN400000000001", "dn4000000000017", "00000000017", "D04000000000017"] {
        one(&set(bad), "vn.bhyt.1 / number", "wrong_format");
    }
}

#[test]
fn plates_and_records_are_checked() {
    let ns = "org.iso.7367.1";
    one(
        &problems("vehicle-registration", |d| {
            d[ns]["registration_number"] = "00A-000.1".into()
        }),
        "org.iso.7367.1 / registration_number",
        "wrong_format",
    );
    one(
        &problems("vehicle-registration", |d| {
            d[ns]["mass_info"] = serde_json::json!({"vehicle_max_mass": 1500})
        }),
        "org.iso.7367.1 / mass_info / unit",
        "missing",
    );
    // The namespace is open: what we have no label for is kept.
    assert!(problems("vehicle-registration", |d| d[ns]["new_element"] = true.into()).is_empty());
}

#[test]
fn every_problem_is_listed_at_once_and_none_carries_a_value() {
    let mut data = sample("driving-licence");
    data[MDL]["sex"] = 7777.into();
    data[MDL]["birth_date"] = "MARKER-VALUE".into();
    data[MDL]["family_name"] = "MARKER-Ệ".into();
    data[VN]["licence_number"] = "MARKER".into();
    let error = ty("driving-licence")
        .read_data(&serde_json::to_vec(&data).unwrap())
        .unwrap_err();
    let DocumentsError::Data { problems, .. } = &error else {
        panic!()
    };
    assert_eq!(problems.len(), 4);
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("MARKER") && !text.contains("7777"), "{text}");
    }
    let good = ty("driving-licence")
        .read_data(&serde_json::to_vec(&sample("driving-licence")).unwrap())
        .unwrap();
    assert!(!format!("{good:?}").contains("Mau"));
}

#[test]
fn elements_may_stand_at_the_top_but_only_once() {
    let mut data = sample("health-insurance");
    let flat = data["vn.bhyt.1"].clone();
    assert!(
        ty("health-insurance")
            .read_data(&serde_json::to_vec(&flat).unwrap())
            .is_ok()
    );
    data["number"] = "0000000017".into();
    let error = ty("health-insurance")
        .read_data(&serde_json::to_vec(&data).unwrap())
        .unwrap_err();
    let DocumentsError::Data { problems, .. } = error else {
        panic!()
    };
    assert_eq!(problems[0].kind, ProblemKind::TooMany { limit: 1 });
}

#[test]
fn doubled_keys_and_broken_json_are_refused() {
    let ty = ty("health-insurance");
    for bad in [
        r#"{"vn.bhyt.1": {"number": "0000000017", "number": "0000000018"}}"#,
        r#"{"vn.bhyt.1": "#,
        "[]",
        "",
        r#"{} {}"#,
    ] {
        assert!(
            matches!(ty.read_data(bad.as_bytes()), Err(DocumentsError::Json { .. })),
            "{bad}"
        );
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(
        ty.read_data(deep.as_bytes()),
        Err(DocumentsError::Json { .. })
    ));
    let long = vec![b' '; MAX_DATA_BYTES + 1];
    assert!(matches!(ty.read_data(&long), Err(DocumentsError::TooLarge { .. })));
}

#[test]
fn a_number_that_disagrees_is_a_warning() {
    let mut data = sample("citizen-identity");
    data["org.iso.23220.1"]["sex"] = 2.into();
    data["org.iso.23220.1"]["birth_date"] = "1991-02-15".into();
    let read = ty("citizen-identity")
        .read_data(&serde_json::to_vec(&data).unwrap())
        .unwrap();
    assert_eq!(read.warnings, [Mismatch::BirthYear, Mismatch::Sex]);
}

#[test]
fn a_stated_age_must_agree_with_the_birth_date() {
    let day = Date::parse("2026-01-01").unwrap();
    for (element, value) in [
        ("age_over_18", serde_json::json!(false)),
        ("age_over_36", serde_json::json!(true)),
        ("age_in_years", serde_json::json!(36)),
        ("age_birth_year", serde_json::json!(1991)),
    ] {
        let mut data = sample("driving-licence");
        data[MDL][element] = value;
        let ty = ty("driving-licence");
        let mut data = ty.read_data(&serde_json::to_vec(&data).unwrap()).unwrap();
        let before = data.clone();
        let error = ty.add_ages(&mut data, day).unwrap_err();
        let DocumentsError::Data { problems, .. } = error else {
            panic!()
        };
        assert_eq!(problems.len(), 1, "{element}");
        assert_eq!(problems[0].kind, ProblemKind::AgeMismatch);
        assert_eq!(data, before);
    }
}

#[test]
fn request_files_are_read_strictly() {
    let good = br#"{"org.example.doc": {"ns": {"a": true, "b": false}}}"#;
    let ask = Ask::parse(good).unwrap();
    assert_eq!(
        ask.elements().collect::<Vec<_>>(),
        [
            ("org.example.doc", "ns", "a", true),
            ("org.example.doc", "ns", "b", false)
        ]
    );
    for (bad, path) in [
        ("{}", "(top)"),
        ("[]", "(top)"),
        (r#"{"d": {}}"#, "d"),
        (r#"{"d": 1}"#, "d"),
        (r#"{"d": {"n": ["a"]}}"#, "d / n"),
        (r#"{"d": {"n": {}}}"#, "d / n"),
        (r#"{"d": {"n": {"e": 1}}}"#, "d / n / e"),
        (r#"{"d": {"n": {"": true}}}"#, "d / n / "),
    ] {
        match Ask::parse(bad.as_bytes()) {
            Err(DocumentsError::Ask { path: at, .. }) => assert_eq!(at, path),
            other => panic!("{bad}: {other:?}"),
        }
    }
    assert!(matches!(
        Ask::parse(br#"{"d": {"n": {"e": true, "e": false}}}"#),
        Err(DocumentsError::Json { .. })
    ));
    let many: String = (0..257).map(|i| format!("\"e{i}\": true,")).collect();
    let many = format!("{{\"d\": {{\"n\": {{{}}}}}}}", many.trim_end_matches(','));
    assert!(matches!(Ask::parse(many.as_bytes()), Err(DocumentsError::Ask { .. })));
    let long = vec![b' '; MAX_ASK_BYTES + 1];
    assert!(matches!(Ask::parse(&long), Err(DocumentsError::TooLarge { .. })));
}

/// A small good type file, to be broken one thing at a time.
fn small() -> serde_json::Value {
    let label = serde_json::json!({"vi": "Tên", "en": "Name"});
    serde_json::json!({
        "format": 1, "key": "library-card", "doc_type": "org.example.library.1",
        "title": {"vi": "Thẻ thư viện", "en": "Library card"},
        "namespaces": [{"name": "ns", "closed": true}],
        "code_lists": [{"name": "kind", "codes": [{"value": "x", "label": label}]}],
        "fields": [
            {"ns": "ns", "id": "name", "label": label, "kind": "text", "sensitivity": "sensitive", "order": 1},
            {"ns": "ns", "id": "kind", "label": label, "kind": "code", "codes": "kind", "sensitivity": "normal", "order": 2}
        ],
        "required": [["ns", "name"]],
        "summary": [["ns", "kind"]]
    })
}

#[test]
fn a_type_is_added_from_bytes_alone() {
    let mut registry = Registry::builtin().unwrap().clone();
    registry.add_type(&serde_json::to_vec(&small()).unwrap()).unwrap();
    let ty = registry.find("library-card").unwrap();
    assert!(ty.read_data(br#"{"ns": {"name": "A", "kind": "x"}}"#).is_ok());
    assert!(matches!(
        registry.add_type(&serde_json::to_vec(&small()).unwrap()),
        Err(DocumentsError::Duplicate(_))
    ));
    let template = br#"{"name": "t", "title": {"vi": "a", "en": "a"}, "purpose": {"vi": "a", "en": "a"},
        "ask": {"org.example.library.1": {"ns": {"name": false}}}}"#;
    registry.add_template(template).unwrap();
    let unknown = String::from_utf8_lossy(template)
        .replace("\"name\": false", "\"nome\": false")
        .replace("\"t\"", "\"u\"");
    assert!(matches!(
        registry.add_template(unknown.as_bytes()),
        Err(DocumentsError::DataFile { .. })
    ));
}

#[test]
fn each_rule_of_type_files_holds() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 20] = [
        ("format", |d| d["format"] = 2.into()),
        ("key", |d| d["key"] = "Library Card".into()),
        ("doc_type", |d| d["doc_type"] = "".into()),
        ("title", |d| d["title"]["vi"] = " ".into()),
        ("namespaces", |d| {
            let ns = d["namespaces"][0].clone();
            d["namespaces"].as_array_mut().unwrap().push(ns);
        }),
        ("code_lists / kind", |d| {
            d["code_lists"][0]["codes"] = serde_json::json!([])
        }),
        ("fields", |d| d["fields"] = serde_json::json!([])),
        ("fields / ns / name", |d| d["fields"][0]["label"]["en"] = "".into()),
        ("fields / other / name", |d| d["fields"][0]["ns"] = "other".into()),
        ("fields / ns / name", |d| d["fields"][1]["id"] = "name".into()),
        ("fields / ns / name", |d| d["fields"][0]["kind"] = "number".into()),
        ("fields / ns / kind", |d| d["fields"][1]["codes"] = "no_such".into()),
        ("fields / ns / name", |d| {
            d["fields"][0]["reveals"] = serde_json::json!(["no_such"])
        }),
        ("fields / ns / name", |d| d["fields"][0]["family"] = "two_digits".into()),
        ("fields / ns / name", |d| d["fields"][0]["max_length"] = 0.into()),
        ("fields / ns / name", |d| {
            d["fields"][0]["masks"] = serde_json::json!([])
        }),
        ("fields / ns / kind", |d| d["fields"][1]["latin1"] = true.into()),
        ("required", |d| d["required"] = serde_json::json!([])),
        ("required", |d| d["required"] = serde_json::json!([["ns", "no_such"]])),
        ("summary", |d| d["summary"] = serde_json::json!([["ns", "name"]])),
    ];
    for (path, change) in changes {
        let mut file = small();
        change(&mut file);
        let mut registry = Registry::empty().unwrap();
        match registry.add_type(&serde_json::to_vec(&file).unwrap()) {
            Err(DocumentsError::DataFile { path: at, .. }) => assert_eq!(at, path),
            other => panic!("{path}: {other:?}"),
        }
        assert!(registry.types().is_empty());
    }
    let mut unknown_key = small();
    unknown_key["colour"] = "red".into();
    let mut registry = Registry::empty().unwrap();
    for bad in [
        serde_json::to_vec(&unknown_key).unwrap(),
        b"{".to_vec(),
        vec![b' '; MAX_TYPE_BYTES + 1],
    ] {
        assert!(registry.add_type(&bad).is_err());
    }
}
