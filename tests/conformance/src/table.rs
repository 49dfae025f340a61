//! The table as Markdown.

use std::fmt::Write as _;

use crate::{Level, Proof, Section};

const HEAD: &str = "# Requirements and the tests that prove them

Made by `cargo run -p idwallet-test-conformance` from `requirements.tsv` and the comments of the tests; do not edit.
Ids that begin with A concern ISO/IEC 18013-5 (second-edition drafts included), B its online handovers, G status lists, X everything.
";

/// Requirements of level must without a test and without a reason.
#[must_use]
pub fn open_requirements(sections: &[Section], proofs: &[Proof]) -> Vec<String> {
    sections
        .iter()
        .flat_map(|s| &s.requirements)
        .filter(|r| r.level == Level::Must && r.reason.is_none() && !proofs.iter().any(|p| p.id == r.id))
        .map(|r| r.id.clone())
        .collect()
}

/// The whole table.
#[must_use]
pub fn coverage(sections: &[Section], proofs: &[Proof]) -> String {
    let mut out = String::from(HEAD);
    let mut tests: Vec<_> = proofs.iter().map(|p| (&p.file, &p.test)).collect();
    tests.sort();
    tests.dedup();
    let all: Vec<_> = sections.iter().flat_map(|s| &s.requirements).collect();
    let proven = |id: &str| proofs.iter().any(|p| p.id == id);
    let of = |level| all.iter().filter(move |r| r.level == level);
    let _ = writeln!(
        out,
        "\n{} requirements, {} of them tested, by {} tests. Of {} musts {} are tested and {} have a reason why not yet.",
        all.len(),
        all.iter().filter(|r| proven(&r.id)).count(),
        tests.len(),
        of(Level::Must).count(),
        of(Level::Must).filter(|r| proven(&r.id)).count(),
        of(Level::Must).filter(|r| !proven(&r.id) && r.reason.is_some()).count(),
    );
    for section in sections {
        let _ = writeln!(
            out,
            "\n## {}\n\n| id | level | requirement | tests |\n|---|---|---|---|",
            section.title
        );
        for requirement in &section.requirements {
            let mut cell = Vec::new();
            let mut last = "";
            for proof in proofs.iter().filter(|p| p.id == requirement.id) {
                let separator = if proof.file == last {
                    String::new()
                } else {
                    format!("{}: ", proof.file)
                };
                last = &proof.file;
                cell.push(format!("{separator}`{}`", proof.test));
            }
            if let Some(reason) = &requirement.reason {
                cell.push(format!("*{reason}*"));
            }
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                requirement.id,
                requirement.level,
                requirement.title,
                cell.join("<br>")
            );
        }
    }
    out
}
