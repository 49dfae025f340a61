//! Finds tests and the requirement ids in their comments.

use std::fs;
use std::path::{Path, PathBuf};

/// A test and a requirement that it names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof {
    /// Such as `A-V17`.
    pub id: String,
    /// The file, from the root of the workspace.
    pub file: String,
    /// The test function.
    pub test: String,
}

/// All ids in a line of text: a letter of A, B, G, H, X, a hyphen, a letter of C, H, I, V, two digits, perhaps a small letter.
pub(crate) fn ids(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + 5 <= bytes.len() {
        let is_id = matches!(bytes[at], b'A' | b'B' | b'G' | b'H' | b'X')
            && bytes[at + 1] == b'-'
            && matches!(bytes[at + 2], b'C' | b'H' | b'I' | b'V')
            && bytes[at + 3].is_ascii_digit()
            && bytes[at + 4].is_ascii_digit()
            && (at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'-'));
        if !is_id {
            at += 1;
            continue;
        }
        let letter = usize::from(bytes.get(at + 5).is_some_and(u8::is_ascii_lowercase));
        let end = at + 5 + letter;
        if bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric()) {
            found.push(&text[at..end]);
        }
        at = end;
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    name.split(['(', '<']).next()
}

/// The tests of one source file with the ids in the comments above and within them.
#[must_use]
pub fn scan_file(file: &str, text: &str) -> Vec<Proof> {
    let mut found = Vec::new();
    let mut above: Vec<&str> = Vec::new(); // ids in the comment just read
    let mut is_test = false; // an attribute just read says so
    let mut inside: Option<(&str, usize)> = None; // the test whose body this is, and how deep it stands
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        let trimmed = line.trim();
        if let Some((test, own)) = inside {
            if trimmed == "}" && depth == own {
                inside = None;
            } else if let Some((_, comment)) = line.split_once("//") {
                add(&mut found, file, test, &ids(comment));
            }
            continue;
        }
        if trimmed.starts_with("//") {
            above.extend(ids(trimmed));
        } else if trimmed.starts_with("#[test]") {
            is_test = true;
        } else if trimmed.is_empty() {
            above.clear();
        } else if let Some(test) = function_name(trimmed) {
            if is_test {
                add(&mut found, file, test, &above);
                inside = (!trimmed.ends_with('}')).then_some((test, depth));
            }
            is_test = false;
            above.clear();
        } else if !trimmed.starts_with("#[") && !is_test {
            above.clear();
        }
    }
    found
}

fn add(found: &mut Vec<Proof>, file: &str, test: &str, ids: &[&str]) {
    for id in ids {
        let proof = Proof {
            id: (*id).to_owned(),
            file: file.to_owned(),
            test: test.to_owned(),
        };
        if !found.contains(&proof) {
            found.push(proof);
        }
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !["target", "node_modules", ".cache"].iter().any(|n| name == *n) {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Has ids in its text to test the scanner with; they prove nothing.
const OWN_TESTS: &str = "tests/conformance/tests/coverage.rs";

/// All proofs of the workspace, by file and in the order of each file.
#[must_use]
pub fn proofs(root: &Path) -> Vec<Proof> {
    let mut files = Vec::new();
    for folder in ["core", "examples", "tests"] {
        rust_files(&root.join(folder), &mut files);
    }
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let name = path
                .strip_prefix(root)
                .unwrap_or(path)
                .to_string_lossy()
                .replace('\\', "/");
            if name == OWN_TESTS {
                return Vec::new();
            }
            scan_file(&name, &fs::read_to_string(path).unwrap_or_default())
        })
        .collect()
}
