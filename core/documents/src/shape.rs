//! Reads the kind of a value and its rules from a type file.

use serde::Deserialize;

use crate::error::DocumentsError;
use crate::label::Label;
use crate::load::{DEFAULT_MAX_LENGTH, Fault, MAX_TEXT_LENGTH, RawCodeList};
use crate::model::{Format, Member, Part, TextRules, ValueKind};

/// Deepest nesting of lists and records in a value.
const MAX_NESTING: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMember {
    #[serde(default)]
    id: String,
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPart {
    mask: String,
    from: usize,
    length: usize,
    codes: String,
    label: Label,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawCheck {
    PersonalNumber,
}

/// The rules that a text, a member or a field share in the file.
pub(crate) struct Shape<'r> {
    pub(crate) kind: &'r str,
    pub(crate) codes: Option<&'r str>,
    pub(crate) members: &'r [RawMember],
    pub(crate) item: Option<&'r RawMember>,
    pub(crate) masks: Option<&'r [String]>,
    pub(crate) parts: &'r [RawPart],
    pub(crate) check: Option<RawCheck>,
    pub(crate) max_length: Option<usize>,
    pub(crate) latin1: bool,
}

impl RawMember {
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

pub(crate) fn kind(
    shape: &Shape<'_>,
    lists: &[RawCodeList],
    fault: &Fault<'_>,
    path: &str,
    depth: usize,
) -> Result<ValueKind, DocumentsError> {
    if depth > MAX_NESTING {
        return fault.at(path, "nested too deeply");
    }
    let next = depth.saturating_add(1);
    let kind = match shape.kind {
        "text" => ValueKind::Text,
        "full_date" => ValueKind::FullDate,
        "tdate" => ValueKind::TDate,
        "date" => ValueKind::Date,
        "bool" => ValueKind::Bool,
        "uint" => ValueKind::Uint,
        "bytes" => ValueKind::Bytes,
        "image" => ValueKind::Image,
        "biometric_template" => ValueKind::BiometricTemplate,
        "driving_privileges" => ValueKind::DrivingPrivileges,
        "code" => {
            let list = shape.codes.and_then(|name| lists.iter().find(|l| l.name == name));
            match list {
                None => return fault.at(path, "kind `code` needs the name of a code list"),
                Some(list) => ValueKind::Code {
                    open: list.open,
                    codes: list.codes(),
                },
            }
        }
        "list" => match shape.item {
            None => return fault.at(path, "kind `list` needs an `item`"),
            Some(item) => ValueKind::List(Box::new(member(item, lists, fault, path, next)?)),
        },
        "record" => {
            if shape.members.is_empty() {
                return fault.at(path, "kind `record` needs `members`");
            }
            let mut members: Vec<Member> = Vec::with_capacity(shape.members.len());
            for raw in shape.members {
                if raw.id.is_empty() || members.iter().any(|m| m.id == raw.id) {
                    return fault.at(path, "members need ids, each once");
                }
                members.push(member(raw, lists, fault, path, next)?);
            }
            ValueKind::Record(members)
        }
        other => return fault.at(path, format!("unknown kind `{other}`")),
    };
    let misplaced = (shape.codes.is_some() && !matches!(kind, ValueKind::Code { .. }))
        || (shape.item.is_some() && !matches!(kind, ValueKind::List(_)))
        || (!shape.members.is_empty() && !matches!(kind, ValueKind::Record(_)));
    let text_rules = shape.masks.is_some()
        || !shape.parts.is_empty()
        || shape.check.is_some()
        || shape.max_length.is_some()
        || shape.latin1;
    if misplaced || (text_rules && kind != ValueKind::Text) {
        return fault.at(path, "a rule that this kind does not have");
    }
    Ok(kind)
}

fn member(
    raw: &RawMember,
    lists: &[RawCodeList],
    fault: &Fault<'_>,
    path: &str,
    depth: usize,
) -> Result<Member, DocumentsError> {
    let path = format!("{path} / {}", raw.id);
    fault.label(&path, &raw.label)?;
    let shape = raw.shape();
    Ok(Member {
        id: raw.id.clone(),
        label: raw.label.clone(),
        kind: kind(&shape, lists, fault, &path, depth)?,
        mandatory: raw.mandatory,
        text: text(&shape, lists, fault, &path)?,
    })
}

pub(crate) fn text(
    shape: &Shape<'_>,
    lists: &[RawCodeList],
    fault: &Fault<'_>,
    path: &str,
) -> Result<TextRules, DocumentsError> {
    let format = match (shape.masks, shape.check) {
        (None, None) => Format::Any,
        (None, Some(RawCheck::PersonalNumber)) => Format::PersonalNumber,
        (Some(masks), None) => {
            if masks.is_empty() || masks.iter().any(String::is_empty) {
                return fault.at(path, "masks must not be empty");
            }
            Format::Masks(masks.to_vec())
        }
        (Some(_), Some(_)) => return fault.at(path, "give masks or a check, not both"),
    };
    let max_length = shape.max_length.unwrap_or(DEFAULT_MAX_LENGTH);
    if max_length == 0 || max_length > MAX_TEXT_LENGTH {
        return fault.at(path, format!("max_length must be 1 to {MAX_TEXT_LENGTH}"));
    }
    let parts = shape
        .parts
        .iter()
        .map(|part| parts(part, shape.masks.unwrap_or_default(), lists, fault, path))
        .collect::<Result<_, _>>()?;
    Ok(TextRules {
        format,
        max_length,
        latin1: shape.latin1,
        parts,
    })
}

fn parts(
    part: &RawPart,
    masks: &[String],
    lists: &[RawCodeList],
    fault: &Fault<'_>,
    path: &str,
) -> Result<Part, DocumentsError> {
    fault.label(path, &part.label)?;
    let to = part.from.saturating_add(part.length);
    if !masks.contains(&part.mask) || !part.mask.is_ascii() || part.length == 0 || to > part.mask.len() {
        return fault.at(path, "a part must lie in one of the masks, which must be ASCII");
    }
    let Some(list) = lists.iter().find(|l| l.name == part.codes) else {
        return fault.at(path, "a part needs the name of a code list");
    };
    Ok(Part {
        mask: part.mask.clone(),
        from: part.from,
        length: part.length,
        label: part.label.clone(),
        codes: list.codes(),
        open: list.open,
    })
}
