//! Certificates of the standard and of the field.

use std::path::PathBuf;

use idwallet_crypto::x509::{
    Certificate, FindingId as F, PathError, PathOptions, Profile, Strictness, TrustAnchors, iaca_findings, pem,
    validate_path,
};

use crate::pki::time;

fn vectors() -> Option<PathBuf> {
    let directory = std::env::var_os("IDWALLET_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    if directory.is_dir() {
        return Some(directory);
    }
    println!("left out: public vectors are not here");
    None
}

fn annex_d() -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(vectors()?.join("iso18013-5-annex-d/annex_d.json")).unwrap();
    Some(serde_json::from_str::<serde_json::Value>(&text).unwrap()["vectors"].take())
}

fn certificate(vectors: &serde_json::Value, name: &str) -> Certificate {
    Certificate::from_der(&hex::decode(vectors[name].as_str().unwrap()).unwrap()).unwrap()
}

fn anchors(root: &Certificate) -> TrustAnchors {
    [root.clone()].into_iter().collect()
}

/// ISO 18013-5 Annex D.5: issuer and reader chains.
/// A-V11.
#[test]
fn annex_d_chains() {
    let Some(vectors) = annex_d() else { return };
    let (ds, iaca) = (
        certificate(&vectors, "ds_cert"),
        certificate(&vectors, "iaca_root_cert"),
    );
    let (reader, root) = (
        certificate(&vectors, "reader_cert"),
        certificate(&vectors, "reader_root_cert"),
    );
    assert_eq!(
        (ds.subject().to_string(), ds.subject().country()),
        ("CN=utopia ds, C=US".into(), Some("US"))
    );
    assert!(iaca.is_self_signed() && root.is_self_signed());
    let at = time("2020-12-01T00:00:00Z");

    // The standard's own document signer names its distribution point by a DNS name instead of a URI.
    let ds_options = PathOptions::new(at, Profile::DocumentSigner).strictness(Strictness::Lenient);
    let path = validate_path(&[ds.der()], &anchors(&iaca), &ds_options).unwrap();
    println!("document signer: {:?}", path.findings());
    assert!(
        path.findings().iter().all(|f| matches!(f.id, F::CdpWithoutUri)),
        "{:?}",
        path.findings()
    );
    let reader_options = PathOptions::new(at, Profile::ReaderAuth).strictness(Strictness::Lenient);
    let path = validate_path(&[reader.der()], &anchors(&root), &reader_options).unwrap();
    println!("reader: {:?}", path.findings());

    // Crossed over they are refused, and so is the reader's certificate as a document signer.
    assert!(validate_path(&[ds.der()], &anchors(&root), &ds_options).is_err());
    assert_eq!(
        validate_path(&[reader.der()], &anchors(&root), &ds_options).unwrap_err(),
        PathError::WrongPurpose
    );
    assert_eq!(
        validate_path(
            &[ds.der()],
            &anchors(&iaca),
            &PathOptions {
                profile: Profile::ReaderAuth,
                ..ds_options
            }
        )
        .unwrap_err(),
        PathError::WrongPurpose
    );
    let late = PathOptions {
        at: time("2026-01-01T00:00:00Z"),
        ..ds_options
    };
    assert_eq!(
        validate_path(&[ds.der()], &anchors(&iaca), &late).unwrap_err(),
        PathError::Expired { index: 0 }
    );
}

/// The AAMVA certificates: an issuing CA under a root.
#[test]
fn aamva_chain() {
    let Some(directory) = vectors() else { return };
    let read = |name: &str| {
        let bytes = std::fs::read(directory.join("trust-lists").join(name)).unwrap();
        pem::read_certificates_or_der(&bytes).unwrap().remove(0)
    };
    let (root, issuing) = (read("aamva_ca_root.crt"), read("aamva_ca_intermediate.crt"));
    assert!(root.is_self_signed());
    assert_eq!(issuing.authority_key_id(), root.subject_key_id());
    assert_eq!(issuing.crl_uris().count(), 1);
    let options = PathOptions::new(time("2026-01-01T00:00:00Z"), Profile::Unconstrained);
    let path = validate_path(&[issuing.der(), root.der()], &anchors(&root), &options);
    // The root came with the chain, which the standard forbids and lenient reports.
    assert!(matches!(path, Err(PathError::Profile { .. })));
    let path = validate_path(&[issuing.der()], &anchors(&root), &options).unwrap();
    assert_eq!(path.anchor(), &root);
    assert_eq!(
        validate_path(&[issuing.der()], &TrustAnchors::new(), &options).unwrap_err(),
        PathError::NoAnchor { index: 0 }
    );
}

/// Every certificate of the field that lies in an mdoc or trust list parses, or is refused for its key alone.
#[test]
fn certificates_of_the_field_parse() {
    let Some(directory) = vectors() else { return };
    let mut bytes = Vec::new();
    for folder in ["third-party-mdocs", "issued-credentials-with-keys"] {
        for entry in std::fs::read_dir(directory.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else {
                continue;
            };
            bytes.extend(json["hex"].as_str().and_then(|h| hex::decode(h).ok()));
        }
    }
    for entry in std::fs::read_dir(directory.join("trust-lists")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "cbor") {
            bytes.push(std::fs::read(path).unwrap());
        }
    }
    let (mut read, mut refused) = (Vec::<Certificate>::new(), Vec::new());
    for blob in &bytes {
        for at in 0..blob.len().saturating_sub(8) {
            if blob[at] != 0x30
                || blob[at + 1] != 0x82
                || blob[at + 4] != 0x30
                || blob[at + 5] != 0x82
                || blob[at + 8] != 0xa0
            {
                continue;
            }
            let length = 4 + usize::from(u16::from_be_bytes([blob[at + 2], blob[at + 3]]));
            let Some(der) = blob.get(at..at + length) else { continue };
            match Certificate::from_der(der) {
                Ok(certificate) if !read.contains(&certificate) => read.push(certificate),
                Ok(_) => {}
                Err(error) => refused.push(error),
            }
        }
    }
    println!("{} different certificates read, refused: {refused:?}", read.len());
    for certificate in read.iter().filter(|c| c.is_ca()) {
        let findings: Vec<_> = iaca_findings(certificate, Strictness::Iso)
            .iter()
            .map(|f| f.id)
            .collect();
        println!("{}: {findings:?}", certificate.subject());
    }
    // A self-signed signer without key purposes that is itself the anchor: in the field, warned about by lenient.
    let pinned = read
        .iter()
        .find(|c| c.subject().organization() == Some("NY DMV"))
        .unwrap();
    let options = PathOptions::new(time("2024-01-01T00:00:00Z"), Profile::DocumentSigner);
    let iso = validate_path(&[pinned.der()], &anchors(pinned), &options);
    assert!(matches!(iso, Err(PathError::Profile { .. })));
    let lenient = options.strictness(Strictness::Lenient);
    let path = validate_path(&[pinned.der()], &anchors(pinned), &lenient).unwrap();
    for expected in [
        F::LeafIsAnchor,
        F::SelfSignedLeaf,
        F::EkuMissing,
        F::KeyUsageMissing,
        F::LeafIsCa,
    ] {
        assert!(path.findings().iter().any(|f| f.id == expected), "{expected:?}");
    }
    let untrusted = validate_path(&[pinned.der()], &TrustAnchors::new(), &lenient);
    assert_eq!(untrusted.unwrap_err(), PathError::SelfSignedLeaf);
    assert!(read.len() > 20);
    assert!(refused.is_empty(), "{refused:?}");
}
