//! What somebody works out who has read every release: the system of all that was told.
//!
//! The unknowns are the persons in each place that no release divides further; each cell that
//! is told is an equation over them, and each that is withheld says that somebody is there
//! (zeros are always told). Between which two numbers a cell lies, a linear program says.

mod solve;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    quarter::Quarter,
    table::{Coordinates, Place, Told},
    zeros::Zeros,
};
use crate::vocabulary::StatisticDimension as Dimension;

/// How far apart the least and the most have to be that a withheld cell may hold.
pub const WIDTH: f64 = 3.0;
/// Unknowns of a system at most.
const UNKNOWNS: usize = 60_000;
/// A State that no release of the system names.
const ELSEWHERE: &str = "*";

/// What the releases are not looked through for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// There is more to look at than can be.
    #[error("the releases divide the docket too finely to be looked through together")]
    TooLarge,
    /// They contradict each other, or the solver gave up.
    #[error("the releases can't be looked through together")]
    Unsolved,
}

/// A cell of which too much can be worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// The place of its release among those that are looked at.
    pub release: usize,
    /// Which of its cells.
    pub coordinates: Coordinates,
}

struct Unknown {
    /// The first quarter of those that no release divides.
    begins: Quarter,
    value: Option<u64>,
}

/// Dockets that fit all that was told: each says between which numbers a cell lies at least.
///
/// What is found in one round holds in the next, where more is withheld.
pub type Dockets = Vec<Vec<Option<u64>>>;

/// Dockets that are kept at most.
const KEPT: usize = 200;

/// The system of several releases.
pub struct System<'a> {
    releases: Vec<&'a Told>,
    zeros: &'a Zeros,
    unknowns: Vec<Unknown>,
    cells: BTreeMap<(usize, &'a Coordinates), Vec<usize>>,
    equations: Vec<(Vec<usize>, u64)>,
    inhabited: Vec<Vec<usize>>,
    parts: Vec<usize>,
}

impl<'a> System<'a> {
    /// The system of these releases, to who knows that nobody can be in these places.
    ///
    /// # Errors
    /// Refuses what is too large, and releases that contradict each other.
    pub fn of(releases: Vec<&'a Told>, zeros: &'a Zeros) -> Result<Self, AuditError> {
        let mut system = Self {
            releases,
            zeros,
            unknowns: Vec::new(),
            cells: BTreeMap::new(),
            equations: Vec::new(),
            inhabited: Vec::new(),
            parts: Vec::new(),
        };
        system.divide()?;
        system.equate();
        system.simplify()?;
        system.part();
        Ok(system)
    }

    /// The cells of which too much can be worked out: those that are withheld, of all
    /// releases; and of the last what it says more, or less, than one before it.
    ///
    /// # Errors
    /// Fails where the solver does.
    pub fn exposed(
        &self,
        threshold: u64,
        dockets: &mut Dockets,
    ) -> Result<Vec<Exposed>, AuditError> {
        let mut exposed = Vec::new();
        for ((release, coordinates), members) in &self.cells {
            let told = self.releases.get(*release);
            let withheld = told.and_then(|told| told.cells.get(*coordinates)) == Some(&None);
            if withheld && self.is_narrow(members, None, dockets)? {
                exposed.push(Exposed {
                    release: *release,
                    coordinates: (*coordinates).clone(),
                });
            }
        }
        if exposed.is_empty() {
            self.differences(threshold, &mut exposed, dockets)?;
        }
        Ok(exposed)
    }

    /// Looks at each cell of the last release within the period of each before it, and beyond.
    fn differences(
        &self,
        threshold: u64,
        exposed: &mut Vec<Exposed>,
        dockets: &mut Dockets,
    ) -> Result<(), AuditError> {
        let Some((last, before)) = self.releases.split_last() else {
            return Ok(());
        };
        let place = before.len();
        let mut cuts: Vec<(Quarter, Quarter)> = Vec::new();
        for told in before {
            let cut = (told.shape.from, told.shape.to);
            let same = cut == (last.shape.from, last.shape.to);
            if !same && !cuts.contains(&cut) {
                cuts.push(cut);
            }
        }
        let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
        for ((release, coordinates), members) in &self.cells {
            if *release != place {
                continue;
            }
            for (from, to) in &cuts {
                let within = |member: &&usize| {
                    let unknown = self.unknowns.get(**member);
                    unknown.is_some_and(|unknown| (*from..=*to).contains(&unknown.begins))
                };
                let (within, beyond): (Vec<usize>, Vec<usize>) = members.iter().partition(within);
                for part in [within, beyond] {
                    if part.is_empty() || part.len() == members.len() || !seen.insert(part.clone())
                    {
                        continue;
                    }
                    if self.is_narrow(&part, Some(threshold), dockets)? {
                        exposed.push(Exposed {
                            release: place,
                            coordinates: (*coordinates).clone(),
                        });
                    }
                }
            }
        }
        exposed.dedup();
        Ok(())
    }

