//! From a request to what may be released, and from the holder's approval to what is released.

use crate::limits::MAX_AGE_OVER;
use crate::names::{ISO_23220_NAMESPACE, MDL_DOC_TYPE, MDL_NAMESPACE, age_over};
use crate::{ElementReference, IssuerSigned, IssuerSignedItem, ItemsRequest, MobileSecurityObject};
use idwallet_crypto::x509::Certificate;

/// Why a credential does not answer a request at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoMatch {
    /// Another document type (A-C01).
    #[error("another document type is asked for")]
    DocType,
    /// The reader wants documents of other issuers (`issuerIdentifiers`, A-H47).
    #[error("documents of other issuers are asked for")]
    Issuer,
    /// The reader takes only a zero-knowledge proof, which this crate does not make (A-H47).
    #[error("only a zero-knowledge proof is asked for")]
    ZeroKnowledge,
    /// The reader wants the document encrypted for itself, which this crate does not do (A-H60); in the clear it is not given.
    #[error("an encrypted document is asked for")]
    Encryption,
}

/// How an element answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKind {
    /// It is the element asked for.
    Exact,
    /// Another `age_over_NN` that answers the question (A-H46).
    AgeOver,
    /// Elements the reader takes instead (A-H47).
    Alternative,
}

/// An item of the stored credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'s> {
    /// Its namespace.
    pub name_space: &'s str,
    /// The item.
    pub item: IssuerSignedItem<'s>,
}

impl<'s> Found<'s> {
    /// Its names.
    #[must_use]
    pub fn reference(&self) -> ElementReference<'s> {
        ElementReference {
            name_space: self.name_space,
            element: self.item.element_identifier(),
        }
    }
}

/// A requested element with what answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'s> {
    /// What was asked for.
    pub requested: ElementReference<'s>,
    /// Whether the reader means to keep it (A-H45).
    pub intent_to_retain: bool,
    /// How it is answered.
    pub kind: MatchKind,
    /// What would be released: one item, or all of one alternative set.
    pub items: Vec<Found<'s>>,
}

/// What of one credential answers one request, before anybody approved anything.
#[derive(Clone, Debug)]
pub struct Selection<'s> {
    issuer_signed: &'s IssuerSigned<'s>,
    doc_type: &'s str,
    matches: Vec<Match<'s>>,
    missing: Vec<ElementReference<'s>>,
    portrait_rule: bool,
}

/// Compares one stored credential with one request. Names are compared byte by byte (A-C01).
///
/// # Errors
/// [`NoMatch`] when the credential is not of the kind that is asked for.
pub fn select<'s>(
    issuer_signed: &'s IssuerSigned<'s>,
    mso: &'s MobileSecurityObject<'s>,
    request: &'s ItemsRequest<'s>,
) -> Result<Selection<'s>, NoMatch> {
    if mso.doc_type() != request.doc_type() {
        return Err(NoMatch::DocType);
    }
    if let Some(info) = request.request_info() {
        if info.zk_required() {
            return Err(NoMatch::ZeroKnowledge);
        }
        if info.doc_response_encryption.is_some() {
            return Err(NoMatch::Encryption);
        }
        if info
            .issuer_identifiers
            .as_ref()
            .is_some_and(|wanted| !is_issued_by(issuer_signed, wanted))
        {
            return Err(NoMatch::Issuer);
        }
    }
    let mut selection = Selection {
        issuer_signed,
        doc_type: mso.doc_type(),
        matches: Vec::new(),
        missing: Vec::new(),
        portrait_rule: mso.doc_type() == MDL_DOC_TYPE
            && request.asks_for(MDL_NAMESPACE, "portrait")
            && issuer_signed.item(MDL_NAMESPACE, "portrait").is_some(),
    };
    let mut ages: Vec<ElementReference<'s>> = Vec::new();
    for (name_space, wanted) in request.elements() {
        let requested = ElementReference {
            name_space,
            element: wanted.element,
        };
        let found = find(issuer_signed, request, requested).filter(|(_, items)| may_add_ages(&mut ages, items));
        match found {
            Some((kind, items)) => {
                selection.matches.push(Match {
                    requested,
                    intent_to_retain: wanted.intent_to_retain,
                    kind,
                    items,
                });
            }
            None => selection.missing.push(requested),
        }
    }
    Ok(selection)
}

