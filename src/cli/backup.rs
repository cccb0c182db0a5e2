//! `liaison backup` and `liaison restore`: main database and key store, each by itself.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    after::After,
    export::new_file,
    settings::{Database, Fault, Keys},
};
use crate::{
    clock::{Clock, Moment},
    journal::Note,
    keys::KeyFile,
    store::{
        backup::{self, Closed, Content, CopyError, Part},
        key_store::RETENTION,
        restored::Mended,
    },
};

/// Files of a backup.
const DATA: &str = "database";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
/// What is signed begins with this, so that it is taken for nothing else.
const CONTEXT: &[u8] = b"liaison/backup/1\n";
/// No manifest is as long.
const LONGEST: u64 = 1 << 20;

/// Back one of the two databases up.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Which of the two databases.
    part: What,
    /// The folder to make, readable by you alone.
    folder: PathBuf,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

/// Restore a backup.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Restore {
    #[command(subcommand)]
    after: Option<After>,
    /// The folder of the backup, of the main database or of the key store.
    #[arg(required = true)]
    folder: Option<PathBuf>,
    /// The latest copy of the log that was kept elsewhere (`liaison audit copy`): the log goes
    /// on where it ends.
    #[arg(long, conflicts_with = "new_log")]
    log: Option<PathBuf>,
    /// What witnesses have signed last: a file with checkpoints as `liaison audit witnessed` prints
    /// them, or the `.head` file of a witness's folder; several, where it is said again. The log
    /// goes on only where the copy has all of that.
    #[arg(long, requires = "log", value_name = "FILE")]
    witnessed: Vec<PathBuf>,
    /// There is no later copy of the log: begin a log of another name, so that whoever has kept a
    /// checkpoint of the former one is not told another end of it.
    #[arg(long)]
    new_log: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

/// A database, as it is named on the command line.
#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum What {
    /// The records, the log, whatever is sealed.
    Main,
    /// The keys of persons' files.
    KeyStore,
}

/// What a backup says of itself.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    part: What,
    sqlite: bool,
    /// In milliseconds since the start of 1970, and in words.
    made: i64,
    made_at: String,
    /// What the hub that made it is known by.
    hub: String,
    migrations: Vec<String>,
    rows: BTreeMap<String, i64>,
    bytes: u64,
    sha256: String,
}

/// Why a backup was not made, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// The database, or a file.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// It is no backup, or not whole.
    #[error("`{0}` is no backup, or is damaged: {1}")]
    Damaged(String, &'static str),
    /// Another hub's.
    #[error("the backup was made by another hub: its keys are not those in this key file")]
    Foreign,
    /// Another version's.
    #[error(
        "the backup was made by another version: restore it with that one, then bring it up to date with `liaison migrate`"
    )]
    OtherVersion,
    /// Too old.
    #[error(
        "this backup of the key store was made {0}, more than 30 days ago, and would bring back keys that were destroyed"
    )]
    TooOld(Moment),
    /// It is not said how the log goes on.
    #[error(
        "say how the log goes on: `--log FILE` with the latest copy of it (`liaison audit copy`), or `--new-log` where there is none"
    )]
    WhichLog,
}

impl What {
    const fn part(self) -> Part {
        match self {
            Self::Main => Part::Main,
            Self::KeyStore => Part::KeyStore,
        }
    }

    fn url(self, database: &Database) -> Result<String, Fault> {
        Ok(match self {
            Self::Main => database.url.clone(),
            Self::KeyStore => database.key_store()?,
        })
    }
}

