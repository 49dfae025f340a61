//! The vault: opening, reading, listing.

use crate::files::{self, Lock, beside};
use crate::header::{DataKey, Header};
use crate::manifest::{Bucket, Listed, ROOT, Root};
use crate::seal::{Keys, Place, key_check};
use crate::{Damage, Error, Kind, Lookup, RecordId, Transaction, schema};
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Random, Secret, SecretBytes, constant_time_eq};
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use std::sync::Arc;

const CONTEXT: &[u8] = b"idwallet vault 1 data key";

/// A record as it was written.
#[derive(Debug)]
pub struct Record {
    version: u64,
    data: SecretBytes,
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

/// One line of a list.
#[derive(Debug)]
pub struct Entry {
    /// The record's id.
    pub id: RecordId,
    /// The record, or why it was set aside; the other lines are not concerned.
    pub record: Result<Record, Damage>,
}

/// A vault that is about to be created: its id and its data key exist, its file does not.
pub struct NewVault {
    vault_id: [u8; 16],
    data_key: SecretBytes,
}

/// What [`SecureArea::wrap`] is given as context: it ties the wrapped key to this vault.
fn wrap_context(vault_id: &[u8; 16]) -> Vec<u8> {
    [CONTEXT, vault_id].concat()
}

fn data_key(bytes: &SecretBytes) -> Result<DataKey, Error> {
    let array = bytes.expose().first_chunk::<32>().ok_or(Error::WrongKey)?;
    if bytes.expose().len() != array.len() {
        return Err(Error::WrongKey);
    }
    Ok(Secret::new(*array))
}

impl NewVault {
    /// Draws the id and the data key.
    ///
    /// # Errors
    /// [`Error::Crypto`] when there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, Error> {
        let mut new = Self {
            vault_id: [0; 16],
            data_key: Secret::new(vec![0; 32]),
        };
        random.fill(&mut new.vault_id)?;
        random.fill(new.data_key.expose_mut())?;
        Ok(new)
    }

    /// The context under which the data key is to be wrapped.
    #[must_use]
    pub fn context(&self) -> Vec<u8> {
        wrap_context(&self.vault_id)
    }

    /// The data key, to be wrapped.
    #[must_use]
    pub const fn data_key(&self) -> &SecretBytes {
        &self.data_key
    }

    /// Makes the file, whole or not at all, for its owner alone, and opens it.
    ///
    /// # Errors
    /// [`Error::FileExists`] (nothing is written over); [`Error::InUse`]; those of writing.
    pub fn create(&self, path: &Path, wrapped: &[u8], random: Arc<dyn Random>) -> Result<Vault, Error> {
        files::create_directory(files::parent(path))?;
        let lock = Lock::take(path)?;
        if path.symlink_metadata().is_ok() {
            return Err(Error::FileExists);
        }
        let data_key = data_key(&self.data_key)?;
        let header = Header {
            vault_id: self.vault_id,
            wrapped: wrapped.to_vec(),
            key_check: key_check(&data_key, &self.vault_id)?,
        };
        let keys = Keys::new(&data_key, self.vault_id)?;
        let temporary = beside(path, ".new");
        // A creation that was cut short left it; we hold the lock, so nobody is at it.
        for leftover in ["", "-wal", "-journal", "-shm"] {
            let _ = std::fs::remove_file(beside(&temporary, leftover));
        }
        schema::create(&temporary, |connection| {
            header.write(connection)?;
            let root = Root::new();
            let sealed = keys.seal(&*random, Place::Manifest(ROOT, 0), &root.encode())?;
            connection.execute(
                "INSERT INTO manifest (bucket, version, sealed) VALUES (?, 0, ?)",
                (ROOT, sealed),
            )?;
            Ok(())
        })?;
        files::publish(&temporary, path)?;
        LockedVault::open_under(path, lock)?.unlock(&data_key, random)
    }
}

/// A vault whose file is open and whose data key is not known yet.
pub struct LockedVault {
    connection: Connection,
    lock: Lock,
    header: Header,
}

