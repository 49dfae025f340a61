//! `wallet correct`: requests to issuers to correct a document.

use idwallet_wallet::{Correction, CorrectionAnswer, CorrectionId, DisputedField, Wallet, verify_correction};
use serde_json::{Value, json};

use super::args::{AnswerName, CorrectCommand, CorrectDraftArgs};
use super::{Place, fault, find, open};
use crate::context::Context;
use crate::error::{Result, Status, bad};
use crate::input::{self, Readable};

pub fn run(place: &Place, command: &CorrectCommand, cx: &Context) -> Result {
    let wallet = open(place, cx)?;
    match command {
        CorrectCommand::Draft(args) => draft(&wallet, args, cx),
        CorrectCommand::List => list(&wallet, cx),
        CorrectCommand::Sent(args) => {
            let id = named(&wallet, &args.id, cx)?;
            let correction = wallet.mark_sent(id, cx.now()).map_err(|error| fault(&error, cx))?;
            tell(&correction, cx)
        }
        CorrectCommand::Answered(args) => {
            let id = named(&wallet, &args.id, cx)?;
            let answer = match args.answer {
                AnswerName::Accepted => CorrectionAnswer::Accepted,
                AnswerName::Refused => CorrectionAnswer::Refused,
                AnswerName::Changed => CorrectionAnswer::Changed,
            };
            let correction = wallet
                .mark_answered(id, answer, cx.now())
                .map_err(|error| fault(&error, cx))?;
            tell(&correction, cx)
        }
    }
}

fn draft(wallet: &Wallet, args: &CorrectDraftArgs, cx: &Context) -> Result {
    let document = find(wallet, &args.id, cx)?;
    let view = wallet.show(document, cx.now()).map_err(|error| fault(&error, cx))?;
    let mut fields = Vec::new();
    for field in &args.field {
        let (name, claimed) = match field.split_once('=') {
            Some((name, claimed)) => (name, Some(claimed.to_owned())),
            None => (field.as_str(), None),
        };
        let (name_space, element) = match name.rsplit_once('/') {
            Some((name_space, element)) => (name_space.to_owned(), element.to_owned()),
            None => {
                let claim = view.claims.iter().find(|claim| claim.element == name);
                let text = cx.t(
                    "giấy tờ không có mục này; mục còn thiếu thì ghi NAMESPACE/ELEMENT",
                    "the document does not have it; name one that is missing by NAMESPACE/ELEMENT",
                );
                let claim = claim.ok_or_else(|| bad(name, text))?;
                (claim.name_space.clone(), name.to_owned())
            }
        };
        fields.push(DisputedField {
            name_space,
            element,
            claimed,
        });
    }
    let correction = pollster::block_on(wallet.draft_correction(document, &fields, &args.reason, cx.now()))
        .map_err(|error| fault(&error, cx))?;
    input::write(&args.out, &correction.file, Readable::ByOwner, args.force)?;
    tell(&correction, cx)?;
    cx.line(format!(
        "{} {}",
        cx.t("Tệp đã ký để gửi cơ quan cấp:", "The signed file for the issuer:"),
        args.out.display()
    ))?;
    Ok(Status::Done)
}

fn list(wallet: &Wallet, cx: &Context) -> Result {
    let corrections = wallet.corrections().map_err(|error| fault(&error, cx))?;
    let rows: Vec<Value> = corrections.iter().map(json_of).collect();
    cx.document(&json!({ "corrections": rows }))?;
    if corrections.is_empty() {
        cx.line(cx.t("Chưa có đề nghị đính chính nào.", "There is no request for correction."))?;
    }
    corrections.iter().try_for_each(|correction| print(correction, cx))?;
    Ok(Status::Done)
}

fn tell(correction: &Correction, cx: &Context) -> Result {
    cx.document(&json_of(correction))?;
    print(correction, cx)?;
    Ok(Status::Done)
}

fn print(correction: &Correction, cx: &Context) -> Result<()> {
    cx.line(format!(
        "{}  {}: {}",
        correction.id,
        correction.issuer,
        correction.state.text(cx.lang)
    ))?;
    for field in verify_correction(&correction.file)
        .map(|file| file.fields)
        .unwrap_or_default()
    {
        cx.line(format!("  {} / {}", field.name_space, field.element))?;
    }
    Ok(())
}

fn json_of(correction: &Correction) -> Value {
    let fields = verify_correction(&correction.file)
        .map(|file| file.fields)
        .unwrap_or_default();
    let fields: Vec<Value> = fields
        .iter()
        .map(|field| json!({ "namespace": field.name_space, "element": field.element, "claimed": field.claimed }))
        .collect();
    json!({
        "id": correction.id.to_string(),
        "document": correction.document.to_string(),
        "type": correction.doc_type,
        "issuer": correction.issuer,
        "drafted_at": correction.drafted_at.to_rfc3339(),
        "state": correction.state.as_str(),
        "fields": fields,
    })
}

/// The request whose id begins so.
fn named(wallet: &Wallet, id: &str, cx: &Context) -> Result<CorrectionId> {
    let all = wallet.corrections().map_err(|error| fault(&error, cx))?;
    let is_it = |correction: &&Correction| !id.is_empty() && correction.id.to_string().starts_with(id);
    let mut found = all.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.id),
        (None, _) => Err(bad(id, cx.t("không có đề nghị này", "there is no such request"))),
        _ => Err(bad(
            id,
            cx.t("là phần đầu của nhiều đề nghị", "is the beginning of several"),
        )),
    }
}
