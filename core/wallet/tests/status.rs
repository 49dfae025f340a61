//! Status lists over held documents (H-H55), and requests for correction.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, block_on, create, import_copies};
use idwallet_crypto::{Curve, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::issue::MdocCopy;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_status_list::{Bits, IdentifierListBuilder, Status, StatusListBuilder};
use idwallet_test_support::{DAY, NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Code, CorrectionAnswer, CorrectionState, DisputedField, DocumentId, DocumentState, FindingCode, ListKind, NewCopy,
    StatusPolicy, StatusReport, UnsuitableReason, Wallet, WalletError, verify_correction,
};

const URI: &str = "https://example.org/status/1";
const HOUR: i64 = 3600;

struct Desk {
    world: World,
    wallet: Wallet,
    licence: DocumentId,
    _dir: Dir,
}

fn ago(hours: i64) -> Timestamp {
    NOW.saturating_add_seconds(-hours * HOUR)
}

impl Desk {
    fn new(seed: u64) -> Self {
        Self::with(seed, |copy| copy.status_list(7, URI))
    }

    fn with(seed: u64, reference: impl FnOnce(MdocCopy) -> MdocCopy) -> Self {
        let (dir, world) = (Dir::new(), World::new(seed));
        let wallet = create(&dir.0);
        let copy = reference(MdocCopy::new(*world.device_key.public_key()));
        let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(copy);
        let bytes = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
        let copies = vec![NewCopy::with_device_key(bytes, common::again(&world.device_key))];
        let licence = import_copies(&wallet, &world, copies).unwrap().id;
        Self {
            world,
            wallet,
            licence,
            _dir: dir,
        }
    }

    /// A list of this authority, issued then, that says this of the licence.
    fn list(&self, by: &World, status: Status, issued: Timestamp) -> Vec<u8> {
        let mut builder = StatusListBuilder::new(Bits::Two, 64)
            .unwrap()
            .uri(URI)
            .validity(issued, NOW.saturating_add_seconds(30 * DAY));
        if status != Status::Valid {
            builder.set(7, status).unwrap();
        }
        builder
            .sign(&by.issuer.signer_key, core::slice::from_ref(&by.issuer.signer))
            .unwrap()
    }

    fn update(&mut self, list: &[u8]) -> Result<StatusReport, WalletError> {
        let anchors = self.world.issuer.anchors();
        self.wallet.update_status(list, &IssuerTrust::new(&anchors), NOW)
    }

    fn says(&mut self, status: Status, issued: Timestamp) -> StatusReport {
        let list = self.list(&self.world, status, issued);
        self.update(&list).unwrap()
    }

    fn state(&self) -> DocumentState {
        self.wallet.list(NOW).unwrap().documents[0].state
    }

    /// Why it is not offered; `None` when it is.
    fn refusal(&self) -> Option<UnsuitableReason> {
        let request = self.world.request(&[(MDL_NAMESPACE, "height")]);
        let resolved = common::resolve(&self.wallet, &self.world, &request).unwrap();
        let requested = &resolved.review().requests[0];
        assert_eq!(requested.candidates.is_empty(), !requested.unsuitable.is_empty());
        requested.unsuitable.first().map(|u| u.reason)
    }

    fn codes(&self) -> Vec<FindingCode> {
        let report = self.wallet.check(self.licence, NOW, None).unwrap();
        report.findings.iter().map(|f| f.code).collect()
    }
}

/// H-H55, G-C07: a suspended document is not offered, is shown as such, and comes back.
#[test]
fn a_suspended_document_comes_back() {
    let mut desk = Desk::new(501);
    assert_eq!(desk.refusal(), None);
    let report = desk.says(Status::Suspended, ago(3));
    assert_eq!((report.checked, report.changed.len()), (1, 1));
    assert_eq!(report.changed[0].after, DocumentState::Suspended);
    assert!(report.changed[0].text(Lang::Vi).contains("tạm khóa"));
    assert_eq!(desk.state(), DocumentState::Suspended);
    assert_eq!(desk.refusal(), Some(UnsuitableReason::State(DocumentState::Suspended)));
    assert!(desk.codes().contains(&FindingCode::Suspended));
    let report = desk.says(Status::Valid, ago(2));
    assert_eq!(report.changed[0].after, DocumentState::Active);
    assert_eq!((desk.state(), desk.refusal()), (DocumentState::Active, None));
}

/// VCR_04: what was revoked stays revoked, whatever a later list says.
#[test]
fn a_revoked_document_does_not_come_back() {
    let mut desk = Desk::new(502);
    desk.says(Status::Invalid, ago(3));
    assert_eq!(desk.refusal(), Some(UnsuitableReason::State(DocumentState::Revoked)));
    let report = desk.says(Status::Valid, ago(2));
    assert!(report.changed.is_empty());
    assert_eq!(desk.state(), DocumentState::Revoked);
    assert!(desk.codes().contains(&FindingCode::Revoked));
}

/// H-H55: a list of yesterday does not undo what that of today says.
#[test]
fn an_older_list_changes_nothing() {
    let mut desk = Desk::new(503);
    desk.says(Status::Suspended, ago(2));
    let report = desk.says(Status::Valid, ago(3));
    assert_eq!((report.checked, report.outdated), (0, 1));
    assert_eq!(desk.state(), DocumentState::Suspended);
    desk.says(Status::Valid, ago(1));
    assert_eq!(desk.state(), DocumentState::Active);
}

/// A-V30, G-V07: a list of another authority, one that was altered, and one that is over change nothing.
#[test]
fn a_list_that_cannot_be_believed_changes_nothing() {
    let mut desk = Desk::new(504);
    let stranger = World::new(5041);
    let good = desk.list(&desk.world, Status::Invalid, ago(2));
    let mut altered = good.clone();
    let end = altered.len() - 1;
    altered[end] ^= 1;
    for list in [
        desk.list(&stranger, Status::Invalid, ago(2)),
        altered,
        good[..good.len() - 5].to_vec(),
    ] {
        let error = desk.update(&list).unwrap_err();
        assert_eq!(error.code(), Code::StatusListRefused);
        assert_eq!((desk.state(), desk.refusal()), (DocumentState::Active, None));
    }
    // The same list unaltered counts.
    desk.update(&good).unwrap();
    assert_eq!(desk.state(), DocumentState::Revoked);
}

/// VCR_10, H-H55: identifier lists are understood too.
#[test]
fn an_identifier_list_revokes() {
    let mut desk = Desk::with(505, |copy| copy.identifier_list(vec![9, 9], URI));
    assert_eq!(desk.wallet.status_sources().unwrap()[0].kind, ListKind::IdentifierList);
    let list = |desk: &Desk, ids: &[&[u8]], issued| {
        let mut builder = IdentifierListBuilder::new()
            .uri(URI)
            .validity(issued, NOW.saturating_add_seconds(DAY));
        for id in ids {
            builder.revoke(id).unwrap();
        }
        builder
            .sign(
                &desk.world.issuer.signer_key,
                core::slice::from_ref(&desk.world.issuer.signer),
            )
            .unwrap()
    };
    let none = list(&desk, &[&[1, 1]], ago(3));
    assert!(desk.update(&none).unwrap().changed.is_empty());
    let its = list(&desk, &[&[9, 9]], ago(2));
    assert_eq!(desk.update(&its).unwrap().changed[0].after, DocumentState::Revoked);
}

/// G-H01: what to fetch and when; freshness by policy, as a warning or as a condition.
#[test]
fn freshness_is_by_policy() {
    let mut desk = Desk::new(506);
    let sources = desk.wallet.status_sources().unwrap();
    assert_eq!(
        (sources[0].uri.as_str(), sources[0].due, sources[0].documents),
        (URI, None, 1)
    );
    assert!(desk.codes().contains(&FindingCode::StatusUnknown));
    let policy = |required| StatusPolicy {
        max_age: 24 * 3600,
        required,
    };
    let set = |desk: &mut Desk, required| desk.wallet.set_status_policy(policy(required));
    set(&mut desk, true);
    assert_eq!(
        desk.refusal(),
        Some(UnsuitableReason::Quality(FindingCode::StatusUnknown))
    );
    desk.says(Status::Valid, ago(48));
    assert_eq!(desk.refusal(), Some(UnsuitableReason::Quality(FindingCode::StatusOld)));
    set(&mut desk, false);
    assert_eq!(desk.refusal(), None);
    assert!(desk.codes().contains(&FindingCode::StatusOld));
    desk.says(Status::Valid, ago(1));
    set(&mut desk, true);
    assert_eq!(desk.refusal(), None);
    assert!(!desk.codes().contains(&FindingCode::StatusOld));
    let due = desk.wallet.status_sources().unwrap()[0].due.unwrap();
    assert_eq!(due, ago(1).saturating_add_seconds(DAY));
}

/// G-V05, A-V30: one list speaks for many copies, of each by its own place; an index beyond the list and a document of another authority
/// take nothing from the others.
#[test]
fn one_list_speaks_for_many_copies() {
    let dir = Dir::new();
    let (world, stranger) = (World::new(510), World::new(511));
    let wallet = create(&dir.0);
    let add = |world: &World, number: u64, copies: &[u64]| {
        let keys: Vec<_> = copies
            .iter()
            .map(|index| key(Curve::P256, number * 1000 + index))
            .collect();
        let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements());
        let issuer = issuer.copies(
            keys.iter()
                .zip(copies)
                .map(|(key, index)| MdocCopy::new(*key.public_key()).status_list(*index, URI)),
        );
        let issued = issuer.issue(&world.random).unwrap().into_iter();
        let copies = issued
            .zip(keys)
            .map(|(mdoc, key)| NewCopy::with_device_key(mdoc.issuer_signed, key));
        import_copies(&wallet, world, copies.collect()).unwrap().id
    };
    let suspended = add(&world, 1, &[3, 4]);
    let half = add(&world, 2, &[5, 6]);
    let beyond = add(&world, 3, &[64]);
    let foreign = add(&stranger, 4, &[3]);
    let mut list = StatusListBuilder::new(Bits::Two, 64)
        .unwrap()
        .uri(URI)
        .validity(ago(1), NOW.saturating_add_seconds(DAY));
    for index in [3, 4, 5] {
        list.set(index, Status::Suspended).unwrap();
    }
    let list = list
        .sign(&world.issuer.signer_key, core::slice::from_ref(&world.issuer.signer))
        .unwrap();
    let mut anchors = world.issuer.anchors();
    anchors.add(stranger.issuer.authority.clone());
    let report = wallet.update_status(&list, &IssuerTrust::new(&anchors), NOW).unwrap();
    assert_eq!((report.checked, report.outdated), (2, 0));
    let changed: Vec<DocumentId> = report.changed.iter().map(|change| change.document).collect();
    assert_eq!(changed, [suspended]);
    let state = |id: DocumentId| {
        let listing = wallet.list(NOW).unwrap();
        let document = listing.documents.into_iter().find(|d| d.id == id).unwrap();
        (document.state, document.copies.unused)
    };
    assert_eq!(state(suspended), (DocumentState::Suspended, 0));
    assert_eq!(state(half), (DocumentState::Active, 1));
    for id in [beyond, foreign] {
        assert_eq!(state(id), (DocumentState::Active, 1));
        let report = wallet.check(id, NOW, None).unwrap();
        assert!(report.findings.iter().any(|f| f.code == FindingCode::StatusUnknown));
    }
}

