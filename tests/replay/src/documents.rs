//! Document types, templates, requests and a person's data, all JSON.

use crate::tell;
use idwallet_documents::{Ask, Lang, PersonalNumber, Registry};

/// The first byte chooses the file; the rest is the file.
pub fn document_json(data: &[u8]) {
    let Some((kind, file)) = data.split_first() else { return };
    let builtin = Registry::builtin().unwrap();
    match kind % 8 {
        0 => {
            let mut registry = Registry::empty().unwrap();
            match registry.add_type(file) {
                Ok(()) => {
                    let added = &registry.types()[0];
                    std::hint::black_box((added.title(Lang::Vi), added.summary().len(), added.required().len()));
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
        index => {
            let types = builtin.types();
            let document = &types[usize::from(index - 4) % types.len()];
            match document.read_data(file) {
                Ok(read) => {
                    for element in &read.elements {
                        let shown = document.display(&element.namespace, &element.element, &element.value, Lang::Vi);
                        std::hint::black_box(shown);
                    }
                    std::hint::black_box(document.mismatches(&read).len());
                }
                Err(error) => tell(&error),
            }
        }
    }
}
