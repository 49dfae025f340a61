//! What is wrong with a history.

use idwallet_documents::Lang;
use idwallet_storage::Damage;

/// Something in the history that only [`Wallet::delete_history`](crate::Wallet::delete_history) may do, or that nothing may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryProblem {
    /// The vault does not vouch for an entry: altered, put back in an older version, removed, added, or unreadable.
    Record(Damage),
    /// An entry is in no form that this software knows.
    Form,
    /// Entries are gone: these numbers, both included.
    Missing {
        /// The first number.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// The entry with this number is not the one that the next entry, or the head, remembers.
    Altered(u64),
    /// Two entries have this number.
    Repeated(u64),
    /// The record that knows how many entries there are is gone or damaged, or was found so when an entry was written.
    Head,
    /// The backup that brought these entries did not say how many there are, or did not know.
    Uncounted,
    /// The vault's table of contents is damaged: entries are shown and nothing vouches for them.
    Unvouched,
}

impl HistoryProblem {
    /// The problem in a word, for exports and support.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record(Damage::Missing) => "entry_removed",
            Self::Record(Damage::Unlisted) => "entry_added",
            Self::Record(Damage::Version) => "entry_rolled_back",
            Self::Record(_) => "entry_damaged",
            Self::Form => "entry_unknown_form",
            Self::Missing { .. } => "entries_missing",
            Self::Altered(_) => "entry_altered",
            Self::Repeated(_) => "entry_repeated",
            Self::Head => "head_damaged",
            Self::Uncounted => "not_counted",
            Self::Unvouched => "not_vouched_for",
        }
    }

    /// The problem as a sentence.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Record(Damage::Missing), Lang::Vi) => "Một mục nhật ký đã bị gỡ khỏi tệp của ví.".into(),
            (Self::Record(Damage::Missing), Lang::En) => "An entry was taken out of the wallet's file.".into(),
            (Self::Record(Damage::Unlisted), Lang::Vi) => "Có mục nhật ký bị thêm vào từ bên ngoài.".into(),
            (Self::Record(Damage::Unlisted), Lang::En) => "An entry was put in from outside.".into(),
            (Self::Record(Damage::Version), Lang::Vi) => "Một mục nhật ký bị thay bằng bản cũ của nó.".into(),
            (Self::Record(Damage::Version), Lang::En) => "An entry was replaced by an older one.".into(),
            (Self::Record(_), Lang::Vi) => "Một mục nhật ký bị hỏng hoặc bị sửa, nên không đọc được.".into(),
            (Self::Record(_), Lang::En) => "An entry is damaged or was altered and cannot be read.".into(),
            (Self::Form, Lang::Vi) => "Một mục nhật ký có dạng mà ứng dụng này không hiểu.".into(),
            (Self::Form, Lang::En) => "An entry is in a form that this app does not know.".into(),
            (Self::Missing { from, to }, Lang::Vi) if from == to => format!("Thiếu mục nhật ký số {from}."),
            (Self::Missing { from, to }, Lang::En) if from == to => format!("Entry no. {from} is missing."),
            (Self::Missing { from, to }, Lang::Vi) => format!("Thiếu các mục nhật ký từ số {from} đến số {to}."),
            (Self::Missing { from, to }, Lang::En) => format!("Entries no. {from} to {to} are missing."),
            (Self::Altered(number), Lang::Vi) => format!("Mục nhật ký số {number} không còn như khi được ghi."),
            (Self::Altered(number), Lang::En) => format!("Entry no. {number} is not what was written."),
            (Self::Repeated(number), Lang::Vi) => format!("Có nhiều hơn một mục nhật ký số {number}."),
            (Self::Repeated(number), Lang::En) => format!("There is more than one entry no. {number}."),
            (Self::Head, Lang::Vi) => {
                "Phần ghi số lượng mục nhật ký bị mất hoặc bị hỏng: có thể thiếu mục ở cuối.".into()
            }
            (Self::Head, Lang::En) => {
                "The count of the entries is gone or damaged: entries may be missing at the end.".into()
            }
            (Self::Uncounted, Lang::Vi) => {
                "Bản sao lưu không ghi phần này có bao nhiêu mục: có thể thiếu mục ở đầu hoặc ở cuối.".into()
            }
            (Self::Uncounted, Lang::En) => {
                "The backup did not say how many entries this part has: some may be missing at its beginning or end."
                    .into()
            }
            (Self::Unvouched, Lang::Vi) => "Mục lục của kho bị hỏng: các mục dưới đây không được bảo đảm là đủ.".into(),
            (Self::Unvouched, Lang::En) => {
                "The vault's table of contents is damaged: nothing says that these entries are all.".into()
            }
        }
    }
}
