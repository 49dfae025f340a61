//! When two documents are one paper: which elements name it, whether a person has one of the kind, and whose word counts first.

use serde::Deserialize;

use crate::error::DocumentsError;
use crate::load::Fault;
use crate::model::{DocumentType, ElementRef};
use crate::text::fold;
use crate::value::ElementValue;

/// Most ways to name a paper, and most elements of one of them.
const MAX_NAMES: usize = 8;

/// How many current documents of a type a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerPerson {
    /// One: a later document of the same person replaces the earlier one, whatever number it has (a driving licence).
    One,
    /// Many, told apart by what names them (vehicle registrations, degrees).
    Many,
}

/// How papers of a type are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperRule {
    /// How many a person has.
    pub per_person: PerPerson,
    /// The elements that together name a paper, the most telling way first: the paper and not its holder, and not what every issue of
    /// it has anew.
    pub named_by: Vec<Vec<ElementRef>>,
    /// Its word about a person counts before that of other types.
    pub counts_first: bool,
}

/// The part of a type file that this module reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPaper {
    per_person: PerPerson,
    #[serde(default)]
    named_by: Vec<Vec<[String; 2]>>,
    #[serde(default)]
    counts_first: bool,
}

impl RawPaper {
    pub(crate) fn read(
        &self,
        known: impl Fn(&[String; 2]) -> Result<ElementRef, DocumentsError>,
        fault: &Fault<'_>,
    ) -> Result<PaperRule, DocumentsError> {
        let names = &self.named_by;
        let is_wrong = |name: &Vec<[String; 2]>| name.is_empty() || name.len() > MAX_NAMES;
        if names.len() > MAX_NAMES || names.iter().any(is_wrong) {
            return fault.at(
                "rules / paper",
                format!("1 to {MAX_NAMES} elements in each of so many names"),
            );
        }
        if names.is_empty() && self.per_person == PerPerson::Many {
            return fault.at(
                "rules / paper",
                "of papers of which a person has many it must say what names them",
            );
        }
        let name = |name: &Vec<[String; 2]>| name.iter().map(&known).collect();
        Ok(PaperRule {
            per_person: self.per_person,
            named_by: names.iter().map(name).collect::<Result<_, _>>()?,
            counts_first: self.counts_first,
        })
    }
}

impl DocumentType {
    /// How papers of this type are told apart. `None`: two documents are one paper only if they say the same in everything.
    #[must_use]
    pub fn paper_rule(&self) -> Option<&PaperRule> {
        self.paper.as_ref()
    }

    /// What names this document's paper, in comparison form: one entry for each way of [`PaperRule::named_by`], `None` where the document
    /// does not have all of its elements. A person's data.
    #[must_use]
    pub fn paper_names(&self, value: impl Fn(&str, &str) -> Option<ElementValue>) -> Vec<Option<Vec<String>>> {
        let one = |at: &ElementRef| match value(&at.namespace, &at.element)? {
            ElementValue::Text(text) => Some(fold(&text)).filter(|text| !text.is_empty()),
            ElementValue::Uint(number) => Some(number.to_string()),
            ElementValue::FullDate(date) => Some(date.to_string()),
            _ => None,
        };
        let names = self.paper.iter().flat_map(|paper| &paper.named_by);
        names.map(|name| name.iter().map(one).collect()).collect()
    }
}
