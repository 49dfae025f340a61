//! Histories of other wallets, which came with a restore. Each is a chain of its own, found again by its hashes and checked like one's own.
//!
//! Records do not say which chain they belong to, and several restores bring several chains, or parts of one. With an entry's hash
//! known, the next entry knows where it belongs; a head belongs where its last entry is. What lost its predecessor is put behind the one
//! chain that lost its end, if there is only one.

use super::HistoryProblem;
use super::entry::Placed;
use super::ledger::{Head, before, listed, walk};
use super::view::Tombstone;
use crate::record::{PAST_HEAD, PAST_HISTORY};
use idwallet_crypto::Order as _;
use idwallet_crypto::{Timestamp, sha256};
use idwallet_storage::{Error, RecordId, Transaction, Vault};
use std::collections::{HashMap, HashSet};

/// The id under which something of another wallet's history is kept: the same thing is kept once.
pub(crate) fn past_id(bytes: &[u8]) -> RecordId {
    RecordId::from_bytes(*sha256(bytes).first_chunk().unwrap_or(&[0; 16]))
}

/// The entry at which a head says that its history ends.
pub(crate) fn past_end(head: &[u8]) -> Option<RecordId> {
    let head = Head::decode(head).ok()?;
    Some(RecordId::from_bytes(*head.hash.first_chunk()?))
}

/// One chain, or what is left of it.
#[derive(Default)]
pub(super) struct PastChain {
    /// In order. After a restore of the wallet's own backup a chain may go on in the wallet's own entries, which have no id here.
    entries: Vec<Placed>,
    ids: Vec<Option<RecordId>>,
    heads: Vec<(RecordId, Head)>,
    /// The first entry follows one in the middle of another chain: an older file was put back, and both went on from there.
    is_branch: bool,
}

/// What a check of a chain found.
pub(super) struct PastFound {
    pub(super) entries: Vec<Placed>,
    pub(super) problems: Vec<HistoryProblem>,
    pub(super) deleted: Option<Tombstone>,
}

#[derive(Default)]
pub(super) struct Past {
    chains: Vec<PastChain>,
    /// Entries and heads that cannot be read: of which chain, nobody knows.
    damaged: Vec<RecordId>,
    damaged_heads: Vec<RecordId>,
    pub(super) problems: Vec<HistoryProblem>,
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) since: Option<Timestamp>,
}

/// What a deletion does.
#[derive(Default)]
pub(super) struct PastDeletion {
    pub(super) records: Vec<RecordId>,
    gone: Vec<RecordId>,
    heads: Vec<(RecordId, Head)>,
}

impl Past {
    /// `own` are the wallet's own entries, in order.
    pub(super) fn read(vault: &Vault, own: &[Placed]) -> Result<Self, Error> {
        let mut past = Self::default();
        let mut found: Vec<(Option<RecordId>, Placed)> = Vec::new();
        let known: HashSet<[u8; 32]> = own.iter().map(|placed| placed.hash).collect();
        for line in listed(vault, PAST_HISTORY)?.0 {
            let placed = line.record.map_err(HistoryProblem::Record).and_then(|record| {
                let bytes = record.data().expose();
                past.bytes = past.bytes.saturating_add(bytes.len() as u64);
                Placed::decode(bytes).map_err(|_| HistoryProblem::Form)
            });
            match placed {
                Ok(placed) if known.contains(&placed.hash) => {}
                Ok(placed) => found.push((Some(line.id), placed)),
                Err(problem) => {
                    past.problems.push(problem);
                    past.damaged.push(line.id);
                }
            }
        }
        past.records = found.len() as u64;
        past.since = found.iter().map(|(_, placed)| placed.entry.at).min();
        let mut heads = Vec::new();
        for line in listed(vault, PAST_HEAD)?.0 {
            let head = line.record.map_err(HistoryProblem::Record);
            let head = head.and_then(|r| Head::decode(r.data().expose()).map_err(|_| HistoryProblem::Form));
            match head {
                Ok(head) => heads.push((line.id, head)),
                Err(problem) => {
                    past.problems.push(problem);
                    past.damaged_heads.push(line.id);
                }
            }
        }
        if !found.is_empty() {
            found.extend(own.iter().map(|placed| (None, placed.clone())));
        }
        past.chains = joined(linked(found, heads));
        past.chains.retain(|chain| !chain.is_only_own());
        past.chains
            .order_by_key(|chain| chain.entries.first().map(|first| first.entry.at));
        Ok(past)
    }

