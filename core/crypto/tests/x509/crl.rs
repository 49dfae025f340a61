//! Revocation lists (A-C44, A-V14).

use idwallet_crypto::x509::{
    Certificate, CertificateBuilder, Crl, CrlBuilder, CrlDeparture, CrlProblem, KeyUsage, PathError, PathOptions,
    Revocation, RevocationRequirement as Need, Strictness, X509ErrorKind, oid, pem, revocation_of,
};

use crate::pki::{Pki, now, options, random, root_name, start, time};

fn list(pki: &Pki) -> CrlBuilder {
    CrlBuilder::new(&pki.iaca, 7, time("2026-05-01T00:00:00Z"), time("2026-07-01T00:00:00Z"))
}

fn validate(pki: &Pki, ds: &Certificate, crls: &[Crl], need: Need) -> Result<Revocation, PathError> {
    pki.validate(&[ds.der()], &options().revocation(crls, need))
        .map(|p| p.revocation())
}

/// A-V14, X-C13.
#[test]
fn good_revoked_and_unknown_are_three_things() {
    let pki = Pki::new();
    let (good, bad) = (pki.ds(), pki.ds());
    let since = time("2026-05-02T03:04:05Z");
    let mut builder = list(&pki);
    for _ in 0..500 {
        builder = builder.revoke(&pki.ds(), since);
    }
    let crl = [builder.revoke(&bad, since).sign(&pki.iaca_key).unwrap()];
    assert_eq!(crl[0].len(), 501);
    assert_eq!(crl[0].number(), Some(&[7_u8][..]));
    assert_eq!(validate(&pki, &good, &crl, Need::Required), Ok(Revocation::Good));
    for strictness in [Strictness::Iso, Strictness::Lenient] {
        let options = options().strictness(strictness).revocation(&crl, Need::IfAvailable);
        let result = pki.validate(&[bad.der()], &options);
        assert_eq!(result.unwrap_err(), PathError::Revoked { index: 0, at: since });
    }
    assert_eq!(
        validate(&pki, &good, &[], Need::IfAvailable),
        Ok(Revocation::Unknown(CrlProblem::NotGiven))
    );
    let missing = validate(&pki, &good, &[], Need::Required).unwrap_err();
    assert_eq!(
        missing,
        PathError::RevocationUnknown {
            index: 0,
            problem: CrlProblem::NotGiven
        }
    );
    assert_eq!(
        validate(&pki, &bad, &crl, Need::Ignored),
        Ok(Revocation::Unknown(CrlProblem::NotGiven))
    );
    let text = pem::write_crl(&crl[0]);
    assert_eq!(pem::read_crls_or_der(text.as_bytes()).unwrap()[0].der(), crl[0].der());
}

#[test]
fn every_entry_is_found() {
    let pki = Pki::new();
    let serials: Vec<[u8; 3]> = (0..300_u32)
        .map(|i| [1 + (i % 7) as u8, (i * 37 % 256) as u8, (i / 3) as u8])
        .collect();
    let crl = serials
        .iter()
        .fold(list(&pki), |b, s| b.revoke_for_reason(s, start(), 1))
        .sign(&pki.iaca_key)
        .unwrap();
    for serial in &serials {
        assert_eq!(
            crl.find(serial),
            Some(Revocation::Revoked {
                at: start(),
                reason: Some(1)
            })
        );
    }
    assert_eq!(crl.find(&[9, 9, 9]), None);
    assert_eq!(crl.find(&[]), None);
}

fn problem(pki: &Pki, crl: Crl, at: &str) -> CrlProblem {
    let ds = pki.ds();
    let crls = [crl];
    let options = PathOptions {
        at: time(at),
        ..options()
    }
    .revocation(&crls, Need::Required);
    match pki.validate(&[ds.der()], &options) {
        Err(PathError::RevocationUnknown { index: 0, problem }) => problem,
        other => panic!("{other:?}"),
    }
}

