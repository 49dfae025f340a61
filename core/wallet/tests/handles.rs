//! The handle binds an approval to the very review it was given on.

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
use idwallet_test_support::NOW;
use idwallet_wallet::{Approval, Code, ReviewHandle, StateFault, WalletError};

fn fault(error: WalletError) -> StateFault {
    match error {
        WalletError::InvalidState(fault) => fault,
        other => panic!("{other}"),
    }
}

#[test]
fn a_handle_of_another_review_is_refused() {
    let mut holder = Holder::new(21);
    let small = holder.resolve(&["issuing_country"]);
    let mut large = holder.resolve(&["family_name", "document_number"]);
    let approval = Approval::everything(large.review());
    let handle = small.review().handle;
    let error = block_on(holder.wallet.respond(&mut large, handle, &approval, NOW)).unwrap_err();
    assert_eq!(error.code(), Code::ReviewWrong);
    assert_eq!(fault(error), StateFault::WrongHandle);
    // The right one still answers.
    let handle = large.review().handle;
    assert!(block_on(holder.wallet.respond(&mut large, handle, &approval, NOW)).is_ok());
}

/// The same bytes once more are another request: an old approval does not answer it.
#[test]
fn a_handle_does_not_answer_the_same_request_again() {
    let mut holder = Holder::new(22);
    let request = holder.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let first = holder.resolve_bytes(&request);
    let mut second = holder.resolve_bytes(&request);
    let approval = Approval::everything(first.review());
    let error = block_on(
        holder
            .wallet
            .respond(&mut second, first.review().handle, &approval, NOW),
    )
    .unwrap_err();
    assert_eq!(fault(error), StateFault::WrongHandle);
}

#[test]
fn any_bit_of_the_handle_counts() {
    let mut holder = Holder::new(23);
    let mut resolved = holder.resolve(&["family_name"]);
    let approval = Approval::everything(resolved.review());
    let good = *resolved.review().handle.as_bytes();
    for bit in (0..256).step_by(37) {
        let mut bytes = good;
        bytes[bit / 8] ^= 1 << (bit % 8);
        let handle = ReviewHandle::from_bytes(bytes);
        let error = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
        assert_eq!(fault(error), StateFault::WrongHandle);
    }
    assert!(
        block_on(
            holder
                .wallet
                .respond(&mut resolved, ReviewHandle::from_bytes(good), &approval, NOW)
        )
        .is_ok()
    );
}

#[test]
fn a_review_is_answered_once() {
    let mut holder = Holder::new(24);
    let mut resolved = holder.resolve(&["family_name"]);
    let approval = Approval::everything(resolved.review());
    let handle = resolved.review().handle;
    assert!(block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).is_ok());
    let again = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    assert_eq!(fault(again), StateFault::Answered);
    assert_eq!(
        fault(holder.wallet.decline(&mut resolved).unwrap_err()),
        StateFault::Answered
    );
}

#[test]
fn a_declined_review_is_not_answered_afterwards() {
    let mut holder = Holder::new(25);
    let mut resolved = holder.resolve(&["family_name"]);
    let approval = Approval::everything(resolved.review());
    let handle = resolved.review().handle;
    assert!(holder.wallet.decline(&mut resolved).unwrap().is_decline());
    let error = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    assert_eq!(fault(error), StateFault::Answered);
}

/// What was reviewed is gone: the approval is worth nothing.
#[test]
fn a_review_is_stale_when_its_document_is_removed() {
    let mut holder = Holder::new(26);
    let mut resolved = holder.resolve(&["family_name"]);
    let approval = Approval::everything(resolved.review());
    let handle = resolved.review().handle;
    block_on(holder.wallet.remove(holder.licence, NOW)).unwrap();
    let error = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    assert_eq!(fault(error), StateFault::StaleReview);
}

/// The document was issued anew since: other bytes would leave than were shown.
#[test]
fn a_review_is_stale_when_other_items_would_leave() {
    let mut holder = Holder::new(27);
    let mut resolved = holder.resolve(&["family_name"]);
    let approval = Approval::everything(resolved.review());
    let handle = resolved.review().handle;
    block_on(holder.wallet.remove(holder.licence, NOW)).unwrap();
    common::import(&holder.wallet, &holder.world, holder.world.issue_mdl()).unwrap();
    let error = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    assert_eq!(fault(error), StateFault::StaleReview);
}

/// A second document that came in between makes another choice: the person has to see it.
#[test]
fn a_review_is_stale_when_the_choice_changed() {
    let mut holder = Holder::new(28);
    let mut resolved = holder.resolve(&["family_name"]);
    let approval = Approval::everything(resolved.review());
    let handle = resolved.review().handle;
    let key = idwallet_test_support::key(idwallet_crypto::Curve::P256, 281);
    let issuer = holder.world.mdoc_issuer(idwallet_mdoc::names::MDL_DOC_TYPE);
    let issuer = idwallet_test_support::with_elements(issuer, idwallet_test_support::mdl_elements());
    let issued = issuer
        .copy(*key.public_key())
        .issue(&holder.world.random)
        .unwrap()
        .remove(0)
        .issuer_signed;
    let copies = vec![idwallet_wallet::NewCopy::with_device_key(issued, key)];
    common::import_copies(&holder.wallet, &holder.world, copies).unwrap();
    let error = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    assert_eq!(fault(error), StateFault::StaleReview);
}

#[test]
fn an_approval_of_what_was_not_on_offer_is_refused() {
    let mut holder = Holder::new(29);
    let mut resolved = holder.resolve(&["family_name"]);
    let handle = resolved.review().handle;
    let (document, other) = (holder.licence, idwallet_wallet::DocumentId::from_bytes([7; 16]));
    for approval in [
        Approval::nothing().select(0, document, MDL_NAMESPACE, "document_number"),
        Approval::nothing().select(1, document, MDL_NAMESPACE, "family_name"),
        Approval::nothing().select(0, other, MDL_NAMESPACE, "family_name"),
        Approval::nothing().select(0, document, "org.iso.18013.5.1.UT", "family_name"),
        Approval::everything(resolved.review()).select(0, document, MDL_NAMESPACE, "birth_date"),
    ] {
        let error = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
        assert_eq!(fault(error), StateFault::NotOffered);
    }
    assert!(!resolved.is_answered());
}
