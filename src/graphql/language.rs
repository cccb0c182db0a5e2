//! The six languages in which the hub has labels, and how one is chosen.

use async_graphql::{Enum, SimpleObject};

use super::object::Told;
use crate::{language::LanguageTag, vocabulary::TranslationStatus};

/// The six official languages of the United Nations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum)]
pub enum Language {
    /// Arabic.
    Ar,
    /// Chinese.
    Zh,
    /// English, where the caller has no wish.
    #[default]
    En,
    /// French.
    Fr,
    /// Russian.
    Ru,
    /// Spanish.
    Es,
}

impl Language {
    /// The six, in the order of their codes.
    pub const ALL: [Self; 6] = [Self::Ar, Self::En, Self::Es, Self::Fr, Self::Ru, Self::Zh];

    /// The code of BCP 47, as in `Content-Language`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::Zh => "zh",
            Self::En => "en",
            Self::Fr => "fr",
            Self::Ru => "ru",
            Self::Es => "es",
        }
    }

    /// The language of this code or tag: `fr`, `fr-CH`, `FR`.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The language that an `Accept-Language` header asks for, or English.
    pub fn preferred(header: &str) -> Self {
        let mut best = (0, Self::default());
        for wish in header.split(',').take(32) {
            let mut parts = wish.split(';');
            let language = match parts.next().map(str::trim) {
                Some("*") => Some(Self::default()),
                Some(tag) => Self::parse(tag),
                None => None,
            };
            let weight = weight(parts);
            if let Some(language) = language
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// In which direction a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WritingDirection {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl WritingDirection {
    /// That of a text in this language.
    pub fn of(language: &LanguageTag) -> Self {
        match language.is_right_to_left() {
            true => Self::Rtl,
            false => Self::Ltr,
        }
    }
}

/// A text, and the language that it is in.
#[derive(SimpleObject)]
pub struct LocalizedText {
    /// The text.
    text: String,
    /// Its language.
    language: Language,
    /// In which direction it is written.
    direction: WritingDirection,
    /// How it has come to be in that language.
    translation_status: Told<TranslationStatus>,
}

impl LocalizedText {
    /// A text in one of the six languages.
    pub fn of(text: String, language: Language, status: TranslationStatus) -> Self {
        let direction = match language {
            Language::Ar => WritingDirection::Rtl,
            Language::Zh | Language::En | Language::Fr | Language::Ru | Language::Es => {
                WritingDirection::Ltr
            }
        };
        Self {
            text,
            language,
            direction,
            translation_status: Told(status),
        }
    }
}

/// The weight `q` among a header's parameters, in thousandths; 1000 if not said.
pub fn weight<'a>(parameters: impl Iterator<Item = &'a str>) -> u16 {
    let mut said = parameters.filter_map(|part| part.trim().strip_prefix("q="));
    match said.next() {
        None => 1000,
        Some(text) => match text.trim().parse::<f32>() {
            Ok(q) if (0.0..=1.0).contains(&q) => (q * 1000.0) as u16,
            _ => 0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_among_the_six_is_chosen() {
        assert_eq!(
            Language::preferred("de, fr-CH;q=0.8, es;q=0.9"),
            Language::Es
        );
        assert_eq!(Language::preferred("ru"), Language::Ru);
        assert_eq!(Language::preferred("fr;q=0, *;q=0.1"), Language::En);
        assert_eq!(Language::preferred("not a header ;;;q=x"), Language::En);
    }
}
