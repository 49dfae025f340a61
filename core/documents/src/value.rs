//! The values of data elements, before they become CBOR, and how a person reads them.

use idwallet_cose::cbor::Value;
use idwallet_crypto::{Date, Timestamp};

use crate::label::Lang;
use crate::model::{Code, CodeValue, DocumentType, ElementRef, ValueKind};

/// CBOR tag of `tdate` (RFC 8949 §3.4.1).
const TAG_TDATE: u64 = 0;
/// CBOR tag of `full-date` (RFC 8943).
const TAG_FULL_DATE: u64 = 1004;

/// An owned value of a data element. It is a person's data: `Debug` shows its kind, not its content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElementValue {
    /// `tstr`.
    Text(String),
    /// `bool`.
    Bool(bool),
    /// `uint`.
    Uint(u64),
    /// `int`, for negative numbers.
    Int(i64),
    /// `full-date`, tag 1004.
    FullDate(Date),
    /// `tdate`, tag 0.
    TDate(Timestamp),
    /// `bstr`.
    Bytes(Vec<u8>),
    /// Array.
    Array(Vec<ElementValue>),
    /// Map with text keys, in the order of the type file.
    Map(Vec<(String, ElementValue)>),
}

impl std::fmt::Debug for ElementValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Bool(_) => "Bool(…)",
            Self::Uint(_) => "Uint(…)",
            Self::Int(_) => "Int(…)",
            Self::FullDate(_) => "FullDate(…)",
            Self::TDate(_) => "TDate(…)",
            Self::Bytes(_) => "Bytes(…)",
            Self::Array(_) => "Array(…)",
            Self::Map(_) => "Map(…)",
        })
    }
}

impl ElementValue {
    /// The CBOR value to sign.
    #[must_use]
    pub fn to_cbor(&self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::Bool(value) => Value::Bool(*value),
            Self::Uint(value) => Value::Integer((*value).into()),
            Self::Int(value) => Value::Integer((*value).into()),
            Self::FullDate(date) => Value::Tag(TAG_FULL_DATE, Box::new(Value::Text(date.to_string()))),
            Self::TDate(time) => Value::Tag(TAG_TDATE, Box::new(Value::Text(time.to_rfc3339()))),
            Self::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_cbor).collect()),
            Self::Map(members) => Value::Map(
                members
                    .iter()
                    .map(|(key, value)| (Value::Text(key.clone()), value.to_cbor()))
                    .collect(),
            ),
        }
    }

    /// The value of a received CBOR item, for display. Dates are read leniently; `None` for what the enum has no place for.
    #[must_use]
    pub fn from_cbor(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Text(text) => Self::Text(text.clone()),
            Value::Bool(value) => Self::Bool(*value),
            Value::Integer(value) => match u64::try_from(*value) {
                Ok(value) => Self::Uint(value),
                Err(_) => Self::Int(i64::try_from(*value).ok()?),
            },
            Value::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Value::Tag(TAG_FULL_DATE, inner) => match inner.as_ref() {
                Value::Text(text) => Date::parse(text).map_or_else(|_| Self::Text(text.clone()), Self::FullDate),
                _ => return None,
            },
            Value::Tag(TAG_TDATE, inner) => match inner.as_ref() {
                Value::Text(text) => {
                    Timestamp::parse_rfc3339_lenient(text).map_or_else(|_| Self::Text(text.clone()), Self::TDate)
                }
                _ => return None,
            },
            Value::Array(items) => Self::Array(items.iter().map(Self::from_cbor).collect::<Option<Vec<_>>>()?),
            Value::Map(members) => Self::Map(
                members
                    .iter()
                    .map(|(key, value)| match key {
                        Value::Text(key) => Some((key.clone(), Self::from_cbor(value)?)),
                        _ => None,
                    })
                    .collect::<Option<Vec<_>>>()?,
            ),
            _ => return None,
        })
    }

    /// The calendar day of a date or date and time (in UTC).
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        match self {
            Self::FullDate(date) => Some(*date),
            Self::TDate(time) => Some(time.date()),
            _ => None,
        }
    }

    /// The value as a person reads it, where nothing is known of its element.
    #[must_use]
    pub fn display(&self, lang: Lang) -> String {
        display(None, self, lang)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The non-negative number.
    #[must_use]
    pub const fn uint(&self) -> Option<u64> {
        match self {
            Self::Uint(value) => Some(*value),
            _ => None,
        }
    }
}

