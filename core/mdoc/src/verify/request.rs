//! Whether the answer is one to the question (A-V26).

use super::report::{Findings, Problem, Subject};
use super::{CheckResult, Fault, Policy, SkipReason};
use crate::holder::has_age_over_rule;
use crate::names::{MDL_DOC_TYPE, MDL_NAMESPACE, age_over};
use crate::{DeviceRequest, DeviceResponse, DeviceSigned, DocRequest, ElementReference, ItemsRequest};
use idwallet_cose::cbor::Item;

/// What was asked for, of one document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'s> {
    /// The caller does not say.
    Unknown,
    /// Nothing of this document type.
    Nothing,
    /// These elements.
    Items(&'s ItemsRequest<'s>),
}

/// One element of the answer.
#[derive(Clone, Copy)]
struct Returned<'a> {
    name_space: &'a str,
    element: &'a str,
    value: Item<'a>,
}

/// Every element with its namespace, whoever signed it.
fn returned<'a>(subject: &Subject<'a>) -> impl Iterator<Item = Returned<'a>> + use<'a> {
    let issuer = subject.name_spaces.iter().flat_map(|space| {
        space.items().iter().map(|item| Returned {
            name_space: space.name(),
            element: item.element_identifier(),
            value: item.element_value(),
        })
    });
    let device = subject.device_signed.into_iter().flat_map(DeviceSigned::elements);
    issuer.chain(device.map(|(name_space, element, value)| Returned {
        name_space,
        element,
        value,
    }))
}

fn is_returned(subject: &Subject<'_>, name_space: &str, element: &str) -> bool {
    let in_space = subject.name_spaces.iter().find(|space| space.name() == name_space);
    in_space.is_some_and(|space| space.items().iter().any(|item| item.element_identifier() == element))
        || subject.device_signed.is_some_and(|device| {
            device
                .elements()
                .any(|(space, name, _)| space == name_space && name == element)
        })
}

/// Whether one `age_over_NN` answers the question for another: a true one at or above it, a false one at or below (A-H46).
fn answers_age(answer: &Returned<'_>, asked: u8) -> bool {
    let Some(years) = age_over(answer.element).filter(|_| has_age_over_rule(answer.name_space)) else {
        return false;
    };
    match answer.value.decode(|d| d.bool()) {
        Ok(true) => years >= asked,
        Ok(false) => years <= asked,
        Err(_) => false,
    }
}

fn was_asked_for(items: &ItemsRequest<'_>, answer: &Returned<'_>) -> bool {
    let asked = items
        .name_spaces()
        .iter()
        .find(|(space, _)| *space == answer.name_space);
    let elements = asked.map(|(_, elements)| elements.as_slice()).unwrap_or_default();
    // Names first: only an age statement answers for another, and hardly anything is an alternative.
    elements.iter().any(|asked| asked.element == answer.element)
        || (age_over(answer.element).is_some()
            && elements
                .iter()
                .any(|asked| age_over(asked.element).is_some_and(|years| answers_age(answer, years))))
        || is_alternative(items, answer)
}

/// Whether the element is in a set that the reader takes instead of one it asked for (2nd edition §10.2.4).
fn is_alternative(items: &ItemsRequest<'_>, answer: &Returned<'_>) -> bool {
    let given = ElementReference {
        name_space: answer.name_space,
        element: answer.element,
    };
    let alternatives = items
        .request_info()
        .map(|info| info.alternative_data_elements.as_slice());
    alternatives
        .unwrap_or_default()
        .iter()
        .filter(|a| items.asks_for(a.requested.name_space, a.requested.element))
        .any(|a| a.alternatives.iter().any(|set| set.contains(&given)))
}

/// Whether a requested element is there, by its name, by another age statement, or by an alternative set.
fn is_answered(subject: &Subject<'_>, items: &ItemsRequest<'_>, name_space: &str, element: &str) -> bool {
    if is_returned(subject, name_space, element) {
        return true;
    }
    if let Some(years) = age_over(element)
        && returned(subject).any(|answer| answer.name_space == name_space && answers_age(&answer, years))
    {
        return true;
    }
    let Some(info) = items.request_info() else {
        return false;
    };
    info.alternative_data_elements
        .iter()
        .filter(|a| a.requested.name_space == name_space && a.requested.element == element)
        .flat_map(|a| &a.alternatives)
        .any(|set| !set.is_empty() && set.iter().all(|e| is_returned(subject, e.name_space, e.element)))
}

