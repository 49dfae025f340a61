//! Readers that want more than they may have, and damage that must stay where it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, Holder, again, block_on, create, import_copies, import_loosely, names, random};
use idwallet_cose::cbor::Encoder;
use idwallet_crypto::area::KeyPurpose;
use idwallet_crypto::{Curve, PrivateKey};
use idwallet_documents::Lang;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE, MVRC_DOC_TYPE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_test_support::{NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Approval, CopyUse, DocumentId, NewCopy, StateFault, UnsuitableReason, VAULT_FILE, Wallet, WalletError,
};

const VEHICLE: &str = "org.iso.7367.1";

/// A request of these documents that no builder would make.
fn request(items: &[Vec<u8>]) -> Vec<u8> {
    let mut e = Encoder::new();
    e.map(2).text("version").text("1.0").text("docRequests");
    e.array(items.len());
    for item in items {
        e.map(1).text("itemsRequest").raw(item);
    }
    e.into_vec()
}

fn items(elements: &[&str]) -> Vec<u8> {
    let builder = ItemsRequestBuilder::new(MDL_DOC_TYPE);
    let all = elements.iter().fold(builder, |b, e| b.element(MDL_NAMESPACE, e, false));
    all.to_bytes().unwrap()
}

fn add_vehicle(wallet: &Wallet, world: &World, seed: u64, number: &str) -> DocumentId {
    let device = key(Curve::P256, seed);
    let issuer = world.mdoc_issuer(MVRC_DOC_TYPE);
    let issuer = issuer
        .element(VEHICLE, "registration_number", number)
        .copy(*device.public_key());
    let issued = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    import_loosely(wallet, world, vec![NewCopy::with_device_key(issued, device)])
        .unwrap()
        .id
}

fn in_the_file(dir: &Dir, sql: &str, id: &[u8]) {
    let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
    assert_eq!(raw.execute(sql, [id]).unwrap(), 1);
}

