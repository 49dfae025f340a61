//! A wallet against a simple model of one: whatever is done to it in whatever order, crashes, locks, restores and files put back
//! included, it says what the model says.
//!
//! Steps are plain data that mean something in every state ("the second of the documents there are"), so that a failing run shrinks to
//! few steps. After each step the wallet is asked for everything it knows. A step whose outcome is chance, such as a future that is
//! dropped somewhere, tells the model which of the allowed outcomes it was.
//!
//! `IDWALLET_MODEL_RUNS=100` makes a hundred times as many runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod asking;
mod bench;
mod checking;
#[path = "../common/mod.rs"]
mod common;
mod door;
mod keeping;
mod locking;
mod model;
mod papers;
mod steps;

use bench::Bench;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use steps::{Answering, Into, Step, Trouble, at_the_door, papers as with_papers};

fn config(runs: u32) -> ProptestConfig {
    let times = std::env::var("IDWALLET_MODEL_RUNS").ok();
    let times = times.and_then(|times| times.parse::<u32>().ok()).unwrap_or(1);
    ProptestConfig {
        cases: runs * times,
        max_shrink_iters: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/model/regressions.txt"
        )))),
        ..ProptestConfig::default()
    }
}

fn run(pin: Option<usize>, steps: &[Step]) {
    let mut bench = Bench::new(pin);
    bench.check();
    for step in steps {
        bench.step(step);
        bench.check();
    }
    bench.close();
}

proptest! {
    #![proptest_config(config(24))]

    /// H-H36, H-H38, H-H51, H-H60, H-H64, H-H81: documents, their copies, what was asked, answered and deleted, exports and restores.
    #[test]
    fn papers_and_history_are_what_the_model_has(steps in prop::collection::vec(with_papers(), 1..48)) {
        run(None, &steps);
    }
}

proptest! {
    #![proptest_config(config(6))]

    /// H-H50, H-H80: PINs, tries and waits, recovery codes, locks, crashes and files put back, with documents behind them.
    #[test]
    fn the_door_is_what_the_model_has((pin, steps) in (prop::option::of(0_usize..2), prop::collection::vec(at_the_door(), 1..24))) {
        run(pin, &steps);
    }
}

/// H-H36, H-H38, H-H80: what was found here once and mended.
#[test]
fn what_was_found_once_stays_mended() {
    let import = |issue| Step::Import(issue, Trouble::None);
    let remove = |which| Step::Remove(which, Trouble::None);
    let present = || Step::Present(0, Answering::Give(Trouble::None));
    // A restore counted the papers that it did not add among those that are known without the PIN.
    run(None, &[import(0), Step::Export, Step::Restore(Into::Same), Step::Lock]);
    // Once the newest edition of a paper was removed, an older one was not fetched anew…
    run(
        None,
        &[import(1), present(), present(), import(2), remove(1), present()],
    );
    // …and the one before it was shown in its place as well.
    run(None, &[import(0), import(1), import(2), remove(2), present()]);
    // A right PIN forgives what was counted before it, also when nobody waits for the wallet to open.
    run(Some(1), &[Step::Lock, Step::DropUnlock(1, 5)]);
    run(Some(1), &[Step::Lock, Step::DropUnlock(0, 4), Step::DropUnlock(1, 3)]);
    // One opening is enough for a file from before it to be known.
    run(
        None,
        &[Step::KeepFile, Step::Close, Step::PutBack, Step::AcceptRollback],
    );
    // A backup from after an older file was put back goes on where the wallet does: both are whole.
    run(
        None,
        &[
            present(),
            Step::KeepFile,
            present(),
            Step::Export,
            Step::PutBack,
            Step::Restore(Into::Same),
        ],
    );
}
