//! Taking credentials in: verified whole before anything is stored (A-H61).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::area::TestArea;
use common::{Dir, Holder, again, block_on, create, import, import_copies};
use idwallet_crypto::area::{KeyPurpose, SecureAreaError};
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::{Curve, PrivateKey};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{Check, IssuerTrust, Policy};
use idwallet_test_support::{DAY, NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Approval, Code, CopyUse, NewCopy, RefusalReason, StateFault, UnsuitableReason, VAULT_FILE, Wallet, WalletError,
    WalletSession,
};
use std::path::Path;
use std::sync::Arc;

/// Imports, and holds that a refusal leaves no trace.
fn refused(
    wallet: &Wallet,
    dir: &Dir,
    world: &World,
    issuer_signed: Vec<u8>,
    at: idwallet_crypto::Timestamp,
) -> WalletError {
    let anchors = world.issuer.anchors();
    refused_with(wallet, dir, world, issuer_signed, &Policy::iso().at(at), &anchors)
}

fn refused_with(
    wallet: &Wallet,
    dir: &Dir,
    world: &World,
    issuer_signed: Vec<u8>,
    policy: &Policy,
    anchors: &TrustAnchors,
) -> WalletError {
    let (before, count) = (dir.kept(), wallet.count().unwrap());
    let copies = vec![NewCopy::with_device_key(issuer_signed, again(&world.device_key))];
    let error = block_on(wallet.import(copies, policy, &IssuerTrust::new(anchors))).unwrap_err();
    assert_eq!(wallet.count().unwrap(), count);
    assert!(dir.kept() == before, "of a refused credential only the history knows");
    error
}