impl Backup {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let keys = KeyFile::open(&self.keys.file)?;
        let url = self.part.url(&self.database)?;
        let of = |cause| fault(&self.folder, cause);
        DirBuilder::new()
            .mode(0o700)
            .create(&self.folder)
            .map_err(of)?;
        let made = self.made(&keys, &url).await;
        if made.is_err() {
            // What is begun is no backup.
            let _ = fs::remove_dir_all(&self.folder);
        }
        let manifest = made?;
        let rows: i64 = manifest.rows.values().sum();
        println!(
            "wrote {rows} rows of {} tables, {} bytes, to {}",
            manifest.rows.len(),
            manifest.bytes,
            self.folder.display()
        );
        if self.part == What::KeyStore {
            println!(
                "destroy it within 30 days: what is erased in the hub is erased in it only then"
            );
        }
        Ok(())
    }

    async fn made(&self, keys: &KeyFile, url: &str) -> Result<Manifest, Fault> {
        let of = |cause| fault(&self.folder, cause);
        let now = Clock::system().now();
        let data = self.folder.join(DATA);
        new_file(&data).map_err(of)?;
        let Content { migrations, rows } =
            backup::write(url, &data).await.map_err(BackupFault::from)?;
        let (bytes, sha256) = digest_of(&data).map_err(of)?;
        let manifest = Manifest {
            part: self.part,
            sqlite: backup::is_file(url),
            made: now.millis(),
            made_at: now.rfc3339(),
            hub: hex(&mark(keys, b"hub")),
            migrations,
            rows,
            bytes,
            sha256,
        };
        let text = serde_json::to_vec_pretty(&manifest)
            .map_err(io::Error::from)
            .map_err(of)?;
        let signature = mark(keys, &text);
        for (name, bytes) in [
            (MANIFEST, text.as_slice()),
            (SIGNATURE, signature.as_slice()),
        ] {
            let mut file = new_file(&self.folder.join(name)).map_err(of)?;
            file.write_all(bytes)
                .and_then(|()| file.sync_all())
                .map_err(of)?;
        }
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(of)?;
        Ok(manifest)
    }
}

impl Restore {
    pub(super) async fn run(mut self) -> Result<(), Fault> {
        if let Some(after) = self.after.take() {
            return after.run().await;
        }
        let keys = KeyFile::open(&self.keys.file)?;
        let manifest = self.trusted(&keys)?;
        let (part, made) = (manifest.part, Moment::from_millis(manifest.made));
        let now = Clock::system().now();
        let url = part.url(&self.database)?;
        if manifest.migrations != backup::migrations(part.part()) {
            return Err(BackupFault::OtherVersion.into());
        }
        if manifest.sqlite != backup::is_file(&url) {
            return Err(BackupFault::Copy(CopyError::OtherKind).into());
        }
        if part == What::KeyStore && made < now.plus_seconds(-RETENTION) {
            return Err(BackupFault::TooOld(made).into());
        }
        if part == What::Main && self.log.is_none() && !self.new_log {
            return Err(BackupFault::WhichLog.into());
        }
        backup::is_empty(&url).await.map_err(BackupFault::from)?;
        let closed = self.restored(&manifest, &url, (made, now)).await;
        if closed.is_err() {
            backup::take_away(&url).await;
        }
        let closed = closed?;
        println!(
            "restored the backup of {made}: {} rows",
            manifest.rows.values().sum::<i64>()
        );
        if let Some(closed) = closed {
            self.told(&closed);
        }
        Ok(())
    }

    /// The folder of the backup: there is one where nothing else is to be done.
    fn folder(&self) -> &Path {
        self.folder.as_deref().unwrap_or(Path::new(""))
    }

