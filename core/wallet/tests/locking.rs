//! A wallet behind a PIN: tries and waits, locking by itself, by its owner and by order, the way back in (H-H50).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, Holder, at, block_on, digits as pin, locked, random, right};
use core::time::Duration;
use idwallet_crypto::{Curve, Moment};
use idwallet_documents::Lang;
use idwallet_test_support::{DAY, NOW, key};
use idwallet_wallet::{
    Code, LockOrder, LockReason, LockedWallet, OrderAction, Reaction, RecoveryCode, Rollback, VAULT_FILE, Wallet,
    WalletError, WalletSession, wait_in_words,
};
use std::path::Path;
use std::sync::Arc;

fn session(dir: &Path) -> WalletSession {
    WalletSession::open(dir, Wallet::open_software_area(dir, random()).unwrap(), random()).unwrap()
}

/// A wallet with a licence, behind [`right`]; closed.
fn with_pin(seed: u64) -> Dir {
    let holder = Holder::new(seed);
    block_on(holder.wallet.set_pin(&right(), at(1))).unwrap();
    holder.dir
}

fn refusal(session: &WalletSession, digits: &str, now: Moment) -> (Code, LockReason, Option<Duration>) {
    let error = block_on(session.unlock(Some(&pin(digits)), now)).unwrap_err();
    let code = error.code();
    match error {
        WalletError::Locked { reason, retry_after } => (code, reason, retry_after),
        other => panic!("{other:?}"),
    }
}

/// H-H50: nothing is seen before the PIN, and everything after it.
#[test]
fn nothing_opens_without_the_pin() {
    let dir = with_pin(300);
    let error = block_on(Wallet::open_software(&dir.0, random())).unwrap_err();
    assert_eq!(error.code(), Code::PinNeeded);
    let session = session(&dir.0);
    assert_eq!(session.wallet(at(2)).unwrap_err().code(), Code::PinNeeded);
    assert_eq!(
        block_on(session.unlock(None, at(2))).unwrap_err().code(),
        Code::PinNeeded
    );
    let (code, reason, wait) = refusal(&session, "804118", at(2));
    assert_eq!(
        (code, reason, wait),
        (Code::PinWrong, LockReason::WrongPin { left: 5 }, None)
    );
    block_on(session.unlock(Some(&right()), at(3))).unwrap();
    let wallet = session.wallet(at(3)).unwrap();
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1);
    assert_eq!(wallet.opening().failures, 1, "the owner is told of the try");
}

/// H-H50: more than five wrong PINs cost a wait, which neither the right PIN, a new process nor the calendar shortens.
#[test]
fn the_sixth_wrong_pin_costs_a_wait() {
    let dir = with_pin(301);
    let first = session(&dir.0);
    for left in (1..=5).rev() {
        assert_eq!(refusal(&first, "111222", at(10)).1, LockReason::WrongPin { left });
    }
    let (_, _, wait) = refusal(&first, "111222", at(10));
    let wait = wait.expect("a wait");
    drop(first);

    let second = session(&dir.0);
    let early = Moment {
        wall: NOW.saturating_add_seconds(3650 * DAY),
        ..at(11)
    };
    let error = block_on(second.unlock(Some(&right()), early)).unwrap_err();
    assert_eq!(
        error.code(),
        Code::PinLocked,
        "setting the calendar forward is no waiting"
    );
    let access = block_on(second.access(at(12))).unwrap();
    assert_eq!(access.failures, 6);
    assert!(access.retry_after < wait);
    let after = at(12 + wait.as_secs());
    block_on(second.unlock(Some(&right()), after)).unwrap();
    assert_eq!(second.wallet(after).unwrap().opening().failures, 6);
}

/// H-H50: who unlocks a wallet that was idle for too long has to know the PIN, and unlocking one that is open counts as a use.
#[test]
fn unlocking_is_a_use_and_looks_at_the_idle_time_first() {
    let dir = with_pin(312);
    let session = session(&dir.0);
    session.set_idle_limit(Duration::from_secs(60));
    block_on(session.unlock(Some(&right()), at(100))).unwrap();
    block_on(session.unlock(None, at(150))).unwrap();
    assert!(session.wallet(at(200)).is_ok(), "the unlocking at 150 was a use");
    let error = block_on(session.unlock(None, at(300))).unwrap_err();
    assert_eq!(error.code(), Code::PinNeeded);
    assert!(session.is_locked());
}

