//! The manifest: which records there are, at which version, with which look-up hashes.
//!
//! It lies in 256 buckets by the first byte of the record id, so that a write or a single read touches one bucket
//! whatever the size of the vault, and a root that holds the version of every bucket. Both are sealed and written
//! in the transaction of the records themselves, so a record cannot be removed, duplicated or replaced by its
//! older version without the manifest disagreeing.

use crate::seal::{Broken, Token};
use crate::{Kind, RecordId};
use idwallet_crypto::{Secret, SecretBytes};

/// The number of buckets; the root is the row after them.
pub(crate) const BUCKETS: usize = 256;
pub(crate) const ROOT: u16 = 256;
/// Kind, id, version and the number of look-up hashes of an entry.
const ENTRY_LEN: usize = 2 + 16 + 8 + 1;

/// What the manifest knows of one record.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'b> {
    pub(crate) kind: Kind,
    pub(crate) id: RecordId,
    pub(crate) version: u64,
    pub(crate) tokens: &'b [Token],
}

impl<'b> Listed<'b> {
    fn read(bytes: &mut &'b [u8]) -> Result<Self, Broken> {
        let kind = Kind(u16::from_be_bytes(take(bytes)?));
        let id = RecordId::from_bytes(take(bytes)?);
        let version = u64::from_be_bytes(take(bytes)?);
        let [count] = take(bytes)?;
        let (tokens, rest) = bytes
            .split_at_checked(usize::from(count).saturating_mul(size_of::<Token>()))
            .ok_or(Broken)?;
        *bytes = rest;
        let (tokens, _) = tokens.as_chunks();
        Ok(Self {
            kind,
            id,
            version,
            tokens,
        })
    }
}

/// One bucket: sorted by kind and id, in the form that is sealed. The look-up hashes tell who has the data key what a record says, so
/// it is wiped.
pub(crate) struct Bucket(SecretBytes);

impl Bucket {
    pub(crate) const fn new() -> Self {
        Self(Secret::new(Vec::new()))
    }

    /// A copy to be changed.
    pub(crate) fn copy(&self) -> Self {
        Self(Secret::new(self.encoded().to_vec()))
    }

    pub(crate) fn encoded(&self) -> &[u8] {
        self.0.expose()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let mut rest = bytes;
        while !rest.is_empty() {
            Listed::read(&mut rest)?;
        }
        Ok(Self(Secret::new(bytes.to_vec())))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Listed<'_>> {
        let mut rest = self.encoded();
        // The end is the one thing that does not read: `decode` saw to that.
        core::iter::from_fn(move || Listed::read(&mut rest).ok())
    }

    /// Those of a kind.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = Listed<'_>> {
        self.iter()
            .skip_while(move |listed| listed.kind < kind)
            .take_while(move |listed| listed.kind == kind)
    }

    pub(crate) fn find(&self, kind: Kind, id: RecordId) -> Option<Listed<'_>> {
        self.of(kind).find(|listed| listed.id == id)
    }

    /// What lies before the place of a record, and what lies after it.
    fn around(&self, kind: Kind, id: RecordId) -> (&[u8], &[u8]) {
        let all = self.encoded();
        let (mut before, mut after) = (all, all);
        while let Ok(listed) = Listed::read(&mut after) {
            if (listed.kind, listed.id) == (kind, id) {
                break;
            }
            if (listed.kind, listed.id) > (kind, id) {
                after = before;
                break;
            }
            before = after;
        }
        let head = all.len().saturating_sub(before.len());
        (all.get(..head).unwrap_or_default(), after)
    }

    pub(crate) fn put(&mut self, listed: Listed<'_>) {
        let (before, after) = self.around(listed.kind, listed.id);
        let tokens = listed.tokens.as_flattened();
        // Room for all of it at once: growing would leave a copy behind.
        let room = before.len().saturating_add(after.len()).saturating_add(tokens.len());
        let mut out = Vec::with_capacity(room.saturating_add(ENTRY_LEN));
        out.extend_from_slice(before);
        out.extend_from_slice(&listed.kind.0.to_be_bytes());
        out.extend_from_slice(listed.id.as_bytes());
        out.extend_from_slice(&listed.version.to_be_bytes());
        out.push(u8::try_from(listed.tokens.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(tokens);
        out.extend_from_slice(after);
        self.0 = Secret::new(out);
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, kind: Kind, id: RecordId) -> bool {
        let (before, after) = self.around(kind, id);
        let is_there = before.len().saturating_add(after.len()) < self.encoded().len();
        self.0 = Secret::new([before, after].concat());
        is_there
    }
}

/// The next `N` bytes.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Broken> {
    let (head, tail) = bytes.split_first_chunk::<N>().ok_or(Broken)?;
    *bytes = tail;
    Ok(*head)
}

