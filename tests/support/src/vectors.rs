//! Where the public test vectors lie.

use std::path::PathBuf;

/// The folder of the public vectors: `IDWALLET_VECTORS`, else `../shared/vectors` beside the checkout. `None` when it is not there.
#[must_use]
pub fn vectors_dir() -> Option<PathBuf> {
    let folder = std::env::var_os("IDWALLET_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    folder.is_dir().then_some(folder)
}

/// One vector file, or `None` when the vectors are not there.
#[must_use]
pub fn vector(path: &str) -> Option<Vec<u8>> {
    std::fs::read(vectors_dir()?.join(path)).ok()
}