/// A-C44: "CRL signed by other IACA", with the same name and with another.
#[test]
fn list_of_another_root() {
    let (ours, theirs) = (Pki::new(), Pki::new());
    let same_name = list(&theirs).sign(&theirs.iaca_key).unwrap();
    assert_eq!(problem(&ours, same_name, "2026-06-01T00:00:00Z"), CrlProblem::Signature);
    let other = Pki::with_root(|b| b.extra_extension(&[0x2a, 3], false, &[5, 0]));
    let ds = theirs.ds();
    let other_name = CrlBuilder::new(&ds, 1, start(), time("2026-07-01T00:00:00Z"))
        .sign(&other.iaca_key)
        .unwrap();
    assert_eq!(
        problem(&ours, other_name, "2026-06-01T00:00:00Z"),
        CrlProblem::NoneOfIssuer
    );
    // Unusable lists beside a usable one do not hide it, nor does it lend them weight.
    let ds = ours.ds();
    let forged = list(&theirs).revoke(&ds, start()).sign(&theirs.iaca_key).unwrap();
    let real = list(&ours).sign(&ours.iaca_key).unwrap();
    for crls in [[forged.clone(), real.clone()], [real, forged]] {
        assert_eq!(validate(&ours, &ds, &crls, Need::Required), Ok(Revocation::Good));
    }
}

/// A-C44: "expired CRL" is unknown, not good; what it names is revoked all the same.
#[test]
fn expired_and_future_lists() {
    let pki = Pki::new();
    let crl = list(&pki).sign(&pki.iaca_key).unwrap();
    assert_eq!(problem(&pki, crl.clone(), "2026-07-01T00:00:01Z"), CrlProblem::Expired);
    assert_eq!(problem(&pki, crl, "2026-04-30T23:59:59Z"), CrlProblem::NotYetValid);
    let endless = list(&pki).without_next_update().sign(&pki.iaca_key).unwrap();
    assert_eq!(problem(&pki, endless, "2026-06-01T00:00:00Z"), CrlProblem::NoNextUpdate);
    let ds = pki.ds();
    let old = [list(&pki).revoke(&ds, start()).sign(&pki.iaca_key).unwrap()];
    let late = PathOptions {
        at: time("2026-08-01T00:00:00Z"),
        ..options()
    }
    .revocation(&old, Need::IfAvailable);
    assert_eq!(
        pki.validate(&[ds.der()], &late).unwrap_err(),
        PathError::Revoked { index: 0, at: start() }
    );
}

/// A-C44.
#[test]
fn root_that_may_not_sign_lists() {
    let pki = Pki::with_root(|b| b.key_usage(KeyUsage::KEY_CERT_SIGN));
    let ds = pki.ds();
    let crls = [list(&pki).revoke(&ds, start()).sign(&pki.iaca_key).unwrap()];
    let options = options()
        .strictness(Strictness::Lenient)
        .revocation(&crls, Need::IfAvailable);
    let path = pki.validate(&[ds.der()], &options).unwrap();
    assert_eq!(path.revocation(), Revocation::Unknown(CrlProblem::KeyUsage));
}

/// A-C44: v2, full, direct; unknown critical extensions of list and entry refused.
#[test]
fn what_is_not_a_full_direct_v2_list_is_not_read() {
    let pki = Pki::new();
    let kind = |b: CrlBuilder| Crl::from_der(&b.sign_der(&pki.iaca_key).unwrap()).unwrap_err().kind;
    let ok = Crl::from_der(
        &list(&pki)
            .extra_extension(&[0x2a, 3], false, &[5, 0])
            .sign_der(&pki.iaca_key)
            .unwrap(),
    );
    assert!(ok.is_ok());
    assert_eq!(kind(list(&pki).version(None)), X509ErrorKind::Version);
    assert_eq!(kind(list(&pki).version(Some(2))), X509ErrorKind::Version);
    assert!(matches!(
        kind(list(&pki).extra_extension(&[0x2a, 3], true, &[5, 0])),
        X509ErrorKind::Malformed(_)
    ));
    for critical in [true, false] {
        let delta = list(&pki).extra_extension(oid::DELTA_CRL, critical, &[2, 1, 1]);
        assert_eq!(kind(delta), X509ErrorKind::Malformed("CRL: delta"));
        let idp = list(&pki).extra_extension(oid::ISSUING_DISTRIBUTION_POINT, critical, &[0x30, 0]);
        assert_eq!(kind(idp), X509ErrorKind::Malformed("CRL: issuingDistributionPoint"));
        let indirect = list(&pki).revoke_with_extension(&[5], start(), oid::CERTIFICATE_ISSUER, critical, &[0x30, 0]);
        assert_eq!(kind(indirect), X509ErrorKind::Malformed("CRL: indirect"));
    }
    let entry = list(&pki).revoke_with_extension(&[5], start(), &[0x2a, 3], true, &[5, 0]);
    assert_eq!(
        kind(entry),
        X509ErrorKind::Malformed("CRL entry: unknown critical extension")
    );
    assert!(matches!(
        kind(list(&pki).revoke_serial(&[0, 5], start())),
        X509ErrorKind::Malformed(_)
    ));
}

