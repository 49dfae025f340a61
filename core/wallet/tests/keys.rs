//! Device keys: one use for life, every failure of the secure area, futures dropped at every await.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::area::{Behaviour, TestArea};
use common::{Dir, Holder, again, block_on, import, names, random, verified};
use idwallet_crypto::Curve;
use idwallet_crypto::area::{KeyPurpose, SecureAreaError};
use idwallet_mdoc::holder::DeviceAuthUsage;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_mdoc::{DeviceAuth, DeviceResponse, SessionTranscript};
use idwallet_test_support::{NOW, World, mdl_elements, with_elements};
use idwallet_wallet::{
    Answer, Approval, Code, DocumentId, InternalFault, NewCopy, ResolvedRequest, Wallet, WalletError,
};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

struct Desk {
    world: World,
    wallet: Wallet,
    licence: DocumentId,
    behaviour: Arc<Mutex<Behaviour>>,
    dir: Dir,
}

impl Desk {
    fn new(seed: u64) -> Self {
        let (dir, world) = (Dir::new(), World::new(seed));
        let area = TestArea::new(&dir.0);
        let behaviour = Arc::clone(&area.behaviour);
        let wallet = block_on(Wallet::create(&dir.0, Arc::new(area), random())).unwrap();
        let licence = import(&wallet, &world, world.issue_mdl()).unwrap().id;
        Self {
            world,
            wallet,
            licence,
            behaviour,
            dir,
        }
    }

    fn request(&self) -> Vec<u8> {
        self.world.request(&[(MDL_NAMESPACE, "family_name")])
    }

    fn resolve(&mut self) -> ResolvedRequest {
        let request = self.request();
        common::resolve(&self.wallet, &self.world, &request).unwrap()
    }

    fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    fn respond(&mut self, resolved: &mut ResolvedRequest) -> Result<Answer, WalletError> {
        let review = resolved.review().clone();
        block_on(
            self.wallet
                .respond(resolved, review.handle, &Approval::everything(&review), NOW),
        )
    }
}

/// Polls a future `polls` times and drops it; whether it was ready before.
fn drop_after<F: Future>(future: F, polls: usize) -> bool {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).any(|_| future.as_mut().poll(&mut context).is_ready())
}

fn auth(response: &[u8]) -> DeviceAuthUsage {
    let response = DeviceResponse::parse(response).unwrap();
    match response.documents()[0].device_signed().unwrap().device_auth() {
        DeviceAuth::Signature(_) => DeviceAuthUsage::Signature,
        DeviceAuth::Mac(_) => DeviceAuthUsage::Mac,
    }
}

/// A-H54, A-H56: signature and MAC, on every curve that has them, each verified by the reader.
#[test]
fn every_curve_authenticates_in_its_own_way() {
    let all = [
        (Curve::P256, KeyPurpose::Sign),
        (Curve::P256, KeyPurpose::Agree),
        (Curve::P384, KeyPurpose::Sign),
        (Curve::P384, KeyPurpose::Agree),
        (Curve::P521, KeyPurpose::Sign),
        (Curve::P521, KeyPurpose::Agree),
        (Curve::BrainpoolP256r1, KeyPurpose::Sign),
        (Curve::BrainpoolP384r1, KeyPurpose::Agree),
        (Curve::Ed25519, KeyPurpose::Sign),
        (Curve::X25519, KeyPurpose::Agree),
    ];
    for (curve, purpose) in all {
        let (dir, world) = (Dir::new(), World::on_curves(51, Curve::P256, curve, Curve::P256));
        let wallet = common::create(&dir.0);
        let made = block_on(wallet.create_device_key(curve, purpose)).unwrap();
        let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(made.public_key);
        let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
        common::import_copies(&wallet, &world, vec![NewCopy::new(issued)]).unwrap();
        let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
        let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
        let review = resolved.review().clone();
        let answer =
            block_on(wallet.respond(&mut resolved, review.handle, &Approval::everything(&review), NOW)).unwrap();
        let expected = if purpose == KeyPurpose::Sign {
            DeviceAuthUsage::Signature
        } else {
            DeviceAuthUsage::Mac
        };
        assert_eq!(
            (auth(&answer.device_response), answer.shared[0].usage),
            (expected, expected),
            "{curve}"
        );
        assert_eq!(
            names(&verified(&world, &request, &answer.device_response)),
            ["family_name"]
        );
    }
}

