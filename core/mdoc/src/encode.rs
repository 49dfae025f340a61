//! Heads that [`Encoder`] writes together with their content, for contents that are written in pieces.

use idwallet_cose::cbor::Encoder;

/// The head of a byte string of `length` bytes, which the caller writes next.
pub(crate) fn bytes_head(e: &mut Encoder, length: usize) -> &mut Encoder {
    let n = (length as u64).to_be_bytes();
    match n {
        [0, 0, 0, 0, 0, 0, 0, short @ 0..=23] => e.raw(&[0x40 | short]),
        [0, 0, 0, 0, 0, 0, 0, one] => e.raw(&[0x58, one]),
        [0, 0, 0, 0, 0, 0, a, b] => e.raw(&[0x59, a, b]),
        [0, 0, 0, 0, a, b, c, d] => e.raw(&[0x5a, a, b, c, d]),
        [a, b, c, d, f, g, h, i] => e.raw(&[0x5b, a, b, c, d, f, g, h, i]),
    }
}
