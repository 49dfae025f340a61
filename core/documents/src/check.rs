//! One JSON value against the rules of its kind. Every problem is collected; none stops the others.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use idwallet_crypto::{Date, Timestamp};
use serde_json::{Map, Value};

use crate::error::{Problem, ProblemKind};
use crate::model::{Format, TextRules, ValueKind};
use crate::personal_number::PersonalNumber;
use crate::request::shorten;
use crate::value::{ElementValue, find_code};

/// Most items of a list in a person's data.
pub const MAX_ITEMS: usize = 256;
/// Most characters of the texts inside driving privileges.
const MAX_PRIVILEGE_TEXT: usize = 150;
/// Deepest nesting of a value whose kind the type file does not say.
const MAX_FREE_NESTING: usize = 8;

/// Collects problems on the way.
#[derive(Default)]
pub(crate) struct Checker {
    pub(crate) problems: Vec<Problem>,
}

impl Checker {
    /// Notes a problem.
    pub(crate) fn note<T>(&mut self, path: &str, kind: ProblemKind) -> Option<T> {
        self.problems.push(Problem {
            path: shorten(path),
            kind,
        });
        None
    }

    fn wrong_kind<T>(&mut self, path: &str, expected: &'static str) -> Option<T> {
        self.note(path, ProblemKind::WrongKind { expected })
    }

    /// The typed value, or `None` after noting why not.
    pub(crate) fn value(
        &mut self,
        path: &str,
        kind: &ValueKind,
        rules: &TextRules,
        value: &Value,
    ) -> Option<ElementValue> {
        let expected = kind.describe();
        match kind {
            ValueKind::Text => match value {
                Value::String(text) => self.text(path, rules, text).map(ElementValue::Text),
                _ => self.wrong_kind(path, expected),
            },
            ValueKind::FullDate => match value {
                Value::String(text) => self.full_date(path, text, expected),
                _ => self.wrong_kind(path, expected),
            },
            ValueKind::TDate => match value {
                Value::String(text) => self.tdate(path, text, expected),
                _ => self.wrong_kind(path, expected),
            },
            ValueKind::Date => match value {
                Value::String(text) if text.contains('T') => self.tdate(path, text, expected),
                Value::String(text) => self.full_date(path, text, expected),
                _ => self.wrong_kind(path, expected),
            },
            ValueKind::Bool => match value {
                Value::Bool(value) => Some(ElementValue::Bool(*value)),
                _ => self.wrong_kind(path, expected),
            },
            ValueKind::Uint => match value.as_u64() {
                Some(value) => Some(ElementValue::Uint(value)),
                None => self.wrong_kind(path, expected),
            },
            ValueKind::Bytes => self.bytes(path, value, expected).map(ElementValue::Bytes),
            ValueKind::Image => {
                let bytes = self.bytes(path, value, expected)?;
                if is_image(&bytes) {
                    Some(ElementValue::Bytes(bytes))
                } else {
                    self.note(path, ProblemKind::NotAnImage)
                }
            }
            ValueKind::BiometricTemplate => {
                let bytes = self.bytes(path, value, expected)?;
                if bytes.starts_with(&[0x7f, 0x61]) {
                    Some(ElementValue::Bytes(bytes))
                } else {
                    self.note(path, ProblemKind::NotABiometricTemplate)
                }
            }
            ValueKind::DrivingPrivileges => self.driving_privileges(path, value),
            ValueKind::Code { codes, open } => {
                let value = match value {
                    Value::String(text) => ElementValue::Text(self.text(path, rules, text)?),
                    _ => match value.as_u64() {
                        Some(value) => ElementValue::Uint(value),
                        None => return self.wrong_kind(path, expected),
                    },
                };
                if *open || find_code(codes, &value).is_some() {
                    Some(value)
                } else {
                    self.note(path, ProblemKind::NotInCodeList)
                }
            }
            ValueKind::List(item) => {
                let items = self.array(path, value, expected)?;
                let mut out = Some(Vec::with_capacity(items.len()));
                for (i, value) in items.iter().enumerate() {
                    let value = self.value(&format!("{path} / {i}"), &item.kind, &item.text, value);
                    keep(&mut out, value);
                }
                out.map(ElementValue::Array)
            }
            ValueKind::Record(members) => {
                let map = self.object(path, value, expected)?;
                let mut out = Some(Vec::with_capacity(map.len()));
                for member in members {
                    let path = format!("{path} / {}", member.id);
                    match map.get(&member.id) {
                        Some(value) => {
                            let value = self.value(&path, &member.kind, &member.text, value);
                            keep(&mut out, value.map(|v| (member.id.clone(), v)));
                        }
                        None if member.mandatory => {
                            keep(&mut out, self.note(&path, ProblemKind::Missing));
                        }
                        None => {}
                    }
                }
                for key in map.keys() {
                    if !members.iter().any(|m| &m.id == key) {
                        keep(
                            &mut out,
                            self.note(&format!("{path} / {key}"), ProblemKind::UnknownElement),
                        );
                    }
                }
                out.map(ElementValue::Map)
            }
        }
    }

