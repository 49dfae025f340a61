//! `wallet import FOLDER`: many documents at once.

use std::path::{Path, PathBuf};

use idwallet_mdoc::verify::IssuerTrust;
use idwallet_wallet::{NewCopy, StateFault, WalletError};
use serde_json::json;

use super::args::WalletImportArgs;
use super::import::{damaged_text, options};
use super::{ISSUER_ANCHORS, Place, detail, fault, kept, open};
use crate::context::Context;
use crate::error::{FileFault, Result, Status, bad, bad_file, failed};
use crate::input::Source;
use crate::keys;
use crate::trust::Trust;

/// A word about progress after so many files.
const STEP: usize = 50;

/// Every `NAME.cbor` of the folder becomes a document of its own, with the device key in `NAME.key` if that is there.
pub fn run(place: &Place, folder: &Path, args: &WalletImportArgs, cx: &Context) -> Result {
    if !args.device_key.is_empty() {
        return Err(bad(
            "--device-key",
            "a folder has each key beside its document, as NAME.key",
        ));
    }
    let files = credentials(folder)?;
    let wallet = open(place, cx)?;
    let trust = Trust::read(&args.trust, kept(place, ISSUER_ANCHORS, cx)?, cx)?;
    let issuers = IssuerTrust::new(trust.store.issuer_anchors()).crls(trust.store.crls());
    let policy = trust.document_policy();
    let (mut stored, mut held, mut refused, mut damaged_parts) = (Vec::new(), 0_usize, Vec::new(), 0);
    for (done, path) in files.iter().enumerate() {
        if done > 0 && done.is_multiple_of(STEP) {
            cx.progress(format!("{done}/{} …", files.len()));
        }
        let bytes = source(path).read_decoded(cx)?;
        let key = path.with_extension("key");
        let copy = if key.exists() {
            NewCopy::with_device_key(bytes, keys::read_private(&source(&key), cx)?)
        } else {
            NewCopy::new(bytes)
        };
        match pollster::block_on(wallet.import_with(vec![copy], &policy, &issuers, options(args).apart())) {
            Ok(imported) => {
                stored.push(imported.id.to_string());
                damaged_parts = imported.damaged_parts;
            }
            Err(WalletError::InvalidState(StateFault::AlreadyHeld(_))) => held = held.saturating_add(1),
            Err(
                error @ (WalletError::Issuer(_)
                | WalletError::Untrusted(_)
                | WalletError::Expired(_)
                | WalletError::InvalidState(_)),
            ) => refused.push((path.display().to_string(), error)),
            // The vault or the secure area: going on would not help, and what is stored stays.
            Err(error) => return Err(fault(&error, cx)),
        }
    }
    let conflicts = wallet.compare_all().map_err(|error| fault(&error, cx))?;
    let rows: Vec<_> = refused
        .iter()
        .map(|(file, error)| json!({ "file": file, "code": error.code().as_str(), "reason": error.text(cx.lang) }))
        .collect();
    cx.document(&json!({
        "stored": stored,
        "already_held": held,
        "refused": rows,
        "changed_by_comparison": conflicts,
        "damaged_parts": damaged_parts,
    }))?;
    cx.line(format!(
        "{}: {}",
        cx.t("Đã kiểm tra và cất", "Verified and stored"),
        stored.len()
    ))?;
    if damaged_parts > 0 {
        cx.line(format!("  ! {}", damaged_text(cx)))?;
    }
    if held > 0 {
        cx.line(format!(
            "{}: {held}",
            cx.t("Đã có sẵn trong ví", "In the wallet already")
        ))?;
    }
    for (file, error) in &refused {
        cx.line(format!(
            "{file}: {} [{}]{}",
            error.text(cx.lang),
            error.code(),
            detail(error, error.code(), cx)
        ))?;
    }
    Ok(if refused.is_empty() {
        Status::Done
    } else {
        Status::Refused
    })
}

fn source(path: &Path) -> Source {
    Source::from(path.as_os_str().to_owned())
}

fn credentials(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder.display(), error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(folder.display(), error))?.path();
        if path.extension().is_some_and(|extension| extension == "cbor") {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(bad_file(folder.display(), FileFault::NoCredential));
    }
    files.sort();
    Ok(files)
}
