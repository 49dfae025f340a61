//! The contract over SoftHSM, and what PKCS#11 alone can get wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

mod softhsm;

use cryptoki::context::{CInitializeArgs, Pkcs11};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use idwallet_area_pkcs11::{OpenError, Pkcs11SecureArea, TokenConfig};
use idwallet_crypto::area::{
    Authentication, Counters, KeyPurpose, KeySpec, SecureArea, SecureAreaError, SecurityLevel,
};
use idwallet_crypto::{Curve, SystemRandom};
use idwallet_test_areas::Subject;
use pollster::block_on;
use softhsm::{PIN, create, make_token, open, pin, run_with_tokens};
use std::sync::Arc;

/// A session past the area, as another program with the PIN has it. In another process, since a login counts for a whole process; here the area
/// is closed meanwhile.
fn session(config: &TokenConfig) -> Session {
    let module = Pkcs11::new(&config.module).unwrap();
    let _ = module.initialize(CInitializeArgs::OsThreads);
    let slots = module.get_slots_with_token().unwrap();
    let slot = slots
        .into_iter()
        .find(|slot| module.get_token_info(*slot).unwrap().label() == config.label);
    let session = module.open_rw_session(slot.unwrap()).unwrap();
    let pin = AuthPin::new(String::from_utf8(PIN.to_vec()).unwrap());
    session.login(UserType::User, Some(&pin)).unwrap();
    // The module must not be finalised under the area.
    std::mem::forget(module);
    session
}

struct SoftHsm {
    one: TokenConfig,
    other: TokenConfig,
}

impl Subject for SoftHsm {
    fn name(&self) -> &str {
        "pkcs11 (SoftHSM)"
    }

    fn open(&self) -> Arc<dyn SecureArea> {
        Arc::new(create(&self.one).unwrap())
    }

    fn open_other(&self) -> Arc<dyn SecureArea> {
        Arc::new(create(&self.other).unwrap())
    }

    fn objects(&self) -> Option<usize> {
        Some(
            session(&self.one)
                .find_objects(&[Attribute::Token(true)])
                .unwrap()
                .len(),
        )
    }
}

#[test]
fn the_contract_holds_over_softhsm() {
    run_with_tokens("the_contract_holds_over_softhsm", || {
        let subject = SoftHsm {
            one: make_token("one"),
            other: make_token("other"),
        };
        idwallet_test_areas::run(&subject);
    });
}

fn spec(purpose: KeyPurpose) -> KeySpec {
    KeySpec {
        curve: Curve::P256,
        purpose,
        authentication: Authentication::None,
        attestation_challenge: None,
    }
}

/// No private key and no wrapping key leaves the token, whoever asks with the PIN.
#[test]
fn keys_do_not_leave_the_token() {
    run_with_tokens("keys_do_not_leave_the_token", || {
        let config = make_token("one");
        let area = create(&config).unwrap();
        for purpose in [KeyPurpose::Sign, KeyPurpose::Agree, KeyPurpose::SignOrAgree] {
            block_on(area.create_key(&spec(purpose))).unwrap();
        }
        let names = block_on(area.key_ids()).unwrap();
        assert_eq!(names.len(), 3);
        drop(area);
        let session = session(&config);
        let private = session
            .find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)])
            .unwrap();
        let secret = session
            .find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)])
            .unwrap();
        assert_eq!((private.len(), secret.len()), (3, 1));
        for key in private.into_iter().chain(secret) {
            let flags = [
                (AttributeType::Private, Attribute::Private(true)),
                (AttributeType::Sensitive, Attribute::Sensitive(true)),
                (AttributeType::AlwaysSensitive, Attribute::AlwaysSensitive(true)),
                (AttributeType::Extractable, Attribute::Extractable(false)),
                (AttributeType::NeverExtractable, Attribute::NeverExtractable(true)),
                (AttributeType::Local, Attribute::Local(true)),
            ];
            for (name, wanted) in flags {
                assert_eq!(session.get_attributes(key, &[name]).unwrap(), [wanted]);
            }
            assert!(session.get_attributes(key, &[AttributeType::Value]).unwrap().is_empty());
            // Nor can it be talked into leaving later.
            assert!(session.update_attributes(key, &[Attribute::Extractable(true)]).is_err());
            assert!(session.update_attributes(key, &[Attribute::Sensitive(false)]).is_err());
        }
        // Without the PIN nothing shows that a wallet is here.
        session.logout().unwrap();
        assert!(session.find_objects(&[]).unwrap().is_empty());
    });
}

