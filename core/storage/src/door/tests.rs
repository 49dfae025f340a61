//! What only the inside can try: every PIN at once, a header written anew with its checksum, the keys in memory.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

use super::*;
use crate::attempts::wait_after;
use crate::{Kind, LockedVault, RecordId, SoftwareSecureArea, Vault, create_with_area};
use idwallet_crypto::SystemRandom;
use std::fs::{self, File};
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const UPTIME: Duration = Duration::from_secs(1000);
const DAY: Duration = Duration::from_secs(86_400);

/// The software area never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the software area waited"),
    }
}

fn random() -> Arc<SystemRandom> {
    Arc::new(SystemRandom::new())
}

/// The cheapest Argon2id there is, so that a test can afford many guesses.
fn cheap() -> Argon2Params {
    Argon2Params::new(8, 1, 1).unwrap()
}

struct World {
    dir: PathBuf,
    area: SoftwareSecureArea,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

impl World {
    /// A vault with a PIN of low cost.
    fn new(name: &str, digits: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("idwallet-door-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let area = SoftwareSecureArea::create(&dir.join("area").join("area.key"), random()).unwrap();
        let world = Self { dir, area };
        let mut vault = now(create_with_area(&world.path(), &world.area, random())).unwrap();
        vault
            .transaction(|tx| tx.insert(Kind(1), RecordId::from_bytes([1; 16]), b"content", &[]))
            .unwrap();
        let pin = Pin::new(digits).unwrap();
        now(vault.set_pin_at(&world.area, &pin, UPTIME, cheap())).unwrap();
        world
    }

    fn path(&self) -> PathBuf {
        self.dir.join("vault.db")
    }

    fn unlock(&self, digits: &str, uptime: Duration) -> Result<Vault, Error> {
        let pin = Pin::new(digits).unwrap();
        let locked = LockedVault::open(&self.path())?;
        Ok(now(locked.unlock_with(&self.area, Some(&pin), uptime, random()))?)
    }

    /// Writes the header anew, with a checksum that holds, as one does who knows this source.
    fn rewrite(&self, change: impl FnOnce(&mut Header)) {
        let locked = LockedVault::open(&self.path()).unwrap();
        let mut header = locked.header.clone();
        change(&mut header);
        header.write(&locked.connection).unwrap();
    }
}

/// H-H50: a copied database, scaled down: every PIN of a space of ten thousand, tried offline against the file with another area,
/// with no limit and no wait, opens nothing; the one with its own area does at once.
///
/// DESIGN §7: with the file alone there is nothing to compare a guess with.
#[test]
fn every_pin_of_a_copied_database_opens_nothing() {
    let (world, thief) = (World::new("owner", "270041"), World::new("thief", "999941"));
    let locked = LockedVault::open(&world.path()).unwrap();
    let header = &locked.header;
    let way = header.ways.pin.as_ref().unwrap();
    let mut opened = Vec::new();
    for guess in 0..10_000 {
        let Ok(pin) = Pin::new(&format!("27{guess:04}")) else {
            continue;
        };
        let layer = Layer::of_pin(&pin, way, &header.vault_id).unwrap();
        // The area is not his: it unwraps nothing.
        let outcome = now(layer.unwrap(&thief.area, &header.wrapped));
        assert!(matches!(outcome, Err(Error::Area(SecureAreaError::Integrity))));
        // Nor does the inner layer say anything without the area.
        assert!(seal::open(&layer.inner, &layer.context, &header.wrapped).is_err());
        if let Ok(key) = now(layer.unwrap(&world.area, &header.wrapped)) {
            opened.push((guess, *key.expose()));
        }
    }
    // The same search with the device finds the one: it is the search that works, and the area that stops it.
    assert_eq!(opened.iter().map(|(guess, _)| *guess).collect::<Vec<_>>(), [41]);
}

/// DESIGN §7: should the area's hardware be broken, so that it unwraps whatever it is given, each guess still costs one Argon2id: the
/// inner layer does not open without the PIN.
#[test]
fn a_broken_area_does_not_give_the_data_key() {
    let world = World::new("broken", "271828");
    let locked = LockedVault::open(&world.path()).unwrap();
    let header = &locked.header;
    let way = header.ways.pin.as_ref().unwrap();
    let right = Layer::of_pin(&Pin::new("271828").unwrap(), way, &header.vault_id).unwrap();
    let inner = now(world.area.unwrap(&right.context, &header.wrapped)).unwrap();
    assert!(seal::open(&right.inner, &right.context, inner.expose()).is_ok());
    for digits in ["271829", "314159"] {
        let wrong = Layer::of_pin(&Pin::new(digits).unwrap(), way, &header.vault_id).unwrap();
        assert!(seal::open(&wrong.inner, &right.context, inner.expose()).is_err());
    }
    let plain = seal::open(&right.inner, &right.context, inner.expose()).unwrap();
    assert!(
        !inner
            .expose()
            .windows(32)
            .any(|window| window == plain.expose().as_slice()),
        "what the area wraps is not the data key itself"
    );
}

/// DESIGN §7: a header written anew, checksum and all, lets no more tries through and does not open.
#[test]
fn a_header_written_anew_lets_no_more_through() {
    let world = World::new("header", "271828");
    for _ in 0..7 {
        let wait = now(LockedVault::open(&world.path())
            .unwrap()
            .access(&world.area, DAY, &*random()))
        .unwrap();
        assert!(world.unlock("161803", DAY + wait.retry_after).is_err());
    }
    let whole = fs::read(world.path()).unwrap();
    let other = World::new("header-other", "314159");
    let others = LockedVault::open(&other.path()).unwrap().header.clone();
    type Change<'a> = &'a dyn Fn(&mut Header);
    let longest: [Change<'_>; 3] = [
        &|header| header.ways.counter = Vec::new(),
        &|header| header.ways.counter = b"no such counter".to_vec(),
        &|header| header.ways.counter = others.ways.counter.clone(),
    ];
    for (number, change) in longest.into_iter().enumerate() {
        fs::write(world.path(), &whole).unwrap();
        world.rewrite(change);
        let outcome = world.unlock("271828", DAY * 2);
        assert!(
            matches!(outcome, Err(Error::Locked { retry_after }) if retry_after == DAY),
            "{number}: {outcome:?}"
        );
        // Nor is the count left to the file, which could be put back: there is a counter of this area again.
        drop(outcome);
        let counted = fs::read(world.path()).unwrap();
        assert!(world.unlock("161803", DAY * 3).is_err());
        let _ = fs::remove_file(world.path().with_file_name("vault.db-wal"));
        fs::write(world.path(), counted).unwrap();
        assert!(
            matches!(world.unlock("271828", DAY * 3), Err(Error::Locked { .. })),
            "{number}"
        );
    }
    let shut: [Change<'_>; 8] = [
        &|header| header.ways.pin = None,
        &|header| header.ways.outer_check = None,
        &|header| header.ways.outer_check = others.ways.outer_check,
        &|header| header.ways.outer = others.ways.outer.clone(),
        &|header| header.wrapped = others.wrapped.clone(),
        &|header| header.vault_id = [9; 16],
        &|header| {
            if let Some(pin) = &mut header.ways.pin {
                pin.salt[0] ^= 1;
            }
        },
        &|header| {
            if let Some(pin) = &mut header.ways.pin {
                pin.params = Argon2Params::new(16, 1, 1).unwrap();
            }
        },
    ];
    for (number, change) in shut.into_iter().enumerate() {
        fs::write(world.path(), &whole).unwrap();
        world.rewrite(change);
        let outcome = world.unlock("271828", DAY * 2);
        assert!(
            matches!(outcome, Err(Error::WrongKey | Error::FileDamaged(_))),
            "{number}: {outcome:?}"
        );
    }
    fs::write(world.path(), &whole).unwrap();
    assert!(world.unlock("271828", DAY * 4).is_ok(), "no try was made");
}

/// DESIGN §7: a vault from before the header knew the outer key: what the file has tells the key, and the header knows it from then on.
#[test]
fn an_older_header_learns_the_outer_key() {
    let world = World::new("older", "271828");
    let mut vault = world.unlock("271828", UPTIME).unwrap();
    vault
        .transaction(|tx| tx.set_outside(b"readable without the PIN"))
        .unwrap();
    drop(vault);
    let mut locked = LockedVault::open(&world.path()).unwrap();
    let mut door = Door {
        connection: &mut locked.connection,
        header: &mut locked.header,
        outer: &mut locked.outer,
        area: &world.area,
        random: &SystemRandom::new(),
        uptime: UPTIME,
    };
    let (outer, mut state) = now(door.look()).unwrap();
    let mut older = door.header.clone();
    older.ways.outer_check = None;
    door.write(&outer, Some(older), &mut state).unwrap();
    let wrong = Outer::new(&Secret::new(vec![9; 32]), door.header.vault_id).unwrap();
    assert!(!wrong.is_right(door.connection, door.header).unwrap());
    assert!(outer.is_right(door.connection, door.header).unwrap());
    // Both copies of the state damaged: the record tells still.
    door.connection
        .execute("UPDATE outside SET sealed = x'00' WHERE item <> 3", [])
        .unwrap();
    assert!(!wrong.is_right(door.connection, door.header).unwrap());
    assert!(outer.is_right(door.connection, door.header).unwrap());
    door.write(&outer, None, &mut state).unwrap();
    drop(locked);
    let locked = LockedVault::open(&world.path()).unwrap();
    assert_eq!(locked.header.ways.outer_check, None);
    drop(locked);
    assert!(world.unlock("271828", UPTIME).is_ok());
    let locked = LockedVault::open(&world.path()).unwrap();
    assert_eq!(locked.header.ways.outer_check, Some(outer.check));
}

/// DESIGN §7: one copy of the header is enough; with both damaged the file is refused as it is; no byte of the ways makes a panic.
#[test]
fn no_byte_of_the_ways_is_altered_unseen() {
    let world = World::new("ways", "271828");
    let path = world.path();
    let whole = fs::read(&path).unwrap();
    let ways: Vec<u8> = LockedVault::open(&path)
        .unwrap()
        .connection
        .query_row("SELECT ways FROM header WHERE copy = 1", [], |row| row.get(0))
        .unwrap();
    for at in 0..ways.len() {
        let mut altered = ways.clone();
        altered[at] ^= 1;
        for copies in ["1", "1, 2"] {
            let raw = rusqlite::Connection::open(&path).unwrap();
            raw.execute(
                &format!("UPDATE header SET ways = ? WHERE copy IN ({copies})"),
                [&altered],
            )
            .unwrap();
            drop(raw);
            let opened = LockedVault::open(&path);
            if copies == "1" {
                assert_eq!(opened.unwrap().header.ways.counter.len(), 16);
            } else {
                assert!(matches!(opened, Err(Error::FileDamaged(_))), "byte {at}");
            }
        }
        let _ = fs::remove_file(path.with_file_name("vault.db-wal"));
        fs::write(&path, &whole).unwrap();
    }
    assert!(world.unlock("271828", UPTIME).is_ok());
}

/// X-C12: what locking leaves in memory is no key, no PIN, and nothing decrypted; the search finds them before.
#[test]
#[cfg(target_os = "linux")]
fn locking_wipes_every_key() {
    let world = World::new("memory", "271828182845904523");
    let digits = Secret::new(String::from("271828182845904523"));
    let vault = world.unlock(digits.expose(), UPTIME).unwrap();
    let id = vault.header.vault_id;
    drop(digits);
    let locked = vault.lock();
    let way = locked.header.ways.pin.clone().unwrap();
    let mut needles: Vec<(&str, Vec<u8>)> = Vec::new();
    {
        // What is looked for is masked, so that the search does not find itself.
        let mut needle = |name, secret: &[u8]| needles.push((name, secret.iter().map(|byte| byte ^ 0xa5).collect()));
        let pin = Pin::new("271828182845904523").unwrap();
        let stretched = argon2id(pin.digits(), &way.salt, way.params).unwrap();
        let layer = Layer::of_pin(&pin, &way, &id).unwrap();
        let data_key = now(layer.unwrap(&world.area, &locked.header.wrapped)).unwrap();
        needle("stretched PIN", stretched.expose());
        needle(
            "inner key",
            derive(stretched.expose(), &id, b"idwallet vault 2 PIN inner key")
                .unwrap()
                .expose(),
        );
        needle("data key", data_key.expose());
        for info in ["records", "manifest", "look-ups"] {
            let info_text = format!("idwallet vault 1 {info}");
            needle(
                info,
                derive(data_key.expose(), &id, info_text.as_bytes()).unwrap().expose(),
            );
        }
    }
    drop(locked);
    let vault = world.unlock("271828182845904523", UPTIME).unwrap();
    assert_eq!(vault.list(Kind(1)).unwrap().len(), 1);
    let open = search(&needles);
    // The others lie there expanded, in an order that the processor chooses.
    assert!(
        open.iter().any(|(name, count)| *name == "look-ups" && *count > 0),
        "{open:?}"
    );
    let locked = vault.lock();
    let shut = search(&needles);
    assert!(shut.iter().all(|(_, count)| *count == 0), "{shut:?}");
    drop(locked);
}

/// How often each needle, unmasked, lies in the writable memory of this process.
#[cfg(target_os = "linux")]
fn search<'n>(needles: &[(&'n str, Vec<u8>)]) -> Vec<(&'n str, usize)> {
    use std::os::unix::fs::FileExt as _;
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut found: Vec<_> = needles.iter().map(|(name, _)| (*name, 0)).collect();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut buffer = vec![0; usize::try_from(to.saturating_sub(from)).unwrap()];
        if !rest.starts_with("rw") || memory.read_exact_at(&mut buffer, from).is_err() {
            continue;
        }
        buffer.iter_mut().for_each(|byte| *byte ^= 0xa5);
        for ((_, needle), (_, count)) in needles.iter().zip(&mut found) {
            *count += buffer
                .windows(needle.len())
                .filter(|window| window == &needle.as_slice())
                .count();
        }
    }
    found
}

/// The sum of the record of decisions: with the device and the software's count, a PIN is found after thousands of years at best.
#[test]
fn the_sum_of_all_waits() {
    let tries = 1_000_000_u64;
    let first: u64 = (1..=12).map(|failures| wait_after(failures).as_secs()).sum();
    let all = first + (tries - 12) * DAY.as_secs();
    assert_eq!(all / (365 * DAY.as_secs()), 2739);
}
