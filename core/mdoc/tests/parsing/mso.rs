//! Mobile security objects, each wrong in one way.

use super::*;

struct Mso {
    version: &'static str,
    signed: Vec<u8>,
    status: Option<Vec<u8>>,
    authorizations: Option<Vec<u8>>,
    device_key: Vec<u8>,
    digests: Vec<u8>,
}

impl Default for Mso {
    fn default() -> Self {
        Self {
            version: "1.0",
            signed: tdate("2026-01-01T00:00:00Z"),
            status: None,
            authorizations: None,
            device_key: idwallet_cose::cose_key_to_vec(key(Curve::P256, 1).public_key()),
            digests: cbor(|e| {
                e.map(1)
                    .text("a")
                    .map(2)
                    .uint(9)
                    .bytes(&[9; 32])
                    .uint(2)
                    .bytes(&[2; 32]);
            }),
        }
    }
}

fn tdate(text: &str) -> Vec<u8> {
    cbor(|e| {
        e.tag(0).text(text);
    })
}

impl Mso {
    fn bytes(&self) -> Vec<u8> {
        cbor(|e| {
            e.tag24_with(|e| {
                e.map(if self.status.is_some() { 7 } else { 6 });
                if let Some(status) = &self.status {
                    e.text("status").raw(status);
                }
                e.text("docType")
                    .text("d")
                    .text("version")
                    .text(self.version)
                    .text("digestAlgorithm")
                    .text("SHA-256");
                e.text("validityInfo").map(3).text("signed").raw(&self.signed);
                e.text("validFrom")
                    .raw(&tdate("2026-01-01T00:00:00Z"))
                    .text("validUntil")
                    .raw(&tdate("2027-01-01T00:00:00Z"));
                e.text("deviceKeyInfo")
                    .map(if self.authorizations.is_some() { 2 } else { 1 });
                e.text("deviceKey").raw(&self.device_key);
                if let Some(authorizations) = &self.authorizations {
                    e.text("keyAuthorizations").raw(authorizations);
                }
                e.text("valueDigests").raw(&self.digests);
            });
        })
    }

    fn fault(&self) -> ErrorKind {
        kind(MobileSecurityObject::parse(&self.bytes()).unwrap_err())
    }
}

/// A-V17: a digest is found in its own namespace only.
#[test]
fn digests_are_looked_up_in_their_namespace() {
    let bytes = Mso::default().bytes();
    let mso = MobileSecurityObject::parse(&bytes).unwrap();
    assert_eq!(mso.digest("a", 2), Some(&[2; 32][..]));
    assert_eq!(mso.digest("a", 9), Some(&[9; 32][..]));
    assert_eq!((mso.digest("a", 3), mso.digest("b", 2)), (None, None));
}

/// A-C06: fractions, offsets and small letters are read, and reported as not strict; what is no date is refused.
#[test]
fn dates_are_flagged_or_refused() {
    for (text, strict) in [
        ("2026-01-01T00:00:00Z", true),
        ("2026-01-01T00:00:00.5Z", false),
        ("2026-01-01T01:00:00+01:00", false),
    ] {
        let bytes = Mso {
            signed: tdate(text),
            ..Mso::default()
        }
        .bytes();
        let mso = MobileSecurityObject::parse(&bytes).unwrap();
        let signed = mso.validity().signed;
        assert_eq!((signed.text(), signed.is_strict()), (text, strict));
        assert_eq!(signed.timestamp().to_rfc3339(), "2026-01-01T00:00:00Z");
    }
    for text in ["2026-01-01", "2026-13-01T00:00:00Z", "", "2026-01-01T00:00:00"] {
        assert_eq!(
            Mso {
                signed: tdate(text),
                ..Mso::default()
            }
            .fault(),
            ErrorKind::InvalidDate,
            "{text}"
        );
    }
    let untagged = cbor(|e| {
        e.text("2026-01-01T00:00:00Z");
    });
    assert!(matches!(
        Mso {
            signed: untagged,
            ..Mso::default()
        }
        .fault(),
        ErrorKind::WrongType { .. }
    ));
}

