//! Engagement: the first bytes, which say how to connect and with which ephemeral key (ISO 18013-5 §8.2.1).
//!
//! An engagement keeps the bytes it was read from, unknown keys included: they are part of the transcript (A-C22).

mod build;
mod capabilities;
mod device;
mod methods;
mod qr;
mod reader;
mod security;

pub use build::DeviceEngagementBuilder;
pub use capabilities::{Capabilities, OriginInfo};
pub use device::DeviceEngagement;
pub use methods::{BleOptions, MethodKind, NfcOptions, RetrievalMethod, STREAM_METHOD_TYPE, WifiAwareOptions};
pub use reader::ReaderEngagement;
pub(crate) use security::{EphemeralKey, check_version, read_reader_key};
