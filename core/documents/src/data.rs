//! A person's data for one document: read from JSON, typed by the type file, ready to be issued.

use idwallet_crypto::Date;
use idwallet_crypto::Order as _;
use serde_json::{Map, Value};

use crate::check::Checker;
use crate::compare::ComparableValue;
use crate::error::{DocumentsError, Problem, ProblemKind};
use crate::json;
use crate::model::{DocumentType, ElementRef, ValueKind};
use crate::person::FactId;
use crate::personal_number::{Mismatch, PersonalNumber};
use crate::value::ElementValue;

/// Most bytes of a data file (a portrait of a few megabytes fits).
pub const MAX_DATA_BYTES: usize = 8 * 1024 * 1024;
/// Most elements of one document.
pub const MAX_ELEMENTS: usize = 512;
/// Keys of a data file that are for its reader and are not issued.
const REMARKS: [&str; 3] = ["synthetic", "remark", "$schema"];

/// One typed data element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The namespace.
    pub namespace: String,
    /// The element identifier.
    pub element: String,
    /// The value.
    pub value: ElementValue,
}

/// The typed data of one document, in display order, and what looked odd without being wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentData {
    /// The elements.
    pub elements: Vec<Element>,
    /// Warnings: the data can be issued all the same.
    pub warnings: Vec<Mismatch>,
}

impl DocumentData {
    /// The value of an element.
    #[must_use]
    pub fn value(&self, namespace: &str, element: &str) -> Option<&ElementValue> {
        self.elements
            .iter()
            .find(|e| e.namespace == namespace && e.element == element)
            .map(|e| &e.value)
    }

    fn at(&self, place: Option<&ElementRef>) -> Option<&ElementValue> {
        place.and_then(|p| self.value(&p.namespace, &p.element))
    }
}

impl DocumentType {
    /// Reads `{"<namespace>": {"<element>": <value>}}`. An element may also stand at the top on its own; it then goes into
    /// the first namespace that defines it. `synthetic`, `remark` and `$schema` are ignored.
    ///
    /// # Errors
    /// [`DocumentsError::TooLarge`], [`DocumentsError::Json`]; [`DocumentsError::Data`] with every problem at once.
    pub fn read_data(&self, bytes: &[u8]) -> Result<DocumentData, DocumentsError> {
        let value = json::parse("data file", bytes, MAX_DATA_BYTES)?;
        let Value::Object(top) = value else {
            return Err(DocumentsError::Json {
                what: "data file",
                line: 0,
                column: 0,
            });
        };
        let mut checker = Checker::default();
        let mut elements = Vec::new();
        let country = self.stated_country(&top);
        for (name, value) in &top {
            if REMARKS.contains(&name.as_str()) {
                continue;
            }
            if let Some(namespace) = self.namespace(name) {
                self.read_namespace(&mut checker, name, namespace.closed, value, &mut elements);
            } else if let Some(ns) = self.namespaces().iter().find(|n| self.field(&n.name, name).is_some()) {
                self.read_element(&mut checker, &ns.name, ns.closed, name, value, &mut elements);
            } else {
                match self.domestic_country(name) {
                    None => {
                        let _: Option<()> = checker.note(name, ProblemKind::UnknownNamespace);
                    }
                    Some(of) if country.as_deref() != Some(of) => {
                        let _: Option<()> = checker.note(name, ProblemKind::CountryMismatch);
                    }
                    Some(_) => self.read_namespace(&mut checker, name, false, value, &mut elements),
                }
            }
        }
        self.check_domestic(&mut checker, country.as_deref(), &elements);
        self.check_mandatory(&mut checker, &elements);
        if !checker.problems.is_empty() {
            return Err(self.refuse(checker.problems));
        }
        elements.order_by_key(|e| {
            let ns = self.namespaces().iter().position(|n| n.name == e.namespace);
            let order = self.field(&e.namespace, &e.element).map(|f| f.order);
            (ns.unwrap_or(usize::MAX), order.unwrap_or(u32::MAX), e.element.clone())
        });
        let mut data = DocumentData {
            elements,
            warnings: Vec::new(),
        };
        data.warnings = self.mismatches(&data);
        Ok(data)
    }