/// A-C44.
#[test]
fn no_flipped_bit_of_a_list_is_believed() {
    let pki = Pki::new();
    let ds = pki.ds();
    let crl = list(&pki).revoke(&ds, start()).sign_der(&pki.iaca_key).unwrap();
    let other = pki.ds();
    for bit in 0..crl.len() * 8 {
        let mut der = crl.clone();
        der[bit / 8] ^= 1 << (bit % 8);
        if let Ok(crl) = Crl::from_der(&der) {
            assert!(crl.check(&pki.iaca, now()).is_err(), "bit {bit}");
            let options = options().revocation(core::slice::from_ref(&crl), Need::Required);
            assert!(pki.validate(&[other.der()], &options).is_err(), "bit {bit}");
        }
    }
}

/// A-C44: what departs from the profile of lists vouches for nobody, and what it names is revoked all the same. A lenient caller takes it.
#[test]
fn a_list_that_departs_from_its_profile_vouches_for_nobody() {
    let pki = Pki::new();
    let (good, bad) = (pki.ds(), pki.ds());
    let since = time("2026-05-02T03:04:05Z");
    let day = |days: i64| start().saturating_add_seconds(days * 86_400);
    let lasting = |days| CrlBuilder::new(&pki.iaca, 7, day(0), day(days)).revoke(&bad, since);
    let other_key_id =
        CertificateBuilder::iaca(&root_name(), pki.iaca_key.public_key(), start(), "https://example.org")
            .subject_key_id(&[7; 20])
            .sign(&pki.iaca_key, &random())
            .unwrap();
    let cases = [
        (lasting(91), CrlDeparture::TooLong),
        (
            CrlBuilder::new(&other_key_id, 7, day(0), day(90)).revoke(&bad, since),
            CrlDeparture::AuthorityKey,
        ),
        (
            lasting(90).extra_extension(&[0x55, 0x1d, 0x2e + 0x10], false, &[5, 0]),
            CrlDeparture::Extension,
        ),
        (
            lasting(90).revoke_for_reason(&[0x11; 9], since, 1),
            CrlDeparture::EntryExtension,
        ),
    ];
    let at = |certificate: &Certificate, crl: &Crl, strictness| {
        revocation_of(certificate, &pki.iaca, core::slice::from_ref(crl), day(2), strictness)
    };
    let plain = lasting(90).sign(&pki.iaca_key).unwrap();
    assert_eq!(plain.departure(&pki.iaca), None);
    assert_eq!(at(&good, &plain, Strictness::Iso), Revocation::Good);
    for (builder, departure) in cases {
        let crl = builder.sign(&pki.iaca_key).unwrap();
        let unknown = Revocation::Unknown(CrlProblem::Profile(departure));
        assert_eq!(at(&good, &crl, Strictness::Iso), unknown);
        assert_eq!(at(&good, &crl, Strictness::Generic), unknown);
        assert_eq!(at(&good, &crl, Strictness::Lenient), Revocation::Good, "{departure:?}");
        for strictness in [Strictness::Iso, Strictness::Lenient] {
            assert!(
                matches!(at(&bad, &crl, strictness), Revocation::Revoked { .. }),
                "{departure:?}"
            );
        }
    }
}