fn check_of(error: &WalletError) -> Check {
    let (WalletError::Issuer(refusal) | WalletError::Untrusted(refusal) | WalletError::Expired(refusal)) = error else {
        panic!("{error}");
    };
    match refusal.reason() {
        RefusalReason::NotVerified { refusals, checks } => {
            assert!(!checks.get(refusals[0].check()).holds());
            refusals[0].check()
        }
        other => panic!("{other:?}"),
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
    let mut out = bytes.to_vec();
    out[at..at + to.len()].copy_from_slice(to);
    out
}

/// A-H61
#[test]
fn a_good_credential_is_stored_and_shown() {
    let holder = Holder::new(31);
    let listing = holder.wallet.list(NOW).unwrap();
    assert!(listing.damaged.is_empty());
    let summary = &listing.documents[0];
    assert_eq!((summary.id, summary.doc_type.as_str()), (holder.licence, MDL_DOC_TYPE));
    assert_eq!(summary.issuer, "Utopia document signer");
    assert_eq!(summary.issuing_country.as_deref(), Some("UT"));
    assert_eq!(summary.copies.left, None);
    let view = holder.wallet.show(holder.licence, NOW).unwrap();
    assert_eq!(view.claims.len(), mdl_elements().len());
    let name = view.claim(MDL_NAMESPACE, "family_name").unwrap();
    assert_eq!(name.shown.text(idwallet_documents::Lang::En), "Mustermann");
    assert_eq!(name.cbor(), b"\x6aMustermann");
}

/// A-H61, A-V17
#[test]
fn an_altered_element_is_refused() {
    let (dir, world) = (Dir::new(), World::new(32));
    let wallet = create(&dir.0);
    let bad = replace(&world.issue_mdl(), b"Mustermann", b"Mustermonn");
    let error = refused(&wallet, &dir, &world, bad, NOW);
    assert_eq!(check_of(&error), Check::Digests);
    assert_eq!(error.code(), Code::CredentialInvalid);
    assert!(matches!(error, WalletError::Issuer(_)));
}

/// A-H61, A-V15
#[test]
fn a_wrong_signature_is_refused() {
    let (dir, world) = (Dir::new(), World::new(33));
    let wallet = create(&dir.0);
    let mut bad = world.issue_mdl();
    let parsed = idwallet_mdoc::IssuerSigned::parse(&bad).unwrap();
    let signature = parsed.issuer_auth().signature().to_vec();
    let mut other = signature.clone();
    other[40] ^= 1;
    bad = replace(&bad, &signature, &other);
    let error = refused(&wallet, &dir, &world, bad, NOW);
    assert_eq!(check_of(&error), Check::IssuerSignature);
    assert_eq!(error.code(), Code::CredentialInvalid);
}

/// A-H61, A-V11, X-C13
#[test]
fn a_stranger_s_credential_is_refused() {
    let (dir, world) = (Dir::new(), World::new(34));
    let wallet = create(&dir.0);
    let stranger = World::new(35).issuer.anchors();
    let error = refused_with(
        &wallet,
        &dir,
        &world,
        world.issue_mdl(),
        &Policy::iso().at(NOW),
        &stranger,
    );
    assert!(matches!(error, WalletError::Untrusted(_)));
    assert_eq!(error.code(), Code::CredentialUntrusted);
    assert_eq!(check_of(&error), Check::IssuerChain);
}

/// A-H61: no policy lets a wallet take in what nobody vouches for.
#[test]
fn a_credential_without_any_anchor_is_refused_whatever_the_policy() {
    let (dir, world) = (Dir::new(), World::new(36));
    let wallet = create(&dir.0);
    let policy = Policy::lenient().at(NOW).allow_untrusted();
    let error = refused_with(&wallet, &dir, &world, world.issue_mdl(), &policy, &TrustAnchors::new());
    assert!(matches!(error, WalletError::Untrusted(_)));
}

/// A-H61, A-V13: a reader's certificate signs no documents.
#[test]
fn a_credential_signed_by_a_reader_is_refused() {
    let (dir, mut world) = (Dir::new(), World::new(37));
    let wallet = create(&dir.0);
    let elements = mdl_elements();
    let issuer = idwallet_mdoc::issue::MdocIssuer::new(&world.reader.signer_key, vec![world.reader.signer.clone()])
        .doc_type(MDL_DOC_TYPE)
        .validity(NOW.saturating_add_seconds(-DAY)..NOW.saturating_add_seconds(100 * DAY));
    let issued = with_elements(issuer, elements)
        .copy(*world.device_key.public_key())
        .issue(&world.random);
    let bad = issued.unwrap().remove(0).issuer_signed;
    world.issuer = idwallet_test_support::Pki::reader(Curve::P256, 37);
    let anchors = world.issuer.anchors();
    let error = refused_with(&wallet, &dir, &world, bad, &Policy::iso().at(NOW), &anchors);
    assert!(matches!(error, WalletError::Untrusted(_) | WalletError::Issuer(_)));
}

/// A-H61, A-V14, X-C13
#[test]
fn a_credential_of_a_revoked_signer_is_refused() {
    let (dir, world) = (Dir::new(), World::new(38));
    let wallet = create(&dir.0);
    let (anchors, crls) = (world.issuer.anchors(), [world.issuer.crl(&[&world.issuer.signer])]);
    let copies = vec![NewCopy::with_device_key(world.issue_mdl(), again(&world.device_key))];
    let trust = IssuerTrust::new(&anchors).crls(&crls);
    let error = block_on(wallet.import(copies, &Policy::iso().at(NOW), &trust)).unwrap_err();
    assert!(matches!(&error, WalletError::Untrusted(_)));
    assert_eq!(check_of(&error), Check::IssuerRevocation);
    assert_eq!(wallet.count().unwrap(), 0);
}

/// A-H61, A-V19, X-C13
#[test]
fn an_expired_credential_is_refused_as_such() {
    let (dir, world) = (Dir::new(), World::new(39));
    let wallet = create(&dir.0);
    let error = refused(
        &wallet,
        &dir,
        &world,
        world.issue_mdl(),
        NOW.saturating_add_seconds(101 * DAY),
    );
    assert!(matches!(error, WalletError::Expired(_)), "{error}");
    assert_eq!(error.code(), Code::CredentialExpired);
    let error = refused(
        &wallet,
        &dir,
        &world,
        world.issue_mdl(),
        NOW.saturating_add_seconds(-3 * DAY),
    );
    assert!(matches!(error, WalletError::Expired(_)), "{error}");
}

/// A-H61, A-V16
#[test]
fn bytes_that_are_no_credential_are_refused() {
    let (dir, world) = (Dir::new(), World::new(40));
    let wallet = create(&dir.0);
    let good = world.issue_mdl();
    for bad in [
        Vec::new(),
        vec![0xff],
        vec![0xa0],
        good[..good.len() - 1].to_vec(),
        [good.as_slice(), &[0]].concat(),
    ] {
        let error = refused(&wallet, &dir, &world, bad, NOW);
        assert_eq!(error.code(), Code::CredentialMalformed);
    }
}

/// The empty path is the folder that the program happens to be in.
#[test]
fn a_wallet_has_a_place() {
    let dir = Dir::new();
    let area = || Wallet::create_software_area(&dir.0, common::random()).unwrap();
    let nowhere = Path::new("");
    let code = |error: WalletError| (error.code(), error.to_string());
    let refused = (Code::Argument, "the path of the directory is empty".to_owned());
    let created = block_on(Wallet::create(nowhere, area(), common::random())).map(drop);
    assert_eq!(code(created.unwrap_err()), refused);
    let created = block_on(Wallet::create_with_pin(
        nowhere,
        area(),
        &common::right(),
        common::random(),
    ))
    .map(drop);
    assert_eq!(code(created.unwrap_err()), refused);
    let created = Wallet::create_software_area(nowhere, common::random()).map(drop);
    assert_eq!(code(created.unwrap_err()), refused);
    let opened = block_on(Wallet::open_software(nowhere, common::random())).map(drop);
    assert_eq!(code(opened.unwrap_err()), refused);
    let opened = block_on(Wallet::open(nowhere, area(), common::random())).map(drop);
    assert_eq!(code(opened.unwrap_err()), refused);
    let opened = WalletSession::open(nowhere, area(), common::random()).map(drop);
    assert_eq!(code(opened.unwrap_err()), refused);
    assert!(!Path::new(VAULT_FILE).exists());
}

/// Nothing is nobody's credential: no issuer is to blame, and the history tells of no refusal.
#[test]
fn importing_nothing_is_the_app_s_mistake() {
    let (dir, world) = (Dir::new(), World::new(31));
    let wallet = create(&dir.0);
    let before = wallet.history().unwrap().entries.len();
    let anchors = world.issuer.anchors();
    let error = block_on(wallet.import(Vec::new(), &Policy::iso().at(NOW), &IssuerTrust::new(&anchors))).unwrap_err();
    assert_eq!(error.code(), Code::Argument, "{error}");
    assert_eq!(error.to_string(), "there is no copy to import");
    assert_eq!(wallet.history().unwrap().entries.len(), before);
}

/// The MSO's device key has to be the one that comes with it, or one that the wallet holds.
#[test]
fn a_credential_bound_to_another_key_is_refused() {
    let (dir, world) = (Dir::new(), World::new(41));
    let wallet = create(&dir.0);
    let before = dir.kept();
    let with_other = NewCopy::with_device_key(world.issue_mdl(), key(Curve::P256, 999));
    for copy in [with_other, NewCopy::new(world.issue_mdl())] {
        let error = import_copies(&wallet, &world, vec![copy]).unwrap_err();
        assert_eq!(error.code(), Code::DeviceKeyMismatch);
    }
    assert!(dir.kept() == before);
}

#[test]
fn the_same_credential_is_not_stored_twice() {
    let (dir, world) = (Dir::new(), World::new(42));
    let wallet = create(&dir.0);
    let credential = world.issue_mdl();
    let id = import(&wallet, &world, credential.clone()).unwrap().id;
    let error = refused(&wallet, &dir, &world, credential, NOW);
    assert!(matches!(error, WalletError::InvalidState(StateFault::AlreadyHeld(held)) if held == id));
    // H-H41: nor another credential to the same device key.
    let error = refused(&wallet, &dir, &world, world.issue_mdl(), NOW);
    assert!(matches!(error, WalletError::InvalidState(StateFault::DeviceKeyInUse)));
}

/// A key made by the wallet: only its public half leaves, and the credential issued to it is taken without a key.
#[test]
fn a_credential_issued_to_a_key_of_the_wallet_is_imported() {
    for (curve, purpose) in [
        (Curve::P256, KeyPurpose::SignOrAgree),
        (Curve::P384, KeyPurpose::Sign),
        (Curve::Ed25519, KeyPurpose::Sign),
        (Curve::P256, KeyPurpose::Agree),
        (Curve::X25519, KeyPurpose::Agree),
    ] {
        let (dir, world) = (Dir::new(), World::new(43));
        let wallet = create(&dir.0);
        let made = block_on(wallet.create_device_key(curve, purpose)).unwrap();
        assert_eq!(made.public_key.curve(), curve);
        // It is still known after the wallet was closed.
        drop(wallet);
        let wallet = block_on(Wallet::open_software(&dir.0, common::random())).unwrap();
        let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(made.public_key);
        let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
        let imported = import_copies(&wallet, &world, vec![NewCopy::new(issued)]).unwrap();
        assert_eq!(wallet.show(imported.id, NOW).unwrap().device_key_curve, curve);
    }
}

fn copies(world: &World, keys: &[PrivateKey]) -> Vec<NewCopy> {
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements());
    let issued = issuer
        .copies(keys.iter().map(|k| *k.public_key()))
        .issue(&world.random)
        .unwrap();
    let pairs = issued.into_iter().zip(keys);
    pairs
        .map(|(mdoc, key)| NewCopy::with_device_key(mdoc.issuer_signed, again(key)))
        .collect()
}

