//! Counters: they go up.

use crate::{Check, Subject, capabilities, is_not_found, is_unsupported};
use idwallet_crypto::area::{CounterId, Counters, SecureArea};
use pollster::block_on;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Of every area.
pub const CLAIM: &[Check] = &[("counters are there or refused, as claimed", as_claimed)];

/// Of an area that has counters.
pub const CHECKS: &[Check] = &[
    ("a counter goes up by one and stays there", goes_up),
    ("counters are apart from each other", apart),
    ("a counter outlives the area", outlives),
    ("unknown counters are not found", unknown),
    ("a deleted counter never comes back", deleted),
    ("another area does not know the counter", other_area),
    ("eight threads never see one value twice", threads),
];

fn as_claimed(subject: &dyn Subject) {
    let area = subject.open();
    if capabilities(&*area).counters != Counters::None {
        let id = block_on(area.create_counter()).unwrap();
        block_on(area.read_counter(&id)).unwrap();
        block_on(area.delete_counter(&id)).unwrap();
    } else {
        is_unsupported(block_on(area.create_counter()));
        is_unsupported(block_on(area.read_counter(&CounterId::new([0; 16]))));
        is_unsupported(block_on(area.increment_counter(&CounterId::new([0; 16]))));
        block_on(area.delete_counter(&CounterId::new([0; 16]))).unwrap();
    }
}

fn goes_up(subject: &dyn Subject) {
    let area = subject.open();
    let id = block_on(area.create_counter()).unwrap();
    let start = block_on(area.read_counter(&id)).unwrap();
    for step in 1..=20 {
        assert_eq!(block_on(area.increment_counter(&id)).unwrap(), start + step);
        assert_eq!(block_on(area.read_counter(&id)).unwrap(), start + step);
    }
    block_on(area.delete_counter(&id)).unwrap();
}

fn apart(subject: &dyn Subject) {
    let area = subject.open();
    let (one, other) = (
        block_on(area.create_counter()).unwrap(),
        block_on(area.create_counter()).unwrap(),
    );
    assert_ne!(one, other);
    let before = block_on(area.read_counter(&other)).unwrap();
    block_on(area.increment_counter(&one)).unwrap();
    assert_eq!(block_on(area.read_counter(&other)).unwrap(), before);
    block_on(area.delete_counter(&one)).unwrap();
    assert_eq!(block_on(area.read_counter(&other)).unwrap(), before);
    block_on(area.delete_counter(&other)).unwrap();
}

fn outlives(subject: &dyn Subject) {
    let area = subject.open();
    let id = block_on(area.create_counter()).unwrap();
    let value = block_on(area.increment_counter(&id)).unwrap();
    drop(area);
    let area = subject.open();
    assert_eq!(block_on(area.read_counter(&id)).unwrap(), value);
    assert_eq!(block_on(area.increment_counter(&id)).unwrap(), value + 1);
    block_on(area.delete_counter(&id)).unwrap();
}

fn nobody_knows(area: &dyn SecureArea, id: &CounterId) {
    is_not_found(block_on(area.read_counter(id)));
    is_not_found(block_on(area.increment_counter(id)));
    block_on(area.delete_counter(id)).unwrap();
}

fn unknown(subject: &dyn Subject) {
    let area = subject.open();
    let id = block_on(area.create_counter()).unwrap();
    let mut near = id.as_bytes().to_vec();
    *near.last_mut().unwrap() ^= 0x80;
    for bytes in [Vec::new(), vec![1], vec![0; 16], vec![0xFF; 300], near] {
        nobody_knows(&*area, &CounterId::new(bytes));
    }
    block_on(area.read_counter(&id)).unwrap();
    block_on(area.delete_counter(&id)).unwrap();
}

/// Neither under its id nor, lower, under that of a later one.
fn deleted(subject: &dyn Subject) {
    let area = subject.open();
    let id = block_on(area.create_counter()).unwrap();
    let mut ended = 0;
    for _ in 0..5 {
        ended = block_on(area.increment_counter(&id)).unwrap();
    }
    block_on(area.delete_counter(&id)).unwrap();
    nobody_knows(&*area, &id);
    drop(area);
    let area = subject.open();
    nobody_knows(&*area, &id);
    for _ in 0..3 {
        let next = block_on(area.create_counter()).unwrap();
        let start = block_on(area.read_counter(&next)).unwrap();
        assert!(
            next != id || start >= ended,
            "it starts again at {start}, below {ended}"
        );
        block_on(area.delete_counter(&next)).unwrap();
    }
}

fn other_area(subject: &dyn Subject) {
    let area = subject.open();
    let other = subject.open_other();
    let id = block_on(area.create_counter()).unwrap();
    let value = block_on(area.increment_counter(&id)).unwrap();
    // Where the id is a place, the other area may have one there: its own, which this one does not feel.
    let _ = block_on(other.increment_counter(&id));
    assert_eq!(block_on(area.read_counter(&id)).unwrap(), value);
    block_on(area.delete_counter(&id)).unwrap();
}

fn threads(subject: &dyn Subject) {
    let area = subject.open();
    let id = block_on(area.create_counter()).unwrap();
    let start = block_on(area.read_counter(&id)).unwrap();
    let seen = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let value = block_on(area.increment_counter(&id)).unwrap();
                    assert!(seen.lock().unwrap().insert(value), "{value} was seen twice");
                }
            });
        }
    });
    assert_eq!(block_on(area.read_counter(&id)).unwrap(), start + 40);
    block_on(area.delete_counter(&id)).unwrap();
}
