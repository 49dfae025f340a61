//! The PIN: what opens, what is counted, what waits, what survives a kill, a restart, a clock, a file put back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod common;

use common::area::{now, poll_once};
use common::world::*;
use common::{random, raw};
use idwallet_crypto::Secret;
use idwallet_crypto::area::{Counters, SecureArea as _, SecureAreaError};
use idwallet_storage::{Error, LockedVault, Refused, Vault, create_with_area, open_with_area};
use std::fs;
use std::time::Duration;

fn wrong(outcome: Result<Vault, Error>) -> (u32, Duration) {
    match outcome {
        Err(Error::WrongPin { left, retry_after }) => (left, retry_after),
        other => panic!("{other:?}"),
    }
}

fn locked_for(outcome: Result<Vault, Error>) -> Duration {
    match outcome {
        Err(Error::Locked { retry_after }) => retry_after,
        other => panic!("{other:?}"),
    }
}

/// H-H50: the vault opens with its PIN and not without, and a right PIN starts the count anew.
#[test]
fn only_the_right_pin_opens() {
    let world = World::new();
    assert!(world.locked().needs_pin());
    let path = world.dir.vault();
    assert!(matches!(
        now(open_with_area(&path, &world.area, random())),
        Err(Error::PinNeeded)
    ));
    let refused = now(world.locked().unlock_with(&world.area, None, seconds(1), random())).unwrap_err();
    let Refused { vault, error } = *refused;
    assert!(matches!(error, Error::PinNeeded));
    drop(vault);
    assert_eq!(world.access(1).failures, 0, "asking for the PIN is no try");
    for left in [5, 4, 3] {
        assert_eq!(wrong(world.unlock(WRONG, 1)), (left, Duration::ZERO));
    }
    let vault = world.unlock(RIGHT, 1).unwrap();
    assert_eq!((vault.opening().failures, vault.opening().restored), (3, false));
    assert_eq!(document(&vault), b"a document");
    assert!(vault.lock().needs_pin());
    let access = world.access(1);
    assert_eq!((access.failures, access.left, access.counters), (0, 6, Counters::File));
}

/// H-H50, DESIGN §7: five are free, from the sixth on the wait grows, to a day at most; nothing is ever destroyed.
#[test]
fn the_wait_grows_and_ends() {
    let world = World::new();
    let mut uptime = 50;
    for left in [5, 4, 3, 2, 1] {
        assert_eq!(wrong(world.unlock(WRONG, uptime)), (left, Duration::ZERO));
    }
    for wait in [30, 60, 300, 900, 3600, 4 * 3600, DAY, DAY] {
        assert_eq!(wrong(world.unlock(WRONG, uptime)), (0, seconds(wait)));
        let tries = world.area.called("unwrap data");
        assert_eq!(locked_for(world.unlock(RIGHT, uptime + wait - 1)), seconds(1));
        assert_eq!(world.area.called("unwrap data"), tries, "no try was made");
        uptime += wait;
    }
    assert_eq!(world.access(uptime).failures, 13);
    let vault = world.unlock(RIGHT, uptime).unwrap();
    assert_eq!(document(&vault), b"a document");
    assert_eq!(vault.opening().failures, 13);
    drop(vault);
    assert_eq!(world.access(uptime).failures, 0);
}

/// DESIGN §7: a try that is cut off at any moment is counted before the PIN was compared, and never takes anything else with it.
#[test]
fn a_kill_at_any_moment_leaves_the_try_counted() {
    let world = World::new();
    let mut failures = 0;
    let mut stalls = 0;
    for at in 0.. {
        for after in [false, true] {
            world.area.set(|temper| {
                temper.calls.clear();
                temper.stall = Some((at, after));
            });
            let locked = world.locked();
            let done = poll_once(locked.unlock_with(&world.area, Some(&pin(WRONG)), seconds(1), random())).is_some();
            world.area.set(|temper| temper.stall = None);
            let compared = world.area.called("unwrap data");
            let access = world.access(1);
            let counted = access.failures - failures;
            assert!(
                counted >= u32::try_from(compared).unwrap(),
                "call {at}: compared and not counted"
            );
            assert!(counted <= 1);
            assert!(!access.restored);
            failures = access.failures;
            if done {
                assert_eq!(counted, 1);
                assert!(stalls >= 8, "there are calls to stall at");
                // Whatever was cut off, the owner gets in.
                let vault = world.unlock(RIGHT, 1 + 40 * DAY).unwrap();
                assert_eq!(document(&vault), b"a document");
                return;
            }
            stalls += 1;
            if failures >= 4 {
                drop(world.unlock(RIGHT, 1).unwrap());
                failures = 0;
            }
        }
    }
}

