//! The consent screen on a terminal: who asks, for what, whether they keep it, what it gives away.

use std::collections::BTreeSet;
use std::io::{BufRead as _, Write as _};

use idwallet_documents::{Lang, Sensitivity};
use idwallet_wallet::{
    Approval, Candidate, CopyUse, DocumentId, GivenElement, OfferedElement, ReaderView, RequestedDocument, Review,
};

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
    /// Documents of which a copy may be shown again.
    again: BTreeSet<DocumentId>,
}

impl<'r> Choice<'r> {
    fn new(review: &'r Review) -> Self {
        let picks = review
            .requests
            .iter()
            .map(|request| (0, ticks(request.candidates.first())))
            .collect();
        Self {
            review,
            picks,
            again: BTreeSet::new(),
        }
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
        for document in &self.again {
            approval = approval.allow_again(*document);
        }
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

    /// A document of which a copy would be shown again, with something ticked, and that was not agreed to.
    fn unasked_again(&self) -> Option<DocumentId> {
        self.candidates().find_map(|(_, _, candidate, ticked)| {
            let candidate = candidate.filter(|c| c.copy == CopyUse::Again && ticked.contains(&true))?;
            (!self.again.contains(&candidate.document)).then_some(candidate.document)
        })
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
            "yes" | "y" | "đồng ý" | "dong y" | "có" | "co" => {
                while let Some(document) = choice.unasked_again() {
                    if !agrees_again(cx)? {
                        return Ok(Approval::nothing());
                    }
                    choice.again.insert(document);
                }
                return Ok(choice.approval());
            }
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

/// Whether a copy may be shown that was shown before. The agreement to what is shared does not say so.
fn agrees_again(cx: &Context) -> Result<bool> {
    let said = ask(cx.t(
        "Đã hết bản chưa dùng. Nếu trình lại một bản cũ, ai từng thấy bản đó sẽ nhận ra vẫn là bạn. Gõ `trình lại` nếu vẫn muốn: ",
        "No unused copy is left. If an old one is shown again, whoever saw it before can tell that it is you. Type `again` to show it: ",
    ))?;
    Ok(matches!(
        said.trim().to_lowercase().as_str(),
        "again" | "trình lại" | "trinh lai"
    ))
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
            if let Some(level) = request.account_level {
                let text = cx.t(
                    "Họ cần tài khoản định danh điện tử mức độ",
                    "They need an electronic identity account of level",
                );
                self.line(format!("  {text} {level}."))?;
            }
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
                    self.line(format!("  {mark} {letter}) {}", self.document(other)))?;
                }
            }
            let Some(candidate) = candidate else { continue };
            if request.candidates.len() == 1 {
                self.line(format!("  {}", self.document(candidate)))?;
            }
            self.on_behalf(candidate)?;
            let others: Vec<&GivenElement> = candidate
                .elements
                .iter()
                .zip(ticked)
                .filter(|(_, ticked)| **ticked)
                .flat_map(|(row, _)| &row.gives)
                .collect();
            for (row, ticked) in candidate.elements.iter().zip(ticked) {
                number += 1;
                self.row(number, row, *ticked, &others)?;
            }
            for missing in &candidate.missing {
                let text = missing.reason.text(cx.lang);
                self.line(format!("       – {} ({text})", missing.asked.label.text(cx.lang)))?;
            }
            if candidate.portrait_is_due {
                self.line(cx.t(
                    "  Bên yêu cầu hỏi ảnh: nếu không chia sẻ ảnh thì không mục nào được gửi.",
                    "  The portrait is asked for: without it nothing of this document is sent.",
                ))?;
            }
            self.copies(candidate)?;
        }
        self.line("")
    }

    fn reader(&mut self, reader: &ReaderView) -> Result<()> {
        let cx = self.cx;
        let label = cx.t("Bên yêu cầu", "Who asks");
        self.line(format!("  {label}: {}", reader.text(cx.lang)))?;
        match reader.reason(cx.lang) {
            Some(reason) => self.line(format!("    ({}: {reason})", cx.t("lý do", "reason"))),
            None => Ok(()),
        }
    }

    fn row(&mut self, number: usize, row: &OfferedElement, ticked: bool, others: &[&GivenElement]) -> Result<()> {
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
            for meaning in &given.meanings {
                self.line(format!("           {}", meaning.text(cx.lang)))?;
            }
            // What is shared openly beside it is no news.
            let facts = given.gives_away_beside(others.iter().copied());
            let words: Vec<&str> = facts
                .iter()
                .map(|fact| fact.text(cx.lang).trim_end_matches('.'))
                .collect();
            if !words.is_empty() {
                let text = cx.t("còn để lộ", "also gives away");
                self.line(format!(
                    "         ! {} {text}: {}",
                    given.label.text(cx.lang),
                    words.join("; ")
                ))?;
            }
        }
        Ok(())
    }

    /// A document in a few words: whose it is and what tells it from others.
    fn document(&self, candidate: &Candidate) -> String {
        let summary = candidate.summary.text(self.cx.lang);
        match candidate.subject.ward() {
            Some(ward) => format!("{}: {summary}", ward.text(self.cx.lang)),
            None => summary.to_owned(),
        }
    }

    /// That it is somebody else's, and what authorises the owner.
    fn on_behalf(&mut self, candidate: &Candidate) -> Result<()> {
        let cx = self.cx;
        let Some(ward) = candidate.subject.ward() else {
            return Ok(());
        };
        let text = cx.t("Bạn đang thay mặt trình", "You show this on behalf of somebody else:");
        self.line(format!("  ! {text} {}.", ward.text(cx.lang)))?;
        match &candidate.authority {
            Some(authority) => self.line(format!("    {}", authority.text(cx.lang))),
            None => self.line(cx.t(
                "    Ví không có giấy xác nhận giám hộ, đại diện cho người này.",
                "    The wallet has no credential of guardianship or representation for that person.",
            )),
        }
    }

    fn copies(&mut self, candidate: &Candidate) -> Result<()> {
        let cx = self.cx;
        match candidate.copy {
            CopyUse::Fresh { left_after } => self.line(format!(
                "  {} {left_after}.",
                cx.t(
                    "Dùng một bản chưa ai thấy, nên không ai nhận ra bạn từ lần trước. Số bản còn lại sau lần này:",
                    "A copy that nobody has seen is used, so that nobody can link this with an earlier time. Left after it:"
                )
            ))?,
            CopyUse::Rotated { left_after } => self.line(format!(
                "  {} {left_after}.",
                cx.t(
                    "Các bản được dùng xoay vòng: ai thấy bản này ở vòng trước có thể nhận ra bạn. Còn lại trong vòng này:",
                    "Copies are used in turns: who saw this one in an earlier turn can tell that it is you. Left in this turn:"
                )
            ))?,
            CopyUse::SameReader => self.line(cx.t(
                "  Bên này nhận lại đúng bản đã thấy lần trước; không bên nào khác thấy bản này.",
                "  They get the copy that they saw the last time; nobody else sees it.",
            ))?,
            CopyUse::Again => self.line(cx.t(
                "  ! Đã hết bản chưa dùng: ai từng thấy bản này có thể nhận ra bạn. Trước khi gửi, ví sẽ hỏi lại.",
                "  ! No unused copy is left: who saw this one before can tell that it is you. You will be asked once more.",
            ))?,
            _ => {}
        }
        match candidate.reissue_due {
            Some(reason) => self.line(format!("  {}", reason.text(cx.lang))),
            None => Ok(()),
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
