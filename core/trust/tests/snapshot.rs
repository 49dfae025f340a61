//! The dated offline snapshot: nothing of it is used before it is verified.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use common::{MDL, PID, Provider, ago, ahead, cbor, iaca};
use idwallet_cose::cbor::{Encoder, Value};
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::x509::{Certificate, CertificateBuilder, Crl, CrlProblem, NameBuilder, PathError, oid};
use idwallet_crypto::{Curve, PrivateKey, Random as _, Secret};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, key};
use idwallet_trust::snapshot::SNAPSHOT_TYPE;
use idwallet_trust::{
    DocTypes, SnapshotBuilder, SnapshotMark, SnapshotPolicy, SnapshotSigners, SnapshotTrust, Superseded,
    TrustError as E, TrustListVerdict, TrustSnapshot, TrustStore, VicalPolicy,
};

const URI: &str = "https://status.example.org/lists/7";
const MADE: i64 = 2 * DAY;

fn signer() -> PrivateKey {
    key(Curve::P256, 500)
}

fn seal_key() -> Secret<[u8; 32]> {
    Secret::new([7; 32])
}

/// One of each kind, made two days ago.
fn builder() -> SnapshotBuilder {
    let (provider, reader) = (Provider::new(1), Pki::reader(Curve::P256, 12));
    let second = Pki::issuer(Curve::P256, 13);
    SnapshotBuilder::new(ago(MADE), 41)
        .issuer(&iaca().authority, &DocTypes::Any, "ministry", ago(MADE + 60))
        .issuer(&second.authority, &DocTypes::only([PID]), "by hand", ago(MADE + 120))
        .reader(&reader.authority, ago(MADE + 60))
        .vical_provider(&provider.root, ago(MADE + 60))
        .vical(
            &provider.sign(&provider.builder(&second.authority).next_update(ahead(DAY))),
            ago(MADE),
        )
        .crl(iaca().crl(&[]), ago(MADE))
        .unwrap()
        .list(URI, b"token", ago(MADE))
        .unwrap()
}

fn open(bytes: &[u8]) -> Result<TrustSnapshot, E> {
    open_at(bytes, &SnapshotPolicy::new(NOW))
}

fn open_at(bytes: &[u8], policy: &SnapshotPolicy<'_>) -> Result<TrustSnapshot, E> {
    TrustSnapshot::open(bytes, &SnapshotTrust::Key(&signer().public_key().clone()), policy)
}

fn check_contents(snapshot: &TrustSnapshot) {
    assert_eq!(
        snapshot.mark(),
        SnapshotMark {
            sequence: 41,
            created_at: ago(MADE)
        }
    );
    assert_eq!(
        (
            snapshot.issuers().len(),
            snapshot.readers().len(),
            snapshot.providers().len()
        ),
        (2, 1, 1)
    );
    assert_eq!(
        (snapshot.crls().len(), snapshot.vicals().count(), snapshot.lists().len()),
        (1, 1, 1)
    );
    assert_eq!(snapshot.fetched_at(&iaca().authority), Some(ago(MADE + 60)));
    let list = snapshot.lists().find(URI).unwrap();
    assert_eq!((list.token(), list.fetched_at()), (&b"token"[..], ago(MADE)));
    assert_eq!(snapshot.crls().iter().next().unwrap().1, ago(MADE));
}

/// Signed by a known key: what went in comes out.
#[test]
fn a_signed_snapshot_opens() {
    let snapshot = open(&builder().sign(&signer(), &[]).unwrap()).unwrap();
    check_contents(&snapshot);
    assert!(snapshot.signer().is_none());
}

/// Sealed for one device.
#[test]
fn a_sealed_snapshot_opens_under_its_key_only() {
    let sealed = builder().seal(&seal_key(), &SeededRandom::new(1)).unwrap();
    let open =
        |key: &Secret<[u8; 32]>| TrustSnapshot::open(&sealed, &SnapshotTrust::Sealed(key), &SnapshotPolicy::new(NOW));
    check_contents(&open(&seal_key()).unwrap());
    assert_eq!(open(&Secret::new([8; 32])).unwrap_err(), E::SnapshotSeal);
    // The same content twice has two nonces.
    assert_ne!(sealed, builder().seal(&seal_key(), &SeededRandom::new(2)).unwrap());
}