/// DESIGN §7: what the area did not even begin (the prompt was closed) is taken off again; what it refused is not.
#[test]
fn a_closed_prompt_is_no_wrong_pin() {
    let world = World::new();
    for error in [
        SecureAreaError::UserCancelled,
        SecureAreaError::AuthenticationRequired,
        SecureAreaError::Unavailable,
        SecureAreaError::HardwareAbsent,
    ] {
        world
            .area
            .set(|temper| temper.fail = Some(("unwrap data", error.clone())));
        let outcome = world.unlock(WRONG, 1);
        assert!(matches!(outcome, Err(Error::Area(found)) if found == error));
        world.area.set(|temper| temper.fail = None);
        assert_eq!(world.access(1).failures, 0);
    }
    world
        .area
        .set(|temper| temper.fail = Some(("unwrap data", SecureAreaError::Failed(-1))));
    assert!(matches!(world.unlock(WRONG, 1), Err(Error::Area(_))));
    world.area.set(|temper| temper.fail = None);
    assert_eq!(world.access(1).failures, 1);
}

/// DESIGN §7: no calendar is asked. After a restart the wait goes on with what has passed since that start, and many short starts
/// sum up to what they were together, never more.
#[test]
fn restarts_and_clocks_do_not_shorten_the_wait() {
    let world = World::new();
    let uptime = world.fail(8);
    assert_eq!(world.access(uptime).retry_after, seconds(300));
    assert_eq!(world.access(uptime + 100).retry_after, seconds(200));
    // Uptime goes back, as after a restart, and stands still.
    assert_eq!(world.access(10).retry_after, seconds(190));
    assert_eq!(world.access(10).retry_after, seconds(190));
    assert_eq!(world.access(25).retry_after, seconds(175));
    for _ in 0..4 {
        world.access(5);
        assert!(matches!(world.unlock(RIGHT, 5), Err(Error::Locked { .. })));
    }
    // Four starts of five seconds.
    assert_eq!(world.access(5).retry_after, seconds(170));
    assert_eq!(
        world.access(0).retry_after,
        seconds(170),
        "a start that has just begun gives nothing"
    );
    assert_eq!(world.access(20).retry_after, seconds(150));
    assert_eq!(locked_for(world.unlock(RIGHT, 169)), seconds(1));
    assert!(world.unlock(RIGHT, 170).is_ok());
}

/// DESIGN §7: a vault file from before does not bring the tries back.
#[test]
fn a_file_put_back_keeps_the_failures_and_begins_the_wait_anew() {
    let world = World::new();
    let before = world.copy("before");
    let uptime = world.fail(7);
    let access = world.access(uptime + 59);
    assert_eq!(
        (access.failures, access.retry_after, access.restored),
        (7, seconds(1), false)
    );
    world.put_back(&before);
    let access = world.access(uptime + 59);
    assert_eq!(
        (access.failures, access.retry_after, access.restored),
        (7, seconds(60), true)
    );
    // Once more, and as often as one likes.
    for _ in 0..3 {
        world.put_back(&before);
        assert_eq!(locked_for(world.unlock(RIGHT, uptime + 100)), seconds(60));
    }
    // One try for each file put back, and each time more of them are known.
    world.unlock(WRONG, uptime + 160).unwrap_err();
    world.put_back(&before);
    let access = world.access(uptime + 160);
    assert_eq!((access.failures, access.retry_after), (8, seconds(300)));
    let vault = world.unlock(RIGHT, uptime + 460).unwrap();
    assert!(vault.opening().restored, "the owner is told");
    assert_eq!(document(&vault), b"a document");
    drop(vault);
    assert!(!world.access(uptime + 460).restored);
}

