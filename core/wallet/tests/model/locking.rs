//! Steps at the door.

use crate::bench::{Bench, Handle, poll};
use crate::common::block_on;
use crate::door::No;
use crate::steps::Code;
use idwallet_wallet::{Code as Said, Event, LockReason, Pin, RecoveryCode, Rollback, WalletError};

const PINS: [&str; 3] = ["804117", "590238", "271869"];
/// Nobody's.
const WRONG: &str = "996633";

pub fn pin(number: usize) -> Pin {
    Pin::new(PINS.get(number).unwrap_or(&WRONG)).unwrap()
}

fn no(error: &WalletError) -> No {
    match error {
        WalletError::Locked { reason, retry_after } => match reason {
            LockReason::PinNeeded => No::PinNeeded,
            LockReason::TooManyTries => No::Wait(retry_after.unwrap()),
            LockReason::WrongPin { left } => No::Wrong {
                left: *left,
                wait: *retry_after,
            },
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// Unlocks the locked wallet, and asks the model.
pub fn unlocked(bench: &mut Bench, number: Option<usize>) -> Result<(), No> {
    let now = bench.now();
    let Handle::Locked(locked) = std::mem::replace(&mut bench.handle, Handle::Nothing) else {
        panic!("it is not locked");
    };
    let expected = bench.model.file.door.try_pin(&mut bench.model.area, number, now.uptime);
    let given = number.map(pin);
    match (block_on(locked.unlock(given.as_ref(), now)), expected) {
        (Ok(wallet), Ok(opening)) => {
            bench.handle = Handle::Open(Box::new(wallet));
            bench.model.opened(opening);
            Ok(())
        }
        (Err(refused), Err(expected)) => {
            let (locked, error) = refused.into_parts();
            bench.handle = Handle::Locked(Box::new(locked));
            assert_eq!(no(&error), expected);
            Err(expected)
        }
        (got, expected) => panic!("{got:?} where the model says {expected:?}"),
    }
}

impl Bench {
    pub fn lock(&mut self) {
        self.handle = match std::mem::replace(&mut self.handle, Handle::Nothing) {
            Handle::Open(wallet) => Handle::Locked(Box::new(wallet.lock().unwrap())),
            other => other,
        };
        self.model.is_open = false;
    }

    pub fn unlock(&mut self, number: Option<usize>) -> Result<(), No> {
        if self.model.is_open {
            return Ok(());
        }
        unlocked(self, number)
    }

    /// So many in a row, without waiting.
    pub fn wrong_pins(&mut self, count: usize) {
        self.lock();
        for _ in 0..count {
            let _ = unlocked(self, Some(usize::MAX));
            if self.model.is_open {
                return;
            }
        }
    }

    /// A try that is dropped counts, if it had begun, and is over when the PIN was compared. Dropped before the area is asked for the
    /// anchor, so that nothing was opened.
    pub fn drop_unlock(&mut self, number: usize, polls: usize) {
        self.lock();
        let now = self.now();
        let Handle::Locked(locked) = std::mem::replace(&mut self.handle, Handle::Nothing) else {
            panic!("it is not locked");
        };
        let given = pin(number);
        self.slow_area(true);
        let before = self.calls().len();
        let out = poll(polls, locked.unlock(Some(&given), now));
        self.slow_area(false);
        let calls = self.calls().split_off(before);
        if let Some(out) = out {
            let (door, area) = (&mut self.model.file.door, &mut self.model.area);
            match (&out, door.try_pin(area, Some(number), now.uptime)) {
                (Ok(_), Ok(opening)) => self.model.opened(opening),
                (Err(refused), Err(expected)) => assert_eq!(no(refused.error()), expected),
                (got, expected) => panic!("{got:?} where the model says {expected:?}"),
            }
            drop(out);
            return self.reopen();
        }
        let door = &mut self.model.file.door;
        if let Some(right) = door.pin
            && calls.contains(&"read_counter")
        {
            door.look(&self.model.area, now.uptime);
            let counted = calls.iter().position(|call| *call == "increment_counter");
            if let Some(counted) = counted {
                door.count(&mut self.model.area, now.uptime);
                if calls[counted..].contains(&"unwrap") && right == number {
                    door.forgive();
                }
            }
        }
        self.reopen();
    }

    pub fn recover(&mut self, code: Code, new: usize) {
        self.lock();
        let (now, index) = (self.now(), self.model.file.door.code);
        let code = match code {
            Code::Right => index,
            Code::First => (!self.codes.is_empty()).then_some(0),
            Code::Last => self.codes.len().checked_sub(1),
        };
        let Some(code) = code else { return };
        let is_right = index == Some(code);
        let code = &self.codes[code];
        let text = RecoveryCode::parse(code.text().expose()).unwrap();
        let Handle::Locked(locked) = std::mem::replace(&mut self.handle, Handle::Nothing) else {
            panic!("it is not locked");
        };
        match block_on(locked.recover(&text, &pin(new), now)) {
            Ok(wallet) => {
                assert!(is_right, "a code that is worth nothing opened it");
                let door = &mut self.model.file.door;
                door.look(&self.model.area, now.uptime);
                let opening = (door.failures, door.restored);
                door.forgive();
                door.pin = Some(new);
                self.handle = Handle::Open(Box::new(wallet));
                self.model.opened(opening);
                self.model.done(Event::RecoveryUnlock);
            }
            Err(refused) => {
                let (locked, error) = refused.into_parts();
                self.handle = Handle::Locked(Box::new(locked));
                assert!(!is_right, "{error:?}");
                let has_code = self.model.file.door.code.is_some();
                let expected = if has_code {
                    Said::RecoveryCodeWrong
                } else {
                    Said::NoRecoveryCode
                };
                assert_eq!(error.code(), expected);
                if has_code {
                    self.model.file.door.look(&self.model.area, now.uptime);
                }
            }
        }
    }

    pub fn set_pin(&mut self, number: usize) {
        let now = self.now();
        let set = block_on(self.wallet().set_pin(&pin(number), now));
        let door = &mut self.model.file.door;
        if door.pin.is_some() {
            assert_eq!(set.unwrap_err().code(), Said::PinExists);
            return;
        }
        set.unwrap();
        door.look(&self.model.area, now.uptime);
        door.forgive();
        door.pin = Some(number);
        self.model.done(Event::PinSet);
    }

    /// The old PIN at the open wallet; whether it is right, and what was said.
    fn ask_old(&mut self, old: usize, said: Result<(), WalletError>) -> bool {
        let now = self.now();
        if self.model.file.door.pin.is_none() {
            assert_eq!(said.unwrap_err().code(), Said::NoPin);
            return false;
        }
        let expected = self
            .model
            .file
            .door
            .try_pin(&mut self.model.area, Some(old), now.uptime);
        match (said, expected) {
            (Ok(()), Ok(_)) => true,
            (Err(error), Err(expected)) => {
                assert_eq!(no(&error), expected);
                false
            }
            (got, expected) => panic!("{got:?} where the model says {expected:?}"),
        }
    }

    pub fn change_pin(&mut self, old: usize, new: usize) {
        let now = self.now();
        let said = block_on(self.wallet().change_pin(&pin(old), &pin(new), now));
        if self.ask_old(old, said) {
            self.model.file.door.pin = Some(new);
            self.model.done(Event::PinChanged);
        }
    }

    pub fn remove_pin(&mut self, number: usize) {
        let now = self.now();
        let said = block_on(self.wallet().remove_pin(&pin(number), now));
        if self.ask_old(number, said) {
            self.model.file.door.pin = None;
            self.model.file.door.code = None;
            self.model.done(Event::PinRemoved);
        }
    }

    pub fn set_code(&mut self, number: usize) {
        let now = self.now();
        let said = block_on(self.wallet().set_recovery_code(&pin(number), now));
        let said = said.map(|code| self.codes.push(code));
        if self.ask_old(number, said) {
            self.model.file.door.code = Some(self.codes.len() - 1);
            self.model.done(Event::RecoveryCodeSet);
        }
    }

    pub fn remove_code(&mut self) {
        let now = self.now();
        let said = block_on(self.wallet().remove_recovery_code(now));
        if self.model.file.door.code.take().is_some() {
            said.unwrap();
            self.model.done(Event::RecoveryCodeRemoved);
        } else {
            assert_eq!(said.unwrap_err().code(), Said::NoRecoveryCode);
        }
    }

    pub fn accept_rollback(&mut self) {
        let now = self.model.wall;
        let accepted = block_on(self.wallet().accept_rollback(now)).unwrap();
        assert_eq!(accepted, Rollback::None);
        if self.model.is_rolled_back {
            self.model.done(Event::OlderFileAccepted);
        }
        self.model.file.opened = self.model.area.opened;
        self.model.is_rolled_back = false;
    }
}
