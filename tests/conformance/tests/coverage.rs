//! The table of requirements and tests is whole and up to date.

use std::collections::BTreeSet;

use idwallet_test_conformance::{
    coverage, coverage_path, open_requirements, proofs, read_requirements, requirements, root, scan_file,
};

#[test]
fn the_committed_table_is_up_to_date() {
    let made = coverage(&requirements(), &proofs(&root()));
    let committed = std::fs::read_to_string(coverage_path()).unwrap_or_default();
    let differs = committed.lines().zip(made.lines()).find(|(a, b)| a != b);
    assert!(
        committed == made,
        "COVERAGE.md is stale: cargo run -p idwallet-test-conformance\nfirst difference: {differs:?}"
    );
}

#[test]
fn every_must_has_a_test_or_a_reason() {
    let open = open_requirements(&requirements(), &proofs(&root()));
    assert!(open.is_empty(), "no test and no reason: {}", open.join(", "));
}

#[test]
fn tests_name_requirements_that_exist() {
    let known: BTreeSet<String> = requirements()
        .into_iter()
        .flat_map(|s| s.requirements)
        .map(|r| r.id)
        .collect();
    let found = proofs(&root());
    assert!(found.len() > 100, "only {} proofs found", found.len());
    for proof in found {
        assert!(
            known.contains(&proof.id),
            "{} in {}, {}",
            proof.id,
            proof.file,
            proof.test
        );
    }
}

#[test]
fn ids_are_read_above_and_within_tests_and_nowhere_else() {
    let text = "
        /// A-C01: of no test.
        fn helper() {}

        /// A-V17, A-V26b: of the first; not B-7, XA-V17 or A-V171.
        #[test]
        #[allow(clippy::all)]
        fn first() {
            let x = 1; // X-C01
        }

        // A-C02: of nothing

        #[test]
        fn second() {}
    ";
    let found: Vec<_> = scan_file("f", text).into_iter().map(|p| (p.id, p.test)).collect();
    let expected = [("A-V17", "first"), ("A-V26b", "first"), ("X-C01", "first")];
    assert_eq!(found, expected.map(|(id, test)| (id.to_owned(), test.to_owned())));
}

#[test]
fn a_malformed_list_is_refused() {
    for bad in [
        "A-C01\tM\tbefore any heading",
        "= a\nA-C01\tM",
        "= a\nA-C01\tX\tlevel",
        "= a\nA-C01\tM\ttitle\t",
        "= a\nA-C1\tM\ttitle",
        "= a\nA-C01\tM\ttitle\nA-C01\tM\ttwice",
    ] {
        assert!(read_requirements(bad).is_err(), "{bad}");
    }
    assert!(read_requirements("= a\nA-C01\tM\ttitle\nA-C02\tO\ttitle\treason").is_ok());
}

#[test]
fn a_must_without_a_test_is_found() {
    let sections =
        read_requirements("= a\nA-C01\tM\tone\nA-C02\tM\ttwo\nA-C03\tM\tthree\tlater\nA-C04\tS\tfour").unwrap();
    let proofs = scan_file("f", "/// A-C01\n#[test]\nfn one() {}\n");
    assert_eq!(open_requirements(&sections, &proofs), ["A-C02"]);
}
