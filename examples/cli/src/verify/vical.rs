//! `verify vical`: a list of issuing authorities.

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Position, RevocationRequirement, Severity};
use idwallet_trust::vical::VicalEntry;
use idwallet_trust::{
    DocTypes, PastNextUpdate, UnverifiedVical, VerifiedVical, VicalFreshness, VicalPolicy, VicalProviders,
};
use serde_json::{Value, json};

use crate::args::VerifyVicalArgs;
use crate::certs;
use crate::context::Context;
use crate::error::{Result, Status, bad};
use crate::report::{Mark, outcome_text};

pub fn run(args: &VerifyVicalArgs, cx: &Context) -> Result {
    let bytes = args.file.read_decoded(cx)?;
    let list = UnverifiedVical::parse(&bytes).map_err(|error| bad(&args.file, error))?;
    let mut providers = VicalProviders::new();
    for source in &args.anchor {
        providers.add_all(certs::read_all(source, cx)?);
    }
    let crls = certs::read_crls(&args.crl, cx)?;
    let at = cx.now();
    let mut policy = VicalPolicy::new(at)
        .strictness(args.profile.into())
        .revocation(&crls, RevocationRequirement::IfAvailable);
    if args.refuse_outdated {
        policy = policy.past_next_update(PastNextUpdate::Refuse);
    }
    let verified = if providers.is_empty() {
        Err(cx
            .t(
                "chưa có gốc tin cậy nào (--anchor)",
                "there is no root to trust (--anchor)",
            )
            .to_owned())
    } else {
        list.verify(&providers, &policy).map_err(|error| error.to_string())
    };
    let header = list.dangerous_header();
    let accepted = verified.is_ok();
    let problems: Vec<&String> = verified.as_ref().err().into_iter().collect();
    cx.document(&json!({
        "outcome": if accepted { "accepted" } else { "refused" },
        "checked_at": at.to_rfc3339(),
        "provider": header.provider,
        "issue": header.issue_id,
        "date": header.date.to_rfc3339(),
        "next_update": header.next_update.map(Timestamp::to_rfc3339),
        "not_after": header.not_after.map(Timestamp::to_rfc3339),
        "fresh": verified.as_ref().ok().map(|list| matches!(list.freshness(), VicalFreshness::Current(_))),
        "signer": verified.as_ref().ok().map(|list| list.signer().leaf().subject().to_string()),
        "anchor": verified.as_ref().ok().map(|list| list.signer().anchor().subject().to_string()),
        "certificates": verified.as_ref().map_or(Value::Null, |list| list.entries().iter().map(entry).collect()),
        "dropped": verified.as_ref().map_or(Value::Null, |list| {
            list.dropped().iter().map(|d| json!({ "index": d.index, "reason": d.fault.to_string() })).collect()
        }),
        "warnings": verified.as_ref().map_or(Value::Null, |list| warnings(list, cx).into()),
        "problems": problems,
    }))?;

    cx.line(format!(
        "{} {}",
        cx.t(
            "Danh sách cơ quan cấp (VICAL) của",
            "List of issuing authorities (VICAL) of"
        ),
        header.provider
    ))?;
    let issue = header.issue_id.map_or_else(String::new, |id| format!(" {id}"));
    cx.line(format!(
        "  {}{issue}, {}",
        cx.t("số", "issue"),
        header.date.to_rfc3339()
    ))?;
    match &verified {
        Ok(list) => {
            let line = |mark: Mark, text: String| cx.line(format!("  {} {text}", mark.symbol()));
            line(
                Mark::Passed,
                format!("{} {}", cx.t("ký bởi", "signed by"), list.signer().leaf().subject()),
            )?;
            line(
                Mark::Passed,
                format!("{} {}", cx.t("gốc", "root"), list.signer().anchor().subject()),
            )?;
            for warning in warnings(list, cx) {
                line(Mark::Warned, warning)?;
            }
            for dropped in list.dropped() {
                line(
                    Mark::Warned,
                    format!(
                        "{} {}: {}",
                        cx.t("bỏ mục", "entry dropped:"),
                        dropped.index,
                        dropped.fault
                    ),
                )?;
            }
            cx.line(format!(
                "  {} {}",
                list.entries().len(),
                cx.t("cơ quan cấp", "issuing authorities")
            ))?;
            for entry in list.entries() {
                cx.line(format!("    {}", entry.certificate().subject()))?;
            }
        }
        Err(problem) => cx.line(format!("  {} {problem}", Mark::Failed.symbol()))?,
    }
    cx.line(outcome_text(accepted, cx))?;
    Ok(if accepted { Status::Done } else { Status::Refused })
}

fn entry(entry: &VicalEntry) -> Value {
    let doc_types = match entry.doc_types() {
        DocTypes::Only(types) => json!(types),
        _ => Value::Null,
    };
    let findings: Vec<&str> = entry.findings().iter().map(|finding| finding.text()).collect();
    json!({
        "subject": entry.certificate().subject().to_string(),
        "sha256": hex::encode(entry.certificate().sha256()),
        "doc_types": doc_types,
        "findings": findings,
    })
}

/// What departs from the standard and was let pass.
fn warnings(list: &VerifiedVical, cx: &Context) -> Vec<String> {
    let mut out = Vec::new();
    if let VicalFreshness::PastNextUpdate(due) = list.freshness() {
        let text = cx.t(
            "đã đến hạn thay bằng danh sách mới (nextUpdate)",
            "a newer list was due (nextUpdate)",
        );
        out.push(format!("{text} {} (ISO 18013-5 C.1.8)", due.to_rfc3339()));
    }
    out.extend(list.findings().iter().map(|finding| finding.text().to_owned()));
    for finding in list.signer().findings() {
        let which = match finding.position {
            Position::Leaf => cx.t("chứng thư ký", "signer"),
            Position::Intermediate => cx.t("chứng thư trung gian", "intermediate"),
            Position::Anchor => cx.t("gốc", "root"),
        };
        if finding.severity == Severity::Warning {
            out.push(format!("{which}: {} ({})", finding.id.text(), finding.id.clause()));
        }
    }
    out
}
