//! Files, keys and values.

use crate::{Failure, Options, refused, unsupported};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ciborium::Value as Cbor;
use isomdl::definitions::CoseKey;
use isomdl::definitions::device_key::EC2Curve;
use isomdl::definitions::device_key::cose_key::EC2Y;
use isomdl::definitions::helpers::Tag24;
use isomdl::definitions::issuer_signed::IssuerNamespaces;
use isomdl::definitions::session::SessionTranscriptBytes;
use isomdl::definitions::x509::X5Chain;
use isomdl::definitions::x509::trust_anchor::{PemTrustAnchor, TrustAnchorRegistry, TrustPurpose};
use serde_json::{Map, Value, json};

pub fn read(path: &str) -> Result<Vec<u8>, Failure> {
    Ok(std::fs::read(path).with_context(|| path.to_owned())?)
}

pub fn json_file(path: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(&read(path)?)?)
}

fn jwk_field(jwk: &Value, name: &str) -> Result<Vec<u8>, Failure> {
    let text = jwk[name]
        .as_str()
        .ok_or_else(|| unsupported(format!("no {name} in the key")))?;
    Ok(BASE64.decode(text)?)
}

fn p256_jwk(path: &str) -> Result<Value, Failure> {
    let jwk = json_file(path)?;
    if jwk["crv"] != "P-256" {
        return Err(unsupported("P-256 only"));
    }
    Ok(jwk)
}

pub fn secret_key(path: &str) -> Result<p256::SecretKey, Failure> {
    Ok(p256::SecretKey::from_slice(&jwk_field(&p256_jwk(path)?, "d")?)?)
}

pub fn cose_key(path: &str) -> Result<CoseKey, Failure> {
    let jwk = p256_jwk(path)?;
    Ok(CoseKey::EC2 {
        crv: EC2Curve::P256,
        x: jwk_field(&jwk, "x")?,
        y: EC2Y::Value(jwk_field(&jwk, "y")?),
    })
}

fn pems(path: &str) -> Result<Vec<String>, Failure> {
    let text = String::from_utf8(read(path)?)?;
    let end = "-----END CERTIFICATE-----";
    Ok(text
        .split_inclusive(end)
        .filter(|part| part.contains(end))
        .map(|part| part.trim().to_owned())
        .collect())
}

pub fn chain(path: &str) -> Result<X5Chain, Failure> {
    let mut builder = X5Chain::builder();
    for pem in pems(path)? {
        builder = builder.with_pem_certificate(pem.as_bytes())?;
    }
    Ok(builder.build()?)
}

pub fn registry(options: &Options, purpose: TrustPurpose) -> Result<TrustAnchorRegistry, Failure> {
    let anchors = pems(options.need("anchor")?)?
        .into_iter()
        .map(|certificate_pem| PemTrustAnchor {
            certificate_pem,
            purpose,
        });
    Ok(TrustAnchorRegistry::from_pem_certificates(anchors.collect())?)
}

pub fn transcript(options: &Options) -> Result<SessionTranscriptBytes, Failure> {
    Tag24::from_bytes(read(options.need("transcript")?)?).map_err(refused)
}

/// VALUE of the interface as CBOR.
pub fn to_cbor(value: &Value) -> Result<Cbor, Failure> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    Ok(match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) => Cbor::Integer(number.as_i64().ok_or_else(|| unsupported("a float"))?.into()),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(to_cbor).collect::<Result<_, _>>()?),
        Value::Object(fields) if fields.len() == 1 && text("bytes").is_some() => {
            Cbor::Bytes(BASE64.decode(text("bytes").unwrap_or_default())?)
        }
        Value::Object(fields) if fields.len() == 1 && text("date").is_some() => {
            Cbor::Tag(1004, Box::new(Cbor::Text(text("date").unwrap_or_default().to_owned())))
        }
        Value::Object(fields) if fields.len() == 1 && text("tdate").is_some() => {
            Cbor::Tag(0, Box::new(Cbor::Text(text("tdate").unwrap_or_default().to_owned())))
        }
        Value::Object(fields) => Cbor::Map(
            fields
                .iter()
                .map(|(key, value)| Ok((Cbor::Text(key.clone()), to_cbor(value)?)))
                .collect::<Result<_, Failure>>()?,
        ),
    })
}

fn to_value(item: &Cbor) -> Value {
    match item {
        Cbor::Integer(int) => json!(i64::try_from(*int).unwrap_or_default()),
        Cbor::Bytes(bytes) => json!({ "bytes": BASE64.encode(bytes) }),
        Cbor::Text(text) => json!(text),
        Cbor::Bool(value) => json!(value),
        Cbor::Tag(1004, inner) => json!({ "date": to_value(inner) }),
        Cbor::Tag(0, inner) => json!({ "tdate": to_value(inner) }),
        Cbor::Tag(_, inner) => to_value(inner),
        Cbor::Array(items) => items.iter().map(to_value).collect(),
        Cbor::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.as_text().unwrap_or_default().to_owned(), to_value(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// The elements with their values, by namespace.
pub fn elements(namespaces: Option<&IssuerNamespaces>) -> Value {
    let mut answer = Map::new();
    for (namespace, items) in namespaces.into_iter().flat_map(|spaces| spaces.iter()) {
        let items = items
            .iter()
            .map(Tag24::as_ref)
            .map(|item| (item.element_identifier.clone(), to_value(&item.element_value)));
        answer.insert(namespace.clone(), Value::Object(items.collect()));
    }
    Value::Object(answer)
}
