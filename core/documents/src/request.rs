//! What a reader asks for: ready-made templates and request files of the same shape.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::error::DocumentsError;
use crate::json;
use crate::label::{Label, Lang};
use crate::model::DocumentType;
use crate::registry::Registry;

/// Most bytes of a request file.
pub const MAX_ASK_BYTES: usize = 64 * 1024;
/// Most elements that one request may ask for, over all documents.
pub const MAX_ASK_ELEMENTS: usize = 256;
/// Most bytes of a docType, namespace or element identifier in a request.
pub const MAX_IDENTIFIER_BYTES: usize = 256;

/// The member of `requestInfo` by which a reader says which level (1 or 2) the citizen's identity account must have, so that the wallet
/// can tell its owner before anything is shared. Holders that do not know it ignore it.
pub const REQUIRED_ACCOUNT_LEVEL: &str = "vn.id.1.account_level";

/// What is asked for: docType → namespace → element → intent to retain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    documents: BTreeMap<String, BTreeMap<String, BTreeMap<String, bool>>>,
}

impl Ask {
    /// Reads `{"<docType>": {"<namespace>": {"<element>": <intent to retain>}}}`. Bounds: [`MAX_ASK_BYTES`],
    /// [`MAX_ASK_ELEMENTS`], [`MAX_IDENTIFIER_BYTES`]. DocTypes and elements need not be known: a reader may ask for more than this library has labels for.
    ///
    /// # Errors
    /// [`DocumentsError::TooLarge`], [`DocumentsError::Json`], [`DocumentsError::Ask`] with the path.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentsError> {
        Self::from_value(&json::parse("request file", bytes, MAX_ASK_BYTES)?)
    }

    fn from_value(value: &Value) -> Result<Self, DocumentsError> {
        let fault = |path: &str, reason: &'static str| DocumentsError::Ask {
            path: shorten(path),
            reason,
        };
        let object = |value: &Value, path: &str| match value {
            Value::Object(map) if map.is_empty() => Err(fault(path, "asks for nothing")),
            Value::Object(map) => Ok(map.clone()),
            _ => Err(fault(path, "must be an object")),
        };
        let name = |name: &str, path: &str| {
            if name.is_empty() || name.len() > MAX_IDENTIFIER_BYTES {
                Err(fault(path, "identifier must be 1 to 256 bytes"))
            } else {
                Ok(())
            }
        };
        let mut ask = Self::default();
        let mut count = 0usize;
        for (doc_type, namespaces) in object(value, "(top)")? {
            name(&doc_type, &doc_type)?;
            for (ns, elements) in object(&namespaces, &doc_type)? {
                let at = format!("{doc_type} / {ns}");
                name(&ns, &at)?;
                for (element, retain) in object(&elements, &at)? {
                    let at = format!("{at} / {element}");
                    name(&element, &at)?;
                    let Value::Bool(retain) = retain else {
                        return Err(fault(&at, "intent to retain must be true or false"));
                    };
                    count = count.saturating_add(1);
                    if count > MAX_ASK_ELEMENTS {
                        return Err(fault(&at, "asks for more than 256 elements"));
                    }
                    ask.add(&doc_type, &ns, &element, retain);
                }
            }
        }
        Ok(ask)
    }

    /// Asks for one more element.
    pub fn add(&mut self, doc_type: &str, namespace: &str, element: &str, retain: bool) {
        self.documents
            .entry(doc_type.into())
            .or_default()
            .entry(namespace.into())
            .or_default()
            .insert(element.into(), retain);
    }

    /// docType → namespace → element → intent to retain.
    #[must_use]
    pub fn documents(&self) -> &BTreeMap<String, BTreeMap<String, BTreeMap<String, bool>>> {
        &self.documents
    }

    /// Every element asked for: docType, namespace, element, intent to retain.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &str, &str, bool)> {
        self.documents.iter().flat_map(|(doc, namespaces)| {
            namespaces.iter().flat_map(move |(ns, elements)| {
                elements
                    .iter()
                    .map(move |(el, retain)| (doc.as_str(), ns.as_str(), el.as_str(), *retain))
            })
        })
    }
}

