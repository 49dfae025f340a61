//! Export and restore.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;
mod moving;
mod past;
mod refusing;

use common::area::TestArea;
use common::{Dir, Holder, again, block_on, contains, create, import, import_copies, random};
use idwallet_crypto::area::KeyPurpose;
use idwallet_crypto::area::SecureAreaError;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::{Argon2Params, Curve, PrivateKey, Secret, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_storage::{SealedReader, SealedWriter};
use idwallet_test_support::{DAY, NOW, World};
use idwallet_wallet::{
    Backup, BackupFault, Code, DocumentId, ExportOptions, Exported, NewCopy, PlannedAction, RestorePlan, Restored,
    Wallet, WalletError,
};
use std::io::Cursor;
use std::sync::Arc;

const PASSPHRASE: &str = "bốn con trâu gặm mây";

fn options() -> ExportOptions {
    ExportOptions::new().cost(Argon2Params::new(16 * 1024, 2, 1).unwrap())
}

fn export_as(wallet: &Wallet, options: &ExportOptions) -> (Exported, Vec<u8>) {
    block_on(wallet.export(Vec::new(), PASSPHRASE, options, NOW, &mut |_, _| {})).unwrap()
}

fn export(wallet: &Wallet) -> Vec<u8> {
    export_as(wallet, &options()).1
}

fn open(file: &[u8]) -> Result<Backup<Cursor<Vec<u8>>>, WalletError> {
    Backup::open(Cursor::new(file.to_vec()), PASSPHRASE, &mut |_, _| {})
}

fn plan(wallet: &Wallet, backup: &mut Backup<Cursor<Vec<u8>>>, world: &World) -> RestorePlan {
    let anchors = world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    block_on(wallet.plan_restore(backup, &Policy::iso().at(NOW), Some(&trust), &mut |_, _| {})).unwrap()
}

fn restore(wallet: &Wallet, file: &[u8], world: &World) -> Restored {
    let mut backup = open(file).unwrap();
    let plan = plan(wallet, &mut backup, world);
    block_on(wallet.restore(&mut backup, plan, &mut |_, _| {})).unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, WalletError>) -> Code {
    result.unwrap_err().code()
}

fn device_key(seed: u64) -> PrivateKey {
    idwallet_test_support::key(Curve::P256, seed)
}

/// Another licence of the same person: same content, another key.
fn copy(world: &World, key: &PrivateKey) -> Vec<u8> {
    let issuer = world.mdoc_issuer(MDL_DOC_TYPE);
    let issuer = idwallet_test_support::with_elements(issuer, idwallet_test_support::mdl_elements());
    let issuer = issuer.copy(*key.public_key());
    issuer.issue(&*random()).unwrap().remove(0).issuer_signed
}

fn in_area(dir: &Dir) -> (Wallet, Arc<std::sync::Mutex<common::area::Behaviour>>) {
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let wallet = block_on(Wallet::create(&dir.0, Arc::new(area), random())).unwrap();
    (wallet, behaviour)
}

fn copy_entry(issuer_signed: &[u8], key: &PrivateKey) -> Vec<u8> {
    let mut e = idwallet_cose::cbor::Encoder::new();
    e.array(5).uint(2).bytes(issuer_signed);
    e.bytes(key.to_pkcs8_der().unwrap().expose()).uint(3).uint(0);
    e.into_vec()
}

/// Entries of a good file, with some changed, sealed again: what someone can do who knows the passphrase.
fn forged(file: &[u8], change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let passphrase = Secret::new(PASSPHRASE.as_bytes().to_vec());
    let cost = Argon2Params::new(16 * 1024, 2, 1).unwrap();
    let mut reader = SealedReader::open(Cursor::new(file), &passphrase).unwrap();
    let mut writer = SealedWriter::new(Vec::new(), &passphrase, cost, &*random()).unwrap();
    while let Some(entry) = reader.next_entry().unwrap() {
        if let Some(entry) = change(entry.expose()) {
            writer.entry(&entry).unwrap();
        }
    }
    writer.finish().unwrap()
}

fn replaced(entry: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut entry = entry.to_vec();
    if let Some(at) = entry.windows(from.len()).position(|window| window == from) {
        entry[at..at + to.len()].copy_from_slice(to);
    }
    entry
}
