//! Lines of reports.

use crate::context::Context;

/// How a check came out, as a sign before its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Passed,
    Failed,
    Skipped,
    Warned,
}

impl Mark {
    /// Of the word in JSON reports.
    pub fn of(word: &str) -> Self {
        match word {
            "passed" => Self::Passed,
            "skipped" => Self::Skipped,
            "warned" => Self::Warned,
            _ => Self::Failed,
        }
    }

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
    match accepted {
        true => cx.t("CHẤP NHẬN", "ACCEPTED"),
        false => cx.t("TỪ CHỐI", "REFUSED"),
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
