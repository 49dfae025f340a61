//! The commands, made of what the library has public.

use crate::files::{self, cose_key, elements, read, registry, secret_key, to_cbor, transcript};
use crate::{Failure, Options, refused, unsupported};
use anyhow::{Context as _, anyhow};
use ciborium::Value as Cbor;
use coset::{CoseSign1Builder, HeaderBuilder, Label, iana};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use isomdl::cbor;
use isomdl::cose::sign1::PreparedCoseSign1;
use isomdl::definitions::device_request::{DeviceRequest, DocRequest, ItemsRequest};
use isomdl::definitions::device_response::DeviceResponse;
use isomdl::definitions::device_signed::DeviceAuthType;
use isomdl::definitions::helpers::{NonEmptyMap, NonEmptyVec, Tag24};
use isomdl::definitions::issuer_signed::IssuerSigned;
use isomdl::definitions::session::{
    SessionData, SessionEstablishment, SessionTranscript180135, decrypt_device_data, decrypt_reader_data,
    derive_session_key, encrypt_device_data, encrypt_reader_data, get_shared_secret,
};
use isomdl::definitions::x509::X5Chain;
use isomdl::definitions::x509::trust_anchor::TrustPurpose;
use isomdl::definitions::x509::validation::ValidationRuleset;
use isomdl::definitions::{DeviceAuth, DeviceKeyInfo, DigestAlgorithm, Mso, ValidityInfo};
use isomdl::issuance::Mdoc;
use isomdl::presentation::authentication::AuthenticationStatus;
use isomdl::presentation::authentication::mdoc::issuer_authentication;
use isomdl::presentation::device::{DeviceSession, Document, Documents, PermittedItems, SessionManager};
use isomdl::presentation::reader::{ReaderAuthentication, ReaderAuthenticationAll, parse};
use isomdl::presentation::reader_utils::validate_response;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use signature::Signer as _;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

type Answer = Result<Value, Failure>;

const X5CHAIN: i64 = 33;

pub fn capabilities() -> Value {
    let p256 = ["P-256"];
    json!({
        "name": "isomdl",
        "version": "0.2.0",
        "issue": { "curves": p256, "device_curves": p256, "own_pki": false },
        "verify": {
            "issuer_curves": p256, "signature": p256, "mac": [],
            "chain": true, "digests": true, "device_auth": true, "issuer_only": true,
        },
        "respond": { "signature": p256, "mac": p256, "several": true },
        "request": { "plain": true, "reader_auth": p256, "reader_auth_all": p256 },
        "check_request": { "reader_auth": p256, "reader_auth_all": [], "chain": true },
        "session": { "curves": p256 },
    })
}

pub fn issue(options: &Options) -> Answer {
    let signer: SigningKey = options
        .get("signer")
        .map(secret_key)
        .ok_or_else(|| unsupported("no certificates of its own"))??
        .into();
    let data = files::json_file(options.need("data")?)?;
    let mut namespaces = BTreeMap::new();
    for (namespace, values) in data["namespaces"].as_object().into_iter().flatten() {
        let values = values.as_object().into_iter().flatten();
        let values = values.map(|(name, value)| Ok((name.clone(), to_cbor(value)?)));
        namespaces.insert(namespace.clone(), values.collect::<Result<BTreeMap<_, _>, Failure>>()?);
    }
    let mdoc = Mdoc::builder()
        .doc_type(data["docType"].as_str().unwrap_or_default().to_owned())
        .namespaces(namespaces)
        .validity_info(validity()?)
        .digest_algorithm(DigestAlgorithm::SHA256)
        .device_key_info(key_info(cose_key(options.need("device-key")?)?))
        .enable_decoy_digests(true)
        .issue::<SigningKey, Signature>(files::chain(options.need("chain")?)?, signer)?;
    let issuer_signed = IssuerSigned {
        namespaces: Some(mdoc.namespaces),
        issuer_auth: mdoc.issuer_auth,
    };
    let out = options.need("out")?;
    std::fs::write(format!("{out}/issuer_signed.cbor"), cbor::to_vec(&issuer_signed)?)?;
    std::fs::copy(options.need("anchor")?, format!("{out}/anchor.pem"))?;
    std::fs::copy(options.need("chain")?, format!("{out}/ds.pem"))?;
    Ok(json!({}))
}

fn validity() -> Result<ValidityInfo, Failure> {
    let signed = OffsetDateTime::now_utc().replace_nanosecond(0)? - Duration::hours(1);
    Ok(ValidityInfo {
        signed,
        valid_from: signed,
        valid_until: signed + Duration::days(365),
        expected_update: None,
    })
}

fn key_info(device_key: isomdl::definitions::CoseKey) -> DeviceKeyInfo {
    DeviceKeyInfo {
        device_key,
        key_authorizations: None,
        key_info: None,
    }
}

