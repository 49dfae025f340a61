//! The history as its owner sees it: a request and its outcome are one entry, names have their labels.

use super::entry::Placed;
use super::ledger::Chain;
use super::past::Past;
use super::{Event, HistoryProblem, Outcome, Who};
use crate::{Code, DocumentId, words};
use idwallet_crypto::Timestamp;
use idwallet_documents::{Label, Registry};
use std::collections::HashMap;

/// Everything that happened, oldest first, and whether all of it is there.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct History {
    /// The entries that can be read, in the order in which they were written.
    pub entries: Vec<HistoryEntry>,
    /// Whether nothing was removed, edited, damaged or moved, here and in [`past`](Self::past).
    pub intact: bool,
    /// What is wrong with these entries, and with records of the past that cannot be read.
    pub problems: Vec<HistoryProblem>,
    /// What its owner deleted.
    pub deleted: Option<Tombstone>,
    /// What earlier wallets wrote, from backups that were restored into this one: each wallet's apart, oldest first.
    pub past: Vec<PastHistory>,
}

/// What an earlier wallet wrote, as it came with a backup. Its numbers are its own.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PastHistory {
    /// The entries that can be read, in the order in which they were written.
    pub entries: Vec<HistoryEntry>,
    /// Whether nothing was removed or edited since that wallet wrote them.
    pub intact: bool,
    /// What is wrong when it is not intact.
    pub problems: Vec<HistoryProblem>,
    /// What its owner deleted, in that wallet or in this one.
    pub deleted: Option<Tombstone>,
}

/// What is left of entries that their owner deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tombstone {
    /// How many entries were deleted, over all deletions.
    pub count: u64,
    /// The time of the last entry that was deleted.
    pub until: Timestamp,
    /// The number of the first entry that was kept.
    pub(crate) next: u64,
    /// The hash of the last entry that was deleted.
    pub(crate) hash: [u8; 32],
}

/// One thing that happened. For a presentation: the request and how it ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// Its number; grows by one with everything that is written.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended, for a presentation that did.
    pub ended_at: Option<Timestamp>,
    /// Who was at the other end: the readers of a request (more than one only if parts of it are signed by different readers), the
    /// issuer of a document.
    pub who: Vec<Who>,
    /// What was asked for, one entry a document request.
    pub asked: Vec<AskedDocument>,
    /// How many more elements were asked for than `asked` has: requests are cut at 512.
    pub asked_left_out: u64,
    /// What was handed out. With [`Outcome::Failed`]: what was ready to leave when it failed.
    pub shared: Vec<SharedDocument>,
    /// Documents that something was done to.
    pub documents: Vec<ConcernedDocument>,
    /// What went wrong.
    pub code: Option<Code>,
    /// How many: documents of an export, wrong PINs, deleted entries.
    pub count: Option<u64>,
    /// The number of the entry that this one is about, such as the request that a complaint is about.
    pub about: Option<u64>,
}

impl HistoryEntry {
    /// The one to name: of several readers the least trustworthy.
    #[must_use]
    pub fn who(&self) -> Option<&Who> {
        self.who.iter().min_by_key(|who| match who.state {
            super::WhoState::Invalid => 0,
            super::WhoState::Untrusted => 1,
            super::WhoState::Absent => 2,
            super::WhoState::Verified => 3,
        })
    }
}

/// What was asked for in one document request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AskedDocument {
    /// Who asked: an index into [`HistoryEntry::who`].
    pub who: usize,
    /// The docType.
    pub doc_type: String,
    /// What such a document is called.
    pub title: Label,
    /// The elements.
    pub names: Vec<AskedName>,
}

/// An element that was asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AskedName {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called.
    pub label: Label,
    /// Whether the reader meant to keep it (A-H45).
    pub intent_to_retain: bool,
}

/// What left of one document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SharedDocument {
    /// Which document; it may be gone by now.
    pub document: DocumentId,
    /// The docType.
    pub doc_type: String,
    /// What such a document is called.
    pub title: Label,
    /// For whom it was shown, in a word, when it is not the owner's own. Never a name.
    pub on_behalf_of: Option<String>,
    /// The elements.
    pub names: Vec<SharedName>,
}

/// An element that left.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SharedName {
    /// Its namespace.
    pub name_space: String,
    /// Its identifier.
    pub element: String,
    /// What it is called.
    pub label: Label,
}

