//! `liaison expunge`: deletes what was retired and whose time is over.

use std::sync::Arc;

use clap::Args;

use super::settings::{Database, Fault, Keys};
use crate::{clock::Clock, keys::KeyFile};

/// Delete, for good, what was retired and whose time is over.
#[derive(Debug, Args)]
pub(super) struct Expunge {
    /// Say how much it would be, and delete nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

impl Expunge {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        if self.dry_run {
            let would = store.would_expunge(now).await?;
            println!(
                "{} retired records would be expunged, {} with what hangs on them",
                would.records, would.all
            );
        } else {
            let expunged = store.expunge(now).await?;
            println!(
                "{} retired records were expunged, {} with what hung on them",
                expunged.records, expunged.all
            );
        }
        store.close().await;
        Ok(())
    }
}
