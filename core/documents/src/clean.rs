//! The value checks behind [`DocumentType::check`].

use idwallet_crypto::Order as _;
use std::collections::BTreeSet;

use idwallet_crypto::{Date, Timestamp};

use crate::check::{MAX_ITEMS, fits, fits_masks, is_image, is_latin1};
use crate::compare::same;
use crate::model::{DocumentType, ElementRef, Field, Format, Member, TextRules, ValueKind};
use crate::person::{FactId, stated};
use crate::personal_number::PersonalNumber;
use crate::quality::{Finding, QualityCode as Q, Severity};
use crate::scheme::SchemeRule;
use crate::text::{is_hidden, is_nfc};
use crate::value::{ElementValue, find_code};

type Lookup<'l> = dyn Fn(&str, &str) -> Option<ElementValue> + 'l;

impl DocumentType {
    /// Checks the values of one document, by the names it has and a look-up for each. An element that is named but has no value is
    /// of a kind that no element has. Findings come in the order of the names, what is missing first, what ties elements together last.
    #[must_use]
    pub fn check<'n>(
        &self,
        names: impl IntoIterator<Item = (&'n str, &'n str)>,
        value: impl Fn(&str, &str) -> Option<ElementValue>,
    ) -> Vec<Finding> {
        let names: Vec<(&str, &str)> = names.into_iter().collect();
        let country = self
            .country_rule()
            .and_then(|c| value(&c.issuing_country.namespace, &c.issuing_country.element))
            .and_then(|c| c.text().map(str::to_owned));
        let mut checks = Checks {
            ty: self,
            value: &value,
            // Letters that only look like Đ are letters of their own elsewhere.
            vietnamese: country.as_deref().is_none_or(|c| c == "VN"),
            out: Vec::new(),
        };
        checks.present(&names, country.as_deref());
        checks.each(&names, country.as_deref());
        checks.order();
        checks.people();
        checks.ages(&names);
        checks.schemes();
        checks.out
    }
}

struct Checks<'c> {
    ty: &'c DocumentType,
    value: &'c Lookup<'c>,
    vietnamese: bool,
    out: Vec<Finding>,
}

/// Where a value stands.
struct Place<'p> {
    at: &'p ElementRef,
    inside: String,
}

impl Place<'_> {
    fn within(&self, part: impl core::fmt::Display) -> Self {
        let inside = if self.inside.is_empty() {
            part.to_string()
        } else {
            format!("{} / {part}", self.inside)
        };
        Self { at: self.at, inside }
    }
}

