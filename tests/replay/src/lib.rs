//! One function for each parser that meets bytes from outside. The fuzzer (`tests/fuzz`) calls them with what it makes up,
//! `tests/replay.rs` of this crate with the corpus that it has found so far, so that a stable toolchain without a fuzzer
//! holds what was once reached.
//!
//! A target panics when the parser does, and when one of the promises beside it in the code does not hold. Bad input is
//! answered by an error; its text is written, because that text, too, is code that meets the input.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a panic is how a target reports"
)]

mod backup;
mod camera;
mod cbor;
mod cli;
mod cose;
mod documents;
mod jose;
mod mdoc;
mod proximity;
pub mod seeds;
mod trust;
mod vault;
mod x509;

pub use backup::backup_file;
pub use camera::camera_frames;
pub use cbor::cbor;
pub use cli::{inspect, qr_image};
pub use cose::{cose_key, cose_sign1_mac0};
pub use documents::document_json;
pub use jose::jwe;
pub use mdoc::{device_request, device_response, issuer_signed, mso, reader_auth, session_transcript, verify_response};
pub use proximity::{device_engagement, nfc_handover, reader_engagement, session, session_data, stream_frames};
pub use trust::{snapshot, status_list, vical};
pub use vault::vault_file;
pub use x509::{certificate, crl, pem, private_key};

/// What the fuzzer calls.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus and of its file in `tests/fuzz/fuzz_targets`.
pub const TARGETS: &[(&str, Target)] = &[
    ("backup_file", backup_file),
    ("camera_frames", camera_frames),
    ("cbor", cbor),
    ("certificate", certificate),
    ("cose_key", cose_key),
    ("cose_sign1_mac0", cose_sign1_mac0),
    ("crl", crl),
    ("device_engagement", device_engagement),
    ("device_request", device_request),
    ("device_response", device_response),
    ("document_json", document_json),
    ("inspect", inspect),
    ("issuer_signed", issuer_signed),
    ("jwe", jwe),
    ("mso", mso),
    ("nfc_handover", nfc_handover),
    ("pem", pem),
    ("private_key", private_key),
    ("qr_image", qr_image),
    ("reader_auth", reader_auth),
    ("reader_engagement", reader_engagement),
    ("session", session),
    ("session_data", session_data),
    ("session_transcript", session_transcript),
    ("snapshot", snapshot),
    ("status_list", status_list),
    ("stream_frames", stream_frames),
    ("vault_file", vault_file),
    ("verify_response", verify_response),
    ("vical", vical),
];

/// Writes an error as a log and a screen would.
fn tell(error: &(impl std::fmt::Display + std::fmt::Debug)) {
    std::hint::black_box((error.to_string(), format!("{error:?}")));
}
