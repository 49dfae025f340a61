//! The contract over the software area.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use idwallet_crypto::SystemRandom;
use idwallet_crypto::area::SecureArea;
use idwallet_storage::SoftwareSecureArea;
use idwallet_test_areas::Subject;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

struct Software(PathBuf);

impl Software {
    fn area(&self, name: &str) -> Arc<dyn SecureArea> {
        let path = self.0.join(name).join("area.key");
        let random = Arc::new(SystemRandom::new());
        Arc::new(if path.exists() {
            SoftwareSecureArea::open(&path, random).unwrap()
        } else {
            SoftwareSecureArea::create(&path, random).unwrap()
        })
    }
}

impl Subject for Software {
    fn name(&self) -> &str {
        "software"
    }

    fn open(&self) -> Arc<dyn SecureArea> {
        self.area("one")
    }

    fn open_other(&self) -> Arc<dyn SecureArea> {
        self.area("other")
    }

    /// The id is the key, sealed.
    fn objects(&self) -> Option<usize> {
        None
    }
}

#[test]
fn the_software_area_holds_to_the_contract() {
    let dir = std::env::temp_dir().join(format!("idwallet-areas-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    idwallet_test_areas::run(&Software(dir.clone()));
    fs::remove_dir_all(&dir).unwrap();
}
