//! What keys, signatures and shared secrets refuse; known answers of the RFCs.
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

use idwallet_crypto::{
    CryptoError, Curve, KeyFault, PrivateKey, PublicKey, Random, Secret, SignatureAlgorithm, SystemRandom,
    X509SignatureAlgorithm, YCoordinate, ecdsa_der_to_raw, ecdsa_raw_to_der, hpke, verify, verify_x509,
};
use proptest::prelude::*;

fn generate(curve: Curve) -> PrivateKey {
    PrivateKey::generate(curve, &SystemRandom::new()).unwrap()
}

fn weierstrass() -> impl Iterator<Item = Curve> {
    Curve::ALL.into_iter().filter(|c| c.is_weierstrass())
}

fn refused(result: Result<PublicKey, CryptoError>) -> KeyFault {
    match result {
        Err(CryptoError::InvalidPublicKey { fault, .. }) => fault,
        other => panic!("not refused as a key: {other:?}"),
    }
}

/// A-C23, A-C09.
#[test]
fn points_that_are_not_on_the_curve_are_refused() {
    for curve in weierstrass() {
        let key = generate(curve);
        let good = key.public_key().to_sec1_uncompressed();
        PublicKey::from_sec1(curve, &good).unwrap();
        for at in [1, good.len() / 2, good.len() - 1] {
            let mut point = good.clone();
            point[at] ^= 1;
            assert_eq!(refused(PublicKey::from_sec1(curve, &point)), KeyFault::NotOnCurve);
        }
        // Coordinates not below the prime.
        let point = [vec![4], vec![0xff; good.len() - 1]].concat();
        assert_eq!(refused(PublicKey::from_sec1(curve, &point)), KeyFault::NotOnCurve);
        let (x, y) = (key.public_key().x(), key.public_key().y().unwrap());
        assert_eq!(
            refused(PublicKey::from_coordinates(curve, y, YCoordinate::Bytes(x))),
            KeyFault::NotOnCurve
        );
    }
}

/// A-C23, A-C09.
#[test]
fn the_neutral_element_and_odd_encodings_are_refused() {
    for curve in weierstrass() {
        let good = generate(curve).public_key().to_sec1_uncompressed();
        let n = curve.coordinate_len();
        assert_eq!(refused(PublicKey::from_sec1(curve, &[])), KeyFault::Format);
        assert_eq!(refused(PublicKey::from_sec1(curve, &[0])), KeyFault::Format);
        assert_eq!(
            refused(PublicKey::from_sec1(curve, &vec![0; 2 * n + 1])),
            KeyFault::Format
        );
        let zeros = [vec![4], vec![0; 2 * n]].concat();
        assert_eq!(refused(PublicKey::from_sec1(curve, &zeros)), KeyFault::NotOnCurve);
        for tag in [1u8, 5, 6, 7, 0xff] {
            let mut point = good.clone();
            point[0] = tag;
            assert_eq!(refused(PublicKey::from_sec1(curve, &point)), KeyFault::Format);
        }
        let short = &good[..good.len() - 1];
        let long = [good.clone(), vec![0]].concat();
        assert_eq!(refused(PublicKey::from_sec1(curve, short)), KeyFault::Length);
        assert_eq!(refused(PublicKey::from_sec1(curve, &long)), KeyFault::Length);
    }
}

/// A-C09.
#[test]
fn coordinates_have_exactly_the_length_of_the_curve() {
    for curve in weierstrass() {
        let key = *generate(curve).public_key();
        let (x, y) = (key.x(), key.y().unwrap());
        let made = PublicKey::from_coordinates(curve, x, YCoordinate::Bytes(y)).unwrap();
        assert_eq!(made, key);
        let long = [&[0], x].concat();
        for wrong in [&x[1..], &long] {
            let fault = PublicKey::from_coordinates(curve, wrong, YCoordinate::Bytes(y));
            assert_eq!(refused(fault), KeyFault::Length);
            let fault = PublicKey::from_coordinates(curve, x, YCoordinate::Bytes(wrong));
            assert_eq!(refused(fault), KeyFault::Length);
            let fault = PublicKey::from_coordinates(curve, wrong, YCoordinate::Sign(true));
            assert_eq!(refused(fault), KeyFault::Length);
        }
    }
}

