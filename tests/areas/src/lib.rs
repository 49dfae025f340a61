//! The contract of [`SecureArea`], as checks that run over any implementation.
//!
//! An implementation is a [`Subject`]: how it is opened, opened again, and what stands beside it. [`run`] puts every check to it and
//! says how many held. A check asks the area what it claims ([`Capabilities`]): what is claimed must work, and what is not must be
//! refused as [`SecureAreaError::Unsupported`].
//!
//! [`SecureArea`]: idwallet_crypto::area::SecureArea
//! [`Capabilities`]: idwallet_crypto::area::Capabilities
//! [`SecureAreaError::Unsupported`]: idwallet_crypto::area::SecureAreaError::Unsupported
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "checks of tests: a failure here is a failure of the test"
)]

mod cancelling;
mod counters;
mod keys;
mod wrapping;

use idwallet_crypto::area::{
    Authentication, Capabilities, Counters, CreatedKey, KeyPurpose, KeySpec, SecureArea, SecureAreaError,
};
use idwallet_crypto::{Curve, PrivateKey, PublicKey, SystemRandom, ecdsa_der_to_raw, verify};
use pollster::block_on;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// An implementation under test.
pub trait Subject {
    /// What the report calls it.
    fn name(&self) -> &str;

    /// Opens the area: always the same one, as a new start of the app would. What was opened before has been dropped.
    fn open(&self) -> Arc<dyn SecureArea>;

    /// Another area of the same make, that shares no key with the first. May be open beside it.
    fn open_other(&self) -> Arc<dyn SecureArea>;

    /// How many keys and counters the area keeps inside, told by looking there past the port; None where what it makes is kept by the
    /// caller alone. The area is closed meanwhile.
    fn objects(&self) -> Option<usize>;
}

/// A check: its name and what it does. It panics when the area does not hold to the contract.
pub type Check = (&'static str, fn(&dyn Subject));

/// The checks for an area that claims this.
fn checks(claimed: &Capabilities) -> Vec<Check> {
    let mut checks = [keys::CHECKS, wrapping::CHECKS, counters::CLAIM, cancelling::CHECKS].concat();
    if claimed.counters != Counters::None {
        checks.extend([counters::CHECKS, cancelling::COUNTERS].concat());
    }
    checks
}

/// Puts every check to the subject and prints a line for each.
///
/// # Panics
/// When a check fails, after all were run; the names of those that failed are in the message.
pub fn run(subject: &dyn Subject) {
    let claimed = capabilities(&*subject.open());
    let before = subject.objects();
    let mut failed = Vec::new();
    let mut held = 0;
    for (name, check) in checks(&claimed) {
        let result = catch_unwind(AssertUnwindSafe(|| check(subject)));
        println!(
            "{}: {name}: {}",
            subject.name(),
            if result.is_ok() { "holds" } else { "FAILS" }
        );
        match result {
            Ok(()) => held += 1,
            Err(_) => failed.push(name),
        }
    }
    // Every check deletes what it made.
    if subject.objects() == before {
        held += 1;
    } else {
        failed.push("nothing is left inside");
    }
    println!("area {}: {held} cases of the contract hold", subject.name());
    assert!(failed.is_empty(), "{} fails: {failed:#?}", subject.name());
    assert!(held > 20, "only {held} checks were run");
}

fn capabilities(area: &dyn SecureArea) -> Capabilities {
    block_on(area.capabilities()).unwrap()
}

fn spec(curve: Curve, purpose: KeyPurpose) -> KeySpec {
    KeySpec {
        curve,
        purpose,
        authentication: Authentication::None,
        attestation_challenge: None,
    }
}

fn create(area: &dyn SecureArea, curve: Curve, purpose: KeyPurpose) -> CreatedKey {
    block_on(area.create_key(&spec(curve, purpose)))
        .unwrap_or_else(|error| panic!("{curve} for {purpose:?} is claimed: {error:?}"))
}

/// A purpose and the curves for which the area claims it.
fn claims(area: &dyn SecureArea) -> Vec<(KeyPurpose, Vec<Curve>)> {
    let claimed = capabilities(area);
    let both = claimed
        .sign_curves
        .iter()
        .filter(|curve| claimed.agree_curves.contains(curve));
    let both: Vec<Curve> = both.copied().collect();
    vec![
        (KeyPurpose::Sign, claimed.sign_curves),
        (KeyPurpose::Agree, claimed.agree_curves),
        (
            KeyPurpose::SignOrAgree,
            if claimed.sign_or_agree { both } else { Vec::new() },
        ),
    ]
}

fn signs(area: &dyn SecureArea, key: &CreatedKey, message: &[u8]) {
    let signature = block_on(area.sign(&key.id, message)).unwrap();
    assert!(verifies(&key.public_key, message, &signature));
}

/// Whether what the area gave as a signature is one: DER for ECDSA, RFC 8032 for EdDSA.
fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let curve = key.curve();
    let raw = if curve.is_weierstrass() {
        ecdsa_der_to_raw(curve, signature).expect("the signature is DER")
    } else {
        signature.to_vec()
    };
    let algorithm = idwallet_crypto::SignatureAlgorithm::for_curve(curve).unwrap();
    verify(key, algorithm, message, &raw).is_ok()
}

fn agrees(area: &dyn SecureArea, key: &CreatedKey) {
    let peer = peer(key.public_key.curve());
    let ours = block_on(area.agree(&key.id, peer.public_key())).unwrap();
    let theirs = peer.agree(&key.public_key).unwrap();
    assert_eq!(ours.expose(), theirs.expose());
}

fn peer(curve: Curve) -> PrivateKey {
    PrivateKey::generate(curve, &SystemRandom::new()).unwrap()
}

#[track_caller]
fn is_unsupported<T>(result: Result<T, SecureAreaError>) {
    match result {
        Err(SecureAreaError::Unsupported(_)) => {}
        Err(error) => panic!("refused for another reason: {error:?}"),
        Ok(_) => panic!("it was done"),
    }
}

#[track_caller]
fn is_not_found<T>(result: Result<T, SecureAreaError>) {
    assert_eq!(result.err(), Some(SecureAreaError::NotFound));
}
