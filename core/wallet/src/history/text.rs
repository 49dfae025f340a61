//! An entry in words, for people who know nothing of how documents are shown.

use super::view::{HistoryEntry, PastHistory, Tombstone};
use super::{Event, Outcome, Who, WhoState};
use crate::Relation;
use crate::words::plain;
use idwallet_crypto::Timestamp;
use idwallet_documents::Lang;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A time as it is written where the owner lives, `offset_minutes` east of Greenwich.
#[must_use]
pub fn local_time(at: Timestamp, offset_minutes: i16, lang: Lang) -> String {
    let local = at.saturating_add_seconds(i64::from(offset_minutes).saturating_mul(60));
    let (date, (hour, minute, _)) = (local.date(), local.time_of_day());
    match lang {
        Lang::Vi => format!(
            "{hour:02}:{minute:02} ngày {:02}/{:02}/{}",
            date.day(),
            date.month(),
            date.year()
        ),
        Lang::En => {
            let month = MONTHS
                .get(usize::from(date.month()).saturating_sub(1))
                .copied()
                .unwrap_or("?");
            format!("{} {month} {}, {hour:02}:{minute:02}", date.day(), date.year())
        }
    }
}

impl Who {
    /// Who it was, in words. A name stands alone only if it was verified.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let name = self.name.as_deref().or(self.organization.as_deref()).map(plain);
        let (vi, en) = match (self.state, name) {
            (WhoState::Verified, Some(name)) => (format!("{name} (đã xác minh)"), format!("{name} (verified)")),
            (WhoState::Verified, None) => (
                "Một bên đã được xác minh, chứng thư không ghi tên".into(),
                "Someone who is verified and whose certificate has no name".into(),
            ),
            (WhoState::Absent, _) => (
                "Một bên không cho biết họ là ai".into(),
                "Someone who did not say who they are".into(),
            ),
            (WhoState::Invalid, _) => (
                "Một bên đưa ra bằng chứng danh tính giả".into(),
                "Someone with a false proof of who they are".into(),
            ),
            (WhoState::Untrusted, _) => (
                "Một bên không xác minh được".into(),
                "Someone who could not be verified".into(),
            ),
        };
        match lang {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }
}

impl Tombstone {
    /// That its owner deleted, and how much.
    #[must_use]
    pub fn text(&self, lang: Lang, offset_minutes: i16) -> String {
        let until = local_time(self.until, offset_minutes, lang);
        match lang {
            Lang::Vi => format!("Bạn đã xóa {} mục cũ, đến {until}.", self.count),
            Lang::En => format!("You deleted {} older entries, up to {until}.", self.count),
        }
    }
}

impl PastHistory {
    /// What it is.
    #[must_use]
    pub const fn caption(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Vi => "Từ trước khi khôi phục: nhật ký của một ví cũ",
            Lang::En => "From before the restore: the history of an earlier wallet",
        }
    }

    /// Who wrote it.
    #[must_use]
    pub const fn note(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Vi => "Các mục này do ví cũ ghi, có trong bản sao lưu mà bạn đã khôi phục, và được đánh số riêng.",
            Lang::En => {
                "That wallet wrote these entries. They came with a backup that you restored, and have numbers of their own."
            }
        }
    }

    /// Whether it is whole.
    #[must_use]
    pub const fn state(&self, lang: Lang) -> &'static str {
        match (self.intact, lang) {
            (true, Lang::Vi) => "Phần này còn nguyên vẹn từ khi ví cũ ghi.",
            (true, Lang::En) => "This part is intact since the earlier wallet wrote it.",
            (false, Lang::Vi) => "Không chắc phần này còn nguyên vẹn:",
            (false, Lang::En) => "This part may not be intact:",
        }
    }
}

