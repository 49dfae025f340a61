//! Time, randomness, threads and the network come into the core as arguments; each port for one of them stands in one file.
//!
//! `clippy.toml` says the same to clippy. This test reads the text, so that an `#[allow]` cannot get past it.

use std::fs;
use std::path::Path;

use idwallet_test_house::{product_code, root, rust_files};

/// What must not appear, and the one file in which it may: the port.
const PORTS: &[(&str, Option<&str>)] = &[
    ("SystemTime", Some("core/crypto/src/time.rs")),
    ("Instant", None),
    ("thread::spawn", None),
    ("thread::sleep", None),
    ("thread::Builder", None),
    ("thread::scope", None),
    ("std::net", None),
    ("std::process", None),
    ("std::env", None),
    ("rand::SystemRandom", Some("core/crypto/src/random.rs")),
    ("OsRng", None),
    ("getrandom", None),
    ("thread_rng", None),
    ("tokio", None),
];

/// ECDSA nonces: `ring` takes no generator but its own when it signs.
const NONCES: (&str, &str) = ("rand::SystemRandom", "core/crypto/src/private.rs");

fn word(line: &str, what: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(what).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + what.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// X-C10: the one clock. X-C12: the one source of randomness.
#[test]
fn each_port_stands_in_one_file() {
    let mut found = vec![0; PORTS.len()];
    for folder in fs::read_dir(root().join("core")).unwrap() {
        for file in rust_files(&folder.unwrap().path().join("src")) {
            let name = file.strip_prefix(root()).unwrap().to_path_buf();
            // A module of tests in a file of its own.
            if name.ends_with("tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in product_code(&text) {
                for (count, (what, port)) in found.iter_mut().zip(PORTS) {
                    if word(line, what) {
                        *count += 1;
                        let allowed = port.is_some_and(|p| name == Path::new(p))
                            || (NONCES.0 == *what && name == Path::new(NONCES.1));
                        assert!(allowed, "{}:{number}: {what}: {}", name.display(), line.trim());
                    }
                }
            }
        }
    }
    for (count, (what, port)) in found.iter().zip(PORTS) {
        assert_eq!(*count > 0, port.is_some(), "{what}: is its port still there?");
    }
}

/// The list of clippy names the same things, for those who run clippy alone.
#[test]
fn clippy_knows_the_ports() {
    let list = fs::read_to_string(root().join("clippy.toml")).unwrap();
    for path in [
        "std::time::SystemTime::now",
        "std::time::Instant::now",
        "std::thread::spawn",
        "std::thread::sleep",
        "std::net::TcpStream",
        "std::net::TcpListener",
        "std::net::UdpSocket",
        "ring::rand::SystemRandom::new",
        "rand_core::OsRng",
    ] {
        assert!(
            list.contains(&format!("path = \"{path}\"")),
            "clippy.toml allows {path}"
        );
    }
}

/// An allowance of a port, or of undocumented items, is a decision: these are all there are.
#[test]
fn allowances_of_ports_and_missing_docs_are_counted() {
    let mut found = Vec::new();
    for file in rust_files(&root().join("core")) {
        if file.components().any(|c| c.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let product: String = product_code(&text).map(|(_, line)| line).collect::<Vec<_>>().join("\n");
        for attribute in product.split("allow(").skip(1) {
            let attribute = attribute.split(")]").next().unwrap_or_default();
            for lint in ["disallowed_methods", "disallowed_types", "missing_docs"] {
                if attribute.contains(lint) {
                    let name = file.strip_prefix(root()).unwrap().display().to_string();
                    found.push(format!("{name} {lint}"));
                }
            }
        }
    }
    assert_eq!(
        found,
        [
            "core/crypto/src/brainpool.rs missing_docs",
            "core/crypto/src/private.rs disallowed_methods",
            "core/crypto/src/random.rs disallowed_methods",
            "core/crypto/src/time.rs disallowed_methods",
        ]
    );
}
