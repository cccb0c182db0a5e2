//! Verified tokens, remembered so that one that comes again costs no signature.

use std::collections::HashMap;
use std::sync::Arc;

use crate::identity::claims::VerifiedClaims;

/// Verified tokens that are remembered at most, in each of two generations.
pub(super) const REMEMBERED: usize = 2048;

/// Verified tokens by their hash; the older half is forgotten when full.
///
/// Only verified tokens come in, so that a stranger cannot push others out.
pub(in crate::identity) struct Generations<T = VerifiedClaims> {
    pub(super) young: HashMap<[u8; 32], Arc<T>>,
    pub(super) old: HashMap<[u8; 32], Arc<T>>,
}

impl<T> Default for Generations<T> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<T> Generations<T> {
    pub(in crate::identity) fn find(&mut self, digest: &[u8; 32]) -> Option<Arc<T>> {
        if let Some(claims) = self.young.get(digest) {
            return Some(Arc::clone(claims));
        }
        let claims = self.old.remove(digest)?;
        self.keep(*digest, Arc::clone(&claims));
        Some(claims)
    }

    pub(in crate::identity) fn keep(&mut self, digest: [u8; 32], claims: Arc<T>) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, claims);
    }

    pub(in crate::identity) fn forget(&mut self, digest: &[u8; 32]) {
        self.young.remove(digest);
        self.old.remove(digest);
    }
}
