//! Settings, from flags and from the environment; secrets come from files alone.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use axum::http::HeaderValue;
use clap::Args;

use super::root_key::{PROVIDERS, RootKey};
use crate::{
    clock::Clock,
    demo::load::LoadError,
    http::Quota,
    identity::{
        elsewhere::{Issuers, IssuersFault},
        token::{IssueError, TokenAuthority},
    },
    journal::{LedgerError, LogFault, NoteFault, Promise},
    keys::{EscrowError, KeyFile, KeyFileError},
    matter::BackfillFault,
    store::{
        OpenError, Store, StoreError,
        act::ActError,
        key_store::{Between, KeyProvider, KeyStore, KeyStoreError, Moving, ProviderError},
        writer::WriteError,
    },
    witness::RoundFault,
};

/// What an administrator has to set right, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// What has split keys, or put them together.
    #[error(transparent)]
    Escrow(#[from] EscrowError),
    /// A backup.
    #[error(transparent)]
    Backup(#[from] super::backup::BackupFault),
    /// A list of structural zeros.
    #[error("`{0}` is no list of structural zeros: {1}")]
    Zeros(String, crate::statistics::zeros::ZeroListError),
    /// A release of statistics that was to come back.
    #[error("`{0}` is no release of statistics: {1}")]
    Published(String, crate::statistics::published::PublishedError),
    /// A release that did not come back.
    #[error(transparent)]
    NotBack(#[from] crate::store::restored::NotBack),
    /// Nobody else would see that the log was written anew.
    #[error("nobody else would see that the log was written anew: ask its witnesses to visit")]
    NotWitnessed,
    /// Nothing waits to be opened.
    #[error("the hub was not restored, or is open already")]
    NothingRestored,
    /// A mechanism that confirms for itself, or has not to.
    #[error(
        "`{0}` has nothing to confirm, or has officers, who do it themselves (`confirmRestored`)"
    )]
    NotToConfirm(String),
    /// Shares of keys that would all go to one file.
    #[error(
        "shares are shown one at a time on a terminal, and this is none; name a folder with `--folder` for a file each"
    )]
    NoTerminal,
    /// The memory of the process stays open.
    #[error(
        "the system does not close the memory of this process to others, so that no key is read: {0}"
    )]
    Memory(std::io::Error),
    /// The port.
    #[error("`{address}` can't be listened on: {cause}; choose another with `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Threads.
    #[error("the server could not begin: {0}")]
    Served(std::io::Error),
    /// A file of ours.
    #[error("{path}: {}", said_of(.cause))]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The demo.
    #[error("the demo could not be loaded: {0}")]
    Demo(#[from] LoadError),
    /// The holder of a token.
    #[error("there is no holder `{holder}`, or no client `{client}`, on this hub")]
    UnknownHolder {
        /// The holder.
        holder: String,
        /// The client.
        client: String,
    },
    /// A scope.
    #[error("the scope is refused: {0}")]
    Scope(#[from] crate::identity::scope::ScopeError),
    /// A token.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The thumbprint of a key.
    #[error("`{0}` is no SHA-256 thumbprint of a key: 43 characters (RFC 7638)")]
    Thumbprint(String),
    /// What is asked of clients.
    #[error("`{0}` is none of REQUIRED, OPTIONAL and OFF")]
    Proof(String),
    /// Other issuers.
    #[error(transparent)]
    Issuers(#[from] IssuersFault),
    /// A subject of another issuer.
    #[error("{0}")]
    Mapping(String),
    /// A duration.
    #[error("`{0}` is no duration; write `90s`, `10m` or `24h`")]
    Duration(String),
    /// A reason.
    #[error("the reason has 1 to 500 characters, and no control characters")]
    Reason,
    /// A level.
    #[error("`{0}` is no level; levels are PUBLIC, PARTNER, CHANNEL, SECRETARIAT, VICTIM")]
    Level(String),
    /// A role.
    #[error("`{0}` is no role; roles are GRANTS, SIGNS, ADMITS and DATA_PROTECTION")]
    Role(String),
    /// A name.
    #[error("`{0}` is no name: it has 1 to 100 letters, digits and `-`, `_`, `.`")]
    Name(String),
    /// A holder's name that is another mechanism's.
    #[error("a holder of `{0}` is called `{0}.` and a name, as in `{0}.secretary`")]
    HolderName(String),
    /// A mechanism whose first officer is there.
    #[error("`{0}` has a holder already; its own officers bring others")]
    HasHolder(String),
    /// A file of a token, or of a share of keys, that others can read.
    #[error("the file `{0}` is open to others (mode {1:04o}); run `chmod 600` on it")]
    TokenExposed(String, u32),
    /// A kind.
    #[error("`{0}` is no kind of record")]
    Kind(String),
    /// A form.
    #[error("`{0}` is no form of a file; forms are csv, jsonl, xlsx and ics")]
    Form(String),
    /// An export.
    #[error(transparent)]
    Export(#[from] crate::export::ExportError),
    /// Nobody's tokens.
    #[error("there is no {0} on this hub; nothing was revoked")]
    NothingRevoked(String),
    /// A read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A write.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// The log could not be signed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A checkpoint, or the key of a log.
    #[error("{0}: {1}")]
    Note(String, NoteFault),
    /// A receipt.
    #[error("it is no receipt of this hub")]
    NoReceipt,
    /// A receipt that was broken.
    #[error(
        "{0}: the log has no such entry, or has not signed it yet; run `liaison audit checkpoint`, and ask again"
    )]
    NotInLog(Promise),
    /// A person's key.
    #[error("the file has no key of a person: 64 hexadecimal digits")]
    NoSubjectKey,
    /// An act.
    #[error("{}", refused(.0))]
    Act(#[from] ActError),
    /// Tokens of persons on file.
    #[error("{}; what was made stays, and the rest is made when it is run again", broken_off(.0))]
    Backfill(#[from] BackfillFault),
    /// The log is not as it was written.
    #[error("the log is not as it was written")]
    LogBroken,
    /// A witness's visit.
    #[error(transparent)]
    Witness(#[from] RoundFault),
    /// A log that was not refused.
    #[error("no log of this key was refused: there is nothing to acknowledge")]
    NothingToAcknowledge,
    /// A witness that is registered.
    #[error(
        "there is a witness `{0}` already; `liaison audit witness remove` takes it off the list"
    )]
    WitnessThere(String),
    /// A witness that is not registered.
    #[error("there is no witness `{0}`")]
    NoWitness(String),
    /// An import.
    #[error(transparent)]
    Import(#[from] super::import::ImportFault),
    /// The second key holder's file.
    #[error(transparent)]
    HolderFile(#[from] crate::key_holder::HolderFileError),
    /// The second key holder.
    #[error(transparent)]
    Desk(#[from] crate::key_holder::DeskFault),
    /// Records of two files.
    #[error("name two files: `--file` for the docket, and `--file` for the probes")]
    TwoFiles,
    /// Blind tokens.
    #[error(transparent)]
    Blind(#[from] super::blind::BlindError),
    /// A published share.
    #[error("`{0}` is no share that a key holder publishes: 43 characters")]
    Share(String),
    /// Weights of the same-matter check.
    #[error(transparent)]
    Weights(#[from] crate::same_matter::WeightsError),
    /// Pairs of records to try the same-matter check on.
    #[error(transparent)]
    Pairs(#[from] crate::same_matter::synthetic::PairsError),
    /// A hub that was asked whether it keeps its promise.
    #[error(transparent)]
    Selftest(#[from] crate::selftest::SelftestError),
    /// A hub that was asked, and does not answer.
    #[error(transparent)]
    Door(#[from] crate::selftest::DoorError),
    /// A promise that was not kept.
    #[error("the hub does not keep its promise")]
    Promise,
    /// The provider of the root key.
    #[error("this program has no provider `{0}` of the root key; it has {PROVIDERS}")]
    Provider(String),
    /// A setting of a security module.
    #[error("the provider `pkcs11` needs `{0}`")]
    HsmSetting(&'static str),
    /// The root key.
    #[error("the root key can't be used: {0}")]
    RootKey(#[from] ProviderError),
    /// A root key that can't be split.
    #[error(
        "ROOT_KEY_NOT_EXTRACTABLE: the root key never leaves the security module, and can't be split; back the token up, or clone it, by its vendor's own means. `--without-root` splits the keys that are in the key file"
    )]
    NotExtractable,
    /// The key store.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The address of a site.
    #[error("`{0}` is no origin; write it as `https://dashboard.example`")]
    Origin(String),
}

impl Fault {
    /// With what the program ends: 3 where a log was refused, so that a timer's owner can
    /// tell that from a hub that does not answer; 4 where keys can't be split.
    pub fn code(&self) -> ExitCode {
        if matches!(self, Self::Witness(RoundFault::Refused { .. })) {
            ExitCode::from(3)
        } else if matches!(self, Self::NotExtractable) {
            ExitCode::from(4)
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Where the database is.
#[derive(Clone, Debug, Args)]
pub struct Database {
    /// The database: `sqlite://FILE?mode=rwc` or `postgres://…`.
    #[arg(
        long = "database-url",
        env = "LIAISON_DATABASE_URL",
        default_value = "sqlite://liaison.db?mode=rwc",
        hide_env_values = true
    )]
    pub url: String,
    /// The key store, a database of its own: of `sqlite://NAME.db` it is `NAME.keys.db` beside
    /// it where nothing is said; with PostgreSQL it is named.
    #[arg(long = "key-store", env = "LIAISON_KEY_STORE", hide_env_values = true)]
    pub key_store: Option<String>,
    /// Who keeps the root key.
    #[command(flatten)]
    pub root_key: RootKey,
}

impl Database {
    /// Where the key store is.
    ///
    /// # Errors
    /// Refuses to guess one that is to be named.
    pub fn key_store(&self) -> Result<String, OpenError> {
        let named = self.key_store.clone();
        named
            .or_else(|| KeyStore::beside(&self.url))
            .ok_or_else(|| match self.url.starts_with("postgres") {
                true => OpenError::KeyStoreUnnamed,
                false => OpenError::UnknownDatabase,
            })
    }

    /// Who keeps the root key.
    ///
    /// # Errors
    /// Refuses a provider that this program has not.
    pub fn provider(
        &self,
        file: &Keys,
        keys: &Arc<KeyFile>,
    ) -> Result<Arc<dyn KeyProvider>, Fault> {
        self.root_key.provider(file, keys)
    }

    /// Opens the database and its key store with the keys of a key file.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_with(&self, file: &Keys) -> Result<Store, Fault> {
        let keys = Arc::new(KeyFile::open(&file.file)?);
        self.open(file, keys).await
    }

    /// Opens both, to change who keeps the root key.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_between(&self, file: &Keys, from: &str, to: &str) -> Result<Store, Fault> {
        let keys = Arc::new(KeyFile::open(&file.file)?);
        let of = |name| self.root_key.of(name, file, &keys);
        let provider = Between::of(of(from)?, of(to)?);
        let key_store = KeyStore::open(&self.key_store()?, provider).await?;
        Ok(Store::open(&self.url, keys, key_store).await?)
    }

    /// Opens the key store alone.
    ///
    /// # Errors
    /// As [`KeyStore::open`].
    pub async fn open_key_store(&self, file: &Keys) -> Result<KeyStore, Fault> {
        let keys = Arc::new(KeyFile::open(&file.file)?);
        let provider = self.provider(file, &keys)?;
        Ok(KeyStore::open(&self.key_store()?, provider).await?)
    }

    /// Opens the database and its key store.
    ///
    /// # Errors
    /// As [`Store::open`] and [`KeyStore::open`].
    pub async fn open(&self, file: &Keys, keys: Arc<KeyFile>) -> Result<Store, Fault> {
        let provider = self.provider(file, &keys)?;
        let key_store = KeyStore::open(&self.key_store()?, provider).await?;
        Ok(Store::open(&self.url, keys, key_store).await?)
    }

    /// Brings the database and its key store up to date; says how many migrations that took.
    ///
    /// # Errors
    /// As [`Store::migrate`].
    pub async fn migrate(&self, file: &Keys) -> Result<usize, Fault> {
        // Before there is a key file there is nothing that it would be needed for.
        let keys = match KeyFile::open(&file.file) {
            Ok(keys) => Some(Arc::new(keys)),
            Err(KeyFileError::Missing(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let moving = match &keys {
            Some(keys) => Some(Moving {
                root: keys.sealing().key(),
                provider: self.provider(file, keys)?,
            }),
            None => None,
        };
        let now = Clock::system().now();
        let applied = Store::migrate(&self.url, &self.key_store()?, moving, now).await?;
        if let Some(keys) = keys {
            // Keys that were moved here are given to recipients, too.
            let store = self.open(file, keys).await?;
            store.mend_copies(now).await?;
            store.close().await;
        }
        Ok(applied)
    }
}

/// Where the key file is.
#[derive(Clone, Debug, Args)]
pub struct Keys {
    /// The hub's key file; nobody but its owner may be able to read it.
    #[arg(long = "keys", env = "LIAISON_KEYS", default_value = "liaison.keys")]
    pub file: PathBuf,
}

/// Why a backfill ended early, in words.
fn broken_off(fault: &BackfillFault) -> String {
    match fault {
        BackfillFault::Act(error) => refused(error),
        BackfillFault::Beside(_) | BackfillFault::BrokenOff => fault.to_string(),
    }
}

/// Why an act was not done, in words.
fn refused(error: &ActError) -> String {
    match error {
        ActError::Refused(refusal) => refusal.sentence.clone(),
        ActError::Fault(fault) => fault.to_string(),
    }
}

/// What is wrong with a file, in words.
fn said_of(cause: &std::io::Error) -> String {
    if cause.kind() == std::io::ErrorKind::AlreadyExists {
        return "it is there already, and is not written over: move it away; nothing was done"
            .to_owned();
    }
    cause.to_string()
}

/// The token in a file that its owner alone can read.
///
/// # Errors
/// Refuses a file that others can read.
pub fn token_in(path: &Path) -> Result<String, Fault> {
    let text = text_in(path)?;
    let text = text.trim();
    Ok(text.strip_prefix("Bearer ").unwrap_or(text).to_owned())
}

/// The text of a file that its owner alone can read.
///
/// # Errors
/// Refuses a file that others can read.
pub fn text_in(path: &Path) -> Result<String, Fault> {
    let of = |cause| Fault::File {
        path: path.display().to_string(),
        cause,
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = std::fs::metadata(path).map_err(of)?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Fault::TokenExposed(path.display().to_string(), mode));
        }
    }
    std::fs::read_to_string(path).map_err(of)
}

/// As what tokens name this hub.
#[derive(Clone, Debug, Args)]
pub struct Names {
    /// The issuer that tokens of this hub name.
    #[arg(long, env = "LIAISON_ISSUER", default_value = "liaison")]
    pub issuer: String,
    /// The audience that tokens for this hub name.
    #[arg(long, env = "LIAISON_AUDIENCE", default_value = "liaison")]
    pub audience: String,
    /// The file that names other issuers (OpenID Connect) whose tokens are accepted.
    #[arg(long, env = "LIAISON_ISSUERS")]
    pub issuers: Option<PathBuf>,
}

impl Names {
    /// The authority on tokens of this hub, and of the other issuers that it accepts.
    ///
    /// # Errors
    /// Refuses keys that don't sign, and other issuers that are not sound.
    pub fn authority(&self, keys: &KeyFile) -> Result<TokenAuthority, Fault> {
        let own = TokenAuthority::new(self.issuer.clone(), self.audience.clone(), keys)?;
        Ok(match &self.issuers {
            Some(file) => own.and_of(Issuers::open(file, &self.issuer)?),
            None => own,
        })
    }
}

/// How the street door stands open.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The address to listen on.
    #[arg(long, env = "LIAISON_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// Sites whose pages may send a token, such as `https://dashboard.example`. Any site
    /// may read what is public.
    #[arg(long, env = "LIAISON_ORIGINS", value_delimiter = ',')]
    pub origins: Vec<String>,
    /// Requests a second from one address without a token; four times as many at once.
    #[arg(long, env = "LIAISON_RATE_ANONYMOUS", default_value = "20")]
    pub rate_anonymous: NonZeroU32,
    /// Requests a second of one holder; four times as many at once.
    #[arg(long, env = "LIAISON_RATE_TOKEN", default_value = "50")]
    pub rate_token: NonZeroU32,
    /// Where the hub is reached, as in `https://hub.example`: proofs of clients name it. The
    /// address that it listens on, where nothing is said.
    #[arg(long = "public-url", env = "LIAISON_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Whether a token that reads or writes above CHANNEL must be bound to a key of its
    /// client (DPoP, RFC 9449), where the client itself says nothing: REQUIRED or OPTIONAL.
    #[arg(long, env = "LIAISON_DPOP", default_value = "OPTIONAL")]
    pub dpop: String,
    /// Elements of blind tokens that a mechanism may have evaluated in a day: 50 probes. More,
    /// for the days on which whole dockets come.
    #[arg(
        long = "match-elements",
        env = "LIAISON_MATCH_ELEMENTS",
        default_value = "6400"
    )]
    pub elements_a_day: u32,
    /// Take the caller's address from the proxy before this hub (`X-Forwarded-For`).
    #[arg(long, env = "LIAISON_BEHIND_PROXY")]
    pub behind_proxy: bool,
}

impl Settings {
    /// The origins, as headers name them.
    ///
    /// # Errors
    /// Refuses what can't be an origin.
    pub fn origins(&self) -> Result<Vec<HeaderValue>, Fault> {
        self.origins
            .iter()
            .map(|origin| {
                let is_origin = origin.split_once("://").is_some_and(|(scheme, rest)| {
                    !scheme.is_empty() && !rest.is_empty() && !rest.contains('/')
                });
                HeaderValue::from_str(origin)
                    .ok()
                    .filter(|_| is_origin)
                    .ok_or_else(|| Fault::Origin(origin.clone()))
            })
            .collect()
    }

    /// The quota of so many requests a second.
    pub fn quota(per_second: NonZeroU32) -> Quota {
        Quota::of(per_second.get(), per_second.get().saturating_mul(4))
    }
}
