//! Issuer chains that have been validated, so that the next document of the same signer costs two signatures less.

use idwallet_crypto::x509::{AnchorsGeneration, ValidatedPath};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Most chains that are remembered; one more clears the cache.
pub const MAX_CACHED_CHAINS: usize = 1024;
/// Longest `x5chain` header that is remembered, in bytes. Behind its path a chain may have anything, as long as its sender likes, and be
/// another chain each time (A-C47): without this bound the holder of one good document could fill the memory of a reader that lives long.
pub const MAX_CACHED_CHAIN_BYTES: usize = 16 * 1024;

/// Under what a path was validated: another set of anchors is another question, and so is another rule for the key purpose. What
/// departs from the profile is remembered with the path, and weighed by the policy of each use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CacheContext {
    pub(super) anchors: AnchorsGeneration,
    pub(super) generic_purpose_alone: bool,
}

/// One chain's paths, each under its context.
type Known = Vec<(CacheContext, ValidatedPath)>;

/// Validated issuer chains, by the `x5chain` header as received, whole. The caller owns it and gives it to
/// [`IssuerTrust::cache`](super::IssuerTrust::cache).
///
/// A remembered chain is asked again whether it is valid at the time of its use, and revocation is looked up every time. Chains that
/// are refused are not remembered, and neither are those above [`MAX_CACHED_CHAIN_BYTES`]. When the anchors change, what was remembered
/// is not used.
#[derive(Debug, Default)]
pub struct ChainCache {
    paths: Mutex<BTreeMap<Box<[u8]>, Known>>,
}

impl ChainCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many chains are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.paths.lock().map_or(0, |paths| paths.len())
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything.
    pub fn clear(&self) {
        if let Ok(mut paths) = self.paths.lock() {
            paths.clear();
        }
    }

    pub(super) fn find(&self, chain: &[u8], context: &CacheContext) -> Option<ValidatedPath> {
        let paths = self.paths.lock().ok()?;
        let (_, path) = paths.get(chain)?.iter().find(|(known, _)| known == context)?;
        Some(path.clone())
    }

    pub(super) fn keep(&self, chain: &[u8], context: CacheContext, path: &ValidatedPath) {
        if chain.len() > MAX_CACHED_CHAIN_BYTES {
            return;
        }
        let Ok(mut paths) = self.paths.lock() else {
            return;
        };
        if paths.len() >= MAX_CACHED_CHAINS {
            paths.clear();
        }
        let known = paths.entry(chain.into()).or_default();
        // A context of other anchors will not come back often enough to be worth its memory.
        known.retain(|(old, _)| old.anchors == context.anchors && *old != context);
        known.push((context, path.clone()));
    }
}
