//! What an issuer issues, and what it refuses to issue.
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

mod licence;

use idwallet_cose::cbor::Value;
use idwallet_crypto::x509::{CertificateBuilder, NameBuilder};
use idwallet_crypto::{Curve, Date, HashAlgorithm, PublicKey, SignatureAlgorithm, digest};
use idwallet_mdoc::issue::{IssueError, MdocCopy, MdocIssuer};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::{IssuerSigned, MobileSecurityObject};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, World, key, mdl_elements, with_elements};
use std::collections::BTreeSet;

type Issuer<'k> = MdocIssuer<&'k idwallet_crypto::PrivateKey>;

const DOC: &str = "org.example.card.1";
const SPACE: &str = "org.example.card.1.space";

fn device(n: u64) -> PublicKey {
    *key(Curve::P256, 1000 + n).public_key()
}

/// A valid card that a test then makes invalid in one way.
fn card(world: &World) -> Issuer<'_> {
    world
        .mdoc_issuer(DOC)
        .element(SPACE, "name", "Nguyễn")
        .element(SPACE, "number", 7_u64)
        .copy(device(0))
}

fn licence(world: &World) -> Issuer<'_> {
    with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(device(0))
}

/// The licence with one element replaced, or left out.
fn licence_with<'w>(
    world: &'w World,
    name: &'static str,
    value: Option<idwallet_mdoc::issue::ElementValue>,
) -> Issuer<'w> {
    let mut elements: Vec<_> = mdl_elements().into_iter().filter(|(n, _)| *n != name).collect();
    if let Some(value) = value {
        elements.push((name, value));
    }
    with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements).copy(device(0))
}

fn issue(issuer: &Issuer<'_>) -> Result<Vec<Vec<u8>>, IssueError> {
    let issued = issuer.issue(&SeededRandom::new(5))?;
    Ok(issued.into_iter().map(|mdoc| mdoc.issuer_signed).collect())
}

fn refused(issuer: &Issuer<'_>) -> IssueError {
    issue(issuer).expect_err("must be refused")
}

fn form_of(issuer: &Issuer<'_>) -> String {
    match refused(issuer) {
        IssueError::ElementForm { element, .. } => element,
        other => panic!("{other}"),
    }
}

#[test]
fn thirty_elements_are_issued_and_read_back() {
    let world = World::new(1);
    assert_eq!(mdl_elements().len(), 30);
    let issued = world.issue_mdl();
    let view = IssuerSigned::parse(&issued).unwrap();
    let mso = view.mobile_security_object().unwrap();
    assert_eq!(view.items().count(), 30);
    assert_eq!(
        (mso.version().text(), mso.doc_type(), mso.digest_algorithm()),
        ("1.0", MDL_DOC_TYPE, "SHA-256")
    );
    assert_eq!(mso.device_key(), world.device_key.public_key());
    assert!(mso.key_authorizations().is_none() && mso.status().is_none());
    for (space, item) in view.items() {
        let expected = digest(HashAlgorithm::Sha256, item.encoded());
        assert_eq!(
            mso.digest(space, item.digest_id()),
            Some(expected.as_ref()),
            "{}",
            item.element_identifier()
        );
    }
    let name = view.item(MDL_NAMESPACE, "given_name_national_character").unwrap();
    assert_eq!(name.element_value().decode(|d| d.text()).unwrap(), "Nguyễn");
}

/// A-I09, A-C07: alg protected, x5chain unprotected with the signer alone, untagged; the signature verifies on every curve (A-C08).
#[test]
fn issuer_auth_is_made_on_every_signing_curve() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_sign()) {
        let world = World::on_curves(2, curve, Curve::P256, Curve::P256);
        let issued = issue(&card(&world)).unwrap();
        let view = IssuerSigned::parse(&issued[0]).unwrap();
        let auth = view.issuer_auth();
        let chain = auth.headers().x5chain().unwrap();
        assert_eq!(chain.place(), idwallet_cose::Place::Unprotected);
        assert_eq!(chain.to_vec(), [world.issuer.signer.der()]);
        assert!(auth.headers().x5t().is_none());
        let allowed = [SignatureAlgorithm::for_curve(curve).unwrap()];
        auth.verify(world.issuer.signer.public_key(), &allowed, &[], None)
            .unwrap_or_else(|e| panic!("{curve}: {e}"));
    }
}

/// A-I09: x5t is SHA-256 of the signer's certificate, protected.
#[test]
fn x5t_is_protected_and_of_the_signer() {
    let world = World::new(3);
    let issued = issue(&card(&world).with_x5t()).unwrap();
    let view = IssuerSigned::parse(&issued[0]).unwrap();
    let expected = idwallet_crypto::sha256(world.issuer.signer.der());
    assert_eq!(
        view.issuer_auth().headers().x5t(),
        Some((Some(-16), expected.as_slice(), idwallet_cose::Place::Protected))
    );
}

