//! Who keeps the root key, as settings say it: the key file, or a security module.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::settings::{Fault, Keys};
use crate::{
    keys::KeyFile,
    store::key_store::{FileProvider, KeyProvider},
};

/// The provider that is the key file.
pub(super) const FILE: &str = "file";
/// The provider that is a security module.
pub(super) const PKCS11: &str = "pkcs11";
/// The providers of this program, as they are told.
#[cfg(feature = "pkcs11")]
pub(super) const PROVIDERS: &str = "`file` and `pkcs11`";
/// The providers of this program, as they are told.
#[cfg(not(feature = "pkcs11"))]
pub(super) const PROVIDERS: &str = "`file`";

/// Who keeps the root key.
#[derive(Clone, Debug, Args)]
pub struct RootKey {
    /// Who keeps the root key: `file`, the key file, or `pkcs11`, a hardware security module.
    #[arg(
        long = "key-provider",
        env = "LIAISON_KEY_PROVIDER",
        default_value = FILE
    )]
    pub provider: String,
    /// With `pkcs11`: the module of the security module's vendor, a library that nobody else
    /// may be able to change.
    #[arg(long = "pkcs11-module", env = "LIAISON_PKCS11_MODULE")]
    pub pkcs11_module: Option<PathBuf>,
    /// With `pkcs11`: the label of the token.
    #[arg(long = "pkcs11-token", env = "LIAISON_PKCS11_TOKEN")]
    pub pkcs11_token: Option<String>,
    /// With `pkcs11`: the label of the root key in the token.
    #[arg(
        long = "pkcs11-key",
        env = "LIAISON_PKCS11_KEY",
        default_value = "liaison-root"
    )]
    pub pkcs11_key: String,
    /// With `pkcs11`: a file with the token's PIN, which nobody but its owner may be able to
    /// read; where none is named, the PIN is the variable `LIAISON_PKCS11_PIN`.
    #[arg(long = "pkcs11-pin-file", env = "LIAISON_PKCS11_PIN_FILE")]
    pub pkcs11_pin_file: Option<PathBuf>,
}

impl RootKey {
    /// The root key in the key file.
    pub fn in_file() -> Self {
        Self {
            provider: FILE.to_owned(),
            pkcs11_module: None,
            pkcs11_token: None,
            pkcs11_key: String::new(),
            pkcs11_pin_file: None,
        }
    }

    /// Who keeps the root key.
    ///
    /// # Errors
    /// Refuses a provider that this program has not, and one that is not fully named.
    pub fn provider(
        &self,
        file: &Keys,
        keys: &Arc<KeyFile>,
    ) -> Result<Arc<dyn KeyProvider>, Fault> {
        self.of(&self.provider, file, keys)
    }

    /// The provider of this name.
    ///
    /// # Errors
    /// As [`RootKey::provider`].
    pub fn of(
        &self,
        name: &str,
        file: &Keys,
        keys: &Arc<KeyFile>,
    ) -> Result<Arc<dyn KeyProvider>, Fault> {
        match name {
            FILE => Ok(FileProvider::of(&file.file, Arc::clone(keys))),
            PKCS11 => self.hsm(),
            other => Err(Fault::Provider(other.to_owned())),
        }
    }

    /// Whether the root key is where it can't be read.
    pub fn is_in_a_module(&self) -> bool {
        self.provider == PKCS11
    }

    /// The security module.
    ///
    /// # Errors
    /// Refuses one that is not fully named, and a module that can't be loaded.
    #[cfg(feature = "pkcs11")]
    pub fn hsm(&self) -> Result<Arc<dyn KeyProvider>, Fault> {
        use crate::store::key_store::{HsmProvider, HsmSettings, Pin};
        let missing = Fault::HsmSetting;
        let module = self.pkcs11_module.clone();
        let pin = self.pkcs11_pin_file.clone();
        let settings = HsmSettings {
            module: module.ok_or(missing("--pkcs11-module"))?,
            token: self.pkcs11_token.clone().ok_or(missing("--pkcs11-token"))?,
            key: self.pkcs11_key.clone(),
            pin: pin.map_or(Pin::Variable("LIAISON_PKCS11_PIN"), Pin::File),
        };
        Ok(HsmProvider::of(settings)?)
    }

    /// The security module.
    ///
    /// # Errors
    /// This program was built without.
    #[cfg(not(feature = "pkcs11"))]
    pub fn hsm(&self) -> Result<Arc<dyn KeyProvider>, Fault> {
        Err(Fault::Provider(PKCS11.to_owned()))
    }
}
