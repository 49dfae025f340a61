//! Fixtures that the tests of several crates share: deterministic randomness, a made-up issuer with its authority, a reader with
//! its own, a driving licence of thirty elements, a session. Everything is made here and now; nothing is anybody's real data.
//!
//! ```
//! let world = idwallet_test_support::World::new(7);
//! let licence = world.issue_mdl();
//! let request = world.request(&[("org.iso.18013.5.1", "family_name")]);
//! let response = world.respond(&licence, &request);
//! assert!(idwallet_mdoc::DeviceResponse::parse(&response).is_ok());
//! ```
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "fixtures of tests: a failure here is a failure of the test"
)]

mod bad;
mod mdl;
mod random;
mod unchecked;
mod vectors;
mod world;

pub use bad::{BadDocument, bad_documents, sample_elements};
pub use mdl::{JPEG, mdl_elements, with_elements};
pub use random::SeededRandom;
pub use unchecked::Unchecked;
pub use vectors::{vector, vectors_dir};
pub use world::{DAY, NOW, Pki, World, again, key};
