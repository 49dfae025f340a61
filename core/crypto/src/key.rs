//! Public keys, checked when they are made.

use crate::{CryptoError, Curve, KeyFault, asn1, edwards, weierstrass};
use core::fmt;

/// `04 || x || y` on P-521.
pub(crate) const MAX_KEY_LEN: usize = 133;

/// A public key that lies on its curve and is not the neutral element. Kept inline: no heap.
#[derive(Clone, Copy)]
pub struct PublicKey {
    curve: Curve,
    /// SEC 1 uncompressed point for Weierstrass curves, the key itself for the others.
    bytes: [u8; MAX_KEY_LEN],
}

/// The second coordinate of a COSE_Key: the number, or its sign bit (RFC 9053 §7.1.1).
#[derive(Debug, Clone, Copy)]
pub enum YCoordinate<'a> {
    /// y itself, of the full length.
    Bytes(&'a [u8]),
    /// Whether y is odd.
    Sign(bool),
}

impl PublicKey {
    /// Reads a SEC 1 point, compressed or uncompressed, on a NIST or Brainpool curve.
    ///
    /// The neutral element and the hybrid forms have no place in any of our formats and are refused.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`].
    pub fn from_sec1(curve: Curve, bytes: &[u8]) -> Result<Self, CryptoError> {
        let fault = |fault| CryptoError::InvalidPublicKey { curve, fault };
        if !curve.is_weierstrass() {
            return Err(fault(KeyFault::Kind));
        }
        let coordinate = curve.coordinate_len();
        let expected = match bytes.first() {
            Some(2 | 3) => coordinate.saturating_add(1),
            Some(4) => coordinate.saturating_mul(2).saturating_add(1),
            _ => return Err(fault(KeyFault::Format)),
        };
        if bytes.len() != expected {
            return Err(fault(KeyFault::Length));
        }
        let mut key = Self::empty(curve);
        let out = key.bytes.get_mut(..key_len(curve)).unwrap_or_default();
        weierstrass::decode_point(curve, bytes, out)?;
        Ok(key)
    }

    /// A key from its coordinates, each of exactly [`Curve::coordinate_len`] bytes (RFC 9053 §7.1.1, A-C09).
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`].
    pub fn from_coordinates(curve: Curve, x: &[u8], y: YCoordinate<'_>) -> Result<Self, CryptoError> {
        let fault = |fault| CryptoError::InvalidPublicKey { curve, fault };
        let len = curve.coordinate_len();
        if !curve.is_weierstrass() {
            return Err(fault(KeyFault::Kind));
        }
        if x.len() != len || matches!(y, YCoordinate::Bytes(y) if y.len() != len) {
            return Err(fault(KeyFault::Length));
        }
        let mut sec1 = [0u8; MAX_KEY_LEN];
        let (tag, y): (u8, &[u8]) = match y {
            YCoordinate::Bytes(y) => (4, y),
            YCoordinate::Sign(false) => (2, &[]),
            YCoordinate::Sign(true) => (3, &[]),
        };
        let mut total = 0usize;
        for (place, byte) in sec1.iter_mut().zip(core::iter::once(&tag).chain(x).chain(y)) {
            *place = *byte;
            total = total.saturating_add(1);
        }
        Self::from_sec1(curve, sec1.get(..total).unwrap_or_default())
    }

    /// A key on Ed25519, Ed448, X25519 or X448 (COSE kty OKP).
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`].
    pub fn from_okp(curve: Curve, bytes: &[u8]) -> Result<Self, CryptoError> {
        let fault = |fault| CryptoError::InvalidPublicKey { curve, fault };
        if curve.is_weierstrass() {
            return Err(fault(KeyFault::Kind));
        }
        if bytes.len() != key_len(curve) {
            return Err(fault(KeyFault::Length));
        }
        edwards::check_public(curve, bytes).map_err(fault)?;
        Ok(Self::from_checked(curve, bytes))
    }

    /// Reads a DER `SubjectPublicKeyInfo` with a named curve (RFC 5480, RFC 8410).
    ///
    /// # Errors
    /// [`CryptoError::Malformed`], [`CryptoError::UnknownCurve`], [`CryptoError::InvalidPublicKey`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CryptoError> {
        asn1::read_spki(der)
    }

    /// The DER `SubjectPublicKeyInfo`, the point uncompressed.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        asn1::write_spki(self)
    }

    /// The curve of the key.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// The x coordinate, or the whole key on Edwards and Montgomery curves.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        let start = usize::from(self.curve.is_weierstrass());
        let end = start.saturating_add(self.curve.coordinate_len());
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// The y coordinate; `None` on Edwards and Montgomery curves.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        if !self.curve.is_weierstrass() {
            return None;
        }
        let len = self.curve.coordinate_len();
        self.bytes
            .get(len.saturating_add(1)..len.saturating_mul(2).saturating_add(1))
    }

    /// The content of `subjectPublicKey`: the SEC 1 uncompressed point, or the key itself on Edwards and Montgomery
    /// curves.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..key_len(self.curve)).unwrap_or_default()
    }

    /// [`as_bytes`](Self::as_bytes), owned: `04 || x || y`.
    #[must_use]
    pub fn to_sec1_uncompressed(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    const fn empty(curve: Curve) -> Self {
        Self {
            curve,
            bytes: [0; MAX_KEY_LEN],
        }
    }

    /// For bytes known to be a key of the right length.
    pub(crate) fn from_checked(curve: Curve, bytes: &[u8]) -> Self {
        let mut key = Self::empty(curve);
        for (place, byte) in key.bytes.iter_mut().zip(bytes) {
            *place = *byte;
        }
        key
    }
}

/// Length of [`PublicKey::as_bytes`].
pub(crate) const fn key_len(curve: Curve) -> usize {
    let len = curve.coordinate_len();
    if curve.is_weierstrass() {
        len.saturating_mul(2).saturating_add(1)
    } else {
        len
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.curve == other.curve && self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl core::hash::Hash for PublicKey {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.curve.hash(state);
        self.bytes.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.curve)
    }
}
