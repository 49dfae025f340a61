//! Strict reading.

use idwallet_crypto::Curve;
use idwallet_crypto::x509::{
    Certificate, CertificateBuilder as Builder, ExtensionKind, KeyUsage, NameBuilder, X509ErrorKind as Kind, limits,
    oid,
};

use crate::pki::{CRL_URI, Pki, ds_name, key, random, start};

#[test]
fn what_was_built_is_what_is_read() {
    let pki = Pki::new();
    let ds = pki.ds();
    assert_eq!(ds.version(), 3);
    assert_eq!(ds.serial().len(), 20);
    assert_eq!(ds.not_before(), start());
    assert_eq!(ds.issuer(), pki.iaca.subject());
    assert_eq!(ds.subject().to_string(), "CN=Test DS, C=VN");
    assert_eq!(ds.subject().common_name(), Some("Test DS"));
    assert_eq!(ds.subject().state_or_province(), None);
    assert_eq!(ds.authority_key_id(), pki.iaca.subject_key_id());
    assert_eq!(ds.subject_key_id(), Some(&ds.computed_key_id()[..]));
    assert_eq!(ds.key_usage(), Some(KeyUsage::DIGITAL_SIGNATURE));
    assert_eq!(ds.extended_key_usage_criticality(), Some(true));
    assert!(ds.has_key_purpose(oid::MDL_DOCUMENT_SIGNER) && !ds.has_key_purpose(oid::MDL_READER_AUTH));
    assert_eq!(ds.crl_uris().collect::<Vec<_>>(), [CRL_URI]);
    assert!(ds.has_issuer_contact() && !ds.is_ca() && pki.iaca.is_ca());
    assert_eq!(ds.extensions().count(), 6);
    assert_eq!(*ds.sha256(), idwallet_crypto::sha256(ds.der()));
    assert!(pki.iaca.is_self_signed() && !ds.is_self_signed());
    let tls = Builder::tls(
        &pki.iaca,
        &ds_name(),
        pki.key.public_key(),
        start(),
        &["a.example", "b.example"],
    );
    let tls = tls.sign(&pki.iaca_key, &random()).unwrap();
    assert_eq!(tls.dns_names().collect::<Vec<_>>(), ["a.example", "b.example"]);
}

#[test]
fn other_names_are_shown_without_control_characters() {
    let name = NameBuilder::of("VN", Some("Hà Nội"), "a\u{1b}[2Jb");
    let signer = key(Curve::P256);
    let certificate = Builder::new(&name, signer.public_key(), start())
        .sign(&signer, &random())
        .unwrap();
    assert_eq!(certificate.subject().to_string(), "CN=a\u{fffd}[2Jb, ST=Hà Nội, C=VN");
}

fn broken(der: &[u8]) -> (Kind, usize) {
    let error = Certificate::from_der(der).unwrap_err();
    (error.kind, error.offset)
}

