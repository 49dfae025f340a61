//! The memory of a process that holds a wallet: see the library.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a process of its own is looked at from outside"
)]

use std::process::Command;

use idwallet_test_flows::Dir;
use idwallet_test_privacy::memory;

/// X-C12: after a presentation there is no PIN, no recovery code and no value in memory, after locking no key either, and a device
/// key only while it is exported. That the scan finds each while it is in use shows that it would.
#[test]
fn a_locked_wallet_leaves_nothing_in_memory() {
    let dir = Dir::new("memory");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "child_with_a_wallet",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("IDWALLET_TEST_WALLET", dir.path());
    let found = memory::search(dir.path(), command);
    println!("searched {} bytes of memory", found.bytes);
    assert_eq!(found.missed, [""; 0], "what is in use is not found");
    assert_eq!(found.controls.len(), 7);
    assert!(
        found.looked > 20 && found.left.is_empty(),
        "in memory: {:?}",
        found.left
    );
}

/// Not a test by itself: the process that is looked at.
#[test]
#[ignore = "run by a_locked_wallet_leaves_nothing_in_memory"]
fn child_with_a_wallet() {
    if let Some(folder) = std::env::var_os("IDWALLET_TEST_WALLET") {
        memory::child(folder.as_ref());
    }
}
