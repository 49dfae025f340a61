//! Contestants in rotated order within one process: a machine that slows down slows all of them down alike.

use std::time::Instant;

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Rounds; every contestant runs once in each.
    pub rounds: usize,
    /// Length of one contestant's turn, in microseconds: short enough that some turns are not interrupted on a busy machine.
    pub turn: u64,
}

/// One contestant's times for one execution, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The least of all turns: the cost on a machine that does nothing else.
    pub min: f64,
    /// The middle one.
    pub median: f64,
}

/// Name and work.
pub type Contestant<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// Runs them all; the times are in the order of the contestants.
pub fn run(contestants: &mut [Contestant<'_>], effort: Effort) -> Vec<Times> {
    let turns: Vec<u32> = contestants
        .iter_mut()
        .map(|(_, work)| calibrate(work, effort.turn))
        .collect();
    let count = contestants.len();
    let mut all = vec![Vec::with_capacity(effort.rounds); count];
    for round in 0..effort.rounds {
        for place in 0..count {
            let index = (round + place) % count;
            let start = Instant::now();
            for _ in 0..turns[index] {
                contestants[index].1();
            }
            all[index].push(start.elapsed().as_nanos() as f64 / f64::from(turns[index]));
        }
    }
    all.into_iter().map(summary).collect()
}

/// Minimum and median.
pub fn summary(mut times: Vec<f64>) -> Times {
    times.sort_unstable_by(f64::total_cmp);
    Times {
        min: times[0],
        median: times[times.len() / 2],
    }
}

fn calibrate(work: &mut dyn FnMut(), turn: u64) -> u32 {
    work();
    let mut times = 1_u32;
    loop {
        let start = Instant::now();
        for _ in 0..times {
            work();
        }
        let took = start.elapsed().as_micros() as u64;
        if took * 4 > turn || times > 1 << 20 {
            return ((u64::from(times) * turn) / took.max(1)).clamp(1, 1 << 24) as u32;
        }
        times *= 2;
    }
}
