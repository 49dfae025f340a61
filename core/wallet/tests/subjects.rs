//! Whose a document is, who may show it, and which account level it states.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, block_on, create, random};
use idwallet_cose::cbor::Value;
use idwallet_crypto::{Curve, Date, Timestamp};
use idwallet_documents::{Lang, REQUIRED_ACCOUNT_LEVEL, Registry, Sensitivity};
use idwallet_mdoc::issue::MdocIssuer;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{DAY, NOW, World, key};
use idwallet_wallet::{
    Approval, Code, DocumentId, GUARDIANSHIP, GuardianPolicy, ImportOptions, MissingReason, NewCopy, Relation, Review,
    StateFault, UnsuitableReason, Wallet, WalletError, Ward,
};

const PHOTO_ID: &str = "org.iso.23220.photoID.1";
const VN: &str = "vn.id.1";
const ISO: &str = "org.iso.23220.1";
const OWNER: &str = "003090000017";
const CHILD: &str = "003318000052";

struct Desk {
    world: World,
    wallet: Wallet,
    dir: Dir,
    keys: u64,
}

impl Desk {
    fn new(seed: u64) -> Self {
        let (dir, world) = (Dir::new(), World::new(seed));
        Self {
            wallet: create(&dir.0),
            world,
            dir,
            keys: seed * 1000,
        }
    }

    fn import(
        &mut self,
        doc_type: &str,
        texts: &[(&str, &str)],
        level: Option<u64>,
        options: ImportOptions,
    ) -> DocumentId {
        self.keys += 1;
        let device = key(Curve::P256, self.keys);
        let space = if doc_type == GUARDIANSHIP { GUARDIANSHIP } else { VN };
        let issuer = self.world.mdoc_issuer(doc_type).copy(*device.public_key());
        let issuer = texts
            .iter()
            .fold(issuer, |issuer, (name, value)| match Date::parse(value) {
                Ok(date) => issuer.element(space, name, date),
                Err(_) => issuer.element(space, name, *value),
            });
        let issuer = level
            .into_iter()
            .fold(issuer, |i, level| i.element(VN, "account_level", level));
        let issuer = complete(issuer, doc_type, texts);
        let issued = issuer.issue(&self.world.random).unwrap().remove(0).issuer_signed;
        let anchors = self.world.issuer.anchors();
        let copies = vec![NewCopy::with_device_key(issued, device)];
        let trust = IssuerTrust::new(&anchors);
        block_on(
            self.wallet
                .import_with(copies, &Policy::generic().at(NOW), &trust, options),
        )
        .unwrap()
        .id
    }

    fn card(&mut self, number: &str, name: &str, options: ImportOptions) -> DocumentId {
        self.import(
            PHOTO_ID,
            &[("personal_number", number), ("full_name", name)],
            None,
            options,
        )
    }

    fn guardianship(&mut self, ward: &str, from: &str, until: &str) -> DocumentId {
        let texts = [
            ("ward_personal_number", ward),
            ("guardian_personal_number", OWNER),
            ("relation", "parent"),
            ("valid_from", from),
            ("valid_to", until),
        ];
        self.import(GUARDIANSHIP, &texts, None, ImportOptions::new())
    }

    fn review_at(&mut self, request: &[u8], at: Timestamp) -> Review {
        let anchors = self.world.reader.anchors();
        let mut trust = self.world.reader_trust(&anchors, &[]);
        trust.at = at;
        let resolved = self.wallet.resolve(request, &self.world.transcript, &trust).unwrap();
        resolved.review().clone()
    }

    fn review(&mut self) -> Review {
        self.review_at(&request(None), NOW)
    }
}

