//! The root key in the hub's key file.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use zeroize::Zeroizing;

use super::{KeyProvider, ProviderError};
use crate::{
    confidentiality::vault::{decrypt, encrypt},
    keys::KeyFile,
};

/// The sealing key of the hub's key file, as the root key.
#[derive(Debug)]
pub struct FileProvider {
    path: Option<PathBuf>,
    keys: RwLock<Arc<KeyFile>>,
}

impl FileProvider {
    /// The root key of a key file, which is read again when its root key has changed.
    pub fn of(path: &Path, keys: Arc<KeyFile>) -> Arc<dyn KeyProvider> {
        Arc::new(Self {
            path: Some(path.to_owned()),
            keys: RwLock::new(keys),
        })
    }

    /// The root key of keys that are in no file, for proofs.
    pub fn without_file(keys: Arc<KeyFile>) -> Arc<dyn KeyProvider> {
        Arc::new(Self {
            path: None,
            keys: RwLock::new(keys),
        })
    }

    fn keys(&self) -> Arc<KeyFile> {
        let keys = self.keys.read();
        Arc::clone(&keys.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again.
    fn renew(&self) -> Result<Arc<KeyFile>, ProviderError> {
        let Some(path) = &self.path else {
            return Ok(self.keys());
        };
        let keys = Arc::new(KeyFile::open(path)?);
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::clone(&keys);
        Ok(keys)
    }

    fn path(&self) -> Result<&Path, ProviderError> {
        self.path.as_deref().ok_or(ProviderError::NoFile)
    }
}

impl KeyProvider for FileProvider {
    fn name(&self) -> &'static str {
        "file"
    }

    fn root(&self) -> Result<String, ProviderError> {
        Ok(self.keys().sealing().id().to_owned())
    }

    fn wrap(&self, key: &[u8; 32], bound: &[u8]) -> Result<(String, Vec<u8>), ProviderError> {
        // What is wrapped is kept for long: under the root that the file has now, and not under
        // one that another process may be letting go.
        let keys = self.renew()?;
        let root = keys.sealing();
        let wrapped = encrypt(root.key().bytes(), bound, key)?;
        Ok((root.id().to_owned(), wrapped))
    }

    fn unwrap(
        &self,
        root: &str,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, ProviderError> {
        let mut keys = self.keys();
        if keys.root(root).is_none() {
            keys = self.renew()?;
        }
        let unknown = || ProviderError::UnknownRoot(root.to_owned());
        let root = keys.root(root).ok_or_else(unknown)?;
        let bytes = decrypt(root.key().bytes(), bound, wrapped)?;
        let key: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| ProviderError::DoesNotOpen)?;
        Ok(Zeroizing::new(key))
    }

    fn rotate(&self) -> Result<String, ProviderError> {
        let root = KeyFile::rotate_sealing(self.path()?)?;
        self.renew()?;
        Ok(root)
    }

    fn let_go(&self) -> Result<(), ProviderError> {
        KeyFile::forget_former(self.path()?)?;
        self.renew()?;
        Ok(())
    }

    fn knows(&self, root: &str) -> Result<bool, ProviderError> {
        Ok(self.keys().root(root).is_some() || self.renew()?.root(root).is_some())
    }

    fn make_root(&self) -> Result<String, ProviderError> {
        // A key file is made with it.
        self.renew()?;
        self.root()
    }

    fn leave(&self) -> Result<(), ProviderError> {
        KeyFile::replace_sealing(self.path()?)?;
        self.renew()?;
        Ok(())
    }

    fn health(&self) -> Result<(), ProviderError> {
        // A file that has gone, or that others can read now, is found out here.
        self.renew().map(|_| ())
    }
}
