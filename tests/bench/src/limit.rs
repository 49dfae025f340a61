//! The same primitives by `ring` alone, over as many bytes.

use crate::fixture::Lengths;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use std::hint::black_box;

/// A key and what it signed.
pub struct Signed {
    message: Vec<u8>,
    signature: Vec<u8>,
    public: Vec<u8>,
}

/// The primitives of one fixture.
pub struct Limit {
    key: EcdsaKeyPair,
    random: SystemRandom,
    signed: [Signed; 3],
    given: Vec<Vec<u8>>,
    issued: Vec<Vec<u8>>,
    cipher: LessSafeKey,
    response: Vec<u8>,
}

impl Limit {
    /// For so many bytes.
    #[must_use]
    pub fn new(lengths: &Lengths) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let signed = [lengths.certificate, lengths.issuer_auth, lengths.device_auth].map(|length| {
            let message = vec![0x5a; length];
            let signature = key.sign(&random, &message).unwrap().as_ref().to_vec();
            Signed {
                message,
                signature,
                public: key.public_key().as_ref().to_vec(),
            }
        });
        let bytes = |lengths: &[usize]| lengths.iter().map(|length| vec![0x5a; *length]).collect();
        Self {
            signed,
            given: bytes(&lengths.given),
            issued: bytes(&lengths.issued),
            cipher: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap()),
            response: vec![0x5a; lengths.response],
            key,
            random,
        }
    }

    fn check(&self, signed: &Signed) {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &signed.public)
            .verify(&signed.message, &signed.signature)
            .unwrap();
    }

    /// One signature checked: the issuer's.
    pub fn one_verify(&self) {
        self.check(&self.signed[1]);
    }

    /// Three signatures and the digests of what is given.
    pub fn verify(&self) {
        self.signed.iter().for_each(|signed| self.check(signed));
        self.given.iter().for_each(|item| {
            black_box(digest(&SHA256, item));
        });
    }

    /// One signature and the digests of everything.
    pub fn issue(&self) {
        self.issued.iter().for_each(|item| {
            black_box(digest(&SHA256, item));
        });
        black_box(self.key.sign(&self.random, &self.signed[1].message).unwrap());
    }

    /// One signature, and the response encrypted.
    pub fn respond(&self) {
        black_box(self.key.sign(&self.random, &self.signed[2].message).unwrap());
        let mut buffer = self.response.clone();
        let nonce = Nonce::assume_unique_for_key([1; 12]);
        self.cipher
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut buffer)
            .unwrap();
        black_box(buffer);
    }
}