/// What every document of the type has to have beside what a test is about.
fn complete<S>(issuer: MdocIssuer<S>, doc_type: &str, texts: &[(&str, &str)]) -> MdocIssuer<S> {
    let date = |text: &str| Date::parse(text).unwrap();
    let said = |wanted: &str| texts.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let birth_date = |number: &str| match number {
        OWNER => date("1990-02-15"),
        CHILD => date("2018-06-01"),
        _ => date("2020-01-01"),
    };
    if doc_type == GUARDIANSHIP {
        let ward = said("ward_personal_number").unwrap();
        return issuer
            .element(GUARDIANSHIP, "guardian_name", "Trần Văn Mẫu")
            .element(GUARDIANSHIP, "ward_name", "Trần Thị Bé")
            .element(GUARDIANSHIP, "ward_birth_date", birth_date(ward))
            .element(GUARDIANSHIP, "scope", Value::Array(vec![Value::Text("all".into())]))
            .element(GUARDIANSHIP, "issue_date", date("2025-09-01"))
            .element(GUARDIANSHIP, "issuing_authority", "UBND")
            .element(GUARDIANSHIP, "issuing_country", "UT");
    }
    let issuer = if said("full_name").is_none() {
        issuer.element(VN, "full_name", "Trần Văn Mẫu")
    } else {
        issuer
    };
    let full_name = said("full_name").unwrap_or("Trần Văn Mẫu");
    let (family, given) = full_name.split_once(' ').unwrap();
    issuer
        .element(ISO, "family_name_unicode", family)
        .element(ISO, "given_name_unicode", given)
        .element(ISO, "birth_date", birth_date(said("personal_number").unwrap()))
        .element(ISO, "issue_date", date("2025-03-01"))
        .element(ISO, "issuing_authority_unicode", "Cơ quan cấp")
        .element(ISO, "issuing_country", "UT")
}

fn request(level: Option<u64>) -> Vec<u8> {
    let items = ItemsRequestBuilder::new(PHOTO_ID)
        .element(VN, "full_name", false)
        .element(VN, "personal_number", false)
        .element(VN, "account_level", false);
    let items = level
        .into_iter()
        .fold(items, |i, level| i.extension(REQUIRED_ACCOUNT_LEVEL, level));
    DeviceRequestBuilder::new().document(items).unsigned().unwrap()
}

fn child() -> ImportOptions {
    ImportOptions::new().ward(Ward::new(Relation::Child).called("Bé Na"))
}

/// A ward's document is shown as such in lists and reviews, after the owner's own, and survives the process.
#[test]
fn a_wards_document_is_told_apart() {
    let mut desk = Desk::new(401);
    let own = desk.card(OWNER, "Trần Văn Mẫu", ImportOptions::new());
    // Newer and fuller, and yet behind the owner's own.
    let texts = [("personal_number", CHILD), ("full_name", "Trần Thị Bé")];
    let of_child = desk.import(PHOTO_ID, &texts, Some(1), child());
    let Desk {
        wallet,
        dir,
        world,
        keys,
    } = desk;
    drop(wallet);
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    let mut desk = Desk {
        wallet,
        dir,
        world,
        keys,
    };
    let listing = desk.wallet.list(NOW).unwrap();
    let of = |id| listing.documents.iter().find(|d| d.id == id).unwrap().subject.clone();
    assert!(!of(own).is_ward());
    assert_eq!(
        of(of_child).ward().unwrap().text(Lang::Vi),
        "giấy tờ của con bạn (Bé Na)"
    );
    assert!(
        !format!("{:?}", of(of_child)).contains("Na"),
        "what a child is called is no debug output"
    );
    let review = desk.review();
    let candidates: Vec<_> = review.requests[0].candidates.iter().map(|c| c.document).collect();
    assert_eq!(candidates, [own, of_child]);
    assert_eq!(
        review.requests[0].candidates[1].subject.ward().unwrap().relation(),
        Relation::Child
    );
}

/// Nothing of a ward's document is ticked by the wallet itself, though the same of the owner's is.
#[test]
fn nothing_of_a_wards_document_is_preselected() {
    let level = |options: ImportOptions| {
        let mut desk = Desk::new(402);
        desk.import(PHOTO_ID, &[("personal_number", CHILD)], Some(1), options);
        let review = desk.review();
        let rows = review.requests[0].candidates[0].elements.iter();
        let ticked = rows.filter(|row| row.preselected).count();
        assert_eq!(Approval::preselected(&review).is_nothing(), ticked == 0);
        ticked
    };
    assert_eq!(level(ImportOptions::new()), 1, "the account level is harmless");
    assert_eq!(level(child()), 0);
}

