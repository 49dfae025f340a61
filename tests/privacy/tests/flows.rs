//! A marked licence is imported, shown, presented, verified and refused; its values stay where they belong.

use std::fmt::{Debug, Display};

use idwallet_crypto::{Curve, PrivateKey};
use idwallet_mdoc as mdoc;
use idwallet_mdoc::holder::{DeviceAuthUsage, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::issue::ElementValue;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Session, verify_response};
use idwallet_mdoc::{DeviceRequest, DeviceResponse, IssuerSigned};
use idwallet_test_flows::{Desk, ask, block_on};
use idwallet_test_privacy::Markers;
use idwallet_test_support::{DAY, JPEG, NOW, World, key, mdl_elements, with_elements};
use idwallet_verifier::{Outcome, Policy, Presentation, Report, Verifier};
use idwallet_wallet::{Approval, NewCopy, WalletError};

const TEXTS: [(&str, &str); 7] = [
    ("family_name", "Qxmarkfamily"),
    ("given_name", "Qxmarkgiven"),
    ("document_number", "QX-778899-XQ"),
    ("resident_address", "Qxmark Street 17"),
    ("birth_place", "Qxmark Village"),
    ("administrative_number", "QXADM-31415"),
    ("given_name_national_character", "Nguyễn Dấuvết"),
];
const ASKED: [&str; 6] = [
    "family_name",
    "given_name",
    "document_number",
    "resident_address",
    "portrait",
    "given_name_national_character",
];

fn portrait() -> Vec<u8> {
    let noise = (0..400_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
    JPEG[..20].iter().copied().chain(noise).chain([0xff, 0xd9]).collect()
}

/// The scalar out of a PKCS#8 file.
fn scalar(key: &PrivateKey) -> Vec<u8> {
    let der = key.to_pkcs8_der().unwrap();
    let der = der.expose();
    let at = der.windows(2).position(|w| w == [0x04, 0x20]).unwrap() + 2;
    der[at..at + 32].to_vec()
}

fn markers(world: &World) -> Markers {
    let mut markers = Markers::default();
    for (name, value) in TEXTS {
        markers.text(name, value);
    }
    markers.bytes("portrait", &portrait()[40..72]);
    markers.bytes("device key", &scalar(&world.device_key));
    markers
}

fn licence(world: &World) -> Vec<u8> {
    let elements = mdl_elements()
        .into_iter()
        .map(|(name, value)| match TEXTS.iter().find(|(n, _)| *n == name) {
            Some((_, text)) => (name, ElementValue::from(*text)),
            None if name == "portrait" => (name, ElementValue::from(portrait().as_slice())),
            None => (name, value),
        })
        .collect();
    with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements)
        .copy(*world.device_key.public_key())
        .issue(&world.random)
        .unwrap()
        .remove(0)
        .issuer_signed
}

fn debug(markers: &Markers, origin: &str, value: &impl Debug) {
    markers.assert_text(origin, &format!("{value:?}"));
    markers.assert_text(origin, &format!("{value:#?}"));
}

fn error(markers: &Markers, origin: &str, value: &(impl Debug + Display)) {
    debug(markers, origin, value);
    markers.assert_text(origin, &value.to_string());
}

fn wallet_error(markers: &Markers, origin: &str, value: &WalletError) {
    error(markers, origin, value);
    let mut source = std::error::Error::source(value);
    while let Some(inner) = source {
        error(markers, origin, &inner);
        source = inner.source();
    }
}

/// A desk with the marked licence in its wallet.
fn marked(seed: u64) -> (Desk, Markers, Vec<u8>) {
    let mut desk = Desk::empty(World::new(seed));
    let markers = markers(&desk.world);
    let licence = licence(&desk.world);
    assert!(markers.find(&licence).is_some(), "the markers are in the licence");
    let imported = desk.import(licence.clone()).unwrap();
    debug(&markers, "Imported", &imported);
    (desk, markers, licence)
}

