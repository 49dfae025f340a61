//! The software secure area: its file and its part of the port's contract.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod common;

use common::{DOCUMENT, Dir, id, random};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use idwallet_crypto::area::{
    Attestation, Authentication, CounterId, Counters, KeyId, KeyPurpose, KeySpec, SOFTWARE_ATTESTATION, SecureArea,
    SecureAreaError, SecurityLevel,
};
use idwallet_crypto::{Curve, PrivateKey, SecretBytes, SignatureAlgorithm, ecdsa_der_to_raw, verify};
use idwallet_storage::{AreaFileError, Error, SoftwareSecureArea, create_with_area, open_with_area};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// The software area never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the software area waited"),
    }
}

fn spec(curve: Curve, purpose: KeyPurpose) -> KeySpec {
    KeySpec {
        curve,
        purpose,
        authentication: Authentication::None,
        attestation_challenge: None,
    }
}

fn area(dir: &Dir) -> SoftwareSecureArea {
    SoftwareSecureArea::create(&dir.0.join("area").join("area.key"), random()).unwrap()
}

#[test]
fn the_file_is_its_owners_alone_and_is_never_written_over() {
    let dir = Dir::new();
    let path = dir.0.join("area").join("area.key");
    drop(area(&dir));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no leftovers");
    let before = fs::read(&path).unwrap();
    assert!(matches!(
        SoftwareSecureArea::create(&path, random()),
        Err(AreaFileError::Exists)
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    for open_to in [0o640, 0o604, 0o620, 0o602, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open_to)).unwrap();
        assert!(
            matches!(
                SoftwareSecureArea::open(&path, random()),
                Err(AreaFileError::Permissions(_))
            ),
            "{open_to:o}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(
        SoftwareSecureArea::open(&path, random()),
        Err(AreaFileError::Permissions(_))
    ));
    fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(SoftwareSecureArea::open(&path, random()).is_ok());
    let link = path.with_file_name("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(
        SoftwareSecureArea::open(&link, random()),
        Err(AreaFileError::Permissions(_))
    ));
    assert!(matches!(
        SoftwareSecureArea::open(&dir.0.join("none"), random()),
        Err(AreaFileError::NotFound)
    ));
}

#[test]
fn every_damaged_byte_of_the_file_is_noticed() {
    let dir = Dir::new();
    let path = dir.0.join("area").join("area.key");
    drop(area(&dir));
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(&path, altered).unwrap();
        assert!(
            matches!(SoftwareSecureArea::open(&path, random()), Err(AreaFileError::Damaged)),
            "byte {at}"
        );
    }
    for len in [0, 1, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        assert!(matches!(
            SoftwareSecureArea::open(&path, random()),
            Err(AreaFileError::Damaged)
        ));
    }
}

#[test]
fn it_says_that_it_is_software_and_gives_no_less_than_asked() {
    let dir = Dir::new();
    let area = area(&dir);
    let capabilities = now(area.capabilities()).unwrap();
    assert_eq!(capabilities.security_level, SecurityLevel::Software);
    assert!(capabilities.attestation && !capabilities.authentication);
    assert_eq!(capabilities.counters, Counters::File);
    let with_presence = KeySpec {
        authentication: Authentication::EveryUse,
        ..spec(Curve::P256, KeyPurpose::Sign)
    };
    assert!(matches!(
        now(area.create_key(&with_presence)),
        Err(SecureAreaError::Unsupported(_))
    ));
    for (curve, purpose) in [
        (Curve::X25519, KeyPurpose::Sign),
        (Curve::Ed25519, KeyPurpose::Agree),
        (Curve::Ed25519, KeyPurpose::SignOrAgree),
    ] {
        assert!(matches!(
            now(area.create_key(&spec(curve, purpose))),
            Err(SecureAreaError::Unsupported(_))
        ));
    }
}

#[test]
fn a_wrapped_secret_opens_in_its_context_and_area_only() {
    let (dir, other_dir) = (Dir::new(), Dir::new());
    let (here, other) = (area(&dir), area(&other_dir));
    let wrapped = now(here.wrap(b"context", &SecretBytes::new(vec![7; 32]))).unwrap();
    assert!(!wrapped.windows(8).any(|window| window == [7; 8]));
    drop(here);
    let here = SoftwareSecureArea::open(&dir.0.join("area").join("area.key"), random()).unwrap();
    assert_eq!(now(here.unwrap(b"context", &wrapped)).unwrap().expose(), &[7; 32]);
    assert!(matches!(
        now(here.unwrap(b"another", &wrapped)),
        Err(SecureAreaError::Integrity)
    ));
    assert!(matches!(
        now(other.unwrap(b"context", &wrapped)),
        Err(SecureAreaError::Integrity)
    ));
    for at in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[at] ^= 1;
        assert!(matches!(
            now(here.unwrap(b"context", &altered)),
            Err(SecureAreaError::Integrity)
        ));
    }
    assert!(matches!(
        now(here.unwrap(b"context", &wrapped[..5])),
        Err(SecureAreaError::Integrity)
    ));
    // What was wrapped is no key, and a key is nothing wrapped.
    assert!(matches!(
        now(here.public_key(&KeyId::new(wrapped))),
        Err(SecureAreaError::NotFound)
    ));
}

