//! Tables: persons by at most two dimensions, with all their margins.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::quarter::Quarter;
use crate::vocabulary::{Coded, RightsCluster, StatisticDimension as Dimension, StatisticOutcome};

/// Cells of a table at most, margins included.
pub const CELLS: usize = 3_000;

/// Persons of one mechanism's docket who are alike in every dimension: the finest that is
/// counted. Each person is in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Code of the mechanism.
    pub mechanism: String,
    /// The quarter of registration, or of decision where outcomes are counted.
    pub quarter: Quarter,
    /// The State, or `SEVERAL`.
    pub country: String,
    /// Code of the cluster of rights.
    pub rights: String,
    /// Code of the outcome; empty where outcomes are not counted.
    pub outcome: String,
    /// How many persons.
    pub persons: u64,
    /// How many of them are of the communication that has most.
    pub largest: u64,
}

/// A category in each dimension of a table; `None` is all of them together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinates(pub Vec<Option<String>>);

impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, category) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" × ")?;
            }
            f.write_str(category.as_deref().unwrap_or("ALL"))?;
        }
        Ok(())
    }
}

impl Coordinates {
    /// How many of them are totals.
    pub fn totals(&self) -> usize {
        self.0.iter().filter(|category| category.is_none()).count()
    }

    /// These and every total that they are part of.
    pub fn with_margins(&self) -> Vec<Self> {
        let mut all = vec![Vec::new()];
        for category in &self.0 {
            let mut longer = Vec::with_capacity(all.len() * 2);
            for before in &all {
                for next in [category.clone(), None] {
                    let mut coordinates: Vec<Option<String>> = before.clone();
                    coordinates.push(next);
                    longer.push(coordinates);
                }
            }
            all = longer;
        }
        let all: BTreeSet<Self> = all.into_iter().map(Self).collect();
        all.into_iter().collect()
    }
}

/// What a table counts: its dimensions, its period, whose dockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Its dimensions: at most two, or three of which one is the year, by five of them.
    pub dimensions: Vec<Dimension>,
    /// The first quarter.
    pub from: Quarter,
    /// The last quarter.
    pub to: Quarter,
    /// Codes of the mechanisms.
    pub mechanisms: BTreeSet<String>,
}

/// Why a table of a shape is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Too few or too many dimensions, or one twice.
    #[error("a table has one or two dimensions, or three of which one is the year, each once")]
    Dimensions,
    /// The period ends before it begins, or is longer than 30 years.
    #[error("the period is of 1 to 120 quarters")]
    Period,
    /// Too many cells.
    #[error("the table has more than {CELLS} cells: take fewer dimensions")]
    TooLarge,
}

impl Shape {
    /// Whether years stand in bands of five.
    pub fn is_banded(&self) -> bool {
        self.dimensions.len() > 2
    }

    /// Whether what was decided is counted, and not what was registered.
    pub fn counts_outcomes(&self) -> bool {
        self.dimensions.contains(&Dimension::Outcome)
    }

    /// Whether such a table is made at all.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check(&self) -> Result<(), ShapeError> {
        let once: BTreeSet<&Dimension> = self.dimensions.iter().collect();
        let three = self.dimensions.len() == 3 && self.dimensions.contains(&Dimension::Year);
        let few = matches!(self.dimensions.len(), 1 | 2) || three;
        if !few || once.len() < self.dimensions.len() {
            return Err(ShapeError::Dimensions);
        }
        let years = self.to.year() - self.from.year();
        if self.to < self.from || years >= 30 {
            return Err(ShapeError::Period);
        }
        Ok(())
    }

    /// Whether a quarter is in the period.
    pub fn covers(&self, quarter: Quarter) -> bool {
        (self.from..=self.to).contains(&quarter)
    }

    /// The year, or the five years, of a quarter.
    pub fn year(&self, quarter: Quarter) -> String {
        let year = quarter.year();
        if self.is_banded() {
            let first = (year - 1).div_euclid(5) * 5 + 1;
            format!("{first:04}/{:04}", first + 4)
        } else {
            format!("{year:04}")
        }
    }

    /// Where a category of each dimension is counted in it.
    pub fn place(&self, of: &Place<'_>) -> Coordinates {
        let category = |dimension: &Dimension| {
            Some(match dimension {
                Dimension::Country => of.country.to_owned(),
                Dimension::Rights => of.rights.to_owned(),
                Dimension::Year => self.year(of.quarter),
                Dimension::Mechanism => of.mechanism.to_owned(),
                Dimension::Outcome => of.outcome.to_owned(),
            })
        };
        Coordinates(self.dimensions.iter().map(category).collect())
    }

    /// The categories of a dimension: of a closed list all, of States those that occur.
    fn categories(&self, dimension: Dimension, atoms: &[Atom]) -> BTreeSet<String> {
        match dimension {
            Dimension::Country => {
                let counted = atoms.iter().filter(|atom| self.counts(atom));
                counted.map(|atom| atom.country.clone()).collect()
            }
            Dimension::Rights => codes(RightsCluster::ALL),
            Dimension::Outcome => codes(StatisticOutcome::ALL),
            Dimension::Mechanism => self.mechanisms.clone(),
            Dimension::Year => {
                let mut quarter = self.from;
                let mut years = BTreeSet::new();
                while quarter <= self.to {
                    years.insert(self.year(quarter));
                    quarter = quarter.next();
                }
                years
            }
        }
    }

    fn counts(&self, atom: &Atom) -> bool {
        self.covers(atom.quarter) && self.mechanisms.contains(&atom.mechanism) && atom.persons > 0
    }
}

