//! What the wallet tests share: directories of their own, a driver without a runtime, a wallet with a licence in it.
#![allow(dead_code)]

pub mod area;
pub mod desk;
pub mod disk;

use core::time::Duration;
use idwallet_crypto::x509::{Crl, TrustAnchors};
use idwallet_crypto::{Curve, Moment, PrivateKey, SystemRandom};
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::reader_auth::ReaderTrust;
use idwallet_mdoc::verify::{IssuerTrust, Policy, ResponseOutcome, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse};
use idwallet_storage::{Kind, RecordId, SoftwareSecureArea, open_with_area};
use idwallet_test_support::{NOW, World};
use idwallet_wallet::{
    AREA_FILE, Code, DocumentId, Imported, LockedWallet, NewCopy, Pin, ResolvedRequest, VAULT_FILE, Wallet, WalletError,
};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

/// Signed bytes in the vault.
pub const COPY: Kind = Kind(2);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A directory that goes with the value.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// Where writing is quick, for what makes many wallets.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::below(memory)
        } else {
            Self::new()
        }
    }

    fn below(parent: &Path) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("idwallet-wallet-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub fn vault_bytes(&self) -> Vec<u8> {
        let mut bytes = std::fs::read(self.0.join(VAULT_FILE)).unwrap();
        bytes.extend(std::fs::read(self.0.join("vault.db-wal")).unwrap_or_default());
        bytes
    }

    /// Every sealed record with kind, id and version, but those of the history: read from a copy, so that the wallet may stay open.
    pub fn kept(&self) -> Vec<(u16, Vec<u8>, i64, Vec<u8>)> {
        let copy = Self::new();
        std::fs::create_dir_all(&copy.0).unwrap();
        for name in [VAULT_FILE, "vault.db-wal"] {
            if let Ok(bytes) = std::fs::read(self.0.join(name)) {
                std::fs::write(copy.0.join(name), bytes).unwrap();
            }
        }
        let raw = rusqlite::Connection::open(copy.0.join(VAULT_FILE)).unwrap();
        let mut query = raw
            .prepare("SELECT kind, id, version, sealed FROM record WHERE kind NOT IN (5, 6) ORDER BY kind, id")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// So long after the device was started; the calendar stands still.
pub fn at(seconds: u64) -> Moment {
    Moment {
        wall: NOW,
        uptime: Duration::from_secs(seconds),
    }
}

/// What is said instead of a result.
pub fn code<T>(result: Result<T, WalletError>) -> Code {
    result.err().expect("an error").code()
}

/// Drives a future that never has to wait for anything but itself.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future does not end");
}

pub fn random() -> Arc<SystemRandom> {
    Arc::new(SystemRandom::new())
}

/// The PIN of wallets that have one.
pub fn right() -> Pin {
    digits("804117")
}

