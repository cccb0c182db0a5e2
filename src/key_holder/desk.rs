//! The desk: who asks is looked up, what is asked is counted, and then it is answered.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use thiserror::Error;

use super::{
    file::{HolderFile, HolderFileError},
    tally::{Tally, TallyFault},
};
use crate::{
    clock::Clock,
    same_matter::blind::{
        BlindFault, Share,
        wire::{AnsweredBatch, AskedBatch},
    },
};

/// Why the desk answers nothing.
#[derive(Debug, Error)]
pub enum DeskFault {
    /// Nobody known has this secret.
    #[error("the secret is not valid")]
    Unknown,
    /// It is no batch.
    #[error(transparent)]
    Batch(#[from] BlindFault),
    /// It is for a share that this holder does not have.
    #[error("this holder has no such share; the hub knows which it has")]
    OtherShare,
    /// The client's day is used up.
    #[error("there is no room for this batch today; it is counted in UTC days")]
    Exhausted,
    /// The file of keys.
    #[error(transparent)]
    File(#[from] HolderFileError),
    /// The tally.
    #[error(transparent)]
    Tally(#[from] TallyFault),
}

/// By what a file is known to be another one.
type Facts = Option<(u64, u64, SystemTime)>;

/// A holder at work: one batch after the other.
pub struct Desk {
    path: PathBuf,
    clock: Clock,
    books: Mutex<Books>,
}

struct Books {
    facts: Facts,
    file: HolderFile,
    shares: Vec<Share>,
    tally: Tally,
}

impl Desk {
    /// The desk of this key file, with the tally beside it.
    ///
    /// # Errors
    /// Refuses files that are not sound.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, DeskFault> {
        let facts = facts(path);
        let file = HolderFile::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            clock,
            books: Mutex::new(Books {
                facts,
                shares: file.shares()?,
                file,
                tally: Tally::open(&Self::tally(path))?,
            }),
        })
    }

    /// Where the tally of a key file is.
    pub fn tally(path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".tally");
        PathBuf::from(name)
    }

    /// Answers a batch of the client that has this secret. Blocking: it writes to disk.
    ///
    /// # Errors
    /// Answers nothing that it could not count.
    pub fn answer(&self, secret: &str, batch: &AskedBatch) -> Result<AnsweredBatch, DeskFault> {
        // A panic while it was held has changed nothing that is not on disk.
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let books = &mut *books;
        let today = facts(&self.path);
        if today != books.facts {
            // Who was dismissed is so at once; a file that can't be read answers nobody.
            books.file = HolderFile::open(&self.path)?;
            books.shares = books.file.shares()?;
            books.facts = today;
        }
        let client = books.file.client(secret).ok_or(DeskFault::Unknown)?;
        let asked = batch.read()?;
        let mut shares = books.shares.iter();
        let share = shares.find(|one| one.published().id() == batch.share);
        let share = share.ok_or(DeskFault::OtherShare)?;
        let elements = u32::try_from(asked.len()).unwrap_or(u32::MAX);
        let now = self.clock.now();
        let left = books
            .tally
            .count(&client.name, elements, client.a_day, now)?;
        let Some(left) = left else {
            tracing::warn!(client = client.name, elements, "over the day's cap");
            return Err(DeskFault::Exhausted);
        };
        let answer = AnsweredBatch::by(share, &asked)?;
        tracing::info!(client = client.name, elements, left, "evaluated");
        Ok(answer)
    }
}

fn facts(path: &Path) -> Facts {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.ino(), facts.len(), facts.modified().ok()?))
}
