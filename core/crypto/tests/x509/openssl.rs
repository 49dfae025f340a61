//! `openssl verify` on generated chains: both must agree, or the difference is one of those listed.

use std::path::{Path, PathBuf};
use std::process::Command;

use idwallet_crypto::Curve;
use idwallet_crypto::x509::{
    BasicConstraints, Certificate, CertificateBuilder as Builder, ExtensionKind as Kind, KeyUsage, NameBuilder,
    PathOptions, Profile, Strictness, oid, validate_path,
};

use crate::pki::{CONTACT, CRL_URI, ds_name, key, now, random, root_name, start, time};

/// What is changed in which certificate: 0 leaf, 1 intermediate, 2 root.
type Change = (&'static str, usize, fn(Builder) -> Builder);

const CHANGES: &[Change] = &[
    ("good", 0, |b| b),
    ("leaf expired", 0, |b| b.validity(start(), start())),
    ("leaf not yet valid", 0, |b| {
        b.validity(time("2026-06-02T00:00:00Z"), time("2026-07-01T00:00:00Z"))
    }),
    ("leaf of another issuer", 0, |b| {
        b.issuer_name(&NameBuilder::of("VN", None, "Nobody"))
    }),
    ("leaf unknown critical", 0, |b| {
        b.extra_extension(&[0x2a, 3, 4], true, &[5, 0])
    }),
    ("leaf unknown uncritical", 0, |b| {
        b.extra_extension(&[0x2a, 3, 4], false, &[5, 0])
    }),
    ("leaf negative serial", 0, |b| b.serial(&[0x81, 2, 3, 4, 5, 6, 7, 8])),
    ("leaf is a CA", 0, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: None,
        })
    }),
    ("leaf without key identifiers", 0, |b| {
        b.omit(Kind::SubjectKeyId).omit(Kind::AuthorityKeyId)
    }),
    ("leaf authority key of another", 0, |b| b.authority_key_id(&[7; 20])),
    ("leaf may not sign", 0, |b| b.key_usage(KeyUsage(0x0800))),
    ("leaf issuer name critical", 0, |b| {
        b.critical(Kind::IssuerAltName, true)
    }),
    ("leaf year 2051", 0, |b| {
        b.validity(start(), time("2051-01-01T00:00:00Z"))
    }),
    ("intermediate expired", 1, |b| b.validity(start(), start())),
    ("intermediate no CA", 1, |b| {
        b.basic_constraints(BasicConstraints {
            ca: false,
            path_len: None,
        })
    }),
    ("intermediate may not issue", 1, |b| b.key_usage(KeyUsage::CRL_SIGN)),
    ("intermediate unknown critical", 1, |b| {
        b.extra_extension(&[0x2a, 3, 4], true, &[5, 0])
    }),
    ("intermediate path length zero", 1, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: Some(0),
        })
    }),
    ("intermediate inhibits any policy", 1, |b| {
        b.extra_extension(oid::INHIBIT_ANY_POLICY, true, &[2, 1, 0])
    }),
    ("root expired", 2, |b| b.validity(start(), start())),
    ("root no CA", 2, |b| {
        b.basic_constraints(BasicConstraints {
            ca: false,
            path_len: None,
        })
    }),
    ("root without basic constraints", 2, |b| b.omit(Kind::BasicConstraints)),
    ("root may not issue", 2, |b| b.key_usage(KeyUsage::CRL_SIGN)),
    ("root path length zero", 2, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: Some(0),
        })
    }),
    ("root path length one", 2, |b| {
        b.basic_constraints(BasicConstraints {
            ca: true,
            path_len: Some(1),
        })
    }),
    ("root unknown critical", 2, |b| {
        b.extra_extension(&[0x2a, 3, 4], true, &[5, 0])
    }),
];

/// Where the two differ, whether we accept, and why.
const DIFFERENCES: &[(&str, bool, &str)] = &[
    (
        "leaf authority key of another",
        true,
        "only a hint for path building in RFC 5280; a finding of the ISO profiles here",
    ),
    (
        "leaf may not sign",
        false,
        "the tool is not told for what the leaf is used; here it always makes signatures",
    ),
    (
        "intermediate inhibits any policy",
        false,
        "forbidden by ISO 18013-5 B.1 and not processed here",
    ),
    (
        "root without basic constraints",
        false,
        "the tool lets keyUsage stand in for basicConstraints",
    ),
];

struct Chain {
    leaf: Vec<u8>,
    middle: Option<Certificate>,
    root: Certificate,
}

