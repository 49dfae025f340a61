//! The chain in the vault: writing an entry, reading and checking all of them, deleting the oldest.

use super::entry::{NewEntry, Placed};
use super::past::Past;
use super::view::Tombstone;
use super::{Event, History, HistoryProblem, Outcome};
use crate::record::{HISTORY, HISTORY_HEAD, UnknownForm};
use crate::{ResolvedRequest, StateFault, Wallet, WalletError};
use idwallet_cose::cbor::{Decoder, Encoder, Limits};
use idwallet_crypto::Order as _;
use idwallet_crypto::Timestamp;
use idwallet_storage::{Count, Damage, Entry as Line, Error, Kind, RecordId, Transaction, Vault};

const FORMAT: u64 = 1;
/// The one head record.
const HEAD_ID: RecordId = RecordId::from_bytes(*b"idwallet history");
/// From how many entries on the owner is told to export and delete (H-H64). Nothing is ever deleted for them.
const MANY_ENTRIES: u64 = 10_000;
/// The same in bytes.
const MANY_BYTES: u64 = 8 * 1024 * 1024;

/// What the head record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// How many entries there are.
    pub(super) count: u64,
    /// The number of the last one; they begin with 1.
    pub(super) last: u64,
    pub(super) hash: [u8; 32],
    pub(super) tombstone: Option<Tombstone>,
    /// It was found damaged or gone, and made anew from what was there.
    pub(super) is_rebuilt: bool,
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(if self.tombstone.is_some() { 6 } else { 5 });
        e.int(0).uint(FORMAT);
        e.int(1).uint(self.count);
        e.int(2).uint(self.last);
        e.int(3).bytes(&self.hash);
        if let Some(tombstone) = &self.tombstone {
            e.int(4).array(4);
            e.uint(tombstone.count).int(tombstone.until.unix());
            e.uint(tombstone.next).bytes(&tombstone.hash);
        }
        e.int(5).bool(self.is_rebuilt);
        e.into_vec()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, UnknownForm> {
        let (mut head, mut format) = (Self::default(), 0);
        Decoder::decode(bytes, Limits::DEFAULT, |d| {
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key.as_int() {
                    Some(0) => format = d.u64()?,
                    Some(1) => head.count = d.u64()?,
                    Some(2) => head.last = d.u64()?,
                    Some(3) => head.hash = *d.byte_array()?,
                    Some(4) => {
                        d.array_of(4)?;
                        head.tombstone = Some(Tombstone {
                            count: d.u64()?,
                            until: Timestamp::from_unix(d.i64()?),
                            next: d.u64()?,
                            hash: *d.byte_array()?,
                        });
                    }
                    Some(5) => head.is_rebuilt = d.bool()?,
                    _ => d.skip()?,
                }
            }
            Ok(())
        })
        .map_err(|_| UnknownForm)?;
        if format == FORMAT { Ok(head) } else { Err(UnknownForm) }
    }
}

impl Head {
    fn rebuilt(vault: &Vault) -> Self {
        let entries = Chain::read(vault).map(|chain| chain.entries).unwrap_or_default();
        let last = entries.last();
        Self {
            count: entries.len() as u64,
            last: last.map_or(0, |placed| placed.sequence),
            hash: last.map_or([0; 32], |placed| placed.hash),
            tombstone: entries
                .first()
                .filter(|first| first.sequence > 1)
                .map(|first| Tombstone {
                    count: first.sequence.saturating_sub(1),
                    until: first.entry.at,
                    next: first.sequence,
                    hash: first.previous,
                }),
            is_rebuilt: true,
        }
    }

    /// Notes a deletion of the oldest entries, and where the chain begins now.
    pub(super) fn bury(&mut self, count: u64, until: Timestamp, (next, hash): (u64, [u8; 32])) {
        let earlier = self.tombstone.map_or(0, |tombstone| tombstone.count);
        self.tombstone = Some(Tombstone {
            count: earlier.saturating_add(count),
            until,
            next,
            hash,
        });
    }
}

/// `Ok(None)` where nothing was ever written; `Err` where it was and is not as it was.
fn read_head(vault: &Vault) -> Result<Option<Head>, ()> {
    match vault.read(HISTORY_HEAD, HEAD_ID) {
        Ok(record) => Head::decode(record.data().expose()).map(Some).map_err(|_| ()),
        Err(Error::NotFound) => Ok(None),
        Err(_) => Err(()),
    }
}

/// Where the next entry goes. Taken before a transaction, used within it, dropped with it.
pub(crate) struct Ledger {
    head: Head,
    /// The head record there is damaged and is to be written over.
    replace: bool,
}

