//! The fuzzer's corpus as ordinary tests: each input, each input damaged in many small ways, the public vectors.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

use idwallet_replay::{TARGETS, Target, seeds};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Inputs made from each one in the corpus.
const DAMAGED: usize = 48;
/// Targets of which one execution takes milliseconds.
const SLOW: [&str; 2] = ["qr_image", "vault_file"];

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn names(folder: PathBuf, suffix: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.map(|name| name.trim_end_matches(suffix).to_owned()).collect()
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(fuzz().join("corpus").join(target))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A target without its file, its binary, its function or its corpus is a target that nobody runs.
#[test]
fn every_target_is_whole() {
    let functions: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(functions.len(), TARGETS.len());
    assert_eq!(names(fuzz().join("fuzz_targets"), ".rs"), functions);
    assert_eq!(names(fuzz().join("corpus"), ""), functions);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(
            manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")),
            "{name} has no binary"
        );
        let file = std::fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(
            file.contains(&format!("idwallet_replay::{name}(data)")),
            "{name} calls something else"
        );
        assert!(!seeds::seeds(name).is_empty(), "{name} has no seeds");
    }
}

#[test]
fn the_corpus_is_replayed() {
    let mut count = 0;
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        count += inputs.len();
        inputs.iter().for_each(|input| target(input));
    }
    println!("{count} inputs of {} targets replayed", TARGETS.len());
}

#[test]
fn fresh_seeds_are_answered() {
    for (name, target) in TARGETS {
        seeds::seeds(name).iter().for_each(|(_, input)| target(input));
    }
}

/// Cut short, a bit flipped, a byte doubled, two inputs crossed: the same every time.
#[test]
fn damaged_inputs_are_answered() {
    let mut state = 1_u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    let mut count = 0;
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        let many = if SLOW.contains(name) { 4 } else { DAMAGED };
        for input in inputs.iter().filter(|input| !input.is_empty()).take(40) {
            for shape in 0..many {
                let mut damaged = input.clone();
                let at = next() % damaged.len();
                match shape % 4 {
                    0 => damaged.truncate(at),
                    1 => damaged[at] ^= 1 << (next() % 8),
                    2 => damaged.insert(at, damaged[at]),
                    _ => {
                        let other = &inputs[next() % inputs.len()];
                        damaged.truncate(at);
                        damaged.extend(&other[next() % (other.len() + 1)..]);
                    }
                }
                target(&damaged);
                count += 1;
            }
        }
    }
    println!("{count} damaged inputs");
}

/// Every public vector to every parser: nearly all of it is another parser's food.
#[test]
fn public_vectors_are_answered_by_every_parser() {
    let blobs = seeds::vectors(16 * 1024);
    if blobs.is_empty() {
        println!("left out: the public vectors are not there");
        return;
    }
    let cheap: Vec<Target> = TARGETS
        .iter()
        .filter(|(name, _)| !SLOW.contains(name))
        .map(|(_, target)| *target)
        .collect();
    blobs
        .iter()
        .for_each(|blob| cheap.iter().for_each(|target| target(blob)));
    println!("{} vectors to {} parsers", blobs.len(), cheap.len());
}
