//! The count of wrong PINs against a kill, a file that is put back, and a clock that jumps.

use crate::kill::{acknowledge, child, kill_after};
use crate::scene::{Dice, Files, Folder, area, random, vault_file};
use crate::table::Row;
use idwallet_crypto::area::SecureArea as _;
use idwallet_storage::{Access, Error, LockedVault, Pin, SoftwareSecureArea, create_with_pin};
use pollster::block_on;
use std::path::Path;
use std::time::Duration;

const RIGHT: &str = "830152";
const WRONG: &str = "830153";
const MINUTE: Duration = Duration::from_secs(60);

fn new(folder: &Path) {
    let area = SoftwareSecureArea::create(&folder.join("area.key"), random()).unwrap();
    assert!(block_on(area.capabilities()).is_ok());
    let pin = Pin::new(RIGHT).unwrap();
    drop(block_on(create_with_pin(&vault_file(folder), &area, &pin, random())).unwrap());
}

fn access(folder: &Path, uptime: Duration) -> Result<Access, Error> {
    let area = area(folder)?;
    let mut locked = LockedVault::open(&vault_file(folder))?;
    block_on(locked.access(&area, uptime, &*random()))
}

/// One try in a process that knows the time since the start.
fn attempt(folder: &Path, pin: &str, uptime: Duration) -> Result<(), Error> {
    let area = area(folder)?;
    let locked = LockedVault::open(&vault_file(folder))?;
    match block_on(locked.unlock_with(&area, Some(&Pin::new(pin).unwrap()), uptime, random())) {
        Ok(_) => Ok(()),
        Err(refused) => Err(refused.error),
    }
}

/// The process that is killed: wrong PINs one after the other, each announced before and reported after.
pub fn guesser(folder: &Path) {
    // Minutes apart, so that no wait stops it.
    let mut uptime = Duration::from_secs(3600 * 24 * 30);
    loop {
        acknowledge("try");
        match attempt(folder, WRONG, uptime) {
            Err(Error::WrongPin { .. }) => acknowledge("wrong"),
            Err(Error::Locked { .. }) => acknowledge("locked"),
            Err(error) => panic!("{error}"),
            Ok(()) => panic!("the wrong PIN opened it"),
        }
        uptime += Duration::from_secs(3600 * 25);
    }
}

fn killed(runs: u64) -> Row {
    let mut row = Row::new("PIN: kill -9 between the count and the check");
    let mut dice = Dice::new(std::process::id().into());
    for _ in 0..runs {
        let folder = Folder::new();
        new(&folder.0);
        let said = kill_after(
            child(&["child-pin", folder.0.to_str().unwrap()]),
            1 + dice.below(6),
            dice.below(60_000),
        );
        let tried = said.iter().filter(|line| *line == "try").count();
        let wrong = said.iter().filter(|line| *line == "wrong").count();
        row.cases += 1;
        match access(&folder.0, Duration::ZERO) {
            Ok(access) if (wrong..=tried).contains(&(access.failures as usize)) => {
                row.noticed += 1;
                row.torn += u64::from(access.restored);
            }
            Ok(access) => {
                row.lost += 1;
                row.tell(|| {
                    format!(
                        "{wrong} wrong of {tried} tries were reported, {} are counted",
                        access.failures
                    )
                });
            }
            Err(error) => {
                row.lost += 1;
                row.tell(|| error.to_string());
            }
        }
    }
    row
}

fn wrong(folder: &Path, times: u32, uptime: &mut Duration) {
    for _ in 0..times {
        let outcome = attempt(folder, WRONG, *uptime);
        assert!(matches!(outcome, Err(Error::WrongPin { .. })), "{outcome:?}");
        *uptime += Duration::from_secs(3600 * 25);
    }
}

fn put_back(tries: &[u32]) -> Row {
    let mut row = Row::new("PIN: the vault put back after wrong tries, the area's counter kept");
    for tries in tries.iter().copied() {
        let folder = Folder::new();
        new(&folder.0);
        let before = Files::read(&folder.0);
        let mut uptime = Duration::from_secs(3600);
        wrong(&folder.0, tries, &mut uptime);
        let mut mixed = Files::read(&folder.0);
        mixed.0.insert("vault.db".to_owned(), before.0["vault.db"].clone());
        mixed.0.retain(|name, _| !name.ends_with("-wal"));
        mixed.write(&folder.0);
        row.cases += 1;
        match access(&folder.0, uptime) {
            Ok(access) if access.failures >= tries => row.noticed += 1,
            Ok(access) => {
                row.lost += 1;
                row.tell(|| format!("{tries} tries, {} are counted", access.failures));
            }
            Err(error) => {
                row.touched += 1;
                row.tell(|| error.to_string());
            }
        }
        // It does not shut its owner out for good.
        let later = uptime + Duration::from_secs(3600 * 24 * 3);
        let _ = access(&folder.0, later);
        if attempt(&folder.0, RIGHT, later + Duration::from_secs(3600 * 24 * 3)).is_err() {
            row.touched += 1;
            row.tell(|| "the right PIN does not open it any more".to_owned());
        }
    }
    row
}

fn clock() -> Row {
    let mut row = Row::new("PIN: the device restarted, its clock moved back and forth, during a wait");
    let folder = Folder::new();
    new(&folder.0);
    let mut uptime = Duration::from_secs(3600);
    wrong(&folder.0, 5, &mut uptime);
    assert!(matches!(attempt(&folder.0, WRONG, uptime), Err(Error::WrongPin { .. })));
    let wait = access(&folder.0, uptime).unwrap().retry_after;
    let mut least = wait;
    row.tell(|| format!("a wait of {} s", wait.as_secs()));
    // Restarted: time since the start begins anew, whatever the calendar says. No jump shortens the wait by more than it is up.
    for up in [0, 1, 5, 0, 3, 9, 2] {
        let now = Duration::from_secs(up);
        row.cases += 1;
        let seen = access(&folder.0, now).unwrap().retry_after;
        let early = attempt(&folder.0, RIGHT, now);
        let refused = matches!(early, Err(Error::Locked { .. }));
        if refused && seen + Duration::from_secs(20) >= least && !seen.is_zero() {
            row.noticed += 1;
        } else {
            row.lost += 1;
            row.note = format!(
                "up {up} s: {} s left of {}, right PIN: {early:?}",
                seen.as_secs(),
                least.as_secs()
            );
        }
        least = least.min(seen);
    }
    row.cases += 1;
    match attempt(&folder.0, RIGHT, Duration::from_secs(9) + wait + MINUTE) {
        Ok(()) => row.noticed += 1,
        Err(error) => {
            row.touched += 1;
            row.tell(|| format!("after the wait the right PIN says {error}"));
        }
    }
    row
}

/// All of them.
pub fn rows(short: bool) -> Vec<Row> {
    let tries: &[u32] = if short { &[2, 6] } else { &[1, 2, 3, 4, 5, 6, 7] };
    vec![killed(if short { 3 } else { 40 }), put_back(tries), clock()]
}
