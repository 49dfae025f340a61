//! `COSE_Key`, `COSE_Sign1`, `COSE_Mac0`.

use crate::tell;
use idwallet_cose::cbor::Limits;
use idwallet_cose::{CoseKey, Headers, Mac0, Policy, Sign1, cose_key_to_vec, private_key_from_cose};
use idwallet_crypto::{Curve, PublicKey, SignatureAlgorithm};
use idwallet_test_support::key;
use std::sync::LazyLock;

static KEY: LazyLock<PublicKey> = LazyLock::new(|| *key(Curve::P256, 1).public_key());

/// A public key that is read is written as the same key; a private key's public half is on the curve of the private one.
pub fn cose_key(data: &[u8]) {
    match CoseKey::parse(data, Limits::DEFAULT) {
        Ok(key) => {
            assert_eq!(key.bytes(), data);
            let written = cose_key_to_vec(key.public_key());
            let again = CoseKey::parse(&written, Limits::PREFERRED).expect("our own key is read");
            assert_eq!(again.public_key(), key.public_key());
        }
        Err(error) => tell(&error),
    }
    if let Err(error) = private_key_from_cose(data) {
        tell(&error);
    }
}

fn headers(headers: &Headers<'_>) {
    let chain = headers
        .x5chain()
        .map(|chain| (chain.place(), chain.to_vec(), chain.certificates().count()));
    if let Some((_, list, count)) = &chain {
        assert_eq!(list.len(), *count);
    }
    std::hint::black_box((
        headers.algorithm(),
        headers.key_id(),
        headers.typ(),
        headers.content_type(),
        headers.x5t(),
        headers.required_algorithm().is_ok(),
        headers.check_critical().is_ok(),
        headers.parameters().len(),
    ));
}

/// Both structures under every policy. Nothing made up verifies under a key that signed nothing.
pub fn cose_sign1_mac0(data: &[u8]) {
    for policy in [
        Policy::MDOC,
        Policy::TAG_ALLOWED,
        Policy::TAG_REQUIRED,
        Policy {
            unprotected_algorithm: true,
            ..Policy::TAG_ALLOWED
        },
    ] {
        match Sign1::parse(data, &policy) {
            Ok(sign1) => {
                assert_eq!(sign1.bytes(), data);
                headers(sign1.headers());
                let detached = sign1.unverified_payload().is_none().then_some(&b"payload"[..]);
                assert!(sign1.verify(&KEY, &[SignatureAlgorithm::Es256], b"", detached).is_err());
            }
            Err(error) => tell(&error),
        }
        match Mac0::parse(data, &policy) {
            Ok(mac0) => {
                assert_eq!(mac0.bytes(), data);
                headers(mac0.headers());
                let detached = mac0.unverified_payload().is_none().then_some(&b"payload"[..]);
                assert!(mac0.verify(&[7; 32], b"", detached).is_err());
            }
            Err(error) => tell(&error),
        }
    }
}
