//! Both ways against the OpenSSL command line, on every curve: an independent implementation of the curves for which
//! there are no public vectors here.
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

use idwallet_crypto::{
    Curve, PrivateKey, PublicKey, SignatureAlgorithm, SystemRandom, X509SignatureAlgorithm, ecdsa_der_to_raw,
    ecdsa_raw_to_der, verify, verify_x509,
};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("idwallet-crypto-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        std::fs::write(self.0.join(name), content).unwrap();
        name.to_owned()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    /// Runs `openssl`; whether it succeeded.
    fn try_openssl(&self, arguments: &[&str]) -> bool {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .expect("these tests need the openssl command line, version 3");
        if !output.status.success() {
            println!("openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        output.status.success()
    }

    fn openssl(&self, arguments: &[&str]) {
        assert!(self.try_openssl(arguments), "openssl {arguments:?} failed");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}

fn openssl_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "prime256v1",
        Curve::P384 => "secp384r1",
        Curve::P521 => "secp521r1",
        other => other.name(),
    }
}

/// A key made by OpenSSL, as files `NAME.pem` (PKCS#8) and `NAME.pub` (SPKI DER), and as ours.
fn openssl_key(folder: &Folder, curve: Curve, name: &str) -> PrivateKey {
    let private = format!("{name}.pem");
    let public = format!("{name}.pub");
    let group = format!("ec_paramgen_curve:{}", openssl_name(curve));
    if curve.is_weierstrass() {
        folder.openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            &group,
            "-pkeyopt",
            "ec_param_enc:named_curve",
            "-out",
            &private,
        ]);
    } else {
        folder.openssl(&["genpkey", "-algorithm", curve.name(), "-out", &private]);
    }
    folder.openssl(&["pkey", "-in", &private, "-pubout", "-outform", "DER", "-out", &public]);
    let key = PrivateKey::from_pkcs8_pem(&String::from_utf8(folder.read(&private)).unwrap()).unwrap();
    assert_eq!(key.public_key().curve(), curve);
    let spki = folder.read(&public);
    assert_eq!(PublicKey::from_spki_der(&spki).unwrap(), *key.public_key(), "{curve}");
    assert_eq!(
        key.public_key().to_spki_der(),
        spki,
        "{curve}: our encoding is OpenSSL's"
    );
    key
}

fn hash_option(algorithm: X509SignatureAlgorithm) -> &'static str {
    match algorithm {
        X509SignatureAlgorithm::EcdsaSha256 => "-sha256",
        X509SignatureAlgorithm::EcdsaSha384 => "-sha384",
        _ => "-sha512",
    }
}

fn openssl_sign(folder: &Folder, key: &str, algorithm: X509SignatureAlgorithm, message: &str) -> Vec<u8> {
    match algorithm {
        X509SignatureAlgorithm::Ed25519 | X509SignatureAlgorithm::Ed448 => folder.openssl(&[
            "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message, "-out", "sig",
        ]),
        _ => folder.openssl(&["dgst", hash_option(algorithm), "-sign", key, "-out", "sig", message]),
    }
    folder.read("sig")
}

fn openssl_verifies(
    folder: &Folder,
    spki: &str,
    algorithm: X509SignatureAlgorithm,
    message: &str,
    signature: &str,
) -> bool {
    match algorithm {
        X509SignatureAlgorithm::Ed25519 | X509SignatureAlgorithm::Ed448 => folder.try_openssl(&[
            "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", spki, "-in", message, "-sigfile",
            signature,
        ]),
        _ => folder.try_openssl(&[
            "dgst",
            hash_option(algorithm),
            "-keyform",
            "DER",
            "-verify",
            spki,
            "-signature",
            signature,
            message,
        ]),
    }
}

/// A-C08.
#[test]
fn signatures_of_openssl_verify_here() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_sign()) {
        let folder = Folder::new(&format!("sign-{curve}"));
        let key = openssl_key(&folder, curve, "key");
        let public = key.public_key();
        let algorithm = SignatureAlgorithm::for_curve(curve).unwrap();
        let x509 = X509SignatureAlgorithm::for_curve(curve).unwrap();
        for round in 0..8u8 {
            let message = vec![round; usize::from(round) * 40 + 1];
            let file = folder.write("message", &message);
            let signature = openssl_sign(&folder, "key.pem", x509, &file);
            verify_x509(public, x509, &message, &signature).unwrap();
            let raw = if curve.is_weierstrass() {
                ecdsa_der_to_raw(curve, &signature).unwrap()
            } else {
                signature.clone()
            };
            verify(public, algorithm, &message, &raw).unwrap();
            // One bit of the message, of each half of the signature, and another key.
            let mut other = message.clone();
            other.push(0);
            assert!(verify(public, algorithm, &other, &raw).is_err());
            for at in [0, raw.len() / 2 + 1, raw.len() - 3] {
                let mut raw = raw.clone();
                raw[at] ^= 1;
                assert!(verify(public, algorithm, &message, &raw).is_err(), "{curve} {at}");
            }
        }
        let stranger = PrivateKey::generate(curve, &SystemRandom::new()).unwrap();
        let signature = key.sign(b"x").unwrap();
        verify(public, algorithm, b"x", &signature).unwrap();
        assert!(verify(stranger.public_key(), algorithm, b"x", &signature).is_err());
    }
}

