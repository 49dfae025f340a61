//! The consent screen on a terminal: who asks, for what, whether they keep it, what it gives away.

use std::io::{BufRead as _, Write as _};

use idwallet_documents::{Lang, Sensitivity};
use idwallet_wallet::{Approval, Candidate, CopyUse, OfferedElement, ReaderView, RequestedDocument, Review};

use crate::context::{Context, plain};
use crate::error::{CliError, Result};
use crate::wallet::args::ConsentArgs;

/// Most lines that are read from a person before they have decided.
const MAX_LINES: usize = 1000;

/// What the person has ticked.
struct Choice<'r> {
    review: &'r Review,
    /// Of each request: which candidate, and which of its rows.
    picks: Vec<(usize, Vec<bool>)>,
}

impl<'r> Choice<'r> {
    fn new(review: &'r Review) -> Self {
        let picks = review
            .requests
            .iter()
            .map(|request| (0, ticks(request.candidates.first())))
            .collect();
        Self { review, picks }
    }

    fn candidates(&self) -> impl Iterator<Item = (usize, &'r RequestedDocument, Option<&'r Candidate>, &Vec<bool>)> {
        self.review
            .requests
            .iter()
            .zip(&self.picks)
            .enumerate()
            .map(|(index, (request, (at, ticked)))| (index, request, request.candidates.get(*at), ticked))
    }

    fn approval(&self) -> Approval {
        let mut approval = Approval::nothing();
        for (index, _, candidate, ticked) in self.candidates() {
            let Some(candidate) = candidate else { continue };
            for (offered, _) in candidate.elements.iter().zip(ticked).filter(|(_, ticked)| **ticked) {
                approval = approval.select(
                    index,
                    candidate.document,
                    &offered.asked.name_space,
                    &offered.asked.element,
                );
            }
        }
        approval
    }

    /// Whether anything is ticked.
    fn has_ticks(&self) -> bool {
        self.picks.iter().any(|(_, ticked)| ticked.contains(&true))
    }

    /// Ticks every row, but none of a reader with a bad proof of who it is.
    fn tick_all(&mut self) {
        for (request, (_, ticked)) in self.review.requests.iter().zip(&mut self.picks) {
            if !request.reader.is_bad() {
                ticked.fill(true);
            }
        }
    }

    /// Ticks or unticks the row with a number, counted from 1 over all requests.
    fn turn(&mut self, number: usize) -> bool {
        let mut left = number;
        for (_, ticked) in &mut self.picks {
            if left >= 1 && left <= ticked.len() {
                if let Some(row) = ticked.get_mut(left - 1) {
                    *row = !*row;
                }
                return true;
            }
            left = left.saturating_sub(ticked.len());
        }
        false
    }

    /// Takes another document, by its letter.
    fn take(&mut self, letter: char) -> bool {
        let mut letters = 'a'..='m';
        for (request, pick) in self.review.requests.iter().zip(&mut self.picks) {
            if request.candidates.len() < 2 {
                continue;
            }
            for (at, candidate) in request.candidates.iter().enumerate() {
                if letters.next() == Some(letter) {
                    *pick = (at, ticks(Some(candidate)));
                    return true;
                }
            }
        }
        false
    }
}

fn ticks(candidate: Option<&Candidate>) -> Vec<bool> {
    candidate
        .map(|c| c.elements.iter().map(|e| e.preselected).collect())
        .unwrap_or_default()
}

