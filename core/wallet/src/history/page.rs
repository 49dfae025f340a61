//! The history as a page to be printed: one HTML file, no script, nothing from elsewhere. Names of readers are hostile input.

use super::HistoryProblem;
use super::text::local_time;
use super::view::{History, HistoryEntry, Tombstone};
use idwallet_documents::Lang;

const STYLE: &str = "body{font:18px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#000;background:#fff}\
h1{font-size:1.6em}section{border-top:2px solid #000;padding:.6em 0;break-inside:avoid}h2{font-size:1.1em;margin:0}\
.warning{border:3px solid #000;padding:.6em}dl{margin:.3em 0}dt{font-weight:bold}dd{margin:0 0 .3em 1.2em;overflow-wrap:anywhere}\
@media print{body{font-size:14pt;margin:0;max-width:none}@page{margin:2cm}}";

impl History {
    /// A page for its owner to read and print, in one language, with times `offset_minutes` east of Greenwich.
    #[must_use]
    pub fn to_html(&self, lang: Lang, offset_minutes: i16) -> String {
        let title = match lang {
            Lang::Vi => "Nhật ký ví giấy tờ",
            Lang::En => "History of the wallet",
        };
        let mut body = format!("<h1>{title}</h1>");
        let note = match lang {
            Lang::Vi => {
                "Trang này chỉ có tên các mục thông tin, không có nội dung của chúng. Mỗi yêu cầu dùng hai số, một khi đến và một khi kết thúc."
            }
            Lang::En => {
                "This page has the names of fields, never what is in them. A request takes two numbers, one when it comes and one when it ends."
            }
        };
        body.push_str(&format!("<p>{note}</p>"));
        let warning = match lang {
            Lang::Vi => "Nhật ký không còn nguyên vẹn",
            Lang::En => "This history is not intact",
        };
        part(
            &mut body,
            self.deleted,
            (warning, &self.problems),
            &self.entries,
            (lang, offset_minutes),
        );
        for past in &self.past {
            body.push_str(&format!("<h1>{}</h1><p>{}</p>", past.caption(lang), past.note(lang)));
            let problems = (past.state(lang), past.problems.as_slice());
            part(&mut body, past.deleted, problems, &past.entries, (lang, offset_minutes));
        }
        document(lang, title, &body)
    }
}

/// One chain: what was deleted, what is wrong under its caption, the entries.
fn part(
    out: &mut String,
    deleted: Option<Tombstone>,
    (warning, problems): (&str, &[HistoryProblem]),
    entries: &[HistoryEntry],
    (lang, offset_minutes): (Lang, i16),
) {
    if let Some(deleted) = deleted {
        out.push_str(&format!("<p>{}</p>", escape(&deleted.text(lang, offset_minutes))));
    }
    if !problems.is_empty() {
        out.push_str(&format!("<div class=\"warning\"><strong>{warning}</strong><ul>"));
        for problem in problems {
            out.push_str(&format!("<li>{}</li>", escape(&problem.text(lang))));
        }
        out.push_str("</ul></div>");
    }
    for entry in entries {
        section(out, entry, lang, offset_minutes);
    }
}

fn section(out: &mut String, entry: &HistoryEntry, lang: Lang, offset_minutes: i16) {
    let at = local_time(entry.at, offset_minutes, lang);
    let headline = escape(&entry.headline(lang));
    out.push_str(&format!(
        "<section><h2>{}. {}</h2><p>{headline}</p><dl>",
        entry.sequence,
        escape(&at)
    ));
    for (caption, text) in entry.details(lang) {
        out.push_str(&format!("<dt>{caption}</dt><dd>{}</dd>", escape(&text)));
    }
    out.push_str("</dl></section>");
}

/// A whole page around `body`, which is escaped already. The policy in its head keeps a browser from running or fetching anything.
pub(crate) fn document(lang: Lang, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        lang.tag(),
        escape(title),
    )
}

/// Text as it may stand in an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
