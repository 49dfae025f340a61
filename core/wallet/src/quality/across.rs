//! *Clean* across documents: duplicates, newer ones of the same, contradictions about one person.
//!
//! What is compared are copies in their comparison form; signed bytes are never touched. Of two documents that contradict each other
//! about a lasting fact, the one whose type counts first does (the citizen identity, Law on Identification 26/2023/QH15 art. 33), else
//! the newer one.

use super::content::MAX_FINDINGS;
use super::{ElementName, Finding, FindingCode};
use crate::{DocumentId, words};
use idwallet_crypto::Gather as _;
use idwallet_crypto::Order as _;
use idwallet_crypto::{Timestamp, sha256};
use idwallet_documents::{ComparableValue, DocumentType, FactId, PerPerson, same};
use idwallet_mdoc::{IssuerSigned, MobileSecurityObject};
use std::collections::{BTreeMap, BTreeSet};

/// Most names of one document: a record has room for so many look-ups beside its type's.
const MAX_NAMES: usize = idwallet_storage::MAX_LOOKUPS.saturating_sub(1);

/// A document as far as it is compared with others. It has personal data and no `Debug`.
pub(super) struct Subject {
    pub(super) id: DocumentId,
    doc_type: String,
    country: Option<String>,
    signed: Timestamp,
    /// SHA-256 of type and elements, without their salts.
    content: [u8; 32],
    /// What names the paper, in each way that its type has, with the element that does.
    paper: Vec<(Option<Vec<String>>, Option<ElementName>)>,
    per_person: Option<PerPerson>,
    /// Its word counts before that of other types.
    counts_first: bool,
    people: Vec<Person>,
}

struct Person {
    is_owner: bool,
    facts: Vec<(FactId, ComparableValue, Option<ElementName>)>,
    /// Hashes of personal number, and of name and date of birth.
    by_number: Option<[u8; 16]>,
    by_birth: Option<[u8; 16]>,
}

impl Person {
    fn fact(&self, fact: FactId) -> Option<&ComparableValue> {
        self.facts
            .iter()
            .find(|(id, ..)| *id == fact)
            .map(|(_, value, _)| value)
    }

    /// What it may be found by.
    fn names(&self) -> impl Iterator<Item = [u8; 16]> {
        self.by_number.into_iter().chain(self.by_birth)
    }

    /// Whether both are one person; `None` where that cannot be told.
    fn is(&self, other: &Self) -> Option<bool> {
        let both = |a: Option<[u8; 16]>, b: Option<[u8; 16]>| Some(a? == b?);
        both(self.by_number, other.by_number).or_else(|| both(self.by_birth, other.by_birth))
    }

    /// The same of two people on papers of one name: their own names will do where nothing better is known.
    fn is_on_paper_of(&self, other: &Self) -> bool {
        self.is(other).unwrap_or_else(|| {
            let names = (self.fact(FactId::FullName), other.fact(FactId::FullName));
            matches!(names, (Some(a), Some(b)) if same(a, b))
        })
    }
}

