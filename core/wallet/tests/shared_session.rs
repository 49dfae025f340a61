//! One session in many hands: locked at any time, unlocked by one.

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
use common::{Dir, at, block_on, code, digits, random, right};
use core::time::Duration;
use idwallet_crypto::Curve;
use idwallet_crypto::area::SecureArea;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Approval, Code, CopiesPolicy, CopyMethod, GuardianPolicy, ImportOptions, LockOrder, NewCopy, OrderAction,
    ResolvedRequest, StatusPolicy, Wallet, WalletSession,
};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

struct Hands {
    session: Arc<WalletSession>,
    behaviour: Arc<Mutex<Behaviour>>,
    world: World,
    address: [u8; 16],
    /// Kept to the end.
    _dir: Dir,
}

/// A wallet with a licence of one copy behind [`right`], open.
fn hands(seed: u64) -> Hands {
    let (dir, world) = (Dir::new(), World::new(seed));
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let area: Arc<dyn SecureArea> = Arc::new(area);
    let wallet = block_on(Wallet::create_with_pin(&dir.0, area, &right(), random())).unwrap();
    let device_key = key(Curve::P256, seed);
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(*device_key.public_key());
    let credential = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let copies = vec![NewCopy::with_device_key(credential, device_key)];
    let anchors = world.issuer.anchors();
    let options = ImportOptions::new().copies(CopiesPolicy::new(CopyMethod::OnceOnly));
    let (policy, trust) = (Policy::iso().at(NOW), IssuerTrust::new(&anchors));
    block_on(wallet.import_with(copies, &policy, &trust, options)).unwrap();
    let authority = *key(Curve::P256, 1).public_key();
    let address = wallet.name_authority(Some(authority), NOW).unwrap().unwrap();
    Hands {
        session: Arc::new(WalletSession::over(&dir.0, wallet, at(1))),
        behaviour,
        world,
        address,
        _dir: dir,
    }
}

impl Hands {
    fn wait(&self, polls: usize) {
        self.behaviour.lock().unwrap().pending = polls;
    }

    fn resolve(&self, wallet: &Wallet) -> ResolvedRequest {
        let request = self.world.request(&[(MDL_NAMESPACE, "family_name")]);
        common::resolve(wallet, &self.world, &request).unwrap()
    }

    fn unused(&self) -> usize {
        let wallet = self.session.wallet(at(50)).unwrap();
        wallet.list(NOW).unwrap().documents[0].copies.unused
    }

    fn reopen(&self) {
        block_on(self.session.unlock(Some(&right()), at(50))).unwrap();
    }
}

/// Polls it until it waits, runs `meanwhile`, and polls it to its end.
fn during<F: Future>(future: F, meanwhile: impl FnOnce()) -> F::Output {
    let mut future = pin!(future);
    assert!(
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    meanwhile();
    block_on(future)
}

/// Everything that the app holds of it is locked with it.
#[test]
fn locking_locks_what_was_handed_out() {
    let hands = hands(1100);
    let wallet = hands.session.wallet(at(2)).unwrap();
    let another = hands.session.wallet(at(2)).unwrap();
    hands.session.lock();
    hands.session.lock();
    assert!(hands.session.is_locked() && wallet.is_locked());
    assert_eq!(code(wallet.list(NOW)), Code::PinNeeded);
    assert_eq!(code(another.history()), Code::PinNeeded);
    assert_eq!(code(block_on(another.sweep())), Code::PinNeeded);
    assert_eq!(code(hands.session.wallet(at(2))), Code::PinNeeded);
    hands.reopen();
    assert_eq!(code(wallet.list(NOW)), Code::PinNeeded, "an old hand opens nothing");
    assert_eq!(hands.unused(), 1);
}

/// Locked while the person is asked: nothing leaves, and the copy is not used up.
#[test]
fn a_lock_ends_an_answer_that_waits() {
    let hands = hands(1101);
    let wallet = hands.session.wallet(at(2)).unwrap();
    let mut resolved = hands.resolve(&wallet);
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    hands.wait(1);
    let result = during(wallet.respond(&mut resolved, review.handle, &approval, NOW), || {
        hands.session.lock()
    });
    assert_eq!(code(result), Code::PinNeeded);
    hands.wait(0);
    hands.reopen();
    assert_eq!(hands.unused(), 1);
}

/// From within the area, in the same call.
#[test]
fn the_secure_area_may_lock() {
    let hands = hands(1102);
    let wallet = hands.session.wallet(at(2)).unwrap();
    let mut resolved = hands.resolve(&wallet);
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    let session = Arc::clone(&hands.session);
    hands.behaviour.lock().unwrap().hook = Some(("sign", Arc::new(move || session.lock())));
    let result = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW));
    assert_eq!(code(result), Code::PinNeeded);
    hands.behaviour.lock().unwrap().hook = None;
    hands.reopen();
    assert_eq!(hands.unused(), 1);
    assert_eq!(hands.session.wallet(at(51)).unwrap().history().unwrap().problems, []);
}

/// Locked while the PIN is changed: it is locked at once, and can be opened by the old PIN when that is over.
#[test]
fn a_lock_during_a_change_of_the_pin_holds() {
    let hands = hands(1103);
    let wallet = hands.session.wallet(at(2)).unwrap();
    let new = digits("590238");
    hands.wait(1);
    let old = right();
    let result = during(wallet.change_pin(&old, &new, at(3)), || {
        hands.session.lock();
        assert!(hands.session.is_locked());
        assert_eq!(code(hands.session.wallet(at(3))), Code::PinNeeded);
        assert_eq!(code(block_on(hands.session.unlock(Some(&new), at(3)))), Code::Busy);
    });
    assert_eq!(code(result), Code::PinNeeded);
    hands.wait(0);
    assert!(hands.session.is_locked());
    block_on(hands.session.unlock(Some(&old), at(4))).unwrap();
    assert_eq!(hands.unused(), 1);
}

