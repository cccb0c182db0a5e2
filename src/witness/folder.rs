//! A witness's folder: its key, the last head of each log, and what speaks against a hub.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    clock::Moment,
    journal::{Cosigner, LogKey, Note, WitnessKey, tile::Tile},
    keys::{KeyFileError, witness},
};

/// The key's file.
const KEY: &str = "witness.key";
/// What a head's file ends with.
const HEAD: &str = "head";
/// The file that says that a log is not signed any more, and where the evidence is.
const REFUSED: &str = "refused";
/// The head that the hub has shown, among the evidence.
const SHOWN: &str = "shown.note";

/// Why a witness's folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The system refuses to read or write.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Of what.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Another run is under way.
    #[error("another run of this witness is under way")]
    Busy,
    /// A head is not as it was written.
    #[error("`{}` is not a head as this witness writes it; look what has happened to it", .0.display())]
    NoHead(PathBuf),
}

/// A witness's folder, for as long as it is used; nobody else uses it meanwhile.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    cosigner: Cosigner,
    _lock: File,
}

/// What a witness has to say of one log.
#[derive(Debug)]
pub struct Seen {
    /// The head that it has signed last.
    pub head: Note,
    /// When.
    pub at: Option<Moment>,
    /// Where the evidence is, if it signs this log no more.
    pub refused: Option<PathBuf>,
}

