//! Arrows go down only, and what must not be below the line is not below the line.

use std::collections::{BTreeMap, BTreeSet};

use idwallet_test_house::metadata;
use serde_json::Value;

/// Crate and layer. A crate of `core/` that is not in this list fails the test: the list is closed (a new one needs an ADR).
const LAYERS: &[(&str, u8)] = &[
    ("idwallet-crypto", 0),
    ("idwallet-cose", 1),
    ("idwallet-jose", 1),
    ("idwallet-mdoc", 2),
    ("idwallet-sd-jwt", 2),
    ("idwallet-status-list", 2),
    ("idwallet-trust", 2),
    ("idwallet-emrtd", 2),
    ("idwallet-dcql", 3),
    ("idwallet-proximity", 3),
    ("idwallet-openid4vp", 3),
    ("idwallet-openid4vci", 3),
    ("idwallet-documents", 3),
    ("idwallet-storage", 4),
    ("idwallet-wallet", 5),
    ("idwallet-verifier", 5),
];

/// The one arrow between siblings that the design allows.
const SIBLINGS: &[(&str, &str)] = &[("idwallet-openid4vp", "idwallet-dcql")];

/// Never in the normal dependency tree of a crate in `core/`.
const FORBIDDEN: &[&str] = &[
    "uniffi",
    "tokio",
    "hyper",
    "reqwest",
    "rustls",
    "openssl-sys",
    "jni",
    "serde_cbor",
    "native-tls",
    "ureq",
];

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(n, _)| *n == name).map(|(_, l)| *l)
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn core_packages(metadata: &Value) -> Vec<&Value> {
    let packages: Vec<_> = array(metadata, "packages")
        .iter()
        .filter(|p| text(p, "manifest_path").contains("/core/") && p["source"].is_null())
        .collect();
    assert!(packages.len() >= 10, "only {} crates found in core/", packages.len());
    packages
}

#[test]
fn arrows_go_down_only() {
    let metadata = metadata();
    let mut edges = 0;
    for package in core_packages(&metadata) {
        let name = text(package, "name");
        let own = layer(name).unwrap_or_else(|| panic!("{name} is not in the closed list of crates"));
        for dependency in array(package, "dependencies") {
            let target = text(dependency, "name");
            if !target.starts_with("idwallet-") || dependency["kind"] == "dev" {
                continue;
            }
            edges += 1;
            let below = layer(target).unwrap_or_else(|| panic!("{name} uses {target}, which is no crate of core/"));
            assert!(
                below < own || SIBLINGS.contains(&(name, target)),
                "{name} (L{own}) must not use {target} (L{below})"
            );
        }
    }
    assert!(edges > 10, "the test saw only {edges} edges");
}

#[test]
fn bindings_see_the_facades_only() {
    let metadata = metadata();
    for package in array(&metadata, "packages")
        .iter()
        .filter(|p| text(p, "name") == "idwallet-ffi")
    {
        for dependency in array(package, "dependencies").iter().filter(|d| d["kind"] != "dev") {
            let target = text(dependency, "name");
            assert!(
                !target.starts_with("idwallet-") || ["idwallet-wallet", "idwallet-verifier"].contains(&target),
                "bindings must not use {target}"
            );
        }
    }
}

#[test]
fn forbidden_crates_stay_out_of_the_core() {
    let metadata = metadata();
    let names: BTreeMap<&str, &str> = array(&metadata, "packages")
        .iter()
        .map(|p| (text(p, "id"), text(p, "name")))
        .collect();
    let nodes: BTreeMap<&str, &Value> = array(&metadata["resolve"], "nodes")
        .iter()
        .map(|n| (text(n, "id"), n))
        .collect();
    for package in core_packages(&metadata) {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![text(package, "id")];
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            for dependency in array(nodes[id], "deps") {
                let normal = array(dependency, "dep_kinds").iter().any(|k| k["kind"].is_null());
                if normal {
                    waiting.push(text(dependency, "pkg"));
                }
            }
        }
        assert!(seen.len() > 3, "the tree of {} was not walked", text(package, "name"));
        for id in seen {
            let name = names[id];
            assert!(
                !FORBIDDEN.contains(&name),
                "{} must not have {name} in its tree",
                text(package, "name")
            );
        }
    }
}
