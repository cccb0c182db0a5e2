//! What each code of each list is called in the six languages: data, in `spoken.txt`.
//!
//! A line of that file is a code, how sure its words are, and its label in English, French,
//! Spanish, Russian, Arabic and Chinese. A correction is a change of one line.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{codes::Coded, translation::TranslationStatus};

/// The data.
const WORDS: &str = include_str!("spoken.txt");
/// Mechanisms' own words for where a communication stands; each is its own code.
const STATUS_WORDS: &str = include_str!("words.txt");
/// The languages of a line, in their order.
pub const LANGUAGES: [&str; 6] = ["en", "fr", "es", "ru", "ar", "zh"];

/// The labels of a list.
#[derive(Clone, Debug)]
pub struct SpokenList {
    /// The name of the list, as the schema has it.
    pub name: &'static str,
    /// Its codes, in the order of the file.
    pub codes: Vec<SpokenCode>,
}

/// The labels of a code.
#[derive(Clone, Debug)]
pub struct SpokenCode {
    /// The code.
    pub code: &'static str,
    /// Whether the words are the United Nations' own terms.
    official: bool,
    labels: [&'static str; 6],
}

impl SpokenCode {
    /// Its label in a language, by the language's code, and how that has come to be; English
    /// for any other language.
    pub fn label(&self, language: &str) -> (&'static str, TranslationStatus) {
        let place = LANGUAGES.iter().position(|known| *known == language);
        let place = place.unwrap_or_default();
        let status = match (self.official, place) {
            (true, _) => TranslationStatus::Official,
            (false, 0) => TranslationStatus::Original,
            (false, _) => TranslationStatus::Unofficial,
        };
        (self.labels.get(place).copied().unwrap_or_default(), status)
    }
}

/// Every list that has labels.
pub fn spoken() -> &'static [SpokenList] {
    static LISTS: LazyLock<Vec<SpokenList>> = LazyLock::new(|| lists(WORDS));
    &LISTS
}

/// A word of a mechanism for where a communication stands, in a language; none where the word
/// is no mechanism's own.
pub fn status_word(word: &str, language: &str) -> Option<&'static str> {
    static LISTS: LazyLock<Vec<SpokenList>> = LazyLock::new(|| lists(STATUS_WORDS));
    let mut words = LISTS.iter().flat_map(|list| &list.codes);
    let found = words.find(|known| known.code == word)?;
    Some(found.label(language).0)
}

/// Whether a text is what some code is called: the hub tells it to anyone, whatever it holds.
pub fn is_label(text: &str) -> bool {
    static LABELS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let codes = spoken().iter().flat_map(|list| &list.codes);
        codes.flat_map(|code| code.labels).collect()
    });
    LABELS.contains(text)
}

fn lists(words: &'static str) -> Vec<SpokenList> {
    let mut lists: Vec<SpokenList> = Vec::new();
    for line in words.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            let codes = Vec::new();
            lists.push(SpokenList { name, codes });
        } else if let (Some(list), Some(code)) = (lists.last_mut(), code(line)) {
            list.codes.push(code);
        }
    }
    lists
}

/// What a code of a list is called in a language.
pub fn spoken_label<C: Coded>(code: C, language: &str) -> Option<&'static str> {
    let mut codes = spoken_list(C::LIST.name)?.codes.iter();
    let found = codes.find(|known| known.code == code.code())?;
    Some(found.label(language).0)
}

/// The labels of one list.
pub fn spoken_list(name: &str) -> Option<&'static SpokenList> {
    static BY_NAME: LazyLock<HashMap<&str, &SpokenList>> =
        LazyLock::new(|| spoken().iter().map(|list| (list.name, list)).collect());
    BY_NAME.get(name).copied()
}

/// A line; none where it has not its eight parts.
fn code(line: &'static str) -> Option<SpokenCode> {
    let parts: Vec<&'static str> = line.split('|').map(str::trim).collect();
    let [code, sure, labels @ ..] = parts.as_slice() else {
        return None;
    };
    Some(SpokenCode {
        code,
        official: *sure == "O",
        labels: labels.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::LISTS;

    #[test]
    fn every_line_is_read() {
        let lines = WORDS.lines().chain(STATUS_WORDS.lines());
        for line in lines.filter(|line| !line.starts_with("# ")) {
            let good = line.is_empty() || code(line).is_some();
            assert!(good, "{line}");
            let mut parts = line.split('|').skip(1);
            assert!(
                line.is_empty() || matches!(parts.next(), Some("O" | "U")),
                "{line}"
            );
        }
    }

    #[test]
    fn every_value_of_every_list_has_a_label_in_each_language() {
        for list in LISTS {
            let spoken = spoken_list(list.name);
            for code in list.codes {
                let found = spoken.is_some_and(|list| {
                    let mut codes = list.codes.iter();
                    codes.any(|spoken| spoken.code == code.code)
                });
                assert!(found, "{}.{} has no labels", list.name, code.code);
            }
        }
    }

    #[test]
    fn no_two_values_of_a_list_are_called_the_same() {
        for list in spoken().iter().chain(&lists(STATUS_WORDS)) {
            for language in LANGUAGES {
                let mut seen = HashSet::new();
                for code in &list.codes {
                    let (label, _) = code.label(language);
                    assert!(
                        !label.is_empty(),
                        "{}.{} in {language}",
                        list.name,
                        code.code
                    );
                    assert!(seen.insert(label), "{}: `{label}` twice", list.name);
                }
            }
        }
    }

    #[test]
    fn each_language_is_in_its_own_script() {
        let has =
            |label: &str, from: char, to: char| label.chars().any(|c| (from..=to).contains(&c));
        for (list, code) in spoken()
            .iter()
            .flat_map(|list| list.codes.iter().map(|c| (list.name, c)))
        {
            let label = |language| code.label(language).0;
            let at = format!("{list}.{}", code.code);
            assert!(
                has(label("ru"), 'а', 'я') || has(label("ru"), 'А', 'Я'),
                "{at}"
            );
            assert!(has(label("ar"), '\u{600}', '\u{6ff}'), "{at}");
            assert!(has(label("zh"), '\u{4e00}', '\u{9fff}'), "{at}");
            for latin in ["en", "fr", "es"] {
                assert!(
                    label(latin).is_ascii() || has(label(latin), 'a', 'z'),
                    "{at}"
                );
            }
        }
    }
}