/// A-C09.
#[test]
fn compressed_points_of_both_parities_are_read() {
    for curve in weierstrass() {
        let mut seen = [false; 2];
        while seen != [true; 2] {
            let key = *generate(curve).public_key();
            let odd = key.y().unwrap().last().unwrap() & 1 == 1;
            seen[usize::from(odd)] = true;
            let sign = YCoordinate::Sign(odd);
            assert_eq!(PublicKey::from_coordinates(curve, key.x(), sign).unwrap(), key);
            let other = PublicKey::from_coordinates(curve, key.x(), YCoordinate::Sign(!odd)).unwrap();
            assert_eq!(other.x(), key.x());
            assert_ne!(other, key);
        }
    }
}

/// A-C09.
#[test]
fn an_x_without_a_point_is_refused() {
    for curve in weierstrass() {
        let key = *generate(curve).public_key();
        let mut x = key.x().to_vec();
        let mut without = 0;
        for i in 0..=255u8 {
            *x.last_mut().unwrap() = i;
            match PublicKey::from_coordinates(curve, &x, YCoordinate::Sign(false)) {
                Ok(found) => assert_eq!(found.x(), x),
                Err(e) => {
                    assert_eq!(refused(Err(e)), KeyFault::NotOnCurve);
                    without += 1;
                }
            }
        }
        assert!((60..200).contains(&without), "{curve}: half of all x have no point");
    }
}

/// A-C23.
#[test]
fn keys_of_small_order_are_refused() {
    let mut one25519 = [0u8; 32];
    one25519[0] = 1;
    assert_eq!(
        refused(PublicKey::from_okp(Curve::Ed25519, &one25519)),
        KeyFault::SmallOrder
    );
    // y = 0 has order 4 on both curves.
    assert_eq!(
        refused(PublicKey::from_okp(Curve::Ed25519, &[0; 32])),
        KeyFault::SmallOrder
    );
    let mut one448 = [0u8; 57];
    one448[0] = 1;
    // The library's decoder refuses all points outside the prime-order group itself, and calls them not on the curve.
    for small in [one448, [0; 57]] {
        let fault = refused(PublicKey::from_okp(Curve::Ed448, &small));
        assert!(matches!(fault, KeyFault::SmallOrder | KeyFault::NotOnCurve));
    }
    for curve in [Curve::Ed25519, Curve::Ed448, Curve::X25519, Curve::X448] {
        let key = *generate(curve).public_key();
        assert_eq!(PublicKey::from_okp(curve, key.x()).unwrap(), key);
        assert_eq!(refused(PublicKey::from_okp(curve, &key.x()[1..])), KeyFault::Length);
        assert_eq!(refused(PublicKey::from_sec1(curve, key.x())), KeyFault::Kind);
    }
    assert_eq!(refused(PublicKey::from_okp(Curve::P256, &[2; 32])), KeyFault::Kind);
}

/// A-C23.
#[test]
fn all_zero_shared_secrets_are_refused() {
    for curve in [Curve::X25519, Curve::X448] {
        let key = generate(curve);
        let mut low = vec![0u8; curve.coordinate_len()];
        for first in [0u8, 1] {
            low[0] = first;
            let peer = PublicKey::from_okp(curve, &low).unwrap();
            assert_eq!(key.agree(&peer).unwrap_err(), CryptoError::ZeroSharedSecret(curve));
        }
    }
}