fn cut(hash: [u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    out
}

impl Subject {
    pub(super) fn new(
        id: DocumentId,
        kind: Option<&DocumentType>,
        country: Option<&str>,
        issuer_signed: &IssuerSigned<'_>,
        mso: &MobileSecurityObject<'_>,
    ) -> Self {
        let value = |name_space: &str, element: &str| {
            words::element_value(issuer_signed.item(name_space, element)?.element_value())
        };
        let people = kind.map(|kind| kind.people(value)).unwrap_or_default();
        let people: Vec<Person> = people
            .into_iter()
            .map(|person| Person {
                is_owner: person.owner,
                by_number: by_number(&person),
                by_birth: by_birth(&person),
                facts: person
                    .facts
                    .into_iter()
                    .map(|stated| {
                        let from = stated.from.first();
                        let element = from.map(|from| (from.namespace.clone(), from.element.clone()));
                        (stated.fact, stated.value, element)
                    })
                    .collect(),
            })
            .collect();
        Self {
            id,
            doc_type: mso.doc_type().to_owned(),
            country: country.map(str::to_owned),
            signed: mso.validity().signed.timestamp(),
            content: content(issuer_signed, mso.doc_type()),
            paper: kind.map(|kind| paper(kind, value)).unwrap_or_default(),
            per_person: kind.and_then(DocumentType::paper_rule).map(|rule| rule.per_person),
            counts_first: kind
                .and_then(DocumentType::paper_rule)
                .is_some_and(|rule| rule.counts_first),
            people,
        }
    }

    /// Hashes of what its people and its paper are known by.
    pub(super) fn names(&self) -> Vec<[u8; 16]> {
        let mut names: BTreeSet<_> = self.people.iter().flat_map(Person::names).gather();
        for (way, (name, _)) in self.paper.iter().enumerate() {
            if let Some(name) = name {
                let mut e = idwallet_cose::cbor::Encoder::new();
                e.array(name.len().saturating_add(2));
                e.text(&self.doc_type).uint(u64::try_from(way).unwrap_or(u64::MAX));
                for part in name {
                    e.text(part);
                }
                names.insert(cut(sha256(e.as_slice())));
            }
        }
        names.into_iter().take(MAX_NAMES).collect()
    }

    /// Whose word counts: the greater one.
    fn rank(&self) -> (bool, Timestamp, DocumentId) {
        (self.counts_first, self.signed, self.id)
    }

    fn owner(&self) -> Option<&Person> {
        self.people.iter().find(|person| person.is_owner)
    }

    fn is_like(&self, other: &Self) -> bool {
        self.doc_type == other.doc_type && self.country == other.country
    }

    /// Another issue of the very same paper: it says the same, or has the same name.
    fn is_same_issue(&self, other: &Self) -> bool {
        self.is_like(other)
            && (self.content == other.content || self.names_apart(other).is_some_and(|(same, _)| same))
            && match (self.owner(), other.owner()) {
                (Some(a), Some(b)) => a.is_on_paper_of(b),
                (None, None) => true,
                _ => false,
            }
    }

    /// The same, or the paper that came after it: of some types a person has one, whatever number it has.
    fn is_same_paper(&self, other: &Self) -> bool {
        let is_the_one = self.per_person == Some(PerPerson::One) && self.is_like(other);
        let of_one_person = || self.owner()?.is(other.owner()?);
        (is_the_one && of_one_person() == Some(true)) || self.is_same_issue(other)
    }

    /// By the first way of naming that both have: whether the names are the same, and the element that names.
    fn names_apart(&self, other: &Self) -> Option<(bool, Option<&ElementName>)> {
        let mut ways = self.paper.iter().zip(&other.paper);
        ways.find_map(|((a, element), (b, _))| Some((a.as_ref()? == b.as_ref()?, element.as_ref())))
    }
}

type OfType<'t> = idwallet_documents::Person<'t>;

fn by_number(person: &OfType<'_>) -> Option<[u8; 16]> {
    let number = person.fact(FactId::PersonalNumber)?.index_form();
    Some(cut(sha256(format!("number {number}").as_bytes())))
}

fn by_birth(person: &OfType<'_>) -> Option<[u8; 16]> {
    let name = person.fact(FactId::FullName)?.index_form();
    let date = person.fact(FactId::BirthDate)?.index_form();
    Some(cut(sha256(format!("name {date} {name}").as_bytes())))
}

/// What names the paper, as its type says.
fn paper(
    kind: &DocumentType,
    value: impl Fn(&str, &str) -> Option<idwallet_documents::ElementValue>,
) -> Vec<(Option<Vec<String>>, Option<ElementName>)> {
    let rules = kind
        .paper_rule()
        .map(|rule| rule.named_by.as_slice())
        .unwrap_or_default();
    let element = |name: &Vec<idwallet_documents::ElementRef>| {
        name.first()
            .map(|first| (first.namespace.clone(), first.element.clone()))
    };
    kind.paper_names(value)
        .into_iter()
        .zip(rules.iter().map(element))
        .collect()
}

fn content(issuer_signed: &IssuerSigned<'_>, doc_type: &str) -> [u8; 32] {
    let mut elements: Vec<_> = issuer_signed
        .items()
        .map(|(name_space, item)| (name_space, item.element_identifier(), item.element_value().bytes()))
        .collect();
    elements.order();
    let mut e = idwallet_cose::cbor::Encoder::new();
    e.array(elements.len().saturating_add(1)).text(doc_type);
    for (name_space, element, value) in elements {
        e.array(3).text(name_space).text(element).bytes(value);
    }
    sha256(e.as_slice())
}

/// What is to be said of each document beside the others.
pub(super) fn findings(subjects: &[Subject]) -> BTreeMap<DocumentId, Vec<Finding>> {
    let mut out: BTreeMap<DocumentId, Vec<Finding>> = subjects.iter().map(|s| (s.id, Vec::new())).gather();
    let mut say = |on: DocumentId, code, element: Option<&ElementName>, other| {
        let finding = Finding {
            element: element.cloned(),
            other: Some(other),
            ..Finding::new(code)
        };
        if let Some(list) = out.get_mut(&on)
            && list.len() < MAX_FINDINGS
            && !list.contains(&finding)
        {
            list.push(finding);
        }
    };
    papers(subjects, &mut say);
    contradictions(subjects, &mut say);
    out
}

/// Of each paper the newest issue replaces the others; issues of one moment are duplicates.
fn papers(subjects: &[Subject], say: &mut impl FnMut(DocumentId, FindingCode, Option<&ElementName>, DocumentId)) {
    for subject in subjects {
        let same_paper = || {
            subjects
                .iter()
                .filter(|other| other.id != subject.id && subject.is_same_paper(other))
        };
        let newest = same_paper().max_by_key(|other| (other.signed, other.id));
        match newest {
            Some(newest) if newest.signed > subject.signed => {
                // A paper that came with another number says so.
                let renumbered = |a: &Subject, b: &Subject| match a.names_apart(b) {
                    Some((false, element)) => element.cloned(),
                    _ => None,
                };
                say(
                    subject.id,
                    FindingCode::Superseded,
                    renumbered(subject, newest).as_ref(),
                    newest.id,
                );
                say(
                    newest.id,
                    FindingCode::Supersedes,
                    renumbered(newest, subject).as_ref(),
                    subject.id,
                );
            }
            _ => {}
        }
        for twin in same_paper().filter(|other| other.signed == subject.signed && other.content == subject.content) {
            say(subject.id, FindingCode::Duplicate, None, twin.id);
        }
    }
}

/// For each person and lasting fact: the document whose word counts, against every other that says otherwise. Issues of one paper
/// do not contradict each other: the newer one corrects the older. A paper of another number does.
fn contradictions(
    subjects: &[Subject],
    say: &mut impl FnMut(DocumentId, FindingCode, Option<&ElementName>, DocumentId),
) {
    for group in people(subjects) {
        for fact in FactId::ALL.iter().copied().filter(|fact| fact.is_lasting()) {
            let stated: Vec<_> = group
                .iter()
                .flat_map(|(subject, person)| {
                    let of_fact = person.facts.iter().filter(move |(id, ..)| *id == fact);
                    of_fact.map(move |(_, value, element)| (*subject, *person, value, element.as_ref()))
                })
                .collect();
            let Some((top, whole, value, element)) = stated.iter().max_by_key(|(s, ..)| s.rank()).copied() else {
                continue;
            };
            for (other, person, said, at) in stated {
                // The year says nothing where both have the date.
                let is_said_already = fact == FactId::BirthYear
                    && whole.fact(FactId::BirthDate).is_some()
                    && person.fact(FactId::BirthDate).is_some();
                if other.id == top.id || same(value, said) || is_said_already || top.is_same_issue(other) {
                    continue;
                }
                say(other.id, FindingCode::Contradicted, at, top.id);
                say(top.id, FindingCode::Contradicts, element, other.id);
            }
        }
    }
}

type Mentioned<'s> = (&'s Subject, &'s Person);

/// The people in all documents, those that are the same put together: by personal number; who has none, by name and date of birth.
/// Two with different numbers are two, whatever else they share: namesakes of one day must not correct each other. Who has no number
/// and whose name and date of birth are those of several is compared with none.
fn people(subjects: &[Subject]) -> Vec<Vec<Mentioned<'_>>> {
    let all = || {
        subjects
            .iter()
            .flat_map(|s| s.people.iter().map(move |person| (s, person)))
    };
    let mut groups: Vec<Vec<Mentioned<'_>>> = Vec::new();
    let mut by_number: BTreeMap<[u8; 16], usize> = BTreeMap::new();
    let mut by_birth: BTreeMap<[u8; 16], BTreeSet<usize>> = BTreeMap::new();
    for (subject, person) in all() {
        let Some(number) = person.by_number else { continue };
        let group = *by_number.entry(number).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        if let Some(group) = groups.get_mut(group) {
            group.push((subject, person));
        }
        if let Some(birth) = person.by_birth {
            by_birth.entry(birth).or_default().insert(group);
        }
    }
    for (subject, person) in all().filter(|(_, person)| person.by_number.is_none()) {
        let Some(birth) = person.by_birth else { continue };
        let known = by_birth.entry(birth).or_insert_with(|| BTreeSet::from([groups.len()]));
        let (Some(group), true) = (known.first().copied(), known.len() == 1) else {
            continue;
        };
        if group == groups.len() {
            groups.push(Vec::new());
        }
        if let Some(group) = groups.get_mut(group) {
            group.push((subject, person));
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}
