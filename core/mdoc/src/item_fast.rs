//! The common form of an `IssuerSignedItem`, read by its bytes: four members in any order, shortest heads, short strings.
//!
//! A document has dozens of items and parsing is mostly this. Whatever is not of that form, good or bad, gives `None` and goes the
//! general way, which alone makes errors; nothing is accepted here that would be refused there.

use idwallet_cose::cbor::{Decoder, Item, Limits};

/// Digest id, salt, identifier, value.
type Members<'a> = (u64, &'a [u8], &'a str, Item<'a>);

#[inline]
pub(crate) fn read(inner: &[u8], limits: Limits) -> Option<Members<'_>> {
    let (mut digest_id, mut random, mut identifier, mut value) = (None, None, None, None);
    let mut rest = inner.strip_prefix(&[0xa4])?;
    for _ in 0..4 {
        // Each member once: a second one leaves through `None`.
        match *rest.first()? {
            0x68 if digest_id.is_none() => {
                let (id, after) = uint(rest.strip_prefix(b"\x68digestID")?)?;
                (digest_id, rest) = (Some(id), after);
            }
            0x66 if random.is_none() => {
                let (salt, after) = string(rest.strip_prefix(b"\x66random")?, 0x40)?;
                (random, rest) = (Some(salt), after);
            }
            0x71 if identifier.is_none() => {
                let (name, after) = string(rest.strip_prefix(b"\x71elementIdentifier")?, 0x60)?;
                if name.is_empty() {
                    return None;
                }
                (identifier, rest) = (Some(core::str::from_utf8(name).ok()?), after);
            }
            0x6c if value.is_none() => {
                let mut d = Decoder::with_limits(rest.strip_prefix(b"\x6celementValue")?, limits);
                (value, rest) = (Some(d.item().ok()?), d.remaining());
            }
            _ => return None,
        }
    }
    if rest.is_empty() {
        Some((digest_id?, random?, identifier?, value?))
    } else {
        None
    }
}

/// An unsigned integer below 65,536 in its shortest form.
#[inline]
fn uint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match bytes {
        [n @ 0..=0x17, rest @ ..] => Some((u64::from(*n), rest)),
        [0x18, n @ 0x18..=0xff, rest @ ..] => Some((u64::from(*n), rest)),
        [0x19, high @ 1..=0xff, low, rest @ ..] => Some((u64::from(u16::from_be_bytes([*high, *low])), rest)),
        _ => None,
    }
}

/// A string of the major type whose first byte is `base`, of at most 255 bytes, with its shortest head.
#[inline]
fn string(bytes: &[u8], base: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_first()?;
    match head.checked_sub(base)? {
        short @ 0..=0x17 => rest.split_at_checked(usize::from(short)),
        0x18 => {
            let (length, rest) = rest.split_first()?;
            if *length < 0x18 {
                None
            } else {
                rest.split_at_checked(usize::from(*length))
            }
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]
mod tests {
    use super::*;
    use crate::IssuerSignedItem;
    use idwallet_cose::cbor::{Encoder, Tag24Buf};
    use proptest::prelude::*;

    fn item(order: [usize; 4], id: u64, name: &str, value: &[u8]) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(4);
        for member in order {
            match member {
                0 => e.text("digestID").uint(id),
                1 => e.text("random").bytes(&[7; 32]),
                2 => e.text("elementIdentifier").text(name),
                _ => e.text("elementValue").bytes(value),
            };
        }
        e.into_vec()
    }

    /// Whether both ways agree; the general one may accept more.
    fn agrees(inner: &[u8]) -> bool {
        let tagged = Tag24Buf::wrap(inner);
        let general = IssuerSignedItem::read_any(tagged.as_tag24());
        match read(inner, Limits::DEFAULT) {
            None => true,
            Some((id, random, name, value)) => general.is_ok_and(|item| {
                (item.digest_id(), item.random(), item.element_identifier()) == (id, random, name)
                    && item.element_value().bytes() == value.bytes()
            }),
        }
    }

    /// The fast way is taken for what issuers write, whatever the order.
    #[test]
    fn common_items_are_read_fast() {
        for order in [[0, 1, 2, 3], [1, 0, 2, 3], [3, 2, 1, 0]] {
            for id in [0, 23, 24, 255, 256, 65_535] {
                let bytes = item(order, id, "family_name", &[1; 40]);
                assert_eq!(read(&bytes, Limits::DEFAULT).unwrap().0, id);
                assert!(agrees(&bytes));
            }
        }
        assert!(read(&item([0, 1, 2, 2], 1, "x", &[]), Limits::DEFAULT).is_none());
        assert!(read(&item([0, 1, 2, 3], 1, "", &[]), Limits::DEFAULT).is_none());
    }

    proptest! {
        /// Nothing is accepted fast that the general way refuses or reads otherwise (A-C03, X-C01).
        #[test]
        fn both_ways_agree(id in 0_u64..70_000, name in "[a-zé]{0,30}", at in any::<usize>(), to in any::<u8>(), cut in any::<usize>(), swap in any::<bool>()) {
            let order = if swap { [2, 0, 3, 1] } else { [0, 1, 2, 3] };
            let mut bytes = item(order, id, &name, &[1, 2, 3]);
            prop_assert!(agrees(&bytes));
            let n = bytes.len();
            bytes[at % n] = to;
            prop_assert!(agrees(&bytes));
            bytes.truncate(cut % n);
            prop_assert!(agrees(&bytes));
        }
    }
}
