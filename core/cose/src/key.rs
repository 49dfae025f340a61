//! COSE_Key (RFC 9052 §7, RFC 9053 §7) to and from keys.

use crate::algorithm::{curve_id, curve_of};
use crate::cbor::{Decoder, Encoder, InField, Key, Limits, Type, size};
use crate::error::{CoseError, Result};
use core::fmt;
use idwallet_crypto::{Curve, PrivateKey, PublicKey, YCoordinate};

const KTY: i64 = 1;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const D: i64 = -4;

const KTY_OKP: i64 = 1;
const KTY_EC2: i64 = 2;

const CLAUSE: &str = "RFC 9053 §7.1";

/// A public COSE_Key: the bytes as received (they are part of transcripts) and the key, checked to be on its curve (A-C09).
#[derive(Clone, PartialEq, Eq)]
pub struct CoseKey<'a> {
    bytes: &'a [u8],
    key: PublicKey,
}

impl<'a> CoseKey<'a> {
    /// Reads a whole input.
    ///
    /// # Errors
    /// [`CoseError::Cbor`] and the key errors.
    pub fn parse(bytes: &'a [u8], limits: Limits) -> Result<Self> {
        let mut d = Decoder::with_limits(bytes, limits);
        let key = Self::decode(&mut d)?;
        d.finish()?;
        Ok(key)
    }

    /// Reads the key out of a larger structure. Parameters other than kty, crv, x and y are ignored; a private value is refused.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn decode(d: &mut Decoder<'a>) -> Result<Self> {
        let start = d.remaining();
        let fields = Fields::read(d)?;
        if fields.has_d {
            return Err(CoseError::KeyIsPrivate);
        }
        let key = fields.public_key(d)?;
        let length = start.len().saturating_sub(d.remaining().len());
        Ok(Self {
            bytes: start.get(..length).unwrap_or_default(),
            key,
        })
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for CoseKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CoseKey").field(&self.key).finish()
    }
}

/// Reads a private COSE_Key (with `d`), for the import of software keys.
///
/// # Errors
/// As [`CoseKey::parse`]; [`CoseError::KeyMismatch`] where a public part is there and is not that of `d`.
pub fn private_key_from_cose(bytes: &[u8]) -> Result<PrivateKey> {
    let mut d = Decoder::with_limits(bytes, Limits::DEFAULT.with_max_bytes(4096));
    let fields = Fields::read(&mut d)?;
    d.finish()?;
    let curve = fields.curve(&d)?;
    let scalar = d.required(fields.d, "d").in_field("COSE_Key", CLAUSE)?;
    if scalar.len() != curve.coordinate_len() {
        return Err(CoseError::KeyLength(curve));
    }
    let key = PrivateKey::from_scalar(curve, scalar)?;
    let has_public_part = match fields.kty {
        Some(KTY_OKP) => fields.x.is_some(),
        _ => fields.x.is_some() && fields.y.is_some(),
    };
    if has_public_part {
        if fields.public_key(&d)? != *key.public_key() {
            return Err(CoseError::KeyMismatch);
        }
    } else if fields.x.is_some_and(|x| x != key.public_key().x()) {
        return Err(CoseError::KeyMismatch);
    }
    Ok(key)
}

/// The parameters as received.
#[derive(Default)]
struct Fields<'a> {
    kty: Option<i64>,
    crv: Option<i64>,
    x: Option<&'a [u8]>,
    y: Option<YCoordinate<'a>>,
    d: Option<&'a [u8]>,
    has_d: bool,
}

