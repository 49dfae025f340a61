//! One test for each refusal of the COSE layer, and round trips with `coset` in both directions.
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

use common::unhex;
use coset::{CborSerializable as _, HeaderBuilder, TaggedCborSerializable as _, iana};
use idwallet_cose::cbor::{Encoder, Limits};
use idwallet_cose::{
    CoseError, CoseKey, Mac0, Mac0Builder, Place, Policy, Sign1, Sign1Builder, cose_key_to_vec, label,
    private_key_from_cose,
};
use idwallet_crypto::{Curve, PrivateKey, SignatureAlgorithm as Alg, SystemRandom};

const SIGNING: [Curve; 9] = [
    Curve::P256,
    Curve::P384,
    Curve::P521,
    Curve::BrainpoolP256r1,
    Curve::BrainpoolP320r1,
    Curve::BrainpoolP384r1,
    Curve::BrainpoolP512r1,
    Curve::Ed25519,
    Curve::Ed448,
];
const ALL: [Alg; 4] = [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa];

fn key(curve: Curve) -> PrivateKey {
    PrivateKey::generate(curve, &SystemRandom::new()).unwrap()
}

/// A Sign1 with these headers (maps as written), signed correctly whatever they say.
fn signed(key: &PrivateKey, protected: impl FnOnce(&mut Encoder), unprotected: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut p = Encoder::new();
    protected(&mut p);
    let p = p.into_vec();
    let signature = key.sign(&idwallet_cose::sig_structure(&p, &[], b"payload")).unwrap();
    let mut e = Encoder::new();
    e.array(4).bytes(&p);
    unprotected(&mut e);
    e.bytes(b"payload").bytes(&signature);
    e.into_vec()
}

fn empty(e: &mut Encoder) {
    e.map(0);
}

fn verify(bytes: &[u8], key: &PrivateKey) -> Result<(), CoseError> {
    Sign1::parse(bytes, &Policy::MDOC)?
        .verify(key.public_key(), &ALL, &[], None)
        .map(drop)
}

/// A-C08.
#[test]
fn every_signing_curve_round_trips() {
    for curve in SIGNING {
        let key = key(curve);
        let bytes = Sign1Builder::new()
            .payload(b"payload")
            .x5chain(Place::Unprotected, &[b"leaf"])
            .sign(&key)
            .unwrap();
        let sign1 = Sign1::parse(&bytes, &Policy::MDOC).unwrap();
        assert_eq!(sign1.bytes(), bytes);
        let verified = sign1.verify(key.public_key(), &ALL, &[], None).unwrap();
        assert_eq!(verified.payload(), b"payload", "{curve}");

        let other = PrivateKey::generate(curve, &SystemRandom::new()).unwrap();
        assert_eq!(
            sign1.verify(other.public_key(), &ALL, &[], None).unwrap_err(),
            CoseError::SignatureInvalid,
            "{curve}"
        );
        assert_eq!(
            sign1.verify(key.public_key(), &ALL, b"x", None).unwrap_err(),
            CoseError::SignatureInvalid,
            "{curve}"
        );
        let payload = bytes.windows(7).position(|window| window == b"payload").unwrap();
        for flip in [bytes.len() - 1, payload, payload + 6] {
            let mut broken = bytes.clone();
            broken[flip] ^= 1;
            assert_eq!(verify(&broken, &key), Err(CoseError::SignatureInvalid), "{curve}");
        }
        // The unprotected header is not covered.
        let leaf = bytes.windows(4).position(|window| window == b"leaf").unwrap();
        let mut other = bytes.clone();
        other[leaf] ^= 1;
        assert_eq!(verify(&other, &key), Ok(()), "{curve}");
    }
}