/// H-H61: what leaves is told with the relation and no name, at once and in the history.
#[test]
fn what_is_shared_names_the_relation() {
    let mut desk = Desk::new(403);
    let of_child = desk.card(CHILD, "Trần Thị Bé", child());
    let anchors = desk.world.reader.anchors();
    let trust = desk.world.reader_trust(&anchors, &[]);
    let mut resolved = desk
        .wallet
        .resolve(&request(None), &desk.world.transcript, &trust)
        .unwrap();
    let handle = resolved.review().handle;
    let approval = Approval::nothing().select(0, of_child, VN, "full_name");
    let answer = block_on(desk.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    assert_eq!(answer.shared[0].on_behalf_of, Some(Relation::Child));
    assert!(!format!("{:?}", answer.shared).contains("Na"));
    // The history says so too: in its records, its export and its text, in both languages.
    let of_owner = desk.card(OWNER, "Trần Văn Mẫu", ImportOptions::new());
    let mut resolved = desk
        .wallet
        .resolve(&request(None), &desk.world.transcript, &trust)
        .unwrap();
    let handle = resolved.review().handle;
    let approval = Approval::nothing().select(0, of_owner, VN, "full_name");
    block_on(desk.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    let history = desk.wallet.history().unwrap();
    let shared: Vec<_> = history.entries.iter().flat_map(|entry| &entry.shared).collect();
    let on_behalf: Vec<_> = shared.iter().map(|s| s.on_behalf_of.as_deref()).collect();
    assert_eq!(on_behalf, [Some("child"), None]);
    let told = |lang| -> Vec<String> {
        let details = history.entries.iter().flat_map(|entry| entry.details(lang));
        details
            .filter(|(caption, _)| ["Bạn đã chia sẻ", "You shared"].contains(caption))
            .map(|(_, text)| text)
            .collect()
    };
    for (lang, whose) in [
        (Lang::Vi, "(giấy tờ của con bạn): "),
        (Lang::En, "(your child's document): "),
    ] {
        let told = told(lang);
        assert!(told[0].contains(whose) && !told[1].contains(whose), "{told:?}");
        assert!(!told[0].contains("Na)"));
    }
}

/// The credential of guardianship about the same ward is found, with its last day; one about another child is not.
#[test]
fn the_authority_of_a_guardian_is_shown() {
    let mut desk = Desk::new(404);
    desk.card(CHILD, "Trần Thị Bé", child());
    desk.guardianship("003320000011", "2020-01-01", "2038-01-01");
    assert_eq!(desk.review().requests[0].candidates[0].authority, None);
    let fits = desk.guardianship(CHILD, "2018-06-01", "2036-05-31");
    let authority = desk.review().requests[0].candidates[0].authority.clone().unwrap();
    assert_eq!((authority.document, authority.holds), (fits, true));
    assert_eq!(authority.text(Lang::Vi), "Bạn được thay mặt đến hết ngày 31/05/2036.");
    assert_eq!(authority.relation.text(Lang::En), "Parent");
}

/// What authorises the owner and is over keeps a ward's document from being shown, as far as the policy says; the last day counts.
#[test]
fn an_authority_that_is_over_is_refused_by_policy() {
    let reason = |until: &str, policy: GuardianPolicy| {
        let mut desk = Desk::new(405);
        desk.wallet = desk.wallet.with_guardian_policy(policy);
        desk.card(CHILD, "Trần Thị Bé", child());
        desk.guardianship(CHILD, "2018-06-01", until);
        desk.review().requests[0].unsuitable.first().map(|u| u.reason)
    };
    let (today, yesterday) = ("2026-06-01", "2026-05-31");
    assert_eq!(reason(today, GuardianPolicy::NotExpired), None);
    assert_eq!(
        reason(yesterday, GuardianPolicy::NotExpired),
        Some(UnsuitableReason::Authority)
    );
    assert_eq!(reason(yesterday, GuardianPolicy::Inform), None);
    assert_eq!(reason(today, GuardianPolicy::Required), None);
    assert_eq!(
        reason(yesterday, GuardianPolicy::Required),
        Some(UnsuitableReason::Authority)
    );
    let mut desk = Desk::new(406);
    desk.wallet = desk.wallet.with_guardian_policy(GuardianPolicy::Required);
    desk.card(CHILD, "Trần Thị Bé", child());
    assert_eq!(
        desk.review().requests[0].unsuitable[0].reason,
        UnsuitableReason::Authority
    );
    // The owner's own needs none.
    desk.card(OWNER, "Trần Văn Mẫu", ImportOptions::new());
    assert_eq!(desk.review().requests[0].candidates.len(), 1);
}

/// Level 1 is not given where the reader needs level 2, and the owner is told what to do; without that need it is.
#[test]
fn account_level_1_is_refused_where_level_2_is_asked() {
    let review = |has: Option<u64>, needed: Option<u64>| {
        let mut desk = Desk::new(407);
        desk.import(PHOTO_ID, &[("personal_number", OWNER)], has, ImportOptions::new());
        desk.review_at(&request(needed), NOW)
    };
    let refused = |has, needed| review(has, needed).requests[0].unsuitable.first().map(|u| u.reason);
    let too_low = |has| Some(UnsuitableReason::AccountLevel { needed: 2, has });
    assert_eq!(refused(Some(1), Some(2)), too_low(Some(1)));
    assert_eq!(refused(None, Some(2)), too_low(None));
    assert_eq!(refused(Some(2), Some(2)), None);
    assert_eq!(refused(Some(1), Some(1)), None);
    assert_eq!(refused(Some(1), None), None);
    // A-H48: what is no level is ignored.
    assert_eq!(refused(Some(1), Some(7)), None);
    let told = review(Some(1), Some(2)).requests[0].why_none(Lang::Vi).unwrap();
    assert!(told.contains("mức độ 2") && told.contains("công an"));
    assert_eq!(review(Some(2), Some(2)).requests[0].account_level, Some(2));
}

/// H-H21: a level that is too low looks to the reader like a wallet that has nothing.
#[test]
fn a_level_that_is_too_low_looks_like_having_nothing() {
    let answer = |level: Option<u64>| {
        let mut desk = Desk::new(408);
        if level.is_some() {
            desk.import(PHOTO_ID, &[("personal_number", OWNER)], level, ImportOptions::new());
        }
        let anchors = desk.world.reader.anchors();
        let trust = desk.world.reader_trust(&anchors, &[]);
        let mut resolved = desk
            .wallet
            .resolve(&request(Some(2)), &desk.world.transcript, &trust)
            .unwrap();
        desk.wallet.decline(&mut resolved).unwrap().device_response
    };
    assert_eq!(answer(Some(1)), answer(None));
}

/// Why each element is missing is told to the owner: not in this document, in no document of the type.
#[test]
fn why_an_element_is_missing_is_told() {
    let mut desk = Desk::new(409);
    desk.card(OWNER, "Trần Văn Mẫu", ImportOptions::new());
    let items = ItemsRequestBuilder::new(PHOTO_ID)
        .element(VN, "full_name", false)
        .element(VN, "religion", false)
        .element(VN, "shoe_size", false);
    let request = DeviceRequestBuilder::new().document(items).unsigned().unwrap();
    let review = desk.review_at(&request, NOW);
    let missing = &review.requests[0].candidates[0].missing;
    let reasons: Vec<_> = missing.iter().map(|m| (m.asked.element.as_str(), m.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("religion", MissingReason::NotInDocument),
            ("shoe_size", MissingReason::NotKnown)
        ]
    );
}

/// H-H19: the example of every type, asked for everything it has: nothing sensitive is ticked by the wallet, and an element that the
/// type does not know counts as very sensitive.
#[test]
fn no_sensitive_field_of_any_type_is_preselected() {
    let registry = Registry::builtin().unwrap();
    let (mut types, mut ticked, mut unticked) = (0, 0, 0);
    for kind in registry.types() {
        let file = format!("{}/../../examples/data/{}.json", env!("CARGO_MANIFEST_DIR"), kind.key());
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let data = kind.read_data(&bytes).unwrap();
        let mut desk = Desk::new(410);
        let device = key(Curve::P256, desk.keys);
        let mut issuer = desk.world.mdoc_issuer(kind.doc_type()).copy(*device.public_key());
        let mut items = ItemsRequestBuilder::new(kind.doc_type());
        for element in &data.elements {
            let (space, name) = (element.namespace.as_str(), element.element.as_str());
            items = items.element(space, name, false);
            let value = match name {
                "issuing_country" => Value::Text("UT".into()),
                _ => element.value.to_cbor(),
            };
            issuer = issuer.element(space, name, value);
        }
        let issued = issuer.issue(&desk.world.random).unwrap().remove(0).issuer_signed;
        let copies = vec![NewCopy::with_device_key(issued, device)];
        let anchors = desk.world.issuer.anchors();
        let trust = IssuerTrust::new(&anchors);
        block_on(desk.wallet.import(copies, &Policy::lenient().at(NOW), &trust)).unwrap();
        types += 1;
        let request = DeviceRequestBuilder::new().document(items).unsigned().unwrap();
        let review = desk.review_at(&request, NOW);
        for row in &review.requests[0].candidates[0].elements {
            let worst = row.gives.iter().map(|given| given.sensitivity).max().unwrap();
            assert_eq!(row.preselected, worst == Sensitivity::Normal, "{}", row.asked.element);
            let is_known = kind.field(&row.asked.name_space, &row.asked.element).is_some();
            assert!(is_known || worst == Sensitivity::VerySensitive);
            ticked += usize::from(row.preselected);
            unticked += usize::from(!row.preselected);
        }
    }
    assert!(types >= 12, "{types} types");
    assert!(ticked > 20 && unticked > 60, "{ticked} ticked, {unticked} not");
}

fn respond_at(desk: &mut Desk, seconds: i64) -> Result<(), WalletError> {
    let anchors = desk.world.reader.anchors();
    let trust = desk.world.reader_trust(&anchors, &[]);
    let mut resolved = desk
        .wallet
        .resolve(&request(None), &desk.world.transcript, &trust)
        .unwrap();
    let review = resolved.review().clone();
    let at = NOW.saturating_add_seconds(seconds);
    block_on(
        desk.wallet
            .respond(&mut resolved, review.handle, &Approval::everything(&review), at),
    )
    .map(|_| ())
}

/// H-H19: an approval is for a review of the last five minutes, not for one of long ago or of another time.
#[test]
fn a_review_grows_old() {
    let mut desk = Desk::new(411);
    desk.card(OWNER, "Trần Văn Mẫu", ImportOptions::new());
    for good in [0, 300] {
        assert!(respond_at(&mut desk, good).is_ok());
    }
    for bad in [301, -1, DAY, -DAY] {
        let error = respond_at(&mut desk, bad).unwrap_err();
        assert_eq!(error.code(), Code::ReviewStale, "{bad}");
        assert!(matches!(error, WalletError::InvalidState(StateFault::StaleReview)));
    }
}

/// A document that expired while the person looked at the review is not given.
#[test]
fn what_expired_since_the_review_is_not_given() {
    let mut desk = Desk::new(412);
    desk.card(OWNER, "Trần Văn Mẫu", ImportOptions::new());
    let last = NOW.saturating_add_seconds(100 * DAY - 10);
    let anchors = desk.world.reader.anchors();
    let mut trust = desk.world.reader_trust(&anchors, &[]);
    trust.at = last;
    let answer = |desk: &mut Desk, seconds: i64| {
        let mut resolved = desk
            .wallet
            .resolve(&request(None), &desk.world.transcript, &trust)
            .unwrap();
        let review = resolved.review().clone();
        let at = last.saturating_add_seconds(seconds);
        block_on(
            desk.wallet
                .respond(&mut resolved, review.handle, &Approval::everything(&review), at),
        )
    };
    assert!(answer(&mut desk, 5).is_ok());
    assert_eq!(answer(&mut desk, 15).unwrap_err().code(), Code::ReviewStale);
}
