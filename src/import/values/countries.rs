//! States and territories by any of their codes, or by a name in one of six languages.

use std::{collections::HashMap, sync::LazyLock};

/// ISO 3166-1, UN M49, and the UN's names in its six languages.
const LIST: &str = include_str!("../../demo/data/countries.csv");
/// Other names and codes, and until when they were the official ones.
const ALIASES: &str = include_str!("country-aliases.csv");
/// Columns of the list that hold a code or a name.
const CODES: [&str; 3] = ["iso2", "iso3", "m49"];
const NAMES: [&str; 6] = ["nameEn", "nameFr", "nameEs", "nameAr", "nameZh", "nameRu"];

/// A State or territory as a text has named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its ISO alpha-3 code.
    pub iso3: String,
    /// Its English name.
    pub name: String,
    /// Until when it was called so, where it is called otherwise today.
    pub until: Option<String>,
}

/// Why a text names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCountry {
    /// No State or territory has this code or name.
    Unknown,
    /// The State has ended, and more than one came after it.
    Ended(String),
}

struct Index {
    named: HashMap<String, Result<Found, NoCountry>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

/// The State or territory that a text names.
///
/// # Errors
/// Says whether it is unknown, or has ended.
pub fn find(text: &str) -> Result<Found, NoCountry> {
    let named = &INDEX.named;
    let found = named.get(&key(text)).or_else(|| {
        // A spreadsheet drops the zeros before a number.
        let digits = text.trim();
        let is_number =
            (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number
            .then(|| named.get(&format!("{digits:0>3}")))
            .flatten()
    });
    found.cloned().unwrap_or(Err(NoCountry::Unknown))
}

/// A name as it is compared: without case, doubled spaces, typographic apostrophes.
fn key(text: &str) -> String {
    let lower = text.to_lowercase().replace(['’', '‘', '`'], "'");
    let words: Vec<&str> = lower.split_whitespace().collect();
    let joined = words.join(" ");
    joined
        .strip_prefix("the ")
        .map(str::to_owned)
        .unwrap_or(joined)
}

impl Index {
    fn build() -> Self {
        let mut named = HashMap::new();
        let mut names = HashMap::new();
        for row in rows(LIST) {
            let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
            let found = Found {
                iso3: cell("iso3"),
                name: cell("nameEn"),
                until: None,
            };
            names.insert(found.iso3.clone(), found.name.clone());
            for column in CODES.iter().chain(&NAMES) {
                let text = cell(column);
                if !text.is_empty() {
                    named.insert(key(&text), Ok(found.clone()));
                }
            }
        }
        for row in rows(ALIASES) {
            let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
            let (iso3, until) = (cell("iso3"), cell("until"));
            let found = match names.get(&iso3) {
                Some(name) => Ok(Found {
                    name: name.clone(),
                    iso3,
                    until: (!until.is_empty()).then_some(until),
                }),
                None => Err(NoCountry::Ended(until)),
            };
            // What is official today counts before what was.
            named.entry(key(&cell("name"))).or_insert(found);
        }
        Self { named }
    }
}

fn rows(text: &'static str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    // Both lists are ours, and a test reads them whole.
    reader.deserialize().filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso3(text: &str) -> Option<String> {
        find(text).ok().map(|found| found.iso3)
    }

    #[test]
    fn a_state_is_found_by_code_number_and_name_in_six_languages() {
        for text in [
            "KE",
            "ke",
            "KEN",
            "404",
            "Kenya",
            "肯尼亚",
            "Кения",
            "كينيا",
            " kenya ",
        ] {
            assert_eq!(iso3(text).as_deref(), Some("KEN"), "{text}");
        }
        assert_eq!(
            iso3("4").as_deref(),
            Some("AFG"),
            "zeros before it are lost"
        );
        assert_eq!(iso3("Côte d’Ivoire").as_deref(), Some("CIV"));
        assert_eq!(iso3("the Netherlands").as_deref(), iso3("NL").as_deref());
    }

    #[test]
    fn former_names_are_understood_with_their_date() {
        for (text, code) in [
            ("Swaziland", "SWZ"),
            ("Turkey", "TUR"),
            ("Cape Verde", "CPV"),
            ("Macedonia", "MKD"),
            ("Zaire", "COD"),
            ("Burma", "MMR"),
        ] {
            let found = find(text).unwrap();
            assert_eq!(found.iso3, code, "{text}");
            assert!(found.until.is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_no_state_of_the_list_is_refused() {
        for text in ["", "(Unknown)", "XX", "Atlantis", "000", "1234", "K"] {
            assert_eq!(find(text), Err(NoCountry::Unknown), "{text}");
        }
        assert!(matches!(find("Yugoslavia"), Err(NoCountry::Ended(_))));
    }

    #[test]
    fn both_lists_are_read_whole_and_each_alias_leads_somewhere() {
        assert_eq!(rows(LIST).len(), LIST.lines().count() - 1);
        let aliases = rows(ALIASES);
        assert_eq!(aliases.len(), ALIASES.lines().count() - 1);
        for row in aliases {
            let ended = row["iso3"].is_empty();
            assert_eq!(find(&row["name"]).is_err(), ended, "{}", row["name"]);
        }
    }
}
