//! What two records' tokens say of whether they are of one person.
//!
//! Made of tokens and their kinds alone: it is the same in every mode.

use std::collections::BTreeSet;

use super::key::KeyKind;

/// Kinds of keys.
pub const KINDS: usize = KeyKind::ALL.len();

/// How many tokens of each kind a record or a probe has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held([u16; KINDS]);

impl Held {
    /// Counts the kinds of tokens; those of neighbouring dates are not counted.
    pub fn count(kinds: impl IntoIterator<Item = KeyKind>) -> Self {
        let mut held = Self::default();
        for kind in kinds {
            if let Some(count) = held.0.get_mut(kind.place()) {
                *count = count.saturating_add(1);
            }
        }
        held
    }

    fn has_birth(&self) -> bool {
        let of_birth = [
            KeyKind::PairBirthYear,
            KeyKind::SingleBirthDate,
            KeyKind::SingleYears,
        ];
        of_birth.into_iter().any(|kind| self.of(kind) > 0)
    }

    fn has_event(&self) -> bool {
        let of_event = [
            KeyKind::PairEventYear,
            KeyKind::SingleEventMonth,
            KeyKind::SingleYears,
        ];
        of_event.into_iter().any(|kind| self.of(kind) > 0)
    }

    fn of(&self, kind: KeyKind) -> u16 {
        self.0.get(kind.place()).copied().unwrap_or_default()
    }
}

/// One token that a probe and a record share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// What it is made of.
    pub kind: KeyKind,
    /// Whether the probe's date is a neighbour of the record's.
    pub widened: bool,
    /// How many records of the docket have it.
    pub holders: u32,
}

/// The measures of the evidence, which the score weighs, by their names in a file of weights.
pub const MEASURES: [&str; MEASURE_COUNT] = [
    "P_Y",
    "P_EM",
    "S_DOB",
    "D_EM",
    "P_E",
    "S_YE",
    "S_MD",
    "S_EM", // shared as they are
    "P_Y~",
    "P_EM~",
    "D_EM~",
    "P_E~",
    "S_YE~",
    "S_EM~", // shared with a neighbouring date only
    "log_count",
    "coverage",
    "coverage_of_more",
    "pair_rarity",
    "single_rarity",
    "birth_date_differs",
    "birth_year_differs",
    "event_differs",
    "name_birth_event",
    "birth_unknown",
    "event_unknown",
];
/// How many measures there are.
pub const MEASURE_COUNT: usize = 25;

/// What two records share, and where they contradict each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The measures, in the order of [`MEASURES`].
    pub measures: [f64; MEASURE_COUNT],
    /// The kinds of keys that have met: what the owner is told.
    pub kinds: BTreeSet<KeyKind>,
    /// The contradictions that tokens can show.
    pub contradictions: BTreeSet<Contradiction>,
}

/// Where two records that share something contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// Both have a whole date of birth, an atom of the name is one, the date is not.
    BirthDate,
    /// Both have a year of birth, a pair of the name is one, the years lie apart.
    BirthYear,
    /// Both have an event, name and birth are one, the event is not.
    Event,
}

impl Evidence {
    /// Weighs up what a probe and a record share, where a docket has so many records against
    /// the same State.
    pub fn of(probe: &Held, record: &Held, shared: &[Shared], rivals: u32) -> Self {
        use KeyKind::{
            DatesAlone, PairBirthYear, PairEventMonth, PairEventYear, SingleBirthDate,
            SingleDayMonth, SingleEventMonth, SingleYears,
        };
        let exact = |kind| shared.iter().any(|one| one.kind == kind && !one.widened);
        let near = |kind| shared.iter().any(|one| one.kind == kind && one.widened);
        let any = |kinds: &[KeyKind]| shared.iter().any(|one| kinds.contains(&one.kind));
        let both = |kind| probe.of(kind) > 0 && record.of(kind) > 0;

        let named_event = any(&[PairEventMonth, PairEventYear, SingleEventMonth]);
        let named_birth = any(&[PairBirthYear, SingleBirthDate, SingleDayMonth]);
        let any_event = named_event || any(&[DatesAlone, SingleYears]);
        let mut contradictions = BTreeSet::new();
        if both(SingleBirthDate)
            && !any(&[SingleBirthDate, DatesAlone, SingleDayMonth])
            && (named_event || any(&[PairBirthYear, SingleYears]))
        {
            contradictions.insert(Contradiction::BirthDate);
        }
        if both(PairBirthYear)
            && any(&[PairEventMonth, PairEventYear])
            && !any(&[PairBirthYear, SingleBirthDate, SingleYears])
        {
            contradictions.insert(Contradiction::BirthYear);
        }
        if both(PairEventYear) && named_birth && !any_event {
            contradictions.insert(Contradiction::Event);
        }

        // The share of the pairs of the shorter name that have met, and of the longer one.
        let coverage = |of: fn(u16, u16) -> u16| {
            let kinds = [PairBirthYear, PairEventMonth, PairEventYear].into_iter();
            let shares = kinds.filter(|kind| both(*kind)).map(|kind| {
                let met = shared.iter().filter(|one| one.kind == kind).count();
                let met = u16::try_from(met).unwrap_or(u16::MAX);
                f64::from(met) / f64::from(of(probe.of(kind), record.of(kind)))
            });
            shares.fold(0.0, f64::max).min(1.0)
        };
        let rarity = |pairs: bool| {
            let holders = shared
                .iter()
                .filter(|one| one.kind.is_pair() == pairs)
                .map(|one| one.holders.max(1));
            let rarest = holders.min();
            rarest.map_or(0.0, |holders| {
                f64::from(rivals.max(1)).ln() - f64::from(holders).ln()
            })
        };
        let count = u32::try_from(shared.len()).unwrap_or(u32::MAX);
        let told = |fact: bool| f64::from(u8::from(fact));
        let differs = |one| told(contradictions.contains(&one));
        let near_only = |kind| told(near(kind) && !exact(kind));
        let measures = [
            told(exact(PairBirthYear)),
            told(exact(PairEventMonth)),
            told(exact(SingleBirthDate)),
            told(exact(DatesAlone)),
            told(exact(PairEventYear)),
            told(exact(SingleYears)),
            told(exact(SingleDayMonth)),
            told(exact(SingleEventMonth)),
            near_only(PairBirthYear),
            near_only(PairEventMonth),
            near_only(DatesAlone),
            near_only(PairEventYear),
            near_only(SingleYears),
            near_only(SingleEventMonth),
            f64::from(count).ln_1p(),
            coverage(u16::min),
            coverage(u16::max),
            rarity(true),
            rarity(false),
            differs(Contradiction::BirthDate),
            differs(Contradiction::BirthYear),
            differs(Contradiction::Event),
            told(named_birth && named_event),
            told(!(probe.has_birth() && record.has_birth())),
            told(!(probe.has_event() && record.has_event())),
        ];
        Self {
            measures,
            kinds: shared.iter().map(|one| one.kind).collect(),
            contradictions,
        }
    }
}
