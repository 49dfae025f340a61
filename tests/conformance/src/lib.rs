//! What the standards demand, and which tests prove it.
//!
//! `requirements.tsv` holds the requirements in scope. A test names those that it proves in its comments (`/// A-V17: …`). From
//! both comes `COVERAGE.md`:
//!
//! ```text
//! cargo run -p idwallet-test-conformance
//! ```
#![forbid(unsafe_code)]

mod requirements;
mod scan;
mod table;

use std::path::{Path, PathBuf};

pub use requirements::{Level, Requirement, Section, read_requirements};
pub use scan::{Proof, proofs, scan_file};
pub use table::{coverage, open_requirements};

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// The committed table.
#[must_use]
pub fn coverage_path() -> PathBuf {
    root().join("tests/conformance/COVERAGE.md")
}

/// The requirements in scope, as committed.
///
/// # Panics
/// When the file is missing or malformed.
#[must_use]
pub fn requirements() -> Vec<Section> {
    let path = root().join("tests/conformance/requirements.tsv");
    let text = std::fs::read_to_string(path).expect("requirements.tsv is there");
    read_requirements(&text).unwrap_or_else(|fault| panic!("requirements.tsv: {fault}"))
}