/// A-H55: the use is written down before the key is used for the first time, also when the answer never leaves.
#[test]
fn the_use_of_a_key_is_on_the_disk_before_the_key_is_used() {
    let mut desk = Desk::new(52);
    desk.set(|b| b.pending = 3);
    let mut resolved = desk.resolve();
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    let before = desk.dir.vault_bytes();
    assert!(!drop_after(
        desk.wallet.respond(&mut resolved, review.handle, &approval, NOW),
        1
    ));
    assert!(
        !desk.behaviour.lock().unwrap().calls.contains(&"sign"),
        "the area has not signed yet"
    );
    assert!(desk.dir.vault_bytes() != before, "the use is written");
}

/// A-H55: a key that MACs finds no use in a session where only a signature would do.
#[test]
fn a_key_that_macs_never_signs() {
    let (dir, world) = (Dir::new(), World::new(53));
    let wallet = common::create(&dir.0);
    let made = block_on(wallet.create_device_key(Curve::P256, KeyPurpose::Agree)).unwrap();
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(made.public_key);
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    common::import_copies(&wallet, &world, vec![NewCopy::new(issued)]).unwrap();
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    let review = resolved.review().clone();
    let answer = block_on(wallet.respond(&mut resolved, review.handle, &Approval::everything(&review), NOW)).unwrap();
    assert_eq!(auth(&answer.device_response), DeviceAuthUsage::Mac);

    // A session without a reader key, as over the web: no MAC is possible, and the key must not sign.
    let anchors = world.reader.anchors();
    let no_key = SessionTranscript::new(None, None, idwallet_mdoc::Handover::Qr).unwrap();
    let resolved = wallet
        .resolve(&request, &no_key, &world.reader_trust(&anchors, &[]))
        .unwrap();
    let asked = &resolved.review().requests[0];
    assert!(asked.candidates.is_empty());
    assert_eq!(asked.unsuitable[0].reason, idwallet_wallet::UnsuitableReason::DeviceKey);
}

/// A-H55: what was decided at first use holds after the wallet is closed and opened.
#[test]
fn a_key_that_signed_signs_for_ever() {
    let holder = Holder::new(54);
    let Holder {
        world, mut wallet, dir, ..
    } = holder;
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    for _ in 0..2 {
        let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
        let review = resolved.review().clone();
        let answer =
            block_on(wallet.respond(&mut resolved, review.handle, &Approval::everything(&review), NOW)).unwrap();
        assert_eq!(auth(&answer.device_response), DeviceAuthUsage::Signature);
        drop(wallet);
        wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    }
}

/// Every failure of the secure area has its reaction, nothing leaves, and the review stays open.
#[test]
fn each_failure_of_the_area_has_its_reaction() {
    let failures = [
        (SecureAreaError::UserCancelled, Code::UserCancelled),
        (SecureAreaError::AuthenticationRequired, Code::UserAuthRequired),
        (SecureAreaError::KeyInvalidated, Code::KeyInvalidated),
        (SecureAreaError::NotFound, Code::KeyInvalidated),
        (SecureAreaError::Unavailable, Code::KeyStoreUnavailable),
        (SecureAreaError::HardwareAbsent, Code::KeyStoreAbsent),
        (SecureAreaError::Full, Code::DiskFull),
        (SecureAreaError::ReadOnly, Code::VaultReadOnly),
        (SecureAreaError::Unsupported("sign"), Code::Unsupported),
        (SecureAreaError::Integrity, Code::KeyStoreFailed),
        (SecureAreaError::Failed(-25300), Code::KeyStoreFailed),
    ];
    let mut desk = Desk::new(55);
    let mut resolved = desk.resolve();
    for (failure, code) in failures {
        desk.set(|b| b.fail = Some(("sign", failure.clone())));
        let error = desk.respond(&mut resolved).unwrap_err();
        assert_eq!(error.code(), code, "{failure}");
        assert!(error.failure_response().is_none(), "the reader is not told");
        assert!(!resolved.is_answered());
        match (&failure, &error) {
            (SecureAreaError::UserCancelled, WalletError::UserCancelled)
            | (SecureAreaError::AuthenticationRequired, WalletError::UserAuthRequired)
            | (SecureAreaError::Unavailable, WalletError::Internal(InternalFault::KeyStoreUnavailable))
            | (SecureAreaError::Full | SecureAreaError::ReadOnly, WalletError::Storage(_))
            | (SecureAreaError::Unsupported(_), WalletError::Unsupported(_)) => {}
            (
                SecureAreaError::KeyInvalidated | SecureAreaError::NotFound,
                WalletError::KeyInvalidated { documents },
            ) => {
                assert_eq!(*documents, [desk.licence]);
            }
            (
                SecureAreaError::HardwareAbsent | SecureAreaError::Integrity | SecureAreaError::Failed(_),
                WalletError::Internal(_),
            ) => {}
            (failure, error) => panic!("{failure}: {error}"),
        }
    }
    desk.set(|b| b.fail = None);
    let answer = desk.respond(&mut resolved).unwrap();
    verified(&desk.world, &desk.request(), &answer.device_response);
}

