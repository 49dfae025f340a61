//! A wallet and a reader meet.

use idwallet_crypto::{Curve, Date, PrivateKey};
use idwallet_documents::Ask;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_proximity::EndReason;
use idwallet_test_flows::{Desk, ask};
use idwallet_test_support::{JPEG, NOW, World};
use idwallet_verifier::{Outcome, Report, Request};
use idwallet_wallet::{Approval, ImportOptions, ReaderView, Relation, Ward};

/// The elements that the reader got, by name.
fn got(report: &Report) -> Vec<String> {
    match report.outcome() {
        Outcome::Accepted(documents) => documents
            .iter()
            .flat_map(|d| d.claims().iter().map(|(_, name, _)| name.to_owned()))
            .collect(),
        Outcome::Refused(reasons) => panic!("refused: {reasons:?}"),
    }
}

/// A-H45, A-V23, A-V26: what was asked for and approved arrives, verified, and nothing else.
#[test]
fn the_reader_gets_what_was_asked_for_and_approved() {
    let mut desk = Desk::new(1);
    let met = desk.meet(&ask(&["family_name", "portrait", "age_over_18"]), |review| {
        assert!(matches!(review.requests[0].reader, ReaderView::Verified { .. }));
        Approval::everything(review)
    });
    assert!(met.finished.is_accepted());
    let report = met.finished.report().unwrap();
    assert_eq!(got(report), ["family_name", "portrait", "age_over_18"]);
    let Outcome::Accepted(documents) = report.outcome() else {
        panic!()
    };
    assert_eq!(documents[0].doc_type(), MDL_DOC_TYPE);
    assert!(documents[0].is_bound());
    assert_eq!(documents[0].portrait(), Some(JPEG.as_slice()));
    assert_eq!(
        documents[0].claim(MDL_NAMESPACE, "family_name").and_then(|c| c.text()),
        Some("Mustermann")
    );
}

/// A-H45: what the person takes back does not leave.
#[test]
fn what_is_not_approved_does_not_leave() {
    let mut desk = Desk::new(2);
    let met = desk.meet(&ask(&["family_name", "given_name"]), |review| {
        Approval::everything(review).deselect(0, MDL_NAMESPACE, "given_name")
    });
    assert_eq!(got(met.finished.report().unwrap()), ["family_name"]);
}

/// A-H58, A-V10: a decline is an answer without documents, like that of a wallet that has none.
#[test]
fn declining_looks_like_having_nothing() {
    let mut desk = Desk::new(3);
    let declined = desk.meet(&ask(&["family_name"]), |_| Approval::nothing());
    let mut empty = Desk::empty(World::new(3));
    let nothing = empty.meet(&ask(&["family_name"]), Approval::everything);
    for met in [&declined, &nothing] {
        assert!(!met.finished.is_accepted());
    }
    let lengths = |wire: &[Vec<u8>]| wire.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lengths(&declined.wire)[1], lengths(&nothing.wire)[1]);
}

/// A-V26b, A-C25: several rounds in one session, each verified by itself.
#[test]
fn a_session_has_several_rounds() {
    let mut desk = Desk::new(4);
    let rounds = [ask(&["family_name"]), ask(&["age_over_21"]), ask(&["document_number"])];
    let met = desk.meet_for(&rounds, Approval::everything);
    assert!(met.finished.is_accepted());
    let names: Vec<_> = met.finished.reports.iter().map(got).collect();
    assert_eq!(names, [["family_name"], ["age_over_21"], ["document_number"]]);
    assert_eq!(met.finished.reason, EndReason::Finished);
}

/// A-V23, A-H55: two documents in one answer, each bound by its own key.
#[test]
fn two_documents_answer_one_request() {
    let mut desk = Desk::new(5);
    let key = idwallet_test_support::key(Curve::P256, 77);
    let card = desk
        .world
        .mdoc_issuer("org.example.card.1")
        .element("org.example.card.1", "number", "4711")
        .copy(*key.public_key());
    let card = card.issue(&desk.world.random).unwrap().remove(0).issuer_signed;
    desk.import_with(card, key).unwrap();
    let mut both = ask(&["family_name"]);
    both.add("org.example.card.1", "org.example.card.1", "number", false);
    let met = desk.meet(&both, Approval::everything);
    let mut names = got(met.finished.report().unwrap());
    names.sort();
    assert_eq!(names, ["family_name", "number"]);
}

/// The wallet that is opened again has the documents and answers as before.
#[test]
fn a_wallet_survives_its_process() {
    let mut desk = Desk::new(6).reopened();
    assert_eq!(desk.wallet.list(NOW).unwrap().documents.len(), 1);
    assert!(
        desk.meet(&ask(&["family_name"]), Approval::everything)
            .finished
            .is_accepted()
    );
}

/// A-H56, A-C10: device keys on every curve that the world has, with signature or MAC.
#[test]
fn devices_on_every_curve_are_accepted() {
    for curve in Curve::ALL {
        let mut desk = Desk::empty(World::on_curves(7, Curve::P256, curve, Curve::P256));
        let licence = desk.world.issue_mdl();
        desk.import(licence).unwrap();
        // A key that cannot sign makes a MAC, for which the session has to be on its curve.
        desk.session_curve = if curve.can_sign() { Curve::P256 } else { curve };
        let met = desk.meet(&ask(&["family_name"]), Approval::everything);
        assert!(met.finished.is_accepted(), "{curve}");
    }
}