/// A-C46.
#[test]
fn every_hash_goes_with_every_curve_in_certificates() {
    for curve in Curve::ALL.into_iter().filter(|c| c.is_weierstrass()) {
        let folder = Folder::new(&format!("hash-{curve}"));
        let key = openssl_key(&folder, curve, "key");
        let message = folder.write("message", b"tbsCertificate");
        let all = [
            X509SignatureAlgorithm::EcdsaSha256,
            X509SignatureAlgorithm::EcdsaSha384,
            X509SignatureAlgorithm::EcdsaSha512,
        ];
        for algorithm in all {
            let signature = openssl_sign(&folder, "key.pem", algorithm, &message);
            for claimed in all {
                let result = verify_x509(key.public_key(), claimed, b"tbsCertificate", &signature);
                assert_eq!(
                    result.is_ok(),
                    claimed == algorithm,
                    "{curve} {algorithm:?} {claimed:?}"
                );
            }
            assert!(verify_x509(key.public_key(), algorithm, b"tbsCertificatf", &signature).is_err());
        }
    }
}

/// A-C08.
#[test]
fn signatures_made_here_verify_in_openssl() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_sign()) {
        let folder = Folder::new(&format!("verify-{curve}"));
        let key = PrivateKey::generate(curve, &SystemRandom::new()).unwrap();
        let spki = folder.write("spki", &key.public_key().to_spki_der());
        let x509 = X509SignatureAlgorithm::for_curve(curve).unwrap();
        for round in 0..4u8 {
            let message = vec![round; usize::from(round) * 100 + 1];
            let raw = key.sign(&message).unwrap();
            assert_eq!(Some(raw.len()), curve.signature_len());
            let signature = if curve.is_weierstrass() {
                ecdsa_raw_to_der(curve, &raw).unwrap()
            } else {
                raw
            };
            let file = folder.write("message", &message);
            let signature = folder.write("signature", &signature);
            assert!(openssl_verifies(&folder, &spki, x509, &file, &signature), "{curve}");
        }
    }
}

/// A-C23, A-C10.
#[test]
fn shared_secrets_are_those_of_openssl() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_agree()) {
        let folder = Folder::new(&format!("agree-{curve}"));
        for _ in 0..3 {
            let theirs = openssl_key(&folder, curve, "theirs");
            let ours = PrivateKey::generate(curve, &SystemRandom::new()).unwrap();
            folder.write("ours.pub", &ours.public_key().to_spki_der());
            folder.openssl(&[
                "pkeyutl",
                "-derive",
                "-inkey",
                "theirs.pem",
                "-peerkey",
                "ours.pub",
                "-peerform",
                "DER",
                "-out",
                "secret",
            ]);
            let secret = ours.agree(theirs.public_key()).unwrap();
            assert_eq!(*secret.expose(), folder.read("secret"), "{curve}");
            assert_eq!(theirs.agree(ours.public_key()).unwrap().expose(), secret.expose());
        }
    }
}

/// A-C10.
#[test]
fn keys_of_every_curve_are_exchanged_with_openssl() {
    for curve in Curve::ALL {
        let folder = Folder::new(&format!("keys-{curve}"));
        // PKCS#8 from here to OpenSSL and back.
        let key = PrivateKey::generate(curve, &SystemRandom::new()).unwrap();
        let der = key.to_pkcs8_der().unwrap();
        folder.write("ours.der", der.expose());
        folder.openssl(&["pkey", "-inform", "DER", "-in", "ours.der", "-out", "ours.pem"]);
        let pem = String::from_utf8(folder.read("ours.pem")).unwrap();
        let back = PrivateKey::from_pkcs8_pem(&pem).unwrap();
        assert_eq!(back.public_key(), key.public_key());
        assert_eq!(back.to_pkcs8_der().unwrap().expose(), der.expose());
        if curve.is_weierstrass() {
            folder.openssl(&["pkey", "-check", "-inform", "DER", "-in", "ours.der", "-noout"]);
            // SEC 1 with the `EC PARAMETERS` block before it.
            folder.openssl(&["ecparam", "-name", openssl_name(curve), "-genkey", "-out", "sec1.pem"]);
            let pem = String::from_utf8(folder.read("sec1.pem")).unwrap();
            assert!(pem.contains("BEGIN EC PARAMETERS"));
            let sec1 = PrivateKey::from_sec1_pem(&pem).unwrap();
            folder.openssl(&["pkey", "-in", "sec1.pem", "-pubout", "-outform", "DER", "-out", "spki"]);
            assert_eq!(sec1.public_key().to_spki_der(), folder.read("spki"));
            // A compressed point, of either parity.
            for _ in 0..4 {
                folder.openssl(&[
                    "ecparam",
                    "-name",
                    openssl_name(curve),
                    "-genkey",
                    "-noout",
                    "-out",
                    "k.pem",
                ]);
                folder.openssl(&["ec", "-in", "k.pem", "-pubout", "-outform", "DER", "-out", "spki"]);
                folder.openssl(&[
                    "ec",
                    "-in",
                    "k.pem",
                    "-pubout",
                    "-conv_form",
                    "compressed",
                    "-outform",
                    "DER",
                    "-out",
                    "compressed",
                ]);
                assert_eq!(
                    PublicKey::from_spki_der(&folder.read("compressed")).unwrap(),
                    PublicKey::from_spki_der(&folder.read("spki")).unwrap(),
                    "{curve}"
                );
            }
            // Explicit parameters are refused.
            folder.openssl(&[
                "ec",
                "-in",
                "k.pem",
                "-pubout",
                "-param_enc",
                "explicit",
                "-outform",
                "DER",
                "-out",
                "explicit",
            ]);
            assert!(PublicKey::from_spki_der(&folder.read("explicit")).is_err());
        }
    }
}
