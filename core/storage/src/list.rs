//! All records of a kind, held against the manifest.

use crate::vault::{Record, Vault, row_version};
use crate::{Damage, Error, Kind, RecordId};
use idwallet_crypto::Secret;
use rusqlite::Row;

/// One line of a list.
#[derive(Debug)]
pub struct Entry {
    /// The record's id.
    pub id: RecordId,
    /// The record, or why it was set aside; the other lines are not concerned.
    pub record: Result<Record, Damage>,
}

/// Version and data of a record, or why it is set aside.
type Seen<'b> = Result<(u64, &'b [u8]), Damage>;

/// The id in column 2.
fn row_id(row: &Row<'_>) -> Result<RecordId, Error> {
    let id = row.get_ref(2)?.as_blob().ok().and_then(|id| id.try_into().ok());
    let id = id.ok_or(Error::FileDamaged("an id is not 16 bytes"))?;
    Ok(RecordId::from_bytes(id))
}

/// A record to keep: it takes the room of its data, not of its seal.
fn keep(id: RecordId, seen: Seen<'_>) -> Entry {
    let record = seen.map(|(version, data)| Record {
        version,
        data: Secret::new(data.to_vec()),
    });
    Entry { id, record }
}

impl Vault {
    /// All records of a kind in the order of their ids, damaged, removed and added ones included as such.
    ///
    /// # Errors
    /// [`Error::ManifestDamaged`] (see [`salvage`](Self::salvage)); [`Error::Io`].
    pub fn list(&self, kind: Kind) -> Result<Vec<Entry>, Error> {
        let mut out = Vec::new();
        self.walk(kind, |id, seen| {
            out.push(keep(id, seen));
            Ok::<_, Error>(())
        })?;
        Ok(out)
    }

    /// The same without keeping anything: `each` sees one record after the other where it was opened, in a buffer that the next one
    /// takes over and that is wiped at the end.
    ///
    /// # Errors
    /// As [`list`](Self::list); the first one of `each`, which ends the walk.
    pub fn for_each<E: From<Error>>(
        &self,
        kind: Kind,
        mut each: impl FnMut(RecordId, Result<&[u8], Damage>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.walk(kind, |id, seen| each(id, seen.map(|(_, data)| data)))
    }

    fn walk<E: From<Error>>(
        &self,
        kind: Kind,
        mut each: impl FnMut(RecordId, Seen<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read_buckets()?;
        let mut buckets = Vec::with_capacity(256);
        for number in 0..=u8::MAX {
            // A damaged bucket takes the vouching from its own records only.
            buckets.push(match self.bucket(number) {
                Ok(bucket) => Some(bucket),
                Err(Error::ManifestDamaged) => None,
                Err(error) => return Err(error.into()),
            });
        }
        // A bucket is a first byte of ids, so one bucket after the other is in the order of ids.
        let listed = buckets.iter().flatten().flat_map(|bucket| bucket.of(kind));
        let mut expected = listed.map(|listed| (listed.id, listed.version)).peekable();

        let mut buffer = Secret::new(Vec::new());
        let mut query = self
            .connection
            .prepare_cached("SELECT version, sealed, id FROM record WHERE kind = ? ORDER BY id")
            .map_err(Error::from)?;
        let mut rows = query.query([kind.0]).map_err(Error::from)?;
        let is_whole = loop {
            let row = match rows.next().map_err(Error::from) {
                Ok(Some(row)) => row_id(row).map(|id| (id, row)),
                Ok(None) => break true,
                Err(error) => Err(error),
            };
            let (id, row) = match row {
                Ok(row) => row,
                Err(Error::FileDamaged(_)) => break false,
                Err(error) => return Err(error.into()),
            };
            while let Some((gone, _)) = expected.next_if(|(next, _)| *next < id) {
                each(gone, Err(Damage::Missing))?;
            }
            let seen = match expected.next_if(|(next, _)| *next == id) {
                Some((_, version)) => self
                    .open_row(kind, id, version, row, &mut buffer)
                    .map(|data| (version, data)),
                None => match buckets.get(usize::from(id.bucket())) {
                    Some(Some(_)) => Err(Damage::Unlisted),
                    _ => Err(Damage::Manifest),
                },
            };
            each(id, seen)?;
        };
        for (id, version) in expected {
            if is_whole {
                each(id, Err(Damage::Missing))?;
                continue;
            }
            // A page is broken: fetch the others one by one.
            match self.read_listed(kind, id, Some(version)) {
                Ok(record) => each(id, Ok((version, record.data.expose())))?,
                Err(Error::Damaged { damage, .. }) => each(id, Err(damage))?,
                Err(error) => return Err(error.into()),
            }
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
        let mut buffer = Secret::new(Vec::new());
        let mut query = self
            .connection
            .prepare_cached("SELECT version, sealed, id FROM record WHERE kind = ? ORDER BY id")?;
        let mut rows = query.query([kind.0])?;
        while let Some(row) = rows.next()? {
            let id = row_id(row)?;
            let seen = row_version(row).ok_or(Damage::Version).and_then(|version| {
                let data = self.open_row(kind, id, version, row, &mut buffer)?;
                Ok((version, data))
            });
            out.push(keep(id, seen));
        }
        Ok(out)
    }
}