/// A document that something was done to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConcernedDocument {
    /// Which; `None` for one that was never in the wallet.
    pub document: Option<DocumentId>,
    /// The docType.
    pub doc_type: String,
    /// What such a document is called.
    pub title: Label,
}

impl History {
    pub(super) fn of(chain: Chain, past: Past, registry: &Registry) -> Self {
        let mut problems = chain.problems;
        problems.extend(&past.problems);
        let past: Vec<PastHistory> = past
            .into_found()
            .into_iter()
            .map(|found| PastHistory {
                entries: told(found.entries, registry),
                intact: found.problems.is_empty(),
                problems: found.problems,
                deleted: found.deleted,
            })
            .collect();
        Self {
            entries: told(chain.entries, registry),
            intact: problems.is_empty() && past.iter().all(|past| past.intact),
            problems,
            deleted: chain.tombstone,
            past,
        }
    }

    /// What is wrong with it and with what is past.
    pub fn all_problems(&self) -> impl Iterator<Item = HistoryProblem> {
        let past = self.past.iter().flat_map(|past| &past.problems);
        self.problems.iter().chain(past).copied()
    }

    /// The entry with that number.
    #[must_use]
    pub fn entry(&self, sequence: u64) -> Option<&HistoryEntry> {
        self.entries.iter().find(|entry| entry.sequence == sequence)
    }
}

/// A request and how it ended become one entry.
fn told(chain: Vec<Placed>, registry: &Registry) -> Vec<HistoryEntry> {
    let mut entries: Vec<HistoryEntry> = Vec::with_capacity(chain.len());
    let mut requests: HashMap<u64, usize> = HashMap::new();
    for placed in chain {
        let request = placed.entry.about.filter(|_| placed.entry.event == Event::Presentation);
        let place = request.and_then(|request| requests.get(&request).copied());
        match place.and_then(|place| entries.get_mut(place)) {
            Some(entry) => entry.end(&placed, registry),
            None => {
                if placed.entry.event == Event::Presentation && placed.entry.about.is_none() {
                    requests.insert(placed.sequence, entries.len());
                }
                entries.push(HistoryEntry::of(&placed, registry));
            }
        }
    }
    entries
}

impl HistoryEntry {
    fn of(placed: &Placed, registry: &Registry) -> Self {
        let entry = &placed.entry;
        let title = |doc_type: &str| words::title(registry.find(doc_type), doc_type);
        let asked = entry.asked.iter().map(|group| {
            let kind = registry.find(&group.doc_type);
            let names = group.names.iter().map(|(name_space, element, retain)| AskedName {
                name_space: name_space.clone(),
                element: element.clone(),
                label: words::label(kind, name_space, element),
                intent_to_retain: *retain,
            });
            AskedDocument {
                who: group.who,
                doc_type: group.doc_type.clone(),
                title: title(&group.doc_type),
                names: names.collect(),
            }
        });
        let documents = entry.documents.iter().map(|(document, doc_type)| ConcernedDocument {
            document: *document,
            doc_type: doc_type.clone(),
            title: title(doc_type),
        });
        Self {
            sequence: placed.sequence,
            at: entry.at,
            event: entry.event,
            outcome: entry.outcome.unwrap_or(Outcome::NotAnswered),
            ended_at: None,
            who: entry.who.clone(),
            asked: asked.collect(),
            asked_left_out: entry.left_out,
            shared: shared(placed, registry),
            documents: documents.collect(),
            code: placed.code(),
            count: entry.count,
            about: entry.about,
        }
    }

    /// Takes over how a request ended. The last word holds, but what was shared stays named also when sending it failed.
    fn end(&mut self, placed: &Placed, registry: &Registry) {
        self.outcome = placed.entry.outcome.unwrap_or(Outcome::NotAnswered);
        self.ended_at = Some(placed.entry.at);
        self.code = placed.code();
        if !placed.entry.shared.is_empty() {
            self.shared = shared(placed, registry);
        }
    }
}

fn shared(placed: &Placed, registry: &Registry) -> Vec<SharedDocument> {
    let groups = placed.entry.shared.iter().map(|group| {
        let kind = registry.find(&group.doc_type);
        let names = group.names.iter().map(|(name_space, element)| SharedName {
            name_space: name_space.clone(),
            element: element.clone(),
            label: words::label(kind, name_space, element),
        });
        SharedDocument {
            document: group.document,
            doc_type: group.doc_type.clone(),
            title: words::title(kind, &group.doc_type),
            on_behalf_of: group.relation.clone(),
            names: names.collect(),
        }
    });
    groups.collect()
}
