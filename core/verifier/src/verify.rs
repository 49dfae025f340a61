//! One call over bytes.

use crate::level::Needed;
use crate::report::{CheckReport, CheckState, Reason, ReasonKind, Trust, TrustState};
use crate::trust::{StatusLists, TrustLists};
use crate::words;
use crate::{Claims, DocumentReport, Format, Policy, Presentation, Report, VerifiedDocument, VerifierError};
use idwallet_mdoc::verify::{
    self, ChainCache, CheckResult, IssuerTrust, Refusal, Session, parse_issuer_auth, verify_document,
    verify_issuer_auth, verify_issuer_signed, verify_response,
};
use idwallet_mdoc::{DeviceRequest, DeviceResponse, Document, IssuerSigned};
use idwallet_trust::TrustStore;

/// Runs the whole checklist over bytes. Remembers validated issuer chains, so one that lives long is faster; it remembers no document.
#[derive(Debug, Default)]
pub struct Verifier {
    cache: ChainCache,
}

impl Verifier {
    /// A verifier that remembers nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Verifies a `DeviceResponse` and all of its documents.
    ///
    /// # Errors
    /// [`VerifierError::Mdoc`] only when the bytes are not a `DeviceResponse` at all, or those of the request not a `DeviceRequest`.
    pub fn verify_device_response(
        &self,
        response: &[u8],
        presentation: &Presentation<'_>,
        policy: &Policy,
        trust: &TrustStore,
    ) -> Result<Report, VerifierError> {
        let response = DeviceResponse::parse(response)?;
        with_session(presentation, |session, request| {
            self.with_trust(policy, trust, |issuers| {
                let report = verify_response(&response, session, issuers, &policy.document);
                let problems = report.problems().iter().map(|problem| Reason {
                    kind: ReasonKind::Response,
                    check: None,
                    text: problem.to_string(),
                    text_vi: words::of_problem(problem),
                    clause: problem.clause(),
                });
                let needed = Needed::new(request, policy);
                make_report(report.documents(), problems.collect(), policy, &needed, trust)
            })
        })
    }

    /// Verifies one `Document` by itself.
    ///
    /// # Errors
    /// [`VerifierError::Mdoc`] only when the bytes are not a `Document` at all, or those of the request not a `DeviceRequest`.
    pub fn verify_document(
        &self,
        document: &[u8],
        presentation: &Presentation<'_>,
        policy: &Policy,
        trust: &TrustStore,
    ) -> Result<Report, VerifierError> {
        let document = Document::parse(document)?;
        with_session(presentation, |session, request| {
            self.with_trust(policy, trust, |issuers| {
                let report = verify_document(&document, session, issuers, &policy.document);
                make_report(&[report], Vec::new(), policy, &Needed::new(request, policy), trust)
            })
        })
    }

    /// Verifies an `IssuerSigned` as an issuer gives it to a holder. It proves no holder, so [`Policy::issuer_only`] is needed for
    /// it to be accepted. `doc_type` is the one wanted, if one is.
    ///
    /// # Errors
    /// [`VerifierError::Mdoc`] only when the bytes are not an `IssuerSigned` at all.
    pub fn verify_issuer_signed(
        &self,
        issuer_signed: &[u8],
        doc_type: Option<&str>,
        policy: &Policy,
        trust: &TrustStore,
    ) -> Result<Report, VerifierError> {
        let issuer_signed = IssuerSigned::parse(issuer_signed)?;
        Ok(self.with_trust(policy, trust, |issuers| {
            let report = verify_issuer_signed(&issuer_signed, doc_type, issuers, &policy.document);
            make_report(&[report], Vec::new(), policy, &Needed::new(None, policy), trust)
        }))
    }

    /// Verifies an `IssuerAuth` by itself, on the terms of [`Self::verify_issuer_signed`].
    ///
    /// # Errors
    /// [`VerifierError::Mdoc`] only when the bytes are not an `IssuerAuth` at all.
    pub fn verify_issuer_auth(
        &self,
        issuer_auth: &[u8],
        doc_type: Option<&str>,
        policy: &Policy,
        trust: &TrustStore,
    ) -> Result<Report, VerifierError> {
        let issuer_auth = parse_issuer_auth(issuer_auth)?;
        Ok(self.with_trust(policy, trust, |issuers| {
            let report = verify_issuer_auth(&issuer_auth, doc_type, issuers, &policy.document);
            make_report(&[report], Vec::new(), policy, &Needed::new(None, policy), trust)
        }))
    }

