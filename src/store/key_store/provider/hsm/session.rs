//! The way to a token: the module, the slot, the log-in; found again when it was lost.

use std::{
    collections::HashMap,
    env, fs,
    os::unix::fs::MetadataExt,
    path::Path,
    time::{Duration, Instant},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    object::ObjectHandle,
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{HsmFault, HsmSettings, Pin};
use crate::keys::{self, KeyFileError};

/// Time between two tries of a token that was not there.
const REST: Duration = Duration::from_millis(500);

/// The way to one token.
pub(super) struct Way {
    settings: HsmSettings,
    module: Pkcs11,
    open: Option<Open>,
    /// When the last try failed, and why.
    failed: Option<(Instant, HsmFault)>,
    /// The hash of a PIN that the token has refused: a second try would be a step to its lock.
    refused: Option<[u8; 32]>,
}

/// A token that is logged into.
pub(super) struct Open {
    pub(super) session: Session,
    pub(super) slot: Slot,
    pub(super) module: Pkcs11,
    /// The label of the key, as settings name it.
    pub(super) label: String,
    /// Keys that were found, by their names.
    pub(super) found: HashMap<String, ObjectHandle>,
}

impl Way {
    /// # Errors
    /// Refuses a module that can't be loaded, or that others can change.
    pub(super) fn to(settings: HsmSettings) -> Result<Self, HsmFault> {
        let path = settings.module.display().to_string();
        let refused = |cause: String| HsmFault::Module(path.clone(), cause);
        let facts = fs::metadata(&settings.module).map_err(|error| refused(error.to_string()))?;
        if !facts.is_file() {
            return Err(refused("it is no file".to_owned()));
        }
        if facts.mode() & 0o022 != 0 {
            return Err(HsmFault::ModuleExposed(path));
        }
        let module = Pkcs11::new(&settings.module).map_err(|error| refused(error.to_string()))?;
        Ok(Self {
            settings,
            module,
            open: None,
            failed: None,
            refused: None,
        })
    }

    /// Does something in the token. A session that was lost is opened again, once.
    pub(super) fn with<T>(
        &mut self,
        act: impl Fn(&mut Open) -> Result<T, HsmFault>,
    ) -> Result<T, HsmFault> {
        let was_open = self.open.is_some();
        let first = self.opened().and_then(&act);
        match first {
            // A token that was taken away may look like one without a key.
            Err(
                HsmFault::Failed(_)
                | HsmFault::NoKey(_)
                | HsmFault::UnknownRoot(_)
                | HsmFault::NotFormer(_),
            ) if was_open => {
                self.close();
                let again = self.opened().and_then(&act);
                if matches!(again, Err(HsmFault::Failed(_))) {
                    self.close();
                }
                again
            }
            Err(HsmFault::Failed(_)) => {
                self.close();
                first
            }
            first => first,
        }
    }

    fn opened(&mut self) -> Result<&mut Open, HsmFault> {
        if self.open.is_none() {
            if let Some((at, fault)) = &self.failed
                && at.elapsed() < REST
            {
                return Err(fault.clone());
            }
            match self.connected() {
                Ok(open) => {
                    self.open = Some(open);
                    self.failed = None;
                }
                Err(fault) => {
                    self.close();
                    self.failed = Some((Instant::now(), fault.clone()));
                    return Err(fault);
                }
            }
        }
        self.open.as_mut().ok_or(HsmFault::Silent)
    }

    fn connected(&mut self) -> Result<Open, HsmFault> {
        let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        match self.module.initialize(arguments) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(error.into()),
        }
        let slot = self.slot()?;
        let facts = self.module.get_token_info(slot)?;
        let token = || self.settings.token.clone();
        if facts.user_pin_locked() {
            return Err(HsmFault::Locked(token()));
        }
        if facts.user_pin_final_try() {
            return Err(HsmFault::LastTry(token()));
        }
        let pin = self.settings.pin.read()?;
        let hash: [u8; 32] = Sha256::digest(pin.as_bytes()).into();
        if self.refused == Some(hash) {
            return Err(HsmFault::WrongPin(token()));
        }
        let session = self.module.open_ro_session(slot)?;
        let secret = AuthPin::new(pin.as_str().into());
        match session.login(UserType::User, Some(&secret)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
                _,
            )) => {
                self.refused = Some(hash);
                return Err(HsmFault::WrongPin(token()));
            }
            Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(HsmFault::Locked(token())),
            Err(error) => return Err(error.into()),
        }
        Ok(Open {
            session,
            slot,
            module: self.module.clone(),
            label: self.settings.key.clone(),
            found: HashMap::new(),
        })
    }

    fn slot(&self) -> Result<Slot, HsmFault> {
        let mut of_label = Vec::new();
        for slot in self.module.get_slots_with_token()? {
            let facts = self.module.get_token_info(slot)?;
            if facts.token_initialized() && facts.label().trim_end() == self.settings.token {
                of_label.push(slot);
            }
        }
        match of_label.as_slice() {
            [] => Err(HsmFault::NoToken(self.settings.token.clone())),
            [slot] => Ok(*slot),
            _ => Err(HsmFault::SeveralTokens(self.settings.token.clone())),
        }
    }

    /// Lets go of the token and of what the module remembers of it: which tokens there are it
    /// looks at its beginning.
    fn close(&mut self) {
        self.open = None;
        // What was not begun can't be ended.
        let _ = self.module.clone().finalize();
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.close();
    }
}

impl Pin {
    fn read(&self) -> Result<Zeroizing<String>, HsmFault> {
        match self {
            Self::Variable(name) => env::var(name)
                .ok()
                .filter(|pin| !pin.is_empty())
                .map(Zeroizing::new)
                .ok_or(HsmFault::NoPin),
            Self::File(path) => in_file(path),
        }
    }
}

/// The PIN in a file that its owner alone can read, as a key file has to be.
fn in_file(path: &Path) -> Result<Zeroizing<String>, HsmFault> {
    let fault = |words: String| HsmFault::PinFile(path.display().to_string(), words);
    let bytes = keys::read(path).map_err(|error| match error {
        KeyFileError::Missing(_) => fault("does not exist".to_owned()),
        KeyFileError::Exposed(_, mode) => fault(format!(
            "is open to others (mode {mode:04o}); run `chmod 600` on it"
        )),
        _ => fault("can't be read".to_owned()),
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| fault("is no text".to_owned()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(fault("is empty".to_owned()));
    }
    Ok(Zeroizing::new(text.to_owned()))
}
