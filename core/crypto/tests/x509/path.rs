//! RFC 5280 §6.1, one rule broken at a time. None of these passes under any strictness.

use idwallet_crypto::Curve;
use idwallet_crypto::x509::{
    BasicConstraints, Certificate, CertificateBuilder as Builder, FindingId as F, KeyUsage, NameBuilder, PathError,
    PathOptions, Profile, Strictness, TrustAnchors, pem, validate_path,
};

use crate::pki::{CONTACT, CRL_URI, Pki, ds_name, errors, key, now, options, random, root_name, start, time, warnings};

const ALL: [Strictness; 3] = [Strictness::Iso, Strictness::Generic, Strictness::Lenient];

fn refused(pki: &Pki, chain: &[&[u8]], expected: &PathError) {
    for strictness in ALL {
        assert_eq!(
            pki.validate(chain, &options().strictness(strictness)).unwrap_err(),
            *expected,
            "{strictness:?}"
        );
    }
}

/// A-V11: the anchor comes from the store, never from the chain (X-C05).
#[test]
fn an_unknown_root_in_the_chain_is_not_trusted() {
    let ours = Pki::new();
    let other_key = key(Curve::P256);
    let root = Builder::iaca(&other_name(), other_key.public_key(), start(), CONTACT)
        .sign(&other_key, &random())
        .unwrap();
    let ds = Builder::document_signer(&root, &ds_name(), ours.key.public_key(), start(), CONTACT, CRL_URI)
        .sign_der(&other_key, &random())
        .unwrap();
    refused(&ours, &[&ds], &PathError::NoAnchor { index: 0 });
    refused(&ours, &[&ds, root.der()], &PathError::NoAnchor { index: 1 });
}

fn other_name() -> NameBuilder {
    NameBuilder::of("VN", None, "Other IACA")
}

/// X-C05: an attacker's root with the name of ours.
#[test]
fn a_root_with_the_right_name_and_another_key() {
    let (ours, theirs) = (Pki::new(), Pki::new());
    let ds = theirs.ds();
    refused(&ours, &[ds.der()], &PathError::Signature { index: 0 });
    refused(
        &ours,
        &[ds.der(), theirs.iaca.der()],
        &PathError::Signature { index: 1 },
    );
    // Both in the trust list, in either order: all are tried.
    for roots in [[&ours, &theirs], [&theirs, &ours]] {
        let anchors: TrustAnchors = roots.map(|p| p.iaca.clone()).into_iter().collect();
        assert_eq!(anchors.with_subject(root_name().to_der().as_slice()).len(), 2);
        assert_eq!(
            validate_path(&[ds.der()], &anchors, &options()).unwrap().anchor(),
            &theirs.iaca
        );
    }
}

#[test]
fn all_anchors_of_a_name_are_tried_without_key_identifiers_too() {
    use idwallet_crypto::x509::ExtensionKind::AuthorityKeyId;
    let pkis: Vec<Pki> = (0..3).map(|_| Pki::new()).collect();
    let anchors: TrustAnchors = pkis.iter().map(|p| p.iaca.clone()).collect();
    for pki in &pkis {
        let ds = pki
            .ds_builder()
            .omit(AuthorityKeyId)
            .sign_der(&pki.iaca_key, &random())
            .unwrap();
        let path = validate_path(&[&ds], &anchors, &options().strictness(Strictness::Lenient)).unwrap();
        assert_eq!(path.anchor(), &pki.iaca);
    }
}

/// RFC 5280 §6.1.3 a 1.
/// X-C05.
#[test]
fn an_altered_certificate() {
    let pki = Pki::new();
    let ds = pki.ds();
    let mut der = ds.der().to_vec();
    let at = der.windows(7).position(|w| w == b"Test DS").unwrap();
    der[at] = b'R';
    refused(&pki, &[&der], &PathError::Signature { index: 0 });
}

