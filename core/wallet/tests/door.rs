//! What the history tells of the wallet's door (H-H60), and the record outside: mended when it was damaged, taken away or changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, Holder, block_on, digits as pin, locked, random, right};
use core::time::Duration;
use idwallet_crypto::{Curve, Moment};
use idwallet_test_support::{NOW, key};
use idwallet_wallet::{Code, Event, LockOrder, OrderAction, Outcome, RecoveryCode, VAULT_FILE, Wallet, WalletSession};
use std::path::Path;

fn at(seconds: u64) -> Moment {
    let offset = i64::try_from(seconds).unwrap();
    Moment {
        wall: NOW.saturating_add_seconds(offset),
        uptime: Duration::from_secs(seconds),
    }
}

fn opened(dir: &Path, seconds: u64) -> Wallet {
    block_on(locked(dir).unlock(Some(&right()), at(seconds))).unwrap()
}

/// The events after the first import, with their time in seconds after `NOW` and their count.
fn events(wallet: &Wallet) -> Vec<(Event, i64, Option<u64>)> {
    let history = wallet.history().unwrap();
    assert!(history.intact, "{:?}", history.problems);
    let told = history.entries.iter().skip(1);
    told.map(|entry| {
        assert_eq!(entry.outcome, Outcome::Done);
        (entry.event, entry.at.unix() - NOW.unix(), entry.count)
    })
    .collect()
}

/// A wallet with a licence, behind [`right`] since second 1; closed. Its history has an import and the setting of the PIN.
fn with_pin(seed: u64) -> Dir {
    let holder = Holder::new(seed);
    block_on(holder.wallet.set_pin(&right(), at(1))).unwrap();
    holder.dir
}

/// H-H60: what the owner does to the PIN and the recovery code is told, and what failed is not told as done.
#[test]
fn changes_of_pin_and_recovery_code_are_told() {
    let holder = Holder::new(900);
    let wallet = &holder.wallet;
    block_on(wallet.set_pin(&right(), at(1))).unwrap();
    assert!(block_on(wallet.set_pin(&right(), at(2))).is_err());
    assert!(block_on(wallet.change_pin(&pin("111222"), &pin("590238"), at(3))).is_err());
    block_on(wallet.change_pin(&right(), &pin("590238"), at(4))).unwrap();
    let code = block_on(wallet.set_recovery_code(&pin("590238"), at(5))).unwrap();
    drop(code);
    block_on(wallet.remove_recovery_code(at(6))).unwrap();
    assert!(block_on(wallet.remove_recovery_code(at(7))).is_err());
    block_on(wallet.remove_pin(&pin("590238"), at(8))).unwrap();
    let expected = [
        (Event::PinSet, 1, None),
        (Event::PinChanged, 4, None),
        (Event::RecoveryCodeSet, 5, None),
        (Event::RecoveryCodeRemoved, 6, None),
        (Event::PinRemoved, 8, None),
    ];
    assert_eq!(events(wallet), expected);
}

/// H-H60: the owner reads how many wrong PINs there were, once; an opening that has nothing to tell writes nothing.
#[test]
fn wrong_pins_are_told_once() {
    let dir = with_pin(901);
    let mut wallet = locked(&dir.0);
    for second in 2..5 {
        let refused = block_on(wallet.unlock(Some(&pin("111222")), at(second))).unwrap_err();
        wallet = refused.into_parts().0;
    }
    let wallet = block_on(wallet.unlock(Some(&right()), at(10))).unwrap();
    let expected = [(Event::PinSet, 1, None), (Event::WrongPins, 10, Some(3))];
    assert_eq!(events(&wallet), expected);
    drop(wallet);
    assert_eq!(events(&opened(&dir.0, 20)), expected);
}

/// H-H60: a recovery is told, with the wrong PINs before it, and ends the owner's own lock.
#[test]
fn a_recovery_is_told_and_opens_a_closed_wallet() {
    let holder = Holder::new(902);
    block_on(holder.wallet.set_pin(&right(), at(1))).unwrap();
    let code = block_on(holder.wallet.set_recovery_code(&right(), at(2))).unwrap();
    let mut wallet = holder.wallet.lock().unwrap();
    block_on(wallet.close()).unwrap();
    let refused = block_on(wallet.unlock_closed(Some(&pin("111222")), at(3))).unwrap_err();
    let code = RecoveryCode::parse(code.text().expose()).unwrap();
    let wallet = block_on(refused.into_parts().0.recover(&code, &pin("590238"), at(4))).unwrap();
    let expected = [
        (Event::PinSet, 1, None),
        (Event::RecoveryCodeSet, 2, None),
        (Event::WrongPins, 4, Some(1)),
        (Event::RecoveryUnlock, 4, None),
    ];
    assert_eq!(events(&wallet), expected);
    let mut wallet = wallet.lock().unwrap();
    assert!(!block_on(wallet.is_closed()).unwrap());
    drop(block_on(wallet.unlock(Some(&pin("590238")), at(5))).unwrap());
}

struct Afar {
    dir: Dir,
    address: [u8; 16],
}

impl Afar {
    /// [`with_pin`], and somebody named in second 2.
    fn new(seed: u64) -> Self {
        let dir = with_pin(seed);
        let named = opened(&dir.0, 2).name_authority(Some(*key(Curve::P256, 1).public_key()), at(2).wall);
        let address = named.unwrap().unwrap();
        Self { dir, address }
    }

    fn order(&self, action: OrderAction, number: u64) -> Vec<u8> {
        let order = LockOrder {
            address: self.address,
            action,
            number,
            issued_at: NOW,
        };
        order.sign(&key(Curve::P256, 1)).unwrap()
    }

