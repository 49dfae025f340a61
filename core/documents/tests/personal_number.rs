//! The personal number: every twelve digits read, nothing else does, and what they say is what was put in.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

use idwallet_documents::personal_number::{Registration, Sex};
use idwallet_documents::{Lang, Mismatch, PersonalNumber, fold, is_nfc, same_text};
use proptest::prelude::*;

proptest! {
    #[test]
    fn reads_back_what_was_written(place in 0u16..1000, female: bool, year in 1900u16..2400, rest in 0u32..1_000_000) {
        let century = (year - 1900) / 100 * 2 + u16::from(female);
        let text = format!("{place:03}{century}{:02}{rest:06}", year % 100);
        let number = PersonalNumber::parse(&text).unwrap();
        prop_assert_eq!(number.as_str(), &text);
        prop_assert_eq!(number.place_code(), place);
        prop_assert_eq!(number.birth_year(), year);
        prop_assert_eq!(number.sex(), if female { Sex::Female } else { Sex::Male });
        let (birth, other) = (u64::from(year), u64::from(year + 1));
        let iso = if female { 2 } else { 1 };
        prop_assert!(number.disagreements(Some(birth), Some(iso)).is_empty());
        prop_assert!(number.disagreements(None, None).is_empty());
        prop_assert!(number.disagreements(Some(birth), Some(9)).is_empty());
        prop_assert_eq!(number.disagreements(Some(other), Some(iso)), vec![Mismatch::BirthYear]);
        prop_assert_eq!(number.disagreements(Some(birth + 100), None), vec![Mismatch::Century]);
        prop_assert_eq!(number.disagreements(Some(birth), Some(3 - iso)), vec![Mismatch::Sex]);
        for lang in [Lang::Vi, Lang::En] {
            let said = number.reveals(lang).unwrap();
            prop_assert_eq!(said.len(), 3);
            prop_assert!(said[0].contains(&year.to_string()));
            prop_assert!(said[1].contains(number.sex().text(lang)));
        }
        let shown = format!("{number:?}");
        prop_assert!(!shown.contains(&text));
    }

    #[test]
    fn nothing_else_is_a_number(text in "\\PC{0,16}") {
        let good = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        prop_assert_eq!(PersonalNumber::parse(&text).is_ok(), good);
    }

    #[test]
    fn one_wrong_character_spoils_it(at in 0usize..12, c in "[^0-9]") {
        let mut text: Vec<String> = "003090000017".chars().map(String::from).collect();
        text[at] = c;
        prop_assert!(PersonalNumber::parse(&text.concat()).is_err());
    }
}

#[test]
fn says_where_the_birth_was_registered() {
    let of = |text: &str| PersonalNumber::parse(text).unwrap();
    assert!(matches!(of("040090000017").registration().unwrap(), Registration::Province(p) if p.name.vi == "Nghệ An"));
    assert!(matches!(of("102188000042").registration().unwrap(), Registration::Country(p) if p.name.en == "Egypt"));
    // Open tables disagree on 113 and 114: the code is told, no name is guessed.
    assert_eq!(
        of("113188000042").registration().unwrap(),
        Registration::UnnamedCountry(113)
    );
    assert_eq!(of("003090000017").registration().unwrap(), Registration::Unassigned(3));
    assert_eq!(
        of("001304000025").reveals(Lang::Vi).unwrap(),
        ["Năm sinh: 2004.", "Giới tính: nữ.", "Nơi đăng ký khai sinh: Hà Nội."]
    );
    assert_eq!(
        of("113188000042").reveals(Lang::En).unwrap()[2],
        "Birth registered abroad (country code 113)."
    );
}

#[test]
fn text_is_compared_after_nfc_and_case_folding() {
    let nfc = "Trần Văn Mẫu";
    let nfd = "Tra\u{302}\u{300}n Va\u{306}n Ma\u{302}\u{303}u";
    assert_ne!(nfc, nfd);
    assert!(is_nfc(nfc) && !is_nfc(nfd));
    assert!(same_text(nfc, nfd));
    assert!(same_text(nfc, "TRẦN  VĂN MẪU "));
    assert!(same_text("Đặng", "\u{d0}ặng") && same_text("Đặng", "\u{189}ặng"));
    // Tone marks are not noise: other names stay other names.
    assert!(!same_text("Trần", "Tran") && !same_text("Hoà", "Hoa"));
    assert_eq!(fold("ĐẶNG"), fold("đặng"));
    // Old and new placement of the tone mark.
    assert!(same_text("Hoà Bình", "Hòa Bình") && same_text("Thuỷ", "Thủy") && !same_text("Hoà", "Hoá"));
}
