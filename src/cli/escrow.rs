//! `liaison keys escrow` and `recover`: the hub's keys split among keepers, and put together.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use super::{
    export::new_file,
    settings::{self, Fault, text_in},
};
use crate::keys::{KeyFile, Share};

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
    pub(super) fn run(self) -> Result<(), Fault> {
        let keys = KeyFile::open(&self.keys.file)?;
        let shares = keys.split(self.shares, self.threshold)?;
        match &self.folder {
            Some(folder) => written(folder, &shares)?,
            None => shown(&shares)?,
        }
        let (all, needed) = (self.shares, self.threshold);
        println!("{all} shares were made; any {needed} of them recover the keys");
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
    // A pipe or a file would have all of them.
    if !screen.is_terminal() || !input.is_terminal() {
        return Err(Fault::NoTerminal);
    }
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
