//! Who keeps the root key: a file, or a machine that gives it to nobody.

use std::fmt;

use zeroize::Zeroizing;

mod between;
mod file;
#[cfg(feature = "pkcs11")]
mod hsm;

#[cfg(feature = "pkcs11")]
pub use self::hsm::{HsmFault, HsmProvider, HsmSettings, Pin};
pub use self::{between::Between, file::FileProvider};
use crate::{confidentiality::vault::VaultError, keys::KeyFileError};

/// Why a root key wrapped or unwrapped nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It has no root key of that name.
    #[error("there is no root key `{0}`")]
    UnknownRoot(String),
    /// What is to be unwrapped is not what was wrapped.
    #[error("the key of an epoch does not unwrap")]
    DoesNotOpen,
    /// Its file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The keys were given to the process, and are in no file.
    #[error("the root key is in no file, and can't be changed")]
    NoFile,
    /// A key that is in use, or that this provider keeps for nobody.
    #[error("`{0}` is no former root key that could be destroyed")]
    NotFormer(String),
    /// The machine that keeps the key.
    #[cfg(feature = "pkcs11")]
    #[error(transparent)]
    Hsm(#[from] HsmFault),
}

impl From<VaultError> for ProviderError {
    fn from(_: VaultError) -> Self {
        Self::DoesNotOpen
    }
}

/// Keeps the root key, wraps and unwraps the keys of epochs with it.
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// What it is called in the settings.
    fn name(&self) -> &'static str;
    /// The name of the root key that wraps now.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn root(&self) -> Result<String, ProviderError>;
    /// Wraps a key; what it is bound to is needed again to unwrap it. Says under which root.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn wrap(&self, key: &[u8; 32], bound: &[u8]) -> Result<(String, Vec<u8>), ProviderError>;
    /// Unwraps a key that was wrapped under the root key of this name.
    ///
    /// # Errors
    /// Refuses what was not wrapped so; fails where the provider does.
    fn unwrap(
        &self,
        root: &str,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, ProviderError>;
    /// Makes a next root key, which wraps from now on; the former unwraps until it is let go.
    /// Goes on with a rotation that was cut off.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn rotate(&self) -> Result<String, ProviderError>;
    /// Lets go of the former root key, under which nothing is wrapped any more.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn let_go(&self) -> Result<(), ProviderError>;
    /// Whether it has the root key of this name.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn knows(&self, root: &str) -> Result<bool, ProviderError>;
    /// Makes the root key where there is none; says its name.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn make_root(&self) -> Result<String, ProviderError>;
    /// Lets go of every root key: another provider has what was wrapped under them.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn leave(&self) -> Result<(), ProviderError>;
    /// Former root keys that it keeps until they are destroyed on word.
    ///
    /// # Errors
    /// Fails where the provider does.
    fn former(&self) -> Result<Vec<String>, ProviderError> {
        Ok(Vec::new())
    }
    /// Destroys a former root key, for good.
    ///
    /// # Errors
    /// Refuses one that is not former; fails where the provider does.
    fn destroy(&self, root: &str) -> Result<(), ProviderError> {
        Err(ProviderError::NotFormer(root.to_owned()))
    }
    /// Whether a key could be wrapped and unwrapped now.
    ///
    /// # Errors
    /// Says what hinders it.
    fn health(&self) -> Result<(), ProviderError>;
}