    /// The manifest, when everything in the folder is as it was written by this hub.
    fn trusted(&self, keys: &KeyFile) -> Result<Manifest, Fault> {
        let damaged = |why| BackupFault::Damaged(self.folder().display().to_string(), why);
        let of = |cause| fault(self.folder(), cause);
        let text = short(&self.folder().join(MANIFEST)).map_err(of)?;
        let signature = short(&self.folder().join(SIGNATURE)).map_err(of)?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|_| damaged("its manifest can't be read"))?;
        if manifest.hub != hex(&mark(keys, b"hub")) {
            return Err(BackupFault::Foreign.into());
        }
        if signature != mark(keys, &text) {
            return Err(damaged("its manifest is not as it was signed").into());
        }
        let data = digest_of(&self.folder().join(DATA)).map_err(of)?;
        if data != (manifest.bytes, manifest.sha256.clone()) {
            return Err(damaged("its database is not as it was written").into());
        }
        Ok(manifest)
    }

    async fn restored(
        &self,
        manifest: &Manifest,
        url: &str,
        times: (Moment, Moment),
    ) -> Result<Option<Closed>, Fault> {
        let fault = BackupFault::from;
        let (place, content) = backup::read(url, &self.folder().join(DATA))
            .await
            .map_err(fault)?;
        if content.rows != manifest.rows || content.migrations != manifest.migrations {
            let folder = self.folder().display().to_string();
            return Err(BackupFault::Damaged(folder, "not all of its rows came").into());
        }
        let mut closed = None;
        if manifest.part == What::Main {
            // Before anything can be served: no token that was signed before is accepted.
            KeyFile::replace_signing(&self.keys.file, times.1)?;
            if self.new_log {
                KeyFile::replace_checkpoint(&self.keys.file)?;
            }
            let keys = Arc::new(KeyFile::open(&self.keys.file)?);
            let key_store = self.database.key_store().ok();
            let witnessed = self.witnessed()?;
            let log = (self.log.as_deref(), witnessed.as_slice());
            let done = backup::close(&place, &keys, key_store.as_deref(), log, times).await;
            closed = Some(done.map_err(fault)?);
        }
        backup::put_in_place(url).map_err(fault)?;
        Ok(closed)
    }

    /// What witnesses have signed last.
    fn witnessed(&self) -> Result<Vec<Note>, Fault> {
        let mut all = Vec::new();
        for path in &self.witnessed {
            let text = fs::read_to_string(path).map_err(|cause| fault(path, cause))?;
            let notes = Note::all_in(&text);
            all.extend(notes.map_err(|cause| Fault::Note(path.display().to_string(), cause))?);
        }
        Ok(all)
    }

    /// Says what came back, and what is to be done before the hub is opened to others.
    fn told(&self, closed: &Closed) {
        let Closed {
            grants,
            mappings,
            erased,
            carried,
            mended,
        } = closed;
        println!(
            "every token that was issued before is refused; {mappings} subjects of other issuers are mapped no more"
        );
        println!(
            "{grants} leaves to open persons' files were ended: give them anew, each after asking whether the consent it rests on still stands"
        );
        match erased {
            None => println!(
                "there is no key store: restore its latest backup before the hub is served"
            ),
            Some(0) => println!("each person's file has its key"),
            Some(many) => println!(
                "{many} persons' files were erased since, and do not open: retire them, so that the rest is expunged"
            ),
        }
        if self.new_log {
            println!(
                "the log has a new name; give its key (`liaison audit key`) to whoever keeps checkpoints, and keep the former log's"
            );
        } else if carried.kinds.is_empty() {
            println!("the copy of the log has nothing later than the backup");
        } else {
            println!("of the time since, the log has:");
            for (kind, many) in &carried.kinds {
                let kind = if kind.is_empty() { "(erased)" } else { kind };
                println!("  {many} {kind}");
            }
        }
        if let Some(ends) = carried.ends {
            println!("the copy of the log ends at {ends}: what was done later is on no list");
        }
        let Mended {
            done,
            left,
            waiting,
        } = mended;
        println!(
            "{done} acts that closed something were done again, or more than them; {left} are left to be looked at, \
             and {waiting} mechanisms have to confirm (`liaison restore list`)"
        );
        println!("the hub is closed until `liaison restore confirm`");
        println!(
            "keep a copy of {} apart: it has changed",
            self.keys.file.display()
        );
    }
}

/// How long a file is, and its hash.
fn digest_of(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut part) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
        hash.update(part.get(..read).unwrap_or_default());
    }
    let hash = hash.finalize();
    Ok((bytes, hex(&hash)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What only the holder of the hub's audit key can write beside a text: that key stays when
/// the others change, and is recovered from its shares.
fn mark(keys: &KeyFile, text: &[u8]) -> [u8; 32] {
    // INVARIANT: HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(keys.audit().bytes()) else {
        return [0; 32];
    };
    mac.update(CONTEXT);
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The bytes of a file that is short.
fn short(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn fault(path: &Path, cause: io::Error) -> Fault {
    Fault::File {
        path: path.display().to_string(),
        cause,
    }
}