    /// A value of an element that the type file does not describe, in an open namespace: taken by its JSON kind.
    pub(crate) fn free(&mut self, path: &str, value: &Value, depth: usize) -> Option<ElementValue> {
        let expected = "text, true or false, whole number, array or object";
        if depth > MAX_FREE_NESTING {
            return self.note(
                path,
                ProblemKind::TooMany {
                    limit: MAX_FREE_NESTING,
                },
            );
        }
        let next = depth.saturating_add(1);
        match value {
            Value::String(text) => Some(ElementValue::Text(text.clone())),
            Value::Bool(value) => Some(ElementValue::Bool(*value)),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => Some(ElementValue::Uint(value)),
                (None, Some(value)) => Some(ElementValue::Int(value)),
                (None, None) => self.wrong_kind(path, expected),
            },
            Value::Array(_) => {
                let mut out = Some(Vec::new());
                for (i, value) in self.array(path, value, expected)?.iter().enumerate() {
                    keep(&mut out, self.free(&format!("{path} / {i}"), value, next));
                }
                out.map(ElementValue::Array)
            }
            Value::Object(_) => {
                let mut out = Some(Vec::new());
                for (key, value) in self.object(path, value, expected)? {
                    let value = self.free(&format!("{path} / {key}"), value, next);
                    keep(&mut out, value.map(|v| (key.clone(), v)));
                }
                out.map(ElementValue::Map)
            }
            Value::Null => self.wrong_kind(path, expected),
        }
    }

    fn array<'v>(&mut self, path: &str, value: &'v Value, expected: &'static str) -> Option<&'v Vec<Value>> {
        match value {
            Value::Array(items) if items.len() > MAX_ITEMS => {
                self.note(path, ProblemKind::TooMany { limit: MAX_ITEMS })
            }
            Value::Array(items) => Some(items),
            _ => self.wrong_kind(path, expected),
        }
    }

    fn object<'v>(&mut self, path: &str, value: &'v Value, expected: &'static str) -> Option<&'v Map<String, Value>> {
        match value {
            Value::Object(map) if map.len() > MAX_ITEMS => self.note(path, ProblemKind::TooMany { limit: MAX_ITEMS }),
            Value::Object(map) => Some(map),
            _ => self.wrong_kind(path, expected),
        }
    }

    fn text(&mut self, path: &str, rules: &TextRules, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            return self.note(path, ProblemKind::Empty);
        }
        if text.chars().nth(rules.max_length).is_some() {
            return self.note(
                path,
                ProblemKind::TooLong {
                    limit: rules.max_length,
                },
            );
        }
        if rules.latin1 && !text.chars().all(is_latin1) {
            return self.note(path, ProblemKind::NotLatin1);
        }
        let fault = match &rules.format {
            Format::Any => None,
            Format::PersonalNumber => PersonalNumber::parse(text).is_err().then(|| "of 12 digits".into()),
            Format::Masks(masks) => (!fits_masks(rules, masks, text)).then(|| masks.join(" | ")),
        };
        match fault {
            None => Some(text.into()),
            Some(expected) => self.note(path, ProblemKind::WrongFormat { expected }),
        }
    }

    fn full_date(&mut self, path: &str, text: &str, expected: &'static str) -> Option<ElementValue> {
        match Date::parse(text) {
            Ok(date) => Some(ElementValue::FullDate(date)),
            Err(_) => self.note(path, ProblemKind::NotADate { expected }),
        }
    }

    fn tdate(&mut self, path: &str, text: &str, expected: &'static str) -> Option<ElementValue> {
        match Timestamp::parse_rfc3339(text) {
            Ok(time) => Some(ElementValue::TDate(time)),
            Err(_) => self.note(path, ProblemKind::NotADate { expected }),
        }
    }

    /// Base64 or base64url, padded or not, as a string or as `{"bytes": "…"}` (the form of the verification report).
    fn bytes(&mut self, path: &str, value: &Value, expected: &'static str) -> Option<Vec<u8>> {
        let text = match value {
            Value::String(text) => text,
            Value::Object(map) if map.len() == 1 => match map.get("bytes") {
                Some(Value::String(text)) => text,
                _ => return self.wrong_kind(path, expected),
            },
            _ => return self.wrong_kind(path, expected),
        };
        let bytes = [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
            .iter()
            .find_map(|engine| engine.decode(text).ok());
        match bytes {
            Some(bytes) if bytes.is_empty() => self.note(path, ProblemKind::Empty),
            Some(bytes) => Some(bytes),
            None => self.note(path, ProblemKind::NotBase64),
        }
    }

    /// ISO 18013-5 §7.2.4, A-I12: an array of `{vehicle_category_code, ?issue_date, ?expiry_date, ?codes: [+{code, ?sign, ?value}]}`.
    fn driving_privileges(&mut self, path: &str, value: &Value) -> Option<ElementValue> {
        let items = self.array(path, value, ValueKind::DrivingPrivileges.describe())?;
        let mut out = Some(Vec::with_capacity(items.len()));
        for (i, item) in items.iter().enumerate() {
            let path = format!("{path} / {i}");
            let item = self.members(
                &path,
                item,
                &[
                    ("vehicle_category_code", true, PrivilegePart::Text),
                    ("issue_date", false, PrivilegePart::Date),
                    ("expiry_date", false, PrivilegePart::Date),
                    ("codes", false, PrivilegePart::Codes),
                ],
            );
            keep(&mut out, item);
        }
        out.map(ElementValue::Array)
    }

    fn members(&mut self, path: &str, value: &Value, known: &[(&str, bool, PrivilegePart)]) -> Option<ElementValue> {
        let rules = TextRules {
            format: Format::Any,
            max_length: MAX_PRIVILEGE_TEXT,
            latin1: true,
            parts: Vec::new(),
        };
        let map = self.object(path, value, "object")?;
        let mut out = Some(Vec::with_capacity(map.len()));
        for (id, mandatory, part) in known {
            let path = format!("{path} / {id}");
            let value = match (map.get(*id), mandatory) {
                (None, false) => continue,
                (None, true) => self.note(&path, ProblemKind::Missing),
                (Some(value), _) => match part {
                    PrivilegePart::Text => self.value(&path, &ValueKind::Text, &rules, value),
                    PrivilegePart::Date => self.value(&path, &ValueKind::FullDate, &rules, value),
                    PrivilegePart::Codes => self.codes(&path, value),
                },
            };
            keep(&mut out, value.map(|v| ((*id).to_owned(), v)));
        }
        for key in map.keys() {
            if !known.iter().any(|(id, ..)| id == key) {
                keep(
                    &mut out,
                    self.note(&format!("{path} / {key}"), ProblemKind::UnknownElement),
                );
            }
        }
        out.map(ElementValue::Map)
    }

    fn codes(&mut self, path: &str, value: &Value) -> Option<ElementValue> {
        let items = self.array(path, value, "array of codes")?;
        if items.is_empty() {
            return self.note(path, ProblemKind::Empty);
        }
        let mut out = Some(Vec::with_capacity(items.len()));
        for (i, item) in items.iter().enumerate() {
            let item = self.members(
                &format!("{path} / {i}"),
                item,
                &[
                    ("code", true, PrivilegePart::Text),
                    ("sign", false, PrivilegePart::Text),
                    ("value", false, PrivilegePart::Text),
                ],
            );
            keep(&mut out, item);
        }
        out.map(ElementValue::Array)
    }
}

