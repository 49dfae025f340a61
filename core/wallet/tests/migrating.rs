//! Wallets that earlier versions left; see `tests/migrations/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, block_on, random};
use idwallet_test_support::NOW;
use idwallet_wallet::Wallet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// DESIGN §7: the wallet of the first version opens in place and keeps every document.
#[test]
fn the_wallet_of_the_first_version_keeps_everything() {
    let dir = Dir::new();
    fs::create_dir(&dir.0).unwrap();
    fs::set_permissions(&dir.0, fs::Permissions::from_mode(0o700)).unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/migrations/wallet-1");
    for entry in fs::read_dir(fixture).unwrap() {
        let entry = entry.unwrap();
        let to = dir.0.join(entry.file_name());
        fs::copy(entry.path(), &to).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
    }
    for _ in 0..2 {
        let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
        assert!(wallet.is_intact().unwrap());
        let listing = wallet.list(NOW).unwrap();
        assert_eq!((listing.documents.len(), listing.damaged.len()), (4, 0));
        for document in &listing.documents {
            assert!(!wallet.show(document.id, NOW).unwrap().claims.is_empty());
        }
    }
    assert!(dir.0.join("vault.db.schema-1").exists(), "a copy from before is kept");
}
