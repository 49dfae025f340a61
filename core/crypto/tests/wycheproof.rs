//! Every case of the Wycheproof files for what this crate does.
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

mod support;

use idwallet_crypto::{
    AeadKey, CryptoError, Curve, PrivateKey, PublicKey, Secret, SignatureAlgorithm, X509SignatureAlgorithm,
    YCoordinate, hkdf_sha256, hmac_sha256, hmac_sha256_verify, verify, verify_x509,
};
use serde_json::Value;
use support::{bytes, run, text};

fn never(_: &Value) -> bool {
    false
}

/// A big-endian number of any length as exactly the curve's length.
fn scalar(curve: Curve, number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    let number = &number[zeros..];
    let mut out = vec![0; curve.coordinate_len() - number.len()];
    out.extend_from_slice(number);
    out
}

fn agrees(curve: Curve, test: &Value, peer: Result<PublicKey, CryptoError>) -> bool {
    let key = PrivateKey::from_scalar(curve, &scalar(curve, &bytes(test, "private"))).unwrap();
    let Ok(peer) = peer else { return false };
    key.agree(&peer)
        .is_ok_and(|secret| *secret.expose() == bytes(test, "shared"))
}

/// Compressed points are read (A-C09). Every other `acceptable` case is a key with explicit or altered curve
/// parameters or with BER that is not DER: refused.
fn compressed(test: &Value) -> bool {
    test["flags"].as_array().unwrap().iter().any(|f| f == "CompressedPoint")
}

/// A-C23.
#[test]
fn ecdh_with_subject_public_key_info() {
    for (file, curve) in [
        ("ecdh_secp256r1_test.json", Curve::P256),
        ("ecdh_secp384r1_test.json", Curve::P384),
    ] {
        run(file, compressed, |_, test| {
            agrees(curve, test, PublicKey::from_spki_der(&bytes(test, "public")))
        });
    }
}

/// A-C23.
#[test]
fn ecdh_with_sec1_points() {
    run("ecdh_secp256r1_ecpoint_test.json", compressed, |_, test| {
        agrees(
            Curve::P256,
            test,
            PublicKey::from_sec1(Curve::P256, &bytes(test, "public")),
        )
    });
}

/// A-C23.
#[test]
fn ecdh_with_coordinates() {
    use base64::Engine as _;
    let decode = |v: &Value| {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(v.as_str().unwrap_or(""))
            .unwrap_or_default()
    };
    run("ecdh_secp256r1_webcrypto_test.json", never, |_, test| {
        let public = &test["public"];
        if public["crv"] != "P-256" {
            return false;
        }
        let (x, y) = (decode(&public["x"]), decode(&public["y"]));
        let Ok(key) = PrivateKey::from_scalar(Curve::P256, &scalar(Curve::P256, &decode(&test["private"]["d"]))) else {
            return false;
        };
        PublicKey::from_coordinates(Curve::P256, &x, YCoordinate::Bytes(&y))
            .and_then(|peer| key.agree(&peer))
            .is_ok_and(|secret| *secret.expose() == bytes(test, "shared"))
    });
}

/// A-C08.
#[test]
fn ecdsa_raw() {
    for (file, curve, algorithm) in [
        (
            "ecdsa_secp256r1_sha256_p1363_test.json",
            Curve::P256,
            SignatureAlgorithm::Es256,
        ),
        (
            "ecdsa_secp384r1_sha384_p1363_test.json",
            Curve::P384,
            SignatureAlgorithm::Es384,
        ),
        (
            "ecdsa_secp521r1_sha512_p1363_test.json",
            Curve::P521,
            SignatureAlgorithm::Es512,
        ),
    ] {
        run(file, never, |group, test| {
            let key = PublicKey::from_spki_der(&bytes(group, "publicKeyDer")).unwrap();
            let point = bytes(&group["publicKey"], "uncompressed");
            assert_eq!(key, PublicKey::from_sec1(curve, &point).unwrap());
            verify(&key, algorithm, &bytes(test, "msg"), &bytes(test, "sig")).is_ok()
        });
    }
}

/// A-C08.
#[test]
fn ecdsa_der() {
    run("ecdsa_secp256r1_sha256_test.json", never, |group, test| {
        let key = PublicKey::from_spki_der(&bytes(group, "publicKeyDer")).unwrap();
        let (message, signature) = (bytes(test, "msg"), bytes(test, "sig"));
        verify_x509(&key, X509SignatureAlgorithm::EcdsaSha256, &message, &signature).is_ok()
    });
}

/// A-C08.
#[test]
fn ed25519() {
    run("ed25519_test.json", never, |group, test| {
        let key = PublicKey::from_spki_der(&bytes(group, "publicKeyDer")).unwrap();
        verify(
            &key,
            SignatureAlgorithm::EdDsa,
            &bytes(test, "msg"),
            &bytes(test, "sig"),
        )
        .is_ok()
    });
}

#[test]
fn hkdf() {
    run("hkdf_sha256_test.json", never, |_, test| {
        let mut out = vec![0; usize::try_from(test["size"].as_u64().unwrap()).unwrap()];
        hkdf_sha256(
            &bytes(test, "ikm"),
            &bytes(test, "salt"),
            &bytes(test, "info"),
            &mut out,
        )
        .is_ok_and(|()| out == bytes(test, "okm"))
    });
}

#[test]
fn hmac() {
    run("hmac_sha256_test.json", never, |group, test| {
        let (key, message, tag) = (bytes(test, "key"), bytes(test, "msg"), bytes(test, "tag"));
        let whole = hmac_sha256(&key, &[&message]);
        // Parts concatenate.
        let (a, b) = message.split_at(message.len() / 2);
        assert_eq!(whole, hmac_sha256(&key, &[a, b]));
        let accepted = hmac_sha256_verify(&key, &[&message], &tag).is_ok();
        if group["tagSize"] == 256 {
            accepted
        } else {
            // A truncated tag is never accepted; that it is the right truncation shows the value is right.
            assert!(!accepted, "a truncated tag was accepted");
            whole[..16] == tag
        }
    });
}

#[test]
fn aes_gcm() {
    let mut unsupported = 0;
    let counter = std::cell::Cell::new(0);
    run("aes_gcm_test.json", never, |group, test| {
        let expected = text(test, "result") == "valid";
        let (key, iv) = (bytes(test, "key"), bytes(test, "iv"));
        let (aad, message) = (bytes(test, "aad"), bytes(test, "msg"));
        let mut sealed = bytes(test, "ct");
        sealed.extend(bytes(test, "tag"));
        let key = match <[u8; 32]>::try_from(key.as_slice()) {
            Ok(key) => AeadKey::aes_256_gcm(&Secret::new(key)),
            Err(_) => match <[u8; 16]>::try_from(key.as_slice()) {
                Ok(key) => AeadKey::aes_128_gcm(&Secret::new(key)),
                Err(_) => {
                    // The types do not let a 192-bit key in.
                    counter.set(counter.get() + 1);
                    return expected;
                }
            },
        };
        assert_eq!(group["tagSize"], 128);
        let Ok(nonce) = <[u8; 12]>::try_from(iv.as_slice()) else {
            // Nor a nonce that is not of 96 bits.
            counter.set(counter.get() + 1);
            return expected;
        };
        let opened = key.open(nonce, &aad, &sealed);
        if expected {
            assert_eq!(key.seal(nonce, &aad, &message).unwrap(), sealed);
            assert_eq!(opened.as_ref().unwrap(), &message);
        }
        opened.is_ok()
    });
    unsupported += counter.get();
    println!("aes_gcm_test.json: {unsupported} of them have a key or nonce length that the types rule out");
}
