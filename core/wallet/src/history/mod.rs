//! The owner's history: who asked for what, what left, what was done to the wallet. Names of fields, never their values (H-H60 to H-H64).
//!
//! Every entry is a sealed record with the SHA-256 of the entry before it, and one head record knows how many there are and how the
//! last one hashes. The vault notices what is done to its file; the chain notices what is done by software that has the key. Only
//! [`Wallet::delete_history`](crate::Wallet::delete_history) takes entries away, and leaves a tombstone and an entry that say so.
//! Histories of earlier wallets, which a restore brought, are [`PastHistory`]: shown apart, and checked in chains of their own.

mod entry;
mod event;
pub(crate) mod json;
mod jwe;
mod ledger;
pub(crate) mod page;
mod past;
mod problem;
mod text;
mod view;
mod who;

pub(crate) use entry::{NewEntry, SharedGroup};
pub use event::{Event, Outcome};
pub(crate) use ledger::Ledger;
pub use ledger::{HistoryDeleted, HistorySize};
pub(crate) use past::{past_end, past_id};
pub use problem::HistoryProblem;
pub use text::local_time;
pub use view::{
    AskedDocument, AskedName, ConcernedDocument, History, HistoryEntry, PastHistory, SharedDocument, SharedName,
    Tombstone,
};
pub use who::{Who, WhoState};
