//! Certificates, revocation lists, keys.

use idwallet_crypto::x509::{Certificate, Crl, oid, pem};
use idwallet_crypto::{PrivateKey, PublicKey};
use serde_json::{Value, json};

use super::Fault;
use super::node::Node;

/// The purposes with a name.
const PURPOSES: [(&[u8], &str); 9] = [
    (oid::MDL_DOCUMENT_SIGNER, "mdoc document signer (ISO 18013-5)"),
    (oid::GENERIC_DOCUMENT_SIGNER, "mdoc document signer (ISO/IEC 23220)"),
    (oid::MDL_READER_AUTH, "mdoc reader authentication (ISO 18013-5)"),
    (oid::GENERIC_READER_AUTH, "mdoc reader authentication (ISO/IEC 23220)"),
    (oid::MDL_VICAL_SIGNER, "VICAL signer (ISO 18013-5)"),
    (oid::GENERIC_VICAL_SIGNER, "VICAL signer (ISO/IEC 23220)"),
    (oid::STATUS_SIGNING, "status list signer"),
    (oid::SERVER_AUTH, "web server"),
    (oid::CLIENT_AUTH, "web client"),
];

/// DER: a certificate, a revocation list or a key. `None`: another structure.
pub fn inspect_der(der: &[u8]) -> Fault<Option<Node>> {
    let certificate = match Certificate::from_der(der) {
        Ok(certificate) => return Ok(Some(self::certificate(&certificate))),
        Err(error) => error,
    };
    if let Ok(list) = Crl::from_der(der) {
        return Ok(Some(crl(&list)));
    }
    if let Ok(key) = PublicKey::from_spki_der(der) {
        return Ok(Some(public_key(&key)));
    }
    if let Ok(key) = PrivateKey::from_pkcs8_der(der).or_else(|_| PrivateKey::from_sec1_der(der)) {
        return Ok(Some(private_key(&key)));
    }
    // A sequence in a sequence: what a certificate or a list begins with.
    let looks_signed = matches!(der, [0x30, 0x82, _, _, 0x30, ..] | [0x30, 0x81, _, 0x30, ..]);
    if looks_signed {
        Err(format!("X.509: {certificate}"))
    } else {
        Ok(None)
    }
}

/// PEM: certificates, revocation lists, keys.
pub fn inspect_pem(text: &str) -> Fault {
    if text.contains("BEGIN CERTIFICATE-----") {
        let found = pem::read_certificates(text).map_err(|error| format!("certificates: {error}"))?;
        let mut all = found.iter().map(certificate);
        return match (all.next(), found.len()) {
            (Some(only), 1) => Ok(only),
            (Some(first), count) => {
                let list = Node::new("certificates", "Các chứng thư", "Certificates")
                    .fact("count", count)
                    .with(first);
                Ok(all.fold(list, Node::with))
            }
            (None, _) => Err("has no certificate".into()),
        };
    }
    if text.contains("BEGIN X509 CRL-----") {
        let found = pem::read_crls_or_der(text.as_bytes()).map_err(|error| format!("revocation list: {error}"))?;
        let mut all = found.iter().map(crl);
        let first = all.next().ok_or("has no revocation list")?;
        return Ok(all.fold(first, Node::with));
    }
    if text.contains("PRIVATE KEY-----") {
        let key = PrivateKey::from_pkcs8_pem(text).or_else(|_| PrivateKey::from_sec1_pem(text));
        return key
            .map(|key| private_key(&key))
            .map_err(|error| format!("private key: {error}"));
    }
    if text.contains("BEGIN PUBLIC KEY-----") {
        return crate::keys::public(text.as_bytes()).map(|key| public_key(&key));
    }
    Err("PEM: neither certificates, revocation lists nor keys".into())
}

pub fn public_key(key: &PublicKey) -> Node {
    Node::new("public_key", "Khóa công khai", "Public key")
        .fact("curve", key.curve().name())
        .fact("x", hex::encode(key.x()))
}

fn private_key(key: &PrivateKey) -> Node {
    Node::new("private_key", "Khóa bí mật (không hiển thị)", "Private key (not shown)")
        .fact("curve", key.public_key().curve().name())
        .fact("public_x", hex::encode(key.public_key().x()))
}

pub fn certificate(certificate: &Certificate) -> Node {
    let purposes: Vec<Value> = certificate
        .extended_key_usage()
        .map(|purpose| match PURPOSES.iter().find(|(oid, _)| *oid == purpose) {
            Some((_, name)) => json!(name),
            None => json!(format!("OID {}", hex::encode(purpose))),
        })
        .collect();
    let list = |values: Vec<String>| Some(values).filter(|values| !values.is_empty());
    Node::new("certificate", "Chứng thư X.509", "X.509 certificate")
        .fact("subject", certificate.subject().to_string())
        .fact("issuer", certificate.issuer().to_string())
        .fact("serial", hex::encode(certificate.serial()))
        .fact("not_before", certificate.not_before().to_rfc3339())
        .fact("not_after", certificate.not_after().to_rfc3339())
        .fact("curve", certificate.public_key().curve().name())
        .fact("is_ca", certificate.is_ca())
        .fact("self_signed", certificate.is_self_signed())
        .maybe("purposes", Some(purposes).filter(|purposes| !purposes.is_empty()))
        .maybe("dns", list(certificate.dns_names().map(str::to_owned).collect()))
        .maybe("crl", list(certificate.crl_uris().map(str::to_owned).collect()))
        .fact("sha256", hex::encode(certificate.sha256()))
}

fn crl(list: &Crl) -> Node {
    Node::new(
        "crl",
        "Danh sách chứng thư bị thu hồi (CRL)",
        "Certificate revocation list (CRL)",
    )
    .fact("issuer", list.issuer().to_string())
    .fact("this_update", list.this_update().to_rfc3339())
    .maybe(
        "next_update",
        list.next_update().map(idwallet_crypto::Timestamp::to_rfc3339),
    )
    .maybe("number", list.number().map(hex::encode))
    .fact("revoked", list.len())
}