fn codes<C: Coded>(all: &[C]) -> BTreeSet<String> {
    all.iter().map(|code| code.code().to_owned()).collect()
}

/// A category of each dimension.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Code of the mechanism.
    pub mechanism: &'a str,
    /// The quarter.
    pub quarter: Quarter,
    /// The State.
    pub country: &'a str,
    /// The cluster of rights.
    pub rights: &'a str,
    /// The outcome.
    pub outcome: &'a str,
}

impl Atom {
    /// Where it is counted.
    pub fn place(&self) -> Place<'_> {
        Place {
            mechanism: &self.mechanism,
            quarter: self.quarter,
            country: &self.country,
            rights: &self.rights,
            outcome: &self.outcome,
        }
    }
}

/// Persons in a cell, and of them those of the communication that has most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many persons.
    pub persons: u64,
    /// How many of one communication, at most.
    pub largest: u64,
}

/// A counted table: nothing of it is told yet.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it counts.
    pub shape: Shape,
    /// Every cell, margins included.
    pub cells: BTreeMap<Coordinates, Sum>,
}

impl Table {
    /// Counts a table.
    ///
    /// # Errors
    /// Refuses a shape that can't be, and more cells than a table has.
    pub fn count(shape: Shape, atoms: &[Atom]) -> Result<Self, ShapeError> {
        shape.check()?;
        let mut places = vec![Coordinates(Vec::new())];
        for dimension in &shape.dimensions {
            let categories = shape.categories(*dimension, atoms);
            if places.len() * (categories.len() + 1) > CELLS {
                return Err(ShapeError::TooLarge);
            }
            let categories: Vec<Option<String>> =
                categories.into_iter().map(Some).chain([None]).collect();
            let longer = places.iter().flat_map(|place| {
                categories.iter().map(|category| {
                    let mut longer = place.0.clone();
                    longer.push(category.clone());
                    Coordinates(longer)
                })
            });
            places = longer.collect();
        }
        let mut cells: BTreeMap<Coordinates, Sum> = places
            .into_iter()
            .map(|place| (place, Sum::default()))
            .collect();
        for atom in atoms.iter().filter(|atom| shape.counts(atom)) {
            for place in shape.place(&atom.place()).with_margins() {
                let cell = cells.entry(place).or_default();
                cell.persons += atom.persons;
                cell.largest = cell.largest.max(atom.largest);
            }
        }
        Ok(Self { shape, cells })
    }
}

/// A table as it is told: `None` is a cell that is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it counts.
    pub shape: Shape,
    /// Every cell, margins included.
    pub cells: BTreeMap<Coordinates, Option<u64>>,
}

/// The lines of a table through a cell: along each dimension, all categories and their total.
pub fn lines<'a, V>(
    cells: &'a BTreeMap<Coordinates, V>,
    through: &Coordinates,
) -> Vec<Vec<&'a Coordinates>> {
    let along = |axis: usize| {
        let same = |other: &&Coordinates| {
            let mut both = other.0.iter().zip(&through.0).enumerate();
            both.all(|(place, (one, two))| place == axis || one == two)
        };
        cells.keys().filter(same).collect()
    };
    (0..through.0.len()).map(along).collect()
}
