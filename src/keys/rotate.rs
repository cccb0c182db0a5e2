//! Rotation of the signing keys: a next one is known before it signs, and an old one is kept
//! until the last token that it has signed is over. Time alone decides which key signs, so
//! that nothing has to happen at the moment of the change.

use std::fs;
use std::path::Path;

use super::{
    KeyFile, KeyFileError, SealingKey, SigningKey,
    file::{sync_folder_of, write_new},
};
use crate::clock::Moment;

/// Seconds for which a key is kept after the next has begun: the longest life of a token,
/// and more than the clocks may lie apart.
const OUTLIVES: i64 = 24 * 3_600 + 120;
/// Seconds for which a next key is published at least: a hub has read it by then.
const SOONEST: i64 = 3;

/// What a rotation has come to.
#[derive(Debug)]
pub struct Rotated {
    /// Name of the next key.
    pub kid: String,
    /// From when on it signs.
    pub from: Moment,
    /// How many keys were let go.
    pub let_go: usize,
}

impl KeyFile {
    /// Adds a next signing key, which signs after `lead` seconds, and lets go of those whose
    /// last token is over.
    ///
    /// The file is replaced whole, or stays as it was.
    ///
    /// # Errors
    /// Refuses a second next key, and a lead within which a hub may not have read it.
    pub fn rotate_signing(path: &Path, now: Moment, lead: i64) -> Result<Rotated, KeyFileError> {
        if lead < SOONEST {
            return Err(KeyFileError::TooSoon(SOONEST));
        }
        Self::changed(path, |keys| {
            let waiting = keys.signing.iter().find(|key| key.from() > Some(now));
            if let Some(next) = waiting
                && let Some(from) = next.from()
            {
                return Err(KeyFileError::Waiting(next.kid().to_owned(), from));
            }
            let before = keys.signing.len();
            let over = now.plus_seconds(-OUTLIVES);
            let begun: Vec<Option<Moment>> = keys.signing.iter().map(SigningKey::from).collect();
            // One is needed while none that began after it began long enough ago.
            keys.signing.retain(|key| {
                let mut later = begun.iter().filter(|from| **from > key.from());
                !later.any(|from| from.is_some_and(|from| from <= over))
            });
            let let_go = before - keys.signing.len();
            keys.add_signing(now.plus_seconds(lead), let_go)
        })
    }

    /// Puts a new signing key in the place of all others, at once: for when one was stolen.
    /// Every token that they have signed is refused.
    ///
    /// # Errors
    /// As [`KeyFile::rotate_signing`].
    pub fn replace_signing(path: &Path, now: Moment) -> Result<Rotated, KeyFileError> {
        Self::changed(path, |keys| {
            let let_go = keys.signing.len();
            keys.signing.clear();
            keys.add_signing(now, let_go)
        })
    }

    /// Puts a new root key in the place of the present one, which is kept beside it until
    /// nothing is wrapped under it any more; says its name.
    ///
    /// Where a rotation was cut off, it is that one which goes on.
    ///
    /// # Errors
    /// Fails where the file can't be read or replaced.
    pub fn rotate_sealing(path: &Path) -> Result<String, KeyFileError> {
        let mut keys = Self::open(path)?;
        if keys.former.is_none() {
            keys.former = Some(std::mem::replace(&mut keys.sealing, SealingKey::fresh()?));
            keys.replace(path)?;
        }
        Ok(keys.sealing.id)
    }

    /// Lets go of the former root key.
    ///
    /// # Errors
    /// Fails where the file can't be read or replaced.
    pub fn forget_former(path: &Path) -> Result<(), KeyFileError> {
        let mut keys = Self::open(path)?;
        match keys.former.take() {
            Some(_) => keys.replace(path),
            None => Ok(()),
        }
    }

    /// Puts a new root key in the place of the present one and of a former one: nothing is
    /// wrapped under either, since another provider keeps the root key.
    ///
    /// # Errors
    /// Fails where the file can't be read or replaced.
    pub fn replace_sealing(path: &Path) -> Result<(), KeyFileError> {
        let mut keys = Self::open(path)?;
        (keys.sealing, keys.former) = (SealingKey::fresh()?, None);
        keys.replace(path)
    }

    /// The root key of this name, the former one included.
    pub fn root(&self, id: &str) -> Option<&SealingKey> {
        let mut roots = std::iter::once(&self.sealing).chain(&self.former);
        roots.find(|root| root.id == id)
    }

    /// Puts a new key in the place of that which signs the log: for a log that begins anew,
    /// under another name.
    ///
    /// # Errors
    /// Fails where the file can't be read or replaced.
    pub fn replace_checkpoint(path: &Path) -> Result<(), KeyFileError> {
        let mut keys = Self::open(path)?;
        keys.checkpoint = super::CheckpointKey::fresh()?;
        keys.replace(path)
    }

    fn add_signing(&mut self, from: Moment, let_go: usize) -> Result<Rotated, KeyFileError> {
        let fresh = SigningKey::fresh()?;
        let kid = fresh.kid().to_owned();
        let next = SigningKey::of(fresh.kid, fresh.private, Some(from));
        self.signing.push(next);
        Ok(Rotated { kid, from, let_go })
    }

    fn changed(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<Rotated, KeyFileError>,
    ) -> Result<Rotated, KeyFileError> {
        let mut keys = Self::open(path)?;
        let rotated = change(&mut keys)?;
        keys.replace(path)?;
        Ok(rotated)
    }

    /// Puts the keys in the place of a file, whole or not at all.
    pub(super) fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        replace(path, &self.written())
    }
}

/// Puts secrets in the place of a file, whole or not at all.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    let beside = Path::new(&name);
    write_new(beside, text).map_err(|error| match error {
        KeyFileError::Exists(there) => KeyFileError::Changing(there),
        other => other,
    })?;
    let done = fs::rename(beside, path).and_then(|()| sync_folder_of(path));
    done.map_err(|source| KeyFileError::Io(path.to_owned(), source))
}
