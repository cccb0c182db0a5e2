//! Structural zeros: places of a docket where nobody can be, whatever the docket holds.
//!
//! Who knows the procedure knows them, such as which States are no party to it, and counts
//! with them. A list is a CSV file, `country,rights,outcome,from,to`: what is empty is any,
//! and at least one of the first three is given.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{
    quarter::Quarter,
    table::{Atom, Place},
};
use crate::{
    confidentiality::facts::CountryCode,
    vocabulary::{Coded, RightsCluster, StatisticOutcome},
};

/// The columns of a list's file.
pub const COLUMNS: [&str; 5] = ["country", "rights", "outcome", "from", "to"];
/// Rows of a list at most.
const MOST: usize = 2_000;

/// Where nobody can be: what is `None` is any.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Zero {
    /// The State, as an ISO alpha-3 code.
    pub country: Option<String>,
    /// Code of the cluster of rights.
    pub rights: Option<String>,
    /// Code of the outcome.
    pub outcome: Option<String>,
    /// From this quarter on.
    pub from: Option<Quarter>,
    /// Up to this quarter.
    pub to: Option<Quarter>,
}

/// A list as it is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZeroList(Vec<Zero>);

/// Why a file is no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZeroListError {
    /// It has other columns.
    #[error("its first line is `country,rights,outcome,from,to`")]
    Columns,
    /// A row is none.
    #[error("line {0}: {1}")]
    Row(usize, &'static str),
    /// It is too long.
    #[error("it has more than {MOST} rows")]
    TooLong,
}

impl Zero {
    /// Whether nobody is in this place, for all that is known of it.
    fn covers(&self, place: &Place<'_>) -> bool {
        let fits = |zero: &Option<String>, here: &str| zero.as_ref().is_none_or(|at| at == here);
        fits(&self.country, place.country)
            && fits(&self.rights, place.rights)
            && fits(&self.outcome, place.outcome)
            && self.from.is_none_or(|from| from <= place.quarter)
            && self.to.is_none_or(|to| place.quarter <= to)
    }

    fn read(cells: &[&str]) -> Result<Self, &'static str> {
        let [country, rights, outcome, from, to] = cells else {
            return Err("it has five cells");
        };
        let some = |text: &&str| Some((*text).to_owned()).filter(|text| !text.is_empty());
        let quarter = |text: &str| match text {
            "" => Ok(None),
            text => Quarter::parse(text)
                .map(Some)
                .ok_or("`from` and `to` are quarters, such as `2025-Q1`"),
        };
        let zero = Self {
            country: some(country),
            rights: some(rights),
            outcome: some(outcome),
            from: quarter(from)?,
            to: quarter(to)?,
        };
        let is_none = |code: &Option<String>, known: fn(&str) -> bool| {
            code.as_ref().is_some_and(|code| !known(code))
        };
        if is_none(&zero.country, |code| CountryCode::parse(code).is_some()) {
            return Err("`country` is an ISO alpha-3 code");
        }
        if is_none(&zero.rights, |code| {
            RightsCluster::from_code(code).is_some()
        }) {
            return Err("`rights` is no cluster of rights");
        }
        if is_none(&zero.outcome, |code| {
            StatisticOutcome::from_code(code).is_some()
        }) {
            return Err("`outcome` is no outcome");
        }
        if zero.country.is_none() && zero.rights.is_none() && zero.outcome.is_none() {
            return Err("it says nowhere in particular");
        }
        Ok(zero)
    }

    fn row(&self) -> String {
        let text = |code: &Option<String>| code.clone().unwrap_or_default();
        let quarter = |at: Option<Quarter>| at.map(|at| at.to_string()).unwrap_or_default();
        format!(
            "{},{},{},{},{}\n",
            text(&self.country),
            text(&self.rights),
            text(&self.outcome),
            quarter(self.from),
            quarter(self.to),
        )
    }
}