/// An area that signs something else is found out before the reader finds it.
#[test]
fn a_wrong_signature_of_the_area_does_not_leave() {
    let mut desk = Desk::new(56);
    let mut resolved = desk.resolve();
    desk.set(|b| b.lies = true);
    let error = desk.respond(&mut resolved).unwrap_err();
    assert!(matches!(error, WalletError::Internal(InternalFault::KeyStoreOutput(_))));
    desk.set(|b| b.lies = false);
    assert!(desk.respond(&mut resolved).is_ok());
}

/// A response that is dropped at any await answers nothing, loses nothing, and can be asked for again.
#[test]
fn a_dropped_answer_leaves_the_review_open() {
    let mut desk = Desk::new(57);
    desk.set(|b| b.pending = 4);
    let mut resolved = desk.resolve();
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    for polls in 1..5 {
        assert!(!drop_after(
            desk.wallet.respond(&mut resolved, review.handle, &approval, NOW),
            polls
        ));
        assert!(!resolved.is_answered());
        assert_eq!(desk.wallet.list(NOW).unwrap().documents.len(), 1);
    }
    let answer = desk.respond(&mut resolved).unwrap();
    verified(&desk.world, &desk.request(), &answer.device_response);
}

/// A dropped answer uses up no copy.
#[test]
fn a_dropped_answer_uses_up_no_copy() {
    let (dir, world) = (Dir::new(), World::new(58));
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let wallet = block_on(Wallet::create(&dir.0, Arc::new(area), random())).unwrap();
    let keys = [
        idwallet_test_support::key(Curve::P256, 581),
        idwallet_test_support::key(Curve::P256, 582),
    ];
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements());
    let issued = issuer
        .copies(keys.iter().map(|k| *k.public_key()))
        .issue(&world.random)
        .unwrap();
    let pairs = issued.into_iter().zip(&keys);
    let copies = pairs
        .map(|(mdoc, key)| NewCopy::with_device_key(mdoc.issuer_signed, again(key)))
        .collect();
    common::import_copies(&wallet, &world, copies).unwrap();
    behaviour.lock().unwrap().pending = 2;
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    assert!(!drop_after(
        wallet.respond(&mut resolved, review.handle, &approval, NOW),
        2
    ));
    assert_eq!(wallet.list(NOW).unwrap().documents[0].copies.unused, 2);
    let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    assert_eq!(answer.shared[0].copies_left, Some(1));
}

/// An import that is dropped at any await stores nothing; one that is not stores everything.
#[test]
fn a_dropped_import_stores_nothing() {
    let (dir, world) = (Dir::new(), World::new(59));
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let wallet = block_on(Wallet::create(&dir.0, Arc::new(area), random())).unwrap();
    behaviour.lock().unwrap().pending = 3;
    let before = dir.vault_bytes();
    let anchors = world.issuer.anchors();
    let (trust, policy) = (IssuerTrust::new(&anchors), Policy::iso().at(NOW));
    let credential = world.issue_mdl();
    let copies = || vec![NewCopy::with_device_key(credential.clone(), again(&world.device_key))];
    for polls in 1..4 {
        assert!(!drop_after(wallet.import(copies(), &policy, &trust), polls));
        assert!(dir.vault_bytes() == before, "after {polls} polls");
    }
    let id = block_on(wallet.import(copies(), &policy, &trust)).unwrap().id;
    assert!(wallet.show(id, NOW).is_ok());
}

/// A key whose making is dropped is not known to the wallet; a wallet whose creation is dropped can be created.
#[test]
fn dropped_creations_leave_nothing_behind() {
    let dir = Dir::new();
    let area = Arc::new(TestArea::new(&dir.0));
    area.behaviour.lock().unwrap().pending = 2;
    for polls in 1..5 {
        assert!(!drop_after(Wallet::create(&dir.0, area.clone(), random()), polls));
        assert!(!dir.0.join(idwallet_wallet::VAULT_FILE).exists());
    }
    let wallet = block_on(Wallet::create(&dir.0, area.clone(), random())).unwrap();
    let before = dir.vault_bytes();
    for polls in 1..3 {
        assert!(!drop_after(
            wallet.create_device_key(Curve::P256, KeyPurpose::Sign),
            polls
        ));
        assert!(dir.vault_bytes() == before);
    }
    assert!(block_on(wallet.create_device_key(Curve::P256, KeyPurpose::Sign)).is_ok());
}