#[test]
fn a_vault_opens_with_its_own_area_only() {
    let (dir, other_dir) = (Dir::new(), Dir::new());
    let (here, other) = (area(&dir), area(&other_dir));
    let mut vault = now(create_with_area(&dir.vault(), &here, random())).unwrap();
    vault
        .transaction(|tx| tx.insert(DOCUMENT, id(1, 0), b"x", &[]))
        .unwrap();
    drop(vault);
    assert!(matches!(
        now(open_with_area(&dir.vault(), &other, random())),
        Err(Error::WrongKey)
    ));
    let vault = now(open_with_area(&dir.vault(), &here, random())).unwrap();
    assert_eq!(vault.read(DOCUMENT, id(1, 0)).unwrap().data().expose(), b"x");
}

#[test]
fn keys_sign_or_agree_as_they_were_made_for() {
    let dir = Dir::new();
    let area = area(&dir);
    let signing = now(area.create_key(&spec(Curve::P256, KeyPurpose::Sign))).unwrap();
    let agreeing = now(area.create_key(&spec(Curve::P256, KeyPurpose::Agree))).unwrap();
    let der = now(area.sign(&signing.id, b"message")).unwrap();
    let raw = ecdsa_der_to_raw(Curve::P256, &der).unwrap();
    verify(&signing.public_key, SignatureAlgorithm::Es256, b"message", &raw).unwrap();
    assert_eq!(now(area.public_key(&signing.id)).unwrap(), signing.public_key);
    assert!(matches!(
        now(area.agree(&signing.id, &agreeing.public_key)),
        Err(SecureAreaError::Unsupported(_))
    ));
    assert!(matches!(
        now(area.sign(&agreeing.id, b"message")),
        Err(SecureAreaError::Unsupported(_))
    ));
    let either = now(area.create_key(&spec(Curve::P256, KeyPurpose::SignOrAgree))).unwrap();
    let one = now(area.agree(&agreeing.id, &either.public_key)).unwrap();
    let two = now(area.agree(&either.id, &agreeing.public_key)).unwrap();
    assert_eq!(one.expose(), two.expose());
    now(area.sign(&either.id, b"m")).unwrap();
    let elsewhere = now(area.create_key(&spec(Curve::P384, KeyPurpose::Agree))).unwrap();
    assert!(matches!(
        now(area.agree(&agreeing.id, &elsewhere.public_key)),
        Err(SecureAreaError::Unsupported(_))
    ));
    let mut altered = signing.id.as_bytes().to_vec();
    altered[0] ^= 1;
    assert!(matches!(
        now(area.sign(&KeyId::new(altered), b"m")),
        Err(SecureAreaError::NotFound)
    ));
}

#[test]
fn every_curve_makes_signs_and_agrees() {
    let dir = Dir::new();
    let area = area(&dir);
    let capabilities = now(area.capabilities()).unwrap();
    for curve in capabilities.sign_curves {
        let key = now(area.create_key(&spec(curve, KeyPurpose::Sign))).unwrap();
        let signature = now(area.sign(&key.id, b"message")).unwrap();
        let raw = match curve {
            Curve::Ed25519 | Curve::Ed448 => signature,
            _ => ecdsa_der_to_raw(curve, &signature).unwrap(),
        };
        verify(
            &key.public_key,
            SignatureAlgorithm::for_curve(curve).unwrap(),
            b"message",
            &raw,
        )
        .unwrap();
    }
    for curve in capabilities.agree_curves {
        let [one, two] = [1, 2].map(|_| now(area.create_key(&spec(curve, KeyPurpose::Agree))).unwrap());
        let shared = now(area.agree(&one.id, &two.public_key)).unwrap();
        assert_eq!(
            shared.expose(),
            now(area.agree(&two.id, &one.public_key)).unwrap().expose()
        );
    }
}

#[test]
fn an_imported_key_survives_in_the_vault_with_its_credential() {
    let dir = Dir::new();
    let path = dir.0.join("area").join("area.key");
    let area = area(&dir);
    let key = PrivateKey::generate(Curve::P256, &*random()).unwrap();
    let public = *key.public_key();
    let imported = now(area.import_key(key, KeyPurpose::Sign)).unwrap();
    let mut vault = now(create_with_area(&dir.vault(), &area, random())).unwrap();
    vault
        .transaction(|tx| tx.insert(DOCUMENT, id(1, 0), imported.id.as_bytes(), &[]))
        .unwrap();
    drop((vault, area));
    let area = SoftwareSecureArea::open(&path, random()).unwrap();
    let vault = now(open_with_area(&dir.vault(), &area, random())).unwrap();
    let found = KeyId::new(vault.read(DOCUMENT, id(1, 0)).unwrap().data().expose().clone());
    assert_eq!(now(area.public_key(&found)).unwrap(), public);
    now(area.sign(&found, b"m")).unwrap();
}

