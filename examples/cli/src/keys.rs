//! Keys as they come: PEM (PKCS#8, SEC 1, SPKI, or the certificate of the key), DER, JWK, COSE_Key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use idwallet_cose::cbor::Limits;
use idwallet_cose::{CoseKey, private_key_from_cose};
use idwallet_crypto::x509::{Certificate, pem};
use idwallet_crypto::{Curve, PrivateKey, PublicKey, Secret, SecretBytes, YCoordinate};
use serde_json::Value;

use crate::context::Context;
use crate::error::{Result, bad};
use crate::input::Source;

type Fault<T> = std::result::Result<T, String>;

/// Reads a private key.
pub fn read_private(source: &Source, cx: &Context) -> Result<PrivateKey> {
    let bytes: SecretBytes = Secret::new(source.read_credential(cx)?);
    private(bytes.expose()).map_err(|what| bad(source, what))
}

/// Reads a public key; of a private key or a certificate its public one.
pub fn read_public(source: &Source, cx: &Context) -> Result<PublicKey> {
    let bytes: SecretBytes = Secret::new(source.read_credential(cx)?);
    public(bytes.expose()).map_err(|what| bad(source, what))
}

/// What a file of a key is by its first bytes.
enum Form<'a> {
    Pem(&'a str),
    Json(&'a str),
    Der(&'a [u8]),
    Cbor(&'a [u8]),
}

fn form(bytes: &[u8]) -> Fault<Form<'_>> {
    let text = std::str::from_utf8(bytes).ok().map(str::trim_start);
    match (text, bytes.first()) {
        (Some(text), _) if text.contains("-----BEGIN ") => Ok(Form::Pem(text)),
        (Some(text), _) if text.starts_with('{') => Ok(Form::Json(text)),
        (_, Some(0x30)) => Ok(Form::Der(bytes)),
        (_, Some(0xa0..=0xbf)) => Ok(Form::Cbor(bytes)),
        _ => Err("is not a key as PEM, DER, JWK or COSE_Key".into()),
    }
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn private(bytes: &[u8]) -> Fault<PrivateKey> {
    match form(bytes)? {
        Form::Pem(text) if text.contains("BEGIN ENCRYPTED PRIVATE KEY") => {
            Err("is an encrypted key, which is not supported".into())
        }
        Form::Pem(text) if text.contains("BEGIN PRIVATE KEY") => PrivateKey::from_pkcs8_pem(text).map_err(text_of),
        Form::Pem(text) if text.contains("BEGIN EC PRIVATE KEY") => PrivateKey::from_sec1_pem(text).map_err(text_of),
        Form::Pem(_) => Err("has no private key in its PEM".into()),
        Form::Json(text) => private_jwk(&json(text)?),
        Form::Der(der) => {
            PrivateKey::from_pkcs8_der(der).or_else(|error| PrivateKey::from_sec1_der(der).map_err(|_| text_of(error)))
        }
        Form::Cbor(cbor) => private_key_from_cose(cbor).map_err(text_of),
    }
}

/// The public key in bytes that are a key of any form.
pub fn public(bytes: &[u8]) -> Fault<PublicKey> {
    match form(bytes)? {
        Form::Pem(text) if text.contains("PRIVATE KEY-----") => private(bytes).map(|key| *key.public_key()),
        Form::Pem(text) if text.contains("BEGIN CERTIFICATE") => {
            let found = pem::read_certificates(text).map_err(text_of)?;
            found
                .first()
                .map(|c| *c.public_key())
                .ok_or_else(|| "has no certificate".into())
        }
        Form::Pem(text) => PublicKey::from_spki_der(&pem_block(text, "PUBLIC KEY")?).map_err(text_of),
        Form::Json(text) => public_jwk(&json(text)?),
        Form::Der(der) => PublicKey::from_spki_der(der)
            .or_else(|error| {
                Certificate::from_der(der)
                    .map(|c| *c.public_key())
                    .map_err(|_| text_of(error))
            })
            .or_else(|error| private(der).map(|key| *key.public_key()).map_err(|_| error)),
        Form::Cbor(cbor) => match CoseKey::parse(cbor, Limits::DEFAULT) {
            Ok(key) => Ok(*key.public_key()),
            Err(error) => private(cbor).map(|key| *key.public_key()).map_err(|_| text_of(error)),
        },
    }
}

fn pem_block(text: &str, label: &str) -> Fault<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let fault = || format!("has no {label} in its PEM");
    let (_, rest) = text.split_once(&begin).ok_or_else(fault)?;
    let (body, _) = rest.split_once(&end).ok_or_else(fault)?;
    let body: String = body.split_whitespace().collect();
    STANDARD
        .decode(body)
        .map_err(|_| format!("the PEM of the {label} is not base64"))
}

fn json(text: &str) -> Fault<Value> {
    serde_json::from_str(text).map_err(|e| format!("is not JSON at line {} column {}", e.line(), e.column()))
}

fn member<'j>(jwk: &'j Value, name: &str) -> Fault<&'j str> {
    jwk.get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("JWK: `{name}` is missing (RFC 7517)"))
}