/// One protection is not the other, and no protection is none.
#[test]
fn an_unprotected_snapshot_is_not_believed() {
    let signed = builder().sign(&signer(), &[]).unwrap();
    let sealed = builder().seal(&seal_key(), &SeededRandom::new(1)).unwrap();
    let policy = SnapshotPolicy::new(NOW);
    let key = seal_key();
    let wrong = TrustSnapshot::open(&signed, &SnapshotTrust::Sealed(&key), &policy).unwrap_err();
    assert_eq!(wrong, E::SnapshotProtection);
    assert_eq!(open(&sealed).unwrap_err(), E::SnapshotProtection);
    let payload = cbor(|e| {
        e.map(1).text("version").text("1.0");
    });
    assert_eq!(open(&payload).unwrap_err(), E::NotASnapshot);
    assert_eq!(open(&signed[1..]).unwrap_err(), E::NotASnapshot);
    assert_eq!(open(b"").unwrap_err(), E::NotASnapshot);
}

/// Another signer, and another kind of object by the right signer.
#[test]
fn another_signer_or_type_is_refused() {
    let error = open(&builder().sign(&key(Curve::P256, 501), &[]).unwrap()).unwrap_err();
    assert!(error.is_untrusted(), "{error}");
    let other = Sign1Builder::new()
        .tagged()
        .typ("application/statuslist+cwt")
        .payload(b"x")
        .sign(&signer())
        .unwrap();
    assert_eq!(open(&other).unwrap_err(), E::NotASnapshot);
    let unprotected = Sign1Builder::new()
        .tagged()
        .header(Place::Unprotected, 16, |e| {
            e.text(SNAPSHOT_TYPE);
        })
        .payload(b"x")
        .sign(&signer())
        .unwrap();
    assert_eq!(open(&unprotected).unwrap_err(), E::NotASnapshot);
}

fn certificate(key: &PrivateKey, purposes: &[&[u8]]) -> (Certificate, Certificate) {
    let root_key = self::key(Curve::P256, 600);
    let name = NameBuilder::of("UT", None, "Snapshot authority");
    let root = CertificateBuilder::authority(&name, root_key.public_key(), ago(9 * DAY))
        .sign(&root_key, &SeededRandom::new(6))
        .unwrap();
    let name = NameBuilder::of("UT", None, "Snapshot service");
    let mut leaf = CertificateBuilder::new(&name, key.public_key(), ago(9 * DAY))
        .issued_by(&root)
        .key_usage(idwallet_crypto::x509::KeyUsage::DIGITAL_SIGNATURE);
    if !purposes.is_empty() {
        leaf = leaf.extended_key_usage(purposes);
    }
    let leaf = leaf.sign(&root_key, &SeededRandom::new(7)).unwrap();
    (root, leaf)
}

/// Signed under a certificate: one that is trusted for snapshots, or issued by such an authority, and for nothing else.
#[test]
fn the_signers_certificate_is_checked() {
    let policy = SnapshotPolicy::new(NOW);
    let open = |leaf: &Certificate, trusted: &Certificate, at: &SnapshotPolicy<'_>| {
        let bytes = builder().sign(&signer(), core::slice::from_ref(leaf)).unwrap();
        let signers: SnapshotSigners = [trusted.clone()].into_iter().collect();
        TrustSnapshot::open(&bytes, &SnapshotTrust::Signers(&signers), at)
    };
    let (root, leaf) = certificate(&signer(), &[]);
    assert_eq!(open(&leaf, &root, &policy).unwrap().signer(), Some(&leaf));
    assert_eq!(open(&leaf, &leaf, &policy).unwrap().signer(), Some(&leaf));
    assert!(open(&leaf, &iaca().authority, &policy).unwrap_err().is_untrusted());
    let late = SnapshotPolicy::new(ahead(400 * DAY));
    assert_eq!(
        open(&leaf, &root, &late).unwrap_err(),
        E::Path(PathError::Expired { index: 0 })
    );
    for purpose in [
        oid::MDL_READER_AUTH,
        oid::MDL_DOCUMENT_SIGNER,
        oid::MDL_VICAL_SIGNER,
        oid::STATUS_SIGNING,
        oid::SERVER_AUTH,
    ] {
        let (root, leaf) = certificate(&signer(), &[purpose]);
        assert_eq!(open(&leaf, &root, &policy).unwrap_err(), E::SnapshotSignerPurpose);
    }
    let (root, leaf) = certificate(&key(Curve::P256, 777), &[]);
    assert!(matches!(builder().sign(&signer(), &[leaf]), Err(E::Incomplete(_))));
    let none = builder().sign(&signer(), &[]).unwrap();
    let signers: SnapshotSigners = [root].into_iter().collect();
    assert_eq!(
        TrustSnapshot::open(&none, &SnapshotTrust::Signers(&signers), &policy).unwrap_err(),
        E::ChainMissing
    );
}