/// A-I04, A-I05, A-I14: digest ids are unique below 2^31 and differ between copies, salts are 32 bytes and never repeat.
#[test]
fn copies_share_neither_salt_nor_order_nor_key() {
    let world = World::new(4);
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copies((0..3).map(device));
    let copies = issue(&issuer).unwrap();
    let mut salts = BTreeSet::new();
    let mut orders = BTreeSet::new();
    for (n, copy) in copies.iter().enumerate() {
        let view = IssuerSigned::parse(copy).unwrap();
        let mso = view.mobile_security_object().unwrap();
        assert_eq!(*mso.device_key(), device(n as u64));
        let ids: Vec<u64> = view.items().map(|(_, item)| item.digest_id()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 30);
        assert!(ids.iter().all(|id| *id < 1 << 31));
        orders.insert(ids);
        for (_, item) in view.items() {
            assert_eq!(item.random().len(), 32);
            assert!(salts.insert(item.random().to_vec()), "a salt came twice");
        }
    }
    assert_eq!((orders.len(), salts.len()), (3, 90));
}

/// A-I04: the order of `valueDigests` says nothing about the order of the elements.
#[test]
fn digests_are_written_in_the_order_of_their_ids() {
    let world = World::new(4);
    let issued = world.issue_mdl();
    let view = IssuerSigned::parse(&issued).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let (_, digests) = mso.value_digests().next().unwrap();
    assert!(digests.iter().map(|(id, _)| *id).eq(0..30));
    assert!(
        !view.items().map(|(_, item)| item.digest_id()).eq(0..30),
        "not shuffled"
    );
}

/// A-I06: one algorithm for all digests.
#[test]
fn every_digest_algorithm_is_available() {
    let world = World::new(5);
    for algorithm in HashAlgorithm::ALL {
        let issued = issue(&card(&world).digest_algorithm(algorithm)).unwrap();
        let view = IssuerSigned::parse(&issued[0]).unwrap();
        let mso = view.mobile_security_object().unwrap();
        assert_eq!(mso.hash_algorithm(), Some(algorithm));
        for (space, item) in view.items() {
            assert_eq!(
                mso.digest(space, item.digest_id()),
                Some(digest(algorithm, item.encoded()).as_ref())
            );
        }
    }
}

/// A-I07: without elements there is still one random digest, and no `nameSpaces`.
#[test]
fn an_empty_credential_has_one_random_digest() {
    let world = World::new(6);
    let copies = issue(&world.mdoc_issuer(DOC).copies([device(0), device(1)])).unwrap();
    let mut digests = BTreeSet::new();
    for copy in &copies {
        let view = IssuerSigned::parse(copy).unwrap();
        assert!(view.name_spaces().is_empty());
        let mso = view.mobile_security_object().unwrap();
        let all: Vec<_> = mso.value_digests().flat_map(|(_, d)| d.to_vec()).collect();
        assert_eq!((all.len(), all[0].1.len()), (1, 32));
        digests.insert(all[0].1.to_vec());
    }
    assert_eq!(digests.len(), 2);
}

/// A-I01: `validFrom` is not before `signed`, `validUntil` is after `validFrom`.
#[test]
fn dates_out_of_order_are_refused() {
    let world = World::new(7);
    let day = |n: i64| NOW.saturating_add_seconds(n * DAY);
    assert!(issue(&card(&world).validity(day(0)..day(9)).signed_at(day(0))).is_ok());
    assert_eq!(
        refused(&card(&world).validity(day(0)..day(9)).signed_at(day(1))),
        IssueError::ValidBeforeSigned
    );
    assert_eq!(
        refused(&card(&world).validity(day(1)..day(1))),
        IssueError::EmptyValidity
    );
    assert_eq!(
        refused(&card(&world).validity(day(2)..day(1))),
        IssueError::EmptyValidity
    );
}

/// A-I02: `validUntil` is not after the end of the signer's certificate; one second decides.
#[test]
fn a_credential_that_outlives_its_signer_is_refused() {
    let world = World::new(7);
    let end = world.issuer.signer.not_after();
    assert!(issue(&card(&world).validity(NOW..end)).is_ok());
    assert_eq!(
        refused(&card(&world).validity(NOW..end.saturating_add_seconds(1))),
        IssueError::OutlivesSigner
    );
}