/// `issuerIdentifiers` names the authority key identifier of any certificate of the chain (A-H47).
fn is_issued_by(issuer_signed: &IssuerSigned<'_>, wanted: &[&[u8]]) -> bool {
    let Some(chain) = issuer_signed.issuer_auth().headers().x5chain() else {
        return false;
    };
    let has = |der: &[u8]| {
        let certificate = Certificate::from_der(der).ok();
        certificate.is_some_and(|c| c.authority_key_id().is_some_and(|id| wanted.contains(&id)))
    };
    chain.certificates().any(has)
}

fn find<'s>(
    issuer_signed: &'s IssuerSigned<'s>,
    request: &'s ItemsRequest<'s>,
    requested: ElementReference<'s>,
) -> Option<(MatchKind, Vec<Found<'s>>)> {
    let found = match age_over(requested.element) {
        Some(years) if has_age_over_rule(requested.name_space) => {
            find_age_over(issuer_signed, requested.name_space, years)
        }
        _ => get(issuer_signed, requested),
    };
    match found {
        Some(found) => {
            let kind = if found.reference() == requested {
                MatchKind::Exact
            } else {
                MatchKind::AgeOver
            };
            Some((kind, vec![found]))
        }
        None => find_alternative(issuer_signed, request, requested),
    }
}

fn get<'s>(issuer_signed: &'s IssuerSigned<'s>, wanted: ElementReference<'_>) -> Option<Found<'s>> {
    let space = issuer_signed
        .name_spaces()
        .iter()
        .find(|s| s.name() == wanted.name_space)?;
    let item = space
        .items()
        .iter()
        .find(|i| i.element_identifier() == wanted.element)?;
    Some(Found {
        name_space: space.name(),
        item: *item,
    })
}

/// The first alternative set of which the credential has all elements.
fn find_alternative<'s>(
    issuer_signed: &'s IssuerSigned<'s>,
    request: &'s ItemsRequest<'s>,
    requested: ElementReference<'_>,
) -> Option<(MatchKind, Vec<Found<'s>>)> {
    let alternatives = request
        .request_info()?
        .alternative_data_elements
        .iter()
        .filter(|a| a.requested == requested);
    alternatives.flat_map(|a| &a.alternatives).find_map(|set| {
        let items: Option<Vec<_>> = set.iter().map(|wanted| get(issuer_signed, *wanted)).collect();
        items
            .filter(|items| !items.is_empty())
            .map(|items| (MatchKind::Alternative, items))
    })
}

/// Whether the namespace has the rule by which one `age_over_NN` answers for another (ISO 18013-5 §7.2.5).
#[must_use]
pub fn has_age_over_rule(name_space: &str) -> bool {
    name_space == MDL_NAMESPACE || name_space == ISO_23220_NAMESPACE
}

/// Which of the statements a document has answers "is the holder over `asked`?": the nearest true one at or above, else the nearest
/// false one at or below, else none (ISO 18013-5 §7.2.5, A-H46).
pub fn answer_age_over(asked: u8, statements: impl Iterator<Item = (u8, bool)>) -> Option<u8> {
    let (mut above, mut below): (Option<u8>, Option<u8>) = (None, None);
    for (years, is_over) in statements {
        if is_over && years >= asked {
            above = Some(above.map_or(years, |best| best.min(years)));
        } else if !is_over && years <= asked {
            below = Some(below.map_or(years, |best| best.max(years)));
        }
    }
    above.or(below)
}

fn find_age_over<'s>(issuer_signed: &'s IssuerSigned<'s>, name_space: &str, asked: u8) -> Option<Found<'s>> {
    let space = issuer_signed.name_spaces().iter().find(|s| s.name() == name_space)?;
    let statements = || {
        space.items().iter().filter_map(|item| {
            let years = age_over(item.element_identifier())?;
            Some((years, item.element_value().decode(|d| d.bool()).ok()?, item))
        })
    };
    let answer = answer_age_over(asked, statements().map(|(years, is_over, _)| (years, is_over)))?;
    let (_, _, item) = statements().find(|(years, _, _)| *years == answer)?;
    Some(Found {
        name_space: space.name(),
        item: *item,
    })
}