/// Too old is a reason of its own, at opening and at use.
#[test]
fn knowledge_that_is_too_old_says_so() {
    let bytes = builder().sign(&signer(), &[]).unwrap();
    let age = u64::try_from(MADE).unwrap();
    assert!(open_at(&bytes, &SnapshotPolicy::new(NOW).max_age(age)).is_ok());
    let error = open_at(&bytes, &SnapshotPolicy::new(NOW).max_age(age - 1)).unwrap_err();
    assert!(matches!(error, E::KnowledgeTooOld(too_old) if too_old.created_at == ago(MADE)));
    assert!(error.is_outdated() && !error.is_untrusted());
    let store = TrustStore::from_snapshot(&open(&bytes).unwrap(), &VicalPolicy::new(NOW));
    assert_eq!(store.created_at(), Some(ago(MADE)));
    assert!(store.check_age(NOW, age).is_ok() && store.check_age(ahead(1), age).is_err());
    assert!(TrustStore::new().check_age(NOW, 0).is_ok());
}

/// An older snapshot after a newer one, by number or by date.
#[test]
fn roll_back_is_refused() {
    let bytes = builder().sign(&signer(), &[]).unwrap();
    let after = |sequence, created_at| {
        let mark = SnapshotMark { sequence, created_at };
        open_at(&bytes, &SnapshotPolicy::new(NOW).previous(&mark))
    };
    assert!(after(41, ago(MADE)).is_ok() && after(40, ago(MADE + 1)).is_ok());
    assert_eq!(after(42, ago(MADE + 1)).unwrap_err(), E::SnapshotRolledBack);
    assert_eq!(after(40, ago(MADE - 1)).unwrap_err(), E::SnapshotRolledBack);
}

/// From the future, or with a piece that is younger than the whole.
#[test]
fn implausible_times_are_refused() {
    let future = SnapshotBuilder::new(ahead(61), 1).sign(&signer(), &[]).unwrap();
    assert_eq!(open(&future).unwrap_err(), E::SnapshotInFuture(ahead(61)));
    let young = SnapshotBuilder::new(ago(60), 1).reader(&iaca().authority, ago(59));
    assert!(matches!(young.sign(&signer(), &[]), Err(E::Incomplete(_))));
    let by_hand = raw(|members| {
        members[4] = (
            "readerAnchors",
            Value::Array(vec![Value::Map(vec![
                (
                    Value::Text("certificate".into()),
                    Value::Bytes(iaca().authority.der().to_vec()),
                ),
                (Value::Text("fetchedAt".into()), tdate("2026-06-01T12:00:00Z")),
            ])]),
        );
    });
    assert!(matches!(open(&by_hand).unwrap_err(), E::Incomplete(_)));
}

fn tdate(text: &str) -> Value {
    Value::Tag(0, Box::new(Value::Text(text.into())))
}

