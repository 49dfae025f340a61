//! Taking a structure apart, changing one thing, and putting it together again.

use idwallet_cose::cbor::{Encoder, Item, Limits, Value};
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{PrivateKey, Signer};
use idwallet_test_support::World;

pub fn parse(bytes: &[u8]) -> Value {
    Item::parse(bytes, Limits::DEFAULT).unwrap().to_value().unwrap()
}

pub fn encode(value: &Value) -> Vec<u8> {
    let mut e = Encoder::new();
    e.value(value).unwrap();
    e.into_vec()
}

/// Decodes, changes, encodes. Byte strings with CBOR inside stay as they are.
pub fn edit(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = parse(bytes);
    change(&mut value);
    encode(&value)
}

/// A member of a map by its name, made if it is not there; or an element of an array by its number.
pub fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    match value {
        Value::Array(elements) => &mut elements[name.parse::<usize>().unwrap()],
        Value::Map(entries) => {
            let at = entries.iter().position(|(key, _)| key.as_text() == Some(name));
            let at = at.unwrap_or_else(|| {
                entries.push((Value::Text(name.to_owned()), Value::Null));
                entries.len() - 1
            });
            &mut entries[at].1
        }
        _ => panic!("no members here, looking for {name}"),
    }
}

/// The member at the end of a path, `documents/0/docType`.
pub fn at<'v>(value: &'v mut Value, path: &str) -> &'v mut Value {
    path.split('/').fold(value, member)
}

/// Changes the CBOR inside `#6.24(bstr)`.
pub fn tag24(value: &mut Value, change: impl FnOnce(&mut Value)) {
    let Value::Tag(24, inner) = value else {
        panic!("no tag 24")
    };
    let Value::Bytes(bytes) = inner.as_mut() else {
        panic!("no bytes in tag 24")
    };
    *bytes = edit(bytes, change);
}

/// `IssuerSigned` with another MSO, signed again by the world's issuer.
pub fn resign(world: &World, issuer_signed: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let chain = [world.issuer.signer.clone()];
    resign_as(&world.issuer.signer_key, &chain, issuer_signed, change)
}

/// `IssuerSigned` with another MSO, signed by that key with that chain.
pub fn resign_as(
    signer: &PrivateKey,
    chain: &[Certificate],
    issuer_signed: &[u8],
    change: impl FnOnce(&mut Value),
) -> Vec<u8> {
    edit(issuer_signed, |issuer_signed| {
        let auth = member(issuer_signed, "issuerAuth");
        let mut payload = parse(member(auth, "2").as_bytes().unwrap());
        tag24(&mut payload, change);
        let payload = encode(&payload);
        let chain: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
        let signed = Sign1Builder::new()
            .x5chain(Place::Unprotected, &chain)
            .payload(&payload)
            .sign(signer as &dyn Signer)
            .unwrap();
        *auth = parse(&signed);
    })
}
