//! Keys: what is claimed, made, used, held apart and deleted.

use crate::{
    Check, Subject, agrees, capabilities, claims, create, is_not_found, is_unsupported, peer, signs, spec, verifies,
};
use idwallet_crypto::Curve;
use idwallet_crypto::area::{
    Attestation, Authentication, CreatedKey, KeyId, KeyPurpose, SOFTWARE_ATTESTATION, SecureArea, SecurityLevel,
};
use pollster::block_on;
use std::collections::BTreeSet;
use std::sync::Arc;

pub const CHECKS: &[Check] = &[
    ("every claimed curve and purpose works", claimed_works),
    ("what is not claimed is refused", unclaimed_is_refused),
    ("a person's presence is required, or refused", presence_is_not_left_out),
    ("an import works or is refused, as claimed", import_is_as_claimed),
    (
        "an attestation is bound to challenge and key, or absent",
        attestation_is_as_claimed,
    ),
    ("the public key is that of the creation", public_key_is_stable),
    ("every key is another one", keys_differ),
    ("messages of any length are signed", any_message_is_signed),
    ("an altered message does not verify", signature_is_bound),
    ("a key for agreement does not sign (A-H55)", agreement_key_does_not_sign),
    (
        "a key for signatures does not agree (A-H55)",
        signature_key_does_not_agree,
    ),
    ("curves do not mix", curves_do_not_mix),
    ("agreement holds over many peers", many_agreements),
    ("a deleted key is gone, and deleting it again succeeds", deleted_is_gone),
    ("deleting one key leaves the others", others_stay),
    ("unknown names are not found", unknown_is_not_found),
    ("keys are there when the area is opened again", keys_outlive_the_area),
    ("another area does not know the key", other_area_does_not_know),
    ("eight threads at once get their own answers", threads),
];

/// Every claimed use, for the checks that need one of a kind.
fn one(area: &dyn SecureArea, purpose: KeyPurpose) -> Option<CreatedKey> {
    let (_, curves) = claims(area).into_iter().find(|(claimed, _)| *claimed == purpose)?;
    curves.first().map(|curve| create(area, *curve, purpose))
}

/// A key that can be used, and whether it signs.
fn any(area: &dyn SecureArea) -> (CreatedKey, bool) {
    match one(area, KeyPurpose::Sign) {
        Some(key) => (key, true),
        None => (one(area, KeyPurpose::Agree).expect("an area signs or agrees"), false),
    }
}

fn forget(area: &dyn SecureArea, keys: &[CreatedKey]) {
    for key in keys {
        block_on(area.delete(&key.id)).unwrap();
    }
}

fn claimed_works(subject: &dyn Subject) {
    let area = subject.open();
    let mut uses = 0;
    for (purpose, curves) in claims(&*area) {
        let unique: BTreeSet<Curve> = curves.iter().copied().collect();
        assert_eq!(unique.len(), curves.len(), "a curve is claimed twice");
        for curve in curves {
            let key = create(&*area, curve, purpose);
            assert_eq!(key.public_key.curve(), curve);
            assert_eq!(key.attestation, None, "nobody asked for one");
            if purpose.may_sign() {
                signs(&*area, &key, b"message");
            }
            if purpose.may_agree() {
                agrees(&*area, &key);
            }
            uses += 1;
            forget(&*area, &[key]);
        }
    }
    assert!(uses > 0, "an area that claims nothing is none");
}

fn unclaimed_is_refused(subject: &dyn Subject) {
    let area = subject.open();
    for (purpose, curves) in claims(&*area) {
        for curve in Curve::ALL.into_iter().filter(|curve| !curves.contains(curve)) {
            is_unsupported(block_on(area.create_key(&spec(curve, purpose))));
        }
    }
}

fn presence_is_not_left_out(subject: &dyn Subject) {
    let area = subject.open();
    if capabilities(&*area).authentication {
        return;
    }
    let (key, does_sign) = any(&*area);
    let purpose = if does_sign { KeyPurpose::Sign } else { KeyPurpose::Agree };
    for authentication in [
        Authentication::DeviceUnlocked,
        Authentication::EveryUse,
        Authentication::BiometryEveryUse,
        Authentication::Within { seconds: 30 },
    ] {
        let mut spec = spec(key.public_key.curve(), purpose);
        spec.authentication = authentication;
        is_unsupported(block_on(area.create_key(&spec)));
    }
    forget(&*area, &[key]);
}

fn import_is_as_claimed(subject: &dyn Subject) {
    let area = subject.open();
    let key = peer(Curve::P256);
    let public = *key.public_key();
    if capabilities(&*area).import {
        let imported = block_on(area.import_key(key, KeyPurpose::Sign)).unwrap();
        assert_eq!(imported.public_key, public);
        signs(&*area, &imported, b"message");
        forget(&*area, &[imported]);
    } else {
        is_unsupported(block_on(area.import_key(key, KeyPurpose::Sign)));
    }
}

