//! `wallet import` and `wallet device-key`.

use idwallet_crypto::area::KeyPurpose;
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_verifier::Verifier;
use idwallet_wallet::{ImportOptions, NewCopy, RefusalReason, WalletError, Ward};
use serde_json::{Value, json};

use super::{ISSUER_ANCHORS, Place, check, detail, fault, import_folder, kept, open};
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad, bad_file};
use crate::input::{self, Readable};
use crate::keys;
use crate::report;
use crate::trust::Trust;
use crate::wallet::args::{WalletDeviceKeyArgs, WalletImportArgs};

pub fn run(dir: &Place, args: &WalletImportArgs, cx: &Context) -> Result {
    if let [only] = args.file.as_slice()
        && only.path().is_dir()
    {
        return import_folder::run(dir, only.path(), args, cx);
    }
    let wallet = open(dir, cx)?;
    let trust = Trust::read(&args.trust, kept(dir, ISSUER_ANCHORS, cx)?, cx)?;
    if !args.device_key.is_empty() && args.device_key.len() != args.file.len() {
        return Err(bad("--device-key", "as many are needed as there are copies"));
    }
    let verifier = Verifier::new();
    let policy = trust.policy.issuer_only();
    let mut copies = Vec::new();
    for (at, file) in args.file.iter().enumerate() {
        let bytes = file.read_decoded(cx)?;
        // The report of the whole checklist, trust lists and status included; the wallet then checks for itself.
        let report = verifier
            .verify_issuer_signed(&bytes, None, &policy, &trust.store)
            .map_err(|error| bad(file, error))?;
        if !report.is_accepted() {
            let mut json = report.to_json();
            if let Value::Object(map) = &mut json {
                map.insert("file".into(), file.to_string().into());
            }
            cx.document(&json)?;
            cx.line(format!("{file}: {}", cx.t("không được cất vào ví", "not stored")))?;
            report::print(&report, cx)?;
            return Ok(Status::Refused);
        }
        copies.push(match args.device_key.get(at) {
            Some(key) => NewCopy::with_device_key(bytes, keys::read_private(key, cx)?),
            None => NewCopy::new(bytes),
        });
    }
    let issuers = IssuerTrust::new(trust.store.issuer_anchors()).crls(trust.store.crls());
    let imported = pollster::block_on(wallet.import_with(copies, &trust.document_policy(), &issuers, options(args)))
        .map_err(|error| refused(&error, args, cx))?;
    let warnings: Vec<_> = imported
        .warnings
        .iter()
        .map(|(check, fault)| json!({ "id": check.id(), "reason": fault.to_string(), "clause": fault.clause() }))
        .collect();
    let findings: Vec<_> = imported
        .findings
        .iter()
        .map(|finding| check::finding_json(finding, cx))
        .collect();
    let replaces: Vec<_> = imported.replaces().map(|id| id.to_string()).collect();
    cx.document(&json!({
        "id": imported.id.to_string(),
        "copies": imported.copies,
        "warnings": warnings,
        "findings": findings,
        "replaces": replaces,
        "damaged_parts": imported.damaged_parts,
    }))?;
    cx.line(format!(
        "{} {}",
        cx.t("Đã kiểm tra và cất giấy tờ", "Verified and stored as"),
        imported.id
    ))?;
    if imported.damaged_parts > 0 {
        cx.line(format!("  ! {}", damaged_text(cx)))?;
    }
    for (check, fault) in &imported.warnings {
        cx.line(format!("  ! {}: {fault}", report::check_text(check.id(), cx)))?;
    }
    for finding in &imported.findings {
        cx.line(check::line(finding, cx))?;
    }
    Ok(Status::Done)
}

/// Whose the documents are and how their copies are used; of a folder it is said of each of its documents.
pub(super) fn options(args: &WalletImportArgs) -> ImportOptions {
    let mut options = ImportOptions::new();
    if let Some(relation) = args.on_behalf_of {
        let ward = Ward::new(relation);
        options = options.ward(match &args.called {
            Some(name) => ward.called(name),
            None => ward,
        });
    }
    options.copies = args.copies.clone();
    options
}

/// What to say where a document was stored beside damage.
pub(super) const fn damaged_text(cx: &Context) -> &'static str {
    cx.t(
        "Một phần kho của ví bị hỏng; giấy tờ mới nằm ở phần còn tốt, giấy tờ trong phần hỏng được để riêng và giữ nguyên. Hãy khôi phục từ bản sao lưu hoặc xin cấp lại những giấy tờ đó.",
        "A part of the vault is damaged; the new document lies in what is intact, and what lies in the damaged part is set aside as it is. Restore a backup, or have those documents issued again.",
    )
}

fn refused(error: &WalletError, args: &WalletImportArgs, cx: &Context) -> CliError {
    let (WalletError::Issuer(refusal) | WalletError::Untrusted(refusal) | WalletError::Expired(refusal)) = error else {
        return fault(error, cx);
    };
    let file = args
        .file
        .get(refusal.copy())
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut text = format!(
        "{file}: {} [{}]{}",
        error.text(cx.lang),
        error.code(),
        detail(refusal, error.code(), cx)
    );
    if let RefusalReason::Quality(findings) = refusal.reason() {
        for finding in findings.iter().filter(|finding| finding.is_refusal()) {
            text.push_str(&format!("\n{}", check::line(finding, cx)));
        }
    }
    CliError::Refused(text)
}

pub fn device_key(dir: &Place, args: &WalletDeviceKeyArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    if !args.force && args.public.exists() {
        return Err(bad_file(args.public.display(), FileFault::There));
    }
    let key = pollster::block_on(wallet.create_device_key(args.curve, KeyPurpose::SignOrAgree))
        .map_err(|error| fault(&error, cx))?;
    let pem = keys::public_to_pem(&key.public_key);
    input::write(&args.public, pem.as_bytes(), Readable::ByAll, args.force)?;
    cx.document(&json!({ "curve": args.curve.name(), "public": args.public.display().to_string() }))?;
    cx.line(format!(
        "{} {}",
        cx.t(
            "Khóa mới nằm trong ví; phần công khai:",
            "The new key is in the wallet; its public part:"
        ),
        args.public.display()
    ))?;
    Ok(Status::Done)
}