/// H-H50: the state is kept in whole milliseconds and the clock is finer. Looking again within the same one is no restart, and looking
/// often shortens nothing.
#[test]
fn a_clock_finer_than_the_state_does_not_shorten_the_wait() {
    let world = World::new();
    let at = |micros: u64| seconds(100_000) + Duration::from_micros(micros);
    let unlock = |digits: &str, uptime| {
        let opened = now(world
            .locked()
            .unlock_with(&world.area, Some(&pin(digits)), uptime, random()));
        opened.map_err(Error::from)
    };
    let access = |uptime| now(world.locked().access(&world.area, uptime, &*random())).unwrap();
    for _ in 0..6 {
        wrong(unlock(WRONG, at(100)));
    }
    assert_eq!(access(at(100)).retry_after, seconds(30), "the same moment");
    assert_eq!(access(at(400)).retry_after, seconds(30), "the same millisecond");
    for look in 0..40 {
        access(at(400 + look * 500));
    }
    let left = access(at(20_100)).retry_after;
    assert!(left >= seconds(30) - Duration::from_millis(20), "{left:?}");
    assert_eq!(locked_for(unlock(RIGHT, at(29_999_900))), Duration::from_millis(1));
    assert!(unlock(RIGHT, at(30_001_100)).is_ok());
}

/// H-H50: copies of the file that stand before one area at the same time, each at its free try, have one try together.
#[test]
fn copies_side_by_side_get_no_tries_of_their_own() {
    let world = World::new();
    let uptime = world.fail(6) + 30;
    assert_eq!(
        world.access(uptime).retry_after,
        Duration::ZERO,
        "each copy waited for itself"
    );
    let copies: Vec<_> = (0..5).map(|number| world.copy(&format!("copy-{number}"))).collect();
    let locked: Vec<_> = copies.iter().map(|copy| LockedVault::open(copy).unwrap()).collect();
    let wrong_pin = pin(WRONG);
    // Each looks before any has counted.
    world.area.set(|temper| {
        temper.calls.clear();
        temper.waits = Some("increment_counter");
    });
    let mut tries: Vec<_> = locked
        .into_iter()
        .map(|locked| Box::pin(locked.unlock_with(&world.area, Some(&wrong_pin), seconds(uptime), random())))
        .collect();
    for one in &mut tries {
        assert!(poll_once(one).is_none(), "it stands before the counter");
    }
    let outcomes: Vec<_> = tries.into_iter().map(|one| now(one).map_err(Error::from)).collect();
    let compared = world.area.called("unwrap data");
    assert_eq!(compared, 1, "{outcomes:?}");
    assert_eq!(
        outcomes
            .iter()
            .filter(|o| matches!(o, Err(Error::WrongPin { .. })))
            .count(),
        1
    );
    assert_eq!(
        outcomes
            .iter()
            .filter(|o| matches!(o, Err(Error::Locked { .. })))
            .count(),
        4
    );
}

/// DESIGN §7: where the area cannot count, the sealed state does, and says so: a file put back is not noticed there.
#[test]
fn without_counters_the_state_counts_and_says_so() {
    let world = World::without_counters();
    let before = world.copy("before");
    assert_eq!(world.access(1).counters, Counters::None);
    let uptime = world.fail(6);
    assert_eq!(world.access(uptime).retry_after, seconds(30));
    world.put_back(&before);
    let access = world.access(uptime);
    assert_eq!((access.failures, access.counters), (0, Counters::None));
    assert!(world.unlock(RIGHT, uptime).is_ok());
}

/// DESIGN §7: removing, altering or putting back what counts costs the longest wait, and no data.
#[test]
fn the_counter_file_cannot_be_removed_to_start_anew() {
    let world = World::new();
    let early = fs::read(world.counters()).unwrap();
    world.fail(2);
    let harm: [&dyn Fn(); 3] = [
        &|| fs::remove_file(world.counters()).unwrap(),
        &|| fs::write(world.counters(), b"something else").unwrap(),
        &|| fs::write(world.counters(), &early).unwrap(),
    ];
    let mut uptime = 10_000;
    for (number, harm) in harm.iter().enumerate() {
        if number == 2 {
            // The early file belongs to the counter that the first two steps made unknown.
            drop(world.unlock(RIGHT, uptime).unwrap());
        }
        harm();
        let access = world.access(uptime);
        assert_eq!((access.retry_after, access.restored), (seconds(DAY), true), "{number}");
        assert!(access.failures >= 12);
        assert_eq!(locked_for(world.unlock(RIGHT, uptime)), seconds(DAY));
        uptime += DAY;
    }
    let vault = world.unlock(RIGHT, uptime).unwrap();
    assert!(vault.opening().restored);
    assert_eq!(document(&vault), b"a document");
}

