//! How often verifying allocates: whatever the portrait's size, values are not copied.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse};
use idwallet_test_support::{JPEG, NOW, World, mdl_elements, with_elements};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bar for parsing and verifying one document, X.509 and digests included.
const MOST_ALLOCATIONS: usize = 50;

fn measure(portrait: &[u8]) -> (usize, usize) {
    let world = World::new(1);
    let mut elements = mdl_elements();
    elements.retain(|(name, _)| *name != "portrait");
    elements.push(("portrait", portrait.into()));
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements).copy(*world.device_key.public_key());
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let ask = [
        "family_name",
        "given_name",
        "birth_date",
        "portrait",
        "driving_privileges",
        "document_number",
    ];
    let ask: Vec<_> = ask.iter().map(|name| (MDL_NAMESPACE, *name)).collect();
    let request = world.request(&ask);
    let response = world.respond(&issued, &request);
    let request = DeviceRequest::parse(&request).unwrap();
    let anchors = world.issuer.anchors();
    let session = Session::new(&world.transcript).request(&request);
    let (trust, policy) = (IssuerTrust::new(&anchors), Policy::iso().at(NOW));

    let region = Region::new(GLOBAL);
    let view = DeviceResponse::parse(&response).unwrap();
    let report = verify_response(&view, &session, &trust, &policy);
    let stats = region.change();
    assert!(report.is_accepted());
    (stats.allocations + stats.reallocations, stats.bytes_allocated)
}

/// X-C09: at most fifty allocations, and no more for a portrait of a megabyte than for one of a few bytes.
#[test]
fn verifying_copies_no_values() {
    // What is made once in a process is made.
    measure(&JPEG);
    let (small, _) = measure(&JPEG);
    let mut large = JPEG.to_vec();
    large.resize(1_000_000, 0x55);
    let (count, bytes) = measure(&large);
    println!("allocations: {small} with a small portrait, {count} ({bytes} bytes) with 1 MB");
    assert!(count <= MOST_ALLOCATIONS, "{count}");
    assert_eq!(count, small);
    assert!(bytes < 64 * 1024, "{bytes} bytes: something large was copied");
}
