//! What is withheld from one table, and why.

use super::dockets::{Drawn, docket, shape};
use crate::{
    statistics::{
        audit::System,
        suppress::{LEAST, Unreleased, connected, protect},
        table::{Atom, Coordinates, ShapeError, Table, Told},
        zeros::{Zero, ZeroList, Zeros},
    },
    vocabulary::StatisticDimension::{Country, Rights, Year},
};

fn at(categories: &[Option<&str>]) -> Coordinates {
    let categories = categories
        .iter()
        .map(|category| category.map(str::to_owned));
    Coordinates(categories.collect())
}

fn counted(values: [[u64; 3]; 3], largest: u64) -> Table {
    let rights = ["INTEGRITY", "LIBERTY", "JUSTICE"];
    let mut atoms = docket(&mut Drawn(1), (3, 3, 1), |_| 0);
    for atom in &mut atoms {
        let row = usize::from(atom.country.as_bytes()[1] - b'A');
        let column = rights.iter().position(|code| *code == atom.rights).unwrap();
        atom.persons = values[row][column];
        atom.largest = largest.min(atom.persons);
    }
    Table::count(shape(&[Country, Rights], "2024-Q1", "2024-Q1"), &atoms).unwrap()
}

#[test]
fn a_cell_of_few_is_withheld_with_what_would_tell_it_and_a_zero_is_told() {
    let table = counted([[3, 20, 30], [12, 15, 0], [9, 40, 11]], 1);
    let told = protect(&table, &[], LEAST, &Zeros::default()).unwrap();
    let value = |categories: &[Option<&str>]| told.cells[&at(categories)];
    assert_eq!(value(&[Some("XA"), Some("INTEGRITY")]), None);
    assert_eq!(value(&[Some("XB"), Some("JUSTICE")]), Some(0));
    assert_eq!(value(&[Some("XA"), Some("CULTURE")]), Some(0));
    assert_eq!(value(&[Some("XA"), None]), Some(53));
    assert_eq!(value(&[None, None]), Some(140));
    let withheld = told.cells.values().filter(|value| value.is_none());
    assert_eq!(
        withheld.count(),
        4,
        "one of few, and three that would tell it"
    );
    let (releases, nothing) = (connected(&told, &[]), Zeros::default());
    assert_eq!(
        System::of(releases, &nothing)
            .unwrap()
            .exposed(LEAST, &mut Vec::new()),
        Ok(Vec::new())
    );
}

#[test]
fn a_cell_that_is_one_communications_alone_is_withheld() {
    let table = counted([[9, 20, 30], [12, 15, 10], [10, 40, 11]], 8);
    let told = protect(&table, &[], LEAST, &Zeros::default()).unwrap();
    let value = told.cells[&at(&[Some("XA"), Some("INTEGRITY")])];
    assert_eq!(value, None, "eight of nine are of one communication");
    assert!(told.cells[&at(&[Some("XC"), Some("INTEGRITY")])].is_none());
    assert_eq!(told.cells[&at(&[None, None])], Some(157));
}

#[test]
fn a_threshold_below_five_is_five_and_a_table_without_a_figure_is_refused() {
    let table = counted([[4, 20, 30], [12, 15, 10], [10, 40, 11]], 1);
    let told = protect(&table, &[], 1, &Zeros::default()).unwrap();
    assert_eq!(told.cells[&at(&[Some("XA"), Some("INTEGRITY")])], None);
    let table = counted([[1, 0, 0], [0, 1, 0], [0, 0, 2]], 1);
    assert_eq!(
        protect(&table, &[], LEAST, &Zeros::default()),
        Err(Unreleased::Nothing)
    );
}

