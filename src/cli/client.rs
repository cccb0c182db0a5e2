//! `liaison client admit`: a program through which holders act.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::settings::{Database, Fault, Keys};
use crate::{
    clock::Clock,
    confidentiality::{Level, warrant::Warrant},
    identity::{claims::is_name, holder::Proof},
    keys::KeyFile,
    vocabulary::codes::Coded,
};

/// Admit the programs through which holders act.
#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Admit a client program, or set whether its tokens are bound to a key. The act is put
    /// on record. The level of a client that is there stays as it is.
    Admit(Admit),
}

#[derive(Debug, Args)]
pub(super) struct Admit {
    /// Its name, as tokens will carry it.
    #[arg(long)]
    client: String,
    /// The highest level that passes through it: for a display, PARTNER.
    #[arg(long, default_value = "PARTNER")]
    cap: String,
    /// Whether its tokens are bound to a key of its own (DPoP): REQUIRED, OPTIONAL or OFF.
    /// Where nothing is said, as the hub asks of all.
    #[arg(long)]
    dpop: Option<String>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

impl Admit {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let cap = Level::from_code(&self.cap).ok_or_else(|| Fault::Level(self.cap.clone()))?;
        let proof = self.dpop.as_ref();
        let proof = proof.map(|code| Proof::from_code(code).ok_or(Fault::Proof(code.clone())));
        let proof = proof.transpose()?;
        if !is_name(&self.client) {
            return Err(Fault::Name(self.client));
        }
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        let mut writer = store.begin(Warrant::to_admit_client(), now).await?;
        writer.admit_client(&self.client, cap, proof).await?;
        if let Some(proof) = proof {
            writer.set_proof(&self.client, proof).await?;
        }
        writer.commit().await?;
        println!("`{}` is a client of this hub", self.client);
        store.close().await;
        Ok(())
    }
}
