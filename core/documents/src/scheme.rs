//! Codes whose meaning another element decides: class B1 is a car under the law of 2008 and a three-wheeled motorcycle under that of 2024.

use idwallet_crypto::Date;

use crate::model::{Code, CodeValue, DocumentType, ElementRef};
use crate::value::{ElementValue, find_code};

/// Codes whose meaning another element decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeRule {
    /// The element that says which scheme holds.
    pub by: ElementRef,
    /// The elements with the codes: texts, lists of texts, or driving privileges.
    pub of: Vec<ElementRef>,
    /// The schemes: the value of `by`, and the codes there are then.
    pub schemes: Vec<(CodeValue, Vec<Code>)>,
}

/// A code as a document uses it.
pub(crate) struct Used<'v> {
    pub(crate) code: &'v str,
    pub(crate) issue: Option<Date>,
    pub(crate) expiry: Option<Date>,
}

impl SchemeRule {
    pub(crate) fn codes(&self, by: &ElementValue) -> Option<&[Code]> {
        self.schemes
            .iter()
            .find(|(scheme, _)| match (scheme, by) {
                (CodeValue::Uint(a), ElementValue::Uint(b)) => a == b,
                (CodeValue::Text(a), ElementValue::Text(b)) => a == b,
                _ => false,
            })
            .map(|(_, codes)| codes.as_slice())
    }

    /// The codes in a value.
    pub(crate) fn used(value: &ElementValue) -> Vec<Used<'_>> {
        match value {
            ElementValue::Text(code) => vec![Used {
                code,
                issue: None,
                expiry: None,
            }],
            ElementValue::Array(items) => items.iter().flat_map(Self::used).collect(),
            ElementValue::Map(members) => {
                let part = |id: &str| members.iter().find(|(key, _)| key == id).map(|(_, v)| v);
                let date = |id| part(id).and_then(ElementValue::date);
                part("vehicle_category_code")
                    .and_then(ElementValue::text)
                    .map(|code| Used {
                        code,
                        issue: date("issue_date"),
                        expiry: date("expiry_date"),
                    })
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

impl DocumentType {
    /// What the codes in an element mean in this document, in its order: their labels and for how many years the law gives them.
    /// Codes that the scheme of the document does not have are left out; empty for elements without such codes.
    #[must_use]
    pub fn meanings(
        &self,
        namespace: &str,
        element: &str,
        value: impl Fn(&str, &str) -> Option<ElementValue>,
    ) -> Vec<&Code> {
        let rule = self
            .schemes
            .iter()
            .find(|rule| rule.of.iter().any(|e| e.is(namespace, element)));
        let Some((rule, codes)) = rule.and_then(|rule| Some((rule, value(namespace, element)?))) else {
            return Vec::new();
        };
        let Some(scheme) = value(&rule.by.namespace, &rule.by.element).and_then(|by| rule.codes(&by)) else {
            return Vec::new();
        };
        SchemeRule::used(&codes)
            .into_iter()
            .filter_map(|used| find_code(scheme, &ElementValue::Text(used.code.into())))
            .collect()
    }
}
