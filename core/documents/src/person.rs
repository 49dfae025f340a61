//! What a document says about people: whom it speaks of, whose it is, and which element states which fact about whom.

use serde::Deserialize;

use crate::compare::ComparableValue;
use crate::label::Lang;
use crate::model::{DocumentType, ElementRef};
use crate::value::ElementValue;

macro_rules! facts {
    ($($name:ident $id:literal $kind:ident $lasting:literal $vi:literal $en:literal)*) => {
        /// A fact about a person that more than one document may state.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[non_exhaustive]
        pub enum FactId { $(#[doc = $en] #[serde(rename = $id)] $name),* }

        impl FactId {
            /// Every fact there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its id in type files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// What a person reads.
            #[must_use]
            pub const fn label(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en),* }
            }

            /// Whether it stays the same for life unless an authority corrects it. Of a fact that does not, the newer document is
            /// simply newer, not in conflict with the older one.
            #[must_use]
            pub const fn is_lasting(self) -> bool {
                match self { $(Self::$name => $lasting),* }
            }

            pub(crate) const fn kind(self) -> FactKind {
                match self { $(Self::$name => FactKind::$kind),* }
            }
        }
    };
}

/// How a fact is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactKind {
    Name,
    Place,
    Date,
    Year,
    Sex,
    Number,
}

facts! {
    FullName "full_name" Name true "họ, chữ đệm và tên" "full name"
    BirthDate "birth_date" Date true "ngày sinh" "date of birth"
    BirthYear "birth_year" Year true "năm sinh" "year of birth"
    Sex "sex" Sex true "giới tính" "sex"
    PersonalNumber "personal_number" Number true "số định danh cá nhân" "personal number"
    SocialInsuranceNumber "social_insurance_number" Number true "mã số bảo hiểm xã hội" "social insurance number"
    TaxNumber "tax_number" Number false "mã số thuế" "tax number"
    Nationality "nationality" Number false "quốc tịch" "nationality"
    BirthPlace "birth_place" Place true "nơi sinh" "place of birth"
    PlaceOfOrigin "place_of_origin" Place true "quê quán" "place of origin"
    Ethnicity "ethnicity" Name true "dân tộc" "ethnicity"
    Residence "residence" Place false "nơi cư trú" "residence"
    FatherName "father_name" Name true "họ tên cha" "father's name"
    MotherName "mother_name" Name true "họ tên mẹ" "mother's name"
    SpouseName "spouse_name" Name false "họ tên vợ hoặc chồng" "spouse's name"
}

macro_rules! roles {
    ($($name:ident $id:literal $vi:literal $en:literal)*) => {
        /// The part that a person has in a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[non_exhaustive]
        pub enum PersonRole { $(#[doc = $en] #[serde(rename = $id)] $name),* }

        impl PersonRole {
            /// Every role there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its id in type files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// What a person reads.
            #[must_use]
            pub const fn label(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en),* }
            }
        }
    };
}

roles! {
    Holder "holder" "người được cấp" "holder"
    Guardian "guardian" "người giám hộ, người đại diện" "guardian or representative"
    Ward "ward" "người được giám hộ, được đại diện" "ward"
    Child "child" "người được khai sinh" "child"
    Father "father" "cha" "father"
    Mother "mother" "mẹ" "mother"
    Husband "husband" "chồng" "husband"
    Wife "wife" "vợ" "wife"
    Taxpayer "taxpayer" "người nộp thuế" "taxpayer"
    Dependant "dependant" "người phụ thuộc" "dependant"
    HouseholdHead "household_head" "chủ hộ" "head of the household"
}

/// Where a type states a fact about a person. The first rule of a fact whose elements are all there is the one that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRule {
    /// The fact.
    pub fact: FactId,
    /// The elements that state it, in the order of Vietnamese names (family name first); joined by a space.
    pub from: Vec<ElementRef>,
    /// Only a text of this mask states it (such as a tax number that is a personal number); `9`, `A`, `X` as in masks of fields.
    pub mask: Option<String>,
    /// Only that many last characters of the text state it.
    pub last: Option<usize>,
    /// The elements are written in Latin letters, where accents are left out.
    pub latin: bool,
}

