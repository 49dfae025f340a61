//! The rules of the driving licence's namespace (ISO 18013-5 §7.2, A-I10 to A-I12).

use super::{Draft, IssueError};
use crate::names::{MDL_DOC_TYPE, MDL_DOMESTIC_PREFIX, MDL_MANDATORY, MDL_NAMESPACE, age_over, is_mdl_element};
use idwallet_cose::cbor::{Decoder, Key, Limits, Result as CborResult, Type};
use idwallet_crypto::{Date, Timestamp};

/// Longest latin1b text, in characters (ISO 18013-5 §7.2.1).
pub const MAX_LATIN1_CHARS: usize = 150;

type Form = Result<(), &'static str>;

fn decode<'a, T>(value: &'a [u8], read: impl FnOnce(&mut Decoder<'a>) -> CborResult<T>) -> Option<T> {
    Decoder::decode(value, Limits::DEFAULT, read).ok()
}

/// `full-date`.
fn full_date(value: &[u8]) -> Option<Date> {
    let text = decode(value, |d| {
        d.expect_tag(1004)?;
        d.text()
    })?;
    Date::parse(text).ok()
}

fn is_tdate(value: &[u8]) -> bool {
    let text = decode(value, |d| {
        d.expect_tag(0)?;
        d.text()
    });
    text.is_some_and(|text| Timestamp::parse_rfc3339(text).is_ok())
}

fn latin1(value: &[u8]) -> Form {
    let text = decode(value, Decoder::text).ok_or("must be text")?;
    if text.is_empty() || text.chars().count() > MAX_LATIN1_CHARS {
        return Err("must have 1 to 150 characters");
    }
    let fits = |c: char| matches!(c, '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{ff}');
    if text.chars().all(fits) {
        Ok(())
    } else {
        Err(
            "must be ISO 8859-1 text; names in other letters go to family_name_national_character and given_name_national_character",
        )
    }
}

fn text(value: &[u8]) -> Form {
    decode(value, Decoder::text)
        .filter(|text| !text.is_empty())
        .map(|_| ())
        .ok_or("must be text")
}

fn alpha2(value: &[u8]) -> Form {
    let is = decode(value, Decoder::text).is_some_and(|t| t.len() == 2 && t.bytes().all(|b| b.is_ascii_uppercase()));
    if is {
        Ok(())
    } else {
        Err("must be an ISO 3166-1 alpha-2 code")
    }
}

fn image(value: &[u8]) -> Form {
    let is_image = |bytes: &[u8]| {
        bytes.starts_with(&[0xff, 0xd8, 0xff])
            || bytes.starts_with(&[0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20])
            || bytes.starts_with(&[0xff, 0x4f, 0xff, 0x51])
    };
    if decode(value, Decoder::bytes).is_some_and(is_image) {
        Ok(())
    } else {
        Err("must be a JPEG or JPEG 2000 picture")
    }
}

fn biometric(value: &[u8]) -> Form {
    if decode(value, Decoder::bytes).is_some_and(|b| b.starts_with(&[0x7f, 0x61])) {
        Ok(())
    } else {
        Err("must start with 7F61")
    }
}

fn uint(value: &[u8]) -> Form {
    decode(value, Decoder::u64)
        .map(|_| ())
        .ok_or("must be an unsigned integer")
}

fn bool(value: &[u8]) -> Form {
    decode(value, Decoder::bool).map(|_| ()).ok_or("must be true or false")
}

fn date(value: &[u8]) -> Form {
    full_date(value).map(|_| ()).ok_or("must be a full-date")
}

fn date_or_tdate(value: &[u8]) -> Form {
    if full_date(value).is_some() || is_tdate(value) {
        Ok(())
    } else {
        Err("must be a full-date or a tdate")
    }
}

fn driving_privileges(value: &[u8]) -> Form {
    let read = |d: &mut Decoder<'_>| {
        let mut privileges = d.array()?;
        let mut fine = true;
        while privileges.next(d)? {
            fine &= privilege(d)?;
        }
        Ok(fine)
    };
    if decode(value, read) == Some(true) {
        Ok(())
    } else {
        Err("must be an array of privileges with vehicle_category_code")
    }
}

fn privilege(d: &mut Decoder<'_>) -> CborResult<bool> {
    let (mut has_category, mut fine) = (false, true);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Text("vehicle_category_code") => has_category = !d.text()?.is_empty(),
            Key::Text("issue_date" | "expiry_date") => fine &= date(d.item()?.bytes()).is_ok(),
            Key::Text("codes") => {
                let mut codes = d.array()?;
                while codes.next(d)? {
                    fine &= code(d)?;
                }
            }
            _ => d.skip()?,
        }
    }
    Ok(has_category && fine)
}

