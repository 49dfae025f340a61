//! `wallet export` and `wallet restore`.

use std::fs;

use idwallet_crypto::{Secret, SecretBytes};
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_wallet::{
    Backup, Code, ExportOptions, PlannedAction, PlannedDocument, ReissueItem, RestorePlan, WalletError,
};
use serde_json::{Value, json};

use super::args::{WalletExportArgs, WalletRestoreArgs};
use super::{ISSUER_ANCHORS, Place, consent, detail, fault, find, kept, open};
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad, bad_file};
use crate::input::{self, Source};
use crate::trust::Trust;

/// The first line of the file.
pub(super) fn read_passphrase(source: &Source) -> Result<SecretBytes> {
    let bytes = Secret::new(source.read()?);
    let line = bytes.expose().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    std::str::from_utf8(line).map_err(|_| bad_file(source, FileFault::NotText))?;
    Ok(Secret::new(line.to_vec()))
}

pub(super) fn text(passphrase: &SecretBytes) -> &str {
    std::str::from_utf8(passphrase.expose()).unwrap_or_default()
}

/// Tells each tenth part that is done.
fn teller<'c>(what: &'c str, cx: &'c Context) -> impl FnMut(u64, u64) + Send + 'c {
    let mut told = 0;
    move |done, total| {
        let tenths = done.saturating_mul(10).checked_div(total).unwrap_or(10);
        if tenths > told {
            told = tenths;
            cx.progress(format!("{what}: {}%", tenths * 10));
        }
    }
}

pub fn export(dir: &Place, args: &WalletExportArgs, cx: &Context) -> Result {
    let passphrase = read_passphrase(&args.passphrase_file)?;
    if let Some(folder) = args
        .file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
    {
        return Err(bad(
            folder.display(),
            cx.t("không có thư mục này", "there is no such folder"),
        ));
    }
    let wallet = open(dir, cx)?;
    let mut options = ExportOptions::new();
    if !args.only.is_empty() {
        let ids: Result<Vec<_>> = args.only.iter().map(|id| find(&wallet, id, cx)).collect();
        options = options.only(ids?);
    }
    if args.no_history {
        options = options.without_history();
    }
    if args.no_values {
        options = options.without_values();
    }
    let mut progress = teller(cx.t("Sao lưu", "Exporting"), cx);
    let written = wallet.export_file(
        &args.file,
        args.force,
        text(&passphrase),
        &options,
        cx.now(),
        &mut progress,
    );
    let exported = pollster::block_on(written).map_err(|error| fault(&error, cx))?;
    let damaged: Vec<Value> = exported
        .damaged
        .iter()
        .map(|d| json!({ "id": d.id.to_string(), "reason": d.damage.to_string() }))
        .collect();
    cx.document(&json!({
        "file": args.file.display().to_string(),
        "documents": exported.documents,
        "copies": exported.copies,
        "history": exported.history,
        "corrections": exported.corrections,
        "to_be_reissued": items(&exported.to_be_reissued, cx),
        "damaged": damaged,
    }))?;
    cx.line(format!(
        "{} {}: {} {}, {} {}",
        cx.t("Đã sao lưu vào", "Exported to"),
        args.file.display(),
        exported.documents,
        cx.t("giấy tờ", "documents"),
        exported.history,
        cx.t("mục nhật ký", "entries of the history"),
    ))?;
    print_items(&exported.to_be_reissued, cx)?;
    for damaged in &exported.damaged {
        let code = Code::RecordDamaged;
        cx.line(format!(
            "  ! {} {}: {} [{code}]{}",
            damaged.id,
            cx.t("không có trong bản sao lưu", "is not in the file"),
            code.text(cx.lang),
            detail(damaged.damage, code, cx)
        ))?;
    }
    cx.line(cx.t(
        "Ai có tệp và mật khẩu thì có giấy tờ của bạn. Hãy cất hai thứ ở hai nơi; quên mật khẩu thì không ai mở được tệp.",
        "Whoever has the file and the passphrase has your documents. Keep the two apart; without the passphrase nobody can open the file.",
    ))?;
    Ok(Status::Done)
}

