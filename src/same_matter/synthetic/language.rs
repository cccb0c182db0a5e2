//! Names of a language, and the ways in which they are written.

use ::pinyin::ToPinyin;

use crate::chance::Chance;

/// A way of writing the names of a language.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: &'static str,
    /// Whether it is kept from training.
    pub held_out: bool,
    /// What becomes of which letters, the longest first.
    table: Vec<(&'static str, Vec<&'static str>)>,
}

/// The names of a language, and its channels.
#[derive(Clone, Debug)]
pub struct Language {
    /// Its tag (BCP 47).
    pub tag: &'static str,
    /// Of 1,000 persons of a docket so many have names of it.
    pub share: u32,
    /// States in which it is spoken in the synthetic world.
    pub countries: &'static [&'static str],
    /// Given names.
    pub given: Vec<&'static str>,
    /// Surnames.
    pub surnames: Vec<&'static str>,
    /// Words that join surnames.
    pub particles: Vec<&'static str>,
    /// Of which given names of two are made.
    pub syllables: Vec<&'static str>,
    /// Ways of writing.
    pub channels: Vec<Channel>,
}

macro_rules! languages {
    ($($tag:literal $share:literal $countries:expr;)+) => {
        /// The languages of the synthetic world.
        pub fn languages() -> Vec<Language> {
            vec![$(Language::read($tag, $share, &$countries, include_str!(concat!("names/", $tag, ".txt")))),+]
        }
    };
}

languages! {
    "ar" 280 ["EGY", "SYR", "MAR", "DZA", "TUN", "IRQ"];
    "es" 200 ["MEX", "COL", "PER", "VEN", "ESP"];
    "ru" 110 ["RUS", "BLR", "KAZ"];
    "uk" 70 ["UKR"];
    "zh" 80 ["CHN"];
    "sw" 27 ["KEN"];
    "yo" 27 ["NGA"];
    "am" 26 ["ETH"];
    "fa" 60 ["IRN"];
    "tr" 50 ["TUR"];
    "pt" 40 ["BRA"];
    "fr" 30 ["FRA"];
}

impl Language {
    fn read(
        tag: &'static str,
        share: u32,
        countries: &'static [&'static str],
        text: &'static str,
    ) -> Self {
        let mut language = Self {
            tag,
            share,
            countries,
            given: Vec::new(),
            surnames: Vec::new(),
            particles: Vec::new(),
            syllables: Vec::new(),
            channels: Vec::new(),
        };
        for (head, rest) in text.lines().filter_map(|line| line.split_once(':')) {
            let list = || {
                rest.split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty())
                    .collect()
            };
            match head.split_once(' ') {
                None if head == "given" => language.given = list(),
                None if head == "surname" => language.surnames = list(),
                None if head == "syllable" => language.syllables = list(),
                None if head == "particle" => language.particles = list(),
                Some((kind @ ("channel" | "held-out"), name)) => language.channels.push(Channel {
                    name,
                    held_out: kind == "held-out",
                    table: table(rest),
                }),
                None | Some(_) => {}
            }
        }
        language
    }

    /// A name, as one writes it in a channel.
    pub fn write(&self, name: &str, channel: &Channel, chance: &mut Chance) -> String {
        match (self.tag, channel.name) {
            ("zh", "native") => name.to_owned(),
            ("zh", style) => chinese(name, style, channel, chance),
            ("am", "native") => name.split('=').next().unwrap_or(name).to_owned(),
            ("am", _) => channel.transcribe(name.rsplit('=').next().unwrap_or(name), chance),
            // Arabic letters are not written twice.
            ("ar" | "fa", "native") => {
                let mut single = String::new();
                for letter in name.chars() {
                    if !single.ends_with(letter) {
                        single.push(letter);
                    }
                }
                channel.transcribe(&single, chance)
            }
            ("ru" | "uk", style) if style != "native" => {
                channel.transcribe(&name.to_lowercase(), chance)
            }
            _ => channel.transcribe(name, chance),
        }
    }
}

impl Channel {
    fn transcribe(&self, name: &str, chance: &mut Chance) -> String {
        if self.table.is_empty() {
            return name.to_owned();
        }
        let framed = format!("^{name}$");
        let mut rest = framed.as_str();
        let mut written = String::new();
        while let Some(letter) = rest.chars().next() {
            let found = self.table.iter().find(|(from, _)| rest.starts_with(from));
            match found {
                Some((from, to)) => {
                    written.push_str(chance.one(to).copied().unwrap_or_default());
                    rest = rest.get(from.len()..).unwrap_or_default();
                }
                None => {
                    if !matches!(letter, '^' | '$') {
                        written.push(letter);
                    }
                    rest = rest.get(letter.len_utf8()..).unwrap_or_default();
                }
            }
        }
        written
    }
}

/// Entries `from=to|to` between semicolons.
fn table(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let entries = text.strip_prefix(' ').unwrap_or(text).split(';');
    let mut table: Vec<_> = entries
        .filter_map(|entry| entry.split_once('='))
        .map(|(from, to)| (from, to.split('|').collect::<Vec<_>>()))
        .collect();
    table.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    table
}

fn chinese(name: &str, style: &str, channel: &Channel, chance: &mut Chance) -> String {
    let mut syllables = Vec::new();
    for syllable in name.chars().filter_map(|letter| letter.to_pinyin()) {
        syllables.push(match style {
            "wade" => channel.transcribe(syllable.plain(), chance),
            _ => syllable.plain().to_owned(),
        });
    }
    let between = match style {
        "wade" => "-",
        "abroad" => chance.one(&["", " ", "-"]).copied().unwrap_or_default(),
        _ => "",
    };
    syllables.join(between)
}
