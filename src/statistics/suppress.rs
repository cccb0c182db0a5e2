//! Which cells of a table are withheld: those of few, and as many others as it takes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    audit::{AuditError, Dockets, Exposed, System},
    table::{Coordinates, Sum, Table, Told, lines},
    zeros::Zeros,
};

/// The least threshold: a cell of fewer persons is withheld.
pub const LEAST: u64 = 5;
/// Times that more is withheld and all looked through again, at most.
const ROUNDS: usize = 60;

/// Why a table is not released.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreleased {
    /// Too much of this cell could be worked out, whatever else is withheld.
    #[error("the cell {0} could be worked out from this release and those before it")]
    Exposed(Coordinates),
    /// Nothing would be told but zeros.
    #[error("nothing of it could be told: its figures are too small")]
    Nothing,
    /// It could not be looked through.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// Whether a cell may not be told by itself: it is of few, or one communication is more than
/// four fifths of it.
fn is_of_few(cell: Sum, threshold: u64) -> bool {
    cell.persons > 0 && (cell.persons < threshold || cell.largest * 5 > cell.persons * 4)
}

/// A table with as much withheld as it takes, looked through with all releases before it.
///
/// Zeros are always told: nothing that is withheld is nobody. Who reads it is taken to know
/// where nobody can be.
///
/// # Errors
/// Refuses, with a cell's coordinates, what can't be told safely.
pub fn protect(
    table: &Table,
    earlier: &[Told],
    threshold: u64,
    zeros: &Zeros,
) -> Result<Told, Unreleased> {
    let threshold = threshold.max(LEAST);
    let mut withheld: BTreeSet<Coordinates> = table
        .cells
        .iter()
        .filter(|(_, cell)| is_of_few(**cell, threshold))
        .map(|(coordinates, _)| coordinates.clone())
        .collect();
    let given = given(table, earlier, zeros)?;
    withheld.retain(|cell| !given.contains(cell));
    let before = kept(table, earlier);
    let mut dockets = Dockets::new();
    let choices = Choices {
        cells: &table.cells,
        before,
        given,
    };
    for _ in 0..ROUNDS {
        complete(&choices, &mut withheld)?;
        let told = told(table, &withheld);
        let releases = connected(&told, earlier);
        let last = releases.len().saturating_sub(1);
        let exposed = System::of(releases.clone(), zeros)?.exposed(threshold, &mut dockets)?;
        if exposed.is_empty() {
            let nonzero = |value: &Option<u64>| value.is_some_and(|value| value > 0);
            return if told.cells.values().any(nonzero) {
                Ok(told)
            } else {
                Err(Unreleased::Nothing)
            };
        }
        let mut more = false;
        for Exposed {
            release,
            coordinates,
        } in exposed
        {
            let of = releases.get(release).map(|told| &told.shape.dimensions);
            let here = if release == last {
                coordinates.clone()
            } else {
                project(table, of.map_or(&[], Vec::as_slice), &coordinates)
            };
            more |= withhold_for(&choices, &here, &mut withheld);
            if !more {
                return Err(Unreleased::Exposed(coordinates));
            }
        }
    }
    let cell = withheld.into_iter().next();
    Err(Unreleased::Exposed(cell.unwrap_or(Coordinates(Vec::new()))))
}

/// The releases that can say something of each other's cells: of the same mechanisms, directly
/// or by others, and of what was registered or of what was decided.
pub fn connected<'a>(new: &'a Told, earlier: &'a [Told]) -> Vec<&'a Told> {
    let alike = |told: &&Told| told.shape.counts_outcomes() == new.shape.counts_outcomes();
    let mut mechanisms = new.shape.mechanisms.clone();
    loop {
        let before = mechanisms.len();
        for told in earlier.iter().filter(alike) {
            if !told.shape.mechanisms.is_disjoint(&mechanisms) {
                mechanisms.extend(told.shape.mechanisms.iter().cloned());
            }
        }
        if mechanisms.len() == before {
            break;
        }
    }
    let meets = |told: &&Told| !told.shape.mechanisms.is_disjoint(&mechanisms);
    let earlier = earlier.iter().filter(alike).filter(meets);
    earlier.chain([new]).collect()
}

/// What a cell may be withheld of.
struct Choices<'a> {
    cells: &'a BTreeMap<Coordinates, Sum>,
    /// What releases of the same dimensions have withheld.
    before: BTreeSet<Coordinates>,
    /// What earlier releases say already, so that to withhold it hides nothing.
    given: BTreeSet<Coordinates>,
}