/// A-C08, X-C03.
#[test]
fn an_algorithm_verifies_with_its_own_curves_only() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_sign()) {
        let key = generate(curve);
        let signature = key.sign(b"message").unwrap();
        for algorithm in SignatureAlgorithm::ALL {
            let result = verify(key.public_key(), algorithm, b"message", &signature);
            if SignatureAlgorithm::for_curve(curve) == Some(algorithm) {
                result.unwrap();
            } else {
                assert_eq!(result, Err(CryptoError::AlgorithmMismatch { algorithm, curve }));
            }
        }
        let mismatch = if curve.is_weierstrass() {
            X509SignatureAlgorithm::Ed25519
        } else {
            X509SignatureAlgorithm::EcdsaSha256
        };
        assert_eq!(
            verify_x509(key.public_key(), mismatch, b"message", &signature),
            Err(CryptoError::X509AlgorithmMismatch { curve })
        );
    }
}

/// X-C03.
#[test]
fn keys_for_one_purpose_refuse_the_other() {
    for curve in Curve::ALL {
        let key = generate(curve);
        if !curve.can_sign() {
            assert_eq!(key.sign(b"x").unwrap_err(), CryptoError::WrongPurpose("sign"));
        }
        if !curve.can_agree() {
            let peer = *generate(curve).public_key();
            assert_eq!(key.agree(&peer).unwrap_err(), CryptoError::WrongPurpose("agree"));
        }
    }
    let peer = *generate(Curve::BrainpoolP256r1).public_key();
    assert!(matches!(
        generate(Curve::P256).agree(&peer),
        Err(CryptoError::CurveMismatch { .. })
    ));
}

/// The group orders, to turn s into n - s.
fn order(curve: Curve) -> Option<&'static str> {
    Some(match curve {
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Curve::BrainpoolP256r1 => "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
        Curve::BrainpoolP320r1 => "d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311",
        _ => return None,
    })
}

/// A-C08.
#[test]
fn both_forms_of_s_verify() {
    for curve in weierstrass() {
        let Some(order) = order(curve).map(|n| hex::decode(n).unwrap()) else {
            continue;
        };
        let key = generate(curve);
        let mut signature = key.sign(b"message").unwrap();
        let half = signature.len() / 2;
        let mut borrow = 0i16;
        for i in (0..half).rev() {
            let d = i16::from(order[i]) - i16::from(signature[half + i]) - borrow;
            borrow = i16::from(d < 0);
            signature[half + i] = u8::try_from(d.rem_euclid(256)).unwrap();
        }
        let algorithm = SignatureAlgorithm::for_curve(curve).unwrap();
        verify(key.public_key(), algorithm, b"message", &signature).unwrap();
    }
}

#[test]
fn zero_and_overlong_numbers_in_signatures_are_refused() {
    for curve in weierstrass() {
        let key = generate(curve);
        let algorithm = SignatureAlgorithm::for_curve(curve).unwrap();
        let signature = key.sign(b"message").unwrap();
        let half = signature.len() / 2;
        for (range, value) in [(0..half, 0), (half..2 * half, 0), (0..half, 255), (half..2 * half, 255)] {
            let mut bad = signature.clone();
            bad[range].fill(value);
            let result = verify(key.public_key(), algorithm, b"message", &bad);
            assert_eq!(result, Err(CryptoError::BadSignature), "{curve}");
        }
        for bad in [&signature[1..], &[], &[signature.clone(), vec![0]].concat()] {
            let result = verify(key.public_key(), algorithm, b"message", bad);
            assert_eq!(result, Err(CryptoError::MalformedSignature { curve }));
        }
        assert!(ecdsa_raw_to_der(curve, &vec![0; 2 * half]).is_err());
    }
}

#[test]
fn private_scalars_out_of_range_are_refused() {
    for curve in weierstrass() {
        let n = curve.coordinate_len();
        for (scalar, fault) in [
            (vec![0; n], KeyFault::ScalarRange),
            (vec![0xff; n], KeyFault::ScalarRange),
            (vec![1; n - 1], KeyFault::Length),
            (vec![0; n + 1], KeyFault::Length),
        ] {
            let error = PrivateKey::from_scalar(curve, &scalar).unwrap_err();
            assert_eq!(error, CryptoError::InvalidPrivateKey { curve, fault });
        }
        if let Some(n) = order(curve) {
            assert!(PrivateKey::from_scalar(curve, &hex::decode(n).unwrap()).is_err());
        }
    }
}

