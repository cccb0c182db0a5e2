//! A release as anyone has read it: how it comes back to a hub that has lost it.
//!
//! What was told can't be untold. A hub that was restored from a backup of before a release
//! has to know it again, or its check of the next one leaves out what everybody knows.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    quarter::Quarter,
    table::{CELLS, Coordinates, Shape, ShapeError, Told},
};
use crate::{
    date::PartialDate,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
    vocabulary::{Coded, StatisticDimension},
};

/// The question whose answer, as the hub gave it, is such a file.
pub const QUESTION: &str = "query($id: ID!) { node(id: $id) { ... on StatisticRelease { id \
    dimensions firstQuarter lastQuarter algorithm threshold codeVersion countedOn releasedOn \
    mechanisms { code } csv } } }";

/// A release of statistics, as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its id.
    pub id: RecordId,
    /// The rule by which cells are withheld.
    pub algorithm: String,
    /// Cells of fewer persons are withheld.
    pub threshold: i64,
    /// The version of the hub that has counted.
    pub code_version: String,
    /// The day on which it was proposed.
    pub counted_on: PartialDate,
    /// The day on which it was released.
    pub released_on: PartialDate,
    /// What it counts, and its cells.
    pub told: Told,
}

/// Why a file is no release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishedError {
    /// It is no answer to the question.
    #[error("it is not the hub's answer to the question that `--help` gives")]
    Answer,
    /// What it counts can't be.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A line of the table is none.
    #[error("line {0} of its table is no cell of it")]
    Cell(usize),
    /// Cells are missing.
    #[error("its table is not whole")]
    Torn,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    node: Node,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: String,
    dimensions: Vec<String>,
    first_quarter: String,
    last_quarter: String,
    algorithm: String,
    threshold: i64,
    code_version: String,
    counted_on: String,
    released_on: String,
    mechanisms: Vec<Mechanism>,
    csv: String,
}

#[derive(Deserialize)]
struct Mechanism {
    code: String,
}

impl Published {
    /// Reads a file that has the answer to [`QUESTION`].
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, PublishedError> {
        let answer: Answer = serde_json::from_str(text).map_err(|_| PublishedError::Answer)?;
        let node = answer.data.node;
        let read = || {
            let id = GlobalId::parse(&node.id).filter(|id| id.kind == Kind::StatisticRelease)?;
            let dimensions = node.dimensions.iter();
            let dimensions: Option<Vec<_>> = dimensions
                .map(|code| StatisticDimension::from_code(code))
                .collect();
            let shape = Shape {
                dimensions: dimensions?,
                from: Quarter::parse(&node.first_quarter)?,
                to: Quarter::parse(&node.last_quarter)?,
                mechanisms: node.mechanisms.iter().map(|of| of.code.clone()).collect(),
            };
            let day = |text: &str| PartialDate::parse(text);
            let days = (day(&node.counted_on)?, day(&node.released_on)?);
            (!shape.mechanisms.is_empty()).then_some((id.id, shape, days))
        };
        let (id, shape, (counted_on, released_on)) = read().ok_or(PublishedError::Answer)?;
        shape.check()?;
        let cells = cells(&shape.dimensions, &node.csv)?;
        Ok(Self {
            id,
            algorithm: node.algorithm,
            threshold: node.threshold,
            code_version: node.code_version,
            counted_on,
            released_on,
            told: Told { shape, cells },
        })
    }
}

/// The cells of a table, with every total.
fn cells(
    dimensions: &[StatisticDimension],
    csv: &str,
) -> Result<BTreeMap<Coordinates, Option<u64>>, PublishedError> {
    let mut lines = csv.lines().zip(1..);
    let head: Vec<String> = dimensions
        .iter()
        .map(|dimension| dimension.code().to_lowercase())
        .chain(["persons".to_owned(), "suppressed".to_owned()])
        .collect();
    if lines.next().is_none_or(|(line, _)| line != head.join(",")) {
        return Err(PublishedError::Cell(1));
    }
    let mut cells = BTreeMap::new();
    for (line, number) in lines {
        let wrong = || PublishedError::Cell(number);
        let (at, persons) = cell(dimensions.len(), line).ok_or_else(wrong)?;
        if cells.insert(at, persons).is_some() || cells.len() > CELLS {
            return Err(wrong());
        }
    }
    let with_totals = |at: &Coordinates| {
        let mut all = at.with_margins().into_iter();
        all.all(|total| cells.contains_key(&total))
    };
    // A table without its totals, or of totals alone, is a part of one.
    let whole = cells.keys().all(with_totals) && cells.keys().any(|at| at.totals() == 0);
    if whole {
        Ok(cells)
    } else {
        Err(PublishedError::Torn)
    }
}

fn cell(dimensions: usize, line: &str) -> Option<(Coordinates, Option<u64>)> {
    let parts: Vec<&str> = line.split(',').collect();
    let (at, value) = parts.split_at_checked(dimensions)?;
    let persons = match value {
        [persons, "false"] => Some(persons.parse().ok()?),
        ["", "true"] => None,
        _ => return None,
    };
    let category = |text: &&str| Some((*text).to_owned()).filter(|text| text != "ALL");
    Some((Coordinates(at.iter().map(category).collect()), persons))
}
