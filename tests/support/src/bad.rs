//! Documents with one fault each, from `core/documents/tests/bad/`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use idwallet_cose::cbor::Value;
use idwallet_documents::Registry;
use serde_json::Value as Json;

/// A document with one fault, as elements that are ready to be signed.
pub struct BadDocument {
    /// The name of the file.
    pub name: String,
    /// The docType.
    pub doc_type: String,
    /// Namespace, element, value.
    pub elements: Vec<(String, String, Value)>,
    /// The code that the fault must have.
    pub code: String,
    /// Whether the document is refused for it.
    pub refused: bool,
    /// Where the fault is.
    pub namespace: String,
    /// Where the fault is; empty for the namespace as a whole.
    pub element: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The elements of a sample person's document in `examples/data/`: docType, and namespace, element, value.
#[must_use]
pub fn sample_elements(name: &str) -> (String, Vec<(String, String, Value)>) {
    let bytes = std::fs::read(root().join(format!("examples/data/{name}.json"))).unwrap();
    let registry = Registry::builtin().unwrap();
    let keys = registry.types().iter().filter(|t| name.starts_with(t.key()));
    let ty = keys.max_by_key(|t| t.key().len()).unwrap();
    let data = ty.read_data(&bytes).unwrap();
    let elements = data.elements.into_iter();
    let elements = elements.map(|e| (e.namespace, e.element, e.value.to_cbor()));
    (ty.doc_type().into(), elements.collect())
}

/// Every document of `core/documents/tests/bad/`, in the order of the names.
#[must_use]
pub fn bad_documents() -> Vec<BadDocument> {
    let directory = root().join("core/documents/tests/bad");
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> BadDocument {
    let file: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (doc_type, mut elements) = sample_elements(file["base"].as_str().unwrap());
    for (namespace, change) in file["change"].as_object().unwrap() {
        for (element, value) in change.as_object().unwrap() {
            elements.retain(|(ns, el, _)| ns != namespace || el != element);
            if !value.is_null() {
                elements.push((namespace.clone(), element.clone(), cbor(value)));
            }
        }
    }
    let expect = |i: usize| file["expect"][i].as_str().unwrap().to_owned();
    BadDocument {
        name: path.file_stem().unwrap().to_str().unwrap().into(),
        doc_type,
        elements,
        code: expect(0),
        refused: expect(1) == "refuse",
        namespace: expect(2),
        element: expect(3),
    }
}

fn cbor(value: &Json) -> Value {
    let text = |value: &Json| Value::Text(value.as_str().unwrap().into());
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(value) => Value::Integer(value.as_u64().unwrap().into()),
        Json::String(_) => text(value),
        Json::Array(items) => Value::Array(items.iter().map(cbor).collect()),
        Json::Object(map) => {
            if let Some(date) = map.get("full-date") {
                Value::Tag(1004, Box::new(text(date)))
            } else if let Some(time) = map.get("tdate") {
                Value::Tag(0, Box::new(text(time)))
            } else if let Some(Json::String(bytes)) = map.get("base64") {
                Value::Bytes(base64::engine::general_purpose::STANDARD.decode(bytes).unwrap())
            } else if let Some(repeat) = map.get("repeat") {
                let times = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
                if map.contains_key("list") {
                    Value::Array(vec![cbor(&repeat[0]); times])
                } else {
                    Value::Text(repeat[0].as_str().unwrap().repeat(times))
                }
            } else {
                let members = map.iter();
                Value::Map(members.map(|(k, v)| (Value::Text(k.clone()), cbor(v))).collect())
            }
        }
    }
}
