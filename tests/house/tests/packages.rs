//! Every crate of the product can be packaged, says what it is, and carries its sources and data alone.

use std::fs;
use std::process::Command;

use idwallet_test_house::{metadata, root};
use serde_json::Value;

/// A package is sources and type files; what is larger took fixtures along.
const LARGEST: u64 = 400_000;

fn product(metadata: &Value) -> Vec<&Value> {
    let root = root();
    let packages: Vec<_> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| {
            let path = package["manifest_path"].as_str().unwrap();
            package["source"].is_null()
                && ["core", "bindings"]
                    .iter()
                    .any(|folder| path.starts_with(root.join(folder).to_str().unwrap()))
        })
        .collect();
    assert!(packages.len() >= 13, "only {} packages found", packages.len());
    packages
}

#[test]
fn every_package_says_what_it_is() {
    let metadata = metadata();
    for package in product(&metadata) {
        let name = package["name"].as_str().unwrap();
        for key in ["description", "license", "repository", "rust_version"] {
            let text = package[key].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} has no {key}");
        }
        let path = package["manifest_path"].as_str().unwrap();
        let manifest = fs::read_to_string(path).unwrap();
        assert!(
            manifest.contains("\ninclude = ["),
            "{name} does not say what belongs to it"
        );
        // The library of the bindings reaches apps in other ways; the crates of the core may be published.
        let is_core = path.contains("/core/");
        assert_eq!(package["publish"].is_null(), is_core, "{name}: publish");
        if is_core {
            assert_eq!(package["readme"], "README.md", "{name}: readme");
            let keywords = package["keywords"].as_array().unwrap().len();
            assert!((1..=5).contains(&keywords), "{name}: {keywords} keywords");
        }
    }
}

#[test]
fn every_package_can_be_made_and_has_no_fixtures() {
    let metadata = metadata();
    let packages = product(&metadata);
    let target = std::env::temp_dir().join(format!("idwallet-packages-{}", std::process::id()));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--locked", "--no-verify", "--allow-dirty", "--target-dir"]);
    cargo.arg(&target).current_dir(root());
    for package in &packages {
        cargo.args(["--package", package["name"].as_str().unwrap()]);
    }
    let output = cargo.output().unwrap();
    let made = fs::read_dir(target.join("package"));
    let sizes: Vec<(String, u64)> = made
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.metadata().unwrap().len(),
            )
        })
        .filter(|(name, _)| name.ends_with(".crate"))
        .collect();
    let _ = fs::remove_dir_all(&target);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(sizes.len(), packages.len(), "{sizes:?}");
    for (name, size) in sizes {
        assert!(size <= LARGEST, "{name} has {size} bytes");
    }
}
