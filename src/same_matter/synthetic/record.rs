//! What a secretariat has on file of an invented person: spellings, and dates in part wrong.

use super::{
    language::Language,
    person::{Day, Part, Person},
};
use crate::chance::Chance;

/// A record of a synthetic docket, in the clear: nobody is behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The tag of the language of the name.
    pub language: String,
    /// The State concerned.
    pub country: String,
    /// The name, in each way in which it is on file.
    pub spellings: Vec<String>,
    /// The date of birth, as far as it is on file; empty where it is not.
    pub born: String,
    /// The date of the event, as far as it is on file; empty where it is not.
    pub happened: String,
    /// Whether a spelling is in a channel that is kept from training.
    pub held_out: bool,
}

/// How a docket comes to its spellings.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Spellings that are on file of each person.
    pub spellings: usize,
    /// Whether channels that are kept from training are used.
    pub held_out: bool,
}

/// Takes a person on file.
pub fn record(
    person: &Person,
    languages: &[Language],
    habits: Habits,
    chance: &mut Chance,
) -> Option<Record> {
    let language = languages.get(person.language)?;
    // What is left out of a name is left out of all its spellings: it was in no document.
    let parts = kept(person, chance);
    let mut channels: Vec<_> = language
        .channels
        .iter()
        .filter(|channel| habits.held_out || !channel.held_out)
        .collect();
    let mut spellings = Vec::new();
    let mut held_out = false;
    for _ in 0..habits.spellings {
        let at = usize::try_from(chance.below(u32::try_from(channels.len()).ok()?)).ok()?;
        // A second spelling is of another kind, while there is one.
        let channel = if channels.len() > 1 {
            channels.remove(at)
        } else {
            channels.first().copied()?
        };
        held_out |= channel.held_out;
        let mut words: Vec<(Part, String)> = parts
            .iter()
            .map(|(part, name)| (*part, language.write(name, channel, chance)))
            .collect();
        for (part, word) in &mut words {
            if *part != Part::Surname && chance.in_thousand(30) && language.tag != "zh" {
                word.truncate(word.chars().next().map_or(0, char::len_utf8));
                word.push('.');
            } else if chance.in_thousand(40) {
                *word = mistyped(word, chance);
            }
        }
        spellings.push(ordered(language, channel.name, words, chance));
    }
    Some(Record {
        language: language.tag.to_owned(),
        country: person.country.to_owned(),
        spellings,
        born: birth_on_file(person.born, chance),
        happened: event_on_file(person.happened, chance),
        held_out,
    })
}

fn kept(person: &Person, chance: &mut Chance) -> Vec<(Part, String)> {
    let mut parts = person.parts.clone();
    if parts.len() >= 3 && chance.in_thousand(350) {
        let last = parts
            .iter()
            .rposition(|(part, _)| *part == Part::SecondSurname);
        let middle = parts.iter().rposition(|(part, _)| *part == Part::Middle);
        if let Some(dropped) = last.or(middle) {
            parts.remove(dropped);
        }
    }
    parts
}

fn ordered(
    language: &Language,
    channel: &str,
    words: Vec<(Part, String)>,
    chance: &mut Chance,
) -> String {
    let (surnames, given): (Vec<_>, Vec<_>) = words
        .into_iter()
        .partition(|(part, _)| matches!(part, Part::Surname | Part::SecondSurname));
    let join = |words: Vec<(Part, String)>| {
        let words: Vec<String> = words.into_iter().map(|(_, word)| word).collect();
        words.join(" ")
    };
    let (surnames, given) = (join(surnames), join(given));
    if (language.tag, channel) == ("zh", "native") {
        return format!("{surnames}{given}");
    }
    let swapped = match language.tag {
        "zh" if channel == "abroad" => 0,
        "zh" => 1000,
        "ar" | "fa" | "am" => 150,
        "ru" | "uk" => 400,
        _ => 250,
    };
    let name = if chance.in_thousand(swapped) {
        let comma = if chance.in_thousand(400) { "," } else { "" };
        format!("{surnames}{comma} {given}")
    } else {
        format!("{given} {surnames}")
    };
    if chance.in_thousand(200) {
        name.to_uppercase()
    } else {
        name
    }
}

/// A letter left out, twice, exchanged with the next, or another one.
fn mistyped(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let count = u32::try_from(letters.len()).unwrap_or_default();
    let at = usize::try_from(chance.below(count)).unwrap_or_default();
    let Some(letter) = letters.get(at).copied() else {
        return word.to_owned();
    };
    match chance.below(4) {
        0 if count > 2 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letter),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => {
            let other = chance.one(&letters.clone()).copied().unwrap_or(letter);
            if let Some(place) = letters.get_mut(at) {
                *place = other;
            }
        }
    }
    letters.into_iter().collect()
}

fn birth_on_file(mut born: Day, chance: &mut Chance) -> String {
    if chance.in_thousand(150) {
        return String::new();
    }
    if chance.in_thousand(30) {
        born.year = if chance.in_thousand(500) {
            born.year + 1
        } else {
            born.year - 1
        };
    }
    match chance.below(1000) {
        0..150 => format!("{:04}", born.year),
        // What a registry writes of whom it knows the year alone.
        150..180 => format!("{:04}-01-01", born.year),
        180..210 if born.day <= 12 => written(Day {
            month: born.day,
            day: born.month,
            ..born
        }),
        _ => written(born),
    }
}

fn event_on_file(mut event: Day, chance: &mut Chance) -> String {
    match chance.below(1000) {
        0..10 => return String::new(),
        10..110 => {
            event.month = if event.month == 12 {
                11
            } else {
                event.month + 1
            };
        }
        110..120 => event.year += 1,
        _ => {}
    }
    match chance.below(1000) {
        0..150 => format!("{:04}", event.year),
        150..400 => format!("{:04}-{:02}", event.year, event.month),
        _ => written(event),
    }
}

fn written(day: Day) -> String {
    format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
}
