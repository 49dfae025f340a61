//! What can be wrong with a type file, a request file or a person's data.

use crate::label::Lang;

/// The one error type of this crate. No text of it carries a value from a person's data: it names places (paths of
/// namespaces and elements, lines and columns) and rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentsError {
    /// The input is larger than the bound for its kind.
    #[error("{what}: larger than {limit} bytes")]
    TooLarge {
        /// What was read.
        what: &'static str,
        /// The bound, in bytes.
        limit: usize,
    },
    /// The input is not the JSON that it should be.
    #[error("{what}: not valid JSON of the expected shape at line {line}, column {column}")]
    Json {
        /// What was read.
        what: &'static str,
        /// Line of the fault, from 1; 0 when the fault is the whole input.
        line: usize,
        /// Column of the fault, from 1; 0 when the fault is the whole input.
        column: usize,
    },
    /// A document type, template or table file breaks a rule of its format. Written by developers, so it may quote the file.
    #[error("data file `{file}`: {path}: {reason}")]
    DataFile {
        /// The `key` of the file, or its kind when that could not be read.
        file: String,
        /// Where in the file.
        path: String,
        /// The rule.
        reason: String,
    },
    /// A request file (`--ask`) is not `{doctype: {namespace: {element: intent to retain}}}`.
    #[error("request file: {path}: {reason}")]
    Ask {
        /// Where in the file: `doctype / namespace / element`.
        path: String,
        /// The rule.
        reason: &'static str,
    },
    /// A person's data does not fit its document type. Every problem is listed, not only the first.
    #[error("data does not fit `{doc_type}`: {}", join(.problems))]
    Data {
        /// The document type.
        doc_type: String,
        /// Every problem found, in the order of the fields.
        problems: Vec<Problem>,
    },
    /// No document type has this docType or key.
    #[error("unknown document type `{0}`")]
    UnknownType(String),
    /// No request template has this name.
    #[error("unknown request template `{0}`")]
    UnknownTemplate(String),
    /// A type or template of this docType, key or name is already there.
    #[error("`{0}` is defined twice")]
    Duplicate(String),
    /// Not a Vietnamese personal number.
    #[error("personal number: {0}")]
    PersonalNumber(#[from] crate::personal_number::PersonalNumberError),
}

fn join(problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push_str(&problem.to_string());
    }
    out
}

/// One thing that is wrong with a person's data: where, and which rule. Never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct Problem {
    /// `namespace / element`, with members of lists and records after it: `… / driving_privileges / 0 / issue_date`.
    pub path: String,
    /// The rule that is broken.
    pub kind: ProblemKind,
}

/// The rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A mandatory element is absent (for the driving licence: ISO 18013-5 Table 5, A-I10).
    #[error("mandatory element is missing")]
    Missing,
    /// The namespace is not one of the type's.
    #[error("namespace does not belong to this document type")]
    UnknownNamespace,
    /// The namespace is closed and does not define this element (A-I10).
    #[error("element is not defined in this namespace")]
    UnknownElement,
    /// The value is of another kind than the type file says.
    #[error("expected {expected}")]
    WrongKind {
        /// The kind that the type file asks for, in words.
        expected: &'static str,
    },
    /// Not a calendar date or date and time.
    #[error("not a valid {expected}")]
    NotADate {
        /// `date (YYYY-MM-DD)` or `date and time (YYYY-MM-DDThh:mm:ssZ)`.
        expected: &'static str,
    },
    /// The text is not in the format that the type file asks for.
    #[error("not in the format {expected}")]
    WrongFormat {
        /// The format in words or as a mask.
        expected: String,
    },
    /// The value is not in the code list.
    #[error("value is not in the code list")]
    NotInCodeList,
    /// More characters than allowed (ISO 18013-5: 150).
    #[error("longer than {limit} characters")]
    TooLong {
        /// The bound, in characters.
        limit: usize,
    },
    /// Empty text.
    #[error("empty")]
    Empty,
    /// A character outside Latin 1 (ISO 8859-1) in an element that allows no other (A-I10).
    #[error("has a character outside Latin 1 (ISO 8859-1)")]
    NotLatin1,
    /// Not base64 or base64url.
    #[error("not base64")]
    NotBase64,
    /// Not a JPEG or JPEG 2000 image (A-I12).
    #[error("not a JPEG or JPEG 2000 image")]
    NotAnImage,
    /// A biometric template that does not begin with `7F61` (A-I12).
    #[error("not a biometric information template (does not begin with 7F61)")]
    NotABiometricTemplate,
    /// More members than the bound of this crate.
    #[error("more than {limit} members")]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// A domestic namespace of another country than the issuing country.
    #[error("domestic namespace does not belong to the issuing country")]
    CountryMismatch,
    /// An element that the issuer computes disagrees with what it is computed from (A-I11).
    #[error("does not agree with the birth date at the start of validity")]
    AgeMismatch,
}

impl ProblemKind {
    /// A stable code for programs and support.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::UnknownNamespace => "unknown_namespace",
            Self::UnknownElement => "unknown_element",
            Self::WrongKind { .. } => "wrong_kind",
            Self::NotADate { .. } => "not_a_date",
            Self::WrongFormat { .. } => "wrong_format",
            Self::NotInCodeList => "not_in_code_list",
            Self::TooLong { .. } => "too_long",
            Self::Empty => "empty",
            Self::NotLatin1 => "not_latin1",
            Self::NotBase64 => "not_base64",
            Self::NotAnImage => "not_an_image",
            Self::NotABiometricTemplate => "not_a_biometric_template",
            Self::TooMany { .. } => "too_many",
            Self::CountryMismatch => "country_mismatch",
            Self::AgeMismatch => "age_mismatch",
        }
    }

    /// The rule as a sentence for a person.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Vi => match self {
                Self::Missing => "thiếu thông tin bắt buộc".into(),
                Self::UnknownNamespace => "nhóm thông tin không thuộc loại giấy tờ này".into(),
                Self::UnknownElement => "thông tin không có trong nhóm này".into(),
                Self::WrongKind { .. } => "sai kiểu dữ liệu".into(),
                Self::NotADate { .. } => "ngày tháng không hợp lệ".into(),
                Self::WrongFormat { .. } => "sai định dạng".into(),
                Self::NotInCodeList => "giá trị không có trong danh mục".into(),
                Self::TooLong { limit } => format!("dài quá {limit} ký tự"),
                Self::Empty => "để trống".into(),
                Self::NotLatin1 => "có ký tự ngoài bảng Latin 1; hãy viết không dấu".into(),
                Self::NotBase64 => "dữ liệu base64 không đọc được".into(),
                Self::NotAnImage => "không phải ảnh JPEG hoặc JPEG 2000".into(),
                Self::NotABiometricTemplate => "không phải mẫu sinh trắc học hợp lệ".into(),
                Self::TooMany { limit } => format!("có quá {limit} mục"),
                Self::CountryMismatch => "nhóm thông tin riêng không thuộc nước cấp".into(),
                Self::AgeMismatch => "không khớp với ngày sinh tại ngày bắt đầu hiệu lực".into(),
            },
        }
    }
}