/// Camera to camera, with half of the frames lost in a row and in the middle.
#[test]
fn cameras_suffice_with_half_of_the_frames() {
    let mut desk = Desk::new(8);
    let seen: [fn(u32) -> bool; 3] = [
        |i| i.is_multiple_of(2),
        |i| !i.is_multiple_of(2),
        |i| !(i / 7).is_multiple_of(2),
    ];
    for seen in seen {
        let met = desk.meet_by_camera(&ask(&["family_name", "portrait"]), Approval::everything, seen);
        assert_eq!(got(met.report().unwrap()), ["family_name", "portrait"]);
    }
}

/// What goes over the carrier after the engagement is encrypted (A-C24, A-C25).
#[test]
fn nothing_readable_goes_over_the_carrier() {
    let mut desk = Desk::new(9);
    let met = desk.meet(&ask(&["family_name", "portrait"]), Approval::everything);
    assert!(met.wire.iter().any(|m| m.len() > 1000));
    for message in &met.wire {
        for part in [&b"Mustermann"[..], b"family_name", &JPEG, b"issuerAuth", b"Utopia"] {
            assert!(!message.windows(part.len()).any(|w| w == part));
        }
    }
}

const PHOTO_ID: &str = "org.iso.23220.photoID.1";
const VN: &str = "vn.id.1";
const ISO: &str = "org.iso.23220.1";

/// A citizen identity card with all that its type asks for.
fn card(desk: &Desk, key: &PrivateKey, (number, name, born): (&str, &str, &str), level: u64) -> Vec<u8> {
    let (family, given) = name.split_once(' ').unwrap();
    let date = |text: &str| Date::parse(text).unwrap();
    let issuer = desk
        .world
        .mdoc_issuer(PHOTO_ID)
        .element(VN, "full_name", name)
        .element(VN, "personal_number", number)
        .element(VN, "account_level", level)
        .element(ISO, "family_name_unicode", family)
        .element(ISO, "given_name_unicode", given)
        .element(ISO, "birth_date", date(born))
        .element(ISO, "issue_date", date("2025-03-01"))
        .element(ISO, "issuing_authority_unicode", "Cơ quan cấp")
        .element(ISO, "issuing_country", "UT")
        .copy(*key.public_key());
    issuer.issue(&desk.world.random).unwrap().remove(0).issuer_signed
}

const OWNER: (&str, &str, &str) = ("003090000017", "Trần Văn Mẫu", "1990-02-15");
const CHILD: (&str, &str, &str) = ("003318000052", "Trần Thị Bé", "2018-06-01");

fn full_name() -> Ask {
    let mut ask = Ask::default();
    ask.add(PHOTO_ID, VN, "full_name", false);
    ask
}

/// H-H19, H-H22: the owner's own is proposed; a child's card is shown when the owner chooses it, and then it alone.
#[test]
fn a_guardian_shows_the_childs_card() {
    let mut desk = Desk::empty(World::new(10));
    for (who, options, seed) in [
        (OWNER, ImportOptions::new(), 101),
        (CHILD, ImportOptions::new().ward(Ward::new(Relation::Child)), 102),
    ] {
        let key = idwallet_test_support::key(Curve::P256, seed);
        let issued = card(&desk, &key, who, 2);
        desk.import_as(issued, key, options).unwrap();
    }
    let shown = |report: &Report| match report.outcome() {
        Outcome::Accepted(documents) => documents[0].claim(VN, "full_name").unwrap().text().unwrap().to_owned(),
        Outcome::Refused(reasons) => panic!("refused: {reasons:?}"),
    };
    let met = desk.meet(&full_name(), Approval::everything);
    assert_eq!(shown(met.finished.report().unwrap()), OWNER.1);
    let met = desk.meet(&full_name(), |review| {
        let of_child = &review.requests[0].candidates[1];
        assert_eq!(of_child.subject.ward().map(Ward::relation), Some(Relation::Child));
        Approval::nothing().select(0, of_child.document, VN, "full_name")
    });
    assert_eq!(shown(met.finished.report().unwrap()), CHILD.1);
}

/// H-H21: an account of level 1 is not shown where level 2 is needed; one of level 2 is, and the reader checks it.
#[test]
fn a_reader_that_needs_level_2_gets_no_level_1() {
    for (level, accepted) in [(1, false), (2, true)] {
        let mut desk = Desk::empty(World::new(11));
        let key = idwallet_test_support::key(Curve::P256, 111);
        let issued = card(&desk, &key, OWNER, level);
        desk.import_as(issued, key, ImportOptions::new()).unwrap();
        let request = Request::new(&full_name()).require_account_level(2);
        let met = desk.meet_with(&[request], |review| {
            assert_eq!(review.can_answer(), accepted);
            Approval::everything(review)
        });
        assert_eq!(met.finished.is_accepted(), accepted, "level {level}");
    }
}