impl Checks<'_> {
    fn note(&mut self, code: Q, at: &ElementRef, inside: &str, other: Option<&ElementRef>) {
        let required = |e: &ElementRef| self.ty.required().iter().any(|r| r == e);
        let severe = required(at) && other.is_none_or(required);
        let severity = if severe { code.worst() } else { Severity::Warn };
        self.out.push(Finding {
            code,
            severity,
            at: at.clone(),
            inside: inside.into(),
            other: other.cloned(),
        });
    }

    fn at(&mut self, code: Q, place: &Place<'_>) {
        self.note(code, place.at, &place.inside, None);
    }

    fn get(&self, at: &ElementRef) -> Option<ElementValue> {
        (self.value)(&at.namespace, &at.element)
    }

    /// What the type requires, and what every document of it has. A namespace of one country is asked of that country's documents only.
    fn present(&mut self, names: &[(&str, &str)], country: Option<&str>) {
        let ty = self.ty;
        let applies = |namespace: &str| match ty.country_of(namespace) {
            None => true,
            Some(of) => country == Some(of) || names.iter().any(|(ns, _)| *ns == namespace),
        };
        for required in ty.required() {
            if applies(&required.namespace) && !names.iter().any(|(ns, el)| required.is(ns, el)) {
                self.note(Q::RequiredMissing, required, "", None);
            }
        }
        for field in ty.fields().iter().filter(|f| f.mandatory && applies(&f.namespace)) {
            let there = names.iter().any(|(ns, el)| *ns == field.namespace && field.matches(el));
            let named = ty.required().iter().any(|r| r.is(&field.namespace, &field.id));
            if !there && !named {
                self.note(Q::MandatoryMissing, &element(&field.namespace, &field.id), "", None);
            }
        }
    }

    fn each(&mut self, names: &[(&str, &str)], country: Option<&str>) {
        let ty = self.ty;
        let mut told = BTreeSet::new();
        for (ns, el) in names {
            let of = ty.country_of(ns);
            let foreign = of.is_some() && country.is_some() && of != country;
            let namespace = ty.namespace(ns);
            if foreign || (namespace.is_none() && of.is_none()) {
                if told.insert(*ns) {
                    let code = if foreign {
                        Q::ForeignNamespace
                    } else {
                        Q::UnknownNamespace
                    };
                    self.note(code, &element(ns, ""), "", None);
                }
                continue;
            }
            let at = element(ns, el);
            let place = Place {
                at: &at,
                inside: String::new(),
            };
            match ty.field(ns, el) {
                Some(Field { kind, text, .. }) => match self.get(&at) {
                    Some(value) => self.check_value(&place, kind, text, &value),
                    None => self.at(Q::WrongKind, &place),
                },
                None if namespace.is_some_and(|n| n.closed) => self.at(Q::UnknownElement, &place),
                // An open namespace: what has no label is still text that may hide something.
                None => {
                    if let Some(ElementValue::Text(text)) = self.get(&at) {
                        self.characters(&place, &text);
                    }
                }
            }
        }
    }

    fn check_value(&mut self, place: &Place<'_>, kind: &ValueKind, rules: &TextRules, value: &ElementValue) {
        match (kind, value) {
            (ValueKind::Text, ElementValue::Text(text)) => self.text(place, rules, text),
            (ValueKind::FullDate | ValueKind::Date, ElementValue::FullDate(_))
            | (ValueKind::TDate | ValueKind::Date, ElementValue::TDate(_))
            | (ValueKind::Bool, ElementValue::Bool(_))
            | (ValueKind::Uint, ElementValue::Uint(_)) => {}
            (ValueKind::FullDate | ValueKind::TDate | ValueKind::Date, ElementValue::Text(text)) => {
                self.at(date_fault(kind, text), place);
            }
            (ValueKind::Bytes | ValueKind::Image | ValueKind::BiometricTemplate, ElementValue::Bytes(bytes)) => {
                let well = match kind {
                    ValueKind::Image => is_image(bytes),
                    ValueKind::BiometricTemplate => bytes.starts_with(&[0x7f, 0x61]),
                    _ => true,
                };
                if bytes.is_empty() {
                    self.at(Q::Empty, place);
                } else if !well {
                    self.at(Q::NotAnImage, place);
                }
            }
            (ValueKind::Code { codes, open }, ElementValue::Text(_) | ElementValue::Uint(_)) => {
                if !open && find_code(codes, value).is_none() {
                    self.at(Q::NotInList, place);
                }
            }
            (ValueKind::List(item), ElementValue::Array(items)) => self.list(place, item, items),
            (ValueKind::Record(members), ElementValue::Map(map)) => self.record(place, members, map),
            (ValueKind::DrivingPrivileges, ElementValue::Array(items)) => self.privileges(place, items),
            _ => self.at(Q::WrongKind, place),
        }
    }

    fn list(&mut self, place: &Place<'_>, item: &Member, items: &[ElementValue]) {
        if items.is_empty() {
            self.at(Q::Empty, place);
        }
        if items.len() > MAX_ITEMS {
            self.at(Q::TooMany, place);
        }
        for (i, value) in items.iter().take(MAX_ITEMS).enumerate() {
            self.check_value(&place.within(i), &item.kind, &item.text, value);
        }
    }

    fn record(&mut self, place: &Place<'_>, members: &[Member], map: &[(String, ElementValue)]) {
        for member in members {
            let place = place.within(&member.id);
            match map.iter().find(|(key, _)| key == &member.id) {
                Some((_, value)) => self.check_value(&place, &member.kind, &member.text, value),
                None if member.mandatory => self.at(Q::MandatoryMissing, &place),
                None => {}
            }
        }
        if map.iter().any(|(key, _)| !members.iter().any(|m| &m.id == key)) {
            self.at(Q::UnknownElement, place);
        }
    }

    /// ISO 18013-5 §7.2.4, A-I12: the class is there, the dates are dates.
    fn privileges(&mut self, place: &Place<'_>, items: &[ElementValue]) {
        for (i, item) in items.iter().take(MAX_ITEMS).enumerate() {
            let place = place.within(i);
            let ElementValue::Map(members) = item else {
                self.at(Q::WrongKind, &place);
                continue;
            };
            let part = |id: &str| members.iter().find(|(key, _)| key == id).map(|(_, v)| v);
            match part("vehicle_category_code") {
                Some(ElementValue::Text(_)) => {}
                Some(_) => self.at(Q::WrongKind, &place.within("vehicle_category_code")),
                None => self.at(Q::MandatoryMissing, &place.within("vehicle_category_code")),
            }
            for id in ["issue_date", "expiry_date"] {
                match part(id) {
                    None | Some(ElementValue::FullDate(_)) => {}
                    Some(ElementValue::Text(text)) => {
                        self.at(date_fault(&ValueKind::FullDate, text), &place.within(id));
                    }
                    Some(_) => self.at(Q::WrongKind, &place.within(id)),
                }
            }
            let date = |id| part(id).and_then(ElementValue::date);
            if let (Some(issue), Some(expiry)) = (date("issue_date"), date("expiry_date"))
                && issue > expiry
            {
                self.at(Q::DateOrder, &place);
            }
        }
    }

    fn text(&mut self, place: &Place<'_>, rules: &TextRules, text: &str) {
        if text.trim().is_empty() {
            return self.at(Q::Empty, place);
        }
        self.characters(place, text);
        if text.chars().nth(rules.max_length).is_some() {
            self.at(Q::TooLong, place);
        }
        // What hides or is decomposed is told above.
        if rules.latin1 && !text.chars().all(|c| is_latin1(c) || is_hidden(c)) && is_nfc(text) {
            self.at(Q::NotLatin1, place);
        }
        let well = match &rules.format {
            Format::Any => true,
            Format::PersonalNumber => PersonalNumber::parse(text).is_ok(),
            Format::Masks(masks) => fits_masks(rules, masks, text),
        };
        if !well {
            self.at(Q::NumberFormat, place);
        }
    }

    /// What any text can have wrong, whatever it says.
    fn characters(&mut self, place: &Place<'_>, text: &str) {
        if !is_nfc(text) {
            self.at(Q::NotNfc, place);
        }
        let latin = text.chars().any(|c| c.is_ascii_alphabetic());
        if text
            .chars()
            .any(|c| is_look_alike(c, latin) || (self.vietnamese && is_like_d(c)))
        {
            self.at(Q::LookAlike, place);
        }
        let spaces: Vec<bool> = text.chars().map(|c| c.is_whitespace() && !c.is_control()).collect();
        let doubled = spaces.windows(2).any(|pair| pair == [true, true]);
        let edge = spaces.first() == Some(&true) || spaces.last() == Some(&true);
        if doubled || edge || text.chars().any(|c| c.is_whitespace() && !c.is_control() && c != ' ') {
            self.at(Q::Spaces, place);
        }
        if text.chars().any(is_hidden) {
            self.at(Q::Invisible, place);
        }
    }

    fn order(&mut self) {
        for (first, then) in self.ty.ordered() {
            let date = |at: &ElementRef| self.get(at).and_then(|v| v.date());
            if let (Some(a), Some(b)) = (date(first), date(then))
                && a > b
            {
                self.note(Q::DateOrder, then, "", Some(first));
            }
        }
    }

    /// A fact stated twice is stated alike, and the personal number fits birth date and sex. Never more than a warning: numbers are
    /// cancelled and established anew (Law 26/2023/QH15 art. 12).
    fn people(&mut self) {
        let lookup = self.value;
        for rule in self.ty.person_rules() {
            let facts = stated(rule, &lookup);
            let mut told = BTreeSet::new();
            for (i, fact) in facts.iter().enumerate() {
                let earlier = facts.iter().take(i).find(|f| f.fact == fact.fact);
                if let Some(earlier) = earlier
                    && !same(&earlier.value, &fact.value)
                    && let (Some(at), Some(other)) = (fact.from.first(), earlier.from.first())
                    // Once a fact; a birth date that differs says its year as well.
                    && !told.contains(&fact.fact)
                    && (fact.fact != FactId::BirthYear || !told.contains(&FactId::BirthDate))
                {
                    told.insert(fact.fact);
                    self.note(Q::SaysTwoThings, at, "", Some(other));
                }
            }
            let of = |fact| facts.iter().find(|f| f.fact == fact);
            let Some((stated, number)) =
                of(FactId::PersonalNumber).and_then(|f| Some((f, PersonalNumber::parse(f.value.letters()?).ok()?)))
            else {
                continue;
            };
            let year = of(FactId::BirthYear).and_then(|f| f.value.number());
            let sex = of(FactId::Sex).and_then(|f| f.value.number());
            let Some(at) = stated.from.first() else { continue };
            for mismatch in number.disagreements(year, sex) {
                self.note(mismatch.code(), at, "", None);
            }
        }
    }

    /// `age_over_NN` never rises with NN, and agrees with a stated age (ISO 18013-5 §7.2.5).
    fn ages(&mut self, names: &[(&str, &str)]) {
        let Some(rule) = self.ty.age_rule() else { return };
        let mut stated: Vec<(u64, bool, ElementRef)> = names
            .iter()
            .filter(|(ns, _)| *ns == rule.namespace)
            .filter_map(|(ns, el)| {
                let nn = el.strip_prefix("age_over_")?.parse().ok()?;
                match (self.value)(ns, el)? {
                    ElementValue::Bool(over) => Some((nn, over, element(ns, el))),
                    _ => None,
                }
            })
            .collect();
        stated.order_by_key(|(nn, ..)| *nn);
        let rising = stated.windows(2).find_map(|pair| match pair {
            [(_, false, low), (_, true, high)] => Some((low.clone(), high.clone())),
            _ => None,
        });
        if let Some((low, high)) = rising {
            return self.note(Q::AgesDisagree, &high, "", Some(&low));
        }
        let age_at = element(&rule.namespace, "age_in_years");
        if let Some(ElementValue::Uint(age)) = self.get(&age_at)
            && let Some((.., at)) = stated.iter().find(|(nn, over, _)| *over != (age >= *nn))
        {
            self.note(Q::AgesDisagree, at, "", Some(&age_at));
        }
    }

    /// Codes are of the scheme that the document names, and are given for no longer than the scheme gives them.
    fn schemes(&mut self) {
        for rule in &self.ty.schemes {
            let Some(codes) = self.get(&rule.by).and_then(|by| rule.codes(&by)) else {
                continue;
            };
            for at in &rule.of {
                let Some(value) = self.get(at) else { continue };
                for (i, used) in SchemeRule::used(&value).into_iter().enumerate() {
                    match find_code(codes, &ElementValue::Text(used.code.into())) {
                        None => self.note(Q::NotInList, at, &i.to_string(), Some(&rule.by)),
                        Some(code) => {
                            let last = used.issue.zip(code.years).and_then(|(d, years)| years_after(d, years));
                            if let (Some(last), Some(expiry)) = (last, used.expiry)
                                && expiry > last
                            {
                                self.note(Q::ValidTooLong, at, &i.to_string(), Some(&rule.by));
                            }
                        }
                    }
                }
            }
        }
    }
}