#[test]
fn limits_and_structure() {
    let pki = Pki::new();
    let ds = pki.ds();
    let der = ds.der();
    assert_eq!(broken(&[]).0, Kind::Expected("Certificate"));
    assert_eq!(broken(&der[..der.len() - 1]), (Kind::Truncated, 0));
    assert_eq!(broken(&[der, &[0]].concat()), (Kind::Trailing, der.len()));
    assert_eq!(
        broken(&vec![0x30; limits::CERTIFICATE + 1]).0,
        Kind::Limit("certificate")
    );
    // Indefinite and non-minimal lengths.
    assert_eq!(broken(&[&[0x30, 0x80], &der[4..], &[0, 0]].concat()).0, Kind::Header);
    let mut long = vec![0x30, 0x83, 0];
    long.extend_from_slice(&der[2..]);
    assert_eq!(broken(&long).0, Kind::Header);
    let build = |b: Builder| b.sign_der(&pki.iaca_key, &random()).unwrap();
    assert_eq!(
        broken(&build(pki.ds_builder().serial(&[0, 1]))).0,
        Kind::Malformed("serialNumber")
    );
    assert_eq!(
        broken(&build(pki.ds_builder().serial(&[]))).0,
        Kind::Malformed("serialNumber")
    );
    assert_eq!(
        broken(&build(pki.ds_builder().serial(&[1; 33]))).0,
        Kind::Limit("serialNumber")
    );
    assert_eq!(broken(&build(pki.ds_builder().version(4))).0, Kind::Version);
    let twice = pki.ds_builder().extra_extension(oid::KEY_USAGE, true, &[3, 2, 7, 0x80]);
    assert_eq!(broken(&build(twice)).0, Kind::DuplicateExtension);
    let mut many = pki.ds_builder();
    for i in 0..30 {
        many = many.extra_extension(&[0x2a, i], false, &[5, 0]);
    }
    assert_eq!(broken(&build(many)).0, Kind::Limit("number of extensions"));
    let mut name = NameBuilder::new();
    for _ in 0..33 {
        name = name.country("VN");
    }
    assert_eq!(
        broken(&build(pki.ds_builder().issuer_name(&name))).0,
        Kind::Limit("number of name attributes")
    );
}

#[test]
fn extension_values_are_strict_der() {
    let pki = Pki::new();
    let kind = |kind, oid, value: &[u8]| {
        let builder = pki.ds_builder().omit(kind).extra_extension(oid, true, value);
        Certificate::from_der(&builder.sign_der(&pki.iaca_key, &random()).unwrap()).map(drop)
    };
    let usage = |value: &[u8]| kind(ExtensionKind::KeyUsage, oid::KEY_USAGE, value);
    assert!(usage(&[3, 2, 7, 0x80]).is_ok());
    for bad in [
        &[3, 2, 0, 0x80][..],
        &[3, 2, 8, 0x80],
        &[3, 1, 1],
        &[3, 3, 7, 0x80, 0],
        &[3, 2, 7, 0x80, 5],
        &[4, 2, 7, 0x80],
    ] {
        assert!(usage(bad).is_err(), "{bad:02x?}");
    }
    let constraints = |value: &[u8]| kind(ExtensionKind::BasicConstraints, oid::BASIC_CONSTRAINTS, value);
    assert!(constraints(&[0x30, 0]).is_ok());
    for bad in [
        &[0x30, 3, 1, 1, 0][..],
        &[0x30, 3, 1, 1, 1],
        &[0x30, 6, 1, 1, 0xff, 2, 1, 0x80],
        &[0x30, 2, 5, 0],
    ] {
        assert!(constraints(bad).is_err(), "{bad:02x?}");
    }
    let purposes = |value: &[u8]| kind(ExtensionKind::ExtendedKeyUsage, oid::EXTENDED_KEY_USAGE, value);
    for bad in [
        &[0x30, 0][..],
        &[0x30, 2, 6, 0],
        &[0x30, 3, 6, 1, 0x80],
        &[0x30, 4, 6, 2, 0x80, 1],
        &[0x30, 3, 5, 1, 1],
    ] {
        assert!(purposes(bad).is_err(), "{bad:02x?}");
    }
}

/// A-C46: named curves only, on the curve.
#[test]
fn keys_that_are_not_on_a_named_curve() {
    let pki = Pki::new();
    let ds = pki.ds();
    let curve = hex::decode("06082a8648ce3d030107").unwrap();
    let at = ds.der().windows(curve.len()).position(|w| w == curve).unwrap();
    let mut other = ds.der().to_vec();
    other[at + curve.len() - 1] = 3; // prime239v3 or the like
    assert_eq!(broken(&other).0, Kind::PublicKey);
    let mut explicit = ds.der().to_vec();
    explicit[at] = 0x30;
    assert_eq!(broken(&explicit).0, Kind::PublicKey);
    let mut off = ds.der().to_vec();
    off[at + curve.len() + 3 + 1 + 40] ^= 1;
    assert_eq!(broken(&off).0, Kind::PublicKey);
}