/// RFC 5280 §6.1.3 a 2, both ends included.
/// X-C05.
#[test]
fn leaf_validity() {
    let pki = Pki::new();
    let ds = pki
        .ds_builder()
        .validity(start(), now())
        .sign_der(&pki.iaca_key, &random())
        .unwrap();
    pki.validate(&[&ds], &options()).unwrap();
    let later = PathOptions {
        at: now().saturating_add_seconds(1),
        ..options()
    };
    for strictness in ALL {
        let result = pki.validate(&[&ds], &later.strictness(strictness));
        assert_eq!(result.unwrap_err(), PathError::Expired { index: 0 });
    }
    let future = pki
        .ds_builder()
        .validity(now().saturating_add_seconds(1), time("2027-01-01T00:00:00Z"));
    let future = future.sign_der(&pki.iaca_key, &random()).unwrap();
    refused(&pki, &[&future], &PathError::NotYetValid { index: 0 });
}

/// X-C05.
#[test]
fn root_validity() {
    let pki = Pki::with_root(|b| b.validity(start(), time("2026-05-31T23:59:59Z")));
    let ds = pki
        .ds_builder()
        .validity(start(), time("2026-12-01T00:00:00Z"))
        .sign_der(&pki.iaca_key, &random())
        .unwrap();
    refused(&pki, &[&ds], &PathError::Expired { index: 1 });
    let pki = Pki::with_root(|b| b.validity(time("2026-06-01T00:00:01Z"), time("2030-01-01T00:00:00Z")));
    refused(&pki, &[pki.ds().der()], &PathError::NotYetValid { index: 1 });
}

/// RFC 5280 §6.1.3 a 4.
/// X-C05.
#[test]
fn issuer_name_of_another() {
    let pki = Pki::new();
    let ds = pki
        .ds_builder()
        .issuer_name(&other_name())
        .sign_der(&pki.iaca_key, &random())
        .unwrap();
    refused(&pki, &[&ds], &PathError::NoAnchor { index: 0 });
    refused(&pki, &[&ds, pki.iaca.der()], &PathError::NameChaining { index: 0 });
}

/// RFC 5280 §6.1.4 k.
/// X-C05.
#[test]
fn root_that_is_not_a_ca() {
    use idwallet_crypto::x509::ExtensionKind::BasicConstraints as Extension;
    let pki = Pki::with_root(|b| b.omit(Extension));
    refused(&pki, &[pki.ds().der()], &PathError::NotACa { index: 1 });
    let pki = Pki::with_root(|b| {
        b.basic_constraints(BasicConstraints {
            ca: false,
            path_len: None,
        })
    });
    refused(&pki, &[pki.ds().der()], &PathError::NotACa { index: 1 });
}

/// RFC 5280 §6.1.4 n.
/// X-C05.
#[test]
fn root_that_may_not_sign_certificates() {
    let pki = Pki::with_root(|b| b.key_usage(KeyUsage::CRL_SIGN));
    refused(&pki, &[pki.ds().der()], &PathError::CaKeyUsage { index: 1 });
}

/// RFC 5280 §4.2.
/// X-C05.
#[test]
fn unknown_critical_extension() {
    let id = [0x2a, 0x03, 0x04];
    let pki = Pki::new();
    let build = |critical| {
        pki.ds_builder()
            .extra_extension(&id, critical, &[5, 0])
            .sign_der(&pki.iaca_key, &random())
            .unwrap()
    };
    refused(
        &pki,
        &[&build(true)],
        &PathError::UnknownCriticalExtension {
            index: 0,
            oid: "1.2.3.4".into(),
        },
    );
    assert_eq!(warnings(pki.validate(&[&build(false)], &options())), []);
}

/// RFC 5280 §4.2.1.3.
#[test]
fn signer_that_may_not_sign() {
    let pki = Pki::new();
    let ds = pki
        .ds_builder()
        .key_usage(KeyUsage(0x0800))
        .sign_der(&pki.iaca_key, &random())
        .unwrap();
    refused(&pki, &[&ds], &PathError::KeyUsage);
}

