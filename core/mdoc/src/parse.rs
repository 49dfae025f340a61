//! Small steps that every parser here shares.

use crate::limits::MAX_NAME_BYTES;
use idwallet_cose::cbor::{Decoder, Error, ErrorKind, MapReader, Result};
use idwallet_cose::{CoseError, CoseKey, Mac0, Policy, Sign1};
use idwallet_crypto::PublicKey;

/// A docType, namespace or element identifier: text, not empty (A-C01).
pub(crate) fn name<'a>(d: &mut Decoder<'a>) -> Result<&'a str> {
    let at = d.offset();
    check_name(d.text()?, at)
}

/// The next key of a map whose keys are names.
pub(crate) fn name_key<'a>(map: &mut MapReader<'a>, d: &mut Decoder<'a>) -> Result<Option<&'a str>> {
    let at = d.offset();
    match map.next_text_key(d)? {
        Some(text) => check_name(text, at).map(Some),
        None => Ok(None),
    }
}

fn check_name(text: &str, at: usize) -> Result<&str> {
    if text.is_empty() {
        return Err(Error::new(at, ErrorKind::InvalidValue("empty name")).in_field("", "ISO 18013-5 §8.1"));
    }
    if text.len() > MAX_NAME_BYTES {
        return Err(Error::new(at, ErrorKind::TooLarge));
    }
    Ok(text)
}

/// Refuses one more than `most` when `have` are there already.
pub(crate) fn too_many(d: &Decoder<'_>, have: usize, most: usize) -> Result<()> {
    if have >= most {
        Err(d.error(ErrorKind::TooManyItems))
    } else {
        Ok(())
    }
}

/// Refuses an empty list where the CDDL says `+`.
pub(crate) fn not_empty(d: &Decoder<'_>, is_empty: bool, what: &'static str) -> Result<()> {
    if is_empty {
        Err(d.error(ErrorKind::InvalidValue(what)))
    } else {
        Ok(())
    }
}

/// An array with at most `most` elements, each read by `read`.
pub(crate) fn list<'a, T>(
    d: &mut Decoder<'a>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut array = d.array()?;
    let count = array.len().unwrap_or_default();
    too_many(d, count, most.saturating_add(1))?;
    let mut out = Vec::with_capacity(count);
    while array.next(d)? {
        out.push(read(d)?);
    }
    Ok(out)
}

/// A map with names for keys and at most `most` entries, each value read by `read`.
pub(crate) fn named<'a, T>(
    d: &mut Decoder<'a>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'a>) -> Result<T>,
) -> Result<Vec<(&'a str, T)>> {
    let mut map = d.map()?;
    let count = map.len().unwrap_or_default();
    too_many(d, count, most.saturating_add(1))?;
    let mut out = Vec::with_capacity(count);
    while let Some(key) = name_key(&mut map, d)? {
        out.push((key, read(d)?));
    }
    Ok(out)
}

/// An untagged COSE_Sign1 (A-C07).
pub(crate) fn sign1<'a>(d: &mut Decoder<'a>) -> Result<Sign1<'a>> {
    let at = d.offset();
    Sign1::decode(d, &Policy::MDOC).map_err(|error| cose(at, error))
}

/// An untagged COSE_Mac0 (A-C07).
pub(crate) fn mac0<'a>(d: &mut Decoder<'a>) -> Result<Mac0<'a>> {
    let at = d.offset();
    Mac0::decode(d, &Policy::MDOC).map_err(|error| cose(at, error))
}

/// A public COSE_Key, on its curve (A-C09).
pub(crate) fn cose_key(d: &mut Decoder<'_>) -> Result<PublicKey> {
    let at = d.offset();
    CoseKey::decode(d)
        .map(|key| *key.public_key())
        .map_err(|error| cose(at, error))
}

/// A fault of a COSE structure as one of the structure around it, so that it has a place.
#[cold]
fn cose(at: usize, error: CoseError) -> Error {
    let what = match error {
        CoseError::Cbor(error) => return error,
        CoseError::UnexpectedTag => "COSE structure is tagged",
        CoseError::DuplicateLabel(_) | CoseError::DuplicateTextLabel => {
            "header parameter is both protected and unprotected"
        }
        CoseError::KeyType => "COSE_Key type is not supported",
        CoseError::KeyCurve => "COSE_Key curve is unknown or does not go with the key type",
        CoseError::KeyLength(_) => "COSE_Key coordinate has another length than the curve's",
        CoseError::KeyIsPrivate => "COSE_Key holds a private value",
        CoseError::Crypto(_) => "COSE_Key is not a point on its curve",
        _ => "COSE structure is malformed",
    };
    Error::new(at, ErrorKind::InvalidValue(what))
}
