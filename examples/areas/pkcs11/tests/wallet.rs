//! A wallet whose keys lie in a token, from the first key to the answer a reader accepts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::panic)]

mod softhsm;

use idwallet_area_pkcs11::TokenConfig;
use idwallet_crypto::area::{KeyPurpose, SecureArea};
use idwallet_crypto::{Curve, Moment, SystemRandom};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy, ResponseOutcome, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse};
use idwallet_storage::Pin;
use idwallet_test_support::{NOW, World, mdl_elements, with_elements};
use idwallet_wallet::{Approval, LockedWallet, NewCopy, Wallet, WalletError};
use pollster::block_on;
use softhsm::{create, make_token, open, run_with_tokens};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn random() -> Arc<SystemRandom> {
    Arc::new(SystemRandom::new())
}

fn dir(name: &str) -> PathBuf {
    softhsm::folder().join(name)
}

fn open_wallet(dir: &Path, config: &TokenConfig) -> Result<Wallet, WalletError> {
    block_on(Wallet::open(dir, Arc::new(open(config).unwrap()), random()))
}

fn keys_inside(config: &TokenConfig) -> usize {
    block_on(open(config).unwrap().key_ids()).unwrap().len()
}

/// Asks for two elements and gives what the reader accepts.
fn present(wallet: &Wallet, world: &World) -> Vec<String> {
    let request = world.request(&[(MDL_NAMESPACE, "family_name"), (MDL_NAMESPACE, "document_number")]);
    let anchors = world.reader.anchors();
    let mut resolved = wallet
        .resolve(&request, &world.transcript, &world.reader_trust(&anchors, &[]))
        .unwrap();
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();

    let request = DeviceRequest::parse(&request).unwrap();
    let response = DeviceResponse::parse(&answer.device_response).unwrap();
    let anchors = world.issuer.anchors();
    let session = Session::new(&world.transcript)
        .request(&request)
        .e_reader_key(&world.e_reader_key);
    let report = verify_response(&response, &session, &IssuerTrust::new(&anchors), &Policy::iso().at(NOW));
    match report.outcome() {
        ResponseOutcome::Accepted(documents) => documents
            .iter()
            .flat_map(|document| document.claims())
            .map(|(_, item)| item.element_identifier().to_owned())
            .collect(),
        ResponseOutcome::Refused(reasons) => panic!("refused: {reasons:?}"),
    }
}

fn import(wallet: &Wallet, world: &World, purpose: KeyPurpose) -> idwallet_wallet::DocumentId {
    let key = block_on(wallet.create_device_key(Curve::P256, purpose)).unwrap();
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(key.public_key);
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let anchors = world.issuer.anchors();
    let policy = Policy::iso().at(NOW);
    let trust = IssuerTrust::new(&anchors);
    block_on(wallet.import(vec![NewCopy::new(issued)], &policy, &trust))
        .unwrap()
        .id
}

/// H-H41: the credential's key is made in the token, signs there, and goes with the document.
#[test]
fn a_credential_bound_to_a_key_in_the_token_is_shown_and_removed() {
    run_with_tokens("a_credential_bound_to_a_key_in_the_token_is_shown_and_removed", || {
        let (config, dir) = (make_token("one"), dir("w"));
        let world = World::new(7);
        let area = Arc::new(create(&config).unwrap());
        let wallet = block_on(Wallet::create(&dir, area, random())).unwrap();
        let document = import(&wallet, &world, KeyPurpose::Sign);
        drop(wallet);
        assert_eq!(keys_inside(&config), 1);
        // Opened again, signed by the key in the token, accepted by a reader.
        let wallet = open_wallet(&dir, &config).unwrap();
        assert_eq!(present(&wallet, &world), ["family_name", "document_number"]);
        block_on(wallet.remove(document, NOW)).unwrap();
        drop(wallet);
        assert_eq!(keys_inside(&config), 0);
    });
}

/// The same by MAC: the key agrees in the token.
#[test]
fn a_key_for_agreement_in_the_token_answers_by_mac() {
    run_with_tokens("a_key_for_agreement_in_the_token_answers_by_mac", || {
        let config = make_token("one");
        let world = World::new(8);
        let area = Arc::new(create(&config).unwrap());
        let wallet = block_on(Wallet::create(&dir("w"), area, random())).unwrap();
        import(&wallet, &world, KeyPurpose::Agree);
        assert_eq!(present(&wallet, &world), ["family_name", "document_number"]);
    });
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    #[cfg(unix)]
    fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A copied vault opens nothing beside another area, whatever make that is of, and its own opens it still.
#[test]
fn a_copied_vault_opens_with_its_own_token_alone() {
    run_with_tokens("a_copied_vault_opens_with_its_own_token_alone", || {
        let (config, other) = (make_token("one"), make_token("other"));
        let (own, stolen) = (dir("w"), dir("stolen"));
        let world = World::new(9);
        let area = Arc::new(create(&config).unwrap());
        let wallet = block_on(Wallet::create(&own, area, random())).unwrap();
        import(&wallet, &world, KeyPurpose::Sign);
        drop(wallet);
        copy(&own, &stolen);
        drop(create(&other).unwrap());
        let refused = open_wallet(&stolen, &other).unwrap_err();
        assert!(matches!(refused, WalletError::Storage(_)), "{refused:?}");
        let software = Wallet::create_software_area(&dir("elsewhere"), random()).unwrap();
        let refused = block_on(Wallet::open(&stolen, software, random())).unwrap_err();
        assert!(matches!(refused, WalletError::Storage(_)), "{refused:?}");
        assert_eq!(open_wallet(&stolen, &config).unwrap().count().unwrap(), 1);
    });
}

fn moment(seconds: u64) -> Moment {
    Moment {
        wall: NOW.saturating_add_seconds(i64::try_from(seconds).unwrap()),
        uptime: Duration::from_secs(seconds),
    }
}

/// The PIN is tried in the token: without the very token no PIN opens a copy, and with it every attempt is a use of the token.
#[test]
fn a_pin_opens_nothing_without_its_token() {
    run_with_tokens("a_pin_opens_nothing_without_its_token", || {
        let (config, other) = (make_token("one"), make_token("other"));
        let (own, stolen) = (dir("w"), dir("stolen"));
        let pin = || Pin::new("735194").unwrap();
        let area: Arc<dyn SecureArea> = Arc::new(create(&config).unwrap());
        let wallet = block_on(Wallet::create(&own, Arc::clone(&area), random())).unwrap();
        block_on(wallet.set_pin(&pin(), moment(1))).unwrap();
        drop((wallet, area));
        copy(&own, &stolen);
        drop(create(&other).unwrap());
        let unlock = |dir: &Path, config: &TokenConfig, pin: Option<Pin>, at: u64| {
            let locked = LockedWallet::open(dir, Arc::new(open(config).unwrap()), random())?;
            block_on(locked.unlock(pin.as_ref(), moment(at))).map_err(WalletError::from)
        };
        assert!(unlock(&stolen, &other, Some(pin()), 2).is_err());
        assert!(unlock(&own, &config, None, 3).is_err());
        assert!(unlock(&own, &config, Some(Pin::new("735195").unwrap()), 4).is_err());
        assert!(unlock(&own, &config, Some(pin()), 60).is_ok());
    });
}