impl Ledger {
    /// Never fails: a head that is damaged is made anew from the entries that can be read, and the history says so from then on.
    pub(crate) fn of(vault: &Vault) -> Self {
        let (head, replace) = match read_head(vault) {
            Ok(Some(head)) => (head, false),
            Ok(None) | Err(()) if vault.count(HISTORY).is_ok_and(|count| count == Count::default()) => {
                (Head::default(), true)
            }
            Ok(None) | Err(()) => (Head::rebuilt(vault), true),
        };
        Self { head, replace }
    }

    /// Writes an entry. It holds if the transaction does. Gives its number, or `None` where the part of the vault that the history lies
    /// in is damaged: nothing was written then, and the transaction may go on without it.
    pub(crate) fn log(&mut self, tx: &mut Transaction<'_>, entry: &NewEntry) -> Result<Option<u64>, Error> {
        let has_head = !matches!(
            tx.read(HISTORY_HEAD, HEAD_ID),
            Err(Error::Damaged {
                damage: Damage::Manifest,
                ..
            } | Error::ManifestDamaged)
        );
        let id = match tx.new_id() {
            Ok(id) if has_head => id,
            Ok(_) | Err(Error::ManifestDamaged) => return Ok(None),
            Err(error) => return Err(error),
        };
        let sequence = self.head.last.saturating_add(1);
        let bytes = entry.encode(sequence, &self.head.hash);
        tx.insert(HISTORY, id, &bytes, &[])?;
        self.head.last = sequence;
        self.head.count = self.head.count.saturating_add(1);
        self.head.hash = idwallet_crypto::sha256(&bytes);
        self.write_head(tx)?;
        Ok(Some(sequence))
    }

    fn write_head(&mut self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        if self.replace {
            match tx.delete(HISTORY_HEAD, HEAD_ID) {
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
            self.replace = false;
        }
        tx.put(HISTORY_HEAD, HEAD_ID, &self.head.encode(), &[])
    }
}

/// Everything that was written, in order, and what is wrong with it.
pub(super) struct Chain {
    pub(super) entries: Vec<Placed>,
    ids: Vec<RecordId>,
    /// Records that are there and cannot be read.
    damaged: Vec<RecordId>,
    bytes: u64,
    pub(super) problems: Vec<HistoryProblem>,
    pub(super) tombstone: Option<Tombstone>,
}

impl Chain {
    /// Never fails for damage: only when the vault as a whole cannot be read.
    fn read(vault: &Vault) -> Result<Self, Error> {
        let (listed, problem) = listed(vault, HISTORY)?;
        let mut problems = Vec::from_iter(problem);
        let (mut found, mut damaged, mut bytes) = (Vec::with_capacity(listed.len()), Vec::new(), 0_u64);
        for line in listed {
            let problem = match line.record {
                Ok(record) => match Placed::decode(record.data().expose()) {
                    Ok(placed) => {
                        bytes = bytes.saturating_add(record.data().expose().len() as u64);
                        found.push((line.id, placed));
                        continue;
                    }
                    Err(UnknownForm) => HistoryProblem::Form,
                },
                Err(damage) => HistoryProblem::Record(damage),
            };
            problems.push(problem);
            damaged.push(line.id);
        }
        found.order_by_key(|(_, placed)| placed.sequence);
        let (ids, entries): (Vec<RecordId>, Vec<Placed>) = found.into_iter().unzip();
        let head = match read_head(vault) {
            Ok(Some(head)) => Some(head),
            Ok(None) if entries.is_empty() && damaged.is_empty() => Some(Head::default()),
            Ok(None) | Err(()) => None,
        };
        let tombstone = head.as_ref().and_then(|head| head.tombstone);
        let mut chain = Self {
            entries,
            ids,
            damaged,
            bytes,
            problems,
            tombstone,
        };
        chain.check(head.as_ref());
        Ok(chain)
    }

