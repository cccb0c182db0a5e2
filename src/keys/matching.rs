//! The secret under which tokens of the same-matter check are made: it serves no other end.

use super::{KeyFileError, SecretKey, fresh_name};

/// The named secret of the same-matter check.
#[derive(Debug)]
pub struct MatchingKey {
    pub(super) id: String,
    pub(super) secret: SecretKey,
}

impl MatchingKey {
    pub(super) fn fresh() -> Result<Self, KeyFileError> {
        Ok(Self {
            id: format!("match-{}", fresh_name()?),
            secret: SecretKey::fresh()?,
        })
    }

    /// Its name: tokens under another are not compared with those under this one.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret.
    pub const fn secret(&self) -> &SecretKey {
        &self.secret
    }
}
