//! A driving licence of nobody.

use idwallet_cose::cbor::Value;
use idwallet_crypto::Date;
use idwallet_mdoc::issue::{ElementValue, MdocIssuer};
use idwallet_mdoc::names::MDL_NAMESPACE;

/// The start and end of a JPEG file and nothing to look at.
pub const JPEG: [u8; 24] = [
    0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0xff, 0xd9,
];

fn date(text: &str) -> ElementValue {
    Date::parse(text).unwrap().into()
}

fn tagged_date(text: &str) -> Value {
    Value::Tag(1004, Box::new(Value::Text(text.to_owned())))
}

/// Thirty elements of the driving licence's namespace, the eleven mandatory ones among them. The holder is 40 at [`crate::NOW`].
#[must_use]
pub fn mdl_elements() -> Vec<(&'static str, ElementValue)> {
    let text = |t: &str| Value::Text(t.to_owned());
    let privilege = Value::Map(vec![
        (text("vehicle_category_code"), text("B")),
        (text("issue_date"), tagged_date("2015-03-01")),
        (text("expiry_date"), tagged_date("2035-03-01")),
    ]);
    vec![
        ("family_name", "Mustermann".into()),
        ("given_name", "Erika".into()),
        ("birth_date", date("1986-02-17")),
        ("issue_date", date("2025-06-01")),
        ("expiry_date", date("2035-06-01")),
        ("issuing_country", "UT".into()),
        ("issuing_authority", "Utopia Transport Office".into()),
        ("document_number", "UT-0000-4711".into()),
        ("portrait", JPEG.as_slice().into()),
        ("driving_privileges", Value::Array(vec![privilege]).into()),
        ("un_distinguishing_sign", "UT".into()),
        ("administrative_number", "A-99".into()),
        ("sex", 2_u64.into()),
        ("height", 168_u64.into()),
        ("weight", 61_u64.into()),
        ("eye_colour", "brown".into()),
        ("hair_colour", "black".into()),
        ("birth_place", "Nowhere".into()),
        ("resident_address", "1 Example Street".into()),
        ("portrait_capture_date", date("2025-05-01")),
        ("age_in_years", 40_u64.into()),
        ("age_birth_year", 1986_u64.into()),
        ("age_over_18", true.into()),
        ("age_over_21", true.into()),
        ("age_over_65", false.into()),
        ("nationality", "UT".into()),
        ("resident_city", "Example City".into()),
        ("resident_country", "UT".into()),
        ("family_name_national_character", "Mustermänn".into()),
        ("given_name_national_character", "Nguyễn".into()),
    ]
}

/// Adds elements to an issuer, all in the driving licence's namespace.
#[must_use]
pub fn with_elements<S>(issuer: MdocIssuer<S>, elements: Vec<(&'static str, ElementValue)>) -> MdocIssuer<S> {
    elements.into_iter().fold(issuer, |issuer, (name, value)| {
        issuer.element(MDL_NAMESPACE, name, value)
    })
}