/// DESIGN §1: its attestation says "software" and is bound to the challenge.
#[test]
fn its_attestation_says_software() {
    let dir = Dir::new();
    let area = area(&dir);
    let asked = |curve, purpose| {
        let spec = KeySpec {
            attestation_challenge: Some(b"nonce".to_vec()),
            ..spec(curve, purpose)
        };
        now(area.create_key(&spec)).unwrap()
    };
    let made = asked(Curve::P256, KeyPurpose::Sign);
    let Some(Attestation::Software(signature)) = made.attestation else {
        panic!("no attestation")
    };
    let raw = ecdsa_der_to_raw(Curve::P256, &signature).unwrap();
    let message = |challenge: &[u8]| [SOFTWARE_ATTESTATION, challenge].concat();
    let check = |message: &[u8]| {
        verify(
            &made.public_key,
            SignatureAlgorithm::for_curve(Curve::P256).unwrap(),
            message,
            &raw,
        )
    };
    check(&message(b"nonce")).unwrap();
    assert!(check(&message(b"other")).is_err());
    assert_eq!(
        asked(Curve::X25519, KeyPurpose::Agree).attestation,
        Some(Attestation::Software(Vec::new()))
    );
    assert!(
        now(area.create_key(&spec(Curve::P256, KeyPurpose::Sign)))
            .unwrap()
            .attestation
            .is_none()
    );
}

/// DESIGN §7: counters only rise, survive, and cannot be set back by removing or altering their file.
#[test]
fn counters_only_rise() {
    let dir = Dir::new();
    let path = dir.0.join("area").join("area.key");
    let area = area(&dir);
    let one = now(area.create_counter()).unwrap();
    let two = now(area.create_counter()).unwrap();
    assert_ne!(one, two);
    let start = now(area.read_counter(&one)).unwrap();
    for step in 1..=3 {
        assert_eq!(now(area.increment_counter(&one)).unwrap(), start + step);
    }
    drop(area);
    let area = SoftwareSecureArea::open(&path, random()).unwrap();
    assert_eq!(now(area.read_counter(&one)).unwrap(), start + 3);
    assert!(matches!(
        now(area.read_counter(&CounterId::new([7; 16]))),
        Err(SecureAreaError::NotFound)
    ));
    now(area.delete_counter(&two)).unwrap();
    now(area.delete_counter(&two)).unwrap();
    assert!(matches!(
        now(area.increment_counter(&two)),
        Err(SecureAreaError::NotFound)
    ));

    let file = dir.0.join("area").join("area.key.counters");
    let whole = fs::read(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(&file, altered).unwrap();
        assert!(
            matches!(now(area.read_counter(&one)), Err(SecureAreaError::NotFound)),
            "byte {at}"
        );
        assert!(matches!(
            now(area.increment_counter(&one)),
            Err(SecureAreaError::NotFound)
        ));
    }
    // A new counter beside a damaged file sets that file aside.
    let three = now(area.create_counter()).unwrap();
    assert!(dir.0.join("area").join("area.key.counters.damaged").exists());
    assert!(matches!(now(area.read_counter(&one)), Err(SecureAreaError::NotFound)));
    now(area.read_counter(&three)).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(matches!(now(area.read_counter(&three)), Err(SecureAreaError::NotFound)));
    assert!(matches!(
        now(area.increment_counter(&three)),
        Err(SecureAreaError::NotFound)
    ));
    // Another area's file is a damaged one.
    let other = Dir::new();
    let elsewhere = SoftwareSecureArea::create(&other.0.join("area").join("area.key"), random()).unwrap();
    let four = now(elsewhere.create_counter()).unwrap();
    fs::copy(other.0.join("area").join("area.key.counters"), &file).unwrap();
    assert!(matches!(now(area.read_counter(&four)), Err(SecureAreaError::NotFound)));
}

/// DESIGN §7: two handles of one area count together.
#[test]
fn two_handles_do_not_lose_a_count() {
    let dir = Dir::new();
    let path = dir.0.join("area").join("area.key");
    let id = now(area(&dir).create_counter()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let area = SoftwareSecureArea::open(&path, random()).unwrap();
                for _ in 0..10 {
                    now(area.increment_counter(&id)).unwrap();
                }
            });
        }
    });
    let area = SoftwareSecureArea::open(&path, random()).unwrap();
    assert_eq!(now(area.read_counter(&id)).unwrap(), 40);
}
