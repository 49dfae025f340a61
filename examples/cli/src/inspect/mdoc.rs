//! The structures of ISO 18013-5.

use idwallet_cose::cbor::{Item, Type, to_json};
use idwallet_mdoc::{
    DeviceAuth, DeviceRequest, DeviceResponse, Document, IssuerSigned, ItemsRequest, MobileSecurityObject,
    SessionTranscript,
};
use idwallet_proximity::{DeviceEngagement, ReaderEngagement, RetrievalMethod, SessionData, SessionEstablishment};
use serde_json::{Map, Value, json};

use super::node::Node;
use super::{Fault, cbor, x509};

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn value(item: Item<'_>) -> Value {
    to_json(item).unwrap_or(Value::Null)
}

pub fn device_response(bytes: &[u8]) -> Fault {
    let response = DeviceResponse::parse(bytes).map_err(text_of)?;
    let errors: Map<String, Value> = response
        .document_errors()
        .iter()
        .map(|(doc_type, code)| ((*doc_type).to_owned(), json!(code)))
        .collect();
    let mut node = Node::new(
        "device_response",
        "DeviceResponse: câu trả lời của ví",
        "DeviceResponse: a wallet's answer",
    )
    .fact("version", response.version().text())
    .fact("status", response.status())
    .fact("documents", response.documents().len());
    if !errors.is_empty() {
        node = node.fact("document_errors", errors);
    }
    for document in response.documents() {
        node = node.with(document_node(document));
    }
    Ok(node)
}

pub fn document(bytes: &[u8]) -> Fault {
    Ok(document_node(&Document::parse(bytes).map_err(text_of)?))
}

fn document_node(document: &Document<'_>) -> Node {
    let mut node = Node::new("document", "Document: giấy tờ", "Document")
        .fact("docType", document.doc_type())
        .with(issuer_signed_node(document.issuer_signed()));
    if let Some(signed) = document.device_signed() {
        let mut claims = Map::new();
        for (space, element, item) in signed.elements() {
            let of = claims.entry(space.to_owned()).or_insert_with(|| json!({}));
            if let Value::Object(of) = of {
                of.insert(element.to_owned(), value(item));
            }
        }
        let device = Node::new(
            "device_signed",
            "DeviceSigned: phần do thiết bị ký",
            "DeviceSigned: what the device says",
        );
        let device = if claims.is_empty() {
            device
        } else {
            device.fact("nameSpaces", claims)
        };
        node = node.with(match signed.device_auth() {
            DeviceAuth::Signature(sign1) => {
                cbor::headers(device.fact("deviceAuth", "deviceSignature"), sign1.headers())
            }
            DeviceAuth::Mac(mac) => cbor::headers(device.fact("deviceAuth", "deviceMac"), mac.headers()),
        });
    }
    let mut errors = Map::new();
    for (space, codes) in document.errors() {
        let codes: Map<String, Value> = codes.iter().map(|(e, code)| ((*e).to_owned(), json!(code))).collect();
        errors.insert((*space).to_owned(), codes.into());
    }
    if errors.is_empty() {
        node
    } else {
        node.fact("errors", errors)
    }
}

pub fn issuer_signed(bytes: &[u8]) -> Fault {
    Ok(issuer_signed_node(&IssuerSigned::parse(bytes).map_err(text_of)?))
}

fn issuer_signed_node(signed: &IssuerSigned<'_>) -> Node {
    let mut node = Node::new(
        "issuer_signed",
        "IssuerSigned: phần do cơ quan cấp ký",
        "IssuerSigned: what the issuer says",
    );
    for space in signed.name_spaces() {
        let claims: Map<String, Value> = space
            .items()
            .iter()
            .map(|item| (item.element_identifier().to_owned(), value(item.element_value())))
            .collect();
        node = node.fact(space.name(), claims);
    }
    let auth = Node::new(
        "issuer_auth",
        "IssuerAuth: chữ ký của cơ quan cấp",
        "IssuerAuth: the issuer's signature",
    );
    let auth = cbor::headers(auth, signed.issuer_auth().headers());
    node.with(match signed.mobile_security_object() {
        Ok(mso) => auth.with(mso_node(&mso)),
        Err(error) => auth.fact("error", error.to_string()),
    })
}

