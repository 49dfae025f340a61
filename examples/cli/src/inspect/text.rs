//! What is text: PEM, JSON, QR texts, tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idwallet_proximity::camera::{FrameDecoder, Limits};
use serde_json::Value;

use super::node::Node;
use super::{Fault, cbor, inspect as inspect_bytes, x509};

/// Longest text that is shown as it is.
const MAX_TEXT: usize = 4096;

pub fn inspect(text: &str, depth: usize) -> Fault {
    if text.is_empty() {
        return Err("is blank".into());
    }
    if text.contains("-----BEGIN ") {
        return x509::inspect_pem(text);
    }
    if let Some(engagement) = text.strip_prefix("mdoc:") {
        return mdoc_uri(engagement, depth);
    }
    let mut decoder = FrameDecoder::new(Limits::default());
    if let Ok(progress) = decoder.push(text) {
        return Ok(Node::new(
            "camera_frame",
            "Khung mã QR truyền qua máy ảnh",
            "Frame of a camera to camera transfer",
        )
        .fact("message", format!("{:?}", progress.kind).to_lowercase())
        .fact("transfer", hex::encode(progress.transfer_id.0))
        .fact("message_length", progress.message_length)
        .fact("frames_needed", progress.needed));
    }
    if let Some(token) = token(text) {
        return Ok(token);
    }
    if text.starts_with(['{', '[']) {
        return json(text);
    }
    for (scheme, vi, en) in [
        (
            "openid4vp:",
            "Yêu cầu OpenID4VP (chưa hỗ trợ)",
            "OpenID4VP request (not yet supported)",
        ),
        (
            "haip-vp:",
            "Yêu cầu OpenID4VP (chưa hỗ trợ)",
            "OpenID4VP request (not yet supported)",
        ),
        (
            "openid-credential-offer:",
            "Lời mời cấp OpenID4VCI (chưa hỗ trợ)",
            "OpenID4VCI offer (not yet supported)",
        ),
        (
            "mdoc://",
            "Yêu cầu ISO 18013-7 (chưa hỗ trợ)",
            "ISO 18013-7 request (not yet supported)",
        ),
        ("https://", "Liên kết", "Link"),
        ("http://", "Liên kết", "Link"),
    ] {
        if text.starts_with(scheme) {
            return Ok(plain("uri", vi, en, text));
        }
    }
    // Hex and base64url have been undone for files; the text of a code may still be one.
    if depth > 0
        && let Some(bytes) = crate::input::decode(text.as_bytes(), None).filter(|bytes| bytes != text.as_bytes())
        && let Ok(node) = inspect_bytes(&bytes, depth + 1)
    {
        return Ok(node);
    }
    if depth > 0 {
        return Ok(plain("text", "Văn bản", "Text", text));
    }
    Err("is text that is nothing known: no PEM, JSON, mdoc: URI, token or camera frame".into())
}

fn plain(kind: &'static str, vi: &str, en: &str, text: &str) -> Node {
    let shown: String = text.chars().take(MAX_TEXT).collect();
    Node::new(kind, vi, en).fact("text", shown)
}

fn mdoc_uri(engagement: &str, depth: usize) -> Fault {
    let bytes = URL_SAFE_NO_PAD
        .decode(engagement.trim_end_matches('='))
        .map_err(|error| format!("mdoc: URI: not base64url: {error} (ISO 18013-5 8.2.2.3)"))?;
    let inside = cbor::inspect(&bytes, depth + 1).map_err(|error| format!("mdoc: URI: {error}"))?;
    Ok(Node::new(
        "mdoc_uri",
        "Mã QR kết nối của ví (mdoc:)",
        "Engagement QR code of a wallet (mdoc:)",
    )
    .with(inside))
}

/// Tokens of the JOSE family, which are told by name.
fn token(text: &str) -> Option<Node> {
    let is_part = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let (jwt, disclosures) = match text.split_once('~') {
        Some((jwt, rest)) => (jwt, Some(rest.split('~').filter(|part| !part.is_empty()).count())),
        None => (text, None),
    };
    let parts: Vec<&str> = jwt.split('.').collect();
    if !matches!(parts.len(), 3 | 5) || parts.iter().any(|part| !is_part(part)) {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(parts.first()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header.get("alg")?;
    let (kind, vi, en) = match (disclosures, parts.len()) {
        (Some(_), _) => ("sd_jwt", "SD-JWT (chưa hỗ trợ)", "SD-JWT (not yet supported)"),
        (None, 5) => ("jwe", "JWE (chưa hỗ trợ)", "JWE (not yet supported)"),
        (None, _) => ("jwt", "JWT (chưa hỗ trợ)", "JWT (not yet supported)"),
    };
    Some(
        Node::new(kind, vi, en)
            .fact("header", header)
            .maybe("disclosures", disclosures),
    )
}

fn json(text: &str) -> Fault {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("JSON: broken at line {} column {}", error.line(), error.column()))?;
    let has = |name: &str| value.get(name).is_some();
    if has("kty") {
        let node = Node::new("jwk", "Khóa JWK", "JWK key");
        let member = |name: &str| value.get(name).cloned();
        return Ok(node
            .fact("is_private", has("d") || has("k"))
            .maybe("kty", member("kty"))
            .maybe("crv", member("crv"))
            .maybe("alg", member("alg"))
            .maybe("kid", member("kid")));
    }
    let keys: Vec<Value> = value
        .as_object()
        .map(|map| map.keys().cloned().map(Value::from).collect())
        .unwrap_or_default();
    Ok(Node::new("json", "JSON", "JSON").fact("members", keys))
}
