//! Invented persons and what happened to them.

use super::language::Language;
use crate::chance::Chance;

/// A day of the calendar; every month has 28 days here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The year.
    pub year: u16,
    /// The month.
    pub month: u8,
    /// The day.
    pub day: u8,
}

impl Day {
    fn of(chance: &mut Chance, first: u32, years: u32) -> Self {
        let small = |number: u32| u8::try_from(number).unwrap_or(1);
        Self {
            year: u16::try_from(first + chance.below(years)).unwrap_or(1970),
            month: small(1 + chance.below(12)),
            day: small(1 + chance.below(28)),
        }
    }
}

/// What a part of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first given name.
    Given,
    /// Another given name, or the father's.
    Middle,
    /// The surname by which the person is called.
    Surname,
    /// A further surname.
    SecondSurname,
}

/// An invented person: names as the language has them, a State, two dates.
#[derive(Clone, Debug)]
pub struct Person {
    /// Place of the language in the list.
    pub language: usize,
    /// The State concerned.
    pub country: &'static str,
    /// The parts of the name, in the order of the language.
    pub parts: Vec<(Part, String)>,
    /// The day of birth.
    pub born: Day,
    /// The day of the event.
    pub happened: Day,
}

impl Person {
    /// Invents one.
    pub fn invent(languages: &[Language], chance: &mut Chance) -> Option<Self> {
        let mut at = chance.below(languages.iter().map(|language| language.share).sum());
        let (place, language) = languages.iter().enumerate().find(|(_, language)| {
            match at.checked_sub(language.share) {
                Some(rest) => {
                    at = rest;
                    false
                }
                None => true,
            }
        })?;
        let country = chance.one(language.countries)?;
        let born = Day::of(chance, 1940, 66);
        // One of eight is a victim of one of the few events with many in that State.
        let happened = if chance.in_thousand(125) {
            let mark = country.bytes().map(u32::from).sum::<u32>() + 7 * chance.below(3);
            Day::of(&mut Chance::of(u64::from(mark)), 2005, 20)
        } else {
            Day::of(chance, 2005, 20)
        };
        Some(Self {
            language: place,
            country,
            parts: parts(language, chance)?,
            born,
            happened,
        })
    }
}

fn parts(language: &Language, chance: &mut Chance) -> Option<Vec<(Part, String)>> {
    let mut parts = Vec::new();
    let mut given = |part, chance: &mut Chance| {
        let syllables = (
            chance.one(&language.syllables),
            chance.one(&language.syllables),
        );
        let name = match syllables {
            (Some(one), Some(other)) if chance.in_thousand(600) => format!("{one}{other}"),
            _ => (*chance.common(&language.given)?).to_owned(),
        };
        parts.push((part, name));
        Some(())
    };
    let (middle, second) = match language.tag {
        "ar" => (650, 0),
        "es" => (500, 900),
        "pt" => (350, 700),
        "sw" | "yo" => (300, 0),
        "am" => (400, 0),
        "fr" => (200, 100),
        "tr" => (150, 50),
        _ => (0, 0),
    };
    given(Part::Given, chance)?;
    if chance.in_thousand(middle) {
        given(Part::Middle, chance)?;
    }
    // Russian surnames have a form for women.
    let female = language.tag == "ru"
        && parts
            .iter()
            .any(|(_, given)| given.ends_with(['а', 'я', 'ь']) && given != "Игорь");
    let mut surname = |part, chance: &mut Chance| {
        let name = *chance.common(&language.surnames)?;
        let name = if female {
            format!("{name}а")
        } else {
            name.to_owned()
        };
        let particle = chance
            .one(&language.particles)
            .filter(|_| chance.in_thousand(300));
        parts.push((
            part,
            match particle {
                Some(particle) => format!("{particle} {name}"),
                None => name,
            },
        ));
        Some(())
    };
    surname(Part::Surname, chance)?;
    if chance.in_thousand(second) {
        surname(Part::SecondSurname, chance)?;
    }
    Some(parts)
}