#[test]
fn a_private_key_with_the_public_key_of_another_is_refused() {
    for curve in weierstrass() {
        let (key, other) = (generate(curve), generate(curve));
        let mut der = key.to_pkcs8_der().unwrap().expose().clone();
        let own = key.public_key().as_bytes();
        let at = der.windows(own.len()).position(|w| w == own).unwrap();
        der[at..at + own.len()].copy_from_slice(other.public_key().as_bytes());
        assert_eq!(
            PrivateKey::from_pkcs8_der(&der).unwrap_err(),
            CryptoError::InvalidPrivateKey {
                curve,
                fault: KeyFault::Inconsistent
            }
        );
    }
}

#[test]
fn version_2_keys_are_read() {
    // RFC 8410 §10.3: version 2 has the public key at its end.
    let key = generate(Curve::Ed25519);
    let v1 = key.to_pkcs8_der().unwrap();
    let mut v2 = v1.expose().clone();
    v2[4] = 1; // version
    v2.extend([0x81, 0x21, 0x00]);
    v2.extend(key.public_key().as_bytes());
    v2[1] += 35;
    let read = PrivateKey::from_pkcs8_der(&v2).unwrap();
    assert_eq!(read.public_key(), key.public_key());
    *v2.last_mut().unwrap() ^= 1;
    assert!(PrivateKey::from_pkcs8_der(&v2).is_err());
}

/// X-C12.
#[test]
fn nothing_secret_is_shown() {
    for curve in Curve::ALL {
        let key = generate(curve);
        let shown = format!("{key:?} {:?}", key.to_pkcs8_der().unwrap());
        assert_eq!(shown, format!("PrivateKey({curve}, redacted) Secret(redacted)"));
    }
}

struct Broken;

impl Random for Broken {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(0);
        Ok(())
    }
}

