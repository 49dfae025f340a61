//! A repository that speaks of the project alone, laid out as its README says.

use std::collections::BTreeSet;
use std::fs;

use idwallet_test_house::{root, tracked_files};

/// The folders of the root. `bindings`, `android` and `ios` come when there is something in them.
const FOLDERS: &[&str] = &[
    "core", "bindings", "android", "ios", "examples", "tests", ".cargo", ".ci",
];

/// The files of the root.
const FILES: &[&str] = &[
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "rust-toolchain.toml",
    "rustfmt.toml",
];

#[test]
fn the_root_holds_what_the_layout_says_and_no_more() {
    let mut seen = BTreeSet::new();
    for file in tracked_files() {
        let top = file.split('/').next().unwrap_or_default().to_owned();
        let list = if file.contains('/') { FOLDERS } else { FILES };
        assert!(list.contains(&top.as_str()), "{file}: the layout knows no {top}");
        seen.insert(top);
    }
    for needed in ["core", "examples", "tests", "Cargo.toml", "LICENSE-MIT", "SECURITY.md"] {
        assert!(seen.contains(needed), "{needed} is missing");
    }
}

/// Paths of the machine it was written on, registries' addresses, and work left for later. Spelled in halves, since this file is
/// searched too.
const UNWANTED: &[&[&str]] = &[
    &["/wo", "rk/"],
    &["/ho", "me/"],
    &["crates", ".io"],
    &["npm", "js.org"],
    &["py", "pi.org"],
    &["python", "hosted.org"],
    &["maven", ".org"],
    &["maven", ".google.com"],
    &["TO", "DO"],
    &["FIX", "ME"],
];

#[test]
fn no_tracked_file_names_a_registry_a_machine_or_unfinished_work() {
    let mut read = 0;
    for file in tracked_files() {
        // Cargo writes the name of its index there.
        if file.ends_with("Cargo.lock") {
            continue;
        }
        let Ok(text) = fs::read_to_string(root().join(&file)) else {
            continue; // a picture or another binary file
        };
        read += 1;
        for (number, line) in text.lines().enumerate() {
            for halves in UNWANTED {
                let what = halves.concat();
                assert!(!line.contains(&what), "{file}:{}: {what}", number + 1);
            }
        }
    }
    assert!(read > 100, "only {read} files read");
}

#[test]
fn every_decision_says_its_status_context_and_decision() {
    let mut numbers = BTreeSet::new();
    for file in tracked_files().into_iter().filter(|f| f.starts_with("core/adr/")) {
        let name = file.trim_start_matches("core/adr/");
        let number = name.get(..4).unwrap_or_default().to_owned();
        assert!(
            name.ends_with(".md") && number.chars().all(|c| c.is_ascii_digit()),
            "{file}: decisions are called NNNN-what.md"
        );
        assert!(numbers.insert(number.clone()), "two decisions have the number {number}");
        let text = fs::read_to_string(root().join(&file)).unwrap();
        assert!(
            text.starts_with(&format!("# {number}")),
            "{file}: the title has its number"
        );
        assert!(text.contains("\nStatus: "), "{file}: no status");
        for heading in ["\n## Context\n", "\n## Decision\n"] {
            assert!(text.contains(heading), "{file}: no section {heading:?}");
        }
    }
    assert!(numbers.len() >= 5, "only {} decisions found", numbers.len());
}
