//! `wallet status`: what issuers say about the documents since.

use idwallet_mdoc::verify::IssuerTrust;
use idwallet_wallet::local_time;
use serde_json::{Value, json};

use super::args::WalletStatusArgs;
use super::{ISSUER_ANCHORS, Place, VIETNAM, fault, kept, open};
use crate::context::Context;
use crate::error::{CliError, Result, Status};
use crate::trust::Trust;

/// Takes in every list of `--status-list`; without one, says which to fetch.
pub fn run(place: &Place, args: &WalletStatusArgs, cx: &Context) -> Result {
    let wallet = open(place, cx)?;
    let (mut checked, mut outdated, mut changed) = (0_usize, 0_usize, Vec::new());
    if !args.trust.status_list.is_empty() {
        let trust = Trust::read(&args.trust, kept(place, ISSUER_ANCHORS, cx)?, cx)?;
        let issuers = IssuerTrust::new(trust.store.issuer_anchors()).crls(trust.store.crls());
        for source in &args.trust.status_list {
            let report = wallet
                .update_status(&source.read_decoded(cx)?, &issuers, cx.now())
                .map_err(|error| match fault(&error, cx) {
                    CliError::Refused(text) => CliError::Refused(format!("{source}: {text}")),
                    other => other,
                })?;
            checked = checked.saturating_add(report.checked);
            outdated = outdated.saturating_add(report.outdated);
            changed.extend(report.changed);
        }
    }
    let sources = wallet.status_sources().map_err(|error| fault(&error, cx))?;
    let rows: Vec<Value> = changed
        .iter()
        .map(|change| {
            json!({
                "id": change.document.to_string(),
                "before": change.before.as_str(),
                "state": change.after.as_str(),
                "text": change.text(cx.lang),
            })
        })
        .collect();
    let lists: Vec<Value> = sources
        .iter()
        .map(|source| {
            json!({
                "uri": source.uri,
                "type": source.kind.media_type(),
                "documents": source.documents,
                "due": source.due.map(|due| due.to_rfc3339()),
            })
        })
        .collect();
    cx.document(&json!({ "checked": checked, "outdated": outdated, "changed": rows, "lists": lists }))?;
    for change in &changed {
        cx.line(format!("{}  {}", change.document, change.text(cx.lang)))?;
    }
    if checked > 0 {
        cx.line(format!(
            "{}: {checked}",
            cx.t(
                "Số giấy tờ đã kiểm tra trạng thái",
                "Documents whose status was checked"
            )
        ))?;
    }
    if outdated > 0 {
        cx.line(format!(
            "{}: {outdated}",
            cx.t(
                "Số giấy tờ bỏ qua vì danh sách cũ hơn điều đã biết",
                "Documents left alone, since the list is older than what is known"
            )
        ))?;
    }
    for source in &sources {
        let due = source.due.map_or_else(
            || cx.t("chưa có, hãy tải ngay", "none yet, fetch it now").to_owned(),
            |due| {
                format!(
                    "{} {}",
                    cx.t("tải lại trước", "fetch again before"),
                    local_time(due, VIETNAM, cx.lang)
                )
            },
        );
        cx.line(format!("{}: {due}", crate::context::plain(&source.uri)))?;
    }
    if sources.is_empty() {
        cx.line(cx.t(
            "Không có giấy tờ nào có danh sách thu hồi.",
            "No document has a list of revocations.",
        ))?;
    }
    Ok(Status::Done)
}
