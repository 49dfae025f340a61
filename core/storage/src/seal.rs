//! Sealing of single values: AES-256-GCM, bound to the place of the value, its length hidden in a bucket.
//!
//! `sealed = AES-256-GCM(data ‖ zeros ‖ length as u32 LE) ‖ tag (16) ‖ nonce (12) ‖ format (1)`
//!
//! The trailer stands last so that both directions work in the one buffer.

use crate::{Error, Kind, Lookup, RecordId, header::DataKey};
use idwallet_crypto::{AEAD_TAG_LEN, AeadKey, Random, Secret, SecretBytes, hkdf_sha256, hmac_sha256};
use zeroize::Zeroize as _;

/// The largest record that is taken, in bytes (16 MiB): a portrait of the highest quality is under 1 MiB.
pub const MAX_RECORD_LEN: usize = 16 * 1024 * 1024;

const FORMAT: u8 = 1;
const NONCE_LEN: usize = 12;
const TRAILER_LEN: usize = NONCE_LEN + 1;
const LENGTH_LEN: usize = 4;

/// Up to here a record takes the next power of two.
const POWERS_UP_TO: usize = 4096;
/// Up to here it takes the next multiple of 4 KiB; beyond it, of 1/32 of the next power of two.
const PAGES_UP_TO: usize = 64 * 1024;
/// The smallest bucket.
const SMALLEST: usize = 128;
/// What one sealed value may be at most, before anything is allocated for it.
const MAX_SEALED_LEN: usize = MAX_RECORD_LEN + MAX_RECORD_LEN / 16 + 64;

/// A keyed hash of a look-up value.
pub(crate) type Token = [u8; 16];

/// Where a value lies; all of it is associated data.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A row of `record`.
    Record(Kind, RecordId, u64),
    /// A row of `manifest`.
    Manifest(u16, u64),
}

/// The keys of an unlocked vault.
pub(crate) struct Keys {
    vault_id: [u8; 16],
    records: AeadKey,
    manifest: AeadKey,
    lookups: Boxed,
}

/// The seal does not hold.
#[derive(Debug)]
pub(crate) struct Broken;

/// A key that was filled where it lies, on the heap: moving it leaves no copy behind.
pub(crate) type Boxed = Box<Secret<[u8; 32]>>;

/// A key of the vault from what the area or a layer gave.
pub(crate) fn to_key(bytes: &SecretBytes) -> Result<Boxed, Error> {
    let mut key = Boxed::new(Secret::new([0; 32]));
    if bytes.expose().len() != key.expose().len() {
        return Err(Error::WrongKey);
    }
    key.expose_mut().copy_from_slice(bytes.expose());
    Ok(key)
}

/// A key for one use from another one, tied to the vault.
pub(crate) fn derive(from: &[u8], vault_id: &[u8; 16], info: &[u8]) -> Result<Boxed, Error> {
    let mut out = Boxed::new(Secret::new([0; 32]));
    hkdf_sha256(from, vault_id, info, out.expose_mut())?;
    Ok(out)
}

/// What tells the right data key from another one, without opening anything.
pub(crate) fn key_check(data_key: &DataKey, vault_id: &[u8; 16]) -> Result<[u8; 32], Error> {
    Ok(*derive(data_key.expose(), vault_id, b"idwallet vault 1 key check")?.expose())
}

impl Keys {
    pub(crate) fn new(data_key: &DataKey, vault_id: [u8; 16]) -> Result<Self, Error> {
        let key = |info: &[u8]| derive(data_key.expose(), &vault_id, info);
        let records = key(b"idwallet vault 1 records")?;
        let manifest = key(b"idwallet vault 1 manifest")?;
        Ok(Self {
            vault_id,
            records: AeadKey::aes_256_gcm(&records),
            manifest: AeadKey::aes_256_gcm(&manifest),
            lookups: key(b"idwallet vault 1 look-ups")?,
        })
    }

