//! Small steps that every parser here shares.

use crate::limits::MAX_NAME_BYTES;
use idwallet_cose::cbor::{Decoder, Error, ErrorKind, MapReader, Result};

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
    if have >= most { Err(d.error(ErrorKind::TooManyItems)) } else { Ok(()) }
}

/// Refuses an empty list where the CDDL says `+`.
pub(crate) fn not_empty(d: &Decoder<'_>, is_empty: bool, what: &'static str) -> Result<()> {
    if is_empty { Err(d.error(ErrorKind::InvalidValue(what))) } else { Ok(()) }
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
