//! Half precision floats, and the value of a float head.

use super::decoder::Head;

/// The value of a float head.
pub(super) fn float_of(head: Head) -> f64 {
    match head.info {
        25 => half_to_f64(head.arg as u16),
        26 => f64::from(f32::from_bits(head.arg as u32)),
        _ => f64::from_bits(head.arg),
    }
}

/// RFC 8949 Appendix D.
fn half_to_f64(bits: u16) -> f64 {
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        // Quiet, with its payload, as the hardware widens the other NaNs.
        31 => f64::from_bits(0x7ff8_0000_0000_0000 | (u64::from(bits & 0x3ff) << 42)),
        _ => (fraction + 1024.0) * 2_f64.powi(exponent.saturating_sub(25)),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// The half precision bits with exactly this value, if there are such (not for NaN).
pub(super) fn half_of(single: f32) -> Option<u16> {
    let bits = single.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let magnitude = single.abs();
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Subnormal halves are multiples of 2^-24; normal ones have 10 bits of fraction and exponents -14 to 15.
    let scaled = magnitude * 16_777_216.0;
    if magnitude < 6.103_515_6e-5 {
        return (scaled.fract() == 0.0).then_some(sign | scaled as u16);
    }
    if magnitude > 65_504.0 || bits & 0x1fff != 0 {
        return None;
    }
    let exponent = ((bits >> 23) & 0xff).wrapping_sub(112) as u16;
    Some(sign | (exponent << 10) | ((bits >> 13) & 0x3ff) as u16)
}
