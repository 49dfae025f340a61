//! The response as a whole.

use super::edit::at;
use super::*;

/// A-V10: an error status, and nothing in the response is used.
#[test]
fn status_other_than_zero_is_refused() {
    let world = World::new(70);
    for status in [10_u64, 11, 12, 99] {
        let outcome = Trial::new(&world)
            .edit(|r| *at(r, "status") = Value::Integer(status.into()))
            .run();
        assert_eq!(*outcome.refused_by(Check::Structure), Fault::ResponseStatus(status));
        assert_eq!(outcome.problems, [Problem::Status(status)]);
    }
}

/// A-V10, A-C05: another major version is refused, another minor one is not.
#[test]
fn unknown_major_version_is_refused() {
    let world = World::new(71);
    let with = |version: &str| {
        Trial::new(&world)
            .edit(|r| *at(r, "version") = Value::Text(version.into()))
            .run()
    };
    assert_eq!(*with("2.0").refused_by(Check::Structure), Fault::ResponseVersion);
    assert!(with("1.9").accepted);
    assert!(!with("").accepted);
}

/// A-V10: no document.
#[test]
fn empty_response_is_refused() {
    let world = World::new(72);
    let mut trial = Trial::new(&world).edit(|r| {
        let Value::Map(entries) = r else { panic!() };
        entries.retain(|(name, _)| name.as_text() != Some("documents"));
    });
    trial.request = None;
    let outcome = trial.run();
    assert!(!outcome.accepted && outcome.problems == [Problem::NoDocuments]);
}

/// A-V28: proofs and ciphertexts that this reader does not understand are not passed over in silence.
#[test]
fn unsupported_documents_are_refused() {
    let world = World::new(73);
    for (name, problem) in [
        ("zkDocuments", Problem::ZkDocuments),
        ("encryptedDocuments", Problem::EncryptedDocuments),
    ] {
        let outcome = Trial::new(&world)
            .edit(|r| *member(r, name) = Value::Array(vec![]))
            .run();
        assert!(!outcome.accepted && outcome.problems == [problem]);
    }
}

/// A-V26: error codes are nobody's word, and do not change the verdict.
#[test]
fn errors_are_not_trusted() {
    let world = World::new(74);
    let outcome = Trial::new(&world)
        .edit(|r| {
            let errors = member(at(r, "documents/0"), "errors");
            *errors = Value::Map(vec![]);
            let errors = member(errors, MDL_NAMESPACE);
            *errors = Value::Map(vec![]);
            *member(errors, "height") = Value::Integer(0.into());
        })
        .run();
    assert!(outcome.accepted);
}

/// A-C05: unknown members anywhere are passed over.
#[test]
fn unknown_members_are_passed_over() {
    let world = World::new(75);
    let outcome = Trial::new(&world)
        .edit(|r| {
            *member(r, "future") = Value::Null;
            *member(at(r, "documents/0"), "future") = Value::Null;
            *member(at(r, "documents/0/issuerSigned"), "future") = Value::Null;
        })
        .run();
    assert!(outcome.accepted);
}

/// X-C09: a response full of faults is refused without a sentence about each.
#[test]
fn faults_are_told_up_to_a_bound() {
    let world = World::new(75);
    let outcome = Trial::new(&world)
        .edit(|r| {
            let Value::Map(spaces) = edit::at(r, "documents/0/issuerSigned/nameSpaces") else {
                panic!()
            };
            let (name, items) = &mut spaces[0];
            *name = Value::Text("x".repeat(1000));
            let Value::Array(items) = items else { panic!() };
            *items = vec![items[0].clone(); 4000];
        })
        .run();
    assert!(!outcome.accepted && outcome.claims.is_empty());
    for check in [Check::Digests, Check::RequestMatch] {
        assert_eq!(outcome.result(check).faults().len(), 256, "{check}");
    }
}