/// DESIGN §7: the counter put back to where it was, alone, costs the longest wait.
#[test]
fn a_counter_that_went_back_is_noticed() {
    let world = World::new();
    world.fail(1);
    let early = fs::read(world.counters()).unwrap();
    world.fail(2);
    fs::write(world.counters(), early).unwrap();
    let access = world.access(5000);
    assert_eq!((access.retry_after, access.restored), (seconds(DAY), true));
    assert!(world.unlock(RIGHT, 5000 + DAY).is_ok());
}

/// DESIGN §7: the state is there twice; without either, or with both altered, the longest wait.
#[test]
fn no_byte_of_the_state_can_be_altered_for_another_try() {
    let world = World::new();
    world.fail(7);
    let whole = world.copy("whole");
    let rows: Vec<Vec<u8>> = (1..=2)
        .map(|item| {
            raw(&whole)
                .query_row("SELECT sealed FROM outside WHERE item = ?", [item], |row| row.get(0))
                .unwrap()
        })
        .collect();
    assert_ne!(rows[0], rows[1], "each copy has its own nonce");
    let with = |changes: &[(usize, Option<Vec<u8>>)]| {
        world.put_back(&whole);
        for (row, content) in changes {
            let raw = raw(&world.dir.vault());
            let item = i64::try_from(row + 1).unwrap();
            match content {
                Some(content) => raw.execute("UPDATE outside SET sealed = ? WHERE item = ?", (content, item)),
                None => raw.execute("DELETE FROM outside WHERE item = ?", [item]),
            }
            .unwrap();
        }
        // No time has passed, so the wait of the seventh failure is whole.
        let access = world.access(1030);
        assert!(access.failures >= 7 && access.retry_after >= seconds(60), "{access:?}");
        access.restored
    };
    let altered = |row: usize, at: usize| {
        let mut row = rows[row].clone();
        row[at] ^= 1;
        Some(row)
    };
    for at in 0..rows[0].len() {
        assert!(!with(&[(at % 2, altered(at % 2, at))]), "the other copy holds");
        assert!(with(&[(0, altered(0, at)), (1, altered(1, at))]), "byte {at}");
    }
    for len in [0, 1, 40] {
        assert!(with(&[(0, Some(rows[0][..len].to_vec())), (1, None)]));
    }
    assert!(with(&[(0, None), (1, None)]));
    assert!(
        with(&[(0, Some(rows[1].clone())), (1, Some(rows[0].clone()))]),
        "swapped"
    );
    world.put_back(&whole);
    assert!(world.unlock(RIGHT, 100_000).is_ok());
}

/// DESIGN §7: a copied database with another secure area is refused before anything is tried, whatever the PIN.
#[test]
fn a_copy_with_another_area_opens_with_no_pin() {
    let (world, thief) = (World::new(), World::empty());
    fs::create_dir_all(thief.dir.vault().parent().unwrap()).unwrap();
    let path = thief.dir.vault();
    fs::copy(world.dir.vault(), &path).unwrap();
    for digits in [RIGHT, WRONG] {
        assert!(matches!(thief.unlock(digits, 1), Err(Error::WrongKey)));
    }
    assert_eq!(thief.area.called("unwrap data"), 0);
    // Past the outer key, straight at the data key: the area refuses every context.
    let wrapped = thief.locked().wrapped_key().to_vec();
    let context = thief.locked().context();
    for area in [&thief.area, &world.area] {
        assert_eq!(
            now(area.unwrap(&context, &wrapped)).unwrap_err(),
            SecureAreaError::Integrity,
            "not even its own area opens it without the PIN"
        );
    }
    assert!(matches!(
        now(thief.locked().access(&thief.area, seconds(1), &*random())),
        Err(Error::WrongKey)
    ));
}

