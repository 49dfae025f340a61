//! Whether documents are correct, sufficient, clean and live: at import, before anything is shown, and whenever asked.
//!
//! *Correct* is what the issuer signed: signature, digests, chain. *Sufficient* is what such a document must have. *Clean* is how values
//! are written, within a document and beside the others of the same person. *Live* is validity and status. Signed bytes are never
//! changed by any of it.

mod across;
mod check;
mod codes;
mod content;
mod correct;
mod live;

use crate::{DocumentId, DocumentSummary, words};
use core::fmt;
use idwallet_documents::{DocumentType, Label, Lang};

pub use check::Checked;
pub use codes::FindingCode;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// Signature, chain, digests: Q1xx.
    Correct,
    /// The required elements of the type: Q2xx.
    Sufficient,
    /// Text, numbers and dates as they should be written; duplicates and contradictions: Q3xx.
    Clean,
    /// Validity, status, freshness: Q4xx.
    Live,
}

impl Aspect {
    /// The four, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Correct, Self::Sufficient, Self::Clean, Self::Live];

    /// The word for it in reports: `correct`, `sufficient`, `clean`, `live`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Sufficient => "sufficient",
            Self::Clean => "clean",
            Self::Live => "live",
        }
    }

    /// The word for a person.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Correct, Lang::Vi) => "đúng",
            (Self::Sufficient, Lang::Vi) => "đủ",
            (Self::Clean, Lang::Vi) => "sạch",
            (Self::Live, Lang::Vi) => "sống",
            (_, Lang::En) => self.as_str(),
        }
    }
}

/// What a finding leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The owner is told; the document can be used.
    Warn,
    /// Not imported; not shown if it is in the wallet already.
    Refuse,
}

/// The name of an element: namespace and identifier.
pub type ElementName = (String, String);

/// What an element is called; of a finding about a namespace as a whole, which has no element, the namespace.
fn label(kind: Option<&DocumentType>, name_space: &str, element: &str) -> Label {
    if element.is_empty() {
        words::unknown(name_space)
    } else {
        words::label(kind, name_space, element)
    }
}

/// Something about a document that its owner should know. It names elements and never has a value.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The stable code, which says which of the four it is about.
    pub code: FindingCode,
    /// What it leads to.
    pub severity: Severity,
    /// The element it is about, if it is about one.
    pub element: Option<ElementName>,
    /// What the element is called.
    pub label: Option<Label>,
    /// The other document, of a duplicate or contradiction.
    pub other: Option<DocumentId>,
}

impl Finding {
    pub(crate) const fn new(code: FindingCode) -> Self {
        Self {
            code,
            severity: code.severity(),
            element: None,
            label: None,
            other: None,
        }
    }

    pub(crate) const fn refusing(mut self, refuses: bool) -> Self {
        self.severity = if refuses { Severity::Refuse } else { Severity::Warn };
        self
    }

    /// Which of the four it is about.
    #[must_use]
    pub const fn aspect(&self) -> Aspect {
        self.code.aspect()
    }

    /// Whether it keeps the document from being imported or shown.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self.severity, Severity::Refuse)
    }

    /// What to tell the person: which element, what is so, what to do.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match &self.label {
            Some(label) => format!("{}: {}", label.text(lang), self.code.text(lang)),
            None => self.code.text(lang).to_owned(),
        }
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Finding({}", self.code)?;
        if let Some((name_space, element)) = &self.element {
            write!(f, ", {name_space} / {element}")?;
        }
        if let Some(other) = &self.other {
            write!(f, ", {other}")?;
        }
        f.write_str(")")
    }
}

/// One of the four about one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AspectState {
    /// Nothing is to be said against it.
    Good,
    /// It can be used, and its owner should know something.
    Warned,
    /// It cannot be used.
    Refused,
}

impl AspectState {
    /// The word for it in reports: `good`, `warned`, `refused`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warned => "warned",
            Self::Refused => "refused",
        }
    }
}

/// All that is to be said about one document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckReport {
    /// The document.
    pub document: DocumentSummary,
    /// The findings, in the order of their codes.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// How it stands with one of the four.
    #[must_use]
    pub fn state(&self, aspect: Aspect) -> AspectState {
        let of = self.findings.iter().filter(|finding| finding.aspect() == aspect);
        of.fold(AspectState::Good, |state, finding| match (state, finding.severity) {
            (_, Severity::Refuse) | (AspectState::Refused, _) => AspectState::Refused,
            _ => AspectState::Warned,
        })
    }

    /// Whether the document can be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.findings.iter().any(Finding::is_refusal)
    }
}
