//! Random dockets and random releases one after another, against somebody who tries every
//! docket that fits what was told.

use proptest::prelude::*;

use super::dockets::{Drawn, docket, quarter, shape};
use crate::{
    statistics::{
        suppress::{LEAST, Unreleased, protect},
        table::{Atom, Coordinates, Place, Table, Told},
        zeros::Zeros,
    },
    vocabulary::StatisticDimension::{self as Dimension, Country, Rights, Year},
};

/// Places that a search looks at, at most.
const STEPS: usize = 300_000;

/// A sum over places of the docket, and what it is.
type Sum = (Vec<usize>, u64);

/// The places that a cell of a release counts.
fn places(atoms: &[Atom], told: &Told, cell: &Coordinates) -> Vec<usize> {
    let within = |(_, atom): &(usize, &Atom)| {
        let place = Place {
            mechanism: &atom.mechanism,
            quarter: atom.quarter,
            country: &atom.country,
            rights: &atom.rights,
            outcome: "",
        };
        let own = told.shape.place(&place);
        let mut both = own.0.iter().zip(&cell.0);
        told.shape.covers(atom.quarter) && both.all(|(own, asked)| asked.is_none() || own == asked)
    };
    let found = atoms.iter().enumerate().filter(within);
    found.map(|(place, _)| place).collect()
}

/// Whether some docket fits; `None` where the search was given up.
fn fits(size: usize, sums: &[Sum], least: &[Vec<usize>]) -> Option<bool> {
    fn search(
        docket: &mut Vec<u64>,
        sums: &[Sum],
        least: &[Vec<usize>],
        steps: &mut usize,
        size: usize,
    ) -> Option<bool> {
        *steps = steps.checked_sub(1)?;
        let done = docket.len();
        let mut most = 14;
        for (members, value) in sums {
            let sum: u64 = members
                .iter()
                .filter(|at| **at < done)
                .map(|at| docket[*at])
                .sum();
            let open = members.iter().filter(|at| **at >= done).count();
            if sum > *value || (open == 0 && sum != *value) {
                return Some(false);
            }
            if members.contains(&done) {
                most = most.min(value - sum);
            }
        }
        for members in least {
            let open = members.iter().any(|at| *at >= done);
            if !open && members.iter().all(|at| docket[*at] == 0) {
                return Some(false);
            }
        }
        if done == size {
            return Some(true);
        }
        for value in 0..=most {
            docket.push(value);
            let found = search(docket, sums, least, steps, size);
            docket.pop();
            if found != Some(false) {
                return found;
            }
        }
        Some(false)
    }
    let mut steps = STEPS;
    search(&mut Vec::new(), sums, least, &mut steps, size)
}

/// The least and the most of a few values that a sum takes in some docket that fits.
fn tried(
    atoms: &[Atom],
    sums: &[Sum],
    least: &[Vec<usize>],
    members: &[usize],
) -> Option<(u64, u64)> {
    let truth: u64 = members.iter().map(|at| atoms[*at].persons).sum();
    let mut found: Option<(u64, u64)> = None;
    for value in truth.saturating_sub(4)..=truth + 4 {
        let mut asked = vec![(members.to_vec(), value)];
        asked.extend_from_slice(sums);
        if fits(atoms.len(), &asked, least)? {
            found = Some((found.map_or(value, |(least, _)| least), value));
        }
    }
    found
}

fn drawn_shape(drawn: &mut Drawn) -> crate::statistics::table::Shape {
    const WAYS: [&[Dimension]; 5] = [
        &[Country, Rights],
        &[Country],
        &[Rights],
        &[Country, Year],
        &[Country, Rights],
    ];
    let ways = WAYS[drawn.below(5) as usize];
    let (from, to) = [
        ("2024-Q1", "2024-Q1"),
        ("2024-Q1", "2024-Q2"),
        ("2024-Q2", "2024-Q2"),
    ][drawn.below(3) as usize];
    shape(ways, from, to)
}

/// Says what was told of a docket, and holds each withheld cell against every docket that
/// fits: it may be four numbers at least.
fn holds_tight(atoms: &[Atom], released: &[Told]) -> Result<usize, TestCaseError> {
    let (mut sums, mut least, mut withheld): (Vec<Sum>, Vec<_>, Vec<_>) = Default::default();
    for told in released {
        for (cell, value) in &told.cells {
            let members = places(atoms, told, cell);
            match value {
                Some(value) => sums.push((members, *value)),
                None => {
                    least.push(members.clone());
                    withheld.push(members);
                }
            }
        }
    }
    sums.sort();
    sums.dedup();
    withheld.sort();
    withheld.dedup();
    let mut looked = 0;
    for members in withheld {
        if let Some((least, most)) = tried(atoms, &sums, &least, &members) {
            looked += 1;
            prop_assert!(most - least >= 3, "{members:?}: {least}–{most}, {atoms:?}");
        }
    }
    Ok(looked)
}

/// Two States, two clusters, two bands of five years, with as many persons as drawn.
fn banded(drawn: &mut Drawn) -> Vec<Atom> {
    let mut atoms = docket(drawn, (2, 2, 9), |drawn| match drawn.below(5) {
        0 => 0,
        1 => 1 + drawn.below(4),
        _ => 3 + drawn.below(6),
    });
    let either = [quarter("2025-Q4"), quarter("2026-Q1")];
    atoms.retain(|atom| either.contains(&atom.quarter));
    atoms
}

