//! Anchors of one kind each, revocation lists, status lists, and the store that façades use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{MDL, PID, Provider, ago, ahead, iaca};
use idwallet_crypto::Curve;
use idwallet_crypto::x509::{
    Crl, CrlBuilder, FindingId, PathError, PathOptions, Profile, RevocationRequirement, pem, validate_path,
};
use idwallet_test_support::{DAY, NOW, Pki};
use idwallet_trust::{
    AnchorSource, CrlStore, DocTypes, Grant, IssuerAnchors, ListStore, ReaderAnchors, Superseded, TrustError as E,
    TrustListVerdict, TrustStore, VicalBuilder, VicalPolicy, limits,
};

/// PEM with several, DER with one; what cannot be read changes nothing.
#[test]
fn anchors_are_read_from_files() {
    let (a, b) = (iaca(), Pki::issuer(Curve::P256, 21));
    let both = pem::write_certificates([&a.authority, &b.authority]);
    let mut anchors = IssuerAnchors::from_pem_or_der(both.as_bytes()).unwrap();
    assert_eq!(anchors.len(), 2);
    let reports = anchors
        .add_pem_or_der(a.authority.der(), "again", &DocTypes::Any)
        .unwrap();
    assert_eq!((anchors.len(), reports.len(), reports[0].findings.len()), (2, 1, 0));
    for bad in [
        &b"no certificate"[..],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"",
    ] {
        assert!(matches!(
            anchors.add_pem_or_der(bad, "", &DocTypes::Any),
            Err(E::X509(_))
        ));
        assert!(ReaderAnchors::from_pem_or_der(bad).is_err());
    }
    assert_eq!(anchors.len(), 2);
}

/// A-C40 to A-C46: what departs from the profile of its kind is reported.
#[test]
fn unusual_anchors_are_reported() {
    let reader = Pki::reader(Curve::P256, 22);
    // A reader's root is no IACA: it has no contact and no path length constraint.
    let reports = IssuerAnchors::new()
        .add_pem_or_der(reader.authority.der(), "", &DocTypes::Any)
        .unwrap();
    let ids: Vec<_> = reports[0].findings.iter().map(|f| f.id).collect();
    assert!(
        ids.contains(&FindingId::PathLenNotZero) && ids.contains(&FindingId::IssuerAltNameMissing),
        "{ids:?}"
    );
    assert_eq!(
        ReaderAnchors::new().add_pem_or_der(reader.authority.der()).unwrap()[0].findings,
        []
    );
    // A signer as a root is unusual for every kind.
    let reports = ReaderAnchors::new().add_pem_or_der(reader.signer.der()).unwrap();
    assert!(
        reports[0]
            .findings
            .iter()
            .any(|f| f.id == FindingId::AnchorNotSelfSigned)
    );
}

/// A-V13, X-C05: the root of readers vouches for no document, although both are in one store.
#[test]
fn the_root_of_readers_is_no_root_of_issuers() {
    let reader = Pki::reader(Curve::P256, 22);
    let mut store = TrustStore::new();
    store.add_issuer_anchors(iaca().authority.der()).unwrap();
    store.add_reader_anchors(reader.authority.der()).unwrap();
    let ds = PathOptions::new(NOW, Profile::DocumentSigner);
    let ra = PathOptions::new(NOW, Profile::ReaderAuth);
    assert!(validate_path(&[iaca().signer.der()], store.issuer_anchors(), &ds).is_ok());
    assert!(validate_path(&[reader.signer.der()], store.reader_anchors(), &ra).is_ok());
    let crossed = [
        validate_path(&[iaca().signer.der()], store.reader_anchors(), &ds),
        validate_path(&[reader.signer.der()], store.issuer_anchors(), &ra),
    ];
    for result in crossed {
        assert_eq!(result.unwrap_err(), PathError::NoAnchor { index: 0 });
    }
    assert_eq!(store.verdict(&reader.authority, MDL, NOW), TrustListVerdict::Unknown);
    assert_eq!(store.doc_types_of(&reader.authority), DocTypes::none());
}

