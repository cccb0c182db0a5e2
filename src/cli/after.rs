//! `liaison restore list` and `confirm`: what a restore has left, and how the hub opens again.

use std::{path::PathBuf, sync::Arc};

use clap::Subcommand;

use super::settings::{Database, Fault, Keys};
use crate::{clock::Clock, keys::KeyFile, statistics::published::Published, store::Store};

/// What follows a restore.
#[derive(Debug, Subcommand)]
pub(super) enum After {
    /// List what was done after the backup, by mechanism, for its officers to look at.
    ///
    /// Mechanism, number in the log, time, what was done, the record, fields; and whether the
    /// restore has done it again. What has no mechanism is the registrar's own.
    List {
        /// Code of a mechanism: its part alone, as it is handed to its officers.
        #[arg(long)]
        mechanism: Option<String>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        keys: Keys,
    },
    /// Bring back the releases of statistics that were made after the backup, and say when all
    /// are here: until then none is made. Without `--release` and `--whole`: list their
    /// approvals.
    ///
    /// A release is what anyone has read of it: the hub's answer, as a file, to
    ///
    /// query($id: ID!) { node(id: $id) { ... on StatisticRelease { id dimensions firstQuarter
    /// lastQuarter algorithm threshold codeVersion countedOn releasedOn mechanisms { code }
    /// csv } } }
    ///
    /// What was frozen of the dockets for it is lost: no other release of its quarters is made.
    Statistics {
        /// A file with a release; it can be given several times.
        #[arg(long)]
        release: Vec<PathBuf>,
        /// All releases are here that were ever told: with the number of approvals on the list.
        /// One whose other approvals were never given is none. Ask about the time after the
        /// last entry of the log's copy, too.
        #[arg(long, value_name = "N")]
        whole: Option<usize>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        keys: Keys,
    },
    /// Open the hub that was restored. Records of a mechanism that has anything on the list are
    /// told to their owners alone, until one of its officers has said `confirmRestored`.
    Confirm {
        /// Code of a mechanism that has no officer: confirm for it.
        #[arg(long)]
        mechanism: Option<String>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        keys: Keys,
    },
}

impl After {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self {
            Self::List {
                mechanism,
                database,
                keys,
            } => {
                let store = open(&database, &keys).await?;
                for left in store.left_by_restore(mechanism.as_deref()).await? {
                    let of = if left.mechanism.is_empty() {
                        "(registrar)"
                    } else {
                        &left.mechanism
                    };
                    let record = left.record.map(|id| id.to_string());
                    let record = record.as_deref().unwrap_or("-");
                    let done = if left.done {
                        "done again"
                    } else {
                        "look at it"
                    };
                    let (n, at, kind, fields) = (left.n, left.at, &left.kind, &left.fields);
                    println!("{of}\t{n}\t{at}\t{kind}\t{record}\t{fields}\t{done}");
                }
                waiting(&store).await?;
                store.close().await;
            }
            Self::Statistics {
                release,
                whole,
                database,
                keys,
            } => statistics(&release, whole, (&database, &keys)).await?,
            Self::Confirm {
                mechanism,
                database,
                keys,
            } => {
                let store = open(&database, &keys).await?;
                let now = Clock::system().now();
                match mechanism {
                    Some(code) => {
                        if !store.confirm_for(&code, now).await? {
                            return Err(Fault::NotToConfirm(code));
                        }
                        println!("the records of `{code}` are open again");
                    }
                    None => {
                        if store.open_restored(now).await?.is_none() {
                            return Err(Fault::NothingRestored);
                        }
                        println!("the hub is open");
                    }
                }
                waiting(&store).await?;
                store.close().await;
            }
        }
        Ok(())
    }
}

async fn statistics(
    releases: &[PathBuf],
    whole: Option<usize>,
    (database, keys): (&Database, &Keys),
) -> Result<(), Fault> {
    let mut read = Vec::new();
    for file in releases {
        let path = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|cause| Fault::File {
            path: path.clone(),
            cause,
        })?;
        let release = Published::read(&text).map_err(|why| Fault::Published(path, why))?;
        read.push(release);
    }
    let store = open(database, keys).await?;
    let now = Clock::system().now();
    for release in &read {
        let id = store.put_back(release, now).await?;
        println!("{id} is back");
    }
    if let Some(entries) = whole {
        store.statistics_are_whole(entries, now).await?;
        println!("releases of statistics are made again");
    }
    for approved in store.approved_since().await?.unwrap_or_default() {
        let release = approved.release.map(|id| id.to_string());
        let release = release.as_deref().unwrap_or("-");
        let told = if approved.told { "here" } else { "not here" };
        println!("{}\t{}\t{release}\t{told}", approved.n, approved.at);
    }
    store.close().await;
    Ok(())
}

async fn open(database: &Database, keys: &Keys) -> Result<Store, Fault> {
    let file = Arc::new(KeyFile::open(&keys.file)?);
    database.open(keys, file).await
}

/// Says who has to confirm, and who has nobody that could.
async fn waiting(store: &Store) -> Result<(), Fault> {
    for code in store.waiting_for(false).await? {
        println!("`{code}` has to confirm");
    }
    for code in store.waiting_for(true).await? {
        println!("`{code}` has no officer: `liaison restore confirm --mechanism {code}`");
    }
    Ok(())
}
