//! Files that only their owner can get at, and the lock that keeps a second process out.

use crate::Error;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// `path` with `suffix` after its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the directory (and those above it) for the owner alone; one that is there stays as it is.
pub(crate) fn create_directory(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(path)?)
}

/// Opens with mode 0600, and never through a symbolic link when it is to be new.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a new file with `content` appear whole or not at all; refuses when there is one already.
pub(crate) fn create_whole(path: &Path, temporary: &Path, content: &[u8]) -> Result<(), Error> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(temporary)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    drop(file);
    let published = written.map_err(Error::from).and_then(|()| publish(temporary, path));
    let _ = fs::remove_file(temporary);
    published
}

/// Puts `content` in the place of a file, whole or not at all, durably.
pub(crate) fn replace_whole(path: &Path, temporary: &Path, content: &[u8]) -> Result<(), Error> {
    // What a change that was cut short left.
    let _ = fs::remove_file(temporary);
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    sync_directory(parent(path))
}

/// Gives a finished, synced file its final name, if nothing has that name; afterwards the name is durable.
pub(crate) fn publish(temporary: &Path, path: &Path) -> Result<(), Error> {
    // `rename` would replace what is there; `link` refuses.
    fs::hard_link(temporary, path)?;
    fs::remove_file(temporary)?;
    sync_directory(parent(path))
}

pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Refuses what is no plain file, or one that others than the owner may read or write.
pub(crate) fn check_private(path: &Path, what: &'static str) -> Result<(), Error> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.file_type().is_file() {
        return Err(Error::NotAVault);
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(Error::Permissions(what));
    }
    #[cfg(not(unix))]
    let _ = what;
    Ok(())
}

/// Held as long as a vault is open; the kernel gives it back when the process dies.
pub(crate) struct Lock {
    file: File,
    vault: PathBuf,
}

impl Drop for Lock {
    /// Closing alone would not do: a process that the app is just starting holds a copy of the file until it runs its own program.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// The path of the vault whose lock it is.
    pub(crate) fn vault(&self) -> &Path {
        &self.vault
    }

    /// Takes the lock file beside `path`. It stays when the vault is closed: removing it would race with the next owner.
    pub(crate) fn take(path: &Path) -> Result<Self, Error> {
        let lock = beside(path, ".lock");
        match fs::symlink_metadata(&lock) {
            Ok(found) if !found.file_type().is_file() => return Err(Error::Permissions("the lock file")),
            _ => {}
        }
        let file = private(OpenOptions::new().write(true).create(true).truncate(false)).open(&lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                file,
                vault: path.to_path_buf(),
            }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_lock_in_another_process_does_not_keep_a_closed_vault_in_use() {
        let dir = std::env::temp_dir().join(format!("idwallet-lock-{}", std::process::id()));
        create_directory(&dir).unwrap();
        let path = dir.join("vault.db");
        let lock = Lock::take(&path).unwrap();
        let copy = lock.file.try_clone().unwrap();
        assert!(matches!(Lock::take(&path), Err(Error::InUse)));
        drop(lock);
        assert!(Lock::take(&path).is_ok());
        drop(copy);
        fs::remove_dir_all(&dir).unwrap();
    }
}
