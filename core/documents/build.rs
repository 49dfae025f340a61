//! Lists the type files and the templates, so that a file more is a type more.

use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut code = String::new();
    for (constant, directory) in [("TYPES", "types"), ("TEMPLATES", "templates")] {
        println!("cargo::rerun-if-changed={directory}");
        let files = json_files(&root.join(directory))?;
        code.push_str(&format!("const {constant}: [&str; {}] = [\n", files.len()));
        for file in files {
            code.push_str(&format!(
                "    include_str!({:?}),\n",
                file.to_str().ok_or("path is not text")?
            ));
        }
        code.push_str("];\n");
    }
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("embedded.rs"), code)?;
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
