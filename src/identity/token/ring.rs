//! The keys that sign and verify tokens, and what they have verified.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jsonwebtoken::{DecodingKey, EncodingKey};

use super::remembered::Generations;
use crate::clock::Moment;
use crate::keys::{KeyFile, KeyFileError};

/// One state of the key file. What it has verified goes with it: a token whose key was let
/// go is not remembered.
pub(super) struct Ring {
    signers: Vec<(Option<Moment>, String, EncodingKey)>,
    pub(super) verifiers: HashMap<String, DecodingKey>,
    pub(super) published: String,
    remembered: Mutex<Generations>,
}

impl Ring {
    pub(super) fn of(keys: &KeyFile) -> Result<Self, KeyFileError> {
        if keys.signing().is_empty() {
            return Err(KeyFileError::NoSigningKey);
        }
        let (mut signers, mut verifiers, mut published) = (vec![], HashMap::new(), vec![]);
        for key in keys.signing() {
            signers.push((key.from(), key.kid().to_owned(), key.encoding_key()));
            verifiers.insert(key.kid().to_owned(), key.decoding_key()?);
            published.push(key.published()?);
        }
        Ok(Self {
            signers,
            verifiers,
            published: serde_json::json!({ "keys": published }).to_string(),
            remembered: Mutex::default(),
        })
    }

    /// The key that signs at a moment: the latest whose time has come; of those that have no
    /// time the first.
    pub(super) fn signer(&self, now: Moment) -> Option<(&str, &EncodingKey)> {
        let begun = self.signers.iter().filter(|(from, ..)| *from <= Some(now));
        let latest = begun.reduce(|best, one| if one.0 > best.0 { one } else { best });
        let (_, kid, key) = latest.or(self.signers.first())?;
        Some((kid, key))
    }

    pub(super) fn remembered(&self) -> MutexGuard<'_, Generations> {
        let remembered = self.remembered.lock();
        remembered.unwrap_or_else(PoisonError::into_inner)
    }
}