/// What ties the vault to a counter of the secure area.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// What the counter is to say: or one less, when the power went between a write and the counting.
    pub(crate) value: u64,
    /// The area's name of the counter.
    pub(crate) counter: Vec<u8>,
}

/// The root: how often the vault was written, when each bucket was last (0: never), and the anchor.
#[derive(Clone)]
pub(crate) struct Root {
    pub(crate) generation: u64,
    versions: [u64; BUCKETS],
    pub(crate) anchor: Option<Anchor>,
}

impl Root {
    pub(crate) const fn new() -> Self {
        Self {
            generation: 0,
            versions: [0; BUCKETS],
            anchor: None,
        }
    }

    pub(crate) fn version(&self, bucket: u8) -> u64 {
        self.versions.get(usize::from(bucket)).copied().unwrap_or(0)
    }

    pub(crate) fn set_version(&mut self, bucket: u8, version: u64) {
        if let Some(slot) = self.versions.get_mut(usize::from(bucket)) {
            *slot = version;
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = self.generation.to_be_bytes().to_vec();
        self.versions
            .iter()
            .for_each(|version| out.extend_from_slice(&version.to_be_bytes()));
        // Absent from a vault that was never anchored, as from all of schema 1.
        if let Some(anchor) = &self.anchor {
            out.extend_from_slice(&anchor.value.to_be_bytes());
            out.extend_from_slice(&anchor.counter);
        }
        out
    }

    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Self, Broken> {
        let mut out = Self::new();
        out.generation = u64::from_be_bytes(take(&mut bytes)?);
        for version in &mut out.versions {
            *version = u64::from_be_bytes(take(&mut bytes)?);
        }
        if !bytes.is_empty() {
            out.anchor = Some(Anchor {
                value: u64::from_be_bytes(take(&mut bytes)?),
                counter: bytes.to_vec(),
            });
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_bucket_says_what_was_put_into_it() {
        let mut bucket = Bucket::new();
        let mut expected = BTreeMap::new();
        let mut step = 1_u64;
        for version in 0..2000 {
            step = step.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let [a, b, c, ..] = step.to_be_bytes();
            let (kind, id) = (Kind(u16::from(a % 3)), RecordId::from_bytes([b % 40; 16]));
            if c % 3 == 0 {
                assert_eq!(bucket.remove(kind, id), expected.remove(&(kind, id)).is_some());
            } else {
                let tokens = vec![[a; 16]; usize::from(c % 4)];
                bucket.put(Listed {
                    kind,
                    id,
                    version,
                    tokens: &tokens,
                });
                expected.insert((kind, id), (version, tokens));
            }
            let again = Bucket::decode(bucket.encoded()).unwrap();
            let listed: Vec<_> = again
                .iter()
                .map(|l| ((l.kind, l.id), (l.version, l.tokens.to_vec())))
                .collect();
            assert!(
                listed
                    .iter()
                    .eq(expected.iter().map(|(k, v)| (*k, v.clone())).collect::<Vec<_>>().iter())
            );
            let of_one = expected.keys().filter(|(kind, _)| *kind == Kind(1));
            assert!(again.of(Kind(1)).map(|l| l.id).eq(of_one.map(|(_, id)| *id)));
            assert_eq!(
                again.find(kind, id).map(|l| l.version),
                expected.get(&(kind, id)).map(|e| e.0)
            );
        }
        assert!(expected.len() > 40);
        let whole = bucket.encoded();
        assert!(Bucket::decode(&whole[..whole.len() - 1]).is_err());
    }
}
