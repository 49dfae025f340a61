//! Public keys, checked when they are made.

use crate::{CryptoError, Curve, KeyFault};
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
    /// The curve of the key.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// Reads a SEC 1 point, compressed or uncompressed.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`].
    pub fn from_sec1(curve: Curve, bytes: &[u8]) -> Result<Self, CryptoError> {
        let _ = bytes;
        Err(CryptoError::InvalidPublicKey { curve, fault: KeyFault::Format })
    }

    /// A key from its coordinates, each of exactly [`Curve::coordinate_len`] bytes.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`].
    pub fn from_coordinates(curve: Curve, x: &[u8], y: YCoordinate<'_>) -> Result<Self, CryptoError> {
        let _ = (x, y);
        Err(CryptoError::InvalidPublicKey { curve, fault: KeyFault::Format })
    }

    /// A key on Ed25519, Ed448, X25519 or X448.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`].
    pub fn from_okp(curve: Curve, bytes: &[u8]) -> Result<Self, CryptoError> {
        let _ = bytes;
        Err(CryptoError::InvalidPublicKey { curve, fault: KeyFault::Format })
    }

    /// Reads a DER `SubjectPublicKeyInfo` with a named curve (RFC 5480, RFC 8410).
    ///
    /// # Errors
    /// [`CryptoError::Malformed`], [`CryptoError::UnknownCurve`], [`CryptoError::InvalidPublicKey`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CryptoError> {
        let _ = der;
        Err(CryptoError::Malformed { what: "SubjectPublicKeyInfo" })
    }

    /// The DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The x coordinate, or the whole key on Edwards and Montgomery curves.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        &self.bytes
    }

    /// The y coordinate; `None` on Edwards and Montgomery curves.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        None
    }

    /// The bits of `subjectPublicKey`: SEC 1 uncompressed point, or the key itself on Edwards and Montgomery curves.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `04 || x || y`; on Edwards and Montgomery curves the key itself.
    #[must_use]
    pub fn to_sec1_uncompressed(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
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