/// H-H50: an idle wallet locks by itself; use keeps it open; a clock that went back locks.
#[test]
fn an_idle_wallet_locks() {
    let dir = with_pin(302);
    let session = session(&dir.0);
    session.set_idle_limit(Duration::from_secs(60));
    block_on(session.unlock(Some(&right()), at(100))).unwrap();
    assert_eq!(session.lock_if_idle(at(130)), Some(Duration::from_secs(30)));
    session.wallet(at(155)).unwrap();
    session.wallet(at(214)).unwrap();
    assert!(session.wallet(at(274)).is_err(), "a minute without use");
    assert!(session.is_locked());
    assert!(session.wallet(at(275)).is_err());

    block_on(session.unlock(Some(&right()), at(300))).unwrap();
    assert_eq!(session.lock_if_idle(at(299)), None);
    assert!(session.is_locked(), "time does not go back");
}

/// H-H50: calls that overtake each other lock nothing, however long they took; they are no later use either. A clock that went back locks, also
/// by a second.
#[test]
fn a_call_that_was_overtaken_locks_nothing() {
    let dir = with_pin(315);
    let session = session(&dir.0);
    session.set_idle_limit(Duration::from_secs(60));
    block_on(session.unlock(Some(&right()), session.read(|| at(300)))).unwrap();
    let early = session.read(|| at(301));
    let failed: Result<_, ()> = session.try_read(|| Err(()));
    assert!(failed.is_err());
    // Another thread came between the clock and the call.
    let while_reading = session.read(|| {
        session.wallet(session.read(|| at(303))).unwrap();
        at(302)
    });
    session.wallet(while_reading).unwrap();
    session.wallet(early).unwrap();
    block_on(session.unlock(None, early)).expect("it is open");
    assert_eq!(session.lock_if_idle(early), Some(Duration::from_secs(60)));
    assert_eq!(
        session.lock_if_idle(session.read(|| at(362))),
        Some(Duration::from_secs(1)),
        "what was overtaken made the last use neither earlier nor later"
    );
    session.wallet(early).unwrap();
    assert_eq!(
        session.lock_if_idle(session.read(|| at(363))),
        Some(Duration::from_secs(59))
    );
    assert!(
        session.wallet(session.read(|| at(361))).is_err(),
        "time does not go back"
    );
    assert!(session.is_locked());
}

/// H-H50: to the wait after wrong PINs, a call that was overtaken is no restart of the device.
#[test]
fn a_call_that_was_overtaken_shortens_no_wait() {
    let dir = with_pin(316);
    let session = session(&dir.0);
    let early = session.read(|| at(100_000));
    for _ in 0..6 {
        let tried = block_on(session.unlock(Some(&pin("111222")), session.read(|| at(100_001))));
        tried.unwrap_err();
    }
    let wait = block_on(session.access(session.read(|| at(100_001))))
        .unwrap()
        .retry_after;
    assert!(!wait.is_zero());
    assert_eq!(block_on(session.access(early)).unwrap().retry_after, wait);
    let error = block_on(session.unlock(Some(&right()), early)).unwrap_err();
    assert_eq!(error.code(), Code::PinLocked);
}

/// H-H50: threads that read one clock.
#[test]
fn threads_that_overtake_each_other_lock_nothing() {
    let dir = with_pin(317);
    let session = session(&dir.0);
    block_on(session.unlock(Some(&right()), at(1))).unwrap();
    let clock = std::sync::atomic::AtomicU64::new(1_000_000);
    let tick = || {
        let uptime = Duration::from_micros(clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        std::thread::yield_now();
        Moment { wall: NOW, uptime }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    session.wallet(session.read(tick)).unwrap();
                }
            });
        }
    });
}

#[test]
fn locking_by_hand_and_twice() {
    let dir = with_pin(303);
    let session = session(&dir.0);
    block_on(session.unlock(Some(&right()), at(1))).unwrap();
    assert_eq!(block_on(session.access(at(1))).unwrap_err().code(), Code::NotLocked);
    session.lock();
    session.lock();
    assert!(session.is_locked() && session.wallet(at(1)).is_err());
    block_on(session.unlock(Some(&right()), at(2))).unwrap();
    block_on(session.unlock(None, at(2))).expect("it is open already");
}

