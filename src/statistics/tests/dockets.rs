//! Dockets of nobody, the same each time.

use std::collections::BTreeSet;

use crate::{
    statistics::{
        quarter::Quarter,
        table::{Atom, Shape},
    },
    vocabulary::StatisticDimension as Dimension,
};

/// Numbers that look drawn, the same each time.
pub(super) struct Drawn(pub(super) u64);

impl Drawn {
    /// A number below another.
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

pub(super) const RIGHTS: [&str; 12] = [
    "INTEGRITY",
    "LIBERTY",
    "JUSTICE",
    "FREEDOMS",
    "EQUALITY",
    "WOMEN",
    "CHILDREN",
    "MIGRATION",
    "SLAVERY",
    "LIVELIHOOD",
    "CULTURE",
    "OTHER",
];

pub(super) fn quarter(text: &str) -> Quarter {
    Quarter::parse(text).unwrap()
}

/// So many States, clusters and quarters from 2024 on, each with as many persons as drawn.
pub(super) fn docket(
    drawn: &mut Drawn,
    (countries, rights, quarters): (usize, usize, usize),
    persons: impl Fn(&mut Drawn) -> u64,
) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut at = quarter("2024-Q1");
    for _ in 0..quarters {
        for country in 0..countries {
            for right in RIGHTS.iter().take(rights) {
                let persons = persons(drawn);
                atoms.push(Atom {
                    mechanism: "cat".to_owned(),
                    quarter: at,
                    country: format!("X{}", char::from(b'A' + country as u8)),
                    rights: (*right).to_owned(),
                    outcome: String::new(),
                    persons,
                    largest: persons.min(1),
                });
            }
        }
        at = at.next();
    }
    atoms
}

pub(super) fn shape(dimensions: &[Dimension], from: &str, to: &str) -> Shape {
    Shape {
        dimensions: dimensions.to_vec(),
        from: quarter(from),
        to: quarter(to),
        mechanisms: BTreeSet::from(["cat".to_owned()]),
    }
}