/// What may leave. Nothing when the person says no, or when nobody is there to ask.
pub fn decide(review: &Review, args: &ConsentArgs, cx: &Context) -> Result<Approval> {
    let mut tell = Teller { cx };
    if args.yes {
        let approval = everything(review, args);
        let mut choice = Choice::new(review);
        for ((index, request), (at, ticked)) in review.requests.iter().enumerate().zip(&mut choice.picks) {
            let rows = request
                .candidates
                .get(*at)
                .into_iter()
                .flat_map(|candidate| &candidate.elements);
            *ticked = rows
                .map(|row| approval.has(index, &row.asked.name_space, &row.asked.element))
                .collect();
        }
        tell.screen(&choice)?;
        return Ok(approval);
    }
    let mut choice = Choice::new(review);
    untick(&mut choice, &args.without);
    for _ in 0..MAX_LINES {
        tell.screen(&choice)?;
        if !review.can_answer() {
            return Ok(Approval::nothing());
        }
        let said = ask(cx.t(
            "Gõ `đồng ý` để chia sẻ những mục có dấu ✓, `không` để từ chối, số để chọn hoặc bỏ mục, `tất cả` để chọn hết: ",
            "Type `yes` to share what is ticked, `no` to decline, numbers to tick or untick, `all` to tick all: ",
        ))?;
        match said.trim().to_lowercase().as_str() {
            // No one is there.
            "" if said.is_empty() => return Ok(Approval::nothing()),
            // Agreeing to nothing is more likely a row that was overlooked than a refusal, which has its own word.
            "yes" | "y" | "đồng ý" | "dong y" | "có" | "co" if !choice.has_ticks() => tell.line(cx.t(
                "Chưa chọn mục nào: gõ số của mục muốn chia sẻ, hoặc `tất cả`; `không` để từ chối.",
                "Nothing is ticked: type the numbers of what to share, or `all`; `no` declines.",
            ))?,
            "yes" | "y" | "đồng ý" | "dong y" | "có" | "co" => return Ok(choice.approval()),
            "all" | "tất cả" | "tat ca" => choice.tick_all(),
            "no" | "n" | "không" | "khong" | "k" => return Ok(Approval::nothing()),
            other => {
                for word in other.split([' ', ',']).filter(|word| !word.is_empty()) {
                    let understood = match (word.parse(), word.chars().next()) {
                        (Ok(number), _) => choice.turn(number),
                        (Err(_), Some(letter)) if word.chars().count() == 1 => choice.take(letter),
                        _ => false,
                    };
                    if !understood {
                        tell.line(format!("{}: {word}", cx.t("Không hiểu", "Not understood")))?;
                    }
                }
            }
        }
    }
    Ok(Approval::nothing())
}

/// Everything that is asked for, but nothing for a reader with a bad proof and nothing that is named in `--without`.
fn everything(review: &Review, args: &ConsentArgs) -> Approval {
    let mut approval = Approval::everything(review);
    for (index, request) in review.requests.iter().enumerate() {
        if request.reader.is_bad() {
            approval = approval.without(index);
        }
        for asked in &request.asked {
            if is_named(&asked.name_space, &asked.element, &args.without) {
                approval = approval.deselect(index, &asked.name_space, &asked.element);
            }
        }
    }
    approval
}

fn untick(choice: &mut Choice<'_>, without: &[String]) {
    for (request, (at, ticked)) in choice.review.requests.iter().zip(&mut choice.picks) {
        let rows = request
            .candidates
            .get(*at)
            .into_iter()
            .flat_map(|candidate| &candidate.elements);
        for (row, ticked) in rows.zip(ticked) {
            if is_named(&row.asked.name_space, &row.asked.element, without) {
                *ticked = false;
            }
        }
    }
}

fn is_named(space: &str, element: &str, names: &[String]) -> bool {
    names
        .iter()
        .any(|name| name == element || name.split_once('/') == Some((space, element)))
}

/// A question on the terminal and the line that answers it; empty when there is nobody.
pub fn ask(question: &str) -> Result<String> {
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{}", plain(question)).and_then(|()| terminal.flush());
    let mut said = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut said)
        .map_err(|error| CliError::Environment(format!("standard input: {error}")))?;
    Ok(said)
}

/// Writes the screen: to standard output for people, to standard error where that is for programs.
struct Teller<'c> {
    cx: &'c Context,
}