/// A dropped unlocking loses nothing: the session opens the files again.
#[test]
fn a_dropped_unlocking_leaves_a_locked_wallet() {
    let dir = with_pin(304);
    let session = session(&dir.0);
    drop(session.unlock(Some(&right()), at(1)));
    {
        let right = right();
        let mut future = std::pin::pin!(session.unlock(Some(&right), at(1)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = future.as_mut().poll(&mut context);
    }
    block_on(session.unlock(Some(&right()), at(2))).unwrap();
    assert_eq!(session.wallet(at(2)).unwrap().list(NOW).unwrap().documents.len(), 1);
}

/// The owner's own lock holds over processes, and the right PIN alone does not lift it unasked.
#[test]
fn a_closed_wallet_opens_when_that_is_said() {
    let dir = with_pin(305);
    block_on(locked(&dir.0).close()).unwrap();
    let refused = block_on(locked(&dir.0).unlock(Some(&right()), at(1))).unwrap_err();
    assert_eq!(refused.error().code(), Code::Closed);
    let (mut wallet, _) = refused.into_parts();
    assert!(block_on(wallet.is_closed()).unwrap());
    let refused = block_on(wallet.unlock_closed(Some(&pin("111222")), at(1))).unwrap_err();
    assert_eq!(refused.error().code(), Code::PinWrong);
    drop(refused);
    drop(block_on(locked(&dir.0).unlock_closed(Some(&right()), at(2))).unwrap());
    drop(block_on(locked(&dir.0).unlock(Some(&right()), at(3))).unwrap());
}

#[test]
fn a_wallet_without_a_pin_cannot_be_closed() {
    let holder = Holder::new(306);
    let mut wallet = holder.wallet.lock().unwrap();
    assert_eq!(block_on(wallet.close()).unwrap_err().code(), Code::NoPin);
}

/// An order of the named authority holds the wallet whatever PIN is given, until a release; each flipped part alone makes it none.
#[test]
fn an_order_holds_and_releases() {
    let dir = with_pin(307);
    let authority = key(Curve::P256, 1);
    let session = session(&dir.0);
    block_on(session.unlock(Some(&right()), at(1))).unwrap();
    let named = session
        .wallet(at(1))
        .unwrap()
        .name_authority(Some(*authority.public_key()), NOW);
    let address = named.unwrap().unwrap();
    let order = |action, number| LockOrder {
        address,
        action,
        number,
        issued_at: NOW,
    };
    let hold = order(OrderAction::Hold, 5).sign(&authority).unwrap();

    let forged = order(OrderAction::Hold, 5).sign(&key(Curve::P256, 2)).unwrap();
    let elsewhere = LockOrder {
        address: [9; 16],
        ..order(OrderAction::Hold, 5)
    };
    let elsewhere = elsewhere.sign(&authority).unwrap();
    let mut altered = hold.clone();
    *altered.last_mut().unwrap() ^= 1;
    for bad in [&forged[..], &elsewhere, &altered, &hold[1..], b""] {
        let error = block_on(session.obey(bad, at(2))).unwrap_err();
        assert_eq!(error.code(), Code::OrderRefused);
        assert!(!session.is_locked(), "what is no order locks nothing");
    }

    assert_eq!(block_on(session.obey(&hold, at(3))).unwrap(), OrderAction::Hold);
    assert!(session.is_locked());
    let error = block_on(session.unlock(Some(&right()), at(4))).unwrap_err();
    assert_eq!(error.code(), Code::Held);
    drop(session);

    let session = self::session(&dir.0);
    assert_eq!(
        block_on(session.unlock(Some(&right()), at(5))).unwrap_err().code(),
        Code::Held
    );
    let old = order(OrderAction::Release, 4).sign(&authority).unwrap();
    assert!(
        block_on(session.obey(&old, at(6))).is_err(),
        "an order from before the hold"
    );
    let release = order(OrderAction::Release, 6).sign(&authority).unwrap();
    block_on(session.obey(&release, at(7))).unwrap();
    block_on(session.unlock(Some(&right()), at(8))).unwrap();
    assert!(block_on(session.obey(&hold, at(9))).is_err(), "the hold again");

    block_on(session.unlock(Some(&right()), at(10))).unwrap();
    let lock = order(OrderAction::Lock, 7).sign(&authority).unwrap();
    assert_eq!(block_on(session.obey(&lock, at(11))).unwrap(), OrderAction::Lock);
    assert!(session.is_locked());
    block_on(session.unlock(Some(&right()), at(12))).expect("the PIN opens it again");
    for old in [&lock, &hold] {
        let error = block_on(session.obey(old, at(13))).unwrap_err();
        assert_eq!(error.code(), Code::OrderStale);
        assert!(!session.is_locked(), "an order sent again locks nothing");
    }
}

#[test]
fn without_an_authority_no_order_counts() {
    let dir = with_pin(308);
    let authority = key(Curve::P256, 1);
    let order = LockOrder {
        address: [0; 16],
        action: OrderAction::Lock,
        number: 1,
        issued_at: NOW,
    };
    let error = block_on(locked(&dir.0).obey(&order.sign(&authority).unwrap(), at(1))).unwrap_err();
    assert_eq!(error.code(), Code::OrderRefused);
}

/// A forgotten PIN: the recovery code sets a new one and keeps the documents; the old PIN and a wrong code open nothing.
#[test]
fn a_recovery_code_sets_a_new_pin() {
    let holder = Holder::new(309);
    block_on(holder.wallet.set_pin(&right(), at(1))).unwrap();
    let code = block_on(holder.wallet.set_recovery_code(&right(), at(1))).unwrap();
    let other = {
        let holder = Holder::new(310);
        block_on(holder.wallet.set_pin(&right(), at(1))).unwrap();
        block_on(holder.wallet.set_recovery_code(&right(), at(1))).unwrap()
    };
    let wallet = holder.wallet.lock().unwrap();
    let new = pin("590238");
    let refused = block_on(wallet.recover(&other, &new, at(2))).unwrap_err();
    assert_eq!(refused.error().code(), Code::RecoveryCodeWrong);
    let (wallet, _) = refused.into_parts();
    let code = RecoveryCode::parse(code.text().expose()).unwrap();
    let wallet = block_on(wallet.recover(&code, &new, at(3))).unwrap();
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1);
    let refused = block_on(wallet.lock().unwrap().unlock(Some(&right()), at(4))).unwrap_err();
    assert_eq!(refused.error().code(), Code::PinWrong);
    let (wallet, _) = refused.into_parts();
    assert!(block_on(wallet.unlock(Some(&new), at(5))).is_ok());
}

#[test]
fn a_pin_is_changed_and_taken_away_with_the_old_one() {
    let holder = Holder::new(311);
    let wallet = &holder.wallet;
    assert_eq!(
        block_on(wallet.change_pin(&right(), &pin("590238"), at(1)))
            .unwrap_err()
            .code(),
        Code::NoPin
    );
    block_on(wallet.set_pin(&right(), at(1))).unwrap();
    assert_eq!(
        block_on(wallet.set_pin(&pin("590238"), at(1))).unwrap_err().code(),
        Code::PinExists
    );
    let error = block_on(wallet.change_pin(&pin("111222"), &pin("590238"), at(1))).unwrap_err();
    assert_eq!(error.code(), Code::PinWrong);
    block_on(wallet.change_pin(&right(), &pin("590238"), at(2))).unwrap();
    assert!(block_on(wallet.remove_pin(&right(), at(3))).is_err());
    block_on(wallet.remove_pin(&pin("590238"), at(4))).unwrap();
    assert!(!wallet.has_pin());
    drop(holder.wallet);
    assert!(block_on(Wallet::open_software(&holder.dir.0, random())).is_ok());
}

/// H-H80: who forgot the PIN still learns what to have issued again: types, issuers and numbers, no attribute.
#[test]
fn what_to_have_issued_again_is_readable_without_the_pin() {
    let dir = with_pin(314);
    let mut wallet = locked(&dir.0);
    let papers = block_on(wallet.held_papers()).unwrap();
    assert_eq!(papers.len(), 1);
    assert_eq!(papers[0].doc_type, "org.iso.18013.5.1.mDL");
    assert_eq!(
        (papers[0].issuer.as_str(), papers[0].count),
        ("Utopia document signer", 1)
    );
    let wallet = block_on(wallet.unlock(Some(&right()), at(2))).unwrap();
    let id = wallet.list(NOW).unwrap().documents[0].id;
    block_on(wallet.remove(id, NOW)).unwrap();
    assert!(block_on(wallet.lock().unwrap().held_papers()).unwrap().is_empty());
}

/// An older file that is put back whole is told from the last one, and its owner may go on with it.
#[test]
fn a_file_that_was_put_back_is_noticed() {
    let holder = Holder::new(312);
    let path = holder.dir.0.join(VAULT_FILE);
    drop(holder.wallet);
    let before = std::fs::read(&path).unwrap();
    let wallet = block_on(Wallet::open_software(&holder.dir.0, random())).unwrap();
    assert_eq!(wallet.rollback(), Rollback::None);
    block_on(wallet.remove(holder.licence, NOW)).unwrap();
    drop(wallet);
    assert_eq!(
        block_on(Wallet::open_software(&holder.dir.0, random()))
            .unwrap()
            .rollback(),
        Rollback::None
    );
    std::fs::remove_file(holder.dir.0.join("vault.db-wal")).unwrap_or_default();
    std::fs::write(&path, before).unwrap();
    let wallet = block_on(Wallet::open_software(&holder.dir.0, random())).unwrap();
    assert!(matches!(wallet.rollback(), Rollback::Detected { .. }));
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1, "it opens, and says so");
    assert_eq!(block_on(wallet.accept_rollback(NOW)).unwrap(), Rollback::None);
    drop(wallet);
    assert_eq!(
        block_on(Wallet::open_software(&holder.dir.0, random()))
            .unwrap()
            .rollback(),
        Rollback::None
    );
}