fn attestation_is_as_claimed(subject: &dyn Subject) {
    let area = subject.open();
    let claimed = capabilities(&*area);
    let (any, does_sign) = any(&*area);
    let purpose = if does_sign { KeyPurpose::Sign } else { KeyPurpose::Agree };
    let mut spec = spec(any.public_key.curve(), purpose);
    let challenge = b"the issuer's nonce".to_vec();
    spec.attestation_challenge = Some(challenge.clone());
    let key = block_on(area.create_key(&spec)).unwrap();
    if !claimed.attestation {
        assert_eq!(key.attestation, None, "an attestation that is not claimed");
    } else {
        match key.attestation.as_ref().expect("an attestation is claimed") {
            Attestation::Software(signature) => {
                assert_eq!(claimed.security_level, SecurityLevel::Software);
                if does_sign {
                    // Ours is raw for EdDSA and DER for ECDSA, as every signature of the port.
                    let message = [SOFTWARE_ATTESTATION, &challenge].concat();
                    assert!(verifies(&key.public_key, &message, signature));
                    let other = [SOFTWARE_ATTESTATION, b"the issuer's Nonce"].concat();
                    assert!(!verifies(&key.public_key, &other, signature), "the challenge counts");
                    assert!(!verifies(&any.public_key, &message, signature), "the key counts");
                } else {
                    assert!(signature.is_empty());
                }
            }
            other => panic!("no check knows how to read {other:?}"),
        }
    }
    forget(&*area, &[any, key]);
}

fn public_key_is_stable(subject: &dyn Subject) {
    let area = subject.open();
    for (purpose, curves) in claims(&*area) {
        for curve in curves {
            let key = create(&*area, curve, purpose);
            assert_eq!(block_on(area.public_key(&key.id)).unwrap(), key.public_key);
            forget(&*area, &[key]);
        }
    }
}

fn keys_differ(subject: &dyn Subject) {
    let area = subject.open();
    let keys: Vec<CreatedKey> = (0..8).map(|_| any(&*area).0).collect();
    let ids: BTreeSet<&KeyId> = keys.iter().map(|key| &key.id).collect();
    let points: BTreeSet<&[u8]> = keys.iter().map(|key| key.public_key.as_bytes()).collect();
    assert_eq!((ids.len(), points.len()), (8, 8));
    forget(&*area, &keys);
}

fn any_message_is_signed(subject: &dyn Subject) {
    let area = subject.open();
    let Some(key) = one(&*area, KeyPurpose::Sign) else {
        return;
    };
    for length in [0, 1, 31, 32, 33, 64, 1000, 100_000] {
        signs(&*area, &key, &vec![0x5A; length]);
    }
    forget(&*area, &[key]);
}

fn signature_is_bound(subject: &dyn Subject) {
    let area = subject.open();
    let Some(key) = one(&*area, KeyPurpose::Sign) else {
        return;
    };
    let signature = block_on(area.sign(&key.id, b"message")).unwrap();
    assert!(verifies(&key.public_key, b"message", &signature));
    assert!(!verifies(&key.public_key, b"messagf", &signature));
    let (other, _) = any(&*area);
    assert!(!verifies(&other.public_key, b"message", &signature));
    forget(&*area, &[key, other]);
}

fn agreement_key_does_not_sign(subject: &dyn Subject) {
    let area = subject.open();
    for curve in capabilities(&*area).agree_curves {
        let key = create(&*area, curve, KeyPurpose::Agree);
        is_unsupported(block_on(area.sign(&key.id, b"message")));
        agrees(&*area, &key);
        forget(&*area, &[key]);
    }
}

fn signature_key_does_not_agree(subject: &dyn Subject) {
    let area = subject.open();
    for curve in capabilities(&*area)
        .sign_curves
        .into_iter()
        .filter(|curve| curve.can_agree())
    {
        let key = create(&*area, curve, KeyPurpose::Sign);
        is_unsupported(block_on(area.agree(&key.id, peer(curve).public_key())));
        signs(&*area, &key, b"message");
        forget(&*area, &[key]);
    }
}

fn curves_do_not_mix(subject: &dyn Subject) {
    let area = subject.open();
    let Some(key) = one(&*area, KeyPurpose::Agree) else {
        return;
    };
    let own = key.public_key.curve();
    for curve in Curve::ALL
        .into_iter()
        .filter(|curve| *curve != own && curve.can_agree())
    {
        is_unsupported(block_on(area.agree(&key.id, peer(curve).public_key())));
    }
    agrees(&*area, &key);
    forget(&*area, &[key]);
}

