//! Correct, sufficient, clean, live: at import, before showing, on demand, and across documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, Holder, block_on, create, import, import_copies, import_loosely, overwrite, random, swap};
use idwallet_crypto::{Curve, Date, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::issue::{ElementValue, MdocIssuer};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_storage::{Kind, RecordId, SoftwareSecureArea, open_with_area};
use idwallet_test_support::{DAY, NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    AREA_FILE, Aspect, AspectState, Code, DocumentId, FindingCode, NewCopy, RefusalReason, UnsuitableReason,
    VAULT_FILE, Wallet, WalletError,
};
use std::collections::BTreeSet;

const ID: &str = "org.iso.23220.photoID.1";
/// Document type and namespace of the social insurance.
const INSURANCE: &str = "vn.bhxh.1";
const COPY: Kind = Kind(2);

/// What keeps the licence from being shown, and what a check says of it, after its record was changed.
fn after(seed: u64, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (UnsuitableReason, Vec<FindingCode>) {
    let mut holder = Holder::new(seed);
    let (dir, licence) = (std::mem::replace(&mut holder.dir, Dir::new()), holder.licence);
    drop(holder.wallet);
    overwrite(&dir, licence, change);
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    let request = holder.world.request(&[(MDL_NAMESPACE, "height")]);
    let resolved = common::resolve(&wallet, &holder.world, &request).unwrap();
    let requested = &resolved.review().requests[0];
    assert!(
        requested.candidates.is_empty(),
        "a record that was altered must not leave"
    );
    let codes = wallet
        .check(licence, NOW, None)
        .unwrap()
        .findings
        .iter()
        .map(|f| f.code)
        .collect();
    (requested.unsuitable[0].reason, codes)
}

/// A-H61: an element in the vault that is not as it was signed does not leave, though another one is asked for.
#[test]
fn an_altered_element_in_the_vault_does_not_leave() {
    let (reason, codes) = after(401, |bytes| swap(&bytes, b"Mustermann", b"Mustermonn"));
    assert_eq!(reason, UnsuitableReason::Quality(FindingCode::ElementAltered));
    assert!(codes.contains(&FindingCode::ElementAltered));
}

/// A-H61: nor does anything under a signature that is not right.
#[test]
fn a_wrong_signature_in_the_vault_does_not_leave() {
    let (reason, codes) = after(402, |bytes| {
        let signature = {
            let parsed = idwallet_mdoc::IssuerSigned::parse(&bytes).unwrap();
            parsed.issuer_auth().signature().to_vec()
        };
        let mut other = signature.clone();
        other[40] ^= 1;
        swap(&bytes, &signature, &other)
    });
    assert_eq!(reason, UnsuitableReason::Quality(FindingCode::SignatureWrong));
    assert!(codes.contains(&FindingCode::SignatureWrong));
}

/// A-H61: nor what is rightly signed and is another document than the one that was imported.
#[test]
fn another_document_in_its_place_does_not_leave() {
    let (reason, codes) = after(403, |_| World::new(4031).issue_mdl());
    assert_eq!(reason, UnsuitableReason::Quality(FindingCode::OtherThanRecorded));
    assert!(codes.contains(&FindingCode::OtherThanRecorded));
}

/// A-H61: what cannot be read is found to be so.
#[test]
fn unreadable_bytes_do_not_leave() {
    let (reason, codes) = after(404, |bytes| bytes[..40].to_vec());
    assert_eq!(reason, UnsuitableReason::Damaged);
    assert_eq!(codes[..1], [FindingCode::Unreadable]);
}

/// A good licence is good in all four; with the anchors of a stranger its signer is not trusted, and nothing else changes.
#[test]
fn a_good_document_is_good_and_a_stranger_s_is_not_trusted() {
    let holder = Holder::new(405);
    let report = holder.wallet.check(holder.licence, NOW, None).unwrap();
    assert!(report.is_usable());
    assert_eq!(report.state(Aspect::Correct), AspectState::Good);
    assert_eq!(report.state(Aspect::Sufficient), AspectState::Good);
    assert_eq!(report.state(Aspect::Live), AspectState::Good);
    let anchors = World::new(4051).issuer.anchors();
    let trust = idwallet_mdoc::verify::IssuerTrust::new(&anchors);
    let report = holder.wallet.check(holder.licence, NOW, Some(&trust)).unwrap();
    assert_eq!(report.state(Aspect::Correct), AspectState::Refused);
    assert!(report.findings.iter().any(|f| f.code == FindingCode::SignerUntrusted));
    let anchors = holder.world.issuer.anchors();
    let revoked = [holder.world.issuer.crl(&[&holder.world.issuer.signer])];
    let trust = idwallet_mdoc::verify::IssuerTrust::new(&anchors).crls(&revoked);
    let report = holder.wallet.check(holder.licence, NOW, Some(&trust)).unwrap();
    assert!(report.findings.iter().any(|f| f.code == FindingCode::SignerRevoked));
    assert!(!report.is_usable());
}

fn licence(world: &World, change: impl FnOnce(&mut Vec<(&'static str, ElementValue)>)) -> Vec<u8> {
    let mut elements = mdl_elements();
    change(&mut elements);
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements).copy(*world.device_key.public_key());
    issuer.issue(&world.random).unwrap().remove(0).issuer_signed
}

/// An insurance paper in which everything is right but what was changed; the codes that refuse it.
fn refused_for(seed: u64, change: impl FnOnce(&mut Vec<(&'static str, ElementValue)>)) -> Vec<String> {
    let (dir, world) = (Dir::new(), World::new(seed));
    let wallet = create(&dir.0);
    let good = || -> Vec<(&'static str, ElementValue)> {
        vec![
            ("number", text("0123456789")),
            ("full_name", text("Trần Văn Mẫu")),
            ("birth_date", Date::parse("1990-02-15").unwrap().into()),
            ("issue_date", Date::parse("2025-01-01").unwrap().into()),
            ("issuing_authority", text("Bảo hiểm xã hội Việt Nam")),
            ("issuing_country", text("UT")),
        ]
    };
    let issue = |elements: Vec<(&'static str, ElementValue)>| {
        let issuer = world.mdoc_issuer(INSURANCE);
        let add = |issuer: MdocIssuer<_>, (name, value)| issuer.element(INSURANCE, name, value);
        let copy = elements
            .into_iter()
            .fold(issuer, add)
            .copy(*world.device_key.public_key());
        copy.issue(&world.random).unwrap().remove(0).issuer_signed
    };
    let mut elements = good();
    change(&mut elements);
    let error = import(&wallet, &world, issue(elements)).unwrap_err();
    let accepted = Dir::new();
    import(&create(&accepted.0), &world, issue(good())).unwrap();
    assert_eq!(error.code(), Code::CredentialInsufficient);
    assert_eq!(wallet.count().unwrap(), 0);
    let WalletError::Issuer(refusal) = error else { panic!() };
    let RefusalReason::Quality(findings) = refusal.reason() else {
        panic!()
    };
    let refusals = findings.iter().filter(|f| f.is_refusal());
    refusals.map(|f| f.code.as_str().to_owned()).collect()
}

fn text(value: &str) -> ElementValue {
    value.into()
}

/// H-H32: a document without what it must have is refused whole.
#[test]
fn what_is_not_sufficient_is_refused() {
    let codes = refused_for(406, |elements| elements.retain(|(name, _)| *name != "number"));
    assert_eq!(codes, ["Q201"]);
}

/// H-H32: a number that is not in its format is refused whole.
#[test]
fn what_is_not_clean_is_refused() {
    let codes = refused_for(407, |elements| {
        let number = elements.iter_mut().find(|(name, _)| *name == "number").unwrap();
        number.1 = text("12-34");
    });
    assert_eq!(codes, ["Q305"]);
}

/// H-H32: what departs in a small way is taken, told, kept in the record, and told again before it is shown.
#[test]
fn a_warning_is_told_at_import_and_before_showing() {
    let (dir, world) = (Dir::new(), World::new(408));
    let wallet = create(&dir.0);
    let bytes = licence(&world, |elements| {
        let name = elements
            .iter_mut()
            .find(|(name, _)| *name == "resident_address")
            .unwrap();
        name.1 = text("1  Example Street");
    });
    let imported = import(&wallet, &world, bytes).unwrap();
    let is_it = |f: &&idwallet_wallet::Finding| f.code.as_str() == "Q303";
    let finding = imported.findings.iter().find(is_it).unwrap();
    assert!(!finding.is_refusal());
    assert_eq!(finding.element.as_ref().unwrap().1, "resident_address");
    assert!(finding.text(Lang::Vi).contains("khoảng trắng"));
    drop(wallet);
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    let request = world.request(&[(MDL_NAMESPACE, "height")]);
    let resolved = common::resolve(&wallet, &world, &request).unwrap();
    let candidate = &resolved.review().requests[0].candidates[0];
    assert!(candidate.warnings.iter().any(|f| is_it(&f)));
    assert!(
        wallet
            .check(imported.id, NOW, None)
            .unwrap()
            .findings
            .iter()
            .any(|f| is_it(&f))
    );
}

/// Validity is told, before its end too.
#[test]
fn what_is_not_live_is_told() {
    let holder = Holder::new(409);
    let at = |days: i64| {
        let report = holder
            .wallet
            .check(holder.licence, NOW.saturating_add_seconds(days * DAY), None)
            .unwrap();
        let codes: Vec<FindingCode> = report.findings.iter().map(|f| f.code).collect();
        (report.state(Aspect::Live), codes)
    };
    assert_eq!(at(0).0, AspectState::Good);
    assert!(at(90).1.contains(&FindingCode::ExpiresSoon));
    assert_eq!(at(90).0, AspectState::Warned);
    assert!(at(101).1.contains(&FindingCode::Expired));
    assert_eq!(at(101).0, AspectState::Refused);
    assert!(at(-2).1.contains(&FindingCode::NotYetValid));
}

/// Every code says in both languages what is so and what to do, has one of the four, and is unique.
#[test]
fn every_finding_is_unique_and_speaks_both_languages() {
    let mut seen = BTreeSet::new();
    for code in FindingCode::all() {
        assert!(seen.insert(code.as_str().to_owned()), "{code} twice");
        assert_eq!(FindingCode::from_code(code.as_str()), Some(code));
        let digit = match code.aspect() {
            Aspect::Correct => '1',
            Aspect::Sufficient => '2',
            Aspect::Clean => '3',
            Aspect::Live => '4',
        };
        assert_eq!(code.as_str().chars().nth(1), Some(digit));
        let (vi, en) = (code.text(Lang::Vi), code.text(Lang::En));
        assert!(vi.ends_with('.') && en.ends_with('.') && vi != en, "{code}");
        assert!(
            vi.matches(". ").count() + vi.matches("; ").count() >= 1,
            "{code} does not say what to do"
        );
    }
}

// ---- across documents ----

/// One person's papers, with what is to be wrong in them.
struct Paper {
    name: &'static str,
    number: String,
    birth: &'static str,
    sex: u64,
    paper: String,
    is_identity: bool,
    /// Days since it was signed.
    age: i64,
}

impl Paper {
    fn of(person: u64, paper: u64) -> Self {
        Self {
            name: ["An", "Bình", "Chi", "Dũng"][(person % 4) as usize],
            number: format!("0030{:02}{person:06}", 90),
            birth: ["1990-01-01", "1990-02-02", "1990-03-03", "1990-04-04", "1990-05-05"][(person % 5) as usize],
            sex: 1,
            paper: format!("P-{person}-{paper}"),
            is_identity: paper == 0,
            age: 10,
        }
    }

    fn issue(&self, world: &World, device: &idwallet_crypto::PublicKey) -> Vec<u8> {
        let birth: ElementValue = Date::parse(self.birth).unwrap().into();
        let doc_type = if self.is_identity { ID } else { INSURANCE };
        let signed = NOW.saturating_add_seconds(-self.age * DAY);
        let issuer = world
            .mdoc_issuer(doc_type)
            .validity(signed..NOW.saturating_add_seconds(100 * DAY));
        let issuer: MdocIssuer<_> = if self.is_identity {
            issuer
                .element("vn.id.1", "full_name", format!("Trần {}", self.name).as_str())
                .element("vn.id.1", "personal_number", self.number.as_str())
                .element("org.iso.23220.1", "birth_date", birth)
                .element("org.iso.23220.1", "sex", self.sex)
        } else {
            issuer
                .element(INSURANCE, "full_name", format!("TRẦN  {}", self.name).as_str())
                .element(INSURANCE, "personal_number", self.number.as_str())
                .element(INSURANCE, "birth_date", birth)
                .element(INSURANCE, "sex", self.sex)
                .element(INSURANCE, "number", self.paper.as_str())
        };
        issuer
            .copy(*device)
            .issue(&world.random)
            .unwrap()
            .remove(0)
            .issuer_signed
    }
}

/// A hundred documents of twenty people: an identity card and four social insurance papers each. Known to be wrong: three with another date
/// of birth, two with another sex, one with another name; two papers issued twice at one moment, three issued anew later. The finder
/// gets exactly those, and no signed byte changes.
#[test]
fn a_hundred_documents_with_known_faults() {
    let (dir, world) = (Dir::new(), World::new(410));
    let wallet = create(&dir.0);
    let mut papers: Vec<Paper> = (0..20).flat_map(|p| (0..5).map(move |n| Paper::of(p, n))).collect();
    assert_eq!(papers.len(), 100);
    let at = |person: usize, paper: usize| person * 5 + paper;
    for person in [2, 7, 11] {
        papers[at(person, 1)].birth = "1971-07-17";
    }
    for person in [3, 13] {
        papers[at(person, 2)].sex = 2;
    }
    papers[at(19, 3)].name = "Xuân";
    // A twin says the same of the same moment; an heir says the same later.
    for person in [4, 5] {
        papers[at(person, 4)].paper = format!("P-{person}-3");
    }
    for person in [8, 9, 10] {
        papers[at(person, 4)].paper = format!("P-{person}-3");
        papers[at(person, 4)].age = 1;
    }
    let mut ids = Vec::new();
    let mut stored = Vec::new();
    for (number, paper) in papers.iter().enumerate() {
        let device = key(Curve::P256, 41_000 + number as u64);
        let bytes = paper.issue(&world, device.public_key());
        stored.push(bytes.clone());
        let imported = import_loosely(&wallet, &world, vec![NewCopy::with_device_key(bytes, device)]).unwrap();
        ids.push(imported.id);
    }
    let place = |id: DocumentId| ids.iter().position(|known| *known == id).unwrap();
    let mut expected = BTreeSet::new();
    let mut both = |person: usize, paper: usize, element: &str, on: &str| {
        expected.insert((at(person, paper), "Q354", element.to_owned(), at(person, 0)));
        expected.insert((at(person, 0), "Q355", on.to_owned(), at(person, paper)));
    };
    for person in [2, 7, 11] {
        both(person, 1, "birth_date", "birth_date");
    }
    for person in [3, 13] {
        both(person, 2, "sex", "sex");
    }
    both(19, 3, "full_name", "full_name");
    for person in [4, 5] {
        expected.insert((at(person, 3), "Q351", String::new(), at(person, 4)));
        expected.insert((at(person, 4), "Q351", String::new(), at(person, 3)));
    }
    for person in [8, 9, 10] {
        // Of this insurance a person has one: the newest stands for those of other numbers too.
        for (paper, element) in [(1, "number"), (2, "number"), (3, "")] {
            expected.insert((at(person, paper), "Q352", element.to_owned(), at(person, 4)));
            expected.insert((at(person, 4), "Q353", element.to_owned(), at(person, paper)));
        }
    }
    let found = |wallet: &Wallet| -> BTreeSet<(usize, &'static str, String, usize)> {
        let checked = wallet.check_all(NOW, None).unwrap();
        assert!(checked.damaged.is_empty());
        let of = checked.documents.into_iter().flat_map(|report| {
            let id = report.document.id;
            report.findings.into_iter().map(move |finding| (id, finding))
        });
        of.filter_map(|(id, f)| {
            let element = f.element.map(|(_, element)| element).unwrap_or_default();
            Some((place(id), f.code.as_str(), element, place(f.other?)))
        })
        .collect()
    };
    assert_eq!(found(&wallet), expected);
    // What was noted at each import is the same, and one document alone is told the same.
    assert_eq!(wallet.compare_all().unwrap(), 0);
    let one = wallet.check(ids[at(8, 3)], NOW, None).unwrap();
    assert!(
        one.findings
            .iter()
            .any(|f| f.code == FindingCode::Superseded && f.other == Some(ids[at(8, 4)]))
    );
    // Without the newer one the older one is no longer superseded.
    block_on(wallet.remove(ids[at(8, 4)], NOW)).unwrap();
    assert_eq!(wallet.compare_all().unwrap(), 0, "the removal noted it");
    let one = wallet.check(ids[at(8, 3)], NOW, None).unwrap();
    assert!(one.findings.iter().all(|f| f.code != FindingCode::Superseded));
    // Signed bytes are what they were.
    drop(wallet);
    let area = SoftwareSecureArea::open(&dir.0.join(AREA_FILE), random()).unwrap();
    let vault = block_on(open_with_area(&dir.0.join(VAULT_FILE), &area, random())).unwrap();
    for (id, bytes) in ids.iter().zip(&stored).filter(|(id, _)| **id != ids[at(8, 4)]) {
        let kept = vault.read(COPY, RecordId::from_bytes(*id.as_bytes())).unwrap();
        assert_eq!(kept.data().expose(), bytes);
    }
}

/// H-H38: the newer issue is shown and the older is not, as long as the newer one can be.
#[test]
fn a_newer_issue_is_shown_instead() {
    let holder = Holder::new(411);
    let Holder {
        world,
        wallet,
        licence,
        dir: _dir,
    } = holder;
    let device = key(Curve::P256, 4111);
    let issuer = world
        .mdoc_issuer(MDL_DOC_TYPE)
        .validity(NOW.saturating_add_seconds(-3600)..NOW.saturating_add_seconds(50 * DAY));
    let newer = with_elements(issuer, mdl_elements()).copy(*device.public_key());
    let newer = newer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let imported = import_copies(&wallet, &world, vec![NewCopy::with_device_key(newer, device)]).unwrap();
    assert_eq!(imported.replaces().collect::<Vec<_>>(), [licence]);
    let request = world.request(&[(MDL_NAMESPACE, "height")]);
    let shown = |wallet: &Wallet, at: Timestamp| {
        let anchors = world.reader.anchors();
        let mut trust = world.reader_trust(&anchors, &[]);
        trust.at = at;
        let resolved = wallet.resolve(&request, &world.transcript, &trust).unwrap();
        let requested = &resolved.review().requests[0];
        let candidates: Vec<DocumentId> = requested.candidates.iter().map(|c| c.document).collect();
        (candidates, requested.unsuitable.first().map(|u| u.reason))
    };
    let superseded = UnsuitableReason::Quality(FindingCode::Superseded);
    assert_eq!(shown(&wallet, NOW), (vec![imported.id], Some(superseded)));
    // The newer one is over first: the older one serves again.
    assert_eq!(shown(&wallet, NOW.saturating_add_seconds(60 * DAY)).0, [licence]);
    assert_eq!(wallet.count().unwrap(), 2, "the older one is kept");
}

/// A credential whose copy is damaged is not written over: its owner is told what to do, and can do it.
#[test]
fn a_damaged_copy_is_taken_away_before_it_comes_again() {
    let Holder {
        world,
        wallet,
        licence,
        dir,
    } = Holder::new(412);
    drop(wallet);
    {
        let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
        let sql = "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = 2 AND id = ?";
        assert_eq!(raw.execute(sql, [licence.as_bytes().as_slice()]).unwrap(), 1);
    }
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    // Another credential of the same device key, and so of the same place in the vault.
    let error = import(&wallet, &world, world.issue_mdl()).unwrap_err();
    assert_eq!(error.code(), Code::HeldDamaged);
    assert!(error.text(Lang::Vi).contains("xóa bản hỏng"));
    block_on(wallet.remove(licence, NOW)).unwrap();
    import(&wallet, &world, world.issue_mdl()).unwrap();
}
