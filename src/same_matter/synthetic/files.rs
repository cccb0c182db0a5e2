//! Two files of records in the place of an invented world: for who has a set of their own.

use std::collections::BTreeSet;

use super::{
    pairs::PairsError,
    record::Record,
    world::{Probe, World},
};
use crate::date::PartialDate;

/// The columns of a file, in any order; the last three may be missing.
const COLUMNS: [&str; 6] = ["person", "names", "born", "happened", "country", "language"];
/// The columns of FEBRL that are used. Its records are of one country and have no event.
const FEBRL: [&str; 4] = ["rec_id", "given_name", "surname", "date_of_birth"];
/// The State of records that name none.
const ANYWHERE: &str = "AUS";

impl World {
    /// The world of two files: the first is the docket, the second has the probes. Who has
    /// the same `person` in both is one person. Where all of the second are in the first,
    /// every second record of the docket is left out, so that there are probes without a
    /// match.
    ///
    /// # Errors
    /// Names the first line that is no record.
    pub fn between(docket: &[u8], probes: &[u8]) -> Result<Self, PairsError> {
        let (mut docket, probes) = (records(docket)?, records(probes)?);
        let known: BTreeSet<&str> = docket.iter().map(|(person, _)| person.as_str()).collect();
        if probes
            .iter()
            .all(|(person, _)| known.contains(person.as_str()))
        {
            let mut place = 0_usize;
            docket.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        let partner = |person: &str| {
            let place = docket.iter().position(|(known, _)| known == person)?;
            u32::try_from(place).ok()
        };
        let probes = probes.into_iter().map(|(person, record)| Probe {
            partner: partner(&person),
            record,
        });
        Ok(Self {
            probes: probes.collect(),
            docket: docket.into_iter().map(|(_, record)| record).collect(),
        })
    }
}

/// The records of a file, each with whose it is.
fn records(text: &[u8]) -> Result<Vec<(String, Record)>, PairsError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text);
    let header = reader.headers().map_err(|_| PairsError::Line(1))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let febrl = FEBRL.iter().all(|name| place(name).is_some());
    let [person, names, ..] = COLUMNS;
    if !febrl && (place(person).is_none() || place(names).is_none()) {
        return Err(PairsError::Line(1));
    }
    let mut records = Vec::new();
    for (number, line) in reader.records().enumerate() {
        let line = line.map_err(|_| PairsError::Line(number + 2))?;
        let value = |name: &str| {
            place(name)
                .and_then(|place| line.get(place))
                .unwrap_or_default()
        };
        records.push(if febrl {
            of_febrl(&value)
        } else {
            of_ours(&value, number + 2)?
        });
    }
    Ok(records)
}

fn of_ours<'a>(
    value: &impl Fn(&str) -> &'a str,
    line: usize,
) -> Result<(String, Record), PairsError> {
    let [person, names, born, happened, country, language] = COLUMNS.map(value);
    for date in [born, happened] {
        if !date.is_empty() && PartialDate::parse(date).is_none() {
            return Err(PairsError::Line(line));
        }
    }
    let names = names.split('|').map(str::trim);
    let record = Record {
        language: if language.is_empty() { "und" } else { language }.to_owned(),
        country: if country.is_empty() {
            ANYWHERE
        } else {
            country
        }
        .to_owned(),
        spellings: names.map(str::to_owned).collect(),
        born: born.to_owned(),
        happened: happened.to_owned(),
        held_out: false,
    };
    Ok((person.to_owned(), record))
}

/// A record of FEBRL: `rec-12-org` and `rec-12-dup-0` are one person.
fn of_febrl<'a>(value: &impl Fn(&str) -> &'a str) -> (String, Record) {
    let [id, given, surname, born] = FEBRL.map(value);
    let mut parts = id.split('-');
    let person = format!(
        "{}-{}",
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default()
    );
    let part = |from: usize, to: usize| born.get(from..to).unwrap_or_default();
    let whole = format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8));
    // A date that is mistyped to none may still have its year.
    let born = [whole.as_str(), part(0, 4)]
        .into_iter()
        .find(|text| PartialDate::parse(text).is_some());
    let record = Record {
        language: "en".to_owned(),
        country: ANYWHERE.to_owned(),
        spellings: vec![format!("{given} {surname}")],
        born: born.unwrap_or_default().to_owned(),
        happened: String::new(),
        held_out: false,
    };
    (person, record)
}