/// A-V41: the signer of a trust list may have contentCommitment alone, which departs from its profile; a document signer may not.
#[test]
fn content_commitment_signs_trust_lists_only() {
    let pki = Pki::new();
    let usage = KeyUsage::CONTENT_COMMITMENT;
    let name = NameBuilder::of("UT", None, "List signer");
    let signer = Builder::vical_signer(&pki.iaca, &name, pki.key.public_key(), start())
        .key_usage(usage)
        .sign_der(&pki.iaca_key, &random())
        .unwrap();
    let list = PathOptions::new(now(), Profile::VicalSigner);
    assert_eq!(errors(pki.validate(&[&signer], &list)), [F::KeyUsageBits]);
    let lenient = pki.validate(&[&signer], &list.strictness(Strictness::Lenient)).unwrap();
    assert!(lenient.findings().iter().any(|f| f.id == F::KeyUsageBits));
    let ds = pki
        .ds_builder()
        .key_usage(usage)
        .sign_der(&pki.iaca_key, &random())
        .unwrap();
    refused(&pki, &[&ds], &PathError::KeyUsage);
}

struct Deep {
    pki: Pki,
    middle: Certificate,
    ds: Certificate,
}

fn deep(path_len: Option<u32>, middle: impl Fn(Builder) -> Builder) -> Deep {
    let pki = Pki::with_root(|b| b.basic_constraints(BasicConstraints { ca: true, path_len }));
    let middle_key = key(Curve::P384);
    let builder = Builder::authority(&NameBuilder::of("VN", None, "Middle"), middle_key.public_key(), start());
    let middle = middle(builder.issued_by(&pki.iaca))
        .sign(&pki.iaca_key, &random())
        .unwrap();
    let ds = Builder::document_signer(&middle, &ds_name(), pki.key.public_key(), start(), CONTACT, CRL_URI);
    let ds = ds.sign(&middle_key, &random()).unwrap();
    Deep { pki, middle, ds }
}

impl Deep {
    fn chain(&self) -> [&[u8]; 2] {
        [self.ds.der(), self.middle.der()]
    }
}

/// A-C47: with the root's pathLen 0 no chain makes a longer path.
/// X-C05.
#[test]
fn path_length() {
    let zero = deep(Some(0), |b| b);
    refused(&zero.pki, &zero.chain(), &PathError::PathLength { index: 2 });
    let one = deep(Some(1), |b| b);
    let path = one
        .pki
        .validate(&one.chain(), &options().strictness(Strictness::Lenient))
        .unwrap();
    assert_eq!(path.intermediates(), core::slice::from_ref(&one.middle));
    assert!(path.findings().iter().any(|f| f.id == F::IntermediateCertificate));
    assert!(errors(one.pki.validate(&one.chain(), &options())).contains(&F::IntermediateCertificate));
    // Readers may have intermediates, if the constraint allows it.
    let reader = PathOptions::new(now(), Profile::Unconstrained);
    assert_eq!(warnings(one.pki.validate(&one.chain(), &reader)), []);
    refused(&one.pki, &[one.ds.der()], &PathError::NoAnchor { index: 0 });
}

