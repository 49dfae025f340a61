//! What a person can hand to support: versions, counts, states and error codes. No value, no name of a person or reader, no id.

use crate::record::{
    AUTHORITY, COPY, CORRECTION, DEVICE_IDENTITY, DOCUMENT, HISTORY, HISTORY_HEAD, KEY, PAST_HEAD, PAST_HISTORY,
    REISSUE,
};
use crate::{Code, History, HistoryProblem, Protection, Reaction, Wallet, WalletError};
use idwallet_crypto::Timestamp;
use idwallet_documents::Lang;
use idwallet_storage::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many of the last errors are named.
const MAX_ERRORS: usize = 50;
/// What stands for the type of a document that no type file knows: a made-up one could be as telling as a name.
const OTHER: &str = "other";

/// Everything that a wallet keeps.
const KEPT: [(Kind, &str); 11] = [
    (DOCUMENT, "document"),
    (COPY, "copy"),
    (KEY, "device key"),
    (HISTORY, "history"),
    (HISTORY_HEAD, "history"),
    (PAST_HISTORY, "history of another wallet"),
    (PAST_HEAD, "end of another wallet's history"),
    (REISSUE, "to be issued again"),
    (CORRECTION, "correction"),
    (DEVICE_IDENTITY, "identity"),
    (AUTHORITY, "who may lock it from afar"),
];

/// The state of a wallet without anything personal in it; see [`Wallet::support_bundle`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SupportBundle {
    /// When it was made.
    pub at: Timestamp,
    /// The version of this software.
    pub version: &'static str,
    /// The schema of the vault that this software writes.
    pub schema: u32,
    /// What protects the keys.
    pub protection: Protection,
    /// How many documents there are of each known type and state.
    pub documents: Vec<(String, &'static str, usize)>,
    /// [`Wallet::damaged_records`].
    pub damaged: Vec<String>,
    /// Whether the vault's table of contents is whole.
    pub is_intact: bool,
    /// How many records the history has, and their size in bytes.
    pub history: (u64, u64),
    /// What is wrong with the history.
    pub history_problems: Vec<HistoryProblem>,
    /// The last errors that the history has: when, and which.
    pub errors: Vec<(Timestamp, Code)>,
}

impl Wallet {
    /// Every record that cannot be read, of whatever kind: what it was part of and why, one line each, nothing personal. A list leaves out
    /// what is damaged beside what is good, such as one of many copies; here it is told. Reads the whole wallet.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn damaged_records(&self) -> Result<Vec<String>, WalletError> {
        let mut out = Vec::new();
        for (kind, what) in KEPT {
            let damaged = self.vault.list(kind)?.into_iter();
            out.extend(damaged.filter_map(|entry| Some(format!("{what}: {}", entry.record.err()?))));
        }
        Ok(out)
    }

    /// Gathers what support needs. What is in it: versions, counts by type and state, error codes with their times, the health of the
    /// storage. What is not: values, names, ids, certificates, keys.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn support_bundle(&self, now: Timestamp) -> Result<SupportBundle, WalletError> {
        let listing = self.list(now)?;
        let mut counts: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
        for document in &listing.documents {
            let is_known = self.registry.find(&document.doc_type).is_some();
            let kind = if is_known { document.doc_type.as_str() } else { OTHER };
            let count = counts.entry((kind.to_owned(), document.state.as_str())).or_default();
            *count = count.saturating_add(1);
        }
        let (history, size): (History, _) = (self.history()?, self.history_size()?);
        let errors = history.entries.iter().rev();
        let errors = errors.filter_map(|entry| Some((entry.ended_at.unwrap_or(entry.at), entry.code?)));
        Ok(SupportBundle {
            at: now,
            version: env!("CARGO_PKG_VERSION"),
            schema: idwallet_storage::SCHEMA,
            protection: self.protection(),
            documents: counts
                .into_iter()
                .map(|((kind, state), count)| (kind, state, count))
                .collect(),
            damaged: self.damaged_records()?,
            is_intact: self.is_intact()?,
            history: (size.records, size.bytes),
            history_problems: history.all_problems().collect(),
            errors: errors.take(MAX_ERRORS).collect(),
        })
    }
}

/// The kind of device this was built for.
const SYSTEM: &str = if cfg!(target_os = "android") {
    "android"
} else if cfg!(target_os = "ios") {
    "ios"
} else if cfg!(target_os = "linux") {
    "linux"
} else {
    "other"
};

impl SupportBundle {
    /// For the machine.
    #[must_use]
    pub fn to_json(&self) -> String {
        let documents = self.documents.iter();
        let documents = documents.map(|(kind, state, count)| json!({ "type": kind, "state": state, "count": count }));
        let errors = self.errors.iter().map(
            |(at, code)| json!({ "at": at.to_rfc3339(), "code": code.as_str(), "reaction": code.reaction().as_str() }),
        );
        let problems = self
            .history_problems
            .iter()
            .map(|problem| Value::from(problem.as_str()));
        let whole = json!({
            "form": "idwallet support 1",
            "at": self.at.to_rfc3339(),
            "version": self.version,
            "schema": self.schema,
            "system": SYSTEM,
            "protection": if self.protection.is_software() { "software" } else { "hardware" },
            "documents": documents.collect::<Vec<_>>(),
            "damaged": self.damaged,
            "intact": self.is_intact,
            "history": {
                "records": self.history.0,
                "bytes": self.history.1,
                "problems": problems.collect::<Vec<_>>(),
            },
            "errors": errors.collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }

    /// For people.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let t = |vi: &'static str, en: &'static str| match lang {
            Lang::Vi => vi,
            Lang::En => en,
        };
        let mut out = vec![
            format!("{} {}", t("Phiên bản:", "Version:"), self.version),
            self.protection.text(lang).to_owned(),
        ];
        for (kind, state, count) in &self.documents {
            out.push(format!("{kind}: {count} ({state})"));
        }
        for damage in &self.damaged {
            out.push(format!("{} {damage}", t("Giấy tờ bị hỏng:", "A damaged document:")));
        }
        out.push(
            match self.is_intact && self.history_problems.is_empty() {
                true => t(
                    "Kho dữ liệu và nhật ký còn nguyên vẹn.",
                    "Vault and history are intact.",
                ),
                false => t("Kho dữ liệu hoặc nhật ký có chỗ hỏng.", "Vault or history is damaged."),
            }
            .to_owned(),
        );
        for problem in &self.history_problems {
            out.push(problem.text(lang));
        }
        for (at, code) in &self.errors {
            let next = if code.reaction() == Reaction::Nothing {
                ""
            } else {
                code.reaction().as_str()
            };
            out.push(
                format!("{} {code} {} {next}", at.to_rfc3339(), code.text(lang))
                    .trim_end()
                    .to_owned(),
            );
        }
        out
    }
}
