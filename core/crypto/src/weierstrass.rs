//! What ring does not do on the NIST and Brainpool curves, over the RustCrypto crates.

use crate::brainpool::{p320::BrainpoolP320r1, p512::BrainpoolP512r1};
use crate::{CryptoError, Curve, Digest, KeyFault, Secret, SecretBytes};
use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::{EcdsaCurve, SignatureSize};
use elliptic_curve::array::ArraySize;
use elliptic_curve::group::Curve as _;
use elliptic_curve::point::AffineCoordinates as _;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, PublicKey, SecretKey};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;

/// What the functions below need of a curve; every curve of this crate with two coordinates has it.
pub(crate) trait Weierstrass:
    EcdsaCurve<FieldBytesSize: ModulusSize> + CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>>
{
}

impl<C> Weierstrass for C
where
    C: EcdsaCurve + CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
{
}

/// Runs `$function::<C>($arguments)` with the type of `$curve`.
macro_rules! with_curve {
    ($curve:expr, $function:ident($($argument:expr),*), $operation:expr) => {
        match $curve {
            Curve::P256 => $function::<NistP256>($($argument),*),
            Curve::P384 => $function::<NistP384>($($argument),*),
            Curve::P521 => $function::<NistP521>($($argument),*),
            Curve::BrainpoolP256r1 => $function::<BrainpoolP256r1>($($argument),*),
            Curve::BrainpoolP320r1 => $function::<BrainpoolP320r1>($($argument),*),
            Curve::BrainpoolP384r1 => $function::<BrainpoolP384r1>($($argument),*),
            Curve::BrainpoolP512r1 => $function::<BrainpoolP512r1>($($argument),*),
            curve @ (Curve::Ed25519 | Curve::Ed448 | Curve::X25519 | Curve::X448) => {
                return Err(CryptoError::UnsupportedCurve { curve, operation: $operation });
            }
        }
    };
}

/// Writes the uncompressed form of a compressed or uncompressed point into `out`, `1 + 2 * coordinate_len` long.
pub(crate) fn decode_point(curve: Curve, sec1: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
    fn decode<C: Weierstrass>(sec1: &[u8], out: &mut [u8]) -> Result<(), KeyFault> {
        let key = PublicKey::<C>::from_sec1_bytes(sec1).map_err(|_| KeyFault::NotOnCurve)?;
        if sec1.first() == Some(&4) {
            // What was received lies on the curve as it is.
            if sec1.len() != out.len() {
                return Err(KeyFault::Length);
            }
            out.copy_from_slice(sec1);
            return Ok(());
        }
        let point = key.as_affine().to_sec1_point(false);
        let bytes = point.as_bytes();
        if bytes.len() != out.len() {
            return Err(KeyFault::Length);
        }
        out.copy_from_slice(bytes);
        Ok(())
    }
    with_curve!(curve, decode(sec1, out), "a SEC 1 point")
        .map_err(|fault| CryptoError::InvalidPublicKey { curve, fault })
}

/// Writes the uncompressed public point of `scalar` into `out`.
pub(crate) fn public_point(curve: Curve, scalar: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
    fn derive<C: Weierstrass>(scalar: &[u8], out: &mut [u8]) -> Result<(), KeyFault> {
        let key = secret::<C>(scalar)?;
        let point = key.public_key().as_affine().to_sec1_point(false);
        let bytes = point.as_bytes();
        if bytes.len() != out.len() {
            return Err(KeyFault::Length);
        }
        out.copy_from_slice(bytes);
        Ok(())
    }
    with_curve!(curve, derive(scalar, out), "a scalar").map_err(|fault| CryptoError::InvalidPrivateKey { curve, fault })
}

/// Zero, and anything not below the group order, is refused.
fn secret<C: Weierstrass>(scalar: &[u8]) -> Result<SecretKey<C>, KeyFault> {
    let bytes = <&elliptic_curve::FieldBytes<C>>::try_from(scalar).map_err(|_| KeyFault::Length)?;
    SecretKey::<C>::from_bytes(bytes).map_err(|_| KeyFault::ScalarRange)
}

/// ECDSA verification of a digest; `raw` is `r || s`, `point` an uncompressed point.
pub(crate) fn verify_digest(curve: Curve, point: &[u8], digest: &Digest, raw: &[u8]) -> Result<(), CryptoError> {
    fn check<C: Weierstrass>(curve: Curve, point: &[u8], digest: &[u8], raw: &[u8]) -> Result<(), CryptoError>
    where
        SignatureSize<C>: ArraySize,
    {
        let key = PublicKey::<C>::from_sec1_bytes(point).map_err(|_| CryptoError::InvalidPublicKey {
            curve,
            fault: KeyFault::NotOnCurve,
        })?;
        // Refuses r or s that is zero or not below the order.
        let signature = ecdsa::Signature::<C>::from_slice(raw).map_err(|_| CryptoError::BadSignature)?;
        ecdsa::hazmat::verify_prehashed(&key.to_projective(), digest, &signature).map_err(|_| CryptoError::BadSignature)
    }
    with_curve!(curve, check(curve, point, digest.as_ref(), raw), "verify")
}

/// ECDSA with the deterministic nonce of RFC 6979; gives `r || s`.
pub(crate) fn sign_digest(curve: Curve, scalar: &[u8], digest: &Digest) -> Result<Vec<u8>, CryptoError> {
    fn make<C: Weierstrass>(scalar: &[u8], digest: &[u8]) -> Result<Vec<u8>, KeyFault>
    where
        SignatureSize<C>: ArraySize,
    {
        let key = secret::<C>(scalar)?;
        let d = Secret::new(key.to_nonzero_scalar());
        let (signature, _) = match digest.len() {
            32 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha256>(d.expose(), digest, &[]),
            48 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha384>(d.expose(), digest, &[]),
            _ => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha512>(d.expose(), digest, &[]),
        };
        Ok(signature.to_bytes().to_vec())
    }
    with_curve!(curve, make(scalar, digest.as_ref()), "sign")
        .map_err(|fault| CryptoError::InvalidPrivateKey { curve, fault })
}

/// ECKA-DH: the x coordinate of `scalar * point`.
pub(crate) fn agree(curve: Curve, scalar: &[u8], point: &[u8]) -> Result<SecretBytes, CryptoError> {
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "multiplication in the group has no overflow"
    )]
    fn run<C: Weierstrass>(scalar: &[u8], point: &[u8]) -> Result<SecretBytes, KeyFault> {
        let key = secret::<C>(scalar)?;
        let d = Secret::new(key.to_nonzero_scalar());
        let peer = PublicKey::<C>::from_sec1_bytes(point).map_err(|_| KeyFault::NotOnCurve)?;
        // The group has prime order, the scalar is not zero and the point not neutral: neither is the product.
        let shared = Secret::new((peer.to_projective() * **d.expose()).to_affine());
        Ok(Secret::new(shared.expose().x().to_vec()))
    }
    with_curve!(curve, run(scalar, point), "agree").map_err(|fault| CryptoError::InvalidPrivateKey { curve, fault })
}
