//! `verify mdoc`: DeviceResponse, Document, IssuerSigned or IssuerAuth.

use idwallet_mdoc::{DeviceRequest, SessionTranscript};
use idwallet_verifier::{Presentation, Verifier};

use crate::args::VerifyMdocArgs;
use crate::context::Context;
use crate::error::{Result, bad};
use crate::inspect::{Mdoc, mdoc_form};
use crate::keys;
use crate::report;
use crate::trust::Trust;

pub fn run(args: &VerifyMdocArgs, cx: &Context) -> Result {
    let bytes = args.file.read_decoded(cx)?;
    let trust = Trust::read(&args.trust, Vec::new(), cx)?;
    let policy = if args.issuer_only {
        trust.policy.issuer_only()
    } else {
        trust.policy
    };
    let transcript = match &args.transcript {
        Some(source) => {
            let bytes = source.read_decoded(cx)?;
            Some(SessionTranscript::from_bytes(&bytes).map_err(|error| bad(source, error))?)
        }
        None => None,
    };
    let reader_key = args
        .reader_key
        .as_ref()
        .map(|source| keys::read_private(source, cx))
        .transpose()?;
    let request = args
        .request
        .as_ref()
        .map(|source| source.read_decoded(cx))
        .transpose()?;
    if let (Some(source), Some(bytes)) = (&args.request, &request) {
        DeviceRequest::parse(bytes).map_err(|error| bad(source, error))?;
    }
    let mut presentation = transcript
        .as_ref()
        .map_or_else(Presentation::unknown, Presentation::new);
    if let Some(key) = &reader_key {
        presentation = presentation.e_reader_key(key);
    }
    if let Some(request) = &request {
        presentation = presentation.request(request);
    }
    let doc_type = args.doctype.as_deref();
    if let Some(doc_type) = doc_type {
        presentation = presentation.doc_type(doc_type);
    }
    let (verifier, store) = (Verifier::new(), &trust.store);
    let report = match mdoc_form(&bytes) {
        Mdoc::DeviceResponse => verifier.verify_device_response(&bytes, &presentation, &policy, store),
        Mdoc::Document => verifier.verify_document(&bytes, &presentation, &policy, store),
        Mdoc::IssuerSigned => verifier.verify_issuer_signed(&bytes, doc_type, &policy, store),
        Mdoc::IssuerAuth => verifier.verify_issuer_auth(&bytes, doc_type, &policy, store),
    }
    .map_err(|error| bad(&args.file, error))?;
    cx.document(&report.to_json())?;
    report::print(&report, cx)?;
    Ok(report::status(report.is_accepted()))
}
