//! `liaison serve`: open the store, build the door, stop gently.

use std::{net::SocketAddr, sync::Arc};

use clap::Args;
use tokio::net::TcpListener;

use super::settings::{Database, Fault, Keys, Names, Settings};
use crate::{
    clock::Clock,
    http::{Door, listen},
    hub::{Hub, router},
    identity::token::TokenAuthority,
    keys::KeyFile,
    store::{Store, revocation::LOOK},
};

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
        let store = Store::open(&self.database.url, keys).await?;
        let open = Open::on(store, authority, self.settings).await?;
        eprintln!("liaison answers on http://{}/graphql", open.address);
        open.serve().await
    }
}

/// A hub that listens, and does not answer yet.
pub(super) struct Open {
    pub(super) address: SocketAddr,
    listener: TcpListener,
    hub: Hub,
    settings: Settings,
}

impl Open {
    /// Listens; the port is taken before anything is said to be ready.
    pub(super) async fn on(
        store: Store,
        authority: Arc<TokenAuthority>,
        settings: Settings,
    ) -> Result<Self, Fault> {
        let busy = |cause| Fault::Listen {
            address: settings.listen,
            cause,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(busy)?;
        let address = listener.local_addr().map_err(busy)?;
        let hub = Hub::new(store, authority, Clock::system());
        Ok(Self {
            address,
            listener,
            hub,
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
        let store = self.hub.store();
        let follower = tokio::spawn(store.clone().follow_revocations(LOOK));
        listen(self.listener, router(door), told_to_stop()).await;
        follower.abort();
        store.close().await;
        Ok(())
    }
}

async fn told_to_stop() {
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