/// X-C05.
#[test]
fn intermediate_faults() {
    use idwallet_crypto::x509::ExtensionKind;

    type Case = (PathError, fn(Builder) -> Builder);
    let cases: [Case; 5] = [
        (PathError::NotACa { index: 1 }, |b| {
            b.omit(ExtensionKind::BasicConstraints)
        }),
        (PathError::NotACa { index: 1 }, |b| b.version(1)),
        (PathError::CaKeyUsage { index: 1 }, |b| {
            b.key_usage(KeyUsage::DIGITAL_SIGNATURE)
        }),
        (PathError::Expired { index: 1 }, |b| b.validity(start(), start())),
        (
            PathError::UnknownCriticalExtension {
                index: 1,
                oid: "1.2.3.4".into(),
            },
            |b| b.extra_extension(&[0x2a, 0x03, 0x04], true, &[5, 0]),
        ),
    ];
    for (expected, change) in cases {
        // The DS itself must stay valid at `now`: the preset caps it at its issuer's end.
        let mut case = deep(None, change);
        if matches!(expected, PathError::Expired { .. }) {
            let middle_key = key(Curve::P256);
            let builder = Builder::authority(&NameBuilder::of("VN", None, "Middle"), middle_key.public_key(), start());
            case.middle = change(builder.issued_by(&case.pki.iaca))
                .sign(&case.pki.iaca_key, &random())
                .unwrap();
            let ds = Builder::document_signer(
                &case.middle,
                &ds_name(),
                case.pki.key.public_key(),
                start(),
                CONTACT,
                CRL_URI,
            );
            case.ds = ds
                .validity(start(), time("2026-12-01T00:00:00Z"))
                .sign(&middle_key, &random())
                .unwrap();
        }
        refused(&case.pki, &case.chain(), &expected);
    }
    let swapped = deep(None, |b| b);
    let other = deep(None, |b| b);
    refused(
        &swapped.pki,
        &[swapped.ds.der(), other.middle.der()],
        &PathError::Signature { index: 0 },
    );
}

/// A document signer that signs another: the leaf of a chain is no CA.
/// X-C05, A-V13.
#[test]
fn a_document_signer_cannot_issue() {
    let pki = Pki::new();
    let ds = pki.ds();
    let second = key(Curve::P256);
    let rogue = Builder::document_signer(
        &ds,
        &NameBuilder::of("VN", None, "Rogue"),
        second.public_key(),
        start(),
        CONTACT,
        CRL_URI,
    )
    .sign_der(&pki.key, &random())
    .unwrap();
    refused(&pki, &[&rogue, ds.der()], &PathError::NotACa { index: 1 });
}

/// X-C05: leaf not self-signed; pinned it is a warning under lenient.
#[test]
fn self_signed_leaf() {
    let signer = key(Curve::P256);
    let leaf = Builder::iaca(&root_name(), signer.public_key(), start(), CONTACT)
        .key_usage(KeyUsage::DIGITAL_SIGNATURE)
        .extended_key_usage(&[idwallet_crypto::x509::oid::MDL_DOCUMENT_SIGNER])
        .sign(&signer, &random())
        .unwrap();
    refused(&Pki::new(), &[leaf.der()], &PathError::SelfSignedLeaf);
    let pinned: TrustAnchors = [leaf.clone()].into_iter().collect();
    let strict = errors(validate_path(&[leaf.der()], &pinned, &options()));
    assert!(strict.contains(&F::LeafIsAnchor) && strict.contains(&F::SelfSignedLeaf));
    let lenient = validate_path(&[leaf.der()], &pinned, &options().strictness(Strictness::Lenient)).unwrap();
    assert!(lenient.findings().iter().any(|f| f.id == F::SelfSignedLeaf));
    assert_eq!(lenient.anchor(), &leaf);
    let late = PathOptions {
        at: time("2040-01-01T00:00:00Z"),
        ..options()
    }
    .strictness(Strictness::Lenient);
    assert_eq!(
        validate_path(&[leaf.der()], &pinned, &late).unwrap_err(),
        PathError::Expired { index: 0 }
    );
}

/// A pinned self-signed leaf for another purpose stays refused.
/// A-V13.
#[test]
fn pinned_reader_is_no_document_signer() {
    let signer = key(Curve::P256);
    let leaf = Builder::iaca(&root_name(), signer.public_key(), start(), CONTACT)
        .key_usage(KeyUsage::DIGITAL_SIGNATURE)
        .extended_key_usage(&[idwallet_crypto::x509::oid::MDL_READER_AUTH])
        .sign(&signer, &random())
        .unwrap();
    let pinned: TrustAnchors = [leaf.clone()].into_iter().collect();
    let result = validate_path(&[leaf.der()], &pinned, &options().strictness(Strictness::Lenient));
    assert_eq!(result.unwrap_err(), PathError::WrongPurpose);
}

