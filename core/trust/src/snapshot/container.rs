//! The two protections of a snapshot: COSE_Sign1 and COSE_Encrypt0 (RFC 9052 §4.2, §5.2).

use idwallet_cose::cbor::{Decoder, Encoder, ErrorKind, InField, Key};
use idwallet_cose::{Place, Policy, Sign1, Sign1Builder, TAG_SIGN1};
use idwallet_crypto::x509::{Certificate, PathError, PathOptions, Profile, Strictness, oid, validate_path};
use idwallet_crypto::{AeadKey, PublicKey, Random, Secret, SignatureAlgorithm, Signer, Timestamp};

use super::{NAME, SNAPSHOT_TYPE};
use crate::{SnapshotSigners, TrustError, limits};

/// The CBOR tag of COSE_Encrypt0.
const TAG_ENCRYPT0: u64 = 16;
/// AES-256-GCM (RFC 9053 §4.1).
const A256GCM: i64 = 3;
const ALG: i64 = 1;
const IV: i64 = 5;
const TYP: i64 = 16;
const CLAUSE: &str = "RFC 9052 5.2";

/// Which of the two it is, by its tag.
pub(super) enum Form {
    Signed,
    Sealed,
}

pub(super) fn form(bytes: &[u8]) -> Result<Form, TrustError> {
    if bytes.len() > limits::SNAPSHOT {
        return Err(TrustError::Limit("the trust snapshot"));
    }
    let mut d = Decoder::with_limits(bytes, limits::SNAPSHOT_CBOR);
    match d.tag() {
        Ok(TAG_SIGN1) => Ok(Form::Signed),
        Ok(TAG_ENCRYPT0) => Ok(Form::Sealed),
        _ => Err(TrustError::NotASnapshot),
    }
}

/// A parsed signed snapshot, not verified.
pub(super) struct Signed<'a>(Sign1<'a>);

impl<'a> Signed<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, TrustError> {
        let policy = Policy {
            limits: limits::SNAPSHOT_CBOR,
            ..Policy::TAG_REQUIRED
        };
        let sign1 = Sign1::parse(bytes, &policy).map_err(TrustError::cose(NAME))?;
        if sign1.headers().typ() != Some((SNAPSHOT_TYPE, Place::Protected)) {
            return Err(TrustError::NotASnapshot);
        }
        Ok(Self(sign1))
    }

    pub(super) fn verify_with(&self, key: &PublicKey) -> Result<&[u8], TrustError> {
        self.0
            .verify(key, &SignatureAlgorithm::ALL, &[], None)
            .map(|verified| verified.payload())
            .map_err(TrustError::Signature)
    }

    /// The signer leads to one of the certificates kept for this purpose, and is not certified for another one.
    pub(super) fn verify_chain(
        &self,
        signers: &SnapshotSigners,
        at: Timestamp,
    ) -> Result<(&[u8], Certificate), TrustError> {
        let chain = self.0.headers().x5chain().ok_or(TrustError::ChainMissing)?;
        // Lenient: a signer's certificate may itself be what is trusted, and no profile is published for it.
        let options = PathOptions::new(at, Profile::Unconstrained).strictness(Strictness::Lenient);
        let path = validate_path(&chain.to_vec(), signers.as_trust_anchors(), &options).map_err(TrustError::Path)?;
        let leaf = path.leaf();
        if leaf.extended_key_usage().any(is_another_purpose) {
            return Err(TrustError::SnapshotSignerPurpose);
        }
        if leaf.is_ca() && !signers.as_trust_anchors().contains(leaf) {
            return Err(TrustError::Path(PathError::WrongPurpose));
        }
        Ok((self.verify_with(leaf.public_key())?, leaf.clone()))
    }
}

/// Purposes that other certificates of an authority may have: they sign documents, requests and lists, not snapshots.
fn is_another_purpose(purpose: &[u8]) -> bool {
    [
        oid::MDL_DOCUMENT_SIGNER,
        oid::GENERIC_DOCUMENT_SIGNER,
        oid::MDL_READER_AUTH,
        oid::GENERIC_READER_AUTH,
        oid::MDL_VICAL_SIGNER,
        oid::GENERIC_VICAL_SIGNER,
        oid::STATUS_SIGNING,
        oid::SERVER_AUTH,
        oid::CLIENT_AUTH,
    ]
    .contains(&purpose)
}