pub fn restore(dir: &Place, args: &WalletRestoreArgs, cx: &Context) -> Result {
    let passphrase = read_passphrase(&args.passphrase_file)?;
    fs::metadata(&args.file).map_err(|error| input::unread(args.file.display(), &error))?;
    let wallet = open(dir, cx)?;
    let trust = Trust::read(&args.trust, kept(dir, ISSUER_ANCHORS, cx)?, cx)?;
    let mut progress = teller(cx.t("Kiểm tra tệp", "Verifying the file"), cx);
    let mut backup =
        Backup::open_file(&args.file, text(&passphrase), &mut progress).map_err(|error| fault(&error, cx))?;
    let anchors = trust.store.issuer_anchors();
    let issuers = IssuerTrust::new(anchors).crls(trust.store.crls());
    let issuers = (!anchors.is_empty() && !args.trust.allow_untrusted).then_some(&issuers);
    let policy = trust.document_policy();
    let mut progress = teller(cx.t("Kiểm tra giấy tờ", "Verifying the documents"), cx);
    let mut plan = pollster::block_on(wallet.plan_restore(&mut backup, &policy, issuers, &mut progress))
        .map_err(|error| fault(&error, cx))?;
    if args.no_history {
        plan.leave_history_out();
    }
    if !args.only.is_empty() {
        select(&mut plan, &args.only, cx)?;
    }
    if args.preview {
        cx.document(&document(&plan, &backup.contents().created_at.to_rfc3339(), cx))?;
        print_plan(&plan, cx)?;
        cx.line(cx.t("Chưa có gì thay đổi.", "Nothing was changed."))?;
        return Ok(Status::Done);
    }
    if !args.yes {
        print_plan(&plan, cx)?;
        let question = cx.t("Gõ `khôi phục` để đồng ý: ", "Type `restore` to agree: ");
        let said = consent::ask(question)?;
        if !matches!(said.trim(), "restore" | "khôi phục" | "khoi phuc") {
            return Err(CliError::Refused(
                cx.t("chưa khôi phục gì", "nothing was restored").to_owned(),
            ));
        }
    }
    let mut json = document(&plan, &backup.contents().created_at.to_rfc3339(), cx);
    let is_refused = |d: &PlannedDocument| matches!(d.action, PlannedAction::Refuse(_) | PlannedAction::KeyInUse);
    let refused = plan.documents.iter().filter(|d| is_refused(d)).count();
    if args.yes {
        print_plan(&plan, cx)?;
    }
    let mut progress = teller(cx.t("Khôi phục", "Restoring"), cx);
    let restored =
        pollster::block_on(wallet.restore(&mut backup, plan, &mut progress)).map_err(|error| fault(&error, cx))?;
    let added: Vec<String> = restored.added.iter().map(ToString::to_string).collect();
    if let Value::Object(map) = &mut json {
        map.insert("added".into(), json!(added));
        map.insert("skipped".into(), restored.skipped.into());
        map.insert("left_out".into(), restored.left_out.into());
        map.insert("history".into(), restored.history.into());
        map.insert("corrections".into(), restored.corrections.into());
    }
    cx.document(&json)?;
    cx.line(format!(
        "{}: {} {}, {} {}",
        cx.t("Đã khôi phục", "Restored"),
        restored.added.len(),
        cx.t("giấy tờ", "documents"),
        restored.skipped,
        cx.t("giấy tờ đã có trong ví", "were in the wallet already"),
    ))?;
    Ok(if refused > 0 { Status::Refused } else { Status::Done })
}

/// Deselects everything but the documents whose ids begin so.
fn select(plan: &mut RestorePlan, only: &[String], cx: &Context) -> Result<()> {
    for wanted in only {
        let wanted = wanted.to_lowercase();
        if wanted.is_empty() || !plan.documents.iter().any(|d| d.id.to_string().starts_with(&wanted)) {
            return Err(bad(
                wanted,
                cx.t(
                    "bản sao lưu không có giấy tờ này",
                    "there is no such document in the file",
                ),
            ));
        }
    }
    let is_wanted = |d: &PlannedDocument| only.iter().any(|id| d.id.to_string().starts_with(&id.to_lowercase()));
    let unwanted: Vec<_> = plan.added().filter(|d| !is_wanted(d)).map(|d| d.id).collect();
    for id in unwanted {
        plan.leave_out(id).map_err(|error| fault(&error, cx))?;
    }
    Ok(())
}