/// X-C12.
#[test]
fn a_source_that_gives_zeros_gives_no_key() {
    for curve in weierstrass() {
        assert_eq!(PrivateKey::generate(curve, &Broken).unwrap_err(), CryptoError::Random);
    }
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// A-C10, A-C23.
#[test]
fn montgomery_curves_give_the_values_of_rfc_7748() {
    for (curve, scalar, u, out) in [
        (
            Curve::X25519,
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            Curve::X448,
            "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121700a779c984c24f8cdd78fbff44943eba368f54b29259a4f1c600ad3",
            "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9814dc031ddbdc38c19c6da2583fa5429db94ada18aa7a7fb4ef8a086",
            "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239fe14fbaadeb445fc66a01b0779d98223961111e21766282f73dd96b6f",
        ),
    ] {
        let key = PrivateKey::from_scalar(curve, &unhex(scalar)).unwrap();
        let peer = PublicKey::from_okp(curve, &unhex(u)).unwrap();
        assert_eq!(*key.agree(&peer).unwrap().expose(), unhex(out));
    }
}

/// A-C08.
#[test]
fn ed448_gives_the_signature_of_rfc_8032() {
    let key = PrivateKey::from_scalar(
        Curve::Ed448,
        &unhex("6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b"),
    )
    .unwrap();
    assert_eq!(
        key.public_key().x(),
        unhex(
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180"
        )
    );
    let signature = key.sign(b"").unwrap();
    assert_eq!(
        signature,
        unhex(
            "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600"
        )
    );
    verify(key.public_key(), SignatureAlgorithm::EdDsa, b"", &signature).unwrap();
}

/// RFC 9180 A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, first message.
/// A-H60.
#[test]
fn hpke_opens_the_message_of_rfc_9180() {
    let key = PrivateKey::from_scalar(
        Curve::P256,
        &unhex("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"),
    )
    .unwrap();
    let enc = unhex(
        "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
    );
    let info = unhex("4f6465206f6e2061204772656369616e2055726e");
    let ciphertext =
        unhex("5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434");
    let opened = hpke::open_base(&key, &enc, &info, b"Count-0", &ciphertext).unwrap();
    assert_eq!(opened, b"Beauty is truth, truth beauty");
    let refused = |info: &[u8], aad: &[u8], ciphertext: &[u8]| {
        hpke::open_base(&key, &enc, info, aad, ciphertext) == Err(CryptoError::BadCiphertext)
    };
    assert!(refused(b"other info", b"Count-0", &ciphertext));
    assert!(refused(&info, b"Count-1", &ciphertext));
    assert!(refused(&info, b"Count-0", &ciphertext[1..]));
    assert!(refused(&info, b"Count-0", b""));
}

/// A-H60.
#[test]
fn hpke_seals_what_it_opens_and_only_for_the_recipient() {
    let key = generate(Curve::P256);
    let random = SystemRandom::new();
    let (enc, sealed) = hpke::seal_base(key.public_key(), b"info", b"aad", b"secret", &random).unwrap();
    assert_eq!(enc.len(), hpke::ENCAPSULATED_LEN);
    assert_eq!(
        hpke::open_base(&key, &enc, b"info", b"aad", &sealed).unwrap(),
        b"secret"
    );
    let stranger = generate(Curve::P256);
    assert_eq!(
        hpke::open_base(&stranger, &enc, b"info", b"aad", &sealed),
        Err(CryptoError::BadCiphertext)
    );
    let mut off = enc.clone();
    off[64] ^= 1;
    assert!(matches!(
        hpke::open_base(&key, &off, b"info", b"aad", &sealed),
        Err(CryptoError::InvalidPublicKey { .. })
    ));
    assert!(hpke::open_base(&key, &enc[..33], b"info", b"aad", &sealed).is_err());
    let other = generate(Curve::P384);
    assert!(hpke::seal_base(other.public_key(), b"", b"", b"", &random).is_err());
    assert!(hpke::open_base(&other, &enc, b"info", b"aad", &sealed).is_err());
}

#[test]
fn a_secret_can_be_filled_in_place() {
    let mut secret = Secret::new([0u8; 32]);
    SystemRandom::new().fill(secret.expose_mut()).unwrap();
    assert_ne!(secret.expose(), &[0; 32]);
}

proptest! {
    #[test]
    fn der_and_raw_signatures_convert_both_ways(
        which in 0usize..7,
        mut raw in proptest::collection::vec(any::<u8>(), 132),
        zeros in 0usize..60,
    ) {
        let curve = weierstrass().nth(which).unwrap();
        let n = curve.coordinate_len();
        raw.truncate(2 * n);
        raw[n..][..zeros.min(n - 1)].fill(0);
        raw[n - 1] |= 1;
        raw[2 * n - 1] |= 1;
        let der = ecdsa_raw_to_der(curve, &raw).unwrap();
        prop_assert_eq!(ecdsa_der_to_raw(curve, &der).unwrap(), raw);
        // Anything after it, or anything missing, is refused.
        let longer = [der.clone(), vec![0]].concat();
        prop_assert!(ecdsa_der_to_raw(curve, &longer).is_err());
        prop_assert!(ecdsa_der_to_raw(curve, &der[..der.len() - 1]).is_err());
    }

    /// X-C09.
    #[test]
    fn parsers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = PublicKey::from_spki_der(&bytes);
        let _ = PrivateKey::from_pkcs8_der(&bytes);
        let _ = PrivateKey::from_sec1_der(&bytes);
        for curve in Curve::ALL {
            let _ = PublicKey::from_sec1(curve, &bytes);
            let _ = PublicKey::from_okp(curve, &bytes);
            let _ = ecdsa_der_to_raw(curve, &bytes);
            let _ = ecdsa_raw_to_der(curve, &bytes);
        }
    }
}