fn code(d: &mut Decoder<'_>) -> CborResult<bool> {
    let (mut has_code, mut fine) = (false, true);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Text("code") => has_code = !d.text()?.is_empty(),
            Key::Text("sign" | "value") => fine &= d.item()?.kind() == Type::Text,
            _ => d.skip()?,
        }
    }
    Ok(has_code && fine)
}

/// The form that the standard gives to one element of the namespace.
fn form(element: &str, value: &[u8]) -> Form {
    match element {
        "family_name"
        | "given_name"
        | "issuing_authority"
        | "document_number"
        | "administrative_number"
        | "birth_place"
        | "resident_address"
        | "resident_city"
        | "resident_state"
        | "resident_postal_code"
        | "issuing_jurisdiction"
        | "un_distinguishing_sign" => latin1(value),
        "family_name_national_character" | "given_name_national_character" | "eye_colour" | "hair_colour" => {
            text(value)
        }
        "issuing_country" | "nationality" | "resident_country" => alpha2(value),
        "birth_date" => date(value),
        "issue_date" | "expiry_date" => date_or_tdate(value),
        "portrait_capture_date" => date_or_tdate(value),
        "portrait" | "signature_usual_mark" => image(value),
        "driving_privileges" => driving_privileges(value),
        "sex" | "sex_at_birth" | "height" | "weight" | "age_in_years" | "age_birth_year" => uint(value),
        _ if age_over(element).is_some() => bool(value),
        _ if element.starts_with("biometric_template_") => biometric(value),
        _ => Ok(()),
    }
}

/// An ISO 3166-1 alpha-2 code, or an ISO 3166-2 one: `VN`, `US-CA`.
fn is_domestic(code: &str) -> bool {
    let (country, subdivision) = match code.split_once('-') {
        Some((country, subdivision)) => (country, Some(subdivision)),
        None => (code, None),
    };
    let is_upper = |b: u8| b.is_ascii_uppercase();
    let is_part = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    country.len() == 2 && country.bytes().all(is_upper) && subdivision.is_none_or(is_part)
}

/// Everything above for one document.
pub(super) fn check(draft: &Draft) -> Result<(), IssueError> {
    let space = draft.name_spaces.iter().find(|s| s.name == MDL_NAMESPACE);
    let elements = space.map(|s| s.elements.as_slice()).unwrap_or_default();
    if draft.doc_type == MDL_DOC_TYPE {
        for name in MDL_MANDATORY {
            if !elements.iter().any(|e| e.identifier == name) {
                return Err(IssueError::MissingMandatory(name));
            }
        }
        let names = draft.name_spaces.iter().map(|s| s.name.as_str());
        let mut domestic = names.filter_map(|name| name.strip_prefix(MDL_DOMESTIC_PREFIX));
        if !domestic.all(is_domestic) {
            return Err(IssueError::DomesticNameSpace);
        }
    }
    for element in elements {
        let identifier = element.identifier.as_str();
        if !is_mdl_element(identifier) {
            return Err(IssueError::UndefinedElement {
                element: identifier.to_owned(),
            });
        }
        form(identifier, element.value()).map_err(|rule| IssueError::ElementForm {
            element: identifier.to_owned(),
            rule,
        })?;
    }
    let value_of = |name: &str| elements.iter().find(|e| e.identifier == name).map(|e| e.value());
    if let (Some(country), Some(signer)) = (value_of("issuing_country"), draft.signer_country())
        && decode(country, Decoder::text) != Some(signer)
    {
        return Err(IssueError::IssuingCountry);
    }
    if let Some(birth) = value_of("birth_date").and_then(full_date) {
        for element in elements {
            if let Some(years) = age_over(&element.identifier) {
                check_age(
                    draft,
                    birth,
                    years,
                    &element.identifier,
                    decode(element.value(), Decoder::bool),
                )?;
            }
        }
    }
    Ok(())
}

/// `age_over_NN` is what it is at `validFrom`, and stays that until the next update (A-I11).
fn check_age(draft: &Draft, birth: Date, years: u8, element: &str, value: Option<bool>) -> Result<(), IssueError> {
    let years = u16::from(years);
    let is_over = |at: Timestamp| birth.age_on(at.date()).is_some_and(|age| age >= years);
    let validity = draft.validity()?;
    if value != Some(is_over(validity.from)) {
        return Err(IssueError::AgeOver {
            element: element.to_owned(),
        });
    }
    // The MSO is still valid during the second of validUntil.
    let flips = |until: Timestamp| value != Some(is_over(until));
    let next = validity
        .expected_update
        .map_or(validity.until, |update| update.min(validity.until));
    if flips(next) {
        Err(IssueError::AgeOverFlips {
            element: element.to_owned(),
        })
    } else {
        Ok(())
    }
}