/// A member of a driving privilege.
#[derive(Clone, Copy)]
enum PrivilegePart {
    Text,
    Date,
    Codes,
}

/// Adds to the list while everything is well; one missing value spoils the whole.
fn keep<T>(out: &mut Option<Vec<T>>, value: Option<T>) {
    match (out.as_mut(), value) {
        (Some(list), Some(value)) => list.push(value),
        _ => *out = None,
    }
}

/// Of one of the masks, and with codes in its parts that there are.
pub(crate) fn fits_masks(rules: &TextRules, masks: &[String], text: &str) -> bool {
    masks.iter().any(|mask| fits(mask, text))
        && rules.parts.iter().all(|part| {
            let code = part.code(text).map(|code| ElementValue::Text(code.into()));
            part.open || code.is_none_or(|code| find_code(&part.codes, &code).is_some())
        })
}

/// ISO 8859-1 without its control characters.
pub(crate) fn is_latin1(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{ff}')
}

/// `9` a digit, `A` a letter A–Z, `X` a letter or digit, anything else itself.
pub(crate) fn fits(mask: &str, text: &str) -> bool {
    let mut text = text.chars();
    for m in mask.chars() {
        let Some(c) = text.next() else { return false };
        let fits = match m {
            '9' => c.is_ascii_digit(),
            'A' => c.is_ascii_uppercase(),
            'X' => c.is_ascii_uppercase() || c.is_ascii_digit(),
            other => c == other,
        };
        if !fits {
            return false;
        }
    }
    text.next().is_none()
}

