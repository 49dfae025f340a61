//! What parsing and validating cost: printed.
#![allow(clippy::disallowed_methods)] // a stopwatch

use std::hint::black_box;
use std::time::Instant;

use idwallet_crypto::x509::Certificate;

use crate::pki::{Pki, options};

#[test]
fn parsing_and_validating_are_cheap() {
    let pki = Pki::new();
    let ds = pki.ds();
    let chain: [&[u8]; 1] = [ds.der()];
    pki.validate(&chain, &options()).unwrap();
    let rounds = 2000;
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(Certificate::from_der(black_box(ds.der())).unwrap());
    }
    let parse = start.elapsed() / rounds;
    let anchors = pki.anchors();
    let start = Instant::now();
    for _ in 0..rounds / 10 {
        black_box(idwallet_crypto::x509::validate_path(&chain, &anchors, &options()).unwrap());
    }
    println!(
        "parse {parse:?}, path with one signature {:?}",
        start.elapsed() / (rounds / 10)
    );
    // Two orders of magnitude above what is measured: only a change of kind trips it.
    assert!(parse.as_micros() < 500);
}
