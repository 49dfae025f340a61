//! A dropped future is a cancelled operation.

use crate::{Check, Subject, claims, signs, spec};
use idwallet_crypto::area::{KeyPurpose, KeySpec, SecureArea};
use pollster::block_on;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub const CHECKS: &[Check] = &[
    ("a future that is never polled does nothing", never_polled),
    ("a future dropped at any moment leaves no key", dropped_keys),
    ("the area goes on after dropped futures", goes_on),
    ("a key inside is seen, and seen to go", a_key_is_seen),
];

/// Of an area that has counters.
pub const COUNTERS: &[Check] = &[("a future dropped at any moment leaves no counter", dropped_counters)];

fn a_spec(area: &dyn SecureArea) -> KeySpec {
    let (purpose, curves) = claims(area).into_iter().find(|(_, curves)| !curves.is_empty()).unwrap();
    spec(curves[0], purpose)
}

/// Polls once, lets some time go by, and drops what has not ended; gives what has.
fn abandon<F: Future>(future: F, after: Duration) -> Option<F::Output> {
    let mut future = pin!(future);
    if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return Some(done);
    }
    std::thread::sleep(after);
    None
}

fn never_polled(subject: &dyn Subject) {
    let before = subject.objects();
    let area = subject.open();
    let spec = a_spec(&*area);
    drop(area.create_key(&spec));
    drop(area.create_counter());
    drop(area);
    assert_eq!(subject.objects(), before);
}

fn dropped_keys(subject: &dyn Subject) {
    let before = subject.objects();
    let area = subject.open();
    let spec = a_spec(&*area);
    for round in 0..40 {
        // From at once to well after a key is made in software.
        if let Some(made) = abandon(area.create_key(&spec), Duration::from_micros(round * 100)) {
            block_on(area.delete(&made.unwrap().id)).unwrap();
        }
    }
    drop(area);
    assert_eq!(subject.objects(), before);
}

fn dropped_counters(subject: &dyn Subject) {
    let before = subject.objects();
    let area = subject.open();
    for round in 0..20 {
        if let Some(made) = abandon(area.create_counter(), Duration::from_micros(round * 100)) {
            block_on(area.delete_counter(&made.unwrap())).unwrap();
        }
    }
    drop(area);
    assert_eq!(subject.objects(), before);
}

fn goes_on(subject: &dyn Subject) {
    let area = subject.open();
    let spec = a_spec(&*area);
    let secret = vec![1; 32].into();
    let key = block_on(area.create_key(&spec)).unwrap();
    for round in 0..10 {
        let after = Duration::from_micros(round * 50);
        let _ = abandon(area.sign(&key.id, b"message"), after);
        let _ = abandon(area.wrap(b"context", &secret), after);
        let _ = abandon(area.public_key(&key.id), after);
    }
    if spec.purpose == KeyPurpose::Sign {
        signs(&*area, &key, b"message");
    }
    block_on(area.delete(&key.id)).unwrap();
}

/// Without this the checks above could not fail.
fn a_key_is_seen(subject: &dyn Subject) {
    if let Some(left) = subject.objects() {
        let area = subject.open();
        let key = block_on(area.create_key(&a_spec(&*area))).unwrap();
        drop(area);
        assert!(subject.objects() > Some(left), "a key that is made is seen");
        let area = subject.open();
        block_on(area.delete(&key.id)).unwrap();
        drop(area);
        assert_eq!(subject.objects(), Some(left));
    }
}
