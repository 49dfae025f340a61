//! Reads a document type file and holds it to the rules of the format before anything uses it.

use idwallet_crypto::Order as _;
use std::collections::BTreeSet;

use serde::Deserialize;

use crate::error::DocumentsError;
use crate::label::Label;
use crate::model::{
    AgeRule, Code, CodeValue, CountryRule, DocumentType, ElementRef, Fact, Family, Field, Namespace, PortraitRule,
    Sensitivity,
};
use crate::rules::RawRules;
use crate::shape::{RawCheck, RawMember, RawPart, Shape, kind, text};

/// Most bytes of a type file.
pub const MAX_TYPE_BYTES: usize = 256 * 1024;
/// Most fields of a type.
pub const MAX_FIELDS: usize = 256;
/// Most characters of a text when the type file does not say less (ISO 18013-5: 150 for `tstr` elements of the mDL, A-I10).
pub const DEFAULT_MAX_LENGTH: usize = 150;
/// Most characters that a type file may allow.
pub const MAX_TEXT_LENGTH: usize = 4000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawType {
    format: u32,
    key: String,
    doc_type: String,
    title: Label,
    namespaces: Vec<RawNamespace>,
    #[serde(default)]
    code_lists: Vec<RawCodeList>,
    fields: Vec<RawField>,
    required: Vec<[String; 2]>,
    summary: Vec<[String; 2]>,
    portrait: Option<RawPortrait>,
    #[serde(default)]
    issuing: RawIssuing,
    country: Option<RawCountry>,
    #[serde(default)]
    facts: Vec<Fact>,
    #[serde(default)]
    rules: RawRules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNamespace {
    name: String,
    closed: bool,
    country: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCodeList {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) open: bool,
    codes: Vec<RawCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCode {
    value: CodeValue,
    label: Label,
    years: Option<u16>,
}

impl RawCodeList {
    /// The codes, typed.
    pub(crate) fn codes(&self) -> Vec<Code> {
        self.codes
            .iter()
            .map(|c| Code {
                value: c.value.clone(),
                label: c.label.clone(),
                years: c.years,
            })
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    ns: String,
    id: String,
    family: Option<Family>,
    label: Label,
    kind: String,
    codes: Option<String>,
    #[serde(default)]
    members: Vec<RawMember>,
    item: Option<Box<RawMember>>,
    masks: Option<Vec<String>>,
    #[serde(default)]
    parts: Vec<RawPart>,
    check: Option<RawCheck>,
    max_length: Option<usize>,
    #[serde(default)]
    latin1: bool,
    #[serde(default)]
    mandatory: bool,
    sensitivity: Sensitivity,
    order: u32,
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    reveals: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPortrait {
    element: [String; 2],
    #[serde(default)]
    goes_with_any: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawIssuing {
    age_over: Option<RawAges>,
    validity_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAges {
    birth_date: [String; 2],
    namespace: String,
    ages: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCountry {
    issuing_country: [String; 2],
    domestic_prefix: Option<String>,
}

impl RawField {
    fn shape(&self) -> Shape<'_> {
        Shape {
            kind: &self.kind,
            codes: self.codes.as_deref(),
            members: &self.members,
            item: self.item.as_deref(),
            masks: self.masks.as_deref(),
            parts: &self.parts,
            check: self.check,
            max_length: self.max_length,
            latin1: self.latin1,
        }
    }
}

/// Says what is wrong and where in this file.
pub(crate) struct Fault<'k> {
    file: &'k str,
}

impl Fault<'_> {
    pub(crate) fn at<T>(&self, path: &str, reason: impl Into<String>) -> Result<T, DocumentsError> {
        Err(DocumentsError::DataFile {
            file: self.file.into(),
            path: path.into(),
            reason: reason.into(),
        })
    }

    pub(crate) fn label(&self, path: &str, label: &Label) -> Result<(), DocumentsError> {
        if label.is_complete() {
            Ok(())
        } else {
            self.at(path, "label needs a Vietnamese and an English text")
        }
    }
}

/// Parses a JSON file into its raw form, saying where it goes wrong.
pub(crate) fn parse_json<'a, T: Deserialize<'a>>(
    what: &'static str,
    bytes: &'a [u8],
    limit: usize,
) -> Result<T, DocumentsError> {
    if bytes.len() > limit {
        return Err(DocumentsError::TooLarge { what, limit });
    }
    serde_json::from_slice(bytes).map_err(|e| {
        if e.is_data() {
            // A developer's file, so the parser's own words help and carry nobody's data.
            DocumentsError::DataFile {
                file: what.into(),
                path: format!("line {}, column {}", e.line(), e.column()),
                reason: e.to_string(),
            }
        } else {
            DocumentsError::Json {
                what,
                line: e.line(),
                column: e.column(),
            }
        }
    })
}

/// Reads and checks one type file. `common` are the facts that every type may name.
pub(crate) fn document_type(bytes: &[u8], common: &[Fact]) -> Result<DocumentType, DocumentsError> {
    let raw: RawType = parse_json("document type", bytes, MAX_TYPE_BYTES)?;
    let key = raw.key.clone();
    let fault = Fault { file: &key };
    if raw.format != 1 {
        return fault.at("format", "only format 1 is known");
    }
    let key_ok = !raw.key.is_empty()
        && raw
            .key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !key_ok {
        return fault.at("key", "must be lower-case letters, digits and hyphens");
    }
    if raw.doc_type.is_empty() {
        return fault.at("doc_type", "must not be empty");
    }
    fault.label("title", &raw.title)?;

    let mut names = BTreeSet::new();
    for ns in &raw.namespaces {
        if ns.name.is_empty() || !names.insert(ns.name.as_str()) {
            return fault.at("namespaces", "names must be unique and not empty");
        }
    }
    let mut facts: Vec<Fact> = common.to_vec();
    for fact in &raw.facts {
        fault.label(&format!("facts / {}", fact.id), &fact.label)?;
        if facts.iter().any(|f| f.id == fact.id) {
            return fault.at("facts", "ids must be unique");
        }
        facts.push(fact.clone());
    }
    for list in &raw.code_lists {
        for code in &list.codes {
            fault.label(&format!("code_lists / {}", list.name), &code.label)?;
        }
        if list.codes.is_empty() {
            return fault.at(&format!("code_lists / {}", list.name), "has no codes");
        }
    }

    let fields = fields(&raw, &facts, &names, &fault)?;
    let known = |path: &str, pair: &[String; 2]| -> Result<ElementRef, DocumentsError> {
        let [namespace, element] = pair.clone();
        if fields.iter().any(|f| f.namespace == namespace && f.matches(&element)) {
            Ok(ElementRef { namespace, element })
        } else {
            fault.at(path, format!("{namespace} / {element} is not a field of this type"))
        }
    };
    let all = |path: &str, pairs: &[[String; 2]]| -> Result<Vec<ElementRef>, DocumentsError> {
        pairs.iter().map(|p| known(path, p)).collect()
    };

    let required = all("required", &raw.required)?;
    if required.is_empty() {
        return fault.at("required", "must name at least one element");
    }
    let summary = all("summary", &raw.summary)?;
    for shown in &summary {
        let normal = fields
            .iter()
            .find(|f| f.namespace == shown.namespace && f.matches(&shown.element))
            .is_some_and(|f| f.sensitivity == Sensitivity::Normal);
        if !normal {
            return fault.at("summary", "a list row shows fields of normal sensitivity only");
        }
    }
    let portrait = match &raw.portrait {
        None => None,
        Some(p) => Some(PortraitRule {
            element: known("portrait", &p.element)?,
            goes_with_any: p.goes_with_any,
        }),
    };
    let ages = match &raw.issuing.age_over {
        None => None,
        Some(a) => {
            let birth_date = known("issuing / age_over", &a.birth_date)?;
            if !a.ages.is_sorted() || a.ages.iter().any(|n| *n > 99) {
                return fault.at("issuing / age_over / ages", "must ascend and be below 100");
            }
            for age in &a.ages {
                known(
                    "issuing / age_over",
                    &[a.namespace.clone(), format!("age_over_{age:02}")],
                )?;
            }
            Some(AgeRule {
                birth_date,
                namespace: a.namespace.clone(),
                ages: a.ages.clone(),
            })
        }
    };
    let country = match &raw.country {
        None => None,
        Some(c) => Some(CountryRule {
            issuing_country: known("country", &c.issuing_country)?,
            domestic_prefix: c.domestic_prefix.clone(),
        }),
    };
    let mut ty = DocumentType {
        key: raw.key,
        doc_type: raw.doc_type,
        title: raw.title,
        namespaces: raw
            .namespaces
            .into_iter()
            .map(|n| Namespace {
                name: n.name,
                closed: n.closed,
                country: n.country,
            })
            .collect(),
        fields,
        required,
        summary,
        portrait,
        ages,
        country,
        validity_days: raw.issuing.validity_days,
        facts,
        people: Vec::new(),
        ordered: Vec::new(),
        ends: Vec::new(),
        account_level: None,
        schemes: Vec::new(),
        paper: None,
    };
    raw.rules.read_into(&mut ty, &raw.code_lists, &fault)?;
    Ok(ty)
}

fn fields(
    raw: &RawType,
    facts: &[Fact],
    namespaces: &BTreeSet<&str>,
    fault: &Fault<'_>,
) -> Result<Vec<Field>, DocumentsError> {
    if raw.fields.is_empty() || raw.fields.len() > MAX_FIELDS {
        return fault.at("fields", format!("must be 1 to {MAX_FIELDS}"));
    }
    let mut seen = BTreeSet::new();
    let mut out = Vec::with_capacity(raw.fields.len());
    for field in &raw.fields {
        let path = format!("fields / {} / {}", field.ns, field.id);
        fault.label(&path, &field.label)?;
        if !namespaces.contains(field.ns.as_str()) {
            return fault.at(&path, "namespace is not listed");
        }
        if field.id.is_empty() || !seen.insert((&field.ns, &field.id)) {
            return fault.at(&path, "element identifiers must be unique and not empty");
        }
        let suffix = match field.family {
            None => "",
            Some(Family::TwoDigits) => "NN",
            Some(Family::Word) => "xx",
        };
        if !field.id.ends_with(suffix) {
            return fault.at(&path, "the id of a family ends with NN or xx");
        }
        for fact in field.reveals.iter().chain(field.states.iter()) {
            if !facts.iter().any(|f| &f.id == fact) {
                return fault.at(&path, format!("`{fact}` is not a known fact"));
            }
        }
        let shape = field.shape();
        out.push(Field {
            namespace: field.ns.clone(),
            id: field.id.clone(),
            family: field.family,
            label: field.label.clone(),
            kind: kind(&shape, &raw.code_lists, fault, &path, 0)?,
            text: text(&shape, &raw.code_lists, fault, &path)?,
            mandatory: field.mandatory,
            sensitivity: field.sensitivity,
            order: field.order,
            states: field.states.clone(),
            reveals: field.reveals.clone(),
        });
    }
    out.order_by_key(|f| f.order);
    Ok(out)
}