/// Counts the different `age_over_NN` of one document; `false` when these would be too many (A-H46). Who answers several document
/// requests counts over all of them.
fn may_add_ages<'s>(ages: &mut Vec<ElementReference<'s>>, items: &[Found<'s>]) -> bool {
    let is_new = |f: &&Found<'s>| age_over(f.item.element_identifier()).is_some() && !ages.contains(&f.reference());
    let new: Vec<_> = items.iter().filter(is_new).map(Found::reference).collect();
    if ages.len().saturating_add(new.len()) > MAX_AGE_OVER {
        return false;
    }
    ages.extend(new);
    true
}

impl<'s> Selection<'s> {
    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &'s str {
        self.doc_type
    }

    /// What can be answered, in the reader's order.
    #[must_use]
    pub fn matches(&self) -> &[Match<'s>] {
        &self.matches
    }

    /// What cannot: the credential has neither the element nor an alternative.
    #[must_use]
    pub fn missing(&self) -> &[ElementReference<'s>] {
        &self.missing
    }

    /// Whether the portrait goes with whatever is released: a driving licence, and the reader asked for it (A-H49).
    #[must_use]
    pub fn portrait_is_due(&self) -> bool {
        self.portrait_rule
    }

    /// What is released when the holder approves exactly the elements for which `approved` says so. It is asked for the elements that
    /// would really be given, which may be others than the ones requested.
    ///
    /// All of an alternative set is released or nothing of it. Where the portrait is due and was not approved, nothing is released
    /// (A-H49): [`Release::is_withheld`] tells.
    #[must_use]
    pub fn approve(&self, mut approved: impl FnMut(ElementReference<'_>) -> bool) -> Release<'s> {
        let mut chosen: Vec<Found<'s>> = Vec::with_capacity(self.matches.len());
        for a_match in &self.matches {
            if a_match.items.iter().all(|f| approved(f.reference())) {
                chosen.extend(&a_match.items);
            }
        }
        let portrait = ElementReference {
            name_space: MDL_NAMESPACE,
            element: "portrait",
        };
        let is_withheld =
            self.portrait_rule && !chosen.is_empty() && !chosen.iter().any(|found| found.reference() == portrait);
        if is_withheld {
            chosen.clear();
        }
        // In the order of the stored credential, and each item once. An item is where its bytes are.
        let spaces = self.issuer_signed.name_spaces().iter().filter_map(|space| {
            let is_chosen = |item: &&IssuerSignedItem<'s>| {
                let place = item.encoded().as_ptr();
                chosen
                    .iter()
                    .any(|found| core::ptr::eq(found.item.encoded().as_ptr(), place))
            };
            let items: Vec<_> = space.items().iter().filter(is_chosen).copied().collect();
            (!items.is_empty()).then(|| (space.name(), items))
        });
        Release {
            name_spaces: spaces.collect(),
            is_withheld,
        }
    }

    /// What is released when the holder approves everything.
    #[must_use]
    pub fn approve_all(&self) -> Release<'s> {
        self.approve(|_| true)
    }
}

/// The items that leave the device. Made by [`Selection::approve`] only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release<'s> {
    name_spaces: Vec<(&'s str, Vec<IssuerSignedItem<'s>>)>,
    is_withheld: bool,
}

impl<'s> Release<'s> {
    /// Nothing at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The items by namespace; no namespace is empty.
    #[must_use]
    pub fn name_spaces(&self) -> &[(&'s str, Vec<IssuerSignedItem<'s>>)] {
        &self.name_spaces
    }

    /// The names of what is released.
    pub fn elements(&self) -> impl Iterator<Item = ElementReference<'s>> + '_ {
        self.name_spaces.iter().flat_map(|(space, items)| {
            items.iter().map(|i| ElementReference {
                name_space: space,
                element: i.element_identifier(),
            })
        })
    }

    /// Whether nothing is released.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name_spaces.is_empty()
    }

    /// Whether approved elements are held back because the portrait was due and not approved (A-H49).
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.is_withheld
    }
}
