//! The encrypted vault: SQLite underneath, every record sealed by itself, no knowledge of any credential format.
//!
//! See `README.md` for the file's layout and `core/adr/0005-storage.md` for the reasons.
//!
//! ```
//! use idwallet_crypto::SystemRandom;
//! use idwallet_storage::{Kind, NewVault, RecordId, Vault};
//! use std::sync::Arc;
//! # let dir = std::env::temp_dir().join(format!("idwallet-doc-{}", std::process::id()));
//! # let _ = std::fs::remove_dir_all(&dir);
//! # let path = dir.join("vault.db");
//! const DOCUMENT: Kind = Kind(2);
//! let random = Arc::new(SystemRandom::new());
//! let new = NewVault::generate(&*random)?;
//! // A real caller has the secure area wrap the key: see `create_with_area`.
//! let mut vault = new.create(&path, b"wrapped key", random.clone())?;
//! let id = RecordId::generate(&*random)?;
//! vault.transaction(|tx| tx.insert(DOCUMENT, id, b"opaque bytes", &[]))?;
//! assert_eq!(vault.read(DOCUMENT, id)?.data().expose(), b"opaque bytes");
//! # drop(vault);
//! # let _ = std::fs::remove_dir_all(&dir);
//! # Ok::<(), idwallet_storage::Error>(())
//! ```
#![forbid(unsafe_code)]

mod anchor;
mod attempts;
mod counter_file;
mod door;
mod error;
mod files;
mod header;
mod id;
mod list;
mod locked;
mod manifest;
mod outside;
mod pin;
mod protect;
mod recovery;
mod schema;
mod seal;
mod sealed_file;
mod software_area;
mod transaction;
mod vault;

pub use anchor::Rollback;
pub use error::{Damage, Error};
pub use header::DataKey;
pub use id::{Kind, Lookup, RecordId};
pub use list::Entry;
pub use locked::{
    Access, LockedVault, NewVault, Opening, Order, Refused, create_with_area, create_with_pin, open_with_area,
};
pub use outside::MAX_OUTSIDE_LEN;
pub use pin::{MAX_PIN_LEN, MIN_PIN_LEN, Pin, PinFault};
pub use recovery::{RecoveryCode, RecoveryCodeFault};
pub use schema::{APPLICATION_ID, SCHEMA};
pub use seal::MAX_RECORD_LEN;
pub use sealed_file::{MAX_ENTRY_LEN, MAX_SEALED_FILE_LEN, SealedFileError, SealedReader, SealedWriter, WholeFile};
pub use software_area::{AreaFileError, SoftwareSecureArea};
pub use transaction::{MAX_LOOKUPS, Transaction};
pub use vault::{Count, Record, Vault};
