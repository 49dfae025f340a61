//! `issue mdoc`.

use std::path::{Path, PathBuf};

use idwallet_crypto::{SystemRandom, Timestamp};
use idwallet_documents::{DocumentData, DocumentType, DocumentsError, Registry};
use idwallet_mdoc::issue::{MdocCopy, MdocIssuer};
use serde_json::json;

use crate::args::{IssueCommand, IssueMdocArgs};
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad, bad_file};
use crate::input::{self, Readable};
use crate::{certs, keys};

const DAY: i64 = 86_400;
/// Validity of a type that names none.
const DEFAULT_DAYS: u32 = 90;

pub fn run(command: &IssueCommand, cx: &Context) -> Result {
    match command {
        IssueCommand::Mdoc(args) => mdoc(args, cx),
    }
}

fn mdoc(args: &IssueMdocArgs, cx: &Context) -> Result {
    let registry = Registry::builtin().map_err(|error| CliError::Environment(error.to_string()))?;
    let kind = registry.document_type(&args.doc_type).map_err(|error| {
        let known: Vec<_> = registry.types().iter().map(DocumentType::key).collect();
        bad("--type", format!("{error}; known are {}", known.join(", ")))
    })?;
    let mut data = kind
        .read_data(&args.data.read()?)
        .map_err(|error| bad(&args.data, explain(&error, cx)))?;
    for warning in &data.warnings {
        cx.progress(format!("{}: {}", args.data, warning.code().text(cx.lang)));
    }
    let signer = keys::read_private(&args.signer, cx)?;
    let chain = certs::read_all(&args.chain, cx)?;
    let from = args.valid_from.unwrap_or_else(|| cx.now());
    kind.add_ages(&mut data, from.date())
        .map_err(|error| bad(&args.data, explain(&error, cx)))?;
    let until = match args.valid_until {
        Some(until) => until,
        None => default_end(kind, &data, from, chain.first().map(|leaf| leaf.not_after())),
    };

    let mut issuer = MdocIssuer::new(&signer, chain)
        .doc_type(kind.doc_type())
        .validity(from..until);
    if args.coarse {
        issuer = issuer.coarse_timestamps();
    }
    for element in &data.elements {
        issuer = issuer.element(&element.namespace, &element.element, element.value.to_cbor());
    }
    for name in &args.authorize {
        issuer = match name.split_once('/') {
            Some((space, element)) => issuer.authorize_element(space, element),
            None => issuer.authorize_name_space(name),
        };
    }
    let mut copies = Vec::new();
    if args.status_uri.is_some() && args.status_index.len() != args.device_key.len() {
        return Err(bad("--status-index", "as many are needed as there are device keys"));
    }
    for (at, key) in args.device_key.iter().enumerate() {
        let copy = MdocCopy::new(keys::read_public(key, cx)?);
        copies.push(match (&args.status_uri, args.status_index.get(at)) {
            (Some(uri), Some(index)) => copy.status_list(*index, uri),
            _ => copy,
        });
    }
    let issued = issuer
        .copies(copies)
        .issue(&SystemRandom::new())
        .map_err(|error| CliError::Input(format!("issue mdoc: {error}")))?;

    let names = names(&args.out, issued.len());
    if !args.force
        && let Some(taken) = names.iter().find(|path| path.exists())
    {
        return Err(bad_file(taken.display(), FileFault::There));
    }
    for (path, mdoc) in names.iter().zip(&issued) {
        // A credential is personal data.
        input::write(path, &mdoc.issuer_signed, Readable::ByOwner, args.force)?;
    }
    let files: Vec<String> = names.iter().map(|path| path.display().to_string()).collect();
    cx.document(&json!({
        "type": kind.doc_type(), "valid_from": from.to_rfc3339(), "valid_until": until.to_rfc3339(),
        "elements": data.elements.len(), "files": files,
    }))?;
    cx.line(format!(
        "{}: {} {} {}, {} {}",
        kind.title(cx.lang),
        data.elements.len(),
        cx.t("thông tin, có giá trị đến", "elements, valid until"),
        until.to_rfc3339(),
        issued.len(),
        cx.t("bản", if issued.len() == 1 { "copy" } else { "copies" }),
    ))?;
    for file in files {
        cx.line(format!("  {file}"))?;
    }
    Ok(Status::Done)
}

/// The type's validity, but within that of the signer and before a stated age changes (A-I02, A-I11).
fn default_end(kind: &DocumentType, data: &DocumentData, from: Timestamp, signer: Option<Timestamp>) -> Timestamp {
    let days = i64::from(kind.validity_days().unwrap_or(DEFAULT_DAYS));
    let mut until = from.saturating_add_seconds(days * DAY);
    if let Some(end) = signer {
        until = until.min(end);
    }
    if let Some(change) = kind.ages_change_on(data, from.date())
        && let Ok(change) = Timestamp::from_utc(change, 0, 0, 0)
        && change > from
    {
        until = until.min(change.saturating_add_seconds(-1));
    }
    until
}

/// Every problem of the data on one line, in the language of the run.
pub fn explain(error: &DocumentsError, cx: &Context) -> String {
    match error {
        DocumentsError::Data { problems, .. } => {
            let all: Vec<String> = problems
                .iter()
                .map(|p| format!("{}: {}", p.path, p.kind.text(cx.lang)))
                .collect();
            all.join("; ")
        }
        other => other.to_string(),
    }
}

/// `a/b.cbor`, or `a/b-1.cbor`, `a/b-2.cbor`… for several copies.
fn names(out: &Path, count: usize) -> Vec<PathBuf> {
    if count == 1 {
        return vec![out.to_path_buf()];
    }
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let extension = out
        .extension()
        .map(|e| format!(".{}", e.to_string_lossy()))
        .unwrap_or_default();
    (1..=count)
        .map(|n| out.with_file_name(format!("{stem}-{n}{extension}")))
        .collect()
}
