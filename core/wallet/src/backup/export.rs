//! Writing an export.

use super::content::{
    Contents, CopyEntry, Counts, DocumentEntry, encode_correction, encode_history, encode_history_head, encode_reissue,
};
use super::{BackupFault, EXPORT_COST, Progress, ReissueItem, passphrase};
use crate::history::{Event, NewEntry};
use crate::record::{COPY, DOCUMENT, DocumentRecord, HISTORY, PAST_HEAD, PAST_HISTORY};
use crate::{Correction, DamagedDocument, DocumentDamage, DocumentId, StateFault, Wallet, WalletError};
use idwallet_cose::cbor::Type;
use idwallet_crypto::Gather as _;
use idwallet_crypto::Order as _;
use idwallet_crypto::area::SecureAreaError;
use idwallet_crypto::{Argon2Params, Secret, SecretBytes, Timestamp};
use idwallet_mdoc::IssuerSigned;
use idwallet_storage::{Kind, RecordId, SealedWriter, WholeFile};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// A guess may not cost less than this, in KiB gone through: what an export of a slow device still has to take.
const MIN_WORK_KIB: u64 = 32 * 1024;

/// What goes into an export. Everything that can move, unless something else is said.
#[derive(Debug, Clone)]
#[must_use]
pub struct ExportOptions {
    only: Option<BTreeSet<DocumentId>>,
    values: bool,
    history: bool,
    cost: Argon2Params,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self {
            only: None,
            values: true,
            history: true,
            cost: EXPORT_COST,
        }
    }
}

impl ExportOptions {
    /// Everything that can move.
    pub fn new() -> Self {
        Self::default()
    }

    /// These documents alone.
    pub fn only(mut self, documents: impl IntoIterator<Item = DocumentId>) -> Self {
        self.only = Some(documents.into_iter().gather());
        self
    }

    /// No document itself: what each is and who issued it, to be asked for again.
    pub fn without_values(mut self) -> Self {
        self.values = false;
        self
    }

    /// Not the history.
    pub fn without_history(mut self) -> Self {
        self.history = false;
        self
    }

    /// Another cost of a guess, for devices that do not have the memory; less than 32 MiB in one pass is refused.
    pub fn cost(mut self, cost: Argon2Params) -> Self {
        self.cost = cost;
        self
    }
}

/// What an export holds.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Exported {
    /// Documents that can be restored anywhere where keys can be brought in.
    pub documents: usize,
    /// Their copies.
    pub copies: usize,
    /// Documents that have to be issued again, because keys of theirs are bound to this device, or values were not wanted: what they are
    /// and who issued them. Some of their copies may have moved ([`ReissueItem::has_copies`]). Those that were already on the list are
    /// among them.
    pub to_be_reissued: Vec<ReissueItem>,
    /// Entries of the history.
    pub history: usize,
    /// Requests for correction.
    pub corrections: usize,
    /// Documents that cannot be read and are not in the file. What a copy still tells of them is in `to_be_reissued`.
    pub damaged: Vec<DamagedDocument>,
}

/// What is written, beside the list of what has to be issued again. Copies and entries of histories are read when it is their turn.
#[derive(Default)]
struct Moving {
    /// With the copies that move alone.
    documents: Vec<(DocumentId, DocumentRecord)>,
    corrections: Vec<Correction>,
    heads: Vec<SecretBytes>,
    history: Vec<(Kind, RecordId)>,
}

impl Moving {
    fn contents(&self, exported: &Exported, now: Timestamp) -> Contents {
        Contents {
            created_at: now,
            counts: Counts {
                documents: as_u64(exported.documents),
                copies: as_u64(exported.copies),
                reissue: as_u64(exported.to_be_reissued.len()),
                history: as_u64(self.history.len()),
                heads: as_u64(self.heads.len()),
                corrections: as_u64(self.corrections.len()),
            },
        }
    }
}

impl Wallet {
    /// Writes everything that can move into `out`, encrypted under `passphrase`. Gives `out` back, flushed; it is for the caller to
    /// make it durable, or to let it vanish after an error.
    ///
    /// `progress` is told after each document how many are done, of how many.
    ///
    /// # Errors
    /// [`WalletError::Backup`]: the passphrase is too weak, or `out` fails; [`StateFault::NotFound`] for a selected document that is not
    /// there; those of the area and of the vault.
    pub async fn export<W: Write + Send>(
        &self,
        out: W,
        passphrase: &str,
        options: &ExportOptions,
        now: Timestamp,
        progress: Progress<'_>,
    ) -> Result<(Exported, W), WalletError> {
        let written = self.write_export(out, passphrase, options, now, progress).await?;
        self.log_export(&written.0, now);
        Ok(written)
    }