fn given(
    table: &Table,
    earlier: &[Told],
    zeros: &Zeros,
) -> Result<BTreeSet<Coordinates>, AuditError> {
    let cells = table.cells.iter().map(|(coordinates, cell)| {
        let nobody = (cell.persons == 0).then_some(0);
        (coordinates.clone(), nobody)
    });
    let blank = Told {
        shape: table.shape.clone(),
        cells: cells.collect(),
    };
    let releases = connected(&blank, earlier);
    if releases.len() < 2 {
        return Ok(BTreeSet::new());
    }
    Ok(System::of(releases, zeros)?.given())
}

fn told(table: &Table, withheld: &BTreeSet<Coordinates>) -> Told {
    let cells = table.cells.iter().map(|(coordinates, cell)| {
        let value = (!withheld.contains(coordinates)).then_some(cell.persons);
        (coordinates.clone(), value)
    });
    Told {
        shape: table.shape.clone(),
        cells: cells.collect(),
    }
}

/// What releases of the same dimensions have withheld: the same complement is taken again.
fn kept(table: &Table, earlier: &[Told]) -> BTreeSet<Coordinates> {
    let alike = |told: &&Told| {
        told.shape.dimensions == table.shape.dimensions
            && told.shape.mechanisms == table.shape.mechanisms
    };
    let cells = earlier.iter().filter(alike).flat_map(|told| &told.cells);
    cells
        .filter(|(_, value)| value.is_none())
        .map(|(coordinates, _)| coordinates.clone())
        .collect()
}

/// Leaves no line with one withheld cell alone, which the others would say.
fn complete(choices: &Choices<'_>, withheld: &mut BTreeSet<Coordinates>) -> Result<(), Unreleased> {
    loop {
        let mut changed = false;
        for cell in withheld.clone() {
            for line in lines(choices.cells, &cell) {
                let count = line.iter().filter(|other| withheld.contains(**other));
                if count.count() > 1 {
                    continue;
                }
                let Some(next) = choices.least(&line, withheld) else {
                    return Err(Unreleased::Exposed(cell));
                };
                withheld.insert(next);
                changed = true;
            }
        }
        if !changed {
            return Ok(());
        }
    }
}

impl Choices<'_> {
    /// The cell of a line whose figure is missed least: one that was withheld before, then
    /// one whose other lines have withheld cells, the smallest, totals last.
    fn least(
        &self,
        line: &[&Coordinates],
        withheld: &BTreeSet<Coordinates>,
    ) -> Option<Coordinates> {
        let open = line
            .iter()
            .filter(|cell| !withheld.contains(**cell) && !self.given.contains(**cell));
        let sized = open.filter_map(|cell| Some((*cell, self.cells.get(*cell)?.persons)));
        let some = sized.filter(|(_, persons)| *persons > 0);
        let alone = |cell: &Coordinates| {
            let others = lines(self.cells, cell).into_iter();
            let others = others.filter(|other| other.as_slice() != line);
            let alone = others.filter(|other| !other.iter().any(|one| withheld.contains(*one)));
            alone.count()
        };
        let least = some.min_by_key(|(cell, persons)| {
            let kept = !self.before.contains(*cell);
            (cell.totals(), kept, alone(cell), *persons, *cell)
        });
        least.map(|(cell, _)| cell.clone())
    }
}

/// Withholds one cell more for one of which too much can be worked out; says whether it did.
fn withhold_for(
    choices: &Choices<'_>,
    cell: &Coordinates,
    withheld: &mut BTreeSet<Coordinates>,
) -> bool {
    let persons = choices.cells.get(cell).map_or(0, |cell| cell.persons);
    if persons > 0 && !choices.given.contains(cell) && withheld.insert(cell.clone()) {
        return true;
    }
    let next = lines(choices.cells, cell).into_iter().filter_map(|line| {
        let next = choices.least(&line, withheld)?;
        let count = line.iter().filter(|other| withheld.contains(**other));
        Some((next.totals(), count.count(), next))
    });
    match next.min() {
        Some((.., next)) => withheld.insert(next),
        None => false,
    }
}

/// The cell of a table in which a cell of another one is counted.
fn project(
    table: &Table,
    dimensions: &[crate::vocabulary::StatisticDimension],
    cell: &Coordinates,
) -> Coordinates {
    let category = |dimension| {
        let axis = dimensions.iter().position(|other| other == dimension)?;
        cell.0.get(axis).cloned().flatten()
    };
    let of_table = table.shape.dimensions.iter();
    Coordinates(of_table.map(category).collect())
}
