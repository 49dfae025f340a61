//! `verify status`: one entry of a status list token.

use idwallet_crypto::x509::RevocationRequirement;
use idwallet_status_list::{ListPolicy, ListTrust, Status, UnverifiedStatusList};
use serde_json::json;

use crate::args::VerifyStatusArgs;
use crate::certs;
use crate::context::Context;
use crate::error::{self, Result, bad};
use crate::report::Mark;

pub fn run(args: &VerifyStatusArgs, cx: &Context) -> Result {
    let bytes = args.file.read_decoded(cx)?;
    let list = UnverifiedStatusList::parse(&bytes).map_err(|error| bad(&args.file, error))?;
    let anchors = certs::read_anchors(&args.anchor, cx)?;
    let crls = certs::read_crls(&args.crl, cx)?;
    let claims = *list.dangerous_claims();
    let uri = args.uri.as_deref().unwrap_or(claims.subject);
    let at = cx.now();
    let policy = ListPolicy::new(at)
        .strictness(args.profile.into())
        .revocation(&crls, RevocationRequirement::IfAvailable);

    let mut problems = Vec::new();
    let mut signer = None;
    let mut status = None;
    if anchors.is_empty() {
        problems.push(
            cx.t(
                "chưa có gốc tin cậy nào (--anchor)",
                "there is no root to trust (--anchor)",
            )
            .to_owned(),
        );
    } else {
        match list.verify(uri, &ListTrust::Anchors(&anchors), &policy) {
            Ok(verified) => {
                signer = verified.signer().map(|path| path.leaf().subject().to_string());
                match verified.status(args.index) {
                    Ok(found) => status = Some(found),
                    Err(error) => problems.push(error.to_string()),
                }
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    let is_valid = status.is_some_and(Status::is_valid);
    let outcome = if is_valid { "accepted" } else { "refused" };
    cx.document(&json!({
        "outcome": outcome, "checked_at": at.to_rfc3339(), "uri": claims.subject, "index": args.index,
        "status": word(status), "value": status.map(Status::value), "signer": signer,
        "issued_at": claims.issued_at.to_rfc3339(),
        "expires_at": claims.expires_at.map(idwallet_crypto::Timestamp::to_rfc3339), "problems": problems,
    }))?;
    cx.line(format!(
        "{} {}",
        cx.t("Danh sách trạng thái", "Status list"),
        claims.subject
    ))?;
    let mark = if status.is_some() { Mark::Passed } else { Mark::Failed };
    cx.line(format!(
        "  {} {}",
        mark.symbol(),
        match (&signer, status.is_some()) {
            (Some(signer), _) => format!("{} {signer}", cx.t("ký bởi", "signed by")),
            (None, _) => cx.t("không kiểm tra được", "cannot be believed").to_owned(),
        }
    ))?;
    for problem in &problems {
        cx.line(format!("    {problem}"))?;
    }
    if let Some(status) = status {
        let mark = if is_valid { Mark::Passed } else { Mark::Failed };
        cx.line(format!(
            "  {} {} {}: {}",
            mark.symbol(),
            cx.t("mục", "entry"),
            args.index,
            text(status, cx)
        ))?;
    }
    Ok(if is_valid {
        error::Status::Done
    } else {
        error::Status::Refused
    })
}

fn word(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Valid) => "valid",
        Some(Status::Invalid) => "invalid",
        Some(Status::Suspended) => "suspended",
        Some(Status::ApplicationSpecific(_)) => "application_specific",
        Some(_) => "unassigned",
        None => "unknown",
    }
}

fn text(status: Status, cx: &Context) -> &str {
    match status {
        Status::Valid => cx.t("còn hiệu lực", "valid"),
        Status::Invalid => cx.t("đã bị thu hồi", "revoked"),
        Status::Suspended => cx.t("đang bị tạm ngừng", "suspended"),
        Status::ApplicationSpecific(_) => cx.t("trạng thái riêng của bên cấp", "a state of the issuer's own"),
        _ => cx.t("trạng thái không có nghĩa đã biết", "a state without a known meaning"),
    }
}
