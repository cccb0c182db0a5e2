//! The tally: how many elements each client has asked for, day by day; on disk before any is
//! answered, so that a restart gives nobody a second day.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::{clock::Moment, date::PartialDate};

/// Days that are kept: a year, for who looks back on it.
const DAYS: usize = 400;

/// Why nothing was counted, so that nothing is answered.
#[derive(Debug, Error)]
pub enum TallyFault {
    /// The file is not as it was written.
    #[error("the tally `{}` is not as it was written; nothing is answered before it is", .0.display())]
    Malformed(PathBuf),
    /// The system refuses to read or write it.
    #[error("the tally `{}` can't be read or written: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
}

/// Counts of elements: nothing else is known of what was asked.
#[derive(Debug)]
pub struct Tally {
    path: PathBuf,
    days: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Tally {
    /// The tally of this file, begun where there is none.
    ///
    /// # Errors
    /// Refuses a file that is not as it was written.
    pub fn open(path: &Path) -> Result<Self, TallyFault> {
        let days = match fs::read(path) {
            Ok(text) => {
                let days = serde_json::from_slice(&text);
                days.map_err(|_| TallyFault::Malformed(path.to_owned()))?
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(cause) => return Err(TallyFault::File(path.to_owned(), cause)),
        };
        Ok(Self {
            path: path.to_owned(),
            days,
        })
    }

    /// What a client has asked for on the day of a moment.
    pub fn of(&self, client: &str, now: Moment) -> u64 {
        let day = self.days.get(PartialDate::of_day(now).as_str());
        day.and_then(|day| day.get(client)).copied().unwrap_or(0)
    }

    /// Counts elements of a client, if its day has room for all of them; says what is left,
    /// or nothing where there is no room.
    ///
    /// # Errors
    /// Fails where it can't be written: then nothing is counted.
    pub fn count(
        &mut self,
        client: &str,
        elements: u32,
        a_day: u32,
        now: Moment,
    ) -> Result<Option<u64>, TallyFault> {
        let (used, most) = (self.of(client, now), u64::from(a_day));
        let sum = used.saturating_add(u64::from(elements));
        if sum > most {
            return Ok(None);
        }
        let mut days = self.days.clone();
        let day = days.entry(PartialDate::of_day(now).as_str().to_owned());
        day.or_default().insert(client.to_owned(), sum);
        while days.len() > DAYS {
            days.pop_first();
        }
        self.write(&days)
            .map_err(|cause| TallyFault::File(self.path.clone(), cause))?;
        self.days = days;
        Ok(Some(most - sum))
    }

    /// Puts the counts in the place of those that are on disk, whole or not at all.
    fn write(&self, days: &BTreeMap<String, BTreeMap<String, u64>>) -> io::Result<()> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".next");
        let beside = PathBuf::from(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(&serde_json::to_vec(days)?)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}