    /// Divides what is counted as finely as some release does.
    fn divide(&mut self) -> Result<(), AuditError> {
        let mut ends = BTreeSet::new();
        let (mut countries, mut rights, mut outcomes) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut mechanisms = BTreeSet::new();
        // Beyond what is counted it divides nothing.
        let counted = |quarter: &Quarter| {
            let mut releases = self.releases.iter();
            releases.any(|told| told.shape.covers(*quarter))
        };
        ends.extend(self.zeros.turns().into_iter().filter(counted));
        for told in &self.releases {
            let shape = &told.shape;
            mechanisms.extend(shape.mechanisms.iter().map(String::as_str));
            ends.extend([shape.from, shape.to.next()]);
            if shape.dimensions.contains(&Dimension::Year) {
                let years = shape.from.year() + 1..=shape.to.year();
                let begins = |year: &i32| !shape.is_banded() || year.rem_euclid(5) == 1;
                ends.extend(years.filter(begins).map(Quarter::of_year));
            }
            for (axis, dimension) in shape.dimensions.iter().enumerate() {
                let named = told.cells.keys().filter_map(|cell| cell.0.get(axis));
                let named = named.flatten().map(String::as_str);
                match dimension {
                    Dimension::Country => countries.extend(named.chain([ELSEWHERE])),
                    Dimension::Rights => rights.extend(named),
                    Dimension::Outcome => outcomes.extend(named),
                    Dimension::Year | Dimension::Mechanism => {}
                }
            }
        }
        for undivided in [&mut countries, &mut rights, &mut outcomes] {
            if undivided.is_empty() {
                undivided.insert("");
            }
        }
        let count = mechanisms.len() * ends.len() * countries.len() * rights.len();
        if count * outcomes.len() > UNKNOWNS {
            return Err(AuditError::TooLarge);
        }
        for mechanism in mechanisms {
            for begins in &ends {
                for country in &countries {
                    for right in &rights {
                        for outcome in &outcomes {
                            self.add(&Place {
                                mechanism,
                                quarter: *begins,
                                country,
                                rights: right,
                                outcome,
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds an unknown, if it is counted by a release, by none as nobody, and somebody can be
    /// there.
    fn add(&mut self, place: &Place<'_>) {
        if self.zeros.cover(place) {
            return;
        }
        let number = self.unknowns.len();
        let mut counted = Vec::new();
        for (release, told) in self.releases.iter().enumerate() {
            let shape = &told.shape;
            if !shape.covers(place.quarter) || !shape.mechanisms.contains(place.mechanism) {
                continue;
            }
            let own = shape.place(place);
            if told.cells.get(&own).is_none_or(|value| *value == Some(0)) {
                return;
            }
            for margin in own.with_margins() {
                if let Some((coordinates, _)) = told.cells.get_key_value(&margin) {
                    counted.push((release, coordinates));
                }
            }
        }
        if counted.is_empty() {
            return;
        }
        self.unknowns.push(Unknown {
            begins: place.quarter,
            value: None,
        });
        for cell in counted {
            self.cells.entry(cell).or_default().push(number);
        }
    }

    fn equate(&mut self) {
        let mut equations = BTreeSet::new();
        for ((release, coordinates), members) in &self.cells {
            let told = self.releases.get(*release);
            match told.and_then(|told| told.cells.get(*coordinates)) {
                Some(Some(value)) => {
                    equations.insert((members.clone(), *value));
                }
                Some(None) => self.inhabited.push(members.clone()),
                None => {}
            }
        }
        self.equations = equations.into_iter().collect();
    }

    /// Gives unknowns their values where an equation says them.
    fn simplify(&mut self) -> Result<(), AuditError> {
        loop {
            let mut changed = false;
            let mut left = Vec::with_capacity(self.equations.len());
            for (members, value) in std::mem::take(&mut self.equations) {
                let (mut open, mut value) = (Vec::new(), Some(value));
                for member in members {
                    match self.unknowns.get(member).and_then(|unknown| unknown.value) {
                        Some(known) => value = value.and_then(|value| value.checked_sub(known)),
                        None => open.push(member),
                    }
                }
                let value = value.ok_or(AuditError::Unsolved)?;
                match (open.as_slice(), value) {
                    ([], 0) => {}
                    ([], _) => return Err(AuditError::Unsolved),
                    ([_], _) | (_, 0) => {
                        changed = true;
                        for member in open {
                            if let Some(unknown) = self.unknowns.get_mut(member) {
                                unknown.value = Some(value);
                            }
                        }
                    }
                    _ => left.push((open, value)),
                }
            }
            left.sort_unstable();
            left.dedup();
            self.equations = left;
            if !changed {
                return Ok(());
            }
        }
    }

    fn known(&self, members: &[usize]) -> (f64, Vec<usize>) {
        let (mut sum, mut open) = (0_u64, Vec::new());
        for member in members {
            match self.unknowns.get(*member).and_then(|unknown| unknown.value) {
                Some(known) => sum += known,
                None => open.push(*member),
            }
        }
        let sum = sum as f64;
        (sum, open)
    }

    /// Tells the parts of the system apart that say nothing of each other.
    fn part(&mut self) {
        let mut of: Vec<usize> = (0..self.unknowns.len()).collect();
        fn root(of: &[usize], mut at: usize) -> usize {
            while let Some(up) = of.get(at).copied().filter(|up| *up != at) {
                at = up;
            }
            at
        }
        let bound = self.equations.iter().map(|(members, _)| members);
        for members in bound.chain(&self.inhabited) {
            let (_, open) = self.known(members);
            for pair in open.windows(2) {
                if let [one, two] = pair {
                    let (one, two) = (root(&of, *one), root(&of, *two));
                    if let Some(up) = of.get_mut(one.max(two)) {
                        *up = one.min(two);
                    }
                }
            }
        }
        self.parts = (0..of.len()).map(|at| root(&of, at)).collect();
    }

    /// What earlier releases say of the cells of the last, whatever it tells itself.
    pub fn given(&self) -> BTreeSet<Coordinates> {
        let last = self.releases.len().saturating_sub(1);
        let own = self
            .cells
            .iter()
            .filter(|((release, _), _)| *release == last);
        let said = own.filter(|(_, members)| {
            let (_, open) = self.known(members);
            open.is_empty() || self.equations.iter().any(|(equal, _)| *equal == open)
        });
        said.map(|((_, coordinates), _)| (*coordinates).clone())
            .collect()
    }
}