/// DESIGN §7: a wrong answer of the secure area is no damage of the state: nothing is written under a wrong key, so that the owner is in
/// as soon as the area answers rightly.
#[test]
fn a_wrong_answer_of_the_area_locks_nobody_out() {
    let answers = [vec![7; 32], vec![7; 31], vec![7; 33], vec![7], Vec::new()];
    let with_pin = World::new();
    with_pin.fail(2);
    for answer in &answers {
        with_pin
            .area
            .set(|temper| temper.wrong = Some(("unwrap outer", answer.clone())));
        let before = with_pin.copy("before");
        let refused = with_pin.unlock(RIGHT, 1);
        assert!(matches!(refused, Err(Error::WrongKey)), "{refused:?}");
        drop(refused);
        assert_eq!(fs::read(with_pin.dir.vault()).unwrap(), fs::read(&before).unwrap());
        let access = with_pin.access(1);
        assert_eq!(
            (access.failures, access.retry_after, access.restored),
            (2, Duration::ZERO, false)
        );
        with_pin
            .area
            .set(|temper| temper.wrong = Some(("unwrap outer", answer.clone())));
        let looked = now(with_pin.locked().access(&with_pin.area, seconds(1), &*random()));
        assert!(matches!(looked, Err(Error::WrongKey)), "{looked:?}");
    }
    // The data key's answer is compared only when the PIN was right; the try stays counted, or a wrong PIN could be told for nothing.
    for (tries, answer) in (1..).zip(&answers[..3]) {
        with_pin
            .area
            .set(|temper| temper.wrong = Some(("unwrap data", answer.clone())));
        let refused = with_pin.unlock(RIGHT, 1);
        assert!(matches!(refused, Err(Error::WrongKey)), "{refused:?}");
        drop(refused);
        assert_eq!(with_pin.access(1).failures, 2 + tries);
    }
    assert!(with_pin.unlock(RIGHT, DAY).is_ok());

    let world = World::empty();
    let path = world.dir.vault();
    drop(now(create_with_area(&path, &world.area, random())).unwrap());
    for method in ["unwrap outer", "unwrap data"] {
        for answer in &answers {
            world.area.set(|temper| temper.wrong = Some((method, answer.clone())));
            let refused = now(open_with_area(&path, &world.area, random()));
            assert!(matches!(refused, Err(Error::WrongKey)), "{method}: {refused:?}");
            drop(refused);
            assert!(now(open_with_area(&path, &world.area, random())).is_ok(), "{method}");
        }
    }
}

/// DESIGN §7: a key is let go of only when its new wrapping was seen to open: an area that wraps rubbish loses nothing.
#[test]
fn rubbish_from_the_area_replaces_no_key() {
    let rubbish = || Some(("wrap", vec![7; 60]));
    let refused = |outcome: Result<(), Error>| {
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Area(SecureAreaError::Integrity)), "{error:?}");
    };
    let other_wrapped = |world: &World| now(world.area.wrap(b"another context", &Secret::new(vec![1; 32]))).unwrap();

    let world = World::empty();
    let path = world.dir.vault();
    world.area.set(|temper| temper.wrong = rubbish());
    refused(now(create_with_area(&path, &world.area, random())).map(drop));
    // What it wraps opens, as something else.
    for method in ["unwrap outer", "unwrap data"] {
        world.area.set(|temper| temper.wrong = Some((method, vec![7; 32])));
        refused(now(create_with_area(&path, &world.area, random())).map(drop));
    }
    assert!(!path.exists(), "nothing is left of a wallet that would never open");
    let mut vault = now(create_with_area(&path, &world.area, random())).unwrap();
    let wrapped = other_wrapped(&world);
    world.area.set(|temper| temper.wrong = Some(("wrap", wrapped)));
    refused(now(vault.set_pin(&world.area, &pin(RIGHT), seconds(1))));
    drop(vault);
    assert!(now(open_with_area(&path, &world.area, random())).is_ok());

    let world = World::new();
    let (old, other) = (pin(RIGHT), pin(OTHER));
    let mut vault = world.unlock(RIGHT, 1).unwrap();
    world.area.set(|temper| temper.wrong = rubbish());
    refused(now(vault.change_pin(&world.area, &old, &other, seconds(1))));
    world.area.set(|temper| temper.wrong = rubbish());
    refused(now(vault.set_recovery_code(&world.area, &old, seconds(1))).map(drop));
    assert!(!vault.has_recovery_code());
    world.area.set(|temper| temper.wrong = rubbish());
    refused(now(vault.remove_pin(&world.area, &old, seconds(1))));
    drop(vault);
    assert_eq!(document(&world.unlock(RIGHT, 1).unwrap()), b"a document");
}
