//! How copies are used, counted, fetched anew and taken away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, again, block_on, create, random};
use idwallet_crypto::{Curve, PrivateKey, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{DAY, NOW, Pki, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Approval, Code, CopiesPolicy, CopyMethod, CopyUse, DocumentId, ImportOptions, NewCopy, ReissueReason,
    ResolvedRequest, UnsuitableReason, Wallet, WalletError,
};
use std::collections::BTreeSet;

struct Desk {
    world: World,
    wallet: Wallet,
    licence: DocumentId,
    dir: Dir,
}

impl Desk {
    fn new(seed: u64, copies: u64, policy: CopiesPolicy) -> Self {
        let (dir, world) = (Dir::new(), World::new(seed));
        let wallet = create(&dir.0);
        let licence = import(&wallet, &world, seed, copies, Some(policy));
        Self {
            world,
            wallet,
            licence,
            dir,
        }
    }

    fn resolve(&mut self) -> ResolvedRequest {
        let request = self.world.request(&[(MDL_NAMESPACE, "family_name")]);
        common::resolve(&self.wallet, &self.world, &request).unwrap()
    }

    fn copy_use(&mut self) -> Option<CopyUse> {
        self.resolve().review().requests[0].candidates.first().map(|c| c.copy)
    }

    /// Shows the licence; the `issuerAuth` that left, which is another one for each copy.
    fn show(&mut self) -> Vec<u8> {
        let mut resolved = self.resolve();
        self.answer(&mut resolved).unwrap()
    }

    fn answer(&mut self, resolved: &mut ResolvedRequest) -> Result<Vec<u8>, WalletError> {
        let review = resolved.review().clone();
        let approval = Approval::everything(&review);
        let answer = block_on(self.wallet.respond(resolved, review.handle, &approval, NOW))?;
        Ok(issuer_auth(&answer.device_response))
    }

    fn reopen(self) -> Self {
        let Self {
            world,
            wallet,
            licence,
            dir,
        } = self;
        drop(wallet);
        let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
        Self {
            world,
            wallet,
            licence,
            dir,
        }
    }
}

fn import(wallet: &Wallet, world: &World, seed: u64, copies: u64, policy: Option<CopiesPolicy>) -> DocumentId {
    let keys: Vec<PrivateKey> = (0..copies).map(|n| key(Curve::P256, seed * 1000 + n)).collect();
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements());
    let issuer = issuer.copies(keys.iter().map(|k| *k.public_key()));
    let issued = issuer.issue(&world.random).unwrap().into_iter().zip(&keys);
    let copies = issued.map(|(mdoc, key)| NewCopy::with_device_key(mdoc.issuer_signed, again(key)));
    let anchors = world.issuer.anchors();
    let mut options = ImportOptions::new();
    options.copies = policy;
    let trust = IssuerTrust::new(&anchors);
    block_on(wallet.import_with(copies.collect(), &Policy::iso().at(NOW), &trust, options))
        .unwrap()
        .id
}

fn issuer_auth(response: &[u8]) -> Vec<u8> {
    let response = idwallet_mdoc::DeviceResponse::parse(response).unwrap();
    response.documents()[0].issuer_signed().issuer_auth().bytes().to_vec()
}

/// H-H36 A: each copy once, then the document is not offered, and the owner is told why.
#[test]
fn once_only_copies_end() {
    let mut desk = Desk::new(301, 2, CopiesPolicy::new(CopyMethod::OnceOnly));
    assert_ne!(desk.show(), desk.show());
    let mut desk = desk.reopen();
    let resolved = desk.resolve();
    let asked = &resolved.review().requests[0];
    assert_eq!(asked.unsuitable[0].reason, UnsuitableReason::NoCopies);
    assert!(asked.why_none(Lang::Vi).unwrap().contains("hết các bản"));
    // Without copies the answer is that of a wallet that has nothing (A-H58).
    let mut resolved = desk.resolve();
    let nothing = desk.wallet.decline(&mut resolved).unwrap().device_response;
    let licence = desk.licence;
    block_on(desk.wallet.remove(licence, NOW)).unwrap();
    let mut empty = desk.resolve();
    assert_eq!(desk.wallet.decline(&mut empty).unwrap().device_response, nothing);
}

