//! *Sufficient* and *clean* within one document: the rules of its type.

use super::codes::severity_of;
use super::{Finding, FindingCode};
use crate::words;
use idwallet_documents::{DocumentType, ElementRef};
use idwallet_mdoc::IssuerSigned;

/// Most findings that are kept of one document.
pub(crate) const MAX_FINDINGS: usize = 64;

pub(super) fn findings(issuer_signed: &IssuerSigned<'_>, kind: Option<&DocumentType>) -> Vec<Finding> {
    let Some(kind) = kind else {
        return vec![Finding::new(FindingCode::TypeUnknown)];
    };
    let names = issuer_signed
        .items()
        .map(|(name_space, item)| (name_space, item.element_identifier()));
    let value = |name_space: &str, element: &str| {
        words::element_value(issuer_signed.item(name_space, element)?.element_value())
    };
    let mut out: Vec<Finding> = Vec::new();
    for found in kind.check(names, value) {
        let mut finding = Finding::new(FindingCode::Value(found.code));
        finding.severity = severity_of(found.severity);
        let ElementRef { namespace, element } = found.at;
        finding.label = Some(super::label(Some(kind), &namespace, &element));
        finding.element = Some((namespace, element));
        if !out.contains(&finding) {
            out.push(finding);
        }
    }
    out.truncate(MAX_FINDINGS);
    out
}
