//! Files that a reader can hold in mind, lints in one place, and a repository that speaks of the project alone.

use std::fs;

use idwallet_test_house::{metadata, root, rust_files};

const LONGEST: usize = 600;

#[test]
fn no_file_of_core_is_longer_than_600_lines() {
    let files = rust_files(&root().join("core"));
    assert!(files.len() > 30, "only {} files found", files.len());
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", file.display());
    }
}

/// `missing_docs` and `unsafe_code` are denied once, in the workspace; a crate that does not inherit them escapes both.
#[test]
fn every_core_crate_inherits_the_lints_and_forbids_unsafe_code() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\"") && manifest.contains("missing_docs = \"deny\""));
    let metadata = metadata();
    let mut crates = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let path = package["manifest_path"].as_str().unwrap();
        if !package["source"].is_null() || !path.contains("/core/") {
            continue;
        }
        crates += 1;
        let own = fs::read_to_string(path).unwrap();
        assert!(
            own.contains("[lints]\nworkspace = true"),
            "{path} does not inherit the workspace's lints"
        );
        let lib = fs::read_to_string(path.replace("Cargo.toml", "src/lib.rs")).unwrap();
        // A crate that is still to be written has nothing to forbid.
        assert!(
            lib.lines().count() <= 1 || lib.contains("#![forbid(unsafe_code)]"),
            "{path}: lib.rs does not forbid unsafe code"
        );
    }
    assert!(crates >= 10);
}

/// A lint that is allowed again away from a test needs its reason beside it.
#[test]
fn allowances_in_core_carry_a_reason() {
    for file in rust_files(&root().join("core")) {
        if file.components().any(|c| {
            ["tests", "tests.rs", "benches", "examples"]
                .iter()
                .any(|n| c.as_os_str() == *n)
        }) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in product.lines().enumerate() {
            let line = line.trim();
            if line.starts_with("#[allow(") || line.starts_with("#![allow(") {
                let rest: String = product.lines().skip(number).take(20).collect();
                let attribute = rest.split(")]").next().unwrap_or_default();
                assert!(
                    attribute.contains("reason"),
                    "{}:{}: {line} has no reason",
                    file.display(),
                    number + 1
                );
            }
        }
    }
}
