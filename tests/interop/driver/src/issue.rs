//! `issue`: a credential, with given certificates or with our own.

use crate::options::{Options, Outcome};
use crate::{Failure, files, keys, values};
use idwallet_crypto::x509::{Certificate, CertificateBuilder, NameBuilder, pem};
use idwallet_crypto::{Clock as _, Curve, PrivateKey, SystemClock, SystemRandom, Timestamp};
use idwallet_mdoc::issue::MdocIssuer;
use serde_json::{Value, json};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

struct Authorities {
    signer: PrivateKey,
    chain: Vec<Certificate>,
    anchors: Vec<Certificate>,
}

fn given(options: &Options) -> Result<Authorities, Failure> {
    Ok(Authorities {
        signer: keys::private(options.need("signer")?)?,
        chain: files::certificates(options.need("chain")?)?,
        anchors: files::certificates(options.need("anchor")?)?,
    })
}

/// Our own IACA and document signer (ISO 18013-5 B.1.2, B.1.4).
fn own(curve: Curve, now: Timestamp) -> Result<Authorities, Failure> {
    let random = SystemRandom::new();
    let start = now.saturating_add_seconds(-3 * DAY);
    let contact = "https://issuer.example";
    // B.1: certificates are signed with ECDSA, also those of EdDSA keys.
    let root_curve = if curve.is_weierstrass() { curve } else { Curve::P256 };
    let root_key = PrivateKey::generate(root_curve, &random).map_err(Failure::failed)?;
    let root_name = NameBuilder::of("VN", None, "idwallet interop IACA");
    let root = CertificateBuilder::iaca(&root_name, root_key.public_key(), start, contact)
        .crl_uri("https://issuer.example/crl")
        .sign(&root_key, &random)
        .map_err(Failure::failed)?;
    let signer = PrivateKey::generate(curve, &random).map_err(Failure::failed)?;
    let name = NameBuilder::of("VN", None, "idwallet interop DS");
    let crl = "https://issuer.example/crl";
    let ds = CertificateBuilder::document_signer(&root, &name, signer.public_key(), start, contact, crl)
        .validity(start, start.saturating_add_seconds(400 * DAY))
        .sign(&root_key, &random)
        .map_err(Failure::failed)?;
    Ok(Authorities {
        signer,
        chain: vec![ds],
        anchors: vec![root],
    })
}

/// Writes `issuer_signed.cbor`, `anchor.pem` and `ds.pem`.
pub fn issue(options: &Options) -> Outcome {
    let now = SystemClock.now();
    let authorities = if options.has("signer") {
        given(options)?
    } else {
        let name = options.text("curve").unwrap_or("P-256");
        own(
            Curve::from_name(name).ok_or_else(|| Failure::Unusable(format!("unknown curve {name}")))?,
            now,
        )?
    };
    let data = files::json(options.need("data")?)?;
    let doc_type = data.get("docType").and_then(Value::as_str);
    let doc_type = doc_type.ok_or_else(|| Failure::Unusable("the data has no docType".to_owned()))?;
    let from = now.saturating_add_seconds(-HOUR);
    let mut issuer = MdocIssuer::new(&authorities.signer, authorities.chain.clone())
        .doc_type(doc_type)
        .validity(from..from.saturating_add_seconds(365 * DAY));
    for (space, elements) in data.get("namespaces").and_then(Value::as_object).into_iter().flatten() {
        for (element, value) in elements.as_object().into_iter().flatten() {
            issuer = issuer.element(space, element, values::element(value)?);
        }
    }
    let issued = issuer
        .copy(keys::public(options.need("device-key")?)?)
        .issue(&SystemRandom::new())
        .map_err(Failure::failed)?;
    let credential = issued
        .first()
        .ok_or_else(|| Failure::Failed("nothing issued".to_owned()))?;
    let out = options.need_path("out")?;
    files::write(out.join("issuer_signed.cbor"), &credential.issuer_signed)?;
    files::write(
        out.join("anchor.pem"),
        pem::write_certificates(&authorities.anchors).as_bytes(),
    )?;
    files::write(
        out.join("ds.pem"),
        pem::write_certificates(authorities.chain.first()).as_bytes(),
    )?;
    Ok(json!({}))
}
