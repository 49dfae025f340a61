//! The DER of keys and signatures: SubjectPublicKeyInfo, PKCS#8, SEC 1, `ECDSA-Sig-Value`.

use crate::{CryptoError, Curve, KeyFault, PrivateKey, PublicKey, Secret, SecretBytes};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// id-ecPublicKey (RFC 5480 §2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

fn curve_oid(curve: Curve) -> Result<ObjectIdentifier, der::Error> {
    Ok(ObjectIdentifier::new(curve.oid())?)
}

fn named_curve(oid: ObjectIdentifier, weierstrass: bool, what: &'static str) -> Result<Curve, CryptoError> {
    Curve::ALL
        .into_iter()
        .find(|c| c.is_weierstrass() == weierstrass && curve_oid(*c) == Ok(oid))
        .ok_or(CryptoError::UnknownCurve(what))
}

/// The curve that an `AlgorithmIdentifier` names. Explicit curve parameters are refused (RFC 5480 §2.1.1).
fn algorithm_curve(algorithm: &AlgorithmIdentifierRef<'_>, what: &'static str) -> Result<Curve, CryptoError> {
    if algorithm.oid == EC_PUBLIC_KEY {
        let oid = algorithm
            .parameters_oid()
            .map_err(|_| CryptoError::UnknownCurve(what))?;
        return named_curve(oid, true, what);
    }
    let curve = named_curve(algorithm.oid, false, what)?;
    if algorithm.parameters.is_some() {
        // RFC 8410 §3: the parameters MUST be absent.
        return Err(CryptoError::Malformed { what });
    }
    Ok(curve)
}

pub(crate) fn read_spki(bytes: &[u8]) -> Result<PublicKey, CryptoError> {
    const WHAT: &str = "SubjectPublicKeyInfo";
    let info = SubjectPublicKeyInfoRef::from_der(bytes).map_err(|_| CryptoError::Malformed { what: WHAT })?;
    let curve = algorithm_curve(&info.algorithm, WHAT)?;
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or(CryptoError::Malformed { what: WHAT })?;
    public_key(curve, key)
}

fn public_key(curve: Curve, bytes: &[u8]) -> Result<PublicKey, CryptoError> {
    if curve.is_weierstrass() {
        PublicKey::from_sec1(curve, bytes)
    } else {
        PublicKey::from_okp(curve, bytes)
    }
}

pub(crate) fn write_spki(key: &PublicKey) -> Vec<u8> {
    let encode = || -> der::Result<Vec<u8>> {
        let curve = curve_oid(key.curve())?;
        let (oid, parameters) = if key.curve().is_weierstrass() {
            (EC_PUBLIC_KEY, Some(AnyRef::from(&curve)))
        } else {
            (curve, None)
        };
        SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef { oid, parameters },
            subject_public_key: BitStringRef::from_bytes(key.as_bytes())?,
        }
        .to_der()
    };
    // Fails only for an object identifier that is not one or for gigabytes; a test encodes every curve.
    encode().unwrap_or_default()
}

pub(crate) fn read_pkcs8(bytes: &[u8]) -> Result<PrivateKey, CryptoError> {
    const WHAT: &str = "PKCS#8 key";
    let malformed = CryptoError::Malformed { what: WHAT };
    let info = pkcs8::PrivateKeyInfoRef::from_der(bytes).map_err(|_| malformed)?;
    let curve = algorithm_curve(&info.algorithm, WHAT)?;
    let inner = info.private_key.as_bytes();
    let key = if curve.is_weierstrass() {
        read_sec1(inner, Some(curve))?
    } else {
        // RFC 8410 §7: an OCTET STRING inside the OCTET STRING.
        let seed = <&OctetStringRef>::from_der(inner).map_err(|_| malformed)?;
        PrivateKey::from_scalar(curve, seed.as_bytes())?
    };
    if let Some(public) = &info.public_key {
        own_public_key(&key, public.as_bytes())?;
    }
    Ok(key)
}