    fn refuse(&self, problems: Vec<Problem>) -> DocumentsError {
        DocumentsError::Data {
            doc_type: self.doc_type().into(),
            problems,
        }
    }

    fn read_namespace(&self, checker: &mut Checker, ns: &str, closed: bool, value: &Value, out: &mut Vec<Element>) {
        let Value::Object(map) = value else {
            let _: Option<()> = checker.note(ns, ProblemKind::WrongKind { expected: "object" });
            return;
        };
        for (element, value) in map {
            self.read_element(checker, ns, closed, element, value, out);
        }
    }

    fn read_element(
        &self,
        checker: &mut Checker,
        ns: &str,
        closed: bool,
        element: &str,
        value: &Value,
        out: &mut Vec<Element>,
    ) {
        let path = format!("{ns} / {element}");
        if out.len() >= MAX_ELEMENTS {
            // Said once, not once an element.
            if checker
                .problems
                .last()
                .is_none_or(|p| !matches!(p.kind, ProblemKind::TooMany { .. }))
            {
                let limit = MAX_ELEMENTS;
                let _: Option<()> = checker.note(&path, ProblemKind::TooMany { limit });
            }
            return;
        }
        if out.iter().any(|e| e.namespace == ns && e.element == element) {
            // Once at the top and once in its namespace.
            let _: Option<()> = checker.note(&path, ProblemKind::TooMany { limit: 1 });
            return;
        }
        let value = match self.field(ns, element) {
            Some(field) => checker.value(&path, &field.kind, &field.text, value),
            None if closed => checker.note(&path, ProblemKind::UnknownElement),
            None => checker.free(&path, value, 0),
        };
        if let Some(value) = value {
            out.push(Element {
                namespace: ns.into(),
                element: element.into(),
                value,
            });
        }
    }

    /// The issuing country as the raw data states it, if it looks like one; a malformed one is named on its own.
    fn stated_country(&self, top: &Map<String, Value>) -> Option<String> {
        let at = &self.country_rule()?.issuing_country;
        let value = top
            .get(&at.namespace)
            .and_then(|ns| ns.get(&at.element))
            .or_else(|| top.get(&at.element));
        value
            .and_then(Value::as_str)
            .filter(|c| is_country(c))
            .map(str::to_owned)
    }

