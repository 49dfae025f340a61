//! The vault as a wallet shares it: a call borrows it for as long as it works, and never while it waits.
//!
//! Many may hold the wallet: threads, and a secure area that calls back into it while the wallet waits for that very area. So every method
//! of [`VaultCell`] takes `&self`, borrows the vault for that one call, and gives a typed error where it cannot have it.

use crate::signal::Signal;
use core::future::Future;
use idwallet_storage::{
    Count, Entry, Error, Kind, LockedVault, Lookup, Opening, Record, RecordId, Rollback, Transaction, Vault,
};
use parking_lot::{Mutex, ReentrantMutex, ReentrantMutexGuard};
use std::cell::RefCell;

enum Slot {
    In(Box<Vault>),
    /// An operation on the door has it while it waits for the secure area.
    Out,
    /// Locked, until somebody collects it.
    Locked(Box<LockedVault>),
    /// Locked, and collected.
    Gone,
}

/// What is said of a vault whoever has it: it changes at the door alone.
#[derive(Clone, Copy)]
struct Facts {
    has_pin: bool,
    has_recovery_code: bool,
    opening: Opening,
    rollback: Rollback,
}

impl Facts {
    const fn of(vault: &Vault) -> Self {
        Self {
            has_pin: vault.has_pin(),
            has_recovery_code: vault.has_recovery_code(),
            opening: vault.opening(),
            rollback: vault.rollback(),
        }
    }
}

/// See the [module](self).
///
/// Its methods fail with [`Error::PinNeeded`] or [`Error::UnlockNeeded`] once it is locked, and with [`Error::Busy`] while an operation on the door has the vault, or
/// inside a transaction.
pub(crate) struct VaultCell {
    slot: ReentrantMutex<RefCell<Slot>>,
    /// It is to be locked as soon as nobody is inside, and who waits waits no longer. Never taken back: an unlocking makes a new cell.
    closing: Signal,
    /// Its files are to be closed as well.
    leaving: Signal,
    facts: Mutex<Facts>,
}

/// The vault to oneself among the threads: what is read and then written in one turn is read and written as one. It is not `Send`, and so
/// cannot be held over an await; within one thread it may be taken again.
#[must_use]
pub(crate) struct Turn<'c>(ReentrantMutexGuard<'c, RefCell<Slot>>);

impl VaultCell {
    pub(crate) fn new(vault: Vault) -> Self {
        Self {
            facts: Mutex::new(Facts::of(&vault)),
            slot: ReentrantMutex::new(RefCell::new(Slot::In(Box::new(vault)))),
            closing: Signal::default(),
            leaving: Signal::default(),
        }
    }