/// A-H46: never more than two age statements in a response, however many document requests they are asked in.
#[test]
fn age_statements_are_counted_over_the_whole_response() {
    let mut holder = Holder::new(201);
    let asked = [
        items(&["age_over_18", "age_over_21"]),
        items(&["age_over_65", "family_name"]),
        items(&["age_over_65"]),
    ];
    let mut resolved = holder.resolve_bytes(&request(&asked));
    let review = resolved.review().clone();
    assert_eq!(review.requests[1].candidates[0].missing[0].asked.element, "age_over_65");
    assert!(review.requests[2].candidates.is_empty());
    let approval = Approval::everything(&review);
    let answer = block_on(holder.wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    let shared: Vec<_> = answer.shared.iter().map(|s| names(&s.elements)).collect();
    assert_eq!(shared, [vec!["age_over_18", "age_over_21"], vec!["family_name"]]);
}

/// A-H47, A-H49: what the portrait rule holds back leaves no part of its document set behind.
#[test]
fn a_set_of_which_a_part_is_withheld_does_not_leave_in_part() {
    let mut holder = Holder::new(202);
    let document = |elements: &[&str]| {
        let builder = ItemsRequestBuilder::new(MDL_DOC_TYPE);
        elements.iter().fold(builder, |b, e| b.element(MDL_NAMESPACE, e, false))
    };
    let request = DeviceRequestBuilder::new()
        .second_edition()
        .document(document(&["family_name"]))
        .document(document(&["portrait", "given_name"]))
        .use_case(true, &[&[0, 1]])
        .unsigned()
        .unwrap();
    let mut resolved = holder.resolve_bytes(&request);
    let handle = resolved.review().handle;
    let part = Approval::nothing()
        .select(0, holder.licence, MDL_NAMESPACE, "family_name")
        .select(1, holder.licence, MDL_NAMESPACE, "given_name");
    let error = block_on(holder.wallet.respond(&mut resolved, handle, &part, NOW)).unwrap_err();
    assert!(matches!(error, WalletError::InvalidState(StateFault::DocumentSets)));
    let whole = part.select(1, holder.licence, MDL_NAMESPACE, "portrait");
    let answer = block_on(holder.wallet.respond(&mut resolved, handle, &whole, NOW)).unwrap();
    assert_eq!(answer.shared.len(), 2);
}

/// X-C09: the time for a request grows with its length and not with the square of it.
#[test]
#[allow(clippy::disallowed_methods, reason = "the time it takes is what is tested")]
fn a_request_for_tens_of_thousands_of_elements_does_not_hold_the_wallet_up() {
    let mut holder = Holder::new(203);
    let mut resolve = |elements: usize| {
        let mut e = Encoder::new();
        e.tag24_with(|e| {
            e.map(2).text("docType").text(MDL_DOC_TYPE).text("nameSpaces").map(8);
            e.text(MDL_NAMESPACE).map(1).text("family_name").bool(false);
            for space in 0..7 {
                e.text(&format!("x{space}")).map(elements);
                for element in 0..elements {
                    e.text(&format!("e{element}")).bool(false);
                }
            }
        });
        let request = request(&[e.into_vec()]);
        let begin = std::time::Instant::now();
        let resolved = holder.resolve_bytes(&request);
        let took = begin.elapsed();
        assert_eq!(resolved.review().requests[0].candidates[0].missing.len(), 7 * elements);
        took
    };
    let few = (0..3).map(|_| resolve(400)).max().unwrap();
    let many = (0..3).map(|_| resolve(4000)).min().unwrap();
    // Ten times the elements: ten times the time, where the square would be a hundred.
    assert!(many < few * 35, "{few:?} for 2,800, {many:?} for 28,000");
}

/// H-H12: a value cannot forge the lines of the consent screen around it.
#[test]
fn a_value_is_shown_without_control_and_direction_characters() {
    let (dir, world) = (Dir::new(), World::new(204));
    let wallet = create(&dir.0);
    let vehicle = add_vehicle(&wallet, &world, 2041, "30A\u{1b}[2J\u{202e}\u{2028}\u{61c}\n-123.45");
    let view = wallet.show(vehicle, NOW).unwrap();
    let claim = view.claim(VEHICLE, "registration_number").unwrap();
    for lang in [Lang::Vi, Lang::En] {
        let f = '\u{fffd}';
        assert_eq!(claim.shown.text(lang), format!("30A{f}[2J{f}{f}{f} -123.45"));
        assert!(!view.summary.summary.text(lang).chars().any(char::is_control));
    }
}

/// A damaged copy is passed over as long as there are good ones, and told to whoever asks for all that is damaged.
#[test]
fn a_damaged_copy_does_not_hide_the_good_ones() {
    let (dir, world) = (Dir::new(), World::new(205));
    let wallet = create(&dir.0);
    let keys: Vec<PrivateKey> = (0..3).map(|n| key(Curve::P256, 2050 + n)).collect();
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements());
    let issuer = issuer.copies(keys.iter().map(|k| *k.public_key()));
    let issued = issuer.issue(&world.random).unwrap().into_iter().zip(&keys);
    let copies = issued.map(|(mdoc, key)| NewCopy::with_device_key(mdoc.issuer_signed, again(key)));
    let licence = import_copies(&wallet, &world, copies.collect()).unwrap().id;
    drop(wallet);
    let whole = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    assert!(whole.damaged_records().unwrap().is_empty());
    drop(whole);
    // A document has the id of its first copy.
    let sql = "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = 2 AND id = ?";
    in_the_file(&dir, sql, licence.as_bytes());
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    assert!(wallet.show(licence, NOW).is_ok());
    let damaged = wallet.damaged_records().unwrap();
    assert!(
        damaged.len() == 1 && damaged[0].text(Lang::En).starts_with("copy: "),
        "{damaged:?}"
    );
    assert_eq!(damaged[0].text(Lang::Vi), "bản của giấy tờ: bị hỏng hoặc bị sửa");
    assert_eq!(wallet.support_bundle(NOW).unwrap().damaged, damaged);
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    for _ in 0..2 {
        let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
        let review = resolved.review().clone();
        let copy = review.requests[0].candidates[0].copy;
        assert!(matches!(copy, CopyUse::Fresh { .. }));
        let approval = Approval::everything(&review);
        let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
        common::verified(&world, &request, &answer.device_response);
    }
    let resolved = common::resolve(&wallet, &world, &request).unwrap();
    let reason = resolved.review().requests[0].unsuitable[0].reason;
    assert_eq!(reason, UnsuitableReason::Damaged, "the last one that could be tried");
}