    pub(crate) fn token(&self, kind: Kind, lookup: Lookup<'_>) -> Token {
        let name_len = u64::try_from(lookup.name.len()).unwrap_or(u64::MAX);
        let parts: [&[u8]; 4] = [
            &kind.0.to_be_bytes(),
            &name_len.to_be_bytes(),
            lookup.name.as_bytes(),
            lookup.value,
        ];
        let mut token = [0; 16];
        for (to, from) in token.iter_mut().zip(hmac_sha256(self.lookups.expose(), &parts)) {
            *to = from;
        }
        token
    }

    const fn key(&self, place: Place) -> &AeadKey {
        match place {
            Place::Record(..) => &self.records,
            Place::Manifest(..) => &self.manifest,
        }
    }

    /// Format, vault, table, kind or bucket, id, version: of fixed length, so it reads one way only.
    fn associated_data(&self, place: Place) -> [u8; 44] {
        let (table, number, id, version) = match place {
            Place::Record(kind, id, version) => (1, kind.0, *id.as_bytes(), version),
            Place::Manifest(bucket, version) => (2, bucket, [0; 16], version),
        };
        let mut out = [0; 44];
        let rest = put(&mut out, [FORMAT, table]);
        let rest = put(rest, self.vault_id);
        let rest = put(rest, number.to_be_bytes());
        let rest = put(rest, id);
        put(rest, version.to_be_bytes());
        out
    }

    pub(crate) fn seal(&self, random: &dyn Random, place: Place, data: &[u8]) -> Result<Vec<u8>, Error> {
        seal(self.key(place), random, &self.associated_data(place), data)
    }

    pub(crate) fn open(&self, place: Place, sealed: &[u8]) -> Result<SecretBytes, Broken> {
        open(self.key(place), &self.associated_data(place), sealed)
    }

    pub(crate) fn open_into<'b>(
        &self,
        place: Place,
        sealed: &[u8],
        buffer: &'b mut SecretBytes,
    ) -> Result<&'b [u8], Broken> {
        open_into(self.key(place), &self.associated_data(place), sealed, buffer)
    }
}

pub(crate) fn seal(key: &AeadKey, random: &dyn Random, associated: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    let (length, padded) = match (u32::try_from(data.len()), padded_len(data.len())) {
        (Ok(length), Some(padded)) if data.len() <= MAX_RECORD_LEN => (length, padded),
        _ => {
            return Err(Error::TooLarge {
                what: "record",
                size: data.len(),
                limit: MAX_RECORD_LEN,
            });
        }
    };
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce)?;
    // Room for all of it at once: growing would leave a copy of the plaintext behind.
    let mut buffer = Vec::with_capacity(padded.saturating_add(AEAD_TAG_LEN).saturating_add(TRAILER_LEN));
    buffer.extend_from_slice(data);
    buffer.resize(padded.saturating_sub(LENGTH_LEN), 0);
    buffer.extend_from_slice(&length.to_le_bytes());
    if let Err(error) = key.seal_in_place(nonce, associated, &mut buffer) {
        buffer.zeroize();
        return Err(error.into());
    }
    buffer.extend_from_slice(&nonce);
    buffer.push(FORMAT);
    Ok(buffer)
}

/// Writes at the beginning; gives the rest.
fn put<const N: usize>(out: &mut [u8], bytes: [u8; N]) -> &mut [u8] {
    let Some((head, rest)) = out.split_first_chunk_mut::<N>() else {
        return &mut [];
    };
    *head = bytes;
    rest
}

pub(crate) fn open(key: &AeadKey, associated: &[u8], sealed: &[u8]) -> Result<SecretBytes, Broken> {
    let mut buffer = Secret::new(Vec::new());
    let length = open_into(key, associated, sealed, &mut buffer)?.len();
    // What is cut off is zeros; the drop wipes the whole capacity.
    buffer.expose_mut().truncate(length);
    Ok(buffer)
}

