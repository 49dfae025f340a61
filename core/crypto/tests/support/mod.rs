//! What the tests of this crate share.
#![allow(dead_code)]

use serde_json::Value;
use std::path::PathBuf;

/// The folder of the public test vectors, if it is there.
pub fn vectors() -> PathBuf {
    std::env::var_os("IDWALLET_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    )
}

/// A Wycheproof file; `None`, said aloud, when it is not there.
pub fn wycheproof(name: &str) -> Option<Value> {
    let path = vectors().join("wycheproof").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("LEFT OUT: all cases of {name}, no file at {}", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

pub fn bytes(value: &Value, field: &str) -> Vec<u8> {
    hex::decode(text(value, field)).unwrap()
}

/// Runs `check` on every case of a file and compares with the file's result.
///
/// `check` says whether the input was accepted. `acceptable` says what we do with cases the file leaves open.
pub fn run(name: &str, acceptable: impl Fn(&Value) -> bool, check: impl Fn(&Value, &Value) -> bool) -> Option<usize> {
    let file = wycheproof(name)?;
    let (mut valid, mut invalid, mut open) = (0, 0, 0);
    let mut wrong = Vec::new();
    for group in file["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let expected = match text(test, "result") {
                "valid" => {
                    valid += 1;
                    true
                }
                "invalid" => {
                    invalid += 1;
                    false
                }
                _ => {
                    open += 1;
                    acceptable(test)
                }
            };
            let accepted = check(group, test);
            if accepted != expected {
                wrong.push(format!(
                    "{name} tcId {} ({}; flags {}): accepted {accepted}, expected {expected}",
                    test["tcId"], test["comment"], test["flags"]
                ));
            }
        }
    }
    let total = valid + invalid + open;
    println!("{name}: {total} cases ({valid} valid, {invalid} invalid, {open} acceptable)");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(Some(total), file["numberOfTests"].as_u64());
    Some(usize::try_from(total).unwrap())
}
