//! `liaison issuer list`: the other issuers whose tokens this hub accepts.

use clap::{Args, Subcommand};

use super::settings::{Fault, Keys, Names};
use crate::keys::KeyFile;

/// Look at the other issuers (OpenID Connect) whose tokens this hub accepts.
#[derive(Debug, Subcommand)]
pub(super) enum Issuer {
    /// Read the settings and the keys as a start does, and list them: each issuer, the file
    /// of its keys, their names.
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
}

impl List {
    pub(super) fn run(self) -> Result<(), Fault> {
        let keys = KeyFile::open(&self.keys.file)?;
        let authority = self.names.authority(&keys)?;
        for (issuer, file, keys) in authority.issuers().told() {
            println!("{issuer}  {}  {}", file.display(), keys.join(" "));
        }
        Ok(())
    }
}