fn bytes_of(jwk: &Value, name: &str) -> Fault<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(member(jwk, name)?)
        .map_err(|_| format!("JWK: `{name}` is not base64url (RFC 7518)"))
}

fn curve_of(jwk: &Value) -> Fault<Curve> {
    let name = member(jwk, "crv")?;
    // RFC 9864 and its drafts write the Brainpool curves so.
    let known = Curve::from_name(name).or(match name {
        "BP-256" => Some(Curve::BrainpoolP256r1),
        "BP-320" => Some(Curve::BrainpoolP320r1),
        "BP-384" => Some(Curve::BrainpoolP384r1),
        "BP-512" => Some(Curve::BrainpoolP512r1),
        _ => None,
    });
    let curve = known.ok_or("JWK: `crv` is not a known curve")?;
    let kty = if curve.is_weierstrass() { "EC" } else { "OKP" };
    if member(jwk, "kty")? == kty {
        Ok(curve)
    } else {
        Err(format!("JWK: `kty` is not {kty} (RFC 7518, RFC 8037)"))
    }
}

fn public_jwk(jwk: &Value) -> Fault<PublicKey> {
    let curve = curve_of(jwk)?;
    let x = bytes_of(jwk, "x")?;
    if curve.is_weierstrass() {
        PublicKey::from_coordinates(curve, &x, YCoordinate::Bytes(&bytes_of(jwk, "y")?)).map_err(text_of)
    } else {
        PublicKey::from_okp(curve, &x).map_err(text_of)
    }
}

fn private_jwk(jwk: &Value) -> Fault<PrivateKey> {
    let curve = curve_of(jwk)?;
    let scalar: SecretBytes = Secret::new(bytes_of(jwk, "d")?);
    let key = PrivateKey::from_scalar(curve, scalar.expose()).map_err(text_of)?;
    if jwk.get("x").is_some() && public_jwk(jwk)? != *key.public_key() {
        return Err("JWK: `x` and `y` are not those of `d`".into());
    }
    Ok(key)
}

/// A private key as PKCS#8 PEM.
pub fn to_pem(key: &PrivateKey) -> Fault<Secret<String>> {
    let der = key.to_pkcs8_der().map_err(text_of)?;
    let base64 = Secret::new(STANDARD.encode(der.expose()));
    Ok(Secret::new(pem_text("PRIVATE KEY", base64.expose())))
}

/// A public key as PEM.
pub fn public_to_pem(key: &PublicKey) -> String {
    pem_text("PUBLIC KEY", &STANDARD.encode(key.to_spki_der()))
}

fn pem_text(label: &str, base64: &str) -> String {
    let mut text = String::with_capacity(base64.len() + 128);
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    for (at, c) in base64.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(c);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use idwallet_cose::cose_key_to_vec;
    use idwallet_crypto::SystemRandom;

    #[test]
    fn a_key_of_every_curve_is_read_in_every_form() {
        for curve in Curve::ALL {
            let key = PrivateKey::generate(curve, &SystemRandom::new()).unwrap();
            let pem = to_pem(&key).unwrap();
            assert_eq!(private(pem.expose().as_bytes()).unwrap().public_key(), key.public_key());
            assert_eq!(public(pem.expose().as_bytes()).unwrap(), *key.public_key());
            assert_eq!(
                private(key.to_pkcs8_der().unwrap().expose()).unwrap().public_key(),
                key.public_key()
            );
            assert_eq!(
                public(public_to_pem(key.public_key()).as_bytes()).unwrap(),
                *key.public_key()
            );
            assert_eq!(public(&key.public_key().to_spki_der()).unwrap(), *key.public_key());
            assert_eq!(public(&cose_key_to_vec(key.public_key())).unwrap(), *key.public_key());
            let mut jwk = serde_json::json!({"kty": "OKP", "crv": curve.name(), "x": URL_SAFE_NO_PAD.encode(key.public_key().x())});
            if let Some(y) = key.public_key().y() {
                jwk["kty"] = "EC".into();
                jwk["y"] = URL_SAFE_NO_PAD.encode(y).into();
            }
            assert_eq!(public(jwk.to_string().as_bytes()).unwrap(), *key.public_key());
        }
    }

    #[test]
    fn what_is_no_key_is_said_in_words() {
        for (text, word) in [
            ("hello", "not a key"),
            ("{}", "`crv`"),
            ("{", "line 1"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "encrypted"),
            ("-----BEGIN CERTIFICATE-----", "no private key"),
        ] {
            let error = private(text.as_bytes()).err().unwrap();
            assert!(error.contains(word), "{error}");
        }
        let jwk = r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#;
        assert!(public(jwk.as_bytes()).is_err() && private(jwk.as_bytes()).err().unwrap().contains("`d`"));
    }
}