/// A licence, a vehicle in another part of the table of contents, and that part damaged.
fn half_damaged(seed: u64) -> (Wallet, World, Dir, [DocumentId; 2]) {
    let Holder {
        wallet,
        dir,
        licence,
        world,
    } = Holder::new(seed);
    // Another part than the licence's and the history's: ids are random.
    let vehicle = (0..)
        .map(|n| add_vehicle(&wallet, &world, seed * 10 + n, "30A-123.45"))
        .find(|id| ![licence.as_bytes()[0], b'i'].contains(&id.as_bytes()[0]))
        .unwrap();
    drop(wallet);
    let sql = "UPDATE manifest SET sealed = zeroblob(length(sealed)) WHERE bucket = ?";
    let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
    assert_eq!(raw.execute(sql, [vehicle.as_bytes()[0]]).unwrap(), 1);
    drop(raw);
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    assert!(!wallet.is_intact().unwrap());
    (wallet, world, dir, [licence, vehicle])
}

/// Damage in one part of the table of contents does not hide the documents that the other parts vouch for.
#[test]
fn a_damaged_part_of_the_manifest_hides_its_own_documents_only() {
    let (wallet, world, _dir, [licence, _]) = half_damaged(206);
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    common::verified(&world, &request, &answer.device_response);
    // It can also be taken away; its key is destroyed when the table can be read again.
    assert_eq!(block_on(wallet.remove(licence, NOW)).unwrap().keys_left, 1);
    assert!(wallet.list(NOW).unwrap().documents.iter().all(|d| d.id != licence));
}

/// H-H32: nor does it keep new documents out: they go into the parts that are intact, are compared with what is there, and say how many
/// parts are not. Nothing that lies in the damaged one is touched.
#[test]
fn an_import_goes_into_what_is_intact() {
    let (wallet, world, dir, [licence, vehicle]) = half_damaged(208);
    let before = dir.kept();
    let in_damaged = |rows: &[(u16, Vec<u8>, i64, Vec<u8>)]| -> Vec<_> {
        let rows = rows.iter().filter(|(_, id, ..)| id[0] == vehicle.as_bytes()[0]);
        rows.cloned().collect()
    };
    // A later issue of the licence, for a key that the wallet makes now.
    let made = block_on(wallet.create_device_key(Curve::P256, KeyPurpose::SignOrAgree)).unwrap();
    let issuer = world
        .mdoc_issuer(MDL_DOC_TYPE)
        .validity(NOW.saturating_add_seconds(-3600)..NOW.saturating_add_seconds(86_400));
    let issuer = with_elements(issuer, mdl_elements()).copy(made.public_key);
    let newer = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let imported = import_copies(&wallet, &world, vec![NewCopy::new(newer.clone())]).unwrap();
    assert_eq!(imported.damaged_parts, 1);
    assert_eq!(imported.replaces().collect::<Vec<_>>(), [licence]);
    // What is there is known to be there.
    let again = import_copies(&wallet, &world, vec![NewCopy::new(newer)]).unwrap_err();
    assert!(matches!(again, WalletError::InvalidState(StateFault::AlreadyHeld(id)) if id == imported.id));
    let listing = wallet.list(NOW).unwrap();
    assert!(listing.documents.iter().any(|d| d.id == imported.id));
    assert!(listing.damaged.iter().any(|d| d.id == vehicle));
    let history = wallet.history().unwrap();
    let mut named = history.entries.iter().flat_map(|entry| &entry.documents);
    assert!(named.any(|document| document.document == Some(imported.id)));
    assert_eq!(in_damaged(&dir.kept()), in_damaged(&before));
    assert!(!in_damaged(&before).is_empty());
}

/// What was removed is not left in the log beside the file, where its sealed key would be.
#[test]
fn a_removal_empties_the_log() {
    let holder = Holder::new(207);
    let log = holder.dir.0.join("vault.db-wal");
    assert!(
        std::fs::metadata(&log).unwrap().len() > 0,
        "there was something to empty"
    );
    block_on(holder.wallet.remove(holder.licence, NOW)).unwrap();
    assert_eq!(std::fs::metadata(&log).map_or(0, |m| m.len()), 0);
}
