//! The reader's façade: one call over bytes, one loop over a session, both ending in a [`Report`].
//!
//! ```
//! use idwallet_verifier::{Outcome, Policy, Presentation, TrustStore, Verifier, days};
//! # let world = idwallet_test_support::World::new(1);
//! # let (pem, now) = (world.issuer.authority.der().to_vec(), idwallet_test_support::NOW);
//! # let request = world.request(&[("org.iso.18013.5.1", "family_name")]);
//! # let response = world.respond(&world.issue_mdl(), &request);
//! # let session_transcript = world.transcript.clone();
//! let mut trust = TrustStore::new(); // or TrustStore::from_snapshot(…)
//! trust.add_issuer_anchors(&pem)?;
//!
//! let verifier = Verifier::new();
//! let policy = Policy::iso().at(now).max_snapshot_age(days(7));
//! let presentation = Presentation::new(&session_transcript).request(&request);
//! let report = verifier.verify_device_response(&response, &presentation, &policy, &trust)?;
//! match report.outcome() {
//!     Outcome::Accepted(documents) => {
//!         let name = documents[0].claim("org.iso.18013.5.1", "family_name");
//!         assert_eq!(name.and_then(|claim| claim.text()), Some("Mustermann"));
//!     }
//!     Outcome::Refused(reasons) => {
//!         for reason in reasons {
//!             eprintln!("{reason}"); // digests: family_name of org.iso.18013.5.1 was altered (ISO 18013-5 §9.3.1)
//!         }
//! #       panic!();
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Meeting a phone is a loop without callbacks: see [`Reader`].
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod camera_session;
mod claim;
mod error;
mod json;
mod level;
mod policy;
mod presentation;
mod reader;
mod report;
mod request;
mod session;
mod trust;
mod verify;
mod words;

pub use camera_session::{CameraOutcome, CameraSession};
pub use claim::{Claim, Claims};
pub use error::VerifierError;
pub use policy::{Policy, UndatedPolicy, days};
pub use presentation::Presentation;
pub use reader::Reader;
pub use report::{
    CheckReport, CheckState, DocumentReport, Format, Outcome, Reason, ReasonKind, Report, Trust, TrustState,
    VerifiedDocument,
};
pub use request::{ReaderIdentity, Request};
pub use session::{Finished, ReaderAction, ReaderSession};
pub use verify::Verifier;

// What the calls above take and give, so that an app needs no other crate.
pub use idwallet_crypto::{
    Clock, CryptoError, Curve, Date, KeyAgreement, Moment, PrivateKey, PublicKey, Random, Secret, SecretBytes, Signer,
    SystemClock, SystemRandom, Timestamp, x509,
};
pub use idwallet_documents::{
    Ask, DocumentType, DocumentsError, ElementValue, Label, Lang, Registry, RequestTemplate, Sensitivity,
};
pub use idwallet_mdoc::request::ItemsRequestBuilder;
pub use idwallet_mdoc::verify::{Check, Fault, FaultKind, SkipReason};
pub use idwallet_mdoc::{Handover, MdocError, SessionTranscript};
pub use idwallet_proximity::{
    DeviceEngagement, EndReason, MethodKind, ProximityError, ReaderEngagement, RetrievalMethod, SessionStatus, camera,
    nfc, stream,
};
pub use idwallet_trust::{
    AnchorReport, CrlStore, DocTypes, IssuerAnchors, KnowledgeTooOld, ListStore, ReaderAnchors, SnapshotMark,
    SnapshotPolicy, SnapshotSigners, SnapshotTrust, TrustError, TrustSnapshot, TrustStore, VicalProviders, snapshot,
    vical,
};
