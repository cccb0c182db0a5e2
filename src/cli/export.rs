//! `liaison export`: a list as a file, for whoever may ask for it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::settings::{Database, Fault, Keys, Names, token_in};
use crate::{
    clock::Clock,
    export::{ExportError, Format, List, MOST, export},
    http::{self, Credential},
    hub::Hub,
    keys::KeyFile,
    vocabulary::codes::Coded,
};

/// Export the records of a kind, as far as your token lets you see them.
///
/// It is asked of the hub as a query is: what you are not told is an empty cell. A cell
/// that a spreadsheet would take for a formula begins with an apostrophe.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The file with your token, which nobody else may be able to read; without it, what is
    /// public is exported.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// The kind of records: country, mechanism, focal_point, work_plan, agreement, document
    /// or communication; or audit_entry, for what was done to records of your mechanism.
    #[arg(long)]
    kind: String,
    /// The form: csv, jsonl, xlsx, or, for work plans and agreements, ics (a calendar).
    #[arg(long, default_value = "csv")]
    format: String,
    /// The file to write, readable by you alone; standard output where none is given.
    #[arg(long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let list = List::from_code(&self.kind).ok_or_else(|| Fault::Kind(self.kind.clone()))?;
        let format = Format::from_code(&self.format);
        let format = format.ok_or_else(|| Fault::Form(self.format.clone()))?;
        let token = self.token_file.as_deref().map(token_in).transpose()?;
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let authority = Arc::new(self.names.authority(&keys)?);
        let store = self.database.open(&self.keys, keys).await?;
        let hub = Hub::new(store, authority, Clock::system());
        let credential = token.as_deref().map(|token| Credential {
            token,
            bound: false,
            proof: None,
        });
        let viewer = http::Hub::viewer(&hub, credential, "", None).await;
        let viewer = viewer.map_err(ExportError::from)?;
        let file = export(&hub, viewer, (list, format), MOST).await?;
        match &self.output {
            Some(path) => written(path, &file),
            None => std::io::stdout()
                .write_all(&file)
                .map_err(|cause| Fault::File {
                    path: "standard output".to_owned(),
                    cause,
                }),
        }
    }
}

fn written(path: &Path, file: &[u8]) -> Result<(), Fault> {
    let made = new_file(path).and_then(|mut made| made.write_all(file));
    made.map_err(|cause| Fault::File {
        path: path.display().to_string(),
        cause,
    })
}

/// A new file that nobody else can read; one that is there is not written over.
pub(super) fn new_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
