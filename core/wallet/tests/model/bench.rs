//! The wallet that is tried, beside its model: doors, disks and areas that fail, files that are kept and put back.

use crate::common::area::{Behaviour, TestArea};
use crate::common::disk::Disk;
use crate::common::{Dir, block_on};
use crate::locking::{pin, unlocked};
use crate::model::{Exported, File, Model};
use crate::steps::Step;
use core::time::Duration;
use idwallet_crypto::area::{SecureArea, SecureAreaError};
use idwallet_crypto::{Moment, Random};
use idwallet_wallet::{Event, LockedWallet, RecoveryCode, VAULT_FILE, Wallet, WalletError};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin as pinned;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

const LOG: &str = "vault.db-wal";

pub enum Handle {
    Open(Box<Wallet>),
    Locked(Box<LockedWallet>),
    Nothing,
}

pub struct Bench {
    pub model: Model,
    pub handle: Handle,
    pub dir: Dir,
    area: Arc<dyn SecureArea>,
    behaviour: Arc<Mutex<Behaviour>>,
    pub disk: Arc<Disk>,
    pub codes: Vec<RecoveryCode>,
    pub export: Option<(Vec<u8>, Exported)>,
    kept: Option<(BTreeMap<&'static str, Vec<u8>>, File)>,
}

fn area(dir: &Dir) -> (Arc<dyn SecureArea>, Arc<Mutex<Behaviour>>) {
    std::fs::create_dir_all(&dir.0).unwrap();
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    (Arc::new(area), behaviour)
}

impl Bench {
    pub fn new(with_pin: Option<usize>) -> Self {
        let dir = Dir::in_memory();
        let (area, behaviour) = area(&dir);
        let disk = Arc::new(Disk::default());
        let random = Arc::clone(&disk) as Arc<dyn Random>;
        let wallet = block_on(async {
            match with_pin {
                Some(number) => Wallet::create_with_pin(&dir.0, Arc::clone(&area), &pin(number), random).await,
                None => Wallet::create(&dir.0, Arc::clone(&area), random).await,
            }
        });
        let mut model = Model::new(with_pin);
        model.opened((0, false));
        Self {
            model,
            handle: Handle::Open(Box::new(wallet.unwrap())),
            dir,
            area,
            behaviour,
            disk,
            codes: Vec::new(),
            export: None,
            kept: None,
        }
    }

    pub fn now(&self) -> Moment {
        Moment {
            wall: self.model.wall,
            uptime: self.model.uptime,
        }
    }

    pub fn wait(&mut self, seconds: u32) {
        self.model.wall = self.model.wall.saturating_add_seconds(i64::from(seconds));
        self.model.uptime += Duration::from_secs(seconds.into());
    }

    pub fn wallet(&mut self) -> &Wallet {
        match &mut self.handle {
            Handle::Open(wallet) => wallet,
            _ => panic!("it is not open"),
        }
    }

    pub fn step(&mut self, step: &Step) {
        self.wait(1);
        match step {
            Step::Wait(seconds) => self.wait(*seconds),
            Step::Lock => self.lock(),
            Step::Unlock(number) => drop(self.unlock(Some(*number))),
            Step::WrongPins(count) => self.wrong_pins(*count),
            Step::DropUnlock(number, polls) => self.drop_unlock(*number, *polls),
            Step::Recover(code, new) => self.recover(*code, *new),
            Step::Crash(with_device) => self.crash(*with_device),
            Step::Close => {
                self.handle = Handle::Nothing;
                self.reopen();
            }
            Step::KeepFile => self.keep_file(),
            Step::PutBack => self.put_back(),
            open => {
                self.open();
                self.step_of_open(open);
            }
        }
    }

    fn step_of_open(&mut self, step: &Step) {
        match step {
            Step::Import(which, how) => self.import(*which, *how),
            Step::ImportBad(which, is_empty) => self.import_bad(*which, *is_empty),
            Step::Remove(which, how) => self.remove(*which, *how),
            Step::RemoveNothing => self.remove_nothing(),
            Step::Present(which, how) => self.present(*which, *how),
            Step::Misread => self.misread(),
            Step::SweepCopies => self.sweep_copies(),
            Step::Export => self.export(),
            Step::Restore(into) => self.restore(*into),
            Step::DeleteHistory(upto) => self.delete_history(*upto),
            Step::AcceptRollback => self.accept_rollback(),
            Step::SetPin(number) => self.set_pin(*number),
            Step::ChangePin(old, new) => self.change_pin(*old, *new),
            Step::RemovePin(number) => self.remove_pin(*number),
            Step::SetCode(number) => self.set_code(*number),
            Step::RemoveCode => self.remove_code(),
            other => panic!("{other:?} is no step of an open wallet"),
        }
    }

