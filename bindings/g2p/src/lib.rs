//! The finite fields of QR codes, by logarithms: 511 bytes of tables a field, where the crate of this name from the registry takes 65,536 for the
//! products alone, and the shipped library had two of them. The interface is the part of that crate's that `rqrr` uses.

#![no_std]

use core::fmt::Debug;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Sub, SubAssign};

/// A field of 2ⁿ elements, n at most 8. Not for secrets: the time it takes depends on the values.
pub trait GaloisField:
    Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + SubAssign
    + Mul<Output = Self>
    + MulAssign
    + Div<Output = Self>
    + DivAssign
    + Copy
    + Debug
    + Eq
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// x, whose powers are all elements but 0.
    const GENERATOR: Self;

    /// The element to a power; anything to the power 0 is 1.
    #[must_use]
    fn pow(self, power: usize) -> Self;
}

/// Powers of x, and of which power an element is.
#[derive(Debug)]
pub struct Tables {
    order: u8,
    powers: [u8; 255],
    logarithms: [u8; 256],
}

impl Tables {
    /// The tables of the polynomials modulo `modulus`, of degree `bits`.
    ///
    /// # Panics
    /// If the powers of x are not all elements but 0. Tables are constants: the compiler finds out.
    #[must_use]
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "evaluated by the compiler"
    )]
    pub const fn new(bits: u32, modulus: u32) -> Self {
        assert!(
            bits >= 2 && bits <= 8 && modulus >> bits == 1,
            "the modulus is of another degree"
        );
        let order = (1 << bits) - 1;
        let mut tables = Self {
            order: order as u8,
            powers: [0; 255],
            logarithms: [0; 256],
        };
        let (mut power, mut element) = (0, 1_u32);
        while power < order {
            assert!(power == 0 || element != 1, "the powers of x repeat too early");
            tables.powers[power] = element as u8;
            tables.logarithms[element as usize] = power as u8;
            element <<= 1;
            if element >> bits == 1 {
                element ^= modulus;
            }
            power += 1;
        }
        assert!(element == 1, "the powers of x do not repeat");
        tables
    }

    /// x to a power.
    fn exp(&self, power: usize) -> u8 {
        let power = power.checked_rem(self.order.into()).unwrap_or_default();
        self.powers.get(power).copied().unwrap_or_default()
    }

    /// Of an element but 0.
    fn log(&self, element: u8) -> usize {
        self.logarithms
            .get(usize::from(element))
            .copied()
            .unwrap_or_default()
            .into()
    }

    /// a · b.
    #[must_use]
    pub fn product(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        self.exp(self.log(a).saturating_add(self.log(b)))
    }

    /// a / b, and 0 when b is.
    #[must_use]
    pub fn quotient(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        let order = usize::from(self.order);
        self.exp(self.log(a).saturating_add(order).saturating_sub(self.log(b)))
    }

    /// a to a power.
    #[must_use]
    pub fn power(&self, a: u8, power: usize) -> u8 {
        match (a, power.checked_rem(self.order.into()).unwrap_or_default()) {
            _ if power == 0 => 1,
            (0, _) => 0,
            (a, power) => self.exp(self.log(a).saturating_mul(power)),
        }
    }
}

/// Makes a type that is a field: its name, n, and the polynomial it is taken modulo, which has to be primitive.
///
/// ```
/// use g2p::GaloisField as _;
/// g2p::g2p!(GF16, 4, modulus: 0b1_0011);
/// assert_eq!(GF16(5) * GF16(4), GF16(7));
/// assert_eq!(GF16(7) / GF16(4), GF16(5));
/// assert_eq!(GF16(5) + GF16(7), GF16(2));
/// assert_eq!(GF16(2).pow(4), GF16(3));
/// ```
#[macro_export]
macro_rules! g2p {
    ($name:ident, $bits:literal, modulus: $modulus:literal) => {
        #[doc = "An element of the field."]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub u8);

        const _: () = {
            use ::core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Sub, SubAssign};

            static TABLES: $crate::Tables = $crate::Tables::new($bits, $modulus);

            impl Add for $name {
                type Output = Self;
                fn add(self, other: Self) -> Self {
                    Self(self.0 ^ other.0)
                }
            }
            impl Sub for $name {
                type Output = Self;
                fn sub(self, other: Self) -> Self {
                    Self(self.0 ^ other.0)
                }
            }
            impl Mul for $name {
                type Output = Self;
                fn mul(self, other: Self) -> Self {
                    Self(TABLES.product(self.0, other.0))
                }
            }
            impl Div for $name {
                type Output = Self;
                fn div(self, other: Self) -> Self {
                    Self(TABLES.quotient(self.0, other.0))
                }
            }
            impl AddAssign for $name {
                fn add_assign(&mut self, other: Self) {
                    *self = *self + other;
                }
            }
            impl SubAssign for $name {
                fn sub_assign(&mut self, other: Self) {
                    *self = *self - other;
                }
            }
            impl MulAssign for $name {
                fn mul_assign(&mut self, other: Self) {
                    *self = *self * other;
                }
            }
            impl DivAssign for $name {
                fn div_assign(&mut self, other: Self) {
                    *self = *self / other;
                }
            }
            impl $crate::GaloisField for $name {
                const ZERO: Self = Self(0);
                const ONE: Self = Self(1);
                const GENERATOR: Self = Self(2);
                fn pow(self, power: usize) -> Self {
                    Self(TABLES.power(self.0, power))
                }
            }
        };
    };
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test")]
mod tests {
    use super::Tables;

    /// As polynomials are multiplied on paper.
    fn product(a: u8, b: u8, bits: u32, modulus: u32) -> u8 {
        let mut sum = (0..8)
            .filter(|bit| b >> bit & 1 == 1)
            .fold(0, |sum, bit| sum ^ u32::from(a) << bit);
        for bit in (bits..16).rev() {
            if sum >> bit & 1 == 1 {
                sum ^= modulus << (bit - bits);
            }
        }
        u8::try_from(sum).unwrap_or_default()
    }

    #[test]
    fn every_product_quotient_and_power_is_that_of_polynomials() {
        for (bits, modulus) in [(4, 0b1_0011), (8, 0b1_0001_1101)] {
            let tables = Tables::new(bits, modulus);
            let largest = tables.order;
            for a in 0..=largest {
                let mut power = 1;
                for exponent in 0..600 {
                    assert_eq!(tables.power(a, exponent), power, "{a} to {exponent} of {bits} bits");
                    power = product(power, a, bits, modulus);
                }
                for b in 0..=largest {
                    let expected = product(a, b, bits, modulus);
                    assert_eq!(tables.product(a, b), expected, "{a} · {b} of {bits} bits");
                    if b != 0 {
                        assert_eq!(tables.quotient(expected, b), a, "{expected} / {b} of {bits} bits");
                    }
                }
                assert_eq!(tables.quotient(a, 0), 0);
            }
        }
    }
}
