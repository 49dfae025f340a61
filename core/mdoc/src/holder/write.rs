//! The bytes of a response. Stored items are copied as they are (A-H52).

use super::respond::{ByName, PendingDocument};
use crate::MdocError;
use idwallet_cose::cbor::{Encoder, size};

/// `DeviceNameSpacesBytes`, often with an empty map inside.
pub(super) fn device_name_spaces(spaces: &ByName<Vec<u8>>) -> Vec<u8> {
    let mut inner = Encoder::new();
    inner.map(spaces.len());
    for (space, elements) in spaces {
        inner.text(space).map(elements.len());
        for (element, value) in elements {
            inner.text(element).raw(value);
        }
    }
    let mut e = Encoder::with_capacity(size::tag24(inner.len()));
    e.tag24(inner.as_slice());
    e.into_vec()
}

/// More than enough for the response, so that it is written in one allocation.
pub(super) fn capacity(documents: &[PendingDocument<'_>]) -> usize {
    documents.iter().fold(128_usize, |sum, pending| {
        let document = &pending.document;
        let items = document.release.name_spaces().iter().flat_map(|(_, items)| items);
        let spaces = document
            .release
            .name_spaces()
            .iter()
            .map(|(space, _)| size::string(space.len()).saturating_add(9));
        items
            .map(|item| item.encoded().len())
            .chain(spaces)
            .fold(sum, usize::saturating_add)
            .saturating_add(document.issuer_signed.issuer_auth().bytes().len())
            .saturating_add(document.mso.doc_type().len())
            .saturating_add(pending.name_spaces.len())
            // Keys, heads, and a signature on the longest curve.
            .saturating_add(352)
    })
}

pub(super) fn begin(e: &mut Encoder, documents: usize, errors: &[(String, i64)]) {
    let entries = usize::from(documents != 0).saturating_add(usize::from(!errors.is_empty()));
    e.map(entries.saturating_add(2)).text("version").text("1.0");
    // `documents` is never an empty array (A-H50).
    if documents != 0 {
        e.text("documents").array(documents);
    }
}

pub(super) fn document(
    e: &mut Encoder,
    pending: &PendingDocument<'_>,
    device_auth: impl FnOnce(&mut Encoder) -> Result<(), MdocError>,
) -> Result<(), MdocError> {
    let document = &pending.document;
    e.map(if document.errors.is_empty() { 3 } else { 4 });
    e.text("docType").text(document.mso.doc_type());

    e.text("issuerSigned");
    let spaces = document.release.name_spaces();
    // `nameSpaces` is absent when nothing is released (A-H52).
    if spaces.is_empty() {
        e.map(1);
    } else {
        e.map(2).text("nameSpaces").map(spaces.len());
        for (space, items) in spaces {
            e.text(space).array(items.len());
            for item in items {
                e.raw(item.encoded());
            }
        }
    }
    e.text("issuerAuth").raw(document.issuer_signed.issuer_auth().bytes());

    e.text("deviceSigned")
        .map(2)
        .text("nameSpaces")
        .raw(&pending.name_spaces)
        .text("deviceAuth");
    device_auth(e)?;

    if !document.errors.is_empty() {
        e.text("errors").map(document.errors.len());
        for (space, codes) in &document.errors {
            e.text(space).map(codes.len());
            for (element, code) in codes {
                e.text(element).int(*code);
            }
        }
    }
    Ok(())
}

pub(super) fn end(e: &mut Encoder, errors: &[(String, i64)]) {
    if !errors.is_empty() {
        e.text("documentErrors").array(errors.len());
        for (doc_type, code) in errors {
            e.map(1).text(doc_type).int(*code);
        }
    }
    e.text("status").uint(0);
}