/// An empty snapshot by hand, changed, and signed by the right key.
fn raw(change: impl FnOnce(&mut Vec<(&'static str, Value)>)) -> Vec<u8> {
    let empty = || Value::Array(Vec::new());
    let mut members = vec![
        ("version", Value::Text("1.0".into())),
        ("createdAt", tdate("2026-06-01T00:00:00Z")),
        ("sequence", Value::from(3_u64)),
        ("issuerAnchors", empty()),
        ("readerAnchors", empty()),
        ("vicalProviders", empty()),
        ("crls", empty()),
        ("vicals", empty()),
        ("lists", empty()),
    ];
    change(&mut members);
    let mut e = Encoder::new();
    e.map(members.len());
    for (name, value) in &members {
        e.text(name).value(value).unwrap();
    }
    let payload = e.into_vec();
    Sign1Builder::new()
        .tagged()
        .typ(SNAPSHOT_TYPE)
        .payload(&payload)
        .sign(&signer())
        .unwrap()
}

/// A signed file with the wrong shape is refused as a whole.
#[test]
fn a_malformed_snapshot_is_refused() {
    assert!(open(&raw(|_| {})).is_ok(), "the fixture itself");
    for at in 0..9 {
        let missing = raw(|members| drop(members.remove(at)));
        assert!(matches!(open(&missing).unwrap_err(), E::Malformed { .. }), "{at}");
        let other = raw(|members| members[at].1 = Value::Bool(true));
        assert!(matches!(open(&other).unwrap_err(), E::Malformed { .. }), "{at}");
        let twice = raw(|members| members.push(members[at].clone()));
        assert!(matches!(open(&twice).unwrap_err(), E::Malformed { .. }), "{at}");
    }
    assert!(matches!(
        open(&raw(|m| m[0].1 = Value::Text("2.0".into()))).unwrap_err(),
        E::Version(_)
    ));
    assert!(
        open(&raw(|m| m.push(("later", Value::Bool(true))))).is_ok(),
        "unknown members are passed over"
    );
    // Document types that are not understood do not become "any".
    let entry = |doc_types: Value| {
        raw(|members| {
            members[3].1 = Value::Array(vec![Value::Map(vec![
                (
                    Value::Text("certificate".into()),
                    Value::Bytes(iaca().authority.der().to_vec()),
                ),
                (Value::Text("fetchedAt".into()), tdate("2026-05-01T12:00:00Z")),
                (Value::Text("source".into()), Value::Text("x".into())),
                (Value::Text("docTypes".into()), doc_types),
            ])]);
        })
    };
    for bad in [
        Value::Null,
        Value::Text(MDL.into()),
        Value::Array(vec![Value::Bool(true)]),
    ] {
        assert!(matches!(open(&entry(bad)).unwrap_err(), E::Malformed { .. }));
    }
    let none = open(&entry(Value::Array(Vec::new()))).unwrap();
    assert_eq!(
        none.issuers().verdict(&iaca().authority, MDL, NOW),
        TrustListVerdict::NotPermitted
    );
}

/// A-V43, A-V44: the trust lists of a snapshot are verified again, each by itself.
#[test]
fn trust_lists_of_a_snapshot_are_verified_again() {
    let (provider, other) = (Provider::new(1), Provider::new(2));
    let second = Pki::issuer(Curve::P256, 13);
    let bytes = builder()
        .vical(&other.list(&second.authority), ago(MADE))
        .sign(&signer(), &[])
        .unwrap();
    let snapshot = open(&bytes).unwrap();
    let store = TrustStore::from_snapshot(&snapshot, &VicalPolicy::iso(NOW));
    assert_eq!((store.vicals().len(), store.problems().len()), (1, 1));
    assert_eq!(store.problems()[0].index, 1);
    assert!(store.problems()[0].error.is_untrusted());
    assert_eq!(store.vicals()[0].provider(), "Utopia");
    // One root is in both: configured for one document type, listed for another.
    let listed = store.vicals()[0].entries()[0].certificate();
    assert_eq!(store.issuers().len(), 2);
    assert_eq!(store.doc_types_of(listed), DocTypes::only([MDL, PID]));
    assert_eq!(store.crls().len(), 1);
    assert_eq!(store.list(URI).unwrap().token(), b"token");
    assert_eq!(store.reader_anchors().len(), 1);
    // A revocation list in the snapshot reaches the list's signer.
    let crl = idwallet_crypto::x509::CrlBuilder::new(&provider.root, 1, ago(3 * DAY), ahead(DAY))
        .revoke(&provider.signer, ago(3 * DAY))
        .sign(&provider.root_key)
        .unwrap();
    let revoked = builder().crl(crl, ago(MADE)).unwrap().sign(&signer(), &[]).unwrap();
    let store = TrustStore::from_snapshot(&open(&revoked).unwrap(), &VicalPolicy::iso(NOW));
    assert!(matches!(store.problems()[0].error, E::Path(PathError::Revoked { .. })));
}

fn crl(number: u64, this_update: i64, revoked: bool) -> Crl {
    let builder = idwallet_crypto::x509::CrlBuilder::new(&iaca().authority, number, ago(this_update), ahead(DAY));
    let builder = if revoked {
        builder.revoke(&iaca().signer, ago(this_update))
    } else {
        builder
    };
    builder.sign(&iaca().authority_key).unwrap()
}

/// A freshly fetched list takes the place of the older one; a replayed or foreign one does not.
#[test]
fn a_refreshed_snapshot_holds_the_newest_lists() {
    let snapshot = open(&builder().sign(&signer(), &[]).unwrap()).unwrap();
    let mut next = snapshot.refresh(NOW).unwrap();
    let fresh = crl(2, 60, true);
    assert_eq!(next.refresh_crl(&fresh, NOW), Ok(Superseded::Replaced(1)));
    assert_eq!(next.refresh_crl(&crl(1, 3600, false), NOW), Ok(Superseded::KeptNewer));
    let (stranger, _) = certificate(&signer(), &[]);
    let foreign = idwallet_crypto::x509::CrlBuilder::new(&stranger, 9, ago(1), ahead(DAY)).sign(&key(Curve::P256, 600));
    assert_eq!(next.refresh_crl(&foreign.unwrap(), NOW), Err(CrlProblem::NoneOfIssuer));
    let forged =
        idwallet_crypto::x509::CrlBuilder::new(&iaca().authority, 9, ago(1), ahead(DAY)).sign(&key(Curve::P256, 1));
    assert_eq!(next.refresh_crl(&forged.unwrap(), NOW), Err(CrlProblem::Signature));
    let next = next
        .list(URI, b"newer", NOW)
        .unwrap()
        .list(URI, b"older", ago(DAY))
        .unwrap();
    let snapshot = open(&next.sign(&signer(), &[]).unwrap()).unwrap();
    assert_eq!(
        snapshot.mark(),
        SnapshotMark {
            sequence: 42,
            created_at: NOW
        }
    );
    assert_eq!(snapshot.crls().as_slice()[0].der(), fresh.der());
    assert_eq!(
        (snapshot.crls().len(), snapshot.lists().find(URI).unwrap().token()),
        (1, &b"newer"[..])
    );
    assert_eq!(snapshot.fetched_at(&iaca().authority), Some(ago(MADE + 60)));
    assert!(matches!(snapshot.refresh(ago(1)), Err(E::Incomplete(_))));
}

/// No flipped bit of either form is believed, and random bytes do not panic (X-C09).
#[test]
fn altered_snapshots_are_refused() {
    let small = || SnapshotBuilder::new(ago(60), 1).reader(&iaca().authority, ago(61));
    let (signed, sealed) = (
        small().sign(&signer(), &[]).unwrap(),
        small().seal(&seal_key(), &SeededRandom::new(1)).unwrap(),
    );
    let (policy, key, public) = (SnapshotPolicy::new(NOW), seal_key(), *signer().public_key());
    for (good, trust) in [
        (&signed, SnapshotTrust::Key(&public)),
        (&sealed, SnapshotTrust::Sealed(&key)),
    ] {
        assert!(TrustSnapshot::open(good, &trust, &policy).is_ok());
        for bit in 0..good.len() * 8 {
            let mut altered = good.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(TrustSnapshot::open(&altered, &trust, &policy).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(
                TrustSnapshot::open(&good[..length], &trust, &policy).is_err(),
                "{length}"
            );
        }
        println!("{} flipped bits and {} truncations refused", good.len() * 8, good.len());
        let random = SeededRandom::new(2);
        for round in 0..5_000_usize {
            let mut bytes = vec![0; round % 200];
            random.fill(&mut bytes).unwrap();
            assert!(TrustSnapshot::open(&bytes, &trust, &policy).is_err());
            // Signed garbage too: the parser stands behind the signature.
            if round % 10 == 0 {
                let signed = Sign1Builder::new()
                    .tagged()
                    .typ(SNAPSHOT_TYPE)
                    .payload(&bytes)
                    .sign(&signer())
                    .unwrap();
                assert!(open(&signed).is_err());
            }
        }
    }
}