/// X-C03, A-C08.
#[test]
fn the_algorithm_must_be_allowed_and_belong_to_the_curve() {
    let p256 = key(Curve::P256);
    let p384 = key(Curve::P384);
    let bytes = Sign1Builder::new().payload(b"payload").sign(&p256).unwrap();
    let sign1 = Sign1::parse(&bytes, &Policy::MDOC).unwrap();
    assert_eq!(
        sign1.verify(p256.public_key(), &[Alg::Es384], &[], None).unwrap_err(),
        CoseError::AlgorithmNotAllowed(-7)
    );
    assert_eq!(
        sign1.verify(p256.public_key(), &[], &[], None).unwrap_err(),
        CoseError::AlgorithmNotAllowed(-7)
    );
    let mismatch = CoseError::AlgorithmKeyMismatch {
        algorithm: -7,
        curve: Curve::P384,
    };
    assert_eq!(sign1.verify(p384.public_key(), &ALL, &[], None).unwrap_err(), mismatch);

    let alg = |id: i64| signed(&p256, move |e| drop_ref(e.map(1).int(1).int(id)), empty);
    assert_eq!(verify(&alg(-7), &p256), Ok(()));
    assert_eq!(verify(&alg(-9), &p256), Ok(()), "ESP256 is P-256");
    let refused = |id| {
        Err(CoseError::AlgorithmKeyMismatch {
            algorithm: id,
            curve: Curve::P256,
        })
    };
    for id in [-265, -51, -19, -8, -35, -36] {
        assert_eq!(verify(&alg(id), &p256), refused(id));
    }
    for id in [5, 0, -257, -65535, i64::MIN] {
        assert_eq!(verify(&alg(id), &p256), Err(CoseError::AlgorithmUnsupported(id)));
    }
    let brainpool = key(Curve::BrainpoolP256r1);
    let esb256 = signed(&brainpool, |e| drop_ref(e.map(1).int(1).int(-265)), empty);
    assert_eq!(verify(&esb256, &brainpool), Ok(()));
    let esp256 = signed(&brainpool, |e| drop_ref(e.map(1).int(1).int(-9)), empty);
    assert!(matches!(
        verify(&esp256, &brainpool),
        Err(CoseError::AlgorithmKeyMismatch { .. })
    ));
}

fn drop_ref(_: &mut Encoder) {}

/// A-C07, X-C03.
#[test]
fn the_algorithm_must_be_there_and_protected() {
    let key = key(Curve::P256);
    assert_eq!(
        verify(&signed(&key, empty, empty), &key),
        Err(CoseError::AlgorithmMissing)
    );
    let unprotected = signed(&key, |_| {}, |e| drop_ref(e.map(1).int(1).int(-7)));
    assert_eq!(verify(&unprotected, &key), Err(CoseError::AlgorithmNotProtected));
    let name = signed(&key, |e| drop_ref(e.map(1).int(1).text("ES256")), empty);
    assert_eq!(verify(&name, &key), Err(CoseError::AlgorithmText));
}

/// X-C02.
#[test]
fn a_label_in_both_headers_is_refused() {
    let key = key(Curve::P256);
    let both = signed(
        &key,
        |e| drop_ref(e.map(1).int(1).int(-7)),
        |e| drop_ref(e.map(1).int(1).int(-7)),
    );
    assert_eq!(verify(&both, &key), Err(CoseError::DuplicateLabel(1)));
    let text = signed(
        &key,
        |e| drop_ref(e.map(2).int(1).int(-7).text("a").null()),
        |e| drop_ref(e.map(1).text("a").null()),
    );
    assert_eq!(verify(&text, &key), Err(CoseError::DuplicateTextLabel));
    let twice = signed(&key, |e| drop_ref(e.map(2).int(1).int(-7).int(1).int(-7)), empty);
    assert!(matches!(verify(&twice, &key), Err(CoseError::Cbor(_))));
    let trailing = signed(&key, |e| drop_ref(e.map(1).int(1).int(-7).null()), empty);
    assert!(matches!(verify(&trailing, &key), Err(CoseError::Cbor(_))));
    let composite = signed(&key, |e| drop_ref(e.map(2).int(1).int(-7).array(0).null()), empty);
    assert!(matches!(verify(&composite, &key), Err(CoseError::Cbor(_))));
}

