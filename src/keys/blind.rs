//! The hub's share of the secret of blind tokens.

use std::path::Path;

use serde::Deserialize;

use super::{KeyFile, KeyFileError, SecretKey};
use crate::same_matter::blind::{Published, Share, wire::Shares};

/// The hub's part in blind tokens; a hub that takes none has none.
#[derive(Debug)]
pub struct BlindKey {
    share: SecretKey,
    holder: Published,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written<'a> {
    share: &'a str,
    holder: &'a str,
}

impl BlindKey {
    /// The hub's share.
    ///
    /// # Errors
    /// As [`Share::of`].
    pub fn share(&self) -> Result<Share, KeyFileError> {
        Share::of(&self.share).map_err(|_| KeyFileError::NotRandom("blind.share".to_owned()))
    }

    /// What the second key holder has published.
    pub const fn holder(&self) -> Published {
        self.holder
    }

    /// What is published of both shares, with the name of the pair.
    ///
    /// # Errors
    /// As [`Share::of`].
    pub fn shares(&self) -> Result<Shares, KeyFileError> {
        Ok(Shares::of(&self.share()?.published(), &self.holder))
    }

    fn fresh(holder: Published) -> Result<Self, KeyFileError> {
        Ok(Self {
            share: SecretKey::fresh()?,
            holder,
        })
    }

    pub(super) fn read(written: Written<'_>) -> Result<Self, KeyFileError> {
        let wrong = |_| KeyFileError::WrongLength("blind.holder".to_owned());
        Ok(Self {
            share: SecretKey::decode("blind.share", written.share)?,
            holder: Published::parse(written.holder).map_err(wrong)?,
        })
    }

    /// Writes it behind an object that is still open, and leaves it open.
    pub(super) fn write(&self, put: &mut impl FnMut(&[&str])) {
        put(&["\"},\n  \"blind\": {\"share\": \"", &self.share.encode()]);
        put(&["\", \"holder\": \"", &self.holder.to_string()]);
    }

    pub(super) const fn secret(&self) -> &SecretKey {
        &self.share
    }
}

impl KeyFile {
    /// Makes the hub's share of blind tokens, beside that of this holder.
    ///
    /// `again` puts a new one in the place of the one that is there: every mechanism then
    /// makes its tokens anew.
    ///
    /// # Errors
    /// Refuses a second share, and to replace none.
    pub fn make_share(path: &Path, holder: Published, again: bool) -> Result<(), KeyFileError> {
        let mut keys = Self::open(path)?;
        match (&keys.blind, again) {
            (Some(_), false) => return Err(KeyFileError::HasShare),
            (None, true) => return Err(KeyFileError::NoShare),
            (Some(_), true) | (None, false) => {}
        }
        keys.blind = Some(BlindKey::fresh(holder)?);
        keys.replace(path)
    }
}
