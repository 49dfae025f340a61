//! What is CBOR: told by tags, keys and shapes, then read by the parser of the structure.

use idwallet_cose::cbor::{self, Decoder, Item, Key, Limits, Tag24, Tag24Buf, Type};
use idwallet_cose::{AlgorithmId, CoseKey, Mac0, Policy, Sign1, algorithm, private_key_from_cose};
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::Certificate;
use idwallet_status_list::{IDENTIFIER_LIST_TYPE, STATUS_LIST_TYPE, UnverifiedIdentifierList, UnverifiedStatusList};
use idwallet_trust::UnverifiedVical;
use idwallet_trust::snapshot::SNAPSHOT_TYPE;
use serde_json::{Value, json};

use super::node::Node;
use super::{Fault, MAX_DEPTH, mdoc, x509};

pub fn inspect(bytes: &[u8], depth: usize) -> Fault {
    let item = Item::parse(bytes, Limits::INSPECT.with_max_bytes(crate::input::MAX_INPUT as usize))
        .map_err(|error| format!("is nothing known; as CBOR: {error}"))?;
    let node = structure(item, depth)?;
    Ok(node.diagnostic(diagnostic(item)))
}

/// The structures that a document comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mdoc {
    DeviceResponse,
    Document,
    IssuerSigned,
    IssuerAuth,
}

/// Which structure a document comes in, by its shape; what is none of them is taken for the first, whose parser then says what is wrong.
pub fn mdoc_form(bytes: &[u8]) -> Mdoc {
    let Ok(item) = Item::parse(bytes, Limits::INSPECT) else {
        return Mdoc::DeviceResponse;
    };
    let keys = keys(item);
    let has = |name: &str| keys.contains(&Key::Text(name));
    if item.kind() == Type::Array {
        Mdoc::IssuerAuth
    } else if has("issuerSigned") {
        Mdoc::Document
    } else if has("issuerAuth") {
        Mdoc::IssuerSigned
    } else {
        Mdoc::DeviceResponse
    }
}

pub fn diagnostic(item: Item<'_>) -> Option<String> {
    cbor::to_diagnostic(item).ok()
}

fn structure(item: Item<'_>, depth: usize) -> Fault {
    if depth > MAX_DEPTH {
        return Err("structures lie in one another too deeply".into());
    }
    let bytes = item.bytes();
    match item.kind() {
        Type::Map => map(item, depth),
        Type::Array => array(item, depth),
        Type::Tag => {
            let mut d = item.decoder();
            match (d.tag().map_err(text_of)?, d.peek()) {
                (24, Ok(Type::Bytes)) => {
                    let inside = d.bytes_cow().map_err(text_of)?;
                    if let Ok(node) = mdoc::mso(bytes) {
                        return Ok(node);
                    }
                    let node = inspect_inside(&inside, depth);
                    Ok(Node::new(
                        "tagged_bytes",
                        "CBOR trong chuỗi byte (thẻ 24)",
                        "CBOR in a byte string (tag 24)",
                    )
                    .with(node))
                }
                (18, Ok(Type::Array)) => sign1(bytes, depth),
                (17, Ok(Type::Array)) => mac0(bytes),
                (16, Ok(Type::Array)) => {
                    let (vi, en) = ("COSE_Encrypt0: dữ liệu đã mã hóa", "COSE_Encrypt0: encrypted");
                    Ok(Node::new("cose_encrypt0", vi, en))
                }
                _ => Ok(unknown()),
            }
        }
        _ => Ok(unknown()),
    }
}

/// What lies in a byte string: a structure if it is one.
fn inspect_inside(bytes: &[u8], depth: usize) -> Node {
    inspect(bytes, depth + 1).unwrap_or_else(|error| {
        Node::new("bytes", "Chuỗi byte", "Bytes")
            .fact("length", bytes.len())
            .fact("note", error)
    })
}

