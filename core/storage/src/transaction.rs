//! Writing: all of it or nothing.

use crate::manifest::{Bucket, Listed, ROOT, Root};
use crate::seal::{Place, Token};
use crate::vault::{Record, Vault, sql_version};
use crate::{Error, Kind, Lookup, RecordId};
use idwallet_crypto::Secret;
use std::collections::BTreeMap;

/// How many look-ups one record may have.
pub const MAX_LOOKUPS: usize = 16;

/// Writes that happen together; see [`Vault::transaction`].
pub struct Transaction<'v> {
    pub(crate) vault: &'v Vault,
    pub(crate) root: Root,
    pub(crate) changed: BTreeMap<u8, Bucket>,
    /// There is something to be written though no record changed.
    pub(crate) touched: bool,
}

impl Transaction<'_> {
    /// As [`Vault::new_id`].
    ///
    /// # Errors
    /// The same.
    pub fn new_id(&self) -> Result<RecordId, Error> {
        self.vault.new_id()
    }

    fn bucket(&mut self, id: RecordId) -> Result<&mut Bucket, Error> {
        match self.changed.entry(id.bucket()) {
            std::collections::btree_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let bucket = self.vault.bucket(id.bucket())?;
                Ok(entry.insert(bucket.copy()))
            }
        }
    }

    fn listed(&self, kind: Kind, id: RecordId) -> Result<Option<u64>, Error> {
        let version = |bucket: &Bucket| bucket.find(kind, id).map(|listed| listed.version);
        match self.changed.get(&id.bucket()) {
            Some(bucket) => Ok(version(bucket)),
            None => Ok(version(&*self.vault.bucket(id.bucket())?)),
        }
    }

    fn write(&mut self, kind: Kind, id: RecordId, data: &[u8], lookups: &[Lookup<'_>]) -> Result<(), Error> {
        if lookups.len() > MAX_LOOKUPS {
            return Err(Error::TooLarge {
                what: "look-ups",
                size: lookups.len(),
                limit: MAX_LOOKUPS,
            });
        }
        let version = self.root.generation;
        let tokens: Vec<Token> = lookups
            .iter()
            .map(|lookup| self.vault.keys.token(kind, *lookup))
            .collect();
        let tokens = Secret::new(tokens);
        let sealed = self
            .vault
            .keys
            .seal(&*self.vault.random, Place::Record(kind, id, version), data)?;
        self.vault
            .connection
            .prepare_cached("INSERT OR REPLACE INTO record (kind, id, version, sealed) VALUES (?, ?, ?, ?)")?
            .execute((kind.0, id.as_bytes(), sql_version(version)?, sealed))?;
        self.bucket(id)?.put(Listed {
            kind,
            id,
            version,
            tokens: tokens.expose(),
        });
        Ok(())
    }

    /// Adds a record that is not there yet.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`], also for a damaged record, which is never written over unasked; [`Error::TooLarge`];
    /// those of writing.
    pub fn insert(&mut self, kind: Kind, id: RecordId, data: &[u8], lookups: &[Lookup<'_>]) -> Result<(), Error> {
        if self.listed(kind, id)?.is_some() || self.vault.has_row(kind, id)? {
            return Err(Error::AlreadyExists);
        }
        self.write(kind, id, data, lookups)
    }

    /// Replaces a record that is there, look-ups included.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Damaged`] when what would be replaced does not open; [`Error::TooLarge`]; those of
    /// writing.
    pub fn replace(&mut self, kind: Kind, id: RecordId, data: &[u8], lookups: &[Lookup<'_>]) -> Result<(), Error> {
        self.read(kind, id)?;
        self.write(kind, id, data, lookups)
    }

    /// Inserts or replaces.
    ///
    /// # Errors
    /// Those of [`insert`](Self::insert) and [`replace`](Self::replace).
    pub fn put(&mut self, kind: Kind, id: RecordId, data: &[u8], lookups: &[Lookup<'_>]) -> Result<(), Error> {
        match self.listed(kind, id)? {
            Some(_) => self.replace(kind, id, data, lookups),
            None => self.insert(kind, id, data, lookups),
        }
    }

    /// Deletes a record, damaged or not: this is the owner's explicit wish. The file's space is overwritten.
    ///
    /// # Errors
    /// [`Error::NotFound`]; those of writing.
    pub fn delete(&mut self, kind: Kind, id: RecordId) -> Result<(), Error> {
        let rows = self
            .vault
            .connection
            .prepare_cached("DELETE FROM record WHERE kind = ? AND id = ?")?
            .execute((kind.0, id.as_bytes()))?;
        if self.bucket(id)?.remove(kind, id) || rows > 0 {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    /// Reads, with the writes of this transaction.
    ///
    /// # Errors
    /// As [`Vault::read`].
    pub fn read(&self, kind: Kind, id: RecordId) -> Result<Record, Error> {
        let listed = self.listed(kind, id)?;
        self.vault.read_listed(kind, id, listed)
    }

    /// Writes the one record that is readable while the vault is locked, without the PIN: by the secure area alone. Nothing may be
    /// in it that a finder of the unlocked device must not see.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] when the vault was opened without its secure area; [`Error::TooLarge`]; those of writing.
    pub fn set_outside(&mut self, data: &[u8]) -> Result<(), Error> {
        let outer = self.vault.outer.as_ref().ok_or(Error::NotPrepared)?;
        outer.write_record(&self.vault.connection, &*self.vault.random, data)?;
        self.touched = true;
        Ok(())
    }

    /// Writes the changed parts of the manifest; the caller commits.
    pub(crate) fn seal_manifest(&mut self) -> Result<(), Error> {
        let version = self.root.generation;
        for (number, bucket) in &self.changed {
            self.root.set_version(*number, version);
            self.vault
                .write_manifest(u16::from(*number), version, bucket.encoded())?;
        }
        self.vault.write_manifest(ROOT, version, &self.root.encode())
    }
}
