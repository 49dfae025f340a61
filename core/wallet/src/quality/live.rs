//! *Live*: validity, status, and how old the knowledge of the status is.

use super::{Finding, FindingCode};
use crate::document::DocumentState;
use crate::record::{CopyRecord, DocumentRecord};
use crate::status::StatusPolicy;
use crate::words;
use idwallet_crypto::Timestamp;
use idwallet_documents::{DocumentType, ElementRef};
use idwallet_mdoc::IssuerSigned;

/// How long before its end a document is said to expire soon, in seconds; of a short-lived one it is the last quarter.
const SOON: i64 = 30 * 24 * 60 * 60;

/// About the document as a whole: as good as the copy that would be shown.
pub(super) fn findings(document: &DocumentRecord, policy: StatusPolicy, now: Timestamp) -> Vec<Finding> {
    let state = match document.state(now) {
        DocumentState::Active => None,
        DocumentState::NotYetValid => Some(FindingCode::NotYetValid),
        DocumentState::Expired => Some(FindingCode::Expired),
        DocumentState::Suspended => Some(FindingCode::Suspended),
        DocumentState::Revoked => Some(FindingCode::Revoked),
    };
    let mut out: Vec<Finding> = state.map(Finding::new).into_iter().collect();
    if out.is_empty()
        && let Some(copy) = document.copies_to_show(now).first()
    {
        out.extend(freshness(document, copy, policy, now));
        let last = document.copies.iter().max_by_key(|copy| copy.valid_until);
        out.extend(
            last.filter(|last| ends_soon(last, now))
                .map(|_| Finding::new(FindingCode::ExpiresSoon)),
        );
    }
    out
}

/// What the document itself says of its end. Its last day is whole: the finding waits until it is over in Greenwich too.
pub(super) fn of_content(
    issuer_signed: &IssuerSigned<'_>,
    kind: Option<&DocumentType>,
    now: Timestamp,
) -> Vec<Finding> {
    let ends = kind.map(DocumentType::ends).unwrap_or_default();
    let is_over = |end: &&ElementRef| {
        issuer_signed
            .item(&end.namespace, &end.element)
            .and_then(|item| words::element_value(item.element_value()))
            .and_then(|value| value.date())
            .is_some_and(|last| last < now.date())
    };
    let finding = |end: &ElementRef| Finding {
        label: Some(super::label(kind, &end.namespace, &end.element)),
        element: Some((end.namespace.clone(), end.element.clone())),
        ..Finding::new(FindingCode::EndPassed)
    };
    ends.iter().filter(is_over).map(finding).collect()
}

/// What is to be said about the knowledge of a copy's status. A copy whose issuer keeps no list has nothing to be known.
pub(super) fn freshness(
    document: &DocumentRecord,
    copy: &CopyRecord,
    policy: StatusPolicy,
    now: Timestamp,
) -> Option<Finding> {
    let sources = document.sources.as_ref()?.len();
    if sources == 0 {
        return None;
    }
    // Every list that the copy names has its say: as old as the oldest.
    let oldest = copy.statuses.iter().map(|(_, status)| status.issued_at).min();
    let code = match oldest {
        Some(oldest) => {
            let age = u64::try_from(now.unix().saturating_sub(oldest.unix())).unwrap_or_default();
            (age > policy.max_age).then_some(FindingCode::StatusOld)
        }
        None => Some(FindingCode::StatusUnknown),
    };
    code.map(|code| Finding::new(code).refusing(policy.required))
}

fn ends_soon(copy: &CopyRecord, now: Timestamp) -> bool {
    let whole = copy.valid_until.unix().saturating_sub(copy.valid_from.unix());
    let soon = whole.checked_div(4).unwrap_or_default().min(SOON);
    copy.valid_until.unix().saturating_sub(now.unix()) < soon
}
