//! The bytes of an issued credential, each written once.

use crate::encode::bytes_head;
use idwallet_cose::cbor::{Encoder, size};
use idwallet_crypto::{PublicKey, Timestamp};

/// Length of the salt of each item, in bytes (at least 16 are asked for, A-I05).
pub const SALT_BYTES: usize = 32;

/// `IssuerSignedItemBytes`. `tail` is the encoded members `elementIdentifier` and `elementValue`.
pub(super) fn item(e: &mut Encoder, digest_id: u64, salt: &[u8], tail: &[u8]) {
    let inner = size::head(digest_id)
        .saturating_add(1 + 9 + 7)
        .saturating_add(size::string(salt.len()))
        .saturating_add(tail.len());
    bytes_head(e.tag(24), inner)
        .map(4)
        .text("digestID")
        .uint(digest_id)
        .text("random")
        .bytes(salt)
        .raw(tail);
}

/// The members of an item that are the same in every copy.
pub(super) fn item_tail(identifier: &str, value: &[u8]) -> Vec<u8> {
    let mut e = Encoder::with_capacity(
        size::string(identifier.len())
            .saturating_add(value.len())
            .saturating_add(18 + 13),
    );
    e.text("elementIdentifier")
        .text(identifier)
        .text("elementValue")
        .raw(value);
    e.into_vec()
}

/// What goes into `ValidityInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) signed: Timestamp,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) expected_update: Option<Timestamp>,
}

/// What goes into an MSO besides the digests.
pub(crate) struct Mso<'a> {
    pub(crate) digest_algorithm: &'a str,
    pub(crate) device_key: &'a PublicKey,
    /// Encoded `KeyAuthorizations`.
    pub(crate) key_authorizations: Option<&'a [u8]>,
    pub(crate) doc_type: &'a str,
    pub(crate) validity: Validity,
    /// Encoded `status`.
    pub(crate) status: Option<&'a [u8]>,
}

/// `MobileSecurityObjectBytes` (A-I01). `digests` writes the map `valueDigests`.
pub(crate) fn mso(mso: &Mso<'_>, capacity: usize, digests: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut e = Encoder::with_capacity(capacity.saturating_add(512));
    e.map(if mso.status.is_some() { 7 } else { 6 });
    e.text("version").text("1.0");
    e.text("digestAlgorithm").text(mso.digest_algorithm);
    e.text("valueDigests");
    digests(&mut e);
    e.text("deviceKeyInfo")
        .map(if mso.key_authorizations.is_some() { 2 } else { 1 });
    e.text("deviceKey");
    e.cose_key(mso.device_key);
    if let Some(authorizations) = mso.key_authorizations {
        e.text("keyAuthorizations").raw(authorizations);
    }
    e.text("docType").text(mso.doc_type);
    e.text("validityInfo")
        .map(if mso.validity.expected_update.is_some() { 4 } else { 3 });
    let dates = [
        ("signed", mso.validity.signed),
        ("validFrom", mso.validity.from),
        ("validUntil", mso.validity.until),
    ];
    for (name, date) in dates
        .into_iter()
        .chain(mso.validity.expected_update.map(|date| ("expectedUpdate", date)))
    {
        e.text(name).tag(0).text(&date.to_rfc3339());
    }
    if let Some(status) = mso.status {
        e.text("status").raw(status);
    }
    let inner = e.into_vec();
    let mut tagged = Encoder::with_capacity(size::tag24(inner.len()));
    tagged.tag24(&inner);
    tagged.into_vec()
}

/// `KeyAuthorizations`.
pub(super) fn key_authorizations(name_spaces: &[String], elements: &[(String, Vec<String>)]) -> Vec<u8> {
    let mut e = Encoder::new();
    e.map(usize::from(!name_spaces.is_empty()).saturating_add(usize::from(!elements.is_empty())));
    if !name_spaces.is_empty() {
        e.text("nameSpaces").array(name_spaces.len());
        for space in name_spaces {
            e.text(space);
        }
    }
    if !elements.is_empty() {
        e.text("dataElements").map(elements.len());
        for (space, identifiers) in elements {
            e.text(space).array(identifiers.len());
            for identifier in identifiers {
                e.text(identifier);
            }
        }
    }
    e.into_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MobileSecurityObject;

    /// A-I01, A-C02: the MSO of ISO 18013-5 Annex D, read and written again, is the same bytes.
    #[test]
    fn the_mso_of_annex_d_is_rebuilt() {
        let Some(file) = idwallet_test_support::vector("iso18013-5-annex-d/annex_d_derived.json") else {
            return;
        };
        let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
        let bytes = hex::decode(file["derived"]["mobile_security_object_bytes"].as_str().unwrap()).unwrap();
        let view = MobileSecurityObject::parse(&bytes).unwrap();
        let dates = view.validity();
        let parts = Mso {
            digest_algorithm: view.digest_algorithm(),
            device_key: view.device_key(),
            key_authorizations: None,
            doc_type: view.doc_type(),
            validity: Validity {
                signed: dates.signed.timestamp(),
                from: dates.valid_from.timestamp(),
                until: dates.valid_until.timestamp(),
                expected_update: None,
            },
            status: None,
        };
        let rebuilt = mso(&parts, 0, |e| {
            e.map(view.value_digests().count());
            for (space, digests) in view.value_digests() {
                e.text(space).map(digests.len());
                for (id, digest) in digests {
                    e.uint(*id).bytes(digest);
                }
            }
        });
        assert_eq!(rebuilt, bytes);
    }
}
