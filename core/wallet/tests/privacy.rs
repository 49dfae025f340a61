//! No error text and no `Debug` says anything about a person.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Dir, block_on, contains, create};
use idwallet_documents::Lang;
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_test_support::{NOW, World, key};
use idwallet_wallet::{Approval, Code, NewCopy, Wallet, WalletError};

const ID_CARD: &str = "org.iso.23220.photoID.1";
const ID_SPACE: &str = "vn.id.1";
/// Values that stand in no other place.
const MARKERS: [&str; 3] = ["Zyxwvutsrq", "001186098765", "MARKERADDRESS"];

fn card(world: &World) -> (Vec<u8>, idwallet_crypto::PrivateKey) {
    let key = key(idwallet_crypto::Curve::P256, 7001);
    let issuer = world
        .mdoc_issuer(ID_CARD)
        .element(ID_SPACE, "full_name", MARKERS[0])
        .element(ID_SPACE, "personal_number", MARKERS[1])
        .element(ID_SPACE, "some_address", MARKERS[2])
        .copy(*key.public_key());
    (issuer.issue(&world.random).unwrap().remove(0).issuer_signed, key)
}

fn clean(what: &str, text: &str) {
    for marker in MARKERS {
        assert!(!text.contains(marker), "{what} shows {marker}");
        // As `Debug` writes bytes, and as hexadecimal digits.
        let bytes: Vec<String> = marker.bytes().map(|b| b.to_string()).collect();
        assert!(
            !text.replace(['\n', ' '], "").contains(&bytes.join(",")),
            "{what} shows the bytes of {marker}"
        );
        assert!(!text.contains(&hex::encode(marker)), "{what} shows {marker} in hex");
    }
    assert!(!text.contains("1986"), "{what} shows the birth year");
}

fn clean_error(error: &WalletError) {
    clean("Display", &error.to_string());
    clean("Debug", &format!("{error:?}"));
    for lang in [Lang::Vi, Lang::En] {
        clean("text", error.text(lang));
    }
}

/// Marker values are in the accessors and nowhere else.
#[test]
fn values_are_shown_by_their_accessors_alone() {
    let (dir, world) = (Dir::new(), World::new(92));
    let wallet = create(&dir.0);
    let (credential, key) = card(&world);
    clean(
        "NewCopy",
        &format!(
            "{:?}",
            NewCopy::with_device_key(credential.clone(), common::again(&key))
        ),
    );
    let id = common::import_loosely(&wallet, &world, vec![NewCopy::with_device_key(credential, key)])
        .unwrap()
        .id;

    let listing = wallet.list(NOW).unwrap();
    clean("Listing", &format!("{listing:?}"));
    let view = wallet.show(id, NOW).unwrap();
    clean("DocumentView", &format!("{view:?}"));
    let number = view.claim(ID_SPACE, "personal_number").unwrap();
    assert_eq!(number.shown.text(Lang::Vi), MARKERS[1]);
    assert!(contains(number.cbor(), MARKERS[1].as_bytes()));

    let items = ["full_name", "personal_number", "some_address"]
        .iter()
        .fold(ItemsRequestBuilder::new(ID_CARD), |b, e| b.element(ID_SPACE, e, true));
    let request = DeviceRequestBuilder::new().document(items).unsigned().unwrap();
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    clean("ResolvedRequest", &format!("{resolved:?}"));
    let review = resolved.review().clone();
    clean("Review", &format!("{review:#?}"));
    clean("Wallet", &format!("{wallet:?}"));
    let approval = Approval::everything(&review);
    let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    assert!(contains(&answer.device_response, MARKERS[1].as_bytes()));
    clean("Answer", &format!("{answer:?}"));
}

