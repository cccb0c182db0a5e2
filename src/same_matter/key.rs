//! Typed keys: what two records of one person have in common, however they are written.
//!
//! A key joins one or two atoms of a name with a date; its text begins with the version of
//! the normalisation, its kind and the State. The record's side has keys of what it says,
//! the probe's side also of the year and month before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::{clear::Clear, name, victim::Victim};
use crate::{confidentiality::facts::CountryCode, date::Known, vocabulary::codes::codes};

/// The version of the normalisation, part of every key: another makes other keys.
pub const NORMALISATION: &str = "N1";
/// Keys that one spelling may have for one State.
pub const MOST_OF_A_SPELLING: usize = 64;
/// Keys that a record or a probe may have for one State.
pub const MOST: usize = 128;

codes! {
    /// What a key is made of. Two atoms without a date are no key: they would be a dictionary
    /// of everybody's name.
    pub KeyKind {
        /// Two atoms of the name and the year of birth.
        PairBirthYear => "P_Y",
        /// Two atoms of the name and the month of the event.
        PairEventMonth => "P_EM",
        /// One atom of the name and the whole date of birth.
        SingleBirthDate => "S_DOB",
        /// The whole date of birth and the month of the event, and no name.
        DatesAlone => "D_EM",
        /// Two atoms of the name and the year of the event.
        PairEventYear => "P_E",
        /// One atom of the name, the year of birth and the year of the event.
        SingleYears => "S_YE",
        /// One atom of the name, the day and the month of birth in either order.
        SingleDayMonth => "S_MD",
        /// One atom of the name and the month of the event.
        SingleEventMonth => "S_EM",
    }
}

impl KeyKind {
    /// Its place in the list.
    pub const fn place(self) -> usize {
        match self {
            Self::PairBirthYear => 0,
            Self::PairEventMonth => 1,
            Self::SingleBirthDate => 2,
            Self::DatesAlone => 3,
            Self::PairEventYear => 4,
            Self::SingleYears => 5,
            Self::SingleDayMonth => 6,
            Self::SingleEventMonth => 7,
        }
    }

    /// Whether it joins two atoms of the name.
    pub const fn is_pair(self) -> bool {
        matches!(
            self,
            Self::PairBirthYear | Self::PairEventMonth | Self::PairEventYear
        )
    }
}

/// A key in the clear: it is in memory while tokens are made of it, and nowhere else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchKey {
    /// Whether a date in it is a neighbour of the known one. Exact keys come first.
    pub widened: bool,
    /// What it is made of.
    pub kind: KeyKind,
    /// The whole of it.
    text: Clear,
}

impl MatchKey {
    /// The bytes of which the token is made.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl std::fmt::Debug for MatchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MatchKey({:?})", self.kind)
    }
}

/// The keys under which a record is kept.
pub fn record_keys(victim: &Victim<'_>) -> Vec<MatchKey> {
    keys(victim, false)
}

/// The keys with which a record is looked for, its own first.
pub fn probe_keys(victim: &Victim<'_>) -> Vec<MatchKey> {
    keys(victim, true)
}

/// What a token is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Others' questions find it.
    pub kept: bool,
    /// A question of its own asks for it.
    pub asked: bool,
}

/// The keys of a victim, each with what it is for: under which it is kept, and, where it asks
/// at all, with which others are looked for.
pub fn used_keys(victim: &Victim<'_>, asks: bool) -> BTreeMap<MatchKey, Use> {
    let mut uses: BTreeMap<MatchKey, Use> = BTreeMap::new();
    for key in record_keys(victim) {
        uses.entry(key).or_default().kept = true;
    }
    if asks {
        for key in probe_keys(victim) {
            uses.entry(key).or_default().asked = true;
        }
    }
    uses
}

/// Spelling by spelling, so that a further spelling takes no key from those before it.
fn keys(victim: &Victim<'_>, widen: bool) -> Vec<MatchKey> {
    let spellings: Vec<name::Atoms> = victim.spellings.iter().map(|s| name::atoms(s)).collect();
    let dates = Dates::of(victim, widen);
    let mut all = Vec::new();
    for country in victim.countries {
        let mut seen = BTreeSet::new();
        // The dates alone are of no spelling, and come first.
        for atoms in [&name::Atoms::default()].into_iter().chain(&spellings) {
            let mut made = BTreeSet::new();
            dates.join(*country, atoms, &mut made);
            let room = MOST.saturating_sub(seen.len()).min(MOST_OF_A_SPELLING);
            // What is known comes before its neighbours, by the same text: first is kept.
            let fresh: Vec<MatchKey> = made
                .into_iter()
                .filter(|key| seen.insert(key.text.clone()))
                .collect();
            for (place, key) in fresh.into_iter().enumerate() {
                if place < room {
                    all.push(key);
                } else {
                    seen.remove(&key.text);
                }
            }
        }
    }
    all.sort();
    all
}