/// Returned is no more than requested; what is missing is told.
pub(super) fn check(subject: &Subject<'_>, wanted: Wanted<'_>, policy: &Policy) -> CheckResult {
    let items = match wanted {
        Wanted::Unknown => return CheckResult::Skipped(SkipReason::NoRequest),
        Wanted::Nothing => {
            return CheckResult::Failed(vec![Fault::UnrequestedDocument {
                doc_type: subject.doc_type.unwrap_or_default().to_owned(),
            }]);
        }
        Wanted::Items(items) => items,
    };
    let mut findings = Findings::default();
    for answer in returned(subject).filter(|answer| !was_asked_for(items, answer)) {
        findings.fail(Fault::Unrequested {
            name_space: answer.name_space.to_owned(),
            element: answer.element.to_owned(),
        });
    }
    let portrait_is_due = items.doc_type() == MDL_DOC_TYPE && returned(subject).next().is_some();
    for (name_space, asked) in items.elements() {
        if is_answered(subject, items, name_space, asked.element) {
            continue;
        }
        if portrait_is_due && name_space == MDL_NAMESPACE && asked.element == "portrait" {
            findings.depart(policy, Fault::PortraitMissing);
            continue;
        }
        let missing = Fault::NotReturned {
            name_space: name_space.to_owned(),
            element: asked.element.to_owned(),
        };
        if policy.all_elements {
            findings.fail(missing);
        } else {
            findings.warn(missing);
        }
    }
    findings.into_result()
}

/// Which document answers which request.
pub(super) struct Assignment {
    /// For each document the index of its request.
    documents: Vec<Option<usize>>,
}

impl Assignment {
    /// Each document answers a request for its type: one that it does not exceed, and one that no other document answers, where
    /// there is such a one.
    pub(super) fn new(response: &[Subject<'_>], request: &DeviceRequest<'_>) -> Self {
        let mut documents: Vec<Option<usize>> = Vec::with_capacity(response.len());
        for subject in response {
            let requests = request.doc_requests().iter().enumerate();
            let mut fitting = requests.filter(|(_, r)| Some(r.items_request().doc_type()) == subject.doc_type);
            let exceeds = |items: &ItemsRequest<'_>| returned(subject).any(|answer| !was_asked_for(items, &answer));
            let is_taken = |index: usize| documents.contains(&Some(index));
            let cost = |(index, doc_request): (usize, &DocRequest<'_>)| {
                (exceeds(doc_request.items_request()), is_taken(index), index)
            };
            // The usual request asks for a type once, and then there is nothing to choose.
            let first = fitting.next();
            let best = match fitting.next() {
                None => first.map(|(index, _)| index),
                Some(second) => {
                    let all = first.into_iter().chain([second]).chain(fitting);
                    all.map(cost).min().map(|(_, _, index)| index)
                }
            };
            documents.push(best);
        }
        Self { documents }
    }

    /// What was asked for of a document.
    pub(super) fn wanted<'s>(&self, document: usize, request: &'s DeviceRequest<'s>) -> Wanted<'s> {
        let index = self.documents.get(document).copied().flatten();
        match index.and_then(|index| request.doc_requests().get(index)) {
            Some(doc_request) => Wanted::Items(doc_request.items_request()),
            None => Wanted::Nothing,
        }
    }

    /// Requests that nothing answers, and those that two documents answer where one set was wanted.
    pub(super) fn problems(&self, request: &DeviceRequest<'_>, response: &DeviceResponse<'_>, out: &mut Vec<Problem>) {
        let answers = |index: usize| self.documents.iter().filter(|d| **d == Some(index)).count();
        for (index, doc_request) in request.doc_requests().iter().enumerate() {
            let items = doc_request.items_request();
            let is_unique = items.request_info().and_then(|info| info.unique_doc_set_required) == Some(true);
            if answers(index) > 1 && is_unique {
                out.push(Problem::DuplicateDocument {
                    doc_type: items.doc_type().to_owned(),
                });
            }
            if answers(index) == 0 && is_needed(request, index, &|index| answers(index) > 0) {
                let errors = response.document_errors();
                out.push(Problem::MissingDocument {
                    doc_type: items.doc_type().to_owned(),
                    error_code: errors
                        .iter()
                        .find(|(name, _)| *name == items.doc_type())
                        .map(|(_, code)| *code),
                });
            }
        }
    }
}

/// Whether a document request must be answered: always, unless use cases name it (2nd edition §10.2.8). One that use cases name is
/// needed only for a mandatory use case of which no set is answered, and then for its first, best set.
fn is_needed(request: &DeviceRequest<'_>, index: usize, is_answered: &dyn Fn(usize) -> bool) -> bool {
    let Ok(wanted) = u64::try_from(index) else {
        return true;
    };
    let use_cases = request.device_request_info().map(|info| info.use_cases.as_slice());
    let use_cases = use_cases.unwrap_or_default();
    let names_it = |set: &Vec<u64>| set.contains(&wanted);
    if !use_cases.iter().any(|u| u.document_sets.iter().any(names_it)) {
        return true;
    }
    let is_met = |set: &Vec<u64>| set.iter().all(|i| usize::try_from(*i).is_ok_and(is_answered));
    use_cases
        .iter()
        .filter(|u| u.mandatory && !u.document_sets.iter().any(is_met))
        .any(|u| u.document_sets.first().is_some_and(names_it))
}