impl LockedVault {
    /// Opens the file, takes the lock, brings an older schema forward.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::NotAVault`], [`Error::NewerSchema`], [`Error::FileDamaged`], [`Error::Permissions`] (the
    /// file is left as it is in each case), [`Error::InUse`], [`Error::ReadOnly`], [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        path.symlink_metadata()?;
        Self::open_under(path, Lock::take(path)?)
    }

    fn open_under(path: &Path, lock: Lock) -> Result<Self, Error> {
        let connection = schema::open(path)?;
        let header = Header::read(&connection)?;
        Ok(Self {
            connection,
            lock,
            header,
        })
    }

    /// The wrapped data key, for [`SecureArea::unwrap`].
    #[must_use]
    pub fn wrapped_key(&self) -> &[u8] {
        &self.header.wrapped
    }

    /// The context under which it was wrapped.
    #[must_use]
    pub fn context(&self) -> Vec<u8> {
        wrap_context(&self.header.vault_id)
    }

    /// Unlocks with the data key. A damaged manifest does not stop it: see [`Vault::manifest_holds`].
    ///
    /// # Errors
    /// [`Error::WrongKey`]; [`Error::Io`].
    pub fn unlock(self, data_key: &DataKey, random: Arc<dyn Random>) -> Result<Vault, Error> {
        let check = key_check(data_key, &self.header.vault_id)?;
        if !constant_time_eq(&check, &self.header.key_check) {
            return Err(Error::WrongKey);
        }
        let vault = Vault {
            keys: Keys::new(data_key, self.header.vault_id)?,
            connection: self.connection,
            header: self.header,
            random,
            cache: RefCell::new(Cache::default()),
            lock: self.lock,
        };
        match vault.root() {
            Ok(_) | Err(Error::ManifestDamaged) => Ok(vault),
            Err(error) => Err(error),
        }
    }
}

/// Creates a vault whose data key `area` wraps.
///
/// # Errors
/// Those of [`NewVault::create`]; [`Error::Area`].
pub async fn create_with_area(path: &Path, area: &dyn SecureArea, random: Arc<dyn Random>) -> Result<Vault, Error> {
    let new = NewVault::generate(&*random)?;
    let wrapped = area.wrap(&new.context(), new.data_key()).await?;
    new.create(path, &wrapped, random)
}

/// Opens a vault whose data key `area` wrapped.
///
/// # Errors
/// Those of [`LockedVault::open`] and [`LockedVault::unlock`]; [`Error::WrongKey`] when the area did not wrap this key;
/// [`Error::Area`].
pub async fn open_with_area(path: &Path, area: &dyn SecureArea, random: Arc<dyn Random>) -> Result<Vault, Error> {
    let locked = LockedVault::open(path)?;
    let (context, wrapped) = (locked.context(), locked.wrapped_key().to_vec());
    let key = match area.unwrap(&context, &wrapped).await {
        Err(idwallet_crypto::area::SecureAreaError::Integrity) => return Err(Error::WrongKey),
        key => key?,
    };
    locked.unlock(&data_key(&key)?, random)
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
    header: Header,
    pub(crate) random: Arc<dyn Random>,
    cache: RefCell<Cache>,
    lock: Lock,
}

impl core::fmt::Debug for Vault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Vault(unlocked)")
    }
}

pub(crate) fn sql_version(version: u64) -> Result<i64, Error> {
    i64::try_from(version).map_err(|_| Error::FileDamaged("a version is out of range"))
}

fn row_version(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    let version: i64 = row.get(column)?;
    u64::try_from(version).map_err(|_| Error::FileDamaged("a version is out of range"))
}