/// One secret in 256 begins with a zero byte, which must stay.
fn many_agreements(subject: &dyn Subject) {
    let area = subject.open();
    for curve in capabilities(&*area).agree_curves {
        let key = create(&*area, curve, KeyPurpose::Agree);
        let times = if matches!(curve, Curve::P256) { 600 } else { 5 };
        for _ in 0..times {
            agrees(&*area, &key);
        }
        forget(&*area, &[key]);
    }
}

fn is_gone(area: &dyn SecureArea, key: &CreatedKey) {
    is_not_found(block_on(area.public_key(&key.id)));
    is_not_found(block_on(area.sign(&key.id, b"message")));
    is_not_found(block_on(area.agree(&key.id, peer(key.public_key.curve()).public_key())));
}

/// Where the id is the key, sealed, forgetting it is what deletes it: the area itself keeps nothing that could be gone.
fn deleted_is_gone(subject: &dyn Subject) {
    let is_inside = subject.objects().is_some();
    let area = subject.open();
    for purpose in [KeyPurpose::Sign, KeyPurpose::Agree] {
        let Some(key) = one(&*area, purpose).filter(|key| key.public_key.curve().can_agree()) else {
            continue;
        };
        block_on(area.delete(&key.id)).unwrap();
        if is_inside {
            is_gone(&*area, &key);
        }
        block_on(area.delete(&key.id)).unwrap();
    }
}

fn others_stay(subject: &dyn Subject) {
    let area = subject.open();
    let (first, does_sign) = any(&*area);
    let (second, _) = any(&*area);
    block_on(area.delete(&first.id)).unwrap();
    if does_sign {
        signs(&*area, &second, b"message");
    } else {
        agrees(&*area, &second);
    }
    forget(&*area, &[second]);
}

fn unknown_is_not_found(subject: &dyn Subject) {
    let area = subject.open();
    let (key, _) = any(&*area);
    let curve = key.public_key.curve();
    let mut flipped = key.id.as_bytes().to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let cut = key.id.as_bytes()[..key.id.as_bytes().len() - 1].to_vec();
    let longer = [key.id.as_bytes(), &[0]].concat();
    for bytes in [
        Vec::new(),
        b"x".to_vec(),
        vec![0; 16],
        vec![0xFF; 4096],
        flipped,
        cut,
        longer,
    ] {
        let id = KeyId::new(bytes);
        is_not_found(block_on(area.public_key(&id)));
        is_not_found(block_on(area.sign(&id, b"message")));
        if curve.can_agree() {
            is_not_found(block_on(area.agree(&id, peer(curve).public_key())));
        }
        block_on(area.delete(&id)).unwrap();
    }
    // Deleting what is not there took nothing along.
    assert_eq!(block_on(area.public_key(&key.id)).unwrap(), key.public_key);
    forget(&*area, &[key]);
}

fn keys_outlive_the_area(subject: &dyn Subject) {
    let area = subject.open();
    let before = capabilities(&*area);
    let made: Vec<CreatedKey> = [KeyPurpose::Sign, KeyPurpose::Agree]
        .into_iter()
        .filter_map(|purpose| one(&*area, purpose))
        .collect();
    drop(area);
    let area = subject.open();
    assert_eq!(capabilities(&*area), before);
    for key in &made {
        assert_eq!(block_on(area.public_key(&key.id)).unwrap(), key.public_key);
        match block_on(area.sign(&key.id, b"message")) {
            Ok(signature) => assert!(verifies(&key.public_key, b"message", &signature)),
            Err(_) => agrees(&*area, key),
        }
    }
    forget(&*area, &made);
}

fn other_area_does_not_know(subject: &dyn Subject) {
    let area = subject.open();
    let other = subject.open_other();
    let (key, _) = any(&*area);
    is_not_found(block_on(other.public_key(&key.id)));
    is_not_found(block_on(other.sign(&key.id, b"message")));
    block_on(other.delete(&key.id)).unwrap();
    assert_eq!(block_on(area.public_key(&key.id)).unwrap(), key.public_key);
    forget(&*area, &[key]);
}

fn threads(subject: &dyn Subject) {
    let area: Arc<dyn SecureArea> = subject.open();
    std::thread::scope(|scope| {
        for number in 0_u8..8 {
            let area = &area;
            scope.spawn(move || {
                for round in 0_u8..4 {
                    let (key, does_sign) = any(&**area);
                    if does_sign {
                        signs(&**area, &key, &[number, round]);
                    } else {
                        agrees(&**area, &key);
                    }
                    let secret = vec![number; 32].into();
                    let wrapped = block_on(area.wrap(&[number, round], &secret)).unwrap();
                    let plain = block_on(area.unwrap(&[number, round], &wrapped)).unwrap();
                    assert_eq!(plain.expose(), &[number; 32]);
                    forget(&**area, &[key]);
                }
            });
        }
    });
}