/// Opens in a buffer that may have served before, and is left with the plaintext in it.
pub(crate) fn open_into<'b>(
    key: &AeadKey,
    associated: &[u8],
    sealed: &[u8],
    buffer: &'b mut SecretBytes,
) -> Result<&'b [u8], Broken> {
    let (body, [FORMAT]) = sealed.split_last_chunk::<1>().ok_or(Broken)? else {
        return Err(Broken);
    };
    let (body, nonce) = body.split_last_chunk::<NONCE_LEN>().ok_or(Broken)?;
    if sealed.len() > MAX_SEALED_LEN {
        return Err(Broken);
    }
    if buffer.expose().capacity() < body.len() {
        // Growing would leave a copy behind; the old buffer is wiped as it is dropped.
        *buffer = Secret::new(Vec::with_capacity(body.len()));
    }
    buffer.expose_mut().clear();
    buffer.expose_mut().extend_from_slice(body);
    let plain = key
        .open_in_place(*nonce, associated, buffer.expose_mut())
        .map_err(|_| Broken)?;
    let (data, length) = plain.split_last_chunk::<LENGTH_LEN>().ok_or(Broken)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Broken)?;
    data.get(..length).ok_or(Broken)
}

/// The length of the bucket for `len` bytes of data, the length field included.
fn padded_len(len: usize) -> Option<usize> {
    let total = len.checked_add(LENGTH_LEN)?;
    if total <= SMALLEST {
        Some(SMALLEST)
    } else if total <= POWERS_UP_TO {
        total.checked_next_power_of_two()
    } else if total <= PAGES_UP_TO {
        total.checked_next_multiple_of(4096)
    } else {
        total.checked_next_multiple_of(total.checked_next_power_of_two()? >> 5)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;
    use idwallet_crypto::SystemRandom;

    #[test]
    fn buckets_hold_their_data_and_waste_little() {
        let mut last = 0;
        for len in (0..200_000).chain([1_000_000, MAX_RECORD_LEN]) {
            let padded = padded_len(len).unwrap();
            assert!(padded >= len + LENGTH_LEN && padded >= last);
            assert!(len < 65_536 || padded <= len + len / 15);
            assert!(padded + AEAD_TAG_LEN + TRAILER_LEN <= MAX_SEALED_LEN);
            last = padded;
        }
        assert_eq!(
            [0, 124, 125, 252, 253].map(|n| padded_len(n).unwrap()),
            [128, 128, 256, 256, 512]
        );
    }

    #[test]
    fn a_seal_opens_in_its_own_place_only() {
        let keys = Keys::new(&DataKey::new([1; 32]), [2; 16]).unwrap();
        let id = RecordId::from_bytes([3; 16]);
        let other_id = RecordId::from_bytes([4; 16]);
        let here = Place::Record(Kind(5), id, 6);
        let random = SystemRandom::new();
        let sealed = keys.seal(&random, here, b"data").unwrap();
        assert_eq!(keys.open(here, &sealed).unwrap().expose(), b"data");
        for there in [
            Place::Record(Kind(6), id, 6),
            Place::Record(Kind(5), other_id, 6),
            Place::Record(Kind(5), id, 7),
            Place::Manifest(5, 6),
        ] {
            assert!(keys.open(there, &sealed).is_err());
        }
        let other_vault = Keys {
            vault_id: [9; 16],
            ..Keys::new(&DataKey::new([1; 32]), [2; 16]).unwrap()
        };
        assert!(other_vault.open(here, &sealed).is_err());
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut altered = sealed.clone();
                altered[at] ^= 1 << bit;
                assert!(keys.open(here, &altered).is_err(), "byte {at} bit {bit}");
            }
        }
        for len in 0..sealed.len() {
            assert!(keys.open(here, &sealed[..len]).is_err());
        }
        assert_ne!(
            sealed,
            keys.seal(&random, here, b"data").unwrap(),
            "a nonce is never used twice"
        );
    }
}