impl Folder {
    /// Makes a folder with a new key.
    ///
    /// # Errors
    /// Refuses to replace a key.
    pub fn create(path: &Path, name: &str) -> Result<WitnessKey, FolderFault> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|cause| of(path, cause))?;
        Ok(witness::create(&path.join(KEY), name)?)
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// Refuses one that is in use, and a key that others can read.
    pub fn open(path: &Path) -> Result<Self, FolderFault> {
        let cosigner = witness::open(&path.join(KEY))?;
        let lock = path.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock);
        let file = file.map_err(|cause| of(&lock, cause))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(FolderFault::Busy),
            Err(fs::TryLockError::Error(cause)) => return Err(of(&lock, cause)),
        }
        Ok(Self {
            path: path.to_owned(),
            cosigner,
            _lock: file,
        })
    }

    /// The witness.
    pub fn cosigner(&self) -> &Cosigner {
        &self.cosigner
    }

    /// What is known of a log; `None` where it was never seen.
    ///
    /// # Errors
    /// Refuses what is not as it was written: a witness that has forgotten is none.
    pub fn seen(&self, log: &LogKey) -> Result<Option<Seen>, FolderFault> {
        let path = self.file(log, HEAD);
        let Some(text) = there(&path)? else {
            return Ok(None);
        };
        let head = text.parse::<Note>().ok();
        let at = head
            .as_ref()
            .and_then(|head| head.cosigned_by(&self.cosigner.key()));
        let head = head.filter(|head| head.is_signed_by(log));
        let head = head.ok_or(FolderFault::NoHead(path))?;
        let refused = there(&self.file(log, REFUSED))?;
        let refused = refused.map(|path| PathBuf::from(path.trim_end()));
        Ok(Some(Seen { head, at, refused }))
    }

    /// Every head, each with the name of its log.
    ///
    /// # Errors
    /// Fails where the folder can't be read.
    pub fn all(&self) -> Result<Vec<Seen>, FolderFault> {
        let failed = |cause| of(&self.path, cause);
        let mut all = Vec::new();
        let mut files = Vec::new();
        for file in fs::read_dir(&self.path).map_err(failed)? {
            files.push(file.map_err(failed)?.path());
        }
        files.sort();
        for file in files
            .iter()
            .filter(|file| file.extension() == Some(HEAD.as_ref()))
        {
            let text = there(file)?.unwrap_or_default();
            let head = text.parse::<Note>();
            let head = head.map_err(|_| FolderFault::NoHead(file.clone()))?;
            let at = head.cosigned_by(&self.cosigner.key());
            let refused = there(&file.with_extension(REFUSED))?;
            let refused = refused.map(|path| PathBuf::from(path.trim_end()));
            all.push(Seen { head, at, refused });
        }
        Ok(all)
    }

    /// Keeps a head: when this returns, it outlives a loss of power.
    ///
    /// # Errors
    /// Fails where it can't be written; then the one before is still there.
    pub fn keep(&self, log: &LogKey, head: &Note) -> Result<(), FolderFault> {
        put(&self.file(log, HEAD), head.to_string().as_bytes())
    }

    /// Keeps what speaks against a hub, and signs its log no more; says where it is.
    ///
    /// # Errors
    /// Fails where it can't be written.
    pub fn accuse(
        &self,
        (log, why, at): (&LogKey, &str, Moment),
        (kept, shown): (&Note, &Note),
        tiles: &[(Tile, Vec<u8>)],
    ) -> Result<PathBuf, FolderFault> {
        let name = at.rfc3339().replace(':', "");
        let folder = self.path.join("evidence").join(name);
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        made.map_err(|cause| of(&folder, cause))?;
        put(&folder.join("kept.note"), kept.to_string().as_bytes())?;
        put(&folder.join(SHOWN), shown.to_string().as_bytes())?;
        put(&folder.join("why.txt"), format!("{at}: {why}\n").as_bytes())?;
        for (tile, bytes) in tiles {
            let name = format!("tile-{}", tile.path().replace('/', "-"));
            put(&folder.join(name), bytes)?;
        }
        let told = format!("{}\n", folder.display());
        put(&self.file(log, REFUSED), told.as_bytes())?;
        Ok(folder)
    }

    /// Goes on from the head that the hub has shown, on the word of an officer. The evidence
    /// stays, with the word beside it; `false` where there is nothing to be acknowledged.
    ///
    /// # Errors
    /// Fails where the folder can't be read or written.
    pub fn acknowledge(&self, log: &LogKey, word: &str, at: Moment) -> Result<bool, FolderFault> {
        let marker = self.file(log, REFUSED);
        let Some(folder) = there(&marker)? else {
            return Ok(false);
        };
        let folder = PathBuf::from(folder.trim_end());
        let shown = folder.join(SHOWN);
        let head = there(&shown)?.and_then(|text| text.parse::<Note>().ok());
        let head = head.filter(|head| head.is_signed_by(log));
        let head = head.ok_or(FolderFault::NoHead(shown))?;
        let said = format!("{at}: {word}\n");
        put(&folder.join("acknowledged.txt"), said.as_bytes())?;
        self.keep(log, &head)?;
        fs::remove_file(&marker).map_err(|cause| of(&marker, cause))?;
        Ok(true)
    }

    /// The file of a log: its name as far as it can be one of a file, and what tells it apart.
    fn file(&self, log: &LogKey, ends: &str) -> PathBuf {
        let letters = log.name().chars().map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => letter,
            _ => '_',
        });
        let name: String = letters.take(100).collect();
        let hash = Sha256::digest(log.to_string());
        let hash = hash.iter().take(4).map(|byte| format!("{byte:02x}"));
        let hash: String = hash.collect();
        self.path.join(format!("{name}-{hash}.{ends}"))
    }
}

/// The text of a file, if it is there.
fn there(path: &Path) -> Result<Option<String>, FolderFault> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(of(path, cause)),
    }
}

/// Writes a file whole, in the place of one that was there.
fn put(path: &Path, bytes: &[u8]) -> Result<(), FolderFault> {
    let write = || {
        let mut name = path.as_os_str().to_owned();
        name.push(".next");
        let next = PathBuf::from(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&next)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&next, path)?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|cause| of(path, cause))
}

fn of(path: &Path, cause: io::Error) -> FolderFault {
    FolderFault::Io {
        path: path.to_owned(),
        cause,
    }
}
