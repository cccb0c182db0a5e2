//! Pairs of records as a text: one pair a line, so that a trial needs no generator.
//!
//! `1` or `0` (one person or two), then twice: language, State, date of birth, date of the
//! event, `h` where a channel that is held out was used, spellings between bars; all between
//! tabs.

use std::io::{Cursor, Read, Write};

use thiserror::Error;
use zip::{ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{
    record::Record,
    world::{Probe, World},
};

/// 3,000 pairs of invented records, half of them of one person.
const FIXTURE: &[u8] = include_bytes!("pairs-3000.zip");
/// The file in the archive.
const NAME: &str = "pairs-3000.tsv";
/// More than any set of pairs has.
const MOST_BYTES: u64 = 64 << 20;

/// Why pairs cannot be read or written.
#[derive(Debug, Error)]
pub enum PairsError {
    /// The archive is none.
    #[error("the archive of pairs can't be read: {0}")]
    Archive(#[from] ZipError),
    /// The file.
    #[error("the pairs can't be read: {0}")]
    File(#[from] std::io::Error),
    /// A line has other columns.
    #[error("line {0} of the pairs or records has not the columns that it needs")]
    Line(usize),
}

impl World {
    /// The pairs that the hub is delivered with.
    ///
    /// # Errors
    /// Where the archive is damaged; a test shows that it is not.
    pub fn fixture() -> Result<Self, PairsError> {
        let mut archive = ZipArchive::new(Cursor::new(FIXTURE))?;
        let mut text = String::new();
        archive
            .by_name(NAME)?
            .take(MOST_BYTES)
            .read_to_string(&mut text)?;
        Self::from_pairs(&text)
    }

    /// The world of these pairs: the first records are the docket, the second the probes.
    ///
    /// # Errors
    /// Names the first line that is no pair.
    pub fn from_pairs(text: &str) -> Result<Self, PairsError> {
        let mut world = Self {
            docket: Vec::new(),
            probes: Vec::new(),
        };
        for (number, line) in text.lines().enumerate() {
            let fault = || PairsError::Line(number + 1);
            let mut columns = line.split('\t');
            let same = match columns.next() {
                Some("1") => true,
                Some("0") => false,
                Some(_) | None => return Err(fault()),
            };
            let kept = read(&mut columns).ok_or_else(fault)?;
            let asked = read(&mut columns).ok_or_else(fault)?;
            if columns.next().is_some() {
                return Err(fault());
            }
            let partner = if same {
                u32::try_from(number).ok()
            } else {
                None
            };
            world.docket.push(kept);
            world.probes.push(Probe {
                record: asked,
                partner,
            });
        }
        Ok(world)
    }

    /// The pairs of a world of as many records as probes.
    pub fn to_pairs(&self) -> String {
        let mut text = String::new();
        for (kept, probe) in self.docket.iter().zip(&self.probes) {
            text.push(if probe.partner.is_some() { '1' } else { '0' });
            write(kept, &mut text);
            write(&probe.record, &mut text);
            text.push('\n');
        }
        text
    }

    /// The pairs as the archive that the hub is delivered with.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn to_archive(&self) -> Result<Vec<u8>, PairsError> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(
            NAME,
            SimpleFileOptions::default().compression_level(Some(9)),
        )?;
        archive.write_all(self.to_pairs().as_bytes())?;
        Ok(archive.finish()?.into_inner())
    }

    /// The same world with at most so many spellings of each name on file.
    #[must_use]
    pub fn with_spellings(mut self, most: usize) -> Self {
        let probes = self.probes.iter_mut().map(|probe| &mut probe.record);
        for record in self.docket.iter_mut().chain(probes) {
            record.spellings.truncate(most);
        }
        self
    }
}

fn read<'a>(columns: &mut impl Iterator<Item = &'a str>) -> Option<Record> {
    let mut next = || columns.next().map(str::to_owned);
    Some(Record {
        language: next()?,
        country: next()?,
        born: next()?,
        happened: next()?,
        held_out: next()? == "h",
        spellings: next()?.split('|').map(str::to_owned).collect(),
    })
}

fn write(record: &Record, text: &mut String) {
    let held_out = if record.held_out { "h" } else { "" };
    let spellings = record.spellings.join("|");
    for column in [
        record.language.as_str(),
        &record.country,
        &record.born,
        &record.happened,
        held_out,
        &spellings,
    ] {
        text.push('\t');
        text.push_str(column);
    }
}