/// H-H36 A→B: the fallback of the policy is offered as what it is, and shown with the owner's word only.
#[test]
fn a_copy_is_shown_again_only_with_the_owners_word() {
    let policy = CopiesPolicy::new(CopyMethod::OnceOnly).then(CopyMethod::LimitedTime);
    let mut desk = Desk::new(302, 2, policy);
    desk.show();
    desk.show();
    assert_eq!(desk.copy_use(), Some(CopyUse::Again));
    let mut resolved = desk.resolve();
    let error = desk.answer(&mut resolved).unwrap_err();
    assert_eq!(error.code(), Code::CopyAgain);
    assert!(!resolved.is_answered());
    let review = resolved.review().clone();
    let approval = Approval::everything(&review).allow_again(desk.licence);
    let answer = block_on(desk.wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    assert_eq!(answer.shared[0].copies_left, Some(0));
}

/// H-H36 A→B: with new copies, A is in force again: the newer document is shown.
#[test]
fn new_copies_bring_the_first_method_back() {
    let policy = || Some(CopiesPolicy::new(CopyMethod::OnceOnly).then(CopyMethod::LimitedTime));
    let mut desk = Desk::new(303, 1, policy().unwrap());
    desk.show();
    assert_eq!(desk.copy_use(), Some(CopyUse::Again));
    let newer = import(&desk.wallet, &desk.world, 3031, 2, policy());
    let resolved = desk.resolve();
    let candidates = &resolved.review().requests[0].candidates;
    let fresh = candidates.iter().find(|c| c.document == newer).unwrap();
    assert_eq!(fresh.copy, CopyUse::Fresh { left_after: 1 });
}

/// H-H36 B: one copy until its validity ends, without counting.
#[test]
fn a_limited_time_copy_is_shown_again_and_again() {
    let mut desk = Desk::new(304, 2, CopiesPolicy::new(CopyMethod::LimitedTime));
    let first = desk.show();
    assert_eq!(desk.show(), first);
    assert_eq!(
        desk.wallet.list(NOW).unwrap().documents[0].copies.unused,
        2,
        "nothing is marked"
    );
    assert!(matches!(desk.copy_use(), Some(CopyUse::LimitedTime { .. })));
    assert_eq!(desk.wallet.list(NOW).unwrap().documents[0].copies.left, None);
}

/// H-H36 C, H-H37: every copy once a round, in an order that chance makes.
#[test]
fn a_rotating_batch_shows_every_copy_once_a_round() {
    let mut orders = BTreeSet::new();
    let mut desk = Desk::new(305, 4, CopiesPolicy::new(CopyMethod::RotatingBatch));
    for round in 0..6 {
        let mut seen = Vec::new();
        for left_after in [3, 2, 1, 0] {
            let expected = if round == 0 {
                CopyUse::Fresh { left_after }
            } else {
                CopyUse::Rotated { left_after }
            };
            assert_eq!(desk.copy_use(), Some(expected));
            seen.push(desk.show());
        }
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 4, "each copy once");
        orders.insert(seen);
    }
    assert!(orders.len() > 1, "six rounds in one order: 1 in 24^5");
}

fn request_of(world: &World, reader: Option<&Pki>) -> Vec<u8> {
    let items = ItemsRequestBuilder::new(MDL_DOC_TYPE).element(MDL_NAMESPACE, "family_name", false);
    let builder = DeviceRequestBuilder::new().document(items);
    match reader {
        None => builder.unsigned().unwrap(),
        Some(pki) => builder
            .reader_auth(ReaderCertificates::new(core::slice::from_ref(&pki.signer)).unwrap())
            .sign(&world.transcript, &pki.signer_key)
            .unwrap(),
    }
}

/// H-H36 D, H-H37: a verified reader sees the copy that it saw before, another one does not, and one who does not say who it is gets
/// one that nobody has seen.
#[test]
fn a_reader_sees_its_own_copy_again() {
    let mut desk = Desk::new(306, 3, CopiesPolicy::new(CopyMethod::PerReader));
    let other = Pki::reader(Curve::P256, 3061);
    let show = |desk: &mut Desk, reader: Option<&Pki>| {
        let mut anchors = desk.world.reader.anchors();
        anchors.add(other.authority.clone());
        let trust = desk.world.reader_trust(&anchors, &[]);
        let request = request_of(&desk.world, reader);
        let mut resolved = desk.wallet.resolve(&request, &desk.world.transcript, &trust).unwrap();
        let copy = resolved.review().requests[0].candidates.first().map(|c| c.copy)?;
        Some((copy, desk.answer(&mut resolved).unwrap()))
    };
    let world = World::new(306);
    let (_, first) = show(&mut desk, Some(&world.reader)).unwrap();
    let (how, second) = show(&mut desk, Some(&world.reader)).unwrap();
    assert_eq!((how, &second), (CopyUse::SameReader, &first));
    let mut desk = desk.reopen();
    assert_eq!(
        show(&mut desk, Some(&world.reader)).unwrap().1,
        first,
        "remembered on the disk"
    );
    let (how, strange) = show(&mut desk, None).unwrap();
    assert_eq!(how, CopyUse::Fresh { left_after: 1 });
    // Of the same name as the first, under another authority.
    let (how, third) = show(&mut desk, Some(&other)).unwrap();
    assert_eq!(how, CopyUse::Fresh { left_after: 0 });
    assert_eq!([&first, &strange, &third].into_iter().collect::<BTreeSet<_>>().len(), 3);
    assert!(show(&mut desk, None).is_none(), "no copy of another reader is shown");
    assert_eq!(show(&mut desk, Some(&world.reader)).unwrap().1, first);
    assert_eq!(show(&mut desk, Some(&other)).unwrap().1, third);
}

