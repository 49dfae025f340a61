//! Engagement by NFC: the messages of Connection Handover 1.5, static and negotiated, as bytes (A-H08 to A-H10).
//!
//! What is exchanged goes into the transcript exactly as it was exchanged (A-C21), so both sides keep the bytes.

mod carrier;
mod handover;
mod ndef;
mod request;
mod tnep;

pub use carrier::{BleAddress, BleOob, Carrier, LeRole};
pub use handover::HandoverSelect;
pub use ndef::{NdefRecord, TypeNameFormat, parse_message, write_message};
pub use request::HandoverRequest;
pub use tnep::{HANDOVER_SERVICE, ServiceParameter, parse_service_select, parse_status, service_select, status};