fn element(namespace: &str, element: &str) -> ElementRef {
    ElementRef {
        namespace: namespace.into(),
        element: element.into(),
    }
}

/// The same day that many years later; 1 March for 29 February in a common year, as ages are reckoned.
fn years_after(date: Date, years: u16) -> Option<Date> {
    let year = date.year().checked_add(years)?;
    Date::new(year, date.month(), date.day())
        .or_else(|_| Date::new(year, 3, 1))
        .ok()
}

/// What is wrong with a text in place of a date.
fn date_fault(kind: &ValueKind, text: &str) -> Q {
    let day = *kind != ValueKind::TDate && Date::parse(text).is_ok();
    let time = *kind != ValueKind::FullDate && Timestamp::parse_rfc3339_lenient(text).is_ok();
    let shaped = text.get(..10).is_some_and(|day| fits("9999-99-99", day));
    let whole = text.len() == 10 || text.as_bytes().get(10) == Some(&b'T');
    if day || time {
        Q::DateUntagged
    } else if shaped && whole {
        Q::DateImpossible
    } else {
        Q::DateFormat
    }
}

/// Letters that look like `Đ` and are not.
const fn is_like_d(c: char) -> bool {
    matches!(c, 'Ð' | 'ð' | 'Ɖ' | 'ɖ')
}

/// Full-width letters, and Greek and Cyrillic ones among Latin ones.
const fn is_look_alike(c: char, among_latin: bool) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff5e}') || (among_latin && matches!(c, '\u{370}'..='\u{52f}'))
}
