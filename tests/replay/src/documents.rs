//! Document types, templates, requests and a person's data, all JSON, and the values of a signed document, which are CBOR.

use crate::tell;
use idwallet_cose::cbor::{Item, Limits, Value};
use idwallet_documents::{Ask, DocumentType, ElementValue, Lang, PersonalNumber, Registry};

/// The first byte chooses the file; the rest is the file.
pub fn document_json(data: &[u8]) {
    let Some((kind, file)) = data.split_first() else { return };
    let builtin = Registry::builtin().unwrap();
    match kind % 32 {
        0 => {
            let mut registry = Registry::empty().unwrap();
            match registry.add_type(file) {
                Ok(()) => {
                    let added = &registry.types()[0];
                    std::hint::black_box((added.title(Lang::Vi), added.summary().len(), added.required().len()));
                    exercise(added, &[]);
                    for field in added.fields() {
                        std::hint::black_box(field.label_for("x", Lang::En));
                    }
                }
                Err(error) => {
                    assert!(registry.types().is_empty(), "nothing of a refused type stays");
                    tell(&error);
                }
            }
        }
        1 => {
            let mut registry = Registry::empty().unwrap();
            if let Err(error) = registry.add_template(file) {
                assert!(registry.templates().is_empty(), "nothing of a refused template stays");
                tell(&error);
            }
        }
        2 => match Ask::parse(file) {
            Ok(ask) => assert!(ask.elements().count() <= idwallet_documents::MAX_ASK_ELEMENTS),
            Err(error) => tell(&error),
        },
        3 => {
            if let Ok(text) = core::str::from_utf8(file)
                && let Ok(number) = PersonalNumber::parse(text)
            {
                std::hint::black_box((number.registration().is_ok(), number.sex(), number.birth_year()));
                number.reveals(Lang::Vi).unwrap();
            }
        }
        4 => {
            let Some((index, cbor)) = file.split_first() else {
                return;
            };
            let types = builtin.types();
            exercise(&types[usize::from(*index) % types.len()], &values(cbor));
        }
        index => {
            let types = builtin.types();
            let document = &types[usize::from(index - 5) % types.len()];
            match document.read_data(file) {
                Ok(read) => {
                    for element in &read.elements {
                        let shown = document.display(&element.namespace, &element.element, &element.value, Lang::Vi);
                        std::hint::black_box(shown);
                    }
                    let values: Vec<_> = read
                        .elements
                        .iter()
                        .map(|e| (e.namespace.clone(), e.element.clone(), e.value.to_cbor()))
                        .collect();
                    exercise(document, &values);
                    std::hint::black_box(document.mismatches(&read).len());
                }
                Err(error) => tell(&error),
            }
        }
    }
}

/// Everything that is asked of a type and the values of one document.
fn exercise(document: &DocumentType, values: &[(String, String, Value)]) {
    let look = |ns: &str, el: &str| ElementValue::from_cbor(&values.iter().find(|(n, e, _)| n == ns && e == el)?.2);
    let names = || values.iter().map(|(ns, el, _)| (ns.as_str(), el.as_str()));
    for finding in document.check(names(), look) {
        std::hint::black_box((finding.text(document, Lang::Vi), finding.text(document, Lang::En)));
    }
    std::hint::black_box((document.people(look).len(), document.identity(look).len()));
    std::hint::black_box(document.summary_text(look, Lang::Vi));
    for (ns, el) in names() {
        std::hint::black_box(document.meanings(ns, el, look).len());
        if let Some(ElementValue::Text(text)) = look(ns, el) {
            std::hint::black_box(document.parts(ns, el, &text).len());
        }
    }
}

/// `{namespace: {element: value}}`.
fn values(cbor: &[u8]) -> Vec<(String, String, Value)> {
    let Ok(Ok(Value::Map(namespaces))) = Item::parse(cbor, Limits::DEFAULT).map(|item| item.to_value()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (namespace, elements) in namespaces {
        if let (Value::Text(namespace), Value::Map(elements)) = (namespace, elements) {
            for (element, value) in elements {
                if let Value::Text(element) = element {
                    out.push((namespace.clone(), element, value));
                }
            }
        }
    }
    out
}
