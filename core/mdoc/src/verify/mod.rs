//! The reader's checklist (ISO 18013-5 §9.3, 2nd edition §12.8): one call, one report, a result for every check.
//!
//! [`verify_response`] is for what a reader receives, [`verify_issuer_signed`] for what an issuer gave a holder. Every check that can
//! be made is made, over the bytes as received; one that builds on a failed one says so. What is accepted is a [`VerifiedDocument`],
//! and claims are reachable through nothing else.
//!
//! ```
//! use idwallet_mdoc::verify::{IssuerTrust, Policy, ResponseOutcome, Session, verify_response};
//! # use idwallet_mdoc::{DeviceRequest, DeviceResponse};
//! # let world = idwallet_test_support::World::new(1);
//! # let (anchors, now) = (world.issuer.anchors(), idwallet_test_support::NOW);
//! # let request = world.request(&[("org.iso.18013.5.1", "family_name")]);
//! # let bytes = world.respond(&world.issue_mdl(), &request);
//! # let request = DeviceRequest::parse(&request)?;
//! let response = DeviceResponse::parse(&bytes)?;
//! let session = Session::new(&world.transcript).request(&request);
//! let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &Policy::iso().at(now));
//! match report.outcome() {
//!     ResponseOutcome::Accepted(documents) => {
//!         let name = documents[0].claim("org.iso.18013.5.1", "family_name");
//!         assert!(name.is_some());
//!     }
//!     ResponseOutcome::Refused(reasons) => {
//!         for reason in reasons {
//!             eprintln!("{reason}"); // "…mDL: digests: family_name of org.iso.18013.5.1 was altered (ISO 18013-5 §9.3.1)"
//!         }
//! #       panic!()
//!     }
//! }
//! # Ok::<(), idwallet_mdoc::MdocError>(())
//! ```

mod cache;
mod check;
mod device;
mod digests;
mod fault;
mod issuer;
mod policy;
mod report;
mod request;
mod run;
mod session;
mod signed;
mod structure;
mod trust;

pub use cache::{ChainCache, MAX_CACHED_CHAIN_BYTES, MAX_CACHED_CHAINS};
pub use check::{Check, CheckResult, Checklist};
pub use fault::{Fault, FaultKind, SkipReason};
pub use policy::{CLOCK_SKEW_SECONDS, Policy, UndatedPolicy};
pub use report::{
    DocumentReport, Outcome, Problem, Reason, Refusal, ResponseOutcome, ResponseReport, VerifiedDocument,
};
pub use run::{parse_issuer_auth, verify_document, verify_issuer_auth, verify_issuer_signed, verify_response};
pub use session::Session;
pub use trust::{DocTypeAnswer, DocTypeConstraint, IssuerTrust, StatusAnswer, StatusCheck, StatusQuery, TrustState};