/// `ECPrivateKey` (RFC 5915); `curve` is what the structure around it says.
pub(crate) fn read_sec1(bytes: &[u8], curve: Option<Curve>) -> Result<PrivateKey, CryptoError> {
    const WHAT: &str = "EC private key";
    let key = sec1::EcPrivateKey::from_der(bytes).map_err(|_| CryptoError::Malformed { what: WHAT })?;
    let inside = match key.parameters {
        Some(parameters) => {
            let oid = parameters.named_curve().ok_or(CryptoError::UnknownCurve(WHAT))?;
            Some(named_curve(oid, true, WHAT)?)
        }
        None => None,
    };
    let curve = match (curve, inside) {
        (Some(expected), Some(found)) if expected != found => {
            return Err(CryptoError::CurveMismatch { expected, found });
        }
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(CryptoError::UnknownCurve(WHAT)),
    };
    let private = PrivateKey::from_scalar(curve, key.private_key)?;
    if let Some(public) = key.public_key {
        own_public_key(&private, Some(public))?;
    }
    Ok(private)
}

/// The public key that came along must be the private key's own.
fn own_public_key(key: &PrivateKey, public: Option<&[u8]>) -> Result<(), CryptoError> {
    let curve = key.public_key().curve();
    let same = public
        .and_then(|bytes| public_key(curve, bytes).ok())
        .is_some_and(|found| found == *key.public_key());
    if same {
        Ok(())
    } else {
        Err(CryptoError::InvalidPrivateKey {
            curve,
            fault: KeyFault::Inconsistent,
        })
    }
}

pub(crate) fn write_pkcs8(public: &PublicKey, scalar: &[u8]) -> Result<SecretBytes, CryptoError> {
    let encode = || -> der::Result<Vec<u8>> {
        let curve = curve_oid(public.curve())?;
        let (oid, parameters, inner) = if public.curve().is_weierstrass() {
            let inner = sec1::EcPrivateKey {
                private_key: scalar,
                parameters: None,
                public_key: Some(public.as_bytes()),
            }
            .to_der()?;
            (EC_PUBLIC_KEY, Some(AnyRef::from(&curve)), inner)
        } else {
            (curve, None, OctetStringRef::new(scalar)?.to_der()?)
        };
        let inner = Secret::new(inner);
        pkcs8::PrivateKeyInfoRef::new(
            AlgorithmIdentifierRef { oid, parameters },
            OctetStringRef::new(inner.expose())?,
        )
        .to_der()
    };
    encode()
        .map(Secret::new)
        .map_err(|_| CryptoError::Malformed { what: "PKCS#8 key" })
}

/// The DER inside the first PEM block with this label; other blocks (such as `EC PARAMETERS`) are passed over.
pub(crate) fn read_pem(pem: &str, label: &str, what: &'static str) -> Result<SecretBytes, CryptoError> {
    let malformed = CryptoError::Malformed { what };
    let begin = format!("-----BEGIN {label}-----");
    let (_, after) = pem.split_once(&begin).ok_or(malformed)?;
    let end = format!("-----END {label}-----");
    let (body, _) = after.split_once(&end).ok_or(malformed)?;
    let block = Secret::new(format!("{begin}\n{}\n{end}\n", body.trim()));
    let (_, der) = der::pem::decode_vec(block.expose().as_bytes()).map_err(|_| malformed)?;
    Ok(Secret::new(der))
}

pub(crate) fn signature_from_der(curve: Curve, bytes: &[u8]) -> Option<Vec<u8>> {
    let len = curve.is_weierstrass().then(|| curve.coordinate_len())?;
    let numbers = || -> der::Result<[UintRef<'_>; 2]> {
        let mut reader = SliceReader::new(bytes)?;
        let numbers = reader.sequence(|r| Ok::<_, der::Error>([UintRef::decode(r)?, UintRef::decode(r)?]))?;
        reader.finish()?;
        Ok(numbers)
    };
    let mut raw = Vec::with_capacity(len.saturating_mul(2));
    for number in numbers().ok()? {
        let number = number.as_bytes();
        let zeros = len.checked_sub(number.len())?;
        raw.resize(raw.len().saturating_add(zeros), 0);
        raw.extend_from_slice(number);
    }
    Some(raw)
}

pub(crate) fn signature_to_der(curve: Curve, raw: &[u8]) -> Option<Vec<u8>> {
    let len = curve.is_weierstrass().then(|| curve.coordinate_len())?;
    let (r, s) = raw.split_at_checked(len)?;
    if s.len() != len || [r, s].iter().any(|n| n.iter().all(|b| *b == 0)) {
        return None;
    }
    // An array encodes as a SEQUENCE of its items, which is what ECDSA-Sig-Value is.
    [UintRef::new(r).ok()?, UintRef::new(s).ok()?].to_der().ok()
}