fn unknown() -> Node {
    Node::new(
        "cbor",
        "CBOR, không phải cấu trúc đã biết",
        "CBOR, no structure that is known",
    )
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The keys of a map.
fn keys(item: Item<'_>) -> Vec<Key<'_>> {
    let read = |d: &mut Decoder<'_>| -> cbor::Result<()> { d.skip() };
    let mut d = item.decoder();
    let mut out = Vec::new();
    if let Ok(mut map) = d.map() {
        while let Ok(Some(key)) = map.next_key(&mut d) {
            out.push(key);
            if read(&mut d).is_err() {
                break;
            }
        }
    }
    out
}

fn map(item: Item<'_>, depth: usize) -> Fault {
    let bytes = item.bytes();
    let keys = keys(item);
    let has = |name: &str| keys.contains(&Key::Text(name));
    let has_number = |number: i64| keys.contains(&Key::Int(number));
    if has("docRequests") {
        return mdoc::device_request(bytes);
    }
    if has("issuerSigned") && has("docType") {
        return mdoc::document(bytes);
    }
    if has("issuerAuth") {
        return mdoc::issuer_signed(bytes);
    }
    if has("valueDigests") || has("digestAlgorithm") {
        return mdoc::mso(&Tag24Buf::wrap(bytes).into_vec());
    }
    if has("digestID") && has("elementIdentifier") {
        return mdoc::item(item);
    }
    if has("eReaderKey") && has("data") {
        return mdoc::session_establishment(bytes);
    }
    if has("version") && has("status") {
        return mdoc::device_response(bytes);
    }
    if !keys.is_empty() && keys.iter().all(|key| matches!(key, Key::Text("data" | "status"))) {
        return mdoc::session_data(bytes);
    }
    if has("docType") && has("nameSpaces") {
        return mdoc::items_request(bytes);
    }
    if has_number(1) && has_number(-1) {
        return key(bytes);
    }
    if has("deviceEngagementBytes") || has("readerEngagementBytes") {
        return Ok(camera_message(item, depth));
    }
    if has_number(0) && (has_number(1) || has_number(2)) {
        return mdoc::engagement(bytes);
    }
    Ok(unknown())
}

fn array(item: Item<'_>, depth: usize) -> Fault {
    let mut d = item.decoder();
    let array = d.array().map_err(text_of)?;
    let first = d.peek();
    match (array.len(), first) {
        (Some(4), Ok(Type::Bytes)) => {
            let mut inside = item.decoder();
            let _ = inside.array();
            let shape: Vec<Option<Type>> = (0..4)
                .map(|_| {
                    let kind = inside.peek().ok();
                    inside.skip().ok().and(kind)
                })
                .collect();
            match shape.as_slice() {
                [
                    Some(Type::Bytes),
                    Some(Type::Map),
                    Some(Type::Bytes | Type::Null),
                    Some(Type::Bytes),
                ] => sign1(item.bytes(), depth),
                _ => Ok(unknown()),
            }
        }
        (Some(3), Ok(Type::Null | Type::Tag)) => mdoc::transcript(item.bytes(), depth),
        _ => Ok(unknown()),
    }
}

/// A COSE_Key.
pub fn key(bytes: &[u8]) -> Fault {
    if let Ok(key) = private_key_from_cose(bytes) {
        return Ok(Node::new(
            "cose_key",
            "Khóa bí mật COSE_Key (không hiển thị)",
            "COSE_Key, private (not shown)",
        )
        .fact("curve", key.public_key().curve().name())
        .fact("is_private", true));
    }
    let key = CoseKey::parse(bytes, Limits::DEFAULT).map_err(|error| format!("COSE_Key: {error}"))?;
    Ok(Node::new("cose_key", "Khóa công khai COSE_Key", "COSE_Key, public")
        .fact("curve", key.public_key().curve().name())
        .fact("is_private", false)
        .fact("x", hex::encode(key.public_key().x())))
}

/// What the headers say.
pub fn headers(mut node: Node, headers: &idwallet_cose::Headers<'_>) -> Node {
    if let Some((alg, _)) = headers.algorithm() {
        let name = match alg {
            AlgorithmId::Number(id) => algorithm::algorithm_name(id).map_or_else(|| json!(id), |name| json!(name)),
            AlgorithmId::Name(text) => json!(text),
        };
        node = node.fact("algorithm", name);
    }
    node = node.maybe("typ", headers.typ().map(|(typ, _)| typ));
    node = node.maybe("key_id", headers.key_id().map(|(kid, _)| hex::encode(kid)));
    for der in headers.x5chain().iter().flat_map(|chain| chain.certificates()) {
        node = node.with(match Certificate::from_der(der) {
            Ok(certificate) => x509::certificate(&certificate),
            Err(error) => {
                Node::new("certificate", "Chứng thư hỏng", "Broken certificate").fact("error", error.to_string())
            }
        });
    }
    node
}

/// A message that frames carried from screen to screen.
fn camera_message(item: Item<'_>, depth: usize) -> Node {
    let node = Node::new(
        "camera_message",
        "Tin nhắn truyền qua máy ảnh",
        "A message from camera to camera",
    );
    let mut d = item.decoder();
    let Ok(mut map) = d.map() else { return node };
    let mut inside = Vec::new();
    while let Ok(Some(key)) = map.next_key(&mut d) {
        let start = d.remaining();
        if d.skip().is_err() {
            break;
        }
        let length = start.len().saturating_sub(d.remaining().len());
        let value = start.get(..length).unwrap_or_default();
        let tagged = Tag24::parse(value, Limits::INSPECT);
        match (key, &tagged) {
            (Key::Text("readerEngagementBytes"), Ok(tagged)) => inside.extend(mdoc::reader_engagement(tagged.inner())),
            (_, Ok(tagged)) => inside.extend(inspect(tagged.inner(), depth + 1)),
            (Key::Text("sessionData"), Err(_)) => inside.extend(inspect(value, depth + 1)),
            _ => {}
        }
    }
    inside.into_iter().fold(node, Node::with)
}

/// A status or identifier list token, a trust list or a snapshot; `None` for another signed structure.
fn list(bytes: &[u8], typ: Option<&str>) -> Fault<Option<Node>> {
    let time = Timestamp::to_rfc3339;
    if typ == Some(STATUS_LIST_TYPE) {
        let list = UnverifiedStatusList::parse(bytes).map_err(text_of)?;
        let claims = list.dangerous_claims();
        let node = Node::new("status_list", "Danh sách trạng thái (CWT)", "Token status list (CWT)");
        return Ok(Some(
            node.fact("uri", claims.subject)
                .fact("issued_at", time(claims.issued_at))
                .maybe("expires_at", claims.expires_at.map(time))
                .maybe("time_to_live", claims.time_to_live)
                .fact("bits", list.dangerous_list().bits().number())
                .maybe("entries", list.dangerous_list().count().ok()),
        ));
    }
    if typ == Some(IDENTIFIER_LIST_TYPE) {
        let list = UnverifiedIdentifierList::parse(bytes).map_err(text_of)?;
        let claims = list.dangerous_claims();
        let node = Node::new(
            "identifier_list",
            "Danh sách mã bị thu hồi (CWT)",
            "Identifier list (CWT)",
        );
        return Ok(Some(
            node.fact("uri", claims.subject)
                .fact("issued_at", time(claims.issued_at))
                .maybe("expires_at", claims.expires_at.map(time)),
        ));
    }
    if typ == Some(SNAPSHOT_TYPE) {
        let (vi, en) = ("Bản chụp các gốc tin cậy, có ngày", "Dated snapshot of what is trusted");
        return Ok(Some(Node::new("snapshot", vi, en)));
    }
    let Ok(list) = UnverifiedVical::parse(bytes) else {
        return Ok(None);
    };
    let header = list.dangerous_header();
    let entries: Vec<Value> = list
        .dangerous_entries()
        .iter()
        .map(|entry| {
            let subject = Certificate::from_der(entry.certificate).map(|c| c.subject().to_string());
            json!({ "subject": subject.ok(), "doc_types": entry.doc_types })
        })
        .collect();
    let (vi, en) = ("VICAL: danh sách cơ quan cấp", "VICAL: list of issuing authorities");
    Ok(Some(
        Node::new("vical", vi, en)
            .fact("version", header.version)
            .fact("provider", header.provider)
            .fact("date", time(header.date))
            .maybe("issue", header.issue_id)
            .maybe("next_update", header.next_update.map(time))
            .fact("certificates", entries),
    ))
}

fn sign1(bytes: &[u8], depth: usize) -> Fault {
    let policy = Policy {
        limits: Limits::DEFAULT.with_max_bytes(crate::input::MAX_INPUT as usize),
        ..Policy::TAG_ALLOWED
    };
    let sign1 = Sign1::parse(bytes, &policy).map_err(|error| format!("COSE_Sign1: {error}"))?;
    let typ = sign1.headers().typ().map(|(typ, _)| typ);
    let payload = sign1.unverified_payload();
    if let Some(node) = list(bytes, typ)? {
        return Ok(headers(node, sign1.headers()));
    }
    let inside = payload.map(|payload| inspect_inside(payload, depth));
    let kind = match &inside {
        Some(node) if node.contains_kind("mso") => Node::new(
            "issuer_auth",
            "IssuerAuth: chữ ký của cơ quan cấp",
            "IssuerAuth: the issuer's signature",
        ),
        _ => Node::new("cose_sign1", "COSE_Sign1", "COSE_Sign1"),
    };
    let node = headers(kind, sign1.headers()).fact("signature_length", sign1.signature().len());
    Ok(match (inside, payload) {
        (Some(inside), Some(_)) => node.with(inside),
        _ => node.fact("payload", Value::Null),
    })
}

fn mac0(bytes: &[u8]) -> Fault {
    let mac = Mac0::parse(bytes, &Policy::TAG_ALLOWED).map_err(|error| format!("COSE_Mac0: {error}"))?;
    let node = headers(Node::new("cose_mac0", "COSE_Mac0", "COSE_Mac0"), mac.headers());
    Ok(node.fact("tag_length", mac.tag().len()))
}
