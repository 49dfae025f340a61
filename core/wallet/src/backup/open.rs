//! Reading an export.

use super::content::{self, Contents, CopyEntry, Counts, DocumentEntry, Entry};
use super::{BackupFault, Progress, ReissueItem, passphrase};
use crate::{Correction, MAX_COPIES, WalletError};
use idwallet_crypto::{SecretBytes, Timestamp};
use idwallet_storage::{SealedFileError, SealedReader};
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

/// Most entries that a file may have.
const MAX_ENTRIES: u64 = 4_000_000;

/// An export that was verified from its first byte to its last. Nothing of it is in a wallet yet.
pub struct Backup<R> {
    reader: SealedReader<R>,
    contents: Contents,
}

impl<R> core::fmt::Debug for Backup<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Backup({:?})", self.contents)
    }
}

/// What an export says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupContents {
    /// When it was made.
    pub created_at: Timestamp,
    /// Documents.
    pub documents: u64,
    /// Their copies.
    pub copies: u64,
    /// Documents that have to be issued again.
    pub to_be_reissued: u64,
    /// Entries of the history.
    pub history: u64,
    /// Requests for correction.
    pub corrections: u64,
}

/// What comes next in a file, in the order in which it was written.
pub(super) enum Part {
    Reissue(ReissueItem),
    Document(Box<DocumentEntry>),
    Copy(Box<CopyEntry>),
    Correction(Box<Correction>),
    HistoryHead(SecretBytes),
    History(SecretBytes),
}

impl Backup<File> {
    /// [`open`](Backup::open) of the file of this name.
    ///
    /// # Errors
    /// As [`open`](Backup::open); what is no file, such as a directory or a pipe, is foreign. It is not waited for.
    pub fn open_file(path: &Path, passphrase: &str, progress: Progress<'_>) -> Result<Self, WalletError> {
        let file = |error: std::io::Error| WalletError::from(BackupFault::from(error.kind()));
        // Before it is opened: to open a pipe is to wait for who writes.
        if !path.metadata().map_err(file)?.is_file() {
            return Err(BackupFault::File(SealedFileError::Foreign).into());
        }
        let source = File::open(path).map_err(file)?;
        Self::open(source, passphrase, progress)
    }
}

impl<R: Read + Seek> Backup<R> {
    /// Opens and verifies an export: every byte, and that everything is there which it says it has. The passphrase is taken as it was
    /// for the export, whatever keyboard it comes from.
    ///
    /// `progress` is told how many bytes are verified, of how many.
    ///
    /// # Errors
    /// [`WalletError::Backup`]: a foreign, newer, oversized, damaged or incomplete file, or another passphrase.
    pub fn open(source: R, passphrase: &str, progress: Progress<'_>) -> Result<Self, WalletError> {
        Ok(Self::open_sealed(source, passphrase, progress)?)
    }

    fn open_sealed(source: R, passphrase: &str, progress: Progress<'_>) -> Result<Self, BackupFault> {
        let mut reader = SealedReader::open(source, &passphrase::normalised(passphrase))?;
        let first = reader.next_entry()?.map(|entry| content::decode(entry.expose()));
        let Some(Entry::Contents(contents)) = first.transpose()? else {
            return Err(BackupFault::Content("it does not say what it has"));
        };
        if contents.counts.sum().is_none_or(|sum| sum > MAX_ENTRIES) {
            return Err(BackupFault::Content("it says it has too much"));
        }
        let mut backup = Self { reader, contents };
        let mut order = Order::default();
        while let Some(part) = backup.next()? {
            order.take(&part)?;
            let (at, end) = backup.reader.position()?;
            progress(at, end);
        }
        if order.finish()? == contents.counts {
            Ok(backup)
        } else {
            Err(BackupFault::Content("something is missing"))
        }
    }

    /// What it has.
    #[must_use]
    pub const fn contents(&self) -> BackupContents {
        let counts = self.contents.counts;
        BackupContents {
            created_at: self.contents.created_at,
            documents: counts.documents,
            copies: counts.copies,
            to_be_reissued: counts.reissue,
            history: counts.history,
            corrections: counts.corrections,
        }
    }

    pub(super) fn file_id(&self) -> [u8; 32] {
        self.reader.file_id()
    }

    /// Goes back to the first part.
    pub(super) fn rewind(&mut self) -> Result<(), BackupFault> {
        self.reader.rewind()?;
        // What the file has was read at opening.
        self.reader.next_entry()?;
        Ok(())
    }

    pub(super) fn next(&mut self) -> Result<Option<Part>, BackupFault> {
        let Some(entry) = self.reader.next_entry()? else {
            return Ok(None);
        };
        match content::decode(entry.expose())? {
            Entry::Contents(_) => Err(BackupFault::Content("it says twice what it has")),
            Entry::Document(document) => Ok(Some(Part::Document(document))),
            Entry::Copy(copy) => Ok(Some(Part::Copy(copy))),
            Entry::Reissue(item) => Ok(Some(Part::Reissue(item))),
            Entry::History(record) => Ok(Some(Part::History(record))),
            Entry::HistoryHead(record) => Ok(Some(Part::HistoryHead(record))),
            Entry::Correction(correction) => Ok(Some(Part::Correction(correction))),
        }
    }
}

/// Each document is followed by exactly its copies.
#[derive(Default)]
struct Order {
    counts: Counts,
    copies_due: usize,
}

impl Order {
    fn take(&mut self, part: &Part) -> Result<(), BackupFault> {
        let disorder = BackupFault::Content("its parts are out of order");
        if let Part::Copy(_) = part {
            self.copies_due = self.copies_due.checked_sub(1).ok_or(disorder)?;
        } else if self.copies_due > 0 {
            return Err(disorder);
        }
        let count = match part {
            Part::Copy(_) => &mut self.counts.copies,
            Part::Document(document) => {
                self.copies_due = document.record.copies.len();
                if self.copies_due > MAX_COPIES {
                    return Err(BackupFault::Content("a document has too many copies"));
                }
                &mut self.counts.documents
            }
            Part::Reissue(_) => &mut self.counts.reissue,
            Part::Correction(_) => &mut self.counts.corrections,
            Part::HistoryHead(_) => &mut self.counts.heads,
            Part::History(_) => &mut self.counts.history,
        };
        *count = count.saturating_add(1);
        Ok(())
    }

    fn finish(self) -> Result<Counts, BackupFault> {
        if self.copies_due > 0 {
            return Err(BackupFault::Content("copies are missing"));
        }
        Ok(self.counts)
    }
}
