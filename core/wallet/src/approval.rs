//! What the person decided.

use crate::{DocumentId, Review};
use idwallet_crypto::Gather as _;
use std::collections::{BTreeMap, BTreeSet};

/// What a person approves: for each document request a document and the elements that may leave, named as they were asked for.
/// An approval of nothing is a decline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approval {
    pub(crate) documents: BTreeMap<usize, ApprovedDocument>,
    /// Documents of which a copy may be shown that was shown before.
    pub(crate) again: BTreeSet<DocumentId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApprovedDocument {
    pub(crate) document: DocumentId,
    /// Namespace and element as asked for.
    pub(crate) elements: BTreeSet<(String, String)>,
}

impl Approval {
    /// Nothing may leave.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// What a screen may tick by itself, on the proposed documents. Often nothing.
    #[must_use]
    pub fn preselected(review: &Review) -> Self {
        Self::proposed(review, |is_preselected| is_preselected)
    }

    /// Everything that the proposed documents can give: only after the person said so.
    #[must_use]
    pub fn everything(review: &Review) -> Self {
        Self::proposed(review, |_| true)
    }

    fn proposed(review: &Review, takes: impl Fn(bool) -> bool) -> Self {
        let mut out = Self::nothing();
        let in_sets: BTreeSet<usize> = review
            .use_cases
            .iter()
            .flat_map(|u| u.sets.iter().flatten().copied())
            .gather();
        let proposed: BTreeSet<usize> = review
            .use_cases
            .iter()
            .filter_map(|u| u.sets.get(u.proposed?))
            .flatten()
            .copied()
            .gather();
        for (index, request) in review.requests.iter().enumerate() {
            let Some(first) = request.candidates.first() else {
                continue;
            };
            if in_sets.contains(&index) && !proposed.contains(&index) {
                continue;
            }
            for offered in first.elements.iter().filter(|e| takes(e.preselected)) {
                out = out.select(index, first.document, &offered.asked.name_space, &offered.asked.element);
            }
        }
        out
    }

    /// Approves one element of the document request with that index, from that document. Choosing another document than before
    /// takes back what was approved from the other.
    #[must_use]
    pub fn select(mut self, request: usize, document: DocumentId, name_space: &str, element: &str) -> Self {
        let entry = self.documents.entry(request).or_insert_with(|| ApprovedDocument {
            document,
            elements: BTreeSet::new(),
        });
        if entry.document != document {
            entry.document = document;
            entry.elements.clear();
        }
        entry.elements.insert((name_space.to_owned(), element.to_owned()));
        self
    }

    /// Lets a copy of the document be shown that was shown before ([`CopyUse::Again`](crate::CopyUse::Again)): whoever saw it can tell.
    /// Nothing else says so, [`everything`](Self::everything) neither.
    #[must_use]
    pub fn allow_again(mut self, document: DocumentId) -> Self {
        self.again.insert(document);
        self
    }

    /// Takes back one element.
    #[must_use]
    pub fn deselect(mut self, request: usize, name_space: &str, element: &str) -> Self {
        if let Some(approved) = self.documents.get_mut(&request) {
            approved.elements.remove(&(name_space.to_owned(), element.to_owned()));
            if approved.elements.is_empty() {
                self.documents.remove(&request);
            }
        }
        self
    }

    /// Takes back a whole document request.
    #[must_use]
    pub fn without(mut self, request: usize) -> Self {
        self.documents.remove(&request);
        self
    }

    /// Whether that element of that request is approved.
    #[must_use]
    pub fn has(&self, request: usize, name_space: &str, element: &str) -> bool {
        self.documents
            .get(&request)
            .is_some_and(|a| a.elements.contains(&(name_space.to_owned(), element.to_owned())))
    }

    /// What is approved: the index of the request, the document, and namespace and identifier of each element.
    pub fn choices(&self) -> impl Iterator<Item = (usize, DocumentId, impl Iterator<Item = (&str, &str)>)> {
        self.documents.iter().map(|(request, approved)| {
            let elements = approved.elements.iter();
            let elements = elements.map(|(name_space, element)| (name_space.as_str(), element.as_str()));
            (*request, approved.document, elements)
        })
    }

    /// Documents of which a copy may be shown that was shown before.
    pub fn again(&self) -> impl Iterator<Item = DocumentId> {
        self.again.iter().copied()
    }

    /// Whether nothing is approved.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.documents.is_empty()
    }
}
