//! Writes `COVERAGE.md`.
#![forbid(unsafe_code)]

use idwallet_test_conformance::{coverage, coverage_path, open_requirements, proofs, requirements, root};

fn main() -> std::io::Result<()> {
    let (sections, proofs) = (requirements(), proofs(&root()));
    std::fs::write(coverage_path(), coverage(&sections, &proofs))?;
    for id in open_requirements(&sections, &proofs) {
        println!("no test and no reason: {id}");
    }
    Ok(())
}