pub fn verify(options: &Options) -> Answer {
    let response: DeviceResponse = cbor::from_slice(&read(options.need("response")?)?).map_err(refused)?;
    let (document, x5chain, namespaces) = parse(&response).map_err(refused)?;
    let anchors = registry(options, TrustPurpose::Iaca)?;
    let outcome = validate_response(
        transcript(options)?.into_inner(),
        anchors,
        x5chain,
        document.clone(),
        namespaces,
    );
    let valid = |status| status == AuthenticationStatus::Valid;
    if !valid(outcome.issuer_authentication) || !valid(outcome.device_authentication) {
        return Err(refused(json!(outcome.errors)));
    }
    let kind = match document.device_signed.device_auth {
        DeviceAuth::DeviceSignature(_) => "signature",
        DeviceAuth::DeviceMac(_) => "mac",
    };
    Ok(json!({ "accepted": true, "documents": [{
        "doc_type": document.doc_type, "device_auth": kind, "elements": elements(document.issuer_signed.namespaces.as_ref()),
    }] }))
}

fn mso_of(issuer_signed: &IssuerSigned) -> Result<Mso, Failure> {
    let payload = issuer_signed.issuer_auth.payload.as_ref().context("no payload")?;
    let mso: Tag24<Mso> = cbor::from_slice(payload).map_err(refused)?;
    Ok(mso.into_inner())
}

/// The library has no call for this alone: its two steps of `validate_response` for the issuer.
pub fn verify_issuer_signed(options: &Options) -> Answer {
    let issuer_signed: IssuerSigned = cbor::from_slice(&read(options.need("issuer-signed")?)?).map_err(refused)?;
    let chain = issuer_signed
        .issuer_auth
        .unprotected
        .rest
        .iter()
        .find(|(label, _)| label == &Label::Int(X5CHAIN));
    let chain = X5Chain::from_cbor(chain.context("no x5chain")?.1.clone()).map_err(refused)?;
    let errors = ValidationRuleset::Mdl
        .validate(&chain, &registry(options, TrustPurpose::Iaca)?)
        .errors;
    if !errors.is_empty() {
        return Err(refused(errors.join("; ")));
    }
    issuer_authentication(chain, &issuer_signed).map_err(refused)?;
    Ok(json!({ "accepted": true, "documents": [{
        "doc_type": mso_of(&issuer_signed)?.doc_type, "device_auth": null, "elements": elements(issuer_signed.namespaces.as_ref()),
    }] }))
}

/// A holder with a session that is already there.
struct Holder {
    documents: Documents,
    transcript: SessionTranscript180135,
    kind: DeviceAuthType,
}

impl DeviceSession for Holder {
    type ST = SessionTranscript180135;

    fn documents(&self) -> &Documents {
        &self.documents
    }

    fn session_transcript(&self) -> Self::ST {
        self.transcript.clone()
    }

    fn device_auth_type(&self) -> DeviceAuthType {
        self.kind
    }
}

pub fn respond(options: &Options) -> Answer {
    let mut documents = BTreeMap::new();
    for (path, doc_type) in options.all("issuer-signed").zip(options.all("doctype")) {
        let issuer_signed: IssuerSigned = cbor::from_slice(&read(path)?)?;
        let doc_type = doc_type.to_owned();
        let mdoc = Mdoc {
            doc_type: doc_type.clone(),
            mso: mso_of(&issuer_signed)?,
            namespaces: issuer_signed.namespaces.context("no elements")?,
            issuer_auth: issuer_signed.issuer_auth,
        };
        documents.insert(doc_type, Document::from(mdoc));
    }
    let request: DeviceRequest = cbor::from_slice(&read(options.need("request")?)?)?;
    let requests: Vec<ItemsRequest> = request
        .doc_requests
        .iter()
        .map(|doc| doc.items_request.as_ref().clone())
        .collect();
    let mut permitted: PermittedItems = BTreeMap::new();
    for items in &requests {
        let spaces = items.namespaces.iter();
        let spaces = spaces.map(|(namespace, asked)| (namespace.clone(), asked.keys().cloned().collect()));
        permitted.insert(items.doc_type.clone(), spaces.collect());
    }
    let session_transcript = transcript(options)?;
    let mac = options.get("mac").is_some();
    let holder = Holder {
        documents: documents.try_into()?,
        transcript: session_transcript.clone().into_inner(),
        kind: if mac {
            DeviceAuthType::Mac0
        } else {
            DeviceAuthType::Sign1
        },
    };
    let mut prepared = holder.prepare_response(&requests, permitted);
    // One device key for all documents.
    let key = secret_key(options.need("device-key")?)?;
    let authenticate = |payload: &[u8]| -> Result<Vec<u8>, Failure> {
        if !mac {
            let signature: Signature = SigningKey::from(key.clone()).sign(payload);
            return Ok(signature.to_vec());
        }
        let secret = get_shared_secret(cose_key(options.need("reader-key")?)?, &key.to_nonzero_scalar())?;
        let salt = Sha256::digest(cbor::to_vec(&session_transcript)?);
        let mut mac_key = [0; 32];
        let hkdf = Hkdf::<Sha256>::new(Some(&salt), secret.raw_secret_bytes());
        hkdf.expand(b"EMacKey", &mut mac_key)
            .map_err(|error| anyhow!("{error}"))?;
        let mut hmac = Hmac::<Sha256>::new_from_slice(&mac_key)?;
        hmac.update(payload);
        Ok(hmac.finalize().into_bytes().to_vec())
    };
    while let Some((_, payload)) = prepared.get_next_signature_payload() {
        let payload = payload.to_vec();
        prepared.submit_next_signature(authenticate(&payload)?);
    }
    let response = prepared.finalize_response();
    std::fs::write(options.need("out")?, cbor::to_vec(&response)?)?;
    let mut answer = Map::new();
    for document in response.documents.iter().flat_map(|documents| documents.iter()) {
        for (namespace, items) in document
            .issuer_signed
            .namespaces
            .iter()
            .flat_map(|spaces| spaces.iter())
        {
            let names: Vec<&str> = items
                .iter()
                .map(|item| item.as_ref().element_identifier.as_str())
                .collect();
            answer.insert(namespace.clone(), json!(names));
        }
    }
    Ok(json!({ "elements": answer }))
}