pub fn mso(bytes: &[u8]) -> Fault {
    Ok(mso_node(&MobileSecurityObject::parse(bytes).map_err(text_of)?))
}

fn mso_node(mso: &MobileSecurityObject<'_>) -> Node {
    let validity: Map<String, Value> = mso
        .validity()
        .dates()
        .map(|(name, date)| (name.to_owned(), json!(date.text())))
        .collect();
    let digests: Map<String, Value> = mso
        .value_digests()
        .map(|(space, digests)| (space.to_owned(), json!(digests.len())))
        .collect();
    let mut node = Node::new("mso", "MobileSecurityObject", "MobileSecurityObject")
        .fact("version", mso.version().text())
        .fact("docType", mso.doc_type())
        .fact("digestAlgorithm", mso.digest_algorithm())
        .fact("digests", digests)
        .fact("validityInfo", validity);
    if let Some(allowed) = mso.key_authorizations() {
        let elements: Map<String, Value> = allowed
            .data_elements()
            .iter()
            .map(|(space, names)| ((*space).to_owned(), json!(names)))
            .collect();
        node = node.fact(
            "keyAuthorizations",
            json!({ "nameSpaces": allowed.name_spaces(), "dataElements": elements }),
        );
    }
    if let Some(status) = mso.status() {
        let list = status.status_list.map(|l| json!({ "idx": l.idx, "uri": l.uri }));
        let identifiers = status
            .identifier_list
            .map(|l| json!({ "id": hex::encode(l.id), "uri": l.uri }));
        node = node.fact("status", json!({ "status_list": list, "identifier_list": identifiers }));
    }
    node.with(x509::public_key(mso.device_key()))
}

pub fn item(item: Item<'_>) -> Fault {
    let node = Node::new(
        "issuer_signed_item",
        "IssuerSignedItem: một thông tin",
        "IssuerSignedItem: one element",
    );
    Ok(match value(item) {
        Value::Object(map) => map.into_iter().fold(node, |node, (name, value)| node.fact(name, value)),
        _ => node,
    })
}

pub fn device_request(bytes: &[u8]) -> Fault {
    let request = DeviceRequest::parse(bytes).map_err(text_of)?;
    let mut node = Node::new(
        "device_request",
        "DeviceRequest: yêu cầu của bên đọc",
        "DeviceRequest: what a reader asks for",
    )
    .fact("version", request.version().text())
    .fact("readerAuthAll", request.reader_auth_all().len());
    for one in request.doc_requests() {
        let mut asked = items(one.items_request());
        if let Some(auth) = one.reader_auth() {
            asked = cbor::headers(asked.fact("readerAuth", true), auth.headers());
        } else {
            asked = asked.fact("readerAuth", false);
        }
        node = node.with(asked);
    }
    Ok(node)
}

pub fn items_request(bytes: &[u8]) -> Fault {
    Ok(items(&ItemsRequest::parse(bytes).map_err(text_of)?))
}

fn items(request: &ItemsRequest<'_>) -> Node {
    let mut node = Node::new(
        "items_request",
        "ItemsRequest: các thông tin được hỏi",
        "ItemsRequest: the elements asked for",
    )
    .fact("docType", request.doc_type());
    for (space, elements) in request.name_spaces() {
        let asked: Map<String, Value> = elements
            .iter()
            .map(|e| {
                (
                    e.element.to_owned(),
                    json!(if e.intent_to_retain { "retained" } else { "not retained" }),
                )
            })
            .collect();
        node = node.fact(*space, asked);
    }
    node
}

pub fn transcript(bytes: &[u8], depth: usize) -> Fault {
    SessionTranscript::from_bytes(bytes).map_err(text_of)?;
    let item = Item::parse(bytes, idwallet_cose::cbor::Limits::DEFAULT).map_err(text_of)?;
    let mut d = item.decoder();
    d.array().map_err(text_of)?;
    let mut node = Node::new(
        "session_transcript",
        "SessionTranscript: biên bản phiên",
        "SessionTranscript",
    );
    for name in ["DeviceEngagementBytes", "EReaderKeyBytes"] {
        if d.take_null() {
            node = node.fact(name, Value::Null);
        } else {
            let inside = d.tag24().map_err(text_of)?;
            let inside = cbor::inspect(inside.inner(), depth + 1);
            node = node.with(inside.unwrap_or_else(|error| Node::new("unknown", name, name).fact("error", error)));
        }
    }
    let handover = match d.peek() {
        Ok(Type::Null) => "QR",
        Ok(Type::Array) => "NFC, or of another protocol",
        Ok(Type::Bytes) => "reader engagement",
        _ => "of another protocol",
    };
    Ok(node.fact("handover", handover))
}

