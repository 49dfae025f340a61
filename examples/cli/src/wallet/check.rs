//! `wallet check`: correct, sufficient, clean, live.

use idwallet_documents::Lang;
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_wallet::{Aspect, AspectState, CheckReport, Checked, Finding};
use serde_json::{Map, Value, json};

use super::args::WalletCheckArgs;
use super::{ISSUER_ANCHORS, Place, fault, find, kept, open, print_damaged, print_row, row};
use crate::context::Context;
use crate::error::{Result, Status};
use crate::trust::Trust;

pub fn run(place: &Place, args: &WalletCheckArgs, cx: &Context) -> Result {
    let wallet = open(place, cx)?;
    let trust = Trust::read(&args.trust, kept(place, ISSUER_ANCHORS, cx)?, cx)?;
    let issuers = IssuerTrust::new(trust.store.issuer_anchors()).crls(trust.store.crls());
    // Without anchors nobody could be trusted: then the stored signature is what is checked.
    let issuers = (!trust.store.issuer_anchors().is_empty()).then_some(&issuers);
    let checked = match &args.id {
        Some(id) => {
            let mut checked = Checked::default();
            let id = find(&wallet, id, cx)?;
            checked
                .documents
                .push(wallet.check(id, cx.now(), issuers).map_err(|error| fault(&error, cx))?);
            checked
        }
        None => wallet.check_all(cx.now(), issuers).map_err(|error| fault(&error, cx))?,
    };
    let documents: Vec<Value> = checked.documents.iter().map(|report| json_of(report, cx)).collect();
    let damaged: Vec<Value> = checked
        .damaged
        .iter()
        .map(|damaged| json!({ "id": damaged.id.to_string(), "reason": damaged.damage.to_string() }))
        .collect();
    let records = match &args.id {
        Some(_) => Vec::new(),
        None => wallet.damaged_records().map_err(|error| fault(&error, cx))?,
    };
    let lines: Vec<String> = records.iter().map(|record| record.text(Lang::En)).collect();
    cx.document(&json!({ "documents": documents, "damaged": damaged, "damaged_records": lines }))?;
    for report in &checked.documents {
        print_row(&report.document, cx)?;
        let states: Vec<String> = Aspect::ALL
            .iter()
            .map(|aspect| format!("{}: {}", aspect.text(cx.lang), word(report.state(*aspect), cx)))
            .collect();
        cx.line(format!("          {}", states.join(" · ")))?;
        for finding in &report.findings {
            cx.line(line(finding, cx))?;
        }
    }
    for damaged in &checked.damaged {
        print_damaged(damaged, cx)?;
    }
    for record in &records {
        cx.line(format!("{} {}", cx.t("Bị hỏng –", "Damaged –"), record.text(cx.lang)))?;
    }
    let is_well =
        records.is_empty() && checked.damaged.is_empty() && checked.documents.iter().all(CheckReport::is_usable);
    Ok(if is_well { Status::Done } else { Status::Refused })
}

const fn word<'t>(state: AspectState, cx: &Context) -> &'t str {
    match state {
        AspectState::Good => cx.t("tốt", "good"),
        AspectState::Warned => cx.t("cần xem", "look"),
        AspectState::Refused => cx.t("không đạt", "refused"),
    }
}

/// A finding as a line under its document.
pub fn line(finding: &Finding, cx: &Context) -> String {
    let mark = if finding.is_refusal() { "✗" } else { "!" };
    let other = finding.other.map_or_else(String::new, |other| {
        let short: String = other.to_string().chars().take(8).collect();
        format!(" ({} {short})", cx.t("giấy tờ kia:", "the other document:"))
    });
    format!("  {mark} [{}] {}{other}", finding.code, finding.text(cx.lang))
}

/// A finding for machines.
pub fn finding_json(finding: &Finding, cx: &Context) -> Value {
    json!({
        "code": finding.code.as_str(),
        "aspect": finding.aspect().as_str(),
        "refuses": finding.is_refusal(),
        "namespace": finding.element.as_ref().map(|(name_space, _)| name_space),
        "element": finding.element.as_ref().map(|(_, element)| element),
        "other": finding.other.map(|other| other.to_string()),
        "text": finding.text(cx.lang),
    })
}

fn json_of(report: &CheckReport, cx: &Context) -> Value {
    let mut out = row(&report.document, cx.lang);
    if let Value::Object(map) = &mut out {
        let states: Map<String, Value> = Aspect::ALL
            .iter()
            .map(|aspect| (aspect.as_str().to_owned(), report.state(*aspect).as_str().into()))
            .collect();
        map.insert("aspects".into(), states.into());
        let findings: Vec<Value> = report
            .findings
            .iter()
            .map(|finding| finding_json(finding, cx))
            .collect();
        map.insert("findings".into(), findings.into());
    }
    out
}
