//! Verified tokens, remembered so that one that comes again costs no signature.

use std::collections::HashMap;
use std::sync::Arc;

use crate::identity::claims::VerifiedClaims;

/// Verified tokens that are remembered at most, in each of two generations.
pub(super) const REMEMBERED: usize = 2048;

/// Verified tokens by their hash; the older half is forgotten when full.
///
/// Only verified tokens come in, so that a stranger cannot push others out.
#[derive(Default)]
pub(super) struct Generations {
    pub(super) young: HashMap<[u8; 32], Arc<VerifiedClaims>>,
    pub(super) old: HashMap<[u8; 32], Arc<VerifiedClaims>>,
}

impl Generations {
    pub(super) fn find(&mut self, digest: &[u8; 32]) -> Option<Arc<VerifiedClaims>> {
        if let Some(claims) = self.young.get(digest) {
            return Some(Arc::clone(claims));
        }
        let claims = self.old.remove(digest)?;
        self.keep(*digest, Arc::clone(&claims));
        Some(claims)
    }

    pub(super) fn keep(&mut self, digest: [u8; 32], claims: Arc<VerifiedClaims>) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, claims);
    }
}