/// A ready-made request with a name and a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTemplate {
    name: String,
    title: Label,
    purpose: Label,
    ask: Ask,
    alternatives: Vec<Ask>,
    requirements: Requirements,
}

/// What the values have to be for the purpose of a request; who says less is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// The lowest level of the identity account, 1 or 2.
    pub account_level: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTemplate {
    name: String,
    title: Label,
    purpose: Label,
    ask: Value,
    #[serde(default)]
    alternatives: Vec<Value>,
    #[serde(default)]
    require: Requirements,
}

impl RequestTemplate {
    pub(crate) fn parse(bytes: &[u8], registry: &Registry) -> Result<Self, DocumentsError> {
        // Once strictly for doubled keys, which the typed reading below would let pass.
        let value = json::parse("request template", bytes, MAX_ASK_BYTES)?;
        let raw: RawTemplate = serde_json::from_value(value).map_err(|e| DocumentsError::DataFile {
            file: "request template".into(),
            path: "(top)".into(),
            reason: e.to_string(),
        })?;
        let fault = |path: &str, reason: &str| DocumentsError::DataFile {
            file: raw.name.clone(),
            path: path.into(),
            reason: reason.into(),
        };
        if raw.name.is_empty() {
            return Err(fault("name", "must not be empty"));
        }
        if !raw.title.is_complete() || !raw.purpose.is_complete() {
            return Err(fault("title, purpose", "need a Vietnamese and an English text"));
        }
        let check = |ask: &Value| -> Result<Ask, DocumentsError> {
            let ask = Ask::from_value(ask)?;
            for (doc_type, ns, element, _) in ask.elements() {
                let known = registry
                    .find(doc_type)
                    .is_some_and(|t| t.doc_type() == doc_type && t.field(ns, element).is_some());
                if !known {
                    return Err(fault(
                        &format!("{doc_type} / {ns} / {element}"),
                        "no document type has this element",
                    ));
                }
            }
            Ok(ask)
        };
        let ask = check(&raw.ask)?;
        let alternatives = raw.alternatives.iter().map(check).collect::<Result<Vec<_>, _>>()?;
        if let Some(level) = raw.require.account_level {
            let states_level = |ask: &Ask| {
                ask.elements().any(|(doc_type, ns, element, _)| {
                    let field = registry.find(doc_type).and_then(DocumentType::account_level_field);
                    field.is_some_and(|field| field.is(ns, element))
                })
            };
            if !(1..=2).contains(&level) || !core::iter::once(&ask).chain(&alternatives).all(states_level) {
                return Err(fault(
                    "require / account_level",
                    "must be 1 or 2, and asked for as an element",
                ));
            }
        }
        Ok(Self {
            name: raw.name,
            title: raw.title,
            purpose: raw.purpose,
            ask,
            alternatives,
            requirements: raw.require,
        })
    }

    /// Its name on the command line: `age-over-18`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its title.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        self.title.text(lang)
    }

    /// Why it is asked, as a sentence for the citizen.
    #[must_use]
    pub fn purpose(&self, lang: Lang) -> &str {
        self.purpose.text(lang)
    }

    /// What is asked for.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// What the values have to be.
    #[must_use]
    pub fn requirements(&self) -> Requirements {
        self.requirements
    }

    /// Other requests that would serve the same purpose, such as the age from a driving licence. To be asked instead, never as well.
    #[must_use]
    pub fn alternatives(&self) -> &[Ask] {
        &self.alternatives
    }
}

/// Keeps a path readable and free of control characters, whatever the input was.
pub(crate) fn shorten(path: &str) -> String {
    path.chars()
        .take(200)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
