//! Doing what was planned: first every key goes into the area, then everything else into the vault, in one transaction.

use super::open::{Backup, Part};
use super::plan::{PlannedAction, PlannedDocument, RestorePlan};
use super::{BackupFault, Progress};
use crate::history::{Event, NewEntry, past_end, past_id};
use crate::record::{
    BY_DOCUMENT, BY_ISSUER_AUTH, BY_PUBLIC_KEY, COPY, CORRECTION, DOCUMENT, DocumentRecord, HISTORY, KEY, KeyRecord,
    PAST_HEAD, PAST_HISTORY, REISSUE,
};
use crate::{Correction, DocumentId, InternalFault, Wallet, WalletError};
use idwallet_crypto::Gather as _;
use idwallet_crypto::area::{CreatedKey, KeyPurpose};
use idwallet_mdoc::holder::DeviceAuthUsage;
use idwallet_storage::{Error, Lookup, RecordId, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

/// How a restore went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Documents that were added.
    pub added: Vec<DocumentId>,
    /// How many of the file the wallet had already.
    pub skipped: usize,
    /// How many stayed in the file: refused, deselected, or with a key that is in use.
    pub left_out: usize,
    /// How many came onto the list of what has to be issued again.
    pub to_be_reissued: usize,
    /// Entries of the history that were added.
    pub history: usize,
    /// Requests for correction that were added, or had come farther.
    pub corrections: usize,
}

impl Wallet {
    /// Does what was planned: all of it, durable when this returns, or nothing. Of what is in the wallet, nothing is changed but the notes on
    /// how documents stand beside each other and the list of
    /// what has to be issued again. Copies keep how often they were shown, and keys how they were used (A-H55).
    ///
    /// A dropped future leaves the wallet as it was; keys that an area keeps inside and took until then serve nothing.
    ///
    /// `progress` is told how many steps are done, of how many: two for each document.
    ///
    /// # Errors
    /// [`BackupFault::StalePlan`] when the wallet changed since, or the file is another one; [`WalletError::Backup`] when it cannot be
    /// read any more; those of the area and of the vault.
    pub async fn restore<R: Read + Seek + Send>(
        &self,
        backup: &mut Backup<R>,
        plan: RestorePlan,
        progress: Progress<'_>,
    ) -> Result<Restored, WalletError> {
        if plan.generation != self.vault.generation()? || plan.file != backup.file_id() {
            return Err(BackupFault::StalePlan.into());
        }
        let total = backup.contents().documents.saturating_mul(2);
        let mut taken: Vec<Vec<CreatedKey>> = Vec::new();
        let result = match self.take_backup_keys(backup, &plan, &mut taken, total, progress).await {
            Ok(()) => self.write_backup(backup, &plan, &taken, total, progress),
            Err(error) => Err(error),
        };
        if result.is_err() {
            for keys in &taken {
                self.discard(keys).await;
            }
        } else {
            // What the new documents say beside the old ones; where that cannot be noted now, the next comparison does it.
            let _ = self.compare_all();
        }
        result
    }

