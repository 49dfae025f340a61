//! COSE algorithm and curve numbers (IANA COSE registry, RFC 9053, RFC 9864).

use idwallet_crypto::{Curve, SignatureAlgorithm};

/// HMAC with SHA-256, 256 bit tag: the one MAC of ISO 18013-5 §9.1.3.5.
pub const HMAC_256_256: i64 = 5;

/// The algorithm number that is emitted: the classic one, which every reader knows.
#[must_use]
pub const fn emitted_id(algorithm: SignatureAlgorithm) -> i64 {
    match algorithm {
        SignatureAlgorithm::Es256 => -7,
        SignatureAlgorithm::Es384 => -35,
        SignatureAlgorithm::Es512 => -36,
        SignatureAlgorithm::EdDsa => -8,
    }
}

/// What an `alg` number means: the signature algorithm and, for the fully specified numbers of RFC 9864, the one curve.
#[must_use]
pub const fn signature_algorithm(id: i64) -> Option<(SignatureAlgorithm, Option<Curve>)> {
    use SignatureAlgorithm::{EdDsa, Es256, Es384, Es512};
    Some(match id {
        -7 => (Es256, None),
        -35 => (Es384, None),
        -36 => (Es512, None),
        -8 => (EdDsa, None),
        -9 => (Es256, Some(Curve::P256)),
        -51 => (Es384, Some(Curve::P384)),
        -52 => (Es512, Some(Curve::P521)),
        -265 => (Es256, Some(Curve::BrainpoolP256r1)),
        -266 => (Es384, Some(Curve::BrainpoolP320r1)),
        -267 => (Es384, Some(Curve::BrainpoolP384r1)),
        -268 => (Es512, Some(Curve::BrainpoolP512r1)),
        -19 => (EdDsa, Some(Curve::Ed25519)),
        -53 => (EdDsa, Some(Curve::Ed448)),
        _ => return None,
    })
}

/// The name of a registered `alg` number, for reports.
#[must_use]
pub const fn algorithm_name(id: i64) -> Option<&'static str> {
    Some(match id {
        -7 => "ES256",
        -35 => "ES384",
        -36 => "ES512",
        -8 => "EdDSA",
        -9 => "ESP256",
        -51 => "ESP384",
        -52 => "ESP512",
        -265 => "ESB256",
        -266 => "ESB320",
        -267 => "ESB384",
        -268 => "ESB512",
        -19 => "Ed25519",
        -53 => "Ed448",
        HMAC_256_256 => "HMAC 256/256",
        _ => return None,
    })
}

/// The `crv` number of a curve.
#[must_use]
pub const fn curve_id(curve: Curve) -> i64 {
    match curve {
        Curve::P256 => 1,
        Curve::P384 => 2,
        Curve::P521 => 3,
        Curve::X25519 => 4,
        Curve::X448 => 5,
        Curve::Ed25519 => 6,
        Curve::Ed448 => 7,
        Curve::BrainpoolP256r1 => 256,
        Curve::BrainpoolP320r1 => 257,
        Curve::BrainpoolP384r1 => 258,
        Curve::BrainpoolP512r1 => 259,
    }
}

/// The curve of a `crv` number.
#[must_use]
pub const fn curve_of(id: i64) -> Option<Curve> {
    Some(match id {
        1 => Curve::P256,
        2 => Curve::P384,
        3 => Curve::P521,
        4 => Curve::X25519,
        5 => Curve::X448,
        6 => Curve::Ed25519,
        7 => Curve::Ed448,
        256 => Curve::BrainpoolP256r1,
        257 => Curve::BrainpoolP320r1,
        258 => Curve::BrainpoolP384r1,
        259 => Curve::BrainpoolP512r1,
        _ => return None,
    })
}
