//! Tokens of SoftHSM in a folder of their own.
#![allow(dead_code, clippy::print_stdout, reason = "shared by several tests")]

use idwallet_area_pkcs11::{OpenError, Pkcs11SecureArea, TokenConfig};
use idwallet_crypto::{SecretBytes, SystemRandom};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub const PIN: &[u8] = b"482915";
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

pub fn module() -> PathBuf {
    let found = MODULES.iter().map(Path::new).find(|path| path.exists());
    found
        .expect("SoftHSM is missing: apt-get install softhsm2, or tests/run --only areas")
        .to_owned()
}

/// The folder of the tokens and their configuration. The module reads it once in a process, where the variable must be set before.
pub fn folder() -> PathBuf {
    PathBuf::from(std::env::var("SOFTHSM2_CONF").unwrap())
        .parent()
        .unwrap()
        .to_owned()
}

/// Whether this process has its folder; a test program without one starts itself again with it.
///
/// The environment of a running program with threads cannot be changed safely, so it is given to a child.
pub fn run_with_tokens(test: &str, body: impl FnOnce()) {
    if std::env::var_os("IDWALLET_SOFTHSM").is_some() {
        body();
        return;
    }
    let dir = std::env::temp_dir().join(format!("idwallet-softhsm-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("tokens")).unwrap();
    let conf = dir.join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        dir.join("tokens").display()
    );
    fs::write(&conf, text).unwrap();
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("SOFTHSM2_CONF", &conf)
        .env("IDWALLET_SOFTHSM", "1")
        .output()
        .unwrap();
    fs::remove_dir_all(&dir).unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success(),
        "{test}:\n{said}\n{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    // Its count of tests is part of ours, its count of cases is not.
    for line in said.lines().filter(|line| line.starts_with("area ")) {
        println!("{line}");
    }
}

/// A new token of this label. All must be made before the module is first used.
pub fn make_token(label: &str) -> TokenConfig {
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            label,
            "--so-pin",
            "73519264",
            "--pin",
        ])
        .arg(std::str::from_utf8(PIN).unwrap())
        .output()
        .expect("softhsm2-util runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    TokenConfig {
        module: module(),
        label: label.to_owned(),
        serial: None,
    }
}

/// Takes every token out of its reader, as far as files can tell.
pub fn remove_tokens() {
    fs::remove_dir_all(folder().join("tokens")).unwrap();
}

pub fn pin(text: &[u8]) -> SecretBytes {
    SecretBytes::new(text.to_vec())
}

pub fn create(config: &TokenConfig) -> Result<Pkcs11SecureArea, OpenError> {
    Pkcs11SecureArea::create(config, &pin(PIN), Arc::new(SystemRandom::new()))
}

pub fn open(config: &TokenConfig) -> Result<Pkcs11SecureArea, OpenError> {
    Pkcs11SecureArea::open(config, &pin(PIN), Arc::new(SystemRandom::new()))
}
