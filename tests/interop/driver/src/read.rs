//! `verify` and `verify-issuer-signed`: the reader.

use crate::options::{Options, Outcome};
use crate::{Failure, files, keys, values};
use idwallet_crypto::{Clock as _, SystemClock};
use idwallet_mdoc::verify::{
    DocumentReport, IssuerTrust, Policy, ResponseOutcome, Session, VerifiedDocument,
    verify_issuer_signed as verify_issued, verify_response,
};
use idwallet_mdoc::{DeviceAuth, DeviceRequest, DeviceResponse, DeviceSigned, IssuerSigned};
use serde_json::{Value, json};

/// A verified document as the interface has it.
fn shown(document: &VerifiedDocument<'_>, device_auth: Option<&str>) -> Outcome {
    let issuer = document
        .claims()
        .map(|(space, item)| (space, item.element_identifier(), item.element_value()));
    Ok(json!({
        "doc_type": document.doc_type(),
        "device_auth": device_auth,
        "elements": values::elements(issuer.chain(document.device_claims()))?,
    }))
}

fn reasons(reasons: impl IntoIterator<Item = impl ToString>) -> Failure {
    let all: Vec<String> = reasons.into_iter().map(|reason| reason.to_string()).collect();
    Failure::Refused(all.join("; "))
}

/// Verifies a DeviceResponse.
pub fn verify(options: &Options) -> Outcome {
    let bytes = files::bytes(options.need("response")?)?;
    let response = DeviceResponse::parse(&bytes).map_err(Failure::refused)?;
    let transcript = files::transcript(options)?;
    let request = options.path("request").map(files::bytes).transpose()?;
    let request = request
        .as_deref()
        .map(DeviceRequest::parse)
        .transpose()
        .map_err(Failure::unusable)?;
    let reader_key = options.path("reader-key").map(keys::private).transpose()?;
    let mut session = Session::new(&transcript);
    if let Some(request) = &request {
        session = session.request(request);
    }
    if let Some(key) = &reader_key {
        session = session.e_reader_key(key);
    }
    let anchors = files::anchors(options)?;
    let policy = Policy::iso().at(SystemClock.now());
    let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &policy);
    match report.outcome() {
        ResponseOutcome::Accepted(documents) => {
            let kinds = response.documents().iter().map(|document| {
                match document.device_signed().map(DeviceSigned::device_auth) {
                    Some(DeviceAuth::Mac(_)) => "mac",
                    _ => "signature",
                }
            });
            let documents: Result<Vec<Value>, Failure> = documents
                .iter()
                .zip(kinds)
                .map(|(document, kind)| shown(document, Some(kind)))
                .collect();
            Ok(json!({ "accepted": true, "documents": documents? }))
        }
        ResponseOutcome::Refused(why) => Err(reasons(why)),
    }
}

/// Verifies the issuer's part alone.
pub fn verify_issuer_signed(options: &Options) -> Outcome {
    let bytes = files::bytes(options.need("issuer-signed")?)?;
    let issuer_signed = IssuerSigned::parse(&bytes).map_err(Failure::refused)?;
    let anchors = files::anchors(options)?;
    let policy = Policy::iso().at(SystemClock.now()).issuer_only();
    let report: DocumentReport<'_> = verify_issued(
        &issuer_signed,
        options.text("doctype"),
        &IssuerTrust::new(&anchors),
        &policy,
    );
    match report.verified() {
        Some(document) => Ok(json!({ "accepted": true, "documents": [shown(&document, None)?] })),
        None => Err(reasons(report.refusals())),
    }
}
