//! Writes the seeds of every target that are not there yet: `cargo run -p idwallet-replay --example seeds`. With `--vectors DIR`
//! it writes what the public vectors hold into `DIR` instead, for a run of the fuzzer on this machine.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use idwallet_replay::{TARGETS, seeds};
use std::path::{Path, PathBuf};

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--vectors") {
        let folder = PathBuf::from(arguments.next().unwrap());
        std::fs::create_dir_all(&folder).unwrap();
        let blobs = seeds::vectors(16 * 1024);
        for (number, blob) in blobs.iter().enumerate() {
            std::fs::write(folder.join(format!("{number:05}")), blob).unwrap();
        }
        println!("{} inputs from the public vectors", blobs.len());
        return;
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (target, _) in TARGETS {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in seeds::seeds(target) {
            let path = folder.join(format!("seed-{name}"));
            if !path.exists() {
                std::fs::write(path, bytes).unwrap();
            }
        }
    }
}