pub(super) fn sign(payload: &[u8], signer: &dyn Signer, chain: &[Certificate]) -> Result<Vec<u8>, TrustError> {
    let chain: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
    let mut builder = Sign1Builder::new().tagged().typ(SNAPSHOT_TYPE).payload(payload);
    if !chain.is_empty() {
        builder = builder.x5chain(Place::Unprotected, &chain);
    }
    builder.sign(signer).map_err(TrustError::cose(NAME))
}

/// The protected header: `{1: 3, 16: typ}`.
fn sealed_header() -> Vec<u8> {
    let mut e = Encoder::new();
    e.map(2).int(ALG).int(A256GCM).int(TYP).text(SNAPSHOT_TYPE);
    e.into_vec()
}

/// `["Encrypt0", protected, external_aad]` (RFC 9052 §5.3).
fn enc_structure(protected: &[u8]) -> Vec<u8> {
    let mut e = Encoder::new();
    e.array(3).text("Encrypt0").bytes(protected).bytes(&[]);
    e.into_vec()
}

pub(super) fn seal(payload: &[u8], key: &Secret<[u8; 32]>, random: &dyn Random) -> Result<Vec<u8>, TrustError> {
    let mut nonce = [0; 12];
    random.fill(&mut nonce)?;
    let protected = sealed_header();
    let ciphertext = AeadKey::aes_256_gcm(key).seal(nonce, &enc_structure(&protected), payload)?;
    let mut e = Encoder::with_capacity(ciphertext.len().saturating_add(128));
    e.tag(TAG_ENCRYPT0).array(3).bytes(&protected);
    e.map(1).int(IV).bytes(&nonce).bytes(&ciphertext);
    Ok(e.into_vec())
}

pub(super) fn unseal(bytes: &[u8], key: &Secret<[u8; 32]>) -> Result<Vec<u8>, TrustError> {
    let (protected, nonce, ciphertext) =
        Decoder::decode(bytes, limits::SNAPSHOT_CBOR, read_encrypt0).map_err(TrustError::malformed(NAME))?;
    if !is_snapshot_header(protected) {
        return Err(TrustError::NotASnapshot);
    }
    AeadKey::aes_256_gcm(key)
        .open(*nonce, &enc_structure(protected), ciphertext)
        .map_err(|_| TrustError::SnapshotSeal)
}

type Encrypt0<'a> = (&'a [u8], &'a [u8; 12], &'a [u8]);

fn read_encrypt0<'a>(d: &mut Decoder<'a>) -> idwallet_cose::cbor::Result<Encrypt0<'a>> {
    d.expect_tag(TAG_ENCRYPT0)?;
    d.array_of(3)?;
    let protected = d.bytes().in_field("protected", CLAUSE)?;
    let mut nonce = None;
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Int(IV) => nonce = Some(d.byte_array::<12>().in_field("IV", CLAUSE)?),
            // What is not protected and not understood has no meaning here.
            _ => d.skip()?,
        }
    }
    let nonce = d.required(nonce, "IV")?;
    let before = d.clone();
    let ciphertext = d.bytes().in_field("ciphertext", CLAUSE)?;
    if ciphertext.len() < idwallet_crypto::AEAD_TAG_LEN {
        return Err(before.error(ErrorKind::Truncated));
    }
    Ok((protected, nonce, ciphertext))
}

/// Exactly `alg` and `typ`: anything else might be critical.
fn is_snapshot_header(protected: &[u8]) -> bool {
    let read = |d: &mut Decoder<'_>| {
        let (mut alg, mut typ, mut others) = (None, None, false);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Int(ALG) => alg = Some(d.i64()?),
                Key::Int(TYP) => typ = Some(d.text()? == SNAPSHOT_TYPE),
                _ => {
                    others = true;
                    d.skip()?;
                }
            }
        }
        Ok(alg == Some(A256GCM) && typ == Some(true) && !others)
    };
    Decoder::decode(protected, limits::SNAPSHOT_CBOR, read).unwrap_or(false)
}
