//! Certificates and revocation lists as they come: PEM with several, or one in DER.

use idwallet_crypto::x509::{Certificate, Crl, TrustAnchors, pem};
use idwallet_status_list::{StatusListError, UnverifiedIdentifierList, UnverifiedStatusList};

use crate::context::Context;
use crate::error::{Result, bad};
use crate::input::Source;

/// Every certificate of a file, in order.
pub fn read_all(source: &Source, cx: &Context) -> Result<Vec<Certificate>> {
    pem::read_certificates_or_der(&source.read_credential(cx)?).map_err(|error| bad(source, error))
}

/// The first certificate of a file.
pub fn read_one(source: &Source, cx: &Context) -> Result<Certificate> {
    read_all(source, cx)?
        .into_iter()
        .next()
        .ok_or_else(|| bad(source, "has no certificate"))
}

/// The certificates of several files as anchors.
pub fn read_anchors(sources: &[Source], cx: &Context) -> Result<TrustAnchors> {
    let mut anchors = TrustAnchors::new();
    for source in sources {
        for certificate in read_all(source, cx)? {
            anchors.add(certificate);
        }
    }
    Ok(anchors)
}

/// The revocation lists of several files.
pub fn read_crls(sources: &[Source], cx: &Context) -> Result<Vec<Crl>> {
    let mut lists = Vec::new();
    for source in sources {
        lists.extend(pem::read_crls_or_der(&source.read_credential(cx)?).map_err(|error| bad(source, error))?);
    }
    Ok(lists)
}

/// The address that a status list or identifier list token is for. Nothing of it is verified: it says under which name to keep it.
pub fn status_list_uri(token: &[u8]) -> std::result::Result<String, StatusListError> {
    match UnverifiedStatusList::parse(token) {
        Ok(list) => Ok(list.dangerous_claims().subject.to_owned()),
        Err(StatusListError::Type) => Ok(UnverifiedIdentifierList::parse(token)?
            .dangerous_claims()
            .subject
            .to_owned()),
        Err(error) => Err(error),
    }
}
