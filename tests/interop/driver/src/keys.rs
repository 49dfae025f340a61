//! Keys as JWK.

use crate::{Failure, files};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idwallet_crypto::{Curve, PrivateKey, PublicKey, YCoordinate};
use serde_json::Value;
use std::path::Path;

fn curve(jwk: &Value) -> Result<Curve, Failure> {
    let name = jwk.get("crv").and_then(Value::as_str).unwrap_or_default();
    Curve::from_name(name).ok_or_else(|| Failure::Unusable(format!("unknown curve {name}")))
}

fn field(jwk: &Value, name: &str) -> Result<Vec<u8>, Failure> {
    let text = jwk.get(name).and_then(Value::as_str);
    let text = text.ok_or_else(|| Failure::Unusable(format!("the key has no {name}")))?;
    URL_SAFE_NO_PAD.decode(text).map_err(Failure::unusable)
}

/// The private key of a file.
pub fn private(path: impl AsRef<Path>) -> Result<PrivateKey, Failure> {
    let jwk = files::json(path)?;
    PrivateKey::from_scalar(curve(&jwk)?, &field(&jwk, "d")?).map_err(Failure::unusable)
}

/// The public key of a file; its private part, if there, is not looked at.
pub fn public(path: impl AsRef<Path>) -> Result<PublicKey, Failure> {
    let jwk = files::json(path)?;
    let (curve, x) = (curve(&jwk)?, field(&jwk, "x")?);
    if curve.is_weierstrass() {
        PublicKey::from_coordinates(curve, &x, YCoordinate::Bytes(&field(&jwk, "y")?))
    } else {
        PublicKey::from_okp(curve, &x)
    }
    .map_err(Failure::unusable)
}