/// X-C04.
#[test]
fn critical_parameters_must_be_understood_and_protected() {
    let key = key(Curve::P256);
    let crit = |labels: &[i64]| {
        let labels = labels.to_vec();
        signed(
            &key,
            move |e| {
                e.map(3).int(1).int(-7).int(2).array(labels.len());
                labels.iter().for_each(|label| drop_ref(e.int(*label)));
                e.int(-70_000).null();
            },
            |e| drop_ref(e.map(1).int(4).bytes(b"kid")),
        )
    };
    assert_eq!(verify(&crit(&[1]), &key), Ok(()));
    assert_eq!(verify(&crit(&[-70_000]), &key), Err(CoseError::UnknownCritical));
    assert_eq!(verify(&crit(&[1, -70_000]), &key), Err(CoseError::UnknownCritical));
    assert_eq!(verify(&crit(&[]), &key), Err(CoseError::InvalidCritical));
    assert_eq!(
        verify(&crit(&[4]), &key),
        Err(CoseError::InvalidCritical),
        "kid is there and not protected"
    );
    let unprotected = signed(
        &key,
        |e| drop_ref(e.map(1).int(1).int(-7)),
        |e| drop_ref(e.map(1).int(2).array(1).int(1)),
    );
    assert_eq!(verify(&unprotected, &key), Err(CoseError::InvalidCritical));
    let text = signed(
        &key,
        |e| drop_ref(e.map(2).int(1).int(-7).int(2).array(1).text("x")),
        empty,
    );
    assert_eq!(verify(&text, &key), Err(CoseError::UnknownCritical));
}

/// A-C07.
#[test]
fn tags_follow_the_policy() {
    let key = key(Curve::P256);
    let plain = Sign1Builder::new().payload(b"x").sign(&key).unwrap();
    let tagged = Sign1Builder::new().payload(b"x").tagged().sign(&key).unwrap();
    assert_eq!(tagged[0], 0xd2);
    assert!(Sign1::parse(&plain, &Policy::MDOC).is_ok());
    assert_eq!(
        Sign1::parse(&tagged, &Policy::MDOC).unwrap_err(),
        CoseError::UnexpectedTag
    );
    assert!(Sign1::parse(&plain, &Policy::TAG_ALLOWED).is_ok());
    assert!(Sign1::parse(&tagged, &Policy::TAG_ALLOWED).is_ok());
    assert_eq!(
        Sign1::parse(&plain, &Policy::TAG_REQUIRED).unwrap_err(),
        CoseError::MissingTag { expected: 18 }
    );
    assert!(
        matches!(Mac0::parse(&tagged, &Policy::TAG_ALLOWED), Err(CoseError::Cbor(_))),
        "18 is not 17"
    );
}

/// A-H54.
#[test]
fn the_payload_is_attached_or_detached_never_both() {
    let key = key(Curve::P256);
    let detached = Sign1Builder::new().detached_payload(b"payload").sign(&key).unwrap();
    let sign1 = Sign1::parse(&detached, &Policy::MDOC).unwrap();
    assert_eq!(sign1.unverified_payload(), None);
    let verify = |sign1: &Sign1<'_>, payload| sign1.verify(key.public_key(), &ALL, &[], payload).map(drop);
    assert_eq!(verify(&sign1, Some(b"payload")), Ok(()));
    assert_eq!(verify(&sign1, Some(b"Payload")), Err(CoseError::SignatureInvalid));
    assert_eq!(verify(&sign1, None), Err(CoseError::PayloadMissing));
    let attached = Sign1Builder::new().payload(b"payload").sign(&key).unwrap();
    let sign1 = Sign1::parse(&attached, &Policy::MDOC).unwrap();
    assert_eq!(verify(&sign1, Some(b"payload")), Err(CoseError::PayloadAmbiguous));
}