impl Teller<'_> {
    fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        self.cx.tell(text)
    }

    fn screen(&mut self, choice: &Choice<'_>) -> Result<()> {
        let cx = self.cx;
        let mut number = 0;
        let mut letters = 'a'..='m';
        self.line("")?;
        for (_, request, candidate, ticked) in choice.candidates() {
            self.line(format!("── {} ──", request.title.text(cx.lang)))?;
            self.reader(&request.reader)?;
            if let Some(why) = request.why_none(cx.lang) {
                self.line(format!("  {why}"))?;
                continue;
            }
            if request.candidates.len() > 1 {
                for other in &request.candidates {
                    let Some(letter) = letters.next() else { break };
                    let mark = if candidate.is_some_and(|c| c.document == other.document) {
                        '✓'
                    } else {
                        ' '
                    };
                    self.line(format!("  {mark} {letter}) {}", other.summary.text(cx.lang)))?;
                }
            }
            let Some(candidate) = candidate else { continue };
            if request.candidates.len() == 1 {
                self.line(format!("  {}", candidate.summary.text(cx.lang)))?;
            }
            for (row, ticked) in candidate.elements.iter().zip(ticked) {
                number += 1;
                self.row(number, row, *ticked)?;
            }
            for missing in &candidate.missing {
                let text = cx.t("giấy tờ không có", "not in the document");
                self.line(format!("       – {} ({text})", missing.label.text(cx.lang)))?;
            }
            if candidate.portrait_is_due {
                self.line(cx.t(
                    "  Bên yêu cầu hỏi ảnh: nếu không chia sẻ ảnh thì không mục nào được gửi.",
                    "  The portrait is asked for: without it nothing of this document is sent.",
                ))?;
            }
            self.copies(candidate.copy)?;
        }
        self.line("")
    }

    fn reader(&mut self, reader: &ReaderView) -> Result<()> {
        let cx = self.cx;
        let label = cx.t("Bên yêu cầu", "Who asks");
        self.line(format!("  {label}: {}", reader.text(cx.lang)))?;
        match reader.reason() {
            Some(reason) => self.line(format!("    ({}: {reason})", cx.t("lý do", "reason"))),
            None => Ok(()),
        }
    }

    fn row(&mut self, number: usize, row: &OfferedElement, ticked: bool) -> Result<()> {
        let cx = self.cx;
        let mark = if ticked { '✓' } else { ' ' };
        let keeps = if row.asked.intent_to_retain {
            cx.t("họ sẽ lưu lại", "they will keep it")
        } else {
            cx.t("họ không lưu", "they will not keep it")
        };
        let sensitive = match row.asked.sensitivity {
            Sensitivity::Normal => "",
            Sensitivity::Sensitive => cx.t("; nhạy cảm", "; sensitive"),
            Sensitivity::VerySensitive => cx.t("; rất nhạy cảm", "; very sensitive"),
        };
        let values: Vec<String> = row
            .gives
            .iter()
            .map(|given| {
                let value = given.shown.text(cx.lang);
                let is_same = given.element == row.asked.element && given.name_space == row.asked.name_space;
                if is_same {
                    value.to_owned()
                } else {
                    format!("{} = {value}", given.label.text(cx.lang))
                }
            })
            .collect();
        let label = row.asked.label.text(cx.lang);
        self.line(format!(
            "  {number:>2} [{mark}] {label}: {}  ({keeps}{sensitive})",
            values.join("; ")
        ))?;
        for given in &row.gives {
            // What the value tells is in sentences; what the element tells whatever its value is in names of facts.
            let words = if given.gives_away_in_words.is_empty() {
                let facts: Vec<&str> = given.gives_away.iter().map(|fact| fact.text(cx.lang)).collect();
                facts.join("; ")
            } else {
                let sentences = given.gives_away_in_words.iter().map(|words| words.text(cx.lang));
                sentences.collect::<Vec<_>>().join(" ")
            };
            if !words.is_empty() {
                let text = cx.t("còn để lộ", "also gives away");
                self.line(format!("         ! {} {text}: {words}", given.label.text(cx.lang)))?;
            }
        }
        Ok(())
    }

    fn copies(&mut self, copy: CopyUse) -> Result<()> {
        let cx = self.cx;
        match copy {
            CopyUse::Fresh { left_after } => self.line(format!(
                "  {} {left_after}",
                cx.t(
                    "Dùng một bản chưa ai thấy; còn lại:",
                    "A copy that nobody has seen is used; left after it:"
                )
            )),
            CopyUse::Again => self.line(cx.t(
                "  Mọi bản đều đã dùng: ai từng thấy bản này có thể nhận ra bạn.",
                "  Every copy was shown before: who saw it can tell that it is you again.",
            )),
            _ => Ok(()),
        }
    }
}

/// A few words about what left, for the last line.
pub fn shared_text(elements: usize, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("Đã chia sẻ {elements} mục."),
        Lang::En if elements == 1 => "Shared 1 element.".to_owned(),
        Lang::En => format!("Shared {elements} elements."),
    }
}
