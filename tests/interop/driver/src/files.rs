//! Files in, files out.

use crate::Failure;
use crate::options::Options;
use idwallet_crypto::x509::{Certificate, TrustAnchors, pem};
use idwallet_mdoc::SessionTranscript;
use serde_json::Value;
use std::path::Path;

/// The bytes of a file.
pub fn bytes(path: impl AsRef<Path>) -> Result<Vec<u8>, Failure> {
    let path = path.as_ref();
    std::fs::read(path).map_err(|error| Failure::Unusable(format!("{}: {error}", path.display())))
}

/// The JSON of a file.
pub fn json(path: impl AsRef<Path>) -> Result<Value, Failure> {
    serde_json::from_slice(&bytes(path)?).map_err(Failure::unusable)
}

/// The certificates of a PEM file.
pub fn certificates(path: impl AsRef<Path>) -> Result<Vec<Certificate>, Failure> {
    pem::read_certificates_or_der(&bytes(path)?).map_err(Failure::unusable)
}

/// `--anchor`, or nobody.
pub fn anchors(options: &Options) -> Result<TrustAnchors, Failure> {
    match options.path("anchor") {
        Some(path) => Ok(certificates(path)?.into_iter().collect()),
        None => Ok(TrustAnchors::new()),
    }
}

/// `--transcript`.
pub fn transcript(options: &Options) -> Result<SessionTranscript, Failure> {
    SessionTranscript::from_bytes(&bytes(options.need("transcript")?)?).map_err(Failure::unusable)
}

/// Writes a file.
pub fn write(path: impl AsRef<Path>, content: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, content).map_err(Failure::failed)
}