/// The owner is told what the personal number gives away, in words and with the values.
#[test]
fn the_personal_number_says_what_it_gives_away() {
    let (dir, world) = (Dir::new(), World::new(93));
    let wallet = create(&dir.0);
    let (credential, key) = card(&world);
    common::import_loosely(&wallet, &world, vec![NewCopy::with_device_key(credential, key)]).unwrap();
    let items = ItemsRequestBuilder::new(ID_CARD).element(ID_SPACE, "personal_number", false);
    let request = DeviceRequestBuilder::new().document(items).unsigned().unwrap();
    let resolved = common::resolve(&wallet, &world, &request).unwrap();
    let given = &resolved.review().requests[0].candidates[0].elements[0].gives[0];
    let facts: Vec<&str> = given.gives_away.iter().map(|f| f.text(Lang::En)).collect();
    assert!(facts.len() >= 3, "{facts:?}");
    let words: Vec<&str> = given.gives_away_in_words.iter().map(|w| w.text(Lang::En)).collect();
    assert_eq!(words[0], "Birth year: 1986.");
    assert!(words[1].contains("female") && words[2].contains("Hanoi"), "{words:?}");
    assert!(!resolved.review().requests[0].candidates[0].elements[0].preselected);
}

/// Errors of every sort, made on purpose.
#[test]
fn errors_say_nothing_personal() {
    let (dir, world) = (Dir::new(), World::new(94));
    let wallet = create(&dir.0);
    let (credential, key) = card(&world);
    let at = credential
        .windows(MARKERS[0].len())
        .position(|w| w == MARKERS[0].as_bytes())
        .unwrap();
    let mut altered = credential.clone();
    altered[at + MARKERS[0].len() - 1] ^= 1;
    let refused = |wallet: &Wallet, bytes: Vec<u8>, key: idwallet_crypto::PrivateKey| {
        let error = common::import_loosely(wallet, &world, vec![NewCopy::with_device_key(bytes, key)]).unwrap_err();
        clean_error(&error);
    };
    refused(&wallet, altered, common::again(&key));
    refused(&wallet, credential[..at + 4].to_vec(), common::again(&key));
    refused(
        &wallet,
        credential.clone(),
        idwallet_test_support::key(idwallet_crypto::Curve::P256, 1),
    );
    let stranger = World::new(95).issuer.anchors();
    let policy = idwallet_mdoc::verify::Policy::iso().at(NOW);
    let copies = vec![NewCopy::with_device_key(credential.clone(), common::again(&key))];
    let trust = idwallet_mdoc::verify::IssuerTrust::new(&stranger);
    clean_error(&block_on(wallet.import(copies, &policy, &trust)).unwrap_err());
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    for cut in [1, 20, request.len() - 1] {
        clean_error(&common::resolve(&wallet, &world, &request[..cut]).unwrap_err());
    }
    common::import_loosely(
        &wallet,
        &world,
        vec![NewCopy::with_device_key(credential.clone(), common::again(&key))],
    )
    .unwrap();
    refused(&wallet, credential, key);
}

/// Nothing of the document is in the clear in any file, nor in a file's name.
#[test]
fn no_file_holds_a_value_in_the_clear() {
    let (dir, world) = (Dir::new(), World::new(96));
    let wallet = create(&dir.0);
    let (credential, key) = card(&world);
    common::import_loosely(&wallet, &world, vec![NewCopy::with_device_key(credential, key)]).unwrap();
    for entry in std::fs::read_dir(&dir.0).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for marker in MARKERS.iter().chain(&[ID_CARD, "personal_number"]) {
            assert!(
                !contains(&bytes, marker.as_bytes()),
                "{} holds {marker}",
                path.display()
            );
        }
    }
}

/// Codes are unique, and each says something in both languages.
#[test]
fn every_code_is_unique_and_speaks_both_languages() {
    let mut seen = std::collections::BTreeSet::new();
    for code in Code::ALL {
        assert!(seen.insert(code.as_str()), "{code} twice");
        let (vi, en) = (code.text(Lang::Vi), code.text(Lang::En));
        assert!(vi.len() > 10 && en.len() > 10 && vi != en);
        assert!(vi.ends_with('.') && en.ends_with('.'), "{code}");
    }
}
