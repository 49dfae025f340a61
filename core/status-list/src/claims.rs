//! The claims of a list token (RFC 8392, draft-ietf-oauth-status-list §5.2, ISO 18013-5 2nd edition §12.3.6.3).

use idwallet_cose::cbor::{Decoder, ErrorKind, InField, Item, Key, Result, Type};
use idwallet_crypto::Timestamp;

use crate::limits;

pub(crate) const SUB: i64 = 2;
pub(crate) const EXP: i64 = 4;
pub(crate) const NBF: i64 = 5;
pub(crate) const IAT: i64 = 6;
pub(crate) const IDENTIFIER_LIST: i64 = 65530;
pub(crate) const STATUS_LIST: i64 = 65533;
pub(crate) const TTL: i64 = 65534;

const CLAUSE: &str = "draft-ietf-oauth-status-list 5.2";

/// The claims beside the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims<'a> {
    /// `sub`: where the list is published.
    pub subject: &'a str,
    /// `iat`: when it was issued.
    pub issued_at: Timestamp,
    /// `exp`: until when it counts.
    pub expires_at: Option<Timestamp>,
    /// `ttl`: for how many seconds a copy may be used before a newer one is fetched, as received.
    pub time_to_live: Option<u64>,
}

impl Claims<'_> {
    /// When a copy fetched at `fetched` should be replaced: after its `ttl`, kept within [`limits::TTL_MIN`] and
    /// [`limits::TTL_MAX`] (G-V06), and not after `exp`.
    #[must_use]
    pub fn refetch_at(&self, fetched: Timestamp) -> Option<Timestamp> {
        let by_ttl = self.time_to_live.map(|ttl| {
            let ttl = ttl.clamp(limits::TTL_MIN, limits::TTL_MAX);
            fetched.saturating_add_seconds(i64::try_from(ttl).unwrap_or(i64::MAX))
        });
        match (by_ttl, self.expires_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// The claims and the lists, the latter still unread.
pub(crate) struct ClaimSet<'a> {
    pub(crate) claims: Claims<'a>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) status_list: Option<Item<'a>>,
    pub(crate) identifier_list: Option<Item<'a>>,
}

pub(crate) fn read(payload: &[u8]) -> Result<ClaimSet<'_>> {
    Decoder::decode(payload, limits::CBOR, |d| {
        let (mut sub, mut iat, mut exp, mut nbf, mut ttl) = (None, None, None, None, None);
        let (mut status_list, mut identifier_list) = (None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Int(SUB) => sub = Some(uri(d).in_field("sub", CLAUSE)?),
                Key::Int(IAT) => iat = Some(numeric_date(d).in_field("iat", CLAUSE)?),
                Key::Int(EXP) => exp = Some(numeric_date(d).in_field("exp", CLAUSE)?),
                Key::Int(NBF) => nbf = Some(numeric_date(d).in_field("nbf", CLAUSE)?),
                Key::Int(TTL) => ttl = Some(time_to_live(d).in_field("ttl", CLAUSE)?),
                Key::Int(STATUS_LIST) => status_list = Some(d.item().in_field("status_list", CLAUSE)?),
                Key::Int(IDENTIFIER_LIST) => identifier_list = Some(d.item().in_field("identifier_list", CLAUSE)?),
                _ => d.skip()?,
            }
        }
        Ok(ClaimSet {
            claims: Claims {
                subject: d.required(sub, "sub")?,
                issued_at: d.required(iat, "iat")?,
                expires_at: exp,
                time_to_live: ttl,
            },
            not_before: nbf,
            status_list,
            identifier_list,
        })
    })
}

pub(crate) fn uri<'a>(d: &mut Decoder<'a>) -> Result<&'a str> {
    let before = d.clone();
    let uri = d.text()?;
    if uri.is_empty() || uri.len() > limits::URI {
        return Err(before.error(ErrorKind::InvalidValue("a URI is empty or too long")));
    }
    Ok(uri)
}

/// NumericDate (RFC 8392 §2): a number of seconds; fractions are cut off.
fn numeric_date(d: &mut Decoder<'_>) -> Result<Timestamp> {
    let before = d.clone();
    let out_of_range = || before.error(ErrorKind::OutOfRange);
    let seconds = if d.peek()? == Type::Float {
        let seconds = d.float()?;
        // Every whole number of seconds that a Timestamp can hold is exact in a double.
        if !(-1e12..=1e12).contains(&seconds) {
            return Err(out_of_range());
        }
        seconds.floor() as i64
    } else {
        d.i64()?
    };
    let time = Timestamp::from_unix(seconds);
    if time.unix() == seconds {
        Ok(time)
    } else {
        Err(out_of_range())
    }
}

/// A positive number (G-C04); the CWT form has it as an unsigned integer.
fn time_to_live(d: &mut Decoder<'_>) -> Result<u64> {
    let before = d.clone();
    match d.u64()? {
        0 => Err(before.error(ErrorKind::InvalidValue("ttl is not positive"))),
        ttl => Ok(ttl),
    }
}