pub fn request(options: &Options) -> Answer {
    let ask = files::json_file(options.need("ask")?)?;
    let every = options.get("all").is_some();
    let session_transcript = transcript(options)?.into_inner();
    let mut items_requests = Vec::new();
    for (doc_type, namespaces) in ask.as_object().into_iter().flatten() {
        let mut spaces = BTreeMap::new();
        for (namespace, asked) in namespaces.as_object().into_iter().flatten() {
            let asked = asked.as_object().into_iter().flatten();
            let asked: BTreeMap<String, bool> = asked
                .map(|(name, retain)| (name.clone(), retain == &json!(true)))
                .collect();
            spaces.insert(namespace.clone(), NonEmptyMap::try_from(asked)?);
        }
        items_requests.push(Tag24::new(ItemsRequest {
            doc_type: doc_type.clone(),
            namespaces: NonEmptyMap::try_from(spaces)?,
            request_info: None,
        })?);
    }
    let sign = |payload: Vec<u8>| -> Result<_, Failure> {
        let signer: SigningKey = secret_key(options.need("signer")?)?.into();
        let mut unprotected = HeaderBuilder::new().build();
        unprotected
            .rest
            .push((Label::Int(X5CHAIN), files::chain(options.need("chain")?)?.into_cbor()));
        let builder = CoseSign1Builder::new()
            .protected(HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build())
            .unprotected(unprotected);
        let prepared = PreparedCoseSign1::new(builder, Some(&payload), None, false)?;
        let signature: Signature = signer.sign(prepared.signature_payload());
        Ok(prepared.finalize(signature.to_vec()))
    };
    let signed = options.get("signer").is_some();
    let mut doc_requests = Vec::new();
    for items_request in items_requests.clone() {
        let reader_auth = if signed && !every {
            let name = "ReaderAuthentication".to_owned();
            let content = ReaderAuthentication(name, session_transcript.clone(), items_request.clone());
            Some(sign(cbor::to_vec(&Tag24::new(content)?)?)?)
        } else {
            None
        };
        doc_requests.push(DocRequest {
            items_request,
            reader_auth,
        });
    }
    let reader_auth_all = if signed && every {
        let name = "ReaderAuthenticationAll".to_owned();
        let content = ReaderAuthenticationAll(name, session_transcript, items_requests, None);
        Some(NonEmptyVec::new(sign(cbor::to_vec(&Tag24::new(content)?)?)?))
    } else {
        None
    };
    let request = DeviceRequest {
        version: if every { "1.1" } else { DeviceRequest::VERSION }.to_owned(),
        doc_requests: doc_requests.try_into()?,
        reader_auth_all,
        device_request_info: None,
    };
    std::fs::write(options.need("out")?, cbor::to_vec(&request)?)?;
    Ok(json!({}))
}