/// A-V19: `signed` within the signer's certificate.
#[test]
fn signing_before_the_certificate_begins_is_refused() {
    let world = World::new(7);
    let begin = world.issuer.signer.not_before();
    assert!(issue(&card(&world).signed_at(begin)).is_ok());
    assert_eq!(
        refused(&card(&world).signed_at(begin.saturating_add_seconds(-1))),
        IssueError::SignedOutsideCertificate
    );
}

/// A-I03, A-C06: no fraction, `Z`; coarse dates are the start of the day.
#[test]
fn dates_are_strict_and_may_be_coarse() {
    let world = World::new(8);
    let update = NOW.saturating_add_seconds(20 * DAY);
    for (issuer, from, updated) in [
        (
            card(&world).expected_update(update),
            "2026-05-31T12:00:00Z",
            "2026-06-21T12:00:00Z",
        ),
        (
            card(&world).expected_update(update).coarse_timestamps(),
            "2026-05-31T00:00:00Z",
            "2026-06-21T00:00:00Z",
        ),
    ] {
        let issued = issue(&issuer).unwrap();
        let view = IssuerSigned::parse(&issued[0]).unwrap();
        let validity = *view.mobile_security_object().unwrap().validity();
        assert_eq!((validity.valid_from.text(), validity.signed.text()), (from, from));
        assert_eq!(validity.expected_update.unwrap().text(), updated);
        assert!(validity.dates().all(|(_, date)| date.is_strict()));
    }
}

/// A-C43, A-I09: the root is not in the chain, the chain is not empty, the key is the certificate's.
#[test]
fn a_wrong_chain_is_refused() {
    let world = World::new(9);
    let pki = &world.issuer;
    let with = |chain| {
        MdocIssuer::new(&pki.signer_key, chain)
            .doc_type(DOC)
            .validity(NOW..NOW.saturating_add_seconds(DAY))
            .copy(device(0))
    };
    assert!(issue(&with(vec![pki.signer.clone()])).is_ok());
    assert_eq!(
        refused(&with(vec![pki.signer.clone(), pki.authority.clone()])),
        IssueError::RootInChain
    );
    assert_eq!(refused(&with(vec![])), IssueError::BadChain);
    let other = Pki::issuer(Curve::P256, 99);
    assert_eq!(refused(&with(vec![other.signer.clone()])), IssueError::SignerMismatch);
}

/// A-I08: keyAuthorizations are written, and a namespace is not in both lists.
#[test]
fn key_authorizations_are_written_and_checked() {
    let world = World::new(10);
    let issued = issue(
        &card(&world)
            .authorize_name_space("a")
            .authorize_element("b", "x")
            .authorize_element("b", "y"),
    )
    .unwrap();
    let view = IssuerSigned::parse(&issued[0]).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let authorizations = mso.key_authorizations().unwrap();
    assert_eq!(authorizations.fault(), None);
    for (space, element, allowed) in [
        ("a", "z", true),
        ("b", "x", true),
        ("b", "y", true),
        ("b", "z", false),
        ("c", "x", false),
    ] {
        assert_eq!(authorizations.allows(space, element), allowed, "{space} {element}");
    }
    let both = card(&world).authorize_name_space("a").authorize_element("a", "x");
    assert!(matches!(refused(&both), IssueError::KeyAuthorizations(_)));
}

/// A-I20: both forms of `status`, each with its own entry; A-V30: with the trust point of the list.
#[test]
fn status_references_are_written() {
    let world = World::new(11);
    let issuer = world
        .mdoc_issuer(DOC)
        .copy(MdocCopy::new(device(0)).status_list(412, "https://example.org/list"))
        .copy(
            MdocCopy::new(device(1))
                .identifier_list([7, 8], "https://example.org/ids")
                .status_certificate(&world.issuer.authority),
        );
    let copies = issue(&issuer).unwrap();
    let status = |n: usize| {
        *IssuerSigned::parse(&copies[n])
            .unwrap()
            .mobile_security_object()
            .unwrap()
            .status()
            .unwrap()
    };
    let list = status(0).status_list.unwrap();
    assert_eq!(
        (list.idx, list.uri, list.certificate),
        (412, "https://example.org/list", None)
    );
    let ids = status(1).identifier_list.unwrap();
    assert_eq!(
        (ids.id, ids.uri, ids.certificate),
        (
            &[7, 8][..],
            "https://example.org/ids",
            Some(world.issuer.authority.der())
        )
    );
    assert!(status(0).identifier_list.is_none() && status(1).status_list.is_none());
}

