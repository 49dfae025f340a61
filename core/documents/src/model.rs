//! The typed form of a document type file.

use std::borrow::Cow;

use crate::check::fits;
use crate::label::{Label, Lang};
use crate::paper::PaperRule;
use crate::person::{FactId, FactRule, PersonRule};
use crate::scheme::SchemeRule;
use crate::value::{ElementValue, find_code};

/// How much harm a field does in the wrong hands. Decides what a consent screen preselects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Printed on the paper and of little use to a stranger.
    Normal,
    /// Identifies or locates the person: shown only when asked, never in a list.
    Sensitive,
    /// Ethnicity, religion, health, biometrics…: never preselected (Law 91/2025/QH15, Decree 13/2023 art. 2.4).
    VerySensitive,
}

/// A namespace and an element identifier. Compared byte for byte (A-C01).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementRef {
    /// The namespace.
    pub namespace: String,
    /// The element identifier.
    pub element: String,
}

impl ElementRef {
    /// Is this `namespace` / `element`?
    #[must_use]
    pub fn is(&self, namespace: &str, element: &str) -> bool {
        self.namespace == namespace && self.element == element
    }
}

/// One entry of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The value as it is signed.
    pub value: CodeValue,
    /// What it means.
    pub label: Label,
    /// For how many years it is given at most, if the law says (a class of licence).
    pub years: Option<u16>,
}

/// The value of a code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum CodeValue {
    /// A number, such as ISO 5218 sex.
    Uint(u64),
    /// A text, such as a class of licence.
    Text(String),
}

/// What kind of value an element has, and so how it is written in CBOR.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// `tstr`.
    Text,
    /// `full-date`, CBOR tag 1004.
    FullDate,
    /// `tdate`, CBOR tag 0.
    TDate,
    /// Either of the two, as the issuer wrote it (ISO 18013-5 allows both for issue and expiry).
    Date,
    /// `bool`.
    Bool,
    /// `uint`.
    Uint,
    /// `bstr`, without a rule.
    Bytes,
    /// `bstr` holding a JPEG or JPEG 2000 image (A-I12).
    Image,
    /// `bstr` holding a biometric information template, which begins with `7F61` (A-I12).
    BiometricTemplate,
    /// The `driving_privileges` array of ISO 18013-5 §7.2.4 (A-I12).
    DrivingPrivileges,
    /// One of a list of codes. An open list accepts others and shows them as they are.
    Code {
        /// The codes.
        codes: Vec<Code>,
        /// Whether values outside the list are allowed.
        open: bool,
    },
    /// An array of values of one kind.
    List(Box<Member>),
    /// A map with named members.
    Record(Vec<Member>),
}

impl ValueKind {
    /// The kind in words, for errors.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::FullDate => "date (YYYY-MM-DD)",
            Self::TDate => "date and time (YYYY-MM-DDThh:mm:ssZ)",
            Self::Date => "date, or date and time",
            Self::Bool => "true or false",
            Self::Uint => "non-negative whole number",
            Self::Bytes => "bytes in base64",
            Self::Image => "image in base64",
            Self::BiometricTemplate => "biometric template in base64",
            Self::DrivingPrivileges => "array of driving privileges",
            Self::Code { .. } => "code",
            Self::List(_) => "array",
            Self::Record(_) => "object",
        }
    }
}

/// What a text must look like, beside its length.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Any text.
    Any,
    /// A Vietnamese personal number: 12 digits with a century digit that has a meaning.
    PersonalNumber,
    /// One of the masks: `9` a digit, `A` a letter A–Z, `X` a letter or digit, anything else itself.
    Masks(Vec<String>),
}

/// The rules for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRules {
    /// The format.
    pub format: Format,
    /// Most characters (Unicode scalar values).
    pub max_length: usize,
    /// Latin 1 only.
    pub latin1: bool,
    /// Stretches of the text that are codes.
    pub parts: Vec<Part>,
}

/// A stretch of a text that is a code of its own, such as the benefit level in a health insurance number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Only texts of this mask have it.
    pub mask: String,
    /// The first character, from 0.
    pub from: usize,
    /// How many characters.
    pub length: usize,
    /// What it is called.
    pub label: Label,
    /// The codes.
    pub codes: Vec<Code>,
    /// Whether values outside the list are allowed.
    pub open: bool,
}

impl Part {
    /// The code in a text. `None`: the text is of another form.
    #[must_use]
    pub fn code<'t>(&self, text: &'t str) -> Option<&'t str> {
        // The mask is of one-byte characters where the part is (held when loading).
        let to = self.from.checked_add(self.length)?;
        fits(&self.mask, text).then(|| text.get(self.from..to)).flatten()
    }
}

/// A part of a list or of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key in the record; empty for the item of a list.
    pub id: String,
    /// What it is called.
    pub label: Label,
    /// Its kind.
    pub kind: ValueKind,
    /// Whether a record must have it.
    pub mandatory: bool,
    /// Rules if it is a text.
    pub text: TextRules,
}

