//! Wrapping: what comes back, and what does not.

use crate::{Check, Subject};
use idwallet_crypto::SecretBytes;
use idwallet_crypto::area::{SecureArea, SecureAreaError};
use pollster::block_on;

pub const CHECKS: &[Check] = &[
    ("what is wrapped comes back", round_trip),
    ("every wrapping is another one", wrappings_differ),
    ("the secret is not in what is given", nothing_shows),
    ("every flipped bit is noticed", flipped_bits),
    ("another context opens nothing", other_context),
    ("another area opens nothing", other_area),
    ("truncated, longer and foreign bytes open nothing", cut_and_foreign),
    ("what is too long is refused", too_long),
    ("what is wrapped outlives the area", outlives),
    ("a refusal leaves the area as it was", goes_on_after_a_refusal),
];

const SECRET: &[u8; 32] = b"a data key of exactly 32 bytes!!";

fn wrap(area: &dyn SecureArea, context: &[u8], secret: &[u8]) -> Vec<u8> {
    block_on(area.wrap(context, &SecretBytes::new(secret.to_vec()))).unwrap()
}

#[track_caller]
fn opens_nothing(area: &dyn SecureArea, context: &[u8], wrapped: &[u8]) {
    match block_on(area.unwrap(context, wrapped)) {
        Err(SecureAreaError::Integrity) => {}
        Err(error) => panic!("refused for another reason: {error:?}"),
        Ok(_) => panic!("it opened"),
    }
}

fn round_trip(subject: &dyn Subject) {
    let area = subject.open();
    let long = [0xC3; 4096];
    for context in [&b""[..], b"c", b"a context of an ordinary length", &long] {
        for length in [0, 1, 16, 32, 33, 1024, 64 * 1024] {
            let secret: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let wrapped = wrap(&*area, context, &secret);
            let plain = block_on(area.unwrap(context, &wrapped)).unwrap();
            assert_eq!(plain.expose(), &secret, "{length} bytes");
        }
    }
}

fn wrappings_differ(subject: &dyn Subject) {
    let area = subject.open();
    assert_ne!(wrap(&*area, b"context", SECRET), wrap(&*area, b"context", SECRET));
}

fn nothing_shows(subject: &dyn Subject) {
    let area = subject.open();
    let wrapped = wrap(&*area, b"a context worth hiding", SECRET);
    for part in SECRET.chunks(8).chain([&b"worth hiding"[..]]) {
        assert!(!wrapped.windows(part.len()).any(|window| window == part));
    }
}

fn flipped_bits(subject: &dyn Subject) {
    let area = subject.open();
    let wrapped = wrap(&*area, b"context", SECRET);
    for at in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[at] ^= 1 << (at % 8);
        opens_nothing(&*area, b"context", &altered);
    }
    assert_eq!(block_on(area.unwrap(b"context", &wrapped)).unwrap().expose(), SECRET);
}

fn other_context(subject: &dyn Subject) {
    let area = subject.open();
    let wrapped = wrap(&*area, b"context", SECRET);
    for context in [
        &b""[..],
        b"contexs",
        b"contex",
        b"context\0",
        b"Context",
        b"contextcontext",
    ] {
        opens_nothing(&*area, context, &wrapped);
    }
    let wrapped = wrap(&*area, b"", SECRET);
    opens_nothing(&*area, b"\0", &wrapped);
    // A long one counts to its last byte.
    let mut long = vec![7; 4096];
    let wrapped = wrap(&*area, &long, SECRET);
    long[4095] ^= 1;
    opens_nothing(&*area, &long, &wrapped);
}

fn other_area(subject: &dyn Subject) {
    let area = subject.open();
    let other = subject.open_other();
    opens_nothing(&*other, b"context", &wrap(&*area, b"context", SECRET));
    opens_nothing(&*area, b"context", &wrap(&*other, b"context", SECRET));
}

fn cut_and_foreign(subject: &dyn Subject) {
    let area = subject.open();
    let wrapped = wrap(&*area, b"context", SECRET);
    for length in 0..wrapped.len() {
        opens_nothing(&*area, b"context", &wrapped[..length]);
    }
    opens_nothing(&*area, b"context", &[&wrapped[..], &[0]].concat());
    opens_nothing(&*area, b"context", &[&[0], &wrapped[..]].concat());
    opens_nothing(&*area, b"context", &vec![0; wrapped.len()]);
    opens_nothing(&*area, b"context", &vec![0xFF; 1024 * 1024]);
}

fn too_long(subject: &dyn Subject) {
    let area = subject.open();
    let secret = SecretBytes::new(vec![1; 64 * 1024 + 1]);
    crate::is_unsupported(block_on(area.wrap(b"context", &secret)));
}

fn outlives(subject: &dyn Subject) {
    let area = subject.open();
    let wrapped = wrap(&*area, b"context", SECRET);
    drop(area);
    let area = subject.open();
    assert_eq!(block_on(area.unwrap(b"context", &wrapped)).unwrap().expose(), SECRET);
}

fn goes_on_after_a_refusal(subject: &dyn Subject) {
    let area = subject.open();
    let wrapped = wrap(&*area, b"context", SECRET);
    for _ in 0..50 {
        opens_nothing(&*area, b"other", &wrapped);
        assert_eq!(block_on(area.unwrap(b"context", &wrapped)).unwrap().expose(), SECRET);
    }
}