#[test]
fn a_signature_made_elsewhere_must_have_the_raw_length() {
    let key = key(Curve::P256);
    let to_be_signed = Sign1Builder::new().payload(b"x").to_be_signed(Curve::P256).unwrap();
    let raw = key.sign(to_be_signed.bytes()).unwrap();
    let bytes = to_be_signed.finish(&raw).unwrap();
    assert_eq!(verify(&bytes, &key), Ok(()));
    let der = idwallet_crypto::ecdsa_raw_to_der(Curve::P256, &raw).unwrap();
    assert_eq!(to_be_signed.finish(&der), Err(CoseError::SignatureLength(Curve::P256)));
    assert!(Sign1Builder::new().to_be_signed(Curve::X25519).is_err());
}

#[test]
fn certificate_chains_keep_order_place_and_form() {
    let key = key(Curve::P256);
    for (chain, place) in [
        (vec![&b"leaf"[..]], Place::Unprotected),
        (vec![b"leaf", b"root"], Place::Protected),
    ] {
        let bytes = Sign1Builder::new()
            .payload(b"x")
            .x5chain(place, &chain)
            .sign(&key)
            .unwrap();
        let sign1 = Sign1::parse(&bytes, &Policy::MDOC).unwrap();
        let read = sign1.headers().x5chain().unwrap();
        assert_eq!((read.to_vec(), read.place()), (chain, place));
    }
    let mut many = Encoder::new();
    many.array(17);
    (0..17).for_each(|_| drop_ref(many.bytes(b"c")));
    for chain in [unhex("80"), unhex("8101"), unhex("01"), unhex("6161"), many.into_vec()] {
        let bytes = signed(
            &key,
            |e| drop_ref(e.map(1).int(1).int(-7)),
            |e| drop_ref(e.map(1).int(33).raw(&chain)),
        );
        assert!(matches!(Sign1::parse(&bytes, &Policy::MDOC), Err(CoseError::Cbor(_))));
    }
    let x5t = signed(
        &key,
        |e| drop_ref(e.map(2).int(1).int(-7).int(34).array(2).int(-16).bytes(b"hash")),
        empty,
    );
    let sign1 = Sign1::parse(&x5t, &Policy::MDOC).unwrap();
    assert_eq!(sign1.headers().x5t(), Some((Some(-16), &b"hash"[..], Place::Protected)));
}

#[test]
fn macs_verify_and_each_change_is_refused() {
    let bytes = Mac0Builder::new().detached_payload(b"payload").mac(&[7; 32]);
    let mac0 = Mac0::parse(&bytes, &Policy::MDOC).unwrap();
    let verify = |key: &[u8], aad: &[u8], payload: &[u8]| mac0.verify(key, aad, Some(payload)).map(drop);
    assert_eq!(verify(&[7; 32], &[], b"payload"), Ok(()));
    assert_eq!(verify(&[8; 32], &[], b"payload"), Err(CoseError::MacInvalid));
    assert_eq!(verify(&[7; 32], b"a", b"payload"), Err(CoseError::MacInvalid));
    assert_eq!(verify(&[7; 32], &[], b"other"), Err(CoseError::MacInvalid));
    let mut broken = bytes.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(
        Mac0::parse(&broken, &Policy::MDOC)
            .unwrap()
            .verify(&[7; 32], &[], Some(b"payload")),
        Err(CoseError::MacInvalid)
    );
    // A signature algorithm is no MAC algorithm.
    let es256 = unhex("8443a10126a0f65820")
        .into_iter()
        .chain([0; 32])
        .collect::<Vec<_>>();
    let mac0 = Mac0::parse(&es256, &Policy::MDOC).unwrap();
    assert_eq!(
        mac0.verify(&[7; 32], &[], Some(b"payload")),
        Err(CoseError::AlgorithmUnsupported(-7))
    );
}

