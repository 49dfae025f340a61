//! The file as SQLite sees it: what it is, which schema it has, how an older one is brought forward.

use crate::Error;
use crate::files::{self, beside, check_private};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::Path;

/// The newest schema that this version reads and the one it writes.
pub const SCHEMA: u32 = 2;

/// `application_id` of a vault, at offset 68 of the file: "idwV".
pub const APPLICATION_ID: u32 = 0x6964_7756;

/// Step n brings schema n to n + 1. A step that was released is never edited.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_vault.sql"),
    include_str!("../migrations/0002_pin.sql"),
];

const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Says what the file is without opening it as a database, so that one that is not ours stays byte for byte.
fn inspect(path: &Path, supported: u32) -> Result<u32, Error> {
    check_private(path, "the vault file")?;
    let mut head = [0; 100];
    File::open(path)?.read_exact(&mut head).map_err(|_| Error::NotAVault)?;
    let field = |at: usize| {
        let bytes = head.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    if !head.starts_with(SQLITE_MAGIC) || field(68) != APPLICATION_ID {
        return Err(Error::NotAVault);
    }
    accept(field(60), supported)
}

const fn accept(found: u32, supported: u32) -> Result<u32, Error> {
    if found > supported {
        return Err(Error::NewerSchema { found, supported });
    }
    if found == 0 {
        return Err(Error::NotAVault);
    }
    Ok(found)
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    // SQLite refuses links anywhere in the path; those above the file are the system's own (/tmp on macOS).
    let parent = fs::canonicalize(files::parent(path))?;
    let name = path.file_name().ok_or(Error::NotAVault)?;
    let connection = Connection::open_with_flags(parent.join(name), flags)?;
    // Until the file is known to be ours, closing it must not write to it either.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Nothing in the file is a program: one that was put in could swallow what is written, or keep what is deleted.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // The lock file keeps others out, so SQLite need not share: no -shm file, fewer system calls; first of all, because the others
    // read the file. The system has the file in memory: what SQLite keeps of it beside that costs more to make room for than to read again.
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -512;
         PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
    )?;
    Ok(connection)
}

/// Opens a vault that is there. The lock is held by the caller.
pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    open_with(path, MIGRATIONS)
}

fn open_with(path: &Path, migrations: &[&str]) -> Result<Connection, Error> {
    let supported = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    inspect(path, supported)?;
    let mut connection = connect(path)?;
    // Again through SQLite: the log may hold a later state than the file.
    let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let found = accept(found, supported)?;
    migrate(&mut connection, path, found, migrations)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path, found: u32, migrations: &[&str]) -> Result<(), Error> {
    for (version, step) in (1_u32..).zip(migrations) {
        if version <= found {
            continue;
        }
        if found > 0 {
            keep_copy(connection, path, version.saturating_sub(1))?;
        }
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
        checkpoint(connection)?;
    }
    Ok(())
}

/// Copies the file as it was before a step to `<name>.schema-<n>`, whole and durable, unless that was done before.
fn keep_copy(connection: &Connection, path: &Path, version: u32) -> Result<(), Error> {
    let copy = beside(path, &format!(".schema-{version}"));
    if copy.exists() {
        return Ok(());
    }
    checkpoint(connection)?;
    let temporary = beside(&copy, ".new");
    // What a migration that was cut short left; nothing is written through what stands there.
    let _ = fs::remove_file(&temporary);
    let mut to = files::private(OpenOptions::new().write(true).create_new(true)).open(&temporary)?;
    std::io::copy(&mut File::open(path)?, &mut to)?;
    to.sync_all()?;
    files::publish(&temporary, &copy)
}