/// A key that was brought into the token, and is known outside, is none of the area's.
#[test]
fn a_planted_wrapping_key_is_not_used() {
    run_with_tokens("a_planted_wrapping_key_is_not_used", || {
        let config = make_token("one");
        drop(create(&config).unwrap());
        let session = session(&config);
        let own = session
            .find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)])
            .unwrap();
        for key in own {
            session.destroy_object(key).unwrap();
        }
        session
            .create_object(&[
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::KeyType(KeyType::AES),
                Attribute::Label(b"idwallet wrapping key".to_vec()),
                Attribute::Id(vec![0; 16]),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
                Attribute::Value(vec![7; 32]),
            ])
            .unwrap();
        drop(session);
        assert_eq!(open(&config).unwrap_err(), OpenError::NotPrepared);
    });
}

#[test]
fn an_area_says_what_softhsm_is() {
    run_with_tokens("an_area_says_what_softhsm_is", || {
        let area = create(&make_token("one")).unwrap();
        let claimed = block_on(area.capabilities()).unwrap();
        assert_eq!(claimed.security_level, SecurityLevel::Software);
        assert_eq!(claimed.counters, Counters::File);
        assert_eq!(claimed.sign_curves, [Curve::P256, Curve::P384, Curve::P521]);
        assert!(!claimed.attestation && !claimed.authentication && !claimed.import);
    });
}

fn refusal(config: &TokenConfig, secret: &[u8]) -> OpenError {
    Pkcs11SecureArea::open(config, &pin(secret), Arc::new(SystemRandom::new())).unwrap_err()
}

#[test]
fn every_way_of_not_opening_has_its_reason() {
    run_with_tokens("every_way_of_not_opening_has_its_reason", || {
        let config = make_token("one");
        make_token("twins");
        let twins = make_token("twins");
        // A token that nobody prepared is not written to by opening.
        assert_eq!(open(&config).unwrap_err(), OpenError::NotPrepared);
        let area = create(&config).unwrap();
        let serial = area.serial().to_owned();
        // A login counts for the whole process: no second area could ask for the PIN.
        assert_eq!(refusal(&config, b"000000"), OpenError::InUse);
        assert_eq!(open(&config).unwrap_err(), OpenError::InUse);
        drop(area);
        for wrong in [&b"482916"[..], b"48291", b"", b"4829155"] {
            assert_eq!(refusal(&config, wrong), OpenError::WrongPin);
        }
        assert_eq!(
            SecureAreaError::from(refusal(&config, b"482916")),
            SecureAreaError::AuthenticationRequired
        );
        let with = |change: &dyn Fn(&mut TokenConfig)| {
            let mut config = config.clone();
            change(&mut config);
            open(&config)
        };
        assert_eq!(with(&|c| c.label = "three".into()).unwrap_err(), OpenError::NoToken);
        assert_eq!(with(&|c| c.serial = Some("0".into())).unwrap_err(), OpenError::NoToken);
        assert_eq!(
            SecureAreaError::from(OpenError::NoToken),
            SecureAreaError::HardwareAbsent
        );
        assert_eq!(
            with(&|c| c.module = "/nowhere.so".into()).unwrap_err(),
            OpenError::Module
        );
        assert_eq!(
            with(&|c| c.module = "/etc/hostname".into()).unwrap_err(),
            OpenError::Module
        );
        assert!(with(&|c| c.serial = Some(serial.clone())).is_ok());
        assert_eq!(open(&twins).unwrap_err(), OpenError::SeveralTokens);
        assert!(open(&config).is_ok());
    });
}

/// A token in software whose files are gone stands for a card that was pulled: "no such key" would have the app give the document up.
#[test]
fn a_token_that_is_taken_out_is_told_as_such() {
    run_with_tokens("a_token_that_is_taken_out_is_told_as_such", || {
        let area = create(&make_token("one")).unwrap();
        let key = block_on(area.create_key(&spec(KeyPurpose::Sign))).unwrap();
        let wrapped = block_on(area.wrap(b"context", &vec![1; 32].into())).unwrap();
        let counter = block_on(area.create_counter()).unwrap();
        softhsm::remove_tokens();
        let absent = Some(SecureAreaError::HardwareAbsent);
        assert_eq!(block_on(area.sign(&key.id, b"message")).err(), absent);
        assert_eq!(block_on(area.public_key(&key.id)).err(), absent);
        assert_eq!(block_on(area.create_key(&spec(KeyPurpose::Sign))).err(), absent);
        assert_eq!(block_on(area.unwrap(b"context", &wrapped)).err(), absent);
        assert_eq!(block_on(area.wrap(b"context", &vec![1; 32].into())).err(), absent);
        assert_eq!(block_on(area.read_counter(&counter)).err(), absent);
    });
}