fn action(document: &PlannedDocument, cx: &Context) -> (&'static str, String) {
    match &document.action {
        PlannedAction::Add { conflicts } if conflicts.is_empty() => ("add", cx.t("thêm vào ví", "is added").to_owned()),
        PlannedAction::Add { conflicts } => {
            let others: Vec<String> = conflicts
                .iter()
                .map(|id| id.to_string().chars().take(8).collect())
                .collect();
            (
                "add",
                format!(
                    "{} ({})",
                    cx.t(
                        "thêm vào ví; ví đang giữ một bản khác của cùng người, hãy xem lại cả hai",
                        "is added; the wallet has another one of the same person, look at both",
                    ),
                    others.join(", ")
                ),
            )
        }
        PlannedAction::Skip(_) => ("skip", cx.t("đã có trong ví", "is in the wallet already").to_owned()),
        PlannedAction::Reissue => (
            "reissue",
            cx.t(
                "gắn với thiết bị khác, cần xin cấp lại",
                "is bound to another device, ask for it again",
            )
            .to_owned(),
        ),
        PlannedAction::Refuse(refusal) => {
            let error = WalletError::from((**refusal).clone());
            (
                "refuse",
                format!(
                    "{} [{}]{}",
                    error.text(cx.lang),
                    error.code(),
                    detail(refusal, error.code(), cx)
                ),
            )
        }
        PlannedAction::KeyInUse => (
            "key_in_use",
            cx.t(
                "khóa đã gắn với một giấy tờ khác",
                "its key belongs to another document",
            )
            .to_owned(),
        ),
        _ => ("leave_out", cx.t("không chọn", "is left out").to_owned()),
    }
}

fn document(plan: &RestorePlan, created_at: &str, cx: &Context) -> Value {
    let documents: Vec<Value> = plan
        .documents
        .iter()
        .map(|d| {
            let conflicts: Vec<String> = match &d.action {
                PlannedAction::Add { conflicts } => conflicts.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            let (action, reason) = action(d, cx);
            json!({
                "id": d.id.to_string(),
                "type": d.doc_type,
                "title": d.title.text(cx.lang),
                "issuer": d.issuer,
                "copies": d.copies,
                "vouched": d.is_vouched,
                "action": action,
                "reason": reason,
                "conflicts": conflicts,
            })
        })
        .collect();
    json!({
        "created_at": created_at,
        "documents": documents,
        "to_be_reissued": items(&plan.to_be_reissued, cx),
        "history": plan.history,
        "corrections": plan.corrections,
    })
}

fn print_plan(plan: &RestorePlan, cx: &Context) -> Result<()> {
    for d in &plan.documents {
        let short: String = d.id.to_string().chars().take(8).collect();
        cx.line(format!(
            "{short}  {}  {}",
            d.title.text(cx.lang),
            d.summary.text(cx.lang)
        ))?;
        cx.line(format!("          {}: {}", d.issuer, action(d, cx).1))?;
    }
    if plan.added().any(|d| !d.is_vouched) {
        cx.line(cx.t(
            "  ! Ví chưa biết tin cơ quan cấp nào, nên chỉ kiểm tra giấy tờ không bị sửa, chưa kiểm tra ai cấp (--anchor).",
            "  ! The wallet trusts no issuer yet: that documents were not altered was checked, not who issued them (--anchor).",
        ))?;
    }
    print_items(&plan.to_be_reissued, cx)
}

fn items(items: &[ReissueItem], cx: &Context) -> Vec<Value> {
    let row = |item: &ReissueItem| {
        json!({
            "id": item.id.to_string(),
            "type": item.doc_type,
            "title": item.title.text(cx.lang),
            "issuer": item.issuer,
            "has_copies": item.has_copies,
            "noted_at": item.noted_at.to_rfc3339(),
        })
    };
    items.iter().map(row).collect()
}

fn print_items(items: &[ReissueItem], cx: &Context) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    cx.line(cx.t(
        "Cần xin cấp lại, ở cơ quan ghi sau tên giấy tờ, vì khóa gắn với máy khác và không chuyển đi được:",
        "To be issued again, by whoever is named after each, because the keys are bound to another device and cannot be moved:",
    ))?;
    for item in items {
        cx.line(format!("  {}: {}", item.title.text(cx.lang), item.issuer))?;
        if item.has_copies {
            cx.line(cx.t(
                "      (vài bản của giấy tờ này đã chuyển được, dùng tạm đến khi được cấp lại)",
                "      (some copies of it did move, and serve until then)",
            ))?;
        }
    }
    Ok(())
}

pub fn reissue(dir: &Place, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let list = wallet.to_be_reissued().map_err(|error| fault(&error, cx))?;
    cx.document(&json!({ "to_be_reissued": items(&list, cx) }))?;
    if list.is_empty() {
        cx.line(cx.t(
            "Không có giấy tờ nào cần xin cấp lại.",
            "Nothing has to be issued again.",
        ))?;
    }
    print_items(&list, cx)?;
    Ok(Status::Done)
}