/// DESIGN §7: the vault in another directory with another area opens with no PIN. (Scaled down: the first 40 PINs and the right one;
/// what all of them would cost, and why none of them opens it, is in ADR 0009.)
#[test]
fn a_copy_beside_another_area_opens_with_no_pin() {
    let dir = with_pin(313);
    let other = Dir::new();
    let area = Wallet::create_software_area(&other.0, random()).unwrap();
    std::fs::copy(dir.0.join(VAULT_FILE), other.0.join(VAULT_FILE)).unwrap();
    let mut wallet = LockedWallet::open(&other.0, Arc::clone(&area), random()).unwrap();
    let guesses = (0..40)
        .map(|n| format!("{:06}", 271_000 + n * 17))
        .chain(["804117".to_owned()]);
    for (guess, hour) in guesses.zip(0..) {
        let refused = block_on(wallet.unlock(Some(&pin(&guess)), at(hour * 86_400))).unwrap_err();
        wallet = refused.into_parts().0;
    }
}

#[test]
fn a_wait_is_told_in_words() {
    let words = |seconds, lang| wait_in_words(Duration::from_secs(seconds), lang);
    assert_eq!(words(30, Lang::En), "30 seconds");
    assert_eq!(words(61, Lang::En), "2 minutes");
    assert_eq!(words(61, Lang::Vi), "2 phút");
    assert_eq!(words(3_601, Lang::Vi), "2 giờ");
}