/// A holder of the library in the middle of this session, put together from its serialised form: only so does it check a reader
/// in a transcript that it has not made itself. It must own a document; whose certificate that has does not matter here.
fn session_manager(options: &Options) -> Result<SessionManager, Failure> {
    let mdoc = Mdoc::builder()
        .doc_type("none".to_owned())
        .namespaces([("none".to_owned(), [("none".to_owned(), Cbor::Null)].into())].into())
        .validity_info(validity()?)
        .digest_algorithm(DigestAlgorithm::SHA256)
        .device_key_info(key_info(isomdl::definitions::session::create_p256_ephemeral_keys()?.1))
        .prepare(iana::Algorithm::ES256)?
        .complete(files::chain(options.need("anchor")?)?, vec![0; 64]);
    let documents: Documents = NonEmptyMap::new("none".to_owned(), Document::from(mdoc));
    let field = |name: &str, value: Cbor| (Cbor::Text(name.to_owned()), value);
    let key = || Cbor::Array(vec![Cbor::Integer(0.into()); 32]);
    let fields = vec![
        field("documents", cbor::into_value(documents).map_err(|e| anyhow!("{e}"))?),
        field(
            "session_transcript",
            cbor::into_value(transcript(options)?.into_inner()).map_err(|e| anyhow!("{e}"))?,
        ),
        field("sk_device", key()),
        field("device_message_counter", Cbor::Integer(0.into())),
        field("sk_reader", key()),
        field("reader_message_counter", Cbor::Integer(0.into())),
        field("state", Cbor::Text("AwaitingRequest".to_owned())),
        field(
            "trusted_verifiers",
            cbor::into_value(registry(options, TrustPurpose::ReaderCa)?).map_err(|e| anyhow!("{e}"))?,
        ),
        field("device_auth_type", Cbor::Text("Sign1".to_owned())),
    ];
    cbor::from_slice(&cbor::to_vec(&Cbor::Map(fields))?).map_err(|error| Failure::Crashed(anyhow!("{error}")))
}

pub fn check_request(options: &Options) -> Answer {
    let request: DeviceRequest = cbor::from_slice(&read(options.need("request")?)?).map_err(refused)?;
    let mut asked = Map::new();
    let mut states = Vec::new();
    for doc_request in request.doc_requests.iter() {
        let items = doc_request.items_request.as_ref();
        asked.insert(items.doc_type.clone(), serde_json::to_value(&items.namespaces)?);
        let state = if doc_request.reader_auth.is_none() {
            "absent"
        } else {
            let errors = session_manager(options)?
                .reader_authentication(doc_request.clone())
                .errors;
            eprintln!("{errors:?}");
            let of_signature = |error: &String| error.starts_with("Verification:") || error.starts_with("Processing:");
            match errors.iter().any(of_signature) {
                true => "invalid",
                false if errors.is_empty() => "valid",
                false => "untrusted",
            }
        };
        states.push(json!({ "doc_type": items.doc_type, "state": state }));
    }
    let every = if request.reader_auth_all.is_some() {
        "unsupported"
    } else {
        "absent"
    };
    Ok(json!({ "asked": asked, "reader_auth": states, "reader_auth_all": every }))
}

pub fn session(options: &Options) -> Answer {
    let reader = options.need("role")? == "reader";
    let transcript = transcript(options)?;
    let own = secret_key(options.need("own-key")?)?;
    let secret = get_shared_secret(cose_key(options.need("peer-key")?)?, &own.to_nonzero_scalar())?;
    let sk_reader = derive_session_key(&secret, &transcript, true)?;
    let sk_device = derive_session_key(&secret, &transcript, false)?;
    let out = options.need("out")?;
    let (mut sent, mut received) = (0, 0);
    for path in options.all("send") {
        let plaintext = read(path)?;
        let data = if reader {
            encrypt_reader_data(&sk_reader, &plaintext, &mut sent)
        } else {
            encrypt_device_data(&sk_device, &plaintext, &mut sent)
        };
        let data = data.map_err(|error| anyhow!("{error}"))?;
        let message = if reader && sent == 1 {
            let e_reader_key = transcript.as_ref().1.clone();
            cbor::to_vec(&SessionEstablishment {
                e_reader_key,
                data: data.into(),
            })?
        } else {
            cbor::to_vec(&SessionData {
                data: Some(data.into()),
                status: None,
            })?
        };
        std::fs::write(format!("{out}/sent-{sent}.cbor"), message)?;
    }
    for path in options.all("receive") {
        let message = read(path)?;
        let data = match cbor::from_slice::<SessionEstablishment>(&message) {
            Ok(establishment) if !reader => establishment.data,
            _ => cbor::from_slice::<SessionData>(&message)
                .map_err(refused)?
                .data
                .context("no data")?,
        };
        let plaintext = if reader {
            decrypt_device_data(&sk_device, data.as_ref(), &mut received)
        } else {
            decrypt_reader_data(&sk_reader, data.as_ref(), &mut received)
        };
        std::fs::write(
            format!("{out}/received-{received}.bin"),
            plaintext.map_err(|_| refused("does not decrypt"))?,
        )?;
    }
    Ok(json!({ "sent": sent, "received": received }))
}
