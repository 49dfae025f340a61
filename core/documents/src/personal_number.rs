//! The Vietnamese personal number (số định danh cá nhân), 12 digits: province or country of birth registration,
//! century and sex, birth year, random (Decree 137/2015 art. 13, Circular 59/2021 art. 4).
//!
//! The number has no check digit. It gives away birth year, sex and where the birth was registered, so a consent screen says so.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::error::DocumentsError;
use crate::label::{Label, Lang};
use crate::quality::QualityCode;

/// Why a text is not a personal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PersonalNumberError {
    /// Not exactly twelve ASCII digits.
    #[error("must be exactly 12 digits")]
    NotTwelveDigits,
}

/// Sex as the number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Even digit.
    Male,
    /// Odd digit.
    Female,
}

impl Sex {
    /// The code of ISO 5218: 1 male, 2 female.
    #[must_use]
    pub const fn iso5218(self) -> u64 {
        match self {
            Self::Male => 1,
            Self::Female => 2,
        }
    }

    /// The word in `lang`.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Male, Lang::Vi) => "nam",
            (Self::Female, Lang::Vi) => "nữ",
            (Self::Male, Lang::En) => "male",
            (Self::Female, Lang::En) => "female",
        }
    }
}

/// Where the birth was registered, as the first three digits tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// A province of the 63 in which numbers were given out until the merger of 1 July 2025.
    Province(&'static Place),
    /// A country of the table.
    Country(&'static Place),
    /// A country code (101 to 295) that the table has no agreed name for.
    UnnamedCountry(u16),
    /// A prefix that no public table assigns. Not an error: tables change.
    Unassigned(u16),
}

/// A row of the tables: a three-digit code and a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The code, 1 to 999.
    pub code: u16,
    /// The name.
    pub name: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    provinces: Vec<Place>,
    countries: Vec<Place>,
    country_codes: [u16; 2],
}

/// The tables are data: code lists change by circular, and open copies disagree (one gives both 113 and 114 to Azerbaijan),
/// so the country table names only what is agreed on and the rest stays a code.
fn tables() -> Result<&'static Tables, DocumentsError> {
    static TABLES: OnceLock<Result<Tables, DocumentsError>> = OnceLock::new();
    TABLES
        .get_or_init(|| {
            serde_json::from_str::<Tables>(include_str!("../data/places.json")).map_err(|e| DocumentsError::Json {
                what: "table of provinces and countries",
                line: e.line(),
                column: e.column(),
            })
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// The table of provinces (63), by code.
///
/// # Errors
/// [`DocumentsError::Json`] if the embedded table is damaged (a test holds that it is not).
pub fn provinces() -> Result<&'static [Place], DocumentsError> {
    Ok(&tables()?.provinces)
}

/// The table of countries with an agreed name, by code.
///
/// # Errors
/// [`DocumentsError::Json`] if the embedded table is damaged (a test holds that it is not).
pub fn countries() -> Result<&'static [Place], DocumentsError> {
    Ok(&tables()?.countries)
}

/// A personal number. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalNumber {
    digits: [u8; 12],
}

impl std::fmt::Debug for PersonalNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonalNumber(…)")
    }
}

/// Something about a number that does not fit the rest of the document. A warning: numbers are cancelled and
/// re-established when sex or birth year is corrected (Law 26/2023/QH15 art. 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mismatch {
    /// The birth year differs.
    BirthYear,
    /// The birth year has the same two last digits in another century.
    Century,
    /// The sex differs.
    Sex,
}

impl Mismatch {
    /// The same fault as the code that is told of a signed document.
    #[must_use]
    pub const fn code(self) -> QualityCode {
        match self {
            Self::BirthYear => QualityCode::NumberBirthYear,
            Self::Century => QualityCode::NumberCentury,
            Self::Sex => QualityCode::NumberSex,
        }
    }
}

