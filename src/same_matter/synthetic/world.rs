//! A synthetic world: a docket, and probes of which half have their match in it.

use super::{
    language::{Language, languages},
    person::Person,
    record::{Habits, Record, record},
};
use crate::chance::Chance;

/// A probe, and the record of the docket that is of the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What the asking secretariat has on file.
    pub record: Record,
    /// The number of the record of the same person; none of them is.
    pub partner: Option<u32>,
}

/// A docket and the probes against it.
#[derive(Clone, Debug)]
pub struct World {
    /// The records of the docket.
    pub docket: Vec<Record>,
    /// The probes.
    pub probes: Vec<Probe>,
}

/// How large a world is, and how it writes names.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What it is made of: one seed, one world.
    pub seed: u64,
    /// Records of the docket.
    pub docket: u32,
    /// Probes with a match.
    pub matched: u32,
    /// Probes without.
    pub clean: u32,
    /// How spellings come about.
    pub habits: Habits,
}

impl World {
    /// Makes the world of a plan: always the same one.
    pub fn of(plan: Plan) -> Self {
        let languages = languages();
        let mut chance = Chance::of(plan.seed);
        let mut world = Self {
            docket: Vec::new(),
            probes: Vec::new(),
        };
        for number in 0..plan.docket {
            let Some(person) = Person::invent(&languages, &mut chance) else {
                continue;
            };
            world
                .docket
                .extend(record(&person, &languages, plan.habits, &mut chance));
            if number < plan.matched {
                world.probe(&person, Some(number), &languages, plan.habits, &mut chance);
            }
        }
        for _ in 0..plan.clean {
            if let Some(person) = Person::invent(&languages, &mut chance) {
                world.probe(&person, None, &languages, plan.habits, &mut chance);
            }
        }
        world
    }

    fn probe(
        &mut self,
        person: &Person,
        partner: Option<u32>,
        languages: &[Language],
        habits: Habits,
        chance: &mut Chance,
    ) {
        let record = record(person, languages, habits, chance);
        self.probes
            .extend(record.map(|record| Probe { record, partner }));
    }
}