/// A person that documents of a type speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRule {
    /// The part the person has.
    pub role: PersonRole,
    /// The document is this person's own (a marriage certificate is of both spouses). Others are only named in it.
    pub owner: bool,
    /// What is said of the person.
    pub states: Vec<FactRule>,
}

/// A fact that a document states about a person. `Debug` does not show the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedFact<'t> {
    /// The fact.
    pub fact: FactId,
    /// The value in its comparison form.
    pub value: ComparableValue,
    /// The elements that state it.
    pub from: &'t [ElementRef],
}

/// A person a document speaks of, with the facts it states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'t> {
    /// The part the person has.
    pub role: PersonRole,
    /// The document is this person's own.
    pub owner: bool,
    /// The facts, each once.
    pub facts: Vec<StatedFact<'t>>,
}

impl Person<'_> {
    /// The value of a fact.
    #[must_use]
    pub fn fact(&self, fact: FactId) -> Option<&ComparableValue> {
        self.facts.iter().find(|f| f.fact == fact).map(|f| &f.value)
    }
}

impl DocumentType {
    /// The people that documents of this type speak of, those whose own document it is first.
    #[must_use]
    pub fn person_rules(&self) -> &[PersonRule] {
        &self.people
    }

    /// The people this document speaks of, with the facts that `value(namespace, element)` lets it state. People of whom it states
    /// nothing are left out. To find contradictions, compare the facts of people with the same personal number.
    #[must_use]
    pub fn people(&self, value: impl Fn(&str, &str) -> Option<ElementValue>) -> Vec<Person<'_>> {
        self.people
            .iter()
            .map(|rule| {
                let mut facts: Vec<StatedFact<'_>> = Vec::new();
                for stated in stated(rule, &value) {
                    if facts.iter().all(|f| f.fact != stated.fact) {
                        facts.push(stated);
                    }
                }
                Person {
                    role: rule.role,
                    owner: rule.owner,
                    facts,
                }
            })
            .filter(|person| !person.facts.is_empty())
            .collect()
    }

    /// What this document states about the one person whose document it is. Empty if it is of more than one ([`Self::people`] then).
    #[must_use]
    pub fn identity(&self, value: impl Fn(&str, &str) -> Option<ElementValue>) -> Vec<StatedFact<'_>> {
        let mut owners = self.people(value).into_iter().filter(|p| p.owner);
        match (owners.next(), owners.next()) {
            (Some(person), None) => person.facts,
            _ => Vec::new(),
        }
    }

    /// The element that says the level (1 or 2) of the electronic identity account, if the type has one.
    #[must_use]
    pub fn account_level_field(&self) -> Option<&ElementRef> {
        self.account_level.as_ref()
    }
}

/// Everything that is stated of a person, the same fact as often as it is stated.
pub(crate) fn stated<'t>(
    rule: &'t PersonRule,
    value: &impl Fn(&str, &str) -> Option<ElementValue>,
) -> Vec<StatedFact<'t>> {
    let mut out = Vec::new();
    for rule in &rule.states {
        let values: Option<Vec<ElementValue>> = rule.from.iter().map(|e| value(&e.namespace, &e.element)).collect();
        let Some(value) = values.and_then(|v| ComparableValue::of_rule(rule, &v)) else {
            continue;
        };
        if rule.fact == FactId::BirthDate
            && let Some(year) = value.year()
        {
            out.push(StatedFact {
                fact: FactId::BirthYear,
                value: year,
                from: &rule.from,
            });
        }
        out.push(StatedFact {
            fact: rule.fact,
            value,
            from: &rule.from,
        });
    }
    out
}