    pub(crate) fn turn(&self) -> Turn<'_> {
        Turn(self.slot.lock())
    }

    /// Reads several things as one.
    pub(crate) fn with<T, E: From<Error>>(&self, work: impl FnOnce(&Vault) -> Result<T, E>) -> Result<T, E> {
        let turn = self.turn();
        let out = self.read_in(&turn, work);
        self.settle(&turn);
        out
    }

    fn read_in<T, E: From<Error>>(&self, turn: &Turn<'_>, work: impl FnOnce(&Vault) -> Result<T, E>) -> Result<T, E> {
        if self.is_locked() {
            return Err(self.locked().into());
        }
        let slot = turn.0.try_borrow().map_err(|_| Error::Busy)?;
        match &*slot {
            Slot::In(vault) => work(vault),
            other => Err(other.fault(self).into()),
        }
    }

    fn write_in<T, E: From<Error>>(
        &self,
        turn: &Turn<'_>,
        work: impl FnOnce(&mut Vault) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.is_locked() {
            return Err(self.locked().into());
        }
        let mut slot = turn.0.try_borrow_mut().map_err(|_| Error::Busy)?;
        match &mut *slot {
            Slot::In(vault) => work(vault),
            other => Err(other.fault(self).into()),
        }
    }

    /// As [`Vault::transaction`]. `turn` is the one in which was read what is written now.
    pub(crate) fn transaction<T, E: From<Error>>(
        &self,
        turn: &Turn<'_>,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let out = self.write_in(turn, |vault| vault.transaction(work));
        self.settle(turn);
        out
    }

    pub(crate) fn checkpoint(&self) -> Result<(), Error> {
        let turn = self.turn();
        let out = self.write_in(&turn, Vault::checkpoint);
        self.settle(&turn);
        out
    }

    /// Takes the vault out for an operation on the door, which waits for the secure area with it. It is put back when the operation ends
    /// or is dropped.
    pub(crate) async fn take_out<T>(&self, work: impl AsyncFnOnce(&mut Vault) -> Result<T, Error>) -> Result<T, Error> {
        let mut out = self.out()?;
        match &mut out.vault {
            Some(vault) => self.until_locked(work(vault)).await,
            None => Err(Error::Busy),
        }
    }

    /// Waits for the secure area, or until it is locked: the work is dropped then.
    pub(crate) async fn until_locked<T, E: From<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let done = self.closing.unless_given(work).await;
        done.unwrap_or_else(|| Err(self.locked().into()))
    }

    /// Waits for the secure area, also while it is locked, until its files are to be closed.
    pub(crate) async fn until_left<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.leaving.unless_given(work).await
    }

    fn out(&self) -> Result<Out<'_>, Error> {
        if self.is_locked() {
            return Err(self.locked());
        }
        let turn = self.turn();
        let mut slot = turn.0.try_borrow_mut().map_err(|_| Error::Busy)?;
        match core::mem::replace(&mut *slot, Slot::Out) {
            Slot::In(vault) => Ok(Out {
                cell: self,
                vault: Some(vault),
            }),
            other => {
                let fault = other.fault(self);
                *slot = other;
                Err(fault)
            }
        }
    }

    /// Locks it now, or as soon as whoever is inside leaves. Nothing is read or written from here on.
    pub(crate) fn close(&self) {
        // Told first: a turn that is on in another thread ends with its next call.
        self.closing.give();
        self.settle(&self.turn());
    }

    /// Locks it as [`close`](Self::close), and closes its files: now, or as soon as whoever is inside leaves.
    pub(crate) fn leave(&self) {
        self.leaving.set();
        self.close();
        self.leaving.give();
    }

    /// Refuses everything from here on; [`close`](Self::close) has to follow, which wakes who waits.
    pub(crate) fn refuse(&self) {
        self.closing.set();
    }

    /// What is said of it when it is locked.
    pub(crate) fn locked(&self) -> Error {
        if self.has_pin() {
            Error::PinNeeded
        } else {
            Error::UnlockNeeded
        }
    }

    /// Whether it is locked, or will be as soon as nobody is inside.
    pub(crate) fn is_locked(&self) -> bool {
        self.closing.is_given()
    }

    /// The locked vault, once: [`Error::Busy`] while somebody is inside, [`Error::PinNeeded`] or [`Error::UnlockNeeded`] when somebody else has it.
    pub(crate) fn collect(&self) -> Result<LockedVault, Error> {
        self.close();
        let turn = self.turn();
        let mut slot = turn.0.try_borrow_mut().map_err(|_| Error::Busy)?;
        match core::mem::replace(&mut *slot, Slot::Gone) {
            Slot::Locked(vault) => Ok(*vault),
            other => {
                let fault = other.fault(self);
                *slot = other;
                Err(fault)
            }
        }
    }

    fn settle(&self, turn: &Turn<'_>) {
        if !self.is_locked() {
            return;
        }
        // Where it is borrowed further up in this thread, that call settles it.
        let Ok(mut slot) = turn.0.try_borrow_mut() else { return };
        match core::mem::replace(&mut *slot, Slot::Gone) {
            Slot::In(vault) => *slot = Slot::Locked(Box::new(vault.lock())),
            other => *slot = other,
        }
        if self.leaving.is_given() && matches!(*slot, Slot::Locked(_)) {
            *slot = Slot::Gone;
        }
    }

    pub(crate) fn has_pin(&self) -> bool {
        self.facts.lock().has_pin
    }

    pub(crate) fn has_recovery_code(&self) -> bool {
        self.facts.lock().has_recovery_code
    }

    pub(crate) fn opening(&self) -> Opening {
        self.facts.lock().opening
    }

    pub(crate) fn rollback(&self) -> Rollback {
        self.facts.lock().rollback
    }
}

/// What the wallet reads, each call by itself.
impl VaultCell {
    pub(crate) fn read(&self, kind: Kind, id: RecordId) -> Result<Record, Error> {
        self.with(|vault| vault.read(kind, id))
    }

    pub(crate) fn list(&self, kind: Kind) -> Result<Vec<Entry>, Error> {
        self.with(|vault| vault.list(kind))
    }

    pub(crate) fn find(&self, kind: Kind, lookup: Lookup<'_>) -> Result<Vec<RecordId>, Error> {
        self.with(|vault| vault.find(kind, lookup))
    }

