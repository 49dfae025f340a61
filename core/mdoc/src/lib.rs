//! ISO/IEC 18013-5 data: issue, select, device authentication, verify.
//!
//! Everything that arrives becomes a *view* first: structure only, borrowed from the received bytes, no trust
//! ([`IssuerSigned`], [`MobileSecurityObject`], [`DeviceRequest`], [`DeviceResponse`], [`SessionTranscript`]).
#![forbid(unsafe_code)]

mod auth_bytes;
mod device_request;
mod device_response;
mod encode;
mod error;
pub mod holder;
pub mod issue;
mod issuer_signed;
mod item_fast;
pub mod limits;
mod mso;
pub mod names;
mod parse;
pub mod reader_auth;
pub mod request;
mod request_info;
mod signing;
mod transcript;
pub mod verify;
mod version;

pub use auth_bytes::{
    derive_emac_key, device_authentication_bytes, reader_authentication_all_bytes, reader_authentication_bytes,
};
pub use device_request::{DeviceRequest, DocRequest, ItemsRequest, RequestedElement};
pub use device_response::{DeviceAuth, DeviceResponse, DeviceSigned, DeviceSignedItems, Document, ElementErrors};
pub use error::MdocError;
pub use issuer_signed::{IssuerSigned, IssuerSignedItem, NameSpaceItems};
pub use mso::{
    IdentifierListReference, KeyAuthorizations, MobileSecurityObject, StatusListReference, StatusReference, Tdate,
    ValidityInfo,
};
pub use request_info::{AlternativeDataElements, DeviceRequestInfo, DocRequestInfo, ElementReference, UseCase};
pub use transcript::{Handover, SessionTranscript};
pub use version::Version;
