//! Modules are initialised once in a process (PKCS#11 §5.4), and a login counts for the whole process.

use crate::fault::{OpenError, on_open};
use cryptoki::context::{CInitializeArgs, Pkcs11};
use cryptoki::error::{Error, RvError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Loaded modules, kept to the end of the process: finalising one would pull it from under whoever else uses it.
static MODULES: Mutex<Vec<(PathBuf, Pkcs11)>> = Mutex::new(Vec::new());
/// Tokens in use: module and serial number.
static TOKENS: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Loads and initialises a module, or gives the loaded one. The path is the canonical one.
pub fn load(path: &Path) -> Result<(PathBuf, Pkcs11), OpenError> {
    let path = path.canonicalize().map_err(|_| OpenError::Module)?;
    let mut modules = lock(&MODULES);
    if let Some((_, module)) = modules.iter().find(|(known, _)| *known == path) {
        return Ok((path, module.clone()));
    }
    let module = Pkcs11::new(&path).map_err(on_open)?;
    match module.initialize(CInitializeArgs::OsThreads) {
        Ok(()) => {}
        // By another part of the process, to which it belongs as well.
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(on_open(error)),
    }
    modules.push((path.clone(), module.clone()));
    Ok((path, module))
}

/// The right to use a token in this process.
pub struct Claim(PathBuf, String);

impl Claim {
    pub fn take(module: &Path, serial: &str) -> Result<Self, OpenError> {
        let mut tokens = lock(&TOKENS);
        if tokens.iter().any(|(m, s)| m == module && s == serial) {
            return Err(OpenError::InUse);
        }
        tokens.push((module.to_path_buf(), serial.to_owned()));
        Ok(Self(module.to_path_buf(), serial.to_owned()))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&TOKENS).retain(|(module, serial)| *module != self.0 || *serial != self.1);
    }
}
