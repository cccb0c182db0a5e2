//! A docket as a file on its own machine: read, made into keys, and shown to nobody.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    same_matter::{MatchKey, NORMALISATION, Use, Victim, used_keys},
};

/// Letters of a handle.
const HANDLE: usize = 64;
/// From so many letters on, a word of a name in a handle is no chance.
const WORD: usize = 3;

/// Why a docket can't be read; nothing of a name is in it.
#[derive(Debug, Error)]
pub enum LineFault {
    /// The file.
    #[error("it can't be read: {0}")]
    File(#[from] std::io::Error),
    /// It is no such CSV.
    #[error(
        "line {0} is none of a docket, whose columns are handle, countries, names, born, happened"
    )]
    Columns(u64),
    /// A handle.
    #[error(
        "line {0}: the handle is told to the hub: a file number with a digit, of letters, digits and `-`, `_`, `.`, `/`, without a word of the name"
    )]
    Handle(u64),
    /// A State.
    #[error(
        "line {0}: countries are ISO alpha-3 codes with bars between, the same on each line of a handle"
    )]
    Country(u64),
    /// A date.
    #[error(
        "line {0}: a date is 1984, 1984-03, 1984-03-12, two of them with a stroke between, or nothing"
    )]
    Date(u64),
    /// No keys.
    #[error("line {0}: without a name and a date there is nothing to compare")]
    NoKeys(u64),
}

/// A line of the file.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Line {
    handle: String,
    countries: String,
    names: String,
    born: String,
    happened: String,
}

/// A matter of the docket.
pub(super) struct Matter {
    /// The mechanism's own file number.
    pub(super) handle: String,
    /// The States that it is against.
    pub(super) countries: Vec<CountryCode>,
    /// The persons concerned.
    pub(super) persons: Vec<Person>,
    keys: Vec<MatchKey>,
    digest: Sha256,
}

/// A person of a matter, as keys.
pub(super) struct Person {
    /// For each key, whether it is found by others, and whether it is asked for.
    pub(super) uses: Vec<Use>,
}

impl Matter {
    /// The keys of all its persons, one after the other.
    pub(super) fn keys(&self) -> &[MatchKey] {
        &self.keys
    }

    /// What it is known by when it comes again unchanged.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    fn add(&mut self, line: &Line, at: u64) -> Result<(), LineFault> {
        let spellings: Vec<&str> = parts(&line.names).collect();
        let date = |text: &str| match text.trim() {
            "" => Ok(None),
            text => PartialDate::parse(text)
                .map(Some)
                .ok_or(LineFault::Date(at)),
        };
        let (born, happened) = (date(&line.born)?, date(&line.happened)?);
        let victim = Victim {
            spellings: &spellings,
            born: born.as_ref(),
            happened: happened.as_ref(),
            countries: &self.countries,
        };
        let uses = used_keys(&victim, true);
        if uses.is_empty() {
            return Err(LineFault::NoKeys(at));
        }
        let (keys, uses): (Vec<MatchKey>, Vec<Use>) = uses.into_iter().unzip();
        for key in &keys {
            self.digest.update(Sha256::digest(key.bytes()));
        }
        self.keys.extend(keys);
        self.persons.push(Person { uses });
        Ok(())
    }
}

/// The matters of a file, in the order of their handles.
pub(super) fn read(path: &Path) -> Result<Vec<Matter>, LineFault> {
    let text = Zeroizing::new(fs::read(path)?);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(without_mark(&text));
    let mut matters: BTreeMap<String, Matter> = BTreeMap::new();
    for line in reader.deserialize::<Line>() {
        // The reader's own error may quote a name; its place does not.
        let line = line
            .map_err(|fault| LineFault::Columns(fault.position().map_or(1, csv::Position::line)))?;
        let at = 2 + matters.values().map(|one| one.persons.len()).sum::<usize>();
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        if !is_handle(&line) {
            return Err(LineFault::Handle(at));
        }
        let countries: Option<Vec<CountryCode>> =
            parts(&line.countries).map(CountryCode::parse).collect();
        let countries = countries.filter(|all| !all.is_empty());
        let countries = countries.ok_or(LineFault::Country(at))?;
        let matter = matters
            .entry(line.handle.clone())
            .or_insert_with(|| Matter {
                handle: line.handle.clone(),
                countries: countries.clone(),
                persons: Vec::new(),
                keys: Vec::new(),
                digest: Sha256::new().chain_update(NORMALISATION),
            });
        if matter.countries != countries {
            return Err(LineFault::Country(at));
        }
        matter.add(&line, at)?;
    }
    Ok(matters.into_values().collect())
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split('|')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// What some programs write before the first letter of a file.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Whether a handle is a number, and nothing of a name.
fn is_handle(line: &Line) -> bool {
    let handle = &line.handle;
    let is_letter =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/');
    if !(1..=HANDLE).contains(&handle.len())
        || !handle.chars().all(is_letter)
        || !handle.chars().any(|letter| letter.is_ascii_digit())
    {
        return false;
    }
    let handle = Zeroizing::new(handle.to_lowercase());
    let names = Zeroizing::new(line.names.to_lowercase());
    let mut words = names.split(|letter: char| !letter.is_alphanumeric());
    !words.any(|word| word.chars().count() >= WORD && handle.contains(word))
}
