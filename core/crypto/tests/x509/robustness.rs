//! Nothing panics, nothing altered validates.

use idwallet_crypto::x509::{Certificate, Crl, PathOptions, Profile, Strictness, pem};
use proptest::prelude::*;

use crate::pki::{Pki, now, options};

/// Every single bit of leaf and root: no flipped leaf validates, no flipped root vouches for the leaf. In a root only
/// what its self-signature covers is asked about by iso; the key decides in any case.
/// X-C05.
#[test]
fn no_flipped_bit_validates() {
    let pki = Pki::new();
    let ds = pki.ds();
    let lenient = options().strictness(Strictness::Lenient);
    for bit in 0..ds.der().len() * 8 {
        let mut der = ds.der().to_vec();
        der[bit / 8] ^= 1 << (bit % 8);
        assert!(pki.validate(&[&der], &lenient).is_err(), "leaf bit {bit}");
    }
    for bit in 0..pki.iaca.der().len() * 8 {
        let mut der = pki.iaca.der().to_vec();
        der[bit / 8] ^= 1 << (bit % 8);
        let Ok(root) = Certificate::from_der(&der) else {
            continue;
        };
        let anchors = [root].into_iter().collect();
        let result = idwallet_crypto::x509::validate_path(&[ds.der()], &anchors, &options());
        assert!(result.is_err(), "root bit {bit}");
    }
}

#[test]
fn no_truncation_is_read() {
    let pki = Pki::new();
    let ds = pki.ds();
    for length in 0..ds.der().len() {
        assert!(Certificate::from_der(&ds.der()[..length]).is_err());
    }
}

fn touch(certificate: &Certificate) {
    let _ = (
        certificate.subject().to_string(),
        certificate.extensions().count(),
        certificate.crl_uris().count(),
    );
    let _ = (
        certificate.dns_names().count(),
        certificate.extended_key_usage().count(),
        certificate.is_self_signed(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    /// X-C09.
    #[test]
    fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(certificate) = Certificate::from_der(&bytes) { touch(&certificate); }
        let _ = Crl::from_der(&bytes);
        let _ = pem::read_certificates(&String::from_utf8_lossy(&bytes));
    }

    /// X-C09.
    #[test]
    fn spliced_certificates_do_not_panic(at in 0usize..500, remove in 0usize..20, bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
        thread_local!(static DS: (Pki, Certificate) = { let p = Pki::new(); let d = p.ds(); (p, d) });
        DS.with(|(pki, ds)| {
            let der = ds.der();
            let at = at.min(der.len());
            let spliced = [&der[..at], &bytes, &der[(at + remove).min(der.len())..]].concat();
            if let Ok(certificate) = Certificate::from_der(&spliced) { touch(&certificate); }
            if spliced != der {
                assert!(pki.validate(&[&spliced], &PathOptions::new(now(), Profile::Unconstrained)).is_err());
            }
        });
    }
}