/// A-I14, A-I23: no device key and no status entry twice.
#[test]
fn copies_that_could_be_linked_are_refused() {
    let world = World::new(12);
    let list = |n, idx| MdocCopy::new(device(n)).status_list(idx, "https://example.org/list");
    assert!(issue(&world.mdoc_issuer(DOC).copies([list(0, 1), list(1, 2)])).is_ok());
    assert_eq!(
        refused(&world.mdoc_issuer(DOC).copies([list(0, 1), list(1, 1)])),
        IssueError::DuplicateStatus
    );
    assert_eq!(
        refused(&world.mdoc_issuer(DOC).copies([list(0, 1), list(0, 2)])),
        IssueError::DuplicateDeviceKey
    );
    assert_eq!(
        refused(&world.mdoc_issuer(DOC).copy(MdocCopy::new(device(0)).status_list(1, ""))),
        IssueError::BadStatus
    );
}

/// A-C01: no empty names; A-H53: no element twice; A-C02: a value is one item.
#[test]
fn malformed_input_is_refused() {
    use idwallet_mdoc::issue::ElementValue;
    let world = World::new(13);
    assert_eq!(refused(&card(&world).element("", "x", true)), IssueError::BadName);
    assert_eq!(refused(&card(&world).element(SPACE, "", true)), IssueError::BadName);
    assert_eq!(refused(&card(&world).doc_type("")), IssueError::NoDocType);
    assert_eq!(refused(&world.mdoc_issuer(DOC)), IssueError::NoDeviceKey);
    assert_eq!(
        refused(&card(&world).element(SPACE, "name", "x")),
        IssueError::DuplicateElement { element: "name".into() }
    );
    for bytes in [&[0x01, 0x02][..], &[0x61][..], &[0xa2, 1, 1, 1, 2][..], &[]] {
        let broken = card(&world).element(SPACE, "x", ElementValue::from_cbor(bytes));
        assert_eq!(refused(&broken), IssueError::NotOneItem { element: "x".into() });
    }
    assert!(issue(&card(&world).element(SPACE, "x", ElementValue::from_cbor(&[0x01]))).is_ok());
}

/// The signature may be made elsewhere; a DER signature or one of another curve is refused.
#[test]
fn two_step_signing_gives_the_same_credential() {
    let world = World::new(20);
    let issuer = MdocIssuer::without_key(vec![world.issuer.signer.clone()])
        .doc_type(DOC)
        .validity(NOW..NOW.saturating_add_seconds(DAY))
        .element(SPACE, "name", "x")
        .copy(device(0));
    let unsigned = issuer.prepare(&SeededRandom::new(1)).unwrap().remove(0);
    assert_eq!(unsigned.algorithm(), SignatureAlgorithm::Es256);
    let signature = world.issuer.signer_key.sign(unsigned.to_be_signed()).unwrap();
    let der = idwallet_crypto::ecdsa_raw_to_der(Curve::P256, &signature).unwrap();
    assert!(matches!(unsigned.clone().sign(&der), Err(IssueError::Crypto(_))));
    let issued = unsigned.sign(&signature).unwrap();
    let view = IssuerSigned::parse(&issued.issuer_signed).unwrap();
    view.issuer_auth()
        .verify(
            world.issuer.signer.public_key(),
            &[SignatureAlgorithm::Es256],
            &[],
            None,
        )
        .unwrap();
}

/// A key that cannot sign makes no document signer.
#[test]
fn a_signer_on_a_key_agreement_curve_is_refused() {
    let world = World::new(21);
    let x25519 = key(Curve::X25519, 1);
    let name = NameBuilder::of("UT", None, "no signer");
    let certificate = CertificateBuilder::document_signer(
        &world.issuer.authority,
        &name,
        x25519.public_key(),
        NOW.saturating_add_seconds(-DAY),
        "https://example.org",
        "https://example.org/crl",
    )
    .sign(&world.issuer.authority_key, &SeededRandom::new(1))
    .unwrap();
    let issuer = MdocIssuer::without_key(vec![certificate])
        .doc_type(DOC)
        .validity(NOW..NOW.saturating_add_seconds(DAY))
        .copy(device(0));
    assert_eq!(
        issuer.prepare(&SeededRandom::new(1)).unwrap_err(),
        IssueError::SignerCurve
    );
}

/// The issuer's output is deterministic CBOR in the order of the standard, and the MSO is inside tag 24 (A-C04).
#[test]
fn the_mso_is_tagged_bytes() {
    let world = World::new(22);
    let issued = issue(&card(&world)).unwrap();
    let view = IssuerSigned::parse(&issued[0]).unwrap();
    let payload = view.issuer_auth().unverified_payload().unwrap();
    assert_eq!(payload[..2], [0xd8, 0x18]);
    assert_eq!(MobileSecurityObject::parse(payload).unwrap().encoded(), payload);
    assert!(MobileSecurityObject::parse(&payload[5..]).is_err());
}
