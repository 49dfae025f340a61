//! Who asked for what, and what they got: names, never values.

use crate::{LocalizedText, Wallet, WalletError};
use idwallet_wallet as core;
use idwallet_wallet::Timestamp;

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HistoryOutcome {
    /// It was done.
    Done,
    /// Something was handed out.
    Shown,
    /// The person declined.
    Declined,
    /// There was nothing to give.
    NothingToGive,
    /// It was broken off before an answer.
    Cancelled,
    /// No outcome was ever written: the app was closed, the device went off, or it goes on.
    NotAnswered,
    /// It went wrong: the code says how.
    Failed,
    /// The wallet did not take it: the code says why.
    Refused,
}

impl From<core::Outcome> for HistoryOutcome {
    fn from(outcome: core::Outcome) -> Self {
        use core::Outcome as O;
        match outcome {
            O::Done => Self::Done,
            O::Shown => Self::Shown,
            O::Declined => Self::Declined,
            O::NothingToGive => Self::NothingToGive,
            O::Cancelled => Self::Cancelled,
            O::Failed => Self::Failed,
            O::Refused => Self::Refused,
            _ => Self::NotAnswered,
        }
    }
}

/// Elements of one document, by name.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HistoryNames {
    /// What the document is called.
    pub title: LocalizedText,
    /// What the elements are called.
    pub names: Vec<LocalizedText>,
    /// Those of them that the reader meant to keep.
    pub retained: Vec<LocalizedText>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HistoryEntry {
    /// Its number; grows by one with everything that is written.
    pub sequence: u64,
    /// When, unix seconds.
    pub at: i64,
    /// What, in a stable word: `presentation`, `import`…
    pub event: String,
    /// The same in words.
    pub event_text: LocalizedText,
    /// How it ended.
    pub outcome: HistoryOutcome,
    /// The same in words.
    pub outcome_text: LocalizedText,
    /// Who was at the other end. A name stands alone only if it was verified.
    pub who: Option<LocalizedText>,
    /// What was asked for, one entry a document request.
    pub asked: Vec<HistoryNames>,
    /// What was handed out.
    pub shared: Vec<HistoryNames>,
    /// What the documents are called that something was done to.
    pub documents: Vec<LocalizedText>,
    /// All of it in one sentence.
    pub text: LocalizedText,
    /// The code of what went wrong.
    pub code: Option<String>,
}

impl From<&core::HistoryEntry> for HistoryEntry {
    fn from(entry: &core::HistoryEntry) -> Self {
        let asked = entry.asked.iter().map(|group| HistoryNames {
            title: (&group.title).into(),
            names: group.names.iter().map(|name| (&name.label).into()).collect(),
            retained: group
                .names
                .iter()
                .filter(|name| name.intent_to_retain)
                .map(|name| (&name.label).into())
                .collect(),
        });
        let shared = entry.shared.iter().map(|group| HistoryNames {
            title: (&group.title).into(),
            names: group.names.iter().map(|name| (&name.label).into()).collect(),
            retained: Vec::new(),
        });
        Self {
            sequence: entry.sequence,
            at: entry.at.unix(),
            event: entry.event.as_str().to_owned(),
            event_text: LocalizedText::of(|lang| entry.event.text(lang)),
            outcome: entry.outcome.into(),
            outcome_text: LocalizedText::of(|lang| entry.outcome.text(lang)),
            who: entry.who().map(|who| LocalizedText::of(|lang| who.text(lang))),
            asked: asked.collect(),
            shared: shared.collect(),
            documents: entry
                .documents
                .iter()
                .map(|document| (&document.title).into())
                .collect(),
            text: LocalizedText::of(|lang| entry.headline(lang)),
            code: entry.code.map(|code| code.as_str().to_owned()),
        }
    }
}

/// Everything that happened, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct History {
    /// The entries that can be read.
    pub entries: Vec<HistoryEntry>,
    /// Whether nothing was removed, edited, damaged or moved.
    pub intact: bool,
    /// What is wrong, if it is not.
    pub problems: Vec<LocalizedText>,
    /// How many older entries its owner deleted.
    pub deleted: u64,
    /// What earlier wallets wrote, from backups that were restored into this one; their numbers are their own.
    pub past: Vec<HistoryEntry>,
}

#[uniffi::export]
impl Wallet {
    /// The history.
    ///
    /// # Errors
    /// [`WalletError::Locked`], [`WalletError::Storage`].
    pub fn history(&self) -> Result<History, WalletError> {
        let inner = self.inner();
        inner.run("history", || {
            let (wallet, _) = inner.open()?;
            let history = wallet.history()?;
            let past = history.past.iter().flat_map(|past| &past.entries);
            Ok(History {
                entries: history.entries.iter().map(Into::into).collect(),
                intact: history.intact,
                problems: history
                    .all_problems()
                    .map(|problem| LocalizedText::of(|lang| problem.text(lang)))
                    .collect(),
                deleted: history.deleted.map_or(0, |deleted| deleted.count),
                past: past.map(Into::into).collect(),
            })
        })
    }

    /// The history as JSON, for its owner to keep or hand on.
    ///
    /// # Errors
    /// [`WalletError::Locked`], [`WalletError::Storage`].
    pub fn history_json(&self) -> Result<String, WalletError> {
        let inner = self.inner();
        inner.run("history_json", || {
            let (wallet, _) = inner.open()?;
            Ok(wallet.history()?.to_json())
        })
    }

    /// Deletes the history, or what is older than that time (unix seconds). That it was deleted, and how much, stays. Gives how many
    /// records.
    ///
    /// # Errors
    /// [`WalletError::Locked`], [`WalletError::Storage`]. Nothing is deleted then.
    pub fn delete_history(&self, before: Option<i64>) -> Result<u64, WalletError> {
        let inner = self.inner();
        inner.run("delete_history", || {
            let (wallet, now) = inner.open()?;
            let deleted = wallet.delete_history(before.map(Timestamp::from_unix), now.wall)?;
            Ok(deleted.records)
        })
    }
}
