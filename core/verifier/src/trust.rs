//! Between what `mdoc` asks and what `trust` and `status-list` know.

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Certificate, RevocationRequirement, Strictness, ValidatedPath};
use idwallet_mdoc::names::MDL_DOC_TYPE;
use idwallet_mdoc::verify::{DocTypeAnswer, DocTypeConstraint, StatusAnswer, StatusCheck, StatusQuery};
use idwallet_status_list::{ListPolicy, ListTrust, Status, StatusAnswer as ListAnswer, check_identifier, check_index};
use idwallet_trust::{TrustListVerdict, TrustStore};

/// A-V21: what the trust lists of a store say about the document types of an anchor.
pub(crate) struct TrustLists<'t>(pub(crate) &'t TrustStore);

impl DocTypeConstraint for TrustLists<'_> {
    fn check(&self, anchor: &Certificate, doc_type: &str, at: Timestamp) -> DocTypeAnswer {
        match self.0.verdict(anchor, doc_type, at) {
            TrustListVerdict::NotApplicable => DocTypeAnswer::NotListed,
            TrustListVerdict::Permitted(_) => DocTypeAnswer::Allowed,
            // Unknown cannot be here: the anchors of path validation are those of the store.
            TrustListVerdict::NotPermitted | TrustListVerdict::Unknown => DocTypeAnswer::NotAllowed,
        }
    }
}

/// A-V25: the status and identifier lists of a store, under the rule of A-V30 for who may sign them.
pub(crate) struct StatusLists<'t> {
    pub(crate) trust: &'t TrustStore,
    pub(crate) strictness: Strictness,
}

impl StatusLists<'_> {
    /// Asks the list published at `uri`, if it is there.
    fn ask(
        &self,
        uri: &str,
        certificate: Option<&[u8]>,
        signer: &ValidatedPath,
        at: Timestamp,
        check: impl FnOnce(&[u8], &ListTrust<'_>, &ListPolicy<'_>) -> ListAnswer,
    ) -> Option<ListAnswer> {
        let list = self.trust.list(uri)?;
        let policy = ListPolicy::new(at)
            .strictness(self.strictness)
            .fetched_at(list.fetched_at(), false)
            .revocation(self.trust.crls(), RevocationRequirement::IfAvailable);
        Some(check(list.token(), &ListTrust::for_mso(certificate, signer), &policy))
    }
}

impl StatusCheck for StatusLists<'_> {
    fn check(&self, query: &StatusQuery<'_>) -> StatusAnswer {
        let status_list = query.reference.status_list.and_then(|reference| {
            let check = |token: &[u8], trust: &ListTrust<'_>, policy: &ListPolicy<'_>| {
                check_index(token, reference.idx, reference.uri, trust, policy)
            };
            self.ask(reference.uri, reference.certificate, query.issuer, query.at, check)
        });
        let identifier_list = query.reference.identifier_list.and_then(|reference| {
            let check = |token: &[u8], trust: &ListTrust<'_>, policy: &ListPolicy<'_>| {
                check_identifier(token, reference.id, reference.uri, trust, policy)
            };
            self.ask(reference.uri, reference.certificate, query.issuer, query.at, check)
        });
        let answers = [status_list, identifier_list].into_iter().flatten();
        worst(answers.map(|answer| translate(answer, query.doc_type)))
    }
}

fn translate(answer: ListAnswer, doc_type: &str) -> StatusAnswer {
    match answer {
        ListAnswer::Known(Status::Valid) => StatusAnswer::Valid,
        ListAnswer::Known(Status::Invalid) => StatusAnswer::Invalid,
        // A driving licence is valid or not (A-I22); whatever else its list says is not valid.
        ListAnswer::Known(Status::Suspended) if doc_type == MDL_DOC_TYPE => StatusAnswer::Invalid,
        ListAnswer::Known(Status::Suspended) => StatusAnswer::Suspended,
        ListAnswer::Known(other) => {
            StatusAnswer::Unknown(format!("the list has the value {}, which has no meaning here", other.value()).into())
        }
        ListAnswer::Unknown(error) => StatusAnswer::Unknown(error.to_string().into()),
    }
}

/// A document with both kinds of reference is as good as the worse answer.
fn worst(answers: impl Iterator<Item = StatusAnswer>) -> StatusAnswer {
    let rank = |answer: &StatusAnswer| match answer {
        StatusAnswer::NotAvailable => 0,
        StatusAnswer::Valid => 1,
        StatusAnswer::Unknown(_) => 2,
        StatusAnswer::Suspended => 3,
        StatusAnswer::Invalid => 4,
    };
    answers.fold(StatusAnswer::NotAvailable, |worst, answer| {
        if rank(&answer) > rank(&worst) { answer } else { worst }
    })
}