impl PersonalNumber {
    /// Reads exactly twelve ASCII digits: no spaces, no other scripts' digits.
    ///
    /// # Errors
    /// [`PersonalNumberError::NotTwelveDigits`].
    pub fn parse(text: &str) -> Result<Self, PersonalNumberError> {
        let digits: [u8; 12] = text
            .as_bytes()
            .try_into()
            .map_err(|_| PersonalNumberError::NotTwelveDigits)?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self { digits })
        } else {
            Err(PersonalNumberError::NotTwelveDigits)
        }
    }

    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Checked to be ASCII when parsed.
        std::str::from_utf8(&self.digits).unwrap_or_default()
    }

    fn number(&self, from: usize, to: usize) -> u16 {
        self.digits.get(from..to).unwrap_or_default().iter().fold(0u16, |n, d| {
            n.saturating_mul(10).saturating_add(u16::from(d.saturating_sub(b'0')))
        })
    }

    /// The first three digits.
    #[must_use]
    pub fn place_code(&self) -> u16 {
        self.number(0, 3)
    }

    /// Where the birth was registered.
    ///
    /// # Errors
    /// [`DocumentsError::Json`] if the embedded table is damaged.
    pub fn registration(&self) -> Result<Registration, DocumentsError> {
        let tables = tables()?;
        let code = self.place_code();
        let [first, last] = tables.country_codes;
        Ok(if let Some(place) = tables.provinces.iter().find(|p| p.code == code) {
            Registration::Province(place)
        } else if let Some(place) = tables.countries.iter().find(|p| p.code == code) {
            Registration::Country(place)
        } else if (first..=last).contains(&code) {
            Registration::UnnamedCountry(code)
        } else {
            Registration::Unassigned(code)
        })
    }

    /// Sex: the fourth digit is even for male, odd for female.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.number(3, 4) & 1 == 0 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// Birth year: the century from the fourth digit (0, 1 for the 1900s … 8, 9 for the 2300s) and two digits.
    #[must_use]
    pub fn birth_year(&self) -> u16 {
        (self.number(3, 4) >> 1)
            .saturating_mul(100)
            .saturating_add(1900)
            .saturating_add(self.number(4, 6))
    }

    /// What does not fit the birth year and sex (ISO 5218; 0 and 9 say nothing) of the document. Empty is well.
    #[must_use]
    pub fn disagreements(&self, birth_year: Option<u64>, sex: Option<u64>) -> Vec<Mismatch> {
        let mut out = Vec::new();
        let own = u64::from(self.birth_year());
        if let Some(year) = birth_year.filter(|year| *year != own) {
            let same_digits = year.checked_rem(100) == own.checked_rem(100);
            out.push(if same_digits {
                Mismatch::Century
            } else {
                Mismatch::BirthYear
            });
        }
        if sex.is_some_and(|s| (s == 1 || s == 2) && s != self.sex().iso5218()) {
            out.push(Mismatch::Sex);
        }
        out
    }

    /// What the number tells whoever gets it, as plain sentences.
    ///
    /// # Errors
    /// [`DocumentsError::Json`] if the embedded table is damaged.
    pub fn reveals(&self, lang: Lang) -> Result<Vec<String>, DocumentsError> {
        let year = self.birth_year();
        let sex = self.sex().text(lang);
        let place = self.registration()?;
        Ok(match lang {
            Lang::Vi => vec![
                format!("Năm sinh: {year}."),
                format!("Giới tính: {sex}."),
                match place {
                    Registration::Province(p) => {
                        format!("Nơi đăng ký khai sinh: {}.", p.name.text(lang))
                    }
                    Registration::Country(p) => {
                        format!("Khai sinh ở nước ngoài: {}.", p.name.text(lang))
                    }
                    Registration::UnnamedCountry(code) => {
                        format!("Khai sinh ở nước ngoài (mã nước {code:03}).")
                    }
                    Registration::Unassigned(code) => {
                        format!("Nơi đăng ký khai sinh: mã {code:03}, không có trong danh mục.")
                    }
                },
            ],
            Lang::En => vec![
                format!("Birth year: {year}."),
                format!("Sex: {sex}."),
                match place {
                    Registration::Province(p) => {
                        format!("Birth registered in: {}.", p.name.text(lang))
                    }
                    Registration::Country(p) => {
                        format!("Birth registered abroad: {}.", p.name.text(lang))
                    }
                    Registration::UnnamedCountry(code) => {
                        format!("Birth registered abroad (country code {code:03}).")
                    }
                    Registration::Unassigned(code) => {
                        format!("Birth registered at a place with code {code:03}, which is not in the table.")
                    }
                },
            ],
        })
    }
}
