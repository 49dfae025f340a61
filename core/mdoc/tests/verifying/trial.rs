//! A presentation with everything around it, each part of which a test may replace.

use super::ASKED;
use idwallet_crypto::x509::{Crl, TrustAnchors};
use idwallet_crypto::{KeyAgreement, Timestamp};
use idwallet_mdoc::verify::{
    ChainCache, Check, CheckResult, DocTypeAnswer, DocTypeConstraint, Fault, IssuerTrust, Policy, Problem, Refusal,
    Session, SkipReason, StatusAnswer, StatusCheck, StatusQuery, verify_response,
};
use idwallet_mdoc::{DeviceRequest, DeviceResponse, MdocError, SessionTranscript};
use idwallet_test_support::{NOW, World};

pub struct Trial<'w> {
    pub response: Vec<u8>,
    pub request: Option<Vec<u8>>,
    pub transcript: Option<SessionTranscript>,
    pub reader_key: Option<&'w dyn KeyAgreement>,
    pub doc_type: Option<&'static str>,
    pub anchors: TrustAnchors,
    pub crls: Vec<Crl>,
    pub policy: Policy,
    pub status: Option<StatusAnswer>,
    pub doc_types: Option<DocTypeAnswer>,
    pub cache: Option<&'w ChainCache>,
}

/// What came out, owned.
#[derive(Debug)]
pub struct Outcome {
    pub accepted: bool,
    pub trust: &'static str,
    /// Of the first document.
    pub failed: Vec<(Check, Fault)>,
    pub needed: Vec<(Check, SkipReason)>,
    pub warned: Vec<(Check, Fault)>,
    pub problems: Vec<Problem>,
    pub claims: Vec<String>,
    pub device_claims: Vec<String>,
    results: Vec<(Check, CheckResult)>,
}

impl Outcome {
    pub fn word(&self, check: Check) -> &'static str {
        self.results
            .iter()
            .find(|(c, _)| *c == check)
            .map_or("none", |(_, r)| r.word())
    }

    pub fn result(&self, check: Check) -> &CheckResult {
        &self.results.iter().find(|(c, _)| *c == check).unwrap().1
    }

    /// Refused by that check and by no other; gives the first fault.
    #[track_caller]
    pub fn refused_by(&self, check: Check) -> &Fault {
        assert!(!self.accepted, "accepted: {self:?}");
        assert!(self.claims.is_empty(), "claims of a refused document are reachable");
        assert!(!self.failed.is_empty(), "nothing failed: {self:?}");
        for (other, fault) in &self.failed {
            assert_eq!(*other, check, "{fault}");
            let text = fault.to_string();
            assert!(
                text.contains("ISO 18013-5") || text.contains("RFC"),
                "no clause: {text}"
            );
            assert!(!fault.clause().is_empty());
        }
        assert!(self.needed.is_empty(), "{:?}", self.needed);
        &self.failed[0].1
    }
}

struct Fixed<T>(T);

impl StatusCheck for Fixed<StatusAnswer> {
    fn check(&self, query: &StatusQuery<'_>) -> StatusAnswer {
        assert!(query.reference.status_list.is_some() || query.reference.identifier_list.is_some());
        self.0.clone()
    }
}

impl DocTypeConstraint for Fixed<DocTypeAnswer> {
    fn check(&self, _: &idwallet_crypto::x509::Certificate, _: &str, _: Timestamp) -> DocTypeAnswer {
        self.0.clone()
    }
}

impl<'w> Trial<'w> {
    /// A valid one: five elements of the licence, asked for and given.
    pub fn new(world: &'w World) -> Self {
        Self::of(world, &world.issue_mdl(), &world.request(&ASKED))
    }

    /// Of that credential, with what it has of ASKED.
    pub fn issued(world: &'w World, issuer_signed: &[u8]) -> Self {
        Self::of(world, issuer_signed, &world.request(&ASKED))
    }

    pub fn of(world: &'w World, issuer_signed: &[u8], request: &[u8]) -> Self {
        Self::with(world, world.respond(issuer_signed, request), Some(request.to_vec()))
    }

    pub fn with(world: &'w World, response: Vec<u8>, request: Option<Vec<u8>>) -> Self {
        Self {
            response,
            request,
            transcript: Some(world.transcript.clone()),
            reader_key: Some(&world.e_reader_key),
            doc_type: None,
            anchors: world.issuer.anchors(),
            crls: Vec::new(),
            policy: Policy::iso().at(NOW),
            status: None,
            doc_types: None,
            cache: None,
        }
    }

    pub fn edit(mut self, change: impl FnOnce(&mut idwallet_cose::cbor::Value)) -> Self {
        self.response = super::edit(&self.response, change);
        self
    }

    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    #[track_caller]
    pub fn run(&self) -> Outcome {
        self.try_run().unwrap()
    }

    pub fn try_run(&self) -> Result<Outcome, MdocError> {
        let response = DeviceResponse::parse(&self.response)?;
        let request = self.request.as_ref().map(|bytes| DeviceRequest::parse(bytes).unwrap());
        let mut session = self.transcript.as_ref().map_or(Session::none(), Session::new);
        if let Some(key) = self.reader_key {
            session = session.e_reader_key(key);
        }
        if let Some(request) = &request {
            session = session.request(request);
        }
        if let Some(doc_type) = self.doc_type {
            session = session.doc_type(doc_type);
        }
        let status = self.status.clone().map(Fixed);
        let doc_types = self.doc_types.clone().map(Fixed);
        let mut trust = IssuerTrust::new(&self.anchors).crls(&self.crls);
        if let Some(status) = &status {
            trust = trust.status(status);
        }
        if let Some(doc_types) = &doc_types {
            trust = trust.doc_types(doc_types);
        }
        if let Some(cache) = self.cache {
            trust = trust.cache(cache);
        }
        let report = verify_response(&response, &session, &trust, &self.policy);
        let mut outcome = Outcome {
            accepted: report.is_accepted(),
            trust: "",
            failed: Vec::new(),
            needed: Vec::new(),
            warned: Vec::new(),
            problems: report.problems().to_vec(),
            claims: Vec::new(),
            device_claims: Vec::new(),
            results: Vec::new(),
        };
        let Some(document) = report.documents().first() else {
            return Ok(outcome);
        };
        outcome.trust = document.trust().word();
        outcome.results = document.checks().iter().map(|(c, r)| (c, r.clone())).collect();
        outcome.warned = document.checks().warnings().map(|(c, f)| (c, f.clone())).collect();
        for refusal in document.refusals() {
            match refusal.clone() {
                Refusal::Failed { check, fault } => outcome.failed.push((check, fault)),
                Refusal::Skipped { check, reason } => outcome.needed.push((check, reason)),
            }
        }
        if let Some(verified) = document.verified() {
            outcome.claims = verified
                .claims()
                .map(|(_, i)| i.element_identifier().to_owned())
                .collect();
            outcome.device_claims = verified.device_claims().map(|(_, name, _)| name.to_owned()).collect();
        }
        Ok(outcome)
    }
}
