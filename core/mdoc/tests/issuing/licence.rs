//! What the driving licence demands beyond any document.

use super::*;

/// A-I10: each of the eleven mandatory elements is needed.
#[test]
fn a_licence_without_a_mandatory_element_is_refused() {
    let world = World::new(14);
    assert!(issue(&licence(&world)).is_ok());
    for name in idwallet_mdoc::names::MDL_MANDATORY {
        assert_eq!(
            refused(&licence_with(&world, name, None)),
            IssueError::MissingMandatory(name)
        );
    }
}

/// A-I10: the namespace is closed; domestic data has its own.
#[test]
fn an_undefined_element_goes_to_the_domestic_namespace() {
    let world = World::new(15);
    let undefined = licence(&world).element(MDL_NAMESPACE, "shoe_size", 38_u64);
    assert_eq!(
        refused(&undefined),
        IssueError::UndefinedElement {
            element: "shoe_size".into()
        }
    );
    let age = licence(&world).element(MDL_NAMESPACE, "age_over_100", false);
    assert_eq!(
        refused(&age),
        IssueError::UndefinedElement {
            element: "age_over_100".into()
        }
    );
    for space in ["org.iso.18013.5.1.UT", "org.iso.18013.5.1.UT-7", "org.example.1"] {
        assert!(
            issue(&licence(&world).element(space, "shoe_size", 38_u64)).is_ok(),
            "{space}"
        );
    }
    for space in [
        "org.iso.18013.5.1.ut",
        "org.iso.18013.5.1.UTO",
        "org.iso.18013.5.1.UT-",
        "org.iso.18013.5.1.",
        "org.iso.18013.5.1.aamva",
    ] {
        let issuer = licence(&world).element(space, "shoe_size", 38_u64);
        assert_eq!(refused(&issuer), IssueError::DomesticNameSpace, "{space}");
    }
}

/// A-I10: latin1b text of at most 150 characters; other letters have their own elements.
#[test]
fn text_of_the_licence_is_latin_1_and_short() {
    let world = World::new(16);
    for (text, fits) in [
        ("Müller", true),
        ("Nguyễn", false),
        (&"x".repeat(150), true),
        (&"x".repeat(151), false),
        ("a\nb", false),
        ("", false),
    ] {
        let issuer = licence_with(&world, "family_name", Some(text.into()));
        if fits {
            assert!(issue(&issuer).is_ok(), "{text}");
        } else {
            assert_eq!(form_of(&issuer), "family_name", "{text}");
        }
    }
    // The rule is of the licence's namespace alone.
    assert!(issue(&card(&world)).is_ok());
}

/// A-I12: picture, privileges and biometric template have their forms. A-C06: dates are full-date.
#[test]
fn elements_of_the_licence_have_their_forms() {
    let world = World::new(17);
    let text = |t: &str| Value::Text(t.to_owned());
    let map = |entries: Vec<(&str, Value)>| Value::Map(entries.into_iter().map(|(k, v)| (text(k), v)).collect());
    let privileges = |v: Value| Value::Array(vec![v]);
    let bad: Vec<(&'static str, idwallet_mdoc::issue::ElementValue)> = vec![
        ("portrait", [0x89, b'P', b'N', b'G'].as_slice().into()),
        ("portrait", "text".into()),
        ("birth_date", "1986-02-17".into()),
        ("issuing_country", "ut".into()),
        ("issuing_country", "UTO".into()),
        ("sex", "2".into()),
        ("age_over_18", 1_u64.into()),
        ("driving_privileges", privileges(map(vec![])).into()),
        (
            "driving_privileges",
            map(vec![("vehicle_category_code", text("B"))]).into(),
        ),
        (
            "driving_privileges",
            privileges(map(vec![
                ("vehicle_category_code", text("B")),
                ("issue_date", text("2020-01-01")),
            ]))
            .into(),
        ),
        (
            "driving_privileges",
            privileges(map(vec![
                ("vehicle_category_code", text("B")),
                ("codes", Value::Array(vec![map(vec![("sign", text("="))])])),
            ]))
            .into(),
        ),
        ("biometric_template_face", [0x7f, 0x60].as_slice().into()),
    ];
    for (name, value) in bad {
        let shown = format!("{name}: {value:?}");
        let refusal = refused(&licence_with(&world, name, Some(value)));
        let is_form = matches!(&refusal, IssueError::ElementForm { element, .. } if element == name);
        assert!(
            is_form || matches!(refusal, IssueError::AgeOver { .. }),
            "{shown}: {refusal}"
        );
    }
    let codes = Value::Array(vec![map(vec![
        ("code", text("01")),
        ("sign", text("=")),
        ("value", text("x")),
    ])]);
    let full = privileges(map(vec![("vehicle_category_code", text("B")), ("codes", codes)]));
    assert!(issue(&licence_with(&world, "driving_privileges", Some(full.into()))).is_ok());
    assert!(
        issue(&licence_with(
            &world,
            "biometric_template_face",
            Some([0x7f, 0x61, 0].as_slice().into())
        ))
        .is_ok()
    );
}

/// A-I11: age_over_NN is what it is at validFrom, and the credential does not outlive the birthday on which it changes.
#[test]
fn age_statements_follow_from_the_birth_date() {
    let world = World::new(18);
    let lie = refused(&licence_with(&world, "age_over_65", Some(true.into())));
    assert_eq!(
        lie,
        IssueError::AgeOver {
            element: "age_over_65".into()
        }
    );
    let lie = refused(&licence_with(&world, "age_over_18", Some(false.into())));
    assert_eq!(
        lie,
        IssueError::AgeOver {
            element: "age_over_18".into()
        }
    );
    // 65 on 2026-06-11: ten days after NOW, within the validity.
    let turning = |world| licence_with(world, "birth_date", Some(Date::parse("1961-06-11").unwrap().into()));
    assert_eq!(
        refused(&turning(&world)),
        IssueError::AgeOverFlips {
            element: "age_over_65".into()
        }
    );
    assert!(issue(&turning(&world).expected_update(NOW.saturating_add_seconds(9 * DAY))).is_ok());
    assert!(issue(&turning(&world).validity(NOW..NOW.saturating_add_seconds(9 * DAY))).is_ok());
}

/// A-V24: the issuing country is the one in the signer's certificate.
#[test]
fn another_issuing_country_than_the_signer_is_refused() {
    let world = World::new(19);
    assert_eq!(
        refused(&licence_with(&world, "issuing_country", Some("UU".into()))),
        IssueError::IssuingCountry
    );
}
