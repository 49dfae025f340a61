//! The protected header (RFC 7516 §4).

use crate::jwe::base64;
use crate::{JoseError, Part};
use core::fmt;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;

pub(crate) const ALG: &str = "PBES2-HS256+A128KW";
pub(crate) const ENC: &str = "A128GCM";

/// More members than anybody writes.
const MAX_MEMBERS: usize = 16;
/// RFC 7518 §4.8.1.1: 8 bytes or more.
const SALT_LEN: core::ops::RangeInclusive<usize> = 8..=128;

/// What is read of the members. Others are passed over, as RFC 7516 §4 wants it.
#[derive(Default)]
struct Members {
    alg: Option<String>,
    enc: Option<String>,
    p2s: Option<String>,
    p2c: Option<u64>,
    cty: Option<String>,
    has_zip: bool,
    has_crit: bool,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let (mut out, mut seen) = (Members::default(), BTreeSet::new());
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "alg" => out.alg = Some(map.next_value()?),
                "enc" => out.enc = Some(map.next_value()?),
                "p2s" => out.p2s = Some(map.next_value()?),
                "p2c" => out.p2c = Some(map.next_value()?),
                "cty" => out.cty = Some(map.next_value()?),
                other => {
                    out.has_zip |= other == "zip";
                    out.has_crit |= other == "crit";
                    map.next_value::<IgnoredAny>()?;
                }
            }
            // RFC 7516 §4: names are unique. Two readers could each take another one.
            if !seen.insert(name) || seen.len() > MAX_MEMBERS {
                return Err(A::Error::custom("members"));
            }
        }
        Ok(out)
    }
}

/// A header that this crate can act on.
pub(crate) struct Header {
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u64,
    pub(crate) content_type: Option<String>,
}

impl Header {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, JoseError> {
        let members: Members = serde_json::from_slice(json).map_err(|_| JoseError::Header)?;
        if members.has_crit {
            return Err(JoseError::Critical);
        }
        if members.has_zip {
            return Err(JoseError::Compressed);
        }
        if members.alg.ok_or(JoseError::Missing("alg"))? != ALG {
            return Err(JoseError::Algorithm);
        }
        if members.enc.ok_or(JoseError::Missing("enc"))? != ENC {
            return Err(JoseError::Encryption);
        }
        let salt = base64(&members.p2s.ok_or(JoseError::Missing("p2s"))?, Part::Salt)?;
        if !SALT_LEN.contains(&salt.len()) {
            return Err(JoseError::Salt);
        }
        Ok(Self {
            salt,
            iterations: members.p2c.ok_or(JoseError::Missing("p2c"))?,
            content_type: members.cty,
        })
    }
}
