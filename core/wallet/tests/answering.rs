//! Resolve, review, respond: what leaves the wallet, and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Holder, block_on};
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::verify::{IssuerTrust, Policy, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse};
use idwallet_test_support::NOW;
use idwallet_wallet::Approval;

/// A-H40, A-H45, A-H54: from a request to a response that the reader accepts.
#[test]
fn an_approved_request_is_answered_and_verifies() {
    let mut holder = Holder::new(1);
    let elements = [
        (MDL_NAMESPACE, "family_name"),
        (MDL_NAMESPACE, "age_over_18"),
        (MDL_NAMESPACE, "portrait"),
    ];
    let bytes = holder.world.request(&elements);
    let mut resolved = holder.resolve_bytes(&bytes);
    let review = resolved.review().clone();
    assert_eq!(review.requests[0].reader.name(), Some("Bar at the corner"));
    let answer = block_on(
        holder
            .wallet
            .respond(&mut resolved, review.handle, &Approval::everything(&review)),
    )
    .unwrap();

    let request = DeviceRequest::parse(&bytes).unwrap();
    let response = DeviceResponse::parse(&answer.device_response).unwrap();
    let anchors = holder.world.issuer.anchors();
    let session = Session::new(&holder.world.transcript).request(&request);
    let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &Policy::iso().at(NOW));
    assert!(report.is_accepted(), "{:?}", report.outcome());
    assert_eq!(answer.shared[0].elements.len(), 3);
    assert_eq!(answer.shared[0].document, holder.licence);
}
