//! A docket, as it is counted: each person once, in one place.

use std::collections::{BTreeMap, BTreeSet};

use super::{quarter::Quarter, table::Atom};
use crate::{
    id::RecordId,
    store::docket::Case,
    vocabulary::{Coded, RightsCluster, StatisticOutcome},
};

/// What stands for several States, and for none.
const SEVERAL: &str = "SEVERAL";
const NONE: &str = "NONE";

/// What of a docket is counted.
#[derive(Clone, Copy, Debug)]
pub struct Counting<'a> {
    /// Code of the mechanism.
    pub mechanism: &'a str,
    /// Whether what was decided is counted, by its outcome, and not what was registered.
    pub outcomes: bool,
    /// Whether what is public in itself is counted, too.
    pub published: bool,
}

/// Counts a docket. A person is counted with the first communication of theirs alone, so
/// that five are five persons; a communication of several States or clusters as `SEVERAL`.
pub fn count(cases: &[Case], counting: Counting<'_>) -> Vec<Atom> {
    let mut dated: Vec<(Quarter, &Case, &'static str)> = cases
        .iter()
        .filter(|case| counting.published || !case.public)
        .filter_map(|case| {
            let (date, outcome) = if counting.outcomes {
                let outcome = case.status.and_then(StatisticOutcome::of)?;
                (case.decided_on.as_ref()?, outcome.code())
            } else {
                (case.registered_on.as_ref()?, "")
            };
            Some((Quarter::of(date)?, case, outcome))
        })
        .collect();
    dated.sort_by_key(|(quarter, case, _)| (*quarter, case.id));
    let mut seen: BTreeSet<RecordId> = BTreeSet::new();
    let mut atoms: BTreeMap<(Quarter, String, &str, &str), (u64, u64)> = BTreeMap::new();
    for (quarter, case, outcome) in dated {
        let new = case.persons.iter().filter(|person| seen.insert(**person));
        let new = u64::try_from(new.count()).unwrap_or(u64::MAX);
        if new == 0 {
            continue;
        }
        let country = match case.countries.as_slice() {
            [] => NONE,
            [one] => one,
            _ => SEVERAL,
        };
        let rights = RightsCluster::of(case.topics.iter().map(String::as_str)).code();
        let place = (quarter, country.to_owned(), rights, outcome);
        let (persons, largest) = atoms.entry(place).or_default();
        *persons += new;
        *largest = (*largest).max(new);
    }
    let atoms = atoms.into_iter();
    atoms
        .map(
            |((quarter, country, rights, outcome), (persons, largest))| Atom {
                mechanism: counting.mechanism.to_owned(),
                quarter,
                country,
                rights: rights.to_owned(),
                outcome: outcome.to_owned(),
                persons,
                largest,
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{date::PartialDate, vocabulary::CommunicationStatus};

    fn case(date: &str, countries: &[&str], persons: &[RecordId]) -> Case {
        Case {
            id: RecordId::random(),
            public: false,
            status: Some(CommunicationStatus::Registered),
            registered_on: PartialDate::parse(date),
            decided_on: None,
            countries: countries.iter().map(|code| (*code).to_owned()).collect(),
            topics: vec!["torture_prevention".to_owned()],
            persons: persons.iter().copied().collect(),
        }
    }

    #[test]
    fn a_person_is_counted_once_however_many_communications_there_are() {
        let [one, two, three] = [(); 3].map(|()| RecordId::random());
        let mut published = case("2025-02-01", &["KEN"], &[RecordId::random()]);
        published.public = true;
        let cases = [
            case("2025-05-01", &["KEN"], &[one, two]),
            case("2025-02-01", &["KEN"], &[one]),
            case("2025-02-02", &["KEN", "UGA"], &[three]),
            case("2025-08-01", &["KEN"], &[one, two, three]),
            published,
        ];
        let counting = Counting {
            mechanism: "cat",
            outcomes: false,
            published: false,
        };
        let counted: Vec<_> = count(&cases, counting)
            .into_iter()
            .map(|atom| {
                (
                    atom.quarter.to_string(),
                    atom.country,
                    atom.persons,
                    atom.largest,
                )
            })
            .collect();
        let of = |quarter: &str, country: &str| (quarter.to_owned(), country.to_owned(), 1, 1);
        let all = [
            of("2025-Q1", "KEN"),
            of("2025-Q1", "SEVERAL"),
            of("2025-Q2", "KEN"),
        ];
        assert_eq!(counted, all);
        let outcomes = Counting {
            outcomes: true,
            ..counting
        };
        assert!(count(&cases, outcomes).is_empty(), "nothing is decided");
    }
}