    fn session(&self) -> WalletSession {
        let area = Wallet::open_software_area(&self.dir.0, random()).unwrap();
        WalletSession::open(&self.dir.0, area, random()).unwrap()
    }
}

/// H-H60: orders that came while the wallet was locked are told when it opens, with the time at which they were obeyed; none counts
/// twice, not even one that only locks.
#[test]
fn obeyed_orders_are_told_when_the_wallet_opens() {
    let afar = Afar::new(903);
    let session = afar.session();
    let lock = afar.order(OrderAction::Lock, 3);
    block_on(session.unlock(Some(&right()), at(3))).unwrap();
    assert_eq!(block_on(session.obey(&lock, at(4))).unwrap(), OrderAction::Lock);
    let again = block_on(session.obey(&lock, at(5))).unwrap_err();
    assert_eq!(again.code(), Code::OrderStale);
    block_on(session.obey(&afar.order(OrderAction::Hold, 4), at(6))).unwrap();
    assert!(block_on(session.unlock(Some(&right()), at(7))).is_err());
    drop(session);
    let session = afar.session();
    block_on(session.obey(&afar.order(OrderAction::Release, 5), at(8))).unwrap();
    block_on(session.unlock(Some(&right()), at(9))).unwrap();
    let wallet = session.wallet(at(9)).unwrap();
    wallet.name_authority(None, at(10).wall).unwrap();
    let expected = [
        (Event::PinSet, 1, None),
        (Event::AuthorityNamed, 2, None),
        (Event::RemoteLock, 4, None),
        (Event::Hold, 6, None),
        (Event::Release, 8, None),
        (Event::AuthorityRemoved, 10, None),
    ];
    assert_eq!(events(&wallet), expected);
}

/// What is done to the file's row of the record outside.
const DAMAGE: [(&str, &str); 2] = [
    (
        "damaged",
        "UPDATE outside SET sealed = zeroblob(length(sealed)) WHERE item = 3",
    ),
    ("taken away", "DELETE FROM outside WHERE item = 3"),
];

fn tampered(dir: &Path, sql: &str) {
    let raw = rusqlite::Connection::open(dir.join(VAULT_FILE)).unwrap();
    assert_eq!(raw.execute(sql, []).unwrap(), 1);
}

/// DESIGN §7: a damaged record outside keeps nobody out. It is made again from what the vault knows, and the owner is told.
#[test]
fn a_damaged_record_outside_is_mended() {
    for ((what, sql), seed) in DAMAGE.into_iter().zip(910..) {
        let afar = Afar::new(seed);
        tampered(&afar.dir.0, sql);
        let hold = afar.order(OrderAction::Hold, 1);
        let session = afar.session();
        assert!(block_on(session.obey(&hold, at(3))).is_err(), "{what}: nobody is known");
        block_on(session.unlock(Some(&right()), at(4))).unwrap();
        let told = events(&session.wallet(at(4)).unwrap());
        assert_eq!(told.last(), Some(&(Event::OutsideMended, 4, None)), "{what}");
        session.lock();
        let papers = block_on(session.held_papers()).unwrap();
        assert_eq!((papers.len(), papers[0].count), (1, 1), "{what}");
        assert_eq!(
            block_on(session.obey(&hold, at(5))).unwrap(),
            OrderAction::Hold,
            "{what}"
        );
        block_on(session.unlock(Some(&right()), at(6))).unwrap_err();
    }
}

/// The owner can lock it all the same.
#[test]
fn a_wallet_with_a_damaged_record_outside_can_be_closed() {
    let dir = with_pin(920);
    tampered(&dir.0, DAMAGE[0].1);
    let mut wallet = locked(&dir.0);
    assert_eq!(block_on(wallet.held_papers()).unwrap_err().code(), Code::OutsideDamaged);
    assert!(!block_on(wallet.is_closed()).unwrap());
    block_on(wallet.close()).unwrap();
    let refused = block_on(wallet.unlock(Some(&right()), at(3))).unwrap_err();
    assert_eq!(refused.error().code(), Code::Closed);
    let wallet = block_on(refused.into_parts().0.unlock_closed(Some(&right()), at(3))).unwrap();
    let papers = block_on(wallet.lock().unwrap().held_papers()).unwrap();
    assert_eq!(
        (papers.len(), papers[0].count),
        (1, 1),
        "what was lost with it is there again"
    );
}

/// What changes the record needs no sound one.
#[test]
fn a_document_is_removed_beside_a_damaged_record_outside() {
    let Holder {
        wallet, dir, licence, ..
    } = Holder::new(924);
    drop(wallet);
    tampered(&dir.0, DAMAGE[0].1);
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    block_on(wallet.remove(licence, NOW)).unwrap();
    assert!(block_on(wallet.lock().unwrap().held_papers()).unwrap().is_empty());
}

/// An older row of the record, put back, takes nobody's name away: the vault knows who was named.
#[test]
fn an_older_record_outside_is_mended() {
    let dir = with_pin(921);
    let raw = || rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
    let older: Vec<u8> = raw()
        .query_row("SELECT sealed FROM outside WHERE item = 3", [], |row| row.get(0))
        .unwrap();
    let named = opened(&dir.0, 2).name_authority(Some(*key(Curve::P256, 1).public_key()), at(2).wall);
    let address = named.unwrap();
    raw()
        .execute("UPDATE outside SET sealed = ? WHERE item = 3", [older])
        .unwrap();
    assert!(block_on(locked(&dir.0).order_address()).unwrap().is_none());
    let wallet = opened(&dir.0, 5);
    assert_eq!(events(&wallet).last(), Some(&(Event::OutsideMended, 5, None)));
    assert_eq!(block_on(wallet.lock().unwrap().order_address()).unwrap(), address);
}