/// X-C12: nothing personal in what the wallet says of itself, nor in any of its files, open or closed.
#[test]
fn the_wallet_keeps_it_to_itself() {
    let (mut desk, markers, _) = marked(1);
    let read = markers.assert_files("after the import", desk.dir.path());
    assert!(read > 10_000, "only {read} bytes on disk");
    debug(&markers, "Wallet", &desk.wallet);
    let listing = desk.wallet.list(NOW).unwrap();
    debug(&markers, "Listing", &listing);
    let view = desk.wallet.show(listing.documents[0].id, NOW).unwrap();
    assert!(view.claims.len() >= 30);
    debug(&markers, "DocumentView", &view);

    let mut reviews = Vec::new();
    let met = desk.meet(&ask(&ASKED), |review| {
        reviews.push(review.clone());
        let approval = Approval::everything(review);
        debug(&markers, "Approval", &approval);
        approval
    });
    debug(&markers, "Review", &reviews);
    assert!(met.finished.is_accepted());
    markers.assert_files("after a presentation", desk.dir.path());
    for message in &met.wire {
        assert_eq!(markers.find(message), None, "on the carrier");
    }

    let request = desk.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let anchors = desk.world.reader.anchors();
    let trust = desk.world.reader_trust(&anchors, &[]);
    let mut resolved = desk.wallet.resolve(&request, &desk.world.transcript, &trust).unwrap();
    debug(&markers, "ResolvedRequest", &resolved);
    let (approval, handle) = (Approval::everything(resolved.review()), resolved.review().handle);
    let answer = block_on(desk.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    assert!(markers.find(&answer.device_response).is_some());
    debug(&markers, "Answer", &answer);
    let again = block_on(desk.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    wallet_error(&markers, "an answered review", &again);

    let Desk { wallet, dir, .. } = desk.reopened();
    markers.assert_files("after opening again", dir.path());
    drop(wallet);
    markers.assert_files("after closing", dir.path());
}

/// X-C12: a document that was removed is not left behind in clear either.
#[test]
fn a_removed_document_leaves_nothing() {
    let (desk, markers, _) = marked(2);
    let id = desk.wallet.list(NOW).unwrap().documents[0].id;
    let removed = block_on(desk.wallet.remove(id, NOW)).unwrap();
    debug(&markers, "remove", &removed);
    markers.assert_files("after removing", desk.dir.path());
    wallet_error(&markers, "a missing document", &desk.wallet.show(id, NOW).unwrap_err());
}

/// A-H61: what is refused at the door is not named in the refusal and not on disk.
#[test]
fn refused_imports_show_nothing() {
    let mut desk = Desk::empty(World::new(3));
    let markers = markers(&desk.world);
    let licence = licence(&desk.world);
    let mut seen = 0;
    let copy = NewCopy::with_device_key(licence.clone(), idwallet_test_flows::again(&desk.world.device_key));
    debug(&markers, "NewCopy", &copy);

    let name = licence.windows(12).position(|w| w == b"Qxmarkfamily").unwrap();
    let mut altered = licence.clone();
    altered[name + 11] ^= 1;
    let stranger = World::new(4);
    let foreign = {
        let foreign_world = World {
            issuer: stranger.issuer,
            ..World::new(3)
        };
        self::licence(&foreign_world)
    };
    let mut cases = vec![("altered", altered), ("of an unknown issuer", foreign)];
    for cut in (1..licence.len()).step_by(97) {
        cases.push(("cut short", licence[..cut].to_vec()));
    }
    for at in (0..licence.len()).step_by(41) {
        let mut bytes = licence.clone();
        bytes[at] = !bytes[at];
        cases.push(("flipped", bytes));
    }
    for (origin, bytes) in cases {
        if let Err(refusal) = desk.import(bytes) {
            wallet_error(&markers, origin, &refusal);
            seen += 1;
        }
    }
    let foreign_key = desk.import_with(licence, key(Curve::P256, 99)).unwrap_err();
    wallet_error(&markers, "of another key", &foreign_key);
    assert!(seen > 50, "only {seen} refusals");
    markers.assert_files("after refusals", desk.dir.path());
}

/// The verifier's report holds claims for the program to read, and shows none to logs; reasons name elements, not values.
#[test]
fn reports_show_names_and_no_values() {
    let (mut desk, markers, licence) = marked(5);
    let met = desk.meet(&ask(&ASKED), Approval::everything);
    debug(&markers, "Finished", &met.finished);
    let report = met.finished.report().unwrap();
    let Outcome::Accepted(documents) = report.outcome() else {
        panic!("refused")
    };
    let claim = documents[0].claim(MDL_NAMESPACE, "family_name").unwrap();
    assert_eq!(claim.text(), Some("Qxmarkfamily"));
    debug(&markers, "VerifiedDocument", &documents[0]);
    debug(&markers, "Claims", documents[0].claims());
    debug(&markers, "Claim", claim);

    let elements: Vec<_> = ASKED.iter().map(|e| (MDL_NAMESPACE, *e)).collect();
    let request = desk.world.request(&elements);
    let response = desk.world.respond(&licence, &request);
    let presentation = Presentation::new(&desk.world.transcript).request(&request);
    let verifier = Verifier::new();
    let check = |bytes: &[u8], at| {
        let policy = Policy::iso().at(at);
        verifier.verify_device_response(bytes, &presentation, &policy, &desk.trust)
    };
    let reasons = |origin: &str, report: &Report| {
        debug(&markers, origin, report);
        if let Outcome::Refused(reasons) = report.outcome() {
            for reason in reasons {
                error(&markers, origin, reason);
            }
        }
    };
    reasons(
        "expired",
        &check(&response, NOW.saturating_add_seconds(1000 * DAY)).unwrap(),
    );
    let (mut refused, mut unreadable) = (0, 0);
    for at in (0..response.len()).step_by(7) {
        for bytes in [
            [&response[..at], &[!response[at]], &response[at + 1..]].concat(),
            response[..at].to_vec(),
        ] {
            match check(&bytes, NOW) {
                Ok(report) => {
                    refused += 1;
                    reasons("an altered response", &report);
                }
                Err(fault) => {
                    unreadable += 1;
                    error(&markers, "an unreadable response", &fault);
                }
            }
        }
    }
    assert!(refused > 100 && unreadable > 100, "{refused} {unreadable}");
}

/// What is parsed, selected, built and pending says what it is and how long, not what is in it.
#[test]
fn views_and_builders_show_no_values() {
    let world = World::new(6);
    let markers = markers(&world);
    let card = world
        .mdoc_issuer("org.example.card.1")
        .element("org.example.card.1", "name", "Qxmarkfamily")
        .copy(*world.device_key.public_key())
        .authorize_name_space("org.example.card.1.device");
    debug(&markers, "MdocIssuer", &card);
    debug(&markers, "ElementValue", &ElementValue::from("Qxmarkfamily"));
    let unsigned = card.prepare(&world.random).unwrap();
    debug(&markers, "UnsignedMdoc", &unsigned);
    debug(&markers, "IssuedMdoc", &card.issue(&world.random).unwrap());

    let bytes = licence(&world);
    let issuer_signed = IssuerSigned::parse(&bytes).unwrap();
    debug(&markers, "IssuerSigned", &issuer_signed);
    let item = issuer_signed.item(MDL_NAMESPACE, "family_name").unwrap();
    debug(&markers, "IssuerSignedItem", item);
    debug(&markers, "Item", &item.element_value());
    let mso = issuer_signed.mobile_security_object().unwrap();
    debug(&markers, "MobileSecurityObject", &mso);

    let request = world.request(&[(MDL_NAMESPACE, "family_name"), (MDL_NAMESPACE, "portrait")]);
    let request = DeviceRequest::parse(&request).unwrap();
    let selection = select(&issuer_signed, &mso, request.doc_requests()[0].items_request()).unwrap();
    debug(&markers, "Selection", &selection);
    let release = selection.approve_all();
    debug(&markers, "Release", &release);
    let document = ResponseDocument::new(&issuer_signed, &mso, release, DeviceAuthUsage::Signature);
    debug(&markers, "ResponseDocument", &document);
    let builder = DeviceResponseBuilder::new().document(document);
    debug(&markers, "DeviceResponseBuilder", &builder);
    let pending = builder.prepare(&world.transcript).unwrap();
    debug(&markers, "PendingResponse", &pending);
    for input in pending.device_auth_inputs() {
        debug(&markers, "DeviceAuthInput", &input);
    }

    let response = world.respond(&bytes, request.bytes());
    let response = DeviceResponse::parse(&response).unwrap();
    debug(&markers, "DeviceResponse", &response);
    let document = &response.documents()[0];
    debug(&markers, "Document", document);
    debug(&markers, "DeviceSigned", &document.device_signed().unwrap());
    let anchors = world.issuer.anchors();
    let report = verify_response(
        &response,
        &Session::new(&world.transcript).request(&request),
        &IssuerTrust::new(&anchors),
        &mdoc::verify::Policy::iso().at(NOW),
    );
    assert!(report.is_accepted());
    debug(&markers, "ResponseReport", &report);
    debug(&markers, "VerifiedDocument", &report.documents()[0].verified().unwrap());
    debug(&markers, "PrivateKey", &world.device_key);
}

/// The search finds what it is to find.
#[test]
fn planted_markers_are_found() {
    let mut markers = Markers::default();
    markers.text("name", "Qxmarkfamily");
    let base64 = |text: &str| {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let word = chunk.iter().fold(0_u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            for i in 0..4 {
                out.push(char::from(alphabet[(word >> (18 - 6 * i) & 63) as usize]));
            }
        }
        out
    };
    for text in [
        "a Qxmarkfamily b".to_owned(),
        format!("{:?}", b"xQxmarkfamilyx"),
        format!("{:#?}", b"Qxmarkfamily").replace(' ', ""),
        "51786D61726B66616D696C79".to_owned(),
        base64("Qxmarkfamily and more"),
        base64("1Qxmarkfamily and more"),
        base64("12Qxmarkfamily and more"),
    ] {
        assert!(markers.find(text.as_bytes()).is_some(), "{text}");
    }
    let wide: Vec<u8> = "Qxmarkfamily".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(markers.find(&wide).is_some());
    assert_eq!(markers.find(b"Qxmarkfamil"), None);
}