#[test]
fn the_differences_of_two_quarters_tell_no_more_than_one_of_them() {
    let at_first = docket(&mut Drawn(1), (3, 3, 1), |drawn| 10 + drawn.below(20));
    let mut atoms = at_first.clone();
    // One person came in the second quarter, in one cell; in the others many.
    for (place, atom) in at_first.iter().enumerate() {
        atoms.push(Atom {
            quarter: atom.quarter.next(),
            persons: if place == 4 { 1 } else { 9 },
            ..atom.clone()
        });
    }
    let both = [Country, Rights];
    let first = Table::count(shape(&both, "2024-Q1", "2024-Q1"), &atoms).unwrap();
    let first = protect(&first, &[], LEAST, &Zeros::default()).unwrap();
    assert!(first.cells.values().all(Option::is_some));
    let second = Table::count(shape(&both, "2024-Q1", "2024-Q2"), &atoms).unwrap();
    let alone = protect(&second, &[], LEAST, &Zeros::default()).unwrap();
    assert!(
        alone.cells.values().all(Option::is_some),
        "alone, it tells nothing"
    );
    let nothing = Zeros::default();
    let exposed = System::of(vec![&first, &alone], &nothing)
        .unwrap()
        .exposed(LEAST, &mut Vec::new())
        .unwrap();
    assert_eq!(exposed[0].coordinates, at(&[Some("XB"), Some("LIBERTY")]));
    let told = protect(
        &second,
        std::slice::from_ref(&first),
        LEAST,
        &Zeros::default(),
    )
    .unwrap();
    assert_eq!(told.cells[&at(&[Some("XB"), Some("LIBERTY")])], None);
}

#[test]
fn what_can_t_be_is_known_to_who_works_figures_out() {
    // By State and by cluster, each by itself; State XB alone can be in one cluster, and in no
    // other.
    let mut atoms = docket(&mut Drawn(1), (3, 2, 1), |_| 0);
    for (atom, persons) in atoms.iter_mut().zip([0, 3, 10, 0, 0, 20]) {
        (atom.persons, atom.largest) = (persons, persons.min(1));
    }
    let list =
        "country,rights,outcome,from,to\nXBX,LIBERTY,,,\nXAX,INTEGRITY,,,\nXCX,INTEGRITY,,,\n";
    let mut zeros = Zeros::default();
    let rows = ZeroList::read(list).unwrap().rows().to_vec();
    let rows = rows.into_iter().map(|zero| Zero {
        country: zero.country.map(|code| code[..2].to_owned()),
        ..zero
    });
    zeros.add("cat", rows);
    assert!(zeros.contradicted(&atoms).is_none());
    let by = |dimension| {
        let shape = shape(&[dimension], "2024-Q1", "2024-Q1");
        Table::count(shape, &atoms).unwrap()
    };
    let rights = protect(&by(Rights), &[], LEAST, &Zeros::default()).unwrap();
    assert_eq!(rights.cells[&at(&[Some("INTEGRITY")])], Some(10));
    let before = std::slice::from_ref(&rights);
    let told = protect(&by(Country), before, LEAST, &Zeros::default()).unwrap();
    let withheld = |told: &Told| {
        let withheld = told.cells.iter().filter(|(_, value)| value.is_none());
        withheld
            .map(|(cell, _)| cell.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        withheld(&told),
        ["XA", "XB"],
        "thirteen together, by all that is said"
    );
    let exposed = System::of(vec![&rights, &told], &zeros).unwrap();
    let exposed = exposed.exposed(LEAST, &mut Vec::new()).unwrap();
    assert!(
        exposed
            .iter()
            .any(|one| one.coordinates == at(&[Some("XA")]))
    );
    match protect(&by(Country), before, LEAST, &zeros) {
        Ok(told) => assert!(withheld(&told).contains(&"XC".to_owned()), "{told:?}"),
        Err(refused) => assert!(matches!(refused, Unreleased::Exposed(_)), "{refused}"),
    }
    // A docket that has somebody there says that the list is wrong.
    atoms[0].persons = 1;
    assert_eq!(zeros.contradicted(&atoms), Some(&atoms[0]));
}

#[test]
fn three_dimensions_are_told_by_five_years_alone() {
    let dimensions = [Country, Rights, Year];
    let three = shape(&dimensions, "2021-Q1", "2025-Q4");
    let atoms = docket(&mut Drawn(1), (2, 2, 4), |_| 12);
    let table = Table::count(three, &atoms).unwrap();
    let years: Vec<_> = table
        .cells
        .keys()
        .filter_map(|cell| cell.0[2].clone())
        .collect();
    assert!(years.iter().all(|year| year == "2021/2025"));
    let wrong = shape(&[Country, Rights, Country], "2024-Q1", "2024-Q4");
    assert_eq!(wrong.check(), Err(ShapeError::Dimensions));
    let wrong = shape(&[Country], "2024-Q2", "2024-Q1");
    assert_eq!(wrong.check(), Err(ShapeError::Period));
    let told: Told = protect(&table, &[], LEAST, &Zeros::default()).unwrap();
    assert_eq!(told.cells[&at(&[None, None, None])], Some(192));
}