/// A date and whether it is a neighbour of the known one.
type Near<T> = (T, bool);

/// The parts of the dates that keys are made of.
#[derive(Default)]
struct Dates {
    birth_years: BTreeSet<Near<u16>>,
    births: BTreeSet<(u16, u8, u8)>,
    event_years: BTreeSet<Near<u16>>,
    event_months: BTreeSet<Near<(u16, u8)>>,
}

impl Dates {
    fn of(victim: &Victim<'_>, widen: bool) -> Self {
        let mut dates = Self::default();
        for birth in victim.born.iter().flat_map(|date| date.known()) {
            add_years(&mut dates.birth_years, birth.year, widen);
            if let Some((month, day)) = day_of_birth(birth) {
                dates.births.insert((birth.year, month, day));
            }
        }
        for event in victim.happened.iter().flat_map(|date| date.known()) {
            add_years(&mut dates.event_years, event.year, widen);
            if let Some(month) = event.month {
                let at = (event.year, month);
                dates.event_months.insert((at, false));
                if widen {
                    dates
                        .event_months
                        .extend(neighbours(at).map(|at| (at, true)));
                }
            }
        }
        dates
    }

    fn join(&self, country: CountryCode, atoms: &name::Atoms, keys: &mut BTreeSet<MatchKey>) {
        let mut add = |kind: KeyKind, widened: bool, rest: std::fmt::Arguments<'_>| {
            let code = crate::vocabulary::codes::Coded::code(kind);
            let text = format!("{NORMALISATION}|{code}|{}|{rest}", country.as_str());
            keys.insert(MatchKey {
                widened,
                kind,
                text: Clear::from(text),
            });
        };
        for ((year, month), off) in &self.event_months {
            for (born, birth_month, day) in &self.births {
                add(
                    KeyKind::DatesAlone,
                    *off,
                    format_args!("{born}-{birth_month}-{day}|{year}-{month}"),
                );
            }
        }
        for (one, other) in &atoms.pairs {
            let pair = (one.as_str(), other.as_str());
            let pair = if pair.0 <= pair.1 {
                pair
            } else {
                (pair.1, pair.0)
            };
            for (year, off) in &self.birth_years {
                add(
                    KeyKind::PairBirthYear,
                    *off,
                    format_args!("{}|{}|{year}", pair.0, pair.1),
                );
            }
            for ((year, month), off) in &self.event_months {
                let at = format_args!("{}|{}|{year}-{month}", pair.0, pair.1);
                add(KeyKind::PairEventMonth, *off, at);
            }
            for (year, off) in &self.event_years {
                add(
                    KeyKind::PairEventYear,
                    *off,
                    format_args!("{}|{}|{year}", pair.0, pair.1),
                );
            }
        }
        for atom in &atoms.singles {
            let atom = atom.as_str();
            for (year, month, day) in &self.births {
                add(
                    KeyKind::SingleBirthDate,
                    false,
                    format_args!("{atom}|{year}-{month}-{day}"),
                );
                let (less, more) = (month.min(day), month.max(day));
                add(
                    KeyKind::SingleDayMonth,
                    false,
                    format_args!("{atom}|{less}-{more}"),
                );
            }
            for (born, birth_off) in &self.birth_years {
                for (year, event_off) in &self.event_years {
                    // Both a year off is too far.
                    if !(*birth_off && *event_off) {
                        let off = *birth_off || *event_off;
                        add(
                            KeyKind::SingleYears,
                            off,
                            format_args!("{atom}|{born}|{year}"),
                        );
                    }
                }
            }
            for ((year, month), off) in &self.event_months {
                add(
                    KeyKind::SingleEventMonth,
                    *off,
                    format_args!("{atom}|{year}-{month}"),
                );
            }
        }
    }
}

/// The first of January is what a registry writes of whom it knows the year alone.
fn day_of_birth(birth: Known) -> Option<(u8, u8)> {
    let day = (birth.month?, birth.day?);
    (day != (1, 1)).then_some(day)
}

fn add_years(years: &mut BTreeSet<Near<u16>>, year: u16, widen: bool) {
    years.insert((year, false));
    if widen {
        years.insert((year.saturating_sub(1), true));
        years.insert((year.saturating_add(1), true));
    }
}

fn neighbours((year, month): (u16, u8)) -> impl Iterator<Item = (u16, u8)> {
    let before = match month {
        1 => (year.saturating_sub(1), 12),
        month => (year, month.saturating_sub(1)),
    };
    let after = match month {
        12 => (year.saturating_add(1), 1),
        month => (year, month.saturating_add(1)),
    };
    [before, after].into_iter()
}