    fn with_trust<T>(&self, policy: &Policy, trust: &TrustStore, run: impl FnOnce(&IssuerTrust<'_>) -> T) -> T {
        let lists = TrustLists(trust);
        let status = StatusLists {
            trust,
            strictness: policy.document.strictness(),
        };
        let issuers = IssuerTrust::new(trust.issuer_anchors())
            .crls(trust.crls())
            .doc_types(&lists)
            .status(&status)
            .cache(&self.cache);
        run(&issuers)
    }
}

fn with_session<T>(
    presentation: &Presentation<'_>,
    run: impl FnOnce(&Session<'_>, Option<&DeviceRequest<'_>>) -> T,
) -> Result<T, VerifierError> {
    let request = presentation.request.map(DeviceRequest::parse).transpose()?;
    let mut session = presentation.transcript.map_or_else(Session::none, Session::new);
    if let Some(key) = presentation.e_reader_key {
        session = session.e_reader_key(key);
    }
    if let Some(request) = &request {
        session = session.request(request);
    }
    if let Some(doc_type) = presentation.doc_type {
        session = session.doc_type(doc_type);
    }
    Ok(run(&session, request.as_ref()))
}

fn make_report(
    documents: &[verify::DocumentReport<'_>],
    mut problems: Vec<Reason>,
    policy: &Policy,
    needed: &Needed,
    trust: &TrustStore,
) -> Report {
    let too_old = policy.max_snapshot_age.and_then(|max_age| {
        let error = trust.check_age(policy.time(), max_age).err()?;
        Some(Reason {
            kind: ReasonKind::KnowledgeTooOld,
            check: None,
            text: error.to_string(),
            text_vi: "dữ liệu tin cậy đã cũ hơn mức chính sách cho phép".to_owned(),
            clause: "",
        })
    });
    let documents = documents.iter().map(|document| {
        let mut report = make_document(document, too_old.as_ref());
        if let Some(reason) = report.verified().and_then(|document| needed.refusal(document)) {
            report.outcome = Err(vec![reason]);
        }
        report
    });
    let documents: Vec<DocumentReport> = documents.collect();
    problems.extend(needed.absent(&documents));
    Report {
        checked_at: policy.time(),
        documents,
        problems,
    }
}

fn make_document(report: &verify::DocumentReport<'_>, too_old: Option<&Reason>) -> DocumentReport {
    let checks = report.checks().iter().map(|(check, result)| CheckReport {
        id: check.id(),
        state: match result {
            CheckResult::Passed => CheckState::Passed,
            CheckResult::Warned(_) => CheckState::Warned,
            CheckResult::Failed(_) => CheckState::Failed,
            CheckResult::Skipped(_) => CheckState::Skipped,
        },
        clause: result.clause(check),
        reason: result.reason(),
        result: result.clone(),
    });
    let own = |codes: &Vec<(&str, i64)>| codes.iter().map(|(name, code)| ((*name).to_owned(), *code)).collect();
    let errors = report
        .errors()
        .iter()
        .map(|(space, codes)| ((*space).to_owned(), own(codes)));
    DocumentReport {
        format: Format::Mdoc,
        claimed_type: report.claimed_doc_type().unwrap_or_default().to_owned(),
        trust: make_trust(report.trust()),
        checks: checks.collect(),
        errors: errors.collect(),
        outcome: match (report.verified(), too_old) {
            (Some(document), None) => Ok(make_verified(&document)),
            (_, too_old) => Err(too_old
                .cloned()
                .into_iter()
                .chain(report.refusals().iter().map(reason))
                .collect()),
        },
    }
}

fn reason(refusal: &Refusal) -> Reason {
    let (kind, text) = match refusal {
        Refusal::Failed { fault, .. } => (fault.kind().into(), fault.to_string()),
        Refusal::Skipped { reason, .. } => (ReasonKind::NotChecked, format!("{reason}, and the policy needs it")),
    };
    Reason {
        kind,
        check: Some(refusal.check().id()),
        text,
        text_vi: words::of_refusal(refusal),
        clause: refusal.clause(),
    }
}

fn make_trust(state: &verify::TrustState) -> Trust {
    let reason_vi = match state {
        verify::TrustState::Trusted { .. } => None,
        verify::TrustState::Untrusted(fault) => Some(words::of_fault(fault)),
        verify::TrustState::NotChecked => Some("không có chứng thư gốc nào để tin cậy".to_owned()),
    };
    let (word, anchor, reason, kind) = match state {
        verify::TrustState::Trusted { anchor } => (TrustState::Trusted, Some(anchor.subject().to_string()), None, None),
        verify::TrustState::Untrusted(fault) => (
            TrustState::Untrusted,
            None,
            Some(fault.to_string()),
            Some(fault.kind().into()),
        ),
        verify::TrustState::NotChecked => (
            TrustState::NotChecked,
            None,
            Some("no trust anchor was given".to_owned()),
            Some(ReasonKind::NotChecked),
        ),
    };
    Trust {
        state: word,
        anchor,
        reason,
        reason_vi,
        kind,
    }
}

fn make_verified(document: &verify::VerifiedDocument<'_>) -> VerifiedDocument {
    let mut claims = Claims::default();
    for (name_space, item) in document.claims() {
        claims.push(name_space, item.element_identifier(), item.element_value());
    }
    let mut device_claims = Claims::default();
    for (name_space, name, value) in document.device_claims() {
        device_claims.push(name_space, name, value);
    }
    let validity = document.mso().validity();
    VerifiedDocument {
        doc_type: document.doc_type().to_owned(),
        claims,
        device_claims,
        is_bound: document.is_bound(),
        valid_from: validity.valid_from.timestamp(),
        valid_until: validity.valid_until.timestamp(),
        issuer: document.signer().subject().to_string(),
        issuing_country: document.issuing_country().map(str::to_owned),
        issuing_state: document.issuing_state().map(str::to_owned),
    }
}