    /// Opens it as its owner does, who knows the PIN and waits if need be.
    pub fn open(&mut self) {
        if self.model.is_open {
            return;
        }
        let wait = self.model.file.door.wait();
        self.wait(u32::try_from(wait.as_secs()).unwrap() + 1);
        let right = self.model.file.door.pin;
        if self.unlock(right).is_err() {
            // Looking told of tries that the file had forgotten.
            let wait = self.model.file.door.wait();
            self.wait(u32::try_from(wait.as_secs()).unwrap() + 1);
            self.unlock(right).unwrap();
        }
    }

    /// The files as they are, opened and locked.
    pub fn reopen(&mut self) {
        let random = Arc::clone(&self.disk) as Arc<dyn Random>;
        let locked = LockedWallet::open(&self.dir.0, Arc::clone(&self.area), random).unwrap();
        self.handle = Handle::Locked(Box::new(locked));
        self.model.is_open = false;
        if self.model.file.door.pin.is_none() {
            unlocked(self, None).unwrap();
        }
    }

    fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let names = [VAULT_FILE, LOG].into_iter();
        let read = names.filter_map(|name| Some((name, std::fs::read(self.dir.0.join(name)).ok()?)));
        read.collect()
    }

    /// What is on the disk at this moment is all that is left.
    fn crash(&mut self, with_device: bool) {
        let dir = Dir::in_memory();
        std::fs::create_dir_all(&dir.0).unwrap();
        for entry in std::fs::read_dir(&self.dir.0).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), dir.0.join(entry.file_name())).unwrap();
        }
        self.handle = Handle::Nothing;
        self.move_to(dir);
        if with_device {
            self.model.uptime = Duration::from_secs(20);
        }
        self.reopen();
    }

    /// To another directory, in which the files of an area are, or none.
    pub fn move_to(&mut self, dir: Dir) {
        (self.area, self.behaviour) = area(&dir);
        self.dir = dir;
    }

    /// A wallet without a PIN in a new directory; the old one is gone.
    pub fn start_anew(&mut self) {
        self.handle = Handle::Nothing;
        self.move_to(Dir::in_memory());
        let random = Arc::clone(&self.disk) as Arc<dyn Random>;
        let wallet = block_on(Wallet::create(&self.dir.0, Arc::clone(&self.area), random)).unwrap();
        self.handle = Handle::Open(Box::new(wallet));
        self.codes.clear();
        self.kept = None;
        self.model.file = File::default();
        self.model.area = crate::door::Area::default();
        self.model.opened((0, false));
    }

    fn keep_file(&mut self) {
        self.kept = Some((self.files(), self.model.file.clone()));
    }

    fn put_back(&mut self) {
        let Some((files, file)) = self.kept.clone() else { return };
        self.handle = Handle::Nothing;
        for name in [VAULT_FILE, LOG] {
            let path = self.dir.0.join(name);
            match files.get(name) {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => std::fs::remove_file(path).unwrap_or_default(),
            }
        }
        self.model.file = file;
        self.reopen();
    }

    /// Runs with an area that fails at this.
    pub fn failing<T>(&mut self, method: &'static str, error: SecureAreaError, work: impl FnOnce(&mut Self) -> T) -> T {
        self.behaviour.lock().unwrap().fail = Some((method, error));
        let out = work(self);
        self.behaviour.lock().unwrap().fail = None;
        out
    }

    /// Runs on a disk that takes so many records more.
    pub fn with_room<T>(&mut self, records: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        self.disk.leave(Some(records));
        let out = work(self);
        self.disk.leave(None);
        out
    }

    /// Makes every call to the area wait once.
    pub fn slow_area(&mut self, is_slow: bool) {
        self.behaviour.lock().unwrap().pending = usize::from(is_slow);
    }

    /// What the area was asked for, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.behaviour.lock().unwrap().calls.clone()
    }

    /// The last look: everything is still there after a regular end.
    pub fn close(mut self) {
        self.open();
        self.handle = Handle::Nothing;
        self.reopen();
        self.open();
        self.check();
    }
}

/// Polls a future at most so often; `None`: it was dropped before it was ready.
pub fn poll<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pinned!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(out) = future.as_mut().poll(&mut context) {
            return Some(out);
        }
    }
    None
}

/// A refused import is in the history, by its code.
pub fn refused_import(model: &mut Model, error: &WalletError) {
    let code = error.code();
    let record = model.record(Event::Import, Some(idwallet_wallet::Outcome::Refused));
    record.code = Some(code);
}