/// A-V21: a configured bound binds as one of a trust list does.
#[test]
fn a_configured_bound_binds() {
    let mut anchors = IssuerAnchors::new();
    let grant = Grant {
        source: AnchorSource::Configured("by hand".into()),
        doc_types: DocTypes::only([PID]),
        until: None,
    };
    anchors.add(iaca().authority.clone(), grant.clone());
    anchors.add(iaca().authority.clone(), grant.clone());
    assert_eq!(anchors.grants(&iaca().authority), core::slice::from_ref(&grant));
    assert_eq!(
        anchors.verdict(&iaca().authority, PID, NOW),
        TrustListVerdict::Permitted(&grant)
    );
    assert_eq!(
        anchors.verdict(&iaca().authority, MDL, NOW),
        TrustListVerdict::NotPermitted
    );
}

/// A store from loose files.
#[test]
fn a_store_from_files_knows_what_it_was_given() {
    let provider = Provider::new(1);
    let second = Pki::issuer(Curve::P256, 23);
    let mut store = TrustStore::new();
    store.add_issuer_anchors(iaca().authority.der()).unwrap();
    let vical = provider
        .verify(&provider.list(&second.authority), &VicalPolicy::iso(NOW))
        .unwrap();
    store.add_vical(vical).unwrap();
    assert_eq!(
        store.verdict(&iaca().authority, PID, NOW),
        TrustListVerdict::NotApplicable
    );
    assert!(matches!(
        store.verdict(&second.authority, MDL, NOW),
        TrustListVerdict::Permitted(_)
    ));
    assert_eq!(
        store.verdict(&second.authority, PID, NOW),
        TrustListVerdict::NotPermitted
    );
    let text = pem::write_crl(&iaca().crl(&[])) + &pem::write_crl(&second.crl(&[]));
    assert_eq!(store.add_crls(text.as_bytes(), NOW).unwrap(), 2);
    assert!(matches!(store.add_crls(b"nothing", NOW), Err(E::X509(_))));
    store.add_list("https://example.org/1", b"one", NOW).unwrap();
    assert_eq!(store.list("https://example.org/1").unwrap().token(), b"one");
    assert!(store.list("https://example.org/1/").is_none());
    assert_eq!(
        (store.crls().len(), store.created_at(), store.problems().len()),
        (2, None, 0)
    );
}

fn list(number: u64, age: i64, revoked: bool) -> Crl {
    let builder = CrlBuilder::new(&iaca().authority, number, ago(age), ahead(DAY));
    let builder = if revoked {
        builder.revoke(&iaca().signer, ago(age))
    } else {
        builder
    };
    builder.sign(&iaca().authority_key).unwrap()
}

/// A-V14: revoked by any genuine list of the store.
#[test]
fn a_list_that_is_not_genuine_pushes_none_out() {
    let mut crls = CrlStore::new();
    let genuine = list(1, DAY, true);
    crls.add(genuine.clone(), ago(60)).unwrap();
    let forged = CrlBuilder::new(&iaca().authority, 9, ago(1), ahead(DAY))
        .sign(&Provider::new(3).root_key)
        .unwrap();
    crls.add(forged, NOW).unwrap();
    assert_eq!(crls.len(), 2);
    let options =
        PathOptions::new(NOW, Profile::DocumentSigner).revocation(crls.as_slice(), RevocationRequirement::IfAvailable);
    let refused = validate_path(&[iaca().signer.der()], &iaca().anchors(), &options);
    assert!(matches!(refused, Err(PathError::Revoked { .. })));
    // The same list again is the same list, fetched later.
    crls.add(genuine, NOW).unwrap();
    assert_eq!((crls.len(), crls.iter().next().unwrap().1), (2, NOW));
}