/// Removes the copies from before the migrations.
pub(crate) fn remove_copies(path: &Path) -> Result<(), Error> {
    for version in 1..SCHEMA {
        match fs::remove_file(beside(path, &format!(".schema-{version}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    files::sync_directory(files::parent(path))
}

/// From now on closing writes the log into the file: its header is known to be whole. A damaged file stays as it is.
pub(crate) fn allow_checkpoint(connection: &Connection) -> Result<(), Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Writes the log into the file and empties it.
pub(crate) fn checkpoint(connection: &Connection) -> Result<(), Error> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Makes a new database file in `path`, which must not exist, with `fill` as its first content.
pub(crate) fn create(path: &Path, fill: impl FnOnce(&Connection) -> Result<(), Error>) -> Result<(), Error> {
    private_empty(path)?;
    let mut connection = connect(path)?;
    // A bucket of the manifest, and an overflowing document, in one page; vaults made earlier keep their 4096.
    connection.execute_batch("PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL;")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(&mut connection, path, 0, MIGRATIONS)?;
    let transaction = connection.transaction()?;
    fill(&transaction)?;
    transaction.commit()?;
    checkpoint(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(File::open(path)?.sync_all()?)
}

fn private_empty(path: &Path) -> Result<(), Error> {
    // SQLite gives -wal the mode of the file, so the file is made with the right one first.
    files::private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Lock;
    use crate::{Kind, NewVault, RecordId};
    use idwallet_crypto::SystemRandom;
    use std::path::PathBuf;
    use std::sync::Arc;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("idwallet-schema-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn vault(path: &Path) -> crate::Vault {
        let random = Arc::new(SystemRandom::new());
        NewVault::generate(&*random).unwrap().create(path, b"", random).unwrap()
    }

    #[test]
    fn a_migration_keeps_a_copy_and_a_failed_one_changes_nothing() {
        let directory = directory("migrate");
        let path = directory.join("vault.db");
        drop(vault(&path));
        let before = fs::read(&path).unwrap();
        let _lock = Lock::take(&path).unwrap();
        let with = |made_up: &[&'static str]| [MIGRATIONS, made_up].concat();

        let broken = open_with(&path, &with(&["CREATE TABLE half (x); CREATE TABLE half (x);"]));
        assert!(broken.is_err());
        assert_eq!(fs::read(&path).unwrap(), before);

        let connection = open_with(&path, &with(&["CREATE TABLE third (x);", "CREATE TABLE fourth (x);"])).unwrap();
        let found: u32 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        assert_eq!(found, 4);
        drop(connection);
        assert_eq!(fs::read(beside(&path, ".schema-2")).unwrap(), before);
        check_private(&beside(&path, ".schema-2"), "the copy").unwrap();
        assert!(beside(&path, ".schema-3").exists());
        // The way back is refused.
        assert!(matches!(
            open(&path),
            Err(Error::NewerSchema {
                found: 4,
                supported: SCHEMA
            })
        ));
        fs::remove_dir_all(directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_copy_is_not_written_through_a_link() {
        let directory = directory("link");
        let path = directory.join("vault.db");
        drop(vault(&path));
        let elsewhere = directory.join("elsewhere");
        fs::write(&elsewhere, b"of the owner").unwrap();
        std::os::unix::fs::symlink(&elsewhere, beside(&path, ".schema-2.new")).unwrap();
        open_with(&path, &[MIGRATIONS, &["CREATE TABLE third (x);"]].concat()).unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"of the owner");
        assert!(beside(&path, ".schema-2").symlink_metadata().unwrap().is_file());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_full_disk_leaves_the_old_state() {
        let directory = directory("full");
        let mut vault = vault(&directory.join("vault.db"));
        let id = RecordId::from_bytes([1; 16]);
        vault.transaction(|tx| tx.insert(Kind(1), id, b"old", &[])).unwrap();
        let pages: u32 = vault
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        for room in 0..20 {
            let limit = pages.checked_add(room).unwrap();
            vault
                .connection
                .query_row(&format!("PRAGMA max_page_count = {limit}"), [], |_| Ok(()))
                .unwrap();
            let outcome: Result<(), Error> = vault.transaction(|tx| {
                tx.replace(Kind(1), id, b"new", &[])?;
                tx.insert(Kind(1), RecordId::from_bytes([2; 16]), &[0; 200_000], &[])
            });
            assert!(matches!(outcome, Err(Error::DiskFull)), "{outcome:?}");
            assert_eq!(vault.read(Kind(1), id).unwrap().data().expose(), b"old");
            assert_eq!(vault.list(Kind(1)).unwrap().len(), 1);
        }
        vault
            .connection
            .query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(()))
            .unwrap();
        vault.transaction(|tx| tx.replace(Kind(1), id, b"new", &[])).unwrap();
        assert_eq!(vault.read(Kind(1), id).unwrap().data().expose(), b"new");
        drop(vault);
        fs::remove_dir_all(directory).unwrap();
    }
}
