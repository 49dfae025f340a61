//! Certificates, revocation lists, PEM and private keys.

use crate::tell;
use idwallet_crypto::x509::{
    Certificate, Crl, PathOptions, Profile, Strictness, TrustAnchors, iaca_findings, pem as pem_file,
    validate_certificates,
};
use idwallet_crypto::{Curve, PrivateKey, PublicKey};
use idwallet_test_support::{NOW, Pki};
use std::sync::LazyLock;

static PKI: LazyLock<Pki> = LazyLock::new(|| Pki::issuer(Curve::P256, 7));
static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| PKI.anchors());

fn walk(certificate: &Certificate) {
    let names = [certificate.subject(), certificate.issuer()];
    for name in names {
        for attribute in name.attributes() {
            std::hint::black_box((attribute.text(), attribute.is_printable_string()));
        }
        std::hint::black_box((
            name.country(),
            name.state_or_province(),
            name.organization(),
            name.common_name(),
        ));
    }
    for extension in certificate.extensions() {
        assert!(certificate.extension(extension.oid).is_some());
    }
    for purpose in certificate.extended_key_usage() {
        assert!(certificate.has_key_purpose(purpose));
    }
    std::hint::black_box((
        certificate.crl_uris().count(),
        certificate.dns_names().count(),
        certificate.alternative_uris().count(),
        certificate.has_issuer_contact(),
        certificate.subject_key_id(),
        certificate.authority_key_id(),
        certificate.computed_key_id(),
        certificate.is_self_issued(),
        certificate.signature_algorithm(),
        certificate.basic_constraints(),
        certificate.key_usage(),
    ));
    std::hint::black_box(iaca_findings(certificate, Strictness::Iso).len());
    tell(certificate.subject().common_name().as_ref().unwrap_or(&""));
}

/// A certificate, and its path to an authority that did not issue it: the only one that holds is the authority's own signer's.
pub fn certificate(data: &[u8]) {
    let certificate = match Certificate::from_der(data) {
        Ok(certificate) => certificate,
        Err(error) => return tell(&error),
    };
    assert_eq!(certificate.der(), data);
    assert!(
        data.windows(certificate.tbs().len())
            .any(|window| window == certificate.tbs())
    );
    walk(&certificate);
    let is_signer = certificate.tbs() == PKI.signer.tbs();
    for (profile, strictness) in [
        (Profile::DocumentSigner, Strictness::Iso),
        (Profile::DocumentSigner, Strictness::Lenient),
    ] {
        let options = PathOptions::new(NOW, profile).strictness(strictness);
        match validate_certificates(core::slice::from_ref(&certificate), &ANCHORS, &options) {
            Ok(path) => assert!(
                is_signer || path.leaf() == &PKI.authority,
                "an altered certificate is believed"
            ),
            Err(error) => {
                tell(&error);
                std::hint::black_box((error.clause(), error.is_untrusted()));
            }
        }
    }
}

/// A revocation list: what an authority did not sign does not revoke.
pub fn crl(data: &[u8]) {
    let crl = match Crl::from_der(data) {
        Ok(crl) => crl,
        Err(error) => return tell(&error),
    };
    assert_eq!(crl.der(), data);
    std::hint::black_box((
        crl.issuer().common_name(),
        crl.this_update(),
        crl.next_update(),
        crl.number(),
    ));
    std::hint::black_box((crl.authority_key_id(), crl.len(), crl.is_empty()));
    for serial in [&[1_u8][..], &[0], &[], PKI.signer.serial()] {
        std::hint::black_box(crl.find(serial));
    }
    if let Err(problem) = crl.check(&PKI.authority, NOW) {
        tell(&problem);
    }
}

/// Files of certificates and lists; what is read is written so that it is read again.
pub fn pem(data: &[u8]) {
    match pem_file::read_certificates_or_der(data) {
        Ok(certificates) => {
            let again = pem_file::read_certificates(&pem_file::write_certificates(&certificates)).unwrap();
            assert_eq!(again, certificates);
        }
        Err(error) => tell(&error),
    }
    match pem_file::read_crls_or_der(data) {
        Ok(crls) => {
            for crl in &crls {
                let again = pem_file::read_crls_or_der(pem_file::write_crl(crl).as_bytes()).unwrap();
                assert_eq!(again.len(), 1);
                assert_eq!(again[0].der(), crl.der());
            }
        }
        Err(error) => tell(&error),
    }
    if let Ok(text) = core::str::from_utf8(data) {
        for read in [PrivateKey::from_pkcs8_pem, PrivateKey::from_sec1_pem] {
            if let Err(error) = read(text) {
                tell(&error);
            }
        }
    }
}

/// Private keys in PKCS #8 and SEC 1.
pub fn private_key(data: &[u8]) {
    for read in [PrivateKey::from_pkcs8_der, PrivateKey::from_sec1_der] {
        match read(data) {
            Ok(key) => {
                let text = format!("{key:?}");
                assert!(text.len() < 200, "a key is not printed");
            }
            Err(error) => tell(&error),
        }
    }
    if let Err(error) = PublicKey::from_spki_der(data) {
        tell(&error);
    }
}