impl Vault {
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
        let read = || -> Result<Result<Record, Damage>, Error> {
            let mut query = self
                .connection
                .prepare_cached("SELECT version, sealed FROM record WHERE kind = ? AND id = ?")?;
            let mut rows = query.query((kind.0, id.as_bytes()))?;
            match (rows.next()?, listed) {
                (None, None) => Err(Error::NotFound),
                (None, Some(_)) => Ok(Err(Damage::Missing)),
                (Some(_), None) => Ok(Err(Damage::Unlisted)),
                (Some(row), Some(version)) => self.open_row(kind, id, version, row),
            }
        };
        match read() {
            Ok(record) => record.map_err(damaged),
            Err(Error::FileDamaged(_)) => Err(damaged(Damage::Page)),
            Err(error) => Err(error),
        }
    }

    /// `row` has the version and the sealed bytes as its columns 0 and 1.
    fn open_row(
        &self,
        kind: Kind,
        id: RecordId,
        expected: u64,
        row: &Row<'_>,
    ) -> Result<Result<Record, Damage>, Error> {
        if row_version(row, 0)? != expected {
            return Ok(Err(Damage::Version));
        }
        let Ok(sealed) = row.get_ref(1)?.as_blob() else {
            return Ok(Err(Damage::Seal));
        };
        let opened = self.keys.open(Place::Record(kind, id, expected), sealed);
        Ok(opened
            .map(|data| Record {
                version: expected,
                data,
            })
            .map_err(|_| Damage::Seal))
    }

    /// All records of a kind in the order of their ids, damaged, removed and added ones included as such.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`] (see [`salvage`](Self::salvage)); [`Error::Io`].
    pub fn list(&self, kind: Kind) -> Result<Vec<Entry>, Error> {
        self.root()?;
        let mut out = Vec::new();
        // A damaged bucket takes the vouching from its own records only.
        let mut expected = Vec::new();
        for number in 0..=u8::MAX {
            match self.bucket(number) {
                Ok(bucket) => expected.extend(bucket.iter().filter(|l| l.kind == kind).map(|l| (l.id, l.version))),
                Err(Error::ManifestDamaged) => {}
                Err(error) => return Err(error),
            }
        }
        out.try_reserve(expected.len())
            .map_err(|_| Error::Io(std::io::ErrorKind::OutOfMemory))?;
        let mut expected = expected.into_iter().peekable();
        let scanned = self.scan(kind, |id, row| {
            while let Some((gone, _)) = expected.next_if(|(next, _)| *next < id) {
                out.push(Entry {
                    id: gone,
                    record: Err(Damage::Missing),
                });
            }
            let record = match expected.next_if(|(next, _)| *next == id) {
                Some((_, version)) => self.open_row(kind, id, version, row)?,
                None if self.bucket(id.bucket()).is_err() => Err(Damage::Manifest),
                None => Err(Damage::Unlisted),
            };
            out.push(Entry { id, record });
            Ok(())
        });
        match scanned {
            Ok(()) => out.extend(expected.map(|(id, _)| Entry {
                id,
                record: Err(Damage::Missing),
            })),
            // A page is broken: fetch the others one by one.
            Err(Error::FileDamaged(_)) => {
                for (id, version) in expected {
                    let record = match self.read_listed(kind, id, Some(version)) {
                        Ok(record) => Ok(record),
                        Err(Error::Damaged { damage, .. }) => Err(damage),
                        Err(error) => return Err(error),
                    };
                    out.push(Entry { id, record });
                }
            }
            Err(error) => return Err(error),
        }
        Ok(out)
    }

    /// Calls `each` with id and row (version, sealed) in the order of ids.
    fn scan(&self, kind: Kind, mut each: impl FnMut(RecordId, &Row<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let mut query = self
            .connection
            .prepare_cached("SELECT version, sealed, id FROM record WHERE kind = ? ORDER BY id")?;
        let mut rows = query.query([kind.0])?;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(2)?.as_blob().ok().and_then(|id| id.try_into().ok());
            let id = id.ok_or(Error::FileDamaged("an id is not 16 bytes"))?;
            each(RecordId::from_bytes(id), row)?;
        }
        Ok(())
    }

    /// Reads what can be read of a kind without asking the manifest: the last resort when
    /// [`manifest_holds`](Self::manifest_holds) says no. What is returned was written by this vault under this id, but may be
    /// an older version, and records may be missing.
    ///
    /// # Errors
    /// [`Error::FileDamaged`] when a page cannot be read; [`Error::Io`].
    pub fn salvage(&self, kind: Kind) -> Result<Vec<Entry>, Error> {
        let mut out = Vec::new();
        self.scan(kind, |id, row| {
            let record = self.open_row(kind, id, row_version(row, 0)?, row)?;
            out.push(Entry { id, record });
            Ok(())
        })?;
        Ok(out)
    }

    /// The records of a kind that were written with this look-up value.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`]: an answer could be incomplete; [`Error::Io`].
    pub fn find(&self, kind: Kind, lookup: Lookup<'_>) -> Result<Vec<RecordId>, Error> {
        let token = self.keys.token(kind, lookup);
        let mut out = Vec::new();
        for number in 0..=u8::MAX {
            let bucket = self.bucket(number)?;
            out.extend(
                bucket
                    .iter()
                    .filter(|l| l.kind == kind && l.tokens.contains(&token))
                    .map(|l| l.id),
            );
        }
        Ok(out)
    }

    /// How many records of a kind there are, by the manifest.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`]; [`Error::Io`].
    pub fn count(&self, kind: Kind) -> Result<usize, Error> {
        let mut count = 0_usize;
        for number in 0..=u8::MAX {
            let here = self.bucket(number)?.iter().filter(|l: &&Listed| l.kind == kind).count();
            count = count.saturating_add(here);
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
        let sql = self.connection.unchecked_transaction().map_err(Error::from)?;
        let mut transaction = Transaction {
            vault: self,
            root,
            changed: BTreeMap::new(),
        };
        // Dropping `sql` rolls back.
        let out = work(&mut transaction)?;
        if transaction.changed.is_empty() {
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
        LockedVault {
            connection: self.connection,
            lock: self.lock,
            header: self.header,
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

    fn root(&self) -> Result<Arc<Root>, Error> {
        if let Some(root) = &self.cache.borrow().root {
            return Ok(Arc::clone(root));
        }
        let plain = self.read_manifest(ROOT, None)?;
        let root = Arc::new(Root::decode(plain.expose()).map_err(|_| Error::ManifestDamaged)?);
        self.cache.borrow_mut().root = Some(Arc::clone(&root));
        Ok(root)
    }

    pub(crate) fn bucket(&self, number: u8) -> Result<Arc<Bucket>, Error> {
        if let Some(bucket) = self.cache.borrow().buckets.get(&number) {
            return Ok(Arc::clone(bucket));
        }
        let bucket = match self.root()?.version(number) {
            0 => Bucket::default(),
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