/// A JPEG from start to end marker, or JPEG 2000 as a file (JP2) or a bare code stream (A-I12).
pub(crate) fn is_image(bytes: &[u8]) -> bool {
    const JP2: [u8; 12] = [0, 0, 0, 12, b'j', b'P', b' ', b' ', 0x0d, 0x0a, 0x87, 0x0a];
    (bytes.starts_with(&[0xff, 0xd8, 0xff]) && bytes.ends_with(&[0xff, 0xd9]))
        || bytes.starts_with(&JP2)
        || bytes.starts_with(&[0xff, 0x4f, 0xff, 0x51])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_cover_the_whole_text() {
        assert!(fits("99A-999.99", "30A-123.45"));
        assert!(!fits("99A-999.99", "30A-123.456"));
        assert!(!fits("99A-999.99", "30A-123.4"));
        assert!(!fits("99A-999.99", "30a-123.45"));
        assert!(fits("99MĐX-999.99", "29MĐ1-123.45"));
    }

    #[test]
    fn a_cut_jpeg_is_no_image() {
        assert!(is_image(&[0xff, 0xd8, 0xff, 0xe0, 0xff, 0xd9]));
        assert!(!is_image(&[0xff, 0xd8, 0xff, 0xe0]));
        assert!(!is_image(b"\x89PNG\r\n\x1a\n"));
    }
}