impl<'a> Fields<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let mut fields = Self::default();
        let mut map = d.map().in_field("COSE_Key", CLAUSE)?;
        while let Some(label) = map.next_key(d).in_field("COSE_Key", CLAUSE)? {
            match label {
                Key::Int(KTY) => fields.kty = Some(read_number(d).in_field("kty", CLAUSE)?.ok_or(CoseError::KeyType)?),
                Key::Int(CRV) => fields.crv = Some(read_number(d).in_field("crv", CLAUSE)?.ok_or(CoseError::KeyCurve)?),
                // For other key types these labels have other meanings: look once the type is known to be one of ours.
                Key::Int(X) if fields.may_be_ours() => fields.x = Some(d.bytes().in_field("x", CLAUSE)?),
                Key::Int(Y) if fields.may_be_ours() => {
                    fields.y = Some(if d.peek()? == Type::Bool {
                        YCoordinate::Sign(d.bool()?)
                    } else {
                        YCoordinate::Bytes(d.bytes().in_field("y", CLAUSE)?)
                    });
                }
                Key::Int(D) => {
                    let value = d.item().in_field("d", CLAUSE)?;
                    fields.has_d = true;
                    fields.d = value.decoder().bytes().ok();
                }
                _ => d.skip().in_field("COSE_Key", CLAUSE)?,
            }
        }
        Ok(fields)
    }

    fn may_be_ours(&self) -> bool {
        matches!(self.kty, None | Some(KTY_OKP | KTY_EC2))
    }

    fn curve(&self, d: &Decoder<'_>) -> Result<Curve> {
        let kty = d.required(self.kty, "kty").in_field("COSE_Key", CLAUSE)?;
        if kty != KTY_OKP && kty != KTY_EC2 {
            return Err(CoseError::KeyType);
        }
        let curve = curve_of(d.required(self.crv, "crv").in_field("COSE_Key", CLAUSE)?).ok_or(CoseError::KeyCurve)?;
        if curve.is_weierstrass() != (kty == KTY_EC2) {
            return Err(CoseError::KeyCurve);
        }
        Ok(curve)
    }

    fn public_key(&self, d: &Decoder<'_>) -> Result<PublicKey> {
        let curve = self.curve(d)?;
        let x = d.required(self.x, "x").in_field("COSE_Key", CLAUSE)?;
        if x.len() != curve.coordinate_len() {
            return Err(CoseError::KeyLength(curve));
        }
        if !curve.is_weierstrass() {
            // An OKP key has no y; one that has is not what its sender thinks it is.
            return if self.y.is_some() {
                Err(CoseError::KeyCurve)
            } else {
                Ok(PublicKey::from_okp(curve, x)?)
            };
        }
        let y = d.required(self.y, "y").in_field("COSE_Key", CLAUSE)?;
        if matches!(y, YCoordinate::Bytes(bytes) if bytes.len() != curve.coordinate_len()) {
            return Err(CoseError::KeyLength(curve));
        }
        Ok(PublicKey::from_coordinates(curve, x, y)?)
    }
}

/// A number; a registered name is possible by the syntax and known for nothing we use.
fn read_number(d: &mut Decoder<'_>) -> crate::cbor::Result<Option<i64>> {
    if d.peek()? == Type::Text {
        d.text().map(|_| None)
    } else {
        d.i64().map(Some)
    }
}

impl Encoder {
    /// A public key as COSE_Key: kty, crv, x and, uncompressed, y (A-C09), in deterministic order.
    pub fn cose_key(&mut self, key: &PublicKey) -> &mut Self {
        let y = key.y();
        self.map(if y.is_some() { 4 } else { 3 });
        self.int(KTY).int(if y.is_some() { KTY_EC2 } else { KTY_OKP });
        self.int(CRV).int(curve_id(key.curve()));
        self.int(X).bytes(key.x());
        if let Some(y) = y {
            self.int(Y).bytes(y);
        }
        self
    }
}

/// A public key as COSE_Key bytes.
#[must_use]
pub fn cose_key_to_vec(key: &PublicKey) -> Vec<u8> {
    let mut e = Encoder::with_capacity(size::string(key.x().len()).saturating_mul(2).saturating_add(10));
    e.cose_key(key);
    e.into_vec()
}