/// H-H36: the lower limit and the end of validity trigger the fetching of new copies, before and after a showing.
#[test]
fn copies_are_due_in_time() {
    let policy = CopiesPolicy::new(CopyMethod::OnceOnly)
        .reissue_at_unused(1)
        .reissue_at_lifetime(10 * 86_400)
        .batch_size(5);
    let mut desk = Desk::new(307, 3, policy);
    assert!(desk.wallet.copies_due(NOW).unwrap().is_empty());
    let review = desk.resolve().review().clone();
    assert_eq!(review.requests[0].candidates[0].reissue_due, None);
    desk.show();
    let review = desk.resolve().review().clone();
    assert_eq!(
        review.requests[0].candidates[0].reissue_due,
        Some(ReissueReason::FewLeft { left: 1 }),
        "once this one is shown"
    );
    desk.show();
    let due = desk.wallet.copies_due(NOW).unwrap();
    assert_eq!((due[0].document, due[0].batch_size), (desk.licence, Some(5)));
    assert_eq!(due[0].reason, ReissueReason::FewLeft { left: 1 });
    desk.show();
    let summary = desk.wallet.list(NOW).unwrap().documents.remove(0);
    assert_eq!(summary.reissue_due, Some(ReissueReason::NoneLeft));

    let fresh = Desk::new(
        308,
        1,
        CopiesPolicy::new(CopyMethod::LimitedTime).reissue_at_lifetime(10 * 86_400),
    );
    let at = |days: i64| NOW.saturating_add_seconds(days * DAY);
    assert!(fresh.wallet.copies_due(at(89)).unwrap().is_empty());
    let soon = |now: Timestamp| {
        matches!(
            fresh.wallet.copies_due(now).unwrap()[0].reason,
            ReissueReason::Lifetime { .. }
        )
    };
    assert!(soon(at(91)) && soon(at(200)));
}

/// H-H53: keys of used and expired copies are destroyed, and the last copy of a document stays.
#[test]
fn spent_copies_go_and_the_last_one_stays() {
    let mut desk = Desk::new(309, 3, CopiesPolicy::new(CopyMethod::OnceOnly));
    assert_eq!(block_on(desk.wallet.sweep_copies(NOW)).unwrap().keys_left, 0);
    let total = |desk: &Desk| desk.wallet.list(NOW).unwrap().documents[0].copies.total;
    assert_eq!(total(&desk), 3, "nothing is spent");
    desk.show();
    block_on(desk.wallet.sweep_copies(NOW)).unwrap();
    assert_eq!(total(&desk), 2);
    desk.show();
    desk.show();
    block_on(desk.wallet.sweep_copies(NOW)).unwrap();
    let mut desk = desk.reopen();
    assert_eq!(total(&desk), 1, "the last one stays");
    assert!(desk.wallet.show(desk.licence, NOW).is_ok());
    assert_eq!(desk.copy_use(), None, "and is not shown again");
    block_on(desk.wallet.sweep_copies(NOW.saturating_add_seconds(500 * DAY))).unwrap();
    assert_eq!(total(&desk), 1);
    assert!(desk.wallet.is_intact().unwrap());
}

/// H-H53: what may be shown again is not spent by having been shown.
#[test]
fn copies_that_may_be_shown_again_are_kept() {
    let mut desk = Desk::new(310, 3, CopiesPolicy::new(CopyMethod::RotatingBatch));
    desk.show();
    block_on(desk.wallet.sweep_copies(NOW)).unwrap();
    assert_eq!(desk.wallet.list(NOW).unwrap().documents[0].copies.total, 3);
}

const CHILD: &str = "IDWALLET_TEST_ABORTED_WALLET";

/// H-H36: a copy is marked before its response can leave, also when the process is killed at that moment.
#[test]
fn a_copy_stays_used_when_the_process_dies() {
    if let Ok(dir) = std::env::var(CHILD) {
        let world = World::new(311);
        let wallet = block_on(Wallet::open_software(dir.as_ref(), random())).unwrap();
        let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
        let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
        let review = resolved.review().clone();
        let approval = Approval::everything(&review);
        block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
        std::process::abort();
    }
    let Desk {
        world,
        wallet,
        licence,
        dir,
    } = Desk::new(311, 2, CopiesPolicy::new(CopyMethod::OnceOnly));
    drop(wallet);
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_copy_stays_used_when_the_process_dies"])
        .env(CHILD, &dir.0)
        .output()
        .unwrap();
    assert!(!child.status.success(), "it died");
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    assert_eq!(wallet.list(NOW).unwrap().documents[0].copies.unused, 1);
    let mut desk = Desk {
        world,
        wallet,
        licence,
        dir,
    };
    assert_eq!(desk.copy_use(), Some(CopyUse::Fresh { left_after: 0 }));
}