    /// Walks the chain from its beginning or the tombstone to the head.
    fn check(&mut self, head: Option<&Head>) {
        let mut problems = Vec::new();
        // The number that must come next, and the hash it must remember: unknown after a gap.
        let (mut next, mut hash) = match self.tombstone {
            Some(tombstone) => (tombstone.next, Some(tombstone.hash)),
            None => (1, Some([0; 32])),
        };
        if head.is_none() {
            // Whether something was deleted is not known either.
            problems.push(HistoryProblem::Head);
            if let Some(first) = self.entries.first() {
                (next, hash) = (first.sequence, None);
            }
        }
        let (next, hash) = walk(&self.entries, (next, hash), &mut problems);
        if let Some(head) = head {
            let last = next.saturating_sub(1);
            if head.last > last {
                problems.push(HistoryProblem::Missing {
                    from: next,
                    to: head.last,
                });
            } else if head.last < last || head.is_rebuilt {
                problems.push(HistoryProblem::Head);
            } else if hash.is_some_and(|hash| hash != head.hash) {
                problems.push(HistoryProblem::Altered(last));
            }
        }
        self.problems.extend(problems);
    }
}

fn read_all(vault: &Vault) -> Result<(Chain, Past), Error> {
    let chain = Chain::read(vault)?;
    let past = Past::read(vault, &chain.entries)?;
    Ok((chain, past))
}

/// Every record of a kind; also, with the problem, when the vault's table of contents is damaged.
pub(super) fn listed(vault: &Vault, kind: Kind) -> Result<(Vec<Line>, Option<HistoryProblem>), Error> {
    match vault.list(kind) {
        Err(Error::ManifestDamaged) => Ok((vault.salvage(kind)?, Some(HistoryProblem::Unvouched))),
        listed => Ok((listed?, None)),
    }
}

/// What must come next: its number, and the hash that it must remember, which after a gap is not known.
pub(super) type Next = (u64, Option<[u8; 32]>);

/// Walks entries in order, names what is wrong, and gives what would come next.
pub(super) fn walk(entries: &[Placed], (mut next, mut hash): Next, problems: &mut Vec<HistoryProblem>) -> Next {
    for placed in entries {
        if placed.sequence < next {
            problems.push(HistoryProblem::Repeated(placed.sequence));
            continue;
        }
        if placed.sequence > next {
            let to = placed.sequence.saturating_sub(1);
            problems.push(HistoryProblem::Missing { from: next, to });
        } else if hash.is_some_and(|hash| hash != placed.previous) {
            problems.push(HistoryProblem::Altered(placed.sequence.saturating_sub(1)));
        }
        next = placed.sequence.saturating_add(1);
        hash = Some(placed.hash);
    }
    (next, hash)
}

/// How many of the oldest entries go. A request goes only with its outcome.
pub(super) fn before(entries: &[Placed], before: Option<Timestamp>) -> usize {
    let Some(before) = before else {
        return entries.len();
    };
    let mut end = entries.iter().take_while(|placed| placed.entry.at < before).count();
    for (place, placed) in entries.iter().enumerate().rev() {
        if place < end {
            break;
        }
        let Some(request) = placed.entry.about.filter(|_| placed.entry.event == Event::Presentation) else {
            continue;
        };
        if let Ok(request) = entries.binary_search_by_key(&request, |placed| placed.sequence) {
            end = end.min(request);
        }
    }
    end
}

/// How large the history is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistorySize {
    /// How many records it has; a presentation has two.
    pub records: u64,
    /// What they hold, in bytes.
    pub bytes: u64,
    /// The time of the first.
    pub since: Option<Timestamp>,
    /// Whether it is time to offer the owner an export and then a deletion (H-H64). The wallet deletes nothing by itself.
    pub is_large: bool,
}

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryDeleted {
    /// How many records went.
    pub records: u64,
}

