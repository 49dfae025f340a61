//! Where the public vectors lie, and how their absence is reported.
#![allow(dead_code)]

use serde_json::Value as Json;
use std::path::PathBuf;

/// `IDWALLET_VECTORS`, or the directory beside the checkout.
pub fn vectors(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("IDWALLET_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let full = root.join(path);
    if full.exists() {
        return Some(full);
    }
    println!("left out: {path} is not there");
    None
}

pub fn json(path: &str) -> Option<Json> {
    let text = std::fs::read_to_string(vectors(path)?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

pub fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}
