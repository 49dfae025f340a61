//! Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (`0x11D`), the field that QR codes
//! themselves use for their Reed-Solomon code.
//!
//! A product with a constant is two look-ups in sixteen-byte tables that are made for each
//! constant: no table of the whole field is kept, so the module adds next to nothing to an app.

/// The low byte of the reduction polynomial `0x11D`.
const REDUCTION: u8 = 0x1D;

/// Multiplies by x.
const fn double(value: u8) -> u8 {
    let reduced = value << 1;
    if value & 0x80 == 0 {
        reduced
    } else {
        reduced ^ REDUCTION
    }
}

/// The product of two field elements.
pub(super) const fn multiply(left: u8, right: u8) -> u8 {
    let mut product = 0u8;
    let mut power = left;
    let mut rest = right;
    while rest != 0 {
        if rest & 1 != 0 {
            product ^= power;
        }
        power = double(power);
        rest >>= 1;
    }
    product
}

/// The multiplicative inverse; zero for zero, which no caller passes.
pub(super) const fn invert(value: u8) -> u8 {
    // The group has 255 elements, so a^254 = a^-1; 254 = 0b1111_1110.
    let mut square = multiply(value, value);
    let mut inverse = square;
    let mut round = 0u8;
    while round < 6 {
        square = multiply(square, square);
        inverse = multiply(inverse, square);
        round = u8::wrapping_add(round, 1);
    }
    inverse
}

/// Products of one constant with every low and every high half of a byte.
struct Products {
    low: [u8; 16],
    high: [u8; 16],
}

impl Products {
    fn of(constant: u8) -> Self {
        let mut low = [0u8; 16];
        let mut high = [0u8; 16];
        for ((nibble, low), high) in (0u8..16).zip(low.iter_mut()).zip(high.iter_mut()) {
            *low = multiply(constant, nibble);
            *high = multiply(constant, nibble << 4);
        }
        Self { low, high }
    }

    #[inline]
    fn product(&self, byte: u8) -> u8 {
        // Both positions are below 16 by construction; the fallback is dead code that the
        // compiler drops.
        let low = self.low.get(usize::from(byte & 15)).copied().unwrap_or(0);
        let high = self.high.get(usize::from(byte >> 4)).copied().unwrap_or(0);
        low ^ high
    }
}

/// `target += constant * source`, over the shorter of the two.
pub(super) fn add_scaled(target: &mut [u8], source: &[u8], constant: u8) {
    match constant {
        0 => {}
        1 => {
            for (target, source) in target.iter_mut().zip(source) {
                *target ^= source;
            }
        }
        _ => {
            let products = Products::of(constant);
            for (target, source) in target.iter_mut().zip(source) {
                *target ^= products.product(*source);
            }
        }
    }
}

/// `target *= constant`.
pub(super) fn scale(target: &mut [u8], constant: u8) {
    if constant != 1 {
        let products = Products::of(constant);
        for byte in target {
            *byte = products.product(*byte);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use super::*;

    #[test]
    fn the_field_is_the_one_of_qr_codes() {
        // ISO/IEC 18004: alpha^8 = alpha^4 + alpha^3 + alpha^2 + 1.
        assert_eq!(multiply(0x80, 2), 0x1D);
    }

    #[test]
    fn every_element_but_zero_has_an_inverse() {
        for value in 1..=255u8 {
            assert_eq!(multiply(value, invert(value)), 1, "{value}");
        }
    }

    #[test]
    fn scaled_rows_agree_with_the_scalar_product() {
        let source: Vec<u8> = (0..=255).collect();
        for constant in 0..=255u8 {
            let mut added = vec![0x5A; 256];
            add_scaled(&mut added, &source, constant);
            let mut scaled = source.clone();
            scale(&mut scaled, constant);
            for (index, byte) in source.iter().enumerate() {
                assert_eq!(added[index], 0x5A ^ multiply(constant, *byte));
                assert_eq!(scaled[index], multiply(constant, *byte));
            }
        }
    }
}
