//! One encoding for each value, used to compare composite map keys and for nothing else: received bytes are never replaced by it.

use super::decoder::Decoder;
use super::encoder::Encoder;
use super::error::Type;
use super::float::float_of;
use super::item::Item;
use super::{Limits, Result};
use idwallet_crypto::Order as _;

/// The deterministic encoding (RFC 8949 §4.2.1) of an item that was checked before.
pub(super) fn canonical(item: Item<'_>) -> Vec<u8> {
    let mut out = Encoder::with_capacity(item.bytes().len());
    let mut d = Decoder::with_limits(item.bytes(), relaxed());
    match write(&mut d, &mut out) {
        Ok(()) => out.into_vec(),
        // Cannot happen for a checked item; the received bytes are then the best name the key has.
        Err(_) => item.bytes().to_vec(),
    }
}

/// Limits for reading again what was read before under stricter ones.
pub(super) fn relaxed() -> Limits {
    Limits {
        max_bytes: usize::MAX,
        max_depth: u16::MAX,
        max_items: u32::MAX,
        ..Limits::INSPECT
    }
}

fn write(d: &mut Decoder<'_>, out: &mut Encoder) -> Result<()> {
    match d.peek()? {
        Type::Bytes => {
            out.bytes(&d.bytes_cow()?);
        }
        Type::Text => {
            out.text(&d.text_cow()?);
        }
        Type::Array => {
            let mut array = d.array()?;
            let mut body = Encoder::new();
            let mut count = 0_usize;
            while array.next(d)? {
                write(d, &mut body)?;
                count = count.saturating_add(1);
            }
            out.array(count).raw(body.as_slice());
        }
        Type::Map => {
            // The entries were checked for duplicates when the item was walked.
            let mut left = d.map()?.into_unchecked();
            let mut entries: Vec<Vec<u8>> = Vec::new();
            while left.next(d)? {
                let mut entry = Encoder::new();
                write(d, &mut entry)?;
                write(d, &mut entry)?;
                entries.push(entry.into_vec());
            }
            // Keys differ and no encoding is a prefix of another, so sorting entries sorts by key.
            entries.order();
            out.map(entries.len());
            for entry in &entries {
                out.raw(entry);
            }
        }
        Type::Tag => {
            out.tag(d.tag()?);
            write(d, out)?;
        }
        _ => {
            let head = d.head()?;
            match (head.major, head.info) {
                (7, 25..=27) => {
                    out.float(float_of(head));
                }
                (major, _) => {
                    out.head(major, head.arg);
                }
            }
        }
    }
    Ok(())
}
