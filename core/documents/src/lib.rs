//! Document types as data: what a document holds, what a person reads, how sensitive it is, what it gives away.
//!
//! A type is a JSON file under `types/` (format: this crate's README); adding one takes a file and a fixture, no code.
//! [`Registry::builtin`] has the types and request templates that come with the library, and an app adds its own from bytes.
//!
//! ```
//! use idwallet_documents::{Lang, Registry};
//! let registry = Registry::builtin()?;
//! let licence = registry.document_type("org.iso.18013.5.1.mDL")?;
//! assert_eq!(licence.title(Lang::Vi), "Giấy phép lái xe");
//! assert_eq!(licence.label("org.iso.18013.5.1", "age_over_18", Lang::En), "18 or older");
//! # Ok::<(), idwallet_documents::DocumentsError>(())
//! ```
#![forbid(unsafe_code)]

mod check;
mod clean;
mod compare;
mod data;
mod error;
mod json;
mod label;
mod load;
mod model;
mod paper;
mod person;
pub mod personal_number;
mod quality;
mod registry;
mod request;
mod rules;
mod scheme;
mod shape;
mod shown;
mod text;
mod value;

pub use check::MAX_ITEMS;
pub use compare::{ComparableValue, same};
pub use data::{DocumentData, Element, MAX_DATA_BYTES, MAX_ELEMENTS};
pub use error::{DocumentsError, Problem, ProblemKind};
pub use label::{Label, Lang};
pub use load::{DEFAULT_MAX_LENGTH, MAX_FIELDS, MAX_TEXT_LENGTH, MAX_TYPE_BYTES};
pub use model::{
    AgeRule, Code, CodeValue, CountryRule, DocumentType, ElementRef, Fact, Family, Field, Format, Member, Namespace,
    Part, PortraitRule, Sensitivity, TextRules, ValueKind,
};
pub use paper::{PaperRule, PerPerson};
pub use person::{FactId, FactRule, Person, PersonRole, PersonRule, StatedFact};
pub use personal_number::{Mismatch, PersonalNumber};
pub use quality::{Finding, QualityCode, Severity};
pub use registry::{MAX_TYPES, Registry};
pub use request::{
    Ask, MAX_ASK_BYTES, MAX_ASK_ELEMENTS, MAX_IDENTIFIER_BYTES, REQUIRED_ACCOUNT_LEVEL, RequestTemplate, Requirements,
};
pub use scheme::SchemeRule;
pub use shown::{plain, shown, visible};
pub use text::{fold, is_nfc, same_text};
pub use value::ElementValue;
