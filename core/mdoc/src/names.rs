//! The names that ISO/IEC 18013-5 and its relatives define. Comparison is exact, byte by byte (A-C01).

/// Document type of a mobile driving licence (ISO 18013-5 §7.1, A-I10).
pub const MDL_DOC_TYPE: &str = "org.iso.18013.5.1.mDL";
/// Namespace of the mobile driving licence (ISO 18013-5 §7.1, A-I10).
pub const MDL_NAMESPACE: &str = "org.iso.18013.5.1";
/// Document type of a photo ID (ISO/IEC TS 23220-4 Annex C).
pub const PHOTO_ID_DOC_TYPE: &str = "org.iso.23220.photoID.1";
/// Namespace of the generic identity elements (ISO/IEC TS 23220-2).
pub const ISO_23220_NAMESPACE: &str = "org.iso.23220.1";
/// Document type of a mobile vehicle registration certificate (ISO/IEC 7367).
pub const MVRC_DOC_TYPE: &str = "org.iso.7367.1.mVRC";

/// The eleven elements that every mobile driving licence has (ISO 18013-5 §7.2.1 table 5, A-I10).
pub const MDL_MANDATORY: [&str; 11] = [
    "family_name",
    "given_name",
    "birth_date",
    "issue_date",
    "expiry_date",
    "issuing_country",
    "issuing_authority",
    "document_number",
    "portrait",
    "driving_privileges",
    "un_distinguishing_sign",
];

/// The optional elements with a fixed name in the mDL namespace (ISO 18013-5 §7.2.1 table 5).
pub const MDL_OPTIONAL: [&str; 21] = [
    "administrative_number",
    "sex",
    "height",
    "weight",
    "eye_colour",
    "hair_colour",
    "birth_place",
    "resident_address",
    "portrait_capture_date",
    "age_in_years",
    "age_birth_year",
    "issuing_jurisdiction",
    "nationality",
    "resident_city",
    "resident_state",
    "resident_postal_code",
    "resident_country",
    "family_name_national_character",
    "given_name_national_character",
    "signature_usual_mark",
    "sex_at_birth",
];

/// The biometric templates of the mDL namespace (ISO 18013-5 §7.2.7).
pub const MDL_BIOMETRIC: [&str; 4] = [
    "biometric_template_face",
    "biometric_template_finger",
    "biometric_template_signature_sign",
    "biometric_template_iris",
];

/// Prefix of a domestic namespace: `org.iso.18013.5.1.VN`, `org.iso.18013.5.1.US-CA` (ISO 18013-5 §7.2.8).
pub const MDL_DOMESTIC_PREFIX: &str = "org.iso.18013.5.1.";

/// `NN` of `age_over_NN`: exactly two decimal digits (ISO 18013-5 §7.2.5, A-H46).
#[must_use]
pub fn age_over(element: &str) -> Option<u8> {
    match element.strip_prefix("age_over_")?.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(
            tens.wrapping_sub(b'0')
                .wrapping_mul(10)
                .wrapping_add(ones.wrapping_sub(b'0')),
        ),
        _ => None,
    }
}

/// Whether the mDL namespace defines the element: it is closed (ISO 18013-5 §7.2.1, A-I10).
#[must_use]
pub fn is_mdl_element(element: &str) -> bool {
    MDL_MANDATORY.contains(&element)
        || MDL_OPTIONAL.contains(&element)
        || MDL_BIOMETRIC.contains(&element)
        || age_over(element).is_some()
}