    pub(super) fn into_found(self) -> Vec<PastFound> {
        self.chains.into_iter().map(PastChain::check).collect()
    }

    /// The oldest entries of each chain, or everything.
    pub(super) fn deletion(&self, until: Option<Timestamp>) -> PastDeletion {
        let mut deletion = PastDeletion::default();
        for chain in &self.chains {
            match until {
                None => {
                    deletion.records.extend(chain.ids.iter().flatten());
                    deletion.gone.extend(chain.heads.iter().map(|(id, _)| *id));
                }
                Some(until) => chain.shorten(until, &mut deletion),
            }
        }
        if until.is_none() {
            deletion.records.extend(&self.damaged);
            deletion.gone.extend(&self.damaged_heads);
        }
        deletion
    }
}

impl PastDeletion {
    pub(super) fn write(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        self.records.iter().try_for_each(|id| tx.delete(PAST_HISTORY, *id))?;
        self.gone.iter().try_for_each(|id| tx.delete(PAST_HEAD, *id))?;
        let mut heads = self.heads.iter();
        heads.try_for_each(|(id, head)| tx.put(PAST_HEAD, *id, &head.encode(), &[]))
    }
}

/// Puts each entry behind the one that it remembers, and each head where its last entry is. Where two remember the same one, the wallet's
/// own goes on there and the other begins a branch.
fn linked(mut found: Vec<(Option<RecordId>, Placed)>, heads: Vec<(RecordId, Head)>) -> Vec<PastChain> {
    found.order_by_key(|(id, placed)| (placed.sequence, id.is_some()));
    let mut chains: Vec<PastChain> = Vec::new();
    let mut place_of: HashMap<[u8; 32], usize> = HashMap::new();
    for (id, placed) in found {
        let known = place_of.get(&placed.previous).copied();
        let is_last = |place: &usize| {
            let last = chains.get(*place).and_then(|chain| chain.entries.last());
            last.is_some_and(|last| last.hash == placed.previous)
        };
        let place = known.filter(is_last).unwrap_or(chains.len());
        if place == chains.len() {
            chains.push(PastChain {
                is_branch: known.is_some(),
                ..PastChain::default()
            });
        }
        place_of.insert(placed.hash, place);
        if let Some(chain) = chains.get_mut(place) {
            chain.ids.push(id);
            chain.entries.push(placed);
        }
    }
    for (id, head) in heads {
        let place = place_of.get(&head.hash).copied();
        match place.and_then(|place| chains.get_mut(place)) {
            Some(chain) => chain.heads.push((id, head)),
            None => chains.push(PastChain {
                heads: vec![(id, head)],
                ..PastChain::default()
            }),
        }
    }
    chains
}

/// Puts what lost its beginning behind what lost its end, where there is one such chain only.
fn joined(mut chains: Vec<PastChain>) -> Vec<PastChain> {
    let mut place = 0;
    while let Some(part) = chains.get(place) {
        let has_no_end = |other: &PastChain| other.heads.is_empty() && !other.is_own();
        let first = part.first();
        let fits = |other: &PastChain| has_no_end(other) && other.entries.last().is_some_and(|l| l.sequence < first);
        let mut fitting = chains
            .iter()
            .enumerate()
            .filter(|(at, other)| *at != place && fits(other));
        let only = fitting.next().map(|(at, _)| at).filter(|_| fitting.next().is_none());
        match only.filter(|_| !part.begins() && !part.is_own()) {
            Some(at) => {
                let part = chains.remove(place);
                if let Some(other) = chains.get_mut(if at > place { at.saturating_sub(1) } else { at }) {
                    other.entries.extend(part.entries);
                    other.ids.extend(part.ids);
                    other.heads.extend(part.heads);
                }
                place = 0;
            }
            None => place = place.saturating_add(1),
        }
    }
    chains
}

