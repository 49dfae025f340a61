//! The manifest: which records there are, at which version, with which look-up hashes.
//!
//! It lies in 256 buckets by the first byte of the record id, so that a write or a single read touches one bucket
//! whatever the size of the vault, and a root that holds the version of every bucket. Both are sealed and written
//! in the transaction of the records themselves, so a record cannot be removed, duplicated or replaced by its
//! older version without the manifest disagreeing.

use crate::seal::{Broken, Token};
use crate::{Kind, RecordId};
use zeroize::Zeroize as _;

/// The number of buckets; the root is the row after them.
pub(crate) const BUCKETS: usize = 256;
pub(crate) const ROOT: u16 = 256;

/// What the manifest knows of one record.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) kind: Kind,
    pub(crate) id: RecordId,
    pub(crate) version: u64,
    pub(crate) tokens: Box<[Token]>,
}

/// One bucket: sorted by kind and id.
#[derive(Clone, Default)]
pub(crate) struct Bucket(Vec<Listed>);

impl Bucket {
    fn position(&self, kind: Kind, id: RecordId) -> Result<usize, usize> {
        self.0
            .binary_search_by_key(&(kind, id), |listed| (listed.kind, listed.id))
    }

    pub(crate) fn find(&self, kind: Kind, id: RecordId) -> Option<&Listed> {
        self.position(kind, id).ok().and_then(|at| self.0.get(at))
    }

    pub(crate) fn put(&mut self, listed: Listed) {
        match self.position(listed.kind, listed.id) {
            Ok(at) => {
                if let Some(old) = self.0.get_mut(at) {
                    *old = listed;
                }
            }
            Err(at) => self.0.insert(at, listed),
        }
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, kind: Kind, id: RecordId) -> bool {
        self.position(kind, id).map(|at| self.0.remove(at)).is_ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Listed> {
        self.0.iter()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.len().saturating_mul(48));
        for listed in &self.0 {
            out.extend_from_slice(&listed.kind.0.to_be_bytes());
            out.extend_from_slice(listed.id.as_bytes());
            out.extend_from_slice(&listed.version.to_be_bytes());
            out.push(u8::try_from(listed.tokens.len()).unwrap_or(u8::MAX));
            listed.tokens.iter().for_each(|token| out.extend_from_slice(token));
        }
        out
    }

    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Self, Broken> {
        let mut out = Vec::with_capacity(bytes.len() / 27);
        while !bytes.is_empty() {
            let kind = Kind(u16::from_be_bytes(take(&mut bytes)?));
            let id = RecordId::from_bytes(take(&mut bytes)?);
            let version = u64::from_be_bytes(take(&mut bytes)?);
            let [tokens] = take(&mut bytes)?;
            let tokens = (0..tokens).map(|_| take(&mut bytes)).collect::<Result<_, _>>()?;
            out.push(Listed {
                kind,
                id,
                version,
                tokens,
            });
        }
        Ok(Self(out))
    }
}

/// The next `N` bytes.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Broken> {
    let (head, tail) = bytes.split_first_chunk::<N>().ok_or(Broken)?;
    *bytes = tail;
    Ok(*head)
}

impl Drop for Bucket {
    /// The look-up hashes tell who has the data key what a record says.
    fn drop(&mut self) {
        for listed in &mut self.0 {
            listed.tokens.iter_mut().for_each(|token| token.zeroize());
        }
    }
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
