//! Ed25519, Ed448, X25519 and X448 beyond what ring does.

use crate::{CryptoError, Curve, KeyFault, Secret, SecretBytes};
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed448_goldilocks_plus as ed448;
use elliptic_curve::Group as _;

/// Whether the bytes are a public key: on the curve and, for the signature curves, not of small order.
///
/// Every string of the right length is an X25519 or X448 key (RFC 7748 §5); one of low order shows in the all-zero
/// secret, which [`agree`] refuses.
pub(crate) fn check_public(curve: Curve, bytes: &[u8]) -> Result<(), KeyFault> {
    match curve {
        Curve::Ed25519 => {
            let point = CompressedEdwardsY(array(bytes)?)
                .decompress()
                .ok_or(KeyFault::NotOnCurve)?;
            if point.is_small_order() {
                return Err(KeyFault::SmallOrder);
            }
            Ok(())
        }
        Curve::Ed448 => {
            let point: Option<ed448::EdwardsPoint> = ed448::CompressedEdwardsY(array(bytes)?).decompress().into();
            let point = point.ok_or(KeyFault::NotOnCurve)?;
            // The cofactor is 4.
            if bool::from(point.double().double().is_identity()) {
                return Err(KeyFault::SmallOrder);
            }
            Ok(())
        }
        Curve::X25519 => array::<32>(bytes).map(|_| ()),
        Curve::X448 => array::<56>(bytes).map(|_| ()),
        _ => Err(KeyFault::Kind),
    }
}

/// Writes the public key of a seed or scalar into `out`.
pub(crate) fn public(curve: Curve, secret: &[u8], out: &mut [u8]) -> Result<(), KeyFault> {
    let put = |out: &mut [u8], key: &[u8]| {
        if out.len() != key.len() {
            return Err(KeyFault::Length);
        }
        out.copy_from_slice(key);
        Ok(())
    };
    match curve {
        Curve::Ed25519 => {
            use ring::signature::{Ed25519KeyPair, KeyPair as _};
            let pair = Ed25519KeyPair::from_seed_unchecked(secret).map_err(|_| KeyFault::Length)?;
            put(out, pair.public_key().as_ref())
        }
        Curve::Ed448 => {
            let seed = Secret::new(array::<57>(secret)?);
            let key = ed448::SigningKey::from_bytes(&(*seed.expose()).into());
            put(out, key.verifying_key().as_bytes().as_ref())
        }
        Curve::X25519 => {
            let key = x25519_dalek::StaticSecret::from(array::<32>(secret)?);
            put(out, x25519_dalek::PublicKey::from(&key).as_bytes())
        }
        Curve::X448 => {
            let key = ed448::x448::StaticSecret::from(array::<56>(secret)?);
            put(out, ed448::x448::PublicKey::from(&key).as_bytes())
        }
        _ => Err(KeyFault::Kind),
    }
}

/// RFC 7748; an all-zero result is refused (A-C23).
pub(crate) fn agree(curve: Curve, secret: &[u8], peer: &[u8]) -> Result<SecretBytes, CryptoError> {
    let own = |fault| CryptoError::InvalidPrivateKey { curve, fault };
    let other = |fault| CryptoError::InvalidPublicKey { curve, fault };
    match curve {
        Curve::X25519 => {
            let key = x25519_dalek::StaticSecret::from(array::<32>(secret).map_err(own)?);
            let peer = x25519_dalek::PublicKey::from(array::<32>(peer).map_err(other)?);
            let shared = key.diffie_hellman(&peer);
            if !shared.was_contributory() {
                return Err(CryptoError::ZeroSharedSecret(curve));
            }
            Ok(Secret::new(shared.as_bytes().to_vec()))
        }
        Curve::X448 => {
            let key = ed448::x448::StaticSecret::from(array::<56>(secret).map_err(own)?);
            let peer = ed448::x448::PublicKey::from(array::<56>(peer).map_err(other)?);
            let shared = key.diffie_hellman(&peer);
            if !shared.was_contributory() {
                return Err(CryptoError::ZeroSharedSecret(curve));
            }
            Ok(Secret::new(shared.as_bytes().to_vec()))
        }
        _ => Err(CryptoError::UnsupportedCurve {
            curve,
            operation: "agree",
        }),
    }
}

/// Ed448 without context (RFC 8032 §5.2).
pub(crate) fn sign_ed448(seed: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let seed = array::<57>(seed).map_err(|fault| CryptoError::InvalidPrivateKey {
        curve: Curve::Ed448,
        fault,
    })?;
    let seed = Secret::new(seed);
    let key = ed448::SigningKey::from_bytes(&(*seed.expose()).into());
    Ok(key.sign_raw(message).to_bytes().to_vec())
}

/// Ed448 without context (RFC 8032 §5.2).
pub(crate) fn verify_ed448(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let bad = |_| CryptoError::BadSignature;
    let key = array::<57>(key).map_err(bad)?;
    let key = ed448::VerifyingKey::from_bytes(&key).map_err(|_| CryptoError::BadSignature)?;
    let signature = ed448::Signature::from_slice(signature).map_err(|_| CryptoError::BadSignature)?;
    key.verify_raw(&signature, message)
        .map_err(|_| CryptoError::BadSignature)
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], KeyFault> {
    bytes.try_into().map_err(|_| KeyFault::Length)
}