impl Wallet {
    /// Everything that happened, oldest first, checked from end to end, and apart from it what came from other wallets by a restore.
    /// What is damaged is named in [`History::problems`](super::History::problems); the rest is shown.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn history(&self) -> Result<History, WalletError> {
        let (chain, past) = self.vault.with(read_all)?;
        Ok(History::of(chain, past, &self.registry))
    }

    /// How large the history is, for an app to offer export and deletion.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn history_size(&self) -> Result<HistorySize, WalletError> {
        let (chain, past) = self.vault.with(read_all)?;
        let records = past.records.saturating_add(chain.entries.len() as u64);
        let bytes = past.bytes.saturating_add(chain.bytes);
        let own = chain.entries.first().map(|placed| placed.entry.at);
        Ok(HistorySize {
            records,
            bytes,
            since: own.into_iter().chain(past.since).min(),
            is_large: records >= MANY_ENTRIES || bytes >= MANY_BYTES,
        })
    }

    /// Deletes the entries before a time, or all of them, for good, those of other wallets that a restore brought among them. The owner's doing alone (H-H64): it is itself an entry, and the
    /// history says how many are gone. A request that was answered later stays, and so does everything after it. Damaged entries, whose
    /// time nobody knows, go with a deletion of all.
    ///
    /// An app warns first: without these entries nobody can be reported or asked to erase what they got.
    ///
    /// # Errors
    /// [`WalletError::Storage`]; nothing is deleted then.
    pub fn delete_history(&self, before: Option<Timestamp>, now: Timestamp) -> Result<HistoryDeleted, WalletError> {
        let turn = self.turn();
        let (chain, past) = self.vault.with(read_all)?;
        let past = past.deletion(before);
        let end = self::before(&chain.entries, before);
        let mut going: Vec<RecordId> = chain.ids.iter().copied().take(end).collect();
        if before.is_none() {
            going.extend(&chain.damaged);
        }
        let own = going.len() as u64;
        let records = own.saturating_add(past.records.len() as u64);
        if records == 0 {
            return Ok(HistoryDeleted { records });
        }
        let mut ledger = self.ledger()?;
        let last = end.checked_sub(1).and_then(|last| chain.entries.get(last));
        match (before, last) {
            // A new beginning: what was wrong with the old entries goes with them, and so do the chains of other wallets.
            (None, _) => {
                let (next, hash) = (ledger.head.last.saturating_add(1), ledger.head.hash);
                let until = last.map_or(now, |last| last.entry.at);
                ledger.head.bury(records, until, (next, hash));
                ledger.head.is_rebuilt = false;
            }
            (Some(_), Some(last)) => {
                let next = last.sequence.saturating_add(1);
                ledger.head.bury(own, last.entry.at, (next, last.hash));
            }
            (Some(_), None) => {}
        }
        ledger.head.count = ledger.head.count.saturating_sub(own);
        let entry = NewEntry::done(Event::HistoryDeletion, now).count(records);
        self.vault.transaction(&turn, |tx| -> Result<(), Error> {
            for id in &going {
                tx.delete(HISTORY, *id)?;
            }
            past.write(tx)?;
            ledger.log(tx, &entry)?;
            Ok(())
        })?;
        // The log still has what was deleted; where emptying it fails, the next opening does it.
        let _ = self.vault.checkpoint();
        Ok(HistoryDeleted { records })
    }

    /// Where the next entry goes, to be written in the transaction of the thing it tells of, and in the same turn:
    /// `let mut ledger = self.ledger()?; self.vault.transaction(&turn, |tx| { …; ledger.log(tx, &entry) })`.
    ///
    /// Fails only where the vault is not to be had.
    pub(crate) fn ledger(&self) -> Result<Ledger, Error> {
        self.vault.with(|vault| Ok(Ledger::of(vault)))
    }

    /// What the own history says of its end, for a backup; `None` where nothing was ever written.
    pub(crate) fn history_head(&self) -> Result<Option<Vec<u8>>, Error> {
        let head = self.ledger()?.head;
        Ok((head.last > 0).then(|| head.encode()))
    }

    /// Writes an entry by itself, for things that have no transaction of their own. Gives its number, or `None` where nothing can be
    /// written: that must not stop what it tells of.
    pub(crate) fn log(&self, entry: &NewEntry) -> Option<u64> {
        let turn = self.turn();
        let mut ledger = self.ledger().ok()?;
        self.vault.transaction(&turn, |tx| ledger.log(tx, entry)).ok().flatten()
    }

    /// Writes that a credential was not taken. Not for what the person did, after which the same call may be made again.
    pub(crate) fn log_refused_import(&self, doc_type: Option<&str>, error: &WalletError, at: Timestamp) {
        if matches!(error, WalletError::UserCancelled | WalletError::UserAuthRequired) {
            return;
        }
        let entry = NewEntry::new(Event::Import, at).outcome(Outcome::Refused).error(error);
        self.log(&match doc_type {
            Some(doc_type) => entry.document(None, doc_type),
            None => entry,
        });
    }

    /// Writes that answering failed. Not for what the person did, after which the same call may be made again, nor for a call that was
    /// never about this request.
    pub(crate) fn log_failure(&self, request: &mut ResolvedRequest, error: &WalletError) {
        let is_no_failure = matches!(
            error,
            WalletError::UserCancelled
                | WalletError::UserAuthRequired
                | WalletError::InvalidState(StateFault::WrongHandle | StateFault::Answered)
        );
        if !is_no_failure {
            request.has_end = self.log_end(request.entry, Outcome::Failed, Some(error), request.now);
        }
    }

    /// Writes that a request will not be answered any more, unless the history has how it ended.
    pub(crate) fn log_cancelled(&self, request: Option<&ResolvedRequest>, at: Timestamp) {
        if let Some(request) = request.filter(|request| !request.is_answered && !request.has_end) {
            self.log_end(request.entry, Outcome::Cancelled, None, at);
        }
    }

    /// Writes how a request ended that was logged as `request`. Whether it could be written.
    pub(crate) fn log_end(
        &self,
        request: Option<u64>,
        outcome: Outcome,
        error: Option<&WalletError>,
        at: Timestamp,
    ) -> bool {
        let Some(request) = request else { return false };
        let mut entry = NewEntry::ended(request, outcome, at);
        if let Some(error) = error {
            entry = entry.error(error);
        }
        self.log(&entry).is_some()
    }
}