/// A-H59: each presentation takes a copy that nobody has seen, and says how many are left; none is shown twice.
#[test]
fn copies_are_used_one_by_one() {
    let (dir, world) = (Dir::new(), World::new(44));
    let wallet = create(&dir.0);
    let keys: Vec<_> = (0..3).map(|n| key(Curve::P256, 440 + n)).collect();
    let imported = import_copies(&wallet, &world, copies(&world, &keys)).unwrap();
    assert_eq!(imported.copies, 3);
    let mut seen = std::collections::BTreeSet::new();
    for left in [2, 1, 0] {
        let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
        let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
        let review = resolved.review().clone();
        assert_eq!(
            review.requests[0].candidates[0].copy,
            CopyUse::Fresh { left_after: left }
        );
        let answer =
            block_on(wallet.respond(&mut resolved, review.handle, &Approval::everything(&review), NOW)).unwrap();
        assert_eq!(answer.shared[0].copies_left, Some(left));
        let response = idwallet_mdoc::DeviceResponse::parse(&answer.device_response).unwrap();
        let issued = response.documents()[0].issuer_signed();
        assert!(
            seen.insert(issued.issuer_auth().bytes().to_vec()),
            "a copy was shown twice"
        );
        common::verified(&world, &request, &answer.device_response);
    }
    let summary = wallet.list(NOW).unwrap().documents.remove(0);
    assert_eq!((summary.copies.total, summary.copies.left), (3, Some(0)));
    // It survives the end of the process.
    drop(wallet);
    let wallet = block_on(Wallet::open_software(&dir.0, common::random())).unwrap();
    let resolved = common::resolve(&wallet, &world, &world.request(&[(MDL_NAMESPACE, "family_name")])).unwrap();
    let asked = &resolved.review().requests[0];
    assert!(asked.candidates.is_empty(), "no copy is shown twice");
    assert_eq!(asked.unsuitable[0].reason, UnsuitableReason::NoCopies);
}

