//! The vault: opening, reading, writing.

use crate::files::Lock;
use crate::header::Header;
use crate::locked::{LockedVault, Opening};
use crate::manifest::{Bucket, ROOT, Root};
use crate::outside::Outer;
use crate::seal::{Keys, Place};
use crate::{Damage, Error, Kind, Lookup, RecordId, Rollback, Transaction, schema};
use idwallet_crypto::{Random, Secret, SecretBytes};
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A record as it was written.
#[derive(Debug)]
pub struct Record {
    pub(crate) version: u64,
    pub(crate) data: SecretBytes,
}

impl Record {
    /// The bytes; wiped when the record is dropped.
    #[must_use]
    pub const fn data(&self) -> &SecretBytes {
        &self.data
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_data(self) -> SecretBytes {
        self.data
    }

    /// The generation of the vault that wrote it; grows with every transaction.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }
}

/// How many records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Those that the manifest vouches for.
    pub records: usize,
    /// How many of the manifest's 256 parts are damaged: records of theirs are not among the counted.
    pub damaged_buckets: usize,
}

/// What of the manifest was read already. The lock makes it ours alone, so it stays true.
#[derive(Default)]
struct Cache {
    root: Option<Arc<Root>>,
    buckets: HashMap<u8, Arc<Bucket>>,
}

/// An unlocked vault. Dropping it closes the file and wipes the keys.
pub struct Vault {
    pub(crate) keys: Keys,
    // Before the lock, so that the file is closed when the lock is given back.
    pub(crate) connection: Connection,
    pub(crate) header: Header,
    /// Absent when the vault was opened without its secure area.
    pub(crate) outer: Option<Arc<Outer>>,
    pub(crate) random: Arc<dyn Random>,
    cache: RefCell<Cache>,
    pub(crate) opening: Opening,
    pub(crate) rollback: Rollback,
    /// What the area's counter says, as long as the file is not behind it.
    pub(crate) anchored: Option<u64>,
    pub(crate) lock: Lock,
}

impl core::fmt::Debug for Vault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Vault(unlocked)")
    }
}

pub(crate) fn sql_version(version: u64) -> Result<i64, Error> {
    i64::try_from(version).map_err(|_| Error::FileDamaged("a version is out of range"))
}

/// The version in column 0; none that was ever written is negative.
pub(crate) fn row_version(row: &Row<'_>) -> Option<u64> {
    let version = row.get_ref(0).ok()?.as_i64().ok()?;
    u64::try_from(version).ok()
}

impl Vault {
    pub(crate) fn new(locked: LockedVault, keys: Keys, random: Arc<dyn Random>) -> Self {
        Self {
            keys,
            connection: locked.connection,
            header: locked.header,
            outer: locked.outer,
            random,
            cache: RefCell::new(Cache::default()),
            opening: Opening::default(),
            rollback: Rollback::NotDetectable,
            anchored: None,
            lock: locked.lock,
        }
    }

    /// What happened at the door since the vault was last open.
    #[must_use]
    pub const fn opening(&self) -> Opening {
        self.opening
    }

    /// Reads one record.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Damaged`] for this record alone; [`Error::Io`].
    pub fn read(&self, kind: Kind, id: RecordId) -> Result<Record, Error> {
        let bucket = match self.bucket(id.bucket()) {
            Err(Error::ManifestDamaged) => {
                return Err(Error::Damaged {
                    kind,
                    id,
                    damage: Damage::Manifest,
                });
            }
            bucket => bucket?,
        };
        self.read_listed(kind, id, bucket.find(kind, id).map(|listed| listed.version))
    }

    pub(crate) fn read_listed(&self, kind: Kind, id: RecordId, listed: Option<u64>) -> Result<Record, Error> {
        let damaged = |damage| Error::Damaged { kind, id, damage };
        let read = || -> Result<Record, Error> {
            let mut query = self
                .connection
                .prepare_cached("SELECT version, sealed FROM record WHERE kind = ? AND id = ?")?;
            let mut rows = query.query((kind.0, id.as_bytes()))?;
            match (rows.next()?, listed) {
                (None, None) => Err(Error::NotFound),
                (None, Some(_)) => Err(damaged(Damage::Missing)),
                (Some(_), None) => Err(damaged(Damage::Unlisted)),
                (Some(row), Some(version)) => {
                    let mut data = Secret::new(Vec::new());
                    let opened = self.open_row(kind, id, version, row, &mut data);
                    let length = opened.map_err(damaged)?.len();
                    // What is cut off is wiped with the rest.
                    data.expose_mut().truncate(length);
                    Ok(Record { version, data })
                }
            }
        };
        match read() {
            Err(Error::FileDamaged(_)) => Err(damaged(Damage::Page)),
            record => record,
        }
    }