impl HistoryEntry {
    /// What happened, in one line without the time.
    #[must_use]
    pub fn headline(&self, lang: Lang) -> String {
        let documents: Vec<&str> = self
            .documents
            .iter()
            .map(|document| document.title.text(lang))
            .collect();
        let documents = documents.join(", ");
        match (self.event, lang) {
            (Event::Presentation, Lang::Vi) => match self.who() {
                Some(who) => format!("{} hỏi xem giấy tờ", who.text(lang)),
                None => "Có bên gửi một yêu cầu bị lỗi".into(),
            },
            (Event::Presentation, Lang::En) => match self.who() {
                Some(who) => format!("{} asked to see documents", who.text(lang)),
                None => "Someone sent a faulty request".into(),
            },
            (event, lang) => {
                let mut text = event.text(lang).to_owned();
                if !documents.is_empty() {
                    text = format!("{text}: {documents}");
                }
                match (event, self.count, lang) {
                    (_, None, _) => {}
                    (Event::WrongPins, Some(count), Lang::Vi) => text = format!("{text} ({count} lần)"),
                    (Event::WrongPins, Some(count), Lang::En) => text = format!("{text} ({count} times)"),
                    (Event::HistoryDeletion, Some(count), Lang::Vi) => text = format!("{text} ({count} mục)"),
                    (_, Some(count), Lang::Vi) => text = format!("{text} ({count} giấy tờ)"),
                    (Event::HistoryDeletion, Some(count), Lang::En) => text = format!("{text} ({count} entries)"),
                    (_, Some(count), Lang::En) => text = format!("{text} ({count} documents)"),
                }
                text
            }
        }
    }

    /// The particulars: a caption and what stands under it, in the order in which a person wants to know them.
    #[must_use]
    pub fn details(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let t = |vi: &'static str, en: &'static str| match lang {
            Lang::Vi => vi,
            Lang::En => en,
        };
        let mut out = Vec::new();
        for asked in &self.asked {
            let name = |keep: bool| -> Vec<&str> {
                let names = asked.names.iter().filter(|name| name.intent_to_retain == keep);
                names.map(|name| name.label.text(lang)).collect()
            };
            let all: Vec<&str> = asked.names.iter().map(|name| name.label.text(lang)).collect();
            out.push((
                t("Họ hỏi", "Asked for"),
                format!("{}: {}", asked.title.text(lang), all.join("; ")),
            ));
            let kept = name(true);
            if !kept.is_empty() {
                out.push((t("Họ muốn giữ lại", "Meant to keep"), kept.join("; ")));
            }
        }
        if self.asked_left_out > 0 {
            out.push((
                t("Và số mục khác", "And further fields"),
                self.asked_left_out.to_string(),
            ));
        }
        for shared in &self.shared {
            let names: Vec<&str> = shared.names.iter().map(|name| name.label.text(lang)).collect();
            let caption = if self.outcome == Outcome::Failed {
                t("Đã soạn nhưng không gửi được", "Made ready but not sent")
            } else {
                t("Bạn đã chia sẻ", "You shared")
            };
            // H-H61: on whose behalf, and never by name.
            let whose = shared.on_behalf_of.as_deref().map(|word| {
                let of = Relation::of_word(word).map(|relation| relation.of(lang));
                let of = of.unwrap_or(t("giấy tờ của người khác", "somebody else's document"));
                format!(" ({of})")
            });
            let title = shared.title.text(lang);
            let whose = whose.unwrap_or_default();
            out.push((caption, format!("{title}{whose}: {}", names.join("; "))));
        }
        if self.event == Event::Presentation && self.outcome != Outcome::Shown || self.outcome == Outcome::Refused {
            out.push((t("Kết quả", "Outcome"), self.outcome.text(lang).to_owned()));
        }
        if self.event != Event::Presentation
            && let Some(who) = self.who()
            && let Some(name) = &who.name
        {
            out.push((t("Cơ quan cấp", "Issuer"), plain(name)));
        }
        if let Some(code) = self.code {
            out.push((t("Lý do", "Reason"), format!("{} [{code}]", code.text(lang))));
        }
        if let Some(about) = self.about.filter(|_| self.event != Event::Presentation) {
            out.push((t("Về mục số", "About entry no."), about.to_string()));
        }
        out
    }
}