/// How the identifier of a field stands for element identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// `prefix_NN`: two digits in place of `NN`, such as `age_over_18`.
    TwoDigits,
    /// `prefix_xx`: a word of a–z and `_` in place of `xx`, such as `biometric_template_face`.
    Word,
}

/// One data element of a document type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The namespace.
    pub namespace: String,
    /// The element identifier, or the pattern of a family.
    pub id: String,
    /// Set when `id` stands for a family of elements.
    pub family: Option<Family>,
    /// What a person reads. `{NN}` stands for the variable part of a family.
    pub label: Label,
    /// The kind of value.
    pub kind: ValueKind,
    /// Rules if it is a text.
    pub text: TextRules,
    /// Whether every document of the type has it.
    pub mandatory: bool,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// Position on a screen, ascending.
    pub order: u32,
    /// Ids of the facts that the field itself states, as far as other fields could give them away.
    pub states: Vec<String>,
    /// Ids of the facts that the value gives away beside itself.
    pub reveals: Vec<String>,
}

impl Field {
    /// Does the field stand for this element identifier?
    #[must_use]
    pub fn matches(&self, element: &str) -> bool {
        match self.family {
            None => self.id == element,
            Some(_) => self.variable(element).is_some(),
        }
    }

    /// The variable part of a family member: `18` of `age_over_18`.
    #[must_use]
    pub fn variable<'e>(&self, element: &'e str) -> Option<&'e str> {
        let (suffix, family) = match self.family? {
            Family::TwoDigits => ("NN", Family::TwoDigits),
            Family::Word => ("xx", Family::Word),
        };
        let rest = element.strip_prefix(self.id.strip_suffix(suffix)?)?;
        let fits = match family {
            Family::TwoDigits => rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit()),
            Family::Word => !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
        };
        fits.then_some(rest)
    }

    /// The label of one element, with the variable part of a family filled in.
    #[must_use]
    pub fn label_for(&self, element: &str, lang: Lang) -> Cow<'_, str> {
        let text = self.label.text(lang);
        match self.variable(element) {
            Some(rest) => Cow::Owned(text.replace("{NN}", rest)),
            None => Cow::Borrowed(text),
        }
    }

    /// May a consent screen tick this field on its own? Never for very sensitive fields.
    #[must_use]
    pub fn may_be_preselected(&self) -> bool {
        self.sensitivity != Sensitivity::VerySensitive
    }
}

/// A namespace of a document type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Only the listed elements may be in it (A-I10).
    pub closed: bool,
    /// The country (ISO 3166-1 alpha-2) whose documents have it; `None` for one that documents of any country have.
    pub country: Option<String>,
}

/// The portrait of the type (A-H49).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortraitRule {
    /// Where the portrait is.
    pub element: ElementRef,
    /// If any element is returned and the reader asked for the portrait, the portrait goes with it or nothing goes.
    pub goes_with_any: bool,
}

/// What the issuer computes (A-I11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeRule {
    /// Where the birth date is.
    pub birth_date: ElementRef,
    /// The namespace that gets `age_over_NN`.
    pub namespace: String,
    /// The ages NN, ascending.
    pub ages: Vec<u8>,
}

/// Country rules of the type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryRule {
    /// Where the issuing country (ISO 3166-1 alpha-2) is.
    pub issuing_country: ElementRef,
    /// Namespaces that begin so belong to the country that follows, `<CC>[-<subdivision>]` (ISO 18013-5 §7.2.8, A-I10).
    pub domestic_prefix: Option<String>,
}

/// A fact that a value can give away.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its id.
    pub id: String,
    /// What a person reads: "birth year".
    pub label: Label,
}

/// A kind of document, as read from its data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentType {
    pub(crate) key: String,
    pub(crate) doc_type: String,
    pub(crate) title: Label,
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) fields: Vec<Field>,
    pub(crate) required: Vec<ElementRef>,
    pub(crate) summary: Vec<ElementRef>,
    pub(crate) portrait: Option<PortraitRule>,
    pub(crate) ages: Option<AgeRule>,
    pub(crate) country: Option<CountryRule>,
    pub(crate) validity_days: Option<u32>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) people: Vec<PersonRule>,
    pub(crate) ordered: Vec<(ElementRef, ElementRef)>,
    pub(crate) ends: Vec<ElementRef>,
    pub(crate) account_level: Option<ElementRef>,
    pub(crate) schemes: Vec<SchemeRule>,
    pub(crate) paper: Option<PaperRule>,
}