impl ZeroList {
    /// Reads a list's file: codes and quarters, of which none is quoted.
    ///
    /// # Errors
    /// Names the line that is none.
    pub fn read(text: &str) -> Result<Self, ZeroListError> {
        let mut lines = (1..).zip(text.lines());
        let columns = lines.next().map(|(_, line)| line.trim().split(','));
        if !columns.is_some_and(|columns| columns.eq(COLUMNS)) {
            return Err(ZeroListError::Columns);
        }
        let mut zeros = BTreeSet::new();
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let zero = Zero::read(&cells).map_err(|why| ZeroListError::Row(number, why))?;
            zeros.insert(zero);
        }
        if zeros.len() > MOST {
            return Err(ZeroListError::TooLong);
        }
        Ok(Self(zeros.into_iter().collect()))
    }

    /// Its rows, in the one order that they have.
    pub fn rows(&self) -> &[Zero] {
        &self.0
    }

    /// What it is cited by: the same for the same rows.
    pub fn version(&self) -> String {
        let rows: String = self.0.iter().map(Zero::row).collect();
        let hash = Sha256::digest(rows);
        hash.iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The lists in force, by code of the mechanism and State: what holds for any State is
/// under `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zeros(BTreeMap<String, BTreeMap<Option<String>, Vec<Zero>>>);

impl Zeros {
    /// Adds the list of a mechanism.
    pub fn add(&mut self, mechanism: &str, zeros: impl IntoIterator<Item = Zero>) {
        let of = self.0.entry(mechanism.to_owned()).or_default();
        for zero in zeros {
            of.entry(zero.country.clone()).or_default().push(zero);
        }
    }

    /// Whether nobody can be in a place.
    pub fn cover(&self, place: &Place<'_>) -> bool {
        let Some(of) = self.0.get(place.mechanism) else {
            return false;
        };
        let named = of.get(&Some(place.country.to_owned()));
        let any = of.get(&None);
        let mut all = named.into_iter().chain(any).flatten();
        all.any(|zero| zero.covers(place))
    }

    /// The first of some parts of a docket that is where nobody can be.
    pub fn contradicted<'a>(&self, atoms: &'a [Atom]) -> Option<&'a Atom> {
        let mut some = atoms.iter().filter(|atom| atom.persons > 0);
        some.find(|atom| self.cover(&atom.place()))
    }

    /// Quarters at which something begins to hold, or holds no more.
    pub fn turns(&self) -> BTreeSet<Quarter> {
        let all = self.0.values().flat_map(BTreeMap::values).flatten();
        all.flat_map(|zero| [zero.from, zero.to.map(Quarter::next)])
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_or_the_line_named_and_its_version_is_its_rows() {
        let list = "country,rights,outcome,from,to\nSEN,,,2020-Q1,2022-Q4\n,WOMEN,,,\n";
        let read = ZeroList::read(list).unwrap();
        assert_eq!(read.rows().len(), 2);
        let other = "country,rights,outcome,from,to\n,WOMEN,,,\nSEN,,,2020-Q1,2022-Q4\n\n";
        assert_eq!(ZeroList::read(other).unwrap().version(), read.version());
        let less = ZeroList::read("country,rights,outcome,from,to\n,WOMEN,,,\n").unwrap();
        assert_ne!(less.version(), read.version());
        for wrong in [
            "SN,,,,",
            ",NOTHING,,,",
            ",,,2020-Q1,",
            "SEN,,,2020,",
            "SEN,,",
        ] {
            let text = format!("country,rights,outcome,from,to\n{wrong}\n");
            let refused = ZeroList::read(&text).unwrap_err();
            assert!(
                matches!(refused, ZeroListError::Row(2, _)),
                "{wrong}: {refused}"
            );
        }
        assert_eq!(
            ZeroList::read("country\nSEN\n"),
            Err(ZeroListError::Columns)
        );
    }
}