/// A-C09, A-C10.
#[test]
fn keys_of_every_curve_round_trip() {
    for curve in SIGNING.into_iter().chain([Curve::X25519, Curve::X448]) {
        let key = *key(curve).public_key();
        let bytes = cose_key_to_vec(&key);
        let read = CoseKey::parse(&bytes, Limits::DEFAULT).unwrap();
        assert_eq!((read.public_key(), read.bytes()), (&key, &bytes[..]), "{curve}");
        if let Some(y) = key.y() {
            let mut e = Encoder::new();
            e.map(5)
                .int(-3)
                .bool(y[y.len() - 1] & 1 == 1)
                .int(-2)
                .bytes(key.x())
                .int(-1)
                .int(idwallet_cose::algorithm::curve_id(curve));
            e.int(1).int(2).int(3).int(-7); // alg is ignored
            assert_eq!(
                CoseKey::parse(&e.into_vec(), Limits::DEFAULT).unwrap().public_key(),
                &key,
                "{curve} compressed"
            );
        }
    }
}

/// A-C09.
#[test]
fn bad_keys_are_refused_for_the_right_reason() {
    let key = *key(Curve::P256).public_key();
    let (x, y) = (key.x().to_vec(), key.y().unwrap().to_vec());
    let ec2 = |kty: i64, crv: i64, x: &[u8], y: &[u8]| {
        let mut e = Encoder::new();
        e.map(4)
            .int(1)
            .int(kty)
            .int(-1)
            .int(crv)
            .int(-2)
            .bytes(x)
            .int(-3)
            .bytes(y);
        let bytes = e.into_vec();
        CoseKey::parse(&bytes, Limits::DEFAULT).map(|key| *key.public_key())
    };
    assert_eq!(ec2(2, 1, &x, &y), Ok(key));
    assert_eq!(ec2(3, 1, &x, &y), Err(CoseError::KeyType));
    assert_eq!(ec2(2, 99, &x, &y), Err(CoseError::KeyCurve));
    assert_eq!(ec2(2, 6, &x, &y), Err(CoseError::KeyCurve), "Ed25519 is no EC2");
    assert_eq!(ec2(1, 1, &x, &y), Err(CoseError::KeyCurve), "P-256 is no OKP");
    assert_eq!(ec2(1, 6, &x, &y), Err(CoseError::KeyCurve), "OKP has no y");
    assert_eq!(ec2(2, 1, &x[1..], &y), Err(CoseError::KeyLength(Curve::P256)));
    assert_eq!(
        ec2(2, 1, &x, &[&[0], &y[..]].concat()),
        Err(CoseError::KeyLength(Curve::P256))
    );
    assert!(
        matches!(ec2(2, 256, &x, &y), Err(CoseError::Crypto(_))),
        "not on brainpool"
    );
    let mut off = y.clone();
    off[31] ^= 1;
    assert!(matches!(ec2(2, 1, &x, &off), Err(CoseError::Crypto(_))));
    assert!(matches!(ec2(2, 1, &[0; 32], &[0; 32]), Err(CoseError::Crypto(_))));

    let missing = |hex: &str| matches!(CoseKey::parse(&unhex(hex), Limits::DEFAULT), Err(CoseError::Cbor(_)));
    assert!(missing("a0") && missing("a10102") && missing("a201022001"));
    assert!(missing("a201020102"), "duplicate label");
}

#[test]
fn private_keys_are_imported_and_must_match_their_public_part() {
    for curve in SIGNING {
        let private = key(curve);
        let public = *private.public_key();
        let scalar = scalar_of(&private);
        let write = |public: Option<&idwallet_crypto::PublicKey>| {
            let mut e = Encoder::new();
            let mut body = Encoder::new();
            let mut entries = 3;
            body.int(1)
                .int(if curve.is_weierstrass() { 2 } else { 1 })
                .int(-1)
                .int(idwallet_cose::algorithm::curve_id(curve));
            if let Some(public) = public {
                entries += 1;
                body.int(-2).bytes(public.x());
                if let Some(y) = public.y() {
                    entries += 1;
                    body.int(-3).bytes(y);
                }
            }
            body.int(-4).bytes(&scalar);
            e.map(entries).raw(body.as_slice());
            e.into_vec()
        };
        assert_eq!(
            private_key_from_cose(&write(Some(&public))).unwrap().public_key(),
            &public,
            "{curve}"
        );
        assert_eq!(
            private_key_from_cose(&write(None)).unwrap().public_key(),
            &public,
            "{curve}"
        );
        let other = *key(curve).public_key();
        assert_eq!(
            private_key_from_cose(&write(Some(&other))).unwrap_err(),
            CoseError::KeyMismatch,
            "{curve}"
        );
    }
}

