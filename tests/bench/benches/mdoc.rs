//! The single jobs under criterion: `cargo bench --manifest-path tests/bench/Cargo.toml`. The ratios are the table's, which runs
//! job and limit in turns.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use idwallet_bench::fixture::Fixture;
use idwallet_bench::limit::Limit;

fn mdoc(criterion: &mut Criterion) {
    for (size, portrait) in [("4.4 KB", 1500), ("1 MB", 1_000_000)] {
        let fixture = Fixture::new(portrait);
        let limit = Limit::new(&fixture.lengths());
        let mut group = criterion.benchmark_group(size);
        group.bench_function("verify: limit", |b| b.iter(|| limit.verify()));
        group.bench_function("verify", |b| b.iter(|| fixture.verify(false)));
        group.bench_function("verify, chain known", |b| b.iter(|| fixture.verify(true)));
        group.bench_function("respond: limit", |b| b.iter(|| limit.respond()));
        let mut session = fixture.session();
        group.bench_function("respond", |b| b.iter(|| session.encrypt(&fixture.respond()).unwrap()));
        group.bench_function("issue: limit", |b| b.iter(|| limit.issue()));
        group.bench_function("issue", |b| b.iter(|| fixture.issue()));
        group.bench_function("parse: limit (one verification)", |b| b.iter(|| limit.one_verify()));
        group.bench_function("parse", |b| b.iter(|| fixture.parse()));
        group.finish();
    }
}

criterion_group!(benches, mdoc);
criterion_main!(benches);