pub fn digits(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

/// The wallet there, locked, with its software area.
pub fn locked(dir: &Path) -> LockedWallet {
    LockedWallet::open(dir, Wallet::open_software_area(dir, random()).unwrap(), random()).unwrap()
}

pub fn create(dir: &Path) -> Wallet {
    block_on(Wallet::create_software(dir, random())).unwrap()
}

/// A copy of the device key: keys are not `Clone`.
pub fn again(key: &PrivateKey) -> PrivateKey {
    PrivateKey::from_pkcs8_der(key.to_pkcs8_der().unwrap().expose()).unwrap()
}

/// A world, a wallet, and the world's licence in it.
pub struct Holder {
    pub world: World,
    pub wallet: Wallet,
    pub licence: DocumentId,
    pub dir: Dir,
}

impl Holder {
    pub fn new(seed: u64) -> Self {
        Self::in_world(World::new(seed))
    }

    pub fn on_curve(seed: u64, device: Curve) -> Self {
        Self::in_world(World::on_curves(seed, Curve::P256, device, Curve::P256))
    }

    pub fn in_world(world: World) -> Self {
        let dir = Dir::new();
        let wallet = create(&dir.0);
        let licence = import(&wallet, &world, world.issue_mdl()).unwrap().id;
        Self {
            world,
            wallet,
            licence,
            dir,
        }
    }

    pub fn resolve(&mut self, elements: &[&str]) -> ResolvedRequest {
        let elements: Vec<_> = elements.iter().map(|e| (MDL_NAMESPACE, *e)).collect();
        self.resolve_bytes(&self.world.request(&elements))
    }

    pub fn resolve_bytes(&mut self, request: &[u8]) -> ResolvedRequest {
        resolve(&self.wallet, &self.world, request).unwrap()
    }
}

pub fn resolve(wallet: &Wallet, world: &World, request: &[u8]) -> Result<ResolvedRequest, WalletError> {
    let anchors = world.reader.anchors();
    wallet.resolve(request, &world.transcript, &world.reader_trust(&anchors, &[]))
}

pub fn trust<'t>(world: &World, anchors: &'t TrustAnchors, crls: &'t [Crl]) -> ReaderTrust<'t> {
    world.reader_trust(anchors, crls)
}

/// Imports with the world's device key, strictly.
pub fn import(wallet: &Wallet, world: &World, issuer_signed: Vec<u8>) -> Result<Imported, WalletError> {
    let copies = vec![NewCopy::with_device_key(issuer_signed, again(&world.device_key))];
    import_copies(wallet, world, copies)
}

pub fn import_copies(wallet: &Wallet, world: &World, copies: Vec<NewCopy>) -> Result<Imported, WalletError> {
    let anchors = world.issuer.anchors();
    block_on(wallet.import(copies, &Policy::iso().at(NOW), &IssuerTrust::new(&anchors)))
}

/// Takes what is in the field: documents that are not complete.
pub fn import_loosely(wallet: &Wallet, world: &World, copies: Vec<NewCopy>) -> Result<Imported, WalletError> {
    let anchors = world.issuer.anchors();
    block_on(wallet.import(copies, &Policy::lenient().at(NOW), &IssuerTrust::new(&anchors)))
}

/// Verifies a response as its reader does, strictly, against the request.
pub fn verified(world: &World, request: &[u8], response: &[u8]) -> Vec<(String, String)> {
    let request = DeviceRequest::parse(request).unwrap();
    let response = DeviceResponse::parse(response).unwrap();
    let anchors = world.issuer.anchors();
    let session = Session::new(&world.transcript)
        .request(&request)
        .e_reader_key(&world.e_reader_key);
    let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &Policy::iso().at(NOW));
    match report.outcome() {
        ResponseOutcome::Accepted(documents) => documents
            .iter()
            .flat_map(|d| d.claims())
            .map(|(space, item)| (space.to_owned(), item.element_identifier().to_owned()))
            .collect(),
        ResponseOutcome::Refused(reasons) => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            panic!("refused: {reasons:?}")
        }
    }
}

pub fn names(claims: &[(String, String)]) -> Vec<&str> {
    claims.iter().map(|(_, element)| element.as_str()).collect()
}

/// Whether some bytes are in others.
pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Replaces the stored bytes of a copy under the wallet's own seal, as only an error of the wallet itself could.
pub fn overwrite(dir: &Dir, id: DocumentId, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let area = SoftwareSecureArea::open(&dir.0.join(AREA_FILE), random()).unwrap();
    let mut vault = block_on(open_with_area(&dir.0.join(VAULT_FILE), &area, random())).unwrap();
    let id = RecordId::from_bytes(*id.as_bytes());
    let bytes = vault.read(COPY, id).unwrap().data().expose().to_vec();
    vault
        .transaction(|tx| tx.replace(COPY, id, &change(bytes), &[]))
        .unwrap();
}

pub fn swap(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
    let mut out = bytes.to_vec();
    out[at..at + to.len()].copy_from_slice(to);
    out
}