fn build(root_curve: Curve, deep: bool, (_, position, change): Change) -> Chain {
    let apply = |at: usize, b: Builder| if at == position { change(b) } else { b };
    let (root_key, leaf_key) = (key(root_curve), key(Curve::P256));
    let root = Builder::authority(&root_name(), root_key.public_key(), start());
    let root = apply(2, root).sign(&root_key, &random()).unwrap();
    let (issuer, issuer_key, middle) = if deep {
        let middle_key = key(root_curve);
        let middle = Builder::authority(&NameBuilder::of("VN", None, "Middle"), middle_key.public_key(), start());
        let middle = apply(1, middle.issued_by(&root)).sign(&root_key, &random()).unwrap();
        (middle.clone(), middle_key, Some(middle))
    } else {
        (root.clone(), root_key, None)
    };
    let leaf = Builder::document_signer(&issuer, &ds_name(), leaf_key.public_key(), start(), CONTACT, CRL_URI);
    let leaf = leaf.validity(start(), time("2026-12-01T00:00:00Z"));
    Chain {
        leaf: apply(0, leaf).sign_der(&issuer_key, &random()).unwrap(),
        middle,
        root,
    }
}

fn ours(chain: &Chain) -> bool {
    let mut ders: Vec<&[u8]> = vec![&chain.leaf];
    ders.extend(chain.middle.as_ref().map(Certificate::der));
    let anchors = [chain.root.clone()].into_iter().collect();
    let options = PathOptions::new(now(), Profile::Unconstrained).strictness(Strictness::Lenient);
    validate_path(&ders, &anchors, &options).is_ok()
}

fn pem(path: &Path, der: &[u8]) {
    // The tool of 3.0 reads DER for the leaf and PEM for the rest; PEM for all is simplest.
    let certificate = Certificate::from_der(der).unwrap();
    std::fs::write(path, idwallet_crypto::x509::pem::write_certificates([&certificate])).unwrap();
}

fn theirs(directory: &Path, chain: &Chain) -> bool {
    let file = |name: &str| directory.join(name);
    pem(&file("leaf.pem"), &chain.leaf);
    pem(&file("root.pem"), chain.root.der());
    let mut command = Command::new("openssl");
    command
        .args([
            "verify",
            "-no-CApath",
            "-no-CAstore",
            "-attime",
            &now().unix().to_string(),
            "-CAfile",
        ])
        .arg(file("root.pem"));
    if let Some(middle) = &chain.middle {
        pem(&file("middle.pem"), middle.der());
        command.arg("-untrusted").arg(file("middle.pem"));
    }
    command.arg(file("leaf.pem")).output().unwrap().status.success()
}

/// X-C05, A-V11.
#[test]
fn openssl_agrees() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("left out: no openssl on this machine");
        return;
    }
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("x509-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let curves = [
        Curve::P256,
        Curve::P384,
        Curve::P521,
        Curve::BrainpoolP256r1,
        Curve::Ed25519,
        Curve::Ed448,
    ];
    let (mut chains, mut accepted, mut wrong) = (0, 0, Vec::new());
    for curve in curves {
        for deep in [false, true] {
            for change in CHANGES.iter().filter(|(_, position, _)| deep || *position != 1) {
                let mut chain = build(curve, deep, *change);
                for altered in [false, true] {
                    if altered {
                        // The last octet of the signature: still well formed, no longer verifying.
                        *chain.leaf.last_mut().unwrap() ^= 1;
                    }
                    let (ours, theirs) = (ours(&chain), theirs(&directory, &chain));
                    chains += 1;
                    accepted += usize::from(ours);
                    assert!(!(altered && ours), "altered chain accepted: {}", change.0);
                    let listed = DIFFERENCES.iter().find(|(name, _, _)| *name == change.0 && !altered);
                    let expected =
                        listed.map_or(ours == theirs, |(_, we_accept, _)| ours == *we_accept && theirs != ours);
                    if !expected {
                        wrong.push(format!(
                            "{curve} deep={deep} altered={altered} {}: ours {ours}, openssl {theirs}",
                            change.0
                        ));
                    }
                    if curve != Curve::P256 {
                        break; // altering says the same on every curve but costs time
                    }
                }
            }
        }
    }
    std::fs::remove_dir_all(&directory).unwrap();
    println!("{chains} chains, {accepted} accepted here; listed differences: {DIFFERENCES:?}");
    assert!(chains >= 200 && accepted >= 50);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
