//! `liaison serve`: open the store, build the door, stop gently.

use std::{
    net::SocketAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use tokio::net::TcpListener;

use super::{
    memory,
    settings::{Database, Fault, Keys, Names, Settings},
};
use crate::{
    clock::Clock,
    http::{Door, listen},
    hub::{Hub, router},
    identity::{holder::Proof, token::TokenAuthority},
    journal::tick::CADENCE,
    keys::KeyFile,
    store::{Store, ended::LOOK, key_store, matter, retirement, visit_overlap},
    vocabulary::codes::Coded,
};

/// How often a hub looks whether its key file has changed.
const LOOK_AT_KEYS: Duration = Duration::from_secs(1);

/// The shortest wait for the next tick of the log, so that it falls into the next minute.
const BREATH: Duration = Duration::from_millis(5);

/// Serve a hub whose database is up to date.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let authority = Arc::new(self.names.authority(&keys)?);
        let store = self.database.open(&self.keys, keys).await?;
        let file = self.keys.file.clone();
        let open = Open::on(store, authority, file, self.settings).await?;
        eprintln!("liaison answers on http://{}/graphql", open.address);
        open.serve().await
    }
}

/// A hub that listens, and does not answer yet.
pub(super) struct Open {
    pub(super) address: SocketAddr,
    listener: TcpListener,
    hub: Hub,
    authority: Arc<TokenAuthority>,
    keys: PathBuf,
    settings: Settings,
}

impl Open {
    /// Listens; the port is taken before anything is said to be ready.
    pub(super) async fn on(
        store: Store,
        authority: Arc<TokenAuthority>,
        keys: PathBuf,
        settings: Settings,
    ) -> Result<Self, Fault> {
        let busy = |cause| Fault::Listen {
            address: settings.listen,
            cause,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(busy)?;
        let address = listener.local_addr().map_err(busy)?;
        let proof = Proof::from_code(&settings.dpop);
        let proof = proof.ok_or_else(|| Fault::Proof(settings.dpop.clone()))?;
        let url = settings.public_url.clone();
        let url = url.unwrap_or_else(|| format!("http://{address}"));
        let hub = Hub::new(store, Arc::clone(&authority), Clock::system());
        let hub = hub.reached_at(&url, proof);
        let hub = hub.evaluating(settings.elements_a_day)?;
        Ok(Self {
            address,
            listener,
            hub,
            authority,
            keys,
            settings,
        })
    }

    /// Answers until the process is told to stop; what is under way is finished.
    pub(super) async fn serve(self) -> Result<(), Fault> {
        let mut door = Door::new(self.hub.clone());
        door.origins = self.settings.origins()?;
        door.anonymous = Settings::quota(self.settings.rate_anonymous);
        door.token = Settings::quota(self.settings.rate_token);
        door.behind_proxy = self.settings.behind_proxy;
        for swap in memory::unencrypted_swap() {
            tracing::warn!(swap = %swap.display(), "swap is not encrypted: keys may come to lie on it in the clear");
        }
        let store = self.hub.store();
        let follower = tokio::spawn(store.clone().follow_revocations(LOOK));
        let keys = tokio::spawn(follow_keys(self.keys, self.authority));
        let expunger = tokio::spawn(retirement::follow(store.clone(), Clock::system()));
        let comparer = tokio::spawn(matter::follow(store.clone(), Clock::system()));
        let looker = tokio::spawn(visit_overlap::follow(store.clone(), Clock::system()));
        let signer = tokio::spawn(sign_the_log(store.clone()));
        let keeper = tokio::spawn(key_store::follow(store.clone(), Clock::system()));
        listen(self.listener, router(door), told_to_stop()).await;
        follower.abort();
        expunger.abort();
        comparer.abort();
        looker.abort();
        keys.abort();
        signer.abort();
        keeper.abort();
        sign(store).await;
        store.close().await;
        Ok(())
    }
}

/// Signs the log at each full minute, whether it has grown or not, and lets its witnesses know
/// no more than that: nothing but the clock says when.
async fn sign_the_log(store: Store) {
    loop {
        let rest = CADENCE - Clock::system().now().millis().rem_euclid(CADENCE);
        tokio::time::sleep(Duration::from_millis(rest.unsigned_abs()) + BREATH).await;
        if let Err(error) = store.ledger().tick(Clock::system().now()).await {
            tracing::error!(cause = %error, "the log has made no tick");
        }
    }
}

async fn sign(store: &Store) {
    if let Err(error) = store.ledger().sign(Clock::system().now()).await {
        tracing::error!(cause = %error, "no checkpoint of the log was signed");
    }
}

/// Takes new signing keys from the key file when it has changed, and other issuers' keys from
/// theirs. The hub's other keys are read at the start alone.
async fn follow_keys(file: PathBuf, authority: Arc<TokenAuthority>) {
    let facts = |file: &Path| {
        let facts = std::fs::metadata(file).ok()?;
        Some((facts.ino(), facts.len(), facts.modified().ok()?))
    };
    // Before this began the file may have changed: it is read once more.
    let mut known = None;
    loop {
        let today = facts(&file);
        if today.is_some() && today != known {
            let renewed = KeyFile::open(&file).and_then(|keys| authority.renew(&keys));
            if let Err(error) = renewed {
                tracing::error!(cause = %error, "the signing keys stay as they were");
            }
            known = today;
        }
        authority.issuers().look();
        tokio::time::sleep(LOOK_AT_KEYS).await;
    }
}

pub(super) async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