/// One unlocks at a time; a lock while it waits holds; a dropped unlocking leaves it locked and usable.
#[test]
fn one_call_has_the_locked_wallet() {
    let hands = hands(1104);
    let session = &hands.session;
    session.lock();
    hands.wait(1);
    let pin = right();
    during(session.unlock(Some(&pin), at(3)), || {
        assert_eq!(code(block_on(session.access(at(3)))), Code::Busy);
        assert_eq!(code(block_on(session.unlock(Some(&pin), at(3)))), Code::Busy);
        assert_eq!(code(block_on(session.close())), Code::Busy);
        assert!(session.is_locked());
    })
    .unwrap();
    assert!(!session.is_locked());
    assert_eq!(code(block_on(session.access(at(3)))), Code::NotLocked);

    session.lock();
    let result = during(session.unlock(Some(&pin), at(4)), || session.lock());
    assert_eq!(code(result), Code::PinNeeded);
    assert!(session.is_locked());

    // Dropped at every await.
    for polls in 1..12 {
        let mut future = Box::pin(session.unlock(Some(&pin), at(5)));
        let mut context = Context::from_waker(Waker::noop());
        let ended = (0..polls).any(|_| future.as_mut().poll(&mut context).is_ready());
        drop(future);
        assert!(session.is_locked() != ended);
        session.lock();
        let mut access = Box::pin(session.access(at(5)));
        assert!(access.as_mut().poll(&mut context).is_pending());
        drop(access);
    }
    hands.wait(0);
    hands.reopen();
    assert_eq!(hands.unused(), 1);
}

/// An order that comes while the wallet is open and in use locks it and holds it.
#[test]
fn an_order_takes_an_open_wallet() {
    let hands = hands(1105);
    let wallet = hands.session.wallet(at(2)).unwrap();
    let order = LockOrder {
        address: hands.address,
        action: OrderAction::Hold,
        number: 1,
        issued_at: NOW,
    };
    let order = order.sign(&key(Curve::P256, 1)).unwrap();
    let mut resolved = hands.resolve(&wallet);
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    hands.wait(1);
    let result = during(wallet.respond(&mut resolved, review.handle, &approval, NOW), || {
        hands.wait(0);
        assert_eq!(block_on(hands.session.obey(&order, at(3))).unwrap(), OrderAction::Hold);
    });
    assert_eq!(code(result), Code::PinNeeded);
    assert_eq!(code(block_on(hands.session.unlock(Some(&right()), at(4)))), Code::Held);
}

/// What the app asks of documents holds over every locking.
#[test]
fn policies_hold_over_a_locking() {
    let hands = hands(1106);
    let session = &hands.session;
    session.set_idle_limit(Duration::from_secs(10));
    session.set_status_policy(StatusPolicy {
        max_age: 1,
        required: true,
    });
    session.set_guardian_policy(GuardianPolicy::Required);
    assert_eq!(session.lock_if_idle(at(5)), Some(Duration::from_secs(6)));
    assert_eq!(session.lock_if_idle(at(11)), None);
    assert!(session.needs_pin().unwrap());
    assert_ne!(session.title(MDL_DOC_TYPE).unwrap().en, MDL_DOC_TYPE);
    block_on(session.unlock(Some(&right()), at(12))).unwrap();
    assert!(session.needs_pin().unwrap());
    let wallet = session.wallet(at(12)).unwrap();
    assert!(wallet.status_policy().required);
    assert_eq!(wallet.guardian_policy(), GuardianPolicy::Required);
    assert!(!block_on(session.is_closed()).unwrap());
    block_on(session.close()).unwrap();
    assert_eq!(code(block_on(session.unlock(Some(&right()), at(13)))), Code::Closed);
    block_on(session.unlock_closed(Some(&right()), at(14))).unwrap();
}

/// Threads that use, lock and unlock without asking each other.
#[test]
fn threads_lock_and_unlock() {
    let hands = hands(1107);
    let session = &hands.session;
    std::thread::scope(|scope| {
        for number in 0..40 {
            scope.spawn(move || match number % 4 {
                0 => session.lock(),
                1 => {
                    if let Err(error) = block_on(session.unlock(Some(&right()), at(2))) {
                        assert!(matches!(error.code(), Code::Busy | Code::PinNeeded), "{error:?}");
                    }
                }
                _ => {
                    let listed = session.wallet(at(2)).and_then(|wallet| wallet.list(NOW));
                    match listed {
                        Ok(listing) => assert_eq!(listing.documents.len(), 1),
                        Err(error) => assert_eq!(error.code(), Code::PinNeeded),
                    }
                }
            });
        }
    });
    hands.reopen();
    assert_eq!(hands.unused(), 1);
}

/// Whether it has a PIN is asked of it as it is, also where it was locked while that changed.
#[test]
fn a_pin_that_goes_while_it_is_locked_is_not_asked_for() {
    let hands = hands(1490);
    let wallet = hands.session.wallet(at(2)).unwrap();
    let session = Arc::clone(&hands.session);
    hands.behaviour.lock().unwrap().hook = Some(("wrap", Arc::new(move || session.lock())));
    block_on(wallet.remove_pin(&right(), at(2))).unwrap();
    hands.behaviour.lock().unwrap().hook = None;
    assert_eq!(code(hands.session.wallet(at(3))), Code::UnlockNeeded);
    block_on(hands.session.unlock(None, at(3))).unwrap();
}