/// A table by three dimensions, and one by less of them, in either order.
fn three_ways(drawn: &mut Drawn) -> Vec<crate::statistics::table::Shape> {
    let all = shape(&[Country, Rights, Year], "2021-Q1", "2030-Q4");
    let less: [&[Dimension]; 3] = [&[Country, Rights], &[Rights, Year], &[Country]];
    let less = shape(less[drawn.below(3) as usize], "2021-Q1", "2030-Q4");
    match drawn.below(3) {
        0 => vec![all],
        1 => vec![all, less],
        _ => vec![less, all],
    }
}

#[test]
fn a_table_by_three_dimensions_is_withheld_and_looked_at_in_some_dockets() {
    let (mut told, mut looked) = (0, 0);
    for seed in 0..40 {
        let mut drawn = Drawn(seed);
        let atoms = banded(&mut drawn);
        let three = shape(&[Country, Rights, Year], "2021-Q1", "2030-Q4");
        let table = Table::count(three, &atoms).unwrap();
        let years = table.cells.keys().filter_map(|cell| cell.0[2].as_deref());
        assert!(
            years
                .into_iter()
                .all(|year| ["2021/2025", "2026/2030"].contains(&year))
        );
        if let Ok(release) = protect(&table, &[], LEAST, &Zeros::default()) {
            told += 1;
            looked += holds_tight(&atoms, &[release]).unwrap();
        }
    }
    println!("{told} of 40 tables were told, {looked} withheld cells held against all dockets");
    assert!(told >= 3 && looked >= 10, "{told} tables, {looked} cells");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_withheld_cell_of_a_table_by_three_dimensions_is_worked_out(seed in any::<u64>()) {
        let mut drawn = Drawn(seed);
        let atoms = banded(&mut drawn);
        let mut released: Vec<Told> = Vec::new();
        for shape in three_ways(&mut drawn) {
            let table = Table::count(shape, &atoms).unwrap();
            match protect(&table, &released, LEAST, &Zeros::default()) {
                Ok(told) => released.push(told),
                Err(Unreleased::Audit(error)) => panic!("{error}"),
                Err(_) => {}
            }
        }
        holds_tight(&atoms, &released)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_withheld_cell_is_worked_out_from_any_sequence_of_releases(seed in any::<u64>()) {
        let mut drawn = Drawn(seed);
        let atoms = docket(&mut drawn, (2, 3, 2), |drawn| match drawn.below(4) {
            0 => 0,
            1 => 1 + drawn.below(4),
            _ => 4 + drawn.below(8),
        });
        let mut released: Vec<Told> = Vec::new();
        for _ in 0..3 {
            let shape = drawn_shape(&mut drawn);
            let table = Table::count(shape, &atoms).unwrap();
            match protect(&table, &released, LEAST, &Zeros::default()) {
                Ok(told) => released.push(told),
                Err(Unreleased::Audit(error)) => panic!("{error}"),
                Err(_) => {}
            }
        }
        holds_tight(&atoms, &released)?;
    }
}

#[test]
fn the_search_finds_what_one_table_alone_would_tell() {
    let mut atoms = docket(&mut Drawn(3), (2, 2, 1), |_| 10);
    atoms[0].persons = 2;
    let table = Table::count(shape(&[Country, Rights], "2024-Q1", "2024-Q1"), &atoms).unwrap();
    let all: Vec<Sum> = table
        .cells
        .iter()
        .filter(|(_, cell)| cell.persons != 2)
        .map(|(coordinates, cell)| {
            let told = Told {
                shape: table.shape.clone(),
                cells: Default::default(),
            };
            (places(&atoms, &told, coordinates), cell.persons)
        })
        .collect();
    assert_eq!(tried(&atoms, &all, &[], &[0]), Some((2, 2)));
}

#[test]
fn six_quarters_of_six_states_and_five_clusters_are_looked_through() {
    let mut drawn = Drawn(7);
    let atoms = docket(&mut drawn, (6, 5, 6), |drawn| match drawn.below(10) {
        0..=3 => 0,
        4 => 1 + drawn.below(4),
        _ => 3 + drawn.below(30),
    });
    let mut released: Vec<Told> = Vec::new();
    for to in [
        "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2",
    ] {
        let table = Table::count(shape(&[Country, Rights], "2024-Q1", to), &atoms).unwrap();
        let begun = std::time::Instant::now();
        let told = protect(&table, &released, LEAST, &Zeros::default());
        let took = begun.elapsed();
        match told {
            Ok(told) => {
                let withheld = told.cells.values().filter(|value| value.is_none()).count();
                let few = table
                    .cells
                    .values()
                    .filter(|cell| (1..5).contains(&cell.persons));
                println!(
                    "to {to}: {} cells, {} of few, {withheld} withheld, {} before it, {took:?}",
                    told.cells.len(),
                    few.count(),
                    released.len()
                );
                released.push(told);
            }
            Err(refused) => println!("to {to}: {refused} after {took:?}"),
        }
    }
    assert!(released.len() > 3);
}