/// Self-issued is not self-signed: signers with the name of their root are in use.
#[test]
fn leaf_with_the_name_of_its_root() {
    let pki = Pki::new();
    let ds = Builder::document_signer(&pki.iaca, &root_name(), pki.key.public_key(), start(), CONTACT, CRL_URI);
    let ds = ds.sign(&pki.iaca_key, &random()).unwrap();
    assert!(ds.is_self_issued() && !ds.is_self_signed());
    assert_eq!(warnings(pki.validate(&[ds.der()], &options())), []);
}

/// A-C43: the root inside the chain is a finding, and does not become an anchor.
#[test]
fn root_inside_the_chain() {
    let pki = Pki::new();
    let ds = pki.ds();
    let chain: [&[u8]; 2] = [ds.der(), pki.iaca.der()];
    assert_eq!(errors(pki.validate(&chain, &options())), [F::AnchorInChain]);
    let path = pki
        .validate(&chain, &options().strictness(Strictness::Lenient))
        .unwrap();
    assert_eq!(
        path.findings().iter().map(|f| f.id).collect::<Vec<_>>(),
        [F::AnchorInChain]
    );
    assert!(path.intermediates().is_empty());
}

/// A-C47: certificates behind the one that an anchor has issued are not used.
#[test]
fn surplus_certificates_do_not_matter() {
    let pki = Pki::new();
    let other = deep(None, |b| b);
    let ds = pki.ds();
    let path = pki.validate(&[ds.der(), other.middle.der()], &options()).unwrap();
    assert!(path.intermediates().is_empty() && path.findings().is_empty());
    // Nor need they be readable, while nothing hangs on them.
    assert!(pki.validate(&[ds.der(), b"\x30\x00"], &options()).is_ok());
    let stranger = Pki::new().ds();
    let needed = pki.validate(&[stranger.der(), b"\x30\x00"], &options()).unwrap_err();
    assert!(matches!(needed, PathError::Malformed { index: 1, .. }), "{needed}");
}

/// X-C09.
#[test]
fn chain_limits() {
    let pki = Pki::new();
    let ds = pki.ds();
    assert_eq!(pki.validate(&[], &options()).unwrap_err(), PathError::Empty);
    assert_eq!(
        pki.validate(&[ds.der(); 6], &options()).unwrap_err(),
        PathError::TooLong
    );
    let garbage = pki.validate(&[b"\x30\x00", ds.der()], &options()).unwrap_err();
    assert!(matches!(garbage, PathError::Malformed { index: 0, .. }));
    assert_eq!(
        validate_path(&[ds.der()], &TrustAnchors::new(), &options()).unwrap_err(),
        PathError::NoAnchor { index: 0 }
    );
}

/// The key of a cache: the leaf's digest and the generation of the anchors.
#[test]
fn generation_follows_the_contents() {
    let (a, b) = (Pki::new().iaca, Pki::new().iaca);
    let mut one: TrustAnchors = [a.clone(), b.clone()].into_iter().collect();
    let other: TrustAnchors = [b.clone(), a.clone(), a.clone()].into_iter().collect();
    assert_eq!((one.generation(), one.len()), (other.generation(), 2));
    let before = one.generation();
    assert!(one.remove(&b) && !one.remove(&b));
    assert_ne!(one.generation(), before);
    one.add(b);
    assert_eq!(one.generation(), before);
}

#[test]
fn pem_holds_several() {
    let (a, b) = (Pki::new().iaca, Pki::new().ds());
    let text = format!("# roots\n{}\n", pem::write_certificates([&a, &b]));
    assert_eq!(pem::read_certificates(&text).unwrap(), [a.clone(), b.clone()]);
    assert_eq!(pem::read_certificates(&text.replace('\n', "\r\n")).unwrap().len(), 2);
    assert_eq!(pem::read_certificates_or_der(a.der()).unwrap(), [a]);
    assert!(pem::read_certificates("").is_err());
    assert!(pem::read_certificates(&text.replace("-----END", "---END")).is_err());
    assert!(pem::read_certificates(&text.replacen('M', "*", 2)).is_err());
}