    /// Opens a row (version, sealed) by way of a buffer that serves for row after row.
    pub(crate) fn open_row<'b>(
        &self,
        kind: Kind,
        id: RecordId,
        expected: u64,
        row: &Row<'_>,
        buffer: &'b mut SecretBytes,
    ) -> Result<&'b [u8], Damage> {
        if row_version(row) != Some(expected) {
            return Err(Damage::Version);
        }
        let sealed = row.get_ref(1).ok().and_then(|sealed| sealed.as_blob().ok());
        let sealed = sealed.ok_or(Damage::Seal)?;
        let place = Place::Record(kind, id, expected);
        self.keys.open_into(place, sealed, buffer).map_err(|_| Damage::Seal)
    }

    /// The records of a kind that were written with this look-up value.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`]: an answer could be incomplete; [`Error::Io`].
    pub fn find(&self, kind: Kind, lookup: Lookup<'_>) -> Result<Vec<RecordId>, Error> {
        match self.find_intact(kind, lookup)? {
            (found, 0) => Ok(found),
            _ => Err(Error::ManifestDamaged),
        }
    }

    /// The same among what the manifest still vouches for, and how many of its 256 parts are damaged.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`] when its root is damaged; [`Error::Io`].
    pub fn find_intact(&self, kind: Kind, lookup: Lookup<'_>) -> Result<(Vec<RecordId>, usize), Error> {
        self.root()?;
        let token = self.keys.token(kind, lookup);
        let (mut out, mut damaged) = (Vec::new(), 0_usize);
        for number in 0..=u8::MAX {
            match self.bucket(number) {
                Ok(bucket) => {
                    let found = bucket.of(kind).filter(|listed| listed.tokens.contains(&token));
                    out.extend(found.map(|listed| listed.id));
                }
                Err(Error::ManifestDamaged) => damaged = damaged.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
        Ok((out, damaged))
    }

    /// A random id in a part of the manifest that is intact, so that a record can be written there.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`] when no part is; [`Error::Crypto`] when there is no randomness; [`Error::Io`].
    pub fn new_id(&self) -> Result<RecordId, Error> {
        self.root()?;
        let random = RecordId::generate(&*self.random)?;
        for step in 0..=u8::MAX {
            let id = random.in_bucket(random.bucket().wrapping_add(step));
            match self.bucket(id.bucket()) {
                Ok(_) => return Ok(id),
                Err(Error::ManifestDamaged) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::ManifestDamaged)
    }

    /// How many records of a kind the manifest vouches for.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`] when its root is damaged; [`Error::Io`].
    pub fn count(&self, kind: Kind) -> Result<Count, Error> {
        self.root()?;
        let mut count = Count::default();
        for number in 0..=u8::MAX {
            match self.bucket(number) {
                Ok(bucket) => {
                    count.records = count.records.saturating_add(bucket.of(kind).count());
                }
                Err(Error::ManifestDamaged) => count.damaged_buckets = count.damaged_buckets.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    /// Whether every part of the manifest opens. Reads all of it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn manifest_holds(&self) -> Result<bool, Error> {
        for number in 0..=u8::MAX {
            match self.bucket(number) {
                Ok(_) => {}
                Err(Error::ManifestDamaged) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// How often the vault was written. Put beside a counter of the secure area, it shows a file that was put back whole.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`]; [`Error::Io`].
    pub fn generation(&self) -> Result<u64, Error> {
        Ok(self.root()?.generation)
    }

    /// Writes together what `work` writes: after `Ok` all of it is on the disk and survives a power cut, after `Err`
    /// nothing of it is there.
    ///
    /// # Errors
    /// What `work` returns; [`Error::DiskFull`], [`Error::ReadOnly`], [`Error::Io`] from the commit;
    /// [`Error::ManifestDamaged`], because a vault that cannot vouch for what it has takes nothing new.
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut root = (*self.root()?).clone();
        root.generation = root.generation.checked_add(1).ok_or(Error::ManifestDamaged)?;
        if let Some(anchor) = &mut root.anchor
            && self.anchored == Some(anchor.value)
        {
            anchor.value = anchor.value.checked_add(1).ok_or(Error::ManifestDamaged)?;
        }
        let sql = self.connection.unchecked_transaction().map_err(Error::from)?;
        let mut transaction = Transaction {
            vault: self,
            root,
            changed: BTreeMap::new(),
            touched: false,
        };
        // Dropping `sql` rolls back.
        let out = work(&mut transaction)?;
        if transaction.changed.is_empty() && !transaction.touched {
            return Ok(out);
        }
        transaction.seal_manifest()?;
        let Transaction { root, changed, .. } = transaction;
        if let Err(error) = sql.commit() {
            // Which state holds is the disk's to say: forget what was read.
            self.cache.replace(Cache::default());
            return Err(Error::from(error).into());
        }
        let mut cache = self.cache.borrow_mut();
        cache.root = Some(Arc::new(root));
        cache
            .buckets
            .extend(changed.into_iter().map(|(number, bucket)| (number, Arc::new(bucket))));
        Ok(out)
    }

    /// Writes the log into the file and empties it, so that what was deleted is gone from the log too.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Io`].
    pub fn checkpoint(&mut self) -> Result<(), Error> {
        schema::checkpoint(&self.connection)
    }

    /// Wipes the keys and everything that was decrypted; the file stays open and reserved.
    #[must_use]
    pub fn lock(self) -> LockedVault {
        self.connection.flush_prepared_statement_cache();
        LockedVault {
            connection: self.connection,
            lock: self.lock,
            header: self.header,
            outer: None,
        }
    }

    pub(crate) fn has_row(&self, kind: Kind, id: RecordId) -> Result<bool, Error> {
        let mut query = self
            .connection
            .prepare_cached("SELECT 1 FROM record WHERE kind = ? AND id = ?")?;
        Ok(query.exists((kind.0, id.as_bytes()))?)
    }

    pub(crate) fn write_manifest(&self, number: u16, version: u64, plain: &[u8]) -> Result<(), Error> {
        let sealed = self.keys.seal(&*self.random, Place::Manifest(number, version), plain)?;
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO manifest (bucket, version, sealed) VALUES (?, ?, ?)")?
            .execute((number, sql_version(version)?, sealed))?;
        Ok(())
    }

    /// `version`: what the root says; the root itself carries its own.
    fn read_manifest(&self, number: u16, version: Option<u64>) -> Result<SecretBytes, Error> {
        let read = || -> Result<Option<SecretBytes>, Error> {
            let mut query = self
                .connection
                .prepare_cached("SELECT version, sealed FROM manifest WHERE bucket = ?")?;
            let row = query
                .query_row([number], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
                .optional()?;
            let Some((found, sealed)) = row else { return Ok(None) };
            let place = Place::Manifest(number, version.unwrap_or(u64::try_from(found).unwrap_or(u64::MAX)));
            Ok(self.keys.open(place, &sealed).ok())
        };
        match read() {
            Ok(Some(plain)) => Ok(plain),
            Ok(None) | Err(Error::FileDamaged(_)) => Err(Error::ManifestDamaged),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn root(&self) -> Result<Arc<Root>, Error> {
        if let Some(root) = &self.cache.borrow().root {
            return Ok(Arc::clone(root));
        }
        let plain = self.read_manifest(ROOT, None)?;
        let root = Arc::new(Root::decode(plain.expose()).map_err(|_| Error::ManifestDamaged)?);
        self.cache.borrow_mut().root = Some(Arc::clone(&root));
        Ok(root)
    }

    /// Reads the buckets in one go for those who need all of them. Whichever does not open is left to [`bucket`](Self::bucket).
    pub(crate) fn read_buckets(&self) -> Result<(), Error> {
        let root = self.root()?;
        let mut cache = self.cache.borrow_mut();
        if cache.buckets.len() > usize::from(u8::MAX / 2) {
            return Ok(());
        }
        let mut read = || -> Result<(), Error> {
            let mut query = self
                .connection
                .prepare_cached("SELECT bucket, sealed FROM manifest WHERE bucket < 256")?;
            let mut rows = query.query([])?;
            let mut buffer = Secret::new(Vec::new());
            while let Some(row) = rows.next()? {
                let (number, version) = match row.get::<_, u8>(0) {
                    Ok(number) => (number, root.version(number)),
                    Err(_) => continue,
                };
                let Ok(sealed) = row.get_ref(1)?.as_blob() else {
                    continue;
                };
                let place = Place::Manifest(u16::from(number), version);
                if version != 0
                    && let Ok(plain) = self.keys.open_into(place, sealed, &mut buffer)
                    && let Ok(bucket) = Bucket::decode(plain)
                {
                    cache.buckets.entry(number).or_insert_with(|| Arc::new(bucket));
                }
            }
            Ok(())
        };
        match read() {
            Err(Error::FileDamaged(_)) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn bucket(&self, number: u8) -> Result<Arc<Bucket>, Error> {
        if let Some(bucket) = self.cache.borrow().buckets.get(&number) {
            return Ok(Arc::clone(bucket));
        }
        let bucket = match self.root()?.version(number) {
            0 => Bucket::new(),
            version => {
                let plain = self.read_manifest(u16::from(number), Some(version))?;
                Bucket::decode(plain.expose()).map_err(|_| Error::ManifestDamaged)?
            }
        };
        let bucket = Arc::new(bucket);
        self.cache.borrow_mut().buckets.insert(number, Arc::clone(&bucket));
        Ok(bucket)
    }
}