/// A wallet without a PIN locks when it is idle too, and then says that it is to be unlocked, not that a PIN is needed.
#[test]
fn a_wallet_without_a_pin_asks_for_none() {
    let dir = Holder::new(318).dir;
    let session = session(&dir.0);
    let locked = |result: Result<Arc<Wallet>, WalletError>| {
        let error = result.unwrap_err();
        assert!(
            matches!(
                error,
                WalletError::Locked {
                    reason: LockReason::UnlockNeeded,
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(
            (error.code(), error.code().reaction()),
            (Code::UnlockNeeded, Reaction::Unlock)
        );
    };
    locked(session.wallet(at(1)));
    block_on(session.unlock(None, at(1))).unwrap();
    let wallet = session.wallet(at(1)).unwrap();
    locked(session.wallet(at(500)));
    assert_eq!(wallet.list(NOW).unwrap_err().code(), Code::UnlockNeeded);
    block_on(session.unlock(None, at(501))).unwrap();
    let wallet = session.wallet(at(501)).unwrap();
    block_on(wallet.set_pin(&right(), at(501))).unwrap();
    session.lock();
    assert_eq!(session.wallet(at(502)).unwrap_err().code(), Code::PinNeeded);
    assert_eq!(wallet.list(NOW).unwrap_err().code(), Code::PinNeeded);
}
