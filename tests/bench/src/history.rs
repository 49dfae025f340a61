//! The history of a wallet: reading all of it, and adding to it, when it is long.

use crate::harness::summary;
use crate::table::{Row, time};
use idwallet_crypto::SystemRandom;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::NOW;
use idwallet_wallet::Wallet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const ENTRIES: usize = 10_000;

/// The least thing that leaves an entry behind: an import that is refused.
fn append(wallet: &Wallet) {
    let anchors = TrustAnchors::new();
    let refused = pollster::block_on(wallet.import(vec![], &Policy::iso().at(NOW), &IssuerTrust::new(&anchors)));
    assert!(refused.is_err());
}

/// The rows. The wallets lie in memory where the system has a place for it: what a disk needs to keep an entry is measured elsewhere.
pub fn rows(folder: &Path, rounds: usize) -> Vec<Row> {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() {
        memory.join(format!("idwallet-bench-{}", std::process::id()))
    } else {
        folder.join("history")
    };
    let _ = std::fs::remove_dir_all(&place);
    let wallets = [100, ENTRIES].map(|count| {
        let directory = place.join(count.to_string());
        let made = Wallet::create_software(&directory, Arc::new(SystemRandom::new()));
        let wallet = pollster::block_on(made).unwrap();
        (0..count).for_each(|_| append(&wallet));
        wallet
    });
    let (mut appends, mut lists) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..rounds {
        for (at, wallet) in wallets.iter().enumerate() {
            for _ in 0..5 {
                let start = Instant::now();
                append(wallet);
                appends[at].push(start.elapsed().as_nanos() as f64);
            }
            let start = Instant::now();
            let history = wallet.history().unwrap();
            lists[at].push(start.elapsed().as_nanos() as f64);
            assert!(history.problems.is_empty());
        }
    }
    drop(wallets);
    std::fs::remove_dir_all(&place).unwrap();
    let [few, many] = appends.map(summary);
    let [_, list] = lists.map(summary);
    vec![
        Row {
            job: "history: add an entry to 10,000, against adding to 100 (no disk)".to_owned(),
            ratio: many.min / few.min,
            bar: Some(1.5),
            detail: format!(
                "{} of {}; medians {:.3}",
                time(many.min),
                time(few.min),
                many.median / few.median
            ),
        },
        Row {
            job: "history: read 10,000 entries and check their chain, in milliseconds".to_owned(),
            ratio: list.min / 1e6,
            bar: None,
            detail: format!("median {}", time(list.median)),
        },
    ]
}