    pub(crate) fn find_intact(&self, kind: Kind, lookup: Lookup<'_>) -> Result<(Vec<RecordId>, usize), Error> {
        self.with(|vault| vault.find_intact(kind, lookup))
    }

    pub(crate) fn count(&self, kind: Kind) -> Result<Count, Error> {
        self.with(|vault| vault.count(kind))
    }

    pub(crate) fn new_id(&self) -> Result<RecordId, Error> {
        self.with(Vault::new_id)
    }

    pub(crate) fn manifest_holds(&self) -> Result<bool, Error> {
        self.with(Vault::manifest_holds)
    }

    pub(crate) fn generation(&self) -> Result<u64, Error> {
        self.with(Vault::generation)
    }
}

impl Slot {
    /// Why nothing can be done with a vault that is not in.
    fn fault(&self, cell: &VaultCell) -> Error {
        match self {
            Self::Locked(_) | Self::Gone => cell.locked(),
            Self::In(_) | Self::Out => Error::Busy,
        }
    }
}

/// The vault in the hands of an operation on the door.
struct Out<'c> {
    cell: &'c VaultCell,
    vault: Option<Box<Vault>>,
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        let Some(vault) = self.vault.take() else { return };
        *self.cell.facts.lock() = Facts::of(&vault);
        let turn = self.cell.turn();
        // While it is out nobody can have it borrowed.
        if let Ok(mut slot) = turn.0.try_borrow_mut() {
            *slot = Slot::In(vault);
        }
        self.cell.settle(&turn);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::{Error, Slot, VaultCell};
    use crate::record::DOCUMENT;
    use idwallet_crypto::SystemRandom;
    use idwallet_storage::NewVault;
    use std::future::poll_fn;
    use std::path::PathBuf;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    struct Place(PathBuf);

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn cell(name: &str) -> (Place, VaultCell) {
        let place = Place(std::env::temp_dir().join(format!("idwallet-cell-{}-{name}", std::process::id())));
        let _ = std::fs::remove_dir_all(&place.0);
        let random = Arc::new(SystemRandom::new());
        let new = NewVault::generate(&*random).unwrap();
        let vault = new.create(&place.0.join("vault.db"), &[7], random).unwrap();
        (place, VaultCell::new(vault))
    }

    fn is_wiped(cell: &VaultCell) -> bool {
        matches!(&*cell.turn().0.borrow(), Slot::Locked(_))
    }

    /// Its keys go as it comes back, not when somebody collects it.
    #[test]
    fn a_vault_that_is_out_comes_back_locked() {
        let (_place, cell) = cell("out");
        {
            let mut once = false;
            let mut out = pin!(cell.take_out(async |_| {
                let waits = poll_fn(|_| match core::mem::replace(&mut once, true) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                });
                waits.await;
                Ok(())
            }));
            let mut context = Context::from_waker(Waker::noop());
            assert!(out.as_mut().poll(&mut context).is_pending());
            assert!(matches!(cell.count(DOCUMENT), Err(Error::Busy)));
            cell.close();
            assert!(!is_wiped(&cell) && matches!(cell.count(DOCUMENT), Err(Error::UnlockNeeded)));
            assert!(out.as_mut().poll(&mut context).is_ready());
        }
        assert!(is_wiped(&cell));
        assert!(cell.collect().is_ok() && matches!(cell.collect(), Err(Error::UnlockNeeded)));
    }

    #[test]
    fn a_lock_within_a_call_holds_at_its_end() {
        let (_place, cell) = cell("within");
        let read = cell.with(|vault| {
            cell.close();
            assert!(matches!(cell.collect(), Err(Error::Busy)) && !is_wiped(&cell));
            vault.count(DOCUMENT)
        });
        assert!(read.is_ok() && is_wiped(&cell));
    }

    /// In another thread it need not wait for the end of the turn: the turn's next call fails.
    #[test]
    fn a_lock_ends_a_turn_elsewhere() {
        let (_place, cell) = cell("turn");
        std::thread::scope(|scope| {
            let turn = cell.turn();
            let locking = scope.spawn(|| cell.collect().is_ok());
            while !cell.is_locked() {
                std::thread::yield_now();
            }
            assert!(matches!(cell.count(DOCUMENT), Err(Error::UnlockNeeded)));
            assert!(matches!(
                cell.transaction(&turn, |_| Ok::<_, Error>(())),
                Err(Error::UnlockNeeded)
            ));
            drop(turn);
            assert!(locking.join().unwrap());
        });
    }
}