impl DocumentType {
    /// An element's value as a person reads it: codes as words, Vietnamese dates as DD/MM/YYYY, pictures as their size.
    #[must_use]
    pub fn display(&self, namespace: &str, element: &str, value: &ElementValue, lang: Lang) -> String {
        display(self.field(namespace, element).map(|f| &f.kind), value, lang)
    }

    /// What a list row shows of a document: the summary elements that `value(namespace, element)` has, joined by ` · `.
    #[must_use]
    pub fn summary_text(&self, value: impl Fn(&str, &str) -> Option<ElementValue>, lang: Lang) -> String {
        self.summary()
            .iter()
            .filter_map(|ElementRef { namespace, element }| {
                let text = self.display(namespace, element, &value(namespace, element)?, lang);
                Some(match self.field(namespace, element)?.kind {
                    // A bare date says nothing in a row.
                    ValueKind::FullDate | ValueKind::TDate | ValueKind::Date => {
                        format!("{}: {text}", self.label(namespace, element, lang))
                    }
                    _ => text,
                })
            })
            .collect::<Vec<_>>()
            .join(" · ")
    }
}

fn date(date: Date, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
        Lang::En => date.to_string(),
    }
}

fn display(kind: Option<&ValueKind>, value: &ElementValue, lang: Lang) -> String {
    if let Some(ValueKind::Code { codes, .. }) = kind
        && let Some(code) = find_code(codes, value)
    {
        return code.label.text(lang).into();
    }
    match value {
        ElementValue::Text(text) => text.clone(),
        ElementValue::Bool(value) => match (value, lang) {
            (true, Lang::Vi) => "có",
            (false, Lang::Vi) => "không",
            (true, Lang::En) => "yes",
            (false, Lang::En) => "no",
        }
        .into(),
        ElementValue::Uint(value) => value.to_string(),
        ElementValue::Int(value) => value.to_string(),
        ElementValue::FullDate(value) => date(*value, lang),
        ElementValue::TDate(value) => {
            let (h, m, s) = value.time_of_day();
            format!("{} {h:02}:{m:02}:{s:02} UTC", date(value.date(), lang))
        }
        ElementValue::Bytes(bytes) => match (kind, lang) {
            (Some(ValueKind::Image), Lang::Vi) => format!("ảnh, {} byte", bytes.len()),
            (Some(ValueKind::Image), Lang::En) => format!("picture, {} bytes", bytes.len()),
            (_, Lang::Vi) => format!("dữ liệu, {} byte", bytes.len()),
            (_, Lang::En) => format!("data, {} bytes", bytes.len()),
        },
        ElementValue::Array(items) => {
            let item = match kind {
                Some(ValueKind::List(item)) => Some(&item.kind),
                _ => None,
            };
            items
                .iter()
                .map(|v| display(item, v, lang))
                .collect::<Vec<_>>()
                .join("; ")
        }
        ElementValue::Map(members) => members
            .iter()
            .map(|(key, value)| {
                let member = match kind {
                    Some(ValueKind::Record(known)) => known.iter().find(|m| &m.id == key),
                    _ => None,
                };
                let label = match (member, kind) {
                    (Some(member), _) => member.label.text(lang),
                    (None, Some(ValueKind::DrivingPrivileges) | None) => privilege(key, lang),
                    (None, _) => key,
                };
                format!("{label}: {}", display(member.map(|m| &m.kind), value, lang))
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The words for the members of a driving privilege (ISO 18013-5 §7.2.4).
fn privilege(key: &str, lang: Lang) -> &str {
    match (key, lang) {
        ("vehicle_category_code", Lang::Vi) => "hạng",
        ("vehicle_category_code", Lang::En) => "category",
        ("issue_date", Lang::Vi) => "cấp ngày",
        ("issue_date", Lang::En) => "issued",
        ("expiry_date", Lang::Vi) => "có giá trị đến",
        ("expiry_date", Lang::En) => "expires",
        ("codes", Lang::Vi) => "hạn chế",
        ("codes", Lang::En) => "restrictions",
        ("code", Lang::Vi) => "mã",
        ("sign", Lang::Vi) => "dấu",
        ("value", Lang::Vi) => "giá trị",
        _ => key,
    }
}

pub(crate) fn find_code<'c>(codes: &'c [Code], value: &ElementValue) -> Option<&'c Code> {
    codes.iter().find(|code| match (&code.value, value) {
        (CodeValue::Uint(code), ElementValue::Uint(value)) => code == value,
        (CodeValue::Text(code), ElementValue::Text(value)) => code == value,
        _ => false,
    })
}
