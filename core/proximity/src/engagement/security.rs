//! `Security`: cipher suite and ephemeral key, the same in both engagements.

use crate::{ProximityError, Result, limits};
use idwallet_cose::CoseKey;
use idwallet_cose::cbor::{self, Decoder, Encoder, InField, Key, Tag24, Type};
use idwallet_crypto::PublicKey;

const CLAUSE: &str = "ISO 18013-5 §8.2.1.1";
/// The one cipher suite there is (ISO 18013-5 §9.1.5.2).
const CIPHER_SUITE: u64 = 1;

/// An ephemeral public key with the bytes it came in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EphemeralKey {
    /// `#6.24(bstr .cbor COSE_Key)` as received.
    pub(crate) tagged: Vec<u8>,
    inner_start: usize,
    pub(crate) key: PublicKey,
}

impl EphemeralKey {
    /// Checks the key in `EDeviceKeyBytes` or `EReaderKeyBytes`: on its curve, and of a curve that can agree (A-H02, A-C09).
    pub(crate) fn read(tagged: Tag24<'_>, structure: &'static str) -> Result<Self> {
        let cose = CoseKey::parse(tagged.inner(), limits::ENGAGEMENT)
            .map_err(|error| ProximityError::Key { structure, error })?;
        let key = *cose.public_key();
        if !key.curve().can_agree() {
            return Err(ProximityError::CannotAgree(key.curve()));
        }
        Ok(Self {
            tagged: tagged.encoded().to_vec(),
            inner_start: tagged.encoded().len().saturating_sub(tagged.inner().len()),
            key,
        })
    }

    /// The COSE_Key inside the tag 24.
    pub(crate) fn cose_key(&self) -> &[u8] {
        self.tagged.get(self.inner_start..).unwrap_or_default()
    }
}

/// As [`EphemeralKey::read`], and uncompressed, as EReaderKey must be (A-V03).
pub(crate) fn read_reader_key(tagged: Tag24<'_>, structure: &'static str) -> Result<EphemeralKey> {
    let key = EphemeralKey::read(tagged, structure)?;
    if has_sign_bit(tagged).map_err(ProximityError::malformed(structure))? {
        return Err(ProximityError::CompressedReaderKey);
    }
    Ok(key)
}

/// Whether y is given as a sign bit.
fn has_sign_bit(cose_key: Tag24<'_>) -> cbor::Result<bool> {
    cose_key.decode(|d| {
        let mut found = false;
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            found |= key == Key::Int(-3) && d.peek()? == Type::Bool;
            d.skip()?;
        }
        Ok(found)
    })
}

/// The array as read; the key is not checked yet.
#[derive(Clone, Copy)]
pub(super) struct RawSecurity<'a> {
    suite: u64,
    pub(super) key: Tag24<'a>,
}

impl<'a> RawSecurity<'a> {
    pub(super) fn read(d: &mut Decoder<'a>) -> cbor::Result<Self> {
        d.array_of(2).in_field("", CLAUSE)?;
        Ok(Self {
            suite: d.u64().in_field("cipher suite", CLAUSE)?,
            key: d.tag24().in_field("key", CLAUSE)?,
        })
    }

    pub(super) fn check_suite(&self, structure: &'static str) -> Result<()> {
        if self.suite == CIPHER_SUITE {
            Ok(())
        } else {
            Err(ProximityError::CipherSuite(structure))
        }
    }
}

pub(super) fn write(e: &mut Encoder, key: &PublicKey) {
    e.array(2).uint(CIPHER_SUITE).tag24_with(|e| {
        e.cose_key(key);
    });
}

/// `major.minor` with the major version 1; any minor (A-C05).
pub(crate) fn check_version(version: &str, structure: &'static str) -> Result<()> {
    match version.split_once('.') {
        Some(("1", minor)) if !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        _ => Err(ProximityError::UnknownVersion(structure)),
    }
}