/// A-C03, A-C09, A-I20, G-C06: duplicate digest ids, keys off the curve or private, and malformed status are refused.
#[test]
fn an_mso_with_one_fault_is_refused() {
    let twice = cbor(|e| {
        e.map(1)
            .text("a")
            .map(2)
            .uint(9)
            .bytes(&[9; 32])
            .uint(9)
            .bytes(&[2; 32]);
    });
    assert_eq!(
        Mso {
            digests: twice,
            ..Mso::default()
        }
        .fault(),
        ErrorKind::DuplicateKey
    );
    let text_id = cbor(|e| {
        e.map(1).text("a").map(1).text("9").bytes(&[9; 32]);
    });
    assert!(matches!(
        Mso {
            digests: text_id,
            ..Mso::default()
        }
        .fault(),
        ErrorKind::InvalidValue(_)
    ));
    let mut off_curve = Mso::default();
    *off_curve.device_key.last_mut().unwrap() ^= 1;
    assert!(matches!(
        off_curve.fault(),
        ErrorKind::InvalidValue("COSE_Key is not a point on its curve")
    ));
    let negative = cbor(|e| {
        e.map(1)
            .text("status_list")
            .map(2)
            .text("idx")
            .int(-1)
            .text("uri")
            .text("u");
    });
    assert!(matches!(
        Mso {
            status: Some(negative),
            ..Mso::default()
        }
        .fault(),
        ErrorKind::WrongType { .. }
    ));
    let no_uri = cbor(|e| {
        e.map(1).text("identifier_list").map(1).text("id").bytes(&[1]);
    });
    assert_eq!(
        Mso {
            status: Some(no_uri),
            ..Mso::default()
        }
        .fault(),
        ErrorKind::MissingField("uri")
    );
    let unknown = cbor(|e| {
        e.map(1).text("other").map(0);
    });
    assert!(
        MobileSecurityObject::parse(
            &Mso {
                status: Some(unknown),
                ..Mso::default()
            }
            .bytes()
        )
        .is_ok()
    );
}

/// A-I08: what is wrong with keyAuthorizations is told, not hidden.
#[test]
fn faulty_key_authorizations_are_told() {
    let read = |authorizations: Vec<u8>| {
        let bytes = Mso {
            authorizations: Some(authorizations),
            ..Mso::default()
        }
        .bytes();
        MobileSecurityObject::parse(&bytes)
            .unwrap()
            .key_authorizations()
            .unwrap()
            .fault()
    };
    let lists = |spaces: &[&str], elements: &[&str]| {
        cbor(|e| {
            e.map(2).text("nameSpaces").array(spaces.len());
            for space in spaces {
                e.text(space);
            }
            e.text("dataElements").map(elements.len());
            for space in elements {
                e.text(space).array(1).text("x");
            }
        })
    };
    assert_eq!(read(lists(&["a"], &["b"])), None);
    assert!(read(lists(&["a"], &["a"])).is_some());
    assert!(read(lists(&[], &[])).is_some());
    assert!(read(vec![0xa0]).is_some());
}

/// A-C05: minor versions are not known in advance; another major version is.
#[test]
fn versions_are_understood_by_their_major_number() {
    for (text, known) in [
        ("1.0", true),
        ("1.1", true),
        ("1.99", true),
        ("2.0", false),
        ("0.9", false),
        ("1", false),
        ("1.x", false),
        ("", false),
        ("+1.0", false),
    ] {
        assert_eq!(Version::new(text).is_known(), known, "{text}");
        let request = cbor(|e| {
            e.map(3)
                .text("version")
                .text(text)
                .text("unknown")
                .null()
                .text("docRequests")
                .array(1)
                .map(1)
                .text("itemsRequest")
                .tag24_with(|e| {
                    e.map(2)
                        .text("docType")
                        .text("d")
                        .text("nameSpaces")
                        .map(1)
                        .text("a")
                        .map(1)
                        .text("x")
                        .bool(false);
                });
        });
        assert_eq!(DeviceRequest::parse(&request).is_ok(), known, "{text}");
    }
    assert!(
        MobileSecurityObject::parse(
            &Mso {
                version: "1.7",
                ..Mso::default()
            }
            .bytes()
        )
        .unwrap()
        .version()
        .is_known()
    );
}
