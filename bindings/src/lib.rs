//! idwallet for Kotlin, Swift and Python: one UniFFI library over the two façades, [`idwallet_wallet`] and [`idwallet_verifier`].
//!
//! What is in here is conversion and nothing else: objects that may be called from any thread, immutable records for views, one error.
//! No protocol, no format, no decision about what leaves the wallet. The code that UniFFI writes from it is not what app teams
//! see: `android/`, `ios/` and `bindings/python` wrap it.
//!
//! - Objects: [`Wallet`], [`Presentation`], [`CameraPresentation`], [`RestorePlan`]; [`Reader`], [`ReaderSession`], [`CameraReader`];
//!   [`TrustStore`]; the helpers of the carriers, [`FrameEncoder`], [`FrameDecoder`], [`StreamDecoder`].
//! - Ports, which the app implements: [`SecureArea`], [`Clock`], [`LogSink`].
//! - Whatever throws throws [`WalletError`]. A panic in here, and a callback that throws what it did not declare, are its `Internal`.
//!
//! Times are seconds since 1970-01-01T00:00:00Z; ids of documents are 32 hexadecimal digits.
#![forbid(unsafe_code)]
#![allow(
    clippy::result_large_err,
    reason = "an error crosses the boundary as a record; nothing in here is called often enough to notice"
)]

mod backup;
mod carrier;
mod door;
mod error;
mod guard;
mod history;
mod import;
mod picture;
mod port;
mod presentation;
mod reader;
mod report;
mod review;
mod text;
mod trust;
mod views;
mod wallet;

pub use backup::{Exported, PlannedDocument, RestorePlan, Restored};
pub use carrier::{FrameDecoder, FrameEncoder, FrameProgress, MessageKind, StreamDecoder, encode_stream_message};
pub use door::{Access, HeldPapers};
pub use error::{ErrorInfo, Reaction, WalletError};
pub use history::{History, HistoryEntry, HistoryNames, HistoryOutcome};
pub use import::{DeviceKey, ImportOptions, Imported, NewCopy, Strictness};
pub use picture::{QrCode, qr_code, scan_qr};
pub use port::{
    AreaCapabilities, Attestation, Authentication, Clock, Counters, CreatedKey, Curve, KeyPurpose, KeySpec, LogLevel,
    LogRecord, LogSink, Now, PortError, SecureArea, SecureAreaError, SecurityLevel,
};
pub use presentation::{
    Answer, CameraAnswer, CameraPresentation, EndReason, NextStep, PresentOptions, Presentation, SharedDocument,
};
pub use reader::{
    CameraOutcome, CameraReader, Reader, ReaderAction, ReaderIdentity, ReaderPolicy, ReaderRequest, ReaderSession,
    RequestTemplate, RequestedItem, RequestedItems, request_templates,
};
pub use report::{
    CheckReport, CheckState, ClaimValue, DocumentOutcome, DocumentReport, Reason, ReasonKind, Report, TrustResult,
    TrustState, VerifiedClaim, VerifiedDocument,
};
pub use review::{
    Approval, ApprovedDocument, AskedElement, Candidate, ElementName, GivenElement, MissingElement, OfferedElement,
    ReaderState, ReaderView, RequestedDocument, Review, UnsuitableDocument, UseCase,
};
pub use text::LocalizedText;
pub use trust::{AnchorReport, TrustStore};
pub use views::{
    Claim, DamagedDocument, DocumentList, DocumentState, DocumentSummary, DocumentView, Finding, Sensitivity,
    StatusChange, StatusSource,
};
pub use wallet::Wallet;

uniffi::setup_scaffolding!();

/// The version of this library, as `1.2.3`.
#[uniffi::export]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Panics, so that the tests can see that the host survives.
///
/// # Errors
/// [`WalletError::Internal`].
#[cfg(feature = "test-panics")]
#[uniffi::export]
pub fn panic_for_test() -> Result<(), WalletError> {
    #[allow(clippy::panic, reason = "it is what this is for")]
    guard::sync(|| panic!("for the test"))
}

/// Panics once it is awaited, so that the tests can see that the host survives.
///
/// # Errors
/// [`WalletError::Internal`].
#[cfg(feature = "test-panics")]
#[uniffi::export]
pub async fn panic_later_for_test() -> Result<(), WalletError> {
    #[allow(clippy::panic, reason = "it is what this is for")]
    guard::until_done(async { panic!("for the test") }).await
}