/// H-H32: copies of one document say the same.
#[test]
fn copies_that_differ_are_refused_together() {
    let (dir, world) = (Dir::new(), World::new(45));
    let wallet = create(&dir.0);
    let before = dir.kept();
    let keys = [key(Curve::P256, 451), key(Curve::P256, 452)];
    let mut mixed = copies(&world, &keys[..1]);
    let other: Vec<_> = mdl_elements()
        .into_iter()
        .filter(|(name, _)| *name != "height")
        .collect();
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), other).copy(*keys[1].public_key());
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    mixed.push(NewCopy::with_device_key(issued, again(&keys[1])));
    let error = import_copies(&wallet, &world, mixed).unwrap_err();
    assert_eq!(error.code(), Code::CopiesDiffer);

    let mut twice = copies(&world, &keys[..1]);
    twice.extend(copies(&world, &keys[..1]));
    let error = import_copies(&wallet, &world, twice).unwrap_err();
    assert_eq!(error.code(), Code::CopiesDiffer);
    assert!(dir.kept() == before);
}

/// One bad copy among good ones: nothing is stored.
#[test]
fn one_bad_copy_refuses_all() {
    let (dir, world) = (Dir::new(), World::new(46));
    let wallet = create(&dir.0);
    let before = dir.kept();
    let keys = [key(Curve::P256, 461), key(Curve::P256, 462)];
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements());
    let issued = issuer
        .copies(keys.iter().map(|k| *k.public_key()))
        .issue(&world.random)
        .unwrap();
    let bad = replace(&issued[1].issuer_signed, b"Mustermann", b"Mustermonn");
    let pair = vec![
        NewCopy::with_device_key(issued[0].issuer_signed.clone(), again(&keys[0])),
        NewCopy::with_device_key(bad, again(&keys[1])),
    ];
    let error = import_copies(&wallet, &world, pair).unwrap_err();
    let WalletError::Issuer(refusal) = &error else {
        panic!("{error}")
    };
    assert_eq!(refusal.copy(), 1);
    assert!(dir.kept() == before);
}

/// An area that will not take the key: nothing is stored either.
#[test]
fn a_key_that_the_area_refuses_stores_nothing() {
    let (dir, world) = (Dir::new(), World::new(47));
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let wallet = block_on(Wallet::create(&dir.0, Arc::new(area), common::random())).unwrap();
    let before = dir.kept();
    behaviour.lock().unwrap().fail = Some(("import_key", SecureAreaError::Unsupported("import a key")));
    let error = import(&wallet, &world, world.issue_mdl()).unwrap_err();
    assert!(matches!(error, WalletError::Unsupported(_)));
    assert!(dir.kept() == before);
    behaviour.lock().unwrap().fail = None;
    assert!(import(&wallet, &world, world.issue_mdl()).is_ok());
}
