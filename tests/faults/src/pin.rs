//! The count of wrong PINs against a kill, a file that is put back, and a clock that jumps.

use crate::broken_off::{NAMES, SYNCS, WRITES, chosen, count, traced};
use crate::kill::{Voice, child, kill_after};
use crate::scene::{Dice, Files, Folder, area, random, vault_file};
use crate::table::Row;
use idwallet_crypto::area::{Capabilities, CounterId, CreatedKey, KeyId, KeySpec, PortFuture, SecureArea};
use idwallet_crypto::{PublicKey, SecretBytes};
use idwallet_storage::{Access, Error, LockedVault, Pin, SoftwareSecureArea, create_with_pin};
use pollster::block_on;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
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

/// An area that says when it is about to compare a PIN: from then on the try is one.
struct Telling {
    inner: SoftwareSecureArea,
    voice: Mutex<Voice>,
}

impl SecureArea for Telling {
    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        if context.windows(11).any(|window| window == b"PIN context") {
            self.voice.lock().unwrap().say("compared");
        }
        self.inner.unwrap(context, wrapped)
    }

    fn capabilities(&self) -> PortFuture<'_, Capabilities> {
        self.inner.capabilities()
    }
    fn create_key<'a>(&'a self, spec: &'a KeySpec) -> PortFuture<'a, CreatedKey> {
        self.inner.create_key(spec)
    }
    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        self.inner.public_key(id)
    }
    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        self.inner.sign(id, message)
    }
    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        self.inner.agree(id, peer)
    }
    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        self.inner.wrap(context, secret)
    }
    fn delete<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, ()> {
        self.inner.delete(id)
    }
    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        self.inner.create_counter()
    }
    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        self.inner.read_counter(id)
    }
    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        self.inner.increment_counter(id)
    }
    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        self.inner.delete_counter(id)
    }
}

/// So many wrong PINs does the process try: the last two cost a wait.
const TRIES: u64 = 7;
/// The wait after so many wrong PINs, in seconds.
const WAITS: [u64; 8] = [0, 0, 0, 0, 0, 0, 30, 60];

/// The process that is killed: wrong PINs one after the other, each announced before and reported after.
pub fn guesser(folder: &Path) {
    let telling = Telling {
        inner: area(folder).unwrap(),
        voice: Mutex::new(Voice::new()),
    };
    let say = |line: &str| telling.voice.lock().unwrap().say(line);
    // Days apart, so that no wait stops it.
    let mut uptime = Duration::from_secs(3600 * 24 * 30);
    let mut locked = LockedVault::open(&vault_file(folder)).unwrap();
    for _ in 0..TRIES {
        say("try");
        let refused = block_on(locked.unlock_with(&telling, Some(&Pin::new(WRONG).unwrap()), uptime, random()));
        let refused = refused.err().unwrap();
        assert!(matches!(refused.error, Error::WrongPin { .. }), "{}", refused.error);
        say("wrong");
        locked = refused.vault;
        uptime += Duration::from_secs(3600 * 25);
    }
    say("end");
}

/// Whether every try that was made is counted, and costs its wait.
fn judge(row: &mut Row, folder: &Path, said: &[String]) {
    row.cases += 1;
    let times = |word: &str| said.iter().filter(|line| *line == word).count();
    let (least, most) = (times("compared").max(times("wrong")), times("try"));
    match access(folder, Duration::ZERO) {
        Ok(access) if !(least..=most).contains(&(access.failures as usize)) => {
            row.lost += 1;
            row.tell(|| format!("{least} of {most} tries were made, {} are counted", access.failures));
        }
        Ok(access) if access.retry_after.as_secs() != WAITS[access.failures as usize] || access.restored => {
            row.torn += 1;
            row.tell(|| format!("after {} tries it waits {:?}", access.failures, access.retry_after));
        }
        Ok(access) => {
            let free = access.retry_after.is_zero() || {
                let early = attempt(folder, RIGHT, Duration::ZERO);
                matches!(early, Err(Error::Locked { .. }))
            };
            row.noticed += u64::from(free);
            row.lost += u64::from(!free);
        }
        Err(error) => {
            row.lost += 1;
            row.tell(|| error.to_string());
        }
    }
}

fn killed(short: bool) -> Row {
    let mut row = Row::new("PIN: kill -9 before every call of seven wrong tries, and at any moment: no try is free");
    let mut dice = Dice::new(std::process::id().into());
    let program = std::env::current_exe().unwrap();
    let words =
        |folder: &Path| [program.as_path(), "child-pin".as_ref(), folder].map(|p| p.to_str().unwrap().to_owned());
    let fresh = Folder::in_memory();
    new(&fresh.0);
    let files = Files::read(&fresh.0);
    for _ in 0..if short { 1 } else { 40 } {
        let folder = Folder::in_memory();
        files.write(&folder.0);
        let lines = 1 + dice.below(14);
        let said = kill_after(
            child(&["child-pin", folder.0.to_str().unwrap()]),
            lines,
            dice.below(60_000),
        );
        judge(&mut row, &folder.0, &said);
    }
    let calls = format!("{WRITES},{SYNCS},{NAMES}");
    let total = match count(&words(&fresh.0), [&calls]) {
        Ok([total]) => total,
        Err(why) => {
            row.tell(|| format!("at any moment alone: {why}"));
            return row;
        }
    };
    for number in chosen(total, if short { 4 } else { u64::MAX }, &mut dice) {
        let folder = Folder::in_memory();
        files.write(&folder.0);
        let inject = format!("signal=KILL:when={number}");
        let mut command = traced(&words(&folder.0), &calls, Some(&inject), Path::new("/dev/null"));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said: Vec<String> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(str::to_owned)
            .collect();
        judge(&mut row, &folder.0, &said);
    }
    row.tell(|| format!("{total} calls"));
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
    let tries: &[u32] = if short { &[6] } else { &[1, 2, 3, 4, 5, 6, 7] };
    std::thread::scope(|scope| {
        let others = scope.spawn(|| [put_back(tries), clock()]);
        let mut rows = vec![killed(short)];
        rows.extend(others.join().unwrap());
        rows
    })
}
