//! Reads the rules of a type file that tie elements together: people, order of dates, when a document ends, codes whose meaning another element decides,
//! what names a paper.

use idwallet_crypto::Order as _;
use std::collections::BTreeSet;

use serde::Deserialize;

use crate::error::DocumentsError;
use crate::load::{Fault, RawCodeList};
use crate::model::{CodeValue, DocumentType, ElementRef};
use crate::paper::RawPaper;
use crate::person::{FactId, FactRule, PersonRole, PersonRule};
use crate::scheme::SchemeRule;

/// Most people of a type, and most statements about one of them.
const MAX_RULES: usize = 64;

/// The part of a type file that this module reads.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawRules {
    people: Vec<RawPerson>,
    ordered: Vec<[[String; 2]; 2]>,
    ends: Vec<[String; 2]>,
    account_level: Option<[String; 2]>,
    schemes: Vec<RawScheme>,
    paper: Option<RawPaper>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    role: PersonRole,
    #[serde(default)]
    owner: bool,
    states: Vec<RawFact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFact {
    fact: FactId,
    from: Vec<[String; 2]>,
    mask: Option<String>,
    last: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScheme {
    by: [String; 2],
    of: Vec<[String; 2]>,
    lists: std::collections::BTreeMap<String, String>,
}

impl RawRules {
    /// Adds the rules to the type, whose fields are there already.
    pub(crate) fn read_into(
        self,
        ty: &mut DocumentType,
        lists: &[RawCodeList],
        fault: &Fault<'_>,
    ) -> Result<(), DocumentsError> {
        if self.people.len() > MAX_RULES
            || self.ordered.len() > MAX_RULES
            || self.ends.len() > MAX_RULES
            || self.schemes.len() > MAX_RULES
        {
            return fault.at("rules", format!("at most {MAX_RULES} of a kind"));
        }
        let known = |ty: &DocumentType, path: &str, pair: &[String; 2]| {
            let [namespace, element] = pair.clone();
            match ty.field(&namespace, &element) {
                Some(_) => Ok(ElementRef { namespace, element }),
                None => fault.at(path, format!("{namespace} / {element} is not a field of this type")),
            }
        };
        let mut roles = BTreeSet::new();
        for raw in self.people {
            let path = format!("rules / people / {}", raw.role.as_str());
            if !roles.insert(raw.role) || raw.states.is_empty() || raw.states.len() > MAX_RULES {
                return fault.at(&path, format!("each role once, with 1 to {MAX_RULES} facts"));
            }
            let mut states = Vec::with_capacity(raw.states.len());
            for fact in raw.states {
                let at = format!("{path} / {}", fact.fact.as_str());
                let from = fact
                    .from
                    .iter()
                    .map(|pair| known(ty, &at, pair))
                    .collect::<Result<Vec<_>, _>>()?;
                if from.is_empty() || (from.len() > 1 && (fact.mask.is_some() || fact.last.is_some())) {
                    return fault.at(&at, "needs one element, or several without mask and last");
                }
                let latin = from.iter().all(|e| {
                    ty.field(&e.namespace, &e.element)
                        .is_some_and(|field| field.text.latin1)
                });
                states.push(FactRule {
                    fact: fact.fact,
                    from,
                    mask: fact.mask,
                    last: fact.last,
                    latin,
                });
            }
            ty.people.push(PersonRule {
                role: raw.role,
                owner: raw.owner,
                states,
            });
        }
        if !ty.people.is_empty() && !ty.people.iter().any(|p| p.owner) {
            return fault.at("rules / people", "the document must be somebody's own");
        }
        ty.people.order_by_key(|p| !p.owner);

        for [first, then] in &self.ordered {
            let pair = (
                known(ty, "rules / ordered", first)?,
                known(ty, "rules / ordered", then)?,
            );
            ty.ordered.push(pair);
        }
        for pair in &self.ends {
            let end = known(ty, "rules / ends", pair)?;
            ty.ends.push(end);
        }
        ty.account_level = self
            .account_level
            .map(|pair| known(ty, "rules / account_level", &pair))
            .transpose()?;
        for raw in self.schemes {
            let path = "rules / schemes";
            let by = known(ty, path, &raw.by)?;
            let of = raw
                .of
                .iter()
                .map(|pair| known(ty, path, pair))
                .collect::<Result<Vec<_>, _>>()?;
            let mut schemes = Vec::with_capacity(raw.lists.len());
            for (scheme, name) in raw.lists {
                let Some(list) = lists.iter().find(|l| l.name == name) else {
                    return fault.at(path, format!("`{name}` is not a code list"));
                };
                schemes.push((CodeValue::Text(scheme), list.codes()));
            }
            ty.schemes.push(SchemeRule { by, of, schemes });
        }
        ty.paper = self
            .paper
            .map(|paper| paper.read(|pair| known(ty, "rules / paper", pair), fault))
            .transpose()?;
        Ok(())
    }
}
