//! `respond` and `check-request`: the holder.

use crate::options::{Options, Outcome};
use crate::{Failure, files, keys};
use idwallet_crypto::x509::{RevocationRequirement, Strictness};
use idwallet_crypto::{Clock as _, PrivateKey, SystemClock};
use idwallet_mdoc::holder::{DeviceKey, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::reader_auth::{ReaderAuthState, ReaderAuthentication, ReaderTrust};
use idwallet_mdoc::{DeviceRequest, IssuerSigned};
use serde_json::{Map, Value, json};

/// A credential in files.
struct Stored {
    issuer_signed: Vec<u8>,
    key: PrivateKey,
}

fn stored(options: &Options) -> Result<Vec<Stored>, Failure> {
    let files: Vec<_> = options.all("issuer-signed").collect();
    let key_files: Vec<_> = options.all("device-key").collect();
    if files.is_empty() || files.len() != key_files.len() {
        return Err(Failure::Unusable(
            "one --device-key for each --issuer-signed".to_owned(),
        ));
    }
    files
        .iter()
        .zip(key_files)
        .map(|(issuer_signed, key)| {
            Ok(Stored {
                issuer_signed: files::bytes(issuer_signed)?,
                key: keys::private(key)?,
            })
        })
        .collect()
}

/// Answers every document request that a credential is there for.
pub fn respond(options: &Options) -> Outcome {
    let transcript = files::transcript(options)?;
    let request = files::bytes(options.need("request")?)?;
    let request = DeviceRequest::parse(&request).map_err(Failure::refused)?;
    let stored = stored(options)?;
    let mut views = Vec::new();
    for credential in &stored {
        let issuer_signed = IssuerSigned::parse(&credential.issuer_signed).map_err(Failure::refused)?;
        let mso = issuer_signed.mobile_security_object().map_err(Failure::refused)?;
        views.push((issuer_signed, mso));
    }
    let mut builder = DeviceResponseBuilder::new();
    let (mut used, mut released) = (Vec::new(), Map::new());
    for wanted in request.doc_requests() {
        let answer = views
            .iter()
            .zip(&stored)
            .find_map(|((issuer_signed, mso), credential)| {
                let selection = select(issuer_signed, mso, wanted.items_request()).ok()?;
                Some((issuer_signed, mso, credential, selection.approve_all()))
            });
        let Some((issuer_signed, mso, credential, release)) = answer else {
            continue;
        };
        let key = if options.has("mac") {
            DeviceKey::Mac(&credential.key)
        } else {
            DeviceKey::Signature(&credential.key)
        };
        for element in release.elements() {
            let names = released
                .entry(element.name_space)
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(names) = names {
                names.push(Value::String(element.element.to_owned()));
            }
        }
        builder = builder.document(ResponseDocument::new(issuer_signed, mso, release, key.usage()));
        used.push(key);
    }
    let response = builder.respond(&transcript, &used).map_err(Failure::failed)?;
    files::write(options.need("out")?, &response)?;
    Ok(json!({ "elements": released }))
}

const fn word(state: &ReaderAuthState) -> &'static str {
    match state {
        ReaderAuthState::Absent => "absent",
        ReaderAuthState::Invalid(_) => "invalid",
        ReaderAuthState::Untrusted { .. } => "untrusted",
        ReaderAuthState::Verified(_) => "valid",
    }
}

/// Reads a request and judges who asks.
pub fn check_request(options: &Options) -> Outcome {
    let bytes = files::bytes(options.need("request")?)?;
    let request = DeviceRequest::parse(&bytes).map_err(Failure::refused)?;
    let anchors = files::anchors(options)?;
    let trust = ReaderTrust {
        anchors: &anchors,
        crls: &[],
        revocation: RevocationRequirement::IfAvailable,
        strictness: Strictness::Iso,
        at: SystemClock.now(),
    };
    let states = ReaderAuthentication::verify(&request, &files::transcript(options)?, &trust);
    let mut asked = Map::new();
    for doc_request in request.doc_requests() {
        let items = doc_request.items_request();
        let mut spaces = Map::new();
        for (space, element) in items.elements() {
            let entry = spaces.entry(space).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(elements) = entry {
                elements.insert(element.element.to_owned(), Value::Bool(element.intent_to_retain));
            }
        }
        asked.insert(items.doc_type().to_owned(), Value::Object(spaces));
    }
    let each: Vec<Value> = request
        .doc_requests()
        .iter()
        .zip(&states.documents)
        .map(|(doc_request, state)| json!({ "doc_type": doc_request.items_request().doc_type(), "state": word(state) }))
        .collect();
    for state in states.documents.iter().chain(&states.all) {
        if let ReaderAuthState::Untrusted { reason, .. } = state {
            eprintln!("untrusted: {reason}");
        }
    }
    Ok(json!({ "asked": asked, "reader_auth": each, "reader_auth_all": states.all.first().map_or("absent", word) }))
}