/// A removal is whole at its first await: only the destruction of the keys may be late, and is made good.
#[test]
fn a_dropped_removal_leaves_no_half_document() {
    let desk = Desk::new(60);
    desk.set(|b| b.pending = 2);
    let licence = desk.licence;
    assert!(!drop_after(desk.wallet.remove(licence, NOW), 1));
    assert_eq!(desk.wallet.count().unwrap(), 0);
    assert!(!desk.behaviour.lock().unwrap().calls.contains(&"delete"));
    assert_eq!(block_on(desk.wallet.sweep()).unwrap().keys_left, 0);
    assert!(desk.behaviour.lock().unwrap().calls.contains(&"delete"));
    // The key is free again, as the document never was.
    let credential = desk.world.issue_mdl();
    assert!(import(&desk.wallet, &desk.world, credential).is_ok());
}

/// A key store that does not destroy keeps nothing reachable, and is asked again.
#[test]
fn a_key_that_is_not_destroyed_is_tried_again() {
    let desk = Desk::new(61);
    desk.set(|b| b.fail = Some(("delete", SecureAreaError::Unavailable)));
    let licence = desk.licence;
    assert_eq!(block_on(desk.wallet.remove(licence, NOW)).unwrap().keys_left, 1);
    assert_eq!(desk.wallet.count().unwrap(), 0);
    desk.set(|b| b.fail = None);
    assert_eq!(block_on(desk.wallet.sweep()).unwrap().keys_left, 0);
    assert_eq!(
        desk.behaviour
            .lock()
            .unwrap()
            .calls
            .iter()
            .filter(|c| **c == "delete")
            .count(),
        2
    );
}

/// Futures go to any thread of the app.
#[test]
fn futures_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let mut desk = Desk::new(62);
    let mut resolved = desk.resolve();
    let review = resolved.review().clone();
    let anchors = desk.world.issuer.anchors();
    let (trust, policy) = (IssuerTrust::new(&anchors), Policy::iso().at(NOW));
    let approval = Approval::everything(&review);
    is_send(&desk.wallet.respond(&mut resolved, review.handle, &approval, NOW));
    is_send(&desk.wallet.import(Vec::new(), &policy, &trust));
    is_send(&desk.wallet.remove(desk.licence, NOW));
    is_send(&desk.wallet.create_device_key(Curve::P256, KeyPurpose::Sign));
    is_send(&Wallet::create_software(&desk.dir.0, random()));
    is_send(&Wallet::open_software(&desk.dir.0, random()));
}

/// A document of one copy is shown even where nothing can be written any more: its second showing writes nothing but the history.
#[test]
fn a_second_showing_of_a_single_copy_writes_the_history_alone() {
    let mut desk = Desk::new(63);
    let mut first = desk.resolve();
    desk.respond(&mut first).unwrap();
    let before = desk.dir.kept();
    let mut second = desk.resolve();
    let answer = desk.respond(&mut second).unwrap();
    verified(&desk.world, &desk.request(), &answer.device_response);
    assert!(desk.dir.kept() == before);
}

/// The area that will not unwrap the data key: the reaction is the person's, and the file is left as it is.
#[test]
fn each_failure_of_the_area_at_opening_has_its_reaction() {
    let Desk {
        wallet, behaviour, dir, ..
    } = Desk::new(64);
    drop((wallet, behaviour));
    let before = dir.vault_bytes();
    for (failure, code) in [
        (SecureAreaError::UserCancelled, Code::UserCancelled),
        (SecureAreaError::AuthenticationRequired, Code::UserAuthRequired),
        (SecureAreaError::KeyInvalidated, Code::KeyInvalidated),
        (SecureAreaError::Unavailable, Code::KeyStoreUnavailable),
        (SecureAreaError::HardwareAbsent, Code::KeyStoreAbsent),
        (SecureAreaError::Full, Code::DiskFull),
        (SecureAreaError::Integrity, Code::VaultWrongKey),
        (SecureAreaError::Failed(7), Code::KeyStoreFailed),
    ] {
        let area = TestArea::new(&dir.0);
        area.behaviour.lock().unwrap().fail = Some(("unwrap", failure.clone()));
        let error = block_on(Wallet::open(&dir.0, Arc::new(area), random())).unwrap_err();
        assert_eq!(error.code(), code, "{failure}");
        assert!(dir.vault_bytes() == before);
    }
    let wallet = block_on(Wallet::open(&dir.0, Arc::new(TestArea::new(&dir.0)), random()));
    assert!(wallet.is_ok(), "a failed opening gives the lock back");
}