impl PastChain {
    fn is_own(&self) -> bool {
        self.ids.iter().any(Option::is_none)
    }

    fn is_only_own(&self) -> bool {
        self.is_own() && self.ids.iter().all(Option::is_none)
    }

    fn head(&self) -> Option<&(RecordId, Head)> {
        self.heads.iter().max_by_key(|(_, head)| head.last)
    }

    /// The number of its first entry; of a head alone the number that would come next.
    fn first(&self) -> u64 {
        match (self.entries.first(), self.head()) {
            (Some(first), _) => first.sequence,
            (None, Some((_, head))) => head.last.saturating_add(1),
            (None, None) => 1,
        }
    }

    /// What the owner deleted before its first entry.
    fn tombstone(&self) -> Option<Tombstone> {
        let tombstones = self.heads.iter().filter_map(|(_, head)| head.tombstone);
        tombstones.filter(|t| t.next <= self.first()).max_by_key(|t| t.next)
    }

    /// Whether nothing is missing before its first entry.
    fn begins(&self) -> bool {
        self.is_branch || self.first() == self.tombstone().map_or(1, |tombstone| tombstone.next)
    }

    fn check(self) -> PastFound {
        let mut problems = Vec::new();
        let deleted = self.tombstone();
        let start = match deleted {
            Some(tombstone) => (tombstone.next, Some(tombstone.hash)),
            // What it follows is in another chain, and checked there.
            None if self.is_branch => (self.first(), None),
            // Whether its owner deleted what came before, a backup without a head does not say.
            None if self.heads.is_empty() && self.first() > 1 => (self.first(), None),
            None => (1, Some([0; 32])),
        };
        let (next, hash) = walk(&self.entries, start, &mut problems);
        let last = next.saturating_sub(1);
        match self.head() {
            // It goes on in the wallet's own chain, which is checked by itself.
            _ if self.is_own() => {}
            Some((_, head)) if head.last > last => problems.push(HistoryProblem::Missing {
                from: next,
                to: head.last,
            }),
            Some((_, head)) if head.last == last && !head.is_rebuilt => {
                if hash.is_some_and(|hash| hash != head.hash) {
                    problems.push(HistoryProblem::Altered(last));
                }
            }
            _ => problems.push(HistoryProblem::Uncounted),
        }
        let entries = self.entries.into_iter().zip(self.ids);
        PastFound {
            entries: entries.filter_map(|(placed, id)| id.map(|_| placed)).collect(),
            problems,
            deleted,
        }
    }

    fn shorten(&self, until: Timestamp, deletion: &mut PastDeletion) {
        let end = before(&self.entries, Some(until));
        let going: Vec<RecordId> = self.ids.iter().take(end).flatten().copied().collect();
        let Some(last) = end.checked_sub(1).and_then(|last| self.entries.get(last)) else {
            return;
        };
        let (id, mut head) = self.head().cloned().unwrap_or_else(|| self.new_head());
        let records = going.len() as u64;
        head.tombstone = self.tombstone();
        head.bury(records, last.entry.at, (last.sequence.saturating_add(1), last.hash));
        head.count = head.count.saturating_sub(records);
        let others = self.heads.iter().map(|(id, _)| *id).filter(|other| *other != id);
        deletion.gone.extend(others);
        deletion.heads.push((id, head));
        deletion.records.extend(going);
    }

    /// For a chain that came without one: it does not vouch for an end that nobody vouched for.
    fn new_head(&self) -> (RecordId, Head) {
        let mut kept = self.entries.iter().zip(&self.ids).rev();
        let last = kept.find_map(|(placed, id)| id.map(|_| placed));
        let head = Head {
            count: self.ids.iter().flatten().count() as u64,
            last: last.map_or(0, |last| last.sequence),
            hash: last.map_or([0; 32], |last| last.hash),
            tombstone: None,
            is_rebuilt: !self.is_own(),
        };
        (past_id(&head.encode()), head)
    }
}
