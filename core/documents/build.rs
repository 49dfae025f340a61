//! Packs the type files and the templates, so that a file more is a type more, and an app carries a tenth of their bytes.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::DeflateEncoder};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut code = String::new();
    for (constant, directory) in [("TYPES", "types"), ("TEMPLATES", "templates")] {
        println!("cargo::rerun-if-changed={directory}");
        let mut lengths = Vec::new();
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        for file in json_files(&root.join(directory))? {
            let text = std::fs::read(&file)?;
            lengths.push(text.len());
            packed.write_all(&text)?;
        }
        std::fs::write(out.join(directory), packed.finish()?)?;
        code.push_str(&format!(
            "const {constant}: Packed = Packed {{ lengths: &{lengths:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{directory}\")) }};\n"
        ));
    }
    std::fs::write(out.join("embedded.rs"), code)?;
    Ok(())
}

/// In the order of their names.
fn json_files(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