impl DocumentType {
    /// Short name for files and the command line: `driving-licence`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The ISO docType.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// The document's name.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        self.title.text(lang)
    }

    /// The namespaces, in the order of the file.
    #[must_use]
    pub fn namespaces(&self) -> &[Namespace] {
        &self.namespaces
    }

    /// The namespace of this name.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.iter().find(|n| n.name == name)
    }

    /// Every field, in display order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field that an element belongs to. `None`: the type does not know the element.
    #[must_use]
    pub fn field(&self, namespace: &str, element: &str) -> Option<&Field> {
        let mut family = None;
        for field in self.fields.iter().filter(|f| f.namespace == namespace) {
            if field.family.is_none() {
                if field.id == element {
                    return Some(field);
                }
            } else if field.matches(element) {
                family = Some(field);
            }
        }
        family
    }

    /// What a person reads for an element. An unknown element is shown by its identifier, so nothing asked for is hidden.
    #[must_use]
    pub fn label<'a>(&'a self, namespace: &str, element: &'a str, lang: Lang) -> Cow<'a, str> {
        self.field(namespace, element)
            .map_or(Cow::Borrowed(element), |f| f.label_for(element, lang))
    }

    /// The sensitivity of an element; unknown elements count as very sensitive (fail closed).
    #[must_use]
    pub fn sensitivity(&self, namespace: &str, element: &str) -> Sensitivity {
        self.field(namespace, element)
            .map_or(Sensitivity::VerySensitive, |f| f.sensitivity)
    }

    /// Elements that a document must have to be of use ("sufficient").
    #[must_use]
    pub fn required(&self) -> &[ElementRef] {
        &self.required
    }

    /// The elements a list row shows, in order. Loading refuses any that is not [`Sensitivity::Normal`].
    #[must_use]
    pub fn summary(&self) -> &[ElementRef] {
        &self.summary
    }

    /// The portrait rule, if the type has a portrait.
    #[must_use]
    pub fn portrait(&self) -> Option<&PortraitRule> {
        self.portrait.as_ref()
    }

    /// What the issuer computes from the birth date.
    #[must_use]
    pub fn age_rule(&self) -> Option<&AgeRule> {
        self.ages.as_ref()
    }

    /// Country rules.
    #[must_use]
    pub fn country_rule(&self) -> Option<&CountryRule> {
        self.country.as_ref()
    }

    /// The country that a namespace belongs to: as the type file says, or as a domestic namespace `<prefix><CC>[-<subdivision>]` does
    /// (ISO 18013-5 §7.2.8, A-I10). `None`: of no country in particular.
    #[must_use]
    pub fn country_of<'n>(&'n self, namespace: &'n str) -> Option<&'n str> {
        let stated = self.namespace(namespace).and_then(|n| n.country.as_deref());
        stated.or_else(|| self.domestic_country(namespace))
    }

    /// What the codes inside a number say, such as the group and level in a health insurance number: label of the part, and meaning.
    #[must_use]
    pub fn parts<'a>(&'a self, namespace: &str, element: &str, text: &str) -> Vec<(&'a Label, &'a Label)> {
        let parts = self.field(namespace, element).map_or(&[][..], |f| &f.text.parts);
        parts
            .iter()
            .filter_map(|part| {
                let code = ElementValue::Text(part.code(text)?.into());
                Some((&part.label, &find_code(&part.codes, &code)?.label))
            })
            .collect()
    }

    /// Does the element hold a personal number, as far as its type says?
    #[must_use]
    pub fn holds_personal_number(&self, namespace: &str, element: &str) -> bool {
        let fact =
            |rule: &FactRule| rule.fact == FactId::PersonalNumber && rule.from.iter().any(|e| e.is(namespace, element));
        self.people.iter().flat_map(|p| &p.states).any(fact)
            || self
                .field(namespace, element)
                .is_some_and(|f| f.text.format == Format::PersonalNumber)
    }

    /// Pairs of dates of which the first is never after the second.
    #[must_use]
    pub fn ordered(&self) -> &[(ElementRef, ElementRef)] {
        &self.ordered
    }

    /// The dates after which the paper itself is of no force, however long its signed copy is valid.
    #[must_use]
    pub fn ends(&self) -> &[ElementRef] {
        &self.ends
    }

    /// Suggested validity of one signed copy, in days.
    #[must_use]
    pub fn validity_days(&self) -> Option<u32> {
        self.validity_days
    }

    /// What sharing these elements gives away beyond what they state: for each element that does, the element and the facts.
    /// A fact that one of the shared elements states openly is left out.
    #[must_use]
    pub fn gives_away<'a>(&'a self, shared: &'a [(&'a str, &'a str)]) -> Vec<(&'a Field, Vec<&'a Fact>)> {
        let stated: Vec<&str> = shared
            .iter()
            .filter_map(|(ns, el)| self.field(ns, el))
            .flat_map(|field| field.states.iter().map(String::as_str))
            .collect();
        shared
            .iter()
            .filter_map(|(ns, el)| self.field(ns, el))
            .filter_map(|field| {
                let facts: Vec<&Fact> = field
                    .reveals
                    .iter()
                    .filter(|id| !stated.contains(&id.as_str()))
                    .filter_map(|id| self.facts.iter().find(|f| &f.id == id))
                    .collect();
                (!facts.is_empty()).then_some((field, facts))
            })
            .collect()
    }
}