    /// [`export`](Self::export) into a file of this name, readable by its owner alone, which appears whole and durable or not at all.
    /// What has that name is left as it is, unless it is to be replaced.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub async fn export_file(
        &self,
        path: &Path,
        replace: bool,
        passphrase: &str,
        options: &ExportOptions,
        now: Timestamp,
        progress: Progress<'_>,
    ) -> Result<Exported, WalletError> {
        let file = WholeFile::create(path, replace, &*self.random).map_err(BackupFault::from)?;
        let (exported, file) = self.write_export(file, passphrase, options, now, progress).await?;
        file.publish().map_err(BackupFault::from)?;
        self.log_export(&exported, now);
        Ok(exported)
    }

    /// H-H60: that a copy of everything left is in the history.
    fn log_export(&self, exported: &Exported, now: Timestamp) {
        self.log(&NewEntry::done(Event::Export, now).count(as_u64(exported.documents)));
    }

    async fn write_export<W: Write + Send>(
        &self,
        out: W,
        passphrase: &str,
        options: &ExportOptions,
        now: Timestamp,
        progress: Progress<'_>,
    ) -> Result<(Exported, W), WalletError> {
        let passphrase = passphrase::check(passphrase).map_err(BackupFault::from)?;
        let work = u64::from(options.cost.memory_kib()).saturating_mul(u64::from(options.cost.passes()));
        if work < MIN_WORK_KIB {
            return Err(BackupFault::Cheap.into());
        }
        let (moving, exported) = self.vault.until_locked(self.gather(&passphrase, options, now)).await?;
        let file = |error| WalletError::from(BackupFault::File(error));
        let mut writer = SealedWriter::new(out, &passphrase, options.cost, &*self.random).map_err(file)?;
        writer.entry(&moving.contents(&exported, now).encode()).map_err(file)?;
        for item in &exported.to_be_reissued {
            writer.entry(&encode_reissue(item)).map_err(file)?;
        }
        let total = as_u64(moving.documents.len());
        for (done, (id, record)) in moving.documents.into_iter().enumerate() {
            let copies: Vec<RecordId> = record.copies.iter().map(|copy| copy.id).collect();
            let entry = DocumentEntry {
                id: *id.as_bytes(),
                record,
            };
            writer.entry(entry.encode().expose()).map_err(file)?;
            // One after the other, so that a large wallet needs no more memory than its largest credential.
            for copy in copies {
                let entry = self.copy_entry(copy).await.map_err(gone_meanwhile)?;
                writer.entry(entry.encode()?.expose()).map_err(file)?;
            }
            progress(as_u64(done).saturating_add(1), total);
        }
        for correction in &moving.corrections {
            writer.entry(encode_correction(correction).expose()).map_err(file)?;
        }
        for head in &moving.heads {
            writer
                .entry(encode_history_head(head.expose()).expose())
                .map_err(file)?;
        }
        for (kind, id) in moving.history {
            let record = self
                .vault
                .read(kind, id)
                .map_err(|error| gone_meanwhile(error.into()))?;
            let entry = encode_history(record.data().expose());
            writer.entry(entry.expose()).map_err(file)?;
        }
        Ok((exported, writer.finish().map_err(file)?))
    }

    /// What moves and what has to be issued again.
    async fn gather(
        &self,
        passphrase: &SecretBytes,
        options: &ExportOptions,
        now: Timestamp,
    ) -> Result<(Moving, Exported), WalletError> {
        let (mut moving, mut exported) = (Moving::default(), Exported::default());
        let selected = self.selected(options, &mut exported)?;
        let copies_of = |record: &DocumentRecord| record.copies.iter().map(|copy| copy.id).collect::<Vec<_>>();
        let chosen: Vec<_> = selected.iter().map(|(id, record)| (*id, copies_of(record))).collect();
        for (id, mut record) in selected {
            self.check_personal(passphrase, &record)?;
            let copies = if options.values {
                self.movable(&record).await?
            } else {
                Vec::new()
            };
            if copies.len() < record.copies.len() {
                let signer = record.copies.iter().find_map(|copy| self.signer_of(copy.id));
                let item = ReissueItem::of(self, id, &record, signer, now);
                exported.to_be_reissued.push(item.beside(copies.len()));
            }
            if !copies.is_empty() {
                exported.documents = exported.documents.saturating_add(1);
                exported.copies = exported.copies.saturating_add(copies.len());
                record.copies.retain(|copy| copies.contains(&copy.id));
                moving.documents.push((id, record));
            }
        }
        let _turn = self.turn();
        for (id, copies) in chosen {
            // Something was removed while the area was asked for keys.
            if copies_of(&self.document(id).map_err(gone_meanwhile)?) != copies {
                return Err(StateFault::Busy.into());
            }
        }
        let of_damaged = |damaged: &DamagedDocument| ReissueItem::of_copies(self, damaged.id, now);
        exported
            .to_be_reissued
            .extend(exported.damaged.iter().filter_map(of_damaged));
        if options.only.is_none() {
            exported.to_be_reissued.extend(self.to_be_reissued()?);
        }
        moving.corrections = self.movable_corrections(options)?;
        if options.history {
            (moving.history, moving.heads) = (self.history_ids()?, self.history_heads()?);
        }
        exported.corrections = moving.corrections.len();
        exported.history = moving.history.len();
        Ok((moving, exported))
    }

    /// The documents that are wanted, oldest first.
    fn selected(
        &self,
        options: &ExportOptions,
        exported: &mut Exported,
    ) -> Result<Vec<(DocumentId, DocumentRecord)>, WalletError> {
        let mut out = Vec::new();
        let mut missing = options.only.clone().unwrap_or_default();
        for entry in self.vault.list(DOCUMENT)? {
            let id = DocumentId::new(entry.id);
            missing.remove(&id);
            if options.only.as_ref().is_some_and(|only| !only.contains(&id)) {
                continue;
            }
            let record = entry
                .record
                .map_err(DocumentDamage::Record)
                .and_then(|record| DocumentRecord::decode(record.data().expose()).map_err(|_| DocumentDamage::Form));
            match record {
                Ok(record) => out.push((id, record)),
                Err(damage) => exported.damaged.push(DamagedDocument { id, damage }),
            }
        }
        if !missing.is_empty() {
            return Err(StateFault::NotFound.into());
        }
        out.order_by_key(|(id, record)| (record.imported_at, *id));
        Ok(out)
    }

    /// The copies whose bytes can be read and whose keys the area gives out.
    async fn movable(&self, record: &DocumentRecord) -> Result<Vec<RecordId>, WalletError> {
        let mut out = Vec::new();
        for copy in &record.copies {
            let Ok((key, _)) = self.key_and_copy(copy.id) else {
                continue;
            };
            match self.area.export_key(&key.id).await {
                Ok(_) => out.push(copy.id),
                Err(SecureAreaError::Unsupported(_) | SecureAreaError::NotFound | SecureAreaError::KeyInvalidated) => {}
                Err(error) => return Err(WalletError::area(error, &[])),
            }
        }
        Ok(out)
    }

    async fn copy_entry(&self, copy: RecordId) -> Result<CopyEntry, WalletError> {
        let record = self.key(copy)?;
        let exported = self.ask(self.area.export_key(&record.id)).await;
        Ok(CopyEntry {
            issuer_signed: self.vault.read(COPY, copy)?.into_data(),
            key: exported?,
            purpose: record.purpose,
            usage: record.usage,
        })
    }

    fn signer_of(&self, copy: RecordId) -> Option<[u8; 32]> {
        let bytes = self.vault.read(COPY, copy).ok()?;
        let parsed = IssuerSigned::parse(bytes.data().expose()).ok()?;
        super::plan::signer(&parsed)
    }

    /// A passphrase against what is guessed early, and against every document in the wallet: as it is stretched.
    pub(crate) fn check_passphrase(&self, passphrase: &str) -> Result<SecretBytes, WalletError> {
        let passphrase = passphrase::check(passphrase).map_err(BackupFault::from)?;
        for (_, record) in self.selected(&ExportOptions::new(), &mut Exported::default())? {
            self.check_personal(&passphrase, &record)?;
        }
        Ok(passphrase)
    }

    /// Every text in the document against the passphrase.
    fn check_personal(&self, passphrase: &SecretBytes, record: &DocumentRecord) -> Result<(), WalletError> {
        let copy = record
            .copies
            .iter()
            .find_map(|copy| self.vault.read(COPY, copy.id).ok());
        let Some(copy) = copy else { return Ok(()) };
        let Ok(parsed) = IssuerSigned::parse(copy.data().expose()) else {
            return Ok(());
        };
        for (_, item) in parsed.items() {
            let mut d = item.element_value().decoder();
            // Dates are texts under a tag.
            while matches!(d.peek(), Ok(Type::Tag)) && d.tag().is_ok() {}
            if let Ok(text) = d.text() {
                passphrase::check_value(passphrase, text).map_err(BackupFault::from)?;
            }
        }
        Ok(())
    }

    fn history_ids(&self) -> Result<Vec<(Kind, RecordId)>, WalletError> {
        let mut out = Vec::new();
        for kind in [PAST_HISTORY, HISTORY] {
            let entries = self.vault.list(kind)?.into_iter();
            out.extend(
                entries
                    .filter(|entry| entry.record.is_ok())
                    .map(|entry| (kind, entry.id)),
            );
        }
        Ok(out)
    }

    /// What the own history and those of earlier wallets say of their ends.
    fn history_heads(&self) -> Result<Vec<SecretBytes>, WalletError> {
        let past = self.vault.list(PAST_HEAD)?.into_iter();
        let past = past.filter_map(|entry| Some(entry.record.ok()?.into_data()));
        Ok(past.chain(self.history_head()?.map(Secret::new)).collect())
    }

    /// The requests for correction of the documents that are wanted. They may have values.
    fn movable_corrections(&self, options: &ExportOptions) -> Result<Vec<Correction>, WalletError> {
        if !options.values {
            return Ok(Vec::new());
        }
        let mut corrections = self.corrections()?;
        if let Some(only) = &options.only {
            corrections.retain(|correction| only.contains(&correction.document));
        }
        Ok(corrections)
    }
}

/// What was chosen and is not there any more was removed while the export was written: it is to be begun again.
fn gone_meanwhile(error: WalletError) -> WalletError {
    match error {
        WalletError::InvalidState(StateFault::NotFound) => StateFault::Busy.into(),
        error => error,
    }
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
