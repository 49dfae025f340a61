//! The level of the citizen's identity account that a request needs (1 or 2), held against what the issuer signed.

use crate::report::{Reason, ReasonKind};
use crate::{DocumentReport, Policy, VerifiedDocument};
use idwallet_documents::{DocumentType, ElementRef, REQUIRED_ACCOUNT_LEVEL, Registry};
use idwallet_mdoc::DeviceRequest;
use std::collections::BTreeMap;

/// The level needed of each document type: what the request says, or the policy for every type that states one.
pub(crate) struct Needed {
    of_request: BTreeMap<String, u64>,
    of_policy: Option<u8>,
}

impl Needed {
    pub(crate) fn new(request: Option<&DeviceRequest<'_>>, policy: &Policy) -> Self {
        let mut of_request: BTreeMap<String, u64> = BTreeMap::new();
        for doc_request in request.map(DeviceRequest::doc_requests).unwrap_or_default() {
            let items = doc_request.items_request();
            let item = items
                .request_info()
                .and_then(|info| info.extension(REQUIRED_ACCOUNT_LEVEL));
            if let Some(level) = item.and_then(|item| item.decode(|d| d.u64()).ok())
                && field_of(items.doc_type()).is_some()
            {
                let needed = of_request.entry(items.doc_type().to_owned()).or_default();
                *needed = level.max(*needed);
            }
        }
        Self {
            of_request,
            of_policy: policy.account_level,
        }
    }

    /// Why the level of an accepted document does not suffice.
    pub(crate) fn refusal(&self, document: &VerifiedDocument) -> Option<Reason> {
        let field = field_of(document.doc_type())?;
        let of_request = self.of_request.get(document.doc_type()).copied();
        let needed = of_request.max(self.of_policy.map(u64::from))?;
        let stated = document.claim(&field.namespace, &field.element);
        let has = stated
            .and_then(crate::Claim::integer)
            .and_then(|level| u64::try_from(level).ok());
        match has {
            Some(has) if has >= needed => None,
            Some(_) => Some(reason(
                format!("the identity account is of a lower level than level {needed}, which is needed"),
                format!(
                    "tài khoản định danh chưa đạt mức độ {needed} theo yêu cầu; công dân cần nâng mức tại cơ quan công an"
                ),
            )),
            None => Some(reason(
                format!("the level of the identity account is not stated, and level {needed} is needed"),
                format!("không có mức tài khoản định danh, trong khi cần mức độ {needed}"),
            )),
        }
    }

    /// Document types whose level is needed and that are not in the response.
    pub(crate) fn absent(&self, documents: &[DocumentReport]) -> Option<Reason> {
        let is_there = |doc_type: &&String| documents.iter().any(|document| document.claimed_type == **doc_type);
        let missing = self.of_request.keys().any(|doc_type| !is_there(&doc_type));
        (missing && !documents.is_empty()).then(|| {
            reason(
                "the document that states the level of the identity account was not given".into(),
                "không nhận được giấy tờ ghi mức tài khoản định danh".into(),
            )
        })
    }
}

/// The element that states the level, for types that have one.
pub(crate) fn field_of(doc_type: &str) -> Option<&'static ElementRef> {
    let kind = Registry::builtin().ok()?.find(doc_type)?;
    if kind.doc_type() != doc_type {
        return None;
    }
    DocumentType::account_level_field(kind)
}

fn reason(text: String, text_vi: String) -> Reason {
    Reason {
        kind: ReasonKind::AccountLevel,
        check: None,
        text,
        text_vi,
        clause: "",
    }
}
