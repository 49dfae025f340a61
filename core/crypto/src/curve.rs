//! The curves of ISO 18013-5 and what each is called.

use core::fmt;

/// An elliptic curve (A-C08, A-C10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1,
    /// brainpoolP320r1 (RFC 5639).
    BrainpoolP320r1,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1,
    /// brainpoolP512r1 (RFC 5639).
    BrainpoolP512r1,
    /// Ed25519 (RFC 8032): signatures only.
    Ed25519,
    /// Ed448 (RFC 8032): signatures only.
    Ed448,
    /// X25519 (RFC 7748): key agreement only.
    X25519,
    /// X448 (RFC 7748): key agreement only.
    X448,
}

impl Curve {
    /// Every curve.
    pub const ALL: [Self; 11] = [
        Self::P256,
        Self::P384,
        Self::P521,
        Self::BrainpoolP256r1,
        Self::BrainpoolP320r1,
        Self::BrainpoolP384r1,
        Self::BrainpoolP512r1,
        Self::Ed25519,
        Self::Ed448,
        Self::X25519,
        Self::X448,
    ];

    /// The usual name, as in RFC 5639, RFC 8032 and NIST SP 800-186.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP320r1 => "brainpoolP320r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::BrainpoolP512r1 => "brainpoolP512r1",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::X25519 => "X25519",
            Self::X448 => "X448",
        }
    }

    /// The curve with this [`name`](Self::name); exact, case-sensitive.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// Bytes of one coordinate (Weierstrass) or of the whole public key (Edwards, Montgomery).
    ///
    /// A raw ECDSA signature is twice as long, as is an EdDSA one.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::BrainpoolP256r1 | Self::Ed25519 | Self::X25519 => 32,
            Self::P384 | Self::BrainpoolP384r1 => 48,
            Self::P521 => 66,
            Self::BrainpoolP320r1 => 40,
            Self::BrainpoolP512r1 => 64,
            Self::Ed448 => 57,
            Self::X448 => 56,
        }
    }

    /// Length of a raw signature (`r || s`, or RFC 8032), `None` when the curve cannot sign.
    #[must_use]
    pub const fn signature_len(self) -> Option<usize> {
        match self {
            Self::P256 | Self::BrainpoolP256r1 | Self::Ed25519 => Some(64),
            Self::P384 | Self::BrainpoolP384r1 => Some(96),
            Self::P521 => Some(132),
            Self::BrainpoolP320r1 => Some(80),
            Self::BrainpoolP512r1 => Some(128),
            Self::Ed448 => Some(114),
            Self::X25519 | Self::X448 => None,
        }
    }

    /// Whether keys have two coordinates (COSE kty EC2): the NIST and Brainpool curves.
    #[must_use]
    pub const fn is_weierstrass(self) -> bool {
        !matches!(self, Self::Ed25519 | Self::Ed448 | Self::X25519 | Self::X448)
    }

    /// Whether a key on the curve can sign: all but X25519 and X448.
    #[must_use]
    pub const fn can_sign(self) -> bool {
        self.signature_len().is_some()
    }

    /// Whether a key on the curve can agree on a secret: all but Ed25519 and Ed448.
    #[must_use]
    pub const fn can_agree(self) -> bool {
        !matches!(self, Self::Ed25519 | Self::Ed448)
    }

    /// The object identifier in dotted form: `namedCurve` for Weierstrass curves, the algorithm for the others.
    #[must_use]
    pub const fn oid(self) -> &'static str {
        match self {
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
            Self::BrainpoolP256r1 => "1.3.36.3.3.2.8.1.1.7",
            Self::BrainpoolP320r1 => "1.3.36.3.3.2.8.1.1.9",
            Self::BrainpoolP384r1 => "1.3.36.3.3.2.8.1.1.11",
            Self::BrainpoolP512r1 => "1.3.36.3.3.2.8.1.1.13",
            Self::X25519 => "1.3.101.110",
            Self::X448 => "1.3.101.111",
            Self::Ed25519 => "1.3.101.112",
            Self::Ed448 => "1.3.101.113",
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
