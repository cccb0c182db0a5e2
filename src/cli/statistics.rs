//! `liaison statistics`: what a release of statistics rests on.

use std::{path::PathBuf, sync::Arc};

use clap::Subcommand;

use super::settings::{Database, Fault, Keys, Names, token_in};
use crate::{
    clock::Clock,
    export::ExportError,
    http::{self, Credential},
    hub::Hub,
    keys::KeyFile,
    statistics::{load_zeros, zeros::ZeroList},
    store::act::{Begun, Request},
};

/// Load what a release of statistics rests on.
#[derive(Debug, Subcommand)]
pub(super) enum Statistics {
    /// Put a list of structural zeros in force for your mechanism: places of its docket where
    /// nobody can be, such as a State that is no party to the procedure.
    ///
    /// Whoever knows them counts with them, and so does the check of a release, which cites the
    /// list. A CSV file, `country,rights,outcome,from,to`: what is empty is any, and at least one
    /// of the first three is given. It takes the place of the one before it, and
    /// `stats:release`.
    Zeros {
        /// The list's file.
        list: PathBuf,
        /// The file with the officer's token.
        #[arg(long)]
        token_file: PathBuf,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        keys: Keys,
        #[command(flatten)]
        names: Names,
    },
}

impl Statistics {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let Self::Zeros {
            list: file,
            token_file,
            database,
            keys,
            names,
        } = self;
        let text = std::fs::read_to_string(&file).map_err(|cause| Fault::File {
            path: file.display().to_string(),
            cause,
        })?;
        let list = ZeroList::read(&text);
        let list = list.map_err(|why| Fault::Zeros(file.display().to_string(), why))?;
        let key_file = Arc::new(KeyFile::open(&keys.file)?);
        let store = database.open(&keys, key_file).await?;
        let authority = Arc::new(names.authority(store.keys())?);
        let hub = Hub::new(store.clone(), authority, Clock::system());
        let token = token_in(&token_file)?;
        let credential = Credential {
            token: &token,
            bound: false,
            proof: None,
        };
        let viewer = http::Hub::viewer(&hub, Some(credential), "", None).await;
        let viewer = viewer.map_err(ExportError::from)?;
        let version = list.version();
        let request = Request {
            name: "loadStructuralZeros",
            key: None,
            input: &version,
        };
        if let Begun::Now(mut act) = store.begin_act(&viewer, request).await? {
            let id = load_zeros(&mut act, &list).await?;
            act.commit(id).await?;
        }
        println!(
            "{} structural zeros are in force, as list {version}",
            list.rows().len()
        );
        store.close().await;
        Ok(())
    }
}