/// A request for correction: signed, with the claimed value only where its owner wants it, and each step once.
#[test]
fn a_request_for_correction_is_drafted_sent_and_answered() {
    let desk = Desk::new(507);
    let field = |element: &str, claimed: Option<&str>| DisputedField {
        name_space: MDL_NAMESPACE.into(),
        element: element.into(),
        claimed: claimed.map(str::to_owned),
    };
    let fields = [field("birth_date", None), field("family_name", Some("Musterfrau"))];
    let draft = block_on(
        desk.wallet
            .draft_correction(desk.licence, &fields, "Married since.", NOW),
    )
    .unwrap();
    assert_eq!(draft.state, CorrectionState::Drafted);
    let content = verify_correction(&draft.file).unwrap();
    assert_eq!(
        (content.fields, content.reason.as_str()),
        (fields.to_vec(), "Married since.")
    );
    for hidden in [&b"Mustermann"[..], b"1986-02-17", b"Erika"] {
        assert!(
            !common::contains(&draft.file, hidden),
            "nothing of the document's values is in it"
        );
    }
    for at in [20, draft.file.len() / 2, draft.file.len() - 1] {
        let mut altered = draft.file.clone();
        altered[at] ^= 1;
        assert!(verify_correction(&altered).is_none());
    }
    let early = desk
        .wallet
        .mark_answered(draft.id, CorrectionAnswer::Refused, NOW)
        .unwrap_err();
    assert_eq!(early.code(), Code::CorrectionState);
    desk.wallet.mark_sent(draft.id, NOW).unwrap();
    assert_eq!(
        desk.wallet.mark_sent(draft.id, NOW).unwrap_err().code(),
        Code::CorrectionState
    );
    let later = NOW.saturating_add_seconds(DAY);
    desk.wallet
        .mark_answered(draft.id, CorrectionAnswer::Accepted, later)
        .unwrap();
    let kept = desk.wallet.corrections().unwrap();
    let answered = CorrectionState::Answered {
        sent_at: NOW,
        at: later,
        answer: CorrectionAnswer::Accepted,
    };
    assert_eq!((kept.len(), kept[0].state), (1, answered));
    // A second request is of the same wallet.
    let second = block_on(desk.wallet.draft_correction(desk.licence, &fields[..1], "", NOW)).unwrap();
    assert_eq!(verify_correction(&second.file).unwrap().key, content.key);
    let none = block_on(desk.wallet.draft_correction(desk.licence, &[], "", NOW)).unwrap_err();
    assert_eq!(none.code(), Code::CorrectionSize);
}
