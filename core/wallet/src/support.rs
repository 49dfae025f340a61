//! What a person can hand to support: versions, counts, states and error codes. No value, no name of a person or reader, no id.

use crate::record::{
    AUTHORITY, COPY, CORRECTION, DEVICE_IDENTITY, DOCUMENT, HISTORY, HISTORY_HEAD, KEY, PAST_HEAD, PAST_HISTORY,
    REISSUE,
};
use crate::{Code, DocumentState, History, HistoryProblem, Protection, Reaction, Wallet, WalletError};
use idwallet_crypto::Timestamp;
use idwallet_documents::{Label, Lang};
use idwallet_storage::{Damage, Kind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many of the last errors are named.
const MAX_ERRORS: usize = 50;
/// What stands for the type of a document that no type file knows: a made-up one could be as telling as a name.
const OTHER: &str = "other";

/// Everything that a wallet keeps.
const KEPT: [(Kind, Part); 11] = [
    (DOCUMENT, Part("document", "giấy tờ")),
    (COPY, Part("copy", "bản của giấy tờ")),
    (KEY, Part("device key", "khóa của giấy tờ")),
    (HISTORY, Part("history", "nhật ký")),
    (HISTORY_HEAD, Part("history", "nhật ký")),
    (PAST_HISTORY, Part("history of another wallet", "nhật ký của ví cũ")),
    (
        PAST_HEAD,
        Part("end of another wallet's history", "phần cuối nhật ký của ví cũ"),
    ),
    (REISSUE, Part("to be issued again", "giấy tờ cần xin cấp lại")),
    (CORRECTION, Part("correction", "đề nghị đính chính")),
    (DEVICE_IDENTITY, Part("identity", "khóa của ví")),
    (AUTHORITY, Part("who may lock it from afar", "nơi được khóa ví từ xa")),
];

/// What a record is part of, in English and Vietnamese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part(&'static str, &'static str);

/// A record that cannot be read: what it was part of and why. Nothing personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedRecord {
    part: Part,
    damage: Damage,
}

impl DamagedRecord {
    /// As a person reads it.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let vi = match self.damage {
            Damage::Missing => "bị gỡ khỏi tệp của ví",
            Damage::Unlisted => "bị thêm vào từ bên ngoài",
            Damage::Version => "bị thay bằng bản cũ",
            Damage::Manifest => "mục lục của kho bị hỏng ở chỗ này",
            _ => "bị hỏng hoặc bị sửa",
        };
        match lang {
            Lang::Vi => format!("{}: {vi}", self.part.1),
            Lang::En => format!("{}: {}", self.part.0, self.damage),
        }
    }
}

/// How many documents of a type are in a state.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SupportCount {
    /// The docType, or `other` for one that this software does not know.
    pub doc_type: String,
    /// What such documents are called.
    pub title: Label,
    /// Their state.
    pub state: DocumentState,
    /// How many there are.
    pub count: usize,
}

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
    pub documents: Vec<SupportCount>,
    /// [`Wallet::damaged_records`].
    pub damaged: Vec<DamagedRecord>,
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
    /// Every record that cannot be read, of whatever kind. A list leaves out
    /// what is damaged beside what is good, such as one of many copies; here it is told. Reads the whole wallet.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn damaged_records(&self) -> Result<Vec<DamagedRecord>, WalletError> {
        let _turn = self.turn();
        let mut out = Vec::new();
        for (kind, part) in KEPT {
            let damages = self
                .vault
                .list(kind)?
                .into_iter()
                .filter_map(|entry| entry.record.err());
            out.extend(damages.map(|damage| DamagedRecord { part, damage }));
        }
        Ok(out)
    }

    /// Gathers what support needs. What is in it: versions, counts by type and state, error codes with their times, the health of the
    /// storage. What is not: values, names, ids, certificates, keys.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn support_bundle(&self, now: Timestamp) -> Result<SupportBundle, WalletError> {
        let _turn = self.turn();
        let listing = self.list(now)?;
        let mut counts: BTreeMap<(&str, &str), SupportCount> = BTreeMap::new();
        for document in &listing.documents {
            let is_known = self.registry.find(&document.doc_type).is_some();
            let doc_type = if is_known { document.doc_type.as_str() } else { OTHER };
            let count = counts
                .entry((doc_type, document.state.as_str()))
                .or_insert_with(|| SupportCount {
                    doc_type: doc_type.to_owned(),
                    title: match is_known {
                        true => document.title.clone(),
                        false => Label::new("Giấy tờ khác", "Other documents"),
                    },
                    state: document.state,
                    count: 0,
                });
            count.count = count.count.saturating_add(1);
        }
        let (history, size): (History, _) = (self.history()?, self.history_size()?);
        let errors = history.entries.iter().rev();
        let errors = errors.filter_map(|entry| Some((entry.ended_at.unwrap_or(entry.at), entry.code?)));
        Ok(SupportBundle {
            at: now,
            version: env!("CARGO_PKG_VERSION"),
            schema: idwallet_storage::SCHEMA,
            protection: self.protection(),
            documents: counts.into_values().collect(),
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
        let documents =
            documents.map(|of| json!({ "type": of.doc_type, "state": of.state.as_str(), "count": of.count }));
        let damaged = self.damaged.iter().map(|record| record.text(Lang::En));
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
            "damaged": damaged.collect::<Vec<_>>(),
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
        for of in &self.documents {
            out.push(format!(
                "{}: {} ({})",
                of.title.text(lang),
                of.count,
                of.state.text(lang)
            ));
        }
        for damaged in &self.damaged {
            out.push(format!("{} {}", t("Bị hỏng –", "Damaged –"), damaged.text(lang)));
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
