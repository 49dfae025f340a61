//! The history as JSON, for its owner's machine (H-H61): names and labels, never values.

use super::HistoryProblem;
use super::view::{AskedDocument, ConcernedDocument, History, HistoryEntry, SharedDocument, Tombstone};
use super::who::Who;
use idwallet_documents::Label;
use serde_json::{Value, json};

/// The name of the form, in every export.
const FORM: &str = "idwallet history 1";

impl History {
    /// The whole history as one JSON document: what [`Wallet::history`](crate::Wallet::history) found, whether it is intact, what was
    /// deleted, and under `past` the same of earlier wallets. Times are RFC 3339, names have their labels in both languages.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut whole = part(&self.entries, self.intact, &self.problems, self.deleted);
        let past = self
            .past
            .iter()
            .map(|past| part(&past.entries, past.intact, &past.problems, past.deleted));
        if let Value::Object(members) = &mut whole {
            members.insert("form".into(), FORM.into());
            members.insert("past".into(), past.collect());
        }
        format!("{whole:#}\n")
    }
}

fn part(entries: &[HistoryEntry], intact: bool, problems: &[HistoryProblem], deleted: Option<Tombstone>) -> Value {
    let deleted = deleted.map(|tombstone| json!({ "count": tombstone.count, "until": tombstone.until.to_rfc3339() }));
    json!({
        "entries": entries.iter().map(entry).collect::<Vec<_>>(),
        "intact": intact,
        "problems": problems.iter().map(|problem| problem.as_str()).collect::<Vec<_>>(),
        "deleted": deleted,
    })
}

pub(crate) fn entry(entry: &HistoryEntry) -> Value {
    let who = entry.who();
    json!({
        "number": entry.sequence,
        "at": entry.at.to_rfc3339(),
        "event": entry.event.as_str(),
        "who": who.and_then(|who| who.name.as_deref()),
        "who_state": who.map(|who| who.state.as_str()),
        "parties": entry.who.iter().map(party).collect::<Vec<_>>(),
        "asked": entry.asked.iter().map(asked).collect::<Vec<_>>(),
        "asked_left_out": entry.asked_left_out,
        "shared": entry.shared.iter().map(shared).collect::<Vec<_>>(),
        "documents": entry.documents.iter().map(concerned).collect::<Vec<_>>(),
        "outcome": entry.outcome.as_str(),
        "ended_at": entry.ended_at.map(idwallet_crypto::Timestamp::to_rfc3339),
        "code": entry.code.map(crate::Code::as_str),
        "count": entry.count,
        "about": entry.about,
    })
}

/// The entry as evidence for others: without the ids of the owner's documents.
pub(crate) fn evidence(of: &HistoryEntry) -> String {
    let mut value = entry(of);
    for list in ["shared", "documents"] {
        let documents = value.get_mut(list).and_then(Value::as_array_mut);
        for document in documents.into_iter().flatten() {
            if let Some(members) = document.as_object_mut() {
                members.remove("document");
            }
        }
    }
    value.to_string()
}

fn label(label: &Label) -> Value {
    json!({ "vi": label.vi, "en": label.en })
}

fn party(who: &Who) -> Value {
    json!({
        "state": who.state.as_str(),
        "name": who.name,
        "organization": who.organization,
        "country": who.country,
        "claimed_name": who.claimed_name,
        "certificate_sha256": who.fingerprint.as_ref().map(|bytes| hex(bytes)),
        "certificate_serial": who.serial.as_deref().map(hex),
        "contacts": who.contacts,
    })
}

fn asked(document: &AskedDocument) -> Value {
    let elements = document.names.iter().map(|name| {
        json!({
            "name_space": name.name_space,
            "element": name.element,
            "label": label(&name.label),
            "intent_to_retain": name.intent_to_retain,
        })
    });
    json!({
        "party": document.who,
        "type": document.doc_type,
        "title": label(&document.title),
        "elements": elements.collect::<Vec<_>>(),
    })
}

fn shared(document: &SharedDocument) -> Value {
    let elements = document
        .names
        .iter()
        .map(|name| json!({ "name_space": name.name_space, "element": name.element, "label": label(&name.label) }));
    json!({
        "document": document.document.to_string(),
        "type": document.doc_type,
        "title": label(&document.title),
        "on_behalf_of": document.on_behalf_of,
        "elements": elements.collect::<Vec<_>>(),
    })
}

fn concerned(document: &ConcernedDocument) -> Value {
    json!({
        "document": document.document.map(|id| id.to_string()),
        "type": document.doc_type,
        "title": label(&document.title),
    })
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}