/// A-C44: a newer genuine list replaces, an older one does not.
#[test]
fn newer_lists_supersede_older_ones() {
    let anchors = iaca().anchors();
    let mut crls = CrlStore::new();
    assert_eq!(
        crls.supersede(list(1, 900, false), ago(900), &anchors),
        Ok(Superseded::Replaced(0))
    );
    assert_eq!(
        crls.supersede(list(2, 600, true), ago(600), &anchors),
        Ok(Superseded::Replaced(1))
    );
    assert_eq!(
        crls.supersede(list(1, 900, false), NOW, &anchors),
        Ok(Superseded::KeptNewer)
    );
    assert_eq!((crls.len(), crls.as_slice()[0].len()), (1, 1));
}

/// Bounds on what a store keeps (X-C09).
#[test]
fn stores_keep_their_limits() {
    let mut lists = ListStore::new();
    assert!(matches!(lists.add("", b"x", NOW), Err(E::Limit(_))));
    assert!(matches!(
        lists.add(&"u".repeat(limits::TEXT + 1), b"x", NOW),
        Err(E::Limit(_))
    ));
    assert!(matches!(
        lists.add("u", &vec![0; limits::LIST + 1], NOW),
        Err(E::Limit(_))
    ));
    for n in 0..limits::LISTS {
        lists.add(&n.to_string(), b"", NOW).unwrap();
    }
    assert!(matches!(lists.add("one more", b"", NOW), Err(E::Limit(_))));
    lists.add("0", b"newer", ahead(1)).unwrap();
    lists.add("0", b"older", NOW).unwrap();
    assert_eq!(
        (lists.len(), lists.find("0").unwrap().token()),
        (limits::LISTS, &b"newer"[..])
    );
}

/// A-V41, A-V44: a provider's newer list takes the place of its older one, whatever the order; another provider's list of that name stays.
#[test]
fn an_older_list_of_the_provider_does_not_bring_a_root_back() {
    let (provider, namesake) = (Provider::new(1), Provider::new(2));
    let (kept, removed) = (Pki::issuer(Curve::P256, 24), Pki::issuer(Curve::P256, 25));
    let verified = |provider: &Provider, bytes: &[u8]| provider.verify(bytes, &VicalPolicy::iso(NOW)).unwrap();
    let issue = |id: u64, date, roots: &[&Pki]| {
        let list = VicalBuilder::new("Utopia", date).issue_id(id);
        let list = roots
            .iter()
            .fold(list, |list, root| list.entry(&root.authority, &[MDL]));
        verified(&provider, &provider.sign(&list))
    };
    let old = issue(1, ago(2 * DAY), &[&kept, &removed]);
    let new = issue(2, ago(DAY), &[&kept]);
    let other = VicalBuilder::new("Utopia", ago(2 * DAY))
        .issue_id(1)
        .entry(&removed.authority, &[PID]);
    let other = verified(&namesake, &namesake.sign(&other));

    let mut store = TrustStore::new();
    store.add_vical(old.clone()).unwrap();
    assert!(store.verdict(&removed.authority, MDL, NOW).is_permitted());
    store.add_vical(new.clone()).unwrap();
    assert!(!store.issuer_anchors().contains(&removed.authority));
    assert_eq!(store.verdict(&removed.authority, MDL, NOW), TrustListVerdict::Unknown);
    assert!(store.verdict(&kept.authority, MDL, NOW).is_permitted());
    assert_eq!(store.add_vical(old.clone()).unwrap_err(), E::VicalRolledBack);
    assert_eq!((store.vicals().len(), store.issuer_anchors().len()), (1, 1));
    // The same issue once more changes nothing.
    store.add_vical(new).unwrap();
    assert_eq!(store.vicals().len(), 1);

    // Same name, number and date, another root of trust.
    let mut store = TrustStore::new();
    store.add_vical(old).unwrap();
    store.add_vical(other).unwrap();
    store.add_vical(issue(2, ago(DAY), &[&kept])).unwrap();
    assert_eq!(store.vicals().len(), 2);
    assert_eq!(
        store.verdict(&removed.authority, MDL, NOW),
        TrustListVerdict::NotPermitted
    );
    assert!(store.verdict(&removed.authority, PID, NOW).is_permitted());
}
