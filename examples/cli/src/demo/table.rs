//! What was expected, what was seen.

use idwallet_documents::Lang;
use serde_json::{Value, json};

use super::Result;
use crate::context::Context;
use crate::report::check_text;

/// One step of the demo.
struct Row {
    id: String,
    title: String,
    expected: String,
    seen: String,
    reason: String,
}

impl Row {
    fn holds(&self) -> bool {
        self.expected == self.seen
    }
}

/// An outcome for people: in Vietnamese its words are translated, checks by their names.
fn words(outcome: &str, cx: &Context) -> String {
    if cx.lang == Lang::En {
        return outcome.to_owned();
    }
    let word = |word| match word {
        "accepted" => "chấp nhận",
        "refused" => "từ chối",
        "done" => "xong",
        "failed" => "không xong",
        "sealed" => "đã mã hóa",
        "readable" => "đọc được",
        "given" => "đã đưa ra",
        "not given" => "không đưa ra",
        "no report" => "không có báo cáo",
        other => check_text(other, cx),
    };
    let parts = outcome
        .split(": ")
        .map(|part| part.split(", ").map(word).collect::<Vec<_>>().join(", "));
    parts.collect::<Vec<_>>().join(": ")
}

/// The steps so far.
pub(super) struct Table<'a> {
    cx: &'a Context,
    rows: Vec<Row>,
}

impl<'a> Table<'a> {
    pub(super) const fn new(cx: &'a Context) -> Self {
        Self { cx, rows: Vec::new() }
    }

    /// A heading above the steps that follow.
    pub(super) fn chapter(&self, vi: &str, en: &str) -> Result {
        self.cx.line(String::new())?;
        Ok(self.cx.line(format!("== {}", self.cx.t(vi, en)))?)
    }

    /// Notes a step with its outcome and the reason that was given for it.
    pub(super) fn note(&mut self, id: &str, title: &str, expected: &str, seen: &str, reason: &str) -> Result {
        let row = Row {
            id: id.to_owned(),
            title: title.to_owned(),
            expected: expected.to_owned(),
            seen: seen.to_owned(),
            reason: reason.to_owned(),
        };
        let mark = if row.holds() { '✓' } else { '✗' };
        self.cx.line(format!("  {mark} {title}: {}", words(seen, self.cx)))?;
        if !reason.is_empty() {
            self.cx.line(format!("      {reason}"))?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Notes that the demo could not go on.
    pub(super) fn stop(&mut self, why: &str) -> crate::error::Result<()> {
        let title = self.cx.t("dừng lại", "stopped").to_owned();
        self.note("stopped", &title, "done", "failed", why)
            .map_err(|error| crate::error::CliError::Environment(error.to_string()))
    }

    pub(super) fn holds(&self) -> bool {
        self.rows.iter().all(Row::holds)
    }

    pub(super) fn print(&self) -> crate::error::Result<()> {
        let cx = self.cx;
        let width = |text: &str| text.chars().count();
        let title = self.rows.iter().map(|row| width(&row.title)).fold(4, usize::max);
        let expected = self
            .rows
            .iter()
            .map(|row| width(&words(&row.expected, cx)))
            .fold(8, usize::max);
        cx.line(String::new())?;
        cx.line(format!(
            "    {:title$}  {:expected$}  {}",
            cx.t("bước", "step"),
            cx.t("dự kiến", "expected"),
            cx.t("kết quả", "seen")
        ))?;
        for row in &self.rows {
            let mark = if row.holds() { '✓' } else { '✗' };
            cx.line(format!(
                "  {mark} {:title$}  {:expected$}  {}",
                row.title,
                words(&row.expected, cx),
                words(&row.seen, cx)
            ))?;
        }
        Ok(())
    }

    pub(super) fn to_json(&self) -> Vec<Value> {
        self.rows
            .iter()
            .map(|row| {
                json!({ "id": row.id, "title": row.title, "expected": row.expected, "seen": row.seen,
                    "held": row.holds(), "reason": row.reason })
            })
            .collect()
    }
}
