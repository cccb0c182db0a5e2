//! `liaison keys escrow` and `recover`: the hub's keys split among keepers, and put together.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use zeroize::Zeroizing;

use super::{
    export::new_file,
    settings::{self, Fault, text_in},
};
use crate::{
    clock::Clock,
    keys::{KeyFile, Share},
    store::key_acts::KeyAct,
};

/// How the keys are split.
#[derive(Debug, Args)]
pub(super) struct Escrow {
    /// How many shares are made, each for a keeper of its own.
    #[arg(long, default_value_t = 5)]
    shares: u8,
    /// How many of them are needed to recover the keys.
    #[arg(long, default_value_t = 3)]
    threshold: u8,
    /// Write each share to a file of its own in this folder, which must be there, readable by
    /// you alone.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Split the keys that are in the key file, and not the root key, which is in a security
    /// module: without that module no file opens again, whatever shares there are.
    #[arg(long)]
    without_root: bool,
    #[command(flatten)]
    database: settings::Database,
    #[command(flatten)]
    keys: settings::Keys,
}

/// From what the keys are recovered.
#[derive(Debug, Args)]
pub(super) struct Recover {
    /// A file with a share, as it was printed, readable by you alone; once for each share.
    #[arg(long = "share", required = true)]
    shares: Vec<PathBuf>,
    #[command(flatten)]
    keys: settings::Keys,
}

impl Escrow {
    pub(super) async fn run(self) -> Result<(), Fault> {
        if self.database.root_key.is_in_a_module() && !self.without_root {
            return Err(Fault::NotExtractable);
        }
        // A pipe or a file would have all of them.
        let terminal = || io::stdout().is_terminal() && io::stdin().is_terminal();
        if self.folder.is_none() && !terminal() {
            return Err(Fault::NoTerminal);
        }
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let shares = keys.split(self.shares, self.threshold)?;
        let store = self.database.open(&self.keys, keys).await?;
        let act = KeyAct::Escrow {
            shares: self.shares,
            needed: self.threshold,
        };
        let now = Clock::system().now();
        store.put_key_act_on_record(act, now).await?;
        store.close().await;
        match &self.folder {
            Some(folder) => written(folder, &shares)?,
            None => shown(&shares)?,
        }
        let (all, needed) = (self.shares, self.threshold);
        println!("{all} shares were made; any {needed} of them recover the keys");
        if self.database.root_key.is_in_a_module() {
            println!("the root key is not among them: it is in the security module alone");
        }
        Ok(())
    }
}

/// Writes each share to a file of its own: all of them, or none.
fn written(folder: &Path, shares: &[Share]) -> Result<(), Fault> {
    let many = shares.len();
    let mut done: Vec<PathBuf> = Vec::with_capacity(many);
    for share in shares {
        let path = folder.join(format!("share-{}-of-{many}.txt", share.index));
        let made = new_file(&path);
        if made.is_ok() {
            done.push(path.clone());
        }
        let put = made.and_then(|mut file| {
            file.write_all(share.text.as_bytes())?;
            file.sync_all()
        });
        if let Err(cause) = put {
            for path in &done {
                // The first failure is the one to tell.
                let _ = fs::remove_file(path);
            }
            let path = path.display().to_string();
            return Err(Fault::File { path, cause });
        }
    }
    for path in done {
        println!("{}", path.display());
    }
    Ok(())
}

/// Shows one share after the other, and takes each off the screen before the next.
fn shown(shares: &[Share]) -> Result<(), Fault> {
    let (mut screen, input) = (io::stdout(), io::stdin());
    let mut line = String::new();
    let mut typed = input.lock();
    for share in shares {
        let text = share.text.as_str();
        let index = share.index;
        let mut show = |text: &str| {
            screen
                .write_all(text.as_bytes())
                .and_then(|()| screen.flush())
        };
        let put = show(&format!("\x1b[2J\x1b[3J\x1b[H{text}\n"))
            .and_then(|()| {
                show(&format!(
                    "Share {index}: when its keeper has it, press Enter."
                ))
            })
            .and_then(|()| typed.read_line(&mut line))
            .and_then(|_| show("\x1b[2J\x1b[3J\x1b[H"));
        put.map_err(Fault::Served)?;
    }
    Ok(())
}

impl Recover {
    pub(super) fn run(self) -> Result<(), Fault> {
        let read = |path: &PathBuf| {
            let text = text_in(path)?;
            Ok((path.display().to_string(), Zeroizing::new(text)))
        };
        let shares = self.shares.iter().map(read);
        let shares = shares.collect::<Result<Vec<_>, Fault>>()?;
        let keys = KeyFile::joined(&shares)?;
        keys.write_new(&self.keys.file)?;
        println!(
            "made the key file {}: it opens what `{}` has sealed, and goes on with the log `{}`",
            self.keys.file.display(),
            keys.sealing().id(),
            keys.checkpoint().name()
        );
        println!("tokens that were issued before are refused; issue new ones");
        Ok(())
    }
}
