//! Issuing, parsing, responding, verifying.

use crate::alloc;
use crate::fixture::Fixture;
use crate::harness::{Contestant, Effort, Times, run};
use crate::limit::Limit;
use crate::peer::Peer;
use crate::table::{Row, time};
use std::hint::black_box;

fn row(job: &str, limit: Times, times: Times, bar: Option<f64>) -> Row {
    let detail = format!(
        "{} of {}; medians {:.3}",
        time(times.min),
        time(limit.min),
        times.median / limit.median
    );
    Row {
        job: job.to_owned(),
        ratio: times.min / limit.min,
        bar,
        detail,
    }
}

/// The first of `contestants` is the limit.
fn jobs(rows: &mut Vec<Row>, effort: Effort, bars: &[Option<f64>], mut contestants: Vec<Contestant<'_>>) {
    let times = run(&mut contestants, effort);
    for ((name, _), (found, bar)) in contestants.iter().zip(times.iter().zip(bars)).skip(1) {
        rows.push(row(name, times[0], *found, *bar));
    }
}

/// All of them, with a response of 4.4 KB and one of 1 MB.
pub fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    let small = Fixture::new(1500);
    let lengths = small.lengths();
    let limit = Limit::new(&lengths);
    let peer = Peer::new(small);
    eprintln!(
        "response {} B, credential {} B, the peer's response {} B",
        lengths.response,
        small.issuer_signed.len(),
        peer.response_length()
    );
    eprintln!("the peer says of its own response: {}", peer.outcome());

    jobs(
        &mut rows,
        effort,
        &[None, Some(1.15), Some(0.75), None],
        vec![
            ("limit", Box::new(|| limit.verify())),
            (
                "verify a response of 4.4 KB, 3 signatures",
                Box::new(|| small.verify(false)),
            ),
            ("the same, chain validated before", Box::new(|| small.verify(true))),
            ("isomdl 0.2: verify (compares no digest)", Box::new(|| peer.verify())),
        ],
    );
    let count = alloc::calls(|| small.verify(false));
    rows.push(Row {
        job: "allocations of one verification, 4.4 KB".to_owned(),
        ratio: count as f64,
        bar: None,
        detail: String::new(),
    });

    let large = Fixture::new(1_000_000);
    let large_limit = Limit::new(&large.lengths());
    let large_peer = Peer::new(large);
    let slow = Effort {
        rounds: effort.rounds.div_ceil(4),
        turn: effort.turn,
    };
    jobs(
        &mut rows,
        slow,
        &[None, Some(1.10), None],
        vec![
            ("limit", Box::new(|| large_limit.verify())),
            (
                "verify a response with a portrait of 1 MB",
                Box::new(|| large.verify(false)),
            ),
            ("isomdl 0.2: verify, 1 MB", Box::new(|| large_peer.verify())),
        ],
    );
    let count = alloc::calls(|| large.verify(false));
    rows.push(Row {
        job: "allocations of that verification".to_owned(),
        ratio: count as f64,
        bar: Some(50.0),
        detail: String::new(),
    });

    let mut session = small.session();
    jobs(
        &mut rows,
        effort,
        &[None, Some(1.4), None],
        vec![
            ("limit", Box::new(|| limit.respond())),
            (
                "respond with 6 of 30 elements, encrypted",
                Box::new(move || {
                    black_box(session.encrypt(&small.respond()).unwrap());
                }),
            ),
            ("isomdl 0.2: respond", Box::new(|| peer.respond())),
        ],
    );
    jobs(
        &mut rows,
        effort,
        &[None, Some(1.5), None],
        vec![
            ("limit", Box::new(|| limit.issue())),
            (
                "issue 30 elements",
                Box::new(|| {
                    black_box(small.issue());
                }),
            ),
            ("isomdl 0.2: issue", Box::new(|| peer.issue())),
        ],
    );
    jobs(
        &mut rows,
        effort,
        &[None, Some(2.0 / 61.0), None],
        vec![
            ("limit", Box::new(|| limit.one_verify())),
            (
                "parse IssuerSigned of 30 elements, against one verification",
                Box::new(|| {
                    black_box(small.parse());
                }),
            ),
            ("isomdl 0.2: parse", Box::new(|| peer.parse())),
        ],
    );
    rows
}

/// One job for about five seconds.
pub fn again(job: &str) {
    let fixture = Fixture::new(1500);
    let start = std::time::Instant::now();
    while start.elapsed().as_secs() < 5 {
        for _ in 0..100 {
            match job {
                "verify" => fixture.verify(false),
                "known" => fixture.verify(true),
                "respond" => drop(black_box(fixture.respond())),
                "issue" => drop(black_box(fixture.issue())),
                _ => drop(black_box(fixture.parse())),
            }
        }
    }
}
