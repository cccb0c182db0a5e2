//! The root key in a hardware security module, through PKCS#11: it is made there, and never
//! leaves it.
//!
//! The key of an epoch is encrypted with AES-GCM under a non-extractable AES-256 key. AES-GCM,
//! and not AES key wrap, since it binds associated data: which epoch it is, and which root.
//! `C_Encrypt`, and not `C_WrapKey`, since the hub needs the epoch's key itself, to unwrap those
//! of mechanisms: as an object of the token it would have to be extractable. Nonces are random;
//! a root key wraps some dozens of keys in its life.
//!
//! One thread alone speaks with the module, so that one that hangs stops no other work.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use tokio::runtime::{Handle, RuntimeFlavor};
use zeroize::Zeroizing;

mod desk;
mod fault;
mod object;
mod session;

use self::desk::Desk;
pub use self::fault::HsmFault;
use super::{KeyProvider, ProviderError};

/// How long an answer of the module is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Requests that wait for it at most.
const QUEUE: usize = 64;

/// Where the root key is, and how the token is opened.
#[derive(Clone, Debug)]
pub struct HsmSettings {
    /// The vendor's module, a library that is loaded when the hub starts.
    pub module: PathBuf,
    /// The label of the token.
    pub token: String,
    /// The label of the key.
    pub key: String,
    /// Where its PIN is.
    pub pin: Pin,
}

/// Where the PIN is; it is read anew at each log-in.
#[derive(Clone, Debug)]
pub enum Pin {
    /// In a file that its owner alone can read.
    File(PathBuf),
    /// In this variable of the environment.
    Variable(&'static str),
}

/// Whether somebody in this process speaks with a module. A module is of the whole process: who
/// ends it takes the sessions of all, and a number that named one key names another after it.
static TAKEN: AtomicBool = AtomicBool::new(false);

type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// A root key in a security module.
#[derive(Debug)]
pub struct HsmProvider {
    jobs: Option<mpsc::SyncSender<Job>>,
    /// Hears nothing, and ends when the thread does.
    ended: Mutex<mpsc::Receiver<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for HsmProvider {
    /// Waits until the module has been let go: a process that ends meanwhile takes the module's
    /// memory away under its feet, and crashes.
    fn drop(&mut self) {
        self.jobs = None;
        let ended = self.ended.get_mut();
        let ended = ended.unwrap_or_else(PoisonError::into_inner);
        let has_ended = ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected);
        if let Some(thread) = self.thread.take().filter(|_| has_ended) {
            let _ = thread.join();
            TAKEN.store(false, Ordering::SeqCst);
        }
    }
}

impl HsmProvider {
    /// The root key in the token that the settings name; the token itself is opened when it is
    /// needed.
    ///
    /// # Errors
    /// Refuses a module that can't be loaded, or that others can change.
    pub fn of(settings: HsmSettings) -> Result<Arc<dyn KeyProvider>, ProviderError> {
        if TAKEN.swap(true, Ordering::SeqCst) {
            return Err(HsmFault::Taken.into());
        }
        let made = Self::begun(settings);
        if made.is_err() {
            TAKEN.store(false, Ordering::SeqCst);
        }
        Ok(Arc::new(made?))
    }

    fn begun(settings: HsmSettings) -> Result<Self, HsmFault> {
        let mut desk = Desk::at(settings)?;
        let (jobs, taken) = mpsc::sync_channel::<Job>(QUEUE);
        let (end, ended) = mpsc::channel::<()>();
        let thread = thread::Builder::new()
            .name("root-key".to_owned())
            .spawn(move || {
                taken.into_iter().for_each(|job| job(&mut desk));
                drop(desk);
                drop(end);
            })
            .map_err(|error| HsmFault::Failed(error.to_string()))?;
        Ok(Self {
            jobs: Some(jobs),
            ended: Mutex::new(ended),
            thread: Some(thread),
        })
    }

    /// Has the module's thread do something, and waits for it, no longer than is patient.
    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, HsmFault> + Send + 'static,
    ) -> Result<T, ProviderError> {
        let (tell, told) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |desk| {
            // Who has lost patience is told nothing.
            let _ = tell.send(job(desk));
        });
        let jobs = self.jobs.as_ref().ok_or(HsmFault::Silent)?;
        jobs.try_send(job).map_err(|_| HsmFault::Silent)?;
        let told = waiting(|| told.recv_timeout(PATIENCE));
        told.unwrap_or(Err(HsmFault::Silent))
            .map_err(|fault| match fault {
                HsmFault::UnknownRoot(root) => ProviderError::UnknownRoot(root),
                HsmFault::NotFormer(root) => ProviderError::NotFormer(root),
                HsmFault::DoesNotOpen => ProviderError::DoesNotOpen,
                fault => fault.into(),
            })
    }
}

/// Waits, and lets the runtime's other tasks go on meanwhile.
fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

impl KeyProvider for HsmProvider {
    fn name(&self) -> &'static str {
        "pkcs11"
    }

    fn root(&self) -> Result<String, ProviderError> {
        self.ask(Desk::root)
    }

    fn wrap(&self, key: &[u8; 32], bound: &[u8]) -> Result<(String, Vec<u8>), ProviderError> {
        let (key, bound) = (Zeroizing::new(*key), bound.to_vec());
        self.ask(move |desk| desk.wrap(&key, &bound))
    }

    fn unwrap(
        &self,
        root: &str,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, ProviderError> {
        let (root, wrapped, bound) = (root.to_owned(), wrapped.to_vec(), bound.to_vec());
        self.ask(move |desk| desk.unwrap(&root, &wrapped, &bound))
    }

    fn rotate(&self) -> Result<String, ProviderError> {
        self.ask(Desk::rotate)
    }

    fn let_go(&self) -> Result<(), ProviderError> {
        self.ask(Desk::let_go)
    }

    fn knows(&self, root: &str) -> Result<bool, ProviderError> {
        let root = root.to_owned();
        self.ask(move |desk| desk.knows(&root))
    }

    fn make_root(&self) -> Result<String, ProviderError> {
        self.ask(Desk::make_root)
    }

    fn leave(&self) -> Result<(), ProviderError> {
        self.ask(Desk::leave)
    }

    fn former(&self) -> Result<Vec<String>, ProviderError> {
        self.ask(Desk::former)
    }

    fn destroy(&self, root: &str) -> Result<(), ProviderError> {
        let root = root.to_owned();
        self.ask(move |desk| desk.destroy(&root))
    }

    fn health(&self) -> Result<(), ProviderError> {
        self.ask(Desk::health)
    }
}
