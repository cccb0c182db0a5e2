//! The key with which checkpoints of the log are signed: no token is ever signed with it.

use ed25519_dalek::{Signer, SigningKey};

use super::{KeyFileError, SecretKey, fresh_name};

/// The named Ed25519 key of the log.
#[derive(Debug)]
pub struct CheckpointKey {
    pub(super) name: String,
    pub(super) private: SecretKey,
}

impl CheckpointKey {
    pub(super) fn fresh() -> Result<Self, KeyFileError> {
        Ok(Self {
            name: format!("liaison-log-{}", fresh_name()?),
            private: SecretKey::fresh()?,
        })
    }

    /// The name of the log and of its key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        self.key().verifying_key().to_bytes()
    }

    /// The signature of a text.
    pub fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.key().sign(text).to_bytes()
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(self.private.bytes())
    }
}