    /// The country of a domestic namespace `<prefix><CC>[-<subdivision>]`. `None`: not a domestic namespace.
    pub(crate) fn domestic_country<'n>(&self, namespace: &'n str) -> Option<&'n str> {
        let prefix = self.country_rule()?.domestic_prefix.as_deref()?;
        let rest = namespace.strip_prefix(prefix)?;
        let (country, subdivision) = rest
            .split_once('-')
            .map_or((rest, None), |(country, sub)| (country, Some(sub)));
        let subdivision_ok = subdivision.is_none_or(|s| {
            (1..=3).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        (is_country(country) && subdivision_ok).then_some(country)
    }

    /// The type's own domestic namespace is held to the issuing country too (A-I10).
    fn check_domestic(&self, checker: &mut Checker, country: Option<&str>, elements: &[Element]) {
        for ns in self.namespaces() {
            let foreign = self
                .domestic_country(&ns.name)
                .is_some_and(|of| country.is_some_and(|c| c != of));
            if foreign && elements.iter().any(|e| e.namespace == ns.name) {
                let _: Option<()> = checker.note(&ns.name, ProblemKind::CountryMismatch);
            }
        }
    }

    fn check_mandatory(&self, checker: &mut Checker, elements: &[Element]) {
        for field in self.fields().iter().filter(|f| f.mandatory) {
            let path = format!("{} / {}", field.namespace, field.id);
            let there = elements
                .iter()
                .any(|e| e.namespace == field.namespace && field.matches(&e.element));
            // A value that is there but wrong has been named already.
            let named = checker.problems.iter().any(|p| {
                p.path
                    .strip_prefix(&path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(" / "))
            });
            if !there && !named {
                let _: Option<()> = checker.note(&path, ProblemKind::Missing);
            }
        }
    }

    /// Where a personal number disagrees with birth date or sex of the same person: warnings (Law 26/2023/QH15 art. 12).
    #[must_use]
    pub fn mismatches(&self, data: &DocumentData) -> Vec<Mismatch> {
        self.people(|ns, el| data.value(ns, el).cloned())
            .iter()
            .flat_map(|person| {
                let number = |fact| person.fact(fact).and_then(ComparableValue::number);
                person
                    .fact(FactId::PersonalNumber)
                    .and_then(|text| PersonalNumber::parse(text.letters()?).ok())
                    .map_or_else(Vec::new, |n| {
                        n.disagreements(number(FactId::BirthYear), number(FactId::Sex))
                    })
            })
            .collect()
    }

    /// Adds the `age_over_NN` elements of the type, evaluated at `valid_from` (A-I11; ISO 18013-5 §7.2.5). Ages that the data
    /// states already must agree.
    ///
    /// # Errors
    /// [`DocumentsError::Data`] with [`ProblemKind::AgeMismatch`] for each stated age that does not agree. Nothing is added then.
    pub fn add_ages(&self, data: &mut DocumentData, valid_from: Date) -> Result<(), DocumentsError> {
        let Some(rule) = self.age_rule() else {
            return Ok(());
        };
        let Some(birth) = data.at(Some(&rule.birth_date)).and_then(ElementValue::date) else {
            return Ok(());
        };
        // Born after the start of validity: of no age yet.
        let age = birth.age_on(valid_from).unwrap_or(0);
        let mut checker = Checker::default();
        for element in data.elements.iter().filter(|e| e.namespace == rule.namespace) {
            let stated = &element.value;
            let agrees = match element.element.as_str() {
                "age_in_years" => *stated == ElementValue::Uint(age.into()),
                "age_birth_year" => *stated == ElementValue::Uint(birth.year().into()),
                other => match other.strip_prefix("age_over_").and_then(|nn| nn.parse::<u16>().ok()) {
                    Some(nn) => *stated == ElementValue::Bool(age >= nn),
                    None => true,
                },
            };
            if !agrees {
                let path = format!("{} / {}", element.namespace, element.element);
                let _: Option<()> = checker.note(&path, ProblemKind::AgeMismatch);
            }
        }
        if !checker.problems.is_empty() {
            return Err(self.refuse(checker.problems));
        }
        for nn in &rule.ages {
            let name = format!("age_over_{nn:02}");
            if data.value(&rule.namespace, &name).is_none() {
                data.elements.push(Element {
                    namespace: rule.namespace.clone(),
                    element: name,
                    value: ElementValue::Bool(age >= u16::from(*nn)),
                });
            }
        }
        Ok(())
    }

    /// The first day after `valid_from` on which one of the type's `age_over_NN` would change. A signed copy must end before it
    /// (A-I11). `None`: no stated age changes any more.
    #[must_use]
    pub fn ages_change_on(&self, data: &DocumentData, valid_from: Date) -> Option<Date> {
        let rule = self.age_rule()?;
        let birth = data.at(Some(&rule.birth_date)).and_then(ElementValue::date)?;
        let age = birth.age_on(valid_from);
        let stated = data
            .elements
            .iter()
            .filter(|e| e.namespace == rule.namespace)
            .filter_map(|e| e.element.strip_prefix("age_over_")?.parse::<u16>().ok());
        let next = rule
            .ages
            .iter()
            .map(|nn| u16::from(*nn))
            .chain(stated)
            .filter(|nn| age.is_none_or(|age| *nn > age))
            .min()?;
        let year = birth.year().checked_add(next)?;
        // 29 February: 1 March of a common year, as in `Date::age_on`.
        Date::new(year, birth.month(), birth.day())
            .or_else(|_| Date::new(year, 3, 1))
            .ok()
    }

    /// Is the element one whose content is a picture?
    #[must_use]
    pub fn is_image(&self, namespace: &str, element: &str) -> bool {
        self.field(namespace, element)
            .is_some_and(|f| f.kind == ValueKind::Image)
    }
}

/// Two capital letters, as ISO 3166-1 alpha-2 has them.
fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}