    async fn take_backup_keys<R: Read + Seek + Send>(
        &self,
        backup: &mut Backup<R>,
        plan: &RestorePlan,
        taken: &mut Vec<Vec<CreatedKey>>,
        total: u64,
        progress: Progress<'_>,
    ) -> Result<(), WalletError> {
        backup.rewind()?;
        let mut documents = plan.documents.iter();
        let mut wanted = false;
        while let Some(part) = backup.next()? {
            match part {
                Part::Document(_) => {
                    let document = documents.next().ok_or(BackupFault::StalePlan)?;
                    wanted = matches!(document.action, PlannedAction::Add { .. });
                    taken.push(Vec::new());
                    progress(u64::try_from(taken.len()).unwrap_or(u64::MAX), total);
                }
                Part::Copy(copy) if wanted => {
                    let created = self.ask(self.area.import_key(copy.key, copy.purpose)).await?;
                    if let Some(keys) = taken.last_mut() {
                        keys.push(created);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write_backup<R: Read + Seek + Send>(
        &self,
        backup: &mut Backup<R>,
        plan: &RestorePlan,
        taken: &[Vec<CreatedKey>],
        total: u64,
        progress: Progress<'_>,
    ) -> Result<Restored, WalletError> {
        backup.rewind()?;
        let turn = self.turn();
        // It may have changed while the keys went into the area.
        if plan.generation != self.vault.generation()? {
            return Err(BackupFault::StalePlan.into());
        }
        let mut restored = Restored::default();
        let ids = new_ids(plan);
        let mut records = Vec::with_capacity(plan.documents.len());
        for document in &plan.documents {
            let mut record = (*document.record).clone();
            // What was found beside documents that are not here is not so here.
            record.findings.retain_mut(|finding| match finding.other {
                None => true,
                Some(other) => {
                    finding.other = ids.get(&other).copied();
                    finding.other.is_some()
                }
            });
            records.push(record);
        }
        let own = self.own_history()?;
        let mut known = self.known_history()?;
        let mut ledger = self.ledger()?;
        let mut outside = self.outside()?;
        for (document, record) in plan.documents.iter().zip(&records) {
            if matches!(document.action, PlannedAction::Add { .. }) {
                outside.add(&record.doc_type, &record.issuer);
            }
        }
        self.vault.transaction(&turn, |tx| -> Result<(), WalletError> {
            outside.put(tx)?;
            let mut documents = plan.documents.iter().zip(&records).zip(taken);
            let mut current: Option<Writing<'_>> = None;
            let mut done = total / 2;
            while let Some(part) = backup.next()? {
                match part {
                    Part::Document(_) => {
                        let ((document, record), keys) = documents.next().ok_or(BackupFault::StalePlan)?;
                        current = restored.begin(tx, document, record, keys)?;
                        done = done.saturating_add(1);
                        progress(done, total);
                    }
                    Part::Copy(copy) => {
                        if let Some(writing) = &mut current {
                            writing.copy(tx, copy.issuer_signed.expose(), copy.usage, copy.purpose)?;
                        }
                    }
                    Part::Correction(correction) if !plan.leaves_out(correction.document) => {
                        restored.correction(tx, *correction, &ids)?;
                    }
                    Part::HistoryHead(head) if plan.with_history => put_head(tx, &own, head.expose())?,
                    Part::History(record) if plan.with_history => {
                        restored.history(tx, &mut known, record.expose())?;
                    }
                    _ => {}
                }
            }
            for item in &plan.to_be_reissued {
                item.put(tx)?;
                restored.to_be_reissued = restored.to_be_reissued.saturating_add(1);
            }
            let added = u64::try_from(restored.added.len()).unwrap_or(u64::MAX);
            ledger.log(tx, &NewEntry::done(Event::Restore, plan.at).count(added))?;
            Ok(())
        })?;
        Ok(restored)
    }

    /// The ids of every entry of a history that is here, own or from elsewhere.
    pub(super) fn known_history(&self) -> Result<BTreeSet<RecordId>, WalletError> {
        let mut known = self.own_history()?;
        known.extend(self.vault.list(PAST_HISTORY)?.into_iter().map(|entry| entry.id));
        Ok(known)
    }

    fn own_history(&self) -> Result<BTreeSet<RecordId>, WalletError> {
        let entries = self.vault.list(HISTORY)?.into_iter();
        let known = entries.filter_map(|entry| Some(past_id(entry.record.ok()?.data().expose())));
        Ok(known.gather())
    }
}

/// Which document of the wallet each one of the file is now.
fn new_ids(plan: &RestorePlan) -> BTreeMap<DocumentId, DocumentId> {
    let id = |document: &PlannedDocument| match document.action {
        PlannedAction::Add { .. } => Some((document.old_id, document.id)),
        PlannedAction::Skip(held) => Some((document.old_id, held)),
        _ => None,
    };
    plan.documents.iter().filter_map(id).gather()
}

/// A document that is being written: the copies to come.
struct Writing<'p> {
    id: DocumentId,
    record: &'p DocumentRecord,
    document: &'p PlannedDocument,
    keys: &'p [CreatedKey],
    next: usize,
}

impl Writing<'_> {
    fn copy(
        &mut self,
        tx: &mut Transaction<'_>,
        issuer_signed: &[u8],
        usage: Option<DeviceAuthUsage>,
        purpose: KeyPurpose,
    ) -> Result<(), WalletError> {
        let place = self.next;
        self.next = place.saturating_add(1);
        let (Some(copy), Some(verified), Some(key)) = (
            self.record.copies.get(place),
            self.document.verified.get(place),
            self.keys.get(place),
        ) else {
            return Err(BackupFault::StalePlan.into());
        };
        if key.public_key != verified.public_key {
            return Err(InternalFault::KeyStoreOutput("public key").into());
        }
        let by_issuer_auth = Lookup {
            name: BY_ISSUER_AUTH,
            value: &verified.issuer_auth,
        };
        let by_document = Lookup {
            name: BY_DOCUMENT,
            value: self.id.as_bytes(),
        };
        tx.insert(COPY, copy.id, issuer_signed, &[by_issuer_auth, by_document])?;
        let mut record = KeyRecord::new(key.id.clone(), key.public_key, purpose);
        record.usage = usage.or(record.usage);
        let der = key.public_key.to_spki_der();
        let by_key = Lookup {
            name: BY_PUBLIC_KEY,
            value: &der,
        };
        tx.insert(KEY, copy.id, &record.encode(), &[by_key])?;
        Ok(())
    }
}

impl Restored {
    fn begin<'p>(
        &mut self,
        tx: &mut Transaction<'_>,
        document: &'p PlannedDocument,
        record: &'p DocumentRecord,
        keys: &'p [CreatedKey],
    ) -> Result<Option<Writing<'p>>, WalletError> {
        match document.action {
            PlannedAction::Add { .. } => {}
            PlannedAction::Skip(_) => {
                self.skipped = self.skipped.saturating_add(1);
                return Ok(None);
            }
            PlannedAction::Reissue => return Ok(None),
            _ => {
                self.left_out = self.left_out.saturating_add(1);
                return Ok(None);
            }
        }
        if tx.read(DOCUMENT, document.id.record()).is_ok() {
            return Err(BackupFault::StalePlan.into());
        }
        record.put(tx, document.id)?;
        // What could not be moved once has come after all.
        match tx.delete(REISSUE, document.old_id.record()) {
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        self.added.push(document.id);
        Ok(Some(Writing {
            id: document.id,
            record,
            document,
            keys,
            next: 0,
        }))
    }

    fn correction(
        &mut self,
        tx: &mut Transaction<'_>,
        mut correction: Correction,
        ids: &BTreeMap<DocumentId, DocumentId>,
    ) -> Result<(), Error> {
        if let Some(id) = ids.get(&correction.document) {
            correction.document = *id;
        }
        if let Some(place) = correction.place(|id| tx.read(CORRECTION, id))? {
            correction.put(tx, place)?;
            self.corrections = self.corrections.saturating_add(1);
        }
        Ok(())
    }

    fn history(
        &mut self,
        tx: &mut Transaction<'_>,
        known: &mut BTreeSet<RecordId>,
        record: &[u8],
    ) -> Result<(), Error> {
        let id = past_id(record);
        if known.insert(id) {
            tx.insert(PAST_HISTORY, id, record, &[])?;
            self.history = self.history.saturating_add(1);
        }
        Ok(())
    }
}

/// Keeps what an earlier wallet's history says of its end. The wallet's own history has a head that knows more.
fn put_head(tx: &mut Transaction<'_>, own: &BTreeSet<RecordId>, head: &[u8]) -> Result<(), Error> {
    let id = past_id(head);
    let is_own = past_end(head).is_some_and(|end| own.contains(&end));
    match tx.read(PAST_HEAD, id) {
        Err(Error::NotFound) if !is_own => tx.insert(PAST_HEAD, id, head, &[]),
        _ => Ok(()),
    }
}
