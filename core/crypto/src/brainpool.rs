//! brainpoolP320r1 and brainpoolP512r1, for which no crate exists: the constants of RFC 5639 put into the generic
//! short-Weierstrass arithmetic of RustCrypto (`primefield`, `primeorder`), in the way `bp256` and `bp384` are built.
//!
//! The constants are proven by the tests, which exchange signatures, keys and shared secrets with OpenSSL.

// The macros of `primefield` expand to plain arithmetic and to public items inside these private modules.
#![allow(
    deprecated,
    missing_docs,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "macro expansion of the field arithmetic"
)]

macro_rules! brainpool_curve {
    (
        curve: $curve:ident,
        uint: $uint:ident,
        size: $size:ident,
        prime: $prime:expr,
        order: $order:expr,
        prime_generator: $prime_generator:expr,
        order_generator: $order_generator:expr,
        a: $a:expr,
        b: $b:expr,
        gx: $gx:expr,
        gy: $gy:expr,
    ) => {
        use elliptic_curve::bigint::{Odd, $uint};
        use elliptic_curve::hazmat::FieldArithmetic;
        use elliptic_curve::point::PointCompression;
        use elliptic_curve::{Curve, CurveArithmetic, PrimeCurve, PrimeCurveArithmetic};
        use primeorder::{PrimeCurveParams, mul_backend, point_arithmetic};

        mod field {
            use elliptic_curve::bigint::$uint;
            use elliptic_curve::ff::PrimeField;
            use elliptic_curve::ops::BatchInvert;
            use elliptic_curve::subtle::{Choice, ConstantTimeEq, CtOption};

            primefield::monty_field_params! {
                name: FieldParams,
                modulus: $prime,
                uint: $uint,
                byte_order: primefield::ByteOrder::BigEndian,
                multiplicative_generator: $prime_generator,
                doc: "Montgomery parameters of the field prime"
            }

            primefield::monty_field_element! {
                name: FieldElement,
                params: FieldParams,
                uint: $uint,
                doc: "Element of the field"
            }

            primefield::monty_field_arithmetic! {
                name: FieldElement,
                params: FieldParams,
                uint: $uint
            }

            impl BatchInvert for FieldElement {}
        }

        mod scalar {
            use elliptic_curve::bigint::$uint;
            use elliptic_curve::ff::PrimeField;
            use elliptic_curve::ops::Reduce;
            use elliptic_curve::scalar::{FromUintUnchecked, IsHigh};
            use elliptic_curve::subtle::{Choice, ConstantTimeEq, ConstantTimeGreater, CtOption};
            use elliptic_curve::{Curve as _, FieldBytes};
            use primeorder::wnaf;

            primefield::monty_field_params! {
                name: ScalarParams,
                modulus: $order,
                uint: $uint,
                byte_order: primefield::ByteOrder::BigEndian,
                multiplicative_generator: $order_generator,
                doc: "Montgomery parameters of the group order"
            }

            primefield::monty_field_element! {
                name: Scalar,
                params: ScalarParams,
                uint: $uint,
                doc: "Scalar modulo the group order"
            }

            primefield::monty_field_arithmetic! {
                name: Scalar,
                params: ScalarParams,
                uint: $uint
            }

            // `primefield::monty_field_reduce` wants the integer to be as wide as the modulus; for 320 bits in six
            // words it is not.
            impl Reduce<$uint> for Scalar {
                fn reduce(w: &$uint) -> Self {
                    Self(primefield::MontyFieldElement::reduce(w))
                }
            }

            impl Reduce<FieldBytes<super::$curve>> for Scalar {
                fn reduce(bytes: &FieldBytes<super::$curve>) -> Self {
                    let bits = super::$curve::ORDER.as_ref().bits();
                    Self::reduce(&$uint::from_be_slice_truncated(bytes, bits))
                }
            }

            elliptic_curve::scalar_impls!(super::$curve, Scalar);

            wnaf::impl_wnaf_size_for_scalar!(Scalar);

            impl AsRef<Scalar> for Scalar {
                fn as_ref(&self) -> &Scalar {
                    self
                }
            }

            impl FromUintUnchecked for Scalar {
                type Uint = $uint;

                fn from_uint_unchecked(uint: Self::Uint) -> Self {
                    Self::from_uint_unchecked(uint)
                }
            }

            impl IsHigh for Scalar {
                fn is_high(&self) -> Choice {
                    const HALF: $uint = super::ORDER.as_ref().shr_vartime(1);
                    self.to_canonical().ct_gt(&HALF)
                }
            }
        }

        pub(crate) use field::FieldElement;
        pub(crate) use scalar::Scalar;

        const ORDER: Odd<$uint> = Odd::<$uint>::from_be_hex($order);

        #[derive(Copy, Clone, Debug, Default, Eq, PartialEq, PartialOrd, Ord)]
        pub struct $curve;

        impl Curve for $curve {
            type FieldBytesSize = elliptic_curve::consts::$size;
            type Uint = $uint;
            const ORDER: Odd<$uint> = ORDER;
        }

        impl PrimeCurve for $curve {}

        impl PointCompression for $curve {
            const COMPRESS_POINTS: bool = false;
        }

        impl CurveArithmetic for $curve {
            type AffinePoint = primeorder::AffinePoint<Self>;
            type ProjectivePoint = primeorder::ProjectivePoint<Self>;
            type Scalar = Scalar;
        }

        impl FieldArithmetic for $curve {
            type FieldElement = FieldElement;
        }

        impl PrimeCurveArithmetic for $curve {
            type CurveGroup = primeorder::ProjectivePoint<Self>;
        }

        impl PrimeCurveParams for $curve {
            type PointArithmetic = point_arithmetic::EquationAIsGeneric;
            type Backend = mul_backend::VariableOnly;

            const EQUATION_A: FieldElement = FieldElement::from_hex_vartime($a);
            const EQUATION_B: FieldElement = FieldElement::from_hex_vartime($b);
            const GENERATOR: (FieldElement, FieldElement) = (
                FieldElement::from_hex_vartime($gx),
                FieldElement::from_hex_vartime($gy),
            );
        }

        impl ecdsa::EcdsaCurve for $curve {
            const NORMALIZE_S: bool = false;
        }
    };
}

/// brainpoolP320r1 (RFC 5639 §3).
pub(crate) mod p320 {
    brainpool_curve! {
        curve: BrainpoolP320r1,
        uint: U384,
        size: U40,
        prime: "0000000000000000d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27",
        order: "0000000000000000d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311",
        prime_generator: 5,
        order_generator: 6,
        a: "3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f492f375a97d860eb4",
        b: "520883949dfdbc42d3ad198640688a6fe13f41349554b49acc31dccd884539816f5eb4ac8fb1f1a6",
        gx: "43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c710af8d0d39e20611",
        gy: "14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7d35245d1692e8ee1",
    }
}

/// brainpoolP512r1 (RFC 5639 §3).
pub(crate) mod p512 {
    brainpool_curve! {
        curve: BrainpoolP512r1,
        uint: U512,
        size: U64,
        prime: "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
        order: "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069",
        prime_generator: 2,
        order_generator: 7,
        a: "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
        b: "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
        gx: "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
        gy: "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
    }
}