pub fn session_establishment(bytes: &[u8]) -> Fault {
    let message = SessionEstablishment::parse(bytes).map_err(text_of)?;
    let (vi, en) = (
        "SessionEstablishment: tin nhắn đầu của bên đọc",
        "SessionEstablishment: a reader's first message",
    );
    Ok(Node::new("session_establishment", vi, en)
        .fact("encrypted_bytes", message.data().len())
        .with(x509::public_key(message.e_reader_key())))
}

pub fn session_data(bytes: &[u8]) -> Fault {
    let message = SessionData::parse(bytes).map_err(text_of)?;
    let node = Node::new(
        "session_data",
        "SessionData: tin nhắn trong phiên",
        "SessionData: a message of a session",
    );
    Ok(node
        .maybe("encrypted_bytes", message.data().map(<[u8]>::len))
        .maybe("status", message.status().map(idwallet_proximity::SessionStatus::code)))
}

fn method(method: &RetrievalMethod) -> Value {
    let (kind, version) = method.type_and_version();
    let name = match method {
        RetrievalMethod::Nfc(_) => "NFC",
        RetrievalMethod::Ble(_) => "Bluetooth LE",
        RetrievalMethod::WifiAware(_) => "Wi-Fi Aware",
        RetrievalMethod::Website { .. } => "website",
        RetrievalMethod::Stream { .. } => "stream",
        _ => "unknown",
    };
    let mut out = json!({ "name": name, "type": kind, "version": version });
    if let Value::Object(map) = &mut out {
        match method {
            RetrievalMethod::Ble(ble) => {
                map.insert(
                    "peripheral_server".into(),
                    json!(ble.peripheral_server.map(hex::encode)),
                );
                map.insert("central_client".into(), json!(ble.central_client.map(hex::encode)));
            }
            RetrievalMethod::Website { uri } => drop(map.insert("uri".into(), json!(uri))),
            RetrievalMethod::Stream { address } => drop(map.insert("address".into(), json!(address))),
            _ => {}
        }
    }
    out
}

/// A device engagement has the device's key; a reader engagement of ISO/IEC TS 18013-7 has the same form for the reader's.
pub fn engagement(bytes: &[u8]) -> Fault {
    let device = DeviceEngagement::parse(bytes);
    if let Ok(engagement) = &device {
        let methods: Vec<Value> = engagement.retrieval_methods().iter().map(method).collect();
        let camera = engagement
            .origin_infos()
            .unwrap_or_default()
            .iter()
            .any(|info| info.is_camera());
        return Ok(Node::new(
            "device_engagement",
            "DeviceEngagement: lời mời kết nối của ví",
            "DeviceEngagement: how to meet a wallet",
        )
        .fact("version", engagement.version())
        .fact("retrieval_methods", methods)
        .fact("by_camera", camera)
        .with(x509::public_key(engagement.e_device_key())));
    }
    reader_engagement(bytes).map_err(|error| device.err().map_or(error, |error| error.to_string()))
}

/// The reader's, where it is known to be one.
pub fn reader_engagement(bytes: &[u8]) -> Fault {
    let engagement = ReaderEngagement::parse(bytes).map_err(text_of)?;
    let methods: Vec<Value> = engagement.retrieval_methods().iter().map(method).collect();
    let (vi, en) = (
        "ReaderEngagement: lời mời của bên đọc",
        "ReaderEngagement: how to meet a reader",
    );
    let node = Node::new("reader_engagement", vi, en)
        .fact("version", engagement.version())
        .fact("retrieval_methods", methods);
    Ok(match engagement.e_reader_key() {
        Some(key) => node.with(x509::public_key(key)),
        None => node,
    })
}
