//! Two providers, while what one has wrapped goes over to the other.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{KeyProvider, ProviderError};

/// Wraps with the one to which keys go, and unwraps with whichever has the root key.
#[derive(Debug)]
pub struct Between {
    from: Arc<dyn KeyProvider>,
    to: Arc<dyn KeyProvider>,
}

impl Between {
    /// From one provider to another.
    pub fn of(from: Arc<dyn KeyProvider>, to: Arc<dyn KeyProvider>) -> Arc<dyn KeyProvider> {
        Arc::new(Self { from, to })
    }
}

impl KeyProvider for Between {
    fn name(&self) -> &'static str {
        self.to.name()
    }

    fn root(&self) -> Result<String, ProviderError> {
        self.to.root()
    }

    fn wrap(&self, key: &[u8; 32], bound: &[u8]) -> Result<(String, Vec<u8>), ProviderError> {
        self.to.wrap(key, bound)
    }

    fn unwrap(
        &self,
        root: &str,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, ProviderError> {
        let has = self.to.knows(root)?;
        let provider = if has { &self.to } else { &self.from };
        provider.unwrap(root, wrapped, bound)
    }

    /// What the other has wrapped is wrapped anew under the key that is there: no next one.
    fn rotate(&self) -> Result<String, ProviderError> {
        self.to.root()
    }

    fn let_go(&self) -> Result<(), ProviderError> {
        Ok(())
    }

    fn knows(&self, root: &str) -> Result<bool, ProviderError> {
        Ok(self.to.knows(root)? || self.from.knows(root)?)
    }

    fn make_root(&self) -> Result<String, ProviderError> {
        self.to.make_root()
    }

    fn leave(&self) -> Result<(), ProviderError> {
        self.from.leave()
    }

    /// The one to which keys go may have no root key yet, but has to answer.
    fn health(&self) -> Result<(), ProviderError> {
        self.to.knows("").map(|_| ())
    }
}
