//! Reports: lines for people with a mark before each check, and JSON.

use idwallet_cose::cbor::{Item, Limits, to_json};
use idwallet_documents::{ElementValue, Registry};
use idwallet_verifier::{CheckState, Claims, DocumentReport, Report, TrustState};
use serde_json::Value;

use crate::context::Context;
use crate::error::{Result, Status};

/// How a check came out, as a sign before its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Passed,
    Failed,
    Skipped,
    Warned,
}

impl From<CheckState> for Mark {
    fn from(state: CheckState) -> Self {
        match state {
            CheckState::Passed => Self::Passed,
            CheckState::Skipped => Self::Skipped,
            CheckState::Warned => Self::Warned,
            CheckState::Failed => Self::Failed,
        }
    }
}

impl Mark {
    /// The sign.
    pub const fn symbol(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Skipped => '–',
            Self::Warned => '!',
        }
    }
}

/// `accepted` or `refused`, for people.
pub fn outcome_text(accepted: bool, cx: &Context) -> &str {
    if accepted {
        cx.t("CHẤP NHẬN", "ACCEPTED")
    } else {
        cx.t("TỪ CHỐI", "REFUSED")
    }
}

/// A check's name, for people.
pub fn check_text<'t>(id: &'t str, cx: &'t Context) -> &'t str {
    match id {
        "structure" => cx.t("cấu trúc", "structure"),
        "issuer_chain" => cx.t("chuỗi chứng thư của cơ quan cấp", "issuer's certificate chain"),
        "issuer_profile" => cx.t("quy cách chứng thư", "certificate profile"),
        "issuer_revocation" => cx.t("chứng thư chưa bị thu hồi", "certificate not revoked"),
        "issuer_signature" => cx.t("chữ ký của cơ quan cấp", "issuer's signature"),
        "digest_algorithm" => cx.t("thuật toán băm", "digest algorithm"),
        "digests" => cx.t("dữ liệu nguyên vẹn", "data unaltered"),
        "doc_type" => cx.t("loại giấy tờ", "document type"),
        "validity" => cx.t("thời hạn", "validity"),
        "issuing_country" => cx.t("nước cấp", "issuing country"),
        "status" => cx.t("giấy tờ chưa bị thu hồi", "document not revoked"),
        "key_authorizations" => cx.t("quyền của thiết bị", "what the device may sign"),
        "device_auth" => cx.t("đúng thiết bị của chủ giấy tờ", "the holder's own device"),
        "request_match" => cx.t("khớp với yêu cầu", "answers the request"),
        "trust_list" => cx.t("danh sách tin cậy", "trust list"),
        other => other,
    }
}

/// A CBOR item as JSON, as claims are written.
pub fn cbor_to_json(bytes: &[u8]) -> Value {
    Item::parse(bytes, Limits::DEFAULT)
        .and_then(to_json)
        .unwrap_or(Value::Null)
}

/// The status that a report ends with.
pub const fn status(accepted: bool) -> Status {
    if accepted { Status::Done } else { Status::Refused }
}

/// A report for people.
pub fn print(report: &Report, cx: &Context) -> Result<()> {
    for document in report.documents() {
        print_document(document, cx)?;
    }
    for problem in report.problems() {
        cx.line(format!("{} {}", Mark::Failed.symbol(), problem.text_in(cx.lang)))?;
    }
    cx.line(outcome_text(report.is_accepted(), cx))
}

fn print_document(document: &DocumentReport, cx: &Context) -> Result<()> {
    let registry = Registry::builtin().ok();
    let kind = registry.and_then(|registry| registry.find(document.claimed_type()));
    match kind {
        Some(kind) => cx.line(format!("{} ({})", kind.title(cx.lang), document.claimed_type()))?,
        None => cx.line(document.claimed_type())?,
    }
    for check in document.checks() {
        let name = check_text(check.id, cx);
        let mark = Mark::from(check.state).symbol();
        match check.reason_in(cx.lang) {
            Some(reason) => cx.line(format!("  {mark} {name}: {reason}"))?,
            None => cx.line(format!("  {mark} {name}"))?,
        }
    }
    let trust = document.trust();
    let (state, detail) = match trust.state {
        TrustState::Trusted => (cx.t("được tin cậy", "trusted"), trust.anchor.as_deref()),
        TrustState::Untrusted => (cx.t("không được tin cậy", "not trusted"), trust.reason_in(cx.lang)),
        TrustState::NotChecked => (cx.t("chưa kiểm tra", "not checked"), trust.reason_in(cx.lang)),
    };
    cx.line(format!(
        "  {}: {state} ({})",
        cx.t("cơ quan cấp", "issuer"),
        detail.unwrap_or("–")
    ))?;
    if let Some(verified) = document.verified() {
        let say = |claims: &Claims| -> Result<()> {
            for (space, name, claim) in claims.iter() {
                let value = claim.item().to_value().ok();
                let value = value.as_ref().and_then(ElementValue::from_cbor);
                let (label, text) = match (kind, value) {
                    (Some(kind), Some(value)) => (
                        kind.label(space, name, cx.lang).into_owned(),
                        kind.display(space, name, &value, cx.lang),
                    ),
                    _ => (name.to_owned(), short(&claim.to_json())),
                };
                cx.line(format!("    {label}: {text}"))?;
            }
            Ok(())
        };
        say(verified.claims())?;
        if !verified.device_claims().is_empty() {
            cx.line(format!(
                "    {}:",
                cx.t("do thiết bị tự khai", "said by the device itself")
            ))?;
            say(verified.device_claims())?;
        }
    }
    for reason in document.reasons() {
        let check = reason
            .check
            .map(|check| format!("{}: ", check_text(check, cx)))
            .unwrap_or_default();
        let text = reason.text_in(cx.lang);
        cx.line(format!(
            "  {} {check}{text}",
            cx.t("bị từ chối vì", "refused because of")
        ))?;
    }
    for (space, codes) in document.errors() {
        for (name, code) in codes {
            cx.line(format!(
                "  – {space}/{name}: {} {code}",
                cx.t("không được trả về, mã", "not returned, code")
            ))?;
        }
    }
    Ok(())
}

/// The longest value of a line for people, in characters.
const MAX_LINE: usize = 120;

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MAX_LINE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