/// The scalar out of PKCS#8: the one byte string of that length whose key is the same.
fn scalar_of(private: &PrivateKey) -> Vec<u8> {
    let der = private.to_pkcs8_der().unwrap();
    let length = private.public_key().curve().coordinate_len();
    der.expose()
        .windows(length)
        .find(|window| {
            PrivateKey::from_scalar(private.public_key().curve(), window)
                .is_ok_and(|key| key.public_key() == private.public_key())
        })
        .unwrap()
        .to_vec()
}

#[test]
fn coset_reads_what_we_write() {
    let key = key(Curve::P256);
    let bytes = Sign1Builder::new()
        .payload(b"payload")
        .external_aad(b"aad")
        .key_id(b"kid")
        .typ("a/b")
        .tagged()
        .sign(&key)
        .unwrap();
    let theirs = coset::CoseSign1::from_tagged_slice(&bytes).unwrap();
    assert_eq!(theirs.payload.as_deref(), Some(&b"payload"[..]));
    assert_eq!(theirs.unprotected.key_id, b"kid");
    theirs
        .verify_signature(b"aad", |signature, message| {
            idwallet_crypto::verify(key.public_key(), Alg::Es256, message, signature)
        })
        .unwrap();
    assert_eq!(theirs.to_tagged_vec().unwrap(), bytes, "the same deterministic bytes");

    let mac0 = Mac0Builder::new().payload(b"payload").mac(&[7; 32]);
    let theirs = coset::CoseMac0::from_slice(&mac0).unwrap();
    theirs
        .verify_payload_tag(
            &[],
            || idwallet_crypto::CryptoError::BadMac,
            |tag, message| idwallet_crypto::hmac_sha256_verify(&[7; 32], &[message], tag),
        )
        .unwrap();

    let cose_key = coset::CoseKey::from_slice(&cose_key_to_vec(key.public_key())).unwrap();
    assert_eq!(cose_key.kty, coset::KeyType::Assigned(iana::KeyType::EC2));
}

#[test]
fn we_read_what_coset_writes() {
    let key = key(Curve::P384);
    let theirs = coset::CoseSign1Builder::new()
        .protected(HeaderBuilder::new().algorithm(iana::Algorithm::ES384).build())
        .unprotected(
            HeaderBuilder::new()
                .key_id(b"kid".to_vec())
                .value(label::X5CHAIN, vec![1_u8, 2].into())
                .build(),
        )
        .payload(b"payload".to_vec())
        .create_signature(b"aad", |message| key.sign(message).unwrap())
        .build()
        .to_vec()
        .unwrap();
    let sign1 = Sign1::parse(&theirs, &Policy::MDOC).unwrap();
    assert_eq!(sign1.headers().key_id(), Some((&b"kid"[..], Place::Unprotected)));
    assert_eq!(sign1.headers().x5chain().unwrap().to_vec(), [[1, 2]]);
    assert_eq!(
        sign1
            .verify(key.public_key(), &[Alg::Es384], b"aad", None)
            .unwrap()
            .payload(),
        b"payload"
    );

    let public = key.public_key();
    let cose_key = coset::CoseKeyBuilder::new_ec2_pub_key(
        iana::EllipticCurve::P_384,
        public.x().to_vec(),
        public.y().unwrap().to_vec(),
    )
    .build();
    let bytes = cose_key.to_vec().unwrap();
    assert_eq!(CoseKey::parse(&bytes, Limits::DEFAULT).unwrap().public_key(), public);
}
